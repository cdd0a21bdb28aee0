"""Reading one Chinese number where it stands: digits or numerals with their scales, and parts (三分之一, 一半)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from grammar.numerals import DIGITS_HAN, SCALES_HAN, decimal, scaled

HAN = "零〇一二两三四五六七八九十百千万亿廿卅"
_SCALE = r"(?:[十百亿万](?!分之)|千(?![瓦米克伏卡焦赫]))"
_RUN = r"(?:[零〇一二两三四五六七八九十亿万廿卅]|百(?!分)|千(?![瓦米克伏卡焦赫]))++"
_NUMBER = re.compile(
    rf"""(?: (?P<parts>百分之|千分之|万分之)(?P<part>\d++(?:\.\d++)?+|[{HAN}]++(?:点[零〇一二三四五六七八九]++)?+)
      | (?P<below>[{HAN}]++|\d++)分之(?P<above>[零〇一二两三四五六七八九十]++|\d++)
      | (?P<over>\d{{1,2}})/(?P<under>\d{{1,2}})(?=的)
      | (?P<half>过?半数|过半|一半)
      | (?P<digits>\d++(?:,\d{{3}}(?!\d))*+(?:\.\d++)?+)(?:(?P<vague>[多余几]?)(?P<scale>{_SCALE}++)
          (?P<more>(?:\d++{_SCALE}++)*+(?:\d{{3,4}}(?![\d年.]))?+))?+
      | (?P<han>{_RUN}(?:点[零〇一二三四五六七八九]++)?+)(?:(?P<inside>[几多余])(?P<after>[万亿]++)?+)?+
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as printed: `vague` is the 多, 余 or 几 within it, `unit` that of a share (%)."""

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


def scales_of(signs: str) -> float:
    """What scales in a row are worth: 万亿 → 10¹²."""
    factor = 1.0
    for sign in signs:
        factor *= SCALES_HAN[sign]
    return factor


def number_at(text: str, at: int) -> Number | None:
    """The number that begins there; None where none does, or none that could be told."""
    match = _NUMBER.match(text, at)
    if not match:
        return None
    end = match.end()
    if match["parts"]:
        value = _value_of(match["part"])
        unit = {"百": "%", "千": "‰", "万": "‱"}[match["parts"][0]]
        return None if value is None else Number(at, end, value, unit=unit)
    if match["below"]:
        below, above = _value_of(match["below"]), _value_of(match["above"])
        return Number(at, end, above / below) if below and above and below > above else None
    if match["over"]:
        above, below = float(match["over"]), float(match["under"])
        return Number(at, end, above / below) if above < below else None
    if half := match["half"]:
        if half.startswith("过"):
            return Number(at + 1, end, 0.5, vague="过")
        return Number(at, end, 0.5)
    if match["digits"]:
        value = decimal(match["digits"])
        if value is None or (text[end : end + 2].startswith(".") and text[end + 1 : end + 2].isdigit()):
            return None
        if signs := match["scale"]:
            value = scaled(value, scales_of(signs))
            rest = match["more"] or ""
            for part in re.finditer(r"(\d+)([十百千万亿]*)", rest):
                value += scaled(float(part[1]), scales_of(part[2]))
        return Number(
            at, end, value, vague=match["vague"] or "", is_large=bool(set(match["scale"] or "") & set("百千万亿"))
        )
    han = match["han"]
    after = match["after"] or ""
    found = _han_value(han)
    if found is None:
        return None
    value, most = found
    if after:
        value, most = scaled(value, scales_of(after)), None if most is None else scaled(most, scales_of(after))
    inside = match["inside"] or ""
    if inside == "几" and han[-1] not in "十百千万亿":
        inside, end = "", end - 1 - len(after)
        value, most = found
    bare = han[0] in "百千万亿"
    return Number(
        at, end, value, most, inside, is_han=True, is_large=bare or bool(set(han + after) & set("百千万亿")), bare=bare
    )


def _value_of(printed: str) -> float | None:
    if printed[0].isdigit():
        return decimal(printed)
    found = _han_value(printed)
    return found[0] if found and found[1] is None else None
