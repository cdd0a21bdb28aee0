"""Stories for tests of linking: a few lines each, archived as a crawl would have them and linked."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive.schema import open_archive
from benchmarks.labelled import Pool, Story
from benchmarks.story_archive import StoryArchive
from linking.link import link

TABLES = (
    "attributions", "figures", "quotes", "mentions", "names", "statements", "sketches", "sketch_hashes", "reprints",
    "twins", "citations", "contradictions", "unread", "unlinked",
)  # fmt: skip
BEGINS = datetime(2024, 3, 4, 8, tzinfo=UTC)
_ADDRESSES = {
    "xinhua": "https://www.news.cn/politics/20240304/{}f593d4f57d04d5321245a5e8b89b832/c.html",
    "tnw": "https://thenextweb.com/news/{}-a-story",
}


def story(
    key: str,
    outlet: str,
    title: str,
    *body: str,
    hours: float = 0,
    language: str = "en",
    links: tuple[tuple[str, int, str], ...] = (),
    label: str = "",
) -> Story:
    """A report `hours` after BEGINS. `links` are (words, paragraph, address)."""
    address = _ADDRESSES.get(outlet, f"https://{outlet}.example/{{}}").format(key)
    at = BEGINS + timedelta(hours=hours)
    return Story(key, outlet, language, at, address, title, body, label, links)


class Linked:
    """Stories in an archive of their own, linked as they come. They may be written in any order and again."""

    def __init__(self, folder: Path, *stories: Story) -> None:
        self.pool = Pool("pool", "dev", {each.key: each for each in stories}, (), (), ())
        self.connection: sqlite3.Connection = open_archive(folder / "archive.db")
        self.archive = StoryArchive(self.connection, [self.pool])
        self.write(*stories)

    def write(self, *stories: Story) -> None:
        for each in stories:
            self.archive._write([(self.pool, each)])
        self.link()

    def link(self) -> None:
        link(self.connection, self.archive.press)

    def id(self, key: str) -> int:
        return self.archive.ids["pool", key]

    def citations(self, key: str) -> list[tuple[str | None, str, str, dict[str, Any]]]:
        """Of a story, by place: which story it rests on, the tier, the reason where there is none, and the evidence."""
        keys = {id: key for (_, key), id in self.archive.ids.items()}
        return [
            (keys.get(cited), tier, reason, json.loads(evidence))
            for cited, tier, reason, evidence in self.connection.execute(
                "select cited, tier, reason, evidence from citations where report = ? order by mention", [self.id(key)]
            )
        ]

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        return rows(self.connection)


def rows(connection: sqlite3.Connection) -> dict[str, list[tuple[Any, ...]]]:
    """All that is read out of an archive's reports and linked in it."""
    return {table: sorted(connection.execute(f"select * from {table}"), key=repr) for table in TABLES}
