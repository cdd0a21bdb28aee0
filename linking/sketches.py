"""Sketches: the lowest of a text's shingles, by which a few texts of a million are found that may be copies of it.

The lowest k of a set stand for all of it (Broder's bottom-k sketch): what two texts share of the part of their
sketches that both know is what they share of the whole. The lowest of these are in an index, sketch_hashes.
"""

from __future__ import annotations

import sqlite3
import sys
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from archive.report_ids import first_id, last_id, time_of
from linking.shingles import language_family, shingles, wording

# Of a text of ordinary length 96 are kept and 24 indexed; of a long one a share of all, so that a copy of a third of
# it is still found: it shares every indexed number that comes from that third. docs/linking.md has the recall.
_KEPT, _KEPT_SHARE, _MOST_KEPT = 96, 16, 2_000
_INDEXED, _INDEXED_SHARE, _MOST_INDEXED = 24, 32, 1_000
# A wire text is reprinted within hours or days; the same words after two months are another matter's.
WINDOW = timedelta(days=60)
_SHARED = 2  # indexed numbers; one may be a common phrase's
# Those that share most are looked at, so that a paragraph which thousands of reports end with costs no more.
_MOST = 256
# Of the later text's shingles, by the sketches, of which some dozens are known: of a text that shares the least that a
# copy does (linking/reprints.py), one in a hundred falls below this.
_LIKELY = 0.25
_CHINESE = frozenset({"zh", "ja"})
# In characters of the wording: a shorter text is a notice, and two notices are alike by chance.
_SHORTEST, _SHORTEST_CHINESE = 150, 60


@dataclass(frozen=True, slots=True)
class Sketch:
    """`size`: how many shingles the text has; `lowest`: the lowest of them, in order."""

    size: int
    lowest: tuple[int, ...]

    @property
    def indexed(self) -> tuple[int, ...]:
        return self.lowest[: min(max(_INDEXED, self.size // _INDEXED_SHARE), _MOST_INDEXED)]

    def contained_in(self, other: Sketch) -> float:
        """An estimate of which share of this text's shingles the other has."""
        known = min(self._known_to(), other._known_to())
        mine = {number for number in self.lowest if number <= known}
        return len(mine.intersection(other.lowest)) / len(mine) if mine else 0.0

    def _known_to(self) -> int:
        return self.lowest[-1] if len(self.lowest) < self.size else 0xFFFFFFFF


def sketch_of(text: str, language: str) -> Sketch | None:
    """The sketch of a body; None for one too short to be known as a copy."""
    words = wording(text)
    if len(words) < (_SHORTEST_CHINESE if language_family(language) in _CHINESE else _SHORTEST):
        return None
    found = sorted(shingles(words, language))
    return Sketch(len(found), tuple(found[: min(max(_KEPT, len(found) // _KEPT_SHARE), _MOST_KEPT)])) if found else None


def sketch(connection: sqlite3.Connection, reports: Sequence[int]) -> None:
    """Write the sketches of some reports' latest wordings in place of those that were there."""
    hashes: list[tuple[int, int]] = []
    for report in reports:
        row = connection.execute(
            "select body, language from reports join versions on versions.report = reports.id "
            "and number = reports.versions where reports.id = ?",
            [report],
        ).fetchone()
        made = sketch_of(*row) if row else None
        if made == sketch_at(connection, report):
            continue
        connection.execute("delete from sketch_hashes where report = ?", [report])
        connection.execute("delete from sketches where report = ?", [report])
        if made:
            connection.execute("insert into sketches values (?, ?, ?)", [report, made.size, packed(made.lowest)])
            hashes += [(number, report) for number in made.indexed]
    # In the order of the index: each of its pages is touched once.
    connection.executemany("insert into sketch_hashes values (?, ?)", sorted(hashes))


def sketch_at(connection: sqlite3.Connection, report: int) -> Sketch | None:
    """The sketch that is written of a report."""
    row = connection.execute("select shingles, sketch from sketches where report = ?", [report]).fetchone()
    return Sketch(row[0], unpacked(row[1])) if row else None


def candidates(connection: sqlite3.Connection, report: int) -> list[int]:
    """Reports within WINDOW of which one may copy the other, by their sketches, in order of time."""
    own = sketch_at(connection, report)
    if own is None:
        return []
    marks = ", ".join("?" * len(own.indexed))
    day = time_of(report).date()
    shared = Counter(
        connection.execute(
            f"select report from sketch_hashes where hash in ({marks}) and report between ? and ?",
            [*own.indexed, first_id(day - WINDOW), last_id(day + WINDOW)],
        )
    )
    enough = sorted((-count, other) for (other,), count in shared.items() if count >= _SHARED and other != report)
    found = {other: sketch_at(connection, other) for _, other in enough[:_MOST]}
    return sorted(
        other
        for other, sketch in found.items()
        if sketch and (own.contained_in(sketch) if other < report else sketch.contained_in(own)) >= _LIKELY
    )


def packed(numbers: Sequence[int]) -> bytes:
    """Numbers of 32 bits, four bytes each, the lowest byte first."""
    return _little_endian(array("I", numbers)).tobytes()


def unpacked(blob: bytes) -> tuple[int, ...]:
    numbers = array("I")
    numbers.frombytes(blob)
    return tuple(_little_endian(numbers))


def _little_endian(numbers: array[int]) -> array[int]:
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
