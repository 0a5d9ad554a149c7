"""The parsing children: documents in, entries or a named reason out."""

import asyncio
import contextlib
from typing import Any

from producers.children import Bounds, Children, Ended
from producers.documents import Document, Reading, Unreadable
from producers.reasons import Reason

__all__ = ["Bounds", "Parsers"]


class Parsers:
    """`count` parsing children, started when first wanted."""

    def __init__(self, count: int, bounds: Bounds | None = None) -> None:
        answer: Any = Reading
        self._children: Children[Reading] = Children("producers.parsing_child", answer, count, bounds or Bounds())
        self._slow = asyncio.Semaphore(max(1, count - 1))

    async def parse(
        self,
        body: bytes,
        content_type: str | None,
        url: str,
        limit: int,
        *,
        whole: bool = True,
        slow: bool = False,
    ) -> Reading:
        """What the body holds, at most `limit` entries.

        `slow`: this feed's document was heavy before; such ones never take the last child from the others.
        """
        document = Document(body=body, content_type=content_type, url=url, limit=limit, whole=whole)
        async with self._slow if slow else contextlib.nullcontext():
            answer = await self._children.ask(document)
        if isinstance(answer, Ended):
            reason = Reason.TOO_HEAVY if answer.spent else Reason.PARSER_FAILED
            return Unreadable(reason=reason, detail=answer.detail)
        return answer

    async def close(self) -> None:
        """Ends all children."""
        await self._children.close()
