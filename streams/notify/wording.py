"""The body of a delivery, worded once when it is opened: JSON for a webhook or for Slack."""

from dataclasses import dataclass
from datetime import datetime

from ceasewire.alerts import Alert
from ceasewire.config.channels import Channel
from ceasewire.config.settings import AlertSettings
from ceasewire.items import Tagged
from ceasewire.stories import Story
from streams.notify import slack_blocks, webhook_body
from streams.notify.account import Named, Naming, account


def word(
    alert: Alert,
    tagged: Tagged,
    story: Story,
    rule: Named,
    channel: Channel,
    names: Naming,
    settings: AlertSettings,
    public_url: str | None,
) -> str:
    """The JSON text that the channel is sent for the alert; under 20 kB."""
    told = account(alert, tagged, story, rule, names, settings.timezone, public_url)
    return slack_blocks.body(told) if channel.kind == "slack" else webhook_body.body(told)


def word_trial(channel: Channel, now: datetime) -> str:
    """The JSON text of a clearly marked test alert for the channel."""
    return slack_blocks.trial(channel.id, now) if channel.kind == "slack" else webhook_body.trial(channel.id, now)


@dataclass(frozen=True)
class GoneRule:
    """Stands for a rule that was taken out of the configuration after its alert was raised."""

    id: str
    name: str
