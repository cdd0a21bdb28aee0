"""The English Xinhua layouts against 137 saved pages of 2007-2016, labelled by others and kept beside the repository.

The reference texts are another program's: they open with a date and the title, and keep captions and "Related"
blocks. Each page that disagrees with its reference was looked at; LOOKED_AT says what the reference holds too much.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from items import Reading, Report
from pipelines.normalise import interpret
from spiders.outlets.xinhua.english import LAYOUTS
from spiders.page import Page

SHARED = Path(__file__).resolve().parents[2] / "shared"
GOLD = SHARED / "pages" / "gold-english.jsonl"
if not GOLD.exists():
    pytest.skip("the saved English pages are not on this machine (../shared/pages)", allow_module_level=True)

ROWS: dict[str, dict[str, Any]] = {
    Path(row["file"]).name.partition(".")[0]: row for row in map(json.loads, GOLD.open(encoding="utf-8"))
}
each_page = pytest.mark.parametrize("name", sorted(ROWS))

# The project's bar for agreement on shingles of four tokens.
FLOOR = 0.97


@dataclass(frozen=True)
class TooMuch:
    """What the reference text of a page holds beside the body, and how the body of the story ends on the page."""

    ends: str
    caption: str = ""  # how the caption's line begins
    related: bool = False  # other stories from a line "Related:" on


LOOKED_AT = {
    "c_135399351": TooMuch("instability and inadequate infrastructure.", caption="DAVAO PROVINCE, May 16, 2016"),
    "c_135401710": TooMuch("on June 30 as the country's 16th president.", caption="Photo taken on May 21, 2016"),
    "c_135405004": TooMuch("which had damaged bilateral relations.", caption="Foreign Ministry", related=True),
    "c_135410249": TooMuch(
        "sound and stable development of China-Philippines ties.", caption="Chinese Foreign Minister"
    ),
    "c_135433302": TooMuch("sovereignty over the island as well.", caption="A crew member takes part", related=True),
    "c_135457772": TooMuch("China will welcome him there.", caption="Photo taken on April 5, 2016", related=True),
    "c_135478075": TooMuch("it is time for him to act.", related=True),
    "c_135484183": TooMuch("to substantially improve relations with China.", related=True),
    "c_135493272": TooMuch('to bring back good ties with China," he said.', related=True),
    "c_135549291": TooMuch("Wang concluded.", caption="Photo taken on July 17, 2016", related=True),
    "c_135736876": TooMuch('even threatening to "break up with America."', related=True),
    "c_135782828": TooMuch("who accompanied Duterte to Beijing last week.", related=True),
    "c_135791424": TooMuch("turn its nightmares into reality.", related=True),
}
# Printed on the pages ("Editor:" under the text), not in the labels.
EDITORS_NOT_LABELLED = {"content_6267124": ["Wang Hongjiang"], "content_10612887": ["Xiong"]}
# News summaries, whose items each have a place, and a photo story: no dateline of their own.
NO_DATELINE = {
    "c_134870529",
    "c_135346841",
    "c_135535088",
    "c_135627782",
    "c_135656437",
    "c_135729275",
    "c_135732076",
}


@cache
def page_of(name: str) -> Page:
    row = ROWS[name]
    return Page(row["url"], gzip.decompress((SHARED / row["file"]).read_bytes()))


@cache
def reading_of(name: str) -> Reading:
    return next(layout for layout in LAYOUTS if layout.fits(page_of(name))).read(page_of(name))


@cache
def report_of(name: str) -> Report:
    return interpret(reading_of(name), "xinhua", "Asia/Shanghai")


def fold(text: str) -> str:
    return " ".join(text.split())


def tokens(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def agreement(ours: str, theirs: str) -> float:
    """F1 over shingles of four tokens, as the article extraction benchmark counts them."""
    left, right = (Counter(zip(*(tokens(text)[i:] for i in range(4)), strict=False)) for text in (ours, theirs))
    return 2 * (left & right).total() / (left.total() + right.total())


def reference_of(name: str) -> list[str]:
    """The lines of the reference text below the date and the title."""
    text = re.sub(r"^\s*\d{4}-\d\d-\d\d\s", "", ROWS[name]["reference_text"])
    title = r"\s+".join(map(re.escape, ROWS[name]["title"].split()))
    return re.sub(rf"^\s*{title}\s", "", text).strip().splitlines()


@each_page
def test_exactly_one_layout_fits(name: str) -> None:
    assert [layout.__name__ for layout in LAYOUTS if layout.fits(page_of(name))] == [
        {
            "en-2007-chinaview": "English2007",
            "en-2009-chinaview": "English2009",
            "en-2010-begin_t": "English2010",
            "en-ftitle": "English2010",
            "en-ftitle+mobile": "English2010",
            "en-hei22": "English2014",
            "en-hei22+mobile": "English2014",
            "en-2016-bltitle": "English2016",
            "en-photo-whtitle": "EnglishPhotos",
        }[ROWS[name]["template"]]
    ]


@each_page
def test_the_title_is_the_headline_of_the_page(name: str) -> None:
    assert report_of(name).title == fold(ROWS[name]["title"])


@each_page
def test_the_time_is_the_one_printed_on_the_desktop_copy_and_china_time(name: str) -> None:
    report, row = report_of(name), ROWS[name]
    assert (report.published_local, report.published_precision) == (row["published_local"], row["published_precision"])
    assert (report.published_utc, report.zone_basis) == (row["published_utc"], "outlet")


@each_page
def test_the_source_is_the_printed_line_without_its_time(name: str) -> None:
    printed = fold(ROWS[name]["source_line"])
    before_the_time = re.split(r"[\s|]*\d{4}-", printed)[0]
    assert reading_of(name).source == (before_the_time or "www.chinaview.cn")


@each_page
def test_the_editor_is_that_of_the_desktop_copy(name: str) -> None:
    in_line = fold(ROWS[name]["source_line"]).partition("Editor:")[2].split("|")
    expected = ROWS[name]["editors"] or EDITORS_NOT_LABELLED.get(name) or [fold(part) for part in in_line]
    assert report_of(name).editors == expected


@each_page
def test_the_body_agrees_with_the_reference_text(name: str) -> None:
    body, lines = reading_of(name).body, reference_of(name)
    if looked_at := LOOKED_AT.get(name):
        if looked_at.related:
            lines = lines[: next(i for i, line in enumerate(lines) if re.match(r"Related ?[:：]", line))]
        captions = [line for line in lines if looked_at.caption and line.startswith(looked_at.caption)]
        assert reading_of(name).captions == [fold(line) for line in captions]
        assert tokens(" ".join(body)) == tokens(" ".join(line for line in lines if line not in captions))
        assert body[-1].endswith(looked_at.ends)
    else:
        assert reading_of(name).captions == []
        assert agreement(" ".join(body), " ".join(lines)) >= FLOOR


@each_page
def test_the_body_holds_no_other_story_no_furniture_and_no_end_mark(name: str) -> None:
    text = "\n".join(reading_of(name).body)
    assert not re.search(r"(?i)enditem|full story\b|^related:|\[editor:|>>|video ?player", text, re.M)
    assert not re.search("[\u4e00-\u9fff]", text)  # share widgets are in Chinese


@each_page
def test_nothing_read_holds_a_replacement_character(name: str) -> None:
    assert "\ufffd" not in repr(report_of(name))


@each_page
def test_the_dateline_is_read_where_there_is_one(name: str) -> None:
    body, dateline = report_of(name).body, report_of(name).dateline
    if name in NO_DATELINE:
        assert dateline is None
        assert "(Xinhua)" not in " ".join(body)
    else:
        assert dateline is not None
        assert dateline.agency == "Xinhua"
        assert any(text.startswith(dateline.text) for text in body[:2])
        # Some pages went up after midnight: the wire's date is the page's or the day before.
        page_day = datetime.fromisoformat(ROWS[name]["published_local"]).date()
        wire_day = date.fromisoformat(f"{page_day.year}-{dateline.month_day}")
        assert page_day - wire_day in (timedelta(0), timedelta(1))


@pytest.mark.parametrize(
    ("name", "authors"),
    [
        ("c_135478075", ["Sun Ding"]),  # by Xinhua Writer Sun Ding
        ("c_135479269", ["Wang Wen", "Dario Agnote"]),
        ("c_135499308", ["Alessandra Cardone"]),
        ("c_135507910", ["Yang Dingdu", "Ling Shuo"]),
        ("c_135516357", ["Fei Liena"]),
        ("c_135575372", ["Wang Haiqing"]),
        ("c_135791424", ["Liu Chang"]),  # by Xinhua writer Liu Chang
        ("c_135549291", []),  # a byline stands in its Related block alone
    ],
)
def test_a_byline_gives_the_authors(name: str, authors: list[str]) -> None:
    assert report_of(name).authors == authors


def test_the_pages_of_a_photo_story_are_listed_in_order() -> None:
    stem = "http://news.xinhuanet.com/english/photo/2016-06/05/c_135414169"
    reading = reading_of("c_135414169")
    assert reading.part == 1
    assert reading.part_urls == [f"{stem}.htm", f"{stem}_2.htm", f"{stem}_3.htm", f"{stem}_4.htm"]


def test_a_head_that_lost_its_quotes_does_not_reach_the_keywords() -> None:
    assert reading_of("c_132183466").keywords == ["rebel", "Philippines"]
    assert reading_of("c_129105090").keywords == []


def test_no_other_saved_page_is_taken_for_an_english_one() -> None:
    others = [path for path in (SHARED / "pages").glob("*/*.html") if "xinhua-english" not in path.parts]
    assert others
    taken = [
        (path.name, layout.__name__)
        for path in others
        for layout in LAYOUTS
        if layout.fits(Page("http://example.org/", path.read_bytes()))
    ]
    assert taken == []
