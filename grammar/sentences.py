"""Where the sentences of a text begin and end, in Chinese and in languages that are written as English is."""

from __future__ import annotations

import re
from collections.abc import Iterator

# A sentence's end, with what closes behind it: marks of Chinese end one wherever they stand, Latin marks only before
# a space or the end of the line. An ellipsis ends none by itself.
_CLOSING = "”’\"'」』）)】]»"
_CLOSED = f"[{re.escape(_CLOSING)}]*"
_END = re.compile(rf"[。！？；｡]+{_CLOSED}|[.!?;]+{_CLOSED}(?=\s|$)|\n+")
_CLOSES_HAN = re.compile(r"[\u3400-\u9fff\u3040-\u30ff）”」』】%]$")
# A full stop that ends no sentence: abbreviations, initials.


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BEFORE_A_NAME = _names(
    "mr mrs ms dr prof gen lt col maj capt sgt cpl adm cmdr gov sen rep hon rev pres mt ft vs messrs mme mlle"
)
_BEFORE_A_NUMBER = _names("no nos fig art vol pp")
_SHORTENED = _names(
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat sun inc ltd co corp jr sr bros"
    " st etc est approx dept ave blvd rd al ph.d"
)
_LAST_WORD = re.compile(r"[^\s(\[“‘\"'/—–-]+$")
_INITIALS = re.compile(r"(?:[A-Za-z]\.)*[A-Za-z]")  # U.S, a.m, J
_NUMBER, _LOWER = re.compile(r"\s+\d"), re.compile(r"\s+[a-z]")
# What begins a sentence behind "the U.S." or "Inc.", and is no name that goes on with it.
_BEGINS = re.compile(
    r"\s+[“\"'‘(]?(?:The|A|An|It|Its|He|She|His|Her|They|Their|We|This|That|These|Those|There|In|On|At|But|And|However"
    r"|Meanwhile|Also|As|If|When|While|After|Before|Since|For|By|With|Police|Officials)\b"
)


def spans(text: str) -> list[tuple[int, int]]:
    """The sentences of a text, (from, to) each, without the spaces around them. A line's end ends a sentence, so do
    。！？； and, before a space, . ! ? and a semicolon; a clause of a Chinese text is thus one of its own, and neither
    "U.S. troops", "Dec. 16" nor "J. Smith" is cut."""
    found = []
    start = 0
    for end in [*_ends(text), len(text)]:
        piece = text[start:end]
        if stripped := piece.strip():
            at = start + piece.index(stripped[0])
            found.append((at, at + len(stripped)))
        start = end
    return found


def _ends(text: str) -> Iterator[int]:
    for mark in _END.finditer(text):
        sign = mark[0][0]
        if sign in ".!?" and _LOWER.match(text, mark.end()):
            continue  # “Why?” he asked.
        if sign == "." and mark[0].rstrip(_CLOSING) == "." and _is_abbreviation(text, mark.start(), mark.end()):
            continue
        if sign == ";" and not _CLOSES_HAN.search(text, max(0, mark.start() - 1), mark.start()):
            continue  # in English a semicolon stands within a sentence
        yield mark.end()


def _is_abbreviation(text: str, at: int, after: int) -> bool:
    """Whether the full stop there belongs to an abbreviation and the sentence goes on behind it."""
    found = _LAST_WORD.search(text, max(0, at - 20), at)
    word = found[0] if found else ""
    if after >= len(text) or text[after] == "\n":
        return False
    if word.lower() in _BEFORE_A_NUMBER:
        return bool(_NUMBER.match(text, after))
    if word.lower() in _BEFORE_A_NAME:
        return True
    is_initial = _INITIALS.fullmatch(word) and (len(word) > 1 or (word.isupper() and word != "I"))
    return bool(is_initial or word.lower() in _SHORTENED) and not _BEGINS.match(text, after)
