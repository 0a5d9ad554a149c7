"""Documents made again from those of another index, by the fields and analyzers of this version of the program."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from ceasewire.codec import decode
from ceasewire.errors import CodecError
from ceasewire.items import Item
from ceasewire.topics import ALERTS, DELIVERIES, FEEDS, STORIES, TAGGED
from indexers.documents import Document, Unfit, documents, version_of
from indexers.templates import Kind

Source = Mapping[str, Any]

FIELDS: Mapping[Kind, tuple[str, ...]] = {
    "items": ("tagged", "event.ingested"),
    "versions": ("whole",),
    "stories": ("story",),
    "alerts": ("alert", "tagged"),
    "decisions": ("decision", "title"),
    "deliveries": ("delivery",),
    "feeds": ("state",),
}
"""What of a document is needed to make it again."""


def copy(kind: Kind, id: str, version: int, source: Source, now: datetime) -> Document | Unfit:
    """The document anew, in the same version; `now` is what `event.ingested` says where the source does not."""
    try:
        found = _of_item(source) if kind == "versions" else _of_row(kind, source, _ingested(source) or now)
    except (KeyError, CodecError) as error:
        return Unfit(reason="undecodable", detail=str(error))
    if isinstance(found, Unfit):
        return found
    if found.id != id:
        return Unfit(reason="other_id", detail=f"it holds what belongs to {found.id[:100]}")
    return msgspec.structs.replace(found, version=version)


def _of_item(source: Source) -> Document:
    return version_of(decode(msgspec.json.encode(source["whole"]), Item))


def _of_row(kind: Kind, source: Source, now: datetime) -> Document | Unfit:
    topic, value = _ROWS[kind]
    found = documents(topic, msgspec.json.encode(value(source)), now)
    return found if isinstance(found, Unfit) else next(one for one in found if one.kind == kind)


def _ingested(source: Source) -> datetime | None:
    try:
        return msgspec.convert(source["event"]["ingested"], datetime)
    except (KeyError, TypeError, msgspec.ValidationError):
        return None


def _alert(source: Source) -> Source:
    return {"alert": source["alert"]} | ({"tagged": source["tagged"]} if "tagged" in source else {})


_ROWS: Mapping[Kind, tuple[str, Callable[[Source], Any]]] = {
    "items": (TAGGED, lambda source: source["tagged"]),
    "stories": (STORIES, lambda source: source["story"]),
    "alerts": (ALERTS, _alert),
    "decisions": (ALERTS, lambda source: {"decision": source["decision"], "title": source.get("title", "")}),
    "deliveries": (DELIVERIES, lambda source: source["delivery"]),
    "feeds": (FEEDS, lambda source: source["state"]),
}
"""The topic whose rows a document of the kind was made from, and what such a row holds."""
