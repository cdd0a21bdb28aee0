"""Who or what a source is: its kind, and a key that is the same in either language where the source is known.

Tables: sources.tsv (named ones), source_words.tsv (the words by which any other tells what it is), press.tsv.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from grammar import press
from grammar.traditional import simplified
from grammar.typography import plain
from grammar.vocabulary import by_form, forms, plurals, read

_COLUMNS = ("key", "kind", "english", "chinese")
_STATE_MEDIA = re.compile(
    r"\b(?:(?:state|official|state-run|state-owned|state-controlled|state-backed|government-run|party-run|national)\s"
    r"(?:news )?(?:media|press|television|TV|broadcaster|newspapers?|agency|newswire|wire|radio|outlets?|tabloid)\b"
    r"|state news agency|official news agency)",
    re.IGNORECASE,
)
_STATE_MEDIA_HAN = re.compile(
    r"官方媒体|国家媒体|国营媒体|国有媒体|官媒|党媒|国家通讯社|官方通讯社|官方电视台|国家电视台"
)
_PRONOUNS = frozenset(
    "he she it they we i you who which that this these those one some others many him her them us me both all another"
    " everyone somebody someone nobody 他 她 它 他们 她们 它们 我 我们 其 他方 对方 前者 后者 双方 该".split()
)
_ARTICLE = re.compile(r"(?:the|an?)\s+", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][\w.'-]*|\d+")
_MODIFYING = re.compile(
    r"\s(?:of|for|in|at|from|with|on|to|by|near|within|who|which|that|close|familiar|surnamed|named|called|based"
    r"|including|between|under|about|against|involved|identified)\b.*",
    re.DOTALL,
)
_TITLES = frozenset("mr mrs ms dr prof sir lord lady dame gen lt col capt sgt sen rep gov rev judge justice".split())
_HAN = re.compile(r"[\u3400-\u9fff]")
_HAN_PERSON = re.compile(r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fffA-Z·]{3,20}·[\u3400-\u9fff]+|某某?|[\u3400-\u9fff]某某?")


@dataclass(frozen=True, slots=True)
class Source:
    """`kind` is one of items.SOURCE_KINDS. `key` is the row's of sources.tsv, an outlet's id of press.tsv, else the
    words in lower case without their article; "" for a pronoun."""

    kind: str
    key: str


def source_of(words: str) -> Source:
    """What a source, as printed, is."""
    folded = plain(words).strip()
    return _of_chinese(folded) if _HAN.search(folded) else _of_english(folded)


@cache
def _known(column: str) -> dict[str, str]:
    return by_form(read("sources.tsv", _COLUMNS), column)


@cache
def _kinds() -> dict[str, str]:
    return {row["key"]: row["kind"] for row in read("sources.tsv", _COLUMNS)}


@cache
def english_words() -> dict[str, str]:
    """Each English head noun, singular and plural, in lower case → its kind."""
    found: dict[str, str] = {}
    for row in read("source_words.tsv", _COLUMNS):
        for form in forms(row["english"]):
            for each in plurals(form):
                found.setdefault(each.lower(), row["kind"])
    return found


@cache
def chinese_words() -> dict[str, str]:
    """Each word that may end a Chinese source → its kind."""
    return by_form(read("source_words.tsv", _COLUMNS), "chinese", "kind")


@cache
def chinese_names() -> dict[str, str]:
    """Each Chinese name of sources.tsv → its key."""
    return _known("chinese")


def _of_press(words: str) -> Source | None:
    outlets = press.known()
    outlet = outlets.outlet_of(words) or outlets.outlet_of(f"The {words}")
    return Source("agency", outlet) if outlet else None


@cache
def _named(words: str) -> Source | None:
    """A source that a table names, whole."""
    bare = _ARTICLE.sub("", words, count=1) if _ARTICLE.match(words) else words
    known = _known("english")
    key = known.get(bare) or known.get(_ARTICLE.sub("", _without_country(bare)))
    if key:
        return Source(_kinds()[key], key)
    return _of_press(bare)


def _without_country(words: str) -> str:
    """ "China's Foreign Ministry", "Chinese Foreign Ministry": the country whose outlets this archive is about goes."""
    return re.sub(r"^(?:China's|Chinese|the Chinese|the country's)\s", "", words)


def _of_english(words: str) -> Source:
    bare = _ARTICLE.sub("", words, count=1) if _ARTICLE.match(words) else words
    lower = bare.lower()
    if lower in _PRONOUNS:
        return Source("person" if lower in ("he", "she", "i", "him", "her", "who", "we", "us") else "other", "")
    if named := _named(words):
        return named
    if _STATE_MEDIA.search(bare) and not re.search(r"(?:reporter|journalist|editor|anchor)s?$", lower):
        inner = press.known().named(bare)
        return Source("agency", inner[-1].outlet) if inner else Source("state media", _key(lower))
    head, phrase = _head(bare)
    kind = english_words().get(" ".join(phrase[-2:]).lower()) if len(phrase) > 1 else None
    kind = kind or english_words().get(head.lower()) or english_words().get(head.lower().rpartition("-")[2])
    capital = head[:1].isupper()
    outlets = press.known().named(" ".join(phrase))
    if kind == "media" or (outlets and outlets[-1].end == len(" ".join(phrase))):
        if outlets and outlets[-1].is_sure:
            return Source("agency", outlets[-1].outlet)
        return Source("media" if kind == "media" else "agency", _key(lower) if kind == "media" else outlets[-1].outlet)
    if kind is not None and capital and kind in ("person", "official") and len(phrase) > 1 and not _is_office(phrase):
        kind = "person"  # a surname that is a word too: Mary Cook
    if kind is None:
        kind = _kind_of_name(phrase, bare)
    if kind == "person" and capital and (name := _name(phrase)):
        return Source("person", name.lower())
    return Source(kind, _key(lower))


def _is_office(phrase: list[str]) -> bool:
    """Whether a capitalised phrase is an office without its holder: Prime Minister, Foreign Ministry Spokesperson."""
    words = english_words()
    return all(word.lower() in words or word.lower() in _OFFICES or word[:1].islower() for word in phrase)


_OFFICES = frozenset(
    "prime foreign vice deputy defense defence interior finance chief general chinese us u.s. russian japanese press"
    " state federal executive senior former police public security ministry national economic home health trade".split()
)


def _key(lower: str) -> str:
    return " ".join(lower.replace("'s ", " ").split())


def _head(words: str) -> tuple[str, list[str]]:
    """The head noun of a phrase, and the words up to it."""
    core = _MODIFYING.sub("", words)
    phrase = _WORD.findall(core if core == words or _WORD.search(core) else words)
    if "and" in phrase[1:]:
        phrase = phrase[: phrase.index("and", 1)]
    return (phrase[-1], phrase) if phrase else ("", [])


def _name(phrase: list[str]) -> str:
    """A person's name behind titles and offices: "ministry spokesperson Wang Wenbin" → Wang Wenbin."""
    words = english_words()
    found: list[str] = []
    for word in reversed(phrase):
        lower = word.lower()
        is_name = word[:1].isupper() or (found and lower in ("van", "von", "de", "der", "al", "bin", "da", "del", "el"))
        if not is_name or lower.rstrip(".") in _TITLES or (found and (lower in words or word.endswith("'s"))):
            break
        found.append(word)
        if len(found) == 4:
            break
    return " ".join(reversed(found))


def _kind_of_name(phrase: list[str], bare: str) -> str:
    """What a name is whose last word is in no table: "Li Ming" a person, "NASDA" an organisation."""
    if not phrase or not phrase[-1][:1].isupper():
        return "other"
    last = phrase[-1]
    words = english_words()
    if len(phrase) == 1:
        if last.isupper() and len(last) > 1:
            return "organisation"
        if last in _PLACES or (last.endswith(("land", "stan")) and last not in ("Rowland", "Holland")):
            return "ministry"
        return "person"
    if any(words.get(word.lower()) in ("ministry", "organisation", "company") for word in phrase[:-1]) and not any(
        words.get(word.lower()) in ("official", "person") for word in phrase[:-1]
    ):
        return words[next(w.lower() for w in phrase if words.get(w.lower()) in ("ministry", "organisation", "company"))]
    if last.isupper() and len(last) > 2:
        return "organisation"
    return "person" if len(phrase) <= 8 else "other"


# A government that speaks by its country's or capital's name.
_PLACES = frozenset(
    "China Beijing Washington Moscow Russia Japan Tokyo Seoul India Pakistan Iran Tehran Israel Brussels London Berlin"
    " Paris France Germany Britain Ukraine Kiev Kyiv Taiwan Taipei Manila Hanoi Vietnam Canberra Australia"
    " Canada Turkey"
    " Ankara Syria Iraq Egypt Cuba Havana Venezuela Pyongyang Brazil Mexico Italy Spain Sweden Norway Denmark Singapore"
    " Malaysia Indonesia Cambodia Laos Myanmar Nepal Lanka Qatar Riyadh Damascus Baghdad Cairo Islamabad Delhi Nigeria"
    " Kenya Ethiopia Sudan Libya Algeria Morocco Yemen Oman Jordan Lebanon Cyprus Greece Portugal Serbia"
    " Hungary Belarus"
    " Argentina Chile Peru Colombia Guangdong Shanghai Chongqing Xinjiang Tibet Sichuan Yunnan Zhejiang".split()
)


_WHOSE = re.compile(r"^(?:中国|我国|大陆|北京)(?:官方)?的?")  # 中国公安部: to others, whose it is


def _of_chinese(words: str) -> Source:
    words = simplified(words)
    if words in _PRONOUNS:
        return Source("person" if words[0] in "他她我" else "other", "")
    known = _known("chinese")
    if key := known.get(words) or known.get(_WHOSE.sub("", words)):
        return Source(_kinds()[key], key)
    if outlet := press.known().outlet_of(words):
        return Source("agency", outlet)
    if _STATE_MEDIA_HAN.search(words):
        return Source("state media", words)
    for length in range(min(len(words), 8), 0, -1):
        if kind := chinese_words().get(words[-length:]):
            return Source(kind, words)
    # 外交部发言人汪文斌: an office, and behind it a name of two to four characters.
    for length in (2, 3, 4):
        before, name = words[:-length], words[-length:]
        for office in range(2, 5):
            if chinese_words().get(before[-office:]) in ("official", "person") and len(before) >= office:
                return Source("person", name)
    if "·" in words or _HAN_PERSON.fullmatch(words):
        return Source("person", words)
    return Source("other", words)
