"""Scheduled runs of several outlets on a simulated clock keep to the budgets, and spend them on what matters first.

benchmarks/week.py does the same for 40 outlets and a week.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

import settings
from archive.schedule import Schedule
from archive.schema import open_archive
from benchmarks.simulated_week import DAY, Seen, Site, simulate

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
AMPLE = Site("ample", daily=8, budget=2_000)
SITES = (
    AMPLE,
    Site("busy", daily=400, budget=2_000),
    Site("flooded", daily=400, budget=200),
    Site("short", daily=40, budget=500),
    Site("often", daily=20, budget=1_000, every=20, lists=3),
)
DAYS = 1.5


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Seen]]:
    path = tmp_path_factory.mktemp("week") / "archive.db"
    with closing(open_archive(path)) as connection:
        connection.execute("pragma synchronous=off")
        yield simulate(connection, SITES, DAYS, Schedule.from_settings(vars(settings)))


def median(values: list[timedelta]) -> timedelta:
    return sorted(values)[len(values) // 2]


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_no_24_hours_see_more_requests_than_the_budget_and_what_is_wanted_is_used(
    seen: dict[str, Seen], site: Site
) -> None:
    most = seen[site.name].most_in_a_day()
    assert most <= site.budget
    if site.name in ("busy", "flooded", "short"):
        assert most >= 0.95 * site.budget


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.name)
def test_no_list_starves_however_much_there_is_to_read(seen: dict[str, Seen], site: Site) -> None:
    """A run comes every ten minutes; with 200 requests a day, 1.3 come back in that time, and four lists take a while."""
    gaps = seen[site.name].gaps()
    late = 40 if site.budget == 200 else 30 if site.budget <= 500 else 10
    assert gaps[-1] <= timedelta(minutes=site.every + late)
    assert len(seen[site.name].lists) == site.lists
    assert len(gaps) >= site.lists * (DAYS * 24 * 60 / (site.every + late) - 2)


def test_where_the_budget_suffices_every_look_is_made_by_the_next_run(seen: dict[str, Seen]) -> None:
    ample = seen["ample"]
    assert AMPLE.demand < AMPLE.budget
    looks = ample.late(timedelta(), 7 * DAY)
    assert len(looks) > 200 and looks[-1] <= 11 * MINUTE
    assert max(ample.first) <= 71 * MINUTE and ample.unread == 0  # the list is read, and the report with it


@pytest.mark.parametrize("name", ["busy", "short"])
def test_where_it_does_not_the_young_are_looked_at_first_and_the_old_wait(seen: dict[str, Seen], name: str) -> None:
    young, older = seen[name].late(timedelta(), 3 * HOUR), seen[name].late(3 * HOUR, DAY)
    assert median(young) < HOUR < median(older)
    assert median(seen[name].first) <= HOUR and seen[name].unread < 20


def test_reports_that_cannot_all_be_read_are_read_from_the_youngest_on(seen: dict[str, Seen]) -> None:
    """400 a day, and a budget for 100 of them."""
    flooded = seen["flooded"]
    assert flooded.unread > 300
    assert median(flooded.first) <= HOUR
