"""pywb, the Wayback Machine's own kind of software, as a server on this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# Not by its own scripts: their first line cannot hold a path as long as some build folders have.
_START = "import sys; from pywb.apps.cli import wayback; wayback(sys.argv[1:])"
_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


@contextmanager
def replaying(python: Path, folder: Path, warcs: Sequence[Path], config: str = "") -> Iterator[str]:
    """pywb over WARC files; gives the address of its collection."""
    for command in (["init", "kept"], ["add", "kept", *map(str, warcs)]):
        subprocess.run(
            [python, "-m", "pywb.manager.manager", *command],
            cwd=folder, env=_ENVIRONMENT, check=True, capture_output=True,
        )  # fmt: skip
    if config:
        (folder / "config.yaml").write_text(config)
    with serving(python, folder) as address:
        yield f"{address}/kept"


@contextmanager
def serving(python: Path, folder: Path, *options: str, start: str = _START) -> Iterator[str]:
    """pywb in its folder; gives its address. `start` is the Python that runs it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "pywb.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [python, "-c", start, "-b", "127.0.0.1", "-p", str(port), *options],
            cwd=folder, env=_ENVIRONMENT, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            raise AssertionError(f"pywb did not start in 30 s: {log.read_text()}")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)
