"""Workers of the streams as processes of their own, items for them, and who lost what: for tests on a real broker."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ceasewire import topics
from ceasewire.codec import decode, encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import DeadLetter
from ceasewire.identity import fingerprint, item_id
from ceasewire.items import Item, Source
from cluster.broker import Outgoing, Place
from tests.cluster.brokers import asking, rows_of

RULE = """id: harbour
name: Harbour talks
query: harbour
max_age: 24 h
channels: [team]
"""
CHANNEL = """channels:
  - id: team
    kind: webhook
    url: http://127.0.0.1:8999/hook
    secret: whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=
    allow_private: [127.0.0.0/8]
"""
WORDS = "ferry valley bridge ice market orchard lantern granite meadow copper winter harvest".split()
_ADDRESS = re.compile(r"address\W+(http://127\.0\.0\.1:\d+)")
_END = re.compile(r'"timestamp":"([^"]+)","level":"\w+","event":"(ending|ended|died)"')
PROMISED = 10.0
"""Seconds from SIGTERM to the end."""
ENDED = 40.0
"""Seconds in which a busy machine comes to it: to hear of the signal, and to clear up after the last word."""
TAKEN_OVER = 15.0
"""Seconds in which the rows of a killed worker must go on."""


def make_config(folder: Path) -> Path:
    """A configuration with one rule, for the word "harbour", and one channel."""
    config = folder / "config"
    (config / "rules").mkdir(parents=True)
    (config / "feeds.yml").write_text("feeds: []\n")
    (config / "channels.yml").write_text(CHANNEL)
    (config / "rules" / "harbour.yml").write_text(RULE)
    (config / "settings.yml").write_text("packs: []\nlog:\n  form: json\n")
    return config


def make_item(number: int, *, story: int | None = None, feed: str = "wire") -> Item:
    """An item of its own; one of a story tells of the harbour, in words that others of the story have too."""
    now = datetime.now(UTC)
    if story is None:
        title = f"{WORDS[number % 12].title()} news {number}"
        text = " ".join(WORDS[(number * step) % 12] for step in range(1, 20))
    else:
        title = f"Harbour offer {story}"
        text = " ".join(f"{WORDS[step % 12]}{story * 37 + step}" for step in range(60))
    return Item(
        id=item_id(feed, str(number)),
        rev=int(now.timestamp() * 1000),
        fingerprint=fingerprint(title, text),
        source=Source(feed=feed, outlet=feed.title()),
        url=f"https://{feed}.example/{number}",
        title=title,
        text=text,
        published=now,
        at=now,
        seen=now,
        first_seen=now,
    )


def write_items(settings: KafkaSettings, items: Iterable[Item], poison: int = 0) -> None:
    """Writes the items, and every so often a row that is none."""
    rows = [Outgoing(topics.ITEMS, item.id.encode(), encode(item)) for item in items]
    for number in range(poison):
        rows.insert((number + 1) * len(rows) // (poison + 1), Outgoing(topics.ITEMS, b"p%d" % number, b'{"id": brok'))
    with asking(settings) as broker:
        for start in range(0, len(rows), 1000):
            broker.write(rows[start : start + 1000])


class Worker:
    """`python -m streams PART` as a process."""

    def __init__(self, folder: Path, settings: KafkaSettings, part: str, name: str) -> None:
        self.log = folder / f"{name}.log"
        self._environ = {
            **os.environ,
            "CEASEWIRE_CONFIG": str(folder / "config"),
            "CEASEWIRE_KAFKA__BOOTSTRAP": json.dumps(list(settings.bootstrap)),
            "CEASEWIRE_KAFKA__PREFIX": settings.prefix,
            "CEASEWIRE_KAFKA__PARTITIONS": str(settings.partitions),
            "CEASEWIRE_KAFKA__PROTOCOL": settings.protocol,
        }
        if settings.password is not None:
            self._environ |= {
                "CEASEWIRE_KAFKA__MECHANISM": settings.mechanism,
                "CEASEWIRE_KAFKA__USERNAME": settings.username or "",
                "CEASEWIRE_KAFKA__PASSWORD": settings.password.get_secret_value(),
            }
        self._part = part
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> "Worker":
        """Starts it, and does not wait."""
        with self.log.open("ab") as said:
            self._running = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "streams", self._part, "--port", "0"],
                stdout=said,
                stderr=said,
                env=self._environ,
                start_new_session=True,
            )
        return self

    @property
    def said(self) -> str:
        """All that it logged."""
        return self.log.read_text(encoding="utf-8")

    def code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    def kill(self) -> None:
        """As a machine that dies."""
        self._process.kill()
        self._process.wait(10)

    def end(self) -> tuple[int, float]:
        """Asks it to end; its exit code, and the seconds that it took, which are fewer than ten."""
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(ENDED)
        took = seconds_of_end(self.said)
        assert took < PROMISED
        return code, took

    def ask(self, path: str) -> tuple[int, str]:
        """The status and body of a probe; 0 while it has none."""
        found = _ADDRESS.findall(self.said)
        if not found:
            return 0, ""
        try:
            with urllib.request.urlopen(found[-1] + path, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def until_ready(self, seconds: float = 90.0) -> "Worker":
        """Waits until /ready answers 200."""
        until(lambda: self.ask("/ready")[0] == 200, seconds, lambda: f"{self.ask('/ready')} {self.said[-3000:]}", self)
        return self

    @property
    def _process(self) -> "subprocess.Popen[bytes]":
        assert self._running is not None
        return self._running


def seconds_of_end(said: str) -> float:
    """From when it heard that it shall end until its last word, by its own log."""
    at = {event: datetime.fromisoformat(moment) for moment, event in _END.findall(said)}
    assert "ending" in at, said[-3000:]
    return (at.get("ended", at.get("died", at["ending"])) - at["ending"]).total_seconds()


@contextmanager
def workers(folder: Path, settings: KafkaSettings) -> Iterator[Callable[[str], Worker]]:
    """Starts workers by part; what still runs at the end is killed."""
    make_config(folder)
    begun: list[Worker] = []

    def start(part: str) -> Worker:
        worker = Worker(folder, settings, part, f"{part}{len(begun)}").start()
        begun.append(worker)
        return worker

    try:
        yield start
    finally:
        for worker in begun:
            if worker.code() is None:
                worker.kill()


def until(true: Callable[[], Any], seconds: float, what: Callable[[], str], worker: Worker | None = None) -> Any:
    """Waits for it and gives it; fails with the words after the time, or when the worker ended."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        found = true()
        if found:
            return found
        assert worker is None or worker.code() is None, f"ended by itself: {worker.said[-3000:]}"
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what()}")


def committed(settings: KafkaSettings, group: str) -> dict[int, int]:
    """The committed offset of each partition."""
    with asking(settings) as broker:
        return {place.partition: offset for place, offset in broker.committed(group).items()}


def ends(settings: KafkaSettings, topic: str) -> dict[int, int]:
    """Where each partition ends."""
    [found] = [one for one in topics.topics(settings) if one.name == topic]
    with asking(settings) as broker:
        places = [Place(topic, partition) for partition in range(found.partitions)]
        return {place.partition: offset for place, offset in broker.ends(places).items()}


def until_done(settings: KafkaSettings, group: str, topic: str, seconds: float, said: Callable[[], str]) -> None:
    """Waits until the group has committed all that there is."""
    wanted = {partition: end for partition, end in ends(settings, topic).items() if end}
    until(
        lambda: wanted.items() <= committed(settings, group).items(),
        seconds,
        lambda: f"{committed(settings, group)} of {wanted}: {said()[-3000:]}",
    )


def letters(settings: KafkaSettings) -> dict[str, DeadLetter]:
    """The dead letters by their keys."""
    found = [
        decode(row.headers["letter"], DeadLetter) for row in rows_of(settings, topics.DEAD) if "letter" in row.headers
    ]
    return {letter.key: letter for letter in found}


def lost(settings: KafkaSettings, group: str, source: str, output: str) -> list[tuple[int, int]]:
    """Partition and offset of each row below the committed offset that has neither its output nor a dead letter."""
    given = {row.key for row in rows_of(settings, output)}
    dead = letters(settings)
    done = committed(settings, group)
    return [
        (row.place.partition, row.offset)
        for row in rows_of(settings, source)
        if row.offset < done.get(row.place.partition, 0)
        and row.key not in given
        and f"{group}|{source}|{row.place.partition}|{row.offset}" not in dead
    ]


def repeats(settings: KafkaSettings, topic: str) -> int:
    """How many rows of the topic came more than once."""
    keys = [row.key for row in rows_of(settings, topic)]
    return len(keys) - len(set(keys))
