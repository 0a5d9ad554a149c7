"""Where sentences end, and the lede."""

import pytest

from ceasewire.text.sentences import lede_end, sentences


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The U.S. Senate met. It voted.", ["The U.S. Senate met.", "It voted."]),
        ("Mr. Novak left. Dr. Berg stayed.", ["Mr. Novak left.", "Dr. Berg stayed."]),
        ("He lives in the U.S. He works there.", ["He lives in the U.S.", "He works there."]),
        ("В 2014 г. Крым заняли. Потом был суд.", ["В 2014 г. Крым заняли.", "Потом был суд."]),
        ("Це сталося в м. Одеса. Далі тиша.", ["Це сталося в м. Одеса.", "Далі тиша."]),
        ("Am 5. Mai begann es. Dann kam z.B. Regen.", ["Am 5. Mai begann es.", "Dann kam z.B. Regen."]),
        ("M. Dupont parle. Mme. Roche écoute.", ["M. Dupont parle.", "Mme. Roche écoute."]),
        ("“We wait.” So it ended!", ["“We wait.”", "So it ended!"]),
        ("Wait... what? No…", ["Wait... what?", "No…"]),
        ("A headline\nA second line.", ["A headline", "A second line."]),
        ("a line that is\nwrapped in lower case", ["a line that is\nwrapped in lower case"]),
        ("停火了。双方同意。", ["停火了。", "双方同意。"]),
        ("Prices rose 3.5 percent. Then fell.", ["Prices rose 3.5 percent.", "Then fell."]),
        ("", []),
        (" \n ", []),
    ],
)
def test_ends(text: str, wanted: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == wanted


def test_lede_is_three_sentences() -> None:
    text = "One. Two here. Three too. Four."
    assert text[: lede_end(text)] == "One. Two here. Three too."


def test_lede_of_a_short_text_is_all_of_it() -> None:
    assert lede_end("Only one") == len("Only one")
    assert lede_end("") == 0
