"""The charts of the questions: rows of a canned query → SVG, or a list with bars. A question without one has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from publish import charts, formats
from publish.spans import Span, spans_of

Rows = Sequence[Mapping[str, Any]]
Outlets = Sequence[tuple[str, str, str]]  # id, title, kind

_LISTED = 15  # entries of a list with bars
_DAYS = 400  # bars that a year of days needs


def chart_of(question: str, rows: Rows, outlets: Outlets) -> Markup:
    """The chart of a question's answer; nothing for a question that has none, for no rows, and for a single bar."""
    draw = _CHARTS.get(question)
    return draw(rows, outlets) if draw and len(rows) > 1 else Markup()


def _by_year(rows: Rows, outlets: Outlets) -> Markup:
    counted = {f"{row['year']:04}": row["reports"] for row in rows}
    slots = [
        charts.Slot(span.name, [counted.get(span.key, 0)], tick=span.tick, minor=span.minor)
        for span in spans_of(counted, 0)
    ]
    return charts.bars("Reports per year; the table has each number.", [charts.Series("reports", "plain")], slots)


def _by_time(column: str) -> Callable[[Rows, Outlets], Markup]:
    """Reports by outlet, over days or months."""

    def draw(rows: Rows, outlets: Outlets) -> Markup:
        present = {row["outlet"] for row in rows}
        series, places = charts.outlet_series([outlet for outlet in outlets if outlet[0] in present])
        spans = _last(spans_of([row[column] for row in rows], charts.MOST_BARS))
        slots = []
        for span in spans:
            parts = [0] * len(series)
            for row in rows:
                if row[column].startswith(span.key):
                    parts[places[row["outlet"]]] += row["reports"]
            slots.append(charts.Slot(span.name, parts, tick=span.tick, minor=span.minor))
        label = f"Reports per {spans[0].unit}, by outlet; the table has each number."
        return charts.legend(series) + charts.bars(label, series, slots)

    return draw


def _last(spans: list[Span]) -> list[Span]:
    return spans[-_DAYS:]


def _coverage(rows: Rows, outlets: Outlets) -> Markup:
    """Our requests per day: what answered and what did not; a day without a row is one on which nobody looked."""
    series = [charts.Series("answered", "plain"), charts.Series("refused or failed", "second")]
    days: dict[str, list[int]] = {}
    others: set[str] = set()
    for row in rows:
        if not row["asked"]:
            others.add(row["day"])
            continue
        bad = row["refused"] + row["failed"]
        day = days.setdefault(row["day"], [0, 0])
        day[0] += row["asked"] - bad
        day[1] += bad
    last = date.fromisoformat(max(others.union(days)))
    first = max(date.fromisoformat(min(others.union(days))), date.fromordinal(last.toordinal() - _DAYS))
    slots = []
    for place, ordinal in enumerate(range(first.toordinal(), last.toordinal() + 1)):
        day_of = date.fromordinal(ordinal)
        tick = f"{formats.month(day_of.isoformat()[:7])[:3]} {day_of.year}" if day_of.day == 1 else ""
        parts = days.get(day_of.isoformat())
        name = formats.day(day_of)
        minor = place > 0 and day_of.month % 3 != 1
        note = "only others looked" if day_of.isoformat() in others else "nobody looked"
        if parts is None:
            slots.append(charts.Slot(name, tick=tick, minor=minor, void=True, note=note))
        else:
            slots.append(charts.Slot(name, parts, tick=tick, minor=minor))
    label = "Requests per day, and how many were not answered; on grey days we did not look. The table has each number."
    return charts.legend(series) + charts.bars(label, series, slots)


def _ranking(value: str, label: Callable[[Mapping[str, Any]], str]) -> Callable[[Rows, Outlets], Markup]:
    """The rows with the highest values, each with a bar."""

    def draw(rows: Rows, outlets: Outlets) -> Markup:
        most = max(row[value] for row in rows)
        entries = (
            Markup('<li><span>{}</span> <span class="number">{}</span>{}</li>').format(
                label(row), formats.number(row[value]), charts.share(row[value], most)
            )
            for row in rows[:_LISTED]
        )
        return Markup('<ol class="ranking">{}</ol>').format(Markup().join(entries))

    return draw


_CHARTS: dict[str, Callable[[Rows, Outlets], Markup]] = {
    "said_by_year": _by_year,
    "per_month": _by_time("month"),
    "per_day": _by_time("day"),
    "coverage": _coverage,
    "until_edit": _ranking("reports", lambda row: str(row["after"])),
    "edit_kinds": _ranking("edits", lambda row: f"{row['outlet']}: {row['kind']}"),
    "radar": _ranking("reports", lambda row: f"{row['was'] or '(nothing)'} → {row['became'] or '(nothing)'}"),
    "edited_sections": _ranking("edited", lambda row: f"{row['outlet']}: {row['section']}"),
    "sources": _ranking("reports", lambda row: f"{row['outlet']} names {row['source_label']}"),
    "repeated_most": _ranking("citations", lambda row: str(row["title"] or row["report"])),
    "first_repeat": _ranking("reports", lambda row: str(row["after"])),
    "reprinted": _ranking("copies", lambda row: f"{row['outlet']} copies {row['of_outlet']}"),
    "not_found": _ranking("citations", lambda row: f"{row['cited_outlet'] or '(state media)'}: {row['reason']}"),
    "gaps": _ranking(
        "days", lambda row: f"{row['outlet']}: {formats.day(row['first_day'])} to {formats.day(row['last_day'])}"
    ),
}
