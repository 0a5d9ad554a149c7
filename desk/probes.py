"""/metrics, /live and /ready, for machines."""

from collections.abc import Callable, Iterable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ceasewire.metrics import Metrics
from desk.access import Key, holds
from desk.health import Health


def probe_routes(metrics: Metrics | None, health: Callable[[], Health], key: Key | None) -> list[Route]:
    """The three addresses; /metrics only where there are metrics.

    /ready tells its words, which hold names of feeds and lines of files, only to those who may see the desk.
    """

    async def live(_request: Request) -> Response:
        return PlainTextResponse("live\n")

    async def ready(request: Request) -> Response:
        state = health()
        trusted = key is None or holds(key, request.headers)
        told = list if trusted else _names
        body = {"ready": state.ready, "reasons": told(state.reasons), "notes": told(state.notes)}
        return JSONResponse(body, 200 if state.ready else 503)

    async def figures(_request: Request) -> Response:
        assert metrics is not None
        text = await run_in_threadpool(generate_latest, metrics.registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/live", live), Route("/ready", ready)]
    return [*routes, Route("/metrics", figures)] if metrics else routes


def _names(said: Iterable[str]) -> list[str]:
    """The name of each reason without its words."""
    return [name if name.isidentifier() else "unnamed" for name in (one.partition(":")[0] for one in said)]
