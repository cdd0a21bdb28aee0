"""Scheduled runs that are killed: python tests/killing.py DELAY…

Each DELAY, in seconds, is a run that gets SIGKILL so long after its begin; 0 is one that is let end. Everything that is
known is made due before each. Prints a line for each run: "killed", or its exit code; waits for a line on standard
input before the next one. One process imports all that a run needs, and forks, since that takes longer than a run.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import settings
from archive import clock
from archive.times import parse
from cli import main
from commands import due as _due  # noqa: F401  imported before the fork
from commands.demo import FAST

BEGIN = parse("2026-09-24T12:00:00Z")
BETWEEN = timedelta(minutes=10)
# Every file is closed after a few captures and rows are written in small batches: more moments that a kill can hit.
OPTIONS = [*FAST, "COMMIT_EVERY=7", "WARC_MAX_BYTES=60000", "LISTS_EVERY=1"]


def run(number: int) -> None:
    """In the child: `dateline due`, with its own clock, which goes on."""
    began, shown = time.monotonic(), BEGIN + number * BETWEEN
    with clock.replaced(lambda: shown + timedelta(seconds=time.monotonic() - began)):
        main(["due", *(part for option in OPTIONS for part in ("--set", option))], prog_name="dateline")


def make_due() -> None:
    if not settings.ARCHIVE.exists():
        return
    with closing(sqlite3.connect(settings.ARCHIVE, timeout=30)) as connection, connection:
        if connection.execute("select 1 from sqlite_master where name = 'checks'").fetchone():
            connection.execute("update checks set due_at = '1970-01-01T00:00:00Z' where due_at is not null")


def forked(number: int, delay: float) -> str:
    child = os.fork()
    if not child:
        code = 1
        try:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            run(number)
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            os._exit(code)
    if delay:
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return "killed" if os.WIFSIGNALED(status) else str(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    for turn, seconds in enumerate(map(float, sys.argv[1:])):
        make_due()
        print(forked(turn, seconds), flush=True)
        sys.stdin.readline()
