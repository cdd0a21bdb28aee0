"""/citations: which story rests on which report, by what evidence, and what was cited and not found; /citations/queue:
the same gaps by outlet and month, as a backfill would need them. Both as JSON and CSV, the first as a workbook too."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from functools import partial
from typing import Any

from publish import citation_search, formats, keys, linked
from publish.asked import one
from publish.citation_search import STATES, UNNAMED, Found, Gap, Wanted
from publish.figure_search import CAP, LAST
from publish.pages.edits import outlets
from publish.pages.figures import look_back_from
from publish.room import read, rows, show

PAGE = 30
_PAGE_OF_JSON = 100
_AT_ONCE = 500  # rows of a table that are read in one go
_COLUMNS = (
    "report", "outlet", "published", "title", "language", "words", "cited_outlet", "cited", "cited_title",
    "cited_published", "tier", "score", "lag_minutes", "evidence", "reason", "target", "from_day", "to_day", "sentence",
)  # fmt: skip
_QUEUE = ("outlet", "month", "citations", *keys.REASONS, "from_day", "to_day", "held")


async def view(datasette: Any, request: Any) -> Any:
    wanted, after, back = Wanted.of(request.args), one(request.args, "after"), look_back_from(request.args)

    def look(connection: sqlite3.Connection) -> dict[str, Any]:
        at, known = linked.standing(connection), outlets(connection)
        if not at.has_tables:
            return {"standing": at, "found": Found([]), "rows": [], "next": "", "outlets": known, "cited": []}
        found = citation_search.find(connection, wanted, back)
        page, following = citation_search.page_of(found, after, PAGE)
        return {
            "standing": at,
            "found": found,
            "rows": citation_search.rows_of(connection, page),
            "next": following,
            "outlets": known,
            "cited": citation_search.cited_outlets(connection),
            "about": _about(connection, wanted.report),
        }

    def url(path: str = "/citations", **changes: str) -> str:
        kept = {"back": str(back)} if back < LAST and "after" in changes else {}
        return str(datasette.urls.path(wanted.address(path, **(kept | changes))))

    told = await read(datasette, look)
    titles = {outlet["id"]: outlet["title"] for outlet in told["outlets"]}
    found = told["found"]
    states = [("", "All"), *STATES.items(), *((reason, reason.capitalize()) for reason in keys.REASONS)]
    return await show(
        datasette, request, "citations", wanted=wanted, after=after, back=back < LAST, url=url,
        title=partial(_title, titles=titles),
        choices=_choices(told["cited"], titles),
        tiers=keys.TIERS, reasons=keys.REASONS,
        states=[(state, name, url(state=state)) for state, name in states],
        following=url(after=told["next"]) if told["next"] else "",
        further=url(back=str(found.looked_back_to + 1)) if found.looked_back_to and not told["next"] else "",
        cut=_cut_in_words(found),
        exports=[("JSON", url("/citations.json")), ("CSV", url("/citations.csv")), ("Excel", url("/citations.xlsx"))],
        narrowed=any(wanted.parameters().values()), **told,
    )  # fmt: skip


def _about(connection: sqlite3.Connection, report: int | None) -> dict[str, Any] | None:
    """The report whose citations are asked for, for room.line()."""
    found = rows(
        connection,
        """select reports.id, title, language, outlet, title_en as outlet_title, kind, state, versions, published_at,
            published_precision
        from reports join outlets on outlets.id = outlet where reports.id = ?""",
        [report],
    )
    return found[0] if found else None


def _choices(cited: list[str], titles: Mapping[str, str]) -> list[tuple[str, str]]:
    """Every outlet that is cited, as an address writes it and by its title."""
    choices = ((key or UNNAMED, keys.outlet_title(key, titles)) for key in cited)
    return sorted(choices, key=lambda choice: choice[1].lower())


def _title(key: str, titles: Mapping[str, str]) -> str:
    return keys.outlet_title(key, titles)


def _cut_in_words(found: Found) -> str:
    if not found.looked_back_to:
        return ""
    day = formats.day(found.looked_back_to // 100_000_000)
    return f"There are too many to look at all: these are of the newest {CAP:,}, back to {day}."


async def queue(datasette: Any, request: Any) -> Any:
    """/citations/queue"""
    outlet = one(request.args, "outlet")[:100]
    at, gaps, known, cited = await read(datasette, partial(_queue, outlet=outlet))
    titles = {each["id"]: each["title"] for each in known}
    return await show(
        datasette, request, "citation_queue", standing=at, gaps=gaps, outlet=outlet, titles=titles,
        title=partial(_title, titles=titles), unnamed=UNNAMED, reasons=keys.REASONS,
        months=citation_search.MONTHS, most=citation_search.MOST_OF_ONE,
        choices=_choices(cited, titles),
        exports=[
            (label, str(datasette.urls.path(Wanted(outlet=outlet).address(f"/citations/queue.{name}"))))
            for name, label in (("json", "JSON"), ("csv", "CSV"))
        ],
    )  # fmt: skip


def _queue(
    connection: sqlite3.Connection, outlet: str
) -> tuple[linked.Standing, list[Gap], list[dict[str, Any]], list[str]]:
    at, known = linked.standing(connection), outlets(connection)
    if not at.has_tables:
        return at, [], known, []
    return at, citation_search.queue(connection, outlet), known, citation_search.cited_outlets(connection)


async def queue_as_json(datasette: Any, request: Any) -> Any:
    _, gaps, *_ = await read(datasette, partial(_queue, outlet=one(request.args, "outlet")[:100]))
    return linked.as_json({"queue": [dict(zip(_QUEUE, _of_gap(gap), strict=True)) for gap in gaps]})


async def queue_as_csv(datasette: Any, request: Any) -> Any:
    _, gaps, *_ = await read(datasette, partial(_queue, outlet=one(request.args, "outlet")[:100]))
    return linked.as_csv("citations-queue", _QUEUE, [_of_gap(gap) for gap in gaps])


def _of_gap(gap: Gap) -> list[Any]:
    reasons = [gap.reasons.get(reason, 0) for reason in keys.REASONS]
    return [gap.outlet, gap.month, gap.citations, *reasons, gap.first, gap.last, gap.held]


# For other programs


async def as_json(datasette: Any, request: Any) -> Any:
    """/citations.json: a page of citations; `next` leads to the next one."""
    wanted, after, back = Wanted.of(request.args), one(request.args, "after"), look_back_from(request.args)

    def look(connection: sqlite3.Connection) -> tuple[Found, list[dict[str, Any]], str]:
        if not linked.standing(connection).has_tables:
            return Found([]), [], ""
        found = citation_search.find(connection, wanted, back)
        page, following = citation_search.page_of(found, after, _PAGE_OF_JSON)
        return found, citation_search.rows_of(connection, page), following

    found, page, following = await read(datasette, look)
    kept = {"back": str(back)} if back < LAST else {}
    path = datasette.urls.path
    return linked.as_json(
        {
            "query": {name: value for name, value in wanted.parameters().items() if value},
            "page": path(wanted.address()),
            "problems": list(wanted.problems),
            "total": len(found.places),
            "complete": not found.looked_back_to,
            "citations": [dict(zip(_COLUMNS, _of_row(row), strict=True)) for row in page],
            "next": path(wanted.address("/citations.json", after=following, **kept)) if following else None,
        }
    )


async def as_csv(datasette: Any, request: Any) -> Any:
    return linked.as_csv("citations", _COLUMNS, await _table(datasette, request))


async def as_xlsx(datasette: Any, request: Any) -> Any:
    wanted = Wanted.of(request.args)
    about = [("Citations", "stories that name an outlet as their source")]
    about += [(name, value) for name, value in wanted.parameters().items() if value]
    about.append(("The same list", str(datasette.absolute_url(request, datasette.urls.path(wanted.address())))))
    return await linked.as_xlsx("citations", _COLUMNS, await _table(datasette, request), about)


async def _table(datasette: Any, request: Any) -> list[list[Any]]:
    wanted, back = Wanted.of(request.args), look_back_from(request.args)

    def places(connection: sqlite3.Connection) -> list[tuple[int, int, int]]:
        if not linked.standing(connection).has_tables:
            return []
        return citation_search.find(connection, wanted, back).places

    found = await read(datasette, places)
    table: list[list[Any]] = []
    for first in range(0, len(found), _AT_ONCE):  # a few at a time, within the time limit
        part = found[first : first + _AT_ONCE]
        table += [_flat(row) for row in await read(datasette, partial(citation_search.rows_of, places=part))]
    return table


def _of_row(row: Mapping[str, Any]) -> list[Any]:
    return [
        row["report"], row["outlet"], row["published_at"], row["title"], row["language"], row["words"],
        row["cited_outlet"], row["cited"], row["cited_title"], row["cited_published_at"], row["tier"], row["score"],
        row["lag"].minutes if row["lag"] and row["lag"].is_known else None, row["evidence"], row["reason"],
        row["target"], row["from_day"], row["to_day"], "".join(row["said"]),
    ]  # fmt: skip


def _flat(row: Mapping[str, Any]) -> list[Any]:
    """The same with the evidence in words."""
    values = _of_row(row)
    values[_COLUMNS.index("evidence")] = "; ".join(row["because"])
    return values
