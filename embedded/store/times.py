"""Moments as the store keeps them: whole milliseconds since 1970 in UTC."""

from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
DAY = 86_400_000
"""Milliseconds in a day."""


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """The moment in UTC."""
    return _EPOCH + milliseconds * _MILLISECOND


def to_date(day: int) -> date:
    """The date of a day number (days since 1970)."""
    return date(1970, 1, 1) + timedelta(days=day)


def to_day(moment: datetime) -> int:
    """Days since 1970 in UTC."""
    return to_ms(moment) // DAY
