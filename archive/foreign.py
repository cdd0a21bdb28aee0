"""Files that others wrote, as WARC files among our captures: by reference where they can be read as they are, else as a
copy that can. Nothing is changed in the files themselves.

What is imported twice has the same name, and nothing is written; a copy of the same bytes is the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast
from urllib.parse import urlsplit

from archive.storage import Captures, Opened, Part, is_remote, open_location, store_at
from archive.warc_format import (
    GZIP_LEVEL,
    HEAD_END,
    Damage,
    Fields,
    Record,
    member,
    parse_date,
    parse_lines,
    scan,
    warc_fields,
)
from archive.warc_reader import PASSED_OVER, TELLING, Stream, Wanted, scan_only
from archive.warc_writer import sync_directory

SUFFIXES = (".warc.gz", ".warc", ".wacz", ".arc.gz", ".arc")
COPIED = (*TELLING, "request")

_GZIP = b"\x1f\x8b"
_MEGABYTE = 1 << 20
_MAX_HEAD = _MEGABYTE
_LOOKED_AT = 3  # records, to tell whether each is a gzip member of its own; the first is often alone in any case
_EPOCH = "1970-01-01T00:00:00Z"
_ARC_HEAD = re.compile(
    rb"(?P<url>[a-z][a-z0-9+.-]*:[^\r\n]*) (?P<ip>[\d.]+|[\da-f:]+) (?P<date>\d{14}) "
    rb"(?P<type>[^\r\n]*?) (?P<size>\d+)\r?\n",
    re.IGNORECASE,
)
_LONGEST_ARC_HEAD = 64 * 1024
_NAMESPACE = uuid.UUID("6d0d6a5e-6a3c-5d0b-9f0c-6a1d0f0c2e11")  # of the ids of records that are made here


@dataclass(frozen=True, slots=True)
class Held:
    """One file of records that a place holds: all of a file, or a member of a WACZ. `form` is warc.gz (each record a
    gzip member, as it should be), warc, pieces (gzip members of several records), deflated (in a WACZ), or arc."""

    label: str  # how it is named in messages
    stem: str
    location: str  # an absolute path, or s3://…
    offset: int
    size: int
    form: str
    member: str = ""  # its name in the WACZ

    @property
    def is_referable(self) -> bool:
        return self.form in ("warc", "warc.gz")

    def open(self, name: str | None = None) -> Opened:
        """Raises OSError."""
        file = open_location(self.location, name or self.stem)
        return file if self.offset == 0 and self.size == file.size else Part(file.name, file, self.offset, self.size)


@dataclass(frozen=True, slots=True)
class Unfit:
    """Something that cannot be imported and why, or, unless it `is_left_out`, why it is doubtful."""

    label: str
    reason: str
    is_left_out: bool = True


@dataclass(frozen=True, slots=True)
class Brought:
    """A file among the captures. `written` are the bytes that it took there; `is_new` is False when it was there."""

    name: str
    is_new: bool
    written: int = 0


# What is there


def held(place: str) -> Iterator[Held | Unfit]:
    """The files of records at a path, in a folder and all folders below it, or at s3://bucket/key or prefix. A
    folder's other files are passed over without a word."""
    if is_remote(place):
        yield from _held_in_bucket(place)
        return
    path = Path(place).expanduser()
    if path.is_dir():
        found = sorted(each for each in path.rglob("*") if each.name.endswith(SUFFIXES) and each.is_file())
        if not found:
            yield Unfit(place, f"no file below it ends in {', '.join(SUFFIXES)}")
        for each in found:
            yield from _held_in_file(str(each.resolve()), str(each))
        return
    yield from _held_in_file(str(path.resolve()), str(place))


def _held_in_bucket(place: str) -> Iterator[Held | Unfit]:
    if place.endswith(SUFFIXES):
        yield from _held_in_file(place, place)
        return
    prefix = place.rstrip("/")
    try:
        names = [name for name in store_at(prefix).names() if name.endswith(SUFFIXES)]
    except (OSError, ValueError) as error:
        yield Unfit(place, f"it cannot be listed: {error}")
        return
    if not names:
        yield Unfit(place, f"no object right below it ends in {', '.join(SUFFIXES)}")
    for name in names:
        yield from _held_in_file(f"{prefix}/{name}", f"{prefix}/{name}")


def _held_in_file(location: str, label: str) -> Iterator[Held | Unfit]:
    name = location.rpartition("/")[2]
    try:
        with closing(open_location(location)) as file:
            if file.pread(4, 0) == b"PK\x03\x04":
                yield from _held_in_wacz(file, location, label)
                return
            form = form_of(file)
            size = file.size
    except FileNotFoundError:
        yield Unfit(label, "there is no such file")
        return
    except (OSError, ValueError) as error:
        yield Unfit(label, f"it cannot be read: {error}")
        return
    if form:
        yield Held(label, _stem(name), location, 0, size, form)
    else:
        yield Unfit(label, "not a WARC/WACZ/ARC: it begins as none of them does")


def form_of(file: Opened) -> str:
    """The form of a file of records, by its content; "" for none of those that can be read. Raises OSError."""
    head = file.pread(64 * 1024, 0)
    if head.startswith(b"WARC/"):
        return "warc"
    if _ARC_HEAD.match(head):
        return "arc"
    if not head.startswith(_GZIP):
        return ""
    begin = _inflated(head)
    if _ARC_HEAD.match(begin):
        return "arc"
    if not begin.startswith(b"WARC/"):
        return ""
    return "warc.gz" if _has_a_member_for_each_record(file) else "pieces"


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, 64 * 1024)
    except zlib.error:
        return b""


def _has_a_member_for_each_record(file: Opened) -> bool:
    """Whether the first records end where their gzip member does. Damage speaks for nothing: `scan` reads around it."""
    offset = 0
    for _ in range(_LOOKED_AT):
        inflater, position, data, size = zlib.decompressobj(zlib.MAX_WBITS | 16), offset, b"", None
        total = 0
        try:
            while not inflater.eof:
                chunk = file.pread(64 * 1024, position)
                if not chunk:
                    return True
                position += len(chunk)
                while chunk and not inflater.eof:
                    part = inflater.decompress(chunk, _MEGABYTE)
                    chunk = inflater.unconsumed_tail
                    total += len(part)
                    if size is None:
                        data += part
                        size = _stated_size(data)
                        if size is None and total > _MAX_HEAD:
                            return True
                    if size is not None and total > size + 64:
                        return False
        except zlib.error:
            return True
        offset = position - len(inflater.unused_data)
        if offset >= file.size:
            break
    return True


def _stated_size(data: bytes) -> int | None:
    """The bytes of a record, head and block, by what its head says."""
    end = HEAD_END.search(data)
    if not end:
        return None
    fields = {name.lower(): value for name, value in parse_lines(data[: end.start()], "utf-8")}
    length = fields.get("content-length", "")
    return end.end() + int(length) if length.isdecimal() else None


def _stem(name: str) -> str:
    """A file's name without its ending, and without what a name of ours cannot have."""
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            name = name.removesuffix(suffix)
            break
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:80] or "file"


# WACZ


def _held_in_wacz(file: Opened, location: str, label: str) -> Iterator[Held | Unfit]:
    """The WARC files in a WACZ; those that differ from what its datapackage.json says are told, and are given."""
    stem = _stem(location.rpartition("/")[2])
    try:
        with zipfile.ZipFile(cast(BinaryIO, Stream(file))) as package:
            files = [each for each in package.infolist() if re.fullmatch(r"archive/.*\.warc(\.gz)?", each.filename)]
            stated = _stated_digests(package)
            if not files:
                yield Unfit(label, "not a WACZ: this zip file has no archive/*.warc.gz")
            for each in files:
                yield from _member_of_wacz(package, file, each, location, f"{label}!{each.filename}", stem, stated)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, zlib.error) as error:
        yield Unfit(label, f"this WACZ (a zip file) cannot be read: {error}")


def _member_of_wacz(
    package: zipfile.ZipFile,
    file: Opened,
    each: zipfile.ZipInfo,
    location: str,
    label: str,
    stem: str,
    stated: dict[str, str],
) -> Iterator[Held | Unfit]:
    head = file.pread(30, each.header_offset)
    begin = each.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    stem = f"{stem}-{_stem(each.filename.rpartition('/')[2])}"
    is_stored = each.compress_type == zipfile.ZIP_STORED
    part = Part(each.filename, file, begin, each.compress_size)
    form = form_of(part) if is_stored else "deflated"
    if wanted := stated.get(each.filename):
        with closing(Stream(part)) if is_stored else package.open(each) as opened:
            if _sha256(opened) != wanted:
                reason = "it is not what datapackage.json says (another sha256): altered or damaged since it was packed"
                yield Unfit(label, reason, is_left_out=False)
    if not form:
        yield Unfit(label, "not a WARC file")
        return
    yield Held(label, stem, location, begin, each.compress_size, form, each.filename)


def _stated_digests(package: zipfile.ZipFile) -> dict[str, str]:
    try:
        resources = json.loads(package.read("datapackage.json")).get("resources", [])
        return {
            each["path"]: each["hash"].removeprefix("sha256:")
            for each in resources
            if str(each.get("hash", "")).startswith("sha256:")
        }
    except (KeyError, ValueError, TypeError, AttributeError):
        return {}


def _sha256(stream: io.RawIOBase | IO[bytes]) -> str:
    digest = hashlib.sha256()
    while data := stream.read(_MEGABYTE):
        digest.update(data)
    return digest.hexdigest()


# Names


def identity(file: Opened, more: str = "") -> str:
    """Ten hex digits by which a content is known: its size, its first and its last megabyte."""
    digest = hashlib.sha256(f"{file.size} {more}\n".encode())
    digest.update(file.pread(_MEGABYTE, 0))
    if file.size > _MEGABYTE:
        digest.update(file.pread(_MEGABYTE, max(file.size - _MEGABYTE, _MEGABYTE)))
    return digest.hexdigest()[:10]


def on_hosts(hosts: Iterable[str]) -> Wanted:
    """Whether an address is on one of these hosts or a subdomain of one."""
    known = frozenset(hosts)

    def is_on(url: str) -> bool:
        try:
            host = (urlsplit(url).hostname or "").rstrip(".")
        except ValueError:
            return False
        while host:
            if host in known:
                return True
            host = host.partition(".")[2]
        return False

    return is_on


# Into the captures


def bring(
    captures: Captures,
    what: Held,
    hosts: Sequence[str],
    copy: bool = False,
    present: dict[str, int] | None = None,
    is_ours: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Brought:
    """Have a file's records among the captures: by reference, or, with `copy`, those of the hosts as a file of ours.
    What cannot be read as it is (ARC, several records in one gzip member, a deflated member of a WACZ) is copied.

    `present` are the names that are there. A file that `is_ours`, as one that was downloaded, is not referred to but
    becomes a capture file itself. Raises OSError; a process that is killed leaves a file behind whose name begins
    with a dot.
    """
    present = captures.names() if present is None else present
    with closing(what.open()) as file:
        mark = identity(file, " ".join(["copy", *sorted(hosts)]) if copy else "")
        suffix = ".warc" if what.form == "warc" and not copy else ".warc.gz"
        name = f"import-{what.stem}-{mark}{suffix}"
        if known := next((each for each in present if each.endswith(f"-{mark}{suffix}")), None):
            return Brought(known, is_new=False)
        if what.is_referable and not copy and not is_ours:
            captures.refer(name, what.location, what.offset, what.size)
            return Brought(name, is_new=True)
        with _making(captures, name) as out:
            if what.is_referable and not copy:
                _copy_bytes(file, 0, file.size, out.write)
            elif what.form == "deflated":
                _unpack(what, captures, name, hosts, copy, out, progress)
            else:
                _write(what, file, name, hosts, copy, out, progress)
            written = out.tell()
    return Brought(name, is_new=True, written=written)


@contextmanager
def _making(captures: Captures, name: str) -> Iterator[BinaryIO]:
    """A file of ours that gets its name when it is whole, and goes to where captures live."""
    captures.folder.mkdir(parents=True, exist_ok=True)
    aside, path = captures.folder / f".{name}.making", captures.folder / name
    try:
        with aside.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)
    sync_directory(captures.folder)
    captures.keep(path)


def _write(
    what: Held,
    file: Opened,
    name: str,
    hosts: Sequence[str],
    copy: bool,
    out: BinaryIO,
    progress: Callable[[int], None],
) -> None:
    about = _About(name, what.stem, _first_date(what, file))
    wanted = on_hosts(hosts) if copy else _any
    out.write(about.warcinfo(hosts if copy else ()))
    if what.form == "arc":
        _write_arc(file, wanted, about, out, progress)
    elif what.form == "pieces":
        _write_pieces(file, wanted, about, out, progress)
    else:
        _write_some(file, wanted, about, out, progress)


def _any(_: str) -> bool:
    return True


def _unpack(
    what: Held,
    captures: Captures,
    name: str,
    hosts: Sequence[str],
    copy: bool,
    out: BinaryIO,
    progress: Callable[[int], None],
) -> None:
    """A deflated member of a WACZ, by way of a file aside: what is in it can only be read from its beginning."""
    aside = captures.folder / f".{name}.unpacked"
    try:
        with (
            closing(open_location(what.location)) as package,
            zipfile.ZipFile(cast(BinaryIO, Stream(package))) as opened,
            opened.open(what.member) as source,
            aside.open("wb") as target,
        ):
            while data := source.read(_MEGABYTE):
                target.write(data)
        with closing(open_location(str(aside.resolve()))) as file:
            form = form_of(file)
            if form == "warc.gz" and not copy:
                _copy_bytes(file, 0, file.size, out.write)
                return
            inner = Held(what.label, what.stem, str(aside), 0, file.size, form or "warc.gz")
            _write(inner, file, name, hosts, copy, out, progress)
    finally:
        aside.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _About:
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


def _first_date(what: Held, file: Opened) -> str:
    """A date for what is told of a copy: the original's first, since the copy must not depend on when it was made."""
    if what.form in ("warc", "warc.gz"):
        first = next(scan(file), None)
        if isinstance(first, Record):
            date = first.fields.get("warc-date", "")
            try:
                parse_date(date)
            except ValueError:
                return _EPOCH
            return date
    return _EPOCH


def _copy_bytes(file: Opened, offset: int, length: int, write: Callable[[bytes], object]) -> None:
    end = offset + length
    while offset < end:
        data = file.pread(min(_MEGABYTE, end - offset), offset)
        if not data:
            raise OSError(f"{file.name} ended while it was being read")
        write(data)
        offset += len(data)


class _Member:
    """One gzip member that is written bit by bit."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._deflater = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS | 16)

    def write(self, data: bytes) -> None:
        self._out.write(self._deflater.compress(data))

    def finish(self) -> None:
        self._out.write(self._deflater.flush())


def _write_some(file: Opened, wanted: Wanted, about: _About, out: BinaryIO, progress: Callable[[int], None]) -> None:
    """The records of wanted pages, each with the very bytes of its gzip member."""
    for found in scan_only(file, wanted, kinds=COPIED):
        progress(found.offset)
        if isinstance(found, Damage):
            out.write(about.damage(found.offset, f"{found.reason} ({found.length:,} bytes)"))
        elif file.pread(2, found.offset) == _GZIP:
            _copy_bytes(file, found.offset, found.length, out.write)
        else:
            packed = _Member(out)
            _copy_bytes(file, found.offset, found.length, packed.write)
            packed.finish()


# Records that are no gzip members of their own


class _Inflated:
    """What a file holds, uncompressed. `begin` is where what is read now begins in the file: its gzip member, or, of a
    file that is not compressed, the next byte. Where it ends before its time, `error` says why."""

    def __init__(self, file: Opened, offset: int) -> None:
        self._file, self._position, self._member = file, offset, offset
        self._inflater = zlib.decompressobj(zlib.MAX_WBITS | 16) if file.pread(2, offset) == _GZIP else None
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
    file: Opened, one: _One, begins: re.Pattern[bytes], about: _About, out: BinaryIO, progress: Callable[[int], None]
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
            is_plain = file.pread(2, offset) != _GZIP
            # Of a plain file the length that a record states may be what is damaged.
            reached = begin if is_plain else source.begin
            out.write(about.damage(reached, str(error)))
            following = _next_plain(file, reached + 1, begins) if is_plain else _next_member(file, reached + 1, begins)
            offset = file.size if following is None else following


def _next_member(file: Opened, offset: int, begins: re.Pattern[bytes]) -> int | None:
    """Where the next gzip member begins that begins with a record."""
    while chunk := file.pread(_MEGABYTE, offset):
        at = chunk.find(_GZIP)
        while at >= 0:
            if begins.match(_inflated(file.pread(_LONGEST_ARC_HEAD, offset + at))):
                return offset + at
            at = chunk.find(_GZIP, at + 1)
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


def _write_pieces(file: Opened, wanted: Wanted, about: _About, out: BinaryIO, progress: Callable[[int], None]) -> None:
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
        packed = _Member(out)
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


def _write_arc(file: Opened, wanted: Wanted, about: _About, out: BinaryIO, progress: Callable[[int], None]) -> None:
    """The responses of an ARC file (the Internet Archive's form until 2008) as WARC records."""

    def one(source: _Inflated, out: BinaryIO) -> None:
        head = _ARC_HEAD.match(source.peek(_LONGEST_ARC_HEAD))
        if not head:
            raise ValueError(source.error or "not an ARC record")
        url, length = head["url"].decode("utf-8", "replace"), int(head["size"])
        answer = source.peek(head.end() + 5)[head.end() :]
        is_kept = answer == b"HTTP/" and url.lower().startswith(("http:", "https:")) and wanted(url)
        _take(source, _warc_of_arc(about, url, head, out.tell()), head.end(), length, out if is_kept else None)

    _each(file, one, _ARC_HEAD, about, out, progress)


def _warc_of_arc(about: _About, url: str, head: re.Match[bytes], place: int) -> bytes:
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
