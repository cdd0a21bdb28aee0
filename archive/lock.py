"""One writer at a time: a lock file beside the archive, released by the kernel when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

_SHOWN = 120  # characters of the holder's command


class ArchiveLocked(Exception):
    """Another process writes to the archive."""


class WriterLock:
    """Holds `<archive>.lock` from construction to `release`. Raises ArchiveLocked, naming the holder, for how long it
    has held the lock and, where /proc tells, what it runs."""

    def __init__(self, archive: Path) -> None:
        self.path = archive.with_name(archive.name + ".lock")
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(self._file, 100).decode("ascii", "replace").strip()
            held = time.time() - os.fstat(self._file).st_mtime
            os.close(self._file)
            raise ArchiveLocked(
                f"{archive} is being written by {_described(holder, self.path)}, for {_duration(held)}. "
                "Wait for it to end, or end that process; nothing of it is lost then."
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        os.close(self._file)


def _described(holder: str, lock: Path) -> str:
    """'process 4711 (python cli.py due)'; without what it runs where that cannot be seen."""
    if not holder.isdecimal():
        return "another process"
    command = _command(holder, lock)
    return f"process {holder} ({command})" if command else f"process {holder}"


def _command(pid: str, lock: Path) -> str:
    """What a process runs, "" when unknown. Only of one that has the lock file open: in a container, or on another
    machine of a shared disk, the same number is another process."""
    process = Path("/proc") / pid
    with suppress(OSError):
        if any(_is(opened, lock) for opened in (process / "fd").iterdir()):
            first, *rest = (process / "cmdline").read_bytes().rstrip(b"\0").decode("utf-8", "replace").split("\0")
            command = " ".join([Path(first).name, *rest])
            return command if len(command) <= _SHOWN else command[:_SHOWN] + "…"
    return ""


def _is(opened: Path, lock: Path) -> bool:
    with suppress(OSError):  # closed meanwhile, or no file
        return opened.samefile(lock)
    return False


def _duration(seconds: float) -> str:
    """'40 s', '12 min', '3 h': as exact as one who waits needs it."""
    if seconds < 120:
        return f"{max(seconds, 0):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
