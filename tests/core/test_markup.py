"""Markup of feeds becomes safe, readable text."""

import time

import pytest

from ceasewire.markup import MAX_TEXT, MAX_TITLE, plain, plain_title


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Talks go on", "Talks go on"),
        ("<p>Kyiv</p><p>Moscow</p>", "Kyiv\nMoscow"),
        ("Kyiv<br/>Moscow<br>Geneva", "Kyiv\nMoscow\nGeneva"),
        ("<table><tr><td>Kyiv</td><td>Moscow</td></tr></table>", "Kyiv Moscow"),
        ("K<b>y</b>iv and <a href='x'>Moscow</a>", "Kyiv and Moscow"),
        ("<p>a &amp; b &lt; c&nbsp;d</p>", "a & b < c d"),
        ("a & b < c", "a & b < c"),
        ("5 &lt; 6 &gt; 4", "5 < 6 > 4"),
        ("one\n  two\n\n\nthree\t\tfour", "one two\nthree four"),
        ("<p>one\n two</p>\n\n\n<p> </p><div><p>three</p></div>", "one two\nthree"),
        ("<!-- note --><p>x</p><?php y ?>", "x"),
        ("<ul><li>one<li>two</ul>", "one\ntwo"),
        ("<img src=x onerror=alert(1)>picture", "picture"),
        (
            "<img alt='a > b' src=x>picture <A TITLE=\"<p>\">two</A> it's <a b=it's>3</a>",
            "picture two it's 3",
        ),
        ("one<!-- a --!>two<!-->three<!doctype x>four</>five</ x>six", "onetwothreefourfivesix"),
        ("<svg><svg>a</svg>b</svg>c<svg/>d<iframe src=x />e<object>f<p>g</object>h", "cdeh"),
        ("<script>if (a<b) '</p></scripts>'</script >after<p>it<scripty>x</scripty>", "after\nitx"),
        ("before<p>it <a href='x", "before\nit"),
        ("5 <6 and 7> 4 <3", "5 <6 and 7> 4 <3"),
        ("&#1050;&#x438;&#1111;в", "Київ"),
        ("", ""),
    ],
)
def test_text_of_markup(markup: str, text: str) -> None:
    assert plain(markup) == text


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>Talks",
        "<SCRIPT src=//x.test>alert(1)</SCRIPT>Talks",
        "<style>p{}alert(1)</style>Talks",
        "<svg><script>alert(1)</script></svg>Talks",
        "<iframe srcdoc='<script>alert(1)</script>'>alert(1)</iframe>Talks",
        "<noscript>alert(1)</noscript>Talks",
        "<template>alert(1)</template>Talks",
        "<a href='javascript:alert(1)' onclick='alert(1)'>Talks</a>",
        "&lt;p&gt;Talks&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
        "Talks<script>alert(1)",
    ],
)
def test_nothing_of_a_script_is_left(markup: str) -> None:
    for text in (plain(markup), plain_title(markup)):
        assert "alert" not in text
        assert "<" not in text
    assert plain(markup) == "Talks"


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("Q&amp;A on the talks", "Q&A on the talks"),
        ("Q&amp;amp;A on the talks", "Q&A on the talks"),
        ("&lt;b&gt;Talks&lt;/b&gt; go on", "Talks go on"),
        ("&amp;lt;b&amp;gt;Talks&amp;lt;/b&amp;gt; go on", "Talks go on"),
        ("<b>Talks</b>\n  go <i>on</i>", "Talks go on"),
        ("Talks<br>go on", "Talks go on"),
        ("3 < 4 & 5 > 2", "3 < 4 & 5 > 2"),
        ("M&amp;S and AT&T", "M&S and AT&T"),
    ],
)
def test_headlines_in_one_line(markup: str, title: str) -> None:
    assert plain_title(markup) == title


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("a\x00b", "a\ufffdb"),
        ("a\ud800b", "a\ufffdb"),
        ("a\ud83d\ude00b", "a\U0001f600b"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("a\x07\x1b[31mb", "a[31mb"),
        ("a\x9fb\x92c", "a\u0178b\u2019c"),
        ("&#x202e;a&#0;b&#xd800;c", "a\ufffdb\ufffdc"),
        ("\ufeffa\uffffb", "a\ufffdb"),
        ("a\x85b\u2029c", "a b c"),
    ],
)
def test_signs_that_do_harm_are_out(given: str, text: str) -> None:
    assert plain_title(given) == text
    assert plain_title(f"<b>{given}</b>") == text
    plain(given).encode()


def test_sizes_are_capped_in_bytes_between_letters() -> None:
    title = plain_title("ї" * 10_000)
    assert len(title.encode()) <= MAX_TITLE
    assert set(title) == {"ї"}
    text = plain("<p>" + "мир " * 100_000)
    assert MAX_TEXT - 10 < len(text.encode()) <= MAX_TEXT
    assert set(text) == set("мир ")


@pytest.mark.parametrize(
    "markup",
    [
        *("<b>" * 80_000, "<p>" * 80_000, "&lt;!--" * 40_000, "<" * 250_000, "<a " + "x=1 " * 60_000 + ">"),
        *("&" * 250_000, "&amp;" * 50_000, "\n" * 250_000, " \n" * 125_000, "<!--" * 60_000, "]]>" * 80_000),
        *("<x>" + "\x00" * 200_000, "&lt;p&gt;" * 25_000, "<table>" * 30_000, "<svg><p>" * 30_000),
        *(" " * 250_000, "x" + " " * 250_000 + "x", "\n" + " " * 250_000 + "x", ("\n" + " " * 500) * 500),
        *("&nbsp;" * 40_000, "<ul><li>" * 30_000, "<div>" * 50_000, "<svg>" * 25_000 + "</math>" * 15_000),
        *("<script></script" * 15_000, "<a " + "= " * 120_000, "<a b=\"'" * 30_000, "<p title='>" * 20_000),
        "".join(f"<p><b a={number}>" for number in range(5_000)),
        "<a " + " ".join(f"x{number}" for number in range(40_000)) + ">",
    ],
    ids=lambda markup: f"{markup[:8]!r} {len(markup)}",
)
def test_hostile_markup_takes_no_time(markup: str) -> None:
    start = time.process_time()
    plain(markup)
    plain_title(markup)
    assert time.process_time() - start < 1
