"""The figures of a text, as far as an edit of one must be told from any other edit: number, unit and modifier.

Numbers in digits and in words, Chinese and English; dates, days of the week and clock times are figures too, since a
report that says another day says something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from grammar.numerals import SCALES, SCALES_HAN, WORDS, decimal, of_numerals, of_words


def _names(text: str) -> list[str]:
    return text.split()


_DAYS = _names("mon tue wed thu fri sat sun")
_MONTHS = _names("jan feb mar apr may jun jul aug sep oct nov dec")

_SCALE_WORD = r"(?:dozen|hundred|thousand|million|billion|trillion)s?"
_ONE_WORD = f"(?:{'|'.join(sorted(WORDS, key=len, reverse=True))}|{_SCALE_WORD})"
# Words that hold a numeral and are none.
_NO_NUMBER = (
    "一(?:些|直|样|切|般|致|定|旦|边|起|度|再|律|系列|方面|同|并|贯|带一路|国两制|体|线|流|手|时|概|味|经|举|心)"
    "|[统万唯同单之]一|[百千万]分之|千万别|万一|万分|十分|百姓|三(?:农|峡|星|亚)|两(?:会|岸|国|院)|四川|九江|半(?:岛|导体)|百度"
)
_MEASURE = "(?:km|kg|cm|mm|mph|kph|ha|lb|oz|ft|[gmk]wh?)"  # behind a number without a space
_FIGURE = re.compile(
    rf"""(?P<none>{_NO_NUMBER})
    | (?P<clock>(?<!\d)\d{{1,2}}:\d\d(?::\d\d)?(?!\d))
    | (?P<digits>(?<![A-Za-z\d])(?<![A-Za-z]-)(?<!\d[.,])\d++(?:[.,]\d++)*+)
      (?: \s?(?P<vague>[多余几]?)(?P<han_scale>[十百千万亿]++) | [ -]?(?P<scale>{_SCALE_WORD})\b
        | (?P<short>mn?|bn|tn|k)\b | (?P<ordinal>st|nd|rd|th|s)\b )?+
      (?!(?!{_MEASURE}\b)[A-Za-z])
    | (?P<han>[零〇一二两三四五六七八九十百千万亿半]++)(?:(?P<han_vague>[多余几])(?P<more_scale>[万亿]++))?
    | (?P<words>\b{_ONE_WORD}(?:(?:\s|-|\sand\s){_ONE_WORD})*\b)
    | (?P<day>(?-i:\b(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b)
        | (?:周|星期|礼拜)[一二三四五六日天])
    | (?P<month>(?-i:\b(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|Jun[e]?|Jul[y]?|Aug(?:ust)?
        |Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|May(?=\s\d)|(?<=\d\s)May)\b))
    | (?P<some>\b(?:several|scores|many|multiple|a\sfew|a\shandful\sof|a\scouple\sof)\b
        | [多数](?=[名人位起家个件处])|若干)
    | (?P<half>\b[ap]\.?m\b | 上午|下午|凌晨|中午|傍晚|夜间 )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_BEFORE = re.compile(
    r"(?:约|大约|近|将近|接近|超|超过|逾|至少|最少|至多|最多|不足|不到|不超过|仅|只有|达|高达|多达|几|数|好几"
    r"|\b(?:an?\sestimated|as\smany\sas|as\sfew\sas|more\sthan|less\sthan|fewer\sthan|no\smore\sthan|at\sleast|at\smost"
    r"|up\sto|close\sto|well\sover|just\sover|just\sunder|over|under|above|below|nearly|almost|about|around|some"
    r"|roughly|approximately|only|exactly|another)\s)$",
    re.IGNORECASE,
)
_VAGUE = re.compile("[余多来几]")
_CURRENCY = re.compile(r"(?:(?:\b(?:US|HK|A|C|NT))?[$€£¥]|\b(?:RMB|USD)\s?)$", re.IGNORECASE)
# Units of measure and of money: another one is another figure. A measure word (个, 名, 起) is none.
_UNIT = re.compile(
    r"[ -]?(?:%|‰|per\s?cent(?:age\spoints?)?|个?百分点|成|倍|折"
    r"|(?:人民币|美|欧|日|港|英|韩|新台币|台|澳)?元|卢布|英镑|公里|千米|厘米|毫米|平方公里|平方米|立方米|米|海里"
    r"|万?吨|公斤|千克|克|公顷|亩|摄氏度|度|万?千瓦时?|兆瓦|小时|分钟|秒|周年|周岁|年代|年|个?月|号|日|天|岁|级|时|分"
    r"|(?:u\.?s\.?\s)?dollars?|yuan|euros?|pounds?|rubles?|yen|rupees?|shillings?|km|kg|cm|mm|kilomet(?:er|re)s?|met(?:er|re)s?"
    r"|miles?|feet|foot|tons?|tonnes?|hectares?|acres?|mu|kilowatts?|megawatts?|[gmk]w|degrees?|hours?|minutes?|seconds?"
    r"|days?|weeks?|months?|years?|decades?|magnitude|mph|kph|ha|[gmk]wh)(?![A-Za-z])",
    re.IGNORECASE,
)
_MORE = re.compile(r"\s?(?:左右|上下|以上|以下|以内|(?:or\s(?:so|more|less|fewer))\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure at a place of the text: `start` to `end` are its number, `first` to `last` all of it, with unit and
    modifier. `says` is equal for figures that say the same, however they are written (3, three, 三)."""

    first: int
    start: int
    end: int
    last: int
    says: tuple[str, str, str]

    def moved(self, by: int) -> Figure:
        """The same in a text that begins so many characters earlier."""
        return Figure(self.first + by, self.start + by, self.end + by, self.last + by, self.says)


def figures(text: str) -> list[Figure]:
    """The figures of a text in which width is folded (grammar.typography.plain), in order, apart from each other.
    Digits within a name (C919, COVID-19, G20) are none."""
    return list(_found(text))


def _found(text: str) -> Iterator[Figure]:
    for match in _FIGURE.finditer(text):
        if match["none"] is not None:
            continue
        start, end = match.span()
        before = _BEFORE.search(text, max(0, start - 24), start)
        currency = _CURRENCY.search(text, max(0, start - 6), start)
        if currency:
            before = _BEFORE.search(text, max(0, currency.start() - 24), currency.start())
        vague = _VAGUE.match(text, end)
        unit = _UNIT.match(text, vague.end() if vague else end)
        last = unit.end() if unit else vague.end() if vague else end
        more = _MORE.match(text, last)
        modifiers = [found[0].strip().lower() for found in (before, vague, more) if found]
        if inside := match["vague"] or match["han_vague"]:
            modifiers.append(inside)
        units = [found[0].strip(" -").lower() for found in (currency, unit) if found]
        says = _value(match), " ".join(_UNIT_NAMES.get(name, name) for name in units), " ".join(modifiers)
        first = min(found.start() for found in (match, before, currency) if found)
        yield Figure(first, start, end, more.end() if more else last, says)


_UNIT_NAMES = {"per cent": "%", "percent": "%", "percentage point": "个百分点", "percentage points": "个百分点"} | {
    f"{name}s": name
    for name in _names(
        "dollar euro pound ruble rupee shilling kilometer kilometre meter metre mile ton tonne hectare acre kilowatt"
        " megawatt degree hour minute second day week month year decade"
    )
}  # fmt: skip


def _value(match: re.Match[str]) -> str:
    """What a number says, as text that is equal for equal numbers."""
    kind = str(match.lastgroup)
    if match["digits"]:
        scale = match["han_scale"] or ""
        value = decimal(match["digits"])
        if value is None:
            return match[0].lower()
        for factor in scale:
            value *= SCALES_HAN[factor]
        if word := (match["scale"] or match["short"] or "").lower():
            value *= SCALES[word if word in SCALES else word.removesuffix("s")]
        decade = "s" if (match["ordinal"] or "").lower() == "s" else ""
        return f"{value:.6g}{decade}" if value < 1e6 else f"{value:.12g}"
    if match["han"]:
        return f"{of_numerals(match['han'] + (match['more_scale'] or '')):.12g}"
    if match["words"]:
        return _words_say(match["words"].lower())
    text = match[0].lower().rstrip(".")
    if match["day"]:
        return f"day {'一二三四五六日'.find(text[-1].replace('天', '日')) if text[-1] > 'z' else _DAYS.index(text[:3])}"
    if match["month"]:
        return f"month {_MONTHS.index(text[:3])}"
    return f"{kind} {text.replace('.', '')}"


def _words_say(words: str) -> str:
    """two hundred and five → 205; dozens, hundreds stay what they are: no number."""
    value = of_words(words)
    return words if value is None else f"{value:.12g}"
