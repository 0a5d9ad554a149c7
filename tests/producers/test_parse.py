"""The parsing children: limits, deaths, recycling; and what is read of whole documents."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from ceasewire.items import Entry
from producers.charset import decode
from producers.documents import Parsed, Reading
from producers.parse import Bounds, Parsers
from producers.reasons import Reason
from tests.fakes.feed_server import rss
from tests.producers.conftest import until

URL = "https://valley.example/news/feed.xml"
HEAVY = (
    b"<rss><channel><title>x</title>"
    + (b"<item " + b" ".join(b'a%d="1"' % number for number in range(6_000)) + b"/>") * 200
    + b"</channel></rss>"
)


@pytest.fixture
async def parsers() -> AsyncIterator[Parsers]:
    made = Parsers(2, Bounds(cpu_seconds=1, wall_seconds=15, documents=3))
    yield made
    await made.close()


async def parse(parsers: Parsers, body: bytes | str, content_type: str | None = None) -> Reading:
    return await parsers.parse(body.encode() if isinstance(body, str) else body, content_type, URL, 2000)


async def entries(parsers: Parsers, body: bytes | str) -> tuple[Entry, ...]:
    reading = await parse(parsers, body)
    assert isinstance(reading, Parsed), reading
    return reading.entries


async def test_a_document_over_its_processor_time_ends_its_child_only(parsers: Parsers) -> None:
    heavy, good = await asyncio.gather(parse(parsers, HEAVY), parse(parsers, rss("Talks open")))
    assert not isinstance(heavy, Parsed)
    assert heavy.reason is Reason.TOO_HEAVY
    assert isinstance(good, Parsed)
    assert len(await entries(parsers, rss("Talks open", "Talks pause"))) == 2


async def test_the_limit_is_for_each_document_not_for_the_life_of_a_child() -> None:
    parsers = Parsers(1, Bounds(cpu_seconds=1, documents=100))
    try:
        body = rss(*(f"Line {number}" for number in range(500)))
        used = 0.0
        for _ in range(30):
            reading = await parse(parsers, body)
            assert isinstance(reading, Parsed)
            used += reading.seconds
        assert used > 1
    finally:
        await parsers.close()


async def test_a_document_over_its_time_is_given_up() -> None:
    parsers = Parsers(1, Bounds(cpu_seconds=60, wall_seconds=0.5))
    try:
        reading = await parse(parsers, HEAVY)
        assert not isinstance(reading, Parsed)
        assert reading.reason is Reason.TOO_HEAVY
        assert isinstance(await parse(parsers, rss("Talks open")), Reading)
    finally:
        await parsers.close()


def children() -> list[psutil.Process]:
    """The parsing children of this process that live."""
    return [one for one in psutil.Process().children() if _parses(one)]


def _parses(one: psutil.Process) -> bool:
    try:
        return one.status() != psutil.STATUS_ZOMBIE and "producers.parsing_child" in one.cmdline()
    except psutil.NoSuchProcess:  # it ended between the two looks
        return False


async def test_a_child_that_was_killed_is_replaced_and_no_feed_blamed(parsers: Parsers) -> None:
    await parse(parsers, rss("Talks open"))
    (child,) = children()
    child.kill()
    await until(lambda: not children())
    assert len(await entries(parsers, rss("Talks open"))) == 1


async def test_children_are_replaced_after_their_share_and_end_at_close() -> None:
    parsers = Parsers(1, Bounds(documents=2))
    seen: set[int] = set()
    for _ in range(4):
        await parse(parsers, rss("Talks open"))
        seen |= {child.pid for child in children()}
    await parsers.close()
    assert len(seen) == 2
    assert not children()


async def test_a_cancelled_document_leaves_no_child_in_between() -> None:
    parsers = Parsers(1, Bounds(cpu_seconds=60))
    try:
        task = asyncio.create_task(parse(parsers, HEAVY))
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert len(await entries(parsers, rss("Talks open"))) == 1
    finally:
        await parsers.close()


async def test_memory_is_limited() -> None:
    parsers = Parsers(1, Bounds(memory_mb=90))
    try:
        items = b"".join(
            b"<item><title>%d</title><description>%s</description></item>" % (n, b"x" * 9000) for n in range(1600)
        )
        reading = await parse(parsers, b"<rss><channel><title>x</title>" + items + b"</channel></rss>")
        assert not isinstance(reading, Parsed)
        assert reading.reason in (Reason.TOO_HEAVY, Reason.PARSER_FAILED)
    finally:
        await parsers.close()


async def test_a_child_knows_no_secret_of_ours(parsers: Parsers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALLEY_KEY", "oak-and-ash")
    await parse(parsers, rss("Talks open"))
    (child,) = children()
    assert "VALLEY_KEY" not in child.environ()


def test_the_child_is_lean() -> None:
    code = (
        "import sys, producers.parsing_child\n"
        "heavy = {'numpy', 'pydantic', 'aiohttp', 'ahocorasick_rs', 'py3langid'}\n"
        "heavy |= {'asyncio', 'sqlite3', 'yaml', 'requests'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" {base}>
  <title>Talblatt</title>{link}
  <entry><id>tag:valley.example,2026:1</id><title type="html">Talks &lt;b&gt;open&lt;/b&gt;</title>
    <link rel="enclosure" href="/sound.mp3" type="audio/mpeg"/><link href="story/1" rel="alternate"/>
    <summary>Short.</summary><content type="html">&lt;p&gt;Much longer text.&lt;/p&gt;</content>
    <updated>2026-03-01T10:00:00+02:00</updated><published>2026-03-01T08:00:00+02:00</published></entry>
</feed>"""


@pytest.mark.parametrize(
    ("base", "link", "url"),
    [
        ("", "", "https://valley.example/news/story/1"),
        ("", '<link href="https://other.example/front/"/>', "https://other.example/front/story/1"),
        ("", '<link href="/front/"/>', "https://valley.example/front/story/1"),
        ('xml:base="https://base.example/x/"', "", "https://base.example/x/story/1"),
    ],
    ids=["document", "feed link", "relative feed link", "xml:base"],
)
async def test_relative_links_are_resolved_and_kept(parsers: Parsers, base: str, link: str, url: str) -> None:
    (entry,) = await entries(parsers, ATOM.format(base=base, link=link))
    assert entry.url == url
    if not base:
        assert entry.link == "story/1"
    assert entry.html == "<p>Much longer text.</p>"
    assert entry.guid == "tag:valley.example,2026:1"
    assert (entry.published and entry.published.isoformat()) == "2026-03-01T06:00:00+00:00"
    assert (entry.updated and entry.updated.isoformat()) == "2026-03-01T08:00:00+00:00"
    assert entry.language == "de"


async def test_rss_with_source_and_full_content(parsers: Parsers) -> None:
    body = (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Hub</title>'
        "<ttl>45</ttl><language>en-GB</language><item><title>Talks open - River Post</title>"
        "<link>https://hub.example/1</link>"
        '<source url="https://river.example">River Post</source><description>Short.</description>'
        "<content:encoded><![CDATA[<p>The whole text.</p>]]></content:encoded>"
        "<pubDate>1 March 2026, 14:05 EET</pubDate></item></channel></rss>"
    )
    reading = await parse(parsers, body)
    assert isinstance(reading, Parsed)
    (entry,) = reading.entries
    assert (entry.outlet, entry.html) == ("River Post", "<p>The whole text.</p>")
    assert (entry.published and entry.published.isoformat()) == "2026-03-01T12:05:00+00:00"
    assert (reading.title, reading.ttl_minutes, reading.language) == ("Hub", 45, "en-GB")


async def test_the_first_link_of_an_item_counts_not_those_of_related_ones(parsers: Parsers) -> None:
    body = (
        '<rss version="2.0" xmlns:x="https://x.example/"><channel><title>Hub</title><item><title>Talks open</title>'
        "<link>https://hub.example/1</link><x:related><link>https://hub.example/old</link></x:related>"
        "</item></channel></rss>"
    )
    (entry,) = await entries(parsers, body)
    assert entry.link == "https://hub.example/1"


async def test_plain_text_is_kept_as_text(parsers: Parsers) -> None:
    body = ATOM.format(base="", link="").replace(
        'type="html">&lt;p&gt;Much longer text.&lt;/p&gt;', 'type="text">5 &lt; 7 b'
    )
    (entry,) = await entries(parsers, body)
    assert entry.html == "5 &lt; 7 b"


async def test_unescaped_ampersands_keep_their_links(parsers: Parsers) -> None:
    body = "<rss><channel><title>a & b</title><item><title>A & B</title><link>https://e.example/?x=1&y=2</link></item></channel></rss>"
    reading = await parse(parsers, body)
    assert isinstance(reading, Parsed)
    assert reading.entries[0].link == "https://e.example/?x=1&y=2"
    assert [remark.reason for remark in reading.remarks] == [Reason.FAULTY_XML]


async def test_json_feed_is_read(parsers: Parsers) -> None:
    body = (
        '{"version":"https://jsonfeed.org/version/1.1","title":"Valley","language":"fr","home_page_url":"/home/",'
        '"items":[{"id":7,"url":"one","title":"A < B","content_text":"x < y",'
        '"date_published":"2026-03-01T10:00:00+01:00"},'
        '{"id":"b","external_url":"https://e.example/b","content_html":"<p>Hi</p>","summary":"no"},"nonsense",{}]}'
    )
    reading = await parse(parsers, body, "application/feed+json")
    assert isinstance(reading, Parsed)
    first, second = reading.entries
    assert (first.guid, first.link, first.url) == ("7", "one", "https://valley.example/home/one")
    assert (first.title, first.html) == ("A &lt; B", "x &lt; y")
    assert (first.published and first.published.isoformat()) == "2026-03-01T09:00:00+00:00"
    assert (second.url, second.html, second.published) == ("https://e.example/b", "<p>Hi</p>", None)
    assert reading.skipped == 2
    assert [remark.reason for remark in reading.remarks] == [Reason.ENTRIES_SKIPPED]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret.xml"
    path.write_bytes(rss("Secret"))
    return path


async def test_a_body_that_names_a_file_opens_none(parsers: Parsers, secret: Path) -> None:
    reading = await parse(parsers, str(secret))
    assert not isinstance(reading, Parsed)
    assert reading.reason is Reason.NOT_A_FEED


async def test_an_entry_that_the_reader_fails_on_is_skipped_and_the_others_stay(parsers: Parsers) -> None:
    bad = "<item><link>h</item>/v</link><description>x<source url='x'></description></item>"
    body = f"<rss><channel><title>Valley</title><item><title>One</title></item>{bad}<item><title>Two</title></item>"
    reading = await parse(parsers, f"{body}</channel></rss>")
    assert isinstance(reading, Parsed), reading
    assert [entry.title for entry in reading.entries] == ["One", "Two"]
    assert (reading.skipped, reading.remarks[0].reason) == (1, Reason.ENTRIES_SKIPPED)


async def test_what_a_broken_server_prints_before_the_document_is_dropped(parsers: Parsers) -> None:
    printed = b"<br /><b>Warning</b>: too many sorrows in feed.php on line 7\n"
    (entry,) = await entries(parsers, printed + rss("Talks open"))
    assert entry.title == "Talks open"


@pytest.mark.parametrize(
    ("body", "content_type", "text", "claimed"),
    [
        ("Ядро".encode() * 30 + b"\xff", "text/xml; charset=iso-8859-1", "Ядро" * 30 + "\ufffd", "iso8859-1"),
        ("Привіт усім".encode("koi8-u"), None, "Привіт усім", "none"),
        ("Привет всем".encode("windows-1251"), "text/xml; charset=windows-1251", "Привет всем", None),
        ("Привет всем".encode("cp866"), None, "Привет всем", "none"),
        ("Zażółć gęślą jaźń".encode("windows-1250"), None, "Zażółć gęślą jaźń", "none"),
        ("Übergröße für André".encode("latin-1"), None, "Übergröße für André", "none"),
        ("“quoted”".encode("cp1252"), "text/xml; charset=iso-8859-1", "“quoted”", None),
        ("会談".encode("iso2022_jp"), "text/xml; charset=iso-2022-jp", "会談", None),
        ("会谈重启".encode("gb18030"), "text/xml; charset=gb2312", "会谈重启", None),
        ("Talks".encode("utf-16"), "text/xml; charset=utf-8", "Talks", None),
        (b"plain", "text/xml; charset=zip", "plain", None),
    ],
)
def test_charsets(body: bytes, content_type: str | None, text: str, claimed: str | None) -> None:
    found = decode(body, content_type)
    assert (found.text, found.claimed) == (text, claimed)
