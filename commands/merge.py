"""`dateline merge`: what several workers have captured, into the one archive."""

from __future__ import annotations

import sqlite3
import sys

import click
from scrapy.settings import Settings

from archive import clock
from archive.lock import ArchiveLocked
from archive.schema import ArchiveUnusable
from archive.times import iso
from commands import crawling
from commands.link import link_after
from commands.notify import health_check
from commands.reading import Read, engine_options, read_new
from commands.stopping import until_a_signal, wait
from pipelines.registry import descriptions, lists, outlets


@click.command()
@click.option("--watch", type=click.IntRange(min=1), metavar="MINUTES", help="Do it again so often, until a signal.")
@engine_options
@click.option("-q", "--quiet", is_flag=True, help="Say nothing unless something came or went wrong: for cron.")
@click.option("-s", "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override one of settings.py.")
def merge(
    watch: int | None,
    workers: int | None,
    engine: str,
    scheduler: str | None,
    quiet: bool,
    overrides: tuple[str, ...],
) -> None:
    """Read the WARC files that workers (`dateline crawl --worker`) have closed since the last time, and link what is
    new.

    On the one machine with archive.db, whose captures are the place that the workers share. It makes no request. Files
    that are still being written are left for the next time. Ends with 0 when all was read, 3 when records were passed
    over, 75 when another process holds the archive, 1 when it could not go on.

    \b
    Example:
      dateline merge
      dateline merge --watch 10
    """
    settings = crawling.settings(overrides, verbose=True)
    reader = (workers, engine, scheduler)
    if not watch:
        try:
            sys.exit(_merge(settings, reader, quiet))
        except ArchiveLocked as error:
            click.echo(f"Nothing was begun: {error}", err=True)
            sys.exit(crawling.BUSY)
    _watch(settings, reader, quiet, watch)


_Reader = tuple[int | None, str, str | None]


def _watch(settings: Settings, reader: _Reader, quiet: bool, minutes: int) -> None:
    """The archive is free between two turns, and what fails in one is tried again in the next. A signal that comes in
    the middle of a turn breaks it off, as a kill would: each file is merged whole or not at all."""
    while True:
        try:
            _merge(settings, reader, quiet)
        except ArchiveLocked as error:
            click.echo(f"{iso(clock.now())} Not merged: {error}", err=True)
        except click.ClickException as error:
            click.echo(f"{iso(clock.now())} Not merged: {error.message}", err=True)
        with until_a_signal() as stopped:
            wait(minutes * 60, stopped)
            if stopped():
                return


def _merge(settings: Settings, reader: _Reader, quiet: bool) -> int:
    """Raises ArchiveLocked and click.ClickException."""
    workers, engine, scheduler = reader
    writer = crawling.open_writer(settings, will_ask=False)
    try:
        known = outlets(settings)
        writer.describe(descriptions(known, settings))
        writer.expect_lists(lists(known))
        read = read_new(writer, settings, workers=workers, engine=engine, scheduler=scheduler)
        writer.prepared = True
        writer.commit()
        if read.files:
            link_after(writer, settings, quiet)
        changes = health_check(writer.connection, settings, writer.captures)
        new, changed = (sum(writer.counts[outlet, what] for outlet in known) for what in ("new", "changed"))
    except (OSError, sqlite3.Error) as error:
        why = str(error) if isinstance(error, OSError) else str(ArchiveUnusable.because(writer.archive, error))
        raise click.ClickException(f"{why} What was merged stays; run `dateline merge` again.") from error
    finally:
        crawling.close(writer)
    if read.files or not quiet:
        click.echo(_told(read, new, changed))
    for alarm in (*changes.raised, *changes.returned):
        click.secho(f"Alarm {alarm.id}: {alarm.message}", fg="yellow", err=True)
    for problem in read.passed_over[: crawling.LISTED]:
        click.secho(f"Passed over: {problem}", fg="red", err=True)
    if len(read.passed_over) > crawling.LISTED:
        click.secho(f"Passed over: {len(read.passed_over) - crawling.LISTED:,} more", fg="red", err=True)
    return crawling.PARTIAL if read.passed_over else crawling.SUCCESS


def _told(read: Read, new: int, changed: int) -> str:
    if not read.files:
        return "Nothing new was captured."
    files = "1 WARC file" if read.files == 1 else f"{read.files:,} WARC files"
    return f"{read.captures:,} captures of {files} came in: {new:,} new reports, {changed:,} changed."
