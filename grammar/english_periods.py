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
    r"(?:(?:January|February|March|April|May|June|July|August|September|October|November|December)(?![a-z])"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?:\.|\b))"
)
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_YEAR = r"(?:1[89]|20|21)\d\d(?![\d,.]\d|%)\b"
_COUNT = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty"
_ORDINAL = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_TO = r"(?:to|through|until|and|-)"
_OF_YEAR = (
    rf"(?:,?\ (?:of|in)\ (?:the\ year\ )?(?P<{{0}}>{_YEAR}|this\ year|last\ year|the\ year|that\ year)"
    rf"|\ (?P<{{0}}2>{_YEAR}|last\ year|this\ year))?"
)
_CLOCK = r"(?:(?:noon|midday|midnight|\d{1,2}(?:[:.]\d\d)?\ ?[ap]\.?m\.?)\ (?:local\ time\ )?(?:on\ )?|late\ |early\ )"

# No expression begins otherwise; most words of a text are passed over by this one look.
_FIRST = (
    r"(?=[A-Z\d]|s(?:in|am|o\ f|um|pr)|f(?:ro|or)|b(?:et|y)|in\ |du|th(?:e|is|ro|an)|tod|o(?:ver|n|f)\ |wi[tn]|la[st]"
    r"|pas|prev|rece|ear|end|next|ye|we|mo|mid|a(?:s\ of|t\ |ft|lr|ut)|un|up\ )"
)

_EXPRESSION = re.compile(
    rf"""\b{_FIRST}(?:
      (?P<none>(?:the\ )?same\ (?:period|month|quarter|week|day|time|half)s?\ (?:of\ |in\ |a\ )?(?:the\ )?
        (?:last\ year|previous\ year|year\ (?:ago|earlier|before)|{_MONTH}|{_YEAR})?)
    | (?P<since>(?:[Ss]ince|[Ff]rom)\ (?:the\ (?:start|beginning|end)\ of\ |early\ |late\ |mid-)?
        (?:(?P<since_day>{_MONTH}\ \d{{1,2}}(?!\d|\ ?(?:-|to|through|until)\ )(?:,\ {_YEAR})?)
         |(?P<since_month>{_MONTH})(?:,?[ ](?P<since_month_year>{_YEAR}|last\ year|this\ year))?
          (?!\ (?:to|through|until|\d{{1,2}})\b)
         |(?P<since_decade>the\ (?:early\ |late\ |mid-)?(?:1[89]|20)\d0s)
         |(?P<since_year>{_YEAR}(?!\ (?:to|through|until)\b)|last\ year|this\ year|the\ year)(?:\ on(?:wards?)?\b)?
         |(?P<since_week>last\ week|last\ month)|(?:last\ )?(?P<since_weekday>{_WEEKDAY})(?!\ (?:to|through)\b)))
    | (?P<since_event>[Ss]ince\ (?:(?!(?:in|on)\b|\d)[\w'-]+\ ){{1,6}}(?:in|on)\ (?:late\ |early\ |mid-)?
        (?:(?P<since_event_day>{_MONTH}\ \d{{1,2}}(?!\d)(?:,\ {_YEAR})?)
         |(?P<since_event_month>{_MONTH})(?:\ (?P<since_event_month_year>{_YEAR}|last\ year|this\ year))?
         |(?P<since_event_year>{_YEAR})))
    | (?P<head>(?:[Ii]n\ |[Oo]ver\ |[Dd]uring\ )?the\ (?P<head_which>first|last)
        \ (?:(?P<head_count>{_COUNT}|\d{{1,2}})\ )?
        (?P<head_unit>days|weeks?)\ of\ (?P<head_month>{_MONTH})(?:,?\ (?P<head_year>{_YEAR}|last\ year|this\ year))?)
    | (?P<ending>(?:[Ii]n\ |[Oo]ver\ |[Dd]uring\ |[Ff]or\ )?the\ (?:(?P<ending_count>{_COUNT}|\d{{1,3}})[ -])?
        (?P<ending_unit>days?|weeks?|months?|quarters?|years?|decades?)\ (?:to|through|until|up\ to
        |end(?:ed|ing)(?:\ (?:in|on))?)\ (?:the\ end\ of\ |end-)?
        (?:(?P<ending_day>{_MONTH}\ \d{{1,2}}(?!\d)(?:,\ {_YEAR})?)
         |(?P<ending_month>{_MONTH})(?:,?[ ](?P<ending_year>{_YEAR}|last\ year|this\ year))?
         |(?P<ending_full_year>{_YEAR})|(?P<ending_weekday>{_WEEKDAY})))
    | (?P<span>(?:[Ff]rom\ |[Bb]etween\ |[Ii]n\ |[Oo]n\ |[Dd]uring\ )?(?:the\ )?
        (?:(?P<span_month>{_MONTH})(?:\ (?P<span_month_year>{_YEAR}))?\ ?{_TO}\ ?
          (?P<span_month2>{_MONTH})(?!\ \d{{1,2}}(?!\d)){_OF_YEAR.format("span_of")}
         |(?P<span_year>{_YEAR})\ ?{_TO}\ ?(?P<span_year2>(?:\d\d)?\d\d(?!\d)(?:-(?=period))?)
         |(?P<span_day>{_MONTH}\ \d{{1,2}})(?!\d)\ ?{_TO}\ ?(?P<span_day2>
           (?:{_MONTH}\ )?\d{{1,2}}(?!\d)(?:,\ {_YEAR})?)
         |(?P<span_weekday>{_WEEKDAY})\ (?:to|through|and)\ (?P<span_weekday2>{_WEEKDAY})))
    | (?P<first>(?:[Ii]n|[Dd]uring|[Oo]ver|[Ff]or|[Tt]hroughout|[Bb]y)?\ ?(?:the\ )?
        (?!last\ (?:month|quarter)s?\b(?!\ of))
        (?P<first_which>first|second
      |third|fourth|last)[ -](?:(?P<first_count>{_COUNT}|\d{{1,2}})\ )?
        (?P<first_unit>half|quarters?|months?)(?:\ this\ year|{_OF_YEAR.format("first_of")}))
    | (?P<short>(?:[Ii]n\ )?(?P<short_unit>[QH])(?P<short_which>[1-4])(?:\ (?:of\ )?(?P<short_year>{_YEAR}))?\b)
    | (?P<past>(?:[Ii]n|[Oo]ver|[Dd]uring|[Ww]ithin|[Ff]or|[Tt]hroughout)?\ ?(?:the\ |these\ )?(?:[Ll]ast|[Pp]ast
      |previous|recent)\ (?:(?P<past_count>{_COUNT}|\d{{1,3}}|several|few)\ )?
        (?P<past_unit>days?|weeks?|months?|years?|decades?|quarter|hours|half[ -]year)(?!-|'))
    | (?P<named>(?:[Ss]o\ far\ |[Ee]arlier\ |[Ee]arly\ |[Ll]ater\ |[Aa]lready\ )?(?:this|next)\ (?:year|month|week
      |quarter)(?!')|(?:year|week|month)\ to\ date|[Yy]esterday|[Tt]oday|[Ll]ast\ night
      |(?:[Oo]n\ )?(?:last\ |this\ )?{_WEEKDAY})
    | (?P<weekend>(?i:(?:over|at|during|on)\ the|last)\ weekend\b(?!'))
    | (?P<upto>(?:[Aa]s\ of|[Bb]y(?:\ the\ end\ of)?|[Uu]ntil|[Uu]p\ to|[Tt]hrough)\ (?:the\ end\ of\ |end-|{_CLOCK})?
        (?:(?P<upto_day>{_MONTH}\ \d{{1,2}}(?!\d)(?:,\ {_YEAR})?)|(?P<upto_month>{_MONTH})(?:,?[ ]
          (?P<upto_month_year>{_YEAR}|last\ year|this\ year))?
         |(?P<upto_year>{_YEAR}|last\ year|this\ year|next\ year|the\ year|year-end)
         |(?P<upto_this_month>this\ month)|(?P<upto_last_month>last\ month)
         |(?P<upto_weekday>{_WEEKDAY})))
    | (?P<end>[Aa]t\ (?:the\ end\ of\ |end-)(?:(?P<end_month>{_MONTH})(?:,?[ ](?P<end_month_year>{_YEAR}|last\ year
      |this\ year))?|(?P<end_year>{_YEAR}|last\ year|this\ year)))
    | (?P<on>(?:[Oo]n\ )?(?:last\ )?(?P<on_day>{_MONTH}\ \d{{1,2}}(?!\d)(?:,\ {_YEAR})?|\d{{1,2}}\ {_MONTH}
      (?:\ {_YEAR})?))
    | (?P<month>(?:[Ii]n|[Dd]uring|[Ff]or|[Tt]hroughout|[Ll]ast|[Tt]his|of|[Ee]arly|[Ll]ate|[Mm]id-?)\ (?:early[ ]
      |late\ |mid-)?(?P<month_name>{_MONTH})(?:,?\ (?:of\ )?(?P<month_year>{_YEAR}|last\ year|this\ year))?)
    | (?P<decade>(?:[Ii]n|[Dd]uring|of)\ the\ (?:early\ |late\ |mid-)?(?P<decade_year>(?:1[89]|20)\d0)s)
    | (?P<year>(?:[Ii]n|[Dd]uring|[Oo]f|[Ff]or|[Tt]hroughout|[Ee]arly|[Ll]ate|[Ee]nd\ of
      |[Ss]ummer|[Ww]inter|[Ss]pring|[Aa]utumn)\ (?:the\ year\ |fiscal\ |early\ |late\ |mid-)?
      (?P<year_number>{_YEAR}))
    )""",
    re.VERBOSE,
)
# Every expression holds one of these: what holds none is not looked through.
_TIME = re.compile(
    r"[12]\d\d\d|day\b|days\b|week|month|year|quarter|half\b|decade|hours|date\b|[HQ][1-4]\b"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
)
_REACH = 45  # characters from an expression's beginning to the first such word in it
# What is said on a day need not have happened on it.
_SAID = (
    r"(?:said|says|told|announced|reported|added|showed|stated|wrote|confirmed|claimed|revealed|disclosed|released"
    r"|published|issued)"
)
_SAID_BEFORE = re.compile(
    rf"\b(?:{_SAID}(?:\ (?:reporters|Xinhua|AFP|Reuters|journalists|media|here))?"
    rf"(?:\ (?:in|at|through)\ an?\ (?:[\w-]+\ ){{0,2}}[\w-]+)?(?:\ here)?)\s(?:late\ |early\ )?$"
)
_SAID_BEHIND = re.compile(rf"\s(?:(?:night|morning|evening|afternoon)\s)?{_SAID}\b(?!\s(?:\d|an?\s))")
_PLANNED = re.compile(
    r"\b(?:will|would|could|may|might|expect\w*|plan\w*|forecast\w*|predict\w*|project(?:s|ed)|target\w*|aim\w*|due"
    r"|next|set\ to)\b"
)
_DATED = re.compile(r"\d{4}|last|this|Mon|Tue|Wed|Thu|Fri|Sat|Sun")
_DATELINE = re.compile(r"\s\([A-Z][\w ]+\)\s?[-–—]")
_POINTS = frozenset(("named", "on"))


def found(plain: str, start: int, end: int, published: date | None) -> list[tuple[int, int, Days]]:
    """The periods between two places, in order: from, to, and the days they mean. One that cannot be resolved without
    the day of publication is left out, and so is the day on which something was said."""
    result = []
    place = start
    while time := _TIME.search(plain, place, end):
        match = _EXPRESSION.search(plain, max(place, time.start() - _REACH), end)
        if match is None:
            break
        place = match.end()
        kind = next((name for name in _READERS if match[name] is not None), "none")
        if kind == "none" or plain[max(0, match.start() - 5) : match.start()] == "than ":
            continue
        if kind in _POINTS and _is_of_saying(plain, match):
            continue
        try:
            days = _READERS[kind](match, published)
        except (ValueError, OverflowError):
            days = None
        if days and published:
            days = _in_its_clause(plain, start, end, kind, match, days, published)
        if days:
            first, last = match.span()
            while plain[first] == " ":
                first += 1
            result.append((first, last, days))
    return result


def _in_its_clause(
    plain: str, start: int, end: int, kind: str, match: re.Match[str], days: Days, published: date
) -> Days:
    """What the words around it make of a period: the end of the first quarter, this year as far as it has gone, the
    next June of what is planned."""
    first, last = days
    if kind == "first" and plain[max(0, match.start() - 7) : match.start()].rstrip() == "end of":
        return None, last
    if last is None:
        return days
    clause = _clause(plain, start, match.start())
    if kind in ("upto", "month") and last < published and not _DATED.search(match[0]):
        return _a_year_later(days) if _PLANNED.search(plain, clause, end) else days
    if kind == "named" and first and first <= published < last:
        return days if _PLANNED.search(plain, clause, min(end, match.end() + 40)) else (first, published)
    return days


def _clause(plain: str, start: int, place: int) -> int:
    """Where the clause begins in which a place lies."""
    return max(start, plain.rfind(",", start, place), plain.rfind(";", start, place))


def _a_year_later(days: Days) -> Days:
    first, last = days
    return periods.shifted(first, 12) if first else None, periods.shifted(last, 12) if last else None


def _is_of_saying(plain: str, match: re.Match[str]) -> bool:
    """Whether it is the day of a report or its dateline: "the ministry said on Monday", "MANILA, May 9 (Xinhua) --"."""
    return bool(
        _DATELINE.match(plain, match.end())
        or _SAID_BEFORE.search(plain, max(0, match.start() - 60), match.start())
        or _SAID_BEHIND.match(plain, match.end())
    )


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
    since = match["since"]
    if since.startswith(("from", "From")) and (
        match["since_month"] or (match["since_year"] and not since.endswith((" on", " onward", " onwards")))
    ):
        return None  # "up 5% from March", "from 2009": what it is compared with
    if match["since_day"]:
        first = _day_of(match["since_day"], published)
    elif match["since_decade"]:
        first = date(int(match["since_decade"][-5:-1]), 1, 1) if published else None
    elif match["since_month"]:
        month = _month_of(match["since_month"], match["since_month_year"], published)
        first = _part_of_month(month, match["since"])[0] if month else None
        if month and "the end of" in match["since"]:
            first = month[1]
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


def _since_event(match: re.Match[str], published: date | None) -> Days | None:
    """Since its launch in 2006; since the campaign began on March 1."""
    first: date | None
    if match["since_event_day"]:
        first = _day_of(match["since_event_day"], published)
    elif match["since_event_month"]:
        month = _month_of(match["since_event_month"], match["since_event_month_year"], published)
        first = month[0] if month else None
    else:
        first = date(int(match["since_event_year"]), 1, 1)
    return (first, published) if first and (published is None or first <= published) else None


def _head(match: re.Match[str], published: date | None) -> Days | None:
    """The first 20 days of April; the last week of May."""
    month = _month_of(match["head_month"], match["head_year"], published)
    days = _count(match["head_count"] or "one") * (7 if match["head_unit"].startswith("week") else 1)
    if month is None or days > 28:
        return None
    if match["head_which"] == "first":
        return month[0], month[0] + timedelta(days=days - 1)
    return month[1] - timedelta(days=days - 1), month[1]


def _ending(match: re.Match[str], published: date | None) -> Days | None:
    """The three months to March, the week ending May 11: from then on back."""
    if match["ending_day"]:
        last = _day_of(match["ending_day"], published)
    elif match["ending_month"]:
        month = _month_of(match["ending_month"], match["ending_year"], published)
        last = month[1] if month else None
    elif match["ending_full_year"]:
        last = date(int(match["ending_full_year"]), 12, 31)
    else:
        last = periods.weekday(published, _WEEKDAYS[match["ending_weekday"][:3].lower()]) if published else None
    if last is None:
        return None
    count, unit = _count(match["ending_count"] or "one"), match["ending_unit"].rstrip("s")
    if unit in ("quarter", "decade"):
        count, unit = (3 * count, "month") if unit == "quarter" else (10 * count, "year")
    if unit in ("month", "year") and (
        match["ending_month"] or match["ending_full_year"]
    ):  # whole months: the last of one may be the 30th
        back = periods.shifted(last.replace(day=1), -count * (12 if unit == "year" else 1) + 1)
        return back, last
    return periods.past(last, count, unit)


def _span(match: re.Match[str], published: date | None) -> Days | None:
    if match["span_year"]:
        last = match["span_year2"].rstrip("-")
        second = int(match["span_year"][: 4 - len(last)] + last)
        return periods.years(int(match["span_year"]), second) if second >= int(match["span_year"]) else None
    if match["span_weekday"]:
        if published is None:
            return None
        last_weekday = periods.weekday(published, _WEEKDAYS[match["span_weekday2"][:3].lower()])
        return periods.weekday(last_weekday, _WEEKDAYS[match["span_weekday"][:3].lower()]), last_weekday
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
    if which == "last" and unit == "month" and match["first_count"] and year and count < 12:
        return periods.months(number, 13 - count, 12)
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
    if unit == "hours":
        hours = _count(count) if count else 0
        return (published - timedelta(days=-(-hours // 24)), published) if hours else None
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
    if text.endswith("to date"):
        text = f"so far this {text.split()[0]}"
    if text == "today":
        return published, published
    if text in ("yesterday", "last night"):
        return published - timedelta(days=1), published - timedelta(days=1)
    if text.endswith("day"):
        day = periods.weekday(published, _WEEKDAYS[text.split()[-1][:3]])
        if "last" in text and day == published:
            day -= timedelta(days=7)
        return day, day
    upto = text.startswith(("so far", "earlier", "already", "early"))
    if "next" in text.split():
        return _next(text, published)
    if text.endswith("year"):
        return (date(published.year, 1, 1), published) if upto else periods.year(published.year)
    if text.endswith("month"):
        days = periods.month(published.year, published.month)
    elif text.endswith("week"):
        days = periods.week(published, 0)
    else:
        days = periods.quarter(published.year, (published.month + 2) // 3)
    return (days[0], published) if upto else days


def _next(text: str, published: date) -> Days | None:
    if text.endswith("year"):
        return periods.year(published.year + 1)
    if text.endswith("month"):
        following = periods.shifted(published.replace(day=1), 1)
        return periods.month(following.year, following.month)
    return periods.week(published, -1) if text.endswith("week") else None


def _weekend(match: re.Match[str], published: date | None) -> Days | None:
    """The last Saturday and Sunday that had begun."""
    if published is None:
        return None
    saturday = periods.weekday(published, 5)
    if match["weekend"].startswith("last") and published.weekday() >= 5:
        saturday -= timedelta(days=7)
    return saturday, saturday + timedelta(days=1)


def _short(match: re.Match[str], published: date | None) -> Days | None:
    """Q3 2024, H1."""
    number = _year_of(match["short_year"], published)
    which = int(match["short_which"])
    if number is None or (match["short_unit"] == "H" and which > 2):
        return None
    part = periods.quarter if match["short_unit"] == "Q" else periods.half
    days = part(number, which)
    return part(number - 1, which) if published and not match["short_year"] and days[0] > published else days


def _end(match: re.Match[str], published: date | None) -> Days | None:
    """At the end of June: that day."""
    if match["end_month"]:
        month = _month_of(match["end_month"], match["end_month_year"], published)
        return (month[1], month[1]) if month else None
    number = _year_of(match["end_year"], published)
    return (date(number, 12, 31), date(number, 12, 31)) if number else None


def _upto(match: re.Match[str], published: date | None) -> Days | None:
    if match["upto_day"]:
        day = _day_of(match["upto_day"], published)
    elif match["upto_month"]:
        month = _month_of(match["upto_month"], match["upto_month_year"], published)
        day = month[1] if month else None
    elif match["upto_year"]:
        text = match["upto_year"]
        number = _year_of(text if text[0].isdigit() or text == "last year" else None, published)
        day = date(number + (text == "next year"), 12, 31) if number else None
    elif match["upto_last_month"]:
        back = periods.shifted(published.replace(day=1), -1) if published else None
        day = periods.month(back.year, back.month)[1] if back else None
    elif match["upto_this_month"]:
        day = periods.month(published.year, published.month)[1] if published else None
    else:
        day = periods.weekday(published, _WEEKDAYS[match["upto_weekday"][:3].lower()]) if published else None
    return (None, day) if day else None


def _on(match: re.Match[str], published: date | None) -> Days | None:
    day = _day_of(match["on_day"], published)
    return (day, day) if day else None


def _month(match: re.Match[str], published: date | None) -> Days | None:
    month = _month_of(match["month_name"], match["month_year"], published)
    return _part_of_month(month, match["month"]) if month else None


def _part_of_month(month: tuple[date, date], text: str) -> tuple[date, date]:
    """Its first ten days of "early March", the middle ones, the rest, as 上旬, 中旬 and 下旬 are counted."""
    first, last = month
    lower = text.lower()
    if "early" in lower:
        return first, first.replace(day=10)
    if "mid" in lower:
        return first.replace(day=11), first.replace(day=20)
    return (first.replace(day=21), last) if "late " in lower else month


def _decade(match: re.Match[str], _: date | None) -> Days:
    return periods.decade(int(match["decade_year"]))


def _year(match: re.Match[str], _: date | None) -> Days:
    return periods.year(int(match["year_number"]))


_READERS: dict[str, Callable[[re.Match[str], date | None], Days | None]] = {
    "since": _since, "since_event": _since_event, "head": _head,
    "ending": _ending, "span": _span, "first": _first, "short": _short,
    "past": _past, "named": _named, "weekend": _weekend, "upto": _upto, "end": _end, "on": _on, "month": _month,
    "decade": _decade, "year": _year,
}  # fmt: skip
