"""Lists of feeds in and out."""

import pytest

from ceasewire.config.feeds import Feed
from producers import opml

LIST = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Agencies"><outline text="Near &amp; far">
  <outline type="rss" text="Valley Wire" xmlUrl="https://valley.example/f?a=1&amp;b=2" category="peace,/talks/geneva"/>
</outline></outline>
<outline type="rss" title="Річка" xmlUrl="https://river.example/feed"/>
<outline type="rss" text="Again" xmlUrl="https://river.example/feed"/>
<outline type="rss" text="Bad" xmlUrl="javascript:alert(1)"/>
<outline text="A note without a feed"/>
</body></opml>"""


def test_folders_and_categories_are_kept() -> None:
    first, second = opml.read(LIST)
    assert (first.url, first.title) == ("https://valley.example/f?a=1&b=2", "Valley Wire")
    assert first.folders == ("Agencies", "Near & far")
    assert first.categories == (("peace",), ("talks", "geneva"))
    assert (second.url, second.title, second.folders, second.categories) == (
        "https://river.example/feed",
        "Річка",
        (),
        (),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://valley.example/list.opml", "not OPML"),
        ("", "not OPML"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><opml/>', "entities"),
        ("<opml>" + " " * 5_000_001, "longer than"),
    ],
)
def test_what_is_no_list_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        opml.read(text)


def test_what_is_written_is_read_again() -> None:
    feeds = [
        Feed(id="valley", url="https://valley.example/f?a=1&b=2", outlet='Valley "Wire" & <co>', kind="state media"),
        Feed(id="river", url="https://river.example/feed", outlet="Річка", country="UA", language="uk"),
    ]
    first, second = opml.read(opml.write(feeds))
    assert (first.url, first.title) == (feeds[0].url, feeds[0].outlet)
    assert (("kind", "state media") in first.categories, ("id", "valley") in first.categories) == (True, True)
    assert (second.folders, second.title) == (("uk",), "Річка")
    assert ("country", "UA") in second.categories
