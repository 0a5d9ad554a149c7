"""Which entry of a feed is which: its key, also where guids repeat, all ids are one, or ids are new at each fetch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ceasewire.identity import entry_key
from ceasewire.items import Entry
from ceasewire.polling import FeedState, Seen

_TEXT_MARK = " #"
"""Stands between a key that several entries hold and the fingerprint that tells them apart."""


@dataclass(frozen=True)
class Draft:
    """An entry after cleaning, before it is known which item it is."""

    entry: Entry
    """With cleaned title and body."""
    title: str
    text: str
    url: str | None
    published: datetime | None
    fingerprint: str
    link: str
    """A short hash of the link's key, or empty."""


@dataclass(frozen=True)
class Recognised:
    """The drafts with their keys, each key once, and what was learned of the feed's ids."""

    keyed: tuple[tuple[str, Draft], ...]
    doubled: int
    """Drafts that stood in the document before, word for word."""
    repeats_guids: bool
    unstable_ids: bool


def recognise(drafts: Sequence[Draft], state: FeedState) -> Recognised:
    """The key of each draft, so that an entry keeps the item of its first sight."""
    repeats = state.repeats_guids or _repeats_guids(drafts)
    own = [_own_key(draft, repeats, state) for draft in drafts]
    own = _tell_apart(own, drafts, state.entries)
    unstable = state.unstable_ids
    known = [_knows(state.entries.get(key), draft, unstable) for key, draft in zip(own, drafts, strict=True)]
    if unstable and drafts and all(known):
        unstable = False
    if state.entries and drafts and (unstable or not any(known)):
        seen_as = _first_sights(own, known, drafts, state.entries)
        unstable = unstable or len(seen_as) * 2 >= len(drafts)
        if unstable:
            own = [seen_as.get(at, key) for at, key in enumerate(own)]
    keyed: dict[str, Draft] = {}
    for key, draft in zip(own, drafts, strict=True):
        if key in keyed and keyed[key].fingerprint != draft.fingerprint:
            key = f"{key}{_TEXT_MARK}{draft.fingerprint}"
        keyed.setdefault(key, draft)
    return Recognised(
        keyed=tuple(keyed.items()),
        doubled=len(drafts) - len(keyed),
        repeats_guids=repeats,
        unstable_ids=unstable,
    )


def _repeats_guids(drafts: Sequence[Draft]) -> bool:
    """Whether one guid stands at two links of the document."""
    links: dict[str, str] = {}
    return any(
        links.setdefault(draft.entry.guid, draft.link) != draft.link for draft in drafts if draft.entry.guid is not None
    )


def _own_key(draft: Draft, repeats: bool, state: FeedState) -> str:
    if repeats:
        # what was seen before the guids began to repeat stays what it is
        before = entry_key(draft.entry, repeats_guids=False)
        for key in (before, f"{before}{_TEXT_MARK}{draft.fingerprint}"):
            seen = state.entries.get(key)
            if seen is None or seen.link != draft.link:
                continue
            if seen.fingerprint == draft.fingerprint or not state.unstable_ids:
                return before
    return entry_key(draft.entry, repeats)


def _tell_apart(keys: Sequence[str], drafts: Sequence[Draft], entries: Mapping[str, Seen]) -> list[str]:
    """Keys that hold several texts at once are told apart by the text, from then on."""
    texts: dict[str, set[str]] = {}
    for key, draft in zip(keys, drafts, strict=True):
        texts.setdefault(key, set()).add(draft.fingerprint)
    shared = {key for key, found in texts.items() if len(found) > 1}
    shared |= {key.rpartition(_TEXT_MARK)[0] for key in entries if _TEXT_MARK in key}
    result = []
    for key, draft in zip(keys, drafts, strict=True):
        same = key in entries and entries[key].fingerprint == draft.fingerprint
        result.append(f"{key}{_TEXT_MARK}{draft.fingerprint}" if key in shared and not same else key)
    return result


def _knows(seen: Seen | None, draft: Draft, unstable: bool) -> bool:
    """Whether a key names this entry; where ids are unstable, text or link must agree."""
    return seen is not None and (not unstable or draft.fingerprint == seen.fingerprint or draft.link == seen.link)


def _first_sights(
    keys: Sequence[str], known: Sequence[bool], drafts: Sequence[Draft], entries: Mapping[str, Seen]
) -> dict[int, str]:
    """Drafts (by position) with an unknown key that are known by link or text, and the key of their first sight.

    A sign that two known entries or two drafts share says nothing: a page of all alerts, a title that comes daily.
    """
    taken = set(keys)
    old_links = Counter(seen.link for seen in entries.values())
    new_links = Counter(draft.link for draft in drafts)
    old: dict[tuple[str, ...], set[str]] = {}
    for key, seen in entries.items():
        link = seen.link if old_links[seen.link] == 1 else ""
        for sign in _signs(link, seen.fingerprint, seen.published):
            old.setdefault(sign, set()).add(key)
    signs = [
        _signs(draft.link if new_links[draft.link] == 1 else "", draft.fingerprint, draft.published) for draft in drafts
    ]
    shared = {sign for sign, count in Counter(sign for one in signs for sign in one).items() if count > 1}
    found: dict[int, str] = {}
    for at in range(len(keys)):
        if known[at]:
            continue
        for sign in signs[at]:
            holders = old.get(sign, set())
            if sign not in shared and len(holders) == 1 and not holders & taken:
                found[at] = next(iter(holders))
                taken |= holders
                break
    return found


def _signs(link: str, fingerprint: str, published: datetime | None) -> list[tuple[str, ...]]:
    """What two sights of one entry have in common, surest first: never the link alone, nor the text alone if dated."""
    date = published.isoformat() if published else ""
    signs: list[tuple[str, ...]] = [("text and date", fingerprint, date)]
    if link:
        signs.insert(0, ("link and text", link, fingerprint))
        if date:
            signs.append(("link and date", link, date))
    return signs
