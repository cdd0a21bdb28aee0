"""The English pages of Xinhua, chinaview (2007) to english.news.cn (2026): one Layout for each page generation.

All of them print China time without naming it. `meta name=pubdate` repeats that value with a false Z, so the
visible line is read and the meta never is. From December 2014 on a page holds its story twice, for the desktop
and for the phone, often with the same ids: only the desktop copy is read, whose editor is a person where the
phone's says "huaxia".
"""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import urljoin

from bs4 import Tag
from parsel import Selector

from items import Reading
from spiders.layout import Layout, container, fold, paragraphs
from spiders.page import Page

# Pagination and the player inside the container, by id or class, on pages of 2015-2016.
_FURNITURE = re.compile(r"div_currpage|div_page_roll\d*|onlyVideo")
_STORY_LINK = re.compile(r"^(?!.*search\.news\.cn)")  # words are linked to the search, headlines to their stories
_NAVY = re.compile(r"navy|#000080", re.I)  # the colour of captions, and of other stories' headlines
_SENTENCE = re.compile(r"[.)]$")  # headings inside the text can be navy too

_LINE = re.compile(
    r"(?P<source>.*?)[\s|]*(?P<time>\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?)[\s|]*(?P<editor>Editor:.*)?"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?")

# "Photo taken on …", "… (Xinhua/Rouelle Umali)", "… (Xinhua file photo)", "… (Photo: www.fmprc.gov.cn)". A bare
# "(Xinhua)" at the end is no sign: it ends texts too.
_CAPTION = re.compile(
    r"^(?:file )?photos? (?:taken|shows?|released|provided)\b"
    r"|\((?:Xinhua ?[/-] ?[^()]+|[^()]*\bphotos?\b[^()]*)\) ?\.?$",
    re.I,
)
_DATED = re.compile(r".{1,80}\d,? \(Xinhua\)")
_RELATED = re.compile(r"(?:more )?related(?: (?:news|stor(?:y|ies)|links?|reports?|readings?))? ?(?:[:：]|$)", re.I)
_FULL_STORY = re.compile(r"\bfull story\W*$", re.I)
_END_MARK = re.compile(r"[\s(-]*(?:\b[Ee]nditem\b|\b[Ee]ndit\b|■)[\s).-]*$")
_PART = re.compile(r"(.+?\d{5,})(?:_(\d{1,3}))?\.htm")  # the id, then the part's number
_PLAYER = re.compile(r"video player ?close", re.I)  # what is left of the player as text on pages of 2018-2020

_NAME = r"[A-Z][\w.'’-]*(?: (?:[A-Z][\w.'’-]*|al|bin|da|de|del|der|di|dos|el|la|le|van|von))+"
_BYLINE = re.compile(
    rf"[Bb]y (?:(?:Xinhua )?(?:staff )?(?:[Ww]riters?|[Rr]eporters?|[Cc]orrespondents?) |Xinhua )?"
    rf"(?P<names>{_NAME}(?:(?:, and |, | and |; ?){_NAME})*)"
    r"(?: (?=[A-Z]{2}[^()]*\(Xinhua\))|$)"
)


def _own(paragraphs: list[str], links: set[str]) -> list[str]:
    """The paragraphs of this story. What follows it is other stories with datelines of their own: under "Related:",
    or under a headline that is one link (`links`), the paragraphs below it ending in "Full story".
    """
    for place, text in enumerate(paragraphs):
        if _RELATED.match(text) or (text in links and any(map(_FULL_STORY.search, paragraphs[place:]))):
            return paragraphs[:place]
    return paragraphs


def _story(selector: Selector) -> tuple[list[str], list[str]]:
    """Body paragraphs and captions of the container; a photo story of captions alone has them as its body.

    A caption ends in a credit or is all in navy. The wire's end mark (Enditem, ■) is dropped.
    """
    soup = container(selector)
    for furniture in soup.find_all(id=_FURNITURE) + soup.find_all(class_=_FURNITURE):
        furniture.decompose()
    links = {fold(link.get_text()) for link in soup.find_all("a", href=_STORY_LINK)}
    navy = {fold(tag.get_text()) for tag in soup.find_all(_is_navy)}
    body: list[str] = []
    captions: list[str] = []
    own = [_END_MARK.sub("", text) for text in _own(paragraphs(soup), links) if not _PLAYER.fullmatch(text)]
    dated = [text for text in own if _DATED.match(text)]
    for text in filter(None, own):
        is_caption = _CAPTION.search(text) or (text in navy and _SENTENCE.search(text) and not text.isupper())
        # A caption can have a dateline too; where that is the page's only one, the caption is the story.
        (captions if is_caption and dated != [text] else body).append(text)
    return (body, captions) if body else (captions, [])


def _is_navy(tag: Tag) -> bool:
    return bool(_NAVY.search(f"{tag.get('color', '')} {tag.get('style', '')}"))


def _authors(body: list[str]) -> list[str]:
    """The names of a byline that opens the text: "by Xinhua writer Liu Chang", "By Wang Wen, Dario Agnote"."""
    for paragraph in body[:2]:
        if found := _BYLINE.match(paragraph):
            return re.split(r", and |, | and |; ?", found["names"])
    return []


def _parts(page: Page) -> tuple[int, list[str]]:
    """This page's number and the addresses of all parts, in order; (1, []) for a story on one page.

    The links name the parts c_N.htm, c_N_2.htm, c_N_3.htm; the list is repeated for the phone.
    """
    links = page.xpath('//*[@id="div_currpage"]//a/@href').getall()
    matches = [match for link in links if (match := _PART.fullmatch(urljoin(page.url, link.strip())))]
    if not matches:
        return 1, []
    stem = matches[0][1]
    own = _PART.match(page.url)
    part = int(own[2] or 1) if own else 1
    last = max(part, *(int(match[2] or 1) for match in matches))
    return part, [f"{stem}.htm", *(f"{stem}_{number}.htm" for number in range(2, last + 1))]


def _keywords(page: Page) -> list[str]:
    """The page's keywords. Where the attribute lacks its closing quote, what it swallowed of the head is cut."""
    content = page.xpath('//meta[@name="keywords"]/@content').get(default="").partition("<")[0]
    return [word for word in map(fold, re.split("[,;，；]", content)) if word]


def _text(page: Page, path: str) -> str:
    """The text of the first element on `path` that has any, "" if none has."""
    return next((text for text in map(fold, page.xpath(path).xpath("string()").getall()) if text), "")


class _English(Layout):
    """What the generations share: which ids and classes mark a page, and the paths to its parts."""

    language = "en"
    ids: ClassVar[frozenset[str]] = frozenset()
    classes: ClassVar[frozenset[str]] = frozenset()
    lacks: ClassVar[frozenset[str]] = frozenset()  # ids and classes of the generations that look alike
    title: ClassVar[str]
    line: ClassVar[str]  # "Source: Xinhua  2016-10-25 20:35:14", with the editor in it or not
    editor: ClassVar[str] = ""
    body: ClassVar[str]
    section: ClassVar[str] = ""

    @classmethod
    def fits(cls, page: Page) -> bool:
        return (
            cls.ids <= page.ids
            and cls.classes <= page.classes
            and not cls.lacks & page.ids
            and not cls.lacks & page.classes
        )

    @classmethod
    def printed_line(cls, page: Page) -> tuple[str, str, str]:
        """Source, time and editor as printed."""
        for text in page.xpath(cls.line).xpath("string()").getall():
            if found := _LINE.fullmatch(fold(text)):
                return found["source"], found["time"], found["editor"] or ""
        return "", "", ""

    @classmethod
    def read(cls, page: Page) -> Reading:
        source, published, editor = cls.printed_line(page)
        title = _text(page, cls.title)
        containers = page.xpath(cls.body)
        body, captions = _story(containers[0]) if containers else ([], [])
        missing = [name for name, value in (("title", title), ("time", published), ("body", body)) if not value]
        if missing:
            raise ValueError(f"{page.url}: {cls.name} found no {', no '.join(missing)}")
        part, part_urls = _parts(page)
        return Reading(
            layout=cls.name,
            language=cls.language,
            title=title,
            published=published,
            body=body,
            captions=captions,
            source=source,
            editor=editor or (_text(page, cls.editor) if cls.editor else ""),
            authors=_authors(body),
            section=_text(page, cls.section) if cls.section else "",
            keywords=_keywords(page),
            part=part,
            part_urls=part_urls,
        )


class English2007(_English):
    """chinaview.cn under news.xinhuanet.com/english, 2007: nested tables, unclosed paragraphs. One page seen.

    The first #Title holds the section's picture; <title> is "Xinhua - English" whatever the story.
    """

    ids = frozenset({"Title", "Content", "Zoom"})
    classes = frozenset({"lan18", "lanx12", "hui12"})
    lacks = frozenset({"sj", "f-title", "hei22"})
    title = '//*[@id="Title"]'
    line = '//td[not(.//td)][contains(., "www.chinaview.cn")]'
    editor = '//td[not(.//td)][starts-with(normalize-space(), "Editor:")]'
    body = '//*[@id="Content"]'


class English2009(English2007):
    """chinaview.cn under news.xinhuanet.com/english, 2009: headline in td.hei22 > #Title. One page seen."""

    classes = frozenset({"hei22", "lanx12", "hui12"})
    lacks = frozenset({"sj", "f-title"})


class English2010(_English):
    """english.news.cn, November 2010 to 2016: headline in td.f-title > h1; 18 pages seen of 51 known.

    Until 2011 with begin_t and begin_ct comments and a named section; from 2015 with a copy for the phone.
    """

    ids = frozenset({"Title", "Content"})
    classes = frozenset({"f-title", "sj"})
    title = '//td[@class="f-title"]'
    line = '//td[@class="sj"]'
    editor = '//td[@class="zrbj"]'
    body = '//*[@id="Content"]'
    section = '//td[@class="lan24"]'


class English2014(English2010):
    """english.news.cn, August 2014 to 2016: headline in td.hei22; 81 pages seen of 242 known.

    All but one have a copy for the phone, the only one whose headline is an h1.
    """

    ids = frozenset({"Content"})
    classes = frozenset({"hei22", "sj"})
    lacks = frozenset({"f-title"})
    title = '//td[@class="hei22"]'


class English2016(_English):
    """english.news.cn, 2016, wide page on white: span#bltitle, line in td.hei122; 35 pages seen of 104 known.

    The copy for the phone comes before or after it, and both bodies have the id "content".
    """

    ids = frozenset({"bltitle", "content"})
    classes = frozenset({"hei122"})
    lacks = frozenset({"sj"})
    title = '//span[@id="bltitle"]'
    line = '//td[@class="hei122"][.//*[@id="pubtime"]]'
    body = '//span[@id="content"]'


class EnglishPhotos(English2016):
    """english.news.cn photo stories, 2015-2016, on black: span#whtitle. One page seen of 2 known."""

    ids = frozenset({"whtitle", "content"})
    classes = frozenset({"bai122"})
    title = '//span[@id="whtitle"]'
    line = '//td[@class="bai122"][.//*[@id="pubtime"]]'


class _Unproven(_English):
    """A generation of which no page is at hand: its parts are looked for by several names."""

    @classmethod
    def printed_line(cls, page: Page) -> tuple[str, str, str]:
        # The words stand in elements of their own: .source, .time, .editor.
        times = map(_TIME.search, page.xpath(cls.line).xpath("string()").getall())
        published = next((found[0] for found in times if found), "")
        return _text(page, _of_class("source")), published, _text(page, _of_class("editor"))


def _of_class(name: str) -> str:
    return f'//*[contains(concat(" ", normalize-space(@class), " "), " {name} ")]'


class English2017(_Unproven):
    """www.xinhuanet.com/english/2019-11/17/c_138562299.htm, 2017 to 2021. UNPROVEN: no page was seen.

    From public code (h1.Btitle, i.time) and saved text ("Source: Xinhua| 2020-08-17 22:11:14", a leading
    "Video PlayerClose"); the container's id is guessed from the pages before and after.
    """

    classes = frozenset({"Btitle"})
    lacks = frozenset({"conTop", "bltitle", "whtitle", "sj"})
    title = _of_class("Btitle")
    line = f"{_of_class('time')} | //*[contains(text(), 'Source:')]"
    body = '//*[@id="detail"] | //*[@id="content" or @id="Content"] | //*[@class="content"]'


class English2022(_Unproven):
    """english.news.cn/YYYYMMDD/<32 hex>/c.html and regional editions, 2022 to 2026. UNPROVEN: no page was seen.

    From public code alone: .conTop h1, .time, .info .source, .info .editor, #detailContent inside #detail. The
    served page says "新华网" and "华夏", which a script turns into "Source: Xinhua" and "Editor: huaxia"; they
    are kept as served.
    """

    classes = frozenset({"conTop"})
    lacks = frozenset({"Btitle", "bltitle", "whtitle", "sj"})
    title = f"{_of_class('conTop')}//h1"
    line = f"{_of_class('time')} | {_of_class('header-time')} | {_of_class('info')}"
    body = '//*[@id="detailContent"] | //*[@id="detail"][not(.//*[@id="detailContent"])]'


LAYOUTS: tuple[type[Layout], ...] = (
    English2007,
    English2009,
    English2010,
    English2014,
    English2016,
    EnglishPhotos,
    English2017,
    English2022,
)
