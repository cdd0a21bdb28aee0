"""/figures: found by noun in either language, act, value, source and period; a chart over time; JSON, CSV and Excel."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from linked_archive import (
    EDITED,
    FIRST,
    LATER,
    MINISTRY,
    REPEAT,
    REPRINT,
    SECOND,
    SERIES,
    STATEMENT,
    STORY,
    TWIN,
    WAITING,
    make_linked_archive,
)  # fmt: skip
from openpyxl import load_workbook
from serving import RELEASES, answer, page, serving
from small_archive import make_archive

from archive.publishing import make_public
from publish import figure_search, keys, scatter
from publish.figure_search import Point, Wanted, find, page_of
from publish.pages.figures import look
from publish.scatter import Mark


def soup(server: str, path: str = "/figures", **query: str) -> BeautifulSoup:
    return BeautifulSoup(page(server, path, **query), "lxml")


def words(found: Tag, selector: str) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in found.select(selector)]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = make_linked_archive(tmp_path / "archive.db")
    connection.execute("begin")
    yield connection
    connection.close()


def reports(connection: sqlite3.Connection, **wanted: Any) -> list[int]:
    return [point.report for point in find(connection, Wanted(**wanted)).points]


# What is found


@pytest.mark.parametrize("noun", ["suspects", "suspect", "犯罪嫌疑人", "网络犯罪嫌疑人", "criminal suspects"])
def test_a_noun_is_found_in_both_languages(archive: sqlite3.Connection, noun: str) -> None:
    assert reports(archive, noun=noun, act="arrest") == [
        LATER, REPEAT, STORY, TWIN, REPRINT, STATEMENT, STATEMENT, SECOND, FIRST, FIRST,
    ]  # fmt: skip


def test_a_noun_that_no_table_holds_is_found_as_printed(archive: sqlite3.Connection) -> None:
    archive.execute("update figures set noun = '藏羚羊', noun_key = '' where report = ?", [SECOND])
    assert keys.noun_key("藏羚羊") == ""
    assert reports(archive, noun="藏羚羊") == [SECOND]
    assert reports(archive, noun="羚羊") == []


def test_only_latest_wordings_are_looked_at(archive: sqlite3.Connection) -> None:
    found = find(archive, Wanted(act="detain")).points
    assert [(point.report, point.value) for point in found] == [(EDITED, 29), (STORY, 31)]


def test_values_sources_units_outlets_and_languages_narrow(archive: sqlite3.Connection) -> None:
    assert reports(archive, least=3_000_000) == [STORY, TWIN, STATEMENT]
    assert reports(archive, least=55, most=60) == [WAITING]
    assert reports(archive, source="xinhua", outlet="tnw") == [WAITING]
    assert reports(archive, source=MINISTRY, outlet="tnw", language="en") == [REPEAT, STORY, STORY]
    assert reports(archive, language="zh-Hans", act="crack") == [STATEMENT]
    archive.execute("update figures set unit = '%' where report = ?", [LATER])
    assert reports(archive, unit="%") == [LATER]


def test_days_are_those_that_a_figure_is_about_or_without_any_of_its_publication(archive: sqlite3.Connection) -> None:
    about_2009 = {"first": date(2009, 1, 1), "last": date(2009, 12, 31)}
    assert reports(archive, **about_2009) == [FIRST, FIRST]
    in_2010 = {"first": date(2010, 1, 1), "last": date(2010, 12, 31)}
    assert reports(archive, **in_2010) == [SECOND, FIRST]  # the websites of FIRST name no days
    assert reports(archive, since=date(2013, 1, 1)) == [LATER]
    assert reports(archive, until=date(2010, 1, 25)) == [FIRST] * 3


def test_days_are_found_where_there_are_too_many_figures_to_look_at_all(
    archive: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figure_search, "CAP", 3)
    about = {"first": date(2009, 1, 1), "last": date(2009, 12, 31)}
    found = find(archive, Wanted(noun="suspects", **about))  # type: ignore[arg-type]
    assert [(point.report, point.value) for point in found.points] == [(FIRST, 5000), (FIRST, 5000)]
    # Without a noun: what was published then or in the year that followed.
    assert [point.report for point in find(archive, Wanted(**about)).points] == [FIRST, FIRST]  # type: ignore[arg-type]


def test_orders(archive: sqlite3.Connection) -> None:
    by_value = [point.value for point in find(archive, Wanted(source=MINISTRY, order="value")).points]
    assert by_value == sorted(by_value, reverse=True)
    by_period = find(archive, Wanted(series=SERIES)).points
    assert (by_period[0].day, by_period[-1].day) == ("2012-12-31", "2009-12-31")
    assert {point.report for point in by_period} == {FIRST, SECOND, STATEMENT, REPRINT, TWIN, STORY, REPEAT, LATER}
    assert reports(archive, series=SERIES, source="xinhua") == []
    assert reports(archive, series=SERIES, outlet="daily") == [REPRINT]


@pytest.mark.parametrize("order", ["newest", "value", "period"])
def test_pages_follow_each_other_without_gap_or_repetition(archive: sqlite3.Connection, order: str) -> None:
    wanted = Wanted(source=MINISTRY, order=order)
    found, after, seen = find(archive, wanted), "", list[Point]()
    while True:
        points, after = page_of(found, wanted, after, 3)
        seen += points
        if not after:
            break
    assert seen == found.points
    assert len(seen) > 9


def test_beyond_the_cap_the_newest_are_looked_at_and_then_further_back(
    archive: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = find(archive, Wanted()).points
    monkeypatch.setattr(figure_search, "CAP", 5)
    seen, before = list[Point](), figure_search.LAST
    for _ in range(10):
        found = find(archive, Wanted(), before)
        seen += found.points
        if not found.cut:
            break
        assert found.cut == "newest"
        before = found.looked_back_to + 1
    assert seen == everything
    monkeypatch.setattr(figure_search, "_FEWER", 4)
    largest = find(archive, Wanted(order="value"))
    assert largest.cut == "largest"
    assert [point.value for point in largest.points] == [3_200_000] * 3 + [60_000]


def test_a_typed_number_is_read_as_it_is_written() -> None:
    assert [keys.number_in(each) for each in ("10,000", "3.2 million", "320万", "1.2亿", "-5")] == [
        10_000, 3_200_000, 3_200_000, 120_000_000, -5,
    ]  # fmt: skip
    assert keys.number_in("many") is None
    assert Wanted.of({"min": "many", "about_from": "when"}).problems == (
        "“many” is no number: write 10000, 3.2 million or 320万. It was left out.",
        "“when” is no day: write 2012-07-26, 2012-07 or 2012. It was left out.",
    )


# The page


def test_a_figure_stands_in_its_sentence_with_its_source(linked: str) -> None:
    found = soup(linked, noun="messages", outlet="xinhua", language="en")
    (row,) = found.select(".figures-row")
    assert words(row, ".figures-value") == ["3,200,000 harmful messages removed"]
    assert words(row, ".figures-sentence") == ["They broke up over 600 gangs and deleted 3.2 million harmful messages."]
    assert words(row, "mark") == ["3.2 million"]
    assert "Stated by Ministry of Public Security" in words(row, ".line-meta")[0]
    assert {str(link["href"]) for link in row.select("a")} >= {f"/reports/{TWIN}", "/outlets/xinhua"}
    assert words(found, "option[selected]") == ["Xinhua", "English"]
    assert "“messages” is looked for as message" in page(linked, "/figures", noun="messages").replace(
        "<strong>", ""
    ).replace("</strong>", "")


def test_a_modifier_is_told_by_its_meaning(linked: str) -> None:
    found = soup(linked, series=SERIES)
    values = words(found, ".figures-value .figures-number")
    assert values == ["9,800", "10,000", "at least 10,000", "at least 10,000", "10,000", "at least 10,000",
                      "nearly 8,000", "at least 5,000"]  # fmt: skip
    assert words(found, "h1") == ["Ministry of Public Security: suspect, arrested"]


def test_figures_of_whatever_there_is_are_not_drawn_in_one_chart(linked: str) -> None:
    found = soup(linked)
    assert found.select(".figures-row")
    assert not found.select(".figures-chart")
    assert soup(linked, noun="suspects").select(".figures-chart")


def test_a_figure_leads_to_its_place_in_the_text_and_tells_its_noun_in_english(linked: str) -> None:
    (row,) = soup(linked, act="crack", language="zh-Hans").select(".figures-row")
    assert words(row, ".figures-value") == ["at least 600 犯罪团伙 (gang) broken up"]
    (link,) = row.select(".figures-value a")
    assert link["href"] == f"/reports/{STATEMENT}#in-figure-3"
    assert soup(linked, act="crack").select("details.narrow:not([open])")
    assert soup(linked, language="zh-Hans").select("details.narrow[open]")


def test_a_series_is_drawn_as_a_line_with_what_contradicts_it(linked: str) -> None:
    found = soup(linked, series=SERIES)
    assert len(found.select(".figures-line")) == 2  # 2009, 2010, 2012
    marks = [str(each["aria-label"]) for each in found.select(".figures-chart > svg > a")]
    assert len(marks) == 8
    assert "1 January 2012 to 31 December 2012: 9,800 网络犯罪嫌疑人, arrested; Ministry of Public Security" in marks[0]
    assert "a smaller total later: 9,800 for 2012" in marks[0]
    assert len(found.select(".figures-chart .figures-ring")) == 5
    assert words(found, ".legend li") == [
        "exactly so many", "at least so many", "nearly so many", "contradicted", "the days it is about"
    ]  # fmt: skip
    table = words(found, ".figures-data tbody tr")
    assert len(table) == 8
    assert table[0].startswith(
        "1 January 2012 to 31 December 2012 9,800 网络犯罪嫌疑人 arrested Ministry of Public Security"
    )
    assert table[0].endswith("contradicted")
    against = words(found, ".figures-contradicted")
    assert (
        against[0]
        == "A smaller total later 9,800 for 2012, where at least 10,000 stood until 26 July 2012 ( the other report )"
    )


def test_a_figure_that_is_repeated_without_its_modifier_says_so_on_both_sides(linked: str) -> None:
    (source,) = soup(linked, noun="suspects", language="en", outlet="xinhua", min="10000", act="arrest").select(
        ".figures-row"
    )
    assert words(source, ".figures-against") == ["Repeated without “at least”, “about” or “nearly”"]
    story = soup(linked, noun="suspects", language="en", outlet="tnw", until="2012-07-26").select(".figures-row")[0]
    assert words(story, ".figures-against") == ["The source’s “at least”, “about” or “nearly” is gone"]


def test_a_figure_that_an_edit_changed_leads_to_the_edit(linked: str) -> None:
    (row,) = soup(linked, act="detain", outlet="xinhua").select(".figures-row")
    assert words(row, ".figures-contradicted") == ["Changed by an edit 31 has become 29 ( the edit )"]
    assert f"/reports/{EDITED}/changes" in {str(link["href"]) for link in row.select("a")}


def test_paging_and_addresses_that_cannot_be_meant(linked: str) -> None:
    assert answer(linked, "/figures", after="nonsense").status == 400
    assert answer(linked, "/figures", back="nonsense").status == 400
    assert answer(linked, "/figures", sort="loudest").status == 400
    found = soup(linked, min="many")
    assert words(found, ".note.warning li") == [
        "“many” is no number: write 10000, 3.2 million or 320万. It was left out."
    ]
    assert "No figure is found under these filters." in page(linked, "/figures", noun="aardvarks")


def test_the_same_as_json_csv_and_excel(linked: str) -> None:
    asked = {"noun": "犯罪嫌疑人", "act": "arrest", "min": "1万", "outlet": "xinhua"}
    told = json.loads(page(linked, "/figures.json", **asked))
    assert (told["noun_key"], told["total"], told["complete"], told["next"]) == ("suspect", 3, True, None)
    assert [figure["report"] for figure in told["figures"]] == [TWIN, STATEMENT, STATEMENT]
    first = told["figures"][0]
    assert (first["value"], first["meaning"], first["text"], first["stated_by"]) == (
        10_000, "at least", "10,000", MINISTRY,
    )  # fmt: skip
    assert first["sentence"].startswith("BEIJING, July 26 (Xinhua) -- Police")
    assert first["contradictions"] == [
        {
            "kind": "dropped modifier",
            "explanation": "“more than 10,000” has become “10,000”",
            "other": STORY,
            "is_later": False,
        }
    ]
    lines = list(csv.DictReader(io.StringIO(answer(linked, "/figures.csv", **asked).body.decode("utf-8-sig"))))
    assert [line["report"] for line in lines] == [str(TWIN), str(STATEMENT), str(STATEMENT)]
    book = load_workbook(io.BytesIO(answer(linked, "/figures.xlsx", **asked).body))
    assert [row[0] for row in book["Answer"].iter_rows(values_only=True)] == [
        "report", str(TWIN), str(STATEMENT), str(STATEMENT),
    ]  # fmt: skip
    everything = json.loads(page(linked, "/figures.json"))
    assert everything["total"] == 22


def test_the_navigation_leads_here(linked: str) -> None:
    assert [link["href"] for link in soup(linked).select("nav [aria-current]")] == ["/figures"]


# Where little is held


def test_an_archive_that_was_not_read_says_so(server: str) -> None:
    found = soup(server)
    assert "dateline link" in words(found, ".note")[0]
    assert json.loads(page(server, "/figures.json"))["figures"] == []
    assert answer(server, "/figures.csv").status == 200


@pytest.mark.parametrize("release", RELEASES)
def test_an_older_archive_and_a_public_one_have_the_page_too(tmp_path: Path, release: str) -> None:
    older = tmp_path / "older.db"
    connection = make_archive(older)
    for name in ("citations", "contradictions", "figures", "reprints", "twins"):
        connection.execute(f"drop table {name}")
    connection.close()
    with serving(older, release=release) as address:
        assert "written by an older Dateline" in words(soup(address), ".note")[0]
        assert json.loads(page(address, "/figures.json"))["total"] == 0
        for path in ("/figures.csv", "/figures.xlsx", "/citations", "/citations.json", "/citations.csv",
                     "/citations/queue", "/citations/queue.csv", "/graph/2012072600300001",
                     "/graph/2012072600300001.json"):  # fmt: skip
            assert answer(address, path).status == 200, path
    whole = tmp_path / "whole.db"
    make_linked_archive(whole).close()
    make_public(whole, tmp_path / "public.db", "1", "2026-01-01T00:00:00Z")
    with serving(tmp_path / "public.db", release=release) as address:
        found = soup(address, outlet="tnw", act="arrest")
        assert words(found, ".figures-number") == ["at least 10,000", "10,000"]
        assert words(found, ".figures-sentence") == []
        assert len(soup(address, outlet="xinhua", act="arrest").select(".figures-sentence")) == 7


def test_a_hostile_text_stays_text(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    connection = make_linked_archive(archive)
    evil = "<script>alert(1)</script>\"'&"
    connection.execute("begin")
    connection.execute(
        "update figures set noun = ?, period = ?, stated_by = ?, series = ? || '/arrest/suspect/' where report = ?",
        [evil, evil, evil, evil, STORY],
    )
    connection.execute("update reports set title = ? where id = ?", [evil, STORY])
    connection.execute("update contradictions set explanation = ?, kind = ?", [evil, evil])
    connection.execute("commit")
    connection.close()
    with serving(archive) as address:
        for query in ({}, {"source": evil}, {"series": f"{evil}/arrest/suspect/"}, {"noun": evil, "unit": evil}):
            text = page(address, "/figures", **query)
            assert "<script>alert" not in text
            assert BeautifulSoup(text, "lxml").select("script:not([src])") == []


def test_no_search_goes_through_a_whole_table(archive: sqlite3.Connection) -> None:
    asked: list[str] = []
    archive.set_trace_callback(asked.append)
    look(archive, Wanted(noun="suspects", act="arrest", source=MINISTRY, outlet="tnw"), "", figure_search.LAST)
    archive.set_trace_callback(None)
    searches = [sql for sql in asked if sql.lstrip().startswith("select") and "figures" in sql]
    assert len(searches) > 5
    for sql in searches:
        steps = [row[3] for row in archive.execute(f"explain query plan {sql}")]
        assert not [step for step in steps if step.startswith("SCAN figures")], sql


# The chart


def _mark(value: float, meaning: str = "", value_max: float | None = None, day: int = 1) -> Mark:
    return Mark("words", "/x", date(2012, 1, day), date(2012, 1, day), value, value_max, meaning)


def test_how_a_figure_is_meant_is_told_by_shape() -> None:
    meanings = ["", "at least", "at most", "about", "nearly"]
    drawn = BeautifulSoup(scatter.scatter("x", [_mark(1, meaning) for meaning in meanings]), "lxml")
    shapes = [str(svg.find_all(["circle", "path"])[-1]) for svg in drawn.select("a svg.figures-mark")]
    assert len(set(shapes)) == 5


def test_values_far_apart_are_drawn_by_powers_of_ten() -> None:
    drawn = BeautifulSoup(scatter.scatter("x", [_mark(5), _mark(3_200_000, day=9)]), "lxml")
    assert "the scale is logarithmic" in words(drawn, ".legend li")[-1]
    assert words(drawn, ".level") == ["1", "100", "10,000", "1,000,000"]
    near = BeautifulSoup(scatter.scatter("x", [_mark(5), _mark(0, day=9), _mark(-3, value_max=7)]), "lxml")
    assert "the scale is logarithmic" not in " ".join(words(near, ".legend li"))
    places = [float(str(svg["y"]).rstrip("%")) for svg in near.select("a svg.figures-mark")]
    assert all(0 <= place <= 100 for place in places)


def test_many_marks_are_no_links_and_none_is_no_chart() -> None:
    many = BeautifulSoup(scatter.scatter("x", [_mark(value) for value in range(1, 60)]), "lxml")
    assert many.select(".figures-chart a") == []
    assert many.select(".figures-chart")[0]["role"] == "img"
    assert scatter.scatter("x", []) == ""
