"""The child that reads pages: lean, under limits, and never brought down for good by what it is given."""

import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from producers.children import Bounds, Children, Ended
from producers.pages.documents import Allowance, Answer, PageDocument, PageText, RobotsDocument, Unread
from tests.fakes.pages import markup, told

GOOD = markup("Talks", *told("the ceasefire"))


@pytest.fixture
async def children() -> AsyncIterator[Children[Answer]]:
    answer: Any = Answer
    made: Children[Answer] = Children("producers.pages.reading_child", answer, 1, Bounds(cpu_seconds=3))
    yield made
    await made.close()


def page(body: bytes) -> PageDocument:
    return PageDocument(body=body, content_type="text/html; charset=utf-8", url="https://post.test/1")


def test_the_child_is_lean() -> None:
    code = (
        "import sys\nsys.argv = ['child', '512', '5']\n"
        "import producers.pages.reading_child as child\nchild.main()\n"
        "print([name for name in ('numpy', 'pydantic', 'asyncio', 'ceasewire', 'feedparser') if name in sys.modules],"
        " 'trafilatura' in sys.modules, file=sys.stderr)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], input=b"", capture_output=True, check=False)
    assert said.stderr.decode().strip() == "[] True"


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>" + b"<div>" * 390_000,
        b"<html><body><div " + b"a" * 1_900_000 + b"=1>",
        b"<html><body>" + b"<!--" * 480_000,
        b"<html><body><p>" + b" " * 1_990_000 + b"x",
        b'<html><script>{"isAccessibleForFree"' + b" " * 1_900_000,
        b"\xff\xfe\x00\xd8" * 1000,
        b"<html><body><p>&#xD800; &#0; \x00 \xed\xa0\x80</p>",
    ],
    ids=["nested", "long attribute", "comments", "blanks", "structured data", "half surrogates", "wrong characters"],
)
async def test_a_hostile_page_is_answered_and_the_next_read(children: Children[Answer], body: bytes) -> None:
    assert isinstance(await children.ask(page(body)), PageText)
    answer = await children.ask(page(GOOD))
    assert isinstance(answer, PageText)
    assert told("the ceasefire")[3] in answer.text


async def test_a_page_over_its_time_or_memory_ends_that_page_only(children: Children[Answer]) -> None:
    heavy = b"<html><body><div " + b" ".join(b"a%d=1" % number for number in range(150_000)) + b">x</div>"
    answer = await children.ask(page(heavy))
    assert isinstance(answer, Ended | Unread)
    assert isinstance(await children.ask(page(GOOD)), PageText)


@pytest.mark.parametrize(
    "body",
    [b"User-agent: *\nDisallow: /" + b"*a" * 200_000 + b"$\n", b"User-agent: *\n" + b"Disallow: /*a*b*c*d$\n" * 20_000],
)
async def test_a_hostile_robots_txt_is_answered_too(children: Children[Answer], body: bytes) -> None:
    robots = RobotsDocument(body=body, url="https://post.test/" + "a" * 1000, agent="Ceasewire")
    assert await children.ask(robots) == Allowance(allowed=True)
