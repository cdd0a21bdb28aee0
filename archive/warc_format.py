"""WARC/1.1 (ISO 28500:2017) as bytes: one record in one gzip member, found again by scanning members.

Reading goes through zlib and not through FastWARC's ArchiveIterator, which takes a member that was cut short for a
whole one and stops for good at the first damaged one (docs/captures.md). FastWARC compresses: twice as fast on HTML.
"""

from __future__ import annotations

import io
import re
import uuid
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from fastwarc.stream_io import GzipWriter

if TYPE_CHECKING:
    from archive.storage import Opened

IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
# On HTML 28 % smaller than level 1; level 9 takes 1.7 times as long for 0.7 % (benchmarks/warc.py).
GZIP_LEVEL = 6
STORED = 0  # for payloads that are gzip already: an eighth of the time for the same size
MAX_BODY = 64 * 1024 * 1024  # bytes of one body in memory; the largest page in the real samples is 1.5 MB
HEAD_END = re.compile(rb"\r?\n\r?\n")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_MAX_RECORD = MAX_BODY + 1024 * 1024  # its headers may take a megabyte
_CHUNK = 32 * 1024
_STEP = 1024 * 1024  # inflated at a time, so that a decompression bomb cannot fill the memory
_GZIP = b"\x1f\x8b\x08"
_BLANK = " \t\r"
_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)?")

Fields = list[tuple[str, str]]


@dataclass(slots=True, frozen=True)
class Record:
    """One WARC record. `fields` has lower-case names; `block` is cut at MAX_BODY, `size` is its stated length.

    `offset` and `length` are bytes in the file, as compressed there.
    """

    offset: int
    length: int
    kind: str
    fields: dict[str, str]
    block: bytes
    size: int


@dataclass(slots=True, frozen=True)
class Damage:
    """Bytes of a WARC file that hold no whole record. `torn`: nothing readable follows, as after a crash."""

    offset: int
    length: int
    reason: str
    torn: bool


# Writing


def new_id() -> str:
    """A WARC-Record-ID."""
    return f"<urn:uuid:{uuid.uuid4()}>"


def warc_date(microseconds: int) -> str:
    """2026-11-24T10:49:40.123456Z; WARC/1.1 allows the fraction, and it makes dates unique."""
    return f"{EPOCH + timedelta(microseconds=microseconds):%Y-%m-%dT%H:%M:%S.%f}Z"


def to_microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def warc_fields(fields: Iterable[tuple[str, str]]) -> bytes:
    """A block of type application/warc-fields; line breaks within a value become spaces."""
    return "".join(f"{name}: {' '.join(value.split())}\r\n" for name, value in fields).encode()


def member(fields: Fields, block: bytes, level: int = GZIP_LEVEL) -> bytes:
    """The gzip member of one record; Content-Length is added."""
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    buffer = io.BytesIO()
    writer = GzipWriter(buffer, compression_level=level)
    writer.write(b"WARC/1.1\r\n%sContent-Length: %d\r\n\r\n%s\r\n\r\n" % (head.encode(), len(block), block))
    writer.finish()
    return buffer.getvalue()


# Reading


def parse_date(text: str) -> tuple[int, bool]:
    """Microseconds since 1970 of a WARC-Date, and whether it states them. Raises ValueError when it is none."""
    found = _DATE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"not a WARC-Date: {text!r}")
    whole = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    fraction = found[2] or ""
    return to_microseconds(whole) + int(fraction.ljust(6, "0")[:6]), len(fraction) >= 6


def parse_lines(head: bytes, encoding: str) -> Fields:
    """Name and value of each header line, in order; a folded line is joined to the one before, others are no header."""
    fields: Fields = []
    for line in head.decode(encoding, "replace").split("\n"):
        if line[:1] in (" ", "\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, f"{value} {line.strip(_BLANK)}".strip(_BLANK))
            continue
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name.strip(_BLANK), value.strip(_BLANK)))
    return fields


def scan(file: Opened, offset: int = 0) -> Iterator[Record | Damage]:
    """Records of an open WARC file from `offset` on, gzip-encoded record by record or plain.

    Everything between records is accounted for as Damage. Raises OSError when the file cannot be read.
    """
    size = file.size
    # The file's head is asked only where the place itself does not tell: far away it is a request of its own.
    is_plain = file.pread(len(_GZIP), offset) != _GZIP and file.pread(5, 0) == b"WARC/"
    inflate = _plain if is_plain else _inflate
    while offset < size:
        found = inflate(file, offset)
        if isinstance(found, tuple):
            data, length, whole = found
            yield from _parse(offset, length, data, whole)
            offset += length
            continue
        following = _next_record(file, offset + 1, is_plain)
        yield Damage(offset, (following or size) - offset, found, torn=following is None)
        offset = following or size


def _inflate(file: Opened, offset: int) -> tuple[bytes, int, int] | str:
    """The member at `offset`: its data (cut at _MAX_RECORD), length in the file and whole size; or what is wrong."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    parts: list[bytes] = []
    size, position = 0, offset
    while not inflater.eof:
        chunk = file.pread(_CHUNK, position)
        position += len(chunk)
        if not chunk:
            return "cut short"
        more = True
        while more and not inflater.eof:
            try:
                data = inflater.decompress(chunk, _STEP)
            except zlib.error as error:
                return f"not whole gzip data: {error}"
            if size < _MAX_RECORD:
                parts.append(data)
            size += len(data)
            chunk = inflater.unconsumed_tail
            more = bool(chunk) or len(data) == _STEP
    return b"".join(parts), position - len(inflater.unused_data) - offset, size


def _plain(file: Opened, offset: int) -> tuple[bytes, int, int] | str:
    """As _inflate, for a record that is not compressed."""
    head = file.pread(_CHUNK, offset)
    end = HEAD_END.search(head)
    stated = re.search(rb"\ncontent-length:\s*(\d+)", head[: end.start()], re.IGNORECASE) if end else None
    if not head.startswith(b"WARC/") or not end or not stated:
        return "not a WARC record"
    size = end.end() + int(stated[1])
    if offset + size > file.size:
        return "cut short"
    held = min(size, _MAX_RECORD)
    data = file.pread(held + 4, offset)
    gap = data[held:] if held == size else file.pread(4, offset + size)
    return data[:held], size + len(gap) - len(gap.lstrip(b"\r\n")), size


def _next_record(file: Opened, offset: int, plain: bool) -> int | None:
    """Where the next record begins, looking byte by byte; None when there is none."""
    mark = b"WARC/1." if plain else _GZIP
    while chunk := file.pread(_STEP, offset):
        at = chunk.find(mark)
        while at >= 0:
            if plain or _begins_record(file.pread(1024, offset + at)):
                return offset + at
            at = chunk.find(mark, at + 1)
        if len(chunk) < _STEP:
            return None
        offset += len(chunk) - len(mark) + 1
    return None


def _begins_record(data: bytes) -> bool:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, 5) == b"WARC/"
    except zlib.error:
        return False


def _parse(offset: int, length: int, data: bytes, whole: int) -> Iterator[Record | Damage]:
    head = HEAD_END.search(data)
    if not data.startswith(b"WARC/") or not head:
        yield Damage(offset, length, "not a WARC record", torn=False)
        return
    fields: dict[str, str] = {}
    for name, value in parse_lines(data[: head.start()], "utf-8"):
        fields.setdefault(name.lower(), value)
    stated = fields.get("content-length", "")
    if not stated.isdecimal():
        yield Damage(offset, length, f"no Content-Length but {stated!r}", torn=False)
        return
    end = head.end() + int(stated)
    if end > whole:
        yield Damage(offset, length, f"{end - whole} bytes shorter than it says", torn=False)
        return
    block = data[head.end() : end]
    yield Record(offset, length, fields.get("warc-type", "").lower(), fields, block, int(stated))
    if data[end : end + 64].strip(b"\r\n"):
        reason = "several records in one gzip member; `fastwarc recompress` makes a file that can be read"
        yield Damage(offset, length, reason, torn=False)
