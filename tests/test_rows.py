"""Captures become rows: idempotent, in any order of arrival, with nothing silent."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import frontier, ledger, rows
from archive.schedule import Schedule
from archive.schema import NewerArchive, open_archive
from archive.times import from_capture_id
from archive.writer import ClockSetBack, Writer
from items import Capture, Dateline, Link, Report

START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
NEXT = Schedule.from_hours([(3, 0.25), (24, 0.5)], 24)
URL = "https://www.news.cn/world/2026-11/01/c_1.htm"
LIST = "https://www.news.cn/world/"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_archive(tmp_path / "archive.db")
    outlet = {
        "id": "xinhua", "title_en": "Xinhua", "title_local": "新华社", "country": "CN", "languages": "zh-Hans",
        "kind": "state", "control": "state-owned", "owner": "x", "timezone": "Asia/Shanghai", "aliases": "", "domains": "[]",
    }  # fmt: skip
    ledger.write_outlets(connection, [outlet])
    yield connection
    connection.close()


def report(title: str = "警方通报", body: tuple[str, ...] = ("第一段。", "第二段。"), **fields: object) -> Report:
    values: dict[str, object] = {
        "outlet": "xinhua", "layout": "detail2023", "language": "zh-Hans", "title": title,
        "published_local": "2026-11-01T15:30:00", "published_precision": "second",
        "published_utc": "2026-11-01T07:30:00Z", "published_printed": "2026-11-01 15:30:00", "zone_basis": "outlet",
        "modified_utc": None, "source_label": "新华网", "source_url": None, "editors": ["样本"], "authors": [],
        "dateline": None, "body": list(body), "captions": [], "keywords": [],
    }  # fmt: skip
    return Report(**(values | fields))  # type: ignore[arg-type]


def capture(
    hours: float, outcome: str = "report", said: Report | None = None, url: str = URL, **fields: object
) -> Capture:
    at = START + timedelta(hours=hours)
    number = round(at.timestamp() * 1_000_000) + sum(url.encode())
    values: dict[str, object] = {
        "id": number, "crawl": "c1", "outlet": "xinhua", "url": url, "at": at, "status": 200, "headers": [("ETag", '"1"')],
        "body": b"", "payload_sha256": "ab", "payload_length": 10, "warc": "a.warc.gz", "offset": number, "length": 5,
        "outcome": outcome, "canonical": url, "report_url": url, "kind": "report", "report": said,
    }  # fmt: skip
    return Capture(**(values | fields))  # type: ignore[arg-type]


def dump(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    tables = ("captures", "reports", "versions", "readings", "quarantine", "checks", "id_registry", "reports_fts")
    return {
        table: sorted(
            connection.execute(
                f"select rowid, * from {table}" if table.endswith("fts") else f"select * from {table}"
            ).fetchall(),
            key=repr,
        )
        for table in tables
    }


EDITED = report(body=("第一段改。", "第二段。"))


def story_of_an_edit() -> list[Capture]:
    return [
        capture(0, said=report()),
        capture(1, said=report()),
        capture(2, said=EDITED),
        # It is the outlet's only report: that a list was answered tells that the outlet was well.
        capture(2.9, "listing", url=LIST, kind="listing", crawl="c2"),
        capture(3, "missing", status=404, crawl="c2"),
        capture(79.9, "listing", url=LIST, kind="listing", crawl="c3"),
        capture(80, "missing", status=410, crawl="c3"),
        capture(90, said=report()),
    ]


def test_an_edited_and_restored_report_has_three_versions_and_its_state(db: sqlite3.Connection) -> None:
    rows.write(db, story_of_an_edit(), NEXT)
    versions = db.execute("select number, body, added, removed, removed_text from versions order by number").fetchall()
    assert versions == [
        (1, "第一段。\n\n第二段。", 0, 0, ""),
        (2, "第一段改。\n\n第二段。", 1, 0, ""),
        (3, "第一段。\n\n第二段。", 0, 1, "改"),
    ]
    assert db.execute("select state, versions, first_seen, last_checked from reports").fetchall() == [
        ("restored", 3, "2026-11-01T08:00:00Z", "2026-11-05T02:00:00Z")
    ]


@pytest.mark.parametrize("seed", range(6))
def test_batches_and_order_of_arrival_change_nothing(db: sqlite3.Connection, tmp_path: Path, seed: int) -> None:
    rows.write(db, story_of_an_edit(), NEXT)
    other = open_archive(tmp_path / "other.db")
    ledger.write_outlets(
        other,
        [
            dict(
                zip(
                    [c[1] for c in db.execute("pragma table_info(outlets)")],
                    db.execute("select * from outlets").fetchone(),
                    strict=True,
                )
            )
        ],
    )
    shuffled = story_of_an_edit()
    random.Random(seed).shuffle(shuffled)
    for each in shuffled:
        rows.write(other, [each], NEXT)
    for crawl in ("c1", "c2", "c3"):
        rows.settle(other, crawl, NEXT)
    ours, theirs = dump(db), dump(other)
    for table in ours:
        if table == "checks":  # its due time is asked of the newest look alone
            continue
        assert theirs[table] == ours[table], table
    other.close()


def test_the_same_captures_twice_change_nothing(db: sqlite3.Connection) -> None:
    rows.write(db, story_of_an_edit(), NEXT)
    before = dump(db)
    assert not rows.write(db, story_of_an_edit(), NEXT)
    assert dump(db) == before


def test_a_reports_id_is_its_minute_in_utc_and_stays(db: sqlite3.Connection) -> None:
    rows.write(db, [capture(0, said=report())], NEXT)
    ((first,),) = db.execute("select id from reports").fetchall()
    assert str(first).startswith("202611010730") and len(str(first)) == 16 and first < 2**53
    rows.write(db, [capture(1, said=report(published_utc="2026-11-01T09:00:00Z"))], NEXT)
    assert db.execute("select id, published_at from reports").fetchall() == [(first, "2026-11-01T09:00:00Z")]


def test_a_day_is_a_sortable_id_too(db: sqlite3.Connection) -> None:
    said = report(published_utc=None, published_local="2005-08-16", published_precision="day")
    rows.write(db, [capture(0, said=said)], NEXT)
    assert db.execute("select id / 10000, published_at from reports").fetchall() == [(200508160000, "2005-08-16")]


def test_two_reports_whose_hashes_collide_both_get_an_id(db: sqlite3.Connection) -> None:
    from hashlib import sha256

    urls: dict[int, str] = {}
    for number in range(10_000):
        url = f"https://www.news.cn/world/2026-11/01/c_{number}.htm"
        digits = int.from_bytes(sha256(url.encode()).digest()[:8], "big") % 10_000
        if digits in urls:
            break
        urls[digits] = url
    rows.write(
        db,
        [capture(0, said=report(), url=urls[digits], report_url=urls[digits]), capture(1, said=report(), url=url)],
        NEXT,
    )
    ids = [row[0] for row in db.execute("select id from reports order by id")]
    assert ids[1] - ids[0] == 1


PAGES = [URL, URL.replace("c_1", "c_1_2"), URL.replace("c_1", "c_1_3")]


def page_of_story(hours: float, number: int, body: str) -> Capture:
    said = report(body=(body,), part=number, part_urls=PAGES)
    return capture(hours, said=said, url=PAGES[number - 1], report_url=PAGES[0])


def test_a_story_of_three_pages_is_one_version_however_its_pages_come(db: sqlite3.Connection) -> None:
    first, second, third = (page_of_story(n, n, f"第{n}页。") for n in (1, 2, 3))
    rows.write(db, [first], NEXT)
    assert db.execute("select number, body from versions").fetchall() == [(1, "第1页。")]
    rows.write(db, [third], NEXT)
    ((reason,),) = db.execute("select reason from quarantine").fetchall()
    assert "without page 2 of 3" in reason and reason.endswith(PAGES[1])
    rows.write(db, [second], NEXT)
    assert db.execute("select id, number, body from versions").fetchall() == [
        (first.id, 1, "第1页。\n\n第2页。\n\n第3页。")
    ]
    assert db.execute("select url, pages, versions, capture from reports").fetchall() == [(URL, 3, 1, first.id)]
    assert db.execute("select count(*) from quarantine").fetchone() == (0,)
    db.execute("insert into reports_fts(reports_fts) values ('integrity-check')")


def test_an_edit_on_the_second_page_is_a_new_version_of_the_story(db: sqlite3.Connection) -> None:
    rows.write(db, [page_of_story(n, n, f"第{n}页。") for n in (1, 2, 3)], NEXT)
    rows.write(db, [page_of_story(10, 1, "第1页。"), page_of_story(11, 2, "第2页改。")], NEXT)
    assert db.execute("select number, body, added, removed from versions").fetchall() == [
        (1, "第1页。\n\n第2页。\n\n第3页。", 0, 0),
        (2, "第1页。\n\n第2页改。\n\n第3页。", 1, 0),
    ]


def test_an_outage_leaves_the_report_live_and_is_tried_again_within_the_hour(db: sqlite3.Connection) -> None:
    rows.write(db, [capture(0, said=report()), capture(2, "server-error", status=503)], NEXT)
    assert db.execute("select state from reports").fetchone() == ("live",)
    assert db.execute("select due_at, etag from checks").fetchone() == ("2026-11-01T11:00:00Z", '"1"')


def test_what_robots_txt_forbids_is_tried_again_after_a_day(db: sqlite3.Connection) -> None:
    rows.write(db, [capture(0, "robots", status=None)], NEXT)
    assert db.execute("select due_at from checks").fetchone() == ("2026-11-02T08:00:00Z",)


def test_a_quarantined_page_has_its_reason(db: sqlite3.Connection) -> None:
    rows.write(db, [capture(0, "quarantined", reason="no layout fits")], NEXT)
    assert db.execute("select url, reason from quarantine").fetchall() == [(URL, "no layout fits")]
    assert db.execute("select count(*) from reports").fetchone() == (0,)


def test_links_of_a_list_wait_in_checks_youngest_first_and_known_ones_by_the_ladder(db: sqlite3.Connection) -> None:
    other = URL.replace("c_1", "c_2")
    links = [Link(URL, "一", START - timedelta(hours=2), canonical=URL), Link(other, "二", START, canonical=other)]
    listing = capture(0, "listing", url="https://www.news.cn/world/", kind="listing", links=links)
    rows.write(db, [listing], NEXT)
    due = [check.url for check in frontier.due(db, "xinhua", START + timedelta(minutes=1), 10, False)]
    assert due == [other, URL]
    rows.write(db, [capture(0.1, said=report())], NEXT)
    known = frontier.check(db, URL)
    assert known and known.due_at == START + timedelta(hours=0.35) and known.title == "一"
    assert [check.url for check in frontier.due(db, "xinhua", START + timedelta(hours=0.2), 10, False)] == [other]
    assert {check.url for check in frontier.due(db, "xinhua", START + timedelta(hours=0.2), 10, True)} == {URL, other}


def test_the_index_follows_the_newest_wording_and_keeps_the_removed_one(db: sqlite3.Connection) -> None:
    from archive.finding import Search, find

    rows.write(db, [capture(0, said=report(body=("共抓获一万人。",)))], NEXT)
    rows.write(db, [capture(1, said=report(body=("共抓获九千人。",)))], NEXT)
    assert [hit.title for hit in find(db, Search("九千")).hits] == ["警方通报"]
    assert [hit.in_removed for hit in find(db, Search("一万")).hits] == [True]
    db.execute("insert into reports_fts(reports_fts) values ('integrity-check')")


def test_a_dateline_of_the_old_year_is_read_on_a_page_of_the_new() -> None:
    line = Dateline("新华社", "北京", "12-31", "新华社北京12月31日电")
    assert rows.dateline_date(report(published_local="2027-01-01T00:10:00", dateline=line)) == "2026-12-31"
    leap = Dateline("Xinhua", "NEW YORK", "02-29", "NEW YORK, Feb. 29 (Xinhua) --")
    assert rows.dateline_date(report(published_local="2028-03-01", dateline=leap)) == "2028-02-29"
    assert rows.dateline_date(report(published_local="2026-03-01", dateline=leap)) is None


def test_a_newer_archive_is_refused_with_the_next_step(db: sqlite3.Connection, tmp_path: Path) -> None:
    db.execute(
        "insert into _sqlite_migrations (migration_set, name, applied_at) values ('dateline', '0999_later', 'x')"
    )
    db.close()
    with pytest.raises(NewerArchive, match=r"0999_later.*Update Dateline"):
        open_archive(tmp_path / "archive.db")


def test_a_captures_id_is_its_time() -> None:
    assert from_capture_id(1793520000000000) == datetime(2026, 11, 1, 8, tzinfo=UTC)


def test_the_date_of_a_record_from_elsewhere_is_not_taken_for_this_machines_clock(tmp_path: Path) -> None:
    place, captures = tmp_path / "archive.db", tmp_path / "captures"
    connection = open_archive(place)
    connection.execute(
        "insert into outlets (id, title_en, title_local, country, languages, kind, control, owner, timezone, aliases, "
        "domains) values ('tnw', '', '', '', '', 'secondary', '', '', '', '', '')"
    )
    connection.execute(
        "insert into captures (id, outlet, url, canonical, at, payload_length, warc, offset, length, origin, outcome) "
        "values (4102444800000000, 'tnw', 'u', 'u', '2100-01-01T00:00:00Z', 0, 'w', 0, 0, 'import', 'report')"
    )
    connection.close()
    writer = Writer.open(place, captures, NEXT)
    writer.check_clock()
    writer.connection.execute("update captures set origin = 'live'")
    writer.close()
    writer = Writer.open(place, captures, NEXT)
    with pytest.raises(ClockSetBack, match="2100-01-01"):
        writer.check_clock()
    writer.close()


def test_the_writer_keeps_64_mb_of_pages_and_that_of_one_outlets_archive_as_few_as_usual(tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        usual = connection.execute("pragma cache_size").fetchone()
    for outlet, kept in (("", (-64_000,)), ("xinhua", usual)):
        writer = Writer.open(tmp_path / outlet / "archive.db", tmp_path / "captures", NEXT, outlet=outlet)
        assert writer.connection.execute("pragma cache_size").fetchone() == kept
        writer.close()
