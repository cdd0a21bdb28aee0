"""Real pages of Xinhua (Chinese) and TNW, each field against what a careful reader labelled by hand.

The pages are their publishers' and not part of this repository: where ../shared is not there, these tests are
skipped.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from items import Capture, Report
from pipelines.extract import extract
from pipelines.normalise import normalise
from spiders.outlets.tnw import Tnw
from spiders.outlets.xinhua import Xinhua
from spiders.page import Page

SHARED = Path(__file__).resolve().parents[2] / "shared"
OUTLETS: dict[str, Any] = {"xinhua": Xinhua, "tnw": Tnw}
LAYOUTS = {
    "2005-zh-chinaneast-4894059-gb2312": "chinese2005",
    "2019-zh-world-1125327450": "xl2019",
    "2023-zh-chinese_article_002": "detail2023",
    "2026-zh-milpro-globalhawk": "datasource2026",
    "2011-en-6th-grade-iphone-dev-tedx": "tnw2011",
    "2014-en-google-maps-lane-guidance-capA": "tnw2014",
}
AS_LABELLED = (
    "language",
    "title",
    "published_local",
    "published_precision",
    "published_utc",
    "zone_basis",
    "modified_utc",
    "source_label",
    "source_url",
    "editors",
    "authors",
    "dateline",
    "captions",
)


def _labels() -> list[dict[str, Any]]:
    gold = SHARED / "pages" / "gold.jsonl"
    if not gold.exists():
        return []
    lines = gold.read_text(encoding="utf-8").splitlines()
    return [label for line in lines if (label := json.loads(line))["outlet"] in OUTLETS]


LABELS = _labels()
REPORTS = [label for label in LABELS if label["kind"] == "report"]
pytestmark = pytest.mark.skipif(not LABELS, reason="../shared/pages/gold.jsonl is not there")


def _name(label: dict[str, Any]) -> str:
    return Path(label["file"]).stem


@cache
def _capture(file: str, outlet: str, url: str) -> Capture:
    capture = Capture(
        id=0,
        crawl="",
        outlet=outlet,
        url=url,
        at=datetime.now(UTC),
        status=200,
        headers=[("Content-Type", "text/html")],
        body=(SHARED / file).read_bytes(),
    )
    return normalise(extract(capture, OUTLETS[outlet]), OUTLETS[outlet])


def _report(label: dict[str, Any]) -> Report:
    capture = _capture(label["file"], label["outlet"], label["url"])
    assert capture.report is not None, capture.reason
    return capture.report


def _dense(text: str) -> str:
    return "".join(text.split())


reports = pytest.mark.parametrize("label", REPORTS, ids=_name)


@reports
@pytest.mark.parametrize("field", AS_LABELLED)
def test_field_is_as_labelled(label: dict[str, Any], field: str) -> None:
    value = asdict(_report(label))[field]
    assert value == label[field]


@reports
def test_keywords_are_as_labelled(label: dict[str, Any]) -> None:
    assert _report(label).keywords == label["tags"]


@reports
def test_body_is_the_labelled_text_in_the_labelled_paragraphs(label: dict[str, Any]) -> None:
    body = _report(label).body
    text = _dense("".join(body))
    assert len(body) == label["body_paragraphs"]
    assert body[0].startswith(label["body_first"])
    assert body[-1].endswith(label["body_last"])
    assert len(text) == label["body_chars"]
    assert hashlib.sha1(text.encode()).hexdigest() == label["body_sha1"]


@reports
def test_what_is_not_body_is_not_in_the_body(label: dict[str, Any]) -> None:
    text = _dense("".join(_report(label).body))
    for stranger in label["not_in_body"] + label.get("hidden_not_in_body", []):
        assert _dense(stranger) not in text, stranger


@reports
def test_layout_is_the_one_made_for_this_generation(label: dict[str, Any]) -> None:
    assert _report(label).layout == LAYOUTS[_name(label)]


@pytest.mark.parametrize("label", [label for label in LABELS if label["kind"] == "other"], ids=_name)
def test_page_that_is_no_report_is_told_by_its_address(label: dict[str, Any]) -> None:
    capture = _capture(label["file"], label["outlet"], label["url"])
    assert (capture.kind, capture.outcome) == ("other", "not-report")


@pytest.mark.parametrize("label", LABELS, ids=_name)
def test_at_most_one_layout_of_all_outlets_fits(label: dict[str, Any]) -> None:
    page = Page(label["url"], (SHARED / label["file"]).read_bytes())
    fitting = [layout.name for outlet in OUTLETS.values() for layout in outlet.layouts if layout.fits(page)]
    assert len(fitting) == (label["kind"] == "report")


def _all_pages() -> list[dict[str, Any]]:
    listed = SHARED / "pages" / "pages.jsonl"
    return [json.loads(line) for line in listed.read_text(encoding="utf-8").splitlines()] if listed.exists() else []


@pytest.mark.parametrize("listed", _all_pages(), ids=lambda listed: listed["file"].removeprefix("pages/"))
def test_page_decodes_without_a_replacement_character_of_ours(listed: dict[str, Any]) -> None:
    body = (SHARED / listed["file"]).read_bytes()
    page = Page(listed["url"], body)
    assert page.text.count("\ufffd") == (body.count("\ufffd".encode()) if page.charset == "utf-8" else 0)
    expected = listed["decodes_as"].lower()
    assert page.charset in (expected, f"{expected}-le")


@pytest.mark.parametrize("listed", _all_pages(), ids=lambda listed: listed["file"].removeprefix("pages/"))
def test_no_layout_takes_a_page_of_another_outlet(listed: dict[str, Any]) -> None:
    page = Page(listed["url"], (SHARED / listed["file"]).read_bytes())
    for name, outlet in OUTLETS.items():
        if name != listed["outlet"]:
            assert not [layout.name for layout in outlet.layouts if layout.fits(page)]
