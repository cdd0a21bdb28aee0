"""Where a wire text says that it was filed: 新华社巴黎12月9日电（记者唐霁）, MANILA, Oct. 25 (Xinhua) --.

Pure functions over text. Nothing here knows an outlet: a newspaper or portal that reprints a wire text keeps its
dateline, and so tells it from a report of its own.
"""

from __future__ import annotations

import re

from items import Dateline

_LOOK_AT = 5  # paragraphs from the top: a byline, a standfirst or a caption can stand above the dateline


def read_dateline(paragraphs: list[str], language: str) -> Dateline | None:
    """The dateline that opens one of the first paragraphs, or that closes the last; None when there is none.

    `language` is a BCP 47 tag; Chinese and English are read. `text` is the dateline as printed, without the
    reporters and without 据 or a bracket before it, with the dash after it. `month_day` is "" where the dateline
    has no month or no date; whether the date fits the page's is for others to judge. Never raises.
    """
    if language.startswith("zh"):
        return _chinese(paragraphs)
    return _english(paragraphs) if language.startswith("en") else None


# Agencies and papers that date their texts end in 社, 网 or 报: 新华社, 中新社, 人民网, 本报. Digits can be full-width
# (１２月９日), as Xinhua printed them for years; the place can be several cities, a ship (“雪龙2”号), or left out.
_ZH_DATELINE = (
    r"(?P<text>(?P<agency>[\u4e00-\u9fff]{1,6}?[社网網报報]) ?(?P<place>[^\s（()）。，,；;：:！？!?电電]{0,24}?) ?"
    r"(?:\d{4}年)?(?:(?P<month>\d{1,2})月)?(?P<day>\d{1,2})日 ?(?:体育|综合|新媒体|图片|加急|专|特|急|短)*[电電])"
)
_ZH_START = re.compile(rf"[（(【\[]?[据據]?{_ZH_DATELINE}(?![影视话力台脑池商动子信])")  # 电话, 电影 are no 电
# 新华社电, 据新华社北京电（记者…）: a wire text whose date was left out. 据新华社电， is a source in a sentence.
_ZH_UNDATED = re.compile(
    r"[（(【\[]?(?:[据據]|综合)?(?P<text>(?P<agency>新华社|新华网|中新社)(?P<place>(?!记者|发|来)[\u4e00-\u9fff、]{0,10}?)(?:专|特|急)?[电電])"
    r"(?=[\s（()）：:】]|题|记者|$)"
)
_ZH_END = re.compile(rf"[（(][据據]?{_ZH_DATELINE}[^（()）]{{0,20}}[）)][。.]?$")
_ZH_ROLE = r"[\u4e00-\u9fff]{0,6}?(?:记者|通讯员|实习生|报道员)[:：]?"
_ZH_CREDIT = re.compile(rf"\s*[（(](?P<names>\s*{_ZH_ROLE}[^（()）]{{2,150}})[）)]")
_ZH_CREDIT_LINE = re.compile(rf"(?P<names>{_ZH_ROLE}[^（()）。！？]{{2,80}})")
_ZH_NAME = re.compile(r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fffA-Za-z]+(?:[·•・.][\u3400-\u9fffA-Za-z]+)+")


def _chinese(paragraphs: list[str]) -> Dateline | None:
    for place, paragraph in enumerate(paragraphs[:_LOOK_AT]):
        text = paragraph.lstrip()
        if (found := _ZH_START.match(text) or _ZH_UNDATED.match(text)) and (dateline := _dateline(found)):
            if credit := _ZH_CREDIT.match(found.string, found.end()):
                dateline.reporters = _chinese_names(credit["names"])
            elif "题" in found.string[found.end() : found.end() + 3]:
                # A feature: 新华社北京4月24日电 题：…, and below it a line 新华社记者宋晨、田中全.
                lines = map(_ZH_CREDIT_LINE.fullmatch, map(str.strip, paragraphs[place + 1 : place + 3]))
                dateline.reporters = next((_chinese_names(line["names"]) for line in lines if line), [])
            return dateline
    if paragraphs and (found := _ZH_END.search(paragraphs[-1].rstrip())):
        return _dateline(found, "end")
    return None


def _chinese_names(printed: str) -> list[str]:
    """The names in 记者A B、C D，通讯员E; [] when any of it is no name, as in 记者17日从…获悉."""
    words = [re.sub(f"^{_ZH_ROLE}", "", word) for word in re.split(r"[、，,；;/\s]+", printed.strip())]
    names: list[str] = []
    open_name = False  # 王 刚: a name of two characters, spaced to the width of three
    for word in filter(None, words):
        if open_name:
            names[-1] += word
            open_name = False
        else:
            names.append(word)
            open_name = len(word) == 1
    return names if all(map(_ZH_NAME.fullmatch, names)) else []


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EN_MONTH = (
    r"(?P<month>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_EN_CAPITALISED = r"[^\W\d_a-z][\w.'’/&-]{0,40}"
_EN_WORD = rf"(?:{_EN_CAPITALISED}|of|and|the|da|de|del|do|dos|el|la|le|los)"
_EN_DATELINE = (
    rf"(?P<text>(?P<place>{_EN_CAPITALISED}(?:(?:, ?| ){_EN_WORD}){{0,9}}?)"
    rf"(?:,? ?{_EN_MONTH} ?(?P<day>\d{{1,2}})(?:, ?\d{{4}})?)?"
    r"(?:,? ?\((?P<agency>[^\W\d_a-z][^()\d]{0,30}?) ?\))?"
    r"(?P<dash> ?(?:-{1,3}|[–—―]{1,2}))?)(?<=[)–—―-])"
)
# "by Wang Wen, Yang Tianmu MANILA, July 13 (Xinhua) --": a byline that shares the paragraph.
_EN_BYLINE = (
    r"(?:[Bb]y (?:Xinhua )?(?:[Ww]riters? |[Rr]eporters? |[Cc]orrespondents? )?"
    r"(?P<names>[^()]{3,120}?),? (?=[A-Z]{2}))?"
)
_EN_START = re.compile(_EN_BYLINE + _EN_DATELINE)
_EN_END = re.compile(_EN_DATELINE)


def _english(paragraphs: list[str]) -> Dateline | None:
    for paragraph in paragraphs[:_LOOK_AT]:
        found = _EN_START.match(paragraph.lstrip())
        if found and _is_english_dateline(found) and (dateline := _dateline(found)):
            dateline.reporters = re.split(r", and |, | and ", found["names"]) if found["names"] else []
            if len(paragraphs) > 1 and paragraph is paragraphs[-1] and not found.string[found.end() :].strip():
                dateline.position = "end"  # a line of its own under the text
            return dateline
    if paragraphs and (found := _EN_END.fullmatch(paragraphs[-1].strip())) and found["month"] and found["agency"]:
        return _dateline(found, "end")
    return None


def _is_english_dateline(found: re.Match[str]) -> bool:
    """Whether enough of it is there: a date and an agency, or one of them after a place in capitals, with a dash.

    A place alone is none ("TEHRAN – "): "UPDATE – " looks the same, and "BRASILIA -- " opens each item of a news
    summary. Nor is "Duterte (Xinhua)", a credit.
    """
    if found["month"] and found["agency"]:
        return True
    city = found["place"].partition(",")[0]
    return len(city) > 2 and city.isupper() and bool(found["dash"]) and bool(found["month"] or found["agency"])


def _dateline(found: re.Match[str], position: str = "start") -> Dateline | None:
    """The matched dateline; None when its date is none of a calendar's."""
    printed = found.groupdict()
    month, day = printed.get("month") or "", printed.get("day") or ""
    month_day = ""
    if month:
        number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
        if not (1 <= number <= 12 and 1 <= int(day) <= 31):
            return None
        month_day = f"{number:02}-{int(day):02}"
    return Dateline(
        agency=printed.get("agency") or "",
        place=printed["place"].strip(),
        month_day=month_day,
        text=printed["text"].strip(),
        position=position,
    )
