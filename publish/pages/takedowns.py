"""/takedowns: reports that no longer stood where they were published, what showed it, and those that came back."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from archive import clock
from publish import spells
from publish.asked import day, one
from publish.formats import SPELLS
from publish.pages.edits import key_in, key_of, outlets
from publish.room import BadRequest, read, show
from publish.spells import CAUSES, HOURS, MISSING, Wanted

PAGE = 30
SHOWN = {"missing": MISSING, **{state: (state,) for state in SPELLS}, "all": ()}
NAMES = {
    "missing": "All that are missing",
    **{state: name.capitalize() for state, name in SPELLS.items()},
    "all": "All",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for. `shown` is a key of SHOWN, "" where none is named; `problems` are in words."""

    wanted: Wanted
    shown: str
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Asked:
        """Raises BadRequest for a state or a cause that is none."""
        problems: list[str] = []
        shown, cause = one(arguments, "state"), one(arguments, "cause")
        if shown and shown not in SHOWN:
            raise BadRequest(f"“{shown[:60]}” is no state to choose. Known: {', '.join(SHOWN)}.")
        if cause and cause not in CAUSES:
            raise BadRequest(f"“{cause[:60]}” is no cause to choose. Known: {', '.join(CAUSES)}.")
        wanted = Wanted(
            one(arguments, "outlet")[:100],
            SHOWN.get(shown, ()),
            cause,
            day(arguments, "since", problems),
            day(arguments, "until", problems),
        )
        return cls(wanted, shown, tuple(problems))

    def address(self, path: str = "/takedowns", **changes: str) -> str:
        """The page's own address, with something changed."""
        wanted = self.wanted
        values = {
            "state": self.shown,
            "outlet": wanted.outlet,
            "cause": wanted.cause,
            "since": wanted.since.isoformat() if wanted.since else "",
            "until": wanted.until.isoformat() if wanted.until else "",
        } | changes
        given = {name: value for name, value in values.items() if value}
        return f"{path}?{urlencode(given)}" if given else path


async def view(datasette: Any, request: Any) -> Any:
    asked, after = Asked.of(request.args), request.args.get("after") or ""
    shown = asked.shown or "missing"
    wanted = replace(asked.wanted, states=SHOWN[shown])

    def found(connection: sqlite3.Connection) -> dict[str, Any]:
        page = spells.latest(connection, PAGE + 1, wanted, key_in(after))
        return {
            "spells": page[:PAGE],
            "next": key_of(page[PAGE - 1]["suspected_at"], page[PAGE - 1]["spell"]) if len(page) > PAGE else "",
            "numbers": spells.numbers(connection, wanted),
            "outlets": outlets(connection),
        }

    def url(path: str = "/takedowns", **changes: str) -> str:
        return str(datasette.urls.path(asked.address(path, **changes)))

    told = await read(datasette, found)
    numbers = told["numbers"]
    now = clock.now()
    return await show(
        datasette, request, "takedowns", asked=asked, wanted=wanted, after=after, shown=shown, hours=HOURS, url=url,
        causes=CAUSES, problems=asked.problems, duration=spells.duration,
        next_look=lambda spell: spells.when_next(spell["due_at"], now),
        choices=[
            (value, name, sum(numbers.get(state, 0) for state in SHOWN[value] or SPELLS))
            for value, name in NAMES.items()
        ],
        **told,
    )  # fmt: skip


def newest_missing(connection: sqlite3.Connection, limit: int) -> list[dict[str, Any]]:
    """The reports that went last and are missing still."""
    return spells.latest(connection, limit, Wanted(states=MISSING))


def number_missing(connection: sqlite3.Connection, outlet: str = "") -> int:
    """How many reports (of an outlet) were not found at the last look."""
    row = connection.execute(
        """select count(*) from reports indexed by reports_missing
        where state <> 'live' and state <> 'restored' and ? in ('', outlet)""",
        [outlet],
    ).fetchone()
    return int(row[0])
