"""`dateline backfill --plan` and `--run`: what to fetch, as a table, and fetching it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace

import click
from rich.console import Console
from rich.table import Table
from scrapy.settings import Settings

from archive import clock
from archive.writer import Writer
from backfill import plan as planning
from backfill.plan import Fetch, Item, Plan
from backfill.run import Tally
from commands import crawling
from commands.link import link_after
from grammar.press import Press

SHOWN = 30  # items of the table; --json has all
NOTHING = "Nothing to fetch: every citation that could be found by fetching has been looked for."


def make(connection: sqlite3.Connection, outlets: Iterable[str], vias: Iterable[str]) -> Plan:
    """The plan of an archive as it stands; for all outlets and sources where none is named."""
    titles = {outlet.id: outlet.title for outlet in Press().outlets.values()}
    return planning.make(connection, clock.now().date(), tuple(outlets), tuple(vias) or planning.VIAS, titles)


def show(plan: Plan, as_json: bool) -> None:
    """Print a plan."""
    if as_json:
        click.echo(json.dumps(plan.as_data(), ensure_ascii=False, indent=2))
        return
    console = Console()
    if not plan.items:
        console.print(NOTHING)
    else:
        console.print(_table(plan.items[:SHOWN]))
    if len(plan.items) > SHOWN:
        rest = plan.items[SHOWN:]
        requests = sum(item.requests for item in rest)
        console.print(f"… and {len(rest):,} more, about {requests:,} requests (--json lists all)", highlight=False)
    if plan.others:
        named = [f"{name} ({count:,})" for name, count in plan.others[:SHOWN]]
        more = f" and {len(plan.others) - SHOWN:,} more" if len(plan.others) > SHOWN else ""
        console.print(f"Cited, but no outlet of ours: {', '.join(named)}{more}", markup=False, highlight=False)


def _table(items: Iterable[Item]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name in ("outlet", "from", "to", "via"):
        table.add_column(name, no_wrap=True)
    for name in ("citations", "requests"):
        table.add_column(name, no_wrap=True, justify="right")
    table.add_column("why", overflow="fold")
    for item in items:
        unnamed = f" +{item.unnamed:,}" if item.unnamed else ""
        table.add_row(
            item.outlet, item.first.isoformat(), item.last.isoformat(), item.via, f"{item.citations:,}{unnamed}",
            f"{item.requests:,}", item.why,
        )  # fmt: skip
    return table


def run(
    writer: Writer,
    settings: Settings,
    plan: Plan,
    budget: int,
    fetch: Fetch,
    report: Callable[[Tally, str], int],
) -> int:
    """Do a plan, link what came, and say how many citations it found; returns the exit code. Without a budget (0) no
    hole is filled that nothing is cited of: that may be decades."""
    cited = [item for item in plan.items if item.citations or budget]
    left_out, plan = len(plan.items) - len(cited), replace(plan, items=cited)
    if left_out:
        click.echo(
            f"{left_out:,} items of days on which nobody looked, which nothing cites, are left out: --budget has "
            "these fetched too."
        )
    if not plan.items:
        click.echo(NOTHING)
        return crawling.SUCCESS
    before = planning.unresolved(writer.connection)
    codes = set()
    done = requests = 0
    for item, tally in planning.carry_out(plan, clock.now().date(), budget, fetch):
        click.echo(item.why)
        codes.add(report(tally, f"{item.outlet} via {item.via}, {item.first} to {item.last}"))
        done += not tally.trouble and not tally.left
        requests += tally.requests
    link_after(writer, settings)
    found = planning.resolved(writer.connection, before)
    click.echo(
        f"{done:,} of {len(plan.items):,} items are done, in {requests:,} requests. "
        f"{found:,} of {len(before):,} citations that led nowhere have been found."
    )
    if codes == {crawling.FAILURE}:
        return crawling.FAILURE
    return crawling.SUCCESS if done == len(plan.items) and codes <= {crawling.SUCCESS} else crawling.PARTIAL
