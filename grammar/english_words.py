"""The tables of English words, as the modules that read figures want them: by word, with every inflection."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from grammar import vocabulary


@cache
def words() -> dict[str, frozenset[str]]:
    """Class → words, of english_words.tsv."""
    rows = vocabulary.read("english_words.tsv", ("key", "words"))
    return {row["key"]: frozenset(vocabulary.forms(row["words"])) for row in rows}


@cache
def modifiers() -> dict[str, dict[str, str]]:
    """Place (before, after) → words → meaning, of english_modifiers.tsv."""
    found: dict[str, dict[str, str]] = {"before": {}, "after": {}}
    for row in vocabulary.read("english_modifiers.tsv", ("key", "place", "meaning")):
        found[row["place"]][row["key"]] = row["meaning"]
    return found


@cache
def signs() -> dict[str, str]:
    """Signs and codes in front of money → ISO 4217."""
    return {
        form[1:]: row["key"]
        for row in vocabulary.currencies()
        for form in vocabulary.forms(row["english"])
        if form.startswith("=")
    }


@cache
def units() -> tuple[dict[str, str], dict[str, str]]:
    """Words behind a number (lower case) → unit; and symbols, whose case counts → unit."""
    found: dict[str, str] = {}
    symbols: dict[str, str] = {}
    for rows, column in ((vocabulary.units(), "symbol"), (vocabulary.currencies(), "key")):
        for row in rows:
            for form in vocabulary.forms(row["english"]):
                if form.startswith("="):
                    if column == "symbol" or form[1:].isalpha():
                        symbols[form[1:]] = row[column]
                    continue
                first, _, rest = form.partition(" ")
                for each in vocabulary.plurals(form):
                    found.setdefault(each.lower(), row[column])
                if rest and "/" not in form:  # degrees Celsius, kilometers per hour
                    found.setdefault(f"{vocabulary.plurals(first)[1]} {rest}".lower(), row[column])
    return found, symbols


@cache
def noun_keys() -> dict[str, str]:
    """Each form of a noun of nouns.tsv → its key."""
    return {
        each: row["key"]
        for row in reversed(vocabulary.nouns())
        for form in vocabulary.forms(row["english"])
        for each in vocabulary.plurals(form)
    }


@cache
def act_verbs() -> dict[str, list[tuple[str, str, str]]]:
    """First word of a verb of acts.tsv → (rest, act, which form: base, past, participle, either, present), longest
    rest first."""
    verbs: dict[str, list[tuple[str, str, str]]] = {}
    for row in vocabulary.acts():
        for form in vocabulary.forms(row["english"]):
            kinds = ("base", "base", "past", "participle", "present")
            for kind, inflected in zip(kinds, vocabulary.inflected(form), strict=True):
                first, _, rest = inflected.partition(" ")
                known = verbs.setdefault(first.lower(), [])
                same = next((each for each in known if each[:2] == (rest, row["key"])), None)
                if kind == "participle" and same and same[2] in ("past", "base"):
                    known[known.index(same)] = (rest, row["key"], "either")  # also of hurt, hurt, hurt
                elif all(entry[0] != rest for entry in known):
                    known.append((rest, row["key"], kind))
    for entries in verbs.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return verbs


@cache
def any_act_verb() -> re.Pattern[str]:
    """The first word of a verb of acts.tsv, in any form."""
    return re.compile(rf"\b{any_of(act_verbs())}\b", re.IGNORECASE)


@cache
def act_nouns() -> dict[str, str]:
    """Each form of a noun that names an act → the act."""
    nouns: dict[str, str] = {}
    for row in vocabulary.acts():
        for form in vocabulary.forms(row["english_nouns"]):
            for each in vocabulary.plurals(form):
                nouns.setdefault(each, row["key"])
    return nouns


def singular(noun: str) -> str:
    """bakeries → bakery, boxes → box, cases → case."""
    if noun.endswith("ies") and len(noun) > 4:
        return f"{noun[:-3]}y"
    if noun.endswith(("ches", "shes", "sses", "xes", "zzes")):
        return noun[:-2]
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else noun


def any_of(words: Iterable[str]) -> str:
    """One pattern for many words, by their letters: a word that is none fails early."""
    branches: dict[str, list[str]] = {}
    for word in words:
        branches.setdefault(word[:1], []).append(word[1:])
    ends = "" in branches
    branches.pop("", None)
    if not branches:
        return ""
    inner = "|".join(f"{re.escape(first)}{any_of(rest)}" for first, rest in sorted(branches.items()))
    grouped = f"(?:{inner})"
    return f"{grouped}?" if ends else grouped
