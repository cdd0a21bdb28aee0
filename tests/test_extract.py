"""What a capture turned out to be: each ending has its outcome, and none is silent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

import pytest

from items import Capture, Link, Reading
from pipelines.extract import Extract, extract
from spiders.layout import Layout
from spiders.page import Page


class Old(Layout):
    language = "en"

    @classmethod
    def fits(cls, page: Page) -> bool:
        return "old" in page.ids

    @classmethod
    def read(cls, page: Page) -> Reading:
        if "untitled" in page.ids:
            raise ValueError("old finds no title")
        if "broken" in page.ids:
            raise IndexError("list index out of range")
        parts = ["http://news.example/r/1_1.htm", page.url] if "part" in page.ids else []
        return Reading(cls.name, "en", "Title", "2012-07-26", ["Text."], part_urls=parts)


class New(Old):
    @classmethod
    def fits(cls, page: Page) -> bool:
        return "new" in page.ids


class Outlet:
    name = "example"
    layouts: ClassVar[Sequence[type[Layout]]] = [Old, New]

    @classmethod
    def canonical(cls, url: str) -> str:
        if not url.startswith("http"):
            raise ValueError(f"{url!r} is no web address")
        return url.replace("http:", "https:")

    @classmethod
    def kind_of(cls, url: str) -> str:
        return "report" if "/r/" in url else "listing" if "/l/" in url else "other"

    @classmethod
    def redirect_target(cls, url: str, location: str) -> str:
        return location if "news.example" in location else ""

    @classmethod
    def page(cls, capture: Capture) -> Page:
        return Page(capture.url, capture.body, capture.header("Content-Type"))

    @classmethod
    def onward(cls, capture: Capture) -> list[Link]:
        if b"broken list" in capture.body:
            raise ValueError("no links in it")
        return [Link("https://news.example/r/1")] if "/l/" in capture.url else []


def _capture(
    url: str = "http://news.example/r/1",
    status: int | None = 200,
    body: bytes = b'<p id="old">',
    content_type: str = "text/html; charset=utf-8",
    error: str = "",
) -> Capture:
    headers = [("Content-Type", content_type)] if content_type else []
    at = datetime(2026, 1, 2, tzinfo=UTC)
    return Capture(1, "", "example", url, at, status, headers, body, error=error)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "report"),
        (304, "unchanged"),
        (301, "redirect"),
        (302, "redirect"),
        (404, "missing"),
        (410, "missing"),
        (401, "refused"),
        (403, "refused"),
        (407, "refused"),
        (429, "refused"),
        (451, "refused"),
        (408, "server-error"),
        (500, "server-error"),
        (503, "server-error"),
    ],
)
def test_status_decides_what_came_of_a_fetch(status: int, outcome: str) -> None:
    assert extract(_capture(status=status), Outlet).outcome == outcome


def test_redirect_names_the_report_to_which_it_leads() -> None:
    captures = [_capture(status=301) for _ in range(3)]
    locations = ["http://news.example/r/2", "http://news.example/x", "http://o.example/r/2"]
    for capture, location in zip(captures, locations, strict=True):
        capture.headers.append(("Location", location))
        extract(capture, Outlet)
    led = Link("http://news.example/r/2", canonical="https://news.example/r/2")
    assert [capture.links for capture in captures] == [[led], [], []]


def test_fetch_without_a_response_failed_and_says_why() -> None:
    capture = extract(_capture(status=None, error="DNS lookup failed: news.example"), Outlet)
    assert (capture.outcome, capture.reason) == (
        "failed",
        "http://news.example/r/1: DNS lookup failed: news.example; the next crawl asks again",
    )


def test_page_forbidden_by_robots_txt_is_told_from_a_failure() -> None:
    capture = extract(_capture(status=None, error="IgnoreRequest: Forbidden by robots.txt"), Outlet)
    assert capture.outcome == "robots"


def test_robots_txt_itself_is_neither_report_nor_missing() -> None:
    assert extract(_capture("http://news.example/robots.txt", 404), Outlet).outcome == "robots"


def test_report_is_read_by_the_one_layout_that_fits() -> None:
    capture = extract(_capture(), Outlet)
    assert capture.reading is not None
    assert capture.reading.layout == "old"
    assert (capture.kind, capture.charset) == ("report", "utf-8")
    assert capture.canonical == capture.report_url == "https://news.example/r/1"


def test_page_that_no_layout_fits_is_quarantined_with_count_address_and_next_step() -> None:
    capture = extract(_capture(body=b"<p>something else"), Outlet)
    assert (capture.outcome, capture.reading) == ("quarantined", None)
    assert capture.reason == (
        "http://news.example/r/1: 0 of the 2 layouts of example fit: add a Layout for this generation of pages"
    )


def test_page_that_two_layouts_fit_is_quarantined_with_their_names() -> None:
    capture = extract(_capture(body=b'<p id="old"><p id="new">'), Outlet)
    assert capture.outcome == "quarantined"
    assert "2 of the 2 layouts of example fit (old, new)" in capture.reason


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'<p id="old"><p id="untitled">', "old finds no title"),
        (b'<p id="old"><p id="broken">', "needs mending: IndexError: list index out of range"),
        (b"  \n", "empty page"),
    ],
)
def test_page_that_cannot_be_read_is_quarantined_and_stops_nothing(body: bytes, reason: str) -> None:
    capture = extract(_capture(body=body), Outlet)
    assert (capture.outcome, capture.reading) == ("quarantined", None)
    assert capture.reason.startswith("http://news.example/r/1: ")
    assert reason in capture.reason


@pytest.mark.parametrize("content_type", ["application/pdf", "image/jpeg", "application/json"])
def test_report_s_address_that_holds_no_page_is_quarantined(content_type: str) -> None:
    capture = extract(_capture(content_type=content_type), Outlet)
    assert capture.outcome == "quarantined"
    assert content_type in capture.reason


@pytest.mark.parametrize("content_type", ["", "text/html", "TEXT/HTML;charset=GBK", "application/xhtml+xml"])
def test_report_may_come_without_a_type_or_under_any_of_html(content_type: str) -> None:
    assert extract(_capture(content_type=content_type), Outlet).outcome == "report"


def test_further_page_of_a_story_belongs_to_the_report_of_its_first() -> None:
    capture = extract(_capture("http://news.example/r/1_2.htm", body=b'<p id="old"><p id="part">'), Outlet)
    assert capture.canonical == "https://news.example/r/1_2.htm"
    assert capture.report_url == "https://news.example/r/1_1.htm"


def test_listing_gives_its_links() -> None:
    capture = extract(_capture("http://news.example/l/"), Outlet)
    assert (capture.outcome, capture.kind) == ("listing", "listing")
    assert capture.links == [Link("https://news.example/r/1")]


def test_links_that_the_spider_followed_are_kept() -> None:
    capture = _capture("http://news.example/l/")
    capture.links = [Link("https://news.example/r/7")]
    assert extract(capture, Outlet).links == [Link("https://news.example/r/7")]


def test_listing_that_cannot_be_read_is_quarantined() -> None:
    capture = extract(_capture("http://news.example/l/", body=b"broken list"), Outlet)
    assert capture.outcome == "quarantined"
    assert "no links in it" in capture.reason


def test_known_other_page_is_no_report_and_no_fault() -> None:
    capture = extract(_capture("http://news.example/shop"), Outlet)
    assert capture.outcome == "not-report"
    assert capture.reason


def test_address_that_is_none_is_quarantined() -> None:
    capture = extract(_capture("javascript:void(0)"), Outlet)
    assert capture.outcome == "quarantined"
    assert "javascript:void(0)" in capture.reason


def test_pipeline_step_gives_the_same_capture_on() -> None:
    capture = _capture()
    assert Extract(Outlet).process_item(capture) is capture
    assert capture.outcome == "report"
