"""Captures in S3, as moto's server speaks it: write-once names, one request for one record, and files that move there."""

from __future__ import annotations

import multiprocessing
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from racing import PROJECT, race
from s3_server import BUCKET, Server, s3_server
from serving import answer, page, serving
from small_archive import SAMPLES, make_archive

from archive import s3
from archive.schedule import Schedule
from archive.schema import connect
from archive.storage import Captures, Changed, Store, open_location, store_at
from archive.warc_format import Record, scan
from archive.warc_reader import read_capture, read_captures
from archive.warc_writer import CaptureWriter
from archive.writer import Writer
from items import Capture

URL = "http://www.news.cn/politics/20261124/{}.htm"
WHERE = f"s3://{BUCKET}/archive"


@pytest.fixture
def server() -> Iterator[Server]:
    with s3_server() as server:
        yield server


@pytest.fixture
def bucket(server: Server) -> Store:
    return store_at(WHERE)


def warc(folder: Path, count: int = 1, length: int = 500) -> tuple[Path, list[Capture]]:
    """A closed file of captures whose bodies gzip cannot shorten."""
    folder.mkdir(parents=True, exist_ok=True)
    noise = random.Random(length)
    writer, written = CaptureWriter(folder), []
    writer.begin("c1", "xinhua", {})
    for number in range(count):
        body = noise.randbytes(length)
        answer = (200, [("Content-Type", "text/html")], body)
        written.append(writer.response("c1", "xinhua", URL.format(number), ("GET", []), answer))
        written[-1].body = body
    [path] = writer.close()
    return path, written


# The bucket as a store


def test_what_is_created_is_read_and_listed_and_nothing_of_the_neighbours(bucket: Store, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"from a file")
    bucket.create("b-2.seg", b"two")
    bucket.create("b-1.seg", tmp_path / "source")
    bucket.create("a-1.txt", b"")
    store_at(f"{WHERE}-of-others").create("b-3.seg", b"x")
    store_at(f"{WHERE}/deeper").create("b-4.seg", b"x")
    assert list(bucket.names().items()) == [("a-1.txt", 0), ("b-1.seg", 11), ("b-2.seg", 3)]
    assert bucket.names("b-", "1.seg") == {"b-1.seg": 11}
    assert (bucket.read("b-1.seg"), bucket.read("a-1.txt")) == (b"from a file", b"")
    with closing(bucket.open("b-1.seg")) as file:
        assert (file.name, file.size, file.pread(4, 5), file.pread(9, 7)) == ("b-1.seg", 11, b"a fi", b"file")
    assert bucket.holds("b-1.seg", tmp_path / "source") and not bucket.holds("b-2.seg", tmp_path / "source")
    bucket.remove("b-1.seg")
    for call in (bucket.open, bucket.read, bucket.tag, bucket.remove):
        with pytest.raises(FileNotFoundError, match=f"{WHERE}/b-1.seg"):
            call("b-1.seg")
    with pytest.raises(ValueError, match="not the name of a file"):
        bucket.create("../b", b"")


def test_more_names_than_one_answer_holds_are_all_listed(
    server: Server, bucket: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "4")
    for number in range(10):
        bucket.create(f"{number}.seg", b"x" * number)
    server.seen()
    assert bucket.names() == {f"{number}.seg": number for number in range(10)}
    assert len(server.seen()) == 3


def test_nothing_is_overwritten_in_one_request_or_in_parts(server: Server, bucket: Store, tmp_path: Path) -> None:
    bucket.create("it", b"first")
    large = tmp_path / "large"
    large.write_bytes(random.Random(1).randbytes(s3.PART + 5))
    with pytest.raises(FileExistsError, match="nothing was written"):
        bucket.create("it", b"second")
    server.seen()
    with pytest.raises(FileExistsError, match="nothing was written"):
        bucket.create("it", large)
    assert [request.method for request in server.seen()] == ["HEAD"]  # not sent in vain
    assert bucket.read("it") == b"first"
    bucket.create("large", large)
    assert bucket.read("large") == large.read_bytes() and bucket.holds("large", large)
    assert [request.method for request in server.seen() if "partNumber" in request.query] == ["PUT"] * 2


def test_parts_are_not_put_together_over_what_came_in_between(
    server: Server, bucket: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = tmp_path / "large"
    large.write_bytes(b"x" * (s3.PART + 1))
    pieces = s3._pieces

    def overtaken(path: Path) -> Iterator[bytes]:
        s3_put("it", b"of another")
        return pieces(path)

    monkeypatch.setattr(s3, "_pieces", overtaken)
    with pytest.raises(FileExistsError, match="nothing was written"):
        bucket.create("it", large)
    assert bucket.read("it") == b"of another"
    assert server.seen()[-2].method == "DELETE"  # the parts, for which S3 takes money
    assert not s3._call("list_multipart_uploads", BUCKET).get("Uploads")


def s3_put(name: str, data: bytes) -> None:
    """As another program would, in another thread of the network."""
    script = (
        "import sys, botocore.session\n"
        f"botocore.session.get_session().create_client('s3').put_object(Bucket='{BUCKET}', "
        "Key='archive/' + sys.argv[1], Body=sys.stdin.buffer.read())"
    )
    subprocess.run([sys.executable, "-c", script, name], input=data, check=True)


def test_what_another_has_changed_is_not_replaced(bucket: Store) -> None:
    bucket.create("lease", b"a")
    tag = bucket.tag("lease")
    bucket.replace("lease", b"b", tag)
    assert bucket.read("lease") == b"b" and bucket.tag("lease") != tag
    with pytest.raises(Changed, match="by another process"):
        bucket.replace("lease", b"c", tag)
    assert bucket.read("lease") == b"b"
    bucket.remove("lease")
    with pytest.raises(Changed, match="removed by another process"):
        bucket.replace("lease", b"d", tag)
    assert bucket.names() == {}


@pytest.mark.parametrize("size", [1000, s3.PART + 1])
def test_of_two_processes_that_create_one_name_exactly_one_does(bucket: Store, tmp_path: Path, size: int) -> None:
    (tmp_path / "winner").write_bytes(race(WHERE, tmp_path, "create", processes=2, size=size).encode() * size)
    assert bucket.holds("it", tmp_path / "winner")


def test_of_two_processes_that_replace_one_file_exactly_one_does(bucket: Store, tmp_path: Path) -> None:
    bucket.create("it", b"before")
    winner = race(WHERE, tmp_path, "replace", processes=2, size=50, tag=bucket.tag("it"))
    assert bucket.read("it") == winner.encode() * 50


def test_a_conflict_of_two_writers_is_tried_again(server: Server, bucket: Store) -> None:
    server.conflicts = 2
    bucket.create("it", b"first")
    assert [request.method for request in server.seen()] == ["HEAD", "PUT", "PUT", "PUT"]
    assert bucket.read("it") == b"first"
    server.conflicts = 99
    with pytest.raises(s3.Unreachable, match=f"{WHERE}/that: ConditionalRequestConflict .*try again"):
        bucket.create("that", b"")


def test_an_answer_that_breaks_off_is_asked_for_again(server: Server, bucket: Store) -> None:
    data = random.Random(2).randbytes(100_000)
    bucket.create("it", data)
    server.cut = 2
    with closing(bucket.open("it")) as file:
        assert file.pread(60_000, 30_000) == data[30_000:90_000]
    server.cut = 99
    with closing(bucket.open("it")) as file, pytest.raises(s3.Unreachable, match=f"{WHERE}/it: "):
        file.pread(60_000, 30_000)


def test_a_process_that_was_forked_makes_its_own_connections(bucket: Store) -> None:
    bucket.create("it", b"content")
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(bucket.read, ["it"] * 4) == [b"content"] * 4
    assert bucket.read("it") == b"content"


# Reading


def test_a_record_is_read_in_one_request_for_little_more_than_its_bytes(
    server: Server, bucket: Store, tmp_path: Path
) -> None:
    path, written = warc(tmp_path, count=60, length=100_000)
    bucket.create(path.name, path)
    wanted = written[40]
    server.seen()
    with closing(bucket.open(path.name)) as file:
        [record] = [found for found, _ in zip(scan(file, wanted.offset), range(1), strict=False)]
    assert isinstance(record, Record) and record.length == wanted.length
    assert wanted.body in record.block
    head, *ranged = server.seen()
    assert head.method == "HEAD" and sum(each.sent for each in ranged) < wanted.length + 4 * s3.FIRST_READ
    with closing(bucket.open(path.name)) as file:
        assert file.pread(wanted.length, wanted.offset)[:3] == b"\x1f\x8b\x08"
    assert [(each.method, each.sent) for each in server.seen()] == [("HEAD", 0), ("GET", wanted.length)]


def test_a_capture_is_read_and_its_crawl_looked_up_once(server: Server, bucket: Store, tmp_path: Path) -> None:
    path, written = warc(tmp_path, count=60, length=20_000)
    bucket.create(path.name, path)
    server.seen()
    for wanted in written[40:43]:
        with closing(bucket.open(path.name)) as file:
            assert read_capture(file, wanted.offset) == wanted
    asked = [(each.method, each.range.partition("-")[0]) for each in server.seen()]
    places = [("GET", f"bytes={wanted.offset}") for wanted in written[40:43]]
    assert asked == [("HEAD", ""), places[0], ("GET", "bytes=0"), ("HEAD", ""), places[1], ("HEAD", ""), places[2]]


def test_a_file_is_read_from_end_to_end_in_few_large_requests(server: Server, bucket: Store, tmp_path: Path) -> None:
    path, written = warc(tmp_path, count=250, length=120_000)
    bucket.create(path.name, path)
    server.seen()
    with closing(bucket.open(path.name)) as file:
        read = [event for event in read_captures(file) if isinstance(event, Capture)]
    assert read == written
    requests = server.seen()[1:]
    size = path.stat().st_size
    # 32 K and its doubles up to 8 M are 16 M in nine requests; what is left of 30 MB takes two more.
    assert 30_000_000 < size < 31_000_000 and len(requests) == 11
    assert sum(each.sent for each in requests) == size


def test_what_is_replaced_while_it_is_read_is_told(bucket: Store) -> None:
    bucket.create("it", b"a" * 100_000)
    with closing(bucket.open("it")) as file:
        assert file.pread(2, 0) == b"aa"
        bucket.replace("it", b"b" * 100_000, bucket.tag("it"))
        with pytest.raises(Changed, match="replaced while it was being read"):
            file.pread(2, 90_000)


# Captures


@pytest.fixture
def captures(bucket: Store, tmp_path: Path) -> Captures:
    return Captures.at(WHERE, tmp_path / "spool")


def test_a_closed_file_moves_to_s3_and_is_read_there(captures: Captures, server: Server) -> None:
    path, written = warc(captures.folder, count=3)
    size = path.stat().st_size
    assert captures.names() == {path.name: size}
    server.seen()
    with closing(captures.open(path.name)) as file:
        assert read_capture(file, written[1].offset) == written[1]
    assert server.seen() == []  # found in the folder first
    captures.keep(path)
    assert list(captures.folder.iterdir()) == [] and captures.names() == {path.name: size}
    assert captures.has(path.name) and str(captures) == WHERE
    with closing(captures.open(path.name)) as file:
        assert [event for event in read_captures(file) if isinstance(event, Capture)] == written


def test_an_outlets_writer_lists_that_outlets_files_alone_and_reads_no_reference(
    captures: Captures, bucket: Store, server: Server, tmp_path: Path
) -> None:
    [other] = closed_files(tmp_path / "other", "tnw")
    [alike] = closed_files(tmp_path / "alike", "xinhua-en")
    bucket.create(other.name, other)
    bucket.create(alike.name, alike)
    captures.refer("import-a.warc.gz", str(other))

    def opened() -> tuple[list[str], list[str]]:
        """Files without rows, and what was asked to be listed or read of the bucket."""
        server.seen()
        here = Captures.at(WHERE, tmp_path / "spool")
        writer = Writer.open(tmp_path / "x.db", here, Schedule.from_hours([], 24), outlet="xinhua")
        unread = writer.unread()
        writer.close()
        asked = [parse_qs(each.query).get("prefix", [each.path])[0] for each in server.seen() if each.method == "GET"]
        return unread, asked

    assert opened() == ([], ["archive/dateline-xinhua-"])
    [own] = closed_files(tmp_path / "own", "xinhua")
    bucket.create(own.name, own)
    assert opened() == ([own.name], ["archive/dateline-xinhua-"])
    with closing(connect(tmp_path / "x.db")) as connection:
        connection.execute("insert into warcs values (?, ?, 1, null, null)", [own.name, own.stat().st_size])
    assert opened() == ([], ["archive/dateline-xinhua-"] * 2)  # what is missing, and what is new
    assert set(captures.names()) == captures.listed() == {other.name, alike.name, own.name, "import-a.warc.gz"}
    assert set(captures.names("dateline-xinhua-")) == captures.listed("dateline-xinhua-") == {alike.name, own.name}
    assert captures.listed("import-") == {"import-a.warc.gz"}


def closed_files(folder: Path, outlet: str) -> list[Path]:
    folder.mkdir()
    writer = CaptureWriter(folder, of=outlet)
    writer.begin("c1", outlet, {})
    return writer.close()


@pytest.mark.parametrize("count", [1, 200])  # 500 bytes, and two parts
def test_a_file_that_arrived_before_its_mover_was_killed_counts_as_kept(
    captures: Captures, bucket: Store, server: Server, count: int
) -> None:
    path, _ = warc(captures.folder, count=count, length=500 if count == 1 else 100_000)
    bucket.create(path.name, path)
    server.seen()
    captures.keep(path)
    assert not path.exists() and captures.has(path.name)
    assert {request.method for request in server.seen()} <= {"HEAD", "PUT"}  # S3 has the sum: nothing is fetched


def test_a_file_of_other_content_is_neither_overwritten_nor_lost(captures: Captures, bucket: Store) -> None:
    path, _ = warc(captures.folder)
    mine = path.read_bytes()
    for other in (b"short", bytes(len(mine))):
        s3_put(path.name, other)
        with pytest.raises(FileExistsError, match=f"{WHERE} has other content under this name"):
            captures.keep(path)
        assert (path.read_bytes(), bucket.read(path.name)) == (mine, other)


def test_where_s3_counts_no_sum_the_file_is_compared_by_its_bytes(captures: Captures, bucket: Store) -> None:
    path, _ = warc(captures.folder, count=3)
    s3_put(path.name, path.read_bytes())
    assert "ChecksumSHA256" not in s3._call("head_object", BUCKET, f"archive/{path.name}", ChecksumMode="ENABLED")
    captures.keep(path)
    assert not path.exists() and captures.has(path.name)


def test_a_mover_that_is_killed_half_way_has_lost_nothing(captures: Captures, bucket: Store) -> None:
    path, written = warc(captures.folder, count=300, length=100_000)
    script = (
        "import sys, time; from archive import s3; from archive.storage import Captures; from pathlib import Path\n"
        "pieces = s3._pieces\n"
        "def slow(path):\n"
        "    yield next(iter(pieces(path)))\n"
        "    print('half', flush=True); time.sleep(60)\n"
        "s3._pieces = slow\n"
        f"path = Path(sys.argv[1]); Captures.at('{WHERE}', path.parent).keep(path)"
    )
    mover = subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE, cwd=PROJECT)
    assert mover.stdout is not None and mover.stdout.readline() == b"half\n"
    mover.send_signal(signal.SIGKILL)
    mover.wait()
    assert bucket.names() == {} and path.exists()
    captures.keep(path)
    assert not path.exists()
    with closing(captures.open(path.name)) as file:
        assert read_capture(file, written[299].offset) == written[299]


def test_a_reference_lies_in_s3_and_leads_to_an_object_or_to_a_file(captures: Captures, tmp_path: Path) -> None:
    path, written = warc(tmp_path / "theirs")
    data = path.read_bytes()
    store_at(f"s3://{BUCKET}/others/2012").create("CC-NEWS.warc.gz", b"12345" + data)
    captures.refer("cc-news.warc.gz", f"s3://{BUCKET}/others/2012/CC-NEWS.warc.gz", 5)
    captures.refer("local.warc.gz", str(path))
    assert captures.names() == {"cc-news.warc.gz": len(data), "local.warc.gz": len(data)}
    assert not captures.folder.exists()
    another = Captures.at(WHERE, tmp_path / "another-machine")
    for name in ("cc-news.warc.gz", "local.warc.gz"):
        with closing(another.open(name)) as file:
            assert (file.name, file.size) == (name, len(data))
            assert read_capture(file, written[0].offset).body == written[0].body
    with pytest.raises(FileNotFoundError):
        captures.refer("x.warc.gz", f"s3://{BUCKET}/others/nowhere.warc.gz")


# The reading room


def test_the_reading_room_shows_a_page_and_a_record_that_lie_in_s3(
    server: Server, captures: Captures, tmp_path: Path
) -> None:
    path, [written] = warc(captures.folder)
    record = path.read_bytes()[written.offset : written.offset + written.length]
    captures.keep(path)
    archive = make_archive(tmp_path / "archive.db", SAMPLES[:1])
    archive.execute(
        "insert into captures (id, crawl, outlet, url, canonical, at, status, content_type, payload_sha256, "
        "payload_length, warc, offset, length, origin, outcome) values (?, 'one', 'xinhua', ?, ?, "
        "'2026-11-24T13:34:55Z', 200, 'text/html', ?, 500, ?, ?, ?, 'live', 'report')",
        [written.id, written.url, written.url, written.payload_sha256, path.name, written.offset, written.length],
    )
    archive.close()
    shown = f"/captures/{written.id}"
    with serving(tmp_path / "archive.db", environment={"DATELINE_CAPTURES": WHERE}) as address:
        assert answer(address, f"{shown}/record").body == record
        assert answer(address, f"{shown}/page").text == written.body.decode("utf-8", "replace")
        assert "Its WARC file is not here" not in page(address, shown)
        assert page(address, shown).count("# Copy the WARC file into captures first: it lies elsewhere") == 2
        captures.remote.remove(path.name)
        assert "Its WARC file is not here" in page(address, shown)
        assert answer(address, f"{shown}/record").status == 404


# What goes wrong


def test_a_missing_bucket_is_named(server: Server) -> None:
    with pytest.raises(s3.Unreachable) as caught:
        store_at("s3://nowhere/x").names()
    assert str(caught.value) == "s3://nowhere: there is no such bucket. Make it, or correct its name."


@pytest.mark.parametrize("url", ["s3://", "s3:///x", "s3://bucket/x?y=1"])
def test_what_is_no_address_in_s3_is_named(url: str) -> None:
    with pytest.raises(ValueError, match=r"is not s3://bucket/prefix"):
        store_at(url)
    with pytest.raises(ValueError, match=r"is not s3://bucket/prefix"):
        open_location(url)


def test_a_path_that_has_lost_a_slash_is_understood(bucket: Store) -> None:
    bucket.create("it", b"x")
    assert store_at(Path(WHERE)).url == WHERE and store_at(Path(WHERE)).names() == {"it": 1}
    with pytest.raises(ValueError, match="written in a folder first"):
        Captures.at(WHERE)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}, "there are no credentials for it. Set AWS_ACCESS"),
        ({"AWS_PROFILE": "nobody"}, "The config profile (nobody) could not be found. Correct AWS_PROFILE."),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "2"}, "Is the network up, and AWS_ENDPOINT_URL right?"),
    ],
)  # fmt: skip
def test_what_is_missing_is_named_with_what_to_do(
    server: Server, monkeypatch: pytest.MonkeyPatch, changed: dict[str, str | None], says: str
) -> None:
    for name, value in changed.items():
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
    s3._systems.clear()
    with pytest.raises(s3.Unreachable) as caught:
        store_at(WHERE).names()
    assert str(caught.value).startswith(f"s3://{BUCKET}: ") and says in str(caught.value)


def test_without_the_package_it_is_named() -> None:
    script = (
        "import sys; sys.modules['s3fs'] = None\n"
        "from archive.storage import store_at\n"
        "try: store_at('s3://bucket/x')\n"
        "except OSError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=PROJECT)
    assert said.stdout == "Files at s3:// need a package that is missing (s3fs): `make scale` adds it.\n"


def test_an_archive_on_a_disk_needs_no_package(tmp_path: Path) -> None:
    script = (
        "import sys; from archive.storage import Captures\n"
        "Captures.at(sys.argv[1]).names(); print('s3fs' in sys.modules, 'fsspec' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, cwd=PROJECT)
    assert said.stdout == "False False\n"
