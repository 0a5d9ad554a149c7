"""Where sentences end, in the languages that the packs know."""

import re

_END = re.compile(
    r"""
    (?P<stop>[.!?…]+["'”’»)\]]*)(?=\s|$)          # a full stop and what closes with it
    | (?P<wide>[。！？]["”』」]*)
    | (?P<line>[^\S\n]*\n[^\S\n]*(?P<blank>\n\s*)?)  # the end of a line
    """,
    re.VERBOSE,
)
_BEFORE = re.compile(r"[\w.'’-]+$")
_ABBREVIATIONS = frozenset(
    ["mr", "mrs", "ms", "dr", "prof", "gen", "col", "lt", "sgt", "sen", "rep", "gov", "rev", "hon", "st", "mt", "no", "vs", "etc", "eg", "ie", "jr", "sr", "inc", "ltd", "co", "corp", "dept", "est", "fig", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "a.m", "p.m", "capt", "maj", "adm", "cmdr", "brig", "pres", "supt", "approx", "bzw", "ca", "usw", "evtl", "ggf", "inkl", "nr", "tel", "str", "abs", "art", "z.b", "u.a", "d.h", "o.ä", "hr", "fr", "bspw", "vgl", "mio", "mrd", "dipl", "ing", "m", "mme", "mlle", "mm", "env", "av", "bd", "p", "ex", "sr", "sra", "srta", "ud", "uds", "dña", "d", "art", "núm", "pág", "г", "гг", "ул", "д", "стр", "тыс", "млн", "млрд", "им", "т.е", "т.к", "т.д", "т.п", "т.н", "напр", "см", "рис", "проф", "акад", "ген", "полк", "гр", "обл", "р-н", "пр", "тов", "р", "рр", "вул", "буд", "смт", "грн", "тис", "мін", "напр", "ім", "див", "проф", "акад", "ін", "о", "np", "tzw", "tj", "m.in", "ul", "al", "prof", "dr", "inż", "gen", "płk", "im", "św", "godz", "r", "w", "tys", "mln", "mld", "wg", "ok", "nr", "str", "zł"]
)
_INITIALS = re.compile(r"(?:\w\.)+\w?|\w")
_LEDE = 3
_CLOSING = "\"'”’»)]"


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences as half-open spans, in order, blanks around them left out; a line of its own is one too."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if match.start() < start or not _ends(text, match):
            continue
        _add(found, text, start, match.end("stop") if match["stop"] else match.end())
        start = match.end()
    _add(found, text, start, len(text))
    return found


def lede_end(text: str) -> int:
    """Where the third sentence ends: the lede is text[:lede_end(text)]."""
    spans = sentences(text[:4000])
    return spans[min(_LEDE, len(spans)) - 1][1] if spans else 0


def _add(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append((start, end))


def _ends(text: str, match: re.Match[str]) -> bool:
    if match["wide"]:
        return True
    if match["line"]:
        return bool(match["blank"]) or not text[match.end() : match.end() + 1].islower()
    following = text[match.end() :][:40].lstrip()
    if following and following[0].islower():
        return False
    stop = match["stop"]
    if not stop.startswith(".") or stop.startswith(".."):
        return True
    before = _BEFORE.search(text, max(0, match.start() - 24), match.start())
    if not before:
        return True
    word = before[0].lower()
    if word in _ABBREVIATIONS:
        return False
    if _INITIALS.fullmatch(word) and not word.isdigit() and stop[-1] not in _CLOSING:
        return "." in word and _starts_new(following)
    if word.isdigit() and len(word) <= 2:
        return not following or (not following[0].isdigit() and not _month_follows(following))
    return True


_STARTERS = frozenset(
    ["the", "a", "an", "it", "he", "she", "they", "this", "that", "these", "those", "in", "on", "at", "but", "and", "as", "his", "her", "its", "their", "we", "i", "if", "when", "after"]
)


def _starts_new(following: str) -> bool:
    """After initials like U.S. only a word that commonly opens a sentence shows that one ended."""
    word = re.match(r"\w+", following)
    return not following or bool(word and word[0].lower() in _STARTERS)


_MONTHS = frozenset(
    ["januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember", "runde", "jahrhundert"]
)


def _month_follows(following: str) -> bool:
    word = re.match(r"\w+", following)
    return bool(word and word[0].lower() in _MONTHS)
