"""Spells in which a report was missing, made from all looks at it: the table `takedowns`.

A look that found it missing counts only if it was ours, and if the outlet was otherwise well: a server that answers 404
for everything, or sends every reader to its front page, has an outage. `Neighbours` says whether it was. That others
found a page missing says nothing: their crawler may have been turned away, and what else it saw is not known. That they
found it there is proof, and ends a spell.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.schedule import LAST_RUNG, UNREAD
from archive.states import Look, Spell, spells, state_after
from archive.times import from_capture_id, iso, parse
from items import Capture

# So many other reports must have been there in the same crawl, or as many as were missing where these are fewer: one
# page can come out of a cache, five do not while the server has lost the rest.
NEIGHBOURS = 5
# Looks before a report was first read were none at it: what was not there then was not taken down.
_KNOWN = "exists (select 1 from readings where readings.report = captures.report and readings.capture < captures.id)"
# A look found the report when it was read, or when it was said to be as it was last read: not when what it is said to
# be like was a page that says that it is gone, or is not known.
_MISSING = f"""(captures.origin = 'live' and {_KNOWN}
    and (captures.outcome = 'missing' or captures.outcome = 'unchanged' and before.outcome = 'missing'))"""
_THERE = f"""(captures.outcome = 'report'
    or captures.outcome = 'unchanged' and before.outcome = 'report' and {_KNOWN})"""
_LOOKS = "captures left join captures as before on captures.outcome = 'unchanged' and before.id = captures.revisit_of"
_AMONG = "captures.crawl = :crawl and captures.outlet = :outlet"


@dataclass(frozen=True, slots=True)
class Group:
    """Captures that are judged together: those of a crawl of ours."""

    outlet: str
    crawl: str

    @property
    def values(self) -> dict[str, object]:
        return {"outlet": self.outlet, "crawl": self.crawl}


class Neighbours:
    """Whether an outlet was otherwise well when a report was missing. It asks once about each crawl: make a new one
    for each batch of captures."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._vouched: dict[Group, bool] = {}

    def vouch(self, group: Group) -> bool:
        """Whether enough other reports were there among these captures, one of them after the last that was missing.
        Where the outlet has no other report that could be asked, a list that was answered is enough."""
        if group not in self._vouched:
            lacking, alone = self._judge(group)
            self._vouched[group] = self._list_answered(group) if alone else not lacking
        return self._vouched[group]

    def lacking(self, group: Group) -> int:
        """How many sound neighbours are still wanted; 0 too where there is none that could be asked."""
        lacking, alone = self._judge(group)
        return 0 if alone else lacking

    def _judge(self, group: Group) -> tuple[int, bool]:
        """How many are wanted, and whether there is no other report that could be asked."""
        looks = missing_looks(self.connection, group)
        began = min((capture for capture, _, _ in looks), default=0)
        # That a report which was gone before is still missing is neither news nor the sign of an outage.
        looks = [look for look in looks if not self._was_gone(look[1], began)]
        if not looks:
            return 0, False
        missing = {report for _, report, _ in looks}
        last = max(capture for capture, _, _ in looks)
        wanted = min(len(missing), NEIGHBOURS)
        there, after = self._there(group, missing, wanted, last)
        if there < wanted:
            others = self._others(group.outlet, missing, began, last)
            if others == 0 and len(missing) == 1:
                return 1, True
            if others + len(missing) <= NEIGHBOURS:  # of an outlet that is so small, all others that there are
                wanted = min(wanted, max(1, others))
        return max(wanted - there, 0 if after else 1), False

    def _was_gone(self, report: int, capture: int) -> bool:
        row = self.connection.execute(
            "select 1 from takedowns where report = ? and gone_capture < ? and coalesce(restored_capture, ?) >= ?",
            [report, capture, capture, capture],
        ).fetchone()
        return row is not None

    def _there(self, group: Group, missing: set[int], enough: int, last: int) -> tuple[int, bool]:
        """How many others were there, `enough` at most, and whether one was after the capture `last`."""
        found: set[int] = set()
        after = False
        for outcome in ("report", "unchanged"):
            for capture, report in self.connection.execute(
                f"select captures.id, captures.report from {_LOOKS} where {_AMONG} and captures.outcome = :outcome "
                f"and captures.report is not null and {_THERE} order by captures.id desc",
                {**group.values, "outcome": outcome},
            ):
                if report not in missing:
                    found.add(report)
                    after = after or capture > last
                if len(found) >= enough and (after or capture < last):
                    break
        return min(len(found), enough), after

    def _others(self, outlet: str, missing: set[int], began: int, last: int) -> int:
        """How many other reports we had read by then that were not gone, NEIGHBOURS at most."""
        passed_over = set(missing)
        count = 0
        # By our own captures, the newest first: of most reports only others may have any.
        for (report,) in self.connection.execute(
            "select report from captures where outlet = ? and origin = 'live' and at <= ? and outcome = 'report' "
            "and report is not null order by at desc",
            [outlet, iso(from_capture_id(last))],
        ):
            if report not in passed_over:
                passed_over.add(report)
                count += not self._was_gone(report, began)
            if count == NEIGHBOURS:
                break
        return count

    def _list_answered(self, group: Group) -> bool:
        row = self.connection.execute(
            f"""select 1 from captures where {_AMONG} and (outcome = 'listing' or outcome = 'unchanged'
                and exists (select 1 from checks where url = canonical and kind = 'listing')) limit 1""",
            group.values,
        ).fetchone()
        return row is not None


def missing_looks(connection: sqlite3.Connection, group: Group) -> list[tuple[int, int, str]]:
    """Looks among these captures that found a known report missing: (capture, report, canonical address) each."""
    found: list[tuple[int, int, str]] = []
    for outcome in ("missing", "unchanged"):
        found += connection.execute(
            f"select captures.id, captures.report, captures.canonical from {_LOOKS} where {_AMONG} "
            f"and captures.outcome = :outcome and captures.report is not null and {_MISSING}",
            {**group.values, "outcome": outcome},
        ).fetchall()
    return found


def missing_in(connection: sqlite3.Connection, crawl: str) -> list[tuple[int, int, str]]:
    """The same for a whole crawl; none for one of a web archive's captures, which are no looks of ours."""
    row = connection.execute("select outlet, origin from captures where crawl = ? limit 1", [crawl]).fetchone()
    return missing_looks(connection, Group(row[0], crawl)) if row and row[1] == "live" else []


def judged_with(connection: sqlite3.Connection, captures: Iterable[Capture]) -> list[set[int]]:
    """Reports whose looks must be judged anew since these captures came: those beside looks that rest on a reading
    which only comes now. Crawl by crawl, since what was gone before tells nothing of an outage."""
    read = [capture for capture in captures if capture.outcome == "report"]
    ids = json.dumps([capture.id for capture in read])
    began: dict[Group, int] = {}
    for reading in read:
        # A look at a report that was known before, by another reading, is what it was.
        for capture, crawl in connection.execute(
            """select id, crawl from captures where report = (select report from readings where capture = :capture)
                and id > :capture and origin = 'live' and outcome in ('missing', 'unchanged')
                and not exists (select 1 from readings where readings.report = captures.report
                    and readings.capture < captures.id
                    and readings.capture not in (select value from json_each(:ids)))""",
            {"capture": reading.id, "ids": ids},
        ):
            group = Group(reading.outlet, crawl)
            began[group] = min(capture, began.get(group, capture))
    return [
        {report for _, report, _ in missing_looks(connection, group)}
        for group in sorted(began, key=lambda each: began[each])
    ]


def witnesses(connection: sqlite3.Connection, outlet: str, before: datetime, limit: int) -> list[str]:
    """Canonical addresses of reports that were there at their last look, which was before a time: the youngest rungs of
    the re-visit ladder first, and of each the ones that were looked at last."""
    found: list[str] = []
    for rung in range(UNREAD + 1, LAST_RUNG + 1):
        rows = connection.execute(
            """select url from checks where outlet = ? and kind = 'report' and rung = ? and due_at is not null
            and last_outcome in ('report', 'unchanged') and last_at < ? order by due_at desc limit ?""",
            [outlet, rung, iso(before), limit - len(found)],
        )
        found += [url for (url,) in rows]
        if len(found) == limit:
            break
    return found


# Spells


def condition(
    connection: sqlite3.Connection, report: int, confirm_after: timedelta, neighbours: Neighbours | None = None
) -> tuple[str, datetime]:
    """A report's state and when we last looked at it, from all looks at it; the last time at which others did, where we
    never have."""
    (at,) = connection.execute(
        """select coalesce(
            (select at from captures where report = :report and origin = 'live' order by id desc limit 1),
            (select at from captures where report = :report order by id desc limit 1))""",
        {"report": report},
    ).fetchone()
    return state_after(_spells(connection, report, confirm_after, neighbours)), parse(at)


def write(
    connection: sqlite3.Connection, report: int, confirm_after: timedelta, neighbours: Neighbours | None = None
) -> None:
    """Write the report's spells anew, where they are not as they should be."""
    about = connection.execute("select outlet from reports where id = ?", [report]).fetchone()
    if about is None:  # only its id is kept, for an archive that is made anew: a later reading writes the rest
        return
    found = [
        _row(connection, report, about[0], spell)
        for spell in _spells(connection, report, confirm_after, neighbours)
    ]  # fmt: skip
    if connection.execute("select * from takedowns where report = ? order by id", [report]).fetchall() != found:
        connection.execute("delete from takedowns where report = ?", [report])
        connection.executemany(f"insert into takedowns values ({', '.join('?' * 13)})", found)


def _spells(
    connection: sqlite3.Connection, report: int, confirm_after: timedelta, neighbours: Neighbours | None
) -> list[Spell]:
    # Nearly every report was there at each of our looks, and they need not be read.
    if not connection.execute(
        "select 1 from captures where report = ? and outcome = 'missing' and origin = 'live' limit 1", [report]
    ).fetchone():
        return []
    return spells(_looks(connection, report, neighbours or Neighbours(connection)), confirm_after)


def _looks(connection: sqlite3.Connection, report: int, neighbours: Neighbours) -> Iterator[Look]:
    """The looks that prove something. Of a story in several pages these are the looks at its first."""
    rows = connection.execute(
        f"""select captures.id, captures.at, captures.crawl, captures.outlet, {_MISSING},
            coalesce(captures.cause, before.cause, 'http-' || captures.status)
        from {_LOOKS} left join readings on readings.capture = captures.id
        where captures.report = :report and ({_MISSING} or {_THERE}
            and coalesce(part, 0) <= (select min(part) from readings where report = :report))""",
        {"report": report},
    ).fetchall()
    for capture, at, crawl, outlet, missing, cause in rows:
        if not missing:
            yield Look(parse(at), "report", capture)
        elif neighbours.vouch(Group(outlet, crawl)):
            yield Look(parse(at), "missing", capture, cause)


def _row(connection: sqlite3.Connection, report: int, outlet: str, spell: Spell) -> tuple[object, ...]:
    last_good = connection.execute(
        "select capture from readings where report = ? and capture < ? order by part, capture desc limit 1",
        [report, spell.first.capture],
    ).fetchone()
    confirmed, back = spell.confirmed, spell.back
    return (
        spell.first.capture,
        report,
        outlet,
        spell.state,
        spell.first.cause,
        iso(spell.first.at),
        iso(spell.last.at),
        spell.looks,
        iso(confirmed.at) if confirmed else None,
        confirmed.capture if confirmed else None,
        iso(back.at) if back else None,
        back.capture if back else None,
        last_good[0] if last_good else None,
    )
