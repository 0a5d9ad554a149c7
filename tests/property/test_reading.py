"""Whatever bytes a server sends, reading them gives a value that can be passed on."""

import warnings

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producers.charset import decode
from producers.documents import Document, Parsed, Reading
from producers.json_feed import read_json
from producers.parsing_child import answer
from producers.reasons import WORDS
from tests.fakes.feed_server import rss

ATOM = (
    '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Долина</title>'
    '<entry xml:base="/b/"><id>1</id><title type="html">A &lt;b&gt;B&lt;/b&gt; &amp; C</title><link href="x"/>'
    "<updated>2026-03-01T10:00:00Z</updated><content type='xhtml'><div>Text &#1055;</div></content></entry></feed>"
).encode()
JSON = (
    '{"version":"https://jsonfeed.org/version/1.1","title":"Річка","items":[{"id":"1","title":"A","content_html":"<p>",'
    '"date_published":"2026-03-01T10:00:00+02:00"},{"id":2,"url":"/x"}]}'
).encode()
SEEDS = [rss("Talks open", "Talks & pause"), ATOM, JSON, ATOM.decode().encode("utf-16")]
PIECES = [
    b"<item>",
    b"</item>",
    b"<",
    b">",
    b"&",
    b"&#xD800;",
    b"&#0;",
    b"\0",
    b"\xff",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<!DOCTYPE rss [",
    b"<!ENTITY a 'b'>",
    b"&a;",
    b'"',
    b"{",
    b"[",
    b"]",
    b"\\ud800",
    b"null",
    b"1e999",
    b"xmlns:a='b'",
    b"<link href='http://[::1'/>",
    b"<pubDate>99999-99-99</pubDate>",
    b"<guid isPermaLink='true'>http://[</guid>",
    b"<source url='x'>",
    b"<content:encoded>",
    b"<dc:date>now</dc:date>",
    b"<title type='base64'>",
    "ї".encode("cp1251"),
]


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """A feed that was cut, spliced and sprinkled with odd pieces; or any bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=300))
    body = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(body)))
        end = draw(st.integers(start, min(len(body), start + 60)))
        body = body[:start] + draw(st.sampled_from([b"", *PIECES])) + body[end:]
    return body


@settings(max_examples=400, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
@given(
    body=documents(),
    content_type=st.sampled_from([None, "text/xml; charset=koi8-r", "x; charset=\0", "charset=utf-16"]),
)
def test_any_bytes_become_a_reading_that_can_be_passed_on(body: bytes, content_type: str | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reading = answer(Document(body=body, content_type=content_type, url="https://valley.example/f", limit=50))
    if not isinstance(reading, Parsed):
        assert reading.reason in WORDS
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(reading), type=Reading) == reading


@settings(max_examples=200, deadline=1000)
@given(body=st.binary(max_size=400))
def test_any_bytes_are_some_text(body: bytes) -> None:
    assert isinstance(decode(body, "text/xml; charset=latin-1").text, str)


@settings(max_examples=200, deadline=1000)
@given(cut=st.integers(0, len(JSON)))
def test_a_json_feed_cut_anywhere_gives_only_whole_entries(cut: int) -> None:
    reading = read_json(JSON[:cut].decode("utf-8", "replace"), "https://valley.example/f", 50)
    whole = read_json(JSON.decode(), "https://valley.example/f", 50)
    assert isinstance(whole, Parsed)
    if isinstance(reading, Parsed):
        assert reading.entries == whole.entries[: len(reading.entries)]
