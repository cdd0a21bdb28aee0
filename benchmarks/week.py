"""A week of scheduled runs at 40 outlets within their budgets, on a simulated clock (benchmarks/simulated_week.py).

Outlets publish 5 to 400 reports a day and may be asked 200 to 2,000 times a day. Printed for each: the most requests of
any 24 hours; the longest time between two readings of a list, which is to be read every hour; how long after its
publication a report was first read; how late looks at reports of three ages were (median and 95th percentile); and the
reports that were listed and not yet read at the end. Ends with 1 when a budget was passed or a list starved.

    python benchmarks/week.py [--outlets 40] [--days 7]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import settings
from archive.schedule import Schedule
from archive.schema import open_archive
from benchmarks.simulated_week import DAY, Seen, Site, simulate, sites

HOUR = timedelta(hours=1)
AGES = ((0 * HOUR, 3 * HOUR), (3 * HOUR, DAY), (DAY, 7 * DAY))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--outlets", type=int, default=40)
    arguments.add_argument("--days", type=float, default=7)
    options = arguments.parse_args()
    outlets = list(sites(options.outlets))
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, closing(open_archive(Path(folder) / "archive.db")) as connection:
        connection.execute("pragma synchronous=off")
        seen = simulate(connection, outlets, options.days, Schedule.from_settings(vars(settings)))
    print(
        "| reports a day | budget | most in 24 h | list, longest gap | first read | looks under 3 h late | 3-24 h | "
        "1-7 d | unread |\n|" + "---|" * 9
    )
    for site in outlets:
        print(_row(site, seen[site.name]))
    requests = sum(len(each.requests) for each in seen.values())
    print(f"{requests:,} requests of {len(outlets)} outlets in {options.days:g} days; {time.monotonic() - began:.0f} s")
    if faults := [fault for site in outlets for fault in _faults(site, seen[site.name])]:
        raise SystemExit("\n".join(faults))


def _row(site: Site, seen: Seen) -> str:
    cells = [
        f"{site.daily}",
        f"{site.budget:,}",
        f"{seen.most_in_a_day():,}",
        _minutes(seen.gaps()[-1]),
        _spread(sorted(seen.first)),
        *(_spread(seen.late(*ages)) for ages in AGES),
        f"{seen.unread:,}",
    ]
    return f"| {' | '.join(cells)} |"


def _spread(values: Sequence[timedelta]) -> str:
    if not values:
        return "-"
    return f"{_minutes(values[len(values) // 2])}, {_minutes(values[round(len(values) * 0.95) - 1])}"


def _minutes(length: timedelta) -> str:
    minutes = length.total_seconds() / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h" if minutes < 2880 else f"{length.days} d"


def _faults(site: Site, seen: Seen) -> list[str]:
    faults = []
    if seen.most_in_a_day() > site.budget:
        faults.append(f"{site.name}: {seen.most_in_a_day():,} requests in 24 hours, its budget is {site.budget:,}")
    if seen.gaps()[-1] > timedelta(minutes=site.every) + HOUR:
        faults.append(f"{site.name}: a list was not read for {_minutes(seen.gaps()[-1])}")
    return faults


if __name__ == "__main__":
    main()
