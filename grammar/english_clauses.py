"""A sentence of English as words, its quotations closed up: what stands where, how far its adverbials and noun phrases
reach. The modules that look for sources in it build on this."""

from __future__ import annotations

import re
from bisect import bisect_right

from grammar.english_cues import clause_words, cues
from grammar.quotes import Quotation
from grammar.sources import english_words

REACH = 60  # words: how far from its verb a subject is looked for
_W = clause_words()
_TOKEN = re.compile(
    r"(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Sen|Rep|Gov|St|Capt|Sgt|Maj|Adm|Jr|Sr|Inc|Ltd|Co|Corp|No|Jan|Feb|Mar|Apr|Jun|Jul"
    r"|Aug|Sept?|Oct|Nov|Dec|Messrs|Rev|Hon)\.|(?:[A-Za-z]\.){2,}|[A-Z]\.(?=\s[A-Z])"
    r"|[^\W_](?:[\w&]|['.,/-](?=[^\W_]))*(?:'(?=\s))?|[^\w\s]|\n"
)
_YEAR, _NUMBER = re.compile(r"(?:19|20)\d\d"), re.compile(r"\d{1,4}")
_SPOKEN = re.compile(r"[,.?!…-]['\"”’]$|^['\"“].*[,.?!…-]$", re.DOTALL)
QUOTE = "QUOTE"  # stands for words in quotation marks


class Clause:
    """One sentence. Its words are told apart by their places, 0 to `count`; beyond these stands "". `lowers` has them
    in lower case and QUOTE for words in quotation marks, which stand as one."""

    def __init__(self, text: str, start: int, end: int, outer: list[Quotation]) -> None:
        self.text = text
        self.words: list[str] = []
        self.lowers: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        at = start
        for quotation in outer[bisect_right([each.start for each in outer], start) :] if outer else ():
            opening, closing = quotation.outer
            if quotation.start > end:
                break
            if opening < at:
                continue
            self._read(at, opening)
            at = min(closing, end)
            self.words.append(text[opening:closing])
            self.lowers.append(QUOTE)
            self.starts.append(opening)
            self.ends.append(at)
        self._read(at, end)
        while self.lowers and self.lowers[-1] in (".", "!", "?", ";", "\n"):
            self._cut(0, len(self.words) - 1)
        self._skip_dateline()
        self.count = len(self.words)
        self.start = self.starts[0] if self.starts else start
        self.end = self.ends[-1] if self.ends else end

    def _read(self, start: int, end: int) -> None:
        found = list(_TOKEN.finditer(self.text, start, end))
        words = [match[0] for match in found]
        self.words += words
        self.lowers += [word.lower() for word in words]
        self.starts += [match.start() for match in found]
        self.ends += [match.end() for match in found]

    def _cut(self, first: int, after: int) -> None:
        for each in (self.words, self.lowers):
            each[:] = each[first:after]
        for places in (self.starts, self.ends):
            places[:] = places[first:after]

    def _skip_dateline(self) -> None:
        """MANILA, Oct. 25 (Xinhua) --"""
        dashes = ("-", "–", "—")
        for place, word in enumerate(self.words[:14]):
            if word in dashes and place and self.words[place - 1] in (")", *dashes):
                while place < len(self.words) and self.words[place] in dashes:
                    place += 1
                self._cut(place, len(self.words))
                return

    def lower(self, place: int) -> str:
        return self.lowers[place] if 0 <= place < self.count else ""

    def is_capital(self, place: int) -> bool:
        return 0 <= place < self.count and self.words[place][:1].isupper()

    def is_acronym(self, place: int) -> bool:
        """WHO, US: words that would be others in lower case."""
        return 0 <= place < self.count and len(self.words[place]) > 1 and self.words[place].isupper()

    def is_word(self, place: int) -> bool:
        return 0 <= place < self.count and (self.words[place][:1].isalnum() or self.lowers[place] == QUOTE)

    def is_adverb(self, place: int) -> bool:
        lower = self.lower(place)
        return lower in _W["adverbs"] or (
            lower.endswith("ly") and lower not in _W["no-adverbs"] and not self.is_capital(place)
        )

    def is_time(self, place: int) -> bool:
        lower = self.lower(place).rstrip(".")
        if lower not in _W["times"]:
            return False
        if lower in ("jan", "mar", "sun", "sat", "wed"):  # names too
            return self.words[place].endswith(".") or self.lower(place + 1).isdigit()
        return lower not in ("may", "march") or self.is_capital(place)

    def is_quote(self, place: int) -> bool:
        return self.lower(place) == QUOTE and self.ends[place] - self.starts[place] > 3

    def is_speech(self, place: int) -> bool:
        """Whether a quotation is one that a comma or full stop closes, or long."""
        if not self.is_quote(place):
            return False
        words = self.words[place]
        return bool(_SPOKEN.search(words)) or words.count(" ") >= 4

    def words_of(self, first: int, after: int) -> str:
        """The text of the words from one place to another, which must not be the same."""
        return self.text[self.starts[first] : self.ends[after - 1]]

    def span(self, first: int, after: int) -> tuple[int, int] | None:
        """Where these words stand in the text."""
        return (self.starts[first], self.ends[after - 1]) if first < after else None

    def without_article(self, first: int, after: int) -> int:
        while first < after and self.lower(first) in _W["articles"]:
            first += 1
        return first

    def adverbial(self, place: int) -> int:
        """Where an adverbial of time or manner that begins there ends: "on Monday", "in a statement to the press"."""
        while place < self.count:
            lower = self.lowers[place]
            if self.is_time(place):
                place = self._time(place + 1)
            elif self.is_adverb(place) and lower not in ("all", "both", "no"):
                place += 1
            elif lower in ("last", "this", "next") and self.lower(place + 1) in _W["time-nouns"]:
                place += 2
            elif lower in _W["adverbial-heads"] and (end := self._phrase_of_time_or_manner(place)) > place:
                place = end
            else:
                break
        return place

    def _time(self, place: int) -> int:
        """Where the rest of a date ends: "31, 2012"."""
        while self.is_time(place) or _NUMBER.fullmatch(self.lower(place)) or self.lower(place) in _W["times-of-day"]:
            place += 1
        return place

    def _phrase_of_time_or_manner(self, place: int) -> int:
        after = place + 1
        if self.is_time(after) or _YEAR.fullmatch(self.lower(after)):
            return self._time(after + 1)
        for ahead in range(after, min(after + 7, self.count)):
            lower = self.lowers[ahead]
            is_manner = lower in _W["manner"]
            if not self.is_word(ahead) or lower in _W["ends-subject"] or (lower in cues() and not is_manner):
                break
            if is_manner or lower in _W["time-nouns"]:
                return self._behind_manner(ahead + 1)
        return place

    def _behind_manner(self, end: int) -> int:
        """Where "in a statement" ends with what belongs to it: "to reporters", "published on Monday"."""
        is_named = self.lower(end - 1) in ("journal", "magazine", "newspaper")
        while self.lower(end) in _W["manner"] or (is_named and self.is_capital(end)):
            end += 1
        if self.lower(end) in ("with", "to", "on", "in", "at", "of", "from", "after") and not self.is_time(end + 1):
            end = max(end, self.noun_phrase(end + 1, prepositions=False)) if self.is_word(end + 1) else end
            if self.lower(end) in _W["prepositions"] and self.lower(end - 1) in _W["manner"]:
                return end
        if self.lower(end) in ("published", "released", "issued", "posted"):
            end += 1
        return end

    def noun_phrase(self, place: int, prepositions: bool = True) -> int:
        """Where a noun phrase that begins there ends (its place where none begins)."""
        start = place
        last = min(self.count, place + 30)
        while place < last and self.is_word(place):
            lower = self.lowers[place]
            capital = self.is_capital(place)
            if lower in ("and", "&"):
                if place == start or not self._joins_nouns(place):
                    break
            elif lower in _W["ends-subject"] and not capital:
                break
            elif lower in _W["prepositions"]:
                if not prepositions or place == start or not self._binds(place):
                    break
            elif place > start and self._ends_phrase(place, lower, capital):
                break
            place += 1
        while place > start and self.lower(place - 1) in _W["prepositions"] | _W["articles"]:
            place -= 1
        return place

    def _joins_nouns(self, place: int) -> bool:
        """Whether the "and" there stands within a name or between adjectives: "an unofficial and partial tally"."""
        if self.is_capital(place - 1) and self.is_capital(place + 1):
            return True
        before = self.lower(place - 1)
        is_adjective = before.endswith(("al", "ic", "ive", "ous", "ary", "ory", "an", "ent", "ant"))
        return (
            is_adjective
            and before not in english_words()
            and self.words[place + 1 : place + 2] != []
            and (self.words[place + 1][:1].islower() and self.lower(place + 1) not in _W["ends-subject"])
        )

    def _binds(self, place: int) -> bool:
        """Whether the preposition there goes on with the noun in front: "spokesman for", "police in Hefei"."""
        lower, before = self.lowers[place], self.lower(place - 1)
        if not self.is_word(place + 1) or (lower != "by" and self.adverbial(place) > place):
            return False
        if lower in _W["binds"] or (lower == "on" and before in _W["on-nouns"]):
            return True
        if lower == "by":
            return before in _W["documents"] or english_words().get(before) == "document"
        if before in ("close", "familiar", "briefed", "involved", "based", "linked", "related", "privy"):
            return True
        return lower in ("from", "at", "with", "in") and (
            self.lower(place + 1) in _W["articles"] or self.is_capital(place + 1)
        )

    def _ends_phrase(self, place: int, lower: str, capital: bool) -> bool:
        before = self.lower(place - 1)
        is_bound = before in _W["prepositions"]
        if not is_bound and (
            self.is_time(place)
            or (not capital and self.is_adverb(place))
            or lower in ("the", "a", "an", "this", "last", "its", "his", "their")
        ):
            return True
        follows = self.lower(place + 1)
        if lower in _W["released"] and follows in ("by", "in", "on", "from", "to", "at", ""):
            return True
        if lower in cues() and not capital and lower not in _W["cue-nouns"]:
            return True
        if not lower.endswith("ing"):
            return False
        return follows in _W["articles"] or (not is_bound and not capital and not self.is_word(place + 1))

    def has_verb(self, first: int, after: int) -> bool:
        """Whether there is a clause between two places, as far as its verb can be told."""
        return any(
            self.lower(at) in _W["ends-subject"]
            or self.lower(at) == QUOTE
            or (self.lower(at).endswith(("ed", "s")) and not self.is_capital(at))
            for at in range(first, min(after, first + REACH))
        )

    def clause_follows(self, first: int) -> bool:
        """Whether a noun phrase there is followed by a verb: "reported the bridge had fallen"."""
        after = self.noun_phrase(first)
        lower = self.lower(after)
        return after > first and (
            lower in _W["be"]
            or lower in _W["have"]
            or lower in _W["auxiliaries"]
            or lower.endswith("ed")
            or (lower in _W["ends-subject"] and lower not in _W["no-clause"])
        )
