"""Where captures live, and what workers share: a folder or a bucket (archive/s3.py), read and written in the same way.

What is written once is never overwritten, by whatever process: a name appears with all of its bytes or not at all. A
few small files change (leases), and only for a writer that knows what they hold.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from archive.warc_writer import OPEN_SUFFIX, sync_directory

WARC_SUFFIXES = (".warc.gz", ".warc")
REFERENCE_SUFFIX = ".ref"

_DIGESTED_BYTES = 64 * 1024  # up to which a file's tag is made from its content
_AT_ONCE = 16  # references that are fetched side by side
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}  # what a disk without hard links answers


class Changed(OSError):
    """A file is not any more what the writer took it for, so it was left as it is."""


class Opened(Protocol):
    """An open file, wherever it lies. `name` is the one that rows hold: without `.open` and `.ref`."""

    @property
    def name(self) -> str: ...
    @property
    def size(self) -> int:
        """Bytes when it was opened."""

    def pread(self, length: int, offset: int) -> bytes:
        """Bytes from `offset` on; fewer than `length` only at the end. Raises OSError."""

    def close(self) -> None: ...
    def __hash__(self) -> int:
        """Of those that are equal when they are the same file, so that what was found in one is known again."""


class Store(Protocol):
    """A flat place of write-once files, and of a few small ones that change. Methods raise OSError, and ValueError for
    a name that is none: it has no slash and does not begin with a dot."""

    @property
    def url(self) -> str:
        """How the place is named in messages."""

    def names(self, prefix: str = "", suffix: str = "") -> dict[str, int]:
        """The bytes of each file whose name begins and ends so, in the order of the names."""

    def open(self, name: str) -> Opened:
        """Raises FileNotFoundError."""

    def read(self, name: str) -> bytes:
        """All of a file. Raises FileNotFoundError."""

    def tag(self, name: str) -> str:
        """What changes whenever the content does. Raises FileNotFoundError."""

    def create(self, name: str, data: bytes | Path) -> None:
        """Write a new file, from memory or another file: all of it or nothing. Raises FileExistsError when there is one
        of this name already; of several that write one at once, exactly one succeeds."""

    def replace(self, name: str, data: bytes, tag: str) -> None:
        """Write a file anew if it is still what `tag` says, else raise Changed."""

    def remove(self, name: str) -> None:
        """Raises FileNotFoundError."""

    def holds(self, name: str, path: Path) -> bool:
        """Whether a file has the content of one on this machine. Raises FileNotFoundError."""


def is_remote(location: str | Path) -> bool:
    return str(location).startswith("s3:/")


def store_at(location: str | Path) -> Store:
    """The store at a folder, which is made when it is missing, or at s3://bucket/prefix. Raises OSError, ValueError."""
    if is_remote(location):
        from archive.s3 import Bucket  # it needs packages that an archive on a disk does without

        return Bucket(str(location))
    folder = Path(location)
    folder.mkdir(parents=True, exist_ok=True)
    return Folder(folder)


def check_name(name: str) -> str:
    """The name, if it is one and leads nowhere else. Raises ValueError."""
    if not name or name.startswith(".") or re.search(r"[/\\\x00]", name):
        raise ValueError(f"{name!r} is not the name of a file here: no slash, and no dot in front")
    return name


# Files


class LocalFile:
    """An open file on a disk. Two of them are equal when they are the same file under the same name."""

    __slots__ = ("_file", "_key", "name", "size")

    def __init__(self, file: int, name: str) -> None:
        """Of an open descriptor. Raises OSError when it is not a regular file's."""
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode):
            raise OSError(errno.EINVAL, "It is no regular file", name)
        self.name, self.size = name, about.st_size
        self._file, self._key = file, (name, about.st_dev, about.st_ino)

    def pread(self, length: int, offset: int) -> bytes:
        return os.pread(self._file, length, offset)

    def close(self) -> None:
        os.close(self._file)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LocalFile) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@dataclass(slots=True, frozen=True)
class Part:
    """A stretch of another file, which is closed with it."""

    name: str
    file: Opened
    offset: int
    size: int

    def pread(self, length: int, offset: int) -> bytes:
        length = min(length, self.size - offset)
        return self.file.pread(length, self.offset + offset) if length > 0 else b""

    def close(self) -> None:
        self.file.close()


def open_file(path: Path, name: str | None = None) -> LocalFile:
    """A regular file on a disk. Raises OSError."""
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe must not make a reader wait
    try:
        return LocalFile(file, name or path.name)
    except BaseException:
        os.close(file)
        raise


def open_warc(path: Path) -> LocalFile:
    """A WARC file on a disk, complete or still being written. Raises OSError."""
    name = path.name.removesuffix(OPEN_SUFFIX)
    unfinished = path.with_name(path.name + OPEN_SUFFIX)
    for candidate in (path, unfinished):
        with suppress(FileNotFoundError):
            return open_file(candidate, name)
    return open_file(path, name)  # completed in between, or not there


def open_location(location: str, name: str | None = None) -> Opened:
    """The file at an absolute path or s3://bucket/key. Raises OSError, and ValueError for a place of another kind."""
    if is_remote(location):
        from archive.s3 import open_object

        return open_object(location, name)
    if not Path(location).is_absolute():
        raise ValueError(f"{location!r} is not an absolute path")
    return open_file(Path(location), name)


def digest(file: Opened) -> str:
    """The sha256 of all of a file, which is closed then."""
    found, offset = hashlib.sha256(), 0
    try:
        while data := file.pread(1 << 20, offset):
            found.update(data)
            offset += len(data)
    finally:
        file.close()
    return found.hexdigest()


class Folder:
    """A Store on a disk, also one that several machines share.

    Whoever writes a name holds a lock on `.<name>.part`, in which the new content is made before it takes the name.
    That of a killed process is taken over by the next one that writes the same name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def url(self) -> str:
        return str(self.folder)

    def names(self, prefix: str = "", suffix: str = "") -> dict[str, int]:
        found = {}
        # A file in place of the folder holds no files either; who writes to it is told.
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(self.folder) as entries:
            for entry in entries:
                name = entry.name
                if name.startswith(prefix) and name.endswith(suffix) and not name.startswith("."):
                    with suppress(FileNotFoundError):  # removed in between
                        if entry.is_file():
                            found[name] = entry.stat().st_size
        return dict(sorted(found.items()))

    def open(self, name: str) -> LocalFile:
        return open_file(self._path(name), name)

    def read(self, name: str) -> bytes:
        with closing(self.open(name)) as file:
            return file.pread(file.size, 0)

    def tag(self, name: str) -> str:
        with self._path(name).open("rb") as file:
            about = os.fstat(file.fileno())
            if about.st_size > _DIGESTED_BYTES:
                return f"{about.st_mtime_ns}-{about.st_ino}-{about.st_size}"
            # A file that changes twice within a tick of the clock may have the same time, number and size again.
            return hashlib.sha256(file.read()).hexdigest()

    def create(self, name: str, data: bytes | Path) -> None:
        path = self._path(name)
        with self._writing(path) as (file, part):
            if path.exists():
                raise FileExistsError(errno.EEXIST, "It is there already, and nothing was written", str(path))
            _fill(file, data)
            try:
                path.hardlink_to(part)
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                part.rename(path)
            sync_directory(self.folder)

    def replace(self, name: str, data: bytes, tag: str) -> None:
        path = self._path(name)
        with self._writing(path) as (file, part):
            try:
                now = self.tag(name)
            except FileNotFoundError:
                now = ""
            if now != tag:
                raise Changed(errno.ESTALE, "It was changed or removed by another process", str(path))
            _fill(file, data)
            part.replace(path)
            sync_directory(self.folder)

    def remove(self, name: str) -> None:
        path = self._path(name)
        with self._writing(path):  # else a replace() under way would bring it back
            path.unlink()
            sync_directory(self.folder)

    def holds(self, name: str, path: Path) -> bool:
        if self._path(name).stat().st_size != path.stat().st_size:
            return False
        return digest(self.open(name)) == digest(open_file(path))

    def _path(self, name: str) -> Path:
        return self.folder / check_name(name)

    @contextmanager
    def _writing(self, path: Path) -> Iterator[tuple[int, Path]]:
        """Alone among those that write this name: an empty file to fill, and its path."""
        part = path.with_name(f".{path.name}.part")
        while True:
            file = os.open(part, os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is_at(file, part):
                if os.fstat(file).st_nlink == 1:
                    break
                part.unlink()  # it is the file itself: a process was killed when it had just given it its name
            os.close(file)  # else who held the lock has moved or removed it
        try:
            os.ftruncate(file, 0)
            yield file, part
        finally:
            if _is_at(file, part):
                part.unlink()
            os.close(file)


def _is_at(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _fill(file: int, data: bytes | Path) -> None:
    """Write all of `data` to the disk."""
    with open(file, "wb", closefd=False) as target:
        if isinstance(data, Path):
            with data.open("rb") as source:
                shutil.copyfileobj(source, target, 1 << 20)
        else:
            target.write(data)
    os.fsync(file)


# Captures


@dataclass(slots=True, frozen=True)
class Reference:
    """Where the bytes of a WARC file of others lie."""

    location: str  # an absolute path, or s3://bucket/key
    offset: int
    length: int

    def encoded(self) -> bytes:
        about = {"location": self.location, "offset": self.offset, "bytes": self.length}
        return json.dumps(about, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def decoded(cls, data: bytes, name: str) -> Reference:
        """Raises OSError when it is none, naming it."""
        try:
            about = json.loads(data)
            found = cls(about["location"], about["offset"], about["bytes"])
            if not (isinstance(found.location, str) and _is_count(found.offset) and _is_count(found.length)):
                raise TypeError
        except (ValueError, KeyError, TypeError):
            reason = "It is not a reference to a WARC file. Remove it, and import that file again"
            raise OSError(errno.EINVAL, reason, name + REFERENCE_SUFFIX) from None
        return found

    def open(self, name: str) -> Opened:
        """Raises OSError, and FileNotFoundError when the file is not there, or is shorter than it was."""
        try:
            file = open_location(self.location, name)
        except ValueError as error:
            raise OSError(errno.EINVAL, str(error), name + REFERENCE_SUFFIX) from None
        if self.offset == 0 and self.length == file.size:
            return file
        return Part(name, file, self.offset, max(min(self.length, file.size - self.offset), 0))


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


class Captures:
    """Where an archive's WARC files are: `folder`, in which they are written and looked for first, and a `remote` store
    to which closed ones are moved, if there is one. Files of others may be references. Methods raise OSError."""

    def __init__(self, folder: Path, remote: Store | None = None) -> None:
        self.folder, self.remote = folder, remote
        self._local = Folder(folder)
        self._stores: list[Store] = [self._local, *([remote] if remote else [])]
        self._references: dict[tuple[str, str], Reference] = {}  # by store and name: they are written once

    @classmethod
    def at(cls, location: str | Path, spool: Path | None = None) -> Captures:
        """Captures in a folder, or at s3://bucket/prefix; then `spool` is the folder in which they are written."""
        if not is_remote(location):
            return cls(Path(location))
        if spool is None:
            raise ValueError(f"captures at {location} are written in a folder first: which one is not said")
        return cls(spool, store_at(location))

    def __str__(self) -> str:
        return self._stores[-1].url

    def names(self, prefix: str = "") -> dict[str, int]:
        """The bytes of each closed WARC file and each reference whose name begins so, in the order of the names. A
        bucket is then asked for these alone."""
        found: dict[str, int] = {}
        for store in reversed(self._stores):
            held = store.names(prefix)
            referred = [name.removesuffix(REFERENCE_SUFFIX) for name in held if name.endswith(REFERENCE_SUFFIX)]
            found |= zip(referred, (each.length for each in self._referred(store, referred)), strict=True)
            found |= {name: size for name, size in held.items() if name.endswith(WARC_SUFFIXES)}
        return dict(sorted(found.items()))

    def listed(self, prefix: str = "") -> set[str]:
        """The same names alone: no reference is read for it."""
        held = {name.removesuffix(REFERENCE_SUFFIX) for store in self._stores for name in store.names(prefix)}
        return {name for name in held if name.endswith(WARC_SUFFIXES)}

    def has(self, name: str) -> bool:
        """Whether `open` finds it."""
        try:
            self.open(name).close()
        except FileNotFoundError:
            return False
        return True

    def is_local(self, name: str) -> bool:
        """Whether the file itself lies in the folder: neither a reference nor in the remote store."""
        path = self.folder / check_name(name)
        return path.exists() or path.with_name(name + OPEN_SUFFIX).exists()

    def open(self, name: str) -> Opened:
        """A WARC file by the name that rows hold, one that is still being written too. Raises FileNotFoundError."""
        check_name(name)
        with suppress(FileNotFoundError):
            return open_warc(self.folder / name)
        for store in self._stores:
            if store is not self._local:
                with suppress(FileNotFoundError):
                    return store.open(name)
            with suppress(FileNotFoundError):
                reference = self._reference(store, name)
                break
        else:
            raise FileNotFoundError(errno.ENOENT, f"It is missing from {self}", name)
        return reference.open(name)

    def keep(self, path: Path) -> None:
        """Have a closed WARC file where captures live. One that was written in `folder` leaves it for the remote store,
        if there is one; one from elsewhere is copied and stays. What is there already is not written again.

        Raises FileExistsError when other content has that name; nothing is lost then.
        """
        written_here = path.resolve().parent == self.folder.resolve()
        if written_here and self.remote is None:
            return
        store = self._stores[-1]
        if store is self._local:
            self.folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):  # it may be there since a process was killed right here
            store.create(path.name, path)
        if not store.holds(path.name, path):
            reason = f"{store.url} has other content under this name. Nothing is lost: compare the two files"
            raise FileExistsError(errno.EEXIST, reason, str(path))
        if written_here:
            path.unlink(missing_ok=True)  # another process may have been faster
            sync_directory(self.folder)

    def refer(self, name: str, location: str, offset: int = 0, length: int | None = None) -> None:
        """Have `name` stand for `length` bytes of a file elsewhere, by default all that follow.

        Doing it again changes nothing. Raises FileExistsError when the name is taken, and ValueError when the file has
        no such bytes.
        """
        check_name(name)
        if not is_remote(location):
            location = str(Path(location).resolve())
        file = open_location(location)
        size = file.size
        file.close()
        length = size - offset if length is None else length
        if offset < 0 or length <= 0 or offset + length > size:
            raise ValueError(f"{location} has {size:,} bytes: none from {offset:,} to {offset + length:,}")
        reference = Reference(location, offset, length)
        store = self._stores[-1]
        if store is self._local:
            self.folder.mkdir(parents=True, exist_ok=True)
        for held in self._stores:
            with suppress(FileNotFoundError):
                held.open(name).close()
                raise FileExistsError(errno.EEXIST, f"A WARC file of this name is in {held.url} already", name)
        try:
            store.create(name + REFERENCE_SUFFIX, reference.encoded())
        except FileExistsError:
            if self._reference(store, name) != reference:
                raise

    def _reference(self, store: Store, name: str) -> Reference:
        key = (store.url, name)
        if key not in self._references:
            self._references[key] = Reference.decoded(store.read(name + REFERENCE_SUFFIX), name)
        return self._references[key]

    def _referred(self, store: Store, names: list[str]) -> list[Reference]:
        if store is self._local:
            return [self._reference(store, name) for name in names]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(lambda name: self._reference(store, name), names))
