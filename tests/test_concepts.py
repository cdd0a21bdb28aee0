"""Subjects of texts: the same keys in both languages and for words that journalists swap."""

from __future__ import annotations

import pytest

from grammar.concepts import concepts
from grammar.passage import Passage
from grammar.vocabulary import forms, read


def keys(text: str, language: str = "en") -> list[str]:
    return [concept.key for concept in concepts(Passage(text, language))]


@pytest.mark.parametrize(
    ("english", "chinese", "shared"),
    [
        (
            "A coach slammed into a truck that was loaded with methanol, and 36 people died.",
            "一辆客车与装有甲醇的货车追尾，36人遇难。",
            {"bus", "collision", "truck", "methanol", "death"},
        ),
        (
            "Customs officers in Nanning seized 120 ivory tusks that had been smuggled in timber.",
            "南宁海关查获走私象牙120根",
            {"customs", "seize", "ivory", "smuggling"},
        ),
        (
            "The lunar lander touched down before its rover began to work.",
            "嫦娥着陆器成功落月，月球车随后开始工作",
            {"moon", "lander", "rover"},
        ),
        (
            "African swine fever kills 200 pigs on a farm",
            "一养殖场发生非洲猪瘟疫情，200头生猪死亡",
            {"swine-fever", "pork"},
        ),
    ],
)
def test_both_languages_give_the_same_keys(english: str, chinese: str, shared: set[str]) -> None:
    assert shared <= set(keys(english)) & set(keys(chinese, "zh-Hans"))


def test_places_are_those_of_the_words() -> None:
    text = "Rescuers pulled 12 MINERS from a coal mine"
    assert [(concept.key, text[concept.start : concept.end]) for concept in concepts(Passage(text, "en"))] == [
        ("rescue", "Rescuers"),
        ("mine", "MINERS"),
        ("mine", "coal mine"),
    ]


def test_a_narrower_concept_gives_the_broader_one_at_the_same_place() -> None:
    text = "两辆卧铺客车相撞"
    found = [(concept.key, text[concept.start : concept.end]) for concept in concepts(Passage(text, "zh-Hans"))]
    assert found == [("sleeper-bus", "卧铺客车"), ("bus", "卧铺客车"), ("collision", "相撞")]


def test_traditional_characters_are_read_as_simplified_ones() -> None:
    assert keys("臺灣警方查獲走私象牙", "zh-Hant") == keys("台湾警方查获走私象牙", "zh-Hans")


def test_english_forms_stand_between_word_boundaries() -> None:
    assert keys("The busy fireman combusted") == []


def test_a_blank_and_a_hyphen_are_the_same_in_phrases_but_a_new_paragraph_is_not() -> None:
    assert "school-bus" in keys("a school-bus")
    assert "school-bus" in keys("a school\nbus")
    assert "school-bus" not in keys("back to school\n\nBus drivers")


def test_places_hold_behind_a_capital_that_has_no_small_letter_of_its_own() -> None:
    text = "In İzmir a FERRY sank"
    assert [text[concept.start : concept.end] for concept in concepts(Passage(text, "en"))] == ["FERRY", "sank"]


def test_each_form_of_the_table_stands_in_one_row_and_gives_its_own_key() -> None:
    rows = read("concepts.tsv", ("key", "weight", "broader", "english", "chinese"))
    weights = {row["key"]: row["weight"] for row in rows}
    assert set(weights.values()) <= {"0", "1", "2", "3"}
    for column in ("english", "chinese"):
        written = [form for row in rows for form in forms(row[column])]
        assert sorted(written) == sorted(set(written))
    for row in rows:
        assert not row["broader"] or weights[row["broader"]] != "0", row["key"]
        expected = {row["key"], *forms(row["broader"])} if row["weight"] != "0" else set()
        for form in forms(row["english"]):
            assert set(keys(form.replace("*", "").replace("+", ""))) == expected, form
        for form in forms(row["chinese"]):
            assert len(form) >= 2 and set(keys(form, "zh-Hans")) == expected, form
