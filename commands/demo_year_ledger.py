"""The ledger of the simulated year, for people to read: what the newsroom did, and below it what the archive found."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from itertools import chain, groupby
from pathlib import Path

from archive.schema import connect
from archive.times import parse
from samples.year.script import EVENTS, STORIES

Line = tuple[datetime, str]


def ledger(archive: Path, refused: list[tuple[datetime, str]]) -> Iterator[str]:
    """Lines in order of time; "▸" begins what happened, and the others say what the archive holds of it."""
    with closing(connect(archive)) as connection:
        found: list[Line] = list(chain(_events(), _reports(connection), _edits(connection), _spells(connection)))
        found += chain(_alarms(connection), _days(connection), _refusals(refused))
    for at, text in sorted(found, key=lambda line: (line[0], not line[1].startswith("▸"))):
        yield f"{at:%Y-%m-%d %H:%M} {text}"


_TITLES = {story.key: story.title for story in STORIES}


def _events() -> Iterator[Line]:
    for event in EVENTS:
        who = f"“{_TITLES[event.subject]}”" if event.subject in _TITLES else event.subject
        yield event.at, f"▸ {who} {event.says}"


def _reports(connection: sqlite3.Connection) -> Iterator[Line]:
    for at, outlet, title in connection.execute(
        "select seen_at, outlet, versions.title from versions join reports on reports.id = report where number = 1"
    ):
        yield parse(at), f"    new report    {outlet}: “{title}”"


def _edits(connection: sqlite3.Connection) -> Iterator[Line]:
    for at, title, number, kinds, added, removed in connection.execute(
        "select seen_at, title, number, kinds, added, removed from versions where number > 1"
    ):
        yield parse(at), f"    edit          “{title}”, version {number}: {kinds} (+{added} −{removed} characters)"


def _spells(connection: sqlite3.Connection) -> Iterator[Line]:
    for title, state, cause, suspected, gone, restored in connection.execute(
        "select title, takedowns.state, cause, suspected_at, gone_at, restored_at from takedowns "
        "join reports on reports.id = report"
    ):
        yield parse(suspected), f"    suspected     “{title}” ({cause})"
        if gone:
            yield parse(gone), f"    gone          “{title}”"
        if restored:
            yield parse(restored), f"    {'restored' if state == 'restored' else 'unconfirmed':13} “{title}”"


def _alarms(connection: sqlite3.Connection) -> Iterator[Line]:
    for kind, outlet, message, raised, cleared in connection.execute(
        "select kind, outlet, message, raised_at, cleared_at from alarms"
    ):
        yield parse(raised), f"    alarm         {kind}: {message}"
        if cleared:
            yield parse(cleared), f"    alarm is over {kind}{f' at {outlet}' if outlet else ''}"


def _days(connection: sqlite3.Connection) -> Iterator[Line]:
    for day, outlet, asked in connection.execute(
        "select day, outlet, asked from coverage_days where answered = 0 order by day"
    ):
        yield parse(f"{day}T23:59:59Z"), f"    no answer     {outlet}: {asked} requests that day"


def _refusals(refused: list[tuple[datetime, str]]) -> Iterator[Line]:
    """Those for one reason are one line."""
    for reason, runs in groupby(refused, key=lambda run: run[1].partition("holds")[2] or run[1]):
        times = [at for at, _ in runs]
        yield times[0], f"    refused       {len(times)} runs, until {times[-1]:%H:%M}: the archive holds{reason}"
