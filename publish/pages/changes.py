"""/reports/<id>/changes?from=1&to=2: what changed between any two wordings of a report."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from dataclasses import dataclass
from typing import Any

from archive.differences import Count, Run, compare, count, readable
from publish.differences import Paragraph, paragraphs
from publish.room import BadRequest, NotFound, is_public, read, rows, show, whole_number

_AROUND = 1  # unchanged paragraphs that are shown before and after a change
_FOLDED = 3  # as many unchanged ones in a row as are worth folding
_NUMBER = re.compile(r"[1-9]\d{0,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Paragraphs that follow each other: shown, or (all unchanged) folded."""

    is_folded: bool
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed between two wordings. `total` counts characters of title and body, as the archive's versions do."""

    title: list[Run]
    body: list[Stretch]
    captions: list[list[Run]]
    total: Count
    has_new_captions: bool

    @property
    def is_nothing(self) -> bool:
        return self.total == Count(0, 0) and not self.has_new_captions


async def view(datasette: Any, request: Any) -> Any:
    """The two wordings as one text, with what went and what came marked."""
    number = whole_number(request, "report")
    asked = {name: request.args.get(name) or "" for name in ("from", "to")}
    for written in asked.values():
        if written and not _NUMBER.fullmatch(written):
            raise BadRequest(f"“{written[:40]}” is not the number of a version. The first is 1.")
    found = await read(
        datasette, lambda connection: _told(connection, number, **{f"{k}_": v for k, v in asked.items()})
    )
    if found["old"] is None:
        return await show(datasette, request, "changes", changes=None, **found)
    changes = await asyncio.to_thread(changes_between, found["old"], found["new"])
    return await show(datasette, request, "changes", changes=changes, **found)


def changes_between(old: dict[str, Any], new: dict[str, Any]) -> Changes:
    """From one row of versions to another (title, body, captions). Takes up to half a second for texts of 100 KB that
    have nothing in common, 10 ms for an edit."""
    title, body = compare(old["title"], new["title"]), compare(old["body"], new["body"])
    captions = compare(old["captions"].replace("\n", "\n\n"), new["captions"].replace("\n", "\n\n"))
    in_title, in_body = count(title), count(body)
    return Changes(
        readable(title),
        folded(paragraphs(readable(body))),
        [list(paragraph.runs) for paragraph in paragraphs(readable(captions))],
        Count(in_title.added + in_body.added, in_title.removed + in_body.removed),
        old["captions"] != new["captions"],
    )


def folded(text: list[Paragraph]) -> list[Stretch]:
    """The text with its long unchanged parts folded; what stands next to a change is shown."""
    near = {
        place + step
        for place, paragraph in enumerate(text)
        if paragraph.kind != "equal"
        for step in range(-_AROUND, _AROUND + 1)
    }
    stretches: list[Stretch] = []
    start = 0
    while start < len(text):
        end = start
        while end < len(text) and (end in near) == (start in near):
            end += 1
        part = tuple(text[start:end])
        is_folded = start not in near and len(part) >= _FOLDED
        if not is_folded and stretches and not stretches[-1].is_folded:
            part = stretches.pop().paragraphs + part
        stretches.append(Stretch(is_folded, part))
        start = end
    return stretches


def _told(connection: sqlite3.Connection, number: int, from_: str, to_: str) -> dict[str, Any]:
    reports = rows(
        connection,
        "select reports.*, outlets.title_en as outlet_title, kind from reports join outlets on outlets.id = outlet "
        "where reports.id = ?",
        [number],
    )
    if not reports:
        raise NotFound(f"No report has the number {number}.")
    report = reports[0]
    versions = rows(
        connection,
        "select number, seen_at, capture, added, removed, at, origin, source from versions "
        "left join captures on captures.id = capture where versions.report = ? order by number",
        [number],
    )
    told = {
        "report": report,
        "versions": versions,
        "is_excerpt": report["kind"] == "secondary" and is_public(connection),
        "old": None,
        "new": None,
        "seen": _times_seen(connection, number),
    }
    numbers = [version["number"] for version in versions]
    # The version that is asked for with the one before it, or behind it; else the last two.
    to = int(to_) if to_ else (int(from_) + 1 if from_ and int(from_) + 1 in numbers else max(numbers, default=0))
    start = int(from_) if from_ else max(to - 1, 1)
    for wanted in (start, to):
        if wanted not in numbers and (from_ or to_):
            raise NotFound(f"There is no version {wanted}: this report has {_how_many(len(numbers))}.")
    if len(versions) < 2:
        return told
    told["old"], told["new"] = (_version(connection, number, wanted) for wanted in (start, to))
    return told


def _how_many(versions: int) -> str:
    return "one version" if versions == 1 else f"{versions} versions"


def _version(connection: sqlite3.Connection, report: int, number: int) -> dict[str, Any]:
    return rows(
        connection,
        "select number, title, body, captions, capture, seen_at, origin, source from versions "
        "left join captures on captures.id = capture where versions.report = ? and number = ?",
        [report, number],
    )[0]


def _times_seen(connection: sqlite3.Connection, report: int) -> dict[str, Any]:
    return rows(
        connection,
        "select count(*) as times, max(at) as last from captures "
        "where report = ? and outcome in ('report', 'unchanged')",
        [report],
    )[0]
