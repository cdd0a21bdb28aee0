"""Whether an archive of the sample newsroom holds what samples/expected.json says, as `dateline demo --check` asks."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from scrapy.utils.project import get_project_settings

from archive.finding import Search, overview
from archive.schema import connect
from pipelines.registry import outlets
from samples.newsroom import EXPECTED

# What each of these finds is written in the samples; Zürich is looked for with and without its mark.
SEARCHES = ("北京", "公安部", "公安部", "京", '"police arrested"', "Zürich", "Zurich", "arrests", "title:警方")


def check(archive: Path, captures: Path, console: Console) -> list[str]:
    """Compare two visits' archive with the expected one; returns what is wrong, a line each, and prints the counts."""
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    connection = connect(archive)
    connection.row_factory = sqlite3.Row
    known = outlets(get_project_settings())
    failures: list[str] = []
    for sample in expected["reports"]:
        url = known[sample["outlet"]].canonical(sample["url"])
        failures += [f"{sample['url']}: {problem}" for problem in _report(connection, url, sample)]
    failures += _ends(connection, expected["ends"])
    failures += _links(connection, expected["links"], known)
    failures += [f"{row['warc']} is named by captures but is not in {captures}" for row in _lost(connection, captures)]
    nothing = [words for words in SEARCHES if not overview(connection, Search(words)).counted]
    failures += [f"the search {words} finds nothing" for words in nothing]
    console.print(
        f"{len(expected['reports'])} samples, {len(expected['ends'])} addresses, {len(SEARCHES)} searches, "
        f"{sum(map(len, expected['links'].values()))} links between reports checked: {len(failures)} not as expected",
        highlight=False,
    )
    connection.close()
    return failures


def _report(connection: sqlite3.Connection, url: str, sample: dict[str, Any]) -> Iterator[str]:
    """Differences of one sample; of one visit's sample only the wording, since the row tells the latest visit."""
    row = connection.execute("select * from reports where url = ?", [url]).fetchone()
    if row is None:
        yield "no report has this address"
        return
    number = row["versions"] if sample.get("visit") in (None, 2) else 1
    version = connection.execute(
        "select * from versions where report = ? and number = ?", [row["id"], number]
    ).fetchone()
    found: dict[str, Any] = {
        "layout": version["layout"],
        "title": version["title"],
        "body": version["body"].split("\n\n"),
        "captions": version["captions"].split("\n") if version["captions"] else [],
    }
    if sample.get("visit") != 1:
        dateline = sample["dateline"] and {name: sample["dateline"][name] for name in ("agency", "place", "month_day")}
        found |= {
            "outlet": row["outlet"],
            "language": row["language"],
            "published_local": row["published_local"],
            "published_precision": row["published_precision"],
            "published_utc": row["published_at"] if row["published_precision"] != "day" else None,
            "modified_utc": row["modified_at"],
            "source_label": row["source_label"],
            "source_url": row["source_url"],
            "editors": _list(row["editor"]),
            "authors": _list(row["byline"]),
            "keywords": _list(row["keywords"]),
        }
        said = row["dateline_agency"] is not None and {
            "agency": row["dateline_agency"],
            "place": row["dateline_place"],
            "month_day": (row["dateline_date"] or "")[5:],
        }
        if (dateline or False) != said:
            yield f"dateline is {said!r}, expected {dateline!r}"
    borderline = set(sample.get("borderline", []))  # lines that a careful reader could put in or out
    found["body"] = [paragraph for paragraph in found["body"] if paragraph not in borderline]
    for name, value in found.items():
        if value != sample[name]:
            yield f"{name} is {value!r}, expected {sample[name]!r}"


def _list(joined: str | None) -> list[str]:
    return joined.split("; ") if joined else []


def _ends(connection: sqlite3.Connection, ends: list[dict[str, Any]]) -> Iterator[str]:
    visits: dict[str, int] = {}
    for outlet in ("xinhua", "tnw"):
        crawls = connection.execute("select id from crawls where outlet = ? order by started_at, id", [outlet])
        visits |= {row["id"]: number for number, row in enumerate(crawls, start=1)}
    for end in ends:
        address = end["url"]
        if address.endswith("/robots.txt"):  # by whichever scheme the host was asked first
            address = f"%://{urlsplit(address).netloc}/robots.txt"
        rows = connection.execute(
            "select crawl, outcome, captures.report, state, versions from captures left join reports "
            "on reports.id = captures.report where captures.url like ? order by captures.id",
            [address],
        ).fetchall()
        for visit in (1, 2):
            outcomes = [row["outcome"] for row in rows if visits.get(row["crawl"]) == visit]
            attempts = end.get(f"attempts_visit_{visit}")
            if attempts and outcomes != attempts:
                yield f"{end['url']}: attempts of visit {visit} ended {outcomes}, expected {attempts}"
            if not outcomes and "leads_to" in end:
                continue  # another list named the address that it leads to, which is the same report
            if outcomes[-1:] != [end[f"visit_{visit}"]]:
                yield f"{end['url']}: visit {visit} ended {outcomes}, expected {end[f'visit_{visit}']}"
        for name in ("state", "versions"):
            if name in end and {row[name] for row in rows if row["report"]} != {end[name]}:
                yield f"{end['url']}: {name} is {[row[name] for row in rows]}, expected {end[name]}"


# What is linked, as expected.json tells it; addresses are compared as the archive knows them.
_LINKS = {
    "citations": """select r.url as report, words, mentions.place, k.url as cites, tier from citations x
        join mentions on mentions.version = x.version and mentions.number = mention
        join reports r on r.id = x.report left join reports k on k.id = cited order by x.report, mention""",
    "reprints": """select r.url as report, o.url as original from reprints x
        join reports r on r.id = x.report join reports o on o.id = original order by x.report""",
    "twins": """select r.url as chinese, o.url as english from twins x
        join reports r on r.id = chinese join reports o on o.id = english where mutual order by chinese""",
    "contradictions": """select x.kind, r.url as report, explanation from contradictions x
        join reports r on r.id = x.report order by x.report""",
}


def _links(connection: sqlite3.Connection, links: dict[str, list[dict[str, Any]]], known: Any) -> Iterator[str]:
    """Which report rests on which, and what else hangs together."""
    for name, query in _LINKS.items():
        found = [dict(row) for row in connection.execute(query)]
        wanted = [{key: _canonical(value, known) for key, value in link.items()} for link in links[name]]
        for link in [each for each in wanted if each not in found]:
            yield f"{name}: {link!r} was not found"
        for link in [each for each in found if each not in wanted]:
            yield f"{name}: {link!r} was found, and is not expected"


def _canonical(value: Any, known: Any) -> Any:
    if not isinstance(value, str) or "://" not in value:
        return value
    return next((outlet.canonical(value) for outlet in known.values() if outlet.owns(value)), value)


def _lost(connection: sqlite3.Connection, captures: Path) -> list[sqlite3.Row]:
    rows = connection.execute("select distinct warc from captures").fetchall()
    return [row for row in rows if not (captures / row["warc"]).exists()]
