"""How it goes with each outlet, read from the archive: when it last answered, what is new against what is usual, which
fields are filled, what cannot be read, what fails, and what it takes of the disk.

All of it is about our own looks: what was brought in from elsewhere says nothing of how the crawling goes. Nothing here
writes. It reads a public archive too.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from statistics import median

from archive import plan
from archive.fields import FIELDS
from archive.times import iso, parse

DAY, WEEK = timedelta(days=1), timedelta(days=7)
SUCCESS = ("report", "listing", "unchanged")  # an answer that was of use
WEEKS = 8  # that tell what is usual
FEWEST_WEEKS = 4  # of fewer, nothing is said
BATCH, BATCHES = 50, 8  # reports whose fields are compared: the newest, and so many times that many before them
LOOKED_THROUGH = 2_000  # reports, for one of these
NEW_WHEN_FOUND = timedelta(
    days=7
)  # since its publication, at the most: older ones are of a backlog, and of older layouts
QUARTER = 90  # days to which a week is compared
OURS = "origin = 'live'"
# What the index captures_troubles holds: it is used only where a query says this, letter by letter.
TROUBLES = "outcome in ('quarantined', 'failed', 'server-error', 'refused', 'robots')"


@dataclass(frozen=True, slots=True)
class Usual:
    """How many there were in the same hours of each of the last weeks in which the outlet was looked at."""

    median: float
    low: int
    high: int
    weeks: int

    def covers(self, number: int) -> bool:
        return self.low <= number <= self.high


@dataclass(frozen=True, slots=True)
class NewReports:
    """Reports that we first read in the last 24 hours and 7 days, and what is usual (None: too little history)."""

    day: int
    usual_day: Usual | None
    week: int
    usual_week: Usual | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Reports in the order in which we first read them: how many, how many of them filled each of FIELDS then, and
    how often a field was filled in one and not in the next, or the other way round."""

    of: int
    filled: tuple[int, ...]
    turns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FillRate:
    """How many of the newest reports filled a field when they were first read, and of those before them."""

    field: str
    filled: int
    of: int
    filled_before: int
    of_before: int

    @property
    def share(self) -> float | None:
        return self.filled / self.of if self.of else None

    @property
    def share_before(self) -> float | None:
        return self.filled_before / self.of_before if self.of_before else None


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Looks at report pages that could not be read, of all that brought a page: in the last 7 days (UTC, today
    included), and in the 90 days before them."""

    week: int
    week_looks: int
    quarter: int
    quarter_looks: int

    @property
    def share(self) -> float | None:
        return self.week / self.week_looks if self.week_looks else None

    @property
    def share_before(self) -> float | None:
        return self.quarter / self.quarter_looks if self.quarter_looks else None


@dataclass(frozen=True, slots=True)
class Cause:
    """Captures of the last 7 days that failed in one way. `why` is the kind of failure in a few words; `url` and
    `last_at` are of the newest."""

    outcome: str
    status: int | None
    why: str
    captures: int
    last_at: str
    url: str


@dataclass(frozen=True, slots=True)
class OutletHealth:
    """One outlet. Times are as the tables have them. `due`: addresses that are due now, counted to plan.COUNTED;
    `waiting`: known addresses at which no report was read so far; `quarantined_pages`: pages in quarantine;
    `ended`: how the last crawl ended, None while it runs or when it was killed; `warc_bytes`: what its captures take
    of the WARC files."""

    outlet: str
    title: str
    kind: str
    last_success: str | None
    last_look: str | None
    next_due: str | None
    due: int
    new: NewReports
    fields: tuple[FillRate, ...]
    quarantined: Quarantined
    causes: tuple[Cause, ...]
    reports: int
    newest: str | None
    edits: int
    missing: int
    quarantined_pages: int
    waiting: int
    last_crawl: str | None
    ended: str | None
    warc_bytes: int


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk that Dateline writes to. `holds` names what lies on it: archive, captures, or both. In bytes; `used` is
    what Dateline takes."""

    holds: str
    path: Path
    total: int
    free: int
    used: int


def of_outlets(
    connection: sqlite3.Connection, now: datetime, only: Collection[str] | None = None
) -> list[OutletHealth]:
    """Every outlet, or those named, in order of id. 400 outlets with 5 million reports take 3 seconds."""
    return list(_of(connection, now, only))


def of_outlet(connection: sqlite3.Connection, outlet: str, now: datetime) -> OutletHealth:
    """One outlet. Raises KeyError for one that is not in the archive."""
    for found in _of(connection, now, (outlet,)):
        return found
    raise KeyError(outlet)


def _of(connection: sqlite3.Connection, now: datetime, only: Collection[str] | None) -> Iterator[OutletHealth]:
    held = dict(connection.execute("select outlet, sum(reports) from holdings_months group by 1"))
    sums = {
        outlet: (edits, volume)
        for outlet, edits, volume in connection.execute(
            "select outlet, sum(changed), sum(bytes) from coverage_months group by 1"
        )
    }
    missing = dict(
        connection.execute(
            "select outlet, count(*) from reports indexed by reports_missing "
            "where state <> 'live' and state <> 'restored' group by 1"
        )
    )
    quarantine = dict(connection.execute("select outlet, count(distinct url) from quarantine group by 1"))
    outlets = [
        row
        for row in connection.execute("select id, title_en, kind from outlets order by id").fetchall()
        if only is None or row[0] in only
    ]
    planned = {each.outlet: each for each in plan.plan(connection, now, [id for id, _, _ in outlets])}
    for id, title, kind in outlets:
        began, ended = _last_crawl(connection, id)
        yield OutletHealth(
            outlet=id,
            title=title,
            kind=kind,
            last_success=last_success(connection, id),
            last_look=_last_look(connection, id),
            next_due=planned[id].next_due,
            due=planned[id].due,
            new=new_reports(connection, id, now),
            fields=fill_rates(batches(connection, id, now)),
            quarantined=quarantined(connection, id, now),
            causes=causes(connection, id, now),
            reports=held.get(id, 0),
            newest=_newest(connection, id),
            edits=sums.get(id, (0, 0))[0],
            missing=missing.get(id, 0),
            quarantined_pages=quarantine.get(id, 0),
            waiting=_waiting(connection, id),
            last_crawl=began,
            ended=ended,
            warc_bytes=sums.get(id, (0, 0))[1],
        )


def last_success(connection: sqlite3.Connection, outlet: str) -> str | None:
    """When a page or a list of the outlet last came as it should, or unchanged."""
    row = connection.execute(
        f"select at from captures indexed by captures_looks where outlet = ? and {OURS} "
        f"and outcome in ({_quoted(SUCCESS)}) order by at desc limit 1",
        [outlet],
    ).fetchone()
    return row[0] if row else None


def _last_look(connection: sqlite3.Connection, outlet: str) -> str | None:
    row = connection.execute(f"select max(at) from captures where outlet = ? and {OURS}", [outlet]).fetchone()
    found: str | None = row[0]
    return found


def _newest(connection: sqlite3.Connection, outlet: str) -> str | None:
    row = connection.execute(
        "select published_at from reports where outlet = ? and published_at is not null order by id desc limit 1",
        [outlet],
    ).fetchone()
    return row[0] if row else None


def _waiting(connection: sqlite3.Connection, outlet: str) -> int:
    row = connection.execute(
        "select count(*) from checks where outlet = ? and rung = 0 and kind = 'report' and due_at is not null", [outlet]
    ).fetchone()
    return int(row[0])


def _last_crawl(connection: sqlite3.Connection, outlet: str) -> tuple[str | None, str | None]:
    row = connection.execute(
        f"select started_at, finish_reason from crawls where outlet = ? and {OURS} order by started_at desc limit 1",
        [outlet],
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def _quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)


# New reports


def new_reports(connection: sqlite3.Connection, outlet: str, now: datetime) -> NewReports:
    """Those of the last 24 hours and 7 days. What is usual comes from the same 24 hours of the week, and the same 7
    days, of the last WEEKS weeks: a week counts when the outlet answered in it, and had done so before."""
    row = connection.execute(
        f"select at from captures indexed by captures_looks where outlet = ? and {OURS} order by at limit 1", [outlet]
    ).fetchone()
    first_look = parse(row[0]) if row else now
    return NewReports(
        day=_seen(connection, outlet, now - DAY, now),
        usual_day=_usual(connection, outlet, now, DAY, first_look),
        week=_seen(connection, outlet, now - WEEK, now),
        usual_week=_usual(connection, outlet, now, WEEK, first_look),
    )


def _usual(
    connection: sqlite3.Connection, outlet: str, now: datetime, length: timedelta, first_look: datetime
) -> Usual | None:
    counts = []
    for week in range(1, WEEKS + 1):
        until = now - week * WEEK
        since = until - length
        # What a first crawl finds is a backlog, and nothing usual.
        if since - DAY >= first_look and answered(connection, outlet, since, until):
            counts.append(_seen(connection, outlet, since, until))
    if len(counts) < FEWEST_WEEKS:
        return None
    return Usual(median(counts), min(counts), max(counts), len(counts))


def _seen(connection: sqlite3.Connection, outlet: str, since: datetime, until: datetime) -> int:
    row = connection.execute(
        "select count(*) from reports indexed by reports_looks where outlet = ? and first_look > ? and first_look <= ?",
        [outlet, iso(since), iso(until)],
    ).fetchone()
    return int(row[0])


def answered(connection: sqlite3.Connection, outlet: str, since: datetime, until: datetime) -> bool:
    """Whether anything of use came from the outlet in that time."""
    row = connection.execute(
        f"select 1 from captures indexed by captures_looks where outlet = ? and {OURS} and at > ? and at <= ? "
        f"and outcome in ({_quoted(SUCCESS)}) limit 1",
        [outlet, iso(since), iso(until)],
    ).fetchone()
    return row is not None


# Fields


def batches(connection: sqlite3.Connection, outlet: str, now: datetime) -> list[Batch]:
    """At most BATCH reports each, the newest first, then BATCHES of those before them. One is drawn evenly from the
    reports of a day, or of as many days as it takes to have so many; and it ends at least a day before the one that
    follows it. So they hold the same hours, days and nights, and not only what one list named in one go."""
    found = []
    until = iso(now)
    for days in range(BATCHES + 1):
        until = min(until, iso(now - days * DAY))
        reports, oldest = _new_ones(connection, outlet, until)
        if masks := _first_readings(connection, _evenly(reports)):
            found.append(_batch(masks))
        if not reports:
            break
        until = oldest
    return found


def _new_ones(connection: sqlite3.Connection, outlet: str, until: str) -> tuple[list[int], str]:
    """Reports that were new when we first read them, before `until`, the newest first; and when the last was read."""
    reports: list[int] = []
    since, oldest = iso(parse(until) - DAY), until
    for id, first_look in islice(
        connection.execute(
            "select id, first_look from reports indexed by reports_looks where outlet = ? and first_look < ? "
            "order by first_look desc",
            [outlet, until],
        ),
        LOOKED_THROUGH,
    ):
        if first_look < since and len(reports) >= BATCH:
            break
        day = date.fromisoformat(first_look[:10]) - NEW_WHEN_FOUND
        if id // 100_000_000 >= day.year * 10_000 + day.month * 100 + day.day:
            reports.append(id)
            oldest = first_look
    return reports, oldest


def _evenly(reports: list[int]) -> list[int]:
    return [reports[number * len(reports) // BATCH] for number in range(BATCH)] if len(reports) > BATCH else reports


def _first_readings(connection: sqlite3.Connection, reports: list[int]) -> list[int]:
    """What our first reading of each filled, as archive.fields counts it, where that is known."""
    return [
        mask
        for (mask,) in connection.execute(
            f"""select fields from (select wanted.key, (select capture from readings
                    cross join captures on captures.id = readings.capture and captures.{OURS}
                    where readings.report = wanted.value order by readings.capture limit 1) as first
                from json_each(?) as wanted)
            cross join readings on readings.capture = first and readings.part = 1
            where fields is not null order by key""",
            [json.dumps(reports)],
        )
    ]


def _batch(masks: list[int]) -> Batch:
    filled = sum(map(_in_lanes, masks))
    turns = sum(_in_lanes(before ^ after) for before, after in pairwise(masks))
    return Batch(len(masks), _lanes(filled), _lanes(turns))


_LANE = 16  # bits, so that the fields of many masks are counted in one sum


@cache
def _in_lanes(mask: int) -> int:
    """The mask with each field's bit in a lane of its own."""
    return sum((mask >> place & 1) << place * _LANE for place in range(len(FIELDS)))


def _lanes(total: int) -> tuple[int, ...]:
    return tuple(total >> place * _LANE & (1 << _LANE) - 1 for place in range(len(FIELDS)))


def fill_rates(found: list[Batch]) -> tuple[FillRate, ...]:
    """Each field's, in the newest batch against all the others."""
    if not found:
        return ()
    newest, *before = found
    of_before = sum(batch.of for batch in before)
    return tuple(
        FillRate(field, newest.filled[place], newest.of, sum(batch.filled[place] for batch in before), of_before)
        for place, field in enumerate(FIELDS)
    )


# What cannot be read


def quarantined(connection: sqlite3.Connection, outlet: str, now: datetime) -> Quarantined:
    """Looks at report pages that ended in quarantine; lists that could not be read are no part of it."""
    first, middle = iso(now - WEEK - QUARTER * DAY + DAY)[:10], iso(now - WEEK + DAY)[:10]
    failed: Counter[bool] = Counter()
    for day, number in connection.execute(
        f"""select substr(at, 1, 10), count(*) from captures indexed by captures_troubles
        where outlet = ? and {OURS} and at >= ? and at <= ? and {TROUBLES} and outcome = 'quarantined'
            and coalesce((select kind from checks where url = canonical), 'report') = 'report' group by 1""",
        [outlet, first, iso(now)],
    ):
        failed[day >= middle] += number
    read = {
        bool(is_week): number
        for is_week, number in connection.execute(
            "select day >= ?, sum(read) from coverage_days where outlet = ? and day >= ? and day <= ? group by 1",
            [middle, outlet, first, iso(now)[:10]],
        )
    }
    week, quarter = failed[True], failed[False]
    return Quarantined(week, week + read.get(True, 0), quarter, quarter + read.get(False, 0))


# What fails


def causes(connection: sqlite3.Connection, outlet: str, now: datetime) -> tuple[Cause, ...]:
    """In which ways looks of the last 7 days failed, the most frequent first."""
    found: dict[tuple[str, int | None, str], tuple[int, str, str]] = {}
    for outcome, status, cause, reason, url, at in connection.execute(
        f"""select outcome, status, cause, reason, url, at from captures indexed by captures_troubles
        where outlet = ? and {OURS} and at > ? and at <= ? and {TROUBLES}
            and outcome in ('failed', 'server-error', 'refused') order by at""",
        [outlet, iso(now - WEEK), iso(now)],
    ):
        key = (outcome, status, _why(url, status, cause, reason or ""))
        found[key] = (found.get(key, (0, "", ""))[0] + 1, at, url)
    return tuple(Cause(*key, *value) for key, value in sorted(found.items(), key=lambda item: item[1], reverse=True))


_KINDS = {
    "CannotResolveHostError": "the host's name was not found",
    "DownloadConnectionRefusedError": "the connection was refused",
    "DownloadTimeoutError": "no answer in time",
    "ResponseDataLossError": "the connection ended before the page did",
    "DownloadFailedError": "the connection broke",
    "DownloadCancelledError": "the answer was too large",
}
_UP_TO = re.compile(r"[^:;(]{1,80}")


def _why(url: str, status: int | None, cause: str | None, reason: str) -> str:
    """The kind of a failure, from the reason that the capture's row gives: "https://a/b: TimeoutError: …" has the kind
    of TimeoutError, whatever the rest."""
    if cause == "login":
        return "a login page"
    if status is not None and not 200 <= status < 300:
        return f"status {status}"
    said = reason.removeprefix(f"{url}: ")
    kind = _UP_TO.match(said)
    return _KINDS.get(name := kind[0].strip(), name) if kind else "not known"


# Disks


def disks(archive: Path, captures: Path) -> list[Disk]:
    """The disks of the archive and of the captures: one where both lie on the same. Raises OSError."""
    used = {
        "archive": sum(_size(path) for path in archive.parent.glob(f"{archive.name}*")),
        "captures": sum(_size(path) for path in captures.glob("*.warc.gz*")),
    }
    places = {"archive": _existing(archive.parent), "captures": _existing(captures)}
    usage = {name: shutil.disk_usage(place) for name, place in places.items()}
    if places["archive"].stat().st_dev == places["captures"].stat().st_dev:
        whole = usage["archive"]
        return [Disk("archive and captures", places["captures"], whole.total, whole.free, sum(used.values()))]
    return [Disk(name, places[name], usage[name].total, usage[name].free, used[name]) for name in places]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # renamed meanwhile by a crawl
        return 0


def _existing(folder: Path) -> Path:
    """The folder, or the one in which it would be made."""
    folder = folder.absolute()
    while not folder.is_dir():
        folder = folder.parent
    return folder


def hosts(domains: str) -> list[str]:
    """The hosts of an outlet, subdomains included in each, from the column outlets.domains."""
    return [str(domain["host"]) for domain in json.loads(domains or "[]")]
