"""How long one report came after another, as exactly as their pages tell."""

from __future__ import annotations

from dataclasses import dataclass

from archive.report_ids import time_of
from publish import keys


@dataclass(frozen=True, slots=True)
class Lag:
    """`minutes` from one report to another, less than 0 for one that came before. `in_days`: one of the two prints the
    day only, so no more than days are known. `is_known`: both print a date; of one that does not, `minutes` go by its
    first capture, which places it in a picture and says nothing else."""

    minutes: int
    in_days: bool
    is_known: bool = True

    @property
    def words(self) -> str:
        """45 minutes later, the same day, 3 days earlier; what is said of one that prints no date fits there too."""
        if not self.is_known:
            return "at a time not known"
        if self.in_days:
            days = abs(round(self.minutes / 1440))
            if days == 0:
                return "the same day"
            length = "1 day" if days == 1 else f"{days} days"
        elif self.minutes == 0:
            return "the same minute"
        else:
            length = keys.lag_in_words(self.minutes)
        return f"{length} {'later' if self.minutes > 0 else 'earlier'}"


def between(first: int, first_precision: str | None, then: int, then_precision: str | None) -> Lag:
    """From one report (its id begins with its time) to the other."""
    in_days = "day" in (first_precision, then_precision)
    one, other = (time_of(first), time_of(then))
    if in_days:
        one, other = one.replace(hour=0, minute=0), other.replace(hour=0, minute=0)
    is_known = first_precision is not None and then_precision is not None
    return Lag(round((other - one).total_seconds() / 60), in_days, is_known)
