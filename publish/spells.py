"""Takedowns in words: what showed that a report was missing, how sure that is, and when it is looked at again. The
report's page, /takedowns, the first page and the feed all say it from here.

A spell is a time for which a report was missing: a row of the table `takedowns` (archive/takedowns.py).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import settings
from archive.times import parse
from publish import formats
from publish.room import rows

HOURS = round(float(settings.TAKEDOWN_CONFIRM_AFTER))  # until a report that is missing is called gone
MISSING = ("suspected", "gone")
CAUSES = {
    "http-404": "the server answered 404, not found",
    "http-410": "the server answered 410, gone for good",
    "soft-404": "the server answered 200 with a page that says it is not there",
    "empty-page": "the page was there without its text",
    "front-page": "the address led to the outlet’s front page",
    "section-page": "the address led to the page of a section",
}
_OTHERS = 100  # reports that are counted; beyond them "100 or more" says enough
_IN_HOURS = timedelta(days=5)  # a longer time is told in days


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which spells: of an outlet, in states (none: any), of a cause, and suspected between two days, both included."""

    outlet: str = ""
    states: tuple[str, ...] = ()
    cause: str = ""
    since: date | None = None
    until: date | None = None

    def condition(self, at: str = "suspected_at") -> tuple[str, dict[str, str]]:
        """SQL over `takedowns`, and its values. `at`: the column that the days are of."""
        parts = [f"{at} is not null"]
        values: dict[str, str] = {}
        for name, value, sql in (
            ("outlet", self.outlet, "takedowns.outlet = :outlet"),
            ("cause", self.cause, "cause = :cause"),
            ("since", self.since and self.since.isoformat(), f"{at} >= :since"),
            ("until", self.until and (self.until + timedelta(1)).isoformat(), f"{at} < :until"),
        ):
            if value:
                parts.append(sql)
                values[name] = value
        states = {f"state{number}": state for number, state in enumerate(self.states)}
        if states:
            parts.append(f"takedowns.state in ({', '.join(f':{name}' for name in states)})")
        return " and ".join(parts), values | states


_COLUMNS = """takedowns.id as spell, takedowns.report as id, takedowns.outlet, takedowns.state as spell_state, cause,
    suspected_at, last_missing_at, looks, gone_at, gone_capture, restored_at, restored_capture, last_good,
    reports.title, reports.language, reports.url, reports.state, reports.versions, published_at, published_precision,
    title_en as outlet_title, outlets.kind, checks.due_at,
    (select at from captures where captures.id = last_good) as last_good_at,
    (select origin from captures where captures.id = last_good) as last_good_origin,
    (select source from captures where captures.id = last_good) as last_good_source"""
_JOINED = """join reports on reports.id = takedowns.report join outlets on outlets.id = takedowns.outlet
    left join checks on checks.url = reports.url"""


def latest(
    connection: sqlite3.Connection, limit: int, wanted: Wanted, before: tuple[str, int] = ("9999", 0)
) -> list[dict[str, Any]]:
    """Spells, the last suspected first, each with its report's columns for room.line() and what `told` adds. `before`:
    the suspected_at and id after which the list goes on."""
    condition, values = wanted.condition()
    found = rows(
        connection,
        f"""with page as materialized (
            select id from takedowns where (suspected_at, id) < (:at, :id) and {condition}
            order by suspected_at desc, id desc limit :limit)
        select {_COLUMNS} from page join takedowns on takedowns.id = page.id {_JOINED}
        order by suspected_at desc, takedowns.id desc""",
        {**values, "at": before[0], "id": before[1], "limit": limit},
    )
    return [told(connection, spell) for spell in found]


def of_report(connection: sqlite3.Connection, report: int) -> list[dict[str, Any]]:
    """A report's spells, the last one first, as `latest` has them."""
    found = rows(
        connection,
        f"select {_COLUMNS} from takedowns {_JOINED} where takedowns.report = ? order by suspected_at desc",
        [report],
    )
    return [told(connection, spell) for spell in found]


def numbers(connection: sqlite3.Connection, wanted: Wanted) -> dict[str, int]:
    """State → spells in it, whatever states are wanted."""
    condition, values = replace(wanted, states=()).condition()
    return dict(
        connection.execute(f"select state, count(*) from takedowns where {condition} group by state", values).fetchall()
    )


def told(connection: sqlite3.Connection, spell: dict[str, Any]) -> dict[str, Any]:
    """The spell with `how` it was missing and how `sure` that is, in words."""
    return spell | {
        "how": how(spell["cause"]),
        "sure": sure(spell, others_there(connection, spell["gone_capture"] or spell["spell"], spell["id"])),
    }


# Newest events, for a feed


def events(connection: sqlite3.Connection, limit: int, wanted: Wanted) -> list[dict[str, Any]]:
    """Spells by event, newest first: `event` is one of formats.SPELLS, `at` its time and `capture` the one that showed
    it. A spell that was confirmed comes twice, one that ended once more."""
    found: list[dict[str, Any]] = []
    for event, at, capture, which in (
        ("suspected", "suspected_at", "takedowns.id", ""),
        ("gone", "gone_at", "gone_capture", ""),
        ("restored", "restored_at", "restored_capture", "and takedowns.state = 'restored'"),
        ("unconfirmed", "restored_at", "restored_capture", "and takedowns.state = 'unconfirmed'"),
    ):
        if wanted.states and event not in wanted.states:
            continue
        condition, values = replace(wanted, states=()).condition(at)
        found += rows(
            connection,
            f"""with page as materialized (
                select id from takedowns where {condition} {which} order by {at} desc, id desc limit :limit)
            select '{event}' as event, {at} as at, {capture} as capture, {_COLUMNS}
            from page join takedowns on takedowns.id = page.id {_JOINED}""",
            {**values, "limit": limit},
        )
    found.sort(key=lambda event: (event["at"], event["capture"]), reverse=True)
    return [told(connection, event) for event in found[:limit]]


# In words


def how(cause: str) -> str:
    """What a look showed that found the report missing."""
    return CAUSES.get(cause, f"the server answered {cause.removeprefix('http-')}")


def sure(spell: Mapping[str, Any], others: int) -> str:
    """How much speaks for it: "seen missing 4 times over 74 hours, while 5 other reports of the outlet answered"."""
    times = "once" if spell["looks"] == 1 else "twice" if spell["looks"] == 2 else f"{spell['looks']:,} times"
    said = f"seen missing {times}"
    if spell["looks"] > 1:
        said += f" over {duration(spell['suspected_at'], spell['last_missing_at'])}"
    if others:
        answered = f"{others:,} or more other reports" if others >= _OTHERS else formats.plural(others, "other report")
        said += f", while {answered} of the outlet answered"
    return said


def duration(first: str, last: str) -> str:
    """From one time to another, ISO both: 74 hours; 12 days."""
    span: timedelta = parse(last) - parse(first)
    if span < timedelta(hours=1):
        return formats.plural(max(round(span / timedelta(minutes=1)), 1), "minute")
    if span < _IN_HOURS:
        return formats.plural(round(span / timedelta(hours=1)), "hour")
    return formats.plural(span.days, "day")


def when_next(due_at: str | None, now: datetime) -> str:
    """When its address is looked at again, as a sentence without its full stop; empty where nothing is planned."""
    if not due_at:
        return ""
    if parse(due_at) <= now:
        return "the next look is due now"
    return f"the next look is due on {formats.utc(due_at)}"


def others_there(connection: sqlite3.Connection, capture: int, report: int) -> int:
    """How many other reports were there in the crawl that made this capture, _OTHERS at most; 0 for a capture that was
    made by none."""
    row = connection.execute("select crawl from captures where id = ?", [capture]).fetchone()
    if row is None or row[0] is None:
        return 0
    return int(
        connection.execute(
            f"""select count(*) from (select distinct report from captures indexed by captures_crawl
                where crawl = ? and outcome in ('report', 'unchanged') and report <> ? limit {_OTHERS})""",
            [row[0], report],
        ).fetchone()[0]
    )
