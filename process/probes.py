"""/live, /ready and /metrics of a process that has no desk."""

from collections.abc import Callable, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ceasewire.metrics import Metrics

Reasons = Callable[[], Sequence[str]]
"""What speaks against it, each as `name: words`, without secrets; nothing where all is well."""


def probes(metrics: Metrics, live: Reasons, ready: Reasons) -> Starlette:
    """The three addresses. /live and /ready answer 503 with the reasons where there are any.

    /live tells whether the process should be started again: it makes no progress though there is work and what it
    works on answers. /ready tells whether it does its work now.
    """

    def answer(reasons: Reasons, name: str) -> Callable[[Request], Response]:
        def ask(_request: Request) -> Response:
            found = list(reasons())
            return JSONResponse({name: not found, "reasons": found}, 503 if found else 200)

        return ask

    async def figures(_request: Request) -> Response:
        text = await run_in_threadpool(generate_latest, metrics.registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[
            Route("/live", answer(live, "live")),
            Route("/ready", answer(ready, "ready")),
            Route("/metrics", figures),
        ]
    )
