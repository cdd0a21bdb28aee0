"""Searching the archive: the hits of a search, page by page; and, from its sister modules, how many there are
(archive/counting.py) and what is wrong with a query (archive/advice.py)."""

from __future__ import annotations

import math
import re
import sqlite3
from dataclasses import dataclass
from typing import Any

from archive.advice import problems
from archive.counting import Overview, Timeline, overview, timeline
from archive.search import WEIGHTS
from archive.selection import BEYOND_IDS, FIRST_ID, Moment, Order, Search, Selection, is_ranked, select
from archive.snippets import find as find_words
from archive.snippets import snippet

__all__ = [
    "RELEVANCE_DEPTH", "Found", "Hit", "Moment", "Order", "Overview", "Search", "Timeline", "find", "overview",
    "problems", "timeline",
]  # fmt: skip

RELEVANCE_DEPTH = 20_000  # hits that relevance ranks, the newest: docs/benchmarks.md has what more would cost


@dataclass(frozen=True, slots=True)
class Hit:
    """A report that a query found. `kind` is its outlet's. Times are UTC but `published_local`, as in the table
    reports; `origin` is that of the newest capture that shows it. `snippet` is one line with what was found between
    MARKS; `in_removed` says that some of it stands only in words that an edit took out, and the snippet then shows
    these."""

    id: int
    url: str
    outlet: str
    kind: str
    language: str
    title: str
    published_at: str | None
    published_local: str | None
    published_precision: str | None
    first_seen: str
    origin: str
    source_label: str | None
    state: str
    versions: int
    snippet: str
    in_removed: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits. `next` is the `after` of the next page, empty when there is none. `order` is the one that they
    are in: newest where relevance means nothing (no words, or single characters)."""

    hits: list[Hit]
    next: str
    order: Order


def find(connection: sqlite3.Connection, search: Search, limit: int = 20, after: str = "") -> Found:
    """A page of the reports that a search finds (archive/query.py says what its words may be).

    By relevance only the newest RELEVANCE_DEPTH hits are ranked. Pages follow one another by the last hit's key, so
    none is shown twice or left out when reports arrive in between; a ranking may shift a little. Raises ValueError for
    an `after` that is none of this order.
    """
    order: Order = "newest" if search.order == "relevance" and not is_ranked(search) else search.order
    key = _key(after, order)
    selection = select(search)
    if selection is None:
        return Found([], "", order)
    last, score = key or (None, 0.0)
    hits, parameters = page_of_ids(selection, order, last)
    rows = connection.execute(
        f"""with hits as materialized ({hits})
        select hits.score, reports.id, url, outlet, kind, reports.language, reports.title, published_at,
            published_local, published_precision, first_seen, origin, source_label, state, versions,
            latest.body || char(10, 10) || latest.captions
        from hits join reports on reports.id = hits.id
        join outlets on outlets.id = reports.outlet
        join versions as latest on latest.report = reports.id and latest.number = reports.versions
        order by hits.score, hits.id {"asc" if order == "oldest" else "desc"}""",
        {**parameters, "score": score, "limit": limit + 1},
    ).fetchall()
    page = [_hit(connection, search, row[1:]) for row in rows[:limit]]
    if len(rows) <= limit or not page:
        return Found(page, "", order)
    report = page[-1].id
    return Found(page, f"{rows[limit - 1][0]!r}:{report}" if order == "relevance" else str(report), order)


def page_of_ids(selection: Selection, order: Order, last: int | None = None) -> tuple[str, dict[str, str | int | None]]:
    """The select of a page's (id, score), its parameters but :limit and, by relevance after the hit `last`, :score."""
    if order == "relevance":
        later = "" if last is None else "where score > :score or (score = :score and id < :last)"
        newest = (
            f"select rowid as id, bm25(reports_fts, {WEIGHTS}) as score {selection.rows} "
            f"order by rowid desc limit {RELEVANCE_DEPTH}"
        )
        page = f"select id, score from ({newest}) {later} order by score, id desc limit :limit"
        return page, {**selection.parameters, "last": last}
    direction = "asc" if order == "oldest" else "desc"
    if last is not None:
        selection = selection.between(last + 1, BEYOND_IDS) if order == "oldest" else selection.between(FIRST_ID, last)
    page = f"select rowid as id, 0 as score {selection.rows} order by rowid {direction} limit :limit"
    return page, dict(selection.parameters)


_AFTER = re.compile(r"(?:(?P<score>-?\d{1,20}(?:\.\d{1,20})?(?:e[+-]?\d{1,3})?):)?(?P<id>\d{1,18})", re.ASCII)


def _key(after: str, order: Order) -> tuple[int, float] | None:
    """The last hit's id and score, as find() wrote them."""
    if not after:
        return None
    written = _AFTER.fullmatch(after)
    if written is None or (written["score"] is not None) != (order == "relevance"):
        raise ValueError(f"{after!r} is not where a page of {order} hits ends; begin at the first page.")
    score = float(written["score"] or 0)
    if not math.isfinite(score):
        raise ValueError(f"{after!r} is not where a page of {order} hits ends; begin at the first page.")
    return int(written["id"]), score


def _hit(connection: sqlite3.Connection, search: Search, row: tuple[Any, ...]) -> Hit:
    *about, body = row
    report, title, versions = about[0], about[5], about[13]
    words, shown, in_removed = search.words, "", search.removed
    if versions > 1 and words.strip():
        standing = {number for text in (title, body) for _, _, number in find_words(text, words)}
        removed, *_ = connection.execute("select removed from reports_wording where id = ?", [report]).fetchone()
        gone = {number for _, _, number in find_words(removed, words)}
        if (search.removed and gone) or gone - standing:
            shown, in_removed = snippet(removed, words), True
    return Hit(*(*about, shown or snippet(body, words), in_removed))
