"""The last step: a read Capture goes to the archive's one writer."""

from __future__ import annotations

import logging
import sqlite3
from typing import Any, Self

from scrapy.crawler import Crawler

from archive.writer import Writer
from items import Capture
from pipelines.extract import extract
from pipelines.normalise import normalise
from pipelines.reread import prepare

logger = logging.getLogger(__name__)


class Store:
    """Rows are committed in batches (COMMIT_EVERY), and at the end of the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.writer = Writer.from_settings(crawler.settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def open_spider(self) -> None:
        """First what a crawl that was killed has left in its WARC files without rows."""
        for name in self.writer.missing:
            logger.warning("%s is missing from %s", name, self.writer.captures)
        if count := prepare(self.writer, self.crawler.settings):
            logger.warning("%d captures of an interrupted crawl were in WARC files without rows: read now", count)

    def process_item(self, item: Capture) -> Capture:
        self.writer.add(item)
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"dateline/{item.outcome}")
            self._count()
        return item

    def _read_left_over(self) -> None:
        """A crawl that is stopped by a signal ends with every row too."""
        outlet: Any = self.crawler.spidercls
        for capture in self.writer.left_over(outlet.name):
            try:
                self.writer.add(normalise(extract(capture, outlet), outlet))
            except Exception:  # whatever kept it from its row before; the next start reads it again
                logger.exception("%s could not be read", capture.url)

    def _count(self) -> None:
        """New and changed reports so far, as of the last commit."""
        spider, stats = self.crawler.spider, self.crawler.stats
        if spider and stats:
            for what in ("new", "changed"):
                stats.set_value(f"dateline/{what}_reports", self.writer.counts[spider.name, what])

    def close_spider(self) -> None:
        self._read_left_over()
        try:
            self.writer.commit()
        except (OSError, sqlite3.Error) as error:
            logger.error(
                "Rows could not be written (%s); the captures are in WARC files and read at the next start", error
            )
        self._count()
        self.writer.close()
