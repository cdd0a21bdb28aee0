"""/graph/<id>: the cascade of a report as a picture with lags, and as a table; /graph/<id>.json and .csv."""

from __future__ import annotations

import sqlite3
from typing import Any

from publish import cascade, linked
from publish.cascade import KINDS, Cascade
from publish.cascade_picture import picture
from publish.linked import Standing
from publish.room import NotFound, read, show, whole_number

_CSV = (
    "report", "outlet", "title", "published", "kind", "of_report", "of_outlet", "of_title", "of_published", "how",
    "score", "lag_minutes",
)  # fmt: skip


async def view(datasette: Any, request: Any) -> Any:
    at, found = await _look(datasette, request)
    number = whole_number(request, "report")
    nodes = {node.id: node for node in found.nodes} if found else {}

    def address_of(report: int) -> str:
        return str(datasette.urls.path(f"/reports/{report}"))

    return await show(
        datasette,
        request,
        "graph",
        standing=at,
        number=number,
        cascade=found,
        nodes=nodes,
        picture=picture(found, address_of) if found and len(found.nodes) > 1 else "",
        joined=_joined(found) if found else {},
        most=cascade.MOST,
        levels=cascade.LEVELS,
        exports=[(name.upper(), str(datasette.urls.path(f"/graph/{number}.{name}"))) for name in ("json", "csv")],
    )


def _joined(found: Cascade) -> dict[int, list[tuple[str, int, str]]]:
    """Report → what it does to which other, or is done to one that does nothing: (words, the other, detail)."""
    joined: dict[int, list[tuple[str, int, str]]] = {}
    levels = {node.id: node.level for node in found.nodes}
    for edge in found.edges:
        source, target = edge.source, edge.target
        if edge.kind == "twin" and levels[target] > levels[source]:  # said of the one that is farther away
            source, target = target, source
        joined.setdefault(source, []).append((KINDS[edge.kind], target, edge.detail))
    silent = {node.id for node in found.nodes} - joined.keys() - {found.centre}
    for edge in found.edges:
        if edge.target in silent and edge.kind in _TURNED:
            joined.setdefault(edge.target, []).append((_TURNED[edge.kind], edge.source, edge.detail))
    return joined


_TURNED = {"citation": "is cited by", "reprint": "is copied by"}


async def _look(datasette: Any, request: Any) -> tuple[Standing, Cascade | None]:
    """Raises NotFound for a report that is not held. No cascade on an archive that has no place for one."""
    number = whole_number(request, "report")

    def look(connection: sqlite3.Connection) -> tuple[Standing, Cascade | None]:
        at = linked.standing(connection)
        if connection.execute("select 1 from reports where id = ?", [number]).fetchone() is None:
            raise NotFound(f"No report has the number {number}.")
        return at, cascade.of(connection, number) if at.has_tables else None

    return await read(datasette, look)


async def as_json(datasette: Any, request: Any) -> Any:
    """/graph/<id>.json: nodes and edges."""
    _, found = await _look(datasette, request)
    number = whole_number(request, "report")
    path = datasette.urls.path
    return linked.as_json(
        {
            "report": number,
            "page": path(f"/graph/{number}"),
            "nodes": [
                {
                    "id": node.id,
                    "page": path(f"/reports/{node.id}"),
                    **{name: node.about[name] for name in _NAMED},
                    "level": node.level,
                    "lag_minutes": node.lag.minutes if node.lag.is_known else None,
                    "lag_in_days": node.lag.in_days,
                }
                for node in (found.nodes if found else ())
            ],
            "edges": [
                {"from": edge.source, "to": edge.target, "kind": edge.kind, "how": edge.detail, "score": edge.score}
                for edge in (found.edges if found else ())
            ],
            "left_out": found.left_out if found else 0,
            "goes_on": found.goes_on if found else False,
        }
    )


_NAMED = ("outlet", "kind", "title", "language", "state", "published_at", "published_precision")


async def as_csv(datasette: Any, request: Any) -> Any:
    """/graph/<id>.csv: a row for each edge."""
    _, found = await _look(datasette, request)
    table: list[list[Any]] = []
    if found:
        nodes = {node.id: node for node in found.nodes}
        for edge in found.edges:
            one, other = nodes[edge.source], nodes[edge.target]
            table.append([
                one.id, one.about["outlet"], one.about["title"], one.about["published_at"], edge.kind, other.id,
                other.about["outlet"], other.about["title"], other.about["published_at"], edge.detail, edge.score,
                one.lag.minutes - other.lag.minutes if one.lag.is_known and other.lag.is_known else None,
            ])  # fmt: skip
    return linked.as_csv(f"graph-{whole_number(request, 'report')}", _CSV, table)
