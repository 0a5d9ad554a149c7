"""The Docker engine that the checks run containers with, where there is one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
BASE = "python:3.11-slim-bookworm"


class NotRun(Exception):
    """Something that is needed is not to be had here."""


class Failed(Exception):
    """Something was run and is not right."""


def outcome(check: Callable[[], None]) -> int:
    """The exit code of a check, told in words: 0 all was run and is right, 1 a fault, 3 something could not be run."""
    try:
        check()
    except NotRun as reason:
        print(f"not run: {reason}")
        return 3
    except Failed as fault:
        print(f"failed: {fault}", file=sys.stderr)
        return 1
    return 0


def docker(*words: str, environ: Mapping[str, str] | None = None, seconds: float = 900, folder: Path = ROOT) -> str:
    """What docker says; raises Failed with its last lines."""
    done = subprocess.run(
        ["docker", *words],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, **(environ or {})},
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise Failed(f"docker {' '.join(words[:6])}:\n{last}")
    return done.stdout.strip()


def engine() -> str:
    """The engine's version; raises NotRun."""
    if shutil.which("docker") is None:
        raise NotRun("there is no docker command")
    try:
        return docker("info", "--format", "{{.ServerVersion}}", seconds=30)
    except (Failed, subprocess.TimeoutExpired) as error:
        raise NotRun(f"no Docker engine answers ({str(error).splitlines()[-1][:200]})") from None


def base() -> None:
    """Sees to the image that ours is built on; raises NotRun."""
    try:
        docker("image", "inspect", BASE, seconds=30)
    except Failed:
        try:
            docker("pull", "-q", BASE, seconds=300)
        except (Failed, subprocess.TimeoutExpired) as error:
            raise NotRun(f"{BASE} is not here and no registry gives it ({str(error).splitlines()[-1][:200]})") from None
