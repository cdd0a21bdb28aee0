"""A page that differs in its furniture alone is no edit, in every layout; one changed figure is.

Furniture is put mechanically into the sample pages, of which there is one for each layout, and into real saved pages
where these are at hand (tests/furniture.py).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

import furniture
import pytest

from archive import ledger, rows
from archive.schedule import Schedule
from archive.schema import open_archive
from archive.versions import text_digest
from items import Capture, Reading
from pipelines.extract import extract
from pipelines.normalise import normalise
from samples.newsroom import EXPECTED, MANIFEST, SAMPLES
from spiders.furniture import is_tools
from spiders.outlets.tnw import Tnw
from spiders.outlets.xinhua import Xinhua
from spiders.page import Page

OUTLETS: dict[str, Any] = {"xinhua": Xinhua, "tnw": Tnw}
SHARED = Path(__file__).resolve().parents[2] / "shared"


@dataclass(frozen=True)
class Saved:
    """A page in a file."""

    outlet: str
    url: str
    path: Path

    @property
    def name(self) -> str:
        return f"{self.path.parent.parent.name}-{self.path.parent.name}-{self.path.name}"

    @property
    def body(self) -> bytes:
        body = self.path.read_bytes()
        return gzip.decompress(body) if self.path.suffix == ".gz" else body

    @property
    def markup(self) -> str:
        return _markup(self)

    def read(self, markup: str) -> Reading:
        """What the outlet's one layout that fits reads of a page at this address."""
        page = Page(self.url, markup.encode())
        (layout,) = (layout for layout in OUTLETS[self.outlet].layouts if layout.fits(page))
        reading: Reading = layout.read(page)
        return reading


@cache
def _markup(page: Saved) -> str:
    return Page(page.url, page.body).text


def digest(reading: Reading) -> str:
    return text_digest(reading.title, "\n\n".join(reading.body))


def _samples() -> list[Saved]:
    addresses = json.loads(MANIFEST.read_text(encoding="utf-8"))["addresses"]
    files = {address["url"]: address["file"] for address in addresses if address.get("file")}
    reports = json.loads(EXPECTED.read_text(encoding="utf-8"))["reports"]
    return [Saved(report["outlet"], report["url"], SAMPLES / files[report["url"]]) for report in reports]


def _real() -> Iterator[Saved]:
    for name in ("pages.jsonl", "gold-english.jsonl"):
        listed = SHARED / "pages" / name
        for row in map(json.loads, listed.open(encoding="utf-8")) if listed.exists() else ():
            outlet = row.get("outlet", "xinhua")
            if outlet in OUTLETS and OUTLETS[outlet].kind_of(row["url"]) == "report":
                yield Saved(outlet, row["url"], SHARED / row["file"])


SAMPLE_PAGES, REAL_PAGES = _samples(), list(_real())


@cache
def original(page: Saved) -> Reading:
    return page.read(page.markup)


def with_noise(page: Saved) -> Iterator[tuple[str, Callable[[], str]]]:
    """The page with each kind of noise, twice each: (name, what makes the markup)."""
    reading = original(page)
    kind = "tnw" if page.outlet == "tnw" else "xinhua en" if reading.language == "en" else "xinhua zh"
    for round in (1, 2):
        for name, noise in furniture.EVERYWHERE.items():
            yield f"{name} {round}", partial(noise, page.markup, reading, round)
        for at, inserted in furniture.WITHIN.items():
            for name, make in inserted[kind].items():
                yield f"{at}: {name} {round}", partial(furniture.within, page.markup, reading, make(round), at)


def leaks(page: Saved, noise: Iterable[tuple[str, Callable[[], str]]]) -> list[str]:
    """Which noise became wording, and what of it."""
    reading = original(page)
    found = []
    for name, make in noise:
        noisy = page.read(make())
        if digest(noisy) != digest(reading):
            changed = [text for text in [noisy.title, *noisy.body] if text not in [reading.title, *reading.body]]
            found.append(f"{name}: {changed[:2]}")
    return found


def test_every_layout_has_a_sample_page() -> None:
    read = {original(page).layout for page in SAMPLE_PAGES}
    assert read == {layout.name for outlet in OUTLETS.values() for layout in outlet.layouts}


@pytest.mark.parametrize("page", SAMPLE_PAGES, ids=lambda page: page.name)
def test_furniture_of_a_sample_page_is_no_wording(page: Saved) -> None:
    noise = list(with_noise(page))
    assert sum(make() != page.markup for _, make in noise) > 0.8 * len(noise)  # a bare page has little to change
    assert leaks(page, noise) == []


@pytest.mark.parametrize("page", SAMPLE_PAGES, ids=lambda page: page.name)
def test_one_changed_figure_of_a_sample_page_is_an_edit(page: Saved) -> None:
    reading = original(page)
    edited = page.read(furniture.another_figure(page.markup, reading))
    assert digest(edited) != digest(reading)
    assert edited.title == reading.title
    assert sum(one != other for one, other in zip(edited.body, reading.body, strict=True)) == 1


@pytest.mark.skipif(not REAL_PAGES, reason="no real saved pages here (../shared/pages)")
@pytest.mark.parametrize("place", range(len(REAL_PAGES)), ids=lambda place: REAL_PAGES[place].name)
def test_furniture_of_a_real_page_is_no_wording(place: int) -> None:
    # A sixth of the noise each, another one on the next page: the English pages are many, and alike.
    assert leaks(REAL_PAGES[place], islice(with_noise(REAL_PAGES[place]), place % 6, None, 6)) == []


@pytest.mark.skipif(not REAL_PAGES, reason="no real saved pages here (../shared/pages)")
def test_one_changed_figure_of_a_real_page_is_an_edit() -> None:
    for page in REAL_PAGES:
        reading = original(page)
        if any(character.isdigit() for text in reading.body for character in text):
            assert digest(page.read(furniture.another_figure(page.markup, reading))) != digest(reading), page.name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("抓获１０人，共计", "抓获10人,共计"),  # width
        ("ten men", "ten\u00a0men"),  # a no-break space
        ("ten men", "ten\nmen"),
        ("Beijing", "Bei\u00adjing"),  # a soft hyphen
        ("公安部", "公\u200b安部\ufeff"),  # zero-width signs
        ("“The West’s plot”", '"The West\'s plot"'),  # quotation marks drawn otherwise
        ("one—two", "one -- two"),  # a dash, and what is typed for one
        ("阿·齐兹", "阿・齐兹"),  # the middle dot of another code page
        ("1–2", "1-2"),
        ("wait…", "wait..."),
        ("Ｘinhua", "Xinhua"),
    ],
)
def test_typography_is_no_wording(one: str, other: str) -> None:
    assert text_digest(one, one) == text_digest(other, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("抓获10人", "抓获11人"),
        ("he said", "he said."),  # which marks stand there is wording
        ("“plot”", "plot"),
        ("'spying'", '"spying"'),
        ("一、二", "一,二"),
        ("Police", "police"),
        ("re-sign", "resign"),
        ("台湾", "臺灣"),  # another edition's script
    ],
)
def test_letters_marks_and_case_are_wording(one: str, other: str) -> None:
    assert text_digest("", one) != text_digest("", other)


@pytest.mark.parametrize(
    "line", ["【字号 大 中 小】【打印】【关闭】", "返回顶部", "12 comments", "Share 31", "[ Print ] [ Close ]"]
)
def test_lines_of_tools_are_told(line: str) -> None:
    assert is_tools(line)


@pytest.mark.parametrize(
    "line", ["大", "评论", "Shares rose 3 percent.", "阅读的力量", "He left.", "Print is dead", "12"]
)
def test_a_line_of_a_story_is_no_tool(line: str) -> None:
    assert not is_tools(line)


def test_captures_that_differ_in_furniture_make_one_version_and_a_changed_figure_the_second(tmp_path: Path) -> None:
    connection = open_archive(tmp_path / "archive.db")
    outlet = {
        "id": "tnw", "title_en": "TNW", "title_local": "TNW", "country": "NL", "languages": "en", "kind": "secondary",
        "control": "private", "owner": "x", "timezone": "", "aliases": "", "domains": "[]", "every": 60, "budget": 2000,
    }  # fmt: skip
    ledger.write_outlets(connection, [outlet])
    page = next(page for page in SAMPLE_PAGES if page.outlet == "tnw" and "/news/" in page.url)
    looks = [page.markup, *(make() for _, make in with_noise(page))]
    edited = furniture.another_figure(looks[-1], original(page))
    for place, markup in enumerate([*looks, edited, edited]):
        at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=place)
        capture = Capture(
            id=round(at.timestamp() * 1_000_000), crawl="", outlet="tnw", url=page.url, at=at, status=200,
            headers=[("Content-Type", "text/html; charset=utf-8")], body=markup.encode(), payload_sha256=f"{place:064}",
            payload_length=1, warc="a.warc.gz", offset=place, length=1,
        )  # fmt: skip
        read = normalise(extract(capture, Tnw), Tnw)
        assert read.outcome == "report", read.reason
        rows.write(connection, [read], Schedule((), timedelta()))
    assert len(looks) > 40
    versions = connection.execute("select number, capture, kinds from versions order by number").fetchall()
    first = round(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1_000_000)
    assert versions == [(1, first, ""), (2, first + len(looks) * 3_600_000_000, "figure changed")]
    assert connection.execute("select count(*) from readings").fetchall() == [(len(looks) + 2,)]
    connection.close()
