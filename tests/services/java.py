"""Which Java of this machine can run a service."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

PLACES = ("/usr/lib/jvm/*", "/opt/java/*", "/opt/*jdk*", "/Library/Java/JavaVirtualMachines/*/Contents/Home")


class Missing(Exception):
    """What this machine lacks to run a service, and how to get it; str() is one line."""


@dataclass(frozen=True)
class Java:
    """One Java: its folder, its version, and whether it is a full JDK."""

    home: Path
    version: int
    full: bool

    @property
    def command(self) -> str:
        """The path of its `java`."""
        return str(self.home / "bin" / "java")


def find_java(oldest: int, *, full: bool = False, user: int | None = None) -> Java:
    """The first Java that is new enough and that this user can start; raises Missing."""
    for home in _homes():
        java = _read(home)
        if java and java.version >= oldest and (java.full or not full) and _starts(java, user):
            return java
    if full:
        raise Missing(f"no full JDK {oldest} or newer, with jlink: install one, e.g. Temurin 25, and set JAVA_HOME")
    raise Missing(f"no Java {oldest} or newer: install one (Debian: default-jre-headless) or set JAVA_HOME")


def _homes() -> list[Path]:
    """JAVA_HOME, the java on the PATH, and the usual places, each once."""
    homes = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    if on_path := shutil.which("java"):
        homes.append(Path(on_path).resolve().parents[1])
    for pattern in PLACES:
        homes += sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)
    return list(dict.fromkeys(home.resolve() for home in homes if (home / "bin" / "java").exists()))


def _read(home: Path) -> Java | None:
    try:
        release = (home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        release = ""
    found = re.search(r'^JAVA_VERSION="(\d+)', release, re.MULTILINE)
    if not found:
        said = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True, check=False)
        found = re.search(r'version "(\d+)', said.stderr)
    if not found:
        return None
    full = (home / "bin" / "jlink").exists() and (home / "lib" / "modules").exists()
    return Java(home, int(found[1]), full)


def _starts(java: Java, user: int | None) -> bool:
    try:
        said = subprocess.run([java.command, "-version"], capture_output=True, user=user, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.returncode == 0
