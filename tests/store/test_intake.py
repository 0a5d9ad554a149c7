"""The intake over the store: one transaction from item to outbox, and the state of gathering beside it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ceasewire.alerts import Action, Reason, State
from ceasewire.errors import StoreError
from ceasewire.items import Item, Source
from ceasewire.metrics import Metrics
from ceasewire.polling import Seen
from ceasewire.query import Word
from ceasewire.views import Ask
from embedded.cli.way import show_way
from embedded.intake import SqliteIntake
from embedded.search import SqliteSearch
from tests.fakes.engine import WordEngine, make_rule
from tests.store.making import NOON, Clock, make_item, make_state, make_store

TEXT = (
    "Envoys of both sides met in the old harbour town on Tuesday and spoke for six hours about a pause in the "
    "fighting along the river, said the host, who had invited them after weeks of quiet work by two neighbours."
)


class Made:
    """A store with an intake over it, that can be closed and opened again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.metrics = Metrics()
        self.engine = WordEngine()
        self.broken = ""
        self.open()

    def open(self) -> None:
        self.store = make_store(self.folder, self.clock)
        self.intake = SqliteIntake(self.store, lambda: self.engine, self.word, self.clock, self.metrics)  # type: ignore[arg-type,return-value]

    def word(self, alert: Any, tagged: Any, story: Any, channel: Any) -> str:
        if self.broken:
            raise ValueError(self.broken)
        return f'{{"alert": "{alert.id}", "copies": {len(story.items)}}}'

    def close(self) -> None:
        self.intake.close()
        self.store.close()

    async def commit(self, *items: Item, **state: Any) -> None:
        await self.intake.commit(items, make_state(**state))

    async def rows(self, sql: str) -> list[Any]:
        return await self.store.read(lambda connection: connection.execute(sql).fetchall())


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Made]:
    one = Made(tmp_path)
    yield one
    one.close()


async def test_an_item_goes_the_whole_way_in_one_commit(made: Made) -> None:
    item = make_item(1, "Ceasefire agreed after talks", TEXT)
    await made.commit(item, make_item(2, "Rain in the hills"), etag='"7"')
    assert (await made.intake.state("morning_wire")) == make_state(etag='"7"')
    way = await made.store.items.way(item.id)
    assert way is not None
    assert way.story is not None
    assert way.story.items == (item.id,)
    (verdict,) = way.verdicts
    assert verdict.met
    assert verdict.decision is not None
    assert (verdict.decision.action, verdict.decision.reason) == (Action.SEND, Reason.FIRST)
    (alert,), (delivery,) = way.alerts, way.deliveries
    assert (delivery.alert, delivery.channel, delivery.state) == (alert.id, "team", State.PENDING)
    assert delivery.body == f'{{"alert": "{alert.id}", "copies": 1}}'
    assert list(await made.store.outbox.due(NOON, 10)) == [delivery]
    (view,) = (await made.store.alerts.alerts()).alerts
    assert (view.alert, view.decisions, view.deliveries) == (alert, (verdict.decision,), (delivery,))
    (story,) = (await made.store.stories.stories()).stories
    assert (await made.store.stories.story(story.id)).items == (way.tagged,)  # type: ignore[union-attr]
    assert value(made, "ceasewire_alerts_total", rule="ceasefire") == 1
    assert value(made, "ceasewire_decisions_total", action="send", reason="first") == 1
    assert value(made, "ceasewire_items_total", language="en") == 2
    assert value(made, "ceasewire_items_gathered_total") == 1


async def test_a_copy_is_held_and_joins_the_story(made: Made) -> None:
    first = make_item(1, "Ceasefire agreed after talks", TEXT)
    await made.commit(first)
    made.clock.move(minutes=5)
    copy = make_item(2, "Ceasefire agreed after long talks", TEXT, source=other_source())
    await made.commit(copy, feed="evening_post")
    (decided, title), _ = (await made.store.alerts.decisions()).decisions
    assert (decided.action, decided.reason, title) == (Action.HOLD, Reason.SAME_STORY, copy.title)
    assert (await made.rows("SELECT count(*) FROM deliveries")) == [(1,)]
    hits = (await SqliteSearch(made.store).search(Ask(node=Word("ceasefire")))).hits
    assert [(hit.story, hit.story_size) for hit in hits] == [(first.id, 2)] * 2


async def test_the_state_of_gathering_outlives_a_restart(made: Made) -> None:
    await made.commit(make_item(1, "Ceasefire agreed after talks", TEXT))
    made.close()
    made.open()
    made.clock.move(hours=1)
    await made.commit(make_item(2, "Ceasefire agreed after long talks", TEXT, source=other_source()))
    assert await made.rows("SELECT count(*) FROM alerts") == [(1,)]
    assert await made.rows("SELECT DISTINCT story FROM members") == [(make_item(1).id,)]


async def test_a_rule_that_looks_farther_back_from_now_on_finds_what_was_let_go_of(made: Made) -> None:
    await made.commit(make_item(1, "Ceasefire agreed after talks", TEXT))
    made.clock.move(days=5)
    await made.commit(make_item(2, "Other talks", "Something else. " + TEXT[::-1]))
    made.engine = WordEngine(rules={"ceasefire": make_rule().model_copy(update={"max_age": timedelta(days=14)})})
    made.clock.move(hours=1)
    await made.commit(make_item(3, "Ceasefire agreed after long talks", TEXT, source=other_source(), at=made.clock()))
    assert await made.rows("SELECT count(*) FROM alerts") == [(1,)]
    assert await made.rows("SELECT count(*) FROM members WHERE story = 'i_" + "1".zfill(26) + "'") == [(2,)]


async def test_a_clock_that_goes_ahead_for_a_while_doubles_no_alert(made: Made) -> None:
    await made.commit(make_item(1, "Ceasefire agreed after talks", TEXT))
    made.clock.move(days=10)
    await made.commit(make_item(2, "Other talks", "Something else. " + TEXT[::-1]))
    made.clock.move(days=-10, minutes=10)
    await made.commit(make_item(3, "Ceasefire agreed after long talks", TEXT, source=other_source(), at=made.clock()))
    assert await made.rows("SELECT count(*) FROM alerts") == [(1,)]


async def test_a_failed_commit_leaves_nothing_and_can_be_done_again(made: Made) -> None:
    await made.commit(make_item(9, "Talks go on"), etag='"1"')
    item = make_item(1, "Ceasefire agreed after talks", TEXT)
    pages = await made.store.write(lambda c: int(c.execute("PRAGMA page_count").fetchone()[0]))
    await made.store.write(lambda c: c.execute(f"PRAGMA max_page_count = {pages}") and None)
    many = [make_item(n, f"Rain {n}", TEXT * 20) for n in range(100, 200)]
    with pytest.raises(StoreError, match=r"disk .* full"):
        await made.commit(item, *many, etag='"2"')
    assert await made.intake.state("morning_wire") == make_state(etag='"1"')
    assert await made.store.items.item(item.id) is None
    assert await made.rows("SELECT count(*) FROM alerts") == [(0,)]
    await made.store.write(lambda c: c.execute("PRAGMA max_page_count = 1000000") and None)
    await made.commit(item, *many, etag='"2"')
    assert await made.rows("SELECT count(*) FROM items") == [(102,)]
    assert await made.rows("SELECT count(*) FROM alerts") == [(1,)]
    assert await made.rows("SELECT count(*) FROM deliveries") == [(1,)]
    assert await made.store.faults() == []


async def test_the_same_poll_again_changes_nothing(made: Made) -> None:
    items = [make_item(n, f"Ceasefire talks number {n}", f"{n} " + TEXT) for n in range(3)]
    await made.commit(*items)
    tables = ("items", "versions", "tags", "decisions", "alerts", "deliveries", "stories", "members")
    before = [await made.rows(f"SELECT * FROM {table}") for table in tables]
    await made.commit(*items)
    assert [await made.rows(f"SELECT * FROM {table}") for table in tables] == before


async def test_baseline_and_imported_items_raise_no_alert(made: Made) -> None:
    await made.commit(make_item(1, "Ceasefire agreed", TEXT, baseline=True))
    counts = await made.intake.import_items([make_item(2, "Ceasefire broken", at=NOON - timedelta(hours=1))])
    assert counts == {"new": 1, "edited": 0, "known": 0}
    assert await made.intake.import_items([make_item(2, "Ceasefire broken", rev=99)]) == {
        "new": 0,
        "edited": 0,
        "known": 1,
    }
    reasons = [decision.reason for decision, _ in (await made.store.alerts.decisions()).decisions]
    assert reasons == [Reason.IMPORTED, Reason.BASELINE]
    assert await made.rows("SELECT count(*) FROM alerts") == [(0,)]


async def test_what_breaks_the_tagger_or_the_wording_holds_up_nothing(made: Made) -> None:
    await made.commit(make_item(1, "A broken tagger"), make_item(2, "Rain"), etag='"1"')
    view = await made.store.items.item(make_item(1).id)
    assert view is not None
    assert view.hit.tagged.language == "und"
    made.clock.move(minutes=1)
    made.broken = "no words"
    await made.commit(make_item(3, "Ceasefire agreed", TEXT), make_item(4, "Talks go on"), etag='"2"')
    assert await made.store.dead() == 2
    assert await made.store.dead_letters() == [
        f"2026-03-10 12:01 UTC, gather, {make_item(3).id}: ValueError: no words",
        f"2026-03-10 12:00 UTC, tag, {make_item(1).id}: ValueError: as the test wants it",
    ]
    assert value(made, "ceasewire_alerts_total", rule="ceasefire") is None
    assert await made.rows("SELECT count(*) FROM alerts") == [(0,)]
    assert await made.rows("SELECT item FROM members") == [(make_item(4).id,)]
    made.broken = ""
    await made.commit(make_item(5, "Ceasefire agreed at last", TEXT))
    assert await made.rows("SELECT count(*) FROM deliveries") == [(1,)]


async def test_why_tells_of_what_broke(made: Made, capsys: pytest.CaptureFixture[str]) -> None:
    await made.commit(make_item(1, "A broken tagger"), make_item(2, "Rain"))
    way = await made.store.items.way(make_item(1).id)
    assert way is not None
    assert way.dead == ("tag, 2026-03-10 12:00 UTC: ValueError: as the test wants it",)
    show_way(way)
    assert "put aside tag, 2026-03-10 12:00 UTC: ValueError: as the test wants it" in capsys.readouterr().out
    other = await made.store.items.way(make_item(2).id)
    assert other is not None
    assert other.dead == ()
    show_way(other)
    assert "put aside" not in capsys.readouterr().out


async def test_an_item_that_cannot_be_stored_does_not_block_its_feed(made: Made) -> None:
    bad = [make_item(1, "Half a sign: \ud800"), make_item(2, "Rain", rev=10**19)]
    await made.commit(*bad, make_item(3, "Ceasefire agreed", TEXT), etag='"1"')
    assert await made.intake.state("morning_wire") == make_state(etag='"1"')
    assert await made.rows("SELECT id FROM items") == [(make_item(3).id,)]
    assert await made.rows("SELECT item, stage FROM dead ORDER BY item") == [
        (make_item(1).id, "prepare"),
        (make_item(2).id, "store"),
    ]
    assert await made.rows("SELECT count(*) FROM deliveries") == [(1,)]


async def test_a_poll_without_news_writes_little(made: Made) -> None:
    entries = {f"key {n}": seen(n) for n in range(2000)}
    await made.commit(entries=entries)
    long = await made.rows("SELECT rowid, value FROM feed_entries")

    def grown(connection: sqlite3.Connection) -> int:
        return int(connection.execute("SELECT total_changes()").fetchone()[0])

    before = await made.store.write(grown)
    await made.commit(entries=entries, last_poll=NOON)
    assert await made.store.write(grown) == before + 1
    assert await made.rows("SELECT rowid, value FROM feed_entries") == long
    state = await made.intake.state("morning_wire")
    assert state == make_state(entries=entries, last_poll=NOON)
    assert (await made.store.feed_states())["morning_wire"] == make_state(last_poll=NOON)


async def test_commits_of_many_feeds_at_once(made: Made) -> None:
    async def poll(feed: int) -> None:
        for turn in range(5):
            number = feed * 100 + turn
            await made.commit(make_item(number, f"Talks {number}"), feed=f"feed_{feed}", etag=str(turn))

    await asyncio.gather(*(poll(feed) for feed in range(8)))
    assert await made.rows("SELECT count(*) FROM items") == [(40,)]
    assert {state.etag for state in (await made.store.feed_states()).values()} == {"4"}


async def test_a_large_commit_leaves_readers_alone(made: Made) -> None:
    items = [make_item(n, f"Talks number {n}", f"{n} {TEXT}") for n in range(2000)]
    commit = asyncio.ensure_future(made.commit(*items))
    totals = []
    while not commit.done():
        totals.append((await SqliteSearch(made.store).search(Ask(limit=1))).total)
    await commit
    assert set(totals) <= {0, 2000}
    assert len(totals) > 5
    assert (await SqliteSearch(made.store).search(Ask(limit=1))).total == 2000


def value(made: Made, name: str, **labels: str) -> float | None:
    return made.metrics.registry.get_sample_value(name, labels)


def other_source() -> Any:
    return Source(feed="evening_post", outlet="Evening Post")


def seen(number: int) -> Any:
    return Seen(item=f"i_{number}", rev=1, fingerprint="f", first_seen=NOON, last_seen=NOON)


async def test_a_rule_that_is_off_brings_nothing_into_a_story(made: Made) -> None:
    off = make_rule().model_copy(update={"enabled": False})
    made.engine = WordEngine(rules={"ceasefire": off})
    await made.commit(make_item(1, "Ceasefire between rail union and board"))
    assert await made.rows("SELECT count(*) FROM stories") == [(1,)]  # WordTagger finds it to be about negotiations
    found = await SqliteSearch(made.store).search(Ask(limit=1))
    assert found.hits[0].tagged.rules == ()
    assert await made.rows("SELECT count(*) FROM decisions") == [(0,)]


async def test_a_copy_that_is_edited_days_later_raises_no_second_alert(made: Made) -> None:
    await made.commit(make_item(1, "Ceasefire agreed after talks", TEXT))
    await made.commit(make_item(2, "Ceasefire agreed after long talks", TEXT, source=other_source()))
    stories = await made.rows("SELECT * FROM stories")
    for rev, title in ((2, "Ceasefire holds after long talks"), (3, "Ceasefire holds")):
        made.clock.move(days=4)
        await made.commit(edited(made, 2, rev, title, source=other_source()))
    assert await made.rows("SELECT count(*) FROM alerts") == [(1,)]
    assert [row[0] for row in await made.rows("SELECT id FROM stories")] == [row[0] for row in stories]
    assert value(made, "ceasewire_alerts_total", rule="ceasefire") == 1


async def test_a_founder_that_is_edited_days_later_keeps_its_story(made: Made) -> None:
    first = make_item(1, "Ceasefire agreed after talks", TEXT)
    await made.commit(first)
    await made.commit(make_item(2, "Ceasefire agreed after long talks", TEXT, source=other_source()))
    before = await made.store.stories.story(first.id)
    made.close()
    made.clock.move(days=5)
    made.open()
    await made.commit(edited(made, 1, 2, "Ceasefire holds in the hills"))
    after = await made.store.stories.story(first.id)
    assert before is not None
    assert after is not None
    assert after.story.title == "Ceasefire holds in the hills"
    assert (after.story.items, after.story.causes, after.story.copies) == (
        before.story.items,
        before.story.causes,
        before.story.copies,
    )
    assert await made.rows("SELECT count(*) FROM alerts") == [(1,)]


async def test_an_item_that_turns_to_negotiations_days_later_alerts(made: Made) -> None:
    await made.commit(make_item(1, "Rain in the hills"))
    made.clock.move(days=5)
    await made.commit(edited(made, 1, 2, "Ceasefire agreed"))
    assert await made.rows("SELECT count(*) FROM alerts") == [(1,)]


def edited(made: Made, number: int, rev: int, title: str, **changes: Any) -> Item:
    """The item with a new title, seen now and dated now, as some feeds do."""
    item = make_item(number, title, TEXT, at=made.clock(), rev=rev, **changes)
    return msgspec.structs.replace(item, first_seen=NOON)
