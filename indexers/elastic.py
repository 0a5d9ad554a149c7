"""Elasticsearch as the indexer and the setup use it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from elasticsearch import (
    ApiError,
    ConnectionTimeout,
    Elasticsearch,
    SerializationError,
    TransportError,
    UnsupportedProductError,
)
from elasticsearch import SSLError as TlsError

from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.errors import StoreError
from indexers.answers import Answer, of_document, of_request, shortened, trouble
from indexers.documents import Document
from indexers.templates import Kind, alias

LARGEST = 8 * 1_048_576
"""Bytes of one bulk request, unless one document alone has more; a node takes 100 MB."""
MOST = 1_000
"""Documents of one bulk request."""
_SHOWN = ["items.*._id", "items.*.status", "items.*.result", "items.*.error.type", "items.*.error.reason"]
_LONG = 600.0
_DELETED_AT_ONCE = 10_000
_PAGE = 200
_PAGE_KEPT = "10m"


class Stored(NamedTuple):
    """A document as an index has it."""

    id: str
    version: int
    source: Mapping[str, Any]


class Move(NamedTuple):
    """An alias, the index that it leads to and the one that it is to lead to."""

    alias: str
    before: str
    after: str


def _connect(settings: ElasticsearchSettings) -> Elasticsearch:
    options: dict[str, Any] = {"request_timeout": settings.timeout.total_seconds()}
    if settings.api_key:
        options["api_key"] = settings.api_key.get_secret_value()
    elif settings.username:
        password = settings.password.get_secret_value() if settings.password else ""
        options["basic_auth"] = (settings.username, password)
    if settings.ca_file:
        options["ca_certs"] = settings.ca_file
    # what is tried again, and when, is ours to say
    return Elasticsearch(settings.url, max_retries=0, retry_on_timeout=False, **options)


class Elastic:
    """One node or what balances several. Every failure is an answer or a StoreError with words, never another."""

    def __init__(self, settings: ElasticsearchSettings) -> None:
        self._settings = settings
        self._client = _connect(settings)

    def use(self, settings: ElasticsearchSettings) -> None:
        """From the next request on these settings: a new key counts without a restart."""
        if settings != self._settings:
            self._settings, self._client = settings, _connect(settings)

    def close(self) -> None:
        """Ends the connections."""
        with suppress(Exception):
            self._client.close()

    def bulk(self, documents: Sequence[Document], into: Mapping[Kind, str] | None = None) -> list[Answer]:
        """Indexes the documents, each by its version; gives an answer for each. `into` names indices, not aliases."""
        return [answer for part in _parts(documents) for answer in self._bulk(part, into)]

    def _bulk(self, documents: Sequence[Document], into: Mapping[Kind, str] | None) -> list[Answer]:
        lines: Any = []  # made already: the client passes bytes on as they are
        for one in documents:
            lines += [self._head(one, into), one.body]
        try:
            said = self._client.bulk(operations=lines, require_alias=into is None, filter_path=_SHOWN)
        except (ApiError, TransportError) as error:
            answer = _answer(error)
            if answer.outcome == "refused" and len(documents) > 1:
                # something in it: the halves will tell what
                half = len(documents) // 2
                return self._bulk(documents[:half], into) + self._bulk(documents[half:], into)
            return [answer] * len(documents)
        answers = [entry for item in said.body.get("items", ()) for entry in item.values()]
        if [entry.get("_id") for entry in answers] != [one.id for one in documents]:
            return [Answer("busy", "not_understood", "answers for other documents")] * len(documents)
        return [of_document(entry) for entry in answers]

    def _head(self, one: Document, into: Mapping[Kind, str] | None) -> bytes:
        index = into[one.kind] if into else alias(self._settings.prefix, one.kind)
        action = {"_index": index, "_id": one.id, "version": one.version, "version_type": "external"}
        return _encoder.encode({"index": action})

    def taggings(self, ids: Sequence[str]) -> dict[str, str]:
        """The hash of its tagging for each of these items that is there. Raises StoreError."""
        with _spoken():
            found = self._client.mget(
                index=alias(self._settings.prefix, "items"), ids=list(ids), source_includes=["tagging"]
            )
        return {one["_id"]: str(one["_source"].get("tagging", "")) for one in found["docs"] if one.get("found")}

    def delete_before(self, kind: Kind, field: str, cutoff: datetime, but: Mapping[str, Sequence[str]]) -> int:
        """Deletes documents whose date lies before the cutoff, a part of them; gives how many, 0 where all are gone.

        Those that have one of the values in `but` stay. Raises StoreError.
        """
        query = {
            "bool": {
                "filter": [{"range": {field: {"lt": cutoff.isoformat()}}}],
                "must_not": [{"terms": {name: list(values)}} for name, values in but.items()],
            }
        }
        with _spoken():
            answer = self._client.options(request_timeout=_LONG).delete_by_query(
                index=alias(self._settings.prefix, kind),
                query=query,
                conflicts="proceed",
                max_docs=_DELETED_AT_ONCE,
                scroll_size=500,
            )
        return int(answer["deleted"])

    def component_template(self, name: str) -> Mapping[str, Any] | None:
        """The component template of this name, or None. Raises StoreError."""
        with _spoken():
            said = self._client.options(ignore_status=404).cluster.get_component_template(name=name)
        return next((one["component_template"] for one in said.body.get("component_templates", ())), None)

    def index_template(self, name: str) -> Mapping[str, Any] | None:
        """The index template of this name, or None. Raises StoreError."""
        with _spoken():
            said = self._client.options(ignore_status=404).indices.get_index_template(name=name)
        return next((one["index_template"] for one in said.body.get("index_templates", ())), None)

    def put_component_template(self, name: str, made: Mapping[str, Any]) -> None:
        """Makes the component template, or makes it anew. Raises StoreError."""
        with _spoken():
            self._client.cluster.put_component_template(name=name, body=dict(made))

    def put_index_template(self, name: str, made: Mapping[str, Any]) -> None:
        """Makes the index template, or makes it anew. Raises StoreError."""
        with _spoken():
            self._client.indices.put_index_template(name=name, body=dict(made))

    def indices(self, pattern: str) -> Mapping[str, Mapping[str, Any]]:
        """The indices of such names, each with `aliases`, `mappings` and `settings`. Raises StoreError."""
        with _spoken():
            found: Mapping[str, Mapping[str, Any]] = self._client.indices.get(
                index=pattern, ignore_unavailable=True, features=["aliases", "mappings", "settings"]
            ).body
        return found

    def create_index(self, name: str, aliases: Sequence[str], meta: Mapping[str, Any] | None = None) -> None:
        """Makes the index, of the template that fits its name; `meta` stands in place of the template's. StoreError."""
        mappings = {"_meta": dict(meta)} if meta is not None else None
        with _spoken():
            self._client.indices.create(index=name, aliases={one: {} for one in aliases}, mappings=mappings)

    def point(self, name: str, index: str) -> None:
        """Lets the alias lead to the index, and to no other. Raises StoreError."""
        remove = {"remove": {"index": "*", "alias": name, "must_exist": False}}
        with _spoken():
            self._client.indices.update_aliases(actions=[remove, {"add": {"index": index, "alias": name}}])

    def move(self, moves: Sequence[Move]) -> None:
        """Moves all the aliases in one action, or none where one leads elsewhere by now. Raises StoreError."""
        actions: list[dict[str, Any]] = []
        for one in moves:
            actions.append({"remove": {"index": one.before, "alias": one.alias, "must_exist": True}})
            actions.append({"add": {"index": one.after, "alias": one.alias}})
        with _spoken():
            self._client.indices.update_aliases(actions=actions)

    def note(self, index: str, meta: Mapping[str, Any]) -> None:
        """Writes what is to be known of an index into its mapping, in place of what stood there. Raises StoreError."""
        with _spoken():
            self._client.indices.put_mapping(index=index, meta=dict(meta))

    def count(self, index: str) -> int:
        """How many documents the index has, all that it was given until now included. Raises StoreError."""
        with _spoken():
            self._client.options(request_timeout=_LONG).indices.refresh(index=index)
            said = self._client.count(index=index)
        if said["_shards"]["failed"]:
            raise StoreError(f"not all shards of {index} can be counted now")
        return int(said["count"])

    def stored(self, index: str, fields: Sequence[str]) -> Iterator[list[Stored]]:
        """All documents of the index as they are now, with these fields, some at a time. Raises StoreError."""
        client = self._client.options(request_timeout=_LONG)
        with _spoken():
            client.indices.refresh(index=index)
            pit = str(client.open_point_in_time(index=index, keep_alive=_PAGE_KEPT)["id"])
        try:
            after: list[Any] | None = None
            while True:
                with _spoken():
                    said = client.search(
                        pit={"id": pit, "keep_alive": _PAGE_KEPT},
                        sort=["_shard_doc"],
                        search_after=after,
                        size=_PAGE,
                        version=True,
                        track_total_hits=False,
                        source_includes=list(fields),
                        allow_partial_search_results=False,  # what a shard in trouble left out would be passed over
                    )
                found, pit = said["hits"]["hits"], str(said["pit_id"])
                if not found:
                    return
                after = found[-1]["sort"]
                yield [Stored(one["_id"], int(one["_version"]), one["_source"]) for one in found]
        finally:
            with suppress(ApiError, TransportError):
                client.close_point_in_time(id=pit)

    def delete_index(self, name: str) -> None:
        """Deletes the index with all that it holds. Raises StoreError."""
        with _spoken():
            self._client.options(request_timeout=_LONG).indices.delete(index=name)

    def replicas(self, index: str, count: int) -> None:
        """Gives the index so many copies. Raises StoreError."""
        with _spoken():
            self._client.indices.put_settings(index=index, settings={"number_of_replicas": count})


def _parts(documents: Sequence[Document]) -> Iterator[list[Document]]:
    part: list[Document] = []
    size = 0
    for one in documents:
        if part and (size + len(one.body) > LARGEST or len(part) == MOST):
            yield part
            part, size = [], 0
        part.append(one)
        size += len(one.body)
    if part:
        yield part


def _answer(error: ApiError | TransportError) -> Answer:
    """What a request that failed as a whole means for all in it."""
    if isinstance(error, UnsupportedProductError):
        return Answer("busy", "not_understood", "it does not say that it is Elasticsearch")
    if isinstance(error, ApiError):
        return of_request(error.meta.status, _said(error))
    if isinstance(error, ConnectionTimeout):
        return Answer("busy", "timeout")
    if isinstance(error, SerializationError):
        return Answer("busy", "not_understood", "its answer is no JSON")
    return Answer("busy", "unreachable", "TLS" if isinstance(error, TlsError) else "")


def _said(error: ApiError) -> str:
    body = error.body
    told = body.get("error") if isinstance(body, dict) else None
    if isinstance(told, dict):
        return shortened(f"{told.get('type', '')}: {told.get('reason', '')}")
    return shortened(str(told)) if told else ""


@contextmanager
def _spoken() -> Iterator[None]:
    """What the client raises becomes StoreError in words."""
    try:
        yield
    except (ApiError, TransportError) as error:
        answer = _answer(error)
        raise StoreError(trouble(answer.reason, answer.detail).partition(": ")[2]) from None


_encoder = msgspec.json.Encoder()
