"""Six small outlets for tests of several workers (SPIDER_MODULES=worker_outlets), and the server that answers for them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.core.downloader import Downloader, Slot
from scrapy.crawler import Crawler
from scrapy.http import Response

from items import Reading
from spiders.layout import Layout, paragraphs
from spiders.outlet import Domain, Outlet
from spiders.page import Page

TOWNS = ("aberford", "brinmore", "caldwick", "dunhaven", "eastmere", "farleigh")
REPORTS = 8  # of each outlet
GONE = 4  # the number of one that is taken down on the second visit; /sport/, which is read second, names it


class Gazette(Layout):
    """The only generation of these outlets' pages."""

    language = "en"

    @classmethod
    def fits(cls, page: Page) -> bool:
        return bool(page.xpath("//article"))

    @classmethod
    def read(cls, page: Page) -> Reading:
        title, published = page.xpath("//h1/text()").get(), page.xpath("//time/text()").get()
        if not title or not published:
            raise ValueError(f"{page.url}: no title or no time")
        body = [text for found in page.xpath("//article/p") for text in paragraphs(_soup(found))]
        return Reading(layout=cls.name, language=cls.language, title=title, published=published, body=body)


def _soup(found: Any) -> Any:
    from spiders.layout import container

    return container(found)


def _outlet(town: str) -> type[Outlet]:
    host = f"{town}.example"
    about = {
        "__module__": __name__,
        "name": town,
        "title_en": f"{town.title()} Gazette",
        "title_local": f"{town.title()} Gazette",
        "country": "GB",
        "languages": ("en",),
        "outlet_kind": "secondary",
        "control": "private",
        "owner": "nobody",
        "timezone": "Europe/London",
        "aliases": (f"{town.title()} Gazette",),
        "domains": (Domain(host),),
        "lists": (f"http://{host}/news/", f"http://{host}/sport/"),
        "report_paths": re.compile(rf"{host}/\d{{4}}/\d\d/\d\d/story-\d+$"),
        "listing_paths": re.compile(rf"{host}/(?:news|sport)/$"),
        "layouts": (Gazette,),
    }
    return type(town.title(), (Outlet,), about)


for _town in TOWNS:
    globals()[_town.title()] = _outlet(_town)


def report_urls(town: str) -> list[str]:
    return [f"http://{town}.example/2026/11/{10 + number}/story-{number}" for number in range(1, REPORTS + 1)]


def page(town: str, number: int, visit: int) -> str:
    count = 40 + number + (2 if visit == 2 and number == 1 else 0)
    return (
        f"<html><head><title>Bridge {number}</title></head><body><article><h1>{town.title()} council mends bridge "
        f"number {number}</h1><time>2026-11-{10 + number} 09:30</time>"
        f"<p>The council of {town.title()} said on Tuesday that bridge number {number} will be closed for {count} days, "
        f"since its piers were found to be cracked after the flood of last spring.</p>"
        f"<p>Police said {number * 3} drivers had passed the barrier on the first day.</p></article></body></html>"
    )


class TellsTurns(Downloader):
    """Says in each request when its turn came, by the clock that all processes of a machine share. When a request
    arrives depends on how busy the machine is, too."""

    async def _download(self, slot: Slot, request: Request) -> Response:
        request.headers["X-Turn"] = repr(slot.lastseen)
        return await super()._download(slot, request)


class SignalWhileOpening:
    """A signal that comes while a spider is being opened (EXTENSIONS)."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        extension = cls()
        crawler.signals.connect(extension.spider_opened, signals.spider_opened)
        return extension

    async def spider_opened(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0.5)


@dataclass(frozen=True)
class Asked:
    turn: float  # monotonic, when the worker let the request go
    time: float  # and when it was here
    town: str
    path: str
    status: int


class Towns:
    """The server, an HTTP proxy as samples/newsroom.py. A context manager. `log` holds every request, in order;
    `answered` is called after each answer; `sport_late` is for how many seconds the second list of an outlet is held."""

    def __init__(self) -> None:
        self.visit, self.sport_late = 1, 0.0
        self.log: list[Asked] = []
        self.answered: Callable[[], object] = lambda: None
        towns = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                at = time.monotonic()
                parts = urlsplit(self.path)
                town = (parts.hostname or "").partition(".")[0]
                status, body = towns.answer(town, parts.path)
                towns.log.append(Asked(float(self.headers["X-Turn"]), at, town, parts.path, status))
                data = body.encode()
                if parts.path == "/sport/" and towns.visit == 1:
                    time.sleep(towns.sport_late)
                self.send_response(status)
                self.send_header("Content-Type", "text/plain" if parts.path == "/robots.txt" else "text/html")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
                towns.answered()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def proxy_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, town: str, path: str) -> tuple[int, str]:
        if path == "/robots.txt":
            return 200, "User-agent: *\nDisallow: /private/\n"
        if town in TOWNS and path in ("/news/", "/sport/"):
            half = [url for number, url in enumerate(report_urls(town), 1) if number % 2 == (path == "/news/")]
            links = "".join(f'<li><a href="{url}">Bridge story {url[-7:]} of {town}</a></li>' for url in half)
            return 200, f"<html><body><ul>{links}</ul></body></html>"
        found = re.fullmatch(r"/2026/11/\d\d/story-(\d+)", path)
        if town in TOWNS and found and not (self.visit == 2 and int(found[1]) == GONE):
            return 200, page(town, int(found[1]), self.visit)
        return 404, "<html><body>Not Found</body></html>"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
