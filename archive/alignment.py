"""Where two lists of tokens agree, in a set number of steps.

First their common beginning and end, then sequences that stand once in either (the idea of Cohen's patience diff),
then, between these, the shortest edit (Myers).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

# Sequences of this many tokens that stand once in either text are its fixed points, the longest first: a long match
# is never by chance, a single word can be.
_GRAMS = (8, 3, 1)
# Steps that may be spent on what lies between the fixed points: 0.1 s of them. An edit costs some hundreds; two texts
# of 16,000 words with nothing in common would cost half a billion.
_STEPS = 150_000


@dataclass(slots=True)
class _Budget:
    steps: int


Match = tuple[int, int, int]  # from here in the old text, from here in the new one, so many tokens


def matches(old: list[str], new: list[str]) -> list[Match]:
    """Stretches that both texts share, in order and apart from each other."""
    return list(_between(old, new, (0, len(old), 0, len(new)), _GRAMS, _Budget(_STEPS)))


def _between(
    old: list[str], new: list[str], gap: tuple[int, int, int, int], grams: tuple[int, ...], budget: _Budget
) -> Iterator[Match]:
    """The matches within a gap: its common beginning and end, and between them the fixed points of the longest
    sequences, then of shorter ones, then the shortest edit."""
    a, a_end, b, b_end = gap
    begin = 0
    while a + begin < a_end and b + begin < b_end and old[a + begin] == new[b + begin]:
        begin += 1
    if begin:
        yield a, b, begin
        a, b = a + begin, b + begin
    end = 0
    while a_end - end > a and b_end - end > b and old[a_end - end - 1] == new[b_end - end - 1]:
        end += 1
    a_end, b_end = a_end - end, b_end - end
    if a < a_end and b < b_end:
        if grams:
            size, *shorter = grams
            for x, y in [*_fixed_points(old, new, (a, a_end, b, b_end), size), (a_end, b_end)]:
                if x < a or y < b:  # within the last one
                    continue
                yield from _between(old, new, (a, x, b, y), tuple(shorter), budget)
                length = 0
                while x + length < a_end and y + length < b_end and old[x + length] == new[y + length]:
                    length += 1
                if length:
                    yield x, y, length
                a, b = x + length, y + length
        else:
            yield from _shortest_edit(old, new, (a, a_end, b, b_end), budget)
    if end:
        yield a_end, b_end, end


def _fixed_points(old: list[str], new: list[str], gap: tuple[int, int, int, int], size: int) -> list[tuple[int, int]]:
    """Places (in the old, in the new text) of sequences of `size` tokens that stand once in either, as many as can be
    taken without two of them crossing."""
    a, a_end, b, b_end = gap
    before, after = _once(old, a, a_end, size), _once(new, b, b_end, size)
    return _rising([(x, after[gram]) for gram, x in before.items() if gram in after])


def _once(tokens: list[str], start: int, end: int, size: int) -> dict[str, int]:
    """Sequences that stand once between two places, and where, in order."""
    places: dict[str, int] = {}
    for place in range(start, end - size + 1):
        gram = tokens[place] if size == 1 else "\0".join(tokens[place : place + size])
        places[gram] = -1 if gram in places else place
    return {gram: place for gram, place in places.items() if place >= 0}


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of pairs, sorted by their first number, whose second number rises too (patience sorting)."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int] = []
    for number, (_, y) in enumerate(pairs):
        pile = bisect_left(tails, y)
        previous.append(ends[pile - 1] if pile else -1)
        if pile == len(tails):
            tails.append(y)
            ends.append(number)
        else:
            tails[pile], ends[pile] = y, number
    rising: list[tuple[int, int]] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        rising.append(pairs[number])
        number = previous[number]
    return rising[::-1]


def _shortest_edit(old: list[str], new: list[str], gap: tuple[int, int, int, int], budget: _Budget) -> Iterator[Match]:
    """Myers' greedy search ("An O(ND) Difference Algorithm", 1986); nothing once the budget is used up."""
    a, a_end, b, b_end = gap
    rows, columns = a_end - a, b_end - b
    furthest = {1: 0}  # diagonal → how far it reaches in the old text
    trail: list[dict[int, int]] = []
    for edits in range(rows + columns + 1):
        budget.steps -= edits + 1
        if budget.steps < 0:
            return
        trail.append(furthest.copy())
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])
            x = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            y = x - diagonal
            while x < rows and y < columns and old[a + x] == new[b + y]:
                x, y = x + 1, y + 1
            furthest[diagonal] = x
            if x >= rows and y >= columns:
                yield from ((a + x, b + y, length) for x, y, length in _walk_back(trail, rows, columns))
                return


def _walk_back(trail: list[dict[int, int]], x: int, y: int) -> list[Match]:
    matches: list[Match] = []
    for edits in range(len(trail) - 1, -1, -1):
        furthest, diagonal = trail[edits], x - y
        down = diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])
        before = diagonal + 1 if down else diagonal - 1
        from_x = furthest[before]
        from_y = from_x - before
        start = from_x if down else from_x + 1
        if edits == 0:
            start = 0
        if x > start:
            matches.append((start, start - diagonal, x - start))
        x, y = from_x, from_y
    return matches[::-1]
