"""What Common Crawl holds of an outlet: CC-NEWS, its archive of news (cc_news.py), and the indexes of its crawls of the
web (cc_index.py).

Both are WARC files of a gigabyte each below one base (an address, a folder or a bucket). CC-NEWS has no index: its
files are read through, in blocks, and the outlet's records kept. The crawls have one, by which a single page is found.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from archive.http_message import parse_response, unchunked
from archive.mementos import Memento
from archive.warc_format import EPOCH, Damage, Record, parse_date, scan
from backfill.blocks import Files
from backfill.polite import Client
from backfill.sources import Fetched, Refused

BASE = "https://data.commoncrawl.org/"

_HELD = 64 * 1024 * 1024  # bytes of records that are kept until they are asked for


class Records:
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
            timestamp = timestamp_of(found)
        except ValueError as error:
            raise Refused(f"{address}: the record at byte {offset:,} is no HTTP response: {error}") from error
        payload = unchunked(payload, headers)
        return Fetched(
            url=uri_of(found),
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


def place_of(path: str, offset: int, length: int) -> str:
    return f"{path}#bytes={offset}-{offset + length - 1}"


def _record_at(place: str) -> tuple[str, int, int]:
    path, _, bytes_ = place.rpartition("#bytes=")
    first, _, last = bytes_.partition("-")
    return path, int(first), int(last) - int(first) + 1


def uri_of(record: Record) -> str:
    return record.fields.get("warc-target-uri", "").strip("<>")


def timestamp_of(record: Record) -> str:
    microseconds, _ = parse_date(record.fields.get("warc-date", ""))
    return f"{EPOCH + timedelta(microseconds=microseconds):%Y%m%d%H%M%S}"


def _status_reason(block: bytes) -> str:
    return block.partition(b"\n")[0].decode("latin-1").partition(" ")[2].strip()[3:].strip()


def _as_coded(headers: list[tuple[str, str]], payload: bytes) -> list[tuple[str, str]]:
    """The headers without a coding that the crawler has undone."""
    if payload.startswith(b"\x1f\x8b"):
        return headers
    return [each for each in headers if each[0].lower() != "content-encoding" or "gzip" not in each[1].lower()]


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


def day_of(timestamp: str) -> date:
    """Of YYYYMMDDhhmmss."""
    return date(int(timestamp[:4]), int(timestamp[4:6]), int(timestamp[6:8]))


def month_of(day: date) -> int:
    """Its month, counted on over the years."""
    return day.year * 12 + day.month - 1
