"""What Common Crawl holds of an outlet: CC-NEWS, its archive of news, and the indexes of its crawls of the web.

Both are WARC files of a gigabyte each below one base (an address, a folder or a bucket). CC-NEWS has no index: its
files are read through, in blocks, and the outlet's records kept. The crawls have one, by which a single page is found.
"""

from __future__ import annotations

import json
import logging
import math
import re
import zlib
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote, urlencode, urljoin, urlsplit

from archive.http_message import parse_response, unchunked
from archive.mementos import Memento
from archive.storage import open_location
from archive.warc_format import EPOCH, Damage, Record, parse_date, scan
from archive.warc_reader import scan_only
from backfill.polite import Answer, Client, GaveUp, TooLarge, Unavailable, as_address, as_number
from backfill.sources import Fetched, Page, Refused, Window

logger = logging.getLogger(__name__)

BASE = "https://data.commoncrawl.org/"
INDEX = "https://index.commoncrawl.org/"
NEWS_BEGINS = date(2016, 8, 26)  # CC-NEWS-20160826124520-00000.warc.gz
BLOCK = 32 * 1024 * 1024  # bytes of a WARC file that one request asks for
# A file of CC-NEWS is closed at a gigabyte, or after a day; 51,101 of them had come by July 2026, most of late.
FILE_BYTES = 1_073_741_824
FILES_A_DAY = 20
DAYS_BEFORE = 1  # a file that was begun the day before may hold captures of a day
# A page can stand for years, but what a crawl a year later finds is seldom the first one; there is about one a month.
DAYS_LATER = 365
# One server answers for all of Common Crawl's indexes, and blocks who asks more often.
INDEX_DELAY = 2.0

_HELD = 64 * 1024 * 1024  # bytes of records that are kept until they are asked for
_LISTING = 16 * 1024 * 1024  # bytes of a listing, unpacked; that of a month has 60 KB
_TRIES = 3  # for the rest of a block of which less came than was asked for
_TURNED_AWAY = 403
_NEWS_NAME = re.compile(r"CC-NEWS-(\d{14})-\d+\.warc\.gz$")
_CRAWL_ID = re.compile(r"CC-MAIN-(\d{4})(?:-(\d{4}|\d{2}))?$")
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_ANSWERS = {200, 404, 410}  # of a page: that it stood, or was gone


# Estimates


def requests_of_news(first: date, last: date) -> int:
    """How many requests CC-NEWS takes for the captures of a window, about."""
    days = (last - first).days + 1 + DAYS_BEFORE
    return len(news_months(first, last)) + days * FILES_A_DAY * math.ceil(FILE_BYTES / BLOCK)


def crawls_of(first: date, last: date) -> int:
    """How many crawls there were, about: one a month."""
    return _month(last) - _month(first) + 1


def news_months(first: date, last: date) -> list[tuple[int, int]]:
    """(year, month) of all files that may hold captures of a window."""
    begins = max(first - timedelta(days=DAYS_BEFORE), NEWS_BEGINS)
    return [(number // 12, number % 12 + 1) for number in range(_month(begins), _month(last) + 1)]


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


# Files, wherever they lie


class Files:
    """Common Crawl's files below a base: an address, a folder (also as file://) or s3://bucket."""

    def __init__(self, base: str, client: Client) -> None:
        self._base, self._client = base, client
        self.is_remote = base.startswith(("http://", "https://"))

    def address(self, path: str) -> str:
        """How a file is named in messages and in what is kept of it."""
        if self.is_remote:
            return urljoin(self._base.rstrip("/") + "/", path)
        return f"{self._base.rstrip('/')}/{path}"

    def read(self, path: str) -> bytes:
        """A small file. Raises FileNotFoundError, and what Client.get does."""
        if not self.is_remote:
            file = self.open(path)
            try:
                return file.pread(_LISTING, 0)
            finally:
                file.close()
        answer = self._client.get(self.address(path), most=_LISTING)
        _refuse_errors(answer)
        return answer.body

    def open(self, path: str, offset: int = 0, length: int = 0) -> _Blocks:
        """A file to read through from `offset` on; or, of so many bytes, one record in it. Raises FileNotFoundError."""
        if self.is_remote:
            return _Remote(self._client, self.address(path), offset, length)
        location = self.address(path)
        if location.startswith("file:"):
            location = unquote(urlsplit(location).path)
        if "://" not in location:
            location = str(Path(location).absolute())
        return _Stored(location, offset, length)


def _refuse_errors(answer: Answer) -> None:
    # Amazon's storage answers 403 for what is not there to who may not list it.
    if answer.status in (_TURNED_AWAY, 404, 410):
        raise FileNotFoundError(f"{answer.url} is not there: it answers {answer.status} {answer.reason}".rstrip())
    if answer.status not in (200, 206):
        raise Unavailable(f"{answer.url} answers {answer.status} {answer.reason}".rstrip())


class _Blocks(ABC):
    """A file that is asked for block by block. Blocks are aligned, so that none is asked for in two ways, and the last
    two are kept, since a record may lie in both. One record, of so many bytes, is a block of its own."""

    def __init__(self, name: str, offset: int, length: int) -> None:
        self.name = name
        self.size = 0
        self.block = 0  # the last one that was asked for
        self._bytes = length or BLOCK
        self._begin = offset % length if length else 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def pread(self, length: int, offset: int) -> bytes:
        ends = min(offset + length, self.size)
        parts = []
        while offset < ends:
            number, within = divmod(offset - self._begin, self._bytes)
            part = self._get(number)[within : within + ends - offset]
            if not part:
                break
            parts.append(part)
            offset += len(part)
        return b"".join(parts)

    def close(self) -> None:
        self._blocks.clear()

    def _get(self, number: int) -> bytes:
        if number not in self._blocks:
            self._blocks[number] = self._ask(self._begin + number * self._bytes)
            self.block = max(self.block, number)
            if len(self._blocks) > 2:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return self._blocks[number]

    @abstractmethod
    def _ask(self, offset: int) -> bytes: ...


class _Stored(_Blocks):
    """A file on a disk or in a bucket."""

    def __init__(self, location: str, offset: int, length: int) -> None:
        super().__init__(location.rpartition("/")[2], offset, length)
        self._location = location
        try:
            self._file = open_location(location)
        except FileNotFoundError as error:
            raise FileNotFoundError(f"{location} is not there") from error
        except OSError as error:
            raise Unavailable(f"{location}: {error}") from error
        self.size = self._file.size
        self.block = (offset - self._begin) // self._bytes

    def _ask(self, offset: int) -> bytes:
        try:
            return self._file.pread(self._bytes, offset)
        except OSError as error:
            raise Unavailable(f"{self._location}: {error}") from error

    def close(self) -> None:
        super().close()
        self._file.close()


class _Remote(_Blocks):
    """A file behind an address."""

    def __init__(self, client: Client, address: str, offset: int, length: int) -> None:
        super().__init__(address.rpartition("/")[2], offset, length)
        self._client, self._address = client, address
        self._get((offset - self._begin) // self._bytes)  # which tells the size

    def _ask(self, offset: int) -> bytes:
        """All of a block; what a server sends too little of is asked for again."""
        block = bytearray()
        wanted = min(self._bytes, self.size - offset) if self.size else self._bytes
        for _ in range(_TRIES):
            first = offset + len(block)
            ranged = {"Range": f"bytes={first}-{offset + wanted - 1}", "Accept-Encoding": "identity"}
            try:
                answer = self._client.get(self._address, ranged, most=wanted + 1)
            except TooLarge as error:
                raise GaveUp(f"{self._address}: the server gives whole files alone, not the parts asked for") from error
            _refuse_errors(answer)
            stated = _RANGE.fullmatch(answer.header("Content-Range").strip())
            if answer.status == 200:  # a server that knows no ranges, and a file that is smaller than a block
                self.size = len(answer.body)
                return answer.body[offset : offset + wanted]
            if stated is None or int(stated[1]) != first or len(answer.body) > int(stated[2]) - first + 1:
                raise Unavailable(f"{self._address}: another part came than was asked for")
            if self.size not in (0, int(stated[3])):
                raise Unavailable(f"{self._address} has changed while it was read")
            self.size = int(stated[3])
            wanted = min(wanted, self.size - offset)
            block += answer.body
            if len(block) >= wanted:
                return bytes(block)
        raise Unavailable(f"{self._address}: only {len(block):,} of {wanted:,} bytes came from byte {offset:,} on")


@dataclass(slots=True)
class _InMemory:
    """A record that was kept, as a file."""

    name: str
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def pread(self, length: int, offset: int) -> bytes:
        return self.data[offset : offset + length]

    def close(self) -> None: ...


class _Records:
    """What both sources have: a memento's place is the path of a file and where the bytes of its record are."""

    origin: ClassVar[str] = "import"

    def __init__(self, settings: Mapping[str, Any], client: Client) -> None:
        self.delay = client.delay
        self._client = client
        self._files = Files(str(settings.get("COMMON_CRAWL") or BASE), client)
        # Members of records that were just read, by place: the runner asks for them next.
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._kept_bytes = 0

    def fetch(self, memento: Memento) -> Fetched:
        """Raises Refused when the record is not there, or is not whole."""
        path, offset, length = _record_at(memento.place)
        address = self._files.address(path)
        member = self._kept.pop(memento.place, b"")
        self._kept_bytes -= len(member)
        if not member:
            member = self._member(path, offset, length)
        file = _InMemory(path.rpartition("/")[2], member)
        found = next(scan(file), None)
        if not isinstance(found, Record) or found.kind != "response":
            reason = found.reason if isinstance(found, Damage) else "no response"
            raise Refused(f"{address}: no record can be read at byte {offset:,}: {reason}")
        try:
            status, headers, payload = parse_response(found.block)
            timestamp = _timestamp(found)
        except ValueError as error:
            raise Refused(f"{address}: the record at byte {offset:,} is no HTTP response: {error}") from error
        payload = unchunked(payload, headers)
        return Fetched(
            url=_uri(found),
            timestamp=timestamp,
            status=status,
            reason=_status_reason(found.block),
            headers=_as_coded(headers, payload),
            body=payload,
            source=self._files.address(memento.place),
            record=member[: found.length],
            record_id=found.fields.get("warc-record-id", ""),
        )

    def _member(self, path: str, offset: int, length: int) -> bytes:
        try:
            file = self._files.open(path, offset, length)
        except FileNotFoundError as error:
            raise Refused(str(error), suspicious=True) from error
        try:
            return file.pread(length, offset)
        finally:
            file.close()

    def _keep(self, place: str, member: bytes) -> None:
        self._kept[place] = member
        self._kept_bytes += len(member)
        while self._kept_bytes > _HELD:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= len(oldest)


def _place(path: str, offset: int, length: int) -> str:
    return f"{path}#bytes={offset}-{offset + length - 1}"


def _record_at(place: str) -> tuple[str, int, int]:
    path, _, bytes_ = place.rpartition("#bytes=")
    first, _, last = bytes_.partition("-")
    return path, int(first), int(last) - int(first) + 1


def _uri(record: Record) -> str:
    return record.fields.get("warc-target-uri", "").strip("<>")


def _timestamp(record: Record) -> str:
    microseconds, _ = parse_date(record.fields.get("warc-date", ""))
    return f"{EPOCH + timedelta(microseconds=microseconds):%Y%m%d%H%M%S}"


def _status_reason(block: bytes) -> str:
    return block.partition(b"\n")[0].decode("latin-1").partition(" ")[2].strip()[3:].strip()


def _as_coded(headers: list[tuple[str, str]], payload: bytes) -> list[tuple[str, str]]:
    """The headers without a coding that the crawler has undone."""
    if payload.startswith(b"\x1f\x8b"):
        return headers
    return [each for each in headers if each[0].lower() != "content-encoding" or "gzip" not in each[1].lower()]


# CC-NEWS


@dataclass(frozen=True, slots=True)
class NewsEstimate:
    """What reading CC-NEWS for a window takes. `bytes` are read, not kept."""

    files: int
    bytes: int
    requests: int
    seconds: float


class News(_Records):
    """CC-NEWS: every file of the window's days is read through. A `Page` is what one block brought; `resume` is the
    path of a file and the offset in it, from which another process can go on."""

    via: ClassVar[str] = "cc-news"
    at_once: ClassVar[bool] = True  # what a page lists is at hand, and would be another request later

    def listed(self, outlet: Any, window: Window, resume: str) -> Iterator[Page]:
        paths = self.paths(window)
        at, _, begins = resume.partition(" ")
        if at:
            paths = [path for path in paths if _begun(path) >= _begun(at)]
            paths = paths[paths.index(at) :] if at in paths else paths
        for number, path in enumerate(paths):
            following = f"{paths[number + 1]} 0" if number + 1 < len(paths) else ""
            offset = int(begins) if path == at else 0
            yield from self._read(path, offset, following, outlet, window)
        if not paths:
            yield Page([], 0, "")

    def paths(self, window: Window) -> list[str]:
        """The files that may hold news of a window, oldest first. Raises Unavailable for a listing that is none, and
        when there is no listing at all."""
        first, last = _day(window.first), _day(window.last)
        if first < NEWS_BEGINS:
            logger.warning("CC-NEWS begins on %s: of the days before it has nothing", NEWS_BEGINS)
        days = f"{first - timedelta(days=DAYS_BEFORE):%Y%m%d}", f"{last:%Y%m%d}"
        found: list[str] = []
        months = [self._month(year, month) for year, month in news_months(first, last)]
        if months and not any(months):
            raise Unavailable(
                f"CC-NEWS has no listing of these months below {self._files.address('crawl-data/CC-NEWS/')}"
            )
        for listing in months:
            found += [path for path in listing if days[0] <= _begun(path)[:8] <= days[1]]
        return sorted(set(found), key=lambda path: (_begun(path), path))

    def estimate(self, window: Window) -> NewsEstimate:
        """Of a dry run: asks for the listings alone."""
        files = len(self.paths(window))
        size = files * FILE_BYTES
        requests = math.ceil(FILE_BYTES / BLOCK) * files
        return NewsEstimate(files, size, requests, requests * max(self.delay, BLOCK / _BYTES_A_SECOND))

    def _month(self, year: int, month: int) -> list[str]:
        path = f"crawl-data/CC-NEWS/{year}/{month:02}/warc.paths.gz"
        try:
            data = self._files.read(path)
        except FileNotFoundError as error:
            logger.warning("CC-NEWS of %d-%02d: %s", year, month, error)
            return []
        return _lines(data, self._files.address(path))

    def _read(self, path: str, offset: int, following: str, outlet: Any, window: Window) -> Iterator[Page]:
        address = self._files.address(path)
        try:
            file = self._files.open(path, offset)
        except FileNotFoundError as error:
            logger.warning("%s", error)
            yield Page([], 0, following, 1)
            return
        told = file.block

        def is_wanted(url: str) -> bool:
            # One record of each block, whoever's: it tells how far the file is read.
            return _is_of(outlet, url) or file.block > told

        try:
            mementos: list[Memento] = []
            seen = unreadable = 0
            for found in scan_only(file, is_wanted, offset, ("response",)):
                if isinstance(found, Damage):
                    logger.warning("%s: byte %d: %s", address, found.offset, found.reason)
                    unreadable += 1
                elif _is_of(outlet, _uri(found)):
                    place = _place(path, found.offset, found.length)
                    try:
                        memento = _memento(found, place)
                    except ValueError as error:
                        logger.warning("%s: byte %d: %s", address, found.offset, error)
                        unreadable += 1
                        continue
                    seen += 1
                    if window.holds(memento.timestamp):
                        mementos.append(memento)
                        self._keep(place, file.pread(found.length, found.offset))
                if file.block > told:
                    yield Page(mementos, seen, f"{path} {found.offset + found.length}", unreadable)
                    mementos, seen, unreadable, told = [], 0, 0, file.block
            yield Page(mementos, seen, following, unreadable)
        finally:
            file.close()


def _is_of(outlet: Any, url: str) -> bool:
    try:
        return bool(outlet.owns(url))
    except ValueError:
        return False


_BYTES_A_SECOND = 20_000_000  # that a line and one core take: about 150 Mbit/s


def _memento(record: Record, place: str) -> Memento:
    """Raises ValueError for a record that holds no HTTP response, or no time."""
    status, headers, _ = parse_response(record.block)
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    # Without its digest: the record is at hand, and nothing is spared by writing that it is as the one before.
    return Memento(_uri(record), _timestamp(record), "", status, kind, record.length, place)


def _begun(path: str) -> str:
    """When a file was begun, by its name: YYYYMMDDhhmmss; "" for another file."""
    found = _NEWS_NAME.search(path)
    return found[1] if found else ""


def _day(timestamp: str) -> date:
    return date(int(timestamp[:4]), int(timestamp[4:6]), int(timestamp[6:8]))


def _lines(data: bytes, address: str) -> list[str]:
    """The paths of a listing, packed or not. Raises Unavailable when it is none: a page that says so, half a file."""
    if data.startswith(b"\x1f\x8b"):
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            data = inflater.decompress(data, _LISTING)
        except zlib.error as error:
            raise Unavailable(f"{address} is not a whole listing: {error}") from error
        if not inflater.eof:
            raise Unavailable(f"{address} is not a whole listing")
    lines = [line.strip() for line in data.decode("utf-8", "replace").splitlines() if line.strip()]
    if not all(_NEWS_NAME.search(line) for line in lines[:10]):
        raise Unavailable(f"{address} is no listing of WARC files: it begins with {lines[0][:80]!r}")
    return lines


# The indexes of the crawls


@dataclass(frozen=True, slots=True)
class Crawl:
    """One of Common Crawl's crawls of the web. `first` and `last` are the days of its captures."""

    id: str
    api: str
    first: date
    last: date


class Index(_Records):
    """The index of each crawl of the window is asked, oldest first. `resume` is the crawl, the number of the query and
    that of the page."""

    via: ClassVar[str] = "cc-index"

    def __init__(self, settings: Mapping[str, Any], client: Client) -> None:
        super().__init__(settings, client)
        address = as_address("COMMON_CRAWL_INDEX", str(settings.get("COMMON_CRAWL_INDEX") or INDEX))
        self._address = address.rstrip("/") + "/"
        self._index_delay = as_number(settings, "COMMON_CRAWL_INDEX_DELAY", INDEX_DELAY)
        self._crawls: list[Crawl] | None = None

    def listed(self, outlet: Any, window: Window, resume: str) -> Iterator[Page]:
        queries = _queries(outlet, window)
        parts = [
            (crawl, number)
            for crawl in self.crawls(window)
            for number, query in enumerate(queries)
            if query.since <= str(crawl.last.year) and str(crawl.first.year - 1) <= query.until
        ]
        at, _, begins = resume.rpartition(" ")
        keys = [f"{crawl.id} {number}" for crawl, number in parts]
        first = keys.index(at) if at in keys else 0
        for place in range(first, len(parts)):
            crawl, number = parts[place]
            pages = self._pages(crawl, queries[number])
            following = f"{keys[place + 1]} 0" if place + 1 < len(parts) else ""
            for page in range(int(begins) if keys[place] == at else 0, pages):
                here = f"{keys[place]} {page + 1}" if page + 1 < pages else following
                yield self._page(crawl, queries[number], page if pages > 1 else None, outlet, window, here)
            if not pages:
                yield Page([], 0, following)
        if not parts:
            yield Page([], 0, "")

    def crawls(self, window: Window) -> list[Crawl]:
        """Those that were made within a window, oldest first. Raises Unavailable when their list cannot be read."""
        if self._crawls is None:
            address = urljoin(self._address, "collinfo.json")
            answer = self._ask(address)
            if answer.status != 200:
                raise Unavailable(f"{address} answers {answer.status} {answer.reason}".rstrip())
            try:
                self._crawls = [crawl for each in json.loads(answer.body) if (crawl := _crawl(each, self._address))]
            except (ValueError, TypeError, AttributeError) as error:
                raise Unavailable(f"{address} is no list of indexes: {error}") from error
        first, last = _day(window.first), _day(window.last)
        found = [crawl for crawl in self._crawls if crawl.first <= last and crawl.last >= first]
        return sorted(found, key=lambda crawl: (crawl.first, crawl.id))

    def _pages(self, crawl: Crawl, query: _Query) -> int:
        """How many pages an answer has; that of a single page of the web is one."""
        if query.match == "prefix" and not query.url.endswith("/"):
            return 1
        answer = self._ask(f"{crawl.api}?{urlencode(query.asked | {'showNumPages': 'true', 'output': 'json'})}")
        if answer.status == 404:
            return 0
        try:
            if answer.status != 200:
                raise ValueError(f"it answers {answer.status} {answer.reason}".rstrip())
            return int(json.loads(answer.body)["pages"])
        except (ValueError, KeyError, TypeError) as error:
            raise Unavailable(f"{crawl.api} does not say how many pages it has: {error}") from error

    def _page(self, crawl: Crawl, query: _Query, page: int | None, outlet: Any, window: Window, resume: str) -> Page:
        asked = query.asked | {"output": "json"} | ({"page": str(page)} if page is not None else {})
        asked |= {"from": window.first, "to": window.last}
        answer = self._ask(f"{crawl.api}?{urlencode(asked)}", _wrong_page)
        if answer.status in (400, 404):  # nothing held, or fewer pages than it said
            return Page([], 0, resume)
        if answer.status != 200:
            raise Unavailable(f"{crawl.api} answers {answer.status} {answer.reason}".rstrip())
        mementos: list[Memento] = []
        listed = unreadable = 0
        for line in answer.body.decode("utf-8", "replace").splitlines():
            if not line.strip():
                continue
            listed += 1
            try:
                memento = _of_index(json.loads(line))
                is_report = outlet.owns(memento.url) and outlet.kind_of(memento.url) == "report"
            except (ValueError, KeyError, TypeError, AttributeError):
                unreadable += 1
                continue
            if is_report and memento.status in _ANSWERS and window.holds(memento.timestamp):
                mementos.append(memento)
        return Page(mementos, listed, resume, unreadable)

    def _ask(self, address: str, wrong: Callable[[Answer], str] = lambda _: "") -> Answer:
        answer = self._client.get(address, {"Accept-Encoding": "identity"}, delay=self._index_delay, wrong=wrong)
        if answer.status == _TURNED_AWAY:
            raise GaveUp(
                f"{urlsplit(address).netloc} turns us away (403), as it does for a day with who asked too much. Try "
                "again tomorrow, and with a longer COMMON_CRAWL_INDEX_DELAY"
            )
        return answer


@dataclass(frozen=True, slots=True)
class _Query:
    """What an index is asked for. `since` and `until` are the years in which an outlet was at this host."""

    url: str
    match: str  # prefix or domain
    since: str = ""
    until: str = "9999"

    @property
    def asked(self) -> dict[str, str]:
        return {"url": self.url, "matchType": self.match}


def _queries(outlet: Any, window: Window) -> list[_Query]:
    """Single addresses, each on every host that folds into its own: a report that moved is held where it was then. Or
    all of the outlet's hosts, none of which is below another."""
    if not window.below:
        hosts = sorted({domain.host for domain in outlet.domains})
        below = [host for host in hosts if not any(host.endswith(f".{other}") for other in hosts)]
        return [_Query(host, "domain") for host in below]
    found: dict[str, _Query] = {}
    for address in window.below:
        host, _, path = address.partition("://")[2].partition("/")
        into = next((each.into for each in outlet.domains if each.host == host and each.into), host)
        queries = [_Query(f"{_bare(host)}/{path}", "prefix")]
        queries += [
            _Query(f"{_bare(each.host)}/{path}", "prefix", each.since[:4], each.until[:4] or "9999")
            for each in outlet.domains
            if into in (each.host, each.into)
        ]
        for query in queries:
            same = found.get(query.url, query)
            since, until = min(query.since, same.since), max(query.until, same.until)
            found[query.url] = _Query(query.url, "prefix", since, until)
    return list(found.values())


def _wrong_page(answer: Answer) -> str:
    """Why a page of an index is none, though it came as one: a page for a browser, or half of one of an index."""
    lines = [line for line in answer.body.splitlines() if line.strip()]
    if answer.status != 200 or not lines:
        return ""
    if not any(map(_is_object, lines)):
        return f"no page of an index came, but {lines[0][:80].decode('utf-8', 'replace')!r}"
    if not answer.body.endswith(b"\n") and not _is_object(lines[-1]):
        return "half a page of the index came"
    return ""


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _bare(host: str) -> str:
    """A host as an index has it."""
    return host.removeprefix("www.")


def _of_index(line: Mapping[str, Any]) -> Memento:
    """Raises ValueError or KeyError for a line that lacks what is needed."""
    status = str(line.get("status", ""))
    offset, length = int(line["offset"]), int(line["length"])
    timestamp = str(line["timestamp"])
    if not re.fullmatch(r"\d{14}", timestamp):
        raise ValueError(f"no timestamp: {timestamp!r}")
    return Memento(
        str(line["url"]),
        timestamp,
        str(line.get("digest", "")),
        int(status) if status.isdecimal() else None,
        str(line.get("mime", "")),
        length,
        _place(str(line["filename"]), offset, length),
    )


def _crawl(about: Mapping[str, Any], address: str) -> Crawl | None:
    """None for a crawl of which nothing tells when it was made."""
    id = str(about.get("id", ""))
    api = urljoin(address, str(about.get("cdx-api") or f"{id}-index"))
    stated = [str(about.get(name) or "")[:10] for name in ("from", "to")]
    try:
        return Crawl(id, api, date.fromisoformat(stated[0]), date.fromisoformat(stated[1]))
    except ValueError:
        days = _days_of(id)
        return Crawl(id, api, *days) if days else None


def _days_of(id: str) -> tuple[date, date] | None:
    """The days of a crawl by its name: CC-MAIN-2024-10 ended in the tenth week or soon after, CC-MAIN-2008-2009 took
    two years."""
    found = _CRAWL_ID.fullmatch(id)
    if not found:
        return None
    year, rest = int(found[1]), found[2] or ""
    if len(rest) == 2:
        week = date.fromisocalendar(year, min(max(int(rest), 1), 52), 1)
        return week - timedelta(days=21), week + timedelta(days=21)
    return date(year, 1, 1), date(int(rest or year), 12, 31)
