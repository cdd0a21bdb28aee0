"""Persons, organisations and places, under keys that are the same in English and Chinese."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grammar import pinyin
from grammar.names import known, names
from grammar.passage import Passage
from grammar.transliteration import sounds_alike
from grammar.vocabulary import forms, read


def keys(text: str, is_title: bool = False) -> dict[str, str]:
    """Words → key."""
    language = "zh-Hans" if any("\u4e00" <= sign <= "\u9fff" for sign in text) else "en"
    found = names(Passage(text, language, is_title=is_title))
    assert all(text[each.start : each.end] == each.words for each in found)
    return {each.words: each.key for each in found}


@pytest.mark.parametrize(
    ("english", "chinese", "key"),
    [
        ("Police in Henan Province held 31.", "河南警方抓获31人。", "henan"),
        ("KUNMING, May 3 (Xinhua) -- Rain fell.", "新华社昆明5月3日电　降雨。", "kunming"),
        ("Japanese police held 31.", "日本警方抓获31人。", "japan"),
        ("U.S. stocks fell.", "美国股市下跌。", "united states"),
        ("Ukraine's grain exports fell.", "烏克蘭糧食出口下降。", "ukraine"),
        ("The Ministry of Public Security said so.", "公安部通报。", "ministry-of-public-security"),
        ("The WHO warned.", "世卫组织警告。", "world-health-organization"),
        ("Shares of Nvidia fell.", "英伟达股价下跌。", "nvidia"),
        ("Spokesperson Wang Wenbin said so.", "发言人汪文斌说。", "wang wenbin"),
        ("Premier Li Qiang met farmers.", "国务院总理李强看望农民。", "li qiang"),
        ("Ouyang Xiuqing, a professor, spoke.", "教授欧阳秀清发言。", "ouyang xiuqing"),
        ("Economist Lyu Jianhua said so.", "经济学家吕建华说。", "lyu jianhua"),
        ("Shan Yonghui, director of the office, spoke.", "主任单永辉介绍。", "shan yonghui"),
        ("Jack Ma founded it.", "马云创办了它。", "jack ma"),
        ("Vladimir Putin arrived.", "普京抵达。", "vladimir putin"),
        ("UN chief Antonio Guterres arrived.", "联合国秘书长古特雷斯抵达。", "antonio guterres"),
    ],
)
def test_a_name_has_one_key_in_both_languages(english: str, chinese: str, key: str) -> None:
    assert key in keys(english).values()
    assert key in keys(chinese).values()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("王毅说，双方同意。", "王毅"),
        ("部长王毅和李强出席。", "王毅"),
        ("主任陈建和，是湖北人。", "陈建和"),
        ("主任张和平说，已完成。", "张和平"),
        ("局长李强调研。", "李强"),
        ("丁薛祥会见外宾。", "丁薛祥"),
        ("李和平总经理说。", "李和平"),
    ],
)
def test_where_a_chinese_name_ends_is_told_by_what_follows(text: str, words: str) -> None:
    assert [each for each in keys(text) if each[0] == words[0]] == [words]


@pytest.mark.parametrize(
    "text",
    [
        "新华社北京5月3日电（记者周凯、吴婷）降雨。",
        "记者周凯说。",
        "市民游客纷纷前来。",
        "总书记关于教育的论述。",
        "有关方面表示，将继续。",
        "万科表示，将继续。",
        "26日本报讯。",
        "黄河南岸发现古城。",
        "渤海南部有雾。",
        "唐山东部降雨。",
        "委员会6日凌晨说，已结束。",
        "村民赵某说。",
        "居民谷阿姨说。",
    ],
)
def test_what_only_looks_like_a_name_is_none(text: str) -> None:
    found = keys(text).keys() & {
        "周凯",
        "吴婷",
        "游客",
        "关于",
        "方面",
        "万科表",
        "日本",
        "河南",
        "海南",
        "山东",
        "凌晨",
        "赵某",
        "谷阿姨",
    }
    assert not found


@pytest.mark.parametrize(
    ("text", "none"),
    [
        ("Trade with Hong Kong grew.", "hong kong person"),
        ("You Can Ban Them All", "you can"),
        ("He Long said goodbye.", "he long"),
        ("The Long March is remembered.", "long march"),
        ("He studied Feng Shui.", "feng shui"),
        ("(Xinhua/Chen Bin)", "chen bin"),
        ("By Wang Xiaoming, Li Na", "wang xiaoming"),
        ("The US-led team met us.", "us"),
        ("It cost 3 million U.S. dollars.", "united states"),
        ("Executive Order No. 5 said so.", "order no"),
    ],
)
def test_words_in_capitals_are_no_persons_by_that_alone(text: str, none: str) -> None:
    found = names(Passage(text, "en"))
    assert none not in {each.key for each in found}
    assert "person" not in {each.kind for each in found if each.words == "Hong Kong"}


@pytest.mark.parametrize(
    "text",
    [
        "Japan's Foreign Ministry protested.",
        "The Foreign Ministry of Japan protested.",
        "日本外交部抗议。",
        "俄国防部说。",
    ],
)
def test_another_countrys_ministry_is_not_chinas(text: str) -> None:
    assert not [key for key in keys(text).values() if key.startswith("ministry-of-")]


def test_the_name_of_a_foreigner_is_not_read_as_if_it_were_chinese() -> None:
    assert keys("法国国防部发言人马利安说。")["马利安"] == "马利安"
    assert keys("中国驻法国大使陈立安说。")["陈立安"] == "chen li'an".replace("'", "")


def test_a_chavez_of_another_first_name_is_not_the_one_of_the_table() -> None:
    assert "hugo chavez" not in keys("美劳工部长查韦斯-德雷默将离职。").values()


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("亚历山大·斯图布", "Alexander Stubb"),
        ("安东尼奥·古特雷斯", "Antonio Guterres"),
        ("詹姆斯·威尔逊", "James Wilson"),
        ("何塞·莫雷诺", "Jose Moreno"),
        ("彼得·汉森", "Peter Hansen"),
        ("托马斯·米勒", "Thomas Mueller"),
        ("马杜罗", "Nicolas Maduro"),
        ("格雷塔·通贝里", "Greta Thunberg"),
        ("基利安·姆巴佩", "Kylian Mbappe"),
        ("马丁·格里菲思", "Martin Griffiths"),
        ("胡安·曼努埃尔·桑托斯", "Juan Manuel Santos"),
        ("斯托尔滕贝格", "Jens Stoltenberg"),
        ("约翰逊", "Boris Johnson"),
        ("皮斯托里乌斯", "Boris Pistorius"),
        ("纳西尔扎德", "Aziz Nasirzadeh"),
    ],
)
def test_a_transliterated_name_is_known_by_its_sound(chinese: str, english: str) -> None:
    assert sounds_alike(chinese, english)


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("彼得·汉森", "Maria Silva"),
        ("詹姆斯·威尔逊", "John Williams"),
        ("安东尼奥·古特雷斯", "Antonio Tajani"),
        ("马杜罗", "Emmanuel Macron"),
        ("卡特", "Carter"),  # two consonants alone are too few
        ("斯图布", "Jens Stoltenberg"),
        ("托马斯·米勒", "Thomas Bach"),
    ],
)
def test_names_of_another_sound_are_not_taken_for_one(chinese: str, english: str) -> None:
    assert not sounds_alike(chinese, english)


def test_persons_of_the_table_are_told_apart_by_sound_alone() -> None:
    persons = [
        (chinese, row["key"])
        for row in read("persons.tsv", ("key", "english", "chinese"))
        for chinese in forms(row["chinese"])
        if "·" in chinese
    ]
    assert sum(sounds_alike(chinese, english) for chinese, english in persons) >= 0.88 * len(persons)
    assert [
        (chinese, other)
        for chinese, english in persons
        for _, other in persons
        if other != english and sounds_alike(chinese, other)
    ] == []


def test_a_form_stands_for_one_key_in_each_language() -> None:
    for column in ("english", "chinese"):
        found: dict[str, str] = {}
        for each in known(column):
            assert found.setdefault(each.form, each.key) == each.key, each.form


def test_a_surname_is_read_as_a_surname() -> None:
    assert pinyin.name_key("曾", "志伟") == "zeng zhiwei"
    assert pinyin.name_key("仇", "保兴") == "qiu baoxing"
    assert pinyin.name_key("吕", "绿") == "lyu lyu"
    assert pinyin.name_key("王", "A") is None


@given(
    st.text(alphabet="王毅说李强主席总统公安部河南·，。\n（记者）ABwang Li Qiang said", max_size=60),
    st.sampled_from(["en", "zh-Hans", "ru"]),
)
def test_names_are_places_in_the_text_and_do_not_overlap(text: str, language: str) -> None:
    found = names(Passage(text, language))
    assert all(text[each.start : each.end] == each.words for each in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
