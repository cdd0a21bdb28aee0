"""The first step: what a capture turned out to be, and for a report the strings that its one fitting layout
selects.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, ClassVar, Protocol, Self
from urllib.parse import urlsplit

from scrapy.crawler import Crawler

from items import Capture, Link, Reading
from pipelines.gone import REFUSED, Ending, in_its_place, is_login, is_notice, led_away

# Who is turned away is told apart from what is gone: none of these says that a report was taken down.
_GONE = {404, 410}
_PAY_OR_LOG_IN = {401, 402}
_SERVER = {408}  # it waited for us; like a 5xx it says nothing about the page
# Types that a report can be served under; "" for none given.
_PAGE_TYPES = {"", "text/html", "application/xhtml+xml", "text/plain", "text/xml", "application/xml"}


class PageLayout(Protocol):
    """One generation of an outlet's pages, as far as this step needs to know it."""

    name: str

    @classmethod
    def fits(cls, page: Any) -> bool: ...

    @classmethod
    def read(cls, page: Any) -> Reading: ...

    @classmethod
    def is_emptied(cls, page: Any) -> bool: ...


class Outlet(Protocol):
    """What this step asks of an outlet; the spider classes have it, so no pipeline imports a spider."""

    name: str
    layouts: ClassVar[Any]  # a sequence of PageLayout classes

    @classmethod
    def canonical(cls, url: str) -> str: ...

    @classmethod
    def kind_of(cls, url: str) -> str: ...

    @classmethod
    def page(cls, capture: Capture) -> Any: ...

    @classmethod
    def redirect_target(cls, url: str, location: str) -> str: ...

    @classmethod
    def onward(cls, capture: Capture) -> list[Link]: ...


def extract(capture: Capture, outlet: type[Outlet]) -> Capture:
    """Fill in what the capture is (`kind`, `canonical`, `outcome`, `cause`, `reason`) and what it holds (`charset`,
    `links`, `reading`, `report_url`). Nothing raises: what cannot be read is quarantined with the reason and
    the next step.

    Links that the spider has followed already are kept; a capture read from a WARC file gets the same ones.
    """
    try:
        capture.canonical, capture.kind = outlet.canonical(capture.url), outlet.kind_of(capture.url)
    except ValueError as error:
        capture.kind, capture.canonical = "other", capture.url
        return _quarantine(capture, f"{error}; nothing can be done")
    capture.report_url = capture.canonical
    capture.outcome = _outcome_of_fetch(capture)
    if capture.outcome:
        capture.reason, capture.cause = _reason_of_fetch(capture, outlet), _cause_of_fetch(capture)
        if capture.outcome == "redirect" and capture.kind in ("report", "listing"):
            ending = led_away(capture.url, capture.header("Location"), outlet)
            if ending and (capture.kind == "report" or ending.cause == "login"):
                _end(capture, ending)
            elif capture.kind == "report":
                capture.links = _led_to(capture, outlet)
        return capture
    try:
        if capture.links is None:
            capture.links = outlet.onward(capture)
    # Whatever runs into a page that nobody foresaw must neither end the crawl nor be passed over.
    except Exception as error:
        what = str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"
        return _quarantine(capture, f"this list cannot be read: {what}; look whether its form has changed")
    if capture.kind == "listing":
        return _read_listing(capture, outlet)
    if capture.kind == "report":
        return _read_report(capture, outlet)
    if is_login(capture.url):  # a redirect led here
        return _end(capture, Ending(REFUSED, "login", "here one must log in"))
    capture.outcome, capture.reason = "not-report", "its address is none of a report or a list"
    return capture


def _outcome_of_fetch(capture: Capture) -> str:
    """The outcome where the page itself need not be looked at, or ""."""
    status = capture.status
    if status is None or capture.error:
        return "robots" if "Forbidden by robots.txt" in capture.error else "failed"
    if urlsplit(capture.url).path == "/robots.txt":
        return "robots"
    if status == 304:
        return "unchanged"
    if 300 <= status < 400:
        return "redirect"
    if status in _GONE:
        return "missing"
    if status >= 500 or status in _SERVER:
        return "server-error"
    return "refused" if status >= 400 else ""


def _reason_of_fetch(capture: Capture, outlet: type[Outlet]) -> str:
    """Why there is no page to read, with the address and what comes next; "" where all is as it should be."""
    if capture.outcome == "failed":
        return f"{capture.url}: {capture.error.rstrip('.')}; the next crawl asks again"
    if capture.outcome in ("refused", "server-error"):
        return f"{capture.url}: the server answered {capture.status}; the next crawl asks again"
    if capture.outcome == "redirect":
        location = capture.header("Location")
        if not outlet.redirect_target(capture.url, location):
            where = repr(location[:200]) if location else "nowhere"
            return f"{capture.url}: leads to {where}, which is no page of {outlet.name}: not followed"
    return capture.error


def _cause_of_fetch(capture: Capture) -> str:
    if capture.outcome == "missing":
        return f"http-{capture.status}"
    return "login" if capture.status in _PAY_OR_LOG_IN else ""


def _led_to(capture: Capture, outlet: type[Outlet]) -> list[Link]:
    """The report's address to which a redirect leads. It is remembered as one that a list names, since the crawl may be
    killed before its answer comes."""
    target = outlet.redirect_target(capture.url, capture.header("Location"))
    if not target or outlet.kind_of(target) != "report":
        return []
    return [Link(target, canonical=outlet.canonical(target))]


def _end(capture: Capture, ending: Ending | None) -> Capture:
    """Put down an ending that was found out from more than the status."""
    if ending is not None:
        capture.outcome, capture.cause, capture.reason = ending.outcome, ending.cause, f"{capture.url}: {ending.reason}"
    return capture


def _read_listing(capture: Capture, outlet: type[Outlet]) -> Capture:
    capture.charset = outlet.page(capture).charset
    if not capture.links:
        return _quarantine(capture, "this list names no page of the outlet; look whether its form has changed")
    capture.outcome = "listing"
    return capture


def _read_report(capture: Capture, outlet: type[Outlet]) -> Capture:
    content_type = capture.header("Content-Type").partition(";")[0].strip().lower()
    if content_type not in _PAGE_TYPES:
        return _quarantine(capture, f"a report's address answered with {content_type}, which no layout reads")
    if not capture.body.strip():
        return _quarantine(capture, f"status {capture.status} with an empty page; ask again later")
    try:
        page = outlet.page(capture)
        capture.charset = page.charset
        fitting = [layout for layout in outlet.layouts if layout.fits(page)]
        reading, complaint = _reading_or_complaint(page, fitting, outlet)
        if reading is None or is_notice(reading):
            ending = in_its_place(page, outlet, reading, lambda: len(fitting) == 1 and fitting[0].is_emptied(page))
            if ending is not None:
                return _end(capture, ending)
        if reading is None:
            return _quarantine(capture, complaint)
        if reading.part_urls:
            capture.report_url = outlet.canonical(reading.part_urls[0])
    except Exception as error:  # as above, from a layout
        return _quarantine(capture, _describe(error))
    capture.outcome, capture.reading = "report", reading
    return capture


def _reading_or_complaint(
    page: Any, fitting: Sequence[type[PageLayout]], outlet: type[Outlet]
) -> tuple[Reading | None, str]:
    try:
        return _read(page, fitting, outlet), ""
    except Exception as error:  # which layout fails, and how, is nobody's to foresee
        return None, _describe(error)


def _read(page: Any, fitting: Sequence[type[PageLayout]], outlet: type[Outlet]) -> Reading:
    """What the one layout that fits reads. Raises ValueError when none fits or several do."""
    layouts: Sequence[type[PageLayout]] = outlet.layouts
    if len(fitting) != 1:
        names = f" ({', '.join(layout.name for layout in fitting)})" if fitting else ""
        step = "narrow them until one does" if fitting else "add a Layout for this generation of pages"
        raise ValueError(f"{len(fitting)} of the {len(layouts)} layouts of {outlet.name} fit{names}: {step}")
    reading = fitting[0].read(page)
    if not _is_storable(reading):
        json.dumps(asdict(reading), ensure_ascii=False).encode()  # raises, and says where and why
    return reading


def _is_storable(reading: Reading) -> bool:
    """Whether a reading is of text without half a surrogate pair, which cannot be stored. A quick look at what most
    readings hold; of any other kind this says no."""
    texts = [reading.layout, reading.language, reading.title, reading.published, reading.source, reading.source_url]
    texts += [reading.editor, reading.modified, reading.section, *reading.body, *reading.captions, *reading.authors]
    texts += [*reading.keywords, *reading.part_urls]
    texts += [text for link in reading.hyperlinks for text in (link.words, link.href)]
    try:
        "".join(texts).encode()
    except (TypeError, UnicodeEncodeError):
        return False
    return True


def _describe(error: Exception) -> str:
    """A layout's own complaint as it is; any other exception is a fault in the layout, and named."""
    if type(error) is ValueError:
        return str(error)
    return f"a layout fails on this page and needs mending: {type(error).__name__}: {error}"


def _quarantine(capture: Capture, reason: str) -> Capture:
    """Set aside, aloud: the reason names the address and the next step."""
    capture.outcome = "quarantined"
    capture.reason = f"{capture.url}: {reason}"
    return capture


class Extract:
    """Scrapy's item pipeline around `extract`, for the outlet that is being crawled."""

    def __init__(self, outlet: type[Outlet]) -> None:
        self.outlet = outlet

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        outlet: Any = crawler.spidercls
        return cls(outlet)

    def process_item(self, item: Capture) -> Capture:
        return extract(item, self.outlet)
