"""Who may be the source of something said, in Chinese: the subject of a clause, without what says when and where."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from grammar import vocabulary
from grammar.chinese_lexicon import END, VERB, word
from grammar.sources import chinese_words, source_of

WITHIN = r"[^，。；！？：:,;!?\n“”\"「」◻]"
DAY = (
    r"(?:(?:\d{1,2}月)?\d{1,2}日(?:上午|下午|晚间?|凌晨|早些时候|早间|中午|深夜)?|日前|近日|近期|今天|昨天|今日|昨日|今晨|昨晚|今早"
    r"|当天|当日|当晚|周[一二三四五六日](?:上午|下午|晚间?)?|上午|下午|晚间?|同日(?!方|本)|同一天|此前|稍早|稍后|随后"
    r"|[（(][^（）()]{1,12}[）)])"
)
BREAK = re.compile(r"[，。；！？：:,;!?\n“”\"「」]|◻(?!◻)")
# The same, but for a name in quotation marks within a phrase: 瑞典“一带一路”研究所.
BREAK_OR_NAME = re.compile(rf"(?<=[\u3400-\u9fff])“[^“”◻，。]{{1,8}}”(?=[\u3400-\u9fff])|{BREAK.pattern}")
# What stands before a clause's subject, and between it and its verb.
_LEADING = re.compile(
    rf"^(?:但是?|尽管|虽然|如果|不过|而且?|对此|此外|同时|随后|其中|另外|另据|然而|因此|所以|于是|当时|如今|此前|目前|在此基础上"
    rf"|{DAY}|{WITHIN}{{2,14}}日[电讯] "
    r"|会后|会上|会前|席间|采访中|现场|有的?|一位|一名|多位|多名|与会的?|至于|就此|为此|事后|据此|而在|相比之下)+"
)
_TRAILING = re.compile(
    rf"(?:将?于?{DAY}|(?<![上中少大名])将|再次|多次|一直|始终|纷纷|普遍|一致|共同|分别|先后|曾经|随即|立即|早前|首次|集体|联合|联名|郑重"
    r"|还|也|则|并|又|(?<![成首])都|曾|已|均|就|再|却|仍|进一步|同时|明确|公开|正式|反复|一再|特别|着重|坚定|严正|强烈|初步|综合|最新"
    r"|答(?:本报|本台)?记者问时?|答问时?|应询|当庭|匿名|私下|当面|书面|连线|电话"
    r"|(?:审理|调查|研究|评估|分析|核查|复核|审查|研判|核实|考察|会商|检测|勘查|论证)(?:后|时|中|过程中)"
    r"|笑着|哭着|哽咽着|流着泪|红着眼|这样|如此|如是|这么|深有感触|感慨万千"
    r"|[\u3400-\u9fff]{2}地|(?P<one>[\u3400-\u9fff])(?P=one)(?P<two>[\u3400-\u9fff])(?P=two)地|[斩意语信情心欣][\u3400-\u9fff]{3}地"
    rf"|在(?!野|线|京|华){WITHIN}{{1,30}}|(?:同(?!比|济|仁|盟|一天|日[，]?$)|与|以(?!色列)|于|会见){WITHIN}{{1,30}}?(?:上|中|时|后|里|内|期间|前)"
    rf"|(?:同|与|和){WITHIN}{{2,30}}(?:通电话|通话|会谈|会晤|会面|交谈)(?:时|中|后)?"
    rf"|(?:对(?!外|华|台|口)|向|就(?!业)|针对|接受|通过(?!社)|面对|出席|谈及|谈到|回应|经(?![济理纪销营贸常])){WITHIN}{{1,30}}"
    rf"|(?:发布|公布|发表|发出|刊登|刊发|召开|举行|作出|致信|致电|出具)(?:(?![时后对向]){WITHIN}){{0,14}}|发文|发帖|撰文|刊文|来信|表态|发声)$"
)
_DAY_BEHIND = re.compile(rf"{DAY}$")
_LEADS = ("来自", "由", "有关方面的", "“", '"', " ")
_REPORTERS = frozenset(("记者", "本报记者", "本台记者", "笔者"))  # of the outlet itself
OTHERS = frozenset(("他", "她", "他们", "她们", "它", "我们", "我"))
_OF_A_TITLE = (
    "户商农长员人授师民者家任记理席使官警士生主工手总裁友妇戚亲"  # the last sign of a title, an office or a trade
)
_NO_SOURCE = re.compile(
    r"[◻\d]{3}|[，。；：]|^(?:据|可能|那(?!位|名)|如(?!皋)|若|要(?!员)|会(?!议|员|长|计|展|见)|能(?!源)|这(?!位|名|家|份|项|些|场))|^(?:不(?!愿|具)|没|未|让|使(?!馆|者)|把|被(?!告|害)|给|跟|像|换|可以|为(?!民)|因|更|很|并|也(?!门)|又|还|请|令|叫)"
    r"|[不没未别想要]$|[予加]以$|援引|引用|引述"
)
_DOTTED = re.compile(r"[\u3400-\u9fff]·[\u3400-\u9fff]+$")
_DETERMINED = re.compile(r"^(?:这|那)(?:位|名|家|份|项|些|场)")


@cache
def cues(kind: str) -> frozenset[str]:
    """The words of a kind in chinese_cues.tsv."""
    return frozenset(
        word
        for _, row in vocabulary.lines("chinese_cues.tsv", ("kind", "words"))
        if row["kind"] == kind
        for word in row["words"].split()
    )


@cache
def _names() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """A surname with one or two signs behind it, at the beginning or behind a title; any two to eight signs behind a
    title of the table; and a title at the end, where no name stands."""
    surnames = "".join(cues("surname"))
    titles = "|".join(sorted(cues("title"), key=len, reverse=True))
    return (
        re.compile(rf"(?:^|(?<=[{_OF_A_TITLE}]))[{surnames}][\u3400-\u9fff]{{1,2}}$"),
        re.compile(rf"(?:{titles})[\u3400-\u9fffA-Z·]{{2,8}}$"),
        re.compile(rf"(?:{titles})$"),
    )


def subject(masked: str, begin: int, end: int) -> tuple[int, int] | None:
    """The source in a clause up to its verb, without what says when, where and on what occasion."""
    if leading := _LEADING.match(masked[begin:end]):
        begin += leading.end()
    while begin < end:
        trailing = _TRAILING.search(masked[begin:end])
        if trailing is None:
            break
        if trailing.start() == 0:
            return None
        end = begin + trailing.start()
    return trimmed(masked, begin, end)


def trimmed(masked: str, begin: int, end: int) -> tuple[int, int] | None:
    """A source's place without what leads up to it, and without the day behind it."""
    words = masked[begin:end]
    for lead in _LEADS:
        if words.startswith(lead):
            begin += len(lead)
            words = masked[begin:end]
    while words and words[-1] in "的 》" and not (words[-1] == "》" and "《" in words):
        end -= 1
        words = masked[begin:end]
    if day := _DAY_BEHIND.search(words):
        end = begin + day.start()
    return (begin, end) if end > begin else None


@lru_cache(maxsize=4096)
def is_source(words: str) -> bool:
    """Whether words name somebody, or something, that can say a thing."""
    if words in OTHERS:
        return True
    if (
        len(words) > 40
        or len(words) < 2
        or words in _REPORTERS
        or words in cues("no source")
        or _NO_SOURCE.search(words)
    ):
        return False
    kind = source_of(_bare(words)).kind
    if kind == "person" and len(words) <= 4 and word(words, 0, len(words))[1] & (VERB | END) and not is_person(words):
        return False  # a short name that nobody knows, and that begins with a verb: 谴责我们
    return kind != "other" or is_person(words)


def _bare(words: str) -> str:
    """A source without the 这位 or 那家 before it, and without the marks of a title around it: 《通知》."""
    bare = _DETERMINED.sub("", words, count=1)
    return bare[1:-1] if bare.startswith("《") and bare.endswith("》") else bare


@lru_cache(maxsize=4096)
def kind_of(words: str) -> str:
    """The kind of a source, without the 这位 or 那家 before it. People without a name, in no office, are "other"."""
    kind = source_of(_bare(words)).kind
    if kind == "person" and not is_person(words):
        known = chinese_words()
        if any(known.get(words[-length:]) == "person" for length in range(min(len(words), 8), 0, -1)):
            return "other"
    return kind


def is_person(words: str) -> bool:
    """Whether words end in what can only be a person's name, or are he or she."""
    if words in OTHERS or _DOTTED.search(words):
        return True
    named, titled, ends = _names()
    return not ends.search(words) and bool(named.search(words) or titled.search(words))
