"""The ways that readers take through the reading room, in both languages, at a desk, on a telephone, by keyboard, and
without JavaScript."""

from __future__ import annotations

import re

import pytest
from browser import DESK, TELEPHONE, Chromium, Reader, focused
from playwright.sync_api import Locator, Page, ViewportSize, expect

METRO = "望澜地铁2号线延伸段开通 首日客流超预期"
HEATERS = "澜屿一企业召回4.7万台取暖器"
CRIME = "中国警方打击网络犯罪 抓获1万名嫌疑人"
DETAINED = "Chinese police detain 10,000 suspects in online crime campaign"
windows = pytest.mark.parametrize("window", [DESK, TELEPHONE], ids=["desk", "telephone"])
# What a reader can do must not need a script.
ways = pytest.mark.parametrize(
    ("window", "javascript"),
    [(DESK, True), (TELEPHONE, True), (TELEPHONE, False)],
    ids=["desk", "telephone", "without-javascript"],
)
scripts = pytest.mark.parametrize("javascript", [True, False], ids=["", "without-javascript"])


def _results(page: Page) -> Locator:
    return page.locator("article.line .line-title")


def _search(page: Page, words: str) -> None:
    page.get_by_role("searchbox").first.fill(words)
    with page.expect_navigation(url="**/search?**"):
        page.keyboard.press("Enter")


def _follow(page: Page, link: Locator | str) -> None:
    """Click a link, by what it says or by itself, and wait for its page."""
    with page.expect_navigation():
        (page.get_by_role("link", name=link).first if isinstance(link, str) else link.first).click()


def _narrow(page: Page, outlet: str) -> None:
    _follow(page, page.locator(f'aside a[href*="outlet={outlet}"]'))
    assert f"outlet={outlet}" in page.url


@ways
def test_a_chinese_word_leads_from_the_home_page_to_what_was_changed(
    room: str, chromium: Chromium, window: ViewportSize, javascript: bool
) -> None:
    with chromium.reading(room, window, javascript=javascript) as reader:
        page = reader.go("/")
        _search(page, "公安部")
        expect(_results(page)).to_have_text([CRIME])
        expect(page.locator("article.line mark").first).to_have_text("公安部")
        expect(page.locator("article.line .snippet").first).to_have_attribute("lang", re.compile("^zh"))

        _search(page, "新华社")
        everything = _results(page).count()
        _narrow(page, "xinhua")
        assert 0 < _results(page).count() <= everything

        _search(page, "地铁")
        _follow(page, METRO)
        expect(page.locator("h1")).to_have_text(METRO)
        expect(page.locator("main")).to_contain_text("首日客流达13.8万人次")
        _follow(page, page.locator('main a[href*="/changes"]'))
        expect(
            page.locator("del").filter(has_text="18.3").or_(page.locator("del").filter(has_text="18")).first
        ).to_be_visible()
        expect(page.locator("del").filter(has_text="一些市民在车站留言簿上对票价表示担忧").first).to_be_visible()
        expect(page.locator("ins").first).to_be_visible()


@ways
def test_an_english_phrase_leads_to_the_page_as_it_was_captured(
    room: str, chromium: Chromium, window: ViewportSize, javascript: bool
) -> None:
    with chromium.reading(room, window, javascript=javascript) as reader:
        page = reader.go("/search")
        _search(page, '"police arrested"')
        expect(_results(page)).to_have_text([DETAINED])
        _follow(page, DETAINED)
        expect(page.locator("h1")).to_have_text(DETAINED)
        _follow(page, page.locator("main a[href*='/captures/']:not([href$='/page']):not([href$='/record'])"))
        frame = page.locator("iframe")
        assert frame.get_attribute("sandbox") == ""
        expect(page.frame_locator("iframe").locator("body")).to_contain_text("police arrested 10,000 suspects")


@windows
def test_what_was_edited_and_what_was_taken_down_is_found_from_the_home_page(
    room: str, chromium: Chromium, window: ViewportSize
) -> None:
    with chromium.reading(room, window) as reader:
        page = reader.go("/")
        _follow(page, "Edits")
        expect(page.locator("main")).to_contain_text(METRO)
        _follow(page, "Takedowns")
        expect(page.locator("main")).to_contain_text(HEATERS)
        expect(page.locator(".state-suspected").first).to_be_visible()


@windows
def test_an_outlet_shows_who_owns_it_and_when_we_looked(room: str, chromium: Chromium, window: ViewportSize) -> None:
    with chromium.reading(room, window) as reader:
        page = reader.go("/outlets")
        _follow(page, page.locator('main a[href$="/outlets/xinhua"]'))
        expect(page.locator("h1")).to_contain_text("Xinhua")
        expect(page.locator("main")).to_contain_text(re.compile("state", re.IGNORECASE))


@windows
def test_a_timeline_of_a_search_is_a_drawing_and_a_table(room: str, chromium: Chromium, window: ViewportSize) -> None:
    with chromium.reading(room, window) as reader:
        page = reader.go("/search?q=valdoria")
        _follow(page, "Timeline of this search, by outlet")
        expect(page.locator("main svg").first).to_be_visible()
        assert page.locator("main table tr").count() > 1


@scripts
def test_every_report_is_reached_by_paging_once(room: str, chromium: Chromium, javascript: bool) -> None:
    with chromium.reading(room, javascript=javascript) as reader:
        page = reader.go("/search")
        found = [link.get_attribute("href") for link in _results(page).locator("a").all()]
        _follow(page, page.locator("a[rel=next]"))
        found += [link.get_attribute("href") for link in _results(page).locator("a").all()]
        assert len(found) == len(set(found)) == 33


def test_a_query_that_cannot_be_meant_explains_itself(room: str, chromium: Chromium) -> None:
    with chromium.reading(room) as reader:
        page = reader.go('/search?q="police')
        expect(page.locator("main")).to_contain_text(re.compile("quot", re.IGNORECASE))
        page = reader.go("/search?q=没有这个词")
        expect(_results(page)).to_have_count(0)
        expect(page.locator("main")).to_contain_text(re.compile("no report|nothing", re.IGNORECASE))


def _tab(page: Page, until: str, limit: int = 80) -> list[str]:
    """Press Tab until an element that the selector fits has the keyboard; what had it on the way. Each must show it."""
    passed = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        now = focused(page)
        assert now["ringed"] and now["inside"], f"the keyboard is at {now}, and nobody can see it"
        passed.append(now["name"] or now["text"] or now["href"])
        if page.evaluate("selector => document.activeElement.matches(selector)", until):
            return passed
    raise AssertionError(f"no {until} among {passed}")


def test_the_keyboard_alone_searches_narrows_and_reads(room: str, chromium: Chromium) -> None:
    with chromium.reading(room) as reader:
        page = reader.go("/search?q=valdoria")
        assert _tab(page, ".skip") == ["Skip to the content"]
        page.keyboard.press("Enter")
        assert focused(page)["id"] == "content"
        _tab(page, 'input[name="q"]')
        page.keyboard.press("Control+A")
        page.keyboard.type("ferry")
        with page.expect_navigation(url="**q=ferry**"):
            page.keyboard.press("Enter")
        results = _results(page).count()
        _tab(page, 'main a[href*="outlet=tnw"]')
        with page.expect_navigation(url="**outlet=tnw**"):
            page.keyboard.press("Enter")
        assert 0 < _results(page).count() < results
        _tab(page, ".line-title a")
        with page.expect_navigation(url="**/reports/**"):
            page.keyboard.press("Enter")
        expect(page.locator("h1")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/search?q=ferry", "/outlets/xinhua", "/timeline?q=ferry", "/help"])
def test_the_keyboard_comes_out_of_every_page_again(room: str, chromium: Chromium, path: str) -> None:
    with chromium.reading(room) as reader:
        _leave(reader, path)


def _leave(reader: Reader, path: str) -> None:
    page = reader.go(path)
    last = page.locator("footer.site a").last.get_attribute("href")
    seen = 0
    while focused(page)["href"] != last:
        page.keyboard.press("Tab")
        seen += 1
        assert seen < 400, f"the keyboard does not come to the end of {path}; it is at {focused(page)}"
