"""How long alerts took, by the deliveries that were taken."""

from datetime import UTC, datetime, timedelta

from ceasewire.alerts import Delivery, State
from ceasewire.delays import Delays, Quantiles, delays

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def delivery(published: float | None, seen: float | None, state: State = State.DELIVERED) -> Delivery:
    """One that was done now, of an item that was published and read so many seconds before."""
    ago = [NOW - timedelta(seconds=seconds) if seconds is not None else None for seconds in (published, seen)]
    return Delivery(
        id="msg_1", alert="a_1", channel="team", kind="webhook", state=state, created=NOW, due=NOW, body="{}",
        published=ago[0], seen=ago[1],
    )  # fmt: skip


def test_nothing_was_delivered() -> None:
    assert delays([]) == Delays()
    assert delays([delivery(60, 1, State.RETRY)]).words == ""


def test_half_and_95_of_100() -> None:
    found = delays(delivery(60 * number, number / 10) for number in range(1, 101))
    assert found.published == Quantiles(count=100, p50=3000, p95=5700)
    assert found.own == Quantiles(count=100, p50=5, p95=9.5)
    assert found.words == (
        "from publication p50 50 min 0 s, p95 1 h 35 min (100); our own share p50 5.0 s, p95 9.5 s (100)"
    )
    assert delays([delivery(None, 2)]).words == "our own share p50 2.0 s, p95 2.0 s (1)"


def test_what_was_dated_ahead_does_not_count_as_no_time() -> None:
    found = delays([delivery(-3600, 2), delivery(1, 3), delivery(600, 4)])
    assert found.published == Quantiles(count=1, p50=600, p95=600)
    assert found.own == Quantiles(count=3, p50=3, p95=4)
