"""Takedowns are states with evidence; outages are not takedowns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

from archive.states import Look, spells, state

START = datetime(2026, 11, 1, tzinfo=UTC)


def looks(*pairs: tuple[int, str]) -> list[tuple[datetime, str]]:
    return [(START + timedelta(hours=hours), outcome) for hours, outcome in pairs]


def test_a_report_that_answers_is_live() -> None:
    assert state(looks((0, "report"), (5, "unchanged"))) == "live"


def test_one_missing_answer_is_only_a_suspicion() -> None:
    assert state(looks((0, "report"), (5, "missing"), (60, "missing"))) == "suspected"


def test_missing_again_after_three_days_is_gone() -> None:
    assert state(looks((0, "report"), (5, "missing"), (77, "missing"))) == "gone"
    assert state(looks((0, "report"), (5, "missing"), (76, "missing"))) == "suspected"


def test_how_long_it_must_have_been_missing_is_a_setting() -> None:
    seen = looks((0, "report"), (5, "missing"), (29, "missing"))
    assert state(seen, timedelta(hours=24)) == "gone"
    assert state(seen, timedelta(hours=25)) == "suspected"


def test_a_report_that_comes_back_is_restored() -> None:
    assert state(looks((0, "report"), (5, "missing"), (80, "missing"), (90, "report"))) == "restored"


def test_a_report_that_comes_back_before_that_was_confirmed_was_live_all_along() -> None:
    assert state(looks((0, "report"), (5, "missing"), (60, "missing"), (61, "unchanged"))) == "live"


def test_a_restored_report_stays_so_through_a_later_suspicion_that_is_not_confirmed() -> None:
    seen = looks((0, "report"), (5, "missing"), (80, "missing"), (90, "report"), (200, "missing"))
    assert state(seen) == "suspected"
    assert state([*seen, *looks((201, "report"))]) == "restored"


def test_a_report_that_was_away_between_two_suspicions_was_not_missing_for_the_time_between() -> None:
    assert state(looks((0, "report"), (5, "missing"), (50, "report"), (80, "missing"))) == "suspected"


def test_outages_and_refusals_prove_nothing() -> None:
    seen = looks((0, "report"), (5, "server-error"), (90, "refused"), (200, "failed"), (300, "robots"))
    assert state(seen) == "live"


def test_an_outage_ends_no_spell() -> None:
    assert state(looks((0, "report"), (5, "missing"), (40, "server-error"), (80, "missing"))) == "gone"


def test_the_order_of_arrival_does_not_matter() -> None:
    seen = looks((0, "report"), (5, "missing"), (6, "server-error"), (90, "missing"))
    assert {state(order) for order in permutations(seen)} == {"gone"}


def test_a_spell_keeps_its_first_cause_and_counts_its_looks() -> None:
    causes = ["", "http-404", "front-page", "http-410", ""]
    outcomes = ["report", "missing", "missing", "missing", "report"]
    seen = [
        Look(START + timedelta(days=2 * number), outcome, number, cause)
        for number, (outcome, cause) in enumerate(zip(outcomes, causes, strict=True))
    ]
    (spell,) = spells(reversed(seen))
    assert (spell.first.capture, spell.first.cause, spell.last.capture, spell.looks) == (1, "http-404", 3, 3)
    assert spell.confirmed == seen[3]  # on the fourth day after the first
    assert spell.back == seen[4]
    assert spell.state == "restored"
