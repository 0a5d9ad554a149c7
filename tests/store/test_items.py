"""Items in the store: revisions, versions, readers, retention, the word index."""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from ceasewire.alerts import Action, Decision, Reason
from ceasewire.errors import StoreError
from ceasewire.items import Mention
from ceasewire.query import Phrase, Word
from ceasewire.views import Ask
from embedded.search import SqliteSearch
from embedded.store import Store, read_store, stems
from embedded.store.gathered import put_decision
from embedded.store.rows import MOST_VERSIONS
from tests.store.making import NOON, Clock, make_item, make_store, make_tagged, put_all


async def count(store: Store, word: str) -> int:
    return (await SqliteSearch(store).search(Ask(node=Word(word)))).total


async def rows(store: Store, sql: str) -> list[tuple[object, ...]]:
    def ask(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
        return connection.execute(sql).fetchall()

    return await store.read(ask)


async def test_an_edited_item_keeps_its_place_and_its_earlier_text(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    first = make_tagged(1, "Talks begin", "A pause.", rev=10, relevance="main", issues=["talks"])
    second = make_tagged(1, "Talks break off", "An end.", rev=20, relevance="main", issues=["truce"])
    assert await put_all(store, [first, make_tagged(2, "Rain")]) == ["new", "new"]
    assert await put_all(store, [second]) == ["edited"]
    view = await store.items.item(second.item.id)
    assert view is not None
    assert view.hit.tagged == second
    assert view.hit.versions == 2
    assert view.versions == (second.item, first.item)
    assert [await count(store, word) for word in ("begin", "pause", "break", "end")] == [0, 0, 1, 1]
    found = await SqliteSearch(store).search(Ask())
    assert [hit.tagged.item.title for hit in found.hits] == ["Rain", "Talks break off"]
    assert await rows(store, "SELECT issue, count FROM daily ORDER BY issue") == [("", 1), ("truce", 1)]
    store.close()


async def test_a_text_that_comes_again_under_a_higher_revision_is_no_edit(tmp_path: Path) -> None:
    """As of an item that was imported before its feed was read, or listed again after the feed was forgotten."""
    store = make_store(tmp_path)
    first = make_tagged(1, "Talks begin", "A pause.", rev=10, relevance="main", issues=["talks"])
    await put_all(store, [first])
    again = make_tagged(1, "Talks begin", "A  pause.", rev=20, seen=NOON + timedelta(days=20))
    assert await put_all(store, [again, make_tagged(1, "Talks go wrong", rev=15)]) == ["known", "known"]
    view = await store.items.item(first.item.id)
    assert view is not None
    assert (view.hit.tagged, view.hit.versions, view.versions) == (first, 1, (first.item,))
    edit = make_tagged(1, "Talks end", rev=21)
    assert await put_all(store, [edit]) == ["edited"]
    view = await store.items.item(first.item.id)
    assert view is not None
    assert view.versions == (edit.item, first.item)
    store.close()


async def test_of_very_many_versions_the_first_the_newest_and_what_was_sent_are_kept(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    texts = [make_tagged(1, f"Live: talks, part {rev}", rev=rev) for rev in range(1, 121)]
    await put_all(store, texts[:5])
    decision = Decision(
        item=texts[0].item.id, rev=5, rule="talks", story="s", action=Action.SEND, reason=Reason.FIRST, at=NOON
    )
    held = replace(decision, rev=6, action=Action.HOLD, reason=Reason.TOO_OLD)
    await store.write(lambda connection: [put_decision(connection, one) for one in (decision, held)])
    await put_all(store, texts[5:])
    view = await store.items.item(texts[0].item.id)
    assert view is not None
    assert [item.rev for item in view.versions] == [120, *range(119, 119 - MOST_VERSIONS, -1), 5, 1]
    assert view.hit.versions == 120
    assert await store.faults() == []
    store.close()


async def test_a_lower_or_equal_revision_is_ignored(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    newest = make_tagged(1, "Talks break off", rev=20)
    await put_all(store, [newest])
    assert await put_all(store, [make_tagged(1, "Talks begin", rev=10), make_tagged(1, "Other", rev=20)]) == [
        "known",
        "known",
    ]
    view = await store.items.item(newest.item.id)
    assert view is not None
    assert view.versions == (newest.item,)
    store.close()


async def test_an_item_is_found_by_any_form_of_its_address(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    await put_all(store, [make_tagged(1, url="https://wire.example/talks?id=7&utm_source=feed#top")])
    for key in (
        "https://wire.example/talks?id=7",
        "http://wire.example/talks?utm_medium=x&id=7",
        "wire.example/talks?id=7",
        make_item(1).id,
    ):
        assert await store.items.item(key) is not None
    for key in ("https://wire.example/talks?id=8", "https://wire.example/talks", "i_none", "", "\x00"):
        assert await store.items.item(key) is None
        assert await store.items.way(key) is None
    store.close()


async def test_the_zone_of_a_tag_is_its_best_place(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    text = "One. Two. Three. The grain is late."
    tagged = make_tagged(1, "Rain", text, issues=["grain", "truce"], actors=("russia",))
    at = text.index("grain")
    spread = make_tagged(2, "Grain", text, issues=["grain"])
    mentions = (Mention(kind="issue", id="grain", field="text", start=at, end=at + 5), *spread.mentions)
    await put_all(
        store, [tagged, type(spread)(item=spread.item, edition=1, language="en", issues=("grain",), mentions=mentions)]
    )
    kept = await rows(store, "SELECT tag, zone FROM tags WHERE kind IN ('issue', 'actor') ORDER BY item, tag")
    assert kept == [("grain", 2), ("russia", 2), ("truce", 2), ("grain", 0)]
    store.close()


async def test_what_is_too_old_goes_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    clock = Clock()
    store = make_store(tmp_path, clock)
    await put_all(store, [make_tagged(n, "Talks", rev=1, relevance="main", issues=["talks"]) for n in range(450)])
    await put_all(store, [make_tagged(3, "Talks again", rev=2, relevance="main")])
    clock.move(days=10)
    await put_all(store, [make_tagged(1000, "Talks go on", relevance="main", issues=["talks"], at=clock())])
    assert await store.maintain(timedelta(days=5)) == 450
    assert await count(store, "talks") == 1
    for table in ("items", "bodies"):
        assert await rows(store, f"SELECT count(*) FROM {table}") == [(1,)]
    assert await rows(store, "SELECT count(*) FROM versions") == [(0,)]
    assert await rows(store, "SELECT count(DISTINCT item) FROM tags") == [(1,)]
    assert await rows(store, "SELECT issue, count FROM daily") == [("", 1), ("talks", 1)]
    assert await store.maintain(timedelta(days=5)) == 0
    assert await store.faults() == []
    store.close()


async def test_the_word_index_is_built_again_for_another_stemmer(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    await put_all(store, [make_tagged(n, f"Talks number {n}", "Envoys met.", rev=1) for n in range(1200)])
    await store.write(lambda connection: stems.begin(connection, 77))
    assert await count(store, "talks") == 0
    await put_all(store, [make_tagged(5000, "Talks of today")])
    assert await put_all(store, [make_tagged(7, "Edited meanwhile", rev=2)]) == ["edited"]
    assert await count(store, "talks") == 1
    assert await store.write(stems.go_on)
    assert await count(store, "talks") == 501
    await store.maintain(timedelta(days=365))
    assert await count(store, "talks") == 1200
    assert await count(store, "edited") == 1
    assert await put_all(store, [make_tagged(7, "Edited twice", rev=3)]) == ["edited"]
    assert await count(store, "meanwhile") == 0
    assert await store.faults() == []
    store.close()


async def test_many_items_of_one_second_all_have_a_place(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    await put_all(store, [make_tagged(n, "Rain") for n in range(3000)])
    second = timedelta(seconds=1)
    await put_all(store, [make_tagged(5000, at=NOON - second), make_tagged(5001, at=NOON + timedelta(minutes=1))])
    await put_all(store, [make_tagged(n, "Rain", at=NOON - second) for n in range(6000, 6010)])
    found = await SqliteSearch(store).search(Ask(limit=1000))
    assert found.total == 3012
    assert [int(hit.tagged.item.id[2:]) for hit in found.hits[:3]] == [5001, 2999, 2998]
    assert len(await rows(store, "SELECT n FROM items")) == 3012
    await put_all(store, [make_tagged(7000, at=NOON.replace(year=1950)), make_tagged(7001, at=NOON.replace(year=1950))])
    assert await rows(store, "SELECT id FROM items ORDER BY n LIMIT 1") == [(make_item(7000).id,)]
    assert await store.faults() == []
    store.close()


async def test_a_search_that_takes_too_long_is_stopped_in_words(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    await put_all(store, [make_tagged(n, "Talks go on", "Envoys met again. " * 20) for n in range(2000)])
    with pytest.raises(StoreError, match="too long"):
        await SqliteSearch(store, seconds=0.001).search(Ask(node=Phrase("met again envoys")))
    assert await count(store, "talks") == 2000
    store.close()


async def test_reading_goes_on_beside_a_writer(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    await put_all(store, [make_tagged(1)])
    beside = read_store(store.path, lambda: NOON)

    def add_slowly(connection: sqlite3.Connection) -> int:
        connection.execute("INSERT INTO meta VALUES ('probe', 1)")
        return beside_total(beside)

    assert await store.write(add_slowly) == 1
    with pytest.raises(StoreError, match="for reading only"):
        await beside.write(lambda connection: None)

    def sneak(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM items")

    with pytest.raises(StoreError):
        await beside.read(sneak)
    beside.close()
    store.close()


def beside_total(store: Store) -> int:
    """Reads from the writer's thread, while its transaction is open."""
    connection = sqlite3.connect(f"file:{store.path}?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT count(*) FROM items").fetchone()[0])
    finally:
        connection.close()


async def test_changes_tell_of_commits_at_most_twice_a_second(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    watching = store.changes.changes()
    first = watching.__anext__()
    task = asyncio.ensure_future(first)
    await asyncio.sleep(0)
    await put_all(store, [make_tagged(1)])
    assert await asyncio.wait_for(task, 5) == 1
    for number in (2, 3, 4):
        await put_all(store, [make_tagged(number)])
    assert await asyncio.wait_for(watching.__anext__(), 5) == 4
    await watching.aclose()
    store.close()
