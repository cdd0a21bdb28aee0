"""The second step: a layout's strings become a Report. Times, names and labels are read here, for every
outlet alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate
from typing import Any, ClassVar, Protocol, Self
from zoneinfo import ZoneInfo

from scrapy.crawler import Crawler

from items import BETWEEN_PARAGRAPHS, Capture, Hyperlink, Reading, Report
from pipelines.dateline import read_dateline
from pipelines.dates import PrintedTime, read_time


class ZonedOutlet(Protocol):
    """What this step asks of an outlet. `timezone` is an IANA name, "" where an outlet's clock is not known."""

    name: str
    timezone: ClassVar[str]


def normalise(capture: Capture, outlet: type[ZonedOutlet]) -> Capture:
    """Give a capture that was read its Report; one that lacks a required field goes to quarantine instead."""
    if capture.outcome == "report" and capture.reading is not None:
        try:
            capture.report = interpret(capture.reading, outlet.name, outlet.timezone)
        # As in the extract step: what a page nobody foresaw runs into must not end the crawl.
        except Exception as error:
            capture.outcome = "quarantined"
            capture.reason = f"{capture.url}: layout {capture.reading.layout} fits, but {error}"
    return capture


def interpret(reading: Reading, outlet: str, timezone: str) -> Report:
    """Read the strings of a Reading. `timezone` is the clock that the outlet prints, unless a page states its
    own.

    Raises ValueError, naming the text, when the title, the body or the date is missing, or a date cannot be
    read. A report without any date is not accepted: every layout known prints one, so its absence means that
    the page is another kind than the layout believes.
    """
    required = {"title": reading.title.strip(), "text": reading.body, "date": reading.published.strip()}
    if missing := [name for name, value in required.items() if not value]:
        raise ValueError(f"finds no {', no '.join(missing)} (title {reading.title[:60]!r}): mend the layout")
    published = read_time(reading.published)
    basis = "page" if published.offset is not None else "outlet" if timezone else "unknown"
    return Report(
        outlet=outlet,
        layout=reading.layout,
        language=reading.language,
        title=_one_line(reading.title),
        published_local=published.iso(),
        published_precision=published.precision,
        published_utc=_utc(published, timezone),
        published_printed=reading.published.strip(),
        zone_basis=basis,
        modified_utc=_utc(read_time(reading.modified), timezone) if reading.modified.strip() else None,
        source_label=source_label(reading.source),
        source_url=reading.source_url.strip() or None,
        editors=editors(reading.editor),
        authors=_distinct(_BY.sub("", _one_line(author)) for author in reading.authors),
        dateline=read_dateline(reading.body, reading.language),
        body=reading.body,
        captions=reading.captions,
        keywords=_distinct(map(_one_line, reading.keywords)),
        section=_one_line(reading.section) or None,
        part=reading.part,
        part_urls=reading.part_urls,
        hyperlinks=_in_body(reading),
    )


def _in_body(reading: Reading) -> list[Hyperlink]:
    """The links at their places in the body, whose paragraphs are joined by blank lines, instead of in a paragraph."""
    begins = list(accumulate((len(paragraph) + len(BETWEEN_PARAGRAPHS) for paragraph in reading.body), initial=0))
    return [
        replace(link, start=begins[link.paragraph] + link.start, end=begins[link.paragraph] + link.end)
        for link in reading.hyperlinks
    ]


def _utc(printed: PrintedTime, timezone: str) -> str | None:
    """The instant in UTC; None for a day alone, and where no clock is known."""
    if printed.precision == "day":
        return None
    if printed.offset is not None:
        return printed.utc(printed.offset)
    ahead = ZoneInfo(timezone).utcoffset(printed.local) if timezone else None
    return printed.utc(ahead) if ahead is not None else None


_BRACKETS = " \t\r\n\u00a0\u3000【】[]［］（）()〔〕|｜:："
_SOURCE = re.compile(
    r"^(?:(?:稿件|文章|信息|新闻|内容)?(?:来源|来自|出处)|sources?(?:\(s\))?)\s*[:：|｜]*", re.IGNORECASE
)


def source_label(printed: str) -> str | None:
    """The outlet or agency that a source line names (来源：新华网, "Source: Xinhua |"); None when it names none."""
    label = _SOURCE.sub("", _one_line(printed).strip(_BRACKETS)).strip(_BRACKETS)
    return label or None


# Roles that can follow the editor on the same line.
_ROLE = "责任编辑|责编|编辑|审核|校对|校审|监制|作者|记者|来源|统筹|编审|值班|主编|终审|签发|纠错|复审|初审"
_EDITED_BY = re.compile(
    r"(?:责任编辑|责编|编辑|\bEditors?|\bEdited by)\s*[:：|｜]?"
    rf"(?P<names>[^【】\[\]［］（）()|｜:：]*?)(?={_ROLE}|[【】\[\]［］（）()|｜:：]|$)",
    re.IGNORECASE,
)
_HAN = re.compile(r"[\u3400-\u9fff]")


# An editor's field without a label: 华夏, "huaxia", "Chen Zhi, Mu Xuequan". An outlet or a role is no person.
_BARE_HAN = re.compile(r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]{2,6}·[\u3400-\u9fff]{2,6}")
_BARE_LATIN = re.compile(r"huaxia|[A-Z][a-z'’-]+(?: [A-Z][A-Za-z.'’-]*){0,3}")
_NO_PERSON = re.compile(rf"[网社报台]$|新华|频道|来源|{_ROLE}|\b(?:Xinhua|Source|Editors?|Edited)\b")
_BARE_NAMES_AT_MOST = 6


def editors(printed: str) -> list[str]:
    """The people of an editor line: 【责任编辑:张樵苏 】, （责编：牛镛、岳弘彬）, "Editor:   Chen Zhi".

    A line without a label counts when it holds nothing but names.
    """
    text = _one_line(printed)
    found: list[str] = []
    for match in _EDITED_BY.finditer(text):
        found += _names(match["names"].strip())
    return _distinct(found) or _bare_names(text.strip(_BRACKETS))


def _bare_names(text: str) -> list[str]:
    """The names that a text consists of, [] when any of it is none."""
    if _NO_PERSON.search(text):
        return []
    names = _distinct(_names(text))
    name = _BARE_HAN if _HAN.search(text) else _BARE_LATIN
    return names if len(names) <= _BARE_NAMES_AT_MOST and all(map(name.fullmatch, names)) else []


def _names(printed: str) -> list[str]:
    """Names, divided by marks, in Chinese by spaces too; a name of two characters can be spaced (王　刚)."""
    if not _HAN.search(printed):
        return [name.strip(" .") for name in re.split(r"[,;/、，；]|\s+(?:and|&)\s+", printed)]
    names: list[str] = []
    for word in re.split(r"[\s,;/、，；]+", printed):
        if names and len(word) == 1 and len(names[-1]) == 1:
            names[-1] += word
        else:
            names.append(word)
    return names


_BY = re.compile(r"^by[\s:]+", re.IGNORECASE)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, texts)))


class Normalise:
    """Scrapy's item pipeline around `normalise`, for the outlet that is being crawled."""

    def __init__(self, outlet: type[ZonedOutlet]) -> None:
        self.outlet = outlet

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        outlet: Any = crawler.spidercls
        return cls(outlet)

    def process_item(self, item: Capture) -> Capture:
        return normalise(item, self.outlet)
