"""The time axis of a chart: which days, months or years it shows, and what is written below them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from publish import formats


@dataclass(frozen=True, slots=True)
class Span:
    """A day, month or year: `key` as in 2012, 2012-07 or 2012-07-26."""

    key: str
    first: date
    last: date
    tick: str = ""
    minor: bool = False

    @property
    def name(self) -> str:
        """2012, July 2012 or 26 July 2012."""
        if len(self.key) == 10:
            return formats.day(self.key)
        return formats.month(self.key) if len(self.key) == 7 else self.key

    @property
    def unit(self) -> str:
        return {4: "year", 7: "month", 10: "day"}[len(self.key)]


def spans_of(keys: Iterable[str], most: int) -> list[Span]:
    """All spans between the first and the last key: days as they are; months in whole years, or years where there are
    more than `most` months."""
    keys = sorted(keys)
    first, last = keys[0], keys[-1]
    if len(first) == 10:
        return days(date.fromisoformat(first), date.fromisoformat(last))
    years = range(int(first[:4]), int(last[:4]) + 1)
    if len(years) * 12 <= most:
        return [_month(year, month, len(years)) for year in years for month in range(1, 13)]
    if len(years) > 150:  # a page that prints year 1 or 9999 must not make a chart of ten thousand bars
        held = sorted({int(key[:4]) for key in keys})
        return [
            Span(f"{year:04}", date(year, 1, 1), date(year, 12, 31), str(year), place > 0)
            for place, year in enumerate(held)
        ]
    return [_year(year, place, len(years)) for place, year in enumerate(years)]


def days(first: date, last: date) -> list[Span]:
    """Each day from first to last; the axis names one in ten."""
    spans = []
    for place in range((last - first).days + 1):
        day = first + timedelta(place)
        tick = f"{day.day} {formats.day(day).split()[1][:3]}" if place % 10 == 0 else ""
        spans.append(Span(day.isoformat(), day, day, tick, place % 20 > 0))
    return spans


def _month(year: int, month: int, years: int) -> Span:
    key = f"{year:04}-{month:02}"
    if years == 1:
        tick, minor = formats.month(key)[:3], month % 3 != 1
        tick += f" {year}" if month == 1 else ""
    else:
        tick, minor = str(year) if month == 1 else "", False
    return Span(key, date(year, month, 1), date(year, month, monthrange(year, month)[1]), tick, minor)


def _year(year: int, place: int, years: int) -> Span:
    wide, narrow = -(-years // 16), -(-years // 6)
    narrow = -(-narrow // wide) * wide
    tick = str(year) if place % wide == 0 else ""
    return Span(f"{year:04}", date(year, 1, 1), date(year, 12, 31), tick, place % narrow > 0)
