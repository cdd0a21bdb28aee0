"""Chinese names as English texts spell them: Fangshan here is 房山 there, whether a table knows it or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from grammar.pinyin import syllables
from grammar.traditional import simplified

# Words with capitals; a name may have two, a given name is written in one or with a hyphen.
_WORDS = re.compile(r"(?<![\w'-])[A-Z][a-z]{1,11}(?:[-'][a-z]{1,6})?(?: [A-Z][a-z]{1,11}(?:[-'][a-z]{1,6})?)?(?![\w-])")
_LEAST_LETTERS, _LEAST_SYLLABLES = 5, 2
# Pinyin that stands in any report, or is an English word.
_NO_NAME = frozenset("beijing china xinhua renmin change shanghai they then these human manage".split())


def spelled(text: str) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """The words of an English text that may spell a Chinese name: as printed, where, and the ways to read them."""
    for match in _WORDS.finditer(text):
        words = match[0]
        parts = words.split(" ")
        ways = _readings(words.lower())
        if not ways and len(parts) == 2:  # "In Fangshan": the second alone
            words = parts[1]
            ways = _readings(words.lower())
        if ways:
            yield words, match.end() - len(words), ways


def heard(text: str) -> str:
    """A Chinese text as syllables apart by spaces, in which a reading that `spelled` gives is looked for."""
    known = syllables()
    return f" {' '.join(known.get(character, '|') for character in simplified(text))} "


def found_in(ways: tuple[str, ...], syllables_of_text: str, text: str) -> str | None:
    """The characters of a Chinese text that are read in one of these ways; None where none are."""
    for way in ways:
        at = syllables_of_text.find(way)
        if at >= 0:
            first = syllables_of_text.count(" ", 0, at)
            return text[first : first + way.count(" ") - 1]
    return None


@lru_cache(maxsize=20_000)
def _readings(words: str) -> tuple[str, ...]:
    """The syllables of a name, in each way in which its letters can be cut; empty where they cannot."""
    letters = re.sub(r"[ '-]", "", words)
    if len(letters) < _LEAST_LETTERS or letters in _NO_NAME or any(part in _NO_NAME for part in words.split(" ")):
        return ()
    found = _cut(re.sub("['-]", " ", words))
    return tuple(f" {' '.join(each)} " for each in found if len(each) >= _LEAST_SYLLABLES)


def _cut(letters: str) -> list[list[str]]:
    if not letters:
        return [[]]
    if letters[0] == " ":
        return _cut(letters[1:])
    return [
        [letters[:length], *rest]
        for length in range(1, 7)
        if letters[:length] in _known_syllables() and len(letters) >= length
        for rest in _cut(letters[length:])
    ]


@cache
def _known_syllables() -> frozenset[str]:
    return frozenset(syllables().values())
