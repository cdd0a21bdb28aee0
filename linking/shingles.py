"""The wording that a wire text keeps wherever it is printed, and its shingles: short runs of it as numbers.

Copies of one text differ at its edges: a dateline is put before it, an end mark and the editors' names behind it. None
of this is wording here, nor are case, width, spaces and marks; traditional characters are as their simplified ones.
"""

from __future__ import annotations

import re
from zlib import crc32

from grammar.traditional import simplified
from grammar.typography import lowered, plain

# Of Chinese, five characters: two or three words. Where words stand apart, five letters are one word or two that
# every second text has ("ministry" alone gives four such runs), so there a shingle is three words.
_CHARACTERS, _WORDS = 5, 3
_WITHOUT_SPACES = frozenset({"zh", "ja", "th", "lo", "km", "my", "bo"})
# Knuth's multiplicative hashing. A CRC is spread evenly but keeps the order of texts that differ in their end only;
# what a sketch takes as lowest must be taken by chance. A bijection of 32 bits.
_SPREAD, _BITS = 0x9E3779B1, 0xFFFFFFFF
_NO_LETTERS = re.compile(r"[\W_]+")
_WORD = re.compile(r"[^\W_]+")

# All patterns are for text made plain: full-width marks are as the ASCII ones, every dash is "-".
_DAY = r"\d{1,2}月\d{1,2}日"
_IN_BRACKETS = r"[(\[【][^)\]】\n]{1,60}[)\]】]"
_NAME = r"[^\s,。:;!?()\n]"
# At the head of a text: 新华社北京7月26日电(记者王小明), 人民网北京3月5日讯, 央视网消息(新闻联播):, 据新华社电
_CHINESE_DATELINE = re.compile(
    rf"\s*(?:{_IN_BRACKETS}\s*)?"
    rf"(?:{_NAME}{{2,16}}[ /]?{_NAME}{{0,10}}?{_DAY}{_NAME}{{0,4}}(?:电|讯|消息)\s*(?:{_IN_BRACKETS})?\s*:?"
    rf"|{_NAME}{{2,10}}(?:消息|讯|电)\s*(?:{_IN_BRACKETS}\s*:?|:|(?=\s)))\s*"
)
# BEIJING, March 5 (Xinhua) --; UNITED NATIONS, Aug. 6 -; (Reuters) -; MOSCOW, March 5. /TASS/.
_DATELINE = re.compile(
    r"\s*(?:(?:[A-Z]{3}[^\n()]{0,60})?\([A-Z][\w./& ]{1,30}\)\s*-+|[^\n()]{0,60}\((?:Xinhua|TASS|KCNA|AFP|AP)\)\s*-+"
    r"|[A-Z][A-Z.,'/ ]{2,40}(?:[A-Z][a-z]{2,8}\.? \d{1,2}(?:, \d{4})?)?(?:\s*-+(?=\s)|\. ?/[A-Za-z-]{2,20}/\.))\s*"
)
# A paragraph of its own that says who wrote, edited or sent it, and no more.
_CREDIT = re.compile(
    r"[(\[【]?\s*(?:(?:责任编辑|责编|编辑|编审|审核|校对|监制|作者|文字|文|图|来源|原标题|参与采写(?:记者)?|参与记者|执笔)\s*[:/]"
    r"|(?:[\w·]{2,8})?(?:特约)?(?:记者|通讯员)\s*:?\s*[\w·、, ]{2,40}\s*[)\]】]?$"
    r"|(?:editors?|source)\s*:|(?:edited|reported|editing|reporting|writing) by\b"
    r"|by (?:xinhua )?(?:writers?|correspondents?)\b|by (?:[a-z'.-]+[ ,]*){2,6}$"
    r"|related:|full story$|更多新闻|相关(?:新闻|阅读)\s*:)",
    re.IGNORECASE,
)
_LONGEST_CREDIT = 80
_END_MARK = re.compile(
    r"\s*(?:[(\[【]\s*(?:完|本文完|全文完|完毕)\s*[)\]】]|\benditem\b\.?|[■□▲◆]|[(\[【](?:责任编辑|责编|编辑)[^)\]】\n]{0,40}[)\]】])\s*$",
    re.IGNORECASE,
)


def wording(body: str) -> str:
    """A body's paragraphs without the dateline at its head, credits and editors' lines, and the mark at its end."""
    paragraphs = [each for line in body.splitlines() if (each := line.strip()) and not _is_credit(each)]
    for place, cut in ((0, _without_dateline), (-1, _without_end_mark)):
        if paragraphs:
            paragraphs[place] = cut(paragraphs[place])
    return "\n\n".join(filter(None, paragraphs))


def _is_credit(paragraph: str) -> bool:
    return len(paragraph) <= _LONGEST_CREDIT and bool(_CREDIT.match(plain(paragraph)))


def _without_dateline(paragraph: str) -> str:
    head = plain(paragraph[:160])
    found = _CHINESE_DATELINE.match(head) or _DATELINE.match(head)
    return paragraph[found.end() :] if found else paragraph


def _without_end_mark(paragraph: str) -> str:
    while found := _END_MARK.search(plain(paragraph)):
        paragraph = paragraph[: found.start()]
    return paragraph


class _Folded(dict[int, str]):
    """Case, width and the drawing of marks folded, traditional characters as simplified ones, one for one."""

    def __missing__(self, code: int) -> str:
        self[code] = simplified(lowered(chr(code)))
        return self[code]


_FOLDED = _Folded()


def language_family(language: str) -> str:
    """zh of zh-Hant: texts in two scripts are copies of each other, texts in two languages are not."""
    return language.partition("-")[0].lower()


def shingles(text: str, language: str) -> set[int]:
    """The shingles of a wording as numbers of 32 bits, the same on every machine and in every run."""
    if language_family(language) in _WITHOUT_SPACES:
        data = _NO_LETTERS.sub("", text.translate(_FOLDED)).encode("utf-32-le", "surrogatepass")
        width, step = 4 * _CHARACTERS, 4
        found = {crc32(data[at : at + width]) for at in range(0, len(data) - width + step, step)}
    else:
        words = _WORD.findall(lowered(text))
        runs = zip(*(words[place:] for place in range(_WORDS)), strict=False)
        found = {crc32(" ".join(run).encode("utf-8", "surrogatepass")) for run in runs}
    return {number * _SPREAD & _BITS for number in found}
