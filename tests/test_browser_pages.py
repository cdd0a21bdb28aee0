"""Each page as a reader sees it: on a telephone and at a desk, in the light and in the dark, on paper, by keyboard.

With DATELINE_SCREENSHOTS=yes, screenshots of all of it are left in build/screenshots.
"""

from __future__ import annotations

import os

import pytest
from browser import DESK, SCREENSHOTS, TELEPHONE, Chromium, overflow, violations
from conftest import Crawled
from linked_archive import MINISTRY, SERIES, STORY, TWIN
from playwright.sync_api import Page, ViewportSize

PAPER: ViewportSize = {"width": 794, "height": 1123}  # A4 at 96 dots per inch
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]  # what else axe-core looks at is the same in the dark
WINDOWS = {"desk": DESK, "telephone": TELEPHONE}
EDITED, TAKEN_DOWN = "望澜地铁2号线%", "%召回4.7万台取暖器"
CHINESE, ENGLISH, PHOTOGRAPHS = (
    "中国警方打击网络犯罪%",
    "Chinese police detain 10,000 suspects%",
    "In pics: a night on the ferry%",
)

OWN_PAGES = {
    "home": "/",
    "search": "/search?q=公安部",
    "search-english": '/search?q="police arrested"',
    "search-everything": "/search",
    "search-filtered": "/search?q=valdoria&outlet=xinhua&language=en&order=relevance",
    "search-nothing": "/search?q=没有这个词",
    "search-wrong": '/search?q=foo:bar "police',
    "timeline": "/timeline?q=valdoria",
    "report-chinese": "/reports/{chinese}",
    "report-english": "/reports/{english}",
    "report-photographs": "/reports/{photographs}",
    "report-edited": "/reports/{edited}",
    "report-taken-down": "/reports/{taken_down}",
    "changes": "/reports/{edited}/changes?from=1&to=2",
    "capture": "/captures/{capture}",
    "outlets": "/outlets",
    "outlet-state": "/outlets/xinhua",
    "outlet-secondary": "/outlets/tnw",
    "edits": "/edits",
    "edits-filtered": "/edits?kind=figure+changed&kind=headline&language=zh-Hans&since=2026-01-01",
    "edit-radar": "/edits/radar",
    "takedowns": "/takedowns",
    "takedowns-all": "/takedowns?state=all&cause=http-404",
    "coverage": "/coverage",
    "coverage-months": "/coverage?per=month&sort=absent",
    "coverage-outlet": "/coverage?outlet=xinhua",
    "health": "/health",
    "health-outlet": "/health?outlet=tnw",
    "questions": "/questions",
    "question": "/questions/coverage",
    "question-with-words": "/questions/said_by_year?words=公安部",
    "schema": "/schema",
    "help": "/help",
}
# Over reports that were read and linked (tests/linked_archive.py).
LINKED_PAGES = {
    "figures": "/figures",
    "figures-of-a-noun": "/figures?noun=suspects&act=arrest&min=5,000&about_from=2009",
    "figures-series": f"/figures?series={SERIES}",
    "figures-nothing": "/figures?noun=aardvarks&min=many",
    "citations": "/citations",
    "citations-not-found": "/citations?state=unresolved",
    "citations-of-a-report": f"/citations?report={TWIN}",
    "citations-queue": "/citations/queue",
    "report-with-links": f"/reports/{TWIN}",
    "report-with-sources": f"/reports/{STORY}",
    "graph": f"/graph/{TWIN}",
    "graph-of-a-story": f"/graph/{STORY}",
    "question-of-figures": f"/questions/stated_by_year?source={MINISTRY}",
}
TROUBLES = {"not-found": ("/reports/1", 404), "bad-request": ("/search?q=police&after=nonsense", 400)}
STOCK_PAGES = {
    "stock-database": "/archive",
    "stock-reports": "/archive/reports",
    "stock-query": "/archive/search?words=公安部",
    "stock-row": "/archive/reports/{chinese}",
    "stock-sql": "/archive?sql=select+id,title+from+reports",
}


@pytest.fixture(scope="session")
def ids(crawled: Crawled) -> dict[str, int]:
    """The ids that the addresses above name."""
    connection = crawled.place.connect()

    def report(title: str) -> int:
        (found,) = connection.execute("select id from reports where title like ?", [title]).fetchone()
        return int(found)

    found = {
        "edited": report(EDITED),
        "taken_down": report(TAKEN_DOWN),
        "chinese": report(CHINESE),
        "english": report(ENGLISH),
        "photographs": report(PHOTOGRAPHS),
    }
    (capture,) = connection.execute("select capture from reports where id = ?", [found["english"]]).fetchone()
    connection.close()
    return found | {"capture": int(capture)}


def _photograph(page: Page, name: str) -> None:
    """For somebody to look at: no test reads it, and four of a page take as long as everything else about it."""
    if os.environ.get("DATELINE_SCREENSHOTS"):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def _look(page: Page, name: str, release: str, dark: bool = True) -> list[str]:
    """What is wrong with the open page in any window and light, in words; photographs are left of each, if wanted.

    axe-core looks at the wide window with one Datasette and at the narrow one with the other: the templates are the
    same, and it takes half a second.
    """
    if release != "stable":
        page.set_viewport_size(TELEPHONE)
        return [f"at a telephone: {text}" for text in violations(page)]
    wrong = violations(page)
    for place, window in WINDOWS.items():
        page.set_viewport_size(window)
        wrong += [f"wider than its window at a {place}: {element}" for element in overflow(page)]
        _photograph(page, f"{name}-{place}")
        if dark:
            page.emulate_media(color_scheme="dark")
            _photograph(page, f"{name}-{place}-dark")
            page.emulate_media(color_scheme="light")
    if dark:
        page.emulate_media(color_scheme="dark")
        wrong += [f"in the dark: {text}" for text in violations(page, RULES_OF_COLOUR)]
    return wrong


@pytest.fixture
def release(request: pytest.FixtureRequest) -> str:
    """Which Datasette the page is served by: one of RELEASES."""
    params = request.node.callspec.params
    return str(params.get("room") or params["linked"])


@pytest.mark.parametrize("name", OWN_PAGES)
def test_a_page_of_ours_fits_every_window_and_shuts_nobody_out(
    room: str, chromium: Chromium, ids: dict[str, int], name: str, release: str
) -> None:
    with chromium.reading(room) as reader:
        page = reader.go(OWN_PAGES[name].format(**ids))
        assert page.locator("h1").count() == 1
        assert page.title().endswith("Dateline")
        wrong = _look(page, name, release)
        assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", LINKED_PAGES)
def test_a_page_over_linked_reports_fits_every_window_and_shuts_nobody_out(
    linked: str, chromium: Chromium, name: str, release: str
) -> None:
    with chromium.reading(linked) as reader:
        page = reader.go(LINKED_PAGES[name])
        assert page.locator("h1").count() == 1
        wrong = _look(page, name, release)
        assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", TROUBLES)
def test_a_page_that_says_what_is_wrong_is_a_page_too(room: str, chromium: Chromium, name: str, release: str) -> None:
    path, status = TROUBLES[name]
    with chromium.reading(room) as reader:
        page = reader.go(path)
        reader.expect(str(status))
        assert page.locator("h1").count() == 1
        wrong = _look(page, name, release)
        assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", STOCK_PAGES)
def test_datasettes_own_pages_fit_every_window_and_shut_nobody_out(
    room: str, chromium: Chromium, ids: dict[str, int], name: str, release: str
) -> None:
    with chromium.reading(room) as reader:
        page = reader.go(STOCK_PAGES[name].format(**ids))
        # The jump box of Datasette 1.0 replaces its element's matches(), which axe-core must call; it is hidden here.
        page.evaluate("document.querySelectorAll('navigation-search').forEach(element => element.remove())")
        wrong = _look(page, name, release, dark=False)  # they are light only
        assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("name", "path"),
    {"report": "/reports/{edited}", "changes": OWN_PAGES["changes"]}.items(),
)
def test_a_page_on_paper_holds_the_text_and_none_of_the_furniture(
    room: str, chromium: Chromium, ids: dict[str, int], name: str, path: str, release: str
) -> None:
    with chromium.reading(room, window=PAPER) as reader:
        page = reader.go(path.format(**ids))
        page.emulate_media(media="print", color_scheme="light")
        assert page.locator("h1").is_visible()
        for furniture in ("nav", "form", "button", ".skip"):
            assert not page.locator(f"header.site {furniture}").first.is_visible(), furniture
        assert overflow(page) == []
        if release == "stable":
            _photograph(page, f"{name}-paper")
            SCREENSHOTS.mkdir(parents=True, exist_ok=True)
            page.pdf(path=SCREENSHOTS / f"{name}.pdf", format="A4")


def test_a_marked_word_tells_its_note_on_focus_until_escape(linked: str, chromium: Chromium) -> None:
    with chromium.reading(linked) as reader:
        page = reader.go(f"/reports/{STORY}")
        word = page.locator(".text a.statement").first

        def note() -> str:
            return str(word.evaluate("word => getComputedStyle(word, '::after').display"))

        assert note() == "inline"  # without words, so nothing is to be seen
        page.keyboard.press("Tab")  # what has the focus by keyboard shows it
        word.focus()
        assert note() == "block"
        assert "10,000" in str(word.evaluate("word => getComputedStyle(word, '::after').content"))
        page.keyboard.press("Escape")
        assert note() == "none"
        page.keyboard.press("Tab")
        word.focus()
        assert note() == "block"


@pytest.mark.parametrize("width", [390, 1280])
def test_a_note_neither_widens_the_page_nor_breaks_its_word(linked: str, chromium: Chromium, width: int) -> None:
    with chromium.reading(linked, window={"width": width, "height": 844}) as reader:
        page = reader.go(f"/reports/{TWIN}")
        page.keyboard.press("Tab")
        for word in page.locator("a.statement").all():
            lines = word.evaluate("word => word.getClientRects().length")
            word.focus()
            assert word.evaluate("word => word.getClientRects().length") == lines
            assert overflow(page) == []
