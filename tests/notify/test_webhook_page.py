"""docs/webhook.md says what is sent, and its example runs."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ceasewire.config.settings import AlertSettings
from ceasewire.deliveries import LADDER
from streams.notify.webhook import signed
from streams.notify.wording import word, word_trial
from tests.notify.samples import SECRET, Names, Rule, alert, hook, story, tagged

PAGE = (Path(__file__).parents[2] / "docs" / "webhook.md").read_text(encoding="utf-8")
CHANNEL = hook("https://receiver.example/")


def keys(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from keys(inner, name)
    if isinstance(value, list):
        for inner in value:
            yield from keys(inner, path)


def test_every_field_is_told() -> None:
    body = word(alert(), tagged(), story(), Rule(), CHANNEL, Names(), AlertSettings(), "https://desk.example")
    table = PAGE[PAGE.index("## The body") :]
    told = set(re.findall(r"`(?:data\.)?(\w+)`", table)) | {"data"}
    assert set(keys(json.loads(body), "")) <= told
    assert set(keys(json.loads(word_trial(CHANNEL, datetime.now(UTC))), "")) <= told


def test_the_example_verifies_what_is_sent() -> None:
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert code
    space: dict[str, Any] = {}
    exec(compile(code[1], "webhook.md", "exec"), space)
    now = datetime.now(UTC)
    body = word_trial(CHANNEL, now)
    headers = {
        "webhook-id": "msg_a",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signed(CHANNEL, "msg_a", now, body) or "",
    }
    assert space["receive"](body.encode(), headers, SECRET)["type"] == "alert.test"


def test_the_ladder_is_told() -> None:
    units = {"s": 1, "min": 60, "h": 3600}
    told = re.search(r"tried again after ([^;]*?), each", PAGE.replace("\n", " "))
    assert told
    steps = re.findall(r"(\d+) (s|min|h)\b", told[1])
    assert [int(number) * units[unit] for number, unit in steps] == [step.total_seconds() for step in LADDER[1:]]
