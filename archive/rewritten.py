"""Copies that a web archive has rewritten for a browser (Wayback, pywb, Archive-It, Arquivo.pt), as their outlet sent
them: without the archive's toolbar and scripts, and with links that lead where they led.

What an archive alters beyond that, such as the quotation marks of an attribute, stays; no reader of a page sees it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import urlsplit

from archive.warc_format import Fields
from grammar.replays import replay

WAYBACK = "https://web.archive.org/web/"

# Everything is done on bytes: a page's charset is not known yet, and all that outlets use write ASCII as ASCII.
_INSERTS = tuple(
    re.compile(expression, re.DOTALL)
    for expression in (
        rb"<!-- BEGIN WAYBACK TOOLBAR INSERT -->.*?<!-- END WAYBACK TOOLBAR INSERT -->",
        # In the head: scripts of the archive's own host, to the comment that ends them or each alone in older copies.
        rb"<script[^>]*\bsrc=[\"'][^\"']*/_?static/js/(?:(?!<script[^>]*\bsrc=[\"'](?![^\"']*/_?static/)).)*?"
        rb"<!-- End Wayback Rewrite JS Include -->\n?",
        rb"<script[^>]*\bsrc=[\"'](?:(?:https?:)?//[\w.-]*archive\.org)?/_?static/js/[^\"']*[\"'][^>]*>\s*</script>\n?",
        rb"<script[^>]*>\s*(?:archive_analytics\.|window\.addEventListener\('DOMContentLoaded',\s*function\(\)\s*\{\s*"
        rb"var v\s*=\s*archive_analytics|__wm\.|window\.RufflePlayer)(?:(?!</script>).)*</script>\n?",
        rb"<link[^>]*\bhref=[\"'](?:(?:https?:)?//[\w.-]*archive\.org)?/_?static/css/[^\"']*[\"'][^>]*>\n?",
        rb"\n?<!--\s*FILE ARCHIVED ON (?:(?!-->).)*AND RETRIEVED FROM THE.*?-->\n?",
        rb"<!--\s*playback timings \(ms\):.*?-->\n?",
        # pywb; its banner follows.
        rb"<!-- WB Insert -->.*?<!-- End WB Insert -->\s*"
        rb"(?:<script>\s*window\.banner_info = .*?vue_banner\.css['\"]\s*/>\s*)?",
    )
)
# An inline script, or one in an attribute, put into a scope in which `window` and `location` are the copy's.
_SCOPE_BEGINS = re.compile(
    rb"\n?var _____WB\$wombat\$assign\$function_____ ?=.*?"
    rb"(?:let \w+ ?= ?_____WB\$wombat\$assign\$function_____\((?:\"|(?P<in_attribute>&quot;))\w+(?:\"|&quot;)\);?\s*)+"
    rb"(?:let arguments;\s*\{)?",
    re.DOTALL,
)
_SCOPE_ENDS = re.compile(rb"\n\n\}\}?(?=\s*</script\s*>)", re.IGNORECASE)
_SCOPE_ENDS_IN_ATTRIBUTE = re.compile(rb"\}\}?(?=[\"'])")
_IN_SCRIPTS = (
    (re.compile(rb"_____WB\$wombat\$check\$this\$function_____\(this\)"), b"this"),
    (re.compile(rb"__WB_pmw\(self\)\."), b""),
    (re.compile(rb"\(\(self\.__WB_check_loc && self\.__WB_check_loc\([^)]*\)\) \|\| \{\}\)\.href = "), b""),
    (re.compile(rb"WB_wombat_runEval2?\(.{1,200}?\)\.eval\(this, .{1,50}? return arguments \}\)\(\),"), b"eval("),
)

_MARK = b"FILE ARCHIVED ON "
_ARCHIVED = re.compile(
    rb"<!--\s*FILE ARCHIVED ON (\d{1,2}:\d\d:\d\d [A-Z][a-z]{2} \d{1,2}, \d{4}) AND RETRIEVED FROM THE\s"
    rb"+INTERNET ARCHIVE"
)
_SAVED_FROM = re.compile(rb"<!-- saved from url=\(\d+\)(\S+) -->")
_ADDRESS = tuple(
    re.compile(expression)
    for expression in (
        rb"__wm\.wombat\(\"([^\"]+)\",",
        rb"wbCurrentUrl = \"([^\"]+)\"",
        rb"id=[\"']wmtbURL[\"'][^>]*\bvalue=[\"']([^\"']+)[\"']",
    )
)
_LINK = re.compile(rb"[\"'](?:(?:https?:)?//web\.archive\.org)?/web/\d{14}(?:[a-z]{2}_)?/(https?://[^\"'<>\s]+)[\"']")
_CANONICAL = re.compile(rb"<link[^>]*\brel=[\"']?canonical\b[^>]*>", re.IGNORECASE)
_PYWB = {
    name: re.compile(rb"wbinfo\.%s = (?:decodeURI\()?\"([^\"]+)\"" % name.encode())
    for name in ("url", "timestamp", "prefix")
}
_PYWB_MARK = b"<!-- WB Insert -->"
# The page around a copy: the copy itself is in a frame.
_FRAMES = (b"wb_frame.js", b"new ContentFrame(")
_ORIGINAL_HEADER = "x-archive-orig-"
# Of a copy's own headers, what tells of the copied page; the body has the archive's coding, not the outlet's.
_OF_THE_COPY = ("content-type", "content-encoding", "transfer-encoding", "location")


@dataclass(frozen=True, slots=True)
class Copy:
    """What a page tells of itself as a copy: its archive, the capture's time and, where it is told, its address."""

    prefix: str
    at: datetime
    address: str

    @property
    def source(self) -> str:
        """The address of the copy, "" where the page's own is not known."""
        return f"{self.prefix}{self.at:%Y%m%d%H%M%S}/{self.address}" if self.address else ""


def copied_by(body: bytes) -> Copy | None:
    """What a page that was saved from a web archive, by hand or by another program, says of its origin by its content
    alone; None for any other page."""
    if _PYWB_MARK in body:
        told = {name: found[1].decode("utf-8", "replace") for name in _PYWB if (found := _PYWB[name].search(body))}
        at = _time(told.get("timestamp", ""), "%Y%m%d%H%M%S")
        return Copy(told.get("prefix", ""), at, told.get("url", "")) if at else None
    if found := _SAVED_FROM.search(body[:2048]):
        leads = replay(html.unescape(found[1].decode("utf-8", "replace")))
        if leads and leads.at and not leads.is_raw:
            return Copy(leads.prefix, leads.at, leads.address)
    at_mark = body.rfind(_MARK)
    found = _ARCHIVED.search(body, max(at_mark - 64, 0)) if at_mark >= 0 else None
    at = _time(found[1].decode(), "%H:%M:%S %b %d, %Y") if found else None
    return Copy(WAYBACK, at, _address(body)) if at else None


def _address(body: bytes) -> str:
    """The address of a page that Wayback has rewritten, "" when it does not say."""
    for expression in _ADDRESS:
        if found := expression.search(body):
            return html.unescape(found[1].decode("utf-8", "replace").replace("\\/", "/"))
    canonical = _CANONICAL.search(body)
    found = _LINK.search(canonical[0]) if canonical else None
    return html.unescape(found[1].decode("utf-8", "replace")) if found else ""


def _time(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None


def is_frame(body: bytes) -> bool:
    """Whether this is what an archive shows around a copy, and no copy."""
    return len(body) < 32 * 1024 and any(mark in body for mark in _FRAMES)


def as_sent(body: bytes, prefix: str, address: str) -> bytes:
    """A rewritten page without what its archive put into it. `prefix` stands in front of each copy's time at that
    archive; `address` is the page's own."""
    for expression in _INSERTS:
        body = expression.sub(b"", body)
    body = _without_scopes(body)
    for written, sent in _IN_SCRIPTS:
        body = written.sub(sent, body)
    if not urlsplit(prefix).hostname:
        return body
    scheme, host, *_ = urlsplit(address)
    return _links(prefix).sub(lambda match: _led_to(match, scheme.encode(), host.encode()), body)


def as_sent_by(source: str, body: bytes) -> bytes:
    """The page of a copy at the address `source`; any other body, and one that was given raw, as it is."""
    copy = replay(source)
    return body if copy is None or copy.is_raw else as_sent(body, copy.prefix, copy.address)


def _without_scopes(body: bytes) -> bytes:
    parts, position = [], 0
    while found := _SCOPE_BEGINS.search(body, position):
        parts.append(body[position : found.start()])
        ends = (_SCOPE_ENDS_IN_ATTRIBUTE if found["in_attribute"] else _SCOPE_ENDS).search(body, found.end())
        parts.append(body[found.end() : ends.start()] if ends else b"")
        position = ends.end() if ends else found.end()
    return b"".join([*parts, body[position:]])


@lru_cache(maxsize=64)
def _links(prefix: str) -> re.Pattern[bytes]:
    """What stands in front of each rewritten link. A link that led to the archive already has it twice, and keeps one;
    slashes may be escaped, as in JSON."""
    _, host, path, *_ = urlsplit(prefix)
    slash = rb"\\?/"
    hosts = re.escape(host.encode())
    if host.endswith("archive.org"):
        hosts = rb"(?:[\w-]+\.)?archive\.org(?::80|:443)?"
    where = slash.join(re.escape(step.encode()) for step in path.split("/"))
    moment = rb"(?:\d{4,14}\*?(?:[a-z]{2}_)?|[a-z]{2}_)" + slash
    whole = rb"(?:https?:)?" + slash + slash + hosts + where + moment
    once = (
        rb"(?:(?P<scheme>https?:)?"
        + slash
        + slash
        + hosts
        + rb"|(?P<root>(?<![\w./\\:~%-])(?="
        + slash
        + rb")))"
        + where
        + moment
    )
    page = rb"(?:(?P<target_scheme>https?):)?(?P<slashes>" + slash + slash + rb")(?P<target>[\w.:-]*)"
    behind = rb"(?:" + page + rb"|(?=mailto:|javascript:))"
    return re.compile(once + rb"(?P<twice>" + whole + rb"(?=https?:))?" + behind)


def _led_to(match: re.Match[bytes], page_scheme: bytes, page_host: bytes) -> bytes:
    """The beginning of a link as the page had it: an archive keeps what it left out, the host or the scheme."""
    if match["slashes"] is None:
        return match["twice"] or b""
    if match["target_scheme"] is None:
        return match["slashes"] + match["target"]
    target = match["target_scheme"] + b":" + match["slashes"] + match["target"]
    if match["twice"]:
        return match["twice"] + target
    if match["root"] is not None and match["target"] == page_host and match["target_scheme"] == page_scheme:
        return b""
    if match["root"] is None and match["scheme"] is None:
        return match["slashes"] + match["target"]
    return target


def headers_as_sent(headers: Fields) -> Fields:
    """A copy's headers as its outlet sent them: archives keep those under names of their own."""
    sent = [
        (name[len(_ORIGINAL_HEADER) :], value)
        for name, value in headers
        if name.lower().startswith(_ORIGINAL_HEADER) and name.lower()[len(_ORIGINAL_HEADER) :] not in _OF_THE_COPY
    ]
    for name, value in headers:
        if name.lower() == "location":
            leads = replay(value)
            sent.append((name, leads.address if leads else value))
        elif name.lower() in _OF_THE_COPY:
            sent.append((name, value))
    return sent


def captured_at(headers: Fields) -> datetime | None:
    """The time of the capture that an archive's answer holds (RFC 7089); None when it holds none, as where the archive
    answers itself."""
    for name, value in headers:
        if name.lower() == "memento-datetime":
            try:
                return parsedate_to_datetime(value).astimezone(UTC)
            except ValueError:
                return None
    return None
