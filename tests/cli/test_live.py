"""A change of the folder is in force within two seconds, or refused whole."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ceasewire.config.settings import Settings
from ceasewire.metrics import Metrics
from process.configuration import read_configuration
from process.live import Live, look, needing_restart, watch
from process.places import Places
from tests.cli.folders import ENVIRON, RULE, eventually, make_places, write_feeds

PROMISED = 2.0
WITHIN = 30.0
"""For machines that do many things at once."""


@asynccontextmanager
async def watching(places: Places, environ: dict[str, str] = ENVIRON) -> AsyncIterator[Live]:
    first = await asyncio.to_thread(read_configuration, places, environ)
    live = Live(places, environ, first, Metrics())
    stop = asyncio.Event()
    task = asyncio.create_task(watch(places, environ, stop, live.reload))
    await asyncio.sleep(0.2)
    try:
        yield live
    finally:
        stop.set()
        await asyncio.wait_for(task, 30)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return make_places(tmp_path, "https://valley.example/feed")


def write_secret(file: Path, text: str) -> None:
    """As tools do that rotate secrets: a new file takes the place of the old one."""
    draft = file.with_name("draft")
    draft.write_text(text)
    draft.chmod(0o600)
    draft.rename(file)


def counted(live: Live, outcome: str) -> float:
    value = live._metrics.registry.get_sample_value("ceasewire_configuration_loads_total", {"outcome": outcome})
    return value or 0.0


async def test_a_change_after_the_folder_was_read_and_before_it_is_watched_is_taken(places: Places) -> None:
    seen = look(places, ENVIRON)
    live = Live(places, ENVIRON, read_configuration(places, ENVIRON), Metrics())
    write_feeds(places.config, "https://valley.example/feed", "https://other.example/feed")
    stop = asyncio.Event()
    task = asyncio.create_task(watch(places, ENVIRON, stop, live.reload, seen))
    await eventually(lambda: len(live.configuration.feeds) == 2, WITHIN)
    stop.set()
    await asyncio.wait_for(task, 30)


async def test_a_change_is_taken_within_two_seconds(places: Places) -> None:
    async with watching(places) as live:
        write_feeds(places.config, "https://valley.example/feed", "https://other.example/feed")
        times = [await eventually(lambda: len(live.configuration.feeds) == 2, WITHIN)]
        (places.config / "rules" / "pier.yml").write_text(RULE.replace("harbour", "pier"))
        times.append(await eventually(lambda: "pier" in live.configuration.engine.rules, WITHIN))
        (places.config / "rules" / "harbour.yml").unlink()
        times.append(await eventually(lambda: list(live.configuration.engine.rules) == ["pier"], WITHIN))
        assert counted(live, "taken") == 3
        assert min(times) < PROMISED


async def test_a_bad_change_is_refused_whole_and_the_old_one_stays(places: Places) -> None:
    async with watching(places) as live:
        before = live.configuration
        (places.config / "rules" / "harbour.yml").write_text("id: harbour\nname: Harbour\nquery: '(harbour'\n")
        write_feeds(places.config)
        await eventually(lambda: live.refused, WITHIN)
        assert live.configuration is before
        assert live.refused is not None
        assert str(live.refused).startswith(f"{places.config}/rules/harbour.yml:3: query: column 1:")
        assert counted(live, "refused") >= 1
        (places.config / "rules" / "harbour.yml").write_text(RULE)
        await eventually(lambda: not live.refused, WITHIN)
        assert live.configuration.feeds == ()


async def test_a_folder_that_is_swapped_as_a_whole(places: Places, tmp_path: Path) -> None:
    other = make_places(tmp_path / "other", "https://new.example/feed")
    async with watching(places) as live:
        places.config.rename(tmp_path / "old")
        other.config.rename(places.config)
        await eventually(lambda: live.configuration.feeds[0].url == "https://new.example/feed", WITHIN)


async def test_a_folder_that_loses_its_list_polls_nothing_else(places: Places) -> None:
    async with watching(places) as live:
        before = live.configuration
        (places.config / "feeds.yml").unlink()
        await eventually(lambda: live.refused, WITHIN)
        assert str(live.refused) == f"{places.config}/feeds.yml: is missing; ceasewire init adds it"
        assert live.configuration is before


async def test_a_file_with_another_ending_is_named(places: Places) -> None:
    async with watching(places) as live:
        (places.config / "channels.yaml").write_text("channels: []\n")
        await eventually(lambda: live.refused, WITHIN)
        assert "name it channels.yml" in str(live.refused)


async def test_a_secret_in_a_file_is_taken_when_it_changes(places: Places, tmp_path: Path) -> None:
    secret = tmp_path / "team_key"
    write_secret(secret, ENVIRON["TEAM_KEY"])
    other = "whsec_" + "bmV3" * 10 + "bmV3"
    async with watching(places, {"TEAM_KEY_FILE": str(secret)}) as live:
        write_secret(secret, other)
        await eventually(lambda: other in live.configuration.secrets, WITHIN)
        secret.unlink()
        await eventually(lambda: live.refused, WITHIN)
        assert other in live.configuration.secrets
        write_secret(secret, ENVIRON["TEAM_KEY"])
        await eventually(lambda: ENVIRON["TEAM_KEY"] in live.configuration.secrets, WITHIN)


async def test_the_file_of_a_setting_is_watched_too(places: Places, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    write_secret(secret, "0123456789abcdef")
    async with watching(places, {**ENVIRON, "CEASEWIRE_DESK__TOKEN_FILE": str(secret)}) as live:
        write_secret(secret, "fedcba9876543210")
        await eventually(lambda: live.restart == ("desk.token",), WITHIN)


async def test_both_configurations_are_handed_on(places: Places) -> None:
    async with watching(places) as live:
        seen: list[tuple[int, int]] = []
        live.on_taken.append(lambda old, new: seen.append((len(old.feeds), len(new.feeds))))
        write_feeds(places.config)
        await eventually(lambda: seen == [(1, 0)], WITHIN)


async def test_settings_that_are_read_at_the_start_are_named(places: Places) -> None:
    async with watching(places) as live:
        (places.config / "settings.yml").write_text("desk:\n  port: 9999\nlog:\n  level: debug\n")
        await eventually(lambda: live.restart, WITHIN)
        assert live.restart == ("desk.port",)


def test_what_needs_a_restart() -> None:
    new = Settings.model_validate(
        {"desk": {"port": 1}, "polling": {"parsers": 3, "at_once": 9}, "store": {"keep": "90 d"}}
    )
    assert needing_restart(Settings(), new) == ("desk.port", "polling.parsers")
    assert needing_restart(new, new) == ()
