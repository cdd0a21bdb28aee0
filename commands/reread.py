"""`dateline reread`: archive.db again from its evidence."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from scrapy.utils.project import get_project_settings

from archive.lock import ArchiveLocked
from archive.schema import NewerArchive
from archive.writer import Writer
from pipelines.registry import descriptions, outlets
from pipelines.reread import read_files


@click.command()
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    help="Write a new archive here and leave the present one alone.",
)
def reread(into: Path | None) -> None:
    """Rebuild every derived row from the WARC files, without a request.

    For a mended layout, or when archive.db is lost. The new archive is made aside and takes the place of the old one
    in one transaction, so that readers never see half of it; ids of reports stay as they are.

    \b
    Example:
      dateline reread
      dateline reread --into check.db
    """
    settings = get_project_settings()
    archive, captures = Path(settings["ARCHIVE"]), Path(settings["CAPTURES"])
    if into is not None and into.exists():
        raise click.UsageError(f"{into} exists; name a new file.")
    if not captures.is_dir() or not any(captures.glob("*.warc.gz*")):
        raise click.ClickException(
            f"There are no WARC files in {captures}: crawl first (`dateline crawl`), or `make demo`."
        )
    aside = into or archive.with_name(archive.name + ".rereading")
    for leftover in aside.parent.glob(aside.name + "*"):
        leftover.unlink()  # of a reread that was interrupted: it is made anew
    try:
        present = Writer.from_settings(settings) if into is None else None
        count = _read(settings.copy_to_dict(), aside, present)
        if present is not None:
            with sqlite3.connect(aside) as made:
                made.backup(present.connection)
            present.close()
            for leftover in aside.parent.glob(aside.name + "*"):
                leftover.unlink()
    except (ArchiveLocked, NewerArchive, OSError, sqlite3.Error) as error:
        raise click.ClickException(f"{error}. The WARC files are untouched; run `dateline reread` again.") from error
    Console().print(f"{count:,} captures read again into {into or archive}", markup=False, highlight=False)


def _read(settings: dict[str, object], aside: Path, present: Writer | None) -> int:
    known = outlets(get_project_settings())
    writer = Writer.from_settings({**settings, "ARCHIVE": aside})
    writer.describe(descriptions(known))
    if present is not None:
        writer.keep_ids(present.connection.execute("select id, url from id_registry"))
    paths = writer.unread()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("files"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading WARC files", total=len(paths))
        count = 0
        for path in paths:
            count += read_files(writer, [path], known)
            bar.advance(task)
    writer.close()
    return count
