"""/reports/<id>: a report to read, how its time is known, what it rests on, and how to cite it."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from typing import Any

from archive import clock
from archive.query import parse
from archive.snippets import find
from publish import origins, relations, spells, statements
from publish.citation import Cited, bibtex, sentence
from publish.keys import outlet_titles
from publish.pages.captures import status_words
from publish.reading import Span, Text, Time
from publish.revalidation import revalidated
from publish.room import BadRequest, NotFound, is_public, read, rows, show, whole_number

_LONG_TITLE = 160  # characters; beyond, a heading's size makes it no longer legible
_ENDLESS_TITLE = 1000  # characters; beyond, no title but a page that was misread
_LONGEST_QUERY = 1000
_MOST_PAGES = 500
_MOST_MARKING = 3_000_000  # characters of text times phrases: 0.4 s


async def view(datasette: Any, request: Any) -> Any:
    """The report in its latest wording, or in that of ?version=N, with the words of ?q= marked."""
    number, version = whole_number(request, "report"), _version(request)
    found = await read(datasette, lambda connection: _told(connection, number, version))
    if found["report"] is None:
        return await show(datasette, request, "absent", status=404, **found)
    words = (request.args.get("q") or "").strip()[:_LONGEST_QUERY]
    report, shown = found["report"], found["shown"]
    is_too_much = _is_too_much(found, words)
    missing, now = _missing(found), clock.now()
    states = statements.told(
        found["stated"], found["outlets"], report["language"], found["outlet"]["title_en"], _whole(found)
    )
    text, elsewhere = await asyncio.to_thread(_marked, found, "" if is_too_much else words, states.spans)
    cited = _cited(report, shown, found["outlet"], found["proof"])
    return await show(
        datasette, request, "report", **found,
        words=words, text=text, elsewhere=elsewhere, is_too_much=is_too_much, states=states, lag=relations.lag,
        time=Time.of(report, found["outlet"]["timezone"]), is_long_title=len(shown["title"]) > _LONG_TITLE,
        is_endless_title=len(shown["title"]) > _ENDLESS_TITLE,
        sentence=sentence(cited), bibtex=bibtex(cited), keywords=_parts(report["keywords"]),
        authors=_parts(report["byline"]), editors=_parts(report["editor"]), status_words=status_words,
        missing=missing, earlier_spells=[spell for spell in found["spells"] if spell is not missing],
        hours=spells.HOURS, next_look=lambda spell: spells.when_next(spell["due_at"], now),
    )  # fmt: skip


async def as_json(datasette: Any, request: Any) -> Any:
    """The same wording with what it states and what it hangs together with, for other programs."""
    number, version = whole_number(request, "report"), _version(request)
    found = await read(datasette, lambda connection: _told(connection, number, version, is_data=True))
    if found["report"] is None:
        raise NotFound(f"The page of report {number} could not be read as a report.")
    report, shown = found["report"], found["shown"]
    answer = {
        **{name: report[name] for name in _OF_REPORT},
        "page": datasette.urls.path(f"/reports/{number}"),
        "version": shown["number"],
        "is_excerpt": found["is_excerpt"],
        **{name: shown[name] for name in ("title", "body", "captions", "seen_at")},
        "captured_by": _captured_by(found["proof"]),
        "is_read": found["stated"].is_read,
        **statements.as_data(found["stated"]),
        **found["relations"],
    }
    body = json.dumps(answer, ensure_ascii=False, indent=1).encode()
    return revalidated(request, body, "application/json; charset=utf-8")


_OF_REPORT = (
    "id", "url", "outlet", "language", "section", "byline", "source_label", "published_at", "published_local",
    "published_precision", "modified_at", "first_seen", "first_look", "last_checked", "state", "versions", "origin",
)  # fmt: skip


def _captured_by(proof: dict[str, Any] | None) -> dict[str, Any] | None:
    """Which capture first showed the wording, and who made it."""
    return proof and {name: proof[name] for name in ("id", "at", "origin", "source", "record_id")}


def _version(request: Any) -> int:
    """The version that is asked for, 0 for the latest."""
    version = request.args.get("version") or ""
    if version and not re.fullmatch(r"[1-9]\d{0,5}", version, re.ASCII):
        raise BadRequest(f"“{version[:40]}” is not the number of a version. The first is 1.")
    return int(version or 0)


def _whole(found: dict[str, Any]) -> dict[str, str]:
    """The texts that are shown as they were read: an excerpt's body is another one."""
    return {place: found["shown"][place] for place in (("title",) if found["is_excerpt"] else ("title", "body"))}


def _missing(found: dict[str, Any]) -> dict[str, Any] | None:
    """The spell that the report's state is of: it may have been away shortly since it was restored."""
    return next((spell for spell in found["spells"] if spell["spell_state"] == found["report"]["state"]), None)


def _is_too_much(found: dict[str, Any], words: str) -> bool:
    """Whether looking for the words would keep others waiting: each phrase goes through all of the text."""
    if not words:
        return False
    wording = found["shown"]
    characters = sum(len(wording[part]) for part in ("title", "body", "captions"))
    characters += sum(len(version["removed_text"]) for version in found["versions"])
    return characters * len(parse(words).phrases) > _MOST_MARKING


def _marked(found: dict[str, Any], words: str, spans: list[Span]) -> tuple[Text, dict[str, Any] | None]:
    """The text with the words marked; when they are not in it, the version whose edit took them out, if one did."""
    text = Text.of(found["shown"], words, spans)
    if text.found or not words:
        return text, None
    return text, next((each for each in reversed(found["versions"]) if find(each["removed_text"], words)), None)


# What the archive holds


def _told(connection: sqlite3.Connection, number: int, version: int, *, is_data: bool = False) -> dict[str, Any]:
    found = rows(connection, "select * from reports where id = ?", [number])
    if not found:
        return _absent(connection, number)
    report = found[0]
    # removed_text too: a search that led here may have found its words there
    versions = rows(
        connection,
        "select number, seen_at, added, removed, capture, removed_text, origin, source from versions "
        "left join captures on captures.id = capture where versions.report = ? order by number",
        [number],
    )
    wanted = version or (versions[-1]["number"] if versions else 0)
    shown = rows(connection, "select * from versions where report = ? and number = ?", [number, wanted])
    if not shown and version:
        numbers = f"has the versions 1 to {len(versions)}" if len(versions) > 1 else "has one version"
        raise NotFound(f"There is no version {version}: this report {numbers}.")
    wording = shown[0] if shown else _no_wording(report)
    outlet = rows(connection, "select * from outlets where id = ?", [report["outlet"]])[0]
    public = is_public(connection)
    return {
        "report": report,
        "outlet": outlet,
        "outlets": outlet_titles(connection),
        "public": public,
        "is_excerpt": public and outlet["kind"] == "secondary",
        "versions": versions,
        "shown": wording,
        "is_latest": not versions or wording["number"] == versions[-1]["number"],
        "proof": _capture(connection, wording["capture"]),
        "latest_look": _capture(connection, report["capture"]),
        "looks": _looks(connection, number),
        "redirects": _redirects(connection, number),
        "pages": _pages(connection, report) if report["pages"] > 1 else [],
        "spells": spells.of_report(connection, number),
        **_linked(connection, number, shown[0]["id"] if shown else 0, is_data=is_data),
        "earlier": _neighbour(connection, report, "<", "desc"),
        "later": _neighbour(connection, report, ">", "asc"),
    }


def _linked(connection: sqlite3.Connection, report: int, version: int, *, is_data: bool) -> dict[str, Any]:
    """What a version states, and what the report hangs together with; nothing in an archive that is not read."""
    if not statements.are_held(connection):
        return {"stated": statements.NOTHING, "relations": relations.NONE}
    of_statements, of_relations = (
        (statements.MOST_AS_DATA, relations.MOST_AS_DATA) if is_data else (statements.MOST, relations.MOST)
    )
    return {
        "stated": statements.of_version(connection, version, report, of_statements),
        "relations": relations.Relations(connection, report, of_relations).all(),
    }


def _no_wording(report: dict[str, Any]) -> dict[str, Any]:
    """As a row of versions, for a report without any."""
    return {
        "number": 1, "title": report["title"], "body": "", "captions": "", "layout": "",
        "capture": report["capture"], "seen_at": report["first_seen"],
    }  # fmt: skip


def _absent(connection: sqlite3.Connection, number: int) -> dict[str, Any]:
    """An id that was given out to an address whose page makes no report now."""
    known = rows(connection, "select url from id_registry where id = ?", [number])
    if not known:
        raise NotFound(
            f"No report has the number {number}. A report’s number never changes, so it was never in this archive."
        )
    captures = rows(
        connection,
        "select id, at, status, outcome, reason, origin, source from captures where report = ? or canonical = ? "
        "order by id desc limit 50",
        [number, known[0]["url"]],
    )
    return {"report": None, "number": number, "url": known[0]["url"], "captures": captures}


def _capture(connection: sqlite3.Connection, capture: int) -> dict[str, Any] | None:
    found = rows(connection, "select * from captures where id = ?", [capture])
    return found[0] if found else None


def _looks(connection: sqlite3.Connection, report: int) -> dict[str, Any]:
    """How often it was captured, by others too, and how often it was there."""
    return rows(
        connection,
        "select count(*) as total, coalesce(sum(outcome in ('report', 'unchanged')), 0) as seen, "
        "coalesce(sum(origin <> 'live'), 0) as others, coalesce(sum(origin = 'live'), 0) as ours, "
        "max(case when outcome in ('report', 'unchanged') then at end) as last_seen from captures where report = ?",
        [report],
    )[0]


def _redirects(connection: sqlite3.Connection, report: int) -> list[dict[str, Any]]:
    """Addresses that led to it, each with its latest capture."""
    return rows(
        connection,
        "select url, max(id) as id, redirect_to from captures where report = ? and outcome = 'redirect' "
        "group by url order by max(id) desc limit 5",
        [report],
    )


def _pages(connection: sqlite3.Connection, report: dict[str, Any]) -> list[dict[str, Any]]:
    """The pages of a story that is cut into several: its number and its latest capture (id, url, at: None for a page
    that was not captured)."""
    captured = {
        row["part"]: row
        for row in rows(
            connection,
            "select part, max(readings.capture) as id, url, at from readings join captures on captures.id = capture "
            "where readings.report = ? group by part",
            [report["id"]],
        )
    }
    none = {"id": None, "url": None, "at": None}
    return [{"part": part, **captured.get(part, none)} for part in range(1, min(report["pages"], _MOST_PAGES) + 1)]


def _neighbour(connection: sqlite3.Connection, report: dict[str, Any], sign: str, order: str) -> dict[str, Any] | None:
    found = rows(
        connection,
        f"select id, title, language from reports where outlet = ? and id {sign} ? order by id {order} limit 1",
        [report["outlet"], report["id"]],
    )
    return found[0] if found else None


def _cited(
    report: dict[str, Any], shown: dict[str, Any], outlet: dict[str, Any], proof: dict[str, Any] | None
) -> Cited:
    printed = report["published_printed"] or report["published_local"] or report["published_at"] or ""
    return Cited(
        report=report["id"],
        outlet=outlet["title_en"],
        outlet_local=outlet["title_local"],
        authors=report["byline"] or "",
        title=shown["title"],
        printed=printed,
        day=(report["published_local"] or report["published_at"] or "")[:10],
        url=report["url"],
        captured_at=proof["at"] if proof else shown["seen_at"],
        sha256=(proof["payload_sha256"] if proof else "") or "",
        warc=proof["warc"] if proof else "",
        offset=proof["offset"] if proof else 0,
        version=shown["number"],
        versions=report["versions"],
        captured_by=_by_whom(proof) if proof else origins.NAMES[origins.LIVE],
    )


def _by_whom(proof: dict[str, Any]) -> str:
    """Who made a capture, with the address of the copy of others."""
    return f"{origins.name(proof)} ({proof['source']})" if proof["source"] else origins.name(proof)


def _parts(written: str | None) -> list[str]:
    return [part.strip() for part in (written or "").split(";") if part.strip()]
