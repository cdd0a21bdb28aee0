"""The wordings of a report: which captures begin a new one, and what each added and removed.

A report's versions are a function of its captures alone, whatever order these arrive in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from archive.differences import compare, count
from grammar.typography import squashed


@dataclass(frozen=True)
class Wording:
    """What a report said: the title, the body's paragraphs joined by blank lines, the captions one a line."""

    title: str
    body: str
    captions: str
    layout: str
    hyperlinks: str = "[]"  # JSON: [[start, end, address], …], places in the body

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
    """SHA-256 of the wording of title and body: neither spacing nor width nor any other typography
    (grammar/typography.py) makes a new version."""
    return hashlib.sha256(f"{squashed(title)}\n{squashed(body)}".encode()).hexdigest()


def first_of_each_run(observations: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    """Captures (id, text digest) in order of time → those that begin a new wording. A wording may come back."""
    versions: list[tuple[int, str]] = []
    for capture, digest in sorted(observations):
        if not versions or versions[-1][1] != digest:
            versions.append((capture, digest))
    return versions


def change(before: Wording, after: Wording) -> Change:
    """What changed from one version to the next, in title and body: the comparison that the changes page shows."""
    added = removed = 0
    gone: list[str] = []
    for old, new in ((before.title, after.title), (before.body, after.body)):
        runs = compare(old, new)
        total = count(runs)
        added += total.added
        removed += total.removed
        gone += [text for run in runs if run.kind == "removed" and (text := run.text.strip())]
    return Change(added, removed, "\n".join(gone))
