"""What a running crawl shows: one live line an outlet, and the counts for the summary at its end."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from rich.console import Console
from rich.live import Live
from rich.text import Text
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from extensions.monitors import failures
from items import FAILED, Capture


@dataclass
class Tally:
    """Counts of one outlet's crawl: captures by outcome, and what the frontier refused."""

    began: float = field(default_factory=time.monotonic)
    captures: int = 0
    ends: dict[str, str] = field(default_factory=dict)  # address → outcome of its last capture: a retry can heal
    answers: int = 0  # responses of any status
    first_failure: tuple[str, str] = ("", "no request was made")
    reasons: dict[str, str] = field(default_factory=dict)  # address → why its last capture is no page
    crashed: str = ""
    outage: str = ""  # why the crawl was ended: nothing but failures came
    stopped: bool = False  # by a signal
    out_of_time: bool = False
    stats: StatsCollector | None = None

    def stat(self, name: str) -> int:
        """One of the crawl's own counts: new_reports, changed_reports, known, left_for_later."""
        return int(self.stats.get_value(f"dateline/{name}", 0)) if self.stats else 0

    @property
    def clock_offset(self) -> float | None:
        """Seconds by which the outlet's servers were ahead of this machine's clock."""
        found = self.stats.get_value("dateline/clock_offset") if self.stats else None
        return None if found is None else float(found)

    @property
    def monitors_failed(self) -> list[str]:
        """What the checks at the crawl's close found, a sentence each."""
        return failures(self.stats.get_stats()) if self.stats else []

    def count(self, capture: Capture) -> None:
        self.captures += 1
        self.ends[capture.url] = capture.outcome
        if capture.status is None and not self.first_failure[0]:
            self.first_failure = (
                urlsplit(capture.url).hostname or capture.url,
                capture.error or capture.reason,
            )
        self.reasons[capture.url] = capture.reason

    @property
    def outcomes(self) -> Counter[str]:
        return Counter(self.ends.values())

    @property
    def failed(self) -> int:
        return sum(self.outcomes[name] for name in FAILED)

    @property
    def spent(self) -> bool:
        """Whether nothing was asked for because the outlet's budget of requests was used up before."""
        return not self.captures and self.stat("left_for_later") > 0

    @property
    def nothing_left(self) -> bool:
        """Whether nothing was asked for because the crawl that this one went on with had asked for all of it."""
        return not self.captures and not self.spent and self.stat("known") > 0

    @property
    def unreached(self) -> bool:
        """Whether requests were made, or could have been, and none was answered: no trouble of our own."""
        return not self.answers and (
            bool(self.first_failure[0]) or not (self.crashed or self.spent or self.nothing_left)
        )

    def reasons_of(self, *outcomes: str) -> list[str]:
        """Why addresses ended so; each names its address."""
        return [self.reasons[url] or url for url, outcome in self.ends.items() if outcome in outcomes]

    def row(self) -> list[int]:
        """Figures in the order of the summary's columns."""
        outcomes = self.outcomes
        return [
            self.captures,
            self.stat("new_reports"),
            self.stat("changed_reports"),
            self.stat("known"),
            outcomes["unchanged"],
            outcomes["quarantined"],
            outcomes["missing"],
            self.failed,
            self.stat("left_for_later"),
        ]

    def line(self, name: str) -> str:
        rate = self.captures / max(time.monotonic() - self.began, 0.001)
        return (
            f"{name:<10} pages {self.captures}  new {self.stat('new_reports')}  known {self.stat('known')}  "
            f"failed {self.failed}  {rate:.1f}/s"
        )


class CrawlProgress:
    """A context manager around the crawl; draws only on a terminal."""

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = {}
        self._live = Live(
            get_renderable=self._lines, console=Console(stderr=True), transient=True, refresh_per_second=4
        )

    def watch(self, name: str, crawler: Crawler) -> None:
        tally = self.tallies[name] = Tally()

        def scraped(item: Any) -> None:
            tally.stats = crawler.stats
            if isinstance(item, Capture):
                tally.count(item)

        def answered() -> None:  # what arrives while a crawl ends is not scraped any more
            tally.answers += 1

        def closed(reason: str) -> None:
            tally.stats = crawler.stats
            tally.stopped = reason == "shutdown"
            tally.out_of_time = reason == "closespider_timeout"
            if reason.startswith("outage"):
                tally.outage = reason
            elif reason not in ("finished", "shutdown", "closespider_timeout"):
                tally.crashed = f"the crawl ended early: {reason}"

        # Signals keep weak references; `weak=False` is theirs to release with the crawler.
        crawler.signals.connect(scraped, signal=signals.item_scraped, weak=False)
        crawler.signals.connect(answered, signal=signals.response_downloaded, weak=False)
        crawler.signals.connect(closed, signal=signals.spider_closed, weak=False)

    def follow(self, name: str, crawl: asyncio.Task[None]) -> None:
        """Keep why a crawl could not even begin."""

        def done(crawl: asyncio.Task[None]) -> None:
            error = None if crawl.cancelled() else crawl.exception()
            if error is not None:
                self.tallies[name].crashed = f"the crawl could not go on: {error or type(error).__name__}"

        crawl.add_done_callback(done)

    def _lines(self) -> Text:
        return Text("\n".join(tally.line(name) for name, tally in self.tallies.items()))

    def __enter__(self) -> Self:
        if self._live.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live.is_started:
            self._live.stop()
