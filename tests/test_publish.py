"""A real Datasette on loopback over a small archive: its search box, JSON API, pages and queries."""

from __future__ import annotations

import json
import socket
from io import BytesIO
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote

import pytest
import yaml
from click.testing import CliRunner
from openpyxl import load_workbook
from serving import answer, page, rows
from small_archive import SAMPLES, make_archive

from archive.search import INDEX_VIEWS
from cli import main
from commands.serve import PUBLISH, datasette_arguments

PROJECT = Path(__file__).resolve().parents[1]
CONFIGURATION = yaml.safe_load((PUBLISH / "datasette.yaml").read_text(encoding="utf-8"))
DATABASE = CONFIGURATION["databases"]["archive"]
ZH, TNW, EDITED, TAIWAN, RUSSIAN, CITIES = (sample.id for sample in SAMPLES)


@pytest.mark.parametrize(
    ("words", "reports"),
    [
        ("北京", [CITIES, ZH]),
        ("公安部", [ZH]),
        ("京", [CITIES, TAIWAN, ZH]),
        ("习近平", [ZH]),
        ('"police arrested"', [TNW]),
        ("Zürich", [TNW]),
        ("Zurich", [TNW]),
        ("台湾", [TAIWAN]),
        ("removed:600", [EDITED]),
        ("police -outlet:tnw", [EDITED]),
        ('((("', []),
        ("没有这个词", []),
        ("", []),
    ],
)
def test_datasettes_own_search_finds_what_ours_does_newest_first(server: str, words: str, reports: list[int]) -> None:
    assert [row["id"] for row in rows(server, "/archive/reports", _search=words)] == reports


def test_a_search_of_one_column_is_ours_too(server: str) -> None:
    assert [row["id"] for row in rows(server, "/archive/reports", _search_title="北京")] == [CITIES]


def test_search_and_facets_work_together(server: str) -> None:
    found = rows(server, "/archive/reports", _search="police", outlet="tnw")
    assert [row["id"] for row in found] == [TNW]


def test_the_search_box_works_in_html(server: str) -> None:
    html = page(server, "/archive/reports", _search="公安部")
    assert "公安部：打击网络犯罪" in html
    assert "上海，北京！" not in html
    assert "1 row" in html


def test_the_search_query_marks_what_it_found_and_escapes_the_rest(server: str) -> None:
    html = page(server, "/archive/search", words="公安部")
    assert "<mark>公安部</mark>26日通报" in html
    assert f'<a href="/archive/reports/{ZH}">{ZH}</a>' in html


def test_the_search_query_narrows_by_outlet_and_day(server: str) -> None:
    def found(**query: str) -> list[int]:
        return [row["report"] for row in rows(server, "/archive/search", **query)]

    assert found(words="police") == [EDITED, TNW]
    assert found(words="police OR 北京", outlet="xinhua") == [CITIES, EDITED, ZH]
    assert found(words="police", until="2012-07-26") == [TNW]
    assert found(words="police", since="2012-07-27") == [EDITED]
    assert found(words="") == []


def test_every_canned_query_answers(server: str) -> None:
    answers = {
        name: rows(server, f"/archive/{name}", words="京", outlet="", since="2000-01-01", until="", report=EDITED)
        for name in DATABASE["queries"]
    }
    assert [row["report"] for row in answers["newest"]] == sorted((sample.id for sample in SAMPLES), reverse=True)
    assert answers["per_day"][-1] == {"day": "2012-07-26", "outlet": "xinhua", "reports": 1, "edited": 0, "missing": 0}
    assert [(row["report"], row["number"], row["added"]) for row in answers["edits"]] == [(EDITED, 2, 1)]
    assert [(row["report"], row["state"], row["cause"]) for row in answers["taken_down"]] == [
        (TAIWAN, "gone", "http-404")
    ]
    assert [(row["warc"], row["offset"], row["first_shows_version"]) for row in answers["proof"]] == [
        ("first.warc.gz", EDITED, 1),
        ("first.warc.gz", EDITED + 1, 2),
    ]
    assert sum(row["asked"] for row in answers["coverage"]) == 7
    assert [(row["kind"], row["edits"], row["percent"]) for row in answers["edit_kinds"]] == [
        ("figure changed", 1, 100.0)
    ]
    assert answers["radar"] == []  # one report is no pattern
    assert answers["quarantined"] == answers["unanswered"] == answers["sources"] == []


def test_a_report_is_proven_by_its_address_too(server: str) -> None:
    found = rows(server, "/archive/proof", report=f"http://tnw.example/{TNW}")
    assert [row["capture"] for row in found] == [TNW]


def test_ids_link_to_their_rows(server: str) -> None:
    assert f'<a href="/archive/reports/{ZH}">{ZH}</a>' in page(server, "/archive/captures")
    assert f'<a href="/archive/captures/{EDITED}">{EDITED}</a>' in page(server, "/archive/proof", report=EDITED)
    for html in (page(server, "/archive/reports"), page(server, f"/archive/reports/{EDITED}")):
        assert f'<a href="/archive/versions?report={EDITED}&amp;_sort=number">2</a>' in html
        assert f'<a href="/archive/proof?report={EDITED}">all</a>' in html


def test_every_table_and_column_is_described(server: str, tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive.db")
    names = [
        row[0]
        for row in archive.execute(
            "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite_%' "
            "and name not like 'reports_fts%' and name not like 'reports_characters%' and name <> 'reports_text' "
            "and name not in ('reports_wording', '_sqlite_migrations')"
        )
    ]
    described = {name: table for name, table in DATABASE["tables"].items() if table.get("columns")}
    assert set(described) == set(names)
    for name in names:
        columns = [row[1] for row in archive.execute(f"pragma table_info({name})")]
        assert list(described[name]["columns"]) == columns, name
        assert described[name]["title"]
        assert described[name]["description"]
    assert not set(DATABASE["queries"]) & set(names)  # one of the two could not be reached: both are /archive/<name>
    for name, query in DATABASE["queries"].items():
        assert query["title"], name
        assert query["description"], name
    archive.close()


def test_every_searchable_table_names_its_index() -> None:
    # Without it Datasette answers a search with every row, and status 200.
    assert (DATABASE["tables"]["reports"]["fts_table"], DATABASE["tables"]["reports"]["fts_pk"]) == (
        "reports_fts",
        "id",
    )


@pytest.mark.parametrize(
    "path",
    ["/archive/reports", "/archive/search?words=北京", f"/archive/reports/{ZH}", "/archive/reports?_search=北京"],
)
def test_what_datasette_shows_is_to_be_had_for_excel_too(
    server: str, path: str, request: pytest.FixtureRequest
) -> None:
    if "?words" in path and "1.0" in request.node.name:
        pytest.skip("datasette-xlsx 0.2.2 does not hand a query its parameters on Datasette 1.0a41")
    place, _, query = path.partition("?")
    found = answer(server, f"{place}.xlsx?{quote(query, '=&')}")
    assert found.status == 200
    sheet = load_workbook(BytesIO(found.body)).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert str(ZH) in {str(cell.value) for cell in cells}
    assert not [cell for cell in cells if cell.data_type == "f"]  # no text is a formula


def test_the_index_is_out_of_sight(server: str) -> None:
    database = json.loads(page(server, "/archive.json"))
    shown = [table["name"] for table in database["tables"] if not table["hidden"]]
    assert shown == [
        "alarms",
        "attributions",
        "backfills",
        "broken",
        "captures",
        "checks",
        "citations",
        "contradictions",
        "coverage_days",
        "coverage_months",
        "crawls",
        "figures",
        "holdings",
        "holdings_months",
        "mementos",
        "mentions",
        "moves",
        "names",
        "outlets",
        "quarantine",
        "quotes",
        "replacements",
        "reports",
        "reprints",
        "runs",
        "takedowns",
        "twins",
        "versions",
        "warcs",
    ]
    # Datasette 1.0 searches only where the reader may see what the index reads, and cannot hide a view.
    stable = json.loads(page(server, "/-/versions.json"))["datasette"]["version"].startswith("0.")
    hidden = ["reports_wording", *(INDEX_VIEWS if stable else ())]
    assert not {view["name"] for view in database["views"]} & set(hidden)
    for view in hidden:
        with pytest.raises(HTTPError, match="403"):
            page(server, f"/archive/{view}")


def test_listings_hold_no_bodies(server: str) -> None:
    assert "body" not in rows(server, "/archive/reports")[0]
    settings = json.loads(page(server, "/-/settings.json"))
    assert (settings["suggest_facets"], settings["truncate_cells_html"], settings["sql_time_limit_ms"]) == (
        False,
        240,
        3000,
    )


def test_the_pages_carry_our_titles_and_style(server: str) -> None:
    assert "An archive of record for state-media reports" in page(server, "/")
    html = page(server, "/archive/reports")
    assert "YYYYMMDDhhmm of its first known publication" in html
    assert 'href="/static/dateline.css"' in html
    assert ".column-descriptions" in page(server, "/static/dateline.css")


def test_the_archive_is_not_served_immutable(tmp_path: Path) -> None:
    arguments = datasette_arguments(tmp_path / "archive.db", 8001)
    assert arguments[:6] == ["serve", str(tmp_path / "archive.db"), "--host", "127.0.0.1", "--port", "8001"]
    assert not {"-i", "--immutable"} & set(arguments)


def test_serving_a_missing_archive_says_how_to_make_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["serve", "--archive", str(tmp_path / "none.db")])
    assert result.exit_code == 2
    assert "`dateline crawl` makes one, `make demo` a sample" in result.output


def test_serving_on_a_taken_port_says_so(tmp_path: Path) -> None:
    make_archive(tmp_path / "archive.db").close()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["serve", "--archive", str(tmp_path / "archive.db"), "--port", str(port)])
    assert result.exit_code == 1
    assert f"Port {port} on 127.0.0.1 is taken" in result.output


def test_every_canned_query_is_in_the_documentation() -> None:
    documentation = (PROJECT / "docs" / "search.md").read_text(encoding="utf-8")
    for name in DATABASE["queries"]:
        assert f"`/archive/{name}`" in documentation
