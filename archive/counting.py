"""How many reports a search finds, and how they lie over outlets, languages, states and time.

A count never reads more than the newest `cap` hits. Beyond these the total is an estimate (archive/estimate.py).
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from archive.estimate import estimate_before
from archive.holdings import per_month
from archive.selection import FACETS, FIRST_ID, Search, Selection, select

OVERVIEW_CAP = 10_000
TIMELINE_CAP = 100_000
_MONTH = 10_000_000_000  # an id divided by it is YYYYMM


@dataclass(frozen=True, slots=True)
class Overview:
    """What a search finds, over its newest hits.

    `counted` of these were looked at; `total` is the same when `exact`, else an estimate to be told as "about".
    `since`: the id of the oldest hit looked at, None when exact. `facets`: outlet, language, kind, state and year →
    (value, hits), most first, years newest first. `months`: "2012-07" → outlet → hits. Both are of the hits counted.
    """

    counted: int
    total: int
    exact: bool
    since: int | None
    facets: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    months: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Hits per month ("2012-07") and outlet, and all reports `held` under the same filters but the words and the
    state: what a count must be compared with. A month without an outlet in `held`: nothing of it is held."""

    months: dict[str, dict[str, int]]
    held: dict[str, dict[str, int]]
    counted: int
    exact: bool
    since: int | None


def overview(connection: sqlite3.Connection, search: Search, cap: int = OVERVIEW_CAP) -> Overview:
    """Count a search's hits, in one pass over the newest `cap`."""
    selection = select(search)
    if selection is None:
        return Overview(0, 0, True, None)
    if _is_of_holdings(search):
        return _of_holdings(connection, search)
    groups, counted, since = _groups(connection, selection, cap, "month, outlet, language, state")
    kinds: dict[str, str] = dict(connection.execute("select id, kind from outlets"))
    counts: dict[str, Counter[str]] = {name: Counter() for name in (*FACETS, "year")}
    for month, outlet, language, state, hits in groups:
        for name, value in (
            ("outlet", outlet),
            ("language", language),
            ("kind", kinds[outlet]),
            ("state", state),
            ("year", f"{month // 100:04}"),
        ):
            counts[name][value] += hits
    facets = {name: _sorted(name, count) for name, count in counts.items()}
    months = _months((month, outlet, hits) for month, outlet, _, _, hits in groups)
    if since is None:
        return Overview(counted, counted, True, None, facets, months)
    older = estimate_before(connection, search, selection, since)
    return Overview(counted, counted + older, False, since, facets, months)


def timeline(connection: sqlite3.Connection, search: Search, cap: int = TIMELINE_CAP) -> Timeline:
    """Count a search's hits per month and outlet, over the newest `cap`."""
    held = _months((each.when, each.outlet, each.reports) for each in per_month(connection, search))
    selection = select(search)
    if selection is None:
        return Timeline({}, held, 0, True, None)
    if _is_of_holdings(search):
        return Timeline(held, held, sum(sum(month.values()) for month in held.values()), True, None)
    groups, counted, since = _groups(connection, selection, cap, "month, outlet")
    return Timeline(_months(groups), held, counted, since is None, since)


def _groups(
    connection: sqlite3.Connection, selection: Selection, cap: int, columns: str
) -> tuple[list[Any], int, int | None]:
    """(the columns…, hits) over the newest `cap`, how many these are, and the oldest one's id if there are more."""
    newest = f"select rowid as id {selection.rows} order by rowid desc"
    parameters = {**selection.parameters, "cap": cap}
    rows = connection.execute(
        f"""with hits as materialized ({newest} limit :cap)
        select hits.id / {_MONTH} as month, outlet, language, state, count(*), min(hits.id)
        from hits cross join reports indexed by reports_facets on reports.id = hits.id group by {columns}""",
        parameters,
    ).fetchall()
    groups = [(*(row[: len(columns.split(","))]), row[4]) for row in rows]
    counted = sum(row[4] for row in rows)
    if counted < cap or not rows:
        return groups, counted, None
    since = min(row[5] for row in rows)
    older = selection.between(FIRST_ID, since)
    more = connection.execute(f"select 1 {older.rows} limit 1", older.parameters).fetchone()
    return groups, counted, None if more is None else since


def _sorted(facet: str, counts: Counter[str]) -> list[tuple[str, int]]:
    key: Callable[[tuple[str, int]], Any] = (
        (lambda each: -int(each[0])) if facet == "year" else (lambda each: (-each[1], each[0]))
    )
    return sorted(((value, hits) for value, hits in counts.items() if hits), key=key)


def _months(rows: Iterable[tuple[int, str, int]]) -> dict[str, dict[str, int]]:
    """(YYYYMM, outlet, hits) → month → outlet → hits, months in order."""
    counts: Counter[tuple[int, str]] = Counter()
    for month, outlet, hits in rows:
        counts[month, outlet] += hits
    months: dict[str, dict[str, int]] = {}
    for (month, outlet), hits in sorted(counts.items()):
        months.setdefault(f"{month // 100:04}-{month % 100:02}", {})[outlet] = hits
    return months


# Without words


def _is_of_holdings(search: Search) -> bool:
    """Whether the tables of holdings have the whole answer: no words, no state, and whole days."""
    dates = (search.since, search.until)
    return not (search.words.strip() or search.state or any(isinstance(moment, datetime) for moment in dates))


def _of_holdings(connection: sqlite3.Connection, search: Search) -> Overview:
    rows = per_month(connection, search)
    kinds: dict[str, str] = dict(connection.execute("select id, kind from outlets"))
    counts: dict[str, Counter[str]] = {name: Counter() for name in (*FACETS, "year")}
    for held in rows:
        counts["outlet"][held.outlet] += held.reports
        counts["language"][held.language] += held.reports
        counts["kind"][kinds[held.outlet]] += held.reports
        counts["year"][f"{held.when // 100:04}"] += held.reports
    total = counts["outlet"].total()
    for state in ("suspected", "gone", "restored"):  # few; the rest is live
        selection = select(replace(search, state=state))
        if selection is not None:
            counts["state"][state] = connection.execute(
                f"select count(*) {selection.rows}", selection.parameters
            ).fetchone()[0]
    counts["state"]["live"] = total - counts["state"].total()
    months = _months((held.when, held.outlet, held.reports) for held in rows)
    return Overview(total, total, True, None, {name: _sorted(name, count) for name, count in counts.items()}, months)
