"""One number for all that an archive says: two that were made from the same WARC files have the same one, whoever read
them, in whatever order and on how many machines."""

from __future__ import annotations

import hashlib
import sqlite3

# What is not made from WARC files alone, or tells how they were read.
_APART = {"runs", "alarms", "backfills", "mementos", "segments"}


def fingerprint(connection: sqlite3.Connection) -> str:
    """SHA-256 (hex) of every row of every table, in order. Reads everything: a million reports take minutes."""
    digest = hashlib.sha256()
    for table in _tables(connection):
        names = [name for _, name, *_ in connection.execute(f'pragma table_info("{table}")')]
        digest.update(f"{table}({', '.join(names)})\n".encode())
        places = ", ".join(str(number) for number in range(1, len(names) + 1))
        for row in connection.execute(f'select * from "{table}" order by {places}'):
            digest.update(repr(row).encode())
    return digest.hexdigest()


def _tables(connection: sqlite3.Connection) -> list[str]:
    """But for SQLite's own and those of the full-text index, which is made from the others."""
    virtual = [
        name for (name,) in connection.execute("select name from sqlite_master where sql like 'create virtual%'")
    ]
    return [
        name
        for (name,) in connection.execute("select name from sqlite_master where type = 'table' order by name")
        if name not in _APART
        and name not in virtual
        and not name.startswith(("sqlite_", "_sqlite_", *(f"{index}_" for index in virtual)))
    ]
