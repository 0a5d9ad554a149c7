"""An alert as the body of a webhook, after Standard Webhooks 1.0: type, timestamp, data; docs/webhook.md tells all."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec

from streams.notify.account import Account, Name, Sentence, cut

LARGEST = 20_000
"""Bytes that a body stays under (Standard Webhooks: 20 kB)."""


def body(account: Account) -> str:
    """The JSON text of the alert, under 20 kB: a longer one is told with a shorter sentence."""
    for longest in (2000, 1000, 500, 200):
        text = msgspec.json.encode(_created(account, longest)).decode()
        if len(text.encode()) < LARGEST:
            return text
    return msgspec.json.encode(_created(replace(account, issues=(), actors=(), url=None), 100)).decode()


def trial(channel: str, now: datetime) -> str:
    """The JSON text of a test alert."""
    told = "This is a test alert of Ceasewire. Nothing happened."
    data = {"test": True, "channel": channel, "text": told}
    return msgspec.json.encode({"type": "alert.test", "timestamp": stamp(now), "data": data}).decode()


def stamp(at: datetime) -> str:
    """A time as RFC 3339 in UTC."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _created(account: Account, longest: int) -> dict[str, Any]:
    alert, item, source = account.alert, account.item, account.item.source
    data = {
        "alert_id": alert.id,
        "rule": _name(account.rule),
        "conflict": _name(account.conflict),
        "reason": {"name": str(account.reason), "cause": alert.cause, "text": account.why},
        "follows": alert.follows,
        "story": {
            "id": alert.story,
            "thread": account.story.began,
            "items": len(account.story.items),
            "outlets": [cut(outlet, 100) for outlet in account.story.outlets[:20]],
        },
        "item": {
            "id": item.id,
            "rev": item.rev,
            "title": cut(account.title, longest),
            "url": account.url,
            "language": account.language,
            "published": stamp(item.published) if item.published else None,
            "seen": stamp(item.seen),
            "outlet": cut(source.outlet, 200),
            "feed": source.feed,
            "kind": source.kind,
            "country": source.country,
        },
        "sentence": _sentence(account.sentence, longest),
        "issues": [_name(issue) for issue in account.issues],
        "actors": [_name(actor) for actor in account.actors],
        "times": {"published": account.published, "seen": account.seen},
        "desk_url": account.desk,
    }
    return {"type": "alert.created", "timestamp": stamp(alert.at), "data": data}


def _sentence(sentence: Sentence, longest: int) -> dict[str, Any]:
    text = cut(sentence.text, longest)
    kept = len(text) if text == sentence.text else len(text) - 1
    return {
        "text": text,
        "words": [[start, end] for start, end in sentence.words if end <= kept],
        "field": sentence.place.field,
        "start": sentence.place.start,
        "end": sentence.place.end,
    }


def _name(name: Name | None) -> dict[str, str] | None:
    return {"id": name.id, "name": name.name} if name else None
