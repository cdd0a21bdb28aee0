"""Whether an English verb says here that its subject said something, and which words it ascribes to it."""

from __future__ import annotations

from grammar.english_clauses import REACH
from grammar.english_cues import Cue, clause_words, cues
from grammar.english_subjects import Subjects, known_source
from grammar.sources import english_words

_W = clause_words()
_JOINS = ("while", "but", "and", "though", "although")
_DASHES = ("–", "—")
_ACCUSERS = ("ministry", "official", "agency", "person", "organisation", "state media")
_PRESS = ("agency", "state media", "media")


class Statements(Subjects):
    """A sentence whose verbs are asked what they say."""

    def is_document(self, first: int, after: int) -> bool:
        """Whether these words are a document: "annual report", "latest figures"."""
        after = self._head(first, after)
        return first < after and (
            self.lower(after - 1) in _W["documents"] or english_words().get(self.lower(after - 1)) == "document"
        )

    def _head(self, first: int, after: int) -> int:
        """Where the words up to the head noun of a phrase end: "people" of "people briefed on the plan"."""
        for place in range(first + 1, after):
            lower = self.lowers[place]
            if lower in _W["prepositions"] or (
                self.lower(place + 1) in _W["prepositions"] and (lower.endswith("ed") or lower in _W["released"])
            ):
                return place
        return after

    def kind_of(self, first: int, after: int) -> str:
        """The kind of the source that these words are."""
        kind = known_source(self.words_of(first, after)).kind
        return kind if kind != "other" else known_source(self.words_of(first, self._head(first, after))).kind

    def is_known(self, first: int, after: int) -> bool:
        """Whether these words are a source by themselves, whatever the verb: an office, a document, a name."""
        kind = self.kind_of(first, after)
        last = self.lower(self._head(first, after) - 1)
        return kind != "other" and (
            kind != "person" or self.is_capital(after - 1) or last in english_words() or last in _W["pronouns"]
        )

    def is_statement(self, end: int, cue: Cue, subject: tuple[int, int]) -> bool:
        """Whether the verb that ends there says that its subject said something."""
        first, after = subject
        rest = self.adverbial(end)
        follows = self.lower(rest)
        article = first
        while self.lower(article - 1) in _W["articles"]:
            article -= 1
        before = self.lower(article - 1)
        behind = before == "," or self.is_speech(article - 1)
        if follows == "to" and (hearer := self._hearer(rest)):
            rest, follows = hearer, self.lower(hearer)
        at_end = rest >= self.count or follows in (",", ".", ";", *_DASHES)
        if at_end and article and not behind and before not in ("as", *_DASHES, "("):
            if before in ("which", "whom", "what"):
                return cue.kind != "show" and self.is_known(first, after)
            return before in _W["claims"] and cue.kind == "object"  # a claim the rebels deny
        if (at_end and not article and follows in (".", ";", *_DASHES)) or (
            follows == "to" and self.lower(rest + 1) in ("be", "have") and cue.base != "claim"
        ):
            return False
        opens = follows in ("that", ":") or self.is_quote(rest) or (follows == "," and self.is_quote(rest + 1))
        if after - first == 1 and self.lower(first) == "it":
            return cue.kind == "say" or opens or (at_end and behind and cue.kind != "show")
        if cue.base == "tell":
            return True
        if cue.base == "claim" and self.lower(rest + 1) in ("life", "lives"):
            return False
        known = self.is_known(first, after)
        if cue.kind == "say" and (known or self.lower(end - 1) not in _W["noun-cues"]):
            return follows not in _W["not-said-to"]
        if not known and self.lower(end - 1) in _W["noun-cues"]:
            return False  # "amid reports that", "800,000 suspects have"
        at_close = at_end and behind and (cue.kind != "show" or self.is_document(first, after))
        if (opens and (known or follows != ":")) or (at_close and (known or article < first)):
            return True
        if not known:
            return False
        return (at_end and before == "as") or self._states(end, rest, cue, self.kind_of(first, after))

    def _hearer(self, to: int) -> int:
        """Where "to reporters", "to Reuters" ends; 0 where it is no such thing."""
        if not self.is_capital(to + 1) and self.lower(to + 1) not in ("reporters", "journalists", "media", "us"):
            return 0
        return self.adverbial(self.noun_phrase(to + 1))

    def _states(self, end: int, rest: int, cue: Cue, kind: str) -> bool:
        """Whether a clause or a number that the verb states follows at `rest`."""
        follows = self.lower(rest)
        base = cue.base
        article = follows in _W["articles"] or follows in ("its", "his", "their", "no", "more", "some", "all")
        clause = (
            follows in _W["pronouns"]
            or follows in ("there", "this")
            or (self.is_word(rest) and self.clause_follows(rest))
        )
        number = follows[:1].isdigit() or follows in _W["number-words"] or follows in ("a", "an", "at")
        if cue.kind == "object":
            if base in _W["denials"]:
                return kind != "document"
            if base in ("announce", "reveal", "disclose"):
                return clause or number or article or follows in ("plan", "plans", "details", "to")
            if base == "confirm":
                return clause or number or article or follows in ("plan", "plans")
            if base == "report":
                return clause or number or kind in _PRESS
            if base == "warn":
                return clause or follows in ("of", "against")
            return clause or number or follows in ("plan", "plans", "to")
        if cue.kind == "show":
            return kind == "document" and (clause or number)
        if cue.kind == "accuse":
            return kind in _ACCUSERS
        if cue.kind == "intend":
            return follows == "to" and rest == end
        if base in _W["projects"]:
            return follows != "to" and self.noun_phrase(rest) > rest
        return base in _W["needs-clause"] and clause

    def puts(self, end: int) -> bool:
        """Whether "put" goes on as in "put the death toll at 31"."""
        nouns = range(end, min(end + 5, self.count))
        toll = next((at for at in nouns if self.lower(at) in _W["tolls"]), None)
        return toll is not None and any(
            self.lower(at) == "at" and not any(self.lower(between) == "," for between in range(toll, at))
            for at in range(toll + 1, min(toll + 12, self.count))
        )

    def statement(self, first: int, end: int, cue: Cue) -> tuple[int, int] | None:
        """The words ascribed by a verb whose subject begins at `first` and which ends at `end`."""
        start = first
        while self.lower(start - 1) in _W["articles"]:
            start -= 1
        rest = self.adverbial(end)
        before = start - 1
        is_behind = self.lower(before) == "," or self.is_speech(before)
        stop = before if self.lower(before) == "," else before + 1
        follows = self.lower(rest)
        if is_behind and follows in _W["circumstances"]:
            rest, follows = self.count, ""  # “…,” he said in a low voice
        if rest >= self.count or follows in (";", *_DASHES) or (follows == "," and before >= 0):
            if is_behind:
                return self._around(rest, stop)
            if before < 0:
                # A sentence of its own behind a quotation: “We did.” Li Ming said.
                return (self.start, self.start) if rest >= self.count else None
            return self.span(0, self.count)
        if cue.base != "tell":
            return self.forward(rest)
        ahead = range(end, min(end + 12, self.count))
        that = next((at for at in ahead if self.lower(at) in ("that", ":") or self.is_quote(at)), None)
        hearer = end + 1 if self.lower(end) in ("him", "her", "them", "us", "me") else self.noun_phrase(end)
        if self.adverbial(hearer) >= self.count:
            return self.span(0, stop) if is_behind else None
        begins = hearer if that is None else that
        if self.lower(begins) == "to":
            return None
        if self.lower(begins) == "," and is_behind:
            return self.span(0, self.count)
        return self.forward(begins)

    def _around(self, rest: int, stop: int) -> tuple[int, int] | None:
        """The statement in front of its cue, with what goes on behind it."""
        if rest >= self.count:
            return self.span(0, stop)
        later = [at for at in range(rest, min(rest + REACH, self.count)) if self.is_speech(at)]
        if later and (self.is_speech(stop - 1) or self.is_speech(stop)):
            return self.span(0, later[-1] + 1)
        return self.span(0, self.count)

    def forward(self, first: int) -> tuple[int, int] | None:
        """The statement behind a cue: from there to the end of the sentence, or to where another speaks."""
        if self.lower(first) in (":", ","):
            first += 1
        while self.lower(first) == "that":
            first += 1
        for place in range(first, min(self.count, first + 3 * REACH)):
            if self.lowers[place] == ";":
                end = place
            elif self.lower(place - 1) == "," and self.lowers[place] in _JOINS:
                end = place - 1
            else:
                continue
            for ahead in range(place + 1, min(place + 12, self.count)):
                lower = self.lowers[ahead]
                if lower == ",":
                    break
                if ahead > place + 1 and self._speaks(lower):
                    return self.span(first, end)
        return self.span(first, self.count)

    def _speaks(self, lower: str) -> bool:
        cue = cues().get(lower)
        return lower in ("cited", "quoted") or (cue is not None and cue.kind in ("say", "put"))

    def until_quote(self, first: int) -> tuple[int, int] | None:
        """From there to the end of the quotations that one clause holds, "as “fiction” and “not worth a word”"; None
        where none stands in it."""
        last = None
        for place in range(first, min(self.count, first + REACH)):
            lower = self.lowers[place]
            if lower in (",", ";", ":", *_DASHES) and not self.is_quote(place + 1):
                break
            if self.is_quote(place):
                last = place
            elif lower in cues() and last is not None and self.lower(place - 1) != "and":
                break
        return None if last is None else self.span(first, last + 1)
