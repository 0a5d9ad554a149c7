"""What the program brings along as files in the package: packs and rules. The only place that reads them."""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from ceasewire.config.lines import read_yaml
from ceasewire.config.rules import Rule, read_rule
from ceasewire.errors import ConfigurationError, Fault
from ceasewire.pack.load import Pack, load_pack

WORLD = "world"
"""The pack of states, organisations and other conflicts, which is always loaded."""


def read_text(relative: str) -> str:
    """The text of a bundled file, its path relative to the package, with slashes."""
    return files("ceasewire").joinpath(*relative.split("/")).read_text(encoding="utf-8")


def pack_names() -> tuple[str, ...]:
    """The names of all bundled packs."""
    return tuple(sorted(folder.name for folder in files("ceasewire").joinpath("packs").iterdir() if folder.is_dir()))


def packs(names: Iterable[str]) -> tuple[Pack, ...]:
    """The named packs, and the world; raises ConfigurationError for a name that is not bundled."""
    wanted = tuple(dict.fromkeys([*names, WORLD]))
    known = pack_names()
    faults = [
        Fault("settings.yml", None, f'no pack is named "{name}"; there are {", ".join(known)}')
        for name in wanted
        if name not in known
    ]
    if faults:
        raise ConfigurationError(faults)
    return tuple(_pack(name) for name in wanted)


@cache
def _pack(name: str) -> Pack:
    folder = files("ceasewire").joinpath("packs", name)
    texts = {
        f"packs/{name}/{f.name}": f.read_text(encoding="utf-8") for f in folder.iterdir() if f.name.endswith(".yml")
    }
    return load_pack(texts)


def rule_texts() -> dict[str, str]:
    """The bundled rules as they stand in their files, by file name."""
    folder = files("ceasewire").joinpath("rules")
    return {f.name: f.read_text(encoding="utf-8") for f in sorted(folder.iterdir(), key=lambda f: f.name)}


def rules() -> tuple[Rule, ...]:
    """The bundled rules; raises ConfigurationError with the faults of all."""
    found: list[Rule] = []
    faults: list[Fault] = []
    for name, text in rule_texts().items():
        try:
            found.append(read_rule(read_yaml(text, f"rules/{name}")))
        except ConfigurationError as error:
            faults += error.faults
    if faults:
        raise ConfigurationError(faults)
    return tuple(found)
