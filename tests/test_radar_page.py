"""/edits/radar and its feed: the same change in several reports is one finding, with a link to each change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from lxml import etree
from serving import RELEASES, answer, page, serving
from small_archive import Sample, make_archive

from archive.publishing import make_public
from archive.radar import Finding
from publish.pages.radar import Asked, change, counted, found, when

FIRST = 2026110100000000
# Day of November, outlet, was, became: two changes that several reports share, and one that stands alone.
EDITS = [
    (3, "xinhua", "Turkey", "Türkiye"), (4, "tnw", "Turkey", "Türkiye"), (9, "xinhua", "turkey", "türkiye"),
    (5, "xinhua", "market-oriented reform", ""), (6, "xinhua", "market-oriented reform", ""), (7, "tnw", "one", "alone"),
]  # fmt: skip


def write(path: Path) -> sqlite3.Connection:
    samples = tuple(
        Sample(FIRST + 10 * number, outlet, "en", ((f"Title {number}", "A."), (f"Title {number}", "B.")))
        for number, (_, outlet, _, _) in enumerate(EDITS)
    )
    connection = make_archive(path, samples)
    connection.execute("delete from replacements")
    for sample, (day, outlet, was, became) in zip(samples, EDITS, strict=True):
        at = f"2026-11-{day:02}T10:00:00Z"
        connection.execute("update versions set seen_at = ? where id = ?", [at, sample.id + 1])
        connection.execute(
            "insert into replacements values (?, 1, ?, ?, ?, ?, ?)", [sample.id + 1, sample.id, outlet, at, was, became]
        )
    connection.commit()
    return connection


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(write(tmp_path / "archive.db")) as connection:
        yield connection


@pytest.fixture(scope="module", params=RELEASES)
def radar(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("radar") / "archive.db"
    write(path).close()
    with serving(path, release=request.param) as address:
        yield address


def soup(server: str, path: str, **query: str) -> BeautifulSoup:
    return BeautifulSoup(page(server, path, **query), "lxml")


def words(found: Tag, selector: str) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in found.select(selector)]


def test_a_finding_names_the_terms_the_reports_and_the_days(radar: str) -> None:
    page = soup(radar, "/edits/radar")
    assert words(page, ".result-head h2") == ["2 findings"]
    assert words(page, ".swap") == ["Turkey → became Türkiye", "market-oriented reform taken out"]
    assert words(page, ".verdict") == [
        "In 3 reports of 2 outlets, 3 to 9 November 2026.", "In 2 reports of Xinhua, 5 to 6 November 2026.",
    ]  # fmt: skip
    changes = page.select_one(".finding")
    assert changes is not None
    assert words(changes, "li") == [
        "3 November 2026, 10:00 UTC, Xinhua: Title 0", "4 November 2026, 10:00 UTC, TNW: Title 1",
        "9 November 2026, 10:00 UTC, Xinhua: Title 2",
    ]  # fmt: skip
    for link in changes.select("a"):
        assert answer(radar, str(link["href"])).status == 200
    assert str(changes.select("a")[1]["href"]) == f"/reports/{FIRST + 10}/changes?from=1&to=2"


def test_findings_are_narrowed_by_outlet_and_day(radar: str) -> None:
    assert words(soup(radar, "/edits/radar", outlet="tnw"), ".swap") == []
    assert words(soup(radar, "/edits/radar", outlet="xinhua"), ".verdict")[0].startswith("In 2 reports of Xinhua")
    assert words(soup(radar, "/edits/radar", until="2026-11-06"), ".swap") == [
        "market-oriented reform taken out", "Turkey → became Türkiye",
    ]  # fmt: skip
    nothing = soup(radar, "/edits/radar", since="2012-01-01", until="2012-12-31")
    assert "No change was made alike in several reports in this time." in words(nothing, ".entries")[0]
    assert "is no day" in page(radar, "/edits/radar", since="soon")


def test_the_edits_page_leads_to_the_radar_and_back(radar: str) -> None:
    assert "/edits/radar" in {link["href"] for link in soup(radar, "/edits").select("main a")}
    assert "/edits" in {link["href"] for link in soup(radar, "/edits/radar").select("main a")}


def test_the_feed_has_an_entry_a_finding_the_newest_first(radar: str) -> None:
    feed = etree.fromstring(answer(radar, "/edits/radar.atom", outlet="xinhua").body)
    atom = "{http://www.w3.org/2005/Atom}"
    entries = feed.findall(f"{atom}entry")
    assert [entry.findtext(f"{atom}title") for entry in entries] == [
        "“Turkey” became “Türkiye” in 2 reports of Xinhua",
        "“market-oriented reform” was taken out in 2 reports of Xinhua",
    ]
    assert entries[0].findtext(f"{atom}updated") == "2026-11-09T10:00:00Z"
    assert entries[1].findtext(f"{atom}summary") == (
        "“market-oriented reform” was taken out. In 2 reports of Xinhua. 5 to 6 November 2026.\n"
        "Xinhua, 5 November 2026, 10:00 UTC: Title 3\nXinhua, 6 November 2026, 10:00 UTC: Title 4"
    )
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{atom}link")}
    assert links == {
        "self": f"{radar}/edits/radar.atom?outlet=xinhua", "alternate": f"{radar}/edits/radar?outlet=xinhua",
    }  # fmt: skip
    alternate = entries[0].find(f"{atom}link").get("href")
    assert alternate == f"{radar}/edits/radar?since=2026-11-03&until=2026-11-09"
    assert answer(radar, alternate.removeprefix(radar)).status == 200


def test_an_entry_stays_the_same_while_more_reports_join_in(radar: str) -> None:
    def ids(**query: str) -> set[str]:
        return set(BeautifulSoup(answer(radar, "/edits/radar.atom", **query).text, "xml").css.select("entry > id"))

    earlier, later = ({each.get_text() for each in ids(until=day)} for day in ("2026-11-06", "2026-11-20"))  # type: ignore[attr-defined]
    assert len(earlier) == 2
    assert earlier == later


def test_without_days_the_month_up_to_the_newest_edit_is_looked_at(archive: sqlite3.Connection) -> None:
    told = found(archive, Asked())
    assert (told.first, told.last) == (date(2026, 10, 11), date(2026, 11, 9))
    archive.execute("delete from replacements")
    assert found(archive, Asked()) == type(told)(None, None, [])


def test_many_changes_are_named_in_part(tmp_path: Path) -> None:
    samples = tuple(
        Sample(FIRST + 10 * number, "xinhua", "en", (("T", "The old name."), ("T", "The new name.")))
        for number in range(15)
    )
    with closing(make_archive(tmp_path / "archive.db", samples)) as connection:
        connection.execute("update replacements set was = 'old name', became = 'new name'")
        connection.commit()
    with serving(tmp_path / "archive.db") as address:
        finding = soup(address, "/edits/radar")
        assert len(finding.select(".finding li")) == 13
        (more,) = finding.select(".finding li:last-child a")
        assert words(finding, ".finding li:last-child") == ["and 3 more: edits with this term"]
        assert words(soup(address, str(more["href"])), ".result-head h2") == ["15 edits"]


def test_a_public_edition_has_no_finding_of_words_that_it_does_not_tell(
    archive: sqlite3.Connection, tmp_path: Path
) -> None:
    make_public(tmp_path / "archive.db", tmp_path / "public.db", "0", "2026-11-20T00:00:00Z")
    with closing(sqlite3.connect(tmp_path / "public.db")) as public:
        connection_rows = found(public, Asked()).findings
        assert [(finding.was, finding.reports, finding.outlets) for finding, _ in connection_rows] == [
            ("Turkey", 2, ("xinhua",)), ("market-oriented reform", 2, ("xinhua",)),
        ]  # fmt: skip


def test_a_finding_is_told_in_words() -> None:
    def finding(was: str, became: str, first: str, last: str, *outlets: str) -> Finding:
        return Finding(was, became, 3, outlets, f"{first}T10:00:00Z", f"{last}T10:00:00Z", ())

    swapped = finding("X", "Y", "2026-11-03", "2026-11-03", "xinhua", "tnw")
    assert (change(swapped), counted(swapped, {}), when(swapped)) == (
        "“X” became “Y”", "in 3 reports of 2 outlets", "3 November 2026",
    )  # fmt: skip
    put_in = finding("", "Y", "2026-10-30", "2026-11-02", "xinhua")
    assert (change(put_in), counted(put_in, {"xinhua": "Xinhua"}), when(put_in)) == (
        "“Y” was put in", "in 3 reports of Xinhua", "30 October to 2 November 2026",
    )  # fmt: skip
    assert when(finding("X", "", "2025-12-30", "2026-01-02", "x")) == "30 December 2025 to 2 January 2026"
