"""A row that cannot be read, as a newer version or a damaged disk leaves it, holds up nothing else."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from ceasewire.alerts import State
from ceasewire.errors import StoreError
from embedded.store.hits import hits
from embedded.store.undelivered import undelivered
from tests.store.making import NOON, make_item
from tests.store.test_intake import TEXT, Made, other_source

BAD = b'{"v": 99}'


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Made]:
    one = Made(tmp_path)
    yield one
    one.close()


async def spoil(made: Made, table: str, where: str, column: str = "value") -> None:
    await made.store.write(
        lambda connection: connection.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (BAD,)) and None
    )


async def test_gathering_goes_on_without_members_and_stories_that_cannot_be_read(made: Made) -> None:
    first, second = make_item(1, "Ceasefire agreed after talks", TEXT), make_item(2, "Talks of envoys")
    await made.commit(first, second)
    await spoil(made, "members", f"item = '{second.id}'")
    await spoil(made, "stories", f"id = '{second.id}'")
    made.close()
    made.open()
    await made.commit(make_item(3, "Ceasefire agreed after long talks", TEXT, source=other_source()))
    assert await made.rows("SELECT count(*) FROM alerts") == [(1,)]
    assert await made.rows("SELECT story FROM members WHERE item = 'i_" + "3".zfill(26) + "'") == [(first.id,)]
    assert await made.store.dead() == 1
    assert "newer than 1" in (await made.store.dead_letters())[0]
    assert second.id in (await made.store.dead_letters())[0]


async def test_the_outbox_sends_the_others(made: Made) -> None:
    await made.commit(*(make_item(n, f"Ceasefire number {n}", f"{n * 7919} " + TEXT[n * 20 :]) for n in range(1, 5)))
    good = await made.store.outbox.due(NOON, 10)
    assert len(good) == 4
    await spoil(made, "deliveries", f"id IN ('{good[0].id}', '{good[1].id}')")
    for _ in range(2):
        assert list(await made.store.outbox.due(NOON, 2)) == list(good[2:])
    assert await made.store.dead() == 2
    assert (await made.store.outbox.counts())[State.PENDING] == 4
    with pytest.raises(StoreError, match="cannot be read"):
        await made.store.outbox.get(good[0].id)
    await made.store.outbox.save(replace(good[2], state=State.SUSPENDED, version=1))
    await made.store.outbox.save(replace(good[3], state=State.SUSPENDED, version=1))
    await spoil(made, "deliveries", f"id = '{good[3].id}'")
    assert [one.id for one in await made.store.outbox.suspended("team")] == [good[2].id]
    assert [one.id for one in await undelivered(made.store)] == [good[2].id]


async def test_a_feed_is_polled_on_and_its_state_written_anew(made: Made) -> None:
    await made.commit(make_item(1), etag="1")
    await made.commit(make_item(2), feed="evening_post")
    await spoil(made, "feeds", "feed = 'morning_wire'")
    assert await made.intake.state("morning_wire") is None
    assert list(await made.store.feed_states()) == ["evening_post"]
    await made.commit(make_item(1), etag="2")
    assert (await made.intake.state("morning_wire")).etag == "2"  # type: ignore[union-attr]
    await spoil(made, "feed_entries", "feed = 'morning_wire'")
    assert (await made.intake.state("morning_wire")).etag == "2"  # type: ignore[union-attr]


async def test_care_removes_it_and_pages_leave_it_out(made: Made) -> None:
    await made.commit(make_item(1, "Talks one", "A text."), make_item(2, "Talks two", "Another text."))
    await spoil(made, "bodies", "n = (SELECT min(n) FROM items)", "tagged")
    numbers = [n for (n,) in await made.rows("SELECT n FROM items")]
    assert [hit.tagged.item.title for hit in await made.store.read(lambda c: hits(c, numbers))] == ["Talks two"]
    made.clock.move(days=400)
    assert await made.store.maintain(timedelta(days=365)) == 2
    assert await made.rows("SELECT count(*) FROM items") == [(0,)]
