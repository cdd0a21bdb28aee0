"""A backfill: what a source lists is noted, what is wanted of it is fetched, kept as evidence and read, in this order,
so that it can be broken off anywhere and gone on with.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from archive import clock, mementos
from archive.http_message import content_decoded
from archive.mementos import Memento, Outcome
from archive.warc_reader import read_capture
from archive.warc_writer import CaptureNotWritten
from archive.writer import Writer
from backfill.polite import Client, GaveUp, Stopped, Unavailable
from backfill.sources import Fetched, Refused, Source, Window
from items import Capture
from pipelines.shards import interpret

logger = logging.getLogger(__name__)

_AT_A_TIME = 200  # mementos read from the table
_DOUBTED = 2  # runs that end over a memento before it is the memento that is wrong, and not the archive
_EMPTY = "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"  # SHA-1 of no bytes, as lists have it
# A page that an archive's list does not measure, packed; a report of Xinhua takes 5 to 20 kB in a WARC file.
_USUAL_BYTES = 15_000


@dataclass(slots=True)
class Estimate:
    """What a source lists, before anything is fetched. `listed` counts all lines, `mementos` those of reports."""

    listed: int = 0
    unreadable: int = 0
    mementos: int = 0
    addresses: int = 0
    held: int = 0
    refused: int = 0  # by the archive, before
    same: int = 0  # as the one before, so that no request is needed
    fetch: int = 0
    bytes: int = 0
    requests: int = 0  # that the list took


@dataclass(slots=True)
class Tally:
    """How a run went. `trouble` is why it ended before all was fetched, "" when it did not."""

    listed: int = 0
    unreadable: int = 0
    fetched: int = 0
    same: int = 0
    failed: int = 0
    passed_over: int = 0  # left wanted: they could not be had this time
    left: int = 0
    requests: int = 0
    bytes: int = 0
    new: int = 0
    changed: int = 0
    trouble: str = ""
    stopped: bool = False  # by a signal or the budget
    reasons: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        return self.fetched + self.same + self.failed + self.passed_over


def stamp(timestamp: str) -> datetime:
    """The moment of a memento's timestamp."""
    return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def estimate(writer: Writer, outlet: Any, source: Source, window: Window, client: Client) -> Estimate:
    """What a backfill would do, by the source's list alone; nothing is written. Raises what Source.listed does."""
    made = Estimate()
    last: tuple[str, str] = ("", "")
    addresses: set[str] = set()
    for page in source.listed(outlet, window, ""):
        made.listed += page.listed
        made.unreadable += page.unreadable
        for memento in sorted(page.mementos, key=lambda each: (each.url, each.timestamp)):
            made.mementos += 1
            addresses.add(memento.url)
            if mementos.is_held(writer.connection, memento.url, stamp(memento.timestamp)):
                made.held += 1
            elif mementos.has_failed(writer.connection, source.via, memento):
                made.refused += 1
            elif _can_be_same(memento) and (memento.url, memento.digest) == last:
                made.same += 1
            else:
                made.fetch += 1
                made.bytes += _USUAL_BYTES if memento.bytes is None else memento.bytes
            last = memento.url, memento.digest
    made.addresses, made.requests = len(addresses), client.requests
    return made


def run(
    writer: Writer,
    outlet: Any,
    source: Source,
    window: Window,
    client: Client,
    settings: Mapping[str, Any],
    *,
    why: str = "asked for",
    limit: int = 0,
    again: bool = False,
    room: Callable[[int], str] = lambda _: "",
    show: Callable[[str, int, int], None] = lambda *_: None,
) -> Tally:
    """Do a backfill, or go on with it; what the source could not give now stays wanted. `room` says why there is no
    place for so many bytes, "" when there is; `show` gets what is being done, how much is done and of how much (0: not
    known)."""
    return _Run(writer, outlet, source, window, client, settings, why, limit, again, room, show).run()


class _Run:
    def __init__(
        self,
        writer: Writer,
        outlet: Any,
        source: Source,
        window: Window,
        client: Client,
        settings: Mapping[str, Any],
        why: str,
        limit: int,
        again: bool,
        room: Callable[[int], str],
        show: Callable[[str, int, int], None],
    ) -> None:
        self._writer, self._outlet, self._source, self._window = writer, outlet, source, window
        self._client, self._settings, self._limit, self._again = client, settings, limit, again
        self._room, self._show = room, show
        self._why = f"{why}: {', '.join(window.below)}" if window.below else why
        self._connection = writer.connection
        self._crawl = ""
        self._tally = Tally()
        self._outcomes: list[Outcome] = []  # not written yet
        self._doubtful: list[Outcome] = []  # that may be the source's fault, in a row
        self._kept_instead: set[tuple[str, str]] = set()  # that came in the place of others
        self._flushed = time.monotonic()

    def run(self) -> Tally:
        via, name = self._source.via, self._outlet.name
        mementos.reconcile(self._connection, name, via)
        if self._again:
            mementos.ask_again(self._connection, name, via, (self._window.first, self._window.last))
        days = (f"{stamp(self._window.first):%Y-%m-%d}", f"{stamp(self._window.last):%Y-%m-%d}")
        self._backfill = mementos.begin(self._connection, name, via, days, self._why, clock.now())
        before = self._writer.counts.copy()
        reason = "left some"
        try:
            self._list()
            self._fetch()
        except Stopped as stopped:
            self._tally.stopped, self._tally.trouble, reason = True, str(stopped), "stopped"
        except (GaveUp, Unavailable, Refused, CaptureNotWritten) as trouble:
            self._tally.trouble, reason = str(trouble), "gave up"
        else:
            self._outcomes += self._doubtful  # a few that are bad, among others that are not
        self._flush()
        self._tally.left = sum(1 for _ in self._wanted())
        if not self._tally.trouble and not self._tally.left:
            reason = "finished"
        if self._crawl:
            with suppress(CaptureNotWritten):  # it was said above; the next run ends this crawl
                self._writer.end_crawl(self._crawl, clock.now(), reason)
        for what in ("new", "changed"):
            setattr(self._tally, what, self._writer.counts[name, what] - before[name, what])
        self._tally.requests, self._tally.bytes = self._client.requests, self._client.bytes
        mementos.end(
            self._connection,
            self._backfill,
            reason,
            clock.now() if reason == "finished" else None,
            requests=self._client.requests,
            received=self._client.bytes,
            addresses=self._window.below,
        )
        return self._tally

    # The list

    def _list(self) -> None:
        if self._backfill.resume == mementos.LISTED:
            return
        for page in self._source.listed(self._outlet, self._window, self._backfill.resume):
            mementos.note(
                self._connection, self._backfill, self._source.via, self._outlet.name, page.mementos,
                page.resume or mementos.LISTED,
            )  # fmt: skip
            self._tally.listed += page.listed
            self._tally.unreadable += page.unreadable
            self._show("listing", self._tally.listed, 0)
            if getattr(self._source, "at_once", False):
                self._fetch()
                self._flush()
                if self._limit and self._tally.done >= self._limit:
                    raise Stopped(f"{self._limit:,} captures were fetched, as many as were asked for")
        mementos.reconcile(self._connection, self._outlet.name, self._source.via)

    # The captures

    def _fetch(self) -> None:
        sizes = [_USUAL_BYTES if each.bytes is None else each.bytes for each in self._wanted()]
        sizes = sizes[: self._limit or None]
        total = len(sizes)
        if complaint := self._room(sum(sizes)):
            raise GaveUp(complaint)
        for memento in self._wanted():
            if self._limit and self._tally.done >= self._limit:
                return
            self._show("fetching", self._tally.done, total)
            self._one(memento)
            self._flush_when_due()

    def _wanted(self) -> Any:
        """Oldest first, so that the one before another at an address is done before it."""
        after = ("", "")
        while found := mementos.wanted(
            self._connection,
            self._outlet.name,
            self._source.via,
            (self._window.first, self._window.last),
            after,
            _AT_A_TIME,
        ):
            after = found[-1].timestamp, found[-1].url
            below = tuple(map(self._outlet.canonical, self._window.below))
            yield from (each for each in found if not below or self._outlet.canonical(each.url).startswith(below))

    def _one(self, memento: Memento) -> None:
        if (memento.url, memento.timestamp) in self._kept_instead:
            self._outcomes.append(Outcome(memento, "held"))
            return
        if (same := self._as_before(memento)) is not None:
            capture, status, headers, body = same
            self._keep(memento.url, memento.timestamp, status, "", headers, body, memento.place, memento.digest)
            self._tally.same += 1
            self._outcomes.append(Outcome(memento, "same", f"as capture {capture}, by its digest"))
            return
        try:
            fetched = self._source.fetch(memento)
        except Unavailable as trouble:
            self._tally.passed_over += 1
            self._tally.reasons.append(str(trouble))
            self._outcomes.append(Outcome(memento, "wanted", str(trouble)))
            return
        except Refused as refused:
            self._fail(memento, str(refused), refused.suspicious)
            return
        self._outcomes += self._doubtful
        self._doubtful.clear()
        if (fetched.url, fetched.timestamp) == (memento.url, memento.timestamp):
            self._keep_fetched(fetched)
            self._tally.fetched += 1
            self._outcomes.append(Outcome(memento, "held"))
        else:
            self._instead(memento, fetched)

    def _instead(self, memento: Memento, fetched: Fetched) -> None:
        """Another capture came than the one that was asked for: kept for what it is, if it is one that is wanted."""
        told = f"{memento.place} gives the capture of {fetched.url} at {fetched.timestamp} instead"
        if self._is_here(fetched.url, fetched.timestamp):
            self._fail(memento, f"{told}, which is held")
        elif not self._is_report(fetched.url):
            self._fail(memento, f"{told}, which is no report of {self._outlet.name}")
        else:
            self._keep_fetched(fetched)
            self._kept_instead.add((fetched.url, fetched.timestamp))
            self._tally.fetched += 1
            self._fail(memento, f"{told}, which was kept")

    def _fail(self, memento: Memento, reason: str, suspicious: bool = False) -> None:
        self._tally.failed += 1
        self._tally.reasons.append(reason)
        if not suspicious or mementos.attempts(self._connection, self._source.via, memento) >= _DOUBTED:
            self._outcomes.append(Outcome(memento, "failed", reason))
            return
        self._doubtful.append(Outcome(memento, "failed", reason))
        most = int(self._settings.get("BACKFILL_GIVE_UP", 8))
        if len(self._doubtful) >= most:
            self._tally.failed -= len(self._doubtful)
            self._outcomes += [replace(each, state="wanted") for each in self._doubtful]
            raise GaveUp(f"{most} answers in a row were no captures, the last one so: {reason}")

    def _is_report(self, url: str) -> bool:
        try:
            return bool(self._outlet.kind_of(url) == "report")
        except ValueError:
            return False

    def _is_here(self, url: str, timestamp: str) -> bool:
        self._writer.commit()
        return mementos.is_held(self._connection, url, stamp(timestamp))

    def _as_before(self, memento: Memento) -> tuple[int, int, list[tuple[str, str]], bytes] | None:
        """Capture, status, headers and payload of the memento before, when its digest says that this one has the same
        payload and the capture is in a WARC file of our own."""
        known = mementos.before(self._connection, self._source.via, memento) if _can_be_same(memento) else None
        if known is None or known.digest != memento.digest:
            return None
        if known.capture is None:  # it may be waiting for its row
            self._flush()
            known = mementos.before(self._connection, self._source.via, memento)
        if known is None or known.capture is None:
            return None
        row = self._connection.execute(
            "select warc, offset, status from captures where id = ? and crawl is not null", [known.capture]
        ).fetchone()
        if row is None or row[2] != (memento.status or row[2]) or 300 <= (row[2] or 300) < 400:
            return None
        try:
            with closing(self._writer.captures.open(row[0])) as file:
                capture = read_capture(file, row[1], decoded=False)
            body = self._writer.payload(capture) if capture.revisit_of is not None else capture.body
        except (OSError, ValueError) as error:
            logger.warning("%s is asked for, since the capture before it cannot be read: %s", memento.url, error)
            return None
        return known.capture, row[2], capture.headers, body

    def _keep_fetched(self, fetched: Fetched) -> None:
        if fetched.record:
            self._begin_crawl()
            response = fetched.status, fetched.headers, fetched.body
            self._read(
                self._writer.record_kept(
                    self._crawl, self._outlet.name, fetched.url, stamp(fetched.timestamp), response, fetched.source,
                    (fetched.record, fetched.record_id),
                ),
                fetched.body,
            )  # fmt: skip
            return
        self._keep(
            fetched.url, fetched.timestamp, fetched.status, fetched.reason, fetched.headers, fetched.body,
            fetched.source,
        )  # fmt: skip

    def _keep(
        self,
        url: str,
        timestamp: str,
        status: int,
        reason: str,
        headers: list[tuple[str, str]],
        body: bytes,
        source: str,
        digest: str = "",
    ) -> None:
        """Into the WARC file, and through the same steps as every other capture."""
        self._begin_crawl()
        capture = self._writer.record_copied(
            self._crawl, self._outlet.name, url, stamp(timestamp), (status, headers, body), source, digest, reason
        )
        self._read(capture, body)

    def _read(self, capture: Capture, body: bytes) -> None:
        capture.body, capture.error = content_decoded(body, capture.headers, lenient=True)
        self._writer.add(interpret(capture, self._outlet))

    def _begin_crawl(self) -> None:
        if self._crawl:
            return
        started = clock.now()
        self._crawl = f"{started:%Y%m%dT%H%M%S%fZ}-{self._outlet.name}"
        about = {
            "origin": self._source.origin,
            "via": self._source.via,
            "window": f"{self._window.first}-{self._window.last}",
            "backfill": self._backfill.id,
            "http-header-user-agent": str(self._settings["USER_AGENT"]),
        }
        self._writer.begin_crawl(self._crawl, self._outlet.name, started, about)

    def _flush_when_due(self) -> None:
        is_full = len(self._outcomes) >= int(self._settings["COMMIT_EVERY"])
        if is_full or time.monotonic() - self._flushed >= float(self._settings["COMMIT_SECONDS"]):
            self._flush()

    def _flush(self) -> None:
        """Rows of captures first, then what became of the mementos."""
        self._writer.commit()
        if self._outcomes:
            mementos.mark(self._connection, self._backfill, self._source.via, self._outcomes)
        self._outcomes.clear()
        self._flushed = time.monotonic()


def _can_be_same(memento: Memento) -> bool:
    """Whether its digest tells all that there is to it: a redirect's is that of an empty page, wherever it leads."""
    return bool(memento.digest) and memento.digest != _EMPTY and not 300 <= (memento.status or 200) < 400
