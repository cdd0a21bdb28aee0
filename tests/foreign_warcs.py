"""Pages of the sample newsroom and of the outlets, in WARC files as other programs write them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from items import Capture
from pipelines.extract import extract
from pipelines.normalise import normalise
from pipelines.shards import owner_of
from samples.newsroom import answers
from spiders.outlets.tnw import Tnw
from spiders.outlets.xinhua import Xinhua

OUTLETS = {"tnw": Tnw, "xinhua": Xinhua}
# Pages as they were served, beside this repository where they are at hand; nobody may give them away.
REAL = Path(__file__).resolve().parents[2] / "shared" / "pages"


@dataclass(frozen=True)
class Saved:
    url: str
    body: bytes
    content_type: str


def pages(real: bool = True) -> list[Saved]:
    """Reports and lists that were answered with 200, each address once."""
    found = {
        answer.url: Saved(answer.url, answer.body, answer.content_type)
        for answer in answers()
        if answer.status == 200 and answer.file and answer.visit in (None, 1)
    }
    if real and REAL.is_dir():
        for line in (REAL / "pages.jsonl").read_text("utf-8").splitlines():
            about = json.loads(line)
            if owner(about["url"] or ""):
                body = (REAL.parent / about["file"]).read_bytes()
                found[about["url"]] = Saved(about["url"], body, "text/html")
    return list(found.values())


owner = owner_of(OUTLETS)


def read_directly(saved: Saved) -> Capture:
    """What the pipelines make of a page, without any WARC file."""
    outlet = OUTLETS[owner(saved.url)]
    at = datetime(2026, 11, 1, tzinfo=UTC)
    headers = [("Content-Type", saved.content_type)]
    capture = Capture(0, "", outlet.name, saved.url, at, 200, headers, saved.body, origin="import")
    return normalise(extract(capture, outlet), outlet)


def expected(some: list[Saved]) -> dict[str, tuple[object, ...]]:
    """What each report on a page of its own must say, once it is read from whatever file."""
    found: dict[str, tuple[object, ...]] = {}
    for saved in some:
        read = read_directly(saved)
        if read.report and not read.report.part_urls:
            found[read.canonical] = (read.report.title, read.report.published_local, "\n\n".join(read.report.body))
    return found


def held(archive: Path) -> dict[str, tuple[object, ...]]:
    """The same of an archive's reports of one version, by canonical address."""
    with closing(sqlite3.connect(archive)) as connection:
        rows = connection.execute(
            "select url, reports.title, published_local, body from reports join versions on versions.report = reports.id "
            "where versions = 1 and pages = 1"
        ).fetchall()
    return {url: tuple(facts) for url, *facts in rows}


def warcio_file(path: Path, some: list[Saved], date: str = "2024-05-06T07:08:09Z", gzip: bool = True) -> Path:
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=gzip)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "warcio"}))
        for saved in some:
            head = StatusAndHeaders("200 OK", [("Content-Type", saved.content_type)], protocol="HTTP/1.1")
            response = writer.create_warc_record(
                saved.url, "response", BytesIO(saved.body), http_headers=head, warc_headers_dict={"WARC-Date": date}
            )
            asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "x")], is_http_request=True)
            writer.write_request_response_pair(
                writer.create_warc_record(saved.url, "request", http_headers=asked), response
            )
    return path
