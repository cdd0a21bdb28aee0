"""A worker asks an outlet only while it holds its lease (`dateline crawl --worker`)."""

from __future__ import annotations

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response

from archive.leases import Held
from extensions.budget import LeftForLater


class WhileLeased(HTTP11DownloadHandler):
    """Scrapy's handler of http and https, which is where a request has waited out the outlet's delay and is sent: one
    that waited in line must not leave once another worker may have the outlet. CRAWL_LEASE is the lease."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._lease: Held = crawler.settings["CRAWL_LEASE"]

    async def download_request(self, request: Request) -> Response:
        if not self._lease.is_valid:
            raise LeftForLater(f"{request.url}: the lease of this outlet is over")
        return await super().download_request(request)
