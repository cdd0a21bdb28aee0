"""`dateline import` says of each place that gives nothing which one it is, and why; never a traceback."""

from __future__ import annotations

import gzip
import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from foreign_warcs import pages, warcio_file

import settings as project_settings
from archive.schema import connect
from commands.import_ import import_

SOME = [saved for saved in pages(real=False) if saved.url.startswith("http://")][:3]


@contextmanager
def answering(status: int, body: bytes, knows_head: bool = True) -> Iterator[str]:
    """A server that has one answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._begin(status if knows_head else 405)

        def do_GET(self) -> None:
            self._begin(status)
            self.wfile.write(body)

        def _begin(self, answered: int) -> None:
            self.send_response(answered)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/crawls/some.warc.gz"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(project_settings, "ARCHIVE", tmp_path / "archive.db")
    monkeypatch.setattr(project_settings, "CAPTURES", tmp_path / "captures")
    return tmp_path / "archive.db"


def run(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(import_, [*map(str, arguments), "--workers", "1"])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize("dry", [False, True])
def test_a_place_that_gives_nothing_is_told_with_its_name_and_the_reason(
    archive: Path, tmp_path: Path, dry: bool
) -> None:
    (tmp_path / "text.txt").write_text("WARC files are described elsewhere\n")
    (tmp_path / "text.warc.gz").write_bytes(gzip.compress(b"no record"))
    (tmp_path / "empty.warc").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "readme.txt").write_text("none")
    told = {
        tmp_path / "nothing.warc.gz": "there is no such file",
        tmp_path / "text.txt": "not a WARC/WACZ/ARC",
        tmp_path / "text.warc.gz": "not a WARC/WACZ/ARC",
        tmp_path / "empty.warc": "not a WARC/WACZ/ARC",
        tmp_path / "folder": "no file below it ends in .warc.gz",
        "ftp://a.example/b.warc.gz": "ftp:// cannot be read: give http(s)://, s3:// or a path",
        "http://[::1/some.warc.gz": "it cannot be had: InvalidURL",
        "http://127.0.0.1:9/some.warc.gz": "Connection refused",
    }
    for place, reason in told.items():
        done = run(place, *(["--dry-run"] if dry else []))
        assert done.exit_code == 3, place
        assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith(f"Passed over: {place}: "), done.stderr
        assert reason in done.stderr
        assert done.stderr.count(str(place)) == 1
    assert archive.exists() is not dry


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("",), "'' names nothing"),
        (("a.warc", "--engine", "dask"), "--engine dask needs --scheduler"),
        (("a.warc", "--scheduler", "tcp://127.0.0.1:8786"), "--scheduler is for --engine dask"),
        (("a.warc", "--outlet", "nobody", "--copy"), "There is no outlet 'nobody'"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_done(
    archive: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = run(*arguments)
    assert (done.exit_code, archive.exists()) == (2, False)
    assert told in done.stderr


def test_a_page_in_the_place_of_a_file_is_told_by_its_address_and_leaves_nothing(archive: Path) -> None:
    with answering(200, b"<html><title>Sign in</title></html>") as url:
        done = run(url)
        assert (done.exit_code, done.stderr) == (
            3,
            f"Passed over: {url}: not a WARC/WACZ/ARC: it begins as none of them does\n",
        )
    with answering(404, b"") as url:
        done = run(url)
        assert (done.exit_code, done.stderr) == (
            3,
            f"Passed over: {url}: it cannot be had: the server answers 404 Not Found\n",
        )
    assert [each.name for each in (archive.parent / "captures").iterdir() if each.name.startswith(".")] == []


def test_a_server_that_answers_to_get_alone_gives_its_file(archive: Path, tmp_path: Path) -> None:
    file = warcio_file(tmp_path / "some.warc.gz", SOME)
    with answering(200, file.read_bytes(), knows_head=False) as url:
        assert "of unknown size" in run(url, "--dry-run").stdout
        done = run(url)
    assert (done.exit_code, done.stderr) == (0, "")
    assert f"1 file came in, 0 here already; {len(file.read_bytes()) / 1000:.1f} kB" in done.stdout


@pytest.mark.parametrize("at", [0, 3, 12, 60, 300, None])
def test_a_damaged_beginning_costs_the_first_record_and_not_the_file(
    archive: Path, tmp_path: Path, at: int | None
) -> None:
    file = warcio_file(tmp_path / "some.warc.gz", SOME)
    data = bytearray(file.read_bytes())
    if at is None:
        del data[:100]
    else:
        data[at] ^= 0x40
    file.write_bytes(data)
    done = run(file)
    assert done.exit_code == 3
    assert "1 file came in" in done.stdout and "not a WARC" not in done.stderr
    with closing(connect(archive)) as connection:
        addresses = {url for (url,) in connection.execute("select url from captures")}
        places = connection.execute("select offset from broken").fetchall()
    # The first record of all is what warcio says of the file, of 250 bytes; the second is the first page.
    assert addresses >= {saved.url for saved in SOME[1:]}
    assert len(places) == 1 and places[0][0] <= (at or 0)
