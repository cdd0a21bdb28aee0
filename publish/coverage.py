"""When an outlet was looked at, when it could not be, and how it goes: "nothing found" told from "nobody looked"."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from archive.times import parse
from publish import formats
from publish.room import rows

_ANSWERS = ("report", "listing", "unchanged", "redirect", "not-report", "quarantined", "missing")
_MANY_FAILED = 0.2  # of a crawl's requests: more than servers fail on an ordinary day
_LONG_AGO = timedelta(days=7)  # an outlet that publishes daily is looked at daily


@dataclass(slots=True)
class Day:
    """What was asked of an outlet on a day (UTC of the captures). `refused` includes what robots.txt forbids."""

    requests: int = 0
    answered: int = 0
    reports: int = 0
    refused: int = 0
    failed: int = 0

    @property
    def words(self) -> str:
        said = [
            formats.plural(self.requests, "request"),
            f"{self.answered:,} answered",
            f"{self.reports:,} read as reports",
        ]
        said += [f"{self.refused:,} refused"] if self.refused else []
        said += [f"{self.failed:,} failed"] if self.failed else []
        return ", ".join(said)


def per_day(connection: sqlite3.Connection, outlet: str, year: int) -> dict[str, Day]:
    """Day (ISO) → what was asked of the outlet; a day on which nobody looked is absent."""
    days: dict[str, Day] = {}
    for day, outcome, is_answer, captures in connection.execute(
        """select substr(at, 1, 10), outcome, status is not null, count(*) from captures
        where outlet = ? and at >= ? and at < ? group by 1, 2, 3""",
        [outlet, f"{year:04}-01-01", f"{year + 1:04}-01-01"],
    ):
        of = days.setdefault(day, Day())
        if outcome == "robots" and is_answer:  # robots.txt itself: no question about a page
            continue
        of.requests += captures
        of.answered += captures if outcome in _ANSWERS else 0
        of.reports += captures if outcome == "report" else 0
        of.refused += captures if outcome in ("refused", "robots") else 0
        of.failed += captures if outcome in ("failed", "server-error") else 0
    return days


def years_looked_at(connection: sqlite3.Connection, outlet: str) -> tuple[int, int] | None:
    """The years of the outlet's first and last capture."""
    first, last = connection.execute(
        """select (select min(at) from captures where outlet = :outlet),
            (select max(at) from captures where outlet = :outlet)""",
        {"outlet": outlet},
    ).fetchone()
    return (int(first[:4]), int(last[:4])) if first else None


def last_look(connection: sqlite3.Connection, outlet: str) -> str | None:
    """When the outlet was last asked for anything (UTC)."""
    found: str | None = connection.execute("select max(at) from captures where outlet = ?", [outlet]).fetchone()[0]
    return found


def crawls(connection: sqlite3.Connection, outlet: str, limit: int) -> list[dict[str, Any]]:
    """The outlet's last crawls, newest first: their columns, and `ended` in words."""
    found = rows(connection, "select * from crawls where outlet = ? order by id desc limit ?", [outlet, limit])
    return [crawl | {"ended": ended(crawl)} for crawl in found]


def ended(crawl: dict[str, Any]) -> str:
    """How a crawl ended."""
    if not crawl["finished_at"]:
        return "has not ended, or was stopped"
    if crawl["finish_reason"] in (None, "finished"):
        return "in order"
    return f"early: {crawl['finish_reason']}"


def longest_gaps(connection: sqlite3.Connection, outlet: str, limit: int = 3) -> list[tuple[date, date]]:
    """The longest stretches of whole days, two at least, between two crawls of an outlet: (first, last) day."""
    days = [
        date.fromisoformat(day)
        for (day,) in connection.execute(
            "select distinct substr(started_at, 1, 10) as day from crawls where outlet = ? order by day", [outlet]
        )
    ]
    gaps = [
        (before + timedelta(1), after - timedelta(1)) for before, after in pairwise(days) if (after - before).days > 2
    ]
    return sorted(gaps, key=lambda gap: gap[0] - gap[1])[:limit]


def health(crawl: dict[str, Any] | None, now: datetime) -> tuple[str, str]:
    """How it goes with an outlet, from its last crawl: in a word or two, and in a sentence."""
    if crawl is None:
        return "no crawl on record", "No crawl of it is on record."
    began = parse(crawl["started_at"])
    when = formats.utc(crawl["started_at"])
    if not crawl["finished_at"]:
        return "unfinished", f"The last crawl began on {when} and has not ended: it runs, or was stopped."
    if now - began > _LONG_AGO:
        return (
            "not looked at lately",
            f"The last crawl began {formats.plural((now - began).days, 'day')} ago, on {when}.",
        )
    if crawl["finish_reason"] not in (None, "finished"):
        return "ended early", f"The last crawl, of {when}, ended early: {crawl['finish_reason']}."
    if not crawl["requests"]:
        return "nothing asked", f"The last crawl, of {when}, asked for nothing."
    requests = formats.plural(crawl["requests"], "request")
    if crawl["failed"] > _MANY_FAILED * crawl["requests"]:
        lost = f"{crawl['failed']:,} of {requests} brought no usable answer"
        return "in trouble", f"In the last crawl, of {when}, {lost}."
    read = formats.plural(crawl["reports"], "report")
    return "in order", f"The last crawl, of {when}, ended in order and read {read} in {requests}."
