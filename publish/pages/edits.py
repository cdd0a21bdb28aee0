"""/edits: what was changed after publication, newest first, narrowed by who, when, and what kind of change."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from archive.edits import KINDS
from publish.asked import day, one
from publish.room import BadRequest, read, rows, show
from publish.wording import edit_in_a_line

PAGE = 30
_AFTER = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\.(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which edits: of an outlet, in a language, of any of some kinds (none: of whatever kind), with a term that came
    or went, and seen between two days, both included."""

    outlet: str = ""
    language: str = ""
    kinds: tuple[str, ...] = ()
    words: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, arguments: Any, problems: list[str]) -> Wanted:
        """What an address asks for. Raises BadRequest for a kind that is none."""
        kinds = arguments.getlist("kind")
        for kind in kinds:
            if kind and kind not in KINDS:
                raise BadRequest(f"“{kind[:60]}” is no kind of change. Known: {', '.join(KINDS)}.")
        return cls(
            one(arguments, "outlet")[:100],
            one(arguments, "language")[:100],
            tuple(kind for kind in KINDS if kind in kinds),
            one(arguments, "words")[:100],
            day(arguments, "since", problems),
            day(arguments, "until", problems),
        )

    @property
    def is_everything(self) -> bool:
        return self == Wanted()

    def address(self, path: str = "/edits", after: str = "") -> str:
        given: list[tuple[str, str]] = [
            ("outlet", self.outlet),
            ("language", self.language),
            *(("kind", kind) for kind in self.kinds),
            ("words", self.words),
            ("since", self.since.isoformat() if self.since else ""),
            ("until", self.until.isoformat() if self.until else ""),
            ("after", after),
        ]
        query = urlencode([(name, value) for name, value in given if value])
        return f"{path}?{query}" if query else path

    def rows(self, kinds: bool = True) -> tuple[str, dict[str, str]]:
        """The tables of the edits wanted and their condition, as SQL with its values; `kinds`: narrowed by these too.
        All but the terms is in indexes: no text is read."""
        tables, parts, values = "versions indexed by versions_edits", ["number > 1"], dict[str, str]()
        if self.outlet or self.language:
            tables += " cross join reports on reports.id = versions.report"
        for name, value, sql in (
            ("outlet", self.outlet, "reports.outlet = :outlet"),
            ("language", self.language, "reports.language = :language"),
            ("since", self.since and self.since.isoformat(), "seen_at >= :since"),
            ("until", self.until and (self.until + timedelta(1)).isoformat(), "seen_at < :until"),
            ("words", self.words and f"%{_ANY.sub(_literal, self.words)}%", _TERM),
        ):
            if value:
                parts.append(sql)
                values[name] = value
        if kinds and self.kinds:
            each = {f"kind{number}": f"; {kind};" for number, kind in enumerate(self.kinds)}
            parts.append(f"({' or '.join(f'''instr('; ' || kinds || ';', :{name})''' for name in each)})")
            values |= each
        return f"{tables} where {' and '.join(parts)}", values


_ANY = re.compile(r"[%_\\]")
_TERM = r"""exists (select 1 from replacements where version = versions.id
    and (was like :words escape '\' or became like :words escape '\'))"""


def _literal(found: re.Match[str]) -> str:
    return f"\\{found[0]}"


async def view(datasette: Any, request: Any) -> Any:
    problems: list[str] = []
    wanted, after = Wanted.of(request.args, problems), request.args.get("after") or ""

    def found(connection: sqlite3.Connection) -> dict[str, Any]:
        edits = latest_edits(connection, PAGE + 1, wanted, after)
        total, kinds = numbers(connection, wanted)
        return {
            "edits": edits[:PAGE],
            "next": key_of(edits[PAGE - 1]["seen_at"], edits[PAGE - 1]["version"]) if len(edits) > PAGE else "",
            "total": total,
            "kinds": [(kind, kinds[kind], kind in wanted.kinds) for kind in KINDS],
            "outlets": outlets(connection),
            "languages": languages(connection),
        }

    def url(path: str = "/edits", after: str = "") -> str:
        return str(datasette.urls.path(wanted.address(path, after)))

    return await show(
        datasette, request, "edits", wanted=wanted, after=after, problems=problems, url=url,
        **await read(datasette, found),
    )  # fmt: skip


def latest_edits(
    connection: sqlite3.Connection, limit: int, wanted: Wanted = Wanted(), after: str = ""
) -> list[dict[str, Any]]:
    """Versions that are no first ones, newest first, each with its report's columns for room.line(), the version
    before, and `runs`: what changed, in a line. Raises BadRequest for an `after` that is none of ours."""
    seen_at, version = key_in(after)
    chosen, values = wanted.rows()
    found = rows(
        connection,
        f"""with page as materialized (
            select versions.id from {chosen} and (seen_at, versions.id) < (:before_at, :before)
            order by seen_at desc, versions.id desc limit :limit)
        select {EDIT} from page join versions as latest on latest.id = page.id {OF_EDIT}
        order by latest.seen_at desc, latest.id desc""",
        {**values, "before_at": seen_at, "before": version, "limit": limit},
    )
    return [in_a_line(edit) for edit in found]


# What is shown of an edit, the version `latest`.
EDIT = """reports.id, reports.title, reports.language, reports.outlet, outlets.title_en as outlet_title, kind, state,
    reports.versions, published_at, published_precision, latest.id as version, latest.number, latest.seen_at,
    latest.added, latest.removed, latest.kinds, latest.title as new_title, latest.body as new_body,
    before.title as old_title, before.body as old_body"""
OF_EDIT = """join versions as before on before.report = latest.report and before.number = latest.number - 1
    join reports on reports.id = latest.report join outlets on outlets.id = reports.outlet"""


def in_a_line(edit: dict[str, Any]) -> dict[str, Any]:
    """An edit without its texts, with its `kinds` apart and `runs`: what changed, in a line."""
    before, after = (edit.pop("old_title"), edit.pop("old_body")), (edit.pop("new_title"), edit.pop("new_body"))
    return edit | {
        "kinds": [kind for kind in edit["kinds"].split("; ") if kind],
        "runs": edit_in_a_line(before, after),
    }


def numbers(connection: sqlite3.Connection, wanted: Wanted) -> tuple[int, Counter[str]]:
    """How many edits are wanted; and how many of each kind there are, whatever kinds are wanted. An edit can be of
    several kinds."""
    chosen, values = wanted.rows(kinds=False)
    total, kinds = 0, Counter[str]()
    for joined, edits in connection.execute(f"select kinds, count(*) from {chosen} group by kinds", values):
        of_it = joined.split("; ")
        for kind in of_it:
            kinds[kind] += edits
        if not wanted.kinds or set(of_it) & set(wanted.kinds):
            total += edits
    return total, kinds


def number_of_edits(connection: sqlite3.Connection) -> int:
    row = connection.execute("select count(*) from versions indexed by versions_edits where number > 1").fetchone()
    return int(row[0])


def outlets(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Every outlet: id, title, kind; state media first."""
    return rows(connection, "select id, title_en as title, kind from outlets order by kind = 'secondary', title_en")


def languages(connection: sqlite3.Connection) -> list[str]:
    """The languages of which reports are held."""
    return [code for (code,) in connection.execute("select distinct language from holdings_months order by language")]


def key_of(at: str, id: int) -> str:
    """Where a page ends, for `after`."""
    return f"{at}.{id}"


def key_in(after: str) -> tuple[str, int]:
    """The time and id that `after` holds, or those before which everything lies. Raises BadRequest."""
    if not after:
        return "9999", 0
    written = _AFTER.fullmatch(after)
    if written is None:
        raise BadRequest(f"“{after[:60]}” is not where a page ends. Begin at the first page.")
    return written[1], int(written[2])
