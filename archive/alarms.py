"""The table `alarms`: each trouble is raised once, seen again while it lasts, and cleared when it is over.

One that was acknowledged, with a note, is quiet until its state changes; then its row is closed, the note in it, and a
new one is raised. No row is ever removed. Alarms are not in the WARC files: `dateline reread` carries them over.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from archive import troubles
from archive.standing import Key, Standing, Trouble
from archive.storage import Captures
from archive.times import iso, parse


@dataclass(frozen=True, slots=True)
class Alarm:
    """A row, columns as the table has them; times are ISO text (UTC). `id` is 0 for one that is not written yet."""

    id: int
    kind: str
    outlet: str | None
    subject: str
    message: str
    state: str
    raised_at: str
    seen_at: str
    cleared_at: str | None
    acknowledged_at: str | None
    note: str | None
    told: str
    notified_at: str | None

    @property
    def key(self) -> Key:
        return self.kind, self.outlet, self.subject


@dataclass(frozen=True, slots=True)
class Changes:
    """What a check found otherwise than the one before: new alarms, acknowledged ones that are back since their state
    changed, and alarms that are over."""

    raised: tuple[Alarm, ...] = ()
    returned: tuple[Alarm, ...] = ()
    cleared: tuple[Alarm, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.raised or self.returned or self.cleared)


class UnknownAlarm(Exception):
    """There is no such alarm, or it is over; the message says so and where to look."""


_COLUMNS = ", ".join(field.name for field in fields(Alarm))


def check(connection: sqlite3.Connection, settings: Mapping[str, Any], captures: Captures, now: datetime) -> Changes:
    """Look for everything that is wrong and bring the table up to date, in the caller's transaction.

    `settings` are those of settings.py; `captures` is the folder of WARC files. Raises OSError when a disk cannot be
    asked for its room.
    """
    standing = _open(connection)
    found = _compare(standing, _troubles(connection, settings, captures, now, standing), iso(now))
    for alarm in found.over:
        connection.execute("update alarms set cleared_at = ?, told = '' where id = ?", [iso(now), alarm.id])
    for alarm in found.same:
        connection.execute(
            "update alarms set seen_at = ?, state = ?, message = ? where id = ?",
            [iso(now), alarm.state, alarm.message, alarm.id],
        )
    for alarm, _ in found.back:
        connection.execute("update alarms set cleared_at = ?, told = '' where id = ?", [iso(now), alarm.id])
    return Changes(
        raised=tuple(_write(connection, alarm) for alarm in found.new),
        returned=tuple(_write(connection, alarm) for _, alarm in found.back),
        cleared=tuple(replace(alarm, cleared_at=iso(now), told="") for alarm in found.over),
    )


def standing(
    connection: sqlite3.Connection, settings: Mapping[str, Any], captures: Captures, now: datetime
) -> list[Alarm]:
    """The alarms that a check would leave open now, without writing anything; those not acknowledged come first."""
    known = _open(connection)
    found = _compare(known, _troubles(connection, settings, captures, now, known), iso(now))
    return sorted([*found.new, *(alarm for _, alarm in found.back), *found.same], key=_order)


def open_alarms(connection: sqlite3.Connection) -> list[Alarm]:
    """The open alarms as the last check left them, those not acknowledged first, newest first; none in a public
    archive, which has no such table."""
    return sorted(_select(connection, "where cleared_at is null order by id desc"), key=_order)


def history(connection: sqlite3.Connection, limit: int) -> list[Alarm]:
    """The newest alarms, open or over, newest first; none in a public archive."""
    return _select(connection, "order by id desc limit ?", limit)


def acknowledge(connection: sqlite3.Connection, id: int, note: str, now: datetime) -> Alarm:
    """Keep that somebody knows of an open alarm, and what was said of it; saying it again replaces the note. In the
    caller's transaction. Raises UnknownAlarm."""
    cursor = connection.execute(
        "update alarms set acknowledged_at = ?, note = ? where id = ? and cleared_at is null", [iso(now), note, id]
    )
    if not cursor.rowcount:
        over = _select(connection, "where id = ?", id)
        why = f"is over since {over[0].cleared_at}" if over else "does not exist"
        raise UnknownAlarm(f"Alarm {id} {why}. `dateline alarms` lists the open ones.")
    return _select(connection, "where id = ?", id)[0]


def _order(alarm: Alarm) -> tuple[bool, int]:
    return alarm.acknowledged_at is not None, -alarm.id if alarm.id else -(2**63)


def _select(connection: sqlite3.Connection, which: str, *parameters: object) -> list[Alarm]:
    if not connection.execute("select 1 from main.sqlite_master where name = 'alarms'").fetchone():
        return []
    return [Alarm(*row) for row in connection.execute(f"select {_COLUMNS} from alarms {which}", parameters)]


def _open(connection: sqlite3.Connection) -> dict[Key, Alarm]:
    return {alarm.key: alarm for alarm in _select(connection, "where cleared_at is null")}


def _troubles(
    connection: sqlite3.Connection,
    settings: Mapping[str, Any],
    captures: Captures,
    now: datetime,
    known: Mapping[Key, Alarm],
) -> list[Trouble]:
    was = {
        key: Standing(alarm.state, alarm.message, parse(alarm.raised_at), alarm.acknowledged_at is not None)
        for key, alarm in known.items()
    }
    return troubles.find(connection, settings, captures, now, was)


@dataclass(frozen=True, slots=True)
class _Comparison:
    new: list[Alarm]
    back: list[tuple[Alarm, Alarm]]  # the acknowledged row, and the one that takes its place
    same: list[Alarm]
    over: list[Alarm]


def _compare(known: Mapping[Key, Alarm], found: list[Trouble], now: str) -> _Comparison:
    comparison = _Comparison([], [], [], [])
    for trouble in found:
        fresh = Alarm(
            0, trouble.kind, trouble.outlet, trouble.subject, trouble.message, trouble.state, raised_at=now,
            seen_at=now, cleared_at=None, acknowledged_at=None, note=None, told="", notified_at=None,
        )  # fmt: skip
        alarm = known.get(trouble.key)
        if alarm is None:
            comparison.new.append(fresh)
        elif alarm.acknowledged_at and alarm.state != trouble.state:
            comparison.back.append((alarm, fresh))
        else:
            # An acknowledgement was of the message that was read.
            message = alarm.message if alarm.acknowledged_at else trouble.message
            comparison.same.append(replace(alarm, state=trouble.state, message=message, seen_at=now))
    keys = {trouble.key for trouble in found}
    comparison.over.extend(alarm for key, alarm in known.items() if key not in keys)
    return comparison


def _write(connection: sqlite3.Connection, alarm: Alarm) -> Alarm:
    cursor = connection.execute(
        "insert into alarms (kind, outlet, subject, message, state, raised_at, seen_at) values (?, ?, ?, ?, ?, ?, ?)",
        [alarm.kind, alarm.outlet, alarm.subject, alarm.message, alarm.state, alarm.raised_at, alarm.seen_at],
    )
    return replace(alarm, id=int(cursor.lastrowid or 0))


# What is to be told


def untold(connection: sqlite3.Connection, since: datetime) -> Changes:
    """What nobody, or not everybody, was told: alarms that are open and not acknowledged, and those that were over
    since a time without having been acknowledged. One that was raised and cleared in between is among the cleared."""
    raised: list[Alarm] = []
    returned: list[Alarm] = []
    for alarm in _select(
        connection, "where cleared_at is null and acknowledged_at is null and notified_at is null order by id"
    ):
        (returned if _was_acknowledged(connection, alarm) else raised).append(alarm)
    cleared = _select(
        connection,
        "where cleared_at > ? and acknowledged_at is null and (notified_at is null or notified_at < cleared_at) "
        "order by id",
        iso(since),
    )
    return Changes(tuple(raised), tuple(returned), tuple(cleared))


def _was_acknowledged(connection: sqlite3.Connection, alarm: Alarm) -> bool:
    """Whether it took the place of one that had been acknowledged."""
    row = connection.execute(
        "select 1 from alarms where kind = ? and outlet is ? and subject = ? and cleared_at = ? and id < ? "
        "and acknowledged_at is not null",
        [alarm.kind, alarm.outlet, alarm.subject, alarm.raised_at, alarm.id],
    ).fetchone()
    return row is not None


def note_told(connection: sqlite3.Connection, changes: Changes, way: str, all_ways: tuple[str, ...], at: str) -> None:
    """Keep that these have been told in one way (command, mail), in the caller's transaction; `notified_at` is set once
    that was done in all of them."""
    for alarm in (*changes.raised, *changes.returned, *changes.cleared):
        told = " ".join(sorted({*alarm.told.split(), way}))
        done = set(all_ways) <= set(told.split())
        connection.execute(
            "update alarms set told = ?, notified_at = case when ? then ? else notified_at end "
            "where id = ? and cleared_at is ?",
            [told, done, at, alarm.id, alarm.cleared_at],
        )
