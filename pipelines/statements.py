"""What a text states: its figures, who states them, its quotes, and the outlets that it names. No step of a crawl,
which it would slow down by a third."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grammar.attributions import attributions
from grammar.figures import figures
from grammar.mentions import mentions
from grammar.passage import Passage
from grammar.press import Press
from items import Attribution, Figure, Hyperlink, Statements


def read_statements(passage: Passage, press: Press, hyperlinks: Sequence[Hyperlink] = ()) -> Statements:
    """What a title or a body states. `hyperlinks` stand at places of the passage."""
    sources, quotes = attributions(passage)
    return Statements(
        [replace(figure, attribution=teller(figure, sources)) for figure in figures(passage)],
        sources,
        quotes,
        mentions(passage, press, hyperlinks, sources),
    )


def teller(figure: Figure, sources: Sequence[Attribution]) -> int | None:
    """The index of the source that states a figure: of those whose statement holds it, that of the shortest one, and
    in a chain the last, through whom the others know it; None where nobody is named."""
    holding = [
        (end - start, -number)
        for number, source in enumerate(sources)
        if source.statement is not None
        for start, end in [source.statement]
        if start <= figure.start and figure.end <= end
    ]
    return -min(holding)[1] if holding else None
