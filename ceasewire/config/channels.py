"""channels.yml: where alerts go besides the desk."""

from typing import Literal

from pydantic import Field

from ceasewire.config.kinds import Id, Network, Secret
from ceasewire.config.lines import Lines, Strict
from ceasewire.errors import ConfigurationError


class Channel(Strict):
    """One receiver of alerts: a generic webhook (Standard Webhooks 1.0) or a Slack incoming webhook."""

    id: Id = Field(description="The name that rules use")
    kind: Literal["webhook", "slack"]
    url: Secret = Field(description="Address of the receiver; keep it in the environment: ${NAME}")
    secret: Secret | None = Field(None, description="Webhook: the signing key, whsec_ and base64 of 24 to 64 bytes")
    enabled: bool = Field(True, description="false: alerts for it wait as suspended")
    allow_private: tuple[Network, ...] = Field(
        (), description="Private networks that the receiver may be in, like 127.0.0.0/8"
    )


class ChannelList(Strict):
    """channels.yml."""

    channels: tuple[Channel, ...] = ()


def read_channels(lines: Lines) -> tuple[Channel, ...]:
    """The channels of a file; raises ConfigurationError with every fault."""
    channels = lines.check(ChannelList).channels
    faults = []
    known: set[str] = set()
    for index, channel in enumerate(channels):
        if channel.id in known or channel.id == "desk":
            faults.append(lines.fault(("channels", index), f'the id "{channel.id}" is taken'))
        known.add(channel.id)
        if channel.kind == "webhook" and channel.secret is None:
            faults.append(
                lines.fault(("channels", index), 'a webhook needs "secret"; make one with: ceasewire alerts secret')
            )
        if channel.kind == "slack" and channel.secret is not None:
            faults.append(
                lines.fault(("channels", index, "secret"), "Slack knows no signing key; its address is the secret")
            )
    if faults:
        raise ConfigurationError(faults)
    return channels
