"""What stands in a web text but is not the text: reading times, contents lists, repeated titles, share and comment
blocks, teasers of other stories, cookie banners, found by line; and an agency's dateline. Offsets do not change.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from ceasewire.text.dateline import find_dateline
from ceasewire.text.folding import fold

Spans = list[tuple[int, int]]

_LINE = re.compile(r"[^\n]+")
_LONG = 220
"""A line of so many characters that ends like a sentence is text, also behind a mark of a tail."""
_NAMELESS = re.compile(r"[\W_]+")
_STAMP = re.compile(r"\d{1,2}[:.]\d{2}")
_TEASER = re.compile(r"(?:\.\.\.|…)\W*$")

_MINUTES = r"(?:\d+\s*)?(?:min(?:ute|uten|utes|uty|utos)?\.?|хв(?:илин)?\.?|мин(?:ут)?\.?)"
_READ = "read|lesezeit|de lecture|de lectura|czytania|читання|чтения"
_READING_TIME = "reading time|lesezeit|temps de lecture|tiempo de lectura|czas czytania|час читання|время чтения"
_CONTENTS = (
    "article with toc|table of contents|contents|inhaltsverzeichnis|sommaire|índice|spis treści|зміст|содержание"
)
_BUTTONS = (
    "close|menu|search|home|video|audio|facebook|tiktok|twitter|instagram|telegram|whatsapp|youtube|send|print"
    r"|comments?|share|copy link|log ?in|sign in|sign up|subscribe|advertisement|anzeige|publicité|publicidad|reklama"
    "|реклама|advertising"
)
_JOIN = "sign up|subscribe|get our|download our|join our|abonn|suscr|підпис|подпис|zapisz się|newsletter"
_WHERE = r"newsletter|e-?mail|inbox|channel|here|app|kanal|канал\w*|telegram|розсилк\w*|рассылк\w*"
_FURNITURE = re.compile(
    rf"{_MINUTES}\s*(?:{_READ})\b.{{0,60}}"
    rf"|(?:{_READING_TIME})\b.{{0,40}}"
    r"|(?:post(?:ed)?|published|updated|issued|modified|last updated)(?: on| at)?\b[^.]{0,60}\d{4}[^.]{0,40}"
    rf"|(?:{_CONTENTS})"
    r"|(?:date|author|tags?|category|story code|datum|autor|теги|категорія|категория)\s*:.{0,50}"
    rf"|(?:{_BUTTONS})"
    r"|(?:click|tap|make a text selection|tipxmake)\b.{0,60}|click\W*here\b.*|for more information\b.{0,120}"
    r"|(?:follow|find) us on\b.{0,80}"
    rf"|(?:{_JOIN}).{{0,120}}(?:{_WHERE})\b.{{0,40}}"
    r"|list \d+ of \d+.*"
    r"|(?:photo|image|file photo|фото|bild|foto)(?: by)?\s*:.{0,120}",
    re.IGNORECASE,
)
_ALSO = (
    r"read (?:also|more|next)|also read|see also|related(?: stor(?:y|ies)| article)?|more on this(?: story)?"
    "|watch|listen|lesen sie (?:auch|mehr)|mehr zum thema|siehe auch|auch interessant|lire aussi|à lire(?: aussi)?"
    "|voir aussi|lea también|lee también|más información|te puede interesar"
    r"|(?:czytaj|zobacz) (?:także|też|również|więcej)"
    r"|читайте (?:также|також|ще|еще|по теме|подробнее)|(?:див(?:іться|\.)|см(?:отрите|\.)) та[кк]\w*"
    "|дивіться також|смотрите также"
)
_SEE_ALSO = re.compile(rf"(?:{_ALSO})\s*[:>–—-].*", re.IGNORECASE)
_TAILS = (
    "share (?:post|this|it|on|article|this (?:article|story|post))"
    "|related(?: (?:posts|articles|stories|sources|topics|news|content))?"
    "|more (?:like this|stories|from|on this topic|news)|you may also like|recommended(?: for you)?|popular"
    "|trending(?: now)?|most (?:read|popular|viewed)|latest news|top (?:hits|stories)|read next|what to read next"
    r"|editors?['’]?s? picks?|don['’]t miss|leave a (?:reply|comment)|be the first to comment|\d+ comments?"
    "|also on this page|also in the news|in other news|get the app|more on the war|more headlines"
    "|read more(?: about\\b.{0,60})?|post a comment"
    "|join the (?:discussion|conversation)|about the author|all rights reserved",
    "mehr zum thema|das könnte sie (?:auch )?interessieren|meistgelesen|kommentare|teilen"
    "|weitere (?:artikel|themen|meldungen)",
    "à lire aussi|sur le même (?:sujet|thème)|les plus lus|commentaires|partager|articles liés",
    "te puede interesar|lo más (?:leído|visto)|noticias relacionadas|comentarios|compartir|más noticias",
    "zobacz (?:także|również)|najczęściej czytane|polecane|komentarze|udostępnij|podobne artykuły|powiązane",
    "читайте та(?:кже|кож)|по теме|за темою|популярн(?:ое|е)|самое читаемое|найпопулярніше|поделиться|поділитися",
    r"комментари[ий]\w*|коментар[іи]\w*|новости (?:партнеров|по теме)|новини (?:партнерів|за темою)"
    "|последние новости|останні новини|рекомендуем|рекомендуємо",
)
_TAIL = re.compile(rf"(?:{'|'.join(_TAILS)})\s*[:.!…]?", re.IGNORECASE)
_BANNER = re.compile(
    "cookies?\\b|куки\\b|файл\\w* cookie|privacy (?:policy|settings)|personal data|consent\\b.{0,60}(?:data|partners)"
    "|datenschutz|données personnelles|datos personales|dane osobowe|персональн\\w+ дан|data processing"
    "|personali[sz]ed adverti|unlimited access|subscriber-only|award-winning journalism|create a free account"
    "|already a subscriber",
    re.IGNORECASE,
)
_PRESS = re.compile(
    "journalis|newsroom|newsletter|reporting|журналіст|журналист|редакці|редакци|dziennikar", re.IGNORECASE
)
_APPEAL = re.compile(
    r"support us|your (?:support|contribution)|please (?:support|consider)|donate\b|sign up"
    "|become a (?:member|supporter)"
    "|unterstützen sie uns|soutenez-nous|apóyanos|wesprzyj nas|підтримайте нас|поддержите нас",
    re.IGNORECASE,
)
"""A line of an outlet that has words of both, and speaks of itself, asks its readers for something."""
_OURS = re.compile(r"\b(?:our|us|unser\w*|uns|notre|nous|nuestr\w+|nas|nasz\w*|нас|наш\w*)\b", re.IGNORECASE)
_BANNER_SIGNS = (
    "cookie", "куки", "privacy", "personal data", "consent", "datenschutz", "données personnelles", "datos personales",
    "dane osobowe", "персональн", "data processing", "ed adverti", "unlimited access", "subscriber", "free account",
    "award-winning",
)  # fmt: skip
"""Folded; a text that has none of these has no banner."""
_SHORTEST_TITLE = 12
_LONGEST_FURNITURE = 400
_QUOTES = "\"'“”„«»‘’ *_#"
_BANNER_VERB = re.compile(
    "accept|consent|agree|settings|partners|store|customi[sz]e|akzept|zustimm|accepte|acept|zgod|соглас|прийма|принима"
    "|нажима|use of|allows|based on|unlock|free|unlimited|subscri|measure",
    re.IGNORECASE,
)


class _Line(NamedTuple):
    start: int
    end: int
    text: str


class Noise:
    """The spans of a text that are not content, in order."""

    __slots__ = ("_ends", "_starts", "spans")

    def __init__(self, spans: Spans) -> None:
        self.spans = spans
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def covers(self, start: int, end: int) -> bool:
        """Whether any part of the half-open span is noise."""
        index = bisect_right(self._starts, end - 1) - 1
        return index >= 0 and self._ends[index] > start


def find_noise(title: str, text: str, folded: str | None = None) -> Noise:
    """The noise of a text under its title; without a title the first line of the text is taken for it.

    `folded`, the folded text where it is known, saves looking for banners where no word of them stands.
    """
    head = find_dateline(text)
    heads = [head] if head else []
    if "\n" not in text and len(text) < _LONG and not title:
        return Noise(heads)
    lines = [line for line in _lines(text) if line.text]
    banner = any(sign in (folded or fold(text).text) for sign in _BANNER_SIGNS)
    noisy = sorted(set(_noisy(title, lines, banner)))
    whole = [(lines[index].start, lines[index].end) for index in noisy]
    return Noise(heads + whole if not whole or not head or whole[0][0] >= head[1] else whole)


def title_key(title: str) -> str:
    """What two spellings of a title have in common: its letters and digits, folded."""
    return _NAMELESS.sub("", fold(title).text)


def _lines(text: str) -> Iterator[_Line]:
    for match in _LINE.finditer(text):
        stripped = match[0].strip().lstrip("*•·-–>|# ").strip("* _")
        yield _Line(match.start(), match.end(), stripped)


def _noisy(title: str, lines: list[_Line], banner: bool) -> Iterator[int]:
    tail = _tail(lines)
    yield from range(tail, len(lines))
    yield from _repeats(title, lines)
    stamps = [index for index, line in enumerate(lines) if _STAMP.fullmatch(line.text)]
    if len(stamps) >= 4:
        for index in stamps:
            yield from (
                near for near in (index - 1, index, index + 1) if 0 <= near < len(lines) and _short(lines[near])
            )
    for index, line in enumerate(lines[:tail]):
        text = line.text
        if (
            len(text) < _LONGEST_FURNITURE
            and (_FURNITURE.fullmatch(text) or _SEE_ALSO.fullmatch(text) or _is_appeal(text))
        ) or (banner and _BANNER.search(text) and _BANNER_VERB.search(text)):
            yield index


def _is_appeal(text: str) -> bool:
    return bool(_PRESS.search(text) and _APPEAL.search(text) and _OURS.search(text))


def _repeats(title: str, lines: list[_Line]) -> Iterator[int]:
    first, start = title.strip(), 0
    if not first:
        first, start = lines[0].text if lines else "", 1
    if len(first) > _LONG:
        return
    key, begin = title_key(first), _begin(first)
    for index, line in enumerate(lines[start:], start):
        if _SHORTEST_TITLE <= len(line.text) <= len(first) + 12 and _begin(line.text) == begin:
            own = title_key(line.text)
            if own == key or (len(own) >= 2 * _SHORTEST_TITLE and key.startswith(own)):
                yield index


def _begin(text: str) -> str:
    return text.lstrip(_QUOTES)[:4].lower()


def _tail(lines: list[_Line]) -> int:
    """The index of the first line of what follows the text; the number of lines where nothing does."""
    last = next((index for index in reversed(range(len(lines))) if _paragraph(lines[index])), 0)
    for index, line in enumerate(lines):
        if index > last and len(line.text) < 60 and _TAIL.fullmatch(line.text):
            return index
    end = len(lines)
    while end > 2 and _short(lines[end - 1]) and _TEASER.search(lines[end - 1].text) and _short(lines[end - 2]):
        end -= 2
    return end if len(lines) - end >= 4 else len(lines)


def _paragraph(line: _Line) -> bool:
    return len(line.text) >= _LONG and line.text[-1] in '.!?"”’»)'


def _short(line: _Line) -> bool:
    return len(line.text) < 120
