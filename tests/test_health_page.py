"""/health: open alarms, the last runs, and each outlet against what is usual for it; what of it a public edition has."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from serving import RELEASES, answer, page, serving
from small_archive import make_archive

from archive import coverage
from archive.health import FillRate, Usual
from archive.publishing import make_public
from archive.times import iso
from publish.pages.health import PAGE, against, ago, has_fallen, last_runs, percent, usual

NOW = datetime.now(UTC).replace(microsecond=0)


def before(**span: float) -> str:
    return iso(NOW - timedelta(**span))


def look(
    connection: sqlite3.Connection, outlet: str, at: str, outcome: str, status: int | None, reason: str = ""
) -> int:
    (number,) = connection.execute("select count(*) from captures").fetchone()
    capture, url = 3_000_000_000_000_000 + int(number), f"http://{outlet}.example/{number}"
    connection.execute(
        "insert into captures (id, crawl, outlet, url, canonical, at, status, payload_length, warc, offset, length, origin, "
        "outcome, reason) values (?, 'now', ?, ?, ?, ?, ?, 0, 'w', ?, 500, 'live', ?, ?)",
        [capture, outlet, url, url, at, status, number, outcome, f"{url}: {reason}" if reason else None],
    )  # fmt: skip
    return capture


def trouble(connection: sqlite3.Connection) -> None:
    """TNW answered an hour ago, after two failures; its list is due in half an hour, and its address 20 minutes ago. Of
    Xinhua a page came that could not be read. One alarm is open, one acknowledged, one over. Three runs."""
    connection.execute("begin")
    for minutes in (130, 120):
        look(
            connection,
            "tnw",
            before(minutes=minutes),
            "failed",
            None,
            "DownloadTimeoutError: 180 s",
        )
    look(connection, "tnw", before(hours=1), "listing", 200)
    look(connection, "xinhua", before(hours=2), "report", 200)
    unread = look(connection, "xinhua", before(hours=2), "quarantined", 200, "0 layouts fit")
    connection.execute("insert into quarantine select id, outlet, url, at, reason from captures where id = ?", [unread])
    for name, outlet, kind, due in (
        ("a", "tnw", "listing", before(minutes=-30)), ("b", "xinhua", "listing", before(minutes=20)),
    ):  # fmt: skip
        connection.execute(
            "insert into checks (url, outlet, address, kind, due_at) values (?, ?, ?, ?, ?)",
            [name, outlet, name, kind, due],
        )
    for kind, outlet, message, acknowledged, note, cleared in (
        ("silent", "tnw", "TNW is silent for 3 days. Look at <its lists>.", None, None, None),
        ("disk", None, "2 GB are left.", before(hours=3), "A new disk comes on Friday.", None),
        ("layout", "xinhua", "This is over.", None, None, before(hours=1)),
    ):
        connection.execute(
            "insert into alarms (kind, outlet, subject, message, state, raised_at, seen_at, acknowledged_at, note, cleared_at) "
            "values (?, ?, 's', ?, 's', ?, ?, ?, ?, ?)",
            [kind, outlet, message, before(hours=50), before(hours=1), acknowledged, note, cleared],
        )
    for number, (finished, ended) in enumerate(
        [(before(minutes=10), "finished"), (before(minutes=9), "stopped: SIGTERM"), (None, None)]
    ):
        connection.execute(
            "insert into runs (id, started_at, finished_at, pid, outlets, due, requests, new, ended) "
            "values (?, ?, ?, 1, 2, 30, 20, 4, ?)",
            [f"run{number}", before(minutes=11), finished, ended],
        )
    coverage.count_all(connection)
    connection.execute("commit")


@pytest.fixture(scope="module", params=RELEASES)
def troubled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("troubled") / "archive.db"
    with closing(make_archive(path)) as connection:
        trouble(connection)
    with serving(path, release=request.param) as address:
        yield address


def soup(server: str, path: str, **query: str) -> BeautifulSoup:
    return BeautifulSoup(page(server, path, **query), "lxml")


def words(found: Tag, selector: str) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in found.select(selector)]


def rows(found: Tag, section: str) -> list[list[str]]:
    return [words(row, "th, td") for row in found.select(f"section[aria-labelledby={section}] tbody tr")]


def test_open_alarms_come_first_with_what_was_said_of_them(troubled: str) -> None:
    found = soup(troubled, "/health")
    assert words(found, "#alarms") == ["2 open alarms"]
    silent, disk = words(found, ".alarm")
    assert silent.startswith("silent TNW since ")
    assert "2 days ago" in silent
    assert silent.endswith("TNW is silent for 3 days. Look at <its lists>.")
    assert disk.startswith("disk since ")
    assert disk.endswith(": A new disk comes on Friday.")
    assert [("is-known" in alarm["class"]) for alarm in found.select(".alarm")] == [False, True]
    assert "This is over." not in found.get_text()
    assert answer(troubled, "/archive/alarms").status == 200


def test_the_last_runs_say_how_they_ended(troubled: str) -> None:
    found = soup(troubled, "/health")
    assert [row[1:] for row in rows(found, "runs")] == [
        ["has not ended, or was killed", "2", "30", "20", "4"],
        ["stopped: SIGTERM", "2", "30", "20", "4"],
        ["in order", "2", "30", "20", "4"],
    ]


def test_an_outlet_is_told_by_its_last_success_next_look_and_numbers(troubled: str) -> None:
    xinhua, tnw = rows(soup(troubled, "/health"), "outlets")
    assert xinhua == [
        "Xinhua state media", "2 hours ago", "1 due now", "0", "too little history", "0", "too little history",
        "50 % (1)", "", "0", "1,054 bytes",
    ]  # fmt: skip
    since = (datetime.now(UTC) - NOW).total_seconds() / 60  # this module may have been waiting for its turn
    last, following = (int(re.sub(r"\D", "", told)) for told in tnw[1:3])
    assert (tnw[0], re.sub(r"\d+", "_", tnw[1])) == ("TNW secondary coverage", "_ minutes ago")
    assert abs(last - 60 - since) <= 1 and abs(30 - following - since) <= 1
    assert tnw[-2:] == ["2", "1,509 bytes"]


def test_what_failed_is_told_by_kind_with_the_last_address(troubled: str) -> None:
    (cause,) = rows(soup(troubled, "/health"), "causes")
    assert cause[:3] == ["TNW", "failed: no answer in time", "2"]
    assert cause[4] == "http://tnw.example/8"


def test_the_disk_is_told_without_a_path_of_this_machine(troubled: str) -> None:
    found = soup(troubled, "/health")
    (disk,) = words(found, "section[aria-labelledby=disks] dl")
    assert disk.startswith("Holds archive and captures Dateline’s ")
    assert "/tmp" not in found.get_text()


def test_one_outlet_has_a_page_of_its_own(troubled: str) -> None:
    found = soup(troubled, "/health", outlet="xinhua")
    assert words(found, "#alarms") == ["No open alarm of Xinhua"]
    assert [row[0] for row in rows(found, "outlets")] == ["Xinhua state media"]
    assert found.select("#runs, #disks") == []
    assert words(soup(troubled, "/health", outlet="tnw"), "#alarms") == ["1 open alarm of TNW"]
    nobody = answer(troubled, "/health", outlet="pravda")
    assert (nobody.status, "No outlet is called “pravda” here" in nobody.text) == (404, True)


def test_every_page_leads_here(troubled: str) -> None:
    for path in ("/", "/outlets", "/help"):
        assert "/health" in {link["href"] for link in soup(troubled, path).select("a[href]")}, path


def test_a_public_edition_shows_what_it_has_and_says_what_it_has_not(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path / "archive.db")) as connection:
        trouble(connection)
    make_public(tmp_path / "archive.db", tmp_path / "public.db", "0", iso(NOW))
    with serving(tmp_path / "public.db") as address:
        found = soup(address, "/health")
        assert words(found, ".note")[0].startswith("A public edition , as of ")
        assert "Alarms, runs and disks are about the machine that crawls" in words(found, ".note")[0]
        assert found.select("#alarms, #runs, #disks") == []
        assert [row[:3] for row in rows(found, "outlets")] == [
            ["Xinhua state media", "2 hours ago", "1 due now"],
            ["TNW secondary coverage", "60 minutes ago", "in 30 minutes"],
        ]
        assert "A new disk" not in found.get_text()


def test_many_outlets_are_shown_a_page_at_a_time(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path / "archive.db", ())) as connection:
        for number in range(PAGE):
            connection.execute(
                "insert into outlets select 'o' || ?, 'Outlet ' || ?, 'O', country, languages, kind, control, owner, "
                "timezone, aliases, domains, every, budget from outlets where id = 'tnw'",
                [number, f"{number:02}"],
            )
    with serving(tmp_path / "archive.db") as address:
        first = soup(address, "/health")
        assert len(rows(first, "outlets")) == PAGE
        assert rows(first, "outlets")[0][1:3] == ["never", "none planned"]
        (link,) = first.select(".pager a")
        second = soup(address, str(link["href"]))
        assert [row[0] for row in rows(second, "outlets")] == [
            f"Outlet {PAGE - 1} secondary coverage", "TNW secondary coverage",
        ]  # fmt: skip
        assert answer(address, "/health", page="0").status == 400
        assert rows(soup(address, "/health", page="9"), "outlets") == []


# In words


def test_runs_come_newest_first(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path / "archive.db", ())) as connection:
        for number in range(14):
            connection.execute(
                "insert into runs (id, started_at, pid) values (?, '2026-01-01T00:00:00Z', 1)", [f"{number:02}"]
            )
        cursor = last_runs(connection)
    assert [run["id"] for run in cursor] == [f"{number:02}" for number in range(13, 1, -1)]


def test_what_is_usual_is_a_number_with_its_bounds() -> None:
    assert usual(None) == "too little history"
    assert usual(Usual(12.5, 8, 1500, 8)) == "12.5 (8 to 1,500)"
    assert usual(Usual(3.0, 3, 3, 5)) == "3"
    found = [against(number, Usual(12, 8, 15, 8)) for number in (7, 8, 15, 16)]
    assert found == ["low", "", "", "high"]
    assert against(0, None) == ""


def test_a_field_that_is_filled_much_more_seldom_has_fallen() -> None:
    assert has_fallen(FillRate("byline", 35, 50, 92, 100))
    assert not has_fallen(FillRate("byline", 37, 50, 92, 100))
    assert not has_fallen(FillRate("byline", 0, 0, 92, 100))  # nothing was new
    assert not has_fallen(FillRate("byline", 0, 50, 0, 0))


def test_shares_and_times_are_rounded_to_what_they_tell() -> None:
    assert [percent(share) for share in (None, 0, 0.0123, 0.5, 0.998, 1)] == [
        "",
        "0 %",
        "1.2 %",
        "50 %",
        "100 %",
        "100 %",
    ]
    times = {"seconds": 20}, {"minutes": 89}, {"hours": 47}, {"days": 2}, {"minutes": -5}, {"days": -3}
    assert [ago(before(**span), NOW) for span in times] == [
        "now", "89 minutes ago", "47 hours ago", "2 days ago", "in 5 minutes", "in 3 days",
    ]  # fmt: skip
    assert ago(None, NOW) == ""
