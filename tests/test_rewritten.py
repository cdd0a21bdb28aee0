"""Copies that a web archive has rewritten are read as what their outlet sent, at the time of their capture."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from conftest import PROJECT
from environments import python_with
from foreign_warcs import OUTLETS, REAL, Saved, expected, pages, read_directly, warcio_file
from pywb_server import replaying
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive import rewritten
from archive.warc_reader import read_captures
from grammar.replays import Replay, original, replay
from items import Capture
from pipelines.extract import extract
from pipelines.normalise import normalise

TIME = "20120801093000"
AT = datetime(2012, 8, 1, 9, 30, tzinfo=UTC)
URL = "http://www.news.cn/world/2012-07/31/c_123492000.htm"
REPLAY = f"https://web.archive.org/web/{TIME}/{URL}"
RAW = f"https://web.archive.org/web/{TIME}id_/{URL}"
SENT = """<!DOCTYPE html><html><head><meta charset="utf-8"><title>某地举行旅游节</title>
<link rel="stylesheet" href="/css/a.css"><script src="//imgs.news.cn/a.js"></script></head>
<body class="x"><p>新华网某地7月31日电 <a href="http://www.news.cn/politics/">时政</a> <a href="b.htm">下一篇</a>
<a href="/fortune/">财经</a> <a href="https://user.guancha.example/a">看</a> <a href="mailto:a@news.cn">信</a></p>
<a href="https://web.archive.org/web/2010/http://old.example/">旧</a>
<script>var more = {"url":"http:\\/\\/www.news.cn\\/a.htm"};</script></body></html>""".encode()


def rewritten_by_wayback(sent: bytes, url: str = URL, time: str = TIME) -> bytes:
    """As the Wayback Machine shows a page in 2024: head, toolbar, links and the comments behind."""
    host = re.match(r"https?://[^/]+", url)[0].encode()  # type: ignore[index]
    at = b"https://web.archive.org/web/" + time.encode()
    page = re.sub(rb'((?:src|href)=")(https?:)', rb"\1" + at + rb"/\2", sent)
    page = re.sub(rb'((?:src|href)=")//', rb"\1//web.archive.org/web/" + time.encode() + rb"js_/https://", page)
    page = re.sub(rb'((?:src|href)=")/(?!/)', rb"\1/web/" + time.encode() + b"/" + host + b"/", page)
    page = page.replace(b'href="mailto:', b'href="' + at + b"/mailto:")
    page = page.replace(b'"http:\\/\\/', b'"https:\\/\\/web.archive.org\\/web\\/' + time.encode() + b"\\/http:\\/\\/")
    when = datetime.strptime(time, "%Y%m%d%H%M%S").strftime("%H:%M:%S %b %d, %Y")
    head = f"""<head><script type="text/javascript" src="https://web-static.archive.org/_static/js/bundle-playback.js?v=t1" charset="utf-8"></script>
<script type="text/javascript" src="https://web-static.archive.org/_static/js/wombat.js?v=tx" charset="utf-8"></script>
<script>window.RufflePlayer=window.RufflePlayer||{{}};window.RufflePlayer.config={{"autoplay":"on"}};</script>
<script type="text/javascript" src="https://web-static.archive.org/_static/js/ruffle/ruffle.js"></script>
<script type="text/javascript">
  __wm.init("https://web.archive.org/web");
  __wm.wombat("{url}","{time}","https://web.archive.org/","web","https://web-static.archive.org/_static/",
\t      "1343813400");
</script>
<link rel="stylesheet" type="text/css" href="https://web-static.archive.org/_static/css/banner-styles.css?v=S1" />
<link rel="stylesheet" type="text/css" href="https://web-static.archive.org/_static/css/iconochive.css?v=qt" />
<!-- End Wayback Rewrite JS Include -->
""".encode()
    toolbar = b"""<!-- BEGIN WAYBACK TOOLBAR INSERT -->
<script>__wm.rw(0);</script>
<div id="wm-ipp-base" lang="en"><p>1 capture</p><a href="/web/2012*/http://www.news.cn/">all</a></div>
<!-- END WAYBACK TOOLBAR INSERT -->"""
    page = page.replace(b"<head>", head, 1)
    page = re.sub(rb"<body[^>]*>", lambda match: match[0] + toolbar, page, count=1)
    return (
        page
        + f"""
<!--
     FILE ARCHIVED ON {when} AND RETRIEVED FROM THE
     INTERNET ARCHIVE ON 15:08:53 Mar 25, 2024.
     JAVASCRIPT APPENDED BY WAYBACK MACHINE, COPYRIGHT INTERNET ARCHIVE.

     ALL OTHER CONTENT MAY ALSO BE PROTECTED BY COPYRIGHT (17 U.S.C.
     SECTION 108(a)(3)).
-->
<!--
playback timings (ms):
  exclusion.robots: 0.179
-->
""".encode()
    )


def recorded(path: Path, *records: tuple[str, str, list[tuple[str, str]], bytes]) -> list[Capture]:
    """Captures of (address, status line, headers, body), each asked for on a day in 2024."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for url, status, headers, body in records:
            head = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    url, "response", BytesIO(body), http_headers=head,
                    warc_headers_dict={"WARC-Date": "2024-03-25T15:08:53Z"},
                )
            )  # fmt: skip
    return [event for event in read_captures(path) if isinstance(event, Capture)]


HTML = [("Content-Type", "text/html; charset=utf-8")]
MEMENTO = ("Memento-Datetime", "Wed, 01 Aug 2012 09:30:00 GMT")


# What a page was before


def test_nothing_that_wayback_put_into_a_page_stays_and_its_links_are_its_own() -> None:
    assert rewritten.as_sent(rewritten_by_wayback(SENT), rewritten.WAYBACK, URL) == SENT


@pytest.mark.parametrize("saved", [each for each in pages(real=False) if each.content_type.startswith("text/html")])
def test_a_sample_page_comes_back_from_wayback_to_the_byte(saved: Saved) -> None:
    page = rewritten_by_wayback(saved.body, saved.url)
    assert page != saved.body
    assert rewritten.as_sent(page, rewritten.WAYBACK, saved.url) == saved.body


def test_an_older_copy_without_the_comment_that_ends_the_head_is_cleaned_too() -> None:
    page = b"""<html><head><script type="text/javascript" src="/static/js/analytics.js"></script>
<script type="text/javascript">archive_analytics.values.server_name="wwwb-app9.us.archive.org";</script>
<link type="text/css" rel="stylesheet" href="/static/css/banner-styles.css"/>
<title>a</title></head><body>
<!-- BEGIN WAYBACK TOOLBAR INSERT -->
<input type="text" name="url" id="wmtbURL" value="http://www.news.cn/a.htm" />
<!-- END WAYBACK TOOLBAR INSERT -->
<a href="/web/20120801093000/http://www.news.cn/b.htm">b</a><img src="/web/20120801093000im_/http://x.example/c.gif"></body></html>
<!--
     FILE ARCHIVED ON 9:30:00 Aug 1, 2012 AND RETRIEVED FROM THE
     INTERNET ARCHIVE ON 4:28:27 Feb 5, 2013.
-->
"""
    copy = rewritten.copied_by(page)
    assert copy == rewritten.Copy(rewritten.WAYBACK, AT, "http://www.news.cn/a.htm")
    assert (
        rewritten.as_sent(page, copy.prefix, copy.address).split()
        == (
            b'<html><head><title>a</title></head><body> <a href="/b.htm">b</a>'
            b'<img src="http://x.example/c.gif"></body></html>'
        ).split()
    )


def test_a_page_that_only_writes_about_wayback_is_left_alone() -> None:
    page = b'<p>FILE ARCHIVED ON is what it says. <a href="https://web.archive.org/web/2012/http://a.example/">here</a></p>'
    assert rewritten.copied_by(page) is None
    assert all(rewritten.copied_by(saved.body) is None for saved in pages())


@pytest.mark.parametrize(
    ("page", "copy"),
    [
        (
            b"<!-- saved from url=(0074)https://web.archive.org/web/20120801093000/http://www.news.cn/a.htm -->\n<html>",
            rewritten.Copy(rewritten.WAYBACK, AT, "http://www.news.cn/a.htm"),
        ),
        (
            b'<!-- WB Insert --><script>wbinfo.url = "http://www.news.cn/a.htm";\n wbinfo.timestamp = "20120801093000";\n'
            b'wbinfo.prefix = decodeURI("http://localhost:8080/all/");</script><!-- End WB Insert -->',
            rewritten.Copy("http://localhost:8080/all/", AT, "http://www.news.cn/a.htm"),
        ),
        (
            b'<link rel="canonical" href="https://web.archive.org/web/20120801093000/http://www.news.cn/a.htm">'
            b"<!--\n FILE ARCHIVED ON 09:30:00 Aug 01, 2012 AND RETRIEVED FROM THE\n INTERNET ARCHIVE ON x -->",
            rewritten.Copy(rewritten.WAYBACK, AT, "http://www.news.cn/a.htm"),
        ),
        (
            b"<!--\n FILE ARCHIVED ON 09:30:00 Aug 01, 2012 AND RETRIEVED FROM THE\n INTERNET ARCHIVE ON x -->",
            rewritten.Copy(rewritten.WAYBACK, AT, ""),
        ),
    ],
)  # fmt: skip
def test_a_page_saved_by_hand_tells_whose_it_is_and_of_when(page: bytes, copy: rewritten.Copy) -> None:
    assert rewritten.copied_by(page) == copy


def test_a_real_page_that_wayback_rewrote_has_no_trace_of_it_left() -> None:
    path = REAL / "huanqiu" / "2016-zh-world-hot-9334639-wayback.html"
    if not path.exists():
        pytest.skip(f"{path} is not at hand")
    body = path.read_bytes()
    copy = rewritten.copied_by(body)
    assert copy and copy.address == "https://world.huanqiu.com/article/9CaKrnJXaij"
    assert copy.at == datetime(2022, 7, 24, 23, 14, 19, tzinfo=UTC)
    sent = rewritten.as_sent(body, copy.prefix, copy.address)
    assert not re.search(rb"archive\.org|wombat|wayback|FILE ARCHIVED", sent, re.IGNORECASE)
    assert sent.lstrip().startswith(b'<!DOCTYPE html><html lang="en"><head><meta charset="UTF-8">')
    assert sent.endswith(b"</body></html>")
    assert "日本调查：三千余家日企剥削外国实习生".encode() in sent


# Addresses


@pytest.mark.parametrize(
    ("url", "prefix", "is_raw"),
    [
        (REPLAY, "https://web.archive.org/web/", False),
        (RAW, "https://web.archive.org/web/", True),
        (f"http://wayback.archive-it.org/1068/{TIME}/{URL}", "http://wayback.archive-it.org/1068/", False),
        (f"https://arquivo.pt/noFrame/replay/{TIME}/{URL}", "https://arquivo.pt/noFrame/replay/", False),
        (f"http://localhost:8080/news/{TIME}mp_/{URL}", "http://localhost:8080/news/", False),
        (f"https://web.archive.org/web/20200101000000/http://localhost/a/{TIME}id_/{URL}", "http://localhost/a/", True),
    ],
)
def test_an_address_at_an_archive_tells_the_page_and_the_time(url: str, prefix: str, is_raw: bool) -> None:
    found = replay(url)
    assert found and (found.prefix, found.at, found.is_raw, found.address) == (prefix, AT, is_raw, URL)


@pytest.mark.parametrize(
    "url",
    [
        URL,
        f"https://archive.ph/{TIME}/{URL}",  # which keeps no markup of the outlet's
        f"https://web.archive.org/web/2012/{URL}",  # which leads to the nearest copy: of when, it does not say
        f"https://web.archive.org/web/20129901000000/{URL}",
        "https://web.archive.org/web/20120801093000*/",
    ],
)
def test_other_addresses_are_of_no_copy(url: str) -> None:
    assert replay(url) is None


@pytest.mark.parametrize(
    ("url", "prefix", "is_raw"),
    [
        (f"http://localhost:8080/news/2012mp_/{URL}", "http://localhost:8080/news/", False),
        (f"http://localhost:8080/news/mp_/{URL}", "http://localhost:8080/news/", False),
        (f"http://localhost:8080/news/2012id_/{URL}", "http://localhost:8080/news/", True),
        (f"https://web.archive.org/web/201208id_/{URL}", "https://web.archive.org/web/", True),
    ],
)
def test_an_address_of_the_nearest_copy_leaves_the_time_to_the_archives_answer(
    tmp_path: Path, url: str, prefix: str, is_raw: bool
) -> None:
    assert replay(url) == Replay(prefix, None, is_raw, URL)
    found = recorded(
        tmp_path / "a.warc.gz",
        (url, "200 OK", [*HTML, MEMENTO], SENT),
        (url, "200 OK", HTML, SENT),  # of when, nothing tells
        (url, "404 Not Found", HTML, b""),
    )
    assert [(each.url, each.at, each.source, each.body) for each in found] == [(URL, AT, url, SENT)]


def test_a_link_to_the_newest_copy_leads_to_the_page() -> None:
    assert original(f"https://web.archive.org/web/{URL}") == URL
    assert replay(f"https://web.archive.org/web/{URL}") is None


# Captures of copies


def test_a_capture_of_a_copy_becomes_one_of_the_page_at_the_time_of_the_copy(tmp_path: Path) -> None:
    headers = [
        *HTML, MEMENTO, ("X-Archive-Orig-ETag", '"a1"'), ("x-archive-orig-last-modified", "Tue, 31 Jul 2012 08:00:00 GMT"),
        ("Server", "nginx"), ("X-Archive-Orig-Server", "Apache"),
    ]  # fmt: skip
    [capture] = recorded(tmp_path / "a.warc.gz", (REPLAY, "200 OK", headers, rewritten_by_wayback(SENT)))
    assert (capture.url, capture.at, capture.source, capture.body) == (URL, AT, REPLAY, SENT)
    assert (capture.origin, capture.crawl, capture.outlet) == ("import", "", "")
    assert capture.record_id.startswith("<urn:uuid:")
    assert [capture.header(name) for name in ("ETag", "Last-Modified", "Server", "Content-Type")] == [
        '"a1"', "Tue, 31 Jul 2012 08:00:00 GMT", "Apache", "text/html; charset=utf-8",
    ]  # fmt: skip


def test_the_raw_copy_and_the_record_itself_have_the_same_id(tmp_path: Path) -> None:
    [copy] = recorded(tmp_path / "a.warc.gz", (RAW, "200 OK", [*HTML, MEMENTO], SENT))
    warcio_file(tmp_path / "b.warc.gz", [Saved(URL, SENT, "text/html")], date="2012-08-01T09:30:00Z")
    [itself] = [event for event in read_captures(tmp_path / "b.warc.gz") if isinstance(event, Capture)]
    assert (copy.id, copy.url, copy.at, copy.body) == (itself.id, itself.url, itself.at, itself.body)
    assert copy.id // 1_000_000 == AT.timestamp()
    assert (copy.source, itself.source) == (RAW, "")


def test_what_an_archive_answers_of_its_own_is_no_capture(tmp_path: Path) -> None:
    elsewhere = f"https://web.archive.org/web/20120630000000/{URL}"
    found = recorded(
        tmp_path / "a.warc.gz",
        (REPLAY, "302 Found", [("Location", elsewhere)], b""),  # to the nearest copy
        (REPLAY, "404 Not Found", HTML, b"The Wayback Machine has not archived that URL."),
        (REPLAY, "429 Too Many Requests", HTML, b""),
        (f"http://localhost/all/{TIME}/{URL}", "200 OK", HTML, b'<script src="/static/wb_frame.js"> </script>'),
        (REPLAY, "404 Not Found", [*HTML, MEMENTO], b"gone"),
        (REPLAY, "301 Moved", [MEMENTO, ("Location", f"/web/{TIME}/http://www.news.cn/new.htm")], b""),
    )
    assert [(each.status, each.url, each.header("Location")) for each in found] == [
        (404, URL, ""),
        (301, URL, "http://www.news.cn/new.htm"),
    ]


def test_the_time_of_a_copy_is_what_its_archive_says_of_it_not_what_was_asked_for(tmp_path: Path) -> None:
    nearest = ("Memento-Datetime", "Fri, 03 Aug 2012 00:00:01 GMT")
    [capture] = recorded(tmp_path / "a.warc.gz", (RAW, "200 OK", [*HTML, nearest], SENT))
    assert capture.at == datetime(2012, 8, 3, 0, 0, 1, tzinfo=UTC)


def test_a_rewritten_page_under_its_own_address_is_recognised_by_its_content(tmp_path: Path) -> None:
    [capture] = recorded(tmp_path / "a.warc.gz", (URL, "200 OK", HTML, rewritten_by_wayback(SENT)))
    assert (capture.url, capture.at, capture.body, capture.source) == (URL, AT, SENT, REPLAY)


def test_only_what_is_asked_for_is_given_and_a_copy_counts_as_its_page(tmp_path: Path) -> None:
    recorded(
        tmp_path / "a.warc.gz", (REPLAY, "200 OK", HTML, SENT), ("http://web.archive.org/about", "200 OK", HTML, b"x")
    )
    asked: list[str] = []

    def only(url: str) -> bool:
        asked.append(url)
        return "news.cn" in url

    found = [event.url for event in read_captures(tmp_path / "a.warc.gz", only=only) if isinstance(event, Capture)]
    assert (found, asked) == ([URL], [URL, "http://web.archive.org/about"])


def test_the_time_of_a_capture_never_stands_in_for_that_of_a_publication(tmp_path: Path) -> None:
    outlet = OUTLETS["xinhua"]
    saved = next(
        each for each in pages(real=False)
        if "news.cn/fortune/2023" in each.url and (report := read_directly(each).report) and report.published_local
    )  # fmt: skip
    dated = read_directly(saved).report
    assert dated and dated.published_local == "2023-10-19T17:40:22"
    # The same page without any of the dates that it prints.
    undated = re.sub(
        rb"2023|10[-/]19|1019|10:05(:\d\d)?|<span class=\"year\">.*?</span>", b"", saved.body, flags=re.DOTALL
    )
    address = f"https://web.archive.org/web/20231101000000/{saved.url}"
    whole, without = recorded(
        tmp_path / "a.warc.gz",
        (address, "200 OK", HTML, rewritten_by_wayback(saved.body, saved.url, "20231101000000")),
        (address, "200 OK", HTML, rewritten_by_wayback(undated, saved.url, "20231101000000")),
    )
    for capture in (whole, without):
        capture.outlet = "xinhua"
        normalise(extract(capture, outlet), outlet)
    assert whole.report and whole.report.published_local == dated.published_local
    # What has no date is no report: it is set aside, aloud.
    assert (without.report, without.outcome) == (None, "quarantined")
    assert "date" in without.reason
    assert without.at == datetime(2023, 11, 1, tzinfo=UTC)


# By other software, and by hand


_UNFRAMED = "framed_replay: false\ncollections_root: collections\n"


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Saved, str, bytes, list[tuple[str, str]]]]:
    """Every page as pywb shows it: what was captured, the address asked, the answer's body and headers."""
    pywb = python_with("pywb")
    folder = tmp_path_factory.mktemp("pywb")
    some = [saved for saved in pages() if saved.content_type.startswith("text/html")]
    warcio_file(folder / "some.warc.gz", some, date="2012-08-01T09:30:00Z")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    found = []
    with replaying(pywb, folder, [folder / "some.warc.gz"], _UNFRAMED) as collection:
        for saved in some:
            address = f"{collection}/{TIME}/{saved.url}"
            with opener.open(address, timeout=20) as answer:
                found.append((saved, address, answer.read(), answer.getheaders()))
    return found


def test_every_page_that_pywb_shows_is_read_as_the_one_that_it_holds(
    replayed: list[tuple[Saved, str, bytes, list[tuple[str, str]]]], tmp_path: Path
) -> None:
    some = [saved for saved, *_ in replayed]
    records = [
        (address, "200 OK", [each for each in headers if each[0].lower() != "transfer-encoding"], body)
        for _, address, body, headers in replayed
    ]
    captures = recorded(tmp_path / "a.warc.gz", *records)
    assert [each.url for each in captures] == [saved.url for saved in some]
    assert {each.at for each in captures} == {AT}
    assert all(b"WB Insert" in body for _, _, body, _ in replayed)
    for capture in captures:
        assert not re.search(rb"wombat|WB Insert|127\.0\.0\.1|_____WB", capture.body)
    again = [Saved(each.url, each.body, each.header("Content-Type")) for each in captures]
    assert expected(again) == expected(some)


def test_dateline_read_takes_a_page_saved_from_wayback_without_being_told_its_address(tmp_path: Path) -> None:
    saved = next(each for each in pages(real=False) if "news.cn/fortune/2023" in each.url)
    (tmp_path / "page.html").write_bytes(rewritten_by_wayback(saved.body, saved.url))
    (tmp_path / "plain.html").write_bytes(saved.body)

    def read(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(PROJECT / "cli.py"), "read", *arguments, "--json"]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    told = read(str(tmp_path / "plain.html"), "--url", saved.url)
    assert json.loads(told.stdout)["title"]
    for arguments in ([], ["--url", saved.url], ["--url", f"https://web.archive.org/web/{TIME}/{saved.url}"]):
        found = read(str(tmp_path / "page.html"), *arguments)
        assert (found.returncode, json.loads(found.stdout)) == (0, json.loads(told.stdout)), found.stderr
    lost = read(str(tmp_path / "plain.html"))
    assert lost.returncode == 2
    assert "--url" in lost.stderr
