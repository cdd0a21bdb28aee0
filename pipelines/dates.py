"""Printed times, as pages write them, read as they stand: which clock they follow is not decided here."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(slots=True, frozen=True)
class PrintedTime:
    """A time as printed. `local` is naive; `precision` is second, minute or day; `offset` None where none is
    printed.
    """

    local: datetime
    precision: str
    offset: timedelta | None = None

    def iso(self) -> str:
        """ISO 8601 without zone, as long as the precision allows: 2024-04-24, …T23:52, …T23:52:07."""
        if self.precision == "day":
            return self.local.date().isoformat()
        return self.local.isoformat(timespec="minutes" if self.precision == "minute" else "seconds")

    def utc(self, zone: timedelta) -> str:
        """The same instant in UTC (…Z), were it printed by a clock that is `zone` ahead of UTC."""
        return (self.local - zone).isoformat(timespec="seconds") + "Z"


def read_time(text: str) -> PrintedTime:
    """The first time that a text prints, in any of the forms below; words around it do not matter.

    Raises ValueError, with the text, when there is none, or when it cannot be (31 February, 25:00).
    """
    printed = unicodedata.normalize("NFKC", text).strip()
    if plain := _PLAIN.fullmatch(printed):  # as most pages have it; the forms below read it alike, in longer
        with suppress(ValueError):
            year, month, day, hour, minute, second = map(int, plain.groups())
            return PrintedTime(datetime(year, month, day, hour, minute, second), "second")
    if _EPOCH.fullmatch(printed):
        moment = datetime.fromtimestamp(int(printed[:10]), UTC)
        return PrintedTime(moment.replace(tzinfo=None), "second", timedelta(0))
    forms = [*_NUMBERS, *(_CHINESE if "年" in printed else ()), *(_WORDS if _MONTH_NAME.search(printed) else ())]
    matches = [match for form in forms if (match := form.search(printed))]
    if not matches:
        raise ValueError(f"no date that can be read in {text!r}: add its form to pipelines/dates.py")
    # The first on the page counts ("Published … Updated …"); of two that begin together, the longer one.
    match = min(matches, key=lambda found: (found.start(), -found.end()))
    try:
        return _fields(match)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"no such time: {match.group()!r} in {text!r} ({error})") from error


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_HALVES = {"上午": "am", "凌晨": "am", "早上": "am", "中午": "noon", "下午": "pm", "晚上": "pm", "晚": "pm"}


def _fields(match: re.Match[str]) -> PrintedTime:
    found = match.groupdict()
    month = found.get("month") or ""
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    year = int(found["year"]) if found["year"].isdigit() else 2000 + int(found["year"].strip("'’"))
    day = datetime(year, number, int(found["day"]))
    if found.get("hour") is None:
        return PrintedTime(day, "day")
    minute, second = int(found["minute"] or 0), found.get("second")
    hour = _hour(int(found["hour"]), (found.get("half") or "").lower().replace(".", ""))
    if hour == 24 and minute == 0 and not int(second or 0):  # a day's end, which ISO 8601 allows
        day, hour = day + timedelta(days=1), 0
    local = day.replace(hour=hour, minute=minute, second=int(second or 0))
    return PrintedTime(local, "second" if second else "minute", _offset(found.get("zone") or ""))


def _hour(hour: int, half: str) -> int:
    half = _HALVES.get(half, half)
    if half in ("am", "pm") and hour > 12 and not (half == "pm" and hour < 24):
        raise ValueError(f"hour {hour} {half}")
    if half == "am":
        return hour % 12
    if half == "pm":
        return hour if hour > 12 else hour % 12 + 12
    return hour + 12 if half == "noon" and hour < 11 else hour


def _offset(zone: str) -> timedelta | None:
    zone = re.sub(r"\s", "", zone.upper())
    if not zone:
        return None
    if signed := re.search(r"([+-])(\d{1,2}):?(\d\d)?$", zone):
        sign, hours, minutes = signed.groups()
        if int(hours) > 14 or int(minutes or 0) > 59:
            raise ValueError(f"offset {zone}")
        ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return -ahead if sign == "-" else ahead
    return timedelta(0)  # Z, GMT, UTC


_ZONE = r"(?:\s*(?P<zone>(?:GMT|UTC)\s*[+-]\d{1,2}(?::?\d\d)?|GMT\b|UTC\b|Z\b|[+-]\d\d:?\d\d\b))?"
_HALF = r"(?:\s*(?P<half>[ap]\.?m\b\.?))?"
_CLOCK = rf"(?P<hour>\d{{1,2}}):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?(?!\d){_HALF}{_ZONE}"
_THEN = rf"(?:(?:[\s,|@·]|-\s|–|at\b)*{_CLOCK})?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_MONTH = r"(?P<month>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*)\.?"
_MONTH_NAME = re.compile(_MONTH, re.IGNORECASE)
_YEAR = r"(?P<year>\d{4}|['’]\d\d)(?!\d)"

_NUMBERS = (
    # 2019-12-10 07:57:40; 2014-12-12T10:58:03+01:00; 2023/02/21 21:20; 2023 11/17 20:52:15
    re.compile(
        r"(?<![\d.])(?P<year>(?:19|20)\d\d)(?:\s*[-/.]\s*|\s+)(?P<month>\d{1,2})\s*[-/.]\s*(?P<day>\d{1,2})(?!\d)"
        rf"(?:(?:T|[\s,|]*){_CLOCK})?"
    ),
)
_CHINESE = (
    # 2005年08月16日; 2024年04月24日23:52; 2026年9月15日 下午4时53分
    re.compile(
        r"(?<!\d)(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]"
        r"(?:\s*\(?(?:星期|周)[一二三四五六日天]\)?)?"
        r"(?:[\s,|]*(?P<half>上午|凌晨|早上|中午|下午|晚上|晚)?\s*(?P<hour>\d{1,2})\s*[:时点]\s*(?P<minute>\d\d)?"
        rf"\s*分?(?:[:\s]*(?P<second>\d\d)(?![\d年])秒?)?{_ZONE})?"
    ),
)
_WORDS = (
    # 12 December '14, 10:58am; 9th November 2011; 20 Nov, 2019 05:47
    re.compile(rf"(?<!\d){_DAY}(?:\s+of)?[\s-]+{_MONTH}[\s,-]*{_YEAR}{_THEN}", re.IGNORECASE),
    # July 26, 2012; Jul 06, 2026 06:19 PM; May 18, 2022 - 10:52 am
    re.compile(rf"\b{_MONTH}\s*{_DAY}\s*,?\s*{_YEAR}{_THEN}", re.IGNORECASE),
    # 19:49, 21-Jan-2019
    re.compile(rf"(?<!\d){_CLOCK}[\s,]+{_DAY}[\s-]+{_MONTH}[\s,-]*{_YEAR}", re.IGNORECASE),
)
_PLAIN = re.compile(r"((?:19|20)\d\d)-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)", re.ASCII)
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")  # seconds or milliseconds since 1970
