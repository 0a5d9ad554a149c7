"""settings.yml: all settings of the program in one table, each with its default and what it does."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from ceasewire.config.kinds import Address, Duration, Id, Network, Proxy, Secret, lasting
from ceasewire.config.lines import Strict

Kept = Annotated[Duration, lasting("14 d", "3650 d")]
"""At least the longest age of a rule: less, and a feed's old entries would come as new ones, or none at all."""


class DeskSettings(Strict):
    """The web page."""

    host: str = Field("127.0.0.1", description="Address that the desk listens on; another than loopback needs a token")
    port: int = Field(8321, ge=0, le=65535, description="Port of the desk; 0 takes a free one")
    token: Secret | None = Field(None, description="What a browser must present when the desk listens beyond loopback")
    public_url: Address | None = Field(
        None, description="Address under which others reach the desk; alerts then link to it"
    )
    allowed_hosts: tuple[str, ...] = Field((), description="Further Host headers that are answered")


class PollingSettings(Strict):
    """How feeds are read."""

    contact: str | None = Field(
        None, max_length=200, description="An address or mail for publishers, sent in the User-Agent"
    )
    timeout: Annotated[Duration, lasting("1 s", "10 m")] = Field(
        timedelta(seconds=30), description="One deadline for a whole fetch, redirects included"
    )
    at_once: int = Field(20, ge=1, le=200, description="Feeds read at the same time; never two of one host")
    pages: bool = Field(
        True, description="Whether linked pages are read at all (needs the extra `page`); each feed has its own `page`"
    )
    pages_at_once: int = Field(4, ge=1, le=50, description="Linked pages read at the same time; never two of one host")
    parsers: int = Field(2, ge=1, le=16, description="Child processes that parse")
    max_wire_mb: float = Field(5, gt=0, le=100, description="Largest body on the wire, MB")
    max_decoded_mb: float = Field(15, gt=0, le=300, description="Largest body after decompression, MB")
    max_entries: int = Field(2000, ge=1, le=20000, description="Entries taken from one document")
    proxy: Proxy | None = Field(None, description="An HTTP proxy for all feeds")
    allow_private: tuple[Network, ...] = Field((), description="Private networks that any feed may be read from")


class StoreSettings(Strict):
    """The SQLite file."""

    keep: Kept = Field(timedelta(days=365), description="How long items, their versions and alerts are kept")


class AlertSettings(Strict):
    """Sending alerts."""

    timeout: Annotated[Duration, lasting("1 s", "5 m")] = Field(
        timedelta(seconds=15), description="One deadline for a delivery"
    )
    timezone: str = Field(
        "UTC", description="Zone that times in alerts are shown in, like Europe/Kyiv; UTC is always beside it"
    )


class LogSettings(Strict):
    """Logs on standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is written")
    form: Literal["auto", "console", "json"] = Field("auto", description="auto: console on a terminal, JSON else")


class KafkaSettings(Strict):
    """The broker of the cluster edition; the embedded edition needs none."""

    bootstrap: tuple[str, ...] = Field(("127.0.0.1:9092",), description="Brokers to ask first, as host:port")
    prefix: str = Field(
        "", pattern=r"^[a-zA-Z0-9._-]{0,60}$", description="Put before the name of each topic and group"
    )
    protocol: Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"] = Field(
        "plaintext", description="How brokers are spoken to"
    )
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        "SCRAM-SHA-512", description="How we log in, with one of the sasl protocols"
    )
    username: str | None = Field(None, description="Name to log in with")
    password: Secret | None = Field(None, description="Password to log in with")
    ca_file: str | None = Field(None, description="File of the authority that signed the brokers' certificates")
    certificate_file: str | None = Field(None, description="File of our own certificate, where brokers ask for one")
    key_file: str | None = Field(None, description="File of the key of our own certificate")
    partitions: int = Field(12, ge=1, le=1000, description="Partitions of items and tagged: as many taggers can work")
    replication: int = Field(1, ge=1, le=9, description="Copies of each partition; 3 where there are three brokers")
    keep_items: Kept = Field(timedelta(days=365), description="How long the archive of items is kept")


class ElasticsearchSettings(Strict):
    """The search index of the cluster edition; the embedded edition needs none."""

    url: Address = Field("http://127.0.0.1:9200", description="Address of a node, or of what balances them")
    api_key: Secret | None = Field(None, description="API key that we log in with")
    username: str | None = Field(None, description="Name to log in with, where there is no API key")
    password: Secret | None = Field(None, description="Password of that name")
    ca_file: str | None = Field(None, description="File of the authority that signed the node's certificate")
    prefix: str = Field("ceasewire", pattern=r"^[a-z][a-z0-9_-]{0,40}$", description="First part of each index's name")
    shards: int = Field(1, ge=1, le=100, description="Primary shards of the index of items")
    replicas: int = Field(0, ge=0, le=9, description="Copies of each shard on other nodes")
    timeout: Annotated[Duration, lasting("1 s", "10 m")] = Field(
        timedelta(seconds=30), description="One deadline for a request"
    )


class KibanaSettings(Strict):
    """Where the dashboard is imported; nothing else of the cluster edition needs it."""

    url: Address | None = Field(None, description="Address of Kibana; without it its objects are not imported")
    public_url: Address | None = Field(None, description="Address that people open Kibana by, where it is another one")


class ProbeSettings(Strict):
    """Where a process of the cluster edition answers /live, /ready and /metrics."""

    host: str = Field("127.0.0.1", description="Address that the probes listen on")
    port: int = Field(8330, ge=0, le=65535, description="Port of the probes; 0 takes a free one")


class Settings(Strict):
    """settings.yml; each key may also come from the environment: CEASEWIRE_DESK__PORT=8400."""

    packs: tuple[Id, ...] = Field(("ukraine_russia",), description="Packs of issues and actors that are loaded")
    desk: DeskSettings = DeskSettings()
    polling: PollingSettings = PollingSettings()
    store: StoreSettings = StoreSettings()
    alerts: AlertSettings = AlertSettings()
    log: LogSettings = LogSettings()
    kafka: KafkaSettings = KafkaSettings()
    elasticsearch: ElasticsearchSettings = ElasticsearchSettings()
    kibana: KibanaSettings = KibanaSettings()
    probes: ProbeSettings = ProbeSettings()

    @field_validator("*", mode="before")
    @classmethod
    def _empty(cls, value: Any) -> Any:
        """A section in which every setting is commented out is one with all its defaults."""
        return {} if value is None else value
