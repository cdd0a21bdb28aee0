"""The full-text index over the reports of archive.db: its tables, and keeping them in step. archive/finding.py asks it.

Two FTS5 tables that any SQLite since 3.40 can read, both with rowid = reports.id, which sorts by time:
reports_fts (words and pairs of characters) and reports_characters (single Chinese characters, which are a slow prefix
there). Neither keeps the text: it is taken from views that call `segment`, so a connection that writes must have been
given our functions by `register`.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable

from sqlite_utils import Database

from archive.query import facet_token, fts_query
from archive.snippets import snippet
from archive.text import SEGMENT_VERSION, han_characters, segment

INDEX_VIEWS = ("reports_text", "reports_characters_text")  # what the two FTS5 tables read
WEIGHTS = "5.0, 1.0, 1.0, 0.0"  # title, body, removed, facet
_TOKENIZE = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"  # Co: the newest Han planes, for SQLite 3.40


class OutdatedIndex(Exception):
    """The index was made by another `segment`; removing rows from it now would corrupt it. `rebuild` mends it."""


# Tables and functions


def create(db: Database) -> None:
    """Make the index's tables and views, in the caller's transaction. Needs reports, versions and outlets."""
    for statement in _TABLES:
        db.execute(statement)
    db.execute("insert into reports_fts(reports_fts, rank) values ('rank', ?)", [f"bm25({WEIGHTS})"])
    db.execute("insert into search_index (version) values (?)", [SEGMENT_VERSION])


_TABLES = (
    # What is searched of each report, as written. `removed`: what stood in an earlier version and no longer does.
    """create view reports_wording as
    select reports.id as id, latest.title as title,
        latest.body || char(10, 10) || latest.captions as body,
        case when reports.versions = 1 then '' else no_longer(
            (select group_concat(wording, char(10)) from (
                select title || char(10) || body as wording from versions
                where report = reports.id and number < reports.versions order by number)),
            latest.title || char(10) || latest.body) end as removed,
        facet_tokens(reports.outlet, reports.language, outlets.kind, reports.state, reports.id) as facet
    from reports
    join versions as latest on latest.report = reports.id and latest.number = reports.versions
    join outlets on outlets.id = reports.outlet""",
    """create view reports_text as
    select id, segment(title) as title, segment(body) as body, segment(removed) as removed, facet
    from reports_wording""",
    """create view reports_characters_text as
    select id, han_characters(title || char(10) || body || char(10) || removed) as characters, facet
    from reports_wording""",
    f"""create virtual table reports_fts using fts5(
    title, body, removed, facet, content='reports_text', content_rowid='id',
    tokenize="porter {_TOKENIZE}")""",
    f"""create virtual table reports_characters using fts5(
    characters, facet, content='reports_characters_text', content_rowid='id', detail=none, columnsize=0,
    tokenize="{_TOKENIZE}")""",
    "create table search_index (version text not null) strict",
    # An outlet's kind is a facet of its reports: they leave the index before it changes and come back after.
    """create trigger outlets_kind_before before update of kind on outlets when old.kind <> new.kind begin
        delete from reports_fts where rowid in (select id from reports where outlet = old.id);
        delete from reports_characters where rowid in (select id from reports where outlet = old.id);
    end""",
    """create trigger outlets_kind_after after update of kind on outlets when old.kind <> new.kind begin
        insert into reports_fts(rowid, title, body, removed, facet)
            select id, title, body, removed, facet from reports_text
            where id in (select id from reports where outlet = new.id);
        insert into reports_characters(rowid, characters, facet)
            select id, characters, facet from reports_characters_text
            where id in (select id from reports where outlet = new.id);
    end""",
)


def register(connection: sqlite3.Connection) -> None:
    """Give a connection the SQL functions that the index's views call, and those that queries need:
    fts_query(words) for MATCH and snippet_of(text, words)."""
    functions = (
        ("segment", 1, _of_text(segment)),
        ("han_characters", 1, _of_text(han_characters)),
        ("no_longer", 2, no_longer),
        ("facet_tokens", 5, _facet_tokens),
        ("fts_query", 1, _of_text(fts_query)),
        ("snippet_of", 2, lambda text, words: snippet(text or "", str(words or ""))),
    )
    for name, arguments, function in functions:
        connection.create_function(name, arguments, function, deterministic=True)


def _of_text(function: Callable[[str], str]) -> Callable[[object], str]:
    """For SQL, where a value may be null or a number."""
    return lambda value: function("" if value is None else str(value))


_SENTENCE = re.compile(r"[^。！？!?\n]*?(?:[。！？!?]+[”’」』）)]*|\.(?=\s)|\n|$)")


def no_longer(earlier: str, latest: str) -> str:
    """The sentences of earlier wordings that the latest does not hold, one a line; spacing and width set aside.

    Whole sentences, not the characters that changed: who looks for "over 600 gangs" after the number was edited must
    find it.
    """
    standing = _squash(latest)
    sentences = dict.fromkeys(found.strip() for found in _SENTENCE.findall(earlier or ""))
    return "\n".join(sentence for sentence in sentences if sentence and _squash(sentence) not in standing)


def _squash(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _facet_tokens(outlet: str, language: str, kind: str, state: str, report: int) -> str:
    """A report's facets as words; a language also without its script (zh for zh-Hans)."""
    day = str(report)
    values = (
        ("outlet", outlet),
        ("language", language),
        ("language", language.partition("-")[0]),
        ("kind", kind),
        ("state", state),
        ("year", day[:4]),
        ("month", day[:6]),
    )
    return " ".join(dict.fromkeys(facet_token(facet, value) for facet, value in values))


# Keeping the index in step


def remove_from_index(connection: sqlite3.Connection, report_ids: Iterable[int]) -> None:
    """Take reports out of the index, in the caller's transaction, BEFORE anything of them changes: FTS5 removes the
    words that it reads now, and other words than it holds corrupt it. Reports that are not in it are passed over.

    Raises OutdatedIndex.
    """
    if needs_rebuild(connection):
        raise OutdatedIndex(
            f"The search index is of version {index_version(connection)}, this Dateline writes {SEGMENT_VERSION}: "
            "rebuild it first (archive.search.rebuild)."
        )
    present = [(report,) for report in dict.fromkeys(report_ids) if _is_indexed(connection, report)]
    connection.executemany("delete from reports_fts where rowid = ?", present)
    connection.executemany("delete from reports_characters where rowid = ?", present)


def add_to_index(connection: sqlite3.Connection, report_ids: Iterable[int]) -> None:
    """Put reports into the index as they now stand, in the caller's transaction. Those that are in it are left."""
    absent = [(report,) for report in dict.fromkeys(report_ids) if not _is_indexed(connection, report)]
    connection.executemany(
        "insert into reports_fts(rowid, title, body, removed, facet) "
        "select id, title, body, removed, facet from reports_text where id = ?",
        absent,
    )
    connection.executemany(
        "insert into reports_characters(rowid, characters, facet) "
        "select id, characters, facet from reports_characters_text where id = ?",
        absent,
    )


def _is_indexed(connection: sqlite3.Connection, report: int) -> bool:
    return connection.execute("select 1 from reports_fts_docsize where id = ?", [report]).fetchone() is not None


def index_version(connection: sqlite3.Connection) -> str:
    """The version of `segment` that made the index."""
    row = connection.execute("select version from search_index").fetchone()
    return str(row[0]) if row else ""


def needs_rebuild(connection: sqlite3.Connection) -> bool:
    """Whether the index was made by another `segment` than this Dateline's."""
    return index_version(connection) != SEGMENT_VERSION


def rebuild(connection: sqlite3.Connection) -> None:
    """Make the index anew from the reports, in the caller's transaction: about a minute for 50,000."""
    for table in ("reports_fts", "reports_characters"):
        connection.execute(f"insert into {table}({table}) values ('rebuild')")
    connection.execute("delete from search_index")
    connection.execute("insert into search_index (version) values (?)", [SEGMENT_VERSION])
    merge(connection)


def merge(connection: sqlite3.Connection) -> None:
    """Put each index's parts together into one: a phrase is then found in a third of the time. It takes a twentieth of
    what making the index did, so it is for a file that is made anew or given away."""
    for table in ("reports_fts", "reports_characters"):
        connection.execute(f"insert into {table}({table}) values ('optimize')")
