"""The days in which a report came out that a text cites: "Xinhua reported on Tuesday", 新华社上月曾报道."""

from __future__ import annotations

import re
from datetime import date, timedelta

from grammar.passage import Passage
from items import Mention

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WHEN = re.compile(
    r"\b(?:(?P<weekday>(?:last |this )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
    r"|(?P<relative>yesterday|today|this morning|last night|(?:earlier )?this week|last week|(?:earlier )?this month"
    r"|last month|(?:earlier )?this year|last year)"
    r"|(?P<month>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?) (?P<day>\d{1,2})\b(?:, (?P<year>\d{4}))?"
    r"|[Ii]n (?P<whole>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*)\b(?: (?P<whole_year>\d{4}))?)"
)
_WHEN_HAN = re.compile(
    r"(?P<relative>昨天|昨日|昨晚|今天|今日|今早|上周|本周|上月|上个月|本月(?!\d)|前天|前日|去年)"
    r"|(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月|(?P<this>本月|当月)|(?P<last>上月))?(?P<day>\d{1,2})日"
)


def days_of(
    passage: Passage, mention: Mention, sentence: tuple[int, int], says_behind: re.Pattern[str]
) -> tuple[str | None, str | None]:
    """Between which days the report came that is cited there: what its clause says, within the words of citing."""
    text, published = passage.plain, passage.published
    assert published is not None
    try:
        if passage.is_chinese:
            behind = re.match(r"[》\"]?[^,。;!?\n]{0,16}", text[mention.end : mention.end + 20])
            first = behind[0] if behind else ""
            cut = re.search(r"报道|消息|称|电|讯|援引|发布|刊文|发文", first)
            match = _WHEN_HAN.search(first[: cut.start() + 1] if cut else first)
            opening = text[max(sentence[0], mention.start - 14) : mention.start]
            match = match or re.search(rf"(?:{_WHEN_HAN.pattern})[,]?据?$", opening)
            return _days_han(match, published) if match else (None, None)
        behind_text = text[mention.end : min(sentence[1], mention.end + 70)]
        cut = re.search(r"\bthat\b|[\";]", behind_text)
        match = None
        if says := says_behind.match(behind_text):
            stop = cut.start() if cut else len(behind_text)
            match = _WHEN.search(behind_text[: min(stop, says.end() + 35)])
            if match and match.start() > says.end() + 15:
                match = None
        if not match:
            match = re.match(r",? (?:on |earlier |late |as of )?(?=\w)", behind_text)
            match = _WHEN.match(behind_text, match.end()) if match else None
        opening = text[max(sentence[0], mention.start - 60) : mention.start]
        match = match or re.search(rf"(?:{_WHEN.pattern}),? (?:[\w'-]+ ){{0,5}}$", opening)
        if not match and re.search(r"\b(?:at the time|then)\b", behind_text):
            match = _WHEN.search(text[: sentence[1]], sentence[0])
        return _days_english(match, published) if match else (None, None)
    except (ValueError, OverflowError):
        return (None, None)  # May 32, or before the calendar's begin


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
        return _relative(match["relative"], published)
    if match["day"]:
        month = _MONTHS.index(match["month"][:3].lower()) + 1
        return _iso(*[_latest(match["year"], month, int(match["day"]), published)] * 2)
    month = _MONTHS.index(match["whole"][:3].lower()) + 1
    first = _latest(match["whole_year"], month, 1, published)
    following = (first + timedelta(days=31)).replace(day=1)
    return _iso(first, following - timedelta(days=1))


def _days_han(match: re.Match[str], published: date) -> tuple[str | None, str | None]:
    if match["relative"]:
        return _relative(match["relative"], published)
    day = int(match["day"])
    if match["month"]:
        return _iso(*[_latest(match["year"], int(match["month"]), day, published)] * 2)
    month = published.replace(day=1)
    if match["last"] or (not match["this"] and day > published.day + 1):
        month = (month - timedelta(days=1)).replace(day=1)
    return _iso(*[month.replace(day=day)] * 2)
