"""/captures/<id>: one request and its answer, where its bytes lie, and how to check them. /captures/<id>/page shows the
page within bounds that it cannot leave, /captures/<id>/record gives the WARC record."""

from __future__ import annotations

import asyncio
import logging
import shlex
import sqlite3
from http import HTTPStatus
from pathlib import Path
from typing import Any

from datasette.utils import tilde_encode  # type: ignore[import-untyped]
from datasette.utils.asgi import Response  # type: ignore[import-untyped]

import settings
from archive.storage import Captures
from archive.writer import captures_of
from publish import evidence, origins, spells
from publish.room import DATABASE, NotFound, is_public, read, rows, show, whole_number
from publish.security import CAPTURED_POLICY

logger = logging.getLogger(__name__)

_HOPS = 8  # revisits of revisits that are followed
OUTCOMES = {
    "report": "read as a report",
    "listing": "read as a list of links",
    "unchanged": "not modified since an earlier capture",
    "redirect": "leads to another address",
    "not-report": "neither a report nor a list",
    "quarantined": "could not be read; the page is kept",
    "missing": "the page is missing at the outlet",
    "refused": "the outlet refused to answer",
    "server-error": "the outlet’s server failed",
    "failed": "no answer that could be used",
    "robots": "about what robots.txt allows",
}
_LOGIN = "the address led to a login or a pay wall"
_ELSEWHERE = "# Copy the WARC file into captures first: it lies elsewhere (docs/captures.md, Where captures live).\n"
_PRIVATE = "This is a public edition of the archive: it holds no captured pages and no records, only where they lie."
HEADERS = {"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin", "X-DNS-Prefetch-Control": "off"}


async def view(datasette: Any, request: Any) -> Any:
    """What is known of one capture, with its page in a frame."""
    found = await read(datasette, lambda connection: _told(connection, whole_number(request, "capture")))
    capture = found["capture"]
    held = found["chain"][-1]
    where = await asyncio.to_thread(evidence.find, places(datasette), capture["warc"])
    held_where = (
        where
        if held["warc"] == capture["warc"]
        else await asyncio.to_thread(evidence.find, places(datasette), held["warc"])
    )
    elsewhere = "" if where is None or where.is_local(capture["warc"]) else _ELSEWHERE
    return await show(
        datasette, request, "capture", **found,
        is_here=where is not None, held=held, held_is_here=held_where is not None,
        form=evidence.form_of(held["content_type"]) if held["payload_length"] and held["revisit_of"] is None else "",
        answered=status_words(capture["status"]),
        outcome=OUTCOMES.get(capture["outcome"], capture["outcome"]),
        cause=_cause(capture["cause"]),
        maker="" if origins.is_ours(capture) else origins.name(capture),
        crawl_row=tilde_encode(capture["crawl"] or ""),
        by_shell=elsewhere + by_shell(capture), by_python=by_python(capture) and elsewhere + by_python(capture),
    )  # fmt: skip


def _cause(cause: str | None) -> str:
    """How a report was missing, or kept from us, in words."""
    return _LOGIN if cause == "login" else spells.how(cause) if cause else ""


async def page(datasette: Any, request: Any) -> Any:
    """The page of a capture, or of the one that it refers to: without scripts, and cut off from everything else."""
    held = await read(datasette, lambda connection: _chain(connection, _capture(connection, request))[-1])
    form = evidence.form_of(held["content_type"])
    if held["revisit_of"] is not None:
        return await _no_page(datasette, request, "The capture that holds this payload is not in the archive.")
    if not held["payload_length"]:
        return await _no_page(datasette, request, "No page came with this capture: its answer was empty, or none came.")
    if not form:
        kind = held["content_type"] or "of a type that the server did not name"
        return await _no_page(
            datasette, request, f"The payload is {kind}, which is not shown here. Its record can be downloaded."
        )
    charset = evidence.charset_of(held["charset"], held["content_type"])
    try:
        body = await asyncio.to_thread(evidence.page_bytes, places(datasette), _place(held), charset)
    except evidence.Unavailable as error:
        return await _no_page(datasette, request, str(error))
    kind = "text/html" if form == "page" else "text/plain"
    return _bytes(body, f"{kind}; charset=utf-8", {"Content-Security-Policy": CAPTURED_POLICY})


async def record(datasette: Any, request: Any) -> Any:
    """The bytes of a capture's WARC record, to keep."""
    capture = await read(datasette, lambda connection: _capture(connection, request))
    try:
        body = await asyncio.to_thread(evidence.record_bytes, places(datasette), _place(capture))
    except evidence.Unavailable as error:
        return await _no_page(datasette, request, str(error), "The record is not here")
    ending = "warc.gz" if body[:2] == b"\x1f\x8b" else "warc"
    disposition = f'attachment; filename="dateline-{capture["id"]}.{ending}"'
    return _bytes(body, "application/warc", {"Content-Disposition": disposition})


def places(datasette: Any) -> list[Captures]:
    """Where WARC files may lie: where the settings say, and in the folder beside the archive that is served."""
    found = []
    try:
        found.append(captures_of(vars(settings)))
    except (OSError, ValueError) as error:  # s3://… without the package for it: the archive can be read all the same
        logger.warning("Captures cannot be shown: %s", error)
    path = datasette.get_database(DATABASE).path
    if path:
        found.append(Captures(Path(path).resolve().parent / "captures"))
    return found


def status_words(status: int | None) -> str:
    """404 → "404 Not Found"."""
    if status is None:
        return "no answer"
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def by_shell(capture: dict[str, Any]) -> str:
    """Commands that print the payload's SHA-256 from the WARC file; of a capture without a payload, its record."""
    name, gunzip = _file(capture), " | gzip -dc" if _is_gzip(capture) else ""
    cut = f"tail -c +{capture['offset'] + 1} {name} | head -c {capture['length']}{gunzip} > record.warc"
    if not _has_checked_payload(capture):
        return f"{cut}\nless record.warc"
    return f"{cut}\nsed '1,/^\\r$/d' record.warc | sed '1,/^\\r$/d' | head -c -4 | sha256sum"


def by_python(capture: dict[str, Any]) -> str:
    """The same in Python, on any system; "" where there is no payload to check."""
    if not _has_checked_payload(capture):
        return ""
    name, piece = capture["warc"], f"file.read({capture['length']})"
    return "\n".join([
        "import gzip, hashlib" if _is_gzip(capture) else "import hashlib",
        f"with open({f'captures/{name}'!r}, 'rb') as file:",
        f"    file.seek({capture['offset']})",
        f"    record = {f'gzip.decompress({piece})' if _is_gzip(capture) else piece}",
        "payload = record.split(b'\\r\\n\\r\\n', 2)[2][:-4]",
        "print(hashlib.sha256(payload).hexdigest())",
    ])  # fmt: skip


def _file(capture: dict[str, Any]) -> str:
    return shlex.quote(f"captures/{capture['warc']}")


def _is_gzip(capture: dict[str, Any]) -> bool:
    return str(capture["warc"]).endswith(".gz")


def _has_checked_payload(capture: dict[str, Any]) -> bool:
    """Whether the record holds the very bytes whose digest the row gives: files of others may be chunked or have other
    line ends."""
    return bool(
        capture["crawl"]
        and capture["revisit_of"] is None
        and capture["payload_sha256"]
        and capture["status"] is not None
    )


async def _no_page(datasette: Any, request: Any, message: str, heading: str = "There is no page to show") -> Any:
    return await show(datasette, request, "trouble", status=404, heading=heading, message=message)


def _bytes(body: bytes, content_type: str, headers: dict[str, str]) -> Any:
    return Response(body, headers=HEADERS | headers, content_type=content_type)


def _place(capture: dict[str, Any]) -> evidence.Place:
    return evidence.Place(capture["id"], capture["url"], capture["warc"], capture["offset"], capture["length"])


def _capture(connection: sqlite3.Connection, request: Any) -> dict[str, Any]:
    """The row of the capture that an address names, whose bytes may be given out."""
    if is_public(connection):
        raise NotFound(_PRIVATE)
    return _row(connection, whole_number(request, "capture"))


def _row(connection: sqlite3.Connection, capture: int) -> dict[str, Any]:
    found = rows(connection, "select * from captures where id = ?", [capture])
    if not found:
        raise NotFound(f"No capture has the number {capture}.")
    return found[0]


def _chain(connection: sqlite3.Connection, capture: dict[str, Any]) -> list[dict[str, Any]]:
    """The capture, and those that it refers to for its payload, one after the other."""
    chain = [capture]
    while chain[-1]["revisit_of"] is not None and len(chain) < _HOPS:
        further = rows(connection, "select * from captures where id = ?", [chain[-1]["revisit_of"]])
        if not further:
            break
        chain += further
    return chain


def _told(connection: sqlite3.Connection, number: int) -> dict[str, Any]:
    capture = _row(connection, number)
    chain = _chain(connection, capture)
    same = "select id, at, origin, source from captures where url = ? and id {} ? order by id {} limit 1"
    return {
        "public": is_public(connection),
        "capture": capture,
        "chain": chain,
        "outlet": rows(connection, "select id, title_en as title, kind from outlets where id = ?", [capture["outlet"]])[
            0
        ],
        "report": _one(connection, "select id, title, language, state from reports where id = ?", [capture["report"]]),
        "crawl": _one(connection, "select * from crawls where id = ?", [capture["crawl"]]),
        "version": _one(
            connection, "select report, number, layout from versions where capture = ? order by id limit 1", [number]
        ),
        "reading": _one(connection, "select part, parts from readings where capture = ?", [number]),
        "earlier": _one(connection, same.format("<", "desc"), [capture["url"], number]),
        "later": _one(connection, same.format(">", "asc"), [capture["url"], number]),
    }


def _one(connection: sqlite3.Connection, sql: str, parameters: list[Any]) -> dict[str, Any] | None:
    found = rows(connection, sql, parameters)
    return found[0] if found else None
