"""/metrics, /live and /ready, for machines."""

from collections.abc import Callable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ceasewire.metrics import Metrics
from desk.health import Health


def probe_routes(metrics: Metrics | None, health: Callable[[], Health]) -> list[Route]:
    """The three addresses; /metrics only where there are metrics."""

    async def live(_request: Request) -> Response:
        return PlainTextResponse("live\n")

    async def ready(_request: Request) -> Response:
        state = health()
        body = {"ready": state.ready, "reasons": list(state.reasons), "notes": list(state.notes)}
        return JSONResponse(body, 200 if state.ready else 503)

    async def figures(_request: Request) -> Response:
        assert metrics is not None
        text = await run_in_threadpool(generate_latest, metrics.registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/live", live), Route("/ready", ready)]
    return [*routes, Route("/metrics", figures)] if metrics else routes
