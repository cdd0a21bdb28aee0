"""Searching a million reports: our index in SQLite against tantivy, on the same data in the same run.

    python benchmarks/search.py [--reports 1000000] [--keep FOLDER] [--merged] [--page]

The archive has the real tables, filled in bulk, and the real index, made as a crawl makes it: through
archive.search.add_to_index, in transactions of 500 reports. tantivy gets the text that our index gets (segment()'s), in
the fields of our columns with positions, and what it needs for the same questions: a fast field of the ids for newest
first, fast fields of outlet, language, kind, state and month for counts, and a field of single characters. One thread
each. Times are CPU time of the asking thread with everything in memory, the median of three, so that what else the
machine does weighs less; p50 and p95 are over the queries of a kind, drawn from the reports themselves.

--keep: build there, or reuse what an earlier run built there. --page: also ask `dateline serve` for whole pages.
"""

from __future__ import annotations

import argparse
import platform
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archive import search as index
from archive.finding import Order, Search, find, overview, page_of_ids, timeline
from archive.selection import is_ranked, select
from benchmarks.many_reports import SEED, SOURCES
from benchmarks.search_archive import build, merge
from benchmarks.search_page import get, served
from benchmarks.search_peer import Peer
from benchmarks.search_queries import draw


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds over the queries of a kind."""

    p50: float
    p95: float

    @classmethod
    def of(cls, work: Callable[[Search], object], searches: list[Search], clock: Callable[[], float]) -> Measured:
        times = sorted(_median_of_three(work, search, clock) for search in searches)
        return cls(statistics.median(times), times[min(len(times) - 1, round(len(times) * 0.95))])

    def __str__(self) -> str:
        return f"{self.p50:9.2f} {self.p95:9.2f}"


def _median_of_three(work: Callable[[Search], object], search: Search, clock: Callable[[], float]) -> float:
    times = []
    for _ in range(3):
        began = clock()
        work(search)
        times.append((clock() - began) * 1000)
    return statistics.median(times)


def measure(folder: Path, queries: int) -> None:
    """Print the table."""
    chance = random.Random(SEED)
    connection = sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)
    index.register(connection)
    peer = Peer(folder / "tantivy")
    kinds = draw(connection, queries, chance)

    def ours_newest(search: Search) -> list[int]:
        return _ids(connection, search)

    def peer_newest(search: Search) -> list[int]:
        return peer.newest(peer.query(search), 20)

    _head("20 newest ids")
    for kind, words in kinds.items():
        searches = [Search(each) for each in words]
        with_peer = "*" not in words[0]
        _line(
            kind,
            Measured.of(ours_newest, searches, time.thread_time),
            Measured.of(peer_newest, searches, time.thread_time) if with_peer else None,
            sum(ours_newest(each) == peer_newest(each) for each in searches) / len(searches) if with_peer else None,
        )
    _head("20 best ids: ours of the newest 20,000 hits, tantivy's of all")
    for kind in (
        "a word, either language",
        "rare word",
        "common word",
        "two words",
        "English phrase, 3 words",
        "Chinese, 4 characters",
    ):
        searches = [Search(each, order="relevance") for each in kinds[kind]]
        _line(
            kind,
            Measured.of(ours_newest, searches, time.thread_time),
            Measured.of(lambda search: peer.best(peer.query(search), 20), searches, time.thread_time),
        )
    _head("counts and months: ours of the newest 10,000 hits and an estimate beyond, tantivy's of all")
    for kind in (
        "a word, either language",
        "rare word",
        "common word",
        "two words",
        "English phrase, 3 words",
        "Chinese, 1 character",
        "Chinese, 4 characters",
    ):
        for name, searches in (
            ("", [Search(each) for each in kinds[kind]]),
            (", filtered", [_filtered(each, chance) for each in kinds[kind]]),
        ):
            _line(
                f"{kind}{name}",
                Measured.of(lambda search: overview(connection, search), searches, time.thread_time),
                Measured.of(lambda search: peer.counts(peer.query(search)), searches, time.thread_time),
            )
    _head("ours alone")
    for kind, words in kinds.items():
        searches = [Search(each) for each in words]
        _line(
            f"20 hits with snippets: {kind}",
            Measured.of(lambda search: find(connection, search), searches, time.thread_time),
        )
    for kind in ("a word, either language", "common word"):
        searches = [Search(each) for each in kinds[kind]]
        _line(f"timeline: {kind}", Measured.of(lambda search: timeline(connection, search), searches, time.thread_time))
    connection.close()


def measure_pages(folder: Path, queries: int) -> None:
    """Print the wall time of whole pages over HTTP."""
    chance = random.Random(SEED)
    with closing(sqlite3.connect(f"file:{folder / 'archive.db'}?mode=ro", uri=True)) as connection:
        index.register(connection)
        kinds = draw(connection, queries, chance)
    _head("whole pages over HTTP, wall time")
    with served(folder / "archive.db") as server:
        for path in ("/search", "/search.json", "/timeline"):
            for kind, words in kinds.items():
                for name, searches in (
                    ("", [Search(each) for each in words]),
                    (", filtered", [_filtered(each, chance) for each in words]),
                    (", by relevance", [Search(each, order="relevance") for each in words]),
                ):
                    if path == "/search" or (not name and "word" in kind):
                        times = Measured.of(partial(get, server, path), searches, time.perf_counter)
                        _line(f"{path} {kind}{name}", times)


def _ids(connection: sqlite3.Connection, search: Search) -> list[int]:
    order: Order = search.order if is_ranked(search) else "newest"
    selection = select(search)
    assert selection is not None, search
    page, parameters = page_of_ids(selection, order)
    rows = connection.execute(page, {**parameters, "limit": 20})
    return [row[0] for row in rows]


def _filtered(words: str, chance: random.Random) -> Search:
    """With one or two filters, as a reader would click them."""
    year = chance.randrange(2008, 2026)
    choices: list[dict[str, Any]] = [
        {"outlet": chance.choice(SOURCES).id},
        {"kind": chance.choice(("state", "state", "secondary"))},
        {"language": chance.choice(("en", "zh-Hans"))},
        {"since": date(year, 1, 1), "until": date(year + chance.randrange(3), 12, 31)},
        {"state": "gone"},
    ]
    first, second = chance.sample(choices[:4], 2)
    return Search(words, **chance.choice((first, first | second, first | choices[4])))


def _head(title: str) -> None:
    print(f"\n{title}, ms\n{'':44}{'ours p50':>9} {'p95':>9} {'tantivy p50':>12} {'p95':>9}  ratio of p50, p95   same")


def _line(kind: str, ours: Measured, peers: Measured | None = None, same: float | None = None) -> None:
    line = f"{kind:<44}{ours}"
    if peers is not None:
        line += f"    {peers}  {ours.p50 / peers.p50:8.2f} {ours.p95 / peers.p95:8.2f}"
    print(line + (f"   {same:4.0%}" if same is not None else ""), flush=True)


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def _costs(folder: Path, built: dict[str, Any]) -> None:
    sizes, reports = built["bytes"], built["reports"]
    text = sizes["text"]
    tantivy = sum(path.stat().st_size for path in (folder / "tantivy").iterdir())
    ours = sum(size for name, size in sizes.items() if name.startswith(("reports_fts_", "reports_characters_")))
    segmenting, own = built["segmenting"], built["ours"]["cpu"] - built["segmenting"]
    print(f"{reports:,} reports, {text / 1e6:,.0f} MB of text, {text / reports:,.0f} bytes each")
    print(f"{'':30}{'ours':>10} {'tantivy':>10}  ratio")
    for name, first, second in (
        ("build, CPU ms a report", own / reports * 1e3, built["tantivy"]["cpu"] / reports * 1e3),
        ("with segmenting", (own + segmenting) / reports * 1e3, (built["tantivy"]["cpu"] + segmenting) / reports * 1e3),
        ("size, of the text", ours / text, tantivy / text),
    ):
        print(f"{name:<30}{first:>10.2f} {second:>10.2f} {first / second:>6.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=100, help="of each kind")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--merged", action="store_true", help="merge our index first, as reread and publish do")
    parser.add_argument("--page", action="store_true")
    arguments = parser.parse_args()
    print(f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        built = build(folder, arguments.reports)
        _costs(folder, built)
        if not arguments.merged:
            measure(folder, arguments.queries)
        else:
            merge(folder, built)
            print(f"\nOur index merged into one part: {built['merging']:,.0f} s of CPU")
            measure(folder, arguments.queries)
        if arguments.page:
            measure_pages(folder, max(10, arguments.queries // 4))


if __name__ == "__main__":
    main()
