"""The collector of cycles, held back while much is made that stays: it would walk through all of it again and again.

The one thing here that is of the whole process: what it changes cannot be seen in any value, and ends with the call.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for cycles meanwhile; also as a decorator. A sixth of the time in which packs are loaded."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
