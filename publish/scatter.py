"""Figures over time as SVG: a mark for each, whose shape tells how it is meant, and a line through a series.

Drawn as publish/charts.py draws: as wide as its place, colours by CSS classes, nothing inline.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from markupsafe import Markup, escape

from publish import charts, keys
from publish.charts import MOST_LINKS

MOST = 200  # marks that can be told from each other
_HEIGHT, _TOP, _BOTTOM = 220, 20, 24  # CSS pixels
_MARGIN = 3.0  # per cent left free at both sides, so that no mark is cut
# How a value is meant → its mark around 0, 0: the point of a triangle says on which side the true number lies.
_MARKS = {
    "": '<circle r="4.5"/>',
    "at least": '<path d="M0 -6 L5.5 4 L-5.5 4 Z"/>',
    "at most": '<path d="M0 6 L5.5 -4 L-5.5 -4 Z"/>',
    "about": '<path d="M0 -5.5 L5.5 0 L0 5.5 L-5.5 0 Z"/>',
    "nearly": '<path class="figures-open" d="M0 6 L5.5 -4 L-5.5 -4 Z"/>',
}
_NAMES = {
    "": "exactly so many", "at least": "at least so many", "at most": "at most so many", "about": "about so many",
    "nearly": "nearly so many",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure: what is said of it, its page, and the days that it is about (`first` is `last` for a single one)."""

    words: str
    href: str
    first: date
    last: date
    value: float
    value_max: float | None
    meaning: str
    is_contradicted: bool = False

    @property
    def middle(self) -> float:
        return (self.first.toordinal() + self.last.toordinal()) / 2


def scatter(label: str, marks: Sequence[Mark], line: Sequence[Mark] = ()) -> Markup:
    """The chart with its legend; nothing for no marks. `label` is its text alternative. `line`: marks that are joined,
    in order. With no more than MOST_LINKS marks each is a link."""
    if not marks:
        return Markup()
    across, up = _Across(marks), _Up(marks)
    linked = len(marks) <= MOST_LINKS
    shapes = [_grid(up), *(_join(one, other, across, up) for one, other in pairwise(line))]
    shapes += [_drawn(mark, across, up, linked) for mark in marks]
    return _legend(marks, up.is_log) + charts.drawing(
        "chart figures-chart", label, shapes, across.axis(), linked=linked, heights=(_TOP, _HEIGHT, _BOTTOM)
    )


class _Across:
    """The time axis: days → per cent."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self._first = min(mark.first for mark in marks).toordinal()
        self._last = max(mark.last for mark in marks).toordinal()

    def place(self, ordinal: float) -> float:
        if self._first == self._last:
            return 50.0
        return _MARGIN + (ordinal - self._first) / (self._last - self._first) * (100 - 2 * _MARGIN)

    def axis(self) -> Markup:
        """Years where there are several, else the days at both ends."""
        first, last = date.fromordinal(self._first), date.fromordinal(self._last)
        years = [date(year, 1, 1) for year in range(first.year, last.year + 1) if date(year, 1, 1) >= first]
        if len(years) > 1:
            named = [(day, str(day.year)) for day in years]
        else:
            named = [(first, _short_day(first))]
            if last - first > timedelta(20):
                named.append((last, _short_day(last)))
        marks, wide, narrow = [], -_APART, -2 * _APART
        for day, name in named:
            at = self.place(day.toordinal())
            if at - wide < _APART:
                continue
            wide, minor = at, " minor"
            if at - narrow >= 2 * _APART:
                narrow, minor = at, ""
            anchor = "start" if at < 9 else "end" if at > 91 else "middle"
            marks.append(
                Markup('<text class="tick{}" x="{}%" y="{}" text-anchor="{}">{}</text>').format(
                    minor, _short(at), _TOP + _HEIGHT + 17, anchor, name
                )
            )
        return Markup().join(marks)


_APART = 7.0  # per cent between two words of the axis at a desk; twice that on a telephone


def _short_day(day: date) -> str:
    return f"{day.day} {day:%b} {day.year}"


class _Up:
    """The axis of values → per cent from the top; by powers of ten where the values are far apart."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        values = [value for mark in marks for value in (mark.value, mark.value_max) if value is not None]
        low, high = min(values), max(values)
        self.is_log = low > 0 and high / low > 60
        if self.is_log:
            self._low, self._high = float(math.floor(math.log10(low))), float(math.ceil(math.log10(high)))
            powers = range(int(self._low), int(self._high) + 1)
            self.ticks = [10.0**power for power in powers[:: -(-(len(powers) - 1) // 5)]]
        else:
            self.ticks = charts.scale(max(high, 0)) or [1.0]
            self._low, self._high = min(low, 0), max(self.ticks[-1], high)

    def place(self, value: float) -> float:
        where = math.log10(value) if self.is_log else value
        return 100 - (where - self._low) / ((self._high - self._low) or 1) * 100


def _grid(up: _Up) -> Markup:
    lines = (
        Markup(
            '<line class="grid" x1="0" x2="100%" y1="{0}%" y2="{0}%"/><text class="level" y="{0}%" dy="-3">{1}</text>'
        ).format(_short(up.place(tick)), keys.plain(tick))
        for tick in up.ticks
    )
    return Markup().join(lines) + Markup('<line class="ground" x1="0" x2="100%" y1="100%" y2="100%"/>')


def _join(one: Mark, other: Mark, across: _Across, up: _Up) -> Markup:
    return Markup('<line class="figures-line" x1="{}%" y1="{}%" x2="{}%" y2="{}%"/>').format(
        _short(across.place(one.middle)), _short(up.place(one.value)), _short(across.place(other.middle)),
        _short(up.place(other.value)),
    )  # fmt: skip


def _drawn(mark: Mark, across: _Across, up: _Up, linked: bool) -> Markup:
    words, x, y = escape(mark.words), _short(across.place(mark.middle)), _short(up.place(mark.value))
    shapes = [f"<title>{words}</title>"]
    if mark.first != mark.last:
        start, stop = _short(across.place(mark.first.toordinal())), _short(across.place(mark.last.toordinal()))
        shapes.append(f'<line class="figures-span" x1="{start}%" x2="{stop}%" y1="{y}%" y2="{y}%"/>')
    if mark.value_max is not None:
        shapes.append(
            f'<line class="figures-span" x1="{x}%" x2="{x}%" y1="{y}%" y2="{_short(up.place(mark.value_max))}%"/>'
        )
    ring = '<circle class="figures-ring" r="10"/>' if mark.is_contradicted else ""
    shape = _MARKS.get(mark.meaning, _MARKS[""])
    shapes.append(f'<svg class="figures-mark" x="{x}%" y="{y}%"><circle class="reach" r="12"/>{ring}{shape}</svg>')
    drawn = "".join(shapes)
    if not linked:
        return Markup(f"<g>{drawn}</g>")
    return Markup(f'<a href="{escape(mark.href)}" aria-label="{words}">{drawn}</a>')


def _legend(marks: Sequence[Mark], is_log: bool) -> Markup:
    used = {mark.meaning for mark in marks}
    items = [
        Markup(
            '<li><svg class="key figures-mark" width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">{}</svg>'
            "{}</li>"
        ).format(Markup(shape), _NAMES[meaning])
        for meaning, shape in _MARKS.items()
        if meaning in used
    ]
    if any(mark.is_contradicted for mark in marks):
        items.append(
            Markup(
                '<li><svg class="key figures-mark" width="22" height="22" viewBox="-11 -11 22 22" aria-hidden="true">'
                '<circle class="figures-ring" r="10"/></svg>contradicted</li>'
            )
        )
    if any(mark.first != mark.last for mark in marks):
        items.append(
            Markup(
                '<li><svg class="key" width="22" height="6" aria-hidden="true">'
                '<line class="figures-span" x1="0" x2="22" y1="3" y2="3"/></svg>the days it is about</li>'
            )
        )
    if is_log:
        items.append(Markup("<li>the scale is logarithmic</li>"))
    return Markup('<ul class="legend">{}</ul>').format(Markup().join(items))


def _short(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
