"""The fold over all items about negotiations: items become stories, and rules that are met become decisions.

`gather` reads the state and gives the changes; `apply` takes them in once they are stored. The state is a function
of what was gathered, so a restart or a replay gives the same stories, decisions and ids.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from ceasewire.config.rules import Rule
from ceasewire.decisions import decide
from ceasewire.gathered import WINDOW, Gathered, Gathering, apply, forget, union
from ceasewire.items import Tagged
from ceasewire.joining import find_stories, may_merge, tied
from ceasewire.shingles import shingles, title_key
from ceasewire.stories import Member, Story
from ceasewire.threads import earlier_alerts, find_thread

__all__ = ["WINDOW", "Gathered", "Gathering", "apply", "forget", "gather", "window"]


def window(rules: Mapping[str, Rule]) -> timedelta:
    """How far back gathering looks: 72 hours, or the longest age of an enabled rule."""
    return max([WINDOW, *(rule.max_age for rule in rules.values() if rule.enabled and rule.max_age is not None)])


def gather(
    state: Gathered,
    tagged: Tagged,
    rules: Mapping[str, Rule],
    now: datetime,
    *,
    imported: bool = False,
    ungathered: bool = False,
) -> Gathering:
    """The changes and decisions that an item brings at `now`; nothing where it is not about negotiations or outdated.

    An item that is known with this text gives again what it gave, since that may not have arrived. One that is known
    from before the window keeps its story and its decisions: who stores members for longer hands the item's own to
    `Gathered.remember` first. Where that is not so (a fold over a log that knows its window only), an item that was
    first seen before the window may have alerted, and is held as `late_edit`, with all its later edits, unless the
    caller knows from elsewhere that it is `ungathered`. A copy that comes to its story later may alert, under the id
    of the first alert if there was one.
    """
    span = window(rules)
    if not tagged.gathered:
        return Gathering(window=span)
    since = now - span
    known = state.members.get(tagged.item.id)
    if known is not None and tagged.item.rev < known.rev:
        return Gathering(window=span)
    if known is not None and (tagged.item.rev == known.rev or tagged.item.fingerprint == known.fingerprint):
        return _again(state, known, tagged.item.rev, span)

    late = known.late if known else tagged.item.first_seen < since and not ungathered
    new = _member(tagged, known, now, imported, late)
    story, merged, moved = _story(state, tagged, new, known, since)
    others = [member for member in (*state.members_of(story, since), *moved) if member.item != new.item]
    decided = decide(
        tagged,
        story,
        rules,
        now,
        before=known.decisions if known else (),
        others=others,
        imported=imported,
        late=late,
        earlier=earlier_alerts(state, story, since),
    )
    alerts = (*(known.alerts if known else ()), *decided.alerts)
    new = msgspec.structs.replace(new, story=story.id, decisions=decided.decisions, alerts=alerts)
    return Gathering(
        members=(new, *(member for member in moved if member.item != new.item)),
        stories=tuple(_changed(one, now) for one in (decided.story, *merged)),
        decisions=decided.decisions,
        alerts=alerts,
        window=span,
    )


def _again(state: Gathered, known: Member, rev: int, span: timedelta) -> Gathering:
    """What the item gave before, with the stories that it speaks of."""
    keys = dict.fromkeys((known.story, *(alert.story for alert in known.alerts)))
    return Gathering(
        members=(msgspec.structs.replace(known, rev=rev),),
        stories=tuple(state.stories[key] for key in keys if key in state.stories),
        decisions=known.decisions,
        alerts=known.alerts,
        again=True,
        window=span,
    )


def _member(tagged: Tagged, known: Member | None, now: datetime, imported: bool, late: bool) -> Member:
    item = tagged.item
    return Member(
        item=item.id,
        rev=item.rev,
        fingerprint=item.fingerprint,
        story=known.story if known else item.id,
        # an archive that is read in is not kept in mind
        at=min(now, item.at) if imported else now,
        published=item.at,
        feed=item.source.feed,
        outlet=item.source.outlet,
        title_key=title_key(item.title, item.source.outlet),
        shingles=shingles(item.title, item.text),
        gist=tagged.gist,
        late=late,
    )


def _story(
    state: Gathered, tagged: Tagged, new: Member, known: Member | None, since: datetime
) -> tuple[Story, list[Story], list[Member]]:
    """The item's story after it came, the stories that went into it, and members that changed their story so."""
    found = find_stories(state, new, since)
    # the first text of a story may be forgotten while its copies are not: it is still its story
    entry = state.stories.get(new.story)
    own = state.story(new.story) if entry and (known or entry.merged_into is None or entry.last >= since) else None
    mates = state.members_of(own, since) if own else []
    if own is not None and (mates or known):
        base = own
        rest = [(story, match) for story, match in found if story.id != own.id]
        if all(member.item == new.item for member in mates) and (mates or own.items == (new.item,)):
            others = [story for story, _ in rest[:1]]
        else:
            own_match = next((match for story, match in found if story.id == own.id), None)
            others = [story for story, match in rest if own_match and tied(own_match, match)]
    elif found:
        base, best = found[0]
        others = [story for story, match in found[1:] if tied(best, match)]
    else:
        return _grown(_founded(tagged, find_thread(state, new, since, tagged.conflict)), tagged), [], []

    merged: list[Story] = []
    moved: list[Member] = []
    for other in others:
        if not may_merge(state, base, other, new.item, since):
            continue
        older, younger = sorted((base, other), key=lambda story: (story.first, story.id))
        moved = [
            msgspec.structs.replace(member, story=older.id) for member in (*moved, *state.members_of(younger, since))
        ]
        base = _melted(older, younger)
        merged = [msgspec.structs.replace(one, merged_into=older.id) for one in (*merged, younger)]
    gone = {story.id for story in merged}
    if gone:
        redirected = [one for one in state.stories.values() if one.merged_into in gone and one.last >= since]
        merged += [msgspec.structs.replace(one, merged_into=base.id) for one in redirected]
    return _grown(base, tagged), merged, moved


def _changed(story: Story, now: datetime) -> Story:
    """The story with a version above the one before: read again from the log, it has the same."""
    return msgspec.structs.replace(story, version=max(story.version + 1, int(now.timestamp() * 1000) * 1000))


def _founded(tagged: Tagged, follows: Story | None) -> Story:
    item = tagged.item
    story = Story(id=item.id, title=item.title, url=item.url, first=item.at, last=item.at, items=(item.id,))
    if follows is None:
        return story
    return msgspec.structs.replace(story, thread=follows.began, follows=follows.id)


def _grown(story: Story, tagged: Tagged) -> Story:
    """The story with the item in it."""
    item = tagged.item
    founder = item.id == story.id
    return msgspec.structs.replace(
        story,
        title=item.title if founder else story.title,
        url=item.url if founder else story.url,
        first=min(story.first, item.at),
        last=max(story.last, item.at),
        items=union(story.items, [item.id]),
        outlets=union(story.outlets, [item.source.outlet]),
        languages=union(story.languages, [tagged.language]),
        conflicts=union(story.conflicts, [tagged.conflict] if tagged.conflict else []),
        issues=union(story.issues, tagged.issues),
        actors=union(story.actors, tagged.actors),
    )


def _melted(older: Story, younger: Story) -> Story:
    """The older story with all that the younger held."""
    copies = {
        rule: older.copies.get(rule, 0) + younger.copies.get(rule, 0)
        for rule in union(tuple(older.copies), younger.copies)
    }
    thread, follows = older.thread, older.follows
    if not follows or follows == younger.id:
        thread, follows = younger.thread, younger.follows
    if follows == older.id or thread == older.id:
        thread = follows = ""
    return msgspec.structs.replace(
        older,
        thread=thread,
        follows=follows,
        first=min(older.first, younger.first),
        last=max(older.last, younger.last),
        items=union(older.items, younger.items),
        outlets=union(older.outlets, younger.outlets),
        languages=union(older.languages, younger.languages),
        conflicts=union(older.conflicts, younger.conflicts),
        issues=union(older.issues, younger.issues),
        actors=union(older.actors, younger.actors),
        causes=union(older.causes, younger.causes),
        copies=copies,
    )
