"""What is done to what an English number counts: the verb or noun of acts.tsv that it belongs to."""

from __future__ import annotations

import re

from grammar.english_numbers import Found
from grammar.english_words import act_nouns, act_verbs, any_act_verb, noun_keys, words

_REACH = 90  # characters between a verb and its object
_WORD = re.compile(r"[A-Za-z]+")
_CLAUSE = re.compile(r"[;:]|,\ (?:while|but|which|who|where|when|whereas|and\ (?:that|then))\b")
_OF_NOUN = re.compile(r"\b([A-Za-z]+) of (?:(?:[a-z]+ ){0,3})$")
_BEHIND = re.compile(
    r",?\s(?:(?:who|that|which|have|has|had|was|were|been|is|are|being|be|will|would|may|also|reportedly|later|already"
    r"|then|went|got|remain|remained|still|to|so far|of them|newly|all|more|illegally|successfully) )*([A-Za-z]+)"
)
_PASSIVE = re.compile(r"\b(?:was|were|been|is|are|being|be|got)\b")
_OBJECT = re.compile(r"\s(?:(?:the|a|an|its|their|his|her)\b|\d|[A-Z])")
_ARTICLE_BEFORE = re.compile(r"\b(?:an?|the)\s$", re.IGNORECASE)
_BEHIND_BE = re.compile(r"\b(?:was|were|been|being|is|are)\s(?:\w+ly\s)?$")
_BARE = re.compile(r"\ba (?:total|record|maximum|combined total) of\b|\bmore than\b|\bup to\b")
_PREPOSITION = re.compile(
    r"\b(?:in|at|from|with|on|for|within|over|during|through|after|before|since|across|between|under|into|of|among"
    r"|about)\s*(?:the|its|their|a|an|last|past)?\s*$"
)
_DISMISSAL = ("fire", "fires", "fired", "firing")
_HAVE = ("has", "have", "had", "having")
_NOTHING = re.compile(r"\s*(?:(?:a|an|the|its|their|his|her|now|only|just|also|already|another|all|total|of)\s+)*")
_TO_OR_BY, _SUBORDINATE = re.compile(r"\b(?:to|by)\s*$"), re.compile(r"\b(?:that|which|who|while|because)\b")


class Acts:
    """The verbs of a sentence that name acts, with their places."""

    def __init__(self, plain: str, start: int, end: int) -> None:
        self.plain = plain
        self.start, self.end = start, end
        self._found: list[tuple[int, int, str, str]] | None = None

    def _verbs(self) -> list[tuple[int, int, str, str]]:
        if self._found is None:
            verbs = act_verbs()
            self._found = []
            for match in any_act_verb().finditer(self.plain, self.start, self.end):
                for rest, key, kind in verbs.get(match[0].lower(), ()):
                    if not rest or self.plain.startswith(f" {rest}", match.end()):
                        self._found.append((match.start(), match.end() + len(rest) + bool(rest), key, kind))
                        break
        return self._found

    def of(self, one: Found) -> tuple[str, str]:
        """The act and its words: of the noun itself (10,000 arrests), of what is said of it behind (were arrested), of
        the verb that it is the object of, or of a noun before (the arrest of 31). Two empty strings for none."""
        found = self._of(one)
        known = words()
        if found[1].lower() in _DISMISSAL and noun_keys().get(self._head(one)) not in known["persons"]:
            return "", ""  # "fires 3 missiles"
        if one.unit in known["durations"] and found[0] not in known["duration-acts"]:
            return "", ""
        if one.unit in ("%", "percentage point") and not one.noun and found[0] not in known["amount-acts"]:
            return "", ""
        return found

    def _head(self, one: Found) -> str:
        return self.plain[slice(*one.noun)].split()[-1].lower() if one.noun else ""

    def _of(self, one: Found) -> tuple[str, str]:
        nouns = act_nouns()
        head = self._head(one)
        if key := nouns.get(head):
            return key, head
        behind = one.noun[1] if one.noun and one.noun[0] >= one.end else max(one.end, one.after)
        if found := self._behind(behind):
            return found
        begins = one.begins
        match = _OF_NOUN.search(self.plain, max(self.start, one.start - _REACH), begins)
        if match and (key := nouns.get(match[1].lower())):
            return key, match[1]
        return self._before(one, begins)

    def _behind(self, place: int) -> tuple[str, str] | None:
        match = _BEHIND.match(self.plain, place, place + 70)
        if not match or match.start(1) >= self.end:
            return None
        at, word = match.start(1), match[1].lower()
        entry = next((verb for verb in self._verbs() if verb[0] == at), None)
        passive = _PASSIVE.search(match[0]) is not None
        if entry is None or (match[0].startswith(",") and not passive):
            key = act_nouns().get(word)  # 20 dead, 300 unaccounted for
            return (key, match[1]) if key and word in words()["adjective-heads"] and match[0].count(" ") <= 2 else None
        _, end, key, kind = entry
        doer = key in words()["doer-acts"]
        if word == "held" and passive:
            return "detain", self.plain[at:end]
        if kind in ("participle", "either", "past"):
            if passive or doer or (kind != "past" and not _OBJECT.match(self.plain, end)):
                return key, self.plain[at:end]
        elif kind in ("present", "base") and (doer or word == "missing"):
            return key, self.plain[at:end]
        return None

    def _before(self, one: Found, begins: int) -> tuple[str, str]:
        """The verb whose object the number is, whose modifiers begin at `begins`."""
        for start, end, key, _ in reversed(self._verbs()):
            if end > begins or _ARTICLE_BEFORE.search(self.plain, max(self.start, start - 5), start):
                continue  # a record 12 million; the ship
            gap = self.plain[end:begins]
            if len(gap) > _REACH or _CLAUSE.search(gap):
                break
            core = _BARE.sub(" ", gap.lower())
            if self.plain[start:end].lower() in _HAVE and not _NOTHING.fullmatch(core):
                break  # "have received 5,000 complaints" owns none
            amount = key in words()["amount-acts"] and one.kind != "count"
            count = len(_WORD.findall(core))
            if _PREPOSITION.search(core) or (not amount and _TO_OR_BY.search(core)):
                break
            passive = _BEHIND_BE.search(self.plain, max(self.start, start - 20), start)
            if passive and not (amount and count <= 8):
                break
            if amount or (count <= 12 and not _SUBORDINATE.search(core)):
                return key, self.plain[start:end]
            break
        return "", ""
