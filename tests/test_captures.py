"""WARC in and out: what is written is read back, whatever happens in between."""

from __future__ import annotations

import errno
import gzip
import io
import os
import random
import resource
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import http_message, warc_format
from archive.http_message import content_decoded, unchunked
from archive.warc_reader import Broken, CrawlFinished, CrawlStarted, Event, read_capture, read_captures
from archive.warc_recovery import recover
from archive.warc_writer import CaptureNotWritten, CaptureWriter
from items import Capture

NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
NOON_ID = 1_795_521_600_123_456  # date -u -d '2026-11-24 12:00:00' +%s, and the microseconds
URL = "http://www.news.cn/politics/20261124/c.htm"
HTML = [("Content-Type", "text/html; charset=utf-8"), ("ETag", '"a1"')]
PAGE = "<p>新华社北京11月24日电</p>".encode()


def begun(folder: Path, **options: int) -> CaptureWriter:
    writer = CaptureWriter(folder, **options)  # type: ignore[arg-type]
    writer.begin(
        "c1",
        "xinhua",
        {"robots": "obey", "http-header-user-agent": "Dateline/0.1 (+mailto:a@b.example)"},
        at=NOON,
    )
    return writer


def answer(writer: CaptureWriter, body: bytes = PAGE, url: str = URL, **more: object) -> Capture:
    given = {"crawl": "c1", "outlet": "xinhua", "at": NOON, "status": 200, "headers": HTML} | more
    return writer.response(
        given.pop("crawl"),  # type: ignore[arg-type]
        given.pop("outlet"),  # type: ignore[arg-type]
        url,
        ("GET", [("User-Agent", "Dateline/0.1")]),
        (given.pop("status"), given.pop("headers"), body),  # type: ignore[arg-type]
        **given,  # type: ignore[arg-type]
    )


def captures(path: Path, offset: int = 0) -> list[Capture]:
    return [event for event in read_captures(path, offset) if isinstance(event, Capture)]


def broken(path: Path) -> list[Broken]:
    return [event for event in read_captures(path) if isinstance(event, Broken)]


def records(path: Path) -> list[tuple[str, dict[str, str], bytes]]:
    """Type, header fields and block of each record, as warcio reads them."""
    with path.open("rb") as file:
        return [
            (record.rec_type, dict(record.rec_headers.headers), record.raw_stream.read())
            for record in ArchiveIterator(file, no_record_parse=True)
        ]


def check(path: Path) -> None:
    """What warcio and FastWARC have to say; FastWARC looks for the payload of a revisit, which has none."""
    warcio = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", str(path)], capture_output=True, text=True
    )
    assert warcio.returncode == 0, warcio.stdout + warcio.stderr
    assert "digest pass" in warcio.stdout
    payloads = [] if any(kind == "revisit" for kind, _, _ in records(path)) else ["-p"]
    main = "from fastwarc.cli import main; main()"
    fastwarc = subprocess.run(
        [sys.executable, "-c", main, "check", "-q", *payloads, path], capture_output=True, text=True
    )
    assert fastwarc.returncode == 0, fastwarc.stdout + fastwarc.stderr


# One file


def test_a_response_is_read_back_as_it_was_returned_and_with_its_body(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    written = answer(writer)
    [path] = writer.close()
    assert path.name == "dateline-20261124T120000123456Z-00000.warc.gz"
    started, read = read_captures(path)
    assert isinstance(started, CrawlStarted) and isinstance(read, Capture)
    assert (started.crawl, started.outlet, started.origin, started.continued) == (
        "c1",
        "xinhua",
        "live",
        False,
    )
    assert started.about["robots"] == "obey"
    assert (read.id, read.at, read.crawl, read.outlet) == (NOON_ID, NOON, "c1", "xinhua")
    assert (read.url, read.status, read.headers, read.body) == (URL, 200, HTML, PAGE)
    assert (read.payload_length, read.warc, read.error, read.revisit_of) == (len(PAGE), path.name, "", None)
    written.body = PAGE
    assert read == written == read_capture(path, written.offset)


def test_the_records_are_those_that_warc_1_1_asks_for(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    answer(writer, ip="2001:db8::1")
    [path] = writer.close()
    check(path)
    (kind0, info, fields), (kind1, response, block), (kind2, request, asked) = records(path)
    assert (kind0, kind1, kind2) == ("warcinfo", "response", "request")
    assert info["Content-Type"] == "application/warc-fields"
    assert info["WARC-Filename"] == path.name
    for line in (
        b"software: Dateline/0.1",
        b"crawl: c1",
        b"outlet: xinhua",
        b"robots: obey",
        b"started: 2026-11-24T12:00:00Z",
    ):
        assert line + b"\r\n" in fields
    assert response["WARC-Date"] == request["WARC-Date"] == "2026-11-24T12:00:00.123456Z"
    assert response["WARC-IP-Address"] == "2001:db8::1"
    assert response["WARC-Warcinfo-ID"] == request["WARC-Warcinfo-ID"] == info["WARC-Record-ID"]
    assert request["WARC-Concurrent-To"] == response["WARC-Record-ID"]
    assert block == b'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nETag: "a1"\r\n\r\n' + PAGE
    assert asked == b"GET /politics/20261124/c.htm HTTP/1.1\r\nHost: www.news.cn\r\nUser-Agent: Dateline/0.1\r\n\r\n"


def test_a_proxys_password_does_not_reach_the_archive(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    request = ("GET", [("Proxy-Authorization", "Basic c2VjcmV0"), ("Accept", "*/*")])
    writer.response("c1", "xinhua", "http://user:pass@h.example/?q=1#f", request, (200, [], b"x"), at=NOON)
    [path] = writer.close()
    assert records(path)[2][2] == b"GET /?q=1 HTTP/1.1\r\nHost: h.example\r\nAccept: */*\r\n\r\n"


def test_the_payload_is_kept_compressed_as_it_came_and_given_back_decoded(tmp_path: Path) -> None:
    wire = gzip.compress(PAGE)
    writer = begun(tmp_path)
    written = answer(writer, wire, headers=[("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")])
    [path] = writer.close()
    check(path)
    assert records(path)[1][2].endswith(b"\r\n\r\n" + wire)
    [read] = captures(path)
    assert read.body == PAGE
    assert (read.payload_length, read.payload_sha256) == (len(wire), CaptureWriter.payload_sha256(wire))
    # The body is not chunked any more; a header saying so would make every reader look for chunk sizes.
    assert (
        read.headers
        == written.headers
        == [("Content-Encoding", "gzip"), ("X-Archive-Orig-Transfer-Encoding", "chunked")]
    )


def test_payloads_are_known_by_their_sha256() -> None:
    # printf abc | sha256sum
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert CaptureWriter.payload_sha256(b"abc") == expected


def test_an_unchanged_payload_becomes_a_revisit_record(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    first = answer(writer)
    again = answer(writer, at=NOON + timedelta(seconds=9), url=URL + "?2", known=(first.id, URL))
    [path] = writer.close()
    check(path)
    kind, fields, block = records(path)[3]
    assert kind == "revisit"
    assert fields["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
    assert fields["WARC-Refers-To-Target-URI"] == URL
    assert fields["WARC-Refers-To-Date"] == "2026-11-24T12:00:00.123456Z"
    assert fields["WARC-Payload-Digest"] == f"sha256:{first.payload_sha256}"
    assert block == b'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nETag: "a1"\r\n\r\n'
    read = captures(path)[1]
    assert read == again
    assert (read.revisit_of, read.body, read.payload_length) == (first.id, b"", len(PAGE))


@pytest.mark.parametrize("is_known", [True, False])
def test_not_modified_becomes_a_revisit_of_what_the_server_means(tmp_path: Path, is_known: bool) -> None:
    writer = begun(tmp_path)
    first = answer(writer)
    known = (first.id, URL) if is_known else None
    again = answer(writer, b"", status=304, headers=[("ETag", '"a1"')], known=known)
    [path] = writer.close()
    check(path)
    kind, fields, block = records(path)[3]
    assert kind == "revisit"
    assert fields["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert ("WARC-Refers-To-Date" in fields) is is_known
    assert block == b'HTTP/1.1 304 Not Modified\r\nETag: "a1"\r\n\r\n'
    read = captures(path)[1]
    assert read == again
    assert (read.status, read.error, read.revisit_of) == (304, "", first.id if is_known else None)


def test_a_request_without_a_response_is_in_the_file_too(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    written = writer.failure("c1", "xinhua", URL, "DNS lookup failed:\n no results", attempts=3, at=NOON)
    [path] = writer.close()
    check_kind, fields, block = records(path)[1]
    assert (check_kind, fields["WARC-Target-URI"]) == ("metadata", URL)
    assert block == b"fetch-error: DNS lookup failed: no results\r\nattempts: 3\r\n"
    [read] = captures(path)
    assert read == written == read_capture(path, written.offset)
    assert (read.status, read.error) == (None, "DNS lookup failed: no results")


def test_the_end_of_a_crawl_is_told_and_nothing_can_follow_it(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    writer.end("c1", {"finished": "2026-11-24T12:30:00Z", "reason": "finished", "responses": "7"}, at=NOON)
    with pytest.raises(ValueError, match="'c1' of outlet 'xinhua' was not begun"):
        answer(writer)
    [path] = writer.close()
    finished = list(read_captures(path))[-1]
    assert isinstance(finished, CrawlFinished)
    assert (finished.crawl, finished.outlet, finished.reason) == ("c1", "xinhua", "finished")
    assert finished.finished == datetime(2026, 11, 24, 12, 30, tzinfo=UTC)
    assert finished.fields["responses"] == "7"


def test_captures_of_one_microsecond_get_ids_one_apart(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    ids = [answer(writer).id, answer(writer).id, writer.failure("c1", "xinhua", URL, "e", at=NOON).id]
    ids.append(answer(writer, at=NOON - timedelta(hours=1)).id)  # the clock was set back
    [path] = writer.close()
    assert ids == [NOON_ID, NOON_ID + 1, NOON_ID + 2, NOON_ID + 3]
    assert [capture.id for capture in captures(path)] == ids


token = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-_!#$%&'*+.^`|~", min_size=1, max_size=20)
value = st.text(st.characters(max_codepoint=255), max_size=60)


@settings(max_examples=60, deadline=None)
@given(
    body=st.binary(max_size=3000),
    headers=st.lists(st.tuples(token, value), max_size=6),
    status=st.integers(100, 599),
)
def test_any_body_and_any_headers_are_read_back_as_they_were_returned(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, headers: list[tuple[str, str]], status: int
) -> None:
    headers = [(name, value) for name, value in headers if name.lower() != "content-encoding"]
    writer = begun(tmp_path_factory.mktemp("any"))
    written = answer(writer, body, headers=headers, status=status)
    [path] = writer.close()
    [read] = captures(path)
    written.body = b"" if status == 304 else body
    assert read == written
    # Only what cannot stand in a header line was altered.
    for (name, value), (name_read, value_read) in zip(headers, read.headers, strict=True):
        assert name_read.removeprefix("X-Archive-Orig-") == name
        assert not set(value_read) & set("\r\n\0")
        if not set(value) & set("\r\n\0"):
            assert value_read == value.strip(" \t")


def test_a_header_cannot_smuggle_in_another(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    answer(writer, headers=[("X", "a\r\nSet-Cookie: b\r\n\r\n<script>")])
    [path] = writer.close()
    [read] = captures(path)
    assert read.headers == [("X", "a Set-Cookie: b <script>")]
    assert read.body == PAGE


def test_an_address_cannot_break_out_of_its_line(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    written = answer(writer, url="http://a.example/新华 x\r\nWARC-Type: y")
    [path] = writer.close()
    check(path)
    assert captures(path)[0].url == written.url == "http://a.example/新华%20x%0D%0AWARC-Type:%20y"


# Several files, several crawls


def test_a_file_is_closed_when_it_is_full_and_the_next_names_its_crawls_again(tmp_path: Path) -> None:
    writer = begun(tmp_path, max_bytes=1500)
    for number in range(3):
        answer(writer, random.Random(number).randbytes(1000), at=NOON + timedelta(seconds=number))
    assert len(list(tmp_path.glob("*.open"))) == 1
    paths = writer.close()
    assert paths == sorted(tmp_path.iterdir())
    assert [path.name for path in paths] == [
        "dateline-20261124T120000123456Z-00000.warc.gz",
        "dateline-20261124T120001123456Z-00001.warc.gz",
        "dateline-20261124T120002123456Z-00002.warc.gz",
    ]
    for number, path in enumerate(paths):
        started, capture = read_captures(path)
        assert isinstance(started, CrawlStarted) and isinstance(capture, Capture)
        assert (started.continued, started.started) == (number > 0, NOON.replace(microsecond=0))
        assert (capture.crawl, capture.warc) == ("c1", path.name)


def test_a_file_holds_captures_of_one_utc_day(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    for at in ("2026-11-24T23:59:59.999999+00:00", "2026-11-25T00:00:00+00:00", "2026-11-25T09:00:00+08:00"):
        answer(writer, at=datetime.fromisoformat(at))
    assert [[capture.id for capture in captures(path)] for path in writer.close()] == [
        [1_795_564_799_999_999],
        [1_795_564_800_000_000, 1_795_568_400_000_000],
    ]


def test_two_crawls_share_a_writer_and_their_captures_are_told_apart(tmp_path: Path) -> None:
    writer = begun(tmp_path, max_bytes=2000)
    writer.begin("c2", "tnw", {}, at=NOON)
    noise = random.Random(1)
    for number in range(6):
        crawl, outlet = ("c1", "xinhua") if number % 2 else ("c2", "tnw")
        answer(writer, noise.randbytes(600), crawl=crawl, outlet=outlet, url=f"http://a.example/{number}")
    with pytest.raises(ValueError, match="of outlet 'tnw' was not begun"):
        answer(writer, outlet="tnw")
    writer.end("c2", {}, at=NOON)
    answer(writer, noise.randbytes(2000), url="http://a.example/7")
    answer(writer, url="http://a.example/8")
    paths = writer.close()
    assert len(paths) > 2
    for path in paths:
        check(path)
        for capture in captures(path):
            number = int(capture.url[-1])
            assert (capture.crawl, capture.outlet) == (("c2", "tnw") if number in (0, 2, 4) else ("c1", "xinhua"))
    # Ended crawls are not carried on into later files.
    assert [event.crawl for event in read_captures(paths[-1]) if isinstance(event, CrawlStarted)] == ["c1"]


def test_reading_can_begin_in_mid_file_and_knows_the_crawl_all_the_same(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    written = [answer(writer, url=f"http://a.example/{number}") for number in range(4)]
    [path] = writer.close()
    assert [capture.url for capture in captures(path, written[2].offset)] == [
        "http://a.example/2",
        "http://a.example/3",
    ]
    assert captures(path, written[3].offset)[0].crawl == "c1"
    assert read_capture(path, written[1].offset).url == "http://a.example/1"


def test_a_capture_can_be_read_while_its_file_is_being_written(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    written = answer(writer)
    assert read_capture(tmp_path / written.warc, written.offset).body == PAGE
    assert captures(tmp_path / written.warc)[0].warc == written.warc
    writer.close()
    assert read_capture(tmp_path / written.warc, written.offset).body == PAGE


def test_a_wrong_place_is_an_error_that_says_so(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    written = answer(writer)
    [path] = writer.close()
    for offset in (0, written.offset + 1, path.stat().st_size + 5):
        with pytest.raises(ValueError, match=f"no capture .* byte {offset}|begins at byte {offset}"):
            read_capture(path, offset)
    with pytest.raises(FileNotFoundError):
        read_capture(tmp_path / "none.warc.gz", 0)


# When things go wrong

WRITE_FOREVER = """
import sys
from pathlib import Path
from archive.warc_writer import CaptureWriter
writer = CaptureWriter(Path(sys.argv[1]))
writer.begin("c1", "xinhua", {})
for number in range(10**9):
    capture = writer.response("c1", "xinhua", f"http://a.example/{number}", ("GET", []), (200, [], b"x" * 5000))
    print(capture.id, flush=True)
"""


def test_after_kill_9_every_capture_that_was_reported_is_in_the_recovered_file(tmp_path: Path) -> None:
    project = Path(__file__).resolve().parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE_FOREVER, str(tmp_path)], stdout=subprocess.PIPE, cwd=project
    )
    assert process.stdout
    seen = [int(process.stdout.readline()) for _ in range(50)]
    assert recover(tmp_path) == []  # its writer lives
    time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    seen += [int(line) for line in process.stdout.read().splitlines(keepends=True) if line.endswith(b"\n")]
    process.wait()
    [recovered] = recover(tmp_path)
    assert recovered.path and list(tmp_path.glob("*.open")) == []
    ids = [capture.id for capture in captures(recovered.path)]
    assert ids[: len(seen)] == seen
    assert broken(recovered.path) == []
    check(recovered.path)
    assert recover(tmp_path) == []


def unfinished(folder: Path) -> tuple[Path, bytes, Capture]:
    """A file that its writer left open, its bytes, and the last of its three captures."""
    writer = begun(folder)
    for number in range(3):
        last = answer(writer, random.Random(number).randbytes(300))
    [path] = writer.close()
    data = path.read_bytes()
    path.unlink()
    return path, data, last


def test_a_file_cut_at_any_byte_of_its_last_record_loses_that_record_alone(tmp_path: Path) -> None:
    path, data, last = unfinished(tmp_path)
    opened = path.with_name(path.name + ".open")
    for size in range(last.offset + 1, last.offset + last.length):
        opened.write_bytes(data[:size])
        [recovered] = recover(tmp_path)
        assert (recovered.path, recovered.records, recovered.broken) == (path, 5, [])
        assert (recovered.cut_at, recovered.cut_bytes) == (last.offset, size - last.offset)
        assert path.read_bytes() == data[: last.offset]
        assert recovered.torn and recovered.torn.read_bytes() == data[last.offset : size]
        assert f"{size - last.offset:,} bytes of a torn record cut at byte {last.offset:,}" in str(recovered)
        path.unlink()
        recovered.torn.unlink()


def test_a_whole_file_of_a_dead_writer_is_only_renamed(tmp_path: Path) -> None:
    path, data, _ = unfinished(tmp_path)
    path.with_name(path.name + ".open").write_bytes(data)
    [recovered] = recover(tmp_path)
    assert (recovered.path, recovered.records, recovered.cut_bytes, recovered.torn) == (path, 7, 0, None)
    assert path.read_bytes() == data


@pytest.mark.parametrize("left", [b"", b"\x1f\x8b\x08\x00torn", b"\0" * 4096])
def test_a_file_without_one_whole_record_is_no_warc_file_but_its_bytes_are_kept(tmp_path: Path, left: bytes) -> None:
    opened = tmp_path / "dateline-1.warc.gz.open"
    opened.write_bytes(left)
    [recovered] = recover(tmp_path)
    assert (recovered.path, recovered.records, recovered.cut_bytes) == (None, 0, len(left))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ([left] if left else [])


def test_recovery_does_not_cut_at_damage_in_the_middle(tmp_path: Path) -> None:
    path, data, last = unfinished(tmp_path)
    spoilt = bytearray(data)
    spoilt[last.offset - 600] ^= 8
    path.with_name(path.name + ".open").write_bytes(spoilt)
    [recovered] = recover(tmp_path)
    assert path.read_bytes() == bytes(spoilt)
    assert len(recovered.broken) == 1 and recovered.cut_bytes == 0
    assert "damaged in 1 places, the first at byte " in str(recovered)


def test_recovery_never_replaces_a_complete_file(tmp_path: Path) -> None:
    path, data, _ = unfinished(tmp_path)
    path.write_bytes(b"complete")
    path.with_name(path.name + ".open").write_bytes(data)
    with pytest.raises(FileExistsError, match="Move one of them away"):
        recover(tmp_path)
    assert path.read_bytes() == b"complete"


def test_a_flipped_bit_anywhere_costs_one_record_and_is_reported(tmp_path: Path) -> None:
    path, data, last = unfinished(tmp_path)
    whole = _read(path, data)
    second = [event for event in whole if isinstance(event, Capture)][1]
    for at in range(second.offset, second.offset + second.length):
        spoilt = bytearray(data)
        spoilt[at] ^= 1 << (at % 8)
        events = _read(path, bytes(spoilt))
        kept = [event.offset for event in events if isinstance(event, Capture) and event.body]
        lost = [event for event in events if isinstance(event, Broken)]
        if len(kept) == 3:  # a bit without a meaning, as in the time of the gzip header
            assert events == whole
            continue
        assert kept == [kept[0], last.offset], at
        assert [event.offset for event in lost] == [second.offset], at
        assert lost[0].file == path.name


def _read(path: Path, data: bytes) -> list[Event]:
    path.write_bytes(data)
    try:
        return list(read_captures(path))
    finally:
        path.unlink()


@pytest.mark.parametrize("junk", [b"garbage", b"\0" * 70_000, b"\x1f\x8b\x08" * 9, gzip.compress(b"no record")])
def test_garbage_between_records_is_passed_over_and_reported(tmp_path: Path, junk: bytes) -> None:
    path, data, last = unfinished(tmp_path)
    events = _read(path, data[: last.offset] + junk + data[last.offset :])
    assert len([event for event in events if isinstance(event, Capture)]) == 3
    [lost] = [event for event in events if isinstance(event, Broken)]
    assert lost.offset == last.offset
    assert f"({len(junk):,} bytes)" in lost.reason


def test_a_file_that_was_cut_gives_its_whole_records_and_reports_the_rest(tmp_path: Path) -> None:
    path, data, last = unfinished(tmp_path)
    for cut in (1, 8, 100):  # 8 bytes are the member's checksum and length
        whole = data[: last.offset + last.length]
        events = _read(path, whole[:-cut])
        assert len([event for event in events if isinstance(event, Capture)]) == 2
        [lost] = [event for event in events if isinstance(event, Broken)]
        assert (lost.offset, lost.reason) == (last.offset, f"cut short ({last.length - cut:,} bytes)")


def test_a_payload_that_is_not_the_one_written_is_no_evidence(tmp_path: Path) -> None:
    path, data, last = unfinished(tmp_path)
    member = gzip.decompress(data[last.offset : last.offset + last.length])
    forged = member[:-5] + bytes([member[-5] ^ 1]) + member[-4:]
    events = _read(path, data[: last.offset] + gzip.compress(forged) + data[last.offset + last.length :])
    [lost] = [event for event in events if isinstance(event, Broken)]
    assert (lost.offset, lost.reason) == (
        last.offset,
        f"payload of {URL} is not the one that was written (sha256 differs)",
    )


@contextmanager
def small_files(limit: int) -> Iterator[None]:
    """No file may grow beyond these bytes: of this process, so nothing else is written meanwhile, the test's report
    included. The signal that comes with it is ignored by Python."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_record_that_does_not_fit_is_left_out_whole_and_the_error_names_it(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    first = answer(writer, b"first")
    with small_files(4000), pytest.raises(CaptureNotWritten) as raised:
        answer(writer, random.Random(1).randbytes(4000), url="http://a.example/large")
    assert raised.value.errno == errno.EFBIG
    for part in (first.warc, "http://a.example/large", "Make room", "before it are whole"):
        assert part in str(raised.value)
    answer(writer, b"third")
    [path] = writer.close()
    check(path)
    assert [capture.body for capture in captures(path)] == [b"first", b"third"]
    assert broken(path) == []


def test_a_full_disk_loses_nothing_that_was_written_before(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.geteuid()
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True).returncode
    ):
        pytest.skip("a small file system can be mounted by root alone")
    try:
        writer = begun(disk)
        written = []
        with pytest.raises(CaptureNotWritten, match="No space left on device"):
            for number in range(100):
                written.append(answer(writer, random.Random(number).randbytes(3000)).id)
        assert len(written) > 10
        [path] = writer.close()
        assert [capture.id for capture in captures(path)] == written
        assert broken(path) == []
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_writer_without_a_folder_says_which_and_what_to_do(tmp_path: Path) -> None:
    writer = CaptureWriter(tmp_path / "none")
    with pytest.raises(CaptureNotWritten, match=r"none/dateline-.*No such file.*DATELINE_CAPTURES"):
        writer.begin("c1", "xinhua", {})
    (tmp_path / "none").mkdir()
    writer.begin("c1", "xinhua", {})  # and it can go on
    assert len(writer.close()) == 1


# Files of others


def foreign(path: Path, *responses: tuple[str, list[tuple[str, str]], bytes], gzipped: bool = True) -> Path:
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=gzipped, warc_version="WARC/1.0")
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "other/1.0"}))
        for number, (status, headers, body) in enumerate(responses):
            head = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
            for kind in ("request", "response"):
                first = StatusAndHeaders("GET / HTTP/1.1", [], is_http_request=True) if kind == "request" else head
                record = writer.create_warc_record(
                    f"http://a.example/{number}",
                    kind,
                    payload=io.BytesIO(body if kind == "response" else b""),
                    http_headers=first,
                    warc_headers_dict={"WARC-Date": "2012-07-26T09:30:00Z"},
                )
                writer.write_record(record)
    return path


@pytest.mark.parametrize("gzipped", [True, False])
def test_a_file_written_by_warcio_is_read(tmp_path: Path, gzipped: bool) -> None:
    path = foreign(
        tmp_path / "other.warc",
        ("200 OK", [("Content-Type", "text/html")], b"plain"),
        (
            "200 OK",
            [("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")],
            _chunked(gzip.compress(b"packed")),
        ),
        ("200 OK", [("Transfer-Encoding", "chunked")], b"not chunked at all"),
        ("200 OK", [("Content-Encoding", "gzip")], b"not gzip at all"),
        ("404", [], b""),
        gzipped=gzipped,
    )
    read = list(read_captures(path))
    assert all(isinstance(event, Capture) for event in read)
    found = captures(path)
    assert [capture.body for capture in found] == [
        b"plain",
        b"packed",
        b"not chunked at all",
        b"not gzip at all",
        b"",
    ]
    assert [capture.status for capture in found] == [200, 200, 200, 200, 404]
    assert {(capture.crawl, capture.outlet, capture.origin, capture.error) for capture in found} == {
        ("", "", "import", "")
    }
    assert {capture.at for capture in found} == {datetime(2012, 7, 26, 9, 30, tzinfo=UTC)}
    # The dates are all the same; the ids are not, and are the same when read again.
    assert len({capture.id for capture in found}) == 5
    assert {capture.id // 1_000_000 for capture in found} == {1_343_295_000}
    for capture in found:
        assert read_capture(path, capture.offset) == capture


def _chunked(body: bytes) -> bytes:
    return b"%x;ext=1\r\n%s\r\n3\r\n%s\r\n0\r\n\r\n" % (len(body) - 3, body[:-3], body[-3:])


def test_a_foreign_revisit_finds_the_capture_that_it_means(tmp_path: Path) -> None:
    path = foreign(tmp_path / "other.warc.gz", ("200 OK", [], b"same"))
    with path.open("ab") as file:
        writer = WARCWriter(file, gzip=True)
        for url in ("http://a.example/0", "http://elsewhere.example/"):
            head = StatusAndHeaders("200 OK", [], protocol="HTTP/1.1")
            writer.write_record(
                writer.create_revisit_record("http://a.example/9", "sha1:X", url, "2012-07-26T09:30:00Z", head)
            )
    first, again, lost = captures(path)
    assert (again.revisit_of, again.error, again.body) == (first.id, "", b"")
    # printf 'http://elsewhere.example/ 20120726093000' | sha256sum; what it means is in no file here, or in another one.
    assert (lost.revisit_of, lost.error) == (1_343_295_000_000_000 + 32_667, "")


def test_wgets_brackets_odd_headers_and_other_records_do_no_harm(tmp_path: Path) -> None:
    def record(kind: str, uri: str, block: bytes) -> bytes:
        head = f"WARC/1.0\r\nwarc-type: {kind}\r\nWARC-Target-URI:<{uri}>\r\nWARC-Date: 2005-08-01T00:00:00Z\r\nContent-Length:  {len(block)}\r\n\r\n"
        return gzip.compress(head.encode() + block + b"\r\n\r\n")

    odd = b"HTTP/1.0 200\nContent-Type: text/html\n\tcharset=gb2312\nno colon here\nX-City: \xb1\xb1\xbe\xa9\n\nbody"
    path = tmp_path / "wget.warc.gz"
    path.write_bytes(
        record("resource", "metadata://gnu.org/wget", b"x")
        + record("response", "dns:a.example", b"20050801 a.example A 127.0.0.1")
        + record("response", "http://a.example/", odd)
        + record("response", "http://a.example/none", b"<html>HTTP 0.9")
        + record("metadata", "http://a.example/", b"fetch-error: of another program")
    )
    capture, lost = read_captures(path)
    assert isinstance(capture, Capture) and isinstance(lost, Broken)
    assert (capture.url, capture.body) == ("http://a.example/", b"body")
    assert capture.headers == [("Content-Type", "text/html charset=gb2312"), ("X-City", "±±¾©")]
    assert lost.reason == "no HTTP status line but b'<html>HTTP 0.9'"


def test_a_file_compressed_as_one_piece_is_refused_with_the_remedy(tmp_path: Path) -> None:
    plain = foreign(tmp_path / "plain.warc", ("200 OK", [], b"a"), ("200 OK", [], b"b"), gzipped=False)
    path = tmp_path / "one.warc.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    [lost] = broken(path)
    assert "fastwarc recompress" in lost.reason


def test_damage_in_a_plain_file_is_passed_over(tmp_path: Path) -> None:
    path = foreign(tmp_path / "plain.warc", ("200 OK", [], b"a"), ("200 OK", [], b"b"), gzipped=False)
    data = path.read_bytes()
    second = captures(path)[1].offset
    path.write_bytes(data[:second] + b"junk" + data[second:])
    assert [capture.body for capture in captures(path)] == [b"a", b"b"]
    path.write_bytes(data[: second + 9])
    assert [capture.body for capture in captures(path)] == [b"a"]
    assert len(broken(path)) == 1


# Content codings

TEXT = b"state media " * 100


def _raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


@pytest.mark.parametrize(
    ("coding", "payload"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("X-GZIP", gzip.compress(TEXT[:600]) + gzip.compress(TEXT[600:])),
        ("gzip", gzip.compress(TEXT) + b"trailing"),
        ("gzip", gzip.compress(TEXT)[:-8] + b"badcheck"),
        ("gzip", gzip.compress(TEXT)[:-4]),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", _raw_deflate(TEXT)),
        ("br", brotli.compress(TEXT)),
        ("zstd", http_message.zstd.compress(TEXT)),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT))),
        ("identity", TEXT),
        ("sdch", TEXT),
    ],
)
def test_content_codings_are_undone_as_scrapy_does_it(coding: str, payload: bytes) -> None:
    from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
    from scrapy.http import Request, Response
    from scrapy.utils.test import get_crawler

    assert content_decoded(payload, [("Content-Encoding", coding)]) == (TEXT, "")
    response = Response("http://a.example/", headers={"Content-Encoding": coding}, body=payload)
    scrapy = HttpCompressionMiddleware(crawler=get_crawler()).process_response(Request("http://a.example/"), response)
    assert isinstance(scrapy, Response) and scrapy.body == TEXT


def test_of_a_payload_cut_short_the_beginning_is_given_and_the_reason() -> None:
    payload = gzip.compress(random.Random(1).randbytes(5000))
    body, error = content_decoded(payload[:3000], [("Content-Encoding", "gzip")])
    assert error == f"the body was cut short or damaged on the way ({len(body):,} bytes of it came)"
    assert 2900 < len(body) < 3000
    assert content_decoded(payload[:3000], [("Content-Encoding", "gzip")], lenient=True) == (body, "")


def test_a_payload_that_cannot_be_decoded_is_an_error_in_its_capture(tmp_path: Path) -> None:
    writer = begun(tmp_path)
    for coding in ("gzip", "deflate", "br", "zstd"):
        answer(writer, b"\xfe<html>not that</html>", headers=[("Content-Encoding", coding)])
    [path] = writer.close()
    for capture in captures(path):
        assert capture.body == b"" and capture.error.startswith("the body cannot be decoded: ")
        assert capture.payload_length == 22


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_a_decompression_bomb_fills_no_memory(monkeypatch: pytest.MonkeyPatch, coding: str) -> None:
    monkeypatch.setattr(http_message, "MAX_BODY", 1 << 20)
    bomb = b"\0" * (8 << 20)
    pack = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "br": brotli.compress,
        "zstd": http_message.zstd.compress,
    }
    for name in coding.split(", "):
        bomb = pack[name](bomb)
    body, error = content_decoded(bomb, [("Content-Encoding", coding)])
    assert (body, error) == (b"", "the body is larger than 1 MB when decoded")


def test_a_record_larger_than_the_limit_is_listed_without_its_body(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warc_format, "_MAX_RECORD", 1 << 20)
    writer = begun(tmp_path)
    answer(writer, b"before")
    large = answer(writer, b"\0" * (3 << 20))
    answer(writer, b"after")
    [path] = writer.close()
    before, read, after = captures(path)
    assert (before.body, after.body) == (b"before", b"after")
    assert (read.body, read.error) == (b"", "the body is larger than 64 MB")
    assert (read.payload_length, read.payload_sha256) == (3 << 20, large.payload_sha256)


@settings(max_examples=200, deadline=None)
@given(parts=st.lists(st.binary(min_size=1, max_size=40), max_size=5))
def test_chunked_payloads_are_joined(parts: list[bytes]) -> None:
    chunked = b"".join(b"%X\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    assert unchunked(chunked, [("transfer-encoding", "Chunked")]) == b"".join(parts)


def test_a_large_compressed_payload_is_stored_and_read_back(tmp_path: Path) -> None:
    text = random.Random(1).randbytes(3_000_000)
    wire = gzip.compress(text, 1)
    writer = begun(tmp_path)
    answer(writer, wire, headers=[("Content-Encoding", "gzip")])
    [path] = writer.close()
    check(path)
    assert captures(path)[0].body == text
    assert path.stat().st_size < len(wire) + 3000


CRAWL_FIELDS = b"crawl: c1\r\noutlet: xinhua\r\n"
odd_text = st.text(st.sampled_from("ab:/.<>-0123456789 \r\nTZ新"), max_size=30)


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(["warcinfo", "response", "revisit", "metadata", "request", "", "新"]),
    fields=st.dictionaries(
        st.sampled_from(
            [
                "WARC-Date",
                "WARC-Target-URI",
                "WARC-Warcinfo-ID",
                "WARC-Refers-To-Date",
                "WARC-Payload-Digest",
                "WARC-Record-ID",
                "Dateline-Payload-Length",
            ]
        ),
        st.one_of(
            odd_text,
            st.sampled_from(["2026-11-24T12:00:00Z", "http://a.example/", "9999-99-99T99:99:99Z", "i"]),
        ),
    ),
    start=st.sampled_from(
        [
            b"",
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: br, zstd, gzip\r\n\r\n",
            CRAWL_FIELDS,
            b"fetch-error: x\r\n",
        ]
    ),
    block=st.binary(max_size=200),
)
def test_no_record_however_odd_stops_the_reading(
    tmp_path_factory: pytest.TempPathFactory, kind: str, fields: dict[str, str], start: bytes, block: bytes
) -> None:
    path = tmp_path_factory.mktemp("odd") / "odd.warc.gz"
    info = [("WARC-Type", "warcinfo"), ("WARC-Record-ID", "i"), ("WARC-Date", "2026-11-24T12:00:00Z")]
    path.write_bytes(
        warc_format.member(info, CRAWL_FIELDS)
        + warc_format.member([("WARC-Type", kind), *fields.items()], start + block)
        + warc_format.member(info, CRAWL_FIELDS)
    )
    first, *_, last = read_captures(path)
    assert (
        first
        == last
        == CrawlStarted("c1", "xinhua", NOON.replace(microsecond=0), "live", about={"crawl": "c1", "outlet": "xinhua"})
    )
