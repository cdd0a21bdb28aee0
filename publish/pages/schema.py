"""/schema: the tables and what they mean, how ids are read, and SQL to copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from publish.descriptions import columns_in, described
from publish.room import DATABASE, may_query, read, show


@dataclass(frozen=True, slots=True)
class Example:
    """SQL to copy, which tests run."""

    id: str
    title: str
    sql: str


# What SQL may call besides SQLite's own (archive.search.register).
FUNCTIONS = {
    "fts_query(words)": (
        "What is typed into the search box → an expression for match: fts_query('公安部 year:2012'). Never an error."
    ),
    "snippet_of(text, words)": (
        "A line of the text around what was found, marked: in HTML highlighted, in JSON and CSV between **."
    ),
    "no_longer(earlier, latest)": "The sentences of the earlier text that the latest does not hold, one a line.",
    "segment(text)": "The text as the full-text index holds it: characters folded, Chinese in overlapping pairs.",
    "han_characters(text)": "The distinct Chinese characters of a text: what the index of single characters holds.",
    "facet_tokens(outlet, language, kind, state, id)": (
        "The words in the index for what a report is. fts_query('outlet:xinhua') makes them by itself."
    ),
}

EXAMPLES = (
    Example(
        "newest",
        "The newest reports",
        """select id, published_at, outlet, title, state, versions
from reports
order by id desc
limit 10""",
    ),
    Example(
        "span",
        "Reports of a span of time: a range of ids, which needs no index",
        """select id, outlet, title
from reports
where id between 2012072500000000 and 2012072699999999  -- 25 and 26 July 2012
order by id""",
    ),
    Example(
        "search",
        "Full-text search, newest first, with the place where the words stand",
        """select reports.id as report, reports.published_at, reports.outlet, reports.title,
  snippet_of(versions.body, '警方 OR police') as snippet
from reports_fts
join reports on reports.id = reports_fts.rowid
join versions on versions.report = reports.id and versions.number = reports.versions
where reports_fts match fts_query('警方 OR police')
order by reports_fts.rowid desc
limit 20""",
    ),
    Example(
        "story",
        "From a report to its wordings, and to the capture that proves each",
        """select reports.id as report, versions.number, versions.seen_at, versions.title,
  captures.status, captures.payload_sha256, captures.warc, captures.offset, captures.id as capture
from reports
join versions on versions.report = reports.id
join captures on captures.id = versions.capture
where reports.id in (select report from versions where number > 1 order by seen_at desc limit 5)
order by reports.id desc, versions.number""",
    ),
    Example(
        "share",
        "How often a word stands in an outlet's reports, among all that are held, year by year",
        """with hits as (
  select rowid / 1000000000000 as year, count(*) as reports
  from reports_fts
  where reports_fts match fts_query('police outlet:xinhua')
  group by year
)
select hits.year, hits.reports, sum(holdings_months.reports) as held,
  round(100.0 * hits.reports / sum(holdings_months.reports), 1) as percent
from hits
join holdings_months on holdings_months.month / 100 = hits.year and holdings_months.outlet = 'xinhua'
group by hits.year
order by hits.year""",
    ),
    Example(
        "kinds",
        "State media and secondary coverage, side by side",
        """select month / 100 as year, sum(reports) filter (where kind = 'state') as state,
  sum(reports) filter (where kind = 'secondary') as secondary
from holdings_months
join outlets on outlets.id = holdings_months.outlet
group by year
order by year desc""",
    ),
    Example(
        "repeats",
        "Secondary outlets that name Xinhua in their text",
        """select reports.id as report, reports.outlet, reports.title
from reports_fts
join reports on reports.id = reports_fts.rowid
where reports_fts match fts_query('(Xinhua OR 新华社) kind:secondary')
order by reports_fts.rowid desc
limit 20""",
    ),
    Example(
        "looks",
        "How the looks at a day's addresses ended; a capture's id is its time",
        """select captures.outlet, outcome, count(*) as captures,
  datetime(min(captures.id) / 1000000, 'unixepoch') as first,
  datetime(max(captures.id) / 1000000, 'unixepoch') as last
from captures
where captures.id > (select max(id) from captures) - 86400 * 1000000
group by captures.outlet, outcome
order by captures.outlet, captures desc""",
    ),
    Example(
        "crawl",
        "What the last crawl asked for and did not get",
        """select url, attempts, status, outcome, reason
from fetches
where crawl = (select max(id) from crawls) and outcome not in ('report', 'listing', 'unchanged')
order by outcome, url""",
    ),
)


async def view(datasette: Any, request: Any) -> Any:
    tables = await described(datasette, await read(datasette, columns_in))
    is_open = await may_query(datasette, request)
    query = "" if hasattr(datasette, "get_canned_queries") else "/-/query"  # where 0.65 and 1.0 take SQL

    def run(sql: str) -> str:
        return str(datasette.urls.path(f"/{DATABASE}{query}?{urlencode({'sql': sql})}"))

    return await show(
        datasette,
        request,
        "schema",
        tables=tables,
        functions=FUNCTIONS,
        examples=[(example, run(example.sql)) for example in EXAMPLES],
        is_open=is_open,
    )
