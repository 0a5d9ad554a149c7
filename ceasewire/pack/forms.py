"""The surface forms of a name: case forms by ending rules, and plain letters for Latin ones with marks."""

import unicodedata
from typing import Any, Literal

from pydantic import Field

from ceasewire.config.lines import Strict
from ceasewire.text.endings import INFLECTED, case_forms

_PLAIN = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae"})


class Name(Strict):
    """A name with conditions; most names are just text."""

    text: str = Field(alias="is", min_length=2)
    inflect: Literal["uk", "ru", "pl", "de", "none"] | None = None
    not_before: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()


def read_name(source: Any) -> Name:
    """The name that a pack file gives as text or mapping; raises pydantic's ValidationError."""
    return Name.model_validate({"is": source} if isinstance(source, str) else source)


def surface_forms(name: Name, language: str) -> tuple[str, ...]:
    """All forms of the name that are looked for."""
    inflection = name.inflect or (language if language in INFLECTED else "none")
    if inflection != "none" and " " not in name.text and "*" not in name.text:
        forms = case_forms(name.text, inflection)
    else:
        forms = (name.text,)
    plain = tuple(one for form in forms if (one := without_marks(form)) != form)
    return (*forms, *plain)


def without_marks(text: str) -> str:
    """Latin text with the bare letters, as it is typed on plain keyboards; other scripts unchanged."""
    if text.isascii() or any("\u0370" <= sign <= "\u1fff" for sign in text):
        return text
    bare = unicodedata.normalize("NFD", text.translate(_PLAIN))
    return "".join(sign for sign in bare if not unicodedata.combining(sign))
