"""Many addresses, one report: what is the same in every outlet. Domain moves and path rules are an outlet's own."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

# Parameters that name who clicked, not what is read.
_TRACKING = re.compile(
    r"(utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|spm|from|ref|referer|referrer|share|shared?_from|isappinstalled"
    r"|amp|xhw_page_style|hmsr|_t|timestamp|random)$",
    re.IGNORECASE,
)

# RFC 9110, 4.1, asks servers for 8,000 octets; the longest address in the real samples has 260.
_LONGEST = 8_000
_SHORT = 200  # a whole address that is shorter has no host that is too long
# As nearly every report's address is: nothing of it can be written otherwise.
_PLAIN = re.compile(r"https?://((?!.*xn--)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*(?:/|(?:/[\w-][\w.~-]*)+/?))", re.ASCII)
_HOST = re.compile(r"(?=.{1,253}(?::|$))[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*(?::\d{1,5})?$")


@lru_cache(maxsize=10_000)  # an address passes here five times on its way to its row
def tidy(url: str) -> str:
    """The address without what does not choose the page: fragment, default port, tracking parameters, case of the
    host, a doubled or dotted path, order of the parameters, and http for https. Idempotent.

    Raises ValueError for an address that is not http or https, has no host that could exist, or is too long for any
    server.
    """
    if len(url) < _SHORT and (plain := _PLAIN.fullmatch(url)):
        return f"https://{plain[1]}"
    return _tidied(url)


def _tidied(url: str) -> str:
    if len(url) > _LONGEST:
        raise ValueError(f"{url[:80]!r}… is no web address: it has {len(url):,} characters")
    scheme, netloc, path, query, _fragment = urlsplit(canonicalize_url(url.strip(), keep_blank_values=True))
    host = netloc.rpartition("@")[2].lower()
    host = re.sub(r"\.?(:80|:443|:)?$", "", host)
    if scheme not in ("http", "https") or not _HOST.match(host):
        raise ValueError(f"{url!r} is no web address: Dateline reads http and https only")
    return urlunsplit(("https", host, _plain_path(path), urlencode(sorted(_choosing(query))), ""))


def without_tracking(url: str) -> str:
    """The address as it is linked, but for fragment, tracking parameters and user name: what to ask a server for."""
    scheme, netloc, path, query, _fragment = urlsplit(url.strip())
    netloc = netloc.rpartition("@")[2]
    chosen = _choosing(query)
    if len(chosen) < len(parse_qsl(query, keep_blank_values=True)):
        query = urlencode(chosen)
    return urlunsplit((scheme, netloc, path, query, ""))


def absolute(page: str, href: str) -> str:
    """The absolute address of a link on a page, "" for one that is no web address (javascript:, mailto:, a broken
    port): one bad link must not cost a list."""
    try:
        address = urljoin(page, href.strip())
        parts = urlsplit(address)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0  # a wrong port raises
        return address if whole else ""
    except ValueError:
        return ""


def _choosing(query: str) -> list[tuple[str, str]]:
    """The parameters that choose the page."""
    return [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if not _TRACKING.match(name)]


def _plain_path(path: str) -> str:
    parts: list[str] = []
    for part in re.sub(r"/{2,}", "/", path).split("/"):
        if part == "..":
            if len(parts) > 1:
                parts.pop()
        elif part != ".":
            parts.append(part)
    plain = "/".join(parts) or "/"
    return plain if plain.startswith("/") else "/" + plain
