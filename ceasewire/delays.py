"""How long alerts took: from publication to the receiver's 2xx, and our own share of it from the fetch on."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from ceasewire.alerts import Delivery, State

ALERTS = 100
"""The newest alerts, whose deliveries tell how long it takes now."""


class Quantiles(msgspec.Struct, frozen=True, kw_only=True):
    """Half of the deliveries took at most `p50` seconds, 95 of 100 at most `p95`."""

    count: int
    p50: float
    p95: float

    @property
    def words(self) -> str:
        """Both, for people."""
        return f"p50 {show_gap(self.p50)}, p95 {show_gap(self.p95)}"


class Delays(msgspec.Struct, frozen=True, kw_only=True):
    """Of deliveries that were taken; None where there is none to tell of."""

    published: Quantiles | None = None
    """From the feed's date; items without a date, or with one that lay ahead when they were read, are left out."""
    own: Quantiles | None = None
    """From the fetch."""

    @property
    def words(self) -> str:
        """All of it in a line; empty where nothing was delivered."""
        if self.own is None:
            return ""
        whole = f"from publication {self.published.words} ({self.published.count})" if self.published else ""
        return "; ".join(filter(None, (whole, f"our own share {self.own.words} ({self.own.count})")))


def delays(deliveries: Iterable[Delivery]) -> Delays:
    """How long the deliveries took that were taken by their receivers."""
    taken = [one for one in deliveries if one.state == State.DELIVERED]
    return Delays(
        published=_quantiles(
            (one.published, one.due) for one in taken if one.published and one.published <= (one.seen or one.due)
        ),
        own=_quantiles((one.seen, one.due) for one in taken if one.seen and one.seen <= one.due),
    )


def _quantiles(spans: Iterable[tuple[datetime, datetime]]) -> Quantiles | None:
    seconds = sorted((end - start).total_seconds() for start, end in spans)
    if not seconds:
        return None
    p50, p95 = (seconds[-(-len(seconds) * share // 100) - 1] for share in (50, 95))
    return Quantiles(count=len(seconds), p50=round(p50, 3), p95=round(p95, 3))


def show_gap(seconds: float) -> str:
    """A length of time in its two largest units."""
    whole = int(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"
