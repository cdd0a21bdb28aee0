"""The questions that a researcher asks first, kept as Datasette's canned queries: which there are, their parameters,
and how a parameter that cannot be meant is explained."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from archive.edits import KINDS
from publish.room import DATABASE

# The order in which they are shown; one that an archive's keeper has added comes last.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("What was said", ("said_by_year", "search", "newest", "per_month", "per_day")),
    ("What was changed", ("edits", "edit_kinds", "radar", "retitled", "until_edit", "edited_sections")),
    ("What was taken down", ("taken_down",)),
    ("Which figures", ("stated_by_year", "contradicted", "changed_figures", "one_edition_only")),
    (
        "Who repeats whom",
        (
            "sources",
            "repeated",
            "repeated_most",
            "first_repeat",
            "reprinted",
            "dropped_qualifiers",
            "not_found",
        ),
    ),
    ("What is not here, and why", ("gaps", "coverage", "unanswered", "quarantined")),
    ("What proves it", ("proof",)),
)
OTHERS = "Further questions"
REQUIRED = {
    "words": "Type the words to look for.",
    "source": "Give the source's key, as in the address of its figures: ministry-of-public-security.",
    "report": "Give the report's number, as in its address here, or the address under which it was published.",
}
# Parameters that are days → what they are called.
DAYS = {"since": "From", "until": "To"}
LABELS = {
    "words": "Words", "outlet": "Outlet", "kind": "Kind of change", "report": "Report", "source": "Source",
    "act": "What was done", "noun": "What is counted", **DAYS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """A canned query. `parameters`: their names, in order."""

    name: str
    title: str
    description: str
    sql: str
    parameters: tuple[str, ...]


async def known(datasette: Any, actor: Any) -> dict[str, Question]:
    """The questions that this reader may see, by name."""
    if hasattr(datasette, "get_canned_queries"):  # 0.65
        queries = await datasette.get_canned_queries(DATABASE, actor)
        allowed = {
            name: query
            for name, query in queries.items()
            if not query.get("write")
            and await datasette.permission_allowed(actor, "view-query", resource=(DATABASE, name), default=True)
        }
        return {
            name: Question(
                name,
                query.get("title") or name,
                query.get("description") or "",
                query["sql"].strip(),
                tuple(query.get("params") or parameters_of(query["sql"])),
            )
            for name, query in allowed.items()
        }
    page = await datasette.list_queries(DATABASE, actor=actor, limit=200, is_write=False)
    return {
        query.name: Question(
            query.name,
            query.title or query.name,
            query.description or "",
            query.sql.strip(),
            tuple(query.parameters or parameters_of(query.sql)),
        )
        for query in page.queries
    }


def grouped(questions: Mapping[str, Question]) -> list[tuple[str, list[Question]]]:
    """(heading, questions) in the order of GROUPS."""
    shown = [(heading, [questions[name] for name in names if name in questions]) for heading, names in GROUPS]
    ours = {name for _, names in GROUPS for name in names}
    shown.append((OTHERS, [question for name, question in questions.items() if name not in ours]))
    return [(heading, of_it) for heading, of_it in shown if of_it]


_QUOTED = re.compile(r"'(?:[^']|'')*'|--[^\n]*")
_PARAMETER = re.compile(r"(?<!:):([a-zA-Z_]\w*)")


def parameters_of(sql: str) -> list[str]:
    """The named parameters of a query, each once, in order."""
    return list(dict.fromkeys(_PARAMETER.findall(_QUOTED.sub("", sql))))


def wrong(values: Mapping[str, str], outlets: Sequence[str]) -> list[str]:
    """What of the given values cannot be meant, in words; none when all can."""
    found = []
    for name, value in values.items():
        if not value:
            continue
        if name in DAYS and not _is_day(value):
            found.append(f"“{value[:40]}” is no day: write it as 2012-07-26.")
        if name == "kind" and value not in KINDS:
            found.append(f"“{value[:40]}” is no kind of change. Known: {', '.join(KINDS)}.")
        if name == "outlet" and value not in outlets:
            found.append(f"No outlet is called “{value[:40]}”. Known: {', '.join(outlets) or 'none'}.")
    return found


def lacking(values: Mapping[str, str]) -> list[str]:
    """What must still be given before the question can be asked."""
    return [say for name, say in REQUIRED.items() if name in values and not values[name]]


def _is_day(value: str) -> bool:
    try:
        return len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False
