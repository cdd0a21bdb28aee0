"""What is known and what is due: the `checks` table. A row is an address that a list named or that was looked at."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.states import CONFIRM_AFTER
from archive.times import iso, parse
from items import FAILED, Capture

# A request that failed is tried again in the next hourly crawl; an address that never held a page, once a month.
AFTER_FAILURE = timedelta(hours=1)
AFTER_MISSING = timedelta(days=30)
AFTER_ROBOTS = timedelta(days=1)  # robots.txt may change, or was only unavailable; RFC 9309 caches it for a day
_NEVER_AGAIN = {"not-report", "redirect"}


@dataclass(frozen=True, slots=True)
class Check:
    """One address to look at. `etag` and `last_modified` are the validators of its last full answer."""

    url: str
    address: str
    kind: str
    title: str
    listed_at: datetime | None
    last_capture: int | None
    etag: str
    last_modified: str
    due_at: datetime | None


def note_links(connection: sqlite3.Connection, listing: Capture) -> None:
    """Keep what a listing pointed at. The first listing that named an address is the one remembered."""
    connection.executemany(
        """insert into checks (url, outlet, address, kind, title, listed_at, found_at, found_in, due_at)
            values (:url, :outlet, :address, :kind, :title, :listed_at, :found_at, :found_in, :found_at)
            on conflict (url) do update set found_at = excluded.found_at, found_in = excluded.found_in,
                title = excluded.title, listed_at = excluded.listed_at, address = excluded.address
            where checks.found_at is null or excluded.found_at < checks.found_at""",
        [
            {
                "url": link.canonical,
                "outlet": listing.outlet,
                "address": link.url,
                "kind": link.kind,
                "title": link.title or None,
                "listed_at": iso(link.time) if link.time else None,
                "found_at": iso(listing.at),
                "found_in": listing.url,
            }
            for link in listing.links or []
        ],
    )


def note_look(
    connection: sqlite3.Connection,
    capture: Capture,
    changed_at: datetime,
    next_look: Callable[[datetime, datetime], datetime],
) -> None:
    """Keep how the last look at an address ended and when the next is due (None: only when a list is read again)."""
    if capture.kind == "other":
        return
    due = _due(connection, capture, changed_at, next_look)
    full = capture.status == 200
    connection.execute(
        """insert into checks (url, outlet, address, kind, last_capture, last_at, last_outcome, changed_at, etag,
                last_modified, due_at)
            values (:url, :outlet, :address, :kind, :capture, :at, :outcome, :changed_at, :etag, :modified, :due)
            on conflict (url) do update set last_capture = excluded.last_capture, last_at = excluded.last_at,
                last_outcome = excluded.last_outcome, changed_at = excluded.changed_at, due_at = excluded.due_at,
                etag = case when :full then excluded.etag else checks.etag end,
                last_modified = case when :full then excluded.last_modified else checks.last_modified end
            where checks.last_capture is null or checks.last_capture < excluded.last_capture""",
        {
            "url": capture.canonical,
            "outlet": capture.outlet,
            "address": capture.url,
            "kind": capture.kind,
            "capture": capture.id,
            "at": iso(capture.at),
            "outcome": capture.outcome,
            "changed_at": iso(changed_at),
            "etag": (capture.header("ETag") or None) if full else None,
            "modified": (capture.header("Last-Modified") or None) if full else None,
            "due": iso(due) if due else None,
            "full": full,
        },
    )


def _due(
    connection: sqlite3.Connection,
    capture: Capture,
    changed_at: datetime,
    next_look: Callable[[datetime, datetime], datetime],
) -> datetime | None:
    if capture.outcome in _NEVER_AGAIN or capture.kind == "listing":
        return None
    if capture.outcome in FAILED:
        return capture.at + AFTER_FAILURE
    if capture.outcome == "robots":
        return capture.at + AFTER_ROBOTS
    if capture.outcome == "missing":
        known = connection.execute(
            "select 1 from captures where id = ? and report is not null", [capture.id]
        ).fetchone()
        return capture.at + (CONFIRM_AFTER if known else AFTER_MISSING)
    return next_look(changed_at, capture.at)


def check(connection: sqlite3.Connection, url: str) -> Check | None:
    """What is known of a canonical address, None when nothing."""
    row = connection.execute(f"{_SELECT} where url = ?", [url]).fetchone()
    return _check(row) if row else None


def listings(connection: sqlite3.Connection, outlet: str) -> list[Check]:
    """Lists that earlier crawls were led to: the list that leads there may be unchanged (304) while they are not."""
    rows = connection.execute(f"{_SELECT} where outlet = ? and kind = 'listing' order by url", [outlet]).fetchall()
    return [_check(row) for row in rows]


def due(connection: sqlite3.Connection, outlet: str, now: datetime, limit: int, everything: bool) -> Iterator[Check]:
    """Report addresses to look at now: those never looked at first, youngest first; then re-visits by due time.

    `everything` takes known ones that are not due too. Addresses of listings are the outlet's own business.
    """
    rows = connection.execute(
        f"""{_SELECT} where outlet = :outlet and kind = 'report'
            and (due_at <= :now or :everything)
            order by last_capture is not null, coalesce(listed_at, found_at) desc, due_at limit :limit""",
        {"outlet": outlet, "now": iso(now), "limit": limit, "everything": everything},
    ).fetchall()
    return map(_check, rows)


_SELECT = "select url, address, kind, title, listed_at, last_capture, etag, last_modified, due_at from checks"


def _check(
    row: tuple[str, str, str, str | None, str | None, int | None, str | None, str | None, str | None],
) -> Check:
    url, address, kind, title, listed_at, last_capture, etag, last_modified, due_at = row
    return Check(
        url,
        address,
        kind,
        title or "",
        parse(listed_at) if listed_at else None,
        last_capture,
        etag or "",
        last_modified or "",
        parse(due_at) if due_at else None,
    )
