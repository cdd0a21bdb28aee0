"""`dateline crawl`: run the outlets' spiders and say how it went."""

from __future__ import annotations

import json
import os
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
from archive.schema import NewerArchive
from archive.times import iso
from archive.writer import Writer
from commands.progress import CrawlProgress, Tally
from pipelines.registry import outlets as known_outlets

SUCCESS, FAILURE, PARTIAL = 0, 1, 3


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

    Ends with 0 when every request was answered, 3 when some failed, 1 when nothing could be crawled.

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
    except (ArchiveLocked, NewerArchive, OSError) as error:
        raise click.ClickException(str(error)) from error
    process = AsyncCrawlerProcess(settings)
    progress = CrawlProgress()
    for name in outlets or known:
        crawler = process.create_crawler(name)
        progress.watch(name, crawler)
        process.crawl(crawler)
    try:
        with progress:
            process.start()
    finally:
        writer.close()
    sys.exit(_report(progress.tallies, settings))


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
    unreached = [tally for tally in tallies.values() if not tally.answers]
    for tally in unreached:
        host, error = tally.first_failure
        why = (error.partition(": ")[2] or error).rstrip(".")
        Console(stderr=True, soft_wrap=True).print(
            f"Could not reach {host} ({why}): check this machine's network and proxy settings, "
            "or try `make demo`, which needs none.",
            style="bold red",
            markup=False,
            highlight=False,
        )
    for name, tally in tallies.items():
        for url, reason in tally.quarantined[:5]:
            console.print(f"quarantined at {name}: {reason or url}", markup=False, highlight=False, soft_wrap=True)
        if tally.crashed and tally.answers:
            console.print(f"{name}: {tally.crashed}", style="bold red", markup=False)
    if settings.get("LOG_FILE"):
        console.print(f"Log: {os.path.relpath(settings['LOG_FILE'])}", style="dim", markup=False, highlight=False)
    if len(unreached) == len(tallies) or any(tally.crashed for tally in tallies.values()):
        return FAILURE
    return PARTIAL if any(tally.failed or not tally.answers for tally in tallies.values()) else SUCCESS
