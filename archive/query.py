"""A reader's words → an expression that SQLite's full-text index understands, whatever the reader typed.

公安部 北京            both, anywhere in a report
"police arrested"      a phrase; also “…” 「…」 『…』 《…》
police*                words that begin so
-sports                not this
a OR b, a AND b, NOT b, (a OR b) c
title:北京  标题:北京   in the title; also body:, removed: (what an edit took out)
outlet:xinhua language:zh kind:state state:gone year:2012 month:2012-07
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

from archive.text import fold, is_one_character, phrase

# What a reader may write before a colon → the index's column. Folded, since the query is.
COLUMNS = {
    "title": "title", "标题": "title",
    "body": "body", "正文": "body",
    "removed": "removed", "删除": "removed",
}  # fmt: skip
FACETS = ("outlet", "language", "kind", "state", "year", "month")

NOTHING = '""'  # an expression that matches no row; the empty one is a syntax error
_MARK = "\ue000"  # of the index's own tokens: private use, which fold() takes out of every text
MIN_PREFIX = 3  # letters; the index gathers all words that begin so before it gives the first hit
MAX_OPEN = 4  # words that may go on in a query; each may take half a second at a million reports, uninterruptibly
MAX_DEPTH = 20  # of parentheses; FTS5's parser gives up near 100 symbols on its stack


@lru_cache(maxsize=4096)  # a handful of outlets and languages, and twelve months a year
def facet_token(facet: str, value: str) -> str:
    """The one word that stands in the index for, say, outlet = xinhua. No text and no query can hold it by chance."""
    plain = re.sub(r"[\W_]+", "", fold(value).lower())
    return f"{_MARK}{facet}{_MARK}{plain}{_MARK}"


def facet_expression(**values: str | None) -> str:
    """The index expression for outlet="xinhua", language="zh", …; empty when no value is given."""
    return " AND ".join(f'"{facet_token(facet, value)}"' for facet, value in values.items() if value)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must stand in a row. `text` is as typed (folded), `words` as indexed; `open`: the last may go on."""

    text: str
    words: str
    open: bool
    column: str = ""

    @property
    def expression(self) -> str:
        words = self.words.replace('"', '""')  # a mark of another kind inside a quotation: “a "b" c”
        return f'{self.column + " : " if self.column else ""}"{words}"{" *" if self.open else ""}'


@dataclass(frozen=True, slots=True)
class _Facet:
    token: str

    @property
    def expression(self) -> str:
        return f'"{self.token}"'


@dataclass(slots=True)
class _Any:
    """At least one of them."""

    of: list[_Node]

    @property
    def expression(self) -> str:
        return f"({' OR '.join(node.expression for node in self.of)})"


@dataclass(slots=True)
class _All:
    """All of them and none of `but`."""

    of: list[_Node] = field(default_factory=list)
    but: list[_Node] = field(default_factory=list)

    @property
    def expression(self) -> str:
        wanted = f"({' AND '.join(node.expression for node in self.of)})"
        if not self.but:
            return wanted
        return f"({wanted} NOT ({' OR '.join(node.expression for node in self.but)}))"


_Node = Phrase | _Facet | _Any | _All


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. `expression` is for MATCH; `phrases` are those that a hit may show, for highlighting."""

    expression: str
    phrases: tuple[Phrase, ...]
    is_open: bool  # some word may go on, so that the index gathers all that begin so before it gives the first hit
    is_cut: bool  # there were more than MAX_OPEN such words, and those after them were left out
    characters: str  # the same for reports_characters, when each word is a single CJK character, else empty

    def __bool__(self) -> bool:
        return self.expression != NOTHING


@lru_cache(maxsize=256)
def parse(words: str, only: str = "") -> Query:
    """Parse what a reader typed. Never raises; what cannot be searched for (punctuation) is left out.

    `only`: a column to look in, whatever fields were typed.
    """
    node = _Parser(words, only).parse()
    if node is None or not _wants(node):
        return Query(NOTHING, (), False, False, "")
    phrases = [leaf for leaf in _leaves(node) if isinstance(leaf, Phrase)]
    single = bool(phrases) and all(is_one_character(each.words) and not each.column for each in phrases)
    characters = _closed(node).expression if single else ""
    open_words = sum(each.open for each in phrases)
    asked = node if open_words <= MAX_OPEN else _Parser(words, only, MAX_OPEN).parse()
    expression = asked.expression if asked is not None and _wants(asked) else NOTHING
    return Query(expression, tuple(_wanted(node)), open_words > 0, open_words > MAX_OPEN, characters)


def _wants(node: _Node) -> bool:
    """Whether there is something that must be there: nothing can be found by what it lacks."""
    return not isinstance(node, _All) or bool(node.of)


def fts_query(words: str) -> str:
    """The FTS5 expression for what a reader typed. Empty or unsearchable words find nothing."""
    return parse(words).expression


def _wanted(node: _Node) -> Iterator[Phrase]:
    if isinstance(node, Phrase):
        yield node
    elif isinstance(node, _Any | _All):
        for part in node.of:
            yield from _wanted(part)


def _leaves(node: _Node) -> Iterator[Phrase | _Facet]:
    if isinstance(node, _Any | _All):
        for part in [*node.of, *(node.but if isinstance(node, _All) else ())]:
            yield from _leaves(part)
    else:
        yield node


def _closed(node: _Node) -> _Node:
    """The same with no phrase left open: a character itself, not as the beginning of a pair."""
    if isinstance(node, Phrase):
        return replace(node, open=False)
    if isinstance(node, _Any):
        return _Any([_closed(part) for part in node.of])
    if isinstance(node, _All):
        return _All([_closed(part) for part in node.of], [_closed(part) for part in node.but])
    return node


QUOTES = {'"': '"', "“": "”", "「": "」", "『": "』", "《": "》"}
_QUOTED = "|".join(f"{left}[^{right}]*{right}" for left, right in QUOTES.items() if left != '"')
_LEXEME = re.compile(
    rf"""(?P<open>\() | (?P<close>\))
    | (?P<not>(?:(?<=[\s(])|^)-(?=[^\s-]) | NOT(?=[\s("]))
    | (?P<and>AND(?=[\s("]|$)) | (?P<or>OR(?=[\s("]|$))
    | (?P<field>(?:{"|".join([*COLUMNS, *FACETS])}):(?=[^\s)]))
    | (?P<quoted>"[^"]*(?:"|$) | {_QUOTED}) (?P<star>\**)
    | (?P<word>[^\s()"{"".join(QUOTES)}]+)
    | .""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_OPERATORS = ("and", "or", "not")


def lexemes(words: str) -> list[tuple[str, re.Match[str]]]:
    """What was typed (folded) in pieces: open, close, not, and, or, field, quoted and word, each with its match."""
    return [(kind, lexeme) for lexeme in _LEXEME.finditer(fold(words)) if (kind := _kind(lexeme)) is not None]


class _Parser:
    """OR binds least, then AND (also unwritten), then NOT."""

    def __init__(self, words: str, only: str, open_words: int | None = None) -> None:
        """`open_words`: how many may go on; those after them are left out. None: all."""
        self._only = only
        self._open_words = open_words
        self._lexemes = lexemes(words)
        self._at = 0

    def parse(self) -> _Node | None:
        found: list[_Node] = []
        while self._at < len(self._lexemes):
            node = self._any(self._only, 0)
            if node is not None:
                found.append(node)
            self._accept("close")  # one too many
        return _together(found)

    def _accept(self, *kinds: str) -> re.Match[str] | None:
        if self._at < len(self._lexemes) and self._lexemes[self._at][0] in kinds:
            self._at += 1
            return self._lexemes[self._at - 1][1]
        return None

    def _any(self, column: str, depth: int) -> _Node | None:
        choices = [self._all(column, depth)]
        while self._accept("or"):
            choices.append(self._all(column, depth))
        # "a OR -b" would be nearly the whole archive, which the index cannot list: the second choice is left out.
        found = [node for node in choices if node is not None and not (isinstance(node, _All) and not node.of)]
        if len(found) > 1:
            return _Any(found)
        return found[0] if found else choices[0] if len(choices) == 1 else None

    def _all(self, column: str, depth: int) -> _Node | None:
        parts: list[_Node] = []
        while self._at < len(self._lexemes) and self._lexemes[self._at][0] not in ("or", "close"):
            if self._accept("and"):
                continue
            negations = 0
            while self._accept("not"):
                negations += 1
            node = self._one(column, depth)
            if node is not None:
                parts.append(_negated(node) if negations % 2 else node)
        return _together(parts)

    def _one(self, column: str, depth: int) -> _Node | None:
        facet = ""
        while lexeme := self._accept("field"):
            name = lexeme[0][:-1].lower()
            facet, column = (name, self._only) if name in FACETS else ("", self._only or COLUMNS[name])
        if self._accept("open"):
            if depth >= MAX_DEPTH:
                return None
            node = self._any(column, depth + 1)
            self._accept("close")
            return node
        lexeme = self._accept("word", "quoted")
        if lexeme is None:
            return None
        text = lexeme[0].rstrip("*")
        if facet:
            return _Facet(facet_token(facet, text))
        words, is_open = phrase(text.strip("".join([*QUOTES, *QUOTES.values()])) if lexeme["quoted"] else text)
        if not words:
            return None
        starred = lexeme[0].endswith("*") and not is_short_prefix(text)
        if (is_open or starred) and self._open_words is not None:
            if self._open_words == 0:
                return None
            self._open_words -= 1
        return Phrase(text, words, is_open or starred, column)


def is_short_prefix(text: str) -> bool:
    """Whether a text (folded) ends in too few letters to look for the words that begin so."""
    last = phrase(text)[0].rpartition(" ")[2]
    return len(last) < MIN_PREFIX and last.isascii()


def _kind(lexeme: re.Match[str]) -> str | None:
    """The kind of a lexeme; None for what stands between two."""
    kind = lexeme.lastgroup
    if kind == "star":
        return "quoted"
    if kind in _OPERATORS and lexeme[0].isalpha() and not lexeme[0].isupper():
        return "word"  # and, or, not in small letters are words
    return kind


def _negated(node: _Node) -> _Node:
    if isinstance(node, _All) and not node.of:  # not (not a and not b): a or b
        return node.but[0] if len(node.but) == 1 else _Any(node.but)
    return _All(but=[node])


def _together(parts: Iterable[_Node]) -> _Node | None:
    whole = _All()
    for node in parts:
        if isinstance(node, _All):
            whole.of += node.of
            whole.but += node.but
        else:
            whole.of.append(node)
    if len(whole.of) == 1 and not whole.but:
        return whole.of[0]
    return whole if whole.of or whole.but else None
