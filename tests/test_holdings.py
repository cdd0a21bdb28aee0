"""The table holdings says how many reports are held, whatever happens to reports."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_archive import make_archive
from sqlite_utils import Database

from archive import schema
from archive.tables import READING_ROOM

COUNTED = "select id / 100000000, outlet, language, count(*) from reports group by 1, 2, 3 order by 1, 2, 3"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    connection = make_archive(tmp_path_factory.mktemp("holdings") / "archive.db")
    connection.execute("pragma foreign_keys=off")
    yield connection
    connection.close()


def _held(connection: sqlite3.Connection) -> list[tuple[int, str, str, int]]:
    return connection.execute("select * from holdings order by day, outlet, language").fetchall()


def test_they_are_per_day_outlet_and_language(archive: sqlite3.Connection) -> None:
    assert _held(archive) == [
        (20120726, "tnw", "en", 1),
        (20120726, "xinhua", "zh-Hans", 1),
        (20120727, "xinhua", "en", 1),
        (20130101, "xinhua", "zh-Hant", 1),
        (20140506, "xinhua", "ru", 1),
        (20150101, "xinhua", "zh-Hans", 1),
    ]


_DAYS = st.sampled_from([20200101, 20200102])
_OUTLETS = st.sampled_from(["xinhua", "tnw"])
_LANGUAGES = st.sampled_from(["en", "zh-Hans"])
_NUMBERS = st.integers(0, 5)
_INSERT = (
    "insert into reports (id, url, outlet, title, excerpt, language, first_seen, last_checked, state, versions, pages, "
    "capture, origin) values (:id, :id, :outlet, '', '', :language, '', '', 'live', 1, 1, 0, 'live') "
)
_UPSERT = f"{_INSERT} on conflict (id) do update set outlet = excluded.outlet, language = excluded.language"
_STATEMENTS = st.sampled_from(
    [
        _UPSERT,
        _UPSERT,
        _INSERT.replace("insert", "insert or ignore", 1),
        "delete from reports where id = :id",
        "update reports set outlet = :outlet where id = :id",
        "update or ignore reports set language = :language where id = :id",
        "update reports set state = 'gone' where id = :id",
        "update or replace reports set id = id + 100000000, url = url || 'x' where id = :id and id / 100000000 = 20200101",
    ]
)


@given(st.lists(st.tuples(_STATEMENTS, _DAYS, _NUMBERS, _OUTLETS, _LANGUAGES), max_size=30))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_they_follow_every_change_of_reports(
    archive: sqlite3.Connection, changes: list[tuple[str, int, int, str, str]]
) -> None:
    archive.execute("begin")
    for statement, day, number, outlet, language in changes:
        values = {"id": day * 100_000_000 + number, "outlet": outlet, "language": language}
        if (
            "or replace" in statement
            and archive.execute("select 1 from reports where id = :id + 100000000", {"id": values["id"]}).fetchone()
        ):
            continue  # a row that is replaced fires no trigger; no code of ours replaces one
        archive.execute(statement, values)
    assert _held(archive) == archive.execute(COUNTED).fetchall()
    months = archive.execute("select * from holdings_months order by 1, 2, 3").fetchall()
    assert months == archive.execute(COUNTED.replace("100000000", "10000000000")).fetchall()
    archive.execute("rollback")


def test_an_archive_from_before_them_is_filled_and_kept_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    connection = make_archive(path)
    before = _held(connection)
    for name in ("insert", "delete", "update"):
        connection.execute(f"drop trigger holdings_{name}")
    connection.execute("drop table holdings")
    connection.execute("drop table holdings_months")
    for name in re.findall(r"create index (\w+)", " ".join(READING_ROOM)):
        connection.execute(f"drop index {name}")
    connection.execute("delete from _sqlite_migrations where name = '0002_reading_room'")
    connection.close()

    upgraded = schema.open_archive(path)
    assert _held(upgraded) == before
    assert "0002_reading_room" in {migration.name for migration in schema.MIGRATIONS.applied(Database(upgraded))}
    upgraded.close()
    kept = sqlite3.connect(tmp_path / "archive.db.before-0002_reading_room")
    assert kept.execute("select count(*) from reports").fetchone() == (6,)
    kept.close()


def test_the_pages_of_edits_and_takedowns_read_an_index(archive: sqlite3.Connection) -> None:
    for query, used in (
        ("select id from versions where number > 1 order by seen_at desc limit 50", "versions_edits"),
        ("select id from reports where state <> 'live' order by last_checked desc limit 50", "reports_missing"),
    ):
        (plan,) = archive.execute(f"explain query plan {query}").fetchall()
        assert f"INDEX {used}" in plan[3]
