"""Captures out of WARC files: our own, and those that warcio, wget and other archives write."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from archive.http_message import content_decoded, parse_response, unchunked
from archive.storage import Opened, open_warc
from archive.warc_format import EPOCH, MAX_BODY, NOT_MODIFIED, Damage, Record, parse_date, parse_lines, scan
from items import Capture


@dataclass(slots=True, frozen=True)
class CrawlStarted:
    """A crawl's captures follow. `continued`: they began in an earlier file."""

    crawl: str
    outlet: str
    started: datetime
    origin: str
    continued: bool = False
    about: dict[str, str] = field(default_factory=dict)  # all fields of its warcinfo record


@dataclass(slots=True, frozen=True)
class CrawlFinished:
    """No more captures of this crawl follow. One that was killed has no such event."""

    crawl: str
    outlet: str
    finished: datetime
    reason: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class Broken:
    """Bytes from which no capture could be read; reading went on behind them."""

    file: str
    offset: int
    reason: str


Event = Capture | CrawlStarted | CrawlFinished | Broken


def read_captures(source: Path | Opened, start_offset: int = 0) -> Iterator[Event]:
    """Everything that a WARC file tells, in file order, from the record at `start_offset` on.

    Requests are passed over, as are records that hold no HTTP response (resource, conversion, DNS). A body that cannot
    be decoded, or is larger than 64 MB, is left empty and the capture's `error` says so. Captures without a crawl of
    ours have crawl "" and outlet "" and the origin "import"; their ids carry the microseconds that their dates lack,
    made from the record's id. Raises OSError when the file cannot be read.
    """
    with _opened(source) as file:
        reading = _Reading(file)
        for found in scan(file, start_offset):
            yield from reading.events(found)


def read_capture(source: Path | Opened, offset: int, decoded: bool = True) -> Capture:
    """The one capture whose record begins at `offset`. A file that is still being written (`….open`) is found too.
    Without `decoded` its body is the payload as it came off the wire.

    Raises ValueError when there is no capture at that place, OSError when the file cannot be read.
    """
    name = source if isinstance(source, Path) else source.name
    with _opened(source) as file:
        reading = _Reading(file, decoded)
        found = next(scan(file, offset), None)
        for event in reading.events(found) if found else ():
            if isinstance(event, Capture):
                return event
            if isinstance(event, Broken):
                raise ValueError(f"{name}: no capture at byte {offset}: {event.reason}. `warcio check` tells more.")
    raise ValueError(f"{name}: no capture begins at byte {offset}. Is the archive's row of another file?")


@contextmanager
def _opened(source: Path | Opened) -> Iterator[Opened]:
    """The file at a path, which is closed again, or one that is open and stays so."""
    if not isinstance(source, Path):
        yield source
        return
    file = open_warc(source)
    try:
        yield file
    finally:
        file.close()


class _Reading:
    """One pass over one file: what was seen on the way that later records refer to."""

    def __init__(self, file: Opened, decoded: bool = True) -> None:
        self._file, self._decoded = file, decoded
        self.name = file.name
        self._crawls: dict[str, CrawlStarted | None] = {}  # by id of the warcinfo record; None is a foreign one
        self._ids: dict[tuple[str, str], int] = {}  # foreign captures by URL and date as written

    def events(self, found: Record | Damage) -> Iterator[Event]:
        if isinstance(found, Damage):
            yield Broken(self.name, found.offset, f"{found.reason} ({found.length:,} bytes)")
            return
        try:
            event = self._event(found)
        except ValueError as error:
            event = Broken(self.name, found.offset, str(error))
        if event:
            yield event

    def _event(self, record: Record) -> Event | None:
        uri = record.fields.get("warc-target-uri", "").strip("<>")  # wget brackets them
        match record.kind:
            case "warcinfo":
                crawl = _crawl_started(record, self.name)
                self._crawls[record.fields.get("warc-record-id", "")] = crawl
                return crawl
            case "metadata":
                return self._metadata(record, uri)
            case "response" | "revisit" if uri.lower().startswith(("http:", "https:")):
                return self._response(record, uri)
        return None

    def _metadata(self, record: Record, url: str) -> Event | None:
        crawl = self._crawl_of(record)
        if crawl is None:
            return None
        fields = dict(parse_lines(record.block, "utf-8"))
        microseconds, _ = parse_date(record.fields.get("warc-date", ""))
        at = EPOCH + timedelta(microseconds=microseconds)
        if "fetch-error" in fields:
            capture = Capture(microseconds, crawl.crawl, crawl.outlet, url, at, None, [], b"")
            capture.error, capture.origin = fields["fetch-error"], crawl.origin
            capture.warc, capture.offset, capture.length = self.name, record.offset, record.length
            return capture
        if fields.get("crawl") == crawl.crawl:
            finished = _time(fields.get("finished", ""), at)
            return CrawlFinished(crawl.crawl, crawl.outlet, finished, fields.get("reason", ""), fields)
        return None

    def _response(self, record: Record, url: str) -> Capture | Broken:
        crawl = self._crawl_of(record)
        status, headers, payload = parse_response(record.block)
        if crawl is None:
            payload = unchunked(payload, headers)
        cut = record.size > len(record.block)
        stated = record.fields.get("warc-payload-digest", "")
        digest = _sha256_hex(stated) if cut or record.kind == "revisit" else hashlib.sha256(payload).hexdigest()
        if crawl and record.kind == "response" and not cut and stated and _sha256_hex(stated) != digest:
            return Broken(
                self.name, record.offset, f"payload of {url} is not the one that was written (sha256 differs)"
            )
        date = record.fields.get("warc-date", "")
        microseconds, _ = parse_date(date)
        capture = Capture(
            id=microseconds if crawl else self._foreign_id(record, url, date),
            crawl=crawl.crawl if crawl else "",
            outlet=crawl.outlet if crawl else "",
            url=url,
            at=EPOCH + timedelta(microseconds=microseconds),
            status=status,
            headers=headers,
            body=b"",
            payload_sha256=digest,
            payload_length=len(payload) + record.size - len(record.block),
            warc=self.name,
            offset=record.offset,
            length=record.length,
            origin=crawl.origin if crawl else "import",
        )
        if record.kind == "revisit":
            capture.payload_length = int(record.fields.get("dateline-payload-length", "0"))
            capture.revisit_of = self._revisited(record)
            if capture.revisit_of is None and record.fields.get("warc-profile") != NOT_MODIFIED:
                capture.error = "a revisit of a capture that is not in this file"
        elif cut:
            capture.error = f"the body is larger than {MAX_BODY >> 20} MB"
        elif not self._decoded:
            capture.body = payload
        else:
            capture.body, capture.error = content_decoded(payload, headers, lenient=crawl is None)
        return capture

    def _crawl_of(self, record: Record) -> CrawlStarted | None:
        """The crawl that a record names; its warcinfo may stand before the place where reading began."""
        info = record.fields.get("warc-warcinfo-id", "")
        if info and info not in self._crawls:
            self._crawls[info] = _find_crawl(self._file, info)
        return self._crawls.get(info)

    def _foreign_id(self, record: Record, url: str, date: str) -> int:
        """Most foreign dates count seconds; the rest comes from the record's id, so that it is the same next time."""
        microseconds, exact = parse_date(date)
        if not exact:
            name = record.fields.get("warc-record-id", "") or f"{url} {record.offset}"
            microseconds += int(hashlib.sha256(name.encode()).hexdigest(), 16) % 1_000_000
        if record.kind == "response":
            self._ids[url, date] = microseconds
        return microseconds

    def _revisited(self, record: Record) -> int | None:
        date = record.fields.get("warc-refers-to-date", "")
        url = record.fields.get("warc-refers-to-target-uri", "").strip("<>")
        if not date:
            return None
        microseconds, exact = parse_date(date)
        return microseconds if exact else self._ids.get((url, date))


def _crawl_started(record: Record, name: str) -> CrawlStarted | None:
    about = dict(parse_lines(record.block, "utf-8"))
    if not about.get("crawl") or "outlet" not in about:
        return None
    microseconds, _ = parse_date(record.fields.get("warc-date", ""))
    written = EPOCH + timedelta(microseconds=microseconds)
    started = _time(about.get("started", ""), written)
    continued = about.get("continued") == "yes"
    return CrawlStarted(about["crawl"], about["outlet"], started, about.get("origin", "live"), continued, about)


@lru_cache(maxsize=256)
def _find_crawl(file: Opened, info: str) -> CrawlStarted | None:
    """Look a warcinfo record up in its file; it is looked for once, since files that are the same are equal."""
    for found in scan(file):
        if isinstance(found, Record) and found.fields.get("warc-record-id") == info:
            return _crawl_started(found, file.name)
    return None


def _time(text: str, otherwise: datetime) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return otherwise


def _sha256_hex(stated: str) -> str:
    """The hex value of a WARC-Payload-Digest that we wrote; "" for others, which may be of the chunked payload."""
    algorithm, _, value = stated.partition(":")
    return value if algorithm.lower() == "sha256" and len(value) == 64 else ""
