"""`dateline link`: read what reports state, and link them; the same after each crawl."""

from __future__ import annotations

import sys
import time

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from scrapy.settings import Settings

from archive.writer import Writer
from commands import crawling
from commands.stopping import until_a_signal
from linking.link import Linked, forget
from linking.link import link as link_reports
from pipelines.press import press_of
from pipelines.registry import descriptions, outlets
from pipelines.reread import prepare

_STEPS = {
    "read": "reading what they state",
    "reprints": "looking for copies",
    "twins": "pairing languages",
    "citations": "looking for sources",
    "contradictions": "comparing figures",
}


@click.command()
@click.option("--anew", is_flag=True, help="Read and link everything again, not only what is new.")
@click.option("--seconds", type=click.IntRange(min=1), help="Stop after this time; the next run goes on.")
@click.option("-s", "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override one of settings.py.")
def link(anew: bool, seconds: int | None, overrides: tuple[str, ...]) -> None:
    """Read the figures and sources out of new reports, and link each to the reports that it rests on, repeats or
    translates.

    `dateline crawl` and `dateline due` do this at their end; it makes no request. What is interrupted goes on where it
    was. Ends with 0 when nothing is left to do, 3 when something is or a report could not be read, 75 when another
    process holds the archive, 1 when it could not go on.

    \b
    Example:
      dateline link
      dateline link --anew
    """
    settings = crawling.settings(overrides, verbose=True)
    writer = crawling.take_writer(settings, will_ask=False)
    try:
        prepare(writer, settings)
        if anew:
            forget(writer.connection)
        linked = link_new(writer, settings, seconds)
    except Exception as error:
        raise click.ClickException(
            f"{writer.archive} could not be linked: {type(error).__name__}: {error}. What was done before stays; run "
            "`dateline link` again when the cause is gone."
        ) from error
    finally:
        crawling.close(writer)
    click.echo(told(linked))
    tell_passed_over(linked)
    if linked.left:
        click.echo(f"{linked.left:,} reports are left; `dateline link` goes on with them.", err=True)
    if linked.left or linked.passed_over:
        sys.exit(crawling.PARTIAL)


def link_new(writer: Writer, settings: Settings, seconds: float | None = None) -> Linked:
    """Link what is new in the writer's archive, for so many seconds at most, until a signal comes. Raises what
    linking.link.link does."""
    known = outlets(settings)
    writer.describe(descriptions(known, settings))
    ends = time.monotonic() + seconds if seconds is not None else None
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("reports"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with until_a_signal() as stopped, progress as bar:
        task = bar.add_task("", total=None)

        def show(step: str, done: int, of: int) -> None:
            bar.update(task, description=_STEPS[step], completed=done, total=of)

        return link_reports(
            writer.connection,
            press_of(known, settings),
            lambda: not stopped() and (ends is None or time.monotonic() < ends),
            show,
        )


def link_after(writer: Writer, settings: Settings, quiet: bool = False) -> None:
    """At the end of a crawl or run: whatever goes wrong here is said, and fails nothing that was archived."""
    try:
        linked = link_new(writer, settings, settings.getfloat("LINK_SECONDS") or None)
    except Exception as error:  # a text that the grammar stumbles over must not cost a crawl its end
        click.secho(
            f"The reports are archived, but were not all linked ({type(error).__name__}: {error}). "
            "`dateline link` goes on with them.",
            fg="red",
            err=True,
        )
        return
    tell_passed_over(linked)
    if not quiet and linked.read:
        click.echo(told(linked))
    if not quiet and linked.left:
        click.echo(f"{linked.left:,} reports are still to be linked: `dateline link`, or the end of the next run.")


def tell_passed_over(linked: Linked) -> None:
    """Nothing of a report is lost when this fails on its text: it is archived, and the next grammar reads it again."""
    for problem in linked.passed_over[: crawling.LISTED]:
        click.secho(f"Not read or linked: {problem}", fg="red", err=True)
    if len(linked.passed_over) > crawling.LISTED:
        click.secho(f"Not read or linked: {len(linked.passed_over) - crawling.LISTED:,} more", fg="red", err=True)


def told(linked: Linked) -> str:
    if not linked.read and not any(linked.looked.values()):
        return "Nothing is new to link."
    read = "1 report was" if linked.read == 1 else f"{linked.read:,} reports were"
    return f"{read} read for what they state, {max(linked.looked.values()):,} linked."
