"""Who says it, in Chinese: 公安部26日通报称, 据新华社报道, 记者从国家能源局获悉, “…”，他说.

A clause's source is what stands before its verb of saying, without time, place and occasion. What stands in quotation
marks is somebody's words: no source is looked for in it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from grammar import press
from grammar.chinese_quotes import SCARE_AT_MOST, ends_a_sentence, quote
from grammar.chinese_speakers import (
    BREAK,
    BREAK_OR_NAME,
    DAY,
    WITHIN,
    cues,
    is_person,
    is_source,
    kind_of,
    subject,
    trimmed,
)
from grammar.passage import Passage
from grammar.quotes import Quotation, quotations
from grammar.sources import Source, source_of
from items import Attribution, Quote

# Before and behind 说 and 称, where these are no verbs: 小说, 名称, 听说, 据说; 说明, 称为, 称号.
_NO_VERB_BEFORE = "小学传演听名职简俗对统昵尊堪全号胡评诉据可相匀宣声自谎辩"
_NO_SAYING_BEFORE = "以话么要想来再好能难游不别虽照按且是解劝述常有如该可爱会白细"  # of 说 alone: 换句话说, 来说, 想说
_NO_VERB_AFTER = "明法服教唱不话起号为作呼赞职之得谎白心王霸雄帝重量谓颂道奇病羡出"
_DOCUMENTS = (
    r"(?:数据|统计|报告|通报|声明|公告|公报|白皮书|蓝皮书|通知|调查|消息|信息|资料|报道|研究|文件|指数|榜单|评估|结果"
    r"|战报|简报|名单|预报|图像|文章)"
)
_PUBLISHED = re.compile(
    rf"(?P<source>{WITHIN}{{2,24}}?)(?:{DAY}|最新|联合|共同|正式)*(?:发布|公布|提供|发表|出具|出台|披露)的(?:一[项份篇则])?"
    rf"(?P<document>{WITHIN}{{0,10}}?{_DOCUMENTS})(?P<cue>显示|表明|指出|称|说|认为)"
)
_BY = re.compile(
    rf"(?:一[项份篇个]|这[项份篇]|该)?由(?P<source>{WITHIN}{{2,24}}?)(?:{DAY}|联合|共同)*(?:牵头|发布|公布|主导|开展|进行|完成|撰写|主持|委托进行)(?:发布|开展|进行)?的"
    rf"(?:一[项份篇])?(?P<document>{WITHIN}{{0,10}}?{_DOCUMENTS})(?P<cue>显示|表明|指出|称|说|认为|发现)"
)
_COMING_FROM = re.compile(
    rf"来自(?P<source>{WITHIN}{{2,24}}?)的(?P<document>{WITHIN}{{0,8}}?{_DOCUMENTS})(?P<cue>显示|表明|指出|称|说)"
)
_ACCORDING = re.compile(
    rf"(?<![数占证依票收割盘论字])(?P<cue>根据|依据|据)(?!点|守|为|理|有|此|说|悉)(?P<source>{WITHIN}{{2,36}}?)"
    rf"{DAY}*(?:最新|初步|联合|不完全|的)*"
    r"(?P<verb>报道|介绍|通报|统计|消息人士|消息|了解|披露|透露|监测|测算|预测|估算|估计|评估|预报|数据显示|数据|报告显示|报告|显示|分析|测定|核实|证实"
    rf"|(?:发布|公布|提供|发表|披露|出具)的{WITHIN}{{0,10}}?{_DOCUMENTS}|发布|公布|公告|通告|声明)"
    rf"(?:[称说]|显示|表示|指出|的{WITHIN}{{0,6}}?{_DOCUMENTS}显示?)?(?=[，,：:])"
)
_FROM = re.compile(
    rf"(?P<teller>{WITHIN}{{0,12}}记者)?{DAY}*从"
    rf"(?P<source>{WITHIN}{{2,36}}?)(?:{DAY}|举行的{WITHIN}{{0,16}}上|召开的{WITHIN}{{0,16}}上|(?:新闻|例行|专题|专场|媒体|情况|主题)*(?:发布会|座谈会|通气会|记者会|会议)上)*(?:举行的|处|方面|那里)?"
    r"(?P<cue>获悉|了解到|得知|证实|获知)"
)
# Behind what is said: …，据新华社报道。
_ACCORDING_BEHIND = re.compile(
    rf"[，,](?:另|又)?(?P<cue>根据|据)(?P<source>{WITHIN}{{2,24}}?){DAY}*(?P<verb>报道|报导|消息|介绍|通报|统计|透露|披露|数据|报告|称)?[。！!]*$"
)
_CITES = re.compile(
    rf"据?(?P<source>{WITHIN}{{2,20}}?){DAY}*(?P<cue>援引|引述|转引|引用)(?P<inner>{WITHIN}{{2,30}}?)"
    r"(?P<verb>通报|报道|消息|的话|的消息|声明|数据|的报道|的说法|的声明)?(?:称|说|报道|显示|表示|指出)"
)
_CITED = ("援引", "引述", "转引", "引用")
_PUBLISHES = ("发布的", "公布的", "提供的", "发表的", "出具的", "出台的", "披露的")
_LEARNS = ("获悉", "了解到", "得知", "证实", "获知")
_INTRODUCES = re.compile("|".join((*_CITED, "据", "来自", "由", *_PUBLISHES, *_LEARNS)))
_HEADLINE = re.compile(rf"(?P<source>{WITHIN}{{2,20}}?)(?P<cue>[：:])")
_ANSWERED = re.compile(rf"(?P<source>{WITHIN}{{2,16}}?)(?P<cue>回应|谈|驳斥|驳|澄清|通报|解读){WITHIN}{{1,24}}[：:]")
_NO_HEADLINE = re.compile(
    r"(?:直播|视频|快讯|独家|图集|专访|评论|社论|时评|聚焦|关注|记者|观察|解读|特写|通讯|图解|一图)$"
)
_LISTENER = re.compile(rf"{WITHIN}{{2,14}}[，,：:]")
_TOLD = re.compile(rf"({WITHIN}{{2,14}})(?=[，,：:])")
_TOLD_BY = re.compile(rf"[对向]({WITHIN}{{2,14}})$")
_NOT_SAID = re.compile(r"[^\d日月天晚上下午当昨今（）()]")  # between a speaker and his verb behind what he says
_FEELING = re.compile(
    r"(?:深切|衷心|热烈|高度|诚挚|崇高|由衷)?的?(?:哀悼|慰问|祝贺|感谢|赞赏|敬意|同情|钦佩)(?:[，。,和与]|$)"
)
_OUTLETS = ("agency", "media", "state media")
_FORESEES = ("预计", "预测")
_LONGEST_CLAUSE = 80  # characters; a longer one has no subject that could be told


@cache
def _cue() -> re.Pattern[str]:
    """The verbs of saying, the longest first, and what follows one at once."""
    verbs = "|".join(sorted(cues("says") | cues("loaded"), key=len, reverse=True))
    return re.compile(
        rf"(?P<cue>{verbs}|(?<![{_NO_VERB_BEFORE}])(?:(?<!人)|(?<=[言责事当证理件情]人)|(?<=人)(?=[说称][，,：:“]))"
        rf"(?:(?<![{_NO_SAYING_BEFORE}])说|称)(?![{_NO_VERB_AFTER}]))(?P<after>了?[，,：:]?(?:[“\"「]|\n)?)"
    )


@dataclass(slots=True)
class _Found:
    start: int
    end: int
    cue: tuple[int, int]
    statement: tuple[int, int] | None
    via: int | None = None  # the place of its teller in the list


def chinese_attributions(passage: Passage) -> tuple[list[Attribution], list[Quote]]:
    """The attributions and quotes of a Chinese passage, each in order of place; see grammar.attributions."""
    marks = [mark for mark in quotations(passage.text) if mark.depth == 0]
    masked = _masked(passage.plain, marks)
    found: list[_Found] = []
    if passage.is_title:
        found += _of_headline(masked)
    for start, end in _sentences(masked):
        if not found or found[-1].cue[1] <= start or not passage.is_title:
            found += _of_sentence(masked, start, end, marks, len(found))
    order = sorted(range(len(found)), key=lambda place: (found[place].start, place))
    place_of = {before: after for after, before in enumerate(order)}
    spans = passage.sentences
    attributions = []
    for before in order:
        each = found[before]
        words = passage.text[each.start : each.end]
        source = source_of(words)
        kind = kind_of(words)
        kind = "person" if kind in ("other", "official") and is_person(words) else kind
        if words.endswith("记者") and (outlets := press.known().named(words)):
            kind, source = "agency", Source("agency", outlets[0].outlet)
        attributions.append(
            Attribution(
                words, each.start, each.end, kind, passage.text[slice(*each.cue)], *each.cue, each.statement,
                each.statement is not None and _holds_a_quote(each.statement, marks),
                passage.text[slice(*each.cue)] in cues("loaded"),
                None if each.via is None else place_of[each.via],
                source.key,
                _holding(spans, each.cue[0]),
            )
        )  # fmt: skip
    return attributions, [quote(passage.text, mark, attributions) for mark in marks]


def _of_headline(masked: str) -> list[_Found]:
    """The source before the colon of a headline: 外交部：中方坚决反对."""
    match = _ANSWERED.match(masked) or _HEADLINE.match(masked)
    if not match or _NO_HEADLINE.search(match["source"]):
        return []
    if match["source"].endswith(tuple(cues("says") | cues("loaded"))):
        return []
    place = trimmed(masked, match.start("source"), match.end("source"))
    if place is None or not is_source(masked[slice(*place)]):
        return []
    return [_Found(*place, match.span("cue"), _behind(masked, match.end(), len(masked)))]


_DATELINE = re.compile(
    r"(?:^|\n)[\s【\[(]*(?P<filed>[^\s,，。;；!?！？\n()（）]{2,12}(?:\d{1,2}月)?\d{1,2}日(?:凌晨|[早晚午]间?)?[电電讯訊](?!话|视|影|子|信|力|脑|商)"
    r"(?:[ \u3000]*[(（][^()（）\n]{1,60}[)）])?[ \u3000]*[】\])]?[ \u3000]*)"
)


def _masked(text: str, marks: list[Quotation]) -> str:
    """The text with a box for each character within quotation marks; works in 《》 stay, a source may be one."""
    signs = list(text)
    for mark in marks:
        if mark.is_title_mark:
            continue
        signs[mark.start - 1] = "“"  # whichever way it is drawn, it is known here which one opens and which one closes
        if mark.closed:
            signs[mark.end] = "”"
        if mark.end - mark.start > SCARE_AT_MOST or ends_a_sentence(text, mark):
            signs[mark.start : mark.end] = "◻" * (mark.end - mark.start)
    # Where a wire text was filed, and by whom, is no part of the source that follows.
    for match in _DATELINE.finditer(text):
        signs[match.start("filed") : match.end("filed")] = "。" * (match.end("filed") - match.start("filed"))
    return "".join(signs)


def _sentences(masked: str) -> Iterator[tuple[int, int]]:
    """Sentences with what is quoted in them: a quotation's own full stop ends none that goes on behind it."""
    start = 0
    for match in re.finditer(r"[。！？!?]+[”」』）]*|\n+", masked):
        if masked[match.end() : match.end() + 1] in ("，", ","):
            continue
        if match.end() > start:
            yield start, match.end()
        start = match.end()
    if start < len(masked):
        yield start, len(masked)


def _of_sentence(masked: str, start: int, end: int, marks: list[Quotation], number: int) -> list[_Found]:
    """`number`: how many were found before, for `via` counts in all."""
    found: list[_Found] = []
    taken = start  # up to here everything belongs to a source that was found
    teller: int | None = None  # whoever reports all the rest of the sentence
    if _INTRODUCES.search(masked, start, end):
        found, taken, teller = _introduced(masked, start, end, number)
    for match in _cue().finditer(masked, start, end):
        at = match.start("cue")
        if at < taken:
            continue
        source = _speaker(masked, start, at)
        if source is None or source[0] < taken - 1 or not is_source(masked[slice(*source)]):
            continue
        cue_end = match.end("cue")
        told = _told(masked, start, end, source[0], cue_end, marks)
        words = masked[slice(*source)]
        after = match["after"]
        if told and told[1] < source[0] and masked[told[1]] in "，,":  # 项目明年完工，王强介绍。
            if _NOT_SAID.search(masked[source[1] : at]):
                continue
            after = "，"
        if match["cue"] == "告诉" and _LISTENER.match(masked, cue_end):  # 告诉《中国日报》，
            after = "，"
        if told is None or not _says(match["cue"], after, words):
            continue
        if match["cue"] == "表示" and _FEELING.match(masked, cue_end):
            continue
        if match["cue"] in cues("of the known") and BREAK.search(masked, source[1], at):
            continue  # 朝中社发表声明，谴责军演
        via = teller
        if hearer := _hearer(masked, source[1], at, cue_end if match["cue"] == "告诉" else at):
            found.append(_Found(*hearer, (at, cue_end), told, teller))
            via = number + len(found) - 1
        found.append(_Found(*source, (at, cue_end), told, via))
        taken = cue_end
        if kind_of(words) in _OUTLETS and teller is None and match["after"]:
            teller = number + len(found) - 1  # what others say behind it is known through it
    return found


def _hearer(masked: str, source_end: int, at: int, behind: int) -> tuple[int, int] | None:
    """The outlet to which somebody says it: 他对新华社记者说, 他告诉路透社. `behind`: where the verb ends, if
    the outlet may stand behind it."""
    match = _TOLD_BY.search(masked, source_end, at) if behind == at else _TOLD.match(masked, behind)
    if match is None or not any(
        outlet.end >= len(match[1].rstrip("记者》")) for outlet in press.known().named(match[1])
    ):
        return None
    return match.span(1)


def _introduced(masked: str, start: int, end: int, number: int) -> tuple[list[_Found], int, int | None]:
    """The sources of a sentence that stand in front of what they say, where the last of their words ends, and who
    reports all the rest."""
    found: list[_Found] = []
    sentence = masked[start:end]
    taken = start
    teller: int | None = None
    for match in _matches(_CITES, _CITED, sentence):
        source = subject(masked, start + match.start("source"), start + match.end("source"))
        inner = trimmed(masked, start + match.start("inner"), start + match.end("inner"))
        if source and inner and is_source(masked[slice(*source)]) and is_source(masked[slice(*inner)]):
            told = _behind(masked, start + match.end(), end)
            cue = start + match.start("cue"), start + match.end("cue")
            verb = start + match.start("verb") if match["verb"] else cue[0]
            found.append(_Found(*source, cue, told))
            found.append(_Found(*inner, (verb, start + match.end()) if match["verb"] else cue, told, number))
            teller, taken = number + 1, start + match.end()
            break
    for match in _matches(_ACCORDING, ("据",), sentence):
        source = trimmed(masked, start + match.start("source"), start + match.end("source"))
        if start + match.start() >= taken and source and is_source(masked[slice(*source)]):
            told = _behind(masked, start + match.end(), end)
            found.append(_Found(*source, (start + match.start("cue"), start + match.end("cue")), told, teller))
            teller, taken = number + len(found) - 1, start + match.end()
    for match in _matches(_ACCORDING_BEHIND, ("据",), sentence.rstrip()):
        source = trimmed(masked, start + match.start("source"), start + match.end("source"))
        words = masked[slice(*source)] if source else ""
        if source and is_source(words) and (match["verb"] or kind_of(words) in _OUTLETS):
            cue = start + match.start("cue"), start + match.end("cue")
            found.append(_Found(*source, cue, (start, start + match.start()), None))
    for pattern, needed in ((_COMING_FROM, ("来自",)), (_BY, ("由",)), (_PUBLISHED, _PUBLISHES)):
        for match in _matches(pattern, needed, sentence):
            source = subject(masked, start + match.start("source"), start + match.end("source"))
            if start + match.start() < taken or not source or not is_source(masked[slice(*source)]):
                continue
            told = _behind(masked, start + match.end(), end)
            cue = start + match.start("cue"), start + match.end("cue")
            found.append(_Found(start + match.start("document"), start + match.end("document"), cue, told, teller))
            found.append(_Found(*source, cue, told, number + len(found) - 1))
            teller, taken = number + len(found) - 1, start + match.end()
    for match in _matches(_FROM, _LEARNS, sentence):
        source = trimmed(masked, start + match.start("source"), start + match.end("source"))
        if start + match.start() < taken or not source or not is_source(masked[slice(*source)]):
            continue
        told = _behind(masked, start + match.end(), end)
        cue = start + match.start("cue"), start + match.end("cue")
        via = teller
        if match["teller"] and press.known().named(match["teller"]):
            by = start + match.start("teller"), start + match.end("teller")
            found.append(_Found(*by, cue, told, teller))
            via = number + len(found) - 1
        found.append(_Found(*source, cue, told, via))
        teller, taken = number + len(found) - 1, start + match.end()
    return found, taken, teller


def _says(cue: str, after: str, words: str) -> bool:
    """Whether a verb of saying has these words for a source."""
    kind = kind_of(words)
    if cue in cues("comma") and not after.lstrip("了") and cue not in cues("goes on"):
        return False
    if cue in cues("of media") and kind not in _OUTLETS:
        return False
    if cue in cues("of a document"):
        return kind == "document" or words.endswith(tuple(cues("finder")))
    if cue in _FORESEES and kind == "person" and not is_person(words):
        return len(words) > 4  # 公路预计发送旅客…
    return not (cue in cues("wish") and kind in ("document", "organisation"))


def _matches(pattern: re.Pattern[str], words: Iterable[str], sentence: str) -> Iterator[re.Match[str]]:
    """A pattern's matches where one of the words that it needs stands at all: it begins with any character."""
    return pattern.finditer(sentence) if any(word in sentence for word in words) else iter(())


def _speaker(masked: str, start: int, at: int) -> tuple[int, int] | None:
    """The source whose verb stands at `at`: the subject of its clause, or of the one before where this has none."""
    edge = at
    for _ in range(3):
        nearest = max(start, edge - _LONGEST_CLAUSE)
        breaks = [
            match.end()
            for match in BREAK_OR_NAME.finditer(masked, nearest, edge)
            if match[0][0] != "“" or match.end() == match.start() + 1
        ]
        if not breaks and nearest > start:
            return None
        begin = breaks[-1] if breaks else start
        if (found := subject(masked, begin, edge)) is not None:
            return found
        if not breaks or masked[begin - 1] not in "，,":
            return None
        edge = begin - 1
    return None


def _behind(masked: str, begin: int, end: int) -> tuple[int, int] | None:
    """What is said behind an introduction, to the end of the sentence."""
    while begin < end and masked[begin] in "，,：: ":
        begin += 1
    while end > begin and masked[end - 1] in "。\n":
        end -= 1
    return (begin, end) if end > begin else None


def _told(
    masked: str, start: int, end: int, source: int, cue_end: int, marks: list[Quotation]
) -> tuple[int, int] | None:
    """The statement of a speaker: what is quoted in front of him with what is quoted behind, else what follows."""
    last = bisect_right(marks, source, key=lambda mark: mark.start)
    before = [
        mark for mark in marks[max(0, last - 2) : last]
        if start <= mark.outer[0] and mark.outer[1] <= source and not mark.is_title_mark
    ]  # fmt: skip
    between = masked[before[-1].outer[1] : source] if before else ""
    leads = bool(before) and not between.strip("，, \n") and masked[before[-1].start] == "◻"
    behind = _behind(masked, cue_end, end)
    if leads:
        quoted = behind is not None and masked[behind[0]] in '“"「'
        return before[-1].outer[0], behind[1] if quoted and behind else before[-1].outer[1]
    if behind is None and source > start + 1 and masked[source - 1] in "，,":  # 项目明年完工，王强说。
        return start, source - 1
    return behind


def _holds_a_quote(statement: tuple[int, int], marks: list[Quotation]) -> bool:
    number = bisect_left(marks, statement[0], key=lambda mark: mark.start)
    return number < len(marks) and marks[number].end <= statement[1]


def _holding(spans: list[tuple[int, int]], place: int) -> tuple[int, int]:
    number = bisect_right(spans, place, key=lambda span: span[0]) - 1
    return spans[number] if number >= 0 and place < spans[number][1] else (place, place)
