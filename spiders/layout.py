"""A Layout is one generation of an outlet's pages: it says whether a page is of its kind and selects strings.

It interprets nothing: dates, zones, names and datelines are read from these strings by the normalise step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from bs4 import BeautifulSoup
from bs4.builder import HTMLTreeBuilder
from bs4.element import Comment, NavigableString, PageElement, Tag
from lxml import etree
from parsel import Selector, SelectorList

from items import Reading
from spiders.page import Page


class Layout:
    """One page generation. A subclass sets `language`, implements `fits` and `read`, and says in its
    docstring where and when such pages were seen, and how sure that is. `name` is the class name, lower case,
    hyphenated.
    """

    language: ClassVar[str]
    name: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def fits(cls, page: Page) -> bool:
        """Whether the page is of this generation, judged by its markup, never by its date or address."""
        raise NotImplementedError

    @classmethod
    def read(cls, page: Page) -> Reading:
        """Select the strings of a page that fits. Raises ValueError, naming what is missing."""
        raise NotImplementedError

    @classmethod
    def is_emptied(cls, page: Page) -> bool:
        """Whether a page that fits has the place of its text and a reader sees nothing there: the template stands, the
        report was taken out. A layout that cannot tell says no."""
        return False


def fold(text: str) -> str:
    """Whitespace of any kind, nbsp and U+3000 included, as one space; zero-width signs and soft hyphens dropped."""
    return " ".join((text if text.isascii() else _ZERO_WIDTH.sub("", text)).split())


def line(found: Selector | SelectorList[Selector]) -> str:
    """The first element, attribute or text found, as one line, `<br>` a space; "" when nothing was found."""
    first = found[0] if isinstance(found, SelectorList) and found else found
    if not isinstance(first, Selector):
        return ""
    nodes = [first.root] if isinstance(first.root, str) else _LINE(first.root)
    assert isinstance(nodes, list)
    return fold("".join(node if isinstance(node, str) else " " for node in nodes))


def container(found: Selector) -> BeautifulSoup:
    """BeautifulSoup of one element: parsing a whole page with it costs five times the rest of a crawl."""
    return BeautifulSoup("<", builder=_TreeBuilder(found.root))  # the builder has the element: no markup is read


class _TreeBuilder(HTMLTreeBuilder):
    """Makes of an element of lxml's what BeautifulSoup's own builder for "lxml" makes of its markup, which has to be
    written out and parsed again for that, with some ten calls for each tag and text."""

    def __init__(self, root: etree._Element) -> None:
        super().__init__()
        self._root: etree._Element | None = root

    def feed(self, markup: str | bytes) -> None:
        assert self.soup is not None
        soup, root = self.soup, self._root
        self._root = None  # a soup refers to itself and is freed late; the page's whole tree must not wait for that
        parents: list[Tag] = [soup]
        kinds: list[type[NavigableString]] = [NavigableString]  # of the texts in each: scripts have one of their own
        kept = 0  # how many of the parents keep their blanks as they are
        last: PageElement = soup
        for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
            if event == "start":
                name = node.tag
                last = tag = Tag(soup, self, name, None, None, dict(node.items()), parents[-1], last)
                parents[-1].contents.append(tag)
                parents.append(tag)
                kept += name in self.preserve_whitespace_tags
                kinds.append(self.string_containers.get(name, kinds[-1]))
                text = node.text
            else:
                if event == "end":
                    kept -= parents.pop().name in self.preserve_whitespace_tags
                    kinds.pop()
                elif event == "comment" and node.text:
                    last = _add(Comment(node.text), parents[-1], last)
                text = node.tail if node is not root else None
            if text:
                if not kept and not text.strip(_ASCII_SPACES):
                    text = "\n" if "\n" in text else " "
                last = _add(kinds[-1](text), parents[-1], last)


def _add(text: NavigableString, parent: Tag, last: PageElement) -> PageElement:
    text.setup(parent, last)
    parent.contents.append(text)
    return text


def tags(soup: Tag, *names: str) -> list[Tag]:
    """The elements inside one, in order, or those of some names: what `find_all` finds, at a tenth of its cost."""
    found = [node for node in soup.descendants if isinstance(node, Tag)]
    return [tag for tag in found if tag.name in names] if names else found


def is_blank(soup: BeautifulSoup) -> bool:
    """Whether a reader sees nothing in an element: no text, no picture, no player; nor is there a script, which could
    bring one."""
    return not soup.find(_SHOWS_SOMETHING) and not paragraphs(soup)


def paragraphs(soup: PageElement | Iterable[PageElement]) -> list[str]:
    """The paragraphs that a reader sees in an element (or in siblings), each folded to a line; no empty ones.

    Block elements end a paragraph. So does `<br><br>`, and a single `<br>` or line break before an indent
    (U+3000, em spaces, two nbsp), as Xinhua has typed its paragraphs in both languages; any other `<br>` is a
    space. Inline elements, such as a link inside a word, add nothing. What is never shown is dropped:
    scripts, styles, frames, comments, `hidden` and display:none.
    """
    found: list[str] = []
    run: list[str] = []
    for node in [soup] if isinstance(soup, PageElement) else soup:
        _walk(node, run, found)
    _end(run, found)
    return found


def _names(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LINE = etree.XPath("descendant::node()[self::text() or self::br]", smart_strings=False)
_ASCII_SPACES = " \t\n\f\r"
_ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_NEVER_SHOWN = _names(
    """script style iframe frame noscript template object embed applet svg canvas audio video map head title
    button select option input textarea datalist"""
)
BLOCKS = _names(
    """address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hr li main menu nav ol p pre section summary table tbody td
    tfoot th thead tr ul"""
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_BREAK = re.compile(
    "\x00\\s*\x00[\\s\x00]*"  # <br><br>
    "|\x00[ \t\r\n]*(?=[\u3000\u2003]|\u00a0\\s*\u00a0)"  # <br> and an indent
    "|[\r\n][ \t]*(?=\u3000\u3000|\u2003\u2003)"  # a line break in the source and an indent
)
_SHOWS_SOMETHING = ["img", "picture", "video", "audio", "iframe", "frame", "embed", "object", "canvas", "svg", "script"]
_BR = "\x00"  # cannot stand in parsed HTML


def hidden(tag: Tag) -> bool:
    """Whether the element itself is marked as not shown, by attribute or inline style."""
    return bool(tag.attrs) and (tag.has_attr("hidden") or bool(_HIDDEN.search(str(tag.get("style") or ""))))


def _walk(node: PageElement, run: list[str], found: list[str]) -> None:
    if isinstance(node, Tag):
        if node.name == "br":
            run.append(_BR)
        elif node.name not in _NEVER_SHOWN and not hidden(node):
            block = node.name in BLOCKS
            if block:
                _end(run, found)
            for child in node.contents:
                _walk(child, run, found)
            if block:
                _end(run, found)
    elif type(node) is NavigableString:  # its subclasses are comments, declarations, scripts
        run.append(node)


def _end(run: list[str], found: list[str]) -> None:
    """Close what was gathered in `run`: cut it at typed breaks and keep what is not empty."""
    if run:
        text = "".join(run)
        # Every typed break has a <br> or a sign that is not ASCII.
        whole = _BR not in text and text.isascii()
        pieces = map(fold, [text] if whole else (piece.replace(_BR, " ") for piece in _BREAK.split(text)))
        found.extend(piece for piece in pieces if piece)
        run.clear()
