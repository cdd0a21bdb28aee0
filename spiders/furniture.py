"""What stands in the element of a story without being its text, on any outlet's pages: shares and counts, lists of
other stories, sign-ups, advertisements, tools. Layouts know their own pages' furniture beside it.

It must not get into the text: it differs at every look, and each difference would be taken for an edit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from bs4 import BeautifulSoup
from bs4.element import Tag

from spiders.layout import fold, tags

# Class names and ids, whole ones: "share" and "share-buttons", but not "shared-truth". From the pages at hand and from
# what WordPress and the common widgets write.
_NAME = re.compile(
    r"ads?|ad[-_]\S+|adv|advert\S*|adsbygoogle|gpt-ad\S*|div-gpt-ad\S*|sponsor(?:ed)?(?:[-_]\S+)?"
    r"|shares?|sharing|share[-_]\S+|sharedaddy|social(?:[-_](?!embed|media-post)\S+)?|bdshare\S*|addthis\S*|followus"
    r"|related\S*|relate[-_]?news|recommend(?:ed|ations?)?(?:[-_]\S+)?|read[-_]?next|up[-_]?next|more[-_](?:stories|news|posts)"
    r"|most[-_]?(?:read|popular|viewed)|popular(?:[-_]\S+)?|trending(?:[-_]\S+)?|explore_box|yarpp\S*|outbrain\S*|taboola\S*"
    r"|newsletter\S*|\S+-newsletter|subscri\S+|sign-?up\S*|comments?|comments?[-_](?:count|cta|list|form|link|box)\S*|disqus\S*"
    r"|tags|tag-list|key-?words|breadcrumbs?|toolbar|print(?:[-_]\S+)?|back-?to-?top|gotop|cookie\S*|paywall\S*|promo(?:[-_]\S+)?"
    r"|like-?count|view-?count|zan|author-(?:bio|box)\S*",
    re.IGNORECASE,
)
_MOSTLY = 0.5  # of the text: what holds as much is the story, whatever its name

# A line of tools: each of these alone, or several.
_TOOL = (
    r"(?:back to (?:the )?top|go to forum.*|go to top|add (?:your |a )?comments?|(?:post|leave) a (?:comment|reply)"
    r"|print|close|e-?mail(?: this)?|shares?(?: this)?(?: on \w+)?|tweet|copy link|comments?|video player ?close|top"
    r"|subscribe|\d[\d,.]*k? ?(?:comments?|shares?|views?|likes?|retweets?)"
    r"|(?:comments?|shares?|views?|likes?) ?[(:]? ?\d[\d,.]*k? ?\)?"
    r"|published (?:on )?[a-z]{3,9}\.? \d{1,2}, \d{4}(?: - \d{1,2}:\d\d [ap]m(?: [a-z]{2,4})?)?"
    r"|listen(?: to this article)?|\d?\d:\d\d ?/ ?\d?\d:\d\d"
    r"|字号|打印|关闭|收藏本?页?|返回(?:顶部|首页|列表)|分享(?:到|至)?[:：]?|纠错|我要(?:评论|纠错)|参与评论|发表评论"
    r"|点赞|加载更多|展开全文|听新闻|语音播报|视频加载中.{0,12}|扫一扫.{0,20}|扫码.{0,20}"
    r"|手机(?:看|浏览|阅读).{0,10}|(?:已有)?\d+(?:条|人)?评论|(?:评论|阅读量?|浏览量?|点击)[:：(（ ]*\d+ ?[次)）]*"
    r"|微信|微博|QQ空间|朋友圈|大|中|小)"
)
_BETWEEN = r"[\s【】\[\]［］（）()|｜/·,，、:：>»]*"
_TOOLS = re.compile(rf"{_BETWEEN}(?:{_TOOL}{_BETWEEN})+", re.IGNORECASE)
_NO_TOOL_ALONE = re.compile(
    rf"{_BETWEEN}(?:大|中|小|微信|微博|top|print|close|comments?|shares?|subscribe|listen){_BETWEEN}",
    re.IGNORECASE,
)
_LONGEST_TOOL = 80  # characters
# What may stand beside a link in a list of other stories.
_BESIDE_LINK = re.compile(
    r"[\s·•\-–—|()\[\]（）【】>»]|\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?|\d\d:\d\d(?::\d\d)?|\d{1,2}[-/]\d{1,2}"
)
_LINES = frozenset({"p", "li", "div", "h2", "h3", "h4", "td"})
_LEAST_LINKS = 2
_TOOLS_WITHIN = 3  # lines: above the text there is a byline at most


def remove_furniture(soup: BeautifulSoup) -> None:
    """Take out of a story's element what is furniture by its class or id."""
    whole = 0
    for tag in list(filter(_is_named, tags(soup))):
        if tag.decomposed:
            continue
        whole = whole or len(soup.get_text())
        if len(tag.get_text()) <= _MOSTLY * whole:
            tag.decompose()


def _is_named(tag: Tag) -> bool:
    return bool(tag.attrs) and any(map(_is_furniture, (str(tag.get("id", "")), *(tag.get("class") or ()))))


@lru_cache(maxsize=2_000)  # the templates of an outlet have a few hundred names
def _is_furniture(name: str) -> bool:
    return bool(_NAME.fullmatch(name))


def linked_texts(soup: BeautifulSoup, is_story: re.Pattern[str] = re.compile("")) -> set[str]:
    """The paragraphs and items that are one link, and a date at most. `is_story`: what the link's address matches."""
    found = set()
    for link in tags(soup, "a"):
        if not (link.has_attr("href") and is_story.search(str(link["href"]))):
            continue
        text = fold(link.get_text())
        around = next((parent for parent in link.parents if parent.name in _LINES), None)
        whole = fold(around.get_text()) if around is not None else text
        if text and is_beside_link(whole.replace(text, "", 1)):
            found |= {text, whole}
    return found


def is_beside_link(text: str) -> bool:
    """Whether what stands beside a link in its line is no more than a date or a mark."""
    return not _BESIDE_LINK.sub("", text)


def own_paragraphs(texts: Iterable[str], links: set[str]) -> list[str]:
    """The paragraphs of a story without the tools around it and the links to other stories below it: two or more in
    a row, since a single one may be the story's own."""
    own = [text for place, text in enumerate(texts) if place >= _TOOLS_WITHIN or not is_tools(text)]
    while own:
        end = len(own)
        while end and is_tools(own[end - 1]):
            end -= 1
        last = end
        while last and own[last - 1] in links:
            last -= 1
        if last and end - last >= _LEAST_LINKS:
            end = last
        if end == len(own) or not end:
            break
        del own[end:]
    return own


def is_tools(text: str) -> bool:
    """Whether a line is nothing but tools: 【字号 大 中 小】【打印】, "Back to top", "12 comments"."""
    return len(text) <= _LONGEST_TOOL and bool(_TOOLS.fullmatch(text)) and not _NO_TOOL_ALONE.fullmatch(text)
