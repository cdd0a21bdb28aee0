"""When an outlet was looked at, when it could not be, and how it goes: "nothing found" told from "nobody looked", and
both from "only others looked"."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from archive import public
from archive.coverage import ABSENT, BARRED, ELSEWHERE, NEW, QUIET
from archive.times import parse
from publish import formats
from publish.room import rows

_MANY_FAILED = 0.2  # of a crawl's or a day's requests: more than servers fail on an ordinary day
_LONG_AGO = timedelta(days=7)  # an outlet that publishes daily is looked at daily
STANDINGS = {
    NEW: "new reports",
    QUIET: "looked, nothing new",
    BARRED: "asked, nothing answered",
    ELSEWHERE: "only others looked",
    ABSENT: "nobody looked",
}


@dataclass(frozen=True, slots=True)
class Day:
    """What was asked of an outlet on a day (UTC of the captures), or in a longer time: a row of `coverage_days`, or
    the sum of several. `refused` includes what robots.txt forbids; `bytes` are those of our captures in WARC files;
    `elsewhere` are captures of others, which are in no other number."""

    asked: int = 0
    answered: int = 0
    read: int = 0
    new: int = 0
    changed: int = 0
    missing: int = 0
    refused: int = 0
    failed: int = 0
    quarantined: int = 0
    bytes: int = 0
    elsewhere: int = 0

    @property
    def standing(self) -> str:
        """How the day stands: a key of STANDINGS, as the archive marks it."""
        if not self.asked:
            return ELSEWHERE if self.elsewhere else ABSENT
        if self.new:
            return NEW
        return QUIET if self.answered else BARRED

    @property
    def is_flawed(self) -> bool:
        """Whether much of it, not all, was lost: refused, failed, or read by no layout."""
        return self.answered > 0 and self.refused + self.failed + self.quarantined > _MANY_FAILED * self.asked

    @property
    def words(self) -> str:
        others = f"{formats.plural(self.elsewhere, 'capture')} by others" if self.elsewhere else ""
        if not self.asked:
            return f"we did not look, {others}" if others else STANDINGS[ABSENT]
        said = [formats.plural(self.asked, "request"), f"{self.answered:,} answered"]
        said += [formats.plural(self.new, "new report")]
        for count, what in (
            (self.changed, "changed"),
            (self.missing, "missing"),
            (self.quarantined, "in quarantine"),
            (self.refused, "refused"),
            (self.failed, "failed"),
        ):
            said += [f"{count:,} {what}"] if count else []
        return ", ".join([*said, others] if others else said)

    def __add__(self, other: Day) -> Day:
        return Day(*(getattr(self, name) + getattr(other, name) for name in COUNTS))


COUNTS = (
    "asked",
    "answered",
    "read",
    "new",
    "changed",
    "missing",
    "refused",
    "failed",
    "quarantined",
    "bytes",
    "elsewhere",
)


def per_day(connection: sqlite3.Connection, outlet: str, year: int) -> dict[str, Day]:
    """Day (ISO) → what was asked of the outlet, or what others have of it; a day on which nobody looked is absent."""
    return {
        day: Day(*counts)
        for day, *counts in connection.execute(
            f"select day, {', '.join(COUNTS)} from coverage_days where outlet = ? and day >= ? and day < ?",
            [outlet, f"{year:04}-01-01", f"{year + 1:04}-01-01"],
        )
    }


def years_looked_at(connection: sqlite3.Connection, outlet: str = "") -> tuple[int, int] | None:
    """The years of the first and the last day on which an outlet (or any) was looked at, by us or by others."""
    first, last = connection.execute(
        """select min((select min(month) from coverage_months where outlet = outlets.id)),
            max((select max(month) from coverage_months where outlet = outlets.id))
        from outlets where :outlet in ('', id)""",
        {"outlet": outlet},
    ).fetchone()
    return (int(first[:4]), int(last[:4])) if first else None


def last_day(connection: sqlite3.Connection, now: datetime) -> date:
    """The last day of which anything can be said: today, or the day on which a public edition was made. The
    ledger's own, where that is later: `dateline demo --year` makes an archive of a year to come."""
    publication = public.publication_of(connection)
    if publication:
        return min(now.date(), date.fromisoformat(publication.made_at[:10]))
    (newest,) = connection.execute(
        "select max(day) from "
        "(select (select max(day) from coverage_days where outlet = outlets.id) as day from outlets)"
    ).fetchone()
    return max(now.date(), date.fromisoformat(newest)) if newest else now.date()


def last_look(connection: sqlite3.Connection, outlet: str) -> str | None:
    """When we last asked the outlet for anything (UTC)."""
    query = "select max(at) from captures where outlet = ? and origin = 'live'"
    found: str | None = connection.execute(query, [outlet]).fetchone()[0]
    return found


def crawls(connection: sqlite3.Connection, outlet: str, limit: int) -> list[dict[str, Any]]:
    """The outlet's last crawls, newest first: their columns, and `ended` in words. A backfill is none."""
    found = rows(
        connection,
        "select * from crawls where outlet = ? and origin = 'live' order by id desc limit ?",
        [outlet, limit],
    )
    return [crawl | {"ended": ended(crawl)} for crawl in found]


def ended(crawl: dict[str, Any]) -> str:
    """How a crawl ended."""
    if not crawl["finished_at"]:
        return "has not ended, or was stopped"
    if crawl["finish_reason"] in (None, "finished"):
        return "in order"
    return f"early: {crawl['finish_reason']}"


def longest_gaps(connection: sqlite3.Connection, outlet: str, limit: int = 3) -> list[tuple[date, date]]:
    """The longest stretches of whole days, two at least, between two looks of ours at an outlet: (first, last) day."""
    days = [
        date.fromisoformat(day)
        for (day,) in connection.execute(
            "select day from coverage_days where outlet = ? and asked > 0 order by day", [outlet]
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
