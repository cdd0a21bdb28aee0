"""The times that English texts say a figure is about: "since March", "in 2010", "in the first half of the year"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from grammar import periods
from grammar.numerals import CARDINALS
from grammar.periods import Days

_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_WEEKDAYS = {name: number for number, name in enumerate("mon tue wed thu fri sat sun".split())}
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?:\.|\b))"
)
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_YEAR = r"(?:1[89]|20)\d\d(?![\d,.]\d|%)\b"
_COUNT = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty"
_ORDINAL = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_OF_YEAR = (
    rf"(?:,?\ (?:of|in)\ (?:the\ year\ )?(?P<{{0}}>{_YEAR}|this\ year|last\ year|the\ year|that\ year)"
    rf"|\ (?P<{{0}}2>{_YEAR}))?"
)

_EXPRESSION = re.compile(
    rf"""\b(?:
      (?P<since>(?:[Ss]ince|[Ff]rom)\ (?:the\ (?:start|beginning)\ of\ |early\ |late\ |mid-)?
        (?:(?P<since_day>{_MONTH}\ \d{{1,2}}(?!\d)(?:,\ {_YEAR})?)|(?P<since_month>{_MONTH})(?:,?[ ]
          (?P<since_month_year>{_YEAR}|last\ year|this\ year))?(?!\ (?:to|through|until)\b)
         |(?P<since_year>{_YEAR}(?!\ (?:to|through|until)\b)|last\ year|this\ year|the\ year)|
           (?P<since_week>last\ week|last\ month)|(?:last\ )?(?P<since_weekday>{_WEEKDAY})))
    | (?P<span>(?:[Ff]rom\ |[Bb]etween\ |[Ii]n\ |[Dd]uring\ )?(?:the\ )?
        (?:(?P<span_month>{_MONTH})(?:\ (?P<span_month_year>{_YEAR}))?\ ?(?:to|through|until|and|-)\ ?
          (?P<span_month2>{_MONTH})(?!\ \d{{1,2}}(?!\d)){_OF_YEAR.format("span_of")}
         |(?P<span_year>{_YEAR})\ ?(?:to|through|until|and|-)\ ?(?P<span_year2>(?:\d\d)?\d\d(?!\d)(?:-(?=period))?)
         |(?P<span_day>{_MONTH}\ \d{{1,2}})(?!\d)\ ?(?:to|through|until|and|-)\ ?(?P<span_day2>
           (?:{_MONTH}\ )?\d{{1,2}}(?!\d)(?:,\ {_YEAR})?)))
    | (?P<first>(?:[Ii]n|[Dd]uring|[Oo]ver|[Ff]or|[Tt]hroughout|[Bb]y)?\ ?(?:the\ )?(?P<first_which>first|second
      |third|fourth|last)[ -](?:(?P<first_count>{_COUNT}|\d{{1,2}})\ )?
        (?P<first_unit>half|quarters?|months?)(?:\ this\ year|{_OF_YEAR.format("first_of")}))
    | (?P<past>(?:[Ii]n|[Oo]ver|[Dd]uring|[Ww]ithin|[Ff]or|[Tt]hroughout)?\ ?(?:the\ |these\ )?(?:[Ll]ast|[Pp]ast
      |previous|recent)\ (?:(?P<past_count>{_COUNT}|\d{{1,3}}|several|few)\ )?
        (?P<past_unit>days?|weeks?|months?|years?|decades?|quarter|24\ hours|half[ -]year)(?!-|'))
    | (?P<named>(?:[Ss]o\ far\ |[Ee]arlier\ |[Ee]arly\ |[Ll]ater\ |[Aa]lready\ )?this\ (?:year|month|week|quarter)
      (?!')|[Yy]esterday|[Tt]oday|(?:on\ )?(?:last\ |this\ )?{_WEEKDAY})
    | (?P<upto>(?:[Aa]s\ of|[Bb]y(?:\ the\ end\ of)?|[Uu]ntil|[Uu]p\ to|[Tt]hrough|[Tt]o)\ (?:the\ end\ of\ |end-
      |late\ |early\ )?
        (?:(?P<upto_day>{_MONTH}\ \d{{1,2}}(?!\d)(?:,\ {_YEAR})?)|(?P<upto_month>{_MONTH})(?:,?[ ]
          (?P<upto_month_year>{_YEAR}|last\ year|this\ year))?|(?P<upto_year>{_YEAR}|last\ year|this\ year)
         |(?P<upto_weekday>{_WEEKDAY})))
    | (?P<on>(?:[Oo]n\ )?(?P<on_day>{_MONTH}\ \d{{1,2}}(?!\d)(?:,\ {_YEAR})?|\d{{1,2}}\ {_MONTH}(?:\ {_YEAR})?))
    | (?P<month>(?:[Ii]n|[Dd]uring|[Ff]or|[Tt]hroughout|[Ll]ast|[Tt]his|of|[Ee]arly|[Ll]ate|[Mm]id-?)\ (?:early[ ]
      |late\ |mid-)?(?P<month_name>{_MONTH})(?:,?\ (?:of\ )?(?P<month_year>{_YEAR}|last\ year|this\ year))?)
    | (?P<decade>(?:[Ii]n|[Dd]uring|of)\ the\ (?:early\ |late\ |mid-)?(?P<decade_year>(?:1[89]|20)\d0)s)
    | (?P<year>(?:[Ii]n|[Dd]uring|[Oo]f|[Ff]or|[Tt]hroughout|[Ee]arly|[Ll]ate|[Ee]nd\ of|[Ff]rom|[Tt]han|[Aa]fter
      |[Ss]ummer|[Ww]inter|[Ss]pring|[Aa]utumn)\ (?:the\ year\ |fiscal\ |early\ |late\ |mid-)?
      (?P<year_number>{_YEAR}))
    )""",
    re.VERBOSE,
)


def found(plain: str, start: int, end: int, published: date | None) -> list[tuple[int, int, Days]]:
    """The periods between two places, in order: from, to, and the days they mean; one that cannot be resolved without
    the day of publication is left out."""
    result = []
    for match in _EXPRESSION.finditer(plain, start, end):
        kind = next(name for name in _READERS if match[name] is not None)
        try:
            days = _READERS[kind](match, published)
        except (ValueError, OverflowError):
            days = None
        if days:
            first, last = match.span()
            while plain[first] == " ":
                first += 1
            result.append((first, last, days))
    return result


def _count(text: str) -> int:
    return int(text) if text.isdigit() else int(CARDINALS[text])


def _month_number(name: str) -> int:
    return _MONTHS[name[:3].lower()]


def _year_of(text: str | None, published: date | None) -> int | None:
    """2010, "last year", "this year"; the year of publication for none."""
    if text and text.isdigit():
        return int(text)
    if published is None:
        return None
    return published.year - 1 if text == "last year" else published.year


def _month_of(name: str, year: str | None, published: date | None) -> tuple[date, date] | None:
    if year is None:
        return periods.nearest_month(published, _month_number(name)) if published else None
    number = _year_of(year, published)
    return periods.month(number, _month_number(name)) if number else None


def _day_of(text: str, published: date | None) -> date | None:
    """March 3, 2010 · 3 March 2010 · March 3."""
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    month = _month_number(re.sub(r"[\d\s,.]", "", text))
    if len(numbers) > 1:
        return periods.day(numbers[1], month, numbers[0])
    return periods.nearest_day(published, month, numbers[0]) if published else None


def _since(match: re.Match[str], published: date | None) -> Days | None:
    if match["since"].lower().startswith("from") and not match["since_day"] and match["since_month"]:
        return None
    if match["since_day"]:
        first = _day_of(match["since_day"], published)
    elif match["since_month"]:
        month = _month_of(match["since_month"], match["since_month_year"], published)
        first = month[0] if month else None
    elif match["since_year"]:
        number = _year_of(match["since_year"], published)
        first = date(number, 1, 1) if number else None
    elif published is None:
        return None
    elif match["since_week"]:
        back = periods.shifted(published, -1)
        first = periods.week(published)[0] if "week" in match["since_week"] else back.replace(day=1)
    else:
        first = periods.weekday(published, _WEEKDAYS[match["since_weekday"][:3].lower()])
    return (first, published) if first and (published is None or first <= published) else None


def _span(match: re.Match[str], published: date | None) -> Days | None:
    if match["span_year"]:
        last = match["span_year2"].rstrip("-")
        second = int(match["span_year"][: 4 - len(last)] + last)
        return periods.years(int(match["span_year"]), second) if second >= int(match["span_year"]) else None
    if match["span_month"]:
        year = match["span_of"] or match["span_of2"]
        end = _month_of(match["span_month2"], year, published)
        if end is None:
            return None
        if match["span_month_year"]:
            return periods.month(int(match["span_month_year"]), _month_number(match["span_month"]))[0], end[1]
        return periods.months(end[1].year, _month_number(match["span_month"]), end[1].month)
    month_name = re.match(_MONTH, match["span_day"])
    second_text = match["span_day2"]
    if month_name and not re.match(_MONTH, second_text):
        second_text = f"{month_name[0]} {second_text}"
    last_day = _day_of(second_text, published)
    numbers = re.findall(r"\d+", match["span_day"])
    if last_day is None or month_name is None:
        return None
    first_day = periods.day(last_day.year, _month_number(month_name[0]), int(numbers[0]))
    return (first_day, last_day) if first_day and first_day <= last_day else None


def _first(match: re.Match[str], published: date | None) -> Days | None:
    """Of the year it names, else of the last year in which that time was over or, for a half or quarter, had begun."""
    days = _part_of_year(match, published, 0)
    if days and published and not match["first_of"] and not match["first_of2"] and "this year" not in match["first"]:
        first, last = days
        is_long = match["first_unit"].startswith("month") or match["first_count"]
        if first and last and (last if is_long else first) > published:
            return _part_of_year(match, published, 1)
    return days


def _part_of_year(match: re.Match[str], published: date | None, back: int) -> tuple[date, date] | None:
    which, unit = match["first_which"], match["first_unit"].rstrip("s")
    year = match["first_of"] or match["first_of2"]
    number = _year_of(None if year in ("the year", "that year") else year, published)
    if number is None:
        return None
    number -= back
    count = _count(match["first_count"]) if match["first_count"] else 1
    if which == "last":
        return periods.quarter(number - (0 if year else 1), 4) if unit == "quarter" and count == 1 and year else None
    if unit == "half":
        return periods.half(number, min(_ORDINAL[which], 2)) if which in ("first", "second") else None
    if unit == "quarter":
        return periods.months(number, 1, 3 * count) if count > 1 else periods.quarter(number, _ORDINAL[which])
    return periods.months(number, 1, count) if which == "first" and match["first_count"] and count <= 12 else None


def _past(match: re.Match[str], published: date | None) -> Days | None:
    unit, count = match["past_unit"], match["past_count"]
    if published is None or count in ("several", "few") or "recent" in match["past"].split():
        return None
    past = "past" in match["past"].split()
    if unit == "24 hours":
        return published - timedelta(days=1), published
    unit = unit.rstrip("s")
    if unit == "decade":
        return periods.past(published, 10 * (_count(count) if count else 1), "year")
    if unit in ("quarter", "half-year", "half year"):
        if unit != "quarter":
            return periods.past(published, 6, "month")
        quarter = (published.month - 1) // 3
        return periods.quarter(published.year, quarter) if quarter else periods.quarter(published.year - 1, 4)
    if count:
        return periods.past(published, _count(count), unit)
    if unit == "day":
        return None
    if (
        past
        and unit in ("year", "month", "week")
        and match["past"].split()[0].lower() in ("in", "over", "during", "for")
    ):
        return periods.past(published, 1, unit)
    if unit == "week":
        return periods.week(published)
    if unit == "month":
        back = periods.shifted(published.replace(day=1), -1)
        return periods.month(back.year, back.month)
    return periods.year(published.year - 1)


def _named(match: re.Match[str], published: date | None) -> Days | None:
    if published is None:
        return None
    text = match["named"].lower()
    if text == "today":
        return published, published
    if text == "yesterday":
        return published - timedelta(days=1), published - timedelta(days=1)
    if text.endswith("day"):
        day = periods.weekday(published, _WEEKDAYS[text.split()[-1][:3]])
        if "last" in text and day == published:
            day -= timedelta(days=7)
        return day, day
    upto = text.startswith(("so far", "earlier", "already", "early"))
    if text.endswith("year"):
        return (date(published.year, 1, 1), published) if upto else periods.year(published.year)
    if text.endswith("month"):
        days = periods.month(published.year, published.month)
    elif text.endswith("week"):
        days = periods.week(published, 0)
    else:
        days = periods.quarter(published.year, (published.month + 2) // 3)
    return (days[0], published) if upto else days


def _upto(match: re.Match[str], published: date | None) -> Days | None:
    if match["upto_day"]:
        day = _day_of(match["upto_day"], published)
    elif match["upto_month"]:
        month = _month_of(match["upto_month"], match["upto_month_year"], published)
        day = month[1] if month else None
    elif match["upto_year"]:
        number = _year_of(match["upto_year"], published)
        day = date(number, 12, 31) if number else None
    else:
        day = periods.weekday(published, _WEEKDAYS[match["upto_weekday"][:3].lower()]) if published else None
    return (None, day) if day else None


def _on(match: re.Match[str], published: date | None) -> Days | None:
    day = _day_of(match["on_day"], published)
    return (day, day) if day else None


def _month(match: re.Match[str], published: date | None) -> Days | None:
    return _month_of(match["month_name"], match["month_year"], published)


def _decade(match: re.Match[str], _: date | None) -> Days:
    return periods.decade(int(match["decade_year"]))


def _year(match: re.Match[str], _: date | None) -> Days:
    return periods.year(int(match["year_number"]))


_READERS: dict[str, Callable[[re.Match[str], date | None], Days | None]] = {
    "since": _since, "span": _span, "first": _first, "past": _past, "named": _named, "upto": _upto, "on": _on,
    "month": _month, "decade": _decade, "year": _year,
}  # fmt: skip
