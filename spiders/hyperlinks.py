"""The links in a story's text: on which words they stand, and where they lead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import quote, urljoin

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from items import Hyperlink
from spiders.layout import BLOCKS, fold, hidden, tags

_BEFORE = 20  # characters in front of a link that tell its words from the same ones elsewhere
_MOST = 500  # links of one story; a page with more is a list
_LONGEST_ADDRESS = 2000
_PRINTED = "".join(map(chr, range(0x21, 0x7F)))  # what stays as it is in an address


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link as it stands in the markup. `before` is what stands in front of it in its paragraph."""

    words: str
    before: str
    href: str


def anchors(soup: BeautifulSoup) -> list[Anchor]:
    """The links of an element, in order, those without words left out."""
    return [
        Anchor(words, _before(tag), href)
        for tag in islice((tag for tag in tags(soup, "a") if tag.has_attr("href")), _MOST)
        if (href := str(tag["href"]).strip()) and not href.startswith("#")
        if (words := fold(tag.get_text())) and not hidden(tag)
    ]


def _before(tag: Tag) -> str:
    """The end of what stands in front of a tag in its paragraph."""
    texts: list[str] = []
    for node in tag.previous_elements:
        if isinstance(node, Tag) and (node.name in BLOCKS or node.name == "br"):
            break
        if type(node) is NavigableString:
            texts.insert(0, node)
            if sum(map(len, texts)) > 2 * _BEFORE:
                break
    return fold("".join(texts))[-_BEFORE:] if texts else ""


def placed(found: Iterable[Anchor], paragraphs: Sequence[str], base_url: str) -> list[Hyperlink]:
    """Each link at its place in the paragraphs of a text, in order; one whose words are not there (it stood in a
    caption, or beside the text), or that leads to no web address, is left out. `start` and `end` are places in its
    paragraph."""
    links: list[Hyperlink] = []
    paragraph, start = 0, 0  # behind the last one found
    for anchor in found:
        address, place = _address(base_url, anchor.href), _find(anchor, paragraphs, paragraph, start)
        if address and place:
            paragraph, at = place
            start = at + len(anchor.words)
            links.append(Hyperlink(anchor.words, address, paragraph, at, start))
    return links


def _address(base_url: str, href: str) -> str:
    """The absolute address, "" for what is none on the web."""
    try:
        # Half a surrogate pair cannot be stored.
        address = quote(urljoin(base_url, href), safe=_PRINTED, errors="ignore")
    except ValueError:
        return ""
    return address if address.startswith(("http://", "https://")) and len(address) <= _LONGEST_ADDRESS else ""


def _find(anchor: Anchor, paragraphs: Sequence[str], first: int, start: int) -> tuple[int, int] | None:
    """(paragraph, place) of a link's words from a place on: with what stands in front of them, since the words alone
    ("here") may stand anywhere; a link that begins its paragraph has nothing in front."""
    for number in range(first, len(paragraphs)):
        text, begin = paragraphs[number], start if number == first else 0
        if not anchor.before:
            if begin == 0 and text.startswith(anchor.words):
                return number, 0
            continue
        for between in (" ", ""):
            place = text.find(anchor.before + between + anchor.words, max(0, begin - len(anchor.before) - 1))
            if place >= 0:
                return number, place + len(anchor.before + between)
    return None
