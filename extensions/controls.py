"""Control looks: when a crawl has found reports missing, others of the outlet are asked for, to tell a takedown from an
outage. Only what other reports vouch for counts (archive/takedowns.py)."""

from __future__ import annotations

import logging
import sqlite3
from typing import Any, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider

from archive import clock, frontier, takedowns
from extensions.captures import RecordCaptures
from extensions.shared_writer import SharesWriter
from items import Link

logger = logging.getLogger(__name__)

# One that removed much answers some of them with more that is missing, and is asked for others; one that has an outage
# answers all of them so, and is asked no more.
ROUNDS = 4


class ControlLooks(SharesWriter):
    """Asks, once all else is done, for known reports that this crawl did not ask for. Not in a crawl with a limit."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.began = clock.now()
        self.rounds = 0 if crawler.settings.getint("CRAWL_LIMIT") else ROUNDS
        self._asked: set[str] = set()
        self._last: set[str] = set()  # addresses of the last round

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = super().from_crawler(crawler)
        crawler.signals.connect(extension.spider_idle, signal=signals.spider_idle)
        return extension

    def spider_idle(self, spider: Spider) -> None:
        recorder = self.crawler.get_extension(RecordCaptures)
        if not self.rounds or recorder is None:
            return
        try:
            self.writer.commit()
            wanted = self._wanted(recorder.crawl, spider.name)
        except (OSError, sqlite3.Error) as error:  # the end of the crawl says it aloud
            logger.warning("No control looks: %s", error)
            return
        if not wanted:
            return
        self.rounds -= 1
        self._last = set(wanted)
        self._asked |= self._last
        outlet: Any = spider
        for check in wanted.values():
            assert self.crawler.engine is not None
            link = Link(check.address, check.title, check.listed_at, check.kind, check.url)
            self.crawler.engine.crawl(outlet.request(link))
        logger.info("%d control looks at %s: reports are missing", len(wanted), spider.name)
        raise DontCloseSpider

    def _wanted(self, crawl: str, outlet: str) -> dict[str, frontier.Check]:
        """The reports to ask for, by canonical address; none when enough is known, or it will not be."""
        connection = self.writer.connection
        lacking = takedowns.Neighbours(connection).lacking(takedowns.Group(outlet, crawl))
        if not lacking or (len(self._asked) >= takedowns.NEIGHBOURS and not self._found_any(connection, crawl)):
            return {}
        number = takedowns.NEIGHBOURS if self._asked else min(takedowns.NEIGHBOURS, lacking + 1)
        found = takedowns.witnesses(connection, outlet, self.began, number + len(self._asked))
        chosen = [url for url in found if url not in self._asked][:number]
        return {url: check for url in chosen if (check := frontier.check(connection, url)) is not None}

    def _found_any(self, connection: sqlite3.Connection, crawl: str) -> bool:
        """Whether a report of the last round was there."""
        there = "select 1 from captures where crawl = ? and outcome in ('report', 'unchanged') and canonical = ?"
        return any(connection.execute(there, [crawl, url]).fetchone() for url in self._last)
