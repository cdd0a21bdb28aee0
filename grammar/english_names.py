"""Names in an English text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from grammar import pinyin
from grammar.names import Known, known, words
from grammar.passage import Passage

Found = tuple[str, str, int, int]  # key, kind, start, end

_WORD = re.compile(r"[A-Z]\w*")
_FIRST_WORD = re.compile(r"\w+")
_PINYIN = re.compile(r"(?<![\w'-])([A-Z][a-z]{1,8}) (?=([A-Z][a-z]+(?:-[a-z]+|'[a-z]{1,5}(?<!'s))?)(?![\w-]))")
_CAPITALISED = re.compile(r"[A-Z][\w'-]*[a-z](?: (?:[A-Z]\.|[A-Z][\w'-]*\w|al|bin|de|van|von|der|da|del|el|bin)){1,6}")
_OF_ANOTHER = re.compile(r" of (?:the )?[A-Z]")
_BYLINE = re.compile(r"(?:Xinhua/|\b[Bb]y (?:Xinhua )?(?:writers? |correspondents? )?|[Ee]ditors?: )$")
_DOLLARS = re.compile(r" (?:dollars?|cents?)\b")
_AGE = re.compile(r", \d\d,")


@cache
def _by_beginning() -> tuple[dict[str, tuple[Known, ...]], re.Pattern[str]]:
    """Every known form by its first word, the longest first; and where one may begin."""
    found: dict[str, list[Known]] = {}
    for each in known("english"):
        # Names of places are in capitals where a report's date line has them: SEOUL, HONG KONG.
        shouted = each.form.upper()
        spellings = {each.form, shouted} if each.kind == "place" and len(each.form) > 3 else {each.form}
        for form in sorted(spellings):
            first = _FIRST_WORD.match(form)
            if first:
                found.setdefault(first[0], []).append(Known(form, each.key, each.kind, each.is_domestic))
    small = sorted(first for first in found if first[0].islower())
    begins = re.compile(rf"(?<![\w'-])(?:[A-Z]\w*|(?:{'|'.join(small)})\b)")
    return {first: tuple(sorted(every, key=lambda each: -len(each.form))) for first, every in found.items()}, begins


def names_in(passage: Passage) -> Iterator[Found]:
    """The names of a text, in no order."""
    text = passage.plain
    taken = list(_known_in(text))
    covered = bytearray(len(text))
    persons = [*_chinese(text), *(() if passage.is_title else _others(text))]
    # A person's name that holds a place's is the person's: Jordan Peele; but Hong Kong is no Mr. Kong.
    for _, _, start, end in taken:
        covered[start:end] = b"\1" * (end - start)
    yield from taken
    for found in persons:
        start, end = found[2:]
        if not any(covered[start:end]):
            yield found
            covered[start:end] = b"\1" * (end - start)


def _known_in(text: str) -> Iterator[Found]:
    table, begins = _by_beginning()
    past = country_ends = 0
    for found in begins.finditer(text):
        place = found.start()
        if place < past:
            continue
        for each in table.get(found[0], ()):
            end = place + len(each.form)
            if text.startswith(each.form, place) and not text[end : end + 1].isalnum():
                if each.is_domestic and (_is_of(text, country_ends, place) or _OF_ANOTHER.match(text, end)):
                    break
                past = end
                if _DOLLARS.match(text, end):
                    break
                yield each.key, each.kind, place, end
                if each.kind == "place" and each.key != "beijing":
                    country_ends = end
                break


def _is_of(text: str, country_ends: int, place: int) -> bool:
    """Whether a ministry belongs to the country named just before it: "Japan's Foreign Ministry"."""
    return bool(country_ends) and text[country_ends:place] in (" ", "'s ")


def _chinese(text: str) -> Iterator[Found]:
    """Chinese names in pinyin: Wang Wenbin, Ouyang Xiadan."""
    not_given, is_word = words("no_given"), words("word_surname")
    for found in _PINYIN.finditer(text):
        surname, given = found[1], found[2]
        if not pinyin.is_surname(surname) or given in not_given or not pinyin.is_given_name(given):
            continue
        if surname in is_word and (len(given) < 5 or _begins_sentence(text, found.start())):
            continue
        if _BYLINE.search(text, max(0, found.start() - 16), found.start()):
            continue
        plain_given = given.lower().replace("-", "").replace("'", "")
        yield f"{surname.lower()} {plain_given}", "person", found.start(), found.end(2)


def _begins_sentence(text: str, place: int) -> bool:
    return place < 2 or text[place - 2] in ".!?\n\"'" or text[place - 1] in "\n\"'"


def _others(text: str) -> Iterator[Found]:
    """Other persons: two to four words in capitals behind a title, before "said" or an age."""
    titles, said, no_name = words("title"), words("said"), words("no_name")
    for found in _CAPITALISED.finditer(text):
        parts = [(each[0], found.start() + each.start()) for each in re.finditer(r"\S+", found[0])]
        place = found.start()
        offices = [number for number, (part, _) in enumerate(parts, 1) if part.lower().rstrip(".") in titles]
        titled = bool(offices)
        parts = parts[offices[-1] :] if offices else parts
        if not titled and place:
            before = text[max(0, place - 24) : place].rstrip().rpartition(" ")[2]
            titled = before.lower().rstrip(".") in titles
        if not 2 <= len(parts) <= 4 or any(part in no_name or part.endswith("'s") for part, _ in parts):
            continue
        start, end = parts[0][1], parts[-1][1] + len(parts[-1][0])
        behind = text[end : end + 14].lstrip(" ").partition(" ")[0]
        if (
            (titled or behind in said or _AGE.match(text, end))
            and parts[-1][0][0].isupper()
            and parts[0][0][0].isupper()
        ):
            yield text[start:end].lower().replace(".", ""), "person", start, end
