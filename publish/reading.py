"""A report as it is read: its text with what a query found in it, and how its time is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup, escape

from archive.snippets import find


@dataclass(frozen=True, slots=True)
class Text:
    """A wording as it is shown: escaped, and what a query found in it marked. `found`: in how many places."""

    title: Markup
    paragraphs: list[Markup]
    captions: list[Markup]
    found: int

    @classmethod
    def of(cls, version: dict[str, Any], words: str) -> Text:
        places = 0

        def marked(text: str) -> Markup:
            nonlocal places
            html, number = mark(text, words, places)
            places += number
            return html

        return cls(
            marked(version["title"]),
            [marked(paragraph) for paragraph in version["body"].split("\n\n") if paragraph.strip()],
            [marked(caption) for caption in version["captions"].split("\n") if caption.strip()],
            places,
        )


def mark(text: str, words: str, before: int = 0) -> tuple[Markup, int]:
    """The text escaped, with <mark> around what the query finds, and how often it does. `before`: marks that stand
    above it; the first of all has the id "found"."""
    parts: list[Markup] = []
    at = number = 0
    for first, last, _ in find(text, words) if words else ():
        opening = Markup('<mark id="found">') if before + number == 0 else Markup("<mark>")
        parts += [escape(text[at:first]), opening, escape(text[first:last]), Markup("</mark>")]
        at, number = last, number + 1
    return Markup().join([*parts, escape(text[at:])]), number


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
