"""Transactions on a connection that is in autocommit otherwise."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of what is done within, or nothing of it. Within another one it is a part of that: a savepoint."""
    begin, undo, keep = _WHOLE if not connection.in_transaction else _PART
    connection.execute(begin)
    try:
        yield
    except BaseException:
        for statement in undo:
            connection.execute(statement)
        raise
    connection.execute(keep)


_WHOLE = ("begin immediate", ("rollback",), "commit")
_PART = ("savepoint part", ("rollback to part", "release part"), "release part")
