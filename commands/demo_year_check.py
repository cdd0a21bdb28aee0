"""Whether the archive of the simulated year says what samples/year/script.py demands, and nothing else."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from archive.schema import connect
from archive.states import CONFIRM_AFTER
from archive.times import from_capture_id, iso, parse
from samples.year.newsroom import wording
from samples.year.script import (
    ENDS,
    EVENTS,
    STORIES,
    Alarm,
    Event,
    Finding,
    Outage,
    Redesign,
    SetClock,
    Story,
    SwitchOff,
    Takedown,
    Version,
)

_DAY = timedelta(days=1)
_CONFIRM = CONFIRM_AFTER


def check(archive: Path, runs: int, refused: list[tuple[datetime, str]]) -> list[str]:
    """What is wrong, a line each. `runs` that were made, and those that were `refused`, as commands.demo_year.Year."""
    with closing(connect(archive)) as connection:
        return [
            *_reports(connection),
            *(failure for story in STORIES for failure in _edits(connection, story)),
            *(failure for story in STORIES for failure in _spells(connection, story)),
            *_unanswered_days(connection),
            *_alarms(connection),
            *_quarantine(connection),
            *_runs(connection, runs),
            *_clock(connection, refused),
            *_pause(connection),
            *_budget(connection),
        ]


def _expected(kind: type[Finding], subject: str) -> list[tuple[Event, Finding]]:
    return [
        (event, finding)
        for event in EVENTS
        if event.subject == subject
        for finding in event.finds
        if isinstance(finding, kind)
    ]


def _reports(connection: sqlite3.Connection) -> Iterator[str]:
    """Each story is one report, under the id of its publication, wherever it moved."""
    (count,) = connection.execute("select count(*) from reports").fetchone()
    if count != len(STORIES):
        yield f"{count} reports, expected {len(STORIES)}"
    for story in STORIES:
        ids = {
            id
            for (id,) in connection.execute(
                "select distinct report from captures where report is not null and url like ?", [_anywhere(story)]
            )
        }
        minute = f"{story.published:%Y%m%d%H%M}"
        if len(ids) != 1 or not str(next(iter(ids))).startswith(minute):
            yield f"{story.key}: its captures belong to the reports {ids}, expected one of {minute}"


def _anywhere(story: Story) -> str:
    return f"%{urlsplit(story.address).path}"


def _report(connection: sqlite3.Connection, story: Story) -> int:
    row = connection.execute("select id from reports where url like ?", [_anywhere(story)]).fetchone()
    return int(row[0]) if row else 0


def _edits(connection: sqlite3.Connection, story: Story) -> Iterator[str]:
    """No version but those of the script, each found by the first look after the edit, with its wording."""
    expected = _expected(Version, story.key)
    report = _report(connection, story)
    found = connection.execute(
        "select id, kinds, title, body from versions where report = ? order by number", [report]
    ).fetchall()
    if len(found) != 1 + len(expected):
        yield f"{story.key}: {len(found)} versions, expected {1 + len(expected)}"
        return
    for (capture, kinds, title, body), (event, finding) in zip(found[1:], expected, strict=True):
        assert isinstance(finding, Version)
        if kinds != finding.kinds:
            yield f"{story.key}: an edit's kinds are {kinds!r}, expected {finding.kinds!r}"
        if (first := _first_look(connection, report, event.at)) != capture:
            yield f"{story.key}: the edit of {event.at} is in capture {capture}, expected {first}"
        expected_title, paragraphs = wording(story, from_capture_id(capture))
        if (title, body) != (expected_title, "\n\n".join(paragraphs)):
            yield f"{story.key}: the wording of capture {capture} is not the script's: {title!r}, {body!r}"


def _first_look(connection: sqlite3.Connection, report: int, after: datetime) -> int | None:
    """The first capture after a time that says something about the report."""
    row = connection.execute(
        "select min(id) from captures where report = ? and at >= ? and outcome in ('report', 'unchanged', 'missing')",
        [report, iso(after)],
    ).fetchone()
    return int(row[0]) if row[0] else None


def _spells(connection: sqlite3.Connection, story: Story) -> Iterator[str]:
    """No spell but those of the script: suspected, confirmed and over by the looks that first could say so."""
    expected = _expected(Takedown, story.key)
    report = _report(connection, story)
    found = connection.execute(
        "select id, state, cause, suspected_at, gone_capture, restored_capture from takedowns where report = ? "
        "order by id",
        [report],
    ).fetchall()
    if [(state, cause) for _, state, cause, *_ in found] != [
        (finding.state, finding.cause) for _, finding in expected if isinstance(finding, Takedown)
    ]:
        yield f"{story.key}: spells {found}, expected {[finding for _, finding in expected]}"
        return
    for (id, state, _, suspected, gone, restored), (event, _) in zip(found, expected, strict=True):
        due = parse(suspected) + _CONFIRM
        confirmed = None if state == "unconfirmed" else _first_look(connection, report, due)
        back = _first_look(connection, report, event.until) if event.until < ENDS else None
        for what, capture, first in (
            ("suspected", id, _first_look(connection, report, event.at)),
            ("gone", gone, confirmed),
            ("back", restored, back),
        ):
            if capture != first:
                yield f"{story.key}: {what} by capture {capture}, expected {first}"


def _unanswered_days(connection: sqlite3.Connection) -> Iterator[str]:
    """Days on which an outlet was asked and answered nothing: those of the script, and no other."""
    expected = {
        (outlet, day)
        for event in EVENTS
        for finding in event.finds
        if isinstance(finding, Outage)
        for outlet in finding.outlets
        for day in finding.days
    }
    found = set(connection.execute("select outlet, day from coverage_days where answered = 0"))
    for outlet, day in sorted(expected ^ found):
        yield f"{outlet} on {day}: {'no' if (outlet, day) in found else 'an'} answer, expected otherwise"


def _alarms(connection: sqlite3.Connection) -> Iterator[str]:
    """The alarms of the script in its order, each raised after what it is about, and over in a week after its end."""
    expected = [(event, finding) for event in EVENTS for finding in event.finds if isinstance(finding, Alarm)]
    found = connection.execute(
        "select kind, outlet, raised_at, cleared_at from alarms order by raised_at, id"
    ).fetchall()
    kinds = [(finding.kind, finding.outlet) for _, finding in expected]
    if [(kind, outlet) for kind, outlet, *_ in found] != kinds:
        yield f"alarms {found}, expected {kinds}"
        return
    for (kind, outlet, raised, cleared), (event, _) in zip(found, expected, strict=True):
        if not event.at - timedelta(hours=1) <= parse(raised) <= event.until + _DAY:
            yield f"alarm {kind} of {outlet}: raised at {raised}, not between {event.at} and {event.until}"
        if event.until < ENDS and (cleared is None or not event.until <= parse(cleared) <= event.until + 8 * _DAY):
            yield f"alarm {kind} of {outlet}: over at {cleared}, expected within a week of {event.until}"


def _quarantine(connection: sqlite3.Connection) -> Iterator[str]:
    """Pages are set aside only while the layout that nobody has described is served."""
    spans = [event for event in EVENTS if isinstance(event.what, Redesign) and event.what.into == "unheard-of"]
    for url, at in connection.execute("select url, at from captures where outcome = 'quarantined'"):
        if not any(event.at <= parse(at) < event.until for event in spans):
            yield f"{url} was quarantined at {at}"


def _runs(connection: sqlite3.Connection, runs: int) -> Iterator[str]:
    """Each run has its row, and none was killed."""
    (count,) = connection.execute("select count(*) from runs").fetchone()
    if count != runs:
        yield f"{count} rows of runs, expected {runs}"
    for run, ended in connection.execute(
        "select id, ended from runs where finished_at is null or ended not like 'finished%'"
    ):
        yield f"run {run} ended as {ended!r}"


def _clock(connection: sqlite3.Connection, refused: list[tuple[datetime, str]]) -> Iterator[str]:
    """Captures stay in order; runs are refused while the clock that was set back is behind the newest."""
    (out_of_order,) = connection.execute(
        "select count(*) from (select at, lag(at) over (order by id) as before from captures) where at < before"
    ).fetchone()
    if out_of_order:
        yield f"{out_of_order} captures are dated before the one that was made before them"
    set_back = next(event for event in EVENTS if isinstance(event.what, SetClock) and event.what.minutes < 0)
    if not refused:
        yield f"no run was refused when the clock was set back at {set_back.at}"
    for at, reason in refused:
        if not set_back.at - timedelta(hours=1) <= at < set_back.at + _DAY or "one of the two is wrong" not in reason:
            yield f"a run was refused at {at}: {reason}"


def _pause(connection: sqlite3.Connection) -> Iterator[str]:
    """Nothing is asked while the machine is off; afterwards each address is caught up with once, not once for each time
    that was missed. Twice at the most: a report that moved is known at both of its addresses."""
    off = next(event for event in EVENTS if isinstance(event.what, SwitchOff))
    begins, ends = iso(off.at), iso(off.until)
    (meanwhile,) = connection.execute(
        "select count(*) from captures where at > ? and at < ?", [begins, ends]
    ).fetchone()
    if meanwhile:
        yield f"{meanwhile} captures while the machine was off"
    for url, count in connection.execute(
        "select canonical, count(*) from captures where at between ? and ? and outcome not in ('robots', 'redirect') "
        "group by canonical having count(*) > 2",
        [ends, iso(off.until + timedelta(minutes=5))],
    ):
        yield f"{url} was asked for {count} times when the machine was on again"
    (caught_up,) = connection.execute(
        "select count(*) from captures where at between ? and ?", [ends, iso(off.until + timedelta(minutes=15))]
    ).fetchone()
    if not caught_up:
        yield f"nothing was asked for when the machine was on again at {off.until}"


def _budget(connection: sqlite3.Connection) -> Iterator[str]:
    """No outlet was asked more often in any 24 hours than its budget allows."""
    for outlet, budget in connection.execute("select id, budget from outlets").fetchall():
        window: deque[datetime] = deque()
        most = 0
        for (at,) in connection.execute("select at from captures where outlet = ? order by id", [outlet]):
            moment = parse(at)
            window.append(moment)
            while window[0] <= moment - _DAY:
                window.popleft()
            most = max(most, len(window))
        if most > budget:
            yield f"{outlet}: {most} requests in 24 hours, its budget is {budget}"
