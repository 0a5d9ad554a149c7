"""The commands `alerts ...`, beside a store that no process holds."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ceasewire.alerts import Delivery, State
from ceasewire.deliveries import settle, start
from ceasewire.ports import Outcome
from embedded.cli.app import build
from embedded.store import open_store
from embedded.store.gathered import open_deliveries, put_alert
from embedded.store.rows import prepare, put
from tests.fakes.receiver import Answer, Receiver, closed_address, receiving
from tests.notify.samples import NOW, SECRET, alert, delivery, hook, tagged

CHANNEL = hook("https://receiver.example/x")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


async def call(folder: Path, *words: str) -> Result:
    """What a command says; run in a thread, as it has a loop of its own."""
    environ = {"CEASEWIRE_CONFIG": str(folder / "config"), "CEASEWIRE_DATA": str(folder / "data")}
    return await asyncio.to_thread(CliRunner().invoke, build(), ["alerts", *words], env=environ)


async def fill(folder: Path, *deliveries: Delivery) -> None:
    store = open_store(folder / "data" / "ceasewire.db", lambda: NOW)
    row = prepare(tagged())
    await store.write(lambda connection: put(connection, row, NOW))
    await store.write(lambda connection: put_alert(connection, alert()))
    await store.write(lambda connection: open_deliveries(connection, deliveries))
    store.close()


async def stored(folder: Path, id: str) -> Delivery | None:
    store = open_store(folder / "data" / "ceasewire.db", lambda: NOW)
    try:
        return await store.outbox.get(id)
    finally:
        store.close()


def failed() -> Delivery:
    outcome = Outcome(kind="gone", name="gone", status=410, detail="no more")
    return settle(start(delivery(CHANNEL), NOW), outcome, NOW, 0)


def configure(folder: Path, kind: str, url: str, *more: str) -> None:
    (folder / "config").mkdir(exist_ok=True)
    lines = ["channels:", "  - id: hook", f"    kind: {kind}", f"    url: {url}", *(f"    {line}" for line in more)]
    (folder / "config" / "channels.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


async def test_an_empty_store_has_no_alert(tmp_path: Path) -> None:
    open_store(tmp_path / "data" / "ceasewire.db", lambda: NOW).close()
    said = await call(tmp_path, "list")
    assert (said.exit_code, said.output.strip()) == (0, "no alert so far")


async def test_list_tells_what_became_of_each_delivery(tmp_path: Path) -> None:
    await fill(tmp_path, failed())
    said = await call(tmp_path, "list")
    assert said.exit_code == 0
    assert "Envoys agree on a pause in fighting" in said.output
    assert "hook  suspended: the receiver wants no more of these (410) (HTTP 410)" in said.output
    said = await call(tmp_path, "list", "--json")
    view = json.loads(said.stdout)
    assert view["alert"]["rule"] == "ceasefire"
    assert view["deliveries"][0]["attempts"][0]["detail"] == "no more"


async def test_retry_makes_a_delivery_due_with_the_same_id(tmp_path: Path) -> None:
    one = failed()
    await fill(tmp_path, one)
    said = await call(tmp_path, "retry", one.id)
    assert said.exit_code == 0
    assert "1 delivery is due: sent when Ceasewire runs" in said.output
    found = await stored(tmp_path, one.id)
    assert found is not None
    assert (found.state, found.attempts[-1].outcome) == (State.PENDING, "resumed")


async def test_retry_of_all(tmp_path: Path) -> None:
    done = settle(start(delivery(CHANNEL, 1), NOW), Outcome(kind="delivered", name="delivered"), NOW, 0)
    await fill(tmp_path, failed(), done)
    assert "hook  suspended" in (await call(tmp_path, "list", "--failed")).output
    assert "1 delivery is due" in (await call(tmp_path, "retry", "--all")).output
    assert "no delivery failed" in (await call(tmp_path, "retry", "--all")).output
    assert (await call(tmp_path, "retry", done.id)).exit_code == 1


async def test_retry_in_json(tmp_path: Path) -> None:
    one = failed()
    await fill(tmp_path, one)
    said = await call(tmp_path, "retry", one.id, "--json")
    assert (json.loads(said.stdout), said.exit_code) == ({"due": [one.id], "sent_now": False}, 0)
    said = await call(tmp_path, "retry", "msg_none", "--json")
    assert (json.loads(said.stdout), said.exit_code) == ({"due": [], "sent_now": False}, 1)
    said = await call(tmp_path, "retry", "--all", "--json")
    assert (json.loads(said.stdout), said.exit_code) == ({"due": [], "sent_now": False}, 0)


async def test_what_was_given_up_is_told(tmp_path: Path) -> None:
    one = start(delivery(CHANNEL), NOW)
    one = settle(one, Outcome(kind="failed", name="timeout"), NOW + timedelta(days=4), 0)
    assert one.state == State.EXPIRED
    await fill(tmp_path, one)
    assert "hook  expired: " in (await call(tmp_path, "list", "--failed")).output
    environ = {"CEASEWIRE_CONFIG": str(tmp_path / "config"), "CEASEWIRE_DATA": str(tmp_path / "data")}
    said = await asyncio.to_thread(CliRunner().invoke, build(), ["doctor", "--quick"], env=environ)
    assert "note outbox: 1 delivery was given up after 72 hours of tries" in said.output
    assert "1 delivery is due" in (await call(tmp_path, "retry", "--all")).output


@pytest.mark.parametrize("words", [["retry"], ["retry", "msg_a", "--all"]])
async def test_retry_wants_one_or_all(tmp_path: Path, words: list[str]) -> None:
    assert (await call(tmp_path, *words)).exit_code == 2


async def test_a_missing_store_is_said(tmp_path: Path) -> None:
    said = await call(tmp_path, "list")
    assert said.exit_code == 2
    assert "Traceback" not in said.output


async def test_a_test_alert_is_signed_and_marked(tmp_path: Path, receiver: Receiver) -> None:
    configure(tmp_path, "webhook", f"{receiver.address}/in", f"secret: {SECRET}", "allow_private: [127.0.0.0/8]")
    said = await call(tmp_path, "test", "hook")
    assert said.exit_code == 0, said.output
    assert "hook: the receiver took it (HTTP 200)" in said.output
    (request,) = receiver.requests
    told = request.verify(SECRET)
    assert (told["type"], told["data"]["test"]) == ("alert.test", True)
    said = await call(tmp_path, "test", "hook", "--json")
    tried = json.loads(said.stdout)
    assert (tried["channel"], tried["delivered"], tried["outcome"]["status"]) == ("hook", True, 200)


async def test_a_test_alert_says_in_words_what_went_wrong(tmp_path: Path, receiver: Receiver) -> None:
    receiver.answer = Answer(404, "no_team")
    configure(tmp_path, "slack", f"{receiver.address}/services/SECRETPART", "allow_private: [127.0.0.0/8]")
    said = await call(tmp_path, "test", "hook")
    assert said.exit_code == 1
    assert "hook: the receiver knows no such address (HTTP 404)" in said.output
    assert said.output.strip().endswith("no_team")
    assert "SECRETPART" not in said.output
    configure(tmp_path, "slack", f"{closed_address()}/services/SECRETPART", "allow_private: [127.0.0.0/8]")
    said = await call(tmp_path, "test", "hook")
    assert said.exit_code == 1
    assert "hook: the receiver refused the connection" in said.output
    configure(tmp_path, "slack", f"{closed_address()}/services/SECRETPART")
    said = await call(tmp_path, "test", "hook")
    assert said.exit_code == 2
    assert "name the network in allow_private" in said.output
    assert "SECRETPART" not in said.output


@pytest.mark.parametrize("name", ["nobody", "desk"])
async def test_a_channel_that_cannot_be_tested(tmp_path: Path, name: str) -> None:
    configure(tmp_path, "slack", "https://hooks.example/x")
    assert (await call(tmp_path, "test", name)).exit_code == 2


async def test_a_new_key_is_another_one_each_time(tmp_path: Path) -> None:
    keys = {(await call(tmp_path, "secret")).stdout.strip() for _ in range(2)}
    assert len(keys) == 2
    assert all(key.startswith("whsec_") and len(key) == 50 for key in keys)
