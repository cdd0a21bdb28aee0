"""Whether an outlet has changed a robots.txt: who may be asked for what is a decision, and a person should read it."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from archive.health import OURS, TROUBLES, WEEK
from archive.http_message import content_decoded
from archive.standing import Key, Standing, Trouble
from archive.storage import Captures
from archive.times import iso, parse
from archive.warc_reader import read_capture

SHOWN = 12  # lines that a message quotes


@dataclass(frozen=True, slots=True)
class _Copy:
    """A capture of a robots.txt; `payload` is the digest of its bytes."""

    capture: int
    payload: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads captures of robots.txt for one check, each once. `agent` is the name by which Dateline obeys them."""

    connection: sqlite3.Connection
    captures: Captures
    agent: str
    _texts: dict[int, str | None] = field(default_factory=dict)

    def text(self, capture: int) -> str | None:
        """None when it cannot be read, since its WARC file is missing or damaged."""
        if capture not in self._texts:
            try:
                self._texts[capture] = self._read(capture)
            except (OSError, ValueError):
                self._texts[capture] = None
        return self._texts[capture]

    def _read(self, capture: int) -> str | None:
        place = "select warc, offset, revisit_of from captures where id = ?"
        row = self.connection.execute(place, [capture]).fetchone()
        if row is None:
            return None
        with closing(self.captures.open(row[0])) as file:
            found = read_capture(file, row[1])
        if row[2] is not None:
            held = self.connection.execute(place, [row[2]]).fetchone()
            if held is None:
                return None
            with closing(self.captures.open(held[0])) as file:
                raw = read_capture(file, held[1], decoded=False).body
            found.body = content_decoded(raw, found.headers)[0]
        return found.body.decode("utf-8", "replace")

    def rules(self, copy: _Copy) -> str:
        """What tells one set of rules from another: remarks, spaces and how it was packed apart."""
        text = self.text(copy.capture)
        said = copy.payload if text is None else "\n".join(_lines(text))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def changes(
    reader: Reader, outlet: str, title: str, now: datetime, standing: Mapping[Key, Standing]
) -> Iterator[Trouble]:
    """Each robots.txt that was changed in the last week, or that was found changed and not acknowledged so far."""
    seen = _captured(reader.connection, outlet, now)
    open_ones = {subject for kind, of, subject in standing if (kind, of) == ("robots", outlet)}
    for url in sorted(seen.keys() | open_ones):
        key = ("robots", outlet, url)
        before = standing.get(key)
        if url not in seen:
            if before and not before.is_acknowledged:
                yield before.as_it_was(key)
            continue
        *earlier, newest = seen[url]
        base = _base(reader, earlier, newest, before or _lately_over(reader, key, now))
        if base is None or (base.payload and reader.rules(base) == reader.rules(newest)):
            continue
        state = f"{reader.rules(newest)} after {base.capture}"
        if before and before.state == state:
            yield before.as_it_was(key)
        else:
            yield Trouble(*key, state, f"{title}: {_what_changed(reader, outlet, url, base, newest)}")


def _captured(connection: sqlite3.Connection, outlet: str, now: datetime) -> dict[str, list[_Copy]]:
    """Address → its captures, oldest first: those of the last week that were answered with 200, and the last one before
    them."""
    found: dict[str, list[_Copy]] = {}
    for capture, url, payload in connection.execute(
        f"""select id, url, payload_sha256 from captures indexed by captures_troubles
        where outlet = ? and {OURS} and at > ? and at <= ? and {TROUBLES} and outcome = 'robots'
            and status = 200 and url like '%/robots.txt' order by at, id""",
        [outlet, iso(now - WEEK), iso(now)],
    ):
        found.setdefault(url, []).append(_Copy(capture, payload or ""))
    for url, of_week in found.items():
        row = connection.execute(
            f"select id, payload_sha256 from captures where url = ? and {OURS} and at <= ? and status = 200 "
            "order by at desc limit 1",
            [url, iso(now - WEEK)],
        ).fetchone()
        if row:
            of_week.insert(0, _Copy(row[0], row[1] or ""))
    return found


def _base(reader: Reader, earlier: list[_Copy], newest: _Copy, before: Standing | None) -> _Copy | None:
    """What the newest is compared with: what a person knows, if an alarm was raised and not acknowledged, else the last
    one with other rules."""
    if before and not before.is_acknowledged:
        capture = int(before.state.rpartition(" after ")[2])
        row = reader.connection.execute("select payload_sha256 from captures where id = ?", [capture]).fetchone()
        return _Copy(capture, (row and row[0]) or "")
    for copy in reversed(earlier):
        if copy.payload != newest.payload and reader.rules(copy) != reader.rules(newest):
            return copy
    return None


def _lately_over(reader: Reader, key: Key, now: datetime) -> Standing | None:
    """The alarm on this robots.txt that ended in the last week: a change that was taken back ended it, which was told,
    and is no news of its own."""
    row = reader.connection.execute(
        "select state, message, raised_at, acknowledged_at is not null from alarms "
        "where (kind, outlet, subject) = (?, ?, ?) and cleared_at > ? order by id desc limit 1",
        [*key, iso(now - WEEK)],
    ).fetchone()
    return Standing(row[0], row[1], parse(row[2]), bool(row[3])) if row else None


def _what_changed(reader: Reader, outlet: str, url: str, base: _Copy, newest: _Copy) -> str:
    before, after = reader.text(base.capture), reader.text(newest.capture)
    if after is None:
        return f"{url} was changed. Its text cannot be read: is the WARC file of capture {newest.capture} missing?"
    said = [f"{url} was changed."]
    if _forbids_everything(reader, outlet, url, after):
        said.append(f"It now forbids everything that {reader.agent} asks of this host.")
    if before is None:
        said.append("How it was before cannot be read.")
    else:
        gone, come = Counter(_lines(before)), Counter(_lines(after))
        for what, lines in (("Added", come - gone), ("Removed", gone - come)):
            if lines:
                said.append(f"{what}: {_quoted(lines)}.")
        if come == gone:
            said.append("It has the same rules in another order.")
    said.append("Read it, see whether to go on as before, and acknowledge this.")
    return " ".join(said)


_REMARK = re.compile(r"\s*#.*$")


def _lines(text: str) -> list[str]:
    """The rules as they are written, without remarks and the spaces around them."""
    lines = (" ".join(_REMARK.sub("", line).split()) for line in text.splitlines())
    return [line for line in lines if line]


def _quoted(lines: Counter[str]) -> str:
    every = list(lines.elements())
    shown = "; ".join(line if len(line) <= 120 else line[:120] + "…" for line in every[:SHOWN])
    return shown + (f"; and {len(every) - SHOWN} more" if len(every) > SHOWN else "")


def _forbids_everything(reader: Reader, outlet: str, url: str, text: str) -> bool:
    """Whether none of the outlet's lists on this host may be read any more, nor its front page."""
    from protego import Protego  # Scrapy brings it; the reading room runs without

    host = url.removesuffix("/robots.txt")
    addresses: Iterable[str] = (
        address
        for (address,) in reader.connection.execute(
            "select address from checks where outlet = ? and kind = 'listing' and due_at is not null limit 200",
            [outlet],
        )
    )
    asked = [f"{host}/", *(address for address in addresses if address.startswith(f"{host}/"))]
    try:
        rules = Protego.parse(text)
        return not any(rules.can_fetch(address, reader.agent) for address in asked)
    except ValueError:  # an address in it that is none
        return False
