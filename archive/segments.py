"""Segments: what a WARC file holds, read and interpreted, as a file that the archive's writer merges.

A segment is made from one WARC file by one version of the code that reads, and from nothing else: whoever makes it, and
wherever, its bytes are the same. JSON, one event a line in the order of the file, compressed with gzip.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO, TextIOWrapper
from typing import Any

from archive.warc_format import EPOCH, to_microseconds
from archive.warc_reader import Broken, CrawlFinished, CrawlStarted, Event
from items import Capture, Dateline, Hyperlink, Link, Report

SUFFIX = ".segment.gz"
_FORMAT = 1
_LEVEL = 3  # 15 % larger than level 6 in a third of its time
# The headers that rows are made from; the others are in the WARC file.
_HEADERS = {"location", "content-type", "etag", "last-modified"}
_KINDS = {"started": CrawlStarted, "finished": CrawlFinished, "broken": Broken}
_NAMES = {kind: name for name, kind in _KINDS.items()}


class SegmentUnreadable(ValueError):
    """A segment is damaged, cut short or of another format; the message names it and the next step."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment that lies in a store. `passed_over` counts records of the WARC file that could not be used, `foreign`
    those that are of no outlet; `warc_bytes` is the size of the WARC file when it was read."""

    name: str
    warc: str
    warc_bytes: int
    extractor: str
    captures: int
    passed_over: int
    foreign: int
    bytes: int
    sha256: str


def name_of(warc: str, extractor: str) -> str:
    """dateline-20261124T….warc.gz and 1f3a9c0b2d11 → dateline-20261124T….warc.gz.1f3a9c0b2d11.segment.gz"""
    return f"{warc}.{extractor}{SUFFIX}"


def warc_of(segment: str) -> str:
    """The WARC file that a segment of this name was made from."""
    return segment.removesuffix(SUFFIX).rpartition(".")[0]


class SegmentWriter:
    """Takes the events of one WARC file; `finish` gives the segment and its bytes."""

    def __init__(self, warc: str, warc_bytes: int, extractor: str) -> None:
        self._about = {"format": _FORMAT, "warc": warc, "warc_bytes": warc_bytes, "extractor": extractor}
        self._buffer = BytesIO()
        # No time and no name in it, so that the bytes are the same at the next making.
        self._gzip = gzip.GzipFile("", "wb", _LEVEL, self._buffer, mtime=0)
        self._text = TextIOWrapper(self._gzip, "utf-8", newline="\n")
        self._counts = {"captures": 0, "passed_over": 0, "foreign": 0}
        self._line(self._about)

    def add(self, event: Event) -> None:
        if isinstance(event, Capture):
            self._counts["captures"] += 1
            self._line({"capture": _capture_to_json(event)})
            return
        self._counts["passed_over"] += isinstance(event, Broken)
        self._line({_NAMES[type(event)]: event})

    def finish(self, foreign: int = 0) -> tuple[Segment, bytes]:
        self._counts["foreign"] = foreign
        self._line({"end": self._counts})
        self._text.close()
        data = self._buffer.getvalue()
        warc, extractor = str(self._about["warc"]), str(self._about["extractor"])
        segment = Segment(
            name_of(warc, extractor), warc, int(str(self._about["warc_bytes"])), extractor, **self._counts,
            bytes=len(data), sha256=hashlib.sha256(data).hexdigest(),
        )  # fmt: skip
        return segment, data

    def _line(self, value: Any) -> None:
        self._text.write(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain))
        self._text.write("\n")


def describe(name: str, data: bytes) -> Segment:
    """The segment in these bytes, read to its end. Raises SegmentUnreadable."""
    about: dict[str, Any] = {}
    counts: dict[str, int] = {}
    for line in _lines(name, data):
        about = about or line
        counts = line.get("end", counts)
    digest = hashlib.sha256(data).hexdigest()
    return Segment(
        name, about["warc"], about["warc_bytes"], about["extractor"], **counts, bytes=len(data), sha256=digest
    )


def events(name: str, data: bytes) -> Iterator[Event]:
    """What was put in, in order. Raises SegmentUnreadable, at the latest at the end of one that was cut short."""
    lines = _lines(name, data)
    next(lines)
    for line in lines:
        for kind, value in line.items():
            if kind == "capture":
                yield _capture_from_json(value)
            elif kind in _KINDS:
                yield _event_from_json(kind, value)


def _lines(name: str, data: bytes) -> Iterator[dict[str, Any]]:
    line: dict[str, Any] = {}
    number = 0
    try:
        with gzip.open(BytesIO(data), "rt", encoding="utf-8", newline="\n") as text:
            for number, written in enumerate(text, start=1):
                line = json.loads(written)
                if number == 1 and line.get("format") != _FORMAT:
                    raise ValueError(f"its format is {line.get('format')!r}, not {_FORMAT}")
                yield line
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise SegmentUnreadable(f"{name}: line {number + 1} cannot be read ({error}). {_REMEDY}") from error
    if "end" not in line:
        raise SegmentUnreadable(f"{name} ends after line {number}, before its end. {_REMEDY}")


_REMEDY = "Remove it: it is made anew from its WARC file."


def _plain(value: Any) -> Any:
    """For json.dumps: a dataclass as its fields (asdict would copy every string), a time in microseconds."""
    if isinstance(value, datetime):
        return to_microseconds(value)
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def _capture_to_json(capture: Capture) -> dict[str, Any]:
    """The fields that differ from an empty capture's; the strings that a layout read are in the Report already."""
    values = {name: getattr(capture, name) for name in _CAPTURE_FIELDS}
    if capture.outcome:  # else it waits for its payload, which is decoded as its own headers say
        values["headers"] = [header for header in capture.headers if header[0].lower() in _HEADERS]
    return {name: value for name, value in values.items() if value != _EMPTY.get(name, _ABSENT)}


_ABSENT = object()
_CAPTURE_FIELDS = [name for name in Capture.__dataclass_fields__ if name not in ("body", "reading")]
_EMPTY = {
    name: getattr(Capture(0, "", "", "", EPOCH, None, [], b""), name)
    for name in _CAPTURE_FIELDS
    if name not in ("id", "url", "at", "status")
}


def _capture_from_json(fields: dict[str, Any]) -> Capture:
    report = fields.pop("report", None)
    links = fields.pop("links", None)
    capture = Capture(
        fields.pop("id"), fields.pop("crawl", ""), fields.pop("outlet", ""), fields.pop("url"), _time(fields.pop("at")),
        fields.pop("status"), [(name, value) for name, value in fields.pop("headers", ())], b"", **fields,
    )  # fmt: skip
    if report is not None:
        dateline, hyperlinks = report.pop("dateline"), report.pop("hyperlinks")
        capture.report = Report(
            dateline=Dateline(**dateline) if dateline else None,
            hyperlinks=[Hyperlink(**each) for each in hyperlinks],
            **report,
        )
    if links is not None:
        capture.links = [
            Link(**{**link, "time": _time(link["time"]) if link["time"] is not None else None}) for link in links
        ]
    return capture


def _event_from_json(kind: str, fields: dict[str, Any]) -> Event:
    for name in ("started", "finished"):
        if name in fields:
            fields[name] = _time(fields[name])
    event: Event = _KINDS[kind](**fields)
    return event


def _time(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)
