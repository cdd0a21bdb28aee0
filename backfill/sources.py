"""What a backfill asks of a source: a list of what it holds of an outlet, page by page, and each capture on request.

A source does no more than ask and understand: which captures are wanted, what is kept and what was held before is for
backfill/run.py. It opens no archive and writes nothing, and every request goes through backfill/polite.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, Protocol, cast

from archive.mementos import Memento as Memento
from backfill.polite import Client


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when captures are wanted: YYYYMMDDhhmmss (UTC), both inclusive. `below`: only these addresses, and
    what begins with them; none for all of the outlet's."""

    first: str
    last: str
    below: tuple[str, ...] = ()

    def holds(self, timestamp: str) -> bool:
        return self.first <= timestamp <= self.last


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: mementos of reports of the outlet within the window, in any order. `listed` is how many lines
    it had, and `unreadable` how many of them say nothing. With `resume` the list can be gone on with behind this part,
    by another process too; it is "" when this was the last one."""

    mementos: list[Memento]
    listed: int
    resume: str
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A capture as the source gave it, under the address and the time that it really has: a source that gives another
    one than was asked for says so here. `headers` are the original ones, `body` is the payload with the content coding
    that `headers` name. `source` is the address that was asked. `record` is the WARC record itself, one gzip member,
    where the source gives it: then it is kept as it is, with its `record_id`."""

    url: str
    timestamp: str
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes
    source: str
    record: bytes = b""
    record_id: str = ""


class Source(Protocol):
    """What every source has. Both methods raise, besides what is named here, what Client.get does: Unavailable (asking
    later may help; what was wanted stays wanted), GaveUp and Stopped (which end the backfill).

    With a class attribute `at_once`, what a page lists is fetched before the next one is asked for: it is at hand then.
    """

    via: ClassVar[str]  # its name: wayback, cc-news, cc-index
    origin: ClassVar[str]  # of captures that come from it: wayback or import
    delay: float  # seconds between two captures that are fetched, for an estimate

    def __init__(self, settings: Mapping[str, Any], client: Client) -> None: ...

    def listed(self, outlet: Any, window: Window, resume: str) -> Iterator[Page]:
        """What the source holds, from the beginning or from where `resume` says."""
        ...

    def fetch(self, memento: Memento) -> Fetched:
        """Raises Refused when the source will not give this one, now or later: the reason names its address."""
        ...


class Refused(Exception):
    """The source does not give this capture. `suspicious`: it may be that the source is what is wrong, since it
    answers with something that is neither a capture nor an error; many of them in a row end the backfill."""

    def __init__(self, reason: str, suspicious: bool = False) -> None:
        super().__init__(reason)
        self.suspicious = suspicious


# Loaded when one is asked for.
SOURCES = {
    "wayback": "backfill.wayback.Wayback",
    "cc-news": "backfill.cc_news.News",
    "cc-index": "backfill.cc_index.Index",
}


def source(via: str, settings: Mapping[str, Any], client: Client) -> Source:
    """The source of this name. Raises KeyError when there is none."""
    module, _, name = SOURCES[via].rpartition(".")
    return cast(Source, getattr(import_module(module), name)(settings, client))
