"""Whether a report is still where it was published, read from the outcomes of looking at it.

live → suspected (an answer says it is missing) → gone (missing again after the confirmation time) → restored.
A network error, 5xx, 403, 429 or robots.txt is never evidence that a report was taken down.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

# A page that vanished for a day is an outage or an edit in progress; the design asks for a second look days later.
CONFIRM_AFTER = timedelta(hours=72)


def state(looks: Iterable[tuple[datetime, str]]) -> str:
    """The state after `looks`, each (when, outcome), in any order. Outcomes that prove nothing are passed over."""
    current = "live"
    missing_since: datetime | None = None
    for at, outcome in sorted(looks):
        if outcome in ("report", "unchanged"):
            current = "live" if current == "live" else "restored"
            missing_since = None
        elif outcome == "missing":
            if missing_since is None:
                missing_since, current = at, "suspected"
            elif at - missing_since >= CONFIRM_AFTER:
                current = "gone"
    return current
