"""Datelines are read as printed, from Chinese and English wire texts and from papers that reprint them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from items import Dateline
from pipelines.dateline import read_dateline

GOLD = Path(__file__).resolve().parents[2] / "shared" / "pages" / "gold.jsonl"


@pytest.mark.parametrize(
    ("paragraph", "agency", "place", "month_day", "text", "reporters"),
    [
        ("新华社巴黎12月9日电（记者唐霁）法国9日", "新华社", "巴黎", "12-09", "新华社巴黎12月9日电", ["唐霁"]),
        ("新华社北京11月17日电 记者17日从卫健委获悉", "新华社", "北京", "11-17", "新华社北京11月17日电", []),
        ("新华社德黑兰9月15日电\u3000伊朗", "新华社", "德黑兰", "09-15", "新华社德黑兰9月15日电", []),
        ("\u3000\u3000新华社北京2月29日电 近日", "新华社", "北京", "02-29", "新华社北京2月29日电", []),
        ("新华网北京8月19日电 日本", "新华网", "北京", "08-19", "新华网北京8月19日电", []),
        ("新华社北京、上海12月1日电", "新华社", "北京、上海", "12-01", "新华社北京、上海12月1日电", []),
        (
            "新华社北京／东京１２月９日电（记者张三）",
            "新华社",
            "北京／东京",
            "12-09",
            "新华社北京／东京１２月９日电",
            ["张三"],
        ),
        ("新华社“雪龙2”号12月5日电 考察队", "新华社", "“雪龙2”号", "12-05", "新华社“雪龙2”号12月5日电", []),
        ("新华社北京2016年5月1日体育专电", "新华社", "北京", "05-01", "新华社北京2016年5月1日体育专电", []),
        ("据新华社北京2月29日电 国务院", "新华社", "北京", "02-29", "新华社北京2月29日电", []),
        ("【新华社联合国9月1日电】", "新华社", "联合国", "09-01", "新华社联合国9月1日电", []),
        ("中新网12月9日电 (记者 张三)", "中新网", "", "12-09", "中新网12月9日电", ["张三"]),
        ("本报北京4月24日电 （记者张三、李四）", "本报", "北京", "04-24", "本报北京4月24日电", ["张三", "李四"]),
        ("法新社巴黎9日电", "法新社", "巴黎", "", "法新社巴黎9日电", []),  # the month is left out
        ("中央社台北12月9日電", "中央社", "台北", "12-09", "中央社台北12月9日電", []),
    ],
)
def test_a_chinese_dateline_is_read_as_printed(
    paragraph: str, agency: str, place: str, month_day: str, text: str, reporters: list[str]
) -> None:
    assert read_dateline([paragraph], "zh-Hans") == Dateline(agency, place, month_day, text, reporters, "start")


@pytest.mark.parametrize(
    ("credit", "reporters"),
    [
        ("（记者陈泽安 蓝建中）", ["陈泽安", "蓝建中"]),
        ("（记者A B、C D）".replace("A B、C D", "赵一 钱二、孙三 李四"), ["赵一", "钱二", "孙三", "李四"]),
        ("（记者王 刚、李大伟）", ["王刚", "李大伟"]),  # two characters, spaced to the width of three
        ("（记者张三，通讯员李四、王五）", ["张三", "李四", "王五"]),
        ("（新华社记者 张三；实习生 李四）", ["张三", "李四"]),
        ("(记者:阿依努尔·买买提)", ["阿依努尔·买买提"]),
        (" （特约记者张三）", ["张三"]),
        ("（记者17日从有关部门获悉）", []),
        ("（完）", []),
        ("", []),
    ],
)
def test_the_reporters_are_those_in_the_bracket_after_the_dateline(credit: str, reporters: list[str]) -> None:
    dateline = read_dateline([f"新华社东京9月15日电{credit}据报道"], "zh-Hans")
    assert dateline is not None
    assert dateline.reporters == reporters


def test_a_feature_has_its_reporters_on_the_line_below_its_theme() -> None:
    paragraphs = ["新华社北京4月24日电 题：促进航天技术惠及人民", "新华社记者宋晨、田中全", "4月24日，"]
    dateline = read_dateline(paragraphs, "zh-Hans")
    assert dateline is not None
    assert dateline.reporters == ["宋晨", "田中全"]


@pytest.mark.parametrize(
    "text",
    [
        "新华社记者张三",
        "据新华社报道，法国9日罢工。",
        "本报记者9日电话采访了他",
        "国家电网12月9日电力供应",
        "新华社北京13月1日电",
        "新华社北京12月32日电",
        "他说，新华社北京12月9日电是真的",
        "",
    ],
)
def test_what_only_looks_like_a_chinese_dateline_is_none(text: str) -> None:
    assert read_dateline([text], "zh-Hans") is None


@pytest.mark.parametrize(
    ("paragraph", "agency", "place", "month_day", "text"),
    [
        ("MANILA, Oct. 25 (Xinhua) -- Former", "Xinhua", "MANILA", "10-25", "MANILA, Oct. 25 (Xinhua) --"),
        (
            "DAVAO CITY, Philippines, Nov. 28 (Xinhua) -- Rebels",
            "Xinhua",
            "DAVAO CITY, Philippines",
            "11-28",
            "DAVAO CITY, Philippines, Nov. 28 (Xinhua) --",
        ),
        ("BEIJING, July 1 (Xinhua)--China", "Xinhua", "BEIJING", "07-01", "BEIJING, July 1 (Xinhua)--"),
        ("MANILA, July 1 (Xinhua) The", "Xinhua", "MANILA", "07-01", "MANILA, July 1 (Xinhua)"),
        ("MANILA, May 8, 2016 (Xinhua) -- P", "Xinhua", "MANILA", "05-08", "MANILA, May 8, 2016 (Xinhua) --"),
        (
            "HAIKOU, Hainan, Sept.2 (Xinhua) — A",
            "Xinhua",
            "HAIKOU, Hainan",
            "09-02",
            "HAIKOU, Hainan, Sept.2 (Xinhua) —",
        ),
        (
            "PORT-AU-PRINCE, Jan. 3 (Xinhua) -- H",
            "Xinhua",
            "PORT-AU-PRINCE",
            "01-03",
            "PORT-AU-PRINCE, Jan. 3 (Xinhua) --",
        ),
        ("XI'AN, June 3 (Xinhua) -- T", "Xinhua", "XI'AN", "06-03", "XI'AN, June 3 (Xinhua) --"),
        ("SÃO PAULO, March 3 (Xinhua) – B", "Xinhua", "SÃO PAULO", "03-03", "SÃO PAULO, March 3 (Xinhua) –"),
        (
            "WASHINGTON, D.C., Dec. 2 (Xinhua) -- U",
            "Xinhua",
            "WASHINGTON, D.C.",
            "12-02",
            "WASHINGTON, D.C., Dec. 2 (Xinhua) --",
        ),
        (
            "BEIJING/MANILA, Oct. 21 (Xinhua) -- T",
            "Xinhua",
            "BEIJING/MANILA",
            "10-21",
            "BEIJING/MANILA, Oct. 21 (Xinhua) --",
        ),
        ("SEOUL, Aug. 20 (Yonhap) -- North", "Yonhap", "SEOUL", "08-20", "SEOUL, Aug. 20 (Yonhap) --"),
        ("Taipei, Nov. 17 (CNA) The", "CNA", "Taipei", "11-17", "Taipei, Nov. 17 (CNA)"),
        ("MANILA (Xinhua) -- The", "Xinhua", "MANILA", "", "MANILA (Xinhua) --"),
        ("BEIJING, Oct. 2 -- China", "", "BEIJING", "10-02", "BEIJING, Oct. 2 --"),
    ],
)
def test_an_english_dateline_is_read_as_printed(
    paragraph: str, agency: str, place: str, month_day: str, text: str
) -> None:
    assert read_dateline([paragraph], "en") == Dateline(agency, place, month_day, text, [], "start")


def test_a_byline_may_share_the_paragraph_or_stand_above_it() -> None:
    expected = Dateline("Xinhua", "MANILA", "07-13", "MANILA, July 13 (Xinhua) --", ["Wang Wen", "Yang Tianmu"])
    assert read_dateline(["by Wang Wen, Yang Tianmu MANILA, July 13 (Xinhua) -- Former"], "en") == expected
    expected.reporters = []
    assert read_dateline(["by Xinhua writer Wang Wen", "MANILA, July 13 (Xinhua) -- Former"], "en") == expected


@pytest.mark.parametrize(
    "text",
    [
        "BRASILIA -- The acting speaker",  # an item of a news summary
        "UPDATE – The company has answered",
        "Rodrigo Duterte (Xinhua)",
        "Speaking in Manila on Oct. 2 (Xinhua) he",
        "XI'AN, Jan. 32 (Xinhua) -- X",
        "Duterte told Xinhua on Oct. 2 that MANILA, Oct. 2 (Xinhua) -- is how a report begins",
        "",
    ],
)
def test_what_only_looks_like_an_english_dateline_is_none(text: str) -> None:
    assert read_dateline([text], "en") is None


def test_a_dateline_can_close_the_text() -> None:
    dateline = read_dateline(["Protesters met.", "They left.", "MOSCOW, April 10 (RIA Novosti)"], "en")
    assert dateline == Dateline("RIA Novosti", "MOSCOW", "04-10", "MOSCOW, April 10 (RIA Novosti)", [], "end")
    dateline = read_dateline(["会议强调。", "会议指出。（据新华社北京4月24日电）"], "zh-Hans")
    assert dateline == Dateline("新华社", "北京", "04-24", "新华社北京4月24日电", [], "end")


def test_no_paragraphs_or_another_language_give_none() -> None:
    assert read_dateline([], "zh-Hans") is None
    assert read_dateline([], "en") is None
    assert read_dateline(["МОСКВА, 29 июня. /ТАСС/."], "ru") is None


months = st.integers(1, 12)
days = st.integers(1, 31)
cities = st.sampled_from(["北京", "巴黎", "乌鲁木齐", "联合国", "上海", "“雪龙”号", "北京、上海"])
names = st.lists(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=3), max_size=4)
# A name that holds the word for a role is cut at it; no such name is known.
roleless = names.filter(
    lambda found: not any(role in "、".join(found) for role in ("记者", "通讯员", "实习生", "报道员"))
)


@given(st.sampled_from(["新华社", "新华网", "中新社", "本报"]), cities, months, days, roleless, st.sampled_from("、 "))
def test_any_chinese_dateline_comes_back_as_it_was_written(
    agency: str, place: str, month: int, day: int, reporters: list[str], between: str
) -> None:
    text = f"{agency}{place}{month}月{day}日电"
    credit = f"（记者{between.join(reporters)}）" if reporters else ""
    expected = Dateline(agency, place, f"{month:02}-{day:02}", text, reporters)
    assert read_dateline([f"{text}{credit}　正文。"], "zh-Hans") == expected


MONTHS = ["Jan.", "Feb.", "March", "April", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec."]
place_words = st.lists(st.from_regex(r"[A-Z]{2,9}", fullmatch=True), min_size=1, max_size=3).map(" ".join)
regions = st.one_of(st.just(""), st.from_regex(r", [A-Z][a-z]{3,8}", fullmatch=True))


@given(
    place_words,
    regions,
    months,
    days,
    st.sampled_from(["Xinhua", "Xinhuanet", "Yonhap"]),
    st.sampled_from([" --", "--", " –", ""]),
)
def test_any_english_dateline_comes_back_as_it_was_written(
    city: str, region: str, month: int, day: int, agency: str, dash: str
) -> None:
    text = f"{city}{region}, {MONTHS[month - 1]} {day} ({agency}){dash}"
    expected = Dateline(agency, city + region, f"{month:02}-{day:02}", text)
    assert read_dateline([f"{text} The text begins."], "en") == expected


@given(st.lists(st.text(), max_size=4), st.sampled_from(["zh-Hans", "en", "ja", ""]))
@example(["新华社北京²月9日电"], "zh-Hans")
@example(["新华社北京12月٣日电（记者 、）"], "zh-Hans")
@example(["MANILA, Oct. ٣ (Xinhua) --"], "en")
@example(["MANILA, May (Xinhua) --"], "en")
def test_no_text_makes_it_fail(paragraphs: list[str], language: str) -> None:
    dateline = read_dateline(paragraphs, language)
    assert dateline is None or any(dateline.text in paragraph for paragraph in paragraphs)


@given(
    st.text("新华社北京上海12月9日电（）记者题：、 张三ABO ct.,-MANILX(inhua)by", max_size=60),
    st.sampled_from(["zh-Hans", "en"]),
)
def test_no_mixture_of_their_parts_makes_it_fail(paragraph: str, language: str) -> None:
    dateline = read_dateline([paragraph], language)
    assert dateline is None or dateline.text in paragraph


@pytest.mark.skipif(not GOLD.exists(), reason="the labelled pages are not on this machine (../shared/pages)")
def test_the_labelled_chinese_pages_have_their_datelines() -> None:
    pages = [json.loads(line) for line in GOLD.open(encoding="utf-8")]
    chinese = [page for page in pages if page["language"].startswith("zh") and page.get("body_file")]
    assert len(chinese) >= 15
    for page in chinese:
        body = (GOLD.parents[1] / page["body_file"]).read_text(encoding="utf-8").splitlines()
        expected = Dateline(**page["dateline"]) if page["dateline"] else None
        assert read_dateline(body, page["language"]) == expected, page["file"]


@pytest.mark.parametrize(
    ("opening", "agency", "place", "text", "reporters"),
    [
        ("新华社电 港口开放了。", "新华社", "", "新华社电", []),
        ("据新华社北京电 港口开放了。", "新华社", "北京", "新华社北京电", []),
        ("新华社伦敦电（记者金某）港口开放了。", "新华社", "伦敦", "新华社伦敦电", ["金某"]),
    ],
)
def test_a_wire_text_whose_date_was_left_out_keeps_agency_and_place(
    opening: str, agency: str, place: str, text: str, reporters: list[str]
) -> None:
    dateline = read_dateline([opening], "zh-Hans")
    assert dateline is not None
    assert (dateline.agency, dateline.place, dateline.month_day) == (agency, place, "")
    assert (dateline.text, dateline.reporters) == (text, reporters)


@pytest.mark.parametrize(
    "opening",
    [
        "据新华社电，港口开放了。",
        "新华社快讯：港口开放",
        "新华社北京电视台的港口",
        "新华社记者来电 港口开放",
        "新华社记者 王某",
    ],
)
def test_a_sentence_about_the_agency_is_no_dateline(opening: str) -> None:
    assert read_dateline([opening], "zh-Hans") is None
