"""The one query grammar of search, rules and mutes: text to a tree, and the tree back to text.

    ceasefire talks          both words            "security guarantees"   the words side by side
    ceasefire OR truce       either                cease*                  any word that begins so
    -football                not                   (a OR b) c              brackets
    issue:ceasefire actor:russia conflict:ukraine_russia lang:uk source:"Kyiv Post" relevance:main
    mark:opinion -mark:live_blog extent:page
    title:talks              in the headline       (a OR b) in:lede        headline or first three sentences

`AND`, `OR` and `NOT` are upper case. `in:` scopes the brackets that it stands in, or the whole query.
"""

import difflib
import re
import unicodedata
from collections.abc import Callable
from typing import NamedTuple, get_args

from ceasewire.errors import QueryError
from ceasewire.query import And, Has, In, Node, Not, Or, Phrase, Property, Word, Zone

MAX_CHARACTERS = 2000
MAX_DEPTH = 20
MAX_TERMS = 100

_PROPERTIES = get_args(Property)
_ZONES = get_args(Zone)
_RELEVANCES = ("main", "passing", "none")
_EXTENTS = ("summary", "page")
_QUOTES = '"“”„«»'
_SPECIAL = re.compile(rf"[\s(){_QUOTES}]")
_NAMED = re.compile(r"([A-Za-z_]+):(.*)", re.DOTALL)
_ID = re.compile(r"[a-z][a-z0-9_]*")
_OF_TIME = frozenset(("after", "before", "since", "until", "date", "day", "from", "to"))
_OPERATORS = ("AND", "OR", "NOT")
_ENDS = ("word", "prefix", "phrase", "has")


class _Token(NamedTuple):
    kind: str
    """One of: ( ) AND OR NOT word phrase has in title end."""
    text: str
    column: int
    value: "_Token | None" = None


def parse(text: str) -> Node:
    """The tree of a query; raises QueryError that names the column and what is wrong there."""
    if len(text) > MAX_CHARACTERS:
        raise QueryError(f"a query has at most {MAX_CHARACTERS:,} characters", MAX_CHARACTERS + 1)
    parser = _Parser(_tokens(text))
    node = parser.group(0)
    rest = parser.token
    if rest.kind == ")":
        raise QueryError("this bracket was never opened", rest.column)
    return node


class SmallOperator(NamedTuple):
    """An or, and or not that stands between words of a query without capitals, and so is a word of its own."""

    word: str
    column: int

    @property
    def hint(self) -> str:
        """What to write instead."""
        return f'write {self.word.upper()} in capitals, or "{self.word}" in quotes for the word'


def small_operator(text: str) -> SmallOperator | None:
    """The first such word of a query that can be read, where it was most likely meant as an operator."""
    tokens = _tokens(text)
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        small = token.kind == "word" and token.text.upper() in _OPERATORS
        if small and before.kind in (*_ENDS, ")") and after.kind in (*_ENDS, "(", "NOT", "title"):
            return SmallOperator(token.text, token.column)
    return None


def _tokens(text: str) -> list[_Token]:
    text = "".join(" " if unicodedata.category(sign) in ("Cc", "Cs", "Cf", "Zl", "Zp") else sign for sign in text)
    found: list[_Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token, at = _token(text, at)
        found.append(token)
        if len(found) > 10 * MAX_TERMS:
            raise QueryError(f"a query has at most {MAX_TERMS} terms", token.column)
    if not found:
        raise QueryError("the query is empty", 1)
    return [*found, _Token("end", "", len(text) + 1)]


def _token(text: str, at: int) -> tuple[_Token, int]:
    """The token that begins at `at`, and where the next may begin."""
    sign, column = text[at], at + 1
    if sign in "()":
        return _Token(sign, sign, column), at + 1
    if sign == "-" and at + 1 < len(text) and not text[at + 1].isspace() and text[at + 1] != "-":
        return _Token("NOT", "-", column), at + 1
    if sign in _QUOTES:
        return _phrase(text, at)
    special = _SPECIAL.search(text, at)
    end = special.start() if special else len(text)
    raw = text[at:end]
    if raw in _OPERATORS:
        return _Token(raw, raw, column), end
    named = _NAMED.fullmatch(raw)
    name = named[1].lower() if named else ""
    if named and (name in _PROPERTIES or name in ("in", "title")):
        return _property(text, at, name, named[2])
    if named and named[2] and not named[2].startswith("/"):
        near = difflib.get_close_matches(name, (*_PROPERTIES, "in", "title"), n=1)
        hint = f"did you mean {near[0]}:?" if near else "put it in quotes to find the words"
        if name in _OF_TIME:
            hint = "a time is no part of a query: --since and --until of the command, the dates of the search page"
        raise QueryError(f'there is no "{named[1]}:"; {hint}', column)
    return _word(raw, column), end


def _phrase(text: str, at: int) -> tuple[_Token, int]:
    close = next((end for end in range(at + 1, len(text)) if text[end] in _QUOTES), None)
    if close is None:
        raise QueryError("a quote is open", at + 1)
    words = " ".join(text[at + 1 : close].split())
    if not any(map(str.isalnum, words)):
        raise QueryError("the quotes hold no letter or digit", at + 1)
    return _Token("phrase", words, at + 1), close + 1


def _word(raw: str, column: int) -> _Token:
    prefix = raw.endswith("*")
    word = _trim(raw.rstrip("*"))
    if not word:
        raise QueryError(f'"{raw}" holds no letter or digit', column)
    if "*" in word:
        raise QueryError(f'"{raw}": a star stands only at the end of a word', column)
    if prefix and len(word) < 2 and word.isascii():
        raise QueryError(f'"{raw}": at least two letters stand before a star', column)
    return _Token("prefix" if prefix else "word", word, column)


def _trim(word: str) -> str:
    """The word without punctuation round it."""
    inner = [at for at, sign in enumerate(word) if unicodedata.category(sign)[0] in "LNM"]
    word = word[inner[0] : inner[-1] + 1] if inner else ""
    return word if any(map(str.isalnum, word)) else ""


def _property(text: str, at: int, name: str, raw: str) -> tuple[_Token, int]:
    column, start = at + 1, at + len(name) + 1
    if name == "title":
        if start >= len(text) or text[start].isspace() or text[start] == ")":
            raise QueryError("title: needs a word, a phrase or brackets right after it", column)
        return _Token("title", "title", column), start
    if raw or start >= len(text) or text[start] not in _QUOTES:
        value, end = raw, start + len(raw)
    else:
        phrase, end = _phrase(text, start)
        value = phrase.text
    if not value:
        one = f"; write ({name}:a OR {name}:b)" if text[start : start + 1] == "(" else ""
        raise QueryError(f"{name}: needs a value right after it{one}", column)
    if name != "source":
        value = value.lower()
    if fault := _fault(name, value):
        raise QueryError(fault, column)
    return _Token("in" if name == "in" else "has", value, column, _Token(name, "", column)), end


def _fault(name: str, value: str) -> str | None:
    """What is wrong with the value of a property, or None."""
    if name == "in" and value not in _ZONES:
        return f'in: takes title or lede, not "{value}"'
    if name == "relevance" and value not in _RELEVANCES:
        return f'relevance: takes {", ".join(_RELEVANCES)}, not "{value}"'
    if name == "extent" and value not in _EXTENTS:
        return f'extent: takes {", ".join(_EXTENTS)}, not "{value}"'
    if name == "lang" and not (value == "und" or re.fullmatch("[a-z]{2}", value)):
        return f'lang: takes a code of two letters like uk, or und, not "{value}"'
    if name in ("issue", "actor", "conflict", "mark") and not _ID.fullmatch(value):
        return f'{name}: takes an id like ukraine_russia, not "{value}"'
    return None


class _Parser:
    """Reads tokens by recursive descent: group = lists joined by OR, list = parts joined by AND or a blank."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._terms = 0

    @property
    def token(self) -> _Token:
        return self._tokens[self._at]

    def group(self, depth: int) -> Node:
        """All up to a closing bracket or the end, scoped by an `in:` that stands directly in it."""
        if depth > MAX_DEPTH:
            raise QueryError(f"brackets are at most {MAX_DEPTH} deep", self.token.column)
        zones: dict[str, _Token] = {}
        parts = [self._list(depth, zones)]
        while self.token.kind == "OR":
            self._at += 1
            parts.append(self._list(depth, zones))
        node = join(Or, parts)
        if len(zones) > 1:
            raise QueryError("one pair of brackets takes one in:", list(zones.values())[1].column)
        for zone in _ZONES:
            if zone in zones:
                return In(zone=zone, part=node)
        return node

    def _list(self, depth: int, zones: dict[str, _Token]) -> Node:
        parts: list[Node] = []
        start = self.token
        while self.token.kind not in ("OR", ")", "end"):
            if self.token.kind == "AND":
                if not parts or self._tokens[self._at + 1].kind in ("AND", "OR", ")", "end"):
                    raise QueryError("AND needs something on both sides", self.token.column)
                self._at += 1
            elif self.token.kind == "in":
                zones.setdefault(self.token.text, self.token)
                self._at += 1
            else:
                parts.append(self._part(depth))
        if not parts:
            raise QueryError(self._missing(start), start.column)
        return join(And, parts)

    def _missing(self, start: _Token) -> str:
        before = self._tokens[self._tokens.index(start) - 1].kind if start is not self._tokens[0] else ""
        if start.kind == "end" and before == "(":
            return f"the bracket at column {self._tokens[-2].column} is not closed"
        if start.kind == "in":
            return f"in:{start.text} needs words beside it"
        if start.kind == "OR" or before == "OR":
            return "OR needs something on both sides"
        return "these brackets are empty" if before == "(" and start.kind == ")" else "something is missing here"

    def _part(self, depth: int) -> Node:
        token = self.token
        self._at += 1
        if depth > MAX_DEPTH:
            raise QueryError(f"a query is at most {MAX_DEPTH} deep", token.column)
        if token.kind == "NOT":
            if self.token.kind not in ("(", "word", "prefix", "phrase", "has", "title", "NOT"):
                raise QueryError("NOT needs something after it", token.column)
            part = self._part(depth + 1)
            return part.part if isinstance(part, Not) else Not(part)
        if token.kind == "title":
            if self.token.kind not in ("(", "word", "prefix", "phrase"):
                raise QueryError("title: needs a word, a phrase or brackets right after it", token.column)
            return In(zone="title", part=self._part(depth + 1))
        if token.kind == "(":
            node = self.group(depth + 1)
            if self.token.kind != ")":
                raise QueryError(f"the bracket at column {token.column} is not closed", token.column)
            self._at += 1
            return node
        self._terms += 1
        if self._terms > MAX_TERMS:
            raise QueryError(f"a query has at most {MAX_TERMS} terms", token.column)
        return _leaf(token)


def _leaf(token: _Token) -> Node:
    if token.kind == "phrase":
        return Phrase(token.text)
    if token.kind == "has" and token.value:
        for name in _PROPERTIES:
            if name == token.value.kind:
                return Has(name=name, value=token.text)
    return Word(token.text, prefix=token.kind == "prefix")


def join(kind: type[And] | type[Or], parts: list[Node]) -> Node:
    """The parts as one node: a single part stays itself, parts of the same kind melt in."""
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, kind) else (part,)
    return flat[0] if len(flat) == 1 else kind(tuple(flat))


def write(node: Node) -> str:
    """The query text of a tree; `parse` of it gives the same tree."""
    return _write(node, 0)


def _write(node: Node, level: int) -> str:
    """`level`: 0 a whole query or bracket, 1 a part of OR, 2 a part of AND, 3 behind a minus."""
    match node:
        case Word():
            return node.text + "*" * node.prefix
        case Phrase():
            return f'"{node.text}"'
        case Has():
            plain = not _SPECIAL.search(node.value)
            return f"{node.name}:{node.value}" if plain else f'{node.name}:"{node.value}"'
        case Not():
            return f"-{_write(node.part, 3)}"
        case In():
            if node.zone == "title" and isinstance(node.part, Word | Phrase):
                return f"title:{_write(node.part, 3)}"
            part = _write(node.part, 1 if isinstance(node.part, In) else 0)
            return _bracket(f"{part} in:{node.zone}", level > 0)
        case Or():
            return _bracket(" OR ".join(_write(part, 1) for part in node.parts), level > 0)
        case And():
            return _bracket(" ".join(_write(part, 2) for part in node.parts), level > 1)


def _bracket(text: str, wanted: bool) -> str:
    return f"({text})" if wanted else text


def leaves(node: Node) -> list[Word | Phrase | Has]:
    """The words, phrases and properties of a tree, in the order of the text."""
    match node:
        case And() | Or():
            return [leaf for part in node.parts for leaf in leaves(part)]
        case Not() | In():
            return leaves(node.part)
    return [node]


def meets_nearly_all(node: Node) -> bool:
    """Whether the tree can be true of an item that has no wanted word, issue, actor, conflict or source."""
    return _can(node, True)


def _can(node: Node, wanted: bool) -> bool:
    """Whether an item of any language and of no interest can make the node `wanted`."""
    every: Callable[..., bool] = all if wanted else any
    some: Callable[..., bool] = any if wanted else all
    match node:
        case And():
            return every(_can(part, wanted) for part in node.parts)
        case Or():
            return some(_can(part, wanted) for part in node.parts)
        case Not():
            return _can(node.part, not wanted)
        case In():
            return _can(node.part, wanted)
        case Has(name="lang" | "mark" | "extent") | Has(name="relevance", value="none" | "passing"):
            return True
    return not wanted
