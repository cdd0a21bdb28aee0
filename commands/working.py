"""Crawling as one of several workers (`--worker`): outlets are taken by lease, each with its own archive in the place
that the workers share. `dateline merge` brings together what they have captured (docs/workers.md)."""

from __future__ import annotations

import asyncio
import logging
import re
import sqlite3
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from archive import clock, plan
from archive.leases import Held, Lease, LeaseUnreadable, Lost, leases_at
from archive.lock import ArchiveLocked
from archive.outlet_archives import OutletArchives
from archive.plan import Planned
from archive.schema import ArchiveUnusable, NewerArchive
from archive.times import iso
from archive.writer import ClockSetBack, Writer
from commands import crawling
from commands.progress import CrawlProgress, Tally
from pipelines.registry import descriptions, lists, outlets
from pipelines.reread import read_files
from pipelines.shards import Shard, extractor_version, make_segment

logger = logging.getLogger(__name__)

_LOOK = 10.0  # seconds, at the most, between two looks at the outlets that other workers still have in hand


@dataclass(frozen=True)
class Share:
    """The part of one worker among several: `number` from 1 to `of`."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def among(self, names: Sequence[str]) -> list[str]:
        """Each name has one worker: its place in the list, counted round by the number of workers."""
        return list(names[self.number - 1 :: self.of])


class _ShareType(click.ParamType[Share]):
    name = "I/N"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Share:
        if isinstance(value, Share):
            return value
        found = re.fullmatch(r"([0-9]{1,4})/([0-9]{1,4})", value)
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            self.fail(
                f"{value!r} is no part of the work: give the number of this worker, from 1 on, and how many there are, "
                "such as --worker 1/2.",
                param,
                ctx,
            )
        return Share(int(found[1]), int(found[2]))


option = click.option(
    "--worker",
    type=_ShareType(),
    help="Be one of N workers that share the captures: crawl this one's outlets, and those of a worker that died.",
)


class Worker:
    """One process's work. `only_due`: what is due, as `dateline due`; else it is done only when no outlet is left that
    another worker has in hand, so that none is forgotten whose worker dies. `seconds`: after which it ends, 0 for
    never. `title`: what others are told of who holds an outlet, in place of the number."""

    def __init__(
        self,
        share: Share,
        names: Iterable[str],
        settings: Settings,
        only_due: bool = False,
        seconds: float = 0,
        title: str = "",
    ) -> None:
        wanted, known = set(names), outlets(settings)
        own = set(share.among(list(known)))
        captures = str(settings["CAPTURES"])
        local = Path(settings["ARCHIVE"]).parent
        local.mkdir(parents=True, exist_ok=True)
        if settings.get("LOG_FILE"):
            log = f"{title or f'worker-{share.number}-of-{share.of}'}.log".replace(" ", "-")
            settings.set("LOG_FILE", str(local / log), priority="cmdline")
        self.settings, self.only_due = settings, only_due
        self.own = [name for name in known if name in own and name in wanted]
        self.others = [name for name in known if name not in own and name in wanted]
        self.leases = leases_at(captures, settings, title or f"worker {share}")
        self.archives = OutletArchives(captures, local)
        self.progress = CrawlProgress()
        self.planned: list[Planned] = []
        self.troubles: list[str] = []
        self._ends = time.monotonic() + seconds if seconds else None
        self._third = self.leases.length.total_seconds() / 3
        self._waiting: deque[Held] = deque()
        self._crawlers: dict[str, Crawler] = {}
        self._writers: dict[str, Writer] = {}
        self._renewals: dict[str, asyncio.Task[None]] = {}
        self._looking = asyncio.Lock()
        self._putting: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._closed: list[str] = []  # WARC files that this worker has completed
        self._active: set[asyncio.Task[None]] = set()
        self._watched: dict[str, str] | None = None  # outlets that others had in hand when this one was done, and whose

    def run(self) -> dict[str, Tally]:
        """Once in a process. Raises OSError when the place that the workers share cannot be reached."""
        crawling.check_contact(self.settings)
        crawling.open_log(self.settings)
        self._process = crawling.Process(self.settings, self._work)
        with self.progress:
            self._process.start()
        if self._failed:
            raise self._failed
        if self._stopped and not self.progress.tallies:
            self._tell("Stopped by a signal before anything was asked; the next crawl goes on from here.")
        if not any(tally.stopped for tally in self.progress.tallies.values()):  # else it is to end soon
            self._make_segments()
        return self.progress.tallies

    _failed: BaseException | None = None
    _stopped = False  # by a signal, before all was done

    async def _work(self) -> None:
        watching: asyncio.Task[None] | None = None
        try:
            await asyncio.to_thread(self.archives.hand_in)
            await asyncio.gather(*(self._take(outlet) for outlet in self.own))
            # Those first that were crawled longest ago, since a run may end before it has come to all.
            self._waiting = deque(sorted(self._waiting, key=_last_taken))
            await self._take_over()
            watching = asyncio.create_task(self._watch())
            while True:
                self._begin()
                await self._crawled()
                if not await self._others_are_left():
                    break
        except Exception as error:
            self._failed = error
        finally:
            if watching:
                async with self._looking:  # else it could take an outlet that nobody crawls
                    watching.cancel()
            await self._crawled()
            self._stopped = self._process.is_stopping
            await asyncio.gather(*(self._release(held) for held in self._waiting))

    @property
    def _is_over(self) -> bool:
        late = self._ends is not None and self._ends - time.monotonic() < crawling.TOO_LATE
        return late or self._process.is_stopping

    # Leases

    async def _take(self, outlet: str) -> None:
        """Have an outlet wait for its turn, if nobody else has it."""
        held = await asyncio.to_thread(self.leases.take, outlet)
        if held is None:
            lease = await asyncio.to_thread(self.leases.look, outlet)
            self._say(f"{outlet} is left to {lease}, which has it in hand.")
            return
        if held.before and held.before.released is None:
            self._say(f"{outlet} is taken over from {held.before}, whose lease ran out at {iso(held.before.until)}.")
        self._renewals[outlet] = asyncio.create_task(self._keep(held))
        self._waiting.append(held)

    async def _take_over(self) -> dict[str, Lease]:
        """Have the outlets of workers that died wait for their turn; returns the leases that others have in hand."""
        async with self._looking:
            return await self._look()

    async def _look(self) -> dict[str, Lease]:
        candidates = [name for name in [*self.own, *self.others] if name not in self._renewals]
        found = await asyncio.gather(*(asyncio.to_thread(self.leases.look, name) for name in candidates))
        in_hand = {lease.outlet: lease for lease in found if lease and lease.released is None}
        for outlet, lease in list(in_hand.items()):
            if self.leases.ran_out(lease) and not self._is_over:
                del in_hand[outlet]
                await self._take(outlet)
        return in_hand

    async def _watch(self) -> None:
        """Look for workers that died, while own outlets are crawled."""
        while True:
            await asyncio.sleep(self._third)
            try:
                await self._take_over()
            except OSError as error:  # own leases come to an end by themselves if it lasts
                logger.warning("%s could not be looked at: %s", self.leases.store.url, error)
            self._begin()

    async def _crawled(self) -> None:
        while self._active:
            await asyncio.wait(self._active)

    async def _others_are_left(self) -> bool:
        """Once own outlets are done: whether one was taken over, waiting for as long as there may be one."""
        while not self._is_over:
            in_hand = await self._take_over()
            if self._waiting or self._active:  # begun already by `_watch`
                return True
            if self.only_due:  # the next run looks again
                return False
            held = {outlet: lease.token for outlet, lease in in_hand.items()}
            self._watched = held if self._watched is None else dict(self._watched.items() & held.items())
            if not self._watched:
                return False
            await asyncio.sleep(min(self._third, _LOOK))
        return False

    async def _keep(self, held: Held) -> None:
        """Renew a lease until it is released; a crawl whose lease is lost ends at once."""
        while True:
            await asyncio.sleep(self._third)
            try:
                await asyncio.to_thread(held.renew)
            except Lost as why:
                await self._end(held, str(why))
                return
            except OSError as error:
                logger.warning("The lease of %s could not be renewed: %s", held.outlet, error)
                continue
            try:
                await self._put_back(held)
            except (OSError, sqlite3.Error) as error:
                logger.warning("What was captured at %s could not be put back yet: %s", held.outlet, error)

    async def _put_back(self, held: Held) -> None:
        """Have what was captured so far where the others find it, first the evidence, then the archive of it."""
        outlet = held.outlet
        if not self.archives.is_remote or outlet not in self._writers:
            return
        async with self._putting[outlet]:
            writer = self._writers.get(outlet)
            if writer is None:  # the crawl has ended meanwhile
                return
            files = self._checkpoint(writer)
            data = writer.connection.serialize()
            for path in files:
                await asyncio.to_thread(writer.captures.keep, path)
            await asyncio.to_thread(self.archives.put, outlet, data)

    def _checkpoint(self, writer: Writer) -> list[Path]:
        files = writer.checkpoint()
        self._closed += [path.name for path in files]
        return files

    async def _end(self, held: Held, why: str) -> None:
        logger.error("%s: %s", held.outlet, why)
        crawler = self._crawlers.get(held.outlet)
        if crawler is not None and (engine := await self._process.engine(crawler)):
            with suppress(RuntimeError):  # it is closing already
                await engine.close_spider_async(reason=f"the outlet was given up, since {why}")

    async def _release(self, held: Held) -> None:
        self._renewals.pop(held.outlet).cancel()
        try:
            await asyncio.to_thread(held.release)
        except Lost as why:
            logger.error("%s: %s", held.outlet, why)
        except OSError as error:
            self._tell(f"{held.outlet}: its lease could not be released and runs out by itself ({error})")

    # Crawls

    def _begin(self) -> None:
        """Begin as many crawls as there is room for; each that ends begins the next one."""
        while self._waiting and len(self._active) < self.settings.getint("OUTLETS_AT_ONCE") and not self._is_over:
            task = asyncio.create_task(self._crawl(self._waiting.popleft()))
            self._active.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._active.discard(task)
        self._begin()

    async def _crawl(self, held: Held) -> None:
        try:
            if held.is_valid:
                await self._crawl_outlet(held)
            else:
                self._tell(f"{held.outlet}: its lease was over before its turn came; nothing was asked")
        except (ArchiveLocked, ArchiveUnusable, NewerArchive, ClockSetBack, OSError) as error:
            self._tell(f"{held.outlet}: {error}")
        except sqlite3.Error as error:
            self._tell(f"{held.outlet}: {ArchiveUnusable.because(self.archives.path(held.outlet), error)}")
        except Exception as error:
            logger.exception("%s", held.outlet)
            self._tell(f"{held.outlet}: {type(error).__name__}: {error}")
        finally:
            await self._release(held)

    async def _crawl_outlet(self, held: Held) -> None:
        outlet = held.outlet
        crawler = self._process.create_crawler(outlet)
        own = {
            "ARCHIVE": await asyncio.to_thread(self.archives.fetch, outlet),
            "CRAWL_OUTLET": outlet,
            "CRAWL_LEASE": held,
            "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), "extensions.lease.WhileLeased"),
        }
        if self._ends:
            own["CLOSESPIDER_TIMEOUT"] = self._ends - time.monotonic()
        if held.goes_on and not self.only_due:
            own["CRAWL_RESUMED"] = iso(held.lease.began)
        for name, value in own.items():
            crawler.settings.set(name, value, priority="cmdline")
        writer = Writer.from_settings(crawler.settings)
        try:
            writer.check_clock()
            self._prepare(writer, crawler)
            if self.only_due and not self._is_due(writer, outlet):
                return
            if self._process.is_stopping:  # meanwhile
                return
            self._crawlers[outlet], self._writers[outlet] = crawler, writer
            self.progress.watch(outlet, crawler)
            task = self._process.crawl(crawler)
            self.progress.follow(outlet, task)
            await asyncio.wait([task])
        finally:
            self._crawlers.pop(outlet, None)
            async with self._putting[outlet]:
                self._writers.pop(outlet, None)
                try:
                    self._checkpoint(writer)
                finally:
                    writer.close()
        if self.archives.is_remote and held.is_valid:
            data = self.archives.path(outlet).read_bytes()
            await asyncio.to_thread(self.archives.put, outlet, data)

    def _prepare(self, writer: Writer, crawler: Crawler) -> None:
        """As pipelines.reread.prepare, for one outlet."""
        known = {writer.outlet: crawler.spidercls}
        writer.describe(descriptions(known, crawler.settings))
        writer.expect_lists(lists(known))
        if count := read_files(writer, writer.unread(), known):
            logger.warning("%s: %d captures were in WARC files without rows: read now", writer.outlet, count)
        writer.prepared = True

    def _is_due(self, writer: Writer, outlet: str) -> bool:
        planned = plan.plan(writer.connection, clock.now(), [outlet])
        self.planned += planned
        return any(each.due and each.allowed for each in planned)

    def _make_segments(self) -> None:
        """Read what was captured, so that the merging machine need not."""
        modules = tuple(self.settings.getlist("SPIDER_MODULES"))
        captures, version = self.archives.captures, extractor_version(modules)
        for name in self._closed:
            try:
                make_segment(Shard(name, captures, f"{captures}/segments", version, modules))
            except (OSError, ValueError) as error:
                logger.warning("%s was not read into a segment, `dateline merge` reads it itself: %s", name, error)

    # What is said

    def _say(self, what: str) -> None:
        click.secho(what, fg="yellow", err=True)

    def _tell(self, trouble: str) -> None:
        self.troubles.append(trouble)
        click.secho(trouble, fg="red", err=True)


def _last_taken(held: Held) -> float:
    return held.before.taken_at.timestamp() if held.before else 0.0


def run(make: Callable[[], Worker], nothing: Callable[[Sequence[Planned]], str], quiet: bool = False) -> int:
    """Do a worker's work and say how it went; returns the exit code. `nothing` says why there was none."""
    try:
        worker = make()
        tallies = worker.run()
    except LeaseUnreadable as error:
        raise click.ClickException(str(error)) from error
    except (OSError, ValueError) as error:
        raise click.ClickException(_unreachable(error)) from error
    code = crawling.SUCCESS
    if tallies:
        code = crawling.report(tallies, worker.settings, quiet)
    elif not quiet and not worker.troubles:
        click.echo(nothing(worker.planned))
    return crawling.PARTIAL if worker.troubles and code == crawling.SUCCESS else code


def _unreachable(error: Exception) -> str:
    why = str(error) if str(error).endswith((".", "?")) else f"{error}."
    return (
        f"The place that the workers share cannot be used: {why} DATELINE_CAPTURES names it: a folder on a shared "
        "disk, or s3://bucket/prefix."
    )
