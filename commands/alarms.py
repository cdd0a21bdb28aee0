"""`dateline alarms`: what is wrong, and what was said of it."""

from __future__ import annotations

import json
import sqlite3
import textwrap
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from scrapy.utils.project import get_project_settings

from archive import alarms as table
from archive import clock
from archive.alarms import Alarm, UnknownAlarm
from archive.public import open_to_read
from archive.schema import connect
from archive.standing import moment
from commands.notify import title
from commands.serve import check_archive

SHOWN = 200  # of the history


@click.group(invoke_without_command=True)
@click.option("--all", "every", is_flag=True, help=f"Those that are over too, the newest {SHOWN}.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for machines.")
@click.pass_context
def alarms(context: click.Context, every: bool, as_json: bool) -> None:
    """List the open alarms, as the last check left them (`dateline status` looks anew).

    \b
    Example:
      dateline alarms
      dateline alarms --all
      dateline alarms acknowledge 12 --note "They leave the editor out since May."
    """
    if context.invoked_subcommand:
        return
    with closing(open_to_read(_archive())) as connection:
        found = table.history(connection, SHOWN) if every else table.open_alarms(connection)
    if as_json:
        click.echo(json.dumps([asdict(alarm) for alarm in found], ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo("No alarm was ever raised." if every else "No alarm is open.")
    console = Console()
    for alarm in found:
        show(console, alarm)


@alarms.command()
@click.argument("alarm", type=click.IntRange(min=1), metavar="ID")
@click.option("--note", required=True, help="What you know of it; it is kept.")
def acknowledge(alarm: int, note: str) -> None:
    """Have an alarm keep quiet until what it is about changes. A crawl may run meanwhile.

    \b
    Example:
      dateline alarms acknowledge 12 --note "They leave the editor out since May."
    """
    if not note.strip():
        raise click.UsageError("--note is empty: say what you know of it, for whoever looks at this after you.")
    archive = _archive()
    try:
        # Without the writer's lock: this is one short transaction, for which SQLite has a crawl's own wait, and it
        # touches nothing that a crawl writes.
        with closing(connect(archive)) as connection:
            connection.execute("begin immediate")
            found = table.acknowledge(connection, alarm, note.strip(), clock.now())
            connection.execute("commit")
    except UnknownAlarm as error:
        raise click.ClickException(str(error)) from error
    except sqlite3.OperationalError as error:
        raise click.ClickException(f"{archive} could not be written: {error}. Try again when it is free.") from error
    click.echo(f"Alarm {found.id} ({title(found)}) is acknowledged. It returns if that changes.")


def _archive() -> Path:
    archive = Path(get_project_settings()["ARCHIVE"])
    check_archive(archive)
    return archive


def show(console: Console, alarm: Alarm) -> None:
    """One alarm in a paragraph."""
    number = f"{alarm.id}" if alarm.id else "new"
    if alarm.cleared_at:
        style, state = "dim", f"over since {moment(alarm.cleared_at)}"
    elif alarm.acknowledged_at:
        style, state = "dim", f"acknowledged {moment(alarm.acknowledged_at)}"
    else:
        style, state = "yellow", "open"
    console.print(
        f"[bold]{number:>4}  {escape(title(alarm))}[/bold]  since {moment(alarm.raised_at)}, {state}",
        style=style,
        highlight=False,
        soft_wrap=True,
    )
    said = [alarm.message] + ([f"Note: {alarm.note}"] if alarm.note else [])
    for sentence in said:
        console.print(_indented(sentence, console.width), style=style, markup=False, highlight=False, soft_wrap=True)


def _indented(text: str, width: int) -> str:
    return textwrap.fill(
        text, max(40, min(width, 100)), initial_indent="      ", subsequent_indent="      ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
