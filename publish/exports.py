"""What a search found, as JSON, CSV and XLSX for other programs. Rows in, text or bytes out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from archive.finding import Hit, Overview, Search
from archive.snippets import unmarked
from publish.feeds import xml_text

MOST = 10_000  # rows of a table: what the page counts exactly, and some seconds of work
# The tables' columns, each with its width in XLSX (characters). All times are UTC but published_local.
COLUMNS = {
    "id": 18, "published": 17, "published_precision": 12, "published_local": 20, "outlet": 10, "kind": 10,
    "language": 10, "title": 60, "snippet": 80, "in_removed": 10, "source": 16, "state": 10, "versions": 9,
    "first_seen": 17, "origin": 9, "url": 50, "page": 40,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class About:
    """What a table's reader must know of it: the search in words and as an address, when it was asked for, how many
    reports the archive has of it (`total`, "about" or exact) and how many stand here."""

    words: list[tuple[str, str]]
    address: str
    asked_at: str
    total: str
    is_cut: bool
    source: str


def query_of(search: Search) -> dict[str, Any]:
    """A search as JSON can say it."""
    return {
        "words": search.words,
        "outlet": search.outlet,
        "language": search.language,
        "kind": search.kind,
        "state": search.state,
        "since": search.since.isoformat() if search.since else None,
        "until": search.until.isoformat() if search.until else None,
        "removed": search.removed,
        "order": search.order,
    }


def hit_of(hit: Hit, page: str) -> dict[str, Any]:
    """A hit as JSON can say it; `page` is its address in the reading room. In `snippet_marked` MARKS stand around what
    was found."""
    return {
        "id": hit.id,
        "url": hit.url,
        "page": page,
        "outlet": hit.outlet,
        "kind": hit.kind,
        "language": hit.language,
        "title": hit.title,
        "published_at": hit.published_at,
        "published_local": hit.published_local,
        "published_precision": hit.published_precision,
        "first_seen": hit.first_seen,
        "origin": hit.origin,
        "source_label": hit.source_label,
        "state": hit.state,
        "versions": hit.versions,
        "snippet": unmarked(hit.snippet),
        "snippet_marked": hit.snippet,
        "in_removed": hit.in_removed,
    }


def is_cut(overview: Overview) -> bool:
    """Whether a search finds more than a table holds."""
    return not overview.exact or overview.total > MOST


def row_of(hit: Hit, page: str) -> list[str | int]:
    """A hit under COLUMNS. An id is text: it has more digits than a spreadsheet's numbers."""
    return [
        str(hit.id), hit.published_at or "", hit.published_precision or "", hit.published_local or "", hit.outlet,
        hit.kind, hit.language, hit.title, unmarked(hit.snippet), "yes" if hit.in_removed else "",
        hit.source_label or "", hit.state, hit.versions, hit.first_seen, hit.origin, hit.url, page,
    ]  # fmt: skip


# CSV

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_header() -> str:
    """The first line, after the mark by which Excel knows UTF-8."""
    return "\ufeff" + csv_lines([list(COLUMNS)])


def csv_lines(rows: Iterable[list[str | int]]) -> str:
    """Lines of RFC 4180."""
    written = io.StringIO()
    writer = csv.writer(written)
    for row in rows:
        writer.writerow([_harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return written.getvalue()


def _harmless(cell: str) -> str:
    """A spreadsheet would run a cell that begins so as a formula; with an apostrophe before it, it is text."""
    cell = cell.replace("\0", "")
    return f"'{cell}" if cell.lstrip(" \u3000\ufeff\xa0").startswith(_FORMULA) or cell.startswith(_FULL_WIDTH) else cell


_FULL_WIDTH = ("＝", "＋", "－", "＠")  # some spreadsheets read these as their ASCII forms


# XLSX

_LONGEST = 32_767  # characters of a cell
_FIRST_YEAR = 1901  # a spreadsheet has no dates before 1900, and a wrong 29 February in it


def xlsx(rows: Iterable[list[str | int]], about: About) -> bytes:
    """A workbook: the hits, and a second sheet that tells what they are."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Reports")
    sheet.freeze_panes = "A2"
    for number, width in enumerate(COLUMNS.values()):
        sheet.column_dimensions[chr(ord("A") + number)].width = width
    sheet.append([_text(sheet, name, bold=True) for name in COLUMNS])
    written = 0
    for row in rows:
        sheet.append(list(_cells(sheet, row)))
        written += 1
    sheet.auto_filter.ref = f"A1:{chr(ord('A') + len(COLUMNS) - 1)}{written + 1}"
    _write_about(workbook, about, written)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _cells(sheet: Any, row: list[str | int]) -> Iterator[Any]:
    for name, value in zip(COLUMNS, row, strict=True):
        if isinstance(value, int):
            yield value
        elif name in ("published", "published_local", "first_seen"):
            yield _time(sheet, value)
        else:
            yield _text(sheet, value)


def _text(sheet: Any, value: str, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet)
    cell.value = xml_text(value)[:_LONGEST].replace("\r", "")
    cell.data_type = "s"  # whatever it looks like: no formula, no error value
    if bold:
        cell.font = Font(bold=True)
    return cell


_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})Z?)?")


def _time(sheet: Any, value: str) -> Any:
    """A real date or time; the text as it is where it is none."""
    written = _TIME.fullmatch(value)
    try:
        moment = datetime.fromisoformat(f"{written[1]}T{written[2] or '00:00:00'}") if written else None
    except ValueError:
        moment = None
    if written is None or moment is None or moment.year < _FIRST_YEAR:
        return _text(sheet, value)
    cell = WriteOnlyCell(sheet, moment)
    cell.number_format = "yyyy-mm-dd hh:mm:ss" if written[2] else "yyyy-mm-dd"
    return cell


def _write_about(workbook: Workbook, about: About, written: int) -> None:
    sheet = workbook.create_sheet("About")
    sheet.column_dimensions["A"].width = 20
    sheet.column_dimensions["B"].width = 100
    note = f"{about.total}; this table has {written:,} of them" if about.is_cut else about.total
    lines = [
        *about.words,
        ("Found", note),
        ("Asked for", about.asked_at),
        ("The same search", about.address),
        ("Source", about.source),
        ("Times", "UTC, but published_local: as the outlet prints it"),
        (
            "Origin",
            "who made the newest capture: live is Dateline, wayback a web archive, import a file of others",
        ),
        ("Ids and pages", "an id never changes; page leads to the report, its versions and the captures that prove it"),
    ]
    for label, text in lines:
        sheet.append([_text(sheet, label, bold=True), _text(sheet, text)])
