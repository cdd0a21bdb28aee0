"""An edit in a line: the first sentences that it changed, and in them the words that went and came."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from archive.search import no_longer

_LONGEST = 240  # characters of a sentence that are compared and shown
_CONTEXT = 28  # characters that are kept on each side of a change
# Numbers, words, single Han characters, and everything between.
_TOKEN = re.compile(r"\d[\d,.]*\d|[^\W\u3400-\u9fff\U00020000-\U0003ffff]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text: `kind` is same, removed or added."""

    kind: str
    text: str


def edit_in_a_line(before: tuple[str, str], after: tuple[str, str]) -> list[Run]:
    """What an edit removed and added, from (title, body) to (title, body): the title's change, else the first changed
    sentences of the body. Empty when only spacing changed, or the order of sentences."""
    for old, new in zip(before, after, strict=True):
        if old == new:
            continue
        went, came = _first(no_longer(old, new)), _first(no_longer(new, old))
        if went or came:
            return _compared(went, came)
    return []


def _first(sentences: str) -> str:
    first = sentences.partition("\n")[0]
    return first if len(first) <= _LONGEST else first[:_LONGEST] + "…"


def _compared(went: str, came: str) -> list[Run]:
    """The two as one line; whole sentences where they have little in common."""
    old, new = _TOKEN.findall(went), _TOKEN.findall(came)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < 0.4:
        return [Run(kind, text) for kind, text in (("removed", went), ("added", came)) if text]
    runs: list[Run] = []
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            runs.append(Run("same", "".join(old[old_from:old_to])))
            continue
        runs += [Run("removed", "".join(old[old_from:old_to]))] if old_to > old_from else []
        runs += [Run("added", "".join(new[new_from:new_to]))] if new_to > new_from else []
    return [_shortened(run, place, len(runs)) for place, run in enumerate(runs)]


def _shortened(run: Run, place: int, of: int) -> Run:
    """A stretch that stayed, without what is far from a change."""
    text = run.text
    if run.kind != "same":
        return run
    if place == 0 and len(text) > _CONTEXT:
        text = "…" + text[-_CONTEXT:]
    elif place == of - 1 and len(text) > _CONTEXT:
        text = text[:_CONTEXT] + "…"
    elif len(text) > 2 * _CONTEXT:
        text = f"{text[:_CONTEXT]} … {text[-_CONTEXT:]}"
    return Run("same", text)
