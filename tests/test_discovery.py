"""How pages are found: JSON lists, section pages, feeds and sitemaps, whole or malformed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from items import Link
from spiders import discovery
from spiders.outlets.tnw import Tnw
from spiders.outlets.xinhua import Xinhua
from spiders.page import Page

SHARED = Path(__file__).resolve().parents[2] / "shared" / "feeds"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared real feeds are not on this machine")


def links(url: str, text: str, content_type: str = "text/html") -> list[Link]:
    return discovery.links(Page(url, text.encode(), content_type))


def test_a_json_row_can_hold_several_stories_and_its_time_is_beijing_time() -> None:
    row = {
        "title": "<a href='a'>专题 |</a><a href='b'>两则</a>",
        "linkUrls": [
            {"linkTitle": "专题 |", "linkUrl": "https://www.news.cn/special/index.html"},
            {"linkTitle": "第一则", "linkUrl": "/world/20260927/9f0b8eae9f0b8eae/c.html"},
            {"linkTitle": "全文", "linkUrl": "/world/20260927/9f0b8eae9f0b8eae/c.html"},
        ],
        "publishUrl": "20260927/15e7281f15e7281f/c.html",
        "publishTime": "2026-09-25 07:11:40",
    }
    found = links("https://www.news.cn/world/ds_0a.json", json.dumps({"categoryName": "要闻", "datasource": [row]}))
    time = datetime(2026, 9, 24, 23, 11, 40, tzinfo=UTC)
    assert [(link.url, link.title) for link in found] == [
        ("https://www.news.cn/special/index.html", "专题 |"),
        ("https://www.news.cn/world/20260927/9f0b8eae9f0b8eae/c.html", "第一则"),
        ("https://www.news.cn/world/20260927/15e7281f15e7281f/c.html", "专题 |两则"),
    ]
    assert {link.time for link in found} == {time}


@pytest.mark.parametrize("wrap", ["({})", "jQuery1124_16({})", "({}) ", "cb({});"])
def test_jsonp_lists_of_the_older_system_are_read(wrap: str) -> None:
    row = {
        "Title": "A title",
        "LinkUrl": "http://www.xinhuanet.com/english/2020-11/02/c_139.htm",
        "PubTime": "2020-11-02 15:40:59",
    }
    body = wrap.replace("{}", json.dumps({"status": 0, "data": {"list": [row]}, "totalnum": 1}))
    (link,) = links("http://qc.wa.news.cn/nodeart/list?nid=1", body)
    assert link == Link(row["LinkUrl"], "A title", link.time)
    assert link.time == datetime(2020, 11, 2, 7, 40, 59, tzinfo=UTC)


def test_a_json_list_that_is_none_says_what_it_found() -> None:
    with pytest.raises(ValueError, match=r"not a JSON list.*oops"):
        links("https://www.news.cn/ds_1.json", '{"oops": ')


def test_odd_rows_of_a_json_list_do_not_stop_it() -> None:
    rows = [None, "x", {"linkUrls": None}, {"publishTime": "2026-13-45 99:99:99", "publishUrl": "/a"}]
    assert links("https://www.news.cn/ds_1.json", json.dumps({"datasource": rows})) == [Link("https://www.news.cn/a")]


@pytest.mark.parametrize("rows", [None, 7, "x", {}])
def test_a_json_list_without_rows_is_refused(rows: object) -> None:
    with pytest.raises(ValueError, match="not a JSON list"):
        links("https://www.news.cn/ds_1.json", json.dumps({"datasource": rows}))


SECTION = """<html><head><div data="datasource:0a1b2c"></div></head><body>
<ul data="datasource:5f2fe19cb7324e188010981f82ef35c1" datatype="ds" preview="ds_">
<li><a href="/milpro/20260707/d4ee55fb00564c95b271778eca26ad94/c.html"><img src="x.jpg"></a>
<a href="/milpro/20260707/d4ee55fb00564c95b271778eca26ad94/c.html"> 标题
一 </a></li><li><a href="javascript:void(0)">x</a><a href="mailto:a@b.example">m</a><a href="http://[broken/">b</a>
<a href='https://my-h5news.app.xinhuanet.com/h5/index.html'>app</a></li></ul></body></html>"""


def test_a_section_page_names_its_reports_and_the_json_lists_beside_it() -> None:
    found = {link.url: link for link in links("https://www.news.cn/milpro/", SECTION)}
    story = "https://www.news.cn/milpro/20260707/d4ee55fb00564c95b271778eca26ad94/c.html"
    assert found[story].title == "标题 一"
    assert found["https://www.news.cn/milpro/ds_5f2fe19cb7324e188010981f82ef35c1.json"].kind == "listing"
    assert found["https://www.news.cn/milpro/ds_0a1b2c.json"].kind == "listing"
    assert not [url for url in found if not url.startswith("http")]


def test_an_outlet_keeps_only_its_own_reports_and_lists() -> None:
    kept = Xinhua.links(Page("https://www.news.cn/milpro/", SECTION.encode()))
    assert [(link.kind, link.canonical) for link in kept] == [
        ("report", "https://www.news.cn/milpro/20260707/d4ee55fb00564c95b271778eca26ad94/c.html"),
        ("listing", "https://www.news.cn/milpro/ds_0a1b2c.json"),
        ("listing", "https://www.news.cn/milpro/ds_5f2fe19cb7324e188010981f82ef35c1.json"),
    ]


RSS = """<?xml version="1.0" encoding="gb2312"?><rss version="2.0"><channel><title>R&D</title>
<item><title>Tom & Jerry &#8217;s</title><link> https://thenextweb.com/news/tom?utm_source=rss&utm_medium=feed </link>
<pubDate>Thu, 26 Jul 2012 09:30:00 +0000</pubDate></item>
<item><title>No date</title><link>https://thenextweb.com/news/no-date</link></item></channel></rss>"""


def test_a_malformed_feed_with_bare_ampersands_and_a_false_encoding_is_read() -> None:
    found = links("https://thenextweb.com/feed/", RSS, "application/rss+xml")
    assert [link.url.partition("?")[0] for link in found] == [
        "https://thenextweb.com/news/tom",
        "https://thenextweb.com/news/no-date",
    ]
    assert [link.time for link in found] == [datetime(2012, 7, 26, 9, 30, tzinfo=UTC), None]
    assert [link.canonical for link in Tnw.links(Page("https://thenextweb.com/feed/", RSS.encode()))] == [
        "https://thenextweb.com/news/tom",
        "https://thenextweb.com/news/no-date",
    ]


def test_atom_is_read() -> None:
    atom = """<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><title>E</title><id>urn:1</id>
    <link href="/news/e"/><updated>2026-01-02T03:04:05+01:00</updated></entry></feed>"""
    (link,) = links("https://thenextweb.com/feed/", atom)
    assert link == Link("https://thenextweb.com/news/e", "E", datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC))


def test_a_news_sitemap_gives_titles_and_news_dates() -> None:
    xml = """<?xml version="1.0" encoding="UTF-8"?>
    <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
    <url><loc>https://thenextweb.com/news/a</loc><news:news><news:publication><news:name>TNW</news:name>
    <news:language>en</news:language></news:publication><news:publication_date>2026-09-01T10:00:00+02:00</news:publication_date>
    <news:title>A story</news:title></news:news></url>
    <url><loc>https://thenextweb.com/news/b</loc><lastmod>2026-09-02</lastmod></url></urlset>"""
    assert links("https://thenextweb.com/sitemap-news.xml", xml) == [
        Link("https://thenextweb.com/news/a", "A story", datetime(2026, 9, 1, 8, tzinfo=UTC)),
        Link("https://thenextweb.com/news/b", "", datetime(2026, 9, 2, tzinfo=UTC)),
    ]


def test_a_sitemap_index_leads_to_its_sitemaps_without_fetching_them() -> None:
    xml = """<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <sitemap><loc>https://thenextweb.com/sitemap-2012.xml</loc></sitemap></sitemapindex>"""
    assert links("https://thenextweb.com/sitemap-articles-index.xml", xml) == [
        Link("https://thenextweb.com/sitemap-2012.xml", kind="listing")
    ]


@pytest.mark.parametrize(
    "text",
    ["", "   ", "<rss", "<urlset><url><loc>x", "<html>", "<?xml version='1.0'?>", "\x00\x01", "[1, 2]"],
)
def test_broken_listings_give_no_links_or_say_why(text: str) -> None:
    try:
        assert links("https://thenextweb.com/feed/", text) == []
    except ValueError as error:
        assert "not a JSON list" in str(error)


def test_xml_entities_of_a_hostile_sitemap_are_not_expanded() -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE u [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><urlset><url><loc>https://thenextweb.com/news/&b;</loc></url></urlset>'
    assert all("aaaa" not in link.url for link in links("https://thenextweb.com/sitemap-1.xml", bomb))


@needs_shared
def test_the_real_row_shapes_of_2026_are_read() -> None:
    text = (SHARED / "xinhua-ds-json-row-shapes-2026.json").read_text(encoding="utf-8")
    payload = json.loads(text)["payload"]
    kept = Xinhua.links(
        Page(
            "https://www.news.cn/politics/ds_a6d618872de143bdafa2556915a7ae12.json",
            json.dumps(payload).encode(),
        )
    )
    assert [link.canonical for link in kept] == [
        "https://www.news.cn/politics/20260924/a512e6e3/c.html",
        "https://www.news.cn/world/20260927/9f0b8eae/c.html",
        "https://www.news.cn/world/20260926/988db1cb/c.html",
        "https://www.news.cn/fortune/20260927/82b64bfa/c.html",
        "https://www.news.cn/politics/20260927/15e7281f/c.html",
    ]
    assert kept[0].title == "我国将开展第二次全国非遗普查 建立非遗资源总目录"


@needs_shared
@pytest.mark.parametrize(
    ("name", "first", "count"),
    [
        (
            "xinhua-nodeart-list-2019.jsonp",
            "http://www.xinhuanet.com/politics/2019-03/13/c_1124228441.htm",
            1,
        ),
        (
            "xinhua-en-nodeart-2020-11-02.jsonp",
            "http://www.xinhuanet.com/english/2020-11/02/c_139485195.htm",
            3,
        ),
        ("rt-rss-2017.xml", "https://www.rt.com/news/413483-germany-submarines-out-of-service/", 1),
        (
            "xinhua-politics-listing-item-2026.html",
            "https://www.news.cn/politics/20261003/f5929b2b5af84ab68821d519589d68ac/c.html",
            2,
        ),
    ],
)
def test_the_other_real_lists_are_read(name: str, first: str, count: int) -> None:
    found = links("https://www.news.cn/politics/", (SHARED / name).read_text(encoding="utf-8"))
    assert found[0].url.startswith(first)
    assert len(found) == count


@needs_shared
def test_the_real_section_page_names_three_lists_and_its_stories() -> None:
    page = Page("https://www.news.cn/milpro/", (SHARED / "xinhua-milpro-listing-excerpt-2026.html").read_bytes())
    kept = Xinhua.links(page)
    assert sum(link.kind == "listing" for link in kept) == 3
    assert sum(link.kind == "report" for link in kept) == 6
