"""The desk as one application: pages, JSON, probes and files behind the same guards."""

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from ceasewire.config.settings import DeskSettings
from ceasewire.metrics import Metrics
from desk.access import Access, read_key
from desk.api import Api
from desk.api_pairs import PairsApi
from desk.headers import SafeHeaders
from desk.health import Health
from desk.pages.actions import Doing, Entrance, is_secure
from desk.pages.alerts import Alerts
from desk.pages.feeds import Feeds
from desk.pages.item import ItemPage
from desk.pages.latest import Latest
from desk.pages.names import NamesPage
from desk.pages.pairs import PairsPage
from desk.pages.search import SearchPage
from desk.pages.stories import Stories
from desk.pages.volume import VolumePage
from desk.ports import Names, Ports
from desk.probes import probe_routes
from desk.problems import EXPECTED, Problems
from desk.rendering import FOLDER, Desk, environment
from desk.sampleday import SampleDay
from desk.updates import Updates


class Files(StaticFiles):
    """Files of the package; their address holds a hash of their content, so a browser may keep them."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """The file, to be kept for a day."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=86400"
        return response


def build(
    ports: Ports,
    settings: DeskSettings,
    names: Callable[[], Names],
    sample: bool = False,
    metrics: Metrics | None = None,
    health: Callable[[], Health] = Health,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Starlette:
    """The desk over the ports. `sample` marks every page as sample; `health` says what /ready answers."""
    day = SampleDay(ports.actions.play_sample_day, now)
    desk = Desk(ports, names, now, sample, environment(), day, health)
    key = read_key(settings)
    parts = (
        Latest(desk),
        SearchPage(desk),
        VolumePage(desk),
        PairsPage(desk),
        Stories(desk),
        Alerts(desk),
        ItemPage(desk),
        Feeds(desk),
        NamesPage(desk),
        Doing(desk),
        Updates(desk),
        Api(desk),
        PairsApi(desk),
    )
    routes: list[BaseRoute] = [route for part in parts for route in part.routes()]
    if key is not None:
        routes += Entrance(desk, key, is_secure(settings.public_url)).routes()
    routes += probe_routes(metrics, health, key)
    routes.append(Mount("/static", Files(directory=FOLDER / "static")))
    problems = Problems(desk)
    site = Starlette(
        routes=routes,
        middleware=[Middleware(SafeHeaders, sample=sample), Middleware(Access, settings=settings)],
        exception_handlers={kind: getattr(problems, name) for kind, name in EXPECTED.items()},
    )
    site.state.locked = key is not None
    return site
