"""A server on this machine that answers for the outlets at their original addresses, as an HTTP proxy.

A crawler needs no special path to reach it: `http_proxy` and `https_proxy` name it, and every request then takes the
ordinary way through the network stack, TLS included. Nothing leaves the machine: an address of any other host is
refused with 502.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SAMPLES = Path(__file__).parent
MANIFEST = SAMPLES / "newsroom.json"
EXPECTED = SAMPLES / "expected.json"


@dataclass(frozen=True)
class Answer:
    """What one address answers, on both visits or on one of them. A line of newsroom.json."""

    url: str
    status: int
    visit: int | None = None  # 1 or 2; None for both
    file: str = ""  # below samples/; "" for an answer without a page
    content_type: str = ""
    charset: str = ""  # of the bytes, whatever the page and the header say
    location: str = ""  # where a redirect leads
    last_modified: str = ""
    etag: bool = False  # whether the answer carries one
    fail_first: int = 0  # how many requests are answered 503 before this

    @cached_property
    def body(self) -> bytes:
        """The page's bytes as the outlet would serve them, before compression."""
        if self.file:
            return (SAMPLES / self.file).read_bytes()
        reason = HTTPStatus(self.status).phrase
        page = f"<html><head><title>{self.status} {reason}</title></head><body>{reason}</body></html>\n"
        return page.encode()

    @cached_property
    def validators(self) -> dict[str, str]:
        """ETag and Last-Modified, where this answer has them."""
        tag = {"ETag": f'"{hashlib.sha256(self.body).hexdigest()[:16]}"'} if self.etag else {}
        return tag | ({"Last-Modified": self.last_modified} if self.last_modified else {})


@dataclass(frozen=True)
class Entry:
    """One request that was answered, with the status that it got. Tunnels that opened (CONNECT) are not requests."""

    method: str
    url: str
    status: int
    headers: dict[str, str]  # of the request; names as they came
    time: float = field(default_factory=time.monotonic)  # when it was answered, in seconds


def answers() -> list[Answer]:
    """Every line of newsroom.json."""
    lines: list[dict[str, Any]] = json.loads(MANIFEST.read_text("utf-8"))["addresses"]
    return [Answer(**line) for line in lines]


class Newsroom:
    """The server, to be used as a context manager.

    `visit` is 1 or 2 and may be changed while it runs: on the second visit one report was edited, one was taken down,
    and the furniture of one page and a list differ. `fail_first=False` leaves out the 503 that one page begins with.
    `log` holds every request that was answered, in order.
    """

    def __init__(
        self, port: int = 0, visit: int = 1, fail_first: bool = True, handler: type[Handler] | None = None
    ) -> None:
        self.visit = visit
        self.log: list[Entry] = []
        self._answers: dict[tuple[str, int], Answer] = {}
        for answer in answers():
            for number in (answer.visit,) if answer.visit else (1, 2):
                self._answers[answer.url, number] = answer
        self.hosts = sorted({urlsplit(url).hostname or "" for url, _ in self._answers})
        self._failures = {url: answer.fail_first for (url, _), answer in self._answers.items() if fail_first}
        self._failing = threading.Lock()
        self.certificate, self.tls = _certificate(self.hosts)
        self._server = _Server(("127.0.0.1", port), self, handler or Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def proxy_url(self) -> str:
        """What http_proxy and https_proxy must be set to."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, url: str) -> Answer:
        """What an address of one of the hosts answers now; 404 for one that is not listed.

        As on the outlets' servers, a query does not choose the page, and http and https serve the same one unless the
        list says otherwise.
        """
        parts = urlsplit(url)
        plain = f"{parts.scheme}://{parts.netloc}{parts.path or '/'}"
        other = ("http" if parts.scheme == "https" else "https") + plain.removeprefix(parts.scheme)
        found = (self._answers.get((address, self.visit)) for address in (url, plain, other))
        answer = next(filter(None, found), None) or Answer(url, 404)
        return Answer(url, 503) if self._fails(answer.url) else answer

    def _fails(self, url: str) -> bool:
        with self._failing:
            left = self._failures.get(url, 0)
            self._failures[url] = left - 1
            return left > 0


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # idle connections are kept alive by clients
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], newsroom: Newsroom, handler: type[Handler]) -> None:
        super().__init__(address, handler)
        self.newsroom = newsroom

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours; anything else is shown as usual."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError | ssl.SSLError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Answers as the newsroom's list says; a test may give the newsroom a subclass that answers otherwise."""

    protocol_version = "HTTP/1.1"
    server_version = "Newsroom"
    sys_version = ""
    timeout = 60  # seconds that an idle connection is kept
    disable_nagle_algorithm = True  # headers and body go out in two writes

    tunnel = ""  # the host that a CONNECT asked for

    def setup(self) -> None:
        super().setup()
        self.newsroom = cast(_Server, self.server).newsroom

    def finish(self) -> None:
        super().finish()
        if self.tunnel:  # the server would close the plain socket only, which TLS has taken over
            self.connection.close()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error: the newsroom keeps its own log."""

    def do_CONNECT(self) -> None:
        host, _, port = self.path.rpartition(":")
        if host not in self.newsroom.hosts or port != "443" or self.tunnel:
            self._refuse(self.path)
            return
        self.send_response(HTTPStatus.OK, "Connection established")
        self.end_headers()
        try:
            self.request = self.newsroom.tls.wrap_socket(self.connection, server_side=True)
        except (OSError, ssl.SSLError):  # a client that does not trust the certificate ends the handshake
            self.close_connection = True
            return
        self.tunnel = host
        self.setup()
        self.close_connection = False

    def do_GET(self) -> None:
        url = self._url()
        if urlsplit(url).hostname not in self.newsroom.hosts:
            self._refuse(url)
            return
        answer = self.newsroom.answer(url)
        if answer.status == HTTPStatus.OK and _unchanged(answer.validators, self.headers):
            self._send(url, HTTPStatus.NOT_MODIFIED, answer.validators, b"")
            return
        headers = {"Content-Type": answer.content_type or "text/html"} | answer.validators
        if answer.location:
            headers["Location"] = answer.location
        self._send(url, answer.status, headers, answer.body)

    do_HEAD = do_GET

    def _url(self) -> str:
        """The address that is asked for: absolute from a proxy's client, else by the Host header."""
        if re.match(r"https?://", self.path):
            return self.path
        host = self.tunnel or (self.headers.get("Host") or "").partition(":")[0]
        return f"{'https' if self.tunnel else 'http'}://{host}{self.path}"

    def _refuse(self, what: str) -> None:
        text = (
            f"The sample newsroom does not answer for {what} and asks no network. "
            f"It has: {', '.join(self.newsroom.hosts)}.\n"
        )
        self._send(what, HTTPStatus.BAD_GATEWAY, {"Content-Type": "text/plain; charset=utf-8"}, text.encode())

    def _send(self, url: str, status: int, headers: dict[str, str], body: bytes) -> None:
        """Answer and keep it in the log. Bodies are compressed for who accepts that, HEAD gets their length only."""
        self.newsroom.log.append(Entry(self.command, url, int(status), dict(self.headers.items())))
        bodiless = status == HTTPStatus.NOT_MODIFIED
        if not bodiless:
            headers = headers | {"Vary": "Accept-Encoding"}
            if _ACCEPTS_GZIP.search(self.headers.get("Accept-Encoding", "")):
                body = gzip.compress(body, mtime=0)  # the same page is the same bytes on the wire
                headers["Content-Encoding"] = "gzip"
            headers["Content-Length"] = str(len(body))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD" and not bodiless:
            self.wfile.write(body)


_ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))", re.IGNORECASE)


def _unchanged(validators: dict[str, str], asked: Any) -> bool:
    """Whether a conditional request gets a 304 (RFC 9110, 13.2.2): If-None-Match counts alone where both are given."""
    tags = asked.get("If-None-Match")
    if tags is not None:
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return "ETag" in validators and ("*" in known or validators["ETag"] in known)
    since = asked.get("If-Modified-Since")
    if since is None or "Last-Modified" not in validators:
        return False
    try:
        return parsedate_to_datetime(validators["Last-Modified"]) <= parsedate_to_datetime(since)
    except (TypeError, ValueError):
        return False


def _certificate(hosts: list[str]) -> tuple[str, ssl.SSLContext]:
    """A certificate for all hosts, signed by itself: as PEM for clients that verify, and a context that serves it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sample newsroom of Dateline")])
    now = datetime.now(UTC)
    public = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(public, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(public), critical=False)
        .add_extension(_KEY_USAGE, critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:  # the ssl module reads keys from files only
        file = Path(folder) / "newsroom.pem"
        file.touch(0o600)
        file.write_bytes(secret + pem)
        context.load_cert_chain(file)
    return pem.decode(), context


_KEY_USAGE = x509.KeyUsage(
    digital_signature=True,
    key_cert_sign=True,  # a verifying client takes it as its own authority
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def _new_entries(newsroom: Newsroom) -> Iterator[Entry]:
    """Requests as they come, without end."""
    seen = 0
    while True:
        for entry in newsroom.log[seen:]:
            seen += 1
            yield entry
        time.sleep(0.1)


def main() -> None:
    """Serve until Ctrl-C, and print each request."""
    parser = argparse.ArgumentParser(
        prog="python -m samples.newsroom",
        description="Serve the sample newsroom on this machine, as an HTTP proxy that answers for the outlets.",
        epilog="Example: curl --proxy http://127.0.0.1:8099 --insecure https://www.news.cn/politics/",
    )
    parser.add_argument("--port", type=int, default=8099, help="where to listen on 127.0.0.1 (default: 8099)")
    parser.add_argument("--visit", type=int, default=1, choices=(1, 2), help="which to show (default: 1)")
    chosen = parser.parse_args()
    try:
        newsroom = Newsroom(chosen.port, chosen.visit)
    except OSError as error:
        parser.error(f"cannot listen on 127.0.0.1:{chosen.port} ({error.strerror}); choose another --port")
    with newsroom, suppress(KeyboardInterrupt):
        print(f"The sample newsroom answers at {newsroom.proxy_url} (Ctrl-C ends it). For another terminal:")
        print(f"  export http_proxy={newsroom.proxy_url} https_proxy={newsroom.proxy_url}")
        print(f"It has: {', '.join(newsroom.hosts)}", flush=True)
        for entry in _new_entries(newsroom):
            print(f"{entry.status} {entry.method} {entry.url}", flush=True)


if __name__ == "__main__":
    main()
