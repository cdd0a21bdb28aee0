"""An outlet described: who it is, where it publishes, how its pages are found and read. Links in, Captures out."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from items import Capture, Link
from spiders import discovery
from spiders.addresses import tidy, without_tracking
from spiders.layout import Layout
from spiders.page import Page


@dataclass(frozen=True, slots=True)
class Domain:
    """A host that the outlet publishes on (subdomains included), from when to when as far as known, and the host into
    which its addresses fold: a report that moved with its domain stays one report."""

    host: str
    since: str = ""
    until: str = ""
    into: str = ""


class Outlet(Spider):
    """The base of every spider: an outlet is a subclass in spiders/outlets/ that fills in the description."""

    name: str
    title_en: ClassVar[str]
    title_local: ClassVar[str]
    country: ClassVar[str]  # ISO 3166-1 alpha-2
    languages: ClassVar[tuple[str, ...]]  # BCP 47
    outlet_kind: ClassVar[str]  # state or secondary
    control: ClassVar[str]  # state-owned, party-owned, state-funded, private
    owner: ClassVar[str]
    timezone: ClassVar[str]  # IANA
    aliases: ClassVar[tuple[str, ...]]  # by which others cite it
    domains: ClassVar[tuple[Domain, ...]]
    lists: ClassVar[tuple[str, ...]]  # where a crawl starts
    report_paths: ClassVar[re.Pattern[str]]  # matches host and path of a report's canonical address
    listing_paths: ClassVar[re.Pattern[str]]  # and of a listing that may be followed from a listing
    older_lists: ClassVar[re.Pattern[str] | None] = (
        None  # of these, the ones that hold older reports than what links them
    )
    moved: ClassVar[tuple[tuple[re.Pattern[str], str], ...]] = ()  # host and path of an address → where it is now
    layouts: ClassVar[tuple[type[Layout], ...]]
    every: ClassVar[int] = 0  # minutes between two readings of its lists; 0 for LISTS_EVERY of settings.py
    budget: ClassVar[int] = 0  # requests in any 24 hours; 0 for REQUEST_BUDGET

    # A class attribute of Scrapy: what the OffsiteMiddleware lets through.
    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.allowed_domains = [domain.host for domain in cls.domains]  # type: ignore[attr-defined]

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        if cls.budget:
            settings.set("REQUEST_BUDGET", cls.budget, priority="spider")

    @classmethod
    def is_older(cls, canonical: str) -> bool:
        """Whether a listing's address is one of `older_lists`."""
        return bool(cls.older_lists and cls.older_lists.match(canonical.partition("://")[2]))

    @classmethod
    def owns(cls, url: str) -> bool:
        """Whether the address is on one of the outlet's hosts."""
        host = urlsplit(url).hostname or ""
        return any(host == domain.host or host.endswith("." + domain.host) for domain in cls.domains)

    @classmethod
    def canonical(cls, url: str) -> str:
        """The one address under which a page is known: see spiders.addresses.tidy, then domain moves and `moved`.

        Raises ValueError for what is no web address.
        """
        scheme, netloc, path, query, _ = urlsplit(tidy(url))
        into = next((domain.into for domain in cls.domains if domain.host == netloc and domain.into), netloc)
        place = into + path
        for pattern, replacement in cls.moved:
            if pattern.match(place):
                place, query = pattern.sub(replacement, place), ""
                break
        return f"{scheme}://{place}" + (f"?{query}" if query else "")

    @classmethod
    def kind_of(cls, url: str) -> str:
        """What is held at an address: "report", "listing" or "other" (front pages, shops, scripts, other sites)."""
        canonical = cls.canonical(url)
        if not cls.owns(url):
            return "other"
        place = canonical.partition("://")[2]
        if cls.report_paths.match(place):
            return "report"
        moved = place.partition("/")[2] in cls._start_paths()
        return "listing" if moved or canonical in cls._starts() or cls.listing_paths.match(place) else "other"

    @classmethod
    @cache
    def _starts(cls) -> frozenset[str]:
        return frozenset(cls.canonical(address) for address in cls.lists)

    @classmethod
    @cache
    def _start_paths(cls) -> frozenset[str]:
        """Paths that name one of the lists wherever it moves among the outlet's hosts: those of a file, or of two steps
        at least, since /world/ is on many hosts."""
        paths = (canonical.partition("://")[2].partition("/")[2] for canonical in cls._starts())
        return frozenset(path for path in paths if re.search(r"[^/]/[^/]|\.\w+$", path))

    @classmethod
    def redirect_target(cls, url: str, location: str) -> str:
        """Where a redirect from `url` leads, "" when that is not followed: no web address, or not on a host of this
        outlet. A page must not be able to send a crawl to another site, or into the network that it runs in."""
        try:
            target = urljoin(url, location.strip()) if location.strip() else ""
            return target if target and cls.canonical(target) and cls.owns(target) else ""
        except ValueError:
            return ""

    @classmethod
    def page(cls, capture: Capture) -> Page:
        return Page(capture.url, capture.body, capture.header("Content-Type"))

    @classmethod
    def links(cls, page: Page) -> list[Link]:
        """What a listing of this outlet points at: reports, and further listings that it may be followed to.

        Raises ValueError for a listing that cannot be read at all.
        """
        found: dict[str, Link] = {}
        for link in discovery.links(page):
            try:
                canonical, kind = cls.canonical(link.url), cls.kind_of(link.url)
            except ValueError:
                continue
            if kind != "other" and canonical not in found:
                title = link.title.encode(errors="ignore").decode()  # half a surrogate pair cannot be stored
                url = without_tracking(link.url)
                found[canonical] = replace(
                    link, url=url, title=title, canonical=canonical, kind=kind, older=cls.is_older(canonical)
                )
        found.pop(cls.canonical(page.url), None)
        return list(found.values())

    async def start(self) -> AsyncIterator[Request]:
        for address in self.lists:
            yield self.request(Link(address, kind="listing", canonical=self.canonical(address)))

    def request(self, link: Link) -> Request:
        """A request for a listing or a report. Listings come first, and one download slot serves the whole outlet, so
        that its delay holds whatever the host."""
        return Request(
            link.url,
            callback=self.parse,
            errback=self.failed,
            priority=10 if link.kind == "listing" else 0,
            meta={"download_slot": self.name, "link": link, "captures": []},
            # What was asked before is known to extensions/frontier.py, by canonical address.
            dont_filter=True,
        )

    def parse(self, response: Response, **_: Any) -> Iterator[Capture | Request]:
        """Give on every capture of this request (retries and redirects included), and follow what it links to."""
        captures: list[Capture] = response.meta["captures"]
        if not captures:
            return
        # A listing that cannot be read, for whatever reason, has no links; the extract step says so aloud.
        with suppress(Exception):
            captures[-1].links = self.onward(captures[-1])
        yield from captures
        for link in captures[-1].links or []:
            yield self.request(link)

    def failed(self, failure: Failure) -> Iterator[Capture]:
        """A request that brought no usable response: what was recorded of it, the failure last."""
        request: Request = failure.request  # type: ignore[attr-defined]
        yield from request.meta["captures"]

    @classmethod
    def onward(cls, capture: Capture) -> list[Link]:
        """Where a capture leads: what a listing points at, or the further pages of a story cut into several.

        Raises ValueError for a listing that cannot be read at all.
        """
        if capture.status != 200 or capture.error:
            return []
        kind = cls.kind_of(capture.url)
        if kind == "listing":
            return cls.links(cls.page(capture))
        return [Link(url, canonical=cls.canonical(url)) for url in cls.parts(capture)] if kind == "report" else []

    @classmethod
    def parts(cls, capture: Capture) -> list[str]:
        """Addresses of a story's further pages, found without parsing the page; none where an outlet has no such."""
        return []
