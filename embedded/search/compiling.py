"""A query tree as SQL over the store: one word expression for the index where possible, conditions for the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ceasewire.query import And, Has, In, Node, Not, Or, Phrase, Word, Zone
from ceasewire.text.folding import fold
from ceasewire.text.sought import target
from embedded.search.words import match

_COLUMNS: dict[Zone | None, str] = {None: "", "title": "{title} : ", "lede": "{title lede} : "}
_ZONES: dict[Zone | None, int] = {None: 2, "title": 0, "lede": 1}
NOTHING = "0"


@dataclass
class Compiled:
    """A query as SQL over `items AS i`: `match` for the index drives it where there is one."""

    match: str | None = None
    conditions: list[str] = field(default_factory=list)
    values: list[str | int] = field(default_factory=list)

    @property
    def where(self) -> str:
        """The conditions as one expression."""
        return " AND ".join(f"({condition})" for condition in self.conditions) or "1"


def compile_node(node: Node | None, languages: Sequence[str]) -> Compiled:
    """The query as SQL; `languages` are those of the stored items, in whose forms words are looked for."""
    compiler = _Compiler(languages)
    compiled = Compiled(values=compiler.values)
    matches = []
    for part, zone in _conjuncts(node, None):
        expression = compiler.expression(part, zone)
        if expression is not None:
            matches.append(expression)
            if isinstance(part, Word | Phrase) and not compiler.exact(part):
                compiled.conditions.append(compiler.holds(part, zone))
        else:
            compiled.conditions.append(compiler.condition(part, zone))
    compiled.match = " AND ".join(matches) or None
    return compiled


def _conjuncts(node: Node | None, zone: Zone | None) -> list[tuple[Node, Zone | None]]:
    """The parts that must all be met, each with the zone it is in."""
    if node is None:
        return []
    if isinstance(node, And):
        return [one for part in node.parts for one in _conjuncts(part, zone)]
    if isinstance(node, In):
        return _conjuncts(node.part, _inner(zone, node.zone))
    return [(node, zone)]


def _inner(outer: Zone | None, inner: Zone) -> Zone:
    """The zone of a zone in a zone: the narrower."""
    return "title" if "title" in (outer, inner) else inner


class _Compiler:
    def __init__(self, languages: Sequence[str]) -> None:
        self._languages = languages
        self.values: list[str | int] = []

    def exact(self, node: Word | Phrase) -> bool:
        """Whether the index alone decides: a word in any of its forms."""
        return not target(node).exact

    def expression(self, node: Node, zone: Zone | None) -> str | None:
        """The index expression of a part that drives the search: a word or phrase, or words joined by OR."""
        if isinstance(node, Word | Phrase):
            return match(node, self._languages, _COLUMNS[zone])
        if isinstance(node, Or) and all(isinstance(part, Word) and self.exact(part) for part in node.parts):
            parts = [self.expression(part, zone) for part in node.parts]
            found = [part for part in parts if part is not None]
            return f"({' OR '.join(found)})" if found else None
        return None

    def condition(self, node: Node, zone: Zone | None) -> str:
        """SQL that is true for the items that meet the part."""
        if isinstance(node, Word | Phrase):
            return self._words(node, zone)
        if isinstance(node, Has):
            return self._has(node, zone)
        if isinstance(node, In):
            return self.condition(node.part, _inner(zone, node.zone))
        if isinstance(node, Not):
            return f"NOT ({self.condition(node.part, zone)})"
        joined = " AND " if isinstance(node, And) else " OR "
        return joined.join(f"({self.condition(part, zone)})" for part in node.parts) or NOTHING

    def holds(self, node: Word | Phrase, zone: Zone | None) -> str:
        """SQL that looks into the stored text for the very words."""
        wanted = target(node)
        self.values += [" ".join(wanted.words), int(wanted.prefix), zone or ""]
        return "holds((SELECT tagged FROM bodies WHERE bodies.n = i.n), i.lede, ?, ?, ?)"

    def _words(self, node: Word | Phrase, zone: Zone | None) -> str:
        expression = match(node, self._languages, _COLUMNS[zone])
        if expression is None:
            return NOTHING
        self.values.append(expression)
        found = "i.n IN (SELECT rowid FROM words WHERE words MATCH ?)"
        return found if self.exact(node) else f"{found} AND {self.holds(node, zone)}"

    def _has(self, node: Has, zone: Zone | None) -> str:
        if node.name == "source":
            self.values += [node.value, fold(node.value).text]
            return (
                "i.n IN (SELECT item FROM tags WHERE kind = 'feed' AND tag = ? "
                "UNION ALL SELECT item FROM tags WHERE kind = 'outlet' AND tag = ?)"
            )
        if node.name == "relevance" and node.value == "none":
            return "i.n NOT IN (SELECT item FROM tags WHERE kind = 'relevance')"
        if node.name == "extent" and node.value == "summary":
            return "i.n NOT IN (SELECT item FROM tags WHERE kind = 'extent')"
        self.values += [node.name, node.value]
        found = "SELECT item FROM tags WHERE kind = ? AND tag = ?"
        if zone is not None and node.name in ("issue", "actor"):
            self.values.append(_ZONES[zone])
            found += " AND zone <= ?"
        return f"i.n IN ({found})"
