"""A server of moto's on loopback that stands for S3, and what was asked of it."""

from __future__ import annotations

import logging
import os
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from moto.server import ThreadedMotoServer

from archive import s3

BUCKET = "evidence"
CONFLICT = b"<Error><Code>ConditionalRequestConflict</Code><Message>Once more</Message></Error>"


@dataclass
class Request:
    method: str
    path: str
    query: str
    range: str
    sent: int = 0  # bytes of the answer's body


@dataclass
class Server:
    """Counts requests. It does one write at a time: moto looks whether a name is taken and writes it in two steps, where
    S3 has one."""

    environment: dict[str, str]
    app: Callable[..., Iterable[bytes]]
    requests: list[Request] = field(default_factory=list)
    cut: int = 0  # GETs whose answers break off half way
    conflicts: int = 0  # PUTs that are answered with a conflict
    lost: int = 0  # PUTs that are done, and whose answers never arrive
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(
            environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], environ.get("HTTP_RANGE", "")
        )
        self.requests.append(request)
        if request.method == "PUT" and self.conflicts:
            self.conflicts -= 1
            start("409 Conflict", [("Content-Length", str(len(CONFLICT))), ("Content-Type", "application/xml")])
            return [CONFLICT]
        if request.method in ("PUT", "POST"):
            with self._writing:
                body = b"".join(self.app(environ, start))
        else:
            body = b"".join(self.app(environ, start))
        if request.method == "PUT" and self.lost:
            self.lost -= 1
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError
        if request.method == "GET" and request.range and self.cut:
            self.cut -= 1
            body = body[: len(body) // 2]
        request.sent = len(body) if request.method == "GET" else 0
        return [body]

    def seen(self) -> list[Request]:
        """What was asked since this was last called."""
        seen, self.requests = self.requests, []
        return seen


@contextmanager
def s3_server() -> Iterator[Server]:
    """A server with an empty bucket; the process's environment names it meanwhile, as it would name AWS."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1",
    }
    assert moto._server is not None
    server = moto._server.app = Server(environment, moto._server.app)
    with mock.patch.dict(os.environ, environment), mock.patch.dict(s3._systems, clear=True):
        reset = urllib.request.Request(environment["AWS_ENDPOINT_URL"] + "/moto-api/reset", method="POST")
        urllib.request.urlopen(reset).close()  # moto's memory is the process's, not the server's
        s3._call("create_bucket", BUCKET)
        server.seen()
        try:
            yield server
        finally:
            moto.stop()
