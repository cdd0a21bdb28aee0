"""Reports that are hard to show: without date, text or title, gone and restored, of several pages, hostile."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from small_archive import SAMPLES, Sample, make_archive

UNDATED, GONE, RESTORED, NO_ZONE, PAGE_ZONE = (2020010100000000 + 10 * number for number in range(1, 6))
EMPTY, HUGE, HOSTILE, PAGES, EDITED, ONE, CAPTIONS = (2020020100000000 + 10 * number for number in range(1, 8))
ARABIC, NO_VERSION = 2020030100000010, 2020030100000020
QUARANTINED = 2020040100000001  # an id without a report
LONG_TITLE = "很长的标题" * 7_000  # 105 KB
LONG_WORD = "Donaudampfschiff" * 800
FOLDED = "\n\n".join(f"Paragraph {number} stays." for number in range(1, 9))

ODD = (
    Sample(UNDATED, "tnw", "en", (("No date anywhere", "A page without a date."),)),
    Sample(GONE, "xinhua", "zh-Hans", (("召回取暖器", "涉及4.7万台。"),), state="gone"),
    Sample(RESTORED, "xinhua", "en", (("Back again", "It was away."),), state="restored"),
    Sample(NO_ZONE, "tnw", "en", (("Some time", "Nobody knows the zone."),)),
    Sample(PAGE_ZONE, "tnw", "en", (("In Amsterdam", "The page states its zone."),)),
    Sample(EMPTY, "xinhua", "en", (("", ""),), captions="First picture.\nSecond <b>picture</b>."),
    Sample(HUGE, "xinhua", "zh-Hans", ((LONG_TITLE, LONG_WORD),)),
    Sample(
        HOSTILE,
        "xinhua",
        "en",
        (
            ("<script>alert(1)</script>", 'It said "x" & <img src=x onerror=alert(1)>.'),
            ("<script>alert(2)</script>", 'It said "y" & <img src=x onerror=alert(2)>.'),
        ),
    ),
    Sample(PAGES, "xinhua", "en", (("Three pages", "Page one.\n\nPage three."),)),
    Sample(
        EDITED,
        "xinhua",
        "zh-Hans",
        (
            ("警方抓获600人", "公安部26日通报。\n\n抓获600人。\n\n市民担忧。"),
            ("警方抓获500人", "公安部26日通报。\n\n抓获500人。\n\n市民担忧。"),
            ("警方抓获500人", "公安部26日通报。\n\n抓获500人。"),
        ),
    ),
    Sample(ONE, "xinhua", "en", (("Steady", "It never changed."),)),
    Sample(
        CAPTIONS, "xinhua", "en", (("Long", f"Over 600 gangs.\n\n{FOLDED}"), ("Long", f"Over 500 gangs.\n\n{FOLDED}"))
    ),
    Sample(ARABIC, "xinhua", "ar", (("الصين والعالم", "قالت الشرطة إنها اعتقلت 600 شخص."),)),
    Sample(NO_VERSION, "xinhua", "en", (("Lost wording", "Gone."),)),
)


def make(path: Path) -> None:
    """The small archive and these reports."""
    connection = make_archive(path, SAMPLES + ODD)
    connection.execute("begin")
    _set(connection, "reports", UNDATED, published_at=None, published_precision=None, first_seen="2026-11-24T13:34:55Z")
    _set(connection, "reports", NO_ZONE, published_at="2014-05-06T09:30", published_local="2014-05-06T09:30",
         published_printed="May 6, 2014 9:30", zone_basis="unknown")  # fmt: skip
    _set(
        connection,
        "reports",
        PAGE_ZONE,
        published_at="2014-12-16T14:42:10Z",
        published_local="2014-12-16T15:42:10",
        published_precision="second",
        published_printed="2014-12-16T15:42:10+01:00",
        zone_basis="page",
        modified_at="2014-12-17T08:05:00Z",
        byline="Iris Calder; Jonas Feld",
        section="Asia",
        keywords="open data; transit",
    )
    _set(
        connection,
        "reports",
        HOSTILE,
        url="javascript:alert(3)",
        source_url="javascript:alert(4)",
        source_label='"><b>label</b>',
        byline="<i>author</i>",
        keywords='"><img src=x>',
        published_printed="</dd><script>alert(5)</script>",
    )
    _set(connection, "reports", PAGES, pages=3)
    for part in (1, 3):
        capture = _look(connection, PAGES, f"2020-02-02T00:00:0{part}Z", "report", 200)
        connection.execute(
            "insert into readings (capture, report, part, parts, text_digest, page) values (?, ?, ?, 3, 'digest', null)",
            [capture, PAGES, part],
        )
    connection.execute("delete from takedowns")  # one without a spell on record stays
    _spell(connection, GONE, "gone", (2, "missing", 404), (3, "server-error", 503), (6, "missing", 410))
    _spell(connection, RESTORED, "restored", (2, "missing", 404), (9, "missing", 404), (12, "report", 200))
    _spell(connection, RESTORED, "unconfirmed", (20, "missing", 404), (21, "report", 200))
    connection.execute("insert into checks (url, outlet, address, kind, due_at) select url, outlet, url, 'report', "
                       "'2020-01-13T10:00:00Z' from reports where id = ?", [GONE])  # fmt: skip
    for number, at in ((1, "2020-02-01T00:00:00Z"), (2, "2020-02-03T08:00:00Z"), (3, "2020-02-04T09:30:00Z")):
        connection.execute("update versions set seen_at = ? where report = ? and number = ?", [at, EDITED, number])
        connection.execute("update captures set at = ? where id = ?", [at, EDITED + number - 1])
    connection.execute("update versions set removed_text = '市民担忧。' where report = ? and number = 3", [EDITED])
    connection.execute("update reports set versions = 3 where id = ?", [EDITED])
    _look(connection, ONE, "2020-02-05T00:00:00Z", "unchanged", 304)
    connection.execute("update versions set captions = 'New caption.' where report = ? and number = 2", [CAPTIONS])
    connection.execute("delete from versions where report = ?", [NO_VERSION])
    address = "http://xinhua.example/unreadable"
    connection.execute("insert into id_registry (url, id) values (?, ?)", [address, QUARANTINED])
    _look(connection, QUARANTINED, "2020-04-01T00:00:00Z", "quarantined", 200, url=address, reason="0 layouts <fit>")
    connection.execute("commit")
    connection.close()


def _set(connection: sqlite3.Connection, table: str, id: int, **values: Any) -> None:
    columns = ", ".join(f"{name} = ?" for name in values)
    connection.execute(f"update {table} set {columns} where id = ?", [*values.values(), id])


def _spell(connection: sqlite3.Connection, report: int, state: str, *looks: tuple[int, str, int]) -> None:
    """A spell as the archive writes it, with its looks (day of January 2020, outcome, status)."""
    last_good = connection.execute(
        "select max(id) from captures where report = ? and outcome = 'report'", [report]
    ).fetchone()[0]
    seen = [
        (_look(connection, report, f"2020-01-{day:02}T10:00:00Z", outcome, status), day, outcome)
        for day, outcome, status in looks
    ]
    missing = [(capture, f"2020-01-{day:02}T10:00:00Z") for capture, day, outcome in seen if outcome == "missing"]
    back = [(f"2020-01-{day:02}T10:00:00Z", capture) for capture, day, outcome in seen if outcome == "report"]
    gone = (missing[-1][1], missing[-1][0]) if state in ("gone", "restored") else (None, None)
    connection.execute(
        "insert into takedowns (id, report, outlet, state, cause, suspected_at, last_missing_at, looks, gone_at, "
        "gone_capture, restored_at, restored_capture, last_good) "
        "values (?, ?, 'xinhua', ?, 'http-404', ?, ?, ?, ?, ?, ?, ?, ?)",
        [missing[0][0], report, state, missing[0][1], missing[-1][1], len(missing), *gone, *(back or [(None, None)])[0],
         last_good],
    )  # fmt: skip


def _look(
    connection: sqlite3.Connection, report: int, at: str, outcome: str, status: int, url: str = "", reason: str = ""
) -> int:
    """A capture of the report's address."""
    capture = int(connection.execute("select max(id) from captures").fetchone()[0]) + 100
    url = url or f"http://xinhua.example/{report}"
    connection.execute(
        "insert into captures (id, crawl, outlet, url, canonical, at, status, payload_length, warc, offset, length, "
        "origin, outcome, reason, report) values (?, 'one', 'xinhua', ?, ?, ?, ?, 9, 'first.warc.gz', ?, 9, 'live', ?, "
        "?, ?)",
        [capture, url, url, at, status, capture, outcome, reason or None, report],
    )
    return capture
