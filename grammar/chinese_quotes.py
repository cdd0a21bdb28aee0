"""Of which kind the words in a Chinese text's quotation marks are: speech, a scare quote, a title or another."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from grammar.chinese_lexicon import END, LOOSE, VERB, listed, word
from grammar.chinese_lexicon import words as words_of_table
from grammar.quotes import Quotation
from items import Attribution, Quote

SCARE_AT_MOST = 8  # characters without a mark that ends a sentence
_REACH = 300  # characters between a quotation and its speaker
_ENDS = "。！？，,!?…；;"
_TITLED_BEHIND = re.compile(
    r"(?:.{0,4}?(?:行动|计划|工程|专项|战役|活动|战略|奖章|奖|勋章|称号|机制|论坛|系列|专场|主题|栏目|节目|展览|展|演习|联演|演练|品牌"
    r"|倡议|规划|战区|微博|公众号|账号|客户端|学院|书院|团队|班|工作室)|为?主题|为题|号|杯|级|型|轮|桥|组织|集团|公司|项目|政策|方案"
    r"|会议|节|周|网站|平台|系统|火箭|导弹|卫星|飞船|航母|客机|探测器|空间站|专列|舰|艇|.{0,4}(?:飞机|无人机|机器人|大桥|隧道|高铁|客轮|货轮|游轮|油轮|商船|渔船|潜水器|试验船|餐厅|酒店)|台风|飓风|模式|工作法|一词)"
)
_TITLED_WITHIN = re.compile(
    r"(?:行动|计划|工程|专项|战役|活动|战略|工作室|原则|共识|宣言|路线图|奖|勋章|奖章|杯|号|节|周|规划|倡议|条例|论坛)$"
)
_TITLED_BEFORE = re.compile(
    r"(?:台风|飓风|名为|题为|题目为|主题[是为：]?|主题分别[是为]|以|取名|命名为|定名为|荣获|获得?|获颁|颁发|授予|评为|获评|被评为|入选|开展|启动|推出|实施|代号|口号|标语|品牌"
    r"|微信公众号|公众号|栏目|节目|专栏|共建|推进|推动|《[^》]{0,20})$"
)
_THEME_BEHIND = re.compile(r"为(?:主题|题|主线|口号|目标|抓手|契机|名)")
_NAMING = re.compile(
    r"(?:俗称|简称|叫[做作]?|称[作为之]*|之为|誉为|美誉为?|称作|视作|视为|比作|绰号|外号|昵称|别名|别称|意为|意即|意思是|网名|化名|笔名|雅称|人称|号称|素有|享有)$"
)
# What the writer does not call so himself. Other words in quotation marks are terms: “黄金周”.
_SO_CALLED = re.compile(
    r"(?:所谓的?|号称的?|自称是?|自封的?|谎称|冒充|伪装成|打着|鼓吹|炮制|编造|炒作|渲染|散布|妄称|诬称|污称)$"
)
_SO_CALLED_BEHIND = re.compile(r"(?:的旗号|的幌子|的名义|的借口|的谬论|的谎言|的论调|谬论|谎言)")
_SAID_BEFORE = re.compile(
    r"(?:[说称道]|表示|指出|认为|强调|重申|承认|坦言|警告|批评|指责|谴责|宣布|形容|描述|写道|直言|感叹|感慨|回应|呼吁|提出|[是为]|属于|构成|犯下|感到|非常|十分|将|会|应|要|正在"
    r"|没有|不|已经?|必须|能够|其|此举|此事)$"
)
_BLAMED = re.compile(r"(?:指责|批评|谴责|抨击|警告|形容|斥|怒斥|痛斥|嘲讽|讽刺|呼吁)[^，、]{0,10}$")
_JUDGED = re.compile(r"[是为][^，。]{0,4}$")
_MODEL = re.compile(r"[\u3400-\u9fff]{1,4}[-—]?[\dA-Z]{1,5}号?")  # 雪鹰601
_CLAUSE = re.compile(
    r"[，、；：,]|[我你您他她它们咱]|不|没有|已经|正在|将|会|必须|应该|可以|能够|都|太|很|了|吗|呢|吧|啊"
)


def quote(text: str, mark: Quotation, attributions: list[Attribution]) -> Quote:
    """What a quotation is, and who said it."""
    first = bisect_left(attributions, mark.start - _REACH, key=lambda each: each.start)
    last = bisect_right(attributions, mark.end + _REACH, key=lambda each: each.start)
    holding = [
        (each.statement[1] - each.statement[0], place)
        for place, each in enumerate(attributions[first:last], first)
        if each.statement and each.statement[0] <= mark.start and mark.end <= each.statement[1] + 1
    ]
    teller = min(holding)[1] if holding else None
    kind = "title" if mark.is_title_mark else _kind(text, mark, teller is not None)
    return Quote(mark.start, mark.end, kind, teller if kind == "speech" else None)


def ends_a_sentence(text: str, mark: Quotation) -> bool:
    return text[mark.end - 1 : mark.end] in tuple(_ENDS)


def _kind(text: str, mark: Quotation, is_told: bool) -> str:
    words = text[mark.start : mark.end]
    before = text[max(0, mark.start - 12) : mark.start - 1]
    behind = text[mark.end + 1 : mark.end + 9]
    at_end = not behind or behind[0] in "，。；！？,;.!?\n"
    if ends_a_sentence(text, mark) or (before.endswith(("：", ":")) and (at_end or len(words) > SCARE_AT_MOST)):
        return "speech"
    if _SO_CALLED.search(before) or _SO_CALLED_BEHIND.match(behind):
        return "scare"
    if _NAMING.search(before) and not (is_told and len(words) > SCARE_AT_MOST):
        return "other"
    if words in listed("programme") or _THEME_BEHIND.match(behind) or _TITLED_BEHIND.match(behind):
        return "title"
    if _MODEL.fullmatch(words):
        return "title"
    if _TITLED_WITHIN.search(words) and len(words) > 2:
        return "title"
    if is_told and len(words) >= 4 and (len(words) > 2 * SCARE_AT_MOST or _is_said(words, before, behind)):
        return "speech"
    return "title" if _TITLED_BEFORE.search(before) else "other"


def _is_said(words: str, before: str, behind: str) -> bool:
    """Whether quoted words within a statement are the speaker's own, not a term of which he speaks: behind a verb of
    saying or judging, and at the end of their clause, or with a verb of their own."""
    at_end = not behind or behind[0] in "，。；！？,;.!?\n"
    if behind.startswith("的") and _JUDGED.search(before):  # 这是当地“最具破坏性”的灾害
        return True
    if _CLAUSE.search(words) or word(words, 0, len(words))[1] & (VERB | LOOSE) == VERB:
        return at_end or bool(_SAID_BEFORE.search(before))
    if (at_end and _SAID_BEFORE.search(before)) or _BLAMED.search(before):
        return True
    known = words_of_table()
    is_object = any(known.get(before[-length:], 0) & (VERB | END) for length in (1, 2, 3))
    return at_end and len(words) >= 4 and not is_object and before[-1:] not in tuple("的和与及、”》")
