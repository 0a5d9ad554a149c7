"""YAML text to nodes: what plain words mean, what is refused before anything is made of it, and where all stands."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import yaml

Path = tuple[str | int, ...]
MAX_ALIASES = 100


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML whose plain words stay words: `NO` is a country, `12:30` is a time of day, a date is text."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, TypeError, AttributeError, LookupError, ArithmeticError):
            kind = node.tag.rpartition(":")[2]
            raise yaml.constructor.ConstructorError(
                None, None, f"this cannot be read as {kind}", node.start_mark
            ) from None

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """The tag of a node; most words begin as no other kind does, and are text without a further look."""
        if kind is yaml.ScalarNode and implicit[0] and value[:1] not in self.yaml_implicit_resolvers:
            return self.DEFAULT_SCALAR_TAG
        return super().resolve(kind, value, implicit)


Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", "~nN\0"),
    ("tag:yaml.org,2002:int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"[-+]?[0-9]+\.[0-9]+(?:[eE][-+]?[0-9]+)?", "-+0123456789"),
):
    Loader.add_implicit_resolver(
        _tag, re.compile(f"^(?:{_pattern})$"), list(_first) if "\0" not in _first else [*_first.strip("\0"), ""]
    )


@contextmanager
def opened(text: str) -> Iterator[Loader]:
    """A loader of the text, which lets go of it in the end."""
    loader = Loader(text)
    try:
        yield loader
    finally:
        loader.dispose()


def node_faults(root: yaml.Node) -> Iterator[tuple[int | None, str]]:
    """Line and words of each key that stands twice, and of aliases that are too many or turn in a circle."""
    pending, known, aliases = [root], set[int](), 0
    while pending:
        node = pending.pop()
        if id(node) in known:
            aliases += 1
            continue
        known.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            pending += reversed(node.value)
        elif isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, _ in node.value:
                name = str(key.value)
                if name in seen:
                    yield key.start_mark.line + 1, f'the key "{name}" stands twice'
                seen.add(name)
            pending += (child for _, child in reversed(node.value))
    if aliases > MAX_ALIASES:
        yield None, f"{aliases} aliases; at most {MAX_ALIASES} are read"
    if aliases and (circle := _circle(root, set(), set())):
        yield circle.start_mark.line + 1, "an alias stands within what it repeats"


def _circle(node: yaml.Node, above: set[int], done: set[int]) -> yaml.Node | None:
    """A node that is within itself, if there is one."""
    if id(node) in above:
        return node
    if id(node) in done or isinstance(node, yaml.ScalarNode):
        return None
    children = node.value if isinstance(node, yaml.SequenceNode) else [child for _, child in node.value]
    found = (_circle(child, above | {id(node)}, done) for child in children)
    circle = next(filter(None, found), None)
    done.add(id(node))
    return circle


def placed(root: yaml.Node) -> dict[Path, int]:
    """The line of each path: that of its key, or of its own beginning in a list. What an alias repeats has none."""
    at: dict[Path, int] = {}
    pending: list[tuple[yaml.Node, Path]] = [(root, ())]
    known: set[int] = set()
    while pending:
        node, path = pending.pop()
        at.setdefault(path, node.start_mark.line + 1)
        if id(node) in known:
            continue
        known.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            pending += reversed([(child, (*path, index)) for index, child in enumerate(node.value)])
        elif isinstance(node, yaml.MappingNode):
            for key, _ in node.value:
                at[(*path, str(key.value))] = key.start_mark.line + 1
            pending += reversed([(child, (*path, str(key.value))) for key, child in node.value])
    return at
