"""`dateline backfill` of another archive: python tests/backfilling.py NAME=VALUE… -- ARGUMENT…

Settings that are given stand in settings.py from the beginning, as they would for whoever uses that archive. With
KILLED=1 among them it is run again and again: for each line on standard input one run begins, the next line is the
number of seconds after which it is killed, and a line tells how it ended: "killed", or its exit code. One process
imports all that a run needs, and forks, since that takes longer than a run.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import settings


def value(text: str) -> object:
    """As --set reads it."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def run(arguments: list[str]) -> None:
    from commands.backfill import backfill

    backfill(arguments, prog_name="dateline backfill")


def forked(arguments: list[str]) -> str:
    child = os.fork()
    if not child:
        code = 1
        try:
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            run(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            os._exit(code)
    time.sleep(float(sys.stdin.readline()))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return "killed" if os.WIFSIGNALED(status) else str(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    border = sys.argv.index("--")
    given = dict(each.partition("=")[::2] for each in sys.argv[1:border])
    kills = bool(given.pop("KILLED", ""))
    for name, text in given.items():
        setattr(settings, name, value(text))
    if not kills:
        run(sys.argv[border + 1 :])
    import commands.backfill  # noqa: F401  imported before the fork

    while sys.stdin.readline():
        print(forked(sys.argv[border + 1 :]), flush=True)
