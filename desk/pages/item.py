"""An item's page: its text with the words that gave each tag, its versions, and its whole way."""

from collections import Counter
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ceasewire.alerts import Delivery
from ceasewire.items import Field, Item, Tagged
from ceasewire.pages import page_of, page_words
from desk.changes import Change, differences
from desk.deadline import READ_SECONDS, within
from desk.marks import cut, stretches
from desk.ports import Names
from desk.rendering import Desk
from desk.rows import row

LONGEST_KEY = 2000
MOST_ORIGINS = 200
MOST_VERSIONS = 10
"""Versions that are compared with the one before them."""


@dataclass(frozen=True)
class Edit:
    """One version of an item and what it changed; no changes for the first."""

    item: Item
    title: tuple[Change, ...]
    text: tuple[Change, ...]


@dataclass(frozen=True)
class Origin:
    """The words that gave a tag, where they stand, and the pattern that found them."""

    tag: str
    kind: str
    name: str
    words: str
    place: str
    pattern: str
    times: int = 1


def edits(versions: tuple[Item, ...]) -> tuple[Edit, ...]:
    """Each version with what it changed, newest first."""
    made = []
    for index, item in enumerate(versions):
        old = versions[index + 1] if index + 1 < len(versions) else None
        if old is None or index >= MOST_VERSIONS:
            made.append(Edit(item, (), ()))
        else:
            title = differences(old.title, item.title) if old.title != item.title else ()
            text = differences(old.text, item.text) if old.text != item.text else ()
            made.append(Edit(item, title, text))
    return tuple(made)


def origins(tagged: Tagged, names: Names) -> tuple[Origin, ...]:
    """Every mention once, with how often it stands there."""
    name_of = {"issue": names.issue, "actor": names.actor, "place": names.place, "document": names.place}
    counts = Counter(
        (m.kind, m.id, text_of(tagged, m.field)[m.start : m.end], m.field, m.pattern) for m in tagged.mentions
    )
    return tuple(
        Origin(f"{kind}:{id}", kind, name_of[kind](id), words, place, pattern, times)
        for (kind, id, words, place, pattern), times in list(counts.items())[:MOST_ORIGINS]
    )


def figures(tagged: Tagged) -> tuple[Origin, ...]:
    """Every date and number once, with how often it stands there."""
    counts = Counter((m.kind, m.id, text_of(tagged, m.field)[m.start : m.end], m.field) for m in tagged.figures)
    return tuple(
        Origin(f"{kind}:{id}", kind, id, words, place, "", times) for (kind, id, words, place), times in counts.items()
    )


def text_of(tagged: Tagged, field: Field) -> str:
    """The title or the text."""
    return tagged.item.title if field == "title" else tagged.item.text


class ItemPage:
    """One item."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Addresses of this page."""
        return [Route("/items/{key}", self.show)]

    async def show(self, request: Request) -> Response:
        """The item by id."""
        key = request.path_params["key"][:LONGEST_KEY]
        items, names = self._desk.ports.items, self._desk.names()
        view = await within(READ_SECONDS, items.item(key))
        way = await within(READ_SECONDS, items.way(key))
        if view is None or way is None:
            raise HTTPException(404)
        tagged = view.hit.tagged
        shown = row(tagged, names, view.hit)
        deliveries: dict[str, list[Delivery]] = {}
        for delivery in way.deliveries:
            deliveries.setdefault(delivery.alert, []).append(delivery)
        page = page_of(way.feed, tagged.item.id)
        values = {
            "row": shown,
            "page": page_words(page) if page else "",
            "text": cut(tagged.item.text, stretches(tagged, "text")),
            "way": way,
            "edits": edits(view.versions),
            "origins": origins(tagged, names),
            "figures": figures(tagged),
            "met": tuple(verdict for verdict in way.verdicts if verdict.met),
            "unmet": tuple(verdict.rule for verdict in way.verdicts if not verdict.met),
            "alerts": {alert.id: alert for alert in way.alerts},
            "deliveries": deliveries,
        }
        return self._desk.page(request, "item.html", values)
