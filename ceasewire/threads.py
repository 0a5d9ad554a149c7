"""Which thread a new story belongs to: that of an earlier story about the same development, in other words.

A story is the same text in other hands, and its later copies raise no alert. A thread is looser, and therefore holds
nothing back: it tells readers which stories follow each other, and an alert which earlier one it follows.
"""

from datetime import datetime, timedelta
from math import exp, sqrt

from ceasewire.gathered import Gathered
from ceasewire.stories import Member, Story
from ceasewire.tagging.gist import telling_of, weights_of

ALIKE = 0.095
"""Least likeness of two texts; measured on labelled reports: with less more is joined, rightly and wrongly."""
AKIN = 0.045
"""Least likeness to the story that the thread began with, so that it does not drift from one thing to the next."""
FARTHEST = timedelta(days=14)
_FADES = timedelta(days=3)
_LASTING = 0.3
"""The part of a likeness that time does not take: most reports of one thing come within two days, some in ten."""
_OFTEN = 10
"""So many texts with a telling word take half of its weight squared: on a day of talks in Bern, Bern tells little."""
_MOST_MEMBERS = 50
"""Members that are looked up for one word: the newest."""
_MOST_COMPARED = 15
_MOST_FOLLOWED = 12


def find_thread(state: Gathered, new: Member, since: datetime, conflict: str | None = None) -> Story | None:
    """The story of the member gathered from `since` on that is most like the new one; None where none is like it.

    What tells of one conflict does not follow what tells of another.
    """
    window = _Window(state, new, since)
    weights = window.weigh(new.gist)
    shared: dict[str, float] = {}
    for word in telling_of(new.gist):
        weight = weights[word] ** 2
        for item in state.since_of(word, since)[-_MOST_MEMBERS:]:
            shared[item] = shared.get(item, 0.0) + weight
    found: list[tuple[float, datetime, str]] = []
    for item in sorted(shared, key=lambda item: (-shared[item], item))[:_MOST_COMPARED]:
        member = state.members[item]
        apart = abs(member.published - new.published)
        if item == new.item or apart > FARTHEST:
            continue
        likeness = _likeness(weights, window.weigh(member.gist), apart)
        if likeness >= ALIKE:
            found.append((likeness, member.at, item))
    for _, _, item in sorted(found, reverse=True):
        story = state.story(state.members[item].story)
        if story is None or (conflict and story.conflicts and conflict not in story.conflicts):
            continue
        if _is_akin(state, window, new, story):
            return story
    return None


class _Window:
    """How often telling words stand in the texts of the window, that of the new one left out."""

    def __init__(self, state: Gathered, new: Member, since: datetime) -> None:
        self.since = since
        self._state = state
        before = state.members.get(new.item)  # an edit of a text that has been gathered
        self._own = frozenset(telling_of(before.gist) if before and before.at >= since else ())
        self._shares: dict[int, float] = {}

    def weigh(self, gist: tuple[int, ...]) -> dict[int, float]:
        """The weights of a text's words, less for those that many texts have."""
        weights = weights_of(gist)
        for word in telling_of(gist):
            share = self._shares.get(word)
            if share is None:
                others = self._state.count_since(word, self.since) - (word in self._own)
                share = self._shares[word] = 1 / sqrt(1 + others / _OFTEN)
            weights[word] *= share
        return weights


def _is_akin(state: Gathered, window: _Window, new: Member, story: Story) -> bool:
    """Whether a text is like the first of the thread too. A thread ends when that has left the window.

    Nothing would tell then whether it is still about the same: each of its stories is like the one before it only.
    """
    first = state.members.get(story.began)
    if first is None or first.at < window.since:
        return False
    apart = abs(first.published - new.published)
    return _likeness(window.weigh(new.gist), window.weigh(first.gist), apart) >= AKIN


def _likeness(one: dict[int, float], other: dict[int, float], apart: timedelta) -> float:
    """How like two texts are that were published so long after each other."""
    return _cosine(one, other) * (_LASTING + (1 - _LASTING) * exp(-(apart / _FADES)))


def _cosine(one: dict[int, float], other: dict[int, float]) -> float:
    shared = sum([one[word] * other[word] for word in one.keys() & other.keys()])
    return shared / (_length(one) * _length(other)) if shared else 0.0


def _length(weights: dict[int, float]) -> float:
    return sqrt(sum([weight * weight for weight in weights.values()]))


def earlier_alerts(state: Gathered, story: Story, since: datetime) -> dict[str, str]:
    """By rule, the last alert that was raised for the nearest of the stories that the story follows."""
    found: dict[str, str] = {}
    known = {story.id}
    while story.follows and len(known) < _MOST_FOLLOWED:
        before = state.story(story.follows)
        members = state.members_of(before, since) if before else []
        # a story without a member in the window may be forgotten or not: it is taken for forgotten
        if before is None or before.id in known or not members:
            break
        known.add(before.id)
        alerts = [alert for member in members for alert in member.alerts]
        for alert in sorted(alerts, key=lambda alert: (alert.at, alert.id), reverse=True):
            found.setdefault(alert.rule, alert.id)
        story = before
    return found
