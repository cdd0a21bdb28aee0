"""One stretch of text to read, a title or a body, with what every part of the grammar asks of it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from grammar.sentences import spans
from grammar.traditional import simplified
from grammar.typography import plain


@dataclass(frozen=True)
class Passage:
    """`text` as stored; every span that the grammar gives is a place in it, in characters (code points). `published` is
    the day in the outlet's time on which it was published: what "last week" and 今年 are counted from; None where it is
    not known, and such periods are then not resolved."""

    text: str
    language: str  # BCP 47
    published: date | None = None
    is_title: bool = False
    speaker: str = field(default="", compare=False)  # the outlet's own name, for "told this agency", 记者

    @cached_property
    def plain(self) -> str:
        """The text with width and drawing folded, a character for each of `text`: “ and ” are both " here; and Chinese
        in simplified characters."""
        return simplified(plain(self.text)) if self.is_chinese else plain(self.text)

    @cached_property
    def sentences(self) -> list[tuple[int, int]]:
        """(from, to) of each, in order. A paragraph's end ends a sentence."""
        return spans(self.text)

    @property
    def is_chinese(self) -> bool:
        return self.language.lower().startswith("zh")

    def sentence_of(self, place: int) -> tuple[int, int]:
        """The sentence in which a place lies; the whole text where it lies in none."""
        spans = self.sentences
        at = bisect_right(spans, (place, len(self.text))) - 1
        return spans[at] if at >= 0 and place < spans[at][1] else (0, len(self.text))
