"""Read what is new into an archive, and die at a moment: tests/test_engines.py runs this in a process of its own.

python tests/merging.py WORKERS DIE_AFTER     of the archive that the environment names; 0: live on
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from scrapy.utils.project import get_project_settings

from archive.writer import Writer
from commands.reading import read_new
from items import Capture
from pipelines.registry import descriptions, lists, outlets

die_after = int(sys.argv[1])
engine: dict[str, Any] = {"engine": "dask", "scheduler": sys.argv[2]} if sys.argv[2:] else {"workers": 2}
taken = 0


class Mortal(Writer):
    def add(self, capture: Capture) -> None:
        global taken
        taken += 1
        if taken == die_after:
            os.kill(os.getpid(), signal.SIGKILL)
        super().add(capture)


if __name__ == "__main__":
    settings = get_project_settings()
    writer = Mortal.from_settings(settings)
    known = outlets(settings)
    writer.describe(descriptions(known, settings))
    writer.expect_lists(lists(known))
    read_new(writer, settings, **engine)
    writer.close()
    print(taken)
