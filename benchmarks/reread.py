"""Reading WARC files again: pages per CPU second and per worker, ours against trafilatura's fast mode, in one run.

    python benchmarks/reread.py [--pages 1500] [--rounds 3] [--from FOLDER]

Pages are real ones that a layout of ours reads, of FOLDER (pages.jsonl and gold-english.jsonl there say which files;
../shared/pages when it is there, else samples/), each several times in other words: its paragraphs in another order, an
address and a number of its own, so that no two are the same bytes. They lie in twelve WARC files or more, gzip on the
wire. CPU time is that of a process for each stage, once it has read a file. Workers are measured by the clock: a pool
of processes from their start on, a Dask cluster of this machine as it stands.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import platform
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from scrapy.settings import BaseSettings
from scrapy.utils.project import get_project_settings

from archive.schedule import Schedule
from archive.segments import Segment
from archive.storage import Captures
from archive.warc_reader import read_captures
from archive.warc_writer import CaptureWriter
from archive.writer import Writer
from benchmarks.warc import HEADERS, REQUEST
from items import Capture
from pipelines.engines import Dask, Processes
from pipelines.extract import extract
from pipelines.normalise import normalise
from pipelines.registry import descriptions, outlets
from pipelines.reread import merge_segment
from pipelines.shards import Shard, extractor_version, make_segment, read_shard

PROJECT = Path(__file__).resolve().parents[1]
SHARDS = 12
WORKERS = (1, 2)
BEGAN = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
_PARAGRAPH = re.compile(rb"(?<=<p>)[^<>]{20,}(?=</p>)")


@dataclass(frozen=True, slots=True)
class Page:
    outlet: str
    url: str
    body: bytes


def listed(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Address and bytes of each page that the lists in a folder name."""
    for name in ("pages.jsonl", "gold-english.jsonl"):
        for line in (folder / name).read_text("utf-8").splitlines():
            row = json.loads(line)
            path = folder.parent / row["file"]
            if path.exists() and row.get("url"):
                yield row["url"], gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def sampled(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The same of a folder whose files lie at their addresses."""
    for path in sorted(folder.rglob("*.htm*")):
        yield f"http://{path.relative_to(folder).as_posix().removesuffix('index.html')}", path.read_bytes()


def readable(found: Iterable[tuple[str, bytes]], known: dict[str, Any]) -> list[Page]:
    """Those that are reports of ours which a layout reads."""
    pages: dict[bytes, Page] = {}
    for url, body in found:
        for name, outlet in known.items():
            if outlet.owns(url) and read(Page(name, url, body), outlet).outcome == "report":
                pages[body] = Page(name, url, body)
    return list(pages.values())


def read(page: Page, outlet: Any) -> Capture:
    capture = Capture(1, "", page.outlet, page.url, BEGAN, 200, [("Content-Type", "text/html")], page.body)
    return normalise(extract(capture, outlet), outlet)


def varied(page: Page, copy: int) -> Page:
    """A page in other words, at an address of its own."""
    dice = random.Random(copy)
    paragraphs = _PARAGRAPH.findall(page.body)
    dice.shuffle(paragraphs)
    others = iter(paragraphs)
    body = _PARAGRAPH.sub(lambda _: next(others), page.body) + b"\n<!-- %d -->" % copy
    url = re.sub(r"(?<=_)\d+(?=\.html?$)", lambda found: f"{int(found[0]) * 1000 + copy}", page.url)
    url = re.sub(r"[0-9a-f]{4}(?=/c\.html$)", f"{copy:04x}", url)
    url = re.sub(r"(?<=[a-z0-9])/?$", f"-{copy}/", url) if page.outlet == "tnw" else url
    return Page(page.outlet, url, body)


def write(folder: Path, pages: list[Page]) -> list[str]:
    """The pages in WARC files, as a crawl leaves them; returns the files' names."""
    packed = [(page, gzip.compress(page.body, 6)) for page in pages]
    writer = CaptureWriter(folder, max_bytes=sum(len(payload) for _, payload in packed) // SHARDS)
    for name in sorted({page.outlet for page in pages}):
        writer.begin(f"c-{name}", name, {"started": BEGAN.isoformat()}, at=BEGAN)
    head = [*HEADERS, ("Content-Encoding", "gzip")]
    head = [(name, "text/html" if name == "Content-Type" else value) for name, value in head]
    for number, (page, payload) in enumerate(packed):
        moment = BEGAN + timedelta(seconds=number)
        writer.response(f"c-{page.outlet}", page.outlet, page.url, ("GET", REQUEST), (200, head, payload), at=moment)
    writer.close()
    return sorted(path.name for path in folder.glob("*.warc.gz"))


def captures(folder: Path, names: list[str]) -> Iterator[Capture]:
    for name in names:
        for event in read_captures(Captures.at(folder).open(name)):
            if isinstance(event, Capture):
                yield event


@dataclass(frozen=True)
class Work:
    """The WARC files to read, and with what; made anew in each process."""

    folder: Path
    names: list[str]

    @cached_property
    def settings(self) -> BaseSettings:
        return get_project_settings()

    @cached_property
    def outlets(self) -> dict[str, Any]:
        return outlets(self.settings)

    def shards(self, aside: Path) -> list[Shard]:
        modules = tuple(self.settings.getlist("SPIDER_MODULES"))
        return [Shard(name, str(self.folder), str(aside), extractor_version(modules), modules) for name in self.names]


def only_read(work: Work) -> int:
    return sum(bool(capture.body) for capture in captures(work.folder, work.names))


def theirs(work: Work) -> int:
    import trafilatura

    found = captures(work.folder, work.names)
    return sum(bool(trafilatura.extract(each.body, url=each.url, fast=True)) for each in found)


def ours(work: Work) -> int:
    files = map(Captures.at(work.folder).open, work.names)
    events = chain.from_iterable(read_shard(file, work.outlets) for file in files)
    return sum(isinstance(event, Capture) and event.report is not None for event in events)


def segments(work: Work) -> int:
    with tempfile.TemporaryDirectory() as aside:
        return sum(make_segment(shard).captures for shard in work.shards(Path(aside)))


def rows(work: Work) -> int:
    """All of it: segments, and these merged into a fresh archive.db."""
    with tempfile.TemporaryDirectory() as place:
        aside = Path(place, "segments")
        made: list[Segment] = [make_segment(shard) for shard in work.shards(aside)]
        writer = Writer.open(Path(place, "archive.db"), work.folder, Schedule.from_settings(work.settings))
        try:
            writer.describe(descriptions(work.outlets, work.settings))
            return sum(merge_segment(writer, each, (aside / each.name).read_bytes(), work.outlets) for each in made)
        finally:
            writer.close()


STAGES: dict[str, Callable[[Work], int]] = {
    "WARC files read": only_read,
    "and trafilatura, fast": theirs,
    "and extract, normalise": ours,
    "and segments": segments,
    "and rows of archive.db": rows,
}


def spent(stage: str, folder: Path, names: list[str]) -> tuple[int, float]:
    """How many pages a stage gives, and the CPU seconds that it takes in this process once it has read a file."""
    STAGES[stage](Work(folder, names[:1]))
    work = Work(folder, names)
    began = time.process_time()
    return STAGES[stage](work), time.process_time() - began


def alone(*arguments: Any) -> tuple[int, float]:
    """`spent` in a process of its own: neither what made the pages nor another stage lies in its memory."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(spent, *arguments).result()


def of_pool(workers: int, work: Work) -> float:
    """Seconds of the clock for all segments by so many processes, their start included."""
    with tempfile.TemporaryDirectory() as aside:
        began = time.perf_counter()
        list(Processes(workers).segments(work.shards(Path(aside))))
        return time.perf_counter() - began


def of_dask(workers: int, work: Work) -> float:
    """The same by a cluster that is there already and has read a file."""
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,  # type: ignore[no-untyped-call]
        tempfile.TemporaryDirectory() as aside,
    ):
        engine = Dask(cluster.scheduler_address)
        list(engine.segments(Work(work.folder, work.names[:workers]).shards(Path(aside, "first"))))
        began = time.perf_counter()
        list(engine.segments(work.shards(Path(aside, "all"))))
        return time.perf_counter() - began


ENGINES: dict[str, Callable[[int, Work], float]] = {"processes": of_pool, "Dask": of_dask}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--pages", type=int, default=1500)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--from", dest="folder", type=Path, default=PROJECT.parent / "shared" / "pages")
    options = arguments.parse_args()
    known = outlets(get_project_settings())
    found = listed(options.folder) if options.folder.exists() else sampled(PROJECT / "samples" / "pages")
    real = readable(found, known)
    others = (varied(real[number % len(real)], number // len(real)) for number in count())
    reports = (page for page in others if read(page, known[page.outlet]).outcome == "report")
    pages = list(islice(reports, options.pages))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        names = write(folder, pages)
        size = sum(len(page.body) for page in pages) // len(pages)
        print(
            f"{len(pages)} pages of {size:,} bytes, from {len(real)} real ones, in {len(names)} WARC files; "
            f"Python {platform.python_version()}, lxml {version('lxml')}, trafilatura {version('trafilatura')}"
        )
        cpu: dict[str, list[float]] = {stage: [] for stage in STAGES}
        for _ in range(options.rounds):
            for stage, times in cpu.items():
                done, seconds = alone(stage, folder, names)
                times.append(seconds)
                if done < len(pages) and "trafilatura" not in stage:
                    raise SystemExit(f"{stage}: only {done} of {len(pages)} pages were read: nothing was measured")
        peer = cpu["and trafilatura, fast"]
        print("\nin one process             pages per CPU second    of trafilatura's")
        for stage, times in cpu.items():
            ratio = statistics.median(theirs_ / ours_ for theirs_, ours_ in zip(peer, times, strict=True))
            rates = sorted(len(pages) / each for each in times)
            print(f"{stage:24} {statistics.median(rates):8.0f} ({rates[0]:.0f}-{rates[-1]:.0f}) {ratio:14.2f}")
        work = Work(folder, names)
        clock: dict[tuple[str, int], list[float]] = {(name, many): [] for name in ENGINES for many in WORKERS}
        for _ in range(options.rounds):
            for (name, many), times in clock.items():
                times.append(ENGINES[name](many, work))
        print("\nsegments by                pages per second, each worker     speed-up")
        for (name, many), times in clock.items():
            one = clock[name, WORKERS[0]]
            gained = statistics.median(single / several for single, several in zip(one, times, strict=True))
            rate = len(pages) / statistics.median(times)
            who = f"{many} {'worker' if many == 1 else 'workers'}, {name}"
            print(f"{who:24} {rate:10.0f} {rate / many:14.0f} {gained:18.2f}")


if __name__ == "__main__":
    main()
