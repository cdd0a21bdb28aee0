"""What the index holds of a text, what a query asks it, and what a hit shows."""

from __future__ import annotations

import sqlite3
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from archive.characters import DIGEST, from_opencc
from archive.query import facet_token, fts_query, parse
from archive.search import _TOKENIZE
from archive.snippets import find, highlight, snippet
from archive.text import SEGMENT_VERSION, fold, han_characters, segment
from grammar.traditional import read_traditional


def _index(*texts: str) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute(f'create virtual table i using fts5(title, body, removed, tokenize="porter {_TOKENIZE}")')
    connection.executemany("insert into i(title, body) values ('', ?)", [[segment(text)] for text in texts])
    return connection


def _finds(text: str, words: str) -> bool:
    return _index(text).execute("select 1 from i where i match ?", [fts_query(words)]).fetchone() is not None


# Segmentation


@pytest.mark.parametrize(
    ("text", "indexed"),
    [
        ("公安部", " 公安 安部 部 "),
        ("京", " 京 "),
        ("臺灣", " 台湾 湾 "),  # traditional to simplified, character by character
        ("GDP增长5%", "GDP 增长 长 5%"),
        ("２０２４年", "2024 年 "),  # full width
        ("北京，上海", " 北京 京 , 上海 海 "),
        ("東京タワー", " 东京 京タ タワ ワー ー "),
        ("서울시", " 서울 울시 시 "),
        ("𠮷野家", " 𠮷野 野家 家 "),  # Extension B
        ("习\u200b近平", " 习近 近平 平 "),  # a zero-width space is no border
        ("Московские врачи ещё", "московск врач ещ"),
        ("Łódź, Đông, Ørsted", "Lódź, Dông, Orsted"),
        ("مُحَمَّد", "محمد"),
        ("plain English", "plain English"),
        ("", ""),
    ],
)
def test_text_becomes_pairs_of_characters_and_stems(text: str, indexed: str) -> None:
    assert segment(text) == indexed


def test_another_result_of_segmentation_must_raise_its_version() -> None:
    # A dependency or a Python that stems or normalises otherwise shows here: raise the number in SEGMENT_VERSION.
    probe = "Правительства сообщили о происшествиях وزارة الخارجية والمدارس ﬁ ㎡ ① が ｶﾞ 한 臺 ё"
    assert SEGMENT_VERSION.startswith("1-")
    assert segment(probe) == "правительств сообщ о происшеств زار خارج والمدارس fi m2 1  が   ガ   한   台  е"


def test_the_version_depends_on_the_character_table() -> None:
    assert SEGMENT_VERSION.endswith(DIGEST)


def test_the_character_table_is_openccs() -> None:
    assert read_traditional() == from_opencc(), "run python -m archive.characters, and raise SEGMENT_VERSION"


@given(st.text())
def test_folding_folded_characters_again_changes_none_of_the_table(text: str) -> None:
    simplified = "".join(fold(character) for character in text if character in read_traditional())
    assert fold(simplified) == simplified


@given(st.text())
def test_any_text_can_be_segmented_and_stored(text: str) -> None:
    segment(text).encode()
    assert set(han_characters(text).split()) <= set(segment(text))


def test_every_assigned_han_character_is_found() -> None:
    planes = [*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0x20000, 0x2A6E0), *range(0x2A700, 0x33480)]
    characters = [chr(code) for code in planes]
    connection = _index(*characters)
    missing = [
        character
        for row, character in enumerate(characters, start=1)
        if not connection.execute(
            "select 1 from i where i match ? and rowid = ?", [fts_query(character), row]
        ).fetchone()
    ]
    assert missing == []


# The query language


@pytest.mark.parametrize(
    ("words", "expression"),
    [
        ("公安部", '"公安 安部"'),
        ("京", '"京" *'),
        ("公安部 北京", '("公安 安部" AND "北京")'),
        ('"police arrested"', '"police arrested"'),
        ("“police arrested”", '"police arrested"'),
        ("「公安部」", '"公安 安部"'),
        ("《人民日报》", '"人民 民日 日报"'),
        ("police*", '"police" *'),
        ("GDP增长", '"GDP 增长"'),
        ("增长5%", '"增长 长 5%"'),
        ("2024年", '"2024 年" *'),
        ("COVID-19", '"COVID-19"'),
        ("a OR b c", '("a" OR ("b" AND "c"))'),
        ("(a OR b) c", '(("a" OR "b") AND "c")'),
        ("a AND b", '("a" AND "b")'),
        ("a and or", '("a" AND "and" AND "or")'),
        ("a -b", '(("a") NOT ("b"))'),
        ("a NOT b", '(("a") NOT ("b"))'),
        ("a -(b c)", '(("a") NOT (("b" AND "c")))'),
        ("a NOT (NOT b)", '("a" AND "b")'),
        ("a －b", '(("a") NOT ("b"))'),
        ("title:北京", 'title : "北京"'),
        ("标题：北京", 'title : "北京"'),
        ("標題:(北京 OR 上海)", '(title : "北京" OR title : "上海")'),
        ('title:"police arrested" gangs', '(title : "police arrested" AND "gangs")'),
        ("removed:gangs", 'removed : "gangs"'),
        ("outlet:xinhua 北京", f'("{facet_token("outlet", "xinhua")}" AND "北京")'),
        ("北京！", '"北京"'),
        ("a AND", '"a"'),
        ('"unclosed', '"unclosed"'),
        ("((a", '"a"'),
        ("a))) b", '("a" AND "b")'),
        ("http://www.news.cn/", '"http://www.news.cn/"'),
        ("NEAR(a b)", '("NEAR" AND "a" AND "b")'),
        ("body^2", '"body^2"'),
    ],
)
def test_words_become_an_expression(words: str, expression: str) -> None:
    assert fts_query(words) == expression


@pytest.mark.parametrize("words", ["", " ", "-x", "!?", '""', "()", "-", "*", "NOT x", "AND", "\0", "\ud800"])
def test_what_asks_for_nothing_finds_nothing(words: str) -> None:
    assert not parse(words)
    assert not _finds("x title and", words)


_QUERY_PARTS = st.sampled_from(
    [
        '"',
        "“",
        "”",
        "(",
        ")",
        "-",
        "*",
        " ",
        ":",
        "AND",
        " OR ",
        "NOT ",
        "title:",
        "outlet:",
        "京",
        "北京",
        "a",
        "\0",
        "^",
    ]
)


@example('“0"0”')  # a mark of another kind inside a quotation
@given(st.one_of(st.text(), st.lists(_QUERY_PARTS, max_size=30).map("".join)))
def test_no_query_is_a_syntax_error(words: str) -> None:
    _finds("北京 a", words)


@pytest.mark.parametrize(
    "words", ["(" * 5000, "((a OR " * 500, "NOT " * 5000 + "a", "a " * 3000, "京" * 20_000, '"' * 999]
)
def test_no_length_of_query_is_an_error(words: str) -> None:
    _finds("北京 a", words)


_HAN = "北京市上海公安部"


@given(st.text(alphabet=_HAN + "，。 aZ1", max_size=30), st.text(alphabet=_HAN, min_size=1, max_size=4))
def test_a_han_string_is_found_exactly_where_it_stands(text: str, words: str) -> None:
    assert _finds(text, words) == (words in text)


@given(st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1), st.data())
def test_every_piece_of_a_han_text_is_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert _finds(text, text[start:end])


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("2024年底GDP增长5%。", "GDP增长", True),
        ("2024年底GDP增长5%。", "2024年", True),
        ("2024年底GDP增长5%。", "增长5", True),
        ("2024年底GDP增长5%。", "年底GDP增长5%", True),
        ("GDP下降，出口增长", "GDP增长", False),
        ("2023年，2024人", "2024年", False),
        ("习近平", "习平", False),
        ("北京。上海", "京上", False),
        ("習近平在臺灣", "习近平", True),
        ("习近平在台湾", "臺灣", True),
        ("Zürich", "Zurich", True),
        ("Zurich", "Zürich", True),
        ("arresting", "arrested", True),
        ("the police arrested him", '"police arrested"', True),
        ("police who arrested", '"police arrested"', False),
        ("policeman", "police*", True),
        ("policeman", "police", False),
        ("Московские врачи", "московский", True),
        ("ещё", "еще", True),
        ("Łódź", "lodz", True),
        ("مُحَمَّد", "محمد", True),
        ("أحمد", "احمد", True),
        ("弗拉基米尔·普京", "弗拉基米尔·普京", True),
        ("北京 a", "北京 -a", False),
        ("北京 b", "北京 -a", True),
        ("b", "a OR b", True),
    ],
)
def test_a_query_finds_what_a_reader_means(text: str, words: str, found: bool) -> None:
    assert _finds(text, words) == found


@given(st.text(), st.sampled_from(["outlet", "kind"]), st.text())
def test_no_text_holds_a_facet(text: str, facet: str, value: str) -> None:
    connection = _index(text)
    token = facet_token(facet, value)
    assert connection.execute("select 1 from i where i match ?", [f'"{token}"']).fetchone() is None


# Snippets


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("新华社北京电，臺灣", "北京 台湾", "新华社**北京**电，**臺灣**"),
        ("Police in Zürich arrested", "zurich arrests", "Police in **Zürich** **arrested**"),
        ("happy happiness unhappy", "happy", "**happy** **happiness** unhappy"),
        ("police, arrested", '"police arrested"', "**police, arrested**"),
        ("policeman", "police*", "**policeman**"),
        ("２０２４年底", "2024年", "**２０２４年**底"),
        ("Москва и в Москве", "москвы", "**Москва** и в **Москве**"),
        ("e\u0301te\u0301!", "été", "**e\u0301te\u0301**!"),
        ("Straße", "strasse", "**Straße**"),
        ("京城，北京", "京", "**京**城，北**京**"),
        ("a b", "a -b", "**a** b"),
        ("nothing", "else", "nothing"),
    ],
)
def test_what_was_found_is_marked_in_the_original(text: str, words: str, marked: str) -> None:
    assert highlight(text, words) == marked


def test_a_snippet_shows_the_place_that_holds_most_of_the_query() -> None:
    text = "北京。" + "无关的话。" * 40 + "公安部在北京通报。" + "无关的话。" * 40
    assert snippet(text, "北京 公安部", width=40) == "…无关的话。**公安部**在**北京**通报。无关的话。…"


def test_a_snippet_is_one_line_cut_between_words() -> None:
    text = "First paragraph here.\n\nSecond paragraph with gangs in the middle of a longer sentence about police."
    assert snippet(text, "gangs", width=40) == "…with **gangs** in the middle of a longer…"


def test_a_snippet_of_a_text_without_the_words_is_its_beginning() -> None:
    assert snippet("One two three four", "missing", width=9) == "One two…"


@given(st.text(), st.text(min_size=1, max_size=5))
def test_no_snippet_raises_or_loses_text(text: str, words: str) -> None:
    snippet(text, words, width=20)
    assert highlight(text, words, marks=("", "")) == text


@given(st.text(alphabet=_HAN + "，臺灣", max_size=40), st.text(alphabet=_HAN, min_size=1, max_size=3))
def test_a_snippet_marks_what_the_index_finds(text: str, words: str) -> None:
    assert bool(find(text, words)) == _finds(text, words)


def test_folding_is_idempotent_on_real_punctuation() -> None:
    for text in ("“你好”，（2024）", "ＡＢＣ", "ﷺ"):
        assert fold(fold(text)) == fold(text) == unicodedata.normalize("NFKC", fold(text))
