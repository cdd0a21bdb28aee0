"""`dateline due`: do what is due now, and end."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from statistics import median

import click
from scrapy.settings import Settings

from archive import clock, plan
from archive.alarms import Changes
from archive.plan import Planned
from archive.writer import Writer
from commands import crawling, working
from commands.link import link_after
from commands.notify import health_check
from commands.progress import Tally
from commands.working import Share, Worker
from pipelines.reread import prepare


@click.command()
@click.argument("outlets", nargs=-1, metavar="[OUTLET]...")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing unless something went wrong: for cron.")
@working.option
@click.option("-s", "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override one of settings.py.")
@click.option("-v", "--verbose", is_flag=True, help="Show the crawls' log here instead of in the log file.")
def due(outlets: tuple[str, ...], quiet: bool, worker: Share | None, overrides: tuple[str, ...], verbose: bool) -> None:
    """Read the lists and look at the reports that are due now, of OUTLETs or of all, and end.

    Made to be run every few minutes (`dateline schedule`): each outlet's budget of requests comes back evenly over
    the day, and goes to lists first, then to the youngest reports. What was missed while the machine was off is done
    once.

    Ends with 0 when what was due was done, 3 when some of it failed or a signal stopped it, 75 when another process
    holds the archive, 1 when it could not go on.

    \b
    Example:
      dateline due
      dateline due xinhua
      dateline due --worker 1/2
    """
    settings = crawling.settings(overrides, verbose)
    settings.set("CRAWL_DUE", True, priority="cmdline")
    names = crawling.named(outlets, settings)
    seconds = settings.getfloat("RUN_MINUTES") * 60
    if worker:
        share, wanted = worker, names
        sys.exit(working.run(lambda: Worker(share, wanted, settings, only_due=True, seconds=seconds), _nothing, quiet))
    names = crawling.without_held(names, settings)
    if not names:
        click.echo("Nothing was begun: workers have every outlet in hand.", err=True)
        sys.exit(crawling.BUSY)
    writer = crawling.take_writer(settings)
    run = begin(writer, settings)
    work = due_now(writer, names)
    tallies = crawling.crawl([each.outlet for each in work], settings, seconds) if work else {}
    changes = end(writer, run, work, tallies, settings)
    code = _report(writer, names, tallies, settings, quiet)
    if tallies:
        link_after(writer, settings, quiet)
    for alarm in (*changes.raised, *changes.returned):
        click.secho(f"Alarm {alarm.id}: {alarm.message}", fg="yellow", err=True)
    crawling.close(writer)
    sys.exit(code)


def begin(writer: Writer, settings: Settings) -> str:
    """Note that a run begins, after reading what one that was killed has left; returns the run's id."""
    prepare(writer, settings)
    started = clock.now()
    run = f"{started:%Y%m%dT%H%M%S%fZ}"
    writer.begin_run(run, started, os.getpid())
    return run


def due_now(writer: Writer, names: Sequence[str]) -> list[Planned]:
    """The outlets at which something is due and may be asked for, those first that were crawled longest ago."""
    planned = [each for each in plan.plan(writer.connection, clock.now(), names) if each.due and each.allowed]
    # By the index: one crawl in ten minutes makes 50,000 rows a year, of each outlet.
    last = dict(
        writer.connection.execute(
            "select id, (select max(started_at) from crawls where outlet = outlets.id) from outlets"
        )
    )
    return sorted(planned, key=lambda each: (last[each.outlet] or "", each.outlet))


def end(writer: Writer, run: str, work: Sequence[Planned], tallies: dict[str, Tally], settings: Settings) -> Changes:
    """Note what a run did, then look for what is wrong, and tell who is to be told; returns the alarms that changed."""
    (requests,) = writer.connection.execute(
        "select coalesce(sum(requests), 0) from crawls where id >= ?", [run]
    ).fetchone()
    offsets = [tally.clock_offset for tally in tallies.values() if tally.clock_offset is not None]
    writer.end_run(
        run,
        clock.now(),
        _how_it_ended(tallies),
        outlets=len(work),
        due=sum(each.due for each in work),
        requests=requests,
        new=sum(tally.stat("new_reports") for tally in tallies.values()),
        clock_offset=median(offsets) if offsets else None,
    )
    return health_check(writer.connection, settings, writer.captures)


def _how_it_ended(tallies: dict[str, Tally]) -> str:
    if any(tally.stopped for tally in tallies.values()):
        return "stopped by a signal"
    if any(tally.out_of_time for tally in tallies.values()):
        return "out of time"
    if crashed := next((name for name, tally in tallies.items() if tally.crashed), ""):
        return f"{crashed}: {tallies[crashed].crashed}"
    if outages := [name for name, tally in tallies.items() if tally.outage]:
        return f"finished; outage of {', '.join(outages)}"
    return "finished"


def _report(writer: Writer, names: Sequence[str], tallies: dict[str, Tally], settings: Settings, quiet: bool) -> int:
    if not tallies:
        if not quiet:
            click.echo(_nothing(plan.plan(writer.connection, clock.now(), names)))
        return crawling.SUCCESS
    return crawling.report(tallies, settings, quiet)


def _nothing(planned: Sequence[Planned]) -> str:
    """Why nothing was asked for, and when something will be."""
    if resting := [f"{each.outlet} until {each.rests_until}" for each in planned if each.due and each.rests_until]:
        return f"Left alone after an outage: {', '.join(resting)}."
    if spent := [each.outlet for each in planned if each.due]:
        return f"The budget of requests is spent for now: {', '.join(spent)}. It comes back evenly over the day."
    times = [each.next_due for each in planned if each.next_due]
    return f"Nothing is due. Next: {min(times)}" if times else "Nothing is due."
