"""Figures of English and Chinese texts: the number, its modifier, what is counted, what is done to it, and when."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar.figures import figures
from grammar.passage import Passage
from items import MEANINGS, Figure

PUBLISHED = date(2012, 7, 26)  # a Thursday


def read(text: str, language: str = "") -> list[Figure]:
    language = language or ("zh-Hans" if any("\u4e00" <= sign <= "\u9fff" for sign in text) else "en")
    found = figures(Passage(text, language, PUBLISHED))
    assert all(text[figure.start : figure.end] == figure.text for figure in found)
    assert all(figure.meaning in MEANINGS for figure in found)
    return found


def one(text: str) -> Figure:
    (figure,) = read(text)
    return figure


@pytest.mark.parametrize(
    ("text", "value", "most", "unit"),
    [
        ("Police seized 3.2 million pills.", 3_200_000, None, ""),
        ("警方收缴药片320万片。", 3_200_000, None, ""),
        ("The dam cost 1.2 billion yuan.", 1_200_000_000, None, "CNY"),
        ("工程投资12亿元。", 1_200_000_000, None, "CNY"),
        ("Sales reached US$165 million.", 165_000_000, None, "USD"),
        ("价值1.65亿美元。", 165_000_000, None, "USD"),
        ("Between 10 and 20 people were hurt.", 10, 20, ""),
        ("Some 3,000 to 4,000 tonnes of rice were seized.", 3_000, 4_000, "t"),
        ("出口大豆3万至5万吨。", 30_000, 50_000, "t"),
        ("两三千名群众被转移。", 2_000, 3_000, ""),
        ("Prices rose 5.5 percentage points.", 5.5, None, "percentage point"),
        ("占比提高5.6个百分点。", 5.6, None, "percentage point"),
        ("About 30 percent of suspects are at large.", 30, None, "%"),
        ("百分之三的企业关停。", 3, None, "%"),
        ("九成网站完成整改。", 90, None, "%"),
        ("Two hundred and five villagers were rescued.", 205, None, ""),
        ("三千二百名村民被救出。", 3_200, None, ""),
        ("The road is 20 km long.", 20, None, "km"),
        ("公路全长20公里。", 20, None, "km"),
        ("Half of the pupils stayed at home.", 0.5, None, ""),
    ],
)
def test_a_number_is_worth_the_same_in_either_language(text: str, value: float, most: float | None, unit: str) -> None:
    figure = one(text)
    assert (figure.value, figure.value_max, figure.unit) == (pytest.approx(value), most, unit)


@pytest.mark.parametrize(
    ("text", "modifier", "meaning"),
    [
        ("They arrested more than 600 men.", "more than", "at least"),
        ("They arrested nearly 600 men.", "nearly", "nearly"),
        ("They arrested about 600 men.", "about", "about"),
        ("They arrested up to 600 men.", "up to", "at most"),
        ("They arrested fewer than 600 men.", "fewer than", "at most"),
        ("They arrested at least 600 men.", "at least", "at least"),
        ("They arrested 600 men.", "", ""),
        ("抓获犯罪嫌疑人超过600名。", "超过", "at least"),
        ("抓获犯罪嫌疑人600余名。", "余", "at least"),
        ("抓获犯罪嫌疑人近600名。", "近", "nearly"),
        ("抓获犯罪嫌疑人约600名。", "约", "about"),
        ("抓获犯罪嫌疑人600名左右。", "左右", "about"),
        ("抓获犯罪嫌疑人不到600名。", "不到", "at most"),
        ("抓获犯罪嫌疑人600名。", "", ""),
    ],
)
def test_a_modifier_is_kept_as_printed_with_its_meaning(text: str, modifier: str, meaning: str) -> None:
    figure = one(text)
    assert (figure.value, figure.modifier, figure.meaning) == (600, modifier, meaning)


@pytest.mark.parametrize(
    ("text", "noun", "key", "act"),
    [
        ("Police arrested 31 suspects.", "suspects", "suspect", "arrest"),
        ("31 suspects were arrested.", "suspects", "suspect", "arrest"),
        ("警方抓获31名犯罪嫌疑人。", "犯罪嫌疑人", "suspect", "arrest"),
        ("警方抓获犯罪嫌疑人31名。", "犯罪嫌疑人", "suspect", "arrest"),
        ('They removed 40 "harmful" messages.', "harmful messages", "message", "remove"),
        ("删除40条有害信息。", "有害信息", "message", "remove"),
        ("关闭网站40个。", "网站", "website", "shut-down"),
        ("They shut down 40 websites.", "websites", "website", "shut-down"),
    ],
)
def test_what_is_counted_and_what_is_done_to_it_have_keys_that_both_languages_share(
    text: str, noun: str, key: str, act: str
) -> None:
    figure = one(text)
    assert (figure.noun, figure.noun_key, figure.act) == (noun, key, act)


def test_a_part_of_a_number_is_a_count_of_the_same_noun() -> None:
    found = read("The company laid off 1,400 of its 9,000 employees.")
    assert [(each.value, each.noun) for each in found] == [(1_400, "employees"), (9_000, "employees")]


@pytest.mark.parametrize("text", ["The death toll has risen to 73.", "Officials put the number of dead at 73."])
def test_a_toll_counts_without_a_noun(text: str) -> None:
    assert (one(text).value, one(text).noun) == (73, "")


def test_a_chinese_measure_word_is_kept_beside_the_noun() -> None:
    assert (one("抓获1300余名犯罪嫌疑人。").measure, one("查处案件300余起。").measure) == ("名", "起")


@pytest.mark.parametrize(
    ("text", "noun"),
    [
        ("386名务工人员测过体温后上车。", "务工人员"),
        ("把42个退休制度合并成新制度。", "退休制度"),
        ("3名过境旅客受检。", "过境旅客"),
    ],
)
def test_a_chinese_noun_ends_where_its_verb_begins(text: str, noun: str) -> None:
    assert one(text).noun == noun


def test_dead_and_injured_are_counted_without_a_noun() -> None:
    found = read("事故造成两死五伤，损失惨重。")
    assert [(each.value, each.act, each.noun) for each in found] == [(2, "kill", ""), (5, "injure", "")]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("In 2010, police arrested 5,000 people.", "2010-01-01", "2010-12-31"),
        ("Police have arrested 5,000 people since March.", "2012-03-01", "2012-07-26"),
        ("Last week 5,000 people were arrested.", "2012-07-16", "2012-07-22"),
        ("Police arrested 5,000 people this year.", "2012-01-01", "2012-07-26"),
        ("Police arrested 5,000 people in the three months to June.", "2012-04-01", "2012-06-30"),
        ("Police arrested 5,000 people between May 1 and 7.", "2012-05-01", "2012-05-07"),
        ("Police arrested 5,000 people over the weekend.", "2012-07-21", "2012-07-22"),
        ("Police arrested 5,000 people in early March.", "2012-03-01", "2012-03-10"),
        ("By the end of June, police had arrested 5,000 people.", None, "2012-06-30"),
        ("By September it will have hired 5,000 people.", None, "2012-09-30"),
        ("今年前三季度，抓获5000人。", "2012-01-01", "2012-09-30"),
        ("2010年，警方抓获5000人。", "2010-01-01", "2010-12-31"),
        ("今年3月以来，警方抓获5000人。", "2012-03-01", "2012-07-26"),
    ],
)
def test_a_period_is_counted_from_the_day_of_publication(text: str, start: str | None, end: str) -> None:
    (figure,) = [each for each in read(text) if each.value == 5_000]
    assert figure.period is not None
    assert (figure.period.start, figure.period.end) == (start, end)


@pytest.mark.parametrize(
    ("text", "value", "most", "unit", "noun"),
    [
        ("The group earned €3m last year.", 3_000_000, None, "EUR", ""),
        ("The stake is worth $1.2bn.", 1_200_000_000, None, "USD", ""),
        ("It has 513m internet users.", 513_000_000, None, "", "internet users"),
        ("The fund holds Rs 500 crore.", 5_000_000_000, None, "INR", ""),
        ("Losses are put at $1-2 million.", 1_000_000, 2_000_000, "USD", ""),
        ("It costs three hundred to five hundred billion dollars.", 3e11, 5e11, "USD", ""),
        ("More than a quarter of a million people fled.", 250_000, None, "", "people"),
        ("Output grew fivefold.", 5, None, "times", ""),
        ("The talks lasted half an hour.", 0.5, None, "hour", ""),
        ("One in five wells was polluted.", 0.2, None, "", "wells"),
        ("Some 20 or so houses burned down.", 20, None, "", "houses"),
        ("Roughly 13,000 US troops remain.", 13_000, None, "", "US troops"),
        ("It has 24 million 3G users.", 24_000_000, None, "", "3G users"),
        ("It has 4.5 million monthly active users.", 4_500_000, None, "", "monthly active users"),
        ("Two United States service members died.", 2, None, "", "United States service members"),
        ("Nearly 40 women and children were freed.", 40, None, "", "women and children"),
        ("A 12-member panel met.", 12, None, "", "member"),
    ],
)
def test_an_english_number_is_read_with_its_scale_its_range_and_its_noun(
    text: str, value: float, most: float | None, unit: str, noun: str
) -> None:
    figure = one(text)
    assert (figure.value, figure.value_max, figure.unit, figure.noun) == (pytest.approx(value), most, unit, noun)


@pytest.mark.parametrize(
    "text", ["Li Ming, 52, said so.", "Huang, 52, runs a shop.", "A 52-year-old man fell.", "They hire men over 52."]
)
def test_an_age_is_in_years(text: str) -> None:
    assert (one(text).value, one(text).unit) == (52, "year")


@pytest.mark.parametrize(
    "text",
    ["Police: 31 held in raid", "The raid failed, and 31 were held.", "The number of dead has risen to 31, they say."],
)
def test_a_count_whose_noun_is_left_out_is_one(text: str) -> None:
    assert (one(text).value, one(text).noun) == (31, "")


def test_the_time_of_a_number_is_not_that_of_the_number_compared_with_it() -> None:
    found = read("Arrests rose to 5,000, up from 4,000 in 2010.")
    assert [(each.value, each.period.text if each.period else "") for each in found] == [
        (5_000, ""),
        (4_000, "in 2010"),
    ]


def test_what_a_number_rose_from_is_of_what_it_rose_to() -> None:
    found = read("Life expectancy has climbed from 67 to 78 years.")
    assert [(each.value, each.unit) for each in found] == [(67, "year"), (78, "year")]


def test_a_verb_stands_for_an_act_only_where_it_is_one() -> None:
    assert [one(text).act for text in ("They received 300 requests.", "A record 300 tourists came.")] == ["", ""]


@pytest.mark.parametrize(
    "text",
    [
        "On Sept. 21, 2012, at 12:30, the 21st flight of the C919 left.",
        "COVID-19, G20 and 5G were the first three topics of Article 12.".replace("three ", ""),
        "Round two begins in August.",
        "Dozens of shops and hundreds of stalls burned down.",
        "One of the officers came one day.",
        "9月21日6时40分，C919在四川首飞。",
        "第三季度，两会代表千方百计完成十四五规划。",
        "数百名群众、几十辆车参加，若干问题待解决。",
        "一名男子走进一家公司。",
        "二十国集团、七国集团和四中全会。",
    ],
)
def test_dates_ordinals_names_idioms_and_vague_plurals_are_no_figures(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "The ministry said on Monday that 5,000 people were arrested.",
        "MANILA, May 9 (Xinhua) -- Police arrested 5,000 people.",
        "Arrests rose to 5,000, up 5 percent from 2009.",
        "Some 5,000 people came, as many as in the same period last year.",
    ],
)
def test_when_it_was_said_and_what_it_is_compared_with_is_no_period(text: str) -> None:
    assert [each.period for each in read(text)] == [None] * len(read(text))


def test_a_text_in_another_language_has_none() -> None:
    assert read("Полиция задержала 31 человека.", "ru") == []


_PIECES = [
    "10", "3.2", " million", " to ", "-", "about ", "$", "%", " people", "一", "千", "万", "三", "余", "名", "人", "月", "日",
    "年", "。", ".", ",", "，", "\n", " arrested ", "抓获", "half", "one ", "(", "百分之", "点",
]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=30), st.sampled_from(["en", "zh-Hans"]))
def test_whatever_the_text_a_figure_is_where_it_says(pieces: list[str], language: str) -> None:
    read("".join(pieces), language)


@given(st.text(max_size=60), st.sampled_from(["en", "zh-Hans"]))
def test_no_text_is_too_odd(text: str, language: str) -> None:
    read(text, language)


@pytest.mark.parametrize(
    "piece", ["1 ", "1,", "9", "one two ", "ten million ", "一千万", "三四十", "2012年", "1月2日", "百分之"]
)
def test_a_hostile_text_is_read_to_its_end(piece: str) -> None:
    """Where the time grew with the square of the length, as it does not, this would take minutes."""
    read(piece * (20_000 // len(piece)))
