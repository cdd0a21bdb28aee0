"""The search page: what it finds, counts and offers, on both Datasettes."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from serving import answer, page, serving
from small_archive import SAMPLES, make_archive

from archive.counting import Overview
from archive.finding import Search
from publish.asked import address, asked
from publish.formats import marked
from publish.pages.search import total_in_words

ZH, TNW, EDITED, TAIWAN, RUSSIAN, CITIES = (sample.id for sample in SAMPLES)


def _reports(html: str) -> list[int]:
    return [int(found) for found in re.findall(r'class="line-title"><a href="/reports/(\d+)', html)]


def _facet(html: str, heading: str) -> dict[str, str]:
    section = re.search(rf"<h3>{re.escape(heading)}</h3>(.*?)</section>", html, re.S)
    assert section, heading
    return dict(re.findall(r'>([^<>]+?)(?:<span.*?)?</a><span class="number">([\d,]+)</span>', section[1]))


def test_an_address_says_what_its_search_is() -> None:
    search = Search(
        "公安部 -sports", "xinhua", "zh", "state", "gone", date(2012, 7, 1), date(2012, 7, 31), True, "oldest"
    )
    path = address(search, "/search.atom")
    assert path == (
        "/search.atom?q=%E5%85%AC%E5%AE%89%E9%83%A8+-sports&outlet=xinhua&language=zh&kind=state&state=gone"
        "&since=2012-07-01&until=2012-07-31&removed=1&sort=oldest"
    )
    again = asked(dict(parse_qsl(path.partition("?")[2])))
    assert (again.search, again.after, again.problems) == (search, "", ())
    assert address(search, outlet="", state="", removed=False, since=None, until=None, order="newest") == (
        "/search?q=%E5%85%AC%E5%AE%89%E9%83%A8+-sports&language=zh&kind=state"
    )
    assert address(Search()) == "/search"


@pytest.mark.parametrize(
    ("written", "since", "until"),
    [
        ("2012", date(2012, 1, 1), date(2012, 12, 31)),
        ("2012-02", date(2012, 2, 1), date(2012, 2, 29)),
        ("2012-07-26", date(2012, 7, 26), date(2012, 7, 26)),
    ],
)
def test_a_year_or_a_month_is_all_its_days(written: str, since: date, until: date) -> None:
    search = asked({"since": written, "until": written}).search
    assert (search.since, search.until) == (since, until)


@pytest.mark.parametrize("written", ["yesterday", "2012-13", "2012-02-30", "26/07/2012", "12", "2012-07-26-01", "²"])
def test_a_day_that_is_none_is_told_and_left_out(written: str) -> None:
    found = asked({"q": "police", "since": written, "sort": "best"})
    assert found.search == Search("police")
    assert found.problems == (
        "“best” is no order; the newest come first. Known: newest, oldest, relevance.",
        f"“{written}” is no day: write 2012-07-26, 2012-07 or 2012. It was left out.",
    )


def test_totals_past_the_cap_say_about() -> None:
    assert total_in_words(Overview(1, 1, True, None)) == "1 report"
    assert total_in_words(Overview(4321, 4321, True, None)) == "4,321 reports"
    assert total_in_words(Overview(10_000, 12_345, False, 1)) == "about 12,000 reports"
    assert total_in_words(Overview(10_000, 987_654, False, 1)) == "about 990,000 reports"


def test_only_what_was_found_is_marked_and_the_rest_is_escaped() -> None:
    assert marked('<b onclick="x">a **公安部** b</b>') == (
        "&lt;b onclick=&#34;x&#34;&gt;a <mark>公安部</mark> b&lt;/b&gt;"
    )


@pytest.mark.parametrize(
    ("query", "reports"),
    [
        ({"q": "北京"}, [CITIES, ZH]),
        ({"q": "北京", "sort": "oldest"}, [ZH, CITIES]),
        ({"q": "台湾"}, [TAIWAN]),
        ({"q": "臺灣"}, [TAIWAN]),
        ({"q": "網絡犯罪"}, [ZH]),
        ({"q": "京"}, [CITIES, TAIWAN, ZH]),
        ({"q": "police", "outlet": "tnw"}, [TNW]),
        ({"q": "police", "kind": "state"}, [EDITED]),
        ({"q": "police", "until": "2012-07-26"}, [TNW]),
        ({"q": "police", "since": "2012-07-27"}, [EDITED]),
        ({"q": "600", "removed": "1"}, [EDITED]),
        ({"q": "500", "removed": "1"}, []),
        ({"state": "gone"}, [TAIWAN]),
        ({"language": "zh"}, [CITIES, TAIWAN, ZH]),
        ({}, [CITIES, RUSSIAN, TAIWAN, EDITED, TNW, ZH]),
    ],
)
def test_the_page_lists_what_the_search_finds(server: str, query: dict[str, str], reports: list[int]) -> None:
    assert _reports(page(server, "/search", **query)) == reports


def test_a_hit_shows_where_the_words_stand_in_its_own_language(server: str) -> None:
    html = page(server, "/search", q="公安部")
    assert '<p class="snippet" lang="zh-Hans">' in html
    assert "<mark>公安部</mark>26日通报" in html
    assert ">公安部：打击网络犯罪</a>" not in html
    assert "><mark>公安部</mark>：打击网络犯罪</a>" in html
    assert f'href="/reports/{ZH}?q=%E5%85%AC%E5%AE%89%E9%83%A8" lang="zh-Hans"' in html
    assert "26 July 2012, 00:30 UTC" in html


def test_text_that_an_edit_took_out_is_labelled(server: str) -> None:
    html = page(server, "/search", q="600 gangs")
    assert _reports(html) == [EDITED]
    assert "Removed by an edit:" in html
    assert "over <mark>600</mark> <mark>gangs</mark>" in html
    assert f'href="/reports/{EDITED}/changes">edited, 2 versions' in html


def test_each_filter_shows_its_counts_and_leads_on(server: str) -> None:
    html = page(server, "/search")
    assert _facet(html, "Outlet") == {"Xinhua": "5", "TNW": "1"}
    assert _facet(html, "Language") == {
        "Chinese (simplified)": "2", "English": "2", "Chinese (traditional)": "1", "Russian": "1",
    }  # fmt: skip
    assert _facet(html, "Kind") == {"state media": "5", "secondary coverage": "1"}
    assert _facet(html, "Still there?") == {"live": "5", "gone": "1"}
    assert 'href="/search?state=gone"' in html


def test_a_filter_in_use_can_be_taken_away(server: str) -> None:
    html = page(server, "/search", q="police", outlet="tnw")
    assert _facet(html, "Outlet") == {"TNW": "1"}
    assert '<li class="chosen"><a href="/search?q=police">TNW' in html


def test_the_chart_narrows_to_a_span_on_a_click(server: str) -> None:
    html = page(server, "/search", q="police OR 北京")
    assert "since=2015-01-01&amp;until=2015-01-31" in html or "since=2015-01-01&amp;until=2015-12-31" in html


def test_pages_follow_one_another_by_key(crawled_room: tuple[str, list[int]]) -> None:
    address, expected = crawled_room
    first = page(address, "/search")
    following = re.search(r'rel="next" href="(/search\?after=(\d+))"', first)
    assert following
    assert int(following[2]) == _reports(first)[-1]
    second = page(address, "/search", after=following[2])
    assert _reports(first) + _reports(second) == expected
    assert 'rel="next"' not in second
    assert "continued" in second


@pytest.fixture
def crawled_room(room: str, crawled: object) -> tuple[str, list[int]]:
    connection = crawled.place.connect()  # type: ignore[attr-defined]
    ids = [row[0] for row in connection.execute("select id from reports order by id desc")]
    connection.close()
    return room, ids


@pytest.mark.parametrize("after", ["x", "-1", "1:2:3", "nan:5"])
def test_a_paging_key_that_is_none_is_refused_in_words(server: str, after: str) -> None:
    found = answer(server, "/search", q="police", after=after)
    assert found.status == 400
    assert "Search again." in found.text


def test_a_wrong_query_explains_itself_and_still_answers(server: str) -> None:
    html = page(server, "/search", q='titel:"police', since="soon")
    assert "is no field" in html
    assert "has no partner" in html
    assert "“soon” is no day" in html
    assert "<script>" not in page(server, "/search", q="<script>alert(1)</script>")


def test_finding_nothing_tells_what_is_held_in_those_days(server: str) -> None:
    html = page(server, "/search", q="没有这个词", since="2013-01-01", until="2014-12-31")
    assert "Nothing in the archive fits" in html
    held = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    assert "Xinhua state media 2 1 January 2013 6 May 2014" in held
    assert "TNW secondary coverage 0" in held


def test_the_page_leads_to_its_other_forms(server: str) -> None:
    html = page(server, "/search", q="police", outlet="tnw", sort="oldest")
    for name in ("atom", "json", "csv", "xlsx"):
        assert f'href="/search.{name}?q=police&amp;outlet=tnw&amp;sort=oldest"' in html
    assert 'href="/timeline?q=police&amp;outlet=tnw&amp;sort=oldest"' in html


def test_each_example_of_the_help_page_is_a_search_without_complaint(server: str) -> None:
    searches = re.findall(r'<a href="(/search\?q=[^"]+)"><code>', page(server, "/help"))
    assert len(searches) == 13
    for search in searches:
        assert 'class="note warning"' not in answer(server, search).text, search


def test_own_pages_carry_a_policy_without_anything_inline(server: str) -> None:
    found = answer(server, "/search", q="police")
    policy = found.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert found.headers["x-content-type-options"] == "nosniff"
    assert found.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in found.headers
    for forbidden in ("<style", " style=", "onclick", "<script>"):
        assert forbidden not in found.text


def test_an_unknown_address_of_the_room_is_404(server: str) -> None:
    assert answer(server, "/searching").status == 404


def test_below_a_proxys_path_every_link_stays_there(tmp_path: Path) -> None:
    make_archive(tmp_path / "archive.db").close()
    with serving(tmp_path / "archive.db", "--base-url", "dateline") as address:
        html = page(address, "/dateline/search", q="police")
        links = re.findall(r'(?:href|src|action)="(/[^"]*)"', html)
        assert len(links) > 20
        assert [link for link in links if not link.startswith("/dateline/")] == []
        style = next(link for link in links if "room.css" in link)
        assert answer(address, style).status == 200
