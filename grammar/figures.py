"""The figures of a text, in the languages that have a grammar of them."""

from __future__ import annotations

from grammar import chinese_figures, english_figures
from grammar.passage import Passage
from items import Figure


def figures(passage: Passage) -> list[Figure]:
    """The figures of a passage, in order of place and apart from each other; none in a language without a grammar of
    them. Their `attribution` is not set here."""
    language = passage.language.lower()
    if language.startswith("en"):
        return english_figures.figures(passage)
    if language.startswith("zh"):
        return chinese_figures.figures(passage)
    return []
