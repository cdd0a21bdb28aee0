"""`dateline import`: what is said before, what is kept, and what a run that was broken off leaves."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from conftest import PROJECT, rows_of
from foreign_warcs import OUTLETS, Saved, expected, held, owner, pages, warcio_file
from s3_server import BUCKET, s3_server

from archive.download import NotDownloaded, download
from archive.lock import WriterLock
from archive.schema import connect
from archive.storage import store_at

COMMAND = [sys.executable, str(PROJECT / "cli.py"), "import"]
PAGES = [saved for saved in pages() if saved.url.startswith("http://")]
OTHERS = [Saved(f"http://elsewhere.example/{n}", b"<p>other</p>" * 50, "text/html") for n in range(5)]


@dataclass(frozen=True)
class Here:
    folder: Path
    elsewhere: str = ""  # where captures live, if not here

    @property
    def archive(self) -> Path:
        return self.folder / "archive.db"

    @property
    def captures(self) -> Path:
        return self.folder / "captures"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        place = {"DATELINE_ARCHIVE": str(self.archive), "DATELINE_CAPTURES": self.elsewhere or str(self.captures)}
        return kept | place | {"COLUMNS": "200"}

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *map(str, arguments), *([] if "--dry-run" in arguments else ["--workers", "1"])],
            env=self.environment, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """What two archives must agree on: not when something was done."""
        with closing(connect(self.archive)) as connection:
            found = rows_of(connection)
        return {name: found[name] for name in ("captures", "reports", "versions", "broken", "warcs", "quarantine")}

    def names(self) -> list[str]:
        return sorted(path.name for path in self.captures.iterdir() if path.is_file())


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path / "here")


@pytest.fixture
def some(tmp_path: Path) -> Path:
    return warcio_file(tmp_path / "some.warc.gz", PAGES + OTHERS)


# What is said, and what is kept


def test_a_file_is_imported_and_a_second_time_nothing_happens(here: Here, some: Path) -> None:
    first = here.run(some)
    assert first.returncode == 0, first.stderr
    assert "1 file came in, 0 here already" in first.stdout
    assert held(here.archive) == expected(PAGES)
    rows, names = here.rows(), here.names()
    assert [name for name in names if name.startswith("import-some-") and name.endswith(".warc.gz.ref")] == names
    again = here.run(some, some.parent)
    assert again.returncode == 0, again.stderr
    assert "0 files came in, 2 here already. 0 captures" in again.stdout
    assert (here.rows(), here.names()) == (rows, names)


def test_a_dry_run_says_what_would_be_read_by_outlet_and_year_and_changes_nothing(here: Here, some: Path) -> None:
    old = warcio_file(some.parent / "old.warc", PAGES[:3], date="2015-01-01T00:00:00Z", gzip=False)
    whole = some.parent / "whole.warc.gz"
    whole.write_bytes(gzip.compress(old.read_bytes()))
    told = here.run(some, old, whole, "--dry-run")
    assert told.returncode == 0, told.stderr
    by_outlet = {
        name: sum(name == outlet for outlet in map(_outlet, PAGES)) for name in ("tnw", "xinhua")
    }  # fmt: skip
    lines = [line.split() for line in told.stdout.splitlines()]
    for name, pages_of in by_outlet.items():
        assert [name, "2024", str(pages_of)] in [[*line] for line in lines], told.stdout
    assert ["xinhua", "2015", str(2 * sum(_outlet(each) == "xinhua" for each in PAGES[:3]))] in lines, told.stdout
    assert any("warc.gz" in line and str(len(PAGES + OTHERS)) in line for line in lines)
    assert "pieces" in told.stdout
    assert "Nothing was changed" in told.stdout
    assert not here.folder.exists()


def _outlet(saved: Saved) -> str:
    """ "" for what can be neither a report nor a list."""
    name = owner(saved.url)
    return name if name and OUTLETS[name].kind_of(saved.url) != "other" else ""


def test_a_copy_holds_one_outlets_records_if_only_one_is_wanted(here: Here, some: Path) -> None:
    copied = here.run(some, "--copy", "--outlet", "tnw")
    assert copied.returncode == 0, copied.stderr
    assert set(held(here.archive)) == {url for url in expected(PAGES) if "thenextweb.com" in url}
    [copy] = here.names()
    assert b"news.cn" not in _all_of(here.captures / copy)
    some.unlink()  # a copy needs it no more
    with closing(sqlite3.connect(here.archive)) as connection:
        [(warc,)] = connection.execute("select distinct warc from captures")
    assert warc == copy


def _all_of(path: Path) -> bytes:
    with gzip.open(path) as file:
        return file.read()


def test_one_outlet_of_a_file_that_is_only_referred_to_is_refused_with_the_reason(here: Here, some: Path) -> None:
    refused = here.run(some, "--outlet", "tnw")
    assert refused.returncode == 2
    assert "--outlet needs --copy" in refused.stderr
    assert here.run(some, "--copy", "--outlet", "nobody").returncode == 2


def test_a_place_with_nothing_to_read_is_told_and_the_others_are_read(here: Here, some: Path) -> None:
    (some.parent / "page.html").write_text("<html>")
    done = here.run(some.parent / "page.html", some, some.parent / "nothing")
    assert done.returncode == 3
    assert held(here.archive) == expected(PAGES)
    assert "page.html: not a WARC/WACZ/ARC" in done.stderr
    assert "nothing: there is no such file" in done.stderr


def test_a_wacz_that_was_altered_is_taken_and_that_is_told(here: Here, some: Path) -> None:
    with zipfile.ZipFile(some.parent / "a.wacz", "w") as package:
        package.write(some, "archive/data.warc.gz")
        resource = {"path": "archive/data.warc.gz", "hash": "sha256:" + "0" * 64}
        package.writestr("datapackage.json", json.dumps({"resources": [resource]}))
    done = here.run(some.parent / "a.wacz")
    assert done.returncode == 3
    assert re.search(r"Taken all the same: .*a\.wacz!archive/data\.warc\.gz: .* datapackage\.json", done.stderr)
    assert held(here.archive) == expected(PAGES)


def test_a_damaged_file_ends_with_3_and_rows_that_say_where(here: Here, some: Path) -> None:
    data = bytearray(some.read_bytes())
    data[len(data) // 2] ^= 1
    some.write_bytes(data)
    done = here.run(some)
    assert done.returncode == 3
    assert "was passed over" in done.stderr
    [(warc, offset, reason)] = here.rows()["broken"]
    assert f"{warc}.ref" in here.names()
    assert isinstance(offset, int) and 0 < offset <= len(data) // 2
    assert "gzip" in str(reason)
    assert len(held(here.archive)) >= len(expected(PAGES)) - 1


def test_a_full_disk_is_told_before_anything_is_copied(here: Here, some: Path) -> None:
    here.folder.mkdir()
    large = some.parent / "large.warc"
    with large.open("wb") as file:
        file.write(b"WARC/1.0\r\n")
        file.truncate(shutil.disk_usage(here.folder).free + 2**30)  # which takes no room itself
    refused = here.run(large, "--copy")
    assert refused.returncode == 1
    assert "needs up to" in refused.stderr and "Make room, and the same command goes on" in refused.stderr
    assert here.names() == []


def test_an_archive_that_another_process_writes_is_left_alone(here: Here, some: Path) -> None:
    here.folder.mkdir(parents=True)
    lock = WriterLock(here.archive)
    try:
        busy = here.run(some)
    finally:
        lock.release()
    assert busy.returncode == 75
    assert "Nothing was begun" in busy.stderr
    assert here.names() == []


# Broken off


@pytest.mark.parametrize("copy", [(), ("--copy",)], ids=["by reference", "copied"])
def test_a_run_that_is_killed_at_any_time_is_gone_on_with(tmp_path: Path, copy: tuple[str, ...]) -> None:
    files = [
        warcio_file(
            tmp_path / f"part-{number}.warc.gz", PAGES[number::4] + OTHERS, date=f"2024-05-0{number + 1}T07:08:09Z"
        )
        for number in range(4)
    ]
    undisturbed = Here(tmp_path / "undisturbed")
    assert undisturbed.run(*files, *copy).returncode == 0
    disturbed = Here(tmp_path / "disturbed")
    for tenths in (9, 12, 15):
        process = subprocess.Popen(
            [*COMMAND, *map(str, files), *copy, "--workers", "1", "-s", "COMMIT_EVERY=3"],
            env=disturbed.environment, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        time.sleep(tenths / 10)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = disturbed.run(*files, *copy)
    assert done.returncode == 0, done.stderr
    assert [name for name in disturbed.names() if not name.startswith(".")] == undisturbed.names()
    for name in undisturbed.names():
        assert (disturbed.captures / name).read_bytes() == (undisturbed.captures / name).read_bytes()
    mine, others = disturbed.rows(), undisturbed.rows()
    # Ids of reports count up in the order of arrival; everything else is equal.
    assert held(disturbed.archive) == held(undisturbed.archive)
    assert [row[0] for row in mine["captures"]] == [row[0] for row in others["captures"]]
    assert mine["warcs"] == others["warcs"]
    assert len(mine["versions"]) == len(others["versions"])


# From the web


@dataclass
class Web:
    """A server of one file whose connection breaks after so many bytes, as often as wanted."""

    data: bytes
    breaks: list[int] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    status: int = 200
    etag: str = '"one"'
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/crawls/some.warc.gz?x=1"


@contextmanager
def serving(web: Web) -> Iterator[Web]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._head(web.status, len(web.data))

        def do_GET(self) -> None:
            web.ranges.append(self.headers.get("Range", ""))
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            begin = int(asked[1]) if asked and self.headers.get("If-Range") == web.etag else 0
            data = web.data[begin:]
            content_range = f"bytes {begin}-{len(web.data) - 1}/{len(web.data)}" if begin else ""
            self._head(206 if begin else web.status, len(data), content_range)
            if web.status >= 400:
                return
            if web.breaks:
                self.wfile.write(data[: web.breaks.pop(0)])
                self.close_connection = True
                self.connection.shutdown(2)
                return
            self.wfile.write(data)

        def _head(self, status: int, length: int, content_range: str = "") -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(length if status < 400 else 0))
            self.send_header("Content-Type", "application/gzip")
            self.send_header("Content-Encoding", "gzip")  # as some servers call it; it is no coding of ours
            self.send_header("ETag", web.etag)
            if content_range:
                self.send_header("Content-Range", content_range)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()


def test_a_download_goes_on_where_the_connection_broke(tmp_path: Path) -> None:
    data = os.urandom(900_000)
    with serving(Web(data, breaks=[300_000, 200_000])) as web:
        path = download(web.url, tmp_path, "Dateline/0.1", wait=0.01)
    assert (path.name, path.read_bytes()) == ("some.warc.gz", data)
    first, *further = web.ranges
    assert first == ""
    begins = [int(re.findall(r"\d+", asked)[0]) for asked in further]
    # What came is kept but for the last 64 kB of each turn.
    assert len(begins) == 2 and 300_000 - 65_536 <= begins[0] <= 300_000 and begins[0] < begins[1] <= 500_000


def test_a_file_that_changed_in_between_is_downloaded_from_its_beginning(tmp_path: Path) -> None:
    with serving(Web(b"a" * 400_000, breaks=[200_000, 0, 0, 0, 0, 0])) as web:
        with pytest.raises(NotDownloaded, match="The same command goes on"):
            download(web.url, tmp_path, "Dateline/0.1", wait=0.001)
        web.data, web.etag, web.breaks = b"b" * 500_000, '"two"', []
        assert download(web.url, tmp_path, "Dateline/0.1").read_bytes() == b"b" * 500_000


def test_what_a_server_refuses_is_not_asked_for_again(tmp_path: Path) -> None:
    with serving(Web(b"", status=404)) as web, pytest.raises(NotDownloaded, match="404"):
        download(web.url, tmp_path, "Dateline/0.1")
    assert len(web.ranges) == 1


def test_a_file_from_the_web_becomes_one_of_ours_and_is_downloaded_once(here: Here, some: Path) -> None:
    with serving(Web(some.read_bytes())) as web:
        told = here.run(web.url, "--dry-run")
        assert (told.returncode, "some.warc.gz" in told.stdout) == (0, True), told.stderr
        done = here.run(web.url)
        assert done.returncode == 0, done.stderr
        assert held(here.archive) == expected(PAGES)
        [name] = here.names()
        assert name.startswith("import-some-")
        assert (here.captures / name).read_bytes() == some.read_bytes()
        again = here.run(web.url)
        assert "0 files came in, 1 here already" in again.stdout
        assert len(web.ranges) == 1
    gone = here.run("http://127.0.0.1:9/nothing.warc.gz")
    assert gone.returncode == 3
    assert "cannot be had" in gone.stderr


# In S3


def test_files_in_s3_are_referred_to_where_they_are(here: Here, some: Path) -> None:
    with s3_server(), zipfile.ZipFile(some.parent / "b.wacz", "w") as package:
        package.write(some, "archive/data.warc.gz")
        package.close()
        crawls = store_at(f"s3://{BUCKET}/crawls")
        crawls.create("a.warc.gz", warcio_file(some.parent / "a.warc.gz", PAGES[::2], date="2023-01-01T00:00:00Z"))
        crawls.create("b.wacz", some.parent / "b.wacz")
        done = here.run(f"s3://{BUCKET}/crawls")
        assert done.returncode == 0, done.stderr
        assert "2 files came in" in done.stdout
        assert held(here.archive) == expected(PAGES)
        a, b = here.names()
        assert f"s3://{BUCKET}/crawls/a.warc.gz" in (here.captures / a).read_text()
        assert f"s3://{BUCKET}/crawls/b.wacz" in (here.captures / b).read_text()
        again = here.run(f"s3://{BUCKET}/crawls/b.wacz")
        assert "0 files came in, 1 here already" in again.stdout
        missing = here.run(f"s3://{BUCKET}/crawls/c.warc.gz")
        assert missing.returncode == 3
        assert "c.warc.gz: there is no such file" in missing.stderr


def test_copies_go_to_where_captures_live(tmp_path: Path, some: Path) -> None:
    with s3_server():
        here = Here(tmp_path / "here", elsewhere=f"s3://{BUCKET}/archive")
        done = here.run(some, "--copy")
        assert done.returncode == 0, done.stderr
        assert held(here.archive) == expected(PAGES)
        [name] = store_at(here.elsewhere).names()
        assert name.startswith("import-some-")
        assert b"elsewhere.example" not in gzip.decompress(store_at(here.elsewhere).read(name))
        again = here.run(some, "--copy")
        assert "0 files came in, 1 here already" in again.stdout
        # From the web too, once.
        with serving(Web(warcio_file(some.parent / "x.warc.gz", PAGES[:2]).read_bytes())) as web:
            for _ in range(2):
                assert here.run(web.url, "--copy").returncode == 0
            assert len(web.ranges) == 1
