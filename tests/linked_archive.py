"""A small archive whose reports were read and linked by hand: what a ministry stated over four years, its copies, its
edition in the other language, who repeated it, and mentions that led nowhere. For the tests of the pages that show it.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from small_archive import Sample, make_archive, write

from archive import coverage, search

MINISTRY = "ministry-of-public-security"
SERIES = f"{MINISTRY}/arrest/suspect/"
(
    FIRST, SECOND, STATEMENT, REPRINT, TWIN, STORY, EDITED, REPEAT, WAITING, LATER
) = (
    2010012508000011, 2011012009000012, 2012072601300013, 2012072602150015, 2012072605000014, 2012072609300016,
    2012072803000019, 2012073014000017, 2012080209000020, 2013012110000018,
)  # fmt: skip
HYPERLINK = f"http://xinhua.example/{TWIN}"
NOT_HELD = "http://daily.example/2012/0801/henan.html"

_STATED = "新华社北京7月26日电　公安部26日通报，今年以来全国公安机关抓获网络犯罪嫌疑人1万{}名，打掉犯罪团伙600余个，删除有害信息320万条。"
_GOES_ON = "公安部有关负责人表示，行动将持续到年底。"
REPORTS = (
    Sample(FIRST, "xinhua", "zh-Hans", ((
        "公安部：去年抓获网络犯罪嫌疑人5000余名",
        "新华社北京1月25日电　公安部25日通报，2009年全国公安机关抓获网络犯罪嫌疑人5000余名，关闭网站6万个。",
    ),)),
    Sample(SECOND, "xinhua", "zh-Hans", ((
        "公安部通报2010年打击网络犯罪成果",
        "新华社北京1月20日电　公安部20日通报，2010年全国公安机关抓获网络犯罪嫌疑人近8000名。",
    ),)),
    Sample(STATEMENT, "xinhua", "zh-Hans", ((
        "公安部：今年以来抓获网络犯罪嫌疑人1万余名", f"{_STATED.format('余')}\n\n{_GOES_ON}",
    ),)),
    Sample(REPRINT, "daily", "zh-Hans", (("公安部通报打击网络犯罪战果", _STATED.format("")),)),
    Sample(TWIN, "xinhua", "en", ((
        "Over 10,000 suspects held in China's online crime campaign",
        "BEIJING, July 26 (Xinhua) -- Police across the country have arrested more than 10,000 suspects in online crime "
        "cases since the start of the year, the Ministry of Public Security said in a statement on Thursday.\n\nThey "
        "broke up over 600 gangs and deleted 3.2 million harmful messages. Some 40 officers were honored, the statement "
        "said.",
    ),)),
    Sample(STORY, "tnw", "en", ((
        "China says 10,000 arrested in online crime sweep",
        "Chinese police have arrested 10,000 suspects this year in a sweep against online crime, Xinhua reported on "
        "Thursday. The agency cited a statement from the Ministry of Public Security. They also deleted 3.2 million "
        "“harmful” messages.\n\nLast week, state media reported that 31 people were detained in Hunan.",
    ),)),
    Sample(EDITED, "xinhua", "en", (
        ("Hunan police detain dozens in fraud case", "Police in Hunan detained 31 suspects in a fraud case."),
        ("Hunan police detain dozens in fraud case", "Police in Hunan detained 29 suspects in a fraud case."),
    )),
    Sample(REPEAT, "tnw", "en", ((
        "What China's campaign against online crime means for start-ups",
        "Police say they arrested more than 10,000 suspects, according to Xinhua. The agency gave no names.",
    ),)),
    Sample(WAITING, "tnw", "en", ((
        "Henan closes 57 websites",
        "Authorities in Henan closed 57 websites, Xinhua said. The China Securities Journal put the number at between 50 "
        "and 60, and the People's Daily named none.",
    ),)),
    Sample(LATER, "xinhua", "zh-Hans", ((
        "公安部通报2012年打击网络犯罪成果",
        "新华社北京1月21日电　公安部21日通报，2012年全国公安机关抓获网络犯罪嫌疑人9800名。",
    ),)),
)  # fmt: skip


@dataclass(frozen=True)
class Stated:
    """A figure: `text` is looked for in the title or body of a wording of the report; `by` none is the outlet."""

    report: int
    text: str
    value: float
    value_max: float | None = None
    modifier: str = ""
    meaning: str = ""
    measure: str = ""
    noun: str = ""
    noun_key: str = ""
    act: str = ""
    period: tuple[str, str, str] | None = None  # printed, first day, last day
    by: str = ""
    place: str = "body"
    wording: int = 1
    unit: str = ""


_ARRESTS = {"noun": "网络犯罪嫌疑人", "noun_key": "suspect", "act": "arrest", "by": MINISTRY, "measure": "名"}
_ARRESTED = {"noun": "suspects", "noun_key": "suspect", "act": "arrest", "by": MINISTRY}
_MESSAGES = {"noun_key": "message", "act": "remove", "by": MINISTRY}
_THIS_YEAR = ("今年以来", "2012-01-01", "2012-07-26")
_SINCE_JANUARY = ("since the start of the year", "2012-01-01", "2012-07-26")
FIGURES = (
    Stated(FIRST, "5000", 5000, modifier="余", meaning="at least", place="title",
           period=("去年", "2009-01-01", "2009-12-31"), **_ARRESTS),  # type: ignore[arg-type]
    Stated(FIRST, "5000", 5000, modifier="余", meaning="at least", period=("2009年", "2009-01-01", "2009-12-31"),
           **_ARRESTS),  # type: ignore[arg-type]
    Stated(FIRST, "6万", 60_000, measure="个", noun="网站", noun_key="website", act="shut-down", by=MINISTRY),
    Stated(SECOND, "8000", 8000, modifier="近", meaning="nearly", period=("2010年", "2010-01-01", "2010-12-31"),
           **_ARRESTS),  # type: ignore[arg-type]
    Stated(STATEMENT, "1万", 10_000, modifier="余", meaning="at least", place="title", period=_THIS_YEAR,
           **_ARRESTS),  # type: ignore[arg-type]
    Stated(STATEMENT, "1万", 10_000, modifier="余", meaning="at least", period=_THIS_YEAR, **_ARRESTS),  # type: ignore[arg-type]
    Stated(STATEMENT, "600", 600, modifier="余", meaning="at least", measure="个", noun="犯罪团伙", noun_key="gang",
           act="crack", by=MINISTRY),
    Stated(STATEMENT, "320万", 3_200_000, measure="条", noun="有害信息", **_MESSAGES),  # type: ignore[arg-type]
    Stated(REPRINT, "1万", 10_000, period=_THIS_YEAR, **_ARRESTS),  # type: ignore[arg-type]
    Stated(TWIN, "10,000", 10_000, modifier="Over", meaning="at least", place="title", noun="suspects",
           noun_key="suspect"),
    Stated(TWIN, "10,000", 10_000, modifier="more than", meaning="at least", period=_SINCE_JANUARY, **_ARRESTED),  # type: ignore[arg-type]
    Stated(TWIN, "600", 600, modifier="over", meaning="at least", noun="gangs", noun_key="gang", act="crack"),
    Stated(TWIN, "3.2 million", 3_200_000, noun="harmful messages", **_MESSAGES),  # type: ignore[arg-type]
    Stated(TWIN, "40", 40, modifier="Some", meaning="about", noun="officers", noun_key="police-officer"),
    Stated(STORY, "10,000", 10_000, period=("this year", "2012-01-01", "2012-12-31"), **_ARRESTED),  # type: ignore[arg-type]
    Stated(STORY, "3.2 million", 3_200_000, noun="“harmful” messages", **_MESSAGES),  # type: ignore[arg-type]
    Stated(STORY, "31", 31, noun="people", noun_key="person", act="detain",
           period=("Last week", "2012-07-16", "2012-07-22")),
    Stated(EDITED, "31", 31, noun="suspects", noun_key="suspect", act="detain", wording=1),
    Stated(EDITED, "29", 29, noun="suspects", noun_key="suspect", act="detain", wording=2),
    Stated(REPEAT, "10,000", 10_000, modifier="more than", meaning="at least", **_ARRESTED),  # type: ignore[arg-type]
    Stated(WAITING, "57", 57, noun="websites", noun_key="website", act="shut-down", by="xinhua"),
    Stated(WAITING, "50", 50, 60, noun="number"),
    Stated(LATER, "9800", 9800, period=("2012年", "2012-01-01", "2012-12-31"), **_ARRESTS),  # type: ignore[arg-type]
)  # fmt: skip


@dataclass(frozen=True)
class Cited:
    """A mention of an outlet (`words`, of kind source) in the body, and what it was linked with, or why with nothing."""

    report: int
    words: str
    outlet: str
    cited: int | None = None
    tier: str = ""
    score: float = 0
    evidence: str = "{}"
    reason: str = ""
    days: tuple[str, str] = ("2012-07-31", "2012-08-02")
    target: str = ""


CITATIONS = (
    Cited(STORY, "Xinhua", "xinhua", TWIN, "named outlet", 0.93,
          json.dumps({"figures": [[1, 2], [2, 4]],
                      "names": [["ministry of public security", "Ministry of Public Security",
                                 "Ministry of Public Security"]], "hours": 4.5}),
          days=("2012-07-25", "2012-07-26")),
    Cited(STORY, "state media", "", reason="nothing fits", days=("2012-07-16", "2012-07-22")),
    Cited(REPEAT, "Xinhua", "xinhua", TWIN, "hyperlink", 1,
          json.dumps({"hyperlink": HYPERLINK, "figures": [[1, 2]], "hours": 105}), days=("2012-07-28", "2012-07-30")),
    Cited(WAITING, "Xinhua", "xinhua", reason="nothing held"),
    Cited(WAITING, "China Securities Journal", "china-securities-journal", reason="not collected"),
    Cited(WAITING, "People's Daily", "daily", reason="not held", target=NOT_HELD),
)  # fmt: skip


def make_linked_archive(path: Path) -> sqlite3.Connection:
    """The archive, read and linked; the connection writes, and commits by hand."""
    connection = make_archive(path, ())
    connection.execute("begin")
    connection.execute(
        "insert into outlets (id, title_en, title_local, country, languages, kind, control, owner, timezone, aliases, "
        "domains) values ('daily', 'Daily', '日报', 'XX', 'zh', 'state', 'state', 'owner', 'UTC', '', '')"
    )
    for sample in REPORTS:
        write(connection, sample)
    search.add_to_index(connection, [sample.id for sample in REPORTS])
    coverage.count_all(connection)
    state(connection)
    link(connection)
    connection.execute("commit")
    return connection


def state(connection: sqlite3.Connection) -> None:
    """What was read of the reports."""
    connection.execute("delete from unread")
    connection.execute("insert into statements select id, report, 1 from versions")
    numbers: dict[int, int] = {}
    for each in FIGURES:
        version, text, latest = _wording(connection, each.report, each.place, each.wording)
        numbers[version] = numbers.get(version, 0) + 1
        start = text.index(each.text)
        first, last = _sentence(text, start)
        outlet = _value(connection, "select outlet from reports where id = ?", each.report)
        named = each.noun_key and each.act and each.place == "body"
        by = each.by or outlet
        connection.execute(
            "insert into figures (version, number, report, place, start, stop, latest, text, value, value_max, modifier, "
            "meaning, unit, measure, noun, noun_key, act, act_text, period, period_start, period_stop, attribution, "
            f"stated_by, series, sentence_start, sentence_stop) values ({', '.join('?' * 26)})",
            [version, numbers[version], each.report, each.place, start, start + len(each.text), latest, each.text,
             each.value, each.value_max, each.modifier, each.meaning, each.unit, each.measure, each.noun, each.noun_key,
             each.act, each.act, *(each.period or ("", None, None)), None, by,
             f"{by}/{each.act}/{each.noun_key}/{each.unit}" if named else "", first, last],
        )  # fmt: skip


def link(connection: sqlite3.Connection) -> None:
    """How they hang together."""
    numbers: dict[int, int] = {}
    for each in CITATIONS:
        version, text, _ = _wording(connection, each.report, "body", 1)
        numbers[version] = numbers.get(version, 0) + 1
        start = text.index(each.words)
        first, last = _sentence(text, start)
        href = json.loads(each.evidence).get("hyperlink") or each.target or None
        connection.execute(
            "insert into mentions (version, number, report, place, start, stop, latest, words, outlet, kind, href, "
            "href_outlet, from_day, to_day, attribution, sentence_start, sentence_stop) "
            "values (?, ?, ?, 'body', ?, ?, 1, ?, ?, 'source', ?, ?, ?, ?, null, ?, ?)",
            [version, numbers[version], each.report, start, start + len(each.words), each.words, each.outlet, href,
             href and each.outlet, *each.days, first, last],
        )  # fmt: skip
        connection.execute(
            "insert into citations (version, mention, report, outlet, cited, tier, score, evidence, reason, target, "
            "from_day, to_day) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [version, numbers[version], each.report, each.outlet, each.cited, each.tier, each.score, each.evidence,
             each.reason, each.target, *each.days],
        )  # fmt: skip
    connection.execute(
        "insert into reprints values (?, ?, 0.91, 0.99, 45, 0, ?, ?, '[]')",
        [REPRINT, STATEMENT, json.dumps([["1万余名", "1万名"]]), json.dumps([_GOES_ON])],
    )
    connection.execute(
        "insert into twins values (?, ?, 0.88, 1, ?, '[]', ?)",
        [STATEMENT, TWIN,
         json.dumps({"figures": [[2, 2], [3, 3], [4, 4]],
                     "names": [["ministry of public security", "公安部", "Ministry of Public Security"]], "hours": 3.5}),
         json.dumps([5])],
    )  # fmt: skip
    for kind, report, figure, other, other_figure, explanation in (
        ("dropped modifier", REPRINT, 1, STATEMENT, 2, "“1万余名” has become “1万名”"),
        ("dropped modifier", STORY, 1, TWIN, 2, "“more than 10,000” has become “10,000”"),
        ("smaller total", LATER, 1, STATEMENT, 2, "9,800 for 2012, where at least 10,000 stood until 26 July 2012"),
    ):
        connection.execute(
            "insert into contradictions values (?, ?, ?, ?, ?, ?, ?, ?)",
            [kind, report, figure, report, other, other_figure, other, explanation],
        )
    connection.execute(
        "insert into contradictions values ('changed by edit', ?, 1, ?, ?, 1, ?, '31 has become 29')",
        [EDITED + 1, EDITED, EDITED, EDITED],
    )


def _wording(connection: sqlite3.Connection, report: int, place: str, wording: int) -> tuple[int, str, int]:
    """The version, the text of its title or body, and whether it is the latest."""
    row = connection.execute(
        f"select id, {place}, number = (select versions from reports where id = report) from versions "
        "where report = ? and number = ?",
        [report, wording],
    ).fetchone()
    return int(row[0]), str(row[1]), int(row[2])


def _sentence(text: str, at: int) -> tuple[int, int]:
    """Where the sentence around a place begins and ends."""
    starts = [place + len(end) for end in (". ", "\n\n", "。") if (place := text.rfind(end, 0, at)) >= 0]
    first = max(starts, default=0)
    ends = [place + 1 for end in (". ", "。", ".\n") if (place := text.find(end, at)) >= 0]
    return first, min(ends, default=len(text))


def _value(connection: sqlite3.Connection, sql: str, *values: object) -> str:
    return str(connection.execute(sql, values).fetchone()[0])
