"""Bad input gets an error that names the address or file and the next step, and loses nothing: pages that are broken
or hostile, full disks, killed processes, damaged and foreign files.

The site is tests/hostile_site.py; everything runs as a user runs it, each command in a process of its own.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from conftest import PROJECT, Place, rows_of
from hostile_site import BAD, CASES, FLOOD, GOOD_PAGE, LINKED, ROBOTS_HOSTS, START, HostileHandler, listing, report
from scrapy.utils.project import get_project_settings

from archive.schedule import Schedule
from archive.writer import Writer
from commands.demo import FAST
from commands.read import read
from pipelines.registry import descriptions, outlets
from samples.newsroom import Newsroom

UNSPOKEN = report("page", "robots-500.xinhuanet.com")  # its host cannot say what it allows

# Long enough for every healthy answer, and what the two endless ones cost, twice each. A site of nothing but trouble.
QUICK = (*FAST, "DOWNLOAD_TIMEOUT=3", "RETRY_TIMES=1", "OUTAGE_AFTER=1000")
OPTIONS = [part for override in QUICK for part in ("--set", override)]
# warcio 1.8 cannot make its brotli decoder with the present brotli; digests are of the bytes as they came anyway.
WARCIO = (
    "from warcio.bufferedreaders import BufferedReader; BufferedReader.DECOMPRESSORS.pop('br', None); "
    "from warcio.cli import main; main()"
)
# Megabytes that a crawl may take: of ordinary pages, however many a list names (it takes 114), and of the hostile site,
# with several bodies of up to 64 MB at once (it takes 384).
MEMORY, HOSTILE_MEMORY = 250, 500


@dataclass(frozen=True)
class Ended:
    returncode: int
    stdout: str
    stderr: str
    megabytes: int  # the most memory that the process had

    @property
    def said(self) -> str:
        return " ".join((self.stdout + self.stderr).split())


def run(place: Place, *arguments: str, limit: int | None = None, **environment: str) -> Ended:
    """Run a subcommand; `limit` is the size in bytes beyond which no file may grow, as on a full disk."""
    with (place.folder / "stdout").open("w+") as out, (place.folder / "stderr").open("w+") as err:
        process = subprocess.Popen(
            [sys.executable, str(PROJECT / "cli.py"), *arguments],
            env=place.environment | environment, cwd=PROJECT, stdout=out, stderr=err,
            preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))) if limit else None,
        )  # fmt: skip
        megabytes = 0
        while process.poll() is None:
            megabytes = max(megabytes, _peak(process.pid))
            time.sleep(0.05)
        out.seek(0), err.seek(0)
        return Ended(process.returncode, out.read(), err.read(), megabytes)


def _peak(pid: int) -> int:
    """The most memory (MB) that a living process had. What the kernel tells after its end counts its parent's too."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) // 1024 if found else 0


def assert_can_be_read_again(place: Place) -> dict[str, list[tuple[object, ...]]]:
    """The archive is what its WARC files say, row for row, and these are sound."""
    files = sorted(place.captures.glob("*.warc.gz"))
    checked = subprocess.run([sys.executable, "-c", WARCIO, "check", *map(str, files)], check=False)
    assert checked.returncode == 0
    again = place.folder / "again.db"
    assert place.dateline("reread", "--into", str(again)).returncode == 0
    ours, theirs = rows_of(place.connect()), rows_of(place.connect(again))
    for table in ours:
        assert theirs[table] == ours[table], table
    return ours


# A hostile site


@dataclass(frozen=True)
class Hostile:
    place: Place
    crawl: Ended
    site: Newsroom
    rows: dict[str, list[tuple[str, int | None, str]]]  # address → outcome, status and reason of each capture

    def ends(self, url: str) -> tuple[str, int | None, str]:
        return self.rows[url][-1]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    with Newsroom(handler=HostileHandler) as site:
        place = Place(tmp_path_factory.mktemp("hostile"), site.proxy_url)
        crawl = run(place, "crawl", "xinhua", *OPTIONS)
        rows: dict[str, list[tuple[str, int | None, str]]] = {}
        for url, *end in place.connect().execute("select url, outcome, status, reason from captures order by id"):
            rows.setdefault(url, []).append((end[0], end[1], end[2] or ""))
        yield Hostile(place, crawl, site, rows)


def test_the_crawl_ends_by_itself_and_says_what_failed_without_a_traceback(hostile: Hostile) -> None:
    assert hostile.crawl.returncode == 3, hostile.crawl.stderr
    assert "Traceback" not in hostile.crawl.said
    assert f"failed at xinhua: {BAD}/" in hostile.crawl.stdout
    assert "more; the table `captures` has them all" in hostile.crawl.said
    assert hostile.crawl.megabytes < HOSTILE_MEMORY


def test_every_address_that_was_asked_for_has_a_row_with_an_outcome(hostile: Hostile) -> None:
    asked = {entry.url for entry in hostile.site.log}
    assert {unquote(url) for url in asked} <= {unquote(url) for url in hostile.rows}
    assert set(LINKED) <= asked | {UNSPOKEN}
    assert all(outcome for ends in hostile.rows.values() for outcome, _, _ in ends)


def test_every_trouble_has_a_reason_that_names_its_address(hostile: Hostile) -> None:
    for url, ends in hostile.rows.items():
        for outcome, _, reason in ends:
            if outcome in ("failed", "refused", "server-error", "quarantined"):
                assert reason.startswith(f"{url}: "), (url, outcome, reason)
                assert len(reason) < 1000


def test_the_healthy_pages_of_the_same_crawl_are_all_there(hostile: Hostile, tmp_path: Path) -> None:
    with Newsroom() as newsroom:
        place = Place(tmp_path, newsroom.proxy_url)
        assert place.crawl("xinhua").returncode == 0
    titles = "select url, title, versions, excerpt from reports"
    healthy = set(place.connect().execute(titles))
    assert len(healthy) > 20
    assert healthy <= set(hostile.place.connect().execute(titles))


def test_a_hostile_crawl_can_be_read_again_row_for_row(hostile: Hostile) -> None:
    assert_can_be_read_again(hostile.place)


def test_the_next_crawl_of_a_hostile_site_ends_as_well(hostile: Hostile, tmp_path: Path) -> None:
    place = Place(tmp_path / "next", hostile.place.proxy)
    shutil.copytree(hostile.place.folder, place.folder)
    again = run(place, "crawl", "xinhua", *OPTIONS, "--set", "DOWNLOAD_TIMEOUT=1")
    assert again.returncode == 3 and "Traceback" not in again.said
    assert not [row for row in rows_of(place.connect())["reports"] if row[2] != "xinhua"]


@pytest.mark.parametrize(
    ("name", "outcome", "why"),
    [
        ("gzip-bomb", "failed", "larger than 64 MB when decoded"),
        ("gzip-in-gzip-bomb", "failed", "larger than 64 MB when decoded"),
        ("gzip-cut", "failed", "was cut short or damaged on the way"),
        ("gzip-cut-late", "failed", "was cut short or damaged on the way"),
        ("gzip-no-checksum", "report", ""),
        ("gzip-no-gzip", "failed", "cannot be decoded"),
        ("coding-unknown", "report", ""),
        ("brotli-lie", "failed", "cannot be decoded"),
        ("same-bytes-gzip", "report", ""),
        ("same-bytes-plain", "quarantined", "layouts"),
        ("empty", "quarantined", "empty page; ask again later"),
        ("binary", "quarantined", "add a Layout"),
        ("png-as-html", "quarantined", "add a Layout"),
        ("ten-megabytes", "report", ""),
        ("deep", "report", ""),
        ("deep-inside", "quarantined", "RecursionError"),
        ("nul-bytes", "report", ""),
        ("bad-utf-8", "report", ""),
        ("charset-lie", "report", ""),
        ("charset-nonsense", "report", ""),
        ("long-title", "report", ""),
        ("surrogate", "report", ""),
        ("year-1", "quarantined", "0001-01-01"),
        ("type-pdf", "quarantined", "application/pdf"),
        ("type-plain", "report", ""),
        ("set-cookie", "report", ""),
        ("header-of-10-kb", "report", ""),
        ("status-999", "server-error", "999"),
        ("status-huge", "failed", "the status 99999999999999999999, which is none; the next crawl asks again"),
        ("status-20", "failed", "the status 20, which is none"),
        ("status-0", "failed", "the status 0, which is none"),
        ("header-too-long", "failed", "the next crawl asks again"),
        ("many-headers", "report", ""),
        ("length-too-long", "failed", "the next crawl asks again"),
        ("chunks-without-end", "failed", "the next crawl asks again"),
        ("never-ends", "failed", "took longer than 3.0 seconds; the next crawl asks again"),
        ("reset", "failed", "the next crawl asks again"),
        ("no-http", "failed", "SSH-2.0-OpenSSH_9.2"),
        ("too-large", "failed", "larger than download max size"),
        ("later", "report", ""),
        ("always-429", "refused", "answered 429; the next crawl asks again"),
        ("retry-after-nonsense", "server-error", "answered 503; the next crawl asks again"),
        ("loop-a", "failed", "redirected 5 times without reaching a page"),
        ("loop-self", "failed", "redirected 5 times without reaching a page"),
        ("to-file", "redirect", "'file:///etc/passwd', which is no page of xinhua: not followed"),
        ("to-javascript", "redirect", "'javascript:alert(1)', which is no page of xinhua: not followed"),
        ("to-data", "redirect", "not followed"),
        ("to-other-host", "redirect", "'http://evil.example/report/2024-01/02/c_1.htm', which is no page"),
        ("to-this-machine", "redirect", "'http://127.0.0.1:9/admin/2024-01/02/c_1.htm', which is no page"),
        ("to-broken", "redirect", "not followed"),
        ("to-bad-port", "redirect", "not followed"),
        ("to-long", "redirect", "not followed"),
        ("to-unicode", "redirect", "not followed"),
        ("to-nothing", "redirect", "leads to nowhere"),
        ("redirect-without-target", "redirect", "leads to nowhere"),
        ("to-injection", "redirect", ""),
        ("injected", "report", ""),
    ],
)
def test_a_bad_page_ends_as_what_it_is(hostile: Hostile, name: str, outcome: str, why: str) -> None:
    end, _, reason = hostile.ends(report(name))
    assert end == outcome, reason
    assert why in reason


@pytest.mark.parametrize(
    ("name", "outcome", "why"),
    [
        ("gzip-bomb-list", "failed", "larger than 64 MB when decoded"),
        ("not-json", "quarantined", "not a JSON list"),
        ("json-other", "quarantined", "neither `datasource` nor `data.list`"),
        ("json-arrays", "quarantined", "look whether its form has changed"),
        ("json-deep", "quarantined", "maximum recursion depth exceeded"),
        ("json-odd", "listing", ""),
        ("feed-bomb", "listing", ""),
        ("feed-external", "listing", ""),
        ("feed-cut", "listing", ""),
        ("sitemap-bomb", "quarantined", "names no page of the outlet"),
        ("sitemap-odd", "listing", ""),
        ("deep-list", "quarantined", "names no page of the outlet"),
        ("base-javascript", "listing", ""),
        ("base-broken", "listing", ""),
        ("empty-list", "quarantined", "names no page of the outlet"),
        ("binary-list", "quarantined", "names no page of the outlet"),
    ],
)
def test_a_bad_list_ends_as_what_it_is(hostile: Hostile, name: str, outcome: str, why: str) -> None:
    end, _, reason = hostile.ends(listing(name))
    assert end == outcome, reason
    assert why in reason


@pytest.mark.parametrize(
    "name",
    ["from-json", "from-feed", "from-external", "from-cut-feed", "from-sitemap", "from-base", "from-base-2"],
)
def test_one_bad_entry_does_not_cost_a_list_its_good_ones(hostile: Hostile, name: str) -> None:
    assert hostile.ends(report(name))[0] == "report"


def test_a_page_that_came_in_part_is_no_version(hostile: Hostile) -> None:
    for name in ("gzip-cut", "gzip-cut-late", "length-too-long", "chunks-without-end", "reset"):
        url = report(name).replace("http:", "https:")
        count = "select count(*) from reports where url = ?"
        assert hostile.place.connect().execute(count, [url]).fetchone() == (0,)


def test_no_entity_is_expanded_and_no_local_file_is_read(hostile: Hostile) -> None:
    passwd = Path("/etc/passwd").read_text().splitlines()[0]
    titles = [title or "" for (title,) in hostile.place.connect().execute("select title from checks")]
    assert not [title for title in titles if passwd in title or title.count("boom") > 10]
    assert not [entry.url for entry in hostile.site.log if "evil.example" in entry.url]


def test_nothing_is_asked_of_another_host_and_no_cookie_or_password_is_sent(hostile: Hostile) -> None:
    for entry in hostile.site.log:
        host = entry.url.split("/")[2]
        assert host.partition(":")[0].endswith((".xinhuanet.com", ".news.cn", ".chinaview.cn")), entry.url
        assert "@" not in host
        sent = {name.lower() for name in entry.headers}
        assert not sent & {"cookie", "authorization", "x-injected"}


def test_odd_links_are_asked_for_once_in_a_form_that_can_be_sent_or_not_at_all(hostile: Hostile) -> None:
    odd = {entry.url for entry in hostile.site.log if "/odd-" in entry.url}
    # The newsroom has none of these hosts: 502 is how it says so.
    assert {url.split("/odd-")[-1].split("/")[0] for url in odd if "ds_1.json" not in url} == {
        "tab", "spaces%20around", "%01control%7F", "%E6%96%B0%E9%97%BB", "host", "userinfo", "no-host",
        "no-slashes", "percent%",
    }  # fmt: skip
    for url in odd:
        assert url.isascii() and url.isprintable() and len(url) < 200


def test_a_report_that_is_linked_in_fifteen_forms_is_asked_for_once(hostile: Hostile) -> None:
    assert len([entry for entry in hostile.site.log if "nce/2024-01/02/c_1.htm" in entry.url]) == 1


def test_retry_after_is_waited_for(hostile: Hostile) -> None:
    first, second = [entry.time for entry in hostile.site.log if entry.url == report("later")]
    assert second - first >= 1
    assert [outcome for outcome, _, _ in hostile.rows[report("later")]] == ["refused", "report"]


@pytest.mark.parametrize("name", ROBOTS_HOSTS)
def test_a_bad_robots_txt_has_a_row_and_stops_nothing(hostile: Hostile, name: str) -> None:
    host = f"{name}.xinhuanet.com"
    assert hostile.ends(f"http://{host}/robots.txt")[0] in ("robots", "failed", "redirect")
    # RFC 9309: a server that cannot say what it allows is not asked for anything else.
    assert hostile.ends(report("page", host))[0] == ("robots" if name == "robots-500" else "report")


def test_a_list_of_ten_thousand_links_keeps_the_budget_and_the_rest_waits(tmp_path: Path) -> None:
    with Newsroom(handler=HostileHandler) as site:
        place = Place(tmp_path, site.proxy_url)
        done = run(place, "crawl", "tnw", *OPTIONS, "--set", "REQUEST_BUDGET=30")
        assert done.returncode == 0, done.stderr
        assert FLOOD in {entry.url for entry in site.log}
        addresses = {entry.url for entry in site.log if not entry.url.endswith("/robots.txt")}
        assert 25 <= len(addresses) <= 32  # a redirect leads to an address of its own
    waiting = "select count(*) from checks where last_capture is null and url like '%/news/flood-%'"
    assert place.connect().execute(waiting).fetchone()[0] > 9_900
    assert done.megabytes < MEMORY


def test_the_hostile_site_has_no_case_that_is_not_looked_at(hostile: Hostile) -> None:
    """Every case was asked for, or is one that a crawl rightly never reaches."""
    asked = {entry.url for entry in hostile.site.log}
    assert set(CASES) - asked == {report("from-deep"), FLOOD, UNSPOKEN}
    assert START in asked


# Full disks


def test_an_archive_that_cannot_be_made_is_named_with_the_next_step(place: Place) -> None:
    done = run(place, "crawl", "xinhua", *OPTIONS, limit=60_000)
    assert done.returncode == 1
    assert f"{place.archive} cannot be used" in done.stderr and "Make room on its disk" in done.stderr
    assert "Traceback" not in done.said
    assert place.crawl("xinhua", "--limit", "2").returncode == 0


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An archive with two reports; the disk will fill up as it goes on."""
    with Newsroom() as newsroom:
        place = Place(tmp_path_factory.mktemp("begun"), newsroom.proxy_url)
        assert place.crawl("xinhua", "--limit", "2").returncode == 0
        yield place


# At 100,000 bytes the WARC file is full first, at 150,000 the archive's.
@pytest.mark.parametrize("limit", [100_000, 150_000])
def test_a_disk_that_fills_up_in_mid_crawl_loses_nothing_that_was_captured(
    begun: Place, tmp_path: Path, limit: int
) -> None:
    place = Place(tmp_path / "copy", begun.proxy)
    shutil.copytree(begun.folder, place.folder)
    before = place.connect().execute("select count(*) from captures").fetchone()[0]
    done = run(place, "crawl", "xinhua", *OPTIONS, limit=limit)
    assert done.returncode == 1
    assert str(place.folder) in done.stderr and "Make room on" in done.stderr
    assert "Traceback" not in done.said
    captured = captures_in_files(place)
    assert captured > before
    assert place.crawl("xinhua").returncode == 0
    rows = assert_can_be_read_again(place)
    assert len(rows["reports"]) > 20 and len(rows["captures"]) > captured


def captures_in_files(place: Place) -> int:
    from archive.warc_reader import read_captures
    from items import Capture

    files = place.captures.glob("*.warc.gz*")
    return sum(isinstance(event, Capture) for path in files for event in read_captures(path))


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Callable[[str], None]]:
    """A disk of its own at `folder`, for root; gives a function that mounts it anew with other options."""
    folder.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a small disk")
    try:
        yield lambda options: subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True) and None
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_when_only_the_disk_of_the_archive_is_full_the_captures_go_on(place: Place, newsroom: Newsroom) -> None:
    with small_disk(place.folder / "small", "900k") as remount:
        here = {"DATELINE_ARCHIVE": str(place.folder / "small" / "archive.db")}
        done = run(place, "crawl", "xinhua", *OPTIONS, **here)
        assert done.returncode == 1
        assert "small/archive.db cannot be used: database or disk is full. Make room" in done.stderr
        assert "Traceback" not in done.said and "Logging error" not in done.said
        asked, captured = len(newsroom.log), captures_in_files(place)
        assert captured >= asked > 40  # and what robots.txt forbids
        remount("size=50m")
        assert run(place, "crawl", "xinhua", *OPTIONS, **here).returncode == 0
        with closing(sqlite3.connect(here["DATELINE_ARCHIVE"])) as database:
            assert database.execute("select count(*) from captures").fetchone()[0] > captured
            assert database.execute("select count(*) from reports").fetchone()[0] > 20


def test_when_only_the_disk_of_the_captures_is_full_the_error_names_file_and_address(place: Place) -> None:
    with small_disk(place.captures, "60k") as remount:
        done = run(place, "crawl", "xinhua", *OPTIONS)
        assert done.returncode == 1
        said = done.stderr
        assert f"{place.captures}/dateline-" in said and "could not be written (No space left on device)" in said
        assert "gz: http" in said and "Make room on that disk" in said and "Traceback" not in done.said
        captured = captures_in_files(place)
        remount("size=50m")
        assert place.crawl("xinhua").returncode == 0
        rows = rows_of(place.connect())
        assert len(rows["captures"]) > captured and len(rows["reports"]) > 20


def test_a_capture_that_no_column_takes_costs_neither_its_batch_nor_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = get_project_settings()
    writer = Writer.open(tmp_path / "archive.db", tmp_path / "captures", Schedule.from_hours([], 24))
    writer.describe(descriptions(outlets(settings), settings))
    began = datetime(2026, 11, 24, tzinfo=UTC)
    writer.begin_crawl("c1", "xinhua", began, {})
    for name in ("before", "odd", "after"):
        url = f"{BAD}/{name}"
        capture = writer.record_response("c1", "xinhua", url, ("GET", []), (200, [], name.encode()), "127.0.0.1")
        capture.kind, capture.outcome, capture.canonical = "other", "not-report", url
        capture.charset = "half a surrogate pair: \ud83d" if name == "odd" else ""
        writer.add(capture)
    writer.end_crawl("c1", began, "finished")
    writer.close()
    with closing(sqlite3.connect(tmp_path / "archive.db")) as database:
        assert database.execute("select url from captures order by id").fetchall() == [
            (f"{BAD}/before",), (f"{BAD}/after",),
        ]  # fmt: skip
        assert database.execute("select count(*) from warcs").fetchone() == (0,)  # so the next start reads it again
    assert f"{BAD}/odd has no row (UnicodeEncodeError" in caplog.text


# Processes that are stopped


@contextmanager
def slow_crawl(place: Place) -> Iterator[subprocess.Popen[str]]:
    """A crawl in its middle: some captures are written, and no row is."""
    slow = [part for override in (*FAST, "DOWNLOAD_DELAY=0.05", "COMMIT_EVERY=1000") for part in ("--set", override)]
    crawl = subprocess.Popen(
        [sys.executable, str(PROJECT / "cli.py"), "crawl", "xinhua", *slow], env=place.environment, cwd=PROJECT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while sum(path.stat().st_size for path in place.captures.glob("*.open")) < 10_000:
            assert time.monotonic() < deadline and crawl.poll() is None
            time.sleep(0.05)
        yield crawl
    finally:
        crawl.kill()
        crawl.communicate()


@pytest.mark.parametrize(("number", "other"), [(signal.SIGTERM, "crawl"), (signal.SIGINT, "reread")])
def test_a_crawl_that_is_told_to_stop_finishes_what_it_has_and_the_next_goes_on(
    place: Place, number: signal.Signals, other: str
) -> None:
    with slow_crawl(place) as crawl:
        told = run(place, other)
        assert told.returncode == 1
        assert f"{place.archive} is being written by process {crawl.pid}" in told.stderr
        assert "Wait for it to end" in told.stderr and "Traceback" not in told.said
        crawl.send_signal(number)
        out, err = crawl.communicate(timeout=60)
        assert crawl.returncode == 3
        assert "stopped by a signal; the next crawl goes on from here" in err
        assert "Traceback" not in out + err
    assert not list(place.captures.glob("*.open"))
    database = place.connect()
    assert database.execute("select finish_reason from crawls").fetchall() == [("shutdown",)]
    assert database.execute("select count(*) from captures").fetchone()[0] == captures_in_files(place)
    assert_can_be_read_again(place)
    done = place.crawl("xinhua", "--limit", "1")
    assert done.returncode == 0, done.stderr  # the lock is free


# Files that are damaged, or something else


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An archive to be spoilt in copies."""
    with Newsroom() as newsroom:
        place = Place(tmp_path_factory.mktemp("kept"), newsroom.proxy_url)
        assert place.crawl("xinhua", "--set", "WARC_MAX_BYTES=60000").returncode == 0  # several files
        yield place


@pytest.fixture
def copy(kept: Place, tmp_path: Path) -> Place:
    place = Place(tmp_path / "copy", kept.proxy)
    shutil.copytree(kept.folder, place.folder)
    return place


def test_an_archive_survives_the_kill_of_a_reread_in_place_at_any_moment(copy: Place) -> None:
    place = copy
    before = rows_of(place.connect())
    aside = place.folder / "archive.db.rereading"
    for size in (1, 200_000, 350_000):  # as it begins, while it reads, as it ends
        reread = subprocess.Popen(
            [sys.executable, str(PROJECT / "cli.py"), "reread"], env=place.environment, cwd=PROJECT,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        written = 0
        while written < size and reread.poll() is None:
            written = sum(path.stat().st_size for path in place.folder.glob(f"{aside.name}*") if path.exists())
            time.sleep(0.005)
        reread.kill()
        reread.wait()
        assert place.connect().execute("pragma integrity_check").fetchone() == ("ok",)
        assert rows_of(place.connect()) == before
    done = place.dateline("reread")
    assert done.returncode == 0, done.stderr
    assert rows_of(place.connect()) == before
    assert not list(place.folder.glob(f"{aside.name}*"))


def test_reread_into_a_new_file_leaves_files_of_like_names_alone(copy: Place) -> None:
    (copy.folder / "new.db.bak").write_text("mine")
    (copy.folder / "new.db-notes").write_text("mine")
    assert copy.dateline("reread", "--into", str(copy.folder / "new.db")).returncode == 0
    assert (copy.folder / "new.db.bak").exists() and (copy.folder / "new.db-notes").exists()


COMMANDS = {
    "crawl": ["crawl", "xinhua", *OPTIONS],
    "search": ["search", "police"],
    "status": ["status"],
    "serve": ["serve", "--port", "8765"],
    "reread": ["reread"],
}


def garbage(place: Place) -> None:
    place.archive.write_bytes(b"garbage " * 1000)


def unrelated(place: Place) -> None:
    place.archive.unlink()
    database = sqlite3.connect(place.archive)
    database.execute("create table mine (x)")
    database.commit()


@pytest.mark.parametrize(("spoil", "why"), [(garbage, "file is not a database"), (unrelated, "an archive of Dateline")])
def test_what_is_no_archive_is_named_and_left_as_it_is(copy: Place, spoil: Callable[[Place], None], why: str) -> None:
    spoil(copy)
    before = copy.archive.read_bytes()
    for command, arguments in COMMANDS.items():
        done = run(copy, *arguments)
        assert done.returncode in (1, 2), command
        [sentence] = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
        assert str(copy.archive) in sentence and why in sentence
        assert "DATELINE_ARCHIVE" in sentence or "dateline reread" in sentence
        assert "Traceback" not in done.said
        assert copy.archive.read_bytes() == before
    assert not list(copy.folder.glob("archive.db.before-*"))


def test_an_archive_that_is_garbage_is_made_anew_as_the_error_says(copy: Place) -> None:
    before = rows_of(copy.connect())
    garbage(copy)
    copy.archive.rename(copy.folder / "moved-away")
    assert copy.dateline("reread").returncode == 0
    assert rows_of(copy.connect()) == before


@pytest.mark.parametrize("command", ["crawl", "status", "reread"])
def test_a_file_in_place_of_the_captures_folder_is_named(copy: Place, command: str) -> None:
    file = copy.folder / "file"
    file.touch()
    done = run(copy, *COMMANDS[command], DATELINE_CAPTURES=str(file))
    assert done.returncode == 1
    assert str(file) in done.said and "Traceback" not in done.said
    assert "DATELINE_CAPTURES" in done.said or "put it back from a copy" in done.said


@pytest.mark.parametrize("command", ["crawl", "search", "reread"])
def test_a_folder_that_cannot_be_written_is_named(copy: Place, command: str) -> None:
    folder = copy.folder.parent / "read-only"
    with read_only(copy.folder, folder):
        done = run(copy, *COMMANDS[command], DATELINE_ARCHIVE=str(folder / "archive.db"))
    assert done.returncode in (1, 2)
    [sentence] = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert str(folder / "archive.db") in sentence and ("writable" in sentence or "write to its folder" in sentence)
    assert "Traceback" not in done.said


@contextmanager
def read_only(source: Path, folder: Path) -> Iterator[None]:
    """A copy of `source` at `folder` that its user cannot write to; root can everywhere but on a read-only disk."""
    if os.geteuid() == 0:
        with small_disk(folder, "50m") as remount:
            shutil.copytree(source, folder, dirs_exist_ok=True)
            remount("ro")
            yield
        return
    shutil.copytree(source, folder)
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(0o755)


def spoil_middle(path: Path) -> None:
    """Flip a byte in the middle of the longest record of the file."""
    from archive.warc_reader import read_captures
    from items import Capture

    longest = max((each for each in read_captures(path) if isinstance(each, Capture)), key=lambda each: each.length)
    data = bytearray(path.read_bytes())
    data[longest.offset + longest.length // 2] ^= 0xFF
    path.write_bytes(data)


def test_a_flipped_byte_costs_no_row_of_the_archive_and_is_told_with_the_next_step(copy: Place) -> None:
    path = max(copy.captures.glob("*.warc.gz"))
    spoil_middle(path)
    before = rows_of(copy.connect())
    done = run(copy, "reread")
    assert done.returncode == 1
    assert f"{path}: a broken record at byte" in done.stderr
    assert "so it was left as it is. Put the file back from a copy" in done.said and "Traceback" not in done.said
    assert rows_of(copy.connect()) == before

    done = run(copy, "reread", "--into", str(copy.folder / "new.db"))
    assert done.returncode == 3
    assert f"{path}: a broken record at byte" in done.stderr and "Put the file back from a copy" in done.said
    held = len(rows_of(copy.connect(copy.folder / "new.db"))["captures"])
    assert held == len(before["captures"]) - 1


def test_a_lost_file_costs_no_row_and_its_payloads_are_captured_anew(copy: Place) -> None:
    first = min(copy.captures.glob("*.warc.gz"))
    first.unlink()
    before = rows_of(copy.connect())
    done = run(copy, "status")
    assert done.returncode == 1 and f"{first.name} is missing from {copy.captures}" in done.said
    assert json.loads(run(copy, "status", "--json").stdout)["missing_files"] == 1
    done = run(copy, "reread")
    assert done.returncode == 1
    assert f"{first.name} is missing from {copy.captures}. Put the file back from a copy" in done.said
    assert rows_of(copy.connect()) == before

    done = run(copy, "crawl", "xinhua", *OPTIONS, "--full")
    assert done.returncode == 3 and f"{first.name} is missing from {copy.captures}" in done.stderr
    looks = "select status, revisit_of from captures where crawl = (select max(id) from crawls) and outcome = 'report'"
    statuses, payloads = zip(*copy.connect().execute(looks).fetchall(), strict=True)
    assert len(statuses) > 20 and set(statuses) == {200}  # no "not modified" leans on what is lost,
    lost = {capture for (capture,) in copy.connect().execute("select id from captures where warc = ?", [first.name])}
    assert lost and not lost & set(payloads)  # and no revisit record


def test_reading_a_page_needs_no_archive(copy: Place) -> None:
    garbage(copy)
    assert run(copy, "read", str(GOOD_PAGE), "--url", report("saved")).returncode == 0


@pytest.mark.parametrize(
    ("body", "says"),
    [(b"", "empty page"), (b"\x1f\x8b\x08broken", "cannot be read"), (bytes(range(256)) * 10, "layouts of xinhua fit")],
)
def test_a_saved_page_that_is_broken_is_named(tmp_path: Path, body: bytes, says: str) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(body)
    done = CliRunner().invoke(read, [str(file), "--url", report("saved")])
    assert done.exit_code in (1, 2) and not isinstance(done.exception, Exception)
    assert says in done.output
