"""What passes between the processes of the cluster edition, beside items, tagged items, stories and deliveries."""

import msgspec

from ceasewire.alerts import Alert, Decision
from ceasewire.items import Tagged
from ceasewire.stories import Story


class Judgement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row of the topic `alerts`: an alert with what it tells of, or a decision, also one that held an alert back.

    An alert has the alert's id as its key, a decision `identity.decision_id` of its item, rule and rev.
    """

    v: int = 1
    alert: Alert | None = None
    tagged: Tagged | None = None
    """The item that raised the alert."""
    decision: Decision | None = None
    title: str = ""
    """Headline of the item that was decided on."""


class Dispatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alert that goes out on one channel, with all that its words are made of. The key is the channel's id."""

    v: int = 1
    channel: str
    alert: Alert
    tagged: Tagged
    story: Story


class Retry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row of the topic `dispatch` too: a person wants a delivery tried now. The key is the id of its channel."""

    v: int = 1
    channel: str
    delivery: str


class Edition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The number that taggers put on what they tag, in the one row of the topic `editions`; only ever raised."""

    v: int = 1
    number: int = 1
    """0 to 999."""
    made_of: str = ""
    """Hash of the packs and rules that it stands for."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where something that no stage can handle came from, and why. Its bytes lie beside it, untouched."""

    v: int = 1
    stage: str
    topic: str
    """Without the prefix of the settings."""
    partition: int
    offset: int
    reason: str
    """A named reason, which is also the metric's label."""
    detail: str = ""
    """In words, without the text of the item."""

    @property
    def key(self) -> str:
        """The same for each try: what is dead twice is one dead letter."""
        return f"{self.stage}|{self.topic}|{self.partition}|{self.offset}"
