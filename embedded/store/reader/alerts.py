"""Alerts, the decisions behind them and their deliveries: implements `ports.Alerts`."""

import sqlite3

from ceasewire.alerts import Alert, Decision
from ceasewire.codec import decode
from ceasewire.items import Item, Tagged
from ceasewire.stories import Story
from ceasewire.views import AlertPage, AlertView, DecisionPage
from embedded.store.hits import askable, tagged_items, whole_story
from embedded.store.reader.items import deliveries_of
from embedded.store.readers import Readers

_TOP = 1 << 62
_DECISIONS = 200
"""Newest decisions that are given with one alert."""


class SqliteAlerts:
    """Alerts of the store."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def alerts(self, after: str | None = None, limit: int = 30) -> AlertPage:
        """Alerts, newest first."""

        def ask(connection: sqlite3.Connection) -> AlertPage:
            rows = connection.execute(
                "SELECT n, value FROM alerts WHERE n < ? ORDER BY n DESC LIMIT ?", (_cursor(after), limit + 1)
            ).fetchall()
            views = [_view(connection, decode(value, Alert)) for _, value in rows[:limit]]
            more = str(rows[limit - 1][0]) if len(rows) > limit else None
            return AlertPage(alerts=tuple(view for view in views if view), next=more)

        return await self._readers.read(ask)

    async def alert(self, alert: str) -> AlertView | None:
        """One alert."""

        def ask(connection: sqlite3.Connection) -> AlertView | None:
            row = connection.execute("SELECT value FROM alerts WHERE id = ?", (askable(alert),)).fetchone()
            return _view(connection, decode(row[0], Alert)) if row else None

        return await self._readers.read(ask)

    async def decisions(self, after: str | None = None, limit: int = 50) -> DecisionPage:
        """All decisions, held ones too, newest first."""

        def ask(connection: sqlite3.Connection) -> DecisionPage:
            rows = connection.execute(
                "SELECT d.n, d.value, bodies.tagged FROM decisions AS d "
                "LEFT JOIN items ON items.id = d.item LEFT JOIN bodies ON bodies.n = items.n "
                "WHERE d.n < ? ORDER BY d.n DESC LIMIT ?",
                (_cursor(after), limit + 1),
            ).fetchall()
            found = [
                (decode(value, Decision), decode(body, Tagged).item.title if body else "")
                for _, value, body in rows[:limit]
            ]
            more = str(rows[limit - 1][0]) if len(rows) > limit else None
            return DecisionPage(decisions=tuple(found), next=more)

        return await self._readers.read(ask)


def _view(connection: sqlite3.Connection, alert: Alert) -> AlertView | None:
    items = tagged_items(connection, [alert.item])
    if not items:
        return None
    row = connection.execute("SELECT value FROM stories WHERE id = ?", (alert.story,)).fetchone()
    whole = whole_story(connection, decode(row[0], Story)).id if row else alert.story
    rows = connection.execute(
        "SELECT value FROM decisions WHERE rule = :rule AND (story IN (:story, :whole) OR story IN "
        "(SELECT id FROM stories WHERE merged_into = :whole)) ORDER BY n DESC LIMIT :most",
        {"rule": alert.rule, "story": alert.story, "whole": whole, "most": _DECISIONS},
    )
    return AlertView(
        alert=alert,
        tagged=_as_alerted(connection, alert, items[0]),
        decisions=tuple(decode(value, Decision) for (value,) in rows),
        deliveries=tuple(deliveries_of(connection, alert.id)),
    )


def _as_alerted(connection: sqlite3.Connection, alert: Alert, tagged: Tagged) -> Tagged:
    """The text that the alert's spans point into: where the item was edited since, that earlier text."""
    if tagged.item.rev == alert.rev:
        return tagged
    row = connection.execute(
        "SELECT value FROM versions WHERE item = ? AND rev = ?", (alert.item, alert.rev)
    ).fetchone()
    if row is None:
        return tagged
    return Tagged(
        item=decode(row[0], Item),
        edition=tagged.edition,
        language=tagged.language,
        relevance=tagged.relevance,
        conflict=tagged.conflict,
        issues=tagged.issues,
        actors=tagged.actors,
        rules=(alert.hit,),
    )


def _cursor(after: str | None) -> int:
    return int(after) if after and after.isdecimal() and len(after) < 18 else _TOP
