"""/timeline: hits by month or year and outlet, comparable, with their numbers."""

from __future__ import annotations

import asyncio
import csv
import io
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup, Tag
from datasette.app import Datasette
from serving import answer, page
from small_archive import make_archive

from archive.finding import Timeline, timeline
from commands.serve import PUBLISH
from publish import frequency
from publish.frequency import Cell, cells
from publish.pages.timeline import share_in_words
from publish.spans import spans_of


def soup(server: str, **query: str) -> BeautifulSoup:
    return BeautifulSoup(page(server, "/timeline", **query), "lxml")


def words(found: Tag, selector: str) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in found.select(selector)]


def table(server: str, **query: str) -> list[list[str]]:
    found = answer(server, f"/timeline.csv?{urlencode(query)}")
    assert found.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(found.text)))


def test_a_rows_bars_and_numbers_are_of_its_outlet(server: str) -> None:
    found = soup(server, q="police", per="month", since="2012-07-01", until="2012-12-31")
    assert words(found, "h2") == ["police : 2 reports"]
    assert words(found, ".multiple-name") == ["Xinhua state media 1", "TNW secondary coverage 1"]
    titles = [words(row, "title") for row in found.select("section.multiple")]
    assert [row[6] for row in titles] == ["July 2012: 1", "July 2012: 1"]
    assert titles[0][7] == "August 2012: no report is held"
    assert words(found, "table.numbers tr")[-1] == "January 2012 none held none held"
    assert "July 2012 1 of 2 1 of 1" in words(found, "table.numbers tr")


def test_a_number_leads_to_its_reports(server: str) -> None:
    found = soup(server, q="police", per="month", since="2012-07-01", until="2012-12-31")
    hrefs = [str(link["href"]) for link in found.select("table.numbers a")]
    assert hrefs[0] == "/search?q=police&outlet=xinhua&since=2012-07-01&until=2012-07-31"
    assert len(BeautifulSoup(page(server, hrefs[0]), "lxml").select("article.line")) == 1


def test_a_share_is_of_all_that_is_held_of_that_outlet(server: str) -> None:
    found = soup(server, q="police", by="share", per="year")
    years = [words(row, "title") for row in found.select("section.multiple")]
    assert "2012: 50 %" in years[0]  # one of Xinhua's two
    assert "2012: 100 %" in years[1]  # TNW's only one
    assert "2013: no report is held" in years[1]
    assert words(found, "[aria-label='What is shown'] [aria-current]") == ["share of all reports held"]
    assert "50 %" in " ".join(words(found, "table.numbers td"))


def test_the_csv_holds_the_same_numbers(server: str) -> None:
    lines = table(server, q="police", per="year")
    assert lines[0] == ["year", "outlet", "held", "hits", "share"]
    assert lines[1:5] == [
        ["2012", "xinhua", "2", "1", "0.500000"], ["2012", "tnw", "1", "1", "1.000000"],
        ["2013", "xinhua", "1", "0", "0.000000"], ["2013", "tnw", "0", "", ""],
    ]  # fmt: skip


def test_two_queries_are_counted_over_the_same_months(server: str) -> None:
    lines = table(server, q="police", q2="北京", per="year")
    assert lines[0] == ["year", "outlet", "held", "hits", "share", "hits_2", "share_2"]
    assert lines[1] == ["2012", "xinhua", "2", "1", "0.500000", "1", "0.500000"]
    found = soup(server, q="police", q2="北京")
    assert words(found, ".legend li") == ["police", "北京"]
    assert [len(row.select("svg.chart")) for row in found.select("section.multiple")] == [2, 2]


def test_without_words_all_that_is_held_is_counted(server: str) -> None:
    assert [line[:4] for line in table(server, per="year")[1:3]] == [
        ["2012", "xinhua", "2", "2"],
        ["2012", "tnw", "1", "1"],
    ]


def test_filters_of_a_search_hold_here_too(server: str) -> None:
    assert words(soup(server, q="police", kind="secondary"), ".multiple-name") == ["TNW secondary coverage 1"]
    assert words(soup(server, q="police", outlet="xinhua"), ".multiple-name") == ["Xinhua state media 1"]


def test_what_is_wrong_with_a_query_is_said(server: str) -> None:
    assert words(soup(server, q='"police'), ".note.warning") != []
    assert "is no day" in words(soup(server, since="last week"), ".note.warning")[0]
    assert "Nothing is held under these filters" in page(server, "/timeline", since="1900", until="1901")


def test_years_are_chosen_where_months_would_be_too_many(room: str) -> None:
    assert words(soup(room), "[aria-label=Per] [aria-current]") == ["per year"]  # 2005 to 2026
    assert words(soup(room, since="2020-01-01"), "[aria-label=Per] [aria-current]") == ["per month"]


def test_beyond_the_cap_nothing_is_counted_and_nothing_is_nought() -> None:
    held = {"2011-05": {"xinhua": 4}, "2012-05": {"xinhua": 8}, "2013-05": {"xinhua": 2}}
    found = Timeline({"2012-05": {"xinhua": 3}, "2013-05": {"xinhua": 1}}, held, 4, False, 2012051500000001)
    years = cells(found, spans_of(held, 0), ["xinhua"])
    assert years["2011", "xinhua"] == Cell(0, 4, False)
    assert years["2012", "xinhua"] == Cell(3, 8, False)  # the cap falls into it
    assert years["2013", "xinhua"] == Cell(1, 2, True)
    months = cells(found, spans_of(held, 100), ["xinhua"])
    assert not months["2012-05", "xinhua"].is_counted
    assert months["2012-06", "xinhua"] == Cell(0, 0, True)


def test_a_page_beyond_the_cap_says_what_was_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_archive(tmp_path / "archive.db").close()
    monkeypatch.setattr(frequency, "timeline", partial(timeline, cap=2))
    datasette = Datasette(
        [str(tmp_path / "archive.db")],
        plugins_dir=str(PUBLISH / "plugins"),
        template_dir=str(PUBLISH / "templates"),
    )

    async def ask() -> str:
        await datasette.invoke_startup()
        return str((await datasette.client.get("/timeline?q=police+OR+北京&per=year")).text)

    found = BeautifulSoup(asyncio.run(ask()), "lxml")
    assert words(found, "h2 + p, .note")[-1].startswith(
        "police OR 北京 : only the newest 2 hits were counted, back to 27 July 2012."
    )
    assert words(found, "table.numbers tr")[-1] == "2012 not counted not counted"
    assert words(found, "table.numbers tr")[1] == "2015 1 of 1 none held"


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0 %"), (0.5, "50 %"), (0.0123, "1.2 %"), (0.00042, "0.042 %"), (1, "100 %"), (0.126, "13 %")],
)
def test_a_share_is_told_with_two_digits(share: float, said: str) -> None:
    assert share_in_words(share) == said
