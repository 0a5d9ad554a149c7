"""How this program was called, so that the commands that it names can be typed as they stand."""

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

_HINT = re.compile(
    r"(?<![\w./-])ceasewire (?=(?:run|status|validate|init|doctor|search|why|export|import|backup|restore|tag|stories|"
    r"explain|demo|names|feeds|alerts|cluster)\b)"
)


def called() -> str:
    """The command as it was typed, short enough to be typed again here; `ceasewire` where the shell finds that."""
    path = Path(sys.argv[0])
    if path.name != "ceasewire" or shutil.which("ceasewire") == str(path):
        return "ceasewire"
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def given() -> str:
    """The options before the command that say where configuration and data are, as they were typed."""
    found: list[str] = []
    typed = iter(sys.argv[1:])
    for one in typed:
        if one in ("--config", "--data"):
            found += [one, shlex.quote(next(typed, ""))]
        elif one.startswith(("--config=", "--data=")):
            found.append(shlex.quote(one))
        else:
            break
    return "".join(f" {one}" for one in found)


def as_called(words: str) -> str:
    """The words, with each `ceasewire COMMAND` in them as it can be typed here, about the same folders."""
    command = called() + given()
    return words if command == "ceasewire" else _HINT.sub(lambda _: f"{command} ", words)
