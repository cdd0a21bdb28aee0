"""Revisit records of others whose payload lies in another file: it is looked for among all captures, and what is not
here yet is waited for, in the table `broken`."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

from archive.storage import Captures
from archive.times import iso
from archive.warc_reader import Meant, OtherPayload, read_capture, read_payload, revisited
from items import Capture

Place = tuple[str, int]  # a WARC file and an offset in it

_NEAREST = 20  # captures of the same page that are read for their digests; most revisits mean the one before
_NEXT_STEP = "import the file that holds it, and this is read by itself"
_HELD = "select id, warc, offset, revisit_of from captures where "


class NotHere(ValueError):
    """The payload of a revisit record is in no file here; the message says which it is and the next step."""


class Revisits:
    """Those of one archive. Use it after the rows of other files are written."""

    def __init__(self, connection: sqlite3.Connection, captures: Captures) -> None:
        self._connection, self._captures = connection, captures
        self._waiting: dict[Place, set[tuple[str, str]]] | None = None  # and by what its payload's capture is known
        self._wanted: dict[tuple[str, str], set[Place]] = {}  # the same the other way round

    def payload(self, revisit: Capture) -> bytes:
        """The payload of a revisit record of others, as it came off the wire; `revisit_of` becomes the capture that
        holds it. It has the digest that the record states, if it states one.

        Raises NotHere, and OSError when a file is missing; `revisit_of` is None then.
        """
        revisit.revisit_of = None
        meant = self._meant(revisit.warc, revisit.offset)
        trouble: OSError | OtherPayload | None = None
        for capture, warc, offset in self._candidates(revisit, meant):
            try:
                with closing(self._captures.open(warc)) as file:
                    held = read_payload(file, offset, meant.digest)
            except (OSError, OtherPayload) as error:
                trouble = trouble if isinstance(trouble, OSError) else error
                continue
            except ValueError:
                continue  # it is told as broken, or cut, where it lies
            revisit.revisit_of = capture
            return held.body
        if isinstance(trouble, OSError):
            raise trouble
        when = f" of {iso(meant.at)}" if meant.at else ""
        if trouble:
            raise NotHere(f"{trouble}, so the payload that it repeats is another one of {meant.url}: {_NEXT_STEP}")
        raise NotHere(f"it repeats {meant.url}{when}, which is in no file here: {_NEXT_STEP}")

    def _meant(self, warc: str, offset: int) -> Meant:
        with closing(self._captures.open(warc)) as file:
            meant = revisited(file, offset)
        if meant is None:
            raise NotHere(f"there is no revisit record any more at byte {offset:,} of {warc}")
        return meant

    def _candidates(self, revisit: Capture, meant: Meant) -> Iterator[tuple[int, str, int]]:
        """Captures that may hold the payload (id, WARC file, offset), each once, the surest first."""
        given: set[int] = set()
        for condition, parameters in self._conditions(revisit, meant):
            for row in self._connection.execute(_HELD + condition, parameters).fetchall():
                if row[3] is not None:  # itself a revisit
                    row = self._connection.execute(f"{_HELD} id = ?", [row[3]]).fetchone()
                if row and row[3] is None and row[0] not in given:
                    given.add(row[0])
                    yield row[:3]

    @staticmethod
    def _conditions(revisit: Capture, meant: Meant) -> Iterator[tuple[str, list[str | int]]]:
        pages = "canonical = ? and payload_length > 0 and revisit_of is null"
        nearest = f"order by abs(id - {revisit.id}) limit {_NEAREST}"
        if meant.at:  # often to the second, where the capture itself has microseconds
            yield "url = ? and at = ? order by id", [meant.url, iso(meant.at)]
        if meant.record_id:
            yield f"{pages} and record_id = ? {nearest}", [revisit.canonical, meant.record_id]
        if sha256 := meant.sha256:
            yield "payload_sha256 = ? and payload_length > 0 and revisit_of is null order by id limit 1", [sha256]
        if meant.digest:
            # Who names nothing but a digest means a capture of the same address (IIPC, revisit records in WARC 1.1).
            yield f"{pages} {nearest}", [revisit.canonical]
        if meant.record_id and not meant.at:
            yield "record_id = ? limit 1", [meant.record_id]  # of another address: nobody does it; without an index

    # What is waited for

    def wait(self, revisit: Capture) -> None:
        """Have it come back from `freed_by`; its row in `broken` is the caller's to write."""
        self._load()
        self._add(revisit.warc, revisit.offset, revisit.canonical)

    def waiting(self) -> Counter[str]:
        """How many records of each file wait."""
        return Counter(warc for warc, _ in self._load())

    def freed_by(self, capture: Capture) -> set[Place]:
        """The revisit records that may repeat this capture."""
        if not self._load() or capture.revisit_of is not None or not capture.payload_length:
            return set()
        keys = _keys(capture.record_id, capture.url, iso(capture.at), capture.payload_sha256, capture.canonical)
        return set().union(*(self._wanted.get(key, ()) for key in keys))

    def again(self, place: Place) -> Capture:
        """A record that waits, as it was when it came. Raises OSError, ValueError."""
        warc, offset = place
        with closing(self._captures.open(warc)) as file:
            capture = read_capture(file, offset)
        row = "select outlet, coalesce(crawl, ''), origin, canonical from captures where warc = ? and offset = ?"
        capture.outlet, capture.crawl, capture.origin, capture.canonical = self._connection.execute(
            row, [warc, offset]
        ).fetchone()
        return capture

    def forget(self, place: Place) -> None:
        """It waits no more: take its row away, and its place in `broken`, in the caller's transaction."""
        for key in self._load().pop(place, ()):
            self._wanted[key].discard(place)
        here = "(select id from captures where warc = ? and offset = ?)"
        self._connection.execute(f"delete from quarantine where capture in {here}", place)
        self._connection.execute("delete from captures where warc = ? and offset = ?", place)
        self._connection.execute("delete from broken where warc = ? and offset = ?", place)

    def _load(self) -> dict[Place, set[tuple[str, str]]]:
        if self._waiting is None:
            self._waiting = {}
            for warc, offset, canonical in self._connection.execute(
                "select warc, offset, canonical from broken join captures using (warc, offset) order by warc, offset"
            ).fetchall():
                try:
                    self._add(warc, offset, canonical)
                except (OSError, ValueError):
                    continue  # its file is missing, which is told elsewhere; the next start looks again
        return self._waiting

    def _add(self, warc: str, offset: int, canonical: str) -> None:
        assert self._waiting is not None
        meant = self._meant(warc, offset)
        at = iso(meant.at) if meant.at else ""
        keys = _keys(meant.record_id, meant.url, at, meant.sha256, canonical if meant.digest else "")
        self._waiting[warc, offset] = keys
        for key in keys:
            self._wanted.setdefault(key, set()).add((warc, offset))


def _keys(record_id: str, url: str, at: str, sha256: str, canonical: str) -> set[tuple[str, str]]:
    keys = {("record", record_id), ("sha256", sha256), ("page", canonical), (url, at)}
    return {key for key in keys if key[1]}
