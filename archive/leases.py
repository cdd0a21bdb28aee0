"""Who crawls an outlet: a lease, a small file in the place that the workers share, held by one of them at a time.

It is taken by writing it once or by changing what nobody holds any more, and is renewed while the crawl goes on. A
worker that was killed renews it no more, and another one takes the outlet over.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from archive import clock
from archive.storage import Changed, Store, store_at

FOLDER = "leases"
GOES_ON = timedelta(hours=1)  # after a killed worker's last sign of life; later its outlets are crawled from the start
_SUFFIX = ".json"


class Lost(Exception):
    """The outlet is not this worker's any more; the message says why."""


class LeaseUnreadable(OSError):
    """A file among the leases is none; the message names it and the next step."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds an outlet, or held it last. `began`: when the crawl began that this holder goes on with, a killed one's
    or its own. `token` is the one process's own."""

    outlet: str
    holder: str
    token: str
    machine: str
    pid: int
    began: datetime
    taken_at: datetime
    until: datetime
    released: datetime | None = None

    def __str__(self) -> str:
        return f"{self.holder} (process {self.pid} on {self.machine})"

    def encoded(self) -> bytes:
        fields = {name: _text(value) for name, value in asdict(self).items()}
        return json.dumps(fields, ensure_ascii=False, indent=1).encode() + b"\n"

    @classmethod
    def decoded(cls, data: bytes, place: str) -> Self:
        """Raises LeaseUnreadable, naming `place`."""
        try:
            fields = json.loads(data)
            times = {name: _time(fields[name]) for name in ("began", "taken_at", "until")}
            released = fields["released"]
            return cls(**{**fields, **times, "released": _time(released) if released else None})
        except (ValueError, KeyError, TypeError) as error:
            raise LeaseUnreadable(
                f"{place} is no lease ({error}). When no worker has this outlet in hand, remove the file."
            ) from error


def _text(value: Any) -> Any:
    return f"{value:%Y-%m-%dT%H:%M:%S.%f}Z" if isinstance(value, datetime) else value


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} states no zone")
    return moment


class Leases:
    """The leases of one place, for one holder. `length`: for which a lease is taken and renewed; `clocks`: by how much
    the machines' clocks may differ. Methods raise OSError when the place cannot be reached, and LeaseUnreadable."""

    def __init__(self, store: Store, holder: str, length: timedelta, clocks: timedelta) -> None:
        self.store, self.length, self.clocks = store, length, clocks
        self.holder, self.token = holder, uuid.uuid4().hex

    def look(self, outlet: str) -> Lease | None:
        """The lease of an outlet as it stands; None for one that nobody ever held."""
        try:
            return self._read(outlet)
        except FileNotFoundError:
            return None

    def is_free(self, lease: Lease | None) -> bool:
        """Whether an outlet can be taken: it was released, or its holder must have seen by now that it is over."""
        return lease is None or lease.released is not None or self.ran_out(lease)

    def ran_out(self, lease: Lease) -> bool:
        """Whether a lease was neither released nor renewed: its holder was killed, or is cut off."""
        return lease.released is None and clock.now() > lease.until + self.clocks

    def take(self, outlet: str) -> Held | None:
        """Have the outlet, None when another one has it or was quicker."""
        name = outlet + _SUFFIX
        begins = _Moment.now()
        try:
            tag = self.store.tag(name)  # before it is read: what changes in between is then found changed
            before = self._read(outlet)
        except FileNotFoundError:
            tag, before = "", None
        if before and not self.is_free(before):
            return None
        began = before.began if before and _goes_on(before, begins.wall) else begins.wall
        about = (self.holder, self.token, socket.gethostname(), os.getpid())
        lease = Lease(outlet, *about, began, begins.wall, begins.wall + self.length)
        try:
            if before is None:
                self.store.create(name, lease.encoded())
            else:
                self.store.replace(name, lease.encoded(), tag)
        except (Changed, FileExistsError):
            if self.look(outlet) != lease:  # else it was written, and the answer to that was lost
                return None
        return Held(self, lease, before, begins)

    def _read(self, outlet: str) -> Lease:
        name = outlet + _SUFFIX
        return Lease.decoded(self.store.read(name), f"{self.store.url}/{name}")


class Held:
    """A lease in hand. `before` is the one that was there, None when there was none."""

    def __init__(self, leases: Leases, lease: Lease, before: Lease | None, at: _Moment) -> None:
        self.leases, self.lease, self.before = leases, lease, before
        self._at = at  # before the lease was last written: nobody else may believe that it is over earlier
        self._lost = ""
        self._alone = threading.Lock()  # a renewal can be under way when it is released

    @property
    def outlet(self) -> str:
        return self.lease.outlet

    @property
    def goes_on(self) -> bool:
        """Whether this goes on with the crawl of a worker that did not end it."""
        return self.before is not None and _goes_on(self.before, self.lease.taken_at)

    @property
    def is_valid(self) -> bool:
        """Whether the outlet may be asked: no other worker can have it."""
        return not self._lost and self._at.elapsed() < self.leases.length

    def renew(self) -> None:
        """Raises Lost when the outlet is another's or may be, and OSError when the place cannot be reached: then try
        again for as long as it is valid."""
        with self._alone:
            if self._lost:
                raise Lost(self._lost)
            if not self.is_valid:
                self._lose(f"its lease could not be renewed within {self.leases.length.total_seconds() / 60:g} minutes")
            at = _Moment.now()
            lease = replace(self.lease, until=at.wall + self.leases.length)
            if lease.until < self.lease.until:
                self._lose("this machine's clock was set back")
            self._write(lease)
            self._at = at

    def release(self) -> None:
        """Leave the outlet to others. Raises as `renew` does."""
        with self._alone:
            if not self._lost:
                self._write(replace(self.lease, released=clock.now()))
                self._lost = "it was released"

    def _write(self, lease: Lease) -> None:
        name = self.outlet + _SUFFIX
        store = self.leases.store
        try:
            tag = store.tag(name)
            now = self.leases._read(self.outlet)
            if now.token != lease.token:
                self._lose(f"{now} has taken it")
            store.replace(name, lease.encoded(), tag)
        except FileNotFoundError:
            self._lose("its lease was removed")
        except Changed:
            if self.leases.look(self.outlet) != lease:  # as in `take`
                self._lose("another worker has taken it")
        self.lease = lease

    def _lose(self, why: str) -> None:
        self._lost = why
        raise Lost(why)


def _goes_on(before: Lease, at: datetime) -> bool:
    return before.released is None and at - before.until < GOES_ON


@dataclass(frozen=True, slots=True)
class _Moment:
    wall: datetime
    ticks: float

    @classmethod
    def now(cls) -> Self:
        return cls(clock.now(), time.monotonic())

    def elapsed(self) -> timedelta:
        """By the clock that has gone further: one stands still while the machine sleeps, the other can be set back."""
        return max(clock.now() - self.wall, timedelta(seconds=time.monotonic() - self.ticks))


def leases_at(captures: str, settings: Mapping[str, Any], holder: str = "") -> Leases:
    """The leases beside the captures that workers share."""
    return Leases(
        store_at(f"{captures}/{FOLDER}"),
        holder,
        timedelta(minutes=float(settings.get("LEASE_MINUTES", 10))),
        timedelta(seconds=float(settings.get("LEASE_CLOCKS", 60))),
    )


def in_hand(captures: str, settings: Mapping[str, Any], outlets: Iterable[str]) -> dict[str, Lease]:
    """Those of the outlets that a worker has in hand, for whoever would crawl them from the archive itself."""
    if "://" not in captures and not (Path(captures) / FOLDER).is_dir():
        return {}  # no worker was ever here
    leases = leases_at(captures, settings)
    held = {name.removesuffix(_SUFFIX) for name in leases.store.names(suffix=_SUFFIX)}
    found = {outlet: leases.look(outlet) for outlet in outlets if outlet in held}
    return {outlet: lease for outlet, lease in found.items() if lease and not leases.is_free(lease)}
