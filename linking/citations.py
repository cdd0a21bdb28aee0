"""Which report a story rests on where it names an outlet as its source.

By tiers: a hyperlink to it, text taken over, the outlet's name with a window of days, shared figures and shared names,
and state media without a name. What does not settle it stays unresolved, with the days that a backfill would need.
"""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from archive.report_ids import first_id, last_id, time_of
from grammar.press import Press
from linking.evidence import Evidence, Weigh, add_runs, evidence, without_runs
from linking.texts import Text, Texts
from linking.waiting import AMONG_FEW, MOST_DAYS, Neighbours
from linking.zones import Mention, everywhere, language_of, zone_of

# Of a mention without a date: the days before the story in which its report came out, and the hours behind it that a
# clock or a time zone may be wrong by.
DAYS_BEFORE, HOURS_AFTER = 14, 12
_RECENT = 3  # days back to which a single day that a mention names is the story's own
_CANDIDATES = 60  # that are compared, and the best of them whose words are compared in order
_BEST = 12
# The score from which a report is taken for the one that was meant: where all that the outlet had in these days could
# be compared, and where there was too much of it.
_ENOUGH_OF_FEW = {"named outlet": 0.6, "state media": 2.6}
_ENOUGH = {"named outlet": 1.5, "state media": 2.8}
_ENOUGH_IF_THIN = 1.6  # where nothing but one organisation, or common subjects, is what they share
_FEW_DAYS, _LESS = 4, 0.6  # of a window, and by how much less is then enough of the latter
_AHEAD, _SHARE = 0.8, 0.2  # of the next one; the second of its own score
_TAKEN_OVER = 2.0  # of which this much by shared words makes it text reuse
# Scores: a hyperlink has 1, so that of several mentions of one report the surest tier is the highest.
_OF_A_COPY, _MOST = 0.99, 0.98
_RELATED = 0.5  # the score of a report that has to do with a story that links to it
_PER_DAY = 0.06  # a story of today rests on a report of today rather than on last week's

_Row = tuple[int, int, int, str, int | None, str, float, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a mention comes to: a report with the tier and the evidence, or the reason why there is none."""

    cited: int | None = None
    tier: str = ""
    score: float = 0.0
    evidence: Evidence | None = None
    hyperlink: str = ""
    target: str = ""
    reason: str = ""


def link_citations(connection: sqlite3.Connection, reports: Sequence[int], press: Press) -> set[int]:
    """Bring the citations of these reports up to date, and of those that may rest on one of them; returns the reports
    at both ends of what changed. In the caller's transaction."""
    linker = _Linker(connection, press)
    stories = {*reports, *linker.neighbours.stories_waiting_for(reports)}
    changed: set[int] = set()
    for story in sorted(stories):
        rows = linker.citations_of(story)
        stored = connection.execute(
            "select * from citations where report = ? order by version, mention", [story]
        ).fetchall()
        if rows == stored:
            continue
        connection.execute("delete from citations where report = ?", [story])
        connection.executemany(f"insert into citations values ({', '.join('?' * 12)})", rows)
        changed |= {story, *(row[4] for row in (*rows, *stored) if row[4] is not None)}
    return changed


def newly_collected(connection: sqlite3.Connection) -> None:
    """Have the stories looked at again that name an outlet which was none of ours when they were linked."""
    connection.execute(
        "insert or ignore into unlinked select 'citations', report from outlets join citations on outlet = outlets.id "
        "where reason = 'not collected'"
    )


class _Linker:
    """For one batch."""

    def __init__(self, connection: sqlite3.Connection, press: Press) -> None:
        self._connection = connection
        self._press = press
        self._texts = Texts(connection)
        self.neighbours = Neighbours(connection, self._texts)
        self._kinds = self.neighbours.kinds

    def citations_of(self, story: int) -> list[_Row]:
        text = self._texts.of(story)
        if text is None:
            return []
        mentions = self._mentions(text)
        if not mentions:
            return []
        first = first_id(min(mention.from_day for mention in mentions))
        last = last_id(max(mention.to_day for mention in mentions))
        sharing = self.neighbours.sharing(text, first, last)
        copies = self._copies(story)
        rows: list[_Row] = []
        for mention in mentions:
            found = self._find(text, mention, mentions, sharing, copies)
            rows.append(
                (
                    text.version, mention.number, story, mention.outlet, found.cited, found.tier,
                    round(found.score, 3), _as_json(text, found), found.reason, found.target,
                    mention.from_day.isoformat(), mention.to_day.isoformat(),
                )
            )  # fmt: skip
        return rows

    def _mentions(self, text: Text) -> list[Mention]:
        day = time_of(text.id).date()
        found = []
        for number, place, start, outlet, href, from_day, to_day, *sentence in self._connection.execute(
            "select number, place, start, outlet, href, from_day, to_day, sentence_start, sentence_stop "
            "from mentions where version = ? and kind = 'source' and outlet <> ? order by number",
            [text.version, text.outlet],
        ):
            first, last = day - timedelta(days=DAYS_BEFORE), day + timedelta(days=1)
            is_apart = False
            if from_day or to_day:
                begins, ends = date.fromisoformat(from_day or to_day), date.fromisoformat(to_day or from_day)
                is_apart = ends < day - timedelta(days=_RECENT) or ends - begins >= timedelta(days=_RECENT)
                first = begins - timedelta(days=1)
                last = min(last, ends + timedelta(days=1))
                first = max(min(first, last), last - timedelta(days=MOST_DAYS))
            found.append(
                Mention(
                    number, place, start, outlet, href, first, last, is_apart,
                    (sentence[0], sentence[1]),
                )
            )  # fmt: skip
        # One that stands alone is what the story rests on, whatever days it names.
        named = Counter(mention.outlet for mention in found if mention.place == "body")
        return [replace(mention, apart=mention.apart and named[mention.outlet] > 1) for mention in found]

    def _copies(self, story: int) -> set[int]:
        """The reports that are copies of one text with this one."""
        row = self._connection.execute("select original from reprints where report = ?", [story]).fetchone()
        original = row[0] if row else story
        copies = self._connection.execute("select report from reprints where original = ?", [original])
        return {original, *(report for (report,) in copies)} - {story}

    def _find(
        self,
        text: Text,
        mention: Mention,
        mentions: Sequence[Mention],
        sharing: Counter[int],
        copies: set[int],
    ) -> _Found:
        target = self._press.canonical(mention.href) if mention.href else None
        linked = self._report_at(target) if target else None
        zone = zone_of(text, mention, mentions)
        there = self._texts.of(linked) if linked is not None and linked != text.id else None
        by_link = None
        if there is not None and (self._is_of(there.outlet, mention.outlet) or not mention.outlet):
            by_link = _Found(there.id, "hyperlink", 1.0, evidence(text, there, zone), mention.href or "", target or "")
            if _speaks_of(text, there):
                return by_link
        found = self._by_text(text, mention, zone, sharing, copies)
        if by_link is not None:  # a link to another story, unless nothing better is here
            return by_link if found.cited is None else found
        is_page = target is not None and re.search(r"\d{4,}", target) is not None
        if found.cited is None and is_page:
            found = replace(found, reason="not held")
        elif found.cited is not None and is_page and linked is None and found.tier != "text reuse":
            # It says by its link which report is meant, and that one is not here.
            found = _Found(reason="not held")
        return replace(found, target=target if is_page and target else "")

    def _report_at(self, address: str) -> int | None:
        row = self._connection.execute(
            "select report from captures where canonical = ? and report is not null order by id limit 1", [address]
        ).fetchone()
        return int(row[0]) if row else None

    def _is_of(self, outlet: str, named: str) -> bool:
        return outlet == named if named else self._kinds.get(outlet) == "state"

    def _by_text(self, text: Text, mention: Mention, zone: Weigh, sharing: Counter[int], copies: set[int]) -> _Found:
        if mention.outlet and mention.outlet not in self._kinds:
            return _Found(reason="not collected")
        first, last = first_id(mention.from_day), last_id(mention.to_day)
        latest = _latest(text)
        within = {report: self._texts.of(report) for report in copies if report <= latest}
        copied = sorted(
            report for report, there in within.items() if there and self._is_of(there.outlet, mention.outlet)
        )
        if copied:
            there = self._texts.of(copied[0])
            assert there is not None
            return _Found(copied[0], "text reuse", _OF_A_COPY, evidence(text, there, everywhere))
        if mention.place not in ("title", "body"):
            # A source line says that all of the text is that outlet's: then it is a copy, or its source is not here.
            return _Found(reason=self._why_nothing(mention))
        rough = sorted(
            (-count, report) for report, count in sharing.items() if count > 1 and first <= report <= min(last, latest)
        )
        candidates = self._of_outlet([report for _, report in rough], mention.outlet)[:_CANDIDATES]
        few = self.neighbours.few(mention.outlet, first, last)
        reports = {each for each in few or () if each <= latest} - {text.id} | {*candidates}
        weighed = self._weighed(text, mention, zone, reports)
        found = self._settle(text, mention, weighed, few is not None)
        if found.cited is not None and found.cited not in candidates:
            return replace(found, reason=AMONG_FEW)
        return found

    def _of_outlet(self, reports: Sequence[int], named: str) -> list[int]:
        outlets = dict(
            self._connection.execute(
                "select id, outlet from reports where id in (select value from json_each(?))", [json.dumps(reports)]
            )
        )
        return [report for report in reports if self._is_of(outlets[report], named)]

    def _weighed(
        self, text: Text, mention: Mention, zone: Weigh, reports: Iterable[int]
    ) -> list[tuple[float, Text, Evidence]]:
        """The best of some reports with the evidence for them, and its score less what their age says against them."""
        said = language_of(text, mention)
        texts = [
            there
            for report in reports
            if (there := self._texts.of(report)) is not None and (not said or there.is_chinese == (said == "zh"))
        ]
        found = [(without_runs(text, there, zone), there) for there in texts]
        found.sort(key=lambda each: (-each[0].score + _age(text, each[1], mention), each[1].id))
        for shared, there in found[:_BEST]:
            add_runs(text, there, zone, shared)
        return [(shared.score - _age(text, there, mention), there, shared) for shared, there in found[:_BEST]]

    def _settle(
        self, text: Text, mention: Mention, weighed: list[tuple[float, Text, Evidence]], among_few: bool
    ) -> _Found:
        tier = "named outlet" if mention.outlet else "state media"
        weighed.sort(key=lambda each: (-each[0], each[1].id))
        is_narrow = (mention.to_day - mention.from_day).days < _FEW_DAYS
        enough = _ENOUGH_OF_FEW[tier] if among_few else _ENOUGH[tier] - (_LESS if is_narrow else 0)
        good = [each for each in weighed if each[0] >= (max(enough, _ENOUGH_IF_THIN) if each[2].is_thin else enough)]
        if not good:
            return _Found(reason=self._why_nothing(mention) if not weighed else "nothing fits")
        best = good[0]
        rivals = [each for each in good[1:] if best[0] - each[0] < max(_AHEAD, _SHARE * best[0])]
        same = [each for each in rivals if self._tell_the_same(best[1], each[1])]
        if len(same) < len(rivals):
            return _Found(reason="several fit")
        # Of copies the first; of two editions the one in the story's language.
        score, there, shared = min((best, *same), key=lambda each: (each[1].is_chinese != text.is_chinese, each[1].id))
        words = shared.of_runs(text.is_chinese)
        if words >= _TAKEN_OVER:
            tier = "text reuse"
        return _Found(there.id, tier, min(_MOST, 1 - math.exp(-score / 2)), shared)

    def _tell_the_same(self, one: Text, other: Text) -> bool:
        """Whether two reports are copies or editions of one."""
        if one.is_chinese == other.is_chinese:
            return one.id in self._copies(other.id)
        row = self._connection.execute(
            "select 1 from twins where (chinese, english) in (values (?, ?), (?, ?))",
            [one.id, other.id, other.id, one.id],
        ).fetchone()
        return row is not None

    def _why_nothing(self, mention: Mention) -> str:
        """Whether the archive holds any report of that outlet in these days."""
        outlets = [mention.outlet] if mention.outlet else [id for id, kind in self._kinds.items() if kind == "state"]
        held = any(
            self._connection.execute(
                "select 1 from reports where outlet = ? and id between ? and ? limit 1",
                [outlet, first_id(mention.from_day), last_id(mention.to_day)],
            ).fetchone()
            for outlet in outlets
        )
        return "nothing fits" if held else "nothing held"


def _speaks_of(text: Text, there: Text) -> bool:
    """Whether a story has anything to do with the report to which it links: a wrong link is no source. Across
    languages a link is believed."""
    if text.is_chinese != there.is_chinese:
        return True
    shared = without_runs(text, there, everywhere)
    return bool(shared.figures) or shared.score >= _RELATED


def _latest(text: Text) -> int:
    """The greatest id of a report on which this one can rest."""
    if not text.to_the_minute:
        return last_id(text.time.date() + timedelta(days=1))
    return int(f"{text.time + timedelta(hours=HOURS_AFTER):%Y%m%d%H%M}9999")


def _age(text: Text, there: Text, mention: Mention) -> float:
    if mention.apart:
        return 0.0
    days = (text.time - there.time).total_seconds() / 86_400
    return _PER_DAY * (days if days >= 0 else -4 * days)


def _as_json(text: Text, found: _Found) -> str:
    told: dict[str, object] = {}
    if found.hyperlink:
        told["hyperlink"] = found.hyperlink
    if found.cited is not None and found.evidence is not None:
        shared = found.evidence
        told |= {"figures": shared.figures, "names": shared.names, "shared_text": shared.shared_text}
        if text.to_the_minute:
            told["hours"] = round((text.time - time_of(found.cited)).total_seconds() / 3600, 1)
    return json.dumps(told, ensure_ascii=False)
