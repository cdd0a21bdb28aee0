"""Looking for citations: which story names an outlet as its source, and which report it comes to, or why none.

As in publish/figure_search.py no more than CAP are looked at, the newest; the answer says how far back that is.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from archive.report_ids import first_id
from publish import keys, lags
from publish.asked import day, one
from publish.figure_search import CAP, LAST, LONGEST
from publish.room import BadRequest, rows

UNNAMED = "unnamed"  # as an address writes the outlet "" of state media without a name
STATES = {"linked": "Linked", "unresolved": "Not found"}
_AFTER = re.compile(r"(\d{1,18})~(\d{1,18})~(\d{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which citations. `outlet` is the one cited, `by` the one that cites; `state` is linked, unresolved, or a reason;
    `report` cites or is cited."""

    outlet: str = ""
    by: str = ""
    tier: str = ""
    state: str = ""
    report: int | None = None
    since: date | None = None
    until: date | None = None
    problems: tuple[str, ...] = ()

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> Wanted:
        """What an address asks for. Raises BadRequest for a tier, a state or a report that is none."""
        problems: list[str] = []
        tier, state, report = (one(arguments, name) for name in ("tier", "state", "report"))
        if tier and tier not in keys.TIERS:
            raise BadRequest(f"“{tier[:60]}” is no tier. Known: {', '.join(keys.TIERS)}.")
        if state and state not in STATES and state not in keys.REASONS:
            raise BadRequest(f"“{state[:60]}” is no state to choose. Known: {', '.join((*STATES, *keys.REASONS))}.")
        if report and not (report.isascii() and report.isdigit() and len(report) <= 18):
            raise BadRequest(f"“{report[:60]}” is no report's number.")
        return cls(
            one(arguments, "outlet")[:100],
            one(arguments, "by")[:100],
            tier,
            state,
            int(report) if report else None,
            day(arguments, "since", problems),
            day(arguments, "until", problems),
            tuple(problems),
        )

    def parameters(self) -> dict[str, str]:
        return {
            "outlet": self.outlet,
            "by": self.by,
            "tier": self.tier,
            "state": self.state,
            "report": str(self.report) if self.report is not None else "",
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }

    def address(self, path: str = "/citations", **changes: str) -> str:
        given = {name: value for name, value in (self.parameters() | changes).items() if value}
        return f"{path}?{urlencode(given)}" if given else path


@dataclass(frozen=True, slots=True)
class Found:
    """(report that cites, version, mention) of each citation, newest first. `looked_back_to`: the report behind which
    nothing was looked at, 0 where all was."""

    places: list[tuple[int, int, int]]
    looked_back_to: int = 0


def find(connection: sqlite3.Connection, wanted: Wanted, before: int = LAST) -> Found:
    """The citations wanted, of what was looked at; `before`: only of reports before this one."""
    values = {
        "outlet": "" if wanted.outlet == UNNAMED else wanted.outlet,
        "by": wanted.by,
        "tier": wanted.tier,
        "reason": wanted.state,
        "of": wanted.report,
        "since": first_id(wanted.since) if wanted.since else 0,
        "before": min(before, first_id(wanted.until + timedelta(1)) if wanted.until else LAST),
    }
    days = "citations.report >= :since and citations.report < :before"
    led = [f"from citations indexed by citations_report where {days}"]
    if wanted.outlet:
        led = [f"from citations indexed by citations_outlets where citations.outlet = :outlet and {days}"]
    if wanted.report is not None:
        led = [
            f"from citations indexed by citations_report where citations.report = :of and {days}",
            f"from citations indexed by citations_cited where cited is not null and cited = :of and {days}",
        ]
    conditions = {
        "citations.outlet = :outlet": wanted.outlet,
        "reports.outlet = :by": wanted.by,
        "tier = :tier": wanted.tier,
        "cited is not null": wanted.state == "linked",
        "cited is null": wanted.state and wanted.state != "linked",
        "reason = :reason": wanted.state in keys.REASONS,
    }
    narrowed = "".join(f" and {sql}" for sql, is_given in conditions.items() if is_given)
    joined = "cross join reports on reports.id = citations.report" if wanted.by else ""
    places: set[tuple[int, int, int]] = set()
    horizon = 0
    for each in led:
        row = connection.execute(
            f"select citations.report {each} order by citations.report desc limit 1 offset {CAP}", values
        ).fetchone()
        horizon = max(horizon, row[0] if row else 0)
        places |= {
            (report, version, mention)
            for report, version, mention in connection.execute(
                f"""select citations.report, citations.version, citations.mention
                from (select version as led_version, mention as led_mention {each}
                    order by citations.report desc limit {CAP})
                cross join citations on citations.version = led_version and citations.mention = led_mention {joined}
                where citations.report > {horizon}{narrowed}""",
                values,
            )
        }
    return Found(sorted(places, key=_newest), horizon)


def _newest(place: tuple[int, int, int]) -> tuple[int, int, int]:
    report, version, mention = place
    return -report, -version, mention


def page_of(found: Found, after: str, size: int) -> tuple[list[tuple[int, int, int]], str]:
    """The places behind `after`, and where the page ends ("" where nothing follows)."""
    places = found.places
    if after:
        written = _AFTER.fullmatch(after)
        if written is None:
            raise BadRequest(f"“{after[:60]}” is not where a page ends. Begin at the first page.")
        key = _newest((int(written[1]), int(written[2]), int(written[3])))
        places = [place for place in places if _newest(place) > key]
    page = places[:size]
    return page, "~".join(map(str, page[-1])) if len(places) > size else ""


_SENTENCE = f"""substr(case mentions.place when 'title' then versions.title when 'body' then versions.body else '' end,
    sentence_start + 1, min(sentence_stop - sentence_start, {LONGEST}))"""
_ROW = f"""select citations.version, mention, citations.report, citations.outlet as cited_outlet, cited, tier, score,
    evidence, reason, target, citations.from_day, citations.to_day, mentions.words, mentions.href, mentions.place,
    mentions.start, mentions.stop, sentence_start, {_SENTENCE} as sentence,
    reports.title, reports.language, reports.outlet, reports.published_at, reports.published_precision, reports.state,
    reports.versions, outlets.title_en as outlet_title, outlets.kind,
    other.title as cited_title, other.language as cited_language, other.published_at as cited_published_at,
    other.published_precision as cited_precision, other.state as cited_state, other.outlet as found_outlet,
    other_outlets.title_en as found_outlet_title, other_outlets.kind as found_kind
from citations
join mentions on mentions.version = citations.version and mentions.number = citations.mention
join versions on versions.id = citations.version
join reports on reports.id = citations.report join outlets on outlets.id = reports.outlet
left join reports as other on other.id = cited left join outlets as other_outlets on other_outlets.id = other.outlet
where citations.version = ? and citations.mention = ?"""


def rows_of(connection: sqlite3.Connection, places: list[tuple[int, int, int]]) -> list[dict[str, Any]]:
    """All of each citation for a page: both reports, `said` (the sentence before, in and behind the mention), `lag` and
    `because` (the evidence in short)."""
    found = []
    for _, version, mention in places:
        for row in rows(connection, _ROW, [version, mention]):
            row["said"] = _parts(row)
            row["evidence"] = json.loads(row["evidence"])
            row["lag"] = None
            if row["cited"] is not None:
                row["lag"] = lags.between(
                    row["cited"], row["cited_precision"], row["report"], row["published_precision"]
                )
            row["because"] = because(connection, row)
            found.append(row)
    return found


def _parts(row: Mapping[str, Any]) -> tuple[str, str, str]:
    words, start, stop = row["sentence"], row["start"] - row["sentence_start"], row["stop"] - row["sentence_start"]
    if row["place"] not in ("title", "body") or not row["words"] or words[start:stop] != row["words"]:
        return "", "", ""
    return words[:start], words[start:stop], words[stop:]


def because(connection: sqlite3.Connection, row: Mapping[str, Any]) -> list[str]:
    """What speaks for a link, in short: its address, the words, figures and names that both hold."""
    evidence, said = row["evidence"], []
    if evidence.get("hyperlink"):
        said.append("it links to it")
    if evidence.get("shared_text"):
        length = sum(stop - start for start, stop, *_ in evidence["shared_text"])
        said.append(f"{length:,} characters are the same")
    numbers = [pair[0] for pair in evidence.get("figures", ())][:_SHOWN]
    if numbers:
        stated = connection.execute(
            f"""select distinct value, value_max, unit from figures where version = ? and number in
            ({", ".join("?" * len(numbers))}) order by number""",
            [row["version"], *numbers],
        ).fetchall()
        said.append("both state " + ", ".join(keys.amount(*each) for each in stated))
    names = [here for _, here, _ in evidence.get("names", ()) if here][:_SHOWN]
    if names:
        said.append("both name " + ", ".join(names))
    return said


_SHOWN = 4  # figures and names of the evidence


# The queue of what was not found


@dataclass(frozen=True, slots=True)
class Gap:
    """What is cited of an outlet and not found, of one month: what a backfill would need."""

    outlet: str
    month: str
    citations: int
    reasons: dict[str, int]
    first: str
    last: str
    held: int | None  # reports of it in that month; None for an outlet that is not collected


MONTHS = 24  # that are shown of all outlets
MOST_OF_ONE = 100_000  # citations of an outlet that are looked at, the newest


def queue(connection: sqlite3.Connection, outlet: str = "") -> list[Gap]:
    """The gaps of the newest MONTHS months, or those of one outlet, of its MOST_OF_ONE newest citations; newest month
    first, then most cited."""
    own = {id for (id,) in connection.execute("select id from outlets")}
    named = cited_outlets(connection)
    if outlet:
        named = [each for each in named if each == ("" if outlet == UNNAMED else outlet)]
    newest = max(filter(None, (_newest_day(connection, each) for each in named)), default="")
    since = "" if outlet or not newest else _months_before(newest)
    found: list[Gap] = []
    for each in named:
        months: dict[str, dict[str, tuple[int, str, str]]] = {}
        for month, reason, count, first, last in connection.execute(
            """select substr(to_day, 1, 7), reason, count(*), min(from_day), max(to_day)
            from (select from_day, to_day, reason from citations indexed by citations_windows
                where outlet = ? and to_day >= ? order by to_day desc limit ?)
            where reason not in ('', 'among few') group by 1, 2""",  # the second is of links that were found
            [each, since, MOST_OF_ONE],
        ):
            months.setdefault(month, {})[reason] = (count, first, last)
        for month, reasons in months.items():
            found.append(
                Gap(
                    each,
                    month,
                    sum(count for count, *_ in reasons.values()),
                    {reason: count for reason, (count, *_) in reasons.items()},
                    min(first for _, first, _ in reasons.values()),
                    max(last for *_, last in reasons.values()),
                    _held(connection, each, month) if each in own else None,
                )
            )
    return sorted(found, key=lambda gap: (_backwards(gap.month), -gap.citations, gap.outlet))


def _backwards(month: str) -> int:
    return -int(month.replace("-", "") or 0)


def _months_before(day: str) -> str:
    months = int(day[:4]) * 12 + int(day[5:7]) - MONTHS
    return f"{months // 12:04}-{months % 12 + 1:02}"


def cited_outlets(connection: sqlite3.Connection) -> list[str]:
    """Every outlet that is cited, each found by one step in the index."""
    return [
        outlet
        for (outlet,) in connection.execute(
            """with recursive named(outlet) as (
                select min(outlet) from citations
                union all
                select (select min(outlet) from citations where citations.outlet > named.outlet)
                from named where named.outlet is not null
            ) select outlet from named where outlet is not null"""
        )
    ]


def _newest_day(connection: sqlite3.Connection, outlet: str) -> str:
    row = connection.execute("select max(to_day) from citations where outlet = ?", [outlet]).fetchone()
    return str(row[0] or "")


def _held(connection: sqlite3.Connection, outlet: str, month: str) -> int:
    row = connection.execute(
        "select sum(reports) from holdings_months where month = ? and outlet = ?", [int(month.replace("-", "")), outlet]
    ).fetchone()
    return int(row[0] or 0)
