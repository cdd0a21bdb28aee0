"""/search.atom, /edits.atom and /takedowns.atom: what is new, for a reader's program to ask for."""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archive import finding
from archive.search import no_longer
from archive.snippets import unmarked
from archive.states import Turn, history
from archive.times import from_capture_id, iso, parse
from publish import formats
from publish.asked import address, asked
from publish.feeds import CONTENT_TYPE, NEWEST, Entry, Feed, atom, entry_id, instant
from publish.revalidation import revalidated
from publish.room import read, rows

_EPOCH = "1970-01-01T00:00:00Z"
_QUOTED = 1_000  # characters of what an edit added or removed
# Reports that were found missing, by the newest look, among which the newest events are sought: 0.4 s. An event is
# passed over only if this many others were looked at after it, which is more than any crawl asks for in a day.
_LOOKED_THROUGH = 5_000

Address = Callable[[str], str]  # a path of ours → its absolute address


@dataclass(frozen=True, slots=True)
class Takedown:
    """A report's state changed: `turn` says when, to what and which capture showed it; `status`, `reason` are that
    capture's."""

    turn: Turn
    report: dict[str, Any]
    status: int | None
    reason: str


async def search(datasette: Any, request: Any) -> Any:
    """The newest reports that a search finds, whatever order its page has."""
    wanted = replace(asked(request.args).search, order="newest")
    about = address(wanted, "/search.atom")
    link = _links(datasette, request)
    since, entries = await read(datasette, lambda connection: (_since(connection), _hits(connection, wanted, link)))
    title = f"Dateline: {wanted.words}" if wanted.words else "Dateline: new reports"
    return _answer(request, Feed(about, title, link(about), link(address(wanted)), since, entries))


async def edits(datasette: Any, request: Any) -> Any:
    """The newest later wordings of reports, of one outlet if `outlet` names it."""
    return await _events(datasette, request, "edits", "Dateline: changed after publication", _edits)


async def takedowns(datasette: Any, request: Any) -> Any:
    """The newest changes of state: reports that went missing, are gone, and came back."""
    return await _events(datasette, request, "takedowns", "Dateline: taken down, missing and restored", _takedowns)


async def _events(
    datasette: Any,
    request: Any,
    name: str,
    title: str,
    entries_of: Callable[[sqlite3.Connection, str, Address], list[Entry]],
) -> Any:
    wanted = finding.Search(outlet=asked(request.args).search.outlet)
    about = address(wanted, f"/{name}.atom")
    link = _links(datasette, request)
    since, entries = await read(
        datasette, lambda connection: (_since(connection), entries_of(connection, wanted.outlet, link))
    )
    if wanted.outlet:
        title += f" ({wanted.outlet})"
    return _answer(request, Feed(about, title, link(about), link(address(wanted, f"/{name}")), since, entries))


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


def _hits(connection: sqlite3.Connection, wanted: finding.Search, link: Address) -> list[Entry]:
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
        for hit in finding.find(connection, wanted, NEWEST).hits
    ]


def _changed(connection: sqlite3.Connection, hit: finding.Hit) -> str:
    """When its present wording was first captured."""
    if hit.versions == 1:
        return hit.first_seen
    latest = "select seen_at from versions where report = ? and number = ?"
    return str(connection.execute(latest, [hit.id, hit.versions]).fetchone()[0])


# Edits


def _edits(connection: sqlite3.Connection, outlet: str, link: Address) -> list[Entry]:
    found = rows(
        connection,
        """select versions.id, versions.report, versions.number, versions.seen_at, versions.title, versions.added,
            versions.removed, versions.title || char(10) || versions.body as wording,
            before.title || char(10) || before.body as wording_before, reports.url, reports.language, reports.outlet,
            outlets.title_en, outlets.kind
        from versions
        join versions as before on before.report = versions.report and before.number = versions.number - 1
        join reports on reports.id = versions.report
        join outlets on outlets.id = reports.outlet
        where versions.number > 1 and (:outlet = '' or reports.outlet = :outlet)
        order by versions.seen_at desc, versions.id desc limit :limit""",
        {"outlet": outlet, "limit": NEWEST},
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
        categories=_categories(row),
    )


def _what_changed(row: dict[str, Any]) -> str:
    """Whole sentences: a number that was changed says nothing alone."""
    counted = f"{row['added']:,} characters added, {row['removed']:,} removed."
    removed = no_longer(row["wording_before"], row["wording"])
    added = no_longer(row["wording"], row["wording_before"])
    parts = [counted, f"Removed: {_clipped(removed)}" if removed else "", f"Added: {_clipped(added)}" if added else ""]
    return "\n".join(part for part in parts if part)


def _clipped(text: str) -> str:
    return text if len(text) <= _QUOTED else text[:_QUOTED].rstrip() + "…"


# Takedowns


def _takedowns(connection: sqlite3.Connection, outlet: str, link: Address) -> list[Entry]:
    return [_takedown_entry(event, link) for event in newest_takedowns(connection, NEWEST, outlet)]


def newest_takedowns(connection: sqlite3.Connection, limit: int, outlet: str = "") -> list[Takedown]:
    """The newest changes of state, newest first. A report that was ever missing is never `live` again, so those that
    are not are all that have one."""
    missed = connection.execute(
        """select reports.id, reports.last_checked from reports
        where state <> 'live' and (:outlet = '' or outlet = :outlet) order by last_checked desc limit :limit""",
        {"outlet": outlet, "limit": _LOOKED_THROUGH},
    )
    newest: list[tuple[str, int, str, int]] = []  # a heap of (time, capture, state, report), the oldest first
    for report, last_checked in missed:
        if len(newest) == limit and last_checked < newest[0][0]:
            break  # no later one was looked at since the oldest of these
        for turn in history(_looks(connection, report)):
            event = (iso(turn.at), turn.capture, turn.state, report)
            if len(newest) < limit:
                heapq.heappush(newest, event)
            else:
                heapq.heappushpop(newest, event)
    return [_takedown(connection, *event) for event in sorted(newest, reverse=True)]


def _looks(connection: sqlite3.Connection, report: int) -> list[tuple[datetime, str, int]]:
    looks = connection.execute("select at, outcome, id from captures where report = ?", [report])
    # Not archive.times.parse, which takes 7 µs: there may be 100,000 of them.
    return [(datetime.fromisoformat(at), outcome, capture) for at, outcome, capture in looks]


def _takedown(connection: sqlite3.Connection, at: str, capture: int, state: str, report: int) -> Takedown:
    (about,) = rows(
        connection,
        """select reports.id, url, outlet, language, title, title_en, kind
        from reports join outlets on outlets.id = outlet where reports.id = ?""",
        [report],
    )
    status, reason = connection.execute("select status, reason from captures where id = ?", [capture]).fetchone()
    return Takedown(Turn(parse(at), capture, state), about, status, reason or "")


_TAKEDOWN_TITLES = {"suspected": "Not found", "gone": "Gone", "restored": "Restored"}
_TAKEDOWN_SENTENCES = {
    "suspected": "Not found at {}; a second look will tell whether it is gone.",
    "gone": "Still not found at {}: gone.",
    "restored": "Found again at {}.",
}


def _takedown_entry(event: Takedown, link: Address) -> Entry:
    report, turn = event.report, event.turn
    at = iso(turn.at)
    sentences = [_TAKEDOWN_SENTENCES[turn.state].format(formats.utc(at))]
    if event.status is not None and turn.state != "restored":
        sentences.append(f"The server answered {event.status}.")
    if event.reason:
        sentences.append(event.reason)
    return Entry(
        id=entry_id(report["url"], f"{turn.state} {turn.capture}"),
        title=f"{_TAKEDOWN_TITLES[turn.state]}: {report['title']}",
        updated=at,
        language=report["language"],
        author=report["title_en"],
        page=link(f"/reports/{report['id']}"),
        source=report["url"],
        summary=" ".join(sentences),
        categories=_categories(report, _state_category(turn.state)),
    )
