"""`python -m tests.services [--kafka] [--elasticsearch] -- COMMAND`: run a command with real services, then stop them.

Without a name both are started. The command finds them in its environment, as Ceasewire's settings and as the tests
read them, and its exit code is passed on. Where this machine lacks something, one line says what, and the code is 3.
"""

import argparse
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from types import FrameType
from typing import NoReturn

from tests.services.files import Changed
from tests.services.java import Missing
from tests.services.service import NotStarted
from tests.services.sources import NAMES, VARIABLES, begin, fetch, not_run


def main() -> int:
    """Start, run, stop; gives the exit code."""
    options = _options()
    names = [name for name in NAMES if getattr(options, name)] or list(NAMES)
    signal.signal(signal.SIGTERM, _leave)
    environ = dict(os.environ)
    with ExitStack() as started:
        for name in names:
            try:
                if options.fetch:
                    print(fetch(name), flush=True)
                    continue
                source = begin(name)
            except Missing as error:
                print(not_run(name, str(error)), file=sys.stderr)
                return 3
            except (Changed, NotStarted) as error:
                print(f"{name}: {error}", file=sys.stderr)
                return 1
            started.callback(source.stop)
            print(source.told, file=sys.stderr, flush=True)
            environ |= dict.fromkeys(VARIABLES[name], source.address)
        return 0 if options.fetch else _run(options.command, environ)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.services", description="Run a command with real services.")
    for name in NAMES:
        parser.add_argument(f"--{name}", action="store_true", help=f"with {name}; without a name all are started")
    parser.add_argument("--fetch", action="store_true", help="only fetch and check the files; start nothing")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="after --")
    options = parser.parse_args()
    options.command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not options.fetch and not options.command:
        parser.error("a command is needed after --")
    return options


def _run(command: list[str], environ: dict[str, str]) -> int:
    """Run it to its end; Ctrl-C reaches it from the terminal, SIGTERM is passed on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = subprocess.Popen(command, env=environ, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    signal.signal(signal.SIGTERM, lambda _number, _frame: child.terminate())
    code = child.wait()
    return code if code >= 0 else 128 - code


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
