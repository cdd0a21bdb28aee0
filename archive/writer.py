"""The one writer of an archive: its lock, its series of WARC files and archive.db, kept in step.

A record reaches the operating system before its row is made, and is on the disk before its row is committed. So
after a crash the WARC files may hold records without rows, which the next start reads again, and never the reverse.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from archive import clock, frontier, ledger, rows
from archive.http_message import content_decoded
from archive.lock import WriterLock
from archive.revisits import Revisits
from archive.schedule import Schedule
from archive.schema import ArchiveUnusable, open_archive
from archive.storage import Captures
from archive.times import from_capture_id, iso
from archive.transactions import transaction
from archive.warc_reader import read_capture
from archive.warc_recovery import recover
from archive.warc_writer import CaptureWriter, name_part, names_begin
from items import Capture

logger = logging.getLogger(__name__)

Headers = Sequence[tuple[str, str]]
# What a value raises that no column takes, unlike a full disk or a broken database.
_UNFIT = (ValueError, TypeError, OverflowError, sqlite3.IntegrityError, sqlite3.DataError, sqlite3.InterfaceError)


CLOCK_TOLERANCE = timedelta(minutes=1)  # a step back that is waited out: captures are then dated just after the last


class ClockSetBack(Exception):
    """The clock is behind the archive's newest capture; the message says by how much it is, and what to do."""


class Writer:
    """Use `Writer.open`: spiders of one process share the writer of an archive, and the last `close` ends it.

    With `outlet`, the archive is that outlet's alone, and only WARC files with its id in their name are looked at: the
    folder is shared with other outlets' writers, on other machines too (docs/workers.md).
    """

    _open: ClassVar[dict[Path, Writer]] = {}

    def __init__(self, archive: Path, captures: Captures, schedule: Schedule, outlet: str = "", **options: Any) -> None:
        self.archive, self.captures, self.outlet = archive, captures, outlet
        _make_folder(archive.parent, "DATELINE_ARCHIVE")
        _make_folder(captures.folder, "DATELINE_CAPTURES")
        try:
            self._lock = WriterLock(archive)
        except OSError as error:
            raise ArchiveUnusable.because(archive, error) from error
        try:
            self.connection: sqlite3.Connection = open_archive(archive)
            if outlet:
                # The next one to write may be another machine, and a WAL's index is shared memory of one.
                self.connection.execute("pragma journal_mode=delete")
            else:
                # Reports that come out of order go to pages all over the file, which SQLite's 2 MB would write and read
                # again within one transaction. Not for one outlet's archive: a worker has many of them open.
                self.connection.execute("pragma cache_size=-64000")
            self.recovered = recover(captures.folder, outlet)
            if captures.remote:
                self._keep(sorted(captures.folder.glob("*.warc.gz")))  # that a writer which died had closed
        except BaseException:
            self._lock.release()
            raise
        for file in self.recovered:
            logger.warning("%s", file)
        # Files that rows refer to and that are not here: nothing may rely on a payload in them.
        self.missing = self._missing()
        self.revisits = Revisits(self.connection, captures)
        self._schedule = schedule
        self._commit_every: int = options.pop("commit_every", 100)
        self._commit_seconds: float = options.pop("commit_seconds", 10.0)
        self._committed = time.monotonic()
        # Of our own: the date of a record from elsewhere is not this machine's clock.
        newest = self.connection.execute(
            "select id from captures where origin = 'live' order by id desc limit 1"
        ).fetchone()
        self._newest: int = newest[0] if newest else 0
        self._warc = CaptureWriter(captures.folder, after=self._newest, of=outlet, **options)
        self._waiting: list[Capture] = []
        self._payloads: dict[str, tuple[int, str]] = {}  # of captures whose rows are not written yet
        self._unread: dict[int, Capture] = {}  # written here and not come back from the pipelines
        self._unfit: set[str] = set()  # WARC files with captures that could not become rows
        self._crawls: set[str] = set()  # begun here and not ended in WARC file and row
        self._completed: dict[Path, int] = {}  # WARC files of this writer, and their bytes
        self._users = 0
        self.prepared = False  # outlets and what a killed crawl has left are in the tables (pipelines.reread.prepare)
        self.counts: Counter[tuple[str, str]] = Counter()  # reports by (outlet, "new" or "changed")

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Writer:
        """The writer of the archive that settings.py names."""
        return cls.open(
            Path(settings["ARCHIVE"]),
            captures_of(settings),
            Schedule.from_settings(settings),
            commit_every=int(settings["COMMIT_EVERY"]),
            commit_seconds=float(settings["COMMIT_SECONDS"]),
            max_bytes=int(settings["WARC_MAX_BYTES"]),
            software=str(settings["USER_AGENT"]).split(" ", 1)[0],
            outlet=settings.get("CRAWL_OUTLET") or "",
        )

    @classmethod
    def open(cls, archive: Path, captures: Captures | Path, schedule: Schedule, **options: Any) -> Writer:
        """The writer of `archive`, made at its first use. `captures` may be the folder in which they are.

        Raises ArchiveLocked, NewerArchive, ArchiveUnusable, OSError.
        """
        key = archive.resolve()
        if key not in cls._open:
            captures = captures if isinstance(captures, Captures) else Captures.at(captures)
            cls._open[key] = cls(archive, captures, schedule, **options)
        cls._open[key]._users += 1
        return cls._open[key]

    def check_clock(self) -> None:
        """Raises ClockSetBack when captures would be dated before those that are there, and so be out of order: what
        was edited, and what was taken down first, is read from their times."""
        if self._newest and from_capture_id(self._newest) - clock.now() > CLOCK_TOLERANCE:
            raise ClockSetBack(
                f"This machine's clock says {iso(clock.now())}, but {self.archive} holds a capture made at "
                f"{iso(from_capture_id(self._newest))}: one of the two is wrong. Set the clock right, or wait until it "
                "has passed that time; nothing is lost meanwhile."
            )

    # The captures

    def describe(self, outlets: Iterable[Mapping[str, Any]]) -> None:
        """Keep what is known of each outlet: one mapping of column to value each."""
        with transaction(self.connection):
            ledger.write_outlets(self.connection, outlets)

    def expect_lists(self, lists: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """Have the lists at which each outlet's crawl starts, (canonical address, address) each, read when due."""
        with transaction(self.connection):
            for outlet, addresses in lists.items():
                frontier.expect_lists(self.connection, outlet, addresses)

    def keep_ids(self, ids: Iterable[tuple[int, str]]) -> None:
        """Reserve ids of reports (id, canonical address), so that they stay when an archive is made anew."""
        with transaction(self.connection):
            self.connection.executemany("insert or ignore into id_registry values (?, ?)", ids)

    def unread(self) -> list[str]:
        """WARC files that hold, or may hold, records without a row: those of a writer that died, and foreign ones."""
        known = dict(self.connection.execute("select name, bytes from warcs"))
        held = self.captures.names(self._prefix)
        return [name for name, size in held.items() if self._is_ours(name) and known.get(name) != size]

    @property
    def _prefix(self) -> str:
        """With which names of our files begin."""
        return names_begin(self.outlet)

    def _is_ours(self, warc: str) -> bool:
        return not self.outlet or name_part(warc) == self.outlet

    def _missing(self) -> list[str]:
        names = self.connection.execute("select name from warcs where captures > 0 order by name").fetchall()
        held = self.captures.listed(self._prefix) if names else set()
        return [name for (name,) in names if name not in held]

    def mark_read(self, name: str, size: int) -> None:
        """Note that every record of a closed file, of so many bytes, has its row."""
        self.commit()
        if name not in self._unfit:
            with transaction(self.connection):
                ledger.write_warc(self.connection, name, size)

    def note_broken(self, name: str, offset: int, reason: str) -> None:
        """Keep that a place in a WARC file holds no readable record."""
        with transaction(self.connection):
            ledger.write_broken(self.connection, name, offset, reason)

    def begin_crawl(self, crawl: str, outlet: str, started: datetime, about: Mapping[str, str]) -> None:
        self._crawls.add(crawl)
        self._warc.begin(crawl, outlet, {"started": iso(started), **about})
        self.crawl_began(crawl, outlet, started, about.get("origin", "live"))

    def crawl_began(self, crawl: str, outlet: str, started: datetime, origin: str) -> None:
        with transaction(self.connection):
            ledger.begin_crawl(self.connection, crawl, outlet, started, origin)

    def crawl_ended(self, crawl: str, finished: datetime | None, reason: str | None) -> None:
        """Count what a crawl brought; `finished` is None for one that was killed."""
        self.commit()
        with transaction(self.connection):
            rows.settle(self.connection, crawl, self._schedule)
            ledger.end_crawl(self.connection, crawl, finished, reason)

    def begin_run(self, run: str, started: datetime, pid: int) -> None:
        with transaction(self.connection):
            ledger.begin_run(self.connection, run, started, pid)

    def end_run(self, run: str, finished: datetime, ended: str, **counts: float | None) -> None:
        with transaction(self.connection):
            ledger.end_run(self.connection, run, finished, ended, **counts)

    def record_response(
        self,
        crawl: str,
        outlet: str,
        url: str,
        request: tuple[str, Headers],
        response: tuple[int, Headers, bytes],
        ip_address: str,
    ) -> Capture:
        """Write a response as it came off the wire, and its request, to the WARC file. The body is not repeated when
        an earlier capture holds the same payload (a revisit record), nor in the Capture given back."""
        status, _headers, body = response
        at = clock.now()
        known = None
        if status == 304:
            known = self._last_answer(url)
        elif body:
            known = self._same_payload(body)
        capture = self._warc.response(
            crawl=crawl,
            outlet=outlet,
            url=url,
            request=request,
            response=response,
            known=known,
            at=at,
            ip=ip_address,
        )
        return self._written(capture, body)

    def record_copied(
        self,
        crawl: str,
        outlet: str,
        url: str,
        at: datetime,
        response: tuple[int, Headers, bytes],
        source: str,
        digest: str = "",
        reason: str = "",
    ) -> Capture:
        """Write a response that another archive captured `at` that time; `source` is the address that gave it, and
        `digest` says that nothing was asked (CaptureWriter.copied). As of our own, a payload is not repeated."""
        body = response[2]
        known = self._same_payload(body) if body else None
        theirs = "select 1 from captures where id = ? and crawl is null"
        if known and self.connection.execute(theirs, [known[0]]).fetchone():
            known = None  # files of others may be read after ours, when all is read again
        capture = self._warc.copied(
            crawl=crawl,
            outlet=outlet,
            url=url,
            at=at,
            response=response,
            source=source,
            known=known,
            digest=digest,
            reason=reason,
        )
        return self._written(capture, body)

    def record_kept(
        self,
        crawl: str,
        outlet: str,
        url: str,
        at: datetime,
        response: tuple[int, Headers, bytes],
        source: str,
        record: tuple[bytes, str],
    ) -> Capture:
        """Write the WARC record of another archive as it is: its gzip member and its id (CaptureWriter.kept)."""
        capture = self._warc.kept(crawl, outlet, url, at, response, source, *record)
        return self._written(capture, response[2])

    def record_failure(self, crawl: str, outlet: str, url: str, error: str, attempts: int) -> Capture:
        """Write that no usable response came."""
        capture = self._warc.failure(crawl=crawl, outlet=outlet, url=url, error=error, attempts=attempts)
        return self._written(capture)

    def _written(self, capture: Capture, body: bytes = b"") -> Capture:
        """Note that the pipelines have yet to read it, and that its payload need not be written again."""
        if body and capture.revisit_of is None:
            self._payloads[capture.payload_sha256] = (capture.id, capture.url)
        self._unread[capture.id] = capture
        return capture

    def payload(self, capture: Capture) -> bytes:
        """The payload of a revisit record as it came off the wire: that of the capture which it refers to.

        Raises ValueError or OSError, naming the file, when that one is not here.
        """
        if capture.revisit_of in {each.id for each in self._waiting}:
            self.commit()
        # A few rows, since one whose id was taken has the next free one (archive/rows.py); the record tells its own.
        for warc, offset in self.connection.execute(
            "select warc, offset from captures where id >= ? order by id limit 3", [capture.revisit_of]
        ).fetchall():
            with closing(self.captures.open(warc)) as file:
                held = read_capture(file, offset, decoded=False)
            if held.id == capture.revisit_of:
                return held.body
        raise ValueError(f"{capture.url} repeats capture {capture.revisit_of}, which is in no WARC file here")

    def payload_elsewhere(self, capture: Capture) -> bytes:
        """As `payload`, for a revisit record of others, which names what it repeats in words of its own; raises as
        Revisits.payload does."""
        if capture.canonical in {each.canonical for each in self._waiting}:
            self.commit()
        return self.revisits.payload(capture)

    def wait_for_payload(self, capture: Capture, reason: str) -> None:
        """Keep that a revisit record of others waits for a file that holds its payload."""
        self.note_broken(capture.warc, capture.offset, reason)
        self.revisits.wait(capture)

    def replace(self, capture: Capture) -> None:
        """Write the row of a revisit record anew, which has waited for its payload."""
        self.commit()
        with transaction(self.connection):
            self.revisits.forget((capture.warc, capture.offset))
            self.counts.update(rows.write(self.connection, [capture], self._schedule))

    def reads_the_same(self, capture: Capture) -> bool:
        """Whether a revisit says what the capture of its payload said, at the same address and under the same type, and
        what its report says now; then its outcome is filled in, and it needs no payload. A page that is looked at
        without a change is nearly all that a year of re-visits brings."""
        if capture.canonical in {each.canonical for each in self._waiting}:
            self.commit()
        row = self.connection.execute(
            "select outcome, charset, reason, cause, report from captures where id = ? and url = ? "
            "and content_type is ? and outcome in ('report', 'not-report', 'quarantined')",
            [capture.revisit_of, capture.url, capture.header("Content-Type") or None],
        ).fetchone()
        if row is None or (row[0] == "report" and not rows.stands_as(self.connection, row[4], capture)):
            return False
        capture.outcome, capture.charset, capture.reason, capture.cause = (value or "" for value in row[:4])
        return True

    def end_crawl(self, crawl: str, finished: datetime, reason: str) -> None:
        self._warc.end(crawl, {"finished": iso(finished), "reason": reason})
        self.crawl_ended(crawl, finished, reason)
        self._crawls.discard(crawl)

    def _same_payload(self, body: bytes) -> tuple[int, str] | None:
        digest = self._warc.payload_sha256(body)
        if digest in self._payloads:
            return self._payloads[digest]
        row = self.connection.execute(
            "select id, url from captures where payload_sha256 = ? and revisit_of is null and payload_length > 0 "
            # In a file of others it may go, and in one that sorts later it is read later.
            "and crawl is not null and warc not in (select value from json_each(?)) order by id limit 1",
            [digest, json.dumps(self.missing)],
        ).fetchone()
        return (row[0], row[1]) if row else None

    def last_robots(self, url: str, since: datetime) -> Capture | None:
        """The last capture of a host's robots.txt since a time, by either scheme, with its body decoded; None when
        there is none, when it was no answer (5xx, a redirect), or when its file is not here."""
        address = url.partition("://")[2]
        row = self.connection.execute(
            "select warc, offset, status from captures where url in (?, ?) and at >= ? and origin = 'live' "
            "order by id desc limit 1",
            [f"http://{address}", f"https://{address}", iso(since)],
        ).fetchone()
        if row is None or row[2] is None or not (200 <= row[2] < 300 or 400 <= row[2] < 500):
            return None
        with suppress(OSError, ValueError):
            with closing(self.captures.open(row[0])) as file:
                capture = read_capture(file, row[1])
            if capture.revisit_of is not None:
                capture.body = content_decoded(self.payload(capture), capture.headers)[0]
            return capture
        return None

    def _last_answer(self, url: str) -> tuple[int, str] | None:
        row = self.connection.execute(
            "select coalesce(revisit_of, id) from captures where url = ? and status = 200 and origin = 'live' "
            "order by id desc limit 1",
            [url],
        ).fetchone()
        return (row[0], url) if row else None

    # The rows

    def add(self, capture: Capture) -> None:
        """Take a capture that the pipelines have read; its rows are written with the next batch."""
        capture.body = b""  # on the disk already
        self._waiting.append(capture)
        self._unread.pop(capture.id, None)
        waited = time.monotonic() - self._committed
        if len(self._waiting) >= self._commit_every or waited >= self._commit_seconds:
            self.commit()

    def forget_waiting(self) -> None:
        """Let go of what waits for its rows: the transaction that it belongs to was undone."""
        self._waiting.clear()

    def left_over(self, outlet: str) -> list[Capture]:
        """Captures of an outlet's crawl that never came to `add`: Scrapy drops what arrives while it shuts down."""
        return [capture for capture in self._unread.values() if capture.outlet == outlet]

    def commit(self) -> None:
        """Write what is waiting in one transaction, after the WARC file has reached the disk.

        Raises sqlite3.Error, with everything still waiting, when it cannot (a full disk): WARC files hold it all.
        """
        if not self._waiting:
            return
        self._warc.sync()
        try:
            with transaction(self.connection):
                counts = rows.write(self.connection, self._waiting, self._schedule)
        except _UNFIT:
            counts = self._write_one_by_one()
        self.counts.update(counts)
        self._waiting.clear()
        self._payloads.clear()
        self._committed = time.monotonic()

    def _write_one_by_one(self) -> Counter[tuple[str, str]]:
        """Leave out, aloud, the capture that cannot be a row, so that it does not take its batch with it."""
        counts: Counter[tuple[str, str]] = Counter()
        for capture in self._waiting:
            try:
                with transaction(self.connection):
                    counts.update(rows.write(self.connection, [capture], self._schedule))
            except _UNFIT as error:
                logger.error(
                    "%s has no row (%s: %s); it stays in %s", capture.url, type(error).__name__, error, capture.warc
                )
                self._unfit.add(capture.warc)
        return counts

    def checkpoint(self) -> list[Path]:
        """Complete the present WARC file and write the rows that wait; returns the files that were completed since the
        last time. Crawls go on in the next file. Raises as `close` does."""
        files = [path for path in self._warc.close() if path not in self._completed]
        self._completed |= {path: path.stat().st_size for path in files}
        self.commit()
        return files

    def close(self) -> None:
        """For the last user: commit, close the WARC file and the archive, release the lock.

        Raises OSError or sqlite3.Error when that cannot be written; the next start then reads the WARC files.
        """
        self._users -= 1
        if self._users > 0:
            return
        self._open.pop(self.archive.resolve(), None)
        try:
            self.checkpoint()
            unread = self._unfit | {capture.warc for capture in self._unread.values()}
            for path, size in self._completed.items():
                if self._crawls or path.name in unread:
                    logger.warning("%s holds captures that were not read: the next start reads them", path)
                    continue
                with transaction(self.connection):
                    ledger.write_warc(self.connection, path.name, size)
            self._keep(path for path in self._completed if path.exists())
            self.connection.execute("pragma optimize")
        finally:
            self.connection.close()
            self._lock.release()

    def _keep(self, files: Iterable[Path]) -> None:
        """Have closed files where captures live. Raises OSError when one cannot be: it stays here for the next time."""
        for path in files:
            if self._is_ours(path.name):
                self.captures.keep(path)


def captures_of(settings: Mapping[str, Any]) -> Captures:
    """Where settings.py has the WARC files. Those for s3://… are written beside the archive first."""
    archive = Path(settings["ARCHIVE"])
    return Captures.at(settings["CAPTURES"], archive.with_name(archive.name + ".spool"))


def _make_folder(path: Path, setting: str) -> None:
    """Raises ArchiveUnusable when there is no folder and none can be made."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "it is a file" if path.exists() else error.strerror
        raise ArchiveUnusable(f"{path} cannot be used as a folder: {why}. Set {setting} to another place.") from error
