"""CC-NEWS, Common Crawl's archive of news: every file of a window's days is read through, for it has no index."""

from __future__ import annotations

import logging
import math
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from archive.http_message import parse_response
from archive.mementos import Memento
from archive.warc_format import Damage, Record
from archive.warc_reader import scan_only
from backfill import blocks
from backfill.common_crawl import Records, day_of, month_of, place_of, timestamp_of, uri_of
from backfill.polite import Unavailable
from backfill.sources import Page, Window

logger = logging.getLogger(__name__)

BEGINS = date(2016, 8, 26)  # CC-NEWS-20160826124520-00000.warc.gz
# A file is closed at a gigabyte, or after a day; 51,101 of them had come by July 2026, most of late.
FILE_BYTES = 1_073_741_824
FILES_A_DAY = 20
DAYS_BEFORE = 1  # a file that was begun the day before may hold captures of a day

_BYTES_A_SECOND = 20_000_000  # that a line and one core take: about 150 Mbit/s
_NAME = re.compile(r"CC-NEWS-(\d{14})-\d+\.warc\.gz$")


def requests_of(first: date, last: date) -> int:
    """How many requests CC-NEWS takes for the captures of a window, about."""
    days = (last - first).days + 1 + DAYS_BEFORE
    return len(months_of(first, last)) + days * FILES_A_DAY * math.ceil(FILE_BYTES / blocks.BLOCK)


def months_of(first: date, last: date) -> list[tuple[int, int]]:
    """(year, month) of all files that may hold captures of a window."""
    begins = max(first - timedelta(days=DAYS_BEFORE), BEGINS)
    return [(number // 12, number % 12 + 1) for number in range(month_of(begins), month_of(last) + 1)]


@dataclass(frozen=True, slots=True)
class NewsEstimate:
    """What reading CC-NEWS for a window takes. `bytes` are read, not kept."""

    files: int
    bytes: int
    requests: int
    seconds: float


class News(Records):
    """CC-NEWS: every file of the window's days is read through. A `Page` is what one block brought; `resume` is the
    path of a file and the offset in it, from which another process can go on."""

    via: ClassVar[str] = "cc-news"
    at_once: ClassVar[bool] = True  # what a page lists is at hand, and would be another request later

    def listed(self, outlet: Any, window: Window, resume: str) -> Iterator[Page]:
        paths = self.paths(window)
        at, _, begins = resume.partition(" ")
        if at:
            paths = [path for path in paths if _begun(path) >= _begun(at)]
            paths = paths[paths.index(at) :] if at in paths else paths
        for number, path in enumerate(paths):
            following = f"{paths[number + 1]} 0" if number + 1 < len(paths) else ""
            offset = int(begins) if path == at else 0
            yield from self._read(path, offset, following, outlet, window)
        if not paths:
            yield Page([], 0, "")

    def paths(self, window: Window) -> list[str]:
        """The files that may hold news of a window, oldest first. Raises Unavailable for a listing that is none, and
        when there is no listing at all."""
        first, last = day_of(window.first), day_of(window.last)
        if first < BEGINS:
            logger.warning("CC-NEWS begins on %s: of the days before it has nothing", BEGINS)
        days = f"{first - timedelta(days=DAYS_BEFORE):%Y%m%d}", f"{last:%Y%m%d}"
        found: list[str] = []
        months = [self._month(year, month) for year, month in months_of(first, last)]
        if months and not any(months):
            raise Unavailable(
                f"CC-NEWS has no listing of these months below {self._files.address('crawl-data/CC-NEWS/')} "
                "(COMMON_CRAWL says where)"
            )
        for listing in months:
            found += [path for path in listing if days[0] <= _begun(path)[:8] <= days[1]]
        return sorted(set(found), key=lambda path: (_begun(path), path))

    def estimate(self, window: Window) -> NewsEstimate:
        """Of a dry run: asks for the listings alone."""
        files = len(self.paths(window))
        size = files * FILE_BYTES
        requests = math.ceil(FILE_BYTES / blocks.BLOCK) * files
        return NewsEstimate(files, size, requests, requests * max(self.delay, blocks.BLOCK / _BYTES_A_SECOND))

    def _month(self, year: int, month: int) -> list[str]:
        path = f"crawl-data/CC-NEWS/{year}/{month:02}/warc.paths.gz"
        try:
            data = self._files.read(path)
        except FileNotFoundError as error:
            logger.warning("CC-NEWS of %d-%02d: %s", year, month, error)
            return []
        return _lines(data, self._files.address(path))

    def _read(self, path: str, offset: int, following: str, outlet: Any, window: Window) -> Iterator[Page]:
        address = self._files.address(path)
        try:
            file = self._files.open(path, offset)
        except FileNotFoundError as error:
            logger.warning("%s", error)
            yield Page([], 0, following, 1)
            return
        told = file.block

        def is_wanted(url: str) -> bool:
            # One record of each block, whoever's: it tells how far the file is read.
            return _is_of(outlet, url) or file.block > told

        try:
            mementos: list[Memento] = []
            seen = unreadable = 0
            for found in scan_only(file, is_wanted, offset, ("response",)):
                if isinstance(found, Damage):
                    logger.warning("%s: byte %d: %s", address, found.offset, found.reason)
                    unreadable += 1
                elif _is_of(outlet, uri_of(found)):
                    place = place_of(path, found.offset, found.length)
                    try:
                        memento = _memento(found, place)
                    except ValueError as error:
                        logger.warning("%s: byte %d: %s", address, found.offset, error)
                        unreadable += 1
                        continue
                    seen += 1
                    if window.holds(memento.timestamp):
                        mementos.append(memento)
                        self._keep(place, file.pread(found.length, found.offset))
                if file.block > told:
                    yield Page(mementos, seen, f"{path} {found.offset + found.length}", unreadable)
                    mementos, seen, unreadable, told = [], 0, 0, file.block
            yield Page(mementos, seen, following, unreadable)
        finally:
            file.close()


def _is_of(outlet: Any, url: str) -> bool:
    try:
        return bool(outlet.owns(url))
    except ValueError:
        return False


def _memento(record: Record, place: str) -> Memento:
    """Raises ValueError for a record that holds no HTTP response, or no time."""
    status, headers, _ = parse_response(record.block)
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    # Without its digest: the record is at hand, and nothing is spared by writing that it is as the one before.
    return Memento(uri_of(record), timestamp_of(record), "", status, kind, record.length, place)


def _begun(path: str) -> str:
    """When a file was begun, by its name: YYYYMMDDhhmmss; "" for another file."""
    found = _NAME.search(path)
    return found[1] if found else ""


def _lines(data: bytes, address: str) -> list[str]:
    """The paths of a listing, packed or not. Raises Unavailable when it is none: a page that says so, half a file."""
    if data.startswith(b"\x1f\x8b"):
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            data = inflater.decompress(data, blocks.LISTING)
        except zlib.error as error:
            raise Unavailable(f"{address} is not a whole listing: {error}") from error
        if not inflater.eof:
            raise Unavailable(f"{address} is not a whole listing")
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
    if not all(_NAME.search(line) for line in lines[:10]):
        raise Unavailable(f"{address} is no listing of WARC files: it begins with {lines[0][:80]!r}")
    return lines
