"""What became of each sentence between two wordings, and what changed within those that stayed.

Blind to typography and to case: "Ten" behind a sentence's new beginning is the word that "ten" was.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise, zip_longest

from archive.differences import Run, compare, readable, words
from grammar.sentences import spans
from grammar.typography import lowered, plain, squashed, visible

# A sentence of which less than this share of its letters stayed is another one.
_STAYED = 0.3
# One of which less than this stayed may be another sentence put otherwise.
_CHANGED = 0.6
# Two sentences in the same place that have this share of their words in common are one, put otherwise.
_REWORDED = 0.5
# Sentences in one place that are compared each with each; more of them were written anew.
_COMPARED = 30

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """Within sentences that stayed: the places of what went in the old text, and of what came in the new one. Either
    is empty where nothing went or came."""

    old: Span
    new: Span


class Side:
    """One of the two texts. All places are places in `text`, which has no invisible characters."""

    def __init__(self, text: str, one_sentence: bool = False) -> None:
        self.text = visible(text)
        self.one_sentence = one_sentence

    @cached_property
    def plain(self) -> str:
        return plain(self.text)

    @cached_property
    def lowered(self) -> str:
        return lowered(self.text)

    @cached_property
    def sentences(self) -> list[Span]:
        return [(0, len(self.text))] if self.one_sentence else spans(self.text)

    @cached_property
    def _letters_before(self) -> list[int]:
        return [0, *accumulate(character.isalnum() for character in self.text)]

    def letters(self, span: Span) -> int:
        return self._letters_before[span[1]] - self._letters_before[span[0]]

    def sentences_at(self, span: Span) -> list[Span]:
        """The sentences that a stretch touches; at an empty one, that or those which meet there."""
        first = bisect_left(self.sentences, span[0], key=lambda each: each[1])
        last = bisect_right(self.sentences, span[1], key=lambda each: each[0])
        return self.sentences[first:last]


@dataclass(slots=True)
class Comparison:
    """`removed` and `added` are sentences, by their places in the old and in the new text; `is_reworded`: sentences
    moved or were put otherwise; `is_recased`: letters became capital or small within what stayed."""

    old: Side
    new: Side
    removed: list[Span] = field(default_factory=list)
    added: list[Span] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    is_reworded: bool = False
    is_recased: bool = False


def compared(before: str, after: str, *, one_sentence: bool = False) -> Comparison:
    """The difference of two texts, sentence by sentence. `one_sentence`: as in a title, which is changed and not
    replaced whatever becomes of it."""
    found = Comparison(Side(before, one_sentence), Side(after, one_sentence))
    changes, stretches = _changes(found.old, found.new)
    replaced = ([], []) if one_sentence else _replaced_sentences(found, changes)
    found.pieces = list(_cut(found, changes, *replaced))
    found.is_recased = any(_is_recased(found, *stretch) for stretch in stretches)
    return found


def _changes(old: Side, new: Side) -> tuple[list[Piece], list[tuple[int, int, int]]]:
    """What changed, in order, and what stayed: (place in the old text, place in the new one, length)."""
    changes: list[Piece] = []
    stretches: list[tuple[int, int, int]] = []
    at_old = at_new = from_old = from_new = 0
    runs = readable(compare(old.lowered, new.lowered))
    for run in runs if old.one_sentence else _finer(runs):
        length = len(run.text)
        if run.kind == "equal":
            if (at_old, at_new) != (from_old, from_new):
                changes.append(Piece((from_old, at_old), (from_new, at_new)))
            stretches.append((at_old, at_new, length))
            at_old, at_new = at_old + length, at_new + length
            from_old, from_new = at_old, at_new
        elif run.kind == "removed":
            at_old += length
        else:
            at_new += length
    if (at_old, at_new) != (from_old, from_new):
        changes.append(Piece((from_old, at_old), (from_new, at_new)))
    return changes, stretches


def _finer(runs: list[Run]) -> Iterator[Run]:
    """The change as a page shows it, but with Chinese terms apart that only stand near each other: of
    警方抓获42 → 公安机关抓获45 抓获 stayed. 中国台湾地区 → 台湾 is one: nothing stands in the place of either half."""
    place = 0
    while place < len(runs):
        pair = runs[place : place + 2]
        if [run.kind for run in pair] == ["removed", "added"]:
            finer = _around_terms(compare(pair[0].text, pair[1].text))
            stayed = sum(len(run.text) for run in finer if run.kind == "equal")
            kinds = [run.kind for run in finer if run.text]
            each_is_replaced = kinds == ["removed", "added", *["equal", "removed", "added"] * (len(kinds) // 3)]
            is_shared = stayed >= _TERMS_SHARED * min(len(run.text) for run in pair)
            yield from finer if each_is_replaced and is_shared else pair
            place += 2
        else:
            yield runs[place]
            place += 1


_TERM = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2}")
_TERMS_SHARED = 0.25  # of the shorter side


def _around_terms(runs: list[Run]) -> list[Run]:
    """Terms that stayed, and between each two of them all that went and all that came."""
    found: list[Run] = []
    went = came = ""
    for run in [*runs, None]:
        if run is None or (run.kind == "equal" and _TERM.search(run.text)):
            found += [Run("removed", went)] if went else []
            found += [Run("added", came)] if came else []
            found += [run] if run else []
            went = came = ""
        else:
            went += run.text if run.kind != "added" else ""
            came += run.text if run.kind != "removed" else ""
    return found


def _replaced_sentences(found: Comparison, changes: list[Piece]) -> tuple[list[Span], list[Span]]:
    """The sentences that are looked at as wholes, of the old and of the new text; fills in `removed` and `added`."""
    stayed_old = _stayed(found.old, [change.old for change in changes])
    stayed_new = _stayed(found.new, [change.new for change in changes])
    reworded = _reworded(found, changes, stayed_old, stayed_new)
    gone = [span for span, share in stayed_old.items() if share < _STAYED and (0, span) not in reworded]
    come = [span for span, share in stayed_new.items() if share < _STAYED and (1, span) not in reworded]
    went = Counter(squashed(found.old.text[slice(*span)]) for span in gone)
    came = Counter(squashed(found.new.text[slice(*span)]) for span in come)
    moved = went & came
    found.is_reworded = bool(moved or reworded)
    found.removed, found.added = _less(found.old, gone, moved), _less(found.new, come, moved)
    return gone, come


def _stayed(side: Side, changed: list[Span]) -> dict[Span, float]:
    """The sentences that changes touch, in order, with the share of each one's letters that stayed."""
    shares = {}
    for sentence in side.sentences:
        touching = _touching(changed, sentence)
        if touching and (letters := side.letters(sentence)):
            lost = sum(side.letters((max(span[0], sentence[0]), min(span[1], sentence[1]))) for span in touching)
            shares[sentence] = 1 - lost / letters
        elif any(span[0] <= sentence[0] and sentence[1] <= span[1] for span in touching):
            shares[sentence] = 0.0
    return shares


def _touching(spans: list[Span], stretch: Span) -> list[Span]:
    """Those of some stretches, in order and apart from each other, that have a place in common with one."""
    first = bisect_right(spans, stretch[0], key=lambda each: each[1])
    return spans[first : bisect_left(spans, stretch[1], key=lambda each: each[0])]


def _less(side: Side, sentences: list[Span], moved: Counter[str]) -> list[Span]:
    """Without sentences that only stand elsewhere now."""
    left = moved.copy()
    kept = []
    for span in sentences:
        key = squashed(side.text[slice(*span)])
        if left[key] > 0:
            left[key] -= 1
        else:
            kept.append(span)
    return kept


def _reworded(
    found: Comparison, changes: list[Piece], stayed_old: dict[Span, float], stayed_new: dict[Span, float]
) -> set[tuple[int, Span]]:
    """Sentences, (0, of the old or 1, of the new text) each, of which little stayed, but that say much the same as one
    in their place: they stayed and were changed."""
    little_old = [span for span, share in stayed_old.items() if share < _CHANGED]
    little_new = [span for span, share in stayed_new.items() if share < _CHANGED]
    reworded: set[tuple[int, Span]] = set()
    for change in changes:
        there = _touching(little_new, change.new)[:_COMPARED]
        bags = [(span, _bag(found.new.lowered[slice(*span)])) for span in there]
        for span in _touching(little_old, change.old)[:_COMPARED] if bags else ():
            bag = _bag(found.old.lowered[slice(*span)])
            likeliest = max(bags, key=lambda each: _in_common(bag, each[1]), default=None)
            if likeliest is None or _in_common(bag, likeliest[1]) < _REWORDED:
                continue
            bags.remove(likeliest)
            if min(stayed_old[span], stayed_new[likeliest[0]]) < _STAYED:
                reworded |= {(0, span), (1, likeliest[0])}
    return reworded


def _bag(text: str) -> Counter[str]:
    """Words, and single characters of scripts without spaces; all figures are one."""
    return Counter("0" if word[0].isdigit() else word for word in words(text) if word[0].isalnum())


def _in_common(one: Counter[str], other: Counter[str]) -> float:
    return 2 * (one & other).total() / max(1, one.total() + other.total())


def _cut(found: Comparison, changes: list[Piece], gone: list[Span], come: list[Span]) -> Iterator[Piece]:
    """The changes without the sentences that went or came as a whole."""
    for change in changes:
        old = [span for span in _outside(change.old, gone) if found.old.text[slice(*span)].strip()]
        new = [span for span in _outside(change.new, come) if found.new.text[slice(*span)].strip()]
        for one, other in zip_longest(old, new):
            nothing_old, nothing_new = (change.old[1], change.old[1]), (change.new[1], change.new[1])
            piece = _trimmed(found, one or nothing_old, other or nothing_new)
            went, came = found.old.text[slice(*piece.old)], found.new.text[slice(*piece.new)]
            if squashed(went).lower() != squashed(came).lower():
                yield piece


def _outside(span: Span, taken: list[Span]) -> Iterator[Span]:
    """What of a stretch lies in none of those that are taken (in order, apart from each other)."""
    at = span[0]
    for other in _touching(taken, span):
        if at < other[0]:
            yield at, other[0]
        at = max(at, other[1])
    if at < span[1]:
        yield at, span[1]


def _trimmed(found: Comparison, old: Span, new: Span) -> Piece:
    """Without the words that both sides begin or end with, and the spaces around."""
    went, came = _places(found.old.lowered, old), _places(found.new.lowered, new)
    shorter = min(len(went), len(came))
    begin = 0
    while begin < shorter and _same(found, went[begin], came[begin]):
        begin += 1
    end = 0
    while end < shorter - begin and _same(found, went[-1 - end], came[-1 - end]):
        end += 1
    return Piece(_left(went, begin, end, old), _left(came, begin, end, new))


def _places(text: str, span: Span) -> list[Span]:
    """The words and marks of a stretch, without its spaces."""
    ends = [*accumulate((len(token) for token in words(text[slice(*span)])), initial=span[0])]
    return [place for place in pairwise(ends) if not text[slice(*place)].isspace()]


def _same(found: Comparison, one: Span, other: Span) -> bool:
    return found.old.lowered[slice(*one)] == found.new.lowered[slice(*other)]


def _left(places: list[Span], begin: int, end: int, span: Span) -> Span:
    left = places[begin : len(places) - end]
    if left:
        return left[0][0], left[-1][1]
    at = places[begin - 1][1] if begin else span[0]
    return at, at


def _is_recased(found: Comparison, old: int, new: int, length: int) -> bool:
    """Whether a word that stayed is written with other capitals, but for one that now begins or no longer begins its
    sentence, or that stands behind a change."""
    was, became = found.old.plain[old : old + length], found.new.plain[new : new + length]
    if was == became:
        return False
    at = 0
    for token in words(was):
        begins = at == 0 or _begins_sentence(found.old, old + at) or _begins_sentence(found.new, new + at)
        if token != became[at : at + len(token)] and not begins:
            return True
        at += len(token)
    return False


def _begins_sentence(side: Side, place: int) -> bool:
    return any(side.letters((span[0], place)) == 0 for span in side.sentences_at((place, place + 1)))
