"""Whether a report is still where it was published, read from the looks at it.

live → suspected (a look found it missing) → gone (missing again after the confirmation time) → restored. What comes
back before it was confirmed was never gone: its spell is "unconfirmed", and the report is what it was before. Looks
that prove nothing (an outage, a refusal, robots.txt) are passed over; archive/takedowns.py says which these are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

# A page that vanished for a day is an outage or an edit in progress; the design asks for a second look days later.
# TAKEDOWN_CONFIRM_AFTER in settings.py has the same value.
CONFIRM_AFTER = timedelta(hours=72)

_THERE = ("report", "unchanged")


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a report: when, how it ended, the capture that holds it, and how the report was missing."""

    at: datetime
    outcome: str
    capture: int = 0
    cause: str = ""


@dataclass(slots=True)
class Spell:
    """A time for which a report was missing: the looks that first and last found it so and how many did, the one that
    confirmed it, and the one that found it back. None for what did not happen."""

    first: Look
    last: Look
    looks: int = 1
    confirmed: Look | None = None
    back: Look | None = None

    @property
    def state(self) -> str:
        """As in the column takedowns.state."""
        if self.back:
            return "restored" if self.confirmed else "unconfirmed"
        return "gone" if self.confirmed else "suspected"


def spells(looks: Iterable[Look], confirm_after: timedelta = CONFIRM_AFTER) -> list[Spell]:
    """The spells that looks in any order show, oldest first; only the last one may still go on."""
    found: list[Spell] = []
    spell: Spell | None = None
    for look in sorted(looks, key=lambda each: (each.at, each.capture)):
        if look.outcome in _THERE:
            if spell:
                spell.back, spell = look, None
        elif look.outcome == "missing":
            if spell is None:
                spell = Spell(look, look)
                found.append(spell)
                continue
            spell.last = look
            spell.looks += 1
            if spell.confirmed is None and look.at - spell.first.at >= confirm_after:
                spell.confirmed = look
    return found


def state_after(found: Iterable[Spell]) -> str:
    """The state of a report that had these spells, oldest first."""
    state = "live"
    for spell in found:
        if spell.state != "unconfirmed":
            state = spell.state
    return state


def state(looks: Iterable[tuple[datetime, str]], confirm_after: timedelta = CONFIRM_AFTER) -> str:
    """The state after `looks`, each (when, outcome), in any order."""
    return state_after(spells((Look(at, outcome) for at, outcome in looks), confirm_after))
