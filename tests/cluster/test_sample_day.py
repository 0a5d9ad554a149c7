"""The sample day on a cluster of real processes, two of them killed, and the same day on the embedded edition."""

import asyncio
import os
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from ceasewire import topics
from ceasewire.codec import decode
from ceasewire.config.settings import Settings
from ceasewire.crossings import Judgement
from ceasewire.items import Tagged
from ceasewire.metrics import Metrics
from ceasewire.polling import FeedState
from ceasewire.stories import Story
from cluster.broker import Broker, Place, Row
from cluster.demo.checks import faults
from cluster.demo.counting import Counts
from cluster.demo.play import Day
from embedded.demo.stage import Stage
from embedded.intake import SqliteIntake
from embedded.store import open_store, read_store
from process.configuration import read_configuration
from process.places import Places
from tests.services.sources import VARIABLES

pytestmark = [pytest.mark.timeout(400), pytest.mark.kafka, pytest.mark.elasticsearch]


class Played:
    """What came of one play of the day on the cluster."""

    def __init__(self, day: Day, counts: Counts, found: list[str]) -> None:
        self.day = day
        self.counts = counts
        self.faults = found
        self.settings: Settings = day.settings
        with Broker(self.settings.kafka) as broker:
            self.relevant = self._rows(broker, topics.RELEVANT)
            self.stories = {
                story.id: story
                for row in self._rows(broker, topics.STORIES)
                for story in [decode(row.value or b"", Story)]
            }
            judged = [decode(row.value or b"", Judgement) for row in self._rows(broker, topics.ALERTS)]
        self.alerts = {one.alert.id: one.alert for one in judged if one.alert}
        self.decisions = {(d.item, d.rev, d.rule): d for one in judged if (d := one.decision)}

    def _rows(self, broker: Broker, name: str) -> list[Row]:
        partitions = next(one.partitions for one in topics.topics(self.settings.kafka) if one.name == name)
        places = [Place(name, number) for number in range(partitions)]
        return list(broker.rows(broker.beginnings(places), broker.ends(places)))

    @property
    def grouping(self) -> set[frozenset[str]]:
        """The items of each story that was not merged."""
        return {frozenset(story.items) for story in self.stories.values() if story.merged_into is None}

    @property
    def raised(self) -> set[tuple[str, frozenset[str]]]:
        """The rule of each alert, with the items of the story that it tells of."""
        return {(one.rule, frozenset(self._whole(one.story).items)) for one in self.alerts.values()}

    def _whole(self, story: str) -> Story:
        while (into := self.stories[story].merged_into) is not None:
            story = into
        return self.stories[story]


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Played:
    kafka: str = request.getfixturevalue("kafka")
    elasticsearch: str = request.getfixturevalue("elasticsearch")
    environ = dict(os.environ) | dict.fromkeys(VARIABLES["kafka"], kafka)
    environ |= dict.fromkeys(VARIABLES["elasticsearch"], elasticsearch)
    day = Day(tmp_path_factory.mktemp("day") / "sample", print, environ)

    async def play() -> tuple[Counts, list[str]]:
        try:
            await day.start()
            await day.play()
            counts = await day.settle()
        finally:
            late = await day.end()
        return counts, list(faults(day.sample, counts, day.receiver.arrivals, late))

    return Played(day, *asyncio.run(play()))


def test_nothing_is_lost_or_doubled_though_a_tagger_and_the_gatherer_die(played: Played) -> None:
    assert played.faults == []
    assert {worker.role for worker in played.day.killed} == {"tagger", "gatherer"}


def test_tags_are_those_of_the_embedded_edition(played: Played) -> None:
    engine = read_configuration(played.day.places, {}).engine
    for id, tagged in played.counts.tagged.items():
        assert tagged == engine.tag(played.counts.items[id])


async def test_the_embedded_edition_fed_in_the_same_order_gives_the_same_ids(played: Played, tmp_path: Path) -> None:
    places = Places(config=played.day.places.config, data=tmp_path)
    engine = read_configuration(places, {}).engine
    clock = [datetime.min]
    with closing(open_store(places.store, lambda: clock[0])) as store:
        intake = SqliteIntake(store, lambda: engine, lambda *_: "{}", lambda: clock[0], Metrics())
        with closing(intake):
            for row in played.relevant:
                clock[0] = row.at
                item = decode(row.value or b"", Tagged).item
                await intake.commit([item], FeedState(feed=item.source.feed))
        page = await store.alerts.alerts(limit=1000)
        decisions = await store.alerts.decisions(limit=1000)
        stories = await store.stories.stories(limit=1000)
    assert {view.alert.id: view.alert for view in page.alerts} == played.alerts
    assert {(d.item, d.rev, d.rule): d for d, _ in decisions.decisions} == played.decisions
    assert {story.id: story.items for story in stories.stories} == {
        story.id: story.items for story in played.stories.values() if story.merged_into is None
    }


async def test_the_embedded_edition_by_itself_groups_and_alerts_alike(played: Played, tmp_path: Path) -> None:
    stage = Stage(Places(config=tmp_path / "config", data=tmp_path / "data"))
    try:
        await stage.prepare(0, 600, past=False)
        await stage.start()
        await stage.first_round()
        await stage.poll_all()
        while stage.step():
            await stage.poll_all()
        await stage.settle()
    finally:
        await stage.stop()
    store = read_store(stage.places.store, lambda: datetime.now().astimezone())
    with closing(store):
        stories = (await store.stories.stories(limit=1000)).stories
        views = (await store.alerts.alerts(limit=1000)).alerts
        raised = {(view.alert.rule, frozenset((await _story(store, view.alert.story)).items)) for view in views}
    assert {frozenset(story.items) for story in stories} == played.grouping
    assert raised == played.raised


async def _story(store: object, key: str) -> Story:
    view = await store.stories.story(key)  # type: ignore[attr-defined]
    assert view is not None
    found: Story = view.story
    return found
