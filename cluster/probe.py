"""Asks a process on this machine whether it is ready and prints its reasons: the health check of a container."""

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence

_TIMEOUT = 4.0


def address(arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    """What is asked: the argument, else /ready at the port of the probes."""
    return arguments[0] if arguments else f"http://127.0.0.1:{environ.get('CEASEWIRE_PROBES__PORT', '8330')}/ready"


def ask(url: str) -> tuple[bool, str]:
    """Whether it is ready, and what it says, in one line."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=_TIMEOUT) as response:
            return True, _said(response.read(4000))
    except urllib.error.HTTPError as error:
        with error:
            return False, _said(error.read(4000)) or f"HTTP {error.code}"
    except (OSError, ValueError) as error:
        return False, f"does not answer: {error}"


def _said(body: bytes) -> str:
    try:
        found = json.loads(body)
        return "; ".join(str(reason) for reason in found["reasons"]) or "ready"
    except (ValueError, KeyError, TypeError):
        return body.decode("utf-8", "replace").strip()


if __name__ == "__main__":
    ready, words = ask(address(sys.argv[1:], os.environ))
    print(words)  # noqa: T201
    sys.exit(0 if ready else 1)
