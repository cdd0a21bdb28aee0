"""Days, weeks, months and years as first and last day, counted from the day of publication where a text does so.

Every function gives (first, last) as dates, both included; `period` makes an items.Period of it.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from items import Period

Days = tuple[date | None, date | None]


def period(text: str, days: Days) -> Period:
    """The period as printed with its days as ISO 8601."""
    first, last = days
    return Period(text, first.isoformat() if first else None, last.isoformat() if last else None)


def day(year: int, month: int, number: int) -> date | None:
    """That day; None where the calendar has none (February 30) or the year is out of range."""
    try:
        return date(year, month, number)
    except ValueError:
        return None


def year(number: int) -> tuple[date, date]:
    return date(number, 1, 1), date(number, 12, 31)


def years(first: int, last: int) -> tuple[date, date]:
    return date(first, 1, 1), date(last, 12, 31)


def month(number: int, which: int) -> tuple[date, date]:
    """A month, 1 to 12, of a year."""
    return date(number, which, 1), date(number, which, monthrange(number, which)[1])


def months(number: int, first: int, last: int) -> tuple[date, date]:
    """From the first of one month to the last of another of the same year: (2026, 1, 9) for 前三季度; of the year
    before where the first stands behind the last (November to February)."""
    return month(number if first <= last else number - 1, first)[0], month(number, last)[1]


def quarter(number: int, which: int) -> tuple[date, date]:
    return months(number, 3 * which - 2, 3 * which)


def half(number: int, which: int) -> tuple[date, date]:
    return months(number, 6 * which - 5, 6 * which)


def decade(first: int) -> tuple[date, date]:
    """The ten years from 1990 on for the 1990s."""
    return years(first, first + 9)


def week(published: date, back: int = 1) -> tuple[date, date]:
    """Monday to Sunday of the week so many before the one that the day is in; 0 for its own."""
    monday = published - timedelta(days=published.weekday() + 7 * back)
    return monday, monday + timedelta(days=6)


def weekday(published: date, which: int, forward: bool = False) -> date:
    """The last such day (0 is Monday) not after the day of publication; with `forward` the next one after it."""
    if forward:
        return published + timedelta(days=(which - published.weekday() - 1) % 7 + 1)
    return published - timedelta(days=(published.weekday() - which) % 7)


def shifted(day: date, months: int) -> date:
    """The same day of the month so many months later or (negative) earlier, the month's last where it has none such."""
    count = day.year * 12 + day.month - 1 + months
    at, which = divmod(count, 12)
    return date(at, which + 1, min(day.day, monthrange(at, which + 1)[1]))


def past(published: date, number: int, unit: str) -> tuple[date, date]:
    """The last so many days, weeks, months or years up to the day of publication ("over the past three years"): it
    begins the day after the one so long ago."""
    if unit in ("day", "week"):
        return published - timedelta(days=number * (7 if unit == "week" else 1) - 1), published
    try:
        return shifted(published, -number * (12 if unit == "year" else 1)) + timedelta(days=1), published
    except ValueError:  # before the year 1
        return date.min, published


def nearest_month(published: date, which: int) -> tuple[date, date]:
    """The last month of that number that had begun by the day of publication: "in March" in May is this year's, in
    January last year's."""
    return month(published.year if which <= published.month else published.year - 1, which)


def nearest_day(published: date, month: int, number: int) -> date | None:
    """That day of the year, of the year that puts it nearest to the day of publication ("on March 3"): news tells of
    what lies a little before, so a day more than half a year ahead is last year's."""
    for number_of_year in (published.year, published.year - 1, published.year + 1):
        found = day(number_of_year, month, number)
        if found and -183 <= (found - published).days <= 183:
            return found
    return None
