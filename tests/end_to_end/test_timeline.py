"""The whole program over real sockets: from an entry in a feed to the posts, its copies, its edit, and the end."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import json

from tests.end_to_end.newsroom import Newsroom, address, write_rule
from tests.end_to_end.process import Process, running
from tests.end_to_end.world import SECRET
from tests.fakes.feed_server import serving
from tests.fakes.receiver import Receiver, receiving

TITLE = "Kyiv and Moscow agree on a ceasefire at lakeside talks"
TEXT = (
    "Ukraine and Russia agreed on a ceasefire of thirty days, two envoys said after a night of talks by the lake. "
    "Crews may mend the power lines from Monday on, and buses will run between the two towns at the river again. "
    "Who watches the line of contact is left for a further round, which the hosts want to hold within ten days."
)
POSTED_WITHIN = 10
"""Seconds from the push, with a poll each second."""
pytestmark = pytest.mark.timeout(120)


def posts(receiver: Receiver) -> tuple[int, int]:
    """How many webhooks and how many Slack posts came."""
    return len(receiver.at("/hook")), len(receiver.at("/services/T/B/x"))


async def read_on(process: Process, room: Newsroom, rounds: int = 3) -> None:
    """Lets every feed be read a few times more, and all that came of it be sent."""
    seen = room.times()
    await process.until(lambda: room.times() >= seen + rounds, 20, "further polls")


def read_time(text: str) -> datetime:
    """A time of a webhook."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


async def decisions(process: Process, rule: str) -> list[dict[str, Any]]:
    """The decisions on a rule, newest first."""
    listed = (await process.get("api/decisions"))["decisions"]
    return [one["decision"] for one in listed if one["decision"]["rule"] == rule]


async def test_an_entry_its_copy_its_edit_and_the_end(tmp_path: Path) -> None:
    async with serving() as server, receiving() as receiver:
        room = Newsroom(server, "lakeside", "harbour")
        room.configure(tmp_path, receiver.address)
        async with running(tmp_path) as process:
            await process.until(lambda: room.times() >= 2, 30, "the first polls")
            assert posts(receiver) == (0, 0)

            before = datetime.now(UTC)
            entry = room.push("lakeside", "e1", TITLE, TEXT)
            await process.until(lambda: min(posts(receiver)) > 0, POSTED_WITHIN, "both posts")
            after = datetime.now(UTC)
            assert posts(receiver) == (1, 1)
            hook, slack = receiver.at("/hook")[0], receiver.at("/services/T/B/x")[0]
            told = hook.verify(SECRET)
            data = told["data"]
            assert told["type"] == "alert.created"
            assert before <= read_time(told["timestamp"]) <= after
            assert before <= read_time(data["item"]["seen"]) <= after
            assert read_time(data["item"]["published"]) == entry.published
            assert data["rule"] == {"id": "ceasefire", "name": "Ceasefire"}
            assert data["reason"]["name"] == "first"
            assert (data["item"]["title"], data["item"]["url"]) == (TITLE, address("lakeside", "e1"))
            assert (data["item"]["outlet"], data["item"]["feed"]) == ("Lakeside", "lakeside")
            assert data["conflict"]["id"] == "ukraine_russia"
            assert "ceasefire" in {issue["id"] for issue in data["issues"]}
            assert data["story"]["outlets"] == ["Lakeside"]
            words = [data["sentence"]["text"][start:end] for start, end in data["sentence"]["words"]]
            assert "ceasefire" in words
            shown = json.decode(slack.body)
            assert TITLE in shown["text"]
            assert address("lakeside", "e1") in slack.body.decode()
            assert "Lakeside" in slack.body.decode()

            room.push("harbour", "e7", TITLE, TEXT)
            held = (await process.until_it_says(lambda: held_copies(process), 15, "the copy held as the same story"))[0]
            assert held["alert"] == data["alert_id"]
            assert held["story"] == data["story"]["id"]
            story = (await process.get(f"api/stories/{data['story']['id']}"))["story"]
            assert story["outlets"] == ["Lakeside", "Harbour"]
            assert story["copies"] == {"ceasefire": 1}
            assert len(story["items"]) == 2
            await read_on(process, room)
            assert posts(receiver) == (1, 1)

            entry.title, entry.text = TITLE.replace("agree", "agreed"), TEXT.replace("two envoys", "three envoys")
            view = await process.until_it_says(lambda: edited(process), 15, "two versions")
            assert [version["title"] for version in view["versions"]] == [entry.title, TITLE]
            await read_on(process, room)
            assert posts(receiver) == (1, 1)
            status = await process.get("api/way", key=address("lakeside", "e1"))
            assert [one["state"] for one in status["deliveries"]] == ["delivered", "delivered"]
            assert {one["channel"] for one in status["deliveries"]} == {"hook", "room"}
            await process.end()
        assert posts(receiver) == (1, 1)


async def held_copies(process: Process) -> list[dict[str, Any]]:
    """The decisions that held a copy."""
    return [one for one in await decisions(process, "ceasefire") if one["reason"] == "same_story"]


async def edited(process: Process) -> dict[str, Any] | None:
    """The pushed item, once it has two versions."""
    view: dict[str, Any] = await process.get("api/item", key=address("lakeside", "e1"))
    return view if len(view["versions"]) == 2 else None


async def test_a_rule_takes_effect_while_it_runs_and_a_broken_one_changes_nothing(tmp_path: Path) -> None:
    async with serving() as server, receiving() as receiver:
        room = Newsroom(server, "lakeside")
        room.configure(tmp_path, receiver.address)
        async with running(tmp_path) as process:

            async def stored(key: str) -> bool:
                return "hit" in await process.get("api/item", key=address("lakeside", key))

            async def refused() -> bool:
                return "orchard.yml" in str(await process.get("ready"))

            def titles() -> list[str]:
                return [said.verify(SECRET)["data"]["item"]["title"] for said in receiver.at("/hook")]

            await process.until(lambda: room.times() >= 2, 30, "the first polls")
            room.push("lakeside", "e1", "An orchard prize is given", "The jury met in the valley and tasted pears.")
            await process.until_it_says(lambda: stored("e1"), 10, "the first item")
            way = await process.get("api/way", key=address("lakeside", "e1"))
            assert [(one["rule"], one["met"]) for one in way["verdicts"]] == [("ceasefire", False)]

            write_rule(tmp_path, "orchard", "orchard")
            await process.until(lambda: "configuration_taken" in process.said, 10, "the new rule")
            room.push("lakeside", "e2", "The orchard fair opens", "Growers of three towns bring apples on Sunday.")
            await process.until(lambda: min(posts(receiver)) > 0, POSTED_WITHIN, "both posts")
            await read_on(process, room)
            assert titles() == ["The orchard fair opens"]
            assert posts(receiver) == (1, 1)

            write_rule(tmp_path, "orchard", "'(orchard'")
            await process.until_it_says(refused, 10, "the fault")
            room.push("lakeside", "e3", "Thieves in the orchard", "A watchman saw two lamps at night near the wall.")
            await process.until(lambda: min(posts(receiver)) > 1, POSTED_WITHIN, "posts by the old rule")
            await read_on(process, room)
            assert titles() == ["The orchard fair opens", "Thieves in the orchard"]

            (tmp_path / "config" / "rules" / "orchard.yml").unlink()
            await process.until(lambda: process.said.count("configuration_taken") > 1, 10, "the rule taken away")
            room.push("lakeside", "e4", "The orchard sleeps", "Snow lies on the trees and the gate is shut for now.")
            await process.until_it_says(lambda: stored("e4"), 10, "the last item")
            await read_on(process, room)
            assert posts(receiver) == (2, 2)
            await process.end()
