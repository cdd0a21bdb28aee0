"""`dateline outlets`: who can be crawled."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table
from scrapy.utils.project import get_project_settings

from pipelines.registry import descriptions
from pipelines.registry import outlets as known_outlets


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for machines.")
def outlets(as_json: bool) -> None:
    """List the outlets that Dateline knows.

    \b
    Example:
      dateline outlets
    """
    settings = get_project_settings()
    known = known_outlets(settings)
    if as_json:
        click.echo(json.dumps(descriptions(known, settings), ensure_ascii=False, indent=2))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1, 1, 0))
    for column in ("id", "name", "kind", "languages", "crawl", "hosts"):
        table.add_column(column, no_wrap=column != "hosts", overflow="fold")
    for outlet in known.values():
        table.add_row(
            outlet.name,
            "\n".join(dict.fromkeys((outlet.title_en, outlet.title_local))),
            f"{outlet.outlet_kind}\n{outlet.control}",
            "\n".join(outlet.languages),
            f"{len(outlet.layouts)} layouts\n"
            f"every {outlet.every or settings['LISTS_EVERY']} min\n"
            f"{outlet.budget or settings['REQUEST_BUDGET']:,} a day",
            "\n".join(domain.host for domain in outlet.domains),
        )
    Console().print(table)
