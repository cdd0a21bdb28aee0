"""The tables of archive.db, as numbered migrations.

Every row can be made again from the WARC files (`dateline reread`). `id_registry` keeps the ids of reports meanwhile,
so that these never change.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from archive import coverage, rows, search
from archive.tables import ELSEWHERE, FIRST_TABLES, HYPERLINKS, READING_ROOM, STATEMENTS, WATCHING

MIGRATIONS = Migrations("dateline")


class NewerArchive(Exception):
    """The archive was written by a later Dateline than this one."""


class ArchiveUnusable(Exception):
    """The archive's file, or its folder, cannot be used; the message names it and the next step."""

    @classmethod
    def because(cls, path: Path, error: sqlite3.Error | OSError) -> ArchiveUnusable:
        code = getattr(error, "sqlite_errorcode", -1) & 0xFF
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return cls(f"{path} cannot be used: {why}. {_NEXT_STEP.get(code, _ELSEWHERE)}")


_ELSEWHERE = "Make it writable for this user, or set DATELINE_ARCHIVE to another place."
_ANEW = "Move it away and run `dateline reread`, which makes it anew from the WARC files."
_ROOM = "Make room on its disk and crawl again: the WARC files hold every capture, and the next crawl reads them."
_NEXT_STEP = {
    sqlite3.SQLITE_NOTADB: _ANEW,
    sqlite3.SQLITE_CORRUPT: _ANEW,
    sqlite3.SQLITE_FULL: _ROOM,
    sqlite3.SQLITE_IOERR: _ROOM,
}


@MIGRATIONS(name="0001_first_tables")
def _first_tables(db: Database) -> None:
    # One statement at a time: executescript would commit, and a migration is one transaction.
    for statement in FIRST_TABLES.split(";\n\n"):
        db.execute(statement)
    search.create(db)


@MIGRATIONS(name="0002_reading_room")
def _reading_room(db: Database) -> None:
    for statement in READING_ROOM:
        db.execute(statement)


@MIGRATIONS(name="0003_watching")
def _watching(db: Database) -> None:
    for statement in WATCHING:
        db.execute(statement)
    db.execute(HYPERLINKS)  # a version is written with them from here on
    rows.reword(db.conn)
    rows.catch_up(db.conn)


@MIGRATIONS(name="0004_hyperlinks")
def _hyperlinks(db: Database) -> None:
    if "hyperlinks" not in db["versions"].columns_dict:
        db.execute(HYPERLINKS)


@MIGRATIONS(name="0005_statements")
def _statements(db: Database) -> None:
    for statement in STATEMENTS:
        db.execute(statement)


@MIGRATIONS(name="0006_elsewhere")
def _elsewhere(db: Database) -> None:
    for statement in ELSEWHERE:
        db.execute(statement)
    coverage.count_all(db.conn)


def connect(path: Path) -> sqlite3.Connection:
    """Open archive.db for writing: WAL, foreign keys on, our SQL functions registered, transactions by hand."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=normal")
    connection.execute("pragma foreign_keys=on")
    search.register(connection)
    return connection


def open_archive(path: Path) -> sqlite3.Connection:
    """Open, and make or upgrade the tables (an older file is copied beside itself first) and the search index.

    Raises NewerArchive, saying what to do, for a file with migrations that this Dateline does not know, and
    ArchiveUnusable for one that cannot be written or is no archive.
    """
    try:
        _refuse_foreign(path)
        connection = connect(path)
        try:
            _bring_up_to_date(path, connection)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise ArchiveUnusable.because(path, error) from error
    return connection


def _refuse_foreign(path: Path) -> None:
    """Before anything of it is changed."""
    if not path.exists():
        return
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        names = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    tables = {name for name in names if not name.startswith(("sqlite_", "_sqlite_"))}
    if "publication" in tables:
        raise ArchiveUnusable(
            f"{path} is a public archive (made by `dateline publish`) and is only read. "
            "Set DATELINE_ARCHIVE to the whole one."
        )
    if tables and not tables >= {"captures", "reports", "checks"}:
        raise ArchiveUnusable(
            f"{path} is another database (it has the table {min(tables)!r}), not an archive of Dateline. "
            "Set DATELINE_ARCHIVE to another place."
        )


def is_up_to_date(connection: sqlite3.Connection) -> bool:
    """Whether every migration of this Dateline has been applied. A newer archive is up to date: it can be read."""
    try:
        applied = {name for (name,) in connection.execute("select name from _sqlite_migrations")}
    except sqlite3.OperationalError:  # none was ever applied
        return False
    return {migration.name for migration in MIGRATIONS._migrations} <= applied


def _bring_up_to_date(path: Path, connection: sqlite3.Connection) -> None:
    db = Database(connection)
    known = {migration.name for migration in MIGRATIONS._migrations}
    applied = {migration.name for migration in MIGRATIONS.applied(db)}
    if unknown := applied - known:
        raise NewerArchive(
            f"{path} was written by a newer Dateline (it has {', '.join(sorted(unknown))}). "
            "Update Dateline, or rebuild the archive from its captures with `dateline reread` into a new file."
        )
    if known - applied:
        if applied:
            connection.execute("pragma wal_checkpoint(truncate)")
            shutil.copy2(path, path.with_name(f"{path.name}.before-{min(known - applied)}"))
        MIGRATIONS.apply(db)
    if search.needs_rebuild(connection):
        with db.atomic():
            search.rebuild(connection)
