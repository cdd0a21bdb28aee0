"""A report that moved with its host is the same report, and nothing was taken down."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_takedowns import DOMAINS, SCHEDULE, START, address, describe, look, memory, others, said, write

from archive import moves, rows
from archive.moves import Hosts, Move, move_of
from archive.schema import open_archive
from archive.times import iso
from items import Capture

OLD, NEW = "old.example", "news.example"  # neither folds into the other


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = describe(open_archive(tmp_path / "archive.db"))
    yield connection
    connection.close()


def at_old(hours: float, name: int | str, outcome: str = "report", **fields: object) -> Capture:
    return look(hours, name, outcome, url=address(name, OLD), **fields)


def redirect(hours: float, name: int | str, host: str = NEW) -> Capture:
    return at_old(hours, name, "redirect", headers=[("Location", address(name, host))])


def story() -> list[Capture]:
    """Read at the old host; the new host's list names it before the old host's redirect is seen."""
    again = look(30, "b")
    return [
        *(at_old(number / 60, name) for number, name in enumerate("ab")),
        look(10, "a"),
        look(10.1, "new"),
        look(11, "a", report=said("a", "改。")),
        redirect(20, "a"),
        look(20.1, "a", report=said("a", "改。")),
        again,
        at_old(40, "b", "server-error"),
        redirect(50, "b"),
        look(50.1, "b", "unchanged", revisit_of=again.id),
    ]


# What is a move


@pytest.mark.parametrize(
    ("url", "location", "moved"),
    [
        ("http://old.example/a/1.htm", "https://news.example/a/1.htm", True),
        ("http://old.example/a/1.htm", "https://news.example/a/1.htm?from=old", True),
        ("http://old.example/a/1", "https://news.example/a/1/", True),
        ("http://old.example/a/%E6%96%B0.htm", "https://news.example/a/新.htm", True),
        ("http://old.example/a/1.htm", "//news.example:443/a/1.htm", True),
        ("http://old.example/a/1.htm", "https://elsewhere.example/a/1.htm", True),
        ("http://old.example/a/1.htm", "https://old.example/a/1.htm", False),
        ("http://old.example/a/1.htm", "https://news.example/", False),
        ("http://old.example/a/1.htm", "https://news.example/b/1.htm", False),
        ("http://old.example/", "https://news.example/", False),
        ("http://m.news.example/a/1.htm", "https://news.example/a/1.htm", False),
        ("http://old.example/a/1.htm", "", False),
        ("http://old.example/a/1.htm", "javascript:alert(1)", False),
        ("http://old.example/a/1.htm", "http://[bad/a/1.htm", False),
        ("http://old.example/a/1.htm", "http://news.example:99999/a/1.htm", False),
    ],
)
def test_a_move_is_a_redirect_to_the_same_place_on_another_host(url: str, location: str, moved: bool) -> None:
    db = memory()
    describe(db, [*DOMAINS, {"host": "m.news.example", "into": "news.example"}])
    assert (move_of("xinhua", url, location, Hosts(db, "xinhua")) is not None) is moved
    db.close()


def test_moves_are_counted_with_the_first_and_the_last_capture_that_shows_them(db: sqlite3.Connection) -> None:
    shown = [redirect(20, "a"), redirect(30, "b"), redirect(40, "a"), redirect(41, "a", "elsewhere.example")]
    write(db, [shown[1], shown[3]])
    write(db, [shown[0], shown[2]])
    assert db.execute("select * from moves order by to_host").fetchall() == [
        ("xinhua", OLD, "elsewhere.example", shown[3].id, shown[3].id, 1),
        ("xinhua", OLD, NEW, shown[0].id, shown[2].id, 3),
    ]


# One report


def test_a_report_at_the_new_host_has_the_id_that_it_had_at_the_old_one(db: sqlite3.Connection) -> None:
    write(db, [at_old(0, "a"), *others(0, "b")])
    ((before,),) = db.execute("select report from captures where url = ?", [address("a", OLD)]).fetchall()
    write(db, [redirect(20, "a"), look(20.1, "a"), *others(20.2, "b")])
    assert db.execute("select id, url, versions from reports where title = '通报a'").fetchall() == [
        (before, address("a"), 1)
    ]
    # From now on it is known there, and what comes to nothing is a look at it.
    write(db, [look(30, "a", "missing"), *others(30, "b")])
    assert db.execute("select report, state from takedowns").fetchall() == [(before, "suspected")]
    assert db.execute("select count(*) from captures where report = ?", [before]).fetchone() == (4,)


def test_a_move_is_no_takedown_whether_the_outlet_owns_the_new_host_or_not(db: sqlite3.Connection) -> None:
    write(db, [at_old(0, "a"), *others(0, "b")])
    for hours in (20, 100, 200):
        write(db, [redirect(hours, "a", "elsewhere.example"), *others(hours, "b")])
    assert db.execute("select state from reports").fetchall() == [("live",), ("live",)]
    assert db.execute("select count(*) from takedowns").fetchone() == (0,)


def test_reports_that_were_read_at_the_new_host_before_the_move_was_learned_are_joined(db: sqlite3.Connection) -> None:
    captures = story()
    write(db, captures[:2])
    ids = dict(db.execute("select url, id from reports").fetchall())
    write(db, captures[2:5])
    assert db.execute("select count(*) from reports").fetchone() == (4,)  # a stands twice
    write(db, captures[5:])
    reports = db.execute("select id, url, title, versions, first_seen from reports order by title").fetchall()
    assert reports == [
        (ids[address("a", OLD)], address("a"), "通报a", 2, iso(START)),
        (ids[address("b", OLD)], address("b"), "通报b", 1, "2026-11-01T00:01:00Z"),
        (reports[2][0], address("new"), "通报new", 1, "2026-11-01T10:06:00Z"),
    ]
    assert db.execute("select body, capture from versions where title = '通报a' order by number").fetchall() == [
        ("第一段。", captures[0].id),
        ("改。", captures[4].id),
    ]
    assert db.execute("select count(*) from captures where report is null").fetchone() == (0,)
    assert db.execute("select count(*) from id_registry").fetchone() == (3,)
    assert db.execute("pragma foreign_key_check").fetchall() == []
    db.execute("insert into reports_fts(reports_fts) values ('integrity-check')")


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_arrival_changes_nothing_but_which_address_named_a_report_first(seed: int) -> None:
    ordered, shuffled = memory(), memory()
    write(ordered, story())
    arriving = story()
    random.Random(seed).shuffle(arriving)
    for capture in arriving:
        rows.write(shuffled, [capture], SCHEDULE)
    columns = "url, outlet, title, first_seen, last_checked, state, versions, capture"
    queries = (
        f"select {columns} from reports order by url",
        "select captures.id, captures.outcome, reports.url from captures join reports on reports.id = captures.report "
        "order by captures.id",
        "select url, number, body, versions.capture, kinds from versions join reports on reports.id = report "
        "order by url, number",
        "select * from moves",
    )
    for query in queries:
        assert shuffled.execute(query).fetchall() == ordered.execute(query).fetchall(), query
    ordered.close(), shuffled.close()


def test_stories_in_pages_are_joined_too(db: sqlite3.Connection) -> None:
    def page(hours: float, number: int, host: str, text: str) -> Capture:
        pages = [address("a", host), address("a_2", host)]
        report = said("a", text)
        report.part, report.part_urls = number, pages
        return look(hours, "a", url=pages[number - 1], report=report, report_url=pages[0])

    write(db, [page(0, 1, OLD, "第一页。"), page(0.1, 2, OLD, "第二页。")])
    write(db, [page(10, 1, NEW, "第一页。"), page(10.1, 2, NEW, "第二页改。")])
    write(db, [redirect(20, "a"), page(20.1, 1, NEW, "第一页。")])
    assert db.execute("select url, pages, versions from reports").fetchall() == [(address("a"), 2, 2)]
    assert db.execute("select number, body from versions").fetchall() == [
        (1, "第一页。\n\n第二页。"),
        (2, "第一页。\n\n第二页改。"),
    ]


def test_a_host_of_another_is_not_taken_for_one_of_the_outlets(db: sqlite3.Connection) -> None:
    write(db, [redirect(10, "x", "elsewhere.example")])
    assert moves.addresses(db, "xinhua", address("a", OLD)) == [address("a", OLD)]
    assert moves.hosts_of(db, Move("xinhua", OLD, "elsewhere.example")) == []


def test_moves_form_chains_and_may_go_back(db: sqlite3.Connection) -> None:
    describe(db, [*DOMAINS, {"host": "third.example"}])
    to_third = look(11, "y", "redirect", headers=[("Location", address("y", "third.example"))])
    back = look(12, "z", "redirect", url=address("z", "third.example"), headers=[("Location", address("z", OLD))])
    write(db, [redirect(10, "x"), to_third, back])
    found = moves.addresses(db, "xinhua", "https://third.example/world/a/?p=1")
    assert found[0] == "https://third.example/world/a/?p=1"
    assert set(found[1:]) == {
        f"https://{host}/world/a{slash}?p=1" for host in (OLD, NEW) for slash in ("", "/")
    }  # fmt: skip
    write(db, [at_old(20, "a"), look(21, "a", url=address("a", "third.example")), look(22, "a")])
    assert db.execute("select count(*) from reports").fetchone() == (1,)


def test_a_broken_server_that_names_any_number_of_hosts_is_not_followed_to_all(db: sqlite3.Connection) -> None:
    write(db, [redirect(10 + number / 100, "x", f"h{number}.news.example") for number in range(40)])
    assert len(moves.addresses(db, "xinhua", address("a", OLD))) == 1 + 2 * 19
