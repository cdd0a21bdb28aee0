"""The picture of a cascade as SVG: a row for each report, time from left to right, and what joins them.

Drawn as publish/charts.py draws: as wide as its place, colours by CSS classes, nothing inline.
"""

from __future__ import annotations

from collections.abc import Callable
from unicodedata import east_asian_width

from markupsafe import Markup, escape

from publish import cascade, formats
from publish.cascade import Cascade, Edge, Node

_ROW, _TOP, _BOTTOM = 46, 26, 8  # CSS pixels
_TRACK = 32  # of a row, where its mark stands
_LONG, _SHORT = 130, 42  # signs of a label at a desk and on a telephone; a Chinese one counts double
_MARKS = {
    "state": '<circle class="state-1" r="5.5"/>',
    "secondary": '<rect class="secondary-1" x="-5" y="-5" width="10" height="10"/>',
}
_APART = 20  # per cent of a telephone that a word of the axis needs
_EDGES = {"citation": "a citation", "reprint": "a copy", "twin": "the other language"}


def picture(found: Cascade, address_of: Callable[[int], str]) -> Markup:
    """The picture with its legend; each report is a link."""
    places, marks = cascade.across(found.nodes)
    rows = {node.id: node.row for node in found.nodes}
    height = _TOP + _ROW * len(found.nodes) + _BOTTOM
    minor = _minor(marks)
    parts = [
        f'<line class="grid" x1="{_short(at)}%" x2="{_short(at)}%" y1="{_TOP - 6}" y2="{height}"/>'
        f'<text class="tick{" minor" if words in minor else ""}" x="{_short(at)}%" y="12" text-anchor="middle">'
        f"{escape(words)}</text>"
        for at, words in marks
    ]
    parents = {(node.id, node.parent) for node in found.nodes}
    copied = {(edge.source, edge.target) for edge in found.edges if edge.kind == "reprint"}
    for edge in found.edges:
        if edge.kind == "citation" and (edge.source, edge.target) in copied:
            continue  # two lines on each other: that it is a copy says more
        is_branch = (edge.source, edge.target) in parents or (edge.target, edge.source) in parents
        parts.append(_joined(edge, places, rows, is_branch))
    parts += [_node(node, found.centre, places[node.id], address_of(node.id)) for node in found.nodes]
    label = f"{formats.plural(len(found.nodes), 'report')} and what joins them; the table below says the same."
    return _legend(found) + Markup(
        '<svg class="chart graph-picture" role="group" aria-label="{}" width="100%" height="{}">{}</svg>'
    ).format(label, height, Markup("".join(parts)))


def _minor(marks: list[tuple[float, str]]) -> set[str]:
    """Words of the axis that have no room on a telephone: those between 0 and the ends go first."""
    zero = next((at for at, words in marks if words == "0"), 50.0)
    shown: list[float] = []
    minor = set()
    for at, words in sorted(marks, key=lambda mark: (mark[1] != "0", -abs(mark[0] - zero))):
        if any(abs(at - other) < _APART for other in shown):
            minor.add(words)
        else:
            shown.append(at)
    return minor


def _joined(edge: Edge, places: dict[int, float], rows: dict[int, int], is_branch: bool) -> str:
    """From the report that was reached first down (or up) to the row of the other, and across to it."""
    first, other = edge.target, edge.source
    x1, x2 = _short(places[first]), _short(places[other])
    y1, y2 = (_TOP + rows[id] * _ROW + _TRACK for id in (first, other))
    style = f"graph-edge graph-{escape(edge.kind)}" + ("" if is_branch else " graph-extra")
    return (
        f'<line class="{style}" x1="{x1}%" x2="{x1}%" y1="{y1}" y2="{y2}"/>'
        f'<line class="{style}" x1="{x1}%" x2="{x2}%" y1="{y2}" y2="{y2}"/>'
    )


def _node(node: Node, centre: int, x: float, href: str) -> str:
    top = _TOP + node.row * _ROW
    about, at = node.about, _short(x)
    title = about["title"] or "(no title)"
    is_centre = node.id == centre
    lag = "" if is_centre else node.lag.words
    said = escape(f"{about['outlet_title']}: {title}; " + (lag or "the report in the middle"))
    shape = (
        f'<svg x="{at}%" y="{top + _TRACK}" class="graph-mark">'
        + ('<circle class="graph-centre" r="10"/>' if is_centre else "")
        + _MARKS[about["kind"]]
        + "</svg>"
    )
    side, anchor = ("0", "start") if x < 50 else ("100%", "end")
    labels = ""
    for style, most in (("graph-long", _LONG), ("graph-short", _SHORT)):
        shown = _cut(title, most - _width(about["outlet_title"]))
        labels += (
            f'<text class="graph-label {style}" x="{side}" y="{top + 15}" text-anchor="{anchor}">'
            f'<tspan class="graph-outlet">{escape(about["outlet_title"])}</tspan> '
            f'<tspan lang="{escape(about["language"])}">{escape(shown)}</tspan></text>'
        )
    away, beside = (12, "start") if x < 70 else (-12, "end")
    when = (
        f'<svg x="{at}%" y="{top + _TRACK}" class="graph-mark"><text class="graph-lag" x="{away}" y="4" '
        f'text-anchor="{beside}">{escape(lag)}</text></svg>'
        if lag
        else ""
    )
    reach = f'<rect class="reach" x="0" y="{top}" width="100%" height="{_ROW}"/>'
    return f'<a href="{escape(href)}" aria-label="{said}"><title>{said}</title>{reach}{labels}{shape}{when}</a>'


def _legend(found: Cascade) -> Markup:
    kinds = {node.about["kind"] for node in found.nodes}
    used = {edge.kind for edge in found.edges}
    items = [
        '<li><svg class="key" width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true">'
        f"{mark}</svg>{escape(formats.kind(kind))}</li>"
        for kind, mark in _MARKS.items()
        if kind in kinds
    ]
    items += [
        f'<li><svg class="key" width="30" height="8" aria-hidden="true"><line class="graph-edge graph-{kind}" x1="0" '
        f'x2="30" y1="4" y2="4"/></svg>{words}</li>'
        for kind, words in _EDGES.items()
        if kind in used
    ]
    return Markup('<ul class="legend">{}</ul>').format(Markup("".join(items)))


def _width(text: str) -> int:
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _cut(text: str, most: int) -> str:
    """The beginning of a text that is `most` wide."""
    if _width(text) <= most:
        return text
    kept, wide = "", 1
    for sign in text:
        wide += _width(sign)
        if wide > most:
            break
        kept += sign
    return f"{kept.rstrip()}…"


def _short(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
