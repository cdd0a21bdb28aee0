"""Who says it in Chinese, and of which kind quoted words are, in cases worked out by hand."""

import pytest

from grammar.attributions import attributions
from grammar.passage import Passage


def sources(text, is_title=False):
    found, _ = attributions(Passage(text, "zh-Hans", None, is_title))
    return [(each.source, each.cue) for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("来自海关总署的数据显示，进口增长。", [("海关总署", "显示"), ("数据", "显示")]),
        ("一项由复旦大学牵头的研究表明，作息要规律。", [("复旦大学", "表明"), ("研究", "表明")]),
        ("根据世界银行发布的报告，增速将放缓。", [("世界银行", "根据")]),
        ("据朝中社今天（7月26日）报道，双方举行会谈。", [("朝中社", "据")]),
        ("国家卫生健康委17日发布通报说，流感活动上升。", [("国家卫生健康委", "通报说")]),
        ("“再也不用翻山了。”村民们高兴地说。", [("村民们", "说")]),
        ("项目明年完工，承建方负责人周海涛介绍。", [("承建方负责人周海涛", "介绍")]),
        ("瑞典“一带一路”研究所所长霍明指出，合作前景广阔。", [("瑞典“一带一路”研究所所长霍明", "指出")]),
        ("研究人员发现，这种鱼寿命很长。", [("研究人员", "发现")]),
        ("官方已下令三十多座煤矿停工，据新华社。", [("新华社", "据")]),
        ("抓获犯罪嫌疑人320万名，据新华社报道。", [("新华社", "据")]),
        ("新华社北京7月25日电（记者卫澜）公安部25日通报，抓获31人。", [("公安部", "通报")]),
        ("新华社北京7月26日电　公安部26日通报，抓获31人。", [("公安部", "通报")]),
        ("【新华社北京7月26日电】公安部26日通报，抓获31人。", [("公安部", "通报")]),
        ("中新社北京7月26日电 (记者 张素)中国公安部26日称，抓获31人。", [("中国公安部", "称")]),
    ],
)
def test_a_source_stands_without_what_says_when_and_how(text, expected):
    assert sources(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "换句话说，这并不容易。",
        "事实表明，合作才有出路。",
        "有观点认为，技术尚不成熟。",
        "据记者了解，工厂已经停产。",
        "民警发现，车上没有人。",
        "他对遇难者表示深切哀悼。",
    ],
)
def test_what_nobody_in_particular_says_has_no_source(text):
    assert sources(text) == []


def test_the_outlet_that_was_told_is_the_one_through_which_it_is_known():
    found, _ = attributions(Passage("该公司总裁王博对路透社表示，公司不会裁员。", "zh-Hans", None))
    speaker, outlet = found
    assert (speaker.source, outlet.source) == ("该公司总裁王博", "路透社")
    assert found[speaker.via] is outlet


def test_a_headlines_source_stands_before_its_colon():
    headline = "外交部：中方坚决反对"
    assert sources(headline, is_title=True) == [("外交部", "：")]
    assert sources(headline) == []
    assert sources("直播：火箭发射", is_title=True) == []
    assert sources("商务部回应加征关税：坚决反对", is_title=True) == [("商务部", "回应")]


def test_people_without_a_name_are_other_unless_they_hold_an_office():
    kinds = {}
    for text in ("专家提醒，注意防暑。", "市公安局负责人介绍，案件告破。", "市长陈志刚说，道路已经抢通。"):
        [each] = attributions(Passage(text, "zh-Hans", None))[0]
        kinds[each.source] = each.kind
    assert kinds == {"专家": "other", "市公安局负责人": "official", "市长陈志刚": "person"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("白宫发言人表示，总统“没有改变立场”。", "speech"),
        ("外长指责对方“蓄意拖延”谈判进程。", "speech"),
        ("所谓“强迫劳动”完全是捏造。", "scare"),
        ("他打着“爱心”的旗号敛财。", "scare"),
        ("“奋斗者”号完成下潜。", "title"),
        ("论坛以“共享未来”为主题。", "title"),
        ("两国签署共建“一带一路”合作规划。", "title"),
        ("当地人把这座山叫作“老鹰嘴”。", "other"),
        ("村里推行“积分制”管理。", "other"),
        ("该国收到首批“雪豹”主战坦克。", "title"),
        ("“冬青”击落一架无人机。", "other"),
        ("游客手持“山河锦绣”等红色横幅。", "title"),
        ("要坚持“五个坚持”。", "title"),
        ("今天是第三十个“世界湿地日”。", "title"),
        ("这是产业链的关键中间“环节”。", "other"),
        ("该县启动“暖冬护航”。", "title"),
        ("各地开展“家门口”招聘。", "other"),
        ("公司推广“公司+农户”模式。", "other"),
        ("总统表示，对方持“严重怀疑”态度。", "speech"),
        ("国际能源署：欧洲面临“史无前例”的短缺", "speech"),
        ("代表们记住了“要多到田里走一走”的嘱托。", "speech"),
        ("该国以“自卫”为由发动袭击。", "scare"),
    ],
)
def test_quoted_words_are_speech_scare_title_or_other(text, kind):
    _, [quote] = attributions(Passage(text, "zh-Hans", None))
    assert quote.kind == kind


@pytest.mark.parametrize("words", ["公安部", "中国公安部", "大陸公安部"])
def test_a_ministry_has_one_key_whoever_writes_of_it(words):
    found, _ = attributions(Passage(f"{words}称，抓获31人。", "zh-Hant", None))
    assert [(each.source, each.source_key) for each in found] == [(words, "ministry-of-public-security")]


def test_quotations_in_a_row_are_of_one_kind():
    text = "演出由“红鹭”“青鸟”和“白鹤”飞行表演队完成。"
    assert [quote.kind for quote in attributions(Passage(text, "zh-Hans", None))[1]] == ["title"] * 3
