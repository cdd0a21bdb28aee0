"""Calendars as SVG: a year by days, and many years by weeks, each day or week with what it held."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from markupsafe import Markup, escape

from publish import formats

_CELL, _GAP = 10, 2  # of the drawing, which is scaled to its place
_CORNER = 5
_LEFT, _TOP = 32, 16  # room for weekdays or years, and for months
LEVELS = 4
_WEEKDAYS = ("Mon", "", "Wed", "", "Fri", "", "Sun")
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Cell:
    """A day or a week. `style` is a CSS class (level-0 … level-4, unlooked, barred); `words` say what it held. One that
    `is_cut` lacks a corner."""

    style: str
    words: str
    href: str = ""
    is_cut: bool = False


def levels(counts: Mapping[date, int] | Sequence[int]) -> list[int]:
    """The least count of each of the LEVELS: quarters of the highest, 1 at least and none twice."""
    values = counts.values() if isinstance(counts, Mapping) else counts
    highest = max(values, default=0)
    bounds = [max(1, -(-highest * quarter // LEVELS)) for quarter in range(LEVELS)]
    return sorted(set(bounds)) if highest else []


def level(count: int, bounds: Sequence[int]) -> str:
    """The class of a count: level-0 for none, level-1 … level-4. The highest bound is always the darkest."""
    above = sum(count >= bound for bound in bounds)
    return f"level-{above + LEVELS - len(bounds) if above else 0}"


def year(label: str, year: int, cell_of: Callable[[date], Cell | None]) -> Markup:
    """A year's days, a column a week and a row a weekday. `cell_of` gives None for a day of which nothing is drawn."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    start = first - timedelta(first.weekday())
    cells, months = [], []
    for number in range((last - first).days + 1):
        day = first + timedelta(number)
        column, row = divmod((day - start).days, _WEEK)
        if cell := cell_of(day):
            cells.append(_drawn(cell, column, row))
        if day.day == 1:
            months.append(
                _text(
                    "middle",
                    column + 0.5 if day.weekday() == 0 else column + 1.5,
                    -0.5,
                    formats.day(day).split()[1][:3],
                )
            )
    names = [_text("end", -0.5, row + 0.75, name, "minor") for row, name in enumerate(_WEEKDAYS) if name]
    return _drawing(label, 54, _WEEK, [*months, *names, *cells])


def years(label: str, first: int, last: int, cell_of: Callable[[date, date], Cell | None]) -> Markup:
    """Many years, a row a year (the newest on top) and a column a week: cell_of(first day, last day) of each. Weeks
    are counted from 1 January; the last one has eight days, nine in leap years."""
    drawn = [
        _text("middle", column, -0.5, name)
        for column, name in ((2, "Jan"), (15, "Apr"), (28, "Jul"), (41, "Oct"))
    ]  # fmt: skip
    for row, number in enumerate(range(last, first - 1, -1)):
        drawn.append(_text("end", -0.5, row + 0.8, str(number), "minor" if number % 5 else ""))
        for column in range(52):
            begin = date(number, 1, 1) + timedelta(column * _WEEK)
            end = begin + timedelta(_WEEK - 1) if column < 51 else date(number, 12, 31)
            if cell := cell_of(begin, end):
                drawn.append(_drawn(cell, column, row))
    return _drawing(label, 52, last - first + 1, drawn)


def key(items: Sequence[tuple[str, str]]) -> Markup:
    """What the cells mean: (class, words); "cut" is a cell without a corner."""
    entries = (
        Markup(
            '<li><svg class="key" width="12" height="12" viewBox="0 0 10 10" aria-hidden="true">{}</svg>{}</li>'
        ).format(_shape("level-2" if style == "cut" else style, 0, 0, style == "cut"), words)
        for style, words in items
    )
    return Markup('<ul class="legend">{}</ul>').format(Markup().join(entries))


def _drawing(label: str, columns: int, rows: int, parts: Sequence[Markup]) -> Markup:
    role = "group" if any("<a " in part for part in parts) else "img"
    return Markup('<svg class="calendar" role="{}" aria-label="{}" viewBox="{} {} {} {}">{}</svg>').format(
        role,
        label,
        -_LEFT,
        -_TOP,
        _LEFT + columns * (_CELL + _GAP),
        _TOP + rows * (_CELL + _GAP),
        Markup().join(parts),
    )


# A page draws thousands of cells: f-strings with escape() take a tenth of Markup.format's time.


def _drawn(cell: Cell, column: int, row: int) -> Markup:
    words = escape(cell.words)
    shape = _shape(cell.style, column * (_CELL + _GAP), row * (_CELL + _GAP), cell.is_cut)
    if cell.href:
        return Markup(f'<a href="{escape(cell.href)}" aria-label="{words}"><title>{words}</title>{shape}</a>')
    return Markup(f"<g><title>{words}</title>{shape}</g>")


def _shape(style: str, left: int, top: int, is_cut: bool = False) -> Markup:
    """A square; crossed out where the class is barred, with a dot where only others looked, so that colour is not all
    that tells it."""
    square = f'<rect class="cell {escape(style)}" x="{left}" y="{top}" width="{_CELL}" height="{_CELL}" rx="1.5"/>'
    if style == "elsewhere":
        square += f'<circle class="dot" cx="{left + _CELL / 2}" cy="{top + _CELL / 2}" r="1.8"/>'
    if style == "barred":
        near, far = 2.5, _CELL - 2.5
        square += (
            f'<path class="bars" d="M{left + near} {top + near}L{left + far} {top + far}'
            f'M{left + far} {top + near}L{left + near} {top + far}"/>'
        )
    if is_cut:
        square += f'<path class="corner" d="M{left + _CELL} {top + _CELL - _CORNER}v{_CORNER}h-{_CORNER}z"/>'
    return Markup(square)


def _text(anchor: str, column: float, row: float, text: str, style: str = "") -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        style, round(column * (_CELL + _GAP), 1), round(row * (_CELL + _GAP), 1), anchor, text
    )
