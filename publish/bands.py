"""Coverage of many outlets at a glance: a band for each, in which every week or month shows on how many of its days
there were new reports, nothing new, or no answer, on how many only others looked, and on how many nobody did."""

from __future__ import annotations

import sqlite3
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape

from archive.coverage import ABSENT, BARRED, ELSEWHERE, NEW, QUIET
from publish import formats
from publish.coverage import COUNTS, STANDINGS, Day

PERS = ("week", "month")
_BARS = 16_000  # of all bands together: more make a page slow
_FEWEST_YEARS = 3  # that are shown by months, however many outlets there are
_WEEK, _WEEKS = 7, 52
_WHOLE = 100  # height of a band in its own units
_LEAST = 12  # of it that a single bad day among thirty takes
_STYLES = ("band-new", "band-quiet", "band-barred", "band-elsewhere")  # from the bottom up


@dataclass(frozen=True, slots=True)
class Span:
    """A place on the axis: its days (ISO: the last one is today at the latest) and what is written there."""

    first: str
    last: str
    tick: str = ""
    minor: bool = False

    @property
    def days(self) -> int:
        return (date.fromisoformat(self.last) - date.fromisoformat(self.first)).days + 1


Stand = tuple[int, int, int, int]  # days with new reports, with nothing new, without an answer, and only of others


@dataclass(frozen=True, slots=True)
class Band:
    """An outlet over the spans. `total`: what was asked of it in all of them; `gap`: the longest stretch of days on
    which we did not look, (first, last) in ISO, None where there is none."""

    outlet: dict[str, Any]
    stands: list[Stand]
    total: Day
    days: int
    gap: tuple[str, str] | None = None

    @property
    def looked(self) -> int:
        return self.new + self.quiet + self.barred

    @property
    def new(self) -> int:
        return sum(stand[0] for stand in self.stands)

    @property
    def quiet(self) -> int:
        return sum(stand[1] for stand in self.stands)

    @property
    def barred(self) -> int:
        return sum(stand[2] for stand in self.stands)

    @property
    def elsewhere(self) -> int:
        return sum(stand[3] for stand in self.stands)

    @property
    def absent(self) -> int:
        return self.days - self.looked - self.elsewhere

    @property
    def gap_days(self) -> int:
        return Span(*self.gap).days if self.gap else 0

    @property
    def words(self) -> str:
        said = f"{self.outlet['title']}: looked at on {self.looked:,} of {formats.plural(self.days, 'day')}"
        said += f", unanswered on {self.barred:,}" if self.barred else ""
        return f"{said}, by others alone on {self.elsewhere:,}" if self.elsewhere else said


# Which spans


def years_by_months(outlets: int) -> int:
    """How many years of so many outlets are shown together."""
    return max(_FEWEST_YEARS, _BARS // (12 * max(outlets, 1)))


def spans(per: str, first: int, last: int, today: date) -> list[Span]:
    """The weeks of the year `last` (counted from 1 January; the last one has eight days, nine in leap years), or the
    months of the years from `first` to `last`, up to today."""
    if per == "week":
        cut = list(_weeks(last))
    else:
        step = -(-(last - first + 1) // 12)
        cut = [
            _month(year, month, first == last, (last - year) % step > 0)
            for year in range(first, last + 1)
            for month in range(1, 13)
        ]
    end = today.isoformat()
    return [Span(each.first, min(each.last, end), each.tick, each.minor) for each in cut if each.first <= end]


def _weeks(year: int) -> Iterator[Span]:
    named = 0
    for number in range(_WEEKS):
        first = date(year, 1, 1) + timedelta(number * _WEEK)
        last = first + timedelta(_WEEK - 1) if number < _WEEKS - 1 else date(year, 12, 31)
        tick = ""
        if last.month > named:
            named = last.month
            tick = formats.month(f"{year}-{named:02}")[:3]
        yield Span(first.isoformat(), last.isoformat(), tick, named % 3 != 1)


def _month(year: int, month: int, is_alone: bool, is_minor: bool) -> Span:
    key = f"{year}-{month:02}"
    tick = formats.month(key)[:3] if is_alone else str(year) if month == 1 else ""
    return Span(f"{key}-01", f"{key}-{monthrange(year, month)[1]}", tick, month % 3 != 1 if is_alone else is_minor)


# What is in them


def bands(connection: sqlite3.Connection, outlets: Sequence[dict[str, Any]], shown: Sequence[Span]) -> list[Band]:
    """A band for each outlet, in their order. Reads months, not days: 400 outlets and three years take 40 ms."""
    if not shown:
        return []
    first, last = date.fromisoformat(shown[0].first), date.fromisoformat(shown[-1].last)
    days = (last - first).days + 1
    starts = [(date.fromisoformat(span.first) - first).days for span in shown]
    lines = _lines(connection, first, last)
    totals = _totals(connection, shown)
    found = []
    for outlet in outlets:
        line = lines.get(outlet["id"], ABSENT * days)
        stands = [_stand(line, start, end) for start, end in zip(starts, [*starts[1:], days], strict=True)]
        found.append(Band(outlet, stands, totals.get(outlet["id"], Day()), days, _gap(line, first)))
    return found


def of_marks(outlet: dict[str, Any], marks: str, first: date, total: Day) -> Band:
    """A band of a single span, from the marks of its days."""
    return Band(outlet, [_stand(marks, 0, len(marks))], total, len(marks), _gap(marks, first))


def _stand(marks: str, start: int, end: int) -> Stand:
    new, quiet, barred, elsewhere = (marks.count(mark, start, end) for mark in (NEW, QUIET, BARRED, ELSEWHERE))
    return new, quiet, barred, elsewhere


def _lines(connection: sqlite3.Connection, first: date, last: date) -> dict[str, str]:
    """Outlet → the marks of all days between two, the first of them the first of a month."""
    months: dict[str, dict[str, str]] = {}
    for outlet, month, marks in _of_months(connection, "month, marks", first.isoformat(), last.isoformat()):
        months.setdefault(outlet, {})[month] = marks
    blanks = {
        f"{year}-{month:02}": ABSENT * monthrange(year, month)[1]
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
    }
    days = (last - first).days + 1
    return {
        outlet: "".join(known.get(month, blank) for month, blank in blanks.items())[:days]
        for outlet, known in months.items()
    }


def _totals(connection: sqlite3.Connection, shown: Sequence[Span]) -> dict[str, Day]:
    sums = ", ".join(f"sum({name})" for name in COUNTS)
    counted = _of_months(connection, sums, shown[0].first, shown[-1].last, "group by outlet")
    return {outlet: Day(*counts) for outlet, *counts in counted}


def _of_months(connection: sqlite3.Connection, columns: str, first: str, last: str, group: str = "") -> Iterable[Any]:
    """From the outlets, so that each one's months are a range of the key."""
    return connection.execute(
        f"""select outlet, {columns} from outlets cross join coverage_months
            on outlet = outlets.id and month between ? and ? {group}""",
        [first[:7], last[:7]],
    )


_LOOKED = str.maketrans(dict.fromkeys((NEW, QUIET, BARRED), " "))


def _gap(line: str, first: date) -> tuple[str, str] | None:
    """The longest run of days on which we did not look, the first of equally long ones."""
    longest = max(line.translate(_LOOKED).split(), key=len, default="")
    if not longest:
        return None
    start = line.index(longest)
    return (first + timedelta(start)).isoformat(), (first + timedelta(start + len(longest) - 1)).isoformat()


# How they are drawn


def drawing(band: Band, lengths: Sequence[int], columns: int) -> Markup:
    """A band `columns` spans wide, of spans that have so many days; those that have not come yet are left blank."""
    parts: dict[str, list[str]] = {style: [] for style in _STYLES}
    place = 0
    for (stand, days), group in groupby(zip(band.stands, lengths, strict=True)):
        wide = len(list(group))
        top = _WHOLE
        for tall, style in zip(_heights(stand, days), _STYLES, strict=False):
            if tall:
                top -= tall
                parts[style].append(f"M{place} {top}h{wide}v{tall}h-{wide}z")
        place += wide
    paths = "".join(f'<path class="{style}" d="{"".join(each)}"/>' for style, each in parts.items() if each)
    return Markup(
        f'<svg class="band" role="img" aria-label="{escape(band.words)}" viewBox="0 0 {columns} {_WHOLE}" '
        f'preserveAspectRatio="none"><path class="band-absent" d="M0 0h{place}v{_WHOLE}h-{place}z"/>'
        f'<path class="band-line" d="M0 {_WHOLE // 2}h{place}"/>{paths}</svg>'
    )


@cache
def _heights(stand: Stand, days: int) -> tuple[int, ...]:
    """Of new, quiet and barred days, those of others alone, and those on which nobody looked; the last three never too
    low to be seen."""
    counts = [*stand, days - sum(stand)]
    tall = [round(count / days * _WHOLE) for count in counts]
    for place in (2, 3, 4):
        if counts[place] and tall[place] < _LEAST:
            tall[tall.index(max(tall))] -= _LEAST - tall[place]
            tall[place] = _LEAST
    return tuple(tall)


# A table of 400 outlets has five thousand cells: made here, they take a tenth of the template's time.


def standings(band: Band) -> Markup:
    """On how many days there was what, as cells of a table."""
    return _cells(band.new, band.quiet, band.barred, band.elsewhere, band.absent)


def counts(day: Day) -> Markup:
    """What was asked and what came, as cells of a table."""
    return _cells(
        day.asked, day.answered, day.new, day.changed, day.missing, day.refused, day.failed, day.quarantined,
        day.elsewhere,
    )  # fmt: skip


def _cells(*values: int) -> Markup:
    return Markup(
        "".join(
            f'<td class="number">{value:,}</td>' if value else '<td class="number"><span class="soft">0</span></td>'
            for value in values
        )
    )


def axis(shown: Sequence[Span], columns: int) -> Markup:
    """What stands above the bands."""
    marks = "".join(
        f'<text class="tick{" minor" if span.minor else ""}" x="{place / columns * 100:.2f}%" y="12">{span.tick}</text>'
        for place, span in enumerate(shown)
        if span.tick
    )
    return Markup(f'<svg class="chart band-axis" aria-hidden="true" width="100%" height="16">{marks}</svg>')


def key() -> Markup:
    """What the colours mean."""
    shapes = [f'<path class="{style}" d="M0 0h14v14h-14z"/>' for style in _STYLES]
    shapes.append('<path class="band-absent" d="M0 0h14v14h-14z"/><path class="band-line" d="M0 7h14"/>')
    named = (STANDINGS[mark] for mark in (NEW, QUIET, BARRED, ELSEWHERE, ABSENT))
    entries = "".join(
        f'<li><svg class="key" width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">{shape}</svg>{words}</li>'
        for shape, words in zip(shapes, named, strict=True)
    )
    return Markup(f'<ul class="legend">{entries}</ul>')
