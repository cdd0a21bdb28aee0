"""Captures as they lie in the WARC files: a record's bytes, and a page that can be shown without harm."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Literal

from archive.storage import Captures, Opened, Part
from archive.warc_format import MAX_BODY, Record, parse_date, scan
from archive.warc_reader import read_capture

logger = logging.getLogger(__name__)

LARGEST_PAGE = 8 * 1024 * 1024  # bytes; the largest page in the real samples has 1.5 MB
LARGEST_RECORD = MAX_BODY + 2 * 1024 * 1024

Form = Literal["page", "text", ""]
_PAGES = ("text/html", "application/xhtml+xml")
_TEXTS = re.compile(r"text/|application/(?:[\w.-]+\+)?(?:json|xml|javascript)|application/(?:rss|atom)")


class Unavailable(Exception):
    """A capture's bytes cannot be given; the message says why, without any path of this machine."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a capture's record lies: the file's name, and bytes. `capture` is its id, `url` its address."""

    capture: int
    url: str
    warc: str
    offset: int
    length: int


def form_of(content_type: str | None) -> Form:
    """How a payload of this type is shown: as a page, as text, or ("") not at all."""
    name = (content_type or "").partition(";")[0].strip().lower()
    if name in _PAGES:
        return "page"
    return "text" if _TEXTS.match(name) else ""


def find(places: Sequence[Captures], name: str) -> Captures | None:
    """The first of the places that has a file of this name, complete or still being written, or a reference to one.

    The name comes from the archive's table, which anybody may have made: it leads nowhere else. A reference is the
    keeper's own, and leads where he has said.
    """
    for captures in places:
        try:
            if captures.has(name):
                return captures
        except ValueError:
            return None  # no name
        except OSError as error:
            logger.warning("%s cannot be opened: %s", name, error)
    return None


def record_bytes(places: Sequence[Captures], place: Place) -> bytes:
    """The bytes of a record as they lie in the file, once it is sure that they are this capture's.

    Raises Unavailable.
    """
    if place.length > LARGEST_RECORD:
        raise Unavailable(f"The record has {place.length:,} bytes: copy it from the file (the page says how).")
    with _opened(places, place.warc) as file:
        return _checked(file, place)


def page_bytes(places: Sequence[Captures], place: Place, charset: str) -> bytes:
    """A capture's payload without its content coding, as UTF-8 text, for a browser to show.

    It is decoded as `charset` says and as nothing else. `<link>` elements are renamed: browsers open connections for
    rel=preconnect whatever the content security policy says. Raises Unavailable.
    """
    with _opened(places, place.warc) as file:
        _checked(file, place)
        try:
            capture = read_capture(file, place.offset)
        except (ValueError, OSError) as error:
            raise Unavailable(f"Its record in {place.warc} is damaged: its payload cannot be read.") from error
    if capture.error:
        raise Unavailable(f"Its payload cannot be shown: {capture.error}.")
    if len(capture.body) > LARGEST_PAGE:
        raise Unavailable(
            f"Its payload has {len(capture.body):,} bytes, and no more than {LARGEST_PAGE:,} are shown here. "
            "The record can be downloaded."
        )
    return _LINK.sub("<kept-link", _decoded(capture.body, charset)).encode("utf-8", "replace")


# The tag's name can be written in no other way, so this finds it wherever a browser would.
_LINK = re.compile(r"<link(?=[\s/>])", re.IGNORECASE)


def charset_of(charset: str | None, content_type: str | None) -> str:
    """The charset in which Dateline read it, else the one that the server named, else UTF-8."""
    if charset:
        return charset
    named = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", content_type or "", re.IGNORECASE)
    return named[1] if named else "utf-8"


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, "replace")
    except (LookupError, UnicodeError):  # what is no charset, or one that knows no "replace"
        return body.decode("utf-8", "replace")


@contextmanager
def _opened(places: Sequence[Captures], name: str) -> Iterator[Opened]:
    captures = find(places, name)
    if captures is None:
        raise Unavailable(f"The WARC file {name} is not in the folder of captures that this archive is served with.")
    try:
        file = captures.open(name)
    except OSError as error:
        raise Unavailable(f"The WARC file {name} cannot be opened.") from error
    with closing(file):
        yield file


def _checked(file: Opened, place: Place) -> bytes:
    """The bytes of the record, if exactly this one lies there, else Unavailable is raised."""
    if place.offset < 0 or place.length <= 0 or place.offset + place.length > file.size:
        raise Unavailable(
            f"{place.warc} has {file.size:,} bytes, and the record should end at {place.offset + place.length:,}: it "
            "is another file, or was cut short."
        )
    try:
        # In one piece, and nothing behind it: far away each look is a request of its own.
        record = file.pread(place.length, place.offset)
        found = next(scan(Part(file.name, file, 0, place.offset + place.length), place.offset), None)
    except OSError as error:
        raise Unavailable(f"{place.warc} cannot be read from where it lies.") from error
    if not isinstance(found, Record) or found.length != place.length or not _is_of(found, place):
        raise Unavailable(
            f"{place.warc} does not hold this capture at byte {place.offset:,}: it is another file, or damaged."
        )
    return record


def _is_of(record: Record, place: Place) -> bool:
    """By its address; by its date, which is the id, where the address had to be written otherwise in the file."""
    if record.fields.get("warc-target-uri", "").strip("<>") == place.url:
        return True
    try:
        return parse_date(record.fields.get("warc-date", ""))[0] == place.capture
    except ValueError:
        return False
