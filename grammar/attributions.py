"""Who says it: the sources that a text names for what it says, and its quotations."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from grammar.passage import Passage
from items import Attribution, Quote


def attributions(passage: Passage) -> tuple[list[Attribution], list[Quote]]:
    """The attributions and quotes of a passage, each in order of place; `via` and `attribution` are indices of the
    first list. Both empty for a language that no grammar is there for."""
    if passage.is_chinese:
        module = "grammar.chinese_attributions"
    elif passage.language.lower().startswith("en"):
        module = "grammar.english_attributions"
    else:
        return [], []
    if find_spec(module) is None:
        return [], []
    found: tuple[list[Attribution], list[Quote]] = getattr(import_module(module), module.rpartition(".")[2])(passage)
    return found
