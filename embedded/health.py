"""What is wrong with a running process, each thing with a name and in words; as /ready, status and the log show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ceasewire.deliveries import EXPIRY
from ceasewire.views import FeedView

OLD_OUTBOX = timedelta(minutes=10)
"""A delivery that is open for longer than this is named."""
STALLED = timedelta(minutes=5)
"""How long after the time of its next poll a feed may wait before polling counts as stalled."""


class Reason(StrEnum):
    """What may be wrong. The first three stop work: /ready answers 503; with the others work goes on."""

    DISK_FULL = "disk_full"
    STORE_FAILS = "store_fails"
    POLLING_STALLED = "polling_stalled"
    CONFIGURATION_REFUSED = "configuration_refused"
    RESTART_NEEDED = "restart_needed"
    NO_FEED_REACHED = "no_feed_reached"
    FEEDS_FAILING = "feeds_failing"
    OUTBOX_OLD = "outbox_old"
    CHANNEL_SUSPENDED = "channel_suspended"
    DELIVERIES_EXPIRED = "deliveries_expired"
    DEAD_LETTERS = "dead_letters"


STOPPING = frozenset({Reason.DISK_FULL, Reason.STORE_FAILS, Reason.POLLING_STALLED})
"""With one of these the process does not do its work."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong."""

    reason: Reason
    words: str

    @property
    def stops(self) -> bool:
        """Whether no work is done because of it."""
        return self.reason in STOPPING

    def __str__(self) -> str:
        return f"{self.reason}: {self.words}"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of the process at one time."""

    now: datetime
    started: datetime
    feeds: Sequence[FeedView] = ()
    first_round: bool = False
    """Whether feeds that were due at the start were not polled yet: too early to judge them."""
    unreached: bool = False
    """Whether all feeds were tried and no server of one answered."""
    refused: Sequence[str] = ()
    """Faults of the configuration that was refused."""
    restart: Sequence[str] = ()
    """Settings that wait for a restart."""
    disk_free: int | None = None
    """Bytes free for the store."""
    disk_total: int | None = None
    store_fault: str = ""
    oldest_open: datetime | None = None
    """When the oldest delivery that is not done was opened."""
    suspended: int = 0
    """Deliveries that wait for their channel."""
    expired: int = 0
    """Deliveries that were given up."""
    dead: int = 0


def assess(facts: Facts) -> tuple[Finding, ...]:
    """Everything that is wrong, what stops work first."""
    found: list[Finding] = []
    if facts.disk_free is not None and facts.disk_free < least_free(facts.disk_total or 0):
        words = (
            f"only {facts.disk_free / 1e6:.1f} MB are free for the store; work goes on by itself when there is space"
        )
        found.append(Finding(Reason.DISK_FULL, words))
    if facts.store_fault:
        found.append(Finding(Reason.STORE_FAILS, facts.store_fault))
    found += _polling(facts)
    if facts.refused:
        more = f" (and {len(facts.refused) - 1} more: ceasewire validate)" if len(facts.refused) > 1 else ""
        words = f"the configuration in the folder is refused, the one before stays in force: {facts.refused[0]}{more}"
        found.append(Finding(Reason.CONFIGURATION_REFUSED, words))
    if facts.restart:
        found.append(Finding(Reason.RESTART_NEEDED, f"changed, but read at the start only: {', '.join(facts.restart)}"))
    if facts.oldest_open and facts.now - facts.oldest_open > OLD_OUTBOX:
        minutes = int((facts.now - facts.oldest_open).total_seconds() // 60)
        words = f"the oldest alert that is not delivered has waited for {minutes} minutes: ceasewire alerts list"
        found.append(Finding(Reason.OUTBOX_OLD, words))
    if facts.suspended:
        found.append(Finding(Reason.CHANNEL_SUSPENDED, suspended_words(facts.suspended)))
    if facts.expired:
        found.append(Finding(Reason.DELIVERIES_EXPIRED, expired_words(facts.expired)))
    if facts.dead:
        words = f"{facts.dead} items could not be handled and were put aside: ceasewire doctor"
        found.append(Finding(Reason.DEAD_LETTERS, words))
    return tuple(sorted(found, key=lambda finding: not finding.stops))


def suspended_words(count: int) -> str:
    """What is said of deliveries that wait for their channel."""
    waits = "1 delivery waits" if count == 1 else f"{count:,} deliveries wait"
    return f"{waits} for a channel that is off or gone: ceasewire alerts list --failed"


def expired_words(count: int) -> str:
    """What is said of deliveries that were given up."""
    hours = int(EXPIRY.total_seconds() // 3600)
    were = "1 delivery was" if count == 1 else f"{count:,} deliveries were"
    return (
        f"{were} given up after {hours} hours of tries: ceasewire alerts list --failed; "
        "send again with: ceasewire alerts retry"
    )


def _polling(facts: Facts) -> list[Finding]:
    active = [feed for feed in facts.feeds if feed.enabled]
    late = [
        feed
        for feed in active
        if feed.state.next_poll and max(feed.state.next_poll, facts.started) < facts.now - STALLED
    ]
    if active and len(late) == len(active):
        return [Finding(Reason.POLLING_STALLED, "no feed was polled in the last 5 minutes though all are due")]
    if facts.unreached:
        words = f"none of {len(active)} feeds could be reached; trying goes on"
        return [Finding(Reason.NO_FEED_REACHED, words)]
    if facts.first_round:
        return []
    failing = [feed.source.feed for feed in active if feed.state.health == "failing"]
    if not failing:
        return []
    names = ", ".join(failing[:5]) + (" ..." if len(failing) > 5 else "")
    words = f"{len(failing)} of {len(active)} feeds cannot be read ({names}): ceasewire feeds list"
    return [Finding(Reason.FEEDS_FAILING, words)]


def least_free(total: int) -> int:
    """Bytes under which a disk counts as full: 50 MB, on small disks a twentieth."""
    return min(50_000_000, total // 20)
