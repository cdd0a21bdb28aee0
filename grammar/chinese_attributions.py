"""Who says it, in Chinese: 公安部26日通报称, 据新华社报道, 记者从国家能源局获悉, “…”，他说.

A clause's source is what stands before its verb of saying, without time, place and occasion. What stands in quotation
marks is somebody's words: no source is looked for in it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from grammar import press
from grammar.passage import Passage
from grammar.quotes import Quotation, quotations
from grammar.sources import Source, source_of
from items import Attribution, Quote

_LOADED = "声称|宣称|自称|谎称|承认|否认|证实|坦言|警告|辩称|扬言|驳斥"
_SAYS = (
    f"{_LOADED}|报道称|报道说|报道|刊文指出|刊文称|发表评论文章称|发表文章称|表示|指出|透露|介绍说|介绍称|介绍|强调|宣布|通报称|通报说"
    "|通报|发布消息称|发布声明称|发表声明说|发布通告称|发布公告称|发表声明称|认为|回应称|回应说|回应|告诉记者"
    "|告诉本报记者|告诉|补充说"
    "|补充道|解释说|解释道|解释|说道|写道|表明|显示|提到|谈到|坦承|重申|呼吁|要求|建议|预测|预计|分析说|分析称"
    "|分析认为|感慨|感叹"
    "|直言|笑着说|回忆说|回忆道|威胁称|威胁说|披露|指责|批评说|敦促|希望|提醒"
)
_OF_MEDIA = frozenset("报道称 报道说 报道 刊文指出 刊文称 发表评论文章称 发表文章称".split())
# Verbs that only a statement behind them makes ones of saying: 要求 and 希望 are wishes, 介绍 may have an object.
_NEEDS_COMMA = frozenset(
    "报道 介绍 披露 通报 要求 希望 呼吁 建议 预计 预测 显示 表明 解释 回应 告诉 指责 敦促 感慨 感叹 提到 谈到 宣布 提醒"
    " 否认".split()
)
_WISHES = frozenset(("要求", "希望", "建议"))  # which plans and nouns before them have too: 规划要求
_GOES_ON = frozenset("显示 表明 预计 预测 宣布 呼吁 敦促 提醒 否认".split())  # a statement may follow without a comma
# Before and behind 说 and 称, where these are no verbs: 小说, 名称, 听说, 据说; 说明, 称为, 称号.
_NO_VERB_BEFORE = "小学传演听名职简俗对统昵尊堪全号胡评诉据可相匀宣声自谎辩"
_NO_VERB_AFTER = "明法服教唱不话起号为作呼赞职之得谎"
_WITHIN = r"[^，。；！？：:,;!?\n“”\"「」◻]"
_CUE = re.compile(
    rf"(?P<cue>{_SAYS}|(?<![{_NO_VERB_BEFORE}])(?:(?<!人)|(?<=[言责事当证理件]人))[说称](?![{_NO_VERB_AFTER}]))"
    r"(?P<after>[，,：:]?(?:[“\"「]|\n)?)"
)
_PUBLISHED = re.compile(
    rf"(?P<source>{_WITHIN}{{2,24}}?)(?:\d{{1,2}}日|近日|日前|最新)*(?:发布|公布|提供|发表|出具|出台)的"
    rf"(?P<document>{_WITHIN}{{0,10}}?(?:数据|报告|通报|声明|公告|公报|白皮书|通知|调查|统计))(?P<cue>显示|表明|指出|称|说)"
)
_ACCORDING = re.compile(
    rf"(?<![数占证依票收割盘论字])(?P<cue>根据|据)(?!点|守|为|理|有|此|说|悉)(?P<source>{_WITHIN}{{2,36}}?)"
    r"(?:(?:\d{1,2}月)?\d{1,2}日|近日|日前|今天|昨天|当天)?(?:最新|初步|的)?"
    r"(?P<verb>报道|介绍|通报|统计|消息|了解|披露|透露|监测|测算|预测|估算|预报|数据显示|数据|报告显示|显示|发布|公布|公告)"
    r"(?:称|说|显示|的(?:数据|消息)显示?)?(?=[，,：:])"
)
_FROM = re.compile(
    rf"(?P<teller>{_WITHIN}{{0,12}}记者)?(?:\d{{1,2}}日|日前|近日|今天|昨天|昨日|今日|上午|下午|晚间?|当天)*从"
    rf"(?P<source>{_WITHIN}{{2,30}}?)(?:\d{{1,2}}日|举行的{_WITHIN}{{0,16}}上|{_WITHIN}{{0,4}}发布会上)?(?:举行的)?"
    r"(?P<cue>获悉|了解到|得知)"
)
_CITES = re.compile(
    rf"据?(?P<source>{_WITHIN}{{2,20}}?)(?:\d{{1,2}}日|当天|随后)?(?P<cue>援引|引述|转引|引用)(?P<inner>{_WITHIN}{{2,30}}?)"
    r"(?P<verb>通报|报道|消息|的话|的消息|声明|数据|的报道)?(?:称|说|报道|显示|表示)"
)
_BREAK = re.compile(r"[，。；！？：:,;!?\n“”\"「」]|◻(?!◻)")
# What stands before a clause's subject, and between it and its verb.
_LEADING = re.compile(
    r"^(?:但是?|尽管|虽然|如果|不过|而且?|对此|此外|同时|随后|其中|另外|然而|因此|所以|于是|当时|日前|近日|今天|昨天|今日|昨日|当天|当日|如今|此前"
    r"|目前|在此基础上|(?:\d{1,2}月)?\d{1,2}日(?:上午|下午|晚间?|凌晨)?|会后|会上|会前|采访中|有的?|一位|一名|多位|多名|与会的?)+"
)
_TRAILING = re.compile(
    rf"(?:(?:\d{{1,2}}月)?\d{{1,2}}日(?:上午|下午|晚间?|凌晨|在)?|周[一二三四五六日]|日前|近日|今天|昨天|今日|昨日|当天|当日|当晚|随后"
    rf"|此前|再次|多次|一直|始终|（[^（）]{{1,12}}）|纷纷|普遍|一致|共同"
    rf"|还|也|则|并|又|都|曾|已|均|进一步|同时|明确|公开|正式|反复|一再|特别|笑着"
    rf"|高兴地|激动地|无奈地|{_WITHIN}{{1,4}}地"
    rf"|(?:在|于){_WITHIN}{{1,30}}?(?:上|中|时|后|里|期间|指出|采访)?|(?:对|向|就|针对|接受|通过|面对|出席|谈及|谈到|回应|经){_WITHIN}{{1,30}})$"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢"
    "姜崔钟谭陆汪范金"
    "石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常温康施文牛樊葛邢安齐"
    "易乔伍庞颜倪庄"
    "聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙"
    "鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧"
    "闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝"
)
_TITLE = (
    "总统|总理|首相|国务卿|外长|防长|部长|秘书长|总干事|主席|议长|发言人|新闻秘书|大使|司令|市长|州长|总裁"
    "|首席执行官|创始人|教授|专家|局长|主任"
    "|书记|省长|镇长|村长|县长|村民|市民|医生|记者|分析师|研究员|负责人|经理|队长|校长|院长|会长|司机|船长"
    "|居民|店主|游客|学生|家长|律师|院士"
    "|检察官|法官|民警|民众|董事长|厂长|站长|所长|司长|处长|农民|工人|教练|球员|老师|护士"
)
_TITLED = re.compile(rf"(?:{_TITLE})[\u3400-\u9fffA-Z·]{{2,8}}$")
_OF_A_TITLE = "长员人授师民者家任记理席使官警士生主工手总裁友妇戚亲"  # the last sign of a title, an office or a trade
_NAMED = re.compile(rf"(?:^|(?<=[{_OF_A_TITLE}]))[{_SURNAMES}][\u3400-\u9fff]{{1,2}}$")
_OTHERS = frozenset(("他", "她", "他们", "她们", "它", "我们", "我"))
_TITLED_BY = re.compile(r"(?:行动|计划|工程|专项|战役|活动|政策|战略|方案|奖|杯|称号|号|机制|项目|论坛|会议|节|周)")
_LONGEST_CLAUSE = 80  # characters; a longer one has no subject that could be told
_REACH = 300  # characters between a quotation and its speaker
_SCARE_AT_MOST = 8  # characters without a mark that ends a sentence


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
    for start, end in _sentences(masked):
        found += _of_sentence(masked, start, end, marks, len(found))
    order = sorted(range(len(found)), key=lambda place: (found[place].start, place))
    place_of = {before: after for after, before in enumerate(order)}
    spans = passage.sentences
    attributions = []
    for before in order:
        each = found[before]
        words = passage.text[each.start : each.end]
        source = source_of(words)
        kind = "person" if source.kind in ("other", "official") and _is_person(words) else source.kind
        if words.endswith("记者") and (outlets := press.known().named(words)):
            kind, source = "agency", Source("agency", outlets[0].outlet)
        attributions.append(
            Attribution(
                words, each.start, each.end, kind, passage.text[slice(*each.cue)], *each.cue, each.statement,
                each.statement is not None and _holds_a_quote(each.statement, marks),
                bool(re.search(_LOADED, passage.text[slice(*each.cue)])),
                None if each.via is None else place_of[each.via],
                source.key,
                _holding(spans, each.cue[0]),
            )
        )  # fmt: skip
    return attributions, [_quote(passage.text, mark, attributions) for mark in marks]


def _masked(text: str, marks: list[Quotation]) -> str:
    """The text with a box for each character within quotation marks; works in 《》 stay, since a source m"
    "ay be one."""
    signs = list(text)
    for mark in marks:
        if mark.is_title_mark:
            continue
        signs[mark.start - 1] = "“"  # whichever way it is drawn, it is known here which one opens and which one closes
        if mark.closed:
            signs[mark.end] = "”"
        if mark.end - mark.start > _SCARE_AT_MOST or _ends_a_sentence(text, mark):
            signs[mark.start : mark.end] = "◻" * (mark.end - mark.start)
    return "".join(signs)


def _ends_a_sentence(text: str, mark: Quotation) -> bool:
    return text[mark.end - 1 : mark.end] in "。！？，,!?…"


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
    sentence = masked[start:end]
    taken = start  # up to here everything belongs to a source that was found
    teller: int | None = None  # whoever reports all the rest of the sentence
    for match in _matches(_CITES, ("援引", "引述", "转引", "引用"), sentence):
        source = _subject(masked, start + match.start("source"), start + match.end("source"))
        inner = _trimmed(masked, start + match.start("inner"), start + match.end("inner"))
        if source and inner and _is_source(masked[slice(*source)]) and _is_source(masked[slice(*inner)]):
            told = _behind(masked, start + match.end(), end)
            cue = start + match.start("cue"), start + match.end("cue")
            verb = start + match.start("verb") if match["verb"] else cue[0]
            found.append(_Found(*source, cue, told))
            found.append(_Found(*inner, (verb, start + match.end()) if match["verb"] else cue, told, number))
            teller, taken = number + 1, start + match.end()
            break
    for match in _matches(_ACCORDING, ("据",), sentence):
        source = _trimmed(masked, start + match.start("source"), start + match.end("source"))
        if start + match.start() >= taken and source and _is_source(masked[slice(*source)]):
            told = _behind(masked, start + match.end(), end)
            found.append(_Found(*source, (start + match.start("cue"), start + match.end("cue")), told, teller))
            teller, taken = number + len(found) - 1, start + match.end()
    for match in _matches(_PUBLISHED, ("的",), sentence):
        source = _subject(masked, start + match.start("source"), start + match.end("source"))
        if start + match.start() < taken or not source or not _is_source(masked[slice(*source)]):
            continue
        told = _behind(masked, start + match.end(), end)
        cue = start + match.start("cue"), start + match.end("cue")
        found.append(_Found(start + match.start("document"), start + match.end("document"), cue, told, teller))
        found.append(_Found(*source, cue, told, number + len(found) - 1))
        teller, taken = number + len(found) - 1, start + match.end()
    for match in _matches(_FROM, ("获悉", "了解到", "得知"), sentence):
        source = _trimmed(masked, start + match.start("source"), start + match.end("source"))
        if start + match.start() < taken or not source or not _is_source(masked[slice(*source)]):
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
    for match in _CUE.finditer(sentence):
        at = start + match.start("cue")
        if at < taken:
            continue
        source = _speaker(masked, start, at)
        if source is None or source[0] < taken - 1 or not _is_source(masked[slice(*source)]):
            continue
        cue_end = start + match.end("cue")
        told = _told(masked, start, end, source[0], cue_end, marks)
        if told is None or (match["cue"] in _NEEDS_COMMA and not match["after"] and match["cue"] not in _GOES_ON):
            continue
        is_media = source_of(masked[slice(*source)]).kind in ("agency", "media", "state media")
        if match["cue"] in _OF_MEDIA and not is_media:
            continue
        words = masked[slice(*source)]
        if match["cue"] in ("预计", "预测") and source_of(words).kind == "person" and not _is_person(words):
            continue  # 公路预计发送旅客…
        if match["cue"] in _WISHES and source_of(words).kind in ("document", "organisation", "other"):
            continue
        found.append(_Found(*source, (at, cue_end), told, teller))
        taken = cue_end
        if is_media and teller is None and match["after"]:
            teller = number + len(found) - 1  # what others say behind it is known through it
    return found


def _matches(pattern: re.Pattern[str], words: Iterable[str], sentence: str) -> Iterator[re.Match[str]]:
    """A pattern's matches where one of the words that it needs stands at all: it begins with any character."""
    return pattern.finditer(sentence) if any(word in sentence for word in words) else iter(())


def _speaker(masked: str, start: int, at: int) -> tuple[int, int] | None:
    """The source whose verb stands at `at`: the subject of its clause, or of the one before where this has none."""
    edge = at
    for _ in range(3):
        nearest = max(start, edge - _LONGEST_CLAUSE)
        breaks = [match.end() for match in _BREAK.finditer(masked, nearest, edge)]
        if not breaks and nearest > start:
            return None
        begin = breaks[-1] if breaks else start
        if (subject := _subject(masked, begin, edge)) is not None:
            return subject
        if not breaks or masked[begin - 1] not in "，,":
            return None
        edge = begin - 1
    return None


def _subject(masked: str, begin: int, end: int) -> tuple[int, int] | None:
    """The source in a clause up to its verb, without what says when, where and on what occasion."""
    words = masked[begin:end]
    if leading := _LEADING.match(words):
        begin += leading.end()
    while begin < end:
        trailing = _TRAILING.search(masked[begin:end])
        if trailing is None:
            break
        if trailing.start() == 0:
            return None
        end = begin + trailing.start()
    return _trimmed(masked, begin, end)


def _trimmed(masked: str, begin: int, end: int) -> tuple[int, int] | None:
    words = masked[begin:end]
    for lead in ("来自", "由", "有关方面的", "“", '"', " "):
        if words.startswith(lead):
            begin += len(lead)
            words = masked[begin:end]
    while words and words[-1] in "的 》" and not (words[-1] == "》" and "《" in words):
        end -= 1
        words = masked[begin:end]
    if day := re.search(r"(?:\d{1,2}月)?\d{1,2}日(?:上午|下午|晚)?$", words):
        end = begin + day.start()
    return (begin, end) if end > begin else None


def _is_source(words: str) -> bool:
    """Whether words name somebody, or something, that can say a thing."""
    if words in _OTHERS:
        return True
    if len(words) > 34 or len(words) < 2 or re.search(r"[◻\d]{3}|[，。；：]|^(?:据|可能|这|那|如|若|要|会|能)", words):
        return False
    return source_of(words).kind != "other" or _is_person(words)


def _is_person(words: str) -> bool:
    return words in _OTHERS or bool(
        _NAMED.search(words) or _TITLED.search(words) or re.search(r"[\u3400-\u9fff]·[\u3400-\u9fff]+$", words)
    )


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
    return behind


def _holds_a_quote(statement: tuple[int, int], marks: list[Quotation]) -> bool:
    number = bisect_left(marks, statement[0], key=lambda mark: mark.start)
    return number < len(marks) and marks[number].end <= statement[1]


def _holding(spans: list[tuple[int, int]], place: int) -> tuple[int, int]:
    number = bisect_right(spans, place, key=lambda span: span[0]) - 1
    return spans[number] if number >= 0 and place < spans[number][1] else (place, place)


def _quote(text: str, mark: Quotation, attributions: list[Attribution]) -> Quote:
    first = bisect_left(attributions, mark.start - _REACH, key=lambda each: each.start)
    last = bisect_right(attributions, mark.end + _REACH, key=lambda each: each.start)
    holding = [
        (each.statement[1] - each.statement[0], place)
        for place, each in enumerate(attributions[first:last], first)
        if each.statement and each.statement[0] <= mark.start and mark.end <= each.statement[1] + 1
    ]
    teller = min(holding)[1] if holding else None
    if mark.is_title_mark:
        return Quote(mark.start, mark.end, "title")
    words = text[mark.start : mark.end]
    behind = text[mark.end + 1 : mark.end + 5]
    introduced = text[max(0, mark.start - 2) : mark.start - 1] in ("：", ":")
    if _ends_a_sentence(text, mark) or introduced or (len(words) > 2 * _SCARE_AT_MOST and teller is not None):
        return Quote(mark.start, mark.end, "speech", teller)
    before = text[max(0, mark.start - 5) : mark.start - 1]
    if _TITLED_BY.match(behind) or _TITLED_BY.search(words[-2:]) or before.endswith(("台风", "名为", "题为", "主题为")):
        return Quote(mark.start, mark.end, "title")
    if before.endswith(("俗称", "称为", "誉为", "简称", "叫做", "称作")):
        return Quote(mark.start, mark.end, "other")
    if len(words) <= _SCARE_AT_MOST:
        return Quote(mark.start, mark.end, "scare")
    return Quote(mark.start, mark.end, "other")
