"""Who says it, in English: "police said", "according to the ministry", "Xinhua quoted him as saying".

Each verb of tables/english_cues.tsv is looked at where it stands: who is its subject, in front or behind, and which
words it ascribes. What cannot be settled yields nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from grammar.passage import Passage
from grammar.quotes import Quotation, quotations
from grammar.sources import english_words, source_of
from grammar.vocabulary import forms, inflected, read
from items import Attribution, Quote

_REACH = 60  # tokens: how far from its verb a subject is looked for


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ARTICLES = _words("the a an")
_BE = _words("is was were are be been being am isn't wasn't weren't aren't")
_HAVE = _words("has have had having")
_NOT_SAID = _words(
    "can could may might must should will would shall cannot can't couldn't won't wouldn't to not never don't didn't"
    " doesn't hasn't haven't hadn't let if declined refused"
)
_DO = _words("did does do")
_PRONOUNS = _words("he she they it we i you")
_NO_SOURCE = _words(
    "it that this which what there these those you i we me us one them him her who whom it's here people's so nothing"
    " something anything everything"
)
_STOPS = _words(
    "that when while if as because since although though where which who whom whose what how why than whether unless"
    " until but or nor so yet then after before is was were are be been being has have had will would can"
    " could may might"
    " must should shall did does do not went came took made got rose fell gave began ran saw became led held left kept"
    " put set lost won met paid sent told said says say brought sought spent stood fought broke grew hit"
    " goes comes takes makes gets rises falls gives begins runs sees becomes includes include included"
    " let let's there it he she they we i you him them me us"
)
_PREPOSITIONS = _words(
    "of for from in at on with to by near within under about against between among into over through during behind"
    " including across around outside inside along amid despite without throughout towards toward per via like beyond"
    " above"
)
_BOUND = _words("of for")  # their phrase belongs to the noun before
_TIMES = _words(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august"
    " september october november december jan feb mar apr jun jul aug sep sept oct nov dec today yesterday tomorrow"
    " tonight earlier later recently here there now mon tue wed thu fri sat sun"
)
_TIME_NOUNS = _words("day week month year morning afternoon evening night weekend hours noon midnight time quarter")
_MANNER = _words(
    "statement interview conference briefing speech tweet letter post email e-mail message release note memo article"
    " report remarks address meeting testimony editorial commentary call filing press forum announcement circular"
    " notice communique document paper hearing news debate visit ceremony response reply blog comments broadcast"
    " television facebook twitter weibo wechat microblog telephone phone event"
)
_ADVERBS = _words(
    "also later earlier then further furthermore previously just only still now again even once recently"
    " already however"
    " meanwhile therefore thus often always sometimes long reportedly instead too first ever never finally openly"
    " himself herself itself themselves both all have has had did"
)
_NOT_LY = _words(
    "family early daily weekly monthly friendly elderly ally assembly july italy only supply bully hilly emily kelly"
    " reply"
)
_OPENERS = _words(
    "but and so yet or both meanwhile however also then still now thus therefore besides moreover furthermore"
    " nevertheless instead separately additionally earlier later yesterday today even just"
)
_RELEASED = _words(
    "released published issued compiled conducted provided made given carried posted quoted cited obtained aired"
    " broadcast written prepared commissioned seen sent filed disclosed unveiled"
)
_NUMBER_WORDS = _words(
    "two three four five six seven eight nine ten eleven twelve dozens hundreds thousands no more nearly about over"
)
_TOKEN = re.compile(
    r"(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Sen|Rep|Gov|St|Capt|Sgt|Maj|Adm|Jr|Sr|Inc|Ltd|Co|Corp|No|Jan|Feb|Mar|Apr|Jun|Jul"
    r"|Aug|Sept?|Oct|Nov|Dec|Messrs|Rev|Hon)\.|(?:[A-Za-z]\.){2,}|[A-Z]\.(?=\s[A-Z])"
    r"|[^\W_](?:[\w&]|['.,/-](?=[^\W_]))*(?:'(?=\s))?|[^\w\s]|\n"
)


class Token(NamedTuple):
    """`lower` is "QUOTE" for words in quotation marks, which stand as one."""

    start: int
    end: int
    word: str
    lower: str


@dataclass(frozen=True, slots=True)
class Cue:
    kind: str
    loaded: bool
    base: str
    form: str  # base, third, past, participle or ing


@cache
def cues() -> dict[str, Cue]:
    """Each form of a cue verb of one word, "pointed" for "pointed out"."""
    found: dict[str, Cue] = {}
    for row in read("english_cues.tsv", ("key", "kind", "loaded", "english")):
        for verb in forms(row["english"]):
            for form, name in zip(inflected(verb), ("base", "third", "past", "participle", "ing"), strict=True):
                found.setdefault(form.split()[0], Cue(row["kind"], bool(row["loaded"]), verb, name))
    return found


@cache
def _prefilter() -> re.Pattern[str]:
    """What a sentence must hold to be looked at."""
    stems = sorted({word[:4] for word in cues()} | {"acco", "citi", "quot", "cite", "ment"})
    return re.compile(rf"\b(?:{'|'.join(stems)})", re.IGNORECASE)


@dataclass(slots=True)
class _Found:
    """An attribution in the making; `via` is another one."""

    start: int
    end: int
    cue_start: int
    cue_end: int
    statement: tuple[int, int] | None
    loaded: bool = False
    via: _Found | None = None


def english_attributions(passage: Passage) -> tuple[list[Attribution], list[Quote]]:
    """The attributions and quotes of an English passage, each in order of place."""
    text = passage.text.translate(_FOLDED)
    marks = quotations(passage.text)
    outer = [each for each in marks if each.depth == 0]
    found: list[_Found] = []
    units = _units(passage.sentences, outer)
    for start, end in units:
        if _prefilter().search(text, start, end):
            found += _Unit(text, start, end, outer).read()
    if passage.is_title and "\n" not in text:
        found += _of_headline(text, found)
    found = _apart(found)
    _extend(found, outer, units, text)
    return _finished(passage, text, found, marks)


_FOLDED = {0x2019: "'", 0x2018: "'", 0x201C: '"', 0x201D: '"', 0xA0: " ", 0x3000: " ", 0x02BC: "'"}


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


def _tokens(text: str, start: int, end: int, outer: list[Quotation]) -> list[Token]:
    found: list[Token] = []
    at = start
    first = bisect_right([each.start for each in outer], start) if outer else 0
    for quotation in outer[first:]:
        if quotation.start > end:
            break
        opening, closing = quotation.outer
        if opening < at:
            continue
        found += _plain_tokens(text, at, opening)
        found.append(Token(opening, min(closing, end), text[opening:closing], "QUOTE"))
        at = min(closing, end)
    return found + _plain_tokens(text, at, end)


def _plain_tokens(text: str, start: int, end: int) -> list[Token]:
    return [Token(m.start(), m.end(), m[0], m[0].lower()) for m in _TOKEN.finditer(text, start, end)]


class _Unit:
    """One sentence, its quotations closed up."""

    def __init__(self, text: str, start: int, end: int, outer: list[Quotation]) -> None:
        self.text = text
        self.tokens = _tokens(text, start, end, outer)
        self.found: list[_Found] = []
        while self.tokens and self.tokens[-1].lower in (".", "!", "?", ";", "\n"):
            self.tokens.pop()
        self.start = self.tokens[0].start if self.tokens else start
        self.end = self.tokens[-1].end if self.tokens else end
        self._skip_dateline()

    def _skip_dateline(self) -> None:
        """MANILA, Oct. 25 (Xinhua) --"""
        for place, token in enumerate(self.tokens[:14]):
            if token.word in ("-", "–", "—") and place and self.tokens[place - 1].word in (")", "-", "–", "—"):
                while place < len(self.tokens) and self.tokens[place].word in ("-", "–", "—"):
                    place += 1
                self.tokens = self.tokens[place:]
                self.start = self.tokens[0].start if self.tokens else self.start
                return

    def read(self) -> list[_Found]:
        known = cues()
        for place, token in enumerate(self.tokens):
            lower = token.lower
            if lower == "according" and self._lower(place + 1) == "to":
                self._according(place, place + 2, token.start, self.tokens[place + 1].end)
            elif lower in ("citing", "quoting"):
                self._citing(place)
            elif lower in ("cited", "quoted", "cites", "quotes"):
                self._cited(place)
            elif lower in ("mention", "mentions") and self._lower(place - 1) in ("made", "makes"):
                self._mentioned(place)
            elif lower in known:
                self._verb(place, known[lower])
        return self.found

    # Words by their place; "" beyond the ends.

    def _lower(self, place: int) -> str:
        return self.tokens[place].lower if 0 <= place < len(self.tokens) else ""

    def _is_capital(self, place: int) -> bool:
        return 0 <= place < len(self.tokens) and self.tokens[place].word[:1].isupper()

    def _is_word(self, place: int) -> bool:
        return 0 <= place < len(self.tokens) and (
            self.tokens[place].word[:1].isalnum() or self._lower(place) == "QUOTE"
        )

    def _is_adverb(self, place: int) -> bool:
        lower = self._lower(place)
        return lower in _ADVERBS or (lower.endswith("ly") and lower not in _NOT_LY and not self._is_capital(place))

    def _is_time(self, place: int) -> bool:
        lower = self._lower(place).rstrip(".")
        return lower in _TIMES and (lower not in ("may", "march") or self._is_capital(place))

    def _adverbial(self, place: int) -> int:
        """Where an adverbial of time or manner that begins there ends: "on Monday", "in a statement to the press"."""
        start = place
        while place < len(self.tokens):
            lower = self._lower(place)
            if self._is_time(place) or (self._is_adverb(place) and lower not in ("all", "both", "no")):
                place += 1
                while self._is_time(place) or re.fullmatch(r"\d{1,4}", self._lower(place) or "x"):
                    place += 1
                continue
            if lower in ("last", "this", "next") and self._lower(place + 1) in _TIME_NOUNS:
                place += 2
                continue
            if lower in (
                "on",
                "in",
                "at",
                "during",
                "through",
                "via",
                "by",
                "late",
                "early",
                "over",
                "after",
                "following",
            ):
                end = self._phrase_of_time_or_manner(place)
                if end > place:
                    place = end
                    continue
            break
        return place if place > start else start

    def _phrase_of_time_or_manner(self, place: int) -> int:
        after = place + 1
        if self._is_time(after) or re.fullmatch(r"(?:19|20)\d\d", self._lower(after) or "x"):
            after += 1
            while self._is_time(after) or re.fullmatch(r"\d{1,4}", self._lower(after) or "x"):
                after += 1
            return after
        for ahead in range(after, min(after + 7, len(self.tokens))):
            lower = self._lower(ahead)
            if not self._is_word(ahead) or lower in _STOPS or (lower in cues() and lower not in _MANNER):
                break
            if lower in _MANNER or lower in _TIME_NOUNS:
                end = ahead + 1
                while self._lower(end) in _MANNER:
                    end += 1
                if self._lower(end) in ("with", "to", "on", "in", "at", "of", "from", "after") and not self._is_time(
                    end + 1
                ):
                    stop = self._noun_phrase(end + 1, prepositions=False)
                    if stop > end + 1:
                        end = stop
                if self._lower(end) in ("published", "released", "issued", "posted"):
                    end += 1
                return end
        return place

    # Noun phrases.

    def _noun_phrase(self, place: int, prepositions: bool = True) -> int:
        """Where a noun phrase that begins there ends (its place where none begins)."""
        start = place
        last = min(len(self.tokens), place + 30)
        while place < last:
            lower = self._lower(place)
            if not self._is_word(place):
                break
            if lower in ("and", "&"):
                if place > start and self._is_capital(place - 1) and self._is_capital(place + 1):
                    place += 1
                    continue
                break
            if lower in _STOPS and not self._is_capital(place):
                break
            if (
                place > start
                and (
                    self._is_time(place)
                    or (self._is_adverb(place) and not self._is_capital(place))
                    or lower in ("the", "a", "an", "this", "last", "its", "his", "their")
                )
                and self._lower(place - 1) not in _PREPOSITIONS
            ):
                break
            if lower in _PREPOSITIONS:
                if not prepositions or place == start:
                    break
                follows = self._lower(place + 1)
                if lower not in _BOUND and not (
                    (
                        lower in ("from", "at", "with", "in")
                        and (follows in ("the", "a", "an") or self._is_capital(place + 1))
                    )
                    or (
                        lower == "on"
                        and self._lower(place - 1) in ("report", "study", "paper", "book", "committee", "survey")
                    )
                ):
                    break
                if self._adverbial(place) > place or not self._is_word(place + 1):
                    break
                place += 1
                continue
            if (
                place > start
                and lower in _RELEASED
                and self._lower(place + 1) in ("by", "in", "on", "from", "to", "at", "")
            ):
                break
            if (
                place > start
                and lower in cues()
                and not self._is_capital(place)
                and lower
                not in (
                    "report",
                    "reports",
                    "state",
                    "post",
                    "note",
                    "claim",
                    "estimate",
                    "forecast",
                    "estimates",
                    "comment",
                )
            ):
                break
            if (
                place > start
                and lower.endswith("ing")
                and self._lower(place - 1) not in _PREPOSITIONS
                and not self._is_capital(place)
                and not self._is_word(place + 1)
            ):
                break
            if place > start and lower.endswith("ing") and self._lower(place + 1) in _ARTICLES:
                break
            place += 1
        while place > start and self._lower(place - 1) in _PREPOSITIONS | _ARTICLES:
            place -= 1
        return place

    def _without_article(self, first: int, after: int) -> int:
        while first < after and self._lower(first) in _ARTICLES:
            first += 1
        return first

    def _subject(self, verb: int) -> tuple[int, int] | None:
        """The tokens (from, to) of the subject in front of a verb, None where it cannot be told."""
        place = verb - 1
        lowest = max(0, verb - _REACH)
        while place >= lowest and (
            self._is_adverb(place) or self._lower(place) in _HAVE | _DO or (self._lower(place) in ("and",) and False)
        ):
            place -= 1
        lower = self._lower(place)
        if place < lowest:
            return None
        if lower in _NOT_SAID or lower in _BE or lower.endswith("n't"):
            return None
        if lower in ("and", "but", "who", "which"):
            return (
                self._antecedent(place) if lower in ("who",) else self._coordinated(place) if lower != "which" else None
            )
        if lower == ",":
            return self._behind_parenthesis(place)
        if lower == ")":
            while place > lowest and self._lower(place) != "(":
                place -= 1
            place -= 1
        return self._phrase_before(place, lowest)

    def _phrase_before(self, last: int, lowest: int) -> tuple[int, int] | None:
        """The noun phrase that ends with the token `last`, which a clause begins with."""
        if last < lowest or not self._is_word(last):
            return None
        if self._lower(last) in _PRONOUNS and self._lower(last) not in ("i", "we", "you", "it"):
            return last, last + 1
        place = last
        while place >= lowest:
            lower = self._lower(place)
            if not self._is_word(place):
                if lower == "," and self._is_list(place, last):
                    place -= 1
                    continue
                break
            if lower == "QUOTE" and re.search(r"[,.?!]['\"]$", self.tokens[place].word):
                break
            if lower in _STOPS and not (lower in ("may", "us") and self._is_capital(place)):
                break
            if lower == "and" and not self._joins(place, lowest):
                break
            if (
                lower in cues()
                and lower
                not in ("report", "reports", "state", "found", "note", "post", "reported", "claims", "comment")
                and not self._is_capital(place)
            ):
                break
            place -= 1
        return self._trimmed(place + 1, last + 1)

    def _is_list(self, comma: int, last: int) -> bool:
        """Whether a comma stands in "A, B and C"."""
        if not (self._is_capital(comma - 1) and self._is_capital(comma + 1)):
            return False
        joined = next((at for at in range(comma + 1, min(comma + 6, last)) if self._lower(at) in ("and", ",")), None)
        return joined is not None and self._lower(joined) == "and"

    def _joins(self, place: int, lowest: int) -> bool:
        """Whether an "and" joins two nouns of one subject, and not two clauses."""
        if self._is_capital(place - 1) and self._is_capital(place + 1):
            return True
        words = english_words()
        return (
            self._lower(place - 1) in words
            and self._lower(place - 1) not in cues()
            and not any(
                self._lower(at) in _STOPS or self._lower(at).endswith("ed")
                for at in range(max(lowest, place - 6), place)
            )
        )

    def _trimmed(self, first: int, after: int) -> tuple[int, int] | None:
        """A subject without what stands in front of it and behind it in its clause."""
        moved = True
        while moved and first < after:
            moved = False
            lower = self._lower(first)
            if (
                lower in _OPENERS
                or (self._is_adverb(first) and lower not in ("all", "both"))
                or (self._is_time(first) and after - first > 1)
            ):
                first, moved = first + 1, True
            elif lower in _PREPOSITIONS and lower not in ("about", "around", "over"):
                end = self._adverbial(first)
                if not first < end < after:
                    end = next((at for at in range(first + 2, after) if self._lower(at) in _ARTICLES), 0)
                if not end:
                    end = first + 1
                    while end < after and self._is_capital(end):
                        end += 1
                    if end == first + 1:
                        return None
                if end >= after:
                    return None
                first, moved = end, True
            elif lower in ("last", "this") and self._lower(first + 1) in _TIME_NOUNS:
                first, moved = first + 2, True
        first = self._without_article(first, after)
        for place in range(first + 1, after):
            if (
                self._adverbial(place) > place
                and (
                    self._is_time(place)
                    or self._lower(place) in ("on", "in", "at", "during", "last", "this", "late", "early")
                )
                and not self._is_capital(place)
            ):
                after = place
                break
            if self._is_time(place) and place == after - 1:
                after = place
                break
        return (first, after) if self._can_speak(first, after) else None

    def _can_speak(self, first: int, after: int) -> bool:
        if first >= after:
            return False
        last, lower = self._lower(after - 1), self._lower(first)
        if after - first == 1 and lower in _NO_SOURCE:
            return False
        if lower.endswith("ing") and not self._is_capital(first) and lower not in ("ruling", "leading", "beijing"):
            return False
        return not (
            last in _PREPOSITIONS or last in _ARTICLES or (last == "QUOTE" and after - first == 1) or last.isdigit()
        )

    def _antecedent(self, who: int) -> tuple[int, int] | None:
        """Whom a "who" stands for: "Li, who said"."""
        last = who - 1
        if self._lower(last) == ",":
            last -= 1
        return self._phrase_before(last, max(0, who - _REACH))

    def _coordinated(self, conjunction: int) -> tuple[int, int] | None:
        """The subject of "He visited the site and said"."""
        first = 0
        for place in range(conjunction - 1, max(-1, conjunction - _REACH), -1):
            if self._lower(place) in (";", ":", "-", "–", "—") or self._lower(place) in (
                "that",
                "while",
                "because",
                "which",
            ):
                return None
            if self._lower(place) == "QUOTE":
                return None
        if any(each.cue_start < self.tokens[conjunction].start for each in self.found):
            return None  # the subject is a source already, or who it is cannot be told
        return self._first_subject(first)

    def _first_subject(self, first: int) -> tuple[int, int] | None:
        """The noun phrase that a sentence begins with, where a verb follows it."""
        end = self._adverbial(first)
        if end > first and self._lower(end) == ",":
            first = end + 1
        if self._lower(first) in _PREPOSITIONS or self._lower(first).endswith("ing"):
            return None
        if self._lower(first) in ("he", "she", "they"):
            return first, first + 1
        after = first
        while after < min(len(self.tokens), first + 14) and self._is_word(after):
            lower = self._lower(after)
            if (
                after > first
                and not self._is_capital(after)
                and (lower in _STOPS or lower in cues() or lower.endswith(("ed", "es")) or self._is_adverb(after))
            ):
                break
            after += 1
        known = self._lower(after - 1) in english_words() or self._is_capital(after - 1)
        return self._trimmed(first, after) if after < len(self.tokens) and known else None

    def _behind_parenthesis(self, comma: int) -> tuple[int, int] | None:
        """The subject of "Li Ming, head of the office, said": the noun phrase in front of what stands between"
        " commas."""
        commas = [comma]
        for place in range(comma - 1, max(-1, comma - _REACH), -1):
            lower = self._lower(place)
            if lower in (";", ":", "\n", "(", "–", "—") or (
                lower == "QUOTE" and re.search(r"[,.?!]['\"]$", self.tokens[place].word)
            ):
                commas.append(place)
                break
            if lower == ",":
                commas.append(place)
        else:
            commas.append(-1)
        best: tuple[int, int] | None = None
        for after, before in list(pairwise(commas))[1:]:
            each = self._phrase_before(after - 1, before + 1)
            if (
                each is None
                or each[1] != after
                or any(self._lower(at) in cues() and not self._is_capital(at) for at in range(before + 1, each[0]))
            ):
                if best is not None:
                    break
                continue
            is_name = self._is_capital(each[1] - 1)
            best = each
            if is_name and self._lower(before + 1) not in _ARTICLES:
                break
        return best

    # The cues.

    def _add(
        self,
        first: int,
        after: int,
        cue: tuple[int, int],
        statement: tuple[int, int] | None,
        loaded: bool = False,
        via: _Found | None = None,
    ) -> _Found | None:
        """One source, or those of a chain: "a statement from the ministry" are two. The last of them."""
        first = self._without_article(first, after)
        if first >= after or not self._can_speak(first, after):
            return None
        for place in range(first, after - 1):
            word = self.tokens[place].lower
            if word.endswith(("'s", "s'")) and self._is_document(place + 1, after):
                inner = _Found(self.tokens[place + 1].start, self.tokens[after - 1].end, *cue, statement, loaded, via)
                end = self.tokens[place].end - (2 if word.endswith("'s") else 1)
                self.found += [inner, _Found(self.tokens[first].start, end, *cue, statement, loaded, inner)]
                return self.found[-1]
            if word in ("from", "by", "of", "in") and self._is_document(first, place):
                whose = self._without_article(place + 1, after)
                if whose < after:
                    kind = source_of(self.text[self.tokens[whose].start : self.tokens[after - 1].end]).kind
                    if kind in ("agency", "state media") or (
                        word != "in"
                        and (
                            kind in ("ministry", "organisation", "company", "official", "media")
                            or (kind == "person" and word != "of")
                        )
                    ):
                        return self._chain(first, place, whose, after, cue, statement, loaded, via)
        follows = after
        if self._lower(follows) in _RELEASED and self._is_document(first, after):
            by = follows + 1
            by = self._adverbial(by) if self._lower(by) != "by" else by
            if self._lower(by) in ("by", "in") and self._adverbial(by) == by:
                end = self._noun_phrase(by + 1)
                whose = self._without_article(by + 1, end)
                if whose < end and self._can_speak(whose, end):
                    return self._chain(first, after, whose, end, cue, statement, loaded, via)
        one = _Found(self.tokens[first].start, self.tokens[after - 1].end, *cue, statement, loaded, via)
        if self.text[one.start : one.end].endswith(("'s", "s'")) and after - first == 1:
            return None
        self.found.append(one)
        return one

    def _chain(
        self,
        first: int,
        after: int,
        whose: int,
        end: int,
        cue: tuple[int, int],
        statement: tuple[int, int] | None,
        loaded: bool,
        via: _Found | None,
    ) -> _Found:
        document = _Found(self.tokens[first].start, self.tokens[after - 1].end, *cue, statement, loaded, via)
        teller = _Found(self.tokens[whose].start, self.tokens[end - 1].end, *cue, statement, loaded, document)
        self.found += [document, teller]
        return teller

    def _is_document(self, first: int, after: int) -> bool:
        """Whether these words are a document: "annual report", "latest figures"."""
        after = next((at for at in range(first, after) if self._lower(at) in ("on", "about", "into")), after)
        return first < after and english_words().get(self._lower(after - 1)) == "document"

    def _span(self, first: int, after: int) -> tuple[int, int] | None:
        return (self.tokens[first].start, self.tokens[after - 1].end) if first < after else None

    def _according(self, cue: int, first: int, cue_start: int, cue_end: int) -> None:
        after = self._noun_phrase(first)
        if after == first:
            return
        begins = cue == 0 or self._lower(cue - 1) in ("and", "but", "that", ";")
        end = self._adverbial(after)
        if self._lower(end) in _RELEASED:
            end = self._noun_phrase(self._adverbial(end + 1) + 1)
        if begins:
            statement = self._span(cue, len(self.tokens))
            rest = next((at for at in range(after, min(after + 25, len(self.tokens))) if self._lower(at) == ","), None)
            if rest is not None and cue == 0:
                statement = self._span(rest + 1, len(self.tokens))
        elif end >= len(self.tokens):
            stop = cue - 1 if self._lower(cue - 1) == "," else cue
            statement = self._span(0, stop)
        else:
            statement = self._span(0, len(self.tokens))
        self._add(first, after, (cue_start, cue_end), statement)

    def _main(self, before: int) -> _Found | None:
        """The last source that speaks for itself in front of a token."""
        place = self.tokens[before].start
        said = [each for each in self.found if each.cue_start < place]
        return said[-1] if said else None

    def _citing(self, cue: int) -> None:
        after = self._noun_phrase(cue + 1)
        if (
            after == cue + 1
            or source_of(self.text[self.tokens[cue + 1].start : self.tokens[after - 1].end]).kind == "other"
        ):
            return
        via = self._main(cue)
        span = self.tokens[cue].start, self.tokens[cue].end
        statement = via.statement if via else self._span(0, cue - 1 if self._lower(cue - 1) == "," else cue)
        if via is None and (subject := self._first_subject(0)) and self._is_press(subject):
            via = self._add(*subject, span, statement)
        self._add(cue + 1, after, span, statement, via=via)

    def _is_press(self, span: tuple[int, int]) -> bool:
        words = self.text[self.tokens[span[0]].start : self.tokens[span[1] - 1].end]
        return source_of(words).kind in ("agency", "state media", "media", "document")

    def _cited(self, cue: int) -> None:
        span = self.tokens[cue].start, self.tokens[cue].end
        before = cue - 1
        while self._is_adverb(before):
            before -= 1
        if self._lower(before) in _BE or self._lower(before) in ("been",):
            # X was quoted by Y as saying
            subject = self._subject(before if self._lower(before) != "been" else before - 1)
            saying = next(
                (at for at in range(cue + 1, min(cue + 14, len(self.tokens))) if self._lower(at) == "as"), None
            )
            if subject is None or saying is None or self._lower(saying + 1) not in ("saying", "telling", "stating"):
                return
            statement = self._forward(saying + 2)
            via = None
            if self._lower(cue + 1) in ("by", "in"):
                after = self._noun_phrase(cue + 2)
                if after > cue + 2:
                    via = self._add(cue + 2, after, span, statement)
            self._add(*subject, span, statement, via=via)
            return
        if self._lower(cue + 1) == "by":
            # , quoted by Xinhua
            after = self._noun_phrase(cue + 2)
            if after > cue + 2 and self._is_press((cue + 2, after)):
                said = self._main(cue)
                one = self._add(cue + 2, after, span, said.statement if said else self._span(0, cue))
                if said is not None and said.via is None and one is not None:
                    said.via = one
            return
        subject = self._subject(cue)
        after = self._noun_phrase(cue + 1)
        if subject is None or after == cue + 1:
            return
        if self._lower(after) == "as" and self._lower(after + 1) in (
            "saying",
            "telling",
            "stating",
            "reporting",
            "warning",
        ):
            statement = self._forward(after + 2)
        elif self._is_press(subject):
            statement = self._forward(after)
            end = self._adverbial(after)
            if end >= len(self.tokens):
                statement = None
        else:
            return
        via = self._add(*subject, span, statement)
        self._add(cue + 1, after, span, statement, via=via)

    def _mentioned(self, cue: int) -> None:
        """Xinhua made mention of a statement from the ministry"""
        subject = self._subject(cue - 1)
        if subject is None or self._lower(cue + 1) != "of":
            return
        after = self._noun_phrase(cue + 2)
        if not self._is_document(cue + 2, after) and not any(
            self._is_document(cue + 2, at) for at in range(cue + 3, after)
        ):
            return
        span = self.tokens[cue - 1].start, self.tokens[cue + 1].end
        statement = self._forward(after)
        via = self._add(*subject, span, statement)
        self._add(cue + 2, after, span, statement, via=via)

    def _forward(self, first: int) -> tuple[int, int] | None:
        """The statement behind a cue: from there to the end of the sentence, or to where another speaks."""
        if self._lower(first) in (":", ","):
            first += 1
        while self._lower(first) == "that":
            first += 1
        after = len(self.tokens)
        known = cues()
        for place in range(first, min(after, first + 3 * _REACH)):
            if self._lower(place) in ("while", "but", "and") and self._lower(place - 1) == ",":
                for ahead in range(place + 1, min(place + 12, after)):
                    if self._lower(ahead) == ",":
                        break
                    if self._lower(ahead) in known and known[self._lower(ahead)].kind in ("say",) and ahead > place + 1:
                        return self._span(first, place - 1)
        return self._span(first, after)

    def _verb(self, place: int, cue: Cue) -> None:
        token = self.tokens[place]
        if token.word[:1].isupper() and place and not self.text[self.start : self.end].istitle():
            return
        end = place + 1
        if " " in cue.base:
            if self._lower(end) != cue.base.split()[1]:
                return
            end += 1
        span = token.start, self.tokens[end - 1].end
        before = self._lower(place - 1)
        if token.lower in (
            "post",
            "posts",
            "comment",
            "comments",
            "note",
            "notes",
            "state",
            "states",
            "report",
            "reports",
            "claim",
            "claims",
            "estimate",
            "estimates",
            "forecast",
            "forecasts",
            "answer",
            "answers",
            "cry",
            "stress",
            "complaint",
            "reply",
            "replies",
            "reason",
            "reasons",
            "promise",
            "promises",
            "pledge",
            "pledges",
            "tweet",
            "tweets",
            "show",
            "shows",
            "joke",
            "jokes",
            "remark",
            "remarks",
            "response",
            "find",
            "finds",
            "address",
            "hint",
            "hints",
            "vow",
            "vows",
            "blog",
            "blogs",
        ) and (
            before in _ARTICLES
            or before in _PREPOSITIONS
            or (
                before in ("this", "that", "its", "their", "his", "her", "our", "news", "media", "such")
                and self._lower(end) != "that"
            )
        ):
            return
        if cue.form == "ing":
            self._participle(place, end, cue, span)
            return
        if self._inverted(place, end, cue, span):
            return
        subject = self._subject(place)
        if subject is None:
            self._passive(place, end, cue, span)
            return
        first, after = subject
        if not self._is_statement(place, end, cue, subject):
            return
        statement = self._statement(first, end, cue)
        if statement is None:
            return
        source = self._add(first, after, span, statement, cue.loaded)
        if source is not None and cue.base.startswith("tell"):
            return

    def _passive(self, place: int, end: int, cue: Cue, span: tuple[int, int]) -> None:
        """It was reported by Xinhua that; as announced by the ministry."""
        if (
            cue.form not in ("past", "participle")
            or self._lower(end) != "by"
            or cue.kind not in ("object", "say", "clause")
        ):
            return
        if cue.base.split("/")[0] not in (
            "report",
            "announce",
            "confirm",
            "disclose",
            "reveal",
            "state",
            "estimate",
            "say",
            "claim",
        ):
            return
        after = self._noun_phrase(end + 1)
        if after == end + 1:
            return
        rest = self._adverbial(after)
        statement = self._forward(rest) if self._lower(rest) == "that" else self._span(0, place)
        self._add(end + 1, after, span, statement, cue.loaded)

    def _participle(self, place: int, end: int, cue: Cue, span: tuple[int, int]) -> None:
        """He called it a success, saying"""
        if self._lower(place - 1) != "," or self.found or cue.kind not in ("say", "clause", "object"):
            return
        if cue.kind != "say" and self._lower(end) not in ("that", "QUOTE", ":"):
            return
        if cue.base.split("/")[0] == "tell" or (subject := self._first_subject(0)) is None:
            return
        self._add(*subject, span, self._forward(end), cue.loaded)

    def _is_quote(self, place: int) -> bool:
        return self._lower(place) == "QUOTE" and self.tokens[place].end - self.tokens[place].start > 3

    def _is_speech(self, place: int) -> bool:
        """Whether a quotation is one that a comma or full stop closes, or long."""
        if not self._is_quote(place):
            return False
        words = self.tokens[place].word
        return bool(re.search(r"[,.?!…-]['\"”’]$|^['\"“].*[,.?!…-]$", words, re.DOTALL)) or words.count(" ") >= 4

    def _inverted(self, place: int, end: int, cue: Cue, span: tuple[int, int]) -> bool:
        """ "…," said Li Ming, head of the office. Whether it is that."""
        before = place - 1
        is_quoted = self._is_speech(before) or (self._lower(before) in (",", "?", "!") and self._is_speech(before - 1))
        if not is_quoted and self._lower(before) != ",":
            return False
        if cue.kind == "show" or cue.form == "ing" or (cue.form == "base" and cue.kind != "say"):
            return False
        first = self._adverbial(end) if self._is_adverb(end) else end
        if cue.base.startswith("tell") or self._lower(first) in ("that", "it", "there", "this"):
            return False
        after = self._noun_phrase(first)
        if after == first or self._lower(first) in ("i", "we", "you"):
            if self._lower(first) in ("he", "she", "they") and is_quoted:
                after = first + 1
            else:
                return False
        rest = self._adverbial(after)
        follows = self._lower(rest)
        ends = (
            rest >= len(self.tokens)
            or follows
            in (
                ",",
                ".",
                ";",
                "(",
                "–",
                "—",
                "-",
                "who",
                "as",
                "after",
                "when",
                "while",
                "QUOTE",
                "in",
                "at",
                "on",
                "to",
                "during",
                "from",
                "with",
                "adding",
            )
            or follows in _RELEASED
        )
        if not ends or (
            not is_quoted
            and (
                (cue.kind != "say" and cue.kind != "clause" and cue.base != "report")
                or (
                    follows not in (",", "")
                    and rest < len(self.tokens)
                    and self._lower(first) not in _ARTICLES
                    and not self._is_capital(first)
                )
            )
        ):
            return False
        if not is_quoted and not self._has_verb(0, before):
            return False
        if (
            not is_quoted
            and self._behind_parenthesis(before) is not None
            and rest < len(self.tokens)
            and follows not in (",",)
        ):
            return False
        start = 0
        stop = before if self._lower(before) == "," else before + 1
        statement = self._span(start, stop)
        if follows in (",", "") and any(self._is_speech(at) for at in range(rest, min(rest + 40, len(self.tokens)))):
            last = max(at for at in range(rest, min(rest + 40, len(self.tokens))) if self._is_speech(at))
            statement = self._span(start, last + 1)
        self._add(first, after, span, statement, cue.loaded)
        return True

    def _has_verb(self, first: int, after: int) -> bool:
        """Whether there is a clause between two places, as far as its verb can be told."""
        return any(
            self._lower(at) in _STOPS
            or self._lower(at) == "QUOTE"
            or (self._lower(at).endswith(("ed", "s")) and not self._is_capital(at))
            for at in range(first, min(after, first + _REACH))
        )

    def _is_statement(self, place: int, end: int, cue: Cue, subject: tuple[int, int]) -> bool:
        """Whether the verb says here that its subject said something."""
        first, after = subject
        rest = self._adverbial(end)
        follows = self._lower(rest)
        words = self.text[self.tokens[first].start : self.tokens[after - 1].end]
        behind = self._lower(first - 1) in (",",) or self._is_speech(first - 1) or self._is_speech(first - 2)
        article = first
        while self._lower(article - 1) in _ARTICLES:
            article -= 1
        behind = self._lower(article - 1) == "," or self._is_speech(article - 1)
        at_end = rest >= len(self.tokens) or follows in (",", ".", "–", "—")
        if at_end and not behind and article and self._lower(article - 1) not in ("as", "–", "—", "("):
            return article == 0 and follows in (",",) and self._is_quote(rest + 1)
        if at_end and article == 0 and follows != "," and not (follows == "" and self._lower(place) in cues()):
            return False
        base = cue.base.split("/")[0]
        if follows == "to" and self._lower(rest + 1) in ("be", "have"):
            return False
        if base == "tell":
            return True
        if cue.kind == "say":
            return follows not in ("goodbye", "hello", "responsibility", "victory", "sorry")
        opens = follows in ("that", ":") or self._is_quote(rest) or (follows == "," and self._is_quote(rest + 1))
        if opens or (at_end and behind and cue.kind != "show"):
            return self._speaks(words, cue)
        kind = source_of(words).kind
        known = kind != "other" and (
            kind != "person"
            or self._is_capital(after - 1)
            or self._lower(after - 1) in english_words()
            or self._lower(after - 1) in _PRONOUNS
        )
        if not known:
            return False
        clause = (
            follows in _PRONOUNS
            or follows in ("there", "this")
            or (
                (
                    follows in _ARTICLES
                    or self._is_capital(rest)
                    or follows in ("its", "his", "their", "no", "more", "some", "all")
                )
                and self._clause_follows(rest)
            )
        )
        number = follows[:1].isdigit() or follows in _NUMBER_WORDS or (follows in ("a", "an", "at"))
        if cue.kind == "object":
            if base in ("deny", "dismiss"):
                return kind != "document"
            if base == "report":
                return clause or number or kind in ("agency", "state media", "media")
            if base == "warn":
                return clause or follows in ("of", "against")
            if follows in ("plan", "plans", "to"):
                return True
            return clause or number
        if cue.kind == "show":
            return kind == "document" and (clause or number)
        if cue.kind == "accuse":
            return kind in ("ministry", "official", "agency", "person", "organisation", "state media")
        if cue.kind == "intend":
            return follows == "to" and rest == end
        if base in (
            "estimate",
            "predict",
            "forecast",
            "expect",
            "believe",
            "note",
            "add",
            "suggest",
            "argue",
            "insist",
            "conclude",
            "explain",
            "claim",
            "allege",
            "acknowledge",
            "stress",
        ):
            return clause
        return False

    def _speaks(self, words: str, cue: Cue) -> bool:
        return True

    def _clause_follows(self, first: int) -> bool:
        """Whether a noun phrase there is followed by a verb: "reported the bridge had fallen"."""
        after = self._noun_phrase(first)
        lower = self._lower(after)
        return after > first and (
            lower in _BE | _HAVE
            or lower in ("will", "would", "could", "may", "might", "can", "should", "must", "did")
            or lower.endswith("ed")
            or (
                lower in _STOPS
                and lower
                not in (
                    "that",
                    "which",
                    "who",
                    "when",
                    "while",
                    "if",
                    "as",
                    "because",
                    "since",
                    "where",
                    "but",
                    "so",
                    "after",
                    "before",
                )
            )
        )

    def _statement(self, first: int, end: int, cue: Cue) -> tuple[int, int] | None:
        """The words ascribed by a verb whose subject begins at `first` and which ends at `end`."""
        start = first
        while self._lower(start - 1) in _ARTICLES:
            start -= 1
        rest = self._adverbial(end)
        before = start - 1
        is_behind = self._lower(before) == "," or self._is_speech(before)
        if rest >= len(self.tokens) or (
            self._lower(rest) in (",", "–", "—") and not (self._lower(rest) == "," and before < 0)
        ):
            if is_behind:
                stop = before if self._lower(before) == "," else before + 1
                if rest >= len(self.tokens):
                    return self._span(0, stop)
                later = [at for at in range(rest, min(rest + _REACH, len(self.tokens))) if self._is_speech(at)]
                if later and self._is_speech(before if self._is_speech(before) else before - 1):
                    return self._span(0, later[-1] + 1)
                return self._span(0, len(self.tokens))
            if before < 0:
                # A sentence of its own behind a quotation: “We did.” Li Ming said.
                return (self.start, self.start) if rest >= len(self.tokens) else None
            return self._span(0, len(self.tokens))
        begins = rest
        if cue.base.startswith("tell"):
            that = next(
                (at for at in range(end, min(end + 12, len(self.tokens))) if self._lower(at) in ("that", "QUOTE", ":")),
                None,
            )
            hearer = self._noun_phrase(end)
            if self._lower(end) in ("him", "her", "them", "us", "me"):
                hearer = end + 1
            if self._adverbial(hearer) >= len(self.tokens):
                if is_behind:
                    return self._span(0, before if self._lower(before) == "," else before + 1)
                return None
            begins = that if that is not None else hearer
            if self._lower(begins) == "to":
                return None
            if self._lower(begins) == "," and is_behind:
                return self._span(0, len(self.tokens))
        return self._forward(begins)


_HEAD_END = re.compile(r"(?P<cue>:|\s[-–—])\s(?P<source>[\w.'&-]+(?:\s[\w.'&-]+){0,4})$")
_HEAD_START = re.compile(r"^(?P<source>[\w.'&-]+(?:\s[\w.'&-]+){0,3})(?P<cue>:)\s")


def _of_headline(text: str, found: list[_Found]) -> list[_Found]:
    """Three held over fraud: Xinhua; China's exports up in May – report; Police: two killed."""
    for pattern in (_HEAD_END, _HEAD_START):
        match = pattern.search(text)
        if match is None or any(match.start("source") <= each.start < match.end("source") for each in found):
            continue
        words = match["source"]
        kind = source_of(words).kind
        last = words.split()[-1]
        known = english_words().get(last.lower()) is not None
        if kind in ("other", "company") or (
            kind in ("person", "organisation") and not known and pattern is _HEAD_START
        ):
            continue
        if pattern is _HEAD_START and (
            (kind == "document" and len(words.split()) > 2)
            or (kind == "ministry" and not known and len(words.split()) > 1)
        ):
            continue
        if kind == "person" and not known and not all(word[:1].isupper() for word in words.split()):
            continue
        span = match.span("source")
        article = re.match(r"(?:the|an?)\s", words, re.IGNORECASE)
        if article:
            span = span[0] + article.end(), span[1]
        cue = match.span("cue")
        statement = (0, match.start("cue")) if pattern is _HEAD_END else (match.end(), len(text))
        return [_Found(*span, *cue, statement)]
    return []


def _apart(found: list[_Found]) -> list[_Found]:
    """In order of place; one for each cue and source."""
    kept: dict[tuple[int, int], _Found] = {}
    for each in found:
        kept.setdefault((each.start, each.cue_start), each)
    return sorted(kept.values(), key=lambda each: (each.start, each.cue_start))


def _extend(found: list[_Found], outer: list[Quotation], units: list[tuple[int, int]], text: str) -> None:
    """Statements that are quotations reach over all of it, over the next ones where the speaker goes on, and to the
    one before in “We did.” Li Ming said."""
    starts = [each.start for each in outer]
    for each in found:
        if each.statement is None:
            continue
        start, end = each.statement
        if start == end:
            place = bisect_right(starts, start) - 1
            if place >= 0 and text[outer[place].outer[1] : start].strip() == "":
                each.statement = outer[place].outer
            else:
                each.statement = None
            continue
        place = bisect_right(starts, end) - 1
        if place >= 0 and outer[place].start <= end <= outer[place].outer[1] + 1 and outer[place].end > start:
            end = max(end, outer[place].outer[1])
        following = bisect_right(starts, max(end, each.cue_end))
        last = following
        while last < len(outer) and outer[last].continues:
            end = outer[last].outer[1]
            last += 1
        each.statement = start, end
    by_unit = [unit[0] for unit in units]
    cue_units: dict[int, _Found] = {}
    for each in found:
        if each.statement is not None:
            cue_units[bisect_right(by_unit, each.cue_start) - 1] = each
    for number in range(1, len(units)):
        start, end = units[number]
        before = cue_units.get(number - 1)
        if before is None or number in cue_units or before.statement is None:
            continue
        if text[start] not in '"' or "\n" in text[units[number - 1][1] : start]:
            continue
        place = bisect_right(starts, start + 1) - 1
        if place < 0 or outer[place].outer[0] != start or text[outer[place].outer[1] : end].strip():
            continue
        if before.statement[1] >= units[number - 1][0]:
            before.statement = min(before.statement[0], start), end
            cue_units[number] = before


def _finished(
    passage: Passage, text: str, found: list[_Found], marks: list[Quotation]
) -> tuple[list[Attribution], list[Quote]]:
    number = {id(each): place for place, each in enumerate(found)}
    quotes: list[Quote] = []
    spans = [(*each.statement, place) for place, each in enumerate(found) if each.statement is not None]
    for mark in marks:
        holding = (
            [(end - start, place) for start, end, place in spans if start <= mark.start and mark.end <= end + 1]
            if len(spans) * len(marks) < 100_000
            else []
        )
        teller = min(holding)[1] if holding else None
        kind = _kind_of_quote(text, mark, teller is not None)
        quotes.append(Quote(mark.start, mark.end, kind, teller if kind == "speech" else None))
    said = {(each.start, each.end) for each in quotes if each.kind == "speech"}
    speech = sorted(said)
    last_of: dict[str, str] = {}
    attributions = []
    for each in found:
        source = source_of(passage.text[each.start : each.end])
        key = source.key
        if (
            source.kind in ("ministry", "organisation", "company")
            and " " not in key
            and key in ("ministry", "bureau", "commission", "court", "department", "agency", "administration")
        ):
            key = last_of.get(key, key)
        elif source.kind == "ministry":
            last_of[key.partition("-")[0] if "-" in key else key.rpartition(" ")[2]] = key
        at = bisect_right(speech, (each.statement[0], 0)) if each.statement else 0
        quoted = each.statement is not None and at < len(speech) and speech[at][0] < each.statement[1]
        attributions.append(
            Attribution(
                passage.text[each.start : each.end], each.start, each.end, source.kind,
                passage.text[each.cue_start : each.cue_end], each.cue_start, each.cue_end,
                each.statement, quoted, each.loaded, number.get(id(each.via)) if each.via else None, key,
                (0, 0),
            )
        )  # fmt: skip
    sentence_starts = [start for start, _ in passage.sentences]
    located = []
    for attribution in attributions:
        at = bisect_right(sentence_starts, attribution.start) - 1
        located.append(replace(attribution, sentence=passage.sentences[at] if at >= 0 else (0, len(text))))
    return located, quotes


_NAMES_A_WORK = re.compile(
    r"\b(?:campaign|operation|movie|film|book|song|album|novel|series|show|programme?|project|documentary|game|app|magazine"
    r"|exhibition|festival|drama|play|opera|initiative|plan|strategy|law|act|drill|exercise|crackdown)\b"
)
_CALLS_IT = re.compile(
    r"\b(?:titled|entitled|called|named|dubbed|codenamed|code-named|headlined|campaign|operation|film|movie|book|song|album|novel)\s*,?$"
)
_SMALL = _words("a an the of and in on for to at by with from or as")


def _kind_of_quote(text: str, mark: Quotation, is_told: bool) -> str:
    """speech, scare, title or other."""
    if mark.is_title_mark:
        return "title"
    words = text[mark.start : mark.end]
    parts = words.split()
    before, after = text[max(0, mark.start - 30) : mark.start - 1], text[mark.end + 1 : mark.end + 26]
    ends = words.rstrip()[-1:] in ".,?!…" or not mark.closed or mark.continues
    names = [part for part in parts if part.lower() not in _SMALL]
    capitals = bool(names) and all(part[:1].isupper() or part[:1].isdigit() for part in names)
    titled = capitals and (
        len(names) > 1
        or _NAMES_A_WORK.match(after.lstrip())
        or _CALLS_IT.search(before.rstrip().lower() if before else "")
    )
    adjacent = bool(re.search(r"[:,]\s*$", before)) and is_told
    if titled and not (is_told and (words.rstrip()[-1:] in "?!." or (adjacent and ends))):
        return "title"
    if is_told and (ends or len(parts) >= 5 or adjacent):
        return "speech"
    if len(parts) <= 4 and not (words.rstrip()[-1:] in ".?!" and len(parts) > 1):
        return "scare"
    return "speech" if words.rstrip()[-1:] in ".,?!" and len(parts) > 3 else "other"
