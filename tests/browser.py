"""A reader's browser: the system's Chromium, driven by playwright, which notes whatever goes wrong on a page.

The tests that need it are skipped where there is none; with DATELINE_BROWSER=required, as in CI, they fail.
"""

from __future__ import annotations

import os
import re
import shutil
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    sync_playwright,
)

SCREENSHOTS = Path(__file__).resolve().parents[1] / "build" / "screenshots"
TELEPHONE: ViewportSize = {"width": 390, "height": 844}  # CSS pixels
DESK: ViewportSize = {"width": 1280, "height": 900}
HOW_TO_INSTALL = "no Chromium here: `apt-get install chromium fonts-noto-cjk`, or name one in the variable CHROMIUM"
FLAGS = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# A captured page asks for its outlet's styles and pictures; its own policy must refuse them.
CAPTURED = re.compile(r"/captures/\d+/page$")
SHOWS_ONE = re.compile(r"/captures/\d+(/page)?$")  # and for a frame in that page, the message names the page around it
REFUSED = re.compile(
    r"'(?P<address>[^']*)' violates the following Content Security Policy directive"
    r"|Blocked script execution in '(?P<frame>about:srcdoc)'"
)
# Chromium asks its maker for updates whatever its flags say; it learns nothing, and no page of ours has a part in it.
ITS_MAKER = re.compile(r"[/ .](google|googleapis|gstatic|gvt1)\.com[:/]")


class Outside:
    """What stands between the browser and any other host: a proxy that refuses, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        outside = self

        class Refuse(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                asked = self.rfile.readline(4096).decode("latin-1").strip()
                if asked and not ITS_MAKER.search(asked):  # a connection without a request is a spare one
                    outside.asked.append(asked)
                self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refuse)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Chromium:
    """The browser, and what it asked of other hosts since it was started."""

    browser: Browser
    outside: Outside
    executable: str

    @contextmanager
    def reading(
        self, server: str, window: ViewportSize = DESK, dark: bool = False, javascript: bool = True
    ) -> Iterator[Reader]:
        """A new reader without history in a window of this size; when the block ends, all must have gone well."""
        self.outside.asked.clear()
        context = self.browser.new_context(
            base_url=server,
            viewport=window,
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            reduced_motion="reduce",  # a colour in transition has another contrast
            locale="en-GB",
            timezone_id="UTC",
        )
        context.set_default_timeout(10_000)
        reader = Reader(context, context.new_page(), server)
        reader.watch()
        try:
            yield reader
            troubles = [*reader.troubles, *(f"asked outside: {request}" for request in self.outside.asked)]
            assert not troubles, "\n".join(troubles)
        finally:
            context.close()


@dataclass
class Reader:
    """One reader's window. `troubles` holds what must not happen, in words; a test may expect() some of it."""

    context: BrowserContext
    page: Page
    server: str
    troubles: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.context.on("console", self._console)
        self.context.on("weberror", lambda error: self.troubles.append(f"an error in a script: {error.error}"))
        self.context.on("dialog", self._dialog)
        self.context.on("request", self._request)
        self.context.on("requestfailed", self._failed)
        self.context.on("response", self._response)

    def expect(self, trouble: str) -> None:
        """Some trouble with these words is meant to have happened; it is taken off the list."""
        found = [text for text in self.troubles if trouble in text]
        assert found, f"{trouble!r} did not happen: {self.troubles}"
        self.troubles[:] = [text for text in self.troubles if text not in found]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning") or CAPTURED.search(message.location.get("url", "")):
            return
        refused = REFUSED.search(message.text)
        if refused and SHOWS_ONE.search(self.page.url) and not (refused["address"] or "").startswith(self.server):
            return
        self.troubles.append(f"the console, on {self.page.url}: {message.text}")

    def _dialog(self, dialog: Any) -> None:
        self.troubles.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        inside = request.url.startswith((f"{self.server}/", "data:", "about:", "blob:"))
        if not inside and not self._of_a_captured_page(request):
            self.troubles.append(f"a request to another host, on {self.page.url}: {request.url}")

    def _failed(self, request: Request) -> None:
        failure = request.failure or ""
        if self._of_a_captured_page(request) and failure in ("csp", "origin"):
            return
        if failure != "net::ERR_ABORTED":  # a download, or a page that was left early
            self.troubles.append(f"a request that failed ({failure}), on {self.page.url}: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.troubles.append(f"{response.status} for {response.url}")

    def _of_a_captured_page(self, request: Request) -> bool:
        try:
            return bool(CAPTURED.search(urlsplit(request.frame.url).path)) and not request.is_navigation_request()
        except Exception:  # the frame of a request that has not got a page yet
            return False

    def go(self, path: str) -> Page:
        self.page.goto(path, wait_until="load")
        return self.page


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Chromium in a process of its own. Skips the test, saying how to install it, where there is none."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not executable:
        if os.environ.get("DATELINE_BROWSER") == "required":
            pytest.fail(HOW_TO_INSTALL)
        pytest.skip(HOW_TO_INSTALL)
    with Outside() as outside, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            headless=True,
            args=FLAGS,
            proxy={"server": outside.address, "bypass": "127.0.0.1"},
        )
        try:
            yield Chromium(browser, outside, executable)
        finally:
            browser.close()


WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe-core finds against WCAG 2.1 A and AA (or against some rules of it), one line an element."""
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": WCAG}
    if not page.evaluate("'axe' in window"):  # half a megabyte of script, which the page keeps for a second look
        page.evaluate(Axe().axe_script)
    options = {"runOnly": only, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))} in {node['html'][:120]}: {_reasons(node)}"
        for violation in found
        for node in violation["nodes"]
    ]


def _reasons(node: dict[str, Any]) -> str:
    return "; ".join(check["message"] for kind in ("any", "all", "none") for check in node[kind])


def overflow(page: Page) -> list[str]:
    """What makes the page wider than its window: the elements that reach furthest beyond it, none where it fits."""
    found: list[str] = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.scrollingElement.scrollWidth <= width) return [];
          return [...document.querySelectorAll("body *")]
            .filter(element => element.getBoundingClientRect().right > width + 0.5)
            .map(element => `${element.tagName}.${element.getAttribute("class") ?? ""}` +
              ` reaches ${Math.round(element.getBoundingClientRect().right)} of ${width}`).slice(0, 8);
        }"""
    )
    return found


def focused(page: Page) -> dict[str, Any]:
    """The element that has the keyboard: its tag, name, text, address, and whether a reader can see that it has it."""
    found: dict[str, Any] = page.evaluate(
        """() => {
          const element = document.activeElement, style = getComputedStyle(element);
          const box = element.getBoundingClientRect();
          return {
            tag: element.tagName, name: element.getAttribute("name") ?? "", text: element.textContent.trim().slice(0, 80),
            id: element.id, href: element.getAttribute("href") ?? "",
            ringed: [...element.querySelectorAll("rect, path")].some(shape =>  // in a drawing, a shape is the ring
                getComputedStyle(shape).stroke !== "none" && parseFloat(getComputedStyle(shape).strokeWidth) >= 2) ||
              (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none",
            inside: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0,
          };
        }"""
    )
    return found
