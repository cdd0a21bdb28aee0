"""kill -9 at any moment of a scheduled run: no capture is lost, no version is made twice, and the next run carries on."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import PROJECT, Place, rows_of

from archive.warc_reader import read_captures
from items import Capture
from samples.newsroom import Newsroom

ARCHIVES, KILLS = 5, 10  # of each archive, one after another: 50 moments
LONGEST = 1.3  # seconds: a run takes about one, and some are to be hit at their very end


def runs(folder: Path, delays: list[float], visit_of: Callable[[int], int]) -> tuple[Place, list[str]]:
    """An archive of runs killed after `delays` (0: not at all), each with the newsroom as at a visit; how each ended."""
    with Newsroom() as newsroom:
        place = Place(folder, newsroom.proxy_url)
        newsroom.visit = visit_of(0)
        ended: list[str] = []
        with subprocess.Popen(
            [sys.executable, str(PROJECT / "tests" / "killing.py"), *map(str, delays)],
            env=place.environment, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert process.stdin and process.stdout
            for number in range(len(delays)):
                ended.append(process.stdout.readline().strip())
                newsroom.visit = visit_of(number + 1)
                process.stdin.write("\n")
                process.stdin.flush()
        return place, ended


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One run for each visit of the newsroom, and one more, as after the last kill."""
    place, ended = runs(tmp_path_factory.mktemp("undisturbed"), [0, 0, 0], lambda number: min(number, 1) + 1)
    assert set(ended) <= {"0", "3"}
    return place


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Place, list[str]]]:
    """Archives whose runs were killed KILLS times, the first half of them at the first visit, and then let end once for
    each visit."""
    chance = random.Random(20261124)
    half = KILLS // 2

    def one(number: int) -> tuple[Place, list[str]]:
        kills = [[chance.uniform(0.02, LONGEST) for _ in range(half)] for _ in (1, 2)]
        return runs(
            tmp_path_factory.mktemp(f"killed-{number}"),
            [*kills[0], 0, *kills[1], 0, 0],
            lambda turn: 1 if turn <= half else 2,
        )

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(ARCHIVES)))


def wording(place: Place) -> dict[str, list[Any]]:
    """Address → what is told of its report that does not depend on the moment: its state and all its wordings."""
    found: dict[str, list[Any]] = {}
    for url, state, *version in place.connect().execute(
        "select url, state, number, versions.title, body, text_digest, kinds, added, removed_text from reports "
        "join versions on versions.report = reports.id order by url, number"
    ):
        found.setdefault(url, [state]).append(version)
    return found


def test_most_runs_were_killed_in_the_middle(killed: list[tuple[Place, list[str]]]) -> None:
    ended = [each for _, of_archive in killed for each in of_archive]
    assert len(ended) == ARCHIVES * (KILLS + 3)
    assert ended.count("killed") >= ARCHIVES * KILLS // 2  # a quick machine ends some before
    assert set(ended) <= {"killed", "0", "3"}
    assert all(of_archive[-1] in ("0", "3") for _, of_archive in killed)


def test_every_capture_that_reached_a_warc_file_has_its_row(killed: list[tuple[Place, list[str]]]) -> None:
    for place, _ in killed:
        assert not list(place.captures.glob("*.open"))
        written = {
            (path.name, event.offset)
            for path in place.captures.glob("*.warc.gz")
            for event in read_captures(path)
            if isinstance(event, Capture)
        }
        known = place.connect().execute("select warc, offset from captures").fetchall()
        assert len(known) == len(set(known)) and set(known) == written


def test_no_version_is_there_twice_and_all_is_told_as_without_a_kill(
    killed: list[tuple[Place, list[str]]], undisturbed: Place
) -> None:
    expected = wording(undisturbed)
    assert {len(versions) - 1 for _, *versions in [[0, *each] for each in expected.values()]} >= {2}
    for place, _ in killed:
        assert wording(place) == expected
        digests = place.connect().execute("select report, text_digest from versions order by report, number")
        assert all(before != after for before, after in pairwise(digests.fetchall()))


def test_the_full_text_index_is_whole(killed: list[tuple[Place, list[str]]]) -> None:
    for place, _ in killed:
        connection = place.connect()
        connection.execute("insert into reports_fts(reports_fts) values ('integrity-check')")
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


def test_runs_that_were_killed_are_told_apart(killed: list[tuple[Place, list[str]]]) -> None:
    for place, _ in killed:
        assert place.connect().execute("select count(*) from runs where ended is null").fetchone() == (0,)
        assert place.connect().execute("select ended from runs order by id desc limit 1").fetchone() == ("finished",)


def test_a_reread_gives_the_same_rows(killed: list[tuple[Place, list[str]]], tmp_path: Path) -> None:
    place, _ = killed[0]
    again = tmp_path / "again.db"
    assert place.dateline("reread", "--into", str(again)).returncode == 0
    before, after = rows_of(place.connect()), rows_of(place.connect(again))
    for name in before.keys() - {"checks", "runs", "alarms", "_sqlite_migrations"}:
        assert after[name] == before[name], name
