"""Writes the pages of docs/ that are made from code: `python -m embedded.docs [FOLDER]`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from prometheus_client import Metric

from ceasewire.metrics import Metrics
from embedded.cli.app import build
from process.environment import variable
from process.live import NEEDS_RESTART
from process.schemas import choices, each_setting, is_section, spell

_MADE = "<!-- Made from code by: python -m embedded.docs -->\n\n"


def pages() -> dict[str, str]:
    """Each page that is made from code, by its name in docs/."""
    return {"settings.md": settings_page(), "metrics.md": metrics_page(), "commands.md": commands_page()}


def settings_page() -> str:
    """All settings with defaults and environment variables."""
    lines = [
        _MADE + "# Settings",
        "",
        "All of `config/settings.yml`. Each setting may also come from the environment, which goes first; a secret",
        "also from a file of its owner that `<VARIABLE>_FILE` names. Settings marked with * are read at the start",
        "only; a change of another one is live within two seconds.",
    ]
    rows: list[str] = []
    for path, field in each_setting():
        if is_section(field):
            lines += [*_table(rows), "", f"## {path[-1]}", "", _text(field.annotation.__doc__)]
            rows = []
            continue
        default = f"`{spell(field.default)}`" if spell(field.default) else "none"
        words = _text(field.description)
        if choices(field):
            words += f" ({', '.join(choices(field))})"
        star = "*" if _needs_restart(path) else ""
        rows.append(f"| `{'.'.join(path)}`{star} | {default} | {words} | `{variable(path)}` |")
    return "\n".join([*lines, *_table(rows)]) + "\n"


def _needs_restart(path: tuple[str, ...]) -> bool:
    return any(path[: len(start)] == start for start in NEEDS_RESTART)


def _table(rows: list[str]) -> list[str]:
    return ["", "| setting | default | what | environment |", "|---|---|---|---|", *rows] if rows else []


def _text(words: str | None) -> str:
    return " ".join((words or "").split()).replace("|", "\\|")


def metrics_page() -> str:
    """All metrics with kind and labels."""
    metrics = Metrics()
    lines = [
        _MADE + "# Metrics",
        "",
        "At `/metrics` of the desk, for Prometheus. Times are in seconds. No label holds an address, a title or the",
        "id of an item. Whatever has a named reason (a poll, a decision, a try to deliver) carries it as its label.",
        "",
        "| metric | kind | labels | what |",
        "|---|---|---|---|",
    ]
    for one in vars(metrics).values():
        describe = getattr(one, "describe", None)
        if describe is None:
            continue
        found: Metric = describe()[0]
        name = found.name + ("_total" if found.type == "counter" else "")
        labels = ", ".join(f"`{label}`" for label in one._labelnames)
        lines.append(f"| `{name}` | {found.type} | {labels} | {_text(found.documentation)} |")
    lines += [
        "",
        "The figure that users feel is `ceasewire_published_to_delivered_seconds`; our own share of it is",
        "`ceasewire_seen_to_delivered_seconds`. Half of the deliveries of a day took at most, and 95 of 100:",
        "",
        "```promql",
        *(
            f"histogram_quantile({share}, sum by (le) (increase(ceasewire_{name}_to_delivered_seconds_bucket[1d])))"
            for name in ("published", "seen")
            for share in (0.5, 0.95)
        ),
        "```",
        "",
        "Without Prometheus the same figures of the newest alerts stand in `ceasewire status` and above the desk's",
        "alerts. Worth an alarm: `ceasewire_oldest_pending_seconds` over 600, no growth of",
        '`ceasewire_feed_polls_total{outcome="ok"}` for 15 minutes, and `/ready` that answers 503.',
    ]
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """All commands with their arguments and options."""
    lines = [
        _MADE + "# Commands",
        "",
        "`ceasewire [--config FOLDER] [--data FOLDER] COMMAND ...`; the folders may also come from `CEASEWIRE_CONFIG`",
        "and `CEASEWIRE_DATA`. Every command works beside a running process. Exit codes: 0 done, 1 done and something",
        "is wrong, 2 could not be done. `NO_COLOR` is kept to; progress is shown on a terminal only.",
        "Where the shell does not find `ceasewire`, it stands in the folder of the program: `.venv/bin/ceasewire`; the",
        "hints that commands give name it as it was called.",
        "",
        "| command | what |",
        "|---|---|",
    ]
    found = list(each_command(typer.main.get_command(build())))
    for name, command in found:
        anchor = name.replace(" ", "-")
        lines.append(f"| [`{name}`](#{anchor}) | {_first(command.help)} |")
    for name, command in found:
        lines += ["", f"## {name}", "", _text(command.help), "", f"`ceasewire {name}{_usage(command)}`"]
        rows = [_parameter(one) for one in command.params if getattr(one, "help", None)]
        if rows:
            lines += ["", "| | |", "|---|---|", *rows]
    return "\n".join(lines) + "\n"


def each_command(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """The full name of each command and the command, those in groups included."""
    for name, command in group.commands.items():
        if getattr(command, "hidden", False):
            continue
        if hasattr(command, "commands"):
            yield from each_command(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def _first(words: str | None) -> str:
    return _text(words).split(". ")[0].rstrip(".")


def _usage(command: Any) -> str:
    parts = [_argument(one) for one in command.params if one.param_type_name == "argument"]
    options = any(one.param_type_name == "option" for one in command.params)
    return (" [OPTIONS]" if options else "") + "".join(f" {part}" for part in parts)


def _argument(one: Any) -> str:
    name = one.name.upper() + ("..." if one.nargs == -1 else "")
    return name if one.required else f"[{name}]"


def _parameter(one: Any) -> str:
    names = [_argument(one)] if one.param_type_name == "argument" else [*one.opts, *one.secondary_opts]
    default = one.default
    shown = "" if default in (None, "", False, True, ()) or callable(default) else f" (default {default})"
    return f"| `{', '.join(names)}` | {_text(one.help)}{shown} |"


def main(arguments: list[str]) -> None:
    """Writes the pages into the folder (docs)."""
    folder = Path(arguments[0] if arguments else "docs")
    folder.mkdir(exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
