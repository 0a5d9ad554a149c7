"""Makes tagged items for tests of gathering: texts of chosen words, so that likeness is under control."""

from datetime import UTC, datetime, timedelta

from ceasewire.config.rules import Rule
from ceasewire.identity import fingerprint, item_id
from ceasewire.items import Item, RuleHit, Source, Span, Tagged

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def rule(name: str = "ceasefire", **given: object) -> Rule:
    """A rule with a query that tests of gathering never run."""
    values: dict[str, object] = {"id": name, "name": name, "query": f"issue:{name}", "max_age": "24 h"}
    return Rule.model_validate(values | given)


def prose(seed: str, count: int = 120) -> str:
    """A text of `count` words that shares no four of them in a row with a text of another seed."""
    return " ".join(f"{seed}{number * 7 % 1000}" for number in range(count))


def tagged(
    key: str,
    title: str,
    text: str = "",
    *,
    feed: str = "a",
    outlet: str | None = None,
    seen: datetime = START,
    published: datetime | None = START,
    rev: int | None = None,
    rules: tuple[str, ...] = ("ceasefire",),
    relevance: str = "main",
    baseline: bool = False,
) -> Tagged:
    """An item of a feed that meets the rules, as tagging would give it."""
    item = Item(
        id=item_id(feed, key),
        rev=int(seen.timestamp() * 1000) if rev is None else rev,
        fingerprint=fingerprint(title, text),
        source=Source(feed=feed, outlet=outlet or feed.upper()),
        url=f"https://{feed}.test/{key}",
        title=title,
        text=text,
        published=published,
        at=min(published, seen) if published else seen,
        seen=seen,
        first_seen=seen,
        baseline=baseline,
    )
    hits = tuple(RuleHit(rule=name, sentence=Span("title", 0, len(title))) for name in rules)
    return Tagged(
        item=item,
        edition=1,
        language="en",
        relevance="main" if relevance == "main" else "none",
        conflict="ukraine_russia",
        issues=("ceasefire",),
        actors=("ukraine",),
        rules=hits,
    )


def later(minutes: float = 0, hours: float = 0) -> datetime:
    """A time after START."""
    return START + timedelta(minutes=minutes, hours=hours)
