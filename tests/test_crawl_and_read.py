"""The reading room stays open while a crawl writes: readers get no error, and find what has just come in."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from conftest import PROJECT, Place
from lxml import etree
from serving import RELEASES, answer, page, rows, serving

from archive.schema import open_archive
from commands.demo import FAST
from samples.newsroom import Newsroom

PAGES = (
    "/",
    "/search?q=%E5%85%AC%E5%AE%89%E9%83%A8",
    "/search?q=valdoria&outlet=xinhua",
    "/search",
    "/search.atom?q=valdoria",
    "/timeline?q=valdoria",
    "/outlets",
    "/edits",
    "/edits.atom",
    "/takedowns",
    "/archive/reports?_search=valdoria",
    "/archive/captures",
)
READERS = 2


@dataclass
class Readers:
    """Readers who ask for one page after the other until they are told to stop."""

    server: str
    answers: Counter[str] = field(default_factory=Counter)  # page → how often it was read
    errors: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def read(self, first: int) -> None:
        turn = first
        while not self._stop.is_set():
            path = PAGES[turn % len(PAGES)]
            turn += 1
            try:
                found = answer(self.server, path)
                self.answers[path] += 1
                if found.status != 200:
                    self.errors.append(f"{path}: {found.status} {found.text[:2000]}")
            except OSError as error:
                self.errors.append(f"{path}: {error}")

    def stop(self) -> None:
        self._stop.set()


@contextmanager
def _reading(server: str) -> Iterator[Readers]:
    readers = Readers(server)
    threads = [threading.Thread(target=readers.read, args=(number * 6,)) for number in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        yield readers
    finally:
        readers.stop()
        for thread in threads:
            thread.join()


def _crawl(place: Place, *options: str) -> subprocess.Popen[bytes]:
    """A crawl in a process of its own, which commits every few captures."""
    overrides = [part for override in (*FAST, "COMMIT_EVERY=3") for part in ("--set", override)]
    command = [sys.executable, str(PROJECT / "cli.py"), "crawl", *overrides, *options]
    return subprocess.Popen(
        command, env=place.environment, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _checkpoint(place: Place) -> None:
    """Move all that is in the WAL into the file, as a crawl's end or an operator does."""
    connection = sqlite3.connect(place.archive, timeout=10)
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()


def _reports(server: str) -> int:
    return len(rows(server, "/archive/reports", _size="max"))


def _entries(server: str, path: str) -> int:
    return len(etree.fromstring(answer(server, path).body).findall("{http://www.w3.org/2005/Atom}entry"))


@pytest.mark.parametrize("release", RELEASES)
def test_readers_get_no_error_and_the_newest_reports_while_a_crawl_writes(
    release: str, place: Place, newsroom: Newsroom
) -> None:
    open_archive(place.archive).close()
    with serving(place.archive, captures=place.captures, release=release) as server:
        assert _reports(server) == 0
        assert "公安部25日通报" not in page(server, "/search", q="公安部")
        with _reading(server) as readers:
            first = _crawl(place)
            seen = set()
            while first.poll() is None:
                seen.add(_reports(server))
            assert first.wait(120) in (0, 3)
            _checkpoint(place)
            assert _reports(server) == 33
            assert "中国警方打击网络犯罪" in page(server, "/search", q="公安部")
            assert _entries(server, "/edits.atom") == 0
            newsroom.visit = 2
            second = _crawl(place, "--full")
            while second.poll() is None:
                _checkpoint(place)
                time.sleep(0.05)
            assert second.wait(120) in (0, 3)
        assert not readers.errors, f"{len(readers.errors)} errors, the first: {readers.errors[0]}"
        assert set(readers.answers) == set(PAGES)
        assert len(seen) > 2, f"no reader saw the archive grow: {seen}"
        assert _entries(server, "/edits.atom") == 1
        assert "望澜地铁2号线延伸段开通" in page(server, "/edits")
        assert "召回4.7万台取暖器" in page(server, "/takedowns")
