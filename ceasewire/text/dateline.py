"""The head of an agency's text, which says where and when it was filed: "MOSCOW, May 3. /TASS/.", "PARIS (AFP) -"."""

import re

_CITY = r"[A-ZÀ-ÖØ-ÞĄĆĘŁŃÓŚŹŻА-ЯЁІЇЄҐ][\w.'’-]*(?:[ /-][A-ZÀ-ÖØ-ÞĄĆĘŁŃÓŚŹŻА-ЯЁІЇЄҐ][\w.'’-]*){0,3}"
_CAPITALS = r"[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’ /-]{2,28}"
_LAND = r"(?:, [A-ZÀ-ÖØ-Þ][\w.'’ -]{2,24})?"
_DAY = r"(?:\d{1,2}\.?\s+(?:de )?[^\W\d]{3,10}\.?|[^\W\d]{3,10}\.?\s+\d{1,2})(?:,?\s+\d{4})?"
_SLASHED = r"/[^/\n]{2,30}/"
_BRACKETED = r"\([A-ZÀ-ÖØ-ÞА-ЯЁІЇЄҐa-z][^()\n]{1,24}\)"
_NAMED = r"(?:[–—-]{1,2}\s?)?[A-ZА-ЯЁІЇЄҐ][\w.-]{2,20}(?: [A-ZА-ЯЁІЇЄҐ][\w.-]{2,20}){0,2}"
_DASH = r"\s*\.?\s*[–—-]{1,2}(?=\s)"
_HEAD = re.compile(
    rf"\s*(?:{_CITY}{_LAND}[,.]\s+{_DAY}[.,]?\s*(?:{_SLASHED}|{_BRACKETED}|{_NAMED})(?:{_DASH}|[.:])"
    rf"|{_CITY}{_LAND}(?:,\s+{_DAY})?\s+{_BRACKETED}\s*(?:[.:]?\s*[–—-]{{1,2}}(?=\s)|[.:])"
    rf"|{_CAPITALS}{_LAND}\s+[–—]{{1,2}}(?=\s))"
)
_LONGEST = 110


def find_dateline(text: str) -> tuple[int, int] | None:
    """The half-open span of such a head at the beginning of a text, with the name of the agency; None without one."""
    found = _HEAD.match(text[:_LONGEST])
    return found.span() if found else None
