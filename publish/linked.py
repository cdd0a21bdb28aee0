"""What the pages over figures and links share: whether anything was read and linked, and answers for other programs."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from datasette.utils.asgi import Response  # type: ignore[import-untyped]

from publish import exports
from publish.room import is_public
from publish.workbook import CONTENT_TYPE, workbook

_COUNTED = 10_000  # reports that wait: more than that is "more than"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an archive was read and linked. `has_tables`: an older one has no place for it; `waiting`: reports that
    are still to be read or linked, up to one more than 10,000."""

    has_tables: bool
    is_read: bool
    waiting: int
    is_public: bool

    @property
    def waiting_in_words(self) -> str:
        if self.waiting > _COUNTED:
            return f"More than {_COUNTED:,} reports wait"
        return "1 report waits" if self.waiting == 1 else f"{self.waiting:,} reports wait"


def standing(connection: sqlite3.Connection) -> Standing:
    names = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    if not {"figures", "citations", "reprints", "twins", "contradictions"} <= names:
        return Standing(False, False, 0, is_public(connection))
    is_read = connection.execute("select 1 from statements limit 1").fetchone() is not None
    waiting = 0
    if {"unread", "unlinked"} <= names:  # a public edition has neither
        waiting = sum(
            connection.execute(f"select count(*) from (select 1 from {table} limit {_COUNTED + 1})").fetchone()[0]
            for table in ("unread", "unlinked where step = 'citations'")
        )
    return Standing(True, is_read, min(waiting, _COUNTED + 1), is_public(connection))


def as_json(answer: dict[str, Any], status: int = 200) -> Any:
    body = json.dumps(answer, ensure_ascii=False, indent=1).encode()
    return Response(body, status=status, content_type="application/json; charset=utf-8")


def as_csv(name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Any:
    """A table as CSV, as /search.csv writes it."""
    lines = exports.csv_lines([list(columns), *([_cell(value) for value in row] for row in rows)])
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response("\ufeff" + lines, headers=headers, content_type="text/csv; charset=utf-8")


async def as_xlsx(
    name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], about: Sequence[tuple[str, str]]
) -> Any:
    told = [*about, ("Rows", f"{len(rows):,}"), ("Asked for", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")]
    content = await asyncio.get_running_loop().run_in_executor(None, workbook, columns, rows, told)
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(content, headers=headers, content_type=CONTENT_TYPE)


def _cell(value: Any) -> Any:
    """A report's id is text: it has more digits than a spreadsheet's numbers."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) and abs(value) >= 10**15 else value
