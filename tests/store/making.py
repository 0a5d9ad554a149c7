"""Makes items, feed states and stores for tests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ceasewire.identity import fingerprint
from ceasewire.items import Item, Mention, Source, Tagged
from ceasewire.polling import FeedState
from embedded.store import Store, open_store
from embedded.store.rows import prepare, put

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
"""The time in tests."""


def make_item(number: int, title: str = "", text: str = "", **changes: Any) -> Item:
    """An item whose id, title and address come from a number."""
    title = title or f"Envoys meet in town {number}"
    at = changes.pop("at", NOON)
    values: dict[str, Any] = {
        "id": f"i_{number:026}",
        "rev": 1,
        "fingerprint": fingerprint(title, text),
        "source": Source(feed="morning_wire", outlet="Morning Wire", language="en"),
        "url": f"https://wire.example/{number}",
        "title": title,
        "text": text,
        "published": at,
        "at": at,
        "seen": at,
        "first_seen": at,
    }
    return Item(**(values | changes))


def make_tagged(
    number: int, title: str = "", text: str = "", *, issues: Sequence[str] = (), language: str = "en", **changes: Any
) -> Tagged:
    """A tagged item; each issue has a mention at the first place where its id stands as a word, if any."""
    given = ("actors", "conflict", "relevance", "rules", "marks")
    tags = {name: changes.pop(name) for name in given if name in changes}
    item = make_item(number, title, text, **changes)
    mentions = []
    for issue in issues:
        for field, whole in (("title", item.title), ("text", item.text)):
            start = whole.lower().find(issue)
            if start >= 0:
                mentions.append(
                    Mention(kind="issue", id=issue, field=field, start=start, end=start + len(issue))  # type: ignore[arg-type]
                )
    return Tagged(item=item, edition=1, language=language, issues=tuple(issues), mentions=tuple(mentions), **tags)


def make_state(feed: str = "morning_wire", **changes: Any) -> FeedState:
    """A feed state."""
    return FeedState(feed=feed, **changes)


class Clock:
    """A clock that a test moves."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **span: float) -> None:
        self.at += timedelta(**span)


def make_store(folder: Path, clock: Clock | None = None) -> Store:
    """An open store in a folder."""
    return open_store(folder / "ceasewire.db", clock or Clock())


async def put_all(store: Store, tagged: Sequence[Tagged]) -> list[str]:
    """Stores tagged items in this order, in one transaction; gives what became of each."""
    rows = [prepare(one) for one in tagged]
    return await store.write(lambda connection: [put(connection, row, store.now()) for row in rows])
