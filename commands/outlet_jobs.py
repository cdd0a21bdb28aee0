"""`dateline crawl --engine dask`: one job an outlet on a Dask cluster, each the same as a `dateline crawl --worker` of
that outlet alone. It holds the outlet's lease, so that its delay and budget hold whoever else is at work."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, cast

import click
from scrapy.settings import Settings
from scrapy.statscollectors import StatsCollector

from commands import crawling
from commands.progress import Tally
from commands.stopping import until_a_signal
from commands.working import Share, Worker
from pipelines.engines import EngineFailed, dask_client, dask_result, has_workers
from pipelines.shards import PROJECT, OtherCode, extractor_version

_EVERY = 0.5  # seconds between two looks at the jobs
_LOOK = 15.0  # and at whether the cluster has workers
_ENDING = 2.0  # within which a job learns that it is to end


def run(
    scheduler: str, names: Sequence[str], settings: Settings, overrides: Sequence[str], options: Mapping[str, Any]
) -> int:
    """Crawl outlets on a cluster and say how it went; returns the exit code. `options` are settings that the command
    made of its own options. A signal ends the jobs in order. Raises EngineFailed and OtherCode."""
    captures = str(settings["CAPTURES"])
    order = {
        "captures": captures if "://" in captures else str(Path(captures).resolve()),
        "code": extractor_version(tuple(settings.getlist("SPIDER_MODULES"))),
        "overrides": list(overrides),
        "options": dict(options),
        "stop": f"dateline-{uuid.uuid4().hex}",
    }

    def job(order: Mapping[str, Any]) -> dict[str, Any]:
        from commands.outlet_jobs import crawl_here

        return crawl_here(order)

    found: dict[str, dict[str, Any]] = {}
    said: set[str] = set()
    with until_a_signal() as stopped, dask_client(scheduler) as client:
        from distributed import Event

        stop: Any = Event(order["stop"], client=client)  # type: ignore[no-untyped-call]
        jobs = dict(zip(names, client.map(job, [{**order, "outlet": name} for name in names], pure=False), strict=True))
        looked = time.monotonic()
        while len(found) < len(jobs):
            time.sleep(_EVERY)
            if stopped() and not stop.is_set():
                stop.set()
            if time.monotonic() - looked > _LOOK:
                has_workers(client)
                looked = time.monotonic()
            for name in [name for name, future in jobs.items() if name not in found and future.done()]:
                found[name] = dask_result(client, jobs[name], name)
                for line in found[name]["said"]:
                    if line not in said:  # of 400 outlets' jobs each would say it
                        said.add(line)
                        click.secho(line, fg="yellow", err=True)
    return _report(names, found, settings)


def _report(names: Sequence[str], found: Mapping[str, Mapping[str, Any]], settings: Settings) -> int:
    tallies = {name: _tally(found[name]["tally"]) for name in names if found[name]["tally"]}
    settings.set("LOG_FILE", None, priority="cmdline")  # each job has its own, where it ran
    failed = any(found[name]["code"] not in (crawling.SUCCESS, crawling.PARTIAL) for name in names)
    partly = any(found[name]["troubled"] for name in names)
    if tallies:
        code = crawling.report(tallies, settings)
    else:
        click.echo("No outlet is left for these workers.")
        code = crawling.SUCCESS
    if failed:
        return crawling.FAILURE
    return crawling.PARTIAL if partly and code == crawling.SUCCESS else code


# Where a job runs

_NOT_BEGUN: dict[str, Any] = {"code": crawling.SUCCESS, "tally": None, "troubled": True, "said": []}


def crawl_here(order: Mapping[str, Any]) -> dict[str, Any]:
    """Crawl one outlet in a process of its own, since Twisted's reactor runs once in one. It does not outlive the Dask
    worker: another one has the job then, and takes the outlet over once the lease has run out."""
    from distributed import Event

    stop: Any = Event(order["stop"])  # type: ignore[no-untyped-call]
    if stop.is_set():
        return _NOT_BEGUN
    environment = os.environ | {"DATELINE_CAPTURES": order["captures"]}
    with TemporaryFile() as out, TemporaryFile() as err:
        command = [sys.executable, "-m", "commands.outlet_jobs"]
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdin=subprocess.PIPE, stdout=out, stderr=err, bufsize=0
        )
        assert process.stdin
        try:
            process.stdin.write(json.dumps(dict(order)).encode() + b"\n")  # and it is left open
            while not _has_ended(process):
                if stop.is_set():
                    process.terminate()  # once: Scrapy would not end in order at a second one
                    process.wait()
        finally:
            process.kill()  # when the scheduler is lost
            process.wait()
            process.stdin.close()
        out.seek(0)
        err.seek(0)
        told, said = out.read(), err.read().decode("utf-8", "replace").splitlines()
    if process.returncode == -signal.SIGTERM and stop.is_set():
        return _NOT_BEGUN
    if process.returncode:
        said.append(f"{order['outlet']}: its crawl on {socket.gethostname()} ended with {process.returncode}.")
        return {"code": crawling.FAILURE, "tally": None, "troubled": True, "said": said}
    return {"code": crawling.SUCCESS, **json.loads(told), "said": said}


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    with suppress(subprocess.TimeoutExpired):
        process.wait(_ENDING)
        return True
    return False


def _here() -> None:
    """The process of a job: what to do comes as a line, and the end of that input is the end of the Dask worker."""
    asked = b""
    while not asked.endswith(b"\n"):
        asked += os.read(0, 1 << 16)  # not by sys.stdin, whose lock the thread would hold when this process ends
    order = json.loads(asked)

    def end_with_parent() -> None:
        os.read(0, 1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=end_with_parent, daemon=True).start()
    settings = crawling.settings(order["overrides"], verbose=False)
    code = extractor_version(tuple(settings.getlist("SPIDER_MODULES")))
    if code != order["code"]:
        raise OtherCode(
            f"This worker's code is version {code}, not {order['code']}: give every worker the same checkout and the "
            "same locked packages."
        )
    for name, value in order["options"].items():
        settings.set(name, value, priority="cmdline")
    outlet = order["outlet"]
    worker = Worker(Share(1, 1), crawling.named([outlet], settings), settings, title=f"Dask job {outlet}")
    tally = worker.run().get(outlet)
    json.dump({"tally": _encoded(tally) if tally else None, "troubled": bool(worker.troubles)}, sys.stdout, default=str)


# A tally on its way


class _Stats:
    """What of a crawl's statistics collector is asked once it has ended."""

    def __init__(self, stats: dict[str, Any]) -> None:
        self._stats = stats

    def get_value(self, name: str, default: Any = None) -> Any:
        return self._stats.get(name, default)

    def get_stats(self) -> dict[str, Any]:
        return self._stats


_PLAIN = [each.name for each in fields(Tally) if each.name not in ("began", "stats")]


def _encoded(tally: Tally) -> dict[str, Any]:
    stats = tally.stats.get_stats() if tally.stats else None
    return {**{name: getattr(tally, name) for name in _PLAIN}, "stats": stats}


def _tally(encoded: Mapping[str, Any]) -> Tally:
    stats = encoded["stats"]
    plain = {**encoded, "first_failure": tuple(encoded["first_failure"])}
    return Tally(**{**plain, "stats": cast(StatsCollector, _Stats(stats)) if stats is not None else None})


if __name__ == "__main__":
    try:
        _here()
    except (click.ClickException, OtherCode, OSError, EngineFailed) as error:
        click.echo(error.format_message() if isinstance(error, click.ClickException) else str(error), err=True)
        sys.exit(crawling.FAILURE)
