"""/edits/radar: what was changed alike in several reports within a week. /edits/radar.atom: the same as a feed."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from archive.radar import Finding, findings
from publish import formats
from publish.asked import day, one
from publish.pages.edits import outlets
from publish.room import read, rows, show

DAYS = 30  # up to the newest edit, where no days are asked for
MOST = 100  # findings
_SHOWN = 12  # changes of a finding that are named


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for; `problems` are in words."""

    outlet: str = ""
    since: date | None = None
    until: date | None = None
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Asked:
        problems: list[str] = []
        since, until = day(arguments, "since", problems), day(arguments, "until", problems)
        return cls(one(arguments, "outlet")[:100], since, until, tuple(problems))

    def address(self, path: str = "/edits/radar") -> str:
        values = {
            "outlet": self.outlet,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        given = {name: value for name, value in values.items() if value}
        return f"{path}?{urlencode(given)}" if given else path


@dataclass(frozen=True, slots=True)
class Found:
    """Findings between two days, both included (None: there is no edit at all), each with the changes that are named:
    their reports' columns, `version`, `number` and `seen_at`, oldest first."""

    first: date | None
    last: date | None
    findings: list[tuple[Finding, list[dict[str, Any]]]]


async def view(datasette: Any, request: Any) -> Any:
    asked = Asked.of(request.args)

    def look(connection: sqlite3.Connection) -> dict[str, Any]:
        return {"found": found(connection, asked), "outlets": outlets(connection)}

    def url(path: str = "/edits/radar") -> str:
        return str(datasette.urls.path(asked.address(path)))

    told = await read(datasette, look)
    titles = {each["id"]: each["title"] for each in told["outlets"]}
    return await show(
        datasette, request, "radar", asked=asked, url=url, when=when, most=MOST,
        counted=lambda finding: counted(finding, titles), **told,
    )  # fmt: skip


def found(connection: sqlite3.Connection, asked: Asked) -> Found:
    """What is asked for; without days, that of the DAYS up to the newest edit."""
    newest = connection.execute("select max(seen_at) from replacements").fetchone()[0]
    if newest is None:
        return Found(None, None, [])
    last = asked.until or date.fromisoformat(newest[:10])
    first = asked.since or last - timedelta(DAYS - 1)
    told = findings(connection, _start(first), _start(last + timedelta(1)), asked.outlet, limit=MOST)
    return Found(first, last, [(finding, _changes(connection, finding)) for finding in told])


def _start(of: date) -> datetime:
    return datetime.combine(of, time(), UTC)


def _changes(connection: sqlite3.Connection, finding: Finding) -> list[dict[str, Any]]:
    named = finding.versions[:_SHOWN]
    return rows(
        connection,
        f"""select versions.id as version, number, seen_at, reports.id, reports.title, reports.language, reports.outlet,
            title_en as outlet_title, kind
        from versions join reports on reports.id = versions.report join outlets on outlets.id = reports.outlet
        where versions.id in ({", ".join("?" * len(named))}) order by seen_at, versions.id""",
        named,
    )


# In words


def counted(finding: Finding, titles: Mapping[str, str]) -> str:
    """in 7 reports of 2 outlets; in 3 reports of Xinhua."""
    reports = formats.plural(finding.reports, "report")
    if len(finding.outlets) == 1:
        return f"in {reports} of {titles.get(finding.outlets[0], finding.outlets[0])}"
    return f"in {reports} of {formats.plural(len(finding.outlets), 'outlet')}"


def when(finding: Finding) -> str:
    """3 to 9 November 2026; 30 October to 2 November 2026."""
    first, last = formats.day(finding.first_at).split(), formats.day(finding.last_at).split()
    if first == last:
        return " ".join(last)
    same = next((place for place in (1, 2) if first[place:] == last[place:]), 3)
    return f"{' '.join(first[:same])} to {' '.join(last)}"


def change(finding: Finding) -> str:
    """“Turkey” became “Türkiye”; “X” was taken out; “Y” was put in."""
    if not finding.became:
        return f"“{finding.was}” was taken out"
    return f"“{finding.was}” became “{finding.became}”" if finding.was else f"“{finding.became}” was put in"
