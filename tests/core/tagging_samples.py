"""Items and an engine for the tests of tagging."""

from collections.abc import Iterable
from datetime import UTC, datetime

from ceasewire import bundled
from ceasewire.config.rules import Rule
from ceasewire.engine import Engine, build_engine
from ceasewire.items import Item, Source

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def make_item(title: str, text: str = "", source: str = "sample", language: str | None = None) -> Item:
    """An item of a day in March."""
    origin = Source(feed=source, outlet=source.title(), language=language)
    return Item(
        id="i_1", rev=1, fingerprint="f", source=origin, title=title, text=text, at=DAY, seen=DAY, first_seen=DAY
    )


def make_engine(rules: Iterable[Rule] = ()) -> Engine:
    """The bundled packs with these rules."""
    return build_engine(bundled.packs(["ukraine_russia"]), tuple(rules), ())
