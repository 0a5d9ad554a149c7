"""Pages for what went wrong: not found, too slow, the store cannot be read."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ceasewire.errors import Refused, StoreError
from desk.deadline import TooSlow
from desk.headers import SAFE
from desk.rendering import Desk

TITLES = {404: "Nothing is here", 405: "Not possible", 503: "The store cannot answer now", 500: "Something went wrong"}
WORDS = {
    404: "There is no such page, item, story or alert. It may be older than what is kept.",
    405: "This address does not take such a request.",
    500: "The fault is logged. Everything else keeps running.",
}


class Problems:
    """Answers for exceptions, as a page or, below /api/, as JSON."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def http(self, request: Request, error: Exception) -> Response:
        """For HTTPException: its status in words."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = error.detail if isinstance(error, HTTPException) and status not in WORDS else WORDS.get(status, "")
        return self._answer(request, status, detail)

    async def slow(self, request: Request, error: Exception) -> Response:
        """For TooSlow."""
        return self._answer(request, 503, f"Your question took too long: {error}. Narrow it, or try again.")

    async def store(self, request: Request, error: Exception) -> Response:
        """For StoreError: its text says what to do."""
        return self._answer(request, 503, str(error))

    async def refused(self, request: Request, error: Exception) -> Response:
        """For Refused: its text says why."""
        return self._answer(request, 409, str(error))

    async def bug(self, request: Request, _error: Exception) -> Response:
        """For everything else; nothing of the fault is shown. It is made outside the middleware."""
        answer = self._answer(request, 500, WORDS[500])
        answer.headers.update(SAFE | {"Cache-Control": "no-store"})
        return answer

    def _answer(self, request: Request, status: int, words: str) -> Response:
        title = TITLES.get(status, "Not possible")
        if request.url.path.startswith("/api/"):
            return JSONResponse({"error": title, "detail": words}, status)
        if "hx-request" in request.headers:  # a button: the script says the words beside it
            return PlainTextResponse(words, status)
        return self._desk.page(request, "problem.html", {"title": title, "words": words}, status)


EXPECTED: dict[type[Exception], str] = {
    HTTPException: "http",
    TooSlow: "slow",
    StoreError: "store",
    Refused: "refused",
    Exception: "bug",
}
"""Which exception which answer takes."""
