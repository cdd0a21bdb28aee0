"""Whose words an English verb gives: the subject in front of it, past what stands between."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from grammar.english_clauses import QUOTE, REACH, Clause
from grammar.english_cues import clause_words, cues
from grammar.quotes import Quotation
from grammar.sources import Source, english_words, source_of

_W = clause_words()
_CLOSED = re.compile(r"[,.?!]['\"]$")
_SPEAKING = frozenset(("he", "she", "they", "it"))


_PART_OF = re.compile(
    r"(?:one|two|three|four|five|some|many|most|several|both|all|half|a number) of (?:(?:the|its|their|all) )?",
    re.IGNORECASE,
)
_GROUP = re.compile(r"\b([a-z]+) groups?\b")
_DESCRIBED = re.compile(r"(?P<head>.+?)\s(?:\w+ed|familiar|close|privy)\s(?:on|by|in|at|with|from|to)\b")


def _is_paper(words: str) -> bool:
    """The Straits Times, Jakarta Post."""
    parts = words.removeprefix("the ").removeprefix("The ").split()
    return len(parts) > 1 and parts[-1].lower() in _W["papers"] and all(part[:1].isupper() for part in parts)


def _is_body(words: str) -> bool:
    """Whether a name that ends in no word of source_words.tsv is a body's: Lawyers for Peace, China Rights Tracker."""
    parts = words.split()
    kinds = english_words()
    return (
        len(parts) > 1
        and any(
            part.lower() in _W["bodies"]
            or (
                part.endswith("s")
                and kinds.get(part.lower()) in ("person", "official")
                and kinds.get(part[:-1].lower())
            )
            for part in parts
            if part[:1].isupper()
        )
        and all(part[:1].isupper() or part in ("of", "for", "and", "the", "on", "against") for part in parts)
    )


@lru_cache(maxsize=4096)
def known_source(words: str) -> Source:
    """source_of, with the kind of those meant by "one of the officials" and "people briefed on the plan", and of a
    country that speaks for its government. Remembered: a report names the same ones again and again."""
    lower = words.lower()
    if words.removeprefix("the ").removeprefix("The ") == "WHO":
        words = "World Health Organization"  # no pronoun
    source = source_of(words)
    if lower in ("they", "them"):
        return Source("person", "")
    if lower in _W["countries"] and not words.islower():
        return Source("ministry", source.key)
    if source.kind not in ("agency", "state media") and _is_paper(words):
        return Source("media", lower.removeprefix("the "))
    if source.kind == "person" and _is_body(words):
        return Source("organisation", lower.removeprefix("the "))
    if source.kind in ("company", "person") and (group := _GROUP.search(words)) and group[1] in _W["groups"]:
        return Source("organisation", source.key)  # the rights group Memorial, no technology group
    is_named = words.split()[-1:] != [] and words.split()[-1][:1].isupper()
    if (
        is_named
        and source.kind in ("person", "organisation")
        and any(english_words().get(word) == "media" for word in words.split()[:-1])
        and not any(english_words().get(word) == "person" for word in words.split()[:-1])
    ):
        return Source("media", lower.removeprefix("the "))  # the daily Pravo
    if part := _PART_OF.match(words):
        return Source(source_of(words[part.end() :]).kind, source.key)
    if source.kind == "other" and (described := _DESCRIBED.match(words)):
        return Source(source_of(described["head"]).kind, source.key)
    return source


@dataclass(slots=True)
class Saying:
    """An attribution in the making; `via` is another one. Places in the text."""

    start: int
    end: int
    cue_start: int
    cue_end: int
    statement: tuple[int, int] | None
    loaded: bool = False
    via: Saying | None = None
    kind: str = ""  # what it is where its words alone say something else


class Subjects(Clause):
    """A sentence whose verbs are asked for their subjects. `found` are the sources so far."""

    def __init__(self, text: str, start: int, end: int, outer: list[Quotation]) -> None:
        super().__init__(text, start, end, outer)
        self.found: list[Saying] = []

    def subject(self, verb: int) -> tuple[int, int] | None:
        """The words (from, to) of the subject in front of a verb, None where it cannot be told."""
        place = verb - 1
        lowest = max(0, verb - REACH)
        while place >= lowest and (
            self.is_adverb(place) or self.lower(place) in _W["have"] or self.lower(place) in _W["do"]
        ):
            place -= 1
        lower = self.lower(place)
        if place < lowest or lower in _W["not-said"] or lower in _W["be"] or lower.endswith("n't"):
            return None
        if (lower == "who" and not self.is_acronym(place)) or (lower == "which" and self.lower(place - 1) == ","):
            return self.antecedent(place)
        if lower in ("and", "but"):
            return self._coordinated(place)
        if lower == "which":
            return None
        if lower == ",":
            return self.behind_parenthesis(place)
        if lower == ")":
            while place > lowest and self.lower(place) != "(":
                place -= 1
            place -= 1
        return self._past_relative(place, lowest) or self.phrase_before(place, lowest)

    def _past_relative(self, last: int, lowest: int) -> tuple[int, int] | None:
        """The subject of "a source who had seen the draft said": in front of the who; None where no who stands so."""
        who = last
        while who > lowest and (self.is_word(who) and self.lower(who) not in ("who", "that", "while", "because", "if")):
            if self.lower(who) in cues() and self.lower(who) not in _W["subject-cues"]:
                return None
            who -= 1
        if self.lower(who) != "who" or self.lower(who - 1) == ",":
            return None
        begins = self.without_article(who + 1, last + 1)
        if self.noun_phrase(begins) > last:
            return None  # a man who the police said was armed
        return self.phrase_before(who - 1, lowest)

    def phrase_before(self, last: int, lowest: int) -> tuple[int, int] | None:
        """The noun phrase that ends with the word `last`, which a clause begins with."""
        if last < lowest or not self.is_word(last):
            return None
        if self.lower(last) in _SPEAKING:
            return last, last + 1
        place = last
        while place >= lowest:
            lower = self.lower(place)
            if not self.is_word(place):
                if lower == "," and self._is_list(place, last):
                    place -= 1
                    continue
                break
            if lower == QUOTE and _CLOSED.search(self.words[place]):
                break
            if lower in _W["ends-subject"] and not (
                (lower == "may" and self.is_capital(place)) or self.is_acronym(place)
            ):
                break
            if lower == "and" and not self._joins(place, lowest):
                break
            if lower in cues() and lower not in _W["subject-cues"] and not self.is_capital(place):
                break
            if lower == "to" and self.lower(place - 1) == "according":
                break
            place -= 1
        return self._trimmed(place + 1, last + 1)

    def _is_list(self, comma: int, last: int) -> bool:
        """Whether a comma stands in "A, B and C"."""
        if not (self.is_capital(comma - 1) and self.is_capital(comma + 1)):
            return False
        joined = next((at for at in range(comma + 1, min(comma + 6, last)) if self.lower(at) in ("and", ",")), None)
        return joined is not None and self.lower(joined) == "and"

    def _joins(self, place: int, lowest: int) -> bool:
        """Whether an "and" joins two nouns of one subject, and not two clauses."""
        if self.is_capital(place - 1) and self.is_capital(place + 1):
            return True
        before = self.lower(place - 1)
        return (
            before in english_words()
            and before not in cues()
            and not any(
                self.lower(at) in _W["ends-subject"] or self.lower(at).endswith("ed")
                for at in range(max(lowest, place - 6), place)
            )
        )

    def _trimmed(self, first: int, after: int) -> tuple[int, int] | None:
        """A subject without what stands in front of it and behind it in its clause."""
        moved = True
        while moved and first < after:
            moved = False
            lower = self.lower(first)
            if (
                lower in _W["openers"]
                or (self.is_adverb(first) and lower not in ("all", "both"))
                or (self.is_time(first) and after - first > 1)
            ):
                first, moved = first + 1, True
            elif lower in _W["prepositions"] and lower not in ("about", "around", "over"):
                end = self._end_of_phrase(first, after)
                if end is None or end >= after:
                    return None
                first, moved = end, True
            elif lower in ("last", "this") and self.lower(first + 1) in _W["time-nouns"]:
                first, moved = first + 2, True
        first = self.without_article(first, after)
        for place in range(first + 1, after):
            if self.lower(place).endswith("ed") and self.lower(place + 1) == "by" and not self._is_text(first, place):
                after = place  # analysts polled by Bloomberg
                break
            if self.is_capital(place) and not self.is_time(place):
                continue
            begins = self.is_time(place) or self.lower(place) in (
                "on",
                "in",
                "at",
                "during",
                "last",
                "this",
                "late",
                "early",
            )
            if begins and self.adverbial(place) > place:
                after = place
                break
        return (first, after) if self.can_speak(first, after) else None

    def _is_text(self, first: int, after: int) -> bool:
        return english_words().get(self.lower(after - 1)) == "document" and first < after

    def _end_of_phrase(self, first: int, after: int) -> int | None:
        """Where a phrase with a preposition that opens a clause ends, and its subject begins."""
        end = self.adverbial(first)
        if first < end < after:
            return end
        article = next((at for at in range(first + 2, after) if self.lower(at) in _W["articles"]), 0)
        if article:
            return article
        end = first + 1
        while end < after and self.is_capital(end):
            end += 1
        return end if end > first + 1 else None

    def can_speak(self, first: int, after: int) -> bool:
        """Whether these words may be a source at all."""
        if first >= after:
            return False
        last, lower = self.lower(after - 1), self.lower(first)
        if after - first == 1 and lower in _W["no-source"] and lower != "it" and not self.is_acronym(first):
            return False
        if (
            lower.endswith("ing")
            and not self.is_capital(first)
            and lower not in ("ruling", "leading")
            and self.lower(first - 1) not in _W["articles"]
        ):
            return False
        return not (
            last in _W["prepositions"]
            or last in _W["articles"]
            or (last == QUOTE and after - first == 1)
            or last.isdigit()
        )

    def antecedent(self, who: int) -> tuple[int, int] | None:
        """Whom a "who" stands for: "Li, who said"."""
        last = who - 1
        if self.lower(last) == ",":
            last -= 1
        return self.phrase_before(last, max(0, who - REACH))

    def _coordinated(self, conjunction: int) -> tuple[int, int] | None:
        """The subject of "He visited the site and said"."""
        for place in range(conjunction - 1, max(-1, conjunction - REACH), -1):
            if self.lower(place) in (";", ":", "-", "–", "—", "that", "while", "because", "which", QUOTE):
                return None
        if any(each.cue_start < self.starts[conjunction] for each in self.found):
            return None  # the subject is a source already, or who it is cannot be told
        return self.first_subject(0)

    def first_subject(self, first: int) -> tuple[int, int] | None:
        """The noun phrase that a sentence begins with, where a verb follows it."""
        end = self.adverbial(first)
        if end > first and self.lower(end) == ",":
            first = end + 1
        if self.lower(first) in _W["prepositions"] or self.lower(first).endswith("ing"):
            return None
        if self.lower(first) in ("he", "she", "they"):
            return first, first + 1
        after = first
        while after < min(self.count, first + 14) and self.is_word(after):
            lower = self.lower(after)
            is_verb = (
                lower in _W["ends-subject"]
                or (lower in cues() and lower not in _W["cue-nouns"])
                or lower.endswith(("ed", "es"))
                or self.is_adverb(after)
            )
            if after > first and not self.is_capital(after) and is_verb:
                break
            after += 1
        known = self.lower(after - 1) in english_words() or self.is_capital(after - 1)
        return self._trimmed(first, after) if after < self.count and known else None

    def behind_parenthesis(self, comma: int) -> tuple[int, int] | None:
        """The subject of "Li Ming, head of the office, said": the noun phrase in front of what stands between commas;
        of "his lawyer, Anil Mehta, told": the name."""
        commas = self._commas(comma)
        if len(commas) > 2 and self._is_bare_name(commas[1] + 1, comma):
            called = self.phrase_before(commas[1] - 1, commas[2] + 1)
            if called and called[1] == commas[1] and self._is_described(*called):
                return commas[1] + 1, comma
        best: tuple[int, int] | None = None
        for after, before in list(pairwise(commas))[1:]:
            each = self.phrase_before(after - 1, before + 1)
            if (
                each is None
                or each[1] != after
                or any(self.lower(at) in cues() and not self.is_capital(at) for at in range(before + 1, each[0]))
            ):
                if best is not None:
                    break
                continue
            best = each
            opens = self.lower(before + 1) in _W["articles"] or self.lower(before + 1) in _W["before-a-noun"]
            if self.is_capital(each[1] - 1) and not opens:
                break
            if opens and known_source(self.words_of(*each)).kind != "other":
                break
        return best

    def _is_described(self, first: int, after: int) -> bool:
        """Whether words call somebody what he is, "a spokesman for the Ministry of Commerce", without a name."""
        head = next((at for at in range(first + 1, after) if self.lower(at) in _W["prepositions"]), after)
        is_office = english_words().get(self.lower(head - 1)) in ("official", "person")
        return not self.is_capital(head - 1) and (is_office or head == after)

    def _commas(self, comma: int) -> list[int]:
        """The commas from one backwards, and where the clause begins behind which they stand."""
        commas = [comma]
        for place in range(comma - 1, max(-1, comma - REACH), -1):
            lower = self.lowers[place]
            if lower in (";", ":", "\n", "(", "–", "—") or (lower == QUOTE and _CLOSED.search(self.words[place])):
                return [*commas, place]
            if lower == ",":
                commas.append(place)
        return [*commas, -1]

    def _is_bare_name(self, first: int, after: int) -> bool:
        """Li Ming, Anil Mehta: two to four capitalised words."""
        return 2 <= after - first <= 4 and all(
            self.is_capital(at) and self.lower(at) not in english_words() and not self.is_time(at)
            for at in range(first, after)
        )
