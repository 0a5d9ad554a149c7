"""The process that parses feeds: documents in, what they hold out."""

import time

import msgspec

from producers.child_serving import run
from producers.documents import Document, Reading, Unreadable
from producers.reading import read
from producers.reasons import Reason

_DOCUMENTS = msgspec.msgpack.Decoder(Document)


def answer(document: Document) -> Reading:
    """What the document holds; whatever goes wrong in reading is a reason."""
    try:
        return read(document)
    except (MemoryError, RecursionError) as error:
        return Unreadable(reason=Reason.TOO_HEAVY, detail=type(error).__name__)
    except Exception as error:
        return Unreadable(reason=Reason.PARSER_FAILED, detail=type(error).__name__)


def _frame(request: bytes) -> bytes:
    began = time.process_time()
    reading = answer(_DOCUMENTS.decode(request))
    return msgspec.msgpack.encode(msgspec.structs.replace(reading, seconds=time.process_time() - began))


if __name__ == "__main__":
    run(_frame)
