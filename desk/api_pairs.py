"""JSON of pairs: stories by week, and sentences."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ceasewire.pair_views import Naming, sentence_of
from desk.api import fault, json
from desk.deadline import within
from desk.narrowing import read_narrowing
from desk.pages.pairs import counted, seconds, wanted
from desk.rendering import Desk
from desk.requests import read_number

ROUTES = (("/api/pairs", "weeks"), ("/api/pairs/sentences", "sentences"))
"""Every address, and the method of `PairsApi` that answers it."""


class PairsApi:
    """The answers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Addresses of this part of the API."""
        return [Route(path, getattr(self, name)) for path, name in ROUTES]

    async def weeks(self, request: Request) -> Response:
        """Stories by pair and week, with the names of actors and issues."""
        narrowing = await read_narrowing(self._desk, request)
        if narrowing.fault:
            return fault(narrowing.fault)
        found = wanted(await counted(self._desk, narrowing), narrowing)
        names = self._desk.names()
        named = {
            "actors": {one.actor: names.actor(one.actor) for one in found.pairs},
            "issues": {one.issue: names.issue(one.issue) for one in found.pairs},
        }
        return json({**msgspec.structs.asdict(found), "names": named})

    async def sentences(self, request: Request) -> Response:
        """The items whose sentences name the actor and the issue together, newest first."""
        narrowing = await read_narrowing(self._desk, request)
        if narrowing.fault:
            return fault(narrowing.fault)
        ask = narrowing.ask(read_number(request.query_params, "limit", 30))
        actor, issue = narrowing.chosen.get("actor"), narrowing.chosen.get("issue")
        page = await within(seconds(narrowing), self._desk.ports.pairs.sentences(ask, actor, issue))
        return json({"found": [_naming(one) for one in page.found], "next": page.next})


def _naming(naming: Naming) -> dict[str, object]:
    """The item with its pairs, each with the words of its sentence."""
    tagged = naming.hit.tagged
    pairs = [{**msgspec.structs.asdict(pair), "words": sentence_of(tagged, pair)} for pair in naming.pairs]
    return {"hit": naming.hit, "pairs": pairs}
