"""Sets up a sample day in a folder of its own: its configuration, and the earlier days already in its store."""

import shutil
from collections.abc import Iterable
from contextlib import ExitStack, closing
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from ceasewire import bundled
from ceasewire.engine import Engine
from ceasewire.errors import StoreError
from ceasewire.items import Item
from ceasewire.metrics import Metrics
from embedded.demo.receiver import Receiver
from embedded.demo.sample import SampleDay
from embedded.demo.server import FeedServer
from embedded.intake import SqliteIntake
from embedded.store import open_store
from embedded.store.lock import hold, holder
from process.places import Places

RULE = "ceasefire"
"""The bundled rule that the day is about."""
_MARK = "made-by-ceasewire-demo"
_HERE = "127.0.0.0/8"


def sample_places(data: Path) -> Places:
    """Where a sample day lives inside a data folder: both its configuration and its store."""
    return Places(config=data / "sample" / "config", data=data / "sample")


def clear(places: Places) -> None:
    """Makes an empty folder for the sample day. Raises StoreError where one is being played there now."""
    pid = holder(places.lock)
    if pid is not None:
        raise StoreError(f"a sample day is being played in {places.data} already (process {pid}): stop that one first")
    if places.data.exists():
        if any(places.data.iterdir()) and not (places.data / _MARK).exists():
            raise StoreError(
                f"{places.data} holds something that the demo did not make: use another folder with --data"
            )
        shutil.rmtree(places.data)
    places.data.mkdir(mode=0o700, parents=True)
    (places.data / _MARK).write_text("This folder is made anew by each `ceasewire demo`.\n", encoding="utf-8")


def write_configuration(
    places: Places, day: SampleDay, server: FeedServer, receiver: Receiver, port: int, seconds: float
) -> None:
    """Writes config/: the sample feeds, read every `seconds`; two channels on this machine; the bundled rules."""
    _write(
        places.config / "feeds.yml",
        {
            "feeds": [
                {
                    "id": feed.feed,
                    "url": server.url(feed.feed),
                    "outlet": feed.outlet,
                    "kind": feed.kind,
                    "country": feed.country,
                    "language": feed.language,
                    "interval": f"{seconds:g} s",
                    "max_interval": f"{seconds:g} s",
                    "page": False,
                    "allow_private": [_HERE],
                }
                for feed in day.feeds
            ]
        },
    )
    webhook = {"id": "sample_webhook", "kind": "webhook", "url": receiver.webhook_url, "secret": receiver.secret}
    slack = {"id": "sample_slack", "kind": "slack", "url": receiver.slack_url}
    _write(places.config / "channels.yml", {"channels": [one | {"allow_private": [_HERE]} for one in (webhook, slack)]})
    _write(places.config / "settings.yml", {"desk": {"port": port}})
    for name, text in bundled.rule_texts().items():
        rule = yaml.safe_load(text)
        if rule["id"] == RULE:
            rule |= {"enabled": True, "channels": [webhook["id"], slack["id"]]}
        _write(places.config / "rules" / name, rule)


async def import_past(places: Places, engine: Engine, items: Iterable[Item]) -> int:
    """Stores earlier items, day by day as if each were imported that night; gives how many. They raise no alert."""
    days = [list(found) for _, found in groupby(items, key=lambda item: item.at.date())]
    if not days:
        return 0
    clock = [days[0][0].seen]
    with ExitStack() as parts:
        parts.enter_context(hold(places.lock))
        store = parts.enter_context(closing(open_store(places.store, lambda: clock[0])))
        intake = SqliteIntake(store, lambda: engine, _word_nothing, lambda: clock[0], Metrics())
        parts.enter_context(closing(intake))
        for found in days:
            clock[0] = found[-1].first_seen + timedelta(minutes=5)
            await intake.import_items(found)
    return sum(len(found) for found in days)


def _word_nothing(*_: object) -> str:
    """Imported items open no delivery, so nothing is ever worded."""
    raise AssertionError("an imported item raised an alert")


def _write(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=110), encoding="utf-8")
    path.chmod(0o600)
