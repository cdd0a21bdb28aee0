"""Linking 1,000 new reports to an archive of a million: time, and which planted copies are found.

    python benchmarks/link.py [--reports 1000000] [--years 20] [--folder FOLDER]

With a tenth of the reports in a tenth of the years each report has as many others within the days in which copies are
looked for, and the archive is made in a tenth of the time.

The archive is invented (benchmarks/link_texts.py) and written directly: rows, sketches, and statements, which are those
of a thousand reports that were really read, given to the others with other values. Then come 1,000 new reports through
`linking.link.link`, as after a crawl.

Compared in the same run: a simhash of 64 bits, which finds what differs in three bits at most (Manku, Jain and Das
Sarma, 2007), and one with as many index entries as our sketch has; and, on 3,000 reports, all pairs by brute force.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from multiprocessing import Pool
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scrapy.utils.project import get_project_settings

from archive.ledger import write_outlets
from archive.report_ids import time_of
from archive.schema import open_archive
from archive.times import iso
from benchmarks.link_texts import YEARS, Made, Part, make_part, parts
from grammar.press import Press
from linking.link import link
from linking.reading import STATED, read_reports
from linking.reprints import link_reprints
from linking.shingles import shingles, wording
from linking.sketches import Sketch, candidates, packed, sketch_of
from pipelines.press import press_of
from pipelines.registry import descriptions, outlets

NEW = 1_000
READ = 1_000  # reports whose statements the others are given
SAMPLE = 2_000  # planted copies, and as many other reports
BRUTE = 3_000
CONTAINED = 0.6  # of the later text's shingles: what brute force calls alike
SIMHASH = 384  # bits: 24 keys of 16 bits, as many as our sketch has in the index of a report of ordinary length
T = TypeVar("T")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--reports", type=int, default=1_000_000)
    arguments.add_argument("--years", type=float, default=YEARS)
    arguments.add_argument("--folder", type=Path, help="keep the archive here, and use the one that is there")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="dateline-link-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{options.reports}-{options.years:g}.db"
        made = [each for part in parts(options.reports + NEW, options.years)[-2:] for each in make_part(part)]
        if not path.exists():
            building = path.with_suffix(".building")
            _build(building, options.reports, options.years)
            building.rename(path)
        connection = open_archive(path)
        connection.execute("pragma cache_size = -64000")
        try:
            _measure(connection, made[-NEW:])
        finally:
            connection.close()


# The archive


def _build(path: Path, reports: int, years: float) -> None:
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    connection = open_archive(path)
    for pragma in ("synchronous = off", "foreign_keys = off", "cache_size = -256000"):
        connection.execute(f"pragma {pragma}")
    connection.execute(f"pragma temp_store_directory = '{path.parent}'")
    _, described = _press()
    with _timed("rows and sketches", reports), _transaction(connection):
        write_outlets(connection, described)
        connection.execute("create temp table planted_hashes (hash integer, report integer)")
        connection.execute("create table planted (report integer primary key, original integer)")
        with Pool() as pool:
            for part in pool.imap(_with_sketches, parts(reports + NEW, years)):
                _write(connection, [each for each, _ in part])
                _write_sketches(connection, part)
    new = [report for (report,) in connection.execute("select id from reports order by id desc limit ?", [NEW])]
    with _timed("index of sketches", reports), _transaction(connection):
        connection.execute("drop index sketch_hashes_report")
        connection.execute(
            "insert into sketch_hashes select * from planted_hashes where report < ? order by 1, 2", [min(new)]
        )
        connection.execute("create index sketch_hashes_report on sketch_hashes(report)")
        connection.execute("delete from sketches where report >= ?", [min(new)])
        connection.execute("delete from unread")
    with _timed("statements", reports), _transaction(connection):
        _state(connection, min(new))
        _take_out(connection, min(new))
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.execute("analyze")
    connection.close()


def _with_sketches(part: Part) -> list[tuple[Made, Sketch | None]]:
    return [(each, sketch_of(each.body, each.language)) for each in make_part(part)]


def _write(connection: sqlite3.Connection, made: Sequence[Made]) -> None:
    rows = [(each, iso(time_of(each.id)), f"http://{each.outlet}.example/{each.id}") for each in made]
    connection.executemany("insert into id_registry values (?, ?)", [(each.id, url) for each, _, url in rows])
    connection.executemany(
        "insert into captures (id, crawl, outlet, url, canonical, at, status, payload_length, warc, offset, length, "
        "origin, outcome, report) values (?, 'one', ?, ?, ?, ?, 200, 9, 'one.warc.gz', ?, 9, 'live', 'report', ?)",
        [(each.id, each.outlet, url, url, at, each.id, each.id) for each, at, url in rows],
    )
    connection.executemany(
        "insert into reports (id, url, outlet, title, excerpt, language, published_at, published_local, "
        "published_precision, first_seen, last_checked, state, versions, pages, capture, origin) "
        "values (?, ?, ?, ?, '', ?, ?, ?, 'minute', ?, ?, 'live', 1, 1, ?, 'live')",
        [
            (each.id, url, each.outlet, each.title, each.language, at, at[:16], at, at, each.id)
            for each, at, url in rows
        ],
    )
    connection.executemany(
        "insert into versions (id, report, number, title, body, captions, text_digest, layout, capture, seen_at, "
        "added, removed, removed_text) values (?, ?, 1, ?, ?, '', '', 'one', ?, ?, 0, 0, '')",
        [(each.id, each.id, each.title, each.body, each.id, at) for each, at, _ in rows],
    )


def _write_sketches(connection: sqlite3.Connection, part: Sequence[tuple[Made, Sketch | None]]) -> None:
    sketched = [(each.id, sketch) for each, sketch in part if sketch]
    connection.executemany(
        "insert into sketches values (?, ?, ?)", [(id, sketch.size, packed(sketch.lowest)) for id, sketch in sketched]
    )
    connection.executemany(
        "insert into planted_hashes values (?, ?)",
        [(number, id) for id, sketch in sketched for number in sketch.indexed],
    )
    connection.executemany(
        "insert into planted values (?, ?)", [(each.id, each.copy_of) for each, _ in part if each.copy_of is not None]
    )


def _state(connection: sqlite3.Connection, before: int) -> None:
    """Read a few reports, and give the others before an id what one in their language states, with other values."""
    press, _ = _press()
    connection.execute("insert into unread select id from reports order by id limit ?", [READ])
    while read_reports(connection, press):
        pass
    connection.execute("delete from unlinked")
    connection.execute(
        "create temp table given as "
        "select reports.id as report, model, reports.id * 7919 % 9973 / 100.0 as factor from "
        "(select id, language, row_number() over (partition by language order by id) as number from reports) reports "
        "join (select report as model, language, row_number() over (partition by language order by report) as place, "
        "count(*) over (partition by language) as models from statements join reports on id = report) as models "
        "on models.language = reports.language and place = 1 + number % models "
        "where reports.id < ? and reports.id not in (select report from statements)",
        [before],
    )
    for table in (*STATED, "names", "statements"):
        columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
        given = {"report": "given.report", "version": "given.report"}
        for value in ("value", "value_max"):
            given[value] = f"round({value} * factor, 2)"
        connection.execute(
            f"insert into {table} select {', '.join(given.get(each, f'{table}.{each}') for each in columns)} "
            f"from given join {table} on {table}.report = model"
        )


def _take_out(connection: sqlite3.Connection, first: int) -> None:
    """The reports from an id on: they are to come later, or came when this archive was measured before."""
    for table, column in (("versions", "report"), ("reports", "id"), ("captures", "id"), ("id_registry", "id")):
        connection.execute(f"delete from {table} where {column} >= ?", [first])


def _press() -> tuple[Press, list[dict[str, object]]]:
    settings = get_project_settings()
    known = outlets(settings)
    return press_of(known, settings), list(descriptions(known, settings))


# What is measured


def _measure(connection: sqlite3.Connection, new: list[Made]) -> None:
    with _transaction(connection):
        _take_out(connection, new[0].id)
    (held,) = connection.execute("select count(*) from reports").fetchone()
    chance = random.Random(1)
    planted = dict(connection.execute("select report, original from planted"))
    sizes = dict(connection.execute("select name, sum(pgsize) from dbstat group by name"))
    sketched = sum(sizes.get(name, 0) for name in ("sketches", "sketch_hashes", "sketch_hashes_report"))
    print(f"{held:,} reports, file {sum(sizes.values()) / 1e6:,.0f} MB")
    print(f"sketches and their index: {sketched / held:.0f} bytes a report")
    began = time.process_time()
    for each in new:
        sketch_of(each.body, each.language)
    print(f"sketch: {(time.process_time() - began) / len(new) * 1000:.2f} ms a report")

    copies = chance.sample(sorted(report for report in planted if report < new[0].id), min(SAMPLE, len(planted) // 2))
    _planted(connection, copies, planted, chance)
    _by_simhash(connection, copies, planted)
    _by_brute_force(connection)
    _new(connection, new, planted)


def _planted(connection: sqlite3.Connection, copies: list[int], planted: dict[int, int], chance: random.Random) -> None:
    """Copies of the archive, and as many other reports, linked; nothing of it is kept."""
    others = [report for (report,) in connection.execute("select id from reports where id % 97 = 5 limit ?", [SAMPLE])]
    connection.execute("begin")
    looked = sorted({*copies, *others})
    began = time.process_time()
    for batch in _batches(looked, 200):
        link_reprints(connection, batch)
    spent = (time.process_time() - began) / len(looked) * 1000
    found = dict(connection.execute("select report, original from reprints"))
    connection.execute("rollback")
    wanted = {report: _first(planted, report) for report in {*looked, *found} if report in planted}
    right = sum(_first(planted, found.get(copy, 0)) == wanted[copy] for copy in copies)
    true = sum(_first(planted, copy) == _first(planted, original) for copy, original in found.items())
    print(
        f"planted copies: recall {right / len(copies):.3f} of {len(copies):,}, precision {true / len(found):.3f} of "
        f"{len(found):,}; {spent:.2f} ms a report"
    )


def _first(planted: dict[int, int], report: int) -> int:
    """The report that a copy, or a copy of a copy, was made from."""
    while report in planted:
        report = planted[report]
    return report


def _new(connection: sqlite3.Connection, new: list[Made], planted: dict[int, int]) -> None:
    press, _ = _press()
    with _transaction(connection):
        _write(connection, new)
    began, cpu = time.monotonic(), time.process_time()
    at = {"read": began}

    def progress(step: str, done: int, of: int) -> None:
        at[step] = time.monotonic()

    linked = link(connection, press, progress=progress)
    spent, cpu = time.monotonic() - began, time.process_time() - cpu
    before = began
    for step, ended in at.items():
        print(f"  {step}: {ended - before:.1f} s")
        before = ended
    print(f"linking {len(new):,} new reports: {spent:.1f} s ({cpu:.1f} s of CPU); looked at {linked.looked}")
    for table in ("reprints", "twins", "citations", "contradictions"):
        print(f"  {table}: {connection.execute(f'select count(*) from {table}').fetchone()[0]:,} rows")
    ids = {each.id for each in new}
    found = dict(connection.execute("select report, original from reprints"))
    wanted = {each.id: each.copy_of for each in new if each.copy_of is not None}
    right = sum(_first(planted, found.get(copy, 0)) == _first(planted, copy) for copy in wanted)
    print(f"  new copies found: {right} of {len(wanted)}; {sum(copy in ids for copy in found) - right} others")


def _by_brute_force(connection: sqlite3.Connection) -> None:
    """All pairs of the newest reports whose shingles are compared one by one, against the candidates."""
    texts = connection.execute(
        "select report, language, body from reports join versions on report = reports.id order by 1 desc limit ?",
        [BRUTE],
    ).fetchall()
    sets = {id: shingles(wording(body), language) for id, language, body in texts}
    held: dict[int, list[int]] = {}
    pairs: set[tuple[int, int]] = set()
    for id in sorted(sets):
        shared: dict[int, int] = {}
        for number in sets[id]:
            for other in held.setdefault(number, []):
                shared[other] = shared.get(other, 0) + 1
            held[number].append(id)
        pairs |= {(other, id) for other, count in shared.items() if count >= CONTAINED * len(sets[id])}
    found = sum(original in candidates(connection, copy) for original, copy in pairs)
    print(f"brute force: {len(pairs)} pairs alike among {len(sets):,} reports, {found} of them candidates")


# Simhash


def _by_simhash(connection: sqlite3.Connection, copies: Sequence[int], planted: dict[int, int]) -> None:
    found = keyed = 0
    taken = copies[:500]
    for copy in taken:
        one, other = (_simhash(connection, report) for report in (copy, planted[copy]))
        found += ((one ^ other) & (2**64 - 1)).bit_count() <= 3
        keyed += any((one ^ other) >> shift & 0xFFFF == 0 for shift in range(0, SIMHASH, 16))
    print(
        f"simhash of 64 bits, at most 3 of them others: recall {found / len(taken):.3f}; "
        f"of {SIMHASH} bits, one of {SIMHASH // 16} keys the same: {keyed / len(taken):.3f}"
    )


# Each bit of a byte in 16 bits of its own, so that adding up counts all of them at once.
_SPREAD = [sum(1 << 16 * bit for bit in range(8) if byte >> bit & 1) for byte in range(256)]


def _simhash(connection: sqlite3.Connection, report: int) -> int:
    """The bits that most of the shingles' hashes have."""
    language, body = connection.execute(
        "select language, body from reports join versions on versions.report = reports.id where reports.id = ?",
        [report],
    ).fetchone()
    numbers = shingles(wording(body), language)
    hashes = [hashlib.blake2b(number.to_bytes(4, "little"), digest_size=SIMHASH // 8).digest() for number in numbers]
    bits = 0
    for place in range(SIMHASH // 8):
        counts = sum(_SPREAD[each[place]] for each in hashes)
        for bit in range(8):
            bits |= (2 * (counts >> 16 * bit & 0xFFFF) > len(hashes)) << (8 * place + bit)
    return bits


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("begin")
    yield
    connection.execute("commit")


@contextmanager
def _timed(what: str, reports: int) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{datetime.now():%H:%M:%S} {what} of {reports:,} reports: {time.monotonic() - began:.0f} s", file=sys.stderr)


def _batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[1])
    main()
