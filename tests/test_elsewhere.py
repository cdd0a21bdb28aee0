"""What others captured is known, and is no look of ours: budgets, the schedule, health and validators leave it out."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import frontier, health, plan, rows
from archive.schedule import ELSEWHERE, LAST_RUNG, UNREAD, Schedule
from archive.schema import open_archive
from archive.times import iso
from items import Capture, Link, Report

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LADDER = Schedule.from_hours([(3, 0.25), (24, 0.5), (8760, 720)], 8760)
YEARS_AGO = timedelta(days=365 * 14)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = opened(tmp_path / "archive.db")
    yield connection
    connection.close()


def opened(path: Path) -> sqlite3.Connection:
    connection = open_archive(path)
    connection.execute(
        "insert into outlets (id, title_en, title_local, country, languages, kind, control, owner, timezone, aliases, "
        "domains, budget) values ('xinhua', 'X', 'X', 'CN', 'zh', 'state', '', '', 'UTC', '', '[]', 2000)"
    )
    return connection


def page(number: int) -> str:
    return f"https://www.news.cn/{number}.htm"


def said(body: str, published: datetime) -> Report:
    return Report(
        outlet="xinhua", layout="detail2011", language="zh-Hans", title="警方通报", published_local=iso(published)[:-1],
        published_precision="second", published_utc=iso(published), published_printed="x", zone_basis="outlet",
        modified_utc=None, source_label=None, source_url=None, editors=[], authors=[], dateline=None, body=[body],
        captions=[], keywords=[],
    )  # fmt: skip


def look(number: int, before: timedelta, outcome: str = "report", body: str = "第一段。", **fields: object) -> Capture:
    """Ours, so long before NOW, of a report that was published an hour before the look."""
    at, url = NOW - before, page(number)
    identity = round(at.timestamp() * 1_000_000) + number
    values: dict[str, object] = {
        "id": identity, "crawl": "c1", "outlet": "xinhua", "url": url, "at": at, "status": 404 if outcome == "missing" else 200,
        "headers": [("ETag", f'"{number}"')], "body": b"", "payload_sha256": "ab", "payload_length": 10,
        "warc": "a.warc.gz", "offset": identity, "length": 100, "outcome": outcome, "canonical": url, "report_url": url,
        "kind": "report", "report": said(body, at - timedelta(hours=1)) if outcome == "report" else None,
    }  # fmt: skip
    return Capture(**(values | fields))  # type: ignore[arg-type]


def theirs(number: int, before: timedelta = YEARS_AGO, outcome: str = "report", **fields: object) -> Capture:
    return look(number, before, outcome, **({"crawl": "", "origin": "import"} | fields))


def a_list(before: timedelta, *numbers: int, origin: str = "live") -> Capture:
    links = [Link(page(number), f"Story {number}", canonical=page(number)) for number in numbers]
    links.append(Link("https://www.news.cn/older/", "", kind="listing", canonical="https://www.news.cn/older/"))
    url = "https://www.news.cn/world/"
    return look(0, before, "listing", url=url, canonical=url, kind="listing", links=links, origin=origin)


def known(db: sqlite3.Connection, number: int) -> tuple[object, ...]:
    query = "select rung, due_at, last_capture, etag from checks where url = ?"
    found: tuple[object, ...] = db.execute(query, [page(number)]).fetchone()
    return found


def test_an_imported_file_of_this_morning_takes_nothing_of_the_budget(db: sqlite3.Connection) -> None:
    rows.write(db, [theirs(number, timedelta(hours=2)) for number in range(50)], LADDER)
    assert plan.plan(db, NOW)[0].left == 2000
    rows.write(db, [look(60, timedelta(hours=2))], LADDER)
    assert plan.plan(db, NOW)[0].left == 1999


def test_a_backfill_that_ended_badly_leaves_the_outlet_no_rest_it_needs(db: sqlite3.Connection) -> None:
    end = iso(NOW - timedelta(minutes=1))
    for origin, crawl in (("live", "c1"), ("wayback", "c2")):
        reason = "finished" if origin == "live" else "outage: the web archive does not answer"
        db.execute(
            "insert into crawls (id, outlet, started_at, finished_at, finish_reason, origin) values (?, 'xinhua', ?, ?, ?, ?)",
            [crawl, end, end, reason, origin],
        )
    assert plan.plan(db, NOW)[0].rests_until is None
    assert health.of_outlet(db, "xinhua", NOW).ended == "finished"


def test_no_validator_of_others_is_kept_for_our_requests(db: sqlite3.Connection) -> None:
    rows.write(db, [theirs(1)], LADDER)
    assert known(db, 1)[2:] == (None, None)
    rows.write(db, [look(1, timedelta(hours=5)), theirs(1, timedelta(hours=1), headers=[("ETag", '"other"')])], LADDER)
    assert known(db, 1)[3] == '"1"'


def test_what_only_others_looked_at_comes_behind_everything_and_one_in_ten(db: sqlite3.Connection) -> None:
    rows.write(db, [theirs(number) for number in range(100, 200)], LADDER)
    rows.write(db, [look(number, timedelta(days=1, hours=number)) for number in range(1, 31)], LADDER)
    found = [check.url for check in frontier.due(db, "xinhua", NOW, 20, False)]
    assert len(found) == 20 and set(found[18:]) <= {page(number) for number in range(100, 200)}
    assert set(found[:18]) <= {page(number) for number in range(1, 31)}
    # Nor do they fill what is left of a budget.
    db.execute("update checks set due_at = '2099-01-01T00:00:00Z' where rung <> ?", [ELSEWHERE])
    assert len(list(frontier.due(db, "xinhua", NOW, 200, False))) == 20
    assert [len(list(frontier.due(db, "xinhua", NOW, limit, False))) for limit in (4, 5)] == [0, 1]
    planned = plan.plan(db, NOW)[0]
    assert (planned.due, planned.elsewhere, planned.next_due) == (0, 100, "2099-01-01T00:00:00Z")


def test_it_is_looked_at_once_and_then_stands_at_the_end_of_the_ladder(db: sqlite3.Connection) -> None:
    """Although the page has another wording than years ago, which we see now for the first time."""
    rows.write(db, [theirs(1)], LADDER)
    assert known(db, 1)[0] == ELSEWHERE
    ours = look(1, timedelta(hours=1), body="今天的一段。", report=None)
    ours.report = said("今天的一段。", NOW - YEARS_AGO - timedelta(hours=1))
    rows.write(db, [ours], LADDER)
    assert db.execute("select versions from reports").fetchall() == [(2,)]
    assert known(db, 1)[:2] == (4, iso(NOW - timedelta(hours=1) + timedelta(hours=8760)))


def test_what_fails_at_our_first_look_is_no_longer_known_from_elsewhere_alone(db: sqlite3.Connection) -> None:
    rows.write(db, [theirs(1), look(1, timedelta(hours=1), "server-error", status=503)], LADDER)
    assert known(db, 1)[:2] == (LAST_RUNG, iso(NOW))


def test_pages_that_others_did_not_get_are_not_asked_for(db: sqlite3.Connection) -> None:
    for number, outcome in enumerate(("missing", "redirect", "failed", "not-report", "refused")):
        rows.write(db, [theirs(number, outcome=outcome)], LADDER)
    rows.write(db, [theirs(9, outcome="quarantined")], LADDER)
    assert db.execute("select url, rung from checks").fetchall() == [(page(9), ELSEWHERE)]


def test_a_list_that_others_captured_names_reports_and_no_lists_to_read(db: sqlite3.Connection) -> None:
    rows.write(db, [a_list(YEARS_AGO, 1, 2, origin="wayback")], LADDER)
    assert db.execute("select url, kind, rung, title from checks order by url").fetchall() == [
        (page(1), "report", ELSEWHERE, "Story 1"),
        (page(2), "report", ELSEWHERE, "Story 2"),
    ]
    assert plan.plan(db, NOW)[0].due == 0


def test_a_report_that_our_list_names_is_new_though_others_had_it_before(db: sqlite3.Connection) -> None:
    rows.write(db, [theirs(1, timedelta(hours=9)), a_list(timedelta(hours=1), 1)], LADDER)
    assert known(db, 1)[:2] == (UNREAD, iso(NOW - timedelta(hours=1)))
    older = "select due_at from checks where kind = 'listing' and url like '%older/'"
    assert db.execute(older).fetchall() == [(iso(NOW - timedelta(hours=1)),)]


@pytest.mark.parametrize("seed", range(8))
def test_what_is_known_of_an_address_does_not_depend_on_who_came_first(
    db: sqlite3.Connection, tmp_path: Path, seed: int
) -> None:
    story = [
        theirs(1), theirs(1, YEARS_AGO / 2), a_list(YEARS_AGO / 3, 1, 2, origin="wayback"), theirs(2, YEARS_AGO / 4),
        a_list(timedelta(hours=9), 3), theirs(3, timedelta(hours=8)), look(3, timedelta(hours=7)), theirs(4),
        look(4, timedelta(hours=6), "missing"), look(5, timedelta(hours=5)), theirs(5, timedelta(hours=4)),
        a_list(YEARS_AGO / 5, 5, origin="wayback"),
    ]  # fmt: skip
    rows.write(db, story, LADDER)
    other = opened(tmp_path / "other.db")
    random.Random(seed).shuffle(story)
    for each in story:
        rows.write(other, [each], LADDER)
    query = "select url, address, title, found_at, last_capture, last_outcome, etag, rung = ? from checks order by url"
    assert other.execute(query, [ELSEWHERE]).fetchall() == db.execute(query, [ELSEWHERE]).fetchall()
    other.close()


def test_a_backfill_makes_no_outlet_look_alive_and_hides_nothing_new(db: sqlite3.Connection) -> None:
    rows.write(db, [look(1, timedelta(days=3)), theirs(2, timedelta(hours=1)), theirs(3, timedelta(hours=30))], LADDER)
    found = health.of_outlet(db, "xinhua", NOW)
    assert found.last_success == found.last_look == iso(NOW - timedelta(days=3))
    assert (found.new.day, found.new.week, found.reports) == (0, 1, 3)
    rows.write(db, [look(3, timedelta(hours=2))], LADDER)  # others had it a day before
    assert health.of_outlet(db, "xinhua", NOW).new.day == 1


def test_the_newest_report_is_the_newest_that_prints_a_date(db: sqlite3.Connection) -> None:
    undated = look(2, timedelta(hours=1))
    undated.report = said("无日期。", NOW)
    undated.report.published_utc = undated.report.published_local = undated.report.published_precision = None
    rows.write(db, [look(1, timedelta(hours=9)), undated], LADDER)
    assert health.of_outlet(db, "xinhua", NOW).newest == iso(NOW - timedelta(hours=10))


def test_what_others_could_not_get_is_no_trouble_of_the_outlet(db: sqlite3.Connection) -> None:
    day = timedelta(hours=5)
    rows.write(db, [theirs(1, day, "quarantined"), theirs(2, day, "server-error"), theirs(3, day, "refused")], LADDER)
    found = health.of_outlet(db, "xinhua", NOW)
    assert (found.causes, found.quarantined.week) == ((), 0)


def test_the_fields_of_the_newest_reports_are_those_of_our_own_first_readings(db: sqlite3.Connection) -> None:
    """Others may have had the page before its source was printed."""
    with_source = look(1, timedelta(hours=2))
    with_source.report.source_label = "新华社"  # type: ignore[union-attr]
    rows.write(db, [theirs(1, timedelta(hours=9)), with_source], LADDER)
    rates = {rate.field: rate.filled for rate in health.fill_rates(health.batches(db, "xinhua", NOW))}
    assert rates["source_label"] == 1
