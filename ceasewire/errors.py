"""The few exceptions of Ceasewire. What is expected to fail is a value with a reason, not an exception.

CeasewireError
├── ConfigurationError   one or more faults in configuration, packs or rules, each with file and line
├── QueryError           a query that cannot be read, with the column
├── CodecError           bytes that are not a known version of a value
├── StoreError           the store cannot be used (newer schema, held by another runtime, full disk)
├── NotRunning           a command needs the running process and none answers
└── Refused              what a person asks for is not done here, with the reason
"""

from dataclasses import dataclass


class CeasewireError(Exception):
    """The root of all errors that Ceasewire raises on purpose."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a configuration file: where it stands and what to do."""

    file: str
    line: int | None
    text: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.text}"


class ConfigurationError(CeasewireError):
    """All faults of a configuration at once; `faults` holds them in file order."""

    def __init__(self, faults: "list[Fault] | tuple[Fault, ...]") -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class QueryError(CeasewireError):
    """A query that cannot be read; `column` counts from 1 in the query text."""

    def __init__(self, text: str, column: int) -> None:
        self.text = text
        self.column = column
        super().__init__(f"column {column}: {text}")


class CodecError(CeasewireError):
    """Bytes that cannot be decoded as the value that was asked for."""


class StoreError(CeasewireError):
    """The store cannot be opened or written; the text says what to do."""


class NotRunning(CeasewireError):
    """A command needs the running process, and none answers on its socket."""


class Refused(CeasewireError):
    """What a person asks for is not done here; the text says why, and may be shown."""
