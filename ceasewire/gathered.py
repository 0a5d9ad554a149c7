"""What gathering remembers: items of the last days with their texts as hashes, and their stories."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec

from ceasewire.alerts import Alert, Decision
from ceasewire.config.rules import LONGEST_AGE
from ceasewire.shingles import Text, text_of
from ceasewire.stories import Member, Story
from ceasewire.tagging.gist import telling_of

K = TypeVar("K", int, str)

WINDOW = timedelta(hours=72)
"""An item joins the story of a text that was gathered within this, or within the longest age of a rule."""
_SLACK = timedelta(minutes=30)
_NEVER = datetime.max.replace(tzinfo=UTC)
_EVER = datetime.min.replace(tzinfo=UTC)


class Gathering(msgspec.Struct, frozen=True, kw_only=True):
    """What gathering one item changes and gives: whole new values, to be stored over the old."""

    members: tuple[Member, ...] = ()
    stories: tuple[Story, ...] = ()
    decisions: tuple[Decision, ...] = ()
    """All decisions that the item caused, those of earlier revisions included."""
    alerts: tuple[Alert, ...] = ()
    again: bool = False
    """The item was known with this text: everything here was given before."""
    window: timedelta = WINDOW
    """How far back the rules of this call look."""


class Gathered:
    """The state of gathering. `apply` changes it, `gather` only reads it."""

    def __init__(self) -> None:
        self.members: dict[str, Member] = {}
        self.stories: dict[str, Story] = {}
        self.texts: dict[str, Text] = {}
        self.by_hash: dict[int, list[str]] = {}
        self.by_title: dict[str, list[str]] = {}
        self.by_word: dict[int, list[str]] = {}
        """Items by the telling words of their gists, oldest first."""
        self.window = LONGEST_AGE
        """The window of the last call; before the first, the longest that there can be."""
        self.oldest = _NEVER
        """No member is older."""
        self.since = _EVER
        """All that was gathered from then on is here."""

    @classmethod
    def empty(cls) -> "Gathered":
        """Nothing is remembered yet."""
        return cls()

    @classmethod
    def restore(cls, members: Iterable[Member], stories: Iterable[Story], since: datetime = _EVER) -> "Gathered":
        """The state that these members, oldest first, and stories were stored from: all gathered from `since` on."""
        state = cls()
        state.since = since
        for story in stories:
            state.stories[story.id] = story
        for member in sorted(members, key=lambda member: member.at):
            state.put(member)
        return state

    def reaches(self, since: datetime) -> bool:
        """Whether nothing gathered from then on was let go of.

        It was where a rule looks farther back than those before, or the clock was set back. Asked after `forget`: if
        not, the state is to be restored before anything is gathered.
        """
        return self.since <= since

    def story(self, key: str) -> Story | None:
        """The story, or the one that it went into."""
        found = self.stories.get(key)
        while found is not None and found.merged_into is not None:
            found = self.stories.get(found.merged_into)
        return found

    def remember(self, member: Member, story: Story | None) -> None:
        """Takes in what is known of one item from before the window, with its story; what is known here stands."""
        if member.item in self.members:
            return
        if story is not None:
            self.stories.setdefault(story.id, story)
            member = msgspec.structs.replace(member, story=story.id)
        self.put(member)

    def members_of(self, story: Story, since: datetime) -> list[Member]:
        """The members of the story that were gathered from `since` on, in the order in which they came."""
        members = (self.members[item] for item in story.items if item in self.members)
        return [member for member in members if member.story == story.id and member.at >= since]

    def put(self, member: Member) -> None:
        """Remembers the member, over what was known of its item."""
        known = self.members.get(member.item)
        if known is not None and _same_text(known, member):
            self.members[member.item] = member
        else:
            if known is not None:
                self.drop(known)
            self.members[member.item] = member
            self.texts[member.item] = text_of(member.shingles)
            for one in member.shingles:
                self.by_hash.setdefault(one, []).append(member.item)
            self.by_title.setdefault(member.title_key, []).append(member.item)
            for one in telling_of(member.gist):
                insort(self.by_word.setdefault(one, []), member.item, key=self._age)
        self.oldest = min(self.oldest, member.at)

    def drop(self, member: Member) -> None:
        """Forgets the member."""
        for one in telling_of(member.gist):
            _remove(self.by_word, one, member.item)
        del self.members[member.item], self.texts[member.item]
        for one in member.shingles:
            _remove(self.by_hash, one, member.item)
        _remove(self.by_title, member.title_key, member.item)

    def since_of(self, word: int, since: datetime) -> list[str]:
        """The items gathered from `since` on whose gist has the telling word, oldest first."""
        items = self.by_word.get(word, [])
        return items[bisect_left(items, (since, ""), key=self._age) :]

    def count_since(self, word: int, since: datetime) -> int:
        """How many those are."""
        items = self.by_word.get(word, [])
        return len(items) - bisect_left(items, (since, ""), key=self._age)

    def _age(self, item: str) -> tuple[datetime, str]:
        return self.members[item].at, item


def apply(state: Gathered, gathering: Gathering) -> None:
    """Takes the changes into the state; called once they are stored."""
    for story in gathering.stories:
        state.stories[story.id] = story
    for member in gathering.members:
        state.put(member)
    state.window = gathering.window


def forget(state: Gathered, now: datetime) -> None:
    """Lets go of what was gathered before the window, and of stories with nothing left in it."""
    end = now - state.window
    if state.oldest > end - _SLACK:
        return
    for member in [member for member in state.members.values() if member.at < end]:
        state.drop(member)
    used = {member.story for member in state.members.values()}
    state.stories = {
        key: story
        for key, story in state.stories.items()
        if key in used or (story.merged_into is not None and story.last >= end)
    }
    state.oldest = min((member.at for member in state.members.values()), default=_NEVER)
    state.since = max(state.since, end)


def _same_text(one: Member, other: Member) -> bool:
    return (one.shingles, one.title_key, one.gist, one.at) == (other.shingles, other.title_key, other.gist, other.at)


def _remove(index: dict[K, list[str]], key: K, item: str) -> None:
    rest = [one for one in index[key] if one != item]
    if rest:
        index[key] = rest
    else:
        del index[key]


def union(first: Sequence[str], then: Iterable[str]) -> tuple[str, ...]:
    """Both without repeats, in the order of first appearance."""
    return tuple(dict.fromkeys((*first, *then)))
