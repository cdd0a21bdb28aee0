"""The Atom feeds: valid, the same whoever serves them, and asked for again at no cost."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import feedparser
import pytest
from lxml import etree
from serving import answer, serving
from small_archive import SAMPLES, Sample, make_archive

from archive.finding import Search
from archive.states import Turn, history
from publish.feeds import Entry, Feed, atom, entry_id, instant
from publish.pages.feeds import _edits, _hits, _takedowns, newest_takedowns

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
    (edit,) = _edits(archive, "", link)
    assert edit.summary == (
        "1 characters added, 1 removed.\nRemoved: Police crushed over 600 gangs.\nAdded: Police crushed over 500 gangs."
    )
    assert edit.title == "Edited: Police crush gangs"
    assert edit.page == f"http://room.example/reports/{EDITED}/changes?from=1&to=2"
    assert edit.id == entry_id(f"http://xinhua.example/{EDITED}", f"version {EDITED + 1}")
    assert _edits(archive, "tnw", link) == []


def test_a_long_edit_is_cut(tmp_path: Path) -> None:
    sample = Sample(2012010100000001, "xinhua", "en", (("T", "a" * 3000 + "."), ("T", "Short.")))
    with closing(make_archive(tmp_path / "a.db", (sample,))) as connection:
        (edit,) = _edits(connection, "", link)
    assert f"Removed: {'a' * 1000}…\nAdded: Short." in edit.summary


def look(archive: sqlite3.Connection, report: int, day: int, outcome: str, status: int = 200, reason: str = "") -> None:
    """One more look at a report, on a day of 2020."""
    at = f"2020-01-{day:02}T00:00:00Z"
    archive.execute(
        "insert into captures (id, outlet, url, canonical, at, status, payload_length, warc, offset, length, origin, outcome, "
        "reason, report) select 3000000000000000 + :day * 1000 + id % 1000, outlet, url, url, :at, :status, 0, 'w', "
        "id % 1000 * 100 + :day, 9, 'live', :outcome, nullif(:reason, ''), id from reports where id = :report",
        {"day": day, "at": at, "status": status, "outcome": outcome, "reason": reason, "report": report},
    )
    archive.execute("update reports set last_checked = ? where id = ?", [at, report])


@pytest.fixture
def taken_down(archive: sqlite3.Connection) -> sqlite3.Connection:
    """TAIWAN: missing on the 1st, gone on the 8th, back on the 20th. CITIES: missing on the 10th. An outage besides."""
    look(archive, TAIWAN, 1, "missing", 404)
    look(archive, TAIWAN, 2, "missing", 404)
    look(archive, TAIWAN, 8, "missing", 410, "the server says that it is gone")
    look(archive, TAIWAN, 9, "server-error", 500)
    look(archive, CITIES, 10, "missing", 404)
    look(archive, TAIWAN, 20, "report")
    archive.execute("update reports set state = 'restored' where id = ?", [TAIWAN])
    archive.execute("update reports set state = 'suspected' where id = ?", [CITIES])
    return archive


def test_takedowns_are_told_event_by_event_newest_first(taken_down: sqlite3.Connection) -> None:
    entries = _takedowns(taken_down, "", link)
    assert [(each.title, each.updated, each.summary) for each in entries] == [
        ("Restored: 臺灣經濟", "2020-01-20T00:00:00Z", "Found again at 20 January 2020, 00:00 UTC."),
        (
            "Not found: 上海，北京！", "2020-01-10T00:00:00Z",
            "Not found at 10 January 2020, 00:00 UTC; a second look will tell whether it is gone. The server answered 404.",
        ),
        (
            "Gone: 臺灣經濟", "2020-01-08T00:00:00Z",
            "Still not found at 8 January 2020, 00:00 UTC: gone. The server answered 410. the server says that it is gone",
        ),
        (
            "Not found: 臺灣經濟", "2020-01-01T00:00:00Z",
            "Not found at 1 January 2020, 00:00 UTC; a second look will tell whether it is gone. The server answered 404.",
        ),
    ]  # fmt: skip
    assert len({each.id for each in entries}) == 4
    assert entries[0].categories[-1] == ("state:restored", "restored")
    assert [each.title for each in _takedowns(taken_down, "tnw", link)] == []


def test_the_newest_takedowns_are_not_missed_when_there_are_more(taken_down: sqlite3.Connection) -> None:
    assert [event.turn.state for event in newest_takedowns(taken_down, 2)] == ["restored", "suspected"]
    assert [event.turn.state for event in newest_takedowns(taken_down, 3)] == ["restored", "suspected", "gone"]


def test_history_names_the_capture_that_showed_each_change() -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    outcomes = ["report", "missing", "server-error", "missing", "missing", "missing", "report", "unchanged", "missing"]
    looks = [(start + timedelta(days=number), outcome, number) for number, outcome in enumerate(outcomes)]
    expected = [(1, "suspected"), (4, "gone"), (6, "restored"), (8, "suspected")]
    assert history(reversed(looks)) == [Turn(start + timedelta(days=day), day, state) for day, state in expected]
    assert history(looks[:1]) == []


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
