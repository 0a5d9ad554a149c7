"""Pages from templates: everything is escaped, and every page knows the same few words."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from ceasewire import pages, places
from ceasewire.alerts import WORDS, Attempt
from ceasewire.deliveries import OUTCOMES
from desk import times
from desk.health import Health
from desk.ports import Names, Ports
from desk.rows import safe_link, search_address
from desk.sampleday import SampleDay

T = TypeVar("T")
Page = Callable[[Request], Awaitable[Any]]

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Desk:
    """What every page is made from."""

    ports: Ports
    names: Callable[[], Names]
    now: Callable[[], datetime]
    sample: bool
    templates: Environment
    day: SampleDay
    health: Callable[[], Health] = Health

    def page(self, request: Request, template: str, values: dict[str, Any], status: int = 200) -> HTMLResponse:
        """The template as an answer."""
        common = {
            "request": request,
            "path": request.url.path,
            "query": request.query_params.get("q", ""),
            "now": self.now(),
            "names": self.names(),
            "sample": self.sample,
            "troubles": self.health().shown,
            "day": self.day.seen(),
            "locked": getattr(request.app.state, "locked", False),
        }
        return HTMLResponse(self.templates.get_template(template).render(common | values), status)


def environment() -> Environment:
    """The templates with their filters."""
    env = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    edition = _edition()
    env.globals |= {
        "asset": lambda name: f"/static/{name}?{edition}",
        "search_address": search_address,
        "with_params": with_params,
        "decision_words": {reason.value: words for reason, words in WORDS.items()},
        "outcome_words": outcome_words,
        "extents": pages.EXTENTS,
        "page_words": {outcome.value: words for outcome, words in pages.WORDS.items()},
    }
    env.filters |= {
        "relative": times.relative,
        "clock": times.clock,
        "short_time": times.short,
        "full_time": times.full,
        "day_name": times.day_name,
        "country": places.country,
        "language": places.language,
        "safe_link": safe_link,
        "number": number,
        "pretty": pretty,
        "rate": rate,
    }
    return env


def rate(amount: float) -> str:
    """An average, with one decimal where it is small."""
    return number(round(amount)) if amount >= 10 else f"{amount:.1f}".removesuffix(".0")


def pretty(body: str) -> str:
    """JSON text on several lines; what is no JSON stays as it is."""
    try:
        return msgspec.json.format(body, indent=2)
    except msgspec.DecodeError:
        return body


def number(count: int) -> str:
    """The number with thin spaces between thousands."""
    return f"{count:,}".replace(",", "\u202f")


def outcome_words(attempt: Attempt | None) -> str:
    """What came of a try, in words."""
    return OUTCOMES.get(attempt.outcome, attempt.outcome) if attempt else "no try was made"


def with_params(path: str, params: dict[str, Any]) -> str:
    """The path with the parameters that have a value."""
    given = {name: value for name, value in params.items() if value not in (None, "")}
    return path + ("?" + urlencode(given) if given else "")


def _edition() -> str:
    digest = sha256()
    for path in sorted((FOLDER / "static").rglob("*")):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
