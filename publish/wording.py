"""An edit in a line: the first sentences that it changed, and in them what went and came."""

from __future__ import annotations

from archive.differences import Run, compare, readable
from archive.search import no_longer
from grammar.typography import squashed

_LONGEST = 240  # characters of a sentence that are compared and shown
_CONTEXT = 28  # characters that are kept on each side of a change


def edit_in_a_line(before: tuple[str, str], after: tuple[str, str]) -> list[Run]:
    """What an edit removed and added, from (title, body) to (title, body): the title's change, else the first changed
    sentences of the body. Empty when only typography changed, or the order of sentences."""
    for old, new in zip(before, after, strict=True):
        if old == new:
            continue
        went, came = _first(no_longer(old, new), new), _first(no_longer(new, old), old)
        if went or came:
            return _compared(went, came)
    return []


def _first(sentences: str, other: str) -> str:
    """The first of some sentences that the other text does not hold with other quotation marks or dashes."""
    standing = squashed(other)
    first = next((sentence for sentence in sentences.split("\n") if squashed(sentence) not in standing), "")
    return first if len(first) <= _LONGEST else first[:_LONGEST] + "…"


def _compared(went: str, came: str) -> list[Run]:
    runs = readable(compare(went, came))
    return [_shortened(run, place, len(runs)) for place, run in enumerate(runs)]


def _shortened(run: Run, place: int, of: int) -> Run:
    """A stretch that stayed, without what is far from a change."""
    text = run.text
    if run.kind != "equal":
        return run
    if place == 0 and len(text) > _CONTEXT:
        text = "…" + text[-_CONTEXT:]
    elif place == of - 1 and len(text) > _CONTEXT:
        text = text[:_CONTEXT] + "…"
    elif len(text) > 2 * _CONTEXT:
        text = f"{text[:_CONTEXT]} … {text[-_CONTEXT:]}"
    return Run("equal", text)
