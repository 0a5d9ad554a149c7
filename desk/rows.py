"""An item as a page shows it: its words marked, its tags as links, its link only where that is safe."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from ceasewire.items import Item, Span, Tagged
from ceasewire.query import Property
from ceasewire.views import Hit
from desk.filters import property_query
from desk.marks import Excerpt, Piece, cut, excerpt, stretches, words_of
from desk.ports import Names


@dataclass(frozen=True)
class Chip:
    """A tag of an item, as a link to the search for it, with the words that gave it."""

    tag: str
    kind: str
    name: str
    address: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Label:
    """A mark of an item, as a link to the search for it."""

    id: str
    name: str
    address: str


@dataclass(frozen=True)
class Row:
    """One item of a list."""

    tagged: Tagged
    item: Item
    title: tuple[Piece, ...]
    lede: Excerpt
    chips: tuple[Chip, ...]
    link: str | None
    conflict: str = ""
    """The conflict's name."""
    story: str | None = None
    story_size: int = 0
    versions: int = 1
    marks: tuple[Label, ...] = ()
    unsupported: tuple[str, ...] = ()
    """In words: what the headline names and the text never bears out."""

    @property
    def named(self) -> bool:
        """False where the feed gave no title."""
        return bool(self.item.title.strip())


def safe_link(address: str | None) -> str | None:
    """The address if it is http or https with a host, else None: it is then shown as text only."""
    if not address or not address.isprintable():
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.netloc else None


def search_address(name: Property, value: str) -> str:
    """Address of the search for one property."""
    return "/search?" + urlencode({"q": property_query(name, value)})


def chips(tagged: Tagged, names: Names) -> tuple[Chip, ...]:
    """The issues and actors of an item, as links."""
    words = words_of(tagged)
    kinds: list[tuple[Property, str, str]] = [("issue", id, names.issue(id)) for id in tagged.issues]
    kinds += [("actor", id, names.actor(id)) for id in tagged.actors]
    return tuple(
        Chip(f"{kind}:{id}", kind, name, search_address(kind, id), words.get(f"{kind}:{id}", ()))
        for kind, id, name in kinds
    )


def labels(tagged: Tagged, names: Names) -> tuple[Label, ...]:
    """The marks of an item, as links."""
    return tuple(Label(mark, names.mark(mark), search_address("mark", mark)) for mark in tagged.marks)


def unsupported(tagged: Tagged, names: Names) -> tuple[str, ...]:
    """The names of what the headline tells and the text never bears out; dates as they are."""
    called = {"issue": names.issue, "actor": names.actor}
    parted = (key.partition(":") for key in tagged.unsupported)
    return tuple(called[kind](id) if kind in called else id for kind, _, id in parted)


def row(tagged: Tagged, names: Names, hit: Hit | None = None, length: int = 280) -> Row:
    """The item as a list shows it, with the words of the query marked as well where it is a hit."""
    highlights: Sequence[Span] = hit.highlights if hit else ()
    item = tagged.item
    return Row(
        tagged=tagged,
        item=item,
        title=cut(item.title, stretches(tagged, "title", highlights)),
        lede=excerpt(item.text, stretches(tagged, "text", highlights), length),
        chips=chips(tagged, names),
        link=safe_link(item.url),
        conflict=names.conflict(tagged.conflict) if tagged.conflict else "",
        story=hit.story if hit else None,
        story_size=hit.story_size if hit else 0,
        versions=hit.versions if hit else 1,
        marks=labels(tagged, names),
        unsupported=unsupported(tagged, names),
    )


def rows(hits: Sequence[Hit], names: Names) -> tuple[Row, ...]:
    """All hits of a page."""
    return tuple(row(hit.tagged, names, hit) for hit in hits)
