"""A server on loopback that is shaped like Common Crawl: listings, WARC files of many sites, and an index of a crawl.

It counts what is asked of it, and can be told to fail.
"""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from archive.warc_format import member
from samples.newsroom import answers

PAGES = {answer.url: answer for answer in answers() if answer.file and answer.status == 200 and answer.visit != 2}


@dataclass(frozen=True)
class Kept:
    """One record: `url` is a page of the samples, or of nobody's site with a body of so many bytes."""

    url: str
    date: str  # 2024-01-02T03:04:05Z
    size: int = 2000
    broken: bool = False

    @property
    def body(self) -> bytes:
        if self.url in PAGES:
            return PAGES[self.url].body
        # Not to be compressed away: the files must have a size.
        noise = b"".join(sha1(f"{self.url} {n}".encode()).digest() for n in range(self.size // 20))
        return b"<html><body>" + noise.hex().encode() + b"</body></html>"

    @property
    def id(self) -> str:
        return f"<urn:uuid:{UUID(bytes=sha1(f'{self.url} {self.date}'.encode()).digest()[:16])}>"

    @property
    def digest(self) -> str:
        return "sha1:" + sha1(self.body).hexdigest()

    @property
    def member(self) -> bytes:
        """As Common Crawl writes it: the coding undone and its header renamed."""
        kind = PAGES[self.url].content_type if self.url in PAGES else "text/html"
        http = (
            f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nX-Crawl-Content-Encoding: gzip\r\n"
            f"Content-Length: {len(self.body)}\r\n\r\n"
        ).encode()
        fields = [
            ("WARC-Type", "response"), ("WARC-Record-ID", self.id), ("WARC-Date", self.date),
            ("WARC-Target-URI", self.url), ("WARC-Payload-Digest", self.digest),
            ("Content-Type", "application/http; msgtype=response"),
        ]  # fmt: skip
        data = member(fields, http + self.body)
        if self.broken:
            data = data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 0xFF]) + data[len(data) // 2 + 1 :]
        return data


def warc(records: Sequence[Kept]) -> bytes:
    """A WARC file: a warcinfo record, and before each response the request."""
    parts = [
        member(
            [("WARC-Type", "warcinfo"), ("WARC-Record-ID", "<urn:uuid:00000000-0000-4000-8000-000000000001>"),
             ("WARC-Date", "2024-01-01T00:00:00Z"), ("Content-Type", "application/warc-fields")],
            b"software: StormCrawler 1.15\r\n",
        )
    ]  # fmt: skip
    for record in records:
        fields = [
            ("WARC-Type", "request"), ("WARC-Record-ID", record.id.replace(":uuid:", ":uuid:f")),
            ("WARC-Date", record.date), ("WARC-Target-URI", record.url),
            ("Content-Type", "application/http; msgtype=request"),
        ]  # fmt: skip
        parts += [member(fields, b"GET / HTTP/1.1\r\n\r\n"), record.member]
    return b"".join(parts)


def news_path(begun: str, number: int = 0) -> str:
    return f"crawl-data/CC-NEWS/{begun[:4]}/{begun[4:6]}/CC-NEWS-{begun}-{number:05}.warc.gz"


@dataclass
class Asked:
    path: str
    range: tuple[int, int] | None
    agent: str


@dataclass
class Mirror:
    """`files` are served by path, with ranges. `fails`: what answers in place of the server, if it gives a status,
    headers and body for a path and the number of the request."""

    files: dict[str, bytes] = field(default_factory=dict)
    kept: dict[str, Sequence[Kept]] = field(default_factory=dict)  # the records of each file of news
    crawls: dict[str, tuple[str, str]] = field(default_factory=dict)  # id → days
    captures: dict[str, list[dict[str, str]]] = field(default_factory=dict)  # of each crawl, the lines of its index
    page_lines: int = 3
    log: list[Asked] = field(default_factory=list)
    fails: Callable[[str, int], tuple[int, dict[str, str], bytes] | None] = lambda path, number: None
    ranges: bool = True
    address: str = ""

    def news(self, files: dict[str, Sequence[Kept]]) -> None:
        """Files of CC-NEWS by path, and the listings of their months."""
        months: dict[str, list[str]] = {}
        for path, records in files.items():
            self.files[path], self.kept[path] = warc(records), records
            months.setdefault(path.rpartition("/")[0], []).append(path)
        for folder, paths in months.items():
            self.files[f"{folder}/warc.paths.gz"] = gzip.compress("".join(f"{path}\n" for path in paths).encode())

    def crawl(self, id: str, days: tuple[str, str], records: Sequence[Kept]) -> None:
        """A crawl with one file, and its index."""
        path = f"crawl-data/{id}/segments/1.1/warc/{id}-00000.warc.gz"
        self.files[path] = data = warc(records)
        self.crawls[id] = days
        self.captures[id] = []
        for record in records:
            found = record.member
            self.captures[id].append({
                "urlkey": "", "timestamp": re.sub(r"\D", "", record.date), "url": record.url, "mime": "text/html",
                "status": "200", "digest": record.digest[5:], "length": str(len(found)),
                "offset": str(data.index(found)), "filename": path,
            })  # fmt: skip

    def asked(self, part: str) -> list[Asked]:
        return [each for each in self.log if part in each.path]

    def save(self, folder: Path) -> None:
        """The files as a local mirror."""
        for path, data in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)


class _Handler(BaseHTTPRequestHandler):
    mirror: Mirror
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.lstrip("/")
        ranged = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        wanted = (int(ranged[1]), int(ranged[2])) if ranged else None
        self.mirror.log.append(Asked(path, wanted, self.headers.get("User-Agent", "")))
        failing = self.mirror.fails(path, len(self.mirror.asked(path)))
        if failing:
            return self._send(*failing)
        if path == "collinfo.json":
            return self._send(200, {}, json.dumps(self._crawls()).encode())
        if "-index?" in path:
            return self._index(path)
        data = self.mirror.files.get(path)
        if data is None:
            return self._send(404, {}, b"not here")
        if wanted is None or not self.mirror.ranges:
            return self._send(200, {}, data)
        first, last = wanted[0], min(wanted[1], len(data) - 1)
        if first >= len(data):
            return self._send(416, {"Content-Range": f"bytes */{len(data)}"}, b"")
        return self._send(206, {"Content-Range": f"bytes {first}-{last}/{len(data)}"}, data[first : last + 1])

    def _crawls(self) -> list[dict[str, str]]:
        return [
            {"id": id, "name": id, "cdx-api": f"{self.mirror.address}/{id}-index"}
            | ({"from": f"{first}T00:00:00", "to": f"{last}T00:00:00"} if first else {})
            for id, (first, last) in self.mirror.crawls.items()
        ]

    def _index(self, path: str) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        lines = []
        for line in self.mirror.captures[path.partition("-index?")[0]]:
            host, url = urlsplit(line["url"]).hostname or "", asked["url"]
            below = host == url or host.endswith(f".{url}")
            bare = line["url"].partition("://")[2].removeprefix("www.")  # as its key has it
            if below if asked["matchType"] == "domain" else bare.startswith(url):
                lines.append(line)
        pages = -(-len(lines) // self.mirror.page_lines)
        if not lines:
            return self._send(404, {}, json.dumps({"message": f"No Captures found for: {asked['url']}"}).encode())
        if "showNumPages" in asked:
            return self._send(200, {}, json.dumps({"pages": pages, "pageSize": 5, "blocks": pages}).encode())
        if "page" in asked:
            begins = int(asked["page"]) * self.mirror.page_lines
            lines = lines[begins : begins + self.mirror.page_lines]
        return self._send(200, {}, "".join(json.dumps(line) + "\n" for line in lines).encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        if int(headers.get("Content-Length", len(body))) > len(body):
            self.close_connection = True  # what was promised does not come

    def log_message(self, *_: object) -> None: ...


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that goes away in the middle is one of the things that are tested."""


@contextmanager
def serving(mirror: Mirror) -> Iterator[Mirror]:
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"mirror": mirror}))
    mirror.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield mirror
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
