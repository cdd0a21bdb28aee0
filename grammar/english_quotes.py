"""What kind the quotations of an English text are: speech, scare quotes, titles, or other."""

from __future__ import annotations

import re

from grammar.english_cues import cues
from grammar.quotes import Quotation

_NAMES_A_WORK = re.compile(
    r"\b(?:campaign|operation|movie|film|book|song|album|novel|series|show|programme?|project|documentary|game|app|magazine"
    r"|exhibition|festival|drama|play|opera|initiative|plan|strategy|law|act|drill|exercise|crackdown)\b"
)
_CALLS_IT = re.compile(
    r"\b(?:titled|entitled|called|named|dubbed|codenamed|code-named|headlined|campaign|operation|film|movie|book|song"
    r"|album|novel)\s*,?$"
)
_SMALL = frozenset("a an the of and in on for to at by with from or as".split())
_SO_CALLED = re.compile(r"\b(?:so-called|so called|self-styled|self-proclaimed|purported|alleged)\s*$")
# Words that are spoken of, not used: "searches for “spring”", "known as “the Rock”".
_NAMED = re.compile(
    r"(?:\bknown(?: \w+)? as|\b(?:nicknamed|dubbed|named|means|meaning)|\bsearch(?:es|ed|ing)? for"
    r"|\b(?:terms?|words?|phrases?|expressions?|characters?|hashtags?|keywords?|tags?|names?|slogans?|letters)"
    r"(?: like| such as| including| for)?)\s*$"
)
_CHARGES = re.compile(
    r"\b(?:accused|convicted|guilty|suspected) of$|\bcharged with$|\bcharges? of$"
    r"|\b(?:arrested|detained|jailed|sentenced|punished|tried|held|fined|expelled)(?: \w+){0,4} for$"
)
_WHAT_IT_CALLS = re.compile(
    r"\b(?:what|which|that)\b[^,.;]{2,50}\b(?:calls?|called|describes?|described|labels?|labell?ed|terms?|termed|regards?"
    r"|regarded|considers?|considered|deems?|deemed)\b[^,.;]{0,20}$",
    re.IGNORECASE,
)
_SPOKEN_BEFORE = re.compile(r"(?:\bin (?:the )?words of [^,.;]{2,50},|\bin (?:his|her|their) (?:own )?words,?)\s*$")
# What goes on to a predicate: what follows is said in the speaker's words.
_PREDICATES = frozenset(
    "be been being is are was were has have had will would should could can may might must not to as that seem seemed"
    " remain remained become became looked felt very so it him her them this".split()
)
_DETERMINERS = frozenset(
    "the these those some any all such no its their his her our other more many most of for by with against from on in"
    " about over and or into".split()
)


def kind_of_quote(text: str, mark: Quotation, cue: str | None) -> str:
    """speech, scare, title or other. `cue` is the verb of the source whose statement holds it, None where none does."""
    if mark.is_title_mark:
        return "title"
    words = text[mark.start : mark.end]
    parts = words.split()
    before, after = text[max(0, mark.start - 60) : mark.start - 1], text[mark.end + 1 : mark.end + 26]
    ends = words.rstrip()[-1:] in ".,?!…" or not mark.closed or mark.continues
    adjacent = bool(re.search(r"[:,]\s*$", before)) and cue is not None
    spoken = cue is not None and (words.rstrip()[-1:] in "?!." or (adjacent and ends))
    if _is_title(words, parts, before, after) and (not spoken or _CALLS_IT.search(before.rstrip().lower())):
        return "title"
    if not ends and _CHARGES.search(before.rstrip().lower()):
        return "scare"
    if _SO_CALLED.search(before.lower()) or (len(parts) <= 4 and _WHAT_IT_CALLS.search(before)):
        return "scare"
    if len(parts) <= 4 and not ends and _NAMED.search(before.lower()):
        return "other"
    if cue is not None and (ends or len(parts) >= 5 or adjacent):
        return "speech"
    if _SPOKEN_BEFORE.search(before):
        return "speech"
    if cue is None:
        if words.rstrip()[-1:] in ".,?!" and len(parts) > 1:
            return "speech" if len(parts) > 3 or words.rstrip()[-1:] in "?!" else "other"
        return "scare" if len(parts) <= 4 else "other"
    return "speech" if _is_said(words, parts, before, after) else "scare"


def _is_title(words: str, parts: list[str], before: str, after: str) -> bool:
    names = [part for part in parts if part.lower() not in _SMALL]
    capitals = bool(names) and all(part[:1].isupper() or part[:1].isdigit() for part in names)
    return capitals and (
        len(names) > 1
        or _NAMES_A_WORK.match(after.lstrip()) is not None
        or _CALLS_IT.search(before.rstrip().lower()) is not None
    )


def _is_said(words: str, parts: list[str], before: str, after: str) -> bool:
    """Whether a few quoted words within a statement are its speaker's: "was “free and fair”". Where they stand before
    the noun they qualify, “harmful” messages, or are a thing's name, they are held at a distance."""
    earlier, previous = ["", "", *before.lower().split()][-2:]
    if previous in _PREDICATES or parts[:1] in (["a"], ["an"], ["no"], ["not"], ["very"]):
        return True
    qualifies = re.match(r"\s[a-z]", after) is not None and len(parts) <= 2
    if qualifies and not re.match(r"\s(?:of|in|to|for|and|or|that|by|on|at|with|if|as|but|from|when)\b", after):
        return False
    cue = cues().get(earlier)
    if previous in ("of", "for", "against", "about") and cue is not None and cue.kind != "quoting":
        return True  # warned of “serious consequences”
    if previous in _DETERMINERS or previous[:1].isdigit():
        return False
    verb = cues().get(previous)
    if verb is not None:
        return verb.kind not in ("call", "quoting")
    return len(parts) > 2 or (len(parts) == 2 and not previous.endswith(("ed", "s")))
