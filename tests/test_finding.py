"""A search gives the reports that hold the words, in order and page by page, and counts them."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_archive import SAMPLES, Sample, make_archive, write

from archive import estimate
from archive.finding import Search, find, overview, timeline
from archive.search import add_to_index

ZH, TNW, EDITED, TAIWAN, RUSSIAN, CITIES = (sample.id for sample in SAMPLES)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = make_archive(tmp_path / "archive.db")
    yield connection
    connection.close()


def _ids(connection: sqlite3.Connection, words: str = "", **filters: Any) -> list[int]:
    return [hit.id for hit in find(connection, Search(words, **filters)).hits]


@pytest.mark.parametrize(
    ("words", "reports"),
    [
        ("北京", [CITIES, ZH]),  # newest first
        ("公安部", [ZH]),
        ("京", [CITIES, TAIWAN, ZH]),
        ("南京", [ZH]),  # a caption
        ("習近平", [ZH]),
        ("东京", [TAIWAN]),
        ("台湾 经济", [TAIWAN]),
        ('"police arrested"', [TNW]),
        ("Zurich", [TNW]),
        ("Zürich", [TNW]),
        ("московский врач", [RUSSIAN]),
        ("title:北京", [CITIES]),
        ("600 gangs", [EDITED]),
        ('"over 600 gangs"', [EDITED]),  # as it stood before the edit
        ("removed:600", [EDITED]),
        ("removed:500", []),
        ("police kind:state", [EDITED]),
        ("police kind:secondary", [TNW]),
        ("language:zh", [CITIES, TAIWAN, ZH]),
        ("language:zh-Hant", [TAIWAN]),
        ("state:gone", [TAIWAN]),
        ("police year:2012", [EDITED, TNW]),
        ("京 month:2013-01", [TAIWAN]),
        ("京 -outlet:xinhua", []),
        ("xinhua", [TNW]),  # the word in a text, not the outlet
        ("上海北京", []),  # not across punctuation
    ],
)
def test_search_finds_the_reports_that_hold_the_words(
    archive: sqlite3.Connection, words: str, reports: list[int]
) -> None:
    assert _ids(archive, words) == reports
    assert _ids(archive, words, order="oldest") == reports[::-1]
    assert sorted(_ids(archive, words, order="relevance")) == sorted(reports)
    counts = overview(archive, Search(words))
    assert (counts.counted, counts.total, counts.exact, counts.since) == (len(reports), len(reports), True, None)


@pytest.mark.parametrize(
    ("filters", "reports"),
    [
        ({"words": "police", "outlet": "tnw"}, [TNW]),
        ({"words": "police", "kind": "state"}, [EDITED]),
        ({"words": "京", "outlet": "xinhua", "language": "zh-Hans"}, [CITIES, ZH]),
        ({"words": "京", "language": "zh"}, [CITIES, TAIWAN, ZH]),
        ({"words": "京", "state": "gone"}, [TAIWAN]),
        ({"words": "京 -上"}, [TAIWAN, ZH]),
        ({"words": "京 打 击 网 络 犯 罪"}, [ZH]),
        ({"words": "京 OR 湾"}, [CITIES, TAIWAN, ZH]),
        ({"words": "京 公安部"}, [ZH]),
        ({"words": "title:京"}, [CITIES]),
        ({"words": "公安部 pol* arr* gan* xin* zur*"}, []),  # the fifth is left out, the others are not there
        ({"words": "poli* arr* Xinh* peo* absent*"}, [TNW]),
        ({"words": "京", "since": date(2013, 1, 1)}, [CITIES, TAIWAN]),
        ({"words": "京", "until": date(2012, 7, 26)}, [ZH]),
        ({"words": "京", "until": date(2012, 7, 25)}, []),
        ({"words": "police", "since": datetime(2012, 7, 26, 9, 30)}, [EDITED, TNW]),
        ({"words": "police", "since": datetime(2012, 7, 26, 9, 31)}, [EDITED]),
        ({"words": "police", "outlet": "tnw", "until": date(2012, 7, 26)}, [TNW]),
        ({"words": "police", "outlet": "nowhere"}, []),
        ({}, [CITIES, RUSSIAN, TAIWAN, EDITED, TNW, ZH]),
        ({"words": " "}, [CITIES, RUSSIAN, TAIWAN, EDITED, TNW, ZH]),
        ({"outlet": "tnw"}, [TNW]),
        ({"state": "gone"}, [TAIWAN]),
        ({"since": date(2012, 7, 27), "until": date(2014, 5, 6)}, [RUSSIAN, TAIWAN, EDITED]),
        ({"since": date(2014, 1, 1), "until": date(2013, 1, 1)}, []),
        ({"words": "600", "removed": True}, [EDITED]),
        ({"words": "500", "removed": True}, []),
        ({"words": "title:600", "removed": True}, [EDITED]),
        ({"words": "600 outlet:xinhua", "removed": True}, [EDITED]),
        ({"words": "600 -500", "removed": True}, [EDITED]),
        ({"words": "", "removed": True}, []),
    ],
)
def test_filters_narrow_a_search(archive: sqlite3.Connection, filters: dict[str, Any], reports: list[int]) -> None:
    assert _ids(archive, **filters) == reports
    assert overview(archive, Search(**filters)).total == len(reports)


def test_relevance_puts_a_title_before_a_body(tmp_path: Path) -> None:
    samples = (
        Sample(2020010100000001, "xinhua", "en", (("A storm", "Rain fell on the coast."),)),
        Sample(2020010200000002, "xinhua", "en", (("The weather", "A storm and rain fell on the coast."),)),
    )
    connection = make_archive(tmp_path / "archive.db", samples)
    assert _ids(connection, "storm") == [2020010200000002, 2020010100000001]
    assert _ids(connection, "storm", order="relevance") == [2020010100000001, 2020010200000002]
    connection.close()


def test_a_hit_shows_the_place_and_says_when_it_was_edited_out(archive: sqlite3.Connection) -> None:
    (hit,) = find(archive, Search("公安部")).hits
    assert hit.snippet.startswith("新华社北京7月26日电 **公安部**26日通报")
    assert not hit.in_removed
    (hit,) = find(archive, Search("600")).hits
    assert hit.snippet == "Police crushed over **600** gangs."
    assert hit.in_removed
    (hit,) = find(archive, Search("500")).hits
    assert not hit.in_removed


# Page by page


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """60 reports, several a minute, on twenty days of three months: 40 of xinhua and 20 of tnw; the words tell which."""
    connection = make_archive(tmp_path_factory.mktemp("crowd") / "archive.db", CROWD)
    yield connection
    connection.close()


CROWD = tuple(
    Sample(
        int(f"2012{5 + number // 20:02}{1 + number // 3 % 20:02}0930") * 10_000 + number,
        "tnw" if number % 3 == 2 else "xinhua",
        ("zh-Hans", "en", "en")[number % 3],
        (
            (
                f"Report {number}",
                f"common {'京' if number % 3 == 0 else ''} {'even' if number % 2 == 0 else 'odd'} " * (number % 5 + 1),
            ),
        ),
        state="gone" if number == 30 else "live",
    )
    for number in range(60)
)
WORDS = st.sampled_from(
    ["", "common", "even", "odd", "京", "common -odd", "report", "absent", "co*", "com*", "30 OR 31"]
)
SEARCHES = st.builds(
    Search,
    words=WORDS,
    outlet=st.sampled_from(["", "xinhua", "tnw"]),
    language=st.sampled_from(["", "zh", "en"]),
    kind=st.sampled_from(["", "state", "secondary"]),
    state=st.sampled_from(["", "live", "gone"]),
    since=st.sampled_from([None, date(2012, 6, 3), datetime(2012, 6, 3, 9, 31)]),
    until=st.sampled_from([None, date(2012, 6, 18), datetime(2012, 7, 2, 9, 30)]),
    order=st.sampled_from(["newest", "oldest", "relevance"]),
)


def _expected(search: Search) -> list[Sample]:
    """What a search must find, by reading every report; newest first."""

    def holds(sample: Sample) -> bool:
        number = sample.id % 10_000
        _, body = sample.wordings[0]
        holds_words = {
            "": True,
            "co*": False,  # too short for a beginning of words
            "com*": True,
            "report": True,
            "absent": False,
            "common -odd": number % 2 == 0,
            "30 OR 31": number in (30, 31),
        }.get(search.words, search.words in body)
        at = datetime.strptime(str(sample.id)[:12], "%Y%m%d%H%M")
        since, until = search.since or date.min, search.until or date.max
        return (
            holds_words
            and search.outlet in ("", sample.outlet)
            and search.language in ("", sample.language.partition("-")[0])
            and search.kind in ("", "secondary" if sample.outlet == "tnw" else "state")
            and search.state in ("", sample.state)
            and (at if isinstance(since, datetime) else at.date()) >= since
            and (at if isinstance(until, datetime) else at.date()) <= until
        )

    return [sample for sample in reversed(CROWD) if holds(sample)]


@given(SEARCHES, st.integers(1, 70))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_paging_shows_each_hit_once_and_in_order(crowd: sqlite3.Connection, search: Search, limit: int) -> None:
    shown: list[int] = []
    after = ""
    while True:
        found = find(crowd, search, limit, after)
        assert len(found.hits) <= limit
        shown += [hit.id for hit in found.hits]
        after = found.next
        if not after:
            break
        assert len(found.hits) == limit
    expected = [sample.id for sample in _expected(search)]
    if found.order == "relevance":
        whole = [hit.id for hit in find(crowd, search, 100).hits]
        assert shown == whole
        assert sorted(shown) == sorted(expected)
    else:
        assert shown == (expected[::-1] if search.order == "oldest" else expected)


@given(SEARCHES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_overview_counts_what_reading_every_report_would(crowd: sqlite3.Connection, search: Search) -> None:
    expected = _expected(search)
    counts = overview(crowd, search)
    assert (counts.counted, counts.total, counts.exact, counts.since) == (len(expected), len(expected), True, None)
    if not expected:
        return
    values = {
        "outlet": [sample.outlet for sample in expected],
        "language": [sample.language for sample in expected],
        "kind": ["secondary" if sample.outlet == "tnw" else "state" for sample in expected],
        "state": [sample.state for sample in expected],
        "year": ["2012"] * len(expected),
    }
    assert {name: dict(found) for name, found in counts.facets.items()} == {
        name: dict(Counter(found)) for name, found in values.items()
    }
    assert all(hits == sorted(hits, key=lambda each: -each[1]) for hits in counts.facets.values())
    months = Counter((f"2012-{str(sample.id)[4:6]}", sample.outlet) for sample in expected)
    assert {(month, outlet): hits for month, by in counts.months.items() for outlet, hits in by.items()} == months
    assert timeline(crowd, search).months == counts.months


def test_pages_go_on_where_they_were_when_reports_arrive_in_between(archive: sqlite3.Connection) -> None:
    first = find(archive, Search("京"), 1)
    assert ([hit.id for hit in first.hits], first.next) == ([CITIES], str(CITIES))
    archive.execute("begin")
    write(archive, late := Sample(2020010100000009, "tnw", "zh-Hans", (("京", "京"),)))
    add_to_index(archive, [late.id])
    archive.execute("commit")
    second = find(archive, Search("京"), 1, first.next)
    assert [hit.id for hit in second.hits] == [TAIWAN]
    third = find(archive, Search("京"), 1, second.next)
    assert ([hit.id for hit in third.hits], third.next) == ([ZH], "")


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "1:2", "1;drop", "9" * 30, "１", " 1"])
def test_a_page_that_is_none_of_this_order_is_refused(archive: sqlite3.Connection, after: str) -> None:
    with pytest.raises(ValueError, match="is not where a page of newest hits ends; begin at the first page"):
        find(archive, Search("京"), after=after)


@pytest.mark.parametrize("after", ["1", "nan:1", "inf:1", "1e999:1", "-1.5:x"])
def test_a_ranked_page_that_is_none_is_refused(archive: sqlite3.Connection, after: str) -> None:
    with pytest.raises(ValueError, match="relevance"):
        find(archive, Search("police", order="relevance"), after=after)


def test_what_cannot_be_ranked_comes_newest_first_and_says_so(archive: sqlite3.Connection) -> None:
    assert find(archive, Search("京", order="relevance")).order == "newest"
    assert find(archive, Search(order="relevance")).order == "newest"
    assert find(archive, Search("公安部", order="relevance")).order == "relevance"
    assert find(archive, Search("公安部", order="oldest")).order == "oldest"


def test_a_hit_tells_what_a_page_shows_of_it(archive: sqlite3.Connection) -> None:
    (hit,) = find(archive, Search("police", outlet="tnw")).hits
    assert (hit.id, hit.outlet, hit.kind, hit.language, hit.state, hit.versions) == (
        TNW, "tnw", "secondary", "en", "live", 1,
    )  # fmt: skip
    assert (hit.published_at, hit.published_precision, hit.published_local, hit.source_label) == (
        "2012-07-26T09:30:00Z", "minute", None, None,
    )  # fmt: skip


# Counting


def test_no_more_hits_than_the_cap_are_looked_at_and_the_rest_is_estimated(crowd: sqlite3.Connection) -> None:
    counts = overview(crowd, Search("common"), cap=10)
    assert (counts.counted, counts.exact, counts.since) == (10, False, CROWD[50].id)
    assert counts.total == 60  # so few are held that every day is sampled
    assert sum(hits for _, hits in counts.facets["outlet"]) == 10
    assert list(counts.months) == ["2012-07"]
    line = timeline(crowd, Search("common", outlet="xinhua"), cap=10)
    assert (line.counted, line.exact) == (10, False)
    assert line.months == {"2012-07": {"xinhua": 10}}
    assert line.held == {"2012-05": {"xinhua": 14}, "2012-06": {"xinhua": 13}, "2012-07": {"xinhua": 13}}


def test_an_estimate_is_weighed_by_what_is_held(crowd: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "_SAMPLES", 3)
    monkeypatch.setattr(estimate, "_SAMPLED", 3)  # three of the sixteen or so reports of a stretch
    assert overview(crowd, Search("common"), cap=10).total == 60
    assert overview(crowd, Search("odd OR even -京"), cap=10).total == pytest.approx(30 + 20, abs=15)


def test_what_is_held_is_the_same_whatever_the_words(archive: sqlite3.Connection) -> None:
    found, nothing = timeline(archive, Search("police")), timeline(archive, Search("没有这个词"))
    assert found.months == {"2012-07": {"tnw": 1, "xinhua": 1}}
    assert nothing.months == {}
    assert found.held == nothing.held == {
        "2012-07": {"tnw": 1, "xinhua": 2},
        "2013-01": {"xinhua": 1},
        "2014-05": {"xinhua": 1},
        "2015-01": {"xinhua": 1},
    }  # fmt: skip
    assert timeline(archive, Search("police", kind="secondary")).held == {"2012-07": {"tnw": 1}}
    assert timeline(archive, Search("police", language="zh", since=date(2013, 1, 1))).held == {
        "2013-01": {"xinhua": 1},
        "2015-01": {"xinhua": 1},
    }


def test_everything_is_counted_from_what_is_held(archive: sqlite3.Connection) -> None:
    counts = overview(archive, Search(), cap=2)
    assert (counts.counted, counts.total, counts.exact) == (6, 6, True)
    assert counts.facets == {
        "outlet": [("xinhua", 5), ("tnw", 1)],
        "language": [("en", 2), ("zh-Hans", 2), ("ru", 1), ("zh-Hant", 1)],
        "kind": [("state", 5), ("secondary", 1)],
        "state": [("live", 5), ("gone", 1)],
        "year": [("2015", 1), ("2014", 1), ("2013", 1), ("2012", 3)],
    }
