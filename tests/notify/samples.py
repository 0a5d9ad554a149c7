"""Values that the tests of delivery share: an item with its tags, an alert, a story, channels, names."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ceasewire.alerts import Alert, Delivery
from ceasewire.config.channels import Channel
from ceasewire.deliveries import open_delivery
from ceasewire.identity import alert_id
from ceasewire.items import Item, RuleHit, Source, Span, Tagged
from ceasewire.stories import Story

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LTEyMzQ="
LOOPBACK = ("127.0.0.0/8",)
TITLE = "Envoys agree on a pause in fighting"
TEXT = "Talks went on all night. Both sides accept a ceasefire & withdrawal by Friday. Monitors will follow."


@dataclass(frozen=True)
class Rule:
    """A rule, as far as wording wants one."""

    id: str = "ceasefire"
    name: str = "Ceasefire"


class Names:
    """Names that are the ids in capitals."""

    def issue(self, id: str) -> str:
        return id.replace("_", " ").title()

    def actor(self, id: str) -> str:
        return id.replace("_", " ").title()

    def conflict(self, id: str) -> str:
        return {"ukraine_russia": "Ukraine and Russia"}.get(id, id)


def item(**changes: Any) -> Item:
    """An item of a state agency, in English."""
    source = Source(feed="tass_en", outlet="TASS", kind="state media", country="RU", language="en")
    values: dict[str, Any] = {
        "id": "i_aaaa",
        "rev": 1,
        "fingerprint": "f",
        "source": source,
        "url": "https://news.example/a?x=1&y=2",
        "title": TITLE,
        "text": TEXT,
        "published": datetime(2026, 3, 1, 11, 40, tzinfo=UTC),
        "at": datetime(2026, 3, 1, 11, 40, tzinfo=UTC),
        "seen": datetime(2026, 3, 1, 11, 58, tzinfo=UTC),
        "first_seen": datetime(2026, 3, 1, 11, 58, tzinfo=UTC),
    }
    return Item(**values | changes)


def tagged(**changes: Any) -> Tagged:
    """The item with two issues and two actors."""
    values: dict[str, Any] = {
        "item": item(),
        "edition": 1,
        "language": "en",
        "relevance": "main",
        "conflict": "ukraine_russia",
        "issues": ("ceasefire", "troop_withdrawal"),
        "actors": ("russia", "ukraine"),
    }
    return Tagged(**values | changes)


def hit(text: str = TEXT, field: Any = "text", sentence: tuple[int, int] = (25, 78), *words: str) -> RuleHit:
    """A hit with the given words marked where they first stand in the text."""
    spans = [Span(field, text.index(word), text.index(word) + len(word)) for word in words or ("ceasefire",)]
    return RuleHit(rule="ceasefire", sentence=Span(field, *sentence), words=tuple(spans))


def alert(number: int = 0, **changes: Any) -> Alert:
    """An alert for the item; each number has another story."""
    values: dict[str, Any] = {
        "id": alert_id("ceasefire", f"i_{number}", "first"),
        "rule": "ceasefire",
        "story": f"i_{number}",
        "conflict": "ukraine_russia",
        "item": "i_aaaa",
        "rev": 1,
        "hit": hit(),
        "channels": ("desk", "hook"),
        "at": NOW,
    }
    return Alert(**values | changes)


def story(**changes: Any) -> Story:
    """A story with two outlets."""
    values: dict[str, Any] = {
        "id": "i_0",
        "title": TITLE,
        "first": NOW,
        "last": NOW,
        "items": ("i_aaaa", "i_bbbb"),
        "outlets": ("TASS", "Example Post"),
    }
    return Story(**values | changes)


def hook(url: str, id: str = "hook", **changes: Any) -> Channel:
    """A webhook channel on this machine."""
    values: dict[str, Any] = {"id": id, "kind": "webhook", "url": url, "secret": SECRET, "allow_private": LOOPBACK}
    return Channel(**values | changes)


def slack(url: str, id: str = "team", **changes: Any) -> Channel:
    """A Slack channel on this machine."""
    values: dict[str, Any] = {"id": id, "kind": "slack", "url": url, "allow_private": LOOPBACK}
    return Channel(**values | changes)


def delivery(channel: Channel, number: int = 0, now: datetime = NOW, body: str = "") -> Delivery:
    """An opened delivery of the alert with that number."""
    text = body or '{"type":"alert.created","timestamp":"2026-03-01T12:00:00.000Z","data":{"title":"Мир — peace"}}'
    return open_delivery(alert(number), channel, text, tagged(), now)
