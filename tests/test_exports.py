"""A search as JSON, CSV and XLSX: the hits of the page, safe to open."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from openpyxl import load_workbook
from serving import RELEASES, Answer, answer, serving
from small_archive import SAMPLES, Sample, make_archive

from archive.finding import Hit, Overview, Search
from publish.exports import COLUMNS, MOST, About, csv_lines, hit_of, is_cut, query_of, row_of, xlsx

ZH, TNW, EDITED, TAIWAN, RUSSIAN, CITIES = (sample.id for sample in SAMPLES)
HIT = Hit(
    id=ZH, url="http://a.example/1", outlet="xinhua", kind="state", language="zh-Hans", title="=1+1", published_at=None,
    published_local=None, published_precision=None, first_seen="2012-07-26T01:00:00Z", origin="live", source_label="新华网",
    state="gone", versions=2, snippet="…**公安部**通报", in_removed=True,
)  # fmt: skip
ABOUT = About(
    [("Words", "=公安部")],
    "http://r.example/search?q=x",
    "24 November 2026, 10:00 UTC",
    "about 12,000 reports",
    True,
    "Dateline",
)


# The formats


def test_a_hit_in_json_has_its_snippet_plain_and_marked() -> None:
    said = hit_of(HIT, "/reports/1")
    assert (said["snippet"], said["snippet_marked"]) == ("…公安部通报", "…**公安部**通报")
    assert said == {
        "id": ZH, "url": "http://a.example/1", "page": "/reports/1", "outlet": "xinhua", "kind": "state",
        "language": "zh-Hans", "title": "=1+1", "published_at": None, "published_local": None,
        "published_precision": None, "first_seen": "2012-07-26T01:00:00Z", "origin": "live", "source_label": "新华网", "state": "gone",
        "versions": 2, "snippet": "…公安部通报", "snippet_marked": "…**公安部**通报", "in_removed": True,
    }  # fmt: skip


def test_a_search_in_json_has_every_filter() -> None:
    said = query_of(Search(words="x", outlet="tnw", since=datetime(2012, 7, 1, tzinfo=UTC).date(), removed=True))
    assert said == {
        "words": "x", "outlet": "tnw", "language": "", "kind": "", "state": "", "since": "2012-07-01", "until": None,
        "removed": True, "order": "newest",
    }  # fmt: skip


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "＝", "＋"])
def test_no_cell_of_a_csv_is_a_formula(begin: str) -> None:
    title = f'{begin}HYPERLINK("http://evil.example")'
    ((cell, number),) = csv.reader(io.StringIO(csv_lines([[title, 3]]), newline=""))
    assert (cell, number) == (f"'{title}", "3")


def test_csv_quotes_as_rfc_4180_has_it() -> None:
    assert csv_lines([["a,b", 'say "x"', "two\nlines", "公安部", 5]]) == '"a,b","say ""x""","two\nlines",公安部,5\r\n'


@pytest.mark.parametrize(
    ("overview", "cut"),
    [(Overview(5, 5, True, None), False), (Overview(MOST, MOST, True, None), False),
     (Overview(MOST, MOST, False, 1), True), (Overview(MOST + 1, MOST + 1, True, None), True)],
)  # fmt: skip
def test_a_table_is_cut_beyond_ten_thousand(overview: Overview, cut: bool) -> None:
    assert is_cut(overview) is cut


def workbook(content: bytes) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], Any]:
    """The rows of both sheets, header included, and the workbook."""
    book = load_workbook(io.BytesIO(content))
    reports, about = (list(sheet.values) for sheet in book.worksheets)
    return reports, about, book


def test_a_workbook_holds_text_never_formulas_and_real_dates() -> None:
    row = row_of(HIT, "http://r.example/reports/1")
    row[1], row[3] = "2012-07-26T00:30:00Z", "2012-07-26"
    reports, about, book = workbook(xlsx([row], ABOUT))
    assert reports[0] == tuple(COLUMNS)
    values = dict(zip(COLUMNS, reports[1], strict=True))
    assert values == {
        "id": "2012072600300001", "published": datetime(2012, 7, 26, 0, 30), "published_precision": None,
        "published_local": datetime(2012, 7, 26), "outlet": "xinhua", "kind": "state", "language": "zh-Hans",
        "title": "=1+1", "snippet": "…公安部通报", "in_removed": "yes", "source": "新华网", "state": "gone", "versions": 2,
        "first_seen": datetime(2012, 7, 26, 1), "origin": "live", "url": "http://a.example/1",
        "page": "http://r.example/reports/1",
    }  # fmt: skip
    sheet = book.worksheets[0]
    assert {cell.data_type for line in sheet.iter_rows(min_row=2) for cell in line} <= {"s", "inlineStr", "d", "n"}
    assert (sheet["H2"].value, sheet["H2"].data_type) in [("=1+1", "s"), ("=1+1", "inlineStr")]
    assert (sheet["B2"].number_format, sheet["D2"].number_format) == ("yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd")
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:Q2")
    assert about[:4] == [
        ("Words", "=公安部"), ("Found", "about 12,000 reports; this table has 1 of them"),
        ("Asked for", "24 November 2026, 10:00 UTC"), ("The same search", "http://r.example/search?q=x"),
    ]  # fmt: skip
    assert b"<f>" not in b"".join(
        zipfile.ZipFile(io.BytesIO(xlsx([row], ABOUT))).read(f"xl/worksheets/sheet{n}.xml") for n in (1, 2)
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [("a\x00b\x0b\ufffe\ud800c", "abc"), ("#N/A", "#N/A"), ("x" * 40_000, "x" * 32_767), ("_x0041_", "_x0041_")],
)
def test_a_workbook_takes_any_text(written: str, read: str) -> None:
    row = row_of(HIT, written)
    reports, _, _ = workbook(xlsx([row], ABOUT))
    assert reports[1][-1] == read


@pytest.mark.parametrize("time", ["1850-01-01", "2012-13-45", "yesterday", "2012-07-26T25:00:00Z"])
def test_what_is_no_date_for_a_spreadsheet_stays_text(time: str) -> None:
    row = row_of(HIT, "")
    row[1] = time
    reports, _, _ = workbook(xlsx([row], ABOUT))
    assert reports[1][1] == time


# Served


def asked(server: str, path: str = "/search.json", **query: str) -> dict[str, Any]:
    got = answer(server, path, **query)
    assert got.status == 200, got.text
    said: dict[str, Any] = json.loads(got.body)
    return said


def table(got: Answer) -> list[dict[str, str]]:
    assert got.status == 200, got.text
    assert got.body.startswith(b"\xef\xbb\xbfid,published,")
    return list(csv.DictReader(io.StringIO(got.body.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("query", "reports"),
    [
        ({"q": "公安部"}, [ZH]),
        ({"q": "臺灣"}, [TAIWAN]),
        ({"q": "police"}, [EDITED, TNW]),
        ({"q": "police", "sort": "oldest"}, [TNW, EDITED]),
        ({"q": "police", "outlet": "tnw"}, [TNW]),
        ({"q": "600", "removed": "1"}, [EDITED]),
        ({"state": "gone"}, [TAIWAN]),
        ({"since": "2014", "until": "2015-01"}, [CITIES, RUSSIAN]),
        ({"q": "没有这个词"}, []),
    ],
)
def test_every_format_has_the_hits_of_the_page(server: str, query: dict[str, str], reports: list[int]) -> None:
    said = asked(server, **query)
    assert [hit["id"] for hit in said["hits"]] == reports
    assert (said["total"], said["exact"], said["next"]) == (len(reports), True, None)
    assert [int(row["id"]) for row in table(answer(server, "/search.csv", **query))] == reports
    rows, _, _ = workbook(answer(server, "/search.xlsx", **query).body)
    assert [int(row[0]) for row in rows[1:]] == reports


def test_json_echoes_the_query_and_says_what_is_wrong_with_it(server: str) -> None:
    said = asked(server, q="police", since="2012-99", outlet="tnw")
    assert (said["query"]["words"], said["query"]["outlet"], said["query"]["since"]) == ("police", "tnw", None)
    assert said["problems"][0].startswith("“2012-99” is no day")
    assert said["page"] == "/search?q=police&outlet=tnw"


def test_the_links_of_a_hit_are_those_of_this_server(server: str) -> None:
    (hit,) = asked(server, q="Zürich")["hits"]
    assert (hit["page"], hit["url"]) == (f"/reports/{TNW}", f"http://tnw.example/{TNW}")
    (row,) = table(answer(server, "/search.csv", q="Zürich"))
    assert (row["page"], row["snippet"]) == (
        f"{server}/reports/{TNW}",
        "…arrested 10,000 people, Xinhua reported from Zürich.",
    )


@pytest.mark.parametrize("after", ["x", "1:2", "-1", "nan:1", "9" * 30])
def test_a_bad_after_is_refused_with_a_sentence(server: str, after: str) -> None:
    got = answer(server, "/search.json", q="police", after=after)
    assert got.status == 400
    assert got.headers["content-type"].startswith("application/json")
    assert "begin at the first page" in json.loads(got.body)["error"]


@pytest.mark.parametrize("path", ["/search.xml", "/search.html", "/search.jsonx", "/edits.json", "/takedowns.csv"])
def test_an_unknown_format_is_not_found(server: str, path: str) -> None:
    assert answer(server, path).status == 404


@pytest.mark.parametrize("path", ["/search.json", "/search.csv", "/search.xlsx"])
def test_head_has_the_headers_alone(server: str, path: str) -> None:
    with build_opener(ProxyHandler({})).open(Request(f"{server}{path}?q=police", method="HEAD"), timeout=30) as got:
        assert (got.status, got.read()) == (200, b"")
        assert got.headers["content-type"] == answer(server, path, q="police").headers["content-type"]


def test_a_file_is_named_after_the_words_and_the_day(server: str) -> None:
    disposition = answer(server, "/search.csv", q='公安部 "a/b"').headers["content-disposition"]
    plain, _, named = disposition.partition("; filename*=UTF-8''")
    assert plain == 'attachment; filename="dateline.csv"'
    assert unquote(named) == f'Dateline 公安部 "a/b" {datetime.now(UTC):%Y-%m-%d}.csv'
    assert "/" not in named
    assert "\n" not in answer(server, "/search.csv", q="a\r\nX-Evil: 1").headers["content-disposition"]


# Many hits

MANY = 12_000


@pytest.fixture(scope="module", params=RELEASES)
def many(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """12,000 reports of one word, six a minute; every third one also has another."""
    samples = tuple(
        Sample(
            201200000000 * 10000 + (101 + number // 8640) * 100000000 + number // 360 % 24 * 1000000
            + number // 6 % 60 * 10000 + number % 6,
            "xinhua", "en", ((f"Title {number}", "Common and rare." if number % 3 == 0 else "Common."),),
        )
        for number in range(MANY)
    )  # fmt: skip
    archive = tmp_path_factory.mktemp("many") / "many.db"
    make_archive(archive, samples).close()
    with serving(archive, release=request.param) as address:
        yield address


def test_json_pages_follow_one_another_to_the_end(many: str) -> None:
    path, seen, pages = "/search.json?q=rare", list[int](), 0
    while path:
        said = asked(many, path)
        seen += [hit["id"] for hit in said["hits"]]
        assert len(said["hits"]) <= 100
        assert (said["total"], said["exact"]) == (4_000, True)
        path, pages = said["next"], pages + 1
    assert (len(seen), len(set(seen)), pages) == (4_000, 4_000, 40)
    assert seen == sorted(seen, reverse=True)


def test_a_table_of_all_hits_is_whole(many: str) -> None:
    got = answer(many, "/search.csv", q="rare")
    assert got.headers["x-dateline-truncated"] is None
    assert [row["title"] for row in table(got)] == [f"Title {number}" for number in range(MANY - 3, -1, -3)]


@pytest.mark.parametrize("query", [{"q": "common"}, {}])
def test_a_table_that_is_cut_says_so(many: str, query: dict[str, str]) -> None:
    got = answer(many, "/search.csv", **query)
    assert got.headers["x-dateline-truncated"] == "10000"
    assert unquote(got.headers["content-disposition"]).endswith(" first 10000.csv")
    rows = table(got)
    assert [row["title"] for row in rows] == [f"Title {number}" for number in range(MANY - 1, MANY - 10_001, -1)]


def test_a_workbook_that_is_cut_says_so(many: str) -> None:
    got = answer(many, "/search.xlsx", q="common", timeout=60)
    assert got.headers["x-dateline-truncated"] == "10000"
    reports, about, _ = workbook(got.body)
    assert len(reports) == 10_001
    assert dict(about)["Found"] == "about 12,000 reports; this table has 10,000 of them"
