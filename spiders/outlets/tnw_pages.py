"""The pages of The Next Web, 2011 to 2026: one Layout for each page generation. deals.thenextweb.com is a
shop, which the outlet's `kind_of` tells by its address; none of these fits its pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar

from bs4 import BeautifulSoup
from bs4.element import Tag
from parsel import Selector

from items import Reading
from spiders.furniture import linked_texts, own_paragraphs, remove_furniture
from spiders.hyperlinks import anchors, placed
from spiders.layout import Layout, container, fold, is_blank, line, paragraphs
from spiders.page import Page

_CAPTION = ["wp-caption-text", "post-caption", "c-richText__caption", "caption"]
# Inside the text's container without being text: comments, share buttons, players, signups, teasers, author's
# notes.
_FURNITURE = re.compile(
    r"^(?:social-comments|button|article-author|author-bio|shareBox|post-share|c-share\S*|c-newsletter\S*|newsletter\S*"
    r"|l-postSingle-content-bottom-share|articleShare-buttons|ica-wrapper|post-author-(?:bio|trivia)|post-tags\S*"
    r"|inarticle\S*|c-promo\S*|c-related\S*|read-next|related-posts|post-tags|c-article__(?:tags|share|footer|author)\S*"
    r"|sharedaddy|screen-reader-text|ad|advert\S*)$"
)
# "➤ Life in the fast lane [Google]": a source named below the text, as TNW did until 2020.
_SOURCE_MARK = "➤"
# Links to other posts, typed between or below the paragraphs; and the sign-up, with all that follows it.
_TEASER = re.compile(
    r"(?:(?:read|up) next|don['’]t miss|(?:now|also|and) read|read (?:also|more)|see also)\s*:", re.IGNORECASE
)
_HEADING = re.compile(
    r"(?:(?:read|up) next|don['’]t miss|read more|see also|related(?: (?:stories|posts|articles))?|more from tnw)\s*:?",
    re.IGNORECASE,
)
_TAIL = re.compile(r"Get the TNW newsletter|Also tagged with", re.IGNORECASE)
_SITE = re.compile(r"thenextweb\.com|tnwcdn\.com")
_SITE_AT_LEAST = 5  # pages of others that link to it have one or two
_DATE_PUBLISHED = re.compile(r'"datePublished"\s*:\s*"([^"]+)"')
_YEAR = re.compile(r"\d{4}|['’]\d\d")
_AUTHOR_LABEL = re.compile(r"^(?:story by|about|by)\b[\s:]*", re.IGNORECASE)
_BANNER = re.compile(r"This (?:article|story) was published on (\w+\.? \d{1,2}, \d{4})")


def _has_class(name: str) -> str:
    return f'contains(concat(" ", normalize-space(@class), " "), " {name} ")'


class _Tnw(Layout):
    """What the generations share: the class of the text's container, which marks them, and paths to the rest."""

    language = "en"
    marks: ClassVar[frozenset[str]] = frozenset()  # classes that a page has, all of them
    any_mark: ClassVar[frozenset[str]] = frozenset()  # and one of these at least, where not empty
    lacks: ClassVar[frozenset[str]] = frozenset()  # classes of the other generations
    own_classes: ClassVar[frozenset[str]] = frozenset()  # without these, which others lack, the page must name the site
    title: ClassVar[str]
    body: ClassVar[str]
    authors: ClassVar[str]
    times: ClassVar[tuple[str, ...]]  # paths, the first with a string counts

    @classmethod
    def fits(cls, page: Page) -> bool:
        return (
            cls.marks <= page.classes
            and (not cls.any_mark or not cls.any_mark.isdisjoint(page.classes))
            and cls.lacks.isdisjoint(page.classes)
            and (cls.own_classes <= page.classes or len(_SITE.findall(page.text)) >= _SITE_AT_LEAST)
        )

    @classmethod
    def is_emptied(cls, page: Page) -> bool:
        found = page.xpath(cls.body)
        return bool(found) and all(is_blank(_own_text(each)) for each in found)

    @classmethod
    def read(cls, page: Page) -> Reading:
        title = next(filter(None, map(line, page.xpath(cls.title))), "")
        containers = page.xpath(cls.body)
        if not title or not containers:
            raise ValueError(f"{page.url}: {cls.name} found no {'text' if title else 'title'}")
        soup = _own_text(containers[0])
        noted: list[Tag] = soup.find_all("figcaption") + soup.find_all(class_=_CAPTION)
        captions = [text for tag in noted for text in paragraphs(tag.extract())]
        body = _story(paragraphs(soup), linked_texts(soup))
        return Reading(
            layout=cls.name,
            language=cls.language,
            title=title,
            published=next((text for path in cls.times if (text := _value(page, path))), "") or _linked_data_time(page),
            body=body,
            captions=list(dict.fromkeys(captions)),
            authors=_unique(page.xpath(cls.authors).xpath("string()").getall())
            or _unique([page.meta.get("author", "")]),
            modified=page.meta.get("article:modified_time", ""),
            section=page.meta.get("article:section", ""),
            keywords=_keywords(page),
            hyperlinks=placed(anchors(soup), body, page.url),
        )


def _own_text(found: Selector) -> BeautifulSoup:
    """What stands in the text's container, without furniture."""
    soup = container(found)
    for tag in soup.find_all(class_=_FURNITURE):
        if not tag.decomposed:
            tag.decompose()
    remove_furniture(soup)
    return soup


def _story(found: list[str], links: set[str]) -> list[str]:
    """The text without source line, teasers, links to other posts and what is typed below it."""
    end = next((place for place, text in enumerate(found) if _TAIL.match(text)), len(found))
    own: list[str] = []
    behind_heading = False
    for text in found[:end]:
        if _HEADING.fullmatch(text):
            behind_heading = True
        elif not (behind_heading and text in links):
            behind_heading = False
            if not text.startswith(_SOURCE_MARK) and not _TEASER.match(text):
                own.append(text)
    return own_paragraphs(own, links)


def _value(page: Page, path: str) -> str:
    """The first attribute, text or element on the path that names a year: a `time` can also say "2 days ago"."""
    return next(filter(_YEAR.search, map(line, page.xpath(path))), "")


def _linked_data_time(page: Page) -> str:
    """The time that the page's JSON-LD gives, for a page that shows none."""
    found = _DATE_PUBLISHED.search(page.text)
    return found[1] if found else ""


def _unique(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in map(fold, texts) if text))


def _keywords(page: Page) -> list[str]:
    listed = page.meta.get("news_keywords", "") or page.meta.get("keywords", "")
    return _unique(listed.split(",")) or _unique(page.xpath('//meta[@property="article:tag"]/@content').getall())


class Tnw2011(_Tnw):
    """/section/YYYY/MM/DD/slug/, 2011: a day is all that is printed. One page seen.

    The first h1 is the section's name; the date opens the line under the second. Trackbacks below quote the
    text.
    """

    marks = frozenset({"article-body"})
    own_classes = frozenset({"article-wrapper", "featured", "box"})
    lacks = frozenset({"entry-content", "c-richText", "l-postSingle-content-main-content", "post-body"})
    title = f"//*[{_has_class('article-wrapper')}]//h1 | //h1[{_has_class('article-title')}]"
    body = f"//div[{_has_class('article-body')}]"
    authors = f"//*[{_has_class('article-wrapper')}]//h1/following-sibling::p//a[@rel='author']"
    times = (f"//*[{_has_class('article-wrapper')}]//h1/following-sibling::p/text()",)


class Tnw2014(_Tnw):
    """/section/YYYY/MM/DD/slug/, 2014 to January 2015: h1.entry-title or .article-title, div.entry-content. One page
    seen.

    <title> and og:title are other titles, for search engines. The visible time is Amsterdam's; the meta
    element gives it with seconds and offset.
    """

    marks = frozenset({"entry-content"})
    own_classes = frozenset({"article-body"})
    lacks = frozenset({"c-richText", "l-postSingle-content-main-content", "post-body"})
    title = " | ".join(f"//h1[{_has_class(name)}]" for name in ("entry-title", "article-title", "fyi-title"))
    body = f"//div[{_has_class('entry-content')}]"
    authors = f"//*[{_has_class('article-author-name')}]//a[@rel='author']"
    times = (
        '//meta[@property="article:published_time"]/@content',
        f"//*[{_has_class('article-date')}]/@data-timestamp",
        f"//*[{_has_class('article-date')}]",
        "//time/@datetime",
    )


class Tnw2015(_Tnw):
    """/section/YYYY/MM/DD/slug/, 2015 to 2020. UNPROVEN: no page was seen.

    From a public site configuration last changed in 2016: h1.title, div.l-postSingle-content-main-content,
    a.author, div.meta time@datetime. That later pages have div.post-body instead is a guess.
    """

    any_mark = frozenset({"l-postSingle-content-main-content", "post-body"})
    own_classes = frozenset({"l-postSingle-content-main-content"})
    lacks = frozenset({"c-richText", "entry-content"})
    title = f"//h1[{_has_class('title')}] | //h1[not(//h1[{_has_class('title')}])]"
    body = f"//div[{_has_class('l-postSingle-content-main-content')}] | //div[{_has_class('post-body')}]"
    authors = f"//a[{_has_class('author')}] | //a[@rel='author'] | //*[{_has_class('post-authorName')}]"
    times = (
        '//meta[@property="article:published_time"]/@content',
        f"//*[{_has_class('meta')}]//time/@datetime",
        "//time/@datetime",
        "//time",
    )


class Tnw2021(_Tnw):
    """/news/<slug>, 2021 to 2026: main.c-article__main, h1.c-header__heading, div.c-richText. UNPROVEN: no
    page seen.

    From five public readers: time@datetime "July 26, 2012 - 10:52 am", span.c-article__authorName, the standfirst in
    p.c-header__intro, #article-main-content around the text, advertisements in div.inarticle-wrapper. Saved text shows
    that older posts moved here and print their date as words, in a banner: "This article was published on July 26,
    2012"; that the title can stand there twice; and that the sign-up and the author's note follow the text.
    """

    marks = frozenset({"c-header__heading"})
    any_mark = frozenset({"c-richText", "c-article__main"})
    own_classes = frozenset({"c-richText"})
    title = f"//h1[{_has_class('c-header__heading')}] | //*[{_has_class('c-header__heading')}]"
    body = (
        f"//*[{_has_class('c-article__main')}]//div[{_has_class('c-richText')}]"
        f" | //div[{_has_class('c-richText')}][not(ancestor::*[{_has_class('c-article__main')}])]"
        ' | //*[@id="article-main-content"][not(.//*[contains(@class, "c-richText")])]'
    )
    authors = (
        "//*[@rel='author'] | //*[@itemprop='author']"
        f" | //*[{_has_class('c-article__main')}]//a[contains(@href, '/author/')][normalize-space()]"
    )
    times = (
        '//meta[@property="article:published_time"]/@content',
        f"//*[{_has_class('c-article__main')}]//time/@datetime",
        f"//*[{_has_class('c-header__heading')}]/following::time/@datetime",
        f"//*[{_has_class('c-article__main')}]//time",
        "//time/@datetime",
        "//time",
    )

    @classmethod
    def read(cls, page: Page) -> Reading:
        reading = super().read(page)
        if not page.xpath(cls.authors):
            named = map(line, page.with_class("c-article__authorName"))
            reading.authors = _unique(_AUTHOR_LABEL.sub("", name) for name in named) or reading.authors
        banner = _BANNER.search(
            fold(" ".join(page.xpath("//*[not(self::script)]/text()[contains(., 'was published on')]").getall()))
        )
        if not reading.published and banner:
            reading.published = banner[1]
        if reading.body and reading.body[0] == reading.title:
            reading.body = reading.body[1:]
        reading.body = [text for text in reading.body if not _BANNER.fullmatch(text.rstrip("."))]
        return reading


LAYOUTS: tuple[type[Layout], ...] = (Tnw2011, Tnw2014, Tnw2015, Tnw2021)
