"""Where a report names a press outlet, or "state media" without a name, and how: as the source of what it says, in a
photo's credit, as its own outlet, or in passing.

Tables: press.tsv (outlets and words that hold their names and name something else), official_agencies.tsv (whose
"official news agency" is which). What cannot be settled yields nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from grammar.mention_days import days_of
from grammar.passage import Passage
from grammar.press import Name, Press
from grammar.traditional import simplified
from grammar.typography import plain
from items import Attribution, Hyperlink, Mention

_TABLE = Path(__file__).parent / "tables" / "official_agencies.tsv"
_BEFORE, _AFTER = 90, 110  # characters beside a name in which its verb may stand

_STATE_MEDIA = re.compile(
    r"\b(?:(?:official|state|state-run|state-owned|state-controlled|state-backed|national|government|government-run) "
    r"(?P<agency>news (?:agency|service|wire)|newswire|(?<=state-run )agency)"
    r"|(?:state|state-run|state-owned|state-controlled|official|national|public) "
    r"(?P<broadcaster>broadcaster|television|TV)"
    r"(?! (?:station|channel|network)s)"
    r"|(?:state|state-run|state-owned|state-controlled|state-backed|government-run|government-controlled|official"
    r"|party-run|Communist Party) (?:news )?(?:media(?: outlets?| reports?)?|newspapers?|press|news outlets?)"
    r"(?! (?:release|conference|officer|secretary|freedom)))(?![\w-])",
    re.IGNORECASE,
)
_STATE_MEDIA_HAN = re.compile(
    r"官方媒体|国家媒体|国营媒体|国有媒体|官媒|党媒|(?P<agency>国家通讯社|官方通讯社|国营通讯社|国家新闻社)"
    r"|(?P<broadcaster>国家电视台|官方电视台|国营电视台)"
)
_COUNTRY_BEFORE = re.compile(r"(?P<country>(?:[A-Z][\w.]*\s)?[A-Z][\w.]*?)(?:'s|s')?\s(?:own\s|main\s)?$")

# How an English sentence says that the outlet named there reported something.
_SAYS = (
    "said|says|say|saying|reported|reports|reporting|report|cited|cites|citing|quoted|quotes|quoting|noted|notes|added"
    "|adds|claimed|claims|revealed|reveals|wrote|writes|announced|announces|published|publishes|carried|carries|ran"
    "|broadcast|broadcasts|aired|posted|tweeted|confirmed|confirms|warned|warns|described|stated|states"
    "|mentioned|mentions|pointed out|points out|disclosed|learned|learnt|made mention|declared"
    "|explained|explains|called"
    "|put it|puts it|puts the|argued|argues|released|detailed|details|commented"
    "|insisted|denied|estimated|wondered|asked|urged|criticized|criticised|blasted|hailed|accused|suggested|maintained"
    "|acknowledged|admitted|observed|editorialized|opined|alleged|concluded|predicted|recounted|listed|lists|asks"
    "|urges|suggests|warn|relayed|relays|alleges|praised|quipped|lamented|showed|shows|went on|goes on|found|finds"
    "|demanded|demands|promised|promises|put the|had put|counted"
)
_NOUN = (
    r"reports?|articles?|story|stories|dispatch(?:es)?|commentary|commentaries|editorials?|op-ed|interview|account"
    r"|bulletin|investigation|piece|reporters?|correspondents?|journalists?|documentary|write-up|coverage"
)
_BETWEEN = r"(?:(?!(?:and|but|that|who|which)\b)[\w'&/.-]+ ){0,4}?"
_SAYS_BEHIND = re.compile(
    rf"(?:'s? (?:[\w-]+ ){{0,2}}?(?:{_NOUN})\b|(?: (?:{_NOUN}))\b"
    rf"|(?: \([^()]{{1,30}}\))?(?:,? (?!(?:and|but|that)\b)[^,.;:()\"]{{1,70}},)?,?(?: \w+ )?"
    rf"\s*(?:(?:and|&) (?:the )?[A-Z][\w']*(?: [A-Z][\w']*){{0,2}} )?{_BETWEEN}(?P<cue>{_SAYS})\b)",
)
_SAYS_BEFORE = re.compile(
    r"(?P<cue>\b(?:according to|explained to|citing|cites?|cited|quoting|quotes?|quoted|told|tells?|telling|via|per"
    r"|courtesy of|interview (?:with|to|by|on)|spoke (?:to|with|on)|speaking (?:to|with|on)|statement (?:to|carried by)"
    r"|(?:reported|cited|quoted|published|carried|released|posted|broadcast|aired|run|distributed|issued|produced|revealed"
    r"|announced|shown|written|relayed|picked up|reprinted|translated|obtained|seen|confirmed)"
    r"(?: [\w-]+){0,3}? (?:by|in|on|from|through|with|to)"
    r"|(?:reports?|articles?|stor(?:y|ies)|dispatch(?:es)?|commentary|commentaries|editorials?|op-ed|coverage|post|footage"
    r"|news|item|piece)(?: [\w-]+)? (?:by|in|on|from|at)|says|said|reports|reported|writes|wrote)"
    r"|\b(?:[Ss]ource|[Vv]ia|h/t|HT)\s?:?|[➤→])"
    r"[ (\[]{0,2}(?:(?:(?!(?:that|but|who|which|when|while)\b)[\w'&/.-]+,?) ){0,6}[\"(\[]?$",
    re.IGNORECASE,
)
_SAYS_RIGHT_BEHIND = re.compile(
    rf"(?:'s)?(?: (?:news agency|magazine|newspaper|website))?(?: (?:also|later|earlier|has|had|first|previously))*"
    rf" (?:{_SAYS}|{_NOUN})\b|\s?(?:\d{{1,2}}月)?(?:\d{{1,2}}日)?(?:报道|消息|援引|称|网站)"
)
_SAYS_RIGHT_BEFORE = re.compile(
    r"(?:\b(?:according to|citing|cited by|quoted by|quoting|told|reported by|published (?:by|in)|interview with|via)"
    r"(?: the)?|\b[Ss]ource:|\([Vv]ia|➤)\s$"
)
_CREDIT_BEFORE = re.compile(
    r"(?:\b(?:photo(?:graph|s|graphs)?|image|images|picture|pictures|credit|credits|video|illustration|screenshot)\b"
    r"(?: (?:credit|credits|by|from|courtesy|source|via|of|courtesy of|provided by|taken from))?\s?[:/|]?\s?"
    r"(?:[\w.' -]{0,40}[/,|])?\s?(?:courtesy of )?(?:the )?|[/|]\s?)$",
    re.IGNORECASE,
)
_CREDIT_BEHIND = re.compile(r"\s?/[A-Z]|\s(?:[Pp]hotos?|[Ii]mages?|[Ff]ile [Pp]hoto)\b(?! (?:show|of))")
_DATELINE_BEFORE = re.compile(r"(?:^|\n)[ \t]*[A-Z][^\n()]{1,60}\($")
_DATELINE_BEHIND = re.compile(r"\)\s*-")
_SIGNED_BEFORE, _SIGNED_BEHIND = re.compile(r"[\s.\"]\($"), re.compile(r"\)\s*(?:\n|$)")
_LEARNED = re.compile(r"(?: \w+){0,3} (?:learned|learnt)\b")
# What a doubtful name must not be part of: Real Time, The Times Square.
_GOES_ON = re.compile(r" (?!News|Magazine|Television|TV|Radio|Online)[A-Z]|[-'](?!s\b)\w|\.\w")
_CAPITAL_BEFORE = re.compile(r"[A-Z][\w&'-]* $|[-@#$]$")

_AS_OUTLET_HAN = re.compile(
    r"[》\"]?(?P<cue>(?:[^,。;!?\n]{0,14}?)(?:报道|报导|消息|援引|引述|称|说(?!明)|表示|指出|透露|披露|刊文|发文|撰文|播发|刊发"
    r"|刊登|发表|发布|公布|评论|社论|文章|写道|获悉|了解到|曝光|推送|转发|转载|形容|给出|提到|强调|呼吁|警告|指责|承认|证实|描述|更新的|的?数据|\d{1,2}日[早晚午]?间?[电讯]|快讯|电文|特稿|专访|报道组))"
)
_NOT_AS_OUTLET_HAN = re.compile(
    r"[》\"]?(?:社长|总编|总编辑|编辑部|总部|大楼|研究院|研究所|党组|分社社长|副|旗下|主管|主办|员工|收购|股份|公司|成立|创刊|集团|门口|大院)"
)
_BEFORE_OUTLET_HAN = re.compile(
    r"(?P<cue>(?<![数占证依票收割盘论字])(?:根据|据)|援引|转引|引述|引用|转载自?|转自|摘自|来源(?:于)?[:：]?|综合|告诉|接受|通过|刊登在|发表在|刊于|刊载于|经"
    r"|(?:[对向]))"
    r"[^,。;!?\n]{0,12}$"
)
_TO_OUTLET_HAN = re.compile(
    r"[》\"]?(?:[^,。;!?\n]{0,10}?)(?:说|表示|采访|专访|介绍|透露|称|讲述|证实|独家|提供|发表|授权|记者)"
)
_CREDIT_HAN = re.compile(
    r"(?:记者)?(?:[ \u3000]?[\u4e00-\u9fff·、 \u3000]{0,14})(?:摄(?!影)|供图)"
    r"|发(?=[\s(。)]|$)|(?:资料|传真)?(?:照片|图片|截图)|图(?=[\s)。]|$)"
)
_CREDIT_BEFORE_HAN = re.compile(
    r"(?:图片?|图源|图片来源|摄影|照片|视频|供图|图表|制图|漫画)(?:来源)?\s?[:/|]\s?(?:来自)?$"
)
_DATELINE_HAN = re.compile(
    r"[^,。;!?\n]{0,16}?(?:\d{1,2}月)?\d{1,2}日(?:凌晨|[早晚]间?)?[电讯](?![视子话影])|(?:消息|讯)(?=[\s(:]|$)|(?:记者)?[^,。;!?\n]{0,12}?[电讯](?=\()"
)
_OPENS_PARAGRAPH_HAN = re.compile(r"(?:^|\n)[\s\u3000【\[(●■◆]*$")
_LEARNED_HAN = re.compile(r"记者[^,。;!?\n]{0,40}?(?:获悉|了解到|注意到|看到|发现|采访|从)")

_CLAUSE_END = re.compile(r"[.;!?。\n]")
# The words on which a link stands that leads to what the outlet reported, beside its name.
_LINKED_CUE = re.compile(
    rf"\b(?:{_SAYS}|according|{_NOUN}|here|told|story|statement|link|source|news|post)\b|报道|消息|称|说|援引|文章|原文|链接|来源|发布|刊文",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s<>\"()。;、\u3000,]+")
_HOME = re.compile(r"https?://[^/?#]+/?(?:index\.\w+)?/?$", re.IGNORECASE)


def mentions(
    passage: Passage,
    press: Press,
    hyperlinks: Sequence[Hyperlink] = (),
    attributions: Sequence[Attribution] = (),
) -> list[Mention]:
    """The places of a text where it names an outlet or unnamed state media, and the links in it to an outlet's pages on
    other words, in order. `hyperlinks` and `attributions` are of the same text; `passage.speaker` is the id of the
    report's own outlet."""
    text = passage.plain
    found = [
        _mention(passage, press, name, kind)
        for name in press.named(text)
        if (kind := _kind(passage, name, attributions)) is not None
    ]
    found += _unnamed(passage, press, found)
    found.sort(key=lambda mention: mention.start)
    found = _with_references(passage, press, found)
    links = _placed(hyperlinks, passage)
    found = _with_links(found, links, press, passage)
    return [_in_context(mention, passage, attributions) for mention in found]


def mentions_of_page(
    press: Press,
    *,
    outlet: str,
    source_label: str | None = None,
    source_url: str | None = None,
    dateline_agency: str | None = None,
    captions: Sequence[str] = (),
    byline: str | None = None,
) -> list[Mention]:
    """The outlets that a page names beside its text, where they are others than its own: its source line with its
    link, the agency of its dateline, the credits of its captions (each with its own outlet's as well, kind own), and
    its byline."""
    found = _of_source_line(press, outlet, source_label or "", source_url or None)
    for place, text in (("dateline", dateline_agency), ("byline", byline)):
        printed = text or ""
        for name in press.named(_folded(printed)):
            kind = "own" if name.outlet == outlet else "source"
            words = printed[name.start : name.end]
            if name.is_sure or words == printed.strip():
                found.append(Mention(words, name.start, name.end, name.outlet, kind, place))
    for caption in captions:
        folded = _folded(caption)
        for name in press.named(folded):
            if name.is_sure or _is_credit(folded, name):
                kind = "credit" if _is_credit(folded, name, at_end=True) else "named"
                words = caption[name.start : name.end]
                found.append(Mention(words, name.start, name.end, name.outlet, kind, "caption"))
    return found


def _folded(text: str) -> str:
    return simplified(plain(text))


_SOURCE_LABEL = re.compile(r"^\s*(?:来源|稿源|文章来源|新闻来源|信息来源|source|from|via)\s*[:：]\s*", re.IGNORECASE)


def _of_source_line(press: Press, outlet: str, label: str, url: str | None) -> list[Mention]:
    text, owner = _folded(label), press.owner_of(url) if url else None
    names = [name for name in press.named(text) if name.is_sure or name.words == _SOURCE_LABEL.sub("", text).strip()]
    found = [
        Mention(
            label[name.start : name.end], name.start, name.end, name.outlet,
            "own" if name.outlet == outlet else "source", "source", url if number == 0 else None,
            owner if number == 0 else None,
        )
        for number, name in enumerate(names)
    ]  # fmt: skip
    if not found and owner and owner != outlet:
        found = [Mention(_SOURCE_LABEL.sub("", label).strip(), 0, 0, owner, "source", "source", url, owner)]
    return found


def _mention(passage: Passage, press: Press, name: Name, kind: str) -> Mention:
    return Mention(
        passage.text[name.start : name.end], name.start, name.end, name.outlet, kind,
        "title" if passage.is_title else "body",
    )  # fmt: skip


def _kind(passage: Passage, name: Name, attributions: Sequence[Attribution]) -> str | None:
    """How a name is used there; None for a doubtful one that nothing settles."""
    text = passage.plain
    before, behind = _beside(text, name.start, name.end)
    if not name.is_sure and not _is_certain(before, behind):
        return None
    kind = _use(passage, name, before, behind)
    if kind == "named" and any(
        each.start <= name.start and name.end <= each.end and each.kind in ("agency", "media", "state media")
        for each in attributions
    ):
        kind = "source"
    if kind == "source" and (_SAYS_NOTHING_HAN if passage.is_chinese else _SAYS_NOTHING).match(behind):
        kind = "named"
    if kind == "named" and not name.is_sure:
        return None
    return "own" if kind == "source" and name.outlet and name.outlet == passage.speaker else kind


# What an outlet did not report rests on no report of it.
_SAYS_NOTHING = re.compile(
    r"(?:'s [\w ]{1,20})?,? (?:has|have|had|did|does|do|was|is)(?: not|n't| never) "
    r"|,? (?:made|makes) no (?:mention|reference)|,? (?:declined|refused|failed) to "
)
_SAYS_NOTHING_HAN = re.compile(
    r"[》\"]?[^,。;!?\n]{0,8}(?:没有|未(?!来|必|能|经|成年)|并未|不曾|拒绝)[^,。;!?\n]{0,8}(?:报道|提|说|刊|公布|透露|评论|披露)"
)


def _is_certain(before: str, behind: str) -> bool:
    """Whether a name of several meanings stands right beside words that say that it reported."""
    if _GOES_ON.match(behind):
        return False
    if _SAYS_RIGHT_BEHIND.match(behind):
        return not _CAPITAL_BEFORE.search(before)
    return bool(_SAYS_RIGHT_BEFORE.search(before) or _CREDIT_BEFORE.search(before) or _BEFORE_OUTLET_HAN.search(before))


def _beside(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands in front of a place and behind it, within its line."""
    before, behind = text[max(0, start - _BEFORE) : start], text[end : end + _AFTER]
    return before[before.rfind("\n") + 1 :] if start > _BEFORE else before, behind.partition("\n")[0]


def _use(passage: Passage, name: Name, before: str, behind: str) -> str:
    is_own = passage.speaker in ("", name.outlet)
    if passage.is_title and (behind.startswith(":") or (before.endswith(": ") and not behind)):
        return "source"
    if passage.is_chinese:
        if _OPENS_PARAGRAPH_HAN.search(before) and _DATELINE_HAN.match(behind):
            return "own" if is_own else "source"
        if _CREDIT_HAN.match(behind) or _CREDIT_BEFORE_HAN.search(before):
            return "credit"
        if _LEARNED_HAN.match(behind):
            return "own" if is_own else "source"
        if _NOT_AS_OUTLET_HAN.match(behind):
            return "named"
        if _AS_OUTLET_HAN.match(behind):
            return "source"
        cue = _BEFORE_OUTLET_HAN.search(before)
        if cue and (cue["cue"] not in ("告诉", "接受", "对", "向", "通过", "经") or _TO_OUTLET_HAN.match(behind)):
            return "source"
        return "named"
    if _DATELINE_BEFORE.search(before) and _DATELINE_BEHIND.match(behind):
        return "own" if is_own else "source"
    if _is_credit(passage.plain, name):
        return "credit"
    if _SIGNED_BEFORE.search(before) and (_SIGNED_BEHIND.match(behind) or behind.rstrip() == ")"):
        return "own" if is_own and name.outlet == passage.speaker else "source"
    if _LEARNED.match(behind) and is_own:
        return "own"
    clause = before[max((found.end() for found in re.finditer(r"[;!?]|[.](?=\s+[A-Z\"])", before)), default=0) :]
    if _SAYS_BEHIND.match(behind) or _SAYS_BEFORE.search(clause):
        return "source"
    return "named"


def _is_credit(text: str, name: Name, at_end: bool = False) -> bool:
    before, behind = _beside(text, name.start, name.end)
    if _CREDIT_HAN.match(behind) or _CREDIT_BEFORE_HAN.search(before):
        return True
    if _CREDIT_BEFORE.search(before) or _CREDIT_BEHIND.match(behind):
        return True
    return (
        at_end
        and bool(re.match(r"\s?[)\]】]?[\s.]*$", behind))
        and bool(re.search(r"(?:^|[(\[【,.—-]\s?|\s{2})$", before))
    )


def _unnamed(passage: Passage, press: Press, named: Sequence[Mention]) -> list[Mention]:
    """State media without a name; the agency of its country where the words name that, or where the text names one
    country's agency alone. Beside an outlet's name the words describe that one and are no mention of their own."""
    text = passage.plain
    pattern = _STATE_MEDIA_HAN if passage.is_chinese else _STATE_MEDIA
    found = []
    for match in pattern.finditer(text):
        start, end = match.span()
        if any(mention.start < end and start < mention.end for mention in named):
            continue
        if any(_describes(text, start, end, mention) for mention in named):
            continue
        role = "agency" if match["agency"] else "broadcaster" if match["broadcaster"] else ""
        outlet = (_by_country(text, start, passage.is_chinese, role) or _alone(named, role)) if role else ""
        name = Name(start, end, match[0], outlet)
        found.append(_mention(passage, press, name, _kind(passage, name, ()) or "named"))
    return found


_REFERENCE = re.compile(
    r"\b[Tt]he (?:same |news |official |state |party |state-run |state-owned |daily ){0,2}"
    r"(?:(?P<agency>agency)|(?P<paper>newspaper|paper|daily)|(?P<broadcaster>broadcaster))(?![\w-])"
)
_REFERENCE_HAN = re.compile(r"该(?:(?P<agency>社|通讯社)|(?P<paper>报(?!告|道)|报纸)|(?P<broadcaster>台|电视台))")
_REACH = 900  # characters back to the name for which "the agency" stands


def _with_references(passage: Passage, press: Press, found: list[Mention]) -> list[Mention]:
    """With the places where "the agency" or 该社 says something: the outlet of that kind which was named last."""
    named = [mention for mention in found if mention.outlet]
    if not named:
        return found
    references = []
    for match in (_REFERENCE_HAN if passage.is_chinese else _REFERENCE).finditer(passage.plain):
        start, end = match.span()
        if any(mention.start < end and start < mention.end for mention in found):
            continue
        kind = match.lastgroup or ""
        before = [
            mention
            for mention in named
            if start - _REACH <= mention.start < start and _fits(press, mention.outlet, kind)
        ]
        if not before or before[-1].kind not in ("source", "own"):
            continue
        name = Name(start, end, match[0], before[-1].outlet)
        if (use := _use(passage, name, *_beside(passage.plain, start, end))) == "source":
            own = name.outlet == passage.speaker
            references.append(_mention(passage, press, name, "own" if own else use))
    return sorted([*found, *references], key=lambda mention: mention.start)


_PAPER = re.compile(r"(?i)daily|times|post|journal|newspaper|报(?!道)")
_STATION = re.compile(r"(?i)tv|television|broadcast|radio|cctv|cgtn|台|电视|央视")


def _fits(press: Press, outlet: str, kind: str) -> bool:
    """Whether "the agency", "the paper" or "the broadcaster" may mean an outlet."""
    known = press.outlets.get(outlet)
    names = " ".join(known.names) if known else outlet
    if kind == "paper":
        return bool(_PAPER.search(names))
    if kind == "broadcaster":
        return bool(_STATION.search(names))
    return bool(re.search(r"(?i)agency|news service|社", names)) and not _PAPER.search(known.title if known else outlet)


def _describes(text: str, start: int, end: int, mention: Mention) -> bool:
    """Whether the words and a name stand side by side: state news agency Xinhua; Xinhua, the state agency."""
    if end <= mention.start <= end + 20:
        return bool(re.fullmatch(r"[\s,\"《]*(?:outlet|outlets|the|named)?[\s\"]*", text[end : mention.start]))
    if mention.end <= start <= mention.end + 40:
        between = text[mention.end : start]
        return bool(
            re.fullmatch(
                r"(?:\)|\")?,? ?(?:is |was )?(?:the|a|an|its|[A-Z][\w ]{1,20}'s?|[A-Z]\w+|中国|我国|这家|作为)? ?",
                between,
            )
        )
    return False


@cache
def _countries(han: bool, role: str) -> dict[str, str]:
    header, *lines = _TABLE.read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]
    return {
        country.strip(): row["outlet"]
        for row in rows
        if row["agency_or_broadcaster"] == role
        for country in row["chinese" if han else "english"].split(";")
    }


def _by_country(text: str, start: int, han: bool, role: str) -> str:
    countries, before = _countries(han, role), text[max(0, start - 40) : start]
    if han:
        return next(
            (outlet for country, outlet in countries.items() if before.removesuffix("的").endswith(country)), ""
        )
    match = _COUNTRY_BEFORE.search(before)
    if not match:
        return ""
    words = match["country"].removesuffix("'s")
    return countries.get(words) or countries.get(words.rpartition(" ")[2], "")


def _alone(named: Sequence[Mention], role: str) -> str:
    """The one agency of a state that the text names elsewhere."""
    known = set(_countries(False, role).values()) | {"tass", "ria-novosti", "sputnik"}
    outlets = {mention.outlet for mention in named if mention.outlet in known}
    return outlets.pop() if len(outlets) == 1 else ""


def _placed(hyperlinks: Iterable[Hyperlink], passage: Passage) -> list[Hyperlink]:
    """The links with their places; one whose place is not known is looked for by its words. Addresses printed in the
    text are links as well."""
    placed = []
    for link in hyperlinks:
        if link.start >= link.end:
            at = passage.text.find(link.words) if link.words else -1
            if at < 0:
                continue
            link = replace(link, start=at, end=at + len(link.words))
        placed.append(link)
    if "://" in passage.text:
        for match in _ADDRESS.finditer(passage.text):
            address = match[0].rstrip(".,;:!?'")
            end = match.start() + len(address)
            if not any(link.start < end and match.start() < link.end for link in placed):
                placed.append(Hyperlink(address, address, 0, match.start(), end))
    return sorted(placed, key=lambda link: (link.start, link.end))


def _with_links(found: list[Mention], links: Sequence[Hyperlink], press: Press, passage: Passage) -> list[Mention]:
    """The mentions with their links: the one on the name, else one on the words beside it that say that it reported.
    A link to an outlet's page on any other words is a mention of its own."""
    if not links:
        return found
    taken: set[int] = set()
    linked: list[Mention] = []
    starts = [link.start for link in links]
    longest = max(link.end - link.start for link in links)
    for mention in found:
        first = bisect_right(starts, mention.start - longest - 1)
        on = next(
            (n for n in range(first, len(links)) if links[n].start < mention.end and mention.start < links[n].end), None
        )
        if on is not None and links[on].start < mention.end:
            taken.add(on)
            mention = _linked(mention, links[on], press)
        linked.append(mention)
    for number, mention in enumerate(linked):
        if mention.href is not None or mention.kind not in ("source", "own"):
            continue
        near = [
            n
            for n in range(bisect_right(starts, mention.start - _AFTER - 1), bisect_right(starts, mention.end + _AFTER))
            if n not in taken and _is_cue_of(links[n], mention, linked, passage.plain)
        ]
        if near:
            best = min(near, key=lambda n: max(links[n].start - mention.end, mention.start - links[n].end))
            taken.add(best)
            linked[number] = _linked(mention, links[best], press)
    for n, link in enumerate(links):
        owner = None if n in taken else press.owner_of(link.href)
        if owner and owner != passage.speaker:
            kind = "named" if _HOME.match(link.href) else "source"
            place = "title" if passage.is_title else "body"
            linked.append(
                Mention(link.words, link.start, link.end, owner, kind, place, href=link.href, href_outlet=owner)
            )
    return sorted(linked, key=lambda mention: (mention.start, mention.end))


def _linked(mention: Mention, link: Hyperlink, press: Press) -> Mention:
    return replace(mention, href=link.href, href_outlet=press.owner_of(link.href))


def _is_cue_of(link: Hyperlink, mention: Mention, found: Sequence[Mention], text: str) -> bool:
    """Whether a link stands on the words beside a name that say that it reported, with no other name between."""
    start, end = (mention.end, link.start) if link.start >= mention.end else (link.end, mention.start)
    if _CLAUSE_END.search(text, start, end) or not _LINKED_CUE.search(text, link.start, link.end):
        return False
    return not any(other is not mention and start <= other.start < end for other in found)


def _in_context(mention: Mention, passage: Passage, attributions: Sequence[Attribution]) -> Mention:
    """The mention with its sentence, the attribution whose source it is, and the days of its report."""
    sentence = passage.sentence_of(mention.start)
    index = next(
        (n for n, each in enumerate(attributions) if each.start <= mention.start and mention.end <= each.end), None
    )
    days = days_of(passage, mention, sentence, _SAYS_BEHIND) if mention.kind == "source" else (None, None)
    return replace(mention, sentence=sentence, attribution=index, dates=days)
