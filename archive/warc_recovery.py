"""After a crash: the WARC files whose writer died are cut behind their last whole record and completed."""

from __future__ import annotations

import fcntl
import os
from dataclasses import dataclass, field
from pathlib import Path

from archive.storage import LocalFile
from archive.warc_format import Damage, Record, scan
from archive.warc_writer import OPEN_SUFFIX, name_part, sync_directory

TORN_SUFFIX = ".torn"


@dataclass(slots=True, frozen=True)
class Recovered:
    """What became of one unfinished file. `path` is None when not one whole record was in it."""

    path: Path | None
    records: int
    cut_at: int  # bytes into the file
    cut_bytes: int
    torn: Path | None  # holds the bytes that were cut
    broken: list[Damage] = field(default_factory=list)  # damage in the middle, left where it is

    def __str__(self) -> str:
        name = self.path.name if self.path else "a file without one whole record"
        text = f"{name}: {self.records:,} records of an interrupted crawl"
        if self.torn:
            text += f", {self.cut_bytes:,} bytes of a torn record cut at byte {self.cut_at:,} ({self.torn.name})"
        if self.broken:
            text += f", damaged in {len(self.broken)} places, the first at byte {self.broken[0].offset:,}"
        return text


def recover(directory: Path, of: str = "") -> list[Recovered]:
    """Complete the `….warc.gz.open` files of dead writers; a living writer's is locked and left alone. Those of one
    outlet (`name_part`) if `of` is given.

    A torn last record is moved to `….warc.gz.torn`. Nothing is deleted but files of no bytes. Calling it again, also
    after a crash within, goes on where it stopped. Raises OSError.
    """
    done = []
    for opened in sorted(directory.glob(f"*.warc.gz{OPEN_SUFFIX}")):
        if of and name_part(opened.name) != of:
            continue
        file = os.open(opened, os.O_RDWR)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if opened.exists():  # else its writer completed it in between
                done.append(_recover(opened, file))
        except BlockingIOError:
            continue
        finally:
            os.close(file)
    return done


def _recover(opened: Path, file: int) -> Recovered:
    path = opened.with_name(opened.name.removesuffix(OPEN_SUFFIX))
    records, end, tail, broken = 0, 0, 0, []
    for found in scan(LocalFile(file, path.name)):
        if isinstance(found, Record):
            records, end = records + 1, found.offset + found.length
        elif found.torn:
            tail = found.length
        else:
            broken.append(found)
    torn = None
    if tail:
        end = os.fstat(file).st_size - tail
        torn = path.with_name(path.name + TORN_SUFFIX)
        _copy(file, end, torn)
        os.ftruncate(file, end)
    os.fsync(file)
    if records or broken:
        if path.exists():
            raise FileExistsError(f"{opened} cannot be completed: {path} is there already. Move one of them away.")
        opened.rename(path)
    else:
        opened.unlink()
    sync_directory(opened.parent)
    return Recovered(path if records or broken else None, records, end, tail, torn, broken)


def _copy(file: int, offset: int, target: Path) -> None:
    with target.open("wb") as copy:
        while data := os.pread(file, 1 << 20, offset):
            copy.write(data)
            offset += len(data)
        copy.flush()
        os.fsync(copy.fileno())
