"""The edit radar: the same term replaced, taken out or put in in several reports within a week is one finding."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from archive.figures import figures
from archive.times import iso
from archive.typos import is_typo
from grammar.typography import plain

WINDOW = timedelta(days=7)
# Figures change wherever a count goes on, and slips are mended wherever one hand made them: two reports are chance.
_SLIGHT_AT_LEAST = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One term in place of another in several reports. `was` is "" for a term that was put in, `became` for one that
    was taken out; both as most of the reports write them. `outlets` are ids, in order; `versions` those that made the
    change, oldest first."""

    was: str
    became: str
    reports: int
    outlets: tuple[str, ...]
    first_at: str
    last_at: str
    versions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    at: str
    version: int
    report: int
    outlet: str
    was: str
    became: str

    def is_a_week_after(self, other: _Place) -> bool:
        # Not archive.times.parse, which takes thirty times as long and is strict about what nobody here writes.
        return datetime.fromisoformat(self.at) - datetime.fromisoformat(other.at) > WINDOW


def findings(
    connection: sqlite3.Connection,
    since: datetime,
    until: datetime,
    outlet: str = "",
    least: int = 2,
    limit: int = 100,
) -> list[Finding]:
    """What was changed alike in at least `least` reports within a week, and last from `since` up to but not at `until`:
    most reports first, then the newest.

    The same change more than a week after its last one is another finding. Letters' case is set aside. Figures, slips
    and little words, and terms that were only put in, must stand in three reports at least. A finding that began before
    `since` is told from a week before it on.
    """
    began, end = iso(since - WINDOW), iso(until)
    found = [
        finding
        for places in _several(connection, began, end, outlet)
        for cluster in _apart(places)
        if (finding := _finding(cluster, least)) is not None and finding.last_at >= iso(since)
    ]
    found.sort(key=lambda finding: (finding.reports, finding.last_at, finding.was, finding.became), reverse=True)
    return found[:limit]


# Both passes read this index alone, in order of time: docs/benchmarks.md has their time.
_FROM = """from replacements indexed by replacements_at
    where seen_at >= :since and seen_at < :until and was <> became and :outlet in ('', outlet)"""


def _several(connection: sqlite3.Connection, since: str, until: str, outlet: str) -> Iterable[list[_Place]]:
    """The places of each change that stands in more than one report, oldest first.

    Two passes, since most changes stand in one report: of these the first keeps a number each and no text.
    """
    values = {"since": since, "until": until, "outlet": outlet}
    report_of: dict[int, int] = {}
    several: set[int] = set()
    for was, became, report in connection.execute(f"select was, became, report {_FROM}", values):
        key = hash(_folded(was, became))
        if report_of.setdefault(key, report) != report:
            several.add(key)
    places: dict[tuple[str, str], list[_Place]] = {}
    for at, version, report, outlet_, was, became in connection.execute(
        f"select seen_at, version, report, outlet, was, became {_FROM} order by seen_at", values
    ):
        pair = _folded(was, became)
        if hash(pair) in several:
            places.setdefault(pair, []).append(_Place(at, version, report, outlet_, was, became))
    return places.values()


def _folded(was: str, became: str) -> tuple[str, str]:
    return was.casefold(), became.casefold()


def _apart(places: list[_Place]) -> Iterator[list[_Place]]:
    """The places cut where more than a week passed without one."""
    cluster = places[:1]
    for before, place in pairwise(places):
        if place.is_a_week_after(before):
            yield cluster
            cluster = []
        cluster.append(place)
    yield cluster


def _finding(cluster: list[_Place], least: int) -> Finding | None:
    """What a cluster says, None where too few of its reports lie within one week."""
    reports = {place.report for place in cluster}
    # The cheap questions first: most changes stand in two reports.
    if len(reports) < least:
        return None
    was = Counter(place.was for place in cluster).most_common(1)[0][0]
    became = Counter(place.became for place in cluster).most_common(1)[0][0]
    if least < _SLIGHT_AT_LEAST and (not was or _is_slight(was, became)):
        least = _SLIGHT_AT_LEAST
    if len(reports) < least or _most_within_a_week(cluster) < least:
        return None
    return Finding(
        was,
        became,
        len(reports),
        tuple(sorted({place.outlet for place in cluster})),
        cluster[0].at,
        cluster[-1].at,
        tuple(sorted({place.version for place in cluster})),
    )


def _most_within_a_week(cluster: list[_Place]) -> int:
    """In how many reports a cluster's change was made within any one week."""
    window: deque[_Place] = deque()
    within: Counter[int] = Counter()
    most = 0
    for place in cluster:
        window.append(place)
        within[place.report] += 1
        while place.is_a_week_after(window[0]):
            left = window.popleft()
            within[left.report] -= 1
            if not within[left.report]:
                del within[left.report]
        most = max(most, len(within))
    return most


def _is_slight(was: str, became: str) -> bool:
    return is_typo(was, became) or (_says_nothing(was) and _says_nothing(became))


_LITTLE = re.compile(
    r"(?:\b(?:a|an|the|of|in|on|at|to|by|for|from|with|and|or|as|that|which|who|is|are|was|were|be|been|has|have|had|it|its"
    r"|this|will|would|s|t)\b|[的了着过在和与及是也都就又并而其之将被把对从于以上中个名人位起]|[\W_])*",
    re.IGNORECASE,
)


def _says_nothing(term: str) -> bool:
    """Whether a term is only figures, little words and marks."""
    text = plain(term)
    for figure in reversed(figures(text)):
        text = text[: figure.first] + " " + text[figure.last :]
    return _LITTLE.fullmatch(text) is not None
