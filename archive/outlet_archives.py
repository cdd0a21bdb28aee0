"""Each outlet's own archive, for crawls by several workers: the same tables, in the place that the workers share.

It holds what the next holder of the outlet must know: what is due, what was asked in the last 24 hours, the validators
and digests of what is known. On a shared disk it is opened where it is; with s3://… it is fetched, and put back.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from archive.storage import Changed, Opened, Store, store_at
from archive.warc_recovery import recover
from archive.writer import captures_of

FOLDER = "outlets"
_CHUNK = 8 * 1024 * 1024


class OutletArchives:
    """`captures` is where the workers' captures are; `local` a folder of this machine for what is fetched. Methods
    raise OSError."""

    def __init__(self, captures: str, local: Path) -> None:
        self.captures = captures
        self._store: Store | None = store_at(f"{captures}/{FOLDER}") if "://" in captures else None
        self.folder = (local if self._store else Path(captures)) / FOLDER
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def is_remote(self) -> bool:
        """Whether archives are fetched and put back."""
        return self._store is not None

    def path(self, outlet: str) -> Path:
        return self.folder / f"{outlet}.db"

    def fetch(self, outlet: str) -> Path:
        """The outlet's archive as a file of this machine; one that is not there yet is made by its first writer.

        What this machine has is taken when it put the last one back, or was killed before it could: then it is newer.
        """
        path, store = self.path(outlet), self._store
        if store is None:
            return path
        with suppress(FileNotFoundError):
            tag = store.tag(path.name)
            if not path.exists() or self._tag(outlet) != tag:
                with closing(store.open(path.name)) as file:
                    _download(file, path)
                self._note(outlet, tag)
        return path

    def put(self, outlet: str, data: bytes) -> None:
        """Have the archive where the others find it. Raises Changed or FileExistsError when another one has put it
        there since `fetch`; nothing is written then."""
        store, name, tag = self._store, self.path(outlet).name, self._tag(outlet)
        if store is None:
            return
        try:
            if tag:
                store.replace(name, data, tag)
            else:
                store.create(name, data)
        except (Changed, FileExistsError):
            if not _is_there(store, name, data):  # else it was written, and the answer to that was lost
                raise
        self._note(outlet, store.tag(name))

    def hand_in(self) -> list[str]:
        """WARC files that a killed worker of this machine has left here go where captures live; returns their names.
        Those of a living one are locked, and stay."""
        if self._store is None:
            return []
        handed = []
        for path in sorted(self.folder.glob("*.db")):
            captures = captures_of({"ARCHIVE": path, "CAPTURES": self.captures})
            if captures.folder.is_dir():
                recover(captures.folder)
                for file in sorted(captures.folder.glob("*.warc.gz")):
                    try:
                        captures.keep(file)
                    except FileNotFoundError:
                        if file.exists():
                            raise
                        continue  # another worker of this machine was faster
                    handed.append(file.name)
        return handed

    def _tag(self, outlet: str) -> str:
        """What the shared archive was when this machine last had it; "" when it never had."""
        with suppress(FileNotFoundError):
            return self._note_of(outlet).read_text()
        return ""

    def _note(self, outlet: str, tag: str) -> None:
        self._note_of(outlet).write_text(tag)

    def _note_of(self, outlet: str) -> Path:
        return self.folder / f"{outlet}.tag"


def _is_there(store: Store, name: str, data: bytes) -> bool:
    try:
        return store.read(name) == data
    except FileNotFoundError:
        return False


def _download(file: Opened, path: Path) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("wb") as target:
        for data in _chunks(file):
            target.write(data)
        target.flush()
        os.fsync(target.fileno())
    for suffix in ("-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    part.replace(path)


def _chunks(file: Opened) -> Iterable[bytes]:
    offset = 0
    while data := file.pread(_CHUNK, offset):
        yield data
        offset += len(data)
