"""What a search found, on a terminal."""

from rich.table import Table
from rich.text import Text

from ceasewire.grammar import small_operator
from ceasewire.items import Span
from ceasewire.pages import EXTENTS
from ceasewire.ports import Search
from ceasewire.views import Ask, Count, Facets, Found, Hit
from embedded.cli.moments import show_moment
from embedded.cli.output import err, out, print_json

_AROUND = 60
"""Characters shown on each side of a word in the text."""


async def answer(searching: Search, ask: Ask, query: str, json: bool, facets: bool) -> None:
    """Asks and prints what was found, or its facets. Raises StoreError."""
    if facets:
        counts = await searching.facets(ask)
        print_json(counts) if json else show_facets(counts)
        return
    found = await searching.search(ask)
    if json:
        for hit in found.hits:
            print_json(hit)
        return
    show_found(found)
    if not found.hits and query.strip() and (near := small_operator(query)):
        err.print(f'"{near.word}" is searched for as a word here; {near.hint}', style="yellow", markup=False)


def show_found(found: Found) -> None:
    """Each item with its headline, the words that matched marked, and its tags."""
    for hit in found.hits:
        _show_hit(hit)
    least = "more than " if found.total_is_least else ""
    shown = f", {len(found.hits)} shown" if len(found.hits) < found.total else ""
    out.print(f"{least}{found.total:,} {'item' if found.total == 1 else 'items'}{shown}", style="dim", markup=False)


def show_facets(facets: Facets) -> None:
    """Counts by issue, actor, language, source, conflict and day."""
    groups: tuple[tuple[str, tuple[Count, ...]], ...] = (
        ("issue", facets.issues),
        ("actor", facets.actors),
        ("conflict", facets.conflicts),
        ("language", facets.languages),
        ("source", facets.sources),
        ("day", facets.days),
    )
    table = Table("", "", "items", box=None, show_header=False)
    for name, counts in groups:
        for place, count in enumerate(counts[:15]):
            table.add_row(Text(name if place == 0 else "", style="bold"), Text(count.value), Text(f"{count.count:,}"))
    out.print(table)
    over = "all" if facets.all_counted else "the newest"
    out.print(f"counted over {over} {facets.counted:,} matches", style="dim", markup=False)


def _show_hit(hit: Hit) -> None:
    item, tagged = hit.tagged.item, hit.tagged
    out.print(marked(item.title, [span for span in hit.highlights if span.field == "title"]), style="bold")
    places = [span for span in hit.highlights if span.field == "text"]
    if places:
        out.print(_excerpt(item.text, places))
    about = [show_moment(item.at), item.source.outlet, tagged.language, EXTENTS[item.extent], *tagged.issues]
    if hit.story_size > 1:
        about.append(f"story of {hit.story_size}")
    out.print(Text("  ".join(about), style="dim"))
    out.print(Text(item.url or item.id, style="dim"))
    out.print()


def marked(text: str, spans: list[Span], offset: int = 0) -> Text:
    """The text with the spans marked; `offset` is where the text begins in the whole."""
    shown = Text(text)
    for span in spans:
        shown.stylize("bold underline yellow", max(span.start - offset, 0), max(span.end - offset, 0))
    return shown


def _excerpt(text: str, spans: list[Span]) -> Text:
    start = max(spans[0].start - _AROUND, 0)
    end = min(spans[0].end + _AROUND, len(text))
    cut = marked(text[start:end].replace("\n", " "), [span for span in spans if span.end <= end], start)
    return Text.assemble("…" if start else "", cut, "…" if end < len(text) else "")
