"""The files of records that a place holds, in whatever form others wrote them: WARC, WACZ, ARC."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from archive.storage import Opened, Part, is_remote, open_location, store_at
from archive.warc_format import HEAD_END, Record, parse_lines, scan
from archive.warc_reader import Stream

SUFFIXES = (".warc.gz", ".warc", ".wacz", ".arc.gz", ".arc")
GZIP = b"\x1f\x8b"
ARC_HEAD = re.compile(
    rb"(?P<url>[a-z][a-z0-9+.-]*:[^\r\n]*) (?P<ip>[\d.]+|[\da-f:]+) (?P<date>\d{14}) "
    rb"(?P<type>[^\r\n]*?) (?P<size>\d+)\r?\n",
    re.IGNORECASE,
)

_MEGABYTE = 1 << 20
_MAX_HEAD = _MEGABYTE
_SEARCHED = 16 * _MEGABYTE  # of a file that does not begin as one of records: a first record is seldom longer
_LOOKED_AT = 3  # records, to tell whether each is a gzip member of its own; the first is often alone in any case


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
    if ARC_HEAD.match(head):
        return "arc"
    begin = inflated(head) if head.startswith(GZIP) else b""
    if ARC_HEAD.match(begin):
        return "arc"
    if not begin.startswith(b"WARC/"):
        return "warc.gz" if _has_records_behind_damage(file) else ""
    return "warc.gz" if _has_a_member_for_each_record(file) else "pieces"


def _has_records_behind_damage(file: Opened) -> bool:
    """Whether gzip members that are records follow: a flipped bit in the first one must not cost all of a file."""
    beginning = Part(file.name, file, 0, min(file.size, _SEARCHED))
    return any(isinstance(found, Record) for found in scan(beginning))


def inflated(data: bytes) -> bytes:
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
