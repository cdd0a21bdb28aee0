"""The sample newsroom: it answers as its list says, asks no network, and what is expected of its pages is complete."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import socket
import ssl
import struct
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from samples.newsroom import EXPECTED, SAMPLES, Answer, Newsroom, answers

ANSWERS = answers()
EXPECTATIONS: dict[str, Any] = json.loads(EXPECTED.read_text("utf-8"))
REPORTS: list[dict[str, Any]] = EXPECTATIONS["reports"]
ENDS: dict[str, dict[str, Any]] = {end["url"]: end for end in EXPECTATIONS["ends"]}
LISTS = [answer for answer in ANSWERS if ENDS[answer.url]["visit_1"] == "listing"]
METRO = next(report["url"] for report in REPORTS if report.get("visit") == 2)
FIRST_503 = next(answer.url for answer in ANSWERS if answer.fail_first)

# What a page must hold so that nobody takes it for news.
LABEL = re.compile(r"invented sample|invented newsroom|Dateline的虚构样例|Dateline虚构样例|Sample newsroom")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class Got:
    status: int
    headers: Message
    body: bytes


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with Newsroom(fail_first=False) as newsroom:
        yield newsroom


def ask(newsroom: Newsroom, url: str, method: str = "GET", **headers: str) -> Got:
    """One request through the proxy, the certificate verified, redirects not followed."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({"http": newsroom.proxy_url, "https": newsroom.proxy_url}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cadata=newsroom.certificate)),
        _NoRedirect,
    )
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with opener.open(urllib.request.Request(url, headers=named, method=method), timeout=20) as response:
            return Got(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        return Got(error.code, error.headers, error.read())


@pytest.fixture(autouse=True)
def no_proxy_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: f"{answer.url}#{answer.visit or ''}")
def test_every_address_answers_as_listed(room: Newsroom, answer: Answer) -> None:
    room.visit = answer.visit or 1
    got = ask(room, answer.url)
    room.visit = 1
    assert got.status == answer.status
    assert got.headers.get("Location", "") == answer.location
    assert got.headers.get("Last-Modified", "") == answer.last_modified
    assert ("ETag" in got.headers) == answer.etag
    if answer.file:
        assert got.body == (SAMPLES / answer.file).read_bytes()
        assert got.headers["Content-Type"] == answer.content_type
        assert "\ufffd" not in got.body.decode(answer.charset)


def test_every_file_is_served_and_every_page_says_that_it_is_invented() -> None:
    files = [path for path in (SAMPLES / "pages").rglob("*") if path.is_file()]
    assert {path.relative_to(SAMPLES).as_posix() for path in files} == {
        answer.file for answer in ANSWERS if answer.file
    }
    for answer in ANSWERS:
        if answer.file:
            assert LABEL.search((SAMPLES / answer.file).read_bytes().decode(answer.charset)), answer.file


def test_the_samples_stay_small() -> None:
    files = [path for path in SAMPLES.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert sum(path.stat().st_size for path in files) < 460_000


def test_bodies_are_compressed_on_the_wire_for_who_accepts_gzip(room: Newsroom) -> None:
    plain, packed = ask(room, METRO), ask(room, METRO, Accept_Encoding="gzip, deflate")
    assert plain.headers.get("Content-Encoding") is None
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.body) == int(packed.headers["Content-Length"]) < len(plain.body)
    assert gzip.decompress(packed.body) == plain.body
    assert ask(room, METRO, Accept_Encoding="gzip;q=0").body == plain.body


def test_head_gives_the_same_headers_and_no_body(room: Newsroom) -> None:
    got, head = ask(room, METRO), ask(room, METRO, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == got.headers["Content-Length"] == str(len(got.body))


def test_lists_answer_304_to_their_own_validators_only(room: Newsroom) -> None:
    assert len(LISTS) >= 20
    for answer in LISTS:
        room.visit = answer.visit or 1
        full = ask(room, answer.url)
        tag, modified = full.headers["ETag"], full.headers["Last-Modified"]
        assert ask(room, answer.url, If_None_Match=tag).status == 304
        assert ask(room, answer.url, If_None_Match=f'"other", W/{tag}').body == b""
        assert ask(room, answer.url, If_Modified_Since=modified).status == 304
        assert ask(room, answer.url, If_Modified_Since="Mon, 01 Jan 2007 00:00:00 GMT").body == full.body
        # The tag counts alone where both are given.
        assert ask(room, answer.url, If_None_Match='"other"', If_Modified_Since=modified).status == 200
    room.visit = 1


def test_the_second_visit_finds_an_edit_a_takedown_and_other_furniture() -> None:
    first, second = (report["body"] for report in REPORTS if report["url"] == METRO)
    addresses = [url for url, end in ENDS.items() if end["visit_1"] == "report"]
    with Newsroom(fail_first=False) as newsroom:
        pages = {}
        for visit in (1, 2):
            newsroom.visit = visit
            pages[visit] = {url: ask(newsroom, url) for url in addresses}
    changed = {url for url in pages[1] if pages[1][url].body != pages[2][url].body}
    (storm,) = (url for url in changed if "/world/" in url)
    (recall,) = (url for url in changed if "/fortune/" in url)
    assert changed == {METRO, storm, recall}
    assert (pages[1][recall].status, pages[2][recall].status) == (200, 404)
    assert "18.3万" in first[0] and "18.3万" not in second[0] and "13.8万" in second[0]
    assert "一些市民在车站留言簿上对票价表示担忧。" in first[2] and "担忧" not in "".join(second)
    body_of_storm = next(report["body"] for report in REPORTS if report["url"] == storm)
    for visit in (1, 2):
        text = pages[visit][storm].body.decode()
        assert all(paragraph in text for paragraph in body_of_storm)


def test_one_page_is_503_at_first_and_then_answers() -> None:
    with Newsroom() as newsroom:
        assert [ask(newsroom, FIRST_503).status for _ in range(3)] == [503, 200, 200]
        assert [entry.status for entry in newsroom.log] == [503, 200, 200]


def test_other_hosts_are_refused_by_http_and_https(room: Newsroom) -> None:
    got = ask(room, "http://example.com/news")
    assert got.status == 502
    assert "does not answer for http://example.com/news and asks no network" in got.body.decode()
    with pytest.raises(urllib.error.URLError, match="502"):
        ask(room, "https://example.com/")
    with pytest.raises(urllib.error.URLError, match="502"):
        ask(room, "https://www.news.cn:8443/")


def test_an_address_that_is_not_listed_is_missing(room: Newsroom) -> None:
    assert ask(room, "https://www.news.cn/politics/20010101/0/c.html").status == 404


def test_tracking_parameters_do_not_choose_the_page(room: Newsroom) -> None:
    assert ask(room, METRO + "?from=timeline&isappinstalled=0").body == ask(room, METRO).body


def test_a_plain_request_is_served_by_its_host_header(room: Newsroom) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", room.port, timeout=20)
    connection.request("GET", "/politics/", headers={"Host": "www.news.cn"})
    assert "时政" in connection.getresponse().read().decode()
    # On the connection that was kept:
    connection.request("GET", "/politics/", headers={"Host": "example.com"})
    assert connection.getresponse().status == 502
    connection.close()


def test_several_requests_go_through_one_tunnel(room: Newsroom) -> None:
    context = ssl.create_default_context(cadata=room.certificate)
    connection = http.client.HTTPSConnection("127.0.0.1", room.port, timeout=20, context=context)
    connection.set_tunnel("www.news.cn", 443)
    sizes = []
    for _ in range(3):
        connection.request("GET", urlsplit(METRO).path)
        sizes.append(len(connection.getresponse().read()))
    connection.close()
    assert len(set(sizes)) == 1 and sizes[0] > 4000


def test_the_log_holds_requests_and_no_tunnels() -> None:
    with Newsroom() as newsroom:
        ask(newsroom, METRO, User_Agent="Dateline-Test")
        (entry,) = newsroom.log
    assert (entry.method, entry.url, entry.status) == ("GET", METRO, 200)
    assert entry.headers["User-Agent"] == "Dateline-Test"


def test_a_client_that_breaks_off_does_not_stop_it(room: Newsroom, capfd: pytest.CaptureFixture[str]) -> None:
    for bytes_ in (b"", b"GET http://www.news.cn/", b"CONNECT www.news.cn:443 HTTP/1.1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", room.port), timeout=20) as client:
            client.sendall(bytes_)
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", room.port), timeout=20) as client:
            # Close with a reset.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(f"GET {METRO} HTTP/1.1\r\n\r\n".encode() * 50)
    assert ask(room, METRO).status == 200
    assert "Traceback" not in capfd.readouterr().err


def test_robots_txt_asks_for_a_delay_and_forbids_a_folder(room: Newsroom) -> None:
    assert "Crawl-delay: 1" in ask(room, "https://thenextweb.com/robots.txt").body.decode()
    assert "Disallow: /private/" in ask(room, "https://www.news.cn/robots.txt").body.decode()
    assert ask(room, "https://english.news.cn/robots.txt").status == 404


# ------------------------------------------------------------------ what is expected of the pages

NAMES = (
    "outlet",
    "layout",
    "language",
    "title",
    "source_label",
    "source_url",
    "editors",
    "authors",
    "dateline",
)
TIMES = ("published_local", "published_precision", "published_utc", "modified_utc")
FIELDS = (*NAMES, *TIMES, "body", "captions", "keywords")


def test_every_address_has_an_expected_end() -> None:
    assert set(ENDS) == {answer.url for answer in ANSWERS}
    known = {"report", "listing", "unchanged", "redirect", "missing", "quarantined", "not-report", "robots"}
    for end in ENDS.values():
        assert {end["visit_1"], end["visit_2"]} <= known, end["url"]


def test_every_report_page_has_expected_values() -> None:
    pages = {url for url, end in ENDS.items() if end["visit_1"] == "report" and "part_of" not in end}
    assert {report["url"] for report in REPORTS} == pages
    assert len(pages) >= 24
    for report in REPORTS:
        assert [field for field in FIELDS if field not in report] == [], report["url"]
        assert report["title"] and report["body"]
        assert (report["published_utc"] is None) == (report["published_precision"] == "day")


def test_every_part_of_a_story_is_expected_and_makes_up_its_body() -> None:
    (story,) = [report for report in REPORTS if report.get("parts")]
    addresses = [part["url"] for part in story["parts"]]
    assert addresses[0] == story["url"] and len(addresses) == 3
    assert [url for url, end in ENDS.items() if end.get("part_of") == story["url"]] == addresses[1:]
    assert [text for part in story["parts"] for text in part["body"]] == story["body"]


def _visible(page: str) -> str:
    """The text of a page without tags and white space, entities of our pages resolved."""
    text = re.sub(r"(?s)<!--.*?-->|<script.*?</script>|<[^>]+>", "", page)
    for entity, sign in (("&nbsp;", ""), ("&emsp;", ""), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, sign)
    text = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), text)
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: f"{report['url']}#{report.get('visit', '')}")
def test_expected_words_stand_on_the_page(report: dict[str, Any]) -> None:
    """Guards against an expectation that drifts from its page; that nothing else is expected is the reader's part."""
    addresses = [part["url"] for part in report.get("parts", [])] or [report["url"]]
    visit = report.get("visit", 1)
    files = [a for a in ANSWERS if a.url in addresses and a.visit in (None, visit)]
    text = "".join(_visible((SAMPLES / a.file).read_bytes().decode(a.charset)) for a in files)
    words = [report["title"], *report["body"], *report["captions"], *report["editors"], *report["authors"]]
    for each in words + report.get("borderline", []):
        assert re.sub(r"\s+", "", each) in text, each
    if report["dateline"]:
        assert report["body"][0].startswith(report["dateline"]["text"])


def _read(answer: Answer, outlet: Any) -> Any:
    from items import Capture
    from pipelines.extract import extract
    from pipelines.normalise import normalise

    headers = [("Content-Type", answer.content_type)]
    at = datetime(2026, 11, 1, tzinfo=UTC)
    capture = Capture(1, "crawl", outlet.name, answer.url, at, answer.status, headers, answer.body)
    return normalise(extract(capture, outlet), outlet)


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: f"{report['url']}#{report.get('visit', '')}")
def test_each_sample_is_read_as_a_careful_reader_says(report: dict[str, Any]) -> None:
    from spiders.outlets.tnw import Tnw
    from spiders.outlets.xinhua import Xinhua

    outlet = Tnw if report["outlet"] == "tnw" else Xinhua
    addresses = [part["url"] for part in report.get("parts", [])] or [report["url"]]
    visit = report.get("visit", 1)
    pages = {a.url: a for a in ANSWERS if a.visit in (None, visit)}
    found = [_read(pages[url], outlet) for url in addresses]
    assert [capture.outcome for capture in found] == ["report"] * len(addresses), found[0].reason
    said = asdict(found[0].report)
    for name in ("body", "captions"):
        said[name] = [text for capture in found for text in getattr(capture.report, name)]
    said["body"] = [text for text in said["body"] if text not in report.get("borderline", [])]
    assert {field: said[field] for field in FIELDS} == {field: report[field] for field in FIELDS}


@pytest.mark.parametrize("url", [url for url, end in ENDS.items() if end["visit_1"] == "quarantined"])
def test_a_page_that_no_layout_fits_is_quarantined_with_the_reason(url: str) -> None:
    from spiders.outlets.xinhua import Xinhua

    (answer,) = [answer for answer in ANSWERS if answer.url == url]
    capture = _read(answer, Xinhua)
    assert capture.outcome == "quarantined"
    assert "0 of the" in capture.reason and url in capture.reason


def test_every_layout_of_both_outlets_has_a_sample() -> None:
    from spiders.outlets.tnw import Tnw
    from spiders.outlets.xinhua import Xinhua

    layouts = {layout.name for outlet in (Xinhua, Tnw) for layout in outlet.layouts}
    assert layouts == {report["layout"] for report in REPORTS}


def test_utc_is_eight_hours_behind_every_xinhua_time() -> None:
    for report in REPORTS:
        if report["outlet"] == "xinhua" and report["published_utc"]:
            local = datetime.fromisoformat(report["published_local"])
            utc = datetime.fromisoformat(report["published_utc"].removesuffix("Z"))
            assert local - utc == timedelta(hours=8), report["url"]


def test_the_named_kinds_of_pages_are_there() -> None:
    by_file = {answer.file: answer for answer in ANSWERS}
    charsets = Counter(answer.charset for answer in ANSWERS if answer.file)
    assert {"gb2312", "gb18030", "iso-8859-1", "utf-8"} <= set(charsets)
    (liar,) = [a for a in by_file.values() if a.charset == "utf-8" and "gb2312" in a.content_type]
    assert b"charset=gb2312" in (SAMPLES / liar.file).read_bytes()
    bodies = Counter(tuple(report["body"]) for report in REPORTS if report.get("visit") != 2)
    reprinted = [body for body, times in bodies.items() if times > 1]
    assert [bodies[body] for body in reprinted] == [2]
    for words in (
        ("10,000", "over 600", "3.2 million"),
        ("10,000", "More than 600", "3.2 million"),
        ("1万名", "600余个", "320万条"),
    ):
        assert [r for r in REPORTS if all(word in "".join(r["body"]) for word in words)], words
    assert Counter(report["language"] for report in REPORTS).keys() == {"en", "zh-Hans"}


# ------------------------------------------------------------------ discovery


_NAMED = re.compile(r"""href=["']?([^"' >]+)|<(?:link|loc)>([^<]+)|"(?:publishUrl|linkUrl)": "([^"]+)\"""")


def _https(url: str) -> str:
    return url.replace("http:", "https:", 1)


def _addresses(answer: Answer) -> set[str]:
    """Every address that a list names, by a simple scan of its text, without query and with https for http."""
    text = (SAMPLES / answer.file).read_text("utf-8")
    found = _NAMED.findall(text)
    base = answer.url
    named = {urljoin(base, next(filter(None, each))).partition("?")[0] for each in found}
    named |= {urljoin(base, f"ds_{name}.json") for name in re.findall(r'data="datasource:(\w+)"', text)}
    return {_https(url) for url in named}


def test_every_report_is_named_by_some_list() -> None:
    named = {url for answer in LISTS if answer.visit != 2 for url in _addresses(answer)}
    named |= {_https(a.location) for a in ANSWERS if _https(a.url) in named}
    for url, end in ENDS.items():
        if end["visit_1"] in ("report", "quarantined") and "part_of" not in end:
            assert _https(url) in named, url


def test_every_list_can_be_reached_from_where_a_crawl_starts() -> None:
    from spiders.outlets.tnw import Tnw
    from spiders.outlets.xinhua import Xinhua

    reached = {_https(url) for outlet in (Xinhua, Tnw) for url in outlet.lists}
    for _ in range(3):
        reached |= {u for a in LISTS if _https(a.url) in reached for u in _addresses(a)}
    for answer in LISTS:
        assert _https(answer.url) in reached, answer.url


def test_what_the_spiders_follow_is_listed() -> None:
    """No link of a list leads a crawl into a 404 but the one that is meant to."""
    from spiders.outlets.tnw import Tnw
    from spiders.outlets.xinhua import Xinhua

    outlets = (Xinhua, Tnw)
    listed = {_https(a.url) for a in ANSWERS if a.status != 404 or a.visit}
    dead = set()
    for answer in LISTS:
        for url in _addresses(answer):
            outlet = next((outlet for outlet in outlets if outlet.owns(url)), None)
            if outlet and outlet.kind_of(url) != "other" and url not in listed:
                dead.add(url)
    assert dead == {a.url for a in ANSWERS if a.status == 404 and a.url.endswith("/c.html") and not a.visit}


def test_the_command_explains_itself() -> None:
    command = [sys.executable, "-m", "samples.newsroom", "--help"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True)
    assert "curl --proxy http://127.0.0.1:8099" in done.stdout


def test_a_taken_port_is_said_in_one_sentence(room: Newsroom) -> None:
    command = [sys.executable, "-m", "samples.newsroom", "--port", str(room.port)]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "choose another --port" in done.stderr and "Traceback" not in done.stderr
