"""How commands speak: tables and words for people, JSON lines for scripts, errors on standard error.

Exit codes: 0 done, 1 done and something is wrong (a feed fails, a check is red), 2 could not be done
(wrong words, bad configuration, no store).
"""

import os
import sys
from typing import Any, NoReturn

import msgspec
import typer
from rich.console import Console

from ceasewire.errors import CeasewireError
from embedded.cli.calling import as_called

_PLAIN = bool(os.environ.get("NO_COLOR"))

out = Console(no_color=_PLAIN, highlight=False, soft_wrap=True)
"""Standard output, for what the command was asked for."""
err = Console(stderr=True, no_color=_PLAIN, highlight=False, soft_wrap=True)
"""Standard error, for progress (only on a terminal) and errors."""


def print_json(value: Any) -> None:
    """One value (plain data, Struct or dataclass) as one line of UTF-8 JSON on standard output."""
    sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
    sys.stdout.flush()


def fail(error: CeasewireError | str) -> NoReturn:
    """Says what could not be done and ends with 2."""
    err.print(as_called(str(error)), style="red", markup=False)
    raise typer.Exit(2)
