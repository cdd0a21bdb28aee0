"""How Chinese names are read in pinyin, without tones, as passports and news in English write them.

Tables of our own: a library with every reading of every character takes 55 MB and a tenth of a second to load.
"""

from __future__ import annotations

import re
from functools import cache

from grammar.vocabulary import read


@cache
def syllables() -> dict[str, str]:
    """Character → its commonest reading."""
    rows = read("pinyin.tsv", ("syllable", "characters"))
    return {character: row["syllable"] for row in rows for character in row["characters"]}


@cache
def surnames() -> dict[str, str]:
    """Chinese surname, of one or two characters → its reading."""
    return {form: row["key"] for row in read("surnames.tsv", ("key", "chinese")) for form in row["chinese"].split()}


@cache
def _english_surnames() -> frozenset[str]:
    return frozenset(surnames().values())


@cache
def _given() -> re.Pattern[str]:
    every = "|".join(sorted(set(syllables().values()), key=lambda each: (-len(each), each)))
    return re.compile(rf"(?:{every})(?:[-']?(?:{every}))?")


def is_surname(word: str) -> bool:
    """Whether an English word is a Chinese surname in pinyin."""
    return word.lower() in _english_surnames()


def is_given_name(word: str) -> bool:
    """Whether an English word is one or two syllables of pinyin."""
    return bool(_given().fullmatch(word.lower()))


def reading(characters: str) -> str | None:
    """The syllables one after the other, apart by spaces; None where a character is in no table."""
    found = [syllables().get(character) for character in characters]
    return None if None in found else " ".join(filter(None, found))


def name_key(surname: str, given: str) -> str | None:
    """ "wang wenbin" for 汪 and 文斌; None where a character is in no table."""
    read_given = reading(given)
    return f"{surnames()[surname]} {read_given.replace(' ', '')}" if read_given and surname in surnames() else None
