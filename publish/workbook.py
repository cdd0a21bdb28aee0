"""A question's answer as an Excel workbook: rows in, bytes out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from publish.feeds import xml_text

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST = 32_767  # characters that a cell can hold
_EXACT = 10**15  # from here on Excel rounds numbers; a report's id must stay whole


def workbook(columns: Sequence[str], rows: Sequence[Sequence[Any]], about: Sequence[tuple[str, str]]) -> bytes:
    """A sheet with the rows, and one that tells what they are: (label, text)."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Answer")
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, 1):
        longest = max((len(str(row[number - 1])) for row in rows[:200]), default=0)
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest, len(column)) + 2, 60)
    sheet.append([_cell(sheet, column, bold=True) for column in columns])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    told = book.create_sheet("About")
    told.column_dimensions["A"].width, told.column_dimensions["B"].width = 20, 100
    for label, text in about:
        told.append([_cell(told, label, bold=True), _cell(told, text)])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _cell(sheet: Any, value: Any, bold: bool = False) -> Any:
    if value is None or (isinstance(value, int | float) and abs(value) < _EXACT):
        return value
    cell = WriteOnlyCell(sheet)
    cell.value = xml_text(str(value))[:_LONGEST].replace("\r", "")
    cell.data_type = "s"  # whatever it looks like: no formula
    if bold:
        cell.font = Font(bold=True)
    return cell
