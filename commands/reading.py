"""WARC files that have no rows yet, read by several processes or machines and merged by this one: what the commands
`reread`, `import` and `merge` have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from scrapy.settings import BaseSettings

from archive.segments import SUFFIX, Segment, SegmentUnreadable, describe, name_of, warc_of
from archive.storage import is_remote, store_at
from archive.writer import Writer
from pipelines import engines
from pipelines.engines import EngineFailed
from pipelines.registry import outlets
from pipelines.reread import merge_segment, read_files
from pipelines.shards import OtherCode, Shard, extractor_version


@dataclass(slots=True)
class Read:
    """What was read. `foreign` counts records that are of no outlet, or neither reports nor lists."""

    files: int = 0
    captures: int = 0
    foreign: int = 0
    passed_over: list[str] = field(default_factory=list)


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--workers, --engine and --scheduler."""
    for option in (
        click.option(
            "--scheduler", metavar="ADDRESS", help="The Dask scheduler, such as tcp://10.0.0.5:8786; for --engine dask."
        ),
        click.option(
            "--engine",
            type=click.Choice(["processes", "dask"]),
            default="processes",
            show_default=True,
            help="Who reads: processes on this machine, or an existing Dask cluster.",
        ),
        click.option(
            "--workers",
            type=click.IntRange(min=1),
            help="How many processes read; 1: this one alone. [default: one a processor]",
        ),
    ):
        command = option(command)
    return command


def read_new(
    writer: Writer,
    settings: BaseSettings,
    *,
    workers: int | None = None,
    engine: str = "processes",
    scheduler: str | None = None,
    names: Iterable[str] | None = None,
) -> Read:
    """Read every WARC file of the writer's captures that has no row, or those named, in the order of their names.

    Interrupted, it goes on with what is not merged; segments that are there already are not made again. Raises
    click.ClickException for an engine that cannot work, OSError and sqlite3.Error.
    """
    known = outlets(settings)
    waiting = sorted(writer.unread() if names is None else names)
    read = Read(files=len(waiting))
    workers = workers or engines.processors()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("files"),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading WARC files", total=len(waiting))
        place = f"{writer.captures}/segments"
        shards = _shards(writer, settings, waiting, place)
        try:
            if engine == "processes" and (len(waiting) == 1 or workers == 1):
                made = _made(place)
                for shard in shards:
                    if (name := name_of(shard.name, shard.extractor)) in made:
                        _merge(writer, place, name, known, read)
                    else:
                        elsewhere = Counter[str]()
                        read.captures += read_files(writer, [shard.name], known, read.passed_over, elsewhere)
                        read.foreign += elsewhere.total()
                    bar.advance(task)
            else:
                for segment in engines.engine(engine, workers, scheduler).segments(shards):
                    _merge(writer, place, segment.name, known, read, segment)
                    bar.advance(task)
        except (EngineFailed, OtherCode, SegmentUnreadable) as error:
            raise click.ClickException(f"{error} What was merged stays; run the same command to go on.") from error
        if not settings.getbool("KEEP_SEGMENTS"):
            _remove_merged(writer, place)
    return read


def _made(place: str) -> dict[str, int]:
    """Segments that are there, by crawls of several workers or an interrupted run."""
    if not is_remote(place) and not Path(place).is_dir():
        return {}
    return store_at(place).names(suffix=SUFFIX)


def _merge(
    writer: Writer, place: str, name: str, known: Mapping[str, Any], read: Read, segment: Segment | None = None
) -> None:
    try:
        data = store_at(place).read(name)
    except FileNotFoundError as error:
        raise EngineFailed(
            f"{name} was made, but is not in {place}: is that the same shared disk wherever files are read?"
        ) from error
    segment = segment or describe(name, data)
    read.captures += merge_segment(writer, segment, data, known, read.passed_over)
    read.foreign += segment.foreign


def _shards(writer: Writer, settings: BaseSettings, names: Iterable[str], place: str) -> list[Shard]:
    modules = tuple(settings.getlist("SPIDER_MODULES"))
    version = extractor_version(modules)
    return [Shard(name, str(writer.captures), place, version, modules) for name in names]


def _remove_merged(writer: Writer, place: str) -> None:
    """Those of older code and of interrupted runs too."""
    if made := _made(place):
        merged = {name for (name,) in writer.connection.execute("select name from warcs")}
        for name in made:
            if warc_of(name) in merged:
                with suppress(FileNotFoundError):
                    store_at(place).remove(name)
