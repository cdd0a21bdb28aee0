"""The verbs of English by which somebody says something, and the words that make up a clause: tables as sets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from grammar.english_words import any_of
from grammar.vocabulary import forms, inflected, read


@dataclass(frozen=True, slots=True)
class Cue:
    """A form of a verb of english_cues.tsv, which describes the kinds."""

    kind: str
    loaded: bool
    base: str  # the base form, "point out" whole
    form: str  # base, third, past, participle or ing


@cache
def clause_words() -> dict[str, frozenset[str]]:
    """Class → words, of english_clause_words.tsv."""
    return {row["key"]: frozenset(forms(row["words"])) for row in read("english_clause_words.tsv", ("key", "words"))}


@cache
def cues() -> dict[str, Cue]:
    """Each form of a cue verb by its first word, "pointed" for "pointed out"."""
    found: dict[str, Cue] = {}
    for row in read("english_cues.tsv", ("key", "kind", "loaded", "english")):
        for verb in forms(row["english"]):
            base = " ".join([verb.partition("/")[0], *verb.partition(" ")[2].split()]) if "/" in verb else verb
            for form, name in zip(inflected(verb), ("base", "third", "past", "participle", "ing"), strict=True):
                found.setdefault(form.split()[0], Cue(row["kind"], bool(row["loaded"]), base, name))
    return found


@cache
def any_cue() -> re.Pattern[str]:
    """What a sentence must hold to be looked at."""
    others = {
        "according",
        "cited",
        "cites",
        "citing",
        "quoted",
        "quotes",
        "quoting",
        "mention",
        "mentions",
        "per",
        "based",
    }
    words = set(cues()) | others
    return re.compile(rf"\b{any_of(words)}\b", re.IGNORECASE)
