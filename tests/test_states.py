"""Takedowns are states with evidence; outages are not takedowns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

from archive.states import state

START = datetime(2026, 11, 1, tzinfo=UTC)


def looks(*pairs: tuple[int, str]) -> list[tuple[datetime, str]]:
    return [(START + timedelta(hours=hours), outcome) for hours, outcome in pairs]


def test_a_report_that_answers_is_live() -> None:
    assert state(looks((0, "report"), (5, "unchanged"))) == "live"


def test_one_missing_answer_is_only_a_suspicion() -> None:
    assert state(looks((0, "report"), (5, "missing"), (60, "missing"))) == "suspected"


def test_missing_again_after_three_days_is_gone() -> None:
    assert state(looks((0, "report"), (5, "missing"), (77, "missing"))) == "gone"


def test_a_report_that_comes_back_is_restored() -> None:
    assert state(looks((0, "report"), (5, "missing"), (80, "missing"), (90, "report"))) == "restored"


def test_outages_and_refusals_prove_nothing() -> None:
    seen = looks((0, "report"), (5, "server-error"), (90, "refused"), (200, "failed"), (300, "robots"))
    assert state(seen) == "live"


def test_the_order_of_arrival_does_not_matter() -> None:
    seen = looks((0, "report"), (5, "missing"), (6, "server-error"), (90, "missing"))
    assert {state(order) for order in permutations(seen)} == {"gone"}
