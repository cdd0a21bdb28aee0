"""Captures and segments in S3, or a server that speaks its protocol: each file an object under s3://bucket/prefix.

Endpoint, region and credentials are found as every AWS program finds them: environment, ~/.aws, or the machine's role.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import hashlib
import os
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from archive.storage import Changed, Opened, check_name, digest, open_file

try:
    import s3fs  # type: ignore[import-untyped]
    from botocore import exceptions as aws  # type: ignore[import-untyped]
    from fsspec.asyn import sync  # type: ignore[import-untyped]
    from s3fs.core import S3_RETRYABLE_ERRORS  # type: ignore[import-untyped]
except ImportError as error:
    raise OSError(f"Files at s3:// need a package that is missing ({error.name}): `make scale` adds it.") from error

FIRST_READ = 32 * 1024  # bytes: one page's record with little besides
READ_AHEAD = 8 * 1024 * 1024  # bytes that one request brings, once a file is read from one end to the other
PART = 16 * 1024 * 1024  # bytes of one part of a large upload; smaller files go in one request

_PARTS = 10_000  # at most, says S3
_AT_ONCE = 4  # parts on their way
_ATTEMPTS = 3  # when a body breaks off, or S3 asks for the same again
_NOT_THERE = {"NoSuchKey", "404", "NotFound"}
_REFUSED = {"AccessDenied", "403", "Forbidden", "AllAccessDisabled"}
_UNKNOWN = {
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "UnrecognizedClientException",
}
_OVERTAKEN = {"PreconditionFailed", "412"}
_AGAIN = "ConditionalRequestConflict"  # two writers at the same moment: S3 wants the request once more

_Done = TypeVar("_Done")
_systems: dict[int, Any] = {}  # by process: the connections of one are of no use to another


class Unreachable(OSError):
    """S3 did not do what was asked; the message says for which address, why, and what to do."""

    def __str__(self) -> str:
        return str(self.strerror)  # without the error's number


def split_url(url: str) -> tuple[str, str]:
    """Bucket and key, or prefix. Raises ValueError."""
    parts = urlsplit(re.sub("^s3:/(?=[^/])", "s3://", url))  # a Path has lost a slash
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
        raise ValueError(f"{url!r} is not s3://bucket/prefix")
    return parts.netloc, parts.path.strip("/")


def open_object(url: str, name: str | None = None) -> RemoteFile:
    """One object, wherever it is. Raises FileNotFoundError, Unreachable, ValueError."""
    bucket, key = split_url(url)
    return RemoteFile(bucket, key, name or key.rpartition("/")[2])


class RemoteFile:
    """An object that is read in ranges: about as much as is asked for, and ever more in advance when it is read on.

    It is not for several threads at once. Two of them are equal when bucket, key and content are.
    """

    __slots__ = ("_ahead", "_bucket", "_buffer", "_etag", "_key", "_start", "name", "size")

    def __init__(self, bucket: str, key: str, name: str) -> None:
        head = _call("head_object", bucket, key)
        self.name, self.size = name, int(head["ContentLength"])
        self._bucket, self._key, self._etag = bucket, key, str(head["ETag"])
        self._start, self._buffer, self._ahead = 0, b"", FIRST_READ

    def pread(self, length: int, offset: int) -> bytes:
        length = min(length, self.size - offset)
        if length <= 0:
            return b""
        end = self._start + len(self._buffer)
        if self._buffer and self._start <= offset <= end:
            if offset + length > end:
                self._ahead = min(self._ahead * 2, READ_AHEAD)
                self._buffer = self._buffer[offset - self._start :] + self._fetch(end, offset + length - end)
                self._start = offset
        else:
            self._ahead = FIRST_READ
            self._start, self._buffer = offset, self._fetch(offset, length)
        begin = offset - self._start
        return self._buffer[begin : begin + length]

    def close(self) -> None:
        self._buffer = b""

    def _fetch(self, offset: int, least: int) -> bytes:
        length = min(max(least, self._ahead), self.size - offset)
        asked = {"Range": f"bytes={offset}-{offset + length - 1}", "IfMatch": self._etag}
        try:
            return _body(self._bucket, self._key, length, **asked)
        except Changed as error:
            reason = "It was replaced while it was being read"
            raise Changed(errno.ESTALE, reason, f"s3://{self._bucket}/{self._key}") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemoteFile) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str, str, str]:
        return self.name, self._bucket, self._key, self._etag


class Bucket:
    """A Store under s3://bucket/prefix. That nothing is overwritten is S3's own doing: conditional writes.

    A write whose answer got lost on the way is repeated, and then finds its own file: FileExistsError or Changed may
    so come from a write that was done. Nothing is ever reported as done that was not.
    """

    def __init__(self, url: str) -> None:
        self._bucket, prefix = split_url(url)
        self._prefix = f"{prefix}/" if prefix else ""
        self.url = f"s3://{self._bucket}/{prefix}"

    def names(self, prefix: str = "", suffix: str = "") -> dict[str, int]:
        begin, found = self._prefix + prefix, {}
        more: dict[str, str] = {}
        while True:
            page = _call("list_objects_v2", self._bucket, Prefix=begin, Delimiter="/", **more)
            for each in page.get("Contents", ()):
                name = each["Key"].removeprefix(self._prefix)
                if name and not name.startswith(".") and name.endswith(suffix):
                    found[name] = int(each["Size"])
            if not page.get("IsTruncated"):
                return dict(sorted(found.items()))
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def open(self, name: str) -> Opened:
        return RemoteFile(self._bucket, self._key(name), name)

    def read(self, name: str) -> bytes:
        return _body(self._bucket, self._key(name))

    def tag(self, name: str) -> str:
        return str(_call("head_object", self._bucket, self._key(name))["ETag"])

    def create(self, name: str, data: bytes | Path) -> None:
        key = self._key(name)
        with suppress(FileNotFoundError):  # else a large file would be sent whole, to be refused at its end
            self.tag(name)
            raise _exists(self._bucket, key)
        if isinstance(data, Path) and data.stat().st_size > PART:
            write = partial(_upload, self._bucket, key, data)
        else:
            content = data.read_bytes() if isinstance(data, Path) else data
            write = partial(_put, self._bucket, key, content, IfNoneMatch="*")
        try:
            _once_more(write)
        except Changed as error:
            raise _exists(self._bucket, key) from error

    def replace(self, name: str, data: bytes, tag: str) -> None:
        key = self._key(name)
        try:
            _once_more(partial(_put, self._bucket, key, data, IfMatch=tag))
        except FileNotFoundError as error:
            raise Changed(errno.ESTALE, "It was removed by another process", f"s3://{self._bucket}/{key}") from error

    def remove(self, name: str) -> None:
        self.tag(name)  # S3 removes what is not there without a word
        _call("delete_object", self._bucket, self._key(name))

    def holds(self, name: str, path: Path) -> bool:
        key = self._key(name)
        head = _call("head_object", self._bucket, key, ChecksumMode="ENABLED")
        if int(head["ContentLength"]) != path.stat().st_size:
            return False
        # What S3 has counted itself on receipt. Others may have cut the file into other parts, or it counts nothing.
        if head.get("ChecksumSHA256", "").partition("-")[0] == _checksum(path):
            return True
        return digest(self.open(name)) == digest(open_file(path))

    def _key(self, name: str) -> str:
        return self._prefix + check_name(name)


# Requests


def _system() -> Any:
    process = os.getpid()
    if process not in _systems:
        _systems[process] = s3fs.S3FileSystem(skip_instance_cache=True)
    return _systems[process]


def _run(work: Callable[[Any], Awaitable[_Done]], bucket: str, key: str = "") -> _Done:
    """Wait for a piece of work with s3fs. Raises FileNotFoundError, Changed, Unreachable."""
    system = _system()
    try:
        done: _Done = sync(system.loop, work, system)
    except _FAILURES as error:
        raise _explained(error, f"s3://{bucket}/{key}".rstrip("/")) from error
    return done


_FAILURES = (OSError, aws.BotoCoreError, aws.ClientError, *S3_RETRYABLE_ERRORS)


def _call(method: str, bucket: str, key: str = "", **asked: object) -> dict[str, Any]:
    """One request; s3fs repeats it when the connection fails."""
    named = {"Bucket": bucket, "Key": key} if key else {"Bucket": bucket}

    async def work(system: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await system._call_s3(method, **named, **asked)
        return answer

    return _run(work, bucket, key)


def _body(bucket: str, key: str, length: int | None = None, **asked: object) -> bytes:
    """What a GET brings, all of it."""

    async def work(system: Any) -> bytes:
        for attempt in range(_ATTEMPTS):
            answer = await system._call_s3("get_object", Bucket=bucket, Key=key, **asked)
            try:
                async with answer["Body"] as stream:
                    data: bytes = await stream.read()
                if len(data) == (answer["ContentLength"] if length is None else length):
                    break
            except S3_RETRYABLE_ERRORS:
                if attempt + 1 == _ATTEMPTS:
                    raise
        else:
            raise OSError("the answer breaks off")
        return data

    return _run(work, bucket, key)


def _put(bucket: str, key: str, data: bytes, **condition: str) -> None:
    checksum = {"ChecksumAlgorithm": "SHA256", "ChecksumSHA256": _base64(hashlib.sha256(data).digest())}
    _call("put_object", bucket, key, Body=data, **checksum, **condition)


def _upload(bucket: str, key: str, path: Path) -> None:
    """Write a new object in parts; it is there when S3 has put them together, and not before."""

    async def part(system: Any, upload: str, number: int, data: bytes) -> dict[str, Any]:
        checksum = {"ChecksumSHA256": _base64(hashlib.sha256(data).digest())}
        place = {"Bucket": bucket, "Key": key, "UploadId": upload, "PartNumber": number}
        answer = await system._call_s3("upload_part", **place, Body=data, **checksum)
        return {"PartNumber": number, "ETag": answer["ETag"], **checksum}

    async def work(system: Any) -> None:
        begun = await system._call_s3("create_multipart_upload", Bucket=bucket, Key=key, ChecksumAlgorithm="SHA256")
        place = {"Bucket": bucket, "Key": key, "UploadId": begun["UploadId"]}
        try:
            parts: list[dict[str, Any]] = []
            pieces = _pieces(path)
            while some := list(islice(pieces, _AT_ONCE)):
                numbered = enumerate(some, len(parts) + 1)
                parts += await asyncio.gather(*(part(system, begun["UploadId"], *each) for each in numbered))
            together = {"MultipartUpload": {"Parts": parts}}
            await system._call_s3("complete_multipart_upload", **place, **together, IfNoneMatch="*")
        except BaseException:
            with suppress(*_FAILURES):
                await system._call_s3("abort_multipart_upload", **place)
            raise

    _run(work, bucket, key)


def _exists(bucket: str, key: str) -> FileExistsError:
    return FileExistsError(errno.EEXIST, "It is there already, and nothing was written", f"s3://{bucket}/{key}")


def _pieces(path: Path) -> Iterator[bytes]:
    size = max(PART, -(-path.stat().st_size // _PARTS))
    with path.open("rb") as file:
        while data := file.read(size):
            yield data


def _checksum(path: Path) -> str:
    """What S3 says of a file that `create` has written, but for the number of parts."""
    digests = [hashlib.sha256(data).digest() for data in _pieces(path)]
    if path.stat().st_size <= PART:
        return _base64(digests[0] if digests else hashlib.sha256().digest())
    return _base64(hashlib.sha256(b"".join(digests)).digest())


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _once_more(write: Callable[[], object]) -> None:
    for attempt in range(_ATTEMPTS):
        try:
            write()
            return
        except Unreachable as error:
            if _code(error.__cause__) != _AGAIN or attempt + 1 == _ATTEMPTS:
                raise


# What went wrong


def _code(error: BaseException | None) -> str:
    """S3's word for it; s3fs has the answer as the cause of its own error."""
    for each in (error, error and error.__cause__):
        if isinstance(each, aws.ClientError):
            return str(each.response.get("Error", {}).get("Code", ""))
    return ""


def _explained(error: BaseException, url: str) -> OSError:
    code = _code(error)
    if code in _NOT_THERE:
        return FileNotFoundError(errno.ENOENT, "There is no such object", url)
    if code in _OVERTAKEN:
        return Changed(errno.ESTALE, "It was written by another process", url)
    if code == "NoSuchBucket":
        return _unreachable(errno.ENOENT, url, "there is no such bucket", "Make it, or correct its name")
    if code in _REFUSED:
        needed = "s3:ListBucket on the bucket and s3:GetObject, s3:PutObject, s3:DeleteObject on what is in it"
        return _unreachable(errno.EACCES, url, "S3 refuses it to these credentials", f"They need {needed}")
    if code in _UNKNOWN:
        named = "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN or AWS_PROFILE"
        return _unreachable(errno.EACCES, url, f"S3 does not take these credentials ({code})", f"Correct {named}")
    if isinstance(error, aws.ProfileNotFound):
        return _unreachable(errno.EACCES, url, str(error), "Correct AWS_PROFILE")
    if isinstance(error, _NO_CREDENTIALS):
        named = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
        return _unreachable(errno.EACCES, url, "there are no credentials for it", f"Set {named}")
    if isinstance(error, (aws.ConnectionError, aws.HTTPClientError, *S3_RETRYABLE_ERRORS)):
        return _unreachable(errno.EHOSTUNREACH, url, str(error), "Is the network up, and AWS_ENDPOINT_URL right?")
    return _unreachable(errno.EIO, url, f"{code} {error}".strip(), "Look into S3's own log, or try again")


_NO_CREDENTIALS = (aws.NoCredentialsError, aws.PartialCredentialsError, aws.CredentialRetrievalError)


def _unreachable(number: int, url: str, reason: str, advice: str) -> Unreachable:
    ending = "" if advice.endswith("?") else "."
    return Unreachable(number, f"{url}: {reason.rstrip('.')}. {advice}{ending}")
