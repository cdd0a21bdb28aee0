"""/alarms.atom: what went wrong, and what is over, for whoever looks after the archive."""

from __future__ import annotations

import sqlite3
from typing import Any

from archive import alarms
from archive.alarms import Alarm
from archive.public import is_public
from publish.feeds import NEWEST, Entry, Feed, entry_id
from publish.pages.feeds import Address, _answer, _links, _since
from publish.pages.health import KINDS
from publish.room import NotFound, read


async def view(datasette: Any, request: Any) -> Any:
    """The newest alarms, each with the moment at which it was raised and that at which it was over."""
    link = _links(datasette, request)

    def found(connection: sqlite3.Connection) -> tuple[str, list[Entry]]:
        if is_public(connection):
            raise NotFound("A public edition has no alarms.")
        titles = dict(connection.execute("select id, title_en from outlets"))
        return _since(connection), entries(alarms.history(connection, NEWEST), titles, link)

    since, newest = await read(datasette, found)
    feed = Feed("/alarms.atom", "Dateline: alarms", link("/alarms.atom"), link("/health"), since, newest)
    return _answer(request, feed)


def entries(found: list[Alarm], titles: dict[str, str], link: Address) -> list[Entry]:
    """An entry for each alarm that was raised, and another for each that is over, newest first."""
    every = [_entry(alarm, titles, link, alarm.raised_at, over=False) for alarm in found]
    every += [_entry(alarm, titles, link, alarm.cleared_at, over=True) for alarm in found if alarm.cleared_at]
    return sorted(every, key=lambda entry: entry.updated, reverse=True)[:NEWEST]


def _entry(alarm: Alarm, titles: dict[str, str], link: Address, at: str, over: bool) -> Entry:
    of = titles.get(alarm.outlet, alarm.outlet) if alarm.outlet else "This archive"
    kind = KINDS.get(alarm.kind, alarm.kind)
    # The time too: the table of another archive counts from 1 as well.
    event = f"alarm {alarm.id} {alarm.raised_at} {'over' if over else 'raised'}"
    return Entry(
        id=entry_id("dateline:alarms", event),
        title=f"{'Over' if over else 'Alarm'}: {of}, {kind} ({alarm.subject})",
        updated=at,
        language="en",
        author="Dateline",
        page=link(f"/health?outlet={alarm.outlet}" if alarm.outlet else "/health"),
        source="",
        summary=alarm.message,
        categories=((f"alarm:{alarm.kind}", kind),),
    )
