"""The pipeline that one would write first: feedparser, langdetect, a pattern for each alias, an insert an item."""

import re
import sqlite3
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from time import perf_counter, process_time

import feedparser
import langdetect

from benchmarks.ours import Spent


def run(documents: Iterable[tuple[str, bytes]], aliases: Mapping[str, str], folder: Path) -> Spent:
    """Reads, tags and stores; `aliases` gives the tag of each alias. Deduplicates by the insert."""
    spent = Spent()
    patterns = [(re.compile(rf"\b{re.escape(alias)}\b", re.IGNORECASE), tag) for alias, tag in aliases.items()]
    connection = sqlite3.connect(folder / "naive.db")
    connection.execute("CREATE TABLE items (id TEXT PRIMARY KEY, title TEXT, text TEXT, language TEXT, tags TEXT)")
    for _, body in documents:
        began = process_time()
        entries = feedparser.parse(BytesIO(body)).entries
        spent.reading += process_time() - began
        wall, began = perf_counter(), process_time()
        for entry in entries:
            text = f"{entry.title} {re.sub('<[^>]+>', ' ', entry.get('summary', ''))}"
            language = langdetect.detect(text)
            tags = {tag for pattern, tag in patterns if pattern.search(text)}
            connection.execute(
                "INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?, ?)",
                (entry.id, entry.title, text, language, " ".join(sorted(tags))),
            )
            connection.commit()
        spent.intake += process_time() - began
        spent.wall += perf_counter() - wall
        spent.items += len(entries)
    connection.close()
    return spent
