"""What of a web text is not text."""

import time

import pytest

from ceasewire.text.noise import find_noise

BODY = (
    "The two delegations sat down in the old town hall and spoke for nine hours about the line that divides them, "
    "about the prisoners and about the grain, while a crowd waited in the rain for what had been "
    "said inside, since nobody had come out to tell them."
)


def noise(text: str, title: str = "Delegations meet in the old town hall") -> list[str]:
    return [text[start:end].strip() for start, end in find_noise(title, text).spans]


@pytest.mark.parametrize(
    "line",
    [
        "5 min read",
        "Lesezeit: 4 Minuten",
        "Table of Contents",
        "Delegations meet in the old town hall",
        "“Delegations meet in the old town hall”",
        "Read also: Ten recipes for autumn",
        "Читайте також: Десять порад городникам",
        "Lire aussi : Dix recettes de soupe",
        "We use cookies to improve this site. By clicking Accept you agree to the use of cookies.",
        "Advertisement",
        "Please support us monthly: your contribution keeps our journalism free of charge.",
        "Sign up for our free weekly newsletter, a selection of our reporting on the war.",
    ],
)
def test_furniture(line: str) -> None:
    assert noise(f"{BODY}\n{line}\n{BODY}") == [line]


def test_what_follows_the_text() -> None:
    tail = ["Share post:", "Popular", "“Goats win the village race”", "A herd of goats was faster than..."]
    assert noise("\n".join([BODY, *tail])) == tail


def test_a_heading_like_a_tail_is_none_where_text_follows() -> None:
    assert noise(f"{BODY}\nPopular\n{BODY}") == []


def test_times_beside_headlines_are_a_list_of_other_stories() -> None:
    lines = ["09:10", "Goats win the race", "09:05", "Rain expected", "08:55", "Mayor opens bridge", "08:40"]
    assert noise("\n".join([*lines, BODY])) == lines


def test_without_a_title_the_first_line_is_it() -> None:
    text = f"Delegations meet again\n5 min read\nDelegations meet again\n{BODY}"
    assert noise(text, title="") == ["5 min read", "Delegations meet again"]


def test_what_only_has_some_words_of_an_appeal_is_none() -> None:
    for text in (
        "I thank you for your support. Please support our defenders every month, and help us to win this war.",
        "A monthly report says that drones killed three journalists and contributed to more deaths. Prisoners go home.",
        "Журналісти дізналися, що до Дня незалежності обміняють полонених. «Підтримайте Україну», просить уряд.",
    ):
        assert noise(f"{BODY}\n{text}\n{BODY}") == []


def test_plain_text_has_none() -> None:
    assert noise(f"{BODY}\n\n{BODY}") == []
    assert noise("") == []


def test_covers_any_overlap() -> None:
    text = f"{BODY}\nAdvertisement\n{BODY}"
    start = text.index("Advertisement")
    found = find_noise("", text)
    assert found.covers(start, start + 3)
    assert not found.covers(0, 10)
    assert not found.covers(start + 20, start + 30)


def test_many_lines_like_a_tail_before_text_take_no_time() -> None:
    start = time.process_time()
    assert noise("Popular\n" * 8_000 + BODY) == []
    assert time.process_time() - start < 1
