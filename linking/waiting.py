"""Which reports a story may rest on, and which stories a report that comes late may be the source of: the same question
from both sides, so that the answer does not depend on who came first.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from archive.report_ids import first_id, last_id, time_of
from linking.evidence import COMMON_NAMES
from linking.texts import Text, Texts

MOST_DAYS = 400  # of a window: "in 2010, Xinhua reported"
_FEW = 40  # reports of an outlet in its days: then each of them may be the one, without a figure or name in common

# A reason by which another report may change what a story was linked to without sharing anything with it.
AMONG_FEW = "among few"  # of a link: nothing but the words in common
_MAY_CHANGE = ("nothing held", "not collected", "several fit", AMONG_FEW)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A story that names a report's outlet in its days; `surely`: to be looked at again whatever the report says."""

    story: int
    surely: bool


class Neighbours:
    """Of the reports of one batch. `kinds` are of the outlets by id."""

    def __init__(self, connection: sqlite3.Connection, texts: Texts) -> None:
        self._connection = connection
        self._texts = texts
        self.kinds: dict[str, str] = dict(connection.execute("select id, kind from outlets"))
        self._waiting: dict[tuple[str, str], list[_Waiting]] = {}
        self._fews: dict[tuple[str, int, int], list[int] | None] = {}

    def stories_waiting_for(self, reports: Iterable[int]) -> set[int]:
        """The stories whose citations may change with these reports: that cite one, link to it, or name its outlet in
        its days and share a value or a name with it."""
        stories: set[int] = set()
        for report in reports:
            stories |= self._column("select report from citations where cited = ?", report)
            stories |= self._column(
                "select citations.report from captures join citations on target = canonical where captures.report = ? "
                "and target <> ''",
                report,
            )
            text = self._texts.of(report)
            if text is None:
                continue
            waiting = self._waiting_in(text.outlet, f"{time_of(report):%Y-%m-%d}")
            maybe = {each.story for each in waiting if not each.surely} - stories
            stories |= {each.story for each in waiting if each.surely}
            if maybe - stories:
                last = last_id(time_of(report).date() + timedelta(days=MOST_DAYS))
                sharing = self.sharing(text, first_id(time_of(report).date() - timedelta(days=2)), last)
                stories |= maybe & sharing.keys()
        return stories

    def _waiting_in(self, outlet: str, day: str) -> list[_Waiting]:
        """The stories that name an outlet, or state media, in whose window a day lies."""
        if (outlet, day) not in self._waiting:
            latest = f"{date.fromisoformat(day) + timedelta(days=MOST_DAYS):%Y-%m-%d}"
            self._waiting[outlet, day] = [
                _Waiting(
                    story,
                    reason in _MAY_CHANGE
                    or self.few(named, first_id(date.fromisoformat(from_day)), last_id(date.fromisoformat(to_day)))
                    is not None,
                )
                for named in ((outlet, "") if self.kinds.get(outlet) == "state" else (outlet,))
                for story, reason, from_day, to_day in self._connection.execute(
                    "select distinct report, reason, from_day, to_day from citations "
                    "where outlet = ? and to_day between ? and ? and from_day <= ?",
                    [named, day, latest, day],
                )
            ]
        return self._waiting[outlet, day]

    def few(self, named: str, first: int, last: int) -> list[int] | None:
        """The reports of an outlet, or of state media, in a range of ids where they are few."""
        if (named, first, last) not in self._fews:
            found: list[int] = []
            for outlet in [named] if named else [id for id, kind in self.kinds.items() if kind == "state"]:
                found += self._column(
                    "select id from reports where outlet = ? and id between ? and ? limit ?",
                    outlet, first, last, _FEW + 1,
                )  # fmt: skip
            self._fews[named, first, last] = sorted(found) if len(found) <= _FEW else None
        return self._fews[named, first, last]

    def sharing(self, text: Text, first: int, last: int) -> Counter[int]:
        """How much reports of a range of ids share with a text: a distinctive value counts 3, a name 1."""
        shared: Counter[int] = Counter()
        for value in sorted(text.values):
            for (report,) in self._connection.execute(
                "select distinct report from figures where latest and value = ? and report between ? and ?",
                [value, first, last],
            ):
                shared[report] += 3
        for key in text.names:
            if key not in COMMON_NAMES:
                for (report,) in self._connection.execute(
                    "select report from names where key = ? and report between ? and ?", [key, first, last]
                ):
                    shared[report] += 1
        del shared[text.id]
        return shared

    def _column(self, query: str, *values: object) -> set[int]:
        return {value for (value,) in self._connection.execute(query, values)}
