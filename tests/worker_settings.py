"""settings.py for tests of several workers (SCRAPY_SETTINGS_MODULE=worker_settings): their outlets, and short leases."""

from __future__ import annotations

import os

from settings import *  # noqa: F403
from settings import EXTENSIONS

SPIDER_MODULES = ["worker_outlets"]
DOWNLOADER = "worker_outlets.TellsTurns"
DOWNLOAD_DELAY = float(os.environ.get("TEST_DELAY", "0.2"))
DOWNLOAD_DELAY_JITTER = 0.0
CONCURRENT_REQUESTS_PER_DOMAIN = 1
AUTOTHROTTLE_ENABLED = False
RETRY_TIMES = 0
LEASE_MINUTES = float(os.environ.get("TEST_LEASE", "12")) / 60
LEASE_CLOCKS = 0.5
COMMIT_EVERY = 3
if os.environ.get("TEST_SIGNAL"):
    EXTENSIONS["worker_outlets.SignalWhileOpening"] = 0
