"""`dateline backfill`: reports of the past, from those who kept them."""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from scrapy.settings import Settings

from archive import clock
from archive.public import open_to_read
from archive.schema import ArchiveUnusable
from archive.standing import size
from archive.writer import Writer
from backfill.cc_news import News
from backfill.plan import Item, reason_of
from backfill.polite import Client, GaveUp, Stopped, Unavailable
from backfill.run import Tally, estimate, run
from backfill.sources import SOURCES, Refused, Source, Window, source
from commands import backfill_plan, crawling
from commands.link import link_after
from commands.serve import check_archive
from commands.stopping import until_a_signal
from pipelines.registry import outlets as known_outlets
from pipelines.reread import prepare


class Day(click.DateTime):
    """A day, as 2012-07-01."""

    name = "day"

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            day: datetime = super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value!r} is no day: write it as 2012-07-01.", param, ctx)
        return day


@click.command()
@click.argument("outlet", required=False)
@click.option(
    "--via",
    type=click.Choice(list(SOURCES)),
    default="wayback",
    show_default=True,
    help="Who kept them: the Wayback Machine (or another web archive: WAYBACK_CDX), Common Crawl's news, or its index.",
)
@click.option("--from", "first", type=Day(), metavar="DAY", help="First day of the captures (UTC), as 2012-07-01.")
@click.option("--to", "last", type=Day(), metavar="DAY", help="Last day. [default: today]")
@click.option("--url", "below", multiple=True, metavar="PREFIX", help="Only what begins with this address.")
@click.option("--limit", type=click.IntRange(min=1), help="Fetch at most this many captures.")
@click.option("--budget", type=click.IntRange(min=1), help="Make at most this many requests.")
@click.option("--again", is_flag=True, help="Ask again for what the archive would not give before.")
@click.option("--dry-run", is_flag=True, help="Ask for the list alone, and say what would be fetched.")
@click.option(
    "--plan", "plans", is_flag=True, help="Say what to fetch: what was cited and not found, where nobody looked."
)
@click.option("--run", "runs", is_flag=True, help="Fetch it, what serves most first, within --budget.")
@click.option("--json", "as_json", is_flag=True, help="With --plan: all of it, for machines.")
@click.option("-s", "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override one of settings.py.")
def backfill(
    outlet: str | None,
    via: str,
    first: datetime | None,
    last: datetime | None,
    below: tuple[str, ...],
    limit: int | None,
    budget: int | None,
    again: bool,
    dry_run: bool,
    plans: bool,
    runs: bool,
    as_json: bool,
    overrides: tuple[str, ...],
) -> None:
    """Fetch what was captured of OUTLET's reports by others, from one day to another.

    Each capture is kept with the address and the time that it has at its archive, so that several of one report are
    its versions. What is here already is not asked for. A run that ends early, whatever ends it, is gone on with by the
    same command.

    Ends with 0 when all is here, 3 when something is left or the archive would not give it, 75 when another process
    holds the archive, 1 when it could not go on.

    \b
    Example:
      dateline backfill xinhua --from 2012-07-01 --to 2012-08-01 --dry-run
      dateline backfill xinhua --from 2012-07-01 --to 2012-08-01
      dateline backfill --plan
      dateline backfill --run --budget 2000
    """
    settings = crawling.settings(overrides, verbose=True)
    crawling.named([outlet] if outlet else [], settings)
    if plans or runs:
        _refuse_beside_a_plan("--run" if runs else "--plan", () if runs else ("budget",))
        vias = (via,) if _is_given("via") else ()
        sys.exit(_by_plan(settings, outlet, vias, runs, budget or 0, as_json))
    if as_json:
        raise click.UsageError("--json is for --plan.")
    if outlet is None or first is None:
        raise click.UsageError("Name an outlet and --from, or see what to fetch with --plan.")
    window = _window(first, last, below, known_outlets(settings)[outlet])
    writer = crawling.take_writer(settings)
    try:
        prepare(writer, settings)
        if dry_run:
            code = _say_what_would_be_done(writer, settings, outlet, via, window, budget or 0)
        else:
            tally = fetch(writer, settings, outlet, via, window, limit=limit or 0, budget=budget or 0, again=again)
            code = report(tally, f"{outlet} via {via}")
            link_after(writer, settings)
    except (OSError, sqlite3.Error) as error:
        raise _cannot_go_on(writer, error) from error
    finally:
        crawling.close(writer)
    sys.exit(code)


def _cannot_go_on(writer: Writer, error: OSError | sqlite3.Error) -> click.ClickException:
    return click.ClickException(
        f"{ArchiveUnusable.because(writer.archive, error)} What was fetched is in WARC files, and the same command "
        "goes on from here."
    )


def _is_given(option: str) -> bool:
    return click.get_current_context().get_parameter_source(option) is not ParameterSource.DEFAULT


def _refuse_beside_a_plan(mode: str, others: Sequence[str]) -> None:
    """Raises click.UsageError for an option that a plan does not heed: `--run --dry-run` would fetch all the same."""
    names = {"first": "--from", "last": "--to", "below": "--url", "dry_run": "--dry-run"}
    for option in ("first", "last", "below", "limit", "again", "dry_run", *others):
        if _is_given(option):
            raise click.UsageError(
                f"{names.get(option, f'--{option}')} does not go with {mode}. --plan says what --run would fetch and "
                "makes no request; an OUTLET, --via and, with --run, --budget limit it."
            )
    if mode == "--run" and _is_given("as_json"):
        raise click.UsageError("--json is for --plan, without --run.")


def _by_plan(
    settings: Settings, outlet: str | None, vias: tuple[str, ...], runs: bool, budget: int, as_json: bool
) -> int:
    """Show what to fetch, or fetch it; returns the exit code."""
    archive, outlets = Path(settings["ARCHIVE"]), (outlet,) if outlet else ()
    if not runs:
        check_archive(archive)
        with closing(open_to_read(archive)) as connection:
            backfill_plan.show(backfill_plan.make(connection, outlets, vias), as_json)
        return crawling.SUCCESS
    writer = crawling.take_writer(settings)
    try:
        prepare(writer, settings)
        link_after(writer, settings, quiet=True)  # of what is not linked, nobody knows what it needs

        def one(item: Item, window: Window, left: int) -> Tally:
            return fetch(writer, settings, item.outlet, item.via, window, why=reason_of(item), budget=left)

        plan = backfill_plan.make(writer.connection, outlets, vias)
        return backfill_plan.run(writer, settings, plan, budget, one, report)
    except (OSError, sqlite3.Error) as error:
        raise _cannot_go_on(writer, error) from error
    finally:
        crawling.close(writer)


def fetch(
    writer: Writer,
    settings: Settings,
    outlet: str,
    via: str,
    window: Window,
    *,
    why: str = "asked for",
    limit: int = 0,
    budget: int = 0,
    again: bool = False,
) -> Tally:
    """Do a backfill, or go on with it, until a signal comes, and show how it goes. Raises click.ClickException when
    there is no room for any capture."""
    if complaint := _no_room(writer, settings, 0):
        raise click.ClickException(complaint)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("captures"),
        TimeRemainingColumn(),
    )  # fmt: skip
    console = Console(stderr=True)
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with _asking(settings, via, budget) as (client, asked), progress as bar:
        task = bar.add_task("", total=None)

        def show(step: str, done: int, of: int) -> None:
            bar.update(task, description=f"{outlet}, {via}: {step}", completed=done, total=of or None)

        return run(
            writer, known_outlets(settings)[outlet], asked, window, client, settings, why=why, limit=limit, again=again,
            room=lambda needed: _no_room(writer, settings, needed), show=show,
        )  # fmt: skip


def report(tally: Tally, what: str) -> int:
    """Print how a backfill went; returns the exit code."""
    click.echo(
        f"{what}: {tally.fetched:,} captures fetched, {tally.same:,} the same as the one before, {tally.failed:,} "
        f"not to be had, {tally.left:,} left. Reports: {tally.new:,} new, {tally.changed:,} changed. "
        f"{tally.requests:,} requests, {size(tally.bytes)}."
    )
    for reason in tally.reasons[: crawling.LISTED]:
        click.echo(f"not to be had: {reason[:300]}", err=True)
    if len(tally.reasons) > crawling.LISTED:
        click.echo(
            f"not to be had: {len(tally.reasons) - crawling.LISTED:,} more; the table mementos has all", err=True
        )
    if tally.unreadable:
        click.echo(f"{tally.unreadable:,} lines of the archive's list say nothing and were passed over.", err=True)
    if tally.trouble:
        click.secho(f"Ended early: {tally.trouble}. The same command goes on from here.", fg="red", err=True)
    elif tally.left:
        click.echo("The same command goes on with what is left.", err=True)
    if tally.trouble and not tally.stopped and not tally.done:
        return crawling.FAILURE
    return crawling.PARTIAL if tally.trouble or tally.left or tally.failed or tally.unreadable else crawling.SUCCESS


def _window(first: datetime, last: datetime | None, below: tuple[str, ...], outlet: Any) -> Window:
    """Raises click.UsageError for days in the wrong order, and for an address that is none of the outlet's."""
    today = clock.now().replace(tzinfo=None)
    if first > today:
        raise click.UsageError(f"--from {first:%Y-%m-%d} is still to come: nothing has been captured then.")
    last = last or today
    if last < first:
        raise click.UsageError(f"--to {last:%Y-%m-%d} is before --from {first:%Y-%m-%d}.")
    for url in below:
        try:
            owned = outlet.owns(url) and outlet.canonical(url)
        except ValueError:
            owned = ""
        if not owned:
            raise click.UsageError(f"--url {url!r} is no address of {outlet.name} (http://… on one of its hosts).")
    return Window(f"{first:%Y%m%d}000000", f"{last:%Y%m%d}235959", below)


@contextmanager
def _asking(settings: Settings, via: str, budget: int) -> Iterator[tuple[Client, Source]]:
    """Raises click.ClickException for settings that name no source."""
    with until_a_signal() as stopped:
        try:
            client = Client.from_settings(settings, budget=budget, stopped=stopped)
            asked = source(via, settings, client)
        except ValueError as error:
            raise click.ClickException(f"{error}. Set it in settings.py, or by --set NAME=VALUE.") from error
        try:
            yield client, asked
        finally:
            client.close()


def _no_room(writer: Writer, settings: Settings, needed: int) -> str:
    """Why so many bytes have no place on the disk of the captures, "" when they have: as much must stay free as
    `dateline status` wants."""
    disk = shutil.disk_usage(writer.captures.folder)
    kept = min(settings.getint("DISK_MIN_FREE"), disk.total // 20)
    if disk.free >= needed + kept:
        return ""
    return (
        f"{size(disk.free)} are free on the disk of {writer.captures.folder}, and about {size(needed)} are to be "
        f"fetched; {size(kept)} must stay free (DISK_MIN_FREE). Make room, or fetch less at once (--limit)"
    )


def _say_what_would_be_done(
    writer: Writer, settings: Settings, outlet: str, via: str, window: Window, budget: int
) -> int:
    with _asking(settings, via, budget) as (client, asked):
        try:
            if isinstance(asked, News):
                return _say_what_would_be_read(asked, window)
            made = estimate(writer, known_outlets(settings)[outlet], asked, window, client)
        except (Stopped, GaveUp, Unavailable, Refused) as error:
            raise click.ClickException(f"The list is not complete: {error}") from error
        seconds = made.fetch * asked.delay
    click.echo(
        f"{made.listed:,} captures listed in {made.requests:,} requests, {made.mementos:,} of them of reports, at "
        f"{made.addresses:,} addresses.\n"
        f"{made.held:,} are here already, {made.same:,} are the same as the one before, {made.refused:,} the archive "
        f"would not give before.\n"
        f"{made.fetch:,} to be fetched: about {size(made.bytes)}, {_duration(seconds)} at {asked.delay:g} s each."
    )
    if complaint := _no_room(writer, settings, made.bytes):
        click.secho(f"{complaint}.", fg="red", err=True)
        return crawling.PARTIAL
    return crawling.SUCCESS


def _say_what_would_be_read(news: News, window: Window) -> int:
    """Of CC-NEWS, which has no list of what its files hold."""
    made = news.estimate(window)
    click.echo(
        f"{made.files:,} files of CC-NEWS to be read through: about {size(made.bytes)} in {made.requests:,} requests, "
        f"{_duration(made.seconds)}. Of them the outlet's captures are kept."
    )
    return crawling.SUCCESS


def _duration(seconds: float) -> str:
    if seconds < 5400:
        return f"{max(1, round(seconds / 60))} min"
    return f"{seconds / 3600:,.1f} h" if seconds < 48 * 3600 else f"{seconds / 86400:,.1f} days"
