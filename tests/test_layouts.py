"""What each generation of Chinese Xinhua and TNW pages may vary in, on invented pages in their shapes."""

from __future__ import annotations

import pytest

from items import Reading
from spiders.layout import Layout
from spiders.outlets import tnw_pages
from spiders.outlets.xinhua import chinese, english
from spiders.page import Page

LAYOUTS: tuple[type[Layout], ...] = (*chinese.LAYOUTS, *english.LAYOUTS, *tnw_pages.LAYOUTS)
TEXT = "<p>　　新华社北京9月29日电（记者王某、林某）正文第一段。</p><p>　　正文第二段。</p>"
TEXT_READ = ["新华社北京9月29日电（记者王某、林某）正文第一段。", "正文第二段。"]
PICTURE = '<p style="TEXT-ALIGN: center"><img src="1.jpg"></p>'


def _read(html: str, url: str = "http://www.news.cn/politics/2022-09/29/c_1129041895.htm") -> Reading:
    page = Page(url, html.encode())
    (layout,) = (layout for layout in LAYOUTS if layout.fits(page))
    return layout.read(page)


def _detail(
    text: str = TEXT,
    source: str = "来源：新华网",
    editor: str = '<span class="editor">【责任编辑:邱某 】</span>',
    phone: bool = True,
    title: str = "<h1><span class='title'>\n标题 </span><span class='btn-audio'></span></h1>",
) -> str:
    mobile = (
        f'<div class="mheader domMobile">{title}<div class="info">2022-09-29 16:09:32<span>{source}</span></div></div>'
    )
    return f"""<html><head><title>\n标题-新华网\n</title><meta name="source" content="新华社">
        <meta name="keywords" content="甲,乙\n"></head><body><div class="header domPC">
        <div class="header-time left"><span class="year"><em> 2022</em></span><span class="day"><em> 09</em>/<em> 29</em>
        </span><span class="time"> 16:09:32</span></div><div class="source">{source}</div>
        <div class="head-line clearfix">{title}</div></div>{mobile if phone else ""}
        <div class="main"><div id="detail">{text}<div id="articleEdit"><span class="tiyi1"><a>【纠错】</a></span>{editor}
        </div></div><div class="nextpage">阅读下一篇：<a>别的</a></div></div>"""


def _datasource(text: str = TEXT) -> str:
    return _detail(f'<span id="detailContent">{text}</span>')


def _xl2019(text: str = TEXT, info: str = "<span>来源： 新华网</span>") -> str:
    return f"""<html><head><title>标题-新华网</title></head><div class="fixhead"><h1></h1></div>
        <div class="h-title"> 标题 </div><div class="h-info"><span class="h-time"> 2020-02-19 17:21:00</span> {info}</div>
        <div id="p-detail"><div class="video-url" style="display:none">x</div><div class="lb">图集</div>{text}
        <div class="tadd">+1</div><div class="p-tags"><span class="p-jc">【纠错】 责任编辑： 王某某</span></div></div>"""


@pytest.mark.parametrize(
    ("html", "layout"), [(_detail(), "detail2023"), (_datasource(), "datasource2026"), (_xl2019(), "xl2019")]
)
def test_generations_of_the_site_s_own_pages_are_told_apart(html: str, layout: str) -> None:
    reading = _read(html)
    assert reading.layout == layout
    assert reading.language == "zh-Hans"
    assert reading.title == "标题"
    assert reading.body == TEXT_READ
    assert reading.captions == []
    assert reading.source in ("来源：新华网", "来源： 新华网")


@pytest.mark.parametrize(
    "title", ["Xi meets guests - Xinhua | English.news.cn", "中国のニュース-新華網日本語", "중국 뉴스-신화망"]
)
def test_other_languages_in_the_same_template_are_not_taken_for_chinese(title: str) -> None:
    page = Page("http://www.news.cn/x", _detail().replace("标题-新华网", title).encode())
    assert not [layout.name for layout in chinese.LAYOUTS if layout.fits(page)]


def test_detail_page_is_read_without_its_copy_for_the_phone() -> None:
    reading = _read(_detail(phone=False))
    assert reading.published == "2022 09/ 29 16:09:32"
    assert reading.title == "标题"
    assert reading.keywords == ["甲", "乙"]


def test_missing_source_and_editor_stay_missing_whatever_the_meta_says() -> None:
    reading = _read(_detail(source="", editor=""))
    assert (reading.source, reading.source_url, reading.editor) == ("", "", "")


def test_linked_source_keeps_its_link() -> None:
    reading = _read(_detail(source='来源：<a href="//paper.people.example/a.html">人民日报</a>'))
    assert reading.source == "来源：人民日报"
    assert reading.source_url == "http://paper.people.example/a.html"


def test_title_element_stands_in_for_an_empty_headline() -> None:
    assert _read(_detail(title="<h1><span class='title'></span></h1>")).title == "标题"


@pytest.mark.parametrize("editor", ["【责任编辑:邱某 】", "责任编辑： 邱某", "[编辑:邱某]"])
def test_editor_line_inside_the_text_is_the_editor_and_no_text(editor: str) -> None:
    reading = _read(_detail(f'<span id="detailContent">{TEXT}<p>{editor}</p></span>', editor=""))
    assert reading.editor == editor
    assert reading.body == TEXT_READ


@pytest.mark.parametrize(
    "caption",
    [
        '<p><font color="navy" face="楷体">　　这是2月18日拍摄的桥。新华社记者 才某 摄</font></p>',
        '<p style="TEXT-ALIGN: center"><span style="COLOR: rgb(51,127,229)"><font color="navy">图为某人。（受访者供图）</font></span></p>',
        '<p class="pictext" align="center">　　<font color="navy" face="楷体">图为某人。</font></p>',
        '<p style="text-align:center;color:navy">图为某人。</p>',
        "<p>图为某人近影。</p>",
        "<p>2月18日，某人在某地。新华社发（刘某摄）</p>",
        "<p>9月1日，工作人员搬运物资。</p><p>新华社记者 张某 摄</p>",
        '<p align="center">工作人员搬运物资</p>',
    ],
)
@pytest.mark.parametrize("page", [_detail, _datasource, _xl2019])
def test_caption_under_a_picture_is_apart_from_the_text(page: type, caption: str) -> None:
    reading = _read(page(TEXT + PICTURE + "<p>　</p>" + caption))
    assert reading.body == TEXT_READ
    assert reading.captions


@pytest.mark.parametrize(
    "paragraph",
    [
        "<p>　　这一天，他从北京出发。</p>",
        "<p>　　新产品已在多地研发。</p>",
        "<p align='center'><strong>一、小标题</strong></p>",
        "<p><font color='navy'>编者按：这是一组报道。</font></p>",
        "<p><font color='navy'>小标题</font></p>",
    ],
)
def test_text_under_a_picture_is_text(paragraph: str) -> None:
    reading = _read(_detail(TEXT + PICTURE + paragraph))
    assert len(reading.body) == 3
    assert reading.captions == []


def test_photo_story_of_captions_alone_has_them_as_its_text() -> None:
    caption = '<p><font color="navy" face="楷体">　　2月18日，某人在某地。新华社记者 才某 摄</font></p>'
    reading = _read(_xl2019((PICTURE + caption) * 2))
    assert reading.body == ["2月18日，某人在某地。新华社记者 才某 摄"] * 2
    assert reading.captions == []


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("新华社记者宋某、田某某", ["宋某", "田某某"]),
        ("新华社“新视点”记者 王　某　李某某", ["王某", "李某某"]),
        ("新华网黑龙江频道  记者  伊某  李某某", ["伊某", "李某某"]),
    ],
)
def test_byline_of_its_own_names_the_authors(byline: str, names: list[str]) -> None:
    reading = _read(_detail(f"<p>　　新华社北京9月29日电　题：某事</p><p>　　{byline}</p><p>　　正文。</p>"))
    assert reading.authors == names
    assert reading.body == ["新华社北京9月29日电 题：某事", "正文。"]


def test_sentence_about_reporters_is_no_byline() -> None:
    reading = _read(_detail("<p>记者从有关部门了解到</p><p>正文。</p>"))
    assert reading.authors == []
    assert reading.body == ["记者从有关部门了解到", "正文。"]


def test_links_to_other_stories_at_the_end_are_not_text() -> None:
    reading = _read(
        _detail(f"{TEXT}<p>相关新闻：</p><p><a href='1'>别的报道一</a></p><p><a href='2'>别的报道二</a></p>")
    )
    assert reading.body == TEXT_READ


def test_further_pages_are_in_order_and_this_one_has_its_number() -> None:
    pages = '<div id="div_currpage"><a href="c_1.htm">1</a> <span>2</span> <a href="c_1_3.htm">3</a> <a href="c_1_3.htm">下一页</a></div>'
    reading = _read(_xl2019(TEXT + pages), "http://www.xinhuanet.com/local/2020-02/19/c_1_2.htm")
    base = "http://www.xinhuanet.com/local/2020-02/19/"
    assert reading.part == 2
    assert reading.part_urls == [base + "c_1.htm", base + "c_1_2.htm", base + "c_1_3.htm"]
    assert reading.body == TEXT_READ


@pytest.mark.parametrize(
    "info", ["来源： <em id='source'> 新华网</em>", "<span>来源：<em id='source'>新华网</em></span>"]
)
def test_source_of_2019_pages_is_found_with_and_without_a_span(info: str) -> None:
    assert _read(_xl2019(info=info)).source.replace(" ", "") == "来源：新华网"


def test_page_of_2005_keeps_a_sentence_whole_across_tags_out_of_order() -> None:
    reading = _read(
        """<title>标题_振兴东北</title><td class="zy">www.example.cn</td><div id="Title"><div>标题</div></div>
        <div class="zy">2005年08月16日　来源：新华网</div><div id="Content"><SPAN><P><FONT>&nbsp;&nbsp; 总经理</FONT></SPAN><FONT>
        <SPAN>1956</SPAN>年生人。</FONT></P><P align="center" class="pagelink"><a href="content_1.htm">[1]</a>
        <a href="content_1_1.htm">[2]</a></P></div><div class="tit14">（责任编辑：\n 黄某 ）</div>""",
        "http://chinaneast.xinhuanet.com/jizhe/2005-08/16/content_1.htm",
    )
    assert reading.layout == "chinese2005"
    assert reading.title == "标题"
    assert reading.published == "2005年08月16日"
    assert reading.source == "来源：新华网"
    assert reading.editor == "（责任编辑： 黄某 ）"
    assert [text.replace(" ", "") for text in reading.body] == ["总经理1956年生人。"]
    assert (reading.part, len(reading.part_urls)) == (1, 2)


@pytest.mark.parametrize("text", [TEXT, TEXT.replace("<p>", "").replace("</p>", "<br><br>")])
def test_local_page_of_2012_is_read_from_its_table_cell(text: str) -> None:
    reading = _read(
        f"""<title>标题</title><table><tr><td><a>频道</a></td></tr></table><table><tr><td><font>标题</font></td></tr>
        <tr><td><font>2012-06-04 09:20:26</font>　稿件来源： 河北日报　【字号 大 中 小】</td></tr>
        <tr><td style="line-height:24px">{text}</td></tr><tr><td class="topxian">编辑： 王某某</td></tr></table>""",
        "http://www.he.xinhuanet.com/news/2012-06/04/content_25340717.htm",
    )
    assert reading.layout == "chinese2012"
    assert reading.title == "标题"
    assert reading.published == "2012-06-04 09:20:26"
    assert reading.source == "稿件来源： 河北日报"
    assert reading.editor == "编辑： 王某某"
    assert reading.body == TEXT_READ


def _tnw2021(head: str = "", text: str = "<p>One.</p><p>Two.</p>", banner: str = "") -> str:
    return f"""<title>Title</title>{head}<main class="c-article__main max-lg:mb-xxl">{banner}
        <h1 class="c-header__heading">Title</h1><a href="/author/ann">Ann Bee</a><time>3 min read</time>
        <div class="c-richText c-richText--large">{text}<p>Get the TNW newsletter</p><p>Get the most important news</p></div>
        </main><div class="c-richText">Ann writes.</div>"""


TNW = "https://thenextweb.com/news/chinese-police-net-arrests"


def test_post_that_moved_shows_its_date_as_words() -> None:
    banner = "<div><p>This article was published on <b>July 26, 2012</b></p></div>"
    reading = _read(_tnw2021(banner=banner.replace("<b>", "").replace("</b>", "")), TNW)
    assert reading.layout == "tnw2021"
    assert reading.published == "July 26, 2012"
    assert reading.title == "Title"
    assert reading.authors == ["Ann Bee"]
    assert reading.body == ["One.", "Two."]


def test_time_of_the_meta_element_comes_before_the_banner() -> None:
    head = '<meta property="article:published_time" content="2022-05-18T10:52:00+02:00">'
    assert _read(_tnw2021(head), TNW).published == "2022-05-18T10:52:00+02:00"


def test_title_and_captions_inside_the_text_are_no_text() -> None:
    text = "<p>Title</p><figure><img><figcaption>Credit: X</figcaption></figure><p>One.</p><h2>Head</h2><p>Two.</p>"
    reading = _read(_tnw2021(text=text), TNW)
    assert reading.body == ["One.", "Head", "Two."]
    assert reading.captions == ["Credit: X"]


def test_tnw_page_of_2015_is_read_by_what_site_configurations_say() -> None:
    reading = _read(
        """<h1 class="title">Title</h1><a class="author" href="/a">Ann Bee</a><div class="meta">
        <time datetime="2015-10-01T12:00:00+02:00">1 day ago</time></div>
        <div class="l-postSingle-content-main-content"><p>One.</p><p>➤ <a>Source</a></p></div>""",
        "https://thenextweb.com/asia/2015/10/01/slug/",
    )
    assert (reading.layout, reading.title, reading.authors) == ("tnw2015", "Title", ["Ann Bee"])
    assert reading.published == "2015-10-01T12:00:00+02:00"
    assert reading.body == ["One."]


HARBOUR = "<p>　　新华社北京5月16日电（记者王某）港口开放了。</p><p>　　船只来了。</p>"
HARBOUR_READ = ["新华社北京5月16日电（记者王某）港口开放了。", "船只来了。"]


@pytest.mark.parametrize(
    ("layout", "page", "published", "source", "editor"),
    [
        (
            "chinese2013",
            f"""<div class="title clearfix"><h1><span id="title"> 港口开放 </span></h1></div><div class="info"><div>
            <span id="pubtime">2017年05月16日 10:00:00</span> 来源： <em id="source"> 新华网 </em></div></div>
            <div id="content"><span id="content">{HARBOUR}</span></div><span>[责任编辑： 张某 ]</span>""",
            "2017年05月16日 10:00:00",
            "新华网",
            "[责任编辑： 张某 ]",
        ),
        (
            "chinese2013",
            f"""<div id="article"><h1 id="title">港口开放</h1><div class="source"><span class="time">2016年11月22日
            07:16:05</span> | 来源：<span><em id="source">环球时报</em></span></div><div class="article">{HARBOUR}
            <p>责任编辑：<span>李某</span></p></div></div>""",
            "2016年11月22日 07:16:05",
            "环球时报",
            "责任编辑：李某",
        ),
        (
            "chinese2013",
            f"""<span id="title">港口开放</span><div class="info">2019-05-01 07:00 \r\n来源： 新华网</div>
            <div class="Content">{HARBOUR}</div>""",
            "2019-05-01 07:00",
            "来源： 新华网",
            "",
        ),
        (
            "chinese2006",
            f"""<div id="Title">港口开放</div><td>www.XINHUANET.com 2007年06月20日 11:19:39 来源：新华网</td>
            <div id="Content"><font id="Zoom">{HARBOUR}<p>（责任编辑：张某）</p></font></div>""",
            "2007年06月20日 11:19:39",
            "来源：新华网",
            "（责任编辑：张某）",
        ),
        (
            "chinese-local",
            f"""<div class="btt"><h1>港口开放</h1></div><div class="sj">2019-10-24 10:00</div><div class="ly">来源：新华社</div>
            <div class="zmy"><div class="content">{HARBOUR}</div></div>""",
            "2019-10-24 10:00",
            "来源：新华社",
            "",
        ),
        (
            "chinese-local",
            f"""<div id="ArticleTit">港口开放</div><div id="Articlely"><span class="laiyuan">时间： 2019-03-14 09:00
            来源：<a href="http://x.example/">南方日报</a></span></div><div id="ArticleCnt">{HARBOUR}</div>""",
            "2019-03-14 09:00",
            "来源：南方日报",
            "",
        ),
        (
            "chinese-local",
            f"""<div class="nr_bt">港口开放</div><div class="nr_ly">2019-03-11 09:00:00 来源：<em>湖北日报</em></div>
            <div id="nr_wz">{HARBOUR}</div>""",
            "2019-03-11 09:00:00",
            "来源：湖北日报",
            "",
        ),
    ],
)
def test_generations_known_from_public_code_are_read(
    layout: str, page: str, published: str, source: str, editor: str
) -> None:
    reading = _read(f"<title>港口开放_新华网</title>{page}")
    assert (reading.layout, reading.title, reading.body) == (layout, "港口开放", HARBOUR_READ)
    assert (reading.published, reading.source, reading.editor) == (published, source, editor)


def test_a_page_in_common_class_names_that_does_not_name_the_site_fits_no_layout() -> None:
    page = Page(
        "http://www.example.cn/", f'<title>港口</title><h1>港口</h1>来源<div class="content">{TEXT}</div>'.encode()
    )
    assert not [layout.name for layout in LAYOUTS if layout.fits(page)]


def test_source_and_time_of_2017_in_elements_of_their_own_are_read() -> None:
    info = '<span class="sub-src">来源： <span class="aticle-src">新华社</span></span>'
    reading = _read(_xl2019(f'<div class="main-aticle">{TEXT}</div>', info=info))
    assert (reading.source, reading.body) == ("来源： 新华社", TEXT_READ)


@pytest.mark.parametrize(
    "title", ["标题_新华网", "标题-新华网河北频道", "标题_时政_新华网", "标题 - 新华网 - news.cn", "标题--新华社"]
)
def test_the_site_s_name_is_no_part_of_the_title(title: str) -> None:
    assert _read(_detail(title="").replace("标题-新华网", title)).title == "标题"


def test_a_headline_in_two_lines_is_one_and_what_stands_around_it_is_none() -> None:
    head = "<h1><span class='yinti'>引题</span><span class='title'>标题一<br/>标题二</span></h1><h2>副标题</h2>"
    assert _read(_detail(title=head)).title == "标题一 标题二"


def test_texts_that_are_centred_as_a_whole_are_no_captions() -> None:
    lines = "".join(f'<p align="center">{text}</p>' for text in ("一山一水", "一草一木"))
    reading = _read(_detail(f"{PICTURE}{lines}{TEXT}"))
    assert reading.body == ["一山一水", "一草一木", *TEXT_READ]
    assert reading.captions == []


def test_a_date_outside_its_place_is_found() -> None:
    page = _detail(phone=False).replace("header-time left", "x").replace("<em> 2022</em>", "2022-09-29 16:09")
    assert _read(page).published == "2022-09-29 16:09"


@pytest.mark.parametrize("page", [_detail, _datasource, _xl2019])
def test_a_page_without_text_is_refused_by_name(page: type) -> None:
    with pytest.raises(ValueError, match="finds no text"):
        _read(page("").replace("【纠错】", "").replace("【责任编辑:邱某 】", ""))


def test_tables_and_places_of_videos_do_not_hurt_the_text() -> None:
    video = '<p align="center"><iframe class="pageVideo" src="x"></iframe></p><p>　　</p>'
    reading = _read(_detail(f"{video}{TEXT}<table><tr><td><p>吨</p></td><td>5</td></tr></table>"))
    assert reading.body == [*TEXT_READ, "吨", "5"]


TNW_FILES = '<img src="https://cdn0.tnwcdn.com/a.jpg">' * 5


def test_tnw_header_outside_the_article_gives_author_and_time() -> None:
    reading = _read(
        """<nav><time datetime="2026-01-01">Jan 1</time></nav><h1 class="c-header__heading">Title</h1>
        <p class="c-header__intro">Standfirst.</p><span class="c-article__authorName latest"> Ann Bee </span>
        <time datetime="July 26, 2012 - 10:52 am">July 26</time><main class="c-article__main"><div id="article-main-content">
        <div class="c-richText"><p>One.</p><div class="inarticle-wrapper"><p>Ad</p></div><p>Two <a>w</a>ord.</p></div></div>
        </main>""",
        TNW,
    )
    assert (reading.published, reading.authors) == ("July 26, 2012 - 10:52 am", ["Ann Bee"])
    assert reading.body == ["One.", "Two word."]


def test_tnw_page_that_shows_no_time_is_dated_by_its_linked_data() -> None:
    reading = _read(
        f"""{TNW_FILES}<script type="application/ld+json">{{"datePublished": "2018-05-01T12:00:00+00:00"}}</script>
        <h1>Title</h1><div class="post-body"><p>One.</p><div class="post-author-bio">Ann writes.</div></div>""",
        TNW,
    )
    assert (reading.layout, reading.published, reading.body) == ("tnw2015", "2018-05-01T12:00:00+00:00", ["One."])


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_layout_fits_no_empty_page_and_says_where_it_was_seen(layout: type[Layout]) -> None:
    assert not layout.fits(Page("http://www.news.cn/", b""))
    assert layout.__doc__
    assert any(year in layout.__doc__ for year in map(str, range(2004, 2030)))
