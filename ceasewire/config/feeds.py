"""feeds.yml: the feeds that are polled, with what is known of their outlets."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from ceasewire.config.countries import CODES
from ceasewire.config.kinds import Address, Duration, HeaderName, HeaderValue, Id, Line, Network, Proxy, lasting
from ceasewire.config.lines import Lines, Strict
from ceasewire.errors import ConfigurationError
from ceasewire.items import Kind, Source

Interval = Annotated[Duration, lasting("1 s", "1 d")]
"""A feed that is due in more than a day is taken for one that a wrong clock put off."""


class Feed(Strict):
    """One feed."""

    id: Id = Field(description="The name of the feed, never changed: item ids are made from it")
    url: Address = Field(description="Address of the RSS, Atom or JSON feed")
    outlet: Line = Field(description="Name of the outlet, as shown")
    kind: Kind = Field("outlet", description="agency, outlet, state media or institution")
    country: str | None = Field(
        None, pattern="^[A-Z]{2}$", description="ISO 3166-1 code of the outlet's country, EU for the European Union"
    )
    language: str | None = Field(None, pattern="^[a-z]{2}$", description="ISO 639-1 code of the feed's language")
    enabled: bool = Field(True, description="false: keep the feed in the list but do not poll it")
    interval: Interval = Field(timedelta(minutes=5), description="Time between polls")
    max_interval: Interval = Field(
        timedelta(minutes=15), description="The longest that a quiet feed or its TTL may stretch the interval"
    )
    ignore_validators: bool = Field(
        False, description="true: never send ETag or Last-Modified, for servers that lie about changes"
    )
    page: bool = Field(True, description="Whether the linked page may be read for the full text")
    proxy: Proxy | None = Field(None, description="An HTTP proxy for this feed")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Further request headers, sent to the feed's own host only"
    )
    allow_private: tuple[Network, ...] = Field(
        (), description="Private networks that this feed may be read from, like 10.1.0.0/16"
    )

    @field_validator("country")
    @classmethod
    def _exists(cls, country: str | None) -> str | None:
        if country is not None and country not in CODES:
            raise ValueError(f'there is no country "{country}"; its code of ISO 3166-1 is wanted, like UA')
        return country

    @field_validator("max_interval")
    @classmethod
    def _stretches(cls, longest: timedelta, info: ValidationInfo) -> timedelta:
        """Asked of what the file says only: without it a long interval stands as it is."""
        if longest < info.data.get("interval", longest):
            raise ValueError("it stretches the interval, and must not be less than it")
        return longest

    @property
    def source(self) -> Source:
        """Who publishes the feed, as items carry it."""
        return Source(feed=self.id, outlet=self.outlet, kind=self.kind, country=self.country, language=self.language)


class FeedList(Strict):
    """feeds.yml."""

    feeds: tuple[Feed, ...] = ()


def read_feeds(lines: Lines) -> tuple[Feed, ...]:
    """The feeds of a file; raises ConfigurationError with every fault, doubled ids and addresses among them."""
    feeds, faults = lines.entries(FeedList, "feeds", Feed)
    ids: dict[str, int] = {}
    addresses: dict[str, int] = {}
    for index, feed in feeds.items():
        for name, value, known in (("id", feed.id, ids), ("address", feed.url, addresses)):
            if value in known:
                first = lines.line(("feeds", known[value]))
                faults.append(lines.fault(("feeds", index), f"the {name} {value} stands already at line {first}"))
            known.setdefault(value, index)
    if faults:
        raise ConfigurationError(sorted(faults, key=lambda fault: fault.line or 0))
    return tuple(feeds.values())
