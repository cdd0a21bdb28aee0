"""/questions and /schema: what is asked first, with charts and tables; the tables' meaning, and SQL that runs."""

from __future__ import annotations

import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from bs4 import BeautifulSoup, Tag
from conftest import Crawled
from linked_archive import MINISTRY, REPEAT, REPRINT, STATEMENT, STORY, TWIN, make_linked_archive
from openpyxl import load_workbook
from serving import answer, page, rows
from small_archive import SAMPLES, Sample, make_archive

from archive import search
from commands.serve import PUBLISH
from publish.answers import chart_of
from publish.pages.schema import EXAMPLES, FUNCTIONS
from publish.questions import GROUPS, parameters_of, wrong
from publish.workbook import workbook

ZH, TNW, EDITED, TAIWAN, RUSSIAN, CITIES = (sample.id for sample in SAMPLES)
QUERIES: dict[str, dict[str, Any]] = yaml.safe_load((PUBLISH / "datasette.yaml").read_text(encoding="utf-8"))[
    "databases"
]["archive"]["queries"]
OUTLETS = [("xinhua", "Xinhua", "state"), ("tnw", "TNW", "secondary")]
MORE = tuple(
    Sample(2016010100000010 + 10 * number, outlet, "en", (("T", f"Over 600 {number}."), ("T", f"Over 500 {number}.")))
    for number, outlet in enumerate(("xinhua", "tnw"))
)


def soup(server: str, path: str, **query: str) -> BeautifulSoup:
    return BeautifulSoup(page(server, path, **query), "lxml")


def words(found: Tag, selector: str) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in found.select(selector)]


# The list


def test_every_question_is_listed_with_its_meaning(server: str) -> None:
    found = soup(server, "/questions")
    assert words(found, ".questions a") == [QUERIES[name]["title"] for _, names in GROUPS for name in names]
    assert sorted(QUERIES) == sorted(name for _, names in GROUPS for name in names)
    assert all(words(found, ".questions span"))


def test_every_question_names_its_parameters() -> None:
    for name, query in QUERIES.items():
        assert sorted(query["params"]) == sorted(parameters_of(query["sql"])), name


# One question


# What they ask of is read and linked by hand in tests/linked_archive.py → the first row's beginning.
LINKED = {
    "stated_by_year": ["2012", "arrest", "suspect", "9,800", "10,000", "6", str(STATEMENT)],
    "contradicted": ["smaller total", "xinhua", "9,800", "10,000", "suspect"],
    "changed_figures": ["2012-07-28T03:00:00Z", "xinhua", "31", "29", "suspect", "31 has become 29"],
    "one_edition_only": ["English", "xinhua", "40", "about", "officers"],
    "repeated": ["2012-07-26T02:15:00Z", "daily", "copies it", "91.0 %", "0.8"],
    "repeated_most": ["2012-07-26T05:00:00Z", "xinhua", "2", "0"],
    "first_repeat": ["within an hour", "1", "50.0"],
    "reprinted": ["daily", "xinhua", "1", "1", "1", "0", "91.0", "0.8", str(REPRINT)],
    "dropped_qualifiers": ["tnw", "xinhua", "at least", "10,000", "suspect"],
    "not_found": ["nothing fits", "1", "2012-07-16", "2012-07-22"],
}


@pytest.mark.parametrize("name", LINKED)
def test_questions_about_figures_and_links_answer(linked: str, name: str) -> None:
    found = soup(linked, f"/questions/{name}", source=MINISTRY, report=str(STATEMENT))
    assert words(found, ".note") == []
    first = found.select("table.answer tbody tr")[0]
    shown = [cell for cell in words(first, "td") if cell]
    assert shown[: len(LINKED[name])] == LINKED[name]


def test_who_repeated_a_report_is_asked_by_its_address_too(tmp_path: Path) -> None:
    archive = make_linked_archive(tmp_path / "archive.db")
    sql = QUERIES["repeated"]["sql"]
    found = archive.execute(sql, {"report": f"http://xinhua.example/{TWIN}"}).fetchall()
    assert [(row[2], row[3], row[6]) for row in found] == [
        ("in Chinese", "", STATEMENT), ("cites it", "named outlet", STORY), ("cites it", "hyperlink", REPEAT),
    ]  # fmt: skip
    archive.close()


def test_a_source_must_be_named_for_its_years(linked: str) -> None:
    found = soup(linked, "/questions/stated_by_year")
    assert words(found, ".note") == [
        "Give the source's key, as in the address of its figures: ministry-of-public-security."
    ]
    narrowed = soup(linked, "/questions/stated_by_year", source=MINISTRY, act="remove", noun="message")
    assert [row.split()[:3] for row in words(narrowed, "table.answer tbody tr")] == [["2012", "remove", "message"]]


@pytest.mark.parametrize("name", [name for name in QUERIES if name not in LINKED])
def test_every_question_answers(room: str, name: str) -> None:
    report = str(rows(room, "/archive/reports", _size="1")[0]["id"])
    found = soup(room, f"/questions/{name}", words="警方 OR police", report=report)
    assert words(found, ".note.warning") == []
    if name not in ("gaps", "retitled", "radar"):  # looked at on one day, no title changed, no edit made twice
        assert words(found, "table.answer tbody tr"), name
    assert found.select_one("textarea#sql") is not None


def test_what_was_said_is_counted_year_by_year_with_the_first_report(room: str) -> None:
    found = soup(room, "/questions/said_by_year", words="Xinhua", outlet="tnw")
    assert [row.split(" ", 5)[:5] for row in words(found, "table.answer tbody tr")] == [
        ["2026", "1", "2", "50.0", "tnw"],
        ["2016", "1", "1", "100.0", "tnw"],
        ["2012", "1", "1", "100.0", "tnw"],
    ]
    assert "Xinhua" in words(found, "table.answer mark")
    assert [bar.get_text() for bar in found.select("figure title")] == ["2012: 1", "2016: 1", "2026: 1"]
    assert found.select("td.wide[lang=en]")


def test_cells_lead_to_reports_captures_and_outlets(server: str) -> None:
    hrefs = {str(link["href"]) for link in soup(server, "/questions/edits").select("table.answer a")}
    assert {f"/reports/{EDITED}", "/outlets/xinhua", f"http://xinhua.example/{EDITED}"} <= hrefs
    proof = {
        str(link["href"]) for link in soup(server, "/questions/proof", report=str(EDITED)).select("table.answer a")
    }
    assert f"/captures/{EDITED + 1}" in proof


def test_the_answer_can_be_taken_along(server: str) -> None:
    """As CSV, JSON and Excel, with the same parameters."""
    found = soup(server, "/questions/edits", outlet="xinhua")
    downloads = {link.get_text(): str(link["href"]) for link in found.select(".result-head a")}
    assert downloads["CSV"] == "/archive/edits.csv?outlet=xinhua&kind="
    for kind in ("CSV", "JSON", "Excel", "in Datasette"):
        assert answer(server, downloads[kind]).status == 200, kind


def test_a_workbook_keeps_ids_whole_and_texts_texts(tmp_path: Path, server: str) -> None:
    book = load_workbook(io.BytesIO(answer(server, "/questions/edits.xlsx", outlet="xinhua").body))
    head, row = book["Answer"].iter_rows(values_only=True)
    assert dict(zip(head, row, strict=True))["report"] == str(EDITED)
    assert dict(zip(head, row, strict=True))["added"] == 1
    assert [tuple(each) for each in book["About"].iter_rows(values_only=True)][2:4] == [
        ("Outlet", "xinhua"),
        ("Rows", "1"),
    ]
    (tmp_path / "x.xlsx").write_bytes(workbook(["a"], [["=1+1"], ["\x00b"]], []))
    cells = [row[0] for row in load_workbook(tmp_path / "x.xlsx")["Answer"].iter_rows(min_row=2)]
    assert [(cell.value, cell.data_type) for cell in cells] == [("=1+1", "s"), ("b", "s")]
    assert answer(server, "/questions/coverage.xlsx", since="yesterday").status == 400


def test_a_question_that_needs_words_waits_for_them(server: str) -> None:
    found = soup(server, "/questions/said_by_year")
    assert words(found, ".note") == ["Type the words to look for."]
    assert found.select("table.answer") == []


def test_a_parameter_that_cannot_be_meant_is_explained(server: str) -> None:
    found = soup(server, "/questions/coverage", since="yesterday", outlet="pravda")
    assert words(found, ".note.warning li") == [
        "No outlet is called “pravda”. Known: xinhua, tnw.",
        "“yesterday” is no day: write it as 2012-07-26.",
    ]
    assert found.select("table.answer") == []
    assert wrong({"since": "2012-02-30"}, []) == ["“2012-02-30” is no day: write it as 2012-07-26."]
    assert wrong({"since": "", "until": "2012-02-29", "outlet": ""}, []) == []


def test_no_row_is_told_from_no_question(server: str) -> None:
    assert "No report has this number or address." in page(server, "/questions/proof", report="1")
    assert "No report holds these words" in page(server, "/questions/said_by_year", words="没有这个词")
    found = answer(server, "/questions/who_knows")
    assert found.status == 404
    assert "No question is called “who_knows” here" in found.text


def test_parameters_are_found_in_sql_and_not_in_its_texts_and_comments() -> None:
    sql = "select ':no', a::b -- :nor\n from c where d = :yes or e = :yes and f = :also"
    assert parameters_of(sql) == ["yes", "also"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("newest", [(CITIES, "xinhua"), (RUSSIAN, "xinhua"), (TAIWAN, "xinhua"), (EDITED, "xinhua"), (ZH, "xinhua")]),
        ("edits", [(EDITED, "xinhua")]),
        ("taken_down", [(TAIWAN, "xinhua")]),
    ],
)
def test_an_outlet_narrows_a_question(server: str, name: str, expected: list[tuple[int, str]]) -> None:
    assert [(row["report"], row["outlet"]) for row in rows(server, f"/archive/{name}", outlet="xinhua")] == expected
    assert len(rows(server, f"/archive/{name}", outlet="tnw")) == (1 if name == "newest" else 0)


def test_edits_are_timed_against_publication(server: str) -> None:
    # The small archive's second wording was seen at the minute of publication.
    assert rows(server, "/archive/until_edit", outlet="") == [
        {"after": "within an hour", "reports": 1, "percent": 100.0}
    ]


def test_days_and_months_count_what_is_held(server: str) -> None:
    assert rows(server, "/archive/per_month", outlet="")[-2:] == [
        {"month": "2012-07", "outlet": "tnw", "reports": 1},
        {"month": "2012-07", "outlet": "xinhua", "reports": 2},
    ]
    edited = [
        row
        for row in rows(server, "/archive/per_day", outlet="xinhua", since="2012-07-27")
        if row["edited"] or row["missing"]
    ]
    assert edited == [
        {"day": "2013-01-01", "outlet": "xinhua", "reports": 1, "edited": 0, "missing": 1},
        {"day": "2012-07-27", "outlet": "xinhua", "reports": 1, "edited": 1, "missing": 0},
    ]


def test_a_source_that_is_an_outlet_of_the_archive_is_known_by_its_names(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive.db")
    archive.execute("update outlets set aliases = '新华社; Xinhua' where id = 'xinhua'")
    archive.execute("update reports set source_label = 'Xinhua'")
    found = archive.execute(QUERIES["sources"]["sql"], {"outlet": ""}).fetchall()
    assert [row[:4] for row in found] == [("xinhua", "Xinhua", None, 5), ("tnw", "Xinhua", "xinhua", 1)]
    assert found[0][4:] == ("2012-07-26", "2015-01-01")
    archive.close()


def test_gaps_are_the_days_on_which_nobody_looked(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive.db", ())
    for day in ("2012-07-01", "2012-07-02", "2012-07-10"):
        archive.execute("insert into coverage_days values ('xinhua', ?, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)", [day])
    found = archive.execute(QUERIES["gaps"]["sql"], {"outlet": "", "since": "2012-01-01"}).fetchall()
    assert found[0][:2] == ("xinhua", "2012-07-11")  # since the last look, until today
    assert found[1:] == [("xinhua", "2012-07-03", "2012-07-09", 7)]
    assert archive.execute(QUERIES["gaps"]["sql"], {"outlet": "tnw", "since": "2012-01-01"}).fetchall() == []
    assert archive.execute(QUERIES["gaps"]["sql"], {"outlet": "", "since": ""}).fetchall() == []  # of the last year
    archive.close()


def test_the_same_change_in_several_reports_is_one_row_of_the_radar(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive.db")
    archive.execute("delete from replacements")
    for report, outlet, at, was, became in (
        (ZH, "xinhua", "2026-11-03T10:00:00Z", "Turkey", "Türkiye"),
        (TNW, "tnw", "2026-11-09T10:00:00Z", "Turkey", "Türkiye"),
        (RUSSIAN, "xinhua", "2026-11-09T11:00:00Z", "", ""),  # the words are not told: an excerpt of a public edition
        (CITIES, "xinhua", "2026-11-09T12:00:00Z", "", ""),
        (CITIES, "xinhua", "2026-11-02T10:00:00Z", "Turkey", "Türkiye"),  # eight days before the newest edit
    ):
        archive.execute(
            "insert into replacements values (?, (select 1 + count(*) from replacements), ?, ?, ?, ?, ?)",
            [EDITED, report, outlet, at, was, became],
        )
    sql = QUERIES["radar"]["sql"]
    expected = ("Turkey", "Türkiye", 2, 2, "tnw,xinhua", "2026-11-03T10:00:00Z", "2026-11-09T10:00:00Z", ZH)
    (found,) = archive.execute(sql, {"outlet": "", "since": "", "until": ""}).fetchall()
    assert (*found[:4], ",".join(sorted(found[4].split(","))), *found[5:]) == expected
    (found,) = archive.execute(sql, {"outlet": "", "since": "2026-11-01", "until": ""}).fetchall()
    assert found[2:4] == (3, 2)
    assert archive.execute(sql, {"outlet": "tnw", "since": "2026-11-01", "until": ""}).fetchall() == []
    assert archive.execute(sql, {"outlet": "", "since": "", "until": "2026-11-02"}).fetchall() == []
    archive.close()


def test_kinds_of_changes_are_counted_by_outlet(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive.db", SAMPLES + MORE)
    for report, kinds in ((EDITED, "figure changed; typo"), (MORE[0].id, "figure changed"), (MORE[1].id, "headline")):
        archive.execute("update versions set kinds = ? where report = ? and number = 2", [kinds, report])
    assert archive.execute(QUERIES["edit_kinds"]["sql"], {"outlet": ""}).fetchall() == [
        ("xinhua", "figure changed", 2, 100.0), ("tnw", "headline", 1, 100.0), ("xinhua", "typo", 1, 50.0),
    ]  # fmt: skip
    edits = QUERIES["edits"]["sql"]
    asked = [archive.execute(edits, {"outlet": "", "kind": kind}).fetchall() for kind in ("", "typo", "headline")]
    assert [len(found) for found in asked] == [3, 1, 1]
    assert (asked[1][0][1:3], asked[2][0][1:3]) == (("xinhua", "figure changed; typo"), ("tnw", "headline"))
    archive.close()


def test_retitled_reports_show_both_titles(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive.db")
    archive.execute("update versions set title = 'Police hold gangs' where report = ? and number = 2", [EDITED])
    found = archive.execute(QUERIES["retitled"]["sql"], {"outlet": ""}).fetchall()
    assert [row[1:] for row in found] == [("xinhua", "Police crush gangs", "Police hold gangs", 2, EDITED)]
    archive.close()


# Charts


def titles(question: str, found: list[dict[str, Any]]) -> list[str]:
    return words(BeautifulSoup(chart_of(question, found, OUTLETS), "lxml"), "title, .ranking li")


def test_a_months_bar_is_stacked_by_outlet() -> None:
    held = [{"month": "2012-08", "outlet": "tnw", "reports": 1}, {"month": "2012-07", "outlet": "xinhua", "reports": 3},
            {"month": "2012-07", "outlet": "tnw", "reports": 2}]  # fmt: skip
    assert titles("per_month", held) == ["July 2012: 5 (Xinhua 3, TNW 2)", "August 2012: 1 (TNW 1)"]


def test_coverage_marks_days_on_which_nobody_looked() -> None:
    looked = [
        {"day": "2012-07-03", "asked": 5, "refused": 1, "failed": 1},
        {"day": "2012-07-01", "asked": 2, "refused": 0, "failed": 0},
    ]
    assert titles("coverage", looked) == [
        "1 July 2012: 2 (answered 2)", "2 July 2012: nobody looked", "3 July 2012: 5 (answered 3, refused or failed 2)",
    ]  # fmt: skip


def test_rankings_are_lists_with_numbers() -> None:
    named = [
        {"outlet": "tnw", "source_label": "Xinhua", "reports": 4},
        {"outlet": "xinhua", "source_label": "新华网", "reports": 1},
    ]
    assert titles("sources", named) == ["tnw names Xinhua 4", "xinhua names 新华网 1"]
    assert titles("sources", named[:1]) == []  # a single bar tells nothing
    assert titles("edits", named) == []


# The tables


def test_the_schema_page_describes_every_table_and_column(room: str, crawled: Crawled) -> None:
    found = soup(room, "/schema")
    archive = crawled.place.connect()
    tables = {
        str(heading["id"]).removeprefix("table-"): section
        for section, heading in zip(found.select(".table-of"), found.select(".table-of h3"), strict=True)
    }
    names = [name for (name,) in archive.execute(
        "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite%' and name not like '_sqlite%' "
        "and name not like 'reports_%'")]  # fmt: skip
    assert sorted(tables) == sorted(names)
    for name, section in tables.items():
        columns = [row[1] for row in archive.execute(f"pragma table_info({name})")]
        assert words(section, "tbody th") == columns
        assert all(words(section, "tbody td:last-child")), name
        assert all(words(section, "p")), name
    archive.close()


def test_every_function_that_sql_may_call_is_explained() -> None:
    class Noting(sqlite3.Connection):
        names: list[str]

        def create_function(self, name: str, narg: int, func: Any, /, *, deterministic: bool = False) -> None:
            self.names.append(f"{name} {narg}")

    connection = sqlite3.connect(":memory:", factory=Noting)
    connection.names = []
    search.register(connection)
    connection.close()
    explained = [f"{name.partition('(')[0]} {name.count(',') + 1}" for name in FUNCTIONS]
    assert sorted(explained) == sorted(connection.names)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_every_example_runs_and_finds_something(room: str, example: Any) -> None:
    found = soup(room, "/schema")
    assert example.sql in [field.get_text().lstrip("\n") for field in found.select("textarea")]
    (link,) = found.select(f"section[aria-labelledby=example-{example.id}] a")
    assert answer(room, str(link["href"])).status == 200
    address, _, query = str(link["href"]).partition("?")
    assert rows_of(room, f"{address}.json?{query}&_shape=array")


def rows_of(server: str, address: str) -> list[Any]:
    found = answer(server, address)
    assert found.status == 200, found.text
    answered: list[Any] = json.loads(found.text)
    return answered
