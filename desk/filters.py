"""Adding a property to a query and taking it away: a facet is nothing but a part of the query's text."""

from ceasewire.grammar import write
from ceasewire.query import And, Has, Node, Property


def parts(node: Node | None) -> tuple[Node, ...]:
    """The parts that must all hold."""
    if node is None:
        return ()
    return node.parts if isinstance(node, And) else (node,)


def chosen(node: Node | None, name: Property) -> tuple[str, ...]:
    """The values of a property that the query demands at its top."""
    return tuple(part.value for part in parts(node) if isinstance(part, Has) and part.name == name)


def toggled(node: Node | None, name: Property, value: str) -> str:
    """The query's text with the property added, or without it where it was there."""
    wanted = Has(name, value)
    have = parts(node)
    left = tuple(part for part in have if part != wanted)
    if len(left) == len(have):
        left = (*have, wanted)
    if not left:
        return ""
    return write(left[0] if len(left) == 1 else And(left))


def property_query(name: Property, value: str) -> str:
    """The text of a query for one property alone."""
    return write(Has(name, value))
