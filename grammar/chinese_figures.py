"""The figures of a Chinese text: number, scale and unit, the modifier, what is counted, what is done to it, and when.

Each run of numerals is read where it stands; what is no plain count or measure (a date, an ordinal, a name, a numeral
within a word) yields nothing. A counted noun stands behind its measure word (320万条有害信息) or, where a clause ends
there, in front of the number (清理有害信息320万条); see grammar/chinese_nouns.py.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from grammar import chinese_periods
from grammar.chinese_lexicon import (
    listed,
    measure_lengths,
    measures,
    modifier_lengths,
    modifiers,
    names,
    unit_lengths,
    units,
)
from grammar.chinese_nouns import HEAD, Front, Phrases, key_of
from grammar.chinese_numbers import HAN, Number, number_at, scales_of
from grammar.numerals import DIGITS_HAN, scaled
from grammar.passage import Passage
from items import Figure, Period

_SPACED = re.compile(r"(?<=\d) (?=[\u3400-\u9fff%])|(?<=[\u3400-\u9fff]) (?=\d)")
_STARTS = re.compile(rf"[\d{HAN}半过]")
_RANGE = re.compile(r"(?:至|到|[-~]{1,2})")
_DATE = re.compile(r"(?:[年月日号时点级届版次版]|楼|分钟?之|路|[.:]\d|国道|省道|点[半钟整])")
_LATIN_UNIT = re.compile(r"(km2|km/h|kWh|MWh|GWh|TWh|km|kg|cm|mm|ml|mL|MW|GW|kW|KB|MB|GB|TB|[mtgL])(?![A-Za-z])")
_TENTHS = re.compile(r"成(?![立为功员果本人年长品绩交份分都语熟])(?P<more>[一二三四五六七八九半])?")
# Signs before which a word is no unit (天然, 元旦), or before which alone it is one (度).
_NO_UNIT_BEFORE = {
    "度": (",。左以的", False), "天": ("然文下山边围期岁年", True), "周": ("然文下山边围期岁年", True),
    "年": ("级代第", True), "克": ("拉里服", True), "升": ("级至到", True), "元": ("旦月素宇首老", True),
    "米": ("粉饭", True), "秒": ("杀", True),
}  # fmt: skip
_TENTHS_TO = re.compile(r"[至到-]([一二两三四五六七八九])成(?![功立果])")
_SIGNS = (("US$", "USD"), ("HK$", "HKD"), ("$", "USD"), ("€", "EUR"), ("£", "GBP"), ("¥", "CNY"))
_PART = re.compile("分之|/")
_WARMTH = re.compile("[温冷热寒凉暑]")
_LATIN = re.compile(r"[0-9A-Za-z]")
_MONEY = frozenset("$€£¥")
_TIME = frozenset(("year", "month", "day", "week", "hour", "minute", "second"))
# A congress, and a session of one, is named without 第: 十四届全国人大四次会议.
_CONGRESS = re.compile(r"届(?:全国|中央|中纪|省|市|县|人大|政协|[一二三四五六七](?:中|次会议))")
_BEFORE_A_SESSION = ("大", "协", "委员会", "届")
_TENTHS_OF_A_METRE = re.compile(
    r"(?<=[12一两]米)(?:\d{1,2}(?![\d.%万亿千百多余个米年月])|[一二三四五六七八九]{1,2}(?![一二三四五六七八九十百千万亿个条名]))"
)
_COUNTED_BARE = ("省份", "省区", "省市", "国家", "省(区", "县市", "部门", "部委", "高校", "城市")  # 支持五省份
_BRACKET = re.compile(r"\([^()]{1,6}\)")


# Behind a day on which somebody said so: it is not what the number is about.
_SAID_THEN = re.compile(
    r"(?:凌晨|清晨|上午|中午|下午|傍晚|晚间?|早间?)?(?:对外|正式|联合|再次)?"
    r"(?:通报|发布|公布|表示|称|说|介绍|宣布|透露|披露|指出|报道|获悉|从[^,，。]{2,20}(?:获悉|了解到))"
)


def figures(passage: Passage) -> list[Figure]:
    """The figures of a Chinese passage, in order of place; spans are places in its text."""
    return _Reader(passage).read()


def _squeezed(text: str) -> tuple[str, Sequence[int]]:
    """The text without the spaces that some outlets put around digits (抓获 31 名), and each sign's place in it, with
    the end of the text behind the last one."""
    if not _SPACED.search(text):
        return text, range(len(text) + 1)
    kept = [True] * len(text)
    for space in _SPACED.finditer(text):
        kept[space.start()] = False
    places = [place for place, is_kept in enumerate(kept) if is_kept]
    return "".join(text[place] for place in places), [*places, len(text)]


class _Reader:
    """One passage as it is read from its start to its end."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.text, self.places = _squeezed(passage.plain)
        original = passage.text if len(self.text) == len(passage.text) else self.text
        self.periods = chinese_periods.named(original, self.text, passage.published)
        self.period_starts = [named.start for named in self.periods]
        self.phrases = Phrases(self.text, self.periods)
        places = self.places
        self.sentences = (
            passage.sentences
            if len(self.text) == len(passage.text)
            else [(bisect_left(places, start), bisect_left(places, end)) for start, end in passage.sentences]
        )
        self.sentence_starts = [start for start, _ in self.sentences]
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
        if sign not in HAN:
            if before and (
                (before.isascii() and before.isalpha())
                or before == "第"
                or (before in "-·.#" and at > 1 and text[at - 2].isascii() and text[at - 2].isalnum())
            ):
                return self._run_end(at)
            return 0
        for key in (text[at : at + 2], text[max(at - 1, 0) : at + 1]):
            for name, offset in names().get(key, ()):
                if text.startswith(name, at - offset) and at >= offset:
                    if at + 1 < len(text) and offset + len(name) == 1:
                        continue
                    if name[0] in HAN and offset == 0 and before and before in HAN + "0123456789":
                        continue  # 二十四川 is none, but within a number no name begins
                    if len(name) == 2 and all(s in HAN for s in name) and not self._is_quoted(at):
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
            text[at].isdigit() or text[at] in HAN or (text[at] in ".,-" and text[at + 1 : at + 2].isdigit())
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
        number = number_at(text, at)
        if number is None or (number.is_han and number.value == 0):
            return self._skip(at)
        end = number.end
        if self._is_quoted(number.start) or (text.startswith("第", at - 1) and at):
            return max(end, at + 1)
        value, most, unit, vague = number.value, number.value_max, number.unit, [number.vague] if number.vague else []
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
                if most is None and (other := _TENTHS_TO.match(text, end)) and DIGITS_HAN[other[1]] * 10 > value:
                    most, end = DIGITS_HAN[other[1]] * 10.0, other.end()
        elif not unit and text.startswith("个半", end) and (found := self._unit_word(end + 2)):  # 四个半小时
            (end, unit), value = found, value + 0.5
        elif not unit:
            end, unit = self._unit(end, number, vague)
        if not unit and not self._may_count(number, end):
            return max(end, at + 1)
        if unit in _TIME and number.is_han and value == 1 and most is None:
            return end
        if unit == "year" and (
            (most is None or most == int(most))
            and value == int(value)
            and 1000 <= value <= 2999
            and text[end - 1] == "年"
            and not number.is_large
        ):
            return end
        if unit in ("year",) and text[end - 1 : end + 1] in ("年级", "年代", "年度", "年期", "年制"):
            return end
        if unit in _TIME and text.startswith("前", end) and not text.startswith("前后", end):  # 十年前 is a day
            return end
        if unit and unit != "%" and text.startswith("级", end):  # 亿吨级油田 names a class
            return end
        if unit == "m" and most is None and not vague and (tail := _TENTHS_OF_A_METRE.match(text, end)):  # 1米85
            digits = "".join(str(DIGITS_HAN.get(sign, sign)) for sign in tail[0])
            value, end = float(f"{int(value)}.{digits}"), tail.end()
        return self._counted(number, end, value, most, unit, vague)

    def _skip(self, at: int) -> int:
        text = self.text
        if text[at].isdigit():
            return self._run_end(at)
        while at < len(text) and text[at] in HAN:
            at += 1
            if text[at : at + 1] and text[at] not in HAN:
                break
        return at if at and text[at - 1] in HAN else at + 1

    def _vague(self, end: int, vague: list[str]) -> int:
        """The end of a 多, 余 or 来 behind a number, which is put to `vague`; none stands in 来自 or 多边形."""
        text = self.text
        if text[end : end + 1] not in ("多", "余", "来") or text[end : end + 2] in listed("no vague"):
            return end
        if text[end] == "来" and text[end - 1] not in "十百千万0":
            return end
        behind = text[end + 1 : end + 3]
        if behind[:1] in ("边", "次", "元", "种", "样") and behind[:2] in ("边形", "边主"):
            return end
        vague.append(text[end])
        return end + 1

    def _ranged(
        self, first: Number, end: int, value: float, most: float | None
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
            or not (text[mark.end() : mark.end() + 1].isdigit() or text[mark.end() : mark.end() + 1] in HAN)
        ):
            return end, value, most, ""
        second = number_at(text, mark.end())
        if second is None or second.value_max is not None or second.bare:
            return end, value, most, ""
        factor = 1.0
        if not first.is_large and second.is_large and first.value < second.value and not after_unit:
            signs = re.search(r"[十百千万亿]+$", text[second.start : second.end])
            if signs and not first.is_han:
                factor = scales_of(signs[0])
        low = scaled(value, factor)
        if low >= second.value or (second.unit and not first.unit):
            return end, value, most, ""
        if after_unit:
            other = self._unit_word(second.end)
            if other is None or other[1] != after_unit:
                return end, value, most, ""
        return second.end, low, second.value, ""

    def _unit_word(self, at: int) -> tuple[int, str] | None:
        text = self.text
        sign = text[at : at + 1]
        if sign in unit_lengths():
            known = units()
            for length in unit_lengths()[sign]:
                if at + length <= len(text) and (unit := known.get(text[at : at + length])):
                    return at + length, unit
        if sign.isascii() and (latin := _LATIN_UNIT.match(text, at)):
            return latin.end(), latin[1]
        return None

    def _unit(self, end: int, number: Number, vague: list[str]) -> tuple[int, str]:
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
        printed = text[end:after]
        follow, is_followed = _NO_UNIT_BEFORE.get(printed, ("", True))
        if follow and after < len(text) and (text[after] in follow) is is_followed:
            return end, ""
        if printed.endswith("元") and text.startswith("人民币", after):
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
        text, known = self.text, measures()
        for length in measure_lengths().get(text[at : at + 1], ()):
            printed = text[at : at + length]
            if printed in known and len(printed) == length and text[at : at + length + 1] not in listed("no measure"):
                return printed
        return ""

    def _may_count(self, number: Number, end: int) -> bool:
        """Whether a number without a unit is one of things, from what stands behind it."""
        text = self.text
        behind = text[end : end + 1]
        if re.match(r"(?:比|:)\d", text[end : end + 2]) or (
            text[number.start - 1 : number.start] in ("比", ":") and text[number.start - 2 : number.start - 1].isdigit()
        ):
            return False
        if (
            1900 <= number.value < 2100
            and not number.is_large
            and text[end : end + 1] in ("届", "款", "版", "级", "赛")
        ):
            return False
        if number.is_han and (
            (_CONGRESS.match(text, end) if number.value < 10 else text.startswith("届", end))
            or (text.startswith("次会议", end) and text.endswith(_BEFORE_A_SESSION, 0, number.start))
        ):
            return False
        if behind == "番" and re.search(r"翻了?$", text[max(0, number.start - 2) : number.start]):
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
        if number.unit or number.value == 0.5 or (number.value < 1 and _PART.search(text, number.start, number.end)):
            return True
        if (
            number.value < 1000
            and text.startswith(_COUNTED_BARE, end)
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
            bool(self._front(number.start, number)[1]) and (not behind or not HEAD.match(behind)) and number.value >= 10
        )

    def _in_row(self, start: int) -> bool:
        """Whether 一 stands in a row of counts: 两艘驱逐舰和一艘补给舰, 两死一伤."""
        before = self.text[max(0, start - 2) : start]
        return bool(self.found) and 0 <= start - self.row_end <= 2 and bool(re.search(r"(?:和|、|及|以及|与)$", before))

    def _front(self, start: int, number: Number) -> tuple[int, list[tuple[str, str]]]:
        """The modifier in front of a number: where it begins, and (word, meaning)."""
        text, known = self.text, modifiers("front")
        if text[start - 3 : start] == "人民币":
            start -= 3
        if number.bare:
            for printed, meaning in modifiers("front-scale").items():
                begin = start - len(printed)
                if text.startswith(printed, max(0, begin)) and text[begin - 1 : begin] not in tuple("以网海路线"):
                    return begin, [(printed, meaning)]
        for passed in ("了", "达", "过", "到", ""):
            edge = start - len(passed)
            if edge <= 0 or (passed and text[edge] != passed):
                continue
            for length in modifier_lengths().get(text[edge - 1], ()):
                begin = edge - length
                printed = text[max(0, begin) : edge]
                printed = printed + passed if printed + passed in known else printed
                if printed not in known or begin < 0:
                    continue
                if (
                    length == 1
                    and text[begin - 1 : begin + 1] in listed("no modifier")
                    and text[begin - 2 : begin] != "折合"
                ):
                    continue
                return begin, [(printed, known[printed])]
        return start, []

    def _counted(self, number: Number, end: int, value: float, most: float | None, unit: str, vague: list[str]) -> int:
        """Puts the figure that ends there to those found, unless nothing says what it is of; where to go on."""
        text, start = self.text, number.start
        begin, said = self._front(start, number)
        if text.startswith("人民币", max(0, start - 3)) and unit in ("", "CNY"):
            start, unit = start - 3, "CNY"
        elif unit == "CNY" and text.startswith("港币", max(0, start - 2)):
            start, unit = start - 2, "HKD"
        if text[start - 2 : start] == "零下" and unit in ("°C", "°"):
            unit = "°C"
            start, value, begin = start - 2, -value, begin - 2 if not said else begin
            if most is not None:  # 零下5至10度
                value, most = -most, value
        elif text[start - 1 : start] == "-" and unit == "°C" and not _LATIN.match(text, max(0, start - 2)):
            start, value = start - 1, -value
        for sign, code in _SIGNS if text[start - 1 : start] in _MONEY else ():
            if not unit and text.endswith(sign, max(0, start - 4), start):
                start, unit = start - len(sign), code
                begin = min(begin, start)
                break
        said += [(each, modifiers("inside").get(each, "at least")) for each in vague]
        if unit == "°":
            unit = self._degrees(start, end)
        measure = "" if unit else self._measure(end)
        after = end + len(measure)
        if text.startswith("+", end):  # 10万+
            said.append(("+", "at least"))
            after += 1
        if measure and (bracket := _BRACKET.match(text, after)):
            after = bracket.end()
        after = self._behind(after, said)
        front = self.phrases.front(begin, self.row_end)
        noun, noun_end, measure = self._noun(front, begin, after, unit, measure, number, said)
        act, act_text = front.act, front.act_text
        behind = self.phrases.act_behind(noun_end)
        if behind and (behind[2] or not act):
            act, act_text = behind[0], behind[1]
        sentence = self._sentence(start)
        if act and not (behind and behind[1] == act_text):
            self.act_from = (sentence[0], act, act_text)
        elif (
            not act
            and not unit
            and self.act_from[0] == sentence[0]
            and self.phrases.is_row(self.phrases.clause_start(begin), begin, self.row_end)
        ):
            act, act_text = self.act_from[1], self.act_from[2]
        says_nothing = not (unit or measure or noun or act or front.noun) and number.value >= 1
        if says_nothing and not ((said or front.led) and number.is_large):
            return end
        if noun in ("死", "伤"):  # 两死一伤
            act, act_text, noun = "kill" if noun == "死" else "injure", noun, ""
        meaning = next((meaning for _, meaning in said if meaning), "")
        modifier = "; ".join(word for word, _ in said)
        places = self.places
        printed = places[start], places[end - 1] + 1
        if '"' in noun:  # with the marks that are printed
            at = text.find(noun, self.phrases.clause_start(begin))
            noun = self.passage.text[places[at] : places[at + len(noun) - 1] + 1] if at >= 0 else noun
        self.found.append(
            Figure(
                self.passage.text[slice(*printed)], *printed, value, most, modifier, meaning, unit, measure, noun,
                key_of(noun), act, act_text, self._period(start, sentence), (places[sentence[0]], places[sentence[1]]),
            )
        )  # fmt: skip
        self.row_end = max(noun_end, after)
        return max(end, start + 1)

    def _degrees(self, start: int, end: int) -> str:
        """The unit that 度 is: of warmth, of power, or of an angle."""
        around = self.text[self.phrases.clause_start(start) : min(end + 4, self.phrases.piece_end(end))]
        if _WARMTH.search(around):
            return "°C"
        return "kWh" if "电" in around else "°"

    def _noun(
        self, front: Front, begin: int, after: int, unit: str, measure: str, number: Number,
        said: list[tuple[str, str]],
    ) -> tuple[str, int, str]:  # fmt: skip
        """What is counted, where that ends if it stands behind the number, and the measure word."""
        text, phrases = self.text, self.phrases
        if not unit and not measure and text[after : after + 1] == "人" and text[after : after + 2] not in listed("人"):
            noun_end = self._behind(after + 1, said)
            noun = phrases.cleaned(front.noun)
            return (noun, noun_end, "人") if phrases.is_people(noun) else ("人", noun_end, "")
        noun, noun_end = phrases.behind(after, unit, measure)
        if not noun and not phrases.hangs_on(after, measure):
            noun = phrases.in_front(front, unit, number.value, after)
            if not noun and measure and not front.noun and (start := phrases.clause_start(begin)) >= self.row_end:
                noun = phrases.topic(start, begin, measure)
        if not noun and measure in listed("counted"):
            noun, measure = measure, ""
        return noun, noun_end, "人次" if measure == "人次数" else measure

    def _behind(self, at: int, said: list[tuple[str, str]]) -> int:
        """The end of a modifier behind a number (以上, 左右), which is put to those said."""
        words = modifiers("behind")
        for length in (4, 3, 2):
            word = self.text[at : at + length]
            if word in words and len(word) == length:
                said.append((word, words[word]))
                return at + length
        return at

    def _sentence(self, at: int) -> tuple[int, int]:
        which = bisect_right(self.sentence_starts, at) - 1
        return self.sentences[which] if which >= 0 else (0, len(self.text))

    def _period(self, at: int, sentence: tuple[int, int]) -> Period | None:
        """The period nearest in front within the sentence, else the one behind in its clause, else that which opens the
        sentence of which this is a part."""
        which = bisect_right(self.period_starts, at) - 1
        while which >= 0 and self.periods[which].start >= sentence[0]:
            if not self.periods[which].compared and not _SAID_THEN.match(self.text, self.periods[which].end):
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
