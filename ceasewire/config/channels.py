"""channels.yml: where alerts go besides the desk."""

from base64 import b64decode
from typing import Literal

from pydantic import Field

from ceasewire.config.kinds import Id, Network, Secret
from ceasewire.config.lines import Lines, Strict
from ceasewire.errors import ConfigurationError
from ceasewire.guard import url_refusal

_MISSING = "${"


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
    channels, faults = lines.entries(ChannelList, "channels", Channel)
    known: set[str] = set()
    for index, channel in channels.items():
        if channel.id in known or channel.id == "desk":
            faults.append(lines.fault(("channels", index), f'the id "{channel.id}" is taken'))
        known.add(channel.id)
        if channel.kind == "webhook" and channel.secret is None:
            faults.append(
                lines.fault(("channels", index), 'a webhook needs "secret"; make one with: ceasewire alerts secret')
            )
        key = channel.secret.get_secret_value() if channel.secret else _MISSING
        # A reference that stands for nothing was told of before.
        if channel.kind == "webhook" and _MISSING not in key and not _is_key(key):
            text = "the key is not whsec_ and the base64 of 24 to 64 bytes; make one with: ceasewire alerts secret"
            faults.append(lines.fault(("channels", index, "secret"), text))
        url = channel.url.get_secret_value()
        refused = url_refusal(url, channel.allow_private)
        if refused and _MISSING not in url:
            text = f"{refused}; name the network in allow_private" if "may not be connected" in refused else refused
            faults.append(lines.fault(("channels", index, "url"), text))
        if channel.kind == "slack" and channel.secret is not None:
            faults.append(
                lines.fault(("channels", index, "secret"), "Slack knows no signing key; its address is the secret")
            )
    if faults:
        raise ConfigurationError(sorted(faults, key=lambda fault: fault.line or 0))
    return tuple(channels.values())


def _is_key(text: str) -> bool:
    """Whether it is a signing key of Standard Webhooks."""
    try:
        return text.startswith("whsec_") and 24 <= len(b64decode(text.removeprefix("whsec_"), validate=True)) <= 64
    except ValueError:
        return False
