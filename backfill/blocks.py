"""Large files that are read in blocks, wherever they lie: behind an address, in a folder or in a bucket."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import OrderedDict
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from archive.storage import open_location
from backfill.polite import Answer, Client, GaveUp, TooLarge, Unavailable

BLOCK = 32 * 1024 * 1024  # bytes of a file that one request asks for
LISTING = 16 * 1024 * 1024  # bytes of a listing, unpacked; that of a month has 60 KB
TURNED_AWAY = 403
_TRIES = 3  # for the rest of a block of which less came than was asked for
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


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
                return file.pread(LISTING, 0)
            finally:
                file.close()
        answer = self._client.get(self.address(path), most=LISTING)
        _refuse_errors(answer)
        return answer.body

    def open(self, path: str, offset: int = 0, length: int = 0) -> Blocks:
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
    if answer.status in (TURNED_AWAY, 404, 410):
        raise FileNotFoundError(f"{answer.url} is not there: it answers {answer.status} {answer.reason}".rstrip())
    if answer.status not in (200, 206):
        raise Unavailable(f"{answer.url} answers {answer.status} {answer.reason}".rstrip())


class Blocks(ABC):
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


class _Stored(Blocks):
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


class _Remote(Blocks):
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
