"""How long it takes to find what is due, with 400 outlets and 5 million known reports.

Three moments: a run of an ordinary day, when little is due; the first run after a week in which the machine was off,
when nearly all of the young rungs are; and the first day of a large crawl, when nothing was read yet. The plan is
`archive.plan.plan` over all outlets, as each run makes it; then, outlet by outlet, what its crawl asks for. The floor
is one `select count(*)` over the index of due times: what a plan without seeks would read at the least.

    python benchmarks/due.py [--outlets 400] [--reports 5000000] [--rounds 15]
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import settings
from archive import frontier
from archive.plan import Planned, plan
from archive.schedule import Schedule
from archive.schema import connect
from benchmarks.watched_archive import NOW, build, count_by_index

WITHIN = 1.0  # seconds: a run every ten minutes must not spend its time on finding out what to do


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--outlets", type=int, default=400)
    arguments.add_argument("--reports", type=int, default=5_000_000)
    arguments.add_argument("--rounds", type=int, default=15)
    options = arguments.parse_args()
    schedule = Schedule.from_settings(vars(settings))
    folder = settings.PROJECT / "build" / "due" / f"{options.outlets}-{options.reports}"
    years, first = folder / "years.db", folder / "first.db"
    build(years, options.outlets, options.reports, schedule, never_read=False)
    build(first, options.outlets, options.reports, schedule, never_read=True)
    moments = (
        ("ordinary day", years, NOW + timedelta(minutes=2)),
        ("after a week off", years, NOW + timedelta(days=7)),
        ("first day", first, NOW),
    )
    print(f"{options.outlets} outlets, {options.reports:,} reports, {options.rounds} rounds; ms of CPU, all in memory")
    print(f"{'':18}{'outlets due':>12}{'plan':>8}{'p95':>8}{'floor':>8}{'ratio':>8}{'an outlet':>11}{'p95':>8}")
    slowest = 0.0
    for name, path, now in moments:
        measured = _measure(path, now, options.rounds)
        slowest = max(slowest, measured["plan"])
        print(
            f"{name:18}{measured['due']:>12}"
            + "".join(f"{measured[each] * 1000:>8.0f}" for each in ("plan", "plan_p95", "floor"))
            + f"{measured['plan'] / measured['floor']:>8.2f}"
            + f"{measured['outlet'] * 1000:>11.1f}{measured['outlet_p95'] * 1000:>8.1f}"
        )
    if slowest > WITHIN:
        raise SystemExit(f"The plan took {slowest:.2f} s, more than {WITHIN:.0f} s.")


def _measure(path: Path, now: datetime, rounds: int) -> dict[str, Any]:
    """Seconds of CPU, each the median (and 95th percentile) of `rounds`, each with a connection of its own as a run
    has; the first one, which reads the disk, is left out."""
    plans, floors = [], []
    for number in range(rounds + 1):
        connection = connect(path)
        taken, planned = _timed(plan, connection, now)
        floor, _ = _timed(count_by_index, connection)
        if number:
            plans.append(taken)
            floors.append(floor)
        outlets = [_timed(_work, connection, each, now)[0] for each in planned]
        connection.close()
    return {
        "due": sum(each.due > 0 for each in planned),
        "plan": statistics.median(plans),
        "plan_p95": _p95(plans),
        "floor": statistics.median(floors),
        "outlet": statistics.median(outlets),
        "outlet_p95": _p95(outlets),
    }


def _work(connection: sqlite3.Connection, planned: Planned, now: datetime) -> int:
    """What an outlet's crawl asks for: its lists, and as many reports as a run could read at the most."""
    limit = max(planned.allowed, planned.budget // 12)
    lists = frontier.listings(connection, planned.outlet, now, everything=False)
    return len(lists) + len(list(frontier.due(connection, planned.outlet, now, limit, everything=False)))


def _timed(work: Callable[..., Any], *arguments: Any) -> tuple[float, Any]:
    began = time.process_time()
    result = work(*arguments)
    return time.process_time() - began, result


def _p95(values: list[float]) -> float:
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]


if __name__ == "__main__":
    main()
