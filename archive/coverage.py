"""What was asked of each outlet on each day and how it ended: the table `coverage_days`, kept by the writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


def update(connection: sqlite3.Connection, days: Iterable[tuple[str, str]]) -> None:
    """Count anew the days, (outlet, ISO date in UTC) each, of which captures or reports were written."""
