"""The indexes of Common Crawl's crawls of the web, by which a single page is found."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import urlencode, urljoin, urlsplit

from archive.mementos import Memento
from backfill.blocks import TURNED_AWAY
from backfill.common_crawl import Records, day_of, month_of, place_of
from backfill.polite import Answer, Client, GaveUp, Unavailable, as_address, as_number
from backfill.sources import Page, Window

INDEX = "https://index.commoncrawl.org/"
# A page can stand for years, but what a crawl a year later finds is seldom the first one; there is about one a month.
DAYS_LATER = 365
# One server answers for all of Common Crawl's indexes, and blocks who asks more often.
INDEX_DELAY = 2.0

_CRAWL_ID = re.compile(r"CC-MAIN-(\d{4})(?:-(\d{4}|\d{2}))?$")
_ANSWERS = {200, 404, 410}  # of a page: that it stood, or was gone


def crawls_of(first: date, last: date) -> int:
    """How many crawls there were, about: one a month."""
    return month_of(last) - month_of(first) + 1


@dataclass(frozen=True, slots=True)
class Crawl:
    """One of Common Crawl's crawls of the web. `first` and `last` are the days of its captures."""

    id: str
    api: str
    first: date
    last: date


class Index(Records):
    """The index of each crawl of the window is asked, oldest first. `resume` is the crawl, the number of the query and
    that of the page."""

    via: ClassVar[str] = "cc-index"

    def __init__(self, settings: Mapping[str, Any], client: Client) -> None:
        super().__init__(settings, client)
        address = as_address("COMMON_CRAWL_INDEX", str(settings.get("COMMON_CRAWL_INDEX") or INDEX))
        self._address = address.rstrip("/") + "/"
        self._index_delay = as_number(settings, "COMMON_CRAWL_INDEX_DELAY", INDEX_DELAY)
        self._crawls: list[Crawl] | None = None

    def listed(self, outlet: Any, window: Window, resume: str) -> Iterator[Page]:
        queries = _queries(outlet, window)
        parts = [
            (crawl, number)
            for crawl in self.crawls(window)
            for number, query in enumerate(queries)
            if query.since <= str(crawl.last.year) and str(crawl.first.year - 1) <= query.until
        ]
        at, _, begins = resume.rpartition(" ")
        keys = [f"{crawl.id} {number}" for crawl, number in parts]
        first = keys.index(at) if at in keys else 0
        for place in range(first, len(parts)):
            crawl, number = parts[place]
            pages = self._pages(crawl, queries[number])
            following = f"{keys[place + 1]} 0" if place + 1 < len(parts) else ""
            for page in range(int(begins) if keys[place] == at else 0, pages):
                here = f"{keys[place]} {page + 1}" if page + 1 < pages else following
                yield self._page(crawl, queries[number], page if pages > 1 else None, outlet, window, here)
            if not pages:
                yield Page([], 0, following)
        if not parts:
            yield Page([], 0, "")

    def crawls(self, window: Window) -> list[Crawl]:
        """Those that were made within a window, oldest first. Raises Unavailable when their list cannot be read."""
        if self._crawls is None:
            address = urljoin(self._address, "collinfo.json")
            answer = self._ask(address)
            if answer.status != 200:
                raise Unavailable(f"{address} answers {answer.status} {answer.reason}".rstrip())
            try:
                self._crawls = [crawl for each in json.loads(answer.body) if (crawl := _crawl(each, self._address))]
            except (ValueError, TypeError, AttributeError) as error:
                raise Unavailable(f"{address} is no list of indexes: {error}") from error
        first, last = day_of(window.first), day_of(window.last)
        found = [crawl for crawl in self._crawls if crawl.first <= last and crawl.last >= first]
        return sorted(found, key=lambda crawl: (crawl.first, crawl.id))

    def _pages(self, crawl: Crawl, query: _Query) -> int:
        """How many pages an answer has; that of a single page of the web is one."""
        if query.match == "prefix" and not query.url.endswith("/"):
            return 1
        answer = self._ask(f"{crawl.api}?{urlencode(query.asked | {'showNumPages': 'true', 'output': 'json'})}")
        if answer.status == 404:
            return 0
        try:
            if answer.status != 200:
                raise ValueError(f"it answers {answer.status} {answer.reason}".rstrip())
            return int(json.loads(answer.body)["pages"])
        except (ValueError, KeyError, TypeError) as error:
            raise Unavailable(f"{crawl.api} does not say how many pages it has: {error}") from error

    def _page(self, crawl: Crawl, query: _Query, page: int | None, outlet: Any, window: Window, resume: str) -> Page:
        asked = query.asked | {"output": "json"} | ({"page": str(page)} if page is not None else {})
        asked |= {"from": window.first, "to": window.last}
        answer = self._ask(f"{crawl.api}?{urlencode(asked)}", _wrong_page)
        if answer.status in (400, 404):  # nothing held, or fewer pages than it said
            return Page([], 0, resume)
        if answer.status != 200:
            raise Unavailable(f"{crawl.api} answers {answer.status} {answer.reason}".rstrip())
        mementos: list[Memento] = []
        listed = unreadable = 0
        for line in answer.body.decode("utf-8", "replace").splitlines():
            if not line.strip():
                continue
            listed += 1
            try:
                memento = _of_index(json.loads(line))
                is_report = outlet.owns(memento.url) and outlet.kind_of(memento.url) == "report"
            except (ValueError, KeyError, TypeError, AttributeError):
                unreadable += 1
                continue
            if is_report and memento.status in _ANSWERS and window.holds(memento.timestamp):
                mementos.append(memento)
        return Page(mementos, listed, resume, unreadable)

    def _ask(self, address: str, wrong: Callable[[Answer], str] = lambda _: "") -> Answer:
        answer = self._client.get(address, {"Accept-Encoding": "identity"}, delay=self._index_delay, wrong=wrong)
        if answer.status == TURNED_AWAY:
            raise GaveUp(
                f"{urlsplit(address).netloc} turns us away (403), as it does for a day with who asked too much. Try "
                "again tomorrow, and with a longer COMMON_CRAWL_INDEX_DELAY"
            )
        return answer


@dataclass(frozen=True, slots=True)
class _Query:
    """What an index is asked for. `since` and `until` are the years in which an outlet was at this host."""

    url: str
    match: str  # prefix or domain
    since: str = ""
    until: str = "9999"

    @property
    def asked(self) -> dict[str, str]:
        return {"url": self.url, "matchType": self.match}


def _queries(outlet: Any, window: Window) -> list[_Query]:
    """Single addresses, each on every host that folds into its own: a report that moved is held where it was then. Or
    all of the outlet's hosts, none of which is below another."""
    if not window.below:
        hosts = sorted({domain.host for domain in outlet.domains})
        below = [host for host in hosts if not any(host.endswith(f".{other}") for other in hosts)]
        return [_Query(host, "domain") for host in below]
    found: dict[str, _Query] = {}
    for address in window.below:
        host, _, path = address.partition("://")[2].partition("/")
        into = next((each.into for each in outlet.domains if each.host == host and each.into), host)
        queries = [_Query(f"{_bare(host)}/{path}", "prefix")]
        queries += [
            _Query(f"{_bare(each.host)}/{path}", "prefix", each.since[:4], each.until[:4] or "9999")
            for each in outlet.domains
            if into in (each.host, each.into)
        ]
        for query in queries:
            same = found.get(query.url, query)
            since, until = min(query.since, same.since), max(query.until, same.until)
            found[query.url] = _Query(query.url, "prefix", since, until)
    return list(found.values())


def _wrong_page(answer: Answer) -> str:
    """Why a page of an index is none, though it came as one: a page for a browser, or half of one of an index."""
    lines = [line for line in answer.body.splitlines() if line.strip()]
    if answer.status != 200 or not lines:
        return ""
    if not any(map(_is_object, lines)):
        return f"no page of an index came, but {lines[0][:80].decode('utf-8', 'replace')!r}"
    if not answer.body.endswith(b"\n") and not _is_object(lines[-1]):
        return "half a page of the index came"
    return ""


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _bare(host: str) -> str:
    """A host as an index has it."""
    return host.removeprefix("www.")


def _of_index(line: Mapping[str, Any]) -> Memento:
    """Raises ValueError or KeyError for a line that lacks what is needed."""
    status = str(line.get("status", ""))
    offset, length = int(line["offset"]), int(line["length"])
    timestamp = str(line["timestamp"])
    if not re.fullmatch(r"\d{14}", timestamp):
        raise ValueError(f"no timestamp: {timestamp!r}")
    return Memento(
        str(line["url"]),
        timestamp,
        str(line.get("digest", "")),
        int(status) if status.isdecimal() else None,
        str(line.get("mime", "")),
        length,
        place_of(str(line["filename"]), offset, length),
    )


def _crawl(about: Mapping[str, Any], address: str) -> Crawl | None:
    """None for a crawl of which nothing tells when it was made."""
    id = str(about.get("id", ""))
    api = urljoin(address, str(about.get("cdx-api") or f"{id}-index"))
    stated = [str(about.get(name) or "")[:10] for name in ("from", "to")]
    try:
        return Crawl(id, api, date.fromisoformat(stated[0]), date.fromisoformat(stated[1]))
    except ValueError:
        days = _days_of(id)
        return Crawl(id, api, *days) if days else None


def _days_of(id: str) -> tuple[date, date] | None:
    """The days of a crawl by its name: CC-MAIN-2024-10 ended in the tenth week or soon after, CC-MAIN-2008-2009 took
    two years."""
    found = _CRAWL_ID.fullmatch(id)
    if not found:
        return None
    year, rest = int(found[1]), found[2] or ""
    if len(rest) == 2:
        week = date.fromisocalendar(year, min(max(int(rest), 1), 52), 1)
        return week - timedelta(days=21), week + timedelta(days=21)
    return date(year, 1, 1), date(int(rest or year), 12, 31)
