"""/timeline: how often a search finds something, month by month or year by year, for each outlet on one scale; and
/timeline.csv, the same numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from datasette.utils.asgi import Response  # type: ignore[import-untyped]
from markupsafe import Markup

from publish import charts, formats
from publish.asked import Asked, address, asked
from publish.frequency import Cell, Counted, Figures, count
from publish.pages.edits import outlets
from publish.room import read, show
from publish.spans import Span

MEASURES = {"reports": "reports", "share": "share of all reports held"}
_HEIGHT = 56  # of a row, in CSS pixels


@dataclass(frozen=True, slots=True)
class _Page:
    """What an address asks for: a search, a second query, and how to show them."""

    asked: Asked
    second: str
    measure: str
    per: str

    def address(self, path: str = "/timeline", **changes: str) -> str:
        """The page's own address, with something changed."""
        own = {"q2": self.second, "by": "" if self.measure == "reports" else self.measure, "per": self.per} | changes
        given = urlencode({name: value for name, value in own.items() if value})
        base = address(self.asked.search, path)
        return f"{base}{'&' if '?' in base else '?'}{given}" if given else base


async def view(datasette: Any, request: Any) -> Any:
    page, figures = await _look(datasette, request)
    search = page.asked.search

    def url(path: str = "/timeline", **changes: str) -> str:
        return str(datasette.urls.path(page.address(path, **changes)))

    def hits_of(outlet: str, span: Span) -> str:
        return str(datasette.urls.path(address(replace(search, outlet=outlet, since=span.first, until=span.last))))

    return await show(
        datasette,
        request,
        "timeline",
        search=search,
        second=page.second,
        problems=[*page.asked.problems, *figures.problems],
        measure=page.measure,
        measures=[(name, words, url(by=name)) for name, words in MEASURES.items()],
        per=figures.spans[0].unit if figures.spans else "",
        chosen_per=page.per,
        pers=[(name, url(per=name)) for name in ("month", "year")],
        rows=rows(figures, page.measure),
        axis=charts.axis_only([charts.Slot(span.name, tick=span.tick, minor=span.minor) for span in figures.spans]),
        legend=charts.legend(_series(figures, "")) if page.second else Markup(),
        counted=figures.counted,
        table=table(figures, hits_of),
        share=share_in_words,
        csv=url("/timeline.csv"),
        results=datasette.urls.path(address(search)),
        kinds=formats.KINDS,
    )


async def as_csv(datasette: Any, request: Any) -> Any:
    """/timeline.csv: a row a span and outlet; hits are empty where they were not counted or nothing is held."""
    _, figures = await _look(datasette, request)
    numbered = ["", "_2"][: len(figures.counted)]
    written = io.StringIO()
    lines = csv.writer(written)
    unit = figures.spans[0].unit if figures.spans else "month"
    lines.writerow([unit, "outlet", "held", *(f"{name}{of}" for of in numbered for name in ("hits", "share"))])
    for span in figures.spans:
        for outlet in figures.outlets:
            found = [counted.cells[span.key, outlet["id"]] for counted in figures.counted]
            lines.writerow(
                [span.key, outlet["id"], found[0].held, *(value for cell in found for value in _numbers(cell))]
            )
    headers = {"Content-Disposition": 'attachment; filename="timeline.csv"'}
    return Response(written.getvalue(), headers=headers, content_type="text/csv; charset=utf-8")


async def _look(datasette: Any, request: Any) -> tuple[_Page, Figures]:
    def given(name: str) -> str:
        return str(request.args.get(name) or "").strip()

    page = _Page(
        asked(request.args),
        given("q2")[:1000],
        given("by") if given("by") in MEASURES else "reports",
        given("per") if given("per") in ("month", "year") else "",
    )
    figures = await read(
        datasette,
        lambda connection: count(connection, page.asked.search, page.second, page.per, outlets(connection)),
    )
    return page, figures


def _numbers(cell: Cell) -> tuple[int | str, str]:
    if cell.share is None or not cell.is_counted:
        return "", ""
    return cell.hits, f"{cell.share:.6f}"


# What is drawn


def rows(figures: Figures, measure: str) -> list[dict[str, Any]]:
    """Each outlet with its charts, one a query, all on one scale."""
    highest = max((_value(cell, measure) for each in figures.counted for cell in each.cells.values()), default=0)
    return [
        {
            "outlet": outlet,
            "hits": [
                sum(counted.cells[span.key, outlet["id"]].hits for span in figures.spans) for counted in figures.counted
            ],
            "charts": [
                _chart(figures.spans, outlet, counted, colour, measure, highest)
                for counted, colour in zip(figures.counted, _series(figures, outlet["kind"]), strict=True)
            ],
        }
        for outlet in figures.outlets
    ]


def _chart(
    spans: list[Span], outlet: dict[str, Any], counted: Counted, colour: charts.Series, measure: str, highest: float
) -> Markup:
    slots = [_slot(span, counted.cells[span.key, outlet["id"]], measure) for span in spans]
    hits = formats.plural(sum(counted.cells[span.key, outlet["id"]].hits for span in spans), "report")
    label = f"{outlet['title']}, {colour.name}: {hits}; the table below has each number."
    say = share_in_words if measure == "share" else _whole
    return charts.bars(label, [colour], slots, height=_HEIGHT, highest=highest, axis=False, say=say)


def _slot(span: Span, cell: Cell, measure: str) -> charts.Slot:
    if not cell.held:
        return charts.Slot(span.name, void=True, note="no report is held")
    if not cell.is_counted:
        return charts.Slot(span.name, void=True, note="not counted: beyond the newest hits")
    return charts.Slot(span.name, [_value(cell, measure)])


def _value(cell: Cell, measure: str) -> float:
    if not cell.is_counted:
        return 0
    return cell.hits if measure == "reports" else cell.share or 0


def _series(figures: Figures, kind: str) -> list[charts.Series]:
    """One query in its outlet's colour, two in colours of their own."""
    names = [each.words or "all reports" for each in figures.counted]
    styles = [f"{kind}-1"] if len(names) == 1 else ["first", "second"]
    return [charts.Series(name, style) for name, style in zip(names, styles, strict=True)]


def table(figures: Figures, address_of: Callable[[str, Span], str]) -> list[dict[str, Any]]:
    """Newest span first; each outlet's cells, one a query, with the address of the first query's hits where it has
    any."""

    def linked(place: int, span: Span, outlet: str) -> tuple[Cell, str]:
        cell = figures.counted[place].cells[span.key, outlet]
        return cell, address_of(outlet, span) if cell.hits and not place else ""

    return [
        {
            "name": span.name,
            "cells": [
                [linked(place, span, outlet["id"]) for place in range(len(figures.counted))]
                for outlet in figures.outlets
            ],
        }
        for span in reversed(figures.spans)
    ]


def _whole(value: float) -> str:
    return formats.number(round(value))


def share_in_words(share: float) -> str:
    """0.0123 → 1.2 %; two digits, since more would claim too much."""
    percent = share * 100
    return f"{percent:.0f} %" if percent >= 10 or percent == int(percent) else f"{percent:.2g} %"
