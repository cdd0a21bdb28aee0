"""`dateline status` and `dateline alarms`, as people and programs use them."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import Crawled, Place
from watched_archive import DAY, EVERY_FIELD, HOUR, Watched

from archive import alarms, clock
from archive.lock import WriterLock
from archive.schema import connect
from archive.storage import Captures
from archive.times import iso


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Watched]:
    """A month of an outlet with a report an hour and lists that answer, up to now."""
    made = Watched(tmp_path)
    made.outlet()
    made.outlet("tnw")
    now = clock.now().replace(microsecond=0)
    made.look(now - 40 * DAY)
    for hour in range(450):
        made.report(now - timedelta(minutes=10) - hour * HOUR, filled=EVERY_FIELD - {"keywords"})
    made.check_row("https://xinhua.example/list", due_at=iso(now + 30 * HOUR))
    made.look(now - HOUR, "server-error", "https://xinhua.example/a")
    made.crawl(now - HOUR)
    made.count_days()
    yield made
    made.connection.close()


@pytest.fixture
def place(archive: Watched) -> Place:
    return Place(archive.archive.parent, "")


def raise_alarm(archive: Watched) -> None:
    """As the end of a run would: the newest 30 reports had no editor when they were first read."""
    archive.connection.execute(
        "update readings set fields = fields & ~4 where report in "
        "(select id from reports order by first_seen desc limit 30)"
    )
    archive.connection.execute("begin immediate")
    alarms.check(archive.connection, archive.settings, Captures.at(archive.captures), clock.now())
    archive.connection.execute("commit")


def test_people_get_a_table_of_at_most_100_columns(place: Place) -> None:
    done = place.dateline("status")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == [
        "outlet", "answered", "due", "24", "h", "usual", "7", "d", "usual", "unread", "failed", "reports", "edits", "gone",
    ]  # fmt: skip
    (xinhua,) = [line for line in lines if line.startswith("xinhua ") and "min ago" in line]
    assert "in 30 h" in xinhua or "in 29 h" in xinhua
    assert {"24", "168", "450", "0%"} <= set(xinhua.split())
    (tnw,) = [line for line in lines if line.startswith("tnw ") and "never" in line]
    assert tnw.split()[-1] == "0"
    assert all(len(line) <= 100 for line in lines if line.startswith(("xinhua ", "tnw ", "outlet ")))
    assert "xinhua: 1 × status 503; the last one" in done.stdout


def test_programs_get_everything(place: Place, archive: Watched) -> None:
    said = json.loads(place.dateline("status", "--json").stdout)
    xinhua, tnw = {each["outlet"]: each for each in said["outlets"]}["xinhua"], said["outlets"][0]
    assert (xinhua["new"]["day"], xinhua["new"]["week"], xinhua["reports"]) == (24, 168, 450)
    assert tnw["outlet"] == "tnw" and tnw["last_success"] is None and tnw["new"]["usual_day"] is None
    rates = {rate["field"]: (rate["share"], rate["share_before"]) for rate in xinhua["fields"]}
    assert rates["editor"] == (1.0, 1.0) and rates["keywords"] == (0.0, 0.0)
    assert xinhua["causes"][0]["why"] == "status 503" and xinhua["quarantined"]["share"] == 0.0
    assert xinhua["warc_bytes"] == 452 * 100
    assert said["unlinked"] == 450 and any("450 reports wait to be linked" in note for note in said["attention"])
    assert {"edits", "missing", "waiting", "quarantined_pages", "next_due"} <= xinhua.keys()
    assert said["captures"] == 452 and said["alarms"] == [] and said["disks"][0]["free"] > 0


def test_only_the_outlets_that_are_named(place: Place) -> None:
    said = json.loads(place.dateline("status", "tnw", "--json").stdout)
    assert [each["outlet"] for each in said["outlets"]] == ["tnw"]
    done = place.dateline("status", "reuters")
    assert done.returncode == 2 and "no outlet 'reuters'. It has: tnw, xinhua" in done.stderr


def test_a_check_ends_with_2_until_somebody_knows(place: Place, archive: Watched) -> None:
    done = place.dateline("status", "--check")
    assert (done.returncode, done.stdout) == (0, "")
    raise_alarm(archive)
    done = place.dateline("status", "--check")
    assert done.returncode == 2 and done.stdout.startswith("1 xinhua: fill-rate (editor): Xinhua: editor is filled in")
    assert "1 alarm" in place.dateline("status").stdout
    done = place.dateline("alarms", "acknowledge", "1", "--note", "Left out since the redesign.")
    assert done.returncode == 0 and "Alarm 1 (xinhua: fill-rate (editor)) is acknowledged" in done.stdout
    assert place.dateline("status", "--check").returncode == 0
    assert "No new alarm, 1 acknowledged" in place.dateline("status").stdout
    assert "Note: Left out since the redesign." in place.dateline("alarms").stdout


def test_a_check_sees_what_no_run_has_written(place: Place, archive: Watched) -> None:
    """When the timer is dead nobody writes alarms; who asks must be told all the same."""
    now = clock.now()
    archive.run(now - 3 * HOUR, now - 2 * HOUR)
    done = place.dateline("status", "--check")
    assert done.returncode == 2 and done.stdout.startswith("new schedule: `dateline due` has not come to an end since")
    assert alarms.history(archive.connection, 9) == []


def test_missing_warc_files_end_with_1_and_a_check_with_2(place: Place, archive: Watched) -> None:
    archive.connection.execute("insert into warcs values ('gone.warc.gz', 9, 3, null, null)")
    done = place.dateline("status")
    assert done.returncode == 1 and "gone.warc.gz" in done.stdout
    assert place.dateline("status", "--check").returncode == 2


def test_alarms_are_listed_open_or_all(place: Place, archive: Watched) -> None:
    assert place.dateline("alarms").stdout == "No alarm is open.\n"
    assert place.dateline("alarms", "--all").stdout == "No alarm was ever raised.\n"
    raise_alarm(archive)
    archive.connection.execute("update alarms set cleared_at = '2026-11-24T10:00:00Z'")
    assert place.dateline("alarms").stdout == "No alarm is open.\n"
    assert "over since 2026-11-24 10:00 UTC" in place.dateline("alarms", "--all").stdout
    (said,) = json.loads(place.dateline("alarms", "--all", "--json").stdout)
    assert (said["id"], said["kind"], said["subject"]) == (1, "fill-rate", "editor")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["7", "--note", "x"], 1, "Alarm 7 does not exist. `dateline alarms` lists the open ones."),
        (["1"], 2, "--note"),
        (["1", "--note", "  "], 2, "--note is empty"),
        (["one", "--note", "x"], 2, "ID"),
    ],
)
def test_what_cannot_be_acknowledged_is_explained(place: Place, arguments: list[str], code: int, says: str) -> None:
    done = place.dateline("alarms", "acknowledge", *arguments)
    assert done.returncode == code and says in done.stderr


def test_an_alarm_is_acknowledged_while_a_crawl_writes(place: Place, archive: Watched) -> None:
    raise_alarm(archive)
    archive.connection.close()
    holding = threading.Event()

    def crawl() -> None:
        lock, writer = WriterLock(archive.archive), connect(archive.archive)
        writer.execute("begin immediate")
        holding.set()
        time.sleep(3)
        writer.execute("commit")
        writer.close()
        lock.release()

    thread = threading.Thread(target=crawl)
    thread.start()
    holding.wait()
    done = place.dateline("alarms", "acknowledge", "1", "--note", "Known.")
    thread.join()
    assert done.returncode == 0, done.stderr


def test_reread_carries_runs_and_alarms_over(crawled: Crawled, tmp_path: Path) -> None:
    """They are in no WARC file."""
    place = Place(tmp_path / "copy", crawled.place.proxy)
    shutil.copytree(crawled.place.folder, place.folder)
    with closing(place.connect()) as db:
        db.execute(
            "insert into runs (id, started_at, finished_at, pid, new, ended, clock_offset) values "
            "('20261124T100000000000Z', '2026-11-24T10:00:00Z', '2026-11-24T10:02:00Z', 7, 3, 'finished', -0.5)"
        )
        db.execute(
            "insert into alarms (kind, outlet, subject, message, state, raised_at, seen_at, acknowledged_at, note) values "
            "('silent', 'xinhua', 'reports', 'Nothing new.', 'silent', 'a', 'b', 'c', 'A holiday.')"
        )
        before = {table: db.execute(f"select * from {table}").fetchall() for table in ("runs", "alarms")}
    again = tmp_path / "again.db"
    for arguments, made in ((("--into", str(again)), again), ((), place.archive)):
        done = place.dateline("reread", *arguments)
        assert done.returncode == 0, done.stderr
        with closing(place.connect(made)) as db:
            assert {table: db.execute(f"select * from {table}").fetchall() for table in before} == before


def test_reread_into_a_new_file_goes_on_without_them_when_the_present_archive_is_broken(
    crawled: Crawled, tmp_path: Path
) -> None:
    place = Place(tmp_path / "copy", crawled.place.proxy)
    shutil.copytree(crawled.place.folder, place.folder)
    place.archive.write_bytes(b"no database" * 1000)
    done = place.dateline("reread", "--into", str(tmp_path / "again.db"))
    assert done.returncode == 0 and "were not carried over: file is not a database" in done.stderr
