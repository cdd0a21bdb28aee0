"""/takedowns: reports that no longer stood where they were published, what showed it, and those that came back."""

from __future__ import annotations

import sqlite3
from typing import Any

from archive.states import CONFIRM_AFTER, history
from archive.times import parse
from publish.pages.edits import key_in, key_of, outlets
from publish.room import BadRequest, read, rows, show

PAGE = 30
SHOWN = {"missing": ("suspected", "gone"), "suspected": ("suspected",), "gone": ("gone",), "restored": ("restored",)}
_LOOKED_THROUGH = 100  # reports: some milliseconds
_COUNTS = "select state, count(*) from reports indexed by reports_missing where state <> 'live' group by state"


async def view(datasette: Any, request: Any) -> Any:
    outlet, after = request.args.get("outlet") or "", request.args.get("after") or ""
    shown = request.args.get("state") or "missing"
    if shown not in SHOWN:
        raise BadRequest(f"“{shown[:60]}” is no state to choose. Known: {', '.join(SHOWN)}.")

    def found(connection: sqlite3.Connection) -> dict[str, Any]:
        reports = latest_missing(connection, PAGE + 1, outlet, SHOWN[shown], after)
        return {
            "reports": reports[:PAGE],
            "next": key_of(reports[PAGE - 1]["last_checked"], reports[PAGE - 1]["id"]) if len(reports) > PAGE else "",
            "counts": dict(connection.execute(_COUNTS).fetchall()),
            "outlets": outlets(connection),
        }

    hours = round(CONFIRM_AFTER.total_seconds() / 3600)
    return await show(
        datasette, request, "takedowns", outlet=outlet, after=after, shown=shown, hours=hours,
        **await read(datasette, found),
    )  # fmt: skip


def latest_missing(
    connection: sqlite3.Connection,
    limit: int,
    outlet: str = "",
    states: tuple[str, ...] = SHOWN["missing"],
    after: str = "",
) -> list[dict[str, Any]]:
    """Reports in one of the states, the last looked at first, each with its columns for room.line() and `turns`: when
    its state changed, to what, and the capture that showed it. Raises BadRequest for an `after` that is none."""
    checked, report = key_in(after)
    found = rows(
        connection,
        f"""select reports.id, title, language, outlet, title_en as outlet_title, kind, state, versions, published_at,
            published_precision, last_checked, reports.capture as last_good
        from reports indexed by reports_missing join outlets on outlets.id = outlet
        where state <> 'live' and state in ({", ".join("?" * len(states))}) and ? in ('', outlet)
            and (last_checked, reports.id) < (?, ?)
        order by last_checked desc, reports.id desc limit ?""",
        [*states, outlet, checked, report, limit],
    )
    for each in found:
        each["turns"] = turns(connection, each["id"])
    return found


def newest_missing(connection: sqlite3.Connection, limit: int) -> list[dict[str, Any]]:
    """The reports that went last, of the _LOOKED_THROUGH that were last looked at: old ones are looked at again too."""
    looked_at = latest_missing(connection, _LOOKED_THROUGH)
    looked_at.sort(key=lambda report: report["turns"][0]["at"] if report["turns"] else "", reverse=True)
    return looked_at[:limit]


def number_missing(connection: sqlite3.Connection, outlet: str = "") -> int:
    """How many reports (of an outlet) were not found at the last look."""
    row = connection.execute(
        """select count(*) from reports indexed by reports_missing
        where state <> 'live' and state <> 'restored' and ? in ('', outlet)""",
        [outlet],
    ).fetchone()
    return int(row[0])


def turns(connection: sqlite3.Connection, report: int) -> list[dict[str, Any]]:
    """How a report's state changed, newest first: at, state, the capture, and `how` it looked."""
    captures = {
        row["id"]: row
        for row in rows(
            connection, "select id, at, outcome, status, redirect_to, reason from captures where report = ?", [report]
        )
    }
    looks = ((parse(row["at"]), row["outcome"], row["id"]) for row in captures.values())
    return [
        {
            "at": captures[turn.capture]["at"],
            "state": turn.state,
            "capture": turn.capture,
            "how": how(captures[turn.capture]),
        }
        for turn in reversed(history(looks))
    ]


def how(capture: dict[str, Any]) -> str:
    """What a look showed, in words."""
    status = capture["status"]
    if capture["outcome"] in ("report", "unchanged"):
        return "the report was there"
    if status == 404:
        return "the server answered 404, not found"
    if status == 410:
        return "the server answered 410, gone for good"
    if capture["redirect_to"]:
        return f"the address led to {capture['redirect_to']}"
    if status == 200:
        return "the server showed another page in its place"
    return str(capture["reason"] or f"the server answered {status}")
