"""The store against a model of dicts: polls, edits, failed commits, restarts, deliveries, retention of nothing."""

import asyncio
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from msgspec.structs import replace

from ceasewire.alerts import State
from ceasewire.items import Item
from ceasewire.metrics import Metrics
from ceasewire.query import Word
from ceasewire.views import Ask
from embedded.intake import SqliteIntake
from embedded.search import SqliteSearch
from tests.fakes.engine import WordEngine
from tests.store.making import Clock, make_item, make_state, make_store

WORDS = ("ceasefire", "talks", "rain", "harbour", "violin")
NUMBERS = st.integers(0, 12)
TITLES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
POLLS = st.lists(st.tuples(NUMBERS, TITLES), min_size=0, max_size=4, unique_by=lambda pair: pair[0])


class StoreAndModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.clock = Clock()
        self.engine = WordEngine()
        self.items: dict[str, list[Item]] = {}
        self.polls = 0
        self.states: dict[str, State] = {}
        self.open()

    def open(self) -> None:
        self.store = make_store(Path(self.folder.name), self.clock)
        self.intake = SqliteIntake(self.store, lambda: self.engine, lambda *_: "{}", self.clock, Metrics())  # type: ignore[arg-type,return-value]

    def close(self) -> None:
        self.intake.close()
        self.store.close()

    def run(self, awaitable: Any) -> Any:
        return self.runner.run(awaitable)

    def make(self, poll: list[tuple[int, str]]) -> list[Item]:
        """Items as admission makes them: a revision grows only where the text is another."""
        made = []
        for number, title in poll:
            item = make_item(number, f"{title} {number}")
            known = self.items.get(item.id)
            if known and known[-1].fingerprint == item.fingerprint:
                continue
            made.append(replace(item, rev=known[-1].rev + 1 if known else 1))
        return made

    @rule(poll=POLLS)
    def fetch(self, poll: list[tuple[int, str]]) -> None:
        self.clock.move(minutes=5)
        items = self.make(poll)
        self.run(self.intake.commit(items, make_state(etag=str(self.polls + 1))))
        self.polls += 1
        for item in items:
            self.items.setdefault(item.id, []).append(item)

    @rule(poll=POLLS.filter(len))
    def fetch_that_fails(self, poll: list[tuple[int, str]]) -> None:
        """The commit breaks at its very end, as at a full disk; afterwards a restart or the next fetch goes on."""
        items = self.make(poll)

        async def fail() -> None:
            await self.store.write(lambda c: c.execute(TRIGGER) and None)
            with pytest.raises(Exception, match="as the test wants it"):
                await self.intake.commit(items, make_state(etag="never"))
            await self.store.write(lambda c: c.execute("DROP TRIGGER broken") and None)

        self.run(fail())

    @rule()
    def restart(self) -> None:
        self.close()
        self.open()

    @rule(ends=st.sampled_from([State.DELIVERED, State.RETRY, State.EXPIRED]))
    def deliver(self, ends: State) -> None:
        due = self.run(self.store.outbox.due(self.clock(), 1))
        for delivery in due:
            later = self.clock().replace(year=2027) if ends is State.RETRY else delivery.due
            self.run(self.store.outbox.save(replace(delivery, state=ends, due=later, version=delivery.version + 1)))
            self.states[delivery.id] = ends

    @invariant()
    def items_are_those_of_the_model(self) -> None:
        rows = self.read("SELECT items.id, items.rev, versions FROM items ORDER BY n")
        assert rows == [(key, held[-1].rev, len(held)) for key, held in self.items.items()]
        state = self.run(self.intake.state("morning_wire"))
        assert (state.etag if state else "0") == str(self.polls)

    @invariant()
    def words_are_found_where_they_stand(self) -> None:
        search = SqliteSearch(self.store)
        for word in WORDS:
            found = {hit.tagged.item.id for hit in self.run(search.search(Ask(node=Word(word)))).hits}
            assert found == {key for key, held in self.items.items() if word in held[-1].title}

    @invariant()
    def counts_by_day_are_right(self) -> None:
        gathered = [held[-1] for held in self.items.values() if {"ceasefire", "talks"} & set(held[-1].title.split())]
        counted = dict(self.read("SELECT issue, sum(count) FROM daily GROUP BY issue"))
        assert counted.get("", 0) == len(gathered)
        assert counted.get("ceasefire", 0) == sum("ceasefire" in item.title for item in gathered)

    @invariant()
    def no_alert_is_doubled_or_lost(self) -> None:
        alerts = self.read("SELECT json_extract(value, '$.rule'), story FROM alerts")
        assert len(alerts) == len(set(alerts))
        assert len(self.read("SELECT id FROM deliveries")) == len(alerts)
        met = {key for key, held in self.items.items() if any("ceasefire" in item.title for item in held)}
        assert {item for (item,) in self.read("SELECT DISTINCT item FROM decisions")} == met
        assert bool(alerts) == bool(met)
        states = dict(self.read("SELECT id, state FROM deliveries"))
        assert {key: states[key] for key in self.states} == {key: str(state) for key, state in self.states.items()}

    def read(self, sql: str) -> list[Any]:
        def ask(connection: sqlite3.Connection) -> list[Any]:
            return connection.execute(sql).fetchall()

        found: list[Any] = self.run(self.store.read(ask))
        return found

    def teardown(self) -> None:
        assert self.run(self.store.faults()) == []
        self.close()
        self.runner.close()
        self.folder.cleanup()


TRIGGER = """
CREATE TRIGGER broken BEFORE INSERT ON feeds BEGIN SELECT raise(ABORT, 'as the test wants it'); END
"""


@pytest.mark.parametrize(
    ("runs", "steps"),
    [(15, 20), pytest.param(2000, 50, marks=[pytest.mark.long, pytest.mark.timeout(3600)])],
    ids=["short", "long"],
)
def test_the_store_is_as_its_model(runs: int, steps: int) -> None:
    run_state_machine_as_test(
        StoreAndModel,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
