"""An archive for the tests of health and alarms: looks and reports put in one by one, at times known by heart."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive import coverage
from archive.fields import FIELDS
from archive.schema import open_archive
from archive.times import iso

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # a Tuesday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVERY_FIELD = frozenset(FIELDS)


class Watched:
    """`connection` writes and commits each statement by itself."""

    def __init__(self, folder: Path) -> None:
        self.archive, self.captures = folder / "archive.db", folder / "captures"
        self.captures.mkdir()
        self.connection: sqlite3.Connection = open_archive(self.archive)
        self.connection.execute("pragma synchronous = off")
        self._last = 0
        self._reports = 0

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "ARCHIVE": self.archive, "DISK_MIN_FREE": 0, "OUTAGE_HOURS": 3, "SCHEDULE_EVERY": 10, "RUN_MINUTES": 30,
            "ROBOTSTXT_USER_AGENT": "Dateline", "USER_AGENT": "Dateline/0.1", "NOTIFY_COMMAND": [],
            "NOTIFY_COMMAND_SECONDS": 5, "NOTIFY_SMTP": {},
        }  # fmt: skip

    def outlet(self, id: str = "xinhua", domains: str = '[{"host": "news.cn"}]', every: int = 60) -> None:
        self.connection.execute(
            "insert into outlets (id, title_en, title_local, country, languages, kind, control, owner, timezone, aliases, "
            "domains, every) values (?, ?, 'x', 'XX', 'en', 'state', 's', 'o', 'UTC', '', ?, ?)",
            [id, id.title(), domains, every],
        )

    def look(
        self, at: datetime, outcome: str = "listing", url: str = "", outlet: str = "xinhua", **columns: Any
    ) -> int:
        """A capture; returns its id."""
        id = max(self._last + 1, round(at.timestamp() * 1_000_000))
        self._last = id
        url = url or f"https://{outlet}.example/list"
        row: Mapping[str, Any] = {
            "id": id, "crawl": None, "outlet": outlet, "url": url, "canonical": url, "at": iso(at),
            "status": None if outcome == "failed" else 503 if outcome == "server-error" else 200, "payload_length": 9,
            "warc": "a.warc.gz", "offset": id, "length": 100, "origin": "live", "outcome": outcome,
        } | columns  # fmt: skip
        self.connection.execute(
            f"insert into captures ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values())
        )
        return id

    def report(
        self,
        seen: datetime,
        outlet: str = "xinhua",
        filled: frozenset[str] | set[str] = EVERY_FIELD,
        layout: str = "detail",
        published: datetime | None = None,
    ) -> int:
        """A report first seen then, with the capture and the reading that showed it; returns its id."""
        capture = self.look(seen, "report", f"https://{outlet}.example/{self._last + 1}", outlet)
        url = f"https://{outlet}.example/{capture}"
        self._reports += 1
        report = int(f"{published or seen:%Y%m%d%H%M}") * 10_000 + self._reports % 10_000
        self.connection.execute("insert into id_registry values (?, ?)", [report, url])
        self.connection.execute(
            "update captures set report = ?, url = ?, canonical = ? where id = ?", [report, url, url, capture]
        )
        columns = {name: "x" for name in FIELDS if name in filled}
        row = {
            "id": report, "url": url, "outlet": outlet, "title": "t", "excerpt": "e", "language": "en",
            "first_seen": iso(seen), "first_look": iso(seen), "last_checked": iso(seen), "state": "live",
            "versions": 1, "pages": 1, "capture": capture, "origin": "live",
        } | columns  # fmt: skip
        self.connection.execute(
            f"insert into reports ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values())
        )
        self.connection.execute(
            "insert into versions (id, report, number, title, body, captions, text_digest, layout, capture, seen_at, added, "
            "removed, removed_text) values (?, ?, 1, 't', 'b', '', 'd', ?, ?, ?, 0, 0, '')",
            [capture, report, layout, capture, iso(seen)],
        )
        self.connection.execute(
            "insert into readings (capture, report, part, parts, text_digest, fields) values (?, ?, 1, 1, 'd', ?)",
            [capture, report, sum(1 << place for place, name in enumerate(FIELDS) if name in filled)],
        )
        return report

    def check_row(self, url: str, outlet: str = "xinhua", kind: str = "listing", **columns: Any) -> None:
        row = {"url": url, "outlet": outlet, "address": url, "kind": kind, "due_at": iso(NOW)} | columns
        self.connection.execute(
            f"insert into checks ({', '.join(row)}) values ({', '.join('?' * len(row))})", list(row.values())
        )

    def crawl(self, started: datetime, reason: str = "finished", outlet: str = "xinhua", requests: int = 4) -> str:
        id = f"{started:%Y%m%dT%H%M%S%fZ}-{outlet}"
        self.connection.execute(
            "insert into crawls (id, outlet, started_at, finished_at, finish_reason, origin, requests) "
            "values (?, ?, ?, ?, ?, 'live', ?)",
            [id, outlet, iso(started), iso(started + timedelta(minutes=5)), reason, requests],
        )
        return id

    def run(self, started: datetime, finished: datetime | None, offset: float | None = None) -> None:
        self.connection.execute(
            "insert into runs (id, started_at, finished_at, pid, clock_offset) values (?, ?, ?, 1, ?)",
            [f"{started:%Y%m%dT%H%M%S%fZ}", iso(started), iso(finished) if finished else None, offset],
        )

    def lists_read(self, since: datetime, until: datetime, every: timedelta = HOUR, outlet: str = "xinhua") -> None:
        """A list that answered, each hour."""
        while since <= until:
            self.look(since, outlet=outlet)
            since += every

    def count_days(self) -> None:
        """As the writer does after each batch."""
        coverage.count_all(self.connection)
