"""The English pages of Xinhua, chinaview (2007) to english.news.cn (2026): one Layout for each page generation.

All of them print China time without naming it. `meta name=pubdate` repeats that value with a false Z, so the
visible line is read, and the meta only where no line is found, without its Z. From December 2014 on a page holds
its story twice, for the desktop and for the phone, often with the same ids: only the desktop copy is read, whose
editor is a person where the phone's says "huaxia".

Other editions (French, Spanish, Russian, Arabic, Japanese, ...) are made with the same templates. A page whose text
is in another language than English is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag
from parsel import Selector

from items import Reading
from spiders.furniture import linked_texts, own_paragraphs, remove_furniture
from spiders.hyperlinks import Anchor, anchors, placed
from spiders.layout import Layout, container, fold, is_blank, line, paragraphs, tags
from spiders.outlets.xinhua.languages import LATIN, language_of
from spiders.page import Page

# Pagination and the player inside the container, by id or class, on pages of 2015-2016.
_FURNITURE = re.compile(r"div_currpage|div_page_roll\d*|onlyVideo")
_STORY_LINK = re.compile(r"^(?!.*search\.news\.cn)")  # words are linked to the search, headlines to their stories
_NAVY = re.compile(r"navy|#000080", re.I)  # the colour of captions, and of other stories' headlines
_CENTRED = re.compile(r"^center|text-align\s*:\s*center", re.I)
_ANY_TEXT = re.compile(r"\w")
_SENTENCE = re.compile(r"[.)]$")  # headings inside the text can be navy too

_TIME = re.compile(r"\d{4}-\d\d?-\d\d?(?: \d\d?:\d\d(?::\d\d)?)?")
_SOURCE_AT_MOST = 80  # characters
_LINE = re.compile(rf"(?P<source>.{{0,{_SOURCE_AT_MOST}}}?)[\s|]*(?P<time>{_TIME.pattern})(?P<rest>.*)")
_EDITOR = re.compile(r"Editors? ?[:：][^|\]]*")
# A paragraph of a text whose tags are not closed.
_EDITOR_LINE = re.compile(r"[\[(]?Editors? ?[:：] ?[A-Za-z][\w .,'’-]{1,40}[\])]?")
_PUBDATE = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)")
_LINE_AT_MOST = 200  # characters; what is longer is text that mentions a date

_PROBE = 3000  # characters of a text that tell its language

# " - Xinhua | English.news.cn", "_English_Xinhua", "-Xinhua", "-新华网"
_SITE = re.compile(
    r"(?:\s*[-_|–—]+\s*(?:Xinhua(?:net)?(?: News(?: Agency)?)?|English(?:\.news\.cn|\.xinhuanet\.com)?"
    r"|(?:www\.)?news\.cn|(?:www\.)?chinaview\.cn|新华\S{0,6}))+\s*$",
    re.I,
)
_SITE_ALONE = re.compile(r"(?:Xinhua(?:net)?|English|News|[-_|.\s])*", re.I)

# "Photo taken on …", "… (Xinhua/Rouelle Umali)", "… (Xinhua file photo)", "… (Photo: www.fmprc.gov.cn)". A bare
# "(Xinhua)" at the end is no sign: it ends texts too.
_CAPTION_BEGINS = re.compile(
    r"(?:file )?photos? taken (?:on|in|by|from)\b|(?:this |the )?(?:file |combo |undated |aerial )*photos? shows?\b"
    r"|photos? (?:released|provided) (?:on|by|in) .{1,100} shows?\b",
    re.I,
)
_CAPTION_ENDS = re.compile(r"\((?:Xinhua ?[/-] ?[^()]+|[^()]*\bphotos?\b[^()]*)\) ?\.?$", re.I)
_DATED = re.compile(r".{1,80}\d,? \(Xinhua\)")
_RELATED = re.compile(
    r"(?:more )?related(?: (?:news|stor(?:y|ies)|links?|reports?|readings?|coverage|articles?|photos?))? ?(?:[:：]|$)"
    r"|(?:most (?:popular|read|viewed)|explore more|trending|editor['’]?s['’]? (?:choice|picks?)|top stories) ?[:：]?$",
    re.I,
)
_KEY_WORDS = re.compile(r"KEY ?WORDS?\s*[:：]")
_FULL_STORY = re.compile(r"\bfull story\W*$", re.I)
_END_MARK = re.compile(r"[\s(-]*(?:\b[Ee]nditem\b|\b[Ee]ndit\b|■)[\s).-]*$")
_PART = re.compile(r"(.+?\d{5,})(?:_(\d{1,3}))?\.htm")  # the id, then the part's number
_PLAYER = re.compile(r"^video player ?close *", re.I)  # what is left of the player as text on pages of 2018-2020

_NAME = r"[A-Z][\w.'’-]*(?: (?:[A-Z][\w.'’-]*|al|bin|da|de|del|der|di|dos|el|la|le|van|von))+"
_BYLINE = re.compile(
    rf"[Bb]y (?:(?:Xinhua )?(?:staff )?(?:[Ww]riters?|[Rr]eporters?|[Cc]orrespondents?) |Xinhua )?"
    rf"(?P<names>{_NAME}(?:(?:, and |, | and |; ?){_NAME})*)"
    r"(?: (?=[A-Z]{2}[^()]*\(Xinhua\))|$)"
)


def _own(texts: list[str], links: set[str]) -> list[str]:
    """The paragraphs of this story, without blocks of other stories, which have datelines of their own.

    A block stands under "Related:", or under a headline that is one link (`links`) with "Full story" further down.
    """
    own: list[str] = []
    place = 0
    while place < len(texts):
        if heading := _RELATED.match(texts[place]):
            has_link = heading.end() < len(texts[place])  # "Related: Ships wait"
            place = _after_stories(texts, links, place + 1, begun=has_link)
        elif texts[place] in links and any(map(_FULL_STORY.search, texts[place:])):
            place = _after_stories(texts, links, place, begun=False)
        else:
            own.append(texts[place])
            place += 1
    return own


def _after_stories(texts: list[str], links: set[str], place: int, *, begun: bool) -> int:
    """Where the text goes on behind other stories: links alone, or a headline and a text that ends in "Full story".

    The end where nothing tells. `begun` says whether one of them was seen already.
    """
    while place < len(texts) and not _RELATED.match(texts[place]):
        following = texts[place + 1] if place + 1 < len(texts) else ""
        is_link = texts[place] in links
        other = is_link or _DATED.match(texts[place]) or _DATED.match(following) or not begun
        ending = _full_story(texts, place)
        if is_link and (not following or following in links):
            place += 1
        elif other and ending is not None:
            place = ending + 1
        elif is_link and not _DATED.match(following):
            place += 1
        else:
            return len(texts) if other else place
        begun = True
    return place


def _full_story(texts: list[str], start: int) -> int | None:
    """The first paragraph from `start` on that ends in "Full story", before the next heading "Related:"."""
    for place in range(start, len(texts)):
        if _RELATED.match(texts[place]):
            return None
        if _FULL_STORY.search(texts[place]):
            return place
    return None


def _story(selector: Selector) -> tuple[list[str], list[str], list[Anchor]]:
    """Body paragraphs, captions and links of the container; a photo story of captions alone has them as its body.

    A caption ends in a credit or is all in navy. The wire's end mark (Enditem, ■) is dropped.
    """
    soup = _own_text(selector)
    elements = tags(soup)
    names = {tag.name for tag in elements}  # most stories have no link and no picture: nothing more to look for
    linking = (tag for tag in elements if tag.name == "a" and tag.has_attr("href"))
    links = {fold(link.get_text()) for link in linking if _STORY_LINK.search(str(link["href"]))}
    navy = {fold(tag.get_text()) for tag in filter(_is_navy, elements)}
    below_pictures = _below_pictures(soup) if "img" in names else set()
    body: list[str] = []
    captions: list[str] = []
    shown = (_PLAYER.sub("", text) for text in paragraphs(soup))
    own = [_without_end_mark(text) for text in _own([text for text in shown if text], links)]
    dated = [text for text in own if _DATED.match(text)]
    own = [text for text in own if text and not _EDITOR_LINE.fullmatch(text) and not _KEY_WORDS.match(text)]
    own = own_paragraphs(own, linked_texts(soup, _STORY_LINK) if links else set())
    for text in own:
        is_caption = _is_captioned(text) or (
            (text in navy or text in below_pictures) and _SENTENCE.search(text) and not text.isupper()
        )
        # A caption can have a dateline too; where that is the page's only one, the caption is the story.
        (captions if is_caption and dated != [text] else body).append(text)
    linked = anchors(soup) if "a" in names else []
    return (body, captions, linked) if body else (captions, [], linked)


def _is_captioned(text: str) -> bool:
    """Whether a paragraph begins or ends as a caption does."""
    if _CAPTION_BEGINS.match(text):
        return True
    bracket = text.rfind("(")  # looked for first: a search through every text of a page would be felt
    return bracket >= 0 and bool(_CAPTION_ENDS.match(text, bracket))


def _without_end_mark(text: str) -> str:
    return _END_MARK.sub("", text) if "ndit" in text or "■" in text else text


def _own_text(selector: Selector) -> BeautifulSoup:
    soup = container(selector)
    for tag in list(filter(_is_furniture, tags(soup))):
        if not tag.decomposed:
            tag.decompose()
    remove_furniture(soup)
    return soup


def _is_furniture(tag: Tag) -> bool:
    return bool(tag.attrs) and any(map(_FURNITURE.search, (str(tag.get("id", "")), *(tag.get("class") or ()))))


def _below_pictures(soup: BeautifulSoup) -> set[str]:
    """The centred paragraphs that stand directly below (or with) a picture, and are no headings, which are bold."""
    found: set[str] = set()
    for picture in tags(soup, "img"):
        text = picture.find_next(string=_ANY_TEXT)
        paragraph = text.find_parent("p") if text is not None else None
        if paragraph is not None and _CENTRED.search(f"{paragraph.get('align', '')} {paragraph.get('style', '')}"):
            bold = fold("".join(tag.get_text() for tag in tags(paragraph, "strong", "b")))
            if bold != (caption := fold(paragraph.get_text())):
                found.add(caption)
    return found


def _is_navy(tag: Tag) -> bool:
    return bool(tag.attrs) and bool(_NAVY.search(f"{tag.get('color', '')} {tag.get('style', '')}"))


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
    links = page.with_id("div_currpage").xpath(".//a/@href").getall()
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
    metas = (element for element in page.selector.root.iter("meta") if element.get("name") == "keywords")
    content = next((content for meta in metas if (content := meta.get("content")) is not None), "").partition("<")[0]
    return [word for word in map(fold, re.split("[,;，；]", content)) if word]


def _text(page: Page, path: str) -> str:
    """The text of the first element on `path` that has any, "" if none has."""
    return next((text for text in map(line, page.xpath(path)) if text), "")


def _title_element(page: Page) -> str:
    """The page's title without the site's name; "" where that is all it says."""
    title = _SITE.sub("", line(page.titles))
    return "" if _SITE_ALONE.fullmatch(title) else title


def _stray_line(page: Page) -> tuple[str, str, str]:
    """Source, time and editor where they are not in their place: from the first short element with a time of day."""
    for element in page.xpath("//*[text()[contains(., ':')]][not(self::script or self::style or self::a)]"):
        text = line(element)
        found = _LINE.match(text) if len(text) <= _LINE_AT_MOST else None
        if found and ":" in found["time"]:
            return _parts_of_line(found)
    pubdate = _PUBDATE.match(page.meta.get("pubdate", "").strip())
    return "", " ".join(pubdate.groups()) if pubdate else "", ""


def _parts_of_line(found: re.Match[str]) -> tuple[str, str, str]:
    editor = _EDITOR.search(found["rest"])
    return found["source"], found["time"], editor[0].strip() if editor else ""


class _English(Layout):
    """What the generations share: which ids and classes mark a page, and the paths to its parts."""

    language = "en"
    ids: ClassVar[frozenset[str]] = frozenset()
    classes: ClassVar[frozenset[str]] = frozenset()
    lacks: ClassVar[frozenset[str]] = frozenset()  # ids and classes of the generations that look alike
    chinese_too: ClassVar[bool] = False  # whether Chinese pages have these marks as well
    title: ClassVar[str]
    line: ClassVar[str] = ""  # "Source: Xinhua  2016-10-25 20:35:14", with the editor in it or not
    editor: ClassVar[str] = ""
    body: ClassVar[str]
    section: ClassVar[str] = ""

    @classmethod
    def fits(cls, page: Page) -> bool:
        return (
            cls.ids <= page.ids
            and cls.classes <= page.classes
            and cls.lacks.isdisjoint(page.ids)
            and cls.lacks.isdisjoint(page.classes)
            # Which Latin language it is, `read` looks at.
            and (not cls.chinese_too or language_of(cls.written(page)) in LATIN)
        )

    @classmethod
    def written(cls, page: Page) -> str:
        """What tells the page's script: the text, or the title where there is none."""
        texts = (fold(found.xpath("string()").get() or "") for found in cls.stories(page))
        return (next(filter(None, texts), "") or _title_element(page))[:_PROBE]

    @classmethod
    def lines(cls, page: Page) -> Iterable[Selector]:
        """Where source, time and editor can stand."""
        return page.xpath(cls.line)

    @classmethod
    def stories(cls, page: Page) -> Iterable[Selector]:
        """The containers of the text: ids repeat."""
        return page.xpath(cls.body)

    @classmethod
    def is_emptied(cls, page: Page) -> bool:
        found = list(cls.stories(page))
        return bool(found) and all(is_blank(_own_text(each)) for each in found)

    @classmethod
    def printed_line(cls, page: Page) -> tuple[str, str, str]:
        """Source, time and editor as printed."""
        texts = list(map(line, cls.lines(page)))
        if found := next(filter(None, map(_LINE.match, texts)), None):
            return _parts_of_line(found)
        source, published, editor = _stray_line(page)
        return source or next((text for text in texts if text and len(text) <= _SOURCE_AT_MOST), ""), published, editor

    @classmethod
    def read(cls, page: Page) -> Reading:
        source, published, editor = cls.printed_line(page)
        title = _text(page, cls.title) or _title_element(page)
        stories = map(_story, cls.stories(page))
        body, captions, linked = next((story for story in stories if story[0]), ([], [], []))  # the first with text
        missing = [name for name, value in (("title", title), ("time", published), ("body", body)) if not value]
        if missing:
            raise ValueError(f"{page.url}: {cls.name} found no {', no '.join(missing)}")
        if (language := language_of(" ".join(body)[:_PROBE])) not in ("", "en"):
            raise ValueError(f"{page.url}: {cls.name} fits, but the text is in another language ({language})")
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
            hyperlinks=placed(linked, body, page.url),
        )


class English2007(_English):
    """chinaview.cn under news.xinhuanet.com/english, 2007: nested tables, unclosed paragraphs. One page seen.

    The first #Title holds the section's picture; <title> is "Xinhua - English" whatever the story.
    """

    ids = frozenset({"Title", "Content"})
    lacks = frozenset({"sj", "f-title", "hei22", "zy"})
    chinese_too = True
    title = '//*[@id="Title"]'
    line = (
        '//td[not(.//td)][contains(., "www.chinaview.cn") or contains(., "xinhuanet") or contains(., "news.cn")'
        ' or contains(., "Source:")][string-length() < 300]'
    )
    editor = '//td[not(.//td)][starts-with(normalize-space(), "Editor:")]'
    body = '//*[@id="Content"]'


class English2009(English2007):
    """chinaview.cn under news.xinhuanet.com/english, 2009: headline in td.hei22 > #Title. One page seen."""

    classes = frozenset({"hei22"})
    lacks = frozenset({"sj", "f-title"})


class English2010(_English):
    """english.news.cn, November 2010 to 2016: headline in td.f-title > h1; 18 pages seen of 51 known.

    Until 2011 with begin_t and begin_ct comments and a named section; from 2015 with a copy for the phone.
    """

    ids = frozenset({"Content"})
    classes = frozenset({"f-title"})
    title = '//td[@class="f-title"]'
    line = '//td[@class="sj"]'
    editor = '//td[@class="zrbj"]'
    body = '//*[@id="Content"]'
    section = '//td[@class="lan24"]'


class English2014(English2010):
    """english.news.cn, August 2014 to 2016: headline in td.hei22; 81 pages seen of 242 known.

    All but one have a copy for the phone, the only one whose headline is an h1.
    """

    classes = frozenset({"hei22", "sj"})
    lacks = frozenset({"f-title"})
    title = '//td[@class="hei22"]'


class English2016(_English):
    """english.news.cn, 2016, wide page on white: span#bltitle, line in td.hei122; 35 pages seen of 104 known.

    The copy for the phone comes before or after it, and both bodies have the id "content".
    """

    ids = frozenset({"bltitle", "content"})
    lacks = frozenset({"sj", "conTop", "Btitle"})
    title = '//span[@id="bltitle"]'
    body = '//*[@id="content"]'

    @classmethod
    def lines(cls, page: Page) -> Iterable[Selector]:
        """The innermost cells around a time of publication."""
        cells = (next(found.root.iterancestors("td"), None) for found in page.with_id("pubtime"))
        innermost = [cell for cell in dict.fromkeys(cells) if cell is not None and len(list(cell.iter("td"))) == 1]
        return [Selector(root=cell, type="html") for cell in innermost]

    @classmethod
    def stories(cls, page: Page) -> Iterable[Selector]:
        found = super().stories(page)
        return [each for each in found if each.root.tag == "span"] or found


class EnglishPhotos(English2016):
    """english.news.cn photo stories, 2015-2016, on black: span#whtitle, td.bai122. One page seen of 2 known."""

    ids = frozenset({"whtitle", "content"})
    title = '//span[@id="whtitle"]'


def _of_class(name: str) -> str:
    return f'//*[contains(concat(" ", normalize-space(@class), " "), " {name} ")]'


class _Unproven(_English):
    """A generation of which no page is at hand: its parts are looked for by several names."""

    not_for_phones = '[not(ancestor::*[contains(@class, "domMobile")])]'

    @classmethod
    def printed_line(cls, page: Page) -> tuple[str, str, str]:
        # The words stand in elements of their own, .source, .time, .editor, or in one line.
        for text in map(line, page.xpath(cls.line)):
            if found := _TIME.search(text):
                whole = _LINE.match(text)
                source, _, editor = _parts_of_line(whole) if whole else ("", "", "")
                return (
                    _text(page, _of_class("source")) or source,
                    found[0],
                    _text(page, _of_class("editor")) or editor,
                )
        return _stray_line(page)


class English2017(_Unproven):
    """www.xinhuanet.com/english/2019-11/17/c_138562299.htm, 2017 to 2021. UNPROVEN: no page was seen.

    From public code that reads these pages (h1.Btitle, i.time, div.content) and saved text ("Source: Xinhua|
    2020-08-17 22:11:14", a leading "Video PlayerClose").
    """

    classes = frozenset({"Btitle"})
    lacks = frozenset({"conTop", "bltitle", "whtitle", "sj"})
    title = _of_class("Btitle")
    line = f"{_of_class('time')} | //*[contains(text(), 'Source:')] | {_of_class('wzzy')}"
    body = (
        f'{_of_class("content")}[not(.//*[contains(@class, "Btitle")])]{_Unproven.not_for_phones}'
        ' | //*[@id="detail" or @id="content" or @id="Content"][not(.//*[contains(@class, "Btitle")])]'
        f"{_Unproven.not_for_phones}"
    )


class English2022(_Unproven):
    """english.news.cn/YYYYMMDD/<32 hex>/c.html and regional editions, 2022 to 2026. UNPROVEN: no page was seen.

    From public code alone: .conTop h1, .time, .info .source, .info .editor, #detailContent inside #detail. The
    served page says "新华网" and "华夏", which a script turns into "Source: Xinhua" and "Editor: huaxia"; they
    are kept as served.
    """

    classes = frozenset({"conTop"})
    lacks = frozenset({"bltitle", "whtitle", "sj"})
    title = f"{_of_class('conTop')}//h1"
    line = f"{_of_class('time')} | {_of_class('info')}"
    body = '//*[@id="detailContent"] | //*[@id="detail"][not(.//*[@id="detailContent"])]'


class EnglishDetail(_Unproven):
    """An English story in the Chinese pages' shape, www.news.cn, 2021 to 2026: #detail, .head-line, .mheader.
    UNPROVEN: no page was seen.

    From public code of 2026 that reads English pages so, and the Chinese pages (chinese.Detail2023): the text's
    language tells the two apart.
    """

    lacks = frozenset({"conTop", "Btitle", "bltitle", "whtitle", "sj", "p-detail"})
    chinese_too = True
    title = (
        f"{_of_class('head-line')}{_of_class('title')} | {_of_class('mheader')}//h1"
        f" | //h1[not({_of_class('head-line')}{_of_class('title')} | {_of_class('mheader')}//h1)]"
    )
    line = f"{_of_class('mheader')}//*[contains(@class, 'info')] | {_of_class('info')} | {_of_class('header-time')}"
    body = English2022.body

    @classmethod
    def fits(cls, page: Page) -> bool:
        marked = not page.ids.isdisjoint({"detail", "detailContent"})
        # The title tells a Chinese page at once; the text's script is looked at where it does not.
        return marked and language_of(_title_element(page)) != "zh" and super().fits(page)

    @classmethod
    def printed_line(cls, page: Page) -> tuple[str, str, str]:
        source, published, editor = super().printed_line(page)
        # The desktop's date is cut into pieces: "2026 09/15 10:00:02".
        pieces = " ".join(filter(None, map(line, page.with_class("header-time").xpath("./*"))))
        editor = editor or _text(page, _of_class("editor")) or line(page.with_id("articleEdit"))
        return source or _text(page, _of_class("source")), published or pieces, editor


LAYOUTS: tuple[type[Layout], ...] = (
    English2007,
    English2009,
    English2010,
    English2014,
    English2016,
    EnglishPhotos,
    English2017,
    English2022,
    EnglishDetail,
)
