"""An HTTP response as it stands in a WARC record: its head taken apart, its codings undone."""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress

import brotli  # type: ignore[import-untyped]

from archive.warc_format import HEAD_END, MAX_BODY, Fields, parse_lines

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd  # brotli and this come with Scrapy

_PIECE = 4096  # bytes that inflate to at most 4 MB
_STATUS_LINE = re.compile(rb"[A-Z]+(?:/\d(?:\.\d)?)? +(\d{3})(?!\d)")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")


def parse_response(block: bytes) -> tuple[int, Fields, bytes]:
    """Status, headers and what follows. Raises ValueError when the block is no HTTP response."""
    first = _STATUS_LINE.match(block)
    if not first:
        raise ValueError(f"no HTTP status line but {block[:40]!r}")
    end = HEAD_END.search(block)
    head, payload = (block[: end.start()], block[end.end() :]) if end else (block, b"")
    return int(first[1]), parse_lines(head.partition(b"\n")[2], "latin-1"), payload


def unchunked(payload: bytes, headers: Fields) -> bytes:
    """The payload without its chunk sizes; as it is when it has none, whatever the header says."""
    if not any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers):
        return payload
    parts, position = [], 0
    while size := _CHUNK_SIZE.match(payload, position):
        length = int(size[1], 16)
        if length == 0:
            break
        parts.append(payload[size.end() : size.end() + length])
        position = size.end() + length
        position += 2 if payload[position : position + 2] == b"\r\n" else 1
    return b"".join(parts) if parts or payload.startswith(b"0") else payload


def content_decoded(payload: bytes, headers: Fields, lenient: bool = False) -> tuple[bytes, str]:
    """The body with its content codings undone, in the way that Scrapy does it, and "" or why it could not be.

    Of a payload that was cut short the beginning is given, with the reason, since half a page would look like an edit.
    An unknown coding is left. `lenient` takes a body that is not gzip for what it is, since some archives undo the
    coding and keep the header, and a cut one without complaint: it cannot be asked for again.
    """
    codings = [
        coding.strip().lower()
        for name, value in headers
        if name.lower() == "content-encoding"
        for coding in value.split(",")
    ]
    while codings and payload:
        decode = _DECODERS.get(codings.pop())
        if decode is None:
            break
        if lenient and decode is _gunzip and payload[:2] != b"\x1f\x8b":
            continue
        try:
            payload = decode(payload)
        except _CutShort as cut:
            if not lenient:
                return cut.body, f"the body was cut short or damaged on the way ({len(cut.body):,} bytes of it came)"
            payload = cut.body
        except _TooLarge:
            return b"", f"the body is larger than {MAX_BODY >> 20} MB when decoded"
        except (zlib.error, brotli.error, zstd.ZstdError) as error:
            return b"", f"the body cannot be decoded: {error}"
    return payload, ""


class _TooLarge(Exception):
    pass


class _CutShort(Exception):
    """A stream that does not reach its end; `body` is what stands before."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.body = body


def _inflate(payload: bytes, window: int) -> tuple[bytes, bytes]:
    """One zlib stream and what follows it. A missing or wrong checksum behind all the data does no harm.

    Raises zlib.error when nothing at all could be read, _CutShort when the end is missing.
    """
    inflater = zlib.decompressobj(window)
    body = b""
    try:
        body = inflater.decompress(payload, MAX_BODY + 1)
        whole = inflater.eof or _ends(inflater)
    except zlib.error as error:
        body = _inflate_by_pieces(payload, window)
        if not body:
            raise
        whole = _WRONG_CHECK in str(error)
    if len(body) > MAX_BODY:
        raise _TooLarge
    if not whole:
        raise _CutShort(body)
    return body, inflater.unused_data


_WRONG_CHECK = "incorrect "  # "incorrect data check", "incorrect length check"


def _ends(inflater: zlib._Decompress) -> bool:
    """Whether the data have ended, and only the checksum behind them is missing: bytes are then taken for it."""
    try:
        inflater.decompress(bytes(8), 1)
    except zlib.error as error:
        return _WRONG_CHECK in str(error)
    return False


def _inflate_by_pieces(payload: bytes, window: int) -> bytes:
    """What stands before the damage, to the byte: of a page whose checksum alone is wrong, all of it."""
    inflater, body = zlib.decompressobj(window), bytearray()
    for start in range(0, len(payload), _PIECE):
        piece, before = payload[start : start + _PIECE], inflater.copy()
        try:
            body += inflater.decompress(piece)
        except zlib.error:
            with suppress(zlib.error):
                for at in range(len(piece)):
                    body += before.decompress(piece[at : at + 1])
            break
        if len(body) > MAX_BODY:
            raise _TooLarge
    return bytes(body)


def _gunzip(payload: bytes) -> bytes:
    body, rest = _inflate(payload, zlib.MAX_WBITS | 16)
    while rest.startswith(b"\x1f\x8b"):
        try:
            more, rest = _inflate(rest, zlib.MAX_WBITS | 16)
        except _CutShort as cut:
            raise _CutShort(body + cut.body) from None
        except zlib.error:
            break
        body += more
        if len(body) > MAX_BODY:
            raise _TooLarge
    return body


def _deflate(payload: bytes) -> bytes:
    try:
        return _inflate(payload, zlib.MAX_WBITS)[0]
    except zlib.error:
        return _inflate(payload, -zlib.MAX_WBITS)[0]  # what old Microsoft servers call deflate


def _brotli(payload: bytes) -> bytes:
    decoder, body = brotli.Decompressor(), bytearray()
    data = payload
    while not decoder.is_finished():
        part = decoder.process(data, output_buffer_limit=1 << 20)
        data = b""
        body += part
        if len(body) > MAX_BODY:
            raise _TooLarge
        if not part:
            raise _CutShort(bytes(body))
    return bytes(body)


def _zstd(payload: bytes) -> bytes:
    body = bytearray()
    while payload:
        decoder = zstd.ZstdDecompressor()
        body += decoder.decompress(payload, MAX_BODY + 1 - len(body))
        if len(body) > MAX_BODY:
            raise _TooLarge
        if not decoder.eof:
            raise _CutShort(bytes(body))
        payload = decoder.unused_data
    return bytes(body)


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
