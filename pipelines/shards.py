"""A shard is one WARC file. Reading it needs nothing but the file and this code, so that several processes, or several
machines, can do it; what they read is written as a segment (archive/segments.py), which the archive's writer merges."""

from __future__ import annotations

import hashlib
import importlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import Settings

from archive import segments
from archive.http_message import content_decoded
from archive.rewritten import as_sent_by
from archive.segments import Segment
from archive.storage import Captures, Opened, store_at
from archive.warc_reader import NOT_IN_THIS_FILE, Event, OtherPayload, Seen, read_captures, read_payload, revisited
from items import Capture
from pipelines.extract import extract
from pipelines.normalise import normalise
from pipelines.registry import outlets

PROJECT = Path(__file__).resolve().parents[1]
# All that can change what is read out of a page; the libraries among it that parse.
_CODE = ("items.py", "spiders", "pipelines", "grammar", "archive")
_LIBRARIES = ("lxml", "beautifulsoup4", "feedparser", "ultimate-sitemap-parser", "python-dateutil", "scrapy")


class OtherCode(Exception):
    """A worker's code is not that of the process which hands out the work."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One WARC file to be read into a segment. `captures` and `segments` say where files are: a folder or s3://….
    `extractor` is the version of the code by which the segment is named."""

    name: str
    captures: str
    segments: str
    extractor: str
    spider_modules: tuple[str, ...]


def read_shard(file: Opened, outlets: Mapping[str, Any], passed_over: Counter[str] | None = None) -> Iterator[Event]:
    """Everything that a WARC file tells, captures extracted and normalised, ready to become rows.

    A capture of nobody's crawl gets its outlet by its address. Records of other sites, and what is neither a report nor
    a list, are passed over and counted by host in `passed_over`. A revisit whose payload lies in another file is given
    on as it is, with no outcome: whoever has the archive resolves it.
    """
    owner = owner_of(outlets)

    def is_wanted(url: str) -> bool:
        name = owner(url)
        return bool(name) and _is_wanted(outlets[name], url)

    seen = Seen(Counter() if passed_over is None else passed_over)
    for event in read_captures(file, only=is_wanted, seen=seen):
        if not isinstance(event, Capture):
            yield event
            continue
        if not event.crawl:
            event.outlet = owner(event.url)
        outlet = outlets.get(event.outlet)
        if outlet is None:
            yield event
            continue
        if event.error == NOT_IN_THIS_FILE or (event.revisit_of is not None and event.status != 304):
            payload = _payload_here(file, event, seen.places)
            if payload is None:
                yield event
                continue
            fill_in(event, payload)
        yield interpret(event, outlet)


def _payload_here(file: Opened, revisit: Capture, places: Mapping[int, int]) -> bytes | None:
    """What a revisit record repeats, when that is in the same file; one of others must have the digest it states."""
    place = None if revisit.revisit_of is None else places.get(revisit.revisit_of)
    if place is None:
        return None
    meant = revisited(file, revisit.offset) if is_of_others(revisit) else None
    try:
        return read_payload(file, place, meant.digest if meant else "").body
    except OtherPayload:
        return None


def is_of_others(capture: Capture) -> bool:
    """Whether another program wrote its record."""
    return bool(capture.record_id) or not capture.crawl


def interpret(capture: Capture, outlet: Any) -> Capture:
    """A capture with its payload → what becomes rows; the payload is let go."""
    capture = normalise(extract(capture, outlet), outlet)
    capture.body, capture.reading = b"", None
    return capture


def fill_in(capture: Capture, payload: bytes) -> None:
    """Give a revisit its payload, decoded as its own headers say: the same bytes can come under another coding."""
    try:
        capture.body, capture.error = content_decoded(payload, capture.headers, lenient=capture.origin != "live")
        # A copy that a web archive has rewritten stays one when it is told by a revisit.
        capture.body = as_sent_by(capture.source, capture.body)
    except ValueError as error:
        capture.error = f"its payload cannot be read: {error}"


def _is_wanted(outlet: Any, url: str) -> bool:
    """Whether an address of an outlet can hold a report or a list: others' crawls bring every picture and script."""
    try:
        return bool(outlet.kind_of(url) != "other")
    except ValueError:
        return False


def owner_of(outlets: Mapping[str, Any]) -> Callable[[str], str]:
    """A function: an address → the id of the outlet on whose host it is, "" for none."""
    hosts = {domain.host: name for name, outlet in outlets.items() for domain in outlet.domains}

    def owner(url: str) -> str:
        try:
            host = (urlsplit(url).hostname or "").lower()
        except ValueError:
            return ""
        while host:
            if host in hosts:
                return hosts[host]
            host = host.partition(".")[2]
        return ""

    return owner


def make_segment(shard: Shard) -> Segment:
    """Read a WARC file into its segment, written whole or not at all; one that is there already is left as it is.

    Raises OtherCode, OSError, and segments.SegmentUnreadable for a damaged one that is there.
    """
    if extractor_version(shard.spider_modules) != shard.extractor:
        raise OtherCode(
            f"This worker's code is version {extractor_version(shard.spider_modules)}, and {shard.name} is to be read "
            f"by {shard.extractor}: give every worker the same checkout and the same locked packages."
        )
    # Only read here; a folder is named since those in S3 are looked for where they are written first, too. It is opened
    # before the place for segments is made: not on a machine that does not have the shared disk.
    file = Captures.at(shard.captures, Path(gettempdir())).open(shard.name)
    try:
        store = store_at(shard.segments)
        name = segments.name_of(shard.name, shard.extractor)
        with suppress(FileNotFoundError):
            return segments.describe(name, store.read(name))
        passed_over: Counter[str] = Counter()
        writer = segments.SegmentWriter(shard.name, file.size, shard.extractor)
        for event in read_shard(file, _outlets(shard.spider_modules), passed_over):
            writer.add(event)
    finally:
        file.close()
    segment, data = writer.finish(passed_over.total())
    with suppress(FileExistsError):  # by another worker, to which the shard was given too; the bytes are the same
        store.create(name, data)
    return segment


@cache
def _outlets(spider_modules: tuple[str, ...]) -> dict[str, Any]:
    return outlets(Settings({"SPIDER_MODULES": list(spider_modules)}))


@cache
def extractor_version(spider_modules: tuple[str, ...]) -> str:
    """Twelve hex digits of everything that decides what is read out of a WARC file: our code and the parsers."""
    digest = hashlib.sha256()
    folders = [PROJECT / name for name in _CODE]
    for module in spider_modules:
        found = importlib.import_module(module).__file__
        assert found
        folders.append(Path(found).parent if Path(found).name == "__init__.py" else Path(found))
    for place in folders:
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            if path.suffix in (".py", ".tsv", ".txt"):
                digest.update(f"{path.relative_to(place.parent)}\0".encode() + path.read_bytes() + b"\0")
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()[:12]
