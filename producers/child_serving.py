"""What every reading child does: takes requests from standard input, under limits, and answers on standard output.

Such a process is kept lean (no configuration, no numpy, no event loop), since what it reads is hostile: processor time
is counted per request, memory per process. Frames are a length of 4 bytes and MessagePack.
"""

import math
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable
from typing import BinaryIO

_LENGTH = struct.Struct(">I")


def limit_memory(megabytes: int) -> None:
    """Caps the address space of this process; some systems know no such cap."""
    try:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    except (ValueError, OSError):
        return


def allow_seconds(seconds: int) -> None:
    """Grants this many seconds of processor time from now on; the kernel ends the process after them."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(usage.ru_utime + usage.ru_stime) + seconds
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def serve(source: BinaryIO, sink: BinaryIO, seconds: int, answer: Callable[[bytes], bytes]) -> None:
    """Answers requests until the source ends."""
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        request = source.read(_LENGTH.unpack(head)[0])
        allow_seconds(seconds)
        frame = answer(request)
        sink.write(_LENGTH.pack(len(frame)) + frame)
        sink.flush()


def run(answer: Callable[[bytes], bytes]) -> None:
    """Takes standard output for answers, and leaves nothing for stray prints; arguments: MB and seconds."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit_memory(int(sys.argv[1]))
    serve(sys.stdin.buffer, sink, int(sys.argv[2]), answer)
