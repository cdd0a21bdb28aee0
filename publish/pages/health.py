"""/health: open alarms, the last runs, and how it goes with each outlet against what is usual for it; ?outlet= for one.

A public edition has neither alarms nor runs, and shows the rest as of the day on which it was made.
"""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

from archive import alarms, clock, health, public
from archive.fields import FIELDS
from archive.times import parse
from publish import formats
from publish.pages.captures import places
from publish.pages.edits import outlets
from publish.room import DATABASE, BadRequest, NotFound, read, rows, show

PAGE = 40  # outlets: 7 ms each
RUNS = 12
_MUCH = 0.2  # of all reports: by so much less a field is filled
_ENDS = {"finished": "in order"}
KINDS = {
    "silent": "silent",
    "fill-rate": "field no longer filled",
    "layout": "layout no longer fits",
    "robots": "robots.txt",
    "disk": "disk",
    "clock": "clock",
    "outage": "outage",
    "domain-move": "moved to another domain",
    "schedule": "no run for long",
    "missing-file": "WARC file missing",
}


async def view(datasette: Any, request: Any) -> Any:
    only, page = str(request.args.get("outlet") or "").strip(), _number(request.args.get("page") or "1")

    def found(connection: sqlite3.Connection) -> dict[str, Any]:
        publication = public.publication_of(connection)
        now = parse(publication.made_at) if publication else clock.now()
        known = outlets(connection)
        shown = [each for each in known if each["id"] == only] if only else known[(page - 1) * PAGE : page * PAGE]
        if only and not shown:
            raise NotFound(f"No outlet is called “{only[:60]}” here. The list of outlets has them all.")
        order = {each["id"]: place for place, each in enumerate(shown)}
        healths = health.of_outlets(connection, now, only=list(order))
        return {
            "now": now,
            "publication": publication,
            "outlets": known,
            "healths": sorted(healths, key=lambda each: order[each.outlet]),
            "alarms": [each for each in alarms.open_alarms(connection) if only in ("", each.outlet)],
            "runs": [] if publication or only else last_runs(connection),
        }

    told = await read(datasette, found)
    disks = [] if told["publication"] or only else await asyncio.to_thread(_disks, datasette)
    titles = {each["id"]: each["title"] for each in told["outlets"]}
    return await show(
        datasette, request, "health", only=only, page=page, pages=-(-len(told["outlets"]) // PAGE), disks=disks,
        titles=titles, kinds=KINDS, fields=FIELDS, percent=percent, usual=usual, against=against, ago=ago,
        has_fallen=has_fallen, **told,
    )  # fmt: skip


def _number(written: str) -> int:
    if not (written.isascii() and written.isdigit() and 0 < int(written) < 10_000):
        raise BadRequest(f"“{written[:40]}” is no page. The first is 1.")
    return int(written)


def last_runs(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """The last runs of `dateline due`, newest first, each with `how` it ended, in words."""
    found = rows(connection, "select * from runs order by id desc limit ?", [RUNS])
    return [run | {"how": _how(run)} for run in found]


def _how(run: dict[str, Any]) -> str:
    if not run["finished_at"]:
        return "has not ended, or was killed"
    return _ENDS.get(run["ended"] or "finished", run["ended"] or "")


def _disks(datasette: Any) -> list[health.Disk]:
    """What Dateline writes to, as far as this server sees it."""
    path = datasette.get_database(DATABASE).path
    try:
        return health.disks(Path(path), places(datasette)[0].folder) if path else []
    except OSError:
        return []


# In words


def percent(share: float | None) -> str:
    """0.0123 → 1.2 %; an empty text where nothing was counted."""
    if share is None:
        return ""
    value = share * 100
    return f"{value:.0f} %" if value >= 10 or value == int(value) else f"{value:.1f} %"


def usual(of: health.Usual | None) -> str:
    """What is usual: 12 (8 to 15)."""
    if of is None:
        return "too little history"
    return f"{of.median:g} ({of.low:,} to {of.high:,})" if of.low != of.high else f"{of.median:g}"


def against(number: int, of: health.Usual | None) -> str:
    """Where a number is not what is usual: low, high."""
    if of is None or of.covers(number):
        return ""
    return "low" if number < of.low else "high"


def has_fallen(rate: health.FillRate) -> bool:
    """Whether a field is filled much more seldom than it was."""
    return rate.share is not None and rate.share_before is not None and rate.share < rate.share_before - _MUCH


def ago(at: str | None, now: datetime) -> str:
    """How long before now: 3 hours ago; in 2 days."""
    if not at:
        return ""
    seconds = (now - parse(at)).total_seconds()
    minutes = abs(seconds) / 60
    if minutes < 1:
        return "now"
    if minutes < 90:
        span = formats.plural(round(minutes), "minute")
    elif minutes < 48 * 60:
        span = formats.plural(round(minutes / 60), "hour")
    else:
        span = formats.plural(round(minutes / 1440), "day")
    return f"{span} ago" if seconds > 0 else f"in {span}"
