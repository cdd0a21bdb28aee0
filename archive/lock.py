"""One writer at a time: a lock file beside the archive, released by the kernel when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path


class ArchiveLocked(Exception):
    """Another process writes to the archive."""


class WriterLock:
    """Holds `<archive>.lock` from construction to `release`. Raises ArchiveLocked, naming the holder and its age."""

    def __init__(self, archive: Path) -> None:
        self.path = archive.with_name(archive.name + ".lock")
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 100).decode("ascii", "replace").strip() or "unknown"
            minutes = (time.time() - os.fstat(self._file).st_mtime) / 60
            os.close(self._file)
            raise ArchiveLocked(
                f"{archive} is being written by process {holder}, for {minutes:.0f} min. "
                "Wait for it to end, or end that process; nothing of it is lost then."
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        os.close(self._file)
