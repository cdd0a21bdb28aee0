"""What is due, outlet by outlet, and how much of it each outlet's budget allows now."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.schedule import LAST_RUNG, UNREAD
from archive.times import iso

_DAY = timedelta(hours=24)
# A budget comes back evenly over the day, and at most this part of it is saved up: a long backlog must not eat in the
# morning what the lists and the youngest reports need in the evening.
_SAVED = 1 / 8
_SAVED_AT_LEAST = 20  # requests: robots.txt and the lists of a small outlet
COUNTED = 1_000  # due addresses of an outlet that are counted; beyond them "1,000 or more" says enough


@dataclass(frozen=True, slots=True)
class Planned:
    """What is due at an outlet: lists, reports never read, and re-visits, each counted up to COUNTED. `allowed`:
    requests that its budget allows now; `left`: those that remain of the last 24 hours'; `next_due`: when something is
    due next (UTC, ISO), None for never."""

    outlet: str
    lists: int
    unread: int
    revisits: int
    allowed: int
    left: int
    budget: int
    next_due: str | None

    @property
    def due(self) -> int:
        return self.lists + self.unread + self.revisits


def plan(connection: sqlite3.Connection, now: datetime, outlets: Iterable[str] | None = None) -> list[Planned]:
    """Every outlet (or those named), in order of id. Reads indexes only: docs/benchmarks.md has its time."""
    known = connection.execute("select id, budget from outlets order by id").fetchall()
    wanted = None if outlets is None else set(outlets)
    return [_of_outlet(connection, now, id, budget) for id, budget in known if wanted is None or id in wanted]


def _of_outlet(connection: sqlite3.Connection, now: datetime, outlet: str, budget: int) -> Planned:
    moment = iso(now)
    used = requests_of(connection, outlet, now)
    revisits, next_due = 0, []
    for rung in range(LAST_RUNG + 1):
        first = _earliest(connection, outlet, "report", rung)
        if first is None:
            continue
        if first > moment:
            next_due.append(first)
            continue
        next_due.append(moment)
        if rung != UNREAD:
            revisits += _count(connection, outlet, "report", rung, moment, COUNTED - revisits)
    lists = _count(connection, outlet, "listing", UNREAD, moment, COUNTED)
    first_list = _earliest(connection, outlet, "listing", UNREAD)
    return Planned(
        outlet,
        lists=lists,
        unread=_count(connection, outlet, "report", UNREAD, moment, COUNTED),
        revisits=revisits,
        allowed=allowance(budget, used, now),
        left=max(0, budget - sum(count for _, count in used)),
        budget=budget,
        next_due=min([*next_due, *([max(first_list, moment)] if first_list else [])], default=None),
    )


def _earliest(connection: sqlite3.Connection, outlet: str, kind: str, rung: int) -> str | None:
    found: str | None = connection.execute(
        "select min(due_at) from checks where outlet = ? and kind = ? and rung = ? and due_at is not null",
        [outlet, kind, rung],
    ).fetchone()[0]
    return found


def _count(connection: sqlite3.Connection, outlet: str, kind: str, rung: int, moment: str, limit: int) -> int:
    row = connection.execute(
        "select count(*) from (select 1 from checks "
        "where outlet = ? and kind = ? and rung = ? and due_at <= ? limit ?)",
        [outlet, kind, rung, moment, limit],
    ).fetchone()
    return int(row[0])


def requests_of(connection: sqlite3.Connection, outlet: str, now: datetime) -> list[tuple[datetime, int]]:
    """The requests made to an outlet in the last 24 hours, by the minute: (its beginning, how many), oldest first."""
    return [
        (datetime.fromisoformat(f"{minute}:00+00:00"), count)
        for minute, count in connection.execute(
            "select substr(at, 1, 16), count(*) from captures where outlet = ? and at > ? group by 1 order by 1",
            [outlet, iso(now - _DAY)],
        )
    ]


def allowance(budget: int, used: Sequence[tuple[datetime, int]], now: datetime) -> int:
    """Requests that may be made now: what has come back of the budget since it was used, and never more than it leaves
    of any 24 hours. `used` as `requests_of` gives it."""
    saved_at_most = min(budget, max(budget * _SAVED, _SAVED_AT_LEAST))
    saved, at = saved_at_most, now - _DAY
    for minute, count in used:
        moment = max(at, minute)
        saved = min(saved_at_most, saved + budget * ((moment - at) / _DAY)) - count
        at = moment
    saved = min(saved_at_most, saved + budget * (max(now - at, timedelta()) / _DAY))
    return max(0, min(int(saved), budget - sum(count for _, count in used)))
