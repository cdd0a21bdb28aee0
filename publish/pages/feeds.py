"""/search.atom, /edits.atom, /edits/radar.atom and /takedowns.atom: what is new, for a reader's program to ask for."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from archive.finding import Hit, Search, find
from archive.radar import Finding
from archive.search import no_longer
from archive.snippets import unmarked
from archive.times import from_capture_id, iso, parse
from publish import formats, spells
from publish.asked import address, asked
from publish.feeds import CONTENT_TYPE, NEWEST, Entry, Feed, atom, entry_id, instant
from publish.pages import edits as edits_page
from publish.pages import radar as radar_page
from publish.pages import takedowns as takedowns_page
from publish.revalidation import revalidated
from publish.room import read, rows

_EPOCH = "1970-01-01T00:00:00Z"
_QUOTED = 1_000  # characters of what an edit added or removed

Address = Callable[[str], str]  # a path of ours → its absolute address


async def search(datasette: Any, request: Any) -> Any:
    """The newest reports that a search finds, whatever order its page has."""
    wanted = replace(asked(request.args).search, order="newest")
    about = address(wanted, "/search.atom")
    link = _links(datasette, request)
    since, entries = await read(datasette, lambda connection: (_since(connection), _hits(connection, wanted, link)))
    title = f"Dateline: {wanted.words}" if wanted.words else "Dateline: new reports"
    return _answer(request, Feed(about, title, link(about), link(address(wanted)), since, entries))


async def edits(datasette: Any, request: Any) -> Any:
    """The newest later wordings of reports, narrowed as /edits is."""
    wanted = edits_page.Wanted.of(request.args, [])
    link = _links(datasette, request)
    since, entries = await read(datasette, lambda connection: (_since(connection), _edits(connection, wanted, link)))
    title = "Dateline: changed after publication"
    title += _narrowed(wanted.outlet, *wanted.kinds, wanted.language, wanted.words)
    about = wanted.address("/edits.atom")
    return _answer(request, Feed(about, title, link(about), link(wanted.address()), since, entries))


async def takedowns(datasette: Any, request: Any) -> Any:
    """The newest changes of state, narrowed as /takedowns is: reports that went missing, are gone, and came back."""
    asked = takedowns_page.Asked.of(request.args)
    link = _links(datasette, request)
    since, entries = await read(
        datasette, lambda connection: (_since(connection), _takedowns(connection, asked.wanted, link))
    )
    title = "Dateline: taken down, missing and restored"
    title += _narrowed(asked.wanted.outlet, asked.shown, asked.wanted.cause)
    about = asked.address("/takedowns.atom")
    return _answer(request, Feed(about, title, link(about), link(asked.address()), since, entries))


async def radar(datasette: Any, request: Any) -> Any:
    """What was changed alike in several reports, narrowed as /edits/radar is, the newest first."""
    asked = radar_page.Asked.of(request.args)
    link = _links(datasette, request)
    since, entries = await read(datasette, lambda connection: (_since(connection), _radar(connection, asked, link)))
    title = f"Dateline: the same change in several reports{_narrowed(asked.outlet)}"
    about = asked.address("/edits/radar.atom")
    return _answer(request, Feed(about, title, link(about), link(asked.address()), since, entries))


def _narrowed(*by: str) -> str:
    given = ", ".join(each for each in by if each)
    return f" ({given})" if given else ""


def _links(datasette: Any, request: Any) -> Address:
    return lambda path: str(datasette.absolute_url(request, datasette.urls.path(path)))


def _answer(request: Any, feed: Feed) -> Any:
    return revalidated(request, atom(feed), CONTENT_TYPE, parse(feed.updated))


def _since(connection: sqlite3.Connection) -> str:
    """When the archive began: what a feed without an entry says of itself, since that never changes."""
    (first,) = connection.execute("select min(id) from captures").fetchone()
    return iso(from_capture_id(first)) if first else _EPOCH


def _categories(report: dict[str, Any], *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """As a search names them."""
    return (
        (f"outlet:{report['outlet']}", report["title_en"]),
        (f"kind:{report['kind']}", formats.kind(report["kind"])),
        *more,
    )


def _state_category(state: str) -> tuple[str, str]:
    return f"state:{state}", formats.state(state)


# Reports


def _hits(connection: sqlite3.Connection, wanted: Search, link: Address) -> list[Entry]:
    outlets = dict(connection.execute("select id, title_en from outlets"))
    return [
        Entry(
            id=entry_id(hit.url),
            title=hit.title,
            updated=_changed(connection, hit),
            language=hit.language,
            author=outlets[hit.outlet],
            page=link(f"/reports/{hit.id}"),
            source=hit.url,
            summary=unmarked(hit.snippet),
            quotes=True,
            published=instant(hit.published_at),
            categories=_categories(
                {"outlet": hit.outlet, "title_en": outlets[hit.outlet], "kind": hit.kind}, _state_category(hit.state)
            ),
        )
        for hit in find(connection, wanted, NEWEST).hits
    ]


def _changed(connection: sqlite3.Connection, hit: Hit) -> str:
    """When its present wording was first captured."""
    if hit.versions == 1:
        return hit.first_seen
    latest = "select seen_at from versions where report = ? and number = ?"
    return str(connection.execute(latest, [hit.id, hit.versions]).fetchone()[0])


# Edits


def _edits(connection: sqlite3.Connection, wanted: edits_page.Wanted, link: Address) -> list[Entry]:
    chosen, values = wanted.rows()
    found = rows(
        connection,
        f"""with newest as materialized (
            select versions.id from {chosen} order by seen_at desc, versions.id desc limit :limit)
        select latest.id, latest.report, latest.number, latest.seen_at, latest.title, latest.added, latest.removed,
            latest.kinds, latest.title || char(10) || latest.body as wording,
            before.title || char(10) || before.body as wording_before, reports.url, reports.language, reports.outlet,
            outlets.title_en, outlets.kind
        from newest join versions as latest on latest.id = newest.id
        join versions as before on before.report = latest.report and before.number = latest.number - 1
        join reports on reports.id = latest.report
        join outlets on outlets.id = reports.outlet
        order by latest.seen_at desc, latest.id desc""",
        {**values, "limit": NEWEST},
    )
    return [_edit(row, link) for row in found]


def _edit(row: dict[str, Any], link: Address) -> Entry:
    number = row["number"]
    return Entry(
        id=entry_id(row["url"], f"version {row['id']}"),
        title=f"Edited: {row['title']}",
        updated=row["seen_at"],
        language=row["language"],
        author=row["title_en"],
        page=link(f"/reports/{row['report']}/changes?from={number - 1}&to={number}"),
        source=row["url"],
        summary=_what_changed(row),
        quotes=True,
        categories=_categories(row, *((f"change:{kind}", kind) for kind in row["kinds"].split("; ") if kind)),
    )


def _what_changed(row: dict[str, Any]) -> str:
    """Whole sentences: a number that was changed says nothing alone."""
    counted = f"{row['added']:,} characters added, {row['removed']:,} removed."
    if row["kinds"]:
        counted = f"{formats.sentence(row['kinds'].replace('; ', ', '))} {counted}"
    removed = no_longer(row["wording_before"], row["wording"])
    added = no_longer(row["wording"], row["wording_before"])
    parts = [counted, f"Removed: {_clipped(removed)}" if removed else "", f"Added: {_clipped(added)}" if added else ""]
    return "\n".join(part for part in parts if part)


def _clipped(text: str) -> str:
    return text if len(text) <= _QUOTED else text[:_QUOTED].rstrip() + "…"


# The radar


def _radar(connection: sqlite3.Connection, asked: radar_page.Asked, link: Address) -> list[Entry]:
    titles = {each["id"]: each["title"] for each in edits_page.outlets(connection)}
    found = radar_page.found(connection, asked).findings
    found.sort(key=lambda each: each[0].last_at, reverse=True)
    return [_finding(finding, changes, titles, link) for finding, changes in found]


def _finding(finding: Finding, changes: list[dict[str, Any]], titles: dict[str, str], link: Address) -> Entry:
    """A change that goes on is the same entry for a month: its first report may lie beyond what the feed looks at."""
    days = radar_page.Asked(since=_day(finding.first_at), until=_day(finding.last_at))
    named = [f"{titles[each['outlet']]}, {formats.utc(each['seen_at'])}: {each['title']}" for each in changes]
    said = f"{formats.sentence(radar_page.change(finding))} {formats.sentence(radar_page.counted(finding, titles))}"
    return Entry(
        id=entry_id("dateline:radar", f"{finding.was}\n{finding.became}\n{finding.last_at[:7]}".casefold()),
        title=f"{radar_page.change(finding)} {radar_page.counted(finding, titles)}",
        updated=finding.last_at,
        language=changes[0]["language"] if changes else "en",
        author=", ".join(titles[outlet] for outlet in finding.outlets),
        page=link(days.address()),
        source="",
        summary="\n".join([f"{said} {radar_page.when(finding)}.", *named]),
        quotes=True,
        categories=tuple((f"outlet:{outlet}", titles[outlet]) for outlet in finding.outlets),
    )


def _day(at: str) -> date:
    return date.fromisoformat(at[:10])


# Takedowns


def _takedowns(connection: sqlite3.Connection, wanted: spells.Wanted, link: Address) -> list[Entry]:
    return [_takedown(event, link) for event in spells.events(connection, NEWEST, wanted)]


_TAKEDOWN_TITLES = {"suspected": "Not found", "gone": "Gone", "restored": "Restored", "unconfirmed": "Back"}
_TAKEDOWN_SENTENCES = {
    "suspected": "Not found at {}; a later look will tell whether it is gone.",
    "gone": "Still not found at {}: gone.",
    "restored": "Found again at {}.",
    "unconfirmed": "Found again at {}, before it could be called gone.",
}


def _takedown(event: dict[str, Any], link: Address) -> Entry:
    """An event as it was when it happened: it stays so, whatever the report's state is now."""
    happened = event["event"]
    sentences = [_TAKEDOWN_SENTENCES[happened].format(formats.utc(event["at"]))]
    if happened in spells.MISSING:
        sentences.append(formats.sentence(event["how"]))
    if happened == "gone":
        sentences.append(f"It was first missing at {formats.utc(event['suspected_at'])}.")
    if event["last_good_at"]:
        sentences.append(f"The last good capture, of {formats.utc(event['last_good_at'])}, is kept.")
    return Entry(
        id=entry_id(event["url"], f"{happened} {event['capture']}"),
        title=f"{_TAKEDOWN_TITLES[happened]}: {event['title']}",
        updated=event["at"],
        language=event["language"],
        author=event["outlet_title"],
        page=link(f"/reports/{event['id']}"),
        source=event["url"],
        summary=" ".join(sentences),
        categories=_categories(
            event | {"title_en": event["outlet_title"]}, (f"state:{happened}", formats.state(happened)),
            (f"cause:{event['cause']}", event["how"]),
        ),
    )  # fmt: skip
