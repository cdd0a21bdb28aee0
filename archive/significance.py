"""Whether a share changed, or a gap is unusual: tests that an alarm rests on, made so that false ones are rare.

docs/watching.md has the rates of false alarms that simulations gave; tests/test_significance.py repeats the short ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, exp, inf, lgamma, log, sqrt

from archive.health import Batch

LEAST_NEW, LEAST_BEFORE = 20, 100  # reports, of fewer nothing is said
LEAST_DROP = 0.20  # of the share of reports that fill a field
CHANCE = 1e-6  # that an alarm is raised where nothing changed: a check is made every few minutes, for years
DEVIATIONS = 5.0  # by which a share must be below those of the batches before it
_FEWEST_BATCHES = 4


def has_fallen(newest: Batch, before: Sequence[Batch], place: int) -> bool:
    """Whether the field at a place of archive.fields.FIELDS is filled less often in the newest batch than before.

    By a fifth of all reports at least; further below the shares of the batches before it than those lie from one
    another; and so that chance would do it once in a million times (Fisher's exact test, for as many independent
    reports as these are worth: reports of one kind come in runs).
    """
    filled, of = sum(batch.filled[place] for batch in before), sum(batch.of for batch in before)
    if newest.of < LEAST_NEW or of < LEAST_BEFORE:
        return False
    share, usual = newest.filled[place] / newest.of, filled / of
    if usual - share < LEAST_DROP:
        return False
    shares = [batch.filled[place] / batch.of for batch in before if batch.of >= LEAST_NEW]
    if len(shares) < _FEWEST_BATCHES or share >= min(shares):
        return False
    middle = sum(shares) / len(shares)
    deviation = sqrt(sum((each - middle) ** 2 for each in shares) / (len(shares) - 1))
    if middle - share < DEVIATIONS * deviation:
        return False
    worth = 1 / _run_length(before, place, usual)
    new, old = max(1, round(newest.of * worth)), max(1, round(of * worth))
    return fisher(round(share * new), new, round(usual * old), old) < CHANCE


def _run_length(batches: Sequence[Batch], place: int, share: float) -> float:
    """How many reports one after another count as one, since their fields are alike: (1 + r) / (1 - r), with r their
    correlation, told by how seldom a report differs from the one before."""
    if not 0 < share < 1:
        return 1.0
    pairs = sum(batch.of - 1 for batch in batches)
    expected = pairs * 2 * share * (1 - share)
    # Half a turn on either side, for runs that happen not to end.
    correlation = 1 - (sum(batch.turns[place] for batch in batches) + 0.5) / (expected + 0.5)
    correlation = min(max(correlation, 0.0), 0.95)
    return (1 + correlation) / (1 - correlation)


def fisher(filled: int, of: int, filled_before: int, of_before: int) -> float:
    """The chance of so few or fewer, were both drawn from the same: Fisher's exact test, one-sided."""
    everything, all_filled = of + of_before, filled + filled_before
    whole = _choices(everything, of)
    return sum(
        exp(_choices(all_filled, number) + _choices(everything - all_filled, of - number) - whole)
        for number in range(max(0, of - (everything - all_filled)), filled + 1)
    )


def binomial_tail(hits: int, of: int, chance: float) -> float:
    """The chance of so many hits or more."""
    if not 0 < chance < 1:
        return 1.0 if hits <= of * chance else 0.0
    return sum(
        exp(_choices(of, number) + number * log(chance) + (of - number) * log(1 - chance))
        for number in range(hits, of + 1)
    )


def _choices(of: int, number: int) -> float:
    """The logarithm of the binomial coefficient."""
    if not 0 <= number <= of:
        return -inf
    return lgamma(of + 1) - lgamma(number + 1) - lgamma(of - number + 1)


def rank_from_top(count: int, share: float = 0.99) -> int:
    """Which of `count` values, the largest being 0, is the one that `share` of them do not exceed (nearest rank)."""
    return count - ceil(share * count)
