"""Entries of one poll become items: cleaned, with an id for ever, a revision that grows, and the feed's new state."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from ceasewire.config.feeds import Feed
from ceasewire.identity import MAX_ADDRESS, fingerprint, item_id, link_key, normal_text, short_hash
from ceasewire.items import Entry, Item, Source
from ceasewire.markup import cut, plain, plain_title
from ceasewire.polling import FeedState, Seen
from ceasewire.recognition import Draft, recognise

FRESH = timedelta(hours=1)
"""At the first poll of a feed, only what was published within this may alert."""
MAX_ENTRIES = 5000
"""Entries remembered of a feed, those that it lists not counted."""
FORGET = timedelta(days=14)
"""An entry that the feed has not listed for so long is forgotten."""
EARLIEST_YEAR = 1990
"""Dates before are a machine's zero, not a date."""
_RECENT = timedelta(days=7)
_MOST_RECENT = 500
_TITLE_WORDS = 14


@dataclass(frozen=True)
class Admission:
    """What one document brought: new and edited items, oldest first, and what is remembered of the feed after it."""

    items: tuple[Item, ...]
    state: FeedState
    """With entries, flags, first_poll, recent and last_new brought up to date; nothing of health or schedule."""
    new: int = 0
    edited: int = 0
    known: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    """Named reasons with counts: `empty` has neither title nor text, `doubled` stands twice in the document."""


def admit(feed: Feed, entries: Sequence[Entry], state: FeedState | None, fetched: datetime) -> Admission:
    """The items of a document that was fetched at `fetched`, given what was remembered of its feed."""
    before = state or FeedState(feed=feed.id)
    refused: Counter[str] = Counter()
    drafts = [draft for entry in entries if (draft := _clean(entry))]
    refused["empty"] = len(entries) - len(drafts)
    found = recognise(drafts, before)
    refused["doubled"] = found.doubled

    remembered = dict(before.entries)
    new: list[Item] = []
    edited: list[Item] = []
    # a document lists the newest first: of two items of one minute the later in the list is the older
    for key, draft in reversed(found.keyed):
        seen = before.entries.get(key)
        if seen is None or seen.fingerprint != draft.fingerprint:
            item = _item(feed, key, draft, seen, fetched, first=before.first_poll is None)
            (new if seen is None else edited).append(item)
            rev, first_seen, page = item.rev, item.first_seen, None
        else:
            rev, first_seen, page = seen.rev, seen.first_seen, seen.page
        remembered[key] = Seen(
            item=seen.item if seen else item_id(feed.id, key),
            rev=rev,
            fingerprint=draft.fingerprint,
            first_seen=first_seen,
            last_seen=fetched,
            link=draft.link,
            published=draft.published,
            page=page,
        )

    listed = {key for key, _ in found.keyed}
    after = msgspec.structs.replace(
        before,
        entries=_pruned(remembered, listed, fetched),
        repeats_guids=found.repeats_guids,
        unstable_ids=found.unstable_ids,
        possible_gap=before.first_poll is not None and 0 < len(drafts) == len(new) + found.doubled,
        first_poll=before.first_poll or (fetched if drafts else None),
        recent=_recent(before.recent, new, fetched),
        last_new=max((_came(item) for item in new), default=before.last_new),
    )
    return Admission(
        items=tuple(sorted([*new, *edited], key=lambda item: item.at)),
        state=after,
        new=len(new),
        edited=len(edited),
        known=len(found.keyed) - len(new) - len(edited),
        refused={reason: count for reason, count in refused.items() if count},
    )


def _clean(entry: Entry) -> Draft | None:
    """The entry as safe text, or None where it holds neither title nor text."""
    outlet = plain_title(entry.outlet or "") or None
    text = plain(entry.html)
    title = _without_outlet(plain_title(entry.title), outlet) or _first_words(text)
    if not title:
        return None
    url = _web_address(entry.url or "") or _web_address(entry.link or "")
    published = entry.published or entry.updated
    if published is not None and published.year < EARLIEST_YEAR:
        published = None
    cleaned = msgspec.structs.replace(entry, title=title, html=text, outlet=outlet)
    link = link_key(entry)
    sign = short_hash(link)[:16] if link else ""
    return Draft(cleaned, title, text, url, published, fingerprint(title, text), sign)


def _without_outlet(title: str, outlet: str | None) -> str:
    """The headline without the " - Outlet" that aggregating feeds put behind it."""
    head, dash, tail = title.rpartition(" - ")
    return head.strip() if dash and head.strip() and outlet and normal_text(tail) == normal_text(outlet) else title


def _first_words(text: str) -> str:
    """A headline for an entry without one."""
    line = text.partition("\n")[0]
    words = line.split(" ")
    head = cut(" ".join(words[:_TITLE_WORDS]), 200)
    return head if head == text else f"{head} …" if head else ""


def _web_address(url: str) -> str | None:
    url = url.strip()
    if not url or len(url) > MAX_ADDRESS or any(sign.isspace() or not sign.isprintable() for sign in url):
        return None
    try:
        parts = urlsplit(url)
        return url if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


def _item(feed: Feed, key: str, draft: Draft, seen: Seen | None, fetched: datetime, first: bool) -> Item:
    rev = int(fetched.timestamp() * 1000)
    first_seen = seen.first_seen if seen else fetched
    published = draft.published
    fresh = published is not None and fetched - FRESH <= published <= fetched + FRESH
    return Item(
        id=seen.item if seen else item_id(feed.id, key),
        rev=max(seen.rev + 1, rev) if seen else rev,
        fingerprint=draft.fingerprint,
        source=_source(feed, draft.entry),
        url=draft.url,
        title=draft.title,
        text=draft.text,
        published=published,
        at=published if published is not None and published <= fetched else first_seen,
        seen=fetched,
        first_seen=first_seen,
        baseline=first and not fresh,
    )


def _source(feed: Feed, entry: Entry) -> Source:
    """The feed's outlet, or the one that an aggregating feed names; of that one no more is known."""
    language = feed.language or ((entry.language or "")[:2].lower() or None)
    source = msgspec.structs.replace(feed.source, language=language)
    if entry.outlet and normal_text(entry.outlet) != normal_text(feed.outlet):
        return msgspec.structs.replace(source, outlet=entry.outlet[:120], kind="outlet", country=None)
    return source


def _pruned(entries: dict[str, Seen], listed: set[str], fetched: datetime) -> dict[str, Seen]:
    """The entries without those that the feed has not listed for long, and at most so many unlisted ones."""
    if len(entries) == len(listed):
        return entries
    past = [(seen.last_seen, key) for key, seen in entries.items() if key not in listed]
    past = sorted((one for one in past if one[0] >= fetched - FORGET), reverse=True)[:MAX_ENTRIES]
    kept = listed | {key for _, key in past}
    return {key: seen for key, seen in entries.items() if key in kept}


def _came(item: Item) -> datetime:
    """When the item came: for what was there at the first poll, when it was published."""
    return item.at if item.baseline else item.seen


def _recent(before: Sequence[datetime], new: Sequence[Item], fetched: datetime) -> tuple[datetime, ...]:
    times = sorted([*before, *(_came(item) for item in new)])
    return tuple(time for time in times if time >= fetched - _RECENT)[-_MOST_RECENT:]
