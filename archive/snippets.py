"""The place in a report that a query found, with what it found marked: made from the original text, since the index
holds another (archive/text.py)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise

from archive.characters import CJK
from archive.query import Phrase, parse
from archive.text import fold, stem

MARKS = ("**", "**")  # before and after what was found; no report uses them
_WIDTH = 160  # columns, of which a CJK character takes two: two lines of a terminal
_LEAD = 0.3  # of the width stands before the first find

_WORD = f"[^\\W_{CJK}]"
_PIECE = re.compile(f"(?P<cjk>[{CJK}]+)|{_WORD}+")
_CYRILLIC_OR_ARABIC = re.compile("(?P<russian>[\u0400-\u052f])|[\u0620-\u06ff]")


def snippet(text: str, words: str, width: int = _WIDTH, marks: tuple[str, str] = MARKS) -> str:
    """About `width` columns of the text around the place that holds most of the query; its beginning when it holds
    nothing. On one line; … stands for what is cut off."""
    found = find(text, words)
    begin = _best_start(found, width)
    lead = _before(text, begin, int(width * _LEAD)) if found else 0
    start = lead if not found or _columns(text[:begin]) > width * _LEAD else 0
    end = _after(text, start, width)
    inside = [(first, min(last, end)) for first, last, _ in found if start <= first < end]
    shown = _mark(text[start:end], [(first - start, last - start) for first, last in inside], marks)
    flat = " ".join(shown.split())
    if start > 0:
        flat = "…" + flat.lstrip(" .,;:!?，。、；：！？）”")
    return flat + ("…" if end < len(text.rstrip()) else "")


def highlight(text: str, words: str, marks: tuple[str, str] = MARKS) -> str:
    """The whole text with everything marked that the query found in it."""
    return _mark(text, [(first, last) for first, last, _ in find(text, words)], marks)


def unmarked(snippet: str, marks: tuple[str, str] = MARKS) -> str:
    """A snippet without its marks."""
    return snippet.replace(marks[0], "").replace(marks[1], "")


def find(text: str, words: str) -> list[tuple[int, int, int]]:
    """Where the query's phrases stand in a text: (first, after last, number of the phrase), in order, none inside
    another. Empty for a text that only fulfils it by what it lacks."""
    plain, offsets = _plain(text)
    places = sorted(
        (match.start(), match.end(), number)
        for number, phrase in enumerate(parse(words).phrases)
        for match in _matches(phrase, plain)
    )
    kept: list[tuple[int, int, int]] = []
    for first, last, number in places:
        if not kept or first >= kept[-1][1]:
            kept.append((first, last, number))
    if offsets is None:
        return kept
    offsets.append(len(text))  # an accent written apart belongs to the letter before it
    return [(offsets[first], max(offsets[last - 1] + 1, offsets[last]), number) for first, last, number in kept]


def _matches(phrase: Phrase, plain: str) -> Iterator[re.Match[str]]:
    pattern, same_stem = _pattern(phrase.text, phrase.open)
    for match in pattern.finditer(plain):
        if all(check(group or "") for check, group in zip(same_stem, match.groups(), strict=True)):
            yield match


@lru_cache(maxsize=1024)
def _pattern(text: str, is_open: bool) -> tuple[re.Pattern[str], list[Callable[[str], bool]]]:
    """A pattern for a phrase, and for each of its groups (a word) what says whether it has the right stem."""
    pieces = list(_PIECE.finditer(_plain(text)[0]))
    parts: list[str] = []
    checks: list[Callable[[str], bool]] = []
    for number, piece in enumerate(pieces):
        word = piece[0]
        if piece["cjk"]:
            parts.append(re.escape(word))
        elif is_open and number == len(pieces) - 1:
            parts.append(f"(?<!{_WORD}){re.escape(word)}{_WORD}*")
        else:
            wanted = _stem(word)
            # What all words of this stem begin with: Porter's may end in another letter (happy, happi).
            shared = next(at for at in range(len(word) + 1) if word[: at + 1] != wanted[: at + 1] or at == len(word))
            start = word[: shared - 1 if shared > 3 else shared]
            parts.append(f"(?<!{_WORD})({re.escape(start)}{_WORD}*)")
            checks.append(lambda found, wanted=wanted: _stem(found) == wanted)  # type: ignore[misc]
    if not parts:
        return re.compile(r"(?!)"), []
    return re.compile(r"[\W_]*".join(parts)), checks


def _stem(word: str) -> str:
    script = _CYRILLIC_OR_ARABIC.match(word)
    if script is None:
        return stem(word, "porter") if len(word) > 2 else word
    return stem(word, "russian" if script["russian"] else "arabic")


class _PlainTable(dict[int, str]):
    """For str.translate: a character as the index takes it, lower case and without accents. Learns as it goes."""

    def __init__(self) -> None:
        self.irregular: set[str] = set()  # those that become none or several

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = fold(character).casefold()
        if code < 0x370 or 0x1E00 <= code < 0x1F00:  # Latin, and the accents that stand alone
            decomposed = unicodedata.normalize("NFD", plain)
            plain = "".join(each for each in decomposed if unicodedata.category(each) != "Mn")
        if len(plain) != 1:
            self.irregular.add(character)
        self[code] = plain
        return plain


_TABLE = _PlainTable()


def _plain(text: str) -> tuple[str, list[int] | None]:
    """The text as it is compared, and for each of its characters the place in the original; None: the same place."""
    plain = text.translate(_TABLE)
    if _TABLE.irregular.isdisjoint(text):
        return plain, None
    offsets = [place for place, character in enumerate(text) for _ in _TABLE[ord(character)]]
    return plain, offsets


def _best_start(found: list[tuple[int, int, int]], width: int) -> int:
    """Where the stretch begins that holds most different phrases of the query, then most finds."""
    best, start = (0, 0), found[0][0] if found else 0
    for first, _, _ in found[:200]:
        inside = [number for begin, _, number in found if first <= begin < first + width // 2]
        score = (len(set(inside)), len(inside))
        if score > best:
            best, start = score, first
    return start


def _columns(text: str) -> int:
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _before(text: str, place: int, columns: int) -> int:
    """The place this many columns earlier, moved on to where a word begins."""
    start = place
    while start > 0 and columns > 0:
        start -= 1
        columns -= _width(text[start])
    while 0 < start < place and not _is_boundary(text, start):
        start += 1
    return start


def _after(text: str, place: int, columns: int) -> int:
    """The place this many columns later, moved back to where a word ends."""
    end = place
    while end < len(text) and columns > 0:
        columns -= _width(text[end])
        end += 1
    full = end
    while place < end < len(text) and not _is_boundary(text, end):
        end -= 1
    return end if end > place else full


def _is_boundary(text: str, place: int) -> bool:
    before, after = text[place - 1], text[place]
    return not (before.isalnum() and after.isalnum()) or _width(before) == 2 or _width(after) == 2


def _mark(text: str, places: list[tuple[int, int]], marks: tuple[str, str]) -> str:
    edges = [0, *(edge for place in places for edge in place), len(text)]
    parts = [text[first:last] for first, last in pairwise(edges)]
    return "".join(f"{marks[0]}{part}{marks[1]}" if number % 2 else part for number, part in enumerate(parts))
