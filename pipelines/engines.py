"""Who reads the shards: this process, a pool of processes on this machine, or a Dask cluster. Segments come back in the
order of the shards, whoever was done first, so that what is merged does not depend on it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol

from archive.segments import Segment
from pipelines.shards import Shard, make_segment

ATTEMPTS = 3  # at a shard whose worker dies over it
_PARENT_EVERY = 1.0  # seconds between two looks whether the process that hands out the work lives


class EngineFailed(Exception):
    """The shards cannot be read by this engine; the message says why and what to do. What was read stays."""


class Engine(Protocol):
    def segments(self, shards: Sequence[Shard]) -> Iterator[Segment]:
        """Raises EngineFailed, and what pipelines.shards.make_segment does."""
        ...


class Here:
    """One after another in this process: for few files, and to compare with."""

    def segments(self, shards: Sequence[Shard]) -> Iterator[Segment]:
        yield from map(make_segment, shards)


class Processes:
    """So many processes on this machine. One that dies (the kernel ends it when memory runs out) is replaced."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def segments(self, shards: Sequence[Shard]) -> Iterator[Segment]:
        waiting, deaths = list(shards), Counter[str]()
        while waiting:
            pool = self._pool()
            futures = [(shard, pool.submit(make_segment, shard)) for shard in waiting]
            try:
                for shard, future in futures:
                    segment = future.result()
                    waiting.remove(shard)
                    yield segment
            except BrokenProcessPool:
                # Which of those under way it was is not told. All that were done come first in the next round, so the
                # one over which processes die is soon the first that waits.
                deaths[waiting[0].name] += 1
                if deaths[waiting[0].name] >= ATTEMPTS:
                    raise EngineFailed(
                        f"The process that reads {waiting[0].name} dies each time (out of memory?). Read with fewer "
                        "--workers, or move that file away; the others' segments are kept."
                    ) from None
            finally:
                _end(pool, [future for _, future in futures])

    def _pool(self) -> ProcessPoolExecutor:
        # Not forked: this process has threads and an open database.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.workers, mp_context=context, initializer=_begin, initargs=(os.getpid(),))


def _end(pool: ProcessPoolExecutor, futures: Sequence[Future[Segment]]) -> None:
    for future in futures:
        future.cancel()
    for process in list((pool._processes or {}).values()):
        process.terminate()  # what it was about is written aside, and begun anew
    pool.shutdown(wait=True, cancel_futures=True)


def _begin(parent: int) -> None:
    """In each worker: Ctrl-C is the parent's to answer, and nobody works on for a parent that was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_EVERY)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class Dask:
    """An existing Dask cluster. Its workers need this code, at the same version, and access to the shards."""

    def __init__(self, scheduler: str) -> None:
        self.scheduler = scheduler

    def segments(self, shards: Sequence[Shard]) -> Iterator[Segment]:
        try:
            from distributed import Client, KilledWorker
        except ImportError as error:
            raise EngineFailed(
                "Dask is not installed here: `make scale` adds it, or use --engine processes."
            ) from error
        try:
            client: Any = Client(self.scheduler, timeout="15s", set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise EngineFailed(
                f"No Dask scheduler answers at {self.scheduler} ({error}). Start one with `dask scheduler`, or name "
                "another with --scheduler."
            ) from error
        with client:
            # Not pure: a segment that was removed since must be made again.
            futures = client.map(make_segment, shards, pure=False, retries=ATTEMPTS - 1)
            for shard, future in zip(shards, futures, strict=True):
                try:
                    yield future.result()
                except KilledWorker as error:
                    raise EngineFailed(
                        f"Every worker that reads {shard.name} dies (out of memory?): give workers more memory "
                        "(`dask worker --memory-limit`) and begin again; the others' segments are kept."
                    ) from error
                except ModuleNotFoundError as error:
                    raise EngineFailed(
                        f"A Dask worker cannot load Dateline ({error}): start each in its checkout, with "
                        "`python -m distributed.cli.dask_worker` of its .venv."
                    ) from error
                future.release()


def engine(name: str, workers: int, scheduler: str | None) -> Engine:
    """By the names that the commands have: processes, dask. Raises EngineFailed for what does not fit together."""
    if name == "dask":
        if not scheduler:
            raise EngineFailed("--engine dask needs --scheduler, such as tcp://10.0.0.5:8786.")
        return Dask(scheduler)
    if scheduler:
        raise EngineFailed("--scheduler is for --engine dask.")
    return Processes(workers) if workers > 1 else Here()


def processors() -> int:
    """How many processors this process may use: the default number of workers."""
    return len(os.sched_getaffinity(0))
