"""The stores that a restore put aside: their names, and what is refused where one was left without a store."""

from pathlib import Path

from ceasewire.errors import StoreError

KEPT = ".before-restore"


def free_name(store: Path) -> Path:
    """A name for the store that is put aside: `ceasewire.db.before-restore`, then `...-2` and so on."""
    number = 1
    while True:
        kept = store.with_name(f"{store.name}{KEPT}" + (f"-{number}" if number > 1 else ""))
        if not kept.exists() and not log_of(kept).exists():
            return kept
        number += 1


def log_of(store: Path) -> Path:
    """The write-ahead log of a store, which may hold committed rows that the file lacks."""
    return store.with_name(store.name + "-wal")


def refuse_if_cut_off(store: Path) -> None:
    """Raises StoreError, in words that say what to do, where there is no store but one that a restore put aside."""
    if store.exists():
        return
    found = [path for path in store.parent.glob(f"{store.name}{KEPT}*") if not path.name.endswith(("-wal", "-shm"))]
    if not found:
        return
    newest = max(found, key=lambda path: (len(path.name), path.name))
    raise StoreError(
        f"{store} is missing, but {newest} is there: a restore was cut off. Do it again (ceasewire restore FILE), "
        f"get the old store back with: mv {newest} {store}, or move that file elsewhere to begin anew"
    )
