"""settings.py for the year of the sample newsroom: SCRAPY_SETTINGS_MODULE=samples.year.settings.

Nobody waits for a server that is our own. A report's first week has fewer looks than in settings.py: with that ladder
the year takes three times as long.
"""

from __future__ import annotations

from settings import *  # noqa: F403 - all that is not said here is as in settings.py

SPIDER_MODULES = ["samples.year.outlets"]
REVISIT_LADDER = [(24, 4), *REVISIT_LADDER[3:]]  # noqa: F405
DOWNLOAD_DELAY = 0.0
AUTOTHROTTLE_ENABLED = False
CRAWL_DELAY_MAX = 0.0
RETRY_TIMES = 1
RETRY_BACKOFF = 0.0
CONCURRENT_REQUESTS_PER_DOMAIN = 1
LOG_LEVEL = "WARNING"
