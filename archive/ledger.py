"""Rows of the ledger that are not about one capture: outlets, crawls, and the WARC files that have been read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from archive import clock
from archive.segments import Segment
from archive.times import iso
from items import FAILED


def write_outlets(connection: sqlite3.Connection, outlets: Iterable[Mapping[str, Any]]) -> None:
    """Insert or update a row for each description (column → value)."""
    for outlet in outlets:
        names = list(outlet)
        connection.execute(
            f"insert into outlets ({', '.join(names)}) values ({', '.join(f':{name}' for name in names)}) "
            f"on conflict (id) do update set {', '.join(f'{name} = excluded.{name}' for name in names)}",
            outlet,
        )


def write_warc(connection: sqlite3.Connection, name: str, size: int) -> None:
    """Note a closed WARC file, of so many bytes, whose records all have rows."""
    connection.execute(
        "insert into warcs select ?, ?, count(*), min(at), max(at) from captures where warc = ? "
        "on conflict (name) do update set bytes = excluded.bytes, captures = excluded.captures, "
        "first_at = excluded.first_at, last_at = excluded.last_at",
        [name, size, name],
    )


def write_broken(connection: sqlite3.Connection, warc: str, offset: int, reason: str) -> None:
    connection.execute("insert or replace into broken values (?, ?, ?)", [warc, offset, reason])


def is_merged(connection: sqlite3.Connection, segment: str) -> bool:
    return connection.execute("select 1 from segments where name = ?", [segment]).fetchone() is not None


def write_segment(connection: sqlite3.Connection, segment: Segment) -> None:
    """Note a segment whose captures all have rows: in the transaction that gives them these."""
    connection.execute(
        "insert into segments values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            segment.name, segment.warc, segment.extractor, segment.bytes, segment.sha256, segment.captures,
            segment.passed_over, iso(clock.now()),
        ],
    )  # fmt: skip


def begin_crawl(connection: sqlite3.Connection, crawl: str, outlet: str, started: datetime, origin: str) -> None:
    connection.execute(
        "insert into crawls (id, outlet, started_at, origin) values (?, ?, ?, ?) on conflict do nothing",
        [crawl, outlet, iso(started), origin],
    )


def begin_run(connection: sqlite3.Connection, run: str, started: datetime, pid: int) -> None:
    """Note that a scheduled run begins; one that never ended was killed, for only one holds the writer's lock."""
    connection.execute("update runs set ended = 'killed' where ended is null")
    connection.execute("insert into runs (id, started_at, pid) values (?, ?, ?)", [run, iso(started), pid])


def end_run(connection: sqlite3.Connection, run: str, finished: datetime, ended: str, **counts: float | None) -> None:
    """Note how a run ended, with `counts` by column."""
    columns = "".join(f", {name} = :{name}" for name in counts)
    connection.execute(
        f"update runs set finished_at = :finished, ended = :ended{columns} where id = :run",
        {"run": run, "finished": iso(finished), "ended": ended, **counts},
    )


def end_crawl(connection: sqlite3.Connection, crawl: str, finished: datetime | None, reason: str | None) -> None:
    """Count a crawl's captures by how they ended; a later call for the same crawl counts again."""
    connection.execute(
        """update crawls set
            finished_at = coalesce(:finished, finished_at), finish_reason = coalesce(:reason, finish_reason),
            (requests, reports, failed, quarantined) = (
                select coalesce(sum(attempts), 0), count(distinct case when outcome = 'report' then report end),
                    coalesce(sum(outcome in (select value from json_each(:failed))), 0),
                    coalesce(sum(outcome = 'quarantined'), 0)
                from fetches where crawl = :crawl)
            where id = :crawl""",
        {
            "crawl": crawl,
            "finished": iso(finished) if finished else None,
            "reason": reason,
            "failed": json.dumps(FAILED),
        },
    )
