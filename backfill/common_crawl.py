"""What Common Crawl holds of an outlet: CC-NEWS, its archive of news, and the indexes of its crawls of the web."""

from __future__ import annotations

import math
from datetime import date, timedelta

NEWS_BEGINS = date(2016, 8, 26)  # CC-NEWS-20160826124520-00000.warc.gz
BLOCK = 32 * 1024 * 1024  # bytes of a WARC file that one request asks for
# A file of CC-NEWS is closed at a gigabyte, or after a day; 51,101 of them had come by July 2026, most of late.
FILE_BYTES = 1_073_741_824
FILES_A_DAY = 20
# News is fetched when a feed or sitemap lists it: a file that begins up to a day before may still be open, and what is
# published on an evening may come some days later.
DAYS_BEFORE, DAYS_AFTER = 1, 3
# A page can stand for years, but what a crawl a year later finds is seldom the first; one crawl in a month, about.
CRAWLS_LATER = 12


def requests_of_news(first: date, last: date) -> int:
    """How many requests CC-NEWS takes for a window, about."""
    days = (last - first).days + 1 + DAYS_BEFORE + DAYS_AFTER
    return len(months(first, last)) + days * FILES_A_DAY * math.ceil(FILE_BYTES / BLOCK)


def requests_of_address(first: date, last: date) -> int:
    """How many requests one page takes, about: each index that may hold it, and the record."""
    return len(months(first, last)[: CRAWLS_LATER + 1]) + 1


def months(first: date, last: date) -> list[tuple[int, int]]:
    """(year, month) of all files that may hold news of a window."""
    begins, ends = max(first - timedelta(days=DAYS_BEFORE), NEWS_BEGINS), last + timedelta(days=DAYS_AFTER)
    numbers = range(begins.year * 12 + begins.month - 1, ends.year * 12 + ends.month)
    return [(number // 12, number % 12 + 1) for number in numbers]
