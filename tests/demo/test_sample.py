"""The sample day is large and mixed enough, and each entry says what must come of it."""

import re
from collections import Counter

from embedded.demo.documents import guid
from embedded.demo.sample import Edit, SampleEntry, read_day


def test_day_is_large_and_mixed() -> None:
    day = read_day()
    entries = list(day.entries())
    assert len(entries) >= 66
    assert len(day.feeds) >= 8
    languages = Counter(feed.language for feed, _ in entries)
    assert set(languages) == {"en", "uk", "ru", "de", "fr", "es", "pl"}
    assert min(languages.values()) >= 7
    assert {feed.form for feed in day.feeds} == {"rss", "atom", "json", "rdf"}
    assert {feed.kind for feed in day.feeds} == {"agency", "outlet", "state media", "institution"}


def test_keys_and_feeds_are_unique() -> None:
    day = read_day()
    guids = [guid(feed.feed, entry.key) for feed, entry in day.entries()]
    assert len(guids) == len(set(guids))
    assert len({feed.feed for feed in day.feeds}) == len(day.feeds)


def test_every_language_raises_an_alert_and_every_reason_is_seen() -> None:
    fates = Counter()
    languages = set()
    for feed, entry in read_day().entries():
        last = entry.at(99)
        assert last is not None
        fates[last.rule] += 1
        if last.rule == "sent":
            languages.add(feed.language)
    assert languages == {"en", "uk", "ru", "de", "fr", "es", "pl"}
    assert set(fates) == {"sent", "same_story", "baseline", "too_old", "nothing"}
    assert fates["same_story"] >= 4


def test_expectations_agree_with_each_other() -> None:
    for feed, entry in read_day().entries():
        for text in (entry, *(entry.at(edit.step) for edit in entry.edits)):
            assert text is not None
            if text.rule != "nothing":
                assert "ceasefire" in text.issues, (feed.feed, entry.key)
                assert text.conflict is True, (feed.feed, entry.key)
            if text.rule == "same_story":
                assert text.story is not None
        assert all(edit.step > entry.step for edit in entry.edits)


def test_an_entry_without_a_date_alerts() -> None:
    undated = [entry for _, entry in read_day().entries() if entry.age is None]
    assert [entry.rule for entry in undated] == ["sent"]
    assert undated[0].step > 0


def test_a_story_begins_with_its_original() -> None:
    first: dict[str, int] = {}
    for _, entry in read_day().entries():
        if (entry.story and entry.rule in ("sent", "nothing")) or entry.edits:
            first.setdefault(entry.story or entry.key, max((entry.step, *(edit.step for edit in entry.edits))))
    for _, entry in read_day().entries():
        if entry.rule == "same_story":
            assert entry.story is not None
            assert entry.step > first[entry.story] or entry.story == "power_plants"


def test_noise_other_wars_and_everyday_truces_are_in_it() -> None:
    texts = "\n".join(entry.html for _, entry in read_day().entries())
    for noise in ("cookies", "min read", "Read also:", "Читайте також", "Lesezeit", "Reporting by"):
        assert noise in texts
    nothing = "\n".join(entry.title for _, entry in read_day().entries() if entry.rule == "nothing")
    for word in ("Gaza", "Sudan", "Iran", "tariff truce", "derby", "armistice", "Waffenstillstand", "перемирие"):
        assert re.search(word, nothing), word


def test_an_edit_changes_only_what_it_names() -> None:
    entry = SampleEntry(
        key="a", step=2, title="One", html="<p>x</p>", issues=("ceasefire",), edits=(Edit(step=4, title="Two"),)
    )
    assert entry.at(1) is None
    assert entry.at(3) == entry
    edited = entry.at(4)
    assert edited is not None
    assert (edited.title, edited.html, edited.issues) == ("Two", "<p>x</p>", ("ceasefire",))
