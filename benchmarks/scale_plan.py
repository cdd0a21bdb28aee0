"""The arithmetic of docs/scale.md: from what one report costs to what many millions do.

Everything is a product of what was measured and what is planned: nothing here knows how a larger archive behaves.
"""

from __future__ import annotations

from dataclasses import dataclass

_DAY = 86_400
_PART = 16 * 1024 * 1024  # archive/s3.py sends large files in such parts
_READ = 8 * 1024 * 1024  # and reads whole ones in requests of this size
_CRAWL_MS = 9.3  # of CPU a page: 107 pages a CPU second (docs/benchmarks.md)


@dataclass(frozen=True, slots=True)
class Costs:
    """What benchmarks/scale.py measures: CPU in milliseconds, the rest in bytes; of a report if nothing else is said.

    `look_ms` and `look_bytes` are of a capture that finds a report as it was. `published` holds the first look.
    """

    measured_at: int  # reports in the archive
    warc: float  # a capture
    segment: float  # a capture
    read_ms: float  # a capture
    merge_ms: float
    look_ms: float
    link_ms: float
    rows: float
    words: float
    look_bytes: float
    sketches: float
    linked: float
    publish_ms: float
    published: float
    published_index: float
    front_ms: float  # a request
    search_ms: float  # a request
    report_ms: float  # a request


@dataclass(frozen=True, slots=True)
class Plan:
    """What an archive is to hold, and with what it is made and read."""

    outlets: int = 400
    reports: int = 50_000_000
    warc_tb: float = 10.0
    years: float = 20.0
    workers: int = 32  # processes that read
    budget: int = 2_000  # requests to an outlet a day
    requests: float = 50.0  # of readers a second: a tenth front pages, half searches, the rest reports
    link_ms: float = 0.0  # of CPU where a day has so many reports (benchmarks/link.py --years); 0: as was measured
    file_gb: float = 1.0  # of a WARC file: WARC_MAX_BYTES; crawls that end earlier make smaller ones


@dataclass(frozen=True, slots=True)
class Prices:
    """In any currency. The standards are round numbers of the kind that S3 asks; look up your own."""

    gb_month: float = 0.023
    thousand_puts: float = 0.005
    thousand_gets: float = 0.0004
    gb_out: float = 0.09


def table(costs: Costs, plan: Plan, prices: Prices) -> str:
    """The plan as a table in Markdown: what, how it is calculated, how much."""
    rows = [("", "calculation", "result"), ("---", "---", "---"), *_rows(costs, plan, prices)]
    title = f"{plan.outlets:,} outlets, {plan.reports:,} reports, {plan.warc_tb:g} TB of WARC, {plan.years:g} years\n\n"
    return title + "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _rows(costs: Costs, plan: Plan, prices: Prices) -> list[tuple[str, str, str]]:
    reports = plan.reports
    captures = max(reports, plan.warc_tb * 1e12 / costs.warc)
    looks = captures - reports
    once = costs.rows + costs.words + costs.sketches + costs.linked
    archive = reports * once + captures * costs.look_bytes
    public = reports * costs.published + looks * costs.look_bytes
    index = reports * costs.published_index
    publishing = costs.publish_ms / (costs.published + costs.published_index)  # a byte that is written
    reading = captures * costs.read_ms / 1000
    merging = (reports * costs.merge_ms + looks * costs.look_ms) / 1000
    link_ms = plan.link_ms or costs.link_ms
    linking = reports * link_ms / 1000
    a_day = reports / plan.years / 365.25
    asked = plan.outlets * plan.budget
    served = plan.requests * (0.1 * costs.front_ms + 0.5 * costs.search_ms + 0.4 * costs.report_ms) / 1000
    files = plan.warc_tb * 1000 / plan.file_gb
    puts = plan.warc_tb * 1e12 / _PART + 3 * files
    gets = plan.warc_tb * 1e12 / _READ + 2 * files
    return [
        ("captures", f"{plan.warc_tb:g} TB / {costs.warc:,.0f} bytes", f"{captures / 1e6:,.0f} million"),
        (
            "archive.db",
            f"{_millions(reports)} × ({costs.rows:,.0f} rows + {costs.words:,.0f} index + {costs.sketches:,.0f} "
            f"sketches + {costs.linked:,.0f} statements and links) + {_millions(captures)} × {costs.look_bytes:,.0f}",
            _bytes(archive),
        ),
        ("of it the search index", f"{_millions(reports)} × {costs.words:,.0f}", _bytes(reports * costs.words)),
        ("of it captures and readings", f"{_millions(captures)} × {costs.look_bytes:,.0f}",
         _bytes(captures * costs.look_bytes)),
        ("the published file and its index",
         f"{_millions(reports)} × ({costs.published:,.0f} + {costs.published_index:,.0f}) + {_millions(looks)} × "
         f"{costs.look_bytes:,.0f}", f"{_bytes(public)} + {_bytes(index)}"),
        ("disk of the archive's machine", "archive.db, two editions and one being made, with its index twice",
         _bytes(archive + 3 * public + 4 * index)),
        ("segments, while they wait", f"{_millions(captures)} × {costs.segment:,.0f}",
         _bytes(captures * costs.segment)),
        ("all read again: reading", f"{_millions(captures)} × {costs.read_ms:.1f} ms / {plan.workers} workers",
         _time(reading / plan.workers)),
        ("all read again: merging, one process",
         f"{_millions(reports)} × {costs.merge_ms:.1f} ms + {_millions(looks)} × {costs.look_ms:.1f} ms",
         _time(merging)),
        ("all linked anew, one process", f"{_millions(reports)} × {link_ms:.0f} ms", _time(linking)),
        ("publishing, one process", f"{_bytes(public + index)} × {publishing * 1e6:.1f} ms a MB",
         _time((public + index) * publishing / 1000)),
        (f"a day's {a_day:,.0f} reports: merging and linking",
         f"× ({costs.merge_ms:.1f} + {link_ms:.0f} ms)", _time(a_day * (costs.merge_ms + link_ms) / 1000)),
        (f"a day's crawl, {plan.outlets} × {plan.budget:,} requests", f"{_millions(asked)} × {_CRAWL_MS} ms",
         f"{_time(asked * _CRAWL_MS / 1000)}: {asked * _CRAWL_MS / 1000 / _DAY:.2f} of a core"),
        (f"serving {plan.requests:g} requests a second",
         f"× (0.1 × {costs.front_ms:.0f} + 0.5 × {costs.search_ms:.0f} + 0.4 × {costs.report_ms:.0f} ms)",
         f"{served:.1f} cores"),
        ("S3: keeping", f"{plan.warc_tb * 1000:,.0f} GB × {prices.gb_month:g}",
         f"{plan.warc_tb * 1000 * prices.gb_month:,.0f} a month"),
        ("S3: writing it, once", f"{_millions(puts)} PUT × {prices.thousand_puts:g} / 1000",
         f"{puts / 1000 * prices.thousand_puts:,.0f}"),
        ("S3: reading it all, in its region", f"{_millions(gets)} GET × {prices.thousand_gets:g} / 1000",
         f"{gets / 1000 * prices.thousand_gets:,.2f}"),
        ("S3: reading it all from elsewhere", f"{plan.warc_tb * 1000:,.0f} GB × {prices.gb_out:g}",
         f"{plan.warc_tb * 1000 * prices.gb_out:,.0f}"),
    ]  # fmt: skip


def _millions(number: float) -> str:
    return f"{number / 1e6:,.0f} M" if number >= 1e7 else f"{number / 1e6:,.1f} M"


def _bytes(number: float) -> str:
    return f"{number / 1e12:,.1f} TB" if number >= 1e12 else f"{number / 1e9:,.0f} GB"


def _time(seconds: float) -> str:
    for size, unit in ((_DAY, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds:,.0f} seconds"
