"""`dateline serve` in a process of its own on loopback, and what a reader's program asks of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from environments import python_with

PROJECT = Path(__file__).resolve().parents[1]
# The Datasette that Dateline installs, and the pre-release of the next one in an environment of its own.
RELEASES = ("stable", "1.0 pre-release")
_open = build_opener(ProxyHandler({})).open  # loopback, whatever proxy the environment names


class _Stay(HTTPRedirectHandler):
    """Redirects are answers here."""

    def redirect_request(self, *_: object) -> None:
        return None


_ask = build_opener(ProxyHandler({}), _Stay()).open


@dataclass(frozen=True)
class Answer:
    """What one request got, whatever its status; a redirect is not followed."""

    status: int
    headers: Message  # names in any case; get_all() for repeated ones
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    archive: Path,
    *arguments: str,
    captures: Path | None = None,
    release: str = "stable",
    environment: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """`dateline serve` over an archive; its address, e.g. http://127.0.0.1:40123, until the block ends.

    `captures` is the folder of its WARC files (none by default); `arguments` are further ones of `dateline serve`;
    `environment` is added to it. What the server printed is shown when it does not start.
    """
    python = sys.executable if release == "stable" else str(python_with("datasette-next"))
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [python, str(PROJECT / "cli.py"), "serve", "--port", str(port), "--archive", str(archive), *arguments]
    places = {"DATELINE_ARCHIVE": str(archive), "DATELINE_CAPTURES": str(captures or archive.parent / "captures")}
    # A file, since a pipe that nobody reads stops the server once it is full.
    log = archive.with_name(f"{archive.stem} {port}.log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(os.environ) | places | dict(environment or {}),
        )
    try:
        _wait(address, process, log)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, _end_of(log)
        try:
            _open(f"{address}/-/versions.json", timeout=1).read()
            return
        except (URLError, OSError):
            time.sleep(0.05)
    raise AssertionError(f"{address} did not answer in 30 s:\n{_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-4000:]


def _address(server: str, path: str, query: Mapping[str, str | int]) -> str:
    return f"{server}{path}?{urlencode(query)}" if query else f"{server}{path}"


def answer(
    server: str, path: str, headers: Mapping[str, str] | None = None, timeout: float = 30, **query: str | int
) -> Answer:
    """Status, headers and body of a page, of errors and redirects too."""
    try:
        with _ask(Request(_address(server, path, query), headers=dict(headers or {})), timeout=timeout) as response:
            return Answer(response.status, response.headers, response.read())
    except HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


def page(server: str, path: str, **query: str | int) -> str:
    """The text of a page that must answer 200 (redirects are followed); HTTPError otherwise."""
    with _open(_address(server, path, query), timeout=30) as response:
        return str(response.read().decode())


def rows(server: str, path: str, **query: str | int) -> list[dict[str, Any]]:
    """The rows of one of Datasette's own tables or queries: rows(server, "/archive/reports", _search="北京")."""
    found: list[dict[str, Any]] = json.loads(page(server, f"{path}.json", _shape="array", **query))
    return found
