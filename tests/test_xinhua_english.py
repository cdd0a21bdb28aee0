"""What the English layouts make of a page, on invented pages in the real shapes; the real ones: test_gold_english."""

from __future__ import annotations

import pytest

from items import Reading
from spiders.layout import Layout
from spiders.outlets.xinhua import Xinhua
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


STORY = "<p>MANILA, Oct. 25 (Xinhua) -- The port reopened.</p><p>Ships came.</p>"
STORY_READ = ["MANILA, Oct. 25 (Xinhua) -- The port reopened.", "Ships came."]
OTHER = '<p><a href="c_1.htm">Ships wait</a></p><p>BEIJING, Oct. 1 (Xinhua) -- They wait.</p>'


def read(html: str, address: str = ADDRESS) -> Reading:
    """What the one layout of Xinhua that fits reads, the Chinese ones among them."""
    page = Page(address, html.encode())
    (layout,) = (layout for layout in Xinhua.layouts if layout.fits(page))
    return layout.read(page)


def narrow(
    body: str = STORY,
    line: str = "Source: Xinhua 2016-10-25 20:35:14",
    title: str = '<td class="hei22">Port reopens</td>',
    editor: str = '<td class="zrbj">Editor: Chen Zhi</td>',
    head: str = "",
) -> str:
    """A page of 2014 without a copy for the phone."""
    return f"""<html><head>{head}<title>Port reopens - Xinhua | English.news.cn</title></head><body><table>
    <tr>{title}</tr><tr><td class="sj">{line}</td></tr></table><div id="Content">{body}</div>
    <table><tr>{editor}</tr></table></body></html>"""


@pytest.mark.parametrize(
    ("line", "source", "published", "editor"),
    [
        ("Source:Xinhua 2016-10-25 20:35", "Source:Xinhua", "2016-10-25 20:35", "Editor: Chen Zhi"),
        ("新华社 2016-10-25 20:35:14", "新华社", "2016-10-25 20:35:14", "Editor: Chen Zhi"),
        ("English.news.cn&nbsp;&nbsp;2016-10-25", "English.news.cn", "2016-10-25", "Editor: Chen Zhi"),
        ("www.chinaview.cn 2016-10-25\n20:35:14", "www.chinaview.cn", "2016-10-25 20:35:14", "Editor: Chen Zhi"),
        ("Xinhua 2016-10-25 20:35:14 Feedback Print RSS", "Xinhua", "2016-10-25 20:35:14", "Editor: Chen Zhi"),
        ("Source: Xinhua | 2016-10-25 20:35:14 | Editor: An", "Source: Xinhua", "2016-10-25 20:35:14", "Editor: An"),
        ("2016-10-25 20:35:14", "", "2016-10-25 20:35:14", "Editor: Chen Zhi"),
    ],
)
def test_the_line_of_source_and_time_varies(line: str, source: str, published: str, editor: str) -> None:
    reading = read(narrow(line=line))
    assert (reading.source, reading.published, reading.editor) == (source, published, editor)


def test_without_a_printed_time_the_head_s_is_taken_and_its_false_zone_is_not() -> None:
    head = '<meta name="pubdate" content="2016-10-25T20:35:14Z\n"/>'
    reading = read(narrow(line="Source: Xinhua", head=head))
    assert (reading.published, reading.source) == ("2016-10-25 20:35:14", "Source: Xinhua")


@pytest.mark.parametrize(
    ("title", "read_as"),
    [
        (
            '<td class="hei22"><b>Port &amp; city</b><br/>reopen at <i>la</i>st &quot;now&quot;</td>',
            'Port & city reopen at last "now"',
        ),
        ('<td class="f-title"><h1><div id="Title"><!--begin_t-->Port<!--end_t--></div></h1></td>', "Port"),
        ('<td class="hei22"> </td>', "Port reopens"),
    ],
)
def test_the_headline_is_one_line_and_the_title_element_stands_in_for_it(title: str, read_as: str) -> None:
    assert read(narrow(title=title)).title == read_as


def test_a_missing_editor_stays_missing() -> None:
    assert read(narrow(editor="")).editor == ""


@pytest.mark.parametrize(
    "block",
    [
        f"<p>Related:</p>{OTHER}<p>Still. <a href='c_1.htm'>Full story</a></p>",
        f"<p><strong>Related News</strong></p>{OTHER}<p>Still. Full Story</p>{OTHER}<p>Still.Full Story</p>",
        f"{OTHER}<p>Still. Full story</p>",
        '<p>Related:</p><p><a href="c_1.htm">Ships wait</a></p><p><a href="c_2.htm">Ships leave</a></p>',
        '<p>Related coverage: <a href="c_1.htm">Ships wait</a></p>',
    ],
)
def test_the_text_goes_on_behind_other_stories_in_its_middle(block: str) -> None:
    reading = read(narrow(f"{STORY}{block}<p>The port is large.</p><p>Related:</p>{OTHER}<p>Still. Full story</p>"))
    assert reading.body == [*STORY_READ, "The port is large."]


def test_another_story_that_nothing_ends_goes_on_to_the_end() -> None:
    assert read(narrow(f"{STORY}<p>Related:</p>{OTHER}<p>They waited long.</p>")).body == STORY_READ


@pytest.mark.parametrize(
    "body",
    [
        "<div>MANILA, Oct. 25 (Xinhua) -- The port reopened.</div><div>Ships came.</div>",
        "MANILA, Oct. 25 (Xinhua) -- The port reopened.<br/>\n<br/>Ships came.",
        "MANILA, Oct. 25 (Xinhua) -- The port reopened.<br/>&nbsp;&nbsp;&nbsp;&nbsp;Ships came.",
        "<P>MANILA, Oct. 25 (Xinhua) -- The <b>port reopened.<P>Ships came.",
        "<table><tr><td><p>MANILA, Oct. 25 (Xinhua) -- The port reopened.</p></td></tr></table><p>Ships came.</p>",
        f"<p>Video Player Close</p>{STORY}",
        f"<div>Video PlayerClose{STORY}</div>",
        f"{STORY}<p>Editor: Chen Zhi</p>",
    ],
)
def test_the_text_is_the_same_however_it_is_typed(body: str) -> None:
    assert read(narrow(body)).body == STORY_READ


@pytest.mark.parametrize(
    "body",
    [
        ["FLASH: PORT REOPENS"],
        ["BRASILIA -- The port reopened. (Brazil-Port)", "- - - -", "ROME -- Ships came. (Italy-Ships)"],
        ["MANILA, Oct. 25 (Xinhua) -- Photos released by the ministry showed the port."],
    ],
)
def test_flashes_and_news_summaries_are_kept_whole(body: list[str]) -> None:
    assert read(narrow("".join(f"<p>{text}</p>" for text in body))).body == body


def test_a_centred_paragraph_below_a_picture_is_its_caption() -> None:
    picture = '<p align="center"><img src="a.jpg"></p>'
    reading = read(narrow(f'{picture}<p align="center">A ship enters.</p>{STORY}{picture}<p>They stay.</p>'))
    assert reading.captions == ["A ship enters."]
    assert reading.body == [*STORY_READ, "They stay."]


def test_unclosed_cells_and_a_text_in_a_table_of_its_own_are_read() -> None:
    reading = read(
        f"""<title>Port - Xinhua</title><table><tr><td class=hei22>Port<tr><td class=sj>Source: Xinhua
        2016-10-25 20:35:14<tr><td><table><tr><td><div id=Content>{STORY}<tr><td class=zrbj>Editor: An</table></table>"""
    )
    assert (reading.title, reading.body, reading.editor) == ("Port", STORY_READ, "Editor: An")


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="keywords" content="port\n</head>\n<meta name="description" content="x"/>',
        '<meta name="pubdate" content="2016-10-25T20:35:14Z\n<style>td{color:"red"}</style>',
        '<meta name="description" content="He said "the port" is open" />',
    ],
)
def test_a_head_that_swallows_its_neighbours_leaves_the_story_alone(head: str) -> None:
    reading = read(narrow(head=head))
    assert (reading.title, reading.published, reading.body) == ("Port reopens", "2016-10-25 20:35:14", STORY_READ)


def test_the_headline_s_id_inside_the_text_and_a_line_of_another_class_do_not_hurt() -> None:
    page = wide('<p>MANILA, Oct. 25 (Xinhua) -- <span id="bltitle">The port</span> reopened.</p>', line_class="other")
    assert fitting(page) == [English2016]
    reading = English2016.read(page)
    assert (reading.title, reading.body) == ("Harbour", STORY_READ[:1])
    assert (reading.published, reading.editor) == ("2016-05-10 02:14:02", "Editor: huaxia")


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("www.chinaview.cn&nbsp; 2007-06-20 11:19:39", "www.chinaview.cn"),
        ("www.chinaview.cn</td><td><b>2007-06-20 11:19:39</b>", "www.chinaview.cn"),
        ("Source: Xinhua 2007-06-20 11:19:39", "Source: Xinhua"),
    ],
)
def test_a_page_of_2007_is_read_whatever_its_cells_are_called(line: str, source: str) -> None:
    reading = read(
        f"""<title>Xinhua - English</title><div id="Title"><img src="x.gif"></div><div id="Title">Port reopens</div>
        <table><tr><td>{line}</td></tr></table><div id="Content"><font id="Zoom">{STORY}</font></div>"""
    )
    assert (reading.layout, reading.title, reading.body) == ("english2007", "Port reopens", STORY_READ)
    assert (reading.source, reading.published) == (source, "2007-06-20 11:19:39")


@pytest.mark.parametrize(
    "page",
    [
        f'<h1 class="Btitle">Port reopens</h1><i class="time">2019-11-17 20:01:23</i><div class="content">{STORY}</div>',
        f"""<div class="domMobile"><div class="content"><p>The phone's copy.</p></div></div>
        <h1 class="Btitle">Port reopens</h1><div class="wzzy">Source: Xinhua| 2019-11-17 20:01:23|Editor: huaxia</div>
        <div id="content"><div class="content">{STORY}</div></div>""",
        f"""<div class="content"><h1 class="Btitle">Port reopens</h1><i class="time">2019-11-17 20:01:23</i>
        <div id="detail">{STORY}</div></div>""",
        f"""<div class="conTop"><h1 class="Btitle">Port reopens</h1><div class="info">Source: Xinhua
        <p class="time">2019-11-17 20:01:23</p></div></div><div id="detail">{STORY}</div>""",
    ],
)
def test_unproven_pages_are_read_in_several_arrangements(page: str) -> None:
    reading = read(f"<title>Port reopens-Xinhua</title>{page}")
    assert (reading.title, reading.published, reading.body) == ("Port reopens", "2019-11-17 20:01:23", STORY_READ)


def in_chinese_shape(body: str = STORY, title: str = "Port reopens-Xinhua", phone: str = "") -> str:
    """A page of 2026 as the Chinese ones are made."""
    return f"""<html lang="zh-CN"><title>{title}</title><div class="header-time"><span class="year"><em>2026</em></span><span
    class="day"><em>09</em>/<em>15</em></span><span class="time">10:00:02</span></div><div class="source">Source: Xinhua</div>
    <div class="head-line"><h1><span class="title">Port reopens</span></h1></div>{phone}<div class="main-left">
    <div id="detail"><span id="detailContent">{body}</span><span class="editor">Editor: huaxia</span></div></div>"""


@pytest.mark.parametrize("title", ["Port reopens-Xinhua", "Port reopens-新华网", ""])
@pytest.mark.parametrize(
    ("phone", "published"),
    [
        (
            '<div class="mheader"><div class="info">2026-09-15 10:00:02<span>Source: Xinhua</span></div></div>',
            "2026-09-15 10:00:02",
        ),
        ("", "2026 09/15 10:00:02"),
    ],
)
def test_an_english_story_in_the_chinese_pages_shape_is_english(title: str, phone: str, published: str) -> None:
    reading = read(in_chinese_shape(title=title, phone=phone))
    assert (reading.layout, reading.language) == ("english-detail", "en")
    assert (reading.title, reading.published, reading.body) == ("Port reopens", published, STORY_READ)
    assert (reading.source, reading.editor) == ("Source: Xinhua", "Editor: huaxia")


@pytest.mark.parametrize("page", [narrow, in_chinese_shape])
@pytest.mark.parametrize(
    "text",
    [
        "SHANGHAI, 17 août (Xinhua) -- Le port de la ville est ouvert, ont déclaré les autorités.",
        "SHANGHAI, 17 ago (Xinhua) -- El puerto de la ciudad fue abierto por las autoridades.",
        "SHANGHAI, 17. August (Xinhua) -- Der Hafen ist wieder offen, sagte die Stadt.",
    ],
)
def test_other_languages_in_latin_letters_are_refused_by_name(page: type, text: str) -> None:
    with pytest.raises(ValueError, match="another language"):
        read(page(f"<p>{text}</p>"))


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Порт открыт", "Шанхай, 17 августа /Синьхуа/ -- Порт открыт."),
        ("ميناء", "شانغهاي 17 أغسطس (شينخوا) -- ميناء"),
        ("港再開--新華網日本語", "【新華社上海8月17日】港が再開した。船が来た。"),
        ("항구-신화망", "[신화망 상하이 8월17일] 항구가 열렸다."),
    ],
)
def test_other_scripts_in_the_same_shape_fit_no_layout(title: str, text: str) -> None:
    page = Page(ADDRESS, in_chinese_shape(f"<p>{text}</p>", title).encode())
    assert not [layout.name for layout in Xinhua.layouts if layout.fits(page)]
