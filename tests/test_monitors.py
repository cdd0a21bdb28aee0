"""The checks that close a crawl: what fails them, what a small crawl may do, and where their findings go."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from conftest import Place
from scrapy.statscollectors import MemoryStatsCollector
from spidermon.runners import MonitorRunner

from extensions.monitors import CloseOfCrawl, failures


def closed(left_over: int = 0, **counts: Any) -> list[str]:
    """What the checks find at the end of a crawl with these stats; `report=3` is three captures that ended as one."""
    crawler = SimpleNamespace(settings={}, stats=SimpleNamespace())
    crawler.stats = MemoryStatsCollector(SimpleNamespace(settings=SimpleNamespace(getbool=lambda _: False)))
    left = [SimpleNamespace(url=f"https://a.example/{number}") for number in range(left_over)]
    writer = SimpleNamespace(left_over=lambda name: left)
    crawler.get_extension = lambda _: SimpleNamespace(writer=writer)
    stats = {"finish_reason": "finished"} | {
        name if name == "finish_reason" else f"dateline/{name.replace('_', '-')}": value
        for name, value in counts.items()
    }
    stats = {name.replace("left-for-later", "left_for_later"): value for name, value in stats.items()}
    crawler.stats.set_stats(stats)
    runner = MonitorRunner()
    runner.run(CloseOfCrawl(crawler=crawler), stats=stats, crawler=crawler, spider=SimpleNamespace(name="xinhua"))
    return failures(crawler.stats.get_stats())


def test_an_ordinary_crawl_passes() -> None:
    assert closed(report=20, listing=3, unchanged=9, quarantined=1, server_error=2, missing=1) == []


def test_a_crawl_that_asked_for_nothing_fails() -> None:
    assert closed() == ["nothing was asked for: are its lists in the table checks, and due?"]


@pytest.mark.parametrize("excuse", [{"finish_reason": "shutdown"}, {"left_for_later": 3}, {"robots": 2}])
def test_one_that_could_not_ask_or_may_not_passes(excuse: dict[str, Any]) -> None:
    assert closed(**excuse) == []


def test_a_crawl_that_was_not_answered_fails_however_small() -> None:
    assert closed(failed=1) == ["none of 1 requests was answered with a page"]
    assert closed(refused=3, robots=1) == ["none of 3 requests was answered with a page"]


@pytest.mark.parametrize(("counts", "fails"), [((4, 1), False), ((5, 5), False), ((6, 5), True)])
def test_many_failures_fail_and_a_few_do_not(counts: tuple[int, int], fails: bool) -> None:
    failed, read = counts
    said = [f"{failed} of {failed + read} requests failed"]
    assert closed(server_error=failed, report=read) == (said if fails else [])


@pytest.mark.parametrize(("counts", "fails"), [((4, 0), False), ((5, 5), False), ((5, 4), True)])
def test_many_pages_in_quarantine_fail_and_a_few_do_not(counts: tuple[int, int], fails: bool) -> None:
    quarantined, read = counts
    said = [f"{quarantined} of {quarantined + read} pages and lists could not be read: see the table quarantine"]
    assert closed(quarantined=quarantined, report=read) == (said if fails else [])


def test_captures_that_were_not_read_are_counted() -> None:
    assert closed(left_over=2, report=9) == [
        "2 captures were not read, https://a.example/0 for one: the next start reads them"
    ]


def test_stats_of_a_crawl_without_checks_say_nothing() -> None:
    assert failures({}) == []


def test_a_crawl_runs_them_and_says_so_in_its_log(place: Place) -> None:
    assert place.crawl("tnw").returncode == 0
    log = (place.folder / "archive.log").read_text("utf-8")
    assert "[Spidermon] Pages/test_every_capture_was_read... OK" in log
    assert "monitors_failed" not in log
