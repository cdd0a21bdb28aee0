"""What is due, in which order, and how much of it an outlet's budget allows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate, count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.settings import Settings

from archive import frontier, ledger, rows
from archive.plan import COUNTED, allowance, plan, requests_of
from archive.schedule import UNREAD, Schedule
from archive.schema import open_archive
from archive.times import iso, parse
from items import RULES_UNKNOWN, Capture, Link
from pipelines.registry import descriptions
from spiders.outlets.tnw import Tnw

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY, RUN = timedelta(hours=24), timedelta(minutes=10)
LADDER = Schedule.from_hours([(3, 0.25), (24, 0.5), (7 * 24, 2), (30 * 24, 24)], 365 * 24)
HOME = "https://www.news.cn/"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_archive(tmp_path / "archive.db")
    for name, every, budget in (("tnw", 120, 240), ("xinhua", 60, 2_400)):
        about = dict.fromkeys(("title_en", "title_local", "country", "languages", "control", "owner", "timezone"), "x")
        about |= {"id": name, "kind": "state", "aliases": "", "domains": "[]"}
        ledger.write_outlets(connection, [{**about, "every": every, "budget": budget}])
    yield connection
    connection.close()


def know(
    db: sqlite3.Connection,
    name: str,
    due: datetime | None,
    rung: int = UNREAD,
    kind: str = "report",
    listed: datetime | None = None,
    outlet: str = "xinhua",
) -> None:
    """A row of `checks`; one with a rung was read before."""
    db.execute(
        "insert into checks (url, outlet, address, kind, listed_at, found_at, last_capture, due_at, rung) "
        "values (?1, ?2, ?1, ?3, ?4, ?5, ?6, ?7, ?8)",
        [HOME + name, outlet, kind, iso(listed) if listed else None, iso(NOON - DAY), 1 if rung else None,
         iso(due) if due else None, rung],
    )  # fmt: skip


_NUMBERS = count(1)


def asked(db: sqlite3.Connection, number: int, at: datetime, status: int | None = 200, outcome: str = "report") -> None:
    """So many captures of Xinhua at one time."""
    for each in (round(at.timestamp() * 1_000_000) + next(_NUMBERS) for _ in range(number)):
        db.execute(
            "insert into captures (id, outlet, url, canonical, at, status, payload_length, warc, offset, length, origin, "
            "outcome) values (?, 'xinhua', 'u', 'u', ?, ?, 0, 'w', ?, 0, 'live', ?)",
            [each, iso(at), status, each, outcome],
        )


def crawled(db: sqlite3.Connection, ended: datetime, reason: str | None) -> None:
    db.execute(
        "insert into crawls (id, outlet, started_at, finished_at, finish_reason, origin) values (?, 'xinhua', ?, ?, ?, 'live')",
        [iso(ended), iso(ended - RUN / 2), iso(ended) if reason else None, reason],
    )


def names(checks: list[frontier.Check]) -> list[str]:
    return [check.url.removeprefix(HOME) for check in checks]


# The budget


@given(
    budget=st.integers(1, 3_000),
    runs=st.lists(st.tuples(st.integers(1, 36 * 60), st.floats(0, 1)), min_size=1, max_size=60),
)
def test_no_24_hours_ever_see_more_requests_than_the_budget(budget: int, runs: list[tuple[int, float]]) -> None:
    """Each run comes so many minutes after the last and takes a part of what is allowed."""
    made: list[tuple[datetime, int]] = []
    now = NOON
    for minutes, part in runs:
        now += timedelta(minutes=minutes)
        used = [each for each in made if each[0] > now - DAY]
        allowed = allowance(budget, used, now)
        assert 0 <= allowed <= budget - sum(number for _, number in used)
        if taken := round(allowed * part):
            made.append((now, taken))
    for end, _ in made:
        assert sum(number for at, number in made if end - DAY < at <= end) <= budget


@pytest.mark.parametrize("budget", [200, 2_000, 4_000])
def test_an_outlet_with_a_backlog_is_asked_by_every_run_of_the_day(budget: int) -> None:
    made: list[tuple[datetime, int]] = []
    for run in range(5 * 144):
        now = NOON + run * RUN
        made = [each for each in made if each[0] > now - DAY] + [
            (now, allowance(budget, [each for each in made if each[0] > now - DAY], now))
        ]
        assert made[-1][1] >= 1, now  # never has it used up its day
        assert made[-1][1] <= max(budget / 12, 20)
        if run > 144:
            assert budget * 0.98 <= sum(number for _, number in made) <= budget


@pytest.mark.parametrize(("budget", "saved"), [(2_400, 200), (600, 50), (240, 20), (100, 20), (12, 12)])
def test_two_hours_of_a_budget_are_saved_up_and_twenty_requests_at_the_least(budget: int, saved: int) -> None:
    assert allowance(budget, [], NOON) == saved


def test_a_budget_comes_back_evenly() -> None:
    """2,400 a day: 200 are saved, the other 2,200 come back in 24 hours, 91 2/3 an hour."""
    used = [(NOON, 200)]
    assert [allowance(2_400, used, NOON + timedelta(hours=hours)) for hours in (0, 1, 2, 3)] == [0, 91, 183, 200]
    assert allowance(2_400, used, NOON + timedelta(minutes=6)) == 9


def test_what_a_crawl_by_hand_has_spent_is_missing_for_a_day() -> None:
    used = [(NOON, 2_400)]
    assert allowance(2_400, used, NOON + timedelta(hours=23)) == 0
    assert allowance(2_400, [], NOON + timedelta(hours=24)) == 200
    # 600 at once: 400 more than were saved, which come back in 4 h 22 min.
    assert allowance(2_400, [(NOON, 600)], NOON + timedelta(minutes=4 * 60 + 21)) == 0
    assert allowance(2_400, [(NOON, 600)], NOON + timedelta(minutes=4 * 60 + 24)) == 3


def test_only_requests_that_were_made_in_the_last_24_hours_count(db: sqlite3.Connection) -> None:
    asked(db, 5, NOON - DAY - timedelta(seconds=1))
    asked(db, 2, NOON - DAY)
    asked(db, 3, NOON - timedelta(minutes=25))
    asked(db, 1, NOON - timedelta(minutes=4), status=503, outcome="server-error")
    asked(db, 1, NOON - timedelta(minutes=3), status=None, outcome="failed")
    asked(db, 1, NOON - timedelta(minutes=2), status=200, outcome="robots")  # robots.txt itself
    asked(db, 9, NOON - timedelta(minutes=1), status=None, outcome="robots")  # forbidden by it, and not asked for
    assert requests_of(db, "xinhua", NOON) == [
        (NOON - DAY + RUN, 2),
        (NOON - timedelta(minutes=20), 3),
        (NOON, 3),
    ]
    [planned] = plan(db, NOON, ["xinhua"])
    assert (planned.left, planned.budget) == (2_400 - 8, 2_400)


# The plan


def test_the_plan_counts_what_is_due_of_each_kind_outlet_by_outlet(db: sqlite3.Connection) -> None:
    past, future = NOON - timedelta(minutes=1), NOON + timedelta(minutes=5)
    know(db, "list-1", past, kind="listing")
    know(db, "list-2", NOON, kind="listing")
    know(db, "list-3", future, kind="listing")
    know(db, "never-again", None)
    know(db, "new", past)
    know(db, "failed-lately", future)
    for rung in (1, 1, 2, 4):
        know(db, f"old-{next(_NUMBERS)}", past, rung)
    know(db, "later", future, 1)
    know(db, "theirs", future + RUN, outlet="tnw")
    tnw, xinhua = plan(db, NOON)
    assert (xinhua.outlet, xinhua.lists, xinhua.unread, xinhua.revisits, xinhua.due) == ("xinhua", 2, 1, 4, 7)
    assert (xinhua.next_due, xinhua.allowed, xinhua.rests_until) == (iso(NOON), 200, None)
    assert (tnw.due, tnw.next_due, tnw.allowed) == (0, iso(future + RUN), 20)
    assert plan(db, NOON, ["tnw"]) == [tnw]


def test_an_outlet_of_which_nothing_is_known_is_never_due(db: sqlite3.Connection) -> None:
    assert [(each.due, each.next_due) for each in plan(db, NOON)] == [(0, None), (0, None)]


def test_a_long_backlog_is_counted_as_far_as_it_matters(db: sqlite3.Connection) -> None:
    for number in range(COUNTED + 5):
        know(db, f"{number}", NOON, rung=1 + number % 2)
    [xinhua] = plan(db, NOON, ["xinhua"])
    assert (xinhua.unread, xinhua.revisits) == (0, COUNTED)


def test_finding_what_is_due_reads_nothing_but_indexes(db: sqlite3.Connection) -> None:
    know(db, "list", NOON, kind="listing")
    know(db, "old", NOON, rung=3)
    statements: list[str] = []
    db.set_trace_callback(statements.append)
    plan(db, NOON)
    frontier.listings(db, "xinhua", NOON, everything=True)
    list(frontier.due(db, "xinhua", NOON, 100, everything=False))
    db.set_trace_callback(None)
    assert len(statements) > 10
    for statement in statements:
        steps = [step for *_, step in db.execute(f"explain query plan {statement}")]
        large = [step for step in steps if any(table in step for table in ("checks", "captures", "crawls"))]
        assert all(step.startswith("SEARCH") and "INDEX" in step for step in large), (statement, steps)


@pytest.mark.parametrize(("outages", "minutes"), [(1, 10), (2, 20), (3, 40), (4, 60), (9, 60)])
def test_an_outlet_that_is_out_of_order_is_left_alone_longer_each_time(
    db: sqlite3.Connection, outages: int, minutes: int
) -> None:
    know(db, "list", NOON - DAY, kind="listing")
    crawled(db, NOON - DAY, "finished")
    for number in range(outages):
        crawled(db, NOON - number * RUN, "outage: the last 8 addresses failed, https://www.news.cn/ with 503")
    crawled(db, NOON + timedelta(seconds=1), None)  # killed: it says nothing of the outlet
    until = NOON + timedelta(minutes=minutes)
    [before] = plan(db, until - timedelta(seconds=1), ["xinhua"])
    assert (before.lists, before.allowed, before.rests_until) == (1, 0, iso(until))
    [after] = plan(db, until, ["xinhua"])
    assert (after.allowed, after.rests_until) == (200, None)


def test_an_outlet_that_answers_again_is_asked_as_before(db: sqlite3.Connection) -> None:
    know(db, "list", NOON - DAY, kind="listing")
    crawled(db, NOON - RUN, "outage: none of the first 4 requests was answered")
    crawled(db, NOON, "finished")
    [planned] = plan(db, NOON + RUN / 2, ["xinhua"])
    assert (planned.allowed, planned.rests_until) == (200, None)


# The order


def test_lists_are_those_that_are_due_the_longest_due_first(db: sqlite3.Connection) -> None:
    know(db, "b", NOON - RUN, kind="listing")
    know(db, "a", NOON, kind="listing")
    know(db, "c", NOON - 2 * RUN, kind="listing")
    know(db, "later", NOON + RUN, kind="listing")
    assert names(frontier.listings(db, "xinhua", NOON, everything=False)) == ["c", "b", "a"]
    assert len(frontier.listings(db, "xinhua", NOON, everything=True)) == 4


def test_reports_never_read_come_before_re_visits_and_the_youngest_before_the_old(db: sqlite3.Connection) -> None:
    know(db, "year-old", NOON - 9 * DAY, rung=5)
    know(db, "week-old", NOON - 3 * RUN, rung=3)
    know(db, "hour-old-due-later", NOON - RUN, rung=1)
    know(db, "hour-old", NOON - 2 * RUN, rung=1)
    know(db, "listed-yesterday", NOON - DAY, listed=NOON - DAY)
    know(db, "listed-now", NOON, listed=NOON)
    know(db, "not-due", NOON + RUN, listed=NOON)
    whole = ["listed-now", "listed-yesterday", "hour-old", "hour-old-due-later", "week-old", "year-old"]
    assert names(list(frontier.due(db, "xinhua", NOON, 100, everything=False))) == whole
    assert names(list(frontier.due(db, "xinhua", NOON, 1, everything=False))) == ["listed-now"]
    assert names(list(frontier.due(db, "xinhua", NOON, 4, everything=False))) == whole[:4]
    assert names(list(frontier.due(db, "xinhua", NOON, 0, everything=False))) == []


def test_where_not_all_can_be_looked_at_a_fifth_is_kept_for_what_waits_longest(db: sqlite3.Connection) -> None:
    for number in range(20):
        know(db, f"young-{number:02}", NOON - RUN, rung=1)
    know(db, "year-old", NOON - 30 * DAY, rung=6)
    know(db, "month-old", NOON - 9 * DAY, rung=4)
    taken = names(list(frontier.due(db, "xinhua", NOON, 10, everything=False)))
    assert len(taken) == 10
    assert taken[-2:] == ["month-old", "year-old"]  # two of ten


# What a look leads to


def looked(
    db: sqlite3.Connection, at: datetime, outcome: str, name: str = "a", kind: str = "report", **fields: object
) -> datetime | None:
    """When the address is due next, after a look that ended so."""
    number = round(at.timestamp() * 1_000_000)
    values: dict[str, object] = {
        "id": number, "crawl": "c1", "outlet": "xinhua", "url": HOME + name, "canonical": HOME + name, "at": at,
        "status": 200, "headers": [], "body": b"", "warc": "a.warc.gz", "offset": number, "length": 5,
        "outcome": outcome, "kind": kind,
    }  # fmt: skip
    rows.write(db, [Capture(**(values | fields))], LADDER)  # type: ignore[arg-type]
    (due,) = db.execute("select due_at from checks where url = ?", [HOME + name]).fetchone()
    return parse(due) if due else None


def test_a_list_that_was_missed_fifty_times_is_read_once(db: sqlite3.Connection) -> None:
    frontier.expect_lists(db, "xinhua", [(HOME + "list", HOME + "list")])
    assert looked(db, NOON, "listing", "list", "listing") == NOON + timedelta(minutes=60)
    back = NOON + timedelta(hours=50, minutes=7)
    assert [(each.lists, each.due) for each in plan(db, back, ["xinhua"])] == [(1, 1)]
    assert names(frontier.listings(db, "xinhua", back, everything=False)) == ["list"]
    assert looked(db, back, "listing", "list", "listing") == back + timedelta(minutes=60)
    assert plan(db, back + timedelta(minutes=57), ["xinhua"])[0].lists == 0


@pytest.mark.parametrize("outcome", ["listing", "unchanged", "quarantined", "failed", "missing"])
def test_a_list_is_read_again_after_its_outlets_own_time_however_it_ended(db: sqlite3.Connection, outcome: str) -> None:
    db.execute("update outlets set every = 35 where id = 'xinhua'")
    frontier.expect_lists(db, "xinhua", [(HOME + "list", HOME + "list")])
    assert looked(db, NOON, outcome, "list", "listing") == NOON + timedelta(minutes=35)


@pytest.mark.parametrize("outcome", ["failed", "server-error", "refused"])
def test_what_fails_is_tried_again_after_an_hour_then_two_then_four_up_to_a_day(
    db: sqlite3.Connection, outcome: str
) -> None:
    hours = [1, 2, 4, 8, 16, 24, 24]
    for since, wait in zip(accumulate([0, *hours]), hours, strict=False):
        at = NOON + timedelta(hours=since)
        assert looked(db, at, outcome, status=None) == at + timedelta(hours=wait)
    after = NOON + timedelta(hours=200)
    looked(db, after, "not-report")
    assert db.execute("select failures from checks").fetchone() == (0,)
    assert looked(db, after + DAY, outcome, status=None) == after + DAY + timedelta(hours=1)


def test_what_robots_txt_forbids_is_tried_after_a_day_but_soon_when_only_the_server_was_in_trouble(
    db: sqlite3.Connection,
) -> None:
    error = "IgnoreRequest: Forbidden by robots.txt"
    assert looked(db, NOON, "robots", status=None, error=error) == NOON + DAY
    unknown = f"{error}, {RULES_UNKNOWN} (status 503)"
    assert looked(db, NOON + DAY, "robots", status=None, error=unknown) == NOON + DAY + timedelta(hours=1)
    assert looked(db, NOON + 2 * DAY, "robots", status=None, error=unknown) == NOON + 2 * DAY + timedelta(hours=2)


def test_a_link_found_again_does_not_make_a_known_report_due(db: sqlite3.Connection) -> None:
    know(db, "a", NOON + DAY, rung=2)
    link = Link(HOME + "a", canonical=HOME + "a")
    looked(db, NOON, "listing", "list", "listing", links=[link, Link(HOME + "b", canonical=HOME + "b")])
    assert names(list(frontier.due(db, "xinhua", NOON, 9, everything=False))) == ["b"]


# An outlet's own terms


def test_an_outlets_own_every_and_budget_come_before_those_of_the_settings() -> None:
    class Hasty(Tnw):
        every, budget = 5, 3_000

    class Patient(Tnw):
        every = budget = 0

    settings = {"LISTS_EVERY": 60, "REQUEST_BUDGET": 2_000}
    rows = descriptions({"hasty": Hasty, "patient": Patient}, settings)
    assert [(row["every"], row["budget"]) for row in rows] == [(5, 3_000), (60, 2_000)]
    for outlet, budget in ((Hasty, 3_000), (Patient, 2_000)):
        of_crawl = Settings(settings)
        outlet.update_settings(of_crawl)
        assert of_crawl.getint("REQUEST_BUDGET") == budget
