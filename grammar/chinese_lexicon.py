"""What the tables say of Chinese words: where a noun phrase begins and ends, measure words, units, acts, modifiers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from grammar import vocabulary
from grammar.chinese_numbers import HAN

# Kinds of chinese_words.tsv, as bits: a word may be of several.
VERB, LOOSE, END, PLACE, FILLER, KEEP, ADJECTIVE = (1 << place for place in range(7))
_KINDS = {
    "verb": VERB, "loose": LOOSE, "end": END, "place": PLACE, "filler": FILLER, "keep": KEEP, "adjective": ADJECTIVE,
}  # fmt: skip
_NO_KEEP = VERB | END | LOOSE


@cache
def words() -> dict[str, int]:
    """Word → its kinds. Verbs of two signs are so many that no table has them all: a sign of something done is one with
    another such sign (诱骗) or with what comes of it (涌进)."""
    found: dict[str, int] = {}
    for _, row in vocabulary.lines("chinese_words.tsv", ("kind", "words")):
        for word in row["words"].split():
            found[word] = found.get(word, 0) | _KINDS[row["kind"]]
    for form in acts():
        if len(form) > 1 and form not in listed("act and noun") and not found.get(form, 0) & LOOSE:
            found[form] = found.get(form, 0) | VERB
    for sign in listed("doing"):
        for outcome in listed("outcome"):
            found.setdefault(sign + outcome, VERB)
        for other in listed("doing"):
            if sign != other:
                found.setdefault(sign + other, VERB | LOOSE)
    return {word: kinds & ~KEEP if kinds & _NO_KEEP else kinds for word, kinds in found.items()}


def _lengths_of(known: Iterable[str], edge: int = 0) -> dict[str, tuple[int, ...]]:
    """First sign of a word (or that at another `edge`) → the lengths of those that have it there, the longest first."""
    found: dict[str, set[int]] = {}
    for each in known:
        found.setdefault(each[edge], set()).add(len(each))
    return {sign: tuple(sorted(lengths, reverse=True)) for sign, lengths in found.items()}


@cache
def _lengths() -> dict[str, tuple[int, ...]]:
    return _lengths_of(words())


@cache
def unit_lengths() -> dict[str, tuple[int, ...]]:
    return _lengths_of(units())


@cache
def measure_lengths() -> dict[str, tuple[int, ...]]:
    return _lengths_of(measures())


@cache
def modifier_lengths() -> dict[str, tuple[int, ...]]:
    """By the last sign, of those that stand in front."""
    return _lengths_of(modifiers("front"), -1)


def word(text: str, at: int, end: int) -> tuple[int, int]:
    """The longest word of the table there: its end and kinds; (at, 0) where none stands."""
    if lengths := _lengths().get(text[at]):
        known = words()
        for length in lengths:
            if length <= end - at and (kinds := known.get(text[at : at + length])):
                return at + length, kinds
    return at, 0


@cache
def listed(kind: str) -> frozenset[str]:
    """The words of a kind in chinese_lists.tsv."""
    found: set[str] = set()
    for _, row in vocabulary.lines("chinese_lists.tsv", ("kind", "words")):
        if row["kind"] == kind:
            found.update(row["words"].split())
    return frozenset(found)


@cache
def measures() -> frozenset[str]:
    return frozenset(
        each for _, row in vocabulary.lines("chinese_measures.tsv", ("kind", "words")) for each in row["words"].split()
    )


@cache
def names() -> dict[str, list[tuple[str, int]]]:
    """By numeral and its neighbour: names with the place of the numeral in them."""
    found: dict[str, list[tuple[str, int]]] = {}
    for _, row in vocabulary.lines("chinese_names.tsv", ("kind", "words")):
        for name in row["words"].split():
            for at, sign in enumerate(name):
                if sign in HAN:
                    key = name[at : at + 2] if at + 1 < len(name) else name[at - 1 : at + 1]
                    found.setdefault(key, []).append((name, at))
    return found


@cache
def acts() -> dict[str, str]:
    """Word → key of acts.tsv."""
    return vocabulary.by_form(vocabulary.acts(), "chinese")


@cache
def units() -> dict[str, str]:
    """Words of units and of money behind a number → what Figure.unit holds."""
    found = vocabulary.by_form(vocabulary.units(), "chinese", "symbol")
    found |= vocabulary.by_form(vocabulary.currencies(), "chinese")
    for each in listed("no unit"):
        found.pop(each, None)
    return {"‰": "‰"} | found


@cache
def modifiers(place: str) -> dict[str, str]:
    """The modifiers that stand in that place (front, front-scale, inside, behind) → what they mean."""
    found: dict[str, str] = {}
    for _, row in vocabulary.lines("chinese_modifiers.tsv", ("place", "meaning", "words")):
        if row["place"] == place:
            found.update(dict.fromkeys(row["words"].split(), row["meaning"]))
    return found


@cache
def noun_keys() -> dict[str, str]:
    return vocabulary.by_form(vocabulary.nouns(), "chinese")
