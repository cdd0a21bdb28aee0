"""CC-NEWS and Common Crawl's index as sources of a backfill, against a mirror on loopback of the same shape."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from common_crawl_mirror import PAGES, Kept, Mirror, news_path, serving
from s3_server import BUCKET, s3_server
from s3fs import S3FileSystem

from backfill import blocks
from backfill.cc_index import Index
from backfill.cc_news import News
from backfill.polite import Client, GaveUp, Stopped, Unavailable
from backfill.sources import Memento, Page, Refused, Window
from spiders.outlets.tnw import Tnw
from spiders.outlets.xinhua import Xinhua

REPORTS = [
    "http://www.xinhuanet.com/world/2019-11/18/c_1125240719.htm",
    "http://www.news.cn/local/2020-03/06/c_1125672183.htm",
    "http://www.xinhuanet.com/politics/2018-03/14/c_1122534106.htm",
]
JANUARY = Window("20240101000000", "20240131235959")
THIRD = Window("20240103000000", "20240103235959")
BLOCK = 64 * 1024


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with serving(Mirror()) as found:
        yield found


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file has several blocks."""
    monkeypatch.setattr(blocks, "BLOCK", BLOCK)


def client(**options: Any) -> Client:
    return Client("Dateline/0.1 (a test)", **{"delay": 0, "backoff": 0, "timeout": 10} | options)


def news(mirror: Mirror, base: str = "", **options: Any) -> News:
    return News({"COMMON_CRAWL": base or mirror.address}, client(**options))


def index(mirror: Mirror, **options: Any) -> Index:
    addresses = {"COMMON_CRAWL": mirror.address, "COMMON_CRAWL_INDEX": mirror.address, "COMMON_CRAWL_INDEX_DELAY": 0}
    return Index(addresses, client(**options))


def others(count: int, day: str = "2024-01-03", size: int = 8000) -> list[Kept]:
    return [Kept(f"https://other{n}.example/news/{n}", f"{day}T00:{n:02}:00Z", size) for n in range(count)]


def ours(url: str = REPORTS[0], date: str = "2024-01-03T06:07:08Z") -> Kept:
    return Kept(url, date)


def listed(source: News | Index, window: Window = JANUARY, outlet: Any = Xinhua, resume: str = "") -> list[Page]:
    return list(source.listed(outlet, window, resume))


def found(pages: list[Page]) -> list[Memento]:
    return [memento for page in pages for memento in page.mementos]


# CC-NEWS: which files


def test_the_files_of_the_windows_days_are_read_and_the_one_begun_the_day_before(mirror: Mirror) -> None:
    begun = ["20231231235959", "20240101235959", "20240102000000", "20240103120000", "20240104000000", "20240201000000"]
    mirror.news({news_path(each, n): [] for n, each in enumerate(begun)})
    assert [path[-25:-17] for path in news(mirror).paths(THIRD)] == [
        path[-25:-17] for path in (news_path("20240102000000", 2), news_path("20240103120000", 3))
    ]
    assert [each.path for each in mirror.log] == ["crawl-data/CC-NEWS/2024/01/warc.paths.gz"]


def test_a_window_at_the_turn_of_a_month_needs_the_listing_before(mirror: Mirror) -> None:
    mirror.news({news_path("20231231120000"): [], news_path("20240101120000", 1): []})
    found = news(mirror).paths(Window("20240101000000", "20240101235959"))
    assert found == [news_path("20231231120000"), news_path("20240101120000", 1)]


def test_nothing_is_asked_for_before_the_news_archive_begins(mirror: Mirror) -> None:
    assert [page.mementos for page in listed(news(mirror), Window("20120701000000", "20120731235959"))] == [[]]
    assert mirror.log == []


def test_a_month_without_a_listing_is_told_and_passed_over(mirror: Mirror, caplog: pytest.LogCaptureFixture) -> None:
    mirror.news({news_path("20240103000000"): [ours()]})
    with caplog.at_level(logging.WARNING):
        pages = listed(news(mirror), Window("20231215000000", "20240103235959"))
    assert len(found(pages)) == 1
    assert "CC-NEWS of 2023-12" in caplog.text


def test_no_listing_at_all_is_not_taken_for_nothing_held(mirror: Mirror) -> None:
    with pytest.raises(Unavailable, match="no listing of these months"):
        listed(news(mirror), THIRD)


@pytest.mark.parametrize("listing", [b"<html>Sign in</html>", b"\x1f\x8b\x08\x00half", b"\x1f\x8bno gzip at all"])
def test_a_listing_that_is_none_is_not_taken_for_an_empty_month(mirror: Mirror, listing: bytes) -> None:
    mirror.files["crawl-data/CC-NEWS/2024/01/warc.paths.gz"] = listing
    with pytest.raises(Unavailable, match=r"2024/01/warc\.paths\.gz is (?:no listing|not a whole listing)"):
        listed(news(mirror), THIRD)


def test_a_dry_run_asks_for_the_listing_alone(mirror: Mirror) -> None:
    mirror.news({news_path(f"2024010{n}000000", n): others(3) for n in range(1, 5)})
    made = news(mirror).estimate(THIRD)
    assert (made.files, made.bytes) == (2, 2 * 1_073_741_824)
    assert made.requests == 2 * 16_384  # of blocks of 64 KB
    assert len(mirror.log) == 1


# CC-NEWS: reading


def test_of_many_records_those_of_the_outlet_are_found_and_each_byte_is_asked_for_once(mirror: Mirror) -> None:
    path = news_path("20240103000000")
    mirror.news(
        {
            path: [
                *others(20),
                ours(),
                *others(20),
                ours(REPORTS[1]),
                Kept("https://thenextweb.com/x", "2024-01-03T00:00:00Z"),
            ]
        }
    )
    source = news(mirror)
    pages = listed(source, THIRD)
    assert [memento.url for memento in found(pages)] == REPORTS[:2]
    size = len(mirror.files[path])
    asked = [each.range for each in mirror.asked("CC-NEWS-")]
    assert asked[0] == (0, BLOCK - 1)
    assert [ranged[0] for ranged in asked if ranged] == list(range(0, size, BLOCK))
    assert asked[-1] == (size // BLOCK * BLOCK, size - 1)
    assert len(asked) > 4
    fetched = [source.fetch(memento) for memento in found(pages)]
    assert len(mirror.asked("CC-NEWS-")) == len(asked)  # what was just read is not asked for again
    assert [each.body for each in fetched] == [PAGES[url].body for url in REPORTS[:2]]
    assert mirror.log[0].agent == "Dateline/0.1 (a test)"


def test_a_capture_keeps_the_record_as_it_is_with_its_time_and_where_it_was(mirror: Mirror) -> None:
    path, record = news_path("20240103000000"), ours()
    mirror.news({path: [record]})
    source = news(mirror)
    (memento,) = found(listed(source, THIRD))
    fetched = source.fetch(memento)
    assert (fetched.url, fetched.timestamp, fetched.status, fetched.reason) == (record.url, "20240103060708", 200, "OK")
    assert fetched.record == record.member
    offset = mirror.files[path].index(record.member)
    assert fetched.source == f"{mirror.address}/{path}#bytes={offset}-{offset + len(record.member) - 1}"


def test_a_record_is_asked_for_by_its_own_bytes_in_another_run(mirror: Mirror) -> None:
    path, record = news_path("20240103000000"), ours()
    mirror.news({path: [*others(20), record]})
    (memento,) = found(listed(news(mirror), THIRD))
    mirror.log.clear()
    assert news(mirror).fetch(memento).record == record.member
    offset = mirror.files[path].index(record.member)
    assert [each.range for each in mirror.log] == [(offset, offset + len(record.member) - 1)]


def test_captures_outside_the_window_are_left(mirror: Mirror) -> None:
    mirror.news(
        {news_path("20240102200000"): [ours(date="2024-01-02T23:59:59Z"), ours(REPORTS[1], "2024-01-03T00:00:00Z")]}
    )
    assert [memento.url for memento in found(listed(news(mirror), THIRD))] == [REPORTS[1]]


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_local_mirror_is_read_without_a_request(mirror: Mirror, tmp_path: Path, scheme: str) -> None:
    mirror.news({news_path("20240103000000"): [*others(10), ours()]})
    mirror.save(tmp_path)
    source = news(mirror, f"{scheme}{tmp_path}")
    (memento,) = found(listed(source, THIRD))
    assert source.fetch(memento).body == PAGES[REPORTS[0]].body
    assert mirror.log == []


def test_a_bucket_is_read_in_blocks_too(mirror: Mirror, tmp_path: Path) -> None:
    path = news_path("20240103000000")
    mirror.news({path: [*others(20), ours()]})
    with s3_server() as server:
        bucket = S3FileSystem(skip_instance_cache=True)
        for name, data in mirror.files.items():
            bucket.pipe_file(f"{BUCKET}/{name}", data)
        server.seen()
        source = news(mirror, f"s3://{BUCKET}")
        (memento,) = found(listed(source, THIRD))
        assert source.fetch(memento).record == ours().member
        ranges = [request.range for request in server.seen() if request.method == "GET" and path in request.path]
    assert len(ranges) == -(-len(mirror.files[path]) // BLOCK)
    assert mirror.log == []


def test_reading_goes_on_in_the_block_where_it_was_broken_off(mirror: Mirror) -> None:
    first, second = news_path("20240103000000"), news_path("20240103120000", 1)
    mirror.news({first: [ours(), *others(30), ours(REPORTS[1])], second: [ours(REPORTS[2])]})
    pages = list(islice(news(mirror).listed(Xinhua, THIRD, ""), 3))
    assert [memento.url for memento in found(pages)] == REPORTS[:1]
    begun = int(pages[-1].resume.partition(" ")[2])
    mirror.log.clear()
    rest = listed(news(mirror), THIRD, resume=pages[-1].resume)
    assert [memento.url for memento in found(rest)] == REPORTS[1:]
    asked = mirror.asked(first)[0].range
    assert asked is not None
    assert asked[0] == begun // BLOCK * BLOCK > 0


def test_reading_goes_on_with_the_next_file(mirror: Mirror) -> None:
    first, second = news_path("20240103000000"), news_path("20240103120000", 1)
    mirror.news({first: [ours()], second: [ours(REPORTS[1])]})
    page = next(iter(news(mirror).listed(Xinhua, THIRD, "")))
    assert page.resume == f"{second} 0"
    assert [memento.url for memento in found(listed(news(mirror), THIRD, resume=page.resume))] == [REPORTS[1]]
    assert listed(news(mirror), THIRD)[-1].resume == ""


# CC-NEWS: what goes wrong


def test_a_broken_record_is_passed_over_and_counted(mirror: Mirror) -> None:
    broken = Kept("https://other.example/1", "2024-01-03T00:00:00Z", 8000, broken=True)
    mirror.news(
        {news_path("20240103000000"): [*others(3), ours(), broken, ours(REPORTS[1]), *others(3), ours(REPORTS[2])]}
    )
    pages = listed(news(mirror), THIRD)
    assert [memento.url for memento in found(pages)] == REPORTS
    assert sum(page.unreadable for page in pages) == 1


def test_a_server_in_trouble_is_asked_again(mirror: Mirror) -> None:
    mirror.news({news_path("20240103000000"): [*others(20), ours()]})
    mirror.fails = lambda path, number: (503, {"Retry-After": "0"}, b"") if "CC-NEWS-" in path and number == 2 else None
    assert len(found(listed(news(mirror), THIRD))) == 1


def test_a_part_that_was_cut_short_is_asked_for_again(mirror: Mirror) -> None:
    path = news_path("20240103000000")
    mirror.news({path: [*others(20), ours()]})
    data = mirror.files[path]

    def fails(asked: str, number: int) -> tuple[int, dict[str, str], bytes] | None:
        if "CC-NEWS-" not in asked or number > 2:
            return None
        ranged = {"Content-Range": f"bytes 0-{BLOCK - 1}/{len(data)}"}
        if number == 1:  # the connection ends in the middle
            return 206, ranged | {"Content-Length": str(BLOCK)}, data[:1000]
        return 206, {"Content-Range": f"bytes 0-4999/{len(data)}"}, data[:5000]  # the server gives less

    mirror.fails = fails
    assert len(found(listed(news(mirror), THIRD))) == 1
    assert [each.range for each in mirror.asked(path)][:3] == [(0, BLOCK - 1), (0, BLOCK - 1), (5000, BLOCK - 1)]


def test_another_part_than_was_asked_for_is_not_taken_for_it(mirror: Mirror) -> None:
    path = news_path("20240103000000")
    mirror.news({path: [*others(20), ours()]})
    wrong = 206, {"Content-Range": f"bytes 0-9/{len(mirror.files[path])}"}, mirror.files[path][:10]
    mirror.fails = lambda asked, number: wrong if "CC-NEWS-" in asked and number == 2 else None
    with pytest.raises(Unavailable, match="another part came"):
        listed(news(mirror), THIRD)


def test_a_server_that_gives_whole_files_alone_is_not_made_to(mirror: Mirror) -> None:
    mirror.news({news_path("20240103000000"): others(20)})
    mirror.ranges = False
    with pytest.raises(GaveUp, match="gives whole files alone"):
        listed(news(mirror), THIRD)


def test_a_file_that_the_listing_names_and_that_is_not_there_is_counted(mirror: Mirror) -> None:
    first, second = news_path("20240103000000"), news_path("20240103120000", 1)
    mirror.news({first: [ours()], second: [ours(REPORTS[1])]})
    del mirror.files[first]
    pages = listed(news(mirror), THIRD)
    assert [memento.url for memento in found(pages)] == [REPORTS[1]]
    assert [page.unreadable for page in pages] == [1, 0]


def test_a_file_that_is_cut_short_gives_what_it_has(mirror: Mirror) -> None:
    path = news_path("20240103000000")
    mirror.news({path: [ours(), *others(3), ours(REPORTS[1])]})
    mirror.files[path] = mirror.files[path][:-100]
    pages = listed(news(mirror), THIRD)
    assert [memento.url for memento in found(pages)] == [REPORTS[0]]
    assert sum(page.unreadable for page in pages) == 1


def test_a_budget_of_requests_ends_it(mirror: Mirror) -> None:
    mirror.news({news_path("20240103000000"): [*others(40), ours()]})
    with pytest.raises(Stopped, match="budget of 3 requests"):
        listed(news(mirror, budget=3), THIRD)
    assert len(mirror.log) == 3


# The index


def test_of_a_page_each_crawl_of_the_window_is_asked_once_and_the_record_fetched_by_its_bytes(mirror: Mirror) -> None:
    record = ours(REPORTS[0], "2024-01-20T10:11:12Z")
    mirror.crawl("CC-MAIN-2024-04", ("2024-01-15", "2024-01-28"), [*others(5), record])
    mirror.crawl("CC-MAIN-2023-50", ("2023-12-01", "2023-12-12"), [ours(date="2023-12-05T00:00:00Z")])
    mirror.crawl("CC-MAIN-2024-10", ("2024-01-30", "2024-02-12"), others(2))
    source = index(mirror)
    pages = listed(source, Window(JANUARY.first, JANUARY.last, (REPORTS[0],)))
    (memento,) = found(pages)
    asked = [each.path.partition("?")[0] for each in mirror.log]
    assert asked[0] == "collinfo.json"
    assert set(asked[1:]) == {"CC-MAIN-2024-04-index", "CC-MAIN-2024-10-index"}
    mirror.log.clear()
    fetched = source.fetch(memento)
    assert (fetched.body, fetched.timestamp) == (PAGES[REPORTS[0]].body, "20240120101112")
    assert fetched.record == record.member
    (asked,) = mirror.log
    assert asked.range == (int(mirror.captures["CC-MAIN-2024-04"][5]["offset"]),
                           int(mirror.captures["CC-MAIN-2024-04"][5]["offset"]) + len(record.member) - 1)  # fmt: skip


def test_a_page_that_moved_is_asked_for_on_the_hosts_of_the_crawls_time(mirror: Mirror) -> None:
    mirror.crawl("CC-MAIN-2024-04", ("2024-01-15", "2024-01-28"), [ours(REPORTS[0], "2024-01-20T10:11:12Z")])
    address = REPORTS[0].replace("www.xinhuanet.com", "www.news.cn")
    pages = listed(index(mirror), Window(JANUARY.first, JANUARY.last, (address,)))
    assert [memento.url for memento in found(pages)] == [REPORTS[0]]
    hosts = [each.path.split("url=")[1].split("%2F")[0] for each in mirror.asked("-index?")]
    assert hosts == ["news.cn", "xinhuanet.com", "m.news.cn"]  # the others had been left before 2023


def test_of_an_outlet_all_pages_of_the_answer_are_read_and_reports_kept(mirror: Mirror) -> None:
    records = [ours(url, f"2024-01-20T00:00:0{n}Z") for n, url in enumerate(REPORTS)]
    front = Kept("http://www.news.cn/", "2024-01-20T00:00:00Z")
    mirror.crawl("CC-MAIN-2024-04", ("2024-01-15", "2024-01-28"), [front, *records, *others(4)])
    pages = listed(index(mirror))
    assert sorted(memento.url for memento in found(pages)) == sorted(REPORTS)
    # www.news.cn and its kin are asked for with their domain, once.
    asked = [each.path for each in mirror.log if "-index?" in each.path]
    hosts = [text.split("url=")[1].split("&")[0] for text in asked if "showNumPages" in text]
    assert hosts == ["news.cn", "www.chinaview.cn", "xinhuanet.com"]


def test_an_index_is_gone_on_with_at_the_page_where_it_was_broken_off(mirror: Mirror) -> None:
    mirror.page_lines = 1
    records = [ours(url, f"2024-01-20T00:00:0{n}Z") for n, url in enumerate(REPORTS[:1] + REPORTS[2:])]
    mirror.crawl("CC-MAIN-2024-04", ("2024-01-15", "2024-01-28"), records)
    window = Window(JANUARY.first, JANUARY.last, ("http://www.xinhuanet.com/",))
    first = next(iter(index(mirror).listed(Xinhua, window, "")))
    assert first.resume == "CC-MAIN-2024-04 0 1"
    assert [memento.url for memento in first.mementos] == [records[0].url]
    rest = listed(index(mirror), window, resume=first.resume)
    assert [memento.url for memento in found(rest)] == [records[1].url]
    assert rest[-1].resume == ""


def test_a_crawl_that_holds_nothing_of_the_outlet_is_no_failure(mirror: Mirror) -> None:
    mirror.crawl("CC-MAIN-2024-04", ("2024-01-15", "2024-01-28"), others(3))
    pages = listed(index(mirror), outlet=Tnw)
    assert found(pages) == []
    assert pages[-1].resume == ""


def test_a_line_of_the_index_that_says_nothing_is_counted(mirror: Mirror) -> None:
    mirror.crawl("CC-MAIN-2024-04", ("2024-01-15", "2024-01-28"), [ours(date="2024-01-20T00:00:00Z")])
    mirror.captures["CC-MAIN-2024-04"].append({"url": REPORTS[0], "timestamp": "20240121"})
    pages = listed(index(mirror), Window(JANUARY.first, JANUARY.last, (REPORTS[0],)))
    assert (len(found(pages)), sum(page.unreadable for page in pages)) == (1, 1)


def test_an_index_that_turns_us_away_is_asked_nothing_more(mirror: Mirror) -> None:
    mirror.crawl("CC-MAIN-2024-04", ("2024-01-15", "2024-01-28"), others(3))
    mirror.fails = lambda path, number: (403, {}, b"") if "-index?" in path else None
    with pytest.raises(GaveUp, match="turns us away"):
        listed(index(mirror))
    assert len(mirror.asked("-index?")) == 1


def test_a_list_of_crawls_that_is_none_is_told(mirror: Mirror) -> None:
    mirror.fails = lambda path, number: (200, {}, b"<html>")
    with pytest.raises(Unavailable, match="no list of indexes"):
        listed(index(mirror))


def test_crawls_that_do_not_say_their_days_are_known_by_their_names(mirror: Mirror) -> None:
    for id in ("CC-MAIN-2008-2009", "CC-MAIN-2012", "CC-MAIN-2024-04", "CC-NEWS"):
        mirror.crawls[id] = ("", "")
    assert [crawl.id for crawl in index(mirror).crawls(Window("20080101000000", "20261201000000"))] == [
        "CC-MAIN-2008-2009", "CC-MAIN-2012", "CC-MAIN-2024-04",
    ]  # fmt: skip
    (crawl,) = index(mirror).crawls(JANUARY)
    assert (crawl.first, crawl.last) == (date(2024, 1, 1), date(2024, 2, 12))  # three weeks around 22 January


@pytest.mark.parametrize("what", ["missing", "other"])
def test_a_record_that_is_not_where_the_index_says_is_refused(mirror: Mirror, what: str) -> None:
    mirror.crawl("CC-MAIN-2024-04", ("2024-01-15", "2024-01-28"), [*others(2), ours(date="2024-01-20T00:00:00Z")])
    (path,) = [path for path in mirror.files if "CC-MAIN" in path]
    source = index(mirror)
    (memento,) = found(listed(source, Window(JANUARY.first, JANUARY.last, (REPORTS[0],))))
    if what == "missing":
        del mirror.files[path]
    else:
        mirror.files[path] = b"\0" * len(mirror.files[path])
    with pytest.raises(Refused, match=r"not there|no record can be read"):
        source.fetch(memento)
