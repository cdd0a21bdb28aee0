"""/: what the archive holds, what is new in it, and where to search it."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup

from archive import clock, public
from archive.finding import Search
from archive.times import iso
from publish import charts, formats
from publish.asked import address
from publish.pages.edits import latest_edits, number_of_edits, outlets
from publish.pages.takedowns import newest_missing, number_missing
from publish.room import read, rows, show
from publish.spans import days

DAYS = 60  # of the chart
LATEST = 4  # reports of each outlet
RECENT = 5  # edits and takedowns


async def view(datasette: Any, request: Any) -> Any:
    today = clock.now().date()
    found = await read(datasette, lambda connection: home(connection, today))
    chart = per_day(
        found["days"], found["outlets"], lambda day: datasette.urls.path(address(Search(since=day, until=day)))
    )
    return await show(datasette, request, "home", chart=chart, **found)


def home(connection: sqlite3.Connection, today: date) -> dict[str, Any]:
    """All that the page shows, from what is counted already or newest in an index."""
    known = outlets(connection)
    held = {
        outlet: {"reports": reports, "first": first, "last": last}
        for outlet, reports, first, last in connection.execute(
            "select outlet, sum(reports), min(day), max(day) from holdings group by outlet"
        )
    }
    for outlet in known:
        outlet |= held.get(outlet["id"], {"reports": 0, "first": None, "last": None})
        outlet["latest"] = latest_reports(connection, outlet["id"], LATEST)
    known.sort(key=lambda outlet: (outlet["kind"] == "secondary", -outlet["reports"]))
    total = sum(outlet["reports"] for outlet in known)
    edits = number_of_edits(connection)
    return {
        "outlets": known,
        "total": total,
        "first": min((outlet["first"] for outlet in known if outlet["first"]), default=None),
        "last": max((outlet["last"] for outlet in known if outlet["last"]), default=None),
        "versions": total + edits,
        "edited": edits,
        "missing": number_missing(connection),
        "crawl": last_crawl(connection),
        "days": reports_per_day(connection, today),
        "edits": latest_edits(connection, RECENT),
        "takedowns": newest_missing(connection, RECENT),
        "publication": public.publication_of(connection),
        "now": iso(clock.now()),
    }


def latest_reports(connection: sqlite3.Connection, outlet: str, limit: int) -> list[dict[str, Any]]:
    """An outlet's newest reports, for room.line()."""
    return rows(
        connection,
        """select reports.id, title, language, outlet, title_en as outlet_title, kind, state, versions, published_at,
            published_precision
        from reports join outlets on outlets.id = outlet where outlet = ? order by reports.id desc limit ?""",
        [outlet, limit],
    )


def last_crawl(connection: sqlite3.Connection) -> dict[str, Any] | None:
    """The crawl that began last; a crawl's id begins with its time."""
    found = rows(
        connection,
        "select crawls.*, title_en from crawls join outlets on outlets.id = outlet where origin = 'live' "
        "order by crawls.id desc limit 1",
    )
    return found[0] if found else None


def reports_per_day(connection: sqlite3.Connection, today: date) -> dict[str, dict[str, int]]:
    """Day (ISO) → outlet → reports, over the DAYS days up to the newest that holds any. A day that has not come yet is
    a misprint of its page, and left out while others are held."""
    row = connection.execute("select max(day) from holdings where day <= ?", [int(f"{today:%Y%m%d}")]).fetchone()
    last = row[0] or connection.execute("select max(day) from holdings").fetchone()[0]
    if last is None:
        return {}
    first = int(f"{_date(last) - timedelta(DAYS - 1):%Y%m%d}")
    found: dict[str, dict[str, int]] = {}
    for day, outlet, reports in connection.execute(
        "select day, outlet, sum(reports) from holdings where day between ? and ? group by day, outlet", [first, last]
    ):
        found.setdefault(_date(day).isoformat(), {})[outlet] = reports
    return found


def per_day(held: dict[str, dict[str, int]], known: list[dict[str, Any]], address_of: Any) -> Markup:
    """The chart of reports_per_day(), stacked by outlet; each bar leads to its day."""
    if not held:
        return Markup()
    present = [outlet for outlet in known if any(outlet["id"] in day for day in held.values())]
    series, places = charts.outlet_series([(each["id"], each["title"], each["kind"]) for each in present])
    last = date.fromisoformat(max(held))
    slots = []
    for span in days(last - timedelta(DAYS - 1), last):
        parts = [0] * len(series)
        for outlet, reports in held.get(span.key, {}).items():
            parts[places[outlet]] += reports
        href = address_of(span.first) if any(parts) else ""
        slots.append(charts.Slot(span.name, parts, href, span.tick, span.minor))
    total = formats.plural(sum(sum(day.values()) for day in held.values()), "report")
    label = f"Reports per day, {slots[0].name} to {slots[-1].name}: {total}. Each bar leads to its day."
    return charts.legend(series) + charts.bars(label, series, slots)


def _date(day: int) -> date:
    return date(day // 10_000, day // 100 % 100, day % 100)
