"""A simulated year of scheduled runs against the scripted newsroom: the ledger says exactly what happened."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import PROJECT, rows_of

from archive.schema import connect
from archive.times import parse

# Reports, by the first words of their titles.
FERRY, TRAM, GULLS = "Night ferry", "Accident at tram depot", "Delivery drones have taught gulls"
DRONES, SCHOOL, CLOCKS = "The city that lets drones", "望澜新增12所海岛学校", "The clockmaker"


@dataclass(frozen=True)
class Lived:
    folder: Path
    printed: str
    code: int

    def dateline(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(PROJECT / "cli.py"), *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=300
        )

    @property
    def environment(self) -> dict[str, str]:
        return _environment(self.folder)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return kept | {
        "SCRAPY_SETTINGS_MODULE": "samples.year.settings",
        "DATELINE_ARCHIVE": str(folder / "archive.db"),
        "DATELINE_CAPTURES": str(folder / "captures"),
    }


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    folder = tmp_path_factory.mktemp("year")
    done = subprocess.run(
        [sys.executable, "-m", "commands.demo_year"],
        env=_environment(folder),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    return Lived(folder, done.stdout + done.stderr, done.returncode)


@pytest.fixture
def archive(year: Lived) -> Iterator[sqlite3.Connection]:
    with closing(connect(year.folder / "archive.db")) as connection:
        yield connection


def test_the_ledger_says_what_the_script_demands_and_nothing_else(year: Lived) -> None:
    assert "✗" not in year.printed
    assert year.code == 0, year.printed[-3000:]


def test_every_edit_is_a_version_of_its_kind_and_nothing_else_is(archive: sqlite3.Connection) -> None:
    """Sidebars, counters and times that differ at every look, two redesigns and two domain moves are no edits."""
    found = archive.execute(
        "select title, number, kinds from versions where number > 1 order by seen_at, title"
    ).fetchall()
    expected = [
        (FERRY, 2, "sentence removed"),
        (TRAM, 2, "figure changed"),
        (GULLS, 2, "headline"),
        (DRONES, 2, "typo"),
        (DRONES, 3, "figure changed"),
        (DRONES, 4, "figure changed; restored"),
        (SCHOOL, 2, "attribution changed"),  # made during an outage of two days, found after it
        (CLOCKS, 2, "correction notice"),  # in the hour that the machine's zone has twice
    ]
    assert len(found) == len(expected)
    for title, number, kinds in expected:
        assert any((number, kinds) == row[1:] and row[0].startswith(title) for row in found), (title, kinds)


def test_a_stealth_figure_change_is_kept_with_both_figures(archive: sqlite3.Connection) -> None:
    replaced = archive.execute(
        "select was, became from replacements join reports on reports.id = report where title like ?", [f"{TRAM}%"]
    ).fetchall()
    assert replaced == [("42", "45")]


def test_takedowns_are_told_by_cause_and_confirmed_by_a_look_72_hours_later(archive: sqlite3.Connection) -> None:
    spells = archive.execute(
        "select cause, takedowns.state, suspected_at, gone_at from takedowns order by cause"
    ).fetchall()
    assert [(cause, state) for cause, state, *_ in spells] == [
        ("empty-page", "gone"),
        ("front-page", "gone"),
        ("http-404", "restored"),  # the dam: taken down in April, back in September
        ("http-404", "unconfirmed"),  # six hours of a deployment
        ("http-410", "gone"),
        ("soft-404", "gone"),
    ]
    for _, state, suspected, gone in spells:
        assert (gone is None) == (state == "unconfirmed")
        if gone:
            assert (parse(gone) - parse(suspected)).total_seconds() == 72 * 3600  # they are looked at once a day


def test_outages_are_no_takedowns(archive: sqlite3.Connection) -> None:
    """A day of 403, one of 429, two of 404 for everything, two of 503, a login wall, closed connections, no network."""
    days = archive.execute("select outlet, day from coverage_days where answered = 0 order by day").fetchall()
    assert days == [
        ("xinhua", "2027-02-03"),
        ("xinhua", "2027-02-04"),
        ("tnw", "2027-07-14"),
        ("xinhua", "2027-08-09"),
        ("xinhua", "2027-08-10"),
        ("tnw", "2027-11-29"),
        ("tnw", "2027-11-30"),
    ]
    lost = archive.execute(
        "select count(*) from captures where outlet = 'tnw' and outcome = 'missing' and at like '2027-04-2%' "
        "and status = 404"
    ).fetchone()[0]
    assert lost > 1  # answers that would be takedowns, had the whole outlet not given them
    assert archive.execute("select count(*) from takedowns where outlet = 'tnw'").fetchone() == (2,)


def test_moves_keep_the_ids_of_reports(archive: sqlite3.Connection) -> None:
    learned = archive.execute("select from_host, to_host from moves").fetchall()
    assert learned == [("english.news.cn", "en.news.cn")]
    # Eighteen stories are in the script: none got a second id at its second address.
    assert archive.execute("select count(*) from reports").fetchone() == (18,)
    assert archive.execute("select count(distinct report) from captures where report is not null").fetchone() == (18,)
    # A list that moved too still leads to new reports.
    turbine = archive.execute("select first_seen from reports where title like 'Floating wind turbine%'").fetchone()
    assert turbine[0].startswith("2027-10-05")


def test_a_layout_that_stopped_fitting_is_an_alarm_and_its_new_report_is_read_later(
    archive: sqlite3.Connection,
) -> None:
    raised, cleared = archive.execute("select raised_at, cleared_at from alarms where kind = 'layout'").fetchone()
    assert "2027-04-05T12" <= raised < "2027-04-07" and "2027-04-12T06" <= cleared < "2027-04-14"
    kites = archive.execute("select first_seen from reports where title like 'Kites%'").fetchone()
    assert "2027-04-12T06" <= kites[0] < "2027-04-14"


def test_runs_wait_while_the_clock_is_set_back(year: Lived, archive: sqlite3.Connection) -> None:
    refused = re.search(r"2027-11-10 \d\d:30     refused       3 runs, until \d\d:50", year.printed)
    assert refused, "half an hour was behind the newest capture: three runs of a timer of ten minutes"
    times = [at for (at,) in archive.execute("select at from captures order by id")]
    assert times == sorted(times)


def test_rereading_the_captures_gives_the_same_rows(year: Lived) -> None:
    again = year.folder / "again.db"
    done = year.dateline("reread", "--into", str(again))
    assert done.returncode == 0, done.stderr
    with closing(connect(year.folder / "archive.db")) as first, closing(connect(again)) as second:
        rows, remade = rows_of(first), rows_of(second)
    for table in rows.keys() - {"runs", "alarms"}:  # which are not in the captures
        assert remade[table] == rows[table], table
