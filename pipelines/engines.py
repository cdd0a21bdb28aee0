"""Who reads the shards: this process, a pool of processes on this machine, or a Dask cluster. Segments come back in the
order of the shards, whoever was done first, so that what is merged does not depend on it."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Protocol

from archive.segments import Segment
from pipelines.shards import Shard, make_segment

ATTEMPTS = 3  # at a shard whose worker dies over it
_SECONDS = 15  # in which a scheduler, or the first worker, must have answered
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
    """An existing Dask cluster. Its workers need this code, at the same version, and access to the shards; the
    scheduler needs neither."""

    def __init__(self, scheduler: str) -> None:
        self.scheduler = scheduler

    def segments(self, shards: Sequence[Shard]) -> Iterator[Segment]:
        def read(fields: Mapping[str, Any]) -> Segment:
            from pipelines.shards import Shard, make_segment

            try:
                return make_segment(Shard(**fields))
            except OSError as error:
                raise OSError(f"{error}, says {socket.gethostname()}") from error

        with dask_client(self.scheduler) as client:
            # Not pure: a segment that was removed since must be made again.
            futures = client.map(read, [asdict(shard) for shard in shards], pure=False, retries=ATTEMPTS - 1)
            for shard, future in zip(shards, futures, strict=True):
                try:
                    yield dask_result(client, future, shard.name)
                except OSError as error:
                    raise EngineFailed(
                        f"A Dask worker cannot read {shard.name} ({error}): each needs {shard.captures} at the same "
                        "path (a shared disk), or the same bucket with credentials for it."
                    ) from error
                future.release()


@contextmanager
def dask_client(scheduler: str) -> Iterator[Any]:
    """A connection to a cluster that has workers. Work that is handed to it must be a function within another one: such
    are sent as they are written, and need not be found where the scheduler runs. Raises EngineFailed."""
    try:
        from distributed import Client
        from distributed.comm.addressing import get_address_host_port
    except ImportError as error:
        raise EngineFailed("Dask is not installed here: `make scale` adds it.") from error
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # its tracebacks would bury our one line
    try:
        # Dask itself asks again for 15 s where nothing answers, and as long again when it gives up.
        socket.create_connection(get_address_host_port(scheduler), _SECONDS).close()
        client: Any = Client(scheduler, timeout=f"{_SECONDS}s", set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise EngineFailed(
            f"No Dask scheduler answers at {scheduler} ({error}). Start one with `dask scheduler`, or name another "
            "with --scheduler."
        ) from error
    with client:
        has_workers(client)
        yield client


def dask_result(client: Any, future: Any, what: str) -> Any:
    """What a piece of work gave, or its exception; `what` names it in messages. Raises EngineFailed too."""
    from distributed import CancelledError, KilledWorker
    from distributed.comm.core import CommClosedError

    lost = f"The Dask scheduler at {client.scheduler.address} was lost"
    while True:
        try:
            return future.result(timeout=_SECONDS)
        except KilledWorker as error:
            raise EngineFailed(
                f"Every worker that is given {what} dies (out of memory?): give workers more memory "
                "(`--memory-limit`) and begin again; what others have done is kept."
            ) from error
        except (CancelledError, CommClosedError) as error:
            raise EngineFailed(f"{lost}. {_BEGIN_AGAIN}") from error
        except ImportError as error:
            raise EngineFailed(
                f"A Dask worker cannot load Dateline ({error}): start each in its checkout, with "
                "`python -m distributed.cli.dask_worker` of its .venv."
            ) from error
        except TimeoutError:
            if future.done():
                raise
        if client.status != "running":
            raise EngineFailed(f"{lost}. {_BEGIN_AGAIN}")
        has_workers(client)


def has_workers(client: Any) -> None:
    """Wait a while for one, as when the only one was killed and is begun anew. Raises EngineFailed."""
    try:
        client.wait_for_workers(1, timeout=_SECONDS)
    except (OSError, TimeoutError) as error:
        raise EngineFailed(
            f"The Dask scheduler at {client.scheduler.address} has no workers: start each in its checkout, with "
            "`python -m distributed.cli.dask_worker` of its .venv."
        ) from error


_BEGIN_AGAIN = "Start it again (`dask scheduler`), and its workers; what they have done is kept."


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
