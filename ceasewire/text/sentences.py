"""Where sentences end, in the languages that the packs know."""

import re

_END = re.compile("[.!?…。！？\n][.!?…\"'”’»)\\]」』]*")
_WIDE = frozenset("。！？")
_BEFORE = re.compile(r"[\w.'’-]+$")
_WORD = re.compile(r"\w+")
_ABBREVIATED = """
    mr mrs ms dr prof gen col lt sgt sen rep gov rev hon st mt vs etc eg ie jr sr inc ltd corp dept est fig
    jan feb mar apr jun jul aug sep sept oct nov dec a.m p.m capt maj adm cmdr brig pres supt approx
    bzw ca usw evtl ggf inkl tel str abs z.b u.a d.h o.ä hr fr bspw vgl mio mrd dipl ing
    mme mlle mm env av bd sra srta ud uds dña art núm pág
    г гг ул стр тыс млн млрд им т.е т.к т.д т.п т.н напр см рис проф акад ген полк обл р-н пр тов
    р рр вул буд смт грн тис мін ім див доц
    np tzw tj m.in ul al inż płk św godz mln mld wg nr zł
    """
_ABBREVIATIONS = frozenset(_ABBREVIATED.split())
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?|[^\W\d_]")
_OPENERS = """
    the a an it he she they this that these those in on at but and as his her its their we if when after
    """
_STARTERS = frozenset(_OPENERS.split())
_ORDINAL = """
    januar februar märz april mai juni juli august september oktober november dezember runde jahrhundert
    """
_AFTER_ORDINAL = frozenset(_ORDINAL.split())
_LONG_WORD = 24
"""Letters that are looked at for the word before a full stop."""
_FAR = 40
"""Characters behind a stop that are looked at."""
_LEDE = 3
_LEDE_CHARACTERS = 4000
_CLOSING = "\"'”’»)]"


def sentences(text: str, most: int = 0) -> list[tuple[int, int]]:
    """The sentences as half-open spans, in order, blanks around them left out; a line of its own is one too.

    At `most` so many, the first ones; 0 for all.
    """
    found: list[tuple[int, int]] = []
    start = 0
    size = len(text)
    for match in _END.finditer(text):
        at = match.start()
        sign = text[at]
        if sign == "\n":
            if not _line_ends(text, at):
                continue
            _add(found, text, start, at)
            start = at + 1
        elif sign in _WIDE or ((match.end() == size or text[match.end()].isspace()) and _stops(text, match)):
            _add(found, text, start, match.end())
            start = match.end()
        if most and len(found) == most:
            return found
    _add(found, text, start, size)
    return found


def lede_end(text: str) -> int:
    """Where the third sentence ends: the lede is text[:lede_end(text)]."""
    spans = sentences(text[:_LEDE_CHARACTERS], _LEDE)
    return spans[-1][1] if spans else 0


def _add(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append((start, end))


def _line_ends(text: str, at: int) -> bool:
    """Whether a line's end ends a sentence: not where the next line goes on in lower case."""
    after = text[at + 1 : at + 80]
    rest = after.lstrip()
    return "\n" in after[: len(after) - len(rest)] or not rest[:1].islower()


def _stops(text: str, match: re.Match[str]) -> bool:
    """Whether a full stop ends a sentence, and is not one of an abbreviation, an initial or an ordinal."""
    at, end = match.span()
    opens = text[end + 1 : end + 2]  # behind one blank
    if opens.isspace():
        opens = text[end : end + _FAR].lstrip()[:1]
    if opens.islower():
        return False
    stop = match[0]
    if not stop.startswith(".") or stop.startswith(".."):
        return True
    least = max(0, at - _LONG_WORD)
    plain = text[max(text.rfind(" ", least, at) + 1, least) : at]
    if plain.isalpha() and 1 < len(plain) < _LONG_WORD:  # the most common case, told without a pattern
        return plain.lower() not in _ABBREVIATIONS
    before = _BEFORE.search(text, least, at)
    if not before:
        return True
    word = before[0].lower()
    if word in _ABBREVIATIONS:
        return False
    following = text[end : end + _FAR].lstrip()
    if _INITIALS.fullmatch(word) and stop[-1] not in _CLOSING:
        return "." in word and _opens(following)
    if word.isdigit() and len(word) <= 2:
        first = _WORD.match(following)
        return not first or first[0].lower() not in _AFTER_ORDINAL
    return True


def _opens(following: str) -> bool:
    """After initials like U.S. only a word that commonly opens a sentence shows that one ended."""
    word = _WORD.match(following)
    return not following or bool(word and word[0].lower() in _STARTERS)
