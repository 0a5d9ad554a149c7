"""A service in a process group of its own: started, asked until it answers, killed or stopped, never left behind."""

import os
import random
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

HOST = "127.0.0.1"


class NotStarted(Exception):
    """The service ended, or did not answer in time; str() holds the end of its log."""


class Service:
    """What Broker and Node share. A service keeps its folder and ports from one start to the next."""

    name = "service"
    patience = 150.0

    def __init__(self, folder: Path | None = None) -> None:
        self._made = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix=f"ceasewire-{self.name}-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "output.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where the service answers."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether the service does its work, asked once."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it, anew on the same folder after a kill, and return when it answers; raises NotStarted."""
        assert self._process is None, "it runs already"
        try:
            self._launch()
            end = time.monotonic() + self.patience
            while not self.answers():
                ended = self._process is None or self._process.poll() is not None
                if ended or time.monotonic() > end:
                    why = "ended" if ended else "did not answer in time"
                    raise NotStarted(f"{self.name} {why}; its log:\n{self.tail()}")
                time.sleep(0.1)
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """SIGKILL to all its processes, as when the machine loses power; returns when they are gone."""
        self._end(signal.SIGKILL, 20)

    def stop(self) -> None:
        """Stop it as an operator does; its folder goes too, where it was made for it."""
        self._end(signal.SIGTERM, 20)
        if self._made:
            shutil.rmtree(self.folder, ignore_errors=True)

    def tail(self, lines: int = 40) -> str:
        """The end of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def _launch(self) -> None:
        raise NotImplementedError

    def _run(self, command: list[str], environ: Mapping[str, str], cwd: Path, user: int | None = None) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )
        # Its input closes when this process ends in whatever way, be it SIGKILL; then the service ends too.
        rest = f"read -r _; kill -s KILL -- -{self._process.pid}"
        if self._made:
            rest += f"; sleep 1; rm -rf -- {shlex.quote(str(self.folder))}"
        self._watch = subprocess.Popen(
            ["/bin/sh", "-c", rest],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _end(self, how: signal.Signals, seconds: float) -> None:
        if self._process is None:
            return
        group = self._process.pid
        members = _members(group)
        try:
            os.killpg(group, how)
            if not gone(members, seconds):
                os.killpg(group, signal.SIGKILL)
                gone(members, seconds)
        except ProcessLookupError:
            pass
        self._process.wait(seconds)
        self._process = None
        if self._watch is not None:
            self._watch.kill()
            self._watch.communicate()
            self._watch = None


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody holds, below those that the system gives to clients.

    A client that tries to reach a dead broker would else be given the broker's own port one day, and hold it.
    """
    ports: list[int] = []
    while len(ports) < count:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as trial:
            try:
                trial.bind((HOST, port))
            except OSError:
                continue
        if port not in ports:
            ports.append(port)
    return ports


def gone(processes: list[psutil.Process], seconds: float) -> bool:
    """Whether all of them end in time; one that only waits for its parent to take note has ended."""
    end = time.monotonic() + seconds
    while left := [process for process in processes if _lives(process)]:
        if time.monotonic() > end:
            return False
        processes = left
        time.sleep(0.05)
    return True


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _members(group: int) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group:
                found.append(process)
        except (ProcessLookupError, PermissionError):
            continue
    return found
