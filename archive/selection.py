"""What is looked for, and the SQL that selects it: words and filters → a MATCH on one index, dates → a range of ids.

A report's id begins with its time (YYYYMMDDhhmm, UTC), so a range of dates is a range of rowids, and newest first is
the index read backwards. The tables are named without a schema: a public archive keeps its index in an attached file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from archive.query import facet_expression, parse

Order = Literal["newest", "oldest", "relevance"]
Moment = date | datetime  # UTC; a date is its whole day
FIRST_ID, BEYOND_IDS = 0, 10**17  # no id is less, or as great
FACETS = ("outlet", "language", "kind", "state")  # the filters of a Search that the index holds


@dataclass(frozen=True, slots=True)
class Search:
    """What a reader asks for. Empty `words`: every report under the filters.

    `kind` is state or secondary, `state` live, suspected, gone or restored; `language` also without its script (zh).
    `since` and `until` (both included) are about the first known publication. `removed`: look for the words only in
    text that edits took out.
    """

    words: str = ""
    outlet: str = ""
    language: str = ""
    kind: str = ""
    state: str = ""
    since: Moment | None = None
    until: Moment | None = None
    removed: bool = False
    order: Order = "newest"


@dataclass(frozen=True, slots=True)
class Selection:
    """The hits of a search: those of a table (reports_fts, reports_characters or, for all reports, reports) that match
    (empty: all), with ids from `first` on and less than `beyond`. `is_gathered`: the index gathers all of a prefix's
    reports whenever it is asked, however few are wanted."""

    table: str
    match: str
    first: int = FIRST_ID
    beyond: int = BEYOND_IDS
    is_gathered: bool = False

    def between(self, first: int, beyond: int) -> Selection:
        """Those of the hits with ids from `first` on and less than `beyond`."""
        return replace(self, first=max(self.first, first), beyond=min(self.beyond, beyond))

    @property
    def rows(self) -> str:
        """`from … where …`, for a select of rowid. One bound on each side: FTS5 seeks one, and reads on to another."""
        conditions = [f"{self.table} match :match"] if self.match else ["true"]
        if self.first > FIRST_ID:
            conditions.append("rowid >= :first")
        if self.beyond < BEYOND_IDS:
            conditions.append("rowid < :beyond")
        return f"from {self.table} where {' and '.join(conditions)}"

    @property
    def parameters(self) -> dict[str, str | int]:
        """The values for `rows`."""
        return {"match": self.match, "first": self.first, "beyond": self.beyond}


def select(search: Search) -> Selection | None:
    """The hits of a search; None when nothing can be found: no words that can be looked for, or no words at all
    where removed text was asked for."""
    table, match = _match(search)
    if match is None:
        return None
    first = FIRST_ID if search.since is None else first_id(search.since)
    beyond = BEYOND_IDS if search.until is None else first_id(following(search.until))
    is_gathered = table == "reports_fts" and bool(search.words.strip()) and parse(search.words).is_open
    return Selection(table, match, first, beyond, is_gathered)


def _match(search: Search) -> tuple[str, str | None]:
    """The table to ask and what for; None: nothing can be found, empty: no condition."""
    facets = facet_expression(**{facet: getattr(search, facet) for facet in FACETS})
    if not search.words.strip():
        if search.removed:
            return "", None
        return ("reports_fts" if facets else "reports"), facets
    query = parse(search.words, "removed" if search.removed else "")
    if not query:
        return "", None
    table, match = "reports_fts", query.expression
    if query.characters:
        table, match = "reports_characters", query.characters
    return table, f"({match}) AND {facets}" if facets else match


def is_ranked(search: Search) -> bool:
    """Whether relevance means anything: there are words, and more than single characters."""
    selection = select(search)
    return (
        search.order == "relevance"
        and bool(search.words.strip())
        and (selection is not None and selection.table == "reports_fts")
    )


def first_id(moment: Moment) -> int:
    """The lowest id of a report published at this minute, or on this day."""
    return int(f"{moment.year:04}{moment:%m%d%H%M}") * 10_000


def following(moment: Moment) -> Moment:
    """The minute, or day, after this one."""
    try:
        return moment + (timedelta(minutes=1) if isinstance(moment, datetime) else timedelta(days=1))
    except OverflowError:  # 31 December 9999
        return moment
