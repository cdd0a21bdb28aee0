"""`dateline search`: find reports from the command line."""

from __future__ import annotations

import json
import sqlite3
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

import settings
from archive import public
from archive import search as index
from archive.advice import KINDS, STATES
from archive.finding import Hit, Order, Overview, Search, find, overview, problems
from archive.snippets import MARKS, highlight
from commands.serve import check_archive

FOUND, NOTHING_FOUND = 0, 1
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="WORDS...")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="Show at most this many.")
@click.option("--outlet", help="Only this outlet's reports (see `dateline outlets`).")
@click.option("--language", help="Only reports in this language: zh, en.")
@click.option("--kind", type=click.Choice(KINDS), help="Only state media, or only those who repeat them.")
@click.option("--state", type=click.Choice(STATES), help="Only reports that still answer, or that are gone, …")
@click.option("--removed", is_flag=True, help="Look only in text that edits took out.")
@click.option("--since", type=_DAY, metavar="YYYY-MM-DD", help="Published on this day (UTC) or later.")
@click.option("--until", type=_DAY, metavar="YYYY-MM-DD", help="Published on this day (UTC) or earlier.")
@click.option("--oldest", "order", flag_value="oldest", help="Oldest first instead of newest first.")
@click.option("--relevance", "order", flag_value="relevance", help="Best first; ranks the newest 20,000.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for machines.")
@click.option(
    "--archive",
    type=click.Path(path_type=Path, dir_okay=False),
    default=settings.ARCHIVE,
    help="The archive to search.  [default: the one in settings.py]",
)
def search(
    words: tuple[str, ...],
    limit: int,
    outlet: str | None,
    language: str | None,
    kind: str | None,
    state: str | None,
    removed: bool,
    since: datetime | None,
    until: datetime | None,
    order: Order | None,
    as_json: bool,
    archive: Path,
) -> None:
    """Search the archive, in English and Chinese, newest first.

    All WORDS must be in a report. Also: '"a phrase"', word*, a OR b, title:北京, removed:gangs (what an edit took out),
    year:2012. After -- a word with a minus leaves out: -- 公安部 -网络. Ends with 0 when something was found, 1 when
    nothing was, 2 when the command was wrong.

    \b
    Example:
      dateline search 公安部
      dateline search '"police arrested"' --outlet xinhua --since 2012-01-01
    """
    check_archive(archive)
    query = " ".join(words)
    connection = sqlite3.connect(f"{archive.resolve().as_uri()}?mode=ro", uri=True)
    index.register(connection)
    public.attach_index(connection)
    _check_outlet(connection, outlet)
    asked = Search(
        query,
        outlet or "",
        language or "",
        kind or "",
        state or "",
        since.date() if since else None,
        until.date() if until else None,
        removed,
        order or "newest",
    )
    hits = find(connection, asked, limit).hits
    counts = overview(connection, asked)
    for problem in problems(connection, asked):
        click.secho(problem, fg="yellow", err=True)
    if as_json:
        found = {"words": query, "total": counts.total, "total_is_estimate": not counts.exact}
        click.echo(json.dumps({**found, "hits": [asdict(hit) for hit in hits]}, ensure_ascii=False, indent=2))
    elif hits:
        _show(hits, query, counts)
    else:
        _explain_nothing(query, asked != Search(query))
    sys.exit(FOUND if hits else NOTHING_FOUND)


def _check_outlet(connection: sqlite3.Connection, outlet: str | None) -> None:
    known = [row[0] for row in connection.execute("select id from outlets order by id")]
    if outlet is not None and outlet not in known:
        raise click.BadParameter(f"{outlet!r} is not in the archive; it has {', '.join(known) or 'no outlets yet'}.")


def _show(hits: list[Hit], query: str, counts: Overview) -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0), show_header=True)
    table.add_column("published (UTC)", no_wrap=True)
    table.add_column("outlet", no_wrap=True)
    table.add_column("report", ratio=1, overflow="fold")
    for hit in hits:
        about = Text.assemble((f"{hit.id}  ", "dim"), (hit.url, "dim"))
        for note in _notes(hit):
            about.append(f"  {note}", "yellow")
        title = _marked(highlight(hit.title, query), console)
        title.stylize("bold")
        report = Text("\n").join([title, _marked(hit.snippet, console), about])
        table.add_row(_published(hit), hit.outlet, report)
    console.print(table)
    number = f"{counts.total:,}" if counts.exact else f"About {_rounded(counts.total):,}"
    shown = "" if counts.total <= len(hits) else f", {len(hits)} shown (--limit shows more)"
    console.print(f"{number} report{'' if counts.total == 1 else 's'} found{shown}.")


def _rounded(estimate: int) -> int:
    """To two digits: an estimate is no better."""
    unit: int = 10 ** max(0, len(str(estimate)) - 2)
    return round(estimate / unit) * unit


def _published(hit: Hit) -> str:
    if hit.published_at is None:
        return "unknown"
    return hit.published_at[:10] if hit.published_precision == "day" else hit.published_at[:16].replace("T", " ")


def _notes(hit: Hit) -> list[str]:
    notes = []
    if hit.in_removed:
        notes.append("found in words that were removed by an edit")
    elif hit.versions > 1:
        notes.append(f"{hit.versions} versions")
    if hit.state != "live":
        notes.append(hit.state)
    return notes


def _marked(text: str, console: Console) -> Text:
    """What stands between MARKS in colour; where there is no colour, the marks stay."""
    if console.color_system is None:
        return Text(text)
    shown = Text()
    for number, part in enumerate(text.replace(MARKS[1], MARKS[0]).split(MARKS[0])):
        shown.append(part, "bold black on yellow" if number % 2 else "")
    return shown


def _explain_nothing(query: str, narrowed: bool) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"Nothing found for {query}", markup=False)
    hints = ["fewer words", "word* for words that begin so", "a OR b"]
    if narrowed:
        hints.insert(0, "without options that narrow it, such as --outlet and --since")
    console.print(f"Try {', '.join(hints)}. `dateline status` says what the archive holds.", markup=False)
