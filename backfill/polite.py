"""Asking an archive, politely: one request at a time, a pause between two, longer ones when it is in trouble.

Nobody else's archive is there for us alone. The Internet Archive answers a client that is too quick with 429, and one
that does not mind that with a firewall, for an hour, then for two (docs/backfill.md).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Self
from urllib.parse import urlsplit

import requests
import urllib3

from archive import clock
from archive.download import described
from archive.retry_after import retry_after

_PIECE = 65_536
_LOOK_UP = 0.2  # seconds: how soon a wait ends when a signal comes
_IN_HAND = 5.0  # seconds that an answer which has begun to come may take, although a signal came
_ANSWER = 10  # times the timeout is what a whole answer may take, however steadily it drips
# Answers that say nothing about what was asked for, only that it is not to be had now.
_TEMPORARY = {408, 421, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 598, 599}


class Unavailable(Exception):
    """The archive does not answer now; asking another time may help."""


class GaveUp(Exception):
    """The archive has failed so often in a row, or asks to be left alone for so long, that it is asked nothing more."""


class Stopped(Exception):
    """A signal came, or the budget of requests is used up: the message says which."""


class TooLarge(Exception):
    """An answer of more bytes than are taken."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` are in the order in which they came; `body` is what came off the wire, its content coding kept."""

    url: str
    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """The first value of a header, "" when absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


class Client:
    """Takes what it may do from settings.py (BACKFILL_…). Each host has its own pace and its own count of failures.

    A request that fails, or is answered with 429 or 5xx, is made again `retries` times. The wait before the next one to
    that host is `backoff` seconds, doubled for each further failure in a row up to `longest`, or what Retry-After asks
    for. After `give_up` failures in a row, and when Retry-After asks for more than `longest`, GaveUp is raised.
    """

    def __init__(
        self,
        agent: str,
        *,
        delay: float = 1.0,
        timeout: float = 60.0,
        retries: int = 3,
        backoff: float = 60.0,
        longest: float = 1800.0,
        give_up: int = 8,
        most: int = 64 * 1024 * 1024,
        budget: int = 0,
        stopped: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.delay = delay
        self.requests = 0  # made so far
        self.bytes = 0  # received so far
        self._timeout, self._retries, self._most, self._budget = timeout, retries, most, budget
        self._backoff, self._longest, self._give_up = backoff, longest, give_up
        self._stopped, self._sleep, self._monotonic = stopped, sleep, monotonic
        self._next: dict[str, float] = {}  # host → when it may be asked again
        self._failures: dict[str, int] = {}  # host → how many in a row
        self._session = requests.Session()
        self._session.headers.clear()
        self._session.headers.update({"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"})
        self._session.auth = lambda request: request  # else a password of ~/.netrc is sent
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], *, budget: int, stopped: Callable[[], bool]) -> Self:
        """Raises ValueError for a setting that is none."""
        return cls(
            str(settings["USER_AGENT"]),
            delay=as_number(settings, "BACKFILL_DELAY", 1.0),
            timeout=as_number(settings, "BACKFILL_TIMEOUT", 60.0, least=0.001),
            retries=int(as_number(settings, "BACKFILL_RETRIES", 3)),
            backoff=as_number(settings, "BACKFILL_BACKOFF", 60.0),
            longest=as_number(settings, "BACKFILL_BACKOFF_MAX", 1800.0),
            give_up=int(as_number(settings, "BACKFILL_GIVE_UP", 8, least=1)),
            most=int(settings["DOWNLOAD_MAXSIZE"]),
            budget=budget,
            stopped=stopped,
        )

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        delay: float = 0.0,
        final: Callable[[Answer], bool] = lambda _: False,
        wrong: Callable[[Answer], str] = lambda _: "",
        most: int = 0,
    ) -> Answer:
        """The answer to a GET; no redirect is followed. `delay` is what this request needs at least after the last one,
        `most` how many bytes are taken. `final` says of an answer that it is one whatever its status: what was archived
        may be an error page. `wrong` says what is wrong with one, which makes it a failure; "" for nothing.

        Raises Unavailable, GaveUp, Stopped, TooLarge, and ValueError for what is no address.
        """
        host = urlsplit(url).netloc.lower()
        trouble = ""
        for _ in range(self._retries + 1):
            self._wait(host, delay)
            asked = 0.0
            try:
                answer = self._ask(url, headers or {}, most or self._most)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                if isinstance(error, ValueError):
                    raise ValueError(f"{url} cannot be asked for: {error}") from error
                trouble = described(error)
            else:
                trouble = wrong(answer)
                if not trouble and (answer.status not in _TEMPORARY or final(answer)):
                    self._failures[host] = 0
                    return answer
                asked = retry_after(answer.header("Retry-After"), clock.now())
                trouble = trouble or f"answered {answer.status} {answer.reason}".rstrip()
            finally:
                self._next[host] = self._monotonic()
            self._back_off(host, trouble, asked)
        raise Unavailable(f"{url}: {trouble}")

    def close(self) -> None:
        self._session.close()

    def _wait(self, host: str, delay: float) -> None:
        """Until this host may be asked."""
        if self._budget and self.requests >= self._budget:
            raise Stopped(f"the budget of {self._budget:,} requests is used up")
        begins = self._next.get(host, float("-inf")) + max(delay, self.delay)
        while True:
            if self._stopped():
                raise Stopped("stopped by a signal")
            left = begins - self._monotonic()
            if left <= 0:
                return
            self._sleep(min(left, _LOOK_UP))

    def _back_off(self, host: str, trouble: str, asked: float) -> None:
        failures = self._failures[host] = self._failures.get(host, 0) + 1
        if asked > self._longest:
            raise GaveUp(f"{host} {trouble} and asks to be left alone for {asked / 60:,.0f} minutes")
        if failures >= self._give_up:
            raise GaveUp(f"{host} has failed {failures} times in a row, the last time so: {trouble}")
        self._next[host] += max(asked, min(self._backoff * 2 ** (failures - 1), self._longest))

    def _ask(self, url: str, headers: Mapping[str, str], most: int) -> Answer:
        self.requests += 1
        begun = self._monotonic()
        ends = begun + _ANSWER * self._timeout
        with closing(
            self._session.get(url, headers=headers, timeout=self._timeout, stream=True, allow_redirects=False)
        ) as response:
            body = bytearray()
            for piece in response.raw.stream(_PIECE, decode_content=False):
                body += piece
                self.bytes += len(piece)
                if len(body) > most:
                    raise TooLarge(f"{url} answers with more than {most:,} bytes")
                if self._monotonic() > begun + _IN_HAND and self._stopped():
                    raise Stopped("stopped by a signal")
                if self._monotonic() > ends:
                    raise OSError(f"the answer was not complete after {_ANSWER * self._timeout:,.0f} s")
            found = [(name, value) for name, value in response.raw.headers.items()]
            return Answer(url, response.status_code, response.reason or "", found, bytes(body))


def as_number(settings: Mapping[str, Any], name: str, default: float, least: float = 0.0) -> float:
    """A setting that is a number. Raises ValueError, which names it, for what is none."""
    given = settings.get(name, default)
    try:
        found = float(given)
    except (TypeError, ValueError):
        found = math.nan
    if not least <= found < math.inf:
        raise ValueError(f"{name} is {given!r}: it must be a number, {least:g} or more")
    return found


def as_address(name: str, given: str) -> str:
    """A setting that is an address to ask. Raises ValueError, which names it, for what is none."""
    try:
        parts = urlsplit(given)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port or an IPv6 address that is none
        is_one = False
    if not is_one:
        raise ValueError(f"{name} is {given!r}: it must be an address that begins with http:// or https://")
    return given
