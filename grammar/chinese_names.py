"""Names in a Chinese text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from grammar import pinyin
from grammar.names import Known, known, places, words
from grammar.passage import Passage
from grammar.transliteration import SIGNS

Found = tuple[str, str, int, int]  # key, kind, start, end

# A form that begins or ends in the middle of other words: 26日本报, 黄河南岸, 东海南部, 长江西岸, 李强调.
_NOT_BEHIND = {
    "日本": re.compile(r"[\d今昨当每翌次同本生假节]$"),
    "日本银行": re.compile(r"[\d今昨当每]$"),
    "河南": re.compile(r"[黄淮运渭辽界]$"),
    "河北": re.compile(r"[黄淮运渭辽界]$"),
    "海南": re.compile(r"[东南渤黄沿近北上里]$"),
    "江西": re.compile(r"[长珠漓丽湘]$"),
    "山西": re.compile(r"[唐泰佛黄鞍舟中]$"),
    "山东": re.compile(r"[唐泰佛黄鞍舟中]$"),
    "南海": re.compile(r"[济越湖云河海]$"),
    "东海": re.compile(r"[广山华]$"),
    "三峡": re.compile(r"[第]$"),
    "中东": re.compile(r"[其]$"),
    "中亚": re.compile(r"[其]$"),
    "台中": re.compile(r"[平舞讲柜灶站阳电后前]$"),
    "国航": re.compile(r"[中各泰美法德英]$"),
    "大连": re.compile(r"[重特扩]$"),
    "马里": re.compile(r"[索奥]$"),
    "高雄": re.compile(r"[崇]$"),
    "法国": re.compile(r"[宪司立执刑民]$"),
}
_NOT_BEFORE = {
    "海口": re.compile(r"[岸]"),
    "大连": re.compile(r"[续接]"),
    "成都": re.compile(r"[是有会能没]"),
    "西安": re.compile(r"[排全装置]"),
    "长春": re.compile(r"[花]"),
    "丽江": re.compile(r"[山]"),
    "合肥": re.compile(r"[料]"),
    "台中": re.compile(r"[国华美]"),
    "中东": re.compile(r"[部南北京]"),
    "金边": re.compile(r"[框]"),
    "东京": re.compile(r"[城]"),
    "巴林": re.compile(r"[左右]"),
    "黄山": re.compile(r"[路]"),
    "美方": re.compile(r"[法案面]"),
    "国航": re.compile(r"[天海空]"),
    "加纳": re.compile(r"[入]"),
    "英方": re.compile(r"[面]"),
    "微信": re.compile(r"[号]"),
}
_OTHERS_GOVERNMENT = re.compile(r"[美俄日韩英法德印伊以乌朝巴越菲泰澳加土埃缅]$")
_BYLINE = re.compile(
    r"[（(【][^（）()【】\n]{0,12}(?:记者|编辑|通讯员|责编|摄影|参与)[^（）()【】\n]{0,80}[）)】]"
    r"|记者[：: ]?[\u3400-\u9fff]{2,3}"
)
_OF_CHINA = re.compile("驻|中国|中方|我国|[。；！？\n]")  # 中国驻法国大使卢沙野
_JOINS = ("·", "-")
_BEGINS = r"[。，；：！？、日\s“”]"  # a clause, or what follows a day
_NOBODY, _KIN = (
    "某姓氏",
    ("阿姨", "先生", "女士", "大爷", "大妈", "老师", "师傅", "同学", "医生", "教授", "奶奶", "爷爷"),
)
_HAN = "\u3400-\u9fff"


@cache
def _by_beginning() -> dict[str, tuple[Known, ...]]:
    """Every known form by its first two characters, the longest first: a text is walked through once."""
    found: dict[str, list[Known]] = {}
    for each in known("chinese"):
        found.setdefault(each.form[:2], []).append(each)
    return {start: tuple(sorted(every, key=lambda each: -len(each.form))) for start, every in found.items()}


def names_in(passage: Passage) -> Iterator[Found]:
    """The names of a text, in no order."""
    text = passage.plain
    taken = list(_known_in(text))
    yield from taken
    covered = bytearray(len(text))
    for _, _, start, end in taken:
        covered[start:end] = b"\1" * (end - start)
    for byline in _BYLINE.finditer(text):
        covered[byline.start() : byline.end()] = b"\1" * (byline.end() - byline.start())
    for found in _transliterated(text):
        start, end = found[2:]
        if not any(covered[start:end]):
            yield found
            covered[start:end] = b"\1" * (end - start)
    foreign = [end for key, _, _, end in taken if key in places("abroad")]
    for found in _persons(text):
        start, end = found[2:]
        if not any(covered[start:end]):
            is_foreign = any(
                0 <= start - place <= 12 and not _OF_CHINA.search(text, max(0, place - 8), start) for place in foreign
            )
            yield (text[start:end], *found[1:]) if is_foreign else found
            covered[start:end] = b"\1" * (end - start)


def _known_in(text: str) -> Iterator[Found]:
    table = _by_beginning()
    place, last = 0, len(text) - 1
    country_ends = -1
    while place < last:
        for each in table.get(text[place : place + 2], ()):
            if text.startswith(each.form, place) and _stands(text, place, each, country_ends):
                end = place + len(each.form)
                yield each.key, each.kind, place, end
                if each.kind == "place":
                    country_ends = end
                place = end
                break
        else:
            place += 1


def _stands(text: str, place: int, each: Known, country_ends: int) -> bool:
    before, after = _NOT_BEHIND.get(each.form), _NOT_BEFORE.get(each.form)
    end = place + len(each.form)
    if before and before.search(text[max(0, place - 1) : place]):
        return False
    if after and after.match(text, end):
        return False
    if (
        each.kind == "person"
        and len(each.form) < 4
        and each.form[0] in pinyin.surnames()
        and text[end : end + 1] == "调"
    ):
        return False  # 李强调
    if (
        each.kind == "person"
        and (text[place - 1 : place] in _JOINS or text[end : end + 1] in _JOINS)
        and "·" not in each.form
    ):
        return False  # 查韦斯-德雷默 is another Chavez
    return not (
        each.is_domestic and (country_ends == place or _OTHERS_GOVERNMENT.search(text[max(0, place - 1) : place]))
    )


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A person behind a title; and one that begins a clause, before a title or a verb that only a person has."""

    def either(kind: str) -> str:
        return "|".join(sorted(words(kind), key=lambda each: (-len(each), each)))

    single = "".join(sorted(each for each in pinyin.surnames() if len(each) == 1))
    double = "|".join(sorted(each for each in pinyin.surnames() if len(each) == 2))
    given = rf"(?P<given>[{_HAN}]{{1,2}}?)"
    behind = rf"(?=[^{_HAN}]|$|(?:{either('chinese_behind')}))"
    titled = rf"(?:{either('chinese_title')})(?P<surname>{double}|[{single}]){given}{behind}"
    # What stands before the surname is looked at last: a search that begins with a class of characters is quick.
    clause = (
        rf"(?P<surname>[{single}](?<={_BEGINS}.)|(?:{double})(?<={_BEGINS}..))"
        rf"{given}(?=(?:{either('chinese_says')})|(?:{either('chinese_title')}))"
    )
    return re.compile(titled), re.compile(clause)


def _persons(text: str) -> Iterator[Found]:
    titled, clause = _patterns()
    for pattern in (titled, clause):
        for found in pattern.finditer(f"\n{text}"):
            if person := _person(found, is_titled=pattern is titled):
                key, kind, start, end = person
                yield key, kind, start - 1, end - 1


def _person(found: re.Match[str], is_titled: bool) -> Found | None:
    text, surname, given, end = found.string, found["surname"], found["given"], found.end("given")
    particles, given_names = words("chinese_particle"), words("chinese_given")
    if len(given) == 1 and given in particles and not is_titled:
        return None
    if len(given) == 1 and text[end : end + 1] in particles:
        # 王毅说， or 陈建和，: what follows the particle tells which it is, where it can.
        two_end = end + 1
        if text[end] not in "说称在将的是等" and re.match(rf"[^{_HAN}]|$", text[two_end : two_end + 1]):
            given, end = text[end - 1 : two_end], two_end
    if not is_titled and not all(character in given_names for character in given):
        return None
    if is_titled and len(given) == 1 and given in particles:
        return None
    if any(sign in _NOBODY for sign in given) or given in _KIN:
        return None  # 赵某, 谷阿姨
    if surname + given in words("chinese_no_name") or (surname + given)[:2] in words("chinese_no_name"):
        return None
    key = pinyin.name_key(surname, given)
    return (key, "person", found.start("surname"), end) if key else None


@cache
def _foreign() -> tuple[re.Pattern[str], re.Pattern[str]]:
    titles = "|".join(sorted(words("chinese_title"), key=lambda each: (-len(each), each)))
    signs = f"[{SIGNS}]"
    dotted = re.compile(rf"{signs}{{1,7}}(?:[·-]{signs}{{1,7}}){{1,3}}")
    titled = re.compile(rf"(?:{titles})(?P<name>{signs}{{3,7}})(?=[^{_HAN}]|$|说|表示|称|在|当天|当日|和|与|会见|会谈)")
    return dotted, titled


def _transliterated(text: str) -> Iterator[Found]:
    dotted, titled = _foreign()
    if "·" in text:
        for found in dotted.finditer(text):
            if "·" in found[0]:
                yield found[0], "person", found.start(), found.end()
    for found in titled.finditer(text):
        name = found["name"]
        # A Chinese name of three characters is one, whatever its characters are used for beside: 马尔康, 李克强.
        if len(name) > 3 or name[0] not in pinyin.surnames():
            yield name, "person", found.start("name"), found.end("name")
