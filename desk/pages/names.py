"""All names that a query may use: issues, actors, conflicts and marks with their ids, and languages."""

from collections.abc import Callable, Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ceasewire import places
from desk.rendering import Desk


class NamesPage:
    """The names, all on one page, so that the browser's own find goes through them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Address of this page."""
        return [Route("/names", self.show)]

    async def show(self, request: Request) -> Response:
        """Each group by name."""
        return self._desk.page(request, "names.html", {"groups": name_groups(self._desk)})


def name_groups(desk: Desk) -> tuple[tuple[str, str, list[tuple[str, str]]], ...]:
    """Each property of a query, what its values are called, and the values with their names, by name."""
    names = desk.names()
    return (
        ("issue", "Issues", named(names.known_issues(), names.issue)),
        ("actor", "Actors", named(names.known_actors(), names.actor)),
        ("conflict", "Conflicts", named(names.known_conflicts(), names.conflict)),
        ("mark", "Marks", named(names.known_marks(), names.mark)),
        ("lang", "Languages", named(places.LANGUAGES, places.language)),
    )


def named(ids: Iterable[str], name: Callable[[str], str]) -> list[tuple[str, str]]:
    """Each id with its name, by name."""
    return sorted(((id, name(id)) for id in ids), key=lambda pair: pair[1].casefold())
