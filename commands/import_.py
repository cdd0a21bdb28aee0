"""`dateline import`: what others captured, out of their WARC, WACZ and ARC files."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from scrapy.settings import Settings

from archive.download import NotDownloaded, download, place_of, size_of
from archive.foreign import bring
from archive.record_files import Held, Unfit, held
from archive.schema import ArchiveUnusable
from archive.standing import size
from archive.storage import Captures, Opened
from archive.warc_format import Record
from archive.warc_reader import scan_only
from commands import crawling
from commands.link import link_after
from commands.reading import Read, engine_options, read_new
from grammar.replays import replay
from pipelines.registry import descriptions, lists
from pipelines.registry import outlets as known_outlets
from pipelines.shards import owner_of

# For an estimate: what becomes of a page in archive.db, and how many are read in a second (docs/benchmarks.md).
_BYTES_IN_ARCHIVE = 15_000
_PAGES_A_SECOND = 200
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_SUFFIX_SHOWN = 60  # characters of a file's name


@click.command("import")
@click.argument("places", nargs=-1, required=True, metavar="FILE|URL|DIR...")
@click.option("--copy", is_flag=True, help="Copy the records of our outlets, instead of referring to the file.")
@click.option("--outlet", "names", multiple=True, metavar="NAME", help="Only this outlet's records; with --copy.")
@click.option("--dry-run", is_flag=True, help="Say what would be read, and change nothing.")
@engine_options
@click.option("-s", "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override one of settings.py.")
def import_(
    places: tuple[str, ...],
    copy: bool,
    names: tuple[str, ...],
    dry_run: bool,
    workers: int | None,
    engine: str,
    scheduler: str | None,
    overrides: tuple[str, ...],
) -> None:
    """Read what others captured of our outlets: WARC files, plain or gzip, WACZ and ARC; a folder with all that is
    below it; at http(s):// or s3:// too.

    A file is kept by reference and must stay where it is; --copy keeps the records of our outlets as a file of ours
    instead. What cannot be read in place (from the web, ARC, compressed as one piece) is always copied. Nothing is
    imported twice, so a run that ends early, whatever ends it, is gone on with by the same command.

    Ends with 0 when everything was read, 3 when a file or a record was passed over, 75 when another process holds the
    archive, 1 when it could not go on.

    \b
    Example:
      dateline import CC-NEWS-20240101000000-00001.warc.gz --dry-run
      dateline import ~/crawls --copy
      dateline import https://example.org/collection.wacz --copy --outlet xinhua
    """
    settings = crawling.settings(overrides, verbose=True)
    chosen = {name: known_outlets(settings)[name] for name in crawling.named(names, settings)}
    if engine == "dask" and not scheduler:
        raise click.UsageError("--engine dask needs --scheduler, such as tcp://10.0.0.5:8786.")
    if scheduler and engine != "dask":
        raise click.UsageError("--scheduler is for --engine dask.")
    if "" in places:
        raise click.UsageError("'' names nothing: give a file, a folder or an address.")
    if names and not (copy or dry_run):
        raise click.UsageError("--outlet needs --copy: a file that is referred to is read for all outlets.")
    plan = _Plan(settings, chosen, copy)
    if dry_run:
        sys.exit(plan.tell(places))
    writer = crawling.take_writer(settings, will_ask=False)
    try:
        known = known_outlets(settings)
        writer.describe(descriptions(known, settings))
        writer.expect_lists(lists(known))
        plan.bring_all(places, writer.captures)
        read = read_new(writer, settings, workers=workers, engine=engine, scheduler=scheduler)
        writer.prepared = True
        writer.commit()
        if read.captures:
            link_after(writer, settings)
        new, changed = (sum(writer.counts[outlet, what] for outlet in known) for what in ("new", "changed"))
    except (OSError, sqlite3.Error) as error:
        why = str(error) if isinstance(error, OSError) else str(ArchiveUnusable.because(writer.archive, error))
        raise click.ClickException(f"{why} What was read stays; the same command goes on.") from error
    finally:
        crawling.close(writer)
    sys.exit(_report(plan, read, new, changed))


def _report(plan: _Plan, read: Read, new: int, changed: int) -> int:
    """Print how it went; returns the exit code."""
    others = _count(read.foreign, "record")
    click.echo(
        f"{_count(len(plan.brought), 'file')} came in, {plan.known:,} here already"
        + (f"; {size(plan.written)} were written to the captures" if plan.written else "")
        + f". {_count(read.captures, 'capture')}: {new:,} new reports, {changed:,} changed. Passed over as no page "
        f"of an outlet: {others}."
    )
    problems = [_told(each) for each in plan.unfit] + [f"Passed over: {each}" for each in read.passed_over]
    for problem in problems[: crawling.LISTED]:
        click.secho(problem, fg="red", err=True)
    if len(problems) > crawling.LISTED:
        click.secho(
            f"{len(problems) - crawling.LISTED:,} more like these; the table broken has each place in a file",
            fg="red",
            err=True,
        )
    return crawling.PARTIAL if problems else crawling.SUCCESS


def _told(problem: Unfit) -> str:
    how = "Passed over" if problem.is_left_out else "Taken all the same"
    return f"{how}: {problem.label}: {problem.reason}"


def _count(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number:,} {what}s"


@dataclass
class _Plan:
    """What is to be imported, and what has come of it."""

    settings: Settings
    outlets: dict[str, Any]
    copy: bool
    brought: list[str] = field(default_factory=list)
    known: int = 0
    written: int = 0
    unfit: list[Unfit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hosts = sorted({domain.host for outlet in self.outlets.values() for domain in outlet.domains})
        self._user_agent = str(self.settings["USER_AGENT"])

    # Into the captures

    def bring_all(self, places: Iterable[str], captures: Captures) -> None:
        """Raises OSError, and click.ClickException when the disk has no room."""
        present = captures.names()
        for place in places:
            if _is_web(place):
                self._bring_from_web(place, captures, present)
                continue
            for what in _held(place):
                if isinstance(what, Held) and Path(what.location).parent == captures.folder.resolve():
                    self.known += 1  # a file of ours, in the folder where it belongs
                else:
                    self._bring(what, captures, present)

    def _bring_from_web(self, url: str, captures: Captures, present: dict[str, int]) -> None:
        place = place_of(url, captures.folder)
        note = place.parent / "imported.json"
        how = self.hosts if self.copy else []
        try:
            was = json.loads(note.read_text())
        except (OSError, ValueError):
            was = {}
        if was.get("how") == how and all(name in present for name in was["names"]):
            self.known += len(was["names"])
            return
        try:
            if not place.exists():
                self._refuse_without_room(captures, size_of(url, self._user_agent) or 0, url)
            path = self._download(url, captures.folder)
        except NotDownloaded as error:
            self.unfit.append(Unfit(url, str(error)))
            _remove_if_empty(place.parent)
            return
        before = len(self.unfit)
        came = [replace(what, label=what.label.replace(str(path), url, 1)) for what in held(str(path))]
        names = [self._bring(what, captures, present, is_ours=True) for what in came]
        if len(self.unfit) == before:
            note.write_text(json.dumps({"url": url, "how": how, "names": [name for name in names if name]}))
        path.unlink(missing_ok=True)
        _remove_if_empty(place.parent)

    def _download(self, url: str, folder: Path) -> Path:
        with _progress() as bar:
            task = bar.add_task(f"downloading {_short(url)}", total=None)
            return download(
                url, folder, self._user_agent, lambda come, total: bar.update(task, completed=come, total=total)
            )

    def _bring(self, what: Held | Unfit, captures: Captures, present: dict[str, int], is_ours: bool = False) -> str:
        """Returns the name that the file has among the captures, "" when it has none."""
        if isinstance(what, Unfit):
            self.unfit.append(what)
            return ""
        is_copied = self.copy or is_ours or not what.is_referable
        if is_copied:
            self._refuse_without_room(captures, what.size, what.label)
        with _progress() as bar:
            task = bar.add_task(f"{'copying' if is_copied else 'referring to'} {_short(what.label)}", total=what.size)
            try:
                made = bring(
                    captures, what, self.hosts, self.copy, present, is_ours, lambda at: bar.update(task, completed=at)
                )
            except FileNotFoundError as error:
                self.unfit.append(Unfit(what.label, f"it went away: {error}"))
                return ""
        if made.is_new:
            self.brought.append(made.name)
            self.written += made.written
            present[made.name] = what.size
        else:
            self.known += 1
        return made.name

    def _refuse_without_room(self, captures: Captures, needed: int, what: str) -> None:
        """Raises click.ClickException. A copy takes at most what is copied; as much must stay free as `dateline status`
        wants."""
        captures.folder.mkdir(parents=True, exist_ok=True)
        disk = shutil.disk_usage(captures.folder)
        kept = min(self.settings.getint("DISK_MIN_FREE"), disk.total // 20)
        if disk.free < needed + kept:
            raise click.ClickException(
                f"{what} needs up to {size(needed)} on the disk of {captures.folder}, and {size(disk.free)} are free "
                f"there, of which {size(kept)} must stay so (DISK_MIN_FREE). Make room, and the same command goes on."
            )

    # Without changing anything

    def tell(self, places: Iterable[str]) -> int:
        """Print what would be read; returns the exit code."""
        table = Table("file", "form", "bytes", "captures", "of our outlets", box=None, pad_edge=False)
        by_year: Counter[tuple[str, str]] = Counter()
        total, to_copy, pages, copied, began = 0, 0, 0, 0, time.monotonic()
        for what in self._found(places):
            if isinstance(what, Unfit):
                self.unfit.append(what)
                continue
            if isinstance(what, str):
                table.add_row(_short(what), "on the web", "?", "?", "known once it is here")
                continue
            try:
                scanned = self._scan(what)
            except OSError as error:
                self.unfit.append(Unfit(what.label, f"it cannot be read: {error}"))
                continue
            by_year += scanned.by_year
            total, pages, copied = total + what.size, pages + scanned.pages, copied + scanned.bytes
            to_copy += 0 if self.copy or what.is_referable else what.size
            shown = (size(what.size), f"{scanned.records:,}", f"{scanned.pages:,}")
            table.add_row(_short(what.label), what.form, *shown)
        console = Console()
        console.print(table)
        if by_year:
            years = Table("outlet", "year", "pages", box=None, pad_edge=False)
            for (outlet, year), count in sorted(by_year.items()):
                years.add_row(outlet, year, f"{count:,}")
            console.print()
            console.print(years)
        seconds = time.monotonic() - began + pages / _PAGES_A_SECOND
        disk = (copied if self.copy else to_copy) + pages * _BYTES_IN_ARCHIVE
        click.echo(
            f"\n{size(total)} of files, {pages:,} pages that may be reports or lists: about {seconds:,.0f} s on one "
            f"processor, and {size(disk)} on the disk. Nothing was changed."
        )
        for each in self.unfit:
            click.secho(_told(each), fg="red", err=True)
        return crawling.PARTIAL if self.unfit else crawling.SUCCESS

    def _found(self, places: Iterable[str]) -> Iterator[Held | Unfit | str]:
        for place in places:
            if not _is_web(place):
                yield from _held(place)
                continue
            try:
                length = size_of(place, self._user_agent)
                yield f"{place} ({size(length) if length else 'of unknown size'})"
            except NotDownloaded as error:
                yield Unfit(place, str(error))

    def _scan(self, what: Held) -> _Scanned:
        """Raises OSError."""
        scanned = _Scanned(owner_of(self.outlets), self.outlets)
        with _progress() as bar:
            task = bar.add_task(f"scanning {_short(what.label)}", total=what.size)
            if what.is_referable:
                with closing(what.open()) as file:
                    scanned.read(file, lambda at: bar.update(task, completed=at))
                return scanned
            # As it would be imported, in a place of its own.
            with tempfile.TemporaryDirectory(prefix="dateline-") as folder:
                aside = Captures(Path(folder))
                made = bring(aside, what, self.hosts, True, {}, progress=lambda at: bar.update(task, completed=at))
                with closing(aside.open(made.name)) as file:
                    scanned.read(file, lambda _: None)
            return scanned


class _Scanned:
    """What a file holds of our outlets, by the heads of its records."""

    def __init__(self, owner: Any, outlets: dict[str, Any]) -> None:
        self._owner, self._outlets = owner, outlets
        self.records = self.pages = self.bytes = 0
        self.by_year: Counter[tuple[str, str]] = Counter()

    def read(self, file: Opened, progress: Any) -> None:
        for found in scan_only(file, self._is_ours):
            progress(found.offset)
            url = found.fields.get("warc-target-uri", "").strip("<>") if isinstance(found, Record) else ""
            if not isinstance(found, Record) or found.kind not in ("response", "revisit") or not url:
                continue
            copy = replay(url)
            address = copy.address if copy else url
            outlet = self._owner(address)
            self.bytes += found.length
            if outlet and _may_be_read(self._outlets[outlet], address):
                self.pages += 1
                year = f"{copy.at:%Y}" if copy and copy.at else found.fields.get("warc-date", "")[:4]
                self.by_year[outlet, year] += 1

    def _is_ours(self, url: str) -> bool:
        self.records += 1
        return bool(self._owner(url))


def _may_be_read(outlet: Any, url: str) -> bool:
    try:
        return bool(outlet.kind_of(url) != "other")
    except ValueError:
        return False


def _is_web(place: str) -> bool:
    return place.lower().startswith(("http://", "https://"))


def _held(place: str) -> Iterator[Held | Unfit]:
    """The files of records at a place on this machine or in S3."""
    scheme = _SCHEME.match(place)
    if scheme and scheme[1] != "s3" and not Path(place).exists():
        yield Unfit(place, f"{scheme[0]} cannot be read: give http(s)://, s3:// or a path, or download it first")
        return
    yield from held(place)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _short(text: str) -> str:
    return text if len(text) <= _SUFFIX_SHOWN else "…" + text[-_SUFFIX_SHOWN:]


def _progress() -> Progress:
    console = Console(stderr=True)
    columns: Sequence[Any] = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
