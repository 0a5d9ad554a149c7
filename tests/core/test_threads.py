"""Threads: stories about one development in other words are joined, others are not, and nothing is held for it."""

from datetime import timedelta
from functools import cache

import msgspec
import pytest

from ceasewire import bundled
from ceasewire.alerts import Reason
from ceasewire.gathering import Gathered, _melted, apply, gather
from ceasewire.items import Tagged
from ceasewire.stories import Story
from ceasewire.tagging.gist import Gists, build_gists, telling_of, weights_of
from ceasewire.tagging.vocabulary import build_vocabulary
from ceasewire.threads import FARTHEST
from tests.fakes.gathering import RULES, Desk, reasons
from tests.fakes.stories import START, later, prose, tagged


@cache
def gists() -> Gists:
    packs = bundled.packs(["ukraine_russia"])
    return build_gists(packs, (term.text for term in build_vocabulary(packs).compiler.terms))


def told(key: str, title: str, text: str = "", language: str = "en", **given: object) -> Tagged:
    item = tagged(key, title, text, **given)  # type: ignore[arg-type]
    gist = gists().read(title, text, language, item.issues, item.actors)
    return msgspec.structs.replace(item, gist=gist, language=language)


def threads(desk: Desk, *items: Tagged) -> list[str]:
    found = []
    for item in items:
        story = desk.state.story(desk.state.members[item.item.id].story)
        assert story is not None
        found.append(story.began)
    return found


SAME = {
    "en": [
        ("Envoys leave Montreux without a deal on the harvest truce", "The talks broke up after nine hours."),
        ("No deal in Montreux: harvest truce talks break up", "Delegations flew home on Thursday."),
    ],
    "de": [
        ("Unterhändler verlassen Montreux ohne Einigung über Erntewaffenruhe", "Verhandelt wurde neun Stunden."),
        ("Keine Einigung in Montreux: Gespräche über die Erntewaffenruhe enden", "Die Delegationen sind abgereist."),
    ],
    "ru": [
        ("Переговоры в Монтрё о перемирии на время жатвы завершились ничем", "Заседали девять часов."),
        ("Делегации покинули Монтрё: перемирие на время жатвы не согласовано", "Заседание было долгим."),
    ],
    "uk": [
        ("Переговори в Монтре про жнивне перемир'я завершилися без угоди", "Засідали дев'ять годин."),
        ("Без угоди: делегації залишили Монтре, жнивне перемир'я не погоджено", "Засідання тривало довго."),
    ],
}  # fmt: skip


@pytest.mark.parametrize("language", SAME)
def test_two_outlets_telling_one_development_in_their_own_words_are_one_thread(language: str) -> None:
    desk = Desk()
    (first_title, first_text), (second_title, second_text) = SAME[language]
    first = told("1", first_title, first_text, language)
    second = told("2", second_title, second_text, language, feed="b", seen=later(hours=2), published=later(hours=2))
    one, other = desk(first), desk(second)
    assert desk.story_of(first) != desk.story_of(second)
    assert threads(desk, first, second) == [first.item.id] * 2
    assert reasons(one) == reasons(other) == [Reason.FIRST], "a thread holds nothing back"
    assert [alert.follows for alert in (*one.alerts, *other.alerts)] == [None, one.alerts[0].id]


APART = [
    ("Envoys leave Montreux without a deal on the harvest truce", "The talks broke up after nine hours."),
    ("Prisoners come home in the largest exchange since spring", "Buses crossed the border near Chernihiv."),
    ("Drones set a refinery in Ryazan on fire", "Firemen fought the blaze until the morning."),
    ("Parliament votes on the minerals accord with Washington", "Deputies argued for two days about royalties."),
    ("Inspectors reach the Zaporizhzhia plant after a long detour", "The agency reports damage to a cooling pond."),
]  # fmt: skip


def test_other_developments_of_the_same_war_are_threads_of_their_own() -> None:
    desk = Desk()
    items = [told(f"{number}", *text, feed=f"f{number}") for number, text in enumerate(APART)]
    for item in items:
        desk(item)
    assert threads(desk, *items) == [item.item.id for item in items]


def test_an_alert_follows_the_last_one_of_its_rule_also_over_a_story_that_raised_none() -> None:
    desk = Desk()
    (title, text), (other, more) = SAME["en"]
    first = desk(told("1", title, text))
    desk(told("2", other, more, feed="b", seen=later(hours=1), published=later(hours=1), rules=()))
    third = told(
        "3",
        "After Montreux: harvest truce talks may resume, no deal yet",
        "The delegations flew home from the lake.",
        feed="c",
        seen=later(hours=2),
        published=later(hours=2),
    )
    alert = desk(third).alerts[0]
    assert alert.follows == first.alerts[0].id
    assert len(set(threads(desk, third))) == 1


def test_what_is_weeks_apart_is_no_thread() -> None:
    desk = Desk(ceasefire=RULES["ceasefire"].model_copy(update={"max_age": timedelta(days=40)}))
    (title, text), (other, more) = SAME["en"]
    late = START + FARTHEST + timedelta(hours=1)
    first, second = told("1", title, text), told("2", other, more, feed="b", seen=late, published=late)
    desk(first)
    desk(second)
    assert threads(desk, first, second) == [first.item.id, second.item.id]


def test_a_copy_joins_its_story_and_is_held_as_before() -> None:
    desk = Desk()
    text = prose("alpha")
    first, copy = told("1", "Envoys leave Montreux", text), told("2", "Envoys leave Montreux today", text, feed="b")
    desk(first)
    assert reasons(desk(copy)) == [Reason.SAME_STORY]
    assert threads(desk, copy) == [first.item.id]


def test_a_state_that_was_read_again_gives_the_same_threads() -> None:
    words = ["montreux", "harvest", "refinery", "ryazan", "pond", "plant", "royalties", "buses", "lake", "night"]
    items = []
    for number in range(60):
        picked = [words[(number * step + step) % len(words)] for step in (1, 3, 7)]
        when = later(minutes=number)
        title = f"Report {number}: {' '.join(picked)} and {picked[0]} again"
        items.append(told(f"{number}", title, " ".join(picked * 2), feed=f"f{number}", seen=when, published=when))
    straight, broken = Gathered.empty(), Gathered.empty()
    for number, item in enumerate(items):
        if number % 17 == 16:
            broken = Gathered.restore(broken.members.values(), broken.stories.values())
        for state in (straight, broken):
            apply(state, gather(state, item, RULES, item.item.seen))
    assert broken.stories == straight.stories
    assert len({story.began for story in straight.stories.values()}) < len(straight.stories)


def test_a_gist_leaves_out_the_outlet_and_words_that_say_nothing() -> None:
    def read(title: str) -> tuple[int, ...]:
        return gists().read(title, "", "en", (), ())

    assert read("Envoys leave Montreux | Morning Wire") == read("Envoys leave Montreux")
    assert read("Envoys leave Montreux - Morning Wire") == read("Envoys leave Montreux")
    assert read("What they said about it and why") == ()
    assert list(read("Envoys leave Montreux")) == sorted(read("Envoys leave Montreux"))


def test_a_rare_word_of_the_headline_weighs_most() -> None:
    weights = weights_of(gists().read("Ceasefire in Montreux", "", "en", (), ()))
    assert max(weights.values()) == 8.7
    (rare,) = [word for word, weight in weights.items() if weight == 8.7]
    assert rare in telling_of(gists().read("Montreux", "", "en", (), ()))


def test_a_thread_does_not_drift_from_one_thing_to_the_next() -> None:
    """Each report is like the one before it, the fourth has nothing of the first."""
    words = ["Montreux", "Ryazan", "flood", "turbine", "rotor", "bearing", "copper", "cable", "orchestra"]
    desk = Desk()
    items = []
    for number in range(len(words) - 2):
        when = later(hours=number)
        items.append(
            told(f"{number}", " ".join(words[number : number + 3]), feed=f"f{number}", seen=when, published=when)
        )
        gist = gists().read(items[-1].item.title, "", "en", (), ())  # no tags: all of these are tagged alike
        items[-1] = msgspec.structs.replace(items[-1], gist=gist)
        desk(items[-1])
    found = threads(desk, *items)
    assert found[0] == found[1] == found[2], "the third still shares a word with the first"
    assert found[3] == found[4] == found[5] != found[0]


def test_what_lies_beyond_the_window_and_is_not_forgotten_yet_changes_nothing() -> None:
    """A state that still holds old members, and one that was read from the window, find the same thread."""
    (title, text), (other, more) = SAME["en"]
    old = START - timedelta(hours=72, minutes=20)
    crowd = [told(f"o{n}", f"{title} {n}", text, feed=f"o{n}", seen=old, published=START) for n in range(60)]
    near = told("near", title, text, feed="near", seen=later(hours=-5), published=START)
    live = Gathered.empty()
    for item in (*crowd, near):
        apply(live, gather(live, item, RULES, item.item.seen))
    since = START - timedelta(hours=72)
    kept = [member for member in live.members.values() if member.at >= since]
    read = Gathered.restore(kept, [live.stories[member.story] for member in kept])
    new = told("new", other, more, feed="new", seen=START, published=START)
    found = [gather(state, new, RULES, START).stories[0] for state in (live, read)]
    assert found[0].began == found[1].began == new.item.id  # and with its first story a thread has left it


def test_a_story_that_goes_into_the_one_that_it_follows_leaves_its_own_way_on() -> None:
    def story(id: str, first: int, thread: str = "", follows: str = "") -> Story:
        at = later(hours=first)
        return Story(id=id, title=id, first=at, last=at, items=(id,), thread=thread, follows=follows)

    younger = story("y", 2, thread="z", follows="z")
    assert (_melted(story("o", 1, "z", "y"), younger).thread, _melted(story("o", 1, "z", "y"), younger).follows) == (
        "z",
        "z",
    )
    alone = _melted(story("o", 1), story("y", 2, thread="o", follows="o"))
    assert (alone.thread, alone.follows) == ("", "")


def test_what_tells_of_another_conflict_does_not_follow() -> None:
    (title, text), (other, more) = SAME["en"]
    first = msgspec.structs.replace(told("1", title, text), conflict="ukraine_russia")
    second = told("2", other, more, feed="b", seen=later(hours=2), published=later(hours=2))
    for conflict, follows in (("gaza", False), ("ukraine_russia", True), (None, True)):
        desk = Desk()
        items = (first, msgspec.structs.replace(second, conflict=conflict))
        for item in items:
            desk(item)
        assert len(set(threads(desk, *items))) == (1 if follows else 2), conflict


def test_a_word_that_many_texts_of_the_window_have_joins_less() -> None:
    one, other = "Cheese fair with bakers and coopers in Montreux", "Ferry and tram line to Montreux open early"

    def joined(between: int) -> bool:
        desk = Desk()
        first, last = told("1", one), told("2", other, feed="b", seen=later(hours=3), published=later(hours=3))
        desk(first)
        for n in range(between):
            word = f"zq{chr(97 + n // 26)}{chr(97 + n % 26)}x"
            old = {"seen": later(hours=1), "published": START - FARTHEST - timedelta(days=1)}  # follows neither
            desk(told(f"x{n}", f"{word}a {word}b {word}c Montreux", feed=f"f{n}", **old))
        desk(last)
        began = threads(desk, first, last)
        return began[0] == began[1]

    assert joined(0)
    assert not joined(40)
