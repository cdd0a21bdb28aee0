"""About how many hits a search has, without reading them all: the hits of sample days, weighed by what is held."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from archive.holdings import day_before, days, months
from archive.report_ids import DAY
from archive.selection import Search, Selection

_SAMPLES = 48  # stretches of months that hold about equally many reports; one sample of each
_SAMPLED = 200  # reports held in a sample, at least

Held = list[tuple[int, int]]  # (month or day, reports held), in order


def estimate_before(connection: sqlite3.Connection, search: Search, selection: Selection, since: int) -> int:
    """About how many hits are older than the id `since`.

    The rest of the archive is cut into stretches of months that hold equally much. In the middle of each some days are
    counted, and the stretch is taken to have as many hits among what it holds. So a word that came up late, or was
    given up, is not taken to be as common before as it is now. A small rest is counted whole, as is any where each
    sample would cost as much as the whole.
    """
    if selection.is_gathered:
        return _count(connection, selection, 0, since)
    today = since // DAY
    hits = float(_count(connection, selection, today * DAY, since))
    yesterday = day_before(today)
    if yesterday is None:
        return round(hits)
    until = replace(search, until=yesterday)
    for stretch in _stretches(months(connection, until)):
        first, last, sampled = _sample(connection, until, _middle(stretch))
        found = _count(connection, selection, first * DAY, min((last + 1) * DAY, today * DAY))
        hits += found * sum(held for _, held in stretch) / sampled
    return round(hits)


def _count(connection: sqlite3.Connection, selection: Selection, first: int, beyond: int) -> int:
    part = selection.between(first, beyond)
    row = connection.execute(f"select count(*) {part.rows}", part.parameters).fetchone()
    return int(row[0])


def _sample(connection: sqlite3.Connection, search: Search, middle: Held) -> tuple[int, int, int]:
    """The first and the last day of a sample, and how many reports they hold: the months, or days of one of them."""
    held = sum(reports for _, reports in middle)
    first, last = middle[0][0], middle[-1][0]
    if len(middle) > 1 or held < 2 * _SAMPLED:
        return first * 100, last * 100 + 99, held
    some = _middle(days(connection, search, first))
    return some[0][0], some[-1][0], sum(reports for _, reports in some)


def _stretches(all_months: Held) -> list[Held]:
    total, before = sum(held for _, held in all_months), 0
    stretches: list[Held] = [[] for _ in range(_SAMPLES)]
    for month, held in all_months:
        stretches[before * _SAMPLES // total].append((month, held))
        before += held
    return [stretch for stretch in stretches if stretch]


def _middle(stretch: Held) -> Held:
    """The part around a stretch's middle that holds _SAMPLED reports, or all of it."""
    first = last = len(stretch) // 2
    sampled = stretch[first][1]
    while sampled < _SAMPLED and (first > 0 or last < len(stretch) - 1):
        if last < len(stretch) - 1:
            last += 1
            sampled += stretch[last][1]
        if sampled < _SAMPLED and first > 0:
            first -= 1
            sampled += stretch[first][1]
    return stretch[first : last + 1]
