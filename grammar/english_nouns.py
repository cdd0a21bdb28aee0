"""What an English number is of: the noun phrase behind it, and whether a number without one counts all the same."""

from __future__ import annotations

import re

from grammar.english_modifiers import modifiers_before
from grammar.english_numbers import DIGITS, Found, take_unit
from grammar.english_words import act_verbs, noun_keys, singular, words
from grammar.numerals import CARDINALS

_TOKEN = re.compile(
    r"([\s-]*)([\"'(]*)((?:\d{1,4}(?:[A-Z]|th|st|nd|rd)(?![a-z])|[A-Za-z])[\w.&/]*(?:['-][A-Za-z\d]+)*'?)(\"?)"
)
_SUFFIX = re.compile(r"-(?:odd|plus)\b|\+|\ (?:plus|or\ so|or\ more)\b(?=\ [a-z])")
_OLD = re.compile(r"[\s-]olds?\b")
_AGED = re.compile(
    r"\bage[sd]? (?:of |over |under |between |above |below |about |around |at least |up to |from )*"
    r"(?:\w+ (?:and|or|to) )?$",
    re.IGNORECASE,
)
_PERSON_OVER = re.compile(r"\b([a-z]+) (?:aged )?(?:over|under|above|below|older than|younger than) $")
_IS_OVER = re.compile(r"\b(?:is|are|was|were) (?:over|under|above|below) $")
_NAMED_BEFORE = re.compile(r"[A-Z][\w'-]+ [A-Z][\w'-]+, $")
_NAME_BEFORE = re.compile(r"[A-Z][a-z'-]+, $")
_GOES_ON = re.compile(r", (?!or\b|and\b|includ|were\b|are\b|up\b|down\b)[a-z]")
_AT_AGE, _WHO_IS = re.compile(r"(?:^|[.\n\"] ?)At $"), re.compile(r", (?:he|she|the|[A-Z])")
_HYPHEN = re.compile(r"-([A-Za-z]\w*)")
_COUNTED_BY_HYPHEN = re.compile(r"-([a-z]+)\b(?!-(?:old|high|long|wide|tall|deep)\b)")
_PRONOUN_OWNER = re.compile(r"(?:them|these|those|whom|which)\b(?! [a-z]+s\b)")
_LOWER_BEHIND = re.compile(r"\s([a-z]\S*)")
_WORD_BEHIND = re.compile(r"\s?([A-Za-z'-]+)?")
_DEFINITE_BEHIND = re.compile(r" of (?:the|a|an|this|its|their)\b")
_CURRENCY = re.compile(r"[A-Z]{3}$")
_ONE_BEFORE = re.compile(r"\b(?:one|1)\s$", re.IGNORECASE)
_NUMERAL = r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)"
# 1,400 of its 9,000 employees, three of the five defendants
_OF_A_NUMBER = re.compile(
    rf"(?:all\s)?(?:(?:the|its|their|his|her|our|these|those|all)\s(?:[a-z]+'s\s)?|[A-Z]\w+'s\s|(?=\d))(?:nearly\s|about\s|some\s|roughly\s)?"
    rf"(?:{DIGITS}(?:\s(?:thousand|million|billion))?|{_NUMERAL})\s(?!percent\b|per\b)"
)
_AGED_BETWEEN = re.compile(r" (\d{1,2}-year-olds?)\b")
_OUT_OF = re.compile(rf" out of (?:the |its |a total of )?{DIGITS}(?: (?:thousand|million|billion))? ")
_AND_PLURAL = re.compile(r" and ([a-z]{3,}s|women|children|men|people)\b(?! of\b)")
_OF_THE_DEAD = re.compile(r"the (dead|injured|wounded|missing|arrested)\b")
_TOLL = re.compile(
    r"\b(?:tolls?|numbers?|tally|count|total|figure|population|membership|headcount)\b[^.;,]{0,70}?"
    r"\b(?:to|at|reached|is|was|hit)\s(?:at least |more than |over |nearly |about |around )?$"
)
_QUANTITY = re.compile(r"\b([a-z]+) (?:of|at|to|is|was) (?:[a-z]+ ){0,3}$")
_OBJECT_OF = re.compile(r"\b(?:to|by|reached|killed|arrested|injured|at|of)\b")
# Where a clause begins whose subject the number is: "..., and 14 were hurt", "Police: 31 held".
_CLAUSE_BEGINS = re.compile(
    r"(?:^|[.;:,\n\"]\s*(?:and\s|but\s|with\s|while\s|of whom\s)?"
    r"|\b(?:and|as|while|when|but|that|whom|after|before)\s)(?:(?:[Tt]he|[Aa]nother|[Aa]\sfurther)\s)?$"
)
_JOINED = re.compile(
    r"(?:\b(?:and|or|but|plus|then)\s(?:another\s|a\sfurther\s)?|\banother\s|\ba\sfurther\s|\bwith\s|,\s)$"
)
_SCALED = ("hundred", "thousand", "million", "billion", "trillion", "dozen")
_TOTALING = frozenset("totaled totalled totaling totalling killing injuring wounding".split())
_DURATION_YEARS = frozenset("day week month year second minute".split())


def is_counted(plain: str, one: Found, joins: bool = False) -> bool:
    """Whether a number is of something, which is then read into it: its noun, or a measure. `joins` says that a count
    of the same sentence with a noun stands before it: "300 mines in March and 120 in June"."""
    if one.kind == "share":
        _share_noun(plain, one)
        return True
    before = plain[max(0, one.start - 48) : one.start]
    previous = (before.split()[-1:] or [""])[0]
    word = previous.strip("\"'(,").lower()
    bare = one.raw.replace(".", "", 1).isdigit() and one.value_max is None
    if one.unit == "coordinate" or _is_name(one, before, previous, bare):
        return False
    if word == "minus" or plain.startswith(" below zero", one.end):
        return False  # what it means is not settled
    one.after = one.end
    is_year = bare and len(one.raw) == 4 and one.raw[:2] in ("18", "19", "20", "21")
    if is_year and not _is_no_year(plain, one, word):
        return False
    if _is_age(plain, one, before, bare):
        return True
    if suffix := _SUFFIX.match(plain, one.after):
        one.modifiers, one.after = (suffix[0].strip(),), suffix.end()
        if one.kind == "count":
            _unit_behind_suffix(plain, one)
    if one.kind == "measured":
        _measured_noun(plain, one)
        return not (one.unit == "times" and one.value == 1)
    if hyphen := _HYPHEN.match(plain, one.after):
        return not one.modifiers and _hyphenated(plain, one, hyphen)
    if plain.startswith("fold", one.after):
        one.unit, one.kind, one.end = "times", "measured", one.after + 4
        return True
    if aged := _AGED_BETWEEN.match(plain, one.after):
        one.noun = aged.span(1) if aged[1].endswith("s") else noun_phrase(plain, aged.end(), "count")
        return one.noun is not None
    if out := _OUT_OF.match(plain, one.after):
        one.noun = noun_phrase(plain, out.end() - 1, "count")
        return one.noun is not None
    if plain.startswith((" of ", " of\n"), one.after):
        return _of_something(plain, one, bare and is_year)
    one.noun = noun_phrase(plain, one.after, "count")
    if one.noun:
        return _settle(plain, one)
    return _is_elided(plain, one, before, word, joins)


def _is_name(one: Found, before: str, previous: str, bare: bool) -> bool:
    """Whether the word in front makes the number a name: Article 19, Windows 7, chapter two."""
    known = words()
    word = previous.strip("\"'(,").lower()
    if not before.endswith((" ", "\xa0")) or previous.endswith((",", ";", ":")):
        return False
    if bare and one.kind == "count":
        name = previous.strip("\"'(")
        is_capital = not name.islower() or any(sign.isdigit() for sign in name)
        if word.rstrip(".") in known["name-before"]:
            return True
        is_plain = name.endswith(("'s", "s'")) or word in act_verbs() or word in known["capital-before-ok"]
        if name[:1].isalnum() and is_capital and not is_plain:
            return True
    elif bare and word.rstrip(".") in ("no", "nos", "article", "section", "chapter", "flight", "route"):
        return True
    return not one.raw[0].isdigit() and word in known["number-names"]


def _is_no_year(plain: str, one: Found, word: str) -> bool:
    """Whether four digits that could be a year count something."""
    if one.kind == "measured":
        return one.unit not in _DURATION_YEARS
    if one.kind == "count" and word in words()["before-a-year"]:
        return False
    behind = _LOWER_BEHIND.match(plain, one.end, one.end + 24)
    return behind is not None and behind[1].rstrip(",.").endswith(("s", "people", "men", "women", "children"))


def _is_age(plain: str, one: Found, before: str, bare: bool) -> bool:
    """A 52-year-old man, aged 52, Li Ming, 52, said; women over 60."""
    if one.unit == "year" and _OLD.match(plain, one.end):
        return True
    if one.kind != "count" or one.value >= 120:
        return False
    is_age = _AGED.search(before) is not None
    if not is_age and bare and one.value > 14 and plain.startswith(",", one.end):
        is_age = _NAMED_BEFORE.search(before) is not None or (
            _NAME_BEFORE.search(before) is not None and _GOES_ON.match(plain, one.end) is not None
        )
    if not is_age and bare and _AT_AGE.search(before):
        is_age = _WHO_IS.match(plain, one.end) is not None
    if (
        not is_age
        and (bare or one.raw.lower() in CARDINALS)
        and one.value > 1
        and (over := _PERSON_OVER.search(before))
    ):
        behind = _LOWER_BEHIND.match(plain, one.end, one.end + 24)
        is_age = over[1] in words()["aged"] and (behind is None or behind[1].strip(",.") in words()["ends-noun"])
    if not is_age and bare and one.value >= 10 and _IS_OVER.search(before):
        is_age = plain[one.end : one.end + 1] in (".", ",", ";", "")
    if is_age:
        one.unit, one.kind = "year", "measured"
    return is_age


def _unit_behind_suffix(plain: str, one: Found) -> None:
    shadow = Found(one.start, one.after, one.value)
    take_unit(plain, shadow)
    if shadow.unit:
        one.unit, one.end, one.after, one.kind = shadow.unit, shadow.end, shadow.end, "measured"


def _hyphenated(plain: str, one: Found, hyphen: re.Match[str]) -> bool:
    """A 12-member panel, a 5,000-strong crowd, a 20-fold rise; no "7-Eleven"."""
    if hyphen[1] == "fold":
        one.unit, one.kind, one.end = "times", "measured", hyphen.end()
        return True
    if hyphen[1] == "strong":
        return True
    counted = _COUNTED_BY_HYPHEN.match(plain, one.after)
    if counted and counted[1] in words()["hyphenated"]:
        one.noun = counted.span(1)
        return True
    return False


def _of_something(plain: str, one: Found, is_year: bool) -> bool:
    """20 of the suspects, 1,400 of its 9,000 employees, 15 of them."""
    owner = one.after + 4
    if _PRONOUN_OWNER.match(plain, owner):
        return one.raw.lower() != "one"
    if one.raw.lower() in ("one", "1") or is_year:
        return False
    whole = _OF_A_NUMBER.match(plain, owner)
    one.noun = noun_phrase(plain, whole.end() - 1 if whole else one.after + 3, "of")
    if one.noun is None and (dead := _OF_THE_DEAD.match(plain, owner)):
        one.noun = dead.span(1)
    return one.noun is not None


def _settle(plain: str, one: Found) -> bool:
    """Measure words, and what a singular or a lone "one" before a noun amounts to."""
    assert one.noun is not None
    start, end = one.noun
    text = plain[start:end].lower()
    head = text.split()[-1].strip("'\"")
    known = words()
    if one.raw.lower() == "one" and noun_keys().get(head) not in known["persons"]:
        return False
    if head in ("others", "other") and one.value == 1:
        return False
    if singular(head) in known["measures"] and " " not in text and plain.startswith(" of ", end):
        inner = noun_phrase(plain, end + 3, "of")
        if inner:
            one.measure, one.noun = plain[start:end], inner
    return True


def _is_elided(plain: str, one: Found, before: str, word: str, joins: bool) -> bool:
    """Whether a number without a noun counts all the same: "arrested nearly 5,000", "two dead", "14 were hurt"."""
    tail = plain[one.after : one.after + 32]
    behind = _WORD_BEHIND.match(tail)
    following = (behind[1] or "").lower() if behind else ""
    known = words()
    closes = not following or tail[:1] in ',.;)!?\n"' or following in known["count-closers"]
    if following in known["adjective-heads"] or (closes and _TOLL.search(plain, max(0, one.start - 110), one.start)):
        return True
    if one.raw.lower() in ("one", "1") or one.raw.startswith("0"):
        return False
    modifiers, _, begins = modifiers_before(plain, one.start)
    large = one.value >= 100 or one.value_max is not None or "," in one.raw
    lead = plain[max(0, begins - 24) : begins]
    if tail.startswith(" ") and _CLAUSE_BEGINS.search(lead):
        if behind and following in ("more", "others"):
            behind = _WORD_BEHIND.match(tail, behind.end(1))
            following = (behind[1] or "").lower() if behind else ""
        if following in known["copulas"] or following in known["past-forms"]:
            return True
        if following.endswith("ed") and following not in known["no-participles"]:
            return True
    if not closes:
        return following in known["copulas"] and bool(modifiers) and _is_quantity(lead)
    if modifiers:
        return large or joins or bool(_OBJECT_OF.search(before[-32:])) or _is_quantity(lead)
    if joins and _JOINED.search(lead) and following not in ("", "to", "or", "and", "the", "a"):
        return True
    if _is_quantity(before) and one.raw[0].isdigit():
        return True
    if word in act_verbs() and one.raw[0].isdigit():
        return one.value > 1
    if word in _TOTALING:
        return True
    has_scale = any(scale in one.raw.lower() for scale in _SCALED)
    return ("," in one.raw or has_scale) and not (word == "the" and not has_scale)


def _is_quantity(before: str) -> bool:
    """Whether a noun of quantity stands in front: "a capacity of 95", "a total of about 40"."""
    match = _QUANTITY.search(before)
    return match is not None and match[1] in words()["quantity-nouns"]


def _measured_noun(plain: str, one: Found) -> None:
    """What money or a quantity is of: $5 million in fines, 50,000 tonnes of rice, 30 percent of suspects."""
    if one.unit in ("%", "percentage point"):
        if one.unit == "%":
            _share_noun(plain, one)
        return
    known = words()
    if one.unit in known["durations"] or one.unit == "times":
        return
    end = one.end
    if plain.startswith(" worth of ", end):
        one.noun = noun_phrase(plain, end + 9, "of")
    elif plain.startswith(" of ", end):
        if not _DEFINITE_BEHIND.match(plain, end):
            one.noun = noun_phrase(plain, end + 3, "of")
    elif plain.startswith(" in ", end) and _CURRENCY.match(one.unit):
        noun = noun_phrase(plain, end + 3, "of")
        if noun:
            text = plain[slice(*noun)]
            head = text.split()[-1].lower()
            money = known["money-nouns"]
            is_plural = head.endswith(("s", "ing")) and text[:1].islower() and head not in known["no-money"]
            if text.lower() in money or head in money or is_plural:
                one.noun = noun


def _share_noun(plain: str, one: Found) -> None:
    """What a share is of: 30 percent of the 48,000 complaints, half the harvest, one in five wells."""
    if one.raw.lower() == "half" and plain.startswith(
        (" the ", " its ", " their ", " his ", " her ", " all ", " of all "), one.end
    ):
        begins = one.end + (4 if plain.startswith(" of ", one.end) else 1)
        whole = _OF_A_NUMBER.match(plain, begins)
        one.noun = noun_phrase(plain, (whole.end() if whole else begins) - 1, "share")
    elif plain.startswith(" of ", one.end):
        whole = _OF_A_NUMBER.match(plain, one.end + 4)
        one.noun = noun_phrase(plain, whole.end() - 1 if whole else one.end + 3, "share")
    elif " in " in one.raw or " out of " in one.raw:
        one.noun = noun_phrase(plain, one.end, "count")


def noun_phrase(plain: str, place: int, kind: str) -> tuple[int, int] | None:
    """The noun phrase that begins there. `kind` count: its head is a plural (or a singular behind one); of, share:
    behind "of", articles are passed over and the head may be a singular."""
    known = words()
    stops, plurals, modifiers = known["ends-noun"], known["plural-heads"], known["plural-modifiers"]
    verbs = act_verbs()
    first = last = -1
    sure = joined = False
    count = 0
    while count < 9 and (match := _TOKEN.match(plain, place)):
        gap, mark, word, _ = match.groups()
        if (not gap and count) or "\n" in gap or "(" in mark:
            break
        lower = word.lower().rstrip(".'")
        if kind != "count" and first < 0 and lower in known["after-of-skip"]:
            if lower in ("them", "this", "that") or (lower == "those" and _ends_ed(_next_word(plain, match.end()))):
                return None
            place = match.end()
            count += 1
            continue
        if lower.endswith("'s") or (word.endswith("s'") and lower not in modifiers):
            if kind == "count" and lower not in modifiers:
                if word.endswith("s'"):  # the two countries' agencies: two countries
                    first, last, sure = (match.start(3) if first < 0 else first), match.end(3) - 1, True
                break
            if first >= 0 and kind != "count":
                first = -1  # the noun is what stands behind the owner
            place = match.end()
            count += 1
            sure = False
            continue
        is_verb_too = lower in known["plural-nouns-too"] and not sure
        if (
            lower in stops
            and lower not in plurals
            and not is_verb_too
            and not (word.isupper() and len(word) > 1)
            and not _is_adjective(plain, match, lower, first)
        ):
            if lower == "and" and last >= 0 and _ends_before_and(plain, plain[first:last].split()[-1], match.end()):
                break
            if (lower == "and" and not sure and first >= 0 and not joined) or (
                lower == "more" and first < 0 and kind == "count"
            ):
                joined = joined or lower == "and"
                place = match.end()
                count += 1
                continue
            break
        if lower in CARDINALS and first < 0:
            return None
        is_verb = _ends_ed(lower) or (sure and lower in verbs and not lower.endswith("s"))
        if first >= 0 and (sure or kind != "count") and is_verb:
            break
        if first < 0:
            first = match.start(3)
        is_plural = lower in plurals or (
            lower.endswith("s")
            and len(lower) > 2
            and not lower.endswith(("ss", "us", "is", "'s"))
            and lower not in modifiers
        )
        if word[0].isupper() and is_plural and _goes_on(plain, match, lower, kind):
            is_plural = False  # Series B funding, United States troops
        if sure and not is_plural and lower not in modifiers:
            break
        if sure and is_plural and lower in verbs and lower not in plurals:
            break
        if is_plural and sure:
            last = match.end(3)
            break
        last_end = match.end(3) - (len(word) - len(word.rstrip(".'")))
        if is_plural:
            sure = True
            last = last_end
        elif not sure:
            last = last_end if kind != "count" or lower not in ("very", "most") else last
        place = match.end()
        count += 1
        if (word.endswith(".") and len(word) > 3 and "." not in word[:-1]) or plain[place : place + 1] in ",.;:)!?":
            break
    if first < 0 or last < first:
        return None
    if sure and kind == "count" and (both := _AND_PLURAL.match(plain, last)):
        word = both[1]
        if word not in stops and word not in modifiers and word not in verbs and not word.endswith(("ss", "us", "is")):
            last = both.end(1)
    if kind == "count" and not sure and not _is_singular_head(plain, first, last):
        return None
    return first, last


def _ends_before_and(plain: str, word: str, place: int) -> bool:
    """Whether an "and" behind a word without a plural ends the phrase: "2,400 jobs and", "10 Downing Street and"."""
    behind = plain[place : place + 2].strip()
    return word.lower() in words()["singular-heads"] or (word[:1].isupper() and behind.islower())


def _next_word(plain: str, place: int) -> str:
    match = _TOKEN.match(plain, place)
    return match[3].lower() if match else ""


def _goes_on(plain: str, match: re.Match[str], lower: str, kind: str) -> bool:
    """Whether a name that looks like a plural only modifies what stands behind it."""
    if lower == "series":
        return kind != "count"
    return lower in ("states", "nations", "reuters", "philippines", "olympics") and _next_word(
        plain, match.end()
    ) not in words()["ends-noun"] | {""}


def _ends_ed(lower: str) -> bool:
    return lower.endswith("ed") and lower not in words()["no-participles"]


def _is_adjective(plain: str, match: re.Match[str], lower: str, first: int) -> bool:
    """Whether a word that ends most nouns begins this one: "4.5 million monthly users", "20 dead bodies"."""
    if first >= 0 or lower not in words()["adjectives-too"]:
        return False
    behind = _TOKEN.match(plain, match.end())
    if behind is None or behind[1] != " " or behind[2]:
        return False
    word = behind[3].lower().rstrip(".'")
    known = words()
    return behind[3].islower() and word not in known["ends-noun"] and not _ends_ed(word)


def _is_singular_head(plain: str, first: int, last: int) -> bool:
    """Whether a phrase without a plural is counted all the same: "one worker", "60 staff", "12 arms"."""
    known = words()
    head = plain[first:last].split()[-1].lower()
    if head in known["plural-heads"] or head in known["singular-heads"]:
        return True
    return head in noun_keys() and _ONE_BEFORE.search(plain, max(0, first - 4), first) is not None
