"""Every knob of Dateline, in one place. Scrapy reads this file too (scrapy.cfg names it).

Paths can be moved by environment: DATELINE_ARCHIVE (the database) and DATELINE_CAPTURES (the WARC folder).
"""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parent

# Where things are kept. The captures are the evidence; the archive is an index made from them.
ARCHIVE = Path(os.environ.get("DATELINE_ARCHIVE", PROJECT / "archive.db"))
# A folder, or s3://bucket/prefix (docs/captures.md).
_captures = os.environ.get("DATELINE_CAPTURES") or str(ARCHIVE.parent / "captures")
CAPTURES = _captures if _captures.startswith("s3://") else Path(_captures)
KEEP_SEGMENTS = False  # of WARC files that were read aside: they are made again when they are needed (docs/scale.md)
WARC_MAX_BYTES = 1_000_000_000  # a file of captures is closed at this size, and at midnight UTC
COMMIT_EVERY = 100  # captures per transaction: 6 % of a crawl's time; one by one they would stall it
COMMIT_SECONDS = 10.0  # or after this time, so that readers see a slow crawl's reports

BOT_NAME = "dateline"
SPIDER_MODULES = ["spiders.outlets"]

# Who asks. Change the address to one that reaches you before you crawl: a publisher must be able to answer.
USER_AGENT = "Dateline/0.1 (archive of record; contact: archive@dateline.example)"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "Dateline"

# How politely. An outlet is one download slot whatever its hosts; AutoThrottle slows down with the server.
DOWNLOAD_DELAY = 1.0  # seconds between two requests to one outlet
CONCURRENT_REQUESTS_PER_DOMAIN = 2
CONCURRENT_REQUESTS = (
    4  # of an outlet: more would wait their turn, and a run that is stopped finishes what it has begun
)
CRAWL_DELAY_MAX = 60.0  # seconds: the longest robots.txt Crawl-delay that is believed
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 60.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
REQUEST_BUDGET = (
    2_000  # requests to an outlet in any 24 hours, robots.txt and retries too; what is left waits in `checks`
)
CONCURRENT_ITEMS = 1  # the pipelines never wait; Scrapy starts this many tasks for each response
RETRY_TIMES = 2
RETRY_BACKOFF = 5.0  # seconds before the first retry, doubled for each further one
RETRY_BACKOFF_MAX = 300.0  # also the longest Retry-After that is waited for
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 64 * 1024 * 1024  # bytes, before and after decompression: no report is near it
REDIRECT_MAX_TIMES = 5

# Scheduled crawls (`dateline due`). An outlet's `every` and `budget` take the place of the first and of REQUEST_BUDGET.
LISTS_EVERY = 60  # minutes between two readings of an outlet's lists
OUTLETS_AT_ONCE = 16  # outlets that one process crawls side by side
RUN_MINUTES = 30  # after which a run ends; what is left is due in the next one
LINK_SECONDS = 300  # at the end of a crawl or run, for reading what reports state and linking them; 0: no limit
SCHEDULE_EVERY = 10  # minutes between two runs, for `dateline schedule`
ROBOTS_HOURS = 24  # for which a robots.txt serves
OUTAGE_AFTER = 8  # requests that fail one after another end an outlet's crawl: it is out of order, or turns us away

# When a known report is looked at again: (time since its last change, time until the next look), in hours. NewsDiffs'
# ladder, then weeks and months.
REVISIT_LADDER = [
    (3, 0.25),
    (24, 0.5),
    (7 * 24, 2),
    (30 * 24, 24),
    (90 * 24, 7 * 24),
    (365 * 24, 30 * 24),
    (3 * 365 * 24, 90 * 24),
]
REVISIT_LAST = 365 * 24  # hours, beyond the ladder
TAKEDOWN_CONFIRM_AFTER = 72  # hours for which a report must have been missing before it is called gone

# Crawling by several workers (docs/workers.md).
LEASE_MINUTES = 10  # for which a worker holds an outlet; renewed every third of it
LEASE_CLOCKS = 60  # seconds by which the workers' clocks may differ

# Web archives (`dateline backfill`): where one lists what it has (CDX API), and where it gives it as captured.
WAYBACK_CDX = (
    "https://web.archive.org/cdx/search/cdx"
    "?filter=!mimetype:(image|audio|video|font)/.*|text/css|.*(javascript|flash).*"
)
WAYBACK_REPLAY = "https://web.archive.org/web/{timestamp}id_/{url}"
BACKFILL_DELAY = 1.0  # seconds between two requests to a web archive
BACKFILL_LIST_DELAY = 3.0  # between two lists: the Internet Archive's maintainers ask for at most 24 a minute
BACKFILL_TIMEOUT = 60
BACKFILL_RETRIES = 3  # of one request
BACKFILL_BACKOFF = 60.0  # seconds after a failure, doubled for each further one in a row; who goes on is blocked
BACKFILL_BACKOFF_MAX = 1800.0  # also the longest Retry-After that is waited for
BACKFILL_GIVE_UP = 8  # failures in a row that end a backfill
COMMON_CRAWL = "https://data.commoncrawl.org/"  # or a mirror: a folder, file://, s3://
COMMON_CRAWL_INDEX = "https://index.commoncrawl.org/"
COMMON_CRAWL_INDEX_DELAY = 2.0  # seconds: one server answers for all, and blocks who asks more often

# What is watched. docs/watching.md says what raises an alarm; who is told of it:
DISK_MIN_FREE = 5_000_000_000  # bytes of the disks of archive and captures, or 5 % of the disk where that is less
OUTAGE_HOURS = 3  # for which an outlet's crawls must have brought no answer
NOTIFY_COMMAND = ()  # a program and its arguments: it gets the alarms as JSON on its standard input
NOTIFY_COMMAND_SECONDS = 30  # after which it is ended
# A mail: {"host": "mail.example.org", "to": ["me@example.org"], "from": "dateline@example.org"}, and if need be "port",
# "security" (starttls, tls or none), "user", and "password_variable": the environment variable with the password.
NOTIFY_SMTP = None
SPIDERMON_ENABLED = True
SPIDERMON_SPIDER_CLOSE_MONITORS = ["extensions.monitors.CloseOfCrawl"]  # the checks at the end of each crawl

# The story of a page.
ITEM_PIPELINES = {
    "pipelines.extract.Extract": 100,
    "pipelines.normalise.Normalise": 200,
    "pipelines.store.Store": 900,
}

EXTENSIONS = {
    "extensions.captures.RecordCaptures": 10,
    "extensions.politeness.CrawlDelay": 20,
    "spidermon.contrib.scrapy.extensions.Spidermon": 30,
    "extensions.controls.ControlLooks": 30,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.feedexport.FeedExporter": None,
    "scrapy.extensions.spiderstate.SpiderState": None,
}
DOWNLOADER_MIDDLEWARES = {
    # Nearer to the engine than Retry (550), so that it sees a failure only once Retry has given up.
    "extensions.captures.RecordFailures": 540,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "extensions.redirects.OwnRedirects": 600,
    "extensions.politeness.RetryWithBackoff": 550,
    "extensions.politeness.RobotsUnavailable": 545,
    "extensions.politeness.RobotsKept": 555,
    "extensions.frontier.ConditionalGet": 560,
    # Just before decompression (590).
    "extensions.captures.DecodedOnce": 595,
    # The last one: what reaches it is sent.
    "extensions.budget.RequestBudget": 900,
}
SPIDER_MIDDLEWARES = {
    "extensions.frontier.Frontier": 450,
    # Each of these costs every response a generator: error pages are answers here, and depth says nothing.
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
}

# The lowest common denominator: brotli and zstd bodies break other WARC readers.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate",
}
HTTPERROR_ALLOW_ALL = True  # an error page is an answer, and is captured
COOKIES_ENABLED = False  # a reader without history; it would also fetch a suffix list from the network
METAREFRESH_ENABLED = False  # such a page is evidence itself
REMOTE_CONTROL_ENABLED = False  # it opens a port that runs Python
TELNETCONSOLE_ENABLED = False
MEMUSAGE_ENABLED = False
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
LOG_LEVEL = "INFO"
LOG_MAX_BYTES = 20_000_000  # of the log beside the archive; the four before it are kept
