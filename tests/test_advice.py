"""A query that means something else than it seems to is explained."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_archive import make_archive

from archive.advice import problems
from archive.finding import Search


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    connection = make_archive(tmp_path_factory.mktemp("advice") / "archive.db")
    yield connection
    connection.close()


@pytest.mark.parametrize(
    "words",
    [
        "",
        "公安部",
        "公安部 北京",
        '"police arrested"',
        "“警方抓获” 《条例》",
        "police*",
        "北京*",
        "gangs -drugs",
        "gangs NOT drugs",
        "Beijing OR 北京",
        "(gangs OR 团伙) AND 2012",
        "(gangs OR 团伙) -sports",
        "a OR (b -c)",
        "title:北京 标题:北京 body:police removed:gangs",
        "outlet:xinhua language:zh language:zh-Hans kind:state state:gone year:2012 month:2012-07",
        "标题：北京 －上海",
        "COVID-19 3.2% 9:30 http://www.news.cn/a.html U.S.",
        "Beijing: police",
        "or",
        "京 沪 津 渝 冀 -晋",
        '"trick or treat"',
    ],
)
def test_a_good_query_needs_no_word(archive: sqlite3.Connection, words: str) -> None:
    assert problems(archive, Search(words)) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ('"police arrested', 'A quotation mark (") has no partner: all that follows it, police arrested, was taken as'),
        (
            'police"',
            'A quotation mark (") has no partner: it was passed over. Put one on each side: "police arrested".',
        ),
        ("“公安部", "“ and ” do not pair, and were passed over. Put one on each side: “北京”."),
        ("条例》", "《 and 》 do not pair"),
        ("(a OR b", "A parenthesis was opened and not closed: it was taken to end with the query. Close it with )."),
        ("a) b", "A parenthesis closes none that is open, and was passed over. Open it with (."),
        ("(" * 25 + "a" + ")" * 25, "Parentheses are nested more than 20 deep"),
        ("-sports", "Only what must not be there was given, and nothing can be found by that alone. Add a word"),
        ("NOT gangs -drugs", "Only what must not be there was given"),
        ("。。。", "There is no letter, number or character to look for. Type a word, such as 公安部 or police."),
        ("*", "There is no letter, number or character to look for."),
        ("police OR", 'OR has no word on one side, and was passed over. Write police OR gangs, or "or" for the word'),
        ("OR police", "OR has no word on one side"),
        ("police AND", "AND has no word on one side"),
        ("(AND police) x", "AND has no word on one side"),
        ("police OR OR gangs", "OR has no word on one side"),
        (
            "gangs NOT",
            "NOT has nothing behind it, and was looked for as a word. Write gangs NOT drugs, or gangs -drugs.",
        ),
        ("police OR -gangs", "OR with a minus behind it would be nearly everything, and that choice was left out."),
        ("police or gangs", "“or” in small letters was looked for as a word; OR in capitals finds either."),
        ("police and gangs", "“and” in small letters was looked for as a word; leave it out: all words must be there"),
        ("police not gangs", "“not” in small letters was looked for as a word; NOT in capitals, or a minus, leaves a"),
        (
            "titel:北京",
            "“titel:” is no field, and was looked for as a word. Did you mean title:? The fields are title:, body:, "
            "removed:, outlet:, language:, kind:, state:, year:, month:.",
        ),
        ("site:xinhua", "“site:” is no field, and was looked for as a word. Did you mean outlet:?"),
        ('author:"Li Na"', "“author:” is no field, and was looked for as a word. The fields are"),
        (
            "title: 北京",
            "title: stands alone, and was looked for as a word. Write title: and the word without a space.",
        ),
        ("outlet:xinhau x", "outlet:xinhau: the archive has no such outlet. It has tnw, xinhua."),
        ("x language:fr", "language:fr: the archive has no such language. It has en, ru, zh-Hans, zh-Hant."),
        ("x kind:private", "kind:private: the archive has no such kind. It has state, secondary."),
        ("x state:deleted", "state:deleted: the archive has no such state. It has live, suspected, gone, restored."),
        ("x year:12", "year:12: a year is four digits, year:2012."),
        ("x month:07/2012", "month:07/2012: a month is written month:2012-07."),
        ("po*", "po* is too short for a beginning of words, and was looked for as the word “po”. Type at least 3"),
        (
            "ab1* ab2* ab3* ab4* ab5*",
            "Only the first 4 beginnings of words (police*) and single characters beside other",
        ),
        ("警方 京 沪 津 渝 冀", "Only the first 4 beginnings of words"),
        ("po*ice", "* works at the end of a word only: po*ice was looked for as “po ice”."),
    ],
)
def test_a_wrong_query_is_explained(archive: sqlite3.Connection, words: str, sentence: str) -> None:
    (problem,) = problems(archive, Search(words))
    assert problem.startswith(sentence)
    assert problem.endswith(".")


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ({"outlet": "cnn"}, "“cnn”: the archive has no such outlet. It has tnw, xinhua."),
        ({"language": "de"}, "“de”: the archive has no such language. It has en, ru, zh-Hans, zh-Hant."),
        ({"kind": "x"}, "“x”: the archive has no such kind. It has state, secondary."),
        ({"state": "x"}, "“x”: the archive has no such state. It has live, suspected, gone, restored."),
        (
            {"since": date(2013, 1, 1), "until": date(2012, 1, 1)},
            "2013-01-01 is later than 2012-01-01: no day lies between them. Change one of the dates.",
        ),
        ({"removed": True}, "Removed text is looked for by its words: type some that an edit may have taken out."),
        ({"words": "title:x", "removed": True}, "title: was passed over, since only removed text is searched."),
        (
            {"words": "京", "order": "relevance"},
            "Single characters cannot be ranked: the newest come first. Two characters or more can be.",
        ),
    ],
)
def test_wrong_filters_are_explained(archive: sqlite3.Connection, search: dict[str, Any], sentence: str) -> None:
    assert problems(archive, Search(**search)) == [sentence]


def test_several_problems_are_all_told(archive: sqlite3.Connection) -> None:
    assert len(problems(archive, Search('titel:x OR "a', outlet="cnn"))) == 3


@given(st.text(alphabet='ab京"“”《》()*-:., ORANDNT', max_size=30))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_typed_is_an_error(archive: sqlite3.Connection, words: str) -> None:
    for search in (Search(words), Search(words, removed=True, order="relevance")):
        assert all(sentence.endswith(".") for sentence in problems(archive, search))
