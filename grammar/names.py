"""Whom and what a text names: persons, organisations and places, under keys that are the same in English and Chinese.

By these an event is known again in another report and another language. The known ones stand in tables (places.tsv,
organisations.tsv, sources.tsv, persons.tsv); other Chinese persons are known by their surname beside a title or a verb
of saying, and their key is pinyin. Press is left out: mentions have it. What cannot be settled yields nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from grammar.passage import Passage
from grammar.vocabulary import by_form, forms, lines, read

# Of sources.tsv: kinds and keys that nearly any report has, or that name nobody.
_NOBODY = frozenset(("state media", "media"))
_ANYBODY = frozenset(("police", "beijing-police", "shanghai-police"))
_TOO_SHORT = frozenset(("中央", "FM"))  # 中央气象台, FM radio


@dataclass(frozen=True, slots=True)
class Name:
    """`key` is the same in both languages: "li qiang", "ministry-of-public-security" (of sources.tsv), "henan". A
    foreign person who is not in persons.tsv has the name as printed, in lower case, which is compared by
    `transliteration.sounds_alike`. `start` to `end` are `words`, in characters."""

    key: str
    kind: str  # person, organisation, place
    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Known:
    """A form that a table has."""

    form: str
    key: str
    kind: str
    is_domestic: bool = False  # a ministry of China's that others have by the same name: 日本外交部


def names(passage: Passage) -> list[Name]:
    """The names in a text, each as often as it stands there, in order."""
    if passage.is_chinese:
        from grammar.chinese_names import names_in
    elif passage.language.lower().partition("-")[0] == "en":
        from grammar.english_names import names_in
    else:
        return []
    return sorted(
        (Name(key, kind, passage.text[start:end], start, end) for key, kind, start, end in names_in(passage)),
        key=lambda name: (name.start, name.end),
    )


@cache
def known(column: str) -> tuple[Known, ...]:
    """Every form of the tables in a language's column."""
    return tuple(_known(column))


def _known(column: str) -> Iterator[Known]:
    columns = ("key", "english", "chinese")
    sources = read("sources.tsv", (*columns, "kind"))
    of_sources = by_form(sources, "english") | by_form(sources, "chinese")
    for table, kind in (("places.tsv", "place"), ("organisations.tsv", "organisation"), ("persons.tsv", "person")):
        for row in read(table, columns):
            every = (*forms(row["english"]), *forms(row["chinese"]))
            # An organisation that sources.tsv has as well goes by its key there.
            same = (of_sources[form] for form in every if form in of_sources) if kind == "organisation" else iter(())
            key = next(same, row["key"])
            yield from (Known(form, key, kind) for form in forms(row[column]) if form not in of_sources)
    for row in sources:
        if row["kind"] not in _NOBODY and row["key"] not in _ANYBODY:
            is_domestic = row["key"].startswith(
                ("ministry-", "national-", "general-", "supreme-", "peoples-", "coast-")
            )
            for form in forms(row[column]):
                if form not in _TOO_SHORT:
                    yield Known(form, row["key"], "organisation", is_domestic)


@cache
def places(where: str) -> frozenset[str]:
    """The keys of places: in "china", "abroad", or those that are a "region" or sea."""
    return frozenset(row["key"] for row in read("places.tsv", ("key", "where")) if row["where"] == where)


@cache
def words(kind: str) -> frozenset[str]:
    """A list of name_words.tsv."""
    return frozenset(
        word
        for _, row in lines("name_words.tsv", ("kind", "words"))
        if row["kind"] == kind
        for word in row["words"].split()
    )
