"""What an alarm is made of: a trouble as it is found, and one that was found before; and how its message says times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

Key = tuple[str, str | None, str]  # kind, outlet (None: the archive, or this machine), subject


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong. `state` is what an acknowledgement holds for: when it changes, the alarm returns, so it
    says as little as it can. `message` says what is wrong, and the next step."""

    kind: str
    outlet: str | None
    subject: str
    state: str
    message: str

    @property
    def key(self) -> Key:
        return self.kind, self.outlet, self.subject


@dataclass(frozen=True, slots=True)
class Standing:
    """An alarm that is open."""

    state: str
    message: str
    raised_at: datetime
    is_acknowledged: bool

    def as_it_was(self, key: Key, state: str = "") -> Trouble:
        """The trouble that it was raised for, in another state if one is given."""
        return Trouble(*key, state or self.state, self.message)


def moment(at: str) -> str:
    """A time as the tables have it, for a sentence: 2026-11-24 10:49 UTC."""
    return f"{at[:10]} {at[11:16]} UTC"


def span(time: timedelta) -> str:
    """A length of time in whole days, hours or minutes, of which there are at least two: "3 days", "47 hours"."""
    minutes = round(time.total_seconds() / 60)
    for name, length in (("days", 1440), ("hours", 60)):
        if minutes >= 2 * length:
            return f"{round(minutes / length)} {name}"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def percent(share: float) -> str:
    """A share in whole percent, and never 0 % or 100 % for one that is not quite that."""
    number = round(share * 100)
    if number == 0 and share > 0:
        return "under 1 %"
    return f"{99 if number == 100 and share < 1 else number} %"


def size(count: float) -> str:
    """A number of bytes: "3.4 GB"."""
    for unit in ("B", "kB", "MB"):
        if abs(count) < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} GB"
