"""Words that say who told something; in ru, uk and pl the words for handing over too: ", передает агентство"."""

import re

_SIGNS = ("переда", "przeka")
_TOLD = re.compile(
    r"(?:(?<=[,»”\"] )|(?<=\S - )|(?<=\bкак )|(?<=\bяк )|(?<=\bjak ))"
    r"(?:передают|передает|передають|передає|przekazał|przekazała|przekazali|przekazano|przekazuje|przekazują)"
    r"(?! (?:укра|ки[еї]|росс|росі|ukrai|kij|rosj))(?!\w)"
)


def told(folded: str) -> list[tuple[int, int]]:
    """The half-open spans of such words in a folded text: behind a comma, a dash or "as", and not to a country."""
    if not any(sign in folded for sign in _SIGNS):
        return []
    return [match.span() for match in _TOLD.finditer(folded)]
