"""The Chinese pages of Xinhua, 2005 to 2026: one Layout for each page generation. Times are printed without
zone.

Editions in other languages are made with the same templates: the script of the text tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import ClassVar, NamedTuple
from urllib.parse import urljoin

from bs4 import BeautifulSoup, NavigableString, Tag
from parsel import Selector

from items import Reading
from spiders.furniture import is_beside_link, is_tools, linked_texts, own_paragraphs, remove_furniture
from spiders.hyperlinks import Anchor, anchors, placed
from spiders.layout import Layout, container, fold, is_blank, line, paragraphs, tags
from spiders.outlets.xinhua.languages import language_of
from spiders.page import Page

_SITE_SUFFIX = re.compile(
    r"(?:\s*_[\u4e00-\u9fff]{2,4}(?=_新华))?"
    r"(?:\s*[-_—|]+\s*(?:新华网\S{0,8}|新华社\S{0,4}|新华\S{0,4}|振兴东北|[^-_—|\s]{2,8}频道|(?:www\.)?(?:news\.cn|xinhuanet\.com)))+\s*$",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:\s+\d{1,2}:\d\d(?::\d\d)?)?|\d{4}年\d{1,2}月\d{1,2}日(?:\s*\d{1,2}:\d\d(?::\d\d)?)?"
)
_SOURCE = re.compile(r"(?:稿件)?来源\s*[:：]\s*[^\s|）)】]+")
_EDITOR = re.compile(r"[【\[（(]?\s*(?:责任编辑|责编|编辑)\s*[:：].*")
_EDITOR_NAMED = re.compile(_EDITOR.pattern.removesuffix(".*") + r"\s*[^\s】\]）)][^】\]）)]*[】\]）)]?")
_LINE_AT_MOST = 200  # characters of a line with time and source; what is longer is text that mentions them
_PROBE = 400  # characters of a text that tell its script

# What stands inside the container without being text: player, picture slider, likes, share, corrections,
# editor, pages' numbers, the next article.
_FURNITURE_ID = re.compile(r"^(?:articleEdit|div_currpage|advisebox\d*|sdgc|news-com|fontsize|wxpic|wxtitle|audioDom)$")
_FURNITURE_CLASS = re.compile(
    r"^(?:pagelink|tadd|p-tags|p-jc|lb|standard_lb|zan-wap|share|bdsharebuttonbox|video-url|onlyVideo|tiyi\d*|advise"
    r"|editor|nextpage|relate-news|bookList|columBox|ad_right|adv|swiper-container\w*)$"
)
_EDITOR_LABEL = re.compile(r"(?:编辑|责编)\s*[:：]")
_NAVY = re.compile(r"navy|#000080|rgb\(0, ?0, ?128\)", re.IGNORECASE)
_ENDS = re.compile(r"[。）)摄发]$")  # a navy heading without punctuation is no caption
_CENTRED = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)
_PEOPLE = r"[（(：:\s]*[\u3400-\u9fff·、\s]{2,24}?"
# How a caption ends: 新华社记者 才扬 摄; 新华社发（刘军喜摄）; （受访者供图）; （无人机照片）.
_CREDIT = re.compile(
    rf"(?:新华社(?:记者|通讯员|发|图)(?:{_PEOPLE})?[\s）)]*(?:摄影?|绘|编制|制图)?|[\s（(。]{_PEOPLE}\s?(?:摄影?|绘)"
    r"|新华社发|[（(][^（）()]{0,20}(?:供图|资料图片?|资料照片|截图|照片))[）)\s。]*$"
)
_CREDIT_ALONE = re.compile(rf"[（(]?新华社(?:(?:记者|通讯员|发|图){_PEOPLE}\s?(?:摄影?|绘|编制|制图)|发|图)[）)\s。]*")
_CAPTION_START = re.compile(r"(?:图为|图[①-⑨\d]?[:：]|这是.{1,30}拍摄)")
_NO_CAPTION = re.compile(r"编者按|(?:据)?新华社.{2,12}日.{0,4}电|【")
_BYLINE = re.compile(
    r"[（(]?[^，。；：:！？]{0,20}?(?:记者|通讯员)\s*[:：]?\s*(?P<names>[\u3400-\u9fff·、，\s]{2,60}?)\s*[）)]?"
)
_BYLINE_WITHIN = 4  # paragraphs: below the dateline and the heading of a feature at most
_NAME = re.compile(r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]+(?:·[\u3400-\u9fff]+)+")
_NO_NAMES = re.compile(r"摄|从|在|了解|获悉|报道|采访|综述|手记|调查|观察|节")
_RELATED = re.compile(
    r"[【\[]?(?:相关(?:新闻|链接|报道|阅读|稿件|专题)|(?:延伸|推荐|更多|精彩)(?:阅读|新闻|推荐|报道))[】\]]?[:：]?"
)


def _names(printed: str) -> list[str]:
    """Names as printed, a two-character one that is spaced to the width of three (王　刚) closed up."""
    names: list[str] = []
    for word in re.split(r"[、，,\s]+", printed.strip()):
        if names and len(word) == 1 and len(names[-1]) == 1:
            names[-1] += word
        elif word:
            names.append(word)
    return names


def _byline(body: list[str]) -> tuple[list[str], list[str]]:
    """The writers named in a paragraph of their own near the top (新华社记者宋晨、田中全), and the body without it."""
    for place, text in enumerate(body[:_BYLINE_WITHIN]):
        found = _BYLINE.fullmatch(text) if len(text) <= 60 and not _NO_NAMES.search(text) else None
        if found and (names := _names(found["names"])) and all(map(_NAME.fullmatch, names)):
            return names, body[:place] + body[place + 1 :]
    return [], body


def _own_text(soup: BeautifulSoup) -> None:
    """Take out of the container what is furniture, and a closing block of links to other stories."""
    for tag in list(filter(_is_furniture, tags(soup))):
        if not tag.decomposed:
            tag.decompose()
    remove_furniture(soup)
    links: list[Tag] = []
    for tag in reversed(tags(soup, "p", "div", "li")):
        text = fold(tag.get_text())
        if not text or is_tools(text) or tag.find(["p", "div", "li"]):
            continue
        if _RELATED.fullmatch(text):
            for other in [tag, *links]:
                other.decompose()
        elif tag.find("a") and is_beside_link(_without_links(tag)):
            links.append(tag)
            continue
        return


def _without_links(tag: Tag) -> str:
    return "".join(text for text in tag.find_all(string=True) if text.find_parent("a") is None)


def _is_furniture(tag: Tag) -> bool:
    return bool(
        tag.attrs
        and (_FURNITURE_ID.match(str(tag.get("id", ""))) or any(map(_FURNITURE_CLASS.match, tag.get("class") or ())))
    )


def _story(found: Selector) -> _Text:
    """Body, captions and editor line of the container.

    A photo story of captions alone has them as its body: they are its text.
    """
    soup = container(found)
    editor = next(filter(None, map(_editor_of, soup.find_all(string=_EDITOR_LABEL))), "")
    _own_text(soup)
    captions = [text for tag in _captions(soup) for text in paragraphs(tag.extract())]
    links = linked_texts(soup)
    body = own_paragraphs([text for text in paragraphs(soup) if not _EDITOR.fullmatch(text)], links)
    linked = anchors(soup)
    return _Text(body, captions, editor, linked) if body else _Text(captions, [], editor, linked)


def _is_blank(found: Selector) -> bool:
    soup = container(found)
    _own_text(soup)
    for label in soup.find_all(string=_EDITOR_LABEL):
        if label.parent is not None and _editor_of(label):
            label.parent.decompose()
    return is_blank(soup)


def _editor_of(label: NavigableString) -> str:
    """The editor line that a text node begins, the name in it or in the elements beside it; "" when it is none."""
    around = fold(label.parent.get_text()) if label.parent is not None else ""
    return next((text for text in (fold(label), around) if _EDITOR_NAMED.fullmatch(text)), "")


def _captions(soup: BeautifulSoup) -> list[Tag]:
    """Which paragraphs are captions: those in navy, those that are a credit alone, and those after a picture that end
    in a credit, or are centred, or stand before a credit.
    """
    marked = tags(soup, "p", "img")
    texts = ["" if tag.name == "img" else fold(tag.get_text()) for tag in marked]
    following = dict(pairwise(place for place, text in enumerate(texts) if text))
    holding_picture = {id(_paragraph_of(tag)) for tag in marked if tag.name == "img"}
    navy = _in_navy(soup)
    found: list[Tag] = []
    after_picture = False
    for place, (tag, text) in enumerate(zip(marked, texts, strict=True)):
        if tag.name == "img":
            after_picture = not (found and _paragraph_of(tag) is found[-1])
        # An empty paragraph between picture and caption changes nothing.
        if not text:
            continue
        is_caption = bool(
            _CREDIT_ALONE.fullmatch(text)
            or "pictext" in (tag.get("class") or ())
            or (text in navy and _ENDS.search(text))
        )
        if after_picture or id(tag) in holding_picture:
            next_text = texts[following[place]] if place in following else ""
            # Texts that are centred as a whole are no captions.
            goes_on_centred = place in following and _is_centred(marked[following[place]], next_text)
            goes_on_centred = goes_on_centred and all(tag.name != "img" for tag in marked[place : following[place]])
            is_caption |= bool(
                _CREDIT.search(text)
                or _CAPTION_START.match(text)
                or _CREDIT_ALONE.fullmatch(next_text)
                or (_is_centred(tag, text) and not goes_on_centred)
            )
        if is_caption and not _NO_CAPTION.match(text) and not _byline([text])[0]:
            found.append(tag)
        after_picture = False
    return found


def _paragraph_of(tag: Tag) -> Tag | None:
    parent = tag.parent
    while parent is not None and parent.name != "p":
        parent = parent.parent
    return parent


def _in_navy(soup: BeautifulSoup) -> set[str]:
    """The texts that stand in one navy element."""
    coloured = (tag for tag in tags(soup) if tag.attrs and _NAVY.search(f"{tag.get('color')} {tag.get('style')}"))
    return {fold(tag.get_text()) for tag in coloured}


def _is_centred(paragraph: Tag, text: str) -> bool:
    """Whether a paragraph is centred and no heading, which is bold."""
    centred = paragraph.get("align") == "center" or _CENTRED.search(str(paragraph.get("style") or ""))
    return bool(centred) and fold("".join(tag.get_text() for tag in tags(paragraph, "strong", "b"))) != text


def _title(page: Page, *headlines: Iterable[Selector]) -> str:
    """The first headline with text, or the title element without the site's name."""
    texts = (text for found in headlines for node in found if (text := line(node)))
    return next(texts, "") or _SITE_SUFFIX.sub("", line(page.titles))


def _marked(page: Page, names: Iterable[str]) -> list[Selector]:
    """The elements with one of these marks, "#id" or ".class", in the order of the marks."""
    return [
        element
        for name in names
        for element in (page.with_id(name[1:]) if name.startswith("#") else page.with_class(name[1:]))
    ]


def _has_text(found: Selector) -> bool:
    return bool((found.xpath("string()").get() or "").strip())


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0].strip() if found else ""


def _keywords(page: Page) -> list[str]:
    return [word for word in map(fold, re.split(r"[,，;；]", page.meta.get("keywords", ""))) if word]


_HAN = re.compile("[\u4e00-\u9fff]")
# A title in one of these scripts is another edition's, whatever the text.
_OTHER_SCRIPTS = frozenset({"ja", "ko", "ru", "ar"})


def _cut_date(page: Page) -> str:
    """The date that stands in pieces for the desktop: "2022 09/29 16:09:32"."""
    return " ".join(filter(None, map(line, page.with_class("header-time").xpath("./*"))))


class _Text(NamedTuple):
    """What the container of a report holds."""

    body: list[str]
    captions: list[str]
    editor: str  # an editor line inside the container, "" when there is none
    anchors: list[Anchor]


class _Chinese(Layout):
    """What the generations share: which ids and classes mark a page, and how a reading is put together."""

    language = "zh-Hans"
    ids: ClassVar[frozenset[str]] = frozenset()
    classes: ClassVar[frozenset[str]] = frozenset()
    any_class: ClassVar[frozenset[str]] = frozenset()  # one of them at least, where not empty
    lacks: ClassVar[frozenset[str]] = frozenset()  # ids and classes of generations that look alike
    texts: ClassVar[tuple[str, ...]] = ()  # marks of the text's container; the first that holds text counts

    @classmethod
    def fits(cls, page: Page) -> bool:
        return cls.has_marks(page) and cls.is_chinese(page)

    @classmethod
    def has_marks(cls, page: Page) -> bool:
        return (
            cls.ids <= page.ids
            and cls.classes <= page.classes
            and (not cls.any_class or not cls.any_class.isdisjoint(page.classes))
            and cls.lacks.isdisjoint(page.ids)
            and cls.lacks.isdisjoint(page.classes)
        )

    @classmethod
    def is_chinese(cls, page: Page) -> bool:
        """Whether text and title are Chinese. No text or no title at all speaks not against it; of the title, the
        site's name counts too."""
        title = line(page.titles)
        if title and (not _HAN.search(title) or language_of(title) in _OTHER_SCRIPTS):
            return False
        found = next(cls.containers(page), None)
        return found is None or language_of(fold(found.xpath("string()").get() or "")[:_PROBE]) in ("", "zh")

    @classmethod
    def containers(cls, page: Page) -> Iterator[Selector]:
        """The elements that can hold the text, the likeliest first: those marked that are not blank."""
        return filter(_has_text, _marked(page, cls.texts))

    @classmethod
    def text_of(cls, page: Page) -> _Text:
        stories = map(_story, cls.containers(page))
        if (story := next((story for story in stories if story.body), None)) is None:
            raise ValueError(f"{page.url}: {cls.name} finds no text in {' or '.join(cls.texts)}")
        return story

    @classmethod
    def is_emptied(cls, page: Page) -> bool:
        found = _marked(page, cls.texts)
        return bool(found) and all(map(_is_blank, found))

    @classmethod
    def reading(
        cls,
        page: Page,
        title: str,
        published: str,
        text: _Text,
        source: Selector | None = None,
        source_text: str = "",
        editor: str = "",
    ) -> Reading:
        authors, body = _byline(text.body)
        part, part_urls = _parts(page)
        href = (source.xpath(".//a/@href").get() or "").strip() if source is not None else ""
        return Reading(
            layout=cls.name,
            language=cls.language,
            title=title,
            published=published,
            body=body,
            captions=text.captions,
            source=source_text or (_first(_SOURCE, line(source)) or line(source) if source is not None else ""),
            source_url=urljoin(page.url, href) if href and not href.startswith(("#", "javascript")) else "",
            editor=editor or text.editor,
            authors=authors,
            keywords=_keywords(page),
            part=part,
            part_urls=part_urls,
            hyperlinks=placed(text.anchors, body, page.url),
        )


def _parts(page: Page) -> tuple[int, list[str]]:
    """This page's number and the addresses of all parts in order; (1, []) for a story on one page.

    Links are numbered: [1] [2] in p.pagelink (2005, named …_1.htm from the second on), 1 2 下一页 in
    #div_currpage.
    """
    numbered: dict[int, str] = {}
    for link in (*page.with_class("pagelink").xpath(".//a[@href]"), *page.with_id("div_currpage").xpath(".//a[@href]")):
        if (number := line(link).strip("[]【】 ")).isdigit():
            numbered.setdefault(int(number), urljoin(page.url, link.attrib["href"].strip()))
    if not numbered:
        return 1, []
    own = re.split("[?#]", page.url)[0]
    name = own.rpartition("/")[2]  # the host may have moved, the name stays
    part = next((number for number, url in numbered.items() if url.endswith(f"/{name}")), 0)
    if not part:  # the page that is shown is not linked to itself
        part = next(number for number in range(1, max(numbered) + 2) if number not in numbered)
        numbered[part] = own
    return part, [numbered[number] for number in sorted(numbered)]


class Chinese2005(_Chinese):
    """Regional channels (chinaneast.xinhuanet.com), 2005: tables, FONT tags, text pasted from Word. One page
    seen.

    Date and source are one string in div.zy; the editor stands in div.tit14; a day is all that is printed.
    """

    ids = frozenset({"Content"})
    classes = frozenset({"zy", "tit14"})
    lacks = frozenset({"Zoom", "detail", "p-detail", "sj", "hei22"})
    texts = ("#Content",)

    @classmethod
    def read(cls, page: Page) -> Reading:
        containers = Selector(_INLINE_TAG.sub("", _source_of_content(page.text))).xpath('//*[@id="Content"]')
        printed = next(filter(_TIME.search, map(line, page.with_class("zy"))), "")
        return cls.reading(
            page,
            title=_title(page, page.with_id("Title")),
            published=_first(_TIME, printed),
            text=_story(containers[0]),
            source_text=_first(_SOURCE, printed),
            editor=_first(_EDITOR, " ".join(map(line, page.xpath('//div[@class="tit14"]')))),
        )


# An inline end tag out of order closes the paragraph in libxml2 and is passed over by browsers. Without these tags,
# which say nothing here, a sentence stays in one piece.
_INLINE_TAG = re.compile(r"</?(?:span|font|strong|b|o:p|st1:\w+)\b[^>]*>", re.IGNORECASE)


def _source_of_content(html: str) -> str:
    """The markup of div#Content: from its start tag to the end tag that balances it, or to the end."""
    start = re.search(r"<div[^>]*\bid=[\"']?Content\b", html, re.IGNORECASE)
    if start is None:
        return "<html/>"
    depth = 0
    for tag in re.compile(r"<(/?)div\b[^>]*>", re.IGNORECASE).finditer(html, start.start()):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return html[start.start() : tag.end()]
    return html[start.start() :]


class Chinese2012(_Chinese):
    """Local channels (he.xinhuanet.com), 2012: tables with inline styles, no ids, no h1. UNPROVEN: no page at
    hand.

    From notes on one page: bare <title>, "2012-06-04 09:20:26" in a FONT, 稿件来源：…, "编辑： …" in td.topxian; the
    text is a table cell, taken to be the one with most text of its own. The page was Wayback's, with its
    charset.
    """

    classes = frozenset({"topxian"})
    lacks = frozenset({"Content", "Title", "detail", "p-detail", "sj", "hei22"})

    @classmethod
    def has_marks(cls, page: Page) -> bool:
        return super().has_marks(page) and "来源" in page.text

    @classmethod
    def read(cls, page: Page) -> Reading:
        sourced = page.xpath(
            '//*[text()[contains(., "来源")]]/ancestor-or-self::*[self::td or self::tr or self::table]'
        )
        printed = next((text for node in reversed(sourced) if _TIME.search(text := line(node))), "")
        cells = page.xpath("//td")
        if not cells:
            raise ValueError(f"{page.url}: {cls.name} found no table cell to read")
        cell = max(cells, key=_sentences)
        return cls.reading(
            page,
            title=_title(page),
            published=_first(_TIME, printed),
            text=_story(cell),
            source_text=_first(_SOURCE, printed),
            editor=_first(_EDITOR, " ".join(map(line, page.with_class("topxian")))),
        )


def _sentences(cell: Selector) -> tuple[int, int]:
    """How many sentences and characters stand in a table cell itself, not in cells of tables inside it."""
    inner = cell.xpath(".//td")
    texts = [line(cell), *(line(node) for node in inner if node.root.xpath("ancestor::td")[-1] is cell.root)]
    counts = [(len(re.findall("[。！？]", text)), len(text)) for text in texts]
    return counts[0][0] - sum(count[0] for count in counts[1:]), counts[0][1] - sum(count[1] for count in counts[1:])


def _printed(page: Page) -> tuple[str, str]:
    """Time and source (来源：…) of a page whose generation has no place for them, "" for what is not found.

    Both stand in one short element, or in neighbours; without a source, the first short element with a time counts.
    """
    for label in page.xpath('//*[text()[contains(., "来源") or contains(., "出处")]][not(self::script)]'):
        for element in label.xpath("ancestor-or-self::*[position() <= 3]")[::-1]:
            text = line(element)
            if len(text) <= _LINE_AT_MOST and (time := _first(_TIME, text)):
                return time, _first(_SOURCE, text)
    times = page.xpath("//*[text()[contains(., ':') or contains(., '日')]][not(self::script or self::p)]")
    texts = (text for text in map(line, times) if len(text) <= _LINE_AT_MOST)
    return next(filter(None, (_first(_TIME, text) for text in texts)), ""), ""


def _editor(page: Page) -> str:
    """The line 责任编辑：… wherever it stands, the name in the same element or in the one around it."""
    for label in page.xpath(
        '//*[text()[contains(., "编辑") or contains(., "责编")]][not(self::script or self::style or self::a)]'
    ):
        for text in map(line, label.xpath("self::* | parent::*")[::-1]):
            if len(text) <= _LINE_AT_MOST and (found := _EDITOR_NAMED.search(text)):
                return found[0].strip()
    return ""


_SITE_FILES = re.compile(r"""(?:src|href)=["']?(?:https?:)?//(?:[\w-]+\.)*(?:xinhuanet\.com|newsimg\.cn|news\.cn)/""")
_SITE_FILES_AT_LEAST = 5  # pages of others that link to Xinhua have one or two


class _Anywhere(_Chinese):
    """A generation whose parts are known by name from public code, not where they stand: marks are tried in order."""

    titles: ClassVar[tuple[str, ...]] = ()
    times: ClassVar[tuple[str, ...]] = ()
    sources: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def has_marks(cls, page: Page) -> bool:
        """The names are anyone's, so the page must name the site: in its title, or by where its files lie."""
        return super().has_marks(page) and next(cls.containers(page), None) is not None and cls.names_the_site(page)

    @classmethod
    def names_the_site(cls, page: Page) -> bool:
        suffix = _SITE_SUFFIX.search(line(page.titles))
        return ("新华" in suffix[0] if suffix else False) or len(_SITE_FILES.findall(page.text)) >= _SITE_FILES_AT_LEAST

    @classmethod
    def containers(cls, page: Page) -> Iterator[Selector]:
        """One that holds the headline too is around more than the text."""
        headline = 'descendant-or-self::*[self::h1 or @id="title" or @id="Title"]'
        return (found for found in super().containers(page) if not found.xpath(headline))

    @classmethod
    def read(cls, page: Page) -> Reading:
        time, source_text = _printed(page)
        marked = filter(None, (_first(_TIME, line(found)) for found in _marked(page, cls.times)))
        sources = [found for found in _marked(page, cls.sources) if line(found)]
        return cls.reading(
            page,
            title=_title(page, _marked(page, cls.titles)),
            published=next(marked, "") or time,
            text=cls.text_of(page),
            source=sources[0] if sources else None,
            source_text="" if sources else source_text,
            editor=_editor(page),
        )


class Chinese2006(_Anywhere):
    """news.xinhuanet.com and local channels (fj.xinhuanet.com, tj.xinhuanet.com), 2006 to 2012: #Title, #Content >
    #Zoom, as in the English pages of 2007. UNPROVEN: no page was seen.

    From public code for local channels (#Title or h1 or span#title, #Content) and the English pages in these ids.
    """

    ids = frozenset({"Content"})
    lacks = frozenset({"tit14", "detail", "p-detail", "detailContent", "topxian", "title", "sj", "f-title"})
    titles = ("#Title",)
    times = ("#pubtime",)
    sources = ("#source",)
    texts = ("#Content",)


class Chinese2013(_Anywhere):
    """news.xinhuanet.com, 2013 to 2017, its picture, sports and military pages to 2019, and local channels (js, ah,
    sh, tj, sx, ha.xinhuanet.com): h1#title or span#title. UNPROVEN: no page was seen.

    From seven public readers of these pages: time "2017年05月16日 10:00:00" in span#pubtime (in div.info) or
    span.time (in div.source), em#source, text in span#content inside div#content or in div.article, further pages in
    #div_currpage, "责任编辑" in a span.
    """

    ids = frozenset({"title"})
    lacks = frozenset({"p-detail", "detail", "detailContent", "bltitle", "whtitle", "conTop", "tit14"})
    titles = ("#title",)
    times = ("#pubtime", ".time", ".info", ".source", ".sj")
    sources = ("#source", ".sourceText", ".aticle-src")
    texts = ("#content", ".article", "#Content", ".Content", ".content")

    @classmethod
    def containers(cls, page: Page) -> Iterator[Selector]:
        spans = (
            each for each in page.with_id("content") if each.root.tag == "span"
        )  # the div around it has the same id
        return chain(filter(_has_text, spans), super().containers(page))


class ChineseLocal(_Anywhere):
    """Local and special channels (gd, hb, gz, xj, sg, sports.xinhuanet.com, ...), 2013 to 2019, each with names of
    its own. UNPROVEN: no page was seen.

    From two public readers: gd #ArticleTit, #ArticleCnt; hb .nr_bt, .nr_ly, #nr_wz, earlier .wz_bt, .wz_nr; gz .bt,
    .zw; xj #ArticleContent; jx .xilanwz, .text2; sg .txt18_xilan; sports .btt, .sj, .ly, .content; others h1, .article.
    """

    lacks = frozenset(
        {"title", "Content", "p-detail", "detail", "detailContent", "bltitle", "whtitle", "conTop", "Btitle", "topxian"}
    )
    titles = ("#ArticleTit", ".nr_bt", ".wz_bt", ".xilanwz", ".txt18_xilan", ".bt", ".btt", "#Title")
    times = ("#pubtime", ".nr_ly", ".laiyuan", ".sj", ".time")
    sources = (".ly",)
    texts = (
        *("#ArticleCnt", "#ArticleContent", "#nr_wz", ".wz_nr", ".zw", ".text2", ".bai14", ".article"),
        *(".content", "#content", ".p1"),
    )


class Xl2019(_Chinese):
    """www.xinhuanet.com and local channels, 2017 to 2021 (style sheet xl2017 or xl2019): div.h-title, #p-detail. Two
    pages seen.

    Source in the second span of .h-info, in em#source or, from public code, in .sub-src > .aticle-src.
    """

    ids = frozenset({"p-detail"})
    any_class = frozenset({"h-title", "h-time", "h-info", "h-news", "main-aticle"})
    texts = ("#p-detail",)

    @classmethod
    def read(cls, page: Page) -> Reading:
        info = page.with_class("h-info")
        sources = info.xpath('.//*[not(self::em)][contains(., "来源")]') or page.xpath(
            '//*[contains(@class, "h-p3")]/*[@class="source"][contains(., "来源")]'
        )
        return cls.reading(
            page,
            title=_title(page, page.with_class("h-title")),
            published=_first(_TIME, line(page.with_class("h-time"))) or _first(_TIME, line(info)) or _printed(page)[0],
            text=cls.text_of(page),
            source=sources[0] if sources else None,
            source_text="" if sources else _first(_SOURCE, line(info)) or line(page.with_id("source")),
            editor=_first(_EDITOR, line(page.with_class("p-jc") or page.with_class("editor"))),
        )


class Detail2023(_Chinese):
    """www.news.cn and local channels from 2021 on (style sheet detail2023), written by the older publish system:
    #detail. One page seen, and a part of one of 2022 in public code.

    The head is there twice, for desktop (date cut into pieces) and phone (div.mheader, whole). div.nextpage
    is the next story, not a further page. The reader sees div.source; meta source can say another name.
    """

    ids = frozenset({"detail"})
    any_class = frozenset({"mheader", "header-time", "head-line", "main-left"})
    lacks = frozenset({"detailContent", "conTop", "p-detail"})
    texts: ClassVar[tuple[str, ...]] = ("#detail",)

    @classmethod
    def read(cls, page: Page) -> Reading:
        mobile = page.with_class("mheader").xpath('.//*[contains(@class, "info")]')
        sources = page.with_class("source").xpath('self::*[contains(., "来源")]') or mobile.xpath(
            './*[contains(., "来源")]'
        )
        head = page.with_class("head-line")
        return cls.reading(
            page,
            title=_title(
                page,
                head.xpath('.//h1/*[contains(@class, "title")]'),
                page.with_class("mheader").xpath(".//h1"),
                head.xpath('.//*[contains(@class, "title")]'),
                page.xpath("//h1"),
            ),
            published=_first(_TIME, line(mobile)) or _cut_date(page) or _printed(page)[0],
            text=cls.text_of(page),
            source=sources[0] if sources else None,
            editor=_first(_EDITOR, line(page.with_class("editor") or page.with_id("articleEdit"))),
        )


class Datasource2026(Detail2023):
    """www.news.cn/<section>/YYYYMMDD/<32 hex>/c.html, 2023 to 2026: the head of Detail2023 with
    #detailContent, from the CMS that marks its elements `data="datasource:…"`. Such elements inside <head>
    make parsers open <body> early. One page seen, transcribed.
    """

    ids = frozenset({"detailContent"})
    lacks = frozenset({"conTop", "p-detail"})
    texts = ("#detailContent", "#detail")


LAYOUTS: tuple[type[Layout], ...] = (
    Chinese2005,
    Chinese2006,
    Chinese2012,
    Chinese2013,
    ChineseLocal,
    Xl2019,
    Detail2023,
    Datasource2026,
)
