"""/coverage: when each outlet was looked at, and when not; ?outlet= for one outlet's year by days. /coverage.csv: the
same figures."""

from __future__ import annotations

import csv
import io
import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Response  # type: ignore[import-untyped]

from archive import clock
from archive.coverage import ABSENT
from publish import activity, bands, coverage, formats
from publish.bands import Band, Span
from publish.coverage import COUNTS, Day
from publish.pages.edits import outlets
from publish.room import DATABASE, NotFound, read, show

ORDERS = {"name": "by name", "absent": "least looked at first"}
MEASURES = {
    "new": "new reports",
    "asked": "requests",
    "answered": "answers",
    "failed": "refused and failed",
    "quarantined": "in quarantine",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for; what is not known there is left out. `year` is 0 where none is named."""

    outlet: str = ""
    per: str = ""
    year: int = 0
    by: str = "new"
    order: str = "name"

    @classmethod
    def of(cls, arguments: Any) -> Asked:
        def given(name: str, known: Any) -> str:
            value = str(arguments.get(name) or "")
            return value if value in known else ""

        year = str(arguments.get("year") or "")
        return cls(
            str(arguments.get("outlet") or "").strip(),
            given("per", bands.PERS),
            int(year) if year.isascii() and year.isdigit() and len(year) == 4 else 0,
            given("by", MEASURES) or "new",
            given("sort", ORDERS) or "name",
        )

    def address(self, path: str = "/coverage", **changes: Any) -> str:
        """The page's own address, with something changed."""
        own = {
            "outlet": self.outlet,
            "per": self.per,
            "year": self.year or "",
            "by": "" if self.by == "new" else self.by,
            "sort": "" if self.order == "name" else self.order,
        } | changes
        given = {name: value for name, value in own.items() if value}
        return f"{path}?{urlencode(given)}" if given else path


@dataclass(frozen=True, slots=True)
class Overview:
    """All outlets over some time. `years`: the first and last that were looked at, None where none was."""

    outlets: list[dict[str, Any]]
    years: tuple[int, int] | None
    per: str
    first: int
    last: int
    spans: list[Span]
    bands: list[Band]


@dataclass(frozen=True, slots=True)
class Year:
    """One outlet's year, up to `until`. `days`: those on which we or others looked, ISO date → what was asked."""

    outlet: dict[str, Any]
    outlets: list[dict[str, Any]]
    years: tuple[int, int] | None
    year: int
    until: date
    days: dict[str, Day]

    @property
    def length(self) -> int:
        return max((self.until - date(self.year, 1, 1)).days + 1, 0)


async def view(datasette: Any, request: Any) -> Any:
    asked = Asked.of(request.args)
    if asked.outlet:
        year = await read(datasette, lambda connection: year_of(connection, asked))
        return await _show_year(datasette, request, asked, year)
    return await _show_overview(
        datasette, request, asked, await read(datasette, lambda connection: overview(connection, asked))
    )


async def as_csv(datasette: Any, request: Any) -> Any:
    """/coverage.csv: of all outlets a row a week or month, of one a row a day."""
    asked = Asked.of(request.args)
    if asked.outlet:
        year = await read(datasette, lambda connection: year_of(connection, asked))
        table = days_as_table(year)
    else:
        table = bands_as_table(await read(datasette, lambda connection: overview(connection, asked)))
    written = io.StringIO()
    csv.writer(written).writerows(table)
    headers = {"Content-Disposition": 'attachment; filename="coverage.csv"'}
    return Response(written.getvalue(), headers=headers, content_type="text/csv; charset=utf-8")


# All outlets


def overview(connection: sqlite3.Connection, asked: Asked) -> Overview:
    """All outlets by the weeks of a year, or by the months of as many years as fit."""
    known, years = outlets(connection), coverage.years_looked_at(connection)
    if years is None:
        return Overview(known, None, asked.per or "month", 0, 0, [], [])
    per = asked.per or ("week" if years[0] == years[1] else "month")
    last = min(max(asked.year or years[1], years[0]), years[1])
    first = last if per == "week" else max(years[0], last - bands.years_by_months(len(known)) + 1)
    shown = bands.spans(per, first, last, coverage.last_day(connection, clock.now()))
    found = bands.bands(connection, known, shown)
    if asked.order == "absent":
        found.sort(key=lambda band: (-band.absent, -band.barred))
    return Overview(known, years, per, first, last, shown, found)


async def _show_overview(datasette: Any, request: Any, asked: Asked, found: Overview) -> Any:
    def url(path: str = "/coverage", **changes: Any) -> str:
        return str(datasette.urls.path(asked.address(path, **changes)))

    def days_of(band: Band) -> str:
        return url(outlet=band.outlet["id"], year=found.last if found.per == "week" else "", per="", sort="")

    lengths = [span.days for span in found.spans]
    # A year that has not ended keeps its width.
    columns = len(bands.spans(found.per, found.first, found.last, date.max)) if found.spans else 0
    first, last = (found.spans[0].first, found.spans[-1].last) if found.spans else ("", "")
    return await show(
        datasette, request, "coverage", found=found, asked=asked, url=url,
        drawn=[(band, bands.drawing(band, lengths, columns), days_of(band)) for band in found.bands],
        standings=bands.standings, counts=bands.counts,
        axis=bands.axis(found.spans, columns) if found.spans else "", key=bands.key(),
        first=first, last=last, orders=ORDERS,
        table=_table(datasette, "coverage_months", month__gte=first[:7], month__lte=last[:7]),
        rows=_table(datasette, "coverage_days", day__gte=first, day__lte=last),
    )  # fmt: skip


def bands_as_table(found: Overview) -> list[list[Any]]:
    """A header, and a row an outlet and span: its days, and on how many of them what."""
    table: list[list[Any]] = [
        [
            "outlet",
            "first_day",
            "last_day",
            "days",
            "new",
            "nothing_new",
            "nothing_answered",
            "only_others",
            "nobody_looked",
        ]
    ]
    for band in found.bands:
        for span, stand in zip(found.spans, band.stands, strict=True):
            table.append([band.outlet["id"], span.first, span.last, span.days, *stand, span.days - sum(stand)])
    return table


# One outlet


def year_of(connection: sqlite3.Connection, asked: Asked) -> Year:
    """The year asked for, else the last one in which the outlet was looked at. Raises NotFound."""
    known = outlets(connection)
    outlet = next((each for each in known if each["id"] == asked.outlet), None)
    if outlet is None:
        raise NotFound(f"No outlet is called “{asked.outlet[:60]}” here. The list of outlets has them all.")
    years, today = coverage.years_looked_at(connection, asked.outlet), coverage.last_day(connection, clock.now())
    latest = max(years[1], today.year) if years else today.year
    year = asked.year if years and years[0] <= asked.year <= latest else (years[1] if years else today.year)
    until = min(date(year, 12, 31), today)
    return Year(outlet, known, years, year, until, coverage.per_day(connection, asked.outlet, year))


async def _show_year(datasette: Any, request: Any, asked: Asked, found: Year) -> Any:
    def url(path: str = "/coverage", **changes: Any) -> str:
        return str(datasette.urls.path(asked.address(path, **{"year": found.year} | changes)))

    total, year = sum(found.days.values(), Day()), found.year
    years = range(found.years[1], found.years[0] - 1, -1) if found.years else range(0)
    return await show(
        datasette, request, "outlet_coverage", found=found, asked=asked, url=url, total=total,
        standings=bands.standings, counts=bands.counts,
        calendar=activity.looks(found.days, found.year, found.until, asked.by),
        band=band_of(found), months=months_of(found), days=stretches(found), years=years, measures=MEASURES,
        table=_table(
            datasette, "coverage_days", outlet=asked.outlet, day__gte=f"{year}-01-01", day__lte=f"{year}-12-31"
        ),
    )  # fmt: skip


def band_of(found: Year) -> Band:
    """The year as one band of one span, for its sums."""
    marks = "".join(found.days[day].standing if day in found.days else ABSENT for day in _days_of(found))
    return bands.of_marks(found.outlet, marks, date(found.year, 1, 1), sum(found.days.values(), Day()))


def months_of(found: Year) -> list[tuple[str, Band]]:
    """The months up to `until`, newest first: name, and its figures."""
    months = []
    for key, days in groupby(_days_of(found), key=lambda day: day[:7]):
        of_month = list(days)
        looked = [found.days[day] for day in of_month if day in found.days]
        marks = "".join(found.days[day].standing if day in found.days else ABSENT for day in of_month)
        first = date.fromisoformat(of_month[0])
        months.append((formats.month(key), bands.of_marks(found.outlet, marks, first, sum(looked, Day()))))
    return months[::-1]


def stretches(found: Year) -> list[tuple[Span, Day]]:
    """The days, newest first, those on which nobody looked joined where they follow one another."""
    stretched: list[tuple[Span, Day]] = []
    for day in _days_of(found):
        of_day = found.days.get(day, Day())
        if stretched and of_day.standing == stretched[-1][1].standing == ABSENT:
            stretched[-1] = (Span(stretched[-1][0].first, day), of_day)
        else:
            stretched.append((Span(day, day), of_day))
    return stretched[::-1]


def days_as_table(found: Year) -> list[list[Any]]:
    """A header, and a row a day."""
    table: list[list[Any]] = [["day", "state", *COUNTS]]
    for day in _days_of(found):
        of_day = found.days.get(day, Day())
        state = coverage.STANDINGS[of_day.standing]
        table.append([day, state, *(getattr(of_day, name) for name in COUNTS)])
    return table


def _days_of(found: Year) -> list[str]:
    first = date(found.year, 1, 1)
    return [(first + timedelta(number)).isoformat() for number in range(found.length)]


def _table(datasette: Any, name: str, **where: str) -> str:
    """The address of the table in Datasette, narrowed."""
    order = "day" if name == "coverage_days" else "month"
    return str(datasette.urls.table(DATABASE, name)) + f"?{urlencode({'_sort': order, **where})}"
