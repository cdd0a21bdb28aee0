"""Reports as the linking steps compare them: their latest wording, its figures and its names."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache

from archive.report_ids import time_of
from grammar.concepts import concepts
from grammar.passage import Passage
from grammar.typography import lowered
from linking.spelling import heard, spelled

_LEAST_DISTINCTIVE = 1000  # with one significant digit; of more digits, what is over MOST_DAYS
_MOST_DAYS = 31
_STEM = 6  # letters by which English words are told apart
_WORD = re.compile(r"[a-z]{4,}")
# Overlapping, and without the characters that join words.
_OF_ANY_CHINESE = "的了在是和与及并等为于以对将被从也有中上下这那其所由向到个人说称报道据日月年"
_PAIR = re.compile(rf"(?=((?![{_OF_ANY_CHINESE}])[\u3400-\u9fff](?![{_OF_ANY_CHINESE}])[\u3400-\u9fff]))")
_OF_ANY_TEXT = frozenset(
    (
        "also about after again against been before being between both could does down during each even ever every "
        "first from have having here into just last late later like made make many more most much must next only "
        "other over said same says should since some such than that their them then there these they this those three "
        "through time told under until upon very were what when where which while will with within without would year "
        "years your news agency reported report reports according xinhua state media monday tuesday wednesday thursday "
        "friday saturday sunday china chinese"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Counted:
    """A figure of a report's latest wording, as it is compared: `number` is its number there."""

    number: int
    place: str
    start: int
    value: float
    value_max: float | None
    meaning: str
    unit: str
    noun_key: str
    act: str


@dataclass(frozen=True)
class Text:
    """A report's latest wording, with what it states. `names` are by key: (kind, words)."""

    id: int
    outlet: str
    language: str
    version: int
    title: str
    body: str
    to_the_minute: bool
    figures: tuple[Counted, ...]
    names: dict[str, tuple[str, str]]

    @property
    def is_chinese(self) -> bool:
        return self.language.lower().startswith("zh")

    @cached_property
    def time(self) -> datetime:
        return time_of(self.id)

    @cached_property
    def values(self) -> frozenset[float]:
        """The values by which a report that tells the same is looked for."""
        return frozenset(each.value for each in self.figures if is_distinctive(each.value))

    @cached_property
    def words(self) -> list[tuple[str, str, int]]:
        """What the text is about, word by word: (word, title or body, where). English words of four letters and more by
        their beginning, so that "arrested" is "arrests"; Chinese pairs of characters."""
        pattern = _PAIR if self.is_chinese else _WORD
        return [
            (word[:_STEM], place, match.start())
            for place, text in (("title", self.title), ("body", self.body))
            for match in pattern.finditer(lowered(text))
            if (word := match[match.lastindex or 0]) not in _OF_ANY_TEXT
        ]

    @cached_property
    def subjects(self) -> list[tuple[str, int, str, int]]:
        """What the text is about, by keys of grammar/tables/concepts.tsv: (key, weight, title or body, where)."""
        return [
            (concept.key, concept.weight, place, concept.start)
            for place, text in (("title", self.title), ("body", self.body))
            for concept in concepts(Passage(text, self.language))
        ]

    @cached_property
    def subject_keys(self) -> frozenset[str]:
        return frozenset(key for key, *_ in self.subjects)

    @cached_property
    def spelled(self) -> list[tuple[str, int, tuple[str, ...]]]:
        """Of an English body, what may be Chinese names (linking/spelling.py)."""
        return list(spelled(self.body))

    @cached_property
    def heard(self) -> str:
        """A Chinese body in syllables."""
        return heard(self.body)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(word for word, _, _ in self.words)


class Texts:
    """Reads reports for a batch, each once. Shows what the database held when it was first asked."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._read: dict[int, Text | None] = {}

    def of(self, report: int) -> Text | None:
        """None for a report that is not there or has not been read."""
        if report not in self._read:
            self._read[report] = self._fetch(report)
        return self._read[report]

    def _fetch(self, report: int) -> Text | None:
        row = self._connection.execute(
            "select outlet, language, versions.id, versions.title, body, published_precision from reports "
            "join versions on versions.report = reports.id and number = reports.versions where reports.id = ?",
            [report],
        ).fetchone()
        if row is None:
            return None
        outlet, language, version, title, body, precision = row
        figures = self._connection.execute(
            "select number, place, start, value, value_max, meaning, unit, noun_key, act from figures "
            "where report = ? and version = ? order by number",
            [report, version],
        )
        names = self._connection.execute("select key, kind, words from names where report = ? order by key", [report])
        return Text(
            report,
            outlet,
            language,
            version,
            title,
            body,
            precision in ("minute", "second"),
            tuple(Counted(*figure) for figure in figures),
            {key: (kind, words) for key, kind, words in names},
        )


@lru_cache(maxsize=4096)
def significant_digits(value: float) -> int:
    """How many digits a number has between its first and its last that is not 0: 3 of 3,210,000 and of 0.321."""
    return max(1, len(f"{abs(value):.10g}".partition("e")[0].replace(".", "").strip("0")))


def is_distinctive(value: float) -> bool:
    """Whether few reports state a value by chance: no small count, no round ten."""
    return value >= _LEAST_DISTINCTIVE or ((value > _MOST_DAYS or value % 1 != 0) and significant_digits(value) > 1)


def same_value(one: Counted, other: Counted) -> float:
    """1 for two figures of one value and unit, less where one may be the other told roundly, 0 for different ones."""
    if one.unit != other.unit:
        return 0
    if (one.value, one.value_max) == (other.value, other.value_max):
        return 1
    if one.value == other.value or one.value_max == other.value or one.value == other.value_max:
        return 0.7
    rough, exact = sorted((one, other), key=lambda each: significant_digits(each.value))
    digits = significant_digits(rough.value)
    if rough.value < 100 or (digits < 2 and not rough.meaning):
        return 0
    tolerance = 10 ** (len(str(int(abs(rough.value)))) - digits)
    low = {"at least": 0, "nearly": -tolerance, "at most": -tolerance}.get(rough.meaning, -tolerance / 2)
    high = {"at least": tolerance, "nearly": 0, "at most": 0}.get(rough.meaning, tolerance / 2)
    return 0.6 if low <= exact.value - rough.value <= high and not (rough.value_max or exact.value_max) else 0
