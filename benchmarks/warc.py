"""Which library and which gzip level for WARC files: CPU time per page in one run, as docs/captures.md quotes it.

    python benchmarks/warc.py [PAGES]

Pages are benchmarks/local_site.py's: HTML of 60-100 KB in the shape of news.cn's. `gzip` is the page as most servers
send it, `plain` the page without content coding.
"""

from __future__ import annotations

import gzip
import io
import platform
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import ArchiveIterator as FastIterator
from fastwarc.warc import WarcRecord, WarcRecordType
from warcio.archiveiterator import ArchiveIterator as WarcioIterator  # type: ignore[import-untyped]
from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

from archive.storage import open_file
from archive.warc_format import Record, member, scan
from archive.warc_reader import read_capture, read_captures
from archive.warc_recovery import recover
from archive.warc_writer import OPEN_SUFFIX, CaptureWriter
from benchmarks.local_site import address, page
from items import Capture

# What a Chinese news site's server sends, as seen on real pages.
HEADERS = [
    ("Server", "Tengine"),
    ("Content-Type", "text/html; charset=utf-8"),
    ("Date", "Tue, 24 Nov 2026 10:49:40 GMT"),
    ("Vary", "Accept-Encoding"),
    ("Last-Modified", "Tue, 24 Nov 2026 10:40:02 GMT"),
    ("ETag", 'W/"65572fd2-13a5c"'),
    ("Via", "cache13.l2cn3130[0,0,304-0,H], cache21.l2cn3130[1,0], ens-cache8.cn4216[0,0,200-0,H]"),
    ("Age", "418"),
    ("X-Cache", "HIT TCP_MEM_HIT dirn:11:373128641"),
    ("Timing-Allow-Origin", "*"),
]
REQUEST = [
    ("User-Agent", "Dateline/0.1 (+https://example.org/; archive@example.org)"),
    ("Accept-Encoding", "gzip, deflate"),
]
DATE = "2026-11-24T10:49:40.123456Z"


def per_page(count: int, work: Callable[..., object], *arguments: object) -> float:
    """CPU milliseconds a page, the best of three runs."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        work(*arguments)
        best = min(best, time.process_time() - began)
    return best * 1000 / count


def head(coding: str) -> list[tuple[str, str]]:
    return [*HEADERS, ("Content-Encoding", "gzip")] if coding == "gzip" else HEADERS


def block(payload: bytes, coding: str) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in head(coding))
    return f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + payload


def write_fastwarc(pages: Sequence[bytes], coding: str, level: int) -> bytes:
    out = io.BytesIO()
    for number, payload in enumerate(pages):
        record = WarcRecord()
        record.init_headers(WarcRecordType.response)
        record.headers["WARC-Target-URI"] = address(number)
        record.is_http = True
        record.set_bytes_content(block(payload, coding))
        writer = GzipWriter(out, compression_level=level)
        record.write(writer, checksum_data=True)
        writer.finish()
    return out.getvalue()


def write_warcio(pages: Sequence[bytes], coding: str) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="WARC/1.1")
    for number, payload in enumerate(pages):
        headers = StatusAndHeaders("200 OK", head(coding), protocol="HTTP/1.1")
        record = writer.create_warc_record(
            address(number), "response", payload=io.BytesIO(payload), http_headers=headers
        )
        writer.write_record(record)
    return out.getvalue()


def write_members(pages: Sequence[bytes], coding: str, level: int) -> bytes:
    """Our records, compressed by FastWARC, without request records, digests and disk."""
    fields = [("WARC-Type", "response"), ("WARC-Date", DATE), ("WARC-Target-URI", "")]
    out = io.BytesIO()
    for number, payload in enumerate(pages):
        fields[2] = ("WARC-Target-URI", address(number))
        out.write(member(fields, block(payload, coding), level))
    return out.getvalue()


def write_zlib(pages: Sequence[bytes], coding: str) -> bytes:
    """The same with Python's zlib."""
    out = io.BytesIO()
    for number, payload in enumerate(pages):
        compressor = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS | 16)
        data = f"WARC/1.1\r\nWARC-Date: {DATE}\r\nWARC-Target-URI: {address(number)}\r\n\r\n".encode()
        out.write(compressor.compress(data + block(payload, coding)) + compressor.flush())
    return out.getvalue()


def write_captures(folder: Path, pages: Sequence[bytes], coding: str) -> Path:
    """As a crawl does it: response and request, both digests, one write each."""
    writer = CaptureWriter(folder)
    writer.begin("c1", "xinhua", {})
    for number, payload in enumerate(pages):
        now = datetime.now(UTC)
        writer.response("c1", "xinhua", address(number), ("GET", REQUEST), (200, head(coding), payload), at=now)
    return writer.close()[-1]


def read_fastwarc(path: Path) -> int:
    records = FastIterator(str(path), record_types=WarcRecordType.response, parse_http=True)
    return sum(len(record.reader.read()) for record in records)


def read_warcio(path: Path) -> int:
    with path.open("rb") as file:
        return sum(len(record.raw_stream.read()) for record in WarcioIterator(file) if record.rec_type == "response")


def read_records(path: Path) -> int:
    with closing(open_file(path)) as file:
        return sum(len(found.block) for found in scan(file) if isinstance(found, Record))


def read_ours(path: Path) -> int:
    return sum(len(event.body) for event in read_captures(path) if isinstance(event, Capture))


def read_each(path: Path, offsets: Sequence[int]) -> int:
    return sum(len(read_capture(path, offset).body) for offset in offsets)


def measure(coding: str, pages: Sequence[bytes], folder: Path) -> None:
    count = len(pages)
    print(f"\n{coding}: {sum(map(len, pages)) / count:,.0f} bytes a page")
    print(" compressing a response record, and what it takes in the file")
    for level in (0, 1, 3, 6, 9):
        cost = per_page(count, write_members, pages, coding, level)
        print(f"  level {level}        {cost:6.3f}  {len(write_members(pages, coding, level)) // count:7,} bytes")
    cost = per_page(count, write_zlib, pages, coding)
    print(f"  zlib, 6        {cost:6.3f}  {len(write_zlib(pages, coding)) // count:7,} bytes")
    print(" writing")
    base = per_page(count, write_warcio, pages, coding)
    print(f"  warcio         {base:6.3f}  1.00  (level 9, the only one)")
    for level in (6, 9):
        cost = per_page(count, write_fastwarc, pages, coding, level)
        print(f"  FastWARC       {cost:6.3f}  {base / cost:.2f}  (level {level})")
    cost = per_page(count, write_captures, folder, pages, coding)
    print(f"  CaptureWriter  {cost:6.3f}  {base / cost:.2f}  (and the request, sha256 twice, the file)")
    path = sorted(folder.iterdir())[-1]
    print(f" reading, of {path.stat().st_size // count:,} bytes a page")
    base = per_page(count, read_warcio, path)
    print(f"  warcio         {base:6.3f}  1.00")
    cost = per_page(count, read_fastwarc, path)
    print(f"  FastWARC       {cost:6.3f}  {base / cost:.2f}")
    cost = per_page(count, read_records, path)
    print(f"  scan           {cost:6.3f}  {base / cost:.2f}  (ours, records alone)")
    cost = per_page(count, read_ours, path)
    print(f"  read_captures  {cost:6.3f}  {base / cost:.2f}  (and sha256, content coding undone)")
    offsets = [event.offset for event in read_captures(path) if isinstance(event, Capture)]
    print(f"  read_capture   {per_page(count, read_each, path, offsets):6.3f}        (each by its offset)")
    path.rename(path.with_name(path.name + OPEN_SUFFIX))
    began = time.perf_counter()
    recover(folder)
    seconds = time.perf_counter() - began
    print(f" recovery: {path.stat().st_size / 1e6 / seconds:,.0f} MB of file a second")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    packed = [page(number) for number in range(count)]
    print(f"{count} pages, Python {platform.python_version()}; CPU ms a page, and speed as a multiple of warcio's")
    for coding, pages in {"gzip": packed, "plain": [gzip.decompress(each) for each in packed]}.items():
        with tempfile.TemporaryDirectory() as folder:
            measure(coding, pages, Path(folder))


if __name__ == "__main__":
    main()
