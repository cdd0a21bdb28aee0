"""Scheduled runs of many outlets on a simulated clock, without a network: what `dateline due` would ask for, and when.

Each run plans, reads the lists that are due, and then looks at what is due, with the code of a real run
(archive.plan, archive.frontier, archive.rows); only what the servers answer is made up. An outlet publishes all day,
half as much at night, and each of its lists names its newest reports.
"""

from __future__ import annotations

import random
import sqlite3
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from archive import frontier, ledger, plan, rows
from archive.schedule import SOON, Schedule
from items import Capture, Link, Report

BEGIN = datetime(2026, 11, 16, tzinfo=UTC)
RUN = timedelta(minutes=10)
DAY = timedelta(hours=24)
NAMED = 40  # reports that a list names, the newest first
_APART = timedelta(seconds=1.0)  # between two requests to an outlet: DOWNLOAD_DELAY


@dataclass
class Site:
    """An outlet that publishes `daily` reports and has so many lists; `reports`: when each of a list's came out."""

    name: str
    daily: int
    budget: int
    every: int = 60
    lists: int = 4
    reports: list[list[datetime]] = field(default_factory=list)

    def publish(self, days: float, chance: random.Random) -> None:
        self.reports = [[] for _ in range(self.lists)]
        for _ in range(round(self.daily * days * 4 / 3)):
            at = BEGIN + days * DAY * chance.random()
            if at.hour >= 8 or chance.random() < 0.25:  # 16 h at full rate and 8 h at a quarter: 3/4 of what was drawn
                chance.choice(self.reports).append(at)
        for each in self.reports:
            each.sort()

    @property
    def demand(self) -> float:
        """Requests a day that it would take to read its lists, each new report, and this one on the first three rungs
        of the usual ladder: every 15 minutes for 3 hours, every 30 for a day, every 2 hours for a week."""
        return self.lists * 24 * 60 / self.every + self.daily * (1 + 3 * 4 + 21 * 2 + 6 * 12)

    def home(self, number: int) -> str:
        return f"https://{self.name}.example/{number}/"

    def named(self, number: int, now: datetime) -> list[tuple[str, datetime]]:
        """What a list shows: (address, when it came out), the newest first."""
        times = self.reports[number]
        last = bisect_right(times, now)
        places = range(last - 1, max(-1, last - 1 - NAMED), -1)
        return [(f"{self.home(number)}{place}.html", times[place]) for place in places]


@dataclass
class Seen:
    """What became of an outlet in a simulation, in order of time.

    `requests`: when each was made. `lists`: address → when it was read. `looks`: (when, how late, the report's age
    then) of each look at a report that was read before; `first`: how long after its publication each report was read;
    `unread`: reports that a list named and that were not read by the end.
    """

    requests: list[datetime] = field(default_factory=list)
    lists: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    looks: list[tuple[datetime, timedelta, timedelta]] = field(default_factory=list)
    first: list[timedelta] = field(default_factory=list)
    unread: int = 0

    def most_in_a_day(self) -> int:
        """The most requests of any 24 hours."""
        most = begin = 0
        for end, at in enumerate(self.requests):
            while self.requests[begin] <= at - DAY:
                begin += 1
            most = max(most, end - begin + 1)
        return most

    def late(self, youngest: timedelta, oldest: timedelta) -> list[timedelta]:
        """How late looks at reports of such an age were, sorted."""
        return sorted(late for _, late, age in self.looks if youngest <= age < oldest)

    def gaps(self) -> list[timedelta]:
        """The times between two readings of a list, sorted."""
        return sorted(later - earlier for times in self.lists.values() for earlier, later in pairwise(times))


def simulate(
    connection: sqlite3.Connection, sites: Sequence[Site], days: float, schedule: Schedule, seed: int = 7
) -> dict[str, Seen]:
    """Run every ten minutes for so many days in an empty archive; returns what became of each outlet."""
    chance = random.Random(seed)
    for site in sites:
        site.publish(days, chance)
    connection.execute("begin")
    ledger.write_outlets(connection, [_description(site) for site in sites])
    for site in sites:
        frontier.expect_lists(connection, site.name, [(site.home(n), site.home(n)) for n in range(site.lists)])
    connection.execute("commit")
    by_name = {site.name: site for site in sites}
    seen = {site.name: Seen() for site in sites}
    for number in range(round(days * DAY / RUN)):
        now = BEGIN + number * RUN
        for each in plan.plan(connection, now):
            if each.due and each.allowed:
                _Crawl(connection, by_name[each.outlet], seen[each.outlet], now, schedule).run(each.allowed)
    for name, number in connection.execute(
        "select outlet, count(*) from checks where kind = 'report' and last_capture is null group by outlet"
    ):
        seen[name].unread = number
    return seen


class _Crawl:
    """One outlet's part of a run."""

    def __init__(
        self, connection: sqlite3.Connection, site: Site, seen: Seen, now: datetime, schedule: Schedule
    ) -> None:
        self.connection, self.site, self.seen, self.now, self.schedule = connection, site, seen, now, schedule
        self.at = now

    def run(self, allowed: int) -> None:
        lists = frontier.listings(self.connection, self.site.name, self.now + SOON, everything=False)[:allowed]
        self._write([self._read(check) for check in lists])
        known = frontier.due(self.connection, self.site.name, self.at + SOON, allowed - len(lists), everything=False)
        self._write([self._look(check) for check in known])

    def _write(self, captures: list[Capture]) -> None:
        self.connection.execute("begin")
        rows.write(self.connection, captures, self.schedule)
        self.connection.execute("commit")

    def _read(self, check: frontier.Check) -> Capture:
        links = [
            Link(url, canonical=url, time=time) for url, time in self.site.named(int(check.url[-2]), self.at + _APART)
        ]
        capture = self._capture(check, "listing")
        capture.links = links
        self.seen.lists[check.url].append(capture.at)
        return capture

    def _look(self, check: frontier.Check) -> Capture:
        assert check.listed_at and check.due_at
        age = self.at + _APART - check.listed_at
        if check.last_capture is None:
            capture = self._capture(check, "report")
            capture.report = _report(self.site.name, check)
            capture.report_url = check.url
            self.seen.first.append(age)
            return capture
        capture = self._capture(check, "unchanged")
        self.seen.looks.append((capture.at, capture.at - check.due_at, age))
        return capture

    def _capture(self, check: frontier.Check, outcome: str) -> Capture:
        self.at += _APART
        self.seen.requests.append(self.at)
        number = round(self.at.timestamp() * 1_000_000) + sum(self.site.name.encode()) % 997
        while self.connection.execute("select 1 from captures where id = ?", [number]).fetchone():
            number += 1_000
        return Capture(
            id=number,
            crawl=f"{self.now:%Y%m%dT%H%M%S}-{self.site.name}",
            outlet=self.site.name,
            url=check.url,
            canonical=check.url,
            at=self.at,
            status=304 if outcome == "unchanged" else 200,
            headers=[],
            body=b"",
            payload_length=10_000,
            warc="simulated.warc.gz",
            offset=number,
            length=4_000,
            kind=check.kind,
            outcome=outcome,
        )


def _report(outlet: str, check: frontier.Check) -> Report:
    assert check.listed_at
    published = f"{check.listed_at:%Y-%m-%dT%H:%M:%S}"
    return Report(
        outlet=outlet, layout="simulated", language="en", title=check.url, published_local=published,
        published_precision="second", published_utc=f"{published}Z", published_printed=published, zone_basis="outlet",
        modified_utc=None, source_label=None, source_url=None, editors=[], authors=[], dateline=None, body=["Text."],
        captions=[], keywords=[],
    )  # fmt: skip


def _description(site: Site) -> dict[str, object]:
    return {
        "id": site.name, "title_en": site.name, "title_local": site.name, "country": "XX", "languages": "en",
        "kind": "state", "control": "state-owned", "owner": "", "timezone": "UTC", "aliases": "", "domains": "[]",
        "every": site.every, "budget": site.budget,
    }  # fmt: skip


def sites(number: int) -> Iterator[Site]:
    """Outlets of every size: 5 to 400 reports a day, budgets of 200 to 2,000."""
    sizes = (5, 10, 20, 40, 80, 150, 250, 400)
    budgets = (200, 500, 1_000, 1_500, 2_000)
    for place in range(number):
        yield Site(f"outlet{place:02}", sizes[place % len(sizes)], budgets[place // len(sizes) % len(budgets)])
