"""Logs on standard error: one line each, ids and reasons, never bodies, titles or secrets."""

import logging
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import Any, TextIO
from urllib.parse import urlsplit

import msgspec
import structlog
from structlog.typing import Processor

from ceasewire.config.settings import LogSettings

Line = MutableMapping[str, Any]

BODIES = frozenset({"body", "text", "title", "html", "content", "summary"})
"""Keys whose values are never written; their length is."""
REPEAT_AFTER = 600.0
"""Seconds until a line that says the same of the same feed or channel is written again."""
IN_A_MINUTE = 10
"""Lines of one kind and reason about different feeds or channels."""
SHORTEST_SECRET = 6

_ADDRESS = re.compile(r"https?://[^\s\"'<>\\]+", re.IGNORECASE)
_KEY = re.compile(r"whsec_[A-Za-z0-9+/=_-]+|xox[abp]-[A-Za-z0-9-]+|(?i:bearer|basic) [A-Za-z0-9+/=._~-]{8,}")
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Redaction:
    """Takes secrets out of text: the known values, signing keys, and of addresses all but scheme and host."""

    def __init__(self) -> None:
        self._secrets: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "Redaction(***)"

    def know(self, secrets: Iterable[str]) -> None:
        """Replaces the known secrets, as a new configuration brings them; short ones are left out."""
        whole = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
        parts = {part for secret in whole if "://" in secret for part in _parts(secret)}
        self._secrets = tuple(sorted(whole | parts, key=len, reverse=True))

    def clean(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return _KEY.sub("***", _ADDRESS.sub(lambda match: show_address(match[0]), text))


def show_address(address: str) -> str:
    """An address as it may be shown: scheme, host and port."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "***"
    return f"{parts.scheme}://[{host}]{port}" if ":" in host else f"{parts.scheme}://{host}{port}"


def _parts(address: str) -> list[str]:
    """What is secret in an address: its path, query and password."""
    try:
        parts = urlsplit(address)
        found = [parts.path.strip("/"), parts.query, parts.password or "", parts.username or ""]
    except ValueError:
        return []
    return [part for part in found if len(part) >= SHORTEST_SECRET]


def escape(text: str) -> str:
    """Text whose control and direction characters are written out, so that it stays one plain line."""
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


class _Said:
    """Leaves out at a terminal what was said there in words already (`in_words=True`); elsewhere the log has it."""

    def __init__(self, console: bool) -> None:
        self._console = console

    def __call__(self, _logger: Any, _method: str, line: Line) -> Line:
        if line.pop("in_words", False) and self._console:
            raise structlog.DropEvent
        return line


class _Repeats:
    """Writes a line about a feed or channel once in ten minutes, and few that say the same of many in a minute.

    The next line of the kind tells how many were left out. A line that names a delivery is always written: each tells
    of another one, or of another try.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: dict[tuple[Any, ...], float] = {}
        self._minute: dict[tuple[Any, ...], tuple[float, int]] = {}
        self._left_out: Counter[tuple[Any, ...]] = Counter()

    def __call__(self, _logger: Any, method: str, line: Line) -> Line:
        about = line.get("feed") or line.get("channel")
        if about is None or "delivery" in line:
            return line
        kind = (method, line.get("event"), line.get("reason"), line.get("outcome"))
        now = self._clock()
        written = self._last.get((*kind, about))
        if (written is not None and now - written < REPEAT_AFTER) or not self._room(kind, now):
            self._left_out[kind] += 1
            raise structlog.DropEvent
        if len(self._last) > 20_000:
            self._last.clear()
        self._last[(*kind, about)] = now
        left_out = self._left_out.pop(kind, 0)
        return {**line, "left_out": left_out} if left_out else line

    def _room(self, kind: tuple[Any, ...], now: float) -> bool:
        began, count = self._minute.get(kind, (now, 0))
        if now - began >= 60:
            began, count = now, 0
        self._minute[kind] = (began, count + 1)
        return count < IN_A_MINUTE


class _Safe:
    """Makes every value plain: no bodies, no secrets, no control characters."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction

    def __call__(self, _logger: Any, _method: str, line: Line) -> Line:
        first = {key: line[key] for key in ("timestamp", "level", "event") if key in line}
        return {key: self._value(key, value) for key, value in (first | dict(line)).items() if value is not None}

    def _value(self, key: str, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        text = value if isinstance(value, str) else str(value)
        if key in BODIES:
            return f"<{len(text)} characters>"
        text = self._redaction.clean(text)
        if key == "exception":  # its lines stay lines, indented, so that none can look like a line of the log
            return "\n".join("    " + escape(part) for part in text.split("\n"))
        return escape(text)


def configure(
    settings: LogSettings,
    redaction: Redaction,
    stream: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Sets up structlog, and the logging of libraries to go through it."""
    out = stream or sys.stderr
    console = settings.form == "console" or (settings.form == "auto" and out.isatty())
    coloured = out.isatty() and not os.environ.get("NO_COLOR")
    level = getattr(logging, settings.level.upper())
    last: Processor = (
        structlog.dev.ConsoleRenderer(colors=coloured, exception_formatter=structlog.dev.plain_traceback)
        if console
        else structlog.processors.JSONRenderer(serializer=_json)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _Said(out.isatty()),
            _Repeats(clock),
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if console else "iso", utc=not console),
            structlog.processors.format_exc_info,
            _Safe(redaction),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=_Tolerant(out)),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_Forward()]
    root.setLevel(max(level, logging.WARNING))


def configure_alone(secrets: Iterable[str]) -> None:
    """Sets up the logs of a command that works without the process: broken things only, one line each."""
    redaction = Redaction()
    redaction.know(secrets)
    configure(LogSettings(level="error"), redaction)


class _Tolerant:
    """A stream whose faults (a full disk, a reader that went away) stop no work."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def _json(line: Any, **_: Any) -> str:
    return msgspec.json.encode(line, enc_hook=str).decode()


class _Forward(logging.Handler):
    """Hands what libraries log on to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        log.log(
            record.levelno,
            "library",
            name=record.name,
            said=record.getMessage(),
            **({"exc_info": record.exc_info} if record.exc_info else {}),
        )
