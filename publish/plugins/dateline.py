"""Dateline's Datasette plugin: our search behind Datasette's own search box and API, and the archive's name in URLs.

Runs on Datasette 0.65 and on the 1.0 pre-release.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from pathlib import Path
from typing import Any

from datasette.database import Database  # type: ignore[import-untyped]
from markupsafe import Markup, escape
from pluggy import HookimplMarker

# Datasette loads plugins by file, wherever it was started.
PROJECT = Path(__file__).resolve().parents[2]
if str(PROJECT) not in sys.path:
    sys.path.append(str(PROJECT))

from archive import search  # noqa: E402
from archive.query import fts_query  # noqa: E402
from archive.snippets import MARKS  # noqa: E402

DATABASE = "archive"
hookimpl = HookimplMarker("datasette")


@hookimpl(trylast=True)  # Datasette's own escape_fts is registered in the same hook: the last one stays
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Give each connection our SQL functions, and put our query language in the place of Datasette's."""
    search.register(conn)
    conn.create_function("escape_fts", 1, lambda words: fts_query("" if words is None else str(words)))


@hookimpl
def startup(datasette: Any) -> None:
    """Serve the archive as /archive whatever its file is called, so that links and our configuration hold."""
    files = [name for name, database in datasette.databases.items() if database.path]
    if len(files) != 1 or files[0] == DATABASE:
        return
    path = datasette.databases[files[0]].path
    datasette.remove_database(files[0])
    datasette.add_database(Database(datasette, path=path, is_mutable=True), name=DATABASE)


@hookimpl(optionalhook=True)  # 0.65 only; 1.0 has no such hook, and would not search without these views
def permission_allowed(action: str, resource: Any) -> bool | None:
    """Keep the index's views, which hold whole bodies, out of the list of tables."""
    if action == "view-table" and resource in ((DATABASE, view) for view in search.INDEX_VIEWS):
        return False
    return None


_FOUND = re.compile(f"{re.escape(MARKS[0])}(.+?){re.escape(MARKS[1])}")

# Columns that hold another row's id, in any table or query → that row's table.
_ROWS = {
    "report": "reports",
    "capture": "captures",
    "last_capture": "captures",
    "last_good_capture": "captures",
    "revisit_of": "captures",
}


@hookimpl
def render_cell(
    row: Any, value: Any, column: str, table: str | None, database: str | None, datasette: Any
) -> Markup | None:
    """Show what snippet_of() marked as marked, and lead from a row to those it rests on."""
    if column == "snippet" and isinstance(value, str):
        return Markup(_FOUND.sub(r"<mark>\1</mark>", str(escape(value))))
    if database != DATABASE:
        return None
    if table == "reports" and column == "versions":
        return _link(datasette.urls.table(DATABASE, "versions"), f"?report={row['id']}&_sort=number", value)
    shown = _row_link(value, column, table, datasette)
    if table == "reports" and column == "capture" and shown:
        return shown + " · " + _link(datasette.urls.query(DATABASE, "proof"), f"?report={row['id']}", "all")
    return shown


def _row_link(value: Any, column: str, table: str | None, datasette: Any) -> Markup | None:
    if column not in _ROWS or table == _ROWS[column]:
        return None
    if isinstance(value, dict):  # a foreign key that Datasette has labelled with the other row's title
        # Captures refer to ids that may have no report yet; a capture's label would be its number again.
        if _ROWS[column] == "reports" and table != "captures" and value["label"]:
            return None
        value = value["value"]
    if not isinstance(value, int):
        return None
    return _link(datasette.urls.row(DATABASE, _ROWS[column], str(value)), "", value)


def _link(address: str, query: str, text: object) -> Markup:
    return Markup('<a href="{}{}">{}</a>').format(address, query, text)
