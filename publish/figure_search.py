"""Looking for figures: which are wanted, and how they are found without reading more than CAP of them.

A search is led by one index: that of its noun, source, act, value, series or days that holds the fewest. Where that
holds no more than CAP, all of it is read and the answer is whole. Else the newest (or the largest, where that is the
order and an index has it) are looked at, and the answer says so.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from archive.report_ids import DAY, first_id
from publish import keys
from publish.asked import day, one
from publish.room import BadRequest, rows

CAP = 5_000
_FEWER = 2_000  # where they lie anywhere in the table
ORDERS = {"newest": "Newest first", "value": "Largest first", "period": "By period"}
_AFTER = re.compile(r"(-?[\d.e+-]{1,30}|\d{4}-\d\d-\d\d)~(\d{1,18})~(\d{1,6})", re.ASCII)
LAST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which figures. `since` and `until` are days of publication; between `first` and `last` the period ends that the
    figure is about, or lies its publication where it has none. `least` and `most` are values; `problems`: what of an
    address could not be understood, in words."""

    noun: str = ""
    act: str = ""
    unit: str = ""
    source: str = ""
    outlet: str = ""
    language: str = ""
    series: str = ""
    least: float | None = None
    most: float | None = None
    since: date | None = None
    until: date | None = None
    first: date | None = None
    last: date | None = None
    order: str = ""
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Wanted:
        """What an address asks for. Raises BadRequest for an order that is none."""
        problems: list[str] = []
        order = one(arguments, "sort")
        if order and order not in ORDERS:
            raise BadRequest(f"“{order[:60]}” is no order. Known: {', '.join(ORDERS)}.")
        return cls(
            **{name: one(arguments, name)[:200] for name in ("noun", "act", "unit", "source", "outlet", "language")},
            series=one(arguments, "series")[:400],
            least=_number(arguments, "min", problems),
            most=_number(arguments, "max", problems),
            since=day(arguments, "since", problems),
            until=day(arguments, "until", problems),
            first=_day(arguments, "about_from", "since", problems),
            last=_day(arguments, "about_to", "until", problems),
            order=order,
            problems=tuple(problems),
        )

    @property
    def sort(self) -> str:
        """A series is shown by its periods unless an order is asked for."""
        return self.order or ("period" if self.series else "newest")

    def address(self, path: str = "/figures", **changes: str) -> str:
        """The page's own address, with something changed."""
        values = self.parameters() | {"sort": self.order} | changes
        given = {name: value for name, value in values.items() if value}
        return f"{path}?{urlencode(given)}" if given else path

    def parameters(self) -> dict[str, str]:
        """All but the order, as an address writes it."""
        return {
            **{name: getattr(self, name) for name in ("noun", "act", "unit", "source", "outlet", "language", "series")},
            "min": "" if self.least is None else f"{self.least:.15g}",
            "max": "" if self.most is None else f"{self.most:.15g}",
            **{name: value.isoformat() if value else "" for name, value in (
                ("since", self.since), ("until", self.until), ("about_from", self.first), ("about_to", self.last)
            )},
        }  # fmt: skip

    @property
    def noun_key(self) -> str:
        return keys.noun_key(self.noun)


def _number(arguments: Mapping[str, Any], name: str, problems: list[str]) -> float | None:
    written = one(arguments, name)
    value = keys.number_in(written) if written else None
    if written and value is None:
        problems.append(f"“{written[:40]}” is no number: write 10000, 3.2 million or 320万. It was left out.")
    return value


def _day(arguments: Mapping[str, Any], name: str, end: str, problems: list[str]) -> date | None:
    """As asked.day(), where a year ends as `until` does."""
    return day({end: one(arguments, name)}, end, problems)


@dataclass(frozen=True, slots=True)
class Point:
    """A figure that was found. `day` is the last of its period, else that of publication: a series is ordered by it."""

    version: int
    number: int
    report: int
    value: float
    value_max: float | None
    meaning: str
    unit: str
    period_start: str | None
    period_stop: str | None

    @property
    def day(self) -> str:
        if self.period_stop:
            return self.period_stop
        written = str(self.report // DAY)
        return f"{written[:4]}-{written[4:6]}-{written[6:]}"


@dataclass(frozen=True, slots=True)
class Found:
    """The figures of a search, in its order. `cut`: of which alone were looked at, where there are too many: newest
    (back to the report `looked_back_to`), largest, or last (by the days that they are about); empty where all were."""

    points: list[Point] = field(default_factory=list)
    cut: str = ""
    looked_back_to: int = 0


@dataclass(frozen=True, slots=True)
class _Way:
    """An index that leads to the figures wanted: its condition, and what its entries are ordered by below that."""

    index: str
    condition: str
    by: str = "report"


def find(connection: sqlite3.Connection, wanted: Wanted, before: int = LAST) -> Found:
    """The figures wanted, of what was looked at; `before`: only of reports before this one."""
    noun, source = wanted.noun_key, wanted.source
    if wanted.series:
        noun, source = _of_series(connection, wanted.series)
    values = _values(wanted) | {"noun_key": noun, "source": source}
    values["before"] = min(before, values["before"])
    ways = _ways(wanted, noun, source)
    way, size = _narrowest(connection, ways, values)
    if size <= CAP:
        found = _read(connection, wanted, way, values)
    elif not wanted.first and not wanted.last:
        found = _read(connection, wanted, _capped(ways, wanted.sort), values, is_cut=True)
    else:
        found = _of_days(connection, wanted, ways, values)
    found.points.sort(key=_KEYS[wanted.sort])
    return found


def _of_days(connection: sqlite3.Connection, wanted: Wanted, ways: list[_Way], values: dict[str, Any]) -> Found:
    """The figures about some days, where nothing else that is wanted leads to few: of a noun those whose printed period
    ends then and those without one that were published then; without a noun, what was published then or in the year
    that followed."""
    since = max(values["since"], first_id(wanted.first) if wanted.first else 0)
    if not values["noun_key"]:
        before = first_id(wanted.last + timedelta(_YEAR)) if wanted.last else LAST
        values = values | {"since": since, "before": min(values["before"], before)}
        way, size = _narrowest(connection, ways, values)
        return _read(connection, wanted, way if size <= CAP else _capped(ways, "newest"), values, is_cut=size > CAP)
    printed = _Way("figures_periods", f"{_PRINTED} and noun_key <> '' and noun_key = :noun_key", "period_stop")
    too_many = _counted(connection, printed, values) > CAP
    found = _read(connection, wanted, printed, values, is_cut=too_many)
    before = first_id(wanted.last + timedelta(1)) if wanted.last else LAST
    values = values | {"since": since, "before": min(values["before"], before)}
    way, size = _narrowest(connection, ways, values)
    others = _read(connection, wanted, way if size <= CAP else _capped(ways, "newest"), values, is_cut=size > CAP)
    points = [*found.points, *(point for point in others.points if not point.period_stop)]
    return Found(points, found.cut or others.cut, others.looked_back_to)


_YEAR = 366


def _narrowest(connection: sqlite3.Connection, ways: list[_Way], values: Mapping[str, Any]) -> tuple[_Way, int]:
    """The way with the fewest entries, and how many these are, up to one more than CAP."""
    counted = {way: _counted(connection, way, values) for way in ways}
    way = min(ways, key=lambda way: counted[way])
    return way, counted[way]


def _read(
    connection: sqlite3.Connection, wanted: Wanted, way: _Way, values: Mapping[str, Any], is_cut: bool = False
) -> Found:
    """The figures that a way leads to, in no order; if `is_cut`, of its first CAP entries alone."""
    tables, condition = f"figures indexed by {way.index}", way.condition
    horizon = 0
    if is_cut:
        horizon = _horizon(connection, way, values) if way.by == "report" else 0
        tables = f"""(select version as led_version, number as led_number from figures indexed by {way.index}
            where {way.condition} order by figures.{way.by} desc limit {_FEWER if way.by == "value" else CAP})
            cross join figures on figures.version = led_version and figures.number = led_number"""
        condition = f"figures.report > {horizon}"
    if wanted.outlet or wanted.language:
        tables += " cross join reports on reports.id = figures.report"
    points = [
        Point(*row)
        for row in connection.execute(
            f"""select figures.version, figures.number, figures.report, value, value_max, meaning, unit, period_start,
                period_stop
            from {tables} where {condition}{_residual(wanted)}""",
            values,
        )
    ]
    return Found(points, _CUTS[way.by] if is_cut else "", horizon)


_CUTS = {"report": "newest", "value": "largest", "period_stop": "last"}


def _capped(ways: list[_Way], sort: str) -> _Way:
    """The way of which the first entries are looked at where each has more than CAP."""
    first = next(way for way in ways if way.by != "period_start")
    return first if sort == "value" and first.by == "value" else next(way for way in ways if way.by == "report")


def _of_series(connection: sqlite3.Connection, series: str) -> tuple[str, str]:
    """The noun's key and the source of a series, by which more indexes lead to it."""
    row = connection.execute(
        """select noun_key, stated_by from figures indexed by figures_series
        where latest and series <> '' and series = ? limit 1""",
        [series],
    ).fetchone()
    return (row[0], row[1]) if row else ("", "")


_KEYS: dict[str, Any] = {
    "newest": lambda point: (-point.report, point.number),
    "value": lambda point: (-(point.value_max or point.value), -point.report, point.number),
    "period": lambda point: (_backwards(point.day), -point.report, point.number),
}


def _backwards(day: str) -> int:
    return -int(day.replace("-", ""))


_ALL = "figures.latest and figures.report >= :since and figures.report < :before"
_PRINTED = f"{_ALL} and period_stop is not null and period_stop between :first and :last"


def _ways(wanted: Wanted, noun: str, source: str) -> list[_Way]:
    """Every index that leads to the figures wanted, the likely narrower ones first."""
    ways = []
    if wanted.series:
        ways.append(_Way("figures_series", f"{_ALL} and series <> '' and series = :series", "period_start"))
    if noun:
        condition = f"{_ALL} and noun_key <> '' and noun_key = :noun_key"
        if wanted.act:
            ways.append(_Way("figures_nouns", f"{condition} and act = :act", "value"))
        ways.append(_Way("figures_nouns_newest", condition))
    elif wanted.noun:
        ways.append(_Way("figures_printed", f"{_ALL} and noun_key = '' and noun <> '' and noun = :noun"))
    if source:
        ways.append(_Way("figures_sources", f"{_ALL} and stated_by = :source"))
    if wanted.act:
        ways.append(_Way("figures_acts", f"{_ALL} and act <> '' and act = :act"))
    if wanted.least is not None or wanted.most is not None or wanted.sort == "value":
        condition = _ALL
        condition += " and value >= :least" if wanted.least is not None else ""
        condition += " and value <= :most" if wanted.most is not None else ""
        ways.append(_Way("figures_values", condition, "value"))
    return [*ways, _Way("figures_report", _ALL)]


_PUBLISHED = (
    "(substr(figures.report, 1, 4) || '-' || substr(figures.report, 5, 2) || '-' || substr(figures.report, 7, 2))"
)


def _residual(wanted: Wanted) -> str:
    """All that is wanted, whatever index leads."""
    conditions = {
        "noun_key = :wanted_noun": wanted.noun_key,
        "noun_key = '' and noun = :noun": wanted.noun and not wanted.noun_key,
        "act = :act": wanted.act,
        "unit = :unit": wanted.unit,
        "stated_by = :wanted_source": wanted.source,
        "series = :series": wanted.series,
        "value >= :least": wanted.least is not None,
        "value <= :most": wanted.most is not None,
        "reports.outlet = :outlet": wanted.outlet,
        "reports.language = :language": wanted.language,
        f"coalesce(period_stop, {_PUBLISHED}) between :first and :last": wanted.first or wanted.last,
    }
    return "".join(f" and {sql}" for sql, is_given in conditions.items() if is_given)


def _values(wanted: Wanted) -> dict[str, Any]:
    return {
        "noun": wanted.noun,
        "wanted_noun": wanted.noun_key,
        "wanted_source": wanted.source,
        "act": wanted.act,
        "unit": wanted.unit,
        "outlet": wanted.outlet,
        "language": wanted.language,
        "series": wanted.series,
        "least": wanted.least,
        "most": wanted.most,
        "since": first_id(wanted.since) if wanted.since else 0,
        "before": first_id(wanted.until + timedelta(1)) if wanted.until else LAST,
        "first": wanted.first.isoformat() if wanted.first else "",
        "last": wanted.last.isoformat() if wanted.last else "9999",
    }


def _counted(connection: sqlite3.Connection, way: _Way, values: Mapping[str, Any]) -> int:
    """How many entries an index holds of what is wanted, up to one more than CAP."""
    row = connection.execute(
        f"select count(*) from (select 1 from figures indexed by {way.index} where {way.condition} limit {CAP + 1})",
        values,
    ).fetchone()
    return int(row[0])


def _horizon(connection: sqlite3.Connection, way: _Way, values: Mapping[str, Any]) -> int:
    """The report of the entry behind the first CAP."""
    row = connection.execute(
        f"""select figures.report from figures indexed by {way.index} where {way.condition}
        order by figures.report desc limit 1 offset {CAP}""",
        values,
    ).fetchone()
    return int(row[0])


# Pages


def page_of(found: Found, wanted: Wanted, after: str, size: int) -> tuple[list[Point], str]:
    """The points behind `after`, and where the page ends ("" where nothing follows)."""
    points = found.points
    if after:
        key = _key_in(after, wanted)
        points = [point for point in points if _KEYS[wanted.sort](point) > key]
    page = points[:size]
    return page, key_of(page[-1], wanted) if len(points) > size else ""


def key_of(point: Point, wanted: Wanted) -> str:
    """Where a page ends, for `after`."""
    led = {"newest": "0", "value": repr(point.value_max or point.value), "period": point.day}[wanted.sort]
    return f"{led}~{point.report}~{point.number}"


def _key_in(after: str, wanted: Wanted) -> tuple[Any, ...]:
    written = _AFTER.fullmatch(after)
    try:
        if written is None:
            raise ValueError(after)
        report, number = -int(written[2]), int(written[3])
        if wanted.sort == "newest":
            return report, number
        return (-float(written[1]) if wanted.sort == "value" else _backwards(written[1])), report, number
    except ValueError as error:
        raise BadRequest(f"“{after[:60]}” is not where a page ends. Begin at the first page.") from error


# Rows


COLUMNS = """figures.version, figures.number, figures.report, figures.place, start, stop, text, value, value_max,
    modifier, meaning, unit, measure, noun, noun_key, act, act_text, period, period_start, period_stop, stated_by,
    series, sentence_start, sentence_stop, reports.outlet, reports.title, reports.language, reports.published_at,
    reports.published_precision, reports.state, outlets.title_en as outlet_title, outlets.kind"""
# Cut in SQL, so that no body is carried out of the database for one sentence.
_SENTENCE = "substr(case figures.place when 'title' then versions.title else versions.body end, sentence_start + 1, {})"
LONGEST = 600  # characters of a sentence that are shown


def briefly(connection: sqlite3.Connection, points: list[Point]) -> list[dict[str, Any]]:
    """What a chart says of each figure, without its text: noun, act, stated_by, title and language of the report."""
    return [
        rows(
            connection,
            """select noun, noun_key, act, stated_by, title, language, outlet
            from figures join reports on reports.id = figures.report where version = ? and number = ?""",
            [point.version, point.number],
        )[0]
        for point in points
    ]


def rows_of(connection: sqlite3.Connection, points: list[Point]) -> list[dict[str, Any]]:
    """All of each figure for a page, with its report and `sentence`: (before the figure, the figure, behind it)."""
    found = []
    for point in points:
        for row in rows(
            connection,
            f"""select {COLUMNS},
                {_SENTENCE.format(f"min(sentence_stop - sentence_start, {LONGEST})")} as words
            from figures join versions on versions.id = figures.version join reports on reports.id = figures.report
            join outlets on outlets.id = reports.outlet where figures.version = ? and figures.number = ?""",
            [point.version, point.number],
        ):
            found.append(row | {"sentence": parts(row.pop("words"), row)})
    return found


def parts(words: str, row: Mapping[str, Any]) -> tuple[str, str, str]:
    """A sentence around its figure; three empty parts where the words are not there (any more, or in this edition)."""
    start, stop = row["start"] - row["sentence_start"], row["stop"] - row["sentence_start"]
    if not row["text"] or words[start:stop] != row["text"]:
        return "", "", ""
    return words[:start], words[start:stop], words[stop:]
