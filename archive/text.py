"""From a report's text to what the full-text index holds of it.

The index's tokenizer is SQLite's own, which splits at spaces and punctuation. Chinese has no spaces, so `segment`
puts them in: each pair of neighbours becomes a word. A search for a Chinese string is then one for its pairs in a
row, which finds it exactly where it stands, whatever a dictionary thinks a word is.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from operator import add
from threading import Lock
from typing import Literal, Protocol

from archive.characters import CJK, DIGEST, FOLD

# Raise the number whenever `segment` gives another result for any text: indexes made before are then made anew.
SEGMENT_VERSION = f"1-{DIGEST}"

_CJK_RUN = re.compile(f"[{CJK}]+")
_PIECE = re.compile(f"(?P<cjk>[{CJK}]+)|[^{CJK}]+")
_CYRILLIC = "\u0400-\u052f"
_ARABIC = "\u0620-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff"
_STEMMED_WORD = re.compile(f"(?P<russian>[{_CYRILLIC}]+)|[{_ARABIC}]+")


def fold(text: str) -> str:
    """What the index and a query are both written in: NFKC, and one character for all that are taken for equal."""
    return unicodedata.normalize("NFKC", text).translate(FOLD)


def segment(text: str) -> str:
    """The text as the index holds it, words apart by spaces.

    A run of Chinese (or kana, or Hangul) c1…cn becomes c1c2 c2c3 … cn-1cn cn. The last one alone keeps two runs apart,
    so that a query cannot match across punctuation. Cyrillic and Arabic words are stemmed, the rest is untouched.
    """
    folded = fold(text)
    if _STEMMED_WORD.search(folded):
        folded = _STEMMED_WORD.sub(_stemmed, folded)
    return _CJK_RUN.sub(_pairs, folded)


def _pairs(run: re.Match[str]) -> str:
    characters = run[0]
    return f" {' '.join(map(add, characters, characters[1:] + ' '))}"


def phrase(folded: str) -> tuple[str, bool]:
    """Folded text → the index's words that stand for it in a row, and whether the last one may go on: 京 is also
    found as the beginning of 京市. Empty when nothing of it is searchable."""
    pieces = [piece for piece in _PIECE.finditer(folded) if piece["cjk"] or _is_searchable(piece[0])]
    if not pieces:
        return "", False
    *before, last = pieces
    words = [segment(piece[0]).strip() for piece in before]
    if not last["cjk"]:
        return " ".join([*words, segment(last[0]).strip()]), False
    # The last run may go on in the text, so its closing single character is not asked for.
    run = last[0]
    return " ".join([*words, *(map(add, run, run[1:]) if len(run) > 1 else run)]), len(run) == 1


def _is_searchable(text: str) -> bool:
    """Whether SQLite's tokenizer finds a word in it (categories 'L* N* Co Mn Mc')."""
    return any(unicodedata.category(character) in _WORD_CATEGORIES for character in text)


# Marks alone are no word to look for, although the tokenizer takes them.
_WORD_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "Co", "Mc"})


def han_characters(text: str) -> str:
    """Each distinct CJK character of a text, apart by spaces: what a search for a single one looks in."""
    return " ".join(sorted("".join(_CJK_RUN.findall("".join(set(fold(text)))))))


def is_one_character(folded: str) -> bool:
    """Whether a query is one CJK character and nothing else."""
    return len(folded) == 1 and _CJK_RUN.match(folded) is not None


def _stemmed(word: re.Match[str]) -> str:
    return stem(word[0].lower(), "russian" if word["russian"] else "arabic")


_STEMMING = Lock()  # a Snowball stemmer keeps its word in itself, and Datasette asks from several threads


@lru_cache(maxsize=50_000)
def stem(word: str, language: Literal["russian", "arabic", "porter"]) -> str:
    """The stem of a lower-case word; `porter` gives those of FTS5's own tokenizer, for highlighting."""
    with _STEMMING:
        return _stemmer(language).stemWord(word)


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...


@cache
def _stemmer(language: str) -> _Stemmer:
    # Here, since its 35 languages take 0.2 s to import and few archives need one.
    import snowballstemmer

    stemmer: _Stemmer = snowballstemmer.stemmer(language)
    return stemmer
