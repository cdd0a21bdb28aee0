"""What the tables and their columns mean, as the configuration of Datasette says it at run time."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from publish.room import DATABASE

# The order in which a reader should meet them; further ones follow.
ORDER = (
    "reports", "versions", "captures", "outlets", "figures", "attributions", "quotes", "mentions", "names", "citations",
    "reprints", "twins", "contradictions", "takedowns", "replacements", "coverage_days", "coverage_months", "moves",
    "crawls", "fetches", "checks", "quarantine", "holdings", "holdings_months", "warcs", "runs", "alarms",
    "mementos", "backfills", "segments", "broken",
    "readings", "statements", "sketches", "sketch_hashes", "unread", "unlinked", "id_registry", "search_index",
    "publication",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view, and its columns: (name, type, meaning)."""

    name: str
    title: str
    description: str
    columns: list[tuple[str, str, str]]


def columns_in(connection: sqlite3.Connection) -> dict[str, list[tuple[str, str]]]:
    """Table or view → its columns (name, type), but for SQLite's own and those of the full-text index."""
    names = connection.execute(
        """select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\'
        and name not like '\\_sqlite\\_%' escape '\\' and name not like 'reports\\_%' escape '\\'"""
    ).fetchall()
    return {
        name: [(column, type_.lower()) for _, column, type_, *_ in connection.execute(f'pragma table_info("{name}")')]
        for (name,) in names
    }


async def described(datasette: Any, columns: dict[str, list[tuple[str, str]]]) -> list[Table]:
    """The tables with what the configuration says of them."""
    tables, meanings = await _metadata(datasette, list(columns))
    order = [name for name in ORDER if name in columns] + [name for name in columns if name not in ORDER]
    return [
        Table(
            name,
            tables.get(name, {}).get("title", name),
            tables.get(name, {}).get("description", ""),
            [(column, type_, meanings.get((name, column), "")) for column, type_ in columns[name]],
        )
        for name in order
    ]


async def _metadata(datasette: Any, names: list[str]) -> tuple[dict[str, dict[str, str]], dict[tuple[str, str], str]]:
    """Table → title and description; (table, column) → meaning."""
    if hasattr(datasette, "metadata"):  # 0.65
        tables = {name: datasette.metadata(database=DATABASE, table=name, fallback=False) or {} for name in names}
        return tables, {
            (name, column): meaning
            for name, table in tables.items()
            for column, meaning in (table.get("columns") or {}).items()
        }
    internal = datasette.get_internal_database()
    found: dict[str, dict[str, str]] = {}
    for name, key, value in (
        await internal.execute(
            "select resource_name, key, value from metadata_resources where database_name = ?", [DATABASE]
        )
    ).rows:
        found.setdefault(name, {})[key] = value
    columns = await internal.execute(
        """select resource_name, column_name, value from metadata_columns
        where database_name = ? and key = 'description'""",
        [DATABASE],
    )
    return found, {(name, column): value for name, column, value in columns.rows}
