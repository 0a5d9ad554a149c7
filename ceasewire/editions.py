"""Which edition of packs, rules and tagger code tags were made by."""

from collections.abc import Iterable
from hashlib import sha256

from ceasewire.config.rules import Rule
from ceasewire.crossings import Edition
from ceasewire.pack.load import Pack

KEY = b"edition"
"""The key of the one row of the topic `editions`."""
LAST = 999
"""The highest number: the version of a tagged item in the index has three digits for it."""


def made_of(packs: Iterable[Pack], rules: Iterable[Rule], code: str) -> str:
    """A hash of all that tags depend on: the packs, the rules' queries and the version of the program."""
    digest = sha256(code.encode())
    for pack in sorted(packs, key=lambda pack: pack.id):
        for part in (pack.head, *pack.files):
            digest.update(part.model_dump_json().encode() + b"\n")
    for rule in sorted(rules, key=lambda rule: rule.id):
        digest.update(f"{rule.id}|{rule.enabled}|{rule.query}\n".encode())
    return digest.hexdigest()[:32]


def raised(edition: Edition | None, hash: str) -> Edition | None:
    """The next edition, for the packs and rules of this hash; None where there are no further numbers."""
    if edition is None:
        return Edition(number=1, made_of=hash)
    return Edition(number=edition.number + 1, made_of=hash) if edition.number < LAST else None
