"""What was taken down, from when to when, and what showed it: the same whatever the order in which captures arrive. An
outlet that is out of order has taken nothing down."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import frontier, ledger, rows, search, takedowns
from archive.finding import Search, find
from archive.schedule import Schedule
from archive.schema import MIGRATIONS, connect, open_archive
from archive.times import iso
from archive.versions import Wording
from archive.writer import Writer
from items import Capture, Link, Report

START = datetime(2026, 11, 1, tzinfo=UTC)
LADDER = [(3, 0.25), (24, 0.5), (168, 2), (720, 24), (2160, 168)]
SCHEDULE = Schedule.from_hours(LADDER, 720)
DOMAINS = [{"host": "news.example"}, {"host": "old.example"}]


def describe_values(domains: Iterable[dict[str, str]]) -> dict[str, str]:
    return {
        "id": "xinhua", "title_en": "Xinhua", "title_local": "新华社", "country": "CN", "languages": "zh-Hans",
        "kind": "state", "control": "state-owned", "owner": "x", "timezone": "Asia/Shanghai", "aliases": "",
        "domains": json.dumps(list(domains)),
    }  # fmt: skip


def describe(connection: sqlite3.Connection, domains: Iterable[dict[str, str]] = DOMAINS) -> sqlite3.Connection:
    ledger.write_outlets(connection, [describe_values(domains)])
    return connection


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = describe(open_archive(tmp_path / "archive.db"))
    yield connection
    connection.close()


def memory() -> sqlite3.Connection:
    return describe(open_archive(Path(":memory:")))


def address(name: int | str, host: str = "news.example") -> str:
    return f"https://{host}/world/{name}.htm"


def said(name: int | str, text: str = "第一段。") -> Report:
    return Report(
        outlet="xinhua", layout="detail2023", language="zh-Hans", title=f"通报{name}", published_local="2026-10-31T15:30:00",
        published_precision="second", published_utc="2026-10-31T07:30:00Z", published_printed="x", zone_basis="outlet",
        modified_utc=None, source_label=None, source_url=None, editors=[], authors=[], dateline=None, body=[text],
        captions=[], keywords=[],
    )  # fmt: skip


def look(hours: float, name: int | str, outcome: str = "report", **fields: object) -> Capture:
    """A look at a report, so many hours after START; its crawl is named by the whole hour."""
    at = START + timedelta(hours=hours)
    url = str(fields.pop("url", address(name)))
    number = round(at.timestamp() * 1_000_000) + sum(url.encode())
    status = {"report": 200, "unchanged": 304, "missing": 404, "server-error": 503, "redirect": 301}.get(outcome, 200)
    values: dict[str, object] = {
        "id": number, "crawl": f"c{int(hours):04}", "outlet": "xinhua", "url": url, "at": at, "status": status, "headers": [],
        "body": b"", "payload_sha256": "ab", "payload_length": 10, "warc": "a.warc.gz", "offset": number, "length": 5,
        "outcome": outcome, "canonical": url, "report_url": url, "kind": "report",
        "report": said(name) if outcome == "report" else None, "cause": "http-404" if outcome == "missing" else "",
    }  # fmt: skip
    return Capture(**(values | fields))  # type: ignore[arg-type]


def a_list(hours: float, outcome: str = "listing") -> Capture:
    url = "https://news.example/world/"
    return look(
        hours, "list", outcome, url=url, kind="listing", report=None, links=[Link(address(0), canonical=address(0))]
    )


def write(connection: sqlite3.Connection, captures: Iterable[Capture], schedule: Schedule = SCHEDULE) -> None:
    """A crawl after the other, as the writer does it."""
    crawls: dict[str, list[Capture]] = {}
    for capture in captures:
        crawls.setdefault(capture.crawl, []).append(capture)
    for crawl in sorted(crawls):
        if crawl:
            ledger.begin_crawl(connection, crawl, "xinhua", START, "live")
        rows.write(connection, crawls[crawl], schedule)
        rows.settle(connection, crawl, schedule)
        ledger.end_crawl(connection, crawl, START, "finished")


def state(connection: sqlite3.Connection, name: int | str) -> str:
    (found,) = connection.execute("select state from reports where url = ?", [address(name)]).fetchone()
    return str(found)


def spells(connection: sqlite3.Connection, *columns: str) -> list[tuple[object, ...]]:
    return connection.execute(f"select {', '.join(columns)} from takedowns order by id").fetchall()


def others(hours: float, *names: int | str, outcome: str = "report") -> list[Capture]:
    """Looks at other reports in the same crawl, a minute apart."""
    return [look(hours + number / 60, name, outcome) for number, name in enumerate(names, start=1)]


# Spells


def test_a_takedown_has_its_evidence_and_its_last_good_capture(db: sqlite3.Connection) -> None:
    story = [
        *[look(0, "a"), *others(0, "b")],
        *[look(10, "a"), *others(10, "b")],
        *[look(20, "a", "missing", cause="http-404"), *others(20, "b")],
        *[look(44, "a", "missing", cause="front-page"), *others(44, "b")],
        *[look(92, "a", "missing", cause="http-410"), *others(92, "b")],
        *[look(116, "a", "missing", cause="http-410"), *others(116, "b")],
        *[look(120, "a"), *others(120, "b")],
    ]
    write(db, story[:6])
    assert state(db, "a") == "suspected"
    assert spells(db, "state", "cause", "looks", "gone_at") == [("suspected", "http-404", 1, None)]
    write(db, story[6:10])
    assert state(db, "a") == "gone"
    write(db, story[10:])
    assert state(db, "a") == "restored"
    (row,) = db.execute("select * from takedowns").fetchall()
    (report,) = db.execute("select id from reports where url = ?", [address("a")]).fetchone()
    good, first, confirmed, back = (story[place].id for place in (2, 4, 8, 12))
    assert row == (
        first, report, "xinhua", "restored", "http-404", iso(START + timedelta(hours=20)), iso(START + timedelta(hours=116)), 4,
        iso(START + timedelta(hours=92)), confirmed, iso(START + timedelta(hours=120)), back, good,
    )  # fmt: skip


def test_what_comes_back_before_that_was_confirmed_was_never_gone(db: sqlite3.Connection) -> None:
    write(
        db, [look(0, "a"), *others(0, "b"), look(20, "a", "missing"), *others(20, "b"), look(44, "a"), *others(44, "b")]
    )
    assert state(db, "a") == "live"
    assert spells(db, "state", "looks", "restored_at") == [("unconfirmed", 1, iso(START + timedelta(hours=44)))]


def test_each_spell_is_a_row_and_the_last_tells_the_state(db: sqlite3.Connection) -> None:
    outcomes = ["report", "missing", "missing", "report", "missing", "report", "missing"]
    write(
        db,
        [
            each
            for day, outcome in enumerate(outcomes)
            for each in (look(96 * day, "a", outcome), *others(96 * day, "b"))
        ],
    )
    assert spells(db, "state", "looks") == [("restored", 2), ("unconfirmed", 1), ("suspected", 1)]
    assert state(db, "a") == "suspected"


def test_how_long_it_takes_to_be_gone_is_a_setting(db: sqlite3.Connection) -> None:
    story = [
        look(0, "a"),
        *others(0, "b"),
        look(20, "a", "missing"),
        *others(20, "b"),
        look(44, "a", "missing"),
        *others(44, "b"),
    ]
    write(db, story, Schedule.from_hours(LADDER, 720, confirm_after=24))
    assert state(db, "a") == "gone"


def test_unchanged_is_as_good_as_read_and_the_last_good_capture_is_the_one_that_holds_the_text(
    db: sqlite3.Connection,
) -> None:
    first, other = look(0, "a"), look(0.1, "b")
    write(db, [first, other, look(10, "a", "unchanged", revisit_of=first.id), *others(10, "b")])
    write(db, [look(20, "a", "missing"), look(20.1, "b", "unchanged", revisit_of=other.id)])
    assert spells(db, "state", "last_good") == [("suspected", first.id)]
    assert db.execute("select capture from reports where url = ?", [address("a")]).fetchone() == (first.id,)


def test_unchanged_since_it_said_that_it_is_gone_is_missing(db: sqlite3.Connection) -> None:
    gone = look(20, "a", "missing", status=200, cause="soft-404")
    write(db, [look(0, "a"), *others(0, "b"), gone, *others(20, "b")])
    write(db, [look(96, "a", "unchanged", revisit_of=gone.id), *others(96, "b")])
    assert spells(db, "state", "cause", "looks") == [("gone", "soft-404", 2)]


def test_unchanged_against_an_answer_that_is_not_known_proves_nothing(db: sqlite3.Connection) -> None:
    write(db, [look(0, "a"), *others(0, "b"), look(20, "a", "missing"), *others(20, "b")])
    write(db, [look(96, "a", "missing"), *others(96, "b"), look(100, "a", "unchanged"), *others(100, "b")])
    assert state(db, "a") == "gone"
    write(db, [look(120, "a", "missing"), *others(120, "b", outcome="unchanged")])
    assert spells(db, "state", "looks") == [("gone", 3)]  # one that was gone before needs no neighbours


def test_a_page_that_cannot_be_read_neither_ends_a_spell_nor_begins_one(db: sqlite3.Connection) -> None:
    quarantined = look(30, "a", "quarantined", reason="no layout fits")
    write(
        db, [look(0, "a"), *others(0, "b"), look(20, "a", "missing"), *others(20, "b"), quarantined, *others(30, "b")]
    )
    write(db, [look(40, "a", "unchanged", revisit_of=quarantined.id), *others(40, "b")])
    assert state(db, "a") == "suspected"
    assert spells(db, "looks") == [(1,)]


def test_what_was_missing_before_it_was_first_read_was_not_taken_down(db: sqlite3.Connection) -> None:
    for hours in (0, 30, 90):  # a list names it days before it is published
        write(db, [look(hours, "a", "missing"), *others(hours, "b")])
    write(db, [look(100, "a"), *others(100, "b")])
    assert state(db, "a") == "live"
    assert not spells(db, "id")
    assert db.execute("select count(*) from captures where url = ? and report is null", [address("a")]).fetchone() == (
        0,
    )


def test_a_story_in_pages_is_where_its_first_page_is(db: sqlite3.Connection) -> None:
    pages = [address("a"), address("a_2")]

    def page(hours: float, number: int) -> Capture:
        report = said("a", f"第{number}页。")
        report.part, report.part_urls = number, pages
        return look(hours, "a", url=pages[number - 1], report=report, report_url=pages[0])

    write(db, [page(0, 1), page(0.5, 2), *others(0, "b")])
    for hours in (20, 96):
        write(db, [look(hours, "a", "missing"), page(hours + 0.1, 2), *others(hours + 0.2, "b")])
    assert state(db, "a") == "gone"
    assert spells(db, "last_good") == [(page(0, 1).id,)]


def test_search_knows_the_state(db: sqlite3.Connection) -> None:
    write(db, [look(0, "a"), *others(0, "b"), look(20, "a", "missing")])
    assert not find(db, Search("通报 state:suspected")).hits
    write(db, others(20, "b"))
    assert [hit.title for hit in find(db, Search("通报 state:suspected")).hits] == ["通报a"]
    db.execute("insert into reports_fts(reports_fts) values ('integrity-check')")


# Outages


@pytest.mark.parametrize("cause", ["http-404", "soft-404", "front-page"])
def test_an_outlet_that_has_lost_every_report_for_two_days_has_taken_nothing_down(
    db: sqlite3.Connection, cause: str
) -> None:
    names = range(60)
    write(db, [look(number / 60, number) for number in names])
    for hours in (10, 34, 58, 82.5):
        write(db, [a_list(hours), *(look(hours + number / 100, number, "missing", cause=cause) for number in names)])
    assert not spells(db, "id")
    assert {state(db, number) for number in names} == {"live"}
    write(db, [look(90 + number / 60, number) for number in names])
    assert not spells(db, "id")


def test_a_removal_of_forty_reports_out_of_sixty_is_found(db: sqlite3.Connection) -> None:
    write(db, [look(number / 60, number) for number in range(60)])
    for hours in (10, 34, 58, 82.5):
        write(db, [look(hours + n / 100, n, "missing" if n < 40 else "report") for n in range(60)])
    assert {state(db, number) for number in range(40)} == {"gone"}
    assert {state(db, number) for number in range(40, 60)} == {"live"}


def test_a_few_pages_out_of_a_cache_do_not_vouch_for_an_outlet(db: sqlite3.Connection) -> None:
    write(db, [look(number / 60, number) for number in range(20)])
    write(db, [look(10 + n / 100, n, "report" if n > 15 else "missing") for n in range(20)])  # four of twenty
    assert not spells(db, "id")


def test_of_an_outlet_with_few_reports_all_others_must_be_there(db: sqlite3.Connection) -> None:
    write(db, [look(number / 60, number) for number in range(4)])
    write(db, [look(10, 0, "missing"), look(10.1, 1, "missing"), look(10.2, 2)])
    assert not spells(db, "id")
    write(db, [look(34, 0, "missing"), look(34.1, 1, "missing"), look(34.2, 2), look(34.3, 3)])
    assert len(spells(db, "id")) == 2
    write(db, [look(58, 0, "missing"), look(58.1, 1, "missing"), look(58.2, 2, "missing"), look(58.3, 3)])
    assert len(spells(db, "id")) == 3
    write(db, [look(100 + n / 100, n, "missing") for n in range(4)])  # all of them: nobody can tell
    assert {state(db, number) for number in range(4)} == {"suspected", "live"}


def test_an_outage_that_begins_in_the_middle_of_a_crawl_is_one(db: sqlite3.Connection) -> None:
    write(db, [look(number / 60, number) for number in range(20)])
    write(db, [look(10 + n / 100, n, "report" if n < 10 else "missing") for n in range(20)])
    assert not spells(db, "id")
    write(db, [look(10.5, 3)])  # a control look of the same crawl, after the last that was missing
    assert len(spells(db, "id")) == 10


def test_errors_refusals_and_forbidden_looks_beside_it_vouch_for_nothing(db: sqlite3.Connection) -> None:
    write(db, [look(0, "a"), *others(0, "b", "c", "d", "e")])
    neighbours = zip("bcde", ("server-error", "refused", "robots", "quarantined"), strict=True)
    write(db, [look(10, "a", "missing"), *(look(10.1, name, outcome) for name, outcome in neighbours)])
    assert not spells(db, "id")


def test_of_an_outlet_with_one_report_a_list_vouches(db: sqlite3.Connection) -> None:
    write(db, [look(0, 0), look(10, 0, "missing"), a_list(20), look(20.5, 0, "missing")])
    assert spells(db, "suspected_at") == [(iso(START + timedelta(hours=20.5)),)]
    write(db, [a_list(93, "unchanged"), look(93.5, 0, "missing")])
    assert state(db, 0) == "gone"


def test_a_list_vouches_for_the_last_report_when_the_others_were_gone_before(db: sqlite3.Connection) -> None:
    write(db, [look(0, 0), *others(0, "b")])
    for hours in (10, 90):
        write(db, [look(hours, "b", "missing"), look(hours + 0.5, 0)])
    write(db, [a_list(100), look(100.5, 0, "missing")])
    assert [state(db, name) for name in ("b", 0)] == ["gone", "suspected"]


def test_that_old_takedowns_are_still_gone_is_no_sign_of_an_outage(db: sqlite3.Connection) -> None:
    write(db, [look(number / 60, number) for number in range(30)])
    for hours in (10, 90):
        write(db, [look(hours + n / 100, n, "missing" if n < 20 else "report") for n in range(30)])
    # The twenty are looked at again, a report goes, and one neighbour is asked for.
    write(db, [*(look(200 + n / 100, n, "missing") for n in range(21)), look(200.9, 25)])
    assert state(db, 20) == "suspected"
    assert spells(db, "looks")[:2] == [(3,), (3,)]


# What others saw


def by_others(hours: float, name: int | str, outcome: str = "report", **fields: object) -> Capture:
    """A capture that a web archive or an imported file gives."""
    return look(hours, name, outcome, **({"crawl": "", "origin": "import"} | fields))


def test_that_others_found_it_missing_proves_nothing(db: sqlite3.Connection) -> None:
    write(db, [look(n / 60, n) for n in range(6)])
    theirs = {"crawl": "c0020", "origin": "wayback"}
    write(db, [by_others(20, 0, "missing", **theirs), *(by_others(20 + n / 60, n, **theirs) for n in range(1, 6))])
    write(db, [by_others(120, 0, "missing"), *(by_others(120 + n / 60, n) for n in range(1, 6))])
    assert (state(db, 0), spells(db, "state")) == ("live", [])
    # Nor does it confirm what one look of ours found.
    write(db, [look(130, 0, "missing"), *others(130, 1, 2), by_others(230, 0, "missing")])
    assert (state(db, 0), spells(db, "looks")) == ("suspected", [(1,)])


@pytest.mark.parametrize("origin", ["import", "wayback"])
def test_that_others_found_it_there_ends_a_spell(db: sqlite3.Connection, origin: str) -> None:
    write(db, [look(n / 60, n) for n in range(3)])
    for hours in (10, 90):
        write(db, [look(hours, 0, "missing"), *others(hours, 1, 2)])
    assert state(db, 0) == "gone"
    there = by_others(50, 0, origin=origin)
    write(db, [there])  # between both looks: it was not gone for as long as that
    assert (state(db, 0), spells(db, "state", "restored_capture")) == (
        "suspected",
        [("unconfirmed", there.id), ("suspected", None)],
    )
    write(db, [look(170, 0, "missing"), *others(170, 1, 2), by_others(200, 0, origin=origin)])
    assert (state(db, 0), spells(db, "state")) == ("restored", [("unconfirmed",), ("restored",)])


def test_what_only_others_have_seen_is_live_as_of_their_last_capture(db: sqlite3.Connection) -> None:
    write(db, [by_others(0, 0), by_others(40, 0), by_others(80, 0, "missing"), by_others(200, 0, "missing")])
    found = db.execute("select state, last_checked, first_look from reports").fetchall()
    assert found == [("live", iso(START + timedelta(hours=200)), None)]


def test_we_last_looked_when_we_looked_ourselves(db: sqlite3.Connection) -> None:
    write(db, [look(10, 0), by_others(0, 0), by_others(90, 0)])
    found = db.execute("select first_seen, first_look, last_checked from reports").fetchall()
    ours = iso(START + timedelta(hours=10))
    assert found == [(iso(START), ours, ours)]


def test_what_others_had_and_we_found_missing_is_gone_with_their_capture_as_the_last_good_one(
    db: sqlite3.Connection,
) -> None:
    """Whether their capture came before our looks or after them."""
    for hours in (10, 30, 90, 200):
        write(db, [look(hours, 0, "missing"), *others(hours, 1, 2)])
    assert spells(db, "state") == []  # nothing is known to have been there
    old = by_others(-90_000, 0)
    write(db, [old])
    assert state(db, 0) == "gone"
    assert spells(db, "state", "looks", "last_good") == [("gone", 4, old.id)]


def test_others_vouch_for_no_outlet(db: sqlite3.Connection) -> None:
    write(db, [look(n / 60, n) for n in range(4)])
    write(db, [look(10, 0, "missing"), *(by_others(10 + n / 60, n) for n in range(1, 4))])
    assert (state(db, 0), spells(db, "state")) == ("live", [])


# When it is settled


def test_states_are_settled_at_the_end_of_the_crawl_however_its_captures_were_batched(db: sqlite3.Connection) -> None:
    write(db, [look(number / 60, number) for number in range(6)])
    crawl = [look(10, 0, "missing"), *(look(10.1 + number / 100, number) for number in range(1, 6))]
    ledger.begin_crawl(db, "c0010", "xinhua", START, "live")
    for capture in crawl:
        rows.write(db, [capture], SCHEDULE)
    assert state(db, 0) == "live"
    rows.settle(db, "c0010", SCHEDULE)
    assert state(db, 0) == "suspected"
    before = spells(db, "*")
    rows.settle(db, "c0010", SCHEDULE)
    assert spells(db, "*") == before


def test_a_suspicion_is_taken_back_when_the_rest_of_the_crawl_shows_an_outage(db: sqlite3.Connection) -> None:
    write(db, [look(number / 60, number) for number in range(9)])
    ledger.begin_crawl(db, "c0010", "xinhua", START, "live")
    rows.write(db, [look(10, 0, "missing"), look(10.1, 1)], SCHEDULE)
    assert state(db, 0) == "suspected"
    rows.write(db, [look(10.2 + number / 100, number, "missing") for number in range(2, 9)], SCHEDULE)
    rows.settle(db, "c0010", SCHEDULE)
    assert state(db, 0) == "live"
    assert not spells(db, "id")


def test_a_crawl_that_was_killed_is_settled_when_its_rows_are_made_at_the_next_start(tmp_path: Path) -> None:
    writer = Writer.open(tmp_path / "archive.db", tmp_path / "captures", SCHEDULE)
    describe(writer.connection)
    write(writer.connection, [look(number / 60, number) for number in range(3)])
    writer.crawl_began("c0010", "xinhua", START, "live")
    for capture in (look(10, 0, "missing"), look(10.1, 1)):
        writer.add(capture)
        writer.commit()
    writer.crawl_ended("c0010", None, None)
    assert state(writer.connection, 0) == "suspected"
    assert writer.connection.execute("select finished_at from crawls where id = 'c0010'").fetchone() == (None,)
    writer.close()


HOURS = (0, 10, 34, 58, 83, 107, 131, 200)
NAMES = ("a", "b", "c", "d")
outcomes = st.sampled_from(["report", "report", "missing", "missing", "unchanged", "server-error", "", "quarantined"])


@settings(max_examples=50)
@given(
    crawls=st.lists(st.lists(outcomes, min_size=len(NAMES), max_size=len(NAMES)), min_size=2, max_size=len(HOURS)),
    theirs=st.lists(
        st.tuples(st.integers(-5, 210), st.sampled_from(NAMES), st.sampled_from(["report", "missing"])), max_size=6
    ),
    seed=st.integers(0, 1000),
)
def test_order_and_batches_change_nothing(
    crawls: list[list[str]], theirs: list[tuple[int, str, str]], seed: int
) -> None:
    story: list[Capture] = []
    answers: dict[str, int] = {}  # of each report, the last answer that "unchanged" can refer to
    for hours, crawl in zip(HOURS, crawls, strict=False):
        for place, (name, outcome) in enumerate(zip(NAMES, crawl, strict=True)):
            if outcome:
                story.append(look(hours + place / 10, name, outcome, revisit_of=answers.get(name)))
                if outcome in ("report", "quarantined"):
                    answers[name] = story[-1].id
    seen = {(hours, name): outcome for hours, name, outcome in theirs}
    story += [by_others(hours + 0.05, name, outcome) for (hours, name), outcome in seen.items()]
    ordered, shuffled = memory(), memory()
    write(ordered, story)
    arriving = story[:]
    random.Random(seed).shuffle(arriving)
    for capture in arriving:
        rows.write(shuffled, [capture], SCHEDULE)
    for crawl in sorted({capture.crawl for capture in story} - {""}):
        ledger.begin_crawl(shuffled, crawl, "xinhua", START, "live")
        rows.settle(shuffled, crawl, SCHEDULE)
    for table in ("takedowns", "reports", "captures"):
        query = f"select * from {table} order by id"
        assert shuffled.execute(query).fetchall() == ordered.execute(query).fetchall(), table
    # A state never tells more than its spells.
    told = ordered.execute(
        "select reports.state, takedowns.state from reports left join takedowns on takedowns.id = "
        "(select max(id) from takedowns where report = reports.id)"
    ).fetchall()
    assert set(told) <= {
        ("live", None), ("live", "unconfirmed"), ("suspected", "suspected"), ("gone", "gone"), ("restored", "restored"),
        ("restored", "unconfirmed"),
    }  # fmt: skip
    ordered.close(), shuffled.close()


# When it is looked at again


def due(connection: sqlite3.Connection, name: str) -> timedelta:
    check = frontier.check(connection, address(name))
    assert check and check.due_at
    return check.due_at - START


def test_a_suspicion_is_looked_at_daily_a_takedown_weekly_and_what_came_back_like_a_new_report(
    db: sqlite3.Connection,
) -> None:
    day = timedelta(days=1)
    write(db, [look(0, "a"), *others(0, "b")])
    write(db, [look(24, "a", "missing"), *others(24, "b")])
    assert due(db, "a") == 2 * day
    write(db, [look(48, "a", "missing"), *others(48, "b")])
    assert due(db, "a") == 3 * day
    write(db, [look(96, "a", "missing"), *others(96, "b")])
    assert state(db, "a") == "gone" and due(db, "a") == 4 * day + 7 * day
    # 720 hours after it went the ladder says once a week, later once in thirty days.
    write(db, [look(2400, "a", "missing"), *others(2400, "b")])
    assert due(db, "a") == 100 * day + 30 * day
    write(db, [look(2424, "a"), *others(2424, "b")])
    assert state(db, "a") == "restored" and due(db, "a") == 101 * day + timedelta(minutes=15)
    assert db.execute("select rung, changed_at from checks where url = ?", [address("a")]).fetchone() == (
        1,
        iso(START + 101 * day),
    )


def test_a_takedown_that_the_end_of_the_crawl_confirms_is_then_due_weekly(db: sqlite3.Connection) -> None:
    write(db, [look(0, "a"), *others(0, "b"), look(24, "a", "missing"), *others(24, "b")])
    ledger.begin_crawl(db, "c0100", "xinhua", START, "live")
    rows.write(db, [look(100, "a", "missing")], SCHEDULE)
    assert due(db, "a") == timedelta(hours=124)
    rows.write(db, others(100, "b"), SCHEDULE)
    rows.settle(db, "c0100", SCHEDULE)
    assert state(db, "a") == "gone" and due(db, "a") == timedelta(hours=100, days=7)


def test_what_an_outage_seemed_to_take_is_looked_at_again_within_a_day(db: sqlite3.Connection) -> None:
    write(db, [look(0, "a"), *others(0, "b"), look(24, "a", "missing"), *others(24, "b", outcome="missing")])
    assert due(db, "a") == timedelta(hours=48)


# Which reports are asked for to tell


def test_witnesses_are_reports_that_were_there_at_their_last_look_the_youngest_rung_first(
    db: sqlite3.Connection,
) -> None:
    write(db, [look(number / 60, number) for number in range(5)])
    write(db, [look(1 + number, number, "report", report=said(number, "新。")) for number in (3, 1)])
    write(db, [look(30, 4, "missing"), look(30.1, 0), look(30.2, 2, "server-error")])
    found = takedowns.witnesses(db, "xinhua", START + timedelta(hours=30), 5)
    assert found == [address(3), address(1)]
    assert takedowns.witnesses(db, "xinhua", START + timedelta(hours=40), 5) == [address(3), address(1), address(0)]
    assert takedowns.witnesses(db, "xinhua", START + timedelta(hours=40), 1) == [address(3)]


@pytest.mark.parametrize(
    ("missing", "there", "lacking"), [(1, 1, 0), (1, 0, 1), (3, 1, 2), (5, 5, 0), (9, 2, 3), (9, 7, 0)]
)
def test_as_many_neighbours_are_wanted_as_reports_are_missing_and_five_at_most(
    db: sqlite3.Connection, missing: int, there: int, lacking: int
) -> None:
    write(db, [look(number / 60, number) for number in range(20)])
    crawl = [look(10 + n / 100, n, "missing" if n < missing else "report") for n in range(missing + there)]
    write(db, crawl)
    assert takedowns.Neighbours(db).lacking(takedowns.Group("xinhua", "c0010")) == lacking


# An archive that was written before


def older_archive(path: Path, looks: dict[int, list[tuple[float, str, int]]], states: dict[int, str]) -> None:
    """An archive as the second migration left it, with a crawl for each hour at which something was looked at.
    `looks`: report → (hours, outcome, status) each."""
    connection = connect(path)
    MIGRATIONS.apply(Database(connection), stop_before="0003_watching")
    outlet = describe_values(DOMAINS)
    connection.execute(f"insert into outlets values ({', '.join('?' * len(outlet))})", list(outlet.values()))
    for report, seen in looks.items():
        url = address(report)
        identity = 2026103107300000 + report
        connection.execute("insert into id_registry values (?, ?)", [identity, url])
        captures = []
        for hours, outcome, status in seen:
            capture = look(hours, report)
            captures.append(capture.id)
            connection.execute(
                "insert or ignore into crawls (id, outlet, started_at, origin) values (?, 'xinhua', ?, 'live')",
                [capture.crawl, iso(capture.at)],
            )
            connection.execute(
                "insert into captures (id, crawl, outlet, url, canonical, at, status, payload_length, warc, offset, length, "
                "origin, outcome, report) values (?, ?, 'xinhua', ?, ?, ?, ?, 9, 'a.warc.gz', ?, 9, 'live', ?, ?)",
                [capture.id, capture.crawl, url, url, iso(capture.at), status, capture.id, outcome, identity],
            )
        first, last = captures[0], look(seen[-1][0], report)
        connection.execute(
            "insert into reports (id, url, outlet, title, excerpt, language, first_seen, last_checked, state, versions, pages, "
            "capture, origin) values (?, ?, 'xinhua', ?, '第一段。', 'zh-Hans', ?, ?, ?, 1, 1, ?, 'live')",
            [identity, url, f"通报{report}", iso(START), iso(last.at), states[report], first],
        )
        wording = Wording(f"通报{report}", "第一段。", "", "detail2023")
        connection.execute(
            "insert into versions values (?, ?, 1, ?, ?, '', ?, 'detail2023', ?, ?, 0, 0, '')",
            [first, identity, wording.title, wording.body, wording.digest, first, iso(START)],
        )
        connection.execute("insert into readings values (?, ?, 1, 1, ?, null)", [first, identity, wording.digest])
        connection.execute(
            "insert into checks (url, outlet, address, kind, last_capture, last_at, last_outcome) values "
            "(?, 'xinhua', ?, 'report', ?, ?, ?)",
            [url, url, captures[-1], iso(last.at), seen[-1][1]],
        )
        search.add_to_index(connection, [identity])
    connection.close()


def test_the_spells_of_an_archive_from_before_are_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    there, gone = ("report", 200), ("missing", 404)
    older_archive(
        path,
        {
            1: [(0, *there), (20, *gone), (100, *gone)],
            2: [(0, *there), (40, "missing", 410), (50, *there)],
            3: [(0, *there), (20.5, *there), (40.5, *there), (100.5, *there)],
            4: [(0, *there), (200, *gone)],  # nothing else was there in this crawl
        },
        {1: "gone", 2: "restored", 3: "live", 4: "suspected"},
    )
    db = open_archive(path)
    assert spells(db, "report % 10", "state", "cause", "looks") == [
        (1, "gone", "http-404", 2),
        (2, "unconfirmed", "http-410", 1),
    ]
    assert [state(db, number) for number in (1, 2, 3, 4)] == ["gone", "live", "live", "live"]
    assert [hit.id % 10 for hit in find(db, Search("通报 state:gone")).hits] == [1]
    db.execute("insert into reports_fts(reports_fts) values ('integrity-check')")
    assert db.execute("pragma foreign_key_check").fetchall() == []
    db.close()


# Redirects whose answer a kill has cut off


@pytest.mark.parametrize("target", ["a", "b"])
def test_the_target_of_a_redirect_is_due_though_the_crawl_was_killed_before_its_answer(
    db: sqlite3.Connection, target: str
) -> None:
    led = [Link(address(target), canonical=address(target))]
    write(db, [look(1, "a", "redirect", links=led)])
    later = START + timedelta(hours=2)
    assert [each.url for each in frontier.due(db, "xinhua", later, 9, False)] == [address(target)]
    write(db, [look(2, target)])
    assert [each.url for each in frontier.due(db, "xinhua", later, 9, False)] == []
