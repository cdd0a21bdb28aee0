"""`dateline backfill` of another archive: python tests/backfilling.py NAME=VALUE… -- ARGUMENT…

Settings that are given stand in settings.py from the beginning, as they would for whoever uses that archive.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import settings


def value(text: str) -> object:
    """As --set reads it."""
    try:
        return json.loads(text)
    except ValueError:
        return text


if __name__ == "__main__":
    border = sys.argv.index("--")
    for override in sys.argv[1:border]:
        name, _, given = override.partition("=")
        setattr(settings, name, value(given))
    from commands.backfill import backfill

    backfill(sys.argv[border + 1 :], prog_name="dateline backfill")
