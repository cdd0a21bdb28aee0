"""What is known and what is due: the `checks` table. A row is an address that a list named or that was looked at.

All that a row says of looks is of our own: what others captured says neither when to look again nor what to send with a
request. An ETag that a web archive was given may belong to another edition of the page, and a "not modified" that rests
on it would be taken for a look at what we never had. What is known from others alone is looked at once, on a rung of
its own (ELSEWHERE), behind everything else: twenty years of the past must not take the budget from the day's news.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.schedule import (
    AFTER_GONE,
    AFTER_MISSING,
    AFTER_ROBOTS,
    AFTER_SUSPECTED,
    ELSEWHERE,
    LAST_RUNG,
    UNREAD,
    Schedule,
)
from archive.times import iso, parse
from items import FAILED, RULES_UNKNOWN, Capture, Link

_NEVER_AGAIN = {"not-report"}
OLDER = 1  # the rung of a list of older reports, which is read when what leads to it named something new
_SHARE_OF_THE_OVERDUE = 5  # one re-visit in so many, where not all that are due can be had
_SHARE_OF_ELSEWHERE = 10  # one re-visit in so many, at the most, and one where there are FEW_ELSEWHERE
_FEW_ELSEWHERE = 5
_AT_ONCE = "1970-01-01T00:00:00Z"  # not the time at which it was described: a rebuilt archive has the same rows


_Row = tuple[str, str, str, str | None, str | None, int | None, str | None, str | None, str | None]


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
    """Keep what a listing pointed at. The first listing that named an address is the one remembered. A list of older
    reports is due when this one named a report that was not known: so it is read also after a crawl that was killed.
    Of a listing that others captured only reports are kept: what lists it led to is of its own time."""
    links = listing.links or []
    if listing.origin != "live":
        _note_links_elsewhere(connection, listing, [link for link in links if link.kind == "report"])
        return
    reports = json.dumps([link.canonical for link in links if link.kind == "report"])
    (known,) = connection.execute(
        "select count(*) from checks where url in (select value from json_each(?)) and rung <> ?", [reports, ELSEWHERE]
    ).fetchone()
    names_new = known < len({link.canonical for link in links if link.kind == "report"})
    connection.executemany(
        f"""insert into checks (url, outlet, address, kind, title, listed_at, found_at, found_in, due_at, rung)
            values (:url, :outlet, :address, :kind, :title, :listed_at, :found_at, :found_in, :due_at, :rung)
            on conflict (url) do update set {_FOUND}, rung = case when {_NOT_OURS} then excluded.rung else rung end,
                due_at = case when {_NOT_OURS} then excluded.due_at else due_at end
            where {_FOUND_EARLIER} or {_NOT_OURS}""",
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
                "due_at": None if link.older else iso(listing.at),
                "rung": OLDER if link.older else UNREAD,
            }
            for link in links
        ],
    )
    if names_new:
        connection.executemany(
            "update checks set due_at = ? where url = ? and rung = ? and coalesce(last_capture, 0) < ?",
            [(iso(listing.at), link.canonical, OLDER, listing.id) for link in links if link.older],
        )


_NOT_OURS = f"checks.rung = {ELSEWHERE}"
_FOUND_EARLIER = "(checks.found_at is null or excluded.found_at < checks.found_at)"
_FOUND = ", ".join(
    f"{name} = case when {_FOUND_EARLIER} then excluded.{name} else checks.{name} end"
    for name in ("found_in", "title", "listed_at", "address", "found_at")
)


def _note_links_elsewhere(connection: sqlite3.Connection, listing: Capture, links: Sequence[Link]) -> None:
    connection.executemany(
        f"""insert into checks (url, outlet, address, kind, title, listed_at, found_at, found_in, due_at, rung)
            values (?, ?, ?, 'report', ?, ?, ?, ?, ?, {ELSEWHERE})
            on conflict (url) do update set {_FOUND},
                due_at = case when {_NOT_OURS} then max(checks.due_at, excluded.due_at) else checks.due_at end
            where {_FOUND_EARLIER} or {_NOT_OURS}""",
        [
            (
                link.canonical, listing.outlet, link.url, link.title or None, iso(link.time) if link.time else None,
                iso(listing.at), listing.url, iso(listing.at),
            )
            for link in links
        ],
    )  # fmt: skip


def _note_look_elsewhere(connection: sqlite3.Connection, capture: Capture) -> None:
    """An address is known by what others captured of it, if that was a report's page: of several the newest."""
    if capture.kind != "report" or capture.outcome not in ("report", "quarantined"):
        return
    connection.execute(
        f"""insert into checks (url, outlet, address, kind, due_at, rung) values (?, ?, ?, 'report', ?, {ELSEWHERE})
            on conflict (url) do update set due_at = excluded.due_at,
                address = case when checks.found_at is null then excluded.address else checks.address end
            where {_NOT_OURS} and checks.due_at < excluded.due_at""",
        [capture.canonical, capture.outlet, capture.url, iso(capture.at)],
    )


def expect_lists(connection: sqlite3.Connection, outlet: str, lists: Sequence[tuple[str, str]]) -> None:
    """Have the lists of an outlet's description, (canonical address, address) each, read: at once when they are new.
    One that is described no more, and that no list named, is read no more."""
    connection.executemany(
        """insert into checks (url, outlet, address, kind, due_at) values (?, ?, ?, 'listing', ?)
            on conflict (url) do update set due_at = coalesce(due_at, excluded.due_at) where kind = 'listing'""",
        [(canonical, outlet, address, _AT_ONCE) for canonical, address in lists],
    )
    connection.execute(
        "update checks set due_at = null where outlet = ? and kind = 'listing' and due_at is not null "
        "and found_at is null and url not in (select value from json_each(?))",
        [outlet, json.dumps([canonical for canonical, _ in lists])],
    )


def note_look(connection: sqlite3.Connection, capture: Capture, changed_at: datetime, schedule: Schedule) -> None:
    """Keep how the last look at an address ended, and when the next is due (None: only when a list names it anew)."""
    if capture.origin != "live":
        _note_look_elsewhere(connection, capture)
        return
    if capture.kind == "other":
        return
    changed_at = min(changed_at, _known_since(connection, capture) or changed_at)
    last_rung, failures, changed_before = connection.execute(
        "select rung, failures, changed_at from checks where url = ?", [capture.canonical]
    ).fetchone() or (UNREAD, 0, None)
    if changed_before and capture.kind == "report" and _is_unread(connection, capture):
        # What cannot be read is not news at every look.
        changed_at = min(changed_at, parse(changed_before))
    failures = failures + 1 if _failed(capture) else 0
    if last_rung == ELSEWHERE:
        last_rung = LAST_RUNG
    rung: int | None
    if capture.kind == "listing" and last_rung == OLDER:
        rung, due = OLDER, schedule.after_failures(failures, capture.at) if failures else None
    else:
        rung, due = _next_look(connection, capture, changed_at, schedule, failures)
    full = capture.status == 200
    connection.execute(
        """insert into checks (url, outlet, address, kind, last_capture, last_at, last_outcome, changed_at, etag,
                last_modified, due_at, rung, failures)
            values (:url, :outlet, :address, :kind, :capture, :at, :outcome, :changed_at, :etag, :modified, :due,
                :rung, :failures)
            on conflict (url) do update set last_capture = excluded.last_capture, last_at = excluded.last_at,
                address = case when checks.rung = :elsewhere and found_at is null then excluded.address
                    else checks.address end,
                last_outcome = excluded.last_outcome, changed_at = excluded.changed_at,
                due_at = case when kind = 'listing' and due_at is null then null else excluded.due_at end,
                rung = excluded.rung, failures = excluded.failures,
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
            "rung": last_rung if rung is None else rung,
            "failures": failures,
            "elsewhere": ELSEWHERE,
        },
    )


def _known_since(connection: sqlite3.Connection, capture: Capture) -> datetime | None:
    """When others first read a report, at our own first look at it: that its wording is another one by now is not news
    of this hour. None at any other look."""
    row = connection.execute(
        "select first_seen from reports where id = (select report from captures where id = ?) and first_look = ? "
        "and first_seen < first_look",
        [capture.id, iso(capture.at)],
    ).fetchone()
    return parse(row[0]) if row else None


def _is_unread(connection: sqlite3.Connection, capture: Capture) -> bool:
    """Whether a page that came, or that was not modified, could not be read."""
    if capture.outcome != "unchanged":
        return capture.outcome == "quarantined"
    before = connection.execute("select outcome from captures where id = ?", [capture.revisit_of]).fetchone()
    return before is not None and before[0] == "quarantined"


def _failed(capture: Capture) -> bool:
    """Whether a look came to nothing through the server's trouble, or ours, that may soon be over."""
    return capture.outcome in FAILED or RULES_UNKNOWN in capture.error


def _next_look(
    connection: sqlite3.Connection, capture: Capture, changed_at: datetime, schedule: Schedule, failures: int
) -> tuple[int | None, datetime | None]:
    """The rung on the ladder (None: as it was) and when to look again (None: never on its own account)."""
    at = capture.at
    if capture.kind == "listing":
        (every,) = connection.execute("select every from outlets where id = ?", [capture.outlet]).fetchone()
        due = at + timedelta(minutes=every)
        return UNREAD, min(due, schedule.after_failures(failures, at)) if failures else due
    if capture.outcome in _NEVER_AGAIN:
        return UNREAD, None
    if _failed(capture):
        return None, schedule.after_failures(failures, at)
    if capture.outcome == "robots":
        return None, at + AFTER_ROBOTS
    report, of_missing = connection.execute(
        "select captures.report, before.outcome = 'missing' from captures left join captures as before "
        "on before.id = captures.revisit_of where captures.id = ?",
        [capture.id],
    ).fetchone() or (None, False)
    if capture.outcome == "missing" or (capture.outcome == "unchanged" and of_missing):
        return (UNREAD, at + AFTER_MISSING) if report is None else _while_missing(connection, report, at, schedule)
    if report is None and capture.outcome == "redirect":
        # Under the same address the answer is still to come, unless the crawl is killed before.
        leads_here = any(link.canonical == capture.canonical for link in capture.links or [])
        return UNREAD, at if leads_here else None
    rung, due = schedule.next_look(changed_at, at)
    return rung if report is not None else UNREAD, due


def _while_missing(
    connection: sqlite3.Connection, report: int, at: datetime, schedule: Schedule
) -> tuple[int | None, datetime]:
    spell = connection.execute(
        "select state, suspected_at from takedowns where report = ? order by id desc limit 1", [report]
    ).fetchone()
    if spell is None or spell[0] != "gone":
        return None, at + AFTER_SUSPECTED
    rung, due = schedule.next_look(parse(spell[1]), at)
    return rung, max(due, at + AFTER_GONE)


def look_again(connection: sqlite3.Connection, capture: int, schedule: Schedule) -> None:
    """Say anew when an address is due at which this capture, the last one, found a report missing: the state that it
    led to may have become another."""
    row = connection.execute(
        "select checks.url, report, at from captures join checks on checks.url = canonical "
        "where captures.id = ? and last_capture = captures.id and outcome in ('missing', 'unchanged')",
        [capture],
    ).fetchone()
    if row:
        rung, due = _while_missing(connection, row[1], parse(row[2]), schedule)
        connection.execute(
            "update checks set due_at = ?, rung = coalesce(?, rung) where url = ?", [iso(due), rung, row[0]]
        )


def check(connection: sqlite3.Connection, url: str) -> Check | None:
    """What is known of a canonical address, None when nothing."""
    row = connection.execute(f"{_SELECT} where url = ?", [url]).fetchone()
    return _check(row) if row else None


def listings(connection: sqlite3.Connection, outlet: str, now: datetime, everything: bool) -> list[Check]:
    """Lists that are due; `everything` takes all that are known: the list that leads to one may be unchanged (304)
    while it is not."""
    # Named, for the other index has an entry for each report, and a table of millions would be read for five lists.
    rows = connection.execute(
        f"""{_SELECT} indexed by checks_lists where outlet = :outlet and kind = 'listing'
            and (due_at <= :now or :everything) order by due_at, url""",
        {"outlet": outlet, "now": iso(now), "everything": everything},
    ).fetchall()
    return [_check(row) for row in rows]


def due(connection: sqlite3.Connection, outlet: str, now: datetime, limit: int, everything: bool) -> Iterator[Check]:
    """Report addresses to look at now, the youngest first: those never read, the last listed first; then re-visits, by
    their rung on the ladder and the time for which they are due. Where not all can be had, a share of the re-visits is
    kept for those that are due longest, whatever their age: else a busy outlet's old reports would never come up. Last
    come some of those at which only others have looked.

    `everything` takes known ones that are not due too.
    """
    if everything:
        rows = connection.execute(
            f"""{_SELECT} where outlet = ? and kind = 'report'
            order by rung = ?, last_capture is not null, coalesce(listed_at, found_at) desc, due_at limit ?""",
            [outlet, ELSEWHERE, limit],
        ).fetchall()
        return map(_check, rows)
    rows = connection.execute(
        f"""{_SELECT} indexed by checks_backlog where outlet = ? and kind = 'report' and rung = {UNREAD}
        and due_at is not null and due_at <= ? order by coalesce(listed_at, found_at) desc limit ?""",
        [outlet, iso(now), limit],
    ).fetchall()
    return map(_check, rows + _revisits(connection, outlet, now, limit - len(rows)))


def _revisits(connection: sqlite3.Connection, outlet: str, now: datetime, limit: int) -> list[_Row]:
    """So many re-visits, by rung and due time: the youngest, and in their last places those due longest; then a few
    that are known from elsewhere."""
    few = max(limit // _SHARE_OF_ELSEWHERE, 1 if limit >= _FEW_ELSEWHERE else 0)
    elsewhere = connection.execute(
        f"{_SELECT} where outlet = ? and kind = 'report' and rung = {ELSEWHERE} and due_at <= ? "
        "order by due_at desc limit ?",
        [outlet, iso(now), few],
    ).fetchall()
    limit -= len(elsewhere)
    found: list[tuple[int, _Row]] = []
    for rung in range(UNREAD + 1, LAST_RUNG + 1):
        rows = connection.execute(
            f"{_SELECT} where outlet = ? and kind = 'report' and rung = ? and due_at <= ? order by due_at limit ?",
            [outlet, rung, iso(now), limit],
        ).fetchall()
        found += [(rung, row) for row in rows]
    kept = limit // _SHARE_OF_THE_OVERDUE if len(found) > limit else 0
    youngest, others = found[: limit - kept], found[limit - kept :]
    overdue = sorted(others, key=lambda each: each[1][-1] or "")[:kept]
    return [row for _, row in youngest + sorted(overdue, key=lambda each: each[0])] + elsewhere


_SELECT = "select url, address, kind, title, listed_at, last_capture, etag, last_modified, due_at from checks"


def _check(row: _Row) -> Check:
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
