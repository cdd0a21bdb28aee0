"""What stands with an English number and says how exact it is: "more than", "nearly", "or so"."""

from __future__ import annotations

import re
from functools import cache

from grammar.english_numbers import Found
from grammar.english_words import modifiers, words

_REACH = 40  # characters in front of a number that hold its modifiers
_PASSED = frozenset("a an the another its their us only".split())  # may stand between a modifier and its number
_PLACES = frozenset("some over under around about above below".split())  # "over the 300": a place, no modifier
_DEFINITE = ("the", "its", "their")
_FOR = re.compile(
    r"(?:\b(?:for|of|after|just|well|is|was|are|were|last|lasts|lasted|took|takes|taken|spent|in|a|by|to|at|and|already)|,"
    r"|^)\s*$"
)
_BEHIND = re.compile(r"\s((?:or|and) [a-z]+)")


@cache
def _by_last_word() -> dict[str, tuple[str, ...]]:
    """The last word of a modifier in front → the modifiers that end so, longest first."""
    found: dict[str, list[str]] = {}
    for text in modifiers()["before"]:
        found.setdefault(text.rpartition(" ")[2], []).append(text)
    return {last: tuple(sorted(texts, key=len, reverse=True)) for last, texts in found.items()}


def modifiers_before(plain: str, place: int) -> tuple[tuple[str, ...], str, int]:
    """The modifiers in front of a number, in lower case; what the last of them means; and where they begin (`place`
    where there are none)."""
    window = plain[max(0, place - _REACH) : place].lower()
    if not window.endswith((" ", "\xa0", '"', "'", "(")):
        return (), "", place
    rest = window.rstrip(" \xa0\"'(")
    found: list[str] = []
    meaning, begins = "", place
    passed, passed_word = 0, ""
    while rest and len(found) < 2:
        last = rest[max(rest.rfind(" "), rest.rfind("\n"), rest.rfind("("), rest.rfind('"')) + 1 :]
        text = next((each for each in _by_last_word().get(last, ()) if _ends(rest, each)), None)
        if text is not None:
            if passed and text in _PLACES and passed_word in _DEFINITE:
                return (), "", place
            found.insert(0, text)
            meaning = meaning or modifiers()["before"][text]
            rest = rest[: -len(text)]
            begins = place - (len(window) - len(rest))
        elif not found and passed < 2 and last in _PASSED:
            passed += 1
            passed_word = last
            rest = rest[: -len(last)]
        else:
            break
        if rest[-1:] == "\n":
            break
        rest = rest.rstrip(" \xa0\"'(")
    return tuple(found), meaning, begins


def _ends(text: str, modifier: str) -> bool:
    """Whether a text ends with a modifier, from a word's beginning on."""
    if not text.endswith(modifier):
        return False
    before = text[-len(modifier) - 1 : -len(modifier)]
    return not before.isalnum() and before not in ("-", "'")


def modify(plain: str, one: Found) -> None:
    """Reads what says how exact the number is, before and behind it."""
    found, meaning, begins = modifiers_before(plain, one.start)
    is_duration = one.unit in words()["durations"] and one.end > one.start + len(one.raw)
    if found == ("over",) and is_duration and not _FOR.search(plain, max(0, begins - 12), begins):
        found, meaning = (), ""  # $2 million over ten years
    after = modifiers()["after"]
    if one.modifiers:  # a suffix: -odd, +
        meaning = meaning or after.get(one.modifiers[0], "")
    else:
        for end in [one.end] + ([one.noun[1]] if one.noun else []):
            match = _BEHIND.match(plain, end, end + 20)
            if match and match[1] in after:
                one.modifiers = (match[1],)
                meaning = meaning or after[match[1]]
                break
    one.begins = begins
    one.modifiers = found + one.modifiers
    one.meaning = meaning
