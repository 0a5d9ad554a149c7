"""Rows of what gathering gives: members, stories, decisions, alerts, and the deliveries that alerts open."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from ceasewire.alerts import Alert, Decision, Delivery
from ceasewire.codec import decode, encode
from ceasewire.stories import Member, Story
from embedded.store.hits import whole_story
from embedded.store.times import to_ms
from embedded.store.unreadable import readable


def put_members(connection: sqlite3.Connection, members: Iterable[Member]) -> None:
    """Stores members, the newer over the older."""
    connection.executemany(
        "INSERT OR REPLACE INTO members (item, story, at, value) VALUES (?, ?, ?, ?)",
        [(member.item, member.story, to_ms(member.at), encode(member)) for member in members],
    )


def put_stories(connection: sqlite3.Connection, stories: Iterable[Story]) -> None:
    """Stores stories, the newer over the older."""
    connection.executemany(
        "INSERT OR REPLACE INTO stories (id, last, merged_into, thread, value) VALUES (?, ?, ?, ?, ?)",
        [(story.id, to_ms(story.last), story.merged_into, story.began, encode(story)) for story in stories],
    )


def put_decision(connection: sqlite3.Connection, decision: Decision) -> bool:
    """Stores a decision; False where it stands already."""
    return (
        connection.execute(
            "INSERT OR IGNORE INTO decisions (item, rev, rule, story, at, value) VALUES (?, ?, ?, ?, ?, ?)",
            (decision.item, decision.rev, decision.rule, decision.story, to_ms(decision.at), encode(decision)),
        ).rowcount
        == 1
    )


def put_alert(connection: sqlite3.Connection, alert: Alert) -> bool:
    """Stores an alert; False where it stands already."""
    return (
        connection.execute(
            "INSERT OR IGNORE INTO alerts (id, story, item, at, value) VALUES (?, ?, ?, ?, ?)",
            (alert.id, alert.story, alert.item, to_ms(alert.at), encode(alert)),
        ).rowcount
        == 1
    )


def open_deliveries(connection: sqlite3.Connection, deliveries: Iterable[Delivery]) -> None:
    """Stores new deliveries; one whose id stands already keeps its state."""
    connection.executemany(
        "INSERT OR IGNORE INTO deliveries (id, alert, channel, state, due, created, version, value) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [delivery_row(delivery) for delivery in deliveries],
    )


def delivery_row(delivery: Delivery) -> tuple[str, str, str, str, int, int, int, bytes]:
    """The columns of a delivery."""
    return (
        delivery.id,
        delivery.alert,
        delivery.channel,
        str(delivery.state),
        to_ms(delivery.due),
        to_ms(delivery.created),
        delivery.version,
        encode(delivery),
    )


def member_of(connection: sqlite3.Connection, item: str) -> tuple[Member, Story | None] | None:
    """What was stored of one item at any time, with the story that it is in now; None where it was never gathered."""
    row = connection.execute(
        "SELECT members.value, stories.value FROM members LEFT JOIN stories ON stories.id = members.story "
        "WHERE members.item = ?",
        (item,),
    ).fetchone()
    if row is None:
        return None
    story = whole_story(connection, decode(row[1], Story)) if row[1] else None
    return decode(row[0], Member), story if story and story.merged_into is None else None


def members_since(connection: sqlite3.Connection, since: datetime, unread: dict[str, str]) -> list[Member]:
    """Members gathered from `since` on, oldest first; what cannot be read goes into `unread`."""
    rows = connection.execute("SELECT item, value FROM members WHERE at >= ? ORDER BY at, rowid", (to_ms(since),))
    return list(readable(rows, Member, unread))


def stories_since(connection: sqlite3.Connection, since: datetime, unread: dict[str, str]) -> list[Story]:
    """Stories that members gathered from `since` on belong to, or that had news since, merged ones too.

    What cannot be read goes into `unread`.
    """
    rows = connection.execute(
        "SELECT id, value FROM stories WHERE last >= :since "
        "OR id IN (SELECT story FROM members WHERE at >= :since) ORDER BY last, id",
        {"since": to_ms(since)},
    )
    return list(readable(rows, Story, unread))
