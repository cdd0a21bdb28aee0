"""What a reader should know of a query that means something else than it seems to: one sentence each, saying what was
done with it and what to type instead."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import pairwise

from archive.query import (
    COLUMNS,
    FACETS,
    MAX_DEPTH,
    MAX_OPEN,
    MIN_PREFIX,
    QUOTES,
    facet_token,
    is_short_prefix,
    lexemes,
    parse,
)
from archive.selection import Search, is_ranked
from archive.text import fold, phrase

KINDS = ("state", "secondary")
STATES = ("live", "suspected", "gone", "restored")
FIELDS = [*(name for name in COLUMNS if name.isascii()), *FACETS]
_ELSEWHERE = {"site": "outlet", "source": "outlet", "lang": "language", "intitle": "title", "date": "month"}

_Lexemes = list[tuple[str, re.Match[str]]]


def problems(connection: sqlite3.Connection, search: Search) -> list[str]:
    """The sentences for a search, in the order in which a reader would mend it; none when it is fine."""
    found = [*_of_words(search), *_of_values(connection, search), *_of_dates(search)]
    return list(dict.fromkeys(found))


def _of_words(search: Search) -> Iterator[str]:
    words = search.words.strip()
    if not words:
        if search.removed:
            yield "Removed text is looked for by its words: type some that an edit may have taken out."
        return
    pieces = lexemes(words)
    if not parse(words):
        yield _why_nothing(pieces)
    yield from _quotes(words)
    yield from _parentheses(pieces)
    yield from _operators(pieces)
    yield from _small_operators(pieces)
    yield from _fields(pieces, search.removed)
    yield from _stars(pieces)
    query = parse(words)
    if query.is_cut and not query.characters:
        yield (
            f"Only the first {MAX_OPEN} beginnings of words (police*) and single characters beside other words were "
            "looked for, and the others left out. Write more of them whole."
        )
    if search.order == "relevance" and parse(words) and not is_ranked(search):
        yield "Single characters cannot be ranked: the newest come first. Two characters or more can be."


def _why_nothing(pieces: _Lexemes) -> str:
    if any(kind in ("word", "quoted") and phrase(lexeme[0])[0] for kind, lexeme in pieces):
        return (
            "Only what must not be there was given, and nothing can be found by that alone. "
            "Add a word that must be there: police -sports."
        )
    return "There is no letter, number or character to look for. Type a word, such as 公安部 or police."


def _quotes(words: str) -> Iterator[str]:
    folded = fold(words)
    if folded.count('"') % 2:
        rest = folded.rpartition('"')[2].strip()
        taken = f"all that follows it, {rest}, was taken as one phrase" if rest else "it was passed over"
        yield f'A quotation mark (") has no partner: {taken}. Put one on each side: "police arrested".'
    for left, right in QUOTES.items():
        if left != right and folded.count(left) != folded.count(right):
            yield f"{left} and {right} do not pair, and were passed over. Put one on each side: {left}北京{right}."


def _parentheses(pieces: _Lexemes) -> Iterator[str]:
    depth = deepest = extra = 0
    for kind, _ in pieces:
        if kind == "open":
            depth += 1
            deepest = max(deepest, depth)
        elif kind == "close" and depth:
            depth -= 1
        elif kind == "close":
            extra += 1
    if depth:
        yield "A parenthesis was opened and not closed: it was taken to end with the query. Close it with )."
    if extra:
        yield "A parenthesis closes none that is open, and was passed over. Open it with (."
    if deepest > MAX_DEPTH:
        yield f"Parentheses are nested more than {MAX_DEPTH} deep: what is in the innermost was left out."


def _operators(pieces: _Lexemes) -> Iterator[str]:
    kinds = ["", *(kind for kind, _ in pieces), ""]
    for before, kind, after in zip(kinds, kinds[1:], kinds[2:], strict=False):
        is_alone = before in ("", "open", "or", "and", "not") or after in ("", "close", "or", "and")
        if kind in ("or", "and") and is_alone:
            name = kind.upper()
            yield (
                f"{name} has no word on one side, and was passed over. Write police {name} gangs, "
                f'or "{kind}" for the word itself.'
            )
    if pieces and pieces[-1][0] == "word" and pieces[-1][1][0] == "NOT":
        yield "NOT has nothing behind it, and was looked for as a word. Write gangs NOT drugs, or gangs -drugs."
    for group in _choices(pieces):
        if len(group) > 1 and any(_is_negative(choice) for choice in group) and any(map(_is_positive, group)):
            yield (
                "OR with a minus behind it would be nearly everything, and that choice was left out. "
                "Write what must be there: (police OR gangs) -sports."
            )


def _choices(pieces: _Lexemes) -> list[list[list[str]]]:
    """The kinds of the lexemes of each choice between ORs, for each stretch without parentheses."""
    groups: list[list[list[str]]] = [[[]]]
    for kind, _ in pieces:
        if kind in ("open", "close"):
            groups.append([[]])
        elif kind == "or":
            groups[-1].append([])
        else:
            groups[-1][-1].append(kind)
    return groups


def _is_negative(choice: list[str]) -> bool:
    words = [number for number, kind in enumerate(choice) if kind in ("word", "quoted")]
    return bool(words) and all("not" in choice[max(0, number - 2) : number] for number in words)


def _is_positive(choice: list[str]) -> bool:
    return bool(choice) and not _is_negative(choice)


_INSTEAD = {
    "or": "OR in capitals finds either",
    "and": "leave it out: all words must be there anyway",
    "not": "NOT in capitals, or a minus, leaves a word out",
}


def _small_operators(pieces: _Lexemes) -> Iterator[str]:
    for kind, lexeme in pieces[1:-1]:
        if kind == "word" and lexeme[0].lower() in _INSTEAD and not lexeme[0].isupper():
            yield f"“{lexeme[0]}” in small letters was looked for as a word; {_INSTEAD[lexeme[0].lower()]}."


_NAMED = re.compile(r"(?P<name>[A-Za-z]{2,20}):(?P<value>(?!//).*)", re.DOTALL)


def _fields(pieces: _Lexemes, is_removed_only: bool) -> Iterator[str]:
    for number, (kind, lexeme) in enumerate(pieces):
        if kind == "field" and is_removed_only and lexeme[0][:-1].lower() not in (*FACETS, "removed", "删除"):
            yield f"{lexeme[0]} was passed over, since only removed text is searched."
        named = _NAMED.fullmatch(lexeme[0]) if kind == "word" else None
        if named is None:
            continue
        name = named["name"].lower()
        followed = number + 1 < len(pieces) and pieces[number + 1][1].start() == lexeme.end()
        if name in FIELDS and not named["value"]:
            yield f"{name}: stands alone, and was looked for as a word. Write {name}: and the word without a space."
        elif name not in FIELDS and (named["value"] or followed):
            close = _ELSEWHERE.get(name) or next(iter(get_close_matches(name, FIELDS, 1, 0.7)), "")
            meant = f" Did you mean {close}:?" if close else ""
            known = ", ".join(f"{field}:" for field in FIELDS)
            yield f"“{name}:” is no field, and was looked for as a word.{meant} The fields are {known}."


def _stars(pieces: _Lexemes) -> Iterator[str]:
    for kind, lexeme in pieces:
        word = lexeme[0].rstrip("*")
        if kind != "word" or "*" not in lexeme[0] or not phrase(word)[0]:
            continue
        if "*" in word:
            parts = " ".join(word.replace("*", " ").split())
            yield f"* works at the end of a word only: {lexeme[0]} was looked for as “{parts}”."
        elif is_short_prefix(word):
            yield (
                f"{lexeme[0]} is too short for a beginning of words, and was looked for as the word “{word}”. "
                f"Type at least {MIN_PREFIX} letters before the *."
            )


def _of_values(connection: sqlite3.Connection, search: Search) -> Iterator[str]:
    """Values of outlet, language, kind, state, year and month that no report has."""
    asked = [(facet, str(getattr(search, facet)), "") for facet in ("outlet", "language", "kind", "state")]
    pieces = lexemes(search.words)
    for (kind, field), (value_kind, value) in pairwise(pieces):
        facet = field[0][:-1].lower()
        if kind == "field" and facet in FACETS and value_kind in ("word", "quoted"):
            asked.append((facet, value[0].strip('"*'), f"{facet}:{value[0]}"))
    for facet, asked_for, typed in asked:
        if asked_for:
            yield from _of_value(connection, facet, asked_for, typed or f"“{asked_for}”")


def _of_value(connection: sqlite3.Connection, facet: str, value: str, typed: str) -> Iterator[str]:
    if facet == "year" and not re.fullmatch(r"\d{4}", value):
        yield f"{typed}: a year is four digits, year:2012."
    elif facet == "month" and not re.fullmatch(r"\d{4}\W?(0[1-9]|1[0-2])", value):
        yield f"{typed}: a month is written month:2012-07."
    elif facet in _KNOWN:
        known = _KNOWN[facet](connection)
        whole = [name.partition("-")[0] for name in known] if facet == "language" else []
        if facet_token(facet, value) not in {facet_token(facet, name) for name in [*known, *whole]}:
            yield f"{typed}: the archive has no such {facet}. It has {_listed(known)}."


def _outlets(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("select id from outlets order by id")]


def _languages(connection: sqlite3.Connection) -> list[str]:
    return [row[0] for row in connection.execute("select distinct language from holdings_months order by language")]


_KNOWN: dict[str, Callable[[sqlite3.Connection], Sequence[str]]] = {
    "outlet": _outlets,
    "language": _languages,
    "kind": lambda _: KINDS,
    "state": lambda _: STATES,
}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none yet"


def _of_dates(search: Search) -> Iterator[str]:
    if search.since and search.until and str(search.since)[:10] > str(search.until)[:10]:
        since, until = str(search.since)[:10], str(search.until)[:10]
        yield f"{since} is later than {until}: no day lies between them. Change one of the dates."
