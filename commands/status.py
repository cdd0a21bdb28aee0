"""`dateline status`: how it goes with each outlet, what the archive holds, and what needs attention."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from archive import alarms, clock, health, plan
from archive.alarms import Alarm
from archive.fingerprint import fingerprint
from archive.health import Disk, FillRate, OutletHealth, Usual
from archive.public import is_public, open_to_read
from archive.standing import percent, size, span
from archive.storage import Captures
from archive.times import parse
from archive.warc_recovery import TORN_SUFFIX
from archive.warc_writer import OPEN_SUFFIX
from archive.writer import captures_of
from commands.alarms import show
from commands.notify import title
from commands.serve import check_archive
from linking.link import waiting_reports

FILES_MISSING, ALARM = 1, 2
DIFFERS = 0.05  # of a fill rate, that is worth showing beside it
CAUSES = 3  # of an outlet, that are shown
_FIELDS = {
    "published_at": "published",
    "source_label": "source",
    "editor": "editor",
    "section": "section",
    "dateline_place": "dateline",
    "keywords": "keywords",
    "byline": "byline",
}


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that the command says."""

    archive: Path
    folder: Path  # of the captures
    outlets: list[OutletHealth]
    alarms: list[Alarm]
    disks: list[Disk]
    captures: int
    warc_files: int
    warc_bytes: int
    unread: list[str]  # WARC files with captures that have no rows
    missing: list[str]  # WARC files that are not there
    archive_bytes: int
    unlinked: int  # reports that wait to be read for what they state, or to be linked


@click.command()
@click.argument("outlets", nargs=-1, metavar="[OUTLET]...")
@click.option("--check", is_flag=True, help="Only say which alarms nobody has acknowledged; ends with 2 if there are.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object with everything, for machines.")
@click.option("--fingerprint", "only_fingerprint", is_flag=True, help="Only one number for all that the archive says.")
def status(outlets: tuple[str, ...], check: bool, as_json: bool, only_fingerprint: bool) -> None:
    """Say how it goes with OUTLETs, or all, what the archive holds, and what needs attention.

    New reports are shown beside what is usual for the same hours, of the lowest and the highest of the last 8 weeks.
    Ends with 1 when WARC files are missing. With --check it ends with 2 when there is an alarm that nobody has
    acknowledged, else with 0. Two archives made from the same WARC files by `dateline reread` have the same
    --fingerprint.

    \b
    Example:
      dateline status
      dateline status xinhua --json
      dateline status --check
    """
    settings = get_project_settings()
    archive, captures = Path(settings["ARCHIVE"]), captures_of(settings)
    if not archive.exists():
        raise click.ClickException(
            f"There is no archive at {archive}: `dateline crawl` makes it, `make demo` a sample."
        )
    check_archive(archive)
    if only_fingerprint:
        with closing(open_to_read(archive)) as connection:
            click.echo(fingerprint(connection))
        return
    now = clock.now()
    with closing(open_to_read(archive)) as connection:
        connection.execute("pragma cache_size = -65536")  # 64 MB: many rows of a large archive, some of them twice
        _refuse_unknown(connection, outlets)
        standing = _alarms(connection, settings, captures, now, outlets)
        new = [alarm for alarm in standing if not alarm.acknowledged_at]
        if check and not as_json:
            for alarm in new:
                click.echo(f"{alarm.id or 'new'} {title(alarm)}: {alarm.message}")
            sys.exit(ALARM if new else 0)
        found = look(connection, settings, captures, now, outlets, standing)
    if as_json:
        click.echo(json.dumps(as_data(found), ensure_ascii=False, indent=2, default=str))
    else:
        _print(found, now)
    if check:
        sys.exit(ALARM if new else 0)
    if found.missing:
        sys.exit(FILES_MISSING)


def _refuse_unknown(connection: sqlite3.Connection, outlets: Sequence[str]) -> None:
    known = [id for (id,) in connection.execute("select id from outlets order by id")]
    for name in outlets:
        if name not in known:
            raise click.UsageError(f"The archive has no outlet {name!r}. It has: {', '.join(known)}")


def _alarms(
    connection: sqlite3.Connection, settings: Settings, captures: Captures, now: datetime, outlets: Sequence[str]
) -> list[Alarm]:
    """Those that a check would find now, of the outlets and of what is no outlet's."""
    if is_public(connection):
        return []
    standing = alarms.standing(connection, settings, captures, now)
    return [alarm for alarm in standing if not outlets or alarm.outlet in (None, *outlets)]


def look(
    connection: sqlite3.Connection,
    settings: Settings,
    captures: Captures,
    now: datetime,
    outlets: Sequence[str],
    standing: list[Alarm],
) -> Status:
    """Read it all from the archive and the folders; writes nothing."""
    archive = Path(settings["ARCHIVE"])
    unfinished = [path for end in (OPEN_SUFFIX, TORN_SUFFIX) for path in captures.folder.glob(f"*{end}")]
    files = captures.names() | {path.name: path.stat().st_size for path in sorted(unfinished)}
    known = dict(connection.execute("select name, bytes from warcs order by name"))
    (count,) = connection.execute("select count(*) from captures").fetchone()
    return Status(
        archive=archive,
        folder=captures.folder,
        outlets=health.of_outlets(connection, now, outlets or None),
        alarms=standing,
        disks=health.disks(archive, captures.folder),
        captures=count,
        warc_files=len(files),
        warc_bytes=sum(files.values()),
        unread=[name for name, length in files.items() if known.get(name) != length],
        missing=[name for name in known if name not in files],
        archive_bytes=archive.stat().st_size,
        unlinked=_unlinked(connection),
    )


def _unlinked(connection: sqlite3.Connection) -> int:
    with suppress(sqlite3.OperationalError):  # a public archive, or an older one, does not say
        return waiting_reports(connection)
    return 0


def as_data(found: Status) -> dict[str, Any]:
    """For machines: everything, by name; shares are of 1."""
    return {
        "archive": str(found.archive),
        "outlets": [_outlet_as_data(outlet) for outlet in found.outlets],
        "alarms": [asdict(alarm) for alarm in found.alarms],
        "disks": [asdict(disk) for disk in found.disks],
        "captures": found.captures,
        "warc_files": found.warc_files,
        "missing_files": len(found.missing),
        "warc_bytes": found.warc_bytes,
        "archive_bytes": found.archive_bytes,
        "unlinked": found.unlinked,
        "attention": [f"{title(alarm)}: {alarm.message}" for alarm in found.alarms if not alarm.acknowledged_at]
        + _notes(found),
    }


def _outlet_as_data(outlet: OutletHealth) -> dict[str, Any]:
    data = asdict(outlet)
    for rate, each in zip(outlet.fields, data["fields"], strict=True):
        each |= {"share": rate.share, "share_before": rate.share_before}
    data["quarantined"] |= {"share": outlet.quarantined.share, "share_before": outlet.quarantined.share_before}
    return data


# For people


def _print(found: Status, now: datetime) -> None:
    console = Console()
    console.print(_outlets(found.outlets, now))
    console.print(
        "usual: the lowest and the highest of the last 8 weeks (?: too little history); unread: report pages in "
        "quarantine, and failed: requests, both of the last 7 days; gone: reports that are missing now",
        style="dim",
        highlight=False,
    )
    if any(outlet.fields for outlet in found.outlets):
        console.print()
        console.print("Fields filled in the newest reports, in percent (and before, where that differs)", style="bold")
        console.print(_fields(found.outlets))
    _print_causes(console, found.outlets)
    console.print()
    console.print(_volume(found), highlight=False)
    if found.alarms:
        console.print()
        console.print(_how_many(found.alarms), style="bold", highlight=False)
    for alarm in found.alarms:
        show(console, alarm)
    for note in _notes(found):
        console.print(f"! {note}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def _table(columns: Sequence[str], left: int = 1) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for number, column in enumerate(columns):
        table.add_column(column, no_wrap=True, justify="left" if number < left else "right")
    return table


def _outlets(outlets: Sequence[OutletHealth], now: datetime) -> Table:
    table = _table(
        ("outlet", "answered", "due", "24 h", "usual", "7 d", "usual", "unread", "failed", "reports", "edits", "gone")
    )
    for outlet in outlets:
        table.add_row(
            _clipped(outlet.outlet, 16),
            _ago(outlet.last_success, now),
            _due(outlet, now),
            f"{outlet.new.day:,}",
            _usual(outlet.new.usual_day),
            f"{outlet.new.week:,}",
            _usual(outlet.new.usual_week),
            _per_cent(outlet.quarantined.share),
            f"{sum(cause.captures for cause in outlet.causes):,}",
            f"{outlet.reports:,}",
            f"{outlet.edits:,}",
            f"{outlet.missing:,}",
        )
    return table


def _per_cent(share: float | None) -> str:
    if share is None:
        return "–"
    return f"{share:.1%}" if 0 < share < 0.1 else percent(share).replace(" ", "")


def _clipped(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _ago(at: str | None, now: datetime) -> str:
    if at is None:
        return "never"
    since = now - parse(at)
    return "now" if since < timedelta(minutes=2) else f"{_short(since)} ago"


def _due(outlet: OutletHealth, now: datetime) -> str:
    """How much is due, or in which time something will be."""
    if outlet.due:
        return f"{outlet.due:,}{'+' if outlet.due >= plan.COUNTED else ''} now"
    if outlet.next_due is None:
        return "–"
    return f"in {_short(max(parse(outlet.next_due) - now, timedelta()))}"


def _short(time: timedelta) -> str:
    number, unit = span(time).split()
    return f"{number} {'min' if unit.startswith('min') else unit[0]}"


def _usual(usual: Usual | None) -> str:
    """The range; "?" for too little history."""
    if usual is None:
        return "?"
    return f"{usual.low:,}" if usual.low == usual.high else f"{usual.low:,}-{usual.high:,}"


def _fields(outlets: Sequence[OutletHealth]) -> Table:
    table = _table(("outlet", *_FIELDS.values()))
    for outlet in outlets:
        rates = {rate.field: rate for rate in outlet.fields}
        table.add_row(_clipped(outlet.outlet, 16), *(_share(rates.get(field)) for field in _FIELDS))
    return table


def _share(rate: FillRate | None) -> str:
    if rate is None or rate.share is None:
        return "–"
    share = percent(rate.share).removesuffix(" %").replace("under 1", "<1")
    before = rate.share_before
    return share if before is None or abs(before - rate.share) < DIFFERS else f"{share} ({round(before * 100)})"


def _print_causes(console: Console, outlets: Sequence[OutletHealth]) -> None:
    failing = [outlet for outlet in outlets if outlet.causes]
    if not failing:
        return
    console.print()
    console.print("What failed in the last 7 days", style="bold")
    for outlet in failing:
        said = [f"{cause.captures:,} × {cause.why}" for cause in outlet.causes[:CAUSES]]
        if more := sum(cause.captures for cause in outlet.causes[CAUSES:]):
            said.append(f"{more:,} otherwise")
        newest = max(outlet.causes, key=lambda cause: cause.last_at)
        console.print(
            f"{outlet.outlet}: {', '.join(said)}; the last one {newest.last_at[:16].replace('T', ' ')} {newest.url}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


def _volume(found: Status) -> str:
    lines = [
        f"{found.captures:,} captures in {found.warc_files:,} WARC files ({size(found.warc_bytes)}), "
        f"archive {size(found.archive_bytes)}"
    ]
    largest = sorted(found.outlets, key=lambda outlet: outlet.warc_bytes, reverse=True)[:5]
    if shown := [f"{outlet.outlet} {size(outlet.warc_bytes)}" for outlet in largest if outlet.warc_bytes]:
        lines.append(f"Of the WARC files: {', '.join(shown)}" + (", …" if len(found.outlets) > 5 else ""))
    lines += [
        f"Disk of {disk.holds}: {size(disk.free)} free of {size(disk.total)} ({disk.path})" for disk in found.disks
    ]
    return "\n".join(lines)


def _how_many(found: Sequence[Alarm]) -> str:
    known = sum(alarm.acknowledged_at is not None for alarm in found)
    number = len(found) - known
    said = f"{number} alarm{'' if number == 1 else 's'}" if number else "No new alarm"
    return said + (f", {known} acknowledged" if known else "")


def _notes(found: Status) -> list[str]:
    """What needs attention and is no alarm."""
    notes = [
        f"{name} holds captures without rows: the next crawl, or `dateline reread`, reads them" for name in found.unread
    ]
    notes += [
        f"{name} is missing from {found.folder}: its captures cannot be shown; put it back from a copy"
        for name in found.missing
    ]
    if found.unlinked:
        notes.append(
            f"{found.unlinked:,} reports wait to be linked: the end of the next run, or `dateline link`, does it"
        )
    notes += [f"{outlet.outlet}: {_how_it_ended(outlet)}" for outlet in found.outlets if _how_it_ended(outlet)]
    notes += [
        f"{outlet.outlet}: {outlet.quarantined_pages:,} pages in quarantine; see the table `quarantine`"
        for outlet in found.outlets
        if outlet.quarantined_pages
    ]
    return notes


# What was due when a run had no time left is due in the next one.
_IN_ORDER = {"finished", "closespider_timeout"}


def _how_it_ended(outlet: OutletHealth) -> str:
    if outlet.last_crawl is None or outlet.ended in _IN_ORDER:
        return ""
    if outlet.ended is None:
        return "the last crawl has not ended: it runs, or was killed"
    return f"the last crawl ended early ({outlet.ended})"
