"""The writer of the crawl's archive, which what belongs to a crawl shares."""

from __future__ import annotations

from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler

from archive.writer import Writer


class SharesWriter:
    """An extension or a middleware that has the archive's writer for as long as its spider is open."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.writer = Writer.from_settings(crawler.settings)
        crawler.signals.connect(self.spider_closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def spider_closed(self) -> None:
        self.writer.close()
