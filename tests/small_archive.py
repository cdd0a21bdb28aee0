"""A small archive for the tests of search and publication: six reports whose words are known by heart."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from archive import search
from archive.schema import open_archive

OUTLETS = (("xinhua", "Xinhua", "新华社", "state"), ("tnw", "TNW", "TNW", "secondary"))


@dataclass(frozen=True)
class Sample:
    """One report; `wordings` are its (title, body) pairs, oldest first."""

    id: int
    outlet: str
    language: str
    wordings: tuple[tuple[str, str], ...]
    captions: str = ""
    state: str = "live"

    @property
    def address(self) -> str:
        return f"http://{self.outlet}.example/{self.id}"


SAMPLES = (
    Sample(
        2012072600300001,
        "xinhua",
        "zh-Hans",
        (("公安部：打击网络犯罪", "新华社北京7月26日电　公安部26日通报，警方抓获1万余人。\n\n习近平出席会议。"),),
        captions="7月26日，民警在南京执勤。",
    ),
    Sample(
        2012072609300002,
        "tnw",
        "en",
        (("China says police arrested 10,000", "Police arrested 10,000 people, Xinhua reported from Zürich."),),
    ),
    Sample(
        2012072700000003,
        "xinhua",
        "en",
        (
            ("Police crush gangs", "Police crushed over 600 gangs. They deleted 3.2 million messages."),
            ("Police crush gangs", "Police crushed over 500 gangs. They deleted 3.2 million messages."),
        ),
    ),
    Sample(2013010100000004, "xinhua", "zh-Hant", (("臺灣經濟", "GDP增长5%，2024年底公布。東京。"),), state="gone"),
    Sample(2014050600000005, "xinhua", "ru", (("Встреча в Москве", "Московские врачи приехали ещё вчера."),)),
    Sample(2015010100000006, "xinhua", "zh-Hans", (("上海，北京！", "上海。北京。"),)),
)


def make_archive(path: Path, samples: tuple[Sample, ...] = SAMPLES) -> sqlite3.Connection:
    """An archive with the samples, indexed; the connection writes, and commits by hand."""
    connection = open_archive(path)
    connection.execute("begin")
    for outlet, english, local, kind in OUTLETS:
        connection.execute(
            "insert into outlets (id, title_en, title_local, country, languages, kind, control, owner, timezone, aliases, "
            "domains) values (?, ?, ?, 'XX', 'zh', ?, 'state', 'owner', 'UTC', '', '')",
            [outlet, english, local, kind],
        )
    for sample in samples:
        write(connection, sample)
    search.add_to_index(connection, [sample.id for sample in samples])
    connection.execute("commit")
    return connection


def write(connection: sqlite3.Connection, sample: Sample) -> None:
    """The rows of a report, without the index's."""
    day = f"{str(sample.id)[:4]}-{str(sample.id)[4:6]}-{str(sample.id)[6:8]}"
    at = f"{day}T{str(sample.id)[8:10]}:{str(sample.id)[10:12]}:00Z"
    title, body = sample.wordings[-1]
    connection.execute("insert into id_registry (url, id) values (?, ?)", [sample.address, sample.id])
    for number in range(len(sample.wordings)):
        connection.execute(
            "insert into captures (id, crawl, outlet, url, canonical, at, status, payload_length, warc, offset, length, origin, "
            "outcome) values (?, 'one', ?, ?, ?, ?, 200, 9, 'first.warc.gz', ?, 9, 'live', 'report')",
            [sample.id + number, sample.outlet, sample.address, sample.address, at, sample.id + number],
        )
    connection.execute(
        "insert into reports (id, url, outlet, title, excerpt, language, published_at, published_precision, "
        "first_seen, last_checked, state, versions, pages, capture, origin) "
        "values (?, ?, ?, ?, ?, ?, ?, 'minute', ?, ?, ?, ?, 1, ?, 'live')",
        [sample.id, sample.address, sample.outlet, title, body[:200], sample.language, at, at, at, sample.state,
         len(sample.wordings), sample.id],
    )  # fmt: skip
    connection.execute("update captures set report = ? where url = ?", [sample.id, sample.address])
    for number, (title, body) in enumerate(sample.wordings):
        connection.execute(
            "insert into versions (id, report, number, title, body, captions, text_digest, layout, capture, seen_at, added, "
            "removed, removed_text) values (?, ?, ?, ?, ?, ?, 'digest', 'layout', ?, ?, ?, ?, '')",
            [sample.id + number, sample.id, number + 1, title, body, sample.captions, sample.id + number, at, number,
             number],
        )  # fmt: skip
