"""Links in a story's text: on which words they stand and where they lead, from the markup to the version's row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from conftest import Crawled
from hypothesis import given
from hypothesis import strategies as st

from archive.rows import hyperlinks
from archive.schema import connect, open_archive
from items import BETWEEN_PARAGRAPHS, Reading
from pipelines.normalise import interpret
from spiders.hyperlinks import anchors, placed
from spiders.layout import paragraphs

BASE = "https://news.example/world/1.htm"


def linked(html: str) -> list[tuple[str, int, int, str]]:
    """(words, paragraph, start, address) of each."""
    soup = BeautifulSoup(html, "lxml")
    texts = paragraphs(soup)
    found = placed(anchors(soup), texts, BASE)
    assert all(texts[link.paragraph][link.start : link.end] == link.words for link in found)
    return [(link.words, link.paragraph, link.start, link.href) for link in found]


def test_a_link_is_found_on_its_own_words_not_on_the_same_ones_before() -> None:
    html = "<p>Police said here that here is <a href='/a'>here</a>.</p><p><a href='b.htm'>Here</a> too.</p>"
    assert linked(html) == [
        ("here", 0, 30, "https://news.example/a"),
        ("Here", 1, 0, "https://news.example/world/b.htm"),
    ]


def test_words_are_folded_as_the_text_is() -> None:
    html = "<p>The&nbsp;ministry, <a href='http://x.example/'>as \n Xinhua&#8203;\n<b>re</b>ports</a>, said so.</p>"
    assert linked(html) == [("as Xinhua reports", 0, 14, "http://x.example/")]


def test_a_line_break_begins_the_paragraph_of_a_link() -> None:
    html = "<div>One word.<br><br>　　<a href='/2'>Two</a> words.<br>and <a href='/3'>three</a></div>"
    assert [(words, paragraph) for words, paragraph, *_ in linked(html)] == [("Two", 1), ("three", 1)]


@pytest.mark.parametrize(
    "href", ["#top", "javascript:void(0)", "mailto:a@b.example", "http://[", "", "data:text/html,x"]
)
def test_what_leads_to_no_web_address_is_no_link(href: str) -> None:
    assert linked(f'<p>So <a href="{href}">they say</a>.</p>') == []


def test_an_address_is_written_as_it_is_asked_for() -> None:
    assert linked("<p>So <a href='/新闻/a b.htm?q=[1]|%20&x=“y”'>they say</a>.</p>") == [
        ("they say", 0, 3, "https://news.example/%E6%96%B0%E9%97%BB/a%20b.htm?q=[1]|%20&x=%E2%80%9Cy%E2%80%9D")
    ]


def test_links_without_words_hidden_ones_and_those_beside_the_text_are_left_out() -> None:
    assert linked("<p>A <a href='/1'><img src='x'></a><a href='/2' style='display:none'>b</a> c.</p>") == []
    soup = BeautifulSoup("<p>Text <a href='/1'>linked</a>.</p><p>More in <a href='/2'>Related</a></p>", "lxml")
    assert [link.words for link in placed(anchors(soup), ["Text linked."], BASE)] == ["linked"]


@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<a href='/x'>", "</a>", "<br>", "one ", "two", " ", "一", "<b>"]), max_size=40
    )
)
def test_whatever_the_markup_a_link_is_where_its_words_are(parts: list[str]) -> None:
    linked("".join(parts))


def test_places_in_the_body_count_the_blank_lines_between_paragraphs() -> None:
    soup = BeautifulSoup("<p>First <a href='/1'>one</a>.</p><p>A <a href='/2'>second</a>.</p>", "lxml")
    body = paragraphs(soup)
    reading = Reading("x", "en", "T", "2026-05-12", body, hyperlinks=placed(anchors(soup), body, BASE))
    report = interpret(reading, "x", "")
    text = BETWEEN_PARAGRAPHS.join(report.body)
    assert [text[link.start : link.end] for link in report.hyperlinks] == ["one", "second"]
    # A story of two pages: those of the second stand behind the whole first one.
    both = text + BETWEEN_PARAGRAPHS + text
    assert [(both[start:end], href) for start, end, href in json.loads(hyperlinks([report, report]))] == [
        ("one", "https://news.example/1"),
        ("second", "https://news.example/2"),
    ] * 2


def test_the_links_of_every_sample_page_stand_on_their_words(crawled: Crawled) -> None:
    rows = crawled.place.connect().execute("select body, hyperlinks from versions").fetchall()
    links = [(body[start:end], href) for body, found in rows for start, end, href in json.loads(found)]
    assert ("Xinhua reports", "http://news.xinhuanet.com/english/china/2012-07/25/c_131738990.htm") in links
    assert all(words.strip() == words and words and href.startswith("http") for words, href in links)


def test_an_archive_of_before_links_were_kept_gets_their_column(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    open_archive(path).close()
    old = connect(path)
    old.execute("alter table versions drop column hyperlinks")
    old.execute("delete from _sqlite_migrations where name = '0004_hyperlinks'")
    old.close()
    upgraded = open_archive(path)
    assert upgraded.execute("select hyperlinks from versions").fetchall() == []
    upgraded.close()
    assert path.with_name("archive.db.before-0004_hyperlinks").exists()
