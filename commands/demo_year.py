"""`dateline demo --year`: a year of scheduled runs against the sample newsroom, on a clock that jumps.

Nothing but the clock and the timer is replaced: each run crawls by Scrapy over HTTP, writes WARC files and rows, looks
for what is wrong, and ends, as `dateline due` does. Runs at which nothing is due are left out, and those of one day
share an open archive.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from collections.abc import Callable, Coroutine
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import click
from rich.console import Console
from rich.progress import Progress
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.settings import Settings
from scrapy.utils.log import configure_logging
from scrapy.utils.reactor import install_reactor

from archive import clock, plan
from archive.writer import Writer
from commands import crawling, due
from commands.demo_year_check import check
from commands.demo_year_ledger import ledger
from commands.link import link_new
from commands.progress import CrawlProgress
from extensions import frontier
from samples.year.newsroom import YearNewsroom
from samples.year.script import BEGINS, ENDS, EVENTS, TIMEZONE, CutOff, Event, SetClock, SwitchOff

_NOWHERE = "http://127.0.0.1:1"  # a proxy that refuses every connection
_PER_QUESTION = timedelta(microseconds=100)  # by which the clock moves whenever it is asked
_OF_MACHINE: tuple[Event, ...] = tuple(event for event in EVENTS if event.subject == "machine")


class Machine:
    """The machine that crawls: the true time, and what its own clock makes of it."""

    def __init__(self) -> None:
        self.true = BEGINS
        self.ahead = timedelta()
        self.late = timedelta()  # no timer goes off at the same microsecond twice
        self._settings = [(event.at, event.what) for event in _OF_MACHINE if isinstance(event.what, SetClock)]

    def now(self) -> datetime:
        """What its clock says."""
        self.true += _PER_QUESTION
        return self.true + self.ahead

    def sleep_until(self, moment: datetime) -> None:
        """Sleep until its clock says so; longer when it is switched off, and not at all when its clock is set: half an
        hour after a run, the first one since the time that the script names."""
        if self._settings and self._settings[0][0] <= self.true:
            _, setting = self._settings.pop(0)
            self.true += timedelta(minutes=30)
            self.ahead += timedelta(minutes=setting.minutes)
            return
        for event in _OF_MACHINE:
            if isinstance(event.what, SwitchOff) and self.true < event.at <= moment - self.ahead:
                self.true = event.until
                return
        self.late += timedelta(microseconds=1)
        self.true = max(self.true, moment + self.late - self.ahead)

    @property
    def is_cut_off(self) -> bool:
        """Whether it has no network."""
        return any(isinstance(event.what, CutOff) and event.at <= self.true < event.until for event in _OF_MACHINE)


@dataclass
class Year:
    """How it went. `refused`: runs that did not begin, each with the machine's time and the reason."""

    seconds: float = 0.0  # of real time
    runs: int = 0
    crawls: int = 0
    requests: int = 0  # that the newsroom answered
    refused: list[tuple[datetime, str]] = field(default_factory=list)


def live_through(settings: Settings, console: Console) -> Year:
    """Make every run of the year. Once in a process: Twisted's reactor cannot be started again."""
    frontier._POLL = 0.002  # the year waits for lists 500 times
    os.environ["TZ"] = TIMEZONE
    time.tzset()
    settings.set("CRAWL_DUE", True, priority="cmdline")
    gc.freeze()  # what is imported stays; looking through it again and again takes a tenth of the time
    gc.set_threshold(50_000, 20, 50)
    machine, year = Machine(), Year()
    began = time.perf_counter()
    with (
        YearNewsroom(lambda: machine.true) as newsroom,
        clock.replaced(machine.now),
        Progress(console=console, transient=True) as bar,
    ):
        task = bar.add_task(f"{BEGINS:%Y}", total=(ENDS - BEGINS).days)

        def shown() -> None:
            bar.update(task, completed=(machine.true - BEGINS).days, description=f"{machine.true:%d %B %Y}")

        _in_reactor(_runs(settings, machine, newsroom, year, shown))
        year.requests = len(newsroom.log)
    year.seconds = time.perf_counter() - began
    return year


def _in_reactor(work: Coroutine[Any, Any, None]) -> None:
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor  # it is there only now

    loop: Any = reactor
    failures: list[BaseException] = []

    async def to_the_end() -> None:
        try:
            await work
        except BaseException as error:
            failures.append(error)
        finally:
            loop.stop()

    loop.callWhenRunning(lambda: asyncio.ensure_future(to_the_end()))
    loop.run()
    if failures:
        raise failures[0]


async def _runs(
    settings: Settings, machine: Machine, newsroom: YearNewsroom, year: Year, shown: Callable[[], None]
) -> None:
    names = crawling.named((), settings)
    runner = AsyncCrawlerRunner(_CopiedQuickly(settings))
    every = timedelta(minutes=settings.getint("SCHEDULE_EVERY"))
    archive, opened = None, (machine.now().date(), machine.ahead)
    while machine.true < ENDS:
        os.environ["http_proxy"] = os.environ["https_proxy"] = _NOWHERE if machine.is_cut_off else newsroom.proxy_url
        if archive is not None and opened != (machine.now().date(), machine.ahead):
            crawling.close(archive)
            archive = None
        try:
            if archive is None:
                archive, opened = crawling.open_writer(settings), (machine.now().date(), machine.ahead)
            next_due = await _run(settings, names, runner, year)
        except click.ClickException as refusal:
            year.refused.append((machine.now(), refusal.message))
            next_due = machine.now()
        machine.sleep_until(_tick(max(next_due, machine.now()), every))
        shown()
    if archive is not None:
        crawling.close(archive)


class _CopiedQuickly(Settings):
    """Settings whose copies share their values, which nobody changes: each crawl makes one, a tenth of its time."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.attributes = dict(settings.attributes)

    def copy(self) -> Self:
        copied = copy(self)
        copied.attributes = {name: copy(attribute) for name, attribute in self.attributes.items()}
        return copied


async def _run(settings: Settings, names: list[str], runner: AsyncCrawlerRunner, year: Year) -> datetime:
    """What one `dateline due` does; returns when something is due next."""
    writer = crawling.open_writer(settings)
    run = due.begin(writer, settings)
    work = due.due_now(writer, names)
    progress = CrawlProgress()
    if work:
        crawling.begin(runner, [each.outlet for each in work], progress)
        await runner.join()
    if crashed := next((tally.crashed for tally in progress.tallies.values() if tally.crashed), ""):
        raise RuntimeError(f"{clock.now()}: {crashed}")
    due.end(writer, run, work, progress.tallies, settings)
    planned = plan.plan(writer.connection, clock.now(), names)
    crawling.close(writer)
    year.runs += 1
    year.crawls += len(work)
    return min(datetime.fromisoformat(each.next_due) for each in planned if each.next_due)


def _tick(moment: datetime, every: timedelta) -> datetime:
    """When the timer goes off, at `moment` or next after it."""
    return BEGINS - (BEGINS - moment) // every * every


@click.command()
@click.option("-s", "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override one of settings.py.")
def main(overrides: tuple[str, ...]) -> None:
    """Live through the year in the archive that DATELINE_ARCHIVE names, which must not be there, print its ledger, and
    fail unless it says what the script of the year demands."""
    settings = crawling.settings(overrides, verbose=False)
    archive = Path(settings["ARCHIVE"])
    if archive.exists():
        raise click.UsageError(f"{archive} exists; the year begins with an empty archive.")
    archive.parent.mkdir(parents=True, exist_ok=True)
    configure_logging(settings)
    console = Console(highlight=False, soft_wrap=True)
    year = live_through(settings, Console(stderr=True))
    writer = Writer.from_settings(settings)
    link_new(writer, settings)  # once for all of the year's runs
    crawling.close(writer)
    for line in ledger(archive, year.refused):
        console.print(line, markup=False)
    console.print(
        f"\n{year.runs:,} runs with {year.crawls:,} crawls and {year.requests:,} requests in {year.seconds:.0f} seconds"
    )
    failures = check(archive, year.runs, year.refused)
    for failure in failures:
        console.print(f"✗ {failure}", style="red", markup=False)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
