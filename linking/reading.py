"""What each wording of a report states, as rows: figures, attributions, quotes, mentions, and the names of the latest.

From stored versions, not in a crawl's pipelines, which it would slow down by a third; so a changed rule is applied to
the whole archive without reading a WARC file again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date

from archive.transactions import transaction
from grammar import VERSION
from grammar.mentions import mentions_of_page
from grammar.names import names
from grammar.passage import Passage
from grammar.press import Press
from items import Attribution, Figure, Hyperlink, Mention, Statements
from pipelines.statements import read_statements

BATCH = 200  # reports in one transaction
_SEVERAL = 3  # on all of which nothing fails by chance
STEPS = ("reprints", "twins", "citations", "contradictions")
STATED = ("figures", "quotes", "mentions", "attributions")
# A report's outlet, language, published_local, source_label, source_url, dateline_agency, byline.
_Described = tuple[str, str, str | None, str | None, str | None, str | None, str | None]
# Who states a figure by himself, so that its totals are his: others repeat those of somebody.
_OWN_WORDS = ("ministry", "organisation", "company", "official")


def forget_other_grammars(connection: sqlite3.Connection) -> int:
    """Have what another version of the grammar has read read again; returns how many reports that are."""
    query = "from statements where grammar <> ?"
    if connection.execute(f"select 1 {query} limit 1", [VERSION]).fetchone() is None:
        return 0
    with transaction(connection):
        connection.execute(f"insert or ignore into unread select distinct report {query}", [VERSION])
        (count,) = connection.execute(f"select count(distinct report) {query}", [VERSION]).fetchone()
    return int(count)


def read_reports(
    connection: sqlite3.Connection, press: Press, most: int = BATCH, passed_over: list[str] | None = None
) -> int:
    """Read the wordings of up to `most` reports that wait for it, in the caller's transaction, and have these reports
    linked anew; returns how many they were.

    A text on which the grammar fails is passed over until there is another grammar, and `passed_over` says which and
    why. Where it fails on all of several, the fault is not theirs: then its error is raised.
    """
    reports = [report for (report,) in connection.execute("select report from unread order by report limit ?", [most])]
    failures: list[Exception] = []
    for report in reports:
        connection.execute("savepoint reading")
        try:
            _read_report(connection, press, report)
        except sqlite3.Error:
            raise
        except Exception as error:
            connection.execute("rollback to reading")
            failures.append(error)
            _pass_over(connection, report)
            if passed_over is not None:
                passed_over.append(told(connection, report, error))
        connection.execute("release reading")
        connection.execute("delete from unread where report = ?", [report])
        connection.executemany("insert or ignore into unlinked values (?, ?)", [(step, report) for step in STEPS])
    if len(failures) == len(reports) > _SEVERAL:
        raise failures[-1]
    return len(reports)


def told(connection: sqlite3.Connection, report: int, error: Exception) -> str:
    """What went wrong with a report, with its address."""
    (url,) = connection.execute("select url from reports where id = ?", [report]).fetchone()
    return f"{url}: {type(error).__name__}: {error}"


def _pass_over(connection: sqlite3.Connection, report: int) -> None:
    connection.execute(
        "insert or replace into statements select id, report, ? from versions where report = ?", [VERSION, report]
    )


def _read_report(connection: sqlite3.Connection, press: Press, report: int) -> None:
    described = connection.execute(
        "select outlet, language, published_local, source_label, source_url, dateline_agency, byline from reports "
        "where id = ?",
        [report],
    ).fetchone()
    waiting = connection.execute(
        "select id, title, body, captions, hyperlinks from versions where report = ? and id not in "
        "(select version from statements where report = ? and grammar = ?) order by number",
        [report, report, VERSION],
    ).fetchall()
    for version, title, body, captions, hyperlinks in waiting:
        for table in (*STATED, "statements"):
            connection.execute(f"delete from {table} where version = ?", [version])
        _write(connection, press, version, report, described, (title, body, captions.split("\n"), hyperlinks))
        connection.execute("insert into statements values (?, ?, ?)", [version, report, VERSION])
    (latest,) = connection.execute(
        "select id from versions where report = ? order by number desc limit 1", [report]
    ).fetchone()
    _write_names(connection, report, latest, described)
    for table in STATED:
        connection.execute(
            f"update {table} set latest = version = ? where report = ? and latest <> (version = ?)",
            [latest, report, latest],
        )


def _write_names(connection: sqlite3.Connection, report: int, version: int, described: _Described) -> None:
    """The names of the latest wording, each as it is printed first."""
    title, body = connection.execute("select title, body from versions where id = ?", [version]).fetchone()
    outlet, language, published, *_ = described
    day = date.fromisoformat(published[:10]) if published else None
    found: dict[str, tuple[str, str]] = {}
    for text, is_title in ((title, True), (body, False)):
        for name in names(Passage(text, language, day, is_title, outlet)):
            found.setdefault(name.key, (name.kind, name.words))
    connection.execute("delete from names where report = ?", [report])
    connection.executemany(
        "insert into names values (?, ?, ?, ?)", [(key, report, *rest) for key, rest in sorted(found.items())]
    )


def _write(
    connection: sqlite3.Connection,
    press: Press,
    version: int,
    report: int,
    described: _Described,
    wording: tuple[str, str, list[str], str],
) -> None:
    outlet, language, published, source_label, source_url, dateline_agency, byline = described
    title, body, captions, hyperlinks = wording
    day = date.fromisoformat(published[:10]) if published else None
    told = {
        "title": read_statements(Passage(title, language, day, True, outlet), press),
        "body": read_statements(Passage(body, language, day, False, outlet), press, _hyperlinks(hyperlinks, body)),
    }
    told["page"] = Statements(
        mentions=mentions_of_page(
            press,
            outlet=outlet,
            source_label=source_label,
            source_url=source_url,
            dateline_agency=dateline_agency,
            captions=captions,
            byline=byline,
        )
    )
    numbers = {"figures": 0, "attributions": 0, "quotes": 0, "mentions": 0}
    for place, statements in told.items():
        text = title if place == "title" else body
        before = numbers["attributions"]  # attributions of the body are counted on from the title's
        rows: dict[str, list[tuple[object, ...]]] = {
            "attributions": [_attribution(each, before) for each in statements.attributions],
            "figures": [_figure(each, statements.attributions, before, outlet) for each in statements.figures],
            "quotes": [
                (each.start, each.end, text[each.start : each.end], each.kind, _number(each.attribution, before))
                for each in statements.quotes
            ],
            "mentions": [_mention(each, before) for each in statements.mentions],
        }
        for table, found in rows.items():
            for number, row in enumerate(found, numbers[table] + 1):
                where = statements.mentions[number - numbers[table] - 1].place if table == "mentions" else place
                values = [version, number, report, where, *row[:2], 1, *row[2:]]
                connection.execute(f"insert into {table} values ({', '.join('?' * len(values))})", values)
            numbers[table] += len(found)


def _hyperlinks(stored: str, body: str) -> list[Hyperlink]:
    return [Hyperlink(body[start:end], href, 0, start, end) for start, end, href in json.loads(stored)]


def _number(index: int | None, before: int) -> int | None:
    return None if index is None else before + index + 1


def _attribution(each: Attribution, before: int) -> tuple[object, ...]:
    return (
        each.start, each.end, each.source, each.kind, each.source_key, each.cue, each.cue_start, each.cue_end,
        *(each.statement or (None, None)), int(each.quoted), int(each.loaded), _number(each.via, before),
        *each.sentence,
    )  # fmt: skip


def _figure(each: Figure, sources: Sequence[Attribution], before: int, outlet: str) -> tuple[object, ...]:
    period = (each.period.text, each.period.start, each.period.end) if each.period else ("", None, None)
    stated_by = next(_keys(each.attribution, sources), outlet)
    series = f"{stated_by}/{each.act}/{each.noun_key}/{each.unit}" if each.noun_key else ""
    return (
        each.start, each.end, each.text, each.value, each.value_max, each.modifier, each.meaning, each.unit,
        each.measure, each.noun, each.noun_key, each.act, each.act_text, *period, _number(each.attribution, before),
        stated_by, series, *each.sentence,
    )  # fmt: skip


def _keys(index: int | None, sources: Sequence[Attribution]) -> Iterator[str]:
    """The keys of who states a figure, from the one whose figure it is to those through whom it is known here."""
    seen: set[int] = set()
    while index is not None and index not in seen:
        seen.add(index)
        source = sources[index]
        if source.source_key:
            yield source.source_key
        elif source.kind in _OWN_WORDS:
            yield source.source.casefold()
        index = source.via


def _mention(each: Mention, before: int) -> tuple[object, ...]:
    return (
        each.start, each.end, each.words, each.outlet, each.kind, each.href, each.href_outlet, *each.dates,
        _number(each.attribution, before), *each.sentence,
    )  # fmt: skip
