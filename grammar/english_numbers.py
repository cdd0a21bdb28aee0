"""Where the numbers of an English text are and what they are worth: digits and words, scales, ranges, parts and units.

One pass of a regular expression finds numbers and what only looks like them (dates, clock times, versions). Whether a
number is of something is not settled here: english_nouns.py does that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from grammar.english_words import signs, units, words
from grammar.numerals import CARDINALS, PARTS, SCALES, decimal, of_words, scaled

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_SCALES = SCALES | {"lakh": 1e5, "crore": 1e7}  # of India
_SCALE = r"(?i:hundred|thousand|million|billion|trillion|lakh|crore)\b"
_TENS = "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
# By first letter, so that a word that is no numeral fails after one look.
_WORD = (
    r"(?:one|t(?:en|w(?:o|elve|enty)|h(?:ree|irteen|irty))|f(?:our(?:teen)?|orty|i(?:ve|fteen|fty))"
    r"|s(?:ix(?:teen|ty)?|even(?:teen|ty)?)|e(?:ight(?:een|y)?|leven)|nine(?:teen|ty)?|zero)\b"
)
_ORDINAL = "(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)"
_PART = "(?:half|third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth|hundredth)s?"
DIGITS = r"(?:\d{1,3}(?:,\d{3}){1,6}(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
# "and" joins to a scale alone (two hundred and five), another number only to tens or a scale (twenty-five).
_WORDS = (
    rf"(?:(?:half\ an?|an?|{_WORD})(?=[\ -](?:{_SCALE}|dozen\b))|{_WORD})"
    rf"(?:[\ -](?:{_SCALE}|dozen\b)|(?:(?<=ty)|(?<=dred)|(?<=sand)|(?<=lion))(?:[\ -]|\ and\ ){_WORD})*"
    rf"(?:[\ -]and[\ -]a[\ -](?:half|quarter)\b(?:[\ -]{_SCALE})?)?"
)
NUMBER = rf"(?:{DIGITS}(?:[\ -]{_SCALE}(?:[\ -]{_SCALE})?)?|(?i:{_WORDS}))"
# No alternative begins otherwise; most words of a text are passed over by this one look.
_FIRST = (
    r"(?=\d|[A-Z$€£¥]|[^\x00-\x7f]"
    r"|one|t(?:en|w|h(?:ree|ir))|f(?:ou|or|i(?:ve|ft))|s(?:ix|ev)|e(?:ig|le)|nin|zer|hal|an?\ |hun"
    r"|fi[rf]|sec|third)"
)
_SEEN = rf"""(?<![A-Za-z\d_]){_FIRST}(?:
    (?P<none>
        {_MONTH}\ \d{{1,2}}(?!\d|,\d)(?:st|nd|rd|th)?
            (?:\ ?(?:-|to|and)\ ?(?:{_MONTH}\ )?\d{{1,2}}\b(?![,.]\d|\ [a-z]|\ ?%))?
            (?:,?\ (?:19|20)\d\d\b)?
      | {_MONTH},?\ (?:1[89]|20)\d\d\b(?!,\d)
      | \d{{1,2}}(?:st|nd|rd|th)?(?:\ ?(?:-|to|and)\ ?\d{{1,2}})?\ (?:of\ )?{_MONTH}(?![a-z])(?:,?\ (?:19|20)\d\d\b)?
      | \d{{1,2}}(?:[:.]\d\d)?\ ?(?:[ap]\.m\b\.?|[ap]m\b|o'clock) | \d{{1,2}}:\d\d(?::\d\d)?(?:\.\d+)?(?!\d)
      | (?:\d{{4}}|\d{{1,2}}\.\d\d)\ (?:hours\ )?(?:GMT|UTC|local\ time|[CE]ST|Beijing\ time)
      | \d++(?:\.\d++){{2,}}+ | \d++(?:[:/]\d++)++(?!\ of\b) | \d{{4}}-\d\d-\d\d\b | \d{{1,4}}(?:-\d{{2,5}}){{2,}}\b
      | \d{{2,4}}-\d{{7,8}}\b | 360[\ -]degrees?
      | \d++(?:,\d{{3}}){{0,6}}+(?:'s|st|nd|rd|th|s|D|G|x|X|p|i)\b
      | (?i:{_TENS}s\b|(?:{_TENS}[\ -])?{_ORDINAL}\b
        | one[\ -](?:of|another|by|day|thing|way|where|on|that|who|which|such|is|was|has|must|can|could|would|should|to
            |stop|off|sided|time)\b | {_WORD}\ o'clock)
    )
  | (?P<ratio>(?i:(?P<of>{_WORD}|\d{{1,2}})\ (?:in|out\ of)\ (?:every\ )?(?P<whole>{_WORD}|\d+\b))
      (?!\ (?:weeks|days|months|years|hours|per\ ?cent|percent)|\ ?%|[,.:]\d))
  | (?P<fraction>(?i:(?:one|two|three|four|five|six|seven|eight|nine|an?)[\ -]{_PART}\b
      (?!-|\ (?:time|party|day|year)\b)(?:\ of\ an?\ {_SCALE})?)
      | \d/\d(?=\ of\b)
      | (?i:half\b(?=\ (?:of|the|its|their|his|her|all
          |an?\ (?:hour|century|decade|year|month|week|day)|have|are|were|said|say|had|did|do|believe|use|live)\b)))
  | (?P<fold>(?i:two|three|four|five|six|seven|eight|nine|ten|hundred)fold\b)
  | (?P<sign>SIGNS)?(?P<one>{NUMBER})
  )"""
# Letters that stand for a scale directly behind digits; what m, k and b mean depends on what they stand with.
_SHORT = re.compile(
    r"\ ?(?P<sure>mn|bn|tn)(?![A-Za-z\d])|\ ?(?P<m>m)(?![A-Za-z\d/²³])|(?P<other>[bkMBKT])(?![A-Za-z\d/])"
)
_RANGE = re.compile(
    rf"(?:\ ?%|\ per\ ?cent)?(?P<link>\ ?[-~]\ ?|\ (?:to|or|and)\ )(?P<sign>(?:US|HK)?[$€£¥]\ ?)?(?P<two>{NUMBER})",
    re.VERBOSE,
)
_NEXT_WORDS = re.compile(r"[\s-]?([A-Za-z°℃%²³.$/]+)(?:[\s-]([A-Za-z]+))?(?:[\s-]([A-Za-z]+))?")
_POINTS = re.compile(r"[\s-]points?\b")
_HALF_ENDS = re.compile(r"(?i)[\ -]and[\ -]a[\ -](half|quarter)(?:[\ -](\w+))?$")
_LAST_WORD, _HALF_A, _A = re.compile(r"(\w+)$"), re.compile(r"^half an?[ -]"), re.compile(r"^an?\s")
_SPACE = re.compile(r"[\s-]")
_THE_ONE = re.compile(r"\b(?:no|each|any|every|this|that|which|the)\s$", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween (?:[$€£¥a-z]* ?)$")
_FROM, _RANGING = re.compile(r"\bfrom (?:[$€£¥a-z]* ?)$"), re.compile(r"\b(?:rang\w+|anywhere|aged|ages|var\w+) from ")
_PERCENT_LINK, _PERCENT = re.compile(r"\s?(?:%|per\s?cent)"), re.compile(r"\s?(?:%|per\s?cent|\spercentage)")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_WORD_BEHIND = re.compile(r"[\s-]([a-z]\w+)(?:\s([a-z]{3,}s)\b)?")
_BY = re.compile(r"\bby (?:almost |nearly |about |over |around )?$")
_OF_GOODS = re.compile(r" of (?!public|tax|money|debt|damage|invest|fund|aid|government|cuts|savings|spending)")
_HALF_A_UNIT = re.compile(r" an? (hour|day|week|month|year|decade|century)\b")
_PLURAL_VERB = re.compile(r"\s(?:were|are|have|do|did\snot|didn't|say|believe|think)\b")


@cache
def _seen() -> re.Pattern[str]:
    alternatives = "|".join(rf"{re.escape(sign)}\ ?" for sign in sorted(signs(), key=len, reverse=True))
    return re.compile(_SEEN.replace("SIGNS", alternatives), re.VERBOSE)


@dataclass(slots=True)
class Found:
    """A number on its way to a figure; places in the plain text."""

    start: int
    end: int
    value: float
    value_max: float | None = None
    unit: str = ""
    kind: str = "count"  # or measured: it has a unit; share: of something
    raw: str = ""  # the numeral alone
    after: int = 0  # where the words behind it begin
    noun: tuple[int, int] | None = None
    measure: str = ""
    begins: int = 0  # where its modifiers begin
    modifiers: tuple[str, ...] = ()
    meaning: str = ""


def numbers(plain: str) -> Iterator[Found]:
    """The numbers of a text in order of place: counts, measured ones with their unit, and shares."""
    place = 0
    search = _seen().search
    while match := search(plain, place):
        place = match.end()
        if match["none"] is not None or _is_glued(plain, match.start()):
            continue
        if match["fraction"]:
            found: Found | int | None = _fraction(plain, match)
        elif match["ratio"]:
            found = _ratio(match)
            place = match.end("of") if found is None else place
        elif match["fold"]:
            found = _fold(match)
        else:
            found = _number(plain, match)
        if isinstance(found, Found):
            place = max(place, found.end)
            yield found
        elif found:
            place = max(place, found)


def _is_glued(plain: str, start: int) -> bool:
    """Whether the sign in front makes it part of a name, an address or another number: COVID-19, /2, #5, 3:1."""
    if start == 0:
        return False
    sign = plain[start - 1]
    if sign in "/#@_&=:.,*":
        return start > 1 and (plain[start - 2].isalnum() or sign in "/#@_=&*")
    return sign == "-" and start > 1 and plain[start - 2].isalnum()


def value_of(numeral: str) -> float | None:
    """3.2 million, 5,000, two and a half million, half a dozen; None for what is no number."""
    numeral = numeral.lower()
    if numeral[0].isdigit():
        digits, *scales = _SPACE.split(numeral)
        value = decimal(digits)
        for scale in scales:
            value = None if value is None else scaled(value, _SCALES[scale])
        return value
    plus = 0.0
    factor = 1.0
    if ends := _HALF_ENDS.search(numeral):
        plus = 0.5 if ends[1] == "half" else 0.25
        if ends[2]:
            factor = _SCALES[ends[2]]
        else:  # a million and a half
            scale = _LAST_WORD.search(numeral[: ends.start()])
            plus *= _SCALES.get(scale[1], 1) if scale else 1
        numeral = numeral[: ends.start()]
    if numeral.startswith("half a"):
        factor, numeral = 0.5, _HALF_A.sub("one ", numeral)
    else:
        numeral = _A.sub("one ", numeral)
    value = of_words(numeral)
    return None if value is None else scaled(value + plus, factor)


def _ratio(match: re.Match[str]) -> Found | None:
    """One in five: a share; not "two in 2010"."""
    part, whole = value_of(match["of"]), value_of(match["whole"])
    if part is None or whole is None or not 0 < part < whole or _YEAR.fullmatch(match["whole"]):
        return None
    if match["of"].isdigit() and not match["whole"].isdigit():
        return None
    return Found(match.start("ratio"), match.end("ratio"), part / whole, kind="share", raw=match["ratio"])


def _fold(match: re.Match[str]) -> Found:
    times = match["fold"].lower().removesuffix("fold")
    value = 100.0 if times == "hundred" else CARDINALS[times]
    return Found(match.start("fold"), match.end("fold"), value, unit="times", kind="measured", raw=match["fold"])


def _fraction(plain: str, match: re.Match[str]) -> Found | None:
    text, _, scale = match["fraction"].lower().partition(" of a")
    start, end = match.span("fraction")
    if "/" in text:
        over, under = (int(part) for part in text.split("/"))
        value = over / under if under else None
    elif text == "half":
        value = 0.5
    else:
        first, part = re.split(r"[ -]", text, maxsplit=1)
        count = 1 if first in ("a", "an") else CARDINALS[first]
        if (count != 1) != part.endswith("s") or (part in ("half", "halves") and first in ("a", "an")):
            return None  # two third(-placed), "a half"
        value = count / PARTS[part.removesuffix("s")]
        if (
            first in ("a", "an")
            and not scale
            and not plain.startswith(" of", end)
            and not _PLURAL_VERB.match(plain, end)
            and not _BY.search(plain, max(0, start - 16), start)
        ):
            return None  # "a third man", "a quarter"
    if value is None:
        return None
    if text == "half" and (unit := _HALF_A_UNIT.match(plain, end)):
        return Found(start, unit.end(), value, unit=unit[1], kind="measured", raw=match["fraction"])
    if scale:  # a quarter of a million
        return Found(start, end, scaled(value, _SCALES[scale.split()[-1]]), raw=match["fraction"])
    return Found(start, end, value, kind="share", raw=match["fraction"])


def _number(plain: str, match: re.Match[str]) -> Found | int | None:
    """The number there; a place to go on from where it is none."""
    start, end = match.span("one")
    raw = match["one"]
    value = value_of(raw)
    if value is None or (value == 1 and _THE_ONE.search(plain, max(0, start - 8), start)):
        return None
    is_digits = raw[0].isdigit()
    sign = (match["sign"] or "").strip()
    if sign and sign.isalpha() and not is_digits:
        return None
    one = Found(start, end, value, raw=raw)
    if sign:
        one.start, one.unit, one.kind = match.start("sign"), signs()[sign], "measured"
    scale = 1.0
    if is_digits and raw[-1].isdigit():
        scale, one.end = _short_scale(plain, one.end, bool(sign))
        one.value = scaled(value, scale)
    if (
        is_digits
        and plain[one.start - 1 : one.start] == "-"
        and plain[max(0, one.start - 2) : one.start - 1] in ("", " ", "(")
    ):
        return end  # -5: what it means is not settled
    if _range(plain, one, scale) is False:
        ranged = _RANGE.match(plain, one.end)
        return ranged.end() if ranged else end
    take_unit(plain, one)
    if one.kind == "count" and is_digits and plain[one.end : one.end + 1].isalpha():
        return one.end
    if one.end < len(plain) - 1 and plain[one.end] in "/.:" and plain[one.end + 1].isdigit():
        return one.end
    return one


def _short_scale(plain: str, end: int, is_money: bool) -> tuple[float, int]:
    """The scale that letters behind digits stand for, and where they end; (1, end) where they stand for none."""
    short = _SHORT.match(plain, end)
    if not short:
        return 1.0, end
    letters = short[0].strip()
    behind = _WORD_BEHIND.match(plain, short.end(), short.end() + 32)
    counts = behind is not None and (
        behind[1] in units()[0]
        or behind[1] in words()["plural-heads"]
        or (behind[1][-1] == "s" and behind[1] != "was")
        or (behind[2] is not None and behind[1] not in words()["ends-noun"])
    )
    if short["sure"] or is_money or (letters in "MBKkbm" and counts):
        return _SCALES.get(letters.lower(), {"b": 1e9, "t": 1e12}.get(letters.lower(), 1.0)), short.end()
    return 1.0, end


def _range(plain: str, one: Found, scale: float) -> bool | None:
    """Whether a second number makes it a range, which it is then widened to; False for a score, which is no figure."""
    match = _RANGE.match(plain, one.end)
    if not match:
        return None
    link, second, raw = match["link"].strip(), match["two"], one.raw
    before = plain[max(0, one.start - 48) : one.start].lower()
    low = one.value
    high = value_of(second)
    if high is None:
        return None
    end = match.end()
    if second[0].isdigit() and second[-1].isdigit():
        factor, end = _short_scale(plain, end, bool(one.unit))
        high = scaled(high, factor)
        second_scale = factor
    else:
        scales = [word for word in _SPACE.split(second.lower()) if word in _SCALES and word != "dozen"]
        second_scale = _SCALES[scales[-1]] if scales and second[0].isdigit() else 1.0
        if not second[0].isdigit() and scales and second.lower().split()[-1] in _SCALES:
            second_scale = _SCALES[second.lower().split()[-1]]
    if link == "and" and not _BETWEEN.search(before[-24:] + ("" if before.endswith(" ") else " ")):
        return None
    has_own_scale = scale != 1 or any(word in _SCALES for word in _SPACE.split(raw.lower()))
    last_scale = _SPACE.split(second.lower())[-1]
    if not has_own_scale and second_scale > 100 and low < high and low < 1000:
        low = scaled(low, second_scale)
    elif has_own_scale and low < 1000 <= _SCALES.get(last_scale, 1) and scaled(low, _SCALES[last_scale]) < high:
        low = scaled(low, _SCALES[last_scale])  # three hundred to five hundred billion
    if link in "-~":
        if _YEAR.fullmatch(raw) and not units()[0].get(plain[end + 1 : end + 8].split(" ")[0]):
            return False
        if high <= low or _is_score(plain, one, high, end):
            return False
        if plain[end : end + 1] == "-" and plain[end + 1 : end + 2].isdigit():
            return False
    if link == "to":
        if _FROM.search(before) and not _RANGING.search(before[-24:]):
            return None
        if low >= high or (raw.lower() == "one" and high < 20 and not match["sign"] and not plain.startswith(" ", end)):
            return None
        if _PERCENT_LINK.match(match[0]) and not _PERCENT.match(plain[end : end + 10]):
            return None
    if link == "or" and low >= high:
        return None
    one.value, one.value_max, one.end = low, high, end
    return True


def _is_score(plain: str, one: Found, high: float, end: int) -> bool:
    """Whether small numbers with a dash are a score or a vote: "3-1", "a 2-5 defeat"."""
    tail = plain[end + 1 : end + 24].split(" ")[0].strip(".,;")
    if high >= 20 or one.unit or (tail.lower() not in words()["score-nouns"] and tail and tail[0].isalpha()):
        return False
    return not plain[end : end + 2].startswith(("%", "-", " %"))


def take_unit(plain: str, one: Found) -> None:
    """Takes in a unit of measure or money that stands behind the number."""
    match = _NEXT_WORDS.match(plain, one.end)
    if not match:
        return
    known, symbols = units()
    gap = plain[one.end : match.start(1)]
    for group in (3, 2, 1):
        if not match[group]:
            continue
        end = match.end(group)
        text = plain[match.start(1) : end]
        lower = text.lower().replace("-", " ")
        stripped = lower.rstrip(".") if lower not in known else lower
        symbol = text.rstrip(".") if text not in symbols else text
        unit = (known.get(stripped) if gap or stripped == "percent" else None) or symbols.get(symbol)
        if not unit:
            continue
        end -= len(text) - len(stripped if known.get(stripped) else symbol)
        is_name = unit == "times" and stripped in ("time", "times")
        if is_name and plain[end : end + 9].lstrip(" -").startswith(("table", "zone")):
            return
        is_letter = len(symbol) == 1 and symbol in symbols and not known.get(stripped)
        if is_letter and gap and symbol not in "%°m":
            continue  # "5 W" alone is no watt
        if gap == " " and text.lower() in ("second", "min") and one.value != 1:
            continue
        is_same_sign = one.unit == "USD" and unit in signs().values() and unit.endswith("D")  # $5 HKD
        if one.unit and one.unit != unit and not is_same_sign:
            return
        if text == "in":
            continue
        if stripped in ("pound", "pounds") and _OF_GOODS.match(plain, end):
            unit = "lb"
        one.unit, one.end, one.kind = unit, end, "measured"
        if unit == "°":
            tail = plain[end : end + 12].strip().lower()
            if tail.startswith(("north", "south", "east", "west", "n", "s", "e", "w", "and")):
                one.unit = "coordinate"
        break
    if one.unit == "%" and (points := _POINTS.match(plain, one.end)):
        one.unit, one.end = "percentage point", points.end()
