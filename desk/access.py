"""Who is let in: known hosts only, the token where one is set, and no request that another site made."""

import asyncio
import hashlib
import hmac
import re
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ceasewire.config.settings import DeskSettings

SAFE = ("GET", "HEAD", "OPTIONS")
COOKIE = "ceasewire_desk"
OPEN_PATHS = ("/live", "/ready", "/enter")
"""What is answered without a token: probes, and the page that asks for it; besides these all of /static/."""
LARGEST_BODY = 65536
WRONG_SECONDS = 0.5
"""What the answer to a wrong token waits, so that nobody tries many."""
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\[\]:@/\\\s]+)(?::\d{1,5})?")


@dataclass(frozen=True)
class Key:
    """The token of the desk, and the cookie made from it; neither is ever shown."""

    token: str

    def __repr__(self) -> str:
        return "Key(***)"

    @property
    def cookie(self) -> str:
        """What a browser keeps: made from the token, but not the token."""
        return hmac.new(self.token.encode(), b"ceasewire desk cookie", hashlib.sha256).hexdigest()

    def is_token(self, offered: str) -> bool:
        """Compares in constant time."""
        return hmac.compare_digest(offered.encode(), self.token.encode())

    def is_cookie(self, offered: str) -> bool:
        """Compares in constant time."""
        return hmac.compare_digest(offered.encode(), self.cookie.encode())

    def hand(self, response: Response, secure: bool) -> Response:
        """The response with the cookie."""
        response.set_cookie(
            COOKIE, self.cookie, max_age=30 * 86400, httponly=True, samesite="strict", secure=secure, path="/"
        )
        return response


def read_key(settings: DeskSettings) -> Key | None:
    """The key of the desk, None where no token is set."""
    token = settings.token.get_secret_value() if settings.token else ""
    return Key(token) if token else None


def host_name(host: str) -> str:
    """The name in a Host header or address, lower case, without its port; empty where it is none."""
    found = _HOST.fullmatch(host.strip().lower())
    return found["name"] if found else ""


def known_hosts(settings: DeskSettings) -> frozenset[str]:
    """All names that the desk answers to."""
    hosts = {"127.0.0.1", "localhost", "[::1]", *(host_name(host) for host in settings.allowed_hosts)}
    if settings.public_url:
        hosts.add(host_name(urlsplit(settings.public_url).netloc.rpartition("@")[2]))
    return frozenset(hosts)


def own_path(path: str) -> str:
    """The path if it is one of this site, else `/`: never `//host`, `/\\host` or a scheme."""
    clean = path.startswith("/") and not path.startswith(("//", "/\\")) and "\\" not in path
    return path if clean and path.isprintable() and ":" not in path.split("?", 1)[0] else "/"


class Access:
    """Middleware that refuses what it must, before any page sees it."""

    def __init__(self, app: ASGIApp, settings: DeskSettings) -> None:
        self._app = app
        self._hosts = known_hosts(settings)
        self._key = read_key(settings)
        self._public = urlsplit(settings.public_url or "")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = self._refuse(scope, headers)
        if answer is not None and self._key is not None and _is_wrong(self._key, scope, headers):
            await asyncio.sleep(WRONG_SECONDS)
        await (answer or self._app)(scope, receive, send)

    def _refuse(self, scope: Scope, headers: Headers) -> Response | None:
        if len(headers.getlist("host")) != 1 or host_name(headers["host"]) not in self._hosts:
            return PlainTextResponse("This host name is not known to the desk. Add it to desk.allowed_hosts.\n", 421)
        if scope["method"] not in SAFE:
            if not self._same_origin(headers):
                return PlainTextResponse("Refused: this request does not come from the desk's own page.\n", 403)
            length = headers.get("content-length", "0")
            if not length.isdigit() or int(length) > LARGEST_BODY or "transfer-encoding" in headers:
                return PlainTextResponse("The body is too large.\n", 413)
        return self._unlock(scope, headers) if self._key else None

    def _same_origin(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = urlsplit(headers.get("origin", ""))
        if origin.scheme not in ("http", "https"):
            return False
        return origin.netloc.lower() in (headers["host"].lower(), self._public.netloc.lower() or headers["host"])

    def _unlock(self, scope: Scope, headers: Headers) -> Response | None:
        key, path = self._key, scope["path"]
        assert key is not None
        if path in OPEN_PATHS or path.startswith("/static/"):
            return None
        pairs = _parameters(scope)
        offered = _offered(pairs)
        if offered is not None and scope["method"] in SAFE and key.is_token(offered):
            rest = urlencode([pair for pair in pairs if pair[0] != "token"])
            target = own_path(path + (f"?{rest}" if rest else ""))
            return key.hand(RedirectResponse(target, 303), self._is_secure(scope))
        if holds(key, headers):
            return None
        if path.startswith("/api/") or path == "/metrics" or scope["method"] not in SAFE:
            return PlainTextResponse("A token is needed.\n", 401, {"WWW-Authenticate": "Bearer"})
        query = scope.get("query_string", b"").decode("latin-1") if offered is None else ""
        wanted = own_path(path + (f"?{query}" if query else ""))
        return RedirectResponse("/enter?" + urlencode({"next": wanted}), 303)

    def _is_secure(self, scope: Scope) -> bool:
        return bool(scope.get("scheme") == "https" or self._public.scheme == "https")


def holds(key: Key, headers: Headers) -> bool:
    """Whether a request comes with the token or with the cookie made from it."""
    return key.is_token(_bearer(headers)) or key.is_cookie(_cookie(headers))


def _is_wrong(key: Key, scope: Scope, headers: Headers) -> bool:
    """Whether a request tries a token that is not the right one."""
    tried = [token for token in (_bearer(headers), _offered(_parameters(scope))) if token]
    return any(not key.is_token(token) for token in tried)


def _parameters(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)


def _offered(parameters: list[tuple[str, str]]) -> str | None:
    return next((value for name, value in parameters if name == "token"), None)


def _bearer(headers: Headers) -> str:
    kind, _, bearer = headers.get("authorization", "").partition(" ")
    return bearer.strip() if kind.lower() == "bearer" else ""


def _cookie(headers: Headers) -> str:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""
