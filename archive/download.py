"""A large file from the web onto the disk: in one piece, however often the connection breaks."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
from urllib3.exceptions import HTTPError

_ATTEMPTS = 5  # that bring nothing, one after another
_WAIT = 2.0  # seconds before the second attempt, doubled for each further one
_SECONDS = 60  # without a byte
_GET_ALONE = (400, 403, 405, 501)  # what those answer to HEAD that know it not, or have signed an address for GET
_CHUNK = 64 * 1024  # what is lost when a connection breaks
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class NotDownloaded(OSError):
    """A file could not be had; the message says why. What came of it stays, and the next call goes on from there."""


def name_of(url: str) -> str:
    """The file's name by its address; "download" where that has none."""
    try:
        return unquote(urlsplit(url).path).rpartition("/")[2] or "download"
    except ValueError:
        return "download"


def described(error: Exception) -> str:
    """Why nothing came, in a few words: requests wraps urllib3's error, which wraps the system's."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"the server answers {error.response.status_code} {error.response.reason or ''}".rstrip()
    while error.args and isinstance(error.args[0], Exception):
        error = error.args[0]
    reason = getattr(error, "reason", None)
    if isinstance(reason, Exception):
        return described(reason)
    text = next((str(each) for each in error.args if isinstance(each, str)), "") or str(error)
    return f"{type(error).__name__}: {' '.join(text.split())[:200]}"


def size_of(url: str, user_agent: str) -> int | None:
    """What a download would bring, as the server says; None when it does not, as one that answers to GET alone. Raises
    NotDownloaded, whose message leaves the address to the caller."""
    try:
        with requests.head(url, headers=_headers(user_agent), timeout=_SECONDS, allow_redirects=True) as answer:
            if answer.status_code in _GET_ALONE:
                return None
            answer.raise_for_status()
            return _length(answer)
    except requests.RequestException as error:
        raise NotDownloaded(f"it cannot be had: {described(error)}") from error


def place_of(url: str, folder: Path) -> Path:
    """Where the file of an address is kept while it is being downloaded, and until it is imported."""
    return folder / f".{hashlib.sha256(url.encode()).hexdigest()[:16]}.download" / name_of(url)


def download(
    url: str,
    folder: Path,
    user_agent: str,
    progress: Callable[[int, int | None], None] = lambda come, size: None,
    wait: float = _WAIT,
) -> Path:
    """The file at an address, in a folder of its own below `folder`. One that was begun before is gone on with, if the
    server still has the same one. Raises NotDownloaded, whose message leaves the address to the caller, and OSError for
    the disk."""
    path = place_of(url, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        return path
    part = path.with_name(path.name + ".part")
    failures, problem = 0, ""
    while failures < _ATTEMPTS:
        before = part.stat().st_size if part.exists() else 0
        try:
            if _get(url, part, user_agent, progress):
                part.rename(path)
                _about(part).unlink(missing_ok=True)
                return path
            problem = "the connection ended before the file did"
        except requests.HTTPError as error:
            problem = described(error)
            status = error.response.status_code if error.response is not None else 500
            if status < 500 and status not in (408, 429):
                break
        except (requests.RequestException, HTTPError) as error:
            problem = described(error)
        came = part.exists() and part.stat().st_size > before
        failures = 0 if came else failures + 1
        time.sleep(wait * 2**failures)
    kept = ". The same command goes on with what has come." if part.exists() else ""
    raise NotDownloaded(f"it cannot be had: {problem}{kept}")


def _get(url: str, part: Path, user_agent: str, progress: Callable[[int, int | None], None]) -> bool:
    """Ask for what is missing; returns whether the file is whole then."""
    begun, known = part.stat().st_size if part.exists() else 0, _known(part)
    headers = _headers(user_agent)
    if begun and known:
        headers |= {"Range": f"bytes={begun}-", "If-Range": known["validator"]}
    with requests.get(url, headers=headers, stream=True, timeout=_SECONDS) as answer:
        if answer.status_code == 416 and begun and known and begun == known["size"]:
            return True
        answer.raise_for_status()
        stated = _RANGE.fullmatch(answer.headers.get("Content-Range", "")) if answer.status_code == 206 else None
        if stated and int(stated[1]) == begun:
            size = int(stated[2]) if stated[2].isdecimal() else known.get("size")
        else:
            begun, size = 0, _length(answer)
            _about(part).write_text(json.dumps({"validator": _validator(answer), "size": size}))
        with part.open("ab" if begun else "wb") as file:
            come = begun
            # As it is sent: a server that calls a .gz file's form a coding does not mean that it be undone.
            while data := answer.raw.read(_CHUNK, decode_content=False):
                file.write(data)
                come += len(data)
                progress(come, size)
            file.flush()
            os.fsync(file.fileno())
    return size is None or come == size


def _headers(user_agent: str) -> dict[str, str]:
    return {"User-Agent": user_agent, "Accept-Encoding": "identity"}


def _length(answer: requests.Response) -> int | None:
    stated = answer.headers.get("Content-Length", "")
    return int(stated) if stated.isdecimal() else None


def _validator(answer: requests.Response) -> str:
    """By what the server knows this content again; a weak one does not vouch for each byte."""
    etag = answer.headers.get("ETag", "")
    return etag if etag.startswith('"') else answer.headers.get("Last-Modified", "")


def _about(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _known(part: Path) -> dict[str, Any]:
    """What was said of a file when its download began; empty when it cannot be gone on with."""
    with suppress(OSError, ValueError):
        known: dict[str, Any] = json.loads(_about(part).read_text())
        if known.get("validator"):
            return known
    return {}
