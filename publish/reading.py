"""A report as it is read: its text with what a query found in it, and how its time is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from markupsafe import Markup, escape

from archive.snippets import find
from items import BETWEEN_PARAGRAPHS


@dataclass(frozen=True, slots=True)
class Span:
    """A statement's place in the title or the body, in characters. `kind` is figure, source, mention or quote; `note`
    tells in a line what the element with the id `id` tells in full."""

    place: str
    start: int
    stop: int
    id: str
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class Text:
    """A wording as it is shown: escaped, what a query found in it marked, and its statements linked. `found`: in how
    many places."""

    title: Markup
    paragraphs: list[Markup]
    captions: list[Markup]
    found: int

    @classmethod
    def of(cls, version: dict[str, Any], words: str, spans: Iterable[Span] = ()) -> Text:
        places = 0
        by_place: dict[str, list[Span]] = {}
        for span in spans:
            by_place.setdefault(span.place, []).append(span)

        def marked(text: str, spans: Sequence[Span] = ()) -> Markup:
            nonlocal places
            html, number = mark(text, words, places, spans)
            places += number
            return html

        return cls(
            marked(version["title"], by_place.get("title", [])),
            [
                marked(paragraph, within)
                for paragraph, within in _paragraphs(version["body"], by_place.get("body", []))
                if paragraph.strip()
            ],
            [marked(caption) for caption in version["captions"].split("\n") if caption.strip()],
            places,
        )


def _paragraphs(body: str, spans: list[Span]) -> Iterator[tuple[str, list[Span]]]:
    """Each paragraph with the spans in it, counted from where it begins; one that goes beyond it ends with it."""
    waiting = sorted(spans, key=lambda span: span.start, reverse=True)
    at = 0
    for paragraph in body.split(BETWEEN_PARAGRAPHS):
        within: list[Span] = []
        while waiting and waiting[-1].start < at + len(paragraph):
            span = waiting.pop()
            if span.start >= at:
                stop = min(span.stop - at, len(paragraph))
                within.append(replace(span, start=span.start - at, stop=stop))
        yield paragraph, within
        at += len(paragraph) + len(BETWEEN_PARAGRAPHS)


def mark(text: str, words: str, before: int = 0, spans: Sequence[Span] = ()) -> tuple[Markup, int]:
    """The text escaped, with <mark> around what the query finds, and how often it does. `before`: marks that stand
    above it; the first of all has the id "found". Where spans lie, the text is a link to the innermost one's
    statement: links cannot lie in links, so what overlaps is cut."""
    finds = [(first, last) for first, last, _ in find(text, words)] if words else []
    parts: list[Markup] = []
    place = 0  # the first find that does not end before where we are
    for first, last, around, begins in _stretches(len(text), _named_once(spans)):
        while place < len(finds) and finds[place][1] <= first:
            place += 1
        inner = _with_marks(text, first, last, finds, place, is_first_of_all=before == 0)
        parts.append(_linked(inner, around, begins) if around else inner)
    return Markup().join(parts), len(finds)


def _named_once(spans: Sequence[Span]) -> list[Span]:
    """An outlet that is named within the words for a source, and the other way round, takes the longer one's place:
    "the state news agency Xinhua" is one link, with two statements."""
    naming = [span for span in spans if span.kind in ("source", "mention")]

    def widest(span: Span) -> Span:
        around = [each for each in naming if each.start <= span.start and span.stop <= each.stop]
        outer = max(around, key=lambda each: each.stop - each.start)
        return replace(span, start=outer.start, stop=outer.stop)

    return [widest(span) if span.kind in ("source", "mention") else span for span in spans]


def _stretches(length: int, spans: Sequence[Span]) -> Iterator[tuple[int, int, list[Span], list[Span]]]:
    """The text cut where spans begin and end: from, to, the spans around it, and those of them that begin here."""
    bounds = sorted({0, length, *(min(place, length) for span in spans for place in (span.start, span.stop))})
    waiting = sorted(spans, key=lambda span: span.start, reverse=True)
    around: list[Span] = []
    for first, last in pairwise(bounds):
        around = [span for span in around if span.stop > first]
        begins = []
        while waiting and waiting[-1].start <= first:
            begins.append(waiting.pop())
        around += begins
        yield first, last, around, begins


def _with_marks(
    text: str, first: int, last: int, finds: list[tuple[int, int]], place: int, *, is_first_of_all: bool
) -> Markup:
    parts: list[Markup] = []
    at = first
    for number in range(place, len(finds)):
        start, stop = max(finds[number][0], first), min(finds[number][1], last)
        if start >= last:
            break
        is_the_first = is_first_of_all and number == 0 and start == finds[0][0]
        opening = Markup('<mark id="found">') if is_the_first else Markup("<mark>")
        parts += [escape(text[at:start]), opening, escape(text[start:stop]), Markup("</mark>")]
        at = stop
    return Markup().join([*parts, escape(text[at:last])])


_LINKED = ("figure", "mention", "source")  # of two on the same words the first of these


def _linked(inner: Markup, around: list[Span], begins: list[Span]) -> Markup:
    """A stretch of text inside spans. It has the ids of those that begin here, for the way back from the statement."""
    links = sorted(
        (span for span in around if span.kind in _LINKED),
        key=lambda span: (span.stop - span.start, _LINKED.index(span.kind)),
    )
    ids = [Markup(' id="in-{}"').format(span.id) for span in begins] or [Markup()]
    anchors = Markup().join(Markup("<span{}></span>").format(id) for id in ids[1:])
    kinds = " ".join(f"statement-{kind}" for kind in dict.fromkeys(span.kind for span in (*links, *around)))
    if not links:
        return anchors + Markup('<span class="{}"{}>{}</span>').format(kinds, ids[0], inner)
    return anchors + Markup('<a class="statement {}"{} href="#{}" aria-describedby="{}" data-note="{}">{}</a>').format(
        kinds,
        ids[0],
        links[0].id,
        " ".join(f"{span.id}-gist" for span in links),
        "\n".join(span.note for span in links),
        inner,
    )


# Its time


@dataclass(frozen=True, slots=True)
class Time:
    """A publication time as the page gives it. `local` has no zone, `zone` names it; `utc` is "" where it is unknown;
    `why` says in a sentence how the time is known."""

    local: str
    zone: str
    utc: str
    precision: str
    printed: str
    why: str

    @classmethod
    def of(cls, report: dict[str, Any], outlet_zone: str) -> Time | None:
        local, precision = (
            report["published_local"] or report["published_at"],
            report["published_precision"] or "minute",
        )
        if not local:
            return None
        utc = report["published_at"] or ""
        if not utc.endswith("Z"):
            utc = ""
        zone, why = "", "The page prints a day and no time of day."
        if precision != "day":
            match report["zone_basis"]:
                case "page":
                    zone = offset(local, utc)
                    why = "The page states the time with its zone."
                case "outlet":
                    zone = outlet_zone
                    why = f"The page names no zone; it is read in the outlet’s, {outlet_zone}."
                case "unknown":
                    why = "The page names no zone, and none is known for the outlet: the time in UTC is not known."
                case _:
                    why = ""
        return cls(local.removesuffix("Z"), zone, utc, precision, report["published_printed"] or "", why)


def offset(local: str, utc: str) -> str:
    """What a local time is ahead of UTC: "UTC+08:00"; "" if either is not a time."""
    try:
        ahead = datetime.fromisoformat(local.removesuffix("Z")) - datetime.fromisoformat(utc.removesuffix("Z"))
    except ValueError:
        return ""
    minutes = round(ahead / timedelta(minutes=1))
    sign = "-" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if minutes else "UTC"
