"""What every page of the reading room stands on: reading the archive within a time limit, and answering.

Runs on Datasette 0.65 and on the 1.0 pre-release.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar

from datasette.utils import sqlite_timelimit  # type: ignore[import-untyped]
from datasette.utils.asgi import Request, Response  # type: ignore[import-untyped]

from archive.public import is_public
from publish.security import PAGE_POLICY

__all__ = [
    "DATABASE", "BadRequest", "NotFound", "TooSlow", "is_public", "may_query", "may_read", "page", "read", "rows",
    "show", "whole_number",
]  # fmt: skip

DATABASE = "archive"
LIMIT_MS = 3000  # as sql_time_limit_ms: a page that needs longer says so

T = TypeVar("T")
View = Callable[[Any, Any], Awaitable[Any]]


class NotFound(Exception):
    """What was asked for is not in the archive; the message says so to the reader."""


class BadRequest(Exception):
    """The address asks for something that cannot be meant; the message says what to change."""


class TooSlow(Exception):
    """The archive did not answer within the time limit."""


async def read(datasette: Any, function: Callable[[sqlite3.Connection], T], limit_ms: int = LIMIT_MS) -> T:
    """What the function reads from the archive: one state of it, even while a crawl writes.

    Raises TooSlow after `limit_ms`.
    """

    def within_limits(connection: sqlite3.Connection) -> T:
        counting, connection.row_factory = connection.row_factory, sqlite3.Row  # our pages know how much they ask for
        with sqlite_timelimit(connection, limit_ms):
            connection.execute("begin")
            try:
                return function(connection)
            finally:
                connection.rollback()
                connection.row_factory = counting

    try:
        found: T = await datasette.get_database(DATABASE).execute_fn(within_limits)
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            raise TooSlow from error
        raise
    return found


def rows(connection: sqlite3.Connection, sql: str, parameters: Any = ()) -> list[dict[str, Any]]:
    """The rows of a query, each as column → value."""
    cursor = connection.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


async def show(datasette: Any, request: Any, template: str, *, status: int = 200, **context: Any) -> Any:
    """A page of ours from templates/room/<template>.html."""
    html = await datasette.render_template(f"room/{template}.html", context, request=request)
    return Response(
        html, status=status, headers={"Content-Security-Policy": PAGE_POLICY}, content_type="text/html; charset=utf-8"
    )


def page(view: View) -> View:
    """A view of the reading room: only for those who may see the archive, and whose troubles are pages too."""

    @wraps(view)
    async def answer(datasette: Any, request: Any) -> Any:
        try:
            if not await may_read(datasette, request):
                return await _trouble(
                    datasette, request, 403, "This archive is not open to you", "Log in, or ask who keeps it."
                )
            return await view(datasette, request)
        except NotFound as error:
            return await _trouble(datasette, request, 404, "Not in the archive", str(error))
        except BadRequest as error:
            return await _trouble(datasette, request, 400, "That cannot be looked up", str(error))
        except TooSlow:
            return await _trouble(
                datasette,
                request,
                503,
                "That took too long",
                "The archive stopped looking after some seconds. Ask for less: a longer word, an outlet, fewer days.",
            )

    return answer


async def may_read(datasette: Any, request: Any) -> bool:
    """Whether Datasette's permissions let this reader see the archive."""
    if hasattr(datasette, "permission_allowed"):  # 0.65
        allowed = [
            await datasette.permission_allowed(request.actor, "view-instance", default=True),
            await datasette.permission_allowed(request.actor, "view-database", resource=DATABASE, default=True),
        ]
        return all(allowed)
    from datasette.resources import DatabaseResource  # type: ignore[import-untyped]

    archive = DatabaseResource(DATABASE)
    return bool(await datasette.allowed(action="view-database", resource=archive, actor=request.actor))


async def may_query(datasette: Any, request: Any) -> bool:
    """Whether this reader may write SQL of his own."""
    if hasattr(datasette, "permission_allowed"):  # 0.65
        return bool(
            await datasette.permission_allowed(
                request.actor, "execute-sql", resource=DATABASE, default=datasette.setting("default_allow_sql")
            )
        )
    from datasette.resources import DatabaseResource

    archive = DatabaseResource(DATABASE)
    return bool(await datasette.allowed(action="execute-sql", resource=archive, actor=request.actor))


async def _trouble(datasette: Any, request: Any, status: int, heading: str, message: str) -> Any:
    return await show(datasette, request, "trouble", status=status, heading=heading, message=message)


def whole_number(request: Request, name: str) -> int:
    """A number from the address's path. Raises NotFound beyond SQLite's integers."""
    number = int(request.url_vars[name])
    if number >= 2**63:
        raise NotFound(f"There is nothing with the number {number}.")
    return number
