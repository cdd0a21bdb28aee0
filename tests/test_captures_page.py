"""/captures/<id>, its page and its record: what is shown of the evidence, and what a hostile one cannot do."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from conftest import Crawled
from fastwarc.warc import ArchiveIterator
from serving import RELEASES, Answer, answer, page, serving
from small_archive import SAMPLES, make_archive

from archive.publishing import make_public
from archive.storage import Captures
from archive.warc_format import member, new_id, warc_date, warc_fields
from publish import evidence

CAPTURE = re.compile(r"/captures/(\d+)")


def soup_of(found: Answer | str) -> BeautifulSoup:
    return BeautifulSoup(found if isinstance(found, str) else found.text, "lxml")


def words(soup: BeautifulSoup) -> str:
    return " ".join(soup.select_one("main").get_text().split())  # type: ignore[union-attr]


def facts(soup: BeautifulSoup) -> dict[str, str]:
    return {
        term.get_text(): " ".join(said.get_text().split())
        for term in soup.select("dt")
        if (said := term.find_next_sibling("dd"))
    }


# The sample newsroom's own captures


def captures(crawled: Crawled, where: str) -> list[int]:
    with crawled.place.connect() as connection:
        return [row[0] for row in connection.execute(f"select id from captures where {where} order by id")]


def test_a_capture_tells_everything_of_its_row(room: str, crawled: Crawled) -> None:
    (capture, *_) = captures(crawled, "outcome = 'report' and revisit_of is null and charset = 'gb18030'")
    with crawled.place.connect() as connection:
        connection.row_factory = None
        row = connection.execute(
            "select url, payload_sha256, warc, offset, length, crawl, report from captures where id = ?", [capture]
        ).fetchone()
    soup = soup_of(page(room, f"/captures/{capture}"))
    told = facts(soup)
    assert told["Address"] == row[0]
    assert told["SHA-256"] == row[1]
    assert (told["WARC file"], told["Offset"], told["Length"]) == (row[2], str(row[3]), f"{row[4]} bytes")
    assert told["Crawl"] == f"{row[5]}, finished"
    assert told["Answer"] == "200 OK"
    assert told["Outcome"] == "report: read as a report"
    assert told["Charset"] == "read as gb18030"
    assert told["Number"] == f"{capture} (microseconds since 1970)"
    hrefs = [str(link["href"]) for link in soup.select("main a")]
    assert f"/reports/{row[6]}?version=1" in hrefs
    assert f"/captures/{capture}/record" in hrefs
    frame = soup.select_one("iframe")
    assert frame is not None
    assert not frame["sandbox"]  # there, and allows nothing
    assert frame["src"] == f"/captures/{capture}/page"
    assert str(frame["title"]).startswith("The page as captured on ")


def test_a_page_is_served_as_what_it_was_read_as_and_can_do_nothing(room: str, crawled: Crawled) -> None:
    for capture in captures(crawled, "outcome = 'report' and revisit_of is null")[:12]:
        found = answer(room, f"/captures/{capture}/page")
        assert found.status == 200
        assert found.headers["Content-Type"] == "text/html; charset=utf-8"
        policy = found.headers["Content-Security-Policy"]
        assert policy.startswith("sandbox; default-src 'none';")
        assert "script" not in policy
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        assert found.headers["Cache-Control"] == "no-store"
        assert found.headers["X-DNS-Prefetch-Control"] == "off"
        assert found.headers["Referrer-Policy"] == "no-referrer"
        assert found.headers["Set-Cookie"] is None
        assert "\ufffd" not in found.text


def test_a_gb2312_page_is_read_in_its_charset(room: str, crawled: Crawled) -> None:
    (capture, *_) = captures(crawled, "report = 2012072512143392")
    found = answer(room, f"/captures/{capture}/page").text
    assert "公安部网络样例局副局长刘䶮在通报会上说" in found  # 䶮 is in GB18030 alone
    assert "charset=gb2312" in found  # the page still says so, and the header overrules it


def test_a_revisit_shows_the_page_that_it_refers_to_and_says_so(room: str, crawled: Crawled) -> None:
    first, second = captures(crawled, "report = 2012072512143392")
    soup = soup_of(page(room, f"/captures/{second}"))
    assert "The same payload had been captured before" in words(soup)
    assert "It is the page of the capture that this one refers to" in words(soup)
    assert f"/captures/{first}" in [str(link["href"]) for link in soup.select("main a")]
    assert answer(room, f"/captures/{second}/page").body == answer(room, f"/captures/{first}/page").body


def test_a_304_shows_the_page_that_it_refers_to_and_says_so(room: str, crawled: Crawled) -> None:
    with crawled.place.connect() as connection:
        capture, of, kind = connection.execute(
            "select later.id, first.id, first.content_type from captures as later join captures as first "
            "on first.id = later.revisit_of where later.status = 304 and later.report is not null"
        ).fetchone()
    soup = soup_of(page(room, f"/captures/{capture}"))
    assert "The server answered that nothing had been modified, so no page came." in words(soup)
    assert facts(soup)["Answer"] == "304 Not Modified"
    assert kind.startswith("text/html")
    assert answer(room, f"/captures/{capture}/page").body == answer(room, f"/captures/{of}/page").body


def test_feeds_and_lists_are_shown_as_plain_text(room: str, crawled: Crawled) -> None:
    for where in ("content_type = 'application/json'", "content_type like 'application/rss+xml%'"):
        (capture, *_) = captures(crawled, f"outcome = 'listing' and revisit_of is null and {where}")
        found = answer(room, f"/captures/{capture}/page")
        assert found.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert found.headers["Content-Security-Policy"].startswith("sandbox;")
        assert soup_of(page(room, f"/captures/{capture}")).select_one("iframe") is None


def test_a_capture_without_an_answer_has_a_page_and_no_payload(room: str, crawled: Crawled) -> None:
    (capture, *_) = captures(crawled, "status is null")
    soup = soup_of(page(room, f"/captures/{capture}"))
    assert facts(soup)["Answer"] == "no answer"
    assert facts(soup)["Why"] == "IgnoreRequest: Forbidden by robots.txt"
    found = answer(room, f"/captures/{capture}/page")
    assert found.status == 404
    assert "No page came with this capture" in found.text


def test_a_record_is_the_bytes_of_its_file(room: str, crawled: Crawled) -> None:
    with crawled.place.connect() as connection:
        rows = connection.execute(
            "select id, url, warc, offset, length from captures order by random() limit 20"
        ).fetchall()
    for capture, url, warc, offset, length in rows:
        found = answer(room, f"/captures/{capture}/record")
        with (crawled.place.captures / warc).open("rb") as file:
            file.seek(offset)
            assert found.body == file.read(length)
        assert found.headers["Content-Type"] == "application/warc"
        assert found.headers["Content-Disposition"] == f'attachment; filename="dateline-{capture}.warc.gz"'
        (record,) = ArchiveIterator(io.BytesIO(found.body))  # what others' software makes of it
        assert record.headers["WARC-Target-URI"] == url


def test_the_commands_on_the_page_give_the_digest_on_the_page(room: str, crawled: Crawled, tmp_path: Path) -> None:
    """As a reader would run them: beside the folder of captures, with nothing of ours."""
    (tmp_path / "captures").symlink_to(crawled.place.captures)
    with crawled.place.connect() as connection:
        gzipped = connection.execute(
            "select id from captures where revisit_of is null and outcome = 'report' order by payload_length limit 4"
        ).fetchall()
        others = connection.execute(
            "select id from captures where revisit_of is null and status is not null and outcome <> 'report' limit 8"
        ).fetchall()
    for (capture,) in gzipped + others:
        soup = soup_of(page(room, f"/captures/{capture}"))
        digest = facts(soup)["SHA-256"]
        assert re.fullmatch("[0-9a-f]{64}", digest)
        shell, python = (soup.select_one(place).get_text() for place in ("#check-shell", "#check-python"))  # type: ignore[union-attr]
        ran = subprocess.run(["bash", "-c", shell], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert ran.stdout == f"{digest}  -\n"
        ran = subprocess.run(
            [sys.executable, "-I", "-"], input=python, cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert ran.stdout == f"{digest}\n"


def test_a_revisit_is_checked_by_looking_at_its_record(room: str, crawled: Crawled, tmp_path: Path) -> None:
    (tmp_path / "captures").symlink_to(crawled.place.captures)
    (capture, *_) = captures(crawled, "revisit_of is not null and outcome = 'report'")
    soup = soup_of(page(room, f"/captures/{capture}"))
    assert soup.select_one("#check-python") is None
    shell = soup.select_one("#check-shell").get_text()  # type: ignore[union-attr]
    ran = subprocess.run(["bash", "-c", shell.replace("less", "cat")], cwd=tmp_path, capture_output=True, check=True)
    assert b"WARC-Type: revisit" in ran.stdout
    assert b"WARC-Refers-To-Date" in ran.stdout


@pytest.mark.parametrize("path", ["", "/page", "/record"])
def test_a_number_without_a_capture_is_told_in_a_sentence(room: str, path: str) -> None:
    found = answer(room, f"/captures/5{path}")
    assert found.status == 404
    assert "No capture has the number 5." in words(soup_of(found))


@pytest.mark.parametrize("path", ["/page", "/record"])
def test_a_missing_file_is_named_and_no_path_of_the_machine(server: str, path: str) -> None:
    soup = soup_of(page(server, "/captures/2012072600300001"))
    assert "Its WARC file is not here. first.warc.gz is not in the folder of captures" in words(soup)
    assert soup.select_one("iframe") is None
    found = answer(server, f"/captures/2012072600300001{path}")
    assert found.status == 404
    assert "/tmp" not in found.text


# A file made by hand


@dataclass(frozen=True)
class Made:
    """A record of a hand-made WARC file, and what the archive's row says of it."""

    payload: bytes
    content_type: str = "text/html"
    charset: str | None = None
    http: tuple[str, ...] = ()
    row: tuple[tuple[str, object], ...] = ()


HOSTILE = (
    b"<!doctype html><html><head><LINK rel=preconnect href=//evil.example><link\nrel='dns-prefetch' href=//evil.example>"
    b"<link/rel=preload href=x><linkedin></head><body onload=alert(1)><script>alert(1)</script><p>Text</p></body></html>"
)
MADE = {
    1: Made(HOSTILE),
    2: Made(gzip.compress("公安部".encode("gb18030")), "text/html; charset=gb2312", "gb18030", ("Content-Encoding: gzip",)),
    3: Made(b"\x89PNG\r\n\x1a\n", "image/png"),
    4: Made(b"<html>" + b"x" * (9 * 1024 * 1024), "text/html"),
    5: Made(b"<p>fine</p>", row=(("offset", 10**15),)),
    6: Made(b"<p>fine</p>", row=(("length", 20),)),
    7: Made(b"<p>fine</p>", row=(("url", "http://xinhua.example/another"),)),
    8: Made(b"<p>fine</p>", row=(("warc", "../outside.warc.gz"),)),
    9: Made(b"<p>fine</p>", row=(("warc", "deep/inside.warc.gz"),)),
    10: Made(b"<p>fine</p>", row=(("warc", ".."),)),
    11: Made(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "image/svg+xml"),
    12: Made(b"<a>1</a>", "application/atom+xml"),
    13: Made(b"<p>kept</p>", "text/html", "no-such-charset"),
    14: Made("\ufeff<LINK rel=preconnect href=//evil.example>中".encode("utf-16"), "text/html", "utf-16-le"),
    15: Made(b"<p>fine</p>", row=(("offset", -1),)),
    16: Made(b"<p>fine</p>", row=(("length", 0),)),
    17: Made(b"<p>torn</p>", "text/html", None, ("Content-Encoding: gzip",)),
    18: Made(b"", "text/html"),
}  # fmt: skip
BASE = 1_795_527_295_000_000
FILE = "dateline-20261124T133455000000Z-00000.warc.gz"


def make_evidence(folder: Path) -> None:
    """archive.db, and captures/ with one file that a crawl still writes."""
    connection = make_archive(folder / "archive.db", SAMPLES[:1])
    (folder / "captures" / "deep").mkdir(parents=True)
    info = new_id()
    about = warc_fields([("crawl", "one"), ("outlet", "xinhua"), ("started", "2026-11-24T13:34:55Z")])
    data = member(
        [("WARC-Type", "warcinfo"), ("WARC-Record-ID", info), ("WARC-Date", warc_date(BASE)),
         ("Content-Type", "application/warc-fields")],
        about,
    )  # fmt: skip
    for number, made in MADE.items():
        url = f"http://xinhua.example/{number}"
        head = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {made.content_type}", *made.http, "", ""])
        fields = [
            ("WARC-Type", "response"),
            ("WARC-Target-URI", url),
            ("WARC-Date", warc_date(BASE + number)),
            ("WARC-Record-ID", new_id()),
            ("WARC-Warcinfo-ID", info),
            ("Content-Type", "application/http;msgtype=response"),
        ]
        record = member(fields, head.encode() + made.payload)
        row = {"url": url, "warc": FILE, "offset": len(data), "length": len(record)} | dict(made.row)
        # A row that lies about its place still needs one of its own.
        row["offset"] = row["offset"] if row["warc"] == FILE else number
        connection.execute(
            "insert into captures (id, crawl, outlet, url, canonical, at, status, content_type, charset, payload_sha256, "
            "payload_length, warc, offset, length, origin, outcome) values (?, 'one', 'xinhua', ?, ?, "
            "'2026-11-24T13:34:55Z', 200, ?, ?, ?, ?, ?, ?, ?, 'live', 'report')",
            [BASE + number, row["url"], row["url"], made.content_type, made.charset,
             hashlib.sha256(made.payload).hexdigest(), len(made.payload), row["warc"], row["offset"], row["length"]],
        )  # fmt: skip
        data += record
    (folder / "captures" / f"{FILE}.open").write_bytes(data)
    for other in ("outside.warc.gz", "captures/deep/inside.warc.gz"):
        (folder / other).write_bytes(data)
    connection.close()


@pytest.fixture(scope="module", params=RELEASES)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("evidence")
    make_evidence(folder)
    with serving(folder / "archive.db", release=request.param) as address:
        yield address


def shown(server: str, number: int) -> Answer:
    return answer(server, f"/captures/{BASE + number}/page")


def test_a_file_that_is_still_written_is_read(made: str) -> None:
    assert "<p>Text</p>" in shown(made, 1).text
    assert answer(made, f"/captures/{BASE + 1}/record").body[:2] == b"\x1f\x8b"


def test_links_that_would_open_connections_are_renamed_and_all_else_stays(made: str) -> None:
    text = shown(made, 1).text
    assert not re.search(r"<link[\s/>]", text, re.IGNORECASE)
    assert text == re.sub(r"<link(?=[\s/>])", "<kept-link", HOSTILE.decode(), flags=re.IGNORECASE)
    assert "<linkedin>" in text
    assert "<link" not in shown(made, 14).text.lower()  # in UTF-16 too
    assert "中" in shown(made, 14).text


def test_a_compressed_page_is_opened_and_its_charset_believed(made: str) -> None:
    assert shown(made, 2).text == "公安部"


def test_a_charset_that_nobody_knows_is_read_as_utf_8(made: str) -> None:
    assert shown(made, 13).text == "<p>kept</p>"


def test_pictures_are_not_shown_and_feeds_are_text(made: str) -> None:
    for number, kind in ((3, "image/png"), (11, "image/svg+xml")):
        found = shown(made, number)
        assert found.status == 404
        assert f"The payload is {kind}, which is not shown here." in words(soup_of(found))
        assert answer(made, f"/captures/{BASE + number}/record").status == 200
    assert shown(made, 12).headers["Content-Type"] == "text/plain; charset=utf-8"


def test_a_page_beyond_the_limit_is_told_by_its_size(made: str) -> None:
    found = shown(made, 4)
    assert found.status == 404
    assert "Its payload has 9,437,190 bytes, and no more than 8,388,608 are shown here." in words(soup_of(found))


def test_an_empty_or_damaged_payload_is_told(made: str) -> None:
    assert "its answer was empty" in words(soup_of(shown(made, 18)))
    found = shown(made, 17)
    assert found.status == 404
    assert "Its payload cannot be shown: the body cannot be decoded" in words(soup_of(found))
    assert answer(made, f"/captures/{BASE + 17}/record").status == 200


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (5, "it is another file, or was cut short"),
        (6, f"{FILE} does not hold this capture at byte"),
        (8, "The WARC file ../outside.warc.gz is not in the folder of captures"),
        (9, "The WARC file deep/inside.warc.gz is not in the folder of captures"),
        (10, "The WARC file .. is not in the folder of captures"),
        (15, "it is another file, or was cut short"),
        (16, "it is another file, or was cut short"),
    ],
)
def test_a_row_that_names_another_place_gets_nothing(made: str, number: int, sentence: str) -> None:
    for path in ("page", "record"):
        found = answer(made, f"/captures/{BASE + number}/{path}")
        assert found.status == 404
        assert sentence in words(soup_of(found))
        assert b"fine" not in found.body
    assert answer(made, f"/captures/{BASE + number}").status == 200


def test_an_address_that_was_written_otherwise_is_known_by_its_date(made: str) -> None:
    assert shown(made, 7).text == "<p>fine</p>"


# A public edition


@pytest.fixture(scope="module", params=RELEASES)
def public(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("public")
    make_evidence(folder)
    make_public(folder / "archive.db", folder / "public.db", "0", "2026-11-24T10:00:00Z")
    with serving(folder / "public.db", release=request.param) as address:  # its captures are even beside it
        yield address


def test_in_public_pages_and_records_are_refused(public: str) -> None:
    for path in ("page", "record"):
        found = answer(public, f"/captures/{BASE + 1}/{path}")
        assert found.status == 404
        assert "This is a public edition of the archive" in words(soup_of(found))
        assert b"<p>Text</p>" not in found.body
    soup = soup_of(page(public, f"/captures/{BASE + 1}"))
    assert "it holds no captured pages and no records" in words(soup)
    assert soup.select_one("iframe") is None
    assert not [link for link in soup.select("main a") if re.search(r"/captures/\d+/", str(link["href"]))]
    assert facts(soup)["WARC file"] == FILE


# Without a server


def test_a_pipe_or_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.warc.gz").mkdir()
    assert evidence.find([Captures(tmp_path)], "folder.warc.gz") is None
    assert evidence.find([Captures(tmp_path / "nowhere")], "x") is None


def test_the_first_folder_that_has_the_file_is_taken(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "two" / "a.warc.gz.open").write_bytes(b"")
    places = [Captures(tmp_path / "one"), Captures(tmp_path / "two")]
    assert evidence.find(places, "a.warc.gz") is places[1]
    shutil.copy(tmp_path / "two" / "a.warc.gz.open", tmp_path / "one" / "a.warc.gz")
    assert evidence.find(places, "a.warc.gz") is places[0]


@pytest.fixture
def referred(tmp_path: Path) -> tuple[list[Captures], evidence.Place]:
    """Captures whose one file lies elsewhere, and the place of its record."""
    make_evidence(tmp_path)
    (tmp_path / "theirs").mkdir()
    (tmp_path / "captures" / f"{FILE}.open").rename(tmp_path / "theirs" / FILE)
    captures = Captures(tmp_path / "captures")
    captures.refer(FILE, str(tmp_path / "theirs" / FILE))
    row = sqlite3.connect(tmp_path / "archive.db").execute(
        "select id, url, warc, offset, length from captures where id = ?", [BASE + 1]
    )
    return [captures], evidence.Place(*row.fetchone())


def test_a_reference_is_followed(referred: tuple[list[Captures], evidence.Place], tmp_path: Path) -> None:
    places, place = referred
    assert evidence.find(places, FILE) is places[0]
    data = (tmp_path / "theirs" / FILE).read_bytes()
    assert evidence.record_bytes(places, place) == data[place.offset : place.offset + place.length]
    assert b"<p>Text</p>" in evidence.page_bytes(places, place, "utf-8")


def test_a_row_cannot_name_a_reference_or_lead_to_one_elsewhere(
    referred: tuple[list[Captures], evidence.Place], tmp_path: Path
) -> None:
    places, place = referred
    shutil.copy(tmp_path / "captures" / f"{FILE}.ref", tmp_path / "theirs" / "copy.warc.gz.ref")
    shutil.copy(tmp_path / "captures" / f"{FILE}.ref", tmp_path / "captures" / "deep" / "copy.warc.gz.ref")
    for name in ("../theirs/copy.warc.gz", "deep/copy.warc.gz", str(tmp_path / "theirs" / FILE), f"./{FILE}"):
        assert evidence.find(places, name) is None
        with pytest.raises(evidence.Unavailable, match="is not in the folder of captures"):
            evidence.record_bytes(places, replace(place, warc=name))
    with pytest.raises(evidence.Unavailable, match="it is another file, or was cut short"):
        evidence.record_bytes(places, replace(place, warc=f"{FILE}.ref"))


@pytest.mark.parametrize(
    ("location", "offset"), [("pipe", 0), ("/dev/zero", 0), ("", 0), ("nowhere", 0), ("s3://", 0), ("theirs", 10**30)]
)
def test_a_reference_to_anything_but_a_file_gives_nothing(
    referred: tuple[list[Captures], evidence.Place], tmp_path: Path, location: str, offset: int
) -> None:
    places, place = referred
    os.mkfifo(tmp_path / "pipe")
    location = {"pipe": str(tmp_path / "pipe"), "theirs": str(tmp_path / "theirs" / FILE)}.get(location, location)
    about = {"location": location, "offset": offset, "bytes": 1_000_000}
    (tmp_path / "captures" / "it.warc.gz.ref").write_text(json.dumps(about))
    os.mkfifo(tmp_path / "captures" / "pipe.warc.gz.ref")
    for name in ("it.warc.gz", "pipe.warc.gz"):
        with pytest.raises(evidence.Unavailable):
            evidence.page_bytes(places, replace(place, warc=name), "utf-8")


@pytest.mark.parametrize(
    ("content_type", "form"),
    [
        ("text/html; charset=utf-8", "page"),
        ("application/xhtml+xml", "page"),
        ("TEXT/HTML", "page"),
        ("text/plain", "text"),
        ("application/json", "text"),
        ("application/rss+xml; charset=UTF-8", "text"),
        ("text/xml", "text"),
        ("image/svg+xml", ""),
        ("application/octet-stream", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_type_is_shown_in_one_way(content_type: str | None, form: str) -> None:
    assert evidence.form_of(content_type) == form


def test_a_page_that_was_missing_says_how_it_looked(tmp_path: Path) -> None:
    archive = make_archive(tmp_path / "archive.db")
    for cause, report in (("soft-404", SAMPLES[0]), ("login", SAMPLES[1])):
        archive.execute("update captures set outcome = 'missing', cause = ? where id = ?", [cause, report.id])
    archive.close()
    with serving(tmp_path / "archive.db") as address:
        assert "the server answered 200 with a page that says it is not there" in page(
            address, f"/captures/{SAMPLES[0].id}"
        )
        assert "the address led to a login or a pay wall" in page(address, f"/captures/{SAMPLES[1].id}")
        assert "How it looked" not in page(address, f"/captures/{SAMPLES[2].id}")
