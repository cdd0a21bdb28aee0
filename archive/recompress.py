"""Records as gzip members of their own, as every reader of WARC files wants them, out of files that have them
otherwise: several in a member, not compressed, or in the form of ARC.

What is told of a copy is in the copy itself, and depends on nothing but the original: a copy of the same bytes is the
same bytes.
"""

from __future__ import annotations

import re
import uuid
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from archive.record_files import ARC_HEAD, GZIP, inflated
from archive.storage import Opened
from archive.warc_format import GZIP_LEVEL, HEAD_END, Fields, member, parse_lines, warc_fields
from archive.warc_reader import PASSED_OVER, TELLING, Wanted

COPIED = (*TELLING, "request")

_MEGABYTE = 1 << 20
_MAX_HEAD = _MEGABYTE
_LONGEST_ARC_HEAD = 64 * 1024
_NAMESPACE = uuid.UUID("6d0d6a5e-6a3c-5d0b-9f0c-6a1d0f0c2e11")  # of the ids of records that are made here


@dataclass(frozen=True, slots=True)
class About:
    """What is told of a copy in the copy itself. Its records' ids come from its name, so that it is always the same."""

    name: str
    stem: str
    date: str

    def record_id(self, of: str) -> str:
        return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, f'{self.name} {of}')}>"

    def warcinfo(self, hosts: Sequence[str]) -> bytes:
        fields = [("software", "Dateline"), ("format", "WARC File Format 1.1"), ("copied-from", self.stem)]
        fields += [("copied-hosts", " ".join(sorted(hosts)))] if hosts else []
        return self._member("warcinfo", "warcinfo", fields)

    def damage(self, offset: int, reason: str) -> bytes:
        """That something of the original is not in the copy; the reader gives it as Broken."""
        told = f"{reason}, at byte {offset:,} of {self.stem}"
        return self._member("metadata", str(offset), [(PASSED_OVER, told)])

    def _member(self, kind: str, of: str, fields: Fields) -> bytes:
        head = [
            ("WARC-Type", kind),
            ("WARC-Record-ID", self.record_id(of)),
            ("WARC-Date", self.date),
            ("Content-Type", "application/warc-fields"),
        ]
        return member(head, warc_fields(fields))


class GzipMember:
    """One gzip member that is written bit by bit."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._deflater = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)

    def write(self, data: bytes) -> None:
        self._out.write(self._deflater.compress(data))

    def finish(self) -> None:
        self._out.write(self._deflater.flush())


class _Inflated:
    """What a file holds, uncompressed. `begin` is where what is read now begins in the file: its gzip member, or, of a
    file that is not compressed, the next byte. Where it ends before its time, `error` says why."""

    def __init__(self, file: Opened, offset: int) -> None:
        self._file, self._position, self._member = file, offset, offset
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16) if file.pread(2, offset) == GZIP else None
        self._waiting, self._data = b"", bytearray()
        self._given = -1  # the member that gave the last data
        self.error = ""

    @property
    def begin(self) -> int:
        return self._member if self._inflater else self._position - len(self._data)

    def peek(self, size: int) -> bytes:
        """The next bytes; fewer at the end."""
        while len(self._data) < size and (more := self._more()):
            self._data += more
        return bytes(self._data[:size])

    def take(self, size: int, write: Callable[[bytes], object]) -> None:
        """Raises ValueError when there is less."""
        while size:
            data = self.peek(min(size, _MEGABYTE))
            if not data:
                raise ValueError(self.error or "cut short")
            write(data)
            del self._data[: len(data)]
            size -= len(data)

    def goes_on(self) -> bool:
        """Whether anything follows but blank lines. Raises ValueError when it cannot be told."""
        if not self._pass_blank() and self.error:
            raise ValueError(self.error)
        return bool(self._data)

    def check(self) -> None:
        """Behind a record: raises ValueError when the member in which it ended turns out to be damaged."""
        if not self._pass_blank() and self.error and self._member == self._given:
            raise ValueError(self.error)

    def _pass_blank(self) -> bool:
        while (data := self.peek(64)) and data[:1] in b"\r\n":
            del self._data[: len(data) - len(data.lstrip(b"\r\n"))]
        return bool(data)

    def _more(self) -> bytes:
        while not self.error:
            if not self._waiting:
                self._waiting = self._file.pread(64 * 1024, self._position)
                self._position += len(self._waiting)
            if self._inflater is None or not self._waiting:
                if self._inflater and not self._inflater.eof:
                    self.error = "cut short"
                data, self._waiting = self._waiting, b""
                return data
            if self._inflater.eof:
                self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
                self._member = self._position - len(self._waiting)
            try:
                data = self._inflater.decompress(self._waiting, _MEGABYTE)
            except zlib.error as error:
                self.error = f"not whole gzip data: {error}"
                break
            self._waiting = self._inflater.unused_data if self._inflater.eof else self._inflater.unconsumed_tail
            if data:
                self._given = self._member
                return data
        return b""


_One = Callable[[_Inflated, BinaryIO], None]


def _each(
    file: Opened, one: _One, begins: re.Pattern[bytes], about: About, out: BinaryIO, progress: Callable[[int], None]
) -> None:
    """Have `one` take record after record, and leave out one that is not whole. After damage it goes on at the next
    place at which a record begins."""
    offset = 0
    while offset < file.size:
        source, written, begin = _Inflated(file, offset), out.tell(), offset
        try:
            while source.goes_on():
                begin = source.begin
                progress(begin)
                one(source, out)
                written = out.tell()
            return
        except ValueError as error:
            out.seek(written)
            out.truncate()
            is_plain = file.pread(2, offset) != GZIP
            # Of a plain file the length that a record states may be what is damaged.
            reached = begin if is_plain else source.begin
            out.write(about.damage(reached, str(error)))
            following = _next_plain(file, reached + 1, begins) if is_plain else _next_member(file, reached + 1, begins)
            offset = file.size if following is None else following


def _next_member(file: Opened, offset: int, begins: re.Pattern[bytes]) -> int | None:
    """Where the next gzip member begins that begins with a record."""
    while chunk := file.pread(_MEGABYTE, offset):
        at = chunk.find(GZIP)
        while at >= 0:
            if begins.match(inflated(file.pread(_LONGEST_ARC_HEAD, offset + at))):
                return offset + at
            at = chunk.find(GZIP, at + 1)
        if len(chunk) < _MEGABYTE:
            return None
        offset += len(chunk) - 1
    return None


def _next_plain(file: Opened, offset: int, begins: re.Pattern[bytes]) -> int | None:
    """Where the next line begins that is the head of a record."""
    while chunk := file.pread(_MEGABYTE, offset):
        at = chunk.find(b"\n")
        while at >= 0:
            if begins.match(chunk, at + 1):
                return offset + at + 1
            at = chunk.find(b"\n", at + 1)
        if len(chunk) < _MEGABYTE:
            return None
        offset += len(chunk) - _LONGEST_ARC_HEAD
    return None


def write_pieces(file: Opened, wanted: Wanted, about: About, out: BinaryIO, progress: Callable[[int], None]) -> None:
    """Each record of a file that was compressed as one piece, or several in a piece, as a gzip member of its own."""

    def one(source: _Inflated, out: BinaryIO) -> None:
        head, fields = _warc_head(source)
        uri = fields.get("warc-target-uri", "").strip("<>")
        is_kept = fields.get("warc-type", "").lower() in COPIED
        if is_kept and uri.lower().startswith(("http:", "https:")):
            is_kept = wanted(uri)
        _take(source, head, len(head), int(fields["content-length"]), out if is_kept else None)

    _each(file, one, re.compile(rb"WARC/"), about, out, progress)


def _take(source: _Inflated, head: bytes, of_head: int, length: int, out: BinaryIO | None) -> None:
    """Write a record, whose head takes so many bytes in the source, as a gzip member; or pass it over."""
    source.take(of_head, _nowhere)
    if out is None:
        source.take(length, _nowhere)
    else:
        packed = GzipMember(out)
        packed.write(head)
        source.take(length, packed.write)
        packed.write(b"\r\n\r\n")
        packed.finish()
    source.check()


def _nowhere(_: bytes) -> None:
    pass


def _warc_head(source: _Inflated) -> tuple[bytes, dict[str, str]]:
    """Raises ValueError when no record begins here."""
    size = 4096
    while True:
        data = source.peek(size)
        if not data.startswith(b"WARC/"):
            raise ValueError(source.error or "not a WARC record")
        if end := HEAD_END.search(data):
            break
        if len(data) < size or size > _MAX_HEAD:
            raise ValueError(source.error or "not a WARC record")
        size *= 2
    fields: dict[str, str] = {}
    for name, value in parse_lines(data[: end.start()], "utf-8"):
        fields.setdefault(name.lower(), value)
    if not fields.get("content-length", "").isdecimal():
        raise ValueError("a WARC record that does not say how long it is")
    return data[: end.end()], fields


def write_arc(file: Opened, wanted: Wanted, about: About, out: BinaryIO, progress: Callable[[int], None]) -> None:
    """The responses of an ARC file (the Internet Archive's form until 2008) as WARC records."""

    def one(source: _Inflated, out: BinaryIO) -> None:
        head = ARC_HEAD.match(source.peek(_LONGEST_ARC_HEAD))
        if not head:
            raise ValueError(source.error or "not an ARC record")
        url, length = head["url"].decode("utf-8", "replace"), int(head["size"])
        answer = source.peek(head.end() + 5)[head.end() :]
        is_kept = answer == b"HTTP/" and url.lower().startswith(("http:", "https:")) and wanted(url)
        _take(source, _warc_of_arc(about, url, head, out.tell()), head.end(), length, out if is_kept else None)

    _each(file, one, ARC_HEAD, about, out, progress)


def _warc_of_arc(about: About, url: str, head: re.Match[bytes], place: int) -> bytes:
    date = head["date"].decode()
    fields = [
        ("WARC-Type", "response"),
        ("WARC-Record-ID", about.record_id(f"{place} {url} {date}")),
        ("WARC-Date", f"{date[:4]}-{date[4:6]}-{date[6:8]}T{date[8:10]}:{date[10:12]}:{date[12:]}Z"),
        ("WARC-Target-URI", url),
        ("WARC-IP-Address", head["ip"].decode()),
        ("Content-Type", "application/http; msgtype=response"),
        ("Content-Length", head["size"].decode()),
    ]
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields if value != "0.0.0.0")
    return f"WARC/1.1\r\n{lines}\r\n".encode()
