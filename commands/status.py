"""`dateline status`: what the archive holds, and what needs attention."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from scrapy.utils.project import get_project_settings

from commands.serve import check_archive

_PER_OUTLET = """
select outlets.id as outlet,
    (select count(*) from reports where outlet = outlets.id) as reports,
    (select substr(max(published_at), 1, 10) from reports where outlet = outlets.id) as newest,
    (select coalesce(sum(versions - 1), 0) from reports where outlet = outlets.id) as edits,
    (select count(*) from reports where outlet = outlets.id and state in ('suspected', 'gone')) as missing,
    (select count(distinct url) from quarantine where outlet = outlets.id) as quarantined,
    (select count(*) from checks where outlet = outlets.id and last_capture is null) as waiting,
    (select started_at from crawls where outlet = outlets.id order by started_at desc limit 1) as last_crawl,
    (select coalesce(finish_reason, 'killed') from crawls where outlet = outlets.id order by started_at desc limit 1)
        as ended
from outlets order by outlets.id
"""


COLUMNS = ("outlet", "reports", "newest", "edits", "missing", "quarantined", "waiting", "last_crawl")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for machines.")
def status(as_json: bool) -> None:
    """Say what the archive holds, outlet by outlet, and what needs attention. Ends with 1 when WARC files are missing.

    \b
    Example:
      dateline status
    """
    settings = get_project_settings()
    archive, captures = Path(settings["ARCHIVE"]), Path(settings["CAPTURES"])
    if not archive.exists():
        raise click.ClickException(
            f"There is no archive at {archive}: `dateline crawl` makes it, `make demo` a sample."
        )
    check_archive(archive)
    report = _status(archive, captures)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    console = Console()
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in COLUMNS:
        table.add_column(column.replace("_", " "), no_wrap=True)
    for row in report["outlets"]:
        table.add_row(*(_cell(row[column]) for column in COLUMNS))
    console.print(table)
    console.print(
        f"{report['captures']:,} captures in {report['warc_files']} WARC files "
        f"({report['warc_bytes'] / 1e6:,.1f} MB), archive {report['archive_bytes'] / 1e6:,.1f} MB",
        highlight=False,
    )
    for note in report["attention"]:
        console.print(f"! {note}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    if report["missing_files"]:
        sys.exit(1)


def _cell(value: object) -> str:
    """A figure with its thousands apart, a time to the minute, – for nothing."""
    if isinstance(value, int):
        return f"{value:,}"
    return "–" if value is None else re.sub(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ", r"\1 \2", str(value))


def _status(archive: Path, captures: Path) -> dict[str, Any]:
    connection = sqlite3.connect(f"file:{archive}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    rows = [dict(row) for row in connection.execute(_PER_OUTLET)]
    files = sorted(captures.glob("*.warc.gz*"))
    known = {row["name"]: row["bytes"] for row in connection.execute("select name, bytes from warcs")}
    attention = [
        f"{path.name} holds captures without rows: the next crawl, or `dateline reread`, reads them"
        for path in files
        if known.get(path.name) != path.stat().st_size
    ]
    missing = [name for name in known if not (captures / name).exists()]
    attention += [
        f"{name} is missing from {captures}: its captures cannot be shown; put it back from a copy" for name in missing
    ]
    attention += [
        f"{row['outlet']}: the last crawl ended early ({row['ended']})"
        for row in rows
        if row["ended"] not in (None, "finished")
    ]
    attention += [
        f"{row['outlet']}: {row['quarantined']} pages in quarantine; see the table `quarantine`"
        for row in rows
        if row["quarantined"]
    ]
    return {
        "archive": str(archive),
        "outlets": rows,
        "captures": connection.execute("select count(*) from captures").fetchone()[0],
        "warc_files": len(files),
        "missing_files": len(missing),
        "warc_bytes": sum(path.stat().st_size for path in files),
        "archive_bytes": archive.stat().st_size,
        "attention": attention,
    }
