"""What Scrapy leaves out of politeness: Crawl-delay, and waiting before a retry."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.exceptions import CannotResolveHostError, NotConfigured
from scrapy.http import Response, TextResponse
from scrapy.robotstxt import RobotParser

from archive import clock
from archive.retry_after import retry_after
from extensions.shared_writer import SharesWriter

logger = logging.getLogger(__name__)


class CrawlDelay:
    """Applies robots.txt's Crawl-delay to the outlet's download slot: it may slow a crawl down, never speed it up."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.delay = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.robots_parsed, signal=signals.robots_parsed)
        crawler.signals.connect(extension.request_reached_downloader, signal=signals.request_reached_downloader)
        return extension

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        agent = self.crawler.settings["ROBOTSTXT_USER_AGENT"] or self.crawler.settings["USER_AGENT"]
        asked = robotparser.crawl_delay(agent)
        limit = self.crawler.settings.getfloat("CRAWL_DELAY_MAX")
        self.delay = max(self.delay, min(float(asked or 0), limit))

    def request_reached_downloader(self, request: Request, spider: Spider) -> None:
        engine = self.crawler.engine
        slot = engine.downloader.slots.get(spider.name) if engine else None
        if slot is not None and slot.delay < self.delay:
            slot.delay = self.delay


class RobotsUnavailable:
    """A robots.txt that the server cannot give (5xx) forbids everything, as RFC 9309, 2.3.1.4, has it.

    Scrapy would take its error page for rules and find none. The capture keeps what the server said.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        if response.status < 500 or urlsplit(response.url).path != "/robots.txt":
            return response
        logger.warning("%s answered with status %d: nothing is asked of this host", response.url, response.status)
        return response.replace(body=b"User-agent: *\nDisallow: /\n")


class RobotsKept(SharesWriter):
    """In scheduled runs, and in a crawl that goes on with a killed worker's, a robots.txt serves for ROBOTS_HOURS, read
    from its capture: RFC 9309, 2.4, allows a day, and a run every ten minutes would ask for it 144 times."""

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("CRAWL_DUE") and not crawler.settings.get("CRAWL_RESUMED"):
            raise NotConfigured
        super().__init__(crawler)
        self.keep = timedelta(hours=crawler.settings.getfloat("ROBOTS_HOURS"))

    def process_request(self, request: Request) -> Response | None:
        if "captures" in request.meta or urlsplit(request.url).path != "/robots.txt":
            return None
        kept = self.writer.last_robots(request.url, clock.now() - self.keep)
        if kept is None:
            return None
        return TextResponse(request.url, status=kept.status or 200, body=kept.body, encoding="utf-8", request=request)


class RetryWithBackoff(RetryMiddleware):
    """Scrapy's retries, each after a wait that doubles (RETRY_BACKOFF), or as long as Retry-After says."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler.settings)
        self.crawler = crawler  # as Scrapy's own from_crawler does
        self.first_wait = crawler.settings.getfloat("RETRY_BACKOFF")
        self.longest_wait = crawler.settings.getfloat("RETRY_BACKOFF_MAX")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        result = super().process_response(request, response)
        if isinstance(result, Request):
            asked = retry_after((response.headers.get("Retry-After") or b"").decode("latin-1"), clock.now())
            await self._wait(request, asked)
        return result

    async def process_exception(self, request: Request, exception: Exception) -> Request | Response | None:  # type: ignore[override]
        if isinstance(exception, CannotResolveHostError):
            return None  # the resolver has tried for a minute; the next crawl asks again
        result = super().process_exception(request, exception)
        if isinstance(result, Request):
            await self._wait(request, 0.0)
        return result

    async def _wait(self, request: Request, asked: float) -> None:
        doubled = self.first_wait * 2 ** int(request.meta.get("retry_times", 0))
        await asyncio.sleep(min(max(doubled, asked if self.first_wait else 0.0), self.longest_wait))
