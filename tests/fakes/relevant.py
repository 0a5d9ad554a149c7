"""A log as `relevant` has it: weeks of news with copies, edits, merges, repeats and late revisions."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

import msgspec

from ceasewire.items import Tagged
from tests.fakes.stories import START, prose, tagged

FEEDS = "abcdefgh"


class News:
    """Makes row after row, the same for the same seed."""

    def __init__(self, seed: int, *, an_hour: float = 6.0) -> None:
        self._random = Random(seed)
        self._gap = 3600 / an_hour
        self._now = START
        self._count = 0
        self._recent: list[Tagged] = []

    def rows(self, span: timedelta) -> Iterator[tuple[Tagged, datetime]]:
        """Tagged items, each with the time of its append."""
        end = self._now + span
        while self._now < end:
            self._now += timedelta(seconds=self._random.expovariate(1 / self._gap))
            made = self._next()
            self._recent = [*self._recent[-1000:], made]
            yield made, self._now

    def _next(self) -> Tagged:
        chance = self._random.random()
        if not self._recent or chance < 0.35:
            return self._fresh()
        # most follow what is new, some what is days old
        before = self._random.choice(self._recent[-60:] if self._random.random() < 0.7 else self._recent)
        if chance < 0.55:
            return self._new(before.item.title + " again", before.item.text + " more on our site")
        if chance < 0.60:  # a text that lies between two others
            other = self._random.choice(self._recent).item.text.split()
            return self._new("All of it", " ".join([*before.item.text.split()[-40:], *other[:40]]))
        if chance < 0.75:
            return self._edited(before)
        if chance < 0.92:
            return before
        return self._old(before)

    def _fresh(self) -> Tagged:
        return self._new(f"Offer number {self._count}", prose(f"s{self._count}x", 50))

    def _new(self, title: str, text: str) -> Tagged:
        self._count += 1
        random = self._random
        undated = random.random() < 0.1
        published = None if undated else self._now - timedelta(hours=random.choice((0, 0, 0, 1, 5, 30)))
        return tagged(
            str(self._count),
            title,
            text,
            feed=random.choice(FEEDS),
            seen=self._now,
            published=published,
            rules=random.choice(((), ("ceasefire",), ("ceasefire",), ("ceasefire", "swap"))),
            baseline=random.random() < 0.05,
        )

    def _edited(self, before: Tagged) -> Tagged:
        """Another text, other rules, or another conflict, under a higher revision."""
        item = before.item
        text = self._random.choice((item.text + " updated", prose(f"e{self._now.timestamp()}", 50), item.text))
        title = item.title if text != item.text else item.title + " (updated)"
        edited = tagged("1", title, text, seen=self._now)
        item = msgspec.structs.replace(
            item, rev=edited.item.rev, title=title, text=text, fingerprint=edited.item.fingerprint, seen=self._now
        )
        rules = self._random.choice((before.rules, edited.rules, ()))
        conflict = self._random.choice(("gaza", "ukraine_russia"))
        return msgspec.structs.replace(before, item=item, rules=rules, conflict=conflict)

    def _old(self, before: Tagged) -> Tagged:
        """A revision that comes after a later one."""
        item = msgspec.structs.replace(before.item, rev=before.item.rev - 1, fingerprint="older")
        return msgspec.structs.replace(before, item=item)
