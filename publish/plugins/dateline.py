"""Dateline's Datasette plugin: the reading room's pages, our search behind Datasette's own search box and API, and the
archive's name in URLs. Only what Datasette calls is here; the pages are in publish/pages.

Runs on Datasette 0.65 and on the 1.0 pre-release.
"""

from __future__ import annotations

import hashlib
import sqlite3
import sys
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import Any

from click import ClickException
from datasette.database import Database  # type: ignore[import-untyped]
from markupsafe import Markup
from pluggy import HookimplMarker

# Datasette loads plugins by file, wherever it was started.
PROJECT = Path(__file__).resolve().parents[2]
if str(PROJECT) not in sys.path:
    sys.path.append(str(PROJECT))

from archive import public, search  # noqa: E402
from archive.query import fts_query  # noqa: E402
from publish import formats, limits, origins, security  # noqa: E402
from publish.pages import ROUTES  # noqa: E402
from publish.room import DATABASE, page  # noqa: E402

STATIC = PROJECT / "publish" / "static"
hookimpl = HookimplMarker("datasette")


@hookimpl(trylast=True)  # Datasette's own escape_fts is registered in the same hook: the last one stays
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Give each connection our SQL functions, put our query language in the place of Datasette's, and bound what one
    query can make of memory."""
    limits.bound(conn)
    search.register(conn)
    public.attach_index(conn)
    conn.create_function("escape_fts", 1, lambda words: fts_query("" if words is None else str(words)))


@hookimpl
def startup(datasette: Any) -> None:
    """Serve the archive as /archive whatever its file is called, so that links and our configuration hold; and one
    made for the public without SQL and downloads, however Datasette was started.

    Raises ClickException, which `datasette` prints, for more than one archive: of the others our configuration, which
    says what Datasette's search looks in, would not hold, and every search would find every row.
    """
    if not hasattr(datasette, "get_canned_query"):  # 1.0, which datasette-xlsx does not know yet
        datasette.get_canned_query = partial(_canned_query, datasette)
    archives = [database for database in datasette.databases.values() if database.path and _is_archive(database)]
    if len(archives) > 1:
        raise ClickException(
            f"{' and '.join(str(archive.path) for archive in archives)} are archives, and one process shows one of "
            "them: start one for each, below a path of its own (docs/scale.md)."
        )
    for archive in archives:
        served = archive if archive.name == DATABASE else _renamed(datasette, archive)
        if _is_public(served):
            # Its index is attached to every connection, and the texts that were left out could be read from it.
            datasette._settings.update(public.SERVED_WITH)
            served.attached_databases = _none_attached  # Datasette would link to it


def _renamed(datasette: Any, archive: Any) -> Any:
    """The archive as /archive, opened as it was meant to be."""
    datasette.remove_database(archive.name)
    if datasette.inspect_data and archive.name in datasette.inspect_data:
        datasette.inspect_data[DATABASE] = datasette.inspect_data[archive.name]
    return datasette.add_database(Database(datasette, path=archive.path, is_mutable=archive.is_mutable), name=DATABASE)


def _is_archive(database: Any) -> bool:
    with closing(_open(database)) as connection:
        names = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    return "publication" in names or names >= {"captures", "reports", "checks"}


def _is_public(database: Any) -> bool:
    with closing(_open(database)) as connection:
        return public.is_public(connection)


def _open(database: Any) -> sqlite3.Connection:
    how = "mode=ro" if database.is_mutable else "immutable=1"
    return sqlite3.connect(f"{Path(database.path).resolve().as_uri()}?{how}", uri=True)


async def _none_attached() -> list[Any]:
    return []


async def _canned_query(datasette: Any, database: str, name: str, actor: Any) -> dict[str, Any] | None:
    """What Datasette 0.65 answers to get_canned_query, of which datasette-xlsx reads this much."""
    query = await datasette.get_query(database, name)
    return query and {"write": query.is_write}


@hookimpl(optionalhook=True)  # 0.65 only; 1.0 has no such hook, and would not search without these views
def permission_allowed(action: str, resource: Any) -> bool | None:
    """Keep the index's views, which hold whole bodies, out of the list of tables."""
    if action == "view-table" and resource in ((DATABASE, view) for view in search.INDEX_VIEWS):
        return False
    return None


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """The reading room's pages; Datasette's own stay below /archive."""
    return [(pattern, page(view)) for pattern, view in ROUTES]


@hookimpl
def asgi_wrapper() -> Any:
    """Headers that hold for every answer."""
    return security.with_headers


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """What our templates call."""
    env.filters.update(formats.FILTERS | {"captured_by": origins.name})
    env.tests["web"] = formats.is_web


@hookimpl
def extra_template_vars(datasette: Any) -> dict[str, Any]:
    """room_asset("room.css"): the address of a file in static/, which changes when the file does."""
    return {"room_asset": lambda name: f"{datasette.urls.path('/static/' + name)}?{_digest(name)}"}


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


# Columns that hold another row's id, in any table or query → that row's table.
_ROWS = {
    "report": "reports",
    "of_report": "reports",
    "other_report": "reports",
    "original": "reports",
    "cited": "reports",
    "chinese": "reports",
    "english": "reports",
    "capture": "captures",
    "last_capture": "captures",
    "last_good_capture": "captures",
    "last_good": "captures",
    "first_missing_capture": "captures",
    "gone_capture": "captures",
    "restored_capture": "captures",
    "revisit_of": "captures",
}


@hookimpl
def render_cell(
    row: Any, value: Any, column: str, table: str | None, database: str | None, datasette: Any
) -> Markup | None:
    """Show what snippet_of() marked as marked, and lead from a row to those it rests on."""
    if column == "snippet" and isinstance(value, str):
        return formats.marked(value)
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
