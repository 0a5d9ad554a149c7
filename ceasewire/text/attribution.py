"""Words that say who told something; in ru, uk and pl the words for handing over too: ", передает агентство"."""

import re

_SIGNS = ("переда", "przeka")
_RECEIVERS = "укра|ки[еї]|росс|росі|всу|зсу|ukrai|kij|rosj"
_THINGS = (
    "арм|ракет|зенит|зеніт|танк|снаряд|оруж|збро|самолет|літак|винищ|истреб|помощ|допомог|пленн|полон|тела|тіла"
    "|mig|broń|broni|czołg|rakiet|myśliw|amunic|pomoc|jeńc|ciał"
)
_TOLD = re.compile(
    r"(?:(?<=[,»”\"] )|(?<=\S - )|(?<=\bкак )|(?<=\bяк )|(?<=\bjak ))"
    r"(?:передают|передает|передають|передає|przekazał|przekazała|przekazali|przekazano|przekazuje|przekazują)"
    rf"(?! (?:{_RECEIVERS}|{_THINGS}))(?!\w)"
)


def told(folded: str) -> list[tuple[int, int]]:
    """The half-open spans of such words in a folded text: behind a comma, a dash or "as", with no receiver after."""
    if not any(sign in folded for sign in _SIGNS):
        return []
    return [match.span() for match in _TOLD.finditer(folded)]
