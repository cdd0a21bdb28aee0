"""How an outlet's pages are found. Each module turns one kind of listing into Links; none of them fetches anything."""

from __future__ import annotations

import re

from items import Link
from spiders.discovery import feed, json_list, section, sitemap
from spiders.page import Page

_XML_ROOT = re.compile(r"<(?!\?|!--|!DOCTYPE)(?:[\w.-]+:)?([A-Za-z]+)", re.IGNORECASE)


def links(page: Page) -> list[Link]:
    """Links of a listing of any kind, told by what the bytes are, not by how they are labelled: a JSON list, a feed,
    a sitemap, else a section page. A malformed one gives the links that could be read, none in the worst case."""
    start = page.text.lstrip()[:2000]
    if start.startswith(("{", "[", "(")) or re.match(r"\w+\s*\(\s*[{\[]", start):
        return json_list.links(page)
    root = _XML_ROOT.search(start)
    name = root.group(1).lower() if root else ""
    if name in ("rss", "feed", "rdf"):
        return feed.links(page)
    if name in ("urlset", "sitemapindex"):
        return sitemap.links(page)
    return section.links(page)
