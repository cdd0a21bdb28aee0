"""Every response becomes a WARC record, as it came off the wire: retries, redirects, errors and robots.txt too."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import suppress
from email.utils import parsedate_to_datetime
from statistics import median
from typing import Self
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Headers, Response
from scrapy.utils.defer import deferred_from_coro
from twisted.python.failure import Failure

from archive import clock
from archive.http_message import content_decoded
from archive.schema import ArchiveUnusable
from archive.writer import Writer
from extensions.budget import LeftForLater
from items import RULES_UNKNOWN, Capture

logger = logging.getLogger(__name__)

_OFFSETS = 25  # answers from which an outlet's clock is told
_FORBIDDEN = "Forbidden by robots.txt"  # Scrapy's words
GIVE_UP_AFTER = 4  # failures in a row from the start: robots.txt and a list on two hosts


class RecordCaptures:
    """Listens for each download, before anything is decompressed, and hands its Capture on in `request.meta`."""

    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.get("CAPTURES"):
            raise NotConfigured("CAPTURES names no folder: nothing would be kept")
        self.crawler = crawler
        self.crawl = ""
        self.writer = Writer.from_settings(crawler.settings)
        self._robots: list[Capture] = []
        self._stopping = False
        self._answered = False
        self._unanswered = 0
        self._failing: dict[str, str] = {}  # addresses that failed one after another, and how
        self._without_rules: dict[str, int] = {}  # hosts whose robots.txt was a server error, and its status
        self._offsets: list[float] = []
        self._outage_after = crawler.settings.getint("OUTAGE_AFTER")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls(crawler)
        crawler.signals.connect(extension.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(extension.response_downloaded, signal=signals.response_downloaded)
        crawler.signals.connect(extension.item_error, signal=signals.item_error)
        crawler.signals.connect(extension.spider_closed, signal=signals.spider_closed)
        return extension

    def spider_opened(self, spider: Spider) -> None:
        started = clock.now()
        self.crawl = f"{started:%Y%m%dT%H%M%S%fZ}-{spider.name}"
        settings = self.crawler.settings
        about = {
            "http-header-user-agent": settings["USER_AGENT"],
            "robots": "obey" if settings.getbool("ROBOTSTXT_OBEY") else "ignore",
        }
        self.writer.begin_crawl(self.crawl, spider.name, started, about)

    def response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        if not 100 <= response.status <= 999:  # no reader of WARC files, nor SQLite, takes it
            self._answered = True
            self.record_failure(
                request, f"the server answered with the status {str(response.status)[:40]}, which is none"
            )
            return
        try:
            capture = self.writer.record_response(
                crawl=self.crawl,
                outlet=spider.name,
                url=response.url,
                request=(request.method, _pairs(request.headers)),
                response=(response.status, _pairs(response.headers), response.body),
                ip_address=str(response.ip_address or ""),
            )
        except OSError as error:
            self._stop(error)
            return
        self._answered = True
        self._note_clock(response, capture)
        self._note_rules(response)
        self._note_outage(request, str(response.status) if _is_failure(response.status) else "")
        # The same decoding as when the file is read again, so that both give the same rows.
        capture.body, broken = content_decoded(response.body, capture.headers)
        capture.error = capture.error or broken
        self._hand_on(request, capture)

    def record_failure(self, request: Request, error: str) -> None:
        """Keep that a request brought no usable response; called once nothing will try again.

        Without a network each list would be tried in vain, with waits: after a few the crawl ends.
        """
        spider = self.crawler.spider
        assert spider is not None
        attempts = int(request.meta.get("retry_times", 0)) + 1
        forbidden = error.endswith(_FORBIDDEN)
        if forbidden and (status := self._without_rules.get(urlsplit(request.url).netloc)):
            error, forbidden = f"{error}, {RULES_UNKNOWN} (status {status})", False
        try:
            capture = self.writer.record_failure(self.crawl, spider.name, request.url, error, attempts)
        except OSError as failure:
            self._stop(failure)
            return
        self._hand_on(request, capture)
        if forbidden:  # it was not asked for, which says nothing about the server
            return
        self._note_outage(request, error)
        self._unanswered += not self._answered
        if self._unanswered >= GIVE_UP_AFTER:
            self._stop(Outage(f"none of the first {self._unanswered} requests was answered"))

    def _note_rules(self, response: Response) -> None:
        """Keep which hosts cannot say what they allow: extensions/politeness.py then takes everything to be forbidden,
        for as long as that lasts and not for the day that a robots.txt serves."""
        host, path = urlsplit(response.url)[1:3]
        if path == "/robots.txt":
            self._without_rules.pop(host, None)
            if response.status >= 500:
                self._without_rules[host] = response.status

    def _note_clock(self, response: Response, capture: Capture) -> None:
        """Keep by how many seconds the server's clock is ahead of ours; an answer out of a cache has an older date."""
        if len(self._offsets) >= _OFFSETS or "Age" in response.headers:
            return
        with suppress(TypeError, ValueError, OverflowError):
            date = parsedate_to_datetime((response.headers.get("Date") or b"").decode("latin-1"))
            self._offsets.append((date - capture.at).total_seconds())

    def _note_outage(self, request: Request, failure: str) -> None:
        """End the crawl when nothing but failures comes: the outlet is out of order, or turns us away. What was due
        stays due. `failure` is "" for an answer."""
        if "captures" not in request.meta:  # robots.txt: often served where nothing else is
            return
        if not failure:
            self._failing.clear()
            return
        self._failing[request.url] = failure
        if len(self._failing) >= self._outage_after:
            self._stop(Outage(f"the last {len(self._failing)} addresses failed, {request.url} with {failure}"))

    def item_error(self, failure: Failure) -> None:
        if isinstance(failure.value, OSError):
            self._stop(failure.value)
        elif isinstance(failure.value, sqlite3.Error):
            self._stop(ArchiveUnusable.because(self.writer.archive, failure.value))

    def _stop(self, error: Exception) -> None:
        """End the crawl when nothing more can be kept; what was captured is whole, and read at the next start."""
        logger.error("The crawl ends: %s", error)
        engine = self.crawler.engine
        if engine and not self._stopping:
            self._stopping = True
            deferred_from_coro(engine.close_spider_async(reason=str(error) or type(error).__name__))

    def _hand_on(self, request: Request, capture: Capture) -> None:
        if "captures" not in request.meta:
            # robots.txt, asked for by Scrapy itself: its capture rides with the next request's.
            self._robots.append(capture)
            return
        request.meta["captures"] += [*self._robots, capture]
        self._robots.clear()

    def spider_closed(self, spider: Spider, reason: str) -> None:
        if self._offsets and self.crawler.stats:
            self.crawler.stats.set_value("dateline/clock_offset", median(self._offsets))
        try:
            self.writer.end_crawl(self.crawl, clock.now(), reason)
            logger.info("Captures of crawl %s are in %s", self.crawl, self.writer.captures)
        except (OSError, sqlite3.Error) as error:
            logger.error("The end of crawl %s could not be kept: %s", self.crawl, error)
        finally:
            self.writer.close()


class Outage(Exception):
    """So many requests failed in a row that the outlet is taken to be out of order."""

    def __str__(self) -> str:
        return f"outage: {super().__str__()}"


def _is_failure(status: int) -> bool:
    """Whether a status says nothing about the page: the server's trouble, or that it turns us away."""
    return status >= 500 or status in (401, 403, 407, 408, 429)


def _pairs(headers: Headers) -> list[tuple[str, str]]:
    """All headers, each value of a repeated one; bytes that are no text are kept one to one (Latin-1)."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values]


class RecordFailures:
    """Sees an exception only once Retry has given up, and has it recorded."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_exception(self, request: Request, exception: Exception) -> None:
        if isinstance(exception, LeftForLater):  # it was not asked
            return
        recorder = self.crawler.get_extension(RecordCaptures)
        if recorder is not None:
            recorder.record_failure(request, describe(exception))


def describe(exception: Exception) -> str:
    """One line on why no response came: "DNS lookup failed: no results for hostname lookup: www.news.cn"."""
    name = type(exception).__name__
    reasons = getattr(exception.__cause__ or exception, "reasons", None)  # Twisted's, behind Scrapy's own
    inner = getattr(reasons[0], "value", exception) if reasons else exception
    text = " ".join(str(inner).split()) or _MEANING.get(name, "")
    return f"{name}: {text}" if text else name


_MEANING = {"ResponseDataLossError": "the connection ended before the page did"}  # it says nothing itself


class DecodedOnce:
    """Keeps Scrapy from decompressing what a Capture holds decoded already, and from guessing the charset of compressed
    bytes, which takes half of a crawl's time. robots.txt, which Scrapy reads itself, is left to Scrapy."""

    def process_response(self, request: Request, response: Response) -> Response:
        if "captures" in request.meta and "Content-Encoding" in response.headers:
            del response.headers["Content-Encoding"]
        return response
