"""What is read out of a Chinese text's numbers, with values worked out by hand."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.chinese_figures import figures
from grammar.passage import Passage

DAY = date(2026, 9, 22)


def read(text):
    return figures(Passage(text, "zh-Hans", DAY))


@pytest.mark.parametrize(
    ("text", "value", "value_max", "unit", "modifier", "noun"),
    [
        ("删除有害信息320万条。", 3_200_000, None, "", "", "有害信息"),
        ("抓获1300余名犯罪嫌疑人。", 1300, None, "", "余", "犯罪嫌疑人"),
        ("收缴香烟两千五百条。", 2500, None, "", "", "香烟"),
        ("涉案金额超过1.2亿元。", 120_000_000, None, "CNY", "超过", ""),
        ("转移群众三十几万人。", 300_000, None, "", "几", "群众"),
        ("有两三千人参加。", 2000, 3000, "", "", "人"),
        ("同比增长30%~40%。", 30, 40, "%", "", ""),
        ("占百分之三点五。", 3.5, None, "%", "", ""),
        ("七成五认为可行。", 75, None, "%", "", ""),
        ("交易额突破2亿5000万元。", 250_000_000, None, "CNY", "突破", ""),
    ],
)
def test_a_number_has_its_value_unit_modifier_and_noun(text, value, value_max, unit, modifier, noun):
    [figure] = read(text)
    assert (figure.value, figure.value_max, figure.unit, figure.modifier, figure.noun) == (
        value,
        value_max,
        unit,
        modifier,
        noun,
    )


@pytest.mark.parametrize(
    "text",
    [
        "9月21日，C919起飞。",
        "第三届“一带一路”论坛",
        "数百名群众聚集",
        "千万别相信",
        "四川召开两会",
        "一家公司",
        "以3比1获胜",
    ],
)
def test_dates_ordinals_names_and_vague_counts_are_no_figures(text):
    assert read(text) == []


def test_clauses_of_a_sentence_share_its_period():
    found = read("今年以来，共破获案件1.2万起，抓获嫌疑人3万余名，关停网站6万个。")
    assert [(figure.act, figure.period.start, figure.period.end) for figure in found] == [
        ("solve", "2026-01-01", "2026-09-22"),
        ("arrest", "2026-01-01", "2026-09-22"),
        ("shut-down", "2026-01-01", "2026-09-22"),
    ]


@given(
    st.text(
        alphabet="一二两三十百千万亿零几多余约近超至到%成个名元年月日第.,，。“”《》0123456789的人 a分之", max_size=60
    )
)
def test_any_text_is_read_and_spans_are_places_in_it(text):
    for figure in read(text):
        assert figure.text == text[figure.start : figure.end]
