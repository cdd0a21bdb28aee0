"""The figures of English texts: one pass of a regular expression finds numbers and what only looks like them (dates,
clock times, versions), then the words around a number say what it counts. Vocabulary is in grammar/tables/."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from grammar import english_periods, vocabulary
from grammar.numerals import CARDINALS, PARTS, SCALES, decimal, of_words, scaled
from grammar.passage import Passage
from grammar.periods import Days, period
from items import Figure, Period

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_SCALE = r"(?:hundred|thousand|million|billion|trillion)\b"
_TENS = "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
# By first letter, so that a word that is no numeral fails after one look.
_WORD = (
    r"(?:one|t(?:en|w(?:o|elve|enty)|h(?:ree|irteen|irty))|f(?:our(?:teen)?|orty|i(?:ve|fteen|fty))"
    r"|s(?:ix(?:teen|ty)?|even(?:teen|ty)?)|e(?:ight(?:een|y)?|leven)|nine(?:teen|ty)?|zero)\b"
)
_ORDINAL = "(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)"
_PART = "(?:half|third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth|hundredth)s?"
_DIGITS = r"(?:\d{1,3}(?:,\d{3}){1,6}(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?)"
# "and" joins to a scale alone (two hundred and five), another number only to tens or a scale (twenty-five).
_WORDS = (
    rf"(?:(?:half\ an?|an?|{_WORD})(?=[\ -](?:{_SCALE}|dozen\b))|{_WORD})"
    rf"(?:[\ -](?:{_SCALE}|dozen\b)|(?:(?<=ty)|(?<=dred)|(?<=sand)|(?<=lion))(?:[\ -]|\ and\ ){_WORD})*"
    rf"(?:[\ -]and[\ -]a[\ -](?:half|quarter)\b(?:[\ -]{_SCALE})?)?"
)
_NUMBER = rf"(?:{_DIGITS}(?:[\ -]{_SCALE}(?:[\ -]{_SCALE})?)?|(?i:{_WORDS}))"
_SEEN = rf"""(?<![A-Za-z\d_])(?:
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
            |stop|off|sided|time)\b | (?:no|each|any|every|this|that|which|the)\ one\b | {_WORD}\ o'clock)
      | (?i:{_WORD}|\d+)\ (?:in|out\ of)\ (?:every\ )?(?:(?i:{_WORD})|\d+\b)(?!\ (?:weeks|days|months|years|hours))
    )
  | (?P<fraction>(?i:(?:one|two|three|four|five|six|seven|eight|nine|an?)[\ -]{_PART}\b
      (?!-|\ (?:time|party|day|year)\b))
      | \d/\d(?=\ of\b) | (?i:half\b(?=\ (?:of|the|its|their|his|her|all|an\ hour|a\ century|a\ year|a\ day)\b)))
  | (?P<sign>SIGNS)?(?P<one>{_NUMBER})
  )"""
# Letters that stand for a scale directly behind digits; what m, k and b mean depends on what they stand with.
_SHORT = re.compile(
    r"\ ?(?P<sure>mn|bn|tn)(?![A-Za-z\d])|\ ?(?P<m>m)(?![A-Za-z\d/²³])|(?P<other>[bkMBKT])(?![A-Za-z\d/])"
)
_RANGE = re.compile(
    rf"(?:\ ?%|\ per\ ?cent)?(?P<link>\ ?[-~]\ ?|\ (?:to|or|and)\ )(?P<sign>(?:US|HK)?[$€£¥]\ ?)?(?P<two>{_NUMBER})",
    re.VERBOSE,
)
_NEXT_WORDS = re.compile(r"[\s-]?([A-Za-z°℃%²³.$/]+)(?:[\s-]([A-Za-z]+))?(?:[\s-]([A-Za-z]+))?")
_TOKEN = re.compile(r"([\s-]*)([\"'(]*)([A-Za-z][\w.&/]*(?:['-][A-Za-z\d]+)*'?)(\"?)")
_SUFFIX = re.compile(r"-(?:odd|plus)\b|\+|\ plus\b(?=\ [a-z])")
_HYPHENATED = re.compile(r"-(?:member|nation|country|seat|bed|room|lane|storey|story|floor|person|man|woman|player)\b")
_FLAT = re.compile(r"[A-Za-z]+")
_HALF_ENDS = re.compile(r"(?i)[\ -]and[\ -]a[\ -](half|quarter)(?:[\ -](\w+))?$")
_CLAUSE = re.compile(r"[;:]|,\ (?:while|but|which|who|where|when|whereas|and\ (?:that|then))\b")


@cache
def _words() -> dict[str, frozenset[str]]:
    """Class → words, of english_words.tsv."""
    rows = vocabulary.read("english_words.tsv", ("key", "words"))
    return {row["key"]: frozenset(vocabulary.forms(row["words"])) for row in rows}


@cache
def _modifiers() -> dict[str, dict[str, str]]:
    """Place → words → meaning, of english_modifiers.tsv."""
    found: dict[str, dict[str, str]] = {"before": {}, "after": {}}
    for row in vocabulary.read("english_modifiers.tsv", ("key", "place", "meaning")):
        found[row["place"]][row["key"]] = row["meaning"]
    return found


@cache
def _signs() -> dict[str, str]:
    """Signs and codes in front of money → ISO 4217."""
    return {
        form[1:]: row["key"]
        for row in vocabulary.currencies()
        for form in vocabulary.forms(row["english"])
        if form.startswith("=")
    }


@cache
def _units() -> tuple[dict[str, str], dict[str, str]]:
    """Words behind a number (lower case) → unit; and symbols, whose case counts → unit."""
    words: dict[str, str] = {}
    symbols: dict[str, str] = {}
    for rows, column in ((vocabulary.units(), "symbol"), (vocabulary.currencies(), "key")):
        for row in rows:
            for form in vocabulary.forms(row["english"]):
                if form.startswith("="):
                    if column == "symbol" or form[1:].isalpha():
                        symbols[form[1:]] = row[column]
                    continue
                first, _, rest = form.partition(" ")
                for each in vocabulary.plurals(form):
                    words.setdefault(each.lower(), row[column])
                if rest and "/" not in form:  # degrees Celsius, kilometers per hour
                    words.setdefault(f"{vocabulary.plurals(first)[1]} {rest}".lower(), row[column])
    return words, symbols


@cache
def _acts() -> tuple[dict[str, list[tuple[str, str, str]]], dict[str, str]]:
    """First word → (rest, act, which form: base, past, participle, present), longest rest first; and nouns → act."""
    verbs: dict[str, list[tuple[str, str, str]]] = {}
    nouns: dict[str, str] = {}
    for row in vocabulary.acts():
        for form in vocabulary.forms(row["english"]):
            kinds = ("base", "base", "past", "participle", "present")
            for kind, inflected in zip(kinds, vocabulary.inflected(form), strict=True):
                first, _, rest = inflected.partition(" ")
                known = verbs.setdefault(first.lower(), [])
                if kind == "participle" and (rest, row["key"], "past") in known:
                    known[known.index((rest, row["key"], "past"))] = (rest, row["key"], "either")
                elif all(entry[0] != rest for entry in known):
                    known.append((rest, row["key"], kind))
        for form in vocabulary.forms(row["english_nouns"]):
            for each in vocabulary.plurals(form):
                nouns.setdefault(each, row["key"])
    for entries in verbs.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return verbs, nouns


@cache
def _noun_keys() -> dict[str, str]:
    return {
        each: row["key"]
        for row in reversed(vocabulary.nouns())
        for form in vocabulary.forms(row["english"])
        for each in vocabulary.plurals(form)
    }


@cache
def _seen() -> re.Pattern[str]:
    signs = "|".join(rf"{re.escape(sign)}\ ?" for sign in sorted(_signs(), key=len, reverse=True))
    return re.compile(_SEEN.replace("SIGNS", signs), re.VERBOSE)


@dataclass(slots=True)
class _Found:
    """A number on its way to a figure; places in the plain text."""

    start: int
    end: int
    value: float
    value_max: float | None = None
    unit: str = ""
    kind: str = "count"  # or measured: it has a unit; share: of something
    after: int = 0  # where the words behind it begin
    noun: tuple[int, int] | None = None
    measure: str = ""
    modifiers: tuple[str, ...] = ()
    meaning: str = ""


def figures(passage: Passage) -> list[Figure]:
    """The figures of an English passage, in order of place and apart from each other."""
    plain = passage.plain
    found = list(_numbers(plain))
    if not found:
        return []
    result: list[Figure] = []
    sentences = iter(passage.sentences)
    span = (0, len(plain))
    upto = -1
    acts: _Acts | None = None
    periods: list[tuple[int, int, Days]] = []
    for one in found:
        if one.start >= upto:
            span = next(((a, b) for a, b in sentences if b > one.start), (0, len(plain)))
            upto = span[1]
            acts = _Acts(plain, *span)
            periods = english_periods.found(plain, *span, passage.published)
        assert acts is not None
        if any(a <= one.start and one.end <= b for a, b, _ in periods):
            continue  # the three of "the past three years"
        act, act_text = acts.of(one)
        noun = plain[slice(*one.noun)] if one.noun else ""
        result.append(
            Figure(
                text=passage.text[one.start : one.end],
                start=one.start,
                end=one.end,
                value=one.value,
                value_max=one.value_max,
                modifier="; ".join(one.modifiers),
                meaning=one.meaning,
                unit=one.unit,
                measure=one.measure,
                noun=_without_marks(passage.text[slice(*one.noun)]) if one.noun else "",
                noun_key=_noun_key(noun),
                act=act,
                act_text=act_text,
                period=_nearest(periods, one, passage.text),
                sentence=span,
            )
        )
    return result


def _without_marks(noun: str) -> str:
    return " ".join(re.sub('["“”]', "", noun).strip("'‘’ ").replace("‘", "").replace("’ ", " ").split())


def _noun_key(noun: str) -> str:
    """The key of the longest end of a noun phrase that the table has, else its head in the singular."""
    if not noun:
        return ""
    words = [word.strip("'\"").lower() for word in noun.split()]
    keys = _noun_keys()
    for first in range(len(words)):
        if key := keys.get(" ".join(words[first:])):
            return key
    return singular(words[-1])


def singular(noun: str) -> str:
    """bakeries → bakery, boxes → box, cases → case."""
    if noun.endswith("ies") and len(noun) > 4:
        return f"{noun[:-3]}y"
    if noun.endswith(("ches", "shes", "sses", "xes", "zzes")):
        return noun[:-2]
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else noun


def _nearest(periods: list[tuple[int, int, Days]], one: _Found, text: str) -> Period | None:
    """The period nearest to a figure; one behind it, of two as near."""
    best: tuple[int, tuple[int, int, Days]] | None = None
    for each in periods:
        distance = each[0] - one.end if each[0] >= one.end else one.start - each[1] + 1
        between = text[one.end : each[0]] if each[0] >= one.end else text[each[1] : one.start]
        if ";" in between:
            distance += 200
        if best is None or distance < best[0]:
            best = (distance, each)
    return period(text[best[1][0] : best[1][1]], best[1][2]) if best else None


def _numbers(plain: str) -> Iterator[_Found]:
    place = 0
    search = _seen().search
    while match := search(plain, place):
        place = match.end()
        if match["none"] is not None or _is_glued(plain, match.start()):
            continue
        found = _fraction(plain, match) if match["fraction"] else _number(plain, match)
        if isinstance(found, _Found):
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


def _value(words: str) -> float | None:
    """3.2 million, 5,000, two and a half million, half a dozen."""
    words = words.lower()
    if words[0].isdigit():
        digits, *scales = re.split(r"[\s-]", words)
        value = decimal(digits)
        for scale in scales:
            value = None if value is None else scaled(value, SCALES[scale])
        return value
    plus = 0.0
    factor = 1.0
    if ends := _HALF_ENDS.search(words):
        plus = 0.5 if ends[1] == "half" else 0.25
        if ends[2]:
            factor = SCALES[ends[2]]
        else:  # a million and a half
            scale = re.search(r"(\w+)$", words[: ends.start()])
            plus *= SCALES.get(scale[1], 1) if scale else 1
        words = words[: ends.start()]
    if words.startswith("half a"):
        factor, words = 0.5, re.sub(r"^half an?[ -]", "one ", words)
    else:
        words = re.sub(r"^an?\s", "one ", words)
    value = of_words(words)
    return None if value is None else scaled(value + plus, factor)


def _fraction(plain: str, match: re.Match[str]) -> _Found | None:
    text = match["fraction"].lower()
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
        behind = plain[end : end + 5]
        if first in ("a", "an") and not behind.startswith(" of"):
            return None  # "a third man", "a quarter"
    if value is None:
        return None
    one = _Found(start, end, value, kind="share", after=end)
    if text == "half" and plain.startswith((" the ", " its ", " their ", " his ", " her ", " all "), end):
        one.noun = _phrase(plain, end, "share")
    else:
        _share(plain, one)
    _modify(plain, one)
    return one


def _number(plain: str, match: re.Match[str]) -> _Found | int | None:
    """The figure there; a place to go on from where it is none."""
    start, end = match.span("one")
    raw = match["one"]
    value = _value(raw)
    if value is None:
        return None
    is_digits = raw[0].isdigit()
    sign = (match["sign"] or "").strip()
    if sign and sign.isalpha() and not is_digits:
        return None
    one = _Found(start, end, value)
    if sign:
        one.start, one.unit, one.kind = match.start("sign"), _signs()[sign], "measured"
    scale = 1.0
    if is_digits and raw[-1].isdigit():
        scale, one.end = _short_scale(plain, one.end, bool(sign))
        one.value = scaled(value, scale)
    before = plain[max(0, one.start - 48) : one.start]
    if before.endswith("-") and is_digits and before[-2:-1] in ("", " ", "("):
        return end  # -5: what it means is not settled
    previous = before.split()[-1:] or [""]
    as_range = _range(plain, one, raw, scale, before.lower())
    if as_range is False:
        return _RANGE.match(plain, one.end).end()  # type: ignore[union-attr]
    _unit(plain, one)
    if one.kind == "count" and is_digits and plain[one.end : one.end + 1].isalpha():
        return one.end
    if one.end < len(plain) - 1 and plain[one.end] in "/.:" and plain[one.end + 1].isdigit():
        return one.end
    if not _is_counted(plain, one, raw, before, previous[0]):
        return one.end
    _modify(plain, one)
    return one


def _short_scale(plain: str, end: int, is_money: bool) -> tuple[float, int]:
    """The scale that letters behind digits stand for, and where they end; (1, end) where they stand for none."""
    short = _SHORT.match(plain, end)
    if not short:
        return 1.0, end
    letters = short[0].strip()
    behind = re.match(r"[\s-]([a-z]\w+)", plain[short.end() : short.end() + 24])
    counts = behind is not None and (
        behind[1] in _units()[0]
        or behind[1] in _words()["plural-heads"]
        or (behind[1][-1] == "s" and behind[1] != "was")
    )
    if short["sure"] or is_money or (letters in "MBKkbm" and counts):
        return SCALES.get(letters.lower(), {"b": 1e9, "t": 1e12}.get(letters.lower(), 1.0)), short.end()
    return 1.0, end


def _range(plain: str, one: _Found, raw: str, scale: float, before: str) -> bool | None:
    """Whether a second number makes it a range, which it is then widened to; False for a score, which is no figure."""
    match = _RANGE.match(plain, one.end)
    if not match:
        return None
    link, second = match["link"].strip(), match["two"]
    low = one.value
    high = _value(second)
    if high is None:
        return None
    end = match.end()
    if second[0].isdigit() and second[-1].isdigit():
        factor, end = _short_scale(plain, end, bool(one.unit))
        high = scaled(high, factor)
        second_scale = factor
    else:
        scales = [word for word in re.split(r"[\s-]", second.lower()) if word in SCALES and word != "dozen"]
        second_scale = SCALES[scales[-1]] if scales and second[0].isdigit() else 1.0
        if not second[0].isdigit() and scales and second.lower().split()[-1] in SCALES:
            second_scale = SCALES[second.lower().split()[-1]]
    if link == "and" and not re.search(
        r"\bbetween (?:[$€£¥a-z]* ?)$", before[-24:] + ("" if before.endswith(" ") else " ")
    ):
        return None
    has_own_scale = scale != 1 or any(word in SCALES for word in re.split(r"[\s-]", raw.lower()))
    if not has_own_scale and second_scale > 1 and low < high and low < 1000:
        low = scaled(low, second_scale)
    years = re.fullmatch(r"(?:1[89]|20)\d\d", raw) is not None
    if link in "-~":
        if years and not _units()[0].get(plain[end + 1 : end + 8].split(" ")[0]):
            return False
        if high <= low:
            return False
        tail = plain[end + 1 : end + 24].split(" ")[0].strip(".,;")
        if (
            high < 20
            and not one.unit
            and (tail.lower() in _words()["score-nouns"] or not tail or not tail[0].isalpha())
        ):
            follows = plain[end : end + 2]
            if not follows.startswith(("%", "-", " %")):
                return False
        if plain[end : end + 1] == "-" and plain[end + 1 : end + 2].isdigit():
            return False
    if link == "to":
        if re.search(r"\bfrom (?:[$€£¥a-z]* ?)$", before) and not re.search(
            r"\b(?:rang\w+|anywhere|aged|ages|var\w+) from ", before[-24:]
        ):
            return None
        if low >= high or (
            raw.lower() in _WORD_RATIOS and high < 20 and not match["sign"] and not plain[end:].startswith(" ")
        ):
            return None
        if re.match(r"\s?(?:%|per\s?cent)", match[0]) and not re.match(
            r"\s?(?:%|per\s?cent|\spercentage)", plain[end : end + 10]
        ):
            return None
    if link == "or" and low >= high:
        return None
    one.value, one.value_max, one.end = low, high, end
    return True


_WORD_RATIOS = frozenset(("one",))


def _unit(plain: str, one: _Found) -> None:
    """Takes in a unit of measure or money that stands behind the number."""
    match = _NEXT_WORDS.match(plain, one.end)
    if not match:
        return
    words, symbols = _units()
    ends = [match.end(group) for group in (3, 2, 1) if match[group]]
    gap = plain[one.end : match.start(1)]
    for end in ends:
        text = plain[match.start(1) : end]
        lower = text.lower().replace("-", " ")
        stripped = lower.rstrip(".") if lower not in words else lower
        symbol = text.rstrip(".") if text not in symbols else text
        unit = (words.get(stripped) if gap or stripped == "percent" else None) or symbols.get(symbol)
        if not unit:
            continue
        cut = len(text) - len(stripped if words.get(stripped) else symbol)
        end -= cut
        if (
            unit == "times"
            and stripped in ("time", "times")
            and plain[end : end + 9].lstrip(" -").startswith(("table", "zone"))
        ):
            return
        if (
            symbol in symbols
            and not words.get(stripped)
            and len(symbol) == 1
            and symbol not in "%°"
            and gap
            and symbol != "m"
        ):
            continue  # "5 W" alone is no watt
        if gap == " " and text.lower() in ("second", "min") and one.value != 1:
            continue
        is_same_sign = one.unit == "USD" and unit in _signs().values() and unit.endswith("D")  # $5 HKD
        if one.unit and one.unit != unit and not is_same_sign:
            return
        if text == "in":
            continue
        one.unit, one.end, one.kind = unit, end, "measured"
        if unit == "°":
            tail = plain[end : end + 12].strip().lower()
            if tail.startswith(("north", "south", "east", "west", "n", "s", "e", "w", "and")):
                one.unit = "coordinate"
        break
    if one.unit == "%" and (points := re.match(r"[\s-]points?\b", plain[one.end : one.end + 8])):
        one.unit, one.end = "percentage point", one.end + points.end()


def _is_counted(plain: str, one: _Found, raw: str, before: str, previous: str) -> bool:
    """Whether the number is of something, which is then read."""
    words = _words()
    bare = raw.replace(".", "", 1).isdigit() and one.value_max is None
    word = previous.strip("\"'(,").lower()
    adjacent = before.endswith((" ", "\xa0")) and not previous.endswith((",", ";", ":"))
    if one.unit == "coordinate":
        return False
    if bare and one.kind == "count":
        if adjacent and word.rstrip(".") in words["name-before"]:
            return False
        name = previous.strip("\"'(")
        if (
            adjacent
            and name[:1].isalnum()
            and (not name.islower() or any(sign.isdigit() for sign in name))
            and (word not in words["capital-before-ok"])
        ):
            return False
    elif adjacent and word.rstrip(".") in ("no", "nos", "article", "section", "chapter", "flight", "route") and bare:
        return False
    if (
        not raw[0].isdigit()
        and adjacent
        and word
        in (
            "chapter phase act part volume number level stage world war any group round season episode grade page"
        ).split()
    ):
        return False
    after = one.end
    is_year = bare and len(raw) == 4 and raw[:2] in ("18", "19", "20") and raw.isdigit()
    if is_year and one.kind == "count":
        if word in (
            "in",
            "since",
            "by",
            "of",
            "the",
            "early",
            "late",
            "mid",
            "from",
            "until",
            "during",
            "for",
            "year",
            "to",
            "and",
            "through",
            "before",
            "after",
            "between",
            "than",
            "a",
            "an",
            "on",
            "or",
            "its",
            "their",
        ):
            return False
        behind = re.match(r"\s([a-z]\S*)", plain[after : after + 24])
        if not behind or not behind[1].rstrip(",.").endswith(("s", "people", "men", "women", "children")):
            return False
    if is_year and one.kind == "measured" and one.unit in ("day", "week", "month", "year", "second", "minute"):
        return False
    tail = plain[after : after + 24]
    # Ages: a 52-year-old man, aged 52, Li Ming, 52, said
    if one.unit == "year" and re.match(r"[\s-]old\b|[\s-]olds\b", tail):
        return True
    if (
        one.kind == "count"
        and one.value < 120
        and (
            re.search(
                r"\bage[sd]? (?:of |over |under |between |above |below |about |around |at least |up to |from )*$",
                before,
                re.IGNORECASE,
            )
        )
    ):
        one.unit, one.kind = "year", "measured"
        return True
    if (
        one.kind == "count"
        and bare
        and 1 < one.value < 120
        and tail.startswith(",")
        and re.search(r"[A-Z][\w'-]+ [A-Z][\w'-]+, $", before)
    ):
        one.unit, one.kind = "year", "measured"
        return True
    one.after = after
    if suffix := _SUFFIX.match(plain, after):
        one.modifiers, one.after = (suffix[0].strip(),), suffix.end()
        after = suffix.end()
        if one.kind == "count":
            _unit_behind_suffix(plain, one)
    if one.kind == "measured":
        _measured_noun(plain, one)
        return not (one.unit == "times" and one.value == 1)
    if hyphen := re.match(r"-(\w+)", plain[after : after + 20]):
        if one.modifiers:
            return False
        if hyphen[1] == "fold":
            one.unit, one.end = "times", after + 5
            return True
        if hyphen[1] == "strong":
            return True
        if _HYPHENATED.match(plain, after):
            one.noun = (after + 1, after + hyphen.end())
            return True
        return False
    if plain.startswith("fold", after):
        one.unit, one.end = "times", after + 4
        return True
    if plain[after : after + 4] in (" of ", " of\n"):
        owner = after + 4
        if re.match(r"(?:them|these|those|whom|which)\b(?! [a-z]+s\b)", plain[owner : owner + 16]):
            return raw.lower() != "one"
        if raw.lower() in ("one", "1") or (bare and is_year):
            return False
        whole = _OF_A_NUMBER.match(plain, owner)  # 1,400 of its 9,000 employees
        one.noun = _phrase(plain, whole.end() - 1 if whole else after + 3, "of")
        return one.noun is not None
    one.noun = _phrase(plain, after, "count")
    if one.noun:
        return _settle(plain, one, raw)
    return _is_elided(plain, one, raw, before, word)


_OF_A_NUMBER = re.compile(
    rf"(?:(?:the|its|their|his|her|our|these|those|all)\s)(?:[a-z]+'s\s)?{_DIGITS}(?:\s(?:thousand|million|billion))?\s"
)
_TOLL = re.compile(
    r"\b(?:toll|number of (?:the )?(?:dead|deaths|injured|victims|casualties|missing|infections|cases))\b[^.;,]{0,40}?"
    r"\b(?:to|at|reached|stands at|stood at|is|was|hit)\s(?:at least |more than |over |nearly |about |around )?$"
)


def _unit_behind_suffix(plain: str, one: _Found) -> None:
    shadow = _Found(one.start, one.after, one.value)
    _unit(plain, shadow)
    if shadow.unit:
        one.unit, one.end, one.after, one.kind = shadow.unit, shadow.end, shadow.end, "measured"


_PERSONS = frozenset(
    "person man woman child suspect soldier police-officer worker passenger student firefighter victim resident"
    " miner".split()
)


def _settle(plain: str, one: _Found, raw: str) -> bool:
    """Measure words, and what a singular or a lone "one" before a noun amounts to."""
    assert one.noun is not None
    start, end = one.noun
    text = plain[start:end].lower()
    head = text.split()[-1].strip("'\"")
    words = _words()
    if raw.lower() == "one" and _noun_keys().get(head) not in _PERSONS:
        return False
    if head in ("others", "other") and one.value == 1:
        return False
    if singular(head) in words["measures"] and " " not in text and plain.startswith(" of ", end):
        inner = _phrase(plain, end + 3, "of")
        if inner:
            one.measure, one.noun = plain[start:end], inner
    return True


def _is_elided(plain: str, one: _Found, raw: str, before: str, word: str) -> bool:
    """Whether a number without a noun counts all the same: "arrested nearly 5,000", "two dead"."""
    tail = plain[one.after : one.after + 32]
    match = re.match(r"\s?([A-Za-z'-]+)?", tail)
    following = (match[1] or "").lower() if match else ""
    words = _words()
    if following in words["adjective-heads"] or (
        not following and _TOLL.search(plain, max(0, one.start - 90), one.start)
    ):
        return True
    large = one.value >= 100 or one.value_max is not None or "," in raw
    if raw.lower() == "one":
        return False
    closes = (
        not following
        or tail[:1] in ',.;)!?\n"'
        or following
        in (
            "people",
            "in",
            "and",
            "were",
            "have",
            "are",
            "had",
            "since",
            "on",
            "last",
            "from",
            "so",
            "by",
            "at",
            "during",
            "this",
            "to",
            "a",
            "per",
            "for",
            "after",
            "within",
            "or",
            "as",
            "across",
            "of",
            "the",
            "but",
            "when",
            "who",
            "while",
            "more",
            "others",
            "compared",
        )
    )
    if not closes:
        return False
    modified = _modifier_before(before)[0]
    acts = _acts()[0]
    verb = word in acts and any(
        kind in ("past", "either", "participle", "base", "present") for _, _, kind in acts[word]
    )
    if modified:
        return large or bool(re.search(r"\b(?:to|by|reached|killed|arrested|injured|at|of)\b", before[-32:]))
    if verb and raw[0].isdigit():
        return one.value > 1
    if word in ("totaled", "totalled", "totaling", "totalling", "killing", "injuring", "wounding"):
        return True
    has_scale = any(
        scale in raw.lower() for scale in ("hundred", "thousand", "million", "billion", "trillion", "dozen")
    )
    return ("," in raw or has_scale) and not (word == "the" and not has_scale)


def _measured_noun(plain: str, one: _Found) -> None:
    """What money or a quantity is of: $5 million in fines, 50,000 tonnes of rice, 30 percent of suspects."""
    end = one.end
    if one.unit in ("%", "percentage point"):
        if one.unit == "%":
            _share(plain, one)
        return
    if one.unit in ("day", "week", "month", "year", "hour", "minute", "second", "decade", "century", "times", "year"):
        return
    tail = plain[end : end + 12]
    if tail.startswith(" worth of "):
        one.noun = _phrase(plain, end + 9, "of")
    elif tail.startswith(" of "):
        if not re.match(r" of (?:the|a|an|this|its|their)\b", tail):
            one.noun = _phrase(plain, end + 3, "of")
    elif tail.startswith(" in ") and re.match(r"[A-Z]{3}$", one.unit):
        noun = _phrase(plain, end + 3, "of")
        if noun:
            text = plain[slice(*noun)].lower()
            head = text.split()[-1]
            money = _words()["money-nouns"]
            if (
                text in money
                or head in money
                or (
                    head.endswith(("s", "ing"))
                    and text[:1].islower()
                    and head
                    not in (
                        "terms",
                        "months",
                        "years",
                        "days",
                        "weeks",
                        "cities",
                        "areas",
                        "regions",
                        "countries",
                        "provinces",
                    )
                )
            ):
                one.noun = noun


def _share(plain: str, one: _Found) -> None:
    if plain.startswith(" of ", one.end):
        one.noun = _phrase(plain, one.end + 3, "share")


def _phrase(plain: str, place: int, kind: str) -> tuple[int, int] | None:
    """The noun phrase that begins there. `kind` count: its head is a plural (or a singular behind one); of, share:
    behind "of", articles are passed over and the head may be a singular."""
    words = _words()
    stops, plurals, modifiers = words["ends-noun"], words["plural-heads"], words["plural-modifiers"]
    first = last = -1
    sure = False
    joined = False
    count = 0
    verbs = _acts()[0]
    quoted = 0
    while count < 9 and (match := _TOKEN.match(plain, place)):
        gap, mark, word, _ = match.groups()
        if (not gap and count) or "\n" in gap or "(" in mark:
            break
        lower = word.lower().rstrip(".'")
        if kind != "count" and first < 0 and lower in words["after-of-skip"]:
            if lower in ("them", "this", "that"):
                return None
            place = match.end()
            count += 1
            continue
        if lower.endswith("'s") or (word.endswith("s'") and lower not in modifiers):
            if kind == "count" and lower not in modifiers:
                break
            if first >= 0 and kind != "count":
                first = -1  # the noun is what stands behind the owner
            place = match.end()
            count += 1
            sure = False
            continue
        if lower in stops and lower not in plurals:
            if lower == "and" and not sure and first >= 0 and not joined:
                joined = True
                place = match.end()
                count += 1
                continue
            if lower == "more" and first < 0 and kind == "count":
                place = match.end()
                count += 1
                continue
            break
        if lower in CARDINALS and first < 0:
            return None
        ends_ed = lower.endswith("ed") and lower not in (
            "hundred",
            "bed",
            "seed",
            "need",
            "speed",
            "weed",
            "feed",
            "breed",
            "shed",
        )
        is_verb = ends_ed or (sure and lower in verbs and not lower.endswith("s"))
        if first >= 0 and (sure or kind != "count") and is_verb:
            break
        if mark:
            quoted += 1
        if first < 0:
            first = match.start(3)
        is_plural = lower in plurals or (
            lower.endswith("s")
            and len(lower) > 2
            and not lower.endswith(("ss", "us", "is", "'s"))
            and lower not in modifiers
        )
        if sure and not is_plural and lower not in modifiers:
            break
        if sure and is_plural and lower in verbs and lower not in plurals:
            break
        if is_plural and sure:
            last = match.end(3)
            break
        last_end = match.end(3) - (len(word) - len(word.rstrip(".'")))
        if is_plural:
            sure = True
            last = last_end
        elif not sure:
            last = last_end if kind != "count" or lower not in ("very", "most") else last
        place = match.end()
        count += 1
        if (word.endswith(".") and len(word) > 3) or plain[place : place + 1] in ",.;:)!?":
            break
    if first < 0 or last < first:
        return None
    if kind == "count" and not sure:
        text = plain[first:last]
        head = text.split()[-1].lower()
        if head in words["plural-heads"] or (
            _noun_keys().get(head) and re.search(r"(?i)\b(?:one|1)\s$", plain[max(0, first - 4) : first])
        ):
            return first, last
        if head in modifiers and head in (
            "news",
            "sports",
            "arms",
            "goods",
            "sales",
            "bonds",
            "jobs",
            "claims",
            "games",
            "drugs",
            "parts",
            "services",
            "systems",
            "operations",
            "works",
            "bus",
            "services",
        ):
            return first, last
        return None
    return first, last


def _modifier_before(before: str) -> tuple[tuple[str, ...], str]:
    """The modifiers that end the text before a number, as printed in lower case, and what the last of them means."""
    table = _modifiers()["before"]
    bare = _words()["bare-before"]
    words = before.lower().replace("\n", " \n ").split(" ")
    if words and words[-1] == "":
        words.pop()
    found: list[str] = []
    meaning = ""
    passed = 0
    while words and len(found) < 2:
        for length in (4, 3, 2, 1):
            text = " ".join(words[-length:]).strip("(\"'")
            if len(words) >= length and text in table:
                found.insert(0, text)
                meaning = meaning or table[text]
                del words[-length:]
                break
        else:
            if not found and passed < 2 and words[-1] in ("a", "an", "the", "another", "its", "their", "us", "only"):
                passed += 1
                words.pop()
                if (
                    words
                    and words[-1] in ("some", "over", "under", "around", "about", "above", "below")
                    and passed
                    and text_is_the(before)
                ):
                    return (), ""
                continue
            break
    _ = bare
    return tuple(found), meaning


def text_is_the(before: str) -> bool:
    """over the 300: a place, not a modifier."""
    return before.rstrip().lower().endswith((" the", " its", " their"))


def _modify(plain: str, one: _Found) -> None:
    """Reads what says how exact the number is, before and behind it."""
    before = plain[max(0, one.start - 40) : one.start]
    found, meaning = _modifier_before(before)
    after = _modifiers()["after"]
    if one.modifiers:  # a suffix: -odd, +
        meaning = meaning or after.get(one.modifiers[0], "")
    else:
        ends = [one.end] + ([one.noun[1]] if one.noun else [])
        for end in ends:
            match = re.match(r"\s((?:or|and) [a-z]+)", plain[end : end + 20])
            if match and match[1] in after:
                one.modifiers = (match[1],)
                meaning = meaning or after[match[1]]
                break
    one.modifiers = found + one.modifiers
    one.meaning = meaning


class _Acts:
    """The verbs of a sentence that name acts, with their places."""

    def __init__(self, plain: str, start: int, end: int) -> None:
        self.plain = plain
        self.start, self.end = start, end
        self.found: list[tuple[int, int, str, str]] | None = None

    def _verbs(self) -> list[tuple[int, int, str, str]]:
        if self.found is None:
            verbs = _acts()[0]
            self.found = []
            for match in _FLAT.finditer(self.plain, self.start, self.end):
                for rest, key, kind in verbs.get(match[0].lower(), ()):
                    if not rest or self.plain.startswith(f" {rest}", match.end()):
                        self.found.append((match.start(), match.end() + len(rest) + bool(rest), key, kind))
                        break
        return self.found

    def of(self, one: _Found) -> tuple[str, str]:
        """The act and its words: of the noun itself (10,000 arrests), of what is said of it behind (were arrested), of
        the verb that it is the object of, or of a noun before (the arrest of 31)."""
        plain = self.plain
        _, nouns = _acts()
        if one.noun:
            head = plain[slice(*one.noun)].split()[-1].lower()
            if key := nouns.get(head):
                return key, head
        behind = one.noun[1] if one.noun and one.noun[0] >= one.end else max(one.end, one.after)
        if found := self._behind(behind, one):
            return found
        gap_start = max(self.start, one.start - 90)
        before = plain[gap_start : one.start]
        if match := re.search(r"\b([A-Za-z]+) (?:of|for|to) (?:(?:[a-z]+ ){0,3})$", before):
            key = nouns.get(match[1].lower())
            if key and match[0].split()[1] == "of":
                return key, match[1]
        return self._before(one, before)

    def _behind(self, place: int, one: _Found) -> tuple[str, str] | None:
        match = re.match(
            r",?\s(?:(?:who|that|which|have|has|had|was|were|been|is|are|being|be|will|would|may|also|reportedly|later|already"
            r"|then|went|got|remain|remained|still|to|so far|of them|newly|all|illegally|successfully) )*([A-Za-z]+)",
            self.plain[place : place + 70],
        )
        if not match or place + match.start(1) >= self.end:
            return None
        at = place + match.start(1)
        entry = next((verb for verb in self._verbs() if verb[0] == at), None)
        word = match[1].lower()
        if entry is None or (
            self.plain[place : place + 1] == "," and " were " not in match[0] and " was " not in match[0]
        ):
            dead = {"dead": "kill", "injured": "injure", "wounded": "injure", "missing": "miss"}
            return (dead[word], match[1]) if word in dead and match[0].count(" ") <= 2 else None
        _, end, key, kind = entry
        passive = re.search(r"\b(?:was|were|been|is|are|being|be|got)\b", match[0]) is not None
        doer = key in _words()["doer-acts"]
        if kind in ("participle", "either", "past"):
            object_behind = re.match(r"\s(?:the|a|an|its|their|his|her|\d|[A-Z])", self.plain[end : end + 4])
            if passive or doer or (kind != "past" and not object_behind):
                return key, self.plain[at:end]
        elif kind in ("present", "base") and (doer or word == "missing"):
            return key, self.plain[at:end]
        return None

    def _before(self, one: _Found, before: str) -> tuple[str, str]:
        for start, end, key, _ in reversed(self._verbs()):
            if end > one.start:
                continue
            gap = self.plain[end : one.start]
            if len(gap) > 90 or _CLAUSE.search(gap):
                break
            behind_aux = re.search(
                r"\b(?:was|were|been|being|is|are)\s(?:\w+ly\s)?$", self.plain[max(self.start, start - 20) : start]
            )
            amount = key in _words()["amount-acts"] and one.kind != "count"
            modifier = _modifier_before(gap)[0]
            core = gap
            for word in modifier:
                core = core.lower().replace(word, " ")
            core = re.sub(r"\ba (?:total|record|maximum|combined total) of\b|\bmore than\b|\bup to\b", " ", core)
            last_words = re.findall(r"[A-Za-z]+", core)
            preposition = re.search(
                r"\b(?:in|at|from|with|on|for|within|over|during|through|after|before|since|across|between|under|into|of|among|about)\s*(?:the|its|their|a|an|last|past)?\s*$",
                core,
            )
            if preposition:
                break
            if re.search(r"\b(?:to|by)\s*$", core) and not amount:
                break
            if behind_aux and not (amount and len(last_words) <= 8):
                break
            if amount or (len(last_words) <= 12 and not re.search(r"\b(?:that|which|who|while|because)\b", core)):
                return key, self.plain[start:end]
            break
        return "", ""
