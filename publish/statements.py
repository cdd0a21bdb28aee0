"""What a wording states, as a page and its JSON tell it: figures, sources, quotes and mentions, and where they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from publish import acts, formats
from publish.keys import outlet_title, source_title, stated, title_of
from publish.reading import Span
from publish.room import rows

MOST = 200  # of each kind on a page; a table of statistics may hold thousands
MOST_AS_DATA = 10_000
KINDS = ("figures", "attributions", "quotes", "mentions")
_COLUMNS_OF_STORAGE = ("version", "report", "latest")

# A mention with the report that was meant.
_QUERIES = {kind: f"select * from {kind}" for kind in KINDS} | {
    "mentions": "select mentions.*, (select cited from citations where citations.version = mentions.version "
    "and mention = number) as cited from mentions"
}

Row = dict[str, Any]


def are_held(connection: sqlite3.Connection) -> bool:
    """Whether the archive has the tables of statements: an older one that is only read lacks them."""
    return connection.execute("select 1 from sqlite_master where name = 'contradictions'").fetchone() is not None


@dataclass(frozen=True, slots=True)
class Stated:
    """The rows of one version, not all of each kind. `totals` counts all of them; `waits`: it will be read
    when the archive is linked next."""

    figures: list[Row]
    attributions: list[Row]
    quotes: list[Row]
    mentions: list[Row]
    totals: dict[str, int]
    is_read: bool
    waits: bool

    @property
    def is_empty(self) -> bool:
        return not any(self.totals.values())


NOTHING = Stated([], [], [], [], dict.fromkeys(KINDS, 0), is_read=False, waits=False)


def of_version(connection: sqlite3.Connection, version: int, report: int, most: int = MOST) -> Stated:
    """What was read of a version. Needs `are_held`."""
    found = {
        kind: rows(connection, f"{_QUERIES[kind]} where version = ? order by number limit ?", [version, most])
        for kind in KINDS
    }
    totals = {
        kind: len(each)
        if len(each) < most
        else connection.execute(f"select count(*) from {kind} where version = ?", [version]).fetchone()[0]
        for kind, each in found.items()
    }
    is_read = _has(connection, "select 1 from statements where version = ?", version)
    # A public edition does not say what is still to be done.
    keeps_queue = _has(connection, "select 1 from sqlite_master where name = 'unread'")
    waits = not is_read and keeps_queue and _has(connection, "select 1 from unread where report = ?", report)
    return Stated(**found, totals=totals, is_read=is_read, waits=waits)


def _has(connection: sqlite3.Connection, query: str, *values: int) -> bool:
    return connection.execute(query, values).fetchone() is not None


# In words


def amount(figure: Mapping[str, Any]) -> str:
    """The value with its unit and what its modifier means: at least 3,200,000."""
    return in_full(figure["value"], figure["value_max"], figure["unit"], figure["meaning"])


def in_full(value: float, value_max: float | None, unit: str, meaning: str) -> str:
    """A value as it is meant, its unit in the plural where that is a word: about 70 minutes."""
    is_one = value == 1 and value_max is None
    return stated(value, value_max, unit if is_one else _PLURALS.get(unit, unit), meaning)


# Units that are written out (the symbols of grammar/tables/units.tsv).
_PLURALS = {
    unit: f"{unit}s"
    for unit in (
        "acre", "barrel", "basis point", "day", "decade", "gallon", "hour", "knot", "light-year", "megapixel", "mile",
        "millisecond", "minute", "month", "nautical mile", "percentage point", "second", "week", "yard", "year",
    )
} | {"century": "centuries", "inch": "inches"}  # fmt: skip


def as_printed(figure: Mapping[str, Any]) -> str:
    """The value in the text's own digits or words; empty where these are the plain ones."""
    written = str(figure["text"]).replace(",", "")
    value = f"{figure['value']:.15g}"
    return "" if written in (value, f"{value} {figure['unit']}", f"{value}{figure['unit']}") else str(figure["text"])


def modified(figure: Mapping[str, Any]) -> str:
    """The words that modify the value, where neither their meaning nor the value as printed says them already."""
    modifier = str(figure["modifier"])
    return "" if modifier.lower() == figure["meaning"] or modifier in as_printed(figure) else modifier


def days(start: str | None, stop: str | None) -> str:
    """The days of a period: 1 January 2012 – 26 July 2012, since …, until …"""
    if start and stop and start != stop:
        return f"{formats.day(start)} – {formats.day(stop)}"
    if start and not stop:
        return f"since {formats.day(start)}"
    return formats.day(start) if start else f"until {formats.day(stop)}" if stop else ""


def counted(figure: Mapping[str, Any], language: str) -> str:
    """What is counted, as printed; with its key where that says more to who does not read the language."""
    printed, key = str(figure["noun"]), f"({title_of(figure['noun_key'])})" if figure["noun_key"] else ""
    if printed and language.startswith("en"):
        return printed
    return f"{printed} {key}".strip()


def done(figure: Mapping[str, Any], language: str) -> str:
    """What is done to it: the act that the words were read as, behind them where they are Chinese."""
    printed, act = figure["act_text"], acts.done(figure["act"])
    if not act:
        return str(printed)
    return f"{printed} ({act})" if printed and not language.startswith("en") else act


def chain(number: int | None, attributions: Mapping[int, Row], outlets: Mapping[str, str]) -> list[str]:
    """The sources by which something is known, from the one that the report names first to the one whose words they
    are: Xinhua, Ministry of Public Security."""
    found: list[str] = []
    seen: set[int] = set()
    while number is not None and number not in seen and number in attributions:
        seen.add(number)
        found.insert(0, source_name(attributions[number], outlets))
        number = attributions[number]["via"]
    return found


def _through(names: list[str]) -> str:
    """A chain told from its end: Ministry of Public Security, through Xinhua."""
    return ", through ".join(reversed(names))


def source_name(attribution: Mapping[str, Any], outlets: Mapping[str, str]) -> str:
    """By its key where a table knows it, else as printed; a public edition may have neither."""
    key = attribution["source_key"]
    title = source_title(key, outlets)
    return title if title != key else attribution["source"] or f"a source ({attribution['kind']})"


MENTIONED = {
    "source": "as its source",
    "named": "named",
    "credit": "credited with a picture",
    "own": "the outlet itself",
}
PLACES = {
    "title": "in the title",
    "body": "in the text",
    "caption": "in a caption",
    "source": "in the source line",
    "dateline": "in the dateline",
    "byline": "in the byline",
}


# Told


@dataclass(frozen=True, slots=True)
class Told:
    """Statements in the words of a page: each a row of its table with `id`, `gist` (one line without markup) and what
    its kind has besides. Sources and mentions that say the same are one, with the others as its `also`. `spans` are
    those that are marked in the title and the body."""

    figures: list[Row]
    sources: list[Row]
    quotes: list[Row]
    mentions: list[Row]
    spans: list[Span]


def told(found: Stated, outlets: Mapping[str, str], language: str, outlet: str, texts: Mapping[str, str]) -> Told:
    """`outlet` is the title of the report's own; `texts` are those of title and body that are shown as they were
    read."""
    attributions = {row["number"]: row for row in found.attributions}
    figures = [_figure(row, attributions, outlets, language, outlet) for row in found.figures]
    sources = [_source(row, attributions, outlets) for row in found.attributions]
    quotes = [_quote(row, attributions, outlets) for row in found.quotes]
    # That a report names its own outlet says nothing.
    mentions = [_mention(row, outlets) for row in found.mentions if row["kind"] != "own"]
    spans = [
        Span(row["place"], row["start"], row["stop"], row["id"], kind, row["gist"])
        for kind, each in (("figure", figures), ("mention", mentions), ("source", sources), ("quote", quotes))
        for row in each
        if _lies_in(row, texts.get(row["place"], ""))
    ]
    marked = {span.id for span in spans}
    for row in (*figures, *sources, *quotes, *mentions):
        row["is_marked"] = row["id"] in marked
    return Told(
        figures,
        _once(sources, ("name", "through", "kind_name", "loaded")),
        quotes,
        _once(mentions, ("name", "how", "href", "cited", "place")),
        spans,
    )


def _once(each: list[Row], names: tuple[str, ...]) -> list[Row]:
    """Those that say the same in several places as one: the first, whose `also` holds the others."""
    found: dict[tuple[Any, ...], Row] = {}
    for row in each:
        first = found.setdefault(tuple(row[name] for name in names), row | {"also": []})
        if first["id"] != row["id"]:
            first["also"].append(row)
    return list(found.values())


def _lies_in(row: Row, text: str) -> bool:
    """Whether it can be marked there: it begins with a letter, not between paragraphs, and ends in the text."""
    return 0 <= row["start"] < row["stop"] <= len(text) and not text[row["start"]].isspace()


def _figure(row: Row, attributions: Mapping[int, Row], outlets: Mapping[str, str], language: str, outlet: str) -> Row:
    stated_by = chain(row["attribution"], attributions, outlets)
    parts = {
        "amount": amount(row),
        "counted": counted(row, language),
        # "10,000 arrests" says already what was done.
        "done": "" if row["act"] == row["noun_key"] else done(row, language),
        "days": days(row["period_start"], row["period_stop"]),
        "stated_by": _through(stated_by) or f"{outlet} itself",
    }
    wanted = {"noun": row["noun_key"], "act": row["act"], "source": row["stated_by"] if row["series"] else ""}
    more = urlencode({name: value for name, value in wanted.items() if value}) if row["noun_key"] else ""
    first = ", ".join(filter(None, (" ".join(filter(None, (parts["amount"], parts["counted"]))), parts["done"])))
    gist = "; ".join(filter(None, (first, parts["days"], f"stated by {parts['stated_by']}")))
    return {
        **row,
        **parts,
        "id": f"figure-{row['number']}",
        "gist": gist,
        "more": more,
        "printed": as_printed(row),
        "modified": modified(row),
    }


def _source(row: Row, attributions: Mapping[int, Row], outlets: Mapping[str, str]) -> Row:
    before = chain(row["via"], attributions, outlets)
    name = source_name(row, outlets)
    parts = {
        "name": name,
        "through": _through(before),
        "kind_name": "organ of state" if row["kind"] == "ministry" else row["kind"],
        "cue": row["cue"] if any(map(str.isalnum, row["cue"])) else "",  # the colon of a headline says nothing
    }
    cue = f"“{parts['cue']}”" if parts["cue"] else ""
    loaded = "a word that says more than that it was said" if row["loaded"] else ""
    through = f"known through {parts['through']}" if before else ""
    gist = "; ".join(filter(None, (f"Source: {name}", parts["kind_name"], cue, loaded, through)))
    return {**row, **parts, "id": f"source-{row['number']}", "gist": gist}


def _quote(row: Row, attributions: Mapping[int, Row], outlets: Mapping[str, str]) -> Row:
    speaker = _through(chain(row["attribution"], attributions, outlets))
    kinds = {"speech": "Quoted", "scare": "In scare quotes", "title": "A title"}
    gist = kinds.get(row["kind"], "In quotation marks") + (f": {speaker}" if speaker else "")
    return {**row, "speaker": speaker, "id": f"quote-{row['number']}", "gist": gist}


def _mention(row: Row, outlets: Mapping[str, str]) -> Row:
    outlet = outlet_title(row["outlet"], outlets)
    leads_to = source_title(row["href_outlet"], outlets) if row["href_outlet"] else ""
    how = MENTIONED.get(row["kind"], row["kind"])
    link = f"with a link to {leads_to or row['href']}" if row["href"] else ""
    gist = "; ".join(filter(None, (f"Outlet: {outlet}, {how}", link)))
    return {
        **row,
        "name": outlet,
        "how": how,
        "where": PLACES.get(row["place"], row["place"]),
        "leads_to": leads_to,
        "disagrees": bool(row["outlet"] and row["href_outlet"] and row["outlet"] != row["href_outlet"]),
        "id": f"mention-{row['number']}",
        "gist": gist,
    }  # fmt: skip


def as_data(found: Stated) -> dict[str, list[Row]]:
    """The rows for other programs, without the columns by which they are stored."""
    return {
        kind: [{name: value for name, value in row.items() if name not in _COLUMNS_OF_STORAGE} for row in each]
        for kind, each in zip(KINDS, (found.figures, found.attributions, found.quotes, found.mentions), strict=True)
    }
