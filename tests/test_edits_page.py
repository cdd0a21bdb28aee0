"""/edits and /takedowns: what changed after publication, what went, and what counts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from serving import answer, page, serving
from small_archive import SAMPLES, Sample, make_archive

from archive.differences import Run
from archive.publishing import make_public
from publish import spells
from publish.pages.edits import PAGE, Wanted, latest_edits, numbers
from publish.pages.takedowns import newest_missing
from publish.spells import duration, how, sure, when_next
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
    assert "figure changed" in words(found, "article .kind-of-change")
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


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Five edits: of each kind of change some, of both outlets and two languages, a day after one another."""
    samples = tuple(
        Sample(2016010100000000 + 10 * number, outlet, language, (("T", f"A {number}."), ("T", f"B {number}.")))
        for number, (outlet, language) in enumerate(
            [("xinhua", "zh-Hans"), ("xinhua", "en"), ("tnw", "en"), ("xinhua", "en"), ("tnw", "en")]
        )
    )
    connection = make_archive(tmp_path / "archive.db", samples)
    connection.execute("delete from replacements")
    for number, (sample, kinds) in enumerate(
        zip(samples, ("headline; figure changed", "figure changed; typo", "wording", "typo", "restored"), strict=True)
    ):
        connection.execute(
            "update versions set kinds = ?, seen_at = ? where report = ? and number = 2",
            [kinds, f"2016-02-0{number + 1}T10:00:00Z", sample.id],
        )
        connection.execute(
            "insert into replacements values (?, 1, ?, ?, '', ?, ?)",
            [sample.id + 1, sample.id, sample.outlet, "600 gangs" if number else "10_0%", f"became {number}"],
        )
    yield connection
    connection.close()


def numbered(connection: sqlite3.Connection, **wanted: Any) -> list[int]:
    """The samples of the edits that are wanted, newest first, by number."""
    return [(edit["id"] - 2016010100000000) // 10 for edit in latest_edits(connection, 9, Wanted(**wanted))]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"kinds": ("typo",)}, [3, 1]),
        ({"kinds": ("typo", "headline")}, [3, 1, 0]),
        ({"kinds": ("typo",), "outlet": "tnw"}, []),
        ({"outlet": "tnw"}, [4, 2]),
        ({"language": "zh-Hans"}, [0]),
        ({"since": date(2016, 2, 2), "until": date(2016, 2, 3)}, [2, 1]),
        ({"until": date(2016, 2, 1)}, [0]),
        ({"words": "GANGS"}, [4, 3, 2, 1]),
        ({"words": "became 2"}, [2]),
        ({"words": "0_0%"}, [0]),  # no sign means anything else than itself
        ({"words": "%"}, [0]),
        ({"words": "gangs", "kinds": ("restored", "figure changed"), "outlet": "xinhua"}, [1]),
    ],
)
def test_edits_are_narrowed(archive: sqlite3.Connection, wanted: dict[str, Any], expected: list[int]) -> None:
    assert numbered(archive, **wanted) == expected
    assert numbers(archive, Wanted(**wanted))[0] == len(expected)


def test_a_kind_that_is_part_of_anothers_name_is_not_that_one(archive: sqlite3.Connection) -> None:
    archive.execute("update versions set kinds = 'sentence added' where number = 2")
    assert numbered(archive, kinds=("sentence removed", "wording")) == []
    assert len(numbered(archive, kinds=("sentence added",))) == 5


def test_kinds_are_counted_under_the_other_filters(archive: sqlite3.Connection) -> None:
    total, kinds = numbers(archive, Wanted(kinds=("typo",)))
    assert (total, dict(kinds)) == (2, {"headline": 1, "figure changed": 2, "typo": 2, "wording": 1, "restored": 1})
    total, kinds = numbers(archive, Wanted(outlet="tnw"))
    assert (total, dict(kinds)) == (2, {"wording": 1, "restored": 1})


def test_the_page_keeps_its_filters_and_tells_the_feed(archive: sqlite3.Connection, tmp_path: Path) -> None:
    with serving(tmp_path / "archive.db") as address:
        found = soup(address, "/edits?kind=typo&kind=headline&outlet=xinhua&since=2016-02-01&words=a")
        assert words(found, ".result-head h2") == ["3 edits"]
        assert words(found, "article .kind-of-change") == [
            "typo",
            "figure changed",
            "typo",
            "headline",
            "figure changed",
        ]
        assert [box["value"] for box in found.select("input[type=checkbox][checked]")] == ["headline", "typo"]
        assert words(found, "fieldset label")[:2] == ["headline 1", "figure changed 2"]
        asked = "?outlet=xinhua&kind=headline&kind=typo&words=a&since=2016-02-01"
        (feed,) = found.select("link[rel=alternate][type='application/atom+xml']")
        assert feed["href"] == f"/edits.atom{asked}"
        assert answer(address, f"/edits.atom{asked}").text.count("<entry") == 3
        assert answer(address, "/edits?kind=lies").status == 400
        assert "is no day" in page(address, "/edits", since="yesterday")
        nothing = soup(address, "/edits", words="nowhere")
        assert "No edit is known under these filters." in words(nothing, ".entries")[0]
        assert [link["href"] for link in nothing.select(".entries a")] == ["/search?q=nowhere&removed=1"]


def test_a_public_edition_finds_no_words_that_it_does_not_tell(archive: sqlite3.Connection, tmp_path: Path) -> None:
    make_public(tmp_path / "archive.db", tmp_path / "public.db", "0", "2016-03-01T00:00:00Z")
    with closing(sqlite3.connect(tmp_path / "public.db")) as public:
        assert numbered(public, words="gangs") == [3, 1]  # of the state outlet
        assert numbered(public) == [4, 3, 2, 1, 0]


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


def plan(connection: sqlite3.Connection, begin: str, call: Callable[[], object]) -> str:
    """The query plan of the statement that begins so."""
    asked: list[str] = []
    connection.set_trace_callback(asked.append)
    call()
    connection.set_trace_callback(None)
    (sql,) = {sql for sql in asked if sql.lstrip().startswith(begin)}
    return " / ".join(row[3] for row in connection.execute(f"explain query plan {sql}"))


def test_edits_and_takedowns_come_from_an_index_and_not_from_a_scan(many: sqlite3.Connection) -> None:
    narrowed = Wanted(kinds=("typo",), outlet="xinhua", language="en", since=date(2013, 1, 1))
    for wanted in (Wanted(), narrowed):
        found = plan(many, "with page", lambda wanted=wanted: latest_edits(many, 5, wanted))  # type: ignore[misc]
        assert "versions USING COVERING INDEX versions_edits (seen_at" in found
        assert "SCAN versions" not in found
    assert "USING COVERING INDEX versions_edits" in plan(many, "select kinds", lambda: numbers(many, narrowed))
    missing = plan(many, "with page", lambda: newest_missing(many, 5))
    assert "takedowns USING INDEX takedowns_at" in missing


# /takedowns


def test_a_takedown_says_when_it_was_seen_how_it_looked_and_where_the_capture_is(room: str) -> None:
    found = soup(room, "/takedowns")
    assert words(found, "article .line-title") == ["澜屿一企业召回4.7万台取暖器"]
    seen, last_good = words(found, ".turns li")
    assert seen.endswith("first missing ( the capture )")
    assert last_good.endswith("the last capture that shows it")
    captures = [str(link["href"]) for link in found.select(".turns a")]
    assert len(captures) == 2
    assert all(href.startswith("/captures/") for href in captures)
    assert captures[0] != captures[1]
    (verdict,) = words(found, ".verdict")
    assert verdict.startswith("Seen missing once, while ")
    assert verdict.endswith("other reports of the outlet answered. The server answered 404, not found.")
    assert "The next look is due" in words(found, "article")[0]


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
    assert answer(server, "/takedowns", cause="spite").status == 400


@pytest.fixture
def taken(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Six spells: TAIWAN restored and gone again, CITIES suspected, TNW unconfirmed, ZH and RUSSIAN gone on one day."""
    connection = make_archive(tmp_path / "archive.db")
    connection.execute("delete from takedowns")
    for number, (report, outlet, state, cause, *times) in enumerate(
        [
            (TAIWAN, "xinhua", "restored", "soft-404", "2016-01-01", "2016-01-06", "2016-01-06", "2016-01-20"),
            (TAIWAN, "xinhua", "gone", "http-410", "2016-03-01", "2016-03-06", "2016-03-06", None),
            (CITIES, "xinhua", "suspected", "http-404", "2016-03-05", "2016-03-06", None, None),
            (TNW, "tnw", "unconfirmed", "front-page", "2016-02-10", "2016-02-10", None, "2016-02-11"),
            (ZH, "xinhua", "gone", "http-404", "2016-02-01", "2016-02-08", "2016-02-08", None),
            (RUSSIAN, "xinhua", "gone", "empty-page", "2016-02-01", "2016-02-09", "2016-02-09", None),
        ]
    ):
        for step in range(3):  # the captures that showed it missing, confirmed that, and showed it back
            connection.execute(
                "insert into captures (id, crawl, outlet, url, canonical, at, payload_length, warc, offset, length, origin, "
                "outcome, report) values (?, ?, ?, 'u', 'u', '2016-01-01T00:00:00Z', 0, 'w', ?, 0, 'live', ?, ?)",
                [10 * number + step + 1, f"c{number}", outlet, 10 * number + step, "report" if step == 2 else "missing",
                 report],
            )  # fmt: skip
        suspected, last, gone, back = (f"{time}T12:00:00Z" if time else None for time in times)
        connection.execute(
            "insert into takedowns values (?, ?, ?, ?, ?, ?, ?, 3, ?, ?, ?, ?, ?)",
            [10 * number + 1, report, outlet, state, cause, suspected, last, gone, gone and 10 * number + 2, back,
             back and 10 * number + 3, report],
        )  # fmt: skip
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [CITIES, TAIWAN, TNW, RUSSIAN, ZH, TAIWAN]),
        ({"states": ("gone",)}, [TAIWAN, RUSSIAN, ZH]),
        ({"states": spells.MISSING}, [CITIES, TAIWAN, RUSSIAN, ZH]),
        ({"outlet": "tnw"}, [TNW]),
        ({"cause": "http-404"}, [CITIES, ZH]),
        ({"since": date(2016, 2, 1), "until": date(2016, 2, 1)}, [RUSSIAN, ZH]),
        ({"since": date(2016, 2, 2), "states": ("gone",)}, [TAIWAN]),
    ],
)
def test_spells_are_narrowed_the_last_suspected_first(
    taken: sqlite3.Connection, wanted: dict[str, Any], expected: list[int]
) -> None:
    assert [spell["id"] for spell in spells.latest(taken, 9, spells.Wanted(**wanted))] == expected


def test_spells_are_counted_by_state_under_the_other_filters(taken: sqlite3.Connection) -> None:
    assert spells.numbers(taken, spells.Wanted(states=("gone",))) == {
        "gone": 3, "restored": 1, "suspected": 1, "unconfirmed": 1,
    }  # fmt: skip
    assert spells.numbers(taken, spells.Wanted(cause="http-404")) == {"gone": 1, "suspected": 1}


def test_pages_of_takedowns_follow_one_another(taken: sqlite3.Connection) -> None:
    first = spells.latest(taken, 4, spells.Wanted())
    before = (first[-1]["suspected_at"], first[-1]["spell"])  # between two of the same second
    second = spells.latest(taken, 4, spells.Wanted(), before)
    assert [spell["spell"] for spell in first + second] == [21, 11, 31, 51, 41, 1]


def test_every_event_of_a_spell_is_told_newest_first(taken: sqlite3.Connection) -> None:
    def told(limit: int = 20, **wanted: Any) -> list[tuple[str, str, int]]:
        found = spells.events(taken, limit, spells.Wanted(**wanted))
        return [(event["event"], event["at"][:10], event["capture"]) for event in found]

    everything = told()
    assert everything == [
        ("gone", "2016-03-06", 12), ("suspected", "2016-03-05", 21), ("suspected", "2016-03-01", 11),
        ("unconfirmed", "2016-02-11", 33), ("suspected", "2016-02-10", 31), ("gone", "2016-02-09", 52),
        ("gone", "2016-02-08", 42), ("suspected", "2016-02-01", 51), ("suspected", "2016-02-01", 41),
        ("restored", "2016-01-20", 3), ("gone", "2016-01-06", 2), ("suspected", "2016-01-01", 1),
    ]  # fmt: skip
    assert told(limit=2) == everything[:2]
    assert told(states=("restored", "unconfirmed")) == [everything[3], everything[9]]
    assert told(outlet="tnw") == [everything[3], everything[4]]
    # Days are those of the event, not of the spell.
    assert told(since=date(2016, 2, 9), until=date(2016, 2, 11)) == everything[3:6]


def test_a_report_that_was_away_twice_has_both_spells(taken: sqlite3.Connection) -> None:
    found = spells.of_report(taken, TAIWAN)
    assert [(spell["spell_state"], spell["suspected_at"][:10]) for spell in found] == [
        ("gone", "2016-03-01"), ("restored", "2016-01-01"),
    ]  # fmt: skip
    assert spells.of_report(taken, EDITED) == []


def test_on_the_first_page_those_that_went_last_stand_first(taken: sqlite3.Connection) -> None:
    assert [each["id"] for each in newest_missing(taken, 3)] == [CITIES, TAIWAN, RUSSIAN]


def test_the_page_of_takedowns_keeps_its_filters(taken: sqlite3.Connection, tmp_path: Path) -> None:
    taken.close()
    with serving(tmp_path / "archive.db") as address:
        found = soup(address, "/takedowns", state="all", cause="front-page", until="2016-02-28")
        assert words(found, ".orders a") == [
            "All that are missing 0", "Not found at the last look 0", "Gone 0", "Restored 0",
            "Back before it was called gone 1", "All 1",
        ]  # fmt: skip
        assert words(found, ".verdict") == [
            "Seen missing 3 times over 1 minute. The address led to the outlet’s front page."
        ]
        assert "then back before it was called gone" in words(found, ".entry-when")[0]
        assert words(found, ".turns li")[1].endswith("back, before it was called gone ( the capture )")
        (feed,) = found.select("link[rel=alternate][type='application/atom+xml']")
        assert feed["href"] == "/takedowns.atom?state=all&cause=front-page&until=2016-02-28"
        assert answer(address, str(feed["href"])).text.count("<entry") == 2
        assert answer(address, "/takedowns.atom", state="gone").text.count("<entry") == 4


# How sure


def test_how_sure_a_takedown_is_follows_from_its_looks_and_from_the_others_of_that_crawl() -> None:
    spell = {"suspected_at": "2016-01-01T00:00:00Z", "last_missing_at": "2016-01-04T02:00:00Z", "looks": 4}
    assert sure(spell, 5) == "seen missing 4 times over 74 hours, while 5 other reports of the outlet answered"
    assert sure(spell, 100).endswith("while 100 or more other reports of the outlet answered")
    assert sure(spell | {"looks": 2}, 1) == (
        "seen missing twice over 74 hours, while 1 other report of the outlet answered"
    )
    assert sure(spell | {"looks": 1}, 0) == "seen missing once"


def test_other_reports_count_once_and_only_those_of_the_same_crawl(taken: sqlite3.Connection) -> None:
    look = (
        "insert into captures (id, crawl, outlet, url, canonical, at, payload_length, warc, offset, length, origin, "
        "outcome, report) values (?, ?, 'xinhua', 'u', 'u', '2016-01-01T00:00:00Z', 0, 'w', ?, 0, 'live', ?, ?)"
    )
    for number, (crawl, outcome, report) in enumerate(
        [
            ("c2", "report", ZH), ("c2", "unchanged", ZH), ("c2", "unchanged", RUSSIAN), ("c2", "missing", EDITED),
            ("c2", "failed", EDITED), ("other", "report", EDITED), (None, "report", EDITED), ("c2", "report", CITIES),
        ]
    ):  # fmt: skip
        taken.execute(look, [900 + number, crawl, 900 + number, outcome, report])
    assert spells.others_there(taken, 21, CITIES) == 2
    assert spells.others_there(taken, 906, ZH) == 0  # made by no crawl
    assert spells.others_there(taken, 12345, ZH) == 0


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2016-01-01T00:00:00Z", "2016-01-01T00:00:10Z", "1 minute"),
        ("2016-01-01T00:00:00Z", "2016-01-01T00:40:00Z", "40 minutes"),
        ("2016-01-01T00:00:00Z", "2016-01-05T23:00:00Z", "119 hours"),
        ("2016-01-01T00:00:00Z", "2016-01-06T00:00:00Z", "5 days"),
    ],
)
def test_a_span_is_told_in_the_unit_that_fits(first: str, last: str, said: str) -> None:
    assert duration(first, last) == said


def test_the_next_look_is_told_where_one_is_planned() -> None:
    now = datetime.fromisoformat("2016-01-01T12:00:00Z")
    assert when_next(None, now) == ""
    assert when_next("2016-01-01T12:00:00Z", now) == "the next look is due now"
    assert when_next("2016-01-02T12:00:00Z", now) == "the next look is due on 2 January 2016, 12:00 UTC"


def test_every_cause_is_told_in_words() -> None:
    assert how("http-404") == "the server answered 404, not found"
    assert how("section-page") == "the address led to the page of a section"
    assert how("http-451") == "the server answered 451"
