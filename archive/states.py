"""Whether a report is still where it was published, read from the outcomes of looking at it.

live → suspected (an answer says it is missing) → gone (missing again after the confirmation time) → restored.
A network error, 5xx, 403, 429 or robots.txt is never evidence that a report was taken down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# A page that vanished for a day is an outage or an edit in progress; the design asks for a second look days later.
CONFIRM_AFTER = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Turn:
    """A report's state began to be `state` at a look: its time, and the capture that showed it."""

    at: datetime
    capture: int
    state: str


def state(looks: Iterable[tuple[datetime, str]]) -> str:
    """The state after `looks`, each (when, outcome), in any order. Outcomes that prove nothing are passed over."""
    turns = history((at, outcome, 0) for at, outcome in looks)
    return turns[-1].state if turns else "live"


def history(looks: Iterable[tuple[datetime, str, int]]) -> list[Turn]:
    """Every change of state, oldest first, that `looks` show, each (when, outcome, capture), in any order. The last
    one's state is the report's; none: it was live all along."""
    turns: list[Turn] = []
    current = "live"
    missing_since: datetime | None = None
    for at, outcome, capture in sorted(looks):
        before = current
        if outcome in ("report", "unchanged"):
            current = "live" if current == "live" else "restored"
            missing_since = None
        elif outcome == "missing":
            if missing_since is None:
                missing_since, current = at, "suspected"
            elif at - missing_since >= CONFIRM_AFTER:
                current = "gone"
        if current != before:
            turns.append(Turn(at, capture, current))
    return turns
