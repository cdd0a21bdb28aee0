"""How many reports are held, per day or month of first publication (UTC), outlet and language: the tables that triggers
keep (archive/schema.py), under the filters of a search but its words and its state."""

from __future__ import annotations

import sqlite3
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple

from archive.selection import Moment, Search

_ALWAYS, _NEVER = 0, 99_999_999


class Held(NamedTuple):
    """`when` is a month (YYYYMM)."""

    when: int
    outlet: str
    language: str
    reports: int


def per_month(connection: sqlite3.Connection, search: Search) -> list[Held]:
    """What is held, by month; of the first and the last month only the days that were asked for."""
    return [Held(*row) for row in _months(connection, search, "outlet, language")]


def months(connection: sqlite3.Connection, search: Search) -> list[tuple[int, int]]:
    """The same in sum: (YYYYMM, reports)."""
    return [(month, reports) for month, _, reports in _months(connection, search, "''")]


def days(connection: sqlite3.Connection, search: Search, month: int) -> list[tuple[int, int]]:
    """(YYYYMMDD, reports) for the days of a month (YYYYMM) that were asked for."""
    since, until = _day(search.since, _ALWAYS), _day(search.until, _NEVER)
    first, last = max(since, month * 100), min(until, month * 100 + 99)
    return [(day, reports) for day, _, reports in _select(connection, search, "holdings", "day", "''", first, last)]


def _months(connection: sqlite3.Connection, search: Search, columns: str) -> list[tuple[Any, ...]]:
    since, until = _day(search.since, _ALWAYS), _day(search.until, _NEVER)
    first, last = since // 100, until // 100
    found = _select(connection, search, "holdings_months", "month", columns, first + 1, last - 1)
    for month in dict.fromkeys((first, last)):
        if month not in (_ALWAYS // 100, _NEVER // 100):
            begin, end = max(since, month * 100), min(until, month * 100 + 99)
            found += _select(connection, search, "holdings", "day / 100", columns, begin, end)
    return sorted(found, key=itemgetter(0))


def _select(
    connection: sqlite3.Connection, search: Search, table: str, when: str, columns: str, first: int, last: int
) -> list[tuple[Any, ...]]:
    """(when, the columns…, reports) from a table of holdings, for its days or months from `first` to `last`."""
    key = "month" if table == "holdings_months" else "day"
    conditions, parameters = [f"{key} between :first and :last"], dict[str, str | int](first=first, last=last)
    if search.outlet:
        conditions.append("outlet = :outlet collate nocase")
        parameters["outlet"] = search.outlet
    if search.language:
        conditions.append("(language = :language collate nocase or language like :language || '-%')")
        parameters["language"] = search.language
    if search.kind:
        conditions.append("outlet in (select id from outlets where kind = :kind)")
        parameters["kind"] = search.kind
    return connection.execute(
        f"select {when}, {columns}, sum(reports) from {table} where {' and '.join(conditions)} "
        f"group by {when}, {columns} order by {when}",
        parameters,
    ).fetchall()


def _day(moment: Moment | None, otherwise: int) -> int:
    return otherwise if moment is None else moment.year * 10_000 + moment.month * 100 + moment.day


def day_before(day: int) -> date | None:
    """The day before a YYYYMMDD; None before the first there is."""
    ordinal = date(day // 10_000, day // 100 % 100, day % 100).toordinal()
    return date.fromordinal(ordinal - 1) if ordinal > 1 else None
