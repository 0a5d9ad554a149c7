"""The checks of `ceasewire doctor`: each gives a line in words, and what to do where something is wrong."""

import asyncio
import platform
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from ceasewire.alerts import State
from ceasewire.config.feeds import Feed
from ceasewire.errors import CeasewireError, ConfigurationError, StoreError
from embedded.health import OLD_OUTBOX, expired_words, least_free, suspended_words
from embedded.socket import is_running
from embedded.store import Store, read_store
from embedded.store.kept import refuse_if_cut_off
from embedded.store.lock import holder
from process.config_files import read_feed_list
from process.configuration import read_configuration
from process.feed_views import view
from process.places import Places

Health = Literal["good", "note", "bad"]
MARKS: dict[Health, tuple[str, str]] = {"good": ("ok", "green"), "note": ("note", "yellow"), "bad": ("BAD", "red")}
"""How each state is shown: a word and a colour."""


SHOWN = 5
"""Failing feeds that are named one by one."""


@dataclass(frozen=True)
class Check:
    """What one check found."""

    name: str
    state: Health
    words: str


def examine(places: Places, environ: Mapping[str, str], quick: bool) -> Iterator[Check]:
    """All checks, one after the other; none of them changes anything."""
    yield _python()
    yield _sqlite()
    yield _text()
    yield _zones()
    yield from _configuration(places, environ)
    yield from _secrets(places)
    yield _process(places)
    yield _folder(places.data)
    yield _space(places.data)
    yield from _store(places, environ, quick)


def _python() -> Check:
    good = sys.version_info >= (3, 11)
    return Check("python", "good" if good else "bad", f"{platform.python_version()}, 3.11 or newer is needed")


def _sqlite() -> Check:
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
    except sqlite3.Error:
        words = f"SQLite {sqlite3.sqlite_version} has no full-text search (FTS5): use another build of Python"
        return Check("sqlite", "bad", words)
    finally:
        connection.close()
    return Check("sqlite", "good", f"{sqlite3.sqlite_version} with full-text search")


def _text() -> Check:
    found = (sys.stdout.encoding or "none").lower()
    if found.replace("-", "") == "utf8" and sys.getfilesystemencoding() == "utf-8":
        return Check("text", "good", "this terminal takes UTF-8")
    return Check("text", "note", f"this terminal takes {found}: set PYTHONUTF8=1 to see all languages")


def _zones() -> Check:
    try:
        ZoneInfo("Europe/Kyiv")
    except (OSError, ValueError, LookupError):
        return Check("time zones", "note", "this system has no list of time zones (tzdata): only UTC can be set")
    return Check("time zones", "good", "known")


def _configuration(places: Places, environ: Mapping[str, str]) -> Iterator[Check]:
    if not places.config.exists():
        yield Check("configuration", "note", f"{places.config} is not there yet: ceasewire run makes it")
    try:
        read = read_configuration(places, environ)
    except ConfigurationError as error:
        for fault in error.faults:
            yield Check("configuration", "bad", str(fault))
        return
    on = sum(feed.enabled for feed in read.feeds)
    rules = sum(rule.enabled for rule in read.rules)
    words = f"{on or 'no'} feeds, {rules or 'no'} rules, {len(read.channels) or 'no'} channels"
    yield Check("configuration", "good" if on else "note", words)


def _secrets(places: Places) -> Iterator[Check]:
    """A file with a written-out secret must be its owner's alone."""
    for name in ("channels.yml", "feeds.yml", "settings.yml"):
        path = places.config / name
        if path.exists() and path.stat().st_mode & 0o077 and _holds_secret(path):
            yield Check("secrets", "note", f"{path} holds secrets and others can read it: chmod 600 {path}")


def _holds_secret(path: Path) -> bool:
    lines = [line.partition("#")[0] for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    secret = [line for line in lines if "whsec_" in line or "hooks.slack.com" in line or "token:" in line]
    return any("${" not in line for line in secret)


def _process(places: Places) -> Check:
    pid = holder(places.lock)
    if pid is None:
        return Check("process", "note", "Ceasewire does not run on this folder: ceasewire run")
    if is_running(places.socket):
        return Check("process", "good", f"runs as process {pid} and answers")
    return Check("process", "bad", f"process {pid} holds {places.data} but does not answer: end it and start again")


def _folder(data: Path) -> Check:
    if not data.exists():
        return Check("folder", "note", f"{data} is not there yet: the first start makes it")
    if data.stat().st_mode & 0o077:
        return Check("folder", "note", f"others can look into {data}: chmod 700 {data}")
    return Check("folder", "good", f"{data} is its owner's alone")


def _space(data: Path) -> Check:
    place = data.absolute()
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    words = f"{usage.free / 1e9:,.1f} GB free"
    if usage.free < least_free(usage.total):
        return Check("disk", "bad", f"{words}: make space, work goes on by itself")
    return Check("disk", "good" if usage.free > 1e9 else "note", words)


def _store(places: Places, environ: Mapping[str, str], quick: bool) -> Iterator[Check]:
    try:
        refuse_if_cut_off(places.store)
        if not places.store.exists():
            yield Check("store", "note", f"{places.store} is not there yet: the first start makes it")
            return
        store = read_store(places.store, lambda: datetime.now(UTC))
    except StoreError as error:
        yield Check("store", "bad", str(error))
        return
    try:
        yield from asyncio.run(_inside(store, _feeds(places, environ), quick))
    except StoreError as error:
        yield Check("store", "bad", str(error))
    finally:
        store.close()


def _feeds(places: Places, environ: Mapping[str, str]) -> Sequence[Feed]:
    try:
        return read_feed_list(places, environ)
    except CeasewireError:
        return ()  # its faults are named already


async def _inside(store: Store, feeds: Sequence[Feed], quick: bool) -> list[Check]:
    now = datetime.now(UTC)
    size = f"{store.size() / 1e6:,.1f} MB"
    checks: list[Check] = []
    if quick:
        checks.append(Check("store", "good", f"{size}; its inside was not checked"))
    else:
        faults = await store.faults()
        words = f"{faults[0]}: restore the last backup with: ceasewire restore FILE" if faults else f"{size}, whole"
        checks.append(Check("store", "bad" if faults else "good", words))
    states = await store.feed_states()
    polls = [state.last_poll for state in states.values() if state.last_poll]
    if polls and max(polls) > now + timedelta(minutes=2):
        ahead = max(polls) - now
        checks.append(
            Check("clock", "bad", f"the last poll lies {ahead} ahead: was the clock set back? check the time")
        )
    else:
        checks.append(Check("clock", "good", f"{now:%Y-%m-%d %H:%M} UTC"))
    views = [view(feed, states.get(feed.id), now) for feed in feeds if feed.enabled]
    failing = [one for one in views if one.state.health == "failing"]
    for one in failing[:SHOWN]:
        since = f"{one.state.last_success:%Y-%m-%d %H:%M} UTC" if one.state.last_success else "never"
        why = one.state.detail or one.state.reason
        checks.append(Check("feeds", "note", f"{one.source.feed}: {why} (last read: {since})"))
    never = sum(one.state.last_poll is None for one in views)
    if len(failing) > SHOWN:
        checks.append(Check("feeds", "note", f"and {len(failing) - SHOWN} more: ceasewire feeds list"))
    read = len(views) - len(failing) - never
    most_bad = len(failing) > read
    more = "; is there a network?" if most_bad and len({one.state.reason for one in failing}) == 1 else ""
    words = f"{read} of {len(views)} read well at their last poll, {never} not polled yet{more}"
    checks.append(Check("feeds", "bad" if most_bad else "good", words))
    return checks + await _outbox(store, now)


async def _outbox(store: Store, now: datetime) -> list[Check]:
    counts = await store.outbox.counts()
    oldest = await store.outbox.oldest_open()
    waiting = sum(counts[state] for state in (State.PENDING, State.SENDING, State.RETRY))
    late = oldest is not None and now - oldest > OLD_OUTBOX
    words = f"{waiting:,} deliveries wait" + (f", the oldest since {oldest:%Y-%m-%d %H:%M} UTC" if oldest else "")
    found = [Check("outbox", "bad" if late else "good", words + (": ceasewire alerts list" if late else ""))]
    if counts[State.SUSPENDED]:
        found.append(Check("outbox", "note", suspended_words(counts[State.SUSPENDED])))
    if counts[State.EXPIRED]:
        found.append(Check("outbox", "note", expired_words(counts[State.EXPIRED])))
    dead = await store.dead()
    if dead:
        found.append(
            Check("put aside", "bad", f"{dead:,} times a fault of ours kept an item from a stage; see the log")
        )
        found += [Check("put aside", "note", letter) for letter in await store.dead_letters(SHOWN)]
    return found
