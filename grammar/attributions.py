"""Who says it: the sources that a text names for what it says, and its quotations."""

from __future__ import annotations

from grammar.chinese_attributions import chinese_attributions
from grammar.english_attributions import english_attributions
from grammar.passage import Passage
from items import Attribution, Quote


def attributions(passage: Passage) -> tuple[list[Attribution], list[Quote]]:
    """The attributions and quotes of a passage, each in order of place; `via` and `attribution` are indices of the
    first list. Both empty for a language that no grammar is there for."""
    if passage.is_chinese:
        return chinese_attributions(passage)
    if passage.language.lower().startswith("en"):
        return english_attributions(passage)
    return [], []
