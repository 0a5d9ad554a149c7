"""One runtime for one store: held by the operating system, so it is free again however the holder ended."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ceasewire.errors import StoreError

_TRIES = 5
_PAUSE = 0.05
"""Seconds between tries: a command that looks whether a runtime runs holds the lock for a moment."""


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Holds the lock file, with our pid in it, until the block ends; raises StoreError naming the holder's pid."""
    descriptor = _open(path)
    try:
        for left in reversed(range(_TRIES)):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if left == 0:
                    raise StoreError(
                        f"Ceasewire runs already on {path.parent}{_who(path)}: "
                        "stop it first, or use another folder with --data"
                    ) from None
                time.sleep(_PAUSE)
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
        os.truncate(descriptor, 0)
    finally:
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """The pid of the process that holds the lock, or None where nobody does (0: it has not yet said who it is)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _pid(path)
    finally:
        os.close(descriptor)
    return None


def _open(path: Path) -> int:
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True, mode=0o700)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: give this user the folder {path.parent}, or choose another with --data"
        ) from error


def _pid(path: Path) -> int:
    text = path.read_text(encoding="ascii", errors="replace").strip()
    return int(text) if text.isdecimal() else 0


def _who(path: Path) -> str:
    pid = _pid(path)
    return f" (process {pid})" if pid else ""
