"""The reading room says who made a capture: Dateline itself, a web archive, or whoever wrote an imported file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from browser import DESK, TELEPHONE, Chromium, overflow, violations
from bs4 import BeautifulSoup
from playwright.sync_api import ViewportSize
from serving import RELEASES, answer, serving
from small_archive import SAMPLES, make_archive

from archive import coverage
from publish import lags, origins

ZH, TNW, EDITED, GONE = (sample.id for sample in SAMPLES[:4])
COPY = "https://web.archive.org/web/20120727000000id_/http://xinhua.example/2012072700000003"
RECORD = "<urn:uuid:5f0a9a4e-0001-4000-8000-000000000001>"


def make(path: Path) -> None:
    """The Wayback Machine has the first wording of one report, and another report altogether; the last good capture of
    a third is of an imported file."""
    with closing(make_archive(path)) as connection:
        by_wayback = "update captures set origin = 'wayback', source = ?, record_id = ? where id = ?"
        connection.execute(by_wayback, [COPY, RECORD, EDITED])
        connection.execute(by_wayback, ["javascript:alert(1)", RECORD, ZH])
        connection.execute("update captures set origin = 'import', record_id = ? where id = ?", [RECORD, GONE])
        connection.execute("update reports set origin = 'wayback', first_look = null where id = ?", [ZH])
        connection.execute("update reports set first_look = '2012-07-28T00:00:00Z' where id = ?", [EDITED])
        connection.execute("update reports set published_at = null, published_precision = null where id = ?", [TNW])
        connection.execute(
            "insert into crawls (id, outlet, started_at, finished_at, finish_reason, origin, requests) values "
            "('backfill', 'xinhua', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z', 'finished', 'wayback', 9)"
        )
        connection.execute("delete from coverage_days")
        connection.execute("delete from coverage_months")
        coverage.count_all(connection)


@pytest.fixture(scope="module", params=RELEASES)
def room(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("origins") / "archive.db"
    make(path)
    with serving(path, release=request.param) as address:
        yield address


@pytest.fixture(scope="module")
def looked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("looked") / "archive.db"
    make(path)
    with serving(path) as address:
        yield address


def soup(room: str, path: str) -> BeautifulSoup:
    found = answer(room, path)
    assert found.status == 200
    return BeautifulSoup(found.text, "lxml")


def words(found: BeautifulSoup, select: str = "main") -> str:
    return " ".join(" ".join(each.get_text(" ").split()) for each in found.select(select)).replace(" ,", ",")


def test_a_capture_of_ours_says_so(room: str) -> None:
    told = words(soup(room, f"/captures/{TNW}"))
    assert "by Dateline, from the outlet itself" in told
    assert "Their copy" not in told


def test_a_capture_of_a_web_archive_leads_to_the_copy_there(room: str) -> None:
    found = soup(room, f"/captures/{EDITED}")
    assert "Came from the Wayback Machine: not a look of ours" in words(found)
    assert [link["rel"] for link in found.select(f'a[href="{COPY}"]')] == [
        ["noreferrer", "noopener", "nofollow", "external"]
    ]
    assert RECORD in words(found)
    assert "same address" in words(soup(room, f"/captures/{EDITED + 1}"))
    assert "by the Wayback Machine" in words(soup(room, f"/captures/{EDITED + 1}"))


def test_a_source_that_is_no_web_address_is_no_link(room: str) -> None:
    found = soup(room, f"/captures/{ZH}")
    assert "javascript:alert(1)" in words(found)
    assert found.select('a[href^="javascript"]') == []


def test_a_report_that_we_never_looked_at_says_so(room: str) -> None:
    told = words(soup(room, f"/reports/{ZH}"))
    assert "Never looked at by us. This report is known from captures of others alone" in told
    assert "Captured by a web archive" in told
    assert "never looked at by us" in told


def test_a_version_says_who_was_the_first_to_see_it(room: str) -> None:
    found = soup(room, f"/reports/{EDITED}?version=1")
    rows = [" ".join(row.get_text(" ").split()) for row in found.select(".versions tbody tr")]
    assert ["by the Wayback Machine" in row for row in rows] == [False, True]  # newest first
    told = words(found)
    assert "Captured by the Wayback Machine" in told
    assert (
        f"Captured by the Wayback Machine ({COPY}) at 2012-07-27T00:00:00Z" in found.select("#cite-text")[0].get_text()
    )
    assert "first read by us 28 July 2012" in told
    assert "and 1 is by others" in told
    assert "Never looked at by us" not in told
    assert words(soup(room, f"/reports/{EDITED}/changes")).count("by the Wayback Machine") == 1


def test_a_takedown_says_whose_capture_is_the_last_good_one(room: str) -> None:
    assert "the last capture that shows it, by an imported WARC file" in words(soup(room, "/takedowns"))


def test_an_outlet_has_its_captures_by_origin_and_no_backfill_among_its_crawls(room: str) -> None:
    found = soup(room, "/outlets/xinhua")
    counts = {link.get_text(): str(link["href"]) for link in found.select("#coverage ~ p a[href*='origin=']")}
    assert list(counts) == ["3 our own", "2 from web archives", "1 from imported WARC files"]
    assert answer(room, counts["2 from web archives"]).status == 200
    assert "No crawl of it is on record." in words(found)


def test_what_others_have_is_told_to_programs_too(room: str) -> None:
    told = json.loads(answer(room, f"/reports/{EDITED}.json?version=1").text)
    assert (told["first_look"], told["origin"]) == ("2012-07-28T00:00:00Z", "live")
    assert told["captured_by"] == {
        "id": EDITED, "at": "2012-07-27T00:00:00Z", "origin": "wayback", "source": COPY, "record_id": RECORD,
    }  # fmt: skip
    hits = {hit["id"]: hit["origin"] for hit in json.loads(answer(room, "/search.json").text)["hits"]}
    assert (hits[ZH], hits[TNW]) == ("wayback", "live")
    assert ",wayback," in answer(room, "/search.csv", q="公安部").text


def test_an_outlet_says_how_many_of_its_reports_are_on_the_day_of_a_capture(room: str) -> None:
    assert "1 report of 1 prints no date." in words(soup(room, "/outlets/tnw"))
    assert "prints no date" not in words(soup(room, "/outlets/xinhua"))


def test_captures_have_a_facet_for_their_origin(room: str) -> None:
    facets = json.loads(answer(room, "/archive/captures.json?_facet=origin&_extra=facet_results").text)
    assert "wayback" in json.dumps(facets["facet_results"])


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (COPY, "the Wayback Machine"),
        ("http://127.0.0.1:8080/coll/2012id_/http://x.example/", "the web archive at 127.0.0.1"),
        (None, "a web archive"),
        ("javascript:alert(1)", "a web archive"),
    ],
)
def test_a_web_archive_is_named_by_its_host(source: str | None, name: str) -> None:
    assert origins.name({"origin": "wayback", "source": source}) == name
    assert origins.name({"origin": "live", "source": None}) == "Dateline"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("window", [TELEPHONE, DESK])
def test_these_pages_fit_every_window_and_shut_nobody_out(
    looked: str, chromium: Chromium, window: ViewportSize, dark: bool
) -> None:
    pages = ("/captures/{edited}", "/reports/{unlooked}", "/reports/{edited}?version=1", "/coverage", "/outlets/xinhua",
        "/coverage?outlet=xinhua&year=2012")  # fmt: skip
    for path in pages:
        with chromium.reading(looked, window=window, dark=dark) as reader:
            page = reader.go(path.format(edited=EDITED, unlooked=ZH))
            assert overflow(page) == [], path
            assert violations(page) == [], path


def test_how_long_after_a_report_without_a_date_another_came_is_not_known() -> None:
    one, other = 2012072600300001, 2012072609300002
    assert lags.between(one, "minute", other, "minute").words == "9 hours later"
    assert lags.between(one, None, other, "minute").words == "at a time not known"
    assert not lags.between(one, "day", other, None).is_known
