"""/edits: what was changed after publication, newest first."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

from publish.room import BadRequest, read, rows, show
from publish.wording import edit_in_a_line

PAGE = 30
_AFTER = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\.(\d{1,18})", re.ASCII)


async def view(datasette: Any, request: Any) -> Any:
    outlet, after = request.args.get("outlet") or "", request.args.get("after") or ""

    def found(connection: sqlite3.Connection) -> dict[str, Any]:
        edits = latest_edits(connection, PAGE + 1, outlet, after)
        return {
            "edits": edits[:PAGE],
            "next": key_of(edits[PAGE - 1]["seen_at"], edits[PAGE - 1]["version"]) if len(edits) > PAGE else "",
            "total": number_of_edits(connection),
            "outlets": outlets(connection),
        }

    return await show(datasette, request, "edits", outlet=outlet, after=after, **await read(datasette, found))


def latest_edits(connection: sqlite3.Connection, limit: int, outlet: str = "", after: str = "") -> list[dict[str, Any]]:
    """Versions that are no first ones, newest first, each with its report's columns for room.line(), the version
    before, and `runs`: what changed, in a line. Raises BadRequest for an `after` that is none of ours."""
    seen_at, version = key_in(after)
    found = rows(
        connection,
        """with page as materialized (
            select versions.id from versions indexed by versions_edits
            cross join reports on reports.id = versions.report
            where number > 1 and (seen_at, versions.id) < (:seen_at, :version) and (:outlet = '' or outlet = :outlet)
            order by seen_at desc, versions.id desc limit :limit)
        select reports.id, reports.title, reports.language, reports.outlet, outlets.title_en as outlet_title, kind,
            state, reports.versions, published_at, published_precision,
            latest.id as version, latest.number, latest.seen_at, latest.added, latest.removed,
            latest.title as new_title, latest.body as new_body, before.title as old_title, before.body as old_body
        from page join versions as latest on latest.id = page.id
        join versions as before on before.report = latest.report and before.number = latest.number - 1
        join reports on reports.id = latest.report join outlets on outlets.id = reports.outlet
        order by latest.seen_at desc, latest.id desc""",
        {"seen_at": seen_at, "version": version, "outlet": outlet, "limit": limit},
    )
    for edit in found:
        before, after_it = (edit.pop("old_title"), edit.pop("old_body")), (edit.pop("new_title"), edit.pop("new_body"))
        edit["is_new_title"] = before[0] != after_it[0]
        edit["runs"] = edit_in_a_line(before, after_it)
    return found


def number_of_edits(connection: sqlite3.Connection) -> int:
    row = connection.execute("select count(*) from versions indexed by versions_edits where number > 1").fetchone()
    return int(row[0])


def outlets(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every outlet: id, title, kind; state media first."""
    return rows(connection, "select id, title_en as title, kind from outlets order by kind = 'secondary', title_en")


def key_of(at: str, id: int) -> str:
    """Where a page ends, for `after`."""
    return f"{at}.{id}"


def key_in(after: str) -> tuple[str, int]:
    """The time and id that `after` holds, or those before which everything lies. Raises BadRequest."""
    if not after:
        return "9999", 0
    written = _AFTER.fullmatch(after)
    if written is None:
        raise BadRequest(f"“{after[:60]}” is not where a page ends. Begin at the first page.")
    return written[1], int(written[2])
