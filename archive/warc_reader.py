"""Captures out of WARC files: our own, and those that warcio, wget and other archives write."""

from __future__ import annotations

import base64
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import urlsplit

from fastwarc.warc import ArchiveIterator, HeaderMap

from archive import rewritten
from archive.http_message import content_decoded, parse_response, unchunked
from archive.storage import Opened, open_warc
from archive.warc_format import (
    EPOCH,
    HEAD_END,
    MAX_BODY,
    NOT_MODIFIED,
    Damage,
    Fields,
    Record,
    parse_date,
    parse_lines,
    scan,
)
from archive.warc_writer import KEPT_FROM, copied_id
from grammar.replays import original, replay
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


Wanted = Callable[[str], bool]


@dataclass(slots=True, frozen=True)
class Seen:
    """What a reader of a file has seen on the way. `passed_over` counts captures that were not wanted, by host;
    `places` are those of payloads in this file: the capture's id → the record's offset."""

    passed_over: Counter[str] = field(default_factory=Counter)
    places: dict[int, int] = field(default_factory=dict)


def read_captures(
    source: Path | Opened, start_offset: int = 0, only: Wanted | None = None, seen: Seen | None = None
) -> Iterator[Event]:
    """Everything that a WARC file tells, in file order, from the record at `start_offset` on.

    Requests are passed over, as are records that hold no HTTP response (resource, conversion, DNS). A body that cannot
    be decoded, or is larger than 64 MB, is left empty and the capture's `error` says so.

    A capture without a crawl of ours has crawl "" and outlet "" and the origin "import", its `record_id`, and the id
    that `copied_id` makes of its address and time. A copy from a web archive becomes what was captured there: its own
    address and time, and the page as it was sent; `source` is the copy's address. With `only`, a function of the page's
    address, captures of other pages are passed over, at a fraction of the cost of reading them, and without a word of
    those that are no HTTP; but not captures of our own crawls.

    Raises OSError when the file cannot be read.
    """
    seen = Seen() if seen is None else seen
    with _opened(source) as file:
        reading = _Reading(file, seen=seen)
        if only is None or _is_our_own(file):
            records = scan(file, start_offset)
        else:
            records = _scan_chosen(file, partial(_may_be_wanted, reading, only), start_offset)
        for found in records:
            for event in reading.events(found):
                if only is None or not isinstance(event, Capture) or event.crawl or only(event.url):
                    yield event
                else:
                    seen.passed_over[_host(event.url)] += 1


def _may_be_wanted(reading: _Reading, only: Wanted, head: _Head) -> bool:
    """Whether a record has to be read, by its head alone; one that has not is noted by what later ones may call it."""
    if head.kind not in TELLING:
        return False
    if not head.url.lower().startswith(("http:", "https:")):
        return head.kind in ("warcinfo", "metadata")
    if reading.is_of_a_crawl(head):
        return True
    if head.kind == "metadata":
        return False
    # What may be a copy at a web archive says itself whose page it is, or that it is none.
    if original(head.url) != head.url or only(head.url):
        return True
    reading.pass_over(head)
    return False


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def read_capture(source: Path | Opened, offset: int, decoded: bool = True) -> Capture:
    """The one capture whose record begins at `offset`. A file that is still being written (`….open`) is found too.
    Without `decoded` its body is the payload as it came off the wire.

    Raises ValueError when there is no capture at that place, OSError when the file cannot be read.
    """
    with _opened(source) as file:
        return _capture_at(file, offset, decoded)[0]


class OtherPayload(ValueError):
    """A capture has not the payload that a revisit record says it repeats."""


def read_payload(source: Path | Opened, offset: int, digest: str) -> Capture:
    """The capture at `offset`, its body as it came off the wire, for a revisit record that states this payload digest
    ("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"; "" for none).

    Raises OtherPayload when it has another one, else as `read_capture` does, also for a payload that is too large.
    """
    with _opened(source) as file:
        capture, record = _capture_at(file, offset, decoded=False)
        if digest and not _has_digest(record, capture, digest):
            raise OtherPayload(f"the capture at byte {offset:,} of {file.name} has not the digest {digest}")
        if capture.error:
            raise ValueError(f"{file.name}: the capture at byte {offset:,} has no payload to repeat: {capture.error}")
    return capture


def _capture_at(file: Opened, offset: int, decoded: bool) -> tuple[Capture, Record]:
    reading = _Reading(file, decoded)
    found = next(scan(file, offset), None)
    for event in reading.events(found) if found else ():
        if isinstance(event, Capture) and isinstance(found, Record):
            return event, found
        if isinstance(event, Broken):
            raise ValueError(f"{file.name}: no capture at byte {offset}: {event.reason}. `warcio check` tells more.")
    raise ValueError(f"{file.name}: no capture begins at byte {offset}. Is the archive's row of another file?")


def _has_digest(record: Record, capture: Capture, digest: str) -> bool:
    """Whether a record states this payload digest, or its payload has it. Programs differ in what they count: with the
    chunks' sizes or without, with the content coding or without."""
    algorithm, value = _digest(digest)
    if _digest(record.fields.get("warc-payload-digest", "")) == (algorithm, value):
        return True
    if algorithm not in hashlib.algorithms_guaranteed or algorithm.startswith("shake"):
        return False
    _, headers, payload = parse_response(record.block)
    forms = (payload, capture.body, content_decoded(capture.body, headers, lenient=True)[0])
    return any(hashlib.new(algorithm, form, usedforsecurity=False).digest() == value for form in forms)


def _digest(stated: str) -> tuple[str, bytes]:
    """Algorithm and value of a digest as records state it, in base 32 or in hex."""
    algorithm, _, value = stated.strip().partition(":")
    algorithm, value = algorithm.lower().replace("-", ""), value.strip()
    for decode in (bytes.fromhex, partial(base64.b32decode, casefold=True)):
        with suppress(ValueError):
            return algorithm, decode(value)
    return algorithm, value.encode()


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


NOT_IN_THIS_FILE = "a revisit of a capture that is not in this file"  # the error of one that does not say of when
PASSED_OVER = "dateline-passed-over"  # in a metadata record: damage in the file of which this one is a copy
# Records that tell of a capture, or of a crawl; of the others nothing is made.
TELLING = ("response", "revisit", "metadata", "warcinfo")


def scan_only(
    file: Opened, only: Wanted, offset: int = 0, kinds: tuple[str, ...] = TELLING
) -> Iterator[Record | Damage]:
    """As `scan`, without records of other kinds and of pages that are not wanted. Those that are about no page on the
    web (warcinfo) are always given.

    Heads are read first and by FastWARC: it passes over a record in half the time. What it gives up at, or stops
    before, is read by `scan`, so that no record is lost that can be read (docs/captures.md).
    """

    def is_wanted(head: _Head) -> bool:
        if head.kind not in kinds:
            return False
        if not head.url.lower().startswith(("http:", "https:")):
            return head.kind in ("warcinfo", "metadata")
        copy = replay(head.url)
        return only(copy.address if copy else head.url)

    return _scan_chosen(file, is_wanted, offset)


@dataclass(slots=True, frozen=True)
class _Head:
    """What a record says of itself, before what it holds is read."""

    offset: int
    kind: str
    url: str  # without the brackets that wget puts around it
    date: str
    record_id: str
    crawl: str  # the id of the warcinfo record that it names
    digest: str

    @classmethod
    def of(cls, offset: int, fields: Mapping[str, str] | HeaderMap) -> _Head:
        """`fields` finds names that are written small."""
        return cls(
            offset,
            (fields.get("warc-type") or "").lower(),
            (fields.get("warc-target-uri") or "").strip("<>"),
            fields.get("warc-date") or "",
            fields.get("warc-record-id") or "",
            fields.get("warc-warcinfo-id") or "",
            fields.get("warc-payload-digest") or "",
        )


def _scan_chosen(file: Opened, is_chosen: Callable[[_Head], bool], offset: int) -> Iterator[Record | Damage]:
    """As `scan_only`; each head is asked about once."""
    while offset < file.size:
        waiting: _Head | None = None  # a head is believed when another one follows
        for head in _heads(file, offset):
            if waiting and is_chosen(waiting):
                yield from _at(file, waiting.offset)
            waiting = head
        is_damaged = False
        for found in scan(file, waiting.offset if waiting else offset):
            if isinstance(found, Damage):
                is_damaged = True
                yield found
            elif is_damaged and found.offset > offset:
                offset = found.offset
                break
            elif is_chosen(_Head.of(found.offset, found.fields)):
                yield found
        else:
            return


def _at(file: Opened, offset: int) -> Iterator[Record | Damage]:
    """What begins at an offset: a record, and damage behind it in the same member."""
    for found in scan(file, offset):
        if found.offset != offset:
            return
        yield found


def _heads(file: Opened, offset: int) -> Iterator[_Head]:
    """That of each record, until something is not as it should be."""
    if file.pread(2, offset) != b"\x1f\x8b":
        yield from _plain_heads(file, offset)
        return
    last = -1
    try:
        for record in ArchiveIterator(Stream(file, offset), parse_http=False):
            if record.stream_pos <= last:
                return  # several in one gzip member
            last = record.stream_pos
            yield _Head.of(offset + last, record.headers)
    except BaseException as error:
        # `scan` says what is wrong, and where. What FastWARC did not foresee is no Exception.
        if not isinstance(error, OSError | ValueError) and type(error).__name__ != "PanicException":
            raise


_HEAD = 32 * 1024  # as far as `scan` looks for the end of a head


def _plain_heads(file: Opened, offset: int) -> Iterator[_Head]:
    """Of records that are not compressed: what they hold is not even read."""
    while offset < file.size:
        data = file.pread(_HEAD, offset)
        end = HEAD_END.search(data)
        if not data.startswith(b"WARC/") or not end:
            return
        fields = _first(parse_lines(data[: end.start()], "utf-8"))
        length = fields.get("content-length", "")
        if not length.isdecimal():
            return
        yield _Head.of(offset, fields)
        offset += end.end() + int(length)
        gap = file.pread(4, offset)
        offset += len(gap) - len(gap.lstrip(b"\r\n"))


def _first(lines: Fields) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in lines:
        fields.setdefault(name.lower(), value)
    return fields


class Stream(io.RawIOBase):
    """An open file, from an offset on, as other libraries want it: that place is their 0."""

    def __init__(self, file: Opened, offset: int = 0) -> None:
        self._file, self._begin, self._position = file, offset, offset

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.pread(self._file.size if size < 0 else size, self._position)
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: self._begin, io.SEEK_CUR: self._position, io.SEEK_END: self._file.size}[whence]
        self._position = start + offset
        return self.tell()

    def tell(self) -> int:
        return self._position - self._begin


class _Reading:
    """One pass over one file: what was seen on the way that later records refer to."""

    def __init__(self, file: Opened, decoded: bool = True, seen: Seen | None = None) -> None:
        self._file, self._decoded, self._seen = file, decoded, seen or Seen()
        self.name = file.name
        self._crawls: dict[str, CrawlStarted | None] = {}  # by id of the warcinfo record; None is a foreign one
        self._ids: dict[tuple[str, str], int] = {}  # foreign captures by what a revisit record may name
        self._kept: dict[str, tuple[CrawlStarted, str]] = {}  # records of others that a crawl of ours kept as they are
        # Where records are that were passed over, by the hash of what a revisit record may name: a file has many.
        self._passed: dict[int, int] = {}

    def is_of_a_crawl(self, head: _Head) -> bool:
        """Whether a record is one of a crawl of ours, or was kept by one."""
        return head.record_id in self._kept or self._crawl_told(head.kind, head.crawl, head.digest) is not None

    def pass_over(self, head: _Head) -> None:
        self._seen.passed_over[_host(head.url)] += 1
        if head.kind == "response":
            for name in _names(head):
                self._passed[hash(name)] = head.offset

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
        crawl = self._crawl_of(record.fields.get("warc-warcinfo-id", ""))
        if crawl is None:
            told = dict(parse_lines(record.block, "utf-8")).get(PASSED_OVER)
            return Broken(self.name, record.offset, told) if told else None
        fields = dict(parse_lines(record.block, "utf-8"))
        microseconds, _ = parse_date(record.fields.get("warc-date", ""))
        at = EPOCH + timedelta(microseconds=microseconds)
        if KEPT_FROM in fields:
            self._kept[record.fields.get("warc-refers-to", "")] = crawl, fields[KEPT_FROM]
            return None
        if "fetch-error" in fields:
            capture = Capture(microseconds, crawl.crawl, crawl.outlet, url, at, None, [], b"")
            capture.error, capture.origin = fields["fetch-error"], crawl.origin
            capture.warc, capture.offset, capture.length = self.name, record.offset, record.length
            return capture
        if fields.get("crawl") == crawl.crawl:
            finished = _time(fields.get("finished", ""), at)
            return CrawlFinished(crawl.crawl, crawl.outlet, finished, fields.get("reason", ""), fields)
        return None

    def _response(self, record: Record, url: str) -> Capture | Broken | None:
        stated = record.fields.get("warc-payload-digest", "")
        crawl = self._crawl_told(record.kind, record.fields.get("warc-warcinfo-id", ""), stated)
        status, headers, payload = parse_response(record.block)
        if crawl is None:
            payload = unchunked(payload, headers)
        cut = record.size > len(record.block)
        digest = _sha256_hex(stated) if cut or record.kind == "revisit" else hashlib.sha256(payload).hexdigest()
        if crawl and record.kind == "response" and not cut and stated and _sha256_hex(stated) != digest:
            return Broken(
                self.name, record.offset, f"payload of {url} is not the one that was written (sha256 differs)"
            )
        microseconds, _ = parse_date(record.fields.get("warc-date", ""))
        capture = Capture(
            id=microseconds,
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
            record_id="" if crawl else record.fields.get("warc-record-id", ""),
            source=record.fields.get("warc-source-uri", "").strip("<>"),
        )
        if record.kind == "revisit":
            capture.payload_length = int(record.fields.get("dateline-payload-length", "0"))
        elif cut:
            capture.error = f"the body is larger than {MAX_BODY >> 20} MB"
        elif not self._decoded:
            capture.body = payload
        else:
            capture.body, capture.error = content_decoded(payload, headers, lenient=capture.origin != "live")
        if crawl is None:
            if not _as_captured(capture):
                return None
            capture.id = copied_id(capture.url, capture.at)
            if kept := self._kept.get(capture.record_id):
                capture.crawl, capture.outlet, capture.origin = kept[0].crawl, kept[0].outlet, kept[0].origin
                capture.source = kept[1]
        if record.kind == "revisit":
            capture.revisit_of = self._revisited(record, crawl is None)
            if capture.revisit_of is None and record.fields.get("warc-profile") != NOT_MODIFIED:
                capture.error = NOT_IN_THIS_FILE
        else:
            self._seen.places[capture.id] = record.offset
            if crawl is None:
                self._ids.update((name, capture.id) for name in _names(_Head.of(record.offset, record.fields)))
        return capture

    def _crawl_told(self, kind: str, info: str, digest: str) -> CrawlStarted | None:
        """The crawl of ours that a capture's record names. Of another's record the warcinfo would be looked for in all
        of the file, and what states another digest than we do is another's."""
        is_ours = kind != "response" or not digest or digest.startswith("sha256:")
        return self._crawl_of(info) if is_ours else None

    def _crawl_of(self, info: str) -> CrawlStarted | None:
        """The crawl of a warcinfo record, by its id; it may stand before the place where reading began."""
        if info and info not in self._crawls:
            self._crawls[info] = _find_crawl(self._file, info)
        return self._crawls.get(info)

    def _revisited(self, record: Record, is_foreign: bool) -> int | None:
        """The capture whose payload a revisit record repeats. That of another file of others has the id that address
        and time give, if the record tells them."""
        meant = _meant(record)
        if is_foreign:
            for name in meant.names:
                if name in self._ids:
                    return self._ids[name]
                if (passed := self._id_of_passed(name)) is not None:
                    return passed
        return copied_id(meant.url, meant.at) if meant.at else None

    def _id_of_passed(self, name: tuple[str, str]) -> int | None:
        """The id of a record that was passed over: of another page, with a payload that is a page's of ours too."""
        offset = self._passed.get(hash(name))
        record = None if offset is None else next(scan(self._file, offset), None)
        if not isinstance(record, Record):
            return None
        head = _Head.of(record.offset, record.fields)
        if name not in _names(head):
            return None
        found = copied_id(head.url, EPOCH + timedelta(microseconds=parse_date(head.date)[0]))
        self._seen.places[found] = record.offset
        return found


def _as_captured(capture: Capture) -> bool:
    """Have a foreign capture that is a copy at a web archive be what the archive captured: its address, its time, and
    the page as it was sent. Returns False for what is none: an answer of the archive itself."""
    if copy := replay(capture.url):
        told = rewritten.captured_at(capture.headers)
        at = told or copy.at
        if at is None or (told is None and capture.status != 200):
            return False
        if not copy.is_raw and rewritten.is_frame(capture.body):
            return False
        capture.source, capture.url, capture.at = capture.url, copy.address, at
        capture.headers = rewritten.headers_as_sent(capture.headers)
        capture.body = rewritten.as_sent_by(capture.source, capture.body)
    elif by := rewritten.copied_by(capture.body):
        capture.source, capture.url, capture.at = by.source or capture.source, by.address or capture.url, by.at
        capture.body = rewritten.as_sent(capture.body, by.prefix, capture.url)
    return True


@dataclass(slots=True, frozen=True)
class Meant:
    """Which capture a revisit record of others means, as it says: when and where that was made, the id of its record,
    the digest of the payload. `names` are what it may be known by in the same file, the surest first."""

    record_id: str
    url: str
    at: datetime | None
    digest: str
    names: list[tuple[str, str]]

    @property
    def sha256(self) -> str:
        """The digest as captures have it, "" for another algorithm's."""
        algorithm, value = _digest(self.digest)
        return value.hex() if algorithm == "sha256" else ""


def revisited(source: Path | Opened, offset: int) -> Meant | None:
    """Which capture is meant by the revisit record at `offset`; None when there is no such record. Raises OSError, and
    ValueError for a date that is none."""
    with _opened(source) as file:
        found = next(scan(file, offset), None)
    return _meant(found) if isinstance(found, Record) and found.kind == "revisit" else None


def _meant(record: Record) -> Meant:
    """Raises ValueError for a date that is none."""
    record_id = record.fields.get("warc-refers-to", "")
    date = record.fields.get("warc-refers-to-date", "")
    url = (record.fields.get("warc-refers-to-target-uri") or record.fields.get("warc-target-uri", "")).strip("<>")
    digest = record.fields.get("warc-payload-digest", "")
    names = [("record", record_id), (url, date), ("digest", digest)]
    at = EPOCH + timedelta(microseconds=parse_date(date)[0]) if date else None
    return Meant(record_id, url, at, digest, [name for name in names if name[1]])


def _names(head: _Head) -> Iterator[tuple[str, str]]:
    """What later revisit records may call this one by."""
    yield head.url, head.date
    if head.record_id:
        yield "record", head.record_id
    if head.digest:
        yield "digest", head.digest


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


def _is_our_own(file: Opened) -> bool:
    """Whether a file begins with a crawl of ours, as each that we have written does."""
    first = next(scan(file), None)
    if not isinstance(first, Record) or first.kind != "warcinfo":
        return False
    try:
        return _crawl_started(first, file.name) is not None
    except ValueError:
        return False


def _time(text: str, otherwise: datetime) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return otherwise


def _sha256_hex(stated: str) -> str:
    """The hex value of a WARC-Payload-Digest that we wrote; "" for others, which may be of the chunked payload."""
    algorithm, _, value = stated.partition(":")
    return value if algorithm.lower() == "sha256" and len(value) == 64 else ""
