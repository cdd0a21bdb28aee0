"""Addresses of copies at web archives: whose page it is a copy of, and of when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

# A copy of a page at an archive: the address behind is the one that counts. web.archive.org/web/20160819im_/http://…,
# archive.today/20240101/https://…, and any replay that puts fourteen digits, or a part of them and a flag, in front of
# a whole address: pywb gives the nearest copy, or the last, there and then (/news/2012mp_/http://…, /news/mp_/http://…).
_REPLAY = re.compile(
    r"^(?:(?:https?:)?/{0,2}(?:[\w-]+\.)*archive\.(?:org|today|is|ph|li|md|vn|fo)/(?:web/)?\d{1,14}\*?(?:[a-z]{2}_)?/"
    r"|(?:https?:)?/{0,2}(?:[\w-]+\.)*archive\.org/web/(?=https?:/)"
    r"|/web/\d{1,14}\*?(?:[a-z]{2}_)?/(?=https?:/)"
    r"|(?:(?:https?:)?//[^/]+)?/(?:[\w.-]+/){0,3}(?:\d{14}|\d{0,14}[a-z]{2}_)/(?=https?:/)"
    r"|(?:https?:)?//webcache\.googleusercontent\.com/search\?q=cache:(?:[\w-]{12}:)?)"
    r"(?P<address>.+)",
    re.IGNORECASE | re.DOTALL,
)
# The end of what stands in front of the address: the time of the copy, and whether it is given as it was captured.
_MOMENT = re.compile(
    r"(?P<prefix>.*/)(?:(?P<time>\d{14})|\d{0,13}(?=[a-z]{2}_/))(?P<flags>(?:[a-z]{2}_)?)/", re.IGNORECASE | re.DOTALL
)
# These keep a page as a browser has built it, in markup of their own: nothing of what the outlet sent is in it.
_REBUILT = re.compile(r"(?:https?:)?/{0,2}(?:[\w-]+\.)*archive\.(?:today|is|ph|li|md|vn|fo)/", re.IGNORECASE)
_SCHEME = re.compile(r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):)?/{1,2}(?=[^/])")
_MOST_REPLAYS = 4  # copies of copies of copies
_LONGEST_ADDRESS = 4000


@dataclass(frozen=True, slots=True)
class Replay:
    """An address at a web archive, taken apart. `prefix` is what its archive puts in front of every copy's time, and
    `is_raw` says that it gives the page as it was captured (`id_`). `at` is None where the address leads to the copy
    that is nearest to a time: of when that is, the archive says in its answer alone."""

    prefix: str
    at: datetime | None
    is_raw: bool
    address: str


def original(url: str) -> str | None:
    """The address of the page of which this may be a copy at a web archive: the address itself where it is none.
    None for what is no address on the web."""
    address = url.strip()
    if len(address) > _LONGEST_ADDRESS:
        return None
    for _ in range(_MOST_REPLAYS):
        match = _REPLAY.match(address)
        if not match:
            break
        address = _behind(match)
    # As a browser reads it: a backslash is a slash, and one slash behind the scheme is two.
    address = address.replace("\\", "/")
    scheme = _SCHEME.match(address)
    if not scheme or (scheme["scheme"] or "http").lower() not in ("http", "https"):
        return None
    return f"{(scheme['scheme'] or 'http').lower()}://{address[scheme.end() :]}"


def replay(url: str) -> Replay | None:
    """What an address says of the copy that it leads to; None where it leads to no copy of what an outlet sent. Of a
    copy of a copy the inner one counts: the page was sent then."""
    address, found = url.strip(), None
    if len(address) > _LONGEST_ADDRESS:
        return None
    for _ in range(_MOST_REPLAYS):
        match = _REPLAY.match(address)
        if not match:
            break
        moment = _MOMENT.fullmatch(address[: match.start("address")])
        if not moment or _REBUILT.match(address):
            return None
        try:
            at = datetime.strptime(moment["time"], "%Y%m%d%H%M%S").replace(tzinfo=UTC) if moment["time"] else None
        except ValueError:
            return None
        found = Replay(moment["prefix"], at, moment["flags"].lower() == "id_", _behind(match))
        address = found.address
    page = original(found.address) if found else None
    return Replay(found.prefix, found.at, found.is_raw, page) if found and page else None


def _behind(match: re.Match[str]) -> str:
    """The address behind a replay's prefix; Wayback leaves out the scheme of an old one."""
    address = match["address"]
    return address if re.match(r"(?:https?:)?/", address, re.IGNORECASE) else f"http://{address}"
