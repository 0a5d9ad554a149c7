"""Each kind of bad input over real sockets: the good feed beside it is untouched, the fault is named once in words."""

import gzip
import json
from collections.abc import Callable

import pytest

from ceasewire.codec import decode, encode
from ceasewire.polling import FeedState
from producers.reasons import WORDS, Reason
from tests.fakes.feed_server import Answer, rss
from tests.producers.conftest import Bench

XML = '<?xml version="1.0" encoding="utf-8"?>'


def wrapped(inner: str, head: str = XML) -> bytes:
    return f'{head}<rss version="2.0"><channel><title>River Post</title>{inner}</channel></rss>'.encode()


BOMB = (
    '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
    "<rss><channel><title>&c;</title><item><title>&c;</title></item></channel></rss>"
)
OUTSIDE = '<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/hostname">]><rss><channel><title>&f;</title></channel></rss>'
MANY_ATTRIBUTES = "<item " + " ".join(f'a{number}="1"' for number in range(20_000)) + "/>"
HEAVY = wrapped(("<item " + " ".join(f'a{number}="1"' for number in range(6_000)) + "/>") * 60)

UNREADABLE: dict[str, tuple[bytes, Reason]] = {
    "not XML": (b"The talks went on until late.", Reason.NOT_A_FEED),
    "XML, but no feed": (b"<?xml version='1.0'?><note><to>you</to></note>", Reason.NOT_A_FEED),
    "HTML instead of a feed": (b"<!DOCTYPE html><html><head><title>Hi</title></head></html>", Reason.WEB_PAGE),
    "empty": (b"", Reason.EMPTY_BODY),
    "blank": (b" \r\n\t ", Reason.EMPTY_BODY),
    "cut off in the first entry": (rss("Talks open")[:150], Reason.CUT_OFF),
    "entity bomb": (BOMB.encode(), Reason.ENTITY_BOMB),
    "entity of a file": (OUTSIDE.encode(), Reason.ENTITY_BOMB),
    "a path": (b"/etc/passwd", Reason.NOT_A_FEED),
    "a web address": (b"http://127.0.0.1:1/feed.xml", Reason.NOT_A_FEED),
    "a tag of 200 KB": (wrapped(MANY_ATTRIBUTES), Reason.TAG_TOO_LONG),
    "attributes that cost seconds": (HEAVY, Reason.TOO_HEAVY),
    "JSON, but no feed": (b'{"hello": [1, 2]}', Reason.NOT_A_FEED),
    "JSON without end": (b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id"', Reason.CUT_OFF),
    "deep JSON": (b'{"items":' + b"[" * 200_000, Reason.NOT_A_FEED),
    "NULs": (b"\0" * 5_000, Reason.EMPTY_BODY),
}


@pytest.mark.parametrize("kind", UNREADABLE)
async def test_what_cannot_be_read_is_named_and_hurts_nobody(bench: Bench, kind: str) -> None:
    body, reason = UNREADABLE[kind]
    bench.server.routes["/bad"] = Answer(body, headers={"Content-Type": "application/rss+xml"})
    bench.add("bad", bench.server.url("/bad"))
    bench.add("good", bench.server.feed("/good", "Talks open"))
    bad, good = await bench.check("bad"), await bench.check("good")
    assert (bad.health, bad.reason, bad.failures) == ("failing", reason.value, 1)
    assert bad.detail.startswith(WORDS[reason])
    assert bad.next_poll is not None
    assert bad.next_poll > bench.moment
    assert (good.health, good.reason) == ("ok", "")
    assert bench.intake.titles("good") == ["Talks open"]
    assert bench.intake.titles("bad") == []
    assert bench.metrics.polls.labels(reason.value)._value.get() == 1


async def read(bench: Bench, body: bytes, **headers: str) -> tuple[list[str], str]:
    """The titles that came of a body, in document order, and the reason that was given."""
    bench.server.routes["/odd"] = Answer(body, headers=headers)
    bench.add("odd", bench.server.url("/odd"))
    state = await bench.check("odd")
    assert state.health == "ok"
    return sorted(bench.intake.titles("odd")), state.reason


async def test_a_truncated_feed_keeps_its_whole_entries(bench: Bench) -> None:
    whole = rss("Talks open", "Talks pause", "Talks end")
    titles, reason = await read(bench, whole[: whole.index(b"Talks end") + 4])
    assert titles == ["Talks open", "Talks pause"]
    assert reason == Reason.TRUNCATED


async def test_a_connection_that_ends_early_keeps_the_whole_entries(bench: Bench) -> None:
    body = rss("Talks open", "Talks pause")
    cut = body[: body.index(b"Talks pause")]
    bench.server.routes["/odd"] = Answer(cut, length=len(body), headers={"ETag": '"full"'})
    bench.add("odd", bench.server.url("/odd"))
    state = await bench.check("odd")
    assert bench.intake.titles("odd") == ["Talks open"]
    assert state.reason == Reason.TRUNCATED
    assert state.etag is None


async def test_a_truncated_json_feed_keeps_its_whole_entries(bench: Bench) -> None:
    items = [{"id": str(number), "title": f"Round {number}"} for number in range(3)]
    text = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "River", "items": items})
    titles, reason = await read(bench, text[: text.index("Round 2")].encode())
    assert titles == ["Round 0", "Round 1"]
    assert reason == Reason.TRUNCATED


CYRILLIC = "Переговори тривають у Женеві"


@pytest.mark.parametrize(
    ("charset", "head", "header", "reason"),
    [
        ("utf-8", '<?xml version="1.0" encoding="iso-8859-1"?>', "text/xml", Reason.WRONG_CHARSET),
        ("utf-8", XML, "text/xml; charset=iso-8859-1", Reason.WRONG_CHARSET),
        ("utf-8", '<?xml version="1.0"?>', "text/xml", ""),
        ("windows-1251", XML, "text/xml; charset=utf-8", Reason.WRONG_CHARSET),
        ("windows-1251", '<?xml version="1.0"?>', "text/xml", Reason.WRONG_CHARSET),
        ("koi8-u", '<?xml version="1.0" encoding="windows-1252"?>', "text/xml", Reason.WRONG_CHARSET),
        ("windows-1251", '<?xml version="1.0" encoding="windows-1251"?>', "text/xml", ""),
        ("utf-16", '<?xml version="1.0" encoding="utf-16"?>', "text/xml", ""),
        ("utf-8-sig", '<?xml version="1.0" encoding="x-nonsense"?>', "text/xml; charset=rot13", ""),
    ],
)
async def test_a_wrong_charset_is_seen_through(bench: Bench, charset: str, head: str, header: str, reason: str) -> None:
    text = wrapped(f"<item><title>{CYRILLIC}</title><guid>1</guid></item>", head).decode()
    titles, named = await read(bench, text.encode(charset), **{"Content-Type": header})
    assert titles == [CYRILLIC]
    assert named == reason


async def test_of_200_000_entries_the_first_are_taken(bench: Bench) -> None:
    bench.settings = bench.settings.model_copy(update={"max_wire_mb": 30.0})
    body = wrapped("".join(f"<item><guid>{n}</guid><title>Line {n}</title></item>" for n in range(200_000)))
    titles, reason = await read(bench, body)
    assert (len(titles), reason) == (2000, Reason.TOO_MANY_ENTRIES)
    assert "Line 0" in titles
    assert "Line 2000" not in titles


async def test_comment_bombs_are_just_text(bench: Bench) -> None:
    titles, reason = await read(
        bench, wrapped("<item><title>Plain</title><description>" + "&lt;!--" * 80_000 + "</description></item>")
    )
    assert (titles, reason) == (["Plain"], "")


async def test_dates_far_off_are_kept_but_do_not_lead(bench: Bench) -> None:
    dates = ("Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 31 Dec 2099 10:00:00 GMT", "Mon, 99 Foo 20XX", "")
    items = "".join(
        f"<item><guid>{n}</guid><title>Dated {n}</title><pubDate>{date}</pubDate></item>"
        for n, date in enumerate(dates)
    )
    titles, reason = await read(bench, wrapped(items))
    assert (len(titles), reason) == (4, "")
    assert all(item.at <= bench.moment for item in bench.intake.items)
    years = {item.title: item.published.year if item.published else None for item in bench.intake.items}
    assert years["Dated 1"] == 2099
    assert years["Dated 2"] is None


async def test_entries_without_titles_get_their_first_words(bench: Bench) -> None:
    titles, reason = await read(
        bench, wrapped("<item><guid>1</guid><description>The envoys met at noon.</description></item>")
    )
    assert (titles, reason) == (["The envoys met at noon."], "")


async def test_empty_entries_are_skipped_and_counted(bench: Bench) -> None:
    titles, reason = await read(bench, wrapped("<item/><item><title>Kept</title></item><item><guid>x</guid></item>"))
    assert (titles, reason) == (["Kept"], Reason.ENTRIES_SKIPPED)


@pytest.mark.parametrize("sign", ["\0", "&#0;", "&#xD800;", "&#55357;", "&#9999999999;", "\x0b"])
async def test_surrogates_and_nuls_become_a_replacement(bench: Bench, sign: str) -> None:
    titles, _ = await read(bench, wrapped(f"<item><guid>1</guid><title>Talks {sign} open</title></item>"))
    assert len(titles) == 1
    assert titles[0].startswith("Talks")
    assert titles[0].endswith("open")
    titles[0].encode("utf-8")
    assert "\0" not in titles[0]


async def test_surrogates_in_json_become_a_replacement(bench: Bench) -> None:
    body = (
        b'{"version":"https://jsonfeed.org/version/1","title":"x","items":[{"id":"1","title":"Talks \\ud800 \\u0000"}]}'
    )
    titles, _ = await read(bench, body)
    titles[0].encode("utf-8")
    assert "\0" not in titles[0]


async def test_scripts_and_bad_links_do_not_pass(bench: Bench) -> None:
    items = (
        "<item><guid>1</guid><title>Talks &lt;script&gt;alert(1)&lt;/script&gt; open</title>"
        "<link>javascript:alert(1)</link></item>"
        "<item><guid>2</guid><title>Second &lt;img src=x onerror=alert(1)&gt;</title>"
        "<link>data:text/html,x</link></item>"
    )
    titles, _ = await read(bench, wrapped(items))
    assert [title.split()[0] for title in titles] == ["Second", "Talks"]
    assert not any(word in title for title in titles for word in ("script", "onerror", "<"))
    assert [item.url for item in bench.intake.items] == [None, None]


async def poll_twice(bench: Bench, body: Callable[[int], bytes]) -> str:
    """Polls a feed whose body changes; gives the last reason."""
    for count in range(3):
        bench.server.routes["/odd"] = Answer(body(count))
        bench.add("odd", bench.server.url("/odd"))
        state = await bench.check("odd")
        bench.later(minutes=5)
    return state.reason


def live(count: int, guid: str, link: str) -> str:
    return (
        f"<item><guid isPermaLink='false'>{guid}</guid><title>Bulletin {count} on the corridor</title>"
        f"<link>https://river.example/{link}</link><description>Text of bulletin {count}.</description></item>"
    )


async def test_ids_new_at_each_fetch_bring_no_repeats(bench: Bench) -> None:
    reason = await poll_twice(
        bench, lambda poll: wrapped("".join(live(n, f"run-{poll}-{n}", f"page-{n}") for n in range(4)))
    )
    assert len(bench.intake.titles("odd")) == 4
    assert reason == Reason.UNSTABLE_IDS


async def test_links_new_at_each_fetch_bring_no_repeats(bench: Bench) -> None:
    await poll_twice(bench, lambda poll: wrapped("".join(live(n, f"id-{n}", f"p{n}?s={poll}") for n in range(4))))
    assert len(bench.intake.titles("odd")) == 4


async def test_one_id_for_all_entries_loses_none(bench: Bench) -> None:
    reason = await poll_twice(bench, lambda _: wrapped("".join(live(n, "same", f"page-{n}") for n in range(4))))
    assert len(bench.intake.titles("odd")) == 4
    assert reason == Reason.REPEATED_IDS


async def test_a_live_blog_with_one_link_keeps_its_entries_apart(bench: Bench) -> None:
    await poll_twice(
        bench, lambda poll: wrapped("".join(live(n, f"post-{n}", "live") for n in range(poll * 2, poll * 2 + 3)))
    )
    assert len(set(bench.intake.titles("odd"))) == 7


async def test_a_compressed_bomb_ends_early(bench: Bench) -> None:
    bomb = gzip.compress(b"<rss>" + b" " * 40_000_000)
    bench.server.routes["/bomb"] = Answer(bomb, headers={"Content-Encoding": "gzip"})
    bench.add("bomb", bench.server.url("/bomb"))
    state = await bench.check("bomb")
    assert (state.reason, len(bomb) < 100_000) == (Reason.TOO_LARGE, True)


async def test_headers_that_are_no_text_are_done_without(bench: Bench) -> None:
    """In bytes of Latin-1: an ETag that cannot be kept, a type that cannot be handed on, an address to go on to."""
    headers = {"ETag": '"caf\xe9"', "Last-Modified": "d\xe9cembre", "Content-Type": "application/rss+xml; x=\xe9"}
    bench.server.routes["/caf%E9"] = Answer(rss("Talks open"), headers=headers)
    bench.server.routes["/valley"] = Answer(status=302, headers={"Location": "/caf\xe9"})
    bench.add("valley", bench.server.url("/valley"))
    for _ in range(2):
        state = await bench.check("valley")
        assert (state.health, state.reason, state.etag, state.last_modified) == ("ok", "", None, None)
        assert decode(encode(state), FeedState) == state
    assert bench.intake.titles("valley") == ["Talks open"]
    assert not any("if-none-match" in asked.headers for asked in bench.server.asked)
