"""`dateline crawl`: run the outlets' spiders and say how it went."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from archive.lock import ArchiveLocked
from archive.times import iso
from commands import crawling, working
from commands.link import link_after
from commands.working import Share, Worker


@click.command()
@click.argument("outlets", nargs=-1, metavar="[OUTLET]...")
@click.option("--limit", type=click.IntRange(min=1), help="At most this many reports of each outlet.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="Leave links that a list dates earlier (UTC).",
)
@click.option("--full", is_flag=True, help="Look at known reports again although they are not due.")
@working.option
@click.option("-s", "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override one of settings.py.")
@click.option("-v", "--verbose", is_flag=True, help="Show the crawl's log here instead of in the log file.")
def crawl(
    outlets: tuple[str, ...],
    limit: int | None,
    since: datetime | None,
    full: bool,
    worker: Share | None,
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
      dateline crawl --worker 1/2
    """
    settings = crawling.settings(overrides, verbose)
    settings.set("CRAWL_LIMIT", limit or 0, priority="cmdline")
    settings.set("CRAWL_SINCE", iso(since.replace(tzinfo=UTC)) if since else None, priority="cmdline")
    settings.set("CRAWL_FULL", full, priority="cmdline")
    names = crawling.named(outlets, settings)
    if worker:
        sys.exit(working.run(Worker(worker, names, settings), lambda _: "No outlet is left for this worker."))
    free = crawling.without_held(names, settings)
    if not free:
        raise click.ClickException("Workers have every outlet in hand, so nothing was begun.")
    try:
        writer = crawling.open_writer(settings)
    except ArchiveLocked as error:
        raise click.ClickException(str(error)) from error
    tallies = crawling.crawl(free, settings)
    code = crawling.report(tallies, settings)
    if writer.missing and code == crawling.SUCCESS:
        code = crawling.PARTIAL
    link_after(writer, settings)
    crawling.close(writer)
    sys.exit(code)
