"""The figures of a Chinese text: number, scale and unit, the modifier, what is counted, what is done to it, and when.

Each run of numerals is read where it stands; what is no plain count or measure (a date, an ordinal, a name, a numeral
within a word) yields nothing. A counted noun stands behind its measure word (320万条有害信息) or, where a clause ends
there, in front of the number (清理有害信息320万条). Chinese has no spaces, so the words of
grammar/tables/chinese_words.tsv tell where a noun begins and ends.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache

from grammar import chinese_periods, vocabulary
from grammar.numerals import DIGITS_HAN, SCALES_HAN, decimal, scaled
from grammar.passage import Passage
from items import Figure, Period

_HAN = "零〇一二两三四五六七八九十百千万亿廿卅"
_STARTS = re.compile(rf"[\d{_HAN}半过]")
_SCALE = r"(?:[十百亿万](?!分之)|千(?![瓦米克伏卡焦赫]))"
_RUN = r"(?:[零〇一二两三四五六七八九十亿万廿卅]|百(?!分)|千(?![瓦米克伏卡焦赫]))++"
_NUMBER = re.compile(
    rf"""(?: (?P<parts>百分之|千分之|万分之)(?P<part>\d++(?:\.\d++)?+|[{_HAN}]++(?:点[零〇一二三四五六七八九]++)?+)
      | (?P<below>[{_HAN}]++|\d++)分之(?P<above>[零〇一二两三四五六七八九十]++|\d++)
      | (?P<half>过?半数|过半|一半)
      | (?P<digits>\d++(?:,\d{{3}}(?!\d))*+(?:\.\d++)?+)(?:(?P<vague>[多余几]?)(?P<scale>{_SCALE}++)
          (?P<more>(?:\d++{_SCALE}++)*+(?:\d{{3,4}}(?![\d年.]))?+))?+
      | (?P<han>{_RUN}(?:点[零〇一二三四五六七八九]++)?+)(?:(?P<inside>[几多余])(?P<after>[万亿]++)?+)?+
    )""",
    re.VERBOSE,
)
_RANGE = re.compile(r"(?:至|到|[-~]{1,2})")
_CLAUSE = re.compile(r"[,;:。!?\n]")
_PIECE = re.compile(r'[,;:。!?\n、()"《》…|]')
_HEAD = re.compile(r"[\u3400-\u9fff\u3007A-Za-z0-9+·-]")
_DATE = re.compile(r"(?:[年月日号时点级届版次版]|楼|分钟?之|路|[.:]\d|国道|省道|点[半钟整])")
_LATIN_UNIT = re.compile(r"(km2|km/h|kWh|MWh|GWh|km|kg|cm|mm|ml|mL|MW|GW|kW|KB|MB|GB|TB|[mtgL])(?![A-Za-z])")
_TENTHS = re.compile(r"成(?![立为功员果本人年长品绩交份分都语熟])(?P<more>[一二三四五六七八九半])?")


@cache
def _words() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for _, row in vocabulary.lines("chinese_words.tsv", ("kind", "words")):
        for word in row["words"].split():
            found.setdefault(word, set()).add(row["kind"])
    for form in _acts():
        if len(form) > 1 and form not in _ACTS_AS_NOUNS:
            found.setdefault(form, set()).add("loose" if form in found and "loose" in found[form] else "verb")
    for kinds in found.values():
        if kinds & {"verb", "end", "loose"}:
            kinds.discard("keep")
    return {word: frozenset(kinds) for word, kinds in found.items()}


def _listed(name: str) -> list[str]:
    return [word for _, row in vocabulary.lines(name, ("kind", "words")) for word in row["words"].split()]


@cache
def _measures() -> frozenset[str]:
    return frozenset(_listed("chinese_measures.tsv"))


@cache
def _names() -> dict[str, list[tuple[str, int]]]:
    """By numeral and its neighbour: names with the place of the numeral in them."""
    found: dict[str, list[tuple[str, int]]] = {}
    for name in _listed("chinese_names.tsv"):
        for at, sign in enumerate(name):
            if sign in _HAN:
                key = name[at : at + 2] if at + 1 < len(name) else name[at - 1 : at + 1]
                found.setdefault(key, []).append((name, at))
    return found


@cache
def _acts() -> dict[str, str]:
    extra = {"被捕": "arrest", "死": "kill"}
    return vocabulary.by_form(vocabulary.acts(), "chinese") | extra


@cache
def _units() -> dict[str, str]:
    """Words of units and of money behind a number → what Figure.unit holds."""
    found = vocabulary.by_form(vocabulary.units(), "chinese", "symbol")
    found |= vocabulary.by_form(vocabulary.currencies(), "chinese")
    for word in ("日", "年", "周年", "周", "度", "节", "桶", "码", "秒", "瓦", "克", "升", "磅", "天", "米", "吨"):
        if word in ("日", "周年", "节", "桶", "码"):
            found.pop(word, None)
    unit_of = {
        "个小时": "hour", "年": "year", "周": "week", "个周": "week", "个百分点": "percentage point", "倍": "times",
        "元人民币": "CNY", "块": "CNY", "块钱": "CNY", "公斤": "kg", "度电": "kWh", "米每秒": "m/s", "万年": "year",
    }  # fmt: skip
    unit_of.pop("块")
    unit_of.pop("万年")
    return {"%": "%", "‰": "‰", "℃": "°C"} | found | unit_of


@cache
def _modifiers() -> dict[str, dict[str, str]]:
    """Place → word → meaning."""
    found: dict[str, dict[str, str]] = {}
    for _, row in vocabulary.lines("chinese_modifiers.tsv", ("place", "meaning", "words")):
        found.setdefault(row["place"], {}).update(dict.fromkeys(row["words"].split(), row["meaning"]))
    return found


@cache
def _noun_keys() -> dict[str, str]:
    return vocabulary.by_form(vocabulary.nouns(), "chinese")


@cache
def _longest() -> dict[str, int]:
    """First sign of a word → the length of the longest that begins with it."""
    found: dict[str, int] = {}
    for word in _words():
        found[word[0]] = max(found.get(word[0], 0), len(word))
    return found


def _word(text: str, at: int, end: int) -> tuple[int, frozenset[str]]:
    """The longest word of the table there: its end and kinds; (at, none) where none stands."""
    words = _words()
    for length in range(min(_longest().get(text[at], 0), end - at), 0, -1):
        if kinds := words.get(text[at : at + length]):
            return at + length, kinds
    return at, frozenset()


@dataclass(frozen=True, slots=True)
class _Number:
    start: int
    end: int
    value: float
    value_max: float | None = None
    vague: str = ""
    unit: str = ""
    is_han: bool = False
    is_large: bool = False  # with 万 or 亿, or a bare scale
    bare: bool = False  # 百, 千, 万 without a digit in front


_SAME = str.maketrans({"廿": "二十", "卅": "三十"})


def _han_value(numerals: str) -> tuple[float, float | None] | None:
    """三千二百 → 3200, 两千五 → 2500, 七八百 → 700 to 800; None for what is no one number."""
    whole, _, fraction = numerals.translate(_SAME).partition("点")
    if fraction:
        if not (value := _han_value(whole)) or value[1] is not None:
            return None
        return value[0] + float("0." + "".join(str(DIGITS_HAN[sign]) for sign in fraction)), None
    pairs = [
        at
        for at in range(len(whole) - 1)
        if whole[at] in DIGITS_HAN and whole[at + 1] in DIGITS_HAN and whole[at] not in "零〇"
    ]
    if pairs:
        at = pairs[0]
        low, high = DIGITS_HAN[whole[at]], DIGITS_HAN[whole[at + 1]]
        if len(pairs) > 1 or not (high == low + 1 or (low, high) == (3, 5)):
            return None
        first = _plain_value(whole[: at + 1] + whole[at + 2 :])
        second = _plain_value(whole[:at] + whole[at + 1 :])
        return (first, second) if first is not None and second is not None and first < second else None
    value_of = _plain_value(whole)
    return None if value_of is None else (value_of, None)


def _plain_value(numerals: str) -> float | None:
    total = section = digit = 0
    last = 0
    zero = False
    for sign in numerals:
        if sign in DIGITS_HAN:
            digit = DIGITS_HAN[sign]
            zero = zero or sign in "零〇"
            continue
        scale = SCALES_HAN[sign]
        if scale >= 10_000:
            if scale == 100_000_000 and total:  # 万亿
                total = (total + section + digit) * scale
            else:
                total += (section + digit or 1) * scale
            section = digit = 0
        else:
            section += (digit or 1) * scale
            digit = 0
        last, zero = scale, False
    if digit and last >= 100 and not zero:  # 两千五
        digit = digit * last // 10
    return float(total + section + digit)


def _scales(signs: str) -> float:
    factor = 1.0
    for sign in signs:
        factor *= SCALES_HAN[sign]
    return factor


def _number(text: str, at: int) -> _Number | None:
    match = _NUMBER.match(text, at)
    if not match:
        return None
    end = match.end()
    if match["parts"]:
        value = _value_of(match["part"])
        unit = {"百": "%", "千": "‰", "万": "‱"}[match["parts"][0]]
        return None if value is None else _Number(at, end, value, unit=unit)
    if match["below"]:
        below, above = _value_of(match["below"]), _value_of(match["above"])
        return _Number(at, end, above / below) if below and above and below > above else None
    if half := match["half"]:
        if half.startswith("过"):
            return _Number(at + 1, end, 0.5, vague="过")
        return _Number(at, end, 0.5)
    if match["digits"]:
        value = decimal(match["digits"])
        if value is None or (text[end : end + 2].startswith(".") and text[end + 1 : end + 2].isdigit()):
            return None
        if signs := match["scale"]:
            value = scaled(value, _scales(signs))
            rest = match["more"] or ""
            for part in re.finditer(r"(\d+)([十百千万亿]*)", rest):
                value += scaled(float(part[1]), _scales(part[2]))
        return _Number(
            at, end, value, vague=match["vague"] or "", is_large=bool(set(match["scale"] or "") & set("百千万亿"))
        )
    han = match["han"]
    after = match["after"] or ""
    found = _han_value(han)
    if found is None:
        return None
    value, most = found
    if after:
        value, most = scaled(value, _scales(after)), None if most is None else scaled(most, _scales(after))
    inside = match["inside"] or ""
    if inside == "几" and han[-1] not in "十百千万亿":
        inside, end = "", end - 1 - len(after)
        value, most = found
    bare = han[0] in "百千万亿"
    return _Number(
        at, end, value, most, inside, is_han=True, is_large=bare or bool(set(han + after) & set("百千万亿")), bare=bare
    )


def _value_of(printed: str) -> float | None:
    if printed[0].isdigit():
        return decimal(printed)
    found = _han_value(printed)
    return found[0] if found and found[1] is None else None


def figures(passage: Passage) -> list[Figure]:
    """The figures of a Chinese passage, in order of place; spans are places in its text."""
    return _Reader(passage).read()


class _Reader:
    """One passage as it is read from its start to its end."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.text = passage.plain
        self.periods = chinese_periods.named(passage.text, self.text, passage.published)
        self.period_starts = [named.start for named in self.periods]
        self.clauses = [mark.end() for mark in _CLAUSE.finditer(self.text)]
        self.pieces = [mark.start() for mark in _PIECE.finditer(self.text)]
        self.sentence_starts = [start for start, _ in passage.sentences]
        self.found: list[Figure] = []
        self.act_from: tuple[int, str, str] = (0, "", "")
        self.row_end = -1  # where the last figure's noun ended

    def read(self) -> list[Figure]:
        text, at = self.text, 0
        while begins := _STARTS.search(text, at):
            start = begins.start()
            at = max(self._passed(start) or self._figure(start), start + 1)
        return self.found

    def _passed(self, at: int) -> int:
        """Where to go on behind a period, a name or an identifier that holds the numeral; 0 where there is none."""
        text = self.text
        which = bisect_right(self.period_starts, at) - 1
        if which >= 0 and at < self.periods[which].end:
            return self.periods[which].end
        sign = text[at]
        before = text[at - 1 : at]
        if sign not in _HAN:
            if before and (
                (before.isascii() and before.isalpha())
                or before == "第"
                or (before in "-·.#" and at > 1 and text[at - 2].isascii() and text[at - 2].isalnum())
            ):
                return self._run_end(at)
            return 0
        for key in (text[at : at + 2], text[max(at - 1, 0) : at + 1]):
            for name, offset in _names().get(key, ()):
                if text.startswith(name, at - offset) and at >= offset:
                    if at + 1 < len(text) and offset + len(name) == 1:
                        continue
                    if name[0] in _HAN and offset == 0 and before and before in _HAN + "0123456789":
                        continue  # 二十四川 is none, but within a number no name begins
                    if len(name) == 2 and all(s in _HAN for s in name) and not self._is_quoted(at):
                        continue
                    return at - offset + len(name)
        if before and before in "第数几每统唯专单初万周某星期礼":
            if before in "每" or (before == "期" and text[at - 2 : at - 1] != "星"):
                return 0
            return self._run_end(at)
        return 0

    def _run_end(self, at: int) -> int:
        text = self.text
        while at < len(text) and (
            text[at].isdigit() or text[at] in _HAN or (text[at] in ".,-" and text[at + 1 : at + 2].isdigit())
        ):
            at += 1
        return at or 1

    def _is_quoted(self, at: int) -> bool:
        """Whether the numeral opens a short phrase in quotation marks or stands within 《》: a name."""
        text = self.text
        if text[at - 1 : at] == '"' and '"' in text[at : at + 10]:
            return True
        opened = text.rfind("《", max(0, at - 40), at)
        return opened >= 0 and "》" not in text[opened:at] and "》" in text[at : at + 40]

    def _figure(self, at: int) -> int:
        """Reads the number there; where to go on."""
        text = self.text
        number = _number(text, at)
        if number is None:
            return self._skip(at)
        end = number.end
        if self._is_quoted(number.start) or (text.startswith("第", at - 1) and at):
            return max(end, at + 1)
        value, most, unit, vague = number.value, number.value_max, number.unit, [number.vague] if number.vague else []
        measure = ""
        if not unit:
            end, value, most, unit = self._ranged(number, end, value, most)
        if not vague and not (number.bare and not number.is_han):
            end = self._vague(end, vague)
        tenths = _TENTHS.match(text, end) if not unit and value <= 10 else None
        if tenths and (number.is_han or value == int(value)):
            unit, value = "%", value * 10 + (5 if tenths["more"] == "半" else DIGITS_HAN.get(tenths["more"] or "", 0))
            most = None if most is None else most * 10
            end = tenths.end()
            if not tenths["more"]:
                end = self._vague(end, vague)
        elif not unit:
            end, unit = self._unit(end, number, vague)
        if not unit and not self._may_count(number, end):
            return max(end, at + 1)
        if (
            unit in ("year", "month", "day", "week", "hour", "minute", "second")
            and number.is_han
            and value == 1
            and most is None
        ):
            return end
        if unit == "year" and (
            most is None
            and value == int(value)
            and 1000 <= value <= 2999
            and text[end - 1] == "年"
            and not number.is_large
        ):
            return end
        if unit in ("year",) and text[end - 1 : end + 1] in ("年级", "年代", "年度", "年期", "年制"):
            return end
        return self._counted(number, end, value, most, unit, vague, measure)

    def _skip(self, at: int) -> int:
        text = self.text
        if text[at].isdigit():
            return self._run_end(at)
        while at < len(text) and text[at] in _HAN:
            at += 1
            if text[at : at + 1] and text[at] not in _HAN:
                break
        return at if at and text[at - 1] in _HAN else at + 1

    def _vague(self, end: int, vague: list[str]) -> int:
        text = self.text
        if text[end : end + 1] in ("多", "余", "来") and text[end : end + 2] not in (
            "来自",
            "余额",
            "来到",
            "来源",
            "来华",
            "来宾",
        ):
            behind = text[end + 1 : end + 3]
            if text[end] == "来" and text[end - 1] not in "十百千万0":
                return end
            if behind[:1] in ("边", "次", "元", "种", "样") and behind[:2] in ("边形", "边主"):
                return end
            vague.append(text[end])
            return end + 1
        return end

    def _ranged(
        self, first: _Number, end: int, value: float, most: float | None
    ) -> tuple[int, float, float | None, str]:
        """The other end of a range, where one stands: 3至5, 30%~40%, 3亿元至5亿元."""
        text = self.text
        between, after_unit = end, ""
        if found := self._unit_word(end):
            between, after_unit = found
        mark = _RANGE.match(text, between)
        if (
            not mark
            or most is not None
            or not (text[mark.end() : mark.end() + 1].isdigit() or text[mark.end() : mark.end() + 1] in _HAN)
        ):
            return end, value, most, ""
        second = _number(text, mark.end())
        if second is None or second.value_max is not None or second.bare:
            return end, value, most, ""
        factor = 1.0
        if not first.is_large and second.is_large and first.value < second.value and not after_unit:
            signs = re.search(r"[十百千万亿]+$", text[second.start : second.end])
            if signs and not first.is_han:
                factor = _scales(signs[0])
        low = scaled(value, factor)
        if low >= second.value or (second.unit and not first.unit):
            return end, value, most, ""
        if after_unit:
            other = self._unit_word(second.end)
            if other is None or other[1] != after_unit:
                return end, value, most, ""
        return second.end, low, second.value, ""

    def _unit_word(self, at: int) -> tuple[int, str] | None:
        text, units = self.text, _units()
        for length in range(6, 0, -1):
            word = text[at : at + length]
            if len(word) == length and (unit := units.get(word)):
                return at + length, unit
        if latin := _LATIN_UNIT.match(text, at):
            return latin.end(), latin[1]
        return None

    def _unit(self, end: int, number: _Number, vague: list[str]) -> tuple[int, str]:
        """The end of the unit's word behind a number, and its symbol."""
        text = self.text
        found = self._unit_word(end)
        if found is None and text[end : end + 2] == "个多":
            if (later := self._unit_word(end + 2)) is None and text[end + 2 : end + 3] == "月":
                later = (end + 3, "month")
            if later:
                vague.append("多")
                return later
        if found is None:
            return end, ""
        after, unit = found
        word, behind = text[end:after], text[after : after + 2]
        if (
            (word == "度" and behind[:1] not in ("", ",", "。", "左", "以", "的"))
            or (word in ("天", "周") and behind[:1] in ("然", "文", "下", "山", "边", "围", "期", "岁", "年"))
            or (word == "年" and behind[:1] in ("级", "代", "前三", "第"))
            or (word == "克" and behind[:1] in ("拉", "里", "服"))
            or (word == "升" and behind[:1] in ("级", "至", "到"))
            or (word == "元" and behind[:1] in ("旦", "月", "素", "宇", "首", "老"))
            or (word == "米" and behind[:1] in ("粉", "饭"))
            or (word == "码" and behind[:1] in ("头",))
            or (word == "秒" and behind[:1] in ("杀",))
        ):
            return end, ""
        if word.endswith("元") and text.startswith("人民币", after):
            after += 3
        if (
            text[after : after + 1] in ("多", "余")
            and unit in ("year", "hour", "km", "month", "day", "CNY", "m", "t", "kg", "mu")
            and text[after + 1 : after + 2] not in ("种", "样", "次", "元", "边")
        ):
            vague.append(text[after])
            after += 1
        return after, unit

    def _measure(self, at: int) -> str:
        text, measures = self.text, _measures()
        for length in (4, 3, 2, 1):
            word = text[at : at + length]
            if len(word) == length and word in measures:
                if word == "人次" or length > 1:
                    return word
                return "" if text[at : at + 2] in _NO_MEASURE else word
        return ""

    def _may_count(self, number: _Number, end: int) -> bool:
        """Whether a number without a unit is one of things, from what stands behind it."""
        text = self.text
        behind = text[end : end + 1]
        if re.match(r"(?:比|:)\d", text[end : end + 2]) or (
            text[number.start - 1 : number.start] in ("比", ":") and text[number.start - 2 : number.start - 1].isdigit()
        ):
            return False
        if self._measure(end):
            if number.is_han and number.value == 1 and number.value_max is None and number.end - number.start == 1:
                return self._in_row(number.start)
            before = text[number.start - 1 : number.start]
            return not (before == "前" or (behind == "次" and before == "第"))
        if behind == "人":
            return text[end : end + 2] not in ("人民", "人均", "人行") or number.is_large
        if behind in ("死", "伤") and number.end - number.start <= 4:
            return True
        if number.unit or number.value == 0.5 or (number.value < 1 and "分之" in text[number.start : number.end]):
            return True
        if (
            text.startswith(("省份", "省区市", "省市", "国家", "省(区", "县市"), end)
            and text[number.start - 1 : number.start] != "前"
        ):
            return True
        if _DATE.match(text, end) or (behind and behind.isascii() and behind.isalpha()):
            return False
        if number.bare and not number.vague and not self._front(number.start, number)[1]:
            return False
        return (
            number.is_large and (not number.bare or bool(number.vague) or bool(self._front(number.start, number)[1]))
        ) or (
            bool(self._front(number.start, number)[1])
            and (not behind or not _HEAD.match(behind))
            and number.value >= 10
        )

    def _in_row(self, start: int) -> bool:
        """Whether 一 stands in a row of counts: 两艘驱逐舰和一艘补给舰, 两死一伤."""
        before = self.text[max(0, start - 2) : start]
        return bool(self.found) and 0 <= start - self.row_end <= 2 and bool(re.search(r"(?:和|、|及|以及|与)$", before))

    def _front(self, start: int, number: _Number) -> tuple[int, list[tuple[str, str]]]:
        """The modifier in front of a number: where it begins, and (word, meaning)."""
        text, words = self.text, _modifiers()
        at = start
        if text[at - 3 : at] == "人民币":
            at -= 3
        for passed in ("了", "达", "过", "到", ""):
            if passed and text[at - 1 : at] != passed:
                continue
            edge = at - len(passed)
            for length in (5, 4, 3, 2, 1):
                word = text[max(0, edge - length) : edge]
                if len(word) != length:
                    continue
                whole = word + passed
                if whole in words["front"]:
                    word = whole
                    begin = edge - length
                elif word in words["front"]:
                    begin = edge - length
                elif word in words["front-scale"] and number.bare:
                    if text[begin_ - 1 : begin_] in "以网海路线" if (begin_ := edge - length) else False:
                        continue
                    return edge - length, [(word, words["front-scale"][word])]
                else:
                    continue
                meaning = words["front"][word]
                if (
                    len(word) == 1
                    and begin
                    and text[begin - 1 : begin + 1] in _NO_MODIFIER
                    and text[begin - 2 : begin] != "折合"
                ):
                    continue
                return begin, [(word, meaning)]
        return at, []

    def _counted(
        self, number: _Number, end: int, value: float, most: float | None, unit: str, vague: list[str], measure: str
    ) -> int:
        text = self.text
        start = number.start
        words = _modifiers()
        begin, modifiers = self._front(start, number)
        if text[start - 3 : start] == "人民币" and unit == "CNY":
            start -= 3
        if text[start - 2 : start] == "零下" and unit in ("°C", "°"):
            start, value, begin = start - 2, -value, begin - 2 if not modifiers else begin
        elif text[start - 1 : start] == "-" and unit == "°C" and not text[start - 2 : start - 1].isalnum():
            start, value = start - 1, -value
        for sign, code in (("US$", "USD"), ("HK$", "HKD"), ("$", "USD"), ("€", "EUR"), ("£", "GBP"), ("¥", "CNY")):
            if not unit and text.endswith(sign, max(0, start - 4), start):
                start, unit = start - len(sign), code
                begin = min(begin, start)
                break
        for word in vague:
            meaning = words["inside"].get(word, "at least")
            modifiers.append((word, meaning))
        after = end
        if not unit:
            measure = self._measure(end)
            after = end + len(measure)
            if measure and text[after : after + 1] in ("多", "余") and text[after : after + 2] == "余名":
                after += 1
        bracket = re.compile(r"\([^()]{1,6}\)").match(text, after) if measure else None
        if bracket:
            after = bracket.end()
        after = self._behind(after, modifiers)
        person = not unit and not measure and text[after : after + 1] == "人" and text[after : after + 2] not in _PEOPLE
        if person:
            noun, noun_end = ("人", after + 1)
            noun_end = self._behind(noun_end, modifiers)
        else:
            noun, noun_end = self._noun_behind(after, unit, measure)
        prefix = self._prefix(begin)
        act, act_text, front_noun = self._act_and_noun(prefix, begin)
        if not noun and self._noun_in_front_counts(unit, number):
            noun = self._cleaned(front_noun)
        elif person and front_noun and self._is_people(self._cleaned(front_noun)):
            noun, measure = self._cleaned(front_noun), "人"
        elif (
            not noun
            and unit in ("km", "mu", "ha", "m2", "km2", "m3")
            and act in ("build", "plant", "destroy", "repair")
        ):
            noun = "" if front_noun.endswith(("积", "长", "程", "度", "量")) else self._cleaned(front_noun)
        if not noun and measure == "人次":
            noun, measure = "人次", ""
        if measure == "人次数":
            measure = "人次"
        behind_act = self._act_behind(noun_end)
        if behind_act and (behind_act[2] or not act):
            act, act_text = behind_act[0], behind_act[1]
        sentence = self._sentence(start)
        if act and not (behind_act and behind_act[1] == act_text):
            self.act_from = (sentence[0], act, act_text)
        elif not act and self.act_from[0] == sentence[0] and not unit and self._is_row(prefix, begin):
            act, act_text = self.act_from[1], self.act_from[2]
        says_nothing = not (unit or measure or noun or act) and number.value >= 1
        if says_nothing and not (modifiers and number.is_large):
            return end
        if noun in ("死", "伤"):  # 两死一伤
            act, act_text, noun = "kill" if noun == "死" else "injure", noun, ""
        meaning = next((meaning for _, meaning in modifiers if meaning), "")
        modifier = "; ".join(word for word, _ in modifiers)
        figure = Figure(
            self.passage.text[start:end], start, end, value, most, modifier, meaning, unit, measure, noun,
            self._key(noun), act, act_text, self._period(start, sentence), sentence,
        )  # fmt: skip
        self.found.append(figure)
        self.row_end = max(noun_end, after)
        return max(end, start + 1)

    def _behind(self, at: int, modifiers: list[tuple[str, str]]) -> int:
        words = _modifiers()["behind"]
        for length in (4, 3, 2):
            word = self.text[at : at + length]
            if word in words and len(word) == length:
                modifiers.append((word, words[word]))
                return at + length
        return at

    def _noun_in_front_counts(self, unit: str, number: _Number) -> bool:
        return (not unit and number.value >= 1) or unit in ("t", "kg", "g", "jin", "barrel")

    def _piece_end(self, at: int) -> int:
        which = bisect_left(self.pieces, at)
        return self.pieces[which] if which < len(self.pieces) else len(self.text)

    def _prefix(self, end: int) -> int:
        """Where the clause begins that leads up to a number: behind the last mark in front of it."""
        which = bisect_right(self.clauses, end) - 1
        start = self.clauses[which] if which >= 0 else 0
        return max(start, end - 60)

    def _noun_behind(self, at: int, unit: str, measure: str) -> tuple[str, int]:
        """The noun phrase that begins there ("" where none does) and its end."""
        text = self.text
        if at < len(text) and text[at] == "的":
            if unit and unit != "%" and not (len(unit) == 3 and unit.isalpha()):
                return "", at
            if measure:
                return "", at
            at += 1
        elif (
            unit
            and (
                (unit not in ("%", "t", "kg", "g", "mu", "jin", "km", "m3", "barrel", "kWh", "ha") and len(unit) != 3)
                or unit == "day"
            )
        ) or unit == "%":
            return "", at
        limit = min(self._piece_end(at), at + 24)
        stripped = False
        if at < len(text) and text[at] == '"':
            closing = text.find('"', at + 1, at + 12)
            if closing > 0:
                limit, stripped = min(self._piece_end(closing + 1), closing + 20), True
        place, first = at, True
        adjective = False
        while place < limit:
            sign = text[place]
            if sign == '"' and stripped:
                place += 1
                continue
            if not _HEAD.match(sign):
                break
            if sign == "的":
                if adjective or (place - at <= 2 and place > at and "adjective" in _words().get(text[at:place], ())):
                    place += 1
                    continue
                break
            after, kinds = _word(text, place, limit)
            if not kinds:
                # 386名务工人员测过体温: what an aspect marker follows is a verb, whatever verb it is.
                if (
                    not first
                    and text[place + 1 : place + 2] in _ASPECTS
                    and "keep" not in _word(text, place + 1, limit)[1]
                ):
                    break
                if sign.isdigit() and not (
                    text[place + 1 : place + 2].isascii() and text[place + 1 : place + 2].isalpha()
                ):
                    break
                place += 1
                first, adjective = False, False
                continue
            if (
                "keep" in kinds
                or (first and "place" in kinds)
                or ("place" in kinds and "verb" not in kinds)
                or ("loose" in kinds and (first or self._goes_on(after, limit) or (len(unit) == 3 and after == limit)))
            ):
                place = after
            elif "adjective" in kinds:
                place, adjective = after, True
                first = False
                continue
            elif "filler" in kinds and len(kinds) == 1 and after - place > 1:
                place = after
            else:
                break
            first, adjective = False, False
        noun = text[at:place]
        if re.match(r"[死伤](?:$|[\d一二两三四五六七八九十])", noun):
            return noun[0], at + 1
        if len(noun) == 1 and noun in "的之一者中里内外时后前间次":
            noun = ""
        if not noun and (measure or unit == "%") and place < limit:
            return self._behind_relative(place, limit)
        if stripped:
            noun = noun.replace('"', "")
        return noun, place

    def _goes_on(self, at: int, limit: int) -> bool:
        """Whether a noun's head stands behind a verb within it: 中国投资项目."""
        return any(text_end in _HEADS for text_end in (self.text[at : at + 2], self.text[at : at + 1]) if at < limit)

    def _behind_relative(self, at: int, limit: int) -> tuple[str, int]:
        """The noun behind a clause with 的: 3名涉嫌诈骗的嫌疑人."""
        of = self.text.find("的", at, limit)
        if of < 0 or of + 1 >= limit or re.search(r"\d", self.text[at:of]):
            return "", at
        if self._act_behind(at):
            return "", at
        noun, end = self._noun_behind(of + 1, "", "")
        return (noun, end) if noun else ("", at)

    def _act_and_noun(self, start: int, end: int) -> tuple[str, str, str]:
        """The act in front of a number, its words, and the noun that stands between it and the number."""
        text, acts = self.text, _acts()
        words = _words()
        stop = end
        while stop > start:  # what stands between noun and number
            for length in (6, 5, 4, 3, 2, 1):
                word = text[max(start, stop - length) : stop]
                if len(word) == length and "filler" in words.get(word, ()):
                    if length == 1 and text[stop - 2 : stop] in words and "keep" in words[text[stop - 2 : stop]]:
                        continue
                    stop -= length
                    break
            else:
                break
        noun_at = start
        which = bisect_left(self.pieces, stop) - 1
        if which >= 0:
            noun_at = max(noun_at, self.pieces[which] + 1)
        for named in self.periods[: bisect_right(self.period_starts, stop)]:
            if start <= named.start < stop:
                noun_at = max(noun_at, min(named.end, stop))
        act = act_text = ""
        place = start
        was_verb = had_verb = False
        while place < end:
            after, kinds = _word(text, place, end)
            if not kinds:
                place += 1
                was_verb = False
                continue
            word = text[place:after]
            if "keep" in kinds or ("loose" in kinds and (was_verb or (had_verb and noun_at < place))):
                was_verb = False
            elif "verb" in kinds or "loose" in kinds or "end" in kinds or "place" in kinds:
                in_noun = "loose" in kinds and place >= stop
                if word in acts and not in_noun:
                    act, act_text = acts[word], word
                if after <= stop:
                    noun_at = max(noun_at, after)
                was_verb = word in acts and acts[word] != "total"
                had_verb = had_verb or was_verb
            else:
                was_verb = False
            place = after
        noun = text[noun_at:stop] if noun_at < stop else ""
        if "的" in noun:
            noun = noun.rsplit("的", 1)[1]
        return act, act_text, noun.strip()

    def _cleaned(self, noun: str) -> str:
        """A noun in front of its number, without what is no noun there; "" where it cannot be one."""
        for ending in ("数量", "总数", "总量", "产量", "人数", "规模", "总产量", "销量", "数"):
            if noun.endswith(ending) and len(noun) > len(ending) + 1:
                noun = noun[: -len(ending)].removesuffix("总")
                break
        noun = (
            re.split(r"[\d%]+[^\d]?", noun)[-1] if re.search(r"\d", noun) and not re.match(r"\d?[A-Z]", noun) else noun
        )
        if len(noun) < 2 and noun not in ("人", "车", "船", "羊", "牛", "猪", "树"):
            return ""
        return "" if len(noun) > 16 or not all(_HEAD.match(sign) for sign in noun) else noun

    def _is_people(self, noun: str) -> bool:
        return bool(noun) and (
            noun[-1] in "者人员民生师众工客兵手户友童属女婴眷干警"
            or noun.endswith(("干部", "党员", "代表", "群众", "官兵", "选手", "专家", "学员", "成员", "居民", "人才"))
        )

    def _act_behind(self, at: int) -> tuple[str, str, bool] | None:
        """The act behind a noun, its words, and whether it is said of the noun itself (被抓获, 死亡)."""
        text, acts = self.text, _acts()
        limit = min(self._piece_end(at), at + 12)
        place, passive = at, False
        for _ in range(6):
            if place >= limit:
                return None
            if text[place] in "被遭":
                passive = True
                place += 1
                continue
            for length in (5, 4, 3, 2, 1):
                word = text[place : place + length]
                if (
                    len(word) == length
                    and place + length <= limit
                    and word in acts
                    and not (length == 1 and word not in ("死", "伤"))
                ):
                    key = acts[word]
                    return key, word, passive or key in _SUFFERED or word in _DONE
            after, kinds = _word(text, place, limit)
            if not kinds or "keep" in kinds or not (kinds & {"verb", "end", "filler"}):
                if not passive:
                    return None
                after = place + 1
            place = after
        return None

    def _is_row(self, start: int, end: int) -> bool:
        """Whether only a noun leads up to the number, so that the act in front of it is meant again."""
        place = max(start, self.row_end)
        while place < end:
            after, kinds = _word(self.text, place, end)
            if (
                kinds & {"verb", "end"}
                and "keep" not in kinds
                and not ("filler" in kinds or self.text[place:after] in "和及与")
            ):
                return False
            place = max(after, place + 1)
        return True

    def _sentence(self, at: int) -> tuple[int, int]:
        which = bisect_right(self.sentence_starts, at) - 1
        return self.passage.sentences[which] if which >= 0 else (0, len(self.text))

    def _period(self, at: int, sentence: tuple[int, int]) -> Period | None:
        """The period nearest in front within the sentence, else the one behind in its clause, else that which opens the
        sentence of which this is a part."""
        which = bisect_right(self.period_starts, at) - 1
        while which >= 0 and self.periods[which].start >= sentence[0]:
            if not self.periods[which].compared:
                return self.periods[which].period
            which -= 1
        start = sentence[0]
        while start > 0 and self.text[start - 1 : start] in (";", ";"):
            earlier = self._sentence(start - 1)
            if earlier[0] >= start:
                break
            start = earlier[0]
            first = bisect_left(self.period_starts, start)
            if (
                first < len(self.periods)
                and self.periods[first].start < earlier[1]
                and not self.periods[first].compared
            ):
                return self.periods[first].period
        return None

    def _key(self, noun: str) -> str:
        keys = _noun_keys()
        for at in range(max(0, len(noun) - 10), len(noun)):
            if key := keys.get(noun[at:]):
                return key
        return ""


_ASPECTS = ("过", "了", "着")  # behind a verb
# Acts' words that are nouns, or hold one, and end no noun phrase.
_ACTS_AS_NOUNS = frozenset(
    "产量 销量 总额 总量 利润 收入 营收 贷款 贸易 旅游 客运 影响 累计 共计 总计 发送旅客 投入警力 新增就业"
    " 安排资金 实现营收 发放贷款 扣押人员 经济损失 损失"
    " 登记 同比增长 同比下降".split()
)
_SUFFERED = frozenset(("kill", "injure", "miss", "infect", "trap", "affect", "destroy", "lift-out-of-poverty"))
_DONE = frozenset("落网 获救 获刑 被捕 受益 脱贫".split())
_NO_MEASURE = frozenset(
    "个百 个月 个别 次元 部门 部长 部署 家庭 家长 位置 场地 处理 处置 处于 起来 起飞 起降 份额 件套 条例 名义"
    " 名单 面积 面积 面对 套餐 座谈 所有"
    " 种植 种子 项目 张家 台湾 台风 本地 本土 道路 段落 线路 口岸 口径 手机 片区 头部 根据 把握 群众 组织 组成"
    " 队伍 队员 班子 单位 双方 轮船 级别 首都 首席 期间"
    " 具体 具有 集团 集中 集体 笔记 方案 方向 回归 对象 对外 批准 批发 条件 户口 户籍 类型 粒子 枚举 门口 门户"
    " 门店 棵树 令人 封闭 款项 章程 课程 盘点 出现 出台 出口 出席 出生 出发 行业 行动 行程 行政 针对 堂课 届时"
    " 站点 节约 节目 节能 节点 步行 声音 发布 发展 发现 发射 发生 发电 发放 串联 局面 场景 束缚 排放 排名 排水"
    " 路线 路段 首歌 管理 管道 听众 令状".split()
) - frozenset("棵树 堂课 首歌 套餐 件套".split())
_NO_MODIFIER = frozenset(
    "签约 合约 公约 条约 节约 特约 附近 靠近 最近 临近 邻近 亲近 远近 就近 新近 违约 大约".split()
) - {"大约"}
_PEOPLE = frozenset("人口 人民 人员 人士 人大 人均 人工 人家 人力 人才 人群 人类 人次 人份 人质 人物".split())
_HEADS = frozenset(
    "企业 公司 项目 人员 机构 活动 单位 部门 中心 基地 平台 系统 设备 工程 设施 产品 物资 网点 队伍 队员 队 站"
    " 点 者 员 人 案件 团伙 车辆 船 船舶 工作 作品 面积 任务 方案 计划 能力 岗位 学校 院校 学生 专业 技术 资金"
    " 基金 商 户 区 园区 量 额 群众 居民 家庭 家 所 厂 场 场所 机 器 车 船只 房屋 住房 服务 合同 协议 订单"
    " 信息 线索 问题 行为 事故 事件".split()
)
