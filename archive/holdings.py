"""How many reports are held, per day or month of first publication (UTC), outlet and language: the tables that triggers
keep (archive/schema.py), under the filters of a search but its words and its state."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date

from archive.selection import Moment, Search

_ALWAYS, _NEVER = 0, 99_999_999


@dataclass(frozen=True, slots=True)
class Held:
    """`when` is a month (YYYYMM) or a day (YYYYMMDD)."""

    when: int
    outlet: str
    language: str
    reports: int


def per_month(connection: sqlite3.Connection, search: Search) -> list[Held]:
    """What is held, by month; of the first and the last month only the days that were asked for."""
    first, last = _day(search.since, _ALWAYS) // 100, _day(search.until, _NEVER) // 100
    edges = [month for month in dict.fromkeys((first, last)) if month not in (_ALWAYS // 100, _NEVER // 100)]
    whole = _select(connection, search, "month", "holdings_months", first + 1, last - 1)
    days = [day for month in edges for day in per_day(connection, search, month)]
    parts = [Held(day.when // 100, day.outlet, day.language, day.reports) for day in days]
    return sorted([*whole, *parts], key=lambda held: held.when)


def per_day(connection: sqlite3.Connection, search: Search, month: int) -> list[Held]:
    """What is held in a month (YYYYMM), by day, of the days that were asked for."""
    since, until = _day(search.since, _ALWAYS), _day(search.until, _NEVER)
    return _select(connection, search, "day", "holdings", max(since, month * 100), min(until, month * 100 + 99))


def _select(
    connection: sqlite3.Connection, search: Search, column: str, table: str, first: int, last: int
) -> list[Held]:
    conditions, parameters = [f"{column} between :first and :last"], dict[str, str | int](first=first, last=last)
    if search.outlet:
        conditions.append("outlet = :outlet collate nocase")
        parameters["outlet"] = search.outlet
    if search.language:
        conditions.append("(language = :language collate nocase or language like :language || '-%')")
        parameters["language"] = search.language
    if search.kind:
        conditions.append("outlet in (select id from outlets where kind = :kind)")
        parameters["kind"] = search.kind
    rows = connection.execute(
        f"select {column}, outlet, language, reports from {table} where {' and '.join(conditions)} order by {column}",
        parameters,
    )
    return [Held(*row) for row in rows]


def _day(moment: Moment | None, otherwise: int) -> int:
    return otherwise if moment is None else moment.year * 10_000 + moment.month * 100 + moment.day


def day_before(day: int) -> date | None:
    """The day before a YYYYMMDD; None before the first there is."""
    ordinal = date(day // 10_000, day // 100 % 100, day % 100).toordinal()
    return date.fromordinal(ordinal - 1) if ordinal > 1 else None
