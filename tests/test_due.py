"""`dateline due`: one at a time, within the budget, stopped in order, and careful with servers and clocks in trouble."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
from conftest import PROJECT, Place, rows_of

from archive.lock import ArchiveLocked, WriterLock
from archive.times import from_capture_id, iso, parse
from commands.demo import FAST
from samples.newsroom import Handler, Newsroom

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(hours=24)
SLOWLY = (*FAST, "DOWNLOAD_DELAY=0.15", "CONCURRENT_REQUESTS_PER_DOMAIN=1", "COMMIT_EVERY=1000")


def addresses(newsroom: Newsroom, host: str = "") -> list[str]:
    """Pages and lists that were asked for since the log was last cleared."""
    return [entry.url for entry in newsroom.log if not entry.url.endswith("/robots.txt") and host in entry.url]


def rules(newsroom: Newsroom) -> list[str]:
    return [entry.url for entry in newsroom.log if entry.url.endswith("/robots.txt")]


@contextmanager
def run_in_its_middle(place: Place, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A slow scheduled run, of which some captures are written."""
    options = [part for override in SLOWLY for part in ("--set", override)]
    run = subprocess.Popen(
        [sys.executable, str(PROJECT / "cli.py"), "due", *options, *arguments], env=place.environment, cwd=PROJECT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 60
        while sum(path.stat().st_size for path in place.captures.glob("*.open")) < 10_000:
            assert time.monotonic() < deadline and run.poll() is None
            time.sleep(0.02)
        yield run
    finally:
        run.kill()
        run.communicate()


# One at a time


def test_of_two_runs_at_once_one_works_and_one_says_who_does(place: Place) -> None:
    with run_in_its_middle(place, "xinhua", "--set", "DOWNLOAD_DELAY=1") as first:  # for a minute
        second = place.due()
        assert second.returncode == 75
        said = " ".join(second.stderr.split())
        assert f"Nothing was begun: {place.archive} is being written by process {first.pid} (" in said
        assert " cli.py due --set " in said.replace(f"{PROJECT}/", "")
        assert " s. Wait for it to end" in said and "Traceback" not in said
        assert first.poll() is None
        first.terminate()
        out, err = first.communicate(timeout=60)
        assert first.returncode == 3, out + err
    database = place.connect()
    assert database.execute("select pid, ended from runs").fetchall() == [(first.pid, "stopped by a signal")]
    assert database.execute("select count(*) from captures").fetchone()[0] >= 2
    assert place.due("tnw").returncode == 0


_HOLD = """
import os, sys, time
from pathlib import Path
from archive.lock import WriterLock
lock = WriterLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_the_lock_of_a_process_that_was_killed_blocks_nobody(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(archive)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(ArchiveLocked, match=rf"process {holder.pid} \(.*python.* -c "):
        WriterLock(archive)
    holder.kill()
    holder.communicate()
    assert (tmp_path / "archive.db.lock").read_text() == str(holder.pid)  # its file is there yet
    WriterLock(archive).release()


@pytest.mark.parametrize(
    ("seconds", "told"), [(5, "5 s"), (119, "119 s"), (140, "2 min"), (7_000, "117 min"), (90_000, "25 h"), (-3, "0 s")]
)
def test_whoever_finds_the_archive_locked_is_told_for_how_long(tmp_path: Path, seconds: int, told: str) -> None:
    archive = tmp_path / "archive.db"
    lock = WriterLock(archive)
    since = time.time() - seconds
    os.utime(lock.path, (since, since))
    with pytest.raises(
        ArchiveLocked, match=rf"{archive} is being written by process {os.getpid()} \(.*\), for {told}\."
    ):
        WriterLock(archive)
    lock.release()


@pytest.mark.parametrize(("written", "told"), [("1", "process 1, for"), ("", "another process, for")])
def test_a_process_that_does_not_have_the_lock_file_open_is_not_taken_for_the_holder(
    tmp_path: Path, written: str, told: str
) -> None:
    """In a container, or on a disk that machines share, the holder's number is another process here."""
    lock = tmp_path / "archive.db.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(written)
        file.flush()
        with pytest.raises(ArchiveLocked, match=told):
            WriterLock(tmp_path / "archive.db")


# Stopped by a signal


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_told_to_stop_finishes_the_item_in_hand_and_begins_no_further_outlet(
    place: Place, newsroom: Newsroom, number: signal.Signals
) -> None:
    with run_in_its_middle(place, "--set", "OUTLETS_AT_ONCE=1") as run:
        began = time.monotonic()
        run.send_signal(number)
        out, err = run.communicate(timeout=60)
        assert time.monotonic() - began < 10
        assert run.returncode == 3, out + err
        assert "stopped by a signal; the next crawl goes on from here" in err and "Traceback" not in out + err
    assert not list(place.captures.glob("*.open"))
    database = place.connect()
    assert database.execute("select outlet, finish_reason from crawls").fetchall() == [("tnw", "shutdown")]
    run_row = database.execute("select pid, ended, requests from runs").fetchall()
    answered = len(newsroom.log)
    assert run_row == [(run.pid, "stopped by a signal", answered)]
    assert database.execute("select count(*) from captures where status is not null").fetchone() == (answered,)
    assert not addresses(newsroom, "news.cn")

    newsroom.log.clear()
    assert place.due("tnw").returncode == 0
    asked_twice = "select url from captures where outcome = 'report' group by url having count(*) > 1"
    assert not database.execute(asked_twice).fetchall()
    assert database.execute("select count(*) from reports where outlet = 'tnw'").fetchone()[0] >= 4
    assert [ended for (ended,) in database.execute("select ended from runs order by id")] == [
        "stopped by a signal",
        "finished",
    ]


def test_a_run_that_was_killed_is_told_apart_from_one_that_ended(place: Place) -> None:
    with run_in_its_middle(place, "tnw") as run:
        run.kill()
        run.communicate()
    assert place.due("tnw").returncode == 0
    ends = place.connect().execute("select ended, finished_at is null from runs order by id").fetchall()
    assert ends == [("killed", 1), ("finished", 0)]


# Budgets


def test_a_crawl_by_hand_too_keeps_to_the_budget_of_24_hours(place: Place, newsroom: Newsroom) -> None:
    budget = ("--set", "REQUEST_BUDGET=12")
    place.crawl("tnw", *budget)
    assert len(newsroom.log) == 12
    spent = place.crawl("tnw", *budget)
    assert len(newsroom.log) == 12
    assert spent.returncode == 3
    assert "tnw: its budget of requests in 24 hours is spent; nothing was asked" in " ".join(spent.stderr.split())
    assert "Could not reach" not in spent.stderr
    place.crawl("tnw", "--set", "REQUEST_BUDGET=15")
    assert len(newsroom.log) == 15


def test_a_small_budget_is_spent_on_lists_then_on_the_reports_listed_last(place: Place, newsroom: Newsroom) -> None:
    place.crawl("tnw", "--limit", "1")  # reads the lists, and leaves their reports
    database = place.connect()
    wanted = [
        url
        for (url,) in database.execute(
            "select address from checks where outlet = 'tnw' and kind = 'report' and last_capture is null "
            "and due_at is not null order by coalesce(listed_at, found_at) desc"
        )
    ]
    newsroom.log.clear()
    later = datetime.now(UTC) + DAY + timedelta(hours=1)
    done = place.due("tnw", "--set", "REQUEST_BUDGET=10", at=later)
    assert done.returncode in (0, 3), done.stderr
    assert len(newsroom.log) == 10
    lists = {
        url
        for (url,) in database.execute("select address from checks where kind = 'listing' and due_at > ?", [iso(later)])
    }
    order = addresses(newsroom)
    reports = [url for url in order if url in wanted]
    assert len(lists) == 5 and lists <= set(order[: order.index(reports[0])])
    assert 2 <= len(reports) < len(wanted) and sorted(reports) == sorted(wanted[: len(reports)])


# robots.txt


def test_robots_txt_serves_for_a_day_and_is_then_asked_for_again(place: Place, newsroom: Newsroom) -> None:
    assert place.due("tnw", at=NOON).returncode == 0
    hosts = {urlsplit(url).hostname for url in rules(newsroom)}
    assert "thenextweb.com" in hosts
    newsroom.log.clear()
    for hours in (3, 23):
        assert place.due("tnw", at=NOON + timedelta(hours=hours)).returncode == 0
        assert addresses(newsroom) and not rules(newsroom)
        newsroom.log.clear()
    assert place.due("tnw", at=NOON + DAY + timedelta(hours=2)).returncode == 0
    assert "http://thenextweb.com/robots.txt" in [url.replace("https", "http") for url in rules(newsroom)]
    kept = "select count(*) from captures where url like '%/robots.txt' and outcome = 'robots'"
    assert place.connect().execute(kept).fetchone()[0] >= 2
    assert not [url for url in addresses(newsroom) if "/private/" in url]


# Outages


class OutOfOrder(Handler):
    """Answers everything, or all but robots.txt, with one status while `status` is set."""

    status: ClassVar[int] = 0
    robots_too: ClassVar[bool] = False

    def do_GET(self) -> None:
        url = self._url()
        if self.status and (self.robots_too or not url.endswith("/robots.txt")):
            self._send(url, HTTPStatus(self.status), {"Content-Type": "text/html"}, b"<p>out of order</p>")
        else:
            super().do_GET()


@pytest.fixture
def out_of_order() -> Iterator[Newsroom]:
    with Newsroom(handler=OutOfOrder) as server:
        yield server
    OutOfOrder.status, OutOfOrder.robots_too = 0, False


@pytest.mark.parametrize(("status", "robots_too"), [(503, False), (429, False), (403, False), (503, True)])
def test_an_outlet_that_is_out_of_order_is_let_be_after_few_requests_and_what_was_due_stays_due(
    tmp_path: Path, out_of_order: Newsroom, status: int, robots_too: bool
) -> None:
    place = Place(tmp_path, out_of_order.proxy_url)
    assert place.due("xinhua", at=NOON).returncode in (0, 3)
    database = place.connect()
    reports = database.execute("select id, state, versions from reports order by id").fetchall()
    takedowns = database.execute("select * from takedowns").fetchall()
    still = "select count(*) from checks where outlet = 'xinhua' and due_at <= '2026-11-25T12:00:00Z'"
    database.execute("update checks set due_at = '2026-11-25T12:00:00Z' where due_at is not null")
    due = database.execute(still).fetchone()[0]
    OutOfOrder.status, OutOfOrder.robots_too = status, robots_too
    out_of_order.log.clear()

    begun = NOON + DAY + timedelta(hours=1)
    first = place.due("xinhua", at=begun)
    assert first.returncode == 3, first.stderr
    assert "xinhua: outage: " in first.stderr and "what was due stays due" in " ".join(first.stderr.split())
    asked = len(out_of_order.log)
    assert asked <= 50, asked  # 8 addresses and those on the way, three times each
    ended = database.execute("select finish_reason from crawls order by started_at desc limit 1").fetchone()[0]
    assert ended.startswith("outage: the last 8 addresses failed")
    assert due - 20 <= database.execute(still).fetchone()[0] < due
    soon = "select max(due_at) from checks where last_at > '2026-11-25'"
    assert parse(database.execute(soon).fetchone()[0]) <= begun + timedelta(hours=1, minutes=2)
    assert database.execute("select ended from runs order by id desc limit 1").fetchone() == (
        "finished; outage of xinhua",
    )

    rests = place.due("xinhua", at=begun + timedelta(minutes=8))
    assert rests.returncode == 0 and len(out_of_order.log) == asked
    assert "Left alone after an outage: xinhua until 2026-11-25T13:1" in rests.stdout

    OutOfOrder.status = 0
    assert place.due("xinhua", at=begun + timedelta(hours=3)).returncode in (0, 3)
    assert database.execute("select id, state, versions from reports order by id").fetchall() == reports
    assert database.execute("select * from takedowns").fetchall() == takedowns
    assert database.execute(still).fetchone() == (0,)


def test_one_outlet_that_cannot_be_reached_does_not_fail_a_run_of_several(place: Place) -> None:
    nowhere = "http://127.0.0.1:9"
    done = Place(place.folder, nowhere).due("tnw", at=NOON)
    assert done.returncode == 1  # nobody could be reached: this machine's trouble
    assert "Could not reach" in done.stderr
    reason = place.connect().execute("select finish_reason from crawls").fetchone()[0]
    assert reason == "outage: none of the first 4 requests was answered"


# The clock


def everything(place: Place) -> dict[str, list[tuple[object, ...]]]:
    return rows_of(place.connect())


def test_a_clock_that_was_set_back_by_an_hour_stops_the_run_before_anything_is_written(
    place: Place, newsroom: Newsroom
) -> None:
    assert place.due("tnw", at=NOON).returncode == 0
    before, files = everything(place), sorted(place.captures.iterdir())
    newsroom.log.clear()
    for command in ("due", "crawl"):
        script = [sys.executable, str(PROJECT / "tests" / "at_time.py"), "2026-11-24T11:00:00Z", command, "tnw"]
        refused = subprocess.run(
            script, env=place.environment, cwd=PROJECT, capture_output=True, text=True, check=False
        )
        assert refused.returncode == 1
        said = " ".join(refused.stderr.split())
        assert "This machine's clock says 2026-11-24T11:00:0" in said and "a capture made at 2026-11-24T12:00:" in said
        assert "Set the clock right" in said and "Traceback" not in said
    assert everything(place) == before and sorted(place.captures.iterdir()) == files and not newsroom.log


def test_a_small_step_back_keeps_captures_in_order(place: Place) -> None:
    assert place.due("tnw", at=NOON).returncode == 0
    database = place.connect()
    (newest,) = database.execute("select max(id) from captures").fetchone()
    stepped_back = from_capture_id(newest) - timedelta(seconds=30)
    database.execute("update checks set due_at = '2026-11-24T00:00:00Z' where kind = 'listing' and due_at is not null")
    assert place.due("tnw", at=stepped_back).returncode == 0
    later = [row[0] for row in database.execute("select id from captures where id > ? order by rowid", [newest])]
    assert later and later == sorted(later)
    assert database.execute("select count(*) from runs").fetchone() == (2,)


def test_what_was_missed_in_a_week_off_is_done_once(place: Place, newsroom: Newsroom) -> None:
    assert place.due("tnw", at=NOON).returncode == 0
    newsroom.log.clear()
    back = NOON + 7 * DAY + timedelta(hours=1)
    assert place.due("tnw", at=back).returncode == 0
    asked = addresses(newsroom)
    assert asked and len(asked) == len(set(asked))
    newsroom.log.clear()
    assert place.due("tnw", at=back + timedelta(minutes=5)).returncode == 0
    assert not addresses(newsroom)


def test_a_quiet_run_says_nothing_and_another_says_what_is_next(place: Place) -> None:
    quiet = place.due("tnw", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    nothing = place.due("tnw")
    assert nothing.returncode == 0
    assert re.match(r"Nothing is due\. Next: 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\n", nothing.stdout)


def test_an_archive_that_cannot_be_used_ends_a_run_with_1(place: Place) -> None:
    place.folder.mkdir(exist_ok=True)
    place.archive.write_bytes(b"no database, but long enough to be one" * 100)
    done = place.due("tnw")
    assert done.returncode == 1
    assert "cannot be used" in done.stderr and "Traceback" not in done.stderr
    with pytest.raises(sqlite3.DatabaseError):
        place.connect().execute("select 1 from runs")
