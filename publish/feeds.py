"""Atom feeds (RFC 4287). Ids are made of what an entry is about, never of the host that serves it, so that a reader's
program knows an entry again after a move."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from lxml import etree

NEWEST = 100  # entries of a feed
CONTENT_TYPE = "application/atom+xml; charset=utf-8"
_ATOM = "http://www.w3.org/2005/Atom"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `id` comes from `entry_id`; `updated` and `published` are as archive.times writes them, `published`
    (of the report) empty where only its day is known. `language` is the title's, and the summary's if that `quotes`;
    else it is English. `categories`: (term, label)."""

    id: str
    title: str
    updated: str
    language: str
    author: str
    page: str
    source: str
    summary: str
    quotes: bool = False
    published: str = ""
    categories: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """`about` names what the feed is of, for its id; `since` is its `updated` while it has no entry. `address` and
    `page` are absolute: the feed's own, and the page that shows the same."""

    about: str
    title: str
    address: str
    page: str
    since: str
    entries: list[Entry]

    @property
    def updated(self) -> str:
        return max((entry.updated for entry in self.entries), default=self.since)


def entry_id(address: str, event: str = "") -> str:
    """The id of a report (its canonical address), or of one event of it, e.g. "version 1343262600000000"."""
    return uuid5(NAMESPACE_URL, f"{address}#{event}" if event else address).urn


def instant(value: str | None) -> str:
    """A time as archive.times writes it, itself; empty for a day alone or a time of unknown zone."""
    return value if value and _INSTANT.fullmatch(value) else ""


def xml_text(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return _NO_XML.sub("", text)


def atom(feed: Feed) -> bytes:
    """The feed as XML in UTF-8, entries in the order given."""
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})  # type: ignore[dict-item]
    root.set(_LANGUAGE, "en")
    _add(root, "id", entry_id("dateline:feed", feed.about))
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated)
    _add(_add(root, "author"), "name", "Dateline")
    _add(root, "generator", "Dateline")
    _link(root, "self", feed.address, "application/atom+xml")
    _link(root, "alternate", feed.page, "text/html")
    for entry in feed.entries:
        _write(root, entry)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def _write(root: etree._Element, entry: Entry) -> None:
    element = _add(root, "entry")
    element.set(_LANGUAGE, xml_text(entry.language))
    _add(element, "id", entry.id)
    _add(element, "title", entry.title)
    _add(element, "updated", entry.updated)
    if entry.published:
        _add(element, "published", entry.published)
    _add(_add(element, "author"), "name", entry.author)
    for term, label in entry.categories:
        category = _add(element, "category")
        category.set("term", xml_text(term))
        category.set("label", xml_text(label))
    _link(element, "alternate", entry.page, "text/html")
    if entry.source.lower().startswith(("http://", "https://")):
        _link(element, "via", entry.source)
    summary = _add(element, "summary", entry.summary)
    if not entry.quotes:
        summary.set(_LANGUAGE, "en")


def _add(parent: etree._Element, name: str, text: str = "") -> etree._Element:
    element = etree.SubElement(parent, f"{{{_ATOM}}}{name}")
    if text:
        element.text = xml_text(text)
    return element


def _link(parent: etree._Element, relation: str, address: str, media_type: str = "") -> None:
    link = _add(parent, "link")
    link.set("rel", relation)
    link.set("href", _NOT_IN_ADDRESSES.sub(_quoted, address))
    if media_type:
        link.set("type", media_type)


_NOT_IN_ADDRESSES = re.compile(r'[^\x21-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[<>"{}|\\^`]')


def _quoted(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode(errors="replace"))
