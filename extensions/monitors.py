"""The checks that close a crawl, with Spidermon: did it ask, was it answered, could the pages be read.

They judge by absolute numbers as well as by shares, since a crawl of three pages proves nothing; what is unusual for an
outlet over weeks is for archive/alarms.py. The exit code is not Spidermon's: commands/crawl.py and commands/due.py ask
`failures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spidermon import Monitor, MonitorResult, MonitorSuite

from archive.coverage import ANSWERS
from extensions.captures import RecordCaptures
from items import FAILED

FAILED_STAT = "dateline/monitors_failed"
SHARE = 0.5  # of what a crawl asked for, and at least so many:
FEWEST = 5


class _OfCrawl(Monitor):  # type: ignore[misc]  # Spidermon has no types
    """What every check asks: how many captures ended in which way (pipelines/store.py counts them)."""

    def count(self, *outcomes: str) -> int:
        stats: Mapping[str, Any] = self.data.stats
        return sum(int(stats.get(f"dateline/{outcome}", 0)) for outcome in outcomes)

    @property
    def captures(self) -> int:
        return self.count(*ANSWERS, *FAILED, "robots")

    @property
    def was_stopped(self) -> bool:
        """By a signal, or since its time or its budget was used up: then it may have asked for nothing yet."""
        stats: Mapping[str, Any] = self.data.stats
        return stats.get("finish_reason") != "finished" or int(stats.get("dateline/left_for_later", 0)) > 0


class Requests(_OfCrawl):
    """A crawl without a request is a fault of ours, and ends without an error."""

    def test_it_asked_for_something(self) -> None:
        resumed = self.data.crawler.settings.get("CRAWL_RESUMED")  # the other one may have asked for all of it
        if not self.captures and not self.was_stopped and not resumed:
            self.fail("nothing was asked for: are its lists in the table checks, and due?")


class Answers(_OfCrawl):
    """What came back."""

    def test_it_was_answered(self) -> None:
        failed = self.count(*FAILED)
        if failed and not self.count(*ANSWERS):
            self.fail(f"none of {failed} requests was answered with a page")

    def test_few_requests_failed(self) -> None:
        failed, captures = self.count(*FAILED), self.captures
        if self.count(*ANSWERS) and failed >= FEWEST and failed > SHARE * captures:
            self.fail(f"{failed} of {captures} requests failed")


class Pages(_OfCrawl):
    """What was made of it."""

    def test_few_pages_were_quarantined(self) -> None:
        quarantined, read = self.count("quarantined"), self.count("report", "listing")
        if quarantined >= FEWEST and quarantined > SHARE * (quarantined + read):
            self.fail(
                f"{quarantined} of {quarantined + read} pages and lists could not be read: see the table quarantine"
            )

    def test_every_capture_was_read(self) -> None:
        recorder = self.data.crawler.get_extension(RecordCaptures)
        left = recorder.writer.left_over(self.data.spider.name) if recorder else []
        if left:
            self.fail(f"{len(left)} captures were not read, {left[0].url} for one: the next start reads them")


class CloseOfCrawl(MonitorSuite):  # type: ignore[misc]
    """Run by Spidermon when a spider closes; what failed is kept in the crawl's stats."""

    monitors = [Requests, Answers, Pages]

    def on_monitors_failed(self, result: MonitorResult) -> None:
        self._crawler.stats.set_value(
            FAILED_STAT,
            [f"{item.item.method_name}: {item.reason or item.error}" for item in result.monitors_failed_results],
        )


def failures(stats: Mapping[str, Any]) -> list[str]:
    """What the checks of a crawl's close found, a sentence each, from the crawl's stats; none when all is well."""
    return [str(each).partition(": ")[2] for each in stats.get(FAILED_STAT, [])]
