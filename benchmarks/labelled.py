"""Reading the labelled set, tests/labelled/*.jsonl, and what must hold of a label whoever wrote it.

A line is a text with its labels, or a pool of reports (`*_stories.jsonl`) with what cites, copies and mirrors what;
docs/statements.md describes the keys. Texts that are not ours are kept by position
and digest, and read from ../shared/records where that is there.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

from grammar.press import known
from items import BETWEEN_PARAGRAPHS, MEANINGS, SOURCE_KINDS

PROJECT = Path(__file__).resolve().parents[1]
LABELLED = PROJECT / "tests" / "labelled"
RECORDS = PROJECT.parent / "shared" / "records"
LANGUAGES = {"en": "en", "zh": "zh-Hans"}
PARTS = ("dev", "test")
FILES = ("sentences", "attributions", "mentions")  # of one format: by what they were written for
QUOTE_KINDS = ("speech", "scare", "title", "other")
MENTION_KINDS = ("source", "named", "credit", "own")
CITES_AFTER = timedelta(days=2)  # a page can state a later time than that at which others first read it
CURRENCIES = re.compile(r"[A-Z]{3}")
UNITS = {
    "", "%", "‰", "percentage point", "basis point", "times", "km", "m", "cm", "mm", "nm", "mile", "nautical mile",
    "ft",
    "light-year", "km2", "m2", "cm2", "ha", "mu", "acre", "t", "kg", "g", "mg", "jin", "lb", "oz", "L", "mL", "m3",
    "barrel", "kWh", "MWh", "GWh", "TWh", "W", "kW", "MW", "GW", "TW", "°C", "second", "minute", "hour", "day", "week",
    "month", "year", "decade", "century", "km/h", "m/s", "knot", "MB", "GB", "TB", "Hz", "GHz", "dB", "ppm",
}  # fmt: skip
# For a check of values, read without the grammar that the labels are to measure.
_SCALES = {
    "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "十": 10, "百": 100, "千": 1e3, "万": 1e4,
    "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12,
}  # fmt: skip
_PLAIN_NUMBER = re.compile(
    r"(?:US|HK|A|C)?[$€£¥]?\s?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
    r"[\s-]?(?P<scale>thousand|million|billion|trillion|百万|千万|万亿|十|百|千(?![米克瓦])|万|亿)?(?P<rest>.*)"
)
_NUMBER_IN_REST = re.compile(r"\d|[〇零一二两三四五六七八九十百千万亿半几多余]|\b(?:and|to)\b|[-–—~至到]\s?\d")


@dataclass(frozen=True)
class Sentence:
    """A labelled text. `labels` holds only the kinds that were labelled: figures, attributions, mentions, quotes."""

    id: str
    language: str
    part: str
    text: str
    published: date | None
    is_title: bool
    labels: dict[str, list[dict[str, Any]]]
    is_record: bool = False  # its text lies in ../shared/records


class NotHere(Exception):
    """A labelled text lies in ../shared/records, which this machine does not have."""


def sentences(language: str, part: str, folder: Path = LABELLED) -> tuple[list[Sentence], int]:
    """The labelled texts of a language (en, zh) and part, and how many could not be had here."""
    found, absent = [], 0
    for row in [row for kind in FILES for row in rows(folder / f"{language}_{part}_{kind}.jsonl")]:
        try:
            found.append(_sentence(row))
        except NotHere:
            absent += 1
    return found, absent


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a file, none where there is no file. ValueError names the file and line of what is no JSON."""
    if not path.exists():
        return
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(f"{path.name}:{number}: {error}. Mend this line.") from error


def _sentence(row: dict[str, Any]) -> Sentence:
    published = row.get("published")
    return Sentence(
        row["id"],
        row["language"],
        row["part"],
        row["text"] if "text" in row else excerpt(row["record"]),
        date.fromisoformat(published) if published else None,
        bool(row.get("title")),
        {kind: row[kind] for kind in ("figures", "attributions", "mentions", "quotes") if kind in row},
        "record" in row,
    )


def excerpt(record: dict[str, Any]) -> str:
    """The words of a text that is kept by position and digest. NotHere without ../shared/records; ValueError where the
    record is another one than the labels were made for."""
    text = record_text(record["file"], record["line"], record.get("version"))[record["start"] : record["end"]]
    if digest(text) != record["sha256"]:
        where = f"{record['file']} line {record['line']}, {record['start']} to {record['end']}"
        raise ValueError(f"{where}: other words than those that were labelled. Label them anew, or take the line out.")
    return text


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def record_text(file: str, line: int, version: int | None = None) -> str:
    """A record's title where it is one of several versions of a headline, else its body, a blank line between
    paragraphs."""
    record = json.loads(_record_lines(file)[line])
    if version is not None:
        return str(record["versions"][version]["title"])
    parts = re.split(r"</p>", record["body_html"])
    return "\n\n".join(filter(None, (html.unescape(re.sub("<[^>]+>", "", part)).strip() for part in parts)))


@cache
def _record_lines(file: str) -> list[bytes]:
    path = RECORDS / file
    if not path.exists():
        raise NotHere(f"{path} is not on this machine")
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines()


def place(text: str, words: str, at: int = 0) -> tuple[int, int]:
    """From and to which character the n-th occurrence of words stands. ValueError where it does not."""
    start = -1
    for _ in range(at + 1):
        start = text.find(words, start + 1)
        if start < 0 or not words:
            raise ValueError(f"{words!r} does not stand {at + 1} times in {text!r}")
    return start, start + len(words)


def faults(folder: Path = LABELLED) -> list[str]:
    """What is wrong with the labels, each with file and id. Texts that are not to be had here are not looked at."""
    found: list[str] = []
    seen: set[str] = set()
    for language, code in LANGUAGES.items():
        for part in PARTS:
            for kind in FILES:
                name = f"{language}_{part}_{kind}.jsonl"
                for row in rows(folder / name):
                    wrong = _faults_of_sentence(row)
                    if (row["language"], row["part"]) != (code, part):
                        wrong.append(f"says {row['language']} and {row['part']}")
                    if row["id"] in seen:
                        wrong.append("stands twice")
                    seen.add(row["id"])
                    found += [f"{name} {row['id']}: {fault}" for fault in wrong]
    return found


def _faults_of_sentence(row: dict[str, Any]) -> list[str]:
    try:
        sentence = _sentence(row)
    except NotHere:
        return []
    except (ValueError, KeyError) as error:
        return [repr(error)]
    unknown = row.keys() - {
        "id", "language", "part", "published", "text", "record", "title", "note", "figures", "attributions", "mentions",
        "quotes",
    }  # fmt: skip
    wrong = [f"has unknown keys: {', '.join(sorted(unknown))}"] if unknown else []
    checks = {
        "figures": (_faults_of_figure, "text"),
        "attributions": (_faults_of_attribution, "source"),
        "mentions": (_faults_of_mention, "words"),
        "quotes": (_faults_of_quote, "words"),
    }
    for kind, labels in sentence.labels.items():
        check, words = checks[kind]
        places = []
        for label in labels:
            try:
                places.append(place(sentence.text, label[words], label.get("at", 0)))
                wrong += [f"{kind} {label[words]!r}: {fault}" for fault in check(label, sentence, labels)]
            except (ValueError, KeyError) as error:
                wrong.append(f"{kind}: {error!r}")
        if kind != "attributions":
            places.sort()
            for (start, end), (after, _) in pairwise(places):
                if after < end:
                    wrong.append(f"{kind}: {sentence.text[start:end]!r} reaches into the next one")
    return wrong


def _faults_of_figure(label: dict[str, Any], sentence: Sentence, labels: list[dict[str, Any]]) -> list[str]:
    wrong = []
    known = {"text", "at", "value", "value_max", "modifier", "meaning", "unit", "measure", "noun", "act", "period"}
    if label.keys() - known:
        wrong.append(f"has unknown keys: {', '.join(sorted(label.keys() - known))}")
    value, value_max = label["value"], label.get("value_max")
    if value_max is not None and value_max <= value:
        wrong.append(f"value_max {value_max} is not above {value}")
    if (plain := plain_value(label["text"])) is not None and abs(plain - value) > 1e-9 * max(plain, 1):
        wrong.append(f"reads as {plain}, not as {value}")
    if label.get("meaning", "") not in MEANINGS:
        wrong.append(f"meaning {label['meaning']!r} is none of {MEANINGS}")
    if label.get("modifier") and not label.get("meaning"):
        wrong.append(f"modifier {label['modifier']!r} has no meaning")
    if label.get("unit", "") not in UNITS and not CURRENCIES.fullmatch(label["unit"]):
        wrong.append(f"unit {label['unit']!r} is not known")
    lower = sentence.text.lower()
    for key in ("noun", "measure"):
        if label.get(key, "").lower() not in lower:
            wrong.append(f"{key} {label[key]!r} is not in the text")
    for modifier in filter(None, label.get("modifier", "").split("; ")):
        if modifier.lower() not in lower:
            wrong.append(f"modifier {modifier!r} is not in the text")
    wrong += _faults_of_period(label.get("period"))
    acts = known_acts()
    if acts and label.get("act") and label["act"] not in acts:
        wrong.append(f"act {label['act']!r} is not in grammar/tables/acts.tsv")
    return wrong


@cache
def known_acts() -> frozenset[str]:
    """The keys of the table of acts; none where it is not there."""
    table = PROJECT / "grammar" / "tables" / "acts.tsv"
    if not table.exists():
        return frozenset()
    lines = (line for line in table.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#"))
    return frozenset(line.split("\t")[0].strip() for line in lines)


def _faults_of_period(period: list[str | None] | None) -> list[str]:
    if period is None:
        return []
    try:
        first, last = (date.fromisoformat(day) if day else None for day in period)
    except ValueError as error:
        return [f"period {period}: {error}"]
    return [f"period {period} ends before it begins"] if first and last and last < first else []


def plain_value(text: str) -> float | None:
    """What a figure of plain digits and one scale is; None for all others."""
    match = _PLAIN_NUMBER.fullmatch(text)
    if match is None or _NUMBER_IN_REST.search(match["rest"]):
        return None
    return float(match["digits"].replace(",", "")) * _SCALES.get(match["scale"] or "", 1)


def _faults_of_attribution(label: dict[str, Any], sentence: Sentence, labels: list[dict[str, Any]]) -> list[str]:
    wrong = []
    if label["kind"] not in SOURCE_KINDS:
        wrong.append(f"kind {label['kind']!r} is none of {SOURCE_KINDS}")
    if label.get("cue") and label["cue"].lower() not in sentence.text.lower():
        wrong.append(f"cue {label['cue']!r} is not in the text")
    via = label.get("via")
    if via is not None and (not 0 <= via < len(labels) or labels[via] is label):
        wrong.append(f"via {via} is no other attribution of this text")
    return wrong


def _faults_of_mention(label: dict[str, Any], sentence: Sentence, labels: list[dict[str, Any]]) -> list[str]:
    wrong = [] if label["kind"] in MENTION_KINDS else [f"kind {label['kind']!r} is none of {MENTION_KINDS}"]
    if not isinstance(label["outlet"], str):
        wrong.append("has no outlet")
    return wrong


def _faults_of_quote(label: dict[str, Any], sentence: Sentence, labels: list[dict[str, Any]]) -> list[str]:
    start, end = place(sentence.text, label["words"], label.get("at", 0))
    wrong = [] if label["kind"] in QUOTE_KINDS else [f"kind {label['kind']!r} is none of {QUOTE_KINDS}"]
    if start == 0 or sentence.text[start - 1] not in "“‘\"'「『《":
        wrong.append("does not stand behind a quotation mark")
    if end < len(sentence.text) and sentence.text[end] not in "”’\"'」』》":
        wrong.append("does not stand before a quotation mark")
    return wrong


@dataclass(frozen=True)
class Story:
    """A report of a pool, as a page would give it. `hyperlinks` are (words, paragraph, href), the words standing once
    in their paragraph."""

    key: str
    outlet: str
    language: str
    published: datetime
    url: str
    title: str
    body: tuple[str, ...]
    source_label: str
    hyperlinks: tuple[tuple[str, int, str], ...]

    def text(self, place: str) -> str:
        """What stands in a place where an outlet can be named."""
        places = {"title": self.title, "body": BETWEEN_PARAGRAPHS.join(self.body), "source": self.source_label}
        if place not in places:
            raise ValueError(f"{place!r} is no place: choose among {', '.join(places)}")
        return places[place]


@dataclass(frozen=True)
class Cited:
    """A place where a report names an outlet as its source, and the report of the pool that is meant; None where it is
    not in the pool."""

    report: str
    place: str
    start: int
    end: int
    cites: str | None


@dataclass(frozen=True)
class Pool:
    """A few reports that belong together, and others that could be taken for them, in the order in which an archive
    comes by them. `reprints` are (copy, original), `twins` (Chinese, English); all by the keys of `reports`."""

    id: str
    part: str
    reports: dict[str, Story]
    citations: tuple[Cited, ...]
    reprints: tuple[tuple[str, str], ...]
    twins: tuple[tuple[str, str], ...]


_POOL_KEYS = {"id", "language", "part", "note", "reports", "citations", "reprints", "twins"}
_STORY_KEYS = {
    "key", "outlet", "language", "published", "url", "title", "body", "source_label", "dateline_agency", "hyperlinks",
}  # fmt: skip
_CITED_KEYS = {"report", "words", "at", "place", "cites"}
_LINK_KEYS = {"words", "paragraph", "href"}


def pools(language: str, part: str, folder: Path = LABELLED) -> list[Pool]:
    """The labelled stories of a language (en, zh) and part, with the reports that they rest on."""
    return [_pool(row) for row in rows(folder / f"{language}_{part}_stories.jsonl")]


def _pool(row: dict[str, Any]) -> Pool:
    """ValueError or KeyError where the row is none, or a label does not stand where it says."""
    reports = {each["key"]: _story(each) for each in row["reports"]}
    if len(reports) < len(row["reports"]):
        raise ValueError("two reports have the same key")
    return Pool(
        row["id"],
        row["part"],
        reports,
        tuple(
            Cited(
                each["report"],
                each["place"],
                *place(reports[each["report"]].text(each["place"]), each["words"], each.get("at", 0)),
                each["cites"],
            )
            for each in row.get("citations", ())
        ),
        tuple((copy, original) for copy, original in row.get("reprints", ())),
        tuple((chinese, english) for chinese, english in row.get("twins", ())),
    )


def _story(row: dict[str, Any]) -> Story:
    return Story(
        row["key"],
        row["outlet"],
        row["language"],
        datetime.fromisoformat(row["published"]),
        row["url"],
        row["title"],
        tuple(row["body"]),
        row.get("source_label", ""),
        tuple((link["words"], link["paragraph"], link["href"]) for link in row.get("hyperlinks", ())),
    )


def story_faults(folder: Path = LABELLED) -> list[str]:
    """What is wrong with the labelled stories, each with file and pool."""
    found: list[str] = []
    seen: set[str] = set()
    for language, code in LANGUAGES.items():
        for part in PARTS:
            name = f"{language}_{part}_stories.jsonl"
            urls: set[str] = set()
            for row in rows(folder / name):
                wrong = _faults_of_pool(row)
                if (row.get("language"), row.get("part")) != (code, part):
                    wrong.append(f"says {row.get('language')} and {row.get('part')}")
                if row.get("id") in seen:
                    wrong.append("stands twice")
                seen.add(str(row.get("id")))
                for url in (each.get("url", "") for each in row.get("reports", ())):
                    if url in urls:
                        wrong.append(f"{url} stands twice")
                    urls.add(url)
                found += [f"{name} {row.get('id')}: {fault}" for fault in wrong]
    return found


def _faults_of_pool(row: dict[str, Any]) -> list[str]:
    wrong = _unknown("pool", row, _POOL_KEYS)
    for report in row.get("reports", ()):
        wrong += _unknown(f"report {report.get('key')}", report, _STORY_KEYS)
        for link in report.get("hyperlinks", ()):
            wrong += _unknown(f"hyperlink of {report.get('key')}", link, _LINK_KEYS)
    for citation in row.get("citations", ()):
        wrong += _unknown(f"citation of {citation.get('report')}", citation, _CITED_KEYS)
    try:
        pool = _pool(row)
    except (ValueError, KeyError, TypeError) as error:
        return [*wrong, repr(error)]
    for key, story in pool.reports.items():
        wrong += [f"report {key}: {fault}" for fault in _faults_of_story(story)]
    named = [*pool.reprints, *pool.twins, *((each.report, each.cites or each.report) for each in pool.citations)]
    if absent := {key for pair in named for key in pair} - pool.reports.keys():
        return [*wrong, f"has no report {', '.join(sorted(absent))}"]
    return wrong + _faults_of_pairs(pool)


def _unknown(what: str, row: dict[str, Any], known_keys: set[str]) -> list[str]:
    unknown = row.keys() - known_keys
    return [f"{what} has unknown keys: {', '.join(sorted(unknown))}"] if unknown else []


def _faults_of_story(story: Story) -> list[str]:
    wrong = []
    if story.outlet not in known().outlets:
        wrong.append(f"{story.outlet!r} is no id of grammar/tables/press.tsv")
    if story.published.tzinfo is None:
        wrong.append("published has no zone: end it with Z")
    if not story.title.strip() or not story.body or not all(each.strip() for each in story.body):
        wrong.append("lacks words in its title or body")
    for words, paragraph, _ in story.hyperlinks:
        if not 0 <= paragraph < len(story.body) or story.body[paragraph].count(words) != 1 or not words:
            wrong.append(f"hyperlink {words!r} does not stand once in paragraph {paragraph}")
    return wrong


def _faults_of_pairs(pool: Pool) -> list[str]:
    """What cannot be, of labels whose reports are all there."""
    wrong = []
    reports = pool.reports
    for each in pool.citations:
        told = f"citation of {each.report}, {reports[each.report].text(each.place)[each.start : each.end]!r}:"
        if each.cites == each.report:
            wrong.append(f"{told} it cites itself")
        elif each.cites and reports[each.cites].published > reports[each.report].published + CITES_AFTER:
            wrong.append(f"{told} {each.cites} came out more than {CITES_AFTER.days} days after it")
    for (report, at), others in groupby(
        sorted(pool.citations, key=lambda each: (each.report, each.place, each.start)),
        key=lambda each: (each.report, each.place),
    ):
        for one, other in pairwise(others):
            if other.start < one.end:
                wrong.append(f"citations of {report}: two share a place in its {at}")
    originals = {original for _, original in pool.reprints}
    copies = Counter(copy for copy, _ in pool.reprints)
    for copy, original in pool.reprints:
        if copies[copy] > 1 or copy in originals:
            wrong.append(f"reprint {copy}: it is a copy once, and of a report that is none")
        if reports[original].published >= reports[copy].published:
            wrong.append(f"reprint {copy}: its original {original} is not the earlier one")
    for chinese, english in pool.twins:
        if not (reports[chinese].language.startswith("zh") and reports[english].language.startswith("en")):
            wrong.append(f"twins {chinese} and {english}: the first is to be Chinese and the second English")
    return wrong
