"""What the keys of figures and citations are called: sources, nouns, acts, meanings, tiers; and which key is meant by
words that somebody typed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from functools import cache

from grammar import press, vocabulary
from grammar.english_words import noun_keys, singular

MEANINGS = {"": "exactly", "at least": "at least", "at most": "at most", "about": "about", "nearly": "nearly"}
# citations.tier → what it says, the surest first.
TIERS = {
    "hyperlink": "a link to it",
    "text reuse": "words that are its own",
    "named outlet": "the outlet named, with the same days, figures and names",
    "state media": "“state media”, with the same days, figures and names",
}
# citations.reason → what it says.
REASONS = {
    "not held": "it links to a report that is not held",
    "nothing held": "nothing of that outlet is held from these days",
    "not collected": "no outlet of this archive",
    "nothing fits": "reports are held, and none of them fits",
    "several fit": "several reports fit, and none better than the others",
}
UNNAMED = "state media, not named"
_HAN = re.compile(r"[\u3400-\u9fff]")
_CURRENCY = re.compile(r"[A-Z]{3}")
_LONGEST_NOUN = 10  # signs of a Chinese noun in the table


def outlet_titles(connection: sqlite3.Connection) -> dict[str, str]:
    """Outlet → title, of the archive's own outlets."""
    return dict(connection.execute("select id, title_en from outlets").fetchall())


def source_title(key: str, outlets: Mapping[str, str]) -> str:
    """A source's key as a reader knows it: ministry-of-public-security → Ministry of Public Security."""
    return outlets.get(key) or _sources().get(key) or key


def outlet_title(key: str, outlets: Mapping[str, str]) -> str:
    """The title of an outlet that a text names, ours or not."""
    return source_title(key, outlets) if key else UNNAMED


def known_sources() -> list[str]:
    """Every source with a name in the tables, outlets too."""
    return list(_sources())


@cache
def _sources() -> dict[str, str]:
    found = {outlet.id: outlet.title for outlet in press.known().outlets.values()}
    for row in vocabulary.read("sources.tsv", ("key", "english")):
        if row["english"]:
            found[row["key"]] = vocabulary.forms(row["english"])[0]
    return found


def noun_key(words: str) -> str:
    """The key of a noun in either language, singular or plural: suspects, 犯罪嫌疑人 and suspect are all "suspect".
    Empty for a Chinese noun that the table does not hold."""
    words = " ".join(words.split())
    if _HAN.search(words):
        keys = _chinese_nouns()
        ends = (words[at:] for at in range(max(0, len(words) - _LONGEST_NOUN), len(words)))
        return next((keys[end] for end in ends if end in keys), "")
    parts = [part.strip("'\"“”‘’").lower() for part in words.split()]
    if not parts:
        return ""
    keys = _english_nouns()
    ends = (" ".join(parts[first:]) for first in range(len(parts)))
    return next((keys[end] for end in ends if end in keys), "") or singular(parts[-1])


@cache
def _chinese_nouns() -> dict[str, str]:
    return vocabulary.by_form(vocabulary.nouns(), "chinese")


@cache
def _english_nouns() -> dict[str, str]:
    return {row["key"]: row["key"] for row in vocabulary.nouns()} | noun_keys()


def title_of(key: str) -> str:
    """A key of a noun or an act in words: shut-down → shut down."""
    return key.replace("-", " ")


# Values


def plain(value: float) -> str:
    """3200000.0 → 3,200,000."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.6g}" if abs(value) < 1e6 or abs(value) >= 1e15 else f"{value:,.2f}"


def amount(value: float, value_max: float | None, unit: str) -> str:
    """A value with its unit: 50 to 60 %, CNY 120,000,000."""
    number = plain(value) if value_max is None else f"{plain(value)} to {plain(value_max)}"
    return f"{unit} {number}" if _CURRENCY.fullmatch(unit) else f"{number} {unit}".strip()


def stated(value: float, value_max: float | None, unit: str, meaning: str) -> str:
    """A value as it is meant: at least 10,000."""
    return f"{meaning} {amount(value, value_max, unit)}".strip()


_FACTORS = {
    "": 1, "k": 1e3, "thousand": 1e3, "千": 1e3, "万": 1e4, "萬": 1e4, "m": 1e6, "million": 1e6, "亿": 1e8, "億": 1e8,
    "bn": 1e9, "billion": 1e9, "万亿": 1e12, "trillion": 1e12,
}  # fmt: skip
_NUMBER = re.compile(r"(-?\d{1,15}(?:\.\d{1,9})?)\s*([a-z]*|[千万萬亿億]*)")


def number_in(words: str) -> float | None:
    """The number that somebody typed: 10,000, 3.2 million, 320万. None for what is none."""
    match = _NUMBER.fullmatch(words.strip().lower().replace(",", "").replace("，", ""))
    if match is None or match[2] not in _FACTORS:
        return None
    return float(match[1]) * _FACTORS[match[2]]


def lag_in_words(minutes: float | None) -> str:
    """How long after: 45 minutes, 4.5 hours, 12 days. Empty where it is not known."""
    if minutes is None:
        return ""
    length = abs(minutes)
    for unit, size, most in (("minute", 1, 90), ("hour", 60, 2 * 1440), ("day", 1440, 731 * 1440)):
        if length < most:
            number = length / size
            written = f"{number:.1f}".removesuffix(".0") if number < 10 else f"{number:.0f}"
            return f"{written} {unit}{'' if written == '1' else 's'}"
    return f"{length / 525_960:.1f} years"
