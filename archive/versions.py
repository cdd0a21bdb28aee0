"""The wordings of a report: which captures begin a new one, and what each added and removed.

A report's versions are a function of its captures alone, whatever order these arrive in.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property


@dataclass(frozen=True)
class Wording:
    """What a report said: the title, the body's paragraphs joined by blank lines, the captions one a line."""

    title: str
    body: str
    captions: str
    layout: str

    @cached_property
    def digest(self) -> str:
        return text_digest(self.title, self.body)


@dataclass(frozen=True, slots=True)
class Change:
    """Characters that a version added to and removed from the one before it, and the removed text, a run a line."""

    added: int
    removed: int
    removed_text: str


def text_digest(title: str, body: str) -> str:
    """SHA-256 of title and body after width folding (NFKC) and without whitespace: spacing is no wording."""
    folded = (re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)) for text in (title, body))
    return hashlib.sha256("\n".join(folded).encode()).hexdigest()


def first_of_each_run(observations: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Captures (id, text digest) in order of time → those that begin a new wording. A wording may come back."""
    versions: list[tuple[int, str]] = []
    for capture, digest in sorted(observations):
        if not versions or versions[-1][1] != digest:
            versions.append((capture, digest))
    return versions


# Numbers, words, single Han characters, and everything between: a Chinese edit is shown by the character.
_TOKEN = re.compile(r"\d[\d,.]*\d|[^\W\u3400-\u9fff\U00020000-\U0003ffff]+|\s+|.", re.DOTALL)
# Beyond this many tokens difflib's quadratic worst case would stall the writer; such texts are compared by line.
_MAX_TOKENS = 20_000


def change(before: Wording, after: Wording) -> Change:
    """What changed from one version to the next, in title and body."""
    old = _tokens(f"{before.title}\n\n{before.body}")
    new = _tokens(f"{after.title}\n\n{after.body}")
    added = removed = 0
    gone: list[str] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        was, became = "".join(old[old_from:old_to]).strip(), "".join(new[new_from:new_to]).strip()
        added += len(became)
        removed += len(was)
        if was:
            gone.append(was)
    return Change(added, removed, "\n".join(gone))


def _tokens(text: str) -> list[str]:
    tokens = _TOKEN.findall(text)
    return tokens if len(tokens) <= _MAX_TOKENS else text.splitlines(keepends=True)
