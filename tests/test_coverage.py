"""The coverage ledger: what was asked of each outlet on each day and what came, whatever the order of arrival."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils import Database

from archive import coverage, ledger, rows
from archive.schedule import Schedule
from archive.schema import MIGRATIONS, connect, open_archive
from archive.times import iso
from items import Capture, Report

START = datetime(2026, 10, 30, 22, 0, tzinfo=UTC)  # two days before the end of a month, two hours before that of a day
NEXT = Schedule.from_hours([(3, 0.25), (24, 0.5)], 24)
PAGE = "https://www.news.cn/{}.htm"
COLUMNS = "asked, answered, read, new, changed, missing, refused, failed, quarantined"


def write_outlets(connection: sqlite3.Connection) -> None:
    for outlet in ("xinhua", "tnw"):
        ledger.write_outlets(
            connection,
            [
                {
                    "id": outlet, "title_en": outlet, "title_local": outlet, "country": "CN", "languages": "zh-Hans",
                    "kind": "state", "control": "", "owner": "", "timezone": "UTC", "aliases": "", "domains": "[]",
                }
            ],
        )  # fmt: skip


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_archive(tmp_path / "archive.db")
    write_outlets(connection)
    yield connection
    connection.close()


def report(body: str, outlet: str = "xinhua") -> Report:
    return Report(
        outlet=outlet, layout="detail2023", language="zh-Hans", title="警方通报", published_local="2026-10-30T15:30:00",
        published_precision="second", published_utc="2026-10-30T07:30:00Z", published_printed="2026-10-30 15:30:00",
        zone_basis="outlet", modified_utc=None, source_label=None, source_url=None, editors=[], authors=[],
        dateline=None, body=[body], captions=[], keywords=[],
    )  # fmt: skip


def capture(
    hours: float, outcome: str, number: int = 1, said: Report | None = None, outlet: str = "xinhua",
    status: int | None = 200,
) -> Capture:  # fmt: skip
    at = START + timedelta(hours=hours)
    url = PAGE.format(number) if outcome != "robots" or status is None else "https://www.news.cn/robots.txt"
    identity = round(at.timestamp() * 1_000_000) + number
    return Capture(
        id=identity, crawl="c1", outlet=outlet, url=url, at=at, status=status, headers=[], body=b"",
        payload_sha256="ab", payload_length=10, warc="a.warc.gz", offset=identity, length=100, outcome=outcome,
        canonical=url, report_url=url, kind="report", report=said,
    )  # fmt: skip


def story() -> list[Capture]:
    """Two hours of 30 October, 31 October and 1 November of Xinhua; 2 November was not looked at, on 3 November only
    robots.txt was asked for, on 4 November the server was down. TNW has its own report on 31 October."""
    return [
        capture(0.0, "robots", 0),
        capture(0.1, "listing", 100),
        capture(0.2, "report", 1, report("第一段。")),
        capture(0.3, "report", 2, report("另一段。")),
        capture(3.0, "report", 1, report("第一段改。")),  # 31 October
        capture(3.1, "unchanged", 2, status=304),
        capture(3.2, "quarantined", 3),
        capture(3.3, "missing", 4, status=404),
        capture(3.4, "refused", 5, status=403),
        capture(3.5, "robots", 6, status=None),  # an address that robots.txt forbids
        capture(3.6, "server-error", 7, status=503),
        capture(3.7, "failed", 8, status=None),
        capture(3.8, "redirect", 9, status=301),
        capture(3.9, "not-report", 10),
        capture(4.0, "report", 1, report("第一段再改。")),
        capture(4.0, "report", 50, report("TNW.", "tnw"), outlet="tnw"),
        capture(27.0, "report", 11, report("十一月。")),  # 1 November
        capture(27.1, "unchanged", 1, status=304),
        capture(75.0, "robots", 0),  # 3 November
        capture(99.0, "failed", 1, status=None),  # 4 November
        capture(99.1, "server-error", 2, status=500),
    ]


def days(connection: sqlite3.Connection, outlet: str = "xinhua") -> dict[str, tuple[int, ...]]:
    found = connection.execute(f"select day, {COLUMNS} from coverage_days where outlet = ? order by day", [outlet])
    return {day: tuple(counts) for day, *counts in found}


# asked, answered, read, new, changed, missing, refused, failed, quarantined
EXPECTED = {
    "2026-10-30": (3, 3, 2, 2, 0, 0, 0, 0, 0),
    "2026-10-31": (11, 6, 2, 0, 2, 1, 2, 2, 1),
    "2026-11-01": (2, 2, 1, 1, 0, 0, 0, 0, 0),
    "2026-11-04": (2, 0, 0, 0, 0, 0, 0, 2, 0),
}


def test_a_day_tells_what_was_asked_and_how_it_ended(db: sqlite3.Connection) -> None:
    rows.write(db, story(), NEXT)
    assert days(db) == EXPECTED
    assert days(db, "tnw") == {"2026-10-31": (1, 1, 1, 1, 0, 0, 0, 0, 0)}


def test_the_bytes_of_a_day_are_those_of_all_its_records(db: sqlite3.Connection) -> None:
    rows.write(db, story(), NEXT)
    found = dict(db.execute("select day, bytes from coverage_days where outlet = 'xinhua'"))
    assert found == {"2026-10-30": 400, "2026-10-31": 1100, "2026-11-01": 200, "2026-11-04": 200}


def test_a_month_has_a_sign_for_each_of_its_days(db: sqlite3.Connection) -> None:
    rows.write(db, story(), NEXT)
    months = db.execute(
        "select outlet, month, marks, days, days_answered, days_new, asked, new, changed, failed from coverage_months"
    ).fetchall()
    assert months == [
        ("tnw", "2026-10", "-" * 30 + "n", 1, 1, 1, 1, 1, 0, 0),
        ("xinhua", "2026-10", "-" * 29 + "na", 2, 2, 1, 14, 2, 2, 2),
        ("xinhua", "2026-11", "n--x" + "-" * 26, 2, 1, 1, 4, 1, 0, 2),
    ]


def test_a_month_in_february_has_as_many_signs_as_days(db: sqlite3.Connection) -> None:
    early = capture(0, "listing")
    leap = datetime(2024, 2, 29, tzinfo=UTC)
    early.at, early.id = leap, round(leap.timestamp() * 1_000_000)
    rows.write(db, [early], NEXT)
    assert db.execute("select marks from coverage_months").fetchall() == [("-" * 28 + "a",)]


def test_an_older_capture_that_arrives_late_moves_what_was_new_to_its_day(db: sqlite3.Connection) -> None:
    rows.write(db, [capture(27, "report", 1, report("第一段。"))], NEXT)
    assert days(db) == {"2026-11-01": (1, 1, 1, 1, 0, 0, 0, 0, 0)}
    rows.write(db, [capture(0, "report", 1, report("更早的一段。"))], NEXT)
    assert days(db) == {
        "2026-10-30": (1, 1, 1, 1, 0, 0, 0, 0, 0),
        "2026-11-01": (1, 1, 1, 0, 1, 0, 0, 0, 0),  # it was seen before, so this is another wording
    }
    rows.write(db, [capture(3, "report", 1, report("第一段。"))], NEXT)  # the wording of 1 November, a day earlier
    assert days(db) == {
        "2026-10-30": (1, 1, 1, 1, 0, 0, 0, 0, 0),
        "2026-10-31": (1, 1, 1, 0, 1, 0, 0, 0, 0),
        "2026-11-01": (1, 1, 1, 0, 0, 0, 0, 0, 0),
    }


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_arrival_changes_nothing(db: sqlite3.Connection, tmp_path: Path, seed: int) -> None:
    rows.write(db, story(), NEXT)
    other = open_archive(tmp_path / "other.db")
    write_outlets(other)
    shuffled, chance = story(), random.Random(seed)
    chance.shuffle(shuffled)
    while shuffled:
        size = chance.randrange(1, 5)
        rows.write(other, shuffled[:size], NEXT)
        rows.write(other, shuffled[:1], NEXT)  # and once more
        del shuffled[:size]
    for table in ("coverage_days", "coverage_months"):
        assert other.execute(f"select * from {table}").fetchall() == db.execute(f"select * from {table}").fetchall()
    other.close()


def test_counting_all_days_anew_gives_the_same(db: sqlite3.Connection) -> None:
    rows.write(db, story(), NEXT)
    kept = {table: db.execute(f"select * from {table}").fetchall() for table in ("coverage_days", "coverage_months")}
    for table in kept:
        db.execute(f"delete from {table}")
    coverage.count_all(db)
    assert {table: db.execute(f"select * from {table}").fetchall() for table in kept} == kept


def test_an_archive_from_before_the_ledger_is_counted_when_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    old = connect(path)
    MIGRATIONS.apply(Database(old), stop_before="0003_watching")
    old.execute(
        "insert into outlets (id, title_en, title_local, country, languages, kind, control, owner, timezone, aliases, "
        "domains) values ('xinhua', 'X', 'X', 'CN', 'zh', 'state', '', '', 'UTC', '', '[]')"
    )
    for number, outcome in enumerate(("report", "missing", "failed")):
        old.execute(
            "insert into captures (id, outlet, url, canonical, at, payload_length, warc, offset, length, origin, outcome) "
            "values (?, 'xinhua', 'u', 'u', ?, 0, 'w', ?, 7, 'live', ?)",
            [number + 1, f"2026-10-0{number // 2 + 1}T10:00:00Z", number, outcome],
        )
    old.close()
    opened = open_archive(path)
    assert days(opened) == {"2026-10-01": (2, 2, 1, 0, 0, 1, 0, 0, 0), "2026-10-02": (1, 0, 0, 0, 0, 0, 0, 1, 0)}
    assert opened.execute("select marks from coverage_months").fetchall() == [("ax" + "-" * 29,)]
    opened.close()


def test_a_look_that_changes_nothing_counts_only_its_own_day(
    db: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report of many wordings must not have all of its days counted at every look."""
    rows.write(db, story(), NEXT)
    counted: list[set[tuple[str, str]]] = []
    monkeypatch.setattr(coverage, "update", lambda _, days: counted.append(set(days)))
    rows.write(db, [capture(130, "report", 1, report("第一段再改。"))], NEXT)
    rows.write(db, [capture(131, "report", 1, report("又改。"))], NEXT)
    assert counted == [{("xinhua", "2026-11-05")}, {("xinhua", "2026-11-05")}]


def test_a_days_counts_come_from_indexes_alone(db: sqlite3.Connection) -> None:
    asked: list[str] = []
    db.set_trace_callback(asked.append)
    coverage.update(db, [("xinhua", "2026-10-31")])
    db.set_trace_callback(None)
    plan = " / ".join(row[3] for sql in asked for row in db.execute(f"explain query plan {sql}"))
    for index in (
        "captures_looks (outlet=? AND origin=? AND at>? AND at<?)",
        "reports_looks (outlet=?",
        "versions_edits (seen_at>?",
    ):
        assert f"USING COVERING INDEX {index}" in plan
    assert "SCAN captures" not in plan


def test_every_outcome_is_counted_as_something() -> None:
    known = {*coverage.ANSWERS, *coverage.NEITHER, *coverage.REFUSALS, *coverage.FAILURES}
    assert {each.outcome for each in story()} == known


# What others looked at


def by_others(
    hours: float, outcome: str, number: int = 1, said: Report | None = None, origin: str = "import", **more: int | None
) -> Capture:
    found = capture(hours, outcome, number, said, **more)
    found.origin, found.crawl, found.id = origin, "backfill" if origin == "wayback" else "", found.id + 500
    return found


def captures_of_others() -> list[Capture]:
    """Of 2 November, on which we did not look; of 29 October, before we began, with the first wording of a report; and
    beside looks of ours, of a time in which the server failed us too."""
    return [
        by_others(-24.0, "report", 1, report("第一段。"), "wayback"),
        by_others(-23.0, "missing", 2, origin="wayback", status=404),
        by_others(3.05, "robots", 0),  # robots.txt is no question here either
        by_others(50.0, "report", 60, report("别人看见的。")),
        by_others(50.1, "quarantined", 61),
        by_others(99.5, "report", 11, report("十一月。")),
    ]


OURS = f"outlet, day, {COLUMNS}, bytes"


def test_what_others_looked_at_is_in_no_other_column(db: sqlite3.Connection) -> None:
    rows.write(db, story(), NEXT)
    before = db.execute(f"select {OURS} from coverage_days").fetchall()
    rows.write(db, captures_of_others(), NEXT)
    assert db.execute(f"select {OURS} from coverage_days where asked > 0").fetchall() == before
    found = db.execute("select day, asked, bytes, elsewhere from coverage_days where elsewhere > 0").fetchall()
    assert found == [
        ("2026-10-29", 0, 0, 2),
        ("2026-11-02", 0, 0, 2),
        ("2026-11-04", 2, 200, 1),
    ]
    assert db.execute("select first_seen, first_look from reports where url like '%/1.htm'").fetchall() == [
        (iso(START - timedelta(hours=24)), iso(START + timedelta(hours=0.2)))
    ]
    assert db.execute("select first_look from reports where url like '%/60.htm'").fetchall() == [(None,)]


def test_a_day_on_which_only_others_looked_has_a_sign_of_its_own(db: sqlite3.Connection) -> None:
    rows.write(db, story() + captures_of_others(), NEXT)
    months = db.execute(
        "select month, marks, days, days_answered, elsewhere from coverage_months where outlet = 'xinhua'"
    ).fetchall()
    assert months == [("2026-10", "-" * 28 + "ena", 2, 2, 2), ("2026-11", "ne-x" + "-" * 26, 2, 1, 3)]


@pytest.mark.parametrize("seed", range(5))
def test_what_others_looked_at_may_come_before_or_after_our_own_looks(
    db: sqlite3.Connection, tmp_path: Path, seed: int
) -> None:
    rows.write(db, story() + captures_of_others(), NEXT)
    other = open_archive(tmp_path / "other.db")
    write_outlets(other)
    shuffled, chance = story() + captures_of_others(), random.Random(seed)
    chance.shuffle(shuffled)
    for each in shuffled:
        rows.write(other, [each], NEXT)
    for table in ("coverage_days", "coverage_months", "reports"):
        assert other.execute(f"select * from {table}").fetchall() == db.execute(f"select * from {table}").fetchall()
    other.close()


def test_what_was_first_read_by_us_moves_when_an_older_look_of_ours_is_read_late(db: sqlite3.Connection) -> None:
    """Though the report's first version began before both, with a capture of others."""
    rows.write(db, [by_others(0, "report", 1, report("第一段。")), capture(27, "report", 1, report("第一段。"))], NEXT)
    assert [days(db)[day][3] for day in ("2026-10-30", "2026-11-01")] == [0, 1]
    rows.write(db, [capture(3, "report", 1, report("第一段。"))], NEXT)
    assert [days(db)[day][3] for day in ("2026-10-30", "2026-10-31", "2026-11-01")] == [0, 1, 0]


def test_an_archive_with_imports_is_counted_anew_when_it_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    old = connect(path)
    MIGRATIONS.apply(Database(old), stop_before="0006_elsewhere")
    old.execute(
        "insert into outlets (id, title_en, title_local, country, languages, kind, control, owner, timezone, aliases, "
        "domains) values ('xinhua', 'X', 'X', 'CN', 'zh', 'state', '', '', 'UTC', '', '[]')"
    )
    for number, origin in enumerate(("live", "import", "import")):
        old.execute(
            "insert into captures (id, outlet, url, canonical, at, payload_length, warc, offset, length, origin, outcome) "
            "values (?, 'xinhua', 'u', 'u', ?, 0, 'w', ?, 7, ?, 'report')",
            [number + 1, f"2026-10-0{number // 2 + 1}T10:00:00Z", number, origin],
        )
    old.execute("insert into coverage_days values ('xinhua', '2026-10-01', 2, 2, 2, 0, 0, 0, 0, 0, 0, 14)")
    old.close()
    opened = open_archive(path)
    assert opened.execute("select day, asked, read, bytes, elsewhere from coverage_days").fetchall() == [
        ("2026-10-01", 1, 1, 7, 1),
        ("2026-10-02", 0, 0, 0, 1),
    ]
    assert opened.execute("select marks, days, elsewhere from coverage_months").fetchall() == [("ae" + "-" * 29, 1, 2)]
    opened.close()
