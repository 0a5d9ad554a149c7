"""The table of pairs: filled for items of an older store, and emptied with its items."""

from datetime import date, timedelta
from pathlib import Path
from sqlite3 import Connection

from ceasewire.pair_views import PairWeeks
from embedded.search import SqlitePairs
from embedded.store import pairs
from tests.contract.test_pairs import named
from tests.store.making import NOON, Clock, make_store, put_all


def forget(connection: Connection) -> None:
    """As a store is that was written before there were pairs."""
    connection.execute("DELETE FROM pairs")
    connection.execute("INSERT INTO meta (name, value) SELECT 'pairs_from', max(n) + 1 FROM items")


async def test_items_of_an_older_store_get_their_pairs_beside_the_work(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    reader = SqlitePairs(store)
    stock = [named(n, f"Norland breaks truce {n}", at=NOON - timedelta(minutes=n)) for n in range(1, 1101)]
    await put_all(store, stock)
    await store.write(forget)

    async def found() -> PairWeeks:
        return await reader.weeks(None, (date(2026, 3, 9),))

    assert (await found()).counted == 0
    await put_all(store, [named(5000, "Norland breaks the truce"), named(700, "Sudmark sells grain", rev=2)])
    assert (await found()).counted == 2
    assert await store.write(pairs.go_on)
    assert (await found()).counted == 502
    await store.maintain(timedelta(days=365))
    made = await found()
    assert made.counted == 1101
    assert {f"{one.actor} {one.issue}": one.total for one in made.pairs} == {"norland truce": 1100, "sudmark grain": 1}
    assert not await store.write(pairs.go_on)
    store.close()


async def test_pairs_go_with_their_items(tmp_path: Path) -> None:
    clock = Clock()
    store = make_store(tmp_path, clock)
    await put_all(store, [named(1, "Norland breaks the truce")])
    clock.move(days=10)
    assert await store.maintain(timedelta(days=5)) == 1
    assert await store.read(lambda connection: connection.execute("SELECT * FROM pairs").fetchall()) == []
    assert await store.faults() == []
    store.close()


async def test_an_item_that_cannot_be_read_holds_up_no_other(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    await put_all(store, [named(n, "Norland breaks the truce", at=NOON - timedelta(minutes=n)) for n in (1, 2, 3)])
    await store.write(forget)
    broken = "UPDATE bodies SET tagged = x'00' WHERE n = (SELECT n FROM items WHERE id LIKE '%2')"
    await store.write(lambda connection: connection.execute(broken).rowcount)
    await store.maintain(timedelta(days=365))
    found = await SqlitePairs(store).weeks(None, (date(2026, 3, 9),))
    assert found.counted == 2
    store.close()
