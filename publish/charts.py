"""Charts as SVG, drawn on the server: bars over time, alone, stacked, or in rows that share one axis.

A chart is as wide as its place: positions are percentages, so that bars stretch while text keeps its size. Colours are
CSS classes (static/figures.css); nothing is inline. A chart with links is a group of named links, one without is an
image with a text alternative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from publish import formats
from publish.spans import Span, spans_of

MOST_LINKS = 48  # bars of a chart with links: each is a stop of the Tab key
MOST_BARS = 120  # of a row without links: thinner ones are not seen on a phone
_TOP, _BOTTOM = 18, 22  # room for the highest tick's number, and for the axis, in CSS pixels
_LEAST = 1.5  # per cent of the height: a single report among thousands is still seen


@dataclass(frozen=True, slots=True)
class Series:
    """What one colour of a chart stands for. `style` is a CSS class: state-1, secondary-2, plain …"""

    name: str
    style: str


@dataclass(frozen=True, slots=True)
class Slot:
    """One place on the axis. `parts`: a value for each series. `void`: nothing could be counted here, which is not
    nought. `tick`: what the axis says below it; a `minor` one is left out where room is short."""

    name: str
    parts: Sequence[float] = ()
    href: str = ""
    tick: str = ""
    minor: bool = False
    void: bool = False
    note: str = ""  # instead of the values, in words


def histogram(
    months: Mapping[str, Mapping[str, int]],
    address_of: Callable[[str, str], str],
    kinds: Mapping[str, str] | None = None,
) -> Markup:
    """Bars over time, each a link that narrows a search to its span: address_of(first day, last day), ISO dates.

    `months`: "2012-07" (or a day, "2012-07-26") → outlet → hits. With `kinds` (outlet → state or secondary) the bars
    tell the two apart. More than MOST_LINKS months are drawn as years. Nothing for nothing.
    """
    counted = {key: hits for key, hits in months.items() if any(hits.values())}
    if not counted:
        return Markup()
    spans = spans_of(counted, MOST_LINKS)
    series = _kinds(counted, kinds or {})
    slots = []
    for span in spans:
        hits = _within(counted, span.key)
        parts = _by_kind(hits, kinds or {}, series)
        href = address_of(span.first.isoformat(), span.last.isoformat()) if any(parts) else ""
        slots.append(Slot(span.name, parts, href, span.tick, span.minor))
    return legend(series) + bars(_summary("Hits", spans, slots), series, slots)


def bars(
    label: str,
    series: Sequence[Series],
    slots: Sequence[Slot],
    *,
    height: int = 120,
    highest: float = 0,
    axis: bool = True,
    say: Callable[[float], str] = lambda value: formats.number(round(value)),
) -> Markup:
    """A chart of stacked bars. `label` is its text alternative; `height` that of the bars in CSS pixels.

    `highest`: the highest value of several charts that share one scale; those without an `axis` are rows above one.
    `say` writes a value.
    """
    ticks = scale(max(highest, *(sum(slot.parts) for slot in slots), 0) if slots else highest)
    whole = ticks[-1] if ticks else 1
    if not axis:
        ticks = ticks[-1:]
    width = 100 / max(len(slots), 1)
    parts = [_grid(ticks, whole, say)]
    parts += [_bar(number * width, width, slot, series, whole, say) for number, slot in enumerate(slots)]
    return drawing(
        "chart",
        label,
        parts,
        _axis(slots, width, _TOP + height) if axis else Markup(),
        linked=any(slot.href for slot in slots),
        heights=(_TOP, height, _BOTTOM if axis else 1),
    )


def drawing(
    css: str, label: str, parts: Iterable[Markup], axis: Markup, *, linked: bool, heights: tuple[int, int, int]
) -> Markup:
    """The SVG of a chart: what is plotted, and the axis below it. `heights` in CSS pixels are those of the room above
    the plot, of the plot and of the room below; `linked`: a link is in it, so that it is no mere picture."""
    top, height, below = heights
    return Markup(
        '<svg class="{css}" role="{role}" aria-label="{label}" width="100%" height="{whole}">'
        '<svg y="{top}" width="100%" height="{height}" class="plot">{parts}</svg>{axis}</svg>'
    ).format(
        css=css,
        role="group" if linked else "img",
        label=label,
        whole=top + height + below,
        top=top,
        height=height,
        parts=Markup().join(parts),
        axis=axis,
    )


def axis_only(slots: Sequence[Slot]) -> Markup:
    """The axis of the rows above it."""
    return Markup('<svg class="chart" aria-hidden="true" width="100%" height="{}">{}</svg>').format(
        _BOTTOM, _axis(slots, 100 / max(len(slots), 1), 0)
    )


def legend(series: Sequence[Series]) -> Markup:
    """What the colours mean; nothing for a single one."""
    if len(series) < 2:
        return Markup()
    items = (
        Markup(
            '<li><svg class="key" width="12" height="12" aria-hidden="true">'
            '<rect class="{}" width="12" height="12"/></svg>{}</li>'
        ).format(each.style, each.name)
        for each in series
    )
    return Markup('<ul class="legend">{}</ul>').format(Markup().join(items))


def scale(highest: float) -> list[float]:
    """Round numbers up to at least `highest`, two or three of them: 7 → 5, 10. Empty for nothing."""
    if highest <= 0:
        return []
    power = 1.0
    while power * 10 <= highest:
        power *= 10
    while power > highest:
        power /= 10
    step = next(step for step in (power / 2, power, power * 2, power * 5) if highest <= 3 * step)
    if highest >= 1:
        step = max(step, 1)
    count = -int(-highest // step)
    return [step * number for number in range(1, count + 1)]


def outlet_series(outlets: Sequence[tuple[str, str, str]], shades: int = 3) -> tuple[list[Series], dict[str, int]]:
    """A colour for each (id, title, kind): shades of one colour for state media and of another for secondary ones.

    Returns the series, and outlet → its place among them. Beyond `shades` of a kind, the rest share one.
    """
    series: list[Series] = []
    places: dict[str, int] = {}
    for kind in ("state", "secondary"):
        of_kind = [(id, title) for id, title, its_kind in outlets if its_kind == kind]
        for number, (id, title) in enumerate(of_kind):
            rest = number >= shades - 1 and len(of_kind) > shades
            if not rest or number == shades - 1:
                name = f"other {formats.kind(kind)}" if rest else title
                series.append(Series(name, f"{kind}-{min(number, shades - 1) + 1}"))
            places[id] = len(series) - 1
    return series, places


# A histogram's parts


def _within(counted: Mapping[str, Mapping[str, int]], key: str) -> dict[str, int]:
    """Outlet → hits of all keys in the span."""
    sums: dict[str, int] = {}
    for each, hits in ((key, counted[key]),) if key in counted else counted.items():
        if each.startswith(key):
            for outlet, number in hits.items():
                sums[outlet] = sums.get(outlet, 0) + number
    return sums


def _kinds(counted: Mapping[str, Mapping[str, int]], kinds: Mapping[str, str]) -> list[Series]:
    present = {kinds.get(outlet, "") for hits in counted.values() for outlet in hits}
    series = [Series(formats.kind(kind), f"{kind}-1") for kind in ("state", "secondary") if kind in present]
    return series if len(series) == len(present) else [Series("hits", "plain")]


def _by_kind(hits: Mapping[str, int], kinds: Mapping[str, str], series: Sequence[Series]) -> list[int]:
    if len(series) == 1:
        return [sum(hits.values())]
    return [sum(number for outlet, number in hits.items() if kinds[outlet] == kind) for kind in ("state", "secondary")]


def _summary(what: str, spans: Sequence[Span], slots: Sequence[Slot]) -> str:
    unit = spans[0].unit
    totals = [sum(slot.parts) for slot in slots]
    most = max(totals)
    return (
        f"{what} per {unit}, {spans[0].name} to {spans[-1].name}: most, {formats.number(int(most))}, in "
        f"{slots[totals.index(most)].name}. Each bar leads to the hits of its {unit}."
    )


# Shapes


# A page draws thousands of bars: f-strings with escape() take a tenth of Markup.format's time.


def _bar(
    left: float, width: float, slot: Slot, series: Sequence[Series], whole: float, say: Callable[[float], str]
) -> Markup:
    total = sum(slot.parts)
    if total <= 0 and not slot.void:
        return Markup()
    words = escape(_words(slot, series, say))
    place = f'x="{_short(left)}%" width="{_short(width)}%" height="100%"'
    if slot.void:
        return Markup(f'<g><title>{words}</title><rect class="void" {place}/></g>')
    shapes = [f'<rect class="reach" {place}/>']
    gap = min(width * 0.15, 0.4)
    across = f'x="{_short(left + gap / 2)}%" width="{_short(width - gap)}%"'
    below = 100.0
    for each, value in zip(series, slot.parts, strict=False):
        if value > 0:
            tall = max(value / whole * 100, _LEAST)
            below -= tall
            upright = f'y="{_short(max(below, 0))}%" height="{_short(tall)}%"'
            shapes.append(f'<rect class="bar {escape(each.style)}" {across} {upright}/>')
    drawn = f"<title>{words}</title>{''.join(shapes)}"
    if not slot.href:
        return Markup(f"<g>{drawn}</g>")
    return Markup(f'<a href="{escape(slot.href)}" aria-label="{words}">{drawn}</a>')


def _words(slot: Slot, series: Sequence[Series], say: Callable[[float], str]) -> str:
    """July 2012: 12 (state media 10, secondary coverage 2)."""
    if slot.note:
        return f"{slot.name}: {slot.note}"
    words = f"{slot.name}: {say(sum(slot.parts))}"
    if len(series) < 2:
        return words
    each = (f"{one.name} {say(value)}" for one, value in zip(series, slot.parts, strict=False) if value)
    return f"{words} ({', '.join(each)})"


def _grid(ticks: Sequence[float], whole: float, say: Callable[[float], str]) -> Markup:
    lines = []
    for tick in ticks:
        place = _short(100 - tick / whole * 100)
        lines.append(
            Markup(
                '<line class="grid" x1="0" x2="100%" y1="{}%" y2="{}%"/><text class="level" y="{}%" dy="-3">{}</text>'
            ).format(place, place, place, say(tick))
        )
    return Markup().join(lines) + Markup('<line class="ground" x1="0" x2="100%" y1="100%" y2="100%"/>')


def _axis(slots: Sequence[Slot], width: float, top: int) -> Markup:
    marks = []
    for place, slot in enumerate(slots):
        if slot.tick:
            minor = " minor" if slot.minor else ""
            anchor = "start" if place == 0 else "middle"
            left = _short(place * width if place == 0 else (place + 0.5) * width)
            marks.append(
                Markup('<text class="tick{}" x="{}%" y="{}" text-anchor="{}">{}</text>').format(
                    minor, left, top + 16, anchor, slot.tick
                )
            )
    return Markup().join(marks)


def _short(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def share(value: float, whole: float, style: str = "plain") -> Markup:
    """A bar in a list, beside its number, which says the same."""
    return Markup(
        '<svg class="share" width="100%" height="8" aria-hidden="true"><rect class="{}" width="{}%" height="8"/></svg>'
    ).format(style, _short(value / whole * 100 if whole else 0))
