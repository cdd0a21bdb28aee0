"""Whole pages of `dateline serve`, asked over HTTP on loopback, for benchmarks/search.py."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from archive.finding import Search

_PROJECT = Path(__file__).resolve().parents[1]
_open = build_opener(ProxyHandler({})).open  # loopback, whatever proxy the environment names


@contextmanager
def served(archive: Path) -> Iterator[str]:
    """`dateline serve` in a process of its own; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(_PROJECT / "cli.py"), "serve", "--port", str(port), "--archive", str(archive)]
    process = subprocess.Popen(command, cwd=_PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{address}/-/versions.json", process)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            _open(address, timeout=1).read()
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"{address} does not answer; run `dateline serve` by hand to see why")


def get(server: str, path: str, search: Search) -> int:
    """Ask for a page of a search; its bytes."""
    asked = {
        "q": search.words,
        "outlet": search.outlet,
        "language": search.language,
        "kind": search.kind,
        "state": search.state,
        "since": search.since or "",
        "until": search.until or "",
        "sort": search.order,
    }
    query = urlencode({name: value for name, value in asked.items() if value})
    with _open(f"{server}{path}?{query}", timeout=60) as response:
        return len(response.read())
