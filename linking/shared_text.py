"""The words that two texts share, in runs long enough that they were taken over."""

from __future__ import annotations

import re
from collections.abc import Sequence

from grammar.typography import lowered

# Fewer words in a row than these are the language's own: names of offices, "in an interview with".
LEAST_WORDS, LEAST_HAN = 9, 16
_TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\u3400-\u9fff\uf900-\ufaff]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")

Run = tuple[int, int, int, int]  # from and to in one text, from and to in the other, in characters


def shared_runs(text: str, other: str) -> list[Run]:
    """The runs of words that stand in both texts, in order of the first and apart from each other there. Case, width
    and punctuation count for nothing; a run has LEAST_WORDS words or LEAST_HAN Chinese characters at least."""
    here, there = _tokens(text), _tokens(other)
    length = LEAST_HAN if _is_chinese(here) else LEAST_WORDS
    words_here, words_there = [word for word, _, _ in here], [word for word, _, _ in there]
    places: dict[tuple[str, ...], int] = {}
    for place in range(len(there) - length, -1, -1):  # the first place of each is kept
        places[tuple(words_there[place : place + length])] = place
    runs, place = [], 0
    while place <= len(here) - length:
        found = places.get(tuple(words_here[place : place + length]))
        if found is None:
            place += 1
            continue
        reach = length
        while (
            place + reach < len(here)
            and found + reach < len(there)
            and words_here[place + reach] == words_there[found + reach]
        ):
            reach += 1
        runs.append((here[place][1], here[place + reach - 1][2], there[found][1], there[found + reach - 1][2]))
        place += reach
    return runs


def _tokens(text: str) -> list[tuple[str, int, int]]:
    return [(match[0], match.start(), match.end()) for match in _TOKEN.finditer(lowered(text))]


def _is_chinese(tokens: Sequence[tuple[str, int, int]]) -> bool:
    return sum(bool(_HAN.match(word)) for word, _, _ in tokens) * 2 > len(tokens)
