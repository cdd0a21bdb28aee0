"""What is due, outlet by outlet, and how much of it each outlet's budget allows now."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from archive.schedule import ELSEWHERE, SOON, UNREAD
from archive.times import from_capture_id, iso, parse

_DAY = timedelta(hours=24)
_SLOT = 600_000_000  # microseconds: ten minutes of captures, by their ids
# A budget comes back evenly over the day, and at most two hours' worth of it is saved up: a long backlog must not eat
# in the morning what the lists and the youngest reports need in the evening.
_SAVED = 1 / 12
_SAVED_AT_LEAST = 20  # requests: robots.txt and the lists of a small outlet
# After an outage an outlet is left alone for so long, doubled for each further one: whoever is in trouble, or turns us
# away, is not to be asked by every run.
_REST, _REST_AT_MOST = timedelta(minutes=10), timedelta(hours=1)
COUNTED = 1_000  # due addresses of an outlet that are counted; beyond them "1,000 or more" says enough


@dataclass(frozen=True, slots=True)
class Planned:
    """What is due at an outlet: lists, reports never read, and re-visits, each counted up to COUNTED. `allowed`:
    requests that may be made now; `left`: those that remain of the last 24 hours' budget; `next_due`: when something is
    due next (UTC, ISO), None for never; `rests_until`: when an outlet is asked again that was out of order, None for
    one that was not. `elsewhere`: addresses at which only others have looked, up to COUNTED, which are in no other
    number."""

    outlet: str
    lists: int
    unread: int
    revisits: int
    allowed: int
    left: int
    budget: int
    next_due: str | None
    rests_until: str | None = None
    elsewhere: int = 0

    @property
    def due(self) -> int:
        return self.lists + self.unread + self.revisits


def plan(connection: sqlite3.Connection, now: datetime, outlets: Iterable[str] | None = None) -> list[Planned]:
    """Every outlet (or those named), in order of id. Reads indexes only: docs/benchmarks.md has its time."""
    known = connection.execute("select id, budget from outlets order by id").fetchall()
    wanted = None if outlets is None else set(outlets)
    return [_of_outlet(connection, now, id, budget) for id, budget in known if wanted is None or id in wanted]


def _of_outlet(connection: sqlite3.Connection, now: datetime, outlet: str, budget: int) -> Planned:
    used = requests_of(connection, outlet, now)
    lists, reports = (_rungs(connection, outlet, kind, now + SOON) for kind in ("listing", "report"))
    elsewhere = sum(number for rung, _, number in reports if rung == ELSEWHERE)
    reports = [each for each in reports if each[0] != ELSEWHERE]  # they go along with what is due, and call for no run
    first = min((due for _, due, _ in lists + reports), default=None)
    rests_until = _rests_until(connection, outlet)
    rests = rests_until is not None and rests_until > now
    return Planned(
        outlet,
        lists=min(COUNTED, sum(number for _, _, number in lists)),
        unread=sum(number for rung, _, number in reports if rung == UNREAD),
        revisits=min(COUNTED, sum(number for rung, _, number in reports if rung != UNREAD)),
        allowed=0 if rests else allowance(budget, used, now),
        left=max(0, budget - sum(count for _, count in used)),
        budget=budget,
        next_due=max(first, iso(now)) if first else None,
        rests_until=iso(rests_until) if rests_until and rests else None,
        elsewhere=elsewhere,
    )


def _rungs(connection: sqlite3.Connection, outlet: str, kind: str, now: datetime) -> list[tuple[int, str, int]]:
    """The rungs on which an outlet has addresses of a kind that will be looked at: (rung, when the first of them is
    due, how many are due now, up to COUNTED). Seeks from one rung to the next: 5 million addresses take no longer."""
    return connection.execute(_RUNGS, {"outlet": outlet, "kind": kind, "now": iso(now)}).fetchall()


_OF_KIND = "select {} from checks where outlet = :outlet and kind = :kind and due_at is not null"
_RUNGS = f"""
with recursive rungs(rung) as (
    {_OF_KIND.format("min(rung)")}
    union all
    select ({_OF_KIND.format("min(rung)")} and rung > rungs.rung) from rungs where rung is not null
)
select rung,
    ({_OF_KIND.format("min(due_at)")} and rung = rungs.rung),
    (select count(*) from ({_OF_KIND.format("1")} and rung = rungs.rung and due_at <= :now limit {COUNTED}))
from rungs where rung is not null"""


def _rests_until(connection: sqlite3.Connection, outlet: str) -> datetime | None:
    """Until when an outlet is left alone whose last crawls ended in an outage; None when the last one did not."""
    last = connection.execute(
        "select finished_at, finish_reason from crawls where outlet = ? and origin = 'live' "
        "and finish_reason is not null order by started_at desc limit 4",
        [outlet],
    ).fetchall()
    outages = list(takewhile(lambda crawl: crawl[1].startswith("outage"), last))
    if not outages:
        return None
    last_ended: str = outages[0][0]
    return parse(last_ended) + min(_REST * (1 << len(outages) - 1), _REST_AT_MOST)


def requests_of(connection: sqlite3.Connection, outlet: str, now: datetime) -> list[tuple[datetime, int]]:
    """The requests that we made to an outlet in the last 24 hours, by ten minutes: (their end, how many), oldest first.
    What robots.txt forbids was not asked for; an address that never answered counts once, for all that it was tried."""
    return [
        (min(now, from_capture_id((slot + 1) * _SLOT)), count)
        for slot, count in connection.execute(
            f"select id / {_SLOT}, count(*) from captures where outlet = ? and origin = 'live' and at >= ? "
            "and (status is not null or outcome <> 'robots') group by 1 order by 1",
            [outlet, iso(now - _DAY)],
        )
    ]


def allowance(budget: int, used: Sequence[tuple[datetime, int]], now: datetime) -> int:
    """Requests that may be made now: what has come back of the budget since it was used, and never more than it leaves
    of any 24 hours. `used` as `requests_of` gives it."""
    saved_at_most = min(budget, max(budget * _SAVED, _SAVED_AT_LEAST))
    # With what was saved it makes the budget: were it more, an outlet with a backlog would have used up its day by the
    # evening, and its lists would have to wait for the morning.
    a_second = (budget - saved_at_most) / _DAY.total_seconds()
    saved, at = saved_at_most, now - _DAY
    for moment, count in [*used, (now, 0)]:
        saved = min(saved_at_most, saved + a_second * (moment - at).total_seconds()) - count
        at = moment
    return max(0, min(int(saved), budget - sum(count for _, count in used)))
