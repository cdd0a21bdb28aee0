"""Domain moves, learned from redirects: a host whose addresses lead to the same place on another one; table `moves`.

A report that was known at the old host is the same report at the new one, if the outlet owns both: its id never
changes. A move to a host that the outlet does not own is counted, for an alarm, and followed by nobody.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urljoin, urlsplit

from items import Capture

_HOSTS_AT_MOST = 20  # that are taken for one place: an outlet moves a few times, a broken server names any number


@dataclass(frozen=True, slots=True)
class Move:
    """That `from_host` led to the same place on `to_host`."""

    outlet: str
    from_host: str
    to_host: str


class Hosts:
    """An outlet's hosts, as its description in the table `outlets` has them."""

    def __init__(self, connection: sqlite3.Connection, outlet: str) -> None:
        row = connection.execute("select domains from outlets where id = ?", [outlet]).fetchone()
        domains = json.loads(row[0] or "[]") if row else []
        self._owned = [str(domain["host"]) for domain in domains]
        self._into = {str(domain["host"]): str(domain["into"]) for domain in domains if domain.get("into")}

    def owns(self, host: str) -> bool:
        """Whether the outlet publishes there; subdomains included."""
        name = host.partition(":")[0]
        return any(name == owned or name.endswith(f".{owned}") for owned in self._owned)

    def folded(self, host: str) -> str:
        """The host under whose name its addresses are known."""
        return self._into.get(host, host)


def move_of(outlet: str, url: str, location: str, hosts: Hosts) -> Move | None:
    """The move that a redirect shows: to another host, and there to the same path, whatever its scheme, its query and
    a slash at its end. None for any other, and for hosts that the description takes for one already."""
    try:
        source, target = urlsplit(url), urlsplit(urljoin(url, location.strip()))
        from_host, to_host = (hosts.folded(_host(address.hostname, address.port)) for address in (source, target))
    except ValueError:
        return None
    if not location.strip() or target.scheme not in ("http", "https") or not to_host or from_host == to_host:
        return None
    path = _path(source.path)
    return Move(outlet, from_host, to_host) if path and path == _path(target.path) else None


def _host(name: str | None, port: int | None) -> str:
    host = (name or "").rstrip(".")
    return f"{host}:{port}" if host and port not in (None, 80, 443) else host


def _path(path: str) -> str:
    return unquote(path).strip("/")


def note(connection: sqlite3.Connection, captures: Iterable[Capture]) -> list[Move]:
    """Count the moves that new captures of reports' addresses show; returns those that were not known before."""
    hosts: dict[str, Hosts] = {}
    learned: list[Move] = []
    for capture in captures:
        location = capture.header("Location")
        if capture.kind != "report" or capture.outcome != "redirect" or not location:
            continue
        if capture.outlet not in hosts:
            hosts[capture.outlet] = Hosts(connection, capture.outlet)
        if move := move_of(capture.outlet, capture.url, location, hosts[capture.outlet]):
            learned += [move] if _count(connection, move, capture.id) else []
    return learned


def note_all(connection: sqlite3.Connection) -> list[Move]:
    """The same for the captures of an archive that was written before moves were counted."""
    found = connection.execute(
        """select captures.id, captures.outlet, captures.url, redirect_to from captures
        join checks on checks.url = captures.canonical
        where outcome = 'redirect' and redirect_to is not null and checks.kind = 'report'"""
    ).fetchall()
    hosts = {outlet: Hosts(connection, outlet) for outlet in {row[1] for row in found}}
    learned: list[Move] = []
    for capture, outlet, url, location in found:
        if move := move_of(outlet, url, location, hosts[outlet]):
            learned += [move] if _count(connection, move, capture) else []
    return learned


def _count(connection: sqlite3.Connection, move: Move, capture: int) -> bool:
    """True for a move that is new."""
    key = [move.outlet, move.from_host, move.to_host]
    is_new = not connection.execute(
        "select 1 from moves where outlet = ? and from_host = ? and to_host = ?", key
    ).fetchone()
    connection.execute(
        """insert into moves values (?, ?, ?, ?, ?, 1) on conflict do update set captures = captures + 1,
            first_capture = min(first_capture, excluded.first_capture),
            last_capture = max(last_capture, excluded.last_capture)""",
        [*key, capture, capture],
    )
    return is_new


# The same report under several addresses


def addresses(connection: sqlite3.Connection, outlet: str, canonical: str) -> list[str]:
    """Every canonical address under which the page of one may be known: itself first, then the same path on the hosts
    that its own moved to or from, with and without a slash at the end."""
    scheme, _, place = canonical.partition("://")
    host, _, path = place.partition("/")
    others = _moved_together(connection, outlet, host)
    if not others:
        return [canonical]
    path, question, query = path.partition("?")
    paths = [f"{path}{question}{query}", f"{path[:-1] if path.endswith('/') else path + '/'}{question}{query}"]
    return [canonical, *(f"{scheme}://{other}/{each}" for other in others for each in paths)]


def hosts_of(connection: sqlite3.Connection, move: Move) -> list[str]:
    """The hosts that are taken for one place since this move, its own first; none where the outlet does not own it."""
    others = _moved_together(connection, move.outlet, move.from_host)
    return [move.from_host, *others] if move.to_host in others else []


def _moved_together(connection: sqlite3.Connection, outlet: str, host: str) -> list[str]:
    """The outlet's other hosts that are tied to this one by moves, in the order of how near they are."""
    pairs = connection.execute(
        "select from_host, to_host from moves where outlet = ? order by first_capture", [outlet]
    ).fetchall()
    if not pairs:
        return []
    owned = Hosts(connection, outlet).owns
    found = [host] if owned(host) else []
    for known in found:
        for pair in pairs:
            if known in pair and len(found) < _HOSTS_AT_MOST:
                other = pair[0] if known == pair[1] else pair[1]
                if other not in found and owned(other):
                    found.append(other)
    return found[1:]


def registered(connection: sqlite3.Connection, host: str) -> Iterator[tuple[int, str]]:
    """Ids and addresses of the reports that are known at a host."""
    yield from connection.execute(
        "select id, url from id_registry where url >= ? and url < ?", [f"https://{host}/", f"https://{host}0"]
    ).fetchall()


def unbooked(connection: sqlite3.Connection, outlet: str, host: str) -> Iterator[tuple[int, str]]:
    """Captures at a host that belong to no report so far, with their canonical addresses."""
    yield from connection.execute(
        """select id, canonical from captures where canonical >= ? and canonical < ? and report is null
            and outlet = ?""",
        [f"https://{host}/", f"https://{host}0", outlet],
    ).fetchall()
