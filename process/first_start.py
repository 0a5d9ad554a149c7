"""The first start: `config/` is made from what the program brings along, with schemas for editors."""

import os
import shutil
from pathlib import Path

import msgspec

from ceasewire import bundled
from process.config_files import starter_text
from process.places import Places
from process.schemas import MODELS, each_setting, is_section, schema, spell

_EDITOR = "# yaml-language-server: $schema={}\n"


def starter_texts() -> dict[str, str]:
    """Every file of a fresh `config/` by its path in it."""
    texts = {
        "feeds.yml": _EDITOR.format(".schemas/feeds.json") + starter_text("feeds.yml"),
        "channels.yml": _EDITOR.format(".schemas/channels.json") + starter_text("channels.yml"),
        "settings.yml": _EDITOR.format(".schemas/settings.json") + settings_text(),
    }
    for name, text in bundled.rule_texts().items():
        texts[f"rules/{name}"] = _EDITOR.format("../.schemas/rule.json") + text
    return texts


def schema_texts() -> dict[str, str]:
    """The JSON Schemas for editors, by their path in `config/`."""
    formed = {name: msgspec.json.format(msgspec.json.encode(schema(name)), indent=2).decode() for name in MODELS}
    return {f".schemas/{name}.json": text + "\n" for name, text in formed.items()}


def write_schemas(folder: Path) -> None:
    """Brings the schemas in the folder up to date. Raises OSError."""
    for name, text in schema_texts().items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def settings_text() -> str:
    """settings.yml with every setting commented out, its default in place."""
    lines = [
        "# All settings, each with its default. Take the # away to change one (and the # before its section).",
        "# The environment goes first: CEASEWIRE_DESK__PORT=8400.",
    ]
    for path, field in each_setting():
        if is_section(field):
            lines += ["", f"#{path[-1]}:"]
        else:
            lines.append(
                f"#{'  ' * (len(path) - 1)}{path[-1]}: {spell(field.default)}".rstrip() + f"  # {field.description}"
            )
    return "\n".join(lines) + "\n"


def write_starter(places: Places) -> tuple[Path, ...]:
    """Makes `config/`, readable by its owner only, or adds what is missing in it; gives the files that were written.

    A folder that has no feeds.yml yet gets all; one in use only the files that it lacks, its rules as they are.
    Schemas are always brought up to date. Raises OSError where the folder cannot be written.
    """
    fresh = not places.config.exists()
    room = places.config.with_name(f".{places.config.name}.new") if fresh else places.config
    if fresh and room.exists():
        shutil.rmtree(room)
    room.mkdir(mode=0o700, parents=True, exist_ok=True)
    has_rules = (room / "rules").exists()
    written = []
    for name, text in starter_texts().items():
        path = room / name
        if path.exists() or (name.startswith("rules/") and has_rules):
            continue
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(places.config / name)
    write_schemas(room)
    if fresh:
        os.replace(room, places.config)
    return tuple(written)
