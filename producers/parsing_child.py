"""The process that parses: documents in on standard input, what they hold out on standard output.

It is kept lean (no configuration, no numpy, no event loop) and under limits, since feeds are hostile: processor time
is counted per document, memory per process. Frames are a length of 4 bytes and MessagePack.
"""

import math
import os
import resource
import signal
import struct
import sys
import time
from typing import BinaryIO

import msgspec

from producers.documents import Document, Reading, Unreadable
from producers.reading import read
from producers.reasons import Reason

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


def answer(document: Document) -> Reading:
    """What the document holds; whatever goes wrong in reading is a reason."""
    try:
        return read(document)
    except (MemoryError, RecursionError) as error:
        return Unreadable(reason=Reason.TOO_HEAVY, detail=type(error).__name__)
    except Exception as error:
        return Unreadable(reason=Reason.PARSER_FAILED, detail=type(error).__name__)


def serve(source: BinaryIO, sink: BinaryIO, seconds: int) -> None:
    """Answers documents until the source ends."""
    decoder = msgspec.msgpack.Decoder(Document)
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        body = source.read(_LENGTH.unpack(head)[0])
        allow_seconds(seconds)
        began = time.process_time()
        reading = answer(decoder.decode(body))
        frame = msgspec.msgpack.encode(msgspec.structs.replace(reading, seconds=time.process_time() - began))
        sink.write(_LENGTH.pack(len(frame)) + frame)
        sink.flush()


def main() -> None:
    """Takes standard output for answers, and leaves nothing for stray prints."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit_memory(int(sys.argv[1]))
    serve(sys.stdin.buffer, sink, int(sys.argv[2]))


if __name__ == "__main__":
    main()
