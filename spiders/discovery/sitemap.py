"""XML sitemaps, sitemap indexes and news sitemaps (news:title, news:publication_date).

Only ultimate-sitemap-parser's reading of one document is used: its tree fetches by itself, while here every request
stays with the crawl (robots.txt, delay, WARC). What an index names comes back as Links of kind listing.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from usp.tree import sitemap_from_str

from items import Link
from spiders.addresses import absolute
from spiders.page import Page

# It reports each document and, for an index, that it could not fetch the children, which it is not meant to.
logging.getLogger("usp").setLevel(logging.CRITICAL)


def links(page: Page) -> list[Link]:
    """`time` is the news date, else the last modification, UTC; a date without a zone is taken as UTC."""
    sitemap = sitemap_from_str(page.text.lstrip())
    found = [Link(absolute(page.url, each.url), kind="listing") for each in sitemap.sub_sitemaps]
    for entry in sitemap.pages:
        story = entry.news_story
        title = " ".join(story.title.split()) if story and story.title else ""
        time = story.publish_date if story and story.publish_date else entry.last_modified
        found.append(Link(absolute(page.url, entry.url), title, _utc(time)))
    return [link for link in found if link.url]


def _utc(time: datetime | None) -> datetime | None:
    if time is None:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
