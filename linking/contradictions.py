"""Figures that do not go together: a later total that is smaller, a number or its modifier that changed when it was
repeated, and one that was changed after publication. Pairs of figures, so that a person can look at both.

Whether two sentences speak of one thing is told by their words: without that, nothing is said.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from grammar.typography import lowered
from linking.texts import Counted, is_distinctive, same_value

SMALLER, CHANGED, DROPPED, EDITED = "smaller total", "changed number", "dropped modifier", "changed by edit"
_ALIKE = 0.5  # of the words of two sentences, without their numbers: then they speak of one thing
_NUMBERS = re.compile(r"[\d.,%]+|[〇零一二三四五六七八九十百千万亿两]+")
_WORDS = re.compile(r"[\u3400-\u9fff]|[^\W\d_\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure with the words that it stands in."""

    version: int
    number: int
    report: int
    text: str
    noun: str
    sentence: str
    modifier: str
    counted: Counted

    @property
    def printed(self) -> str:
        """As a reader sees it, for an explanation."""
        return f"{self.modifier} {self.text}" if self.modifier and self.modifier not in self.text else self.text


_COLUMNS = """f.version, f.number, f.report, f.text, f.noun,
    substr(case f.place when 'title' then v.title else v.body end, f.sentence_start + 1,
        f.sentence_stop - f.sentence_start),
    f.modifier, f.number, f.place, f.start, f.value, f.value_max, f.meaning, f.unit, f.noun_key, f.act
    from figures f join versions v on v.id = f.version"""
_Row = tuple[str, int, int, int, int, int, int, str]


def link_contradictions(connection: sqlite3.Connection, reports: Sequence[int]) -> set[int]:
    """Bring up to date the contradictions in which one of these reports has a part, in the caller's transaction;
    returns the reports at both ends of them."""
    changed: set[int] = set()
    for report in sorted({*reports, *_repeaters(connection, reports)}):
        rows = {*_smaller(connection, report), *_repeated(connection, report), *_edited(connection, report)}
        stored = set(
            connection.execute("select * from contradictions where report = ? or other_report = ?", [report, report])
        )
        connection.executemany(
            "delete from contradictions where kind = ? and version = ? and figure = ? and other_version = ? "
            "and other_figure = ?",
            [(row[0], row[1], row[2], row[4], row[5]) for row in stored - rows],
        )
        connection.executemany("insert into contradictions values (?, ?, ?, ?, ?, ?, ?, ?)", sorted(rows - stored))
        changed |= {end for row in rows ^ stored for end in (row[3], row[6])}
    return changed


def _repeaters(connection: sqlite3.Connection, reports: Sequence[int]) -> Iterator[int]:
    """Those that rest on one of these: what they changed is told by all that they rest on."""
    for report in reports:
        for (repeater,) in connection.execute(
            "select report from citations where cited = :report "
            "union select report from reprints where original = :report",
            {"report": report},
        ):
            yield repeater


def _figures(connection: sqlite3.Connection, where: str, *values: object) -> list[_Figure]:
    return [
        _Figure(version, number, report, text, noun, sentence, modifier, Counted(*counted))
        for version, number, report, text, noun, sentence, modifier, *counted in connection.execute(
            f"select {_COLUMNS} where {where} order by f.version, f.number", values
        )
    ]


def _row(kind: str, one: _Figure, other: _Figure, explanation: str) -> _Row:
    return kind, one.version, one.number, one.report, other.version, other.number, other.report, explanation


def _smaller(connection: sqlite3.Connection, report: int) -> Iterator[_Row]:
    """Totals of one body for one thing and period, where the later text gives the smaller one."""
    series = connection.execute(
        "select series, period_start, period_stop, number, value from figures where report = ? and latest "
        "and series <> '' and period_start is not null and period_stop is not null and act <> '' "
        "and stated_by not in (select id from outlets)",
        [report],
    ).fetchall()
    for key, start, stop, number, value in series:
        others = connection.execute(
            "select version, number from figures where latest and series = ? and period_start = ? and period_stop = ? "
            "and value <> ? and report <> ?",
            [key, start, stop, value, report],
        ).fetchall()
        if not others:
            continue
        (mine,) = _figures(connection, "f.report = ? and f.latest and f.number = ?", report, number)
        for version, other in others:
            (theirs,) = _figures(connection, "f.version = ? and f.number = ?", version, other)
            later, earlier = sorted((mine, theirs), key=lambda each: -each.report)
            if (
                later.counted.value < earlier.counted.value
                and later.counted.value_max is None
                and not same_value(later.counted, earlier.counted)
                and later.noun.casefold() == earlier.noun.casefold()
                and _alike(later.sentence, earlier.sentence)
            ):
                explanation = f"{later.printed} here, {earlier.printed} in an earlier text, for {start} to {stop}"
                yield _row(SMALLER, later, earlier, explanation)


def _repeated(connection: sqlite3.Connection, report: int) -> Iterator[_Row]:
    """What a text that repeats another made of its figures."""
    pairs = connection.execute(
        "select report, cited from citations where cited is not null and (report = :report or cited = :report) "
        "union select report, original from reprints where report = :report or original = :report",
        {"report": report},
    ).fetchall()
    for copy, original in sorted(pairs):
        here = _figures(connection, "f.report = ? and f.latest", copy)
        there = _figures(connection, "f.report = ? and f.latest", original)
        yield from _dropped(here, there)
        # A number that stands in another report on which it rests was taken from there.
        others = _figures(
            connection,
            "f.latest and f.report <> ? and f.report in (select cited from citations where report = ?)",
            original,
            copy,
        )
        told = [one for one in here if not any(same_value(one.counted, other.counted) for other in others)]
        yield from _changed(told, there)


def _dropped(here: Sequence[_Figure], there: Sequence[_Figure]) -> Iterator[_Row]:
    for one in here:
        same = [other for other in there if _same_number(one, other)]
        if not same or one.counted.meaning or any(not other.counted.meaning for other in same):
            continue
        other = max(same, key=lambda each: (each.counted.noun_key == one.counted.noun_key, -each.number))
        # People may be passengers: a number that nobody states by chance need not name them alike.
        if one.counted.noun_key == other.counted.noun_key or is_distinctive(one.counted.value):
            meaning = "" if other.counted.meaning in other.printed else f" ({other.counted.meaning})"
            explanation = f"{other.printed}{meaning} became {one.printed}"
            yield _row(DROPPED, one, other, explanation)


def _changed(here: Sequence[_Figure], there: Sequence[_Figure]) -> Iterator[_Row]:
    """A number of one thing and act, which each of the two texts gives just once, and otherwise."""
    by_subject: defaultdict[tuple[str, str, str], tuple[list[_Figure], list[_Figure]]] = defaultdict(lambda: ([], []))
    for side, figures in enumerate((here, there)):
        for figure in figures:
            counted = figure.counted
            if counted.noun_key and counted.act:
                by_subject[counted.noun_key, counted.act, counted.unit][side].append(figure)
    for ours, theirs in by_subject.values():
        if not ours or not theirs or len({each.counted.value for each in ours}) > 1:
            continue
        if len({each.counted.value for each in theirs}) > 1 or any(
            same_value(one.counted, other.counted) for one in ours for other in there
        ):
            continue
        one, other = ours[0], theirs[0]
        if any(same_value(each.counted, other.counted) for each in here):
            continue
        if _comparable(one, other):
            yield _row(CHANGED, one, other, f"{other.printed} became {one.printed}")


def _comparable(one: _Figure, other: _Figure) -> bool:
    """Of two languages nothing can be told by the words; then thing and act must do."""
    chinese = [bool(re.search(r"[\u3400-\u9fff]", each.sentence)) for each in (one, other)]
    return chinese[0] != chinese[1] or _alike(one.sentence, other.sentence, 0.3)


def _edited(connection: sqlite3.Connection, report: int) -> Iterator[_Row]:
    """Figures that a later version of one report gives otherwise in the same sentence."""
    versions = [
        version
        for (version,) in connection.execute("select id from versions where report = ? order by number", [report])
    ]
    if len(versions) < 2:
        return
    stated = [_by_sentence(_figures(connection, "f.version = ?", version)) for version in versions]
    for before, after in pairwise(stated):
        gone = {sentence: figures for sentence, figures in before.items() if sentence not in after}
        for sentence, figures in after.items():
            if sentence in before or not gone:
                continue
            nearest = max(gone, key=lambda each: _likeness(sentence, each))
            if _likeness(sentence, nearest) < _ALIKE:
                continue
            yield from _pairs(figures, gone.pop(nearest))


def _by_sentence(figures: Iterable[_Figure]) -> dict[str, list[_Figure]]:
    found: defaultdict[str, list[_Figure]] = defaultdict(list)
    for figure in figures:
        found[figure.sentence].append(figure)
    return dict(found)


def _pairs(after: Sequence[_Figure], before: Sequence[_Figure]) -> Iterator[_Row]:
    """The figures of a sentence and of what became of it, by what they count, in order."""
    waiting = list(before)
    for figure in after:
        other = next((each for each in waiting if _same_subject(figure, each)), None)
        if other is None:
            continue
        waiting.remove(other)
        one, two = figure.counted, other.counted
        if (one.value, one.value_max, one.meaning) != (two.value, two.value_max, two.meaning):
            yield _row(EDITED, figure, other, f"{other.printed} became {figure.printed}")


def _same_subject(one: _Figure, other: _Figure) -> bool:
    return one.counted.unit == other.counted.unit and (
        one.counted.noun_key == other.counted.noun_key if one.counted.noun_key else one.noun == other.noun
    )


def _same_number(one: _Figure, other: _Figure) -> bool:
    ours, theirs = one.counted, other.counted
    return (ours.value, ours.value_max, ours.unit) == (theirs.value, theirs.value_max, theirs.unit)


def _alike(one: str, other: str, least: float = _ALIKE) -> bool:
    return _likeness(one, other) >= least


def _likeness(one: str, other: str) -> float:
    """The share of words that two sentences have in common, their numbers left out."""
    ours, theirs = _words(one), _words(other)
    either = (ours | theirs).total()
    return (ours & theirs).total() / either if either else 0.0


def _words(sentence: str) -> Counter[str]:
    return Counter(_WORDS.findall(_NUMBERS.sub(" ", lowered(sentence))))
