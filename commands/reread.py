"""`dateline reread`: archive.db again from its evidence."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from archive import search
from archive.lock import ArchiveLocked
from archive.schema import ArchiveUnusable, NewerArchive
from archive.warc_writer import OPEN_SUFFIX
from archive.writer import Writer, captures_of
from commands.link import link_new, tell_passed_over
from commands.reading import engine_options, read_new
from pipelines.registry import descriptions, lists, outlets

PARTIAL = 3


@click.command()
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="Write a new archive here and leave the present one alone.",
)
@engine_options
def reread(into: Path | None, workers: int | None, engine: str, scheduler: str | None) -> None:
    """Rebuild every derived row from the WARC files, without a request.

    For a mended layout, or when archive.db is lost. The new archive is made aside and takes the place of the old one
    in one transaction, so that readers never see half of it; ids of reports stay as they are. Several processes, or a
    Dask cluster, read the files; one merges what they read, in the order of the files. Interrupted, it begins anew, but
    what was read is not read again. Ends with 3 when records were passed over, 1 when the archive was left as it is.

    \b
    Example:
      dateline reread
      dateline reread --into check.db
      dateline reread --engine dask --scheduler tcp://10.0.0.5:8786
    """
    settings = get_project_settings()
    archive, captures = Path(settings["ARCHIVE"]), captures_of(settings)
    if into is not None and into.exists():
        raise click.UsageError(f"{into} exists; name a new file.")
    if captures.folder.exists() and not captures.folder.is_dir():
        raise click.ClickException(f"{captures} is a file, not a folder of WARC files. Set DATELINE_CAPTURES to that.")
    if not captures.names() and not any(captures.folder.glob(f"*{OPEN_SUFFIX}")):
        raise click.ClickException(
            f"There are no WARC files in {captures}: crawl first (`dateline crawl`), or `make demo`."
        )
    aside = into or archive.with_name(archive.name + ".rereading")
    passed_over: list[str] = []
    try:
        # The lock first: what lies aside may be another reread's, at work.
        present = Writer.from_settings(settings) if into is None else None
        if present is not None:
            _remove(aside)  # of a reread that was interrupted: it is made anew
        count = _read(settings, aside, present, passed_over, workers=workers, engine=engine, scheduler=scheduler)
        if present is not None:
            _refuse_loss(present, aside)
        try:
            _carry_over(archive, aside)
        except sqlite3.Error as error:
            if present is not None:
                raise
            # Beside a new file, the present archive may be what is broken.
            click.echo(f"Runs and alarms of {archive} were not carried over: {error}", err=True)
        if present is not None:
            with closing(sqlite3.connect(aside)) as made:
                made.backup(present.connection)
            present.close()
            _remove(aside)
    except click.ClickException:  # by the engine that was to read
        if into is not None:
            _remove(into)
        raise
    except (ArchiveLocked, ArchiveUnusable, NewerArchive) as error:
        raise click.ClickException(str(error)) from error
    except (OSError, sqlite3.Error) as error:
        raise click.ClickException(
            f"{aside} could not be made: {error}. The archive and the WARC files are untouched; run `dateline reread` "
            "again when the cause is gone."
        ) from error
    Console().print(f"{count:,} captures read again into {into or archive}", markup=False, highlight=False)
    if passed_over:
        click.echo(f"{len(passed_over):,} records were passed over. {_REMEDY}", err=True)
        sys.exit(PARTIAL)


_REMEDY = "Put the file back from a copy and run `dateline reread` again."


def _remove(database: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal", ".lock"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def _refuse_loss(present: Writer, aside: Path) -> None:
    """Keep the present archive when it holds captures that the WARC files do not give any more."""
    present.connection.execute("attach ? as made", [str(aside)])
    (lost,) = present.connection.execute(
        "select count(*) from captures left join made.captures as again using (id) where again.id is null "
        "or (again.reason like '%its payload cannot be read%' and again.reason is not captures.reason)"
    ).fetchone()
    present.connection.execute("detach made")
    if not lost:
        return
    present.close()
    _remove(aside)
    cause = f" {present.missing[0]} is missing from {present.captures}." if present.missing else ""
    raise click.ClickException(
        f"The WARC files give {lost:,} captures fewer than {present.archive} holds, so it was left as it is."
        f"{cause} {_REMEDY} To go on without them, move {present.archive.name} away first."
    )


# What no WARC file holds: when runs were made, what was wrong and what was said of it, what other archives hold.
_NOT_IN_WARC_FILES = ("runs", "alarms", "backfills", "mementos")


def _carry_over(archive: Path, aside: Path) -> None:
    """Copy these tables from the present archive, if there is one and it has them. Raises sqlite3.Error."""
    if not archive.exists():
        return
    with closing(sqlite3.connect(aside.resolve().as_uri(), uri=True, isolation_level=None)) as made:
        made.execute("attach ? as present", [f"{archive.resolve().as_uri()}?mode=ro"])
        made.execute("begin")
        for table in _NOT_IN_WARC_FILES:
            if _columns(made, "main", table) == _columns(made, "present", table):
                made.execute(f"insert into main.{table} select * from present.{table}")
        made.execute("commit")


def _columns(connection: sqlite3.Connection, schema: str, table: str) -> list[str]:
    return [name for _, name, *_ in connection.execute(f"pragma {schema}.table_info({table})")]


def _read(settings: Settings, aside: Path, present: Writer | None, passed_over: list[str], **engine: Any) -> int:
    known = outlets(settings)
    anew = settings.copy()
    anew.set("ARCHIVE", aside, priority="cmdline")
    writer = Writer.from_settings(anew)
    writer.describe(descriptions(known, settings))
    writer.expect_lists(lists(known))
    if present is not None:
        writer.keep_ids(present.connection.execute("select id, url from id_registry"))
    read = read_new(writer, settings, **engine)
    passed_over += read.passed_over
    writer.expect_lists(lists(known))  # one that only a redirect led to is read no more, as after each run
    search.merge(writer.connection)
    tell_passed_over(link_new(writer, settings))
    writer.close()
    return read.captures
