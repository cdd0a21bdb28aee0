"""The edit radar: one finding for what was changed alike in several reports within a week."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from test_rows import NEXT, capture, report

from archive import ledger, rows
from archive.radar import Finding, findings
from archive.schema import open_archive
from archive.tables import WATCHING
from archive.times import iso

START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    """The table alone, with its indexes: the radar reads nothing else."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for statement in WATCHING:
        if "replacements" in statement.partition("(")[0]:
            connection.execute(statement)
    yield connection
    connection.close()


def note(
    db: sqlite3.Connection, report: int, days: float, was: str, became: str, outlet: str = "xinhua", place: int = 1
) -> int:
    """A version of a report that made the change so many days after the start; its number."""
    at = START + timedelta(days=days)
    version = round(at.timestamp()) * 1000 + report
    db.execute(
        "insert into replacements values (?, ?, ?, ?, ?, ?, ?)", [version, place, report, outlet, iso(at), was, became]
    )
    return version


def found(db: sqlite3.Connection, since: float = 0, until: float = 100, **options: str | int) -> list[Finding]:
    return findings(db, START + timedelta(days=since), START + timedelta(days=until), **options)  # type: ignore[arg-type]


def test_the_same_term_replaced_in_two_reports_within_a_week_is_one_finding(db: sqlite3.Connection) -> None:
    first = note(db, 1, 0, "riot", "protest")
    second = note(db, 2, 3, "riot", "protest", "tnw")
    note(db, 3, 3, "storm", "wind")
    assert found(db) == [
        Finding(
            "riot", "protest", 2, ("tnw", "xinhua"), "2026-11-01T00:00:00Z", "2026-11-04T00:00:00Z", (first, second)
        )
    ]


def test_one_report_twice_is_one_report(db: sqlite3.Connection) -> None:
    note(db, 1, 0, "riot", "protest")
    note(db, 1, 1, "riot", "protest")
    assert not found(db)
    note(db, 2, 2, "riot", "protest")
    assert [finding.reports for finding in found(db)] == [2]


def test_a_week_without_the_change_parts_two_findings(db: sqlite3.Connection) -> None:
    for number, days in enumerate((0, 2, 9.5, 11)):
        note(db, number, days, "riot", "protest")
    assert [(finding.first_at[:10], finding.last_at[:10]) for finding in found(db)] == [
        ("2026-11-10", "2026-11-12"), ("2026-11-01", "2026-11-03"),
    ]  # fmt: skip


def test_changes_more_than_a_week_apart_are_no_finding(db: sqlite3.Connection) -> None:
    note(db, 1, 0, "riot", "protest")
    note(db, 2, 7.01, "riot", "protest")
    assert not found(db)
    note(db, 3, 7, "riot", "protest")  # a week after the first, and before the second
    assert [finding.reports for finding in found(db)] == [3]


def test_the_week_slides(db: sqlite3.Connection) -> None:
    for number in range(5):
        note(db, number, 6 * number, "riot", "protest")
    assert [finding.reports for finding in found(db, least=2)] == [5]
    assert not found(db, least=3)  # no week holds three of them


def test_upper_and_lower_case_are_one_and_the_commoner_is_shown(db: sqlite3.Connection) -> None:
    note(db, 1, 0, "Riot", "Protest")
    note(db, 2, 1, "riot", "protest")
    note(db, 3, 1, "riot", "protest")
    note(db, 4, 1, "Протест", "Бунт")
    note(db, 5, 2, "протест", "бунт")
    assert [(finding.was, finding.became, finding.reports) for finding in found(db)] == [
        ("riot", "protest", 3), ("Протест", "Бунт", 2),
    ]  # fmt: skip


def test_a_term_that_was_taken_out_is_a_finding_and_one_that_was_put_in_from_three_reports_on(
    db: sqlite3.Connection,
) -> None:
    for number in range(2):
        note(db, number, number, "和平", "")
        note(db, number, number, "", "所谓", place=2)
    assert [(finding.was, finding.became) for finding in found(db)] == [("和平", "")]
    note(db, 3, 3, "", "所谓")
    assert [(finding.was, finding.became, finding.reports) for finding in found(db)] == [
        ("", "所谓", 3),
        ("和平", "", 2),
    ]


@pytest.mark.parametrize(
    ("was", "became"),
    [
        ("42", "45"), ("三千", "四千"), ("周一", "周二"), ("over 300", "nearly 400"),  # figures
        ("，", "、"), ("semi-final", "semifinal"), ("recieve", "receive"), ("的", ""), ("部暑", "部署"),  # slips
        ("the", ""), ("in", "on"),  # little words
    ],
)  # fmt: skip
def test_figures_slips_and_little_words_need_three_reports(db: sqlite3.Connection, was: str, became: str) -> None:
    note(db, 1, 0, was, became)
    note(db, 2, 1, was, became)
    assert not found(db)
    note(db, 3, 2, was, became)
    assert [finding.reports for finding in found(db)] == [3]


def test_an_outlet_alone(db: sqlite3.Connection) -> None:
    note(db, 1, 0, "riot", "protest", "tnw")
    note(db, 2, 1, "riot", "protest", "xinhua")
    note(db, 3, 1, "riot", "protest", "xinhua")
    assert [(finding.reports, finding.outlets) for finding in found(db, outlet="xinhua")] == [(2, ("xinhua",))]
    assert not found(db, outlet="tnw")


def test_what_began_before_is_told_from_a_week_before_on(db: sqlite3.Connection) -> None:
    for number, days in enumerate((0, 6, 12, 18)):
        note(db, number, days, "riot", "protest")
    (finding,) = found(db, since=13)
    assert (finding.reports, finding.first_at[:10]) == (3, "2026-11-07")
    assert not found(db, since=18.5)
    assert [finding.reports for finding in found(db, until=12)] == [2]


def test_most_reports_come_first_then_the_newest_and_there_is_a_limit(db: sqlite3.Connection) -> None:
    for number in range(3):
        note(db, number, 0, "riot", "protest")
    for number in range(2):
        note(db, number, 1, "army", "troops", place=2)
        note(db, number, 2, "war", "conflict", place=3)
    assert [finding.was for finding in found(db)] == ["riot", "war", "army"]
    assert [finding.was for finding in found(db, limit=2)] == ["riot", "war"]


def test_a_public_archive_without_the_words_has_no_findings(db: sqlite3.Connection) -> None:
    for number in range(4):
        note(db, number, number, "", "")
    assert not found(db)


def test_edits_that_the_archive_wrote_are_found(tmp_path: Path) -> None:
    connection = open_archive(tmp_path / "archive.db")
    outlet = {
        "id": "xinhua", "title_en": "Xinhua", "title_local": "新华社", "country": "CN", "languages": "zh-Hans", "kind": "state",
        "control": "state-owned", "owner": "x", "timezone": "Asia/Shanghai", "aliases": "", "domains": "[]", "every": 60,
        "budget": 2000,
    }  # fmt: skip
    ledger.write_outlets(connection, [outlet])
    for number in range(3):
        url = f"https://www.news.cn/world/2026-11/01/c_{number}.htm"
        before, after = (report(body=(f"警方在第{number}区控制了{word}。", "第二段。")) for word in ("暴徒", "示威者"))
        rows.write(connection, [capture(number, said=before, url=url), capture(number + 30, said=after, url=url)], NEXT)
    (finding,) = findings(connection, START, START + timedelta(days=9))
    assert (finding.was, finding.became, finding.reports, finding.outlets) == ("暴徒", "示威者", 3, ("xinhua",))
    versions = connection.execute("select id from versions where number = 2 order by id").fetchall()
    assert finding.versions == tuple(version for (version,) in versions)
    connection.close()


def test_it_reads_one_index_in_order_of_time(db: sqlite3.Connection) -> None:
    plans: list[str] = []
    db.set_trace_callback(plans.append)
    found(db)
    db.set_trace_callback(None)
    queries = [statement for statement in plans if statement.startswith("select")]
    assert len(queries) == 2
    for query in queries:
        (plan,) = db.execute(f"explain query plan {query}").fetchall()
        assert "SEARCH replacements USING COVERING INDEX replacements_at (seen_at>? AND seen_at<?)" in plan[3]


def test_a_month_among_two_hundred_thousand_replacements_takes_no_time(db: sqlite3.Connection) -> None:
    db.execute("begin")
    db.executemany(
        "insert into replacements values (?, 1, ?, 'xinhua', ?, ?, ?)",
        (
            (n, n, iso(START + timedelta(minutes=5 * n)), f"word{n * 7919 % 30_011}", f"word{n * 104_729 % 30_013}")
            for n in range(200_000)
        ),
    )
    db.execute("commit")
    start = time.process_time()
    found(db, since=300, until=330)
    assert time.process_time() - start < 0.5  # 0.02 s by itself
