"""A small archive for the tests of search and publication: six reports whose words are known by heart."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from archive import coverage, edits, search
from archive.schema import open_archive
from archive.versions import Wording

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
    coverage.count_all(connection)
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
        "first_seen, first_look, last_checked, state, versions, pages, capture, origin) "
        "values (?, ?, ?, ?, ?, ?, ?, 'minute', ?, ?, ?, ?, ?, 1, ?, 'live')",
        [sample.id, sample.address, sample.outlet, title, body[:200], sample.language, at, at, at, at, sample.state,
         len(sample.wordings), sample.id],
    )  # fmt: skip
    connection.execute("update captures set report = ? where url = ?", [sample.id, sample.address])
    wordings = [Wording(title, body, sample.captions, "layout") for title, body in sample.wordings]
    for number, wording in enumerate(wordings):
        edit = edits.edit(wordings[number - 1], wording, wordings[: number - 1]) if number else edits.Edit((), ())
        connection.execute(
            "insert into versions (id, report, number, title, body, captions, text_digest, layout, capture, seen_at, added, "
            "removed, removed_text, kinds) values (?, ?, ?, ?, ?, ?, 'digest', 'layout', ?, ?, ?, ?, '', ?)",
            [sample.id + number, sample.id, number + 1, wording.title, wording.body, wording.captions,
             sample.id + number, at, number, number, "; ".join(edit.kinds)],
        )  # fmt: skip
        connection.executemany(
            "insert into replacements values (?, ?, ?, ?, ?, ?, ?)",
            [
                (sample.id + number, place, sample.id, sample.outlet, at, was, became)
                for place, (was, became) in enumerate(edit.replacements, 1)
            ],
        )
    if sample.state != "live":
        _take_down(connection, sample, day)


def _take_down(connection: sqlite3.Connection, sample: Sample, day: str) -> None:
    """A spell that began at the report's last capture and was confirmed four days later, at a look not kept here."""
    (capture,) = connection.execute("select max(id) from captures where report = ?", [sample.id]).fetchone()
    gone_at = f"{date.fromisoformat(day) + timedelta(4)}T12:00:00Z" if sample.state != "suspected" else None
    connection.execute(
        "insert into takedowns (id, report, outlet, state, cause, suspected_at, last_missing_at, looks, gone_at, "
        "gone_capture, last_good) values (?, ?, ?, ?, 'http-404', ?, ?, 2, ?, ?, ?)",
        [capture, sample.id, sample.outlet, sample.state, f"{day}T12:00:00Z", gone_at or f"{day}T12:00:00Z", gone_at,
         capture if gone_at else None, sample.id],
    )  # fmt: skip
