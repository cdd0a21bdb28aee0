"""The archive of benchmarks/search.py and tantivy's index of the same texts, and what making them costs."""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from archive import search as index
from archive.schema import connect, open_archive
from benchmarks.many_reports import SOURCES, Made, make
from benchmarks.search_peer import Peer

BATCH = 500  # reports a transaction, as a crawl writes them
T = TypeVar("T")


def build(folder: Path, reports: int) -> dict[str, Any]:
    """The archive, its index and tantivy's, and what they cost: seconds of CPU, bytes. Kept in built.json."""
    kept = folder / "built.json"
    if kept.exists():
        found: dict[str, Any] = json.loads(kept.read_text())
        return found
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "archive.db"
    open_archive(path).close()
    connection = connect(path)
    connection.execute("pragma synchronous=off")
    connection.execute("pragma foreign_keys=off")
    connection.execute("pragma cache_size=-64000")
    _say(f"{reports:,} reports: rows")
    _write_rows(connection, reports)
    built: dict[str, Any] = {"reports": reports}
    _say("our index")
    built["ours"] = _index(connection)
    connection.execute("pragma wal_checkpoint(truncate)")
    built["bytes"] = _sizes(connection)
    _say("tantivy's")
    built["tantivy"], built["segmenting"] = _index_by_tantivy(connection, folder / "tantivy")
    connection.close()
    kept.write_text(json.dumps(built, indent=2))
    return built


def _write_rows(connection: sqlite3.Connection, reports: int) -> None:
    connection.execute("begin")
    connection.executemany(
        "insert into outlets values (?, ?, ?, 'XX', ?, ?, 'control', 'owner', 'UTC', '', '', 60, 2000)",
        [(source.id, source.id, source.id, source.language, source.kind) for source in SOURCES],
    )
    connection.execute("commit")
    for batch in _batches(make(reports), 5_000):
        connection.execute("begin")
        connection.executemany("insert into id_registry values (?, ?)", [(each.id, _url(each)) for each in batch])
        connection.executemany(
            "insert into captures values (?, 'crawl', ?, ?, ?, ?, 200, null, 'text/html', 'utf-8', ?, 40000, "
            "'benchmark.warc.gz', ?, 12000, null, null, 'live', 'report', null, ?, null, null)",
            [(each.id, each.source.id, _url(each), _url(each), _at(each), f"{each.id:064x}", each.id, each.id)
             for each in batch],
        )  # fmt: skip
        connection.executemany(
            "insert into reports values (?, ?, ?, ?, ?, ?, 'news', 'A Reporter', null, null, null, 'Xinhua', 'X', "
            "?, null, ?, ?, 'minute', ?, 'outlet', null, ?, ?, ?, ?, 1, ?, 'live')",
            [(each.id, _url(each), each.source.id, each.wordings[-1][0], each.wordings[-1][1][:200],
              each.source.language, _at(each)[:10], _at(each), _at(each)[:19], _at(each), _at(each), _at(each),
              each.state, len(each.wordings), each.id) for each in batch],
        )  # fmt: skip
        connection.executemany(
            "insert into versions values (?, ?, ?, ?, ?, '', ?, 'layout', ?, ?, 0, 0, '', '', '[]')",
            [(each.id + 5_000_000_000_000_000 * number, each.id, number + 1, title, body, f"{each.id}-{number}",
              each.id, _at(each)) for each in batch for number, (title, body) in enumerate(each.wordings)],
        )  # fmt: skip
        connection.execute("commit")


def _url(made: Made) -> str:
    return f"https://www.{made.source.id}.example/{made.at:%Y/%m-%d}/{made.id}.html"


def _at(made: Made) -> str:
    return f"{made.at:%Y-%m-%dT%H:%M:%SZ}"


def _batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch


def _index(connection: sqlite3.Connection) -> dict[str, float]:
    ids = [row[0] for row in connection.execute("select id from reports order by id")]
    began, cpu = time.monotonic(), time.process_time()
    for number, batch in enumerate(_batches(ids, BATCH)):
        connection.execute("begin")
        index.add_to_index(connection, batch)
        connection.execute("commit")
        if number % 200 == 199:
            _say(f"  {(number + 1) * BATCH:,} in {time.monotonic() - began:,.0f} s")
    return {"cpu": time.process_time() - cpu, "wall": time.monotonic() - began}


def _index_by_tantivy(connection: sqlite3.Connection, folder: Path) -> tuple[dict[str, float], float]:
    """What tantivy's index costs beyond the segmented text, and what segmenting cost (CPU seconds)."""
    peer = Peer(folder)
    rows = connection.execute(
        "select words.id, words.title, words.body, words.removed, characters, outlet, reports.language, kind, state "
        "from reports cross join reports_text as words on words.id = reports.id "
        "cross join reports_characters_text as single on single.id = reports.id "
        "join outlets on outlets.id = outlet order by reports.id"
    )
    segmenting = 0.0

    def batches() -> Iterator[list[tuple[Any, ...]]]:
        nonlocal segmenting
        while True:
            mark = time.thread_time()
            batch = rows.fetchmany(BATCH)
            segmenting += time.thread_time() - mark
            if not batch:
                return
            yield batch

    began, cpu = time.monotonic(), time.process_time()
    peer.write(batches())
    return {"cpu": time.process_time() - cpu - segmenting, "wall": time.monotonic() - began}, segmenting


def _sizes(connection: sqlite3.Connection) -> dict[str, int]:
    """Bytes of the text as written (UTF-8), and of the parts of the file."""
    text = "select sum(length(cast(title as blob)) + length(cast(body as blob))) from versions"
    sizes = dict(connection.execute("select name, sum(pgsize) from dbstat group by name").fetchall())
    return {"text": connection.execute(text).fetchone()[0], **sizes}


def merge(folder: Path, built: dict[str, Any]) -> None:
    """Merge the index's parts, as rereading and publishing do; once."""
    if "merging" in built:
        return
    _say("merging the index")
    connection = connect(folder / "archive.db")
    cpu = time.process_time()
    index.merge(connection)
    built["merging"] = time.process_time() - cpu
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
    (folder / "built.json").write_text(json.dumps(built, indent=2))


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)
