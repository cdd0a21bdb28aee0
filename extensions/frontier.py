"""Which addresses a crawl asks for: those never looked at and those that are due, within the outlet's budget.

What is known, and when it is due, is in the archive's `checks` table; Scrapy's JOBDIR does not survive a kill.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from archive import clock, frontier
from archive.schedule import SOON
from archive.times import from_capture_id, parse
from extensions.budget import requests_left
from extensions.shared_writer import SharesWriter
from items import Link

_POLL = 0.02  # seconds


class Frontier(SharesWriter):
    """A spider middleware. Settings of one crawl: CRAWL_LIMIT (report pages, 0 for no limit), CRAWL_SINCE (UTC; links
    that a list dates earlier are left), CRAWL_FULL (known reports are looked at again though not due), CRAWL_DUE (lists
    too are read only when they are due), CRAWL_RESUMED (UTC; when the crawl began that this one goes on with: what it
    looked at is not asked for again)."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self.only_due = settings.getbool("CRAWL_DUE")
        self.now = self._now()
        self.budget = requests_left(crawler, self.writer)
        self.limit = settings.getint("CRAWL_LIMIT") or self.budget
        self.full = settings.getbool("CRAWL_FULL")
        since = settings.get("CRAWL_SINCE")
        self.since = parse(since) if since else None
        resumed = settings.get("CRAWL_RESUMED")
        self.resumed = parse(resumed) if resumed else None
        self.asked: set[str] = set()  # canonical addresses of this crawl, at most the budget
        self.reports = 0

    async def process_start(self, start: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """The outlet's lists first, then those that they have led to, what earlier crawls left, and re-visits due."""
        async for request in start:
            # In a scheduled run they are among the known lists, and are read when they are due.
            if not self.only_due and (not isinstance(request, Request) or self._take(request)):
                yield request
        spider: Any = self.crawler.spider
        connection = self.writer.connection
        for check in frontier.listings(connection, spider.name, self.now, not self.only_due):
            request = self._request(check)
            is_due = check.due_at is not None and check.due_at <= self.now
            if (self.full or is_due or not self._older(request)) and self._take(request):
                yield request
        if self.only_due and self.asked:
            await self._lists_read()
            self.writer.commit()  # now `checks` has what they name, too
            self.now = self._now()
        left = self.budget - len(self.asked)
        for check in frontier.due(connection, spider.name, self.now, max(0, left), self.full):
            request = self._request(check)
            if self._take(request):
                yield request

    def _now(self) -> datetime:
        """The moment up to which things are due."""
        return clock.now() + (SOON if self.only_due else timedelta())

    def _request(self, check: frontier.Check) -> Request:
        spider: Any = self.crawler.spider
        request: Request = spider.request(Link(check.address, check.title, check.listed_at, check.kind, check.url))
        return request

    async def _lists_read(self) -> None:
        """Return once the lists have been answered: of what they name, and of all that is due, the youngest reports
        then come first, whichever list was the first to come."""
        engine: Any = self.crawler.engine
        while engine.running and engine.spider is not None and not engine._slot.closing:
            busy = engine.downloader.active or engine._slot.scheduler.has_pending_requests()
            if not busy and engine.scraper.slot.is_idle():
                return
            await asyncio.sleep(_POLL)

    async def process_spider_output(self, response: Response, result: AsyncIterator[Any]) -> AsyncIterator[Any]:
        """Let requests for unknown and due addresses pass; in a scheduled run the reports that a list names wait until
        all lists are read. Lists of older reports are asked for only while the list that leads to them named something
        new."""
        older: list[Request] = []
        found_new = self.full
        waits = self.only_due and response.meta["link"].kind == "listing"
        async for output in result:
            if not isinstance(output, Request):
                yield output
            elif self._older(output):
                older.append(output)
            elif waits and output.meta["link"].kind == "report":
                found_new = found_new or self._wanted(output.meta["link"])
            elif self._take(output):
                found_new = found_new or output.meta["link"].kind == "report"
                yield output
        if found_new:
            for request in older:
                if self._take(request):
                    yield request

    def _older(self, request: Request) -> bool:
        spider: Any = self.crawler.spider
        return bool(spider.is_older(request.meta["link"].canonical))

    def _take(self, request: Request) -> bool:
        """Whether to ask for it; a refusal is counted (known, or left for a later crawl)."""
        link: Link = request.meta["link"]
        if link.canonical in self.asked:
            return False
        if self.resumed and self._looked_at_since(link, self.resumed):
            return self._refuse("known")
        if link.kind == "report" or self.only_due:
            if not self._wanted(link):
                return self._refuse("known")
            if link.kind == "report" and self.reports >= self.limit:
                return self._refuse("left_for_later")
        if len(self.asked) >= self.budget:
            return self._refuse("left_for_later")
        self.asked.add(link.canonical)
        self.reports += link.kind == "report"
        return True

    def _looked_at_since(self, link: Link, moment: datetime) -> bool:
        known = frontier.check(self.writer.connection, link.canonical)
        return bool(known and known.last_capture and from_capture_id(known.last_capture) >= moment)

    def _wanted(self, link: Link) -> bool:
        known = frontier.check(self.writer.connection, link.canonical)
        if known is None or known.last_capture is None:
            return not (self.since and link.time and link.time < self.since)
        return self.full or (known.due_at is not None and known.due_at <= self.now)

    def _refuse(self, why: str) -> bool:
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"dateline/{why}")
        return False


class ConditionalGet(SharesWriter):
    """A downloader middleware: lists and known reports are asked for with the validators of their last full answer, so
    that an unchanged one costs a 304."""

    def process_request(self, request: Request) -> None:
        link: Link | None = request.meta.get("link")
        if link is None or request.url != link.url:  # robots.txt, or the target of a redirect
            return
        if self.writer.missing:  # "not modified" would refer to a payload that may be lost
            return
        known = frontier.check(self.writer.connection, link.canonical)
        if known and known.address == request.url:
            if known.etag:
                request.headers["If-None-Match"] = known.etag
            if known.last_modified:
                request.headers["If-Modified-Since"] = known.last_modified
