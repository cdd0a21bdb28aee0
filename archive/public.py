"""A public archive, which `archive.publishing` makes: every report, and of secondary outlets' texts an excerpt.

It is two files. One holds the rows: texts of state outlets whole, of the others title and excerpt; no pages, and no
reason of the ledger that may quote one. The other, <name>.index.db, holds the full-text index over all texts. A text
could be put together again from its index, so that file is for the server alone: it is attached to each connection,
and whoever serves it lets nobody write SQL or download it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, fields
from pathlib import Path

SCHEMA = "found"  # under which the index is attached; queries name its tables alone, as in a whole archive
SERVED_WITH = {"default_allow_sql": False, "allow_download": False}  # Datasette's settings for a public archive


class IndexMissing(Exception):
    """A public archive's index is not beside it; the message names the file."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What a public archive says of itself: the columns of its table `publication`.

    `edition` is the same in the file and in its index. `excerpts`: reports whose text is cut to an excerpt.
    """

    kind: str
    edition: str
    made_at: str
    dateline: str
    outlets: int
    reports: int
    excerpts: int
    versions: int
    captures: int


def index_of(path: Path) -> Path:
    """Where the index of a public archive lies: public.db → public.index.db."""
    return path.with_name(f"{path.stem}.index.db")


def waiting(path: Path) -> Path:
    """The name under which a file lies until it takes the place of an older one."""
    return path.with_name(f"{path.name}.new")


def is_public(connection: sqlite3.Connection) -> bool:
    """Whether the connection's file was made by `make_public`."""
    return connection.execute("select 1 from main.sqlite_master where name = 'publication'").fetchone() is not None


def publication_of(connection: sqlite3.Connection) -> Publication | None:
    """What a public archive says of itself; None for a whole one."""
    if not is_public(connection):
        return None
    names = ", ".join(field.name for field in fields(Publication))
    row = connection.execute(f"select {names} from main.publication").fetchone()
    return Publication(*row)


def attach_index(connection: sqlite3.Connection) -> bool:
    """Give a connection to a public archive its index, read-only; True when it now has one. Any other connection is
    left alone, and so is one whose index is not there (`check_index` says so).

    The connection must have been opened by URI, and be in no transaction.
    """
    publication = publication_of(connection)
    if publication is None:
        return False
    path = next(Path(file) for _, name, file in connection.execute("pragma database_list") if name == "main")
    for index in (index_of(path), waiting(index_of(path))):
        if edition_of_index(index) == publication.edition:
            connection.execute(f"attach ? as {SCHEMA}", [f"{index.as_uri()}?mode=ro"])
            return True
    return False


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, by URI. Raises sqlite3.OperationalError for a path that cannot be opened."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def edition_of(path: Path) -> str:
    """The edition of a public archive; empty for anything else."""
    return _edition(path, "publication")


def edition_of_index(path: Path) -> str:
    """The edition that an index belongs to; empty for anything else."""
    return _edition(path, "edition")


def _edition(path: Path, table: str) -> str:
    with suppress(sqlite3.Error), closing(open_to_read(path)) as connection:
        for (edition,) in connection.execute(f"select edition from {table}"):
            return str(edition)
    return ""


def check_index(path: Path) -> None:
    """Raises IndexMissing for a public archive that lacks its index."""
    with closing(open_to_read(path)) as connection:
        if is_public(connection) and not attach_index(connection):
            raise IndexMissing(
                f"The index {index_of(path).name} is not beside {path}, or was made with another edition of it, so "
                "nothing could be searched for. Copy both files, or make them anew with `dateline publish --public`."
            )
