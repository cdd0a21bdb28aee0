"""What is wrong now, as far as the archive shows it: silent outlets, fields that are no longer filled, layouts that no
longer fit, changed robots.txt, outages, moves; archive/machine.py has what is wrong with this machine.

What was wrong before counts too (`standing`): an alarm is over when things are well again, not when one grows unsure.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from archive import health, machine, robots
from archive.coverage import ANSWERS
from archive.fields import FIELDS
from archive.health import DAY, OURS, TROUBLES, WEEK
from archive.significance import CHANCE, LEAST_DROP, LEAST_NEW, binomial_tail, has_fallen, rank_from_top
from archive.standing import Key, Standing, Trouble, moment, percent, span
from archive.storage import Captures
from archive.times import from_capture_id, iso, parse
from items import FAILED

SILENCE_AT_LEAST = timedelta(hours=6)
SILENCE_MARGIN = 1.5  # above the 99th percentile, which one gap in a hundred exceeds by its meaning
GAPS, GAPS_WITHIN, GAPS_OF = 30, timedelta(days=120), 2_000  # days with a gap, at least; in this time, or these reports
LOOKS = 300  # the newest looks at report pages among which those that cannot be read are counted
FEWEST_PAGES, LEAST_SHARE = 5, 0.20  # of pages that cannot be read
UNREAD_LISTS = 3, timedelta(hours=6)  # looks at a list in a row, over this time
CRAWLS = 50  # of an outlet, through which an outage is followed back
MOVED_LATELY = timedelta(days=90)
_NOT_THE_LAYOUT = re.compile(r"which no layout reads|with an empty page")

Now = Mapping[Key, Standing]


@dataclass(frozen=True, slots=True)
class Outlet:
    id: str
    title: str
    domains: str
    every: int


def find(
    connection: sqlite3.Connection, settings: Mapping[str, Any], captures: Captures, now: datetime, standing: Now
) -> list[Trouble]:
    """Everything that is wrong. Reads only; 400 outlets with 5 million reports take 3 seconds."""
    outlets = [
        Outlet(*row)
        for row in connection.execute("select id, title_en, domains, every from outlets order by id").fetchall()
    ]
    found = machine.find(connection, settings, captures, now, standing)
    found += outages(connection, outlets, timedelta(hours=float(settings["OUTAGE_HOURS"])), now, standing)
    reader = robots.Reader(connection, captures, str(settings["ROBOTSTXT_USER_AGENT"] or settings["USER_AGENT"]))
    for outlet in outlets:
        for look in (silence, fill_rates, layout, lists, moves):
            found += look(connection, outlet, now, standing)
        found += robots.changes(reader, outlet.id, outlet.title, now, standing)
    return found


# Silence


def silence(connection: sqlite3.Connection, outlet: Outlet, now: datetime, standing: Now) -> Iterator[Trouble]:
    """No new report for half as long again as the outlet's longest gap on 99 of 100 days, although it was asked."""
    key = ("silent", outlet.id, "reports")
    row = connection.execute(
        "select max(first_look) from reports indexed by reports_looks where outlet = ? and first_look <= ?",
        [outlet.id, iso(now)],
    ).fetchone()
    if row[0] is None:
        return
    last = parse(row[0])
    if before := standing.get(key):
        if last <= before.raised_at:
            yield before.as_it_was(key)
        return
    gap = now - last
    if gap <= SILENCE_AT_LEAST:
        return
    usual = longest_usual_gap(connection, outlet, last)
    if usual is None or gap <= usual * SILENCE_MARGIN or not _was_watched(connection, outlet, last, now):
        return
    yield Trouble(
        *key,
        state="silent",
        message=f"{outlet.title}: no new report for {span(gap)}, since {moment(iso(last))}. On 99 of 100 days its "
        f"longest gap was {span(usual)} or less. Its lists were read meanwhile: look whether they still name new "
        "reports.",
    )


def longest_usual_gap(connection: sqlite3.Connection, outlet: Outlet, until: datetime) -> timedelta | None:
    """The 99th percentile of each day's longest gap between new reports (the days are those on which a gap ended, in
    UTC); None for fewer than GAPS of them.

    By the day, for an outlet with 50 reports a day pauses each night for longer than 99 % of its gaps. Gaps in which
    nobody looked are left out.
    """
    longest: dict[str, tuple[timedelta, datetime, datetime]] = {}
    earliest = until - GAPS_WITHIN
    day, end = "", until
    for number, (seen,) in enumerate(
        connection.execute(
            "select first_look from reports indexed by reports_looks where outlet = ? and first_look <= ? "
            "order by first_look desc",
            [outlet.id, iso(until)],
        )
    ):
        begin = datetime.fromisoformat(seen)  # not archive.times.parse, which takes 30 times as long
        if begin < earliest and number >= GAPS_OF:
            break
        if day and begin < end and (day not in longest or longest[day][0] < end - begin):
            longest[day] = (end - begin, begin, end)
        day, end = seen[:10], begin
    days, watched = len(longest), 0
    for gap, begin, end in sorted(longest.values(), reverse=True):
        if not _was_watched(connection, outlet, begin, end):
            days -= 1
        elif watched == rank_from_top(days):
            return gap if days >= GAPS else None
        else:
            watched += 1
    return None


def _was_watched(connection: sqlite3.Connection, outlet: Outlet, since: datetime, until: datetime) -> bool:
    """Whether the outlet answered in each third of that time, or in each part in which its lists were due twice."""
    parts = max(1, min(3, int((until - since) / (2 * timedelta(minutes=outlet.every)))))
    length = (until - since) / parts
    return all(
        health.answered(connection, outlet.id, since + part * length, since + (part + 1) * length)
        for part in reversed(range(parts))
    )


# Fields


def fill_rates(connection: sqlite3.Connection, outlet: Outlet, now: datetime, standing: Now) -> Iterator[Trouble]:
    """Fields that the newest reports fill less often than those before them."""
    batches = health.batches(connection, outlet.id, now)
    if not batches:
        return
    for place, rate in enumerate(health.fill_rates(batches)):
        key = ("fill-rate", outlet.id, rate.field)
        before = standing.get(key)
        if before and batches[0].of < LEAST_NEW:
            yield before.as_it_was(key)
            continue
        share = rate.filled / rate.of
        if before:
            usual = _share_before(before.state)
            adapted = before.is_acknowledged and (rate.share_before or 0) - share < LEAST_DROP
            if share < usual - LEAST_DROP / 2 and not adapted:
                yield before.as_it_was(key, _fall(usual, share, before.state))
        elif has_fallen(batches[0], batches[1:], place):
            usual = rate.share_before or 0
            yield Trouble(*key, _fall(usual, share, ""), _about_field(connection, outlet, rate))


def _fall(usual: float, share: float, before: str) -> str:
    """The state of a field: from which share, and whether it is filled now and then or not at all. A few reports more
    are no news."""
    few = share >= 0.10 if before.endswith("none") else share > 0.0
    return f"from {percent(usual)} to {'few' if few else 'none'}"


def _share_before(state: str) -> float:
    found = re.match(r"from (\d+) %", state)
    return int(found[1]) / 100 if found else 1.0


def _about_field(connection: sqlite3.Connection, outlet: Outlet, rate: health.FillRate) -> str:
    assert rate.field in FIELDS
    row = connection.execute(
        f"select url from reports where outlet = ? and coalesce({rate.field}, '') = '' order by id desc limit 1",
        [outlet.id],
    ).fetchone()
    example = f" {row[0]} is one without it." if row else ""
    return (
        f"{outlet.title}: {rate.field} is filled in {rate.filled} of the newest {rate.of} reports "
        f"({percent(rate.filled / rate.of)}), and was in {rate.filled_before} of the {rate.of_before} before them "
        f"({percent(rate.share_before or 0)}).{example} If the page has it, mend the layout and run `dateline reread`; "
        "if the outlet leaves it out now, acknowledge this."
    )


# Layouts


def layout(connection: sqlite3.Connection, outlet: Outlet, now: datetime, standing: Now) -> Iterator[Trouble]:
    """Report pages that go to quarantine more often than they did, and the layout that used to read such pages."""
    before = next(
        ((key, each) for key, each in standing.items() if key[:2] == ("layout", outlet.id) and key[2] != "lists"), None
    )
    unread = _unread_pages(connection, outlet, now)
    if before is None and len(unread) < FEWEST_PAGES:
        return
    pages = _newest_pages(connection, outlet, now, unread)
    now_unread = [page for page in unread if pages.get(page.canonical)]
    share = len(now_unread) / len(pages) if pages else 0.0
    if before:
        key, was = before
        if len(now_unread) >= 3 and share >= LEAST_SHARE / 2:
            yield was.as_it_was(key, "most" if share > (0.4 if was.state == "most" else 0.6) else "some")
        return
    looks = health.quarantined(connection, outlet.id, now)
    usual = (looks.quarter + 1) / (looks.quarter_looks + 20)
    if len(now_unread) < FEWEST_PAGES or share < max(LEAST_SHARE, 2 * usual):
        return
    if binomial_tail(len(now_unread), len(pages), usual) >= CHANCE:
        return
    name = _layout_that_read(connection, outlet, now_unread)
    newest = now_unread[0]
    yield Trouble(
        "layout",
        outlet.id,
        name or "unknown",
        "most" if share > 0.5 else "some",
        f"{outlet.title}: {len(now_unread)} of the newest {len(pages)} report pages cannot be read ({percent(share)}; "
        f"{percent(looks.share_before or 0)} in the 90 days before). "
        + (f"The layout {name} used to read such pages. " if name else "")
        + f"{newest.reason} Mend it, or write a layout for the new pages, then run `dateline reread`.",
    )


@dataclass(frozen=True, slots=True)
class _Page:
    canonical: str
    reason: str
    report: int | None


def _unread_pages(connection: sqlite3.Connection, outlet: Outlet, now: datetime) -> list[_Page]:
    """The pages of the last week that no layout could read, newest first, once each."""
    pages: dict[str, _Page] = {}
    for canonical, reason, report in connection.execute(
        f"""select canonical, reason, report from captures indexed by captures_troubles
        where outlet = ? and {OURS} and at > ? and at <= ? and {TROUBLES} and outcome = 'quarantined'
            and coalesce((select kind from checks where url = canonical), 'report') = 'report'
        order by at desc limit {LOOKS}""",
        [outlet.id, iso(now - WEEK), iso(now)],
    ):
        if not _NOT_THE_LAYOUT.search(reason or ""):
            pages.setdefault(canonical, _Page(canonical, _sentence(reason or canonical), report))
    return list(pages.values())


def _sentence(reason: str) -> str:
    reason = reason if len(reason) <= 300 else reason[:300] + "…"
    return reason if reason.endswith((".", "…")) else reason + "."


def _newest_pages(
    connection: sqlite3.Connection, outlet: Outlet, now: datetime, unread: list[_Page]
) -> dict[str, bool]:
    """Canonical addresses of the pages last looked at → whether the newest look could not read it."""
    known = {page.canonical for page in unread}
    pages: dict[str, bool] = {}
    for canonical, outcome in connection.execute(
        f"""select canonical, outcome from captures indexed by captures_looks
        where outlet = ? and {OURS} and at > ? and at <= ? and outcome in ('report', 'quarantined')
        order by at desc limit {LOOKS}""",
        [outlet.id, iso(now - WEEK), iso(now)],
    ):
        if outcome == "report" or canonical in known:
            pages.setdefault(canonical, outcome == "quarantined")
    return pages


def _layout_that_read(connection: sqlite3.Connection, outlet: Outlet, unread: list[_Page]) -> str:
    """The layout that read these pages before, or the one that read most of the newest reports; "" for none."""
    known = [page.report for page in unread if page.report is not None]
    names: Counter[str] = Counter()
    for report in known:
        row = connection.execute(
            "select layout from versions where report = ? order by number desc limit 1", [report]
        ).fetchone()
        if row:
            names[row[0]] += 1
    if not names:
        names.update(
            name
            for (name,) in connection.execute(
                """select layout from reports indexed by reports_looks
                cross join versions on versions.report = reports.id and versions.number = reports.versions
                where outlet = ? and first_look is not null order by first_look desc limit 50""",
                [outlet.id],
            )
        )
    return names.most_common(1)[0][0] if names else ""


def lists(connection: sqlite3.Connection, outlet: Outlet, now: datetime, standing: Now) -> Iterator[Trouble]:
    """Lists that cannot be read any more, several times in a row: their new reports are not found."""
    due = "outlet = ? and kind = 'listing' and due_at is not null"
    unread = [
        url
        for (url,) in connection.execute(
            f"select url from checks where {due} and last_outcome = 'quarantined' order by url limit {CRAWLS}",
            [outlet.id],
        ).fetchall()
        if _is_unread_for_long(connection, url)
    ]
    if not unread:
        return
    (all_lists,) = connection.execute(f"select count(*) from checks where {due}", [outlet.id]).fetchone()
    key = ("layout", outlet.id, "lists")
    yield Trouble(
        *key,
        "all" if len(unread) == all_lists else "some",
        f"{outlet.title}: {len(unread)} of its {all_lists} lists cannot be read, so new reports are not found there: "
        f"{unread[0]}. Look whether its form, or its address, has changed; the table quarantine says what is wrong.",
    )


def _is_unread_for_long(connection: sqlite3.Connection, url: str) -> bool:
    looks, time = UNREAD_LISTS
    streak: list[str] = []
    for outcome, at in connection.execute(
        f"select outcome, at from captures where canonical = ? and {OURS} order by id desc limit {CRAWLS}", [url]
    ):
        if outcome in ("listing", "unchanged"):
            break
        if outcome == "quarantined":
            streak.append(at)
    return len(streak) >= looks and parse(streak[0]) - parse(streak[-1]) >= time


# Outages


def outages(
    connection: sqlite3.Connection, outlets: list[Outlet], hours: timedelta, now: datetime, standing: Now
) -> list[Trouble]:
    """Outlets whose crawls brought no answer for so many hours. When nearly all are so, it is this machine's network,
    and one trouble."""
    down = {outlet.id: trouble for outlet in outlets if (trouble := _outage(connection, outlet, hours, now))}
    asked = sum(
        connection.execute(
            f"select 1 from crawls where outlet = ? and {OURS} and started_at > ? and started_at <= ? limit 1",
            [outlet.id, iso(now - DAY), iso(now)],
        ).fetchone()
        is not None
        for outlet in outlets
    )
    if len(down) < 3 or len(down) < 0.9 * asked:
        return list(down.values())
    told = [trouble for trouble in down.values() if trouble.key in standing]
    return [
        Trouble(
            "outage",
            None,
            "network",
            "out",
            f"None of {len(down)} outlets answers, so it is this machine's network, its name server or a proxy. "
            f"{next(iter(down.values())).message}",
        ),
        *told,
    ]


def _outage(connection: sqlite3.Connection, outlet: Outlet, hours: timedelta, now: datetime) -> Trouble | None:
    failing: list[tuple[str, str, str | None]] = []  # crawls, newest first: id, begin, finish reason
    for crawl, started, reason in connection.execute(
        f"""select id, started_at, finish_reason from crawls where outlet = ? and {OURS} and started_at <= ?
            and finished_at is not null and requests > 0 order by started_at desc limit {CRAWLS}""",
        [outlet.id, iso(now)],
    ):
        if not _has_failed(connection, crawl, reason):
            break
        failing.append((crawl, started, reason))
    if len(failing) < 2 or now - parse(failing[-1][1]) < hours:
        return None
    since = moment(failing[-1][1])
    return Trouble(
        "outage",
        outlet.id,
        "crawls",
        "out",
        f"{outlet.title}: {len(failing)} crawls since {since} brought no answer, or were ended for want of one. "
        f"{_why(connection, *failing[0])} What was due stays due, and nothing is taken for a takedown.",
    )


def _has_failed(connection: sqlite3.Connection, crawl: str, reason: str | None) -> bool:
    """Whether an outage ended the crawl, or requests failed and none was answered. Where robots.txt cannot be had, it
    is the one that fails, and no page is asked for."""
    if (reason or "").startswith("outage"):
        return True
    row = connection.execute(
        "select 1 from captures where crawl = ? and outcome = 'robots' and status >= 500 limit 1", [crawl]
    ).fetchone()
    return (row is not None or _any(connection, crawl, FAILED)) and not _any(connection, crawl, ANSWERS)


def _any(connection: sqlite3.Connection, crawl: str, outcomes: tuple[str, ...]) -> bool:
    row = connection.execute(
        f"select 1 from captures where crawl = ? and outcome in ({', '.join('?' * len(outcomes))}) limit 1",
        [crawl, *outcomes],
    ).fetchone()
    return row is not None


def _why(connection: sqlite3.Connection, crawl: str, started: str, reason: str | None) -> str:
    if (reason or "").startswith("outage"):
        return _sentence(f"The last one: {reason}")
    row = connection.execute(
        f"select reason from captures where crawl = ? and outcome in ({', '.join('?' * len(FAILED))}) limit 1",
        [crawl, *FAILED],
    ).fetchone()
    return _sentence(row[0]) if row and row[0] else ""


# Moves


def moves(connection: sqlite3.Connection, outlet: Outlet, now: datetime, standing: Now) -> Iterator[Trouble]:
    """Hosts to which the outlet's addresses lead, and which its description does not have."""
    hosts = health.hosts(outlet.domains)
    for from_host, to_host, first, last in connection.execute(
        "select from_host, to_host, first_capture, last_capture from moves where outlet = ? order by 1, 2", [outlet.id]
    ).fetchall():
        last_at, first_at = (from_capture_id(capture) for capture in (last, first))
        if now - last_at > MOVED_LATELY or any(to_host == host or to_host.endswith(f".{host}") for host in hosts):
            continue
        day = iso(first_at)[:10]
        yield Trouble(
            "domain-move",
            outlet.id,
            f"{from_host} to {to_host}",
            "moved",
            f"{outlet.title}: addresses on {from_host} lead to the same place on {to_host} since {day}, which is "
            f'none of its hosts. If it has moved, add Domain("{to_host}", since="{day}") to its domains, and to that '
            f'of {from_host}: until="{day}", into="{to_host}".',
        )
