"""Which story an item belongs to: the one of a text that it shares enough with, or of an equal headline.

A story must not swallow what only looks alike, since the second item of a story raises no alert. So:
- A feed that keeps two of its own texts apart is believed: two items of one outlet in one feed need nearly the same
  words within the hour (short texts), most of them within half a day, or nearly all later; what one holds of the
  other says nothing, since it may be the feed's boilerplate. A headline that comes each day ("Air raid
  alert lifted") or a live blog at one link thus stays many stories, also where another feed copies each of them.
- Equal headlines join only across outlets, within half a day, from four words on.
- Headlines that differ in numbers only ("Assessment, 2 March") are a series, however much text its parts repeat.
- A long text that holds several short ones (a digest) joins one of them, and does not pull in the others.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from ceasewire.gathered import Gathered
from ceasewire.shingles import LEAST_SHARED, MOST_DOCUMENTS, SHARE, Overlap, overlap, text_of
from ceasewire.stories import Member, Story

SAME_DAY = timedelta(hours=12)
"""Equal headlines of different outlets are one story within this."""
TITLE_WORDS = 4
_OWN_SHARE = 0.6
_OWN_LATER_SHARE = 0.9
_OWN_SHORT_WITHIN = timedelta(hours=1)
_NUMBER = re.compile(r"\d+")
_BY_TITLE = Overlap(0.0, 0.0)


class Match(msgspec.Struct, frozen=True):
    """A remembered member that tells the same, and how sure that is."""

    member: Member
    overlap: Overlap

    @property
    def whole(self) -> bool:
        """Whether the texts are alike as a whole, not one in the other."""
        return self.overlap.of_larger >= SHARE


def find_stories(state: Gathered, new: Member, since: datetime) -> list[tuple[Story, Match]]:
    """The stories that the item may belong to, best first, each with the member that speaks for it."""
    matches = _matches(state, new, since)
    best: dict[str, Match] = {}
    stories: dict[str, Story] = {}
    for match in sorted(matches, key=lambda match: _rank(match, new), reverse=True):
        story = state.story(match.member.story)
        if story is not None and story.id not in best and _admits(state, story, new, match, matches, since):
            best[story.id] = match
            stories[story.id] = story
    return [(stories[key], match) for key, match in best.items()]


def _rank(match: Match, new: Member) -> tuple[Overlap, timedelta, str]:
    return match.overlap, -abs(match.member.published - new.published), match.member.item


def _matches(state: Gathered, new: Member, since: datetime) -> list[Match]:
    text = text_of(new.shingles)
    counts: Counter[str] = Counter()
    for one in new.shingles:
        counts.update(state.by_hash.get(one, [])[:MOST_DOCUMENTS])
    found: dict[str, Match] = {}
    for item, shared in counts.items():
        member = state.members[item]
        if item == new.item or member.at < since:
            continue
        share = overlap(text, state.texts[item], shared)
        if (
            share is not None
            and not _series(new, member)
            and (not _one_hand(new, member) or _own_copy(new, member, share))
        ):
            found[item] = Match(member, share)
    for member in _equal_titles(state, new):
        if member.item not in found and member.at >= since:
            found[member.item] = Match(member, _BY_TITLE)
    return list(found.values())


def _equal_titles(state: Gathered, new: Member) -> Iterator[Member]:
    if len(new.title_key.split()) < TITLE_WORDS:
        return
    for item in state.by_title.get(new.title_key, [])[-MOST_DOCUMENTS:]:
        member = state.members[item]
        near = abs(member.published - new.published) <= SAME_DAY
        if item != new.item and near and not _one_hand(new, member):
            yield member


def _one_hand(one: Member, other: Member) -> bool:
    """Whether both come from one outlet in one feed (a feed of many outlets is many hands)."""
    return (one.feed, one.outlet) == (other.feed, other.outlet)


def _series(one: Member, other: Member) -> bool:
    """Whether the headlines differ, and in their numbers only."""
    return one.title_key != other.title_key and _NUMBER.sub("0", one.title_key) == _NUMBER.sub("0", other.title_key)


def _own_copy(one: Member, other: Member, share: Overlap) -> bool:
    """Whether an outlet says the same thing once more, not a new thing in the same form."""
    apart = abs(one.published - other.published)
    if share.both_short:
        return share.of_larger >= _OWN_LATER_SHARE and apart <= _OWN_SHORT_WITHIN
    return share.of_larger >= (_OWN_SHARE if apart <= SAME_DAY else _OWN_LATER_SHARE)


def _admits(state: Gathered, story: Story, new: Member, match: Match, matches: list[Match], since: datetime) -> bool:
    """Whether the match speaks for its story as a whole."""
    own = [member for member in state.members_of(story, since) if _one_hand(member, new) and member.item != new.item]
    matched = {one.member.item for one in matches}
    if own and not any(member.item in matched for member in own):
        return False
    return match.overlap == _BY_TITLE or match.whole or not _detour(state, story, new, match.member, since)


def _detour(state: Gathered, story: Story, new: Member, member: Member, since: datetime) -> bool:
    """Whether the new text is in a long member that itself only holds the story's first text somewhere else."""
    first = state.members.get(story.id)
    if (
        first is None
        or first.at < since
        or first.item in (member.item, new.item)
        or len(new.shingles) > len(member.shingles)
    ):
        return False
    held = overlap(state.texts[first.item], state.texts[member.item], _shared(first, member))
    if held is None or held.of_larger >= SHARE:
        return False
    return overlap(text_of(new.shingles), state.texts[first.item], _shared(new, first)) is None


def tied(one: Match, other: Match) -> bool:
    """Whether a text that is like both as a whole makes their stories one: not where it holds one after the other."""
    return one.whole and other.whole and _shared(one.member, other.member) >= LEAST_SHARED


def _shared(one: Member, other: Member) -> int:
    return len(set(one.shingles).intersection(other.shingles))


def may_merge(state: Gathered, one: Story, other: Story, but: str, since: datetime) -> bool:
    """Whether no outlet of one feed keeps the two stories apart; the item `but` is not asked."""
    hands = [
        {(member.feed, member.outlet) for member in state.members_of(story, since) if member.item != but}
        for story in (one, other)
    ]
    return not hands[0] & hands[1]
