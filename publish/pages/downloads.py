"""/search.json, /search.csv and /search.xlsx: what the search page shows, for other programs."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from datasette.utils.asgi import AsgiStream, Response  # type: ignore[import-untyped]

from archive import finding
from archive.finding import Found, Hit, Overview, Search
from archive.times import from_capture_id, iso
from publish import exports, formats
from publish.asked import CHOICES, Asked, address, asked
from publish.exports import MOST
from publish.pages.search import total_in_words
from publish.revalidation import revalidated
from publish.room import read

PER_PAGE = 100  # hits of a page of JSON
_AT_ONCE = 250  # hits of a table that are read together: well within the time limit
_JSON = "application/json; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Table:
    """What a table's answer needs beside its rows."""

    asked: Asked
    overview: Overview
    first: Found
    headers: dict[str, str]


async def as_json(datasette: Any, request: Any) -> Any:
    """A page of hits; `next` leads to the next one. 400 for an `after` that is none."""
    wanted = asked(request.args)

    def look(connection: sqlite3.Connection) -> tuple[datetime | None, Found, Overview, list[str]]:
        return (
            _changed(connection),
            finding.find(connection, wanted.search, PER_PAGE, wanted.after),
            finding.overview(connection, wanted.search),
            finding.problems(connection, wanted.search),
        )

    try:
        changed, found, overview, problems = await read(datasette, look)
    except ValueError as error:
        return Response(_written({"error": str(error)}), status=400, content_type=_JSON)
    path = datasette.urls.path
    answer = {
        "query": exports.query_of(wanted.search),
        "page": path(address(wanted.search)),
        "problems": [*wanted.problems, *problems],
        "total": overview.total,
        "exact": overview.exact,
        "hits": [exports.hit_of(hit, path(f"/reports/{hit.id}")) for hit in found.hits],
        "next": path(address(wanted.search, "/search.json", after=found.next)) if found.next else None,
    }
    return revalidated(request, _written(answer), _JSON, changed)


def _written(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer, ensure_ascii=False, indent=1).encode()


def _changed(connection: sqlite3.Connection) -> datetime | None:
    """When the archive last changed: at its newest capture."""
    (newest,) = connection.execute("select max(id) from captures").fetchone()
    return from_capture_id(newest) if newest else None


async def as_csv(datasette: Any, request: Any) -> Any:
    """The first MOST hits, sent while they are read."""
    table = await _table(datasette, request, "csv")

    async def send(writer: Any) -> None:
        await writer.write(exports.csv_header())
        if request.method == "HEAD":
            return
        async for hits in _pages(datasette, table):
            await writer.write(exports.csv_lines(_rows(datasette, request, hits)))

    return AsgiStream(send, headers=table.headers, content_type="text/csv; charset=utf-8")


async def as_xlsx(datasette: Any, request: Any) -> Any:
    """The first MOST hits as a workbook."""
    table = await _table(datasette, request, "xlsx")
    if request.method == "HEAD":
        return Response(b"", headers=table.headers, content_type=_XLSX)
    rows: list[list[str | int]] = []
    async for hits in _pages(datasette, table):
        rows += _rows(datasette, request, hits)
    about = _about(datasette, request, table)
    content = await asyncio.get_running_loop().run_in_executor(None, exports.xlsx, rows, about)
    return Response(content, headers=table.headers, content_type=_XLSX)


async def _table(datasette: Any, request: Any, ending: str) -> Table:
    wanted = asked(request.args)

    def look(connection: sqlite3.Connection) -> tuple[Overview, Found]:
        return finding.overview(connection, wanted.search), finding.find(connection, wanted.search, _AT_ONCE)

    overview, first = await read(datasette, look)
    is_cut = exports.is_cut(overview)
    part = f" first {MOST}" if is_cut else ""
    name = f"Dateline {wanted.search.words}"[:60].strip() + f" {datetime.now(UTC):%Y-%m-%d}{part}.{ending}"
    headers = {
        "Content-Disposition": f"attachment; filename=\"dateline.{ending}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "no-cache",
    }
    if is_cut:
        headers["X-Dateline-Truncated"] = str(MOST)
    return Table(wanted, overview, first, headers)


async def _pages(datasette: Any, table: Table) -> AsyncIterator[list[Hit]]:
    """The hits, up to MOST, a few at a time: one page follows the last one's key, so that a crawl may write between."""
    found, sent = table.first, 0
    while found.hits:
        yield found.hits[: MOST - sent]
        sent += len(found.hits)
        if not found.next or sent >= MOST:
            return
        after = found.next
        found = await read(
            datasette,
            lambda connection, after=after: finding.find(connection, table.asked.search, _AT_ONCE, after),  # type: ignore[misc]
        )


def _rows(datasette: Any, request: Any, hits: list[Hit]) -> list[list[str | int]]:
    return [exports.row_of(hit, _absolute(datasette, request, f"/reports/{hit.id}")) for hit in hits]


def _absolute(datasette: Any, request: Any, path: str) -> str:
    return str(datasette.absolute_url(request, datasette.urls.path(path)))


def _about(datasette: Any, request: Any, table: Table) -> exports.About:
    search = table.asked.search
    return exports.About(
        words=_in_words(search),
        address=_absolute(datasette, request, address(search)),
        asked_at=formats.utc(iso(datetime.now(UTC))),
        total=total_in_words(table.overview),
        is_cut=exports.is_cut(table.overview),
        source=f"Dateline, an archive of record: {_absolute(datasette, request, '/')}",
    )


def _in_words(search: Search) -> list[tuple[str, str]]:
    said = [("Words", search.words or "(every report)")]
    said += [(name.capitalize(), getattr(search, name)) for name in CHOICES if getattr(search, name)]
    said += [
        (name.capitalize(), f"{getattr(search, name):%Y-%m-%d}") for name in ("since", "until") if getattr(search, name)
    ]
    if search.removed:
        said.append(("Looked for in", "text that edits took out"))
    said.append(("Order", search.order))
    return said
