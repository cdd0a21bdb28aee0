"""What the English layouts make of a page, on invented pages in the real shapes; the real ones: test_gold_english."""

from __future__ import annotations

import pytest

from spiders.layout import Layout
from spiders.outlets.xinhua.english import LAYOUTS, English2014, English2016, English2017, English2022, EnglishPhotos
from spiders.page import Page

ADDRESS = "http://news.xinhuanet.com/english/2016-10/25/c_135780169.htm"


def fitting(page: Page) -> list[type[Layout]]:
    return [layout for layout in LAYOUTS if layout.fits(page)]


def desktop_and_phone(body: str, head: str = "") -> Page:
    """A page of 2014-2016: the desktop copy, then the phone's, which names another editor."""
    html = f"""<html><head>{head}<title>Port reopens - Xinhua | English.news.cn</title></head><body>
    <div class="domPC"><table><tr><td class="hei22"> Port reopens</td></tr></table>
    <table><tr><td class="sj"><font>Source: Xinhua</font>&nbsp;&nbsp; 2016-10-25 20:35:14</td>
    <td>Feedback <a href="javascript:;">分享</a></td></tr></table>
    <div id="Content" class="artTxt"><div class="onlyVideo"><iframe style="display:none" src=""></iframe></div>
    <font id="Zoom">{body}</font></div>
    <table><tr><td class="zrbj"><div>Editor:   Chen Zhi</div></td></tr></table></div>
    <div class="domMobile"><div id="conTit"><h1>Port reopens</h1>
    <div class="info"><span>Source: Xinhua</span> 2016-10-25 20:35:14</div></div>
    <div id="content">{body}</div><div class="edit">[Editor: huaxia]</div></div></body></html>"""
    return Page(ADDRESS, html.encode())


def wide(body: str, title_id: str = "bltitle", line_class: str = "hei122", address: str = ADDRESS) -> Page:
    """A page of 2016 with pictures: one id on both bodies."""
    html = f"""<html><head><title>Harbour</title></head><body>
    <div class="domMobile"><div id="content"><p>The phone's copy.</p></div></div>
    <div class="domPC"><span id="{title_id}">Harbour</span>
    <table><tr><td class="{line_class}">Source: Xinhua | <span id="pubtime">2016-05-10 02:14:02</span>
    | Editor: huaxia</td></tr></table><span id="content">{body}</span></div></body></html>"""
    return Page(address, html.encode())


def test_the_desktop_copy_is_read_once_and_its_editor_is_the_one_kept() -> None:
    page = desktop_and_phone("<p>MANILA, Oct. 25 (Xinhua) -- The port reopened.</p><p>Ships came.</p>")
    assert fitting(page) == [English2014]
    reading = English2014.read(page)
    assert reading.body == ["MANILA, Oct. 25 (Xinhua) -- The port reopened.", "Ships came."]
    assert (reading.title, reading.published) == ("Port reopens", "2016-10-25 20:35:14")
    assert (reading.source, reading.editor) == ("Source: Xinhua", "Editor: Chen Zhi")
    assert (reading.part, reading.part_urls) == (1, [])


def test_a_link_inside_a_word_adds_no_space_and_whitespace_is_folded() -> None:
    search = "http://search.news.cn/language/search.jspa?n1=Japan"
    page = desktop_and_phone(f'<p>TOKYO, Oct. 25 (Xinhua) -- The\n<a href="{search}">Japan</a>ese&nbsp; port </p>')
    assert English2014.read(page).body == ["TOKYO, Oct. 25 (Xinhua) -- The Japanese port"]


@pytest.mark.parametrize("mark", [" Enditem", " Enditem ", "</p><p>Enditem", " (Enditem)", " -Enditem-", " ■"])
def test_the_end_mark_of_the_wire_is_dropped(mark: str) -> None:
    assert English2014.read(desktop_and_phone(f"<p>The port reopened.{mark}</p>")).body == ["The port reopened."]


@pytest.mark.parametrize(
    "heading",
    [
        "<p><strong>Related:</strong></p>",
        "<p>Related：</p>",
        "<p>RELATED NEWS</p>",
        '<p>Related: <a href="/english/c_135454847.htm">Ships wait</a></p>',
        "",
    ],
)
def test_other_stories_below_the_text_are_not_its_body(heading: str) -> None:
    other = """<p><a href="/english/c_135454847.htm"><strong><font color="navy">Ships wait at sea</font></strong></a></p>
    <p>BEIJING, June 21 (Xinhua) -- Ships waited.</p>
    <p>They waited long. <a href="/english/c_135454847.htm"><font color="navy">Full story</font></a></p>"""
    page = desktop_and_phone(f"<p>MANILA, Oct. 25 (Xinhua) -- The port reopened.</p>{heading}{other}")
    assert English2014.read(page).body == ["MANILA, Oct. 25 (Xinhua) -- The port reopened."]


def test_a_sentence_that_begins_with_related_is_body() -> None:
    page = desktop_and_phone("<p>The port reopened.</p><p>Related Meetings follow in May.</p>")
    assert English2014.read(page).body == ["The port reopened.", "Related Meetings follow in May."]


@pytest.mark.parametrize(
    "caption",
    [
        "A ship enters the port on Oct. 24, 2016. (Xinhua/Li Ming)",
        "DAVAO, Oct. 24, 2016 (Xinhua) -- A ship enters the port. (Xinhua/Stringer)",
        "A ship enters the port. (Xinhua file photo)",
        "A ship enters the port. (Photo: www.example.org)",
        "Photo taken on Oct. 24, 2016 shows the port.",
        '<font color="navy">A ship enters the port.</font>',
        '<span style="COLOR: #000080">A ship enters the port.</span>',
    ],
)
def test_captions_are_kept_apart_from_the_body(caption: str) -> None:
    story = "MANILA, Oct. 25 (Xinhua) -- The port reopened."
    reading = English2014.read(desktop_and_phone(f'<p><img src="a.jpg"></p><p>{caption}</p><p>{story}</p>'))
    assert reading.body == [story]
    assert len(reading.captions) == 1


def test_a_heading_in_the_captions_colour_is_body() -> None:
    page = desktop_and_phone('<p>One.</p><p><strong><font color="navy">STALLED TALKS</font></strong></p><p>Two.</p>')
    assert English2014.read(page).body == ["One.", "STALLED TALKS", "Two."]


def test_a_photo_story_has_its_captions_as_body() -> None:
    dated = "MANILA, May 8, 2016 (Xinhua) -- A ship enters the port. (Xinhua/Li Ming)"
    reading = English2016.read(wide(f"<p>{dated}</p><p>Another ship. (Xinhua/Li Ming)</p>"))
    assert (reading.body, reading.captions) == ([dated], ["Another ship. (Xinhua/Li Ming)"])
    reading = English2016.read(wide("<p>One ship. (Xinhua/Li Ming)</p><p>Another. (Xinhua/Li Ming)</p>"))
    assert (reading.body, reading.captions) == (["One ship. (Xinhua/Li Ming)", "Another. (Xinhua/Li Ming)"], [])


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("by Xinhua writer Liu Chang", ["Liu Chang"]),
        ("By Xinhua Writers Wang Wen, Dario Agnote and Liu Chang", ["Wang Wen", "Dario Agnote", "Liu Chang"]),
        ("by Maria de la Cruz", ["Maria de la Cruz"]),
        ("by Wang Wen, Yang Tianmu MANILA, July 13 (Xinhua) -- Talks began.", ["Wang Wen", "Yang Tianmu"]),
        ("By dwelling on the nature of the features, Manila has tried.", []),
        ("By Monday Morning ships had come.", []),
    ],
)
def test_a_byline_gives_authors_and_stays_in_the_text(byline: str, authors: list[str]) -> None:
    reading = English2014.read(desktop_and_phone(f"<p>{byline}</p><p>MANILA, Oct. 25 (Xinhua) -- Ships.</p>"))
    assert reading.authors == authors
    assert reading.body[0] == byline


@pytest.mark.parametrize("title_id", ["bltitle", "whtitle"])
@pytest.mark.parametrize("stem", ["http://news.xinhuanet.com/english/photo/2015-11/30/c_134870529", "c_134870529"])
def test_every_page_of_a_story_lists_all_parts_in_order(title_id: str, stem: str) -> None:
    base = "http://news.xinhuanet.com/english/photo/2015-11/30/c_134870529"
    pages = f"""<div id="div_currpage"><a href="{stem}.htm">1</a> <span class="page-Article">2</span>
    <a href="{stem}_3.htm">3</a> <a href="{stem}_3.htm" class="nextpage">>></a></div>"""
    line_class = "hei122" if title_id == "bltitle" else "bai122"
    page = wide(f"<p>A ship.</p><center>{pages}</center>", title_id, line_class, f"{base}_2.htm")
    assert fitting(page) == [English2016 if title_id == "bltitle" else EnglishPhotos]
    reading = fitting(page)[0].read(page)
    assert reading.body == ["A ship."]
    assert (reading.part, reading.part_urls) == (2, [f"{base}.htm", f"{base}_2.htm", f"{base}_3.htm"])


def test_a_head_with_an_open_quote_does_not_hurt() -> None:
    page = desktop_and_phone("<p>The port reopened.</p>", '<meta name="keywords" content="port,ships\n</head>\n"/>')
    assert fitting(page) == [English2014]
    reading = English2014.read(page)
    assert (reading.title, reading.body, reading.keywords) == (
        "Port reopens",
        ["The port reopened."],
        ["port", "ships"],
    )


def test_a_page_without_text_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"c_135780169\.htm: english2014 found no body"):
        English2014.read(desktop_and_phone(""))


def test_the_unproven_pages_of_2017_to_2021_are_read_from_what_is_known_of_them() -> None:
    page = Page(
        "http://www.xinhuanet.com/english/2020-08/17/c_139297222.htm",
        b"""<html><body><h1 class="Btitle">Port reopens</h1><div class="wzzy"><i class="source">Source: Xinhua</i>|
        <i class="time"> 2020-08-17 22:11:14</i>|<i class="editor">Editor: huaxia</i></div>
        <div id="detail"><p>Video PlayerClose</p><p>SHANGHAI, Aug. 17 (Xinhua) -- The port reopened. Enditem</p></div>
        </body></html>""",
    )
    assert fitting(page) == [English2017]
    reading = English2017.read(page)
    assert reading.title == "Port reopens"
    assert reading.body == ["SHANGHAI, Aug. 17 (Xinhua) -- The port reopened."]
    assert (reading.published, reading.source, reading.editor) == (
        "2020-08-17 22:11:14",
        "Source: Xinhua",
        "Editor: huaxia",
    )


def test_the_unproven_pages_from_2022_on_keep_the_chinese_words_that_are_served() -> None:
    page = Page(
        "https://english.news.cn/20240131/0123456789abcdef0123456789abcdef/c.html",
        """<html><body><div class="conBox"><div class="conTop"><h1>Port reopens</h1>
        <div class="info"><p class="source">新华网</p><p class="time">2024-01-31 22:34:16</p>
        <p class="editor">华夏</p></div></div>
        <div class="conLeft"><div id="detail"><span id="detailContent"><p>SHANGHAI, Jan. 31 (Xinhua) -- The port
        reopened. ■</p></span></div></div><div class="conRight"><div class="Trending"><p>Other</p></div></div>
        </div></body></html>""".encode(),
    )
    assert fitting(page) == [English2022]
    reading = English2022.read(page)
    assert reading.title == "Port reopens"
    assert reading.body == ["SHANGHAI, Jan. 31 (Xinhua) -- The port reopened."]
    assert (reading.published, reading.source, reading.editor) == ("2024-01-31 22:34:16", "新华网", "华夏")
