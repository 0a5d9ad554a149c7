"""One poll of one feed: fetch, parse, admit, and what is to be remembered. Stores nothing itself."""

import asyncio
import contextlib
import hashlib
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

import msgspec

from ceasewire.admission import Admission, admit
from ceasewire.config.feeds import Feed
from ceasewire.config.settings import PollingSettings
from ceasewire.items import Item, Tagged
from ceasewire.metrics import Metrics
from ceasewire.pages import names_something, want_pages
from ceasewire.polling import FeedState, Health
from producers import schedule
from producers.connection import Resolve
from producers.documents import Parsed, Remark, Unreadable
from producers.fetch import Failed, Fetched, Unchanged, Wanted, fetch, shown
from producers.hosts import Hosts, Turns
from producers.parse import Parsers
from producers.reasons import UNREACHED, Reason, explain

_HEAVY_SECONDS = 2.0


class Polled(NamedTuple):
    """What came of a poll."""

    state: FeedState
    items: tuple[Item, ...] = ()
    outcome: str = "ok"
    """`ok`, `unchanged` or the name of a reason: the metric label."""
    reached: bool = True
    heavy: bool = False
    """The document was slow to parse: next time it waits behind the others."""


@dataclass(frozen=True)
class Means:
    """What a poll works with."""

    parsers: Parsers
    resolve: Resolve
    metrics: Metrics
    now: Callable[[], datetime]
    chance: random.Random = field(default_factory=random.Random)
    tag: Callable[[Item], Tagged] | None = None
    """Tells which entries' pages are wanted; None = no page is."""

    def jitter(self) -> float:
        """By chance, in [-1, 1]."""
        return self.chance.uniform(-1, 1)


class Terms(NamedTuple):
    """How this poll is to be made."""

    hosts: Hosts
    """Each is held while a request to it is under way."""
    force: bool = False
    """Ask for the whole document and read it anew, whatever is remembered."""
    slow: bool = False
    offline: bool = False


@contextlib.asynccontextmanager
async def _timed(metrics: Metrics, stage: str) -> AsyncIterator[None]:
    with metrics.stage.labels(stage).time():
        yield


def wanted(feed: Feed, state: FeedState, settings: PollingSettings, force: bool) -> Wanted:
    """The request for a feed: with the validators of the last one, where they are of the same address."""
    ask_whole = force or feed.ignore_validators or state.address_hash != _hash(feed.url.encode())
    proxy = feed.proxy or settings.proxy
    return Wanted(
        url=feed.url,
        etag=None if ask_whole else state.etag,
        last_modified=None if ask_whole else state.last_modified,
        headers={name: value.get_secret_value() for name, value in feed.headers.items()},
        proxy=proxy.get_secret_value() if proxy else None,
        allow=(*settings.allow_private, *feed.allow_private),
    )


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]


async def poll(feed: Feed, state: FeedState | None, settings: PollingSettings, means: Means, terms: Terms) -> Polled:
    """Polls the feed once. `state` is what is remembered of it, None at first."""
    known = state or FeedState(feed=feed.id)
    turns, began = Turns(terms.hosts), time.perf_counter()
    outcome = await fetch(wanted(feed, known, settings, terms.force), settings, means.resolve, turns)
    means.metrics.stage.labels("fetch").observe(time.perf_counter() - began - turns.waited)
    now = means.now()
    if isinstance(outcome, Failed):
        new = schedule.failed(
            feed,
            _to_be_read_anew(known) if _has_remark(known) else known,
            outcome.reason,
            explain(outcome.reason, outcome.detail),
            now,
            means.jitter(),
            outcome.retry_after,
            terms.offline and outcome.reason in UNREACHED,
        )
        return Polled(new, outcome=outcome.reason.value, reached=outcome.reason not in UNREACHED)
    if isinstance(outcome, Unchanged):
        return _unchanged(feed, known, means, outcome)
    body_hash = _hash(outcome.body)
    known = _validated(feed, known, outcome)
    if body_hash == known.body_hash and not terms.force:
        return _unchanged(feed, known, means, outcome)
    return await _read(feed, known, outcome, settings, means, terms, body_hash)


def _validated(feed: Feed, state: FeedState, fetched: Fetched) -> FeedState:
    """The state with the validators of this fetch; a body that broke off has none."""
    return msgspec.structs.replace(
        state,
        etag=fetched.etag if fetched.whole else None,
        last_modified=fetched.last_modified if fetched.whole else None,
        address_hash=_hash(feed.url.encode()),
    )


def _has_remark(state: FeedState) -> bool:
    """Whether its reason is something odd in what was read, which holds as long as the document stays as it is."""
    return bool(state.reason) and state.health in ("ok", "empty")


def _to_be_read_anew(state: FeedState) -> FeedState:
    """Without validators: the next poll gets the document, not a 304 that says nothing of it."""
    return msgspec.structs.replace(state, etag=None, last_modified=None, body_hash=None)


def _unchanged(feed: Feed, state: FeedState, means: Means, outcome: Fetched | Unchanged) -> Polled:
    now = means.now()
    new = schedule.succeeded(feed, state, now, means.jitter(), outcome.max_age)
    if state.health in ("failing", "waiting", "new"):
        new = msgspec.structs.replace(new, health="ok", reason="", detail="")
    if outcome.moved and not new.reason:
        text = explain(Reason.MOVED, f"to {shown(outcome.moved)}")
        new = msgspec.structs.replace(new, reason=Reason.MOVED.value, detail=text)
    if new.health == "ok" and not new.reason and schedule.is_quiet(new, now):
        new = msgspec.structs.replace(new, health="quiet", reason=Reason.QUIET.value, detail=explain(Reason.QUIET))
    return Polled(new, outcome="unchanged")


async def _read(
    feed: Feed,
    state: FeedState,
    fetched: Fetched,
    settings: PollingSettings,
    means: Means,
    terms: Terms,
    body_hash: str,
) -> Polled:
    async with _timed(means.metrics, "parse"):
        reading = await means.parsers.parse(
            fetched.body, fetched.content_type, fetched.url, settings.max_entries, whole=fetched.whole, slow=terms.slow
        )
    now = means.now()
    heavy = reading.seconds > _HEAVY_SECONDS
    if isinstance(reading, Unreadable):
        kept = _to_be_read_anew(state)
        text = explain(reading.reason, reading.detail)
        new = schedule.failed(feed, kept, reading.reason, text, now, means.jitter())
        return Polled(new, outcome=reading.reason.value, heavy=heavy or reading.reason is Reason.TOO_HEAVY)
    async with _timed(means.metrics, "admit"):
        admission = await asyncio.to_thread(_admit, feed, reading, state, now, means.tag if settings.pages else None)
    _count(means.metrics, admission, reading)
    new = schedule.succeeded(
        feed,
        msgspec.structs.replace(
            admission.state, body_hash=body_hash, ttl_minutes=reading.ttl_minutes, title=reading.title
        ),
        now,
        means.jitter(),
        fetched.max_age,
    )
    remark = _gravest(new, admission, reading, fetched)
    if remark is not None:
        new = msgspec.structs.replace(new, reason=remark.reason.value, detail=explain(remark.reason, remark.detail))
    else:
        new = msgspec.structs.replace(new, reason="", detail="")
    new = msgspec.structs.replace(new, health=_HEALTH.get(remark.reason, "ok") if remark else "ok")
    if remark is None and schedule.is_quiet(new, now):
        new = msgspec.structs.replace(new, health="quiet", reason=Reason.QUIET.value, detail=explain(Reason.QUIET))
    return Polled(new, admission.items, heavy=heavy)


def _admit(
    feed: Feed, reading: Parsed, state: FeedState, now: datetime, tag: Callable[[Item], Tagged] | None
) -> Admission:
    """The items of the document, and in the state after it which pages are wanted."""
    admission = admit(feed, reading.entries, state, now)
    if tag is None:
        return admission

    def names(item: Item) -> bool:
        try:
            return names_something(tag(item))
        except Exception:  # whoever stores the item tags it too, and notes that it cannot be
            return False

    return replace(admission, state=want_pages(feed, admission.items, admission.state, now, names))


_HEALTH: Mapping[Reason, Health] = {Reason.NO_ENTRIES: "empty"}


def _count(metrics: Metrics, admission: Admission, reading: Parsed) -> None:
    refused = sum(admission.refused.values()) + reading.skipped
    counts = {"new": admission.new, "edited": admission.edited, "known": admission.known, "refused": refused}
    for outcome, count in counts.items():
        if count:
            metrics.entries.labels(outcome).inc(count)


_ORDER = (
    Reason.TRUNCATED,
    Reason.TOO_MANY_ENTRIES,
    Reason.ENTRIES_SKIPPED,
    Reason.WRONG_CHARSET,
    Reason.UNSTABLE_IDS,
    Reason.REPEATED_IDS,
    Reason.MOVED,
    Reason.POSSIBLE_GAP,
    Reason.NO_ENTRIES,
    Reason.FAULTY_XML,
)


def _gravest(state: FeedState, admission: Admission, reading: Parsed, fetched: Fetched) -> Remark | None:
    """The one odd thing that an operator should see first."""
    found = list(reading.remarks)
    if empty := admission.refused.get("empty", 0):
        found.append(Remark(Reason.ENTRIES_SKIPPED, f"{empty} without title and text"))
    if state.unstable_ids:
        found.append(Remark(Reason.UNSTABLE_IDS))
    if state.repeats_guids:
        found.append(Remark(Reason.REPEATED_IDS))
    if state.possible_gap:
        found.append(Remark(Reason.POSSIBLE_GAP))
    if fetched.moved:
        found.append(Remark(Reason.MOVED, f"to {shown(fetched.moved)}"))
    if not reading.entries:
        found.append(Remark(Reason.NO_ENTRIES))
    return min(found, key=lambda remark: _ORDER.index(remark.reason), default=None)
