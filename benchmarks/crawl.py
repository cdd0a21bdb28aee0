"""Crawling a local site of 60-100 KB pages: Dateline's whole path against bare Scrapy, in turn, in one run.

Bare Scrapy downloads and decompresses the same pages and parses nothing; it is the floor. CPU time is the crawling
process's own, between the spider's opening and its closing; the server runs in another process.

    python benchmarks/crawl.py [--pages 1000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
QUIET = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
    "ROBOTSTXT_OBEY": False,
    "LOG_LEVEL": "ERROR",
    "RETRY_ENABLED": False,
}


def bare(pages: int) -> dict[str, Any]:
    """Scrapy with its defaults, and no callback work."""
    from scrapy import Request, Spider

    from benchmarks.local_site import address

    class Bare(Spider):
        name = "bare"

        async def start(self) -> Any:
            for number in range(pages):
                yield Request(address(number))

        def parse(self, response: Any) -> None:
            pass

    return _run(Bare, QUIET)


def dateline(pages: int) -> dict[str, Any]:
    """The whole path: discovery, WARC, extract, normalise, store, index."""
    from scrapy.utils.project import get_project_settings

    from spiders.outlets.xinhua import Xinhua

    class Local(Xinhua):
        lists = ("http://www.news.cn/fortune/ds_0.json",)

    settings = get_project_settings().copy_to_dict() | QUIET | {"REQUEST_BUDGET": pages + 10}
    return _run(Local, settings)


def _run(spider: Any, settings: dict[str, Any]) -> dict[str, Any]:
    from scrapy import signals
    from scrapy.crawler import AsyncCrawlerProcess

    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(spider)
    clock: dict[str, float] = {}

    def opened() -> None:
        clock["cpu"], clock["wall"] = -time.process_time(), -time.monotonic()

    crawler.signals.connect(opened, signal=signals.spider_opened)
    process.crawl(crawler)
    process.start()
    clock["cpu"] += time.process_time()
    clock["wall"] += time.monotonic()
    stats = crawler.stats.get_stats() if crawler.stats else {}
    return {
        "cpu": clock["cpu"],
        "wall": clock["wall"],
        "responses": stats.get("downloader/response_count", 0),
        "reports": stats.get("dateline/new_reports"),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _in_a_process(what: str, pages: int, port: int, folder: Path) -> dict[str, Any]:
    environment = os.environ | {
        "http_proxy": f"http://127.0.0.1:{port}",
        "PYTHONPATH": str(PROJECT),
        "DATELINE_ARCHIVE": str(folder / "archive.db"),
        "DATELINE_CAPTURES": str(folder / "captures"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling our modules anew is not what is measured
    command = [sys.executable, __file__, "--child", what, "--pages", str(pages)]
    done = subprocess.run(command, env=environment, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--pages", type=int, default=1000)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--child", choices=["bare", "dateline"], help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.child:
        print(json.dumps(bare(options.pages) if options.child == "bare" else dateline(options.pages)))
        return
    site = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.local_site", str(options.pages)],
        cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert site.stdout and site.stdin
    port = int(site.stdout.readline())
    rates: dict[str, list[float]] = {"bare": [], "dateline": []}
    peak = 0.0
    try:
        for _ in range(options.rounds):
            for what in rates:
                with tempfile.TemporaryDirectory() as folder:
                    result = _in_a_process(what, options.pages, port, Path(folder))
                if what == "dateline" and result["reports"] != options.pages:
                    raise SystemExit(
                        f"only {result['reports']} of {options.pages} reports arrived: nothing was measured"
                    )
                peak = max(peak, result["megabytes"]) if what == "dateline" else peak
                rates[what].append(options.pages / result["cpu"])
                print(f"{what:>9}: {options.pages / result['cpu']:7.1f} pages per CPU second, {result['wall']:.1f} s")
    finally:
        site.stdin.close()
        site.wait(10)
    medians = {what: statistics.median(values) for what, values in rates.items()}
    ratios = [ours / floor for ours, floor in zip(rates["dateline"], rates["bare"], strict=True)]
    print(
        f"Dateline {medians['dateline']:.0f}, bare Scrapy {medians['bare']:.0f} pages per CPU second "
        f"(median of {options.rounds}); ratio {statistics.median(ratios):.2f}; peak memory {peak:.0f} MB"
    )


if __name__ == "__main__":
    sys.path.insert(0, str(PROJECT))
    main()
