"""/questions and /questions/<name>: what researchers ask first, each with a form, a chart, a table and its SQL."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from datasette.database import QueryInterrupted  # type: ignore[import-untyped]
from datasette.utils.asgi import Response  # type: ignore[import-untyped]
from markupsafe import Markup

from archive.edits import KINDS
from publish import answers, questions
from publish.formats import marked
from publish.keys import plain
from publish.pages.edits import outlets
from publish.questions import Question
from publish.room import DATABASE, BadRequest, NotFound, TooSlow, may_query, read, show
from publish.workbook import CONTENT_TYPE, workbook

SHOWN = 500  # rows; all are in the downloads
# Columns that name a row of the archive → its page.
LINKS = {
    "report": "/reports/",
    "of_report": "/reports/",
    "other_report": "/reports/",
    "capture": "/captures/",
    "last_good_capture": "/captures/",
    "first_missing_capture": "/captures/",
    "gone_capture": "/captures/",
    "restored_capture": "/captures/",
    "revisit_of": "/captures/",
    "outlet": "/outlets/",
    "of_outlet": "/outlets/",
}
VALUES = ("value", "other_value", "value_before", "value_max", "least", "most")  # of figures, which are real numbers
TEXTS = ("title", "title_before", "snippet", "removed_text", "was", "became")  # in the report's own language


async def all_questions(datasette: Any, request: Any) -> Any:
    """/questions"""
    known = await questions.known(datasette, request.actor)
    return await show(datasette, request, "questions", groups=questions.grouped(known))


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with the values that were given for it, what is wrong with these or lacking, and the answer."""

    question: Question
    values: dict[str, str]
    outlets: list[dict[str, Any]]
    problems: list[str]
    lacking: list[str]
    columns: list[str]
    rows: list[dict[str, Any]]
    is_cut: bool


async def view(datasette: Any, request: Any) -> Any:
    """/questions/<name>"""
    asked = await _ask(datasette, request)
    question, values, shown = asked.question, asked.values, asked.rows[:SHOWN]
    languages = await read(datasette, lambda connection: languages_of(connection, shown))
    query = f"?{urlencode(values)}" if values else ""
    base = datasette.urls.path(f"/{DATABASE}/{question.name}")
    own = datasette.urls.path(f"/questions/{question.name}.xlsx")
    return await show(
        datasette,
        request,
        "question",
        question=question,
        values=values,
        labels=questions.LABELS,
        days=questions.DAYS,
        outlets=asked.outlets,
        kinds=KINDS,
        problems=asked.problems,
        lacking=asked.lacking,
        columns=asked.columns,
        rows=shown,
        total=len(asked.rows),
        is_cut=asked.is_cut,
        languages=languages,
        texts=TEXTS,
        figures=VALUES,
        plain=plain,
        links=LINKS,
        marked=marked,
        chart=_chart(question, asked.rows, asked.outlets),
        datasette_page=base + query,
        may_query=await may_query(datasette, request),
        downloads=[("CSV", f"{base}.csv{query}"), ("JSON", f"{base}.json{query}"), ("Excel", own + query)],
    )


async def as_xlsx(datasette: Any, request: Any) -> Any:
    """/questions/<name>.xlsx: the rows as a workbook. Datasette's own lacks the parameters on 1.0a41."""
    asked = await _ask(datasette, request)
    if asked.problems or asked.lacking:
        raise BadRequest(" ".join(asked.problems or asked.lacking))
    cut = " (more are in the archive)" if asked.is_cut else ""
    about = [
        ("Question", asked.question.title),
        ("Meaning", asked.question.description),
        *((questions.LABELS.get(name, name), value) for name, value in asked.values.items() if value),
        ("Rows", f"{len(asked.rows):,}{cut}"),
        ("Asked for", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"),
        ("SQL", asked.question.sql),
    ]
    rows = [[row[column] for column in asked.columns] for row in asked.rows]
    content = await asyncio.get_running_loop().run_in_executor(None, workbook, asked.columns, rows, about)
    headers = {"Content-Disposition": f'attachment; filename="{asked.question.name}.xlsx"'}
    return Response(content, headers=headers, content_type=CONTENT_TYPE)


async def _ask(datasette: Any, request: Any) -> _Asked:
    """Raises NotFound for a question that is none, and TooSlow."""
    name = request.url_vars["name"]
    question = (await questions.known(datasette, request.actor)).get(name)
    if question is None:
        raise NotFound(f"No question is called “{name}” here. The list of questions has them all.")
    values = {parameter: str(request.args.get(parameter) or "").strip() for parameter in question.parameters}
    known = await read(datasette, outlets)
    problems = questions.wrong(values, [outlet["id"] for outlet in known])
    lacking = questions.lacking(values)
    answer: tuple[list[str], list[dict[str, Any]], bool] = ([], [], False)
    if not problems and not lacking:
        answer = await ask(datasette, question, values, problems)
    return _Asked(question, values, known, problems, lacking, *answer)


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
