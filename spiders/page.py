"""A fetched page as a Layout sees it: text decoded by its bytes, one parsed tree, and indexes over it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import cast

from lxml import etree
from parsel import Selector, SelectorList
from w3lib.encoding import read_bom, resolve_encoding

_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_DECLARED_WITHIN = 4096  # bytes; browsers look at 1024, but Xinhua's metas stand below scripts
# Declarations that choose something. UTF-8 and windows-1252 (which stands for ISO-8859-1 and ASCII too) are
# what servers and templates say when nobody chose, and are tried anyway. Python's other codecs (rot13, idna)
# are not text.
_CHOSEN = re.compile(
    r"gb18030|big5hkscs|cp932|euc[_-]jp|cp949|cp125[013-8]|cp866|cp874|tis-620|koi8[_-][ru]|iso8859[_-]\d+"
)

_ASCII = bytes(range(0x80))
_NOT_80_A0 = bytes(byte for byte in range(0x100) if not 0x80 <= byte <= 0xA0)
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_GB2312_PAIR = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
# Six Han characters as UTF-8 are eighteen bytes that as GB2312 would be rare characters in an exact rhythm.
_UTF8_HAN_RUN = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}|\xef[\xbc-\xbe][\x80-\xbf]){6,}")
_CUT_UTF8 = re.compile(rb"[\xc2-\xf4]|[\xe0-\xf4][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{2}")


def decode(body: bytes, content_type: str = "") -> tuple[str, str]:
    """Return the text of `body` and the name of the encoding that its bytes turned out to be in.

    The bytes are believed before any label, since outlets declare GB2312 on UTF-8 pages and UTF-8 on GBK
    pages, and the Wayback Machine injects a charset of its own. In this order: a byte order mark; UTF-16
    without one; UTF-8 if all bytes fit, or four fifths of those above 0x7F; a declared encoding (the larger
    of its family) if all bytes fit; GB18030 if most of the bytes look like it; windows-1252.

    A byte that fits nothing does not become U+FFFD: one that stands alone is read as windows-1252, and the
    rest of a character that was cut in two is dropped (the capture keeps the bytes). U+FFFD that a page
    itself holds stays.
    """
    bom_encoding, bom = read_bom(body)
    if bom_encoding == "utf-8" and bom:
        body = body[len(bom) :]
    elif wide := bom_encoding or {b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}.get(body[:2]):
        return body.decode(wide, "ignore").lstrip("\ufeff"), wide
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    if _mostly_utf8(body):
        return _mend_utf8(body), "utf-8"
    declared = _declared(body, content_type)
    high = body.translate(None, _ASCII)
    # Chinese text has bytes above 0xA0; an English page that says GB2312 by template has only curly quotes
    # below it.
    if set(declared) <= {"gb18030"} and max(high) <= 0xA0:
        return _decode_cp1252(body), "cp1252"
    for name in declared:
        try:
            return _decode_gb(body, "strict") if name == "gb18030" else body.decode(name), name
        except UnicodeDecodeError:
            continue
    if _looks_like_gb(high) or ("gb18030" in declared and len(high) > len(body) // 20):
        return _decode_gb(body, "ignore"), "gb18030"
    if others := [name for name in declared if name != "gb18030"]:
        return body.decode(others[0], "ignore"), others[0]
    return _decode_cp1252(body), "cp1252"


def _declared(body: bytes, content_type: str) -> list[str]:
    """The encodings that the header and the page itself choose, each once, as the larger set of its family."""
    labels = _CHARSET.findall(content_type.encode("latin-1", "ignore") + b"\n" + body[:_DECLARED_WITHIN])
    names = [resolve_encoding(label.decode("ascii", "ignore")) or "" for label in labels]
    return [name for name in dict.fromkeys(names) if _CHOSEN.fullmatch(name)]


def _mostly_utf8(body: bytes) -> bool:
    """Whether at least four fifths of the bytes above 0x7F belong to whole UTF-8 characters.

    Of GB2312 text a fifth does by chance; a page cut in mid-character or with a stray byte has nearly all.
    """
    high = len(body.translate(None, _ASCII))
    whole = len(body.decode("utf-8", "ignore").encode("utf-8").translate(None, _ASCII))
    return whole * 5 >= high * 4


def _mend_utf8(body: bytes) -> str:
    """Decode a page that is UTF-8 but for some bytes; runs in GBK, as from an included file, are read as
    such.
    """
    chinese = bool(_UTF8_HAN_RUN.search(body))

    def mend(run: re.Match[bytes]) -> bytes:
        found = run.group()
        whole = found.decode("utf-8", "ignore").encode("utf-8")
        if 2 * len(whole) >= len(found):
            return whole
        if _CUT_UTF8.fullmatch(found) and (chinese or run.end() == len(body)):
            return b""
        if len(found) >= 4 and _looks_like_gb(found):
            return found.decode("gb18030", "ignore").encode("utf-8")
        return _decode_cp1252(found).encode("utf-8")

    return _HIGH_RUN.sub(mend, body).decode("utf-8")


def _looks_like_gb(high: bytes) -> bool:
    """Whether most bytes above 0x7F pair up as GB2312 characters; in Western text they stand alone."""
    return bool(high) and 2 * len(_GB2312_PAIR.findall(high)) >= 0.6 * len(high)


def _decode_gb(body: bytes, errors: str) -> str:
    """GB18030 as browsers read it: A3A0 is a space, as in the WHATWG standard. UTF-8 fragments are read as
    such.
    """
    # Looking for fragments takes eight times as long as decoding. GB2312 has no bytes of 80-A0, a UTF-8 fragment
    # does.
    if body.translate(None, _NOT_80_A0):
        body = _UTF8_HAN_RUN.sub(lambda run: run.group().decode("utf-8", "ignore").encode("gb18030"), body)
    return body.decode("gb18030", errors).replace("\ue5e5", "\u3000")


# Bytes without a meaning in windows-1252 are C1 controls, as in browsers: every byte string decodes.
_CP1252 = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xA0)}


def _decode_cp1252(body: bytes) -> str:
    return body.decode("latin-1").translate(_CP1252)


# By way of the attribute: lxml makes a Python object of every element that a path steps on, and none of an attribute.
# And by way of elements: `//@id` looks at every text as well, and takes twice the time.
_HAVE_ID = etree.XPath("//*/@id/..")
_HAVE_CLASS = etree.XPath("//*/@class/..")
# The paths that layouts are made of, answered from the index: of an element's name and one attribute, or of its name.
_PLAIN_PATH = re.compile(
    r"""//(?P<tag>\*|\w+)\[@(?P<attribute>id|class)=(?P<quote>["'])(?P<value>[\w-]+)(?P=quote)\]"""
)
_NAME_PATH = re.compile(r"//(?P<tag>[a-z]\w*)")


class Page:
    """One page to read. `text` never begins with a byte order mark; `charset` is what the bytes were decoded
    as.
    """

    def __init__(self, url: str, body: bytes, content_type: str = "text/html") -> None:
        self.url = url
        self.body = body
        self.content_type = content_type
        # Most pages are markup in UTF-8 from the first byte to the last, which the parser can be given as it is.
        self._markup = body.strip()
        if self._markup[:1] == b"<" and self._markup[-1:] == b">" and b"\x00" not in body:
            with suppress(UnicodeDecodeError):
                self.text, self.charset = body.decode("utf-8"), "utf-8"
                return
        self.text, self.charset = decode(body, content_type)
        text = self.text.strip()
        self._markup = (text.replace("\x00", "") if "\x00" in text else text).encode("utf-8") or b"<html/>"

    @cached_property
    def selector(self) -> Selector:
        """The whole page parsed once (lxml); layouts find their container with it."""
        # As parsel parses, but into plain elements: for each of lxml.html's, lxml asks a Python function for its class.
        parser = etree.HTMLParser(encoding="utf-8", recover=True, huge_tree=True, collect_ids=False)
        root = etree.fromstring(self._markup, parser, base_url=self.url)
        if root is None:
            root = etree.fromstring(b"<html/>", parser, base_url=self.url)
        return Selector(root=root, type="html")

    @cached_property
    def _marks(self) -> tuple[dict[str, list[etree._Element]], dict[str, list[etree._Element]]]:
        """Elements by id, and by class attribute as written, in document order. Each path that looks at every
        element of the page takes from a tenth to all of the time of parsing it, so there are two."""
        of_id: defaultdict[str, list[etree._Element]] = defaultdict(list)
        of_class: defaultdict[str, list[etree._Element]] = defaultdict(list)
        for element in _elements(_HAVE_ID, self.selector):
            of_id[element.get("id") or ""].append(element)
        for element in _elements(_HAVE_CLASS, self.selector):
            of_class[element.get("class") or ""].append(element)
        return dict(of_id), dict(of_class)

    @cached_property
    def ids(self) -> frozenset[str]:
        """Every id on the page, so that `fits` costs set look-ups, not a walk per layout."""
        return frozenset(self._marks[0])

    @cached_property
    def classes(self) -> frozenset[str]:
        """Every class name on the page."""
        return frozenset().union(*map(_names_in, self._marks[1]))

    def with_id(self, name: str) -> SelectorList[Selector]:
        """The elements of this id in document order (pages repeat ids)."""
        return _selectors(self._marks[0].get(name, []))

    def with_class(self, name: str) -> SelectorList[Selector]:
        """The elements that have this class, in document order."""
        values = [value for value in self._marks[1] if name in _names_in(value)]
        if len(values) == 1:
            return _selectors(self._marks[1][values[0]])
        return _selectors(each for each in _elements(_HAVE_CLASS, self.selector) if (each.get("class") or "") in values)

    @cached_property
    def titles(self) -> SelectorList[Selector]:
        """The title elements: one on a sound page."""
        return self.xpath("//title")

    @cached_property
    def meta(self) -> dict[str, str]:
        """Content of the meta elements by name, property or itemprop in lower case; the first of each counts."""
        found: dict[str, str] = {}
        for element in self.selector.root.iter("meta"):
            name = element.get("name") or element.get("property") or element.get("itemprop") or ""
            found.setdefault(name.lower(), element.get("content") or "")
        return found

    def css(self, query: str) -> SelectorList[Selector]:
        return self.selector.css(query)

    def xpath(self, query: str) -> SelectorList[Selector]:
        """What a path selects. `//tag[@id="name"]` (or @class, as the whole attribute) and `//tag` cost next to
        nothing."""
        tag, attribute, value = _plain_path(query)
        if attribute:
            found = self._marks[attribute == "class"].get(value, [])
            return _selectors(each for each in found if tag in ("*", each.tag))
        if tag:
            return _selectors(self.selector.root.iter(tag))
        return self.selector.xpath(query)


@lru_cache(maxsize=2_000)  # as many as the templates of an outlet have, many times over
def _names_in(value: str) -> frozenset[str]:
    """The class names in a class attribute."""
    return frozenset(value.split())


@lru_cache(maxsize=1_000)  # layouts have a few hundred
def _plain_path(query: str) -> tuple[str, str, str]:
    """A path's tag, attribute and value; no attribute for `//tag`, and no tag for any other path."""
    if plain := _PLAIN_PATH.fullmatch(query):
        return plain["tag"], plain["attribute"], plain["value"]
    named = _NAME_PATH.fullmatch(query)
    return (named["tag"] if named else "", "", "")


def _elements(path: etree.XPath, selector: Selector) -> list[etree._Element]:
    found = path(selector.root)
    return cast("list[etree._Element]", found)


def _selectors(elements: Iterable[etree._Element]) -> SelectorList[Selector]:
    return SelectorList([Selector(root=element, type="html") for element in elements])
