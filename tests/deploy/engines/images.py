"""Makes the images: lays out what each is built from, and lets the Docker engine build it."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.services.broker import LOGGING
from tests.services.files import elasticsearch_home, kafka_jars
from tests.services.java import find_java

HERE = Path(__file__).parent
FILES: Mapping[str, Callable[[], Path]] = {"kafka": kafka_jars, "elasticsearch": elasticsearch_home}
LEFT_OUT = shutil.ignore_patterns("src.zip", "man", "demo", "*.bat", "*.exe")
Build = Callable[[Path], None]
"""Builds an image from a folder."""


def make(name: str, build: Build) -> None:
    """Lays out and builds one; raises Missing or Changed where there are no files, and what `build` raises."""
    with laid_out(name) as folder:
        build(folder)


@contextmanager
def laid_out(name: str) -> Iterator[Path]:
    """A folder with all that the image is made of; the big files are linked where they can be."""
    files = FILES[name]() if name in FILES else None
    with tempfile.TemporaryDirectory(prefix=f"ceasewire-{name}-image-") as made:
        folder = Path(made)
        shutil.copy(HERE / f"{name}.Dockerfile", folder / "Dockerfile")
        shutil.copy(HERE / f"{name}.py", folder / "start.py")
        (folder / "log4j2.properties").write_text(LOGGING, encoding="utf-8")
        if files is not None:
            _link(files, folder / "files")
            _link(find_java(21, full=True).home, folder / "java")
        yield folder


def _link(source: Path, target: Path) -> None:
    shutil.copytree(source, target, copy_function=_one, ignore=LEFT_OUT)


def _one(source: str, target: str) -> str:
    try:
        os.link(Path(source).resolve(), target)
    except OSError:
        shutil.copy2(source, target)
    return target
