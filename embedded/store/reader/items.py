"""Single items with all that happened to them: implements `ports.Items`."""

import sqlite3
from collections.abc import Callable, Sequence

from ceasewire.alerts import Alert, Decision, Delivery
from ceasewire.codec import decode
from ceasewire.items import Item
from ceasewire.stories import Story
from ceasewire.views import Hit, ItemView, Verdict, Way
from embedded.store.feed_rows import get_state
from embedded.store.hits import find_number, hits
from embedded.store.readers import Readers
from embedded.store.rows import url_key
from embedded.store.times import from_ms


class SqliteItems:
    """Items by id or address. `rules` gives the ids of the rules in force, for the verdicts of those not met."""

    def __init__(self, readers: Readers, rules: Callable[[], Sequence[str]] = tuple) -> None:
        self._readers = readers
        self._rules = rules

    async def item(self, key: str) -> ItemView | None:
        """By id or address."""

        def ask(connection: sqlite3.Connection) -> ItemView | None:
            hit = _find(connection, key)
            return ItemView(hit=hit, versions=_versions(connection, hit)) if hit else None

        return await self._readers.read(ask)

    async def way(self, key: str) -> Way | None:
        """By id or address: all that happened to the item."""
        rules = tuple(self._rules())

        def ask(connection: sqlite3.Connection) -> Way | None:
            hit = _find(connection, key)
            return _way(connection, hit, rules) if hit else None

        return await self._readers.read(ask)


def _find(connection: sqlite3.Connection, key: str) -> Hit | None:
    n = find_number(connection, key, url_key(key if "://" in key else f"https://{key}"))
    return hits(connection, [n])[0] if n is not None else None


def _versions(connection: sqlite3.Connection, hit: Hit) -> tuple[Item, ...]:
    item = hit.tagged.item
    rows = connection.execute("SELECT value FROM versions WHERE item = ? ORDER BY rev DESC", (item.id,))
    return (item, *(decode(value, Item) for (value,) in rows))


def _way(connection: sqlite3.Connection, hit: Hit, rules: Sequence[str]) -> Way:
    item = hit.tagged.item
    state = get_state(connection, item.source.feed)
    row = connection.execute("SELECT value FROM stories WHERE id = ?", (hit.story,)).fetchone()
    rows = connection.execute("SELECT value FROM decisions WHERE item = ? ORDER BY n", (item.id,))
    decisions = [decode(value, Decision) for (value,) in rows]
    ids = dict.fromkeys(decision.alert for decision in decisions if decision.alert)
    alerts, deliveries = [], []
    for alert in ids:
        found = connection.execute("SELECT value FROM alerts WHERE id = ?", (alert,)).fetchone()
        if found:
            alerts.append(decode(found[0], Alert))
        deliveries += deliveries_of(connection, alert)
    return Way(
        versions=_versions(connection, hit),
        tagged=hit.tagged,
        feed=state,
        story=decode(row[0], Story) if row else None,
        verdicts=_verdicts([rule.rule for rule in hit.tagged.rules], decisions, rules),
        alerts=tuple(alerts),
        deliveries=tuple(deliveries),
        dead=_dead(connection, item.id),
    )


def _dead(connection: sqlite3.Connection, item: str) -> tuple[str, ...]:
    # few by nature, so the table has no index of items
    rows = connection.execute("SELECT stage, at, reason FROM dead WHERE item = ? ORDER BY at", (item,))
    return tuple(f"{stage}, {from_ms(at):%Y-%m-%d %H:%M} UTC: {reason}" for stage, at, reason in rows)


def _verdicts(met: Sequence[str], decisions: Sequence[Decision], rules: Sequence[str]) -> tuple[Verdict, ...]:
    last = {decision.rule: decision for decision in decisions}
    every = dict.fromkeys((*met, *last, *rules))
    return tuple(Verdict(rule=rule, met=rule in met or rule in last, decision=last.get(rule)) for rule in every)


def deliveries_of(connection: sqlite3.Connection, alert: str) -> list[Delivery]:
    """The deliveries of an alert, by channel."""
    rows = connection.execute("SELECT value FROM deliveries WHERE alert = ? ORDER BY channel", (alert,))
    return [decode(value, Delivery) for (value,) in rows]
