"""Where a sentence says who said it: 据公安部介绍, 警方表示, "police said", "according to the ministry".

As far as an edit of the source must be told from any other edit; it reads no more out of the statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

# Verbs that only say that somebody said it. One in place of another is a matter of style.
_NEUTRAL = (
    "say|says|said|saying|tell|tells|told|telling|state|states|stated|add|adds|added|note|notes|noted|explain|explains"
    "|explained|announce|announces|announced|report|reports|reported|write|writes|wrote|remark|remarks|remarked"
    "|point out|points out|pointed out|stress|stresses|stressed"
)
# Verbs that say more: claimed, admitted, denied. One in place of "said" tells the reader something else.
_LOADED = (
    "claim|claims|claimed|allege|alleges|alleged|admit|admits|admitted|deny|denies|denied|confirm|confirms|confirmed"
    "|insist|insists|insisted|warn|warns|warned|concede|concedes|conceded|boast|boasts|boasted"
)
_NEUTRAL_HAN = "表示|介绍说|介绍|指出|透露|强调|告诉|回应|宣布|通报称|通报|补充说|解释说|写道|提到|表明|发布|公布|说|称"
_LOADED_HAN = "声称|宣称|自称|承认|否认|证实|坦言|警告"

_LONGEST = 1000  # characters: what is longer is no sentence of a person's
_CAPITALS = r"[A-Z][\w.'’&-]*"
_STOP = (
    "and|but|that|as|while|when|which|after|because|though|where|who|if|is|was|are|were|be|been|has|have|had|to"
    "|can|could|may|might|will|would|shall|should|must|did|does|do|not|can't|won't|don't|didn't"
)
_SOURCE_WORD = rf"(?:(?!(?:{_STOP})\b)[\w$€£%.'’&/-]+)"
_BEFORE = re.compile(
    rf"(?P<source>{_SOURCE_WORD}(?:\s{_SOURCE_WORD}){{0,7}}?)(?:,[^,.;:\"]{{1,60}},)?\s"
    rf"(?:(?:also|later|earlier|has|have|had|further|then|reportedly)\s){{0,2}}"
    rf"(?P<cue>(?P<loaded>{_LOADED})|(?:{_NEUTRAL}))\b(?! (?:said|says?|told|claimed)\b)",
    re.IGNORECASE,
)
# "the report", "news reports", "in a state of": what follows is a noun.
_NO_SOURCE = re.compile(
    r"(?:^|\s)(?:the|an?|this|that|these|those|its|their|his|her|our|of|in|on|for|with|from|by|news|media|such|some|any|no)$",
    re.IGNORECASE,
)
# Verbs that are participles as well: an object or a clause follows, or a speaker stands before.
_PARTICIPLE = re.compile(r"confirmed|reported|announced|alleged|claimed|denied|noted|stated|stressed", re.IGNORECASE)
_GOES_ON = re.compile(
    r"\s(?:that|the|an?|it|its|he|his|she|her|they|their|there|this|on|in|at|to|earlier|later|(?-i:[A-Z]\w+day))\b"
)
_ENDS = re.compile(r"[,.;:!?\"]|$")
_SPEAKER = re.compile(
    r"(?:\b[A-Z][\w.'-]*|police|officials?|ministry|media|agency|government|authorities|it|he|she|they)$"
)
_INVERTED = re.compile(
    rf"[,\"?!]\"?\s(?P<cue>(?P<loaded>{_LOADED})|(?:{_NEUTRAL}))\s(?P<source>(?:the\s|an?\s)?{_CAPITALS}(?:\s{_CAPITALS}){{0,4}}"
    rf"(?:,\s[^,.;:\"]{{1,60}})?|(?:the\s|an?\s)?[a-z]+(?:\s[a-z]+)?(?=[,.;]|$))"
)
_ACCORDING = re.compile(
    r"(?P<cue>\baccording\sto|\bciting|\bquoting|\b(?:cited|quoted|reported|announced)\sby)\s"
    r"(?P<source>[^,.;:()\"]{1,80}(?:\.(?=\w)[^,.;:()\"]{1,60})?)",
    re.IGNORECASE,
)
# How a headline names its source: "…: survey", "…: Chinese FM".
_AT_END = re.compile(r"(?P<cue>:)\s(?P<source>[\w.'’&-]+(?:\s[\w.'’&-]+){0,3})$")
_AT_START = re.compile(
    r"^(?P<source>[\w.'’& -]*\b(?:police|officials?|ministry|minister|spokes\w+|fm|experts?|sources?|reports?|media"
    r"|survey|study|poll|embassy|government|president|court|prosecutors?|witness(?:es)?|army|military|who|un|iaea))"
    r"(?P<cue>:)\s",
    re.IGNORECASE,
)

_WITHIN = '[^，。；：！？、,;:!?“”"「」\\s]'
_JU = re.compile(
    rf"(?<![数占证依票收割盘论字])(?P<cue>根据|据)(?!点|守|为|理|有|此)(?P<source>{_WITHIN}{{0,20}}?)"
    rf"(?P<verb>{_LOADED_HAN}|{_NEUTRAL_HAN}|报道|消息|统计|了解|悉|获悉|估计|预测|测算|监测|显示|数据|(?=[，,]))"
)
# 小说, 名称, 说明 hold the character of a verb and are none.
_NO_VERB_BEFORE, _NO_VERB_AFTER = "小学传演听名职简俗对人统昵尊堪全号", "明法服教唱不话起号为作呼赞职之得"
_HAN = re.compile(
    rf"(?P<source>{_WITHIN}{{1,14}}?)(?P<cue>(?P<loaded>{_LOADED_HAN})|(?:{_NEUTRAL_HAN}))(?<![{_NO_VERB_BEFORE}][说称])"
    rf"(?![{_NO_VERB_AFTER}])"
)


@dataclass(frozen=True, slots=True)
class Attribution:
    """One place where a source is named: `first` to `last` are the source and the verb, `cue` the verb's own places.
    `is_loaded`: the verb says more than that it was said."""

    first: int
    last: int
    cue: tuple[int, int]
    is_loaded: bool

    def moved(self, by: int) -> Attribution:
        """The same in a text that begins so many characters earlier."""
        return replace(self, first=self.first + by, last=self.last + by, cue=(self.cue[0] + by, self.cue[1] + by))


def attributions(sentence: str, is_title: bool = False) -> list[Attribution]:
    """The attributions of a sentence in which width is folded (grammar.typography.plain)."""
    patterns = [_BEFORE, _INVERTED, _ACCORDING, _JU, _HAN]
    if is_title:
        patterns += [_AT_END, _AT_START]
    if len(sentence) > _LONGEST:
        return []
    return [
        Attribution(
            min(match.start("source"), match.start("cue")),
            max(match.end("source"), match.end("cue"), match.end("verb") if pattern is _JU else 0),
            match.span("cue"),
            bool(match.groupdict().get("loaded")),
        )
        for pattern in patterns
        for match in pattern.finditer(sentence)
        if pattern is not _BEFORE or _is_said(match)
    ]


def _is_said(match: re.Match[str]) -> bool:
    """Whether the verb is one here: not in "the report", "2,000 confirmed cases", "no damage reported"."""
    if _NO_SOURCE.search(match["source"]):
        return False
    if not _PARTICIPLE.fullmatch(match["cue"]):
        return True
    behind = match.string[match.end() :]
    return bool(_GOES_ON.match(behind) or (_ENDS.match(behind) and _SPEAKER.search(match["source"])))
