"""/search: what a query finds, how often, by whom and when, and how to narrow it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from archive import finding
from archive.finding import Found, Hit, Overview, Search
from archive.snippets import highlight
from publish import charts, formats
from publish.asked import CHOICES, ORDERS, Asked, address, asked
from publish.exports import MOST, is_cut
from publish.room import BadRequest, read, rows, show

PER_PAGE = 20
_HEADINGS = {"outlet": "Outlet", "language": "Language", "kind": "Kind", "state": "Still there?"}
_ORDER_NAMES = {"newest": "Newest first", "oldest": "Oldest first", "relevance": "By relevance"}
_EXPORTS = {"atom": "Atom feed", "json": "JSON", "csv": "CSV", "xlsx": "Excel"}

Address = Callable[..., str]


@dataclass(frozen=True)
class Results:
    """What the page shows of the archive. `outlets`: id → title_en, kind; `nothing`: what is held
    of each outlet, where nothing was found."""

    found: Found
    overview: Overview
    problems: list[str]
    outlets: dict[str, dict[str, Any]]
    languages: list[str]
    nothing: list[dict[str, Any]]


@dataclass(frozen=True)
class Choice:
    """A value of a filter: how many hits have it, and the address of the search with it (or, chosen, without it)."""

    name: str
    hits: int
    address: str
    chosen: bool


async def view(datasette: Any, request: Any) -> Any:
    """The page; 400 for a paging key that is none."""
    wanted = asked(request.args)
    results = await read(datasette, partial(look, wanted=wanted))
    search, overview = wanted.search, results.overview

    def url(path: str = "/search", **changes: Any) -> str:
        return str(datasette.urls.path(address(search, path, **changes)))

    def span(first: str, last: str) -> str:
        return url(since=date.fromisoformat(first), until=date.fromisoformat(last))

    kinds = {name: outlet["kind"] for name, outlet in results.outlets.items()}
    return await show(
        datasette,
        request,
        "search",
        search=search,
        after=wanted.after,
        url=url,
        lines=[(line(hit, results.outlets, search.words), formats.marked(hit.snippet)) for hit in results.found.hits],
        order=results.found.order,
        orders=[(order, _ORDER_NAMES[order]) for order in ORDERS],
        problems=[*wanted.problems, *results.problems],
        total=total_in_words(overview),
        overview=overview,
        depth=finding.RELEVANCE_DEPTH,
        facets=facets(search, results, url),
        outlets=results.outlets,
        languages=sorted(results.languages, key=formats.language),
        states=formats.STATES,
        kinds=formats.KINDS,
        histogram=charts.histogram(overview.months, span, kinds),
        following=url(after=results.found.next) if results.found.next else "",
        exports=[(label, url(f"/search.{name}")) for name, label in _EXPORTS.items()],
        most=MOST if is_cut(overview) else 0,
        timeline=url("/timeline"),
        nothing=results.nothing,
    )


def look(connection: sqlite3.Connection, wanted: Asked) -> Results:
    """Raises BadRequest for a paging key that is none."""
    try:
        found = finding.find(connection, wanted.search, PER_PAGE, wanted.after)
    except ValueError as error:
        raise BadRequest(
            "The address does not say rightly where the last page of results ended. Search again."
        ) from error
    return Results(
        found,
        finding.overview(connection, wanted.search),
        finding.problems(connection, wanted.search),
        {row["id"]: row for row in rows(connection, "select id, title_en, kind from outlets order by title_en")},
        [row["language"] for row in rows(connection, "select distinct language from holdings_months")],
        [] if found.hits else held_in_span(connection, wanted.search),
    )


def held_in_span(connection: sqlite3.Connection, search: Search) -> list[dict[str, Any]]:
    """What is held of each outlet in the days that were searched: nothing found is not the same as nothing held."""
    since = int(f"{search.since:%Y%m%d}") if search.since else 0
    until = int(f"{search.until:%Y%m%d}") if search.until else 99991231
    return rows(
        connection,
        """select outlets.id, title_en, kind, coalesce(sum(reports), 0) as reports, min(day) as first, max(day) as last
        from outlets left join holdings on holdings.outlet = outlets.id and day between :since and :until
        where :outlet in ('', outlets.id) and :kind in ('', kind)
        group by outlets.id order by title_en""",
        {"since": since, "until": until, "outlet": search.outlet, "kind": search.kind},
    )


def facets(search: Search, results: Results, url: Address) -> list[tuple[str, list[Choice]]]:
    """The filters beside the results, each value with its hits: (heading, values). A filter in use shows its value
    alone, to be taken away."""
    shown = []
    for name in CHOICES:
        chosen = getattr(search, name)
        counts = dict(results.overview.facets.get(name, ()))
        if chosen:
            hits = counts.get(chosen, results.overview.counted)
            shown.append(
                (_HEADINGS[name], [Choice(named(name, chosen, results.outlets), hits, url(**{name: ""}), True)])
            )
        elif counts:
            values = [
                Choice(named(name, value, results.outlets), hits, url(**{name: value}), False)
                for value, hits in counts.items()
            ]
            shown.append((_HEADINGS[name], values))
    return shown


def named(facet: str, value: str, outlets: dict[str, dict[str, Any]]) -> str:
    """A filter's value as a reader knows it: xinhua → Xinhua News Agency, zh-Hans → Chinese (simplified)."""
    if facet == "outlet":
        return str(outlets[value]["title_en"]) if value in outlets else value
    return {"language": formats.language, "kind": formats.kind, "state": formats.state}[facet](value)


def line(hit: Hit, outlets: dict[str, dict[str, Any]], words: str) -> dict[str, Any]:
    """A hit for the macro room.line, the words marked in its title."""
    return {
        "id": hit.id, "title": formats.marked(highlight(hit.title, words)), "language": hit.language,
        "outlet": hit.outlet, "kind": hit.kind, "outlet_title": outlets[hit.outlet]["title_en"],
        "state": hit.state, "versions": hit.versions, "in_removed": hit.in_removed,
        "published_at": hit.published_at, "published_precision": hit.published_precision,
    }  # fmt: skip


def total_in_words(overview: Overview) -> str:
    """1 report; 4,321 reports; about 12,000 reports."""
    if overview.exact:
        return formats.plural(overview.total, "report")
    return f"about {float(f'{overview.total:.2g}'):,.0f} reports"
