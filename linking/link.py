"""Reading what is new, and linking it: a few reports or a million, in batches of one transaction each.

Every step gives the same rows whether reports come one by one or all at once: each batch brings up to date whatever
its reports change, their own rows and those of others. What is killed between two batches goes on from there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from archive.transactions import transaction
from grammar.press import Press
from linking.citations import link_citations, newly_collected
from linking.contradictions import link_contradictions
from linking.reading import BATCH, STEPS, forget_other_grammars, read_reports, told
from linking.reprints import link_reprints
from linking.twins import link_twins

Progress = Callable[[str, int, int], None]  # the step, how many reports are done and how many there are


@dataclass(slots=True)
class Linked:
    """What a run did: how many reports it read and each step looked at, and how many are left for the next one."""

    read: int = 0
    looked: dict[str, int] = field(default_factory=dict)
    left: int = 0
    passed_over: list[str] = field(default_factory=list)  # reports on which it failed, and why


def link(
    connection: sqlite3.Connection,
    press: Press,
    may_go_on: Callable[[], bool] = lambda: True,
    progress: Progress = lambda step, done, of: None,
) -> Linked:
    """Read the wordings that wait for it and link their reports. `may_go_on` is asked before each batch; what is left
    waits for the next run. The connection must be the archive's only writer.

    Raises sqlite3.Error (a full disk); what was done before stays, and nothing is half done.
    """
    steps: dict[str, Callable[[Sequence[int]], set[int]]] = {
        "reprints": lambda reports: link_reprints(connection, reports),
        "twins": lambda reports: link_twins(connection, reports),
        "citations": lambda reports: link_citations(connection, reports, press),
        "contradictions": lambda reports: link_contradictions(connection, reports),
    }
    linked = Linked(looked=dict.fromkeys(STEPS, 0))
    forget_other_grammars(connection)
    with transaction(connection):
        newly_collected(connection)
    (waiting,) = connection.execute("select count(*) from unread").fetchone()
    while may_go_on():
        with transaction(connection):
            count = read_reports(connection, press, passed_over=linked.passed_over)
        if not count:
            break
        linked.read += count
        progress("read", linked.read, waiting)
    for number, step in enumerate(STEPS):
        while may_go_on():
            count = _do(connection, step, STEPS[number + 1 :], steps[step], linked.passed_over)
            if not count:
                break
            linked.looked[step] += count
            progress(step, linked.looked[step], linked.looked[step] + _waiting(connection, step))
    linked.left = waiting_reports(connection)
    return linked


def forget(connection: sqlite3.Connection) -> None:
    """Have everything read and linked anew."""
    with transaction(connection):
        connection.execute("delete from statements")
        connection.execute("insert or ignore into unread select id from reports")
        for table in ("citations", "reprints", "twins", "contradictions"):
            connection.execute(f"delete from {table}")


def waiting_reports(connection: sqlite3.Connection) -> int:
    """How many reports wait to be read, or for one of the steps."""
    return int(
        connection.execute(
            "select (select count(*) from unread) + (select count(distinct report) from unlinked "
            "where report not in (select report from unread))"
        ).fetchone()[0]
    )


def _do(
    connection: sqlite3.Connection,
    step: str,
    later: Sequence[str],
    bring_up_to_date: Callable[[Sequence[int]], set[int]],
    passed_over: list[str],
) -> int:
    """One batch of a step; the later ones look again at what it changed. One by one where that fails, to leave out the
    report that it fails on."""
    query = "select report from unlinked where step = ? order by report limit ?"
    batch = [report for (report,) in connection.execute(query, [step, BATCH])]
    try:
        _link(connection, step, batch, later, bring_up_to_date)
    except sqlite3.Error:
        raise
    except Exception:
        for report in batch:
            try:
                _link(connection, step, [report], later, bring_up_to_date)
            except sqlite3.Error:
                raise
            except Exception as error:
                passed_over.append(told(connection, report, error))
                with transaction(connection):
                    _done(connection, step, [report])
    return len(batch)


def _link(
    connection: sqlite3.Connection,
    step: str,
    batch: Sequence[int],
    later: Sequence[str],
    bring_up_to_date: Callable[[Sequence[int]], set[int]],
) -> None:
    if not batch:
        return
    with transaction(connection):
        touched = bring_up_to_date(batch)
        _done(connection, step, batch)
        connection.executemany(
            "insert or ignore into unlinked select ?, id from reports where id = ?",
            [(after, report) for after in later for report in touched],
        )


def _done(connection: sqlite3.Connection, step: str, batch: Sequence[int]) -> None:
    connection.executemany("delete from unlinked where step = ? and report = ?", [(step, report) for report in batch])


def _waiting(connection: sqlite3.Connection, step: str) -> int:
    return int(connection.execute("select count(*) from unlinked where step = ?", [step]).fetchone()[0])
