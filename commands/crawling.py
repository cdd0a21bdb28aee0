"""Crawling, as `dateline crawl` and `dateline due` do it: the writer, the crawls side by side, and the summary."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sqlite3
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from scrapy.core.engine import ExecutionEngine
from scrapy.crawler import AsyncCrawlerProcess, AsyncCrawlerRunner, Crawler
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from archive import leases
from archive.lock import ArchiveLocked
from archive.schema import ArchiveUnusable, NewerArchive
from archive.writer import ClockSetBack, Writer
from commands.progress import CrawlProgress, Tally
from items import FAILED
from pipelines.registry import outlets as known_outlets

SUCCESS, FAILURE, PARTIAL = 0, 1, 3
BUSY = 75  # EX_TEMPFAIL of sysexits.h: another process is at work, which is no failure
LISTED = 5  # reasons of a kind that the summary shows
TOO_LATE = 60  # seconds before the end of a run, in which no further outlet is begun
_OPENING = 0.05  # seconds between two looks whether a crawl that is to stop has begun


def settings(overrides: Iterable[str], verbose: bool) -> Settings:
    """Those of settings.py with NAME=VALUE overrides. Raises click.UsageError for one that is none."""
    found = get_project_settings()
    for override in overrides:
        name, equals, value = override.partition("=")
        if not equals or name not in found:
            raise click.UsageError(
                f"--set {override!r}: give NAME=VALUE, with a name that settings.py or Scrapy knows."
            )
        found.set(name, _value(value), priority="cmdline")
    if not verbose:
        found.set("LOG_FILE", str(Path(found["ARCHIVE"]).with_suffix(".log")), priority="cmdline")
    return found


def _value(text: str) -> Any:
    """A setting from the command line: JSON where it is (a number, a list), else the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def named(outlets: Iterable[str], settings: Settings) -> list[str]:
    """The outlets' ids, all when none is named. Raises click.UsageError for an unknown one."""
    known = known_outlets(settings)
    if unknown := [name for name in outlets if name not in known]:
        raise click.UsageError(
            f"There is no outlet {unknown[0]!r}. Known: {', '.join(known)} (see `dateline outlets`)."
        )
    return list(outlets) or list(known)


def open_writer(settings: Settings, will_ask: bool = True) -> Writer:
    """The archive's writer, with warnings for what the user must know, `will_ask` if requests are to follow. Raises
    ArchiveLocked, and click.ClickException for an archive that cannot be used."""
    try:
        writer = Writer.from_settings(settings)
        try:
            writer.check_clock()
        except ClockSetBack:
            writer.close()
            raise
    except (ArchiveUnusable, NewerArchive, ClockSetBack, OSError) as error:
        raise click.ClickException(str(error)) from error
    except ValueError as error:
        raise click.ClickException(f"{error}. Correct DATELINE_CAPTURES.") from error
    if will_ask:
        check_contact(settings)
    open_log(settings)
    if writer.missing:
        click.secho(_missing(writer), fg="red", err=True)
    return writer


def take_writer(settings: Settings, will_ask: bool = True) -> Writer:
    """The same; when another process holds the archive, this one says so and ends with BUSY."""
    try:
        return open_writer(settings, will_ask)
    except ArchiveLocked as error:
        click.echo(f"Nothing was begun: {error}", err=True)
        sys.exit(BUSY)


def check_contact(settings: Settings) -> None:
    """Warn when publishers would be told nobody's address."""
    if ".example" in settings["USER_AGENT"] and not os.environ.get("http_proxy"):
        click.secho(
            "settings.py: USER_AGENT still names the address of nobody; put one that reaches you there.",
            fg="yellow",
            err=True,
        )


def open_log(settings: Settings) -> None:
    logging.raiseExceptions = False  # a log that cannot be written must not bury the reason on the console
    if log := settings.get("LOG_FILE"):
        _roll_over(Path(log), settings.getint("LOG_MAX_BYTES"))


def without_held(names: Sequence[str], settings: Settings) -> list[str]:
    """The outlets that no worker has in hand (`--worker`); says which are left out. Raises click.ClickException."""
    try:
        held = leases.in_hand(str(settings["CAPTURES"]), settings, names)
    except leases.LeaseUnreadable as error:
        raise click.ClickException(str(error)) from error
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{str(error).rstrip('.')} (DATELINE_CAPTURES).") from error
    for outlet, lease in held.items():
        click.secho(f"{outlet} is left out: {lease} has it in hand.", fg="yellow", err=True)
    return [name for name in names if name not in held]


def _roll_over(log: Path, most: int) -> None:
    """Begin a new log when this one is full, and keep the last four."""
    with suppress(OSError):  # said when it is opened to write
        if log.stat().st_size > most:
            handler = RotatingFileHandler(log, backupCount=4, delay=True)
            handler.doRollover()
            handler.close()


def _missing(writer: Writer) -> str:
    more = f" and {len(writer.missing) - 1:,} other files are" if len(writer.missing) > 1 else " is"
    return (
        f"{writer.missing[0]}{more} missing from {writer.captures}: the captures in it cannot be shown. "
        "Put it back from a copy, or name the folder that has it with DATELINE_CAPTURES."
    )


def close(writer: Writer) -> None:
    """Raises click.ClickException when the end could not be written."""
    try:
        writer.close()
    except OSError as error:
        raise click.ClickException(str(error)) from error
    except sqlite3.Error as error:
        raise click.ClickException(str(ArchiveUnusable.because(writer.archive, error))) from error


def crawl(names: Iterable[str], settings: Settings, seconds: float = 0) -> dict[str, Tally]:
    """Crawl outlets, OUTLETS_AT_ONCE side by side, for so many seconds at most (0: until each has ended), and show how
    it goes. A signal ends it in order. Once in a process: Twisted's reactor cannot be started again."""
    process = Process(settings)
    progress = CrawlProgress()
    begin(process, names, progress, seconds)
    with progress:
        process.start()
    return progress.tallies


class Process(AsyncCrawlerProcess):
    """Ends when all crawls have ended and, if there is `work`, when that has: it begins crawls, and is let finish when
    a signal comes."""

    def __init__(self, settings: Settings, work: Callable[[], Awaitable[None]] | None = None) -> None:
        super().__init__(settings)
        self.is_stopping = False
        self._work = work
        self._worked = asyncio.Event()

    async def join(self) -> None:
        try:
            if self._work:
                await self._work()
        finally:
            self._worked.set()
        await super().join()

    async def stop(self) -> None:
        # Once: Scrapy asks for it again on its way out, and at a second signal, which is not to wait for crawls.
        if not self.is_stopping:
            self.is_stopping = True
            await asyncio.gather(*(self._stop(crawler) for crawler in list(self.crawlers)))
        if self._work:  # it gives back leases, at a second signal too
            await self._worked.wait()

    async def _stop(self, crawler: Crawler) -> None:
        if await self.engine(crawler):
            await crawler.stop_async()

    async def engine(self, crawler: Crawler) -> ExecutionEngine | None:
        """A crawler's engine once it runs, None when the crawl ended before. Scrapy passes over one that is told to
        stop while its spider is being opened: it goes on to its last request, and does not end then either."""
        while crawler in self.crawlers:
            with suppress(RuntimeError):  # it has none yet
                if crawler.engine.running:
                    return crawler.engine
            await asyncio.sleep(_OPENING)
        return None


def begin(runner: AsyncCrawlerRunner, names: Iterable[str], progress: CrawlProgress, seconds: float = 0) -> None:
    """Begin the first crawls; each that ends begins the next one. `runner.join()` completes when all have ended."""
    waiting = deque(names)
    ends = time.monotonic() + seconds if seconds else None

    def begin_next() -> None:
        left = ends - time.monotonic() if ends else None
        if not waiting or getattr(runner, "is_stopping", False) or (left is not None and left < TOO_LATE):
            return
        name = waiting.popleft()
        crawler = runner.create_crawler(name)
        if left is not None:
            crawler.settings.set("CLOSESPIDER_TIMEOUT", left, priority="cmdline")
        progress.watch(name, crawler)
        task = runner.crawl(crawler)
        progress.follow(name, task)
        task.add_done_callback(lambda _: begin_next())

    for _ in range(runner.settings.getint("OUTLETS_AT_ONCE")):
        begin_next()


def report(tallies: dict[str, Tally], settings: Settings, quiet: bool = False) -> int:
    """Print how each outlet's crawl went, nothing but trouble if `quiet`; returns the exit code."""
    console = Console(quiet=quiet)
    table = Table(box=None, pad_edge=False)
    columns = ["outlet", "pages", "new", "changed", "known", "same", "quarantined", "missing", "failed", "left"]
    for column in columns:
        table.add_column(column, justify="left" if column == "outlet" else "right")
    for name, tally in tallies.items():
        table.add_row(name, *(str(value) for value in tally.row()))
    console.print(table)
    errors = Console(stderr=True, soft_wrap=True)
    unreached = [tally for tally in tallies.values() if tally.unreached and not tally.stopped]
    for tally in unreached:
        host, error = tally.first_failure
        why = (error.partition(": ")[2] or error).rstrip(".")
        errors.print(
            f"Could not reach {host} ({why}): check this machine's network and proxy settings, "
            "or try `make demo`, which needs none.",
            style="bold red",
            markup=False,
            highlight=False,
        )
    for name, tally in tallies.items():
        _list(console, f"quarantined at {name}", tally.reasons_of("quarantined"), "the table `quarantine`")
        if tally.answers:
            _list(console, f"failed at {name}", tally.reasons_of(*FAILED), "the table `captures`")
        if tally not in unreached:
            for failure in tally.monitors_failed:
                errors.print(f"{name}: {failure}", markup=False, highlight=False)
        if tally.crashed and tally not in unreached:
            errors.print(f"{name}: {tally.crashed}", style="bold red", markup=False, highlight=False)
        if tally.outage and tally not in unreached:
            errors.print(f"{name}: {tally.outage}; what was due stays due", markup=False, highlight=False)
        if tally.spent:
            errors.print(f"{name}: its budget of requests in 24 hours is spent; nothing was asked", highlight=False)
        if tally.stopped:
            errors.print(f"{name}: stopped by a signal; the next crawl goes on from here", highlight=False)
    if settings.get("LOG_FILE"):
        console.print(f"Log: {os.path.relpath(settings['LOG_FILE'])}", style="dim", markup=False, highlight=False)
    if len(unreached) == len(tallies) or any(tally.crashed for tally in tallies.values()):
        return FAILURE
    partly = any(
        tally.failed
        or tally.stopped
        or tally.outage
        or tally.monitors_failed
        or not (tally.answers or tally.nothing_left)
        for tally in tallies.values()
    )
    return PARTIAL if partly else SUCCESS


def _list(console: Console, what: str, reasons: list[str], table: str) -> None:
    """The first reasons on a line each, and where the others are."""
    for reason in reasons[:LISTED]:
        shown = reason if len(reason) <= 300 else reason[:300] + "…"
        console.print(f"{what}: {shown}", markup=False, highlight=False, soft_wrap=True)
    if len(reasons) > LISTED:
        console.print(f"{what}: {len(reasons) - LISTED:,} more; {table} has them all", markup=False, highlight=False)
