"""`dateline read`: what Dateline makes of one saved page, without storing it."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text
from scrapy.utils.project import get_project_settings

from items import Capture, Report
from pipelines.extract import extract
from pipelines.normalise import normalise
from pipelines.registry import outlets

FIELDS = (
    "outlet",
    "layout",
    "language",
    "title",
    "published_local",
    "published_precision",
    "published_utc",
    "modified_utc",
    "source_label",
    "source_url",
    "editors",
    "authors",
    "dateline",
    "body",
    "captions",
    "keywords",
)
_GZIP = b"\x1f\x8b"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--url", required=True, help="The address that the page was saved from; it names the outlet.")
@click.option("--content-type", default="text/html", help="The Content-Type that it was served with, if known.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for machines.")
def read(file: Path, url: str, content_type: str, as_json: bool) -> None:
    """Read one saved page and show the layout that fits and every field, without storing anything.

    FILE is HTML as it was served (gzipped or not). Ends with 1 when the page holds no report that can be read, and
    says why: quarantined pages are how a new generation of pages is noticed.

    \b
    Example:
      dateline read page.html --url https://www.news.cn/world/20260915/0074c446a6e3424497388305302fd433/c.html
      dateline read page.html.gz --url http://news.xinhuanet.com/english/2016-10/25/c_135780169.htm --json
    """
    outlet = _outlet_of(url)
    capture = Capture(
        id=0,
        crawl="",
        outlet=outlet.name,
        url=url,
        at=datetime.now(UTC),
        status=200,
        headers=[("Content-Type", content_type)],
        body=_bytes_of(file),
        origin="import",
    )
    normalise(extract(capture, outlet), outlet)
    if capture.report is not None:
        _show_report(capture.report, capture, as_json)
    elif capture.outcome == "listing":
        _show_listing(capture, as_json)
    else:
        _show_refusal(capture, outlet, as_json)


def _outlet_of(url: str) -> Any:
    """The outlet that publishes at the address. Raises click.UsageError when none does."""
    known = outlets(get_project_settings())
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise click.UsageError(f"--url {url!r} is no web address: give the one that the page was saved from.")
    found = next((outlet for outlet in known.values() if outlet.owns(url)), None)
    if found is None:
        raise click.UsageError(
            f"No outlet publishes at {urlsplit(url).hostname}. Known are {', '.join(known)}; `dateline outlets` shows "
            "their domains."
        )
    return found


def _bytes_of(file: Path) -> bytes:
    """The page's bytes, unzipped. Raises click.UsageError when there are none to be had."""
    try:
        body = file.read_bytes()
        return gzip.decompress(body) if body.startswith(_GZIP) else body
    except FileNotFoundError as error:
        raise click.UsageError(f"There is no file {file}. Save the page first, as it is served.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise click.UsageError(f"{file} cannot be read: {error}. Give one saved page, gzipped or not.") from error


def _show_report(report: Report, capture: Capture, as_json: bool) -> None:
    fields = {name: value for name, value in asdict(report).items() if name in FIELDS}
    if as_json:
        click.echo(json.dumps({name: fields[name] for name in FIELDS}, ensure_ascii=False, indent=2))
        return
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name in FIELDS:
        if name != "body":
            table.add_row(name, Text(_printed(fields[name])))
    table.add_row("printed time", Text(f"{report.published_printed} (zone: {report.zone_basis})"))
    table.add_row("charset", Text(capture.charset))
    table.add_row("part", Text(f"{report.part} of {len(report.part_urls) or 1}"))
    table.add_row("report", Text(capture.report_url))
    table.add_row("body", Text(f"{len(report.body)} paragraphs, {sum(map(len, report.body)):,} characters"))
    console = Console()
    console.print(table)
    for paragraph in report.body:
        console.print()
        console.print(Text(paragraph))


def _printed(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name} {_printed(part)}" for name, part in value.items() if part)
    if isinstance(value, list):
        return "; ".join(value) or "–"
    return str(value) if value else "–"


def _show_listing(capture: Capture, as_json: bool) -> None:
    links = capture.links or []
    if as_json:
        shown = [{"url": link.url, "title": link.title, "kind": link.kind} for link in links]
        click.echo(_as_json(capture, {"links": shown}))
        return
    console = Console()
    console.print(Text(f"{capture.url} is a list of {len(links)} links, not a report:"))
    for link in links:
        console.print(Text(f"  {link.url}  {link.title}"))


def _show_refusal(capture: Capture, outlet: Any, as_json: bool) -> None:
    """Say why there is no report, on stderr, and end with 1."""
    reason = capture.reason
    if capture.outcome == "not-report":
        reason = f"{capture.url}: {reason}"
        page = outlet.page(capture)
        if fitting := [layout.name for layout in outlet.layouts if layout.fits(page)]:
            reason += f"; yet the layout {fitting[0]} fits: if it is a report, widen the outlet's report_paths"
    if as_json:
        quarantined = {"quarantined": reason} if capture.outcome == "quarantined" else {}
        click.echo(_as_json(capture, {**quarantined, "reason": reason}))
    click.echo(f"{capture.outcome}: {reason}", err=True)
    sys.exit(1)


def _as_json(capture: Capture, more: dict[str, Any]) -> str:
    common = {"outlet": capture.outlet, "url": capture.url, "outcome": capture.outcome}
    return json.dumps({**common, **more}, ensure_ascii=False, indent=2)
