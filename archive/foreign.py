"""Files that others wrote, as WARC files among our captures: by reference where they can be read as they are, else as a
copy that can. Nothing is changed in the files themselves.

What is imported twice has the same name, and nothing is written; a copy of the same bytes is the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast
from urllib.parse import urlsplit

from archive.recompress import COPIED, About, GzipMember, write_arc, write_pieces
from archive.record_files import GZIP, Held, form_of
from archive.storage import Captures, Opened, open_location
from archive.warc_format import Damage, Record, parse_date, scan
from archive.warc_reader import Stream, Wanted, scan_only
from archive.warc_writer import sync_directory

_MEGABYTE = 1 << 20
_EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Brought:
    """A file among the captures. `written` are the bytes that it took there; `is_new` is False when it was there."""

    name: str
    is_new: bool
    written: int = 0


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
    present: Collection[str] | None = None,
    is_ours: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Brought:
    """Have a file's records among the captures: by reference, or, with `copy`, those of the hosts as a file of ours.
    What cannot be read as it is (ARC, several records in one gzip member, a deflated member of a WACZ) is copied.

    `present` are the names that are there. A file that `is_ours`, as one that was downloaded, is not referred to but
    becomes a capture file itself. Raises OSError; a process that is killed leaves a file behind whose name begins
    with a dot.
    """
    present = captures.listed("import-") if present is None else present
    with closing(what.open()) as file:
        mark = identity(file, " ".join(["copy", *sorted(hosts)]) if copy else "")
        suffix = ".warc" if what.form == "warc" and not copy else ".warc.gz"
        name = f"import-{what.stem}-{mark}{suffix}"
        if known := min((each for each in present if each.endswith(f"-{mark}{suffix}")), default=""):
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
    about = About(name, what.stem, _first_date(what, file))
    wanted = on_hosts(hosts) if copy else _any
    out.write(about.warcinfo(hosts if copy else ()))
    if what.form == "arc":
        write_arc(file, wanted, about, out, progress)
    elif what.form == "pieces":
        write_pieces(file, wanted, about, out, progress)
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


def _write_some(file: Opened, wanted: Wanted, about: About, out: BinaryIO, progress: Callable[[int], None]) -> None:
    """The records of wanted pages, each with the very bytes of its gzip member."""
    for found in scan_only(file, wanted, kinds=COPIED):
        progress(found.offset)
        if isinstance(found, Damage):
            out.write(about.damage(found.offset, f"{found.reason} ({found.length:,} bytes)"))
        elif file.pread(2, found.offset) == GZIP:
            _copy_bytes(file, found.offset, found.length, out.write)
        else:
            packed = GzipMember(out)
            _copy_bytes(file, found.offset, found.length, packed.write)
            packed.finish()
