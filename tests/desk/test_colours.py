"""Contrast of the colours in tokens.css, in light and dark: 4.5:1 for text, as WCAG 2.2 AA asks."""

import re
from pathlib import Path

import pytest

import desk

TOKENS = Path(desk.__file__).parent / "static" / "tokens.css"
INKS = ("ink", "ink-2", "ink-3", "accent", "warn", "bad", "good")
TEXT = [
    *((ink, ground) for ink in INKS for ground in ("ground", "surface")), ("shade-ink", "shade-4"),
    ("accent-ink", "accent"), ("accent", "accent-wash"), ("issue-ink", "issue"), ("actor-ink", "actor"),
    ("ink", "issue"), ("ink", "actor"), ("ink", "found"), ("ink-2", "issue"), ("ink-2", "actor"), ("good", "good-wash"),
    ("warn", "warn-wash"), ("bad", "bad-wash"), ("still", "still-wash"), ("sample", "sample-wash"),
    ("ink", "shade-1"),
    ("ink", "shade-2"), ("ink", "shade-3"), ("shade-ink", "shade-5"), ("ink-3", "accent-wash"), ("surface", "ink"),
]  # fmt: skip
SHAPES = [("focus", "surface"), ("focus", "ground"), ("shade-4", "surface"), ("issue-line", "surface")]


def themes() -> dict[str, dict[str, str]]:
    blocks = re.findall(r"(:root[^{]*)\{([^}]*)\}", TOKENS.read_text(encoding="utf-8"))
    read = [(name.strip(), dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body))) for name, body in blocks]
    return {"light": read[0][1], "system dark": read[0][1] | read[1][1], "chosen dark": read[0][1] | read[2][1]}


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "system dark", "chosen dark"])
def test_text_can_be_read(theme: str) -> None:
    colours = themes()[theme]
    weak = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in TEXT}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "system dark", "chosen dark"])
def test_the_focus_and_bars_can_be_seen(theme: str) -> None:
    colours = themes()[theme]
    weak = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in SHAPES}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 3} == {}


def test_both_dark_themes_are_alike() -> None:
    assert themes()["system dark"] == themes()["chosen dark"]
