"""Our WARC files replay in pywb, the Wayback Machine's own kind of software, without any help from us."""

from __future__ import annotations

import gzip
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from environments import python_with
from pywb_server import replaying

from archive.warc_writer import CaptureWriter

MORNING = datetime(2026, 11, 24, 8, 0, 0, 250_000, tzinfo=UTC)
REPORT = "http://www.news.cn/politics/20261124/c.htm"
COPY = "http://www.xinhuanet.com/politics/20261124/c.htm"
PLAIN = "http://www.news.cn/politics/20261124/plain.htm"
PAGE = "<html><body><p>新华社北京11月24日电</p></body></html>".encode()


@dataclass(frozen=True)
class Replay:
    """A collection of pywb, served by another process."""

    address: str

    def get(self, at: datetime, url: str) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers of the raw page (`id_`: nothing of pywb's own put into it), redirects not followed."""
        request = f"{self.address}/{at:%Y%m%d%H%M%S}id_/{url}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects())
        try:
            answer = opener.open(request, timeout=20)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            body = answer.read()
            if answer.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            return answer.status or 0, body, dict(answer.headers)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


@pytest.fixture(scope="session")
def pywb() -> Path:
    """The Python that has pywb, installed once per lock into build/ (a quarter of a minute)."""
    return python_with("pywb")


@pytest.fixture(scope="session")
def replay(pywb: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replay]:
    folder = tmp_path_factory.mktemp("replay")
    captures = folder / "captures"
    captures.mkdir()
    files = write_captures(captures)
    with replaying(pywb, folder, files) as collection:
        yield Replay(collection)


def write_captures(folder: Path) -> list[Path]:
    """A report, the same payload elsewhere an hour later, a 304 after two, an error, a failure, a redirect."""
    writer = CaptureWriter(folder)
    writer.begin("c1", "xinhua", {}, at=MORNING)
    wire = gzip.compress(PAGE, mtime=0)
    html = [("Content-Type", "text/html; charset=utf-8"), ("X-Served-By", "cn-1")]
    packed = [*html, ("Content-Encoding", "gzip"), ("Content-Length", str(len(wire)))]

    def hours(number: int) -> datetime:
        return MORNING + timedelta(hours=number)

    def write(url: str, at: datetime, status: int, headers: list[tuple[str, str]], body: bytes, **more: object) -> int:
        request = ("GET", [("User-Agent", "Dateline/0.1")])
        return writer.response("c1", "xinhua", url, request, (status, headers, body), at=at, **more).id  # type: ignore[arg-type]

    first = write(REPORT, hours(0), 200, packed, wire)
    write(COPY, hours(1), 200, packed, wire, known=(first, REPORT))
    write(REPORT, hours(2), 304, [], b"", known=(first, REPORT))
    write(PLAIN, hours(0), 200, html, PAGE)
    write(PLAIN, hours(3), 404, html, b"gone")
    writer.failure("c1", "xinhua", PLAIN, "TimeoutError", 3, at=hours(4))
    write("http://news.cn/", hours(0), 301, [("Location", REPORT)], b"")
    writer.end("c1", {"reason": "finished"}, at=hours(5))
    return writer.close()


def test_a_captured_page_is_replayed_as_it_came(replay: Replay) -> None:
    status, body, headers = replay.get(MORNING, REPORT)
    assert (status, body) == (200, PAGE)
    assert headers["X-Archive-Orig-X-Served-By" if "X-Served-By" not in headers else "X-Served-By"] == "cn-1"


def test_a_page_that_was_not_compressed_is_replayed(replay: Replay) -> None:
    assert replay.get(MORNING, PLAIN)[:2] == (200, PAGE)


def test_a_revisit_record_is_replayed_with_the_payload_of_the_first_capture(replay: Replay) -> None:
    status, body, headers = replay.get(MORNING + timedelta(hours=1), COPY)
    assert (status, body) == (200, PAGE)
    assert "Tue, 24 Nov 2026 09:00:00 GMT" in headers.values()  # its own time, not the first capture's


def test_an_error_page_is_replayed_as_an_error(replay: Replay) -> None:
    assert replay.get(MORNING + timedelta(hours=3), PLAIN)[:2] == (404, b"gone")


def test_a_redirect_leads_into_the_archive(replay: Replay) -> None:
    status, _, headers = replay.get(MORNING, "http://news.cn/")
    assert status == 301
    assert headers["Location"].endswith(REPORT)


def test_a_failed_request_is_no_page(replay: Replay) -> None:
    # The nearest page is the error an hour before, not the record that tells of the failure.
    assert replay.get(MORNING + timedelta(hours=4), PLAIN)[:2] == (404, b"gone")
