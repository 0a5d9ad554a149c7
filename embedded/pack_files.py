"""Packs by id or folder, and the items that pack commands look at."""

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import msgspec

from ceasewire import bundled
from ceasewire.codec import decode
from ceasewire.errors import CeasewireError, CodecError, ConfigurationError, Fault
from ceasewire.items import Tagged
from ceasewire.pack.load import HEAD, Pack, load_pack
from ceasewire.views import Ask
from embedded.batches import LARGEST_LINE, Row, make_item
from embedded.search import SqliteSearch

_PAGE = 500


def read_packs(named: Sequence[str]) -> tuple[Pack, ...]:
    """The packs of these ids or folders, and the world's where none of them is it.

    Raises ConfigurationError with the faults of all, CeasewireError for a folder that holds no pack.
    """
    found: list[Pack] = []
    faults: list[Fault] = []
    for name in named:
        try:
            found.append(_read(name))
        except ConfigurationError as error:
            faults += error.faults
    if faults:
        raise ConfigurationError(faults)
    ids = {pack.id for pack in found}
    if bundled.WORLD not in ids:
        found += [pack for pack in bundled.packs(()) if pack.id not in ids]
    return tuple(found)


def _read(name: str) -> Pack:
    folder = Path(name)
    if name in bundled.pack_names() and not (folder / HEAD).is_file():
        return bundled.packs((name,))[0]
    if not (folder / HEAD).is_file():
        known = ", ".join(bundled.pack_names())
        raise CeasewireError(f"{name} is neither a bundled pack ({known}) nor a folder with a {HEAD}")
    try:
        texts = {f"{name}/{file.name}": file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.yml"))}
    except (OSError, UnicodeDecodeError) as error:
        raise CeasewireError(f"cannot read {name}: {error}") from None
    return load_pack(texts)


async def stored(search: SqliteSearch, ask: Ask, most: int) -> AsyncIterator[Tagged]:
    """The stored items of an ask, newest first, at most so many."""
    left, after = most, None
    while left > 0:
        page = await search.search(msgspec.structs.replace(ask, after=after, limit=min(left, _PAGE)))
        for hit in page.hits:
            yield hit.tagged
        left -= len(page.hits)
        after = page.next
        if after is None:
            return


def read_items(file: Path) -> Iterator[Tagged]:
    """Items of JSON lines: rows of `ceasewire export`, or id, title and text; raises CeasewireError with the line."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            if len(line) > LARGEST_LINE:
                raise CeasewireError(f"{file}:{number}: longer than {LARGEST_LINE:,} bytes")
            try:
                yield _item(line)
            except (CodecError, msgspec.DecodeError, UnicodeDecodeError) as error:
                raise CeasewireError(
                    f"{file}:{number}: neither an exported item nor id, title and text: {error}"
                ) from None


def _item(line: bytes) -> Tagged:
    try:
        return decode(line, Tagged)
    except CodecError:
        row = msgspec.json.decode(line, type=Row)
        item = make_item(row.id, row.title or "", row.text or "", row.source, row.published)
        return Tagged(item=item, edition=0, language="und")
