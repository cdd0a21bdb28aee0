"""An outlet's days in calendars: what is held of them, and when somebody looked."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup

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


def looks(days: dict[str, coverage.Day], year: int) -> Markup:
    """A year by days of looking: not looked, looked, and could not."""
    bounds = calendars.levels([day.reports for day in days.values()])

    def cell(day: date) -> calendars.Cell:
        looked = days.get(day.isoformat())
        if looked is None or not looked.requests:
            return calendars.Cell("unlooked", f"{formats.day(day)}: nobody looked")
        style = calendars.level(looked.reports, bounds) if looked.answered else "barred"
        return calendars.Cell(style, f"{formats.day(day)}: {looked.words}")

    asked = [day for day in days.values() if day.requests]
    unanswered = sum(1 for day in asked if not day.answered)
    label = (
        f"When we looked in {year}: on {formats.plural(len(asked), 'day')}, on {unanswered} of these without an answer."
    )
    return calendars.year(label, year, cell) + calendars.key(
        [
            ("unlooked", "nobody looked"),
            ("barred", "nothing answered"),
            ("level-0", "looked, no report read"),
            *_named(bounds, "reports read"),
        ]
    )


def _named(bounds: list[int], per: str) -> list[tuple[str, str]]:
    """The key's words for each level: 1 to 3, 4 and more a day."""
    offset = calendars.LEVELS - len(bounds)
    following = [bound - 1 for bound in bounds[1:]]
    named = [
        (f"level-{place + offset + 1}", f"{low:,}" if low == high else f"{low:,} to {high:,}")
        for place, (low, high) in enumerate(zip(bounds, following, strict=False))
    ]
    return [*named, (f"level-{calendars.LEVELS}", f"{bounds[-1]:,} or more {per}")] if bounds else []
