"""The cascade of a report: what it rests on, who cites it, its copies, and the same for its edition in the other
language; and where each stands in a picture of it.

From the report outwards, what came before is followed back and what came of it is followed on, LEVELS steps and no more
than MOST reports.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from publish import keys, lags
from publish.lags import Lag
from publish.room import rows

LEVELS = 3
MOST = 60  # reports
_NEIGHBOURS = 200  # of one report and one kind that are read
KINDS = {"citation": "cites", "reprint": "is a copy of", "twin": "is the other language’s edition of"}
_TIERS = list(keys.TIERS)


@dataclass(frozen=True, slots=True)
class Edge:
    """`source` cites, copies, or is the twin of `target`; `detail` says how that is known: a tier, a similarity."""

    source: int
    target: int
    kind: str
    detail: str = ""
    score: float | None = None


@dataclass(slots=True)
class Node:
    """A report in the picture: `level` steps from the one in the middle, reached over `parent`; `row` from the top."""

    id: int
    level: int
    parent: int | None
    row: int = 0
    about: dict[str, Any] = field(default_factory=dict)
    lag: Lag = field(default_factory=lambda: Lag(0, False))


@dataclass(frozen=True, slots=True)
class Cascade:
    """`nodes` in the order of their rows. `left_out`: reports that touch those shown and are not, as far as counted;
    `goes_on`: whether there are some behind the last level."""

    centre: int
    nodes: list[Node]
    edges: list[Edge]
    left_out: int
    goes_on: bool


def of(connection: sqlite3.Connection, report: int) -> Cascade:
    """The cascade of a report that is held."""
    nodes = {report: Node(report, 0, None)}
    missed: set[int] = set()
    goes_on = False
    frontier = [(report, True, True)]
    for level in range(1, LEVELS + 2):
        following: list[tuple[int, bool, bool]] = []
        for id, back, on in frontier:
            for neighbour, goes_back, follows in _neighbours(connection, id, back, on):
                if neighbour in nodes:
                    continue
                if level > LEVELS:
                    goes_on = True
                elif len(nodes) >= MOST:
                    missed.add(neighbour)
                else:
                    nodes[neighbour] = Node(neighbour, level, id)
                    following.append((neighbour, goes_back, follows))
        frontier = following
    _describe(connection, nodes, report)
    ordered = _rows(nodes, report)
    return Cascade(report, ordered, _edges(connection, nodes), len(missed - nodes.keys()), goes_on)


def _neighbours(connection: sqlite3.Connection, report: int, back: bool, on: bool) -> list[tuple[int, bool, bool]]:
    """The reports beside one, those first that say most of it: what it rests on, its twin, its copies, who cites it;
    each with the directions in which it is followed."""
    found: list[tuple[int, bool, bool]] = []

    def add(sql: str, back: bool, on: bool) -> None:
        found.extend((id, back, on) for (id,) in connection.execute(f"{sql} limit {_NEIGHBOURS}", {"id": report}))

    if back:
        add("select distinct cited from citations where report = :id and cited is not null order by cited", True, False)
        add("select original from reprints where report = :id", True, False)
    add(_TWINS, back, on)
    if on:
        add("select report from reprints where original = :id order by report", False, True)
        add("select distinct report from citations where cited = :id order by report", False, True)
    return found


_TWINS = """select * from (select english from twins where chinese = :id and mutual
    union select chinese from twins where english = :id and mutual)"""


def _describe(connection: sqlite3.Connection, nodes: dict[int, Node], centre: int) -> None:
    marks = ", ".join("?" * len(nodes))
    for row in rows(
        connection,
        f"""select reports.id, title, language, outlet, title_en as outlet_title, kind, state, versions, published_at,
            published_precision
        from reports join outlets on outlets.id = outlet where reports.id in ({marks})""",
        list(nodes),
    ):
        nodes[row["id"]].about = row
    precision = nodes[centre].about["published_precision"]
    for node in nodes.values():
        node.lag = lags.between(centre, precision, node.id, node.about["published_precision"])


def _rows(nodes: dict[int, Node], centre: int) -> list[Node]:
    """What came before on top, then the report, then what came of it; each below the one it was reached over."""
    below: dict[int | None, list[Node]] = {}
    for node in sorted(nodes.values(), key=lambda node: node.id):
        below.setdefault(node.parent, []).append(node)

    def walk(node: Node) -> list[Node]:
        earlier = [each for each in below.get(node.id, ()) if each.id < node.id]
        later = [each for each in below.get(node.id, ()) if each.id >= node.id]
        before = [reached for each in earlier for reached in walk(each)]
        return [*before, node, *(reached for each in later for reached in walk(each))]

    ordered = walk(nodes[centre])
    for row, node in enumerate(ordered):
        node.row = row
    return ordered


def _edges(connection: sqlite3.Connection, nodes: dict[int, Node]) -> list[Edge]:
    """All that joins two reports in the picture; of several citations between two the surest."""
    found: dict[tuple[int, int, str], Edge] = {}
    for id in nodes:
        for row in rows(
            connection, "select cited, tier, score from citations where report = ? and cited is not null", [id]
        ):
            if row["cited"] in nodes:
                edge = Edge(id, row["cited"], "citation", row["tier"], row["score"])
                key = (id, edge.target, edge.kind)
                if key not in found or _surer(edge, found[key]):
                    found[key] = edge
        for row in rows(connection, "select * from reprints where report = ?", [id]):
            if row["original"] in nodes:
                edge = Edge(id, row["original"], "reprint", _copied(row), row["similarity"])
                found[id, edge.target, edge.kind] = edge
        for row in rows(connection, "select english, score from twins where chinese = ? and mutual", [id]):
            if row["english"] in nodes:
                found[id, row["english"], "twin"] = Edge(id, row["english"], "twin", "", row["score"])
    return sorted(found.values(), key=lambda edge: (edge.source, edge.target, edge.kind))


def _surer(one: Edge, other: Edge) -> bool:
    return (_TIERS.index(one.detail), -(one.score or 0)) < (_TIERS.index(other.detail), -(other.score or 0))


def _copied(row: dict[str, Any]) -> str:
    """98 % the same, 1 passage altered, 2 left out."""
    said = [f"{math.floor(row['similarity'] * 100)} % the same"]
    for column, words in (("altered", "altered"), ("dropped", "left out"), ("added", "added")):
        if number := len(json.loads(row[column])):
            said.append(f"{number} {'passage' if number == 1 else 'passages'} {words}")
    return ", ".join(said)


# Places in the picture


def across(nodes: Sequence[Node]) -> tuple[dict[int, float], list[tuple[float, str]]]:
    """Where each report stands on the axis of time, and the axis's marks, in per cent from the left. The axis is
    logarithmic on both sides of the report in the middle: an hour is as far from a minute as ten days from an hour."""
    places = {node.id: _scaled(node.lag.minutes) for node in nodes}
    low, high = min(places.values()), max(places.values())

    def where(scaled: float) -> float:
        return 50.0 if low == high else _LEFT + (scaled - low) / (high - low) * (100 - 2 * _LEFT)

    marks: list[tuple[float, str]] = []
    for minutes, words in sorted(_TICKS, key=lambda tick: (tick[0] != 0, -abs(tick[0]))):
        at = where(_scaled(minutes))
        if low <= _scaled(minutes) <= high and all(abs(at - other) >= _APART for other, _ in marks):
            marks.append((at, words))
    return {id: where(scaled) for id, scaled in places.items()}, sorted(marks)


_LEFT = 5.0  # per cent free at both sides
_APART = 14.0  # per cent between two words of the axis, on a telephone too
_LENGTHS = ((1, "1 min"), (10, "10 min"), (60, "1 h"), (360, "6 h"), (1440, "1 day"), (14_400, "10 days"),
            (144_000, "100 days"), (525_960, "1 year"), (5_259_600, "10 years"))  # fmt: skip
_TICKS = [
    (0, "0"), *((minutes, f"+{words}") for minutes, words in _LENGTHS),
    *((-minutes, f"−{words}") for minutes, words in _LENGTHS),
]  # fmt: skip


def _scaled(minutes: int) -> float:
    return math.copysign(math.log10(1 + abs(minutes)), minutes)
