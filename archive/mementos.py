"""What other archives say they hold of our outlets, and what became of it: the tables `mementos` and `backfills`.

A memento is `wanted` until it is `held` (its capture is here, fetched or from elsewhere), `same` (as held, and written
without a request, since its payload is the one before it at that address) or `failed`. A state is written after the
row of its capture, so that a kill in between costs a look into `captures`, and never a capture.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.times import iso
from archive.transactions import transaction

LISTED = "-"  # in backfills.resume: the list is complete


@dataclass(frozen=True, slots=True)
class Memento:
    """One capture that a source says it holds. `timestamp` is YYYYMMDDhhmmss in UTC; `digest` is the source's own for
    the payload, "" where it has none; `status` is None where the list does not tell; `bytes` is what it takes there.
    `place` is where the source gets it, for the source alone to understand."""

    url: str
    timestamp: str
    digest: str
    status: int | None
    content_type: str
    bytes: int | None
    place: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a memento. `wanted` with a reason: it could not be had this time."""

    memento: Memento
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """The memento before another one at the same address."""

    digest: str
    status: int | None
    capture: int | None  # None while it is not here


@dataclass(frozen=True, slots=True)
class Backfill:
    """One request for a window of an outlet's past, which may take several runs. `resume` is where its list goes on: ""
    at the beginning, LISTED at the end."""

    id: str
    resume: str


def begin(
    connection: sqlite3.Connection, outlet: str, via: str, days: tuple[str, str], why: str, started: datetime
) -> Backfill:
    """The backfill of these days that was begun for this reason and has not ended, or a new one."""
    row = connection.execute(
        "select id, resume from backfills where outlet = ? and via = ? and from_day = ? and to_day = ? and why = ? "
        "and finished_at is null order by started_at desc limit 1",
        [outlet, via, *days, why],
    ).fetchone()
    if row:
        return Backfill(*row)
    made = Backfill(f"{started:%Y%m%dT%H%M%S%fZ}-{outlet}-{via}", "")
    with transaction(connection):
        connection.execute(
            "insert into backfills (id, outlet, via, from_day, to_day, why, started_at) values (?, ?, ?, ?, ?, ?, ?)",
            [made.id, outlet, via, *days, why, iso(started)],
        )
    return made


def note(
    connection: sqlite3.Connection, backfill: Backfill, via: str, outlet: str, mementos: Iterable[Memento], resume: str
) -> int:
    """Keep a part of the list, and where it goes on; returns how many of it were not known. What is here already, from
    wherever it came, is held."""
    with transaction(connection):
        new = 0
        for memento in mementos:
            new += connection.execute(
                "insert into mementos (via, url, timestamp, outlet, digest, status, content_type, bytes, place, "
                "backfill, state) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'wanted') on conflict do nothing",
                [
                    via, memento.url, memento.timestamp, outlet, memento.digest, memento.status, memento.content_type,
                    memento.bytes, memento.place, backfill.id,
                ],
            ).rowcount  # fmt: skip
        connection.execute(
            "update backfills set listed = listed + ?, resume = ? where id = ?", [new, resume, backfill.id]
        )
    return new


def reconcile(connection: sqlite3.Connection, outlet: str, via: str) -> None:
    """Have held what has come since it was listed: by an import, or by a run that was killed before it said so."""
    with transaction(connection):
        connection.execute(
            f"""update mementos set state = 'held', reason = null, capture = {_CAPTURE}
            where outlet = ? and via = ? and state = 'wanted' and {_CAPTURE} is not null""",
            [outlet, via],
        )


# A capture of ours in that second is the same look at the page as theirs, for all that can be told.
_AT = "||".join(
    [
        "substr(timestamp, 1, 4)", "'-'", "substr(timestamp, 5, 2)", "'-'", "substr(timestamp, 7, 2)", "'T'",
        "substr(timestamp, 9, 2)", "':'", "substr(timestamp, 11, 2)", "':'", "substr(timestamp, 13, 2)", "'Z'",
    ]
)  # fmt: skip
_CAPTURE = f"(select id from captures where captures.url = mementos.url and at = {_AT} order by id limit 1)"


def is_held(connection: sqlite3.Connection, url: str, at: datetime) -> bool:
    """Whether there is a capture of this address and second."""
    query = "select 1 from captures where url = ? and at = ?"
    return connection.execute(query, [url, iso(at)]).fetchone() is not None


def has_failed(connection: sqlite3.Connection, via: str, memento: Memento) -> bool:
    """Whether the source would not give it before."""
    query = "select 1 from mementos where via = ? and url = ? and timestamp = ? and state = 'failed'"
    return connection.execute(query, [via, memento.url, memento.timestamp]).fetchone() is not None


def attempts(connection: sqlite3.Connection, via: str, memento: Memento) -> int:
    """How often it was asked for in earlier runs."""
    query = "select attempts from mementos where via = ? and url = ? and timestamp = ?"
    return int(connection.execute(query, [via, memento.url, memento.timestamp]).fetchone()[0])


def wanted(
    connection: sqlite3.Connection, outlet: str, via: str, window: tuple[str, str], after: tuple[str, str], limit: int
) -> list[Memento]:
    """Mementos to be fetched, oldest first, from the one behind `after` (timestamp, url)."""
    rows = connection.execute(
        "select url, timestamp, digest, status, content_type, bytes, place from mementos where outlet = ? and via = ? "
        "and state = 'wanted' and timestamp between ? and ? and (timestamp, url) > (?, ?) "
        "order by timestamp, url limit ?",
        [outlet, via, *window, *after, limit],
    )
    return [Memento(*row) for row in rows]


def before(connection: sqlite3.Connection, via: str, memento: Memento) -> Known | None:
    """The one that the source listed before this one at the same address."""
    row = connection.execute(
        "select digest, status, capture from mementos where via = ? and url = ? and timestamp < ? "
        "order by timestamp desc limit 1",
        [via, memento.url, memento.timestamp],
    ).fetchone()
    return Known(*row) if row else None


def mark(connection: sqlite3.Connection, backfill: Backfill, via: str, outcomes: Sequence[Outcome]) -> None:
    """Keep what became of mementos, after the rows of their captures."""
    with transaction(connection):
        for outcome in outcomes:
            connection.execute(
                f"""update mementos set state = :state, reason = :reason, attempts = attempts + (:state <> 'same'),
                capture = case when :state in ('held', 'same') then {_CAPTURE} end
                where via = :via and url = :url and timestamp = :timestamp""",
                {
                    "state": outcome.state,
                    "reason": outcome.reason or None,
                    "via": via,
                    "url": outcome.memento.url,
                    "timestamp": outcome.memento.timestamp,
                },
            )
        connection.execute(
            "update backfills set fetched = fetched + ?, failed = failed + ? where id = ?",
            [
                sum(outcome.state in ("held", "same") for outcome in outcomes),
                sum(outcome.state == "failed" for outcome in outcomes),
                backfill.id,
            ],
        )


def ask_again(connection: sqlite3.Connection, outlet: str, via: str, window: tuple[str, str]) -> None:
    """Have fetched what failed before."""
    with transaction(connection):
        connection.execute(
            "update mementos set state = 'wanted' where outlet = ? and via = ? and state = 'failed' "
            "and timestamp between ? and ?",
            [outlet, via, *window],
        )


def end(
    connection: sqlite3.Connection,
    backfill: Backfill,
    ended: str,
    finished: datetime | None,
    *,
    requests: int,
    received: int,
    addresses: Sequence[str] = (),
) -> None:
    """Keep how a run of a backfill ended; with `finished` nothing of it is left. One for single addresses keeps these,
    so that it does not stand for its window (backfill/plan.py)."""
    with transaction(connection):
        connection.execute(
            "update backfills set ended = ?, finished_at = ?, requests = requests + ?, bytes = bytes + ? where id = ?",
            [ended, iso(finished) if finished else None, requests, received, backfill.id],
        )
        if finished:
            left = json.dumps({"addresses": list(addresses)}, ensure_ascii=False) if addresses else ""
            connection.execute("update backfills set resume = ? where id = ?", [left, backfill.id])
