"""WARC files into the archive, by the steps of a crawl: after a crash, after a mended layout, for an import. Read here
and now, or from segments that were read aside (pipelines/shards.py)."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from typing import Any

from scrapy.settings import BaseSettings

from archive import ledger, segments
from archive.revisits import Place
from archive.segments import Segment
from archive.transactions import transaction
from archive.warc_reader import Broken, CrawlFinished, CrawlStarted, Event
from archive.writer import Writer
from items import Capture
from pipelines.registry import descriptions, lists, outlets
from pipelines.shards import fill_in, interpret, is_of_others, read_shard

logger = logging.getLogger(__name__)


def prepare(writer: Writer, settings: BaseSettings) -> int:
    """Before crawls: keep what is known of the outlets, and make the rows of WARC files that have none yet, which a
    crawl that was killed has left; returns how many captures were read. Once for each writer: 400 outlets' crawls
    share one, and each would look at every WARC file."""
    if writer.prepared:
        return 0
    known = outlets(settings)
    writer.describe(descriptions(known, settings))
    writer.expect_lists(lists(known))
    count = read_files(writer, writer.unread(), known)
    writer.prepared = True
    return count


def read_files(
    writer: Writer,
    names: Iterable[str],
    outlets: Mapping[str, Any],
    passed_over: list[str] | None = None,
    foreign: Counter[str] | None = None,
) -> int:
    """Read closed WARC files, in the order given, into the archive; returns the number of captures.

    A broken record, and a capture of an outlet that is not known here any more, is passed over with a warning, which
    is also added to `passed_over`; it stays in its file. `foreign` counts what is of no outlet, by host.
    """
    count = 0
    for name in names:
        with closing(writer.captures.open(name)) as file:
            merge = Merge(writer, name, outlets, passed_over)
            for event in read_shard(file, outlets, foreign):
                merge.take(event)
            merge.finish()
            writer.mark_read(name, file.size)
        count += merge.captures
    return count


def merge_segment(
    writer: Writer, segment: Segment, data: bytes, outlets: Mapping[str, Any], passed_over: list[str] | None = None
) -> int:
    """Merge a segment and note it in the ledger, in one transaction; returns the number of captures, 0 for one that was
    merged before. Raises SegmentUnreadable, with the archive as it was."""
    if ledger.is_merged(writer.connection, segment.name):
        return 0
    writer.commit()
    try:
        with transaction(writer.connection):
            merge = Merge(writer, segment.warc, outlets, passed_over)
            for event in segments.events(segment.name, data):
                merge.take(event)
            merge.finish()
            writer.mark_read(segment.warc, segment.warc_bytes)
            ledger.write_segment(writer.connection, segment)
    except BaseException:
        writer.forget_waiting()
        raise
    return merge.captures


class Merge:
    """What one WARC file tells, event by event, into the writer's archive."""

    def __init__(
        self, writer: Writer, name: str, outlets: Mapping[str, Any], passed_over: list[str] | None = None
    ) -> None:
        self._writer, self._name, self._outlets = writer, name, outlets
        self._place = f"{writer.captures}/{name}"
        self._aside = [] if passed_over is None else passed_over
        self._crawls: set[str] = set()
        self._freed: set[Place] = set()  # revisit records of files before, whose payload may be in this one
        self._left: list[str] = []  # those of this file that are left to wait, with the reason
        self.captures = 0

    def take(self, event: Event) -> None:
        match event:
            case CrawlStarted() if event.outlet not in self._outlets:
                pass  # each of its captures is told below
            case CrawlStarted():
                self._writer.crawl_began(event.crawl, event.outlet, event.started, event.origin)
                self._crawls.add(event.crawl)
            case CrawlFinished():
                self._writer.crawl_ended(event.crawl, event.finished, event.reason)
                self._crawls.discard(event.crawl)
            case Broken():
                self._writer.note_broken(self._name, event.offset, event.reason)
                self._tell(f"{self._place}: a broken record at byte {event.offset:,} was passed over ({event.reason})")
            case _ if event.outlet not in self._outlets:
                self._tell(f"{self._place}: {event.url} belongs to no known outlet ({event.outlet!r})")
            case _:
                if not event.outcome:
                    self._resolve(event, self._outlets[event.outlet])
                self._freed |= self._writer.revisits.freed_by(event)
                self._writer.add(event)
                self.captures += 1

    def _resolve(self, capture: Capture, outlet: Any) -> None:
        """A revisit whose payload lies in another file: as that was read, when it is sure to be read the same."""
        capture.canonical, capture.kind = outlet.canonical(capture.url), outlet.kind_of(capture.url)
        if is_of_others(capture):
            try:
                self._read(capture, outlet, self._writer.payload_elsewhere(capture))
            except (OSError, ValueError) as error:
                self._leave(capture, outlet, str(error))
            return
        if self._writer.reads_the_same(capture):
            return
        try:
            fill_in(capture, self._writer.payload(capture))
        except (OSError, ValueError) as error:
            capture.error = f"its payload cannot be read: {error}"
        interpret(capture, outlet)

    def _read(self, capture: Capture, outlet: Any, payload: bytes) -> None:
        capture.error = ""
        if not self._writer.reads_the_same(capture):
            fill_in(capture, payload)
            interpret(capture, outlet)

    def _leave(self, capture: Capture, outlet: Any, why: str) -> None:
        capture.error = f"its payload cannot be read: {why}"
        interpret(capture, outlet)
        capture.reason = f"{capture.url}: {capture.error}"  # no crawl asks for it again
        self._writer.wait_for_payload(capture, f"a revisit record without its page: {why}")
        self._left.append(capture.reason)

    def finish(self) -> None:
        """At the end of the file: crawls that were killed before theirs, or go on in the next file; and revisit records
        of files before, of which this one may have the pages."""
        for crawl in sorted(self._crawls):
            self._writer.crawl_ended(crawl, None, None)
        if self._left:
            self._tell(_left(self._place, len(self._left)) + f", as {self._left[0]}")
        if self._freed:
            self._writer.commit()
            for place in sorted(self._freed):
                self._read_again(place)
            self._tell_less({warc for warc, _ in self._freed})

    def _read_again(self, place: Place) -> None:
        try:
            capture = self._writer.revisits.again(place)
            outlet = self._outlets[capture.outlet]
            capture.kind = outlet.kind_of(capture.url)
            self._read(capture, outlet, self._writer.payload_elsewhere(capture))
        except (OSError, ValueError, KeyError):
            return  # it waits on
        self._writer.replace(capture)

    def _tell_less(self, warcs: set[str]) -> None:
        """Take back what was told of files whose revisit records do not wait any more."""
        waiting = self._writer.revisits.waiting()
        for warc in warcs:
            begin = f"{self._writer.captures}/{warc}: "
            for told in [each for each in self._aside if each.startswith(begin) and _WAITS in each]:
                self._aside.remove(told)
                if waiting[warc]:
                    self._aside.append(_left(begin[:-2], waiting[warc]) + ", as " + told.partition(", as ")[2])

    def _tell(self, problem: str) -> None:
        self._aside.append(problem)
        logger.warning("%s", problem)


_WAITS = " revisit record"


def _left(place: str, count: int) -> str:
    return f"{place}: {count:,}{_WAITS}{' waits for its page' if count == 1 else 's wait for their pages'}"
