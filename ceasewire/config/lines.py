"""YAML text to a checked model, keeping the line of each key, so that all faults are named with file:line at once."""

import difflib
import re
from collections.abc import Mapping
from copy import deepcopy
from functools import cached_property
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from ceasewire.config.nodes import Path, node_faults, opened, placed
from ceasewire.errors import ConfigurationError, Fault

MAX_CHARACTERS = 5_000_000


class Strict(BaseModel):
    """The root of all configuration models: unknown keys are refused, values do not change, secrets do not show."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


M = TypeVar("M", bound=BaseModel)


class Lines:
    """A parsed YAML text: its plain data, and the line at which each key or list entry stands."""

    def __init__(self, file: str, data: Any, text: str = "") -> None:
        self.file = file
        self.data = data
        self._text = text

    @cached_property
    def _at(self) -> Mapping[Path, int]:
        """The lines of all paths; read anew from the text, as most texts have no fault and are never asked."""
        with opened(self._text) as loader:
            node = loader.get_single_node()
            return {} if node is None else placed(node)

    def line(self, path: Path) -> int:
        """The line (from 1) of the nearest thing on the way to `path` that the text holds."""
        while path and path not in self._at:
            path = path[:-1]
        return self._at.get(path, 1)

    def fault(self, path: Path, text: str) -> Fault:
        """A fault at the line of `path`."""
        return Fault(self.file, self.line(path), text)

    def over(self, data: Any) -> "Lines":
        """The same lines over other data, as after `${NAME}` was replaced."""
        return type(self)(self.file, data, self._text)

    def check(self, model: type[M], data: Any = None, at: Path = ()) -> M:
        """`data` (by default the whole text) as `model`; raises ConfigurationError with every fault."""
        value = self.data if data is None and not at else data
        try:
            return model.model_validate({} if value is None else value)
        except ValidationError as error:
            faults = [self._explain(one, model, at) for one in error.errors(include_url=False)]
            raise ConfigurationError(sorted(faults, key=lambda fault: fault.line or 0)) from None

    def usable(self, model: type[M], data: Any = None) -> M | None:
        """`data` (by default the whole text) as `model`, without what the model does not know.

        So the rest of a text with faults can be checked too; None where it has others than unknown keys.
        """
        try:
            return model.model_validate(_pruned(model, self.data if data is None else data))
        except ValidationError:
            return None

    def sections(self, model: type[BaseModel]) -> dict[str, Any]:
        """Those of the text's own keys in which `model` finds no fault but unknown keys."""
        data = _pruned(model, self.data)
        if not isinstance(data, dict):
            return {}
        try:
            model.model_validate(data)
        except ValidationError as error:
            faulty = {one["loc"][0] for one in error.errors(include_url=False) if one["loc"]}
            return {key: value for key, value in data.items() if key not in faulty}
        return data

    def entries(self, model: type[BaseModel], key: str, kind: type[M]) -> tuple[dict[int, M], list[Fault]]:
        """The entries by their places, and all faults, of a text that is a `model` with one list of `kind`s.

        Where it has faults, the entries are those that are usable, so that these can be checked further.
        """
        try:
            return dict(enumerate(getattr(self.check(model), key))), []
        except ConfigurationError as error:
            listed = self.data.get(key) if isinstance(self.data, dict) else None
            found = {
                place: self.usable(kind, one) for place, one in enumerate(listed if isinstance(listed, list) else ())
            }
            return {place: one for place, one in found.items() if one is not None}, list(error.faults)

    def _explain(self, error: ErrorDetails, model: type[BaseModel], at: Path) -> Fault:
        where: Path = (*at, *(step for step in error["loc"] if step != "[key]"))
        if error["type"] == "extra_forbidden":
            key = str(error["loc"][-1])
            near = _near(key, model)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            return self.fault(where, f'unknown key "{key}"{hint}')
        if error["type"] == "missing":
            return self.fault(where, f'"{error["loc"][-1]}" is missing')
        name = _called(self.data, where)
        text = _words(error)
        return self.fault(where, f"{name}: {text[:1].lower()}{text[1:]}" if name else text)


_KINDS = {
    "bool": "true or false is wanted",
    "int": "a whole number is wanted",
    "float": "a number is wanted",
    "string": "text is wanted; where it looks like a number or true, put it in quotes",
    "tuple": "a list is wanted, like [a, b]",
    "dict": "keys with values are wanted",
    "model": "keys with values are wanted",
}
_PATTERNS = {
    "^[a-z]{2}$": "two small letters are wanted, like en",
    "^[A-Z]{2}$": "two capital letters are wanted, like UA",
    "^[a-z][a-z0-9_]{0,63}$": "small letters, digits and _ are wanted, a letter first",
}


def _words(error: ErrorDetails) -> str:
    """What is wanted in the place of an error, in words of ours where we have some."""
    if error["type"] == "string_pattern_mismatch":
        pattern = str(error.get("ctx", {}).get("pattern", ""))
        return _PATTERNS.get(pattern, f"text of the form {pattern} is wanted")
    kind, _, how = error["type"].partition("_")
    if how in ("type", "parsing", "from_float") and kind in _KINDS:
        return _KINDS[kind]
    return error["msg"].removeprefix("Value error, ")


def _called(whole: Any, where: Path) -> str:
    """The place in words: an entry of a list by its id; where it has none that can be read, its line says which."""
    steps: list[str] = []
    for step in where:
        whole = whole[step] if _holds(whole, step) else None
        if not (isinstance(step, int) and isinstance(whole, dict)):
            steps.append(str(step))
        elif re.fullmatch("[a-z][a-z0-9_]{0,63}", str(whole.get("id", ""))):
            steps.append(str(whole["id"]))
        else:
            steps.clear()
    return ".".join(steps)


def _holds(whole: Any, step: str | int) -> bool:
    if isinstance(whole, dict):
        return step in whole
    return isinstance(whole, list) and isinstance(step, int) and step < len(whole)


def _pruned(model: type[BaseModel], data: Any) -> Any:
    """A copy of the data without the keys that the model does not know; a misspelt one is put right."""
    try:
        model.model_validate(data)
    except ValidationError as error:
        data = deepcopy(data)
        for one in error.errors(include_url=False):
            if one["type"] == "extra_forbidden":
                _mend(data, one["loc"], model)
    return data


def _mend(whole: Any, where: Path, model: type[BaseModel]) -> None:
    for step in where[:-1]:
        if not _holds(whole, step):
            return
        whole = whole[step]
    if isinstance(whole, dict) and where[-1] in whole:
        value = whole.pop(where[-1])
        for near in _near(str(where[-1]), model):
            whole.setdefault(near, value)


def _near(key: str, model: type[BaseModel]) -> list[str]:
    """The key of the model that was most likely meant, if any."""
    return difflib.get_close_matches(key, _keys(model), n=1)


def _keys(model: type[BaseModel]) -> list[str]:
    """The names of all keys that the model and those inside it know."""
    names: list[str] = []
    for part in (model, *_parts(model, set())):
        names += [field.alias or name for name, field in part.model_fields.items()]
    return names


def _parts(model: type[BaseModel], known: set[type[BaseModel]]) -> list[type[BaseModel]]:
    found: list[type[BaseModel]] = []
    pending: list[Any] = [field.annotation for field in model.model_fields.values()]
    while pending:
        kind = pending.pop()
        pending += getattr(kind, "__args__", ())
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in known:
            known.add(kind)
            found += [kind, *_parts(kind, known)]
    return found


def read_yaml(text: str, file: str) -> Lines:
    """The text parsed, with lines; raises ConfigurationError for bad YAML, doubled keys and too many aliases."""
    if len(text) > MAX_CHARACTERS:
        raise ConfigurationError([Fault(file, None, f"longer than {MAX_CHARACTERS:,} characters")])
    try:
        with opened(text) as loader:
            node = loader.get_single_node()
            if node is None:
                return Lines(file, None)
            faults = [Fault(file, line, words) for line, words in node_faults(node)]
            if faults:
                raise ConfigurationError(sorted(faults, key=lambda fault: fault.line or 0))
            return Lines(file, loader.construct_document(node), text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = " ".join(part for part in (error.context, error.problem) if part)
        raise ConfigurationError([Fault(file, mark.line + 1 if mark else None, f"not YAML: {words}")]) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigurationError([Fault(file, None, f"not YAML: {' '.join(str(error).split())[:200]}")]) from None
