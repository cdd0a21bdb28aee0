"""/graph/<id>: what a report rests on and what came of it, with lags, as a picture, a table and data."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from linked_archive import FIRST, REPEAT, REPRINT, STATEMENT, STORY, TWIN, make_linked_archive
from serving import answer, page

from publish import cascade
from publish.cascade import Edge, across, of
from publish.cascade_picture import picture


def soup(server: str, path: str) -> BeautifulSoup:
    return BeautifulSoup(page(server, path), "lxml")


def words(found: Tag, selector: str) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in found.select(selector)]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = make_linked_archive(tmp_path / "archive.db")
    connection.row_factory = sqlite3.Row
    connection.execute("begin")
    yield connection
    connection.close()


# What hangs together


def test_a_report_is_seen_with_its_copies_its_twin_and_the_twins_cascade(archive: sqlite3.Connection) -> None:
    found = of(archive, STATEMENT)
    assert [(node.id, node.level, node.parent) for node in found.nodes] == [
        (STATEMENT, 0, None), (REPRINT, 1, STATEMENT), (TWIN, 1, STATEMENT), (STORY, 2, TWIN), (REPEAT, 2, TWIN),
    ]  # fmt: skip
    assert found.edges == [
        Edge(STATEMENT, TWIN, "twin", "", 0.88),
        Edge(REPRINT, STATEMENT, "reprint", "91 % the same, 1 passage altered, 1 passage left out", 0.91),
        Edge(STORY, TWIN, "citation", "named outlet", 0.93),
        Edge(REPEAT, TWIN, "citation", "hyperlink", 1.0),
    ]
    assert (found.left_out, found.goes_on) == (0, False)


def test_a_story_is_seen_with_what_it_rests_on_and_not_with_what_others_made_of_that(
    archive: sqlite3.Connection,
) -> None:
    found = of(archive, STORY)
    assert [node.id for node in found.nodes] == [STATEMENT, TWIN, STORY]
    assert [node.lag.words for node in found.nodes] == ["8 hours earlier", "4.5 hours earlier", "the same minute"]


def test_of_several_citations_between_two_the_surest_is_told(archive: sqlite3.Connection) -> None:
    archive.execute("update citations set cited = ?, tier = 'state media', score = 9, reason = '' where report = ? "
                    "and mention = 2", [TWIN, STORY])  # fmt: skip
    assert [edge.detail for edge in of(archive, STORY).edges if edge.kind == "citation"] == ["named outlet"]


def test_circles_end(archive: sqlite3.Connection) -> None:
    archive.execute("insert into reprints values (?, ?, 1, 1, null, 1, '[]', '[]', '[]')", [STATEMENT, REPRINT])
    found = of(archive, STATEMENT)
    assert len({node.id for node in found.nodes}) == len(found.nodes) == 5
    assert len([edge for edge in found.edges if edge.kind == "reprint"]) == 2


def test_what_is_left_out_is_counted(archive: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cascade, "MOST", 3)
    found = of(archive, STATEMENT)
    assert [node.id for node in found.nodes] == [STATEMENT, REPRINT, TWIN]
    assert found.left_out == 2
    monkeypatch.setattr(cascade, "MOST", 60)
    monkeypatch.setattr(cascade, "LEVELS", 1)
    found = of(archive, STATEMENT)
    assert ([node.id for node in found.nodes], found.left_out, found.goes_on) == ([STATEMENT, REPRINT, TWIN], 0, True)


def test_time_runs_from_left_to_right(archive: sqlite3.Connection) -> None:
    found = of(archive, TWIN)
    places, marks = across(found.nodes)
    assert [id for id, _ in sorted(places.items(), key=lambda place: place[1])] == [
        STATEMENT, REPRINT, TWIN, STORY, REPEAT,
    ]  # fmt: skip
    assert all(0 < place < 100 for place in places.values())
    assert "0" in [name for _, name in marks]
    assert len({round(place / 14) for place, _ in marks}) == len(marks)  # no word over another
    alone, _ = across(of(archive, FIRST).nodes)
    assert alone == {FIRST: 50.0}


def test_the_picture_has_a_named_link_for_each_report_and_a_line_for_each_edge(archive: sqlite3.Connection) -> None:
    drawn = BeautifulSoup(picture(of(archive, TWIN), lambda id: f"/reports/{id}"), "lxml")
    links = drawn.select("svg.graph-picture a")
    assert [str(link["href"]) for link in links] == [
        f"/reports/{id}" for id in (STATEMENT, REPRINT, TWIN, STORY, REPEAT)
    ]
    assert links[3]["aria-label"] == "TNW: China says 10,000 arrested in online crime sweep; 4.5 hours later"
    assert [len(drawn.select(f".graph-picture .graph-{kind}")) for kind in ("citation", "reprint", "twin")] == [4, 2, 2]
    assert words(drawn, ".legend li") == [
        "state media", "secondary coverage", "a citation", "a copy", "the other language"
    ]  # fmt: skip
    (short,) = links[4].select(".graph-short")
    assert short.get_text().endswith("…")


def test_a_copy_that_cites_its_original_is_joined_to_it_once(archive: sqlite3.Connection) -> None:
    archive.execute(
        "update citations set cited = ?, report = ? where report = ? and mention = 1", [STATEMENT, REPRINT, STORY]
    )
    found = of(archive, STATEMENT)
    assert {edge.kind for edge in found.edges if edge.source == REPRINT} == {"citation", "reprint"}
    drawn = BeautifulSoup(picture(found, lambda id: f"/reports/{id}"), "lxml")
    assert [len(drawn.select(f".graph-picture .graph-{kind}")) for kind in ("citation", "reprint")] == [2, 2]


# The page


def test_the_page_says_the_same_in_words(linked: str) -> None:
    found = soup(linked, f"/graph/{STATEMENT}")
    rows = words(found, ".graph-table tbody tr")
    assert len(rows) == 5
    assert "this report" in rows[0]
    assert "is a copy of this report (91 % the same, 1 passage altered, 1 passage left out)" in rows[1]
    assert "is the other language’s edition of this report" in rows[2]
    assert (
        "is the other language’s edition of this report"
        in words(soup(linked, f"/graph/{TWIN}"), ".graph-table tbody tr")[0]
    )
    assert rows[2].endswith("3.5 hours later 26 July 2012, 05:00 UTC")
    assert "cites Xinhua, Over 10,000 suspects held in China's online crime campaign (named outlet)" in rows[3]
    assert words(found, "h2") == ["公安部：今年以来抓获网络犯罪嫌疑人1万余名", "4 other reports", "The same in words"]


def test_a_report_that_is_only_cited_says_by_whom(linked: str) -> None:
    rows = words(soup(linked, f"/graph/{STORY}"), ".graph-table tbody tr")
    assert "is the other language’s edition of Xinhua, Over 10,000 suspects held" in rows[0]
    assert "is cited by this report (named outlet)" in rows[1]


def test_a_report_that_stands_alone(linked: str) -> None:
    assert "No report in the archive is known to cite it" in page(linked, f"/graph/{FIRST}")
    assert answer(linked, "/graph/1").status == 404
    assert answer(linked, f"/graph/{10**30}").status == 404


def test_the_same_as_data(linked: str) -> None:
    told = json.loads(page(linked, f"/graph/{TWIN}.json"))
    assert [(node["id"], node["lag_minutes"]) for node in told["nodes"]] == [
        (STATEMENT, -210), (REPRINT, -165), (TWIN, 0), (STORY, 270), (REPEAT, 6300),
    ]  # fmt: skip
    assert {(edge["from"], edge["to"], edge["kind"]) for edge in told["edges"]} == {
        (STATEMENT, TWIN, "twin"), (REPRINT, STATEMENT, "reprint"), (STORY, TWIN, "citation"),
        (REPEAT, TWIN, "citation"),
    }  # fmt: skip
    lines = list(csv.DictReader(io.StringIO(answer(linked, f"/graph/{TWIN}.csv").body.decode("utf-8-sig"))))
    assert [(line["report"], line["of_report"], line["lag_minutes"]) for line in lines] == [
        (str(STATEMENT), str(TWIN), "-210"), (str(REPRINT), str(STATEMENT), "45"), (str(STORY), str(TWIN), "270"),
        (str(REPEAT), str(TWIN), "6300"),
    ]  # fmt: skip


def test_a_report_of_an_archive_that_was_not_linked(server: str) -> None:
    assert "dateline link" in words(soup(server, "/graph/2012072600300001"), ".note")[0]
