"""The days in which a report came out that a text cites: "Xinhua reported on Tuesday", 新华社上月曾报道."""

from __future__ import annotations

import re
from datetime import date, timedelta

from grammar.passage import Passage
from items import Mention

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMBERS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS_HAN = "〇一二三四五六七八九十"
_UNITS = {"day": 1, "week": 7, "month": 30, "year": 365, "天": 1, "日": 1, "周": 7, "星期": 7, "月": 30, "年": 365}
_SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11), "winter": (12, 2)}
# What was reported "earlier" came within this time before.
_EARLIER = timedelta(days=180)
_WHEN = re.compile(
    r"\b(?:(?P<weekday>(?:[Ll]ast |[Tt]his )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
    r"|(?P<relative>(?i:yesterday|today|this morning|last night|(?:earlier )?this week|last week"
    r"|(?:earlier )?this month|last month|(?:earlier )?this year|last year))"
    r"|(?P<count>(?i:a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)|\d{1,2}) "
    r"(?P<unit>day|week|month|year)s? (?:ago|earlier|before)\b"
    r"|(?P<month>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?) (?P<day>\d{1,2})\b(?:, (?P<year>\d{4}))?"
    r"|[Ii]n (?:(?:early|mid|late)[ -])?(?P<whole>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*)\b"
    r"(?: (?P<whole_year>\d{4}))?"
    r"|[Ii]n (?P<only_year>(?:19|20)\d{2})\b"
    r"|(?:[Ii]n the|[Tt]his|[Ll]ast) (?P<season>spring|summer|autumn|fall|winter)\b)"
)
_OPENS_CLAUSE = re.compile(r"(?:^|[.;:,!?\"(-] ?|\b(?:and|but|while|though|as) )(?:[A-Za-z]\w+ )?$")
_OPENS_CLAUSE_HAN = re.compile(r"(?:^|[,。;!?\n:])(?:而|但|早|就|在|到了|直到){0,2}$")
_HAD_SAID = re.compile(r"(?:'s)? (?:itself |also )?(?:had|once|previously|earlier)\b")
_SAID_THEN = re.compile(r"\b(?:at the time|then)\b")
_WHEN_HAN = re.compile(
    r"(?P<weekday>(?:本|这|上)?(?:周|星期|礼拜)(?P<which>[一二三四五六日天]))"
    r"|(?P<relative>昨天|昨日|昨晚|今天|今日|今早|上周|本周|上月|上个月|本月(?!\d)|前天|前日|去年)(?P<part>上旬|中旬|下旬|初|底)?"
    r"|(?P<count>[一二两三四五六七八九十]|\d{1,2})个?(?P<unit>天|日|周|星期|月|年)(?:之|以)?前"
    r"|(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月|(?P<this>本月|当月)|(?P<last>上月))?(?P<day>\d{1,2})日"
    r"|(?P<whole_year>(?:19|20)\d{2})年(?:(?P<whole>\d{1,2})月)?|(?P<alone>\d{1,2})月份?(?!\d)"
)
_SAID_EARLIER_HAN = re.compile(r"曾|此前|早前|先前|之前|早些时候|早年")
_SAID_THEN_HAN = re.compile(r"当时|当年")


def days_of(
    passage: Passage, mention: Mention, sentence: tuple[int, int], says_behind: re.Pattern[str]
) -> tuple[str | None, str | None]:
    """Between which days the report came that is cited there: what its clause says, within the words of citing."""
    if passage.published is None:
        return (None, None)
    try:
        if passage.is_chinese:
            return _chinese(passage.plain, mention, sentence, passage.published)
        return _english(passage.plain, mention, sentence, passage.published, says_behind)
    except (ValueError, OverflowError):
        return (None, None)  # May 32, or before the calendar's begin


def _english(
    text: str, mention: Mention, sentence: tuple[int, int], published: date, says_behind: re.Pattern[str]
) -> tuple[str | None, str | None]:
    behind = text[mention.end : min(sentence[1], mention.end + 70)]
    cut = re.search(r"\bthat\b|[\";]", behind)
    match = None
    if says := says_behind.match(behind):
        stop = cut.start() if cut else len(behind)
        match = _WHEN.search(behind[: min(stop, says.end() + 35)])
        if match and match.start() > says.end() + 15:
            match = None
    if not match:
        match = re.match(r",? (?:on |earlier |late |as of )?(?=\w)", behind)
        match = _WHEN.match(behind, match.end()) if match else None
    opening = text[max(sentence[0], mention.start - 60) : mention.start]
    if not match:
        match = re.search(rf"(?:{_WHEN.pattern}),? (?:[\w'-]+ ){{0,5}}$", opening)
        # "Exports fell in August, Xinhua said" dates the exports; "In August, Xinhua said" what it said.
        if match and _is_coarse(match) and not _OPENS_CLAUSE.search(opening[: match.start()]):
            match = None
    if not match and _SAID_THEN.search(behind):
        match = _WHEN.search(text[: sentence[1]], sentence[0])
    if match:
        return _days_english(match, published)
    return _iso(published - _EARLIER, published - timedelta(days=1)) if _HAD_SAID.match(behind) else (None, None)


def _chinese(text: str, mention: Mention, sentence: tuple[int, int], published: date) -> tuple[str | None, str | None]:
    behind = re.match(r"[》\"]?[^,。;!?\n]{0,16}", text[mention.end : mention.end + 20])
    first = behind[0] if behind else ""
    cut = re.search(r"报道|消息|称|电|讯|援引|发布|刊文|发文", first)
    says = first[: cut.start() + 1] if cut else first
    match = _WHEN_HAN.search(says)
    opening = text[max(sentence[0], mention.start - 24) : mention.start]
    if not match:
        match = re.search(rf"(?:{_WHEN_HAN.pattern})[^,。;!?\n]{{0,8}}[,]?据?[《\"]?$", opening)
        if match and _is_coarse(match) and not _OPENS_CLAUSE_HAN.search(opening[: match.start()]):
            match = None
    if not match and _SAID_THEN_HAN.search(says):
        match = _WHEN_HAN.search(text[: mention.start], sentence[0])
    if match:
        return _days_han(match, published)
    is_earlier = _SAID_EARLIER_HAN.search(says) or re.search(r"(?:此前|早前|先前|之前|早些时候)[,]?据?$", opening)
    return _iso(published - _EARLIER, published - timedelta(days=1)) if is_earlier else (None, None)


def _is_coarse(match: re.Match[str]) -> bool:
    """Whether it names a week or more."""
    relative = (match["relative"] or "").lower()
    return bool(
        match["count"] or match["whole"] or match["whole_year"] or re.search(r"week|month|year|周|月|去年", relative)
        or any(name in match.re.groupindex and match[name] for name in ("only_year", "season", "alone"))
    )  # fmt: skip


def _ago(count: int, unit: str, published: date) -> tuple[str, str]:
    """So long ago, give or take half a unit."""
    days = _UNITS[unit]
    slack = timedelta(days=days * 0.6 if days > 1 else 0)
    then = published - timedelta(days=count * days)
    return _iso(then - slack, min(then + slack, published))


def _month(first: date) -> tuple[str, str]:
    return _iso(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def _year(year: int) -> tuple[str, str]:
    return _iso(date(year, 1, 1), date(year, 12, 31))


def _season(name: str, published: date) -> tuple[str, str]:
    """The last one that has begun."""
    begins, ends = _SEASONS[name]
    year = published.year if date(published.year, begins, 1) <= published else published.year - 1
    last = date(year + (ends < begins), ends, 28)
    return _iso(date(year, begins, 1), min(last, published))


def _iso(first: date, last: date) -> tuple[str, str]:
    return first.isoformat(), last.isoformat()


def _relative(words: str, published: date) -> tuple[str | None, str | None]:
    monday = published - timedelta(days=published.weekday())
    month = published.replace(day=1)
    if words in ("yesterday", "last night", "昨天", "昨日", "昨晚"):
        return _iso(*[published - timedelta(days=1)] * 2)
    if words in ("前天", "前日"):
        return _iso(*[published - timedelta(days=2)] * 2)
    if words in ("today", "this morning", "今天", "今日", "今早"):
        return _iso(published, published)
    if words in ("last week", "上周"):
        return _iso(monday - timedelta(days=7), monday - timedelta(days=1))
    if words.endswith("this week") or words == "本周":
        return _iso(monday, published)
    if words in ("last month", "上月", "上个月"):
        last = month - timedelta(days=1)
        return _iso(last.replace(day=1), last)
    if words.endswith("this month") or words == "本月":
        return _iso(month, published)
    if words in ("last year", "去年"):
        return _iso(date(published.year - 1, 1, 1), date(published.year - 1, 12, 31))
    return _iso(date(published.year, 1, 1), published) if words.endswith("this year") else (None, None)


def _latest(year: str | None, month: int, day: int, published: date) -> date:
    """That day, of the year that is named, else the last one before the report was published (or a day behind)."""
    if year:
        return date(int(year), month, day)
    this = date(published.year, month, day)
    return this if this <= published + timedelta(days=1) else date(published.year - 1, month, day)


def _days_english(match: re.Match[str], published: date) -> tuple[str | None, str | None]:
    if match["weekday"]:
        name = match["weekday"].lower().rpartition(" ")[2]
        back = (published.weekday() - _WEEKDAYS.index(name)) % 7
        return _iso(*[published - timedelta(days=back)] * 2)
    if match["relative"]:
        return _relative(match["relative"].lower(), published)
    if match["day"]:
        month = _MONTHS.index(match["month"][:3].lower()) + 1
        return _iso(*[_latest(match["year"], month, int(match["day"]), published)] * 2)
    if match["count"]:
        words = match["count"].lower()
        count = int(words) if words.isdigit() else 1 if words in ("a", "an") else _NUMBERS.index(words)
        return _ago(count, match["unit"], published)
    if match["only_year"]:
        return _year(int(match["only_year"]))
    if match["season"]:
        return _season(match["season"], published)
    month = _MONTHS.index(match["whole"][:3].lower()) + 1
    return _month(_latest(match["whole_year"], month, 1, published))


def _days_han(match: re.Match[str], published: date) -> tuple[str | None, str | None]:
    if match["weekday"]:
        which = 6 if match["which"] == "天" else "一二三四五六日".index(match["which"])
        back = published.weekday() - which + 7 if match["weekday"][0] == "上" else (published.weekday() - which) % 7
        return _iso(*[published - timedelta(days=back)] * 2)
    if match["relative"]:
        return _relative(match["relative"], published)
    if match["count"]:
        words = match["count"].replace("两", "二")
        return _ago(int(words) if words.isdigit() else _NUMBERS_HAN.index(words), match["unit"], published)
    if match["whole_year"]:
        year = int(match["whole_year"])
        return _month(date(year, int(match["whole"]), 1)) if match["whole"] else _year(year)
    if match["alone"]:
        return _month(_latest(None, int(match["alone"]), 1, published))
    day = int(match["day"])
    if match["month"]:
        return _iso(*[_latest(match["year"], int(match["month"]), day, published)] * 2)
    month = published.replace(day=1)
    if match["last"] or (not match["this"] and day > published.day + 1):
        month = (month - timedelta(days=1)).replace(day=1)
    return _iso(*[month.replace(day=day)] * 2)
