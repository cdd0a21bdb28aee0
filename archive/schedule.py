"""When things are looked at again: the rules that settings.py gives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

# An address that never held a page, once a month; what robots.txt forbids, daily, since RFC 9309 caches it for a day.
AFTER_MISSING = timedelta(days=30)
AFTER_ROBOTS = timedelta(days=1)
# A request that failed is tried again after an hour, then two, four … up to a day, for as long as it fails.
AFTER_FAILURE, AFTER_FAILURE_MAX = timedelta(hours=1), timedelta(days=1)
# A report that was missing is looked at daily until that is confirmed, then by the ladder, weekly at the most.
AFTER_SUSPECTED, AFTER_GONE = timedelta(days=1), timedelta(days=7)
# What is due so soon after a run begins is due in it: a look is made some seconds into a run, and "every 60 minutes"
# would else come to 70 with a run every ten.
SOON = timedelta(minutes=2)
UNREAD = 0  # the rung of an address at which no report was read yet
LAST_RUNG = 20  # a longer ladder ends on it
ELSEWHERE = 21  # the rung of an address at which only others have looked


@dataclass(frozen=True, slots=True)
class Schedule:
    """`rungs`: (time since the last change, time until the next look), youngest first; `last`: the wait beyond them.
    `confirm_after`: how long a report must have been missing before it is called gone."""

    rungs: tuple[tuple[timedelta, timedelta], ...]
    last: timedelta
    confirm_after: timedelta = timedelta(hours=72)

    @classmethod
    def from_hours(cls, rungs: Iterable[tuple[float, float]], last: float, confirm_after: float = 72) -> Self:
        steps = tuple((timedelta(hours=age), timedelta(hours=wait)) for age, wait in rungs)
        return cls(steps, timedelta(hours=last), timedelta(hours=confirm_after))

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        return cls.from_hours(
            settings["REVISIT_LADDER"], settings["REVISIT_LAST"], float(settings["TAKEDOWN_CONFIRM_AFTER"])
        )

    def next_look(self, changed_at: datetime, looked_at: datetime) -> tuple[int, datetime]:
        """The rung (1 for the youngest) of a report whose wording last changed then, and when to look again."""
        age = looked_at - changed_at
        for number, (limit, wait) in enumerate(self.rungs, start=1):
            if age < limit:
                return min(number, LAST_RUNG), looked_at + wait
        return min(len(self.rungs) + 1, LAST_RUNG), looked_at + self.last

    def after_failures(self, failures: int, looked_at: datetime) -> datetime:
        """When to try again what has failed so many times in a row."""
        wait = AFTER_FAILURE * (1 << min(failures - 1, 10))
        return looked_at + min(wait, AFTER_FAILURE_MAX)
