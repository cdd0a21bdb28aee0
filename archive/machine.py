"""What is wrong with the machine that Dateline runs on: its disk, its clock, its schedule, and files that are gone."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median_low
from typing import Any

from archive import health
from archive.health import DAY, WEEK
from archive.standing import Key, Standing, Trouble, moment, size, span
from archive.storage import Captures
from archive.times import iso, parse

CLOCK_TOLERANCE = timedelta(minutes=5)
CLOCKS = 5  # runs whose offsets are taken together: one outlet with a wrong clock of its own is no news
DISK_SHARE = 0.05
MISSED_RUNS = 3

Now = Mapping[Key, Standing]


def find(
    connection: sqlite3.Connection, settings: Mapping[str, Any], captures: Captures, now: datetime, standing: Now
) -> list[Trouble]:
    """All of it. Reads only."""
    return [
        *disk(connection, Path(settings["ARCHIVE"]), captures.folder, int(settings["DISK_MIN_FREE"]), now, standing),
        *clock(connection, now),
        *schedule(connection, float(settings["SCHEDULE_EVERY"]), float(settings["RUN_MINUTES"]), now),
        *missing_files(connection, captures),
    ]


def disk(
    connection: sqlite3.Connection, archive: Path, captures: Path, at_least: int, now: datetime, standing: Now
) -> Iterator[Trouble]:
    """Less room than `at_least` bytes, or than 5 % of the disk where that is less. Over once there is a fifth more."""
    for each in health.disks(archive, captures):
        limit = min(at_least, each.total * DISK_SHARE)
        key = ("disk", None, each.holds)
        if each.free >= limit * (1.2 if key in standing else 1):
            continue
        grows = _grows_a_day(connection, now)
        lasts = f" It grows by {size(grows)} a day, which leaves {span(each.free / grows * DAY)}." if grows else ""
        yield Trouble(
            *key,
            "nearly full" if each.free < limit / 5 else "low",
            f"{size(each.free)} are free of {size(each.total)} on the disk of {each.holds} ({each.path}), where "
            f"Dateline takes {size(each.used)}.{lasts} Make room, or move the files and set DATELINE_ARCHIVE and "
            "DATELINE_CAPTURES.",
        )


def _grows_a_day(connection: sqlite3.Connection, now: datetime) -> float:
    """Bytes of WARC files in a day of the last week."""
    (total,) = connection.execute(
        "select coalesce(sum(bytes), 0) from coverage_days where day > ? and day <= ?",
        [iso(now - WEEK)[:10], iso(now)[:10]],
    ).fetchone()
    return float(total) / 7


def clock(connection: sqlite3.Connection, now: datetime) -> Iterator[Trouble]:
    """This machine's clock and those of the outlets' servers are minutes apart."""
    offsets = [
        offset
        for (offset,) in connection.execute(
            "select clock_offset from runs where clock_offset is not null and started_at > ? order by id desc limit ?",
            [iso(now - DAY), CLOCKS],
        )
    ]
    if not offsets or abs(median_low(offsets)) <= CLOCK_TOLERANCE.total_seconds():
        return
    offset = timedelta(seconds=median_low(offsets))
    yield Trouble(
        "clock",
        None,
        "clock",
        "behind" if offset > timedelta() else "ahead",
        f"This machine's clock is {span(abs(offset))} {'behind' if offset > timedelta() else 'ahead of'} those of the "
        "outlets' servers, and captures are dated by it. Set it right, and keep it so (NTP).",
    )


def schedule(connection: sqlite3.Connection, every: float, longest: float, now: datetime) -> Iterator[Trouble]:
    """Nothing was done for three times as long as between two runs. `every` and `longest` are in minutes: from run to
    run, and of a run that is at work, which counts as one until then."""
    limit = MISSED_RUNS * timedelta(minutes=every)
    newest = [
        parse(finished) if finished else min(now, parse(started) + timedelta(minutes=longest))
        for started, finished in connection.execute(
            "select started_at, finished_at from runs where started_at <= ? order by id desc limit 5", [iso(now)]
        )
    ]
    if not newest or now - max(newest) <= limit:
        return
    yield Trouble(
        "schedule",
        None,
        "runs",
        "none",
        f"`dateline due` has not come to an end since {moment(iso(max(newest)))}, {span(now - max(newest))} ago, so "
        "nothing was looked at. See `dateline schedule show`, and whether a run hangs (the lock file names it).",
    )


def missing_files(connection: sqlite3.Connection, captures: Captures) -> Iterator[Trouble]:
    """WARC files that the archive's rows refer to, and that are not where captures live."""
    here = captures.names()
    gone = [
        name
        for (name,) in connection.execute("select name from warcs where captures > 0 order by name")
        if name not in here
    ]
    if not gone:
        return
    what = f"{len(gone)} WARC files are" if len(gone) > 1 else "A WARC file is"
    yield Trouble(
        "missing-file",
        None,
        "WARC files",
        hashlib.sha256("\n".join(gone).encode()).hexdigest()[:16],
        f"{what} missing from {captures}: {gone[0]}. What was captured in it cannot be shown or read again: put it "
        "back from a copy, or name the folder that has it with DATELINE_CAPTURES.",
    )
