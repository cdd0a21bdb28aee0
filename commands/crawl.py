"""`dateline crawl`: run the outlets' spiders and say how it went."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from archive.lock import ArchiveLocked
from archive.schema import ArchiveUnusable, NewerArchive
from archive.times import iso
from archive.writer import Writer
from commands.progress import CrawlProgress, Tally
from items import FAILED
from pipelines.registry import outlets as known_outlets

SUCCESS, FAILURE, PARTIAL = 0, 1, 3
LISTED = 5  # reasons of a kind that the summary shows


@click.command()
@click.argument("outlets", nargs=-1, metavar="[OUTLET]...")
@click.option("--limit", type=click.IntRange(min=1), help="At most this many reports of each outlet.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="Leave links that a list dates earlier (UTC).",
)
@click.option("--full", is_flag=True, help="Look at known reports again although they are not due.")
@click.option("-s", "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override one of settings.py.")
@click.option("-v", "--verbose", is_flag=True, help="Show the crawl's log here instead of in the log file.")
def crawl(
    outlets: tuple[str, ...],
    limit: int | None,
    since: datetime | None,
    full: bool,
    overrides: tuple[str, ...],
    verbose: bool,
) -> None:
    """Crawl OUTLETs (all when none is named) and archive what is new.

    Ends with 0 when every request was answered, 3 when some failed, a signal stopped it or WARC files are
    missing, 1 when it could not go on.

    \b
    Example:
      dateline crawl
      dateline crawl xinhua --limit 50
      dateline crawl tnw --since 2026-11-01
    """
    settings = _settings(limit, since, full, overrides, verbose)
    known = known_outlets(settings)
    if unknown := [name for name in outlets if name not in known]:
        raise click.UsageError(
            f"There is no outlet {unknown[0]!r}. Known: {', '.join(known)} (see `dateline outlets`)."
        )
    try:
        writer = Writer.from_settings(settings)
    except (ArchiveLocked, ArchiveUnusable, NewerArchive, OSError) as error:
        raise click.ClickException(str(error)) from error
    if ".example" in settings["USER_AGENT"] and not os.environ.get("http_proxy"):
        click.secho(
            "settings.py: USER_AGENT still names the address of nobody; put one that reaches you there.",
            fg="yellow",
            err=True,
        )
    logging.raiseExceptions = False  # a log that cannot be written must not bury the reason on the console
    if writer.missing:
        click.secho(_missing(writer), fg="red", err=True)
    process = AsyncCrawlerProcess(settings)
    progress = CrawlProgress()
    for name in outlets or known:
        crawler = process.create_crawler(name)
        progress.watch(name, crawler)
        progress.follow(name, process.crawl(crawler))
    with progress:
        process.start()
    code = _report(progress.tallies, settings)
    if writer.missing and code == SUCCESS:
        code = PARTIAL
    try:
        writer.close()
    except OSError as error:
        raise click.ClickException(str(error)) from error
    except sqlite3.Error as error:
        raise click.ClickException(str(ArchiveUnusable.because(writer.archive, error))) from error
    sys.exit(code)


def _missing(writer: Writer) -> str:
    more = f" and {len(writer.missing) - 1:,} other files are" if len(writer.missing) > 1 else " is"
    return (
        f"{writer.missing[0]}{more} missing from {writer.captures}: the captures in it cannot be shown. "
        "Put it back from a copy, or name the folder that has it with DATELINE_CAPTURES."
    )


def _settings(
    limit: int | None, since: datetime | None, full: bool, overrides: tuple[str, ...], verbose: bool
) -> Settings:
    settings = get_project_settings()
    for override in overrides:
        name, equals, value = override.partition("=")
        if not equals or name not in settings:
            raise click.UsageError(
                f"--set {override!r}: give NAME=VALUE, with a name that settings.py or Scrapy knows."
            )
        settings.set(name, _value(value), priority="cmdline")
    settings.set("CRAWL_LIMIT", limit or 0, priority="cmdline")
    settings.set("CRAWL_SINCE", iso(since.replace(tzinfo=UTC)) if since else None, priority="cmdline")
    settings.set("CRAWL_FULL", full, priority="cmdline")
    if not verbose:
        settings.set("LOG_FILE", str(Path(settings["ARCHIVE"]).with_suffix(".log")), priority="cmdline")
    return settings


def _list(console: Console, what: str, reasons: list[str], table: str) -> None:
    """The first reasons on a line each, and where the others are."""
    for reason in reasons[:LISTED]:
        shown = reason if len(reason) <= 300 else reason[:300] + "…"
        console.print(f"{what}: {shown}", markup=False, highlight=False, soft_wrap=True)
    if len(reasons) > LISTED:
        console.print(f"{what}: {len(reasons) - LISTED:,} more; {table} has them all", markup=False, highlight=False)


def _value(text: str) -> Any:
    """A setting from the command line: JSON where it is (a number, a list), else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _report(tallies: dict[str, Tally], settings: Settings) -> int:
    console = Console()
    table = Table(box=None, pad_edge=False)
    columns = ["outlet", "pages", "new", "changed", "known", "same", "quarantined", "missing", "failed", "left"]
    for column in columns:
        table.add_column(column, justify="left" if column == "outlet" else "right")
    for name, tally in tallies.items():
        table.add_row(name, *(str(value) for value in tally.row()))
    console.print(table)
    errors = Console(stderr=True, soft_wrap=True)
    unreached = [tally for tally in tallies.values() if tally.unreached and not tally.stopped]
    for tally in unreached:
        host, error = tally.first_failure
        why = (error.partition(": ")[2] or error).rstrip(".")
        errors.print(
            f"Could not reach {host} ({why}): check this machine's network and proxy settings, "
            "or try `make demo`, which needs none.",
            style="bold red",
            markup=False,
            highlight=False,
        )
    for name, tally in tallies.items():
        _list(console, f"quarantined at {name}", tally.reasons_of("quarantined"), "the table `quarantine`")
        if tally.answers:
            _list(console, f"failed at {name}", tally.reasons_of(*FAILED), "the table `captures`")
        if tally.crashed and tally not in unreached:
            errors.print(f"{name}: {tally.crashed}", style="bold red", markup=False, highlight=False)
        if tally.stopped:
            errors.print(f"{name}: stopped by a signal; the next crawl goes on from here", highlight=False)
    if settings.get("LOG_FILE"):
        console.print(f"Log: {os.path.relpath(settings['LOG_FILE'])}", style="dim", markup=False, highlight=False)
    if len(unreached) == len(tallies) or any(tally.crashed for tally in tallies.values()):
        return FAILURE
    partly = any(tally.failed or tally.stopped or not tally.answers for tally in tallies.values())
    return PARTIAL if partly else SUCCESS
