"""How it goes with an outlet: every number counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from watched_archive import DAY, EVERY_FIELD, HOUR, NOW, Watched

from archive import health
from archive.health import Batch, Cause, Quarantined, Usual
from archive.times import iso


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path)
    made.outlet()
    yield made
    made.connection.close()


def of_xinhua(archive: Watched) -> health.OutletHealth:
    archive.count_days()
    return health.of_outlet(archive.connection, "xinhua", NOW)


def test_an_outlet_that_was_never_looked_at_has_nothing_to_say(archive: Watched) -> None:
    found = of_xinhua(archive)
    assert (found.last_success, found.last_look, found.next_due, found.last_crawl, found.newest) == (None,) * 5
    assert found.new == health.NewReports(0, None, 0, None)
    assert (found.fields, found.causes, found.reports, found.warc_bytes) == ((), (), 0, 0)
    assert found.quarantined == Quarantined(0, 0, 0, 0) and found.quarantined.share is None


def test_an_unknown_outlet_is_a_key_error(archive: Watched) -> None:
    with pytest.raises(KeyError):
        health.of_outlet(archive.connection, "reuters", NOW)


def test_the_last_success_is_an_answer_that_was_of_use(archive: Watched) -> None:
    archive.look(NOW - 5 * HOUR, "unchanged")
    archive.look(NOW - 4 * HOUR, "missing")
    archive.look(NOW - 3 * HOUR, "quarantined")
    archive.look(NOW - 2 * HOUR, "server-error")
    found = of_xinhua(archive)
    assert (found.last_success, found.last_look) == ("2026-11-24T07:00:00Z", "2026-11-24T10:00:00Z")


def test_what_is_due_now_and_next(archive: Watched) -> None:
    archive.check_row("https://xinhua.example/list", due_at=iso(NOW + HOUR))
    archive.check_row("https://xinhua.example/a", kind="report", rung=2, due_at=iso(NOW + timedelta(minutes=20)))
    assert (of_xinhua(archive).next_due, of_xinhua(archive).due) == ("2026-11-24T12:20:00Z", 0)
    archive.check_row("https://xinhua.example/b", kind="report", rung=0, due_at=iso(NOW - DAY))
    assert (of_xinhua(archive).due, of_xinhua(archive).waiting) == (1, 1)


def test_new_reports_are_compared_with_the_same_hours_of_the_last_weeks(archive: Watched) -> None:
    archive.look(NOW - 80 * DAY)
    for week, number in enumerate((3, 4, 5, 6, 7, 8, 9, 10, 11)):  # of the last 24 hours, and of eight Tuesdays
        for minute in range(number):
            archive.report(NOW - week * 7 * DAY - HOUR - timedelta(minutes=minute))
    for week in range(9):  # and one on each Friday
        archive.report(NOW - week * 7 * DAY - 4 * DAY)
    found = of_xinhua(archive).new
    assert (found.day, found.usual_day) == (3, Usual(7.5, 4, 11, 8))
    assert (found.week, found.usual_week) == (4, Usual(8.5, 5, 12, 8))
    assert found.usual_day is not None and not found.usual_day.covers(found.day)


def test_weeks_in_which_nobody_looked_say_nothing_of_what_is_usual(archive: Watched) -> None:
    archive.look(NOW - 80 * DAY)
    for week in (1, 2, 3, 5, 7):
        archive.look(NOW - week * 7 * DAY - 2 * HOUR)
    assert of_xinhua(archive).new.usual_day == Usual(0, 0, 0, 5)


@pytest.mark.parametrize("weeks", [1, 3])
def test_of_few_weeks_there_is_too_little_history(archive: Watched, weeks: int) -> None:
    archive.lists_read(NOW - weeks * 7 * DAY - 3 * DAY, NOW, 6 * HOUR)
    assert of_xinhua(archive).new.usual_day is None


def test_what_a_first_crawl_finds_is_no_usual_day(archive: Watched) -> None:
    begin = NOW - 4 * 7 * DAY - 2 * HOUR  # in the fourth of the weeks before
    for minute in range(200):
        archive.report(begin + timedelta(seconds=minute))
    archive.lists_read(begin, NOW, 6 * HOUR)
    assert of_xinhua(archive).new.usual_day is None  # three weeks are left


def test_the_newest_reports_fields_are_compared_with_those_before_them(archive: Watched) -> None:
    for number in range(450):  # two a day, the newest first: of the newest 50 one in five has no editor
        filled = EVERY_FIELD - {"editor"} if number < 50 and number % 5 == 0 else EVERY_FIELD - {"keywords"}
        archive.report(NOW - HOUR - number * 12 * HOUR, filled=filled)
    rates = {rate.field: rate for rate in of_xinhua(archive).fields}
    assert list(rates) == [
        "published_at", "source_label", "editor", "section", "dateline_place", "keywords", "byline",
    ]  # fmt: skip
    editor, keywords = rates["editor"], rates["keywords"]
    assert (editor.filled, editor.of, editor.filled_before, editor.of_before) == (40, 50, 400, 400)
    assert (editor.share, editor.share_before) == (0.8, 1.0)
    assert (keywords.filled, keywords.filled_before) == (10, 0)


def test_a_batch_of_a_busy_outlet_is_drawn_evenly_from_a_day(archive: Watched) -> None:
    for number in range(9 * 100):  # a hundred a day: from noon to midnight with a byline, then without
        seen = NOW - timedelta(minutes=10) - number * DAY / 100
        archive.report(seen, filled={"byline"} if seen.hour >= 12 else set())
    batches = health.batches(archive.connection, "xinhua", NOW)
    assert [batch.of for batch in batches] == [50] * 9
    assert {batch.filled[-1] for batch in batches} <= {24, 25, 26}
    assert all(batch.turns[-1] <= 2 for batch in batches)


def test_a_backlog_of_old_reports_is_no_part_of_it(archive: Watched) -> None:
    for number in range(60):
        archive.report(NOW - HOUR - timedelta(seconds=number), filled=set(), published=NOW - 900 * DAY)
    for number in range(30):
        archive.report(NOW - 2 * HOUR - timedelta(seconds=number))
    assert health.batches(archive.connection, "xinhua", NOW) == [Batch(30, (30,) * 7, (0,) * 7)]


def test_readings_of_which_it_is_not_known_are_left_out(archive: Watched) -> None:
    for number in range(3):
        archive.report(NOW - HOUR - timedelta(seconds=number))
    archive.connection.execute("update readings set fields = null where capture = (select max(capture) from readings)")
    assert [batch.of for batch in health.batches(archive.connection, "xinhua", NOW)] == [2]


def test_the_share_in_quarantine_is_of_looks_at_report_pages(archive: Watched) -> None:
    for number in range(3):
        archive.look(NOW - DAY - number * HOUR, "report")
    archive.look(NOW - 2 * DAY, "quarantined", "https://xinhua.example/a")
    archive.look(NOW - 2 * DAY, "quarantined", "https://xinhua.example/list")
    archive.check_row("https://xinhua.example/list")  # a list, which is no report page
    for number in range(8):
        archive.look(NOW - 30 * DAY - number * HOUR, "report")
    archive.look(NOW - 40 * DAY, "quarantined", "https://xinhua.example/b")
    archive.look(NOW - 41 * DAY, "quarantined", "https://xinhua.example/b")
    found = of_xinhua(archive).quarantined
    assert found == Quarantined(week=1, week_looks=4, quarter=2, quarter_looks=10)
    assert (found.share, found.share_before) == (0.25, 0.2)


def test_failures_are_grouped_by_their_kind_the_most_frequent_first(archive: Watched) -> None:
    a, b = "https://xinhua.example/a", "https://xinhua.example/b"
    for hours, url in ((3, a), (2, b)):
        archive.look(
            NOW - hours * HOUR,
            "failed",
            url,
            reason=f"{url}: DownloadTimeoutError: took 60.0 s; the next crawl asks again",
        )
    for hours in (5, 4, 3.5):
        archive.look(NOW - hours * HOUR, "server-error", a, reason=f"{a}: the server answered 503; asked again")
    archive.look(NOW - HOUR, "refused", a, cause="login", reason=f"{a}: leads to a login page")
    archive.look(NOW - 8 * DAY, "server-error", a)  # longer ago than a week
    assert of_xinhua(archive).causes == (
        Cause("server-error", 503, "status 503", 3, "2026-11-24T08:30:00Z", a),
        Cause("failed", None, "no answer in time", 2, "2026-11-24T10:00:00Z", b),
        Cause("refused", 200, "a login page", 1, "2026-11-24T11:00:00Z", a),
    )


def test_volumes_and_counts(archive: Watched) -> None:
    first = archive.report(NOW - 3 * DAY)
    archive.report(NOW - 2 * DAY)
    archive.look(NOW - DAY, "robots", "https://xinhua.example/robots.txt", length=50)
    archive.look(NOW - DAY, length=30)
    archive.connection.execute("update reports set state = 'gone' where id = ?", [first])
    archive.crawl(NOW - DAY, "shutdown")
    found = of_xinhua(archive)
    assert (found.reports, found.missing, found.warc_bytes) == (2, 1, 280)
    assert (found.last_crawl, found.ended) == ("2026-11-23T12:00:00Z", "shutdown")


def test_only_the_outlets_that_are_asked_for(archive: Watched) -> None:
    archive.outlet("tnw")
    assert [each.outlet for each in health.of_outlets(archive.connection, NOW)] == ["tnw", "xinhua"]
    assert [each.outlet for each in health.of_outlets(archive.connection, NOW, ["xinhua"])] == ["xinhua"]


def test_one_disk_is_told_once(archive: Watched) -> None:
    (archive.captures / "a.warc.gz").write_bytes(b"x" * 1000)
    (disk,) = health.disks(archive.archive, archive.captures)
    assert disk.holds == "archive and captures" and disk.total > disk.free > 0
    assert disk.used >= 1000 + archive.archive.stat().st_size
