"""How often a search finds something, by span and outlet, and of how many reports held: what /timeline shows."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from archive.finding import Search, Timeline, problems, timeline
from publish import charts
from publish.spans import Span, spans_of

_MONTH = 10_000_000_000  # an id's digits after its month
_MONTHS = {"month": 12 * 150, "year": 0}  # drawn as months up to so many


@dataclass(frozen=True, slots=True)
class Cell:
    """Hits of a query in a span for an outlet, of the reports held. `is_counted` is False beyond the cap, and where
    the cap falls into the span."""

    hits: int
    held: int
    is_counted: bool

    @property
    def share(self) -> float | None:
        """None where nothing is held."""
        return self.hits / self.held if self.held else None


@dataclass(frozen=True, slots=True)
class Counted:
    """A query, counted: `cells` has (span's key, outlet) → Cell, for each span and outlet."""

    words: str
    found: Timeline
    cells: Mapping[tuple[str, str], Cell]

    @property
    def total(self) -> int:
        return sum(sum(month.values()) for month in self.found.months.values())


@dataclass(frozen=True, slots=True)
class Figures:
    """One query or two, counted over the same spans and outlets (each id, title, kind)."""

    counted: list[Counted]
    outlets: list[dict[str, Any]]
    spans: list[Span]
    problems: list[str]


def count(
    connection: sqlite3.Connection, search: Search, second: str, per: str, known: list[dict[str, Any]]
) -> Figures:
    """Count a search, and the same with the words `second` if there are any, over the outlets of `known` that hold
    anything; `per` is month or year, chosen by the span when it is neither."""
    searches = [search] + ([replace(search, words=second)] if second else [])
    found = [timeline(connection, each) for each in searches]
    held = {outlet for month in found[0].held.values() for outlet in month}
    outlets = [outlet for outlet in known if outlet["id"] in held]
    keys = {key for each in found for key in (*each.held, *each.months)}
    spans = spans_of(keys, _MONTHS.get(per, charts.MOST_BARS)) if keys else []
    return Figures(
        [
            Counted(each.words, of_it, cells(of_it, spans, [outlet["id"] for outlet in outlets]))
            for each, of_it in zip(searches, found, strict=True)
        ],
        outlets,
        spans,
        list(dict.fromkeys(problem for each in searches for problem in problems(connection, each))),
    )


def cells(found: Timeline, spans: list[Span], outlets: list[str]) -> dict[tuple[str, str], Cell]:
    """(span's key, outlet) → Cell, of months or of years."""
    length = len(spans[0].key) if spans else 0
    hits, held = _summed(found.months, length), _summed(found.held, length)
    month = found.since // _MONTH if found.since is not None else 0
    earliest = f"{month // 100:04}-{month % 100:02}"
    return {
        (span.key, outlet): Cell(
            hits[span.key, outlet], held[span.key, outlet], not month or earliest < f"{span.first:%Y-%m}"
        )
        for span in spans
        for outlet in outlets
    }


def _summed(months: Mapping[str, Mapping[str, int]], length: int) -> Counter[tuple[str, str]]:
    summed = Counter[tuple[str, str]]()
    for key, outlets in months.items():
        for outlet, reports in outlets.items():
            summed[key[:length], outlet] += reports
    return summed
