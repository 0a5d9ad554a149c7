"""Columns of Lens panels: what is counted or measured, and by what it is split."""

from dataclasses import dataclass, field
from typing import Any

from cluster.dashboard.views import Object

_RECORDS = "___records___"


@dataclass
class Columns:
    """The columns of one layer, in order; each call adds one and gives its id."""

    made: dict[str, Object] = field(default_factory=dict)

    def count(self, id: str, label: str, filter: str = "", shift: str = "") -> str:
        """Documents, where asked only those that a KQL query meets, or those of another period."""
        column = _measure(label, "count", _RECORDS, {"emptyAsNull": False})
        if filter:
            column["filter"] = {"query": filter, "language": "kuery"}
        if shift:
            column["timeShift"] = shift
        return self._add(id, column)

    def measure(self, id: str, label: str, operation: str, source: str, format: Object | None = None) -> str:
        """A number made of a field: median, max, unique_count."""
        return self._add(id, _measure(label, operation, source, {"format": format} if format else {}))

    def terms(self, id: str, label: str, source: str, size: int, by: str, other: bool = False) -> str:
        """The most frequent values of a field, by the column `by`."""
        column: Object = {
            "label": label,
            "customLabel": True,
            "dataType": "string",
            "operationType": "terms",
            "scale": "ordinal",
            "sourceField": source,
            "isBucketed": True,
            "params": {
                "size": size,
                "orderBy": {"type": "column", "columnId": by},
                "orderDirection": "desc",
                "otherBucket": other,
                "missingBucket": False,
                "parentFormat": {"id": "terms"},
                "include": [],
                "exclude": [],
                "includeIsRegex": False,
                "excludeIsRegex": False,
            },
        }
        return self._add(id, column)

    def over_time(self, id: str, source: str) -> str:
        """Time, in steps that fit the period that is shown."""
        column: Object = {
            "label": source,
            "dataType": "date",
            "operationType": "date_histogram",
            "sourceField": source,
            "isBucketed": True,
            "scale": "interval",
            "params": {"interval": "auto", "includeEmptyRows": True, "dropPartials": False},
        }
        return self._add(id, column)

    def share(self, id: str, label: str, shift: str = "") -> str:
        """The part that a row has of the sum over all rows, in percent."""
        counted = f"count(shift='{shift}')" if shift else "count()"
        formula = f"{counted} / overall_sum({counted})"
        part, whole, divided = f"{id}X0", f"{id}X1", f"{id}X2"
        said = f"Part of {label}"
        self.count(part, said, shift=shift)
        self._add(whole, _made_of("overall_sum", said, [part]))
        ast = {
            "type": "function",
            "name": "divide",
            "args": [part, whole],
            "location": {"min": 0, "max": len(formula)},
            "text": formula,
        }
        self._add(divided, _made_of("math", said, [part, whole], {"tinymathAst": ast}))
        percent = {"id": "percent", "params": {"decimals": 0}}
        shown = {"formula": formula, "isFormulaBroken": False, "format": percent}
        return self._add(id, _made_of("formula", label, [divided], shown))

    def _add(self, id: str, column: Object) -> str:
        self.made[id] = column
        return id


def _measure(label: str, operation: str, source: str, params: Object) -> Object:
    return {
        "label": label,
        "customLabel": True,
        "dataType": "number",
        "operationType": operation,
        "isBucketed": False,
        "scale": "ratio",
        "sourceField": source,
        "params": params,
    }


def _made_of(operation: str, label: str, references: list[str], params: dict[str, Any] | None = None) -> Object:
    column: Object = {
        "label": label,
        "customLabel": True,
        "dataType": "number",
        "operationType": operation,
        "isBucketed": False,
        "scale": "ratio",
        "references": references,
    }
    return column | ({"params": params} if params else {})
