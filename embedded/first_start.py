"""The first start: `config/` is made from what the program brings along, with schemas for editors."""

import os
import shutil
from pathlib import Path

import msgspec

from ceasewire import bundled
from embedded.config_files import starter_text
from embedded.places import Places
from embedded.schemas import MODELS, each_setting, is_section, schema, spell

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
    for name in MODELS:
        texts[f".schemas/{name}.json"] = (
            msgspec.json.format(msgspec.json.encode(schema(name)), indent=2).decode() + "\n"
        )
    return texts


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
        schemas = name.startswith(".schemas/")
        if name.startswith("rules/") and has_rules:
            continue
        if path.exists() and not (schemas and path.read_text(encoding="utf-8") != text):
            continue
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if not schemas:
            written.append(places.config / name)
    if fresh:
        os.replace(room, places.config)
    return tuple(written)
