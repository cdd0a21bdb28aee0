"""An outlet's days in calendars: what is held of them, and when somebody looked."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup

from archive.coverage import ABSENT, BARRED, ELSEWHERE
from publish import calendars, coverage, formats


def by_weeks(held: dict[date, int]) -> Markup:
    """The years that hold anything, by weeks; nothing for a single year, which is shown by days."""
    known = {day.year for day in held}
    if len(known) < 2 or max(known) - min(known) > 60:
        return Markup()
    weeks: dict[tuple[int, int], int] = {}
    for day, reports in held.items():
        week = (day.year, min((day.timetuple().tm_yday - 1) // 7, 51))
        weeks[week] = weeks.get(week, 0) + reports
    bounds = calendars.levels(list(weeks.values()))

    def cell(first: date, last: date) -> calendars.Cell:
        reports = weeks.get((first.year, min((first.timetuple().tm_yday - 1) // 7, 51)), 0)
        words = f"{formats.day(first)} to {formats.day(last)}: {formats.plural(reports, 'report')}"
        return calendars.Cell(calendars.level(reports, bounds), words)

    label = f"Reports per week of publication, {min(known)} to {max(known)}; the list of years below has the numbers."
    key = calendars.key([("level-0", "none"), *_named(bounds, "a week")])
    return calendars.years(label, min(known), max(known), cell) + key


def by_days(held: dict[date, int], year: int) -> Markup:
    """The reports of a year by days of publication."""
    of_year = {day: reports for day, reports in held.items() if day.year == year}
    bounds = calendars.levels(of_year)

    def cell(day: date) -> calendars.Cell:
        reports = of_year.get(day, 0)
        return calendars.Cell(
            calendars.level(reports, bounds), f"{formats.day(day)}: {formats.plural(reports, 'report')}"
        )

    total, days = formats.plural(sum(of_year.values()), "report"), formats.plural(len(of_year), "day")
    label = f"Reports per day of publication in {year}: {total} on {days}."
    return calendars.year(label, year, cell) + calendars.key([("level-0", "none"), *_named(bounds, "a day")])


# What a calendar of looks can count → how a day without any is called, and the counts.
MEASURES = {
    "new": ("looked, nothing new", "new reports"),
    "asked": ("none", "requests"),
    "answered": ("none", "answered"),
    "failed": ("looked, none failed", "refused or failed"),
    "quarantined": ("looked, none unread", "in quarantine"),
}


def looks(days: dict[str, coverage.Day], year: int, until: date, measure: str = "new") -> Markup:
    """A year by days of looking, up to `until`: not looked, or only others, could not, and looked, by what is counted
    (MEASURES)."""
    bounds = calendars.levels([_measured(day, measure) for day in days.values()])

    def cell(day: date) -> calendars.Cell | None:
        if day > until:
            return None
        of = days.get(day.isoformat(), coverage.Day())
        level = calendars.level(_measured(of, measure), bounds)
        style = {ABSENT: "unlooked", ELSEWHERE: "elsewhere", BARRED: "barred"}.get(of.standing, level)
        return calendars.Cell(style, f"{formats.day(day)}: {of.words}", is_cut=of.is_flawed)

    looked = formats.plural(sum(day.asked > 0 for day in days.values()), "day")
    others = sum(day.standing == ELSEWHERE for day in days.values())
    unanswered = sum(day.standing == BARRED for day in days.values())
    label = f"When we looked in {year}: on {looked}, on {unanswered} of these without an answer"
    label += f"; only others on {others}." if others else "."
    none, counted = MEASURES[measure]
    entries = [("unlooked", "nobody looked"), ("barred", "nothing answered"), ("level-0", none)]
    if others:
        entries.insert(1, ("elsewhere", "only others looked"))
    if any(day.is_flawed for day in days.values()):
        entries.append(("cut", "over a fifth of it refused, failed or unread"))
    return calendars.year(label, year, cell) + calendars.key([*entries, *_named(bounds, counted)])


def _measured(day: coverage.Day, measure: str) -> int:
    if measure == "failed":
        return day.failed + day.refused
    return int(getattr(day, measure))


def _named(bounds: list[int], per: str) -> list[tuple[str, str]]:
    """The key's words for each level: 1 to 3, 4 and more a day."""
    offset = calendars.LEVELS - len(bounds)
    following = [bound - 1 for bound in bounds[1:]]
    named = [
        (f"level-{place + offset + 1}", f"{low:,}" if low == high else f"{low:,} to {high:,}")
        for place, (low, high) in enumerate(zip(bounds, following, strict=False))
    ]
    return [*named, (f"level-{calendars.LEVELS}", f"{bounds[-1]:,} or more {per}")] if bounds else []
