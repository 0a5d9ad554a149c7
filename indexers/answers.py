"""What Elasticsearch answers for a document, and what follows from it."""

import re
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

Outcome = Literal["created", "updated", "known", "refused", "busy", "shut"]
"""known: it has this version or a newer one. refused: it will never take this document. busy: the same again later.
shut: it takes nothing from us until somebody changes something: credentials, rights, a missing or blocked index."""

_LONGEST = 300
_CURRENT = re.compile(r"current version \[(\d+)\]")


class Answer(msgspec.Struct, frozen=True):
    """The answer for one document."""

    outcome: Outcome
    reason: str = ""
    """A named reason where it is not in: also the label of a metric and the reason of a dead letter."""
    detail: str = ""
    version: int | None = None
    """The version that the index has, of one that is known."""


_NAMES = {
    "not_let_in": "Elasticsearch does not let us in: look at elasticsearch in settings.yml",
    "no_index": "the index is missing: ceasewire cluster setup makes it",
    "blocked": "the index may not be written to",
    "overloaded": "Elasticsearch is overloaded",
    "server_error": "Elasticsearch has a fault of its own",
    "timeout": "Elasticsearch does not answer in time",
    "unreachable": "Elasticsearch cannot be reached",
    "not_understood": "what answers in place of Elasticsearch is not understood",
    "not_taken": "Elasticsearch refuses the request",
    "most_refused": "most documents of a kind are refused, so the fault is hardly theirs; look at the index templates",
    "broker_away": "the broker does not take dead letters",
}


def trouble(reason: str, detail: str = "") -> str:
    """A reason as /ready has it: its name and words."""
    words = _NAMES.get(reason, "Elasticsearch does not take what it is given")
    return f"{reason}: {words}" + (f" ({detail})" if detail else "")


def of_request(status: int, detail: str) -> Answer:
    """For a request that was answered as a whole; `refused` says that something in it is not taken."""
    if status in (400, 413):
        return Answer("refused", "too_large" if status == 413 else "not_taken", shortened(detail))
    if status in (408, 429) or status >= 500:
        return Answer(
            "busy", "overloaded" if status == 429 else "server_error", f"{status} {shortened(detail)}".strip()
        )
    named = {401: "not_let_in", 403: "not_let_in", 404: "no_index"}
    return Answer("shut", named.get(status, "not_understood"), f"{status} {shortened(detail)}".strip())


def of_document(said: Mapping[str, Any]) -> Answer:
    """For one document of a bulk request."""
    status = int(said.get("status", 0))
    if status in (200, 201):
        return Answer("created" if said.get("result") == "created" else "updated")
    error = said.get("error") or {}
    kind, reason = str(error.get("type", "")), str(error.get("reason", ""))
    if status == 409:
        current = _CURRENT.search(reason)
        return Answer("known", version=int(current[1]) if current else None)
    detail = shortened(": ".join(filter(None, (kind, reason))))
    if "block" in kind and status != 429:
        return Answer("shut", "blocked", detail)
    answer = of_request(status, detail)
    return Answer("refused", "refused", detail) if answer.outcome == "refused" else answer


def shortened(text: str) -> str:
    """A server's own words, not too many, and without what it cites of a document."""
    return re.sub(r"(?i)preview of field's value: .*", "", " ".join(text.split()))[:_LONGEST]
