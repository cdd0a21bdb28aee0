"""A backfill from a real web archive (pywb) gives what a direct import of the archive's own WARC files gives."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from environments import python_with
from pywb_server import replaying
from scrapy.utils.project import get_project_settings
from web_archive import Backfilled, Captured, from_pywb, write_warc

from archive.fingerprint import fingerprint
from archive.schedule import Schedule
from archive.schema import connect
from archive.warc_reader import read_captures
from archive.warc_writer import CaptureWriter, copied_id
from archive.writer import Writer
from backfill import wayback
from items import Capture
from pipelines.registry import descriptions, outlets
from pipelines.reread import read_files
from samples.newsroom import SAMPLES, answers

SHARED = Path(__file__).resolve().parents[2] / "shared" / "pages"
EDITED = "https://www.news.cn/local/20260922/b79d2096c66248cad58c309283bcd8d4/c.html"
GONE = "https://www.news.cn/fortune/20260924/a05550b785fe9281c54161b4de3a9889/c.html"
PACKED = "http://news.xinhuanet.com/english/2015-08/20/c_134538102.htm"
# A redirect to the same address by https: archives take the two for one address, and give the page.
SECURED = "http://www.news.cn/politics/20260921/593d4f57d04d5321245a5e8b89b832c1/c.html"
WHOLE = ("xinhua", "--from", "2026-09-01", "--to", "2026-12-31")


def body(url: str, visit: int | None = None) -> bytes:
    return next(each.body for each in answers() if each.url == url and each.visit in (visit, None))


def stamps(first: str, minutes: int) -> Iterator[str]:
    moment = datetime.strptime(first, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    while True:
        yield f"{moment:%Y%m%d%H%M%S}"
        moment += timedelta(minutes=minutes)


def what_was_captured() -> list[Captured]:
    """Every report of Xinhua's in the samples; one with several wordings, one that went, one packed, a redirect; and
    what is none of an outlet's reports."""
    times = stamps("20260925080000", 7)
    xinhua = outlets(get_project_settings())["xinhua"]
    kept: list[Captured] = []
    for each in answers():
        if each.visit == 2 or not xinhua.owns(each.url) or xinhua.kind_of(each.url) != "report":
            continue
        headers = [("Content-Type", each.content_type or "text/html"), ("Server", "nginx")]
        if each.location:
            headers.append(("Location", each.location))
        packed = gzip.compress(each.body, mtime=0) if each.url == PACKED else each.body
        if each.url == PACKED:
            headers.append(("Content-Encoding", "gzip"))
        kept.append(Captured(each.url, next(times), packed, f"{each.status} Told", headers))
    first = next(each.timestamp for each in kept if each.url == EDITED)
    later = stamps("20261001000000", 60 * 24)
    again, changed, back, last = (next(later) for _ in range(4))
    kept += [
        Captured(EDITED, again, as_on=first),  # a revisit record
        Captured(EDITED, changed, body(EDITED, 2)),
        Captured(EDITED, back, body(EDITED, 1)),  # the first wording again, in full
        Captured(EDITED, last, body(EDITED, 1)),  # and once more
        Captured(GONE, last, b"<title>404 Not Found</title>", "404 Not Found"),
    ]
    busy = "https://www.news.cn/local/20260922/aaaaaaaabbbbbbbbccccccccdddddddd/c.html"
    kept += [
        Captured(busy, last, b"busy", "503 Service Unavailable"),
        Captured("https://www.news.cn/politics/", last, body("https://www.news.cn/politics/")),
        Captured("https://www.news.cn/img/logo.png", last, b"\x89PNG", headers=[("Content-Type", "image/png")]),
        Captured("https://news.cnn.example/world/2012-07/25/c_1.htm", last, b"somebody else's"),
    ]
    return kept


@pytest.fixture(scope="module")
def warc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_warc(tmp_path_factory.mktemp("elsewhere") / "elsewhere.warc.gz", what_was_captured())


@pytest.fixture(scope="module")
def collection(warc: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with replaying(python_with("pywb"), tmp_path_factory.mktemp("pywb"), [warc]) as address:
        yield address


def imported(folder: Path, *warcs: Path) -> sqlite3.Connection:
    """An archive of the WARC files as they are, read one after another in this order."""
    captures = folder / "captures"
    captures.mkdir(parents=True)
    for path in warcs:
        shutil.copy(path, captures / path.name)
    settings = get_project_settings()
    known = outlets(settings)
    writer = Writer.open(folder / "archive.db", captures, Schedule.from_settings(settings))
    writer.describe(descriptions(known, settings))
    for path in warcs:
        read_files(writer, [path.name], known)
    writer.close()
    return connect(folder / "archive.db")


@dataclass(frozen=True)
class Both:
    place: Backfilled
    told: str
    backfilled: sqlite3.Connection
    imported: sqlite3.Connection


@pytest.fixture(scope="module")
def both(collection: str, warc: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    place = from_pywb(tmp_path_factory.mktemp("backfilled"), collection)
    done = place.backfill(*WHOLE)
    assert done.returncode == 3, done.stderr  # for the one of SECURED
    with closing(connect(place.archive)) as here, closing(imported(tmp_path_factory.mktemp("imported"), warc)) as there:
        yield Both(place, done.stdout, here, there)


def told(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """What is told of reports: all of it but whose captures it rests on."""
    reports = [name for _, name, *_ in connection.execute("pragma table_info(reports)") if name != "origin"]
    queries = {
        "reports": f"select {', '.join(reports)} from reports",
        **{table: f"select * from {table}" for table in ("versions", "readings", "replacements", "takedowns")},
    }
    return {table: sorted(connection.execute(query).fetchall(), key=repr) for table, query in queries.items()}


def test_every_report_and_version_is_as_a_direct_import_has_it(both: Both) -> None:
    here, there = told(both.backfilled), told(both.imported)
    assert len(here["reports"]) >= 20
    for table, rows in there.items():
        assert here[table] == rows, table


def test_every_report_of_the_samples_is_recovered(both: Both) -> None:
    expected = {
        each["url"]
        for each in json.loads((SAMPLES / "expected.json").read_text())["reports"]
        if each["outlet"] == "xinhua"
    }
    xinhua = outlets(get_project_settings())["xinhua"]
    held = {url for (url,) in both.backfilled.execute("select url from reports")}
    captured = {xinhua.canonical(each.url) for each in what_was_captured() if each.status.startswith("200")}
    assert {xinhua.canonical(url) for url in expected} & captured <= held


def test_several_captures_of_one_report_are_its_versions_in_the_order_of_their_times(both: Both) -> None:
    versions = both.backfilled.execute(
        "select number, versions.seen_at, versions.text_digest from versions join reports on reports.id = report "
        "where url = ? order by number",
        [EDITED],
    ).fetchall()
    assert [number for number, *_ in versions] == [1, 2, 3]
    assert [seen_at[:10] for _, seen_at, _ in versions] == ["2026-09-25", "2026-10-02", "2026-10-03"]
    assert versions[0][2] == versions[2][2] != versions[1][2]


def test_what_the_list_says_is_the_same_is_not_asked_for(both: Both) -> None:
    same = both.backfilled.execute(
        "select timestamp, revisit_of is not null, payload_length from mementos join captures on captures.id = capture "
        "where state = 'same' order by timestamp"
    ).fetchall()
    length = len(body(EDITED, 1))
    assert same == [("20261001000000", 1, length), ("20261004000000", 1, length)]
    assert "2 the same as the one before" in both.told


def test_a_capture_says_whose_it_is_and_where_it_came_from(both: Both) -> None:
    origins = both.backfilled.execute("select distinct origin from captures").fetchall()
    assert origins == [("wayback",)] == both.backfilled.execute("select distinct origin from crawls").fetchall()
    (source, at) = both.backfilled.execute("select source, at from captures where url = ? limit 1", [PACKED]).fetchone()
    stamp = at.translate({ord(mark): None for mark in "-:TZ"})
    assert source == both.place.replay.format(timestamp=stamp, url=PACKED)


def test_a_payload_is_kept_with_the_coding_that_it_had(both: Both) -> None:
    (length, sha256) = both.backfilled.execute(
        "select payload_length, payload_sha256 from captures where url = ?", [PACKED]
    ).fetchone()
    assert (length, sha256) == both.imported.execute(
        "select payload_length, payload_sha256 from captures where url = ?", [PACKED]
    ).fetchone()
    assert length == len(gzip.compress(body(PACKED), mtime=0))


def test_only_reports_and_what_became_of_them_are_fetched(both: Both) -> None:
    kinds = dict(both.backfilled.execute("select outcome, count(*) from captures group by outcome").fetchall())
    assert set(kinds) <= {"report", "missing", "redirect", "quarantined"}
    assert kinds["missing"] >= 1 and kinds["redirect"] >= 1


def test_what_the_archive_gives_in_the_place_of_another_is_kept_under_its_own_time(both: Both) -> None:
    (reason,) = both.backfilled.execute(
        "select reason from mementos where url = ? and state = 'failed'", [SECURED]
    ).fetchone()
    assert "gives the capture of https://www.news.cn/politics/" in reason and reason.endswith("which was kept")
    captured = both.backfilled.execute("select url, status from captures where canonical like '%593d4f57%'").fetchall()
    assert captured == [(SECURED.replace("http:", "https:"), 200)]
    assert both.backfilled.execute("select count(*) from mementos where state = 'failed'").fetchone() == (1,)


def test_our_files_are_read_again_as_they_were_written(both: Both) -> None:
    columns = (
        "id, crawl, outlet, url, at, status, payload_sha256, payload_length, warc, offset, origin, outcome, source"
    )
    before = both.backfilled.execute(f"select {columns} from captures order by id").fetchall()
    folder = both.place.folder / "again"
    with closing(imported(folder, *both.place.captures.glob("*.warc.gz"))) as again:
        assert again.execute(f"select {columns} from captures order by id").fetchall() == before
        assert told(again) == told(both.backfilled)


def test_the_same_command_again_asks_for_the_list_alone(both: Both) -> None:
    before = told(both.backfilled)
    done = both.place.backfill(*WHOLE)
    assert done.returncode == 0
    assert "0 captures fetched, 0 the same as the one before, 0 not to be had, 0 left" in done.stdout
    assert told(both.backfilled) == before


def test_a_dry_run_says_what_is_here_and_writes_nothing(both: Both) -> None:
    rows = both.backfilled.execute("select count(*) from mementos").fetchone()[0]
    done = both.place.backfill(*WHOLE, "--dry-run")
    assert done.returncode == 0
    assert f"{rows - 1} are here already" in done.stdout and "0 to be fetched" in done.stdout
    assert "1 the archive would not give before" in done.stdout
    assert both.backfilled.execute("select count(*) from backfills").fetchone()[0] <= 2


def test_the_order_of_arrival_does_not_matter(both: Both, collection: str, tmp_path: Path) -> None:
    place = from_pywb(tmp_path / "backwards", collection)
    for days in (("2026-10-03", "2026-12-31"), ("2026-09-26", "2026-10-02"), ("2026-09-01", "2026-09-25")):
        assert place.backfill("xinhua", "--from", days[0], "--to", days[1]).returncode in (0, 3)
    with closing(connect(place.archive)) as backwards:
        assert told(backwards) == told(both.backfilled)


def test_a_list_that_is_full_and_has_no_key_is_asked_for_in_halves(
    both: Both, collection: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wayback, "_ROWS", 4)  # five of one host were captured in one second
    place = from_pywb(tmp_path / "halves", collection)
    assert place.backfill(*WHOLE).returncode == 3
    with closing(connect(place.archive)) as here:
        assert told(here) == told(both.backfilled)
        states = "select url, timestamp, state from mementos order by url, timestamp"
        assert here.execute(states).fetchall() == both.backfilled.execute(states).fetchall()


def test_what_was_imported_is_held_without_a_request(collection: str, warc: Path, tmp_path: Path) -> None:
    place = from_pywb(tmp_path / "one", collection)
    imported(place.folder / "direct", warc).close()
    shutil.move(place.folder / "direct" / "archive.db", place.archive)
    shutil.move(place.folder / "direct" / "captures", place.captures)
    done = place.backfill(*WHOLE)
    assert done.returncode == 0, done.stderr
    assert "0 captures fetched, 0 the same" in done.stdout
    with closing(connect(place.archive)) as here:
        assert here.execute("select distinct state from mementos").fetchall() == [("held",)]
        assert here.execute("select count(*) from crawls").fetchone() == (0,)


def test_nothing_of_ours_rests_on_a_file_of_others(collection: str, tmp_path: Path) -> None:
    place = from_pywb(tmp_path / "one", collection)
    theirs = write_warc(tmp_path / "theirs.warc.gz", [Captured(EDITED, "20260901000000", body(EDITED, 1))])
    imported(place.folder / "direct", theirs).close()
    shutil.move(place.folder / "direct" / "archive.db", place.archive)
    shutil.move(place.folder / "direct" / "captures", place.captures)
    assert place.backfill(*WHOLE, "--url", EDITED).returncode == 0
    with closing(connect(place.archive)) as here:
        outcomes = "select id, outcome from captures order by id"
        before = here.execute(outcomes).fetchall()
        assert {outcome for _, outcome in before} == {"report"} and len(before) == 6
    # Read again in the order of names: ours before theirs.
    with closing(imported(tmp_path / "again", *sorted(place.captures.glob("*.warc.gz")))) as again:
        assert again.execute(outcomes).fetchall() == before


def test_single_addresses_are_looked_for_on_every_host_that_the_report_had(collection: str, tmp_path: Path) -> None:
    place = from_pywb(tmp_path / "one", collection)
    done = place.backfill(*WHOLE, "--url", "http://www.news.cn/local/2020-03/06/c_1125672183.htm")
    assert done.returncode == 0, done.stderr
    with closing(connect(place.archive)) as here:
        urls = here.execute("select url, status from captures order by url").fetchall()
    assert urls == [
        ("http://www.news.cn/local/2020-03/06/c_1125672183.htm", 200),
        ("http://www.xinhuanet.com/local/2020-03/06/c_1125672183.htm", 301),
    ]


@pytest.mark.skipif(not SHARED.exists(), reason="real pages lie beside the repository, in ../shared")
def test_real_pages_come_through_as_a_direct_import_has_them(tmp_path: Path) -> None:
    times = stamps("20240101000000", 11)
    known = [json.loads(line) for line in (SHARED / "pages.jsonl").read_text().splitlines()]
    captures = [
        Captured(each["url"], next(times), (SHARED.parent / each["file"]).read_bytes())
        for each in known
        if each["outlet"] == "xinhua"
    ]
    for path in sorted((SHARED / "xinhua-english").glob("*.htm.gz")):
        page = gzip.decompress(path.read_bytes())
        url = f"http://news.xinhuanet.com/english/2016-01/01/{path.name.removesuffix('.gz')}"
        captures.append(Captured(url, next(times), page))
    warc = write_warc(tmp_path / "real.warc.gz", captures)
    (tmp_path / "pywb").mkdir()
    with replaying(python_with("pywb"), tmp_path / "pywb", [warc]) as address:
        place = from_pywb(tmp_path / "here", address)
        done = place.backfill("xinhua", "--from", "2024-01-01", "--to", "2024-12-31")
    assert done.returncode == 0, done.stderr
    with closing(connect(place.archive)) as here, closing(imported(tmp_path / "there", warc)) as there:
        assert told(here) == told(there)
        assert len(told(here)["reports"]) >= 60


# The record


def test_a_copied_capture_is_read_back_with_its_own_time_address_and_source(tmp_path: Path) -> None:
    writer = CaptureWriter(tmp_path)
    writer.begin("c1", "xinhua", {"origin": "wayback"})
    at = datetime(2012, 7, 25, 10, 0, 1, tzinfo=UTC)
    url, source = "http://www.news.cn/world/2012-07/25/c_1.htm", "https://archive.example/web/20120725100001id_/x"
    headers = [("Content-Type", "text/html"), ("Transfer-Encoding", "chunked")]
    first = writer.copied("c1", "xinhua", url, at, (200, headers, b"page"), source)
    later = at + timedelta(days=1)
    second = writer.copied("c1", "xinhua", url, later, (200, [], b"page"), source, (first.id, url), "SHA")
    [path] = writer.close()
    read = [event for event in read_captures(path) if isinstance(event, Capture)]
    assert [each.id for each in read] == [first.id, second.id] == [copied_id(url, at), copied_id(url, later)]
    assert [each.revisit_of for each in read] == [None, first.id]
    assert [each.body for each in read] == [b"page", b""]
    assert {(each.origin, each.source, each.crawl, each.url) for each in read} == {("wayback", source, "c1", url)}
    assert path.name.startswith(f"dateline-{datetime.now(UTC):%Y}")  # the file is of today


def test_the_id_of_a_copy_is_made_of_second_and_address() -> None:
    at = datetime(2012, 7, 25, 10, 0, 1, tzinfo=UTC)
    # sha256("http://www.news.cn/ 20120725100001") = …, modulo a million
    assert copied_id("http://www.news.cn/", at) // 1_000_000 == 1_343_210_401
    assert copied_id("http://www.news.cn/", at) != copied_id("http://news.cn/", at)
    assert copied_id("http://www.news.cn/", at.replace(microsecond=250_000)) == 1_343_210_401_250_000


def test_captures_of_one_report_give_the_same_archive_in_every_order_of_arrival(tmp_path: Path) -> None:
    captured = [
        Captured(EDITED, "20260925080000", body(EDITED, 1)),
        Captured(EDITED, "20261001000000", body(EDITED, 2)),
        Captured(EDITED, "20261002000000", body(EDITED, 1)),
        Captured(EDITED, "20261003000000", b"<title>404</title>", "404 Not Found"),
    ]
    warcs = [write_warc(tmp_path / f"{each.timestamp}.warc.gz", [each]) for each in captured]
    found = set()
    for number, order in enumerate(permutations(warcs)):
        with closing(imported(tmp_path / str(number), *order)) as archive:
            found.add(fingerprint(archive))
            wordings = archive.execute("select id / 1000000, report from versions order by id").fetchall()
        # 25 September, 08:00, and 1 and 2 October, 00:00 (UTC): the times of the captures, not of their arrival.
        assert [at for at, _ in wordings] == [1790323200, 1790812800, 1790899200]
    assert len(found) == 1
