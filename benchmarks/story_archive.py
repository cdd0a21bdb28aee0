"""Archives of labelled stories (tests/labelled/*_stories.jsonl): each report comes in as one that a crawl has read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from scrapy.utils.project import get_project_settings

from archive import ledger, rows
from archive.schedule import Schedule
from benchmarks.labelled import Pool, Story
from grammar.press import Press
from grammar.press import known as known_press
from items import Capture, Hyperlink, Reading
from pipelines.normalise import interpret
from pipelines.press import press_of
from pipelines.registry import descriptions, outlets
from spiders.outlet import Domain, Outlet

SEEN_AFTER = timedelta(minutes=10)  # between a report's publication and its capture


class StoryArchive:
    """Writes pools into an archive of all outlets that they use. Those for which this project has no spider are
    described from grammar/tables/press.tsv, so that addresses on their hosts are known too."""

    def __init__(self, connection: sqlite3.Connection, pools: Sequence[Pool]) -> None:
        self.connection, self.pools = connection, pools
        settings = get_project_settings()
        self.schedule = Schedule.from_settings(settings)
        self.outlets: Mapping[str, Any] = outlets(settings)
        used = {story.outlet for pool in pools for story in pool.reports.values()}
        self.outlets = self.outlets | {id: _described(id) for id in sorted(used - self.outlets.keys())}
        self.press: Press = press_of(self.outlets, settings)
        # To an archive, agencies of news that collect it themselves are secondary as well.
        described = descriptions(self.outlets, settings)
        ledger.write_outlets(
            connection, [row | {"kind": "state" if row["kind"] == "state" else "secondary"} for row in described]
        )
        self.ids: dict[tuple[str, str], int] = {}  # (pool, key) → the report's id in the archive
        self._seen: dict[str, datetime] = {}  # pool → when its last report was seen
        self._captures: set[int] = set()

    def write(self) -> None:
        """All reports at once."""
        for _ in self.write_in_rounds():
            pass

    def write_in_rounds(self) -> Iterator[None]:
        """First the first report of each pool, then the second of each, and so on, in a transaction each; whoever
        iterates may link in between, as after each of several crawls."""
        for number in range(max((len(pool.reports) for pool in self.pools), default=0)):
            batch = [(pool, list(pool.reports.values())[number]) for pool in self.pools if number < len(pool.reports)]
            self._write(batch)
            yield

    def _write(self, batch: Iterable[tuple[Pool, Story]]) -> None:
        captures = {(pool.id, story.key): self._capture(pool, story) for pool, story in batch}
        self.connection.execute("begin immediate")
        rows.write(self.connection, captures.values(), self.schedule)
        self.connection.execute("commit")
        for place, capture in captures.items():
            (self.ids[place],) = self.connection.execute(
                "select report from captures where id = ?", [capture.id]
            ).fetchone()

    def _capture(self, pool: Pool, story: Story) -> Capture:
        """A look at a report soon after it came out; at one that is listed late in its pool, after those before it."""
        outlet = self.outlets[story.outlet]
        at = max(story.published + SEEN_AFTER, self._seen.get(pool.id, story.published))
        self._seen[pool.id] = at
        id = round(at.timestamp()) * 1_000_000
        while id in self._captures:
            id += 1
        self._captures.add(id)
        canonical = outlet.canonical(story.url)
        return Capture(
            id=id,
            crawl="stories",
            outlet=story.outlet,
            url=story.url,
            at=at,
            status=200,
            headers=[("Content-Type", "text/html")],
            body=b"",
            warc="stories.warc.gz",
            offset=id,
            kind="report",
            outcome="report",
            canonical=canonical,
            report_url=canonical,
            report=interpret(_reading(story), outlet.name, outlet.timezone),
        )


def _reading(story: Story) -> Reading:
    return Reading(
        layout="story",
        language=story.language,
        title=story.title,
        published=story.published.isoformat(),
        body=list(story.body),
        source=story.source_label,
        hyperlinks=[
            Hyperlink(words, href, paragraph, start := story.body[paragraph].index(words), start + len(words))
            for words, paragraph, href in story.hyperlinks
        ],
    )


def _described(id: str) -> type[Outlet]:
    """An outlet as a spider would describe it, by what the table of the press knows of it."""
    row = known_press().outlets[id]
    return type(
        id,
        (Outlet,),
        {
            "name": id,
            "title_en": row.title,
            "title_local": "",
            "country": "",
            "languages": (),
            "outlet_kind": row.kind,
            "control": "",
            "owner": "",
            "timezone": "",
            "aliases": row.names,
            "domains": tuple(Domain(host) for host in row.domains),
        },
    )
