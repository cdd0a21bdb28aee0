"""Spells in which a report was missing, made from all looks at it: the table `takedowns`."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from archive.states import state
from archive.times import parse


def condition(connection: sqlite3.Connection, report: int, confirm_after: timedelta) -> tuple[str, datetime]:
    """A report's state and when it was last looked at, from all looks at it."""
    looks = [
        (parse(at), outcome)
        for at, outcome in connection.execute("select at, outcome from captures where report = ?", [report])
    ]
    return state(looks), max(at for at, _ in looks)


def write(connection: sqlite3.Connection, report: int, confirm_after: timedelta) -> None:
    """Write the report's spells anew; its row is there."""
