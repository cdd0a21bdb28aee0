"""Archives of benchmarks/due.py: what a crawler of many outlets knows after years, or on its first day."""

from __future__ import annotations

import random
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.schedule import LAST_RUNG, UNREAD, Schedule
from archive.schema import connect, open_archive
from archive.times import iso

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BUDGET = 2_000  # requests a day of each outlet, nearly all of which were made
LISTS = 5  # of each outlet
CRAWLS = 144  # of each outlet in the last 24 hours: one every ten minutes
SEED = 20120726


def build(path: Path, outlets: int, checks: int, schedule: Schedule, never_read: bool) -> None:
    """An archive with so many outlets and addresses of reports; does nothing where it is already.

    `never_read`: none was read, as after a first crawl of the lists; else each stands on the rung of its age, up to
    four years, and is due when its look of then comes round. The table `reports` is empty: nothing here reads it.
    """
    if path.exists():
        return
    print(f"making {path}", file=sys.stderr)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".making")
    aside.unlink(missing_ok=True)
    open_archive(aside).close()
    connection = connect(aside)
    for pragma in ("synchronous=off", "foreign_keys=off", "cache_size=-200000", "journal_mode=delete"):
        connection.execute(f"pragma {pragma}")
    chance = random.Random(SEED)
    indexes = connection.execute(
        "select name, sql from sqlite_master where type = 'index' and sql not null "
        "and tbl_name in ('checks', 'captures')"
    ).fetchall()
    for name, _ in indexes:  # made again at the end, sorted: five times as fast
        connection.execute(f"drop index {name}")
    names = [f"outlet{number:03}" for number in range(outlets)]
    connection.execute("begin")
    connection.executemany(_OUTLET, [[name, name, name, BUDGET] for name in names])
    connection.executemany(_CHECK, _checks(names, checks, schedule, never_read, chance))
    connection.executemany(_CAPTURE, _captures(names, chance))
    connection.executemany(_CRAWL, _crawls(names))
    connection.execute("commit")
    for _, sql in indexes:
        connection.execute(sql)
    connection.execute("analyze")
    connection.execute("pragma journal_mode=wal")
    connection.close()
    aside.replace(path)


_OUTLET = """insert into outlets (id, title_en, title_local, country, languages, kind, control, owner, timezone,
    aliases, domains, every, budget) values (?, ?, ?, 'XX', 'zh', 'state', 'state-owned', '', 'UTC', '', '[]', 60, ?)"""
_CHECK = """insert into checks (url, outlet, address, kind, title, listed_at, found_at, found_in, last_capture, last_at,
    last_outcome, changed_at, due_at, rung) values (?1, ?2, ?1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"""
_CAPTURE = """insert into captures (id, crawl, outlet, url, canonical, at, status, payload_length, warc, offset, length,
    origin, outcome) values (?, ?, ?, ?, ?, ?, 200, 20000, 'a.warc.gz', ?, 9000, 'live', 'unchanged')"""
_CRAWL = "insert into crawls values (?, ?, ?, ?, 'finished', 'live', 14, 3, 0, 0)"


def _checks(
    names: list[str], count: int, schedule: Schedule, never_read: bool, chance: random.Random
) -> Iterator[tuple[object, ...]]:
    """In order of their addresses: rows of one table that is its own index."""
    shares = [1 / (place + 8) for place in range(len(names))]  # a few outlets have most of the reports
    for name, share in zip(names, shares, strict=True):
        home = f"https://www.{name}.example/"
        ages = sorted(chance.random() * 4 * 365 * 86_400 for _ in range(round(count * share / sum(shares))))
        for number, age in enumerate(ages):
            url = f"{home}a/{number:07}/content_{chance.randrange(10**9):09}.html"
            published = NOW - timedelta(seconds=age)
            found = [iso(published), iso(published), home]
            if never_read:
                yield (url, name, "report", _TITLE, *found, None, None, None, None, iso(NOW), UNREAD)
                continue
            rung, due = schedule.next_look(published, NOW)
            wait = due - NOW
            due -= wait * chance.random()
            looked = due - wait
            capture = int(looked.timestamp() * 1e6)
            yield (
                url, name, "report", _TITLE, *found, capture, iso(looked), "unchanged", iso(published), iso(due),
                min(rung, LAST_RUNG),
            )  # fmt: skip
        for number in range(LISTS):
            due = NOW - timedelta(minutes=1) if never_read else NOW + timedelta(minutes=60 * chance.random())
            url = f"{home}list/{number}"
            yield (url, name, "listing", None, None, None, None, 1, iso(NOW), "listing", iso(NOW), iso(due), UNREAD)


_TITLE = "国务院新闻办公室举行新闻发布会介绍有关情况"


def _captures(names: list[str], chance: random.Random) -> Iterator[tuple[object, ...]]:
    """Nearly the whole budget of the last 24 hours, in order of time."""
    count = round(BUDGET * 0.95) * len(names)
    for number in range(count):
        at = NOW - timedelta(hours=24) * (1 - number / count)
        name = names[number % len(names)]
        url = f"https://www.{name}.example/a/{chance.randrange(10**6):07}"
        yield (int(at.timestamp() * 1e6), f"{at:%Y%m%dT%H%M}-{name}", name, url, url, iso(at), number)


def _crawls(names: list[str]) -> Iterator[tuple[object, ...]]:
    for number in range(CRAWLS):
        at = NOW - timedelta(minutes=10) * (CRAWLS - number)
        for name in names:
            yield (f"{at:%Y%m%dT%H%M%S}-{name}", name, iso(at), iso(at + timedelta(minutes=2)))


def count_by_index(connection: sqlite3.Connection) -> int:
    """The floor: every entry of the index of what is due, counted once."""
    (found,) = connection.execute(
        "select count(*) from checks indexed by checks_due where due_at is not null"
    ).fetchone()
    return int(found)
