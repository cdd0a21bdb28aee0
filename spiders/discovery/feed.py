"""RSS and Atom, read by feedparser, which survives bare ampersands and wrong encodings."""

from __future__ import annotations

from calendar import timegm
from datetime import UTC, datetime

import feedparser

from items import Link
from spiders.addresses import absolute
from spiders.page import Page


def links(page: Page) -> list[Link]:
    """One Link per entry. `time` is the entry's own date in UTC, None when it has none or an unreadable one."""
    # Decoded text, not bytes: the page's bytes have been believed over its labels already. Content is not sanitised
    # since only titles, links and dates are used.
    parsed = feedparser.parse(page.text.encode(), response_headers={"content-type": "text/xml; charset=utf-8"})
    found = []
    for entry in parsed.entries:
        address = absolute(page.url, entry.get("link") or entry.get("id") or "")
        if address:
            moment = entry.get("published_parsed") or entry.get("updated_parsed")
            time = datetime.fromtimestamp(timegm(moment), UTC) if moment else None
            found.append(Link(address, " ".join(entry.get("title", "").split()), time))
    return found
