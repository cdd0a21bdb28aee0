"""/edits and /takedowns: what changed after publication, what went, and what counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from serving import answer, page, serving
from small_archive import SAMPLES, Sample, make_archive

from publish.differences import Run
from publish.pages.edits import PAGE, latest_edits
from publish.pages.takedowns import how, latest_missing, newest_missing, turns
from publish.wording import edit_in_a_line

ZH, TNW, EDITED, TAIWAN, RUSSIAN, CITIES = (sample.id for sample in SAMPLES)


def soup(server: str, path: str, **query: str) -> BeautifulSoup:
    return BeautifulSoup(page(server, path, **query), "lxml")


def words(found: BeautifulSoup, selector: str) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in found.select(selector)]


# An edit in a line


def runs(before: str, after: str, titles: tuple[str, str] = ("", "")) -> list[tuple[str, str]]:
    return [(run.kind, run.text) for run in edit_in_a_line((titles[0], before), (titles[1], after))]


def test_a_number_that_changed_stands_in_its_sentence() -> None:
    assert runs("It rained. Police crushed 600 gangs.", "It rained. Police crushed 500 gangs.") == [
        ("equal", "Police crushed "), ("removed", "600"), ("added", "500"), ("equal", " gangs."),
    ]  # fmt: skip


def test_chinese_is_compared_by_the_character() -> None:
    assert runs("警方抓获一万人。", "警方抓获两万人。") == [
        ("equal", "警方抓获"), ("removed", "一"), ("added", "两"), ("equal", "万人。"),
    ]  # fmt: skip


def test_a_changed_title_comes_first() -> None:
    assert runs("A. B.", "A. C.", ("Gangs crushed", "Gangs held"))[:2] == [("equal", "Gangs "), ("removed", "crushed")]


def test_a_sentence_that_went_stands_alone() -> None:
    assert runs("A is here. B was removed.", "A is here.") == [("removed", "B was removed.")]
    assert runs("A is here.", "A is here. B came.") == [("added", "B came.")]


def test_sentences_with_little_in_common_are_shown_whole() -> None:
    assert runs("Nobody was hurt.", "Three workers died in the fire, officials said.") == [
        ("removed", "Nobody was hurt."), ("added", "Three workers died in the fire, officials said."),
    ]  # fmt: skip


def test_spacing_is_no_edit() -> None:
    assert runs("A is here.\n\nB too.", "A is here. B too.") == []


def test_what_is_far_from_the_change_is_left_out() -> None:
    long = "x" * 100
    found = edit_in_a_line(("", f"{long} 600 {long}."), ("", f"{long} 500 {long}."))
    assert found == [
        Run("equal", "…" + "x" * 27 + " "),
        Run("removed", "600"),
        Run("added", "500"),
        Run("equal", " " + "x" * 27 + "…"),
    ]


# /edits


def test_an_edit_leads_to_the_report_and_its_changes(room: str) -> None:
    found = soup(room, "/edits")
    assert words(found, "article h3") == ["望澜地铁2号线延伸段开通 首日客流超预期"]
    assert (words(found, "article del"), words(found, "article ins")) == (["18.3", "近三成"], ["13.8"])
    assert "4 characters added, 26 removed" in words(found, "article")[0]
    hrefs = [str(link["href"]) for link in found.select("article a")]
    assert hrefs[0].startswith("/reports/20260922")
    assert f"{hrefs[0]}/changes?from=1&to=2" in hrefs


def test_the_feeds_are_named_in_the_head(room: str) -> None:
    for path in ("/edits", "/takedowns"):
        (feed,) = soup(room, path).select("link[rel=alternate][type='application/atom+xml']")
        assert feed["href"] == f"{path}.atom"
        assert answer(room, f"{path}.atom").status == 200


def test_edits_are_narrowed_to_an_outlet(server: str) -> None:
    assert words(soup(server, "/edits", outlet="xinhua"), "article h3") == ["Police crush gangs"]
    assert words(soup(server, "/edits", outlet="tnw"), "article h3") == []
    assert soup(server, "/edits", outlet="xinhua").select_one("option[selected]")["value"] == "xinhua"  # type: ignore[index]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """PAGE + 5 edited reports of Xinhua, a minute after one another, two of them at the same second; and gone."""
    samples = [
        Sample(201301010000_0000 + number * 10_000 + number, "xinhua", "en", ((f"T {number}", "Over 600."), (f"T {number}", "Over 500.")),
               state="gone" if number % 2 else "live")
        for number in range(PAGE + 5)
    ]  # fmt: skip
    archive = make_archive(tmp_path_factory.mktemp("many") / "archive.db", tuple(samples))
    archive.execute("update versions set seen_at = (select min(seen_at) from versions) where report in "
                    "(select id from reports order by id limit 2)")  # fmt: skip
    yield archive
    archive.close()


def test_pages_of_edits_follow_one_another_without_loss_or_repetition(many: sqlite3.Connection) -> None:
    path = Path(many.execute("pragma database_list").fetchone()[2])
    with serving(path) as address:
        first = soup(address, "/edits")
        (more,) = (str(link["href"]) for link in first.select("a[rel=next]"))
        second = soup(address, more)
        titles = words(first, "article h3") + words(second, "article h3")
        assert titles == [f"T {number}" for number in range(PAGE + 4, -1, -1)]
        assert second.select("a[rel=next]") == []
        assert words(second, ".pager a") == ["Newest"]


@pytest.mark.parametrize("path", ["/edits", "/takedowns"])
def test_a_page_that_never_was_is_explained(server: str, path: str) -> None:
    found = answer(server, path, after="yesterday")
    assert found.status == 400
    assert "“yesterday” is not where a page ends" in found.text


def test_edits_and_takedowns_come_from_an_index_and_not_from_a_scan(many: sqlite3.Connection) -> None:
    asked: list[str] = []
    many.set_trace_callback(asked.append)
    latest_edits(many, 5)
    latest_missing(many, 5)
    many.set_trace_callback(None)
    main = [sql for sql in asked if sql.lstrip().startswith(("with page", "select reports.id, title"))]
    plans = [" / ".join(row[3] for row in many.execute(f"explain query plan {sql}")) for sql in main]
    assert len(plans) == 2
    assert "USING INDEX versions_edits" in plans[0]
    assert "USING INDEX reports_missing" in plans[1]


# /takedowns


def test_a_takedown_says_when_it_was_seen_how_it_looked_and_where_the_capture_is(room: str) -> None:
    found = soup(room, "/takedowns")
    assert words(found, "article .line-title") == ["澜屿一企业召回4.7万台取暖器"]
    seen, last_good = words(found, ".turns li")
    assert "not found at the last look, since the server answered 404, not found" in seen
    assert last_good.startswith("As it last was")
    captures = [str(link["href"]) for link in found.select(".turns a")]
    assert len(captures) == 2
    assert all(href.startswith("/captures/") for href in captures)
    assert captures[0] != captures[1]


def test_it_says_what_counts_and_what_does_not(room: str) -> None:
    rules = words(soup(room, "/takedowns"), ".rules")[0]
    assert "404 or 410" in rules
    assert "72 hours" in rules
    assert "What does not count: an error of the server or the network, a refusal" in rules


def test_takedowns_are_narrowed_by_state_and_outlet(server: str) -> None:
    assert words(soup(server, "/takedowns"), "article .line-title") == ["臺灣經濟"]
    assert words(soup(server, "/takedowns", state="gone"), "article .line-title") == ["臺灣經濟"]
    assert words(soup(server, "/takedowns", state="suspected"), "article .line-title") == []
    assert words(soup(server, "/takedowns", outlet="tnw"), "article .line-title") == []
    assert answer(server, "/takedowns", state="lost").status == 400


def test_each_turn_of_a_report_is_told_newest_first(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive.db")
    at = 1_900_000_000_000_000
    for number, (day, outcome, status) in enumerate(
        [
            ("2013-02-01", "missing", 404),
            ("2013-02-02", "server-error", 503),
            ("2013-02-05", "missing", 410),
            ("2013-03-01", "report", 200),
        ]
    ):
        archive.execute(
            "insert into captures (id, outlet, url, canonical, at, status, payload_length, warc, offset, length, origin, outcome, report) "
            "values (?, 'xinhua', 'u', 'u', ?, ?, 0, 'w', ?, 0, 'live', ?, ?)",
            [at + number, f"{day}T00:00:00Z", status, number, outcome, TAIWAN],
        )
    assert [(turn["at"][:10], turn["state"], turn["capture"], turn["how"]) for turn in turns(archive, TAIWAN)] == [
        ("2013-03-01", "restored", at + 3, "the report was there"),
        ("2013-02-05", "gone", at + 2, "the server answered 410, gone for good"),
        ("2013-02-01", "suspected", at, "the server answered 404, not found"),
    ]
    archive.close()


def test_on_the_first_page_those_that_went_last_stand_first(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive.db")
    for number, (report, day, checked) in enumerate(
        [(TAIWAN, "2013-02-01", "2016-01-01"), (CITIES, "2015-03-01", "2015-03-01")]
    ):
        archive.execute(
            "update reports set state = 'suspected', last_checked = ? where id = ?", [f"{checked}T00:00:00Z", report]
        )
        archive.execute(
            "insert into captures (id, outlet, url, canonical, at, status, payload_length, warc, offset, length, origin, outcome, "
            "report) values (?, 'xinhua', 'u', 'u', ?, 404, 0, 'w', ?, 0, 'live', 'missing', ?)",
            [number + 1, f"{day}T00:00:00Z", number, report],
        )
    assert [each["id"] for each in latest_missing(archive, 5)] == [TAIWAN, CITIES]  # by the last look
    assert [each["id"] for each in newest_missing(archive, 5)] == [CITIES, TAIWAN]
    archive.close()


def test_a_redirect_and_another_page_in_its_place_are_told_apart() -> None:
    looked = {"outcome": "missing", "status": 302, "redirect_to": "https://www.news.cn/", "reason": None}
    assert how(looked) == "the address led to https://www.news.cn/"
    assert how(looked | {"status": 200, "redirect_to": None}) == "the server showed another page in its place"
