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
        ("近3/4的脱贫人口受益。", 0.75, None, "", "近", "脱贫人口"),
        ("占比三成至四成。", 30, 40, "%", "", ""),
        ("气温低至-15℃。", -15, None, "°C", "", ""),
        ("最低气温零下5至10度。", -10, -5, "°C", "", ""),
        ("全天用电3万度。", 30_000, None, "kWh", "", ""),
        ("大坝坡面倾斜30度。", 30, None, "°", "", ""),
        ("罚款港币500万元。", 5_000_000, None, "HKD", "", ""),
        ("获10万+阅读量。", 100_000, None, "", "+", "阅读量"),
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
    ("text", "noun"),
    [
        ("处置违规账号4.5万个。", "违规账号"),
        ("该厂生产新能源汽车21万辆。", "新能源汽车"),
        ("查获走私冻品约3200吨。", "走私冻品"),
        ("全市现有养老机构108家。", "养老机构"),
        ("1.1万名学生停课。", "学生"),
        ("30多个国际组织签署文件。", "国际组织"),
        ("95名被扣押人员获释。", "被扣押人员"),
        ("25家参与研发的军工企业。", "军工企业"),
        ("铺设管道120公里。", "管道"),
        ("全线长约410公里。", ""),
        ("汽车保有量达4.5亿辆。", "汽车"),
        ("免签国家拓展到55个。", "免签国家"),
        ("客船载有乘客及船员共87人。", "乘客及船员"),
        ("包括3名9岁儿童。", "儿童"),
        ("遭到73次袭击，损失惨重。", "袭击"),
        ("旅客4次刷新纪录。", ""),
        ("超过六成网民使用。", "网民"),
        ("抓获 31 名犯罪嫌疑人。", "犯罪嫌疑人"),
        ("48个收费站临时关闭。", "收费站"),
        ("中欧班列今年累计开行1.8万列。", "中欧班列"),
        ("拦截74枚导弹中的61枚。", "导弹"),
        ("全省“小巨人”企业已达1.4万家。", "“小巨人”企业"),
        ("打造“口袋公园”40个。", "口袋公园"),
        ("海事部门组织打捞沉船3艘。", "沉船"),
        ("组织救援队伍3支。", "救援队伍"),
        ("文物保护单位增至5058处。", "文物保护单位"),
        ("现场涌进观众6万人。", "观众"),
        ("消防员破拆防盗窗3扇。", "防盗窗"),
        ("26万名平民断粮。", "平民"),
        ("800名隶属军方的官员。", "官员"),
        ("查摆出367条群众反映的问题。", "问题"),
        ("6处新建大型灌区。", "新建大型灌区"),
        ("近80个境外的采购商团。", "境外的采购商团"),
        ("国家公园内藏羚羊种群数量恢复到7万只。", "藏羚羊"),
        ("紧急疏散周边村民1300人。", "周边村民"),
        ("深圳无人机航线增至53条。", "无人机航线"),
        ("深圳港集装箱吞吐量达800万标箱。", "深圳港集装箱"),
        ("高速公路车流量超6000万辆次。", ""),
    ],
)
def test_a_noun_ends_where_the_verb_begins_that_governs_it(text, noun):
    assert read(text)[0].noun == noun


def test_spaces_around_digits_are_none_of_the_wording_and_keep_their_places():
    text = "查获毒品 12 吨，抓获 31 人。"
    assert [(each.text, text[each.start : each.end], each.unit) for each in read(text)] == [
        ("12 吨", "12 吨", "t"),
        ("31", "31", ""),
    ]


@pytest.mark.parametrize(("text", "value"), [("身高1米85。", 1.85), ("仅需四个半小时。", 4.5), ("水深12米。", 12)])
def test_tenths_behind_a_unit_and_halves_before_it_are_part_of_the_value(text, value):
    assert [each.value for each in read(text)] == [value]


@pytest.mark.parametrize(
    "text",
    [
        "十四届全国人大四次会议开幕。",
        "发现亿吨级油田。",
        "2023届高校毕业生。",
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


@pytest.mark.parametrize("says", ["通报", "上午发布消息", "表示", "从公安部获悉"])
def test_the_day_on_which_somebody_says_so_is_not_what_the_number_is_about(says):
    (figure,) = figures(Passage(f"公安部25日{says}，全国公安机关抓获犯罪嫌疑人1万名。", "zh-Hans", date(2012, 7, 25)))
    assert figure.period is None


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("新发放贷款增长11%。", "increase"),
        ("大火烧死牲畜140头。", "kill"),
        ("26万名平民自发参加集会。", "attend"),
    ],
)
def test_the_act_is_that_of_the_verb_next_to_the_number_or_behind_its_noun(text, act):
    assert read(text)[0].act == act
