"""Of which kind the words in a Chinese text's quotation marks are: speech, a scare quote, a title or another."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import cache

from grammar import vocabulary
from grammar.chinese_lexicon import END, LOOSE, VERB, word
from grammar.chinese_lexicon import words as words_of_table
from grammar.quotes import Quotation
from items import Attribution, Quote

SCARE_AT_MOST = 8  # characters without a mark that ends a sentence
_REACH = 300  # characters between a quotation and its speaker
_ROW = 8  # quotations in a row that are looked past
_ENDS = "。！？，,!?…；;"
# What is said of one of several quotations in a row is said of all: “…”“…”和“…”建设
_NEXT_IN_ROW = re.compile(r"(?:[、，]|[和与及]|以及)?“[^“”\n]{1,30}”")
_ONE_BEFORE_IN_ROW = re.compile(r"“[^“”\n]{1,30}”(?:[、，]|[和与及]|以及)?$")
_IN_OTHER_WORDS = re.compile(r"（[^（）\n]{1,20}）")
_SPEAKER_OF_A_LINE = re.compile(r"[^\n，。；：“]{2,16}：[^\n。；]*")
_NUMBERED = re.compile(
    r"[两三四五六七八九十]个[\u3400-\u9fff]{2,6}|[两三四五六七八九十]大.{1,6}(?:项目|工程|行动)|.{2,}(?:\d+|[一二三四五六七八九十])条"
)
_FORMULA = re.compile(r"[+＋]")  # 公司+农户
_DAY_OF_SOMETHING = re.compile(r".{2,}(?<![节假生今明后整])日")
# What the writer does not call so himself. Other words in quotation marks are terms: “黄金周”.
_SO_CALLED = re.compile(
    r"(?:所谓的?|号称的?|自称是?|自封的?|谎称|冒充|伪装成|打着|鼓吹|炮制|编造|炒作|渲染|散布|妄称|诬称|污称)$"
)
_SO_CALLED_BEHIND = re.compile(
    r"(?:为由|为借口|为幌子|为名[，行]|的旗号|的幌子|的名义|的借口|的谬论|的谎言|的论调|谬论|谎言)"
)
_SAID_BEFORE = re.compile(
    r"(?:[说称道]|表示|指出|认为|强调|重申|承认|坦言|警告|批评|指责|谴责|宣布|形容|描述|写道|直言|感叹|感慨|回应|呼吁|提出|[是为]|属于|构成|犯下|感到|非常|十分|将|会|应|要|正在"
    r"|没有|不|已经?|必须|能够|其|此举|此事)$"
)
_BLAMED = re.compile(r"(?:指责|批评|谴责|抨击|警告|形容|斥|怒斥|痛斥|嘲讽|讽刺|呼吁)[^，、]{0,20}$")
_JUDGED = re.compile(r"[是为][^，。]{0,4}$")
_MODEL = re.compile(r"[\u3400-\u9fff]{1,4}[-—]?[\dA-Z]{1,5}号?")  # 雪鹰601
_CLAUSE = re.compile(
    r"^[要让把]|[，、；：,]|[我你您他她它们咱]|不|没有|已经|正在|将|会|必须|应该|可以|能够|都|太|很|了|吗|呢|吧|啊"
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


@cache
def _listed(kind: str) -> tuple[str, ...]:
    """The words of a kind in chinese_quotes.tsv, the longest first."""
    rows = vocabulary.lines("chinese_quotes.tsv", ("kind", "words"))
    found = {each for _, row in rows if row["kind"] == kind for each in row["words"].split()}
    return tuple(sorted(found, key=lambda each: (-len(each), each)))


@cache
def _names() -> frozenset[str]:
    return frozenset((*_listed("programme"), *_listed("named")))


@cache
def _titled_behind() -> re.Pattern[str]:
    far, near, none = ("|".join(_listed(kind)) for kind in ("bears a name", "at once", "no noun"))
    return re.compile(
        rf"等?(?P<between>[^\W的和与及是在将为等]{{0,6}}?)(?!{none})(?:{far})|(?!{none})(?:{near})"
        rf"|(?:\d+周年)?为(?:{'|'.join(_listed('theme'))})|的[^，。“]{{0,3}}(?:{'|'.join(_listed('of a name'))})"
        rf"|等?[^，。的]{{0,3}}(?:{'|'.join(_listed('banner'))})"
    )


def _names_what_follows(behind: str) -> bool:
    """Whether what stands behind a quotation is a noun whose name it is: “…”主战坦克, but not “…”影响比赛."""
    match = _titled_behind().match(behind)
    if match is None:
        return False
    between = match["between"] or ""
    return not between or word(between, 0, len(between))[1] & (VERB | LOOSE) != VERB


def _kind(text: str, mark: Quotation, is_told: bool) -> str:
    words = text[mark.start : mark.end]
    before = text[max(0, mark.start - 32) : mark.start - 1]
    behind = text[mark.end + 1 : mark.end + 11]
    at_end = not behind or behind[0] in "，。；！？,;.!?\n"
    if ends_a_sentence(text, mark) or (before.endswith(("：", ":")) and (at_end or len(words) > SCARE_AT_MOST)):
        return "speech"
    if _SO_CALLED.search(before) or _SO_CALLED_BEHIND.match(behind):
        return "scare"
    if before.endswith(_listed("called")) and not (is_told and len(words) > SCARE_AT_MOST):
        return "other"
    if words in _names() or _MODEL.fullmatch(words) or _NUMBERED.fullmatch(words) or _DAY_OF_SOMETHING.fullmatch(words):
        return "title"
    if _FORMULA.search(words) and behind.startswith("模式"):
        return "other"
    if _names_what_follows(_behind_row(text, mark)):
        return "title"
    if _ends_like_a_name(words) and not (is_told and _CLAUSE.search(words)):
        return "title"
    if (is_told or _heads_a_line(text, mark)) and _is_judged(words, before, behind):
        return "speech"
    if behind.startswith("的") and behind[1:].startswith(_listed("told")) and (is_told or _CLAUSE.search(words)):
        return "speech"
    if is_told and len(words) >= 4 and (len(words) > 2 * SCARE_AT_MOST or _is_said(words, before, behind)):
        return "speech"
    before, behind = _before_row(text, mark), _behind_row(text, mark)
    is_named = before.endswith(_listed("of a kind")) or (
        before.endswith(_listed("launched")) and (not behind or behind[0] in "，。；、！？,;.!?\n等和")
    )
    return "title" if is_named and len(words) > 1 else "other"


def _ends_like_a_name(words: str) -> bool:
    return len(words) > 2 and words.endswith(_listed("name ends")) and not words.endswith(_listed("no name"))


def _heads_a_line(text: str, mark: Quotation) -> bool:
    """Whether the line is a headline with its speaker in front: 国际能源署：欧洲面临“史无前例”的短缺."""
    line = text.rfind("\n", max(0, mark.start - _REACH), mark.start) + 1
    return _SPEAKER_OF_A_LINE.fullmatch(text, line, mark.outer[0]) is not None


def _behind_row(text: str, mark: Quotation) -> str:
    """What stands behind the last of the quotations that stand in a row with this one."""
    at = mark.outer[1]
    for _ in range(_ROW):
        match = _NEXT_IN_ROW.match(text, at) or _IN_OTHER_WORDS.match(text, at)
        if match is None:
            break
        at = match.end()
    return text[at : at + 12]


def _before_row(text: str, mark: Quotation) -> str:
    """What stands in front of the first of them."""
    at = mark.outer[0]
    for _ in range(_ROW):
        match = _ONE_BEFORE_IN_ROW.search(text, max(0, at - 40), at)
        if match is None:
            break
        at = match.start()
    return text[max(0, at - 12) : at]


def _is_judged(words: str, before: str, behind: str) -> bool:
    """Whether a short quotation within a statement is how its speaker judges."""
    if words.startswith(_listed("judging")) or before.endswith(("是其", "为其")):
        return True
    return word(words, 0, len(words))[1] & VERB != 0 and before.endswith(("中", "上")) and behind[:1] in tuple("，。；")


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
