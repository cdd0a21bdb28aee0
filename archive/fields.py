"""Which fields a reading filled: kept with each reading as a number, so that a field's fill rate can be told for any
time, whatever later looks at the same pages read there. A title and a body are always there."""

from __future__ import annotations

from collections.abc import Callable

from items import Report

# A field is the bit of its place here: never take one out or put one between others, add new ones at the end.
_FILLED: dict[str, Callable[[Report], object]] = {
    "published_at": lambda report: report.published_utc or report.published_local,
    "source_label": lambda report: report.source_label,
    "editor": lambda report: report.editors,
    "section": lambda report: report.section,
    "dateline_place": lambda report: report.dateline and report.dateline.place,
    "keywords": lambda report: report.keywords,
    "byline": lambda report: report.authors,
}
FIELDS = tuple(_FILLED)  # as the columns of `reports` are called


def filled(report: Report) -> int:
    """The sum of 1 for the first of FIELDS, 2 for the second, 4 for the third …, of those that are not empty."""
    return sum(1 << place for place, value in enumerate(_FILLED.values()) if value(report))


# For archives that were made before this was kept: the same of a reading that the report's row was made from. What
# others filled is known only by reading their captures again (`dateline reread`).
BACK_FILL = f"""update readings set fields = (
    select {" + ".join(f"(coalesce({name}, '') <> '') * {1 << place}" for place, name in enumerate(FIELDS))}
    from reports where reports.id = readings.report and reports.capture = readings.capture)"""
