"""A crawl that finds a report missing asks for others, to tell a takedown from an outage. Whole crawls, on loopback."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import Place, rows_of

from samples.newsroom import Handler, Newsroom

TAKEN = "https://www.news.cn/local/20260922/b79d2096c66248cad58c309283bcd8d4/c.html"
FRONT = "http://www.news.cn/"
REPORT = re.compile(r"/(?:c|c_\d+|content_\d+)\.html?$")
NEVER = "2099-01-01T00:00:00Z"


class Troubled(Handler):
    """Some reports are missing (`gone`: None for all of them), by a 404 or a redirect to the front page."""

    gone: frozenset[str] | None = frozenset()
    leads_home = False

    def do_GET(self) -> None:
        url = self._url()
        is_report = bool(REPORT.search(urlsplit(url).path))
        if url == FRONT:
            self._send(url, 200, {"Content-Type": "text/html"}, b"<title>News</title>")
        elif is_report and (self.gone is None or url in self.gone):
            headers = {"Location": FRONT} if self.leads_home else {}
            self._send(url, 302 if self.leads_home else 404, {"Content-Type": "text/html"} | headers, b"")
        else:
            super().do_GET()

    do_HEAD = do_GET


@pytest.fixture
def handler() -> type[Troubled]:
    return type("Chosen", (Troubled,), {})


@pytest.fixture
def room(handler: type[Troubled]) -> Iterator[Newsroom]:
    with Newsroom(handler=handler) as server:
        yield server


@pytest.fixture
def read_once(tmp_path: Path, room: Newsroom) -> Place:
    """An archive of the first visit, in which nothing but one report is due."""
    place = Place(tmp_path, room.proxy_url)
    assert place.crawl("xinhua").returncode == 0
    place.connect().execute(
        "update checks set due_at = case url when ? then '2020-01-01T00:00:00Z' else ? end", [TAKEN, NEVER]
    )
    room.log.clear()
    return place


def asked(room: Newsroom) -> list[str]:
    return [entry.url for entry in room.log if REPORT.search(urlsplit(entry.url).path)]


def takedowns(place: Place) -> list[tuple[str, str, str]]:
    return (
        place.connect()
        .execute("select reports.url, takedowns.state, cause from takedowns join reports on reports.id = report")
        .fetchall()
    )


def test_neighbours_that_are_there_make_it_a_suspicion(
    read_once: Place, room: Newsroom, handler: type[Troubled]
) -> None:
    handler.gone, handler.leads_home = frozenset({TAKEN}), True
    assert read_once.crawl("xinhua").returncode == 0
    assert takedowns(read_once) == [(TAKEN, "suspected", "front-page")]
    assert asked(room)[0] == TAKEN
    assert len({url.partition("://")[2] for url in asked(room)}) == 3  # and two others
    due = "select due_at < '2099', last_outcome from checks where url = ?"
    assert read_once.connect().execute(due, [TAKEN]).fetchone() == (1, "missing")
    # The front page is no look at the report.
    rows = (
        read_once.connect()
        .execute("select url, outcome, report is null from captures order by id desc limit 4")
        .fetchall()
    )
    assert (FRONT, "not-report", 1) in rows
    again = read_once.folder / "again.db"
    assert read_once.dateline("reread", "--into", str(again)).returncode == 0
    ours, theirs = rows_of(read_once.connect()), rows_of(read_once.connect(again))
    for table in ("takedowns", "reports", "captures", "moves"):
        assert theirs[table] == ours[table], table


@pytest.mark.parametrize("leads_home", [False, True])
def test_an_outlet_that_has_lost_every_report_is_asked_for_a_few_and_has_taken_nothing_down(
    read_once: Place, room: Newsroom, handler: type[Troubled], leads_home: bool
) -> None:
    handler.gone, handler.leads_home = None, leads_home
    assert read_once.crawl("xinhua").returncode == 0
    assert takedowns(read_once) == []
    assert read_once.connect().execute("select distinct state from reports").fetchall() == [("live",)]
    assert len(asked(room)) == 1 + 2 + 5


def test_when_much_was_removed_more_are_asked_for_until_some_are_there(
    read_once: Place, room: Newsroom, handler: type[Troubled]
) -> None:
    known = (
        "select address from checks where kind = 'report' and last_outcome = 'report' and url <> ? order by rung, url"
    )
    reports = [address for (address,) in read_once.connect().execute(known, [TAKEN])]
    handler.gone = frozenset([TAKEN, *reports[::2]])
    assert read_once.crawl("xinhua").returncode == 0
    found = {url for url, _, _ in takedowns(read_once)}
    assert TAKEN in found
    missing = [url for url in asked(room) if url in handler.gone]
    there = len(asked(room)) - len(missing)
    assert len(found) == len(missing) and there >= min(len(missing), 5)


def test_a_crawl_with_a_limit_asks_for_no_more(read_once: Place, room: Newsroom, handler: type[Troubled]) -> None:
    handler.gone = frozenset({TAKEN})
    assert read_once.crawl("xinhua", "--limit", "1").returncode == 0
    assert asked(room) == [TAKEN]
    assert takedowns(read_once) == []
