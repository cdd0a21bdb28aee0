"""What a report's id says of its time: YYYYMMDDhhmm of its first known publication (UTC) and four digits of sequence.
So a range of days is a range of ids."""

from __future__ import annotations

from datetime import date, datetime, timedelta

DAY = 100_000_000  # an id divided by it is YYYYMMDD


def time_of(report: int) -> datetime:
    """The first known publication, UTC to the minute, without a zone."""
    return datetime.strptime(f"{report:016}"[:12], "%Y%m%d%H%M")


def first_id(day: date) -> int:
    """The least id that a report of a day can have."""
    return int(f"{day:%Y%m%d}") * DAY


def last_id(day: date) -> int:
    return first_id(day + timedelta(days=1)) - 1
