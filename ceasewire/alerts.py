"""An alert (a rule met by a story), the decision behind it, and its delivery on each channel."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec

from ceasewire.items import RuleHit


class Action(StrEnum):
    """What a decision does."""

    SEND = "send"
    UPDATE = "update"
    HOLD = "hold"


class Reason(StrEnum):
    """Why a decision was taken; also the metric label. `WORDS` says each in a sentence."""

    FIRST = "first"
    NEW_FACT = "new_fact"
    SAME_STORY = "same_story"
    BASELINE = "baseline"
    TOO_OLD = "too_old"
    LATE_EDIT = "late_edit"
    IMPORTED = "imported"
    MUTED = "muted"


WORDS: dict[Reason, str] = {
    Reason.FIRST: "the first item of its story that meets the rule",
    Reason.NEW_FACT: "a new fact in a story that was already sent",
    Reason.SAME_STORY: "another copy of a story that was already sent",
    Reason.BASELINE: "it was already there when the feed was first read",
    Reason.TOO_OLD: "published (or, where the feed gives no date, first seen) earlier than the rule looks back",
    Reason.LATE_EDIT: "an edit of an item first seen so long ago that it may have been sent before",
    Reason.IMPORTED: "it came in by an import",
    Reason.MUTED: "a mute is in force",
}


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was decided for one rule that one item met, and why."""

    item: str
    rev: int
    rule: str
    story: str
    action: Action
    reason: Reason
    at: datetime
    alert: str | None = None
    """The alert that was sent, or the one that this copy belongs to."""


class Alert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule met by a story: the same for all channels. The id is hash(rule, story, cause)."""

    v: int = 1
    id: str
    rule: str
    story: str
    cause: str = "first"
    conflict: str | None = None
    item: str
    rev: int
    hit: RuleHit
    channels: tuple[str, ...] = ()
    at: datetime
    follows: str | None = None
    """The alert that the same rule raised before for a story of the same thread."""


class State(StrEnum):
    """Where a delivery stands. There is no other way out than these."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    RETRY = "retry"
    SUSPENDED = "suspended"
    EXPIRED = "expired"


class Attempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One try to deliver and what came of it."""

    at: datetime
    outcome: str
    """A named outcome, as `ceasewire.deliveries.OUTCOMES`."""
    status: int | None = None
    seconds: float = 0.0
    detail: str = ""
    """The receiver's own words, cut, without secrets."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alert on one channel with its tries. The id is hash(alert, channel) and is the `webhook-id`."""

    v: int = 1
    id: str
    alert: str
    channel: str
    kind: Literal["webhook", "slack"]
    state: State = State.PENDING
    created: datetime
    due: datetime
    """When the next try may be made; in a final state, when that was reached."""
    body: str
    """The JSON text to post, whole, as it was worded once."""
    published: datetime | None = None
    seen: datetime | None = None
    """Times of the item, for published-to-delivered."""
    tries: int = 0
    attempts: tuple[Attempt, ...] = ()
    """The newest 20 tries, oldest first."""
    version: int = 0
    """The number of state changes."""
