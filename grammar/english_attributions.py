"""Who says it, in English: "police said", "according to the ministry", "Xinhua quoted him as saying".

english_sources.py reads each sentence by itself; here quotations that reach over several are put with their speakers.
What cannot be settled yields nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache

from grammar.english_cues import any_cue, clause_words
from grammar.english_quotes import kind_of_quote
from grammar.english_sources import Sources
from grammar.english_subjects import Saying, known_source
from grammar.passage import Passage
from grammar.quotes import Quotation, quotations
from grammar.sources import english_words
from grammar.vocabulary import read
from items import Attribution, Quote

_FOLDED = {0x2019: "'", 0x2018: "'", 0x201C: '"', 0x201D: '"', 0xA0: " ", 0x3000: " ", 0x02BC: "'"}
_HEAD_END = re.compile(r"(?P<cue>:|\s[-–—])\s(?P<source>[\w.'&-]+(?:\s[\w.'&-]+){0,4})$")
_HEAD_START = re.compile(r"^(?P<source>[\w.'&-]+(?:\s[\w.'&-]+){0,3})(?P<cue>:)\s")
_ARTICLE = re.compile(r"(?:the|an?)\s", re.IGNORECASE)
# "The ministry" further on is the one that was named in full before.
_SHORT_NAMES = frozenset("ministry bureau commission court department agency administration".split())


def english_attributions(passage: Passage) -> tuple[list[Attribution], list[Quote]]:
    """The attributions and quotes of an English passage, each in order of place."""
    text = passage.text.translate(_FOLDED)
    marks = quotations(passage.text)
    outer = [each for each in marks if each.depth == 0]
    found: list[Saying] = []
    units = _units(passage.sentences, outer)
    has_cue = any_cue().search
    for start, end in units:
        if has_cue(text, start, end):
            found += Sources(text, start, end, outer).read()
    if passage.is_title and "\n" not in text:
        found += _of_headline(text, found)
    found = _apart(found)
    _extend(found, outer, units, text)
    quotes = _quotes(text, found, marks)
    return _finished(passage, found, quotes), quotes


def _units(sentences: list[tuple[int, int]], outer: list[Quotation]) -> list[tuple[int, int]]:
    """The sentences, those of one quotation together with the words around it."""
    units: list[tuple[int, int]] = []
    starts = [each.start for each in outer]
    for start, end in sentences:
        place = bisect_right(starts, start) - 1
        if units and place >= 0 and start < outer[place].end and outer[place].start < units[-1][1]:
            units[-1] = (units[-1][0], end)
        else:
            units.append((start, end))
    return units


def _of_headline(text: str, found: list[Saying]) -> list[Saying]:
    """Three held over fraud: Xinhua; China's exports up in May – report; Police: two killed."""
    for pattern in (_HEAD_END, _HEAD_START):
        match = pattern.search(text)
        if match is None or any(match.start("source") <= each.start < match.end("source") for each in found):
            continue
        if not _heads(match["source"], pattern is _HEAD_START):
            continue
        first, after = match.span("source")
        if article := _ARTICLE.match(match["source"]):
            first += article.end()
        statement = (0, match.start("cue")) if pattern is _HEAD_END else (match.end(), len(text))
        return [Saying(first, after, *match.span("cue"), statement)]
    return []


@cache
def _tabled() -> frozenset[str]:
    """The keys of sources.tsv."""
    return frozenset(row["key"] for row in read("sources.tsv", ("key", "kind", "english", "chinese")))


def _heads(words: str, is_in_front: bool) -> bool:
    """Whether what a headline sets apart by a colon or a dash is a source."""
    source = known_source(words)
    kind = source.kind
    parts = words.split()
    known = english_words().get(parts[-1].lower()) is not None or source.key in _tabled()
    if parts[0].startswith("'") or parts[0].lower() in ("a", "an"):
        return False
    if (
        kind == "other"
        or (kind == "company" and source.key not in _tabled())
        or (kind in ("person", "organisation") and not known and is_in_front)
    ):
        return False
    if is_in_front and (parts[-1].lower() in clause_words()["rubrics"] or (kind == "document" and len(parts) > 2)):
        return False
    if is_in_front and kind == "ministry" and not known:
        return False  # "Turkey: bus crash kills 32" says where
    return kind != "person" or known or all(word[:1].isupper() for word in parts)


def _apart(found: list[Saying]) -> list[Saying]:
    """In order of place; one for each cue and source."""
    kept: dict[tuple[int, int], Saying] = {}
    for each in found:
        kept.setdefault((each.start, each.cue_start), each)
    return sorted(kept.values(), key=lambda each: (each.start, each.cue_start))


def _extend(found: list[Saying], outer: list[Quotation], units: list[tuple[int, int]], text: str) -> None:
    """Statements that are quotations reach over all of it, over the next ones where the speaker goes on, and to the
    one before in “We did.” Li Ming said."""
    starts = [each.start for each in outer]
    for each in found:
        if each.statement is None:
            continue
        start, end = each.statement
        if start == end:
            place = bisect_right(starts, start) - 1
            is_next = place >= 0 and text[outer[place].outer[1] : start].strip() == ""
            each.statement = outer[place].outer if is_next else None
            continue
        place = bisect_right(starts, end) - 1
        if place >= 0 and outer[place].start <= end <= outer[place].outer[1] + 1 and outer[place].end > start:
            end = max(end, outer[place].outer[1])
        last = bisect_right(starts, max(end, each.cue_end))
        while last < len(outer) and outer[last].continues:
            end = outer[last].outer[1]
            last += 1
        each.statement = start, end
    _take_next_quotations(found, outer, units, text)


def _take_next_quotations(found: list[Saying], outer: list[Quotation], units: list[tuple[int, int]], text: str) -> None:
    """A sentence that is one quotation goes on with the statement of the sentence before."""
    starts = [each.start for each in outer]
    by_unit = [unit[0] for unit in units]
    last_of: dict[int, Saying] = {}
    for each in found:
        if each.statement is not None:
            last_of[bisect_right(by_unit, each.cue_start) - 1] = each
    for number in range(1, len(units)):
        start, end = units[number]
        before = last_of.get(number - 1)
        if before is None or number in last_of or before.statement is None or text[start] != '"':
            continue
        if "\n" in text[units[number - 1][1] : start]:
            continue
        place = bisect_right(starts, start + 1) - 1
        if place < 0 or outer[place].outer[0] != start or text[outer[place].outer[1] : end].strip():
            continue
        if before.statement[1] >= units[number - 1][0]:
            before.statement = min(before.statement[0], start), end
            last_of[number] = before


def _quotes(text: str, found: list[Saying], marks: list[Quotation]) -> list[Quote]:
    """Each quotation with its kind, and its speaker where it is speech."""
    spans = [(*each.statement, place) for place, each in enumerate(found) if each.statement is not None]
    is_read = len(spans) * len(marks) < 100_000  # a text of nothing but marks is no report
    quotes: list[Quote] = []
    for mark in marks:
        holding = [
            (end - start, place)
            for start, end, place in (spans if is_read else ())
            if start <= mark.start and mark.end <= end + 1
        ]
        teller = min(holding)[1] if holding else None
        cue = None if teller is None else text[found[teller].cue_start : found[teller].cue_end]
        kind = kind_of_quote(text, mark, cue)
        quotes.append(Quote(mark.start, mark.end, kind, teller if kind == "speech" else None))
    return quotes


def _finished(passage: Passage, found: list[Saying], quotes: list[Quote]) -> list[Attribution]:
    number = {id(each): place for place, each in enumerate(found)}
    speech = sorted((each.start, each.end) for each in quotes if each.kind == "speech")
    starts = [start for start, _ in passage.sentences]
    named: dict[str, str] = {}
    attributions = []
    for each in found:
        source = known_source(passage.text[each.start : each.end])
        key = source.key
        if source.kind in ("ministry", "organisation", "company") and key in _SHORT_NAMES:
            key = named.get(key, key)
        elif source.kind == "ministry":
            named[key.partition("-")[0] if "-" in key else key.rpartition(" ")[2]] = key
        at = bisect_right(speech, (each.statement[0], 0)) if each.statement else 0
        sentence = bisect_right(starts, each.start) - 1
        attributions.append(
            Attribution(
                source=passage.text[each.start : each.end],
                start=each.start,
                end=each.end,
                kind=each.kind or source.kind,
                cue=passage.text[each.cue_start : each.cue_end],
                cue_start=each.cue_start,
                cue_end=each.cue_end,
                statement=each.statement,
                quoted=each.statement is not None and at < len(speech) and speech[at][0] < each.statement[1],
                loaded=each.loaded,
                via=number.get(id(each.via)) if each.via else None,
                source_key=key,
                sentence=passage.sentences[sentence] if sentence >= 0 else (0, len(passage.text)),
            )
        )
    return attributions
