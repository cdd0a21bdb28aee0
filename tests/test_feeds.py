"""The Atom feeds: valid, the same whoever serves them, and asked for again at no cost."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import feedparser
import pytest
from lxml import etree
from serving import answer, serving
from small_archive import SAMPLES, Sample, make_archive

from archive.finding import Search
from publish import spells
from publish.feeds import Entry, Feed, atom, entry_id, instant
from publish.pages.edits import Wanted
from publish.pages.feeds import _edits, _hits, _takedowns

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ZH, TNW, EDITED, TAIWAN, RUSSIAN, CITIES = (sample.id for sample in SAMPLES)
FEEDS = ("/search.atom", "/edits.atom", "/takedowns.atom")


def link(path: str) -> str:
    return f"http://room.example{path}"


def check(content: bytes) -> Any:
    """What RFC 4287 demands of a feed, and feedparser's opinion."""
    feed = etree.fromstring(content)
    assert feed.tag == f"{ATOM}feed"
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (one,) = element.findall(f"{ATOM}{name}")
            assert one.text, name
        assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", element.findtext(f"{ATOM}id"))
        for name in ("updated", "published"):
            for time in element.findall(f"{ATOM}{name}"):
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time.text)
                datetime.fromisoformat(time.text)
        assert element.findtext(f"{ATOM}author/{ATOM}name")
        assert len(element.findall(f"{ATOM}summary")) <= 1
        alternates = [each for each in element.findall(f"{ATOM}link") if each.get("rel") == "alternate"]
        assert len(alternates) == 1
        for each in element.findall(f"{ATOM}link"):
            assert re.fullmatch(r"https?://[^\s<>\"]+", each.get("href"))
        assert element.get(LANG)
    assert len([each for each in feed.findall(f"{ATOM}link") if each.get("rel") == "self"]) == 1
    ids = [each.text for each in feed.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    assert max([each.text for each in feed.iter(f"{ATOM}updated")]) == feed.findtext(f"{ATOM}updated")
    parsed = feedparser.parse(content)
    assert parsed.bozo == 0, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    return parsed


# The format


def entry(**changes: Any) -> Entry:
    values = {
        "id": entry_id("http://a.example/1"), "title": "Title", "updated": "2026-11-24T10:00:00Z", "language": "en",
        "author": "Xinhua", "page": link("/reports/1"), "source": "http://a.example/1", "summary": "Words.",
    }  # fmt: skip
    return Entry(**{**values, **changes})


def feed(*entries: Entry) -> bytes:
    return atom(Feed("/x.atom", "Feed", link("/x.atom"), link("/x"), "2012-01-01T00:00:00Z", list(entries)))


def test_a_feed_without_entries_is_valid_and_as_old_as_the_archive() -> None:
    parsed = check(feed())
    assert parsed.feed.updated == "2012-01-01T00:00:00Z"


def test_text_is_escaped_and_what_xml_cannot_hold_is_left_out() -> None:
    hostile = "<script>alert(1)</script> & \x00\x08\x0b\ufffe\ud800 “公安部” 𠀀"
    content = feed(entry(title=hostile, summary=hostile, author=hostile, categories=((hostile, hostile),)))
    assert b"<script" not in content
    (one,) = check(content).entries
    assert etree.fromstring(content).findtext(f"{ATOM}entry/{ATOM}title") == "<script>alert(1)</script> &  “公安部” 𠀀"
    assert (one.summary, one.summary_detail.type) == ("<script>alert(1)</script> &  “公安部” 𠀀", "text/plain")


@pytest.mark.parametrize("source", ["javascript:alert(1)", "data:text/html,x", "", "//a.example"])
def test_only_web_addresses_are_linked(source: str) -> None:
    content = feed(entry(source=source))
    check(content)
    assert b"via" not in content


def test_an_address_that_is_none_is_written_as_one() -> None:
    content = feed(entry(source='http://a.example/a b"<>\u0007'))
    check(content)
    assert b'href="http://a.example/a%20b%22%3C%3E%07"' in content


def test_the_language_is_the_entrys_and_english_where_the_words_are_ours() -> None:
    content = feed(entry(language="zh-Hans"), entry(id=entry_id("b"), language="ru", quotes=True))
    ours, quoting = etree.fromstring(content).findall(f"{ATOM}entry")
    assert (ours.get(LANG), ours.find(f"{ATOM}summary").get(LANG)) == ("zh-Hans", "en")
    assert (quoting.get(LANG), quoting.find(f"{ATOM}summary").get(LANG)) == ("ru", None)


def test_ids_are_of_what_they_name() -> None:
    assert entry_id("http://a.example/1") == "urn:uuid:b89fb408-31c3-503c-a502-ce68a2bf4fdd"
    assert entry_id("http://a.example/1", "version 5") != entry_id("http://a.example/1", "version 6")


@pytest.mark.parametrize(
    ("written", "time"),
    [("2012-07-26T00:30:00Z", "2012-07-26T00:30:00Z"), ("2012-07-26", ""), ("2012-07-26T00:30:00", ""), (None, "")],
)
def test_a_day_or_a_time_of_unknown_zone_is_no_instant(written: str | None, time: str) -> None:
    assert instant(written) == time


# What is in them


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(make_archive(tmp_path / "archive.db")) as connection:
        yield connection


def test_a_search_gives_its_newest_reports(archive: sqlite3.Connection) -> None:
    edited, tnw = _hits(archive, Search(words="police"), link)
    assert (edited.title, edited.page, edited.source) == (
        "Police crush gangs", f"http://room.example/reports/{EDITED}", f"http://xinhua.example/{EDITED}",
    )  # fmt: skip
    assert tnw.id == entry_id(f"http://tnw.example/{TNW}")
    assert tnw.published == "2012-07-26T09:30:00Z"
    assert tnw.summary == "Police arrested 10,000 people, Xinhua reported from Zürich."
    assert tnw.categories == (("outlet:tnw", "TNW"), ("kind:secondary", "secondary coverage"), ("state:live", "live"))


def test_an_edited_report_is_as_new_as_its_latest_wording(archive: sqlite3.Connection) -> None:
    archive.execute("update versions set seen_at = '2013-05-05T05:05:05Z' where report = ? and number = 2", [EDITED])
    edited, _ = _hits(archive, Search(words="police"), link)
    assert edited.updated == "2013-05-05T05:05:05Z"


def test_an_edit_says_which_sentences_went_and_came(archive: sqlite3.Connection) -> None:
    (edit,) = _edits(archive, Wanted(), link)
    assert edit.summary == (
        "Figure changed. 1 characters added, 1 removed.\nRemoved: Police crushed over 600 gangs.\nAdded: Police crushed over 500 gangs."
    )
    assert edit.title == "Edited: Police crush gangs"
    assert edit.page == f"http://room.example/reports/{EDITED}/changes?from=1&to=2"
    assert edit.id == entry_id(f"http://xinhua.example/{EDITED}", f"version {EDITED + 1}")
    assert _edits(archive, Wanted(outlet="tnw"), link) == []


def test_a_long_edit_is_cut(tmp_path: Path) -> None:
    sample = Sample(2012010100000001, "xinhua", "en", (("T", "a" * 3000 + "."), ("T", "Short.")))
    with closing(make_archive(tmp_path / "a.db", (sample,))) as connection:
        (edit,) = _edits(connection, Wanted(), link)
    assert f"Removed: {'a' * 1000}…\nAdded: Short." in edit.summary


@pytest.fixture
def taken_down(archive: sqlite3.Connection) -> sqlite3.Connection:
    """TAIWAN: missing on the 1st, gone on the 8th, back on the 20th. CITIES: missing on the 10th, by a page that says
    so. TNW: missing for a day."""
    archive.execute("delete from takedowns")
    for report, state, cause, *spell in (
        (TAIWAN, "restored", "http-404", 1, 8, 8, TAIWAN, 20, TAIWAN, TAIWAN),
        (CITIES, "suspected", "soft-404", 10, 10, None, None, None, None, CITIES),
        (TNW, "unconfirmed", "front-page", 2, 2, None, None, 3, TNW, None),
    ):
        suspected, last, gone, gone_capture, back, back_capture, last_good = spell
        days = [f"2020-01-{day:02}T00:00:00Z" if day else None for day in (suspected, last, gone, back)]
        archive.execute(
            "insert into takedowns select ?, id, outlet, ?, ?, ?, ?, 3, ?, ?, ?, ?, ? from reports where id = ?",
            [report, state, cause, *days[:3], gone_capture, days[3], back_capture, last_good, report],
        )
    return archive


def test_takedowns_are_told_event_by_event_newest_first(taken_down: sqlite3.Connection) -> None:
    entries = _takedowns(taken_down, spells.Wanted(), link)
    good = "The last good capture, of {}, is kept."
    assert [(each.title, each.updated, each.summary) for each in entries] == [
        (
            "Restored: 臺灣經濟", "2020-01-20T00:00:00Z",
            f"Found again at 20 January 2020, 00:00 UTC. {good.format('1 January 2013, 00:00 UTC')}",
        ),
        (
            "Not found: 上海，北京！", "2020-01-10T00:00:00Z",
            "Not found at 10 January 2020, 00:00 UTC; a later look will tell whether it is gone. The server answered 200 "
            f"with a page that says it is not there. {good.format('1 January 2015, 00:00 UTC')}",
        ),
        (
            "Gone: 臺灣經濟", "2020-01-08T00:00:00Z",
            "Still not found at 8 January 2020, 00:00 UTC: gone. The server answered 404, not found. It was first missing "
            f"at 1 January 2020, 00:00 UTC. {good.format('1 January 2013, 00:00 UTC')}",
        ),
        (
            "Back: China says police arrested 10,000", "2020-01-03T00:00:00Z",
            "Found again at 3 January 2020, 00:00 UTC, before it could be called gone.",
        ),
        (
            "Not found: China says police arrested 10,000", "2020-01-02T00:00:00Z",
            "Not found at 2 January 2020, 00:00 UTC; a later look will tell whether it is gone. The address led to the "
            "outlet’s front page.",
        ),
        (
            "Not found: 臺灣經濟", "2020-01-01T00:00:00Z",
            "Not found at 1 January 2020, 00:00 UTC; a later look will tell whether it is gone. The server answered 404, "
            f"not found. {good.format('1 January 2013, 00:00 UTC')}",
        ),
    ]  # fmt: skip
    assert len({each.id for each in entries}) == 6
    assert entries[1].categories[-2:] == (
        ("state:suspected", "not found at the last look"),
        ("cause:soft-404", "the server answered 200 with a page that says it is not there"),
    )
    check(atom(Feed("/t.atom", "T", link("/t.atom"), link("/t"), "2012-01-01T00:00:00Z", entries)))


def test_a_feed_of_takedowns_is_narrowed(taken_down: sqlite3.Connection) -> None:
    def titles(**wanted: Any) -> list[str]:
        return [each.title for each in _takedowns(taken_down, spells.Wanted(**wanted), link)]

    assert titles(outlet="xinhua", states=("gone", "restored")) == ["Restored: 臺灣經濟", "Gone: 臺灣經濟"]
    assert titles(cause="soft-404") == ["Not found: 上海，北京！"]
    assert titles(outlet="tnw", states=("gone",)) == []


def test_an_edit_is_known_by_its_kinds(archive: sqlite3.Connection) -> None:
    archive.execute("update versions set kinds = 'figure changed; typo' where number = 2")
    (edit,) = _edits(archive, Wanted(kinds=("typo",)), link)
    assert edit.summary.startswith("Figure changed, typo. 1 characters added, 1 removed.")
    assert edit.categories[-2:] == (("change:figure changed", "figure changed"), ("change:typo", "typo"))
    assert _edits(archive, Wanted(kinds=("headline",)), link) == []


# Served


@pytest.mark.parametrize("path", FEEDS)
def test_every_feed_is_valid(room: str, path: str) -> None:
    got = answer(room, path)
    assert got.status == 200
    assert got.headers["content-type"] == "application/atom+xml; charset=utf-8"
    parsed = check(got.body)
    assert parsed.entries
    assert {each.rel: each.href for each in parsed.feed.links} == {
        "self": f"{room}{path}", "alternate": f"{room}{path.removesuffix('.atom')}",
    }  # fmt: skip


@pytest.mark.parametrize("path", FEEDS)
def test_every_page_that_a_feed_links_is_there(room: str, path: str) -> None:
    parsed = check(answer(room, path).body)
    for address in {parsed.feed.link, *[each.link for each in parsed.entries[:3]]}:
        assert answer(room, address.removeprefix(room)).status == 200, address


def test_a_feed_of_a_search_keeps_its_words_and_filters(server: str) -> None:
    got = answer(server, "/search.atom", q="police OR 北京", outlet="xinhua", sort="oldest", after="7")
    parsed = check(got.body)
    assert [each.title for each in parsed.entries] == ["上海，北京！", "Police crush gangs", "公安部：打击网络犯罪"]
    assert parsed.feed.title == "Dateline: police OR 北京"
    (itself,) = [each.href for each in parsed.feed.links if each.rel == "self"]
    assert itself == f"{server}/search.atom?q=police+OR+%E5%8C%97%E4%BA%AC&outlet=xinhua"
    assert answer(server, itself.removeprefix(server)).body == got.body


def test_a_feed_of_edits_or_takedowns_keeps_its_filters(server: str) -> None:
    for path, query in (
        ("/edits.atom", "?outlet=xinhua&language=en&kind=figure+changed&since=2012-01-01"),
        ("/takedowns.atom", "?state=gone&outlet=xinhua&cause=http-404&until=2013-12-31"),
    ):
        parsed = check(answer(server, path + query).body)
        assert len(parsed.entries) == 1
        links = {each.rel: each.href for each in parsed.feed.links}
        assert links == {"self": f"{server}{path}{query}", "alternate": f"{server}{path.removesuffix('.atom')}{query}"}
        assert answer(server, path.removesuffix(".atom") + query).status == 200
    assert parsed.feed.title == "Dateline: taken down, missing and restored (xinhua, gone, http-404)"


def test_a_search_that_finds_nothing_is_a_feed_without_entries(server: str) -> None:
    parsed = check(answer(server, "/search.atom", q="没有这个词").body)
    assert parsed.entries == []
    assert parsed.feed.updated == "2033-10-04T21:03:20Z"


@pytest.mark.parametrize("path", FEEDS)
def test_ids_do_not_depend_on_the_host(room: str, path: str) -> None:
    def ids(host: str) -> list[str]:
        return re.findall(r"<id>([^<]+)</id>", answer(room, path, headers={"Host": host}).text)

    assert ids("one.example") == ids("two.example:8443")
    assert "http://one.example/" in answer(room, path, headers={"Host": "one.example"}).text


@pytest.mark.parametrize("path", [*FEEDS, "/search.json"])
def test_who_asks_again_gets_nothing_new(room: str, path: str) -> None:
    first = answer(room, path)
    tag, modified = first.headers["etag"], first.headers["last-modified"]
    assert re.fullmatch(r'"[0-9a-f]{32}"', tag)
    assert first.headers["cache-control"] == "no-cache"
    datetime.strptime(modified, "%a, %d %b %Y %H:%M:%S GMT")
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", W/{tag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": modified},
        {"If-Modified-Since": "Thu, 01 Jan 2099 00:00:00 GMT"},
    ):
        again = answer(room, path, headers=headers)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag), headers
    for headers in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": '"other"', "If-Modified-Since": modified},
        {"If-Modified-Since": "Thu, 01 Jan 2004 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
    ):
        again = answer(room, path, headers=headers)
        assert (again.status, again.body) == (200, first.body), headers


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_answers_head(room: str, path: str) -> None:
    with build_opener(ProxyHandler({})).open(Request(f"{room}{path}", method="HEAD"), timeout=30) as got:
        assert (got.status, got.read()) == (200, b"")
        assert got.headers["etag"] == answer(room, path).headers["etag"]


def test_a_feed_lists_a_hundred(tmp_path: Path) -> None:
    samples = tuple(
        Sample(2012010100000000 + number // 60 * 1000000 + number % 60 * 10000, "xinhua", "en", (("T", f"Common word {number}."), ("T", f"Common word, {number} {number}.")))
        for number in range(105)
    )  # fmt: skip
    make_archive(tmp_path / "many.db", samples).close()
    with serving(tmp_path / "many.db") as address:
        for path in ("/search.atom?q=common", "/edits.atom"):
            entries = check(answer(address, path).body).entries
            assert len(entries) == 100
        assert entries[0].title == "Edited: T"


def test_behind_a_proxy_the_addresses_are_the_proxys(tmp_path: Path) -> None:
    make_archive(tmp_path / "archive.db").close()
    with serving(tmp_path / "archive.db", "--base-url", "/dateline/") as address:
        headers = {"Host": "archive.example.org", "X-Forwarded-Proto": "https"}
        parsed = check(answer(address, "/dateline/edits.atom", headers=headers).body)
        assert parsed.feed.link == "https://archive.example.org/dateline/edits"
        assert parsed.entries[0].link.startswith(f"https://archive.example.org/dateline/reports/{EDITED}/changes")
        assert '"page": "/dateline/search?q=police"' in answer(address, "/dateline/search.json", q="police").text
