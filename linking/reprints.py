"""Reprints: which reports are copies of one wire text, and what each copy altered, dropped and added.

Candidates come from the sketches (linking/sketches.py); that one is a copy is told from the two texts, so that it
depends on nothing but these. Two reports from one template share their sentences but neither their numbers nor their
names; a story that quotes two sentences shares these alone: neither is a copy.
"""

from __future__ import annotations

import json
import re
import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from archive.comparison import Comparison, Piece, Side, Span, compared
from archive.times import parse
from grammar.traditional import simplified
from linking.shingles import language_family, shingles, wording
from linking.sketches import candidates, sketch

# Of the copy's shingles, those that the original has too. A word put for another every ten words breaks a quarter.
_CONTAINED = 0.6
# Of its letters: a copy adds an introduction or a closing paragraph, a story that rests on a report is half its own and
# also alters the sentences that it takes over. Where none was altered, a little less is a copy's.
_KEPT, _KEPT_WORD_FOR_WORD = 0.7, 0.65
# Where nearly all of the original was taken over, the copy may add as much again.
_WHOLE, _CONTAINED_WITH_WHOLE = 0.9, 0.45
# Letters of the copy that stand in the original, at least. Up to the second number nearly all of the copy's must.
_LEAST = {"zh": (50, 90), "ja": (50, 90), "": (120, 180)}
_ALL_OF_IT = 0.9
# Of the numbers in sentences that stayed, so many others make it another week's report.
_OTHER_NUMBERS = 0.5
# Of the sentences that stayed, so many with another number or name in them make it one from the same template, if these
# are not a copyist's: he puts other words, but no other name in each place of one, and few other numbers. In four years
# of television news two visits or trials hardly ever shared _CLOSE of their shingles; of texts less alike, less tells.
_CLOSE = 0.8
_OTHER_SENTENCES, _OTHER_SENTENCES_APART, _LEAST_SENTENCES = 0.6, 0.34, 2
_SAME_NUMBERS = 0.25
# A notice of so few sentences is another one if its lead has both another number and other words.
_NOTICE, _PHRASE = 3, 12
# Two reports that share their closing paragraphs alone are no copies: of so many first sentences one must be known, or
# the end of either text must be its own.
_LEAD, _LEAD_APART = 3, 1

_MOST_PIECES, _LONGEST_PIECE = 40, 300
_HAN_NUMERALS = "〇零一二三四五六七八九十百千万亿两"
_NUMBER_WORDS = (
    "three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million|billion"
    "|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)
_NUMBER = re.compile(rf"\d+(?:[.,:]\d+)*|[{_HAN_NUMERALS}]{{2,}}|\b(?:{_NUMBER_WORDS})\b", re.IGNORECASE)
_NAME = re.compile(r"\b[A-Z][a-z'’-]+")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class _Report:
    """A report's latest wording, as copies are told by it."""

    id: int
    outlet: str
    language: str
    published: str | None
    precision: str | None
    body: str

    @cached_property
    def text(self) -> str:
        return wording(self.body)

    @cached_property
    def shingles(self) -> set[int]:
        return shingles(self.text, self.language)

    @property
    def family(self) -> str:
        return language_family(self.language)


def link_reprints(connection: sqlite3.Connection, reports: Sequence[int]) -> set[int]:
    """Bring the rows of `reprints` up to date for reports that are new or changed, and of those which copied them.
    Returns the copies and originals whose rows changed."""
    sketch(connection, reports)
    return _Linker(connection).link(sorted(set(reports)))


class _Linker:
    """One batch: each report is read once, each pair compared once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._reports: dict[int, _Report | None] = {}
        self._neighbours: dict[int, list[int]] = {}
        self._comparisons: dict[tuple[int, int], Comparison | None] = {}

    def link(self, batch: Sequence[int]) -> set[int]:
        anew = {*batch, *self._copies_of(batch)}
        originals = {report: self._original(report) for report in sorted(anew)}
        for report in batch:
            for later in self._neighbours_of(report):
                if later < report or later in anew:
                    continue
                known = originals[later] if later in originals else self._written_original(later)
                if (known is None or report < known) and self._is_copy(report, later):
                    originals[later] = report
        return {changed for copy, original in originals.items() for changed in self._write(copy, original)}

    def _original(self, copy: int) -> int | None:
        """The earliest report whose text another copies. Itself no copy of the ones before, as a rule: but of a text
        that was shortened twice the first copy can be."""
        return next((each for each in self._neighbours_of(copy) if each < copy and self._is_copy(each, copy)), None)

    def _neighbours_of(self, report: int) -> list[int]:
        """Reports that may copy it, or be copied by it, in order of time."""
        if report not in self._neighbours:
            self._neighbours[report] = candidates(self._connection, report)
        return self._neighbours[report]

    def _is_copy(self, original: int, copy: int) -> bool:
        return self._comparison(original, copy) is not None

    def _comparison(self, original: int, copy: int) -> Comparison | None:
        pair = original, copy
        if pair not in self._comparisons:
            one, other = self._report(original), self._report(copy)
            self._comparisons[pair] = copied(one, other) if one and other else None
        return self._comparisons[pair]

    def _report(self, report: int) -> _Report | None:
        if report not in self._reports:
            row = self._connection.execute(
                "select reports.id, outlet, language, published_at, published_precision, body from reports "
                "join versions on versions.report = reports.id and number = reports.versions where reports.id = ?",
                [report],
            ).fetchone()
            self._reports[report] = _Report(*row) if row else None
        return self._reports[report]

    def _copies_of(self, batch: Sequence[int]) -> set[int]:
        marks = ", ".join("?" * len(batch))
        rows = self._connection.execute(f"select report from reprints where original in ({marks})", batch)
        return {copy for (copy,) in rows}

    def _written_original(self, copy: int) -> int | None:
        row = self._connection.execute("select original from reprints where report = ?", [copy]).fetchone()
        return row[0] if row else None

    def _write(self, copy: int, original: int | None) -> set[int]:
        """Write a copy's row, or take it away, if it is another one than is written; whose rows that changed."""
        old = self._connection.execute("select * from reprints where report = ?", [copy]).fetchone()
        new = self._row(original, copy) if original is not None else None
        if new == old:
            return set()
        self._connection.execute("delete from reprints where report = ?", [copy])
        if new:
            self._connection.execute("insert into reprints values (?, ?, ?, ?, ?, ?, ?, ?, ?)", new)
        return {row[place] for row in (old, new) if row for place in (0, 1)}

    def _row(self, original: int, copy: int) -> tuple[Any, ...]:
        one, other, found = self._report(original), self._report(copy), self._comparison(original, copy)
        assert one and other and found
        shared = len(one.shingles & other.shingles)
        return (
            copy,
            original,
            round(shared / len(one.shingles | other.shingles), 4),
            round(shared / len(other.shingles), 4),
            _lag(one, other),
            int(one.outlet == other.outlet),
            _listed(_altered(found)),
            _listed(_only(found.old, found.removed, (piece.old for piece in found.pieces if _is_empty(piece.new)))),
            _listed(_only(found.new, found.added, (piece.new for piece in found.pieces if _is_empty(piece.old)))),
        )


def copied(original: _Report, copy: _Report) -> Comparison | None:
    """The comparison of the two texts if one is a copy of the other, else None."""
    if original.family != copy.family or not original.shingles or not copy.shingles:
        return None
    shared = len(original.shingles & copy.shingles)
    contained, whole = shared / len(copy.shingles), shared / len(original.shingles)
    is_all_there = whole >= _WHOLE
    if contained < (_CONTAINED_WITH_WHOLE if is_all_there else _CONTAINED):
        return None
    was, became = original.text, copy.text
    if original.language != copy.language:  # of two scripts
        was, became = simplified(was), simplified(became)
    found = compared(was, became)
    is_close = max(contained, whole) >= _CLOSE
    if not (is_all_there or _is_taken_over(found, copy.family, contained >= _CLOSE)) or _is_of_one_template(
        found, is_close
    ):
        return None
    return found


def _is_taken_over(found: Comparison, family: str, is_close: bool) -> bool:
    """Whether enough of the later text stands in the earlier one, and its lead."""
    of = found.new.letters((0, len(found.new.text)))
    kept = of - sum(map(found.new.letters, [*found.added, *(piece.new for piece in found.pieces)]))
    least, sure = _LEAST.get(family, _LEAST[""])
    if kept < (least if kept >= _ALL_OF_IT * of else sure):
        return False
    enough = _KEPT if found.pieces else _KEPT_WORD_FOR_WORD
    return kept >= enough * of and not _is_closing(found, _LEAD if is_close else _LEAD_APART)


def _is_closing(found: Comparison, lead: int) -> bool:
    """Whether what two texts share stands at the end of both, behind other leads."""
    removed, added = {*found.removed}, {*found.added}
    return (
        all(sentence in added for sentence in found.new.sentences[:lead])
        and all(sentence not in added for sentence in found.new.sentences[-1:])
        and all(sentence not in removed for sentence in found.old.sentences[-1:])
    )


def _is_of_one_template(found: Comparison, is_close: bool) -> bool:
    """Whether the sentences are the same and what they tell is not: numbers and names."""
    # On the side where fewer are others: a slip that cuts a number in two is one.
    numbers, others = min(
        _numbers(found.old, found.removed, [piece.old for piece in found.pieces]),
        _numbers(found.new, found.added, [piece.new for piece in found.pieces]),
        key=lambda counts: counts[1],
    )
    if others > max(1, _OTHER_NUMBERS * numbers):
        return True
    added = {*found.added}
    stayed = [sentence for sentence in found.new.sentences if sentence not in added and found.new.letters(sentence)]
    telling = [piece for piece in found.pieces if _tells(found, piece)]
    tells_other = {sentence for piece in telling for sentence in found.new.sentences_at(piece.new)}
    if len(stayed) <= _NOTICE and stayed[:1] and _is_another(found, stayed[0], telling):
        return True
    same_numbers = others <= max(1, _SAME_NUMBERS * numbers)
    if same_numbers and not _is_renamed(found, telling):
        return False
    most = (_OTHER_SENTENCES if is_close else _OTHER_SENTENCES_APART) * len(stayed)
    return len(tells_other) >= _LEAST_SENTENCES and len(tells_other) > most


def _is_renamed(found: Comparison, telling: list[Piece]) -> bool:
    """Whether a name stands in several places of another, alone or within other words, and that is not all that was
    changed."""
    pairs = [
        (found.old.plain[slice(*piece.old)], found.new.plain[slice(*piece.new)]) for piece in telling[:_MOST_PIECES]
    ]
    for was, became in pairs:
        within = [was in other and became in another for other, another in pairs]
        if sum(within) > 1 and not all(
            same or (other in was and another in became) for same, (other, another) in zip(within, pairs, strict=True)
        ):
            return True
    return False


def _is_another(found: Comparison, sentence: Span, telling: list[Piece]) -> bool:
    """Whether a sentence has another number, and other words elsewhere in it."""
    within = [found.new.plain[slice(*piece.new)] for piece in telling if sentence in found.new.sentences_at(piece.new)]
    return (len(within) > 1 or any(len(words) > _PHRASE for words in within)) and any(
        _NUMBER.search(words) for words in within
    )


def _numbers(side: Side, without: list[Span], changed: list[Span]) -> tuple[int, int]:
    """How many numbers stand in the sentences that stayed, and how many of them are others."""
    count = others = 0
    for number in _NUMBER.finditer(side.plain):
        if _touches(without, number.span()):
            continue
        count += 1
        others += _touches(changed, number.span())
    return count, others


def _touches(spans: list[Span], span: Span) -> bool:
    """Whether one of some stretches, in order and apart from each other, has a place in common with one."""
    place = bisect_left(spans, span[0] + 1, key=lambda each: each[1])
    return place < len(spans) and spans[place][0] < span[1]


def _tells(found: Comparison, piece: Piece) -> bool:
    """Whether a number, a name or, in Chinese, any word was put in another's place."""
    return all(
        _NUMBER.search(words) or _NAME.search(words) or _HAN.search(words)
        for words in (found.old.plain[slice(*piece.old)], found.new.plain[slice(*piece.new)])
    )


def _altered(found: Comparison) -> list[list[str]]:
    """What was put for what, numbers whole: 三千 → 四千, not 三 → 四."""
    pairs = []
    for piece in found.pieces:
        if _is_empty(piece.old) or _is_empty(piece.new):
            continue
        old, new = _whole_numbers(found, piece)
        pairs.append([found.old.text[slice(*old)].strip(), found.new.text[slice(*new)].strip()])
    return pairs


def _whole_numbers(found: Comparison, piece: Piece) -> tuple[Span, Span]:
    """The piece with the numerals beside it that stayed, where it cuts a number."""
    was, became = found.old.plain, found.new.plain
    (start, stop), (other_start, other_stop) = piece.old, piece.new
    while start and other_start and was[start - 1] == became[other_start - 1] and _cuts(was, start):
        start, other_start = start - 1, other_start - 1
    while was[stop : stop + 1] == became[other_stop : other_stop + 1] and _cuts(was, stop):
        stop, other_stop = stop + 1, other_stop + 1
    return (start, stop), (other_start, other_stop)


def _cuts(text: str, at: int) -> bool:
    """Whether a place is within a number in Chinese numerals."""
    return 0 < at < len(text) and text[at - 1] in _HAN_NUMERALS and text[at] in _HAN_NUMERALS


def _only(side: Side, sentences: Iterable[Span], pieces: Iterable[Span]) -> list[str]:
    """The sentences, and the pieces of others, that only one of the texts has, in its order."""
    return [side.text[slice(*span)].strip() for span in sorted([*sentences, *pieces]) if side.letters(span)]


def _listed(pieces: Sequence[list[str] | str]) -> str:
    """As JSON, no longer than a person would read."""
    shown = [
        piece[:_LONGEST_PIECE] if isinstance(piece, str) else [each[:_LONGEST_PIECE] for each in piece]
        for piece in pieces[:_MOST_PIECES]
    ]
    return json.dumps(shown, ensure_ascii=False)


def _is_empty(span: Span) -> bool:
    return span[0] == span[1]


def _lag(original: _Report, copy: _Report) -> int | None:
    """Minutes from one publication to the other, None where a page told the day alone, or a clock of no known zone."""
    published = [report.published or "" for report in (original, copy)]
    if "day" in (original.precision, copy.precision) or not all(each.endswith("Z") for each in published):
        return None
    first, then = map(parse, published)
    return round((then - first).total_seconds() / 60)
