"""Bytes to text, whatever the labels say; and elements to paragraphs as a reader sees them."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from bs4.element import Tag, XMLProcessingInstruction
from hypothesis import given
from hypothesis import strategies as st

from spiders.layout import container, fold, paragraphs
from spiders.page import Page, decode

SENTENCE = "公安部二十六日通报，全国公安机关共抓获犯罪嫌疑人一万余名。"
GB2312 = "".join(
    bytes([row, cell]).decode("gb2312", "ignore") for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)
)
# 联通 is the classic: the GBK bytes of one character in seven are well-formed UTF-8, and a text of nothing else is
# taken for it.
AMBIGUOUS = "".join(char for char in GB2312 if char.encode("gbk").decode("utf-8", "ignore"))
PLAIN = "".join(char for char in GB2312 if char not in AMBIGUOUS)
CHINESE = st.tuples(st.text(PLAIN, min_size=20, max_size=200), st.text(AMBIGUOUS, max_size=20)).map("".join)
LABELS = st.sampled_from(["", "utf-8", "gb2312", "GBK", "iso-8859-1", "windows-1252", "us-ascii", "nonsense"])


def _html(text: str, label: str = "") -> str:
    meta = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">' if label else ""
    return f"<html><head>{meta}<title>t</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize("label", ["gb2312", "gbk", "utf-8", "iso-8859-1", ""])
@pytest.mark.parametrize("codec", ["gb18030", "utf-8"])
def test_bytes_are_believed_before_any_label(codec: str, label: str) -> None:
    page = _html(SENTENCE, label)
    assert decode(page.encode(codec)) == (page, codec)


def test_gb2312_page_may_hold_characters_of_the_larger_set() -> None:
    page = _html(f"{SENTENCE}陶喆，朱镕基", "gb2312")
    assert decode(page.encode("gb18030")) == (page, "gb18030")


def test_header_that_lies_does_not_outweigh_the_bytes() -> None:
    page = _html(SENTENCE, "gb2312")
    assert decode(page.encode("gb18030"), "text/html; charset=UTF-8") == (page, "gb18030")
    assert decode(page.encode("utf-8"), "text/html; charset=GBK") == (page, "utf-8")


def test_charset_injected_before_the_page_s_own_is_no_trouble() -> None:
    page = '<script src="//archive.example/wombat.js" charset="utf-8"></script>\n' + _html(SENTENCE, "gb2312")
    assert decode(page.encode("gb18030"), "text/html; charset=utf-8") == (page, "gb18030")


@pytest.mark.parametrize(("label", "codec"), [("big5", "big5hkscs"), ("shift_jis", "cp932"), ("euc-kr", "cp949")])
def test_other_east_asian_encodings_are_read_when_declared(label: str, codec: str) -> None:
    text = {
        "big5": "中央社記者臺北報導，總統府發言人今天表示",
        "shift_jis": "朝鮮中央通信の報道によると",
        "euc-kr": "조선중앙통신",
    }
    page = _html(text[label], label)
    assert decode(page.encode(codec)) == (page, codec)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("bom", ["\ufeff", ""])
def test_utf_16_is_known_by_its_bytes_whatever_the_meta_says(codec: str, bom: str) -> None:
    page = _html("朝鮮中央通信", "x-sjis")
    assert decode((bom + page).encode(codec)) == (page, codec)


def test_byte_order_mark_is_not_part_of_the_text() -> None:
    assert decode("\ufeff<p>新华社</p>".encode()) == ("<p>新华社</p>", "utf-8")


@pytest.mark.parametrize("codec", ["gb18030", "utf-8"])
def test_page_cut_in_mid_character_loses_that_character_alone(codec: str) -> None:
    page = _html(SENTENCE, "gb2312").partition("。")[0]
    assert decode(page.encode(codec)[:-1]) == (page[:-1], codec)


def test_stray_byte_between_han_characters_of_a_utf_8_page_is_dropped() -> None:
    body = _html(SENTENCE).encode().replace("通报".encode(), "通".encode() + b"\xff" + "报".encode())
    assert decode(body) == (_html(SENTENCE), "utf-8")


def test_stray_byte_between_latin_letters_of_a_utf_8_page_is_read_as_windows_1252() -> None:
    body = _html(f"{SENTENCE}China@s").encode().replace(b"@", b"\x92")
    assert decode(body) == (_html(f"{SENTENCE}China’s"), "utf-8")


def test_stray_byte_in_a_gbk_page_costs_no_other_character() -> None:
    body = (
        _html(SENTENCE, "gbk")
        .encode("gb18030")
        .replace("通报".encode("gbk"), "通".encode("gbk") + b"\xff" + b"\xb1\xa8")
    )
    assert decode(body) == (_html(SENTENCE, "gbk"), "gb18030")


def test_gbk_fragment_in_a_utf_8_page_is_read_as_gbk() -> None:
    body = _html(SENTENCE * 3 + "<i>@</i>").encode().replace(b"@", "新华网版权所有".encode("gbk"))
    assert decode(body) == (_html(SENTENCE * 3 + "<i>新华网版权所有</i>"), "utf-8")


def test_utf_8_fragment_in_a_gbk_page_is_read_as_utf_8() -> None:
    body = _html(SENTENCE * 3 + "<i>@</i>", "gbk").encode("gbk").replace(b"@", "新华网版权所有".encode())
    assert decode(body) == (_html(SENTENCE * 3 + "<i>新华网版权所有</i>", "gbk"), "gb18030")


@pytest.mark.parametrize("label", ["iso-8859-1", "gb2312", ""])
def test_curly_quotes_of_windows_1252_are_read_as_such(label: str) -> None:
    page = _html("China’s “new normal” – he said", label)
    assert decode(page.encode("cp1252")) == (page, "cp1252")


def test_curly_quotes_of_gbk_are_read_as_such_on_an_english_page_that_says_latin_1() -> None:
    page = _html("China’s “new normal”, he said", "iso-8859-1")
    assert decode(page.encode("gbk")) == (page, "gb18030")


def test_cyrillic_pages_keep_their_declared_encoding() -> None:
    page = _html("Москва. Росстат сообщил", "windows-1251")
    assert decode(page.encode("cp1251")) == (page, "cp1251")


def test_replacement_characters_that_the_page_itself_holds_stay() -> None:
    page = _html(f"{SENTENCE}\ufffd")
    assert decode(page.encode()) == (page, "utf-8")


def test_gbk_s_odd_space_is_a_space_as_in_browsers() -> None:
    assert decode(b"<p>" + SENTENCE.encode("gbk") + b"\xa3\xa0\xa1\xa3") == (f"<p>{SENTENCE}\u3000。", "gb18030")


@given(CHINESE, LABELS, LABELS)
def test_chinese_in_utf_8_round_trips_under_any_label(text: str, meta: str, header: str) -> None:
    page = _html(text, meta)
    assert decode(page.encode(), f"text/html; charset={header}") == (page, "utf-8")


@given(CHINESE, LABELS, LABELS)
def test_chinese_in_gb18030_round_trips_under_any_label(text: str, meta: str, header: str) -> None:
    page = _html(text, meta)
    assert decode(page.encode("gb18030"), f"text/html; charset={header}") == (page, "gb18030")


@given(CHINESE, st.binary(min_size=1, max_size=3))
def test_few_foreign_bytes_never_become_replacement_characters(text: str, foreign: bytes) -> None:
    for codec in ("utf-8", "gb18030"):
        body = _html(text, codec).encode(codec)
        assert "\ufffd" not in decode(body.replace(b"</p>", foreign + b"</p>"))[0].replace(
            foreign.decode("utf-8", "ignore"), ""
        )


@given(st.binary(max_size=400), st.text(max_size=30))
def test_no_bytes_and_no_label_make_decoding_fail(body: bytes, label: str) -> None:
    text, charset = decode(body, f"text/html; charset={label}")
    assert isinstance(text, str)
    assert charset


@given(st.binary(max_size=200))
def test_any_bytes_make_a_page_with_a_tree(body: bytes) -> None:
    page = Page("http://news.example/", body)
    assert page.ids is not None
    assert page.classes is not None
    assert page.meta is not None


def test_page_indexes_ids_classes_and_the_first_of_each_meta() -> None:
    page = Page(
        "http://news.example/",
        b'<meta name="keywords" content="a"><meta name="Keywords" content="b"><meta property="og:title" content="c">'
        b'<div id="detail" class="main  left"><p id="x" class="left">',
    )
    assert page.ids == {"detail", "x"}
    assert page.classes == {"main", "left"}
    assert page.meta == {"keywords": "a", "og:title": "c"}


def test_fold_makes_every_run_of_whitespace_one_space_and_drops_zero_width_characters() -> None:
    assert fold(" \u3000新华\u200b社\u00a0\u2003\n北京\ufeff ") == "新华社 北京"


def _paragraphs(html: str) -> list[str]:
    return paragraphs(BeautifulSoup(html, "lxml"))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>一</p><p>二</p>", ["一", "二"]),
        ("<p>one<p>two", ["one", "two"]),
        ("<div>one<div>two</div>three</div>", ["one", "two", "three"]),
        ("<table><tr><td>a</td><td>b</td></tr></table>", ["a", "b"]),
        ("one<br><br>two<br />\n&nbsp;<br>three", ["one", "two", "three"]),
        ("one<br>two", ["one two"]),
        ("　　一<br>　　二<br/>&emsp;&emsp;三", ["一", "二", "三"]),
        ("&nbsp;&nbsp;&nbsp;&nbsp;one<br>&nbsp;&nbsp;&nbsp;&nbsp;two", ["one", "two"]),
        ("　　一。\n　　二。\n三", ["一。", "二。 三"]),
        ("<p>&nbsp;</p><p>　</p><p></p>", []),
    ],
    ids=["p", "unclosed-p", "div", "cells", "two-br", "one-br", "indented-br", "nbsp-br", "typed-lines", "empty"],
)
def test_paragraphs_end_where_a_reader_sees_them_end(html: str, expected: list[str]) -> None:
    assert _paragraphs(html) == expected


def test_inline_elements_add_no_space_inside_a_word() -> None:
    assert _paragraphs("<p><a href='x'>Japan</a>ese <font><font><b>min</b>ister</font></font></p>") == [
        "Japanese minister"
    ]


@pytest.mark.parametrize(
    "unseen",
    [
        "<script>x()</script>",
        "<style>p {}</style>",
        "<!-- begin_ct -->",
        "<iframe>no frames</iframe>",
        "<noscript><img></noscript>",
        "<div style='DISPLAY : none'>x</div>",
        "<span hidden>x</span>",
        "<video>no video</video>",
    ],
)
def test_what_is_never_shown_is_not_text(unseen: str) -> None:
    assert _paragraphs(f"<p>seen{unseen}</p>") == ["seen"]


@given(st.lists(st.text(alphabet="abc 新华社，。", min_size=1).filter(str.strip), max_size=6))
def test_text_in_paragraph_elements_comes_back_folded(texts: list[str]) -> None:
    assert _paragraphs("".join(f"<p>{text}</p>" for text in texts)) == [fold(text) for text in texts]


MARKUP = """<div id=story class="a b">
  <p>One<!-- aside --> two <b>three</b><br>four</p> tail
  <pre>
  kept  </pre><script>var a = "<p>no</p>";</script> <style>p {}</style>
  <?php echo 1 ?>after <table><tr><td hidden>cell<td> </table><ruby>字<rt>zì</rt></ruby>
</div> behind"""


def test_the_soup_of_an_element_is_what_beautifulsoup_makes_of_its_markup() -> None:
    element = Page("http://example.org/", f"<body>{MARKUP}</body>".encode()).with_id("story")[0]
    ours, theirs = container(element), BeautifulSoup(element.get(), "lxml")
    seen = list(ours.descendants)
    expected = [
        node
        for node in theirs.descendants
        if not ((isinstance(node, Tag) and node.name in ("html", "body")) or isinstance(node, XMLProcessingInstruction))
    ]
    assert [type(node) for node in seen] == [type(node) for node in expected]
    for node, other in zip(seen, expected, strict=True):
        assert (node.name, node.attrs) == (other.name, other.attrs) if isinstance(node, Tag) else node == other
        assert [parent.name for parent in node.parents][:-1] == [parent.name for parent in other.parents][:-3]
    # Each is linked with its neighbours, so that find_next and its like find what they should.
    assert list(ours.next_elements) == seen
    assert list(seen[-1].previous_elements) == [*reversed(seen[:-1]), ours]
    for node in (ours, *ours.find_all()):
        assert [each.next_sibling for each in node.contents] == [*node.contents[1:], None][: len(node.contents)]
        assert [each.previous_sibling for each in node.contents] == [None, *node.contents][: len(node.contents)]
    assert "behind" not in ours.get_text()


def test_what_stands_behind_the_end_of_the_page_is_of_the_page() -> None:
    page = Page("http://example.org/", b'<html><body id="a"></body></html><div id="b" class="c"></div>')
    assert (page.ids, page.classes) == ({"a", "b"}, {"c"})
    assert len(page.with_id("b")) == len(page.xpath('//div[@class="c"]')) == 1
