"""Moments as people write and read them on a terminal."""

import re
from datetime import UTC, datetime, timedelta

_AGO = re.compile(r"(\d{1,6})\s*(m|min|h|d|w)")
_MINUTES = {"m": 1, "min": 1, "h": 60, "d": 1440, "w": 10080}


def read_moment(text: str, now: datetime) -> datetime:
    """A date like 2026-03-01 or 2026-03-01T12:00Z (UTC where no zone is given), or how long ago: 30m, 24h, 7d, 2w.

    Raises ValueError in words.
    """
    ago = _AGO.fullmatch(text.strip())
    try:
        if ago:
            return now - timedelta(minutes=int(ago[1]) * _MINUTES[ago[2]])
        moment = datetime.fromisoformat(text.strip())
    except (ValueError, OverflowError):
        raise ValueError(f'"{text[:60]}" is no moment: write 24h, 7d or 2026-03-01') from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def show_moment(moment: datetime | None) -> str:
    """Day, time and zone, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if moment else "not known"
