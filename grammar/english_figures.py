"""The figures of English texts: numbers (english_numbers.py), what they count (english_nouns.py), how exact they are
(english_modifiers.py), what is done to it (english_acts.py) and when (english_periods.py). Vocabulary is in
grammar/tables/."""

from __future__ import annotations

import re

from grammar import english_periods
from grammar.english_acts import Acts
from grammar.english_modifiers import modify
from grammar.english_nouns import is_counted
from grammar.english_numbers import Found, numbers
from grammar.english_words import noun_keys, singular
from grammar.passage import Passage
from grammar.periods import Days, period
from items import Figure, Period

_MARKS = re.compile('["“”]')
_ASIDE = re.compile(
    r"(?:,\s(?:which\s(?:was|were)\s)?(?:\w+ed|born|built|made|set\sup|held)|\b(?:Founded|Formed|Established|Born|Built"
    r"|Created|Launched|Opened|Set\sup))\s(?:[\w'-]+\s){0,5}$"
)
# "5,000, up from 4,000 in 2010", "5,000 from 4,000 in 2010": the time is the other number's; not so in "5 percent
# from a year earlier to 4,000 in 2010".
_COMPARED = re.compile(
    r"(?:\sfrom|(?:\s[\w'-]+){0,4}?,?\s(?:(?:up|down)\s(?:[\w.%$€£]+\s){0,3}?from|compared\s(?:with|to)|against|versus))"
    r"\s(?:(?:about|around|nearly|some|over|just|only|the|more\sthan|fewer\sthan)\s)?[$€£¥]?\d"
)
_OTHER_TIME = re.compile(r"\b(?:earlier|ago|before|previous(?:ly)?|last|same|prior)\b")
_BEHIND_FROM = re.compile(r"\b[Ff]rom (?:about |around |nearly |some |over |just )?$")


def figures(passage: Passage) -> list[Figure]:
    """The figures of an English passage, in order of place and apart from each other."""
    plain = passage.plain
    seen = list(numbers(plain))
    if not seen:
        return []
    result: list[Figure] = []
    sentences = iter(passage.sentences)
    span = (0, len(plain))
    upto = -1
    acts = Acts(plain, *span)
    periods: list[tuple[int, int, Days]] = []
    joins = False
    for place, one in enumerate(seen):
        if one.start >= upto:
            span = next(((a, b) for a, b in sentences if b > one.start), (0, len(plain)))
            upto = span[1]
            acts = Acts(plain, *span)
            periods = english_periods.found(plain, *span, passage.published)
            joins = False
        if any(a <= one.start and one.end <= b for a, b, _ in periods):
            continue  # the three of "the past three years"
        if not is_counted(plain, one, joins) and not _as_next(plain, seen, place):
            continue
        joins = joins or one.noun is not None
        modify(plain, one)
        result.append(_figure(passage, one, span, acts.of(one), _nearest(periods, one, plain)))
    return result


def _as_next(plain: str, seen: list[Found], place: int) -> bool:
    """Whether a number is of what the next one is of, "from 67 to 78 years", which it then takes over."""
    if place + 1 == len(seen):
        return False
    one, other = seen[place], seen[place + 1]
    if plain[one.end : other.start] != " to " or not _BEHIND_FROM.search(plain, max(0, one.start - 20), one.start):
        return False
    shadow = Found(other.start, other.end, other.value, other.value_max, other.unit, other.kind, other.raw)
    if one.kind != "count" or not is_counted(plain, shadow) or (shadow.noun is None and not shadow.unit):
        return False
    one.unit, one.kind, one.noun, one.measure = shadow.unit, shadow.kind, shadow.noun, shadow.measure
    return True


def _figure(
    passage: Passage, one: Found, sentence: tuple[int, int], act: tuple[str, str], when: Period | None
) -> Figure:
    noun = passage.plain[slice(*one.noun)] if one.noun else ""
    return Figure(
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
        act=act[0],
        act_text=act[1],
        period=when,
        sentence=sentence,
    )


def _without_marks(noun: str) -> str:
    return " ".join(_MARKS.sub("", noun).strip("'‘’ ").replace("‘", "").replace("’ ", " ").split())


def _noun_key(noun: str) -> str:
    """The key of the longest end of a noun phrase that the table has, else its head in the singular."""
    if not noun:
        return ""
    parts = [word.strip("'\"").lower() for word in noun.split()]
    keys = noun_keys()
    for first in range(len(parts)):
        if key := keys.get(" ".join(parts[first:])):
            return key
    return singular(parts[-1])


def _is_compared(plain: str, one: Found, start: int, periods: list[tuple[int, int, Days]]) -> bool:
    """Whether the period there is the first one behind a number with which this one is compared."""
    compared = _COMPARED.match(plain, one.end, start)
    return (
        compared is not None
        and not any(compared.end() <= each[0] < start for each in periods)
        and _OTHER_TIME.search(plain, compared.end(), start) is None
    )


def _is_aside(plain: str, start: int, end: int, one: Found) -> bool:
    """Whether a period tells of something else: "the law, passed in 1998, has 12 articles"."""
    aside = _ASIDE.search(plain, max(0, start - 60), start)
    if aside is None or plain[end : end + 1] not in (",", ""):
        return False
    return not aside.start() <= one.start < end


def _nearest(periods: list[tuple[int, int, Days]], one: Found, plain: str) -> Period | None:
    """The period nearest to a figure; one behind it, of two as near."""
    best: tuple[int, tuple[int, int, Days]] | None = None
    for each in periods:
        is_behind = each[0] >= one.end
        if _is_aside(plain, each[0], each[1], one) or (is_behind and _is_compared(plain, one, each[0], periods)):
            continue
        distance = each[0] - one.end if is_behind else one.start - each[1] + 1
        if ";" in (plain[one.end : each[0]] if is_behind else plain[each[1] : one.start]):
            distance += 200
        if best is None or distance < best[0]:
            best = (distance, each)
    return period(plain[best[1][0] : best[1][1]], best[1][2]) if best else None
