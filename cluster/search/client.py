"""The connection to Elasticsearch, and what goes wrong with it in words."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, TypeVar

from elasticsearch import ApiError, AsyncElasticsearch, TransportError

from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.errors import StoreError

T = TypeVar("T")


def connect(settings: ElasticsearchSettings) -> AsyncElasticsearch:
    """A client; to be closed. Nothing is asked yet."""
    login: dict[str, Any] = {}
    if settings.api_key is not None:
        login["api_key"] = settings.api_key.get_secret_value()
    elif settings.username and settings.password is not None:
        login["basic_auth"] = (settings.username, settings.password.get_secret_value())
    if settings.ca_file:
        login["ca_certs"] = settings.ca_file
    return AsyncElasticsearch(
        settings.url, request_timeout=settings.timeout.total_seconds(), retry_on_timeout=True, max_retries=2, **login
    )


class Index:
    """Asks one kind of index after another, behind the aliases of the settings."""

    def __init__(self, client: AsyncElasticsearch, settings: ElasticsearchSettings) -> None:
        self._client = client
        self._prefix = settings.prefix

    def alias(self, kind: str) -> str:
        """The name that the kind is asked under."""
        return f"{self._prefix}-{kind}"

    async def ask(self, kind: str, **body: Any) -> Mapping[str, Any]:
        """The answer to a search in the kind. Raises StoreError in words."""
        answer = await told(self._client.search(index=self.alias(kind), **body))
        found: Mapping[str, Any] = answer.body
        return found

    async def ask_all(self, kinds: Sequence[str], **body: Any) -> list[Mapping[str, Any]]:
        """The answer to the same search in each kind. Raises StoreError in words."""
        return [await self.ask(kind, **body) for kind in kinds]

    async def get(self, kind: str, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """The sources of the documents that there are, by id. Raises StoreError in words."""
        if not ids:
            return {}
        answer = await told(self._client.mget(index=self.alias(kind), ids=list(ids)))
        return {one["_id"]: one["_source"] for one in answer["docs"] if one.get("found")}

    async def notes(self) -> dict[str, Mapping[str, Any]]:
        """What is noted of each index of ours, by its name. Raises StoreError in words."""
        answer = await told(self._client.indices.get_mapping(index=f"{self._prefix}-*", filter_path="*.mappings._meta"))
        return {name: about["mappings"]["_meta"] for name, about in answer.body.items()}


async def told(asked: Awaitable[T]) -> T:
    """What was asked for; what the client raises becomes StoreError with words that hold no query and no secret."""
    try:
        return await asked
    except ApiError as error:
        if error.status_code in (401, 403):
            words = f"Elasticsearch does not let us read ({error.status_code}): see elasticsearch.api_key"
        elif error.status_code == 404:
            words = "an index is missing in Elasticsearch: ceasewire cluster setup makes it"
        else:
            words = f"Elasticsearch answered {error.status_code} ({error.error})"
        raise StoreError(words) from None
    except TransportError as error:
        raise StoreError(f"Elasticsearch cannot be asked ({type(error).__name__})") from None
