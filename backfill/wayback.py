"""The Wayback Machine, and archives that answer like it: pywb, OpenWayback, OutbackCDX.

A list comes from the CDX API, which has two dialects: the Internet Archive's, a JSON array with a row of names and a
key to go on with, and pywb's, a JSON object a line. Captures come from replay with `id_`, which gives the page as it
was captured.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from archive import clock
from archive.http_message import content_decoded
from archive.mementos import Memento
from archive.rewritten import captured_at, copied_by, headers_as_sent, is_frame
from backfill.polite import Answer, Client, TooLarge, Unavailable, as_address, as_number
from backfill.sources import Fetched, Page, Refused, Window
from grammar.replays import replay

# Without what is no page, which is the larger part of what a host's list holds.
CDX = "https://web.archive.org/cdx/search/cdx?filter=!mimetype:(image|audio|video|font)/.*|text/css|.*(javascript|flash).*"
REPLAY = "https://web.archive.org/web/{timestamp}id_/{url}"

logger = logging.getLogger(__name__)

_ROWS = 5_000  # of one answer; about a megabyte
_KEPT = range(300, 400), (200, 404, 410)  # what a captured answer of these says is evidence; the rest was a bad day
_WWW = re.compile(r"www\d*\.")
_ODD = re.compile(r"[\x00-\x20\x7f<>]")  # in no address that a page can have
_SAYS_NOTHING = (ValueError, KeyError, TypeError, AttributeError)  # of a row
_FIRST_CAPTURE = "1990"  # there was no web before
_HOPS = 4  # redirects of the archive itself, to the capture that it has
_STAMP = "%Y%m%d%H%M%S"
_TITLE = re.compile(rb"<title[^>]*>\s*(.{1,200}?)\s*</title", re.IGNORECASE | re.DOTALL)
_ORIGINAL = re.compile(r"<([^>]*)>\s*;[^,]*?\brel=\"?(?:[^\",]* )?original\b")
# What is said of a payload on its way: of this one, it would be false.
_OF_THE_WIRE = {"content-encoding", "content-length", "transfer-encoding"}


class Wayback:
    """A source (backfill/sources.py). Raises ValueError for settings that name no archive."""

    via = "wayback"
    origin = "wayback"

    def __init__(self, settings: Mapping[str, Any], client: Client) -> None:
        self._client = client
        self._cdx = as_address("WAYBACK_CDX", str(settings.get("WAYBACK_CDX") or CDX))
        self._replay = _template(str(settings.get("WAYBACK_REPLAY") or REPLAY))
        self._list_delay = as_number(settings, "BACKFILL_LIST_DELAY", 3.0)
        self.delay = client.delay

    # The list

    def listed(self, outlet: Any, window: Window, resume: str) -> Iterator[Page]:
        """Query after query, each for a host and a time. An answer that is full and has no key to go on with, or one
        that leads in a circle, is asked for again in two halves of its time. A host that the archive keeps out of view
        hides nothing of the others."""
        todo = [_Query(*each) for each in json.loads(resume)] if resume else _queries(outlet, window)
        gone_on: set[_Query] = set()
        while todo:
            query = todo.pop(0)
            try:
                answer = self._ask(query)
            except _OutOfView as refused:
                todo = [other for other in todo if other.url != query.url]
                if not gone_on and not todo:
                    raise
                logger.warning("%s", refused)
                yield Page([], 1, _resume(todo), 1)
                continue
            gone_on.add(query)
            # Some keys lead the Internet Archive's server back to where it was (internetarchive/wayback, issue 195).
            circles = bool(answer.key) and replace(query, key=answer.key) in gone_on
            if (answer.cut or circles) and query.first < query.last:
                todo[:0] = query.halves()
                yield Page([], 0, _resume(todo))
                continue
            if answer.cut or circles:  # within one second
                answer = self._ask(replace(query, key=""), whole=True)
            if answer.key:
                todo.insert(0, replace(query, key=answer.key))
            wanted = [memento for memento in answer.mementos if window.holds(memento.timestamp)]
            reports = [memento for memento in wanted if _is_of_a_report(memento, outlet, window)]
            yield Page(reports, len(answer.mementos) + answer.unreadable, _resume(todo), answer.unreadable)

    def _ask(self, query: _Query, whole: bool = False) -> _Listed:
        parameters = {
            "url": query.url, "matchType": query.match, "from": query.first, "to": query.last, "output": "json",
        }  # fmt: skip
        if not whole:
            parameters |= {"limit": str(_ROWS), "showResumeKey": "true"}
        if query.key:
            parameters["resumeKey"] = query.key
        url = f"{self._cdx}{'&' if '?' in self._cdx else '?'}{urlencode(parameters)}"
        for _ in range(_HOPS):
            answer = self._client.get(url, {"Accept": "application/json"}, delay=self._list_delay, wrong=self._wrong)
            location = answer.header("Location")
            leads_to = urljoin(url, location)
            if not 300 <= answer.status < 400 or not location or urlsplit(leads_to).hostname != urlsplit(url).hostname:
                break
            url = leads_to
        if answer.status != 200:
            why = f"{self._cdx} gives no list of {query.url}: {_complaint(answer)}"
            raise _OutOfView(why) if _is_out_of_view(answer) else Refused(why)
        try:
            return self._understood(answer)
        except _NoList as error:
            raise Unavailable(f"{answer.url}: {error}") from error

    def _wrong(self, answer: Answer) -> str:
        """Why an answer is no list, though it came as one: that passes, like any other trouble of an archive."""
        try:
            if answer.status == 200:
                self._understood(answer)
        except _NoList as error:
            return str(error)
        return ""

    def _understood(self, answer: Answer) -> _Listed:
        """Raises _NoList for what is none: half of one, or a page of the archive's."""
        text = _decoded(answer).decode("utf-8", "replace")
        lines = text.strip()
        if not lines:
            return _Listed([], "", 0, cut=False)
        if lines.startswith("["):
            try:
                rows = json.loads(lines)
            except (ValueError, RecursionError) as error:
                raise _NoList(f"half a list came ({error})") from error
            return self._rows(rows)
        mementos, unreadable, says_nothing = [], 0, False
        for line in lines.splitlines():
            try:
                # CDXJ has key and time in front of the object.
                mementos.append(self._memento(json.loads(line[line.index("{") :])))
                says_nothing = False
            except _SAYS_NOTHING:
                unreadable, says_nothing = unreadable + 1, True
        if says_nothing and mementos and not text.endswith("\n"):
            raise _NoList(f"half a list came, which ends with {lines.splitlines()[-1][:80]!r}")
        if unreadable and not mementos:
            raise _NoList(f"no list came, but {_title(lines.encode()) or lines[:80]!r}")
        return _Listed(mementos, "", unreadable, cut=len(mementos) + unreadable >= _ROWS)

    def _rows(self, rows: list[Any]) -> _Listed:
        """A list of the Internet Archive: a row of names, the rows, and if there is more an empty row and a key.
        Raises _NoList."""
        key = ""
        match rows:
            case [*before, [], [str() as key]]:
                rows = before
        if rows and not (isinstance(rows[0], list) and {"timestamp", "original"} <= {*map(str, rows[0])}):
            raise _NoList(f"no list came, but {str(rows)[:80]!r}")
        mementos, unreadable = [], 0
        for row in rows[1:]:
            try:
                mementos.append(self._memento(dict(zip(rows[0], row, strict=True))))
            except _SAYS_NOTHING:
                unreadable += 1
        return _Listed(mementos, key, unreadable, cut=not key and len(rows) - 1 >= _ROWS)

    def _memento(self, row: dict[str, Any]) -> Memento:
        """Raises one of _SAYS_NOTHING."""
        url = row["original"] if "original" in row else row["url"]
        timestamp, status = str(row["timestamp"]), str(row.get("statuscode", row.get("status", "-")))
        digest, length = str(row.get("digest") or "-"), str(row.get("length", "-"))
        content_type = str(row.get("mimetype", row.get("mime", "")))
        if not re.fullmatch(r"\d{14}", timestamp, re.ASCII) or not re.fullmatch(r"\d{3}|-|", status, re.ASCII):
            raise ValueError(f"no time or no status: {timestamp!r}, {status!r}")
        datetime.strptime(timestamp, _STAMP)
        "".join((url, digest, content_type)).encode()  # half a surrogate pair cannot be stored
        return Memento(
            url=url,
            timestamp=timestamp,
            digest="" if digest == "-" else digest,
            status=int(status) if status.isdigit() else None,
            content_type=content_type,
            bytes=int(length) if re.fullmatch(r"\d{1,18}", length, re.ASCII) else None,
            place=self._replay.format(timestamp=timestamp, url=url.replace("#", "%23")),
        )

    # The captures

    def fetch(self, memento: Memento) -> Fetched:
        """Where the archive leads to another capture than the one that was asked for, that one is followed and given
        under its own address and time."""
        url = memento.place
        for _ in range(_HOPS):
            try:
                answer = self._client.get(url, final=lambda got: bool(_captured(got)))
            except (TooLarge, ValueError) as error:
                raise Refused(str(error)) from error
            if timestamp := _captured(answer):
                return self._fetched(memento, timestamp, answer)
            location = urljoin(url, answer.header("Location")) if answer.header("Location") else ""
            if not 300 <= answer.status < 400 or not self._is_replay(location):
                raise _refusal(answer)
            url = location
        raise Refused(f"{memento.place} leads from one address of the archive to the next")

    def _is_replay(self, location: str) -> bool:
        return location.startswith(self._replay.partition("{")[0]) and replay(location) is not None

    def _fetched(self, memento: Memento, timestamp: str, answer: Answer) -> Fetched:
        url = memento.url
        if timestamp != memento.timestamp and (original := _ORIGINAL.search(answer.header("Link"))):
            url = original[1]
        coding, body = _payload(answer, memento.digest if timestamp == memento.timestamp else "")
        sent = headers_as_sent(answer.headers)
        headers = [(name, value) for name, value in sent if name.lower() not in _OF_THE_WIRE]
        if coding:
            headers.append(("Content-Encoding", coding))
        page = content_decoded(body, headers, lenient=True)[0]
        if copied_by(page) or is_frame(page):
            raise Refused(f"{answer.url} is a page that the archive has put its own links into", suspicious=True)
        return Fetched(url, timestamp, answer.status, answer.reason, headers, body, answer.url)


def _template(given: str) -> str:
    """WAYBACK_REPLAY, once it is known to make an address of a capture's time and address. Raises ValueError."""
    try:
        made = given.format(timestamp="20120725080000", url="http://a.example/b")
    except (IndexError, KeyError, ValueError, AttributeError):
        made = ""
    if "20120725080000" not in made or not made.endswith("http://a.example/b"):
        raise ValueError(
            f"WAYBACK_REPLAY is {given!r}: it must hold {{timestamp}} and end with {{url}}, and no other braces"
        )
    as_address("WAYBACK_REPLAY", made)
    return given


# Lists


class _OutOfView(Refused):
    """The archive shows nothing of this host, now or later."""


class _NoList(Exception):
    """What came is none; the message says what it is."""


@dataclass(frozen=True, slots=True)
class _Query:
    """`match` is the CDX API's matchType; `key` goes on behind an earlier answer."""

    url: str
    match: str
    first: str
    last: str
    key: str = ""

    def halves(self) -> list[_Query]:
        first, last = (datetime.strptime(each, _STAMP) for each in (self.first, self.last))
        middle = first + (last - first) // 2
        return [
            _Query(self.url, self.match, self.first, f"{middle:{_STAMP}}"),
            _Query(self.url, self.match, f"{middle + timedelta(seconds=1):{_STAMP}}", self.last),
        ]


@dataclass(frozen=True, slots=True)
class _Listed:
    """An answer to a query. `cut`: there may be more, and nothing says how to go on."""

    mementos: list[Memento]
    key: str
    unreadable: int
    cut: bool


def _queries(outlet: Any, window: Window) -> list[_Query]:
    """One for each address; or for each host and year, since a list of a host's twenty years takes an archive longer
    than it gives itself."""
    if window.below:
        return [_Query(url, "prefix", window.first, window.last) for url in _addresses(outlet, window.below)]
    return [
        _Query(host, match, max(window.first, f"{year}0101000000"), min(window.last, f"{year}1231235959"))
        for host, match in _hosts(outlet)
        for year in range(int(window.first[:4]), int(window.last[:4]) + 1)
    ]


def _hosts(outlet: Any) -> list[tuple[str, str]]:
    """The outlet's hosts, with those below them; one that is below another is in that one's list. An archive passes
    over "www.", so that a list of all below www.gov.example would be one of all below gov.example."""
    hosts = {domain.host for domain in outlet.domains}
    below = {host for host in hosts for other in hosts if host.endswith(f".{other}")}
    return [(host, "host" if _WWW.match(host) else "domain") for host in sorted(hosts - below)]


def _addresses(outlet: Any, below: tuple[str, ...]) -> list[str]:
    """Addresses, each on every host that folds into its own: a report that moved is held where it was then."""
    found: dict[str, None] = {}
    for url in below:
        _, _, place = url.partition("://")
        host, slash, path = place.partition("/")
        into = next((each.into for each in outlet.domains if each.host == host and each.into), host)
        for same in [host, into, *(each.host for each in outlet.domains if each.into == into)]:
            found[_WWW.sub("", same) + slash + path] = None  # as an archive's list has it
    return list(found)


def _resume(todo: list[_Query]) -> str:
    """What is left, "" for nothing."""
    return json.dumps([[each.url, each.match, each.first, each.last, each.key] for each in todo]) if todo else ""


def _is_of_a_report(memento: Memento, outlet: Any, window: Window) -> bool:
    """Whether it is a page of a report, what led there, or what was there when it was gone; captured since the host is
    the outlet's. A host that it has left is still its own: what stands there, or leads away, is evidence."""
    if memento.status is not None and not any(memento.status in kept for kept in _KEPT):
        return False
    try:
        if _ODD.search(memento.url) or outlet.kind_of(memento.url) != "report":
            return False
        if window.below and not outlet.canonical(memento.url).startswith(tuple(map(outlet.canonical, window.below))):
            return False
    except ValueError:
        return False
    host = urlsplit(memento.url).hostname or ""
    domains = [each for each in outlet.domains if host == each.host or host.endswith(f".{each.host}")]
    since = max(domains, key=lambda each: len(each.host)).since if domains else ""
    return memento.timestamp >= since.replace("-", "")


# Captures


def _captured(answer: Answer) -> str:
    """When a capture was made, whatever its status; "" for what is none: the archive's own pages do not say of when."""
    try:
        at = captured_at(answer.headers)
    except (OverflowError, TypeError):  # a time that no calendar has
        return ""
    timestamp = f"{at:{_STAMP}}" if at else ""
    latest = f"{clock.now() + timedelta(days=1):{_STAMP}}"  # clocks differ
    return timestamp if len(timestamp) == 14 and _FIRST_CAPTURE <= timestamp <= latest else ""


def _refusal(answer: Answer) -> Refused:
    """Why there is no capture."""
    reason = f"{answer.url} is no capture: {_complaint(answer)}"
    return Refused(reason, suspicious=answer.status not in (404, 410))


def _complaint(answer: Answer) -> str:
    """What an archive says in its own name: "403 Blocked By Robots"."""
    body = _decoded(answer)
    told = answer.header("X-Archive-Wayback-Runtime-Error")
    if meaning := _is_out_of_view(answer):
        return f"{answer.status}, {meaning}"
    said = told or _title(body) or answer.reason
    return f"{answer.status} {' '.join(said.split())[:200]}".rstrip()


def _is_out_of_view(answer: Answer) -> str:
    """Why an archive does not show a site that it holds, "" when it is not that."""
    told, body = answer.header("X-Archive-Wayback-Runtime-Error"), _decoded(answer)
    return next((meaning for name, meaning in _EXCLUDED.items() if name in told or name.encode() in body), "")


_EXCLUDED = {
    "Blocked Site Error": "the archive has taken this site out of view",
    "AdministrativeAccessControlException": "the archive has taken this site out of view",
    "URL has been excluded": "the archive has taken this site out of view",
    "RobotAccessControlException": "the site's robots.txt keeps the archive from showing it",
}


def _title(page: bytes) -> str:
    found = _TITLE.search(page)
    return found[1].decode("utf-8", "replace") if found else ""


def _decoded(answer: Answer) -> bytes:
    return content_decoded(answer.body, answer.headers, lenient=True)[0]


def _payload(answer: Answer, digest: str) -> tuple[str, bytes]:
    """Content coding and payload as they were captured, as far as that can be told: an archive may undo the coding that
    a page had, or pack one that had none. The digest of its list, of the payload as captured, decides."""
    coding, body = answer.header("Content-Encoding").strip(), answer.body
    is_gzip = body.startswith(b"\x1f\x8b\x08")
    if not coding or ("gzip" in coding.lower() and not is_gzip):
        return "gzip" if is_gzip else "", body
    if digest and _sha1(body) != digest:
        plain, error = content_decoded(body, [("Content-Encoding", coding)])
        if not error and _sha1(plain) == digest:
            return "", plain
    return coding, body


def _sha1(data: bytes) -> str:
    """As a CDX file writes it."""
    return base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()
