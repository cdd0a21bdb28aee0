"""What stands in place of a report: the front page, a section, an error page, a login, or a template without a text.

Everything here is asked only of an answer in which no layout reads a text. What is in doubt says nothing (None): then
the page is quarantined as one that cannot be read, since a redesign must not look like a takedown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree

from items import Reading
from pipelines.notices import clauses, says_gone, says_login, sentences, title_parts

MISSING, REFUSED = "missing", "refused"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a look at a report's address ended: an outcome with its cause, and the reason in words."""

    outcome: str
    cause: str
    reason: str


class Outlet(Protocol):
    """What is asked of an outlet here; see spiders.outlet.Outlet."""

    name: str

    @classmethod
    def canonical(cls, url: str) -> str: ...

    @classmethod
    def kind_of(cls, url: str) -> str: ...

    @classmethod
    def redirect_target(cls, url: str, location: str) -> str: ...


# Redirects


def led_away(url: str, location: str, outlet: type[Outlet]) -> Ending | None:
    """What a redirect from a report's address says of the report; None for nothing: it leads to another report, to the
    same place on another host (a move), to another site, or to a page that is none of these."""
    try:
        target = urlsplit(urljoin(url, location.strip())) if location.strip() else None
        if target is None or target.scheme not in ("http", "https"):
            return None
        address = target.geturl()
        own = bool(outlet.redirect_target(url, location))
        if own and (outlet.kind_of(address) == "report" or outlet.canonical(address) == outlet.canonical(url)):
            return None
        if _is_login(target.hostname or "", target.path):
            return Ending(REFUSED, "login", f"leads to {address}, where one must log in")
        path, came_from = _place(target.path), _place(urlsplit(url).path)
        if not own or path == came_from:
            return None
        return _place_instead(address, path, came_from, outlet)
    except ValueError:  # no web address
        return None


def is_login(url: str) -> bool:
    """Whether an address is one at which to log in."""
    parts = urlsplit(url)
    return _is_login(parts.hostname or "", parts.path)


def _place_instead(address: str, path: str, came_from: str, outlet: type[Outlet]) -> Ending | None:
    query = urlsplit(outlet.canonical(address)).query
    if _ERROR_PAGE.search(f"/{path}"):
        trouble = _TROUBLE.search(f"{path}?{query}")
        return None if trouble else Ending(MISSING, "soft-404", f"leads to the error page {address}")
    chooses = _CHOOSES.search(query)  # then it may be a report under another address
    if not path and not chooses:
        return Ending(MISSING, "front-page", f"leads to the front page {address}")
    if outlet.kind_of(address) == "listing":
        return Ending(MISSING, "section-page", f"leads to the list {address}")
    if chooses:
        return None
    if _EDITION.fullmatch(path):
        return Ending(MISSING, "front-page", f"leads to the front page {address}")
    if came_from.startswith(f"{path}/") or _SECTION.match(path):
        return Ending(MISSING, "section-page", f"leads to the section {address}")
    return None


def _place(path: str) -> str:
    """A path without slashes around it and the name of a folder's own page."""
    return _INDEX.sub("", unquote(path).strip("/")).strip("/")


def _is_login(host: str, path: str) -> bool:
    return bool(_LOGIN_HOST.match(host) or _LOGIN_PATH.search(path))


_INDEX = re.compile(r"(?:^|(?<=/))(?:index|default|home|main)(?:\.\w{2,5})?$", re.IGNORECASE)
_EDITION = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4})?|english|chinese|home", re.IGNORECASE)
_CHOOSES = re.compile(r"\d{3}|(?:^|&)(?:id|p|aid|cid|nid|article|content)\w*=", re.IGNORECASE)
_SECTION = re.compile(
    r"(?:tags?|category|categories|topics?|sections?|channels?|search|archives?)(?:/|$)", re.IGNORECASE
)
_ERROR_PAGE = re.compile(
    r"/(?:(?:(?:error|err|page|http|status)[-_]?)?(?:404|410)(?:[-_]?(?:error|page|not[-_]?found))?"
    r"|(?:page[-_]?)?not[-_]?found|no[-_]?page|err(?:or)?s?(?:[-_]?pages?)?\d*|gone|deleted|removed)(?:\.\w{2,5})?(?:/.*)?$",
    re.IGNORECASE,
)
# An error page of these is the server's trouble, or turns us away.
_TROUBLE = re.compile(
    r"(?<!\d)(?:5\d\d|403|429|401)(?!\d)|maintenance|unavailable|busy|forbidden|denied|timeout", re.IGNORECASE
)
_LOGIN_HOST = re.compile(r"(?:passport|login|signin|sso|auth|accounts?|id)\.", re.IGNORECASE)
_LOGIN_PATH = re.compile(
    r"/(?:log-?_?in|sign-?_?in|log-?_?on|passport|sso|oauth2?|auth(?:enticate|orize)?|user/login|subscri(?:be|ption|ptions)|paywall"
    r"|denglu)(?:\.\w{2,5})?(?:/|$)",
    re.IGNORECASE,
)


# Pages


def is_notice(reading: Reading) -> bool:
    """Whether what a layout read may be no report: neither text nor caption, or a line that says that it is gone."""
    text = " ".join(reading.body)
    if not text:
        return not reading.captions
    return len(text) <= _NOTICE and (says_gone(text) or says_gone(next(sentences(text))))


def in_its_place(
    page: Any, outlet: type[Outlet], notice: Reading | None, is_emptied: Callable[[], bool]
) -> Ending | None:
    """What a page that no layout reads with a text says of the report; None where it may hold one after all.
    `notice`: what was read that may be none. `is_emptied`: whether the one layout that fits finds the place of its text
    with nothing in it."""
    shown = _Shown(page)
    if shown.holds_a_story:
        return None
    said = " ".join(notice.body)[:_QUOTED] if notice else ""
    if said := said or shown.first(says_gone):
        return Ending(MISSING, "soft-404", f"the page says that it is gone: “{said}”")
    if said := shown.first(says_login, in_headings=False):
        return Ending(REFUSED, "login", f"the page asks for a login: “{said}”")
    if shown.length <= _LEADS_ON and (target := _target_of(page)):
        return led_away(page.url, target, outlet)
    if shown.written < _NEWS_FLASH and not _HOLDS_DATA.search(page.text) and is_emptied():
        return Ending(MISSING, "empty-page", "the template is there and its text is not")
    return None


_NOTICE = 120  # characters of a line that stands in place of a text
_SHORT = 600  # characters, links apart, of a page that holds nothing but a notice
_STORY = 600  # characters of whole sentences that are too many for a notice
_NEWS_FLASH = 200  # of these, elsewhere on a page whose place for the text is empty: a footer has half as many
_SENTENCES = 40  # characters of a line that is more than a label
_QUOTED = 100
_HEADING_AT_MOST = 120
_LINES_AT_MOST = 2_000  # that are looked at
_PAGE_AT_MOST = 4_096  # characters of a page that only leads elsewhere, with its markup,
_LEADS_ON = 200  # and without
_HAN = re.compile("[\u3041-\u30fa\u3400-\u9fff\uac00-\ud7a3]")
_PUNCTUATED = re.compile(r"[.。！!？?…،؟;；]")
# A story that a script is to show.
_SCRIPTED_STORY = re.compile(r'"articleBody"\s*:\s*"(?:[^"\\]|\\.){200}')
_HOLDS_DATA = re.compile(
    r"__NEXT_DATA__|__NUXT__|__(?:INITIAL|PRELOADED|APOLLO)_STATE__|data-reactroot|ng-version|data-server-rendered"
)


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_UNSEEN = _names("script style noscript template svg head select option textarea iframe object")
_BLOCKS = _names(
    """address article aside blockquote body br center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6
    header hr li main nav ol p pre section table td th tr ul"""
)
_HEADINGS = frozenset({"h1", "h2"})
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


class _Shown:
    """What a reader sees of a page: its headings, and line by line what is no link."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.headings: list[str] = []
        self.lines: list[str] = []
        self._links = 0  # how many the walk is inside of
        self._heading: list[str] | None = None
        self._run: list[str] = []
        walk = etree.iterwalk(page.selector.root, events=("start", "end"))
        for event, node in walk:
            if event == "end":
                self._leave(node)
            elif _is_unseen(node):
                walk.skip_subtree()
            else:
                self._enter(node)
            if len(self.lines) > _LINES_AT_MOST:
                break
        self._end_line()

    def _enter(self, node: etree._Element) -> None:
        if node.tag in _BLOCKS:
            self._end_line()
        self._links += node.tag == "a"
        if node.tag in _HEADINGS:
            self._heading = []
        self._add(node.text)

    def _leave(self, node: etree._Element) -> None:
        if not _is_unseen(node):
            if node.tag in _BLOCKS:
                self._end_line()
            self._links -= node.tag == "a"
            if node.tag in _HEADINGS and self._heading is not None:
                self.headings.append(_one_line(self._heading))
                self._heading = None
        self._add(node.tail)

    def _add(self, text: str | None) -> None:
        if text and self._heading is not None:
            self._heading.append(text)
        if text and not self._links:
            self._run.append(text)

    def _end_line(self) -> None:
        if line := _one_line(self._run):
            self.lines.append(line)
        self._run.clear()

    @cached_property
    def length(self) -> int:
        return sum(map(_weight, self.lines))

    @cached_property
    def holds_a_story(self) -> bool:
        """Whether so much is written in sentences that it may be one, or a script brings one."""
        return self.written >= _STORY or bool(_SCRIPTED_STORY.search(self.page.text))

    @cached_property
    def written(self) -> int:
        """How much stands there in lines that are sentences and no labels."""
        weights = (_weight(line) for line in self.lines if _PUNCTUATED.search(line))
        return sum(weight for weight in weights if weight >= _SENTENCES)

    def first(self, says: Callable[[str], bool], in_headings: bool = True) -> str:
        """The first that says so: of the title and the headings; of a short page any sentence, or part of one."""
        return next((said[:_QUOTED] for said in self._said(in_headings) if says(said)), "")

    def _said(self, in_headings: bool) -> Iterator[str]:
        titles = [_one_line([text]) for text in self.page.titles.xpath("string()").getall()]
        for text in titles + (self.headings if in_headings else []):
            if text and len(text) <= _HEADING_AT_MOST:
                yield from title_parts(text)
                yield from sentences(text)
        if self.length <= _SHORT:
            for line in self.lines:
                for sentence in sentences(line):
                    yield sentence
                    yield from clauses(sentence)


def _one_line(texts: list[str]) -> str:
    return " ".join("".join(texts).split())


def _weight(text: str) -> int:
    """Characters, of which one of Chinese, Japanese or Korean says as much as two and a half others."""
    return len(text) + len(_HAN.findall(text)) * 3 // 2


def _is_unseen(node: etree._Element) -> bool:
    return node.tag in _UNSEEN or "hidden" in node.attrib or bool(_HIDDEN.search(node.get("style") or ""))


def _target_of(page: Any) -> str:
    """Where a page that is nothing else leads a browser: by meta refresh or by a line of script; "" for nowhere."""
    if len(page.text) > _PAGE_AT_MOST:
        return ""
    for refresh in page.selector.root.iter("meta"):
        if (refresh.get("http-equiv") or "").lower() == "refresh" and (
            found := _REFRESH.match(refresh.get("content") or "")
        ):
            return found["url"].strip()
    found = _LOCATION.search(page.text)
    return found["url"].strip() if found else ""


_REFRESH = re.compile(r"\s*\d{1,2}(?:\.\d+)?\s*[;,]\s*(?:url\s*=)?\s*[\"']?(?P<url>[^\"'>]+)", re.IGNORECASE)
_LOCATION = re.compile(
    r"(?<![\w.])(?:(?:window|self|top|parent|document)\.)*location(?:\.href)?(?:\s*=\s*|\.(?:replace|assign)\(\s*)[\"'](?P<url>[^\"']+)[\"']"
)
