"""Queries for benchmarks/search.py, drawn from the archive's own reports: what readers would copy out of them."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Callable, Iterator

from archive.selection import Search, select

_CHINESE = re.compile("[\u4e00-\u9fff]+")
_ENGLISH = re.compile("[A-Za-z]{2,}(?: [A-Za-z]{2,})*")
_RARE, _COMMON = 50, 20  # a rare word is in at most 50 reports, a common one in at least one of 20


def draw(connection: sqlite3.Connection, count: int, chance: random.Random) -> dict[str, list[str]]:
    """Kind of query → `count` different ones. Words come as often as they stand in the texts: common ones mostly."""
    texts = _texts(connection, chance)
    reports = connection.execute("select sum(reports) from holdings").fetchone()[0]

    def held(words: str, most: int) -> int:
        selection = select(Search(words))
        if selection is None:
            return 0
        hits = f"select count(*) from (select 1 {selection.rows} limit {most})"
        return int(connection.execute(hits, selection.parameters).fetchone()[0])

    chinese, english = _in(texts, _CHINESE), _in(texts, _ENGLISH)
    words = _mixed(_characters(chinese, 2, chance), _words(english, 1, chance), chance)
    kinds: dict[str, Iterator[str]] = {
        "a word, either language": words,
        "rare word": (word for word in words if 1 <= held(word, _RARE + 1) <= _RARE),
        "common word": (word for word in words if held(word, reports // _COMMON) >= reports // _COMMON),
        "English phrase, 3 words": (f'"{phrase}"' for phrase in _words(english, 3, chance)),
        "two words": _pairs(words),
        "Chinese, 1 character": _characters(chinese, 1, chance),
        "Chinese, 2 characters": _characters(chinese, 2, chance),
        "Chinese, 3 characters": _characters(chinese, 3, chance),
        "Chinese, 4 characters": _characters(chinese, 4, chance),
        "Chinese, 8 characters": _characters(chinese, 8, chance),
        "beginning of words (pol*)": (f"{word[:-2]}*" for word in _words(english, 1, chance) if len(word) > 5),
    }
    return {kind: _different(drawn, count) for kind, drawn in kinds.items()}


def _texts(connection: sqlite3.Connection, chance: random.Random) -> Iterator[str]:
    first, last = connection.execute("select min(id), max(id) from reports").fetchone()
    while True:
        row = connection.execute(
            "select body from versions where report = (select min(id) from reports where id >= ?)",
            [chance.randrange(first, last)],
        ).fetchone()
        yield row[0]


def _in(texts: Iterator[str], pattern: re.Pattern[str]) -> Callable[[], list[str]]:
    """The runs of one text that holds some."""

    def runs() -> list[str]:
        return next(found for text in texts if (found := pattern.findall(text)))

    return runs


def _characters(runs: Callable[[], list[str]], length: int, chance: random.Random) -> Iterator[str]:
    while True:
        run = chance.choice(runs())
        if len(run) >= length:
            start = chance.randrange(len(run) - length + 1)
            yield run[start : start + length]


def _words(runs: Callable[[], list[str]], length: int, chance: random.Random) -> Iterator[str]:
    while True:
        words = chance.choice(runs()).split()
        if len(words) >= length:
            start = chance.randrange(len(words) - length + 1)
            yield " ".join(words[start : start + length])


def _mixed(first: Iterator[str], second: Iterator[str], chance: random.Random) -> Iterator[str]:
    while True:
        yield next(first if chance.random() < 0.6 else second)


def _pairs(words: Iterator[str]) -> Iterator[str]:
    while True:
        yield f"{next(words)} {next(words)}"


def _different(drawn: Iterator[str], count: int) -> list[str]:
    found: dict[str, None] = {}
    for word in drawn:
        if word not in ("AND", "OR", "NOT"):
            found[word] = None
        if len(found) == count:
            break
    return list(found)
