"""From captures, read by the pipelines, to rows: reports, versions, the ledger and the index.

Idempotent: a capture that has its row already changes nothing. Order-free: a report's versions and state are made
from all of its readings in order of capture time, so an older capture that arrives late lands in its place.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta

from archive import coverage, edits, fields, moves, search, takedowns
from archive.frontier import look_again, note_links, note_look
from archive.schedule import Schedule
from archive.times import from_capture_id, iso, parse
from archive.versions import Change, Wording, change, first_of_each_run
from items import BETWEEN_PARAGRAPHS, Capture, Dateline, Hyperlink, Report

EXCERPT_CHARACTERS = 200


Versions = list[tuple[int, Wording]]  # oldest first, each with the capture that first showed it


@dataclass(frozen=True, slots=True)
class Seen:
    """What one capture says of a report. `id` is the report's."""

    id: int
    capture: int
    url: str
    origin: str
    report: Report
    wording: Wording


Worded = dict[str, tuple[int, Wording]]  # digest → the first capture that was worded so, and how
Story = tuple[Seen, Versions]  # what a report's row is made from, and its wordings


def write(connection: sqlite3.Connection, captures: Iterable[Capture], schedule: Schedule) -> Counter[tuple[str, str]]:
    """Write a batch in the caller's transaction. `schedule` says when each is looked at again.

    Returns how many reports of each outlet are "new" or "changed": {("xinhua", "new"): 3}.
    """
    new = [capture for capture in sorted(captures, key=lambda each: each.id) if _write_capture(connection, capture)]
    days = {(capture.outlet, iso(capture.at)[:10]) for capture in new}
    read: dict[int, list[Seen]] = {}  # report id → what this batch read of it, oldest first
    looked = _join_moved(connection, moves.note(connection, new), days)
    for capture in new:
        if capture.outcome == "quarantined":
            _quarantine(connection, capture.id, capture.outlet, capture.url, capture.at, capture.reason)
        if capture.outcome == "report" and capture.report is None:
            looked.add(_read_as_before(connection, capture))
            continue
        seen = _write_reading(connection, capture)
        if seen is not None:
            read.setdefault(seen.id, []).append(seen)
        elif (known := _known_report(connection, capture)) is not None:
            looked.add(known)
            connection.execute("update captures set report = ? where id = ?", [known, capture.id])
        if capture.links:
            note_links(connection, capture)
    counts = _rewrite_reports(connection, read, looked, schedule, days)
    for judged in takedowns.judged_with(connection, new):
        _rewrite_reports(connection, {}, judged, schedule, days)
    for capture in new:
        note_look(connection, capture, _changed_at(connection, capture), schedule)
    coverage.update(connection, days)
    return counts


def settle(connection: sqlite3.Connection, crawl: str, schedule: Schedule) -> None:
    """Say anew, when all of a crawl is there, what became of the reports that it found missing: whether that counts is
    told by its other looks (archive/takedowns.py). In the caller's transaction; more than once changes nothing."""
    looks = takedowns.missing_in(connection, crawl)
    _rewrite_reports(connection, {}, {report for _, report, _ in looks}, schedule, set())
    for capture, _, _ in looks:
        look_again(connection, capture, schedule)


def _write_capture(connection: sqlite3.Connection, capture: Capture) -> bool:
    """Insert the capture's row; False when it is there already.

    An id that another capture has is moved on, within its second: of those whose dates count seconds (archive/
    warc_reader.py) two in a million of one second meet.
    """
    if _is_known(connection, capture):
        return False
    second = capture.id - capture.id % _SECOND
    for step in range(_SECOND):
        candidate = second + (capture.id + step) % _SECOND
        if connection.execute("select 1 from captures where id = ?", [candidate]).fetchone() is None:
            break
    capture.id = candidate
    connection.execute(
        """insert into captures values (:id, :crawl, :outlet, :url, :canonical, :at, :status, :redirect_to,
            :content_type, :charset, :payload_sha256, :payload_length, :warc, :offset, :length, :etag, :last_modified,
            :origin, :outcome, :reason, null, :revisit_of, :cause, :record_id, :source)""",
        {
            "id": capture.id,
            "crawl": capture.crawl or None,
            "outlet": capture.outlet,
            "url": capture.url,
            "canonical": capture.canonical,
            "at": iso(capture.at),
            "status": capture.status,
            "redirect_to": capture.header("Location") or None,
            "content_type": capture.header("Content-Type") or None,
            "charset": capture.charset or None,
            "payload_sha256": capture.payload_sha256 or None,
            "payload_length": capture.payload_length,
            "warc": capture.warc,
            "offset": capture.offset,
            "length": capture.length,
            "etag": capture.header("ETag") or None,
            "last_modified": capture.header("Last-Modified") or None,
            "origin": capture.origin,
            "outcome": capture.outcome,
            "reason": capture.reason or None,
            "revisit_of": capture.revisit_of,
            "cause": capture.cause or None,
            "record_id": capture.record_id or None,
            "source": capture.source or None,
        },
    )
    return True


_SECOND = 1_000_000  # microseconds


def _is_known(connection: sqlite3.Connection, capture: Capture) -> bool:
    """Whether the record has its row, or another record tells of the same capture: a web archive and a WARC file that
    was imported, or two such files, can hold one."""
    if connection.execute(
        "select 1 from captures where warc = ? and offset = ?", [capture.warc, capture.offset]
    ).fetchone():
        return True
    if capture.origin == "live":
        return False
    same = connection.execute(
        "select 1 from captures where url = ? and at = ? and payload_sha256 is ? and status is ? and origin <> 'live'",
        [capture.url, iso(capture.at), capture.payload_sha256 or None, capture.status],
    ).fetchone()
    return same is not None


def _quarantine(connection: sqlite3.Connection, capture: int, outlet: str, url: str, at: datetime, reason: str) -> None:
    connection.execute(
        "insert or replace into quarantine values (?, ?, ?, ?, ?)", [capture, outlet, url, iso(at), reason]
    )


def _write_reading(connection: sqlite3.Connection, capture: Capture) -> Seen | None:
    """Note what this capture says of its report; None when it says nothing."""
    report = capture.report
    if report is None:
        return None
    seen = Seen(
        _report_id(connection, capture, report),
        capture.id,
        capture.report_url,
        capture.origin,
        report,
        _wording(report),
    )
    parts = max(1, len(report.part_urls))
    # A page of several is kept whole until the story is joined; else the wording is in `versions`.
    page = json.dumps(asdict(report), ensure_ascii=False) if parts > 1 else None
    connection.execute(
        "insert or replace into readings values (?, ?, ?, ?, ?, ?, ?)",
        [capture.id, seen.id, report.part, parts, seen.wording.digest, page, fields.filled(report)],
    )
    connection.execute("update captures set report = ? where id = ?", [seen.id, capture.id])
    return seen


def stands_as(connection: sqlite3.Connection, report: int, revisit: Capture) -> bool:
    """Whether a report's row was made from the payload that a later capture repeats, of a story on one page: then that
    changes nothing but when it was seen last."""
    row = connection.execute(
        """select coalesce(revisit_of, captures.id), captures.id, parts from reports
        join captures on captures.id = reports.capture join readings on readings.capture = captures.id
        where reports.id = ?""",
        [report],
    ).fetchone()
    return row is not None and row[0] == revisit.revisit_of and row[1] < revisit.id and row[2] == 1


def _read_as_before(connection: sqlite3.Connection, capture: Capture) -> int:
    """Note a revisit of which `stands_as` is true; returns its report's id."""
    (report,) = connection.execute("select report from captures where id = ?", [capture.revisit_of]).fetchone()
    connection.execute(
        """insert into readings select ?, report, part, parts, text_digest, page, fields from readings
        where capture = ?""",
        [capture.id, capture.revisit_of],
    )
    connection.execute("update captures set report = ? where id = ?", [report, capture.id])
    connection.execute("update reports set capture = ?, origin = ? where id = ?", [capture.id, capture.origin, report])
    return int(report)


def _wording(report: Report) -> Wording:
    return Wording(
        report.title,
        BETWEEN_PARAGRAPHS.join(report.body),
        "\n".join(report.captions),
        report.layout,
        hyperlinks([report]),
    )


def hyperlinks(pages: Iterable[Report]) -> str:
    """The links in the text of a story, whose pages follow each other, as versions have them."""
    found: list[tuple[int, int, str]] = []
    before = 0
    for page in pages:
        found += [(before + link.start, before + link.end, link.href) for link in page.hyperlinks]
        before += sum(len(paragraph) + len(BETWEEN_PARAGRAPHS) for paragraph in page.body)
    return json.dumps(found, ensure_ascii=False)


def _known_report(connection: sqlite3.Connection, capture: Capture) -> int | None:
    return _id_of(connection, capture.outlet, capture.canonical)


def _id_of(connection: sqlite3.Connection, outlet: str, canonical: str) -> int | None:
    """The id under which an address is known, or was at the host from which it moved."""
    query = "select id from id_registry where url = ?"
    row = connection.execute(query, [canonical]).fetchone()
    for address in moves.addresses(connection, outlet, canonical)[1:] if row is None else ():
        row = row or connection.execute(query, [address]).fetchone()
    return int(row[0]) if row else None


def _report_id(connection: sqlite3.Connection, capture: Capture, report: Report) -> int:
    """The id under which this address is known, or a new one: YYYYMMDDhhmm of its publication (UTC; the printed date
    when that is all there is; the capture's time when there is none) and four digits of the address's hash, the next
    free number on a collision. So a rebuilt archive gives the same ids."""
    url = capture.report_url
    if (known := _id_of(connection, capture.outlet, url)) is not None:
        return known
    moment = report.published_utc or report.published_local or iso(capture.at)
    minute = int(moment[:16].translate(_DIGITS_ONLY).ljust(12, "0")) * 10_000
    digits = int.from_bytes(hashlib.sha256(url.encode()).digest()[:8], "big") % 10_000
    for step in range(10_000):
        candidate = minute + (digits + step) % 10_000
        if connection.execute(
            "insert into id_registry values (?, ?) on conflict do nothing", [candidate, url]
        ).rowcount:
            # Looks at this address that came to nothing before it was known to hold a report.
            connection.executemany(
                "update captures set report = ? where canonical = ? and report is null",
                [(candidate, address) for address in moves.addresses(connection, capture.outlet, url)],
            )
            return candidate
    raise ValueError(f"{url}: 10,000 reports already share the publication minute {moment[:16]}")


_DIGITS_ONLY = str.maketrans("", "", "-T: ")


def reword(connection: sqlite3.Connection) -> None:
    """Tell again how versions differ, for an archive that was written before typography was set aside and edits had
    kinds: digests, added and removed characters, kinds, replacements. A version that was only typography is one no
    more. In the caller's transaction."""
    if search.needs_rebuild(connection):
        search.rebuild(connection)  # a row that is changed must leave the index as it was put in
    for (report,) in connection.execute("select id from reports").fetchall():
        _reword(connection, report)


def _reword(connection: sqlite3.Connection, report: int) -> None:
    stored = connection.execute(
        "select text_digest, capture, title, body, captions, layout from versions where report = ? order by number",
        [report],
    ).fetchall()
    worded: Worded = {}
    digests: dict[str, str] = {}
    for digest, capture, *text in stored:  # of a time when links were not kept
        wording = Wording(*text)
        digests[digest] = wording.digest
        _note_wording(worded, capture, wording)
    readings = "update readings set text_digest = ? where report = ? and "
    for capture, page in connection.execute(
        "select capture, page from readings where report = ? and page is not null", [report]
    ).fetchall():
        connection.execute(f"{readings} capture = ?", [_wording(_report_of(page)).digest, report, capture])
    if any(before != after for before, after in digests.items()):
        connection.executemany(
            f"{readings} text_digest = ? and page is null",
            [(after, report, before) for before, after in digests.items() if before != after],
        )
        connection.executemany(
            "update versions set text_digest = ? where report = ? and text_digest = ?",
            [(after, report, before) for before, after in digests.items() if before != after],
        )
    if len(stored) < 2:
        return
    begun = first_of_each_run((capture, digests[digest]) for digest, capture, *_ in stored)
    versions = [(capture, worded[digest][1]) for capture, digest in begun]
    title, body = versions[-1][1].title, versions[-1][1].body
    if len(versions) < len(stored):
        search.remove_from_index(connection, [report])
    connection.execute("update versions set text_digest = '' where report = ?", [report])  # so that all is told anew
    _write_versions(connection, report, versions)
    connection.execute(
        "update reports set versions = ?, title = ?, excerpt = ? where id = ?",
        [len(versions), title, excerpt(body), report],
    )
    search.add_to_index(connection, [report])


def catch_up(connection: sqlite3.Connection) -> None:
    """Fill `takedowns` and `moves` for an archive that was written before they were there, and bring what rests on them
    up to date. In the caller's transaction."""
    if search.needs_rebuild(connection):
        search.rebuild(connection)  # a row that is changed must leave the index as it was put in
    touched = _join_moved(connection, moves.note_all(connection), set())
    touched |= {
        report
        for (report,) in connection.execute(
            "select id from reports where state <> 'live' and exists (select 1 from captures where report = reports.id)"
        )
    }
    schedule = Schedule((), timedelta())
    _rewrite_reports(connection, {}, touched, schedule, set())
    # Crawl by crawl, since what was gone before tells nothing of an outage (takedowns.Neighbours).
    for (crawl,) in connection.execute(
        """select id from crawls where id in (select crawl from captures where outcome = 'missing'
            and report is not null) order by started_at, id"""
    ).fetchall():
        settle(connection, crawl, schedule)


def _join_moved(connection: sqlite3.Connection, learned: Iterable[moves.Move], days: set[tuple[str, str]]) -> set[int]:
    """Make one report of those that a move shows to be the same: the new host's lists often name them before the old
    host's redirects are seen. Returns the reports that must be looked over; adds to `days` as _rewrite_reports does."""
    touched: set[int] = set()
    for move in learned:
        hosts = moves.hosts_of(connection, move)
        for _, url in [each for host in hosts[1:] for each in moves.registered(connection, host)]:
            same = {
                int(report)
                for address in moves.addresses(connection, move.outlet, url)
                for (report,) in connection.execute("select id from id_registry where url = ?", [address])
            }
            if len(same) > 1:
                touched.add(_join(connection, same, days))
        for capture, canonical in [each for host in hosts for each in moves.unbooked(connection, move.outlet, host)]:
            if (known := _id_of(connection, move.outlet, canonical)) is not None:
                connection.execute("update captures set report = ? where id = ?", [known, capture])
                touched.add(known)
    return touched


def _join(connection: sqlite3.Connection, reports: set[int], days: set[tuple[str, str]]) -> int:
    """Give all that is known of several reports to the one of them that was read first, whose id is returned."""
    marks = ", ".join("?" * len(reports))
    began = dict(
        connection.execute(
            f"select report, min(capture) from readings where report in ({marks}) group by report", [*reports]
        ).fetchall()
    )
    # One without a reading is kept from the archive that is made anew here: it was the first there.
    kept, *others = sorted(reports, key=lambda report: (began.get(report, 0), report))
    search.remove_from_index(connection, reports)
    begun = {each for report in reports for each in _beginnings(connection, report)}
    worded = _worded(connection, reports)
    newest = connection.execute(
        f"select * from reports where id in ({marks}) order by capture desc limit 1", [*reports]
    ).fetchone()
    for table in ("replacements", "versions", "takedowns"):
        connection.execute(f"delete from {table} where report in ({marks})", [*reports])
    connection.execute(f"delete from reports where id in ({marks})", [*reports])
    for other in others:
        for table in ("captures", "readings"):
            connection.execute(f"update {table} set report = ? where report = ?", [kept, other])
        connection.execute("delete from id_registry where id = ?", [other])
    if newest is None:
        return kept
    connection.execute(f"insert into reports values ({', '.join('?' * len(newest))})", [kept, *newest[1:]])
    versions = _versions_again(connection, kept, worded)
    connection.execute(
        "update reports set first_seen = ?, versions = ? where id = ?",
        [iso(from_capture_id(versions[0][0])), len(versions), kept],
    )
    _write_versions(connection, kept, versions)
    connection.execute(_FIRST_LOOK, [kept])
    days |= {(outlet, at[:10]) for outlet, at, _ in begun ^ _beginnings(connection, kept)}
    search.add_to_index(connection, [kept])
    return kept


def _versions_again(connection: sqlite3.Connection, report: int, worded: Worded) -> Versions:
    """The versions that a report's readings make, when none of them is new."""
    readings = _readings(connection, report)
    observations = [(row[0], row[3]) for row in readings]
    if paged := [(row[0], row[4]) for row in readings if row[4] is not None]:
        page = _report_of(paged[-1][1])
        url, origin = connection.execute("select url, origin from reports where id = ?", [report]).fetchone()
        newest = Seen(report, paged[-1][0], url, origin, page, _wording(page))
        observations = _join_pages(connection, newest, readings, worded)[1]
    return [(first, worded[digest][1]) for first, digest in first_of_each_run(observations)]


def _rewrite_reports(
    connection: sqlite3.Connection,
    read: dict[int, list[Seen]],
    looked: set[int],
    schedule: Schedule,
    days: set[tuple[str, str]],
) -> Counter[tuple[str, str]]:
    """Bring versions, states and the index up to date for the reports that this batch read or looked at. Adds to
    `days`, (outlet, date) each, those on which a report or a version now begins, or began."""
    stories = {report: _story(connection, report, seen) for report, seen in read.items()}
    touched = sorted(read.keys() | looked)
    after, neighbours = schedule.confirm_after, takedowns.Neighbours(connection)
    states = {report: takedowns.condition(connection, report, after, neighbours) for report in touched}
    # Most looks find nothing new; the index must let go of the others before anything of them changes.
    changing = [report for report in touched if not _stands(connection, report, states[report], stories.get(report))]
    search.remove_from_index(connection, changing)
    counts: Counter[tuple[str, str]] = Counter()
    for report, (latest, versions) in stories.items():
        before = connection.execute("select versions from reports where id = ?", [report]).fetchone()
        counts[latest.report.outlet, "new"] += before is None
        counts[latest.report.outlet, "changed"] += before is not None and len(versions) > before[0]
        _write_report(connection, latest, versions)
        begun = _beginnings(connection, report)
        _write_versions(connection, report, versions)
        connection.execute(_FIRST_LOOK, [report])
        days |= {(outlet, at[:10]) for outlet, at, _ in begun ^ _beginnings(connection, report)}
    for report, (condition, checked) in states.items():
        connection.execute(
            "update reports set state = ?, last_checked = ? where id = ?", [condition, iso(checked), report]
        )
        takedowns.write(connection, report, after, neighbours)
    search.add_to_index(connection, changing)
    return counts


# When we first read it ourselves, which the captures of others leave as it is.
_FIRST_LOOK = """update reports set first_look = (select at from captures where report = reports.id
    and outcome = 'report' and origin = 'live' order by id limit 1) where id = ?"""


def _beginnings(connection: sqlite3.Connection, report: int) -> set[tuple[str, str, int]]:
    """When each version of a report began, and (0) our own reading of it: (outlet, time, number)."""
    return set(
        connection.execute(
            """select outlet, seen_at, number from versions join reports on reports.id = report where report = :report
            union all select outlet, first_look, 0 from reports where id = :report and first_look is not null""",
            {"report": report},
        )
    )


def _stands(connection: sqlite3.Connection, report: int, looked: tuple[str, datetime], story: Story | None) -> bool:
    """Whether all that the index holds of a report is as this batch would have it."""
    row = connection.execute("select state, outlet, language from reports where id = ?", [report]).fetchone()
    if row is None or row[0] != looked[0]:
        return False
    if story is None:
        return True
    latest, versions = story
    stored = connection.execute(
        "select capture, text_digest from versions where report = ? order by number", [report]
    ).fetchall()
    return row[1:] == (latest.report.outlet, latest.report.language) and stored == [
        (capture, wording.digest) for capture, wording in versions
    ]


def _story(connection: sqlite3.Connection, report: int, seen: list[Seen]) -> Story:
    """The reading that the report's row is made from, and all versions."""
    worded = _worded(connection, [report])
    for each in seen:
        if len(each.report.part_urls) < 2:
            _note_wording(worded, each.capture, each.wording)
    readings = _readings(connection, report)
    if all(parts == 1 for _, _, parts, _, _ in readings):
        latest = seen[-1]
        observations = [(row[0], row[3]) for row in readings]
    else:
        latest, observations = _join_pages(connection, seen[-1], readings, worded)
    return latest, [(first, worded[digest][1]) for first, digest in first_of_each_run(observations)]


def _worded(connection: sqlite3.Connection, reports: Iterable[int]) -> Worded:
    """The wordings of all versions of reports."""
    ids = [*reports]
    worded: Worded = {}
    marks = ", ".join("?" * len(ids))
    for capture, *text in connection.execute(
        f"select capture, title, body, captions, layout, hyperlinks from versions where report in ({marks})", ids
    ):
        _note_wording(worded, capture, Wording(*text))
    return worded


def _note_wording(worded: Worded, capture: int, wording: Wording) -> None:
    """Keep how a capture words it, unless an earlier one says the same: typography is no wording, and which of two
    drawings of one quotation mark is kept must not depend on which capture came in first."""
    if wording.digest not in worded or capture <= worded[wording.digest][0]:
        worded[wording.digest] = capture, wording


def _readings(connection: sqlite3.Connection, report: int) -> list[tuple[int, int, int, str, str | None]]:
    """Oldest first: capture, part, parts, digest, and the page of a story in several."""
    return connection.execute(
        "select capture, part, parts, text_digest, page from readings where report = ? order by capture", [report]
    ).fetchall()


def _join_pages(
    connection: sqlite3.Connection,
    newest: Seen,
    readings: list[tuple[int, int, int, str, str | None]],
    worded: Worded,
) -> tuple[Seen, list[tuple[int, str]]]:
    """A story cut into pages: its newest first page, and observations (capture, digest) of the whole.

    At each capture the whole is the newest of every page so far. A page that comes later for the first time is taken
    to have been there all along, so that a crawl's own order makes no versions. Pages that never came are left out, and
    the quarantine says so.
    """
    pages: dict[int, list[tuple[int, Report]]] = {}  # number → its readings, oldest first
    observations: list[tuple[int, str]] = []
    joined = {capture for capture, *_, page in readings if page is not None}
    for digest in [digest for digest, (capture, _) in worded.items() if capture in joined]:
        del worded[digest]  # put together anew below
    for capture, part, _parts, digest, page in readings:
        if page is None:  # the story was on one page then
            observations.append((capture, digest))
        else:
            pages.setdefault(part, []).append((capture, _report_of(page)))
    for capture in sorted(capture for each in pages.values() for capture, _ in each):
        present = [_as_of(pages[number], capture)[1] for number in sorted(pages)]
        wording = Wording(
            present[0].title,
            BETWEEN_PARAGRAPHS.join(paragraph for each in present for paragraph in each.body),
            "\n".join(caption for each in present for caption in each.captions),
            present[0].layout,
            hyperlinks(present),
        )
        _note_wording(worded, capture, wording)
        observations.append((capture, wording.digest))
    first_capture, first = pages[min(pages)][-1]
    _note_lacking_pages(connection, newest.id, set(pages), first)
    return Seen(newest.id, first_capture, newest.url, newest.origin, first, newest.wording), observations


def _report_of(page: str) -> Report:
    fields = json.loads(page)
    dateline = fields.pop("dateline")
    links = [Hyperlink(**each) for each in fields.pop("hyperlinks", ())]
    return Report(dateline=Dateline(**dateline) if dateline else None, hyperlinks=links, **fields)


def _as_of(readings: list[tuple[int, Report]], capture: int) -> tuple[int, Report]:
    """The newest reading up to a capture, else the first one after it."""
    return next((each for each in reversed(readings) if each[0] <= capture), readings[0])


def _note_lacking_pages(connection: sqlite3.Connection, report: int, present: set[int], first: Report) -> None:
    captures = "select id from captures where report = ? and outcome = 'report'"
    connection.execute(f"delete from quarantine where capture in ({captures})", [report])
    lacking = sorted(set(range(1, len(first.part_urls) + 1)) - present)
    if not lacking:
        return
    capture, url, outlet, at = connection.execute(
        f"select id, url, outlet, at from captures where id = (select max(id) from ({captures}))", [report]
    ).fetchone()
    numbers, addresses = ", ".join(map(str, lacking)), " ".join(first.part_urls[number - 1] for number in lacking)
    reason = f"{url}: stored without page {numbers} of {len(first.part_urls)}, not captured so far: {addresses}"
    _quarantine(connection, capture, outlet, url, parse(at), reason)


def _write_versions(connection: sqlite3.Connection, report: int, versions: Versions) -> None:
    stored = connection.execute(
        "select capture, text_digest from versions where report = ? order by number", [report]
    ).fetchall()
    wanted = [(capture, wording.digest) for capture, wording in versions]
    # What went before a new wording is as it was; a page that changes at every look must not be told anew each time.
    kept = next((place for place, pair in enumerate(zip(stored, wanted, strict=False)) if pair[0] != pair[1]), None)
    kept = min(len(stored), len(wanted)) if kept is None else kept
    if len(stored) == len(wanted) == kept:
        return
    connection.execute(
        "delete from replacements where version in (select id from versions where report = ? and number > ?)",
        [report, kept],
    )
    connection.execute("delete from versions where report = ? and number > ?", [report, kept])
    (outlet,) = connection.execute("select outlet from reports where id = ?", [report]).fetchone()
    before = versions[kept - 1][1] if kept else None
    for number, (capture, wording) in enumerate(versions[kept:], start=kept + 1):
        difference = change(before, wording) if before else Change(0, 0, "")
        earlier = [each for _, each in versions[: number - 2]]
        edit = edits.edit(before, wording, earlier) if before else edits.Edit((), ())
        seen_at = iso(from_capture_id(capture))
        connection.execute(
            "insert into versions values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                capture, report, number, wording.title, wording.body, wording.captions, wording.digest, wording.layout,
                capture, seen_at, difference.added, difference.removed, difference.removed_text, "; ".join(edit.kinds),
                wording.hyperlinks,
            ],
        )  # fmt: skip
        connection.executemany(
            "insert into replacements values (?, ?, ?, ?, ?, ?, ?)",
            [
                (capture, place, report, outlet, seen_at, was, became)
                for place, (was, became) in enumerate(edit.replacements, start=1)
            ],
        )
        before = wording


def _write_report(connection: sqlite3.Connection, latest: Seen, versions: Versions) -> None:
    """The report's row, from its newest capture; an older one that arrives late only moves first_seen and versions."""
    report, wording = latest.report, versions[-1][1]
    first_seen = iso(from_capture_id(versions[0][0]))
    old = connection.execute("select capture from reports where id = ?", [latest.id]).fetchone()
    if old and old[0] > latest.capture:
        connection.execute(
            "update reports set first_seen = ?, versions = ? where id = ?", [first_seen, len(versions), latest.id]
        )
        return
    row = {
        "id": latest.id,
        "url": latest.url,
        "outlet": report.outlet,
        "title": wording.title,
        "excerpt": excerpt(wording.body),
        "language": report.language,
        "section": report.section,
        "byline": "; ".join(report.authors) or None,
        "editor": "; ".join(report.editors) or None,
        "source_label": report.source_label,
        "source_url": report.source_url,
        "dateline_agency": report.dateline.agency if report.dateline else None,
        "dateline_place": report.dateline.place if report.dateline else None,
        "dateline_date": dateline_date(report),
        "keywords": "; ".join(report.keywords) or None,
        "published_at": report.published_utc or report.published_local,
        "published_local": report.published_local,
        "published_precision": report.published_precision,
        "published_printed": report.published_printed or None,
        "zone_basis": report.zone_basis,
        "modified_at": report.modified_utc,
        "first_seen": first_seen,
        "last_checked": first_seen,  # until its state is written
        "state": "live",
        "versions": len(versions),
        "pages": max(1, len(report.part_urls)),
        "capture": latest.capture,
        "origin": latest.origin,
    }
    columns = ", ".join(row)
    updates = ", ".join(f"{name} = excluded.{name}" for name in row if name != "id")
    connection.execute(
        f"insert into reports ({columns}) values ({', '.join(f':{name}' for name in row)}) "
        f"on conflict (id) do update set {updates}",
        row,
    )


def excerpt(body: str) -> str:
    """The first EXCERPT_CHARACTERS of a body, on one line."""
    flat = " ".join(body.split())
    return flat if len(flat) <= EXCERPT_CHARACTERS else flat[:EXCERPT_CHARACTERS].rstrip() + "…"


def dateline_date(report: Report) -> str | None:
    """The dateline's day with its year (ISO): the last such day up to a day after publication, since a dateline of
    31 December is read on a page of 1 January, and a time zone can put it a day ahead."""
    if not report.dateline or not report.dateline.month_day or not report.published_local:
        return None
    published = date.fromisoformat(report.published_local[:10])
    month, day = map(int, report.dateline.month_day.split("-"))
    for year in (published.year + 1, published.year, published.year - 1):
        try:
            candidate = date(year, month, day)
        except ValueError:  # 29 February
            continue
        if (candidate - published).days <= 1:
            return candidate.isoformat()
    return None


def _changed_at(connection: sqlite3.Connection, capture: Capture) -> datetime:
    """When the wording at this address last changed, or it was restored; when it was published, as far as that is
    known, if neither ever happened; this capture's time if no report is known there."""
    row = connection.execute(
        "select versions.id, number, published_at, (select max(restored_capture) from takedowns "
        "where takedowns.report = versions.report and takedowns.state = 'restored') "
        "from captures join versions using (report) "
        "join reports on reports.id = versions.report where captures.id = ? order by number desc limit 1",
        [capture.id],
    ).fetchone()
    if row is None:
        return capture.at
    seen_at = from_capture_id(row[0])
    if row[1] == 1 and row[2]:
        seen_at = min(seen_at, _latest_moment(row[2]))
    return max(seen_at, from_capture_id(row[3])) if row[3] else seen_at


def _latest_moment(published: str) -> datetime:
    """The moment of a publication in UTC, the end of its day where the zone or the time is not known."""
    if published.endswith("Z"):
        return parse(published)
    return datetime.combine(date.fromisoformat(published[:10]), time(), UTC) + timedelta(days=1)
