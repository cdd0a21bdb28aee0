"""How a report hangs together with others, as its page and its JSON tell it: what it rests on, who repeated it, copies
of it, its edition in the other language, and what contradicts it. Each with what a person can check."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from publish.keys import REASONS, TIERS, lag_in_words, outlet_title, outlet_titles
from publish.room import rows
from publish.statements import amount, as_printed, modified

MOST = 20  # of each kind on a page
MOST_AS_DATA = 1000
_LONGEST_PASSAGE = 300  # characters of shared words that are quoted
_MOST_PIECES = 12  # of what a copy altered, dropped or added

CONTRADICTIONS = {
    "smaller total": "A smaller total later",
    "changed number": "Another number than in its source",
    "dropped modifier": "The source’s “at least”, “about” or “nearly” is gone",
    "changed by edit": "Changed by an edit",
}

Row = dict[str, Any]


class Relations:
    """What is linked with one report, read within one transaction. `most`: rows of each kind. Needs the tables of
    statements."""

    def __init__(self, connection: sqlite3.Connection, report: int, most: int = MOST) -> None:
        self._connection = connection
        self._report = report
        self._most = most
        self._outlets = outlet_titles(connection)
        self._latest: dict[int, Row] = {}
        self._figures: dict[int, dict[int, Row]] = {}

    def all(self) -> dict[str, Any]:
        """By the names that they have in the JSON."""
        return {
            "rests_on": self.rests_on(),
            "unresolved": self.unresolved(),
            "repeated_by": self.repeated_by(),
            "reprint_of": self.reprint_of(),
            "reprinted_by": self.reprinted_by(),
            "other_language": self.other_language(),
            "contradictions": self.contradictions(),
        }

    # Citations

    def rests_on(self) -> Row:
        """Reports that it cites, the surest first; `places` counts the mentions that lead to one."""
        found = rows(
            self._connection,
            "select max(score) as score, cited, version, mention, outlet, tier, evidence, reason, count(*) as places "
            "from citations where report = ? and cited is not null group by cited order by 1 desc, cited limit ?",
            [self._report, self._most],
        )
        total = self._count("select count(distinct cited) from citations where report = ?")
        others = self._reports(row["cited"] for row in found)
        return _list(
            total,
            [
                self._citation(row, self._report, row["cited"]) | {"report": others[row["cited"]]}
                for row in found
                if row["cited"] in others
            ],
        )

    def repeated_by(self) -> Row:
        """Reports that cite it, the earliest first."""
        found = rows(
            self._connection,
            "select max(score) as score, report, version, mention, outlet, tier, evidence, reason, count(*) as places "
            "from citations where cited = ? group by report order by report limit ?",
            [self._report, self._most],
        )
        total = self._count("select count(distinct report) from citations where cited = ?")
        others = self._reports(row["report"] for row in found)
        return _list(
            total,
            [
                self._citation(row, row["report"], self._report) | {"report": others[row["report"]]}
                for row in found
                if row["report"] in others
            ],
        )

    def _citation(self, row: Row, citing: int, cited: int) -> Row:
        return {
            "tier": row["tier"],
            "how": TIERS.get(row["tier"], row["tier"]),
            "score": row["score"],
            "reason": row["reason"],
            "mention": row["mention"],
            "places": row["places"],
            "evidence": self._evidence(row["evidence"], citing, cited),
        }

    def unresolved(self) -> Row:
        """Outlets that it cites and whose report was not found, with the days in which that should have come out."""
        found = rows(
            self._connection,
            "select outlet, reason, target, from_day, to_day, min(mention) as mention, count(*) as places "
            "from citations where report = ? and cited is null group by outlet, reason, target, from_day, to_day "
            "order by min(mention) limit ?",
            [self._report, self._most],
        )
        total = self._count(
            "select count(*) from (select 1 from citations where report = ? and cited is null "
            "group by outlet, reason, target, from_day, to_day)"
        )
        return _list(
            total,
            [
                row
                | {
                    "name": outlet_title(row["outlet"], self._outlets),
                    "why": REASONS.get(row["reason"], row["reason"]),
                }
                for row in found
            ],
        )

    # Copies

    def reprint_of(self) -> Row | None:
        found = rows(self._connection, "select * from reprints where report = ?", [self._report])
        others = self._reports(row["original"] for row in found)
        return next((_copy(row, others[row["original"]]) for row in found if row["original"] in others), None)

    def reprinted_by(self) -> Row:
        """Its copies, the earliest first."""
        found = rows(
            self._connection,
            "select * from reprints where original = ? order by report limit ?",
            [self._report, self._most],
        )
        others = self._reports(row["report"] for row in found)
        return _list(
            self._count("select count(*) from reprints where original = ?"),
            [_copy(row, others[row["report"]]) for row in found if row["report"] in others],
        )

    # The other language

    def other_language(self) -> Row | None:
        """Its edition in the other language where each is the other's best; `only_here` and `only_there` are figures
        that the other does not state."""
        for this, other in (("chinese", "english"), ("english", "chinese")):
            found = rows(
                self._connection, f"select * from twins where {this} = ? and mutual order by score desc", [self._report]
            )
            others = self._reports(row[other] for row in found)
            for row in found:
                if row[other] not in others:
                    continue
                there = row[other]
                evidence = self._evidence(row["evidence"], row["chinese"], row["english"])
                return {
                    "report": others[there],
                    "score": row["score"],
                    "evidence": evidence if this == "chinese" else _turned(evidence),
                    "only_here": self._only(self._report, row[f"only_{this}"]),
                    "only_there": self._only(there, row[f"only_{other}"]),
                }
        return None

    def _only(self, report: int, numbers: str) -> list[Row]:
        figures = self._figures_of(self._latest_of(report).get("id"))
        return [figures[number] for number in _parsed(numbers, list) if isinstance(number, int) and number in figures]

    # Contradictions

    def contradictions(self) -> Row:
        """Pairs of figures of which one is this report's: `earlier` was said before, or by the source of `later`."""
        found = rows(
            self._connection,
            "select * from contradictions where report = ? union select * from contradictions where other_report = ? "
            "order by report desc, figure, other_report, other_figure limit ?",
            [self._report, self._report, self._most],
        )
        total = self._count(
            "select count(*) from (select * from contradictions where report = ?1 "
            "union select * from contradictions where other_report = ?1)"
        )
        others = self._reports(row[name] for row in found for name in ("report", "other_report"))
        told = []
        for row in found:
            if not {row["report"], row["other_report"]} <= others.keys():
                continue
            later = self._figures_of(row["version"]).get(row["figure"])
            earlier = self._figures_of(row["other_version"]).get(row["other_figure"])
            if later is None or earlier is None:
                continue
            told.append(
                {
                    "kind": row["kind"],
                    "heading": CONTRADICTIONS.get(row["kind"], row["kind"]),
                    "explanation": row["explanation"],
                    "earlier": self._side(earlier, row["other_version"], others[row["other_report"]]),
                    "later": self._side(later, row["version"], others[row["report"]]),
                }
            )
        return _list(total, told)

    def _side(self, figure: Row, version: int, report: Row) -> Row:
        number = self._connection.execute("select number from versions where id = ?", [version]).fetchone()
        return {"report": report, "version": number[0] if number else 1, "figure": figure}

    # What a link rests on

    def _evidence(self, stored: str, one: int, other: int) -> Row:
        """What two reports share, side by side: pairs of [of one, of other]."""
        found = _parsed(stored, dict)
        here, there = self._latest_of(one), self._latest_of(other)
        figures = self._figures_of(here.get("id")), self._figures_of(there.get("id"))
        hours = found.get("hours")
        return {
            "hyperlink": str(found.get("hyperlink") or ""),
            "words": [
                [_passage(here, *run[:2]), _passage(there, *run[2:])] for run in _tuples(found, "shared_text", 4, int)
            ],
            "figures": [
                [figures[0][number], figures[1][another]]
                for number, another in _tuples(found, "figures", 2, int)
                if number in figures[0] and another in figures[1]
            ],
            "names": [[words, others] for _, words, others in _tuples(found, "names", 3, str)],
            "hours": hours if isinstance(hours, int | float) else None,
        }

    def _latest_of(self, report: int) -> Row:
        if report not in self._latest:
            found = rows(
                self._connection,
                "select id, body from versions where report = ? order by number desc limit 1",
                [report],
            )
            self._latest[report] = found[0] if found else {}
        return self._latest[report]

    def _figures_of(self, version: int | None) -> dict[int, Row]:
        if version is None:
            return {}
        if version not in self._figures:
            self._figures[version] = {
                row["number"]: {**row, "amount": amount(row), "printed": as_printed(row), "modified": modified(row)}
                for row in rows(
                    self._connection,
                    "select number, text, value, value_max, modifier, meaning, unit, noun, noun_key, act, "
                    "period_start, period_stop from figures where version = ?",
                    [version],
                )
            }
        return self._figures[version]

    def _reports(self, ids: Iterable[int]) -> dict[int, Row]:
        """Reports as a list shows them, by id."""
        wanted = list(dict.fromkeys(ids))
        return {
            row["id"]: row
            for row in rows(
                self._connection,
                "select reports.id, title, language, outlet, outlets.title_en as outlet_title, kind, state, versions, "
                "published_at, published_precision, url from reports join outlets on outlets.id = outlet "
                "where reports.id in (select value from json_each(?))",
                [json.dumps(wanted)],
            )
        }

    def _count(self, query: str) -> int:
        return int(self._connection.execute(query, [self._report]).fetchone()[0])


def _list(total: int, items: list[Row]) -> Row:
    return {"total": total, "items": items}


NONE: Row = {
    name: None if name in ("reprint_of", "other_language") else _list(0, [])
    for name in (
        "rests_on", "unresolved", "repeated_by", "reprint_of", "reprinted_by", "other_language", "contradictions",
    )
}  # fmt: skip


def _copy(row: Row, other: Row) -> Row:
    altered = _tuples({"altered": _parsed(row["altered"], list)}, "altered", 2, str)
    dropped, added = _parsed(row["dropped"], list), _parsed(row["added"], list)
    return {
        "report": other,
        "similarity": row["similarity"],
        "contained": row["contained"],
        "lag_minutes": row["lag_minutes"],
        "same_outlet": bool(row["same_outlet"]),
        "altered": altered[:_MOST_PIECES],
        "dropped": dropped[:_MOST_PIECES],
        "added": added[:_MOST_PIECES],
        "more": sum(max(0, len(pieces) - _MOST_PIECES) for pieces in (altered, dropped, added)),
    }


def _passage(version: Row, start: int, stop: int) -> str:
    words = str(version.get("body", ""))[start:stop]
    return words if len(words) <= _LONGEST_PASSAGE else words[:_LONGEST_PASSAGE] + "…"


def _turned(evidence: Row) -> Row:
    """The same from the other side."""
    return evidence | {kind: [pair[::-1] for pair in evidence[kind]] for kind in ("words", "figures", "names")}


def _tuples(found: Row, key: str, length: int, kind: type) -> list[list[Any]]:
    """The lists of this shape under a key: an archive may come from elsewhere."""
    each = found.get(key)
    return [
        entry
        for entry in (each if isinstance(each, list) else [])
        if isinstance(entry, list) and len(entry) == length and all(isinstance(value, kind) for value in entry)
    ]


def _parsed(stored: str, kind: type) -> Any:
    """JSON of the expected kind; an empty one for anything else."""
    try:
        found = json.loads(stored)
    except ValueError:
        return kind()
    return found if isinstance(found, kind) else kind()


def lag(minutes: float | None) -> str:
    """How much later: "45 minutes later"; or earlier, as far as clocks are right. Empty where that is not known."""
    if not minutes:
        return "" if minutes is None else "in the same minute"
    return f"{lag_in_words(minutes)} {'later' if minutes > 0 else 'earlier'}"
