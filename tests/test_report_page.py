"""/reports/<id>: what a reader is told of a report, on both Datasettes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import odd_reports as odd
import pytest
from bs4 import BeautifulSoup
from conftest import Crawled
from hypothesis import example, given
from hypothesis import strategies as st
from serving import RELEASES, answer, page, serving
from small_archive import SAMPLES, make_archive

from archive.publishing import make_public
from publish.reading import mark, offset

ZH, EN, TWO_VERSIONS, GONE_WITHOUT_LOOKS = 2012072600300001, 2012072609300002, 2012072700000003, 2013010100000004
METRO, FERRY, GULLS, RECALL = 2026092212475923, 2016052305027392, 2026092207303650, 2026092403159994
TRAIN, NO_TIME_OF_DAY = 2020030607331999, 2005092100009135


@pytest.fixture(scope="module", params=RELEASES)
def hard(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    archive = tmp_path_factory.mktemp("odd") / "archive.db"
    odd.make(archive)
    with serving(archive, release=request.param) as address:
        yield address


def article(server: str, report: int, **query: str | int) -> BeautifulSoup:
    return BeautifulSoup(page(server, f"/reports/{report}", **query), "lxml")


def text(soup: BeautifulSoup, selector: str) -> str:
    """The words of the first element that fits, spaced once."""
    found = soup.select_one(selector)
    assert found is not None, selector
    return " ".join(found.get_text(" ").split())


def facts(soup: BeautifulSoup, selector: str) -> dict[str, str]:
    """The terms of a description list, and what they say."""
    return {
        " ".join(term.get_text().split()): " ".join(said.get_text().split())
        for term in soup.select(f"{selector} dt")
        if (said := term.find_next_sibling("dd"))
    }


# The sample newsroom


def test_a_chinese_report_is_read_in_paragraphs_of_its_language(room: str) -> None:
    soup = article(room, METRO)
    body = soup.select_one(".text")
    assert body is not None
    assert body["lang"] == "zh-Hans"
    assert text(soup, "h1") == "望澜地铁2号线延伸段开通 首日客流超预期"
    assert soup.select_one("h1")["lang"] == "zh-Hans"  # type: ignore[index]
    paragraphs = [paragraph.get_text() for paragraph in soup.select(".text > p")]
    assert len(paragraphs) == 5
    assert paragraphs[0].startswith(
        "新华社望澜9月22日电（记者乔松）望澜市地铁2号线延伸段22日开通运营，首日客流达13.8万人次"
    )
    assert [" ".join(part.get_text().split()) for part in soup.select(".dateline > :not(.hidden)")] == [
        "望澜",
        "22 September 2026",
        "新华社",
    ]
    assert text(soup, ".kicker .kind") == "state media"


def test_a_report_tells_its_time_at_the_outlet_and_in_utc_and_how_it_is_known(room: str) -> None:
    soup = article(room, METRO)
    assert text(soup, ".when") == "22 September 2026, 20:47:09 (Asia/Shanghai) 22 September 2026, 12:47:09 UTC"
    assert facts(soup, "[aria-labelledby=time-head]") == {
        "As printed": "2026-09-22 20:47:09",
        "At the outlet": "22 September 2026, 20:47:09 (Asia/Shanghai)",
        "In UTC": "22 September 2026, 12:47:09 UTC",
    }
    assert "The page names no zone; it is read in the outlet’s, Asia/Shanghai." in text(
        soup, "[aria-labelledby=time-head]"
    )


def test_a_day_is_no_time(room: str) -> None:
    soup = article(room, NO_TIME_OF_DAY)
    assert text(soup, ".when") == "21 September 2005"
    assert facts(soup, "[aria-labelledby=time-head]") == {"As printed": "2005年09月21日"}
    assert "The page prints a day and no time of day." in text(soup, "[aria-labelledby=time-head]")


def test_the_page_states_when_it_was_modified(room: str) -> None:
    soup = article(room, GULLS)
    assert facts(soup, "[aria-labelledby=time-head]") == {
        "As printed": "2026-09-22T07:30:00+00:00",
        "At the outlet": "22 September 2026, 07:30:00 (UTC)",
        "In UTC": "22 September 2026, 07:30:00 UTC",
        "Modified, as the page states": "22 September 2026, 08:05:00 UTC",
    }
    assert text(soup, ".byline") == "By Iris Calder"
    assert text(soup, ".kicker .kind") == "secondary coverage"


def test_the_provenance_names_the_capture_that_first_showed_the_wording(room: str, crawled: Crawled) -> None:
    with crawled.place.connect() as connection:
        capture, url, sha256, length, warc, at, bytes_, when = connection.execute(
            "select captures.id, url, payload_sha256, payload_length, warc, offset, length, at from captures "
            "join versions on versions.capture = captures.id where versions.report = ? and number = 2",
            [METRO],
        ).fetchone()
    soup = article(room, METRO)
    told = facts(soup, ".provenance")
    assert told["Asked for"] == url
    assert told["Payload SHA-256"] == sha256
    assert len(sha256) == 64
    assert told["WARC file"] == warc
    assert told["Record"] == f"offset {at}, length {bytes_:,} bytes"
    assert told["Answer"] == f"200 OK, {length:,} bytes"
    assert told["Read by"] == "layout datasource2026"
    links = [link["href"] for link in soup.select(".provenance .links a")]
    assert links == [f"/captures/{capture}", f"/captures/{capture}/page", f"/captures/{capture}/record"]
    assert soup.select_one(f'.provenance time[datetime="{when}"]') is not None


def test_an_address_that_redirected_is_told(room: str) -> None:
    told = facts(article(room, TRAIN), ".provenance")
    assert told["Redirected from"].startswith("http://www.xinhuanet.com/local/2020-03/06/c_1125672183.htm")
    assert told["Known as"] == "https://www.news.cn/local/2020-03/06/c_1125672183.htm"


def test_captions_are_captions_and_no_picture_is_promised(room: str) -> None:
    soup = article(room, TRAIN)
    assert [caption.get_text() for caption in soup.select("figure > figcaption")] == [
        "3月6日，务工人员在青礁县海边小站排队测量体温。新华社记者 秦北辰 摄",
        "3月6日，返岗专列驶出青礁县海边小站。新华社记者 秦北辰 摄",
    ]
    assert "Pictures are not kept." in text(soup, ".captions")
    assert not soup.select("main img")


def test_versions_are_listed_newest_first_with_their_changes(room: str) -> None:
    soup = article(room, METRO)
    rows = [
        [" ".join(cell.get_text().split()) for cell in row.select("td")] for row in soup.select(".versions tbody tr")
    ]
    assert [row[0] for row in rows] == ["2, shown", "1"]
    assert rows[0][2] == "+4 −26"
    links = [link["href"] for link in soup.select(".versions a")]
    assert links == [f"/reports/{METRO}/changes?from=1&to=2", f"/reports/{METRO}?version=1"]
    assert soup.select_one(".note.warning") is None


def test_an_older_version_is_shown_as_such(room: str) -> None:
    soup = article(room, METRO, version=1)
    body = soup.select_one(".text")
    assert body is not None
    assert "首日客流达18.3万人次" in body.get_text()
    warning = soup.select_one(".note.warning")
    assert warning is not None
    assert text(soup, ".note.warning").startswith("This is version 1 of 2. A later wording exists:")
    assert [link["href"] for link in warning.select("a")] == [
        f"/reports/{METRO}",
        f"/reports/{METRO}/changes?from=1&to=2",
    ]
    assert "version 1 of 2" in text(soup, "#cite-text")


def test_a_report_that_was_not_found_says_what_showed_it_and_what_is_kept(room: str, crawled: Crawled) -> None:
    with crawled.place.connect() as connection:
        good, bad = (
            row[0] for row in connection.execute("select id from captures where report = ? order by id", [RECALL])
        )
    soup = article(room, RECALL)
    assert text(soup, ".kicker .state") == "not found at the last look"
    said = text(soup, ".note.warning")
    assert "Seen missing once, while " in said
    assert "other reports of the outlet answered. The server answered 404, not found." in said
    assert [link["href"] for link in soup.select(".note.warning a")] == [f"/captures/{bad}", f"/captures/{good}"]


def test_pages_of_a_story_are_listed(room: str) -> None:
    assert [text.get_text().count("captured") for text in article(room, FERRY).select(".pages li")] == [1, 1, 1]


def test_the_citation_gives_the_outlets_own_date_and_the_captures_time(room: str, crawled: Crawled) -> None:
    with crawled.place.connect() as connection:
        at, sha256, warc, offset_ = connection.execute(
            "select captures.at, payload_sha256, warc, offset from captures join versions on versions.capture = captures.id "
            "where versions.report = ? and number = 2",
            [METRO],
        ).fetchone()
        (url,) = connection.execute("select url from reports where id = ?", [METRO]).fetchone()
    soup = article(room, METRO)
    assert text(soup, "#cite-text") == (
        f"“望澜地铁2号线延伸段开通 首日客流超预期”, Xinhua News Agency (新华社), dated “2026-09-22 20:47:09” by the outlet, {url}. "
        f"Captured by Dateline at {at}: report {METRO}, version 2 of 2, payload SHA-256 {sha256}, WARC file {warc}, "
        f"offset {offset_}."
    )
    assert text(soup, "details #cite-bibtex").startswith(f"@misc{{dateline-{METRO}-2,")
    assert "published" not in soup.select_one("main").get_text().lower()  # type: ignore[union-attr]


def test_neighbours_are_the_reports_of_the_same_outlet(room: str) -> None:
    soup = article(room, GULLS)
    assert soup.select_one("[rel=prev]")["href"] == "/reports/2026091810125247"  # type: ignore[index]
    assert soup.select_one("[rel=next]") is None


# Words of a search


def test_words_of_a_search_are_marked_and_counted(server: str) -> None:
    soup = article(server, ZH, q="公安部")
    assert [mark.get_text() for mark in soup.select("mark")] == ["公安部", "公安部"]  # title and first paragraph
    assert soup.select_one("h1 mark#found") is not None
    assert "marked in 2 places" in text(soup, ".words")
    assert not article(server, ZH).select("mark")


def test_traditional_characters_find_simplified_ones(server: str) -> None:
    assert [mark.get_text() for mark in article(server, ZH, q="習近平").select("mark")] == ["习近平"]


def test_words_that_an_edit_took_out_lead_to_that_edit(hard: str) -> None:
    soup = article(hard, odd.EDITED, q="担忧")
    assert text(soup, ".words") == "“担忧” stands no longer in the text. Version 3 took it out: see that change ."
    assert soup.select_one(".words a")["href"] == f"/reports/{odd.EDITED}/changes?from=2&to=3"  # type: ignore[index]
    assert "“nothing” is not in this wording" in text(article(hard, odd.EDITED, q="nothing"), ".words")


def test_too_many_words_for_a_long_text_are_not_marked_and_that_is_said(hard: str) -> None:
    soup = article(hard, odd.HUGE, q=" ".join(f"标{number}" for number in range(150)))
    assert text(soup, ".words") == "Those are too many words to mark in a text of this length."
    assert text(article(hard, odd.HUGE, q="标题"), ".words").startswith("“标题” is marked in 7,000 places")


@given(st.text("ab<>&\"'公安部 ", max_size=40), st.sampled_from(["a", "公安", "b<", "&", '"a b"', "公安部", ""]))
@example("  ", "a")
def test_marking_never_changes_the_text_nor_lets_markup_through(written: str, words: str) -> None:
    html, number = mark(written, words)
    soup = BeautifulSoup(f"<pre>{html}</pre>", "html.parser")  # which keeps two blanks as they are
    assert soup.get_text() == written
    assert {tag.name for tag in soup.find_all(True)} <= {"pre", "mark"}
    assert len(soup.find_all("mark")) == number


# What is hard to show


def test_no_date_is_no_publication(hard: str) -> None:
    soup = article(hard, odd.UNDATED)
    assert text(soup, ".when") == "No date is printed. First captured 24 November 2026, 13:34:55 UTC"
    assert text(soup, "[aria-labelledby=time-head]").endswith(
        "The page prints no date. First captured 24 November 2026, 13:34:55 UTC ."
    )
    assert "undated by the outlet" in text(soup, "#cite-text")


def test_a_time_of_unknown_zone_is_not_called_utc(hard: str) -> None:
    soup = article(hard, odd.NO_ZONE)
    assert text(soup, ".when") == "6 May 2014, 09:30 (zone not known)"
    assert facts(soup, "[aria-labelledby=time-head]") == {"As printed": "May 6, 2014 9:30", "In UTC": "not known"}
    assert "none is known for the outlet" in text(soup, "[aria-labelledby=time-head]")


def test_a_zone_that_the_page_states_is_named(hard: str) -> None:
    soup = article(hard, odd.PAGE_ZONE)
    assert text(soup, ".when") == "16 December 2014, 15:42:10 (UTC+01:00) 16 December 2014, 14:42:10 UTC"
    assert "The page states the time with its zone." in text(soup, "[aria-labelledby=time-head]")
    assert text(soup, ".byline") == "By Iris Calder, Jonas Feld"
    assert text(soup, ".section") == "Asia"
    assert [link["href"] for link in soup.select(".about a")] == [
        "/search?q=%22open%20data%22",
        "/search?q=%22transit%22",
    ]


def test_gone_tells_both_looks_and_passes_over_what_proves_nothing(hard: str) -> None:
    soup = article(hard, odd.GONE)
    assert text(soup, ".note.warning") == (
        "Gone from the outlet’s site since 2 January 2020, 10:00:00 UTC ( the capture ), still missing on "
        "6 January 2020, 10:00:00 UTC ( the capture ). Seen missing twice over 96 hours, while 19 other reports of the "
        "outlet answered. The server answered 404, not found. "
        "The last good capture, of 1 January 2020, 00:00:00 UTC , is kept: see it . The next look is due now."
    )
    assert text(article(hard, GONE_WITHOUT_LOOKS), ".note.warning") == (
        "Gone from the outlet’s site . What was captured before is kept."
    )


def test_restored_tells_when_it_was_away_and_came_back(hard: str) -> None:
    soup = article(hard, odd.RESTORED)
    said = text(soup, ".note")
    assert said.startswith("It was gone, and came back. Missing since 2 January 2020, 10:00:00 UTC")
    assert "still on 9 January 2020, 10:00:00 UTC" in said
    assert "back on 12 January 2020, 10:00:00 UTC" in said
    assert soup.select_one(".note.warning") is None
    assert (
        "Missing from 20 January 2020, 10:00 UTC ( the capture ) until 21 January 2020, 10:00 UTC ( the capture ): it "
        "was back before it could be called gone."
    ) in text(soup, "[aria-labelledby=versions-head]")


def test_a_report_without_text_says_so_and_keeps_its_captions(hard: str) -> None:
    soup = article(hard, odd.EMPTY)
    assert text(soup, "h1") == "(no title)"
    assert text(soup, ".text") == "No text was read from this page. It has captions."
    assert [caption.get_text() for caption in soup.select("figcaption")] == ["First picture.", "Second <b>picture</b>."]


def test_a_report_whose_wording_is_lost_still_has_its_page(hard: str) -> None:
    assert text(article(hard, odd.NO_VERSION), ".text") == "No text was read from this page."


def test_an_endless_title_is_cut_and_can_be_read_whole(hard: str) -> None:
    soup = article(hard, odd.HUGE)
    assert len(text(soup, "h1")) == 300
    assert text(soup, "details.whole-title summary") == "The whole title, 35,000 characters"
    assert text(soup, "details.whole-title p") == odd.LONG_TITLE
    assert text(soup, ".text") == odd.LONG_WORD
    assert len(str(soup.title)) < 200
    assert len(text(soup, "#cite-text")) < 1000


def test_a_hostile_report_is_only_text(hard: str) -> None:
    soup = article(hard, odd.HOSTILE, q="said")
    assert text(soup, "h1") == "<script>alert(2)</script>"
    assert not soup.select("main script, main img, main b, main i")
    for element in soup.find_all(True):
        for name, value in element.attrs.items():
            assert not name.startswith("on"), element
            assert name != "style", element
            assert not str(value).strip().lower().startswith("javascript:"), element
    assert facts(soup, ".provenance")["Known as"] == "javascript:alert(3)"
    assert facts(soup, ".about")["Source, as named"] == '"><b>label</b>'


def test_a_lacking_page_of_a_story_is_named(hard: str) -> None:
    pages = [" ".join(item.get_text().split()) for item in article(hard, odd.PAGES).select(".pages li")]
    assert [page.partition(" (")[0] for page in pages] == [
        "captured 2 February 2020, 00:00:01 UTC",
        "not captured",
        "captured 2 February 2020, 00:00:03 UTC",
    ]


def test_a_script_that_runs_from_right_to_left_is_set_so(hard: str) -> None:
    soup = article(hard, odd.ARABIC)
    assert soup.select_one(".text > p")["dir"] == "auto"  # type: ignore[index]
    assert soup.select_one(".text")["lang"] == "ar"  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/reports/5", 404, "No report has the number 5."),
        ("/reports/99999999999999999999999", 404, "99999999999999999999999"),
        (f"/reports/{EN}?version=2", 404, "There is no version 2: this report has one version."),
        (f"/reports/{TWO_VERSIONS}?version=3", 404, "There is no version 3: this report has the versions 1 to 2."),
        (f"/reports/{EN}?version=x", 400, "is not the number of a version"),
        (f"/reports/{EN}?version=-1", 400, "is not the number of a version"),
    ],
)
def test_what_is_not_there_is_told_in_a_sentence(server: str, path: str, status: int, sentence: str) -> None:
    found = answer(server, path)
    assert found.status == status
    assert sentence in BeautifulSoup(found.text, "lxml").get_text()


def test_an_id_whose_page_makes_no_report_shows_its_captures(hard: str) -> None:
    found = answer(hard, f"/reports/{odd.QUARANTINED}")
    assert found.status == 404
    soup = BeautifulSoup(found.text, "lxml")
    assert text(soup, "h1") == "Captured, but not readable as a report"
    assert [cell.get_text() for cell in soup.select("tbody td")] == [
        "1 April 2020, 00:00:00 UTC",
        "Dateline",
        "200",
        "quarantined",
        "0 layouts <fit>",
    ]
    assert re.fullmatch(r"/captures/\d+", str(soup.select_one("tbody a")["href"]))  # type: ignore[index]


# A public edition


@pytest.fixture(scope="module", params=RELEASES)
def public(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("public")
    make_archive(folder / "archive.db", SAMPLES).close()
    make_public(folder / "archive.db", folder / "public.db", "0", "2026-11-24T10:00:00Z")
    with serving(folder / "public.db", release=request.param) as address:
        yield address


def test_in_public_secondary_coverage_is_an_excerpt_and_leads_to_its_outlet(public: str) -> None:
    soup = article(public, EN)
    assert "of secondary coverage it holds the title and the first 200 characters" in text(soup, ".note")
    assert soup.select_one(".note a")["href"] == f"http://tnw.example/{EN}"  # type: ignore[index]
    assert "An excerpt" not in page(public, f"/reports/{ZH}")


def test_in_public_no_page_offers_records_or_captured_pages(public: str) -> None:
    for report in (ZH, EN, TWO_VERSIONS):
        links = [str(link.get("href")) for link in article(public, report).select("a")]
        assert not [link for link in links if re.search(r"/captures/\d+/", link)]
        assert [link for link in links if re.fullmatch(r"/captures/\d+", link)]


# Without a server


def test_an_offset_is_what_a_local_time_is_ahead_of_utc() -> None:
    assert offset("2014-12-16T15:42:10", "2014-12-16T14:42:10Z") == "UTC+01:00"
    assert offset("2014-12-16T20:12", "2014-12-17T00:42:00Z") == "UTC-04:30"
    assert offset("2014-12-16T14:42:10", "2014-12-16T14:42:10Z") == "UTC"
    assert offset("2014-12-16", "") == ""
