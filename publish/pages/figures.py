"""/figures: what the reports count and measure, found by noun, act, value, source and period, with a chart over time;
/figures.json, /figures.csv and /figures.xlsx give the same."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from publish import acts, figure_search, formats, keys, linked, scatter
from publish.asked import one
from publish.figure_search import CAP, LAST, ORDERS, Found, Point, Wanted
from publish.linked import Standing
from publish.pages.edits import languages, outlets
from publish.relations import CONTRADICTIONS
from publish.room import BadRequest, read, rows, show
from publish.statements import in_full

PAGE = 30
_PAGE_OF_JSON = 100
_AT_ONCE = 500  # rows of a table that are read in one go
MOST_ROWS = 10_000
_TABLE = {
    "report": "report", "published": "published_at", "outlet": "outlet", "language": "language", "title": "title",
    "value": "value", "value_max": "value_max", "meaning": "meaning", "modifier": "modifier", "unit": "unit",
    "text": "text", "noun": "noun", "noun_key": "noun_key", "act": "act", "period": "period",
    "period_start": "period_start", "period_stop": "period_stop", "stated_by": "stated_by", "series": "series",
    "place": "place", "start": "start", "stop": "stop", "sentence": "words",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Looked:
    """What the page shows of the archive."""

    standing: Standing
    found: Found
    rows: list[dict[str, Any]]
    next: str
    contradictions: dict[tuple[int, int], list[dict[str, Any]]]
    charted: list[tuple[Point, dict[str, Any]]]
    unit: str
    outlets: list[dict[str, Any]]
    languages: list[str]
    sources: list[tuple[str, str]]


async def view(datasette: Any, request: Any) -> Any:
    wanted, after, back = Wanted.of(request.args), one(request.args, "after"), look_back_from(request.args)
    looked = await read(datasette, lambda connection: look(connection, wanted, after, back))
    titles = {outlet["id"]: outlet["title"] for outlet in looked.outlets}

    def url(path: str = "/figures", **changes: str) -> str:
        kept = {"back": str(back)} if back < LAST and "after" in changes else {}
        return str(datasette.urls.path(wanted.address(path, **(kept | changes))))

    def of_source(key: str) -> str:
        return keys.source_title(key, titles)

    found = looked.found
    marks = [_mark(datasette, point, row, of_source, looked) for point, row in looked.charted]
    line = [mark for point, mark in _line(looked.charted, marks)] if wanted.series else []
    return await show(
        datasette,
        request,
        "figure_search",
        wanted=wanted,
        standing=looked.standing,
        found=found,
        rows=looked.rows,
        contradictions=looked.contradictions,
        after=after,
        back=back < LAST,
        url=url,
        source_title=of_source,
        outlets=looked.outlets,
        languages=looked.languages,
        sources=looked.sources,
        acts=acts.choices(),
        done=acts.done,
        against_in_words=_against_in_words,
        orders=[(name, words, url(sort=name)) for name, words in ORDERS.items() if name != "period" or wanted.series],
        cut=_cut_in_words(found),
        following=url(after=looked.next) if looked.next else "",
        further=url(back=str(found.looked_back_to + 1)) if found.looked_back_to and not looked.next else "",
        chart=scatter.scatter(_label(marks, looked), marks, line),
        table=list(zip(looked.charted, marks, strict=True)),
        unit=looked.unit,
        left_out=len(found.points) - len(marks),
        series_in_words=_series_in_words(looked, of_source) if wanted.series else "",
        stated=in_full,
        plain=keys.plain,
        title_of=keys.title_of,
        exports=[(label, url(f"/figures.{name}")) for name, label in _EXPORTS.items()],
        narrowed=any(wanted.parameters().values()),
        more_is_open=any(wanted.parameters()[name] for name in _MORE),
    )


# Fields that stand folded until one of them is used.
_MORE = ("unit", "outlet", "language", "about_from", "about_to", "since", "until")
_EXPORTS = {"json": "JSON", "csv": "CSV", "xlsx": "Excel"}


def look(connection: sqlite3.Connection, wanted: Wanted, after: str, back: int) -> Looked:
    """Raises BadRequest for an `after` that is none."""
    at = linked.standing(connection)
    known = outlets(connection)
    if not at.has_tables:
        return Looked(at, Found(), [], "", {}, [], "", known, [], [])
    found = figure_search.find(connection, wanted, back)
    page, following = figure_search.page_of(found, wanted, after, PAGE)
    shown = figure_search.rows_of(connection, page)
    # Figures of whatever there is cannot be compared.
    unit, charted = _charted(found.points) if wanted.noun or wanted.act or wanted.source or wanted.series else ("", [])
    of_chart = list(zip(charted, figure_search.briefly(connection, charted), strict=True))
    return Looked(
        at,
        found,
        shown,
        following,
        contradictions(connection, {point.report for point in (*page, *charted)}),
        of_chart,
        unit,
        known,
        languages(connection),
        _sources(connection, wanted, known),
    )


def _charted(points: Sequence[Point]) -> tuple[str, list[Point]]:
    """The points that one chart can compare: those of the commonest unit, as many as can be told apart."""
    units = Counter(point.unit for point in points)
    if not units:
        return "", []
    unit = max(units, key=lambda unit: (units[unit], unit == "", unit))
    return unit, [point for point in points if point.unit == unit][: scatter.MOST]


def contradictions(connection: sqlite3.Connection, reports: set[int]) -> dict[tuple[int, int], list[dict[str, Any]]]:
    """(version, number of a figure) → what speaks against it: kind, explanation, the other report, and whether this is
    the later or repeating figure of the two."""
    marks = ", ".join("?" * len(reports))
    found: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for row in rows(
        connection,
        f"""select * from contradictions where report in ({marks})
        union select * from contradictions where other_report in ({marks})""",
        [*reports, *reports],
    ):
        said = {"kind": row["kind"], "explanation": row["explanation"]}
        found.setdefault((row["version"], row["figure"]), []).append(
            said | {"other": row["other_report"], "is_later": True}
        )
        found.setdefault((row["other_version"], row["other_figure"]), []).append(
            said | {"other": row["report"], "is_later": False}
        )
    return found


def _sources(connection: sqlite3.Connection, wanted: Wanted, known: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Who states figures here and is known by name: (key, title), the outlets of the archive first."""
    titles = {outlet["id"]: outlet["title"] for outlet in known}
    candidates = [*titles, *(key for key in keys.known_sources() if key not in titles)]
    if wanted.source and wanted.source not in candidates:
        candidates.append(wanted.source)
    found = [
        key
        for key in candidates
        if key == wanted.source
        or connection.execute(
            "select 1 from figures indexed by figures_sources where latest and stated_by = ? limit 1", [key]
        ).fetchone()
    ]
    return sorted(((key, keys.source_title(key, titles)) for key in found), key=lambda each: each[1].lower())


def look_back_from(arguments: Mapping[str, Any]) -> int:
    """The report before which all is looked at. Raises BadRequest."""
    written = one(arguments, "back")
    if not written:
        return LAST
    if not (written.isascii() and written.isdigit() and len(written) <= 18):
        raise BadRequest(f"“{written[:60]}” is not where to look further back from. Begin at the first page.")
    return int(written)


def _cut_in_words(found: Found) -> str:
    """What was not looked at; empty where all was."""
    if found.cut == "newest":
        day = formats.day(found.looked_back_to // 100_000_000)
        return f"There are too many to look at all: these are of the newest {CAP:,}, back to {day}."
    if found.cut == "largest":
        return "There are too many to look at all: these are of the largest."
    if found.cut == "last":
        return f"There are too many to look at all: these are of the {CAP:,} whose period ends last."
    return ""


# The chart


def _mark(datasette: Any, point: Point, row: dict[str, Any], of_source: Any, looked: Looked) -> scatter.Mark:
    stop = _date(point.day)
    start = _date(point.period_start) if point.period_start else stop
    when = formats.day(stop) if start == stop else f"{formats.day(start)} to {formats.day(stop)}"
    what = ", ".join(part for part in (row["noun"], acts.done(row["act"])) if part)
    value = in_full(point.value, point.value_max, point.unit, point.meaning)
    against = looked.contradictions.get((point.version, point.number), [])
    words = f"{when}: {value} {what}; {of_source(row['stated_by'])}"
    words += "".join(f"; {_lower(_against_in_words(each))}: {each['explanation']}" for each in against)
    href = str(datasette.urls.path(f"/reports/{point.report}")) + f"#in-figure-{point.number}"
    return scatter.Mark(words, href, min(start, stop), stop, point.value, point.value_max, point.meaning, bool(against))


# What is said of the earlier figure, or of the one that others repeat.
_OF_THE_EARLIER = {
    "smaller total": "A later total is smaller",
    "changed number": "Repeated with another number",
    "dropped modifier": "Repeated without “at least”, “about” or “nearly”",
}


def _against_in_words(said: Mapping[str, Any]) -> str:
    kind = said["kind"]
    words = CONTRADICTIONS.get(kind, kind)
    return str(words if said["is_later"] else _OF_THE_EARLIER.get(kind, words))


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


def _date(day: str) -> date:
    """A day as it is written; the first that can be, for one that is none."""
    try:
        return date.fromisoformat(day[:10])
    except ValueError:
        return date.min


def _line(
    charted: Sequence[tuple[Point, dict[str, Any]]], marks: Sequence[scatter.Mark]
) -> list[tuple[Point, scatter.Mark]]:
    """What a series says of each year: the figure with the longest period, and of these the one published first."""
    best: dict[int, tuple[Point, scatter.Mark]] = {}
    for (point, _), mark in zip(charted, marks, strict=True):
        held = best.get(mark.last.year)
        if held is None or _weight(point, mark) < _weight(*held):
            best[mark.last.year] = (point, mark)
    return [best[year] for year in sorted(best)]


def _weight(point: Point, mark: scatter.Mark) -> tuple[int, int]:
    return (mark.first - mark.last).days, point.report


def _label(marks: Sequence[scatter.Mark], looked: Looked) -> str:
    if not marks:
        return ""
    first, last = min(mark.last for mark in marks), max(mark.last for mark in marks)
    least, most = min(mark.value for mark in marks), max(mark.value for mark in marks)
    days = f"{formats.day(first)} to {formats.day(last)}"
    return (
        f"{formats.plural(len(marks), 'figure')}, {days}, from {keys.plain(least)} to "
        f"{keys.amount(most, None, looked.unit)}; the table below has each."
    )


def _series_in_words(looked: Looked, of_source: Any) -> str:
    if not looked.charted:
        return ""
    point, row = looked.charted[0]
    what = ", ".join(part for part in (keys.title_of(row["noun_key"]), acts.done(row["act"]), point.unit) if part)
    return f"{of_source(row['stated_by'])}: {what}"


# For other programs


async def as_json(datasette: Any, request: Any) -> Any:
    """/figures.json: a page of figures; `next` leads to the next one."""
    wanted, after, back = Wanted.of(request.args), one(request.args, "after"), look_back_from(request.args)

    def found(connection: sqlite3.Connection) -> tuple[Found, list[dict[str, Any]], str]:
        if not linked.standing(connection).has_tables:
            return Found(), [], ""
        found = figure_search.find(connection, wanted, back)
        page, following = figure_search.page_of(found, wanted, after, _PAGE_OF_JSON)
        against = contradictions(connection, {point.report for point in page})
        told = figure_search.rows_of(connection, page)
        return found, [row | {"against": against.get((row["version"], row["number"]), [])} for row in told], following

    what, page, following = await read(datasette, found)
    kept = {"back": str(back)} if back < LAST else {}
    path = datasette.urls.path
    return linked.as_json(
        {
            "query": {name: value for name, value in wanted.parameters().items() if value} | {"sort": wanted.sort},
            "noun_key": wanted.noun_key or None,
            "page": path(wanted.address()),
            "problems": list(wanted.problems),
            "total": len(what.points),
            "complete": not what.cut,
            "figures": [_of_json(row, path(f"/reports/{row['report']}")) for row in page],
            "next": path(wanted.address("/figures.json", after=following, **kept)) if following else None,
        }
    )


def _of_json(row: Mapping[str, Any], page: str) -> dict[str, Any]:
    told = {name: _told(row, column) for name, column in _TABLE.items()}
    return told | {"number": row["number"], "contradictions": row["against"], "page": page}


def _told(row: Mapping[str, Any], column: str) -> Any:
    return "".join(row["sentence"]) if column == "words" else row[column]


async def as_csv(datasette: Any, request: Any) -> Any:
    """/figures.csv: all that was found, up to MOST_ROWS."""
    table = await _table(datasette, request)
    return linked.as_csv("figures", list(_TABLE), table)


async def as_xlsx(datasette: Any, request: Any) -> Any:
    """/figures.xlsx: the same as a workbook."""
    wanted = Wanted.of(request.args)
    table = await _table(datasette, request)
    about = [("Figures", "stated in the latest wordings of reports")]
    about += [(name, value) for name, value in wanted.parameters().items() if value]
    about.append(("The same search", str(datasette.absolute_url(request, datasette.urls.path(wanted.address())))))
    return await linked.as_xlsx("figures", list(_TABLE), table, about)


async def _table(datasette: Any, request: Any) -> list[list[Any]]:
    wanted, back = Wanted.of(request.args), look_back_from(request.args)

    def points(connection: sqlite3.Connection) -> list[Point]:
        if not linked.standing(connection).has_tables:
            return []
        return figure_search.find(connection, wanted, back).points[:MOST_ROWS]

    found = await read(datasette, points)
    table: list[list[Any]] = []
    for first in range(0, len(found), _AT_ONCE):  # a few at a time, within the time limit
        part = found[first : first + _AT_ONCE]
        read_rows = await read(datasette, lambda connection, part=part: figure_search.rows_of(connection, part))  # type: ignore[misc]
        table += [[_told(row, column) for column in _TABLE.values()] for row in read_rows]
    return table
