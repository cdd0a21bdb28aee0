"""Alarms: what raises each kind, what does not, when it is over, and that nobody is told twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from watched_archive import DAY, EVERY_FIELD, HOUR, NOW, Watched

from archive import alarms, health
from archive.alarms import Alarm, Changes, UnknownAlarm
from archive.public import open_to_read
from archive.storage import Captures
from archive.times import iso
from archive.warc_writer import CaptureWriter

MINUTE = timedelta(minutes=1)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path)
    made.outlet()
    yield made
    made.connection.close()


def check(archive: Watched, now: datetime = NOW, **settings: Any) -> Changes:
    """What `dateline due` does at its end."""
    archive.count_days()
    archive.connection.execute("begin immediate")
    changes = alarms.check(archive.connection, archive.settings | settings, Captures.at(archive.captures), now)
    archive.connection.execute("commit")
    return changes


def acknowledge(archive: Watched, alarm: Alarm, note: str = "Known.", now: datetime = NOW) -> Alarm:
    return alarms.acknowledge(archive.connection, alarm.id, note, now)


def kinds(found: tuple[Alarm, ...] | list[Alarm]) -> list[str]:
    return [alarm.kind for alarm in found]


# How an alarm lives, on the example of a clock that is wrong


def wrong_clock(archive: Watched, at: datetime, offset: float) -> None:
    archive.connection.execute("delete from runs")
    archive.run(at - 5 * MINUTE, at - MINUTE, offset)


def test_it_is_raised_once_seen_again_and_cleared(archive: Watched) -> None:
    wrong_clock(archive, NOW, 400)
    (raised,) = check(archive).raised
    assert (raised.id, raised.kind, raised.outlet, raised.subject, raised.state) == (
        1,
        "clock",
        None,
        "clock",
        "behind",
    )
    assert raised.message.startswith("This machine's clock is 7 minutes behind those of the outlets' servers")
    later = NOW + 10 * MINUTE
    wrong_clock(archive, later, 420)
    assert not check(archive, later)
    (seen,) = alarms.open_alarms(archive.connection)
    assert (seen.raised_at, seen.seen_at) == (iso(NOW), iso(later))
    wrong_clock(archive, later + 10 * MINUTE, 2)
    changes = check(archive, later + 10 * MINUTE)
    assert [alarm.id for alarm in changes.cleared] == [1] and not changes.raised
    assert alarms.open_alarms(archive.connection) == []
    assert [alarm.cleared_at for alarm in alarms.history(archive.connection, 9)] == [iso(later + 10 * MINUTE)]


def test_it_is_raised_anew_when_it_comes_back(archive: Watched) -> None:
    for minutes, offset in ((0, 400), (10, 0), (20, 400)):
        wrong_clock(archive, NOW + minutes * MINUTE, offset)
        changes = check(archive, NOW + minutes * MINUTE)
    assert [alarm.id for alarm in changes.raised] == [2]
    assert [alarm.cleared_at is None for alarm in alarms.history(archive.connection, 9)] == [True, False]


def test_an_acknowledged_one_is_quiet_until_its_state_changes(archive: Watched) -> None:
    wrong_clock(archive, NOW, 400)
    check(archive)
    acknowledge(archive, alarms.open_alarms(archive.connection)[0], "The new machine; see to it on Monday.")
    wrong_clock(archive, NOW + 10 * MINUTE, 900)  # further behind, in the same way
    assert not check(archive, NOW + 10 * MINUTE)
    wrong_clock(archive, NOW + 20 * MINUTE, -900)
    changes = check(archive, NOW + 20 * MINUTE)
    assert kinds(changes.returned) == ["clock"] and not changes.raised and not changes.cleared
    new, old = alarms.history(archive.connection, 9)
    assert (old.note, old.cleared_at) == ("The new machine; see to it on Monday.", iso(NOW + 20 * MINUTE))
    assert (new.state, new.acknowledged_at, new.note, new.cleared_at) == ("ahead", None, None, None)


def test_only_an_open_alarm_is_acknowledged(archive: Watched) -> None:
    with pytest.raises(UnknownAlarm, match="Alarm 7 does not exist"):
        alarms.acknowledge(archive.connection, 7, "x", NOW)
    wrong_clock(archive, NOW, 400)
    (raised,) = check(archive).raised
    wrong_clock(archive, NOW, 0)
    check(archive)
    with pytest.raises(UnknownAlarm, match="is over since 2026-11-24"):
        acknowledge(archive, raised)


def test_one_that_nobody_acknowledged_comes_first(archive: Watched) -> None:
    wrong_clock(archive, NOW, 400)
    check(archive)
    acknowledge(archive, alarms.open_alarms(archive.connection)[0])
    (missing,) = check_with_a_missing_file(archive).raised
    assert [alarm.id for alarm in alarms.open_alarms(archive.connection)] == [missing.id, 1]


def check_with_a_missing_file(archive: Watched) -> Changes:
    archive.connection.execute("insert into warcs values ('a.warc.gz', 9, 1, null, null)")
    return check(archive)


def test_looking_without_writing_finds_the_same(archive: Watched) -> None:
    wrong_clock(archive, NOW, 400)
    with closing(open_to_read(archive.archive)) as reader:
        (found,) = alarms.standing(reader, archive.settings, Captures.at(archive.captures), NOW)
    assert (found.id, found.kind) == (0, "clock")
    assert alarms.history(archive.connection, 9) == []


def test_a_check_of_nothing_finds_nothing(archive: Watched) -> None:
    assert not check(archive)


# The machine


def test_a_clock_a_little_wrong_or_one_wrong_server_among_several_runs_is_none(archive: Watched) -> None:
    archive.run(NOW - 28 * MINUTE, NOW - 27 * MINUTE, 299)
    assert not check(archive)
    for minutes, offset in ((20, 0.5), (15, 9000), (10, -0.5)):
        archive.run(NOW - minutes * MINUTE, NOW - (minutes - 1) * MINUTE, offset)
    assert not check(archive)


def test_a_missing_warc_file(archive: Watched) -> None:
    (raised,) = check_with_a_missing_file(archive).raised
    assert (raised.kind, raised.subject) == ("missing-file", "WARC files")
    assert raised.message.startswith(f"A WARC file is missing from {archive.captures}: a.warc.gz.")
    acknowledge(archive, raised)
    archive.connection.execute("insert into warcs values ('b.warc.gz', 9, 1, null, null)")
    (back,) = check(archive).returned
    assert back.message.startswith("2 WARC files are missing")
    for name in ("a", "b"):
        (archive.captures / f"{name}.warc.gz").touch()
    assert kinds(check(archive).cleared) == ["missing-file"]


def test_runs_that_stopped_coming(archive: Watched) -> None:
    assert not check(archive)  # there never was one
    archive.run(NOW - 40 * MINUTE, NOW - 31 * MINUTE)
    (raised,) = check(archive).raised
    assert raised.kind == "schedule" and "since 2026-11-24 11:29 UTC, 31 minutes ago" in raised.message
    archive.run(NOW - 5 * MINUTE, None)
    assert kinds(check(archive).cleared) == ["schedule"]


def test_a_long_run_at_work_is_no_run_that_stopped(archive: Watched) -> None:
    archive.run(NOW - 2 * HOUR, NOW - 90 * MINUTE)
    archive.run(NOW - 50 * MINUTE, None)  # as long as RUN_MINUTES, and then 20 minutes
    assert not check(archive)
    assert kinds(check(archive, NOW + 11 * MINUTE).raised) == ["schedule"]  # it hangs, or was killed


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A disk of 200 GB of which `free` can be set."""
    usage = SimpleNamespace(total=200_000_000_000, free=100_000_000_000)
    monkeypatch.setattr("archive.health.shutil.disk_usage", lambda _: usage)
    return usage


def test_a_disk_that_fills_up(archive: Watched, disk: SimpleNamespace) -> None:
    archive.look(NOW - DAY, length=700_000_000)
    free = {"DISK_MIN_FREE": 5_000_000_000}
    disk.free = 5_100_000_000
    assert not check(archive, **free)
    disk.free = 4_900_000_000
    (raised,) = check(archive, **free).raised
    assert (raised.kind, raised.subject, raised.state) == ("disk", "archive and captures", "low")
    assert "4.9 GB are free of 200.0 GB" in raised.message
    assert "It grows by 100.0 MB a day, which leaves 49 days." in raised.message
    acknowledge(archive, raised)
    disk.free = 4_000_000_000
    assert not check(archive, **free)
    disk.free = 900_000_000
    (returned,) = check(archive, **free).returned
    assert returned.state == "nearly full"
    disk.free = 5_100_000_000  # no more than a little above the limit: it would come and go
    assert not check(archive, **free).cleared
    disk.free = 6_100_000_000
    assert kinds(check(archive, **free).cleared) == ["disk"]


def test_of_a_small_disk_a_twentieth_is_enough(archive: Watched, disk: SimpleNamespace) -> None:
    disk.total, disk.free = 20_000_000_000, 1_100_000_000
    assert not check(archive, DISK_MIN_FREE=5_000_000_000)
    disk.free = 900_000_000
    assert kinds(check(archive, DISK_MIN_FREE=5_000_000_000).raised) == ["disk"]


# Silence


def days_of_reports(archive: Watched, days: int, hour: int = 12) -> None:
    """A report each day at noon, the last one two days ago, and lists read each hour all the time."""
    for number in range(days):
        archive.report(NOW.replace(hour=hour) - (number + 2) * DAY)
    archive.lists_read(NOW - (days + 3) * DAY, NOW)


def test_an_outlet_that_has_nothing_new_for_longer_than_ever(archive: Watched) -> None:
    days_of_reports(archive, 40)
    # Each day's gap is 24 hours, and half as long again is 36.
    last = NOW - 2 * DAY
    assert not check(archive, last + 36 * HOUR)
    (raised,) = check(archive, last + 37 * HOUR).raised
    assert (raised.kind, raised.outlet, raised.subject) == ("silent", "xinhua", "reports")
    assert "no new report for 37 hours, since 2026-11-22 12:00 UTC" in raised.message
    assert "its longest gap was 24 hours or less" in raised.message
    archive.report(NOW)
    assert kinds(check(archive).cleared) == ["silent"]


def test_with_too_little_history_nothing_is_said(archive: Watched) -> None:
    days_of_reports(archive, 30)  # 29 gaps
    assert not check(archive)


def test_silence_while_nobody_looked_is_not_the_outlets(archive: Watched) -> None:
    for number in range(40):
        archive.report(NOW - (number + 2) * DAY)
    archive.lists_read(NOW - 43 * DAY, NOW - 2 * DAY)
    archive.run(NOW - 3 * DAY, NOW - 2 * DAY)
    archive.look(NOW - HOUR)  # after the machine was off for two days
    assert kinds(check(archive).raised) == ["schedule"]


def test_gaps_in_which_nobody_looked_are_not_usual_ones(archive: Watched) -> None:
    for number in range(45):
        if not 10 <= number < 16:
            archive.report(NOW - (number + 2) * DAY)
    archive.lists_read(NOW - 50 * DAY, NOW - 18 * DAY + HOUR)
    archive.lists_read(NOW - 11 * DAY, NOW)  # the machine was off for a week: one gap of seven days
    assert kinds(check(archive).raised) == ["silent"]


def test_a_night_is_no_silence_though_most_gaps_are_short(archive: Watched) -> None:
    for day in range(40):  # each half hour from 06:00 to 18:00: 24 gaps of half an hour, and one night of 12 hours
        for half_hour in range(25):
            archive.report((NOW - (day + 1) * DAY).replace(hour=6) + half_hour * 30 * MINUTE)
    archive.lists_read(NOW - 42 * DAY, NOW)
    evening = NOW.replace(hour=18) - DAY
    assert not check(archive, evening + 17 * HOUR)
    assert kinds(check(archive, evening + 18 * HOUR + MINUTE).raised) == ["silent"]


def test_a_silence_goes_on_when_the_machine_goes_off(archive: Watched) -> None:
    days_of_reports(archive, 40)
    assert kinds(check(archive).raised) == ["silent"]
    assert not check(archive, NOW + 3 * DAY).cleared


# Fields


def reports_with(archive: Watched, missing: str, newest: int, everything: int = 450) -> None:
    for number in range(everything):
        filled = EVERY_FIELD - {missing} if number < newest else EVERY_FIELD
        archive.report(NOW - HOUR - number * 40 * MINUTE, filled=filled)


def test_a_field_that_is_no_longer_filled(archive: Watched) -> None:
    reports_with(archive, "editor", newest=20)
    (raised,) = check(archive).raised
    assert (raised.kind, raised.outlet, raised.subject) == ("fill-rate", "xinhua", "editor")
    assert raised.state == "from 100 % to few"
    assert (
        "editor is filled in 30 of the newest 50 reports (60 %), and was in 400 of the 400 before them"
        in raised.message
    )
    (newest,) = archive.connection.execute("select url from reports order by id desc limit 1").fetchone()
    assert newest in raised.message


def test_ten_of_fifty_are_not_enough(archive: Watched) -> None:
    reports_with(archive, "editor", newest=9)
    assert not check(archive)


def test_it_is_not_over_when_the_doubt_has_grown_old(archive: Watched) -> None:
    reports_with(archive, "editor", newest=20)
    check(archive)
    for number in range(300):  # for days, none has an editor: the history no longer tells
        archive.report(NOW + number * 40 * MINUTE, filled=EVERY_FIELD - {"editor"})
    later = NOW + 300 * 40 * MINUTE
    assert not kinds(check(archive, later).cleared)
    (standing,) = [alarm for alarm in alarms.open_alarms(archive.connection) if alarm.kind == "fill-rate"]
    assert standing.state == "from 100 % to none"


def test_it_is_over_when_the_field_is_filled_again(archive: Watched) -> None:
    reports_with(archive, "editor", newest=20)
    check(archive)
    for number in range(50):
        archive.report(NOW + number * 40 * MINUTE)
    assert kinds(check(archive, NOW + 50 * 40 * MINUTE).cleared) == ["fill-rate"]


def test_an_acknowledged_fall_is_over_once_it_is_the_usual(archive: Watched) -> None:
    for number in range(450):
        archive.report(
            NOW - HOUR - number * 40 * MINUTE, filled=EVERY_FIELD - {"editor"} if number < 30 else EVERY_FIELD
        )
    (raised,) = check(archive).raised
    acknowledge(archive, raised, "They leave the editor out now.")
    for number in range(450):
        archive.report(NOW + number * 40 * MINUTE, filled=EVERY_FIELD - {"editor"} if number % 5 else EVERY_FIELD)
    changes = check(archive, NOW + 450 * 40 * MINUTE)
    assert kinds(changes.cleared) == ["fill-rate"] and not changes.raised and not changes.returned


def test_later_looks_at_old_reports_do_not_hide_the_fall(archive: Watched) -> None:
    """After a redesign every report of the last days is read again within hours, without the field."""
    reports_with(archive, "editor", newest=20)
    archive.connection.execute("update reports set editor = null")
    assert kinds(check(archive).raised) == ["fill-rate"]


# Layouts


def unread(archive: Watched, at: datetime, report: int | None = None, reason: str = "") -> str:
    url = f"https://xinhua.example/{iso(at)}"
    if report is not None:
        (url,) = archive.connection.execute("select url from reports where id = ?", [report]).fetchone()
    why = reason or f"{url}: 0 of the 3 layouts of xinhua fit: add a Layout for this generation of pages"
    archive.look(at, "quarantined", url, reason=why, report=report)
    return url


def test_a_redesign_names_the_layout_that_used_to_read_the_pages(archive: Watched) -> None:
    old = [archive.report(NOW - 3 * DAY - number * HOUR, layout="detail-2023") for number in range(20)]
    for number in range(20):
        archive.report(NOW - 2 * DAY - number * MINUTE, layout="video")
    for number in range(16):
        unread(archive, NOW - number * HOUR, old[number])
    (raised,) = check(archive).raised
    assert (raised.kind, raised.outlet, raised.subject, raised.state) == ("layout", "xinhua", "detail-2023", "some")
    assert "16 of the newest 40 report pages cannot be read (40 %; 0 % in the 90 days before)" in raised.message


def test_few_unread_pages_and_a_usual_share_are_none(archive: Watched) -> None:
    for number in range(4):
        unread(archive, NOW - number * HOUR)
    assert not check(archive)


def test_pages_that_always_were_in_quarantine_are_no_news(archive: Watched) -> None:
    for day in range(8, 90):  # one of four
        unread(archive, NOW - day * DAY)
        for number in range(3):
            archive.report(NOW - day * DAY - (number + 1) * MINUTE)
    for number in range(8):
        unread(archive, NOW - number * HOUR)
    for number in range(24):
        archive.report(NOW - 10 * HOUR - number * MINUTE)
    assert not check(archive)


def test_new_addresses_are_laid_to_the_layout_of_the_newest_reports(archive: Watched) -> None:
    for number in range(40):
        archive.report(NOW - 9 * DAY - number * HOUR, layout="detail-2023")
    urls = [unread(archive, NOW - number * HOUR) for number in range(8)]
    (raised,) = check(archive).raised
    assert (raised.kind, raised.subject, raised.state) == ("layout", "detail-2023", "most")
    assert "8 of the newest 8 report pages cannot be read (100 %; 0 % in the 90 days before)" in raised.message
    assert "The layout detail-2023 used to read such pages" in raised.message and urls[0] in raised.message
    archive.connection.execute("update captures set outcome = 'report' where outcome = 'quarantined'")  # read again
    assert kinds(check(archive).cleared) == ["layout"]


def test_one_page_looked_at_again_and_again_is_one_page(archive: Watched) -> None:
    for number in range(20):
        archive.look(
            NOW - number * HOUR, "quarantined", "https://xinhua.example/odd",
            reason="https://xinhua.example/odd: 0 of the 3 layouts of xinhua fit",
        )  # fmt: skip
    assert not check(archive)


def test_pages_that_came_empty_are_not_the_layouts(archive: Watched) -> None:
    for number in range(8):
        unread(archive, NOW - number * HOUR, reason="https://x: status 200 with an empty page; ask again later")
    assert not check(archive)


def test_lists_that_cannot_be_read_any_more(archive: Watched) -> None:
    lists = [f"https://xinhua.example/list{number}" for number in range(3)]
    for url in lists:
        archive.check_row(url, last_outcome="quarantined" if url == lists[0] else "listing")
    archive.look(NOW - 8 * HOUR, "listing", lists[0])
    for hours in (7, 3):
        archive.look(NOW - hours * HOUR, "quarantined", lists[0])
    assert not check(archive)  # two looks
    archive.look(NOW - HOUR, "quarantined", lists[0])
    (raised,) = check(archive).raised
    assert (raised.kind, raised.subject, raised.state) == ("layout", "lists", "some")
    assert f"1 of its 3 lists cannot be read, so new reports are not found there: {lists[0]}" in raised.message
    archive.connection.execute("update checks set last_outcome = 'listing'")
    assert kinds(check(archive).cleared) == ["layout"]


# Outages


def failed_crawl(archive: Watched, started: datetime, reason: str = "finished", outlet: str = "xinhua") -> None:
    crawl = archive.crawl(started, reason, outlet)
    archive.look(
        started, "server-error", f"https://{outlet}.example/a", outlet, crawl=crawl,
        reason=f"https://{outlet}.example/a: the server answered 503; the next crawl asks again",
    )  # fmt: skip


def test_an_outlet_that_answers_no_crawl_for_hours(archive: Watched) -> None:
    good = archive.crawl(NOW - 5 * HOUR)
    archive.look(NOW - 5 * HOUR, crawl=good)
    failed_crawl(archive, NOW - 4 * HOUR)
    assert not check(archive)  # one crawl
    failed_crawl(archive, NOW - 2 * HOUR, "outage: the last 8 addresses failed, https://xinhua.example/a with 503")
    assert not check(archive, NOW - 90 * MINUTE)  # for two and a half hours
    (raised,) = check(archive).raised
    assert (raised.kind, raised.outlet, raised.subject) == ("outage", "xinhua", "crawls")
    assert raised.message == (
        "Xinhua: 2 crawls since 2026-11-24 08:00 UTC brought no answer, or were ended for want of one. The last one: "
        "outage: the last 8 addresses failed, https://xinhua.example/a with 503. What was due stays due, and nothing "
        "is taken for a takedown."
    )
    archive.look(NOW, crawl=archive.crawl(NOW))
    assert kinds(check(archive, NOW + MINUTE).cleared) == ["outage"]


def test_a_crawl_that_was_answered_in_part_is_no_outage(archive: Watched) -> None:
    for hours in (4, 2):
        failed_crawl(archive, NOW - hours * HOUR)
    archive.look(NOW - 2 * HOUR, "report", crawl=f"{NOW - 2 * HOUR:%Y%m%dT%H%M%S%fZ}-xinhua")
    assert not check(archive)


def test_when_no_outlet_answers_it_is_the_network(archive: Watched) -> None:
    for outlet in ("xinhua", "tnw", "tass"):
        if outlet != "xinhua":
            archive.outlet(outlet)
        for hours in (5, 1):
            failed_crawl(archive, NOW - hours * HOUR, outlet=outlet)
    (raised,) = check(archive).raised
    assert (raised.kind, raised.outlet, raised.subject) == ("outage", None, "network")
    assert raised.message.startswith("None of 3 outlets answers, so it is this machine's network")


# Moves


def test_a_move_suggests_the_line_to_add(archive: Watched) -> None:
    first, last = archive.look(NOW - 3 * DAY, "redirect"), archive.look(NOW - DAY, "redirect")
    for host in ("xinhua.example", "www.news.cn"):  # the latter is below a host of its own
        archive.connection.execute(
            "insert into moves values ('xinhua', 'www.xinhuanet.com', ?, ?, ?, 4)", [host, first, last]
        )
    (raised,) = check(archive).raised
    assert (raised.kind, raised.subject) == ("domain-move", "www.xinhuanet.com to xinhua.example")
    assert 'add Domain("xinhua.example", since="2026-11-21") to its domains' in raised.message
    assert 'that of www.xinhuanet.com: until="2026-11-21", into="xinhua.example"' in raised.message
    archive.connection.execute('update outlets set domains = \'[{"host": "xinhua.example"}, {"host": "news.cn"}]\'')
    assert kinds(check(archive).cleared) == ["domain-move"]


# robots.txt

ROBOTS = "https://www.news.cn/robots.txt"


class Robots:
    """Captures of a robots.txt, in a WARC file."""

    def __init__(self, archive: Watched) -> None:
        self.archive = archive
        self.writer = CaptureWriter(archive.captures)
        self.writer.begin("c", "xinhua", {}, NOW - 40 * DAY)

    def served(self, at: datetime, text: str, **columns: Any) -> None:
        capture = self.writer.response(
            "c", "xinhua", ROBOTS, ("GET", []), (200, [("Content-Type", "text/plain")], text.encode()), at=at
        )
        self.archive.look(
            at,
            "robots",
            ROBOTS,
            payload_sha256=capture.payload_sha256,
            warc=capture.warc,
            offset=capture.offset,
            **columns,
        )


OPEN = "User-agent: *\nDisallow: /private/\nCrawl-delay: 1\n"
STRICTER = "# of May\nUser-agent: *\nDisallow: /private/\nDisallow: /politics/\nCrawl-delay: 5\n"
CLOSED = "User-agent: *\nDisallow: /\n"


@pytest.fixture
def robots(archive: Watched) -> Iterator[Robots]:
    archive.check_row("https://www.news.cn/list")
    found = Robots(archive)
    yield found
    found.writer.close()


def test_a_robots_txt_that_stays_the_same_is_none(archive: Watched, robots: Robots) -> None:
    for days in (20, 3, 2, 1):
        robots.served(NOW - days * DAY, OPEN)
    assert not check(archive)


def test_a_changed_robots_txt_says_which_lines_came_and_went(archive: Watched, robots: Robots) -> None:
    robots.served(NOW - 20 * DAY, OPEN)
    robots.served(NOW - DAY, STRICTER)
    (raised,) = check(archive).raised
    assert (raised.kind, raised.outlet, raised.subject) == ("robots", "xinhua", ROBOTS)
    assert raised.message == (
        f"Xinhua: {ROBOTS} was changed. Added: Disallow: /politics/; Crawl-delay: 5. Removed: Crawl-delay: 1. "
        "Read it, see whether to go on as before, and acknowledge this."
    )


def test_one_that_forbids_everything_says_so(archive: Watched, robots: Robots) -> None:
    robots.served(NOW - 2 * DAY, OPEN)
    robots.served(NOW - DAY, CLOSED)
    (raised,) = check(archive).raised
    assert "It now forbids everything that Dateline asks of this host." in raised.message


def test_another_remark_is_no_change(archive: Watched, robots: Robots) -> None:
    robots.served(NOW - 2 * DAY, OPEN)
    robots.served(NOW - DAY, f"# made at noon\n{OPEN}")
    assert not check(archive)


def test_it_stays_until_it_is_acknowledged_and_then_is_the_usual(archive: Watched, robots: Robots) -> None:
    robots.served(NOW - 2 * DAY, OPEN)
    robots.served(NOW - DAY, STRICTER)
    (raised,) = check(archive).raised
    assert not check(archive, NOW + 30 * DAY)  # nobody has read it so far
    acknowledge(archive, raised)
    assert not check(archive, NOW + DAY)
    robots.served(NOW + 20 * DAY, STRICTER)
    changes = check(archive, NOW + 20 * DAY)
    assert kinds(changes.cleared) == ["robots"] and not changes.raised
    robots.served(NOW + 21 * DAY, CLOSED)
    assert kinds(check(archive, NOW + 21 * DAY).raised) == ["robots"]


def test_a_further_change_after_the_acknowledgement_returns(archive: Watched, robots: Robots) -> None:
    robots.served(NOW - 2 * DAY, OPEN)
    robots.served(NOW - DAY, STRICTER)
    acknowledge(archive, check(archive).raised[0])
    robots.served(NOW + HOUR, CLOSED)
    (back,) = check(archive, NOW + 2 * HOUR).returned
    assert "Removed: Disallow: /private/; Disallow: /politics/; Crawl-delay: 5" in back.message


def test_one_that_was_taken_back_is_over(archive: Watched, robots: Robots) -> None:
    robots.served(NOW - 2 * DAY, OPEN)
    robots.served(NOW - DAY, STRICTER)
    check(archive)
    robots.served(NOW, OPEN)
    assert kinds(check(archive).cleared) == ["robots"]


def test_one_whose_file_is_gone_says_that_it_cannot_be_read(archive: Watched, robots: Robots) -> None:
    robots.served(NOW - 2 * DAY, OPEN)
    robots.served(NOW - DAY, STRICTER)
    robots.writer.close()
    for path in archive.captures.iterdir():
        path.unlink()
    (raised,) = check(archive).raised
    assert "Its text cannot be read: is the WARC file of capture" in raised.message


def test_a_public_archive_has_no_alarms(tmp_path: Path, archive: Watched) -> None:
    archive.connection.execute("drop table alarms")
    assert alarms.open_alarms(archive.connection) == alarms.history(archive.connection, 9) == []
    assert health.of_outlets(archive.connection, NOW)[0].outlet == "xinhua"
