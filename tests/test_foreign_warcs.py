"""Files that other programs wrote: everything in them that can be read becomes rows, as if the page had been read alone."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from conftest import PROJECT
from environments import python_with
from fastwarc.stream_io import GzipWriter
from fastwarc.warc import WarcRecord, WarcRecordType
from foreign_warcs import OUTLETS, Saved, expected, held, owner, pages, warcio_file
from hypothesis import given, settings
from hypothesis import strategies as st
from pywb_server import serving
from scrapy.utils.project import get_project_settings
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.foreign import bring
from archive.http_message import parse_response
from archive.record_files import Held, Unfit, form_of
from archive.record_files import held as files_at
from archive.schedule import Schedule
from archive.segments import SegmentWriter
from archive.storage import Captures, open_file
from archive.warc_format import Damage, Record, member, scan
from archive.warc_reader import TELLING, read_captures, scan_only
from archive.warc_writer import CaptureWriter
from archive.writer import Writer
from items import Capture
from pipelines.registry import descriptions
from pipelines.reread import merge_segment, read_files
from pipelines.shards import read_shard

HOSTS = sorted({domain.host for outlet in OUTLETS.values() for domain in outlet.domains})
OTHERS = [Saved(f"http://elsewhere.example/{n}", b"<p>other</p>" * 50, "text/html") for n in range(5)]
PLAIN_HTTP = [saved for saved in pages() if saved.url.startswith("http://")]  # what a client reaches without TLS


def imported(folder: Path, *places: Path, copy: bool = False, in_order: bool = False) -> tuple[Path, list[str]]:
    """An archive made of what these places hold, and what was passed over. Files are read in the order of their names,
    or that of the places."""
    known = get_project_settings()
    archive = folder / "archive.db"
    writer = Writer.open(archive, folder / "captures", Schedule.from_settings(known))
    writer.describe(descriptions(OUTLETS, known))
    passed_over: list[str] = []
    names: list[str] = []
    for place in places:
        for what in files_at(str(place)):
            if isinstance(what, Unfit):
                passed_over.append(f"{what.label}: {what.reason}")
            else:
                names.append(bring(writer.captures, what, HOSTS, copy).name)
    read_files(writer, names if in_order else writer.unread(), OUTLETS, passed_over=passed_over)
    writer.close()
    return archive, passed_over


def rows(archive: Path, query: str) -> list[tuple[object, ...]]:
    import sqlite3

    with closing(sqlite3.connect(archive)) as connection:
        return connection.execute(query).fetchall()


# Files as other programs write them


@contextmanager
def website(some: list[Saved]) -> Iterator[int]:
    """A server on this machine that answers for these pages at their own addresses, as a server and as a proxy."""
    known = {saved.url: saved for saved in some}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = (
                self.path if self.path.startswith("http") else f"http://{self.headers['Host'].split(':')[0]}{self.path}"
            )
            saved = known.get(url)
            self.send_response(200 if saved else 404)
            self.send_header("Content-Type", saved.content_type if saved else "text/plain")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            body = saved.body if saved else b"no"
            for begin in range(0, len(body), 5000):
                piece = body[begin : begin + 5000]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def by_wget(folder: Path) -> Path:
    if not shutil.which("wget"):
        pytest.skip("wget is not installed here")
    addresses = folder / "addresses.txt"
    addresses.write_text("\n".join(saved.url for saved in PLAIN_HTTP + OTHERS))
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with website(PLAIN_HTTP + OTHERS) as port:
        subprocess.run(
            ["wget", "--no-config", "-q", "-i", addresses, "--warc-file", folder / "wget", "-O", folder / "out"],
            env=environment | {"http_proxy": f"http://127.0.0.1:{port}"},
            check=True, cwd=folder, timeout=60,
        )  # fmt: skip
    return folder / "wget.warc.gz"


def by_warcio(folder: Path) -> Path:
    return warcio_file(folder / "warcio.warc.gz", PLAIN_HTTP + OTHERS)


def by_warcio_uncompressed(folder: Path) -> Path:
    return warcio_file(folder / "warcio.warc", PLAIN_HTTP + OTHERS, gzip=False)


def compressed_as_one_piece(folder: Path) -> Path:
    plain = by_warcio_uncompressed(folder)
    path = folder / "whole.warc.gz"
    path.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    return path


def compressed_in_pieces(folder: Path) -> Path:
    """Some records to a gzip member, as by `split` and gzip."""
    data = by_warcio(folder).read_bytes()
    with closing(open_file(folder / "warcio.warc.gz")) as file:
        members = [data[found.offset : found.offset + found.length] for found in scan(file)]
    plain = [gzip.decompress(each) for each in members]
    path = folder / "pieces.warc.gz"
    path.write_bytes(
        b"".join(gzip.compress(b"".join(plain[begin : begin + 7]), mtime=0) for begin in range(0, len(plain), 7))
    )
    return path


def by_fastwarc(folder: Path) -> Path:
    path = folder / "fastwarc.warc.gz"
    with path.open("wb") as file:
        for saved in PLAIN_HTTP + OTHERS:
            stream = GzipWriter(file)
            record = WarcRecord()
            record.init_headers(record_type=WarcRecordType.response)
            record.headers["WARC-Target-URI"] = saved.url
            record.headers["WARC-Date"] = "2024-05-06T07:08:09Z"
            record.headers["Content-Type"] = "application/http; msgtype=response"
            record.set_bytes_content(
                b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n%s" % (saved.content_type.encode(), saved.body)
            )
            record.write(stream, checksum_data=True)
            stream.finish()
    return path


def by_pywbs_recorder(folder: Path) -> Path:
    """pywb in front of the live web, which is the server above: in its process every host is on this machine."""
    pywb = python_with("pywb")
    (folder / "config.yaml").write_text("collections:\n  live: $live\nrecorder: live\nframed_replay: false\n")
    (folder / "collections" / "kept" / "archive").mkdir(parents=True)
    with website(PLAIN_HTTP + OTHERS) as web:
        start = (
            "import sys, socket; from pywb.apps.cli import wayback\n"
            "own = socket.getaddrinfo\n"
            "def here(host, port, *rest, **more):\n"
            f"    return own('127.0.0.1', {web} if port == 80 else port, *rest, **more)\n"
            "socket.getaddrinfo = here\n"
            "wayback(sys.argv[1:])\n"
        )
        with serving(pywb, folder, "--record", "--live", start=start) as address:
            import urllib.request

            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            for saved in PLAIN_HTTP + OTHERS:
                with opener.open(f"{address}/kept/record/mp_/{saved.url}", timeout=20) as answer:
                    answer.read()
    [path] = folder.rglob("*.warc.gz")
    return path


def by_py_wacz(folder: Path) -> Path:
    return packed(by_warcio(folder), folder / "collection.wacz")


def packed(path: Path, wacz: Path) -> Path:
    python = python_with("wacz")
    command = [python, "-m", "wacz.main", "create", "-f", path, "-o", wacz]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return wacz


def deflated_wacz(folder: Path) -> Path:
    path, warc = folder / "deflated.wacz", by_warcio(folder)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.write(warc, "archive/data.warc.gz")
    return path


def arc_records(some: list[Saved]) -> list[bytes]:
    """ARC 1.0: https://archive.org/web/researcher/ArcFileFormat.php"""
    about = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
    found = [b"filedesc://old.arc 0.0.0.0 20050921000000 text/plain %d\n%s\n" % (len(about), about)]
    for number, saved in enumerate(some):
        block = b"HTTP/1.0 200 OK\r\nContent-Type: %s\r\n\r\n%s" % (saved.content_type.encode(), saved.body)
        head = f"{saved.url} 192.0.2.7 200509211200{number % 60:02d} text/html {len(block)}\n"
        found.append(head.encode() + block + b"\n")
    return found


def arc(folder: Path) -> Path:
    path = folder / "old.arc"
    path.write_bytes(b"".join(arc_records(PLAIN_HTTP + OTHERS)))
    return path


def arc_gz(folder: Path) -> Path:
    path = folder / "old.arc.gz"
    path.write_bytes(b"".join(gzip.compress(record, mtime=0) for record in arc_records(PLAIN_HTTP + OTHERS)))
    return path


WRITERS = [
    by_wget, by_warcio, by_warcio_uncompressed, compressed_as_one_piece, compressed_in_pieces, by_fastwarc,
    by_pywbs_recorder, by_py_wacz, deflated_wacz, arc, arc_gz,
]  # fmt: skip


@pytest.fixture(scope="module", params=WRITERS, ids=lambda writer: writer.__name__)
def foreign(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    write: Callable[[Path], Path] = request.param
    return write(tmp_path_factory.mktemp(write.__name__))


@pytest.mark.parametrize("copy", [False, True], ids=["by reference", "copied"])
def test_every_report_becomes_the_row_that_reading_its_page_alone_gives(
    foreign: Path, copy: bool, tmp_path: Path
) -> None:
    archive, passed_over = imported(tmp_path, foreign, copy=copy)
    assert passed_over == []
    found = held(archive)
    assert found == expected(PLAIN_HTTP)
    assert len(found) > 15
    assert rows(archive, "select distinct origin, crawl from captures") == [("import", None)]
    assert rows(archive, "select count(*) from captures where record_id = ''") == [(0,)]
    # Nothing changes when it is done once more.
    before = rows(archive, "select * from captures order by id"), sorted((tmp_path / "captures").iterdir())
    imported(tmp_path, foreign, copy=copy)
    assert (rows(archive, "select * from captures order by id"), sorted((tmp_path / "captures").iterdir())) == before


def test_captures_of_a_file_are_the_same_by_reference_and_as_a_copy(tmp_path: Path) -> None:
    path = by_warcio(tmp_path)
    facts = "select id, url, at, record_id, payload_sha256, outcome from captures order by id"
    referred, copied = (rows(imported(tmp_path / str(copy), path, copy=copy)[0], facts) for copy in (False, True))
    assert referred == copied
    with path.open("rb") as file:
        ids = {
            record.rec_headers["WARC-Record-ID"] for record in ArchiveIterator(file) if record.rec_type == "response"
        }
    assert {row[3] for row in copied} <= ids
    [copy] = [each for each in (tmp_path / "True" / "captures").iterdir() if each.suffix == ".gz"]
    assert copy.name.startswith("import-warcio-")
    kinds = {}
    with copy.open("rb") as file:
        for record in ArchiveIterator(file):
            kinds.setdefault(record.rec_type, []).append(record.rec_headers["WARC-Target-URI"])
    assert set(kinds) == {"warcinfo", "request", "response"}
    assert sorted(kinds["response"]) == sorted(kinds["request"]) == sorted(saved.url for saved in PLAIN_HTTP)


def test_a_copy_holds_the_very_bytes_of_our_records_and_is_always_the_same(tmp_path: Path) -> None:
    path = by_warcio(tmp_path)
    names = []
    for turn in ("a", "b"):
        captures = Captures(tmp_path / turn)
        [what] = files_at(str(path))
        assert isinstance(what, Held)
        names.append(bring(captures, what, HOSTS, copy=True).name)
    assert names[0] == names[1]
    first, second = ((tmp_path / turn / names[0]).read_bytes() for turn in ("a", "b"))
    assert first == second
    data = path.read_bytes()
    with closing(open_file(path)) as file:
        ours = [
            found for found in scan(file)
            if isinstance(found, Record) and owner(found.fields.get("warc-target-uri", ""))
        ]  # fmt: skip
    assert first.endswith(b"".join(data[each.offset : each.offset + each.length] for each in ours[-2:]))


def test_a_file_of_an_archive_of_our_own_keeps_its_crawl(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    writer = CaptureWriter(tmp_path / "elsewhere")
    at = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
    writer.begin("c1", "xinhua", {}, at=at)
    saved = next(each for each in PLAIN_HTTP if "news.cn" in each.url)
    head = [("Content-Type", saved.content_type)]
    writer.response("c1", "xinhua", saved.url, ("GET", []), (200, head, saved.body), at=at)
    writer.failure("c1", "xinhua", "http://www.news.cn/x", "TimeoutError", 3, at=at)
    writer.end("c1", {"reason": "finished"}, at=at)
    [path] = writer.close()
    for copy in (False, True):
        archive, passed_over = imported(tmp_path / str(copy), path, copy=copy)
        assert passed_over == []
        assert rows(archive, "select id, crawl, origin from captures order by id limit 1") == [
            (1_795_521_600_123_456, "c1", "live")
        ]
        assert rows(archive, "select id, outlet, requests, finish_reason from crawls") == [
            ("c1", "xinhua", 2, "finished")
        ]


def test_in_a_file_of_our_own_nothing_is_passed_over(tmp_path: Path) -> None:
    writer = CaptureWriter(tmp_path)
    writer.begin("c1", "xinhua", {})
    writer.response("c1", "xinhua", "http://moved.example/a", ("GET", []), (200, [], b"x"))
    [path] = writer.close()
    events = [type(event).__name__ for event in read_captures(path, only=lambda url: False)]
    assert events == ["CrawlStarted", "Capture"]


def test_captures_of_other_pages_are_counted_by_host_and_never_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = next(each for each in PLAIN_HTTP if expected([each]))
    picture = Saved("http://www.news.cn/logo.png", b"png", "image/png")
    path = warcio_file(tmp_path / "a.warc.gz", [OTHERS[0], ours, picture, *OTHERS[1:]])
    read: list[str] = []
    monkeypatch.setattr(
        "archive.warc_reader.parse_response", lambda block: (read.append(block[-9:].decode()), parse_response(block))[1]
    )
    passed_over: Counter[str] = Counter()
    with closing(open_file(path)) as file:
        events = list(read_shard(file, OUTLETS, passed_over))
    assert [event.url for event in events if isinstance(event, Capture)] == [ours.url]
    assert passed_over == {"elsewhere.example": 5, "www.news.cn": 1}
    assert read == [ours.body[-9:].decode()]


def test_a_copy_of_a_file_of_our_own_keeps_what_its_crawl_captured_beside_pages(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    writer = CaptureWriter(tmp_path / "elsewhere")
    writer.begin("c1", "xinhua", {})
    for place in ("robots.txt", "logo.png"):
        writer.response("c1", "xinhua", f"http://www.news.cn/{place}", ("GET", []), (200, [], b"x"))
    writer.failure("c1", "xinhua", "http://www.news.cn/logo2.png", "TimeoutError", 3)
    [path] = writer.close()
    for copy in (False, True):
        archive, _ = imported(tmp_path / str(copy), path, copy=copy)
        assert rows(archive, "select url, crawl from captures order by id") == [
            (f"http://www.news.cn/{place}", "c1") for place in ("robots.txt", "logo.png", "logo2.png")
        ]


# Revisits


def revisit_file(path: Path, first: Saved, fields: list[str], with_first: bool) -> Path:
    """A capture of a page, if wanted, and a record by which it was the same a month later; it names the first one by
    these fields."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        head = StatusAndHeaders("200 OK", [("Content-Type", first.content_type)], protocol="HTTP/1.1")
        record = writer.create_warc_record(
            first.url, "response", BytesIO(first.body), http_headers=head,
            warc_headers_dict={"WARC-Date": "2024-05-06T07:08:09Z", "WARC-Record-ID": "<urn:uuid:first>"},
        )  # fmt: skip
        if with_first:
            writer.write_record(record)
        digest = "sha1:" + hashlib.sha1(first.body).hexdigest()
        again = writer.create_revisit_record(
            first.url, digest, first.url, "2024-05-06T07:08:09Z", head,
            warc_headers_dict={"WARC-Date": "2024-06-06T07:08:09Z", "WARC-Refers-To": "<urn:uuid:first>"},
        )  # fmt: skip
        for name in ("WARC-Refers-To", "WARC-Refers-To-Date", "WARC-Refers-To-Target-URI"):
            if name not in fields:
                again.rec_headers.remove_header(name)
        writer.write_record(again)
    return path


@pytest.mark.parametrize(
    "fields", [["WARC-Refers-To"], ["WARC-Refers-To-Date", "WARC-Refers-To-Target-URI"], ["WARC-Refers-To-Date"]]
)
def test_a_revisit_has_the_page_of_the_capture_that_it_names(tmp_path: Path, fields: list[str]) -> None:
    saved = next(each for each in PLAIN_HTTP if expected([each]))
    path = revisit_file(tmp_path / "a.warc.gz", saved, fields, with_first=True)
    first, again = [event for event in read_captures(path) if isinstance(event, Capture)]
    assert (again.revisit_of, again.error) == (first.id, "")
    archive, passed_over = imported(tmp_path, path)
    assert passed_over == []
    assert rows(archive, "select outcome, count(*) from captures group by 1") == [("report", 2)]


def test_a_revisit_in_another_file_than_the_capture_that_it_names_has_its_page_too(tmp_path: Path) -> None:
    saved = next(each for each in PLAIN_HTTP if expected([each]))
    fields = ["WARC-Refers-To-Date", "WARC-Refers-To-Target-URI"]
    warcio_file(tmp_path / "a.warc.gz", [saved])
    revisit_file(tmp_path / "b.warc.gz", saved, fields, with_first=False)
    archive, passed_over = imported(tmp_path, tmp_path / "a.warc.gz", tmp_path / "b.warc.gz")
    assert passed_over == []
    assert rows(archive, "select outcome, count(*) from captures group by 1") == [("report", 2)]


def in_two_files(
    folder: Path, saved: Saved, fields: list[str], *, date: str = "2024-05-06T07:08:09Z", digest: str = ""
) -> tuple[Path, Path]:
    """A capture made at `date` in one file, and in another one a record by which it was the same a month later; that
    names it by these fields alone, and to the second."""
    held_in, repeated_in = folder / "held.warc.gz", folder / "repeated.warc.gz"
    head = StatusAndHeaders("200 OK", [("Content-Type", saved.content_type)], protocol="HTTP/1.1")
    with held_in.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="1.1")
        told = {"WARC-Date": date, "WARC-Record-ID": "<urn:uuid:first>"}
        writer.write_record(
            writer.create_warc_record(
                saved.url, "response", BytesIO(saved.body), http_headers=head, warc_headers_dict=told
            )
        )
    with repeated_in.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="1.1")
        stated = digest or "sha1:" + base64.b32encode(hashlib.sha1(saved.body).digest()).decode()
        told = {"WARC-Date": "2024-06-06T07:08:09Z", "WARC-Refers-To": "<urn:uuid:first>"}
        again = writer.create_revisit_record(
            saved.url, stated, saved.url, "2024-05-06T07:08:09Z", head, warc_headers_dict=told
        )
        for name in REFERENCES:
            if name not in fields:
                again.rec_headers.remove_header(name)
        writer.write_record(again)
    return held_in, repeated_in


REFERENCES = ("WARC-Refers-To", "WARC-Refers-To-Date", "WARC-Refers-To-Target-URI", "WARC-Payload-Digest")
NAMED = {
    "by record": ["WARC-Refers-To"],
    "by address and second": ["WARC-Refers-To-Date", "WARC-Refers-To-Target-URI"],
    "by digest alone": ["WARC-Payload-Digest"],
    "by all": list(REFERENCES),
}
TABLES = ("captures", "reports", "versions", "readings", "broken", "quarantine", "coverage_days", "unread")


def told(archive: Path) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(rows(archive, f"select * from {table}"), key=repr) for table in TABLES}


@pytest.mark.parametrize("fields", NAMED.values(), ids=NAMED.keys())
@pytest.mark.parametrize("date", ["2024-05-06T07:08:09Z", "2024-05-06T07:08:09.625000Z"])
def test_a_revisit_has_its_page_whichever_of_the_two_files_comes_first(
    tmp_path: Path, fields: list[str], date: str
) -> None:
    saved = next(each for each in PLAIN_HTTP if expected([each]))
    held_in, repeated_in = in_two_files(tmp_path, saved, fields, date=date)
    archive, passed_over = imported(tmp_path / "a", held_in)
    archive, passed_over = imported(tmp_path / "a", repeated_in)
    assert passed_over == []
    assert rows(archive, "select outcome, reason, revisit_of is not null from captures order by id") == [
        ("report", None, 0), ("report", None, 1)
    ]  # fmt: skip
    assert rows(
        archive, "select count(*) from captures join captures as held on held.id = captures.revisit_of"
    ) == [(1,)]  # fmt: skip
    other, passed_over = imported(tmp_path / "b", repeated_in)
    [(outcome, reason, broken)] = rows(
        other, "select outcome, captures.reason, broken.reason from captures join broken using (warc, offset)"
    )
    assert outcome == "failed"
    for text in (reason, broken):
        assert "in no file here: import the file that holds it, and this is read by itself" in str(text)
    assert [each.count("1 revisit record waits for its page") for each in passed_over] == [1]
    # The missing file comes, in a later run: nothing else has to be done.
    other, passed_over = imported(tmp_path / "b", held_in)
    assert passed_over == []
    assert told(other) == told(archive)
    # Both in one run, the revisit first: nothing is left to be told.
    both, passed_over = imported(tmp_path / "c", repeated_in, held_in, in_order=True)
    assert passed_over == []
    assert told(both) == told(archive)


def test_a_revisit_in_a_segment_has_its_page_from_a_segment_that_is_merged_later(tmp_path: Path) -> None:
    saved = next(each for each in PLAIN_HTTP if expected([each]))
    files = in_two_files(tmp_path, saved, ["WARC-Payload-Digest"])
    archive, _ = imported(tmp_path / "a", *files, in_order=True)
    known = get_project_settings()
    writer = Writer.open(tmp_path / "b" / "archive.db", tmp_path / "b" / "captures", Schedule.from_settings(known))
    writer.describe(descriptions(OUTLETS, known))
    passed_over: list[str] = []
    for path in files[::-1]:
        [what] = files_at(str(path))
        name = bring(writer.captures, what, HOSTS).name
        with closing(writer.captures.open(name)) as file:
            made = SegmentWriter(name, file.size, "1f3a9c0b2d11")
            for event in read_shard(file, OUTLETS):
                made.add(event)
        assert merge_segment(writer, *made.finish(), OUTLETS, passed_over) == 1
        assert len(passed_over) == (path == files[1])
    writer.close()
    assert told(tmp_path / "b" / "archive.db") == told(archive)


def test_a_page_with_another_digest_than_a_revisit_states_is_never_taken_for_its_page(tmp_path: Path) -> None:
    saved = next(each for each in PLAIN_HTTP if expected([each]))
    wrong = "sha1:" + base64.b32encode(hashlib.sha1(b"another page").digest()).decode()
    files = in_two_files(tmp_path, saved, list(REFERENCES), digest=wrong)
    for number, order in enumerate((files, files[::-1])):
        archive, _ = imported(tmp_path / str(number), *order, in_order=True)
        assert rows(archive, "select outcome, revisit_of from captures order by id") == [
            ("report", None), ("failed", None)
        ]  # fmt: skip
        [(reason,)] = rows(archive, "select reason from broken")
        assert f"has not the digest {wrong}" in str(reason) or "in no file here" in str(reason)
        assert "import the file that holds it" in str(reason)
    one = tmp_path / "one.warc.gz"
    one.write_bytes(b"".join(path.read_bytes() for path in files))
    archive, _ = imported(tmp_path / "one", one)
    assert rows(archive, "select outcome, revisit_of from captures order by id") == [("report", None), ("failed", None)]


def test_a_revisit_may_repeat_a_record_of_another_site_in_its_file(tmp_path: Path) -> None:
    saved = next(each for each in PLAIN_HTTP if expected([each]))
    mirror = Saved("http://mirror.example/a", saved.body, saved.content_type)
    path = warcio_file(tmp_path / "a.warc.gz", [mirror, *OTHERS])
    _, again = in_two_files(tmp_path, saved, ["WARC-Payload-Digest"])
    path.write_bytes(path.read_bytes() + again.read_bytes())
    archive, passed_over = imported(tmp_path, path)
    assert passed_over == []
    assert held(archive) == expected([saved])


# Damage


def record(number: int, filling: bytes, host: str) -> bytes:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + filling
    head = [
        ("WARC-Type", "response"), ("WARC-Record-ID", f"<urn:uuid:{number}>"), ("WARC-Date", "2024-01-02T03:04:05Z"),
        ("WARC-Target-URI", f"http://{host}/{number}"), ("Content-Type", "application/http; msgtype=response"),
    ]  # fmt: skip
    return member(head, block)


_RANDOM = random.Random(11)
MEMBERS = [
    record(
        number,
        _RANDOM.randbytes(300) + b"<p>words</p>" * _RANDOM.randrange(500),
        ("ours.example", "other.example")[number % 3 > 0],
    )
    for number in range(14)
]
WHOLE = b"".join(MEMBERS)
PLAIN = b"".join(gzip.decompress(each) for each in MEMBERS)


def is_ours(url: str) -> bool:
    return url.startswith("http://ours.example/")


def both_ways(path: Path) -> tuple[list[object], list[object]]:
    """What `scan` finds of ours, damage too, and what `scan_only` finds."""
    with closing(open_file(path)) as file:
        pure = [
            found for found in scan(file)
            if isinstance(found, Damage) or (found.kind in TELLING and is_ours(found.fields.get("warc-target-uri", "")))
        ]  # fmt: skip
        return list(pure), list(scan_only(file, is_ours))


damage = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), st.integers(0, len(WHOLE) - 1), st.integers(0, 7)),
        st.tuples(st.just("cut"), st.integers(0, len(WHOLE) - 1), st.just(0)),
        st.tuples(st.just("zero"), st.integers(0, len(WHOLE) - 1), st.integers(1, 600)),
        st.tuples(st.just("junk"), st.integers(0, len(WHOLE) - 1), st.integers(1, 600)),
    ),
    max_size=3,
)


def damaged(data: bytes, how: list[tuple[str, int, int]]) -> bytes:
    for what, place, amount in how:
        if place >= len(data):
            continue
        match what:
            case "flip":
                data = data[:place] + bytes([data[place] ^ (1 << amount)]) + data[place + 1 :]
            case "cut":
                data = data[:place]
            case "zero":
                data = data[:place] + bytes(amount) + data[place + amount :]
            case "junk":
                data = data[:place] + random.Random(amount).randbytes(amount) + data[place:]
    return data


@pytest.mark.parametrize("whole", [WHOLE, PLAIN], ids=["gzip", "plain"])
@settings(max_examples=150)
@given(how=damage)
def test_what_is_passed_over_quickly_is_never_a_record_of_ours(
    whole: bytes, how: list[tuple[str, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.warc.gz"
    path.write_bytes(damaged(whole, how))
    pure, quick = both_ways(path)
    assert quick == pure


def test_after_each_damage_the_quick_way_is_taken_up_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.warc.gz"
    broken = bytearray(WHOLE * 3)
    for third in range(3):
        broken[len(WHOLE) * third + len(WHOLE) // 2] ^= 8
    path.write_bytes(broken)
    pure, quick = both_ways(path)
    assert quick == pure
    assert sum(isinstance(found, Damage) for found in pure) == 3
    assert sum(isinstance(found, Record) for found in pure) >= 3 * 5 - 3


def test_a_truncated_file_gives_all_its_whole_records_and_a_row_for_the_rest(tmp_path: Path) -> None:
    path = by_warcio(tmp_path)
    data = path.read_bytes()
    with closing(open_file(path)) as file:
        offsets = [found.offset for found in scan(file)]
        last = next(
            found
            for found in reversed(list(scan(file)))
            if isinstance(found, Record) and owner(found.fields.get("warc-target-uri", "")) and found.kind == "response"
        )
    path.write_bytes(data[: last.offset + last.length // 2])
    lost = next(saved for saved in PLAIN_HTTP if saved.url == last.fields["warc-target-uri"])
    assert offsets[-1] > last.offset
    for copy in (False, True):
        archive, passed_over = imported(tmp_path / str(copy), path, copy=copy)
        assert held(archive) == expected([saved for saved in PLAIN_HTTP if saved != lost])
        [problem] = passed_over
        assert "cut short" in problem
        [(offset, reason)] = rows(archive, "select offset, reason from broken")
        assert "cut short" in str(reason)
        assert offset == last.offset or copy


def test_a_flipped_bit_costs_one_record_and_makes_a_row(tmp_path: Path) -> None:
    path = by_warcio(tmp_path)
    data = bytearray(path.read_bytes())
    with closing(open_file(path)) as file:
        victim = [
            found
            for found in scan(file)
            if isinstance(found, Record) and found.kind == "response" and owner(found.fields["warc-target-uri"])
        ][7]
    data[victim.offset + victim.length // 2] ^= 1
    path.write_bytes(data)
    for copy in (False, True):
        archive, passed_over = imported(tmp_path / str(copy), path, copy=copy)
        kept = [saved for saved in PLAIN_HTTP if saved.url != victim.fields["warc-target-uri"]]
        assert held(archive) == expected(kept)
        assert len(passed_over) == 1
        assert rows(archive, "select count(*) from broken") == [(1,)]


@pytest.mark.parametrize("compressed", [False, True], ids=["arc", "arc.gz"])
def test_a_damaged_arc_file_loses_only_what_is_damaged(tmp_path: Path, compressed: bool) -> None:
    records = arc_records(PLAIN_HTTP)
    parts = [gzip.compress(each, mtime=0) for each in records] if compressed else records
    victim = bytearray(parts[5])
    if compressed:
        victim[len(victim) // 2] ^= 1
    else:
        victim = bytearray(
            b"?" + bytes(victim[1:20]).replace(b" ", b"x") + victim[20:].replace(b" 192.0.2.7 ", b"#", 1)
        )
    path = tmp_path / "old.arc"
    path.write_bytes(b"".join([*parts[:5], bytes(victim), *parts[6:]]) + parts[7][: len(parts[7]) // 2])
    archive, passed_over = imported(tmp_path, path)
    assert held(archive) == expected([saved for saved in PLAIN_HTTP if saved != PLAIN_HTTP[4]])
    assert len(passed_over) == 2
    assert rows(archive, "select count(*) from broken") == [(2,)]


def test_a_file_in_one_piece_that_was_cut_gives_what_stands_before(tmp_path: Path) -> None:
    path = compressed_as_one_piece(tmp_path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    archive, passed_over = imported(tmp_path, path)
    found = held(archive)
    assert 3 < len(found) < len(expected(PLAIN_HTTP))
    assert found.items() <= expected(PLAIN_HTTP).items()
    assert ["cut short" in each for each in passed_over] == [True]


# What is large


MEASURE = """
import re, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from archive.warc_reader import read_captures
began = time.monotonic()
found = [(each.url, each.error) for each in read_captures(Path(sys.argv[2]), only=lambda url: True)]
print(found, flush=True)
# Not ru_maxrss, which begins with what the process had that started this one.
print(time.monotonic() - began, int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


@pytest.mark.parametrize("host", ["www.news.cn", "elsewhere.example"])
def test_a_record_of_5_gb_takes_seconds_and_little_memory_and_hides_nothing_behind_it(
    tmp_path: Path, host: str
) -> None:
    saved = next(each for each in PLAIN_HTTP if expected([each]))
    path = tmp_path / "large.warc"
    http = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n"
    length = 5 * 2**30
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:large>\r\nWARC-Date: 2024-01-02T03:04:05Z\r\n"
        f"WARC-Target-URI: http://{host}/large.mp4\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()
    with path.open("wb") as file:
        file.write(head + http)
        file.truncate(len(head) + length)
        file.seek(0, os.SEEK_END)
        file.write(b"\r\n\r\n")
        file.write(warcio_file(tmp_path / "one.warc", [saved], gzip=False).read_bytes())
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, str(PROJECT), str(path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found, numbers = measured.stdout.splitlines()
    assert f"('http://{host}/large.mp4', 'the body is larger than 64 MB'), ('{saved.url}', '')" in found
    seconds, megabytes = map(float, numbers.split())
    assert seconds < 30
    assert megabytes < 500
    archive, passed_over = imported(tmp_path, path)
    assert (held(archive), passed_over) == (expected([saved]), [])


# What is no file of records, or not as it says


def test_what_cannot_be_read_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "mixed" / "below"
    folder.mkdir(parents=True)
    by_warcio(folder)
    (folder / "page.warc").write_bytes(b"<html>")
    (folder / "empty.warc.gz").write_bytes(b"")
    (folder / "zip.wacz").write_bytes(b"PK\x03\x04 and then nothing")
    (folder / "notes.txt").write_text("passed over without a word")
    with zipfile.ZipFile(folder / "other.wacz", "w") as package:
        package.writestr("pages/pages.jsonl", "{}")
    archive, passed_over = imported(tmp_path, tmp_path / "mixed", tmp_path / "nothing.warc", folder / "notes.txt")
    assert held(archive) == expected(PLAIN_HTTP)
    told = [f"{problem.rpartition('/')[2]}" for problem in passed_over]
    assert len(told) == 6
    for name, reason in {
        "empty.warc.gz": "not a WARC/WACZ/ARC", "other.wacz": "not a WACZ", "page.warc": "not a WARC/WACZ/ARC",
        "zip.wacz": "cannot be read", "nothing.warc": "there is no such file", "notes.txt": "not a WARC/WACZ/ARC",
    }.items():  # fmt: skip
        assert any(name in problem and reason in problem for problem in passed_over), (name, passed_over)


def test_a_wacz_that_is_not_what_it_says_is_read_and_that_is_told(tmp_path: Path) -> None:
    wacz, warc = tmp_path / "a.wacz", by_warcio(tmp_path)
    with zipfile.ZipFile(wacz, "w") as package:
        package.write(warc, "archive/data.warc.gz")
        resource = {"path": "archive/data.warc.gz", "hash": "sha256:" + hashlib.sha256(b"what it was").hexdigest()}
        package.writestr("datapackage.json", json.dumps({"resources": [resource]}))
    archive, passed_over = imported(tmp_path, wacz)
    assert held(archive) == expected(PLAIN_HTTP)
    [problem] = passed_over
    assert "datapackage.json" in problem and "sha256" in problem


def test_a_wacz_is_referred_to_where_its_warc_file_lies_in_it(tmp_path: Path) -> None:
    wacz = by_py_wacz(tmp_path)
    [what] = files_at(str(wacz))
    assert isinstance(what, Held)
    captures = Captures(tmp_path / "captures")
    name = bring(captures, what, HOSTS).name
    [reference] = (tmp_path / "captures").iterdir()
    told = json.loads(reference.read_text())
    assert told["location"] == str(wacz)
    with closing(captures.open(name)) as file, closing(open_file(tmp_path / "warcio.warc.gz")) as whole:
        assert file.pread(file.size, 0) == whole.pread(whole.size, 0)


@pytest.mark.parametrize(
    ("begin", "form"),
    [
        (b"WARC/1.0\r\n", "warc"),
        (MEMBERS[0], "warc.gz"),
        (WHOLE, "warc.gz"),
        (gzip.compress(PLAIN), "pieces"),
        (MEMBERS[0] + gzip.compress(PLAIN), "pieces"),
        (MEMBERS[0][:40], "warc.gz"),
        (gzip.compress(b"<html>"), ""),
        (b"filedesc://a.arc 0.0.0.0 20050101000000 text/plain 5\n", "arc"),
        (gzip.compress(b"filedesc://a.arc 0.0.0.0 20050101000000 text/plain 5\n"), "arc"),
        (b"\x1f\x8b\x08", ""),
    ],
)
def test_the_form_of_a_file_is_known_by_its_content(tmp_path: Path, begin: bytes, form: str) -> None:
    (tmp_path / "any").write_bytes(begin)
    with closing(open_file(tmp_path / "any")) as file:
        assert form_of(file) == form
