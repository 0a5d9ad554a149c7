"""The names and labels of all metrics. Seconds and counts; never an address, title or item id in a label."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

_DELAYS = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400)
_STAGES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """All metrics of one process, in a registry of its own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        r = self.registry
        self.polls = Counter(
            "ceasewire_feed_polls_total", "Polls by outcome (ok or a named reason)", ["outcome"], registry=r
        )
        self.feeds = Gauge("ceasewire_feeds", "Feeds by health", ["health"], registry=r)
        self.entries = Counter(
            "ceasewire_entries_total", "Entries read by outcome (new, edited, known, refused)", ["outcome"], registry=r
        )
        self.pages = Counter(
            "ceasewire_pages_total",
            "Tries to read the page that an entry links to, by outcome (read or a named reason)",
            ["outcome"],
            registry=r,
        )
        self.items = Counter("ceasewire_items_total", "Items stored by language", ["language"], registry=r)
        self.gathered = Counter(
            "ceasewire_items_gathered_total", "Items about negotiations or meeting a rule", registry=r
        )
        self.stage = Histogram(
            "ceasewire_stage_duration_seconds", "Time in a stage", ["stage"], buckets=_STAGES, registry=r
        )
        self.decisions = Counter(
            "ceasewire_decisions_total", "Decisions by action and reason", ["action", "reason"], registry=r
        )
        self.alerts = Counter("ceasewire_alerts_total", "Alerts by rule", ["rule"], registry=r)
        self.deliveries = Counter(
            "ceasewire_delivery_attempts_total",
            "Tries to deliver by channel and outcome",
            ["channel", "outcome"],
            registry=r,
        )
        self.outbox = Gauge("ceasewire_outbox", "Deliveries that are not done, by state", ["state"], registry=r)
        self.oldest = Gauge("ceasewire_oldest_pending_seconds", "Age of the oldest delivery that is due", registry=r)
        self.published_to_delivered = Histogram(
            "ceasewire_published_to_delivered_seconds",
            "From the feed's date to the receiver's 2xx",
            buckets=_DELAYS,
            registry=r,
        )
        self.seen_to_delivered = Histogram(
            "ceasewire_seen_to_delivered_seconds",
            "Our own share: from the fetch to the receiver's 2xx",
            buckets=_DELAYS,
            registry=r,
        )
        self.configuration = Counter(
            "ceasewire_configuration_loads_total", "Configurations taken or refused", ["outcome"], registry=r
        )
        self.handled = Counter(
            "ceasewire_handled_total",
            "Rows of a topic that a stage of the cluster has finished, by outcome (done, dead)",
            ["stage", "outcome"],
            registry=r,
        )
        self.retries = Counter(
            "ceasewire_retries_total",
            "Tries of a stage that failed and are made again",
            ["stage", "reason"],
            registry=r,
        )
        self.dead = Counter(
            "ceasewire_dead_letters_total", "What a stage put aside as a dead letter", ["stage", "reason"], registry=r
        )
        self.oldest_unhandled = Gauge(
            "ceasewire_oldest_unhandled_seconds",
            "Age of the oldest row that a stage has not handled",
            ["stage"],
            registry=r,
        )
        self.stage_delay = Histogram(
            "ceasewire_stage_delay_seconds",
            "From the append of a row to the end of its handling by a stage",
            ["stage"],
            buckets=_DELAYS,
            registry=r,
        )
        self.indexed = Counter(
            "ceasewire_indexed_total",
            "Documents by what the index answered: created, updated, known, differs, retried, refused",
            ["kind", "outcome"],
            registry=r,
        )
        self.store_bytes = Gauge("ceasewire_store_bytes", "Size of the store file with its log", registry=r)
