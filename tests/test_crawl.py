"""The main job, end to end: the sample newsroom through the real spiders at the outlets' original addresses."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import PROJECT, Crawled, Place, rows_of

from commands.demo import FAST
from samples.newsroom import Newsroom


@pytest.fixture
def db(crawled: Crawled) -> sqlite3.Connection:
    return crawled.place.connect()


def test_the_crawl_says_how_it_went(crawled: Crawled) -> None:
    for done in (crawled.first, crawled.second):
        assert done.returncode == 0, done.stderr
        assert "xinhua" in done.stdout and "tnw" in done.stdout
    assert "quarantined at" in crawled.first.stdout


def test_every_sample_arrives_as_a_careful_reader_says(crawled: Crawled) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from pathlib import Path; from rich.console import Console; "
         "from commands.demo_check import check; f = check(Path(sys.argv[1]), Path(sys.argv[2]), Console()); "
         "print(*f, sep='\\n'); sys.exit(bool(f))", str(crawled.place.archive), str(crawled.place.captures)],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_address_that_was_asked_for_has_an_end(db: sqlite3.Connection, crawled: Crawled) -> None:
    ends = {row[0] for row in db.execute("select distinct outcome from captures")}
    assert ends <= {"report", "listing", "unchanged", "redirect", "not-report", "quarantined", "missing", "refused",
                    "server-error", "failed", "robots"}  # fmt: skip
    assert not db.execute("select count(*) from captures where outcome = ''").fetchone()[0]
    answered = db.execute("select count(*) from captures where status is not null").fetchone()[0]
    assert answered == len(crawled.newsroom.log)


def test_what_robots_txt_forbids_is_not_asked_for_and_that_is_kept(db: sqlite3.Connection, crawled: Crawled) -> None:
    assert not [entry for entry in crawled.newsroom.log if "/private/" in entry.url]
    rows = db.execute("select status, reason from captures where url like '%/private/%'").fetchall()
    assert rows == [(None, "IgnoreRequest: Forbidden by robots.txt")] * 2


def test_unchanged_lists_cost_a_304_on_the_second_visit(db: sqlite3.Connection) -> None:
    assert db.execute("select count(*) from captures where status = 304 and outcome = 'unchanged'").fetchone()[0] >= 1


def test_the_warc_files_of_a_crawl_are_sound(crawled: Crawled) -> None:
    files = sorted(crawled.place.captures.iterdir())
    assert [path.name.endswith(".warc.gz") for path in files] == [True, True]
    done = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", *map(str, files)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_robots_txt_is_asked_for_once_a_host_and_captured(db: sqlite3.Connection) -> None:
    assert (
        db.execute("select count(*) from captures where url like '%/robots.txt' and outcome = 'robots'").fetchone()[0]
        >= 2
    )


def test_every_table_can_be_read_again_row_for_row(crawled: Crawled, tmp_path: Path) -> None:
    done = crawled.place.dateline("reread", "--into", str(tmp_path / "again.db"))
    assert done.returncode == 0, done.stderr
    ours, theirs = rows_of(crawled.place.connect()), rows_of(crawled.place.connect(tmp_path / "again.db"))
    assert ours.keys() == theirs.keys()
    for table in ours:
        assert theirs[table] == ours[table], table
    assert len(ours["reports"]) >= 20


def test_rereading_in_place_keeps_every_row_and_readers_connected(crawled: Crawled) -> None:
    reader = sqlite3.connect(f"file:{crawled.place.archive}?mode=ro", uri=True)
    count = reader.execute("select count(*) from reports").fetchone()
    before = rows_of(crawled.place.connect())
    done = crawled.place.dateline("reread")
    assert done.returncode == 0, done.stderr
    assert rows_of(crawled.place.connect()) == before
    assert reader.execute("select count(*) from reports").fetchone() == count
    assert not list(crawled.place.folder.glob("*.rereading*"))


def test_the_index_is_sound_and_finds_both_languages(db: sqlite3.Connection) -> None:
    db.execute("insert into reports_fts(reports_fts) values ('integrity-check')")
    from archive.finding import Search, overview

    for words in ("北京", "公安部", "京", "police arrested", '"arrests"', "公安部 抓获"):
        assert overview(db, Search(words)).counted >= 1, words


def test_a_second_crawl_asks_for_nothing_that_is_known_and_not_due(place: Place, newsroom: Newsroom) -> None:
    assert place.crawl().returncode in (0, 3)
    reports = place.connect().execute("select count(*) from reports").fetchone()
    newsroom.log.clear()
    assert place.crawl().returncode == 0
    known = {url for (url,) in place.connect().execute("select url from reports")}
    assert not [entry for entry in newsroom.log if entry.url in known and entry.status == 200]
    assert place.connect().execute("select count(*) from reports").fetchone() == reports


def test_a_limit_is_kept_and_the_rest_waits_for_the_next_crawl(place: Place) -> None:
    place.crawl("xinhua", "--limit", "3")
    count = "select count(*) from captures where outcome in ('report', 'quarantined', 'missing', 'redirect')"
    assert place.connect().execute(count).fetchone()[0] <= 5  # three asked for, redirects besides
    assert (
        place.connect()
        .execute("select count(*) from checks where last_capture is null and kind = 'report'")
        .fetchone()[0]
        > 5
    )
    place.crawl("xinhua")
    assert place.connect().execute("select count(*) from reports").fetchone()[0] > 12


def test_links_that_a_list_dates_before_since_are_left(place: Place, newsroom: Newsroom) -> None:
    place.crawl("xinhua", "--since", "2026-09-23")
    asked = {entry.url for entry in newsroom.log}
    assert "https://www.news.cn/fortune/20260924/a05550b785fe9281c54161b4de3a9889/c.html" in asked
    assert not [url for url in asked if "/593d4f57d04d5321245a5e8b89b832c1/" in url]
    left = place.connect().execute("select listed_at from checks where last_capture is null and kind = 'report'")
    assert [listed for (listed,) in left if listed and listed < "2026-09-23"]


def test_a_killed_crawl_loses_nothing_that_a_warc_holds(place: Place) -> None:
    # Slow enough to be killed in the middle, and no commit before that.
    slow = [
        part
        for override in (*FAST, "DOWNLOAD_DELAY=0.1", "COMMIT_EVERY=1000", "COMMIT_SECONDS=1000")
        for part in ("--set", override)
    ]
    crawl = subprocess.Popen(
        [sys.executable, str(PROJECT / "cli.py"), "crawl", "xinhua", *slow], env=place.environment, cwd=PROJECT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        (written,) = [path.stat().st_size for path in place.captures.glob("*.open")] or [0]
        if written > 40_000:
            break
        time.sleep(0.05)
    os.kill(crawl.pid, signal.SIGKILL)
    crawl.wait()
    assert place.connect().execute("select count(*) from captures").fetchone() == (0,)
    done = place.crawl("xinhua")
    assert done.returncode in (0, 3), done.stderr
    database = place.connect()
    assert database.execute("select count(*) from crawls where finished_at is null").fetchone() == (1,)
    assert not database.execute(
        "select url, count(*) from captures where status = 200 and outcome = 'report' group by url having count(*) > 1"
    ).fetchall()
    again = place.folder / "again.db"
    assert place.dateline("reread", "--into", str(again)).returncode == 0
    ours, theirs = rows_of(place.connect()), rows_of(place.connect(again))
    assert theirs == ours
    assert len(ours["reports"]) >= 14


def test_without_a_network_the_crawl_names_the_host_and_what_to_try(place: Place) -> None:
    # A closed port stands for a network that refuses; the sentence is the same for a failed look-up.
    nowhere = Place(place.folder, "http://127.0.0.1:9")
    done = nowhere.crawl("tnw")
    assert done.returncode == 1
    sentence = " ".join(done.stderr.split())
    assert "Could not reach thenextweb.com" in sentence and "make demo" in sentence
    assert "Traceback" not in done.stderr + done.stdout


def test_a_user_agent_that_names_nobody_is_pointed_out_where_it_would_be_sent_out(place: Place) -> None:
    environment = {name: value for name, value in place.environment.items() if not name.endswith("_proxy")}
    command = [sys.executable, str(PROJECT / "cli.py"), "crawl", "tnw", "--set", "DNS_TIMEOUT=1"]
    command += ["--set", 'DOWNLOAD_HANDLERS={"http": null, "https": null}']  # nothing leaves this machine
    done = subprocess.run(command, env=environment, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert "USER_AGENT still names the address of nobody" in done.stderr
    assert "USER_AGENT still" not in place.crawl("tnw", "--limit", "1").stderr


def test_a_second_writer_is_told_who_holds_the_archive(place: Place) -> None:
    from archive.lock import WriterLock

    place.folder.mkdir(exist_ok=True)
    lock = WriterLock(place.archive)
    done = place.crawl()
    assert done.returncode == 1
    assert f"process {os.getpid()}" in done.stderr
    lock.release()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["crawl", "reuters"], "There is no outlet 'reuters'. Known: tnw, xinhua"),
        (["crawl", "--limit", "0"], "--limit"),
        (["crawl", "--set", "NONSENSE=1"], "NAME=VALUE"),
        (["crawl", "--since", "yesterday"], "--since"),
        (["nonsense"], "No such command 'nonsense'"),
    ],
)
def test_a_wrong_argument_is_explained(place: Place, arguments: list[str], says: str) -> None:
    done = place.dateline(*arguments)
    assert done.returncode == 2
    assert says in done.stderr


def test_scrapys_own_command_does_the_same_crawl(place: Place) -> None:
    overrides = [part for override in FAST for part in ("-s", override)]
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "tnw", *overrides], env=place.environment, cwd=PROJECT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert place.connect().execute("select count(*) from reports where outlet = 'tnw'").fetchone()[0] >= 4


def test_status_and_outlets_answer_people_and_machines(crawled: Crawled) -> None:
    said = json.loads(crawled.place.dateline("status", "--json").stdout)
    assert {row["outlet"] for row in said["outlets"]} == {"tnw", "xinhua"}
    assert said["captures"] > 40 and not [note for note in said["attention"] if "without rows" in note]
    assert "xinhua" in crawled.place.dateline("status").stdout
    assert "Xinhua News Agency" in crawled.place.dateline("outlets").stdout
    nothing = Place(crawled.place.folder / "nowhere", "")
    done = nothing.dateline("status")
    assert done.returncode == 1 and "make demo" in done.stderr
