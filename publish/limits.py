"""What one query may make of memory. Its time is bounded by Datasette's sql_time_limit_ms, which does not see a few
steps that each make something huge."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from weakref import WeakKeyDictionary

import settings

# The longest text or blob, in bytes: a report's text with its captions, and no room for a bomb.
LONGEST_VALUE = 2 * settings.DOWNLOAD_MAXSIZE
# A whole answer, in characters. 10,000 excerpts are 2 million; 1,000 bodies about as many.
LARGEST_ANSWER = 64_000_000
_SMALL = 16_384  # a row below it is not counted: the number of rows is bounded elsewhere (max_returned_rows)


class TooLarge(sqlite3.OperationalError):
    """An answer beyond LARGEST_ANSWER. One of SQLite's errors, since Datasette shows these to who asked."""


def bound(connection: sqlite3.Connection) -> None:
    """Bound the values that this connection can make, and the answers that Datasette takes from it."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    connection.row_factory = _counting(LARGEST_ANSWER)


def _counting(largest: int) -> Callable[[sqlite3.Cursor, tuple[object, ...]], sqlite3.Row]:
    """Rows as Datasette wants them; raises TooLarge once a cursor has given more than `largest` characters."""
    given: WeakKeyDictionary[sqlite3.Cursor, int] = WeakKeyDictionary()

    def row(cursor: sqlite3.Cursor, values: tuple[object, ...]) -> sqlite3.Row:
        size = sum(len(value) for value in values if isinstance(value, str | bytes))
        if size > _SMALL:
            given[cursor] = given.get(cursor, 0) + size
            if given[cursor] > largest:
                raise TooLarge(f"the answer has more than {largest:,} characters: ask for fewer rows or columns")
        return sqlite3.Row(cursor, values)

    return row
