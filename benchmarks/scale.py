"""What a report costs as an archive grows, and the plan for one of many millions that follows from it (docs/scale.md).

    python benchmarks/scale.py [--reports 20000] [--merging] [--keep FILE]
    python benchmarks/scale.py --measured FILE [--plan-reports 50_000_000] [--outlets 400] [--warc-tb 10] …

Reports of benchmarks/many_reports.py become segments of 2,000 captures, as workers make them, and these are merged one
by one by the archive's own writer: rows, search index, coverage. Then the last segment's pages are looked at again and
say the same; statements of a thousand reports that are really read are given to the others (benchmarks/link.py), every
report gets its sketch, and the last 2,000 are linked. Then the archive is published and served by `datasette -i`.
What a page costs in a WARC file, and to read, is measured on the pages of benchmarks/reread.py.

CPU time is that of the process; of the server, what the system counts for it. The clock is shown beside it: on a
machine that others use it says little. `--merging` ends after the merges, for larger archives. `--keep` writes the
numbers as JSON, and `--measured` makes the plan's table of such a file; benchmarks/scale_plan.py has the arithmetic.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scrapy.utils.project import get_project_settings

from archive.ledger import write_outlets
from archive.public import index_of
from archive.publishing import make_public
from archive.schedule import Schedule
from archive.segments import Segment, SegmentWriter
from archive.times import iso
from archive.transactions import transaction
from archive.writer import Writer
from benchmarks import reread
from benchmarks.many_reports import SOURCES, Made, make
from benchmarks.scale_plan import Costs, Plan, Prices, table
from benchmarks.search_page import _open, _wait
from commands.serve import datasette_arguments
from grammar.press import Press
from items import Capture, Report
from linking.link import link
from linking.reading import STATED, read_reports
from linking.sketches import sketch
from pipelines.press import press_of
from pipelines.registry import descriptions, outlets
from pipelines.reread import merge_segment
from pipelines.shards import make_segment

EACH = 2_000  # captures of a segment
PAGES = 300  # that are written and read
ASKED = 150  # requests of a kind
READ = 1_000  # reports whose statements the others are given
LINKED = ("figures", "attributions", "quotes", "mentions", "names", "statements", "reprints", "twins", "citations")
SKETCHES = ("sketches", "sketch_hashes")
LOOKS = ("captures", "readings")
T = TypeVar("T")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--reports", type=int, default=20_000, help="of the archive that is measured")
    arguments.add_argument("--merging", action="store_true", help="end after the merges")
    arguments.add_argument("--folder", type=Path, help="make the archive here, and leave it")
    arguments.add_argument("--keep", type=Path, help="write what was measured here")
    arguments.add_argument("--measured", type=Path, help="measure nothing: make the plan of this file")
    for name, standard in (*asdict(Plan()).items(), *asdict(Prices()).items()):
        option = f"--{'plan-' if name == 'reports' else ''}{name.replace('_', '-')}"
        arguments.add_argument(option, dest=f"plan_{name}", type=type(standard), default=standard)
    options = vars(arguments.parse_args())
    plan = Plan(**{name: options[f"plan_{name}"] for name in asdict(Plan())})
    prices = Prices(**{name: options[f"plan_{name}"] for name in asdict(Prices())})
    if options["measured"]:
        print(table(Costs(**json.loads(options["measured"].read_text())), plan, prices))
        return
    with tempfile.TemporaryDirectory(prefix="dateline-scale-") as temporary:
        folder = options["folder"] or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        costs = _measure(folder, options["reports"], options["merging"])
    if costs is not None:
        if options["keep"]:
            options["keep"].write_text(json.dumps(asdict(costs), indent=2) + "\n")
        print("\n" + table(costs, plan, prices))


def _measure(folder: Path, reports: int, merging: bool) -> Costs | None:
    archive = folder / "archive.db"
    writer = Writer.open(archive, folder / "captures", Schedule.from_settings(get_project_settings()))
    try:
        writer.describe(_described())
        merge_ms, last = _merge(writer, reports)
        if merging:
            return None
        sizes = _sizes(writer.connection)
        rows, words, looks = (
            _per(sizes, reports, lambda table: not _of(table, (*LOOKS, "reports_fts", "reports_characters"))),
            _per(sizes, reports, lambda table: _of(table, ("reports_fts", "reports_characters"))),
            _per(sizes, reports, lambda table: _of(table, LOOKS)),
        )
        print(f"bytes a report: rows {rows:,.0f}, search index {words:,.0f}, and of each look at it {looks:,.0f}")
        look_ms = _look_again(writer, last)
        link_ms = _link(writer.connection, reports)
        sizes = _sizes(writer.connection)
        sketches = _per(sizes, reports, lambda table: _of(table, SKETCHES))
        linked = _per(sizes, reports, lambda table: _of(table, LINKED))
        print(f"bytes a report: sketches {sketches:,.0f}, statements and links {linked:,.0f}")
    finally:
        writer.close()
    publish_ms, published, index = _publish(archive, folder / "published", reports)
    front_ms, search_ms, report_ms = _serve(folder / "published" / "archive.db")
    warc, segment, read_ms = _pages()
    return Costs(
        reports, warc, segment, read_ms, merge_ms, look_ms, link_ms, rows, words, looks, sketches, linked,
        publish_ms, published, index, front_ms, search_ms, report_ms,
    )  # fmt: skip


# Merging


def _described() -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = [
        {"id": source.id, "title_en": source.id, "title_local": source.id, "country": "XX", "kind": source.kind,
         "languages": source.language, "control": "control", "owner": "owner", "timezone": "UTC", "aliases": "",
         "domains": "", "every": 60, "budget": 2000}
        for source in SOURCES
    ]  # fmt: skip
    return made


def _merge(writer: Writer, reports: int) -> tuple[float, list[Capture]]:
    """Milliseconds of CPU a report in the last tenth, and the last segment's captures."""
    marks = {reports // part // EACH * EACH or EACH for part in (1, 2, 4, 10)}
    spent: list[float] = []
    clock: list[float] = []
    written = resource.getrusage(resource.RUSAGE_SELF).ru_oublock
    done = 0
    print("reports      merge: CPU ms a report    clock    bytes written a report    archive.db")
    captures: list[Capture] = []
    for number, captures in enumerate(_batches(_captures(reports), EACH)):
        segment, data = _segment(number, captures)
        began, cpu = time.perf_counter(), time.process_time()
        merge_segment(writer, segment, data, dict.fromkeys(source.id for source in SOURCES))
        spent.append((time.process_time() - cpu) / len(captures) * 1000)
        clock.append((time.perf_counter() - began) / len(captures) * 1000)
        done += len(captures)
        if done in marks:
            now = resource.getrusage(resource.RUSAGE_SELF).ru_oublock
            latest = max(1, len(spent) // 10)
            print(
                f"{done:9,} {statistics.mean(spent[-latest:]):20.2f} {statistics.mean(clock[-latest:]):14.2f} "
                f"{(now - written) * 512 / done:20,.0f} {writer.archive.stat().st_size / 1e6:12,.0f} MB",
                flush=True,
            )
    return statistics.mean(spent[-max(1, len(spent) // 10) :]), captures


def _captures(reports: int) -> Iterator[Capture]:
    """A capture of each report, ten minutes after it came out, in order of time."""
    last = 0
    for made in make(reports):
        last = max(last + 1, int((made.at + timedelta(minutes=10)).timestamp() * 1e6))
        yield _capture(made, last)


def _capture(made: Made, id: int) -> Capture:
    title, body = made.wordings[-1]
    url = f"https://www.{made.source.id}.example/{made.at:%Y/%m-%d}/{made.id}.html"
    return Capture(
        id, "", made.source.id, url, datetime.fromtimestamp(id / 1e6, UTC), 200, [("Content-Type", "text/html")], b"",
        payload_sha256=hashlib.sha256(url.encode()).hexdigest(), payload_length=18_000, length=19_000, charset="utf-8",
        kind="report", outcome="report", canonical=url, report_url=url,
        report=Report(
            made.source.id, "article", made.source.language, title, f"{made.at:%Y-%m-%dT%H:%M}", "minute",
            iso(made.at), f"{made.at:%Y-%m-%d %H:%M}", "outlet", None, "Xinhua", None, [], [], None,
            body.split("\n\n"), [], [],
        ),
    )  # fmt: skip


def _segment(number: int, captures: Sequence[Capture]) -> tuple[Segment, bytes]:
    name = f"dateline-{number:05}.warc.gz"
    writer = SegmentWriter(name, 0, "benchmark")
    for place, capture in enumerate(captures):
        writer.add(replace(capture, warc=name, offset=place * 19_000))
    return writer.finish()


def _look_again(writer: Writer, captures: Sequence[Capture]) -> float:
    """Milliseconds of CPU for each of these captures when it comes again, later and saying the same."""
    later = [
        replace(capture, id=capture.id + 90_000_000_000, at=capture.at + timedelta(hours=25)) for capture in captures
    ]
    segment, data = _segment(99_999, later)
    cpu = time.process_time()
    merge_segment(writer, segment, data, dict.fromkeys(source.id for source in SOURCES))
    spent = (time.process_time() - cpu) / len(captures) * 1000
    print(f"a look that says the same: {spent:.2f} ms of CPU")
    return spent


# Linking


def _link(connection: sqlite3.Connection, reports: int) -> float:
    """Milliseconds of CPU for each of the last reports, after all the others have what linking makes of them."""
    settings = get_project_settings()
    known = outlets(settings)
    press = press_of(known, settings)
    new = min(EACH, reports // 10)
    ids = [report for (report,) in connection.execute("select id from reports order by id")]
    with transaction(connection):
        write_outlets(connection, descriptions(known, settings))
        _state(connection, press, ids[-new])
    cpu = time.process_time()
    for batch in _batches(ids[:-new], 200):
        with transaction(connection):
            sketch(connection, batch)
    print(f"sketches: {(time.process_time() - cpu) / len(ids) * 1000:.2f} ms of CPU a report")
    with transaction(connection):
        connection.executemany("insert into unread values (?)", [(report,) for report in ids[-new:]])
    began, cpu = time.perf_counter(), time.process_time()
    link(connection, press)
    spent, clock = time.process_time() - cpu, time.perf_counter() - began
    print(f"linking the last {new:,} to {reports:,}: {spent / new * 1000:.1f} ms of CPU a report, {clock:.0f} s")
    return spent / new * 1000


def _state(connection: sqlite3.Connection, press: Press, before: int) -> None:
    """Read some reports, and give the others before an id what one in their language states, with other values."""
    connection.execute("delete from unread")
    connection.execute("insert into unread select id from reports order by id limit ?", [READ])
    while read_reports(connection, press):
        pass
    connection.execute("delete from unlinked")
    connection.execute(
        "create temp table given as select reports.id as report, latest.id as version, model, "
        "reports.id * 7919 % 9973 / 100.0 as factor from "
        "(select id, versions, language, row_number() over (partition by language order by id) as number from reports) "
        "as reports join versions as latest on latest.report = reports.id and latest.number = reports.versions join "
        "(select report as model, language, row_number() over (partition by language order by report) as place, "
        "count(*) over (partition by language) as models from statements join reports on id = report) as models "
        "on models.language = reports.language and place = 1 + reports.number % models "
        "where reports.id < ? and reports.id not in (select report from statements)",
        [before],
    )
    for name in ("statements", *reversed(STATED), "names"):
        columns = [row[1] for row in connection.execute(f"pragma table_info({name})")]
        given = {"report": "given.report", "version": "given.version"}
        given |= {value: f"round({value} * factor, 2)" for value in ("value", "value_max")}
        connection.execute(
            f"insert into {name} select {', '.join(given.get(each, f'{name}.{each}') for each in columns)} "
            f"from given join {name} on {name}.report = model"
        )


# Publishing


def _publish(archive: Path, folder: Path, reports: int) -> tuple[float, float, float]:
    """Milliseconds of CPU a report, bytes a report of the rows and of the index."""
    folder.mkdir(exist_ok=True)
    made = folder / "archive.db"
    began, cpu = time.perf_counter(), time.process_time()
    make_public(archive, made, "benchmark", iso(datetime.now(UTC)))
    spent, clock = time.process_time() - cpu, time.perf_counter() - began
    rows, index = (path.stat().st_size for path in (made, index_of(made)))
    print(
        f"publish: {spent:.1f} s of CPU, {clock:.1f} s; of {archive.stat().st_size / 1e6:,.0f} MB come "
        f"{rows / 1e6:,.0f} MB and an index of {index / 1e6:,.0f} MB"
    )
    return spent / reports * 1000, rows / reports, index / reports


# Serving


def _serve(archive: Path) -> tuple[float, float, float]:
    """Milliseconds of the server's CPU for a front page, a search and a report, each time another one."""
    with closing(sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True)) as connection:
        found = connection.execute("select id, title from reports").fetchall()
    chance = random.Random(1)
    some = [chance.choice(found) for _ in range(ASKED)]
    paths = {
        "front page": ["/"] * ASKED,
        "search": [f"/search?q={quote(_words(title))}" for _, title in some],
        "report": [f"/reports/{id}" for id, _ in some],
    }
    spent: list[float] = []
    with _immutable(archive) as (address, process):
        for kind, asked in paths.items():
            _open(address + asked[0]).read()
            cpu, began = _cpu_of(process), time.perf_counter()
            sizes = [len(_open(address + path, timeout=60).read()) for path in asked]
            spent.append((_cpu_of(process) - cpu) / ASKED * 1000)
            clock = (time.perf_counter() - began) / ASKED * 1000
            print(
                f"{kind}: {spent[-1]:.1f} ms of CPU, {clock:.1f} ms by the clock, {statistics.median(sizes) / 1000:.0f}"
                f" KB; {1000 / spent[-1]:.0f} a second for each core"
            )
    front, search, report = spent
    return front, search, report


def _words(title: str) -> str:
    """One word of a title: of a Chinese one two characters."""
    words = title.split()
    return title[:2] if len(words) == 1 else max(words, key=len)


@contextmanager
def _immutable(archive: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """What `dateline serve --immutable` starts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "datasette", *datasette_arguments(archive, port, immutable=True)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/-/versions.json", process)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(20)


def _cpu_of(process: subprocess.Popen[bytes]) -> float:
    """Seconds of CPU that a process has used, as Linux counts them."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# Pages


def _pages() -> tuple[float, float, float]:
    """Of a page: bytes in a WARC file and in a segment, and milliseconds of CPU to read it."""
    known = outlets(get_project_settings())
    folder = reread.PROJECT.parent / "shared" / "pages"
    found = reread.listed(folder) if folder.exists() else reread.sampled(reread.PROJECT / "samples" / "pages")
    real = reread.readable(found, known)
    pages = list(islice((reread.varied(real[each % len(real)], each // len(real)) for each in count()), PAGES))
    with tempfile.TemporaryDirectory() as place:
        written = Path(place)
        work = reread.Work(written, reread.write(written, pages))
        warc = sum(path.stat().st_size for path in written.glob("*.warc.gz")) / PAGES
        read_ms = reread.alone("and segments", work.folder, work.names)[1] / PAGES * 1000
        made = [make_segment(shard) for shard in work.shards(Path(place, "segments"))]
        segment = sum(each.bytes for each in made) / PAGES
    print(f"a page of {sum(len(page.body) for page in pages) / PAGES:,.0f} bytes: {warc:,.0f} in a WARC file, "
          f"{segment:,.0f} in a segment, read in {read_ms:.1f} ms of CPU")  # fmt: skip
    return warc, segment, read_ms


# Sizes


def _sizes(connection: sqlite3.Connection) -> dict[str, int]:
    """Bytes by table, each with its indexes."""
    of = dict(connection.execute("select name, tbl_name from sqlite_master"))
    sizes: dict[str, int] = {}
    for name, size in connection.execute("select name, sum(pgsize) from dbstat group by name"):
        sizes[of.get(name, name)] = sizes.get(of.get(name, name), 0) + size
    return sizes


def _of(table: str, names: Iterable[str]) -> bool:
    """Whether a table is one of these, or a part of such an index."""
    return any(table == name or (table.startswith(f"{name}_") and name.startswith("reports_")) for name in names)


def _per(sizes: dict[str, int], reports: int, which: Callable[[str], bool]) -> float:
    return sum(size for table, size in sizes.items() if which(table)) / reports


def _batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch


if __name__ == "__main__":
    main()
