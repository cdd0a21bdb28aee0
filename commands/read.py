"""`dateline read`: what Dateline makes of one saved page, without storing it."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text
from scrapy.utils.project import get_project_settings

from archive.rewritten import as_sent, copied_by
from grammar.mentions import mentions_of_page
from grammar.passage import Passage
from grammar.replays import replay
from items import BETWEEN_PARAGRAPHS, Attribution, Capture, Figure, Mention, Quote, Report
from pipelines.extract import extract
from pipelines.normalise import normalise
from pipelines.press import press_of
from pipelines.registry import outlets
from pipelines.statements import read_statements

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
# What the title and the text state, shown behind the fields.
STATED = ("figures", "attributions", "quotes", "mentions")
_GZIP = b"\x1f\x8b"


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--url", help="The address that the page was saved from; a page saved from a web archive may tell it.")
@click.option("--content-type", default="text/html", help="The Content-Type that it was served with, if known.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for machines.")
def read(file: Path, url: str | None, content_type: str, as_json: bool) -> None:
    """Read one saved page and show the layout that fits and every field, without storing anything; then what the text
    states: its figures, who states them, and which outlets it names.

    FILE is HTML as it was served (gzipped or not), or as a web archive shows it: what that has put in is taken out.
    Ends with 1 when the page holds no report that can be read, and says why: quarantined pages are how a new generation
    of pages is noticed.

    \b
    Example:
      dateline read page.html --url https://www.news.cn/world/20260915/0074c446a6e3424497388305302fd433/c.html
      dateline read page.html.gz --url http://news.xinhuanet.com/english/2016-10/25/c_135780169.htm --json
    """
    body, url = _as_sent(_bytes_of(file), url)
    outlet = _outlet_of(url)
    capture = Capture(
        id=0,
        crawl="",
        outlet=outlet.name,
        url=url,
        at=datetime.now(UTC),
        status=200,
        headers=[("Content-Type", content_type)],
        body=body,
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


def _as_sent(body: bytes, url: str | None) -> tuple[bytes, str]:
    """A page and its address, of a copy at a web archive those of the page that was copied. Raises click.UsageError
    when the address is told nowhere."""
    copy = copied_by(body)
    if url and (asked := replay(url)):
        url = asked.address
    url = url or (copy.address if copy else "")
    if not url:
        raise click.UsageError("Give the address that the page was saved from, with --url: the page does not tell it.")
    return (as_sent(body, copy.prefix, url) if copy else body), url


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
    stated = _stated(report)
    if as_json:
        shown = {name: fields[name] for name in FIELDS} | stated
        click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
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
    _show_stated(stated, console)


def _stated(report: Report) -> dict[str, list[dict[str, Any]]]:
    """What a report states, as rows for machines: `place` says of which text a span is, `sentence` is its words, and
    `attribution` and `via` count in the list of attributions."""
    settings = get_project_settings()
    press = press_of(outlets(settings), settings)
    day = date.fromisoformat(report.published_local[:10]) if report.published_local else None
    texts = {"title": report.title, "body": BETWEEN_PARAGRAPHS.join(report.body)}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in STATED}
    for place, text in texts.items():
        passage = Passage(text, report.language, day, place == "title", report.outlet)
        told = read_statements(passage, press, report.hyperlinks if place == "body" else ())
        before = len(found["attributions"])
        for name in STATED:
            found[name] += [_row(place, text, before, each) for each in getattr(told, name)]
    around = mentions_of_page(
        press,
        outlet=report.outlet,
        source_label=report.source_label,
        source_url=report.source_url,
        dateline_agency=report.dateline.agency if report.dateline else None,
        captions=report.captions,
        byline="; ".join(report.authors) or None,
    )
    found["mentions"] += [_row(mention.place, "", 0, mention) for mention in around]
    return found


def _row(place: str, text: str, before: int, stated: Figure | Attribution | Quote | Mention) -> dict[str, Any]:
    row = {"place": place, **asdict(stated)}
    for name in ("attribution", "via"):
        if row.get(name) is not None:
            row[name] += before
    for name in ("sentence", "statement"):
        if row.get(name) is not None:
            start, end = row[name]
            row[name] = text[start:end]
    if isinstance(stated, Quote):
        row = {"words": text[stated.start : stated.end], **row}
    return row


def _show_stated(stated: dict[str, list[dict[str, Any]]], console: Console) -> None:
    columns = {
        "figures": ("text", "value", "modifier", "unit", "noun", "act"),
        "attributions": ("source", "kind", "cue", "statement"),
        "mentions": ("words", "outlet", "kind", "href"),
    }
    for name, shown in columns.items():
        if stated[name]:
            table = Table(*shown, box=None, pad_edge=False, title=name, title_justify="left", title_style="bold")
            for row in stated[name]:
                table.add_row(*(Text(_cell(row[column])) for column in shown))
            console.print()
            console.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.15g}"
    return str(value) if value else ""


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
