"""What to fetch: citations that led nowhere, and days on which nobody looked, as windows of days for the sources.

A window is proposed for one source at a time, the first of VIAS that has not been asked for it; when that has finished
and a citation is still not found, the next plan proposes the next source.
"""

from __future__ import annotations

import json
import math
import sqlite3
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from archive.report_ids import time_of
from backfill import cc_index, cc_news
from backfill.run import Tally
from backfill.sources import Window

VIAS = ("wayback", "cc-index", "cc-news")  # cheapest first
# Reasons of a citation for which another report may be the answer. "several fit" has too many already.
FETCHABLE = ("not held", "nothing held", "nothing fits", "not collected")
GAP = 3  # days between two windows that are fetched as one: a listing asked for twice costs more
LONGEST = 31  # days of a window that is made of several; one citation may name a longer one ("in 2010, Xinhua said")
CAPTURED_AFTER = 3  # days: how long after it came out a report is looked for among the captures
REPORTS_A_DAY = 50  # of an outlet of which too little is held to know
_KNOWN_DAYS = 5  # with reports, from which on the outlet's own number is taken
_LISTING = 1  # requests for what a source holds of a window
PAGES = 50  # single addresses of one item
_SHOWN = 3  # citing outlets that a reason names

_TROUBLES = 2  # items in a row for which a source may fail: one may be to blame itself
_ONE_DAY = timedelta(days=1)
Span = tuple[date, date]  # first and last day


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to fetch. With `addresses` only these pages are wanted, otherwise all of the outlet's reports of the
    days. `citations` may be found by it; `unnamed` is how many more name state media alone in these days; `days` is on
    how many of them nobody looked, for a hole; `requests` is an estimate."""

    outlet: str
    first: date
    last: date
    via: str
    addresses: tuple[str, ...]
    citations: int
    unnamed: int
    days: int
    requests: int
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Items, the most useful first. `others`: (name, citations) of outlets that are cited and none of ours."""

    items: list[Item]
    others: list[tuple[str, int]]
    unresolved: int  # citations that led nowhere and could be found by fetching

    def as_data(self) -> dict[str, Any]:
        """For machines; days are ISO 8601."""
        return {
            "items": [_as_data(item) for item in self.items],
            "others": [{"outlet": name, "citations": count} for name, count in self.others],
            "unresolved": self.unresolved,
        }


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One citation without a report. `days`: in which its report came out; `story`: the day of the one that cites."""

    outlet: str
    days: Span
    address: str
    by: str
    story: date


@dataclass(frozen=True, slots=True)
class _Held:
    """Of an outlet: days with reports, how many these are, and the first and the last of these days."""

    days: int
    reports: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class _Outlet:
    id: str
    title: str
    kind: str
    domains: tuple[tuple[str, str], ...]  # host, and into which one its addresses fold

    def places(self, address: str) -> int:
        """On how many hosts a page may be held."""
        host = urlsplit(address).hostname or ""
        into = dict(self.domains).get(host) or host
        return len({each.removeprefix("www.") for each, other in [*self.domains, (host, "")] if into in (each, other)})


def make(
    connection: sqlite3.Connection,
    today: date,
    outlets: Sequence[str] = (),
    vias: Sequence[str] = VIAS,
    titles: Mapping[str, str] | None = None,
) -> Plan:
    """The plan of an archive: for these outlets (all when none is named) and these sources. `titles` of press outlets
    that are none of ours, by id. Reads only; the citations are read once, all of them."""
    return _Planner(connection, today, vias).plan(outlets, titles or {})


class _Planner:
    def __init__(self, connection: sqlite3.Connection, today: date, vias: Sequence[str]) -> None:
        self._connection = connection
        self._today = today
        self._vias = [via for via in VIAS if via in vias]
        self._outlets = {
            id: _Outlet(id, title, kind, tuple((each["host"], each["into"]) for each in json.loads(domains or "[]")))
            for id, title, kind, domains in connection.execute(
                "select id, title_en, kind, domains from outlets order by id"
            )
        }
        self._hosts = {host: outlet.id for outlet in self._outlets.values() for host, _ in outlet.domains}
        self._held = {
            outlet: _Held(days, reports, date.fromisoformat(str(first)), date.fromisoformat(str(last)))
            for outlet, days, reports, first, last in connection.execute(
                "select outlet, count(distinct day), sum(reports), min(day), max(day) from holdings group by outlet"
            )
        }
        self._asked = self._already()

    def plan(self, outlets: Sequence[str], titles: Mapping[str, str]) -> Plan:
        wanted = list(self._unresolved())
        others = Counter(each.outlet for each in wanted if each.outlet and each.outlet not in self._outlets)
        unnamed = _Spans([each.days for each in wanted if not each.outlet])
        ours: dict[str, list[_Wanted]] = {}
        for each in wanted:
            if each.outlet in self._outlets:
                ours.setdefault(each.outlet, []).append(each)
        items: list[Item] = []
        for outlet in self._outlets.values():
            if outlets and outlet.id not in outlets:
                continue
            cited = ours.get(outlet.id, [])
            found = [*self._by_address(outlet, cited), *self._by_window(outlet, cited)]
            if outlet.kind == "state":
                found = [
                    item if item.addresses else replace(item, unnamed=unnamed.touching(item.first, item.last))
                    for item in found
                ]
            items += found
            items += self._holes(outlet, cited, found)
        items.sort(key=lambda item: (-item.citations / item.requests, -item.unnamed / item.requests, _newest(item)))
        named = sorted(
            ((titles.get(id, id), count) for id, count in others.items()), key=lambda each: (-each[1], each[0])
        )
        return Plan(items, named, sum(len(cited) for id, cited in ours.items() if not outlets or id in outlets))

    # What is wanted

    def _unresolved(self) -> Iterator[_Wanted]:
        for outlet, target, from_day, to_day, report, by in self._connection.execute(
            f"""select citations.outlet, target, from_day, to_day, report, reports.outlet
            from citations join reports on reports.id = report
            where cited is null and reason in ({", ".join("?" * len(FETCHABLE))}) order by report, version, mention""",
            FETCHABLE,
        ):
            # A link may lead to another outlet than its words name, and that is the one that can hold it.
            owner = self._owner(target)
            days = date.fromisoformat(from_day), min(date.fromisoformat(to_day), self._today)
            if days[0] <= days[1]:
                yield _Wanted(owner or outlet, days, target if owner else "", by, time_of(report).date())

    def _owner(self, address: str) -> str:
        """Whose an address is, "" for nobody's."""
        try:
            host = urlsplit(address).hostname or ""
        except ValueError:
            return ""
        while host and host not in self._hosts:
            host = host.partition(".")[2]
        return self._hosts.get(host, "")

    def _already(self) -> dict[tuple[str, str], list[Span]]:
        """The days of reports for which a source was asked until the end, by (outlet, source), and the same of single
        addresses as (address, source). A window of captures ends CAPTURED_AFTER days behind them."""
        asked: dict[tuple[str, str], list[Span]] = {}
        for outlet, via, from_day, to_day, resume in self._connection.execute(
            "select outlet, via, from_day, to_day, resume from backfills where finished_at is not null order by id"
        ):
            days = date.fromisoformat(from_day), date.fromisoformat(to_day) - timedelta(days=CAPTURED_AFTER)
            for key in addresses_of(resume) or (outlet,):
                asked.setdefault((key, via), []).append(days)
        return asked

    # Items

    def _by_address(self, outlet: _Outlet, cited: Iterable[_Wanted]) -> Iterator[Item]:
        """Of pages that a story links to: one item for each source, and of Common Crawl's crawls for each year."""
        of_via: dict[tuple[str, int], dict[str, list[_Wanted]]] = {}
        for each in cited:
            if each.address and (via := self._next_via(each.address, ("wayback", "cc-index"))):
                pages = of_via.setdefault((via, each.days[0].year if via == "cc-index" else 0), {})
                pages.setdefault(each.address, []).append(each)
        for (via, _), pages in of_via.items():
            for number in range(0, len(pages), PAGES):
                yield self._of_addresses(outlet, via, dict(islice(pages.items(), number, number + PAGES)))

    def _of_addresses(self, outlet: _Outlet, via: str, pages: Mapping[str, Sequence[_Wanted]]) -> Item:
        served = [each for citations in pages.values() for each in citations]
        # A page can have been saved long after it came out.
        days = [each.days[0] for each in served]
        first, last = min(days), self._today
        lists = 1
        if via == "cc-index":
            last = min(max(days) + timedelta(days=cc_index.DAYS_LATER), last)
            lists = cc_index.crawls_of(first, last)
        requests = sum(outlet.places(page) * lists + 1 for page in pages)
        number = "1 page" if len(pages) == 1 else f"{len(pages):,} pages"
        why = f"{outlet.title} linked, not held: {number}, {_told(served)}"
        return Item(outlet.id, first, last, via, tuple(pages), len(served), 0, 0, requests, why)

    def _next_via(self, address: str, vias: Iterable[str]) -> str | None:
        return next((via for via in vias if via in self._vias and (address, via) not in self._asked), None)

    def _by_window(self, outlet: _Outlet, cited: Iterable[_Wanted]) -> Iterator[Item]:
        left = [(each, [each.days]) for each in cited if not each.address]
        # What neither of the others has of a single page may be among the news of its days.
        linked = [
            (each, [each.days])
            for each in cited
            if each.address and not self._next_via(each.address, ("wayback", "cc-index"))
        ]
        for via in (via for via in self._vias if via != "cc-index"):
            if via == "cc-news":
                left += linked
            begins = cc_news.BEGINS if via == "cc-news" else date.min
            asked = self._asked.get((outlet.id, via), [])
            spans: list[tuple[Span, _Wanted]] = []
            later: list[tuple[_Wanted, list[Span]]] = []
            for each, days in left:
                open_days = [span for first, last in days for span in _without((max(first, begins), last), asked)]
                if open_days:
                    spans += [(span, each) for span in open_days]
                else:
                    later.append((each, days))
            for first, last, served in _merged(spans):
                requests = self._requests(outlet.id, via, first, last)
                why = f"{outlet.title} cited, not found: {_told(served)}"
                yield Item(outlet.id, first, last, via, (), len(served), 0, 0, requests, why)
            left = later

    def _holes(self, outlet: _Outlet, cited: Sequence[_Wanted], items: Iterable[Item]) -> Iterator[Item]:
        """Months in which nobody looked, between the first and the last day that a citation or a report touches."""
        touched = [day for each in cited for day in each.days]
        if held := self._held.get(outlet.id):
            touched += [held.first, held.last]
        if not touched:
            return
        first, last = min(touched), min(max(touched), self._today)
        looked = {
            day
            for (day,) in self._connection.execute(
                "select day from coverage_days where outlet = ? and day between ? and ? and answered + elsewhere > 0",
                [outlet.id, first.isoformat(), last.isoformat()],
            )
        }
        taken = {day for item in items if not item.addresses for day in _days(item.first, item.last)}
        for via in (via for via in self._vias if via != "cc-index"):
            if via == "cc-news":
                first = max(first, cc_news.BEGINS)
            asked = {day for span in self._asked.get((outlet.id, via), []) for day in _days(*span)}
            missing = [
                day
                for day in _days(first, last)
                if day not in taken and day not in asked and day.isoformat() not in looked
            ]
            for days in _by_month(missing):
                requests = self._requests(outlet.id, via, days[0], days[-1])
                number = "a day" if len(days) == 1 else f"{len(days)} days"
                why = f"Nobody looked at {outlet.title} on {number} of {days[0]:%Y-%m}"
                yield Item(outlet.id, days[0], days[-1], via, (), 0, 0, len(days), requests, why)
            taken |= set(missing)

    def _requests(self, outlet: str, via: str, first: date, last: date) -> int:
        last = _captured_until(last, self._today)
        if via == "cc-news":
            return cc_news.requests_of(first, last)
        return _LISTING + ((last - first).days + 1) * self._reports_a_day(outlet)

    def _reports_a_day(self, outlet: str) -> int:
        held = self._held.get(outlet)
        return math.ceil(held.reports / held.days) if held and held.days >= _KNOWN_DAYS else REPORTS_A_DAY


def _captured_until(last: date, today: date) -> date:
    """The last day whose captures may be of reports of a day."""
    return min(last + timedelta(days=CAPTURED_AFTER), today)


def _as_data(item: Item) -> dict[str, Any]:
    data = asdict(item)
    first, last = data.pop("first"), data.pop("last")
    return data | {"from": first.isoformat(), "to": last.isoformat(), "addresses": list(item.addresses)}


def addresses_of(resume: str) -> list[str]:
    """Those for which alone a backfill was, as archive/mementos.py keeps them; empty for one of a whole window."""
    try:
        found = json.loads(resume or "{}")
    except ValueError:
        return []
    return list(found.get("addresses", ())) if isinstance(found, dict) else []


def _newest(item: Item) -> tuple[int, str, str]:
    return -item.first.toordinal(), item.outlet, item.via


class _Spans:
    """How many of some spans have a day in common with another one."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._begins = sorted(first for first, _ in spans)
        self._ends = sorted(last for _, last in spans)

    def touching(self, first: date, last: date) -> int:
        return bisect_right(self._begins, last) - bisect_left(self._ends, first)


def _without(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of a span of days."""
    left = [span] if span[0] <= span[1] else []
    for first, last in taken:
        left = (
            [
                part
                for a, b in left
                for part in ((a, min(b, first - _ONE_DAY)), (max(a, last + _ONE_DAY), b))
                if part[0] <= part[1]
            ]
            if any(a <= last and b >= first for a, b in left)
            else left
        )
    return left


def _merged(spans: Iterable[tuple[Span, _Wanted]]) -> list[tuple[date, date, list[_Wanted]]]:
    """Windows of LONGEST days at most that hold the spans of several citations; no two of these share a day."""
    merged: list[tuple[date, date, list[_Wanted]]] = []
    long: list[tuple[Span, _Wanted]] = []
    for (first, last), each in sorted(spans, key=lambda span: span[0]):
        if (last - first).days >= LONGEST:
            long.append(((first, last), each))
            continue
        begins, ends, served = merged[-1] if merged else (first, last, [])
        if merged and first <= ends + timedelta(days=GAP + 1) and (max(ends, last) - begins).days < LONGEST:
            merged[-1] = (begins, max(ends, last), [*served, each])
        elif merged and first <= ends:
            merged.append((ends + _ONE_DAY, last, [each]))
        else:
            merged.append((first, last, [each]))
    of_long: dict[Span, list[_Wanted]] = {}
    for span, each in long:
        of_long.setdefault(span, []).append(each)
    return [*merged, *((first, last, served) for (first, last), served in of_long.items())]


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _by_month(days: Iterable[date]) -> list[list[date]]:
    months: dict[tuple[int, int], list[date]] = {}
    for day in days:
        months.setdefault((day.year, day.month), []).append(day)
    return list(months.values())


def _told(served: Sequence[_Wanted]) -> str:
    """14 citations by tnw of 2012-07-25…27"""
    count = "1 citation" if len(served) == 1 else f"{len(served):,} citations"
    by = [outlet for outlet, _ in Counter(each.by for each in served).most_common()]
    more = f" and {len(by) - _SHOWN} more" if len(by) > _SHOWN else ""
    return f"{count} by {', '.join(by[:_SHOWN])}{more} of {_between([each.story for each in served])}"


def _between(days: Sequence[date]) -> str:
    first, last = min(days), max(days)
    if first == last:
        return first.isoformat()
    same_month = (first.year, first.month) == (last.year, last.month)
    return (
        f"{first}…{last:%d}"
        if same_month
        else f"{first}…{last:%m-%d}"
        if first.year == last.year
        else f"{first}…{last}"
    )


# Doing it


Fetch = Callable[[Item, Window, int], Tally]  # an item, its captures, and how many requests may be made (0: any number)
Citation = tuple[int, int]  # version and mention


def carry_out(plan: Plan, today: date, budget: int, fetch: Fetch) -> Iterator[tuple[Item, Tally]]:
    """Do the items in their order until `budget` requests were made (0: all of them), or a signal ends it. A source
    that fails for two in a row is asked for nothing more. What is left is in the next plan, and goes on from where it
    was."""
    made = 0
    troubles: Counter[str] = Counter()
    for item in plan.items:
        if troubles[item.via] >= _TROUBLES:
            continue
        if budget and made >= budget:
            return
        tally = fetch(item, window_of(item, today), budget - made if budget else 0)
        made += tally.requests
        yield item, tally
        if tally.stopped:
            return
        troubles[item.via] = troubles[item.via] + 1 if tally.trouble else 0


def window_of(item: Item, today: date) -> Window:
    """The captures in which an item's reports may be found."""
    last = item.last if item.addresses else _captured_until(item.last, today)
    return Window(f"{item.first:%Y%m%d}000000", f"{last:%Y%m%d}235959", item.addresses)


def reason_of(item: Item) -> str:
    """What `backfills.why` says: the same for the next plan, though it counts other citations, so that this goes on."""
    if item.addresses:
        return "linked, not held"
    return "cited, not found" if item.citations else "nobody looked"


def unresolved(connection: sqlite3.Connection) -> set[Citation]:
    """The citations that led nowhere."""
    return set(connection.execute("select version, mention from citations where cited is null"))


def resolved(connection: sqlite3.Connection, before: set[Citation]) -> int:
    """How many of these lead somewhere now."""
    found = "select 1 from citations where version = ? and mention = ? and cited is not null"
    return sum(
        connection.execute(found, citation).fetchone() is not None for citation in before - unresolved(connection)
    )
