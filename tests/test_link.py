"""Linking a few reports at a time gives what linking them all at once does; what is interrupted goes on."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from stories import Linked, rows, story
from test_citations import ARRESTS, FLOOD, ZHE

import linking.link
import linking.reading
from archive.lock import WriterLock
from archive.schema import open_archive
from benchmarks.labelled import Pool, pools
from benchmarks.story_archive import StoryArchive
from cli import main
from grammar.passage import Passage
from grammar.press import Press
from items import Statements
from linking.link import forget, link, waiting_reports
from linking.reading import forget_other_grammars

PROJECT = Path(__file__).resolve().parents[1]
STORY = story(
    "s", "tnw", "A crackdown in China",
    "Chinese police detained 8,934 suspects of fraud and broke up 740 gangs, Xinhua reported.", hours=20,
)  # fmt: skip


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[Linked]:
    made = Linked(tmp_path, ARRESTS, ZHE, FLOOD, STORY)
    yield made
    made.connection.close()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_any_batches_give_the_same_rows(
    language: str, seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(linking.link, "BATCH", chance.choice([1, 3, 50]))
    connection = open_archive(tmp_path / "archive.db")
    archive = StoryArchive(connection, chance.sample(pools(language, "dev"), 14))
    todo = [(pool, each) for pool in archive.pools for each in pool.reports.values()]
    chance.shuffle(todo)
    while todo:
        count = chance.randint(1, 9)
        archive._write(todo[:count])
        del todo[:count]
        if chance.random() < 0.7:
            link(connection, archive.press)
    link(connection, archive.press)
    bit_by_bit = rows(connection)
    assert bit_by_bit["citations"] and bit_by_bit["names"]
    monkeypatch.setattr(linking.link, "BATCH", 200)
    forget(connection)
    link(connection, archive.press)
    assert rows(connection) == bit_by_bit
    connection.close()


def test_nothing_is_done_twice(linked: Linked) -> None:
    before = linked.connection.total_changes
    done = link(linked.connection, linked.archive.press)
    assert (done.read, done.left, set(done.looked.values())) == (0, 0, {0})
    assert linked.connection.total_changes == before


def test_what_fails_half_way_leaves_nothing_half_done(linked: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = linked.rows()
    forget(linked.connection)
    monkeypatch.setattr(linking.link, "BATCH", 1)
    calls = []

    def failing(connection: sqlite3.Connection, reports: Sequence[int], press: Press) -> set[int]:
        calls.append(reports)
        if len(calls) == 3:
            raise sqlite3.OperationalError("database or disk is full")
        return real(connection, reports, press)

    real = linking.link.link_citations
    monkeypatch.setattr(linking.link, "link_citations", failing)
    with pytest.raises(sqlite3.OperationalError, match="disk is full"):
        link(linked.connection, linked.archive.press)
    assert not linked.connection.in_transaction
    assert waiting_reports(linked.connection)
    monkeypatch.setattr(linking.link, "link_citations", real)
    link(linked.connection, linked.archive.press)
    assert linked.rows() == whole


def test_one_text_on_which_a_rule_fails_stops_nothing(linked: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    real = linking.reading.read_statements

    def failing(passage: Passage, *rest: object) -> Statements:
        if "Floods" in passage.text:
            raise IndexError("pop from an empty list")
        return real(passage, *rest)  # type: ignore[arg-type]

    forget(linked.connection)
    monkeypatch.setattr(linking.reading, "read_statements", failing)
    done = link(linked.connection, linked.archive.press)
    assert done.passed_over == [f"{FLOOD.url}: IndexError: pop from an empty list"]
    assert (done.read, done.left) == (4, 0)
    assert linked.citations("s")[0][0] == "a"
    monkeypatch.setattr(linking.reading, "read_statements", real)
    assert link(linked.connection, linked.archive.press).read == 0  # until there is another grammar
    linked.connection.execute("update statements set grammar = grammar - 1 where report = ?", [linked.id("b")])
    assert link(linked.connection, linked.archive.press).passed_over == []


def test_a_rule_that_fails_on_all_is_an_error_and_loses_nothing(
    linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> Statements:
        raise ValueError("units.tsv:42: key 'terawatt-hour' stands there already")

    forget(linked.connection)
    monkeypatch.setattr(linking.reading, "read_statements", failing)
    with pytest.raises(ValueError, match="terawatt-hour"):
        link(linked.connection, linked.archive.press)
    assert linked.connection.execute("select count(*) from unread").fetchone() == (4,)


def test_a_step_that_fails_on_one_report_goes_on_with_the_others(
    linked: Linked, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, flood = linking.link.link_twins, linked.id("b")

    def failing(connection: sqlite3.Connection, reports: Sequence[int]) -> set[int]:
        if flood in reports:
            raise ZeroDivisionError("division by zero")
        return real(connection, reports)

    forget(linked.connection)
    monkeypatch.setattr(linking.link, "link_twins", failing)
    done = link(linked.connection, linked.archive.press)
    assert done.passed_over == [f"{FLOOD.url}: ZeroDivisionError: division by zero"]
    assert done.left == 0 and linked.connection.execute("select count(*) from twins").fetchone() == (1,)


def test_it_stops_when_told_to_and_says_what_is_left(linked: Linked) -> None:
    whole = linked.rows()
    forget(linked.connection)
    asked = iter([True, False])
    done = link(linked.connection, linked.archive.press, lambda: next(asked, False))
    assert (done.read, done.left) == (4, 4)
    assert link(linked.connection, linked.archive.press).left == 0
    assert linked.rows() == whole


def test_a_report_that_goes_takes_its_rows_with_it(linked: Linked) -> None:
    report = linked.id("a")
    connection = linked.connection
    connection.execute("begin")
    for table in ("readings", "replacements", "versions", "takedowns"):
        connection.execute(f"delete from {table} where report = ?", [report])
    connection.execute("delete from reports where id = ?", [report])
    connection.execute("commit")
    linked.link()
    assert connection.execute("pragma foreign_key_check").fetchall() == []
    for table in ("figures", "attributions", "mentions", "quotes", "names", "statements", "sketches", "sketch_hashes"):
        assert connection.execute(f"select count(*) from {table} where report = ?", [report]).fetchone() == (0,), table
    assert connection.execute("select count(*) from twins").fetchone() == (0,)
    assert linked.citations("s")[0][0] == "z"  # the edition in the other language is what is left
    bit_by_bit = linked.rows()
    forget(connection)
    linked.link()
    assert linked.rows() == bit_by_bit


def test_what_another_grammar_read_is_read_again(linked: Linked) -> None:
    linked.connection.execute("update statements set grammar = grammar - 1 where report = ?", [linked.id("a")])
    linked.connection.execute("update figures set noun_key = 'sheep' where report = ?", [linked.id("a")])
    assert forget_other_grammars(linked.connection) == 1
    linked.link()
    assert linked.connection.execute("select count(*) from figures where noun_key = 'sheep'").fetchone() == (0,)


@pytest.mark.parametrize("change", ["published_local = '2024-02-01T00:00:00'", "source_label = 'Source: TASS'"])
def test_a_report_that_is_described_otherwise_is_read_again(linked: Linked, change: str) -> None:
    linked.connection.execute(f"update reports set {change} where id = ?", [linked.id("a")])
    assert linked.connection.execute("select report from unread").fetchall() == [(linked.id("a"),)]
    linked.link()
    assert waiting_reports(linked.connection) == 0


def test_an_outlet_that_is_collected_from_now_on_is_no_longer_called_not_collected(tmp_path: Path) -> None:
    told = story("s", "tnw", "Trains", "TASS reported that 8,934 trains run.", hours=3)
    linked = Linked(tmp_path, ARRESTS, told)
    assert linked.citations("s")[0][2] == "not collected"
    linked.connection.execute(
        "insert into outlets (id, title_en, title_local, country, languages, kind, control, owner, timezone, aliases, "
        "domains) values ('tass', 'TASS', 'ТАСС', 'RU', 'ru', 'state', '', '', 'UTC', '', '[]')"
    )
    linked.link()
    assert linked.citations("s")[0][2] == "nothing held"
    linked.connection.close()


def _cli(archive: Path, *arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    environment = {"DATELINE_ARCHIVE": str(archive), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [sys.executable, str(PROJECT / "cli.py"), "link", *arguments],
        env=environment, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_the_command_links_what_is_new_and_then_says_that_nothing_is(linked: Linked, tmp_path: Path) -> None:
    forget(linked.connection)
    linked.connection.close()
    first = _cli(tmp_path / "archive.db")
    assert (first.returncode, first.stdout) == (0, "4 reports were read for what they state, 4 linked.\n"), first.stderr
    second = _cli(tmp_path / "archive.db")
    assert (second.returncode, second.stdout) == (0, "Nothing is new to link.\n")
    assert "4 reports were read" in _cli(tmp_path / "archive.db", "--anew").stdout


def test_another_process_at_work_is_no_failure(tmp_path: Path) -> None:
    lock = WriterLock(tmp_path / "archive.db")
    try:
        done = _cli(tmp_path / "archive.db")
    finally:
        lock.release()
    assert done.returncode == 75
    assert "Nothing was begun" in done.stderr


def test_a_wrong_argument_is_refused() -> None:
    result = CliRunner().invoke(main, ["link", "--seconds", "0"])
    assert result.exit_code == 2
    assert "--seconds" in result.output


def _many(folder: Path, count: int) -> Path:
    """An archive of reports that are copies and stories of each other, unlinked."""
    connection = open_archive(folder / "archive.db")
    stories = [
        story(
            f"{number}", "xinhua" if number % 3 else "tnw", f"Police detain {number + 1000:,}",
            f"Chinese police detained {number + 1000:,} suspects of fraud and broke up {number + 40} gangs in Hunan, "
            + ("Xinhua reported." if number % 3 == 0 else "the Ministry of Public Security said."),
            f"They removed {number * 7 + 2000:,} messages.", hours=number / 4,
        )
        for number in range(count)
    ]  # fmt: skip
    pool = Pool("pool", "dev", {each.key: each for each in stories}, (), (), ())
    StoryArchive(connection, [pool])._write([(pool, each) for each in stories])
    connection.close()
    return folder / "archive.db"


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_run_goes_on_where_it_was(end: signal.Signals, tmp_path: Path) -> None:
    archive = _many(tmp_path, 700)
    command = [sys.executable, str(PROJECT / "cli.py"), "link"]
    environment = {"DATELINE_ARCHIVE": str(archive), "PATH": "/usr/bin:/bin"}
    running = subprocess.Popen(command, env=environment, cwd=PROJECT, stderr=subprocess.PIPE, text=True)
    with closing(sqlite3.connect(archive)) as connection:
        while running.poll() is None and not connection.execute("select 1 from statements limit 1").fetchone():
            time.sleep(0.01)
    running.send_signal(end)
    running.communicate(timeout=60)
    if end == signal.SIGTERM:
        assert running.returncode == 3  # in order, and something is left
    with closing(sqlite3.connect(archive)) as connection:
        assert connection.execute("select count(*) from unlinked").fetchone()[0]
    assert _cli(archive).returncode == 0
    with closing(sqlite3.connect(archive)) as connection:
        bit_by_bit = rows(connection)
    assert _cli(archive, "--anew").returncode == 0
    with closing(sqlite3.connect(archive)) as connection:
        assert rows(connection) == bit_by_bit
        assert bit_by_bit["unlinked"] == [] and len(bit_by_bit["statements"]) == 700
