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

from archive import search

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
    for statement in _FIRST_TABLES.split(";\n\n"):
        db.execute(statement)
    search.create(db)


_FIRST_TABLES = """
create table outlets (
    id text primary key,
    title_en text not null,
    title_local text not null,
    country text not null,
    languages text not null,
    kind text not null check (kind in ('state', 'secondary')),
    control text not null,
    owner text not null,
    timezone text not null,
    aliases text not null,
    domains text not null
) strict;

create table crawls (
    id text primary key,
    outlet text not null references outlets(id),
    started_at text not null,
    finished_at text,
    finish_reason text,
    origin text not null,
    requests integer not null default 0,
    reports integer not null default 0,
    failed integer not null default 0,
    quarantined integer not null default 0
) strict;

create table id_registry (
    id integer primary key,
    url text not null unique
) strict;

create table captures (
    id integer primary key,
    crawl text,
    outlet text not null references outlets(id),
    url text not null,
    canonical text not null,
    at text not null,
    status integer,
    redirect_to text,
    content_type text,
    charset text,
    payload_sha256 text,
    payload_length integer not null,
    warc text not null,
    offset integer not null,
    length integer not null,
    etag text,
    last_modified text,
    origin text not null,
    outcome text not null,
    reason text,
    report integer references id_registry(id),
    revisit_of integer
) strict;

create index captures_url on captures(url, at);

create index captures_canonical on captures(canonical);

create index captures_payload on captures(payload_sha256) where revisit_of is null and payload_length > 0;

create index captures_report on captures(report, id) where report is not null;

create index captures_crawl on captures(crawl, outcome);

create unique index captures_record on captures(warc, offset);

create table reports (
    id integer primary key,
    url text not null unique,
    outlet text not null references outlets(id),
    title text not null,
    excerpt text not null,
    language text not null,
    section text,
    byline text,
    editor text,
    source_label text,
    source_url text,
    dateline_agency text,
    dateline_place text,
    dateline_date text,
    keywords text,
    published_at text,
    published_local text,
    published_precision text,
    published_printed text,
    zone_basis text,
    modified_at text,
    first_seen text not null,
    last_checked text not null,
    state text not null check (state in ('live', 'suspected', 'gone', 'restored')),
    versions integer not null,
    pages integer not null,
    capture integer not null references captures(id),
    origin text not null
) strict;

create index reports_outlet on reports(outlet, id);

create table versions (
    id integer primary key,
    report integer not null references reports(id),
    number integer not null,
    title text not null,
    body text not null,
    captions text not null,
    text_digest text not null,
    layout text not null,
    capture integer not null references captures(id),
    seen_at text not null,
    added integer not null,
    removed integer not null,
    removed_text text not null,
    unique (report, number)
) strict;

create table readings (
    capture integer primary key references captures(id),
    report integer not null references id_registry(id),
    part integer not null,
    parts integer not null,
    text_digest text not null,
    page text
) strict;

create index readings_report on readings(report, capture);

create table quarantine (
    capture integer primary key references captures(id),
    outlet text not null references outlets(id),
    url text not null,
    at text not null,
    reason text not null
) strict;

create table checks (
    url text primary key,
    outlet text not null references outlets(id),
    address text not null,
    kind text not null check (kind in ('report', 'listing')),
    title text,
    listed_at text,
    found_at text,
    found_in text,
    last_capture integer,
    last_at text,
    last_outcome text,
    changed_at text,
    etag text,
    last_modified text,
    due_at text
) strict, without rowid;

create index checks_due on checks(outlet, kind, due_at);

create table warcs (
    name text primary key,
    bytes integer not null,
    captures integer not null,
    first_at text,
    last_at text
) strict, without rowid;

create view fetches as
    select crawl, outlet, url, count(*) as attempts, max(id) as last_capture, at, status, outcome, reason, report
    from captures group by crawl, url"""


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
    if tables and not tables >= {"captures", "reports", "checks"}:
        raise ArchiveUnusable(
            f"{path} is another database (it has the table {min(tables)!r}), not an archive of Dateline. "
            "Set DATELINE_ARCHIVE to another place."
        )


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
