"""/outlets and /outlets/<id>: who an outlet is, what is held of it, when we looked and when we could not."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from serving import answer, page, serving
from small_archive import make_archive

from archive import coverage as ledger
from publish import coverage
from publish.pages.outlets import described, listed, ranked

NOW = datetime(2016, 1, 1, tzinfo=UTC)


def soup(server: str, path: str, **query: str) -> BeautifulSoup:
    return BeautifulSoup(page(server, path, **query), "lxml")


def words(found: Tag, selector: str) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in found.select(selector)]


def facts(found: BeautifulSoup, selector: str) -> dict[str, str]:
    return dict(zip(words(found, f"{selector} dt"), words(found, f"{selector} dd"), strict=True))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The small archive, and what was asked of Xinhua around New Year 2015: a list and a report, then a day of
    failures and a refusal, robots.txt alone, and a page in quarantine."""
    connection = make_archive(tmp_path / "archive.db")
    looks = [
        ("2015-01-01", "listing", 200), ("2015-01-01", "robots", 200), ("2015-01-01", "report", 200),
        ("2015-01-03", "failed", None), ("2015-01-03", "refused", 403), ("2015-01-04", "robots", 200),
        ("2015-01-05", "quarantined", 200), ("2015-01-05", "robots", None),
    ]  # fmt: skip
    for number, (day, outcome, status) in enumerate(looks):
        connection.execute(
            "insert into captures (id, crawl, outlet, url, canonical, at, status, payload_length, warc, offset, length, "
            "origin, outcome) values (?, 'two', 'xinhua', 'u', 'u', ?, ?, 0, 'second', ?, 0, 'live', ?)",
            [number + 1, f"{day}T0{number}:00:00Z", status, number, outcome],
        )
    connection.execute(
        "insert into quarantine values (7, 'xinhua', 'u', '2015-01-05T06:00:00Z', '0 of the 17 layouts fit')"
    )
    for day, finished in (("2015-01-01", "2015-01-01T02:00:00Z"), ("2015-01-05", None)):
        connection.execute(
            "insert into crawls values (?, 'xinhua', ?, ?, 'finished', 'live', 2, 1, 0, 0)",
            [f"{day.replace('-', '')}-xinhua", f"{day}T00:00:00Z", finished],
        )
    ledger.count_all(connection)
    yield connection
    connection.close()


# The list


def test_the_list_tells_state_media_from_those_who_repeat_them(room: str) -> None:
    found = soup(room, "/outlets")
    assert words(found, ".card h2") == ["Xinhua News Agency state media", "The Next Web secondary coverage"]
    first = facts(found, ".card:nth-of-type(1)")
    assert first["Owner"] == "State Council of the People's Republic of China (state-owned)"
    assert first["Holds"] == "27 reports , 21 September 2005 to 24 September 2026"
    assert first["Crawling"] == "in order"
    assert first["Last look"].endswith("UTC")


def test_an_outlet_that_was_never_crawled_is_listed_as_such(server: str) -> None:
    assert facts(soup(server, "/outlets"), ".card:nth-of-type(1)")["Crawling"] == "no crawl on record"


def test_the_last_look_is_the_newest_capture(archive: sqlite3.Connection) -> None:
    assert {each["id"]: each["last_look"] for each in listed(archive, NOW)} == {
        "xinhua": "2015-01-05T07:00:00Z",
        "tnw": "2012-07-26T09:30:00Z",
    }


# The page


def test_an_outlets_page_says_who_it_is(room: str) -> None:
    found = soup(room, "/outlets/xinhua")
    assert words(found, "h1") == ["Xinhua News Agency 新华社"]
    who = facts(found, "section[aria-labelledby=who]")
    assert who["Control"] == "state-owned"
    assert who["Languages"] == "Chinese (simplified), English"
    assert who["Time zone"] == "Asia/Shanghai"
    assert "New China News Agency" in who["Cited as"]
    domains = words(found, "section[aria-labelledby=domains] tbody tr")
    assert domains[0] == "www.news.cn 2021"
    assert "www.xinhuanet.com 2000 2021 www.news.cn" in domains


def test_it_counts_what_is_held_by_year_and_month(room: str) -> None:
    found = soup(room, "/outlets/xinhua", year="2012")
    years = words(found, "ul[aria-label=Years] li")
    assert (years[0], years[-1], len(years)) == ("2005 1", "2026 6", 22)
    assert "2013 0" in years  # a year without reports stays in the row
    assert words(found, "ul[aria-label='Months of 2012'] li") == ["July 2012 2"]
    (month,) = found.select("ul[aria-label='Months of 2012'] a")
    assert month["href"] == "/search?outlet=xinhua&since=2012-07-01&until=2012-07-31"
    assert words(found, "figure title").count("25 July 2012: 2 reports") == 1


def test_without_a_year_the_last_one_that_holds_anything_is_shown(room: str) -> None:
    assert words(soup(room, "/outlets/tnw"), "#year") == ["2026, by day of publication"]
    assert words(soup(room, "/outlets/tnw", year="1066"), "#year") == ["2026, by day of publication"]
    assert words(soup(room, "/outlets/tnw", year="twelve"), "#year") == ["2026, by day of publication"]


def test_sources_and_sections_are_counted_and_lead_to_their_reports(room: str) -> None:
    found = soup(room, "/outlets/xinhua")
    assert words(found, "section[aria-labelledby=source_label] li") == [
        "新华网 12", "Xinhua 7", "English.news.cn 3", "新华社 3", "www.chinaview.cn 2",
    ]  # fmt: skip
    assert words(found, "section[aria-labelledby=section] li") == ["World 1"]
    assert (
        str(found.select("section[aria-labelledby=section] a")[0]["href"])
        == "/archive/reports?outlet=xinhua&section=World"
    )


def test_what_could_not_be_read_is_counted_once_and_led_to(room: str) -> None:
    found = soup(room, "/outlets/xinhua")
    (link,) = (
        link for link in found.select("section[aria-labelledby=coverage] a") if "quarantine" in str(link["href"])
    )
    assert link.get_text() == "1 page"  # captured twice
    assert "0 of the 17 layouts" in page(room, str(link["href"]))


def test_an_unknown_outlet_is_not_in_the_archive(server: str) -> None:
    found = answer(server, "/outlets/pravda")
    assert found.status == 404
    assert "No outlet is called “pravda” here" in found.text


def test_most_frequent_values_come_first_and_missing_ones_do_not_count() -> None:
    assert ranked([("b", 2), (None, 9), ("a", 2), ("c", 5), ("", 3)]) == [("c", 5), ("a", 2), ("b", 2)]


# When we looked


def test_a_day_tells_answers_from_refusals_and_failures(archive: sqlite3.Connection) -> None:
    days = coverage.per_day(archive, "xinhua", 2015)
    assert {day: (of.asked, of.answered, of.read, of.new, of.refused, of.failed) for day, of in days.items()} == {
        "2015-01-01": (3, 3, 2, 1, 0, 0),  # the sample's own report of that day, a list and a report; not robots.txt
        "2015-01-03": (2, 0, 0, 0, 1, 1),
        "2015-01-05": (2, 1, 0, 0, 1, 0),  # an address that robots.txt forbids counts as refused
    }  # robots.txt alone, on the 4th, is no look


def test_the_calendar_shows_looked_not_looked_and_could_not(archive: sqlite3.Connection, tmp_path: Path) -> None:
    with serving(tmp_path / "archive.db") as address:
        found = soup(address, "/outlets/xinhua", year="2015")
    titles = words(found, "section[aria-labelledby=coverage] title")
    assert "1 January 2015: 3 requests, 3 answered, 1 new report" in titles
    assert "2 January 2015: nobody looked" in titles
    assert "3 January 2015: 2 requests, 0 answered, 0 new reports, 1 refused, 1 failed" in titles
    assert "4 January 2015: nobody looked" in titles
    told = words(found, "section[aria-labelledby=coverage]")[0]
    assert "The last crawl began on 5 January 2015, 00:00 UTC and has not ended" in told
    assert "Longest without a look of ours: 2 January 2013 to 5 May 2014 (489 days)" in told
    assert "1 page could not be read and lies in quarantine" in told


def test_gaps_are_whole_days_between_looks_the_longest_first(archive: sqlite3.Connection) -> None:
    assert coverage.longest_gaps(archive, "xinhua") == [
        (date(2013, 1, 2), date(2014, 5, 5)),
        (date(2014, 5, 7), date(2014, 12, 31)),
        (date(2012, 7, 28), date(2012, 12, 31)),
    ]
    assert coverage.longest_gaps(archive, "tnw") == []
    archive.execute("delete from coverage_days where day < '2015'")
    assert coverage.longest_gaps(archive, "xinhua") == []  # a single day is no stretch


def crawl(**other: Any) -> dict[str, Any]:
    finished = {
        "started_at": "2015-12-31T00:00:00Z",
        "finished_at": "2015-12-31T01:00:00Z",
        "finish_reason": "finished",
    }
    return finished | {"requests": 10, "reports": 4, "failed": 0} | other


@pytest.mark.parametrize(
    ("last", "word", "sentence"),
    [
        (None, "no crawl on record", "No crawl of it is on record."),
        (crawl(), "in order", "ended in order and read 4 reports in 10 requests."),
        (crawl(failed=2), "in order", "ended in order"),
        (crawl(failed=3), "in trouble", "3 of 10 requests brought no usable answer."),
        (crawl(finished_at=None), "unfinished", "has not ended: it runs, or was stopped."),
        (crawl(finish_reason="closespider_errorcount"), "ended early", "ended early: closespider_errorcount."),
        (crawl(requests=0), "nothing asked", "asked for nothing."),
        (crawl(started_at="2015-12-24T00:00:00Z"), "not looked at lately", "began 8 days ago, on 24 December 2015"),
    ],
)
def test_health_is_told_in_plain_words(last: dict[str, Any] | None, word: str, sentence: str) -> None:
    found = coverage.health(last, NOW)
    assert found[0] == word
    assert sentence in found[1]


def test_an_outlet_without_a_report_has_a_page(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive.db", ())
    found = described(archive, "tnw", 0, NOW)
    assert (found["total"], found["shown"], found["days"], found["gaps"]) == (0, 2016, {}, [])
    archive.close()
    with serving(tmp_path / "archive.db") as address:
        assert "No report is held yet." in page(address, "/outlets/tnw")
