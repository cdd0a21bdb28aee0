"""A subcommand of `dateline` with another clock: python tests/at_time.py 2026-11-24T12:00:00Z due --quiet"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archive import clock
from archive.times import parse
from cli import main

if __name__ == "__main__":
    began, shown = time.monotonic(), parse(sys.argv[1])
    with clock.replaced(lambda: shown + timedelta(seconds=time.monotonic() - began)):
        main(sys.argv[2:], prog_name="dateline")
