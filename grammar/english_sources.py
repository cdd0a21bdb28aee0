"""The sources of one English sentence: each verb of tables/english_cues.tsv is looked at where it stands."""

from __future__ import annotations

from grammar.english_clauses import QUOTE
from grammar.english_cues import Cue, clause_words, cues
from grammar.english_statements import Statements
from grammar.english_subjects import Saying, known_source
from grammar.sources import english_words

_W = clause_words()
_PRESS = ("agency", "state media", "media", "document")
_ADJECTIVES = ("ed", "al", "ic", "ive", "ous", "ary")
_TELLERS = ("ministry", "organisation", "company", "official", "media")


class Sources(Statements):
    """A sentence that is asked who says something in it."""

    def read(self) -> list[Saying]:
        """Its sources, those of a chain one behind the other."""
        known = cues()
        fronted: list[Saying] = []
        for place, lower in enumerate(self.lowers):
            if lower == "according" and self.lower(place + 1) == "to":
                self._according(place)
            elif lower == "per" or (lower == "based" and self.lower(place + 1) == "on"):
                self._per(place)
            elif lower in ("citing", "quoting"):
                self._citing(place)
                if place == 0:
                    fronted = [each for each in self.found if each.via is None]
            elif lower in ("cited", "quoted", "cites", "quotes"):
                self._cited(place)
            elif lower in ("mention", "mentions") and self.lower(place - 1) in ("made", "makes"):
                self._mentioned(place)
            elif lower in known:
                self._verb(place, known[lower])
        for each in fronted:  # Citing the ministry, Xinhua said
            each.via = next((other for other in self.found if other not in fronted), None)
        self._channels()
        self._nest()
        return self.found

    def _nest(self) -> None:
        """What an outlet reports somebody to have said is known through the outlet."""
        kinds = ("agency", "state media", "media")
        press = [each for each in self.found if known_source(self.text[each.start : each.end]).kind in kinds]
        for outlet in press:
            if outlet.statement is None or outlet.via is not None:
                continue
            first, after = outlet.statement
            for each in self.found:
                is_inside = first <= each.start and each.end <= after and first <= each.cue_start < after
                if each.via is None and each is not outlet and is_inside:
                    each.via = outlet

    def _add(
        self,
        first: int,
        after: int,
        cue: tuple[int, int],
        statement: tuple[int, int] | None,
        loaded: bool = False,
        via: Saying | None = None,
    ) -> Saying | None:
        """One source, or those of a chain: "a statement from the ministry" are two. The last of them."""
        first = self.without_article(first, after)
        if not self.can_speak(first, after):
            return None
        for place in range(first, after - 1):
            word = self.lowers[place]
            if word.endswith(("'s", "s'")) and self.is_document(place + 1, after):
                inner = Saying(self.starts[place + 1], self.ends[after - 1], *cue, statement, loaded, via)
                end = self.ends[place] - (2 if word.endswith("'s") else 1)
                self.found += [inner, Saying(self.starts[first], end, *cue, statement, loaded, inner)]
                return self.found[-1]
            if word in _W["released"] and self.lower(place + 1) in ("by", "in") and self.is_document(first, place):
                whose = self.without_article(place + 2, after)
                if self.can_speak(whose, after):
                    return self._chain((first, place), (whose, after), cue, statement, loaded, via)
            if word in ("from", "by", "of", "in", "on") and self.is_document(first, place):
                whose, until = self._owner(place + 1, after)
                if whose < until:
                    kind = known_source(self.words_of(whose, until)).kind
                    is_press = kind in ("agency", "state media") or (kind == "media" and word in ("in", "on"))
                    is_teller = kind in _TELLERS or (kind == "person" and word != "of")
                    if is_press or (word not in ("in", "on") and is_teller):
                        return self._chain((first, place), (whose, until), cue, statement, loaded, via)
        if self.lower(after) in _W["released"] and self.is_document(first, after):
            by = after + 1
            by = self.adverbial(by) if self.lower(by) != "by" else by
            if self.lower(by) == "by" or (self.lower(by) == "in" and self.adverbial(by) == by):
                end = self.noun_phrase(by + 1)
                whose = self.without_article(by + 1, end)
                if whose < end and self.can_speak(whose, end):
                    return self._chain((first, after), (whose, end), cue, statement, loaded, via)
        one = Saying(self.starts[first], self.ends[after - 1], *cue, statement, loaded, via)
        if self.text[one.start : one.end].endswith(("'s", "s'")) and after - first == 1:
            return None
        self.found.append(one)
        return one

    def _owner(self, first: int, after: int) -> tuple[int, int]:
        """Whose document it is: up to whom it is sent to."""
        first = self.without_article(first, after)
        return first, next((at for at in range(first + 1, after) if self.lower(at) == "to"), after)

    def _chain(
        self,
        document: tuple[int, int],
        whose: tuple[int, int],
        cue: tuple[int, int],
        statement: tuple[int, int] | None,
        loaded: bool,
        via: Saying | None,
    ) -> Saying:
        inner = Saying(self.starts[document[0]], self.ends[document[1] - 1], *cue, statement, loaded, via)
        teller = Saying(self.starts[whose[0]], self.ends[whose[1] - 1], *cue, statement, loaded, inner)
        is_name = all(self.is_capital(at) for at in range(*whose))
        is_counted = is_name and any(self.lower(at) in _W["counts"] for at in range(*document))
        if is_name and (whose[1] - whose[0] == 1 or is_counted) and self.kind_of(*whose) == "person":
            # A name that makes surveys and tallies is rather a firm's than a man's, and one that they stand in a
            # journal's.
            teller.kind = "media" if self.lower(self._before(whose[0])) == "in" else "organisation"
        self.found += [inner, teller]
        return teller

    def _before(self, place: int) -> int:
        """The place in front of a phrase and its article."""
        while self.lower(place - 1) in _W["articles"]:
            place -= 1
        return place - 1

    def _is_press(self, span: tuple[int, int]) -> bool:
        return known_source(self.words_of(*span)).kind in _PRESS

    def _is_found(self, span: tuple[int, int]) -> bool:
        return any(each.start == self.starts[self.without_article(*span)] for each in self.found)

    def _main(self, before: int) -> Saying | None:
        """The last source that speaks for itself in front of a word."""
        place = self.starts[before]
        said = [each for each in self.found if each.cue_start < place]
        return said[-1] if said else None

    def _of_cue(self, first: int, after: int) -> tuple[int, int]:
        return self.starts[first], self.ends[after - 1]

    def _according(self, cue: int) -> None:
        first = cue + 2
        after = self.noun_phrase(first)
        if after == first:
            return
        if (
            not self.is_capital(first)
            and self.lower(first) not in _W["articles"]
            and self.lower(after) not in _W["released"]
            and (self.lower(after - 1) in _W["ways"] or self.kind_of(first, after) == "other")
        ):
            return  # according to plan
        end = self.adverbial(after)
        if self.lower(end) in _W["released"]:
            end = self.noun_phrase(self.adverbial(end + 1) + 1)
        if cue == 0 or self.lower(cue - 1) in ("and", "but", "that", ";"):
            statement = self.span(cue, self.count)
            rest = next((at for at in range(after, min(after + 25, self.count)) if self.lower(at) == ","), None)
            if rest is not None and cue == 0:
                statement = self.span(rest + 1, self.count)
        elif end >= self.count:
            statement = self.span(0, cue - 1 if self.lower(cue - 1) == "," else cue)
        else:
            statement = self.span(0, self.count)
        self._add(first, after, self._of_cue(cue, first), statement)

    def _per(self, cue: int) -> None:
        """Closed, per the ministry; based on figures from the ministry."""
        first = cue + 1 if self.lowers[cue] == "per" else cue + 2
        after = self.noun_phrase(first)
        begins = self.without_article(first, after)
        if after == begins:
            return
        kind = self.kind_of(begins, after)
        if self.lowers[cue] == "per":
            opens = begins > first or self.is_capital(first)
            is_source = opens and self.lower(cue - 1) in (",", "as", "(") and kind in (*_PRESS, *_TELLERS)
        else:
            is_owned = any(self.lower(at) in ("from", "by") for at in range(begins, after))
            is_source = self.is_document(begins, after) and (is_owned or self.lower(after) in _W["released"])
        if is_source:
            statement = self.span(0, cue) if cue else self.forward(after)
            self._add(first, after, self._of_cue(cue, first), statement)

    def _citing(self, cue: int) -> None:
        """Xinhua reported, citing the ministry."""
        after = self.noun_phrase(cue + 1)
        if after == cue + 1 or known_source(self.words_of(cue + 1, after)).kind == "other":
            return
        via = self._main(cue)
        span = self._of_cue(cue, cue + 1)
        statement = via.statement if via else self.span(0, cue - 1 if self.lower(cue - 1) == "," else cue)
        if via is None and (subject := self.first_subject(0)) and self._is_press(subject):
            via = self._add(*subject, span, statement)
        self._add(cue + 1, after, span, statement, via=via)

    def _cited(self, cue: int) -> None:
        """Xinhua cited the ministry; Li was quoted as saying; quoted by Xinhua."""
        before = cue - 1
        while self.is_adverb(before):
            before -= 1
        if self.lower(before) in _W["be"]:
            self._was_quoted(cue, before)
        elif self.lower(cue + 1) == "by":
            self._quoted_by(cue)
        else:
            self._quotes(cue)

    def _was_quoted(self, cue: int, be: int) -> None:
        """X was quoted by Y as saying; "…," X was quoted as saying by Y."""
        subject = self.subject(be - 1 if self.lower(be) == "been" else be)
        ahead = range(cue + 1, min(cue + 14, self.count))
        saying = next((at for at in ahead if self.lower(at) == "as" and self.lower(at + 1) in _W["saying"]), None)
        if subject is None or saying is None:
            return
        span = self._of_cue(cue, cue + 1)
        statement = self.forward(saying + 2)
        by = cue + 1
        if self.lower(by) not in ("by", "in"):
            by = self.adverbial(saying + 2)
            if self.lower(by) != "by" and by < self.count:
                by = self.count
            elif subject[0]:
                statement = self.span(0, self.without_comma(subject[0]))
        via = None
        if self.lower(by) in ("by", "in") and (after := self.noun_phrase(by + 1)) > by + 1:
            via = self._add(by + 1, after, span, statement)
        self._add(*subject, span, statement, via=via)

    def without_comma(self, place: int) -> int:
        """The place behind the last word in front of a subject."""
        while self.lower(place - 1) in _W["articles"] or self.lower(place - 1) == ",":
            place -= 1
        return place

    def _quoted_by(self, cue: int) -> None:
        """, quoted by Xinhua"""
        after = self.noun_phrase(cue + 2)
        if after == cue + 2 or not self._is_press((cue + 2, after)):
            return
        said = self._main(cue)
        one = self._add(cue + 2, after, self._of_cue(cue, cue + 1), said.statement if said else self.span(0, cue))
        if said is not None and said.via is None and one is not None:
            said.via = one

    def _quotes(self, cue: int) -> None:
        """Xinhua quoted a statement as saying; Xinhua, which cited the ministry."""
        is_relative = self.lower(cue - 1) == "which"
        subject = self.antecedent(cue - 1) if is_relative else self.subject(cue)
        is_pronoun = self.lower(cue + 1) in ("him", "her", "them")
        after = cue + 2 if is_pronoun else self.noun_phrase(cue + 1)
        if subject is None or after == cue + 1:
            return
        if self.lower(after) == "as" and self.lower(after + 1) in _W["saying"]:
            statement = self.forward(after + 2) or self.span(0, self.without_comma(subject[0]))
        elif self._is_press(subject) or (is_relative and self._is_found(subject)):
            statement = self.forward(after) if self.adverbial(after) < self.count else None
        else:
            return
        span = self._of_cue(cue, cue + 1)
        start = self.starts[self.without_article(*subject)]
        via = next((each for each in self.found if each.start == start), None) or self._add(*subject, span, statement)
        if is_relative and via is not None and via.statement is not None:
            statement = via.statement
        if is_pronoun:
            self.found.append(Saying(self.starts[cue + 1], self.ends[cue + 1], *span, statement, via=via))
        else:
            self._add(cue + 1, after, span, statement, via=via)

    def _mentioned(self, cue: int) -> None:
        """Xinhua made mention of a statement from the ministry."""
        subject = self.subject(cue - 1)
        if subject is None or self.lower(cue + 1) != "of":
            return
        after = self.noun_phrase(cue + 2)
        if not any(self.is_document(cue + 2, at) for at in range(cue + 3, after + 1)):
            return
        span = self._of_cue(cue - 1, cue + 2)
        statement = self.forward(after)
        via = self._add(*subject, span, statement)
        self._add(cue + 2, after, span, statement, via=via)

    def _verb(self, place: int, cue: Cue) -> None:
        if self.is_capital(place) and place and not self.text[self.start : self.end].istitle():
            return
        end = place + 1
        if " " in cue.base:
            if self.lower(end) != cue.base.split()[1]:
                return
            end += 1
        span = self._of_cue(place, end)
        before = self.lower(place - 1)
        if before in _W["no-say"] and self.lowers[place] == "say":
            return
        if self.lowers[place] in _W["noun-cues"] and (
            before in _W["articles"]
            or before in _W["prepositions"]
            or before in _W["possessives"]
            or (before in _W["before-a-noun"] and self.lower(end) != "that")
            or (before.endswith(_ADJECTIVES) and not self.is_capital(place - 1) and before not in english_words())
            or self.lower(end) in _W["be"]
            or (self.lower(end) == "of" and cue.base != "warn")
        ):
            return
        if cue.kind == "speak" and not self._is_quoted(place):
            return
        if cue.kind in ("call", "quoting", "put"):
            self._judging(place, end, cue, span)
            return
        if cue.form == "ing" and before not in _W["be"]:
            self._participle(place, end, cue, span)
            return
        if self._inverted(place, end, cue, span):
            return
        subject = self.subject(place - 1 if cue.form == "ing" else place)
        if subject is None:
            self._passive(place, end, cue, span)
            return
        if not self.is_statement(end, cue, subject):
            return
        statement = self.statement(subject[0], end, cue)
        if statement is None:
            return
        start = self.starts[self.without_article(*subject)]
        for each in self.found:
            if each.start == start and self.text[each.cue_start : each.cue_end].lower() in ("citing", "quoting"):
                each.cue_start, each.cue_end = span  # Xinhua, citing the ministry, said
                each.loaded = cue.loaded
                return
        via = self._hearer_of(end, span, statement) if cue.base == "tell" else None
        self._add(*subject, span, statement, cue.loaded, via)

    def _hearer_of(self, end: int, span: tuple[int, int], statement: tuple[int, int]) -> Saying | None:
        """The outlet that was told: Li told Reuters."""
        after = self.noun_phrase(end)
        return self._add(end, after, span, statement) if self._is_outlet(end, after) else None

    def _is_outlet(self, first: int, after: int) -> bool:
        """Whether words name an outlet: not "reporters", "the media"."""
        first = self.without_article(first, after)
        if first == after or self.lower(after - 1) in _W["no-outlets"]:
            return False
        return known_source(self.words_of(first, after)).kind in ("agency", "state media", "media")

    def _channels(self) -> None:
        """Outlets through which somebody speaks: "in an interview with Xinhua", "in remarks carried by state TV"."""
        for place in range(1, self.count - 1):
            lower, before = self.lowers[place], self.lowers[place - 1]
            is_told = lower in ("with", "to") and before in _W["talks"]
            if not (is_told or (lower == "by" and before in _W["carried"])):
                continue
            after = self.noun_phrase(place + 1)
            said = next((each for each in self.found if each.via is None), None)
            if said is None or not self._is_outlet(place + 1, after):
                continue
            first = self.starts[self.without_article(place + 1, after)]
            if any(each.start == first for each in self.found):
                continue
            said.via = self._add(place + 1, after, self._of_cue(place - 1, place + 1), said.statement)

    def _is_quoted(self, place: int) -> bool:
        """Whether a quotation stands in the words in front: "…," he continued."""
        return any(self.is_speech(at) for at in range(max(0, place - 8), place))

    def _judging(self, place: int, end: int, cue: Cue, span: tuple[int, int]) -> None:
        """What the ministry calls harmful; the paper called it “a farce”; officials put the toll at 31."""
        if cue.form == "ing":
            subject = self.first_subject(0) if self.lower(place - 1) == "," else self._doer(place)
        else:
            subject = self.subject(place)
        if subject is None:
            return
        first, after = subject
        article = first
        while self.lower(article - 1) in _W["articles"]:
            article -= 1
        fused = cue.kind == "call" and self.lower(article - 1) in ("what", "which", "that")
        if not (self.is_known(first, after) or (fused and self.lower(first) == "it")):
            return
        statement = self.until_quote(end)
        if cue.kind == "put" and self.lower(article - 1) == "as" and self.lower(end) == "it":
            statement = self.forward(end + 1)
        elif cue.kind == "put":
            statement = self.forward(end) if self.puts(end) else None
        elif fused and statement is None and self.lower(self.adverbial(end)) not in ("for", "on", "to", "in", "", ","):
            statement = self.forward(end)
        if statement is not None:
            self._add(first, after, span, statement, cue.loaded)

    def _doer(self, participle: int) -> tuple[int, int] | None:
        """The noun in front of a participle: "with one lawmaker calling it a farce"."""
        first = participle
        while self.is_word(first - 1) and not (
            self.lower(first - 1) in _W["prepositions"] or self.lower(first - 1) in _W["ends-subject"]
        ):
            first -= 1
        first = self.without_article(first, participle)
        return (first, participle) if self.can_speak(first, participle) else None

    def _passive(self, place: int, end: int, cue: Cue, span: tuple[int, int]) -> None:
        """It was reported by Xinhua that; as announced by the ministry."""
        by = self.lower(end)
        if cue.form not in ("past", "participle") or by not in ("by", "in") or cue.base not in _W["said-by"]:
            return
        after = self.noun_phrase(end + 1)
        if after == end + 1 or (by == "in" and not self._is_press((end + 1, after))):
            return
        rest = self.adverbial(after)
        statement = self.forward(rest) if self.lower(rest) == "that" else self.span(0, place)
        self._add(end + 1, after, span, statement, cue.loaded)

    def _participle(self, place: int, end: int, cue: Cue, span: tuple[int, int]) -> None:
        """He called it a success, saying"""
        if self.lower(place - 1) != "," or self.found or cue.kind not in ("say", "clause", "object"):
            return
        if cue.kind != "say" and self.lower(end) not in ("that", ":") and not self.is_quote(end):
            return
        if cue.base == "tell" or (subject := self.first_subject(0)) is None:
            return
        self._add(*subject, span, self.forward(end), cue.loaded)

    def _inverted(self, place: int, end: int, cue: Cue, span: tuple[int, int]) -> bool:
        """ "…," said Li Ming, head of the office. Whether it is that."""
        before = place - 1
        is_comma = self.lower(before) == ","
        is_quoted = self.is_speech(before) or (self.lower(before) in (",", "?", "!") and self.is_speech(before - 1))
        if not is_quoted and not is_comma:
            return False
        if cue.kind == "show" or cue.form == "ing" or (cue.form == "base" and cue.kind != "say"):
            return False
        first = self.adverbial(end) if self.is_adverb(end) else end
        opening = self.lower(first)
        if cue.base == "tell" or opening in ("that", "it", "there", "this"):
            return False
        after = self.noun_phrase(first)
        if after == first or opening in ("i", "we", "you"):
            if opening not in ("he", "she", "they") or not is_quoted:
                return False
            after = first + 1
        rest = self.adverbial(after)
        follows = self.lower(rest)
        ends = rest >= self.count or follows in _W["behind-a-source"] or follows in _W["released"] or follows == QUOTE
        if not ends or (not is_quoted and not self._may_follow(before, first, rest, cue)):
            return False
        statement = self.span(0, before if is_comma else before + 1)
        later = [at for at in range(rest, min(rest + 40, self.count)) if self.is_speech(at)]
        if follows in (",", "") and later:
            statement = self.span(0, later[-1] + 1)
        self._add(first, after, span, statement, cue.loaded)
        return True

    def _may_follow(self, comma: int, first: int, rest: int, cue: Cue) -> bool:
        """Whether a verb behind a comma, and no quotation, may stand before its subject: "…, said the ministry"."""
        if cue.kind not in ("say", "clause") and cue.base != "report":
            return False
        follows = self.lower(rest)
        is_open = rest < self.count and follows != ","
        opens = self.lower(first) in _W["articles"] or self.is_capital(first)
        if not opens and (is_open or not self.is_known(first, self.noun_phrase(first))):
            return False
        if not self.has_verb(0, comma):
            return False
        return not (is_open and self.behind_parenthesis(comma) is not None)
