"""WARC files that have no rows yet, read by several processes or machines and merged by this one: what the commands
`reread`, `import` and `merge` have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from scrapy.settings import BaseSettings

from archive.segments import SUFFIX, SegmentUnreadable, warc_of
from archive.storage import Store, store_at
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
        if engine == "processes" and (len(waiting) == 1 or workers == 1):
            for name in waiting:
                elsewhere = Counter[str]()
                read.captures += read_files(writer, [name], known, read.passed_over, elsewhere)
                read.foreign += elsewhere.total()
                bar.advance(task)
            return read
        place = store_at(f"{writer.captures}/segments")
        shards = _shards(writer, settings, waiting, place)
        try:
            for segment in engines.engine(engine, workers, scheduler).segments(shards):
                data = place.read(segment.name)
                read.captures += merge_segment(writer, segment, data, known, read.passed_over)
                read.foreign += segment.foreign
                bar.advance(task)
        except (EngineFailed, OtherCode, SegmentUnreadable) as error:
            raise click.ClickException(f"{error} What was merged stays; run the same command to go on.") from error
        if not settings.getbool("KEEP_SEGMENTS"):
            _remove_merged(writer, place)
    return read


def _shards(writer: Writer, settings: BaseSettings, names: Iterable[str], place: Store) -> list[Shard]:
    modules = tuple(settings.getlist("SPIDER_MODULES"))
    version = extractor_version(modules)
    return [Shard(name, str(writer.captures), place.url, version, modules) for name in names]


def _remove_merged(writer: Writer, place: Store) -> None:
    """Those of older code and of interrupted runs too."""
    merged = {name for (name,) in writer.connection.execute("select name from warcs")}
    for name in place.names(suffix=SUFFIX):
        if warc_of(name) in merged:
            place.remove(name)
