"""The tests that alarms rest on: known values, and how often they are wrong where nothing changed."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from archive.health import Batch
from archive.significance import binomial_tail, fisher, has_fallen, rank_from_top


def batch(values: list[bool]) -> Batch:
    return Batch(len(values), (sum(values),), (sum(a != b for a, b in pairwise(values)),))


def batches(values: list[bool], at: int) -> list[Batch]:
    """As archive.health makes them of an outlet with 34 reports a day: the newest 50, and eight times 50 before."""
    return [batch(values[at - 50 * (number + 1) : at - 50 * number]) for number in range(9)]


def drawn(share: float, count: int, chance: random.Random, keeps: float = 0.0) -> list[bool]:
    """Reports of which a share fill a field; each is like the one before with a probability of `keeps`."""
    values = [chance.random() < share]
    while len(values) < count:
        values.append(values[-1] if chance.random() < keeps else chance.random() < share)
    return values


def test_fishers_exact_test_of_a_known_table() -> None:
    # 3 of 10 against 8 of 10: (C(11,3) C(9,7) + C(11,2) C(9,8) + C(11,1) C(9,9)) / C(20,10) = (5940 + 495 + 11) / 184756
    assert fisher(3, 10, 8, 10) == pytest.approx(6446 / 184756)
    assert fisher(10, 10, 10, 10) == pytest.approx(1)


def test_the_binomial_tail_of_a_fair_coin() -> None:
    assert binomial_tail(3, 4, 0.5) == pytest.approx(5 / 16)
    assert binomial_tail(0, 4, 0.1) == pytest.approx(1)
    assert (binomial_tail(1, 4, 0.0), binomial_tail(4, 4, 1.0)) == (0.0, 1.0)


@pytest.mark.parametrize(("count", "rank"), [(30, 0), (100, 1), (120, 1), (200, 2), (1000, 10)])
def test_the_ninety_ninth_percentile_is_that_which_99_of_100_do_not_exceed(count: int, rank: int) -> None:
    assert rank_from_top(count) == rank


@pytest.mark.parametrize(
    ("share", "keeps", "days"), [(0.98, 0.0, 730), (0.9, 0.0, 730), (0.5, 0.0, 730), (0.9, 0.5, 365), (0.5, 0.5, 365)]
)
def test_no_alarm_in_years_in_which_nothing_changed(share: float, keeps: float, days: int) -> None:
    values = drawn(share, days * 34, random.Random(f"{share} {keeps}"), keeps)
    assert not [at for at in range(450, len(values), 5) if has_fallen((now := batches(values, at))[0], now[1:], 0)]


@pytest.mark.parametrize(("share", "after"), [(1.0, 16), (0.9, 25), (0.5, 50)])
def test_a_field_that_is_no_longer_filled_is_noticed_soon(share: float, after: int) -> None:
    values = drawn(share, 500, random.Random(7)) + [False] * after
    noticed = [
        at - 500 for at in range(500, 500 + after + 1) if has_fallen((now := batches(values, at))[0], now[1:], 0)
    ]
    assert noticed and noticed[0] > 5


def test_a_small_fall_and_few_reports_say_nothing() -> None:
    before = [Batch(50, (50,), (0,))] * 8
    assert not has_fallen(Batch(50, (41,), (9,)), before, 0)  # by 18 points
    assert has_fallen(Batch(50, (35,), (9,)), before, 0)  # by 30
    assert not has_fallen(Batch(19, (0,), (0,)), before, 0)  # 19 reports
    assert not has_fallen(Batch(50, (0,), (0,)), before[:1], 0)  # 50 before them


def test_reports_that_come_in_runs_are_worth_less() -> None:
    loose = [Batch(50, (45,), (9,))] * 8  # of 45 that fill it, as often as chance would turn
    runs = [Batch(50, (45,), (1,))] * 8  # one run of five that do not, in each
    newest = Batch(50, (25,), (20,))
    assert has_fallen(newest, loose, 0) and not has_fallen(newest, runs, 0)


def test_what_differs_from_batch_to_batch_must_fall_further() -> None:
    # 90, 50, 90, 50 … percent: a week of them is not unlike the newest with 30.
    uneven = [Batch(50, (45 if number % 2 else 25,), (20,)) for number in range(8)]
    assert not has_fallen(Batch(50, (15,), (15,)), uneven, 0)
