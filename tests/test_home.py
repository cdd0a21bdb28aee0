"""The first page: what the archive holds and what is new in it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from bs4 import BeautifulSoup
from conftest import Crawled
from serving import page, rows, serving
from small_archive import SAMPLES, make_archive

from publish.pages.home import home, per_day, reports_per_day

ZH, TNW, EDITED, TAIWAN, RUSSIAN, CITIES = (sample.id for sample in SAMPLES)


def read(server: str) -> BeautifulSoup:
    return BeautifulSoup(page(server, "/"), "lxml")


def text(found: BeautifulSoup, selector: str) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in found.select(selector)]


def test_it_says_what_the_archive_holds(room: str) -> None:
    found = read(room)
    assert text(found, ".figures > div") == [
        "reports 33",
        "21 September 2005 to 24 September 2026 2005–2026",
        "wordings, 1 of them a later one 34",
        "no longer found 1",
    ]
    assert text(found, ".holders li") == [
        "Xinhua News Agency state media 27 reports , 21 September 2005 to 24 September 2026",
        "The Next Web secondary coverage 6 reports , 23 November 2011 to 22 September 2026",
    ]
    assert "ended in order after" in text(found, "section[aria-labelledby=held]")[0]
    assert "As of " in text(found, "section[aria-labelledby=held]")[0]


def test_it_has_a_search_box_and_an_example_in_each_language(room: str) -> None:
    found = read(room)
    form = found.select_one("main form[role=search]")
    assert form is not None
    assert form["action"] == "/search"
    examples = [str(link["href"]) for link in found.select(".hero a") if "q=" in str(link["href"])]
    assert len(examples) == 2
    for example in examples:
        assert BeautifulSoup(page(room, example), "lxml").select("main article.line"), example


def test_each_outlets_newest_reports_come_first(room: str) -> None:
    found = read(room)
    assert text(found, ".by-outlet > div:nth-of-type(1) .headlines a") == [
        "澜屿一企业召回4.7万台取暖器",
        "Tide-powered bakery opens on island",
        "凯斯特群岛发布秋季首个风暴预警",
        "望澜地铁2号线延伸段开通 首日客流超预期",
    ]
    assert [link["lang"] for link in found.select(".by-outlet > div:nth-of-type(1) .headlines a")] == [
        "zh-Hans", "en", "zh-Hans", "zh-Hans",
    ]  # fmt: skip


def test_an_edit_is_shown_in_a_line_with_what_went_and_what_came(room: str) -> None:
    found = read(room)
    assert text(found, "section[aria-labelledby=edits] del") == ["18.3", "近三成"]
    assert text(found, "section[aria-labelledby=edits] ins") == ["13.8"]
    (address,) = (link["href"] for link in found.select("section[aria-labelledby=edits] h3 a"))
    assert str(address).endswith("/changes?from=1&to=2")


def test_what_is_missing_says_how_it_looked(room: str) -> None:
    (missing,) = text(read(room), "section[aria-labelledby=takedowns] article")
    assert missing.startswith("澜屿一企业召回4.7万台取暖器")
    assert "not found at the last look" in missing
    assert ": the server answered 404, not found; seen missing once, while " in missing


def test_the_days_bars_lead_to_the_reports_of_their_day(room: str) -> None:
    bars = [(str(link["aria-label"]), str(link["href"])) for link in read(room).select("figure a")]
    assert bars[-3:] == [
        ("22 September 2026: 2 (Xinhua News Agency 1, The Next Web 1)", "/search?since=2026-09-22&until=2026-09-22"),
        ("23 September 2026: 2 (Xinhua News Agency 2)", "/search?since=2026-09-23&until=2026-09-23"),
        ("24 September 2026: 1 (Xinhua News Agency 1)", "/search?since=2026-09-24&until=2026-09-24"),
    ]
    assert len(bars) == 5  # 18, 21, 22, 23 and 24 September; August has none


def test_datasettes_own_first_page_is_out_of_the_way(server: str) -> None:
    assert "What the archive holds" in page(server, "/")
    assert rows(server, "/archive/outlets")


def test_an_empty_archive_says_that_it_is_empty(tmp_path: Path) -> None:
    make_archive(tmp_path / "archive.db", ()).close()
    with serving(tmp_path / "archive.db") as address:
        found = read(address)
    assert "No report yet." in found.get_text()
    assert "No crawl is on record." in found.get_text()
    assert found.select("svg.chart") == []
    assert (
        text(found, ".holders li")
        == ["TNW secondary coverage no reports yet", "Xinhua state media no reports yet"][::-1]
    )


def test_a_single_report_is_told_in_the_singular(tmp_path: Path) -> None:
    make_archive(tmp_path / "archive.db", SAMPLES[:1]).close()
    with serving(tmp_path / "archive.db") as address:
        found = read(address)
    assert text(found, ".figures > div")[:2] == ["report 1", "26 July 2012 2012"]
    assert [str(link["aria-label"]) for link in found.select("figure a")] == ["26 July 2012: 1"]
    assert "No edit is known yet." in found.get_text()


def test_the_chart_ends_on_the_newest_day_that_has_come(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive.db")
    held = reports_per_day(archive, date(2012, 7, 26))  # as if 2013 to 2015 were misprints
    assert held == {"2012-07-26": {"xinhua": 1, "tnw": 1}}
    assert reports_per_day(archive, date(1999, 1, 1)) == {"2015-01-01": {"xinhua": 1}}  # all are: better than none
    first = date(2012, 7, 26) - timedelta(59)
    outlets = [{"id": "xinhua", "title": "Xinhua", "kind": "state"}, {"id": "tnw", "title": "TNW", "kind": "secondary"}]
    chart = per_day(held, outlets, lambda day: f"/on/{day}")
    assert f"Reports per day, {first.day} May 2012 to 26 July 2012: 2 reports." in chart
    assert 'href="/on/2012-07-26"' in chart
    archive.close()


def test_a_report_that_came_back_is_not_missing(crawled: Crawled, tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive.db")
    assert home(archive, date(2016, 1, 1))["missing"] == 1
    archive.execute("update reports set state = 'restored' where id = ?", [TAIWAN])
    assert home(archive, date(2016, 1, 1))["missing"] == 0
    archive.close()
