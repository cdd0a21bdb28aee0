"""Who made a capture, in words: Dateline itself, a web archive, or whoever wrote a WARC file that was imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

LIVE = "live"
# captures.origin → who that is, after "by" or "from"; their captures, of so many.
NAMES = {LIVE: "Dateline", "wayback": "a web archive", "import": "an imported WARC file"}
_CAPTURES = {LIVE: "our own", "wayback": "from web archives", "import": "from imported WARC files"}
_KNOWN_ARCHIVES = {"web.archive.org": "the Wayback Machine"}


def name(capture: Mapping[str, Any]) -> str:
    """Who made a capture: "Dateline", "the Wayback Machine", "the web archive at pywb.example". Takes a row with
    `origin` and, where it is known, `source`."""
    origin = str(capture["origin"])
    host = urlsplit(str(capture.get("source") or "")).hostname
    if origin != "wayback" or not host:
        return NAMES.get(origin, origin)
    return _KNOWN_ARCHIVES.get(host, f"the web archive at {host}")


def is_ours(capture: Mapping[str, Any]) -> bool:
    return bool(capture["origin"] == LIVE)


def counted(of: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Captures by origin, ours first: (origin, its captures in words, how many); nothing for those that there are
    none of."""
    return [(origin, words, of[origin]) for origin, words in _CAPTURES.items() if of.get(origin)]
