"""Whether polling makes progress: judged by what feeds tell, not by a loop that turns."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ceasewire.polling import FeedState

ROUND = timedelta(seconds=60)
"""How long looking through all feeds for what is due may take."""
OVERDUE = timedelta(minutes=5)
"""How long a feed may wait after the time of its next poll while no other is polled either."""


def stalled(last_round: datetime, states: Iterable[FeedState], now: datetime) -> tuple[str, ...]:
    """Why the process should be started again, as `name: words`; nothing while it works."""
    if now - last_round > ROUND:
        return (f"polling_stalled: feeds were last looked through {_seconds(now - last_round)} s ago",)
    known = [state for state in states if state.next_poll is not None]
    late = [state for state in known if state.next_poll and now - state.next_poll > OVERDUE]
    polled = max((state.last_poll for state in known if state.last_poll), default=last_round)
    if late and now - polled > OVERDUE:
        return (f"polling_stalled: {len(late)} feeds are due, and none was polled for {_seconds(now - polled)} s",)
    return ()


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())
