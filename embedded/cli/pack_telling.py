"""How pack commands speak: counts, places of patterns, what was dropped, changes and suggestions."""

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from ceasewire.items import Tagged
from ceasewire.pack.load import Pack
from ceasewire.pack.sources import place_of
from ceasewire.tagging.dropped import WORDS, Dropped
from ceasewire.tagging.tagger import build_tagger
from ceasewire.tuning.counts import counts
from ceasewire.tuning.differences import Change, summed
from ceasewire.tuning.suggestions import Suggestion
from embedded.cli.output import out


def measured(packs: Sequence[Pack]) -> dict[str, Any]:
    """The counts of packs, with what making a tagger of them takes here, the language model included."""
    began = perf_counter()
    build_tagger(packs, {}, 0)
    return counts(packs) | {"load_seconds": round(perf_counter() - began, 2), "process_megabytes_at_most": _peak()}


def _peak() -> int | None:
    """The most memory that this process has held, where the system tells it."""
    try:
        import resource
    except ImportError:  # not on Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1e6 if sys.platform == "darwin" else 1e3))


def show_counts(found: Mapping[str, Any]) -> None:
    """Prints the counts, a line each."""
    for name, value in found.items():
        if isinstance(value, dict):
            value = ", ".join(
                f"{key} {count:,}" if isinstance(count, int) else f"{key} {count}" for key, count in value.items()
            )
        elif isinstance(value, int):
            value = f"{value:,}"
        out.print(f"{name.replace('_', ' '):20} {value}", markup=False)


def show_places(tagged: Tagged, packs: Sequence[Pack]) -> None:
    """Prints the file and line of each pattern that counts."""
    patterns = dict.fromkeys(mention.pattern for mention in tagged.mentions)
    if patterns:
        out.print("\nwhere the patterns stand", style="bold")
    for pattern in patterns:
        out.print(f"{pattern:48} {place_of(packs, pattern) or ''}", markup=False)


def show_dropped(dropped: Sequence[Dropped], packs: Sequence[Pack]) -> None:
    """Prints the patterns that came near, each with the reason why it does not count."""
    if dropped:
        out.print("\ncame near and do not count", style="bold")
    for one in dropped:
        words = " + ".join(f'"{word}"' for word in one.words)
        out.print(
            f"{one.issue}: {words}: {WORDS[one.reason]} ({place_of(packs, one.pattern) or one.pattern})", markup=False
        )


def show_changes(changes: Sequence[Change], looked: int, most: int) -> None:
    """Prints how many items gain and lose each tag, then the items."""
    touched = len({change.item for change in changes})
    out.print(f"{touched:,} of {looked:,} items change")
    by_tag: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in changes:
        by_tag[change.kind, change.tag].append(change)
    for (kind, tag), (gained, lost) in summed(changes).items():
        out.print(f"\n{kind} {tag}  +{gained} / -{lost}", style="bold", markup=False)
        for change in by_tag[kind, tag][:most]:
            words = f"  ({', '.join(change.words)})" if change.words else ""
            out.print(f"  {'+' if change.gained else '-'} {change.item}  {change.title}{words}", markup=False)
        rest = len(by_tag[kind, tag]) - most
        if rest > 0 and most:
            out.print(f"  and {rest} more")


def show_suggestions(found: Sequence[Suggestion], looked: int) -> None:
    """Prints each suggestion with what it stands beside and two sentences."""
    out.print(f"{len(found)} suggestions from {looked:,} items")
    for one in found:
        beside = ", ".join(f"{key} {count}" for key, count in one.beside)
        out.print(
            f"\n{one.words}  {one.kind}, {one.language}, {one.texts} texts, beside {beside}", style="bold", markup=False
        )
        for example in one.examples:
            out.print(f"  {example[:240]}", markup=False)
