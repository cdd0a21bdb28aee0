"""Where captures live, on a disk: write-once names, references, and writers that race and die."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from racing import race

from archive import storage
from archive.storage import Captures, Changed, Folder, store_at
from archive.warc_format import Record, member, scan
from archive.warc_reader import read_capture, read_captures
from archive.warc_writer import CaptureWriter
from items import Capture

URL = "http://www.news.cn/politics/20261124/c.htm"
PAGE = "<p>新华社北京11月24日电</p>".encode()
PROJECT = Path(__file__).resolve().parents[1]


def warc(folder: Path, body: bytes = PAGE) -> tuple[Path, Capture]:
    """A closed file of one capture."""
    folder.mkdir(parents=True, exist_ok=True)
    writer = CaptureWriter(folder)
    writer.begin("c1", "xinhua", {})
    written = writer.response("c1", "xinhua", URL, ("GET", []), (200, [("Content-Type", "text/html")], body))
    [path] = writer.close()
    written.body = body
    return path, written


def files(folder: Path) -> list[str]:
    """Names of all that is in a folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    store = store_at(tmp_path / "made" / "store")
    assert isinstance(store, Folder)
    return store


# A folder as a store


def test_what_is_created_is_read_and_listed_and_a_file_is_as_good_as_bytes(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"from a file")
    folder.create("b-2.seg", b"two")
    folder.create("b-1.seg", tmp_path / "source")
    folder.create("a-1.txt", b"")
    (folder.folder / "folder.seg").mkdir()
    (folder.folder / ".hidden.seg").touch()
    assert list(folder.names().items()) == [("a-1.txt", 0), ("b-1.seg", 11), ("b-2.seg", 3)]
    assert folder.names("b-", ".seg") == {"b-1.seg": 11, "b-2.seg": 3}
    assert folder.read("b-1.seg") == b"from a file"
    with closing(folder.open("b-1.seg")) as file:
        assert (file.name, file.size, file.pread(4, 5), file.pread(9, 7)) == ("b-1.seg", 11, b"a fi", b"file")
    assert folder.holds("b-1.seg", tmp_path / "source") and not folder.holds("b-2.seg", tmp_path / "source")
    folder.remove("b-1.seg")
    for call in (folder.open, folder.read, folder.tag, folder.remove):
        with pytest.raises(FileNotFoundError):
            call("b-1.seg")
    assert sorted(path.name for path in folder.folder.iterdir()) == [".hidden.seg", "a-1.txt", "b-2.seg", "folder.seg"]


def test_nothing_is_overwritten(folder: Folder, tmp_path: Path) -> None:
    folder.create("it", b"first")
    with pytest.raises(FileExistsError, match="nothing was written"):
        folder.create("it", b"second")
    with pytest.raises(FileNotFoundError):
        folder.create("that", tmp_path / "nowhere")
    assert folder.read("it") == b"first"
    assert files(folder.folder) == ["it"]


def test_on_a_disk_without_hard_links_nothing_is_overwritten_either(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    folder.create("it", b"first")
    with pytest.raises(FileExistsError):
        folder.create("it", b"second")
    assert folder.read("it") == b"first" and files(folder.folder) == ["it"]


def test_a_full_disk_leaves_nothing(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        folder.create("it", b"x" * 1000)
    assert files(folder.folder) == []


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\\b", "/etc/passwd", ".part", "a\0b"])
def test_a_name_leads_nowhere_else(folder: Folder, name: str) -> None:
    for call in (folder.open, folder.read, folder.tag, folder.remove, Captures(folder.folder).open):
        with pytest.raises(ValueError, match="not the name of a file"):
            call(name)
    with pytest.raises(ValueError, match="not the name of a file"):
        folder.create(name, b"")
    with pytest.raises(ValueError, match="not the name of a file"):
        Captures(folder.folder).refer(name, __file__)


@pytest.mark.parametrize("size", [10, 100_000])
def test_what_another_has_changed_is_not_replaced(folder: Folder, size: int) -> None:
    folder.create("lease", b"a" * size)
    tag = folder.tag("lease")
    assert folder.tag("lease") == tag
    folder.replace("lease", b"b" * size, tag)
    assert folder.read("lease") == b"b" * size and folder.tag("lease") != tag
    with pytest.raises(Changed, match="by another process"):
        folder.replace("lease", b"c" * size, tag)
    assert folder.read("lease") == b"b" * size
    folder.remove("lease")
    with pytest.raises(Changed):
        folder.replace("lease", b"d" * size, tag)
    assert files(folder.folder) == []


def test_of_several_processes_that_create_one_name_exactly_one_does(folder: Folder, tmp_path: Path) -> None:
    for _ in range(3):
        winner = race(folder.url, tmp_path, "create")
        assert folder.read("it") == winner.encode() * 100_000
        assert files(folder.folder) == ["it"]
        folder.remove("it")


def test_of_several_processes_that_replace_one_file_exactly_one_does(folder: Folder, tmp_path: Path) -> None:
    folder.create("it", b"before")
    for _ in range(3):
        winner = race(folder.url, tmp_path, "replace", tag=folder.tag("it"))
        assert folder.read("it") == winner.encode() * 100_000
        assert files(folder.folder) == ["it"]


def test_a_writer_that_was_killed_half_way_leaves_no_file_and_the_next_one_succeeds(folder: Folder) -> None:
    script = (
        "import os, sys; from archive import storage; from pathlib import Path\n"
        "def stop(*_): print('half', flush=True); import time; time.sleep(60)\n"
        "os.fsync = stop\n"
        "storage.Folder(Path(sys.argv[1])).create('it', b'x' * 1000)"
    )
    writer = subprocess.Popen([sys.executable, "-c", script, folder.url], stdout=subprocess.PIPE, cwd=PROJECT)
    assert writer.stdout is not None and writer.stdout.readline() == b"half\n"
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    assert files(folder.folder) == [".it.part"] and folder.names() == {}
    folder.create("it", b"whole")
    assert folder.read("it") == b"whole" and files(folder.folder) == ["it"]


def test_what_a_writer_leaves_that_was_killed_just_after_giving_the_name_harms_nothing(folder: Folder) -> None:
    folder.create("it", b"whole")
    (folder.folder / ".it.part").hardlink_to(folder.folder / "it")
    with pytest.raises(FileExistsError):
        folder.create("it", b"second")
    assert folder.read("it") == b"whole" and files(folder.folder) == ["it"]
    (folder.folder / ".it.part").hardlink_to(folder.folder / "it")
    with closing(folder.open("it")) as before:
        folder.replace("it", b"third", folder.tag("it"))
        assert before.pread(9, 0) == b"whole"
    assert folder.read("it") == b"third" and files(folder.folder) == ["it"]


# Captures


def test_captures_are_listed_when_they_are_closed_and_opened_before(tmp_path: Path) -> None:
    captures = Captures.at(tmp_path / "captures")
    assert captures.names() == {} and not captures.has("x.warc.gz")
    path, written = warc(tmp_path / "captures")
    size = path.stat().st_size
    (captures.folder / "plain.warc").write_bytes(b"WARC/1.1\r\n")
    (captures.folder / "notes.txt").write_bytes(b"x")
    assert captures.names() == {path.name: size, "plain.warc": 10}
    assert captures.names("plain") == {"plain.warc": 10}
    assert captures.listed() == {path.name, "plain.warc"} and captures.listed("p") == {"plain.warc"}
    assert captures.has(path.name) and str(captures) == str(tmp_path / "captures")
    path.rename(path.with_name(path.name + ".open"))
    assert captures.names() == {"plain.warc": 10}
    with closing(captures.open(path.name)) as file:
        assert (file.name, file.size) == (path.name, size)
        assert read_capture(file, written.offset) == written


def test_a_file_in_place_of_the_folder_holds_nothing_and_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "captures").write_bytes(b"")
    captures = Captures(tmp_path / "captures")
    assert captures.names() == {}
    with pytest.raises(FileExistsError, match="captures"):
        captures.keep(warc(tmp_path / "theirs")[0])


def test_a_file_that_is_missing_is_named_with_the_place(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"It is missing from {tmp_path}: 'x.warc.gz'"):
        Captures(tmp_path).open("x.warc.gz")


def test_a_reference_is_read_as_if_the_file_were_here(tmp_path: Path) -> None:
    path, written = warc(tmp_path / "theirs")
    captures = Captures(tmp_path / "captures")
    captures.refer("theirs.warc.gz", str(path))
    captures.refer("theirs.warc.gz", str(path))  # again: nothing changes
    assert files(captures.folder) == ["theirs.warc.gz.ref"]
    assert json.loads((captures.folder / "theirs.warc.gz.ref").read_bytes()) == {
        "location": str(path), "offset": 0, "bytes": path.stat().st_size
    }  # fmt: skip
    assert captures.names() == {"theirs.warc.gz": path.stat().st_size} and captures.has("theirs.warc.gz")
    with closing(captures.open("theirs.warc.gz")) as file:
        [capture] = [event for event in read_captures(file) if isinstance(event, Capture)]
        assert read_capture(file, written.offset) == capture
    assert (capture.warc, capture.offset, capture.body) == ("theirs.warc.gz", written.offset, PAGE)


def test_a_reference_to_a_part_of_a_file_shows_that_part_alone(tmp_path: Path) -> None:
    path, written = warc(tmp_path / "theirs")
    data = path.read_bytes()
    (tmp_path / "crawl.wacz").write_bytes(b"PK zip head" + data + member([("WARC-Type", "response")], b"behind it"))
    captures = Captures(tmp_path / "captures")
    captures.refer("data.warc.gz", str(tmp_path / "crawl.wacz"), 11, len(data))
    with closing(captures.open("data.warc.gz")) as file:
        assert (file.size, file.pread(1 << 20, 0), file.pread(5, len(data) - 2)) == (len(data), data, data[-2:])
        assert file.pread(5, len(data) + 3) == b""
        assert [type(found) for found in scan(file)] == [Record] * 3
        assert read_capture(file, written.offset).body == PAGE


def test_a_reference_that_is_taken_or_empty_or_leads_to_no_file_is_refused(tmp_path: Path) -> None:
    path, _ = warc(tmp_path / "theirs")
    other, _ = warc(tmp_path / "others", b"<p>other</p>")
    captures = Captures(tmp_path / "captures")
    captures.refer("it.warc.gz", str(path))
    with pytest.raises(FileExistsError):
        captures.refer("it.warc.gz", str(other))
    mine, _ = warc(captures.folder)
    with pytest.raises(FileExistsError, match="A WARC file of this name"):
        captures.refer(mine.name, str(path))
    with pytest.raises(FileNotFoundError):
        captures.refer("x.warc.gz", str(tmp_path / "nowhere"))
    with pytest.raises(OSError, match="no regular file"):
        captures.refer("x.warc.gz", str(tmp_path))
    with pytest.raises(ValueError, match=r"bytes: none from 0 to 1,000,000"):
        captures.refer("x.warc.gz", str(path), 0, 1_000_000)
    assert captures.names().keys() == {"it.warc.gz", mine.name}


def test_a_reference_whose_file_is_gone_says_so(tmp_path: Path) -> None:
    path, _ = warc(tmp_path / "theirs")
    captures = Captures(tmp_path / "captures")
    captures.refer("it.warc.gz", str(path))
    path.unlink()
    assert not captures.has("it.warc.gz")
    with pytest.raises(FileNotFoundError, match=path.name):
        captures.open("it.warc.gz")


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"location": "/x", "offset": -1, "bytes": 2}', '{"location": 5, "offset": 0, "bytes": 2}',
        '{"location": "/x", "offset": true, "bytes": 2}', '{"location": "relative", "offset": 0, "bytes": 2}',
    ],
)  # fmt: skip
def test_what_is_no_reference_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "it.warc.gz.ref").write_text(text)
    with pytest.raises(OSError, match=r"it\.warc\.gz\.ref"):
        Captures(tmp_path).open("it.warc.gz")


def test_keeping_a_file_that_lies_here_is_nothing_and_one_from_elsewhere_is_copied(tmp_path: Path) -> None:
    captures = Captures(tmp_path / "captures")
    mine, _ = warc(captures.folder)
    captures.keep(mine)
    theirs, written = warc(tmp_path / "theirs", b"<p>theirs</p>")
    captures.keep(theirs)
    captures.keep(theirs)  # again: it is there
    assert theirs.exists() and captures.names().keys() == {mine.name, theirs.name}
    with closing(captures.open(theirs.name)) as file:
        assert read_capture(file, written.offset) == written
    theirs.write_bytes(b"other content")
    with pytest.raises(FileExistsError, match="other content under this name"):
        captures.keep(theirs)
    assert theirs.read_bytes() == b"other content"


def test_files_are_equal_when_they_are_the_same(tmp_path: Path) -> None:
    path, _ = warc(tmp_path)
    files = [storage.open_file(path), storage.open_warc(path), storage.open_file(path, "another-name")]
    assert files[0] == files[1] != files[2] and len(set(files)) == 2
    for file in files:
        file.close()


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Path]:
    os.mkfifo(tmp_path / "pipe.warc.gz")
    yield tmp_path / "pipe.warc.gz"


def test_a_pipe_is_refused_and_makes_nobody_wait(pipe: Path) -> None:
    with pytest.raises(OSError, match="no regular file"):
        Captures(pipe.parent).open(pipe.name)
    assert Captures(pipe.parent).names() == {}
