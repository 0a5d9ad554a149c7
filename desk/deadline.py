"""A read that takes too long is given up, and the page says so."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")

QUERY_SECONDS = 1.0
"""For what a person's query asks (threat model: query 1 s)."""
READ_SECONDS = 10.0
"""For reads that no query shapes."""


class TooSlow(Exception):
    """A read took longer than it may."""


async def within(seconds: float, read: Awaitable[T]) -> T:
    """What the read gives; raises TooSlow after the seconds."""
    try:
        async with asyncio.timeout(seconds):
            return await read
    except TimeoutError as error:
        raise TooSlow(f"the store needed more than {seconds:g} s") from error
