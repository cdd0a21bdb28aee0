"""`dateline crawl`: run the outlets' spiders and say how it went."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from archive.lock import ArchiveLocked
from archive.times import iso
from commands import crawling, outlet_jobs, working
from commands.link import link_after
from commands.working import Share, Worker
from pipelines.engines import EngineFailed
from pipelines.shards import OtherCode


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
@click.option("--engine", type=click.Choice(["dask"]), help="Crawl on an existing Dask cluster, one job an outlet.")
@click.option("--scheduler", metavar="ADDRESS", help="The Dask scheduler, such as tcp://10.0.0.5:8786.")
@click.option("-s", "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override one of settings.py.")
@click.option("-v", "--verbose", is_flag=True, help="Show the crawl's log here instead of in the log file.")
def crawl(
    outlets: tuple[str, ...],
    limit: int | None,
    since: datetime | None,
    full: bool,
    worker: Share | None,
    engine: str | None,
    scheduler: str | None,
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
      dateline crawl --engine dask --scheduler tcp://10.0.0.5:8786
    """
    if bool(engine) != bool(scheduler):
        raise click.UsageError("--engine dask and --scheduler ADDRESS belong together.")
    if engine and (worker or verbose):
        raise click.UsageError("--engine dask goes with neither --worker nor --verbose: each job is a worker itself.")
    settings = crawling.settings(overrides, verbose)
    options = {
        "CRAWL_LIMIT": limit or 0,
        "CRAWL_SINCE": iso(since.replace(tzinfo=UTC)) if since else None,
        "CRAWL_FULL": full,
    }
    for name, value in options.items():
        settings.set(name, value, priority="cmdline")
    names = crawling.named(outlets, settings)
    if scheduler:
        try:
            sys.exit(outlet_jobs.run(scheduler, names, settings, overrides, options))
        except (EngineFailed, OtherCode) as error:
            raise click.ClickException(f"{error} What was captured stays; run `dateline merge`.") from error
    if worker:
        share = worker
        sys.exit(working.run(lambda: Worker(share, names, settings), lambda _: "No outlet is left for this worker."))
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
