"""The periods that a Chinese text names: 今年前三季度, 截至6月底, “十四五”期间, each with its first and last day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from grammar import periods
from grammar.numerals import of_numerals
from items import Period

_N = r"(?:\d{1,2}|[一二三四五六七八九十两]{1,3})"
_YEAR = r"(?:今年|去年|前年|上年|本年|同年|(?:19|20)\d\d年|[一二][九〇零][〇零一二三四五六七八九]{2}年)"
_PLANS = {"十一五": 2006, "十二五": 2011, "十三五": 2016, "十四五": 2021, "十五五": 2026}
# Since when: congresses by their first day, and what a text of the party counts from.
_SINCE = {
    "党的十八大": date(2012, 11, 8), "党的十九大": date(2017, 10, 18), "党的二十大": date(2022, 10, 16),
    "十八大": date(2012, 11, 8), "十九大": date(2017, 10, 18), "二十大": date(2022, 10, 16),
    "改革开放": date(1978, 12, 18), "新中国成立": date(1949, 10, 1), "中华人民共和国成立": date(1949, 10, 1),
}  # fmt: skip
_PERIOD = re.compile(
    rf"""(?:
      (?P<until>截至|截止到?|到|至)?(?P<since>自|自从|从)?
      (?: (?P<year>{_YEAR})?的?
          (?: (?P<half>[上下])半年 | (?P<first_quarters>前[一二三四123]个?季度|前三季)
            | 第?(?P<quarter>[一二三四1234])季度
            | 前(?P<first_months>{_N})个?月 | (?P<months>{_N})月?份?(?:至|到|-|~)(?P<to_month>{_N})月份?(?!\d*日)
            | (?P<days_month>{_N})月(?P<day>{_N})[日号]
              (?:(?:至|到|-|~)(?:(?P<to_days_month>{_N})月)?(?P<to_day>{_N})[日号])?
            | (?P<month>{_N})月(?:份)?(?P<month_part>底|末|初|中旬|上旬|下旬)?(?![\d{{}}个])
            | (?P<year_part>年底|年末|末|底|年初|初|年中)
          )
        | (?P<only_year>{_YEAR})
        | (?P<last>上周|本周|上个月|上月|本月|昨天|昨日|今天|今日|前天|昨晚|昨夜)
        | (?P<only_day>\d{{1,2}})[日号](?:(?:至|到|-|~)(?P<only_to_day>\d{{1,2}})[日号])?
      )(?:\d{{1,2}}时(?:\d{{1,2}}分)?)?(?P<ago>以来|起|同期|全年|期间|以前|之前)?
      | (?:近|过去|最近|这)的?(?P<past>{_N}|数|几)多?个?(?P<past_unit>年|月|周|星期|天)(?:来|间|以来|里)?
      | (?P<past_since>{_N}|\d{{2,3}}多|{_N}多)(?P<past_since_unit>年)(?:多)?来(?![自到])
      | (?:未来|今后|接下来)的?{_N}(?:[至到~-]{_N})?个?(?:年|月|周|星期|天)
      | (?P<event>{"|".join(sorted(_SINCE, key=len, reverse=True))})以来
      | ["“]?(?P<plan>{"|".join(_PLANS)})["”]?(?:规划)?(?P<plan_part>期间|时期|以来|末|中期)
    )""",
    re.VERBOSE,
)
# Digits only before what may make them a date: most numbers of a text are none.
_BEGINS = re.compile(
    r'[今去前上本同近过最这未接截自从昨党十改新中"一二三四五六七八九两第到至]|\d{1,4}(?=[年月日号至到~季个-]|多年)'
)
_COMPARED = re.compile("(?:比|较|与|同|和|跟)$")
_NO_TIME = re.compile("(?:记者|第)$")


@dataclass(frozen=True, slots=True)
class Named:
    """A period where it is named. `compared`: only what something is compared with (比去年同期), or what says when
    the report was filed or heard (记者21日获悉): no figure is about it."""

    start: int
    end: int
    period: Period
    compared: bool = False


def named(text: str, plain: str, published: date | None) -> list[Named]:
    """The periods of a text in order of place; days are None where the day of publication is needed and not known."""
    found: list[Named] = []
    at = 0
    while begins := _BEGINS.search(plain, at):
        match = _PERIOD.match(plain, begins.start())
        if not match or match.end() == match.start() or not _stands(plain, match):
            at = begins.end()
            if plain[begins.start()].isdigit():  # not from within a number
                while at < len(plain) and plain[at].isdigit():
                    at += 1
            continue
        start, end = match.span()
        before = plain[max(0, start - 2) : start]
        aside = bool(_COMPARED.search(before) or _NO_TIME.search(before)) or plain[end : end + 1] in ("电", "讯")
        days = _days(match, published)
        found.append(Named(start, end, periods.period(text[start:end], days), aside))
        at = end
    return found


def _stands(plain: str, match: re.Match[str]) -> bool:
    """Whether the words are a period and no part of a number or another word."""
    start = match.start()
    before = plain[start - 1 : start]
    if before.isdigit() or (
        before and before in ".第零〇一二三四五六七八九十百千万亿" and plain[start] not in "今去截自近过"
    ):
        return False
    if match["year"] is None and match["year_part"] in ("末", "底", "初", "年中", "年底", "年末", "年初"):
        return False
    if match["until"] in ("到", "至") and not (match["year_part"] or match["month_part"]):
        return False
    return not (match["last"] or "").startswith("本") or before != "日"


def _number(printed: str) -> int:
    return int(printed) if printed.isdigit() else int(of_numerals(printed))


def _year(printed: str, published: date | None) -> int | None:
    digits = printed.removesuffix("年")
    if digits.isdigit() or digits[:1] in "一二":
        return int(of_numerals(digits)) if not digits.isdigit() else int(digits)
    if published is None or printed == "同年":
        return None
    return published.year - {"今年": 0, "本年": 0, "去年": 1, "上年": 1, "前年": 2}[printed]


def _days(match: re.Match[str], published: date | None) -> periods.Days:
    try:
        days = _resolved(match, published)
    except (ValueError, OverflowError):  # a thirteenth month
        return None, None
    if match["until"]:
        return None, days[1]
    if match["since"] or (match["ago"] or "") in ("以来", "起"):
        return days[0], published
    return days


def _resolved(match: re.Match[str], published: date | None) -> periods.Days:
    group = match.groupdict()
    nothing = (None, None)
    if group["plan"]:
        first = _PLANS[group["plan"]]
        return (date(first, 1, 1), published) if group["plan_part"] == "以来" else periods.years(first, first + 4)
    if group["event"]:
        return _SINCE[group["event"]], published
    if group["only_year"] or group["year"]:
        year = _year(group["only_year"] or group["year"], published)
        if year is None:
            return nothing
    elif published is None:
        return nothing
    else:
        year = published.year
    said = group["year"] is not None
    if group["only_year"]:
        if group["ago"] == "同期" and published:
            return date(year, 1, 1), periods.shifted(published, -12 * (published.year - year))
        first_day, last_day = periods.year(year)
        return first_day, published if published and year == published.year else last_day
    if group["half"]:
        return periods.half(year, 1 if group["half"] == "上" else 2)
    if quarters := group["first_quarters"]:
        return periods.months(year, 1, 3 * _number(quarters[1]))
    if group["quarter"]:
        return periods.quarter(year, _number(group["quarter"]))
    if group["first_months"]:
        return periods.months(year, 1, _number(group["first_months"]))
    if group["months"]:
        last_month = _number(group["to_month"])
        if not said and published and last_month > published.month + 3:
            year -= 1
        return periods.months(year, _number(group["months"]), last_month)
    if group["days_month"]:
        return _day_span(match, year, said, published)
    if group["month"]:
        month = _number(group["month"])
        if not said and published:
            year = published.year if month <= published.month + 3 else published.year - 1
        first_day, last_day = periods.month(year, month)
        return {
            "初": (first_day, first_day + timedelta(9)), "上旬": (first_day, first_day + timedelta(9)),
            "中旬": (first_day + timedelta(10), first_day + timedelta(19)),
            "下旬": (first_day + timedelta(20), last_day),
            "底": (last_day, last_day), "末": (last_day, last_day),
        }.get(group["month_part"] or "", (first_day, last_day))  # fmt: skip
    if part := group["year_part"]:
        ends = part.removeprefix("年")
        edge = date(year, 1, 1) if ends == "初" else date(year, 6, 30) if ends == "中" else date(year, 12, 31)
        return edge, edge
    if published is None:
        return nothing
    if last := group["last"]:
        if last.endswith("周"):
            first_day, last_day = periods.week(published, 1 if last[0] == "上" else 0)
            return first_day, min(last_day, published)
        if last.endswith("月"):
            when = periods.shifted(published.replace(day=1), -1 if last[0] == "上" else 0)
            first_day, last_day = periods.month(when.year, when.month)
            return first_day, min(last_day, published)
        day = published - timedelta({"昨": 1, "今": 0, "前": 2}[last[0]])
        return day, day
    if group["only_day"]:
        number = _number(group["only_day"])
        when = published.replace(day=1)
        if number > published.day + 7:  # the 30th, told on the 2nd
            when = periods.shifted(when, -1)
        begins = periods.day(when.year, when.month, number)
        last_one = periods.day(when.year, when.month, _number(group["only_to_day"])) if group["only_to_day"] else begins
        return begins, last_one
    if (past := group["past"]) and past not in "数几":
        unit = {"年": "year", "月": "month", "周": "week", "星期": "week", "天": "day"}[group["past_unit"]]
        return periods.past(published, _number(past), unit)
    if past := group["past_since"]:
        return periods.past(published, _number(past.rstrip("多")), "year")
    return nothing


def _day_span(match: re.Match[str], year: int, said: bool, published: date | None) -> periods.Days:
    month, number = _number(match["days_month"]), _number(match["day"])
    first = periods.day(year, month, number) if said or not published else periods.nearest_day(published, month, number)
    if first is None or not match["to_day"]:
        return first, first
    to_month = _number(match["to_days_month"]) if match["to_days_month"] else month
    return first, periods.day(first.year + (to_month < month), to_month, _number(match["to_day"]))
