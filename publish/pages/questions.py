"""/questions and /questions/<name>: what researchers ask first, each with a form, a chart, a table and its SQL."""

from __future__ import annotations

import sqlite3
from typing import Any
from urllib.parse import urlencode

from datasette.database import QueryInterrupted  # type: ignore[import-untyped]
from markupsafe import Markup

from publish import answers, questions
from publish.pages.edits import outlets
from publish.pages.search import marked
from publish.questions import Question
from publish.room import DATABASE, NotFound, TooSlow, may_query, read, show

DOWNLOADS = (("CSV", "csv"), ("JSON", "json"), ("Excel", "xlsx"))
SHOWN = 500  # rows; all are in the downloads
# Columns that name a row of the archive → its page.
LINKS = {
    "report": "/reports/",
    "capture": "/captures/",
    "last_good_capture": "/captures/",
    "revisit_of": "/captures/",
    "outlet": "/outlets/",
    "of_outlet": "/outlets/",
}
TEXTS = ("title", "title_before", "snippet", "removed_text")  # in the report's own language


async def all_questions(datasette: Any, request: Any) -> Any:
    """/questions"""
    known = await questions.known(datasette, request.actor)
    return await show(datasette, request, "questions", groups=questions.grouped(known))


async def view(datasette: Any, request: Any) -> Any:
    """/questions/<name>"""
    name = request.url_vars["name"]
    question = (await questions.known(datasette, request.actor)).get(name)
    if question is None:
        raise NotFound(f"No question is called “{name}” here. The list of questions has them all.")
    values = {parameter: str(request.args.get(parameter) or "").strip() for parameter in question.parameters}
    known = await read(datasette, outlets)
    problems = questions.wrong(values, [outlet["id"] for outlet in known])
    lacking = questions.lacking(values)
    columns: list[str] = []
    rows: list[dict[str, Any]] = []
    is_cut = False
    if not problems and not lacking:
        columns, rows, is_cut = await ask(datasette, question, values, problems)
    languages = await read(datasette, lambda connection: languages_of(connection, rows[:SHOWN]))
    query = f"?{urlencode(values)}" if values else ""
    base = datasette.urls.path(f"/{DATABASE}/{name}")
    return await show(
        datasette, request, "question",
        question=question, values=values, labels=questions.LABELS, days=questions.DAYS, outlets=known,
        problems=problems, lacking=lacking, columns=columns, rows=rows[:SHOWN], total=len(rows), is_cut=is_cut,
        languages=languages, texts=TEXTS, links=LINKS, marked=marked, chart=_chart(question, rows, known),
        datasette_page=base + query, may_query=await may_query(datasette, request),
        downloads=[(label, f"{base}.{kind}{query}") for label, kind in DOWNLOADS],
    )  # fmt: skip


async def ask(
    datasette: Any, question: Question, values: dict[str, str], problems: list[str]
) -> tuple[list[str], list[dict[str, Any]], bool]:
    """The answer: columns, rows, and whether Datasette cut them at its limit. What SQLite refuses is added to
    `problems`. Raises TooSlow."""
    try:
        found = await datasette.execute(DATABASE, question.sql, values, truncate=True)
    except QueryInterrupted as error:
        raise TooSlow from error
    except sqlite3.Error as error:
        problems.append(f"The archive could not answer: {error}. See the query in SQL below.")
        return [], [], False
    return (
        list(found.columns),
        [dict(zip(found.columns, tuple(row), strict=True)) for row in found.rows],
        found.truncated,
    )


def languages_of(connection: sqlite3.Connection, rows: list[dict[str, Any]]) -> dict[int, str]:
    """Report → its language, for the rows that name a report."""
    ids = [row["report"] for row in rows if isinstance(row.get("report"), int)]
    return dict(
        connection.execute(
            f"select id, language from reports where id in ({', '.join('?' * len(ids))})", ids
        ).fetchall()
    )


def _chart(question: Question, rows: list[dict[str, Any]], known: list[dict[str, Any]]) -> Markup:
    return answers.chart_of(question.name, rows, [(each["id"], each["title"], each["kind"]) for each in known])
