"""Captures into WARC files: each response, request and failure on the disk before anything is made of it.

One process and one thread write; crawls that run side by side share the writer and so the file.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote, urlsplit

from archive import clock
from archive.warc_format import (
    EPOCH,
    GZIP_LEVEL,
    IDENTICAL,
    NOT_MODIFIED,
    STORED,
    Fields,
    member,
    new_id,
    to_microseconds,
    warc_date,
    warc_fields,
)
from items import Capture

KEPT_FROM = "kept-from"  # in a metadata record: the address that gave the record of another, which follows as it is
OPEN_SUFFIX = ".open"  # of a file that is being written; recover() looks for it after a crash

Headers = Sequence[tuple[str, str]]

_UNSAFE_IN_URI = re.compile(r"[\x00-\x20\x7f<>]")
_UNSAFE_IN_NAME = re.compile(r"[\x00-\x20:\x7f]")
_UNSAFE_IN_VALUE = re.compile(r"[\x00\r\n]+")
_ASCII = "".join(map(chr, range(0x21, 0x7F)))
# Meant for a proxy on the way; a password has no place in an archive that is given away.
_NOT_FOR_THE_ORIGIN = {"proxy-authorization", "proxy-connection"}


class CaptureNotWritten(OSError):
    """A record could not be written, and none of it was left in the file: the disk is full, or gone."""

    def __str__(self) -> str:
        return str(self.strerror)  # without the error's number


@dataclass(slots=True)
class _Crawl:
    outlet: str
    about: dict[str, str]
    warcinfo: str = ""  # id of its warcinfo record in the present file
    continued: bool = False  # it has one in an earlier file


class CaptureWriter:
    """Writes `dateline-<UTC time>-<number>.warc.gz` under `directory`, named `….open` until it is complete.

    A new file is begun at `max_bytes` (a file is larger by at most one capture) and at midnight UTC. Every method
    that writes raises CaptureNotWritten, and ValueError for a crawl that was not begun. Ids of captures are above
    `after`. `of` is added to the files' names, so that writers who share a folder know their own (`name_part`).
    """

    def __init__(
        self,
        directory: Path,
        *,
        max_bytes: int = 1_000_000_000,
        software: str = "Dateline/0.1",
        after: int = 0,
        of: str = "",
    ) -> None:
        self.directory = directory
        self._of = f"{of}-" if of else ""
        self._max_bytes, self._software = max_bytes, software
        self._crawls: dict[str, _Crawl] = {}
        self._file: int | None = None
        self._path = directory
        self._size = 0
        self._day = 0
        self._number = 0
        self._last = after
        self._closed: list[Path] = []

    # The crawl

    def begin(self, crawl: str, outlet: str, about: Mapping[str, str], at: datetime | None = None) -> None:
        """Write the crawl's warcinfo record; `about` adds fields: started, robots, http-header-user-agent, ….

        It is written again at the head of each file that this crawl goes on in.
        """
        if crawl in self._crawls:
            raise ValueError(f"crawl {crawl!r} has begun already")
        self._crawls[crawl] = this = _Crawl(outlet, dict(about))
        moment = _now(at)
        try:
            self._file_at(moment)
            if not this.warcinfo:
                self._append(self._warcinfo(crawl, this, moment), f"the begin of crawl {crawl}")
        except BaseException:
            del self._crawls[crawl]
            raise

    def end(self, crawl: str, fields: Mapping[str, str], at: datetime | None = None) -> None:
        """Write how a crawl ended (finished, reason, counts) as a metadata record; it takes no captures any more."""
        moment, this = _now(at), self._crawl(crawl)
        self._file_at(moment)
        block = warc_fields([("crawl", crawl), ("outlet", this.outlet), *fields.items()])
        head = [*self._head("metadata", moment, this), ("WARC-Refers-To", this.warcinfo), _FIELDS]
        self._append(self._member(head, block), f"the end of crawl {crawl}")
        del self._crawls[crawl]

    # The captures

    def response(
        self,
        crawl: str,
        outlet: str,
        url: str,
        request: tuple[str, Headers],
        response: tuple[int, Headers, bytes],
        at: datetime | None = None,
        known: tuple[int, str] | None = None,
        ip: str = "",
        reason: str = "",
    ) -> Capture:
        """Write what was asked and what came; returns the Capture as a reader of the file would give it, without body.

        `request` is method and headers; `response` is status, headers and the payload off the wire: its content coding
        kept, its transfer coding undone. Headers are text of one character a byte (Latin-1). `known` is the capture
        (id, URL) that holds the same payload, or for a 304 the one that the server means: a revisit record
        without the payload is then written. `reason` is the status line's, by default the usual one. The id is `at`
        in microseconds, or one more than the last id when that is not earlier.
        """
        moment, this = self._moment(at), self._crawl(crawl, outlet)
        self._file_at(moment)
        more = [("WARC-IP-Address", ip)] if ip else []
        return self._answer(crawl, this, moment, _uri(url), response, known, reason, more, request=request)

    def copied(
        self,
        crawl: str,
        outlet: str,
        url: str,
        at: datetime,
        response: tuple[int, Headers, bytes],
        source: str,
        known: tuple[int, str] | None = None,
        digest: str = "",
        reason: str = "",
    ) -> Capture:
        """Write a response that another archive holds, as captured there `at` that time; returns the Capture as
        `response` does. `headers` and the payload are the outlet's own, not the archive's; `source` is the address that
        gave them. `known` is the capture (id, URL) that holds the same payload. With `digest` nothing was asked for:
        the archive's list says by it that the payload is the one of `known`, and the headers are taken from there.

        The id is `copied_id`, whatever was written before; the file is the one of the present time.
        """
        this, now = self._crawl(crawl, outlet), _now(None)
        url, source = _uri(url), _uri(source)
        self._file_at(now)
        more = [("WARC-Source-URI", source), ("WARC-Creation-Date", warc_date(now))]
        if digest:
            more.append(("Dateline-Known-By-Digest", _UNSAFE_IN_VALUE.sub(" ", digest)))
        return self._answer(crawl, this, copied_id(url, at), url, response, known, reason, more, source=source)

    def kept(
        self,
        crawl: str,
        outlet: str,
        url: str,
        at: datetime,
        response: tuple[int, Headers, bytes],
        source: str,
        record: bytes,
        record_id: str,
    ) -> Capture:
        """Write the record of another as it is: `record` is its gzip member, `record_id` its WARC-Record-ID. Before it
        stands a record of ours that says which crawl kept it, and which address gave it (`source`). Otherwise as
        `copied`."""
        this, now = self._crawl(crawl, outlet), _now(None)
        status, headers, body = response
        self._file_at(now)
        head = [*self._head("metadata", now, this), ("WARC-Refers-To", record_id), _FIELDS]
        told = self._member(head, warc_fields([(KEPT_FROM, _uri(source))]))
        offset = self._append(told + record, url) + len(told)
        return Capture(
            id=copied_id(url, at),
            crawl=crawl,
            outlet=outlet,
            url=url,
            at=at,
            status=status,
            headers=list(headers),
            body=b"",
            payload_sha256=_sha256(body),
            payload_length=len(body),
            warc=self._path.name,
            offset=offset,
            length=len(record),
            origin=this.about.get("origin", "live"),
            record_id=record_id,
            source=_uri(source),
        )

    def failure(
        self, crawl: str, outlet: str, url: str, error: str, attempts: int = 1, at: datetime | None = None
    ) -> Capture:
        """Write that a request brought no response, as a metadata record, so that the ledger is whole."""
        moment, this = self._moment(at), self._crawl(crawl, outlet)
        url, error = _uri(url), " ".join(error.split()) or "unknown error"
        self._file_at(moment)
        head = [*self._head("metadata", moment, this), ("WARC-Target-URI", url), _FIELDS]
        data = self._member(head, warc_fields([("fetch-error", error), ("attempts", str(attempts))]))
        offset = self._append(data, url)
        return Capture(
            id=moment,
            crawl=crawl,
            outlet=outlet,
            url=url,
            at=EPOCH + timedelta(microseconds=moment),
            status=None,
            headers=[],
            body=b"",
            warc=self._path.name,
            offset=offset,
            length=len(data),
            origin=this.about.get("origin", "live"),
            error=error,
        )

    @staticmethod
    def payload_sha256(body: bytes) -> str:
        """The hex digest by which a payload is known again."""
        return _sha256(body)

    # The file

    def sync(self) -> None:
        """Return once all that was written is on the disk."""
        if self._file is not None:
            os.fsync(self._file)

    def close(self) -> list[Path]:
        """Complete the present file; returns every file that this writer has completed, in order."""
        self._complete()
        return list(self._closed)

    def _file_at(self, moment: int) -> None:
        """Have a file that takes a record of this moment."""
        day = moment // 86_400_000_000
        if self._size >= self._max_bytes or day != self._day:
            self._complete()
        if self._file is not None:
            return
        while True:
            time = EPOCH + timedelta(microseconds=moment)
            path = self.directory / f"dateline-{self._of}{time:%Y%m%dT%H%M%S%f}Z-{self._number:05}.warc.gz"
            self._number += 1
            opened = path.with_name(path.name + OPEN_SUFFIX)
            if path.exists() or opened.exists():
                continue
            try:
                self._file = os.open(opened, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o644)
            except FileExistsError:
                continue
            except OSError as error:
                raise _not_written(error, opened, "any capture") from error
            break
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # tells recover() that its writer lives
        self._path, self._size, self._day = path, 0, day
        try:
            infos = [self._warcinfo(crawl, this, moment) for crawl, this in self._crawls.items()]
            self._append(b"".join(infos), "the crawls under way")
        except BaseException:
            os.close(self._file)
            self._file = None
            opened.unlink()
            raise

    def _complete(self) -> None:
        if self._file is None:
            return
        os.fsync(self._file)
        self._path.with_name(self._path.name + OPEN_SUFFIX).rename(self._path)
        sync_directory(self.directory)
        os.close(self._file)
        self._file, self._size = None, 0
        self._closed.append(self._path)
        for this in self._crawls.values():
            this.warcinfo, this.continued = "", True

    def _append(self, data: bytes, what: str) -> int:
        """Add whole records in one write; returns where they begin. On an error the file is as it was."""
        assert self._file is not None
        offset, rest = self._size, memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except BaseException as error:
            os.ftruncate(self._file, offset)
            if isinstance(error, OSError):
                raise _not_written(error, self._path, what) from error
            raise
        self._size += len(data)
        return offset

    # The records

    def _moment(self, at: datetime | None) -> int:
        """The time in microseconds since 1970, later than any that was given out before."""
        self._last = max(self._last + 1, _now(at))
        return self._last

    def _crawl(self, crawl: str, outlet: str | None = None) -> _Crawl:
        this = self._crawls.get(crawl)
        if this is None or outlet not in (None, this.outlet):
            raise ValueError(f"crawl {crawl!r} of outlet {outlet!r} was not begun: call begin() first")
        return this

    def _head(self, kind: str, moment: int, crawl: _Crawl) -> Fields:
        head = [("WARC-Type", kind), ("WARC-Record-ID", new_id()), ("WARC-Date", warc_date(moment))]
        return [*head, ("WARC-Warcinfo-ID", crawl.warcinfo)] if kind != "warcinfo" else head

    def _member(self, head: Fields, block: bytes, level: int = GZIP_LEVEL) -> bytes:
        return member([*head, ("WARC-Block-Digest", f"sha256:{_sha256(block)}")], block, level)

    def _answer(
        self,
        crawl: str,
        this: _Crawl,
        moment: int,
        url: str,
        response: tuple[int, Headers, bytes],
        known: tuple[int, str] | None,
        reason: str,
        more: Fields,
        request: tuple[str, Headers] | None = None,
        source: str = "",
    ) -> Capture:
        """Write the record of a response, with `more` fields, and in the same write that of the request which it
        answers. A 304 without one was not said to us: it is a response like any other."""
        status, given, body = response
        headers, digest = _clean(given), _sha256(body)
        not_modified = status == 304 and request is not None
        revisit = not_modified or known is not None
        head = self._head("revisit" if revisit else "response", moment, this)
        head += [("WARC-Target-URI", url), ("Content-Type", "application/http; msgtype=response"), *more]
        if revisit:
            head.append(("WARC-Profile", NOT_MODIFIED if not_modified else IDENTICAL))
        if known:
            head += [
                ("WARC-Refers-To-Target-URI", _uri(known[1])),
                ("WARC-Refers-To-Date", warc_date(known[0])),
            ]
        if not not_modified:
            head.append(("WARC-Payload-Digest", f"sha256:{digest}"))
        if revisit and not not_modified:
            head += [("WARC-Truncated", "length"), ("Dateline-Payload-Length", str(len(body)))]
        block = _http(f"HTTP/1.1 {status} {reason or _reason(status)}", headers)
        packed = body.startswith(b"\x1f\x8b") and not revisit
        data = self._member(head, block if revisit else block + body, STORED if packed else GZIP_LEVEL)
        asked = b""
        if request:
            fields = [
                *self._head("request", moment, this),
                ("WARC-Target-URI", url),
                ("WARC-Concurrent-To", head[1][1]),
                ("Content-Type", "application/http; msgtype=request"),
            ]
            asked = self._member(fields, _request(url, *request))
        offset = self._append(data + asked, url)
        return Capture(
            id=moment,
            crawl=crawl,
            outlet=this.outlet,
            url=url,
            at=EPOCH + timedelta(microseconds=moment),
            status=status,
            headers=headers,
            body=b"",
            payload_sha256="" if not_modified else digest,
            payload_length=0 if not_modified else len(body),
            warc=self._path.name,
            offset=offset,
            length=len(data),
            origin=this.about.get("origin", "live"),
            revisit_of=known[0] if known else None,
            source=source,
        )

    def _warcinfo(self, crawl: str, this: _Crawl, moment: int) -> bytes:
        head = self._head("warcinfo", moment, this)
        this.warcinfo = head[1][1]
        fields = {
            "software": self._software,
            "format": "WARC File Format 1.1",
            "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "crawl": crawl,
            "outlet": this.outlet,
            "started": f"{EPOCH + timedelta(microseconds=moment):%Y-%m-%dT%H:%M:%SZ}",
        }
        this.about.setdefault("started", fields["started"])
        if this.continued:
            fields["continued"] = "yes"
        block = warc_fields((fields | this.about).items())
        return self._member([*head, ("WARC-Filename", self._path.name), _FIELDS], block)


_FIELDS = ("Content-Type", "application/warc-fields")
_NAME = re.compile(r"dateline-(.+)-\d{8}T\d{12}Z-\d{5,}\.warc\.gz(?:\.open)?")


def names_begin(of: str) -> str:
    """With which the names of the files of `of` begin, and perhaps others' too; "" for all files."""
    return f"dateline-{of}-" if of else ""


def name_part(name: str) -> str:
    """What `of` added to the name of a WARC file, complete or not; "" for a file without."""
    found = _NAME.fullmatch(name)
    return found[1] if found else ""


def copied_id(url: str, at: datetime) -> int:
    """The id of a capture that another archive holds: its time in microseconds, those that the time lacks made from
    address and second, so that it is the same one by whatever way it comes here."""
    moment = to_microseconds(at)
    if moment % 1_000_000:
        return moment
    return moment + int(_sha256(f"{url} {at:%Y%m%d%H%M%S}".encode()), 16) % 1_000_000


def _now(at: datetime | None) -> int:
    return to_microseconds(at or clock.now())


def sync_directory(directory: Path) -> None:
    """Return once the names of files in `directory` are on the disk."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _not_written(error: OSError, path: Path, what: str) -> CaptureNotWritten:
    text = (
        f"{path}: {what} could not be written ({error.strerror}). All captures before it are whole. "
        "Make room on that disk, or move the folder to another and set DATELINE_CAPTURES to it, and crawl again."
    )
    return CaptureNotWritten(error.errno, text)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _uri(url: str) -> str:
    return _UNSAFE_IN_URI.sub(lambda found: f"%{ord(found[0]):02X}", url)


def _clean(headers: Headers) -> Fields:
    """Headers that can be written as lines and read back the same.

    Scrapy has undone the transfer coding, so a header that still announces one would be false.
    """
    cleaned = []
    for name, value in headers:
        name = _UNSAFE_IN_NAME.sub("_", name) or "_"
        if name.lower() == "transfer-encoding":
            name = f"X-Archive-Orig-{name}"
        cleaned.append((name, _UNSAFE_IN_VALUE.sub(" ", value).strip(" \t")))
    return cleaned


def _http(first: str, headers: Fields) -> bytes:
    lines = [_UNSAFE_IN_VALUE.sub(" ", first), *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _request(url: str, method: str, headers: Headers) -> bytes:
    """The request as it was sent, but for the order of its headers."""
    parts = urlsplit(url)
    target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_ASCII)
    sent = [(name, value) for name, value in _clean(headers) if name.lower() not in _NOT_FOR_THE_ORIGIN]
    if not any(name.lower() == "host" for name, _ in sent):
        sent.insert(0, ("Host", quote(parts.netloc.rpartition("@")[2], safe=_ASCII)))
    return _http(f"{method} {target} HTTP/1.1", sent)


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
