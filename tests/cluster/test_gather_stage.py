"""Gatherers on a real broker: what they write, and that a second one goes on where the first was killed."""

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest

from ceasewire import topics
from ceasewire.codec import decode, encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import Dispatch, Judgement
from ceasewire.identity import decision_id
from ceasewire.items import Tagged
from ceasewire.stories import Story
from cluster.broker import Outgoing
from streams.folding import Folding
from streams.gathering import given_by
from tests.cluster.brokers import asking, make_topics, rows_of, settings_for, write_at
from tests.cluster.workers import TAKEN_OVER, Worker, committed, ends, letters, until, until_done, workers
from tests.fakes.stories import prose, rule, tagged

GATHER = "gather"
RULES = {"harbour": rule("harbour", query="harbour", channels=("team",))}


def news(count: int, seed: int = 1) -> list[Tagged]:
    """Items of just now: stories, copies of them, edits, repeats and old revisions."""
    random, made = Random(seed), list[Tagged]()
    start = datetime.now(UTC) - timedelta(minutes=30)
    for number in range(count):
        seen = start + timedelta(seconds=number / 10)
        before = random.choice(made[-50:]) if made else None
        chance = random.random() if before else 0.0
        if before is None or chance < 0.4:
            given = (str(number), f"Harbour offer {number}", prose(f"s{number}x", 40))
        elif chance < 0.7:
            given = (str(number), f"{before.item.title} again", f"{before.item.text} more on our site")
        else:
            item = before.item
            if chance < 0.8:
                item = msgspec.structs.replace(
                    item, rev=item.rev + 5, text=item.text + " new", fingerprint=f"f{number}"
                )
            elif chance < 0.85:
                item = msgspec.structs.replace(item, rev=item.rev - 1, fingerprint="old")
            made.append(msgspec.structs.replace(before, item=item))
            continue
        rules = ("harbour",) if random.random() < 0.8 else ()
        made.append(tagged(*given, feed=random.choice("abcdef"), seen=seen, published=seen, rules=rules))
    return made


def write(settings: KafkaSettings, items: list[Tagged]) -> None:
    with asking(settings) as broker:
        broker.write([Outgoing(topics.RELEVANT, one.item.id.encode(), encode(one)) for one in items])


def judgements(settings: KafkaSettings) -> dict[bytes, Judgement]:
    return {row.key or b"": decode(row.value or b"", Judgement) for row in rows_of(settings, topics.ALERTS)}


def undisturbed(settings: KafkaSettings) -> tuple[set[str], set[str]]:
    """The alerts and decisions of one gatherer over the whole log."""
    fold, alerts, decided = Folding(lambda: RULES), set(), set()
    for row in rows_of(settings, topics.RELEVANT):
        if row.key == b"cut":
            continue
        one = decode(row.value or b"", Tagged)
        known = fold.known(one.item.id)
        changes = fold.judge(one, row.at)
        given = given_by(one, changes, known)
        fold.take(changes)
        alerts |= {alert.id for alert in given[0]}
        decided |= {decision_id(decision.item, decision.rule, decision.rev) for decision in given[1]}
    return alerts, decided


def holds(worker: Worker) -> bool:
    """Whether it has the partition."""
    return re.findall(r'"held":"(.*?)"', worker.said)[-1:] == ["[0]"]


def test_what_a_gatherer_writes(kafka: str, prefix: str, tmp_path: Path) -> None:
    settings = settings_for(kafka, prefix)
    make_topics(settings)
    items = news(60)
    write(settings, items)
    with asking(settings) as broker:
        broker.write([Outgoing(topics.RELEVANT, b"cut", b"{")])
    with workers(tmp_path, settings) as start:
        gatherer = start(GATHER).until_ready()
        until_done(settings, GATHER, topics.RELEVANT, 30, lambda: gatherer.said)
        assert gatherer.end()[0] == 0
    alerts, decided = undisturbed(settings)
    found = judgements(settings)
    assert {key.decode() for key, one in found.items() if one.alert} == alerts
    assert {key.decode() for key, one in found.items() if one.decision} == decided
    assert all(one.title for one in found.values() if one.decision)
    assert [letter.reason for letter in letters(settings).values()] == ["not_json"]
    stories = {row.key: decode(row.value or b"", Story) for row in rows_of(settings, topics.STORIES)}
    dispatched = [(row.key, decode(row.value or b"", Dispatch)) for row in rows_of(settings, topics.DISPATCH)]
    assert {key for key, _ in dispatched} == {b"team"}
    assert {one.alert.id for _, one in dispatched} == alerts
    for _, one in dispatched:
        assert one.story.id == one.alert.story
        assert one.story.id.encode() in stories
        assert one.tagged.item.rev == one.alert.rev


def test_a_second_gatherer_goes_on_where_the_first_was_killed(kafka: str, prefix: str, tmp_path: Path) -> None:
    take_over(kafka, prefix, tmp_path, items=900, kills=1)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_gatherers_that_are_killed_one_after_the_other(kafka: str, prefix: str, tmp_path: Path) -> None:
    take_over(kafka, prefix, tmp_path, items=6_000, kills=8)


def take_over(kafka: str, prefix: str, folder: Path, *, items: int, kills: int) -> None:
    settings = settings_for(kafka, prefix)
    make_topics(settings)
    made = news(items)
    step = len(made) // (kills + 1)
    with workers(folder, settings) as start:
        running = [start(GATHER).until_ready(), start(GATHER).until_ready()]
        for kill in range(kills):
            write(settings, made[step * kill : step * (kill + 1)])
            there = ends(settings, topics.RELEVANT)[0]
            until(lambda: committed(settings, GATHER).get(0, 0) > there - step // 2, 60, lambda: running[0].said)  # noqa: B023
            [active] = [worker for worker in running if holds(worker)]
            active.kill()
            began = time.monotonic()
            at = committed(settings, GATHER)[0]
            write(settings, [made[0]])
            running = [*(worker for worker in running if worker is not active), start(GATHER)]
            until(lambda: committed(settings, GATHER)[0] > at, TAKEN_OVER, lambda: running[0].said[-3000:])  # noqa: B023
            # not the new one, which is cold
            assert holds(running[0])
            print(f"the second gatherer went on after {time.monotonic() - began:.1f} s")
        write(settings, made[step * kills :])
        until_done(settings, GATHER, topics.RELEVANT, 60, lambda: running[0].said)
    alerts, decided = undisturbed(settings)
    found = judgements(settings)
    assert len(alerts) > items // 10
    assert {key.decode() for key, one in found.items() if one.alert} == alerts
    assert {key.decode() for key, one in found.items() if one.decision} == decided
    assert {decode(row.value or b"", Dispatch).alert.id for row in rows_of(settings, topics.DISPATCH)} == alerts
    assert not letters(settings)


def test_a_rule_that_looks_farther_back_sends_no_alert_again(kafka: str, prefix: str, tmp_path: Path) -> None:
    """The gatherers that run read the log anew: the one that works before the next row, as the one that stands by."""
    settings = settings_for(kafka, prefix)
    make_topics(settings)
    with asking(settings) as broker:  # rows of other days
        broker.change(topics.RELEVANT, {"message.timestamp.type": "CreateTime"})
    now = datetime.now(UTC)
    first, other = (
        tagged(key, f"Harbour offer {key}", prose(key, 40), seen=seen, published=seen, rules=("harbour",))
        for key, seen in (("one", now - timedelta(hours=100)), ("two", now - timedelta(hours=1)))
    )
    copies = [
        tagged(key, first.item.title, first.item.text, feed=key, seen=now, published=now, rules=("harbour",))
        for key in ("b", "c")
    ]
    rows = [(one.item.id.encode(), encode(one), one.item.seen) for one in (first, other)]
    asyncio.run(write_at(settings, topics.RELEVANT, rows))
    with workers(tmp_path, settings) as start:
        running = [start(GATHER).until_ready(), start(GATHER).until_ready()]
        until_done(settings, GATHER, topics.RELEVANT, 30, lambda: running[0].said)
        written = tmp_path / "config" / "rules" / "harbour.yml"
        written.write_text(written.read_text().replace("24 h", "7 d"))
        for worker in running:
            until(lambda: "configuration_taken" in worker.said, 20, lambda: worker.said[-2000:], worker)  # noqa: B023
        write(settings, copies[:1])
        until_done(settings, GATHER, topics.RELEVANT, 30, lambda: running[0].said)
        [active] = [worker for worker in running if holds(worker)]
        assert re.findall(r'"rows":(\d+),', active.said)[-1] == "2"
        active.kill()
        write(settings, copies[1:])
        until_done(settings, GATHER, topics.RELEVANT, 30, lambda: running[1].said)
    alerts = [one.alert for one in judgements(settings).values() if one.alert]
    held = {one.decision.item: one.decision.reason for one in judgements(settings).values() if one.decision}
    assert {alert.story for alert in alerts} == {first.item.id, other.item.id}, held
    assert [held[copy.item.id] for copy in copies] == ["same_story", "same_story"]


def test_a_gatherer_that_is_ended_repeats_nothing(kafka: str, prefix: str, tmp_path: Path) -> None:
    settings = settings_for(kafka, prefix)
    make_topics(settings)
    write(settings, made := news(1_200))
    with workers(tmp_path, settings) as start:
        gatherer = start(GATHER)
        until(lambda: sum(ends(settings, topics.STORIES).values()) > 200, 40, lambda: gatherer.said, gatherer)
        code, seconds = gatherer.end()
        assert code == 0
        half = committed(settings, GATHER)[0]
        print(f"ended in {seconds:.1f} s after {half} rows")
        assert half < len(made)
        second = start(GATHER)
        until_done(settings, GATHER, topics.RELEVANT, 60, lambda: second.said)
        assert f'"rows":{half},' in second.said
        assert second.end()[0] == 0
    alerts, _ = undisturbed(settings)
    assert {decode(row.value or b"", Dispatch).alert.id for row in rows_of(settings, topics.DISPATCH)} == alerts
