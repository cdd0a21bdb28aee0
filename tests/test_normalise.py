"""From the strings of a page to a Report: labels, people, times and zones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from items import Capture, Reading
from pipelines.normalise import Normalise, editors, interpret, normalise, source_label

READING = Reading(
    layout="detail2023",
    language="zh-Hans",
    title=" 全国公安机关开展\n集中行动 ",
    published="2023-11-17 20:52:15",
    body=["新华社北京11月17日电（记者陈某）第一段。", "第二段。"],
    source="来源：新华网",
    editor="【责任编辑:张樵苏 】",
    keywords=["公安", " 公安", "", "打击 \n 犯罪"],
)


class Xinhua:
    name = "xinhua"
    timezone: ClassVar[str] = "Asia/Shanghai"


def test_a_reading_becomes_a_report() -> None:
    report = interpret(READING, "xinhua", "Asia/Shanghai")
    assert report.outlet == "xinhua"
    assert report.layout == "detail2023"
    assert report.title == "全国公安机关开展 集中行动"
    assert report.source_label == "新华网"
    assert report.editors == ["张樵苏"]
    assert report.keywords == ["公安", "打击 犯罪"]
    assert report.body == READING.body
    assert report.dateline is not None
    assert (report.dateline.place, report.dateline.month_day, report.dateline.reporters) == ("北京", "11-17", ["陈某"])


@pytest.mark.parametrize(
    ("published", "timezone", "local", "precision", "utc", "basis"),
    [
        ("2019-12-10 07:57:40", "Asia/Shanghai", "2019-12-10T07:57:40", "second", "2019-12-09T23:57:40Z", "outlet"),
        ("2024年04月24日23:52", "Asia/Shanghai", "2024-04-24T23:52", "minute", "2024-04-24T15:52:00Z", "outlet"),
        ("2005年08月16日", "Asia/Shanghai", "2005-08-16", "day", None, "outlet"),
        ("2014-12-12T10:58:03+01:00", "", "2014-12-12T10:58:03", "second", "2014-12-12T09:58:03Z", "page"),
        ("2014-12-12T10:58:03+01:00", "Asia/Shanghai", "2014-12-12T10:58:03", "second", "2014-12-12T09:58:03Z", "page"),
        ("9th November 2011", "", "2011-11-09", "day", None, "unknown"),
        ("May 18, 2022 - 10:52 am", "", "2022-05-18T10:52", "minute", None, "unknown"),
        ("2015-07-01 12:00:00", "Europe/Amsterdam", "2015-07-01T12:00:00", "second", "2015-07-01T10:00:00Z", "outlet"),
    ],
)
def test_time_and_zone_say_how_sure_they_are(
    published: str, timezone: str, local: str, precision: str, utc: str | None, basis: str
) -> None:
    report = interpret(replace(READING, published=published), "xinhua", timezone)
    assert report.published_local == local
    assert report.published_precision == precision
    assert report.published_utc == utc
    assert report.zone_basis == basis
    assert report.published_printed == published


@pytest.mark.parametrize(
    ("modified", "utc"), [("", None), ("2014-12-12", None), ("2014-12-13T10:00:00+01:00", "2014-12-13T09:00:00Z")]
)
def test_time_of_a_change_is_kept_when_a_time_of_day_is_given(modified: str, utc: str | None) -> None:
    assert interpret(replace(READING, modified=modified), "tnw", "").modified_utc == utc


@pytest.mark.parametrize(
    ("printed", "label"),
    [
        ("来源：新华网", "新华网"),
        ("来源： 新华网", "新华网"),
        ("稿件来源： 河北日报", "河北日报"),
        ("（来源：人民日报）", "人民日报"),
        ("新华社", "新华社"),
        ("Source: Xinhua", "Xinhua"),
        ("Source:Xinhua |", "Xinhua"),
        ("Source: Xinhua\u00a0|", "Xinhua"),
        ("English.news.cn", "English.news.cn"),
        ("www.chinaview.cn", "www.chinaview.cn"),
        ("来源：", None),
        ("", None),
    ],
)
def test_source_label_is_the_name_alone(printed: str, label: str | None) -> None:
    assert source_label(printed) == label


@pytest.mark.parametrize(
    ("printed", "people"),
    [
        ("责任编辑： 尹世杰", ["尹世杰"]),
        ("【责任编辑:张樵苏 】", ["张樵苏"]),
        ("【纠错】 【责任编辑:崔红宗】", ["崔红宗"]),
        ("（责任编辑： 黄帅 ）", ["黄帅"]),
        ("编辑： 王华军", ["王华军"]),
        ("(责编：牛镛、岳弘彬)", ["牛镛", "岳弘彬"]),
        ("责任编辑： 王　刚 李小明", ["王刚", "李小明"]),
        ("责任编辑：张三 编辑：李四", ["张三", "李四"]),
        ("责任编辑：张三 审核：李四", ["张三"]),
        ("Editor:   Chen Zhi", ["Chen Zhi"]),
        ("Editor:\nHou Qiang", ["Hou Qiang"]),
        ("[Editor: huaxia]", ["huaxia"]),
        ("Editor: Chen Zhi, Mu Xuequan and Liu", ["Chen Zhi", "Mu Xuequan", "Liu"]),
        ("华夏", ["华夏"]),
        ("huaxia", ["huaxia"]),
        ("Chen Zhi", ["Chen Zhi"]),
        ("Chen Zhi, Mu Xuequan", ["Chen Zhi", "Mu Xuequan"]),
        ("王　刚 李小明", ["王刚", "李小明"]),
        ("【华夏】", ["华夏"]),
        ("新华网", []),
        ("Xinhua", []),
        ("纠错", []),
        ("港口于星期一重新开放。", []),
        ("Ships came.", []),
        ("The port reopened on Monday", []),
        ("责任编辑", []),
        ("Editor:", []),
        ("责任编辑：", []),
        ("", []),
    ],
)
def test_editors_are_people_without_brackets_roles_and_padding(printed: str, people: list[str]) -> None:
    assert editors(printed) == people


@given(st.text(max_size=60))
def test_no_line_makes_labels_or_names_with_space_around_them(printed: str) -> None:
    for text in [source_label(printed) or "x", *editors(printed)]:
        assert text == text.strip() != ""


def test_authors_lose_their_by() -> None:
    assert interpret(replace(READING, authors=["By Mic  Wright", "Mic Wright"]), "tnw", "").authors == ["Mic Wright"]


@pytest.mark.parametrize(
    ("lack", "what"),
    [
        ({"title": " "}, "title"),
        ({"body": []}, "text"),
        ({"published": ""}, "date"),
        ({"published": "gestern"}, "gestern"),
    ],
)
def test_report_without_a_required_field_is_refused_with_its_name(lack: dict[str, object], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        interpret(replace(READING, **lack), "xinhua", "Asia/Shanghai")  # type: ignore[arg-type]


def _capture(reading: Reading | None, outcome: str) -> Capture:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    capture = Capture(1, "", "xinhua", "http://www.news.cn/x/2023-11/17/c_1.htm", at, 200, [], b"")
    capture.reading, capture.outcome = reading, outcome
    return capture


def test_capture_that_was_read_gets_its_report() -> None:
    capture = normalise(_capture(READING, "report"), Xinhua)
    assert capture.outcome == "report"
    assert capture.report is not None
    assert capture.report.published_utc == "2023-11-17T12:52:15Z"


def test_capture_whose_date_cannot_be_read_is_quarantined_with_the_text() -> None:
    capture = normalise(_capture(replace(READING, published="2023-02-31 10:00"), "report"), Xinhua)
    assert capture.outcome == "quarantined"
    assert capture.report is None
    assert "http://www.news.cn/x/2023-11/17/c_1.htm" in capture.reason
    assert "2023-02-31 10:00" in capture.reason
    assert "detail2023" in capture.reason


def test_other_captures_pass_through_untouched() -> None:
    capture = Normalise(Xinhua).process_item(_capture(None, "missing"))
    assert (capture.outcome, capture.report, capture.reason) == ("missing", None, "")
