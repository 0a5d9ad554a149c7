"""Rows of items: the tagged item, its tags, its words as stems, its earlier texts and the daily counts."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ceasewire.alerts import Action, Decision
from ceasewire.codec import decode, encode
from ceasewire.errors import CodecError
from ceasewire.identity import canonical_url
from ceasewire.items import Item, Tagged
from ceasewire.text.folding import fold
from ceasewire.text.sentences import lede_end
from ceasewire.text.stemming import stems
from embedded.store.pairs import Ids, ids_of, put_pairs, remove_pairs
from embedded.store.times import DAY, to_ms

Put = Literal["new", "edited", "known"]
TITLE, LEDE, REST = 0, 1, 2
"""Zones of a tag: the best place where a mention of it stands."""
MOST_VERSIONS = 50
"""Earlier texts that are kept of an item, beside its first: a live blog changes every few minutes."""
_SECOND = 10
"""Bits of the row numbers of one second."""


@dataclass(frozen=True)
class Row:
    """A tagged item made ready to be stored, so that the transaction has little left to do."""

    tagged: Tagged
    body: bytes
    lede: int
    words: tuple[str, str, str]
    tags: tuple[tuple[str, str, int], ...]
    pairs: Ids


def prepare(tagged: Tagged) -> Row:
    """The row of a tagged item."""
    lede = lede_end(tagged.item.text)
    return Row(tagged, encode(tagged), lede, stemmed(tagged, lede), tags_of(tagged, lede), ids_of(tagged))


def put(connection: sqlite3.Connection, row: Row, now: datetime) -> Put:
    """Stores the row; an item whose revision is not higher than the stored one is left alone ("known").

    So is one whose text is the stored one (imported before its feed was read, listed again after the feed's memory of
    it ended): only a text of a higher revision than this counts as later.
    """
    item = row.tagged.item
    known = connection.execute("SELECT n, rev FROM items WHERE id = ?", (item.id,)).fetchone()
    url = url_key(item.url) if item.url else None
    if known is None:
        n = place(connection, to_ms(item.at))
        connection.execute(
            "INSERT INTO items (n, id, rev, at, stored, counted, lede, url) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (n, item.id, item.rev, to_ms(item.at), to_ms(now), row.tagged.counted, row.lede, url),
        )
    else:
        n, rev = known
        if item.rev <= rev:
            return "known"
        if _text_of(connection, n) == item.fingerprint:
            # the stored text keeps the number under which it was sent
            connection.execute("UPDATE items SET rev = ? WHERE n = ?", (item.rev, n))
            return "known"
        old = remove_words(connection, n)
        _count(connection, old, -1)
        _keep_version(connection, old.item)
        connection.execute("DELETE FROM tags WHERE item = ?", (n,))
        remove_pairs(connection, n)
        connection.execute(
            "UPDATE items SET rev = ?, at = ?, counted = ?, lede = ?, url = ?, versions = versions + 1 WHERE n = ?",
            (item.rev, to_ms(item.at), row.tagged.counted, row.lede, url, n),
        )
    connection.execute("INSERT OR REPLACE INTO bodies (n, tagged) VALUES (?, ?)", (n, row.body))
    connection.executemany(
        "INSERT INTO tags (kind, tag, item, zone) VALUES (?, ?, ?, ?)",
        [(kind, tag, n, zone) for kind, tag, zone in row.tags],
    )
    put_pairs(connection, n, row.pairs)
    if _has_words(connection, n):
        connection.execute("INSERT INTO words (rowid, title, lede, rest) VALUES (?, ?, ?, ?)", (n, *row.words))
    _count(connection, row.tagged, 1)
    return "new" if known is None else "edited"


def _text_of(connection: sqlite3.Connection, n: int) -> str:
    """The fingerprint of the stored text."""
    body = connection.execute("SELECT tagged FROM bodies WHERE n = ?", (n,)).fetchone()[0]
    return decode(body, Tagged).item.fingerprint


def _keep_version(connection: sqlite3.Connection, old: Item) -> None:
    """Keeps a text that is no longer the item's; of very many the first, the newest and those that were sent."""
    connection.execute(
        "INSERT OR REPLACE INTO versions (item, rev, value) VALUES (?, ?, ?)", (old.id, old.rev, encode(old))
    )
    revs = [rev for (rev,) in connection.execute("SELECT rev FROM versions WHERE item = ? ORDER BY rev", (old.id,))]
    spare = revs[1:-MOST_VERSIONS]
    if not spare:
        return
    decisions = connection.execute("SELECT rev, value FROM decisions WHERE item = ?", (old.id,)).fetchall()
    # the spans of an alert point into the text that raised it
    sent = {rev for rev, value in decisions if decode(value, Decision).action is not Action.HOLD}
    connection.executemany(
        "DELETE FROM versions WHERE item = ? AND rev = ?", [(old.id, rev) for rev in spare if rev not in sent]
    )


def place(connection: sqlite3.Connection, at: int) -> int:
    """A free row number for an item of this time (ms): later items have higher ones, so a page needs no sorting.

    Each second has 1,024 numbers; the items of a second that has more (a day's archive dated midnight) go into
    the next ones. An edit keeps the number.
    """
    first = max(at // 1000, 0) << _SECOND
    room = 1 << _SECOND
    while True:
        last = connection.execute("SELECT max(n) FROM items WHERE n >= ? AND n < ?", (first, first + room)).fetchone()[
            0
        ]
        if last is None:
            return first
        if last < first + room - 1:
            return int(last) + 1
        room *= 4


def without_known(connection: sqlite3.Connection, items: Sequence[Item]) -> list[Item]:
    """The items whose text is not the stored one."""
    fresh = []
    for item in items:
        row = connection.execute("SELECT n FROM items WHERE id = ?", (item.id,)).fetchone()
        if row is None or _text_of(connection, row[0]) != item.fingerprint:
            fresh.append(item)
    return fresh


def remove(connection: sqlite3.Connection, n: int) -> None:
    """Takes an item out for good, with its tags, words, versions and counts; of one that cannot be read words stay."""
    key = connection.execute("SELECT id FROM items WHERE n = ?", (n,)).fetchone()[0]
    with suppress(CodecError):
        _count(connection, remove_words(connection, n), -1)
    connection.execute("DELETE FROM tags WHERE item = ?", (n,))
    remove_pairs(connection, n)
    connection.execute("DELETE FROM bodies WHERE n = ?", (n,))
    connection.execute("DELETE FROM versions WHERE item = ?", (key,))
    connection.execute("DELETE FROM items WHERE n = ?", (n,))


def remove_words(connection: sqlite3.Connection, n: int) -> Tagged:
    """Takes the words of an item out of the index and gives the item as it is stored.

    The index keeps no text: the very stems that went in must be given to take them out. They are made again from
    the stored text.
    """
    body, lede = connection.execute("SELECT tagged, lede FROM bodies JOIN items USING (n) WHERE n = ?", (n,)).fetchone()
    old = decode(body, Tagged)
    if _has_words(connection, n):
        connection.execute(
            "INSERT INTO words (words, rowid, title, lede, rest) VALUES ('delete', ?, ?, ?, ?)",
            (n, *stemmed(old, lede)),
        )
    return old


def stemmed(tagged: Tagged, lede: int) -> tuple[str, str, str]:
    """The stems of title, lede and rest, as the index takes them."""
    item, language = tagged.item, tagged.language
    parts = (item.title, item.text[:lede], item.text[lede:])
    return (
        " ".join(stems(parts[0], language)),
        " ".join(stems(parts[1], language)),
        " ".join(stems(parts[2], language)),
    )


def tags_of(tagged: Tagged, lede: int) -> tuple[tuple[str, str, int], ...]:
    """Kind, value and zone of each property that a search can ask for."""
    zones: dict[tuple[str, str], int] = {}
    for mention in tagged.mentions:
        zone = TITLE if mention.field == "title" else LEDE if mention.start < lede else REST
        key = (mention.kind, mention.id)
        zones[key] = min(zone, zones.get(key, REST))
    found = [("issue", issue, zones.get(("issue", issue), REST)) for issue in dict.fromkeys(tagged.issues)]
    found += [("actor", actor, zones.get(("actor", actor), REST)) for actor in dict.fromkeys(tagged.actors)]
    found += [
        ("lang", tagged.language, TITLE),
        ("feed", tagged.item.source.feed, TITLE),
        ("outlet", fold(tagged.item.source.outlet).text, TITLE),
    ]
    if tagged.conflict:
        found.append(("conflict", tagged.conflict, TITLE))
    if tagged.relevance != "none":
        found.append(("relevance", tagged.relevance, TITLE))
    if tagged.item.extent != "summary":
        found.append(("extent", tagged.item.extent, TITLE))
    found += [("mark", mark, TITLE) for mark in dict.fromkeys(tagged.marks)]
    return tuple(found)


def url_key(url: str) -> str:
    """What an address is found by: its canonical form without the scheme, since a site may move to https."""
    return (canonical_url(url) or url).partition(":")[2]


def _has_words(connection: sqlite3.Connection, n: int) -> bool:
    """Whether the word index holds this row; while it is built again (`embedded.store.stems`), only from some on."""
    start = connection.execute("SELECT value FROM meta WHERE name = 'words_from'").fetchone()
    return start is None or n >= start[0]


def _count(connection: sqlite3.Connection, tagged: Tagged, step: int) -> None:
    if not tagged.counted:
        return
    day = to_ms(tagged.item.at) // DAY
    connection.executemany(
        "INSERT INTO daily (day, issue, count) VALUES (?, ?, ?) "
        "ON CONFLICT (day, issue) DO UPDATE SET count = count + excluded.count",
        [(day, issue, step) for issue in ("", *dict.fromkeys(tagged.issues))],
    )
    if step < 0:
        connection.execute("DELETE FROM daily WHERE day = ? AND count <= 0", (day,))
