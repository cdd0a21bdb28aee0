"""An outlet's budget holds for every request to it: pages, robots.txt, redirects and retries."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from archive import clock, plan
from archive.writer import Writer
from extensions.shared_writer import SharesWriter


class LeftForLater(IgnoreRequest):
    """The request is left for a later crawl; its address stays due in `checks`."""


def requests_left(crawler: Crawler, writer: Writer) -> int:
    """How many requests this crawl may make: what the last 24 hours have left of REQUEST_BUDGET and, in a scheduled
    run (CRAWL_DUE), what has come back of it so far."""
    assert crawler.spidercls
    budget = crawler.settings.getint("REQUEST_BUDGET")
    now = clock.now()
    used = plan.requests_of(writer.connection, crawler.spidercls.name, now)
    if crawler.settings.getbool("CRAWL_DUE"):
        return plan.allowance(budget, used, now)
    return max(0, budget - sum(count for _, count in used))


class RequestBudget(SharesWriter):
    """A downloader middleware, the last one before the downloader."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.left = requests_left(crawler, self.writer)

    def process_request(self, request: Request) -> None:
        if self.left <= 0:
            if self.crawler.stats:
                self.crawler.stats.inc_value("dateline/left_for_later")
            raise LeftForLater(f"{request.url}: the outlet's budget of requests is spent")
        self.left -= 1
