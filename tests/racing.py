"""Processes that write one name of a store at the same moment."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]

# A process that begins when the file `go` appears, and says what became of it.
RACER = """
import sys, time
from pathlib import Path
from archive.storage import Changed, store_at
location, go, what, mine, size, tag = sys.argv[1:]
store = store_at(location)
store.names()
print("ready", flush=True)
while not Path(go).exists():
    pass
try:
    if what == "create":
        store.create("it", mine.encode() * int(size))
    else:
        store.replace("it", mine.encode() * int(size), tag)
    print("won")
except (FileExistsError, Changed) as error:
    print("lost", type(error).__name__)
"""


def race(location: str, scratch: Path, what: str, *, processes: int = 4, size: int = 100_000, tag: str = "") -> str:
    """Several processes create or replace the name `it`; returns the letter of which the only winner wrote `size`."""
    go = scratch / f"go-{time.monotonic_ns()}"
    letters = "abcdefgh"[:processes]
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, location, go, what, letter, str(size), tag],
            stdout=subprocess.PIPE, text=True, cwd=PROJECT,
        )
        for letter in letters
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout is not None and racer.stdout.readline() == "ready\n"
    go.touch()
    said = [racer.communicate(timeout=60)[0].strip() for racer in racers]
    loser = f"lost {'FileExistsError' if what == 'create' else 'Changed'}"
    assert sorted(said) == [*[loser] * (processes - 1), "won"]
    return letters[said.index("won")]
