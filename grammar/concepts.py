"""Subjects: what a text is about, as keys that are the same in English and Chinese and for words that journalists swap.

`grammar/tables/concepts.tsv` holds them. Words are looked up in dictionaries: by the word in English, by the first two
characters in Chinese. One expression for thousands of forms is slower, as its branches are tried one after another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import add

from grammar.passage import Passage
from grammar.traditional import simplified
from grammar.vocabulary import forms, inflected, plurals, read

_WORD = re.compile(r"[^\W_]+")
_END = r"(?![^\W_])"
_MORE = r"[^\W_]*"
_MOST_WORDS = 1 << 16  # of English kept with what they begin: nearly all that news is written in
_SHORTEST_STEM = 2
_FOLDED = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}

# What a form stands for: key and weight, and those of its broader concepts. Empty for words that mean something else.
_Meaning = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Concept:
    """A place where a text names a concept. `weight`: 1 stands in very many reports, 2 is a common subject, 3 a
    specific one."""

    key: str
    weight: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Begun:
    """What an English word begins: its own meaning, None where it has none, and phrases, as an expression for what
    follows the word with a group for each, and their meanings."""

    meaning: _Meaning | None
    phrases: re.Pattern[str] | None
    meanings: tuple[_Meaning, ...]


def concepts(passage: Passage) -> list[Concept]:
    """The concepts that a passage names, in order. Of forms that overlap the first counts, and of several that begin in
    one place the longest. A form of a narrower concept gives the broader ones too, at the same place."""
    found = _in_chinese(passage.plain) if passage.is_chinese else _in_english(passage.plain)
    return [Concept(key, weight, start, end) for start, end, meaning in found for key, weight in meaning]


def _in_english(text: str) -> Iterator[tuple[int, int, _Meaning]]:
    folded = text.lower()
    if len(folded) != len(text):  # a few capitals become two characters, and places would be lost
        folded = text.translate(_FOLDED)
    at, begun = 0, _begun
    for match in _WORD.finditer(folded):
        word = begun(match[0])
        if word is None:
            continue
        start, end = match.span()
        if start < at:
            continue
        meaning = word.meaning
        if word.phrases is not None and (phrase := word.phrases.match(folded, end)):
            meaning, end = word.meanings[(phrase.lastindex or 1) - 1], phrase.end()
        if meaning is not None:
            at = end
            yield start, end, meaning


def _in_chinese(text: str) -> Iterator[tuple[int, int, _Meaning]]:
    by_form, lengths = _chinese_forms()
    at = 0
    for start, pair in enumerate(map(add, text, text[1:])):
        if pair in lengths and start >= at:
            for length in lengths[pair]:
                meaning = by_form.get(text[start : start + length])
                if meaning is not None:
                    at = start + length
                    yield start, at, meaning
                    break


@cache
def _rows() -> tuple[tuple[_Meaning, dict[str, str]], ...]:
    """The rows of the table, each with what its forms stand for."""
    rows = read("concepts.tsv", ("key", "weight", "broader", "english", "chinese"))
    weights = {row["key"]: int(row["weight"]) for row in rows}
    return tuple(
        (tuple((key, weights[key]) for key in (row["key"], *forms(row["broader"])) if weights[key]), row)
        for row in rows
    )


@cache
def _chinese_forms() -> tuple[dict[str, _Meaning], dict[str, tuple[int, ...]]]:
    """What each form stands for, and by the first two characters how long the forms are, the longest first."""
    by_form = {simplified(form): meaning for meaning, row in _rows() for form in forms(row["chinese"])}
    lengths: dict[str, set[int]] = {}
    for form in by_form:
        lengths.setdefault(form[:2], set()).add(len(form))
    return by_form, {pair: tuple(sorted(found, reverse=True)) for pair, found in lengths.items()}


@dataclass(frozen=True, slots=True)
class _English:
    """The forms in English by their first word, or by its stem where it ends in *. Phrases are (expression for what
    follows the first word, meaning), the longest first."""

    words: dict[str, _Meaning]
    stems: dict[str, _Meaning]
    phrases: dict[str, list[tuple[str, _Meaning]]]
    stem_phrases: dict[str, list[tuple[str, _Meaning]]]


@cache
def _english_forms() -> _English:
    english = _English({}, {}, {}, {})
    found = [(form.lower(), meaning) for meaning, row in _rows() for form in forms(row["english"])]
    # What is written in the table comes before what is derived from it, and long phrases before their beginnings.
    english.words.update((form, meaning) for form, meaning in found if _WORD.fullmatch(form))
    for form, meaning in sorted(found, key=lambda each: -len(each[0])):
        match = _WORD.match(form)
        if match is None:
            raise ValueError(f"concepts.tsv: {form!r} begins with no letter or digit. Mend or remove it.")
        first, mark, rest = match[0], form[match.end() : match.end() + 1], form[match.end() :].lstrip("*+")
        if mark == "*":
            if rest:
                english.stem_phrases.setdefault(first, []).append((_tail(rest), meaning))
            else:
                english.stems[first] = meaning
            continue
        for word in inflected(first) if mark == "+" else (first,) if rest else plurals(first):
            if rest:
                english.phrases.setdefault(word, []).append((_tail(rest), meaning))
            else:
                english.words.setdefault(word, meaning)
    return english


def _tail(rest: str) -> str:
    """The expression for what follows a phrase's first word: " plant" → [ \\n-](?:plant|plants)."""
    written = [_word(match[0], match.end() == len(rest)) for match in re.finditer(r"[^\W_]+[*+]?|.", rest)]
    return "".join(written) + _END


def _word(word: str, is_last: bool) -> str:
    if word in (" ", "-"):
        return r"[ \n-]"
    if word.endswith("*") and len(word) > 1:
        return re.escape(word[:-1]) + _MORE
    if word.endswith("+") and len(word) > 1:
        return f"(?:{'|'.join(map(re.escape, inflected(word[:-1])))})"
    if is_last and word.isalpha():
        return f"(?:{'|'.join(map(re.escape, plurals(word)))})"
    return re.escape(word)


@lru_cache(maxsize=_MOST_WORDS)
def _begun(word: str) -> _Begun | None:
    """What a word (lower case) begins; None where it begins nothing."""
    english = _english_forms()
    meaning = english.words.get(word)
    phrases = list(english.phrases.get(word, ()))
    for length in range(len(word), _SHORTEST_STEM - 1, -1):
        stem = word[:length]
        if meaning is None:
            meaning = english.stems.get(stem)
        phrases += english.stem_phrases.get(stem, ())
    if meaning is None and not phrases:
        return None
    return _Begun(meaning, _alternatives(tuple(tail for tail, _ in phrases)), tuple(means for _, means in phrases))


@cache
def _alternatives(tails: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"({tail})" for tail in tails)) if tails else None
