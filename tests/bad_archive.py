"""A web archive on this machine that misbehaves in every way that a test asks for, in the Internet Archive's dialect."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit

FIELDS = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]


@dataclass(frozen=True)
class Kept:
    """A capture that the archive has."""

    url: str
    timestamp: str
    body: bytes
    status: int = 200
    location: str = ""

    @property
    def row(self) -> list[str]:
        digest = base64.b32encode(hashlib.sha1(self.body).digest()).decode()
        return ["key", self.timestamp, self.url, "text/html", str(self.status), digest, str(len(self.body))]


@dataclass
class BadArchive:
    """Serves `kept`, page by page. `trouble` is asked first, with the path of each request and how often that path was
    asked for (from 1): it may answer in the archive's place, and says whether it did."""

    kept: list[Kept]
    trouble: Callable[[Handler, str, int], bool] = lambda *_: False
    page: int = 1_000_000  # rows of one answer to a list
    extra: list[Any] = field(default_factory=list)  # rows of each list that are none
    asked: list[tuple[str, float]] = field(default_factory=list)  # path of each request, and when it came

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.archive = self  # type: ignore[attr-defined]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def cdx(self) -> str:
        return f"{self.address}/cdx/search/cdx"

    @property
    def replay(self) -> str:
        return f"{self.address}/web/{{timestamp}}id_/{{url}}"

    def lists(self) -> list[str]:
        return [path for path, _ in self.asked if path.startswith("/cdx")]

    def replays(self) -> list[str]:
        return [path for path, _ in self.asked if path.startswith("/web")]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    @property
    def archive(self) -> BadArchive:
        return self.server.archive  # type: ignore[attr-defined,no-any-return]

    def do_GET(self) -> None:
        archive = self.archive
        archive.asked.append((self.path, time.monotonic()))
        times = sum(path == self.path for path, _ in archive.asked)
        if archive.trouble(self, self.path, times):
            return
        if self.path.startswith("/cdx"):
            self.give_list(parse_qs(urlsplit(self.path).query))
        else:
            self.give_capture(unquote(self.path))

    def give_list(self, query: dict[str, list[str]]) -> None:
        host = query["url"][0].partition("/")[0]
        first, last = query["from"][0], query["to"][0]
        rows = [
            each.row
            for each in sorted(self.archive.kept, key=lambda each: (each.url, each.timestamp))
            if (urlsplit(each.url).hostname or "").endswith(host) and first <= each.timestamp <= last
        ]
        begin = int(query.get("resumeKey", ["0"])[0])
        part = rows[begin : begin + self.archive.page]
        answer: list[Any] = [FIELDS, *part, *self.archive.extra] if part else []
        if begin + self.archive.page < len(rows):
            answer += [[], [str(begin + self.archive.page)]]
        self.give(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def give_capture(self, path: str) -> None:
        stamp, _, url = path.removeprefix("/web/").partition("id_/")
        found = next((each for each in self.archive.kept if (each.url, each.timestamp) == (url, stamp)), None)
        if found is None:
            return self.give(404, b"<title>Wayback Machine has not archived that URL</title>", {})
        return self.give_kept(found)

    def give_kept(self, kept: Kept) -> None:
        headers = {
            "Content-Type": "text/html",
            "Memento-Datetime": memento_datetime(kept.timestamp),
            "Link": f'<{kept.url}>; rel="original", <x>; rel="timegate"',
            "x-archive-orig-server": "nginx",
        }
        if kept.location:
            headers["Location"] = f"{self.archive.address}/web/{kept.timestamp}id_/{kept.location}"
        self.give(kept.status, kept.body, headers)

    def give(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def reset(self) -> None:
        """Break the connection off in the middle of an answer."""
        self.send_response(200)
        self.send_header("Content-Length", "100000")
        self.end_headers()
        self.wfile.write(b"<html>half of")
        self.wfile.flush()
        self.close_connection = True
        self.connection.close()

    def drip(self, piece: bytes) -> None:
        """An answer without an end."""
        self.send_response(200)
        self.send_header("Memento-Datetime", memento_datetime("20120725100000"))
        self.send_header("Content-Type", "text/html")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            while True:
                self.wfile.write(piece)
        except OSError:
            self.close_connection = True


def memento_datetime(timestamp: str) -> str:
    moment = datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return format_datetime(moment, usegmt=True)
