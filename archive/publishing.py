"""Making a public archive (archive/public.py says what that is)."""

from __future__ import annotations

import json
import os
import re
import secrets
import sqlite3
from collections.abc import Sized
from contextlib import closing, suppress
from dataclasses import astuple, dataclass, fields
from functools import cache
from pathlib import Path

from archive import search
from archive.lock import WriterLock
from archive.public import (
    SCHEMA,
    Publication,
    edition_of,
    edition_of_index,
    index_of,
    is_public,
    open_to_read,
    waiting,
)  # fmt: skip
from archive.rows import excerpt
from grammar import press
from grammar.vocabulary import read

_INDEXES = ("reports_fts", "reports_characters")
_VIEWS = ("fetches", "reports_wording")
_NOT_TOLD = "not told in the public archive, since it may quote the page"


class PublicationRefused(Exception):
    """The public archive cannot be made; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A table of the public archive: its columns, and what stands in some of them for outlets that are not the
    state's. A column that is not named stays inside."""

    columns: str
    instead: tuple[tuple[str, str], ...] = ()
    secondary: str = "outlet not in (select id from source.outlets where kind = 'state')"


def _of_secondary(column: str) -> str:
    """The condition that the report in this column is of an outlet that is not the state's."""
    return (
        f"{column} not in (select reports.id from source.reports join source.outlets on outlets.id = reports.outlet "
        "where outlets.kind = 'state')"
    )


# What goes out, and nothing else: a table or a column that a later migration adds stays inside until it is named here.
KEPT = {
    "outlets": _Kept(
        "id, title_en, title_local, country, languages, kind, control, owner, timezone, aliases, domains, every, budget"
    ),
    "crawls": _Kept(
        "id, outlet, started_at, finished_at, finish_reason, origin, requests, reports, failed, quarantined"
    ),
    "id_registry": _Kept("id, url"),
    "captures": _Kept(
        "id, crawl, outlet, url, canonical, at, status, redirect_to, content_type, charset, payload_sha256, "
        "payload_length, warc, offset, length, etag, last_modified, origin, outcome, reason, report, revisit_of, "
        "cause, record_id, source",
        (("reason", f"case outcome when 'quarantined' then '{_NOT_TOLD}' else reason end"),),
    ),
    "reports": _Kept(
        "id, url, outlet, title, excerpt, language, section, byline, editor, source_label, source_url, "
        "dateline_agency, dateline_place, dateline_date, keywords, published_at, published_local, "
        "published_precision, published_printed, zone_basis, modified_at, first_seen, first_look, last_checked, state, "
        "versions, pages, capture, origin"
    ),
    "versions": _Kept(
        "id, report, number, title, body, captions, text_digest, layout, capture, seen_at, added, removed, "
        "removed_text, kinds, hyperlinks",
        (("body", "excerpt(body)"), ("captions", "''"), ("removed_text", "''"), ("hyperlinks", "'[]'")),
        _of_secondary("report"),
    ),
    # Which capture showed which wording is proof; `page` holds whole texts.
    "readings": _Kept("capture, report, part, parts, text_digest, fields"),
    "quarantine": _Kept("capture, outlet, url, at, reason", (("reason", f"'{_NOT_TOLD}'"),)),
    "checks": _Kept(
        "url, outlet, address, kind, title, listed_at, found_at, found_in, last_capture, last_at, last_outcome, "
        "changed_at, etag, last_modified, due_at, rung, failures",
        (("title", "null"),),  # some lists print a teaser in the link
    ),
    "warcs": _Kept("name, bytes, captures, first_at, last_at"),
    "takedowns": _Kept(
        "id, report, outlet, state, cause, suspected_at, last_missing_at, looks, gone_at, gone_capture, restored_at, "
        "restored_capture, last_good"
    ),
    "replacements": _Kept(
        "version, place, report, outlet, seen_at, was, became",
        (("was", "''"), ("became", "''")),  # words of the texts
    ),
    "moves": _Kept("outlet, from_host, to_host, first_capture, last_capture, captures"),
    "coverage_days": _Kept(
        "outlet, day, asked, answered, read, new, changed, missing, refused, failed, quarantined, bytes, elsewhere"
    ),
    "coverage_months": _Kept(
        "outlet, month, marks, days, days_answered, days_new, asked, answered, read, new, changed, missing, refused, "
        "failed, quarantined, bytes, elsewhere"
    ),
    # Of what a secondary text states: numbers, keys and places, and no word of it.
    "attributions": _Kept(
        "version, number, report, place, start, stop, latest, source, kind, source_key, cue, cue_start, cue_stop, "
        "statement_start, statement_stop, quoted, loaded, via, sentence_start, sentence_stop",
        (("source", "''"), ("source_key", "known_key(source_key)"), ("cue", "''")),
        _of_secondary("report"),
    ),
    "figures": _Kept(
        "version, number, report, place, start, stop, latest, text, value, value_max, modifier, meaning, unit, "
        "measure, noun, noun_key, act, act_text, period, period_start, period_stop, attribution, stated_by, series, "
        "sentence_start, sentence_stop",
        (
            *((column, "''") for column in ("text", "modifier", "measure", "noun", "act_text", "period")),
            ("stated_by", "known_key(stated_by)"),
            ("series", "case known_key(stated_by) when '' then '' else series end"),
        ),
        _of_secondary("report"),
    ),
    "quotes": _Kept(
        "version, number, report, place, start, stop, latest, words, kind, attribution",
        (("words", "''"),),
        _of_secondary("report"),
    ),
    "mentions": _Kept(
        "version, number, report, place, start, stop, latest, words, outlet, kind, href, href_outlet, from_day, "
        "to_day, attribution, sentence_start, sentence_stop",
        (("words", "''"),),
        _of_secondary("report"),
    ),
    "statements": _Kept("version, report, grammar"),
    "reprints": _Kept(
        "report, original, similarity, contained, lag_minutes, same_outlet, altered, dropped, added",
        (("altered", "'[]'"), ("dropped", "'[]'"), ("added", "'[]'")),
        f"{_of_secondary('report')} or {_of_secondary('original')}",
    ),
    "twins": _Kept(
        "chinese, english, score, mutual, evidence, only_chinese, only_english",
        (("evidence", "numbers_of(evidence)"),),
        f"{_of_secondary('chinese')} or {_of_secondary('english')}",
    ),
    "citations": _Kept(
        "version, mention, report, outlet, cited, tier, score, evidence, reason, target, from_day, to_day",
        (("evidence", "numbers_of(evidence)"),),
        f"{_of_secondary('report')} or {_of_secondary('cited')}",
    ),
    "contradictions": _Kept(
        "kind, version, figure, report, other_version, other_figure, other_report, explanation",
        (("explanation", "''"),),
        f"{_of_secondary('report')} or {_of_secondary('other_report')}",
    ),
    "holdings": _Kept("day, outlet, language, reports"),
    "holdings_months": _Kept("month, outlet, language, reports"),
    "search_index": _Kept("version"),
    "_sqlite_migrations": _Kept("id, migration_set, name, applied_at"),
}


def make_public(archive: Path, into: Path, version: str, made_at: str, force: bool = False) -> Publication:
    """Make `into` and its index from one state of the archive, which a crawl may change meanwhile.

    Both are made aside, in the same folder, and take the place of older ones when they are whole: whatever ends this
    early leaves those as they were. `version` is Dateline's, `made_at` a time as archive.times writes it. With `force`
    also in the place of a database that is no public archive.

    Raises PublicationRefused, ArchiveLocked (another process makes this file), sqlite3.Error and OSError.
    """
    into = into.resolve()
    _refuse(archive, into, force)
    rows, index, loose = waiting(into), waiting(index_of(into)), index_of(into).with_suffix(".making")
    lock = WriterLock(into)
    try:
        _finish(into)
        _remove(rows, index, loose)
        _sort_in(into.parent)
        publication = _copy(archive, rows, loose, version, made_at)
        _tidy_index(loose, index)
        _to_disk(rows, index)
        rows.replace(into)
        # Killed here, `attach_index` finds the index under its waiting name: there is no moment without one that fits.
        index.replace(index_of(into))
        _to_disk(into.parent)
    except BaseException:
        if rows.exists():
            _remove(rows, index)
        raise
    finally:
        _sort_in(None)
        _remove(loose)
        lock.release()
    return publication


def _finish(into: Path) -> None:
    """End what was killed between its two renames."""
    edition, index = edition_of(into), waiting(index_of(into))
    if edition and edition_of_index(index) == edition:
        index.replace(index_of(into))


def _remove(*paths: Path) -> None:
    for path in paths:
        for suffix in ("", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)


def _to_disk(*paths: Path) -> None:
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _refuse(archive: Path, into: Path, force: bool) -> None:
    if not archive.exists():
        raise PublicationRefused(f"There is no archive at {archive}. Crawl first, or name it with --archive.")
    with closing(open_to_read(archive)) as connection:
        try:
            tables = _tables(connection)
        except sqlite3.DatabaseError as error:
            raise PublicationRefused(f"{archive} cannot be read: {error}. Name another with --archive.") from error
        if not {"captures", "reports", "checks", "search_index"} <= tables:
            raise PublicationRefused(f"{archive} is not an archive of Dateline. Name another with --archive.")
        if is_public(connection):
            raise PublicationRefused(f"{archive} is a public archive itself; name the whole one with --archive.")
        if not KEPT.keys() <= tables or search.needs_rebuild(connection):
            raise PublicationRefused(
                f"{archive} was written by another version of Dateline. `dateline crawl` brings it up to date, "
                "`dateline reread` makes it anew."
            )
    if into.is_dir():
        raise PublicationRefused(f"{into} is a folder; name a file in it, e.g. {into / 'public.db'}.")
    if not into.parent.is_dir():
        raise PublicationRefused(f"There is no folder {into.parent}; make it first.")
    for path, edition in ((into, edition_of(into)), (index_of(into), edition_of_index(index_of(into)))):
        if path.exists() and not edition:
            _refuse_to_replace(archive, path, force)


def _refuse_to_replace(archive: Path, path: Path, force: bool) -> None:
    if path.samefile(archive):
        raise PublicationRefused(f"{path} is the archive itself; name another file.")
    with suppress(sqlite3.Error), closing(open_to_read(path)) as connection:
        if {"captures", "reports", "checks"} <= _tables(connection):
            raise PublicationRefused(f"{path} is a whole archive of Dateline; name another file.")
    if not force:
        raise PublicationRefused(
            f"{path} exists and is no public archive of Dateline. Name another file, or add --force to replace it."
        )


def _tables(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}


def _copy(archive: Path, file: Path, index: Path, version: str, made_at: str) -> Publication:
    edition = secrets.token_hex(8)
    # Autocommit, so that `begin` and `commit` are ours. Both files are lost or whole: no journal, one fsync at the end.
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=rwc", uri=True, isolation_level=None, timeout=30)) as made:
        made.create_function("excerpt", 1, excerpt, deterministic=True)
        made.create_function("numbers_of", 1, _numbers_of, deterministic=True)
        made.execute("attach ? as source", [f"{archive.resolve().as_uri()}?mode=ro"])
        made.execute(f"attach ? as {SCHEMA}", [f"{index.as_uri()}?mode=rwc"])
        for schema in ("main", SCHEMA):
            made.execute(f"pragma {schema}.journal_mode = off")
            made.execute(f"pragma {schema}.synchronous = off")
        made.execute("begin")  # from the first read on, one state of the source
        keys = _keys().union(id for (id,) in made.execute("select id from source.outlets"))
        # A source that no table knows has its own words for a key.
        made.create_function("known_key", 1, lambda key: key if key in keys else "", deterministic=True)
        for name, kept in KEPT.items():
            _copy_table(made, name, kept)
        for (sql,) in made.execute(
            "select sql from source.sqlite_master where sql is not null and (type = 'index' and tbl_name in "
            f"({_marks(KEPT)}) or type = 'view' and name in ({_marks(_VIEWS)})) order by type, name",
            [*KEPT, *_VIEWS],
        ).fetchall():
            made.execute(sql)
        for name in _INDEXES:
            _copy_index(made, name)
        publication = _describe(made, edition, version, made_at)
        made.execute("commit")
    return publication


def _sort_in(folder: Path | None) -> None:
    """Have SQLite sort there what an index is made of: it takes as much room as the largest one, and the temporary
    folder may be small. It holds for the process; None gives back the usual place."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("pragma temp_store_directory = '{}'".format(str(folder or "").replace("'", "''")))


def _marks(values: Sized) -> str:
    return ", ".join("?" * len(values))


def _copy_table(made: sqlite3.Connection, name: str, kept: _Kept) -> None:
    (sql,) = made.execute("select sql from source.sqlite_master where name = ?", [name]).fetchone()
    made.execute(sql)
    instead = dict(kept.instead)
    values = [
        f"case when {kept.secondary} then {instead[column]} else {column} end" if column in instead else column
        for column in kept.columns.split(", ")
    ]
    made.execute(f"insert into main.{name} ({kept.columns}) select {', '.join(values)} from source.{name}")


def _copy_index(made: sqlite3.Connection, name: str) -> None:
    """The words of a full-text index as they lie in the archive, without the views that they were read from."""
    (sql,) = made.execute("select sql from source.sqlite_master where name = ?", [name]).fetchone()
    # With its content named but absent, counting rows or reading a column is an error; a contentless one gives nulls.
    sql, replaced = re.subn(r"content='\w+', content_rowid='id'", "content=''", sql)
    if replaced != 1:
        raise PublicationRefused(f"The index {name} is made otherwise than this Dateline does; rebuild it.")
    made.execute(re.sub(r"(?i)^create virtual table ", rf"\g<0>{SCHEMA}.", sql))
    for part in ("data", "idx", "docsize", "config"):
        table = f"{name}_{part}"
        if made.execute(f"select 1 from {SCHEMA}.sqlite_master where name = ?", [table]).fetchone():
            made.execute(f"delete from {SCHEMA}.{table}")
            made.execute(f"insert into {SCHEMA}.{table} select * from source.{table}")


@cache
def _keys() -> frozenset[str]:
    """The keys of sources that are not their words."""
    named = read("sources.tsv", ("key", "kind", "english", "chinese"))
    return frozenset(row["key"] for row in named).union(press.known().outlets)


def _numbers_of(evidence: str) -> str:
    """Of what a link rests on, the figures' numbers and the hours between: names are words, and places that a text
    shares with another one tell what its words are."""
    found = json.loads(evidence)
    pairs = [pair for pair in found.get("figures", []) if all(isinstance(number, int) for number in pair)]
    hours = found.get("hours")
    return json.dumps({"figures": pairs, "hours": hours if isinstance(hours, int | float) else None})


def _describe(made: sqlite3.Connection, edition: str, version: str, made_at: str) -> Publication:
    def count(rows: str) -> int:
        return int(made.execute(f"select count(*) from {rows}").fetchone()[0])

    publication = Publication(
        kind="public",
        edition=edition,
        made_at=made_at,
        dateline=version,
        outlets=count("main.outlets"),
        reports=count("main.reports"),
        excerpts=count("main.reports where outlet not in (select id from main.outlets where kind = 'state')"),
        versions=count("main.versions"),
        captures=count("main.captures"),
    )
    types = {"str": "text", "int": "integer"}
    columns = ", ".join(f"{field.name} {types[str(field.type)]} not null" for field in fields(Publication))
    made.execute(f"create table main.publication ({columns}) strict")
    made.execute(f"insert into main.publication values ({_marks(fields(Publication))})", astuple(publication))
    made.execute(f"create table {SCHEMA}.edition (edition text not null) strict")
    made.execute(f"insert into {SCHEMA}.edition values (?)", [edition])
    return publication


def _tidy_index(index: Path, into: Path) -> None:
    """Merge the index's segments and write it without gaps; in a new connection, for FTS5 remembers the empty index."""
    with closing(sqlite3.connect(index, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        for name in _INDEXES:
            connection.execute(f"insert into {name} ({name}) values ('optimize')")
        connection.execute("vacuum into ?", [str(into)])  # beside the others: the temporary folder may be small
