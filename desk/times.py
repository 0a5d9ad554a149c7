"""Times in words: always with their zone, and beside them how long ago."""

from datetime import date, datetime, timedelta


def relative(then: datetime, now: datetime) -> str:
    """`12 min ago`, `in 3 h`, `just now`; whole units, the largest that fits."""
    seconds = int((now - then).total_seconds())
    size, ahead = abs(seconds), seconds < 0
    if size < 45:
        return "in a moment" if ahead and size > 5 else "just now"
    for unit, length, limit in (("min", 60, 3600), ("h", 3600, 36 * 3600), ("days", 86400, 60 * 86400)):
        if size < limit:
            count = max(1, round(size / length))
            words = f"{count} {unit}"
            return f"in {words}" if ahead else f"{words} ago"
    months = round(size / (30.44 * 86400))
    words = f"{months} months" if months < 24 else f"{round(months / 12)} years"
    return f"in {words}" if ahead else f"{words} ago"


def clock(moment: datetime) -> str:
    """`14:03 UTC`, never broken between lines."""
    return f"{moment:%H:%M}\N{NO-BREAK SPACE}UTC"


def short(moment: datetime, now: datetime) -> str:
    """`14:03 UTC` today, `21 Nov 14:03 UTC` this year, with the year before that."""
    if moment.date() == now.date():
        return clock(moment)
    day = f"{moment.day} {moment:%b}"
    return f"{day} {clock(moment)}" if moment.year == now.year else f"{day} {moment.year} {clock(moment)}"


def full(moment: datetime) -> str:
    """`Saturday 21 November 2026, 14:03:22 UTC`."""
    return f"{moment:%A} {moment.day} {moment:%B %Y, %H:%M:%S} UTC"


def short_day(day: date, now: datetime) -> str:
    """`Sat 21 Nov`, with the year where it is another."""
    return f"{day:%a} {day.day} {day:%b}" + ("" if day.year == now.year else f" {day.year}")


def day_name(day: date, now: datetime) -> str:
    """`Today, Saturday 21 November`."""
    words = f"{day:%A} {day.day} {day:%B}" + ("" if day.year == now.year else f" {day.year}")
    if day == now.date():
        return f"Today, {words}"
    return f"Yesterday, {words}" if day == now.date() - timedelta(days=1) else words
