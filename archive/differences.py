"""What changed between two wordings: runs of text that stayed, went and came.

Joined in order, the runs that stayed and went are the old text, and those that stayed and came are the new one. Words
and numbers are kept whole; Chinese and Japanese are compared by the character.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from archive.alignment import matches

Kind = Literal["equal", "removed", "added"]

PARAGRAPH = "\n\n"
# Han, kana and bopomofo: scripts without spaces between words.
_BY_CHARACTER = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# Marks that are no letters for `re` and yet belong to the word they stand in (accents, Arabic and Indic signs).
_MARK = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u0900-\u0dff\u1ab0-\u1aff"
_WORD = (
    rf"(?:[^\W{_BY_CHARACTER}]|[{_MARK}]"  # the `_` of \w is a letter to a reader of addresses
    r"|(?<=\d)[.,:](?=\d)"  # 1,234.5 and 09:30 are one number each
    r"|(?<=[^\W\d])['’](?=[^\W\d]))+"  # don’t
)
_TOKEN = re.compile(rf"\n\n|{_WORD}|[^\S\n]+|\n|.[\ufe00-\ufe0f\U000e0100-\U000e01ef]*", re.DOTALL)
_NO_WORDS = re.compile(r"[\W_]*")

# Beyond this many characters in both texts the comparison is by paragraph: half a second of tokens.
_LONGEST = 2_000_000
# A paragraph of which less than this stayed was written anew: single words that it still shares say nothing.
_SHARED = 0.25
_SLIDE = 200  # characters that a change may be moved: a sentence
_SENTENCE_ENDS, _CLAUSE_ENDS = frozenset("。！？.!?…”’」』"), frozenset("，、；：,;:）)")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that stayed ("equal"), went ("removed") or came ("added")."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Count:
    """Characters, without the spaces around them."""

    added: int
    removed: int


def words(text: str) -> list[str]:
    """A text in its words, numbers, single characters of scripts without spaces, marks and spaces: joined, the text."""
    return _TOKEN.findall(text)


def compare(old: str, new: str) -> list[Run]:
    """The shortest change from one text to the other that can be found in a set number of steps, each part of it where
    a reader would say that it is: at a sentence's or a clause's beginning, if the text allows it."""
    if old == new:
        return [Run("equal", old)] if old else []
    split = _by_paragraph if len(old) + len(new) > _LONGEST else words
    was, became = split(old), split(new)
    runs: list[Run] = []
    at_old = at_new = 0
    for from_old, from_new, length in matches(was, became):
        _append(runs, "removed", was[at_old:from_old])
        _append(runs, "added", became[at_new:from_new])
        _append(runs, "equal", was[from_old : from_old + length])
        at_old, at_new = from_old + length, from_new + length
    _append(runs, "removed", was[at_old:])
    _append(runs, "added", became[at_new:])
    placed: list[Run] = []
    for segment in _segments(runs):
        for run in _at_sentences(segment):
            _append(placed, run.kind, [run.text])
    return placed


def readable(runs: Iterable[Run]) -> list[Run]:
    """The same change in fewer pieces: what stayed by chance between two changes is taken as part of them. Breaks
    between paragraphs that stayed stay."""
    cleaned: list[Run] = []
    for segment in _segments(runs):
        for part in _parts(_at_sentences(segment)):
            for run in _written_anew(part) or _at_sentences(_joined(part)):
                _append(cleaned, run.kind, [run.text])
    return _whole_paragraphs(cleaned)


def count(runs: Iterable[Run]) -> Count:
    """How many characters came and went, without the spaces at the ends of each run."""
    total: Counter[str] = Counter()
    for run in runs:
        total[run.kind] += len(run.text.strip())
    return Count(total["added"], total["removed"])


def _by_paragraph(text: str) -> list[str]:
    return re.findall(r".*?\n\n|.+", text, re.DOTALL)


def _append(runs: list[Run], kind: Kind, tokens: list[str]) -> None:
    text = "".join(tokens)
    if not text:
        return
    if runs and runs[-1].kind == kind:
        text = runs.pop().text + text
    runs.append(Run(kind, text))


# What is readable


def _segments(runs: Iterable[Run]) -> Iterator[list[Run]]:
    """The runs between breaks that stayed, and each such break alone."""
    current: list[Run] = []
    for run in runs:
        if run.kind != "equal":
            current.append(run)
            continue
        for number, piece in enumerate(run.text.split(PARAGRAPH)):
            if number:
                yield current
                yield [Run("equal", PARAGRAPH)]
                current = []
            if piece:
                current.append(Run("equal", piece))
    yield current


def _parts(segment: list[Run]) -> Iterator[list[Run]]:
    """The segment cut where whole paragraphs went or came beside text that stayed."""
    current: list[Run] = []
    for run in segment:
        if current and (
            (current[-1].kind == "equal" and run.text.startswith(PARAGRAPH))
            or (current[-1].text.endswith(PARAGRAPH) and run.kind == "equal")
        ):
            yield current
            current = []
        current.append(run)
    yield current


def _written_anew(segment: list[Run]) -> list[Run]:
    """The segment as one removal and one addition, if hardly anything of it stayed; else nothing."""
    length: Counter[str] = Counter()
    for run in segment:
        length[run.kind] += len(run.text)
    longer = length["equal"] + max(length["removed"], length["added"])
    if not (length["removed"] and length["added"]) or length["equal"] >= _SHARED * longer:
        return []
    return _both(segment)


def _joined(segment: list[Run]) -> list[Run]:
    """Without what stayed by chance: stretches between two changes that hold no word, or are no longer than the change
    before and the change behind them (the rule of diff-match-patch's semantic clean-up)."""
    blocks: list[list[Run]] = []  # changes and what stayed, in turn
    for run in segment:
        if blocks and run.kind != "equal" and blocks[-1][0].kind != "equal":
            blocks[-1].append(run)
        else:
            blocks.append([run])
    at = 1
    while at < len(blocks) - 1:
        stays = blocks[at][0]
        around = blocks[at - 1], blocks[at + 1]
        if stays.kind == "equal" and (
            _NO_WORDS.fullmatch(stays.text) or all(len(stays.text) <= _weight(block) for block in around)
        ):
            blocks[at - 1 : at + 2] = [_both([*around[0], stays, *around[1]])]
            at = max(1, at - 2)  # the change has grown: what stands before it may be chance now
        else:
            at += 1
    return [run for block in blocks for run in block]


def _at_sentences(segment: list[Run]) -> list[Run]:
    """With each lone change moved to where a sentence or a clause begins, if the text allows it: from "A. B." to "A."
    it is "B." that went, not ". B"."""
    moved = list(segment)
    for at in range(1, len(moved) - 1):
        before, change, after = moved[at - 1 : at + 2]
        if before.kind == after.kind == "equal" and change.kind != "equal":
            texts = max(_slid(before.text, change.text, after.text), key=_ends)
            moved[at - 1 : at + 2] = (
                Run(run.kind, text) for run, text in zip((before, change, after), texts, strict=True)
            )
    return [run for run in moved if run.text]


def _whole_paragraphs(runs: list[Run]) -> list[Run]:
    """With changes that begin with a break, before one that stayed, moved behind it: whole paragraphs went or came."""
    moved: list[Run] = []
    for place, run in enumerate(runs):
        before, after = moved[-1] if moved else None, runs[place + 1] if place + 1 < len(runs) else None
        if (
            run.kind != "equal"
            and run.text.startswith(PARAGRAPH)
            and before and before.kind == "equal"
            and after and after.kind == "equal" and after.text.startswith(PARAGRAPH)
        ):  # fmt: skip
            _append(moved, "equal", [PARAGRAPH])
            _append(moved, run.kind, [run.text[len(PARAGRAPH) :] + PARAGRAPH])
            runs[place + 1] = Run("equal", after.text[len(PARAGRAPH) :])
        else:
            _append(moved, run.kind, [run.text])
    return moved


def _slid(before: str, change: str, after: str) -> Iterator[tuple[str, str, str]]:
    """All places that the change can be said to be at: each leaves the old and the new text as they are. As it is
    comes first."""
    yield before, change, after
    whole, start, end = before + change + after, len(before), len(before) + len(change)
    at = start
    for token in words(after[:_SLIDE]):
        if not whole.startswith(token, at):
            break
        at += len(token)
        if _is_whole(whole, at) and _is_whole(whole, at + len(change)):
            yield whole[:at], whole[at : at + len(change)], whole[at + len(change) :]
    at = end
    for token in reversed(words(before[-_SLIDE:])):
        if not whole.endswith(token, 0, at):
            break
        at -= len(token)
        if _is_whole(whole, at) and _is_whole(whole, at - len(change)):
            yield whole[: at - len(change)], whole[at - len(change) : at], whole[at:]


def _is_whole(text: str, at: int) -> bool:
    """Whether no word or number is cut there."""
    both = text[max(at - 1, 0) : at + 1]
    return len(both) < 2 or len(words(both)) > 1


def _ends(texts: tuple[str, str, str]) -> int:
    """How well a change lies: both its ends at a sentence's end count most, then at a clause's, then at a space."""
    before, change, _ = texts
    return sum(
        3 if end in _SENTENCE_ENDS else 2 if end in _CLAUSE_ENDS else 1 if end.isspace() else 0
        for end in (before.rstrip(" ")[-1:] or ".", change.rstrip(" ")[-1:])
    )


def _weight(block: list[Run]) -> int:
    length: Counter[str] = Counter()
    for run in block:
        length[run.kind] += len(run.text)
    return max(length["removed"], length["added"])


def _both(runs: list[Run]) -> list[Run]:
    """One removal and one addition; what they begin and end with alike is left in both, since words stay whole."""
    was = "".join(run.text for run in runs if run.kind != "added")
    became = "".join(run.text for run in runs if run.kind != "removed")
    pair: tuple[tuple[Kind, str], ...] = (("removed", was), ("added", became))
    return [Run(kind, text) for kind, text in pair if text]
