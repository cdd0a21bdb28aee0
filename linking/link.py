"""Reading what is new, and linking it: a few reports or a million, in batches of one transaction each.

Every step gives the same rows whether reports come one by one or all at once: each batch brings up to date whatever
its reports change, their own rows and those of others. What is killed between two batches goes on from there.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from grammar.press import Press
from linking.citations import link_citations
from linking.contradictions import link_contradictions
from linking.reading import BATCH, STEPS, forget_other_grammars, read_reports
from linking.reprints import link_reprints
from linking.twins import link_twins

logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]  # the step, how many reports are done and how many there are


@dataclass(slots=True)
class Linked:
    """What a run did: how many reports it read, how many each step looked at, and whether time ran out before all was
    done."""

    read: int = 0
    looked: dict[str, int] = field(default_factory=dict)
    out_of_time: bool = False


def link(
    connection: sqlite3.Connection,
    press: Press,
    seconds: float | None = None,
    progress: Progress = lambda step, done, of: None,
) -> Linked:
    """Read the wordings that wait for it and link their reports; for so many seconds at most, after which the rest
    waits for the next run. The connection must be the archive's writer.

    Raises sqlite3.Error (a full disk); what was done before stays, and nothing is half done.
    """
    ends = time.monotonic() + seconds if seconds is not None else float("inf")
    steps: dict[str, Callable[[Sequence[int]], set[int]]] = {
        "reprints": lambda reports: link_reprints(connection, reports),
        "twins": lambda reports: link_twins(connection, reports),
        "citations": lambda reports: link_citations(connection, reports, press),
        "contradictions": lambda reports: link_contradictions(connection, reports),
    }
    linked = Linked(looked=dict.fromkeys(STEPS, 0))
    forget_other_grammars(connection)
    (waiting,) = connection.execute("select count(*) from unread").fetchone()
    while time.monotonic() < ends:
        with _transaction(connection):
            count = read_reports(connection, press)
        if not count:
            break
        linked.read += count
        progress("read", linked.read, waiting)
    for number, step in enumerate(STEPS):
        while time.monotonic() < ends:
            with _transaction(connection):
                count = _do(connection, step, STEPS[number + 1 :], steps[step])
            if not count:
                break
            linked.looked[step] += count
            progress(step, linked.looked[step], linked.looked[step] + _waiting(connection, step))
    linked.out_of_time = bool(waits(connection))
    return linked


def waits(connection: sqlite3.Connection) -> int:
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
) -> int:
    """One batch of a step; the later ones look again at what it changed."""
    batch = [
        report
        for (report,) in connection.execute(
            "select report from unlinked where step = ? order by report limit ?", [step, BATCH]
        )
    ]
    if not batch:
        return 0
    touched = bring_up_to_date(batch)
    connection.executemany("delete from unlinked where step = ? and report = ?", [(step, report) for report in batch])
    connection.executemany(
        "insert or ignore into unlinked select ?, id from reports where id = ?",
        [(after, report) for after in later for report in touched],
    )
    return len(batch)


def _waiting(connection: sqlite3.Connection, step: str) -> int:
    return int(connection.execute("select count(*) from unlinked where step = ?", [step]).fetchone()[0])


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
