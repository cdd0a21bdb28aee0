"""Captures from WARC files through the same steps as a crawl's: after a crash, after a mended layout, for an import."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from scrapy.settings import BaseSettings

from archive.http_message import content_decoded
from archive.warc_reader import Broken, CrawlFinished, CrawlStarted, read_captures
from archive.writer import Writer
from pipelines.extract import extract
from pipelines.normalise import normalise
from pipelines.registry import descriptions, lists, outlets

logger = logging.getLogger(__name__)


def prepare(writer: Writer, settings: BaseSettings) -> int:
    """Before crawls: keep what is known of the outlets, and make the rows of WARC files that have none yet, which a
    crawl that was killed has left; returns how many captures were read. Once for each writer: 400 outlets' crawls
    share one, and each would look at every WARC file."""
    if writer.prepared:
        return 0
    known = outlets(settings)
    writer.describe(descriptions(known, settings))
    writer.expect_lists(lists(known))
    count = read_files(writer, writer.unread(), known)
    writer.prepared = True
    return count


def read_files(
    writer: Writer,
    paths: Iterable[Path],
    outlets: Mapping[str, Any],
    progress: Callable[[Path, int], None] | None = None,
    passed_over: list[str] | None = None,
) -> int:
    """Read closed WARC files, in the order given, into the archive; returns the number of captures.

    A broken record, and a capture of an outlet that is not known here any more, is passed over with a warning, which
    is also added to `passed_over`; it stays in its file.
    """
    aside = [] if passed_over is None else passed_over
    count = 0
    for path in paths:
        crawls: set[str] = set()
        for event in read_captures(path):
            match event:
                case CrawlStarted() if event.outlet not in outlets:
                    continue  # each of its captures is told below
                case CrawlStarted():
                    writer.crawl_began(event.crawl, event.outlet, event.started, event.origin)
                    crawls.add(event.crawl)
                case CrawlFinished():
                    writer.crawl_ended(event.crawl, event.finished, event.reason)
                    crawls.discard(event.crawl)
                case Broken():
                    aside.append(f"{path}: a broken record at byte {event.offset:,} was passed over ({event.reason})")
                    logger.warning("%s", aside[-1])
                case _:
                    outlet = outlets.get(event.outlet)
                    if outlet is None:
                        aside.append(f"{path}: {event.url} belongs to no known outlet ({event.outlet!r})")
                        logger.warning("%s", aside[-1])
                        continue
                    if event.revisit_of is not None and event.status != 304:
                        try:
                            # Decoded as its own headers say: the same bytes can come under another coding.
                            event.body, event.error = content_decoded(writer.payload(event), event.headers)
                        except (OSError, ValueError) as error:
                            event.error = f"its payload cannot be read: {error}"
                    writer.add(normalise(extract(event, outlet), outlet))
                    count += 1
                    if progress:
                        progress(path, count)
        writer.mark_read(path)
        for crawl in crawls:  # killed before its end, or going on in the next file
            writer.crawl_ended(crawl, None, None)
    return count
