"""Backfills from Common Crawl and by plan, from the command to the archive: as a direct import has it, whatever ends
them in between; and what was cited and not found is found."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from common_crawl_mirror import PAGES, Kept, Mirror, news_path, serving, warc
from environments import python_with
from pywb_server import replaying
from scrapy.utils.project import get_project_settings
from test_backfill import imported, told
from web_archive import Backfilled, Captured, from_pywb, write_warc

from archive.schema import connect
from linking.link import link
from pipelines.press import press_of
from pipelines.registry import outlets

XINHUA, TNW = (outlets(get_project_settings())[name] for name in ("xinhua", "tnw"))
REPORTS = sorted(url for url in PAGES if XINHUA.owns(url) and XINHUA.kind_of(url) == "report")
STORIES = sorted(url for url in PAGES if TNW.owns(url))
# Each links to a report of Xinhua; of the second another mention has no link.
GULL, SWEEP = (
    "https://thenextweb.com/news/cameras-that-know-a-gull-from-a-sandpiper",
    "https://thenextweb.com/news/online-crime-sweep-ends-with-10000-arrests-says-xinhua",
)
CITED = [
    "https://english.news.cn/20260921/f312949e751e39a0a887c3ae0547e76a/c.html",
    "https://www.news.cn/politics/20260921/593d4f57d04d5321245a5e8b89b832c1/c.html",
    "http://news.xinhuanet.com/english/china/2012-07/25/c_131738990.htm",
]
JANUARY = ("xinhua", "--via", "cc-news", "--from", "2024-01-02", "--to", "2024-01-31")


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with serving(Mirror()) as found:
        yield found


def place_of(folder: Path, mirror: Mirror) -> Backfilled:
    folder.mkdir(exist_ok=True)
    return Backfilled(folder, f"{mirror.address}/no-cdx", f"{mirror.address}/no-replay/{{timestamp}}id_/{{url}}")


def settings_of(mirror: Mirror) -> list[str]:
    return [
        f"COMMON_CRAWL={mirror.address}", f"COMMON_CRAWL_INDEX={mirror.address}", "COMMON_CRAWL_INDEX_DELAY=0",
        "BACKFILL_DELAY=0", "BACKFILL_BACKOFF=0", "BACKFILL_LIST_DELAY=0",
    ]  # fmt: skip


def news(mirror: Mirror, files: int) -> list[bytes]:
    """All reports of Xinhua's in the samples among the news of others, in so many files; these files as they are."""
    parts = [REPORTS[number::files] for number in range(files)]
    found: dict[str, list[Kept]] = {}
    for number, urls in enumerate(parts):
        day = f"2024-01-{number + 2:02}"
        records = [Kept(f"https://other{n}.example/{number}", f"{day}T00:00:0{n}Z", 3000) for n in range(9)]
        records += [Kept(url, f"{day}T01:{n:02}:00Z") for n, url in enumerate(urls)]
        found[news_path(day.replace("-", "") + "000000", number)] = records
    mirror.news(found)
    return [mirror.files[path] for path in found]


def as_imported(folder: Path, files: list[bytes]) -> dict[str, list[tuple[object, ...]]]:
    paths = []
    for number, data in enumerate(files):
        paths.append(folder / f"{number}.warc.gz")
        paths[-1].write_bytes(data)
    with closing(imported(folder / "imported", *paths)) as connection:
        return told(connection)


def test_the_reports_of_the_news_archive_are_as_a_direct_import_has_them(mirror: Mirror, tmp_path: Path) -> None:
    files = news(mirror, 3)
    place = place_of(tmp_path / "here", mirror)
    done = place.backfill(*JANUARY, settings=settings_of(mirror))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(REPORTS)} captures fetched" in done.stdout
    with closing(connect(place.archive)) as connection:
        here = told(connection)
        assert len(here["reports"]) >= 20
        assert here == as_imported(tmp_path, files)
        rows = connection.execute(
            "select distinct origin, status, source like ? from captures", [f"{mirror.address}/crawl-data/CC-NEWS/%"]
        )
        assert rows.fetchall() == [("import", 200, 1)]
    # The listing, and each file once.
    assert len(mirror.log) == 1 + 3


def test_records_are_kept_byte_for_byte_with_their_ids_and_read_again_as_they_were_written(
    mirror: Mirror, tmp_path: Path
) -> None:
    news(mirror, 2)
    place = place_of(tmp_path / "here", mirror)
    assert place.backfill(*JANUARY, settings=settings_of(mirror)).returncode == 0
    columns = (
        "id, crawl, outlet, url, at, status, content_type, payload_sha256, payload_length, warc, offset, length, origin, "
        "outcome, record_id, source"
    )
    with closing(connect(place.archive)) as connection:
        before = connection.execute(f"select {columns} from captures order by id").fetchall()
        made = {url: (warc, offset, length, id) for url, warc, offset, length, id in connection.execute(
            "select url, warc, offset, length, record_id from captures")}  # fmt: skip
        reports = told(connection)
    kept = {record.url: record for each in mirror.kept.values() for record in each}
    assert sorted(made) == REPORTS
    for url, (name, offset, length, id) in made.items():
        assert (place.captures / name).read_bytes()[offset : offset + length] == kept[url].member
        assert id == kept[url].id
    with closing(imported(tmp_path / "again", *place.captures.glob("*.warc.gz"))) as again:
        assert again.execute(f"select {columns} from captures order by id").fetchall() == before
        assert told(again) == reports


def test_a_dry_run_reads_no_file_and_says_what_it_would_take(mirror: Mirror, tmp_path: Path) -> None:
    news(mirror, 3)
    done = place_of(tmp_path / "here", mirror).backfill(*JANUARY, "--dry-run", settings=settings_of(mirror))
    assert done.returncode == 0
    assert "3 files of CC-NEWS to be read through: about 3.2 GB in 96 requests" in done.stdout
    assert len(mirror.log) == 1


def test_a_run_that_is_killed_is_gone_on_with_and_reads_no_file_twice(mirror: Mirror, tmp_path: Path) -> None:
    files = news(mirror, 5)
    place = place_of(tmp_path / "here", mirror)
    reached, killed = threading.Event(), threading.Event()

    def fails(path: str, number: int) -> None:
        if "00003.warc.gz" in path and not killed.is_set():
            reached.set()
            killed.wait(30)

    mirror.fails = fails
    process = subprocess.Popen(
        place.command(*JANUARY, settings=settings_of(mirror)), env=place.environment, cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        assert reached.wait(60)
        process.kill()
    finally:
        killed.set()
        process.communicate()
    names = ["warc.paths.gz", *(f"0000{number}.warc.gz" for number in range(5))]
    assert [each.path[-len(names[0]) :] for each in mirror.log] == names[:5]
    mirror.log.clear()
    done = place.backfill(*JANUARY, settings=settings_of(mirror))
    assert done.returncode == 0, done.stdout + done.stderr
    assert [each.path[-len(names[0]) :] for each in mirror.log] == [names[0], *names[4:]]
    with closing(connect(place.archive)) as connection:
        assert told(connection) == as_imported(tmp_path, files)
        (twice,) = connection.execute("select count(*) - count(distinct url || at) from captures").fetchone()
        assert twice == 0


def test_a_budget_of_requests_is_kept_and_the_rest_is_done_by_the_next_run(mirror: Mirror, tmp_path: Path) -> None:
    files = news(mirror, 4)
    place = place_of(tmp_path / "here", mirror)
    done = place.backfill(*JANUARY, "--budget", "3", settings=settings_of(mirror))
    assert done.returncode == 3
    assert "budget of 3 requests is used up" in done.stderr
    assert len(mirror.log) == 3
    assert place.backfill(*JANUARY, settings=settings_of(mirror)).returncode == 0
    with closing(connect(place.archive)) as connection:
        assert told(connection) == as_imported(tmp_path, files)


# The plan


def archive_of_stories(place: Backfilled) -> None:
    """An archive that holds the stories alone."""
    path = place.folder / "stories.warc.gz"
    path.write_bytes(warc([Kept(url, "2026-11-01T00:00:00Z") for url in STORIES]))
    with closing(imported(place.folder / "made", path)) as connection:
        settings = get_project_settings()
        link(connection, press_of(outlets(settings), settings))
    shutil.move(place.folder / "made" / "archive.db", place.archive)
    shutil.move(place.folder / "made" / "captures", place.captures)


def cited(place: Backfilled, story: str) -> list[str | None]:
    """The reports that a story was found to rest on."""
    with closing(connect(place.archive)) as connection:
        return [
            url
            for (url,) in connection.execute(
                "select cited.url from citations join reports as citing on citing.id = report "
                "left join reports as cited on cited.id = cited where citing.url = ? order by mention",
                [story],
            )
        ]


def plan_of(place: Backfilled, *arguments: str, settings: list[str]) -> list[dict[str, object]]:
    done = place.backfill("--plan", "--json", *arguments, settings=settings)
    assert done.returncode == 0, done.stderr
    items: list[dict[str, object]] = json.loads(done.stdout)["items"]
    return [item for item in items if item["citations"]]


def test_what_was_cited_and_not_found_is_found_by_the_plan_from_a_crawls_index(mirror: Mirror, tmp_path: Path) -> None:
    place, settings = place_of(tmp_path / "here", mirror), settings_of(mirror)
    archive_of_stories(place)
    mirror.crawl(
        "CC-MAIN-2026-39", ("2026-09-18", "2026-10-01"), [Kept(url, "2026-09-22T00:00:00Z") for url in CITED[:2]]
    )
    mirror.crawl("CC-MAIN-2012", ("2012-01-01", "2012-12-31"), [Kept(CITED[2], "2012-08-01T00:00:00Z")])
    done = place.backfill("--run", "--via", "cc-index", "--budget", "1", settings=settings)
    assert done.returncode == 3
    assert "0 of 2 items are done, in 1 requests" in done.stdout
    assert cited(place, GULL) == [None, None]
    items = plan_of(place, "--via", "cc-index", settings=settings)
    assert sorted((item["from"], len(item["addresses"]), item["citations"]) for item in items) == [
        ("2012-07-12", 1, 1), ("2026-09-08", 2, 2),
    ]  # fmt: skip
    done = place.backfill("--run", "--via", "cc-index", settings=settings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert cited(place, GULL) == [XINHUA.canonical(url) for url in CITED[:2]]
    assert XINHUA.canonical(CITED[2]) in cited(place, SWEEP)
    assert "2 of 2 items are done" in done.stdout
    assert "4 of " in done.stdout.splitlines()[-1]  # both mentions of the sweep
    assert plan_of(place, "--via", "cc-index", settings=settings) == []


def test_a_plan_is_done_through_a_web_archive_in_as_many_runs_as_it_takes(mirror: Mirror, tmp_path: Path) -> None:
    held = [Captured(url, "20260922000000" if "2026" in url else "20120726000000", PAGES[url].body) for url in CITED]
    path = write_warc(tmp_path / "theirs.warc.gz", held)
    (tmp_path / "pywb").mkdir()
    with replaying(python_with("pywb"), tmp_path / "pywb", [path]) as address:
        place, settings = from_pywb(tmp_path / "here", address), settings_of(mirror)
        archive_of_stories(place)
        assert plan_of(place, "tnw", settings=settings) == []
        assert {item["via"] for item in plan_of(place, settings=settings)} == {"wayback"}
        runs = 0
        while any(item["addresses"] for item in plan_of(place, "--via", "wayback", settings=settings)):
            done = place.backfill("xinhua", "--run", "--via", "wayback", "--budget", "8", settings=settings)
            assert done.returncode == 3, done.stderr
            runs += 1
            assert runs < 10
        assert runs > 1
        assert cited(place, GULL) == [XINHUA.canonical(url) for url in CITED[:2]]
        assert XINHUA.canonical(CITED[2]) in cited(place, SWEEP)
        # The rest of what is cited, and not what nobody looked at.
        done = place.backfill("--run", "--via", "wayback", settings=settings)
        assert done.returncode == 0, done.stdout + done.stderr
        left = plan_of(place, settings=settings)
        assert {item["via"] for item in left} == {"cc-news"}  # what one does not have is proposed for the next source


def test_the_table_says_what_to_fetch_and_why_and_makes_no_request(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    place = place_of(tmp_path / "here", mirror)
    archive_of_stories(place)
    done = place.backfill("--plan", settings=settings_of(mirror))
    assert done.returncode == 0
    first, second, *_ = done.stdout.splitlines()
    assert first.split() == ["outlet", "from", "to", "via", "citations", "requests", "why"]
    assert "Xinhua News Agency linked, not held: 3 pages, 3 citations by tnw of 2012-07-26…2026-09-22" in second
    assert mirror.log == []
