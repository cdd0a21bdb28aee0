"""/outlets and /outlets/<id>: who is archived, who owns it, what is held, and when we looked."""

from __future__ import annotations

import json
import sqlite3
from calendar import monthrange
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from archive import clock
from archive.schedule import ELSEWHERE
from publish import activity, charts, coverage, formats, origins
from publish.pages.takedowns import number_missing
from publish.room import NotFound, read, rows, show

TOP = 12  # sections and sources
CRAWLS = 6


async def all_outlets(datasette: Any, request: Any) -> Any:
    """/outlets"""
    now = clock.now()
    return await show(datasette, request, "outlets", outlets=await read(datasette, lambda c: listed(c, now)))


async def view(datasette: Any, request: Any) -> Any:
    """/outlets/<id>"""
    name, now = request.url_vars["outlet"], clock.now()
    asked_year = request.args.get("year") or ""
    year = int(asked_year) if asked_year.isascii() and asked_year.isdigit() and len(asked_year) == 4 else 0

    def address(year: int) -> str:
        return str(datasette.urls.path(f"/outlets/{name}?year={year}#year"))

    found = await read(datasette, lambda connection: described(connection, name, year, now))
    return await show(datasette, request, "outlet", **found, **drawn(found, address))


def listed(connection: sqlite3.Connection, now: datetime) -> list[dict[str, Any]]:
    """Every outlet with what is held of it and how its crawls go; state media first."""
    found = rows(
        connection,
        """select outlets.*, coalesce(held.reports, 0) as reports, held.first, held.last
        from outlets left join (select outlet, sum(reports) as reports, min(day) as first, max(day) as last
            from holdings group by outlet) as held on held.outlet = outlets.id
        order by kind = 'secondary', reports desc, title_en""",
    )
    for outlet in found:
        last = coverage.crawls(connection, outlet["id"], 1)
        outlet["health"], outlet["health_sentence"] = coverage.health(last[0] if last else None, now)
        outlet["last_look"] = coverage.last_look(connection, outlet["id"])
    return found


def described(connection: sqlite3.Connection, name: str, year: int, now: datetime) -> dict[str, Any]:
    """All that an outlet's page shows; `year` (0: the last one with anything) is the one shown by days. Raises
    NotFound."""
    found = rows(connection, "select * from outlets where id = ?", [name])
    if not found:
        raise NotFound(f"No outlet is called “{name}” here. The list of outlets has them all.")
    outlet = found[0]
    held = {
        date(day // 10_000, day // 100 % 100, day % 100): reports
        for day, reports in connection.execute(
            "select day, sum(reports) from holdings where outlet = ? group by day", [name]
        )
    }
    looked = coverage.years_looked_at(connection, name)
    known = sorted({day.year for day in held} | ({looked[0], looked[1]} if looked else set()))
    shown = year if known and known[0] <= year <= known[-1] else (max(held).year if held else (known or [now.year])[-1])
    last = coverage.crawls(connection, name, CRAWLS)
    sections = connection.execute(
        "select section, count(*) from reports where outlet = ? group by section", [name]
    ).fetchall()
    sources = connection.execute(
        "select source_label, count(*) from reports where outlet = ? group by source_label", [name]
    ).fetchall()
    due, next_due = connection.execute(
        """select (select count(*) from checks
                where outlet = :outlet and kind = 'report' and due_at <= :now and rung <> :elsewhere),
            (select min(due_at) from checks where outlet = :outlet and kind = 'report' and due_at > :now)""",
        {"elsewhere": ELSEWHERE, "outlet": name, "now": f"{now:%Y-%m-%dT%H:%M:%SZ}"},
    ).fetchone()
    return {
        "outlet": outlet | {"domains": json.loads(outlet["domains"] or "[]")},
        "held": held,
        "total": sum(held.values()),
        "undated": connection.execute(
            "select count(*) from reports where outlet = ? and published_at is null", [name]
        ).fetchone()[0],
        "shown": shown,
        "days": coverage.per_day(connection, name, shown),
        "until": coverage.last_day(connection, now),
        "looked": looked,
        "crawls": last,
        "captures": origins.counted(
            dict(
                connection.execute(
                    "select origin, count(*) from captures indexed by captures_looks where outlet = ? group by origin",
                    [name],
                )
            )
        ),
        "health": coverage.health(last[0] if last else None, now),
        "gaps": coverage.longest_gaps(connection, name),
        "due": due,
        "next_due": next_due,
        "quarantined": connection.execute(
            "select count(distinct url) from quarantine where outlet = ?", [name]
        ).fetchone()[0],
        "missing": number_missing(connection, name),
        "sections": ranked(sections),
        "sources": ranked(sources),
    }


def ranked(counted: list[tuple[str | None, int]]) -> list[tuple[str, int]]:
    """The most frequent of (value, reports), the reports without a value left out."""
    named = [(value, reports) for value, reports in counted if value]
    return sorted(named, key=lambda each: (-each[1], each[0]))[:TOP]


def drawn(found: dict[str, Any], address: Callable[[int], str]) -> dict[str, Any]:
    """The page's calendars and lists with bars; `address` is that of a year."""
    held, shown = found["held"], found["shown"]
    years = Counter[int]()
    for day, reports in held.items():
        years[day.year] += reports
    is_even = len(years) > 0 and max(years) - min(years) < 100
    listed_years = range(min(years), max(years) + 1) if is_even else sorted(years)
    return {
        "weeks": activity.by_weeks(held),
        "year": activity.by_days(held, shown),
        "looks": activity.looks(found["days"], shown, found["until"]),
        "years": [(each, years[each], address(each)) for each in listed_years],
        "months": _months(held, shown),
        "section_bars": _with_bars(found["sections"]),
        "source_bars": _with_bars(found["sources"]),
    }


def _months(held: dict[date, int], year: int) -> list[dict[str, Any]]:
    """The months of a year that hold anything: name, reports, first and last day."""
    months = Counter[int]()
    for day, reports in held.items():
        if day.year == year:
            months[day.month] += reports
    return [
        {
            "name": formats.month(f"{year:04}-{month:02}"),
            "reports": months[month],
            "since": f"{year:04}-{month:02}-01",
            "until": f"{year:04}-{month:02}-{monthrange(year, month)[1]:02}",
        }
        for month in sorted(months)
    ]


def _with_bars(ranking: list[tuple[str, int]]) -> list[tuple[str, int, Markup]]:
    return [(value, reports, charts.share(reports, ranking[0][1])) for value, reports in ranking]
