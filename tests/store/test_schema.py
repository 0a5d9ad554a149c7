"""The store's file: schema steps, what is refused and how, who may read it."""

import gzip
import sqlite3
import stat
from hashlib import sha256
from pathlib import Path

import pytest

from ceasewire.errors import StoreError
from ceasewire.query import Word
from ceasewire.views import Ask
from embedded.search import SqliteSearch
from embedded.store import read_store, schema
from embedded.store.connections import open_readable, open_writable
from tests.store.making import NOON, make_store, make_tagged, put_all

FIXTURE = Path(__file__).parent / "schema_1.db.gz"
"""A store as schema 1 wrote it: three items (`Talks number 0` to `2`), the last one edited once."""


def tables(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").fetchall()
    return [(name, " ".join(sql.split())) for name, sql in rows]


def test_the_first_schema_stays_as_it_was_released() -> None:
    """A file that took this step never takes it again: what is needed later is a step of its own at the end."""
    assert (
        sha256(schema.FIRST.encode()).hexdigest() == "118af82934005099c1f3b307866a6734971cadb3b2b2de262b114d461488466f"
    )
    assert schema.STEPS[0] is schema.FIRST


async def test_a_store_of_schema_1_opens_and_is_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "ceasewire.db"
    path.write_bytes(gzip.decompress(FIXTURE.read_bytes()))
    store = make_store(tmp_path)
    await store.maintain(NOON - NOON.replace(year=1980))
    search = SqliteSearch(store)
    assert (await search.search(Ask(node=Word("talks")))).total == 3
    view = await store.items.item(make_tagged(2).item.id)
    assert view is not None
    assert [item.title for item in view.versions] == ["Talks number 2, corrected", "Talks number 2"]
    assert await put_all(store, [make_tagged(1, "Rain", rev=50)]) == ["edited"]
    assert (await search.search(Ask(node=Word("talks")))).total == 2
    assert await store.faults() == []
    store.close()
    new = make_store(tmp_path / "new")
    new.close()
    with sqlite3.connect(path) as old, sqlite3.connect(tmp_path / "new" / "ceasewire.db") as fresh:
        assert tables(old) == tables(fresh)
    old.close()
    fresh.close()


def test_a_step_that_fails_leaves_the_schema_before(tmp_path: Path) -> None:
    path = tmp_path / "ceasewire.db"
    open_writable(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    before = tables(connection)
    newest = len(schema.STEPS)
    steps = (*schema.STEPS, "ALTER TABLE items ADD COLUMN one INTEGER; CREATE TABLE items (n)")
    with pytest.raises(sqlite3.OperationalError):
        schema.migrate(connection, path, steps)
    assert tables(connection) == before
    assert connection.execute("PRAGMA user_version").fetchone() == (newest,)
    steps = (*schema.STEPS, "ALTER TABLE items ADD COLUMN one INTEGER; CREATE TABLE more (text TEXT DEFAULT ';')")
    schema.migrate(connection, path, steps)
    assert connection.execute("PRAGMA user_version").fetchone() == (newest + 1,)
    assert "more" in dict(tables(connection))
    connection.close()
    with pytest.raises(StoreError, match=rf"newer Ceasewire \(schema {newest + 1}; this one reads up to {newest}\)"):
        open_writable(path)
    with pytest.raises(StoreError, match="newer Ceasewire"):
        open_readable(path)


def test_a_store_of_an_older_schema_is_not_read_past_a_runtime(tmp_path: Path) -> None:
    path = tmp_path / "ceasewire.db"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {schema.APPLICATION}")
    connection.close()
    with pytest.raises(StoreError, match="older schema 0"):
        open_readable(path)


@pytest.mark.parametrize("opened", [open_writable, open_readable])
def test_a_file_that_is_no_store_is_left_as_it_is(tmp_path: Path, opened: type) -> None:
    text = tmp_path / "notes.db"
    text.write_bytes(b"Not a database at all, but long enough to be taken for one. " * 20)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE accounts (name)")
    connection.close()
    for path, words in ((text, "it is not a database"), (other, "a database of another program")):
        before = path.read_bytes()
        with pytest.raises(StoreError, match=words):
            opened(path)
        assert path.read_bytes() == before


def test_reading_a_store_that_is_not_there_makes_none(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store"):
        read_store(tmp_path / "ceasewire.db", lambda: NOON)
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_may_read_the_store(tmp_path: Path) -> None:
    store = make_store(tmp_path / "data")
    files = [tmp_path / "data", *(tmp_path / "data").iterdir()]
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in files}
    store.close()
    assert modes.pop("data") == 0o700
    assert set(modes.values()) == {0o600}
    assert "ceasewire.db" in modes


def test_a_place_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(StoreError, match="give this user the folder"):
        open_writable(tmp_path / "data" / "ceasewire.db")


async def test_every_commit_is_durable(tmp_path: Path) -> None:
    connection = open_writable(tmp_path / "ceasewire.db")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()
