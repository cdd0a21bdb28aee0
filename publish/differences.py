"""What changed between two wordings, paragraph by paragraph, for a page that shows both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from archive.differences import PARAGRAPH, Kind, Run


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Runs up to a paragraph's end; the break itself is not in them unless it went or came."""

    runs: tuple[Run, ...]

    @property
    def kind(self) -> str:
        """equal, removed, added, or changed."""
        kinds = {run.kind for run in self.runs}
        return kinds.pop() if len(kinds) == 1 else "changed"

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


def paragraphs(runs: Iterable[Run]) -> list[Paragraph]:
    """The runs by paragraph. A break that went or came stands as "\n\n" where it was, in its run."""
    found: list[Paragraph] = []
    current: list[Run] = []
    runs = list(runs)
    for place, run in enumerate(runs):
        text, leading = run.text, ""
        if run.kind != "equal" and text.startswith(PARAGRAPH) and _ends_paragraph(runs[place + 1 : place + 2]):
            # A whole paragraph behind what stayed: it is one of its own.
            text, leading = text[len(PARAGRAPH) :], PARAGRAPH
            if current:
                found.append(Paragraph(tuple(current)))
                current = []
        pieces = text.split(PARAGRAPH)
        for number, piece in enumerate(pieces):
            last = number == len(pieces) - 1
            shown = leading + (piece if last or run.kind == "equal" else piece + PARAGRAPH)
            leading = ""
            if shown:
                current.append(Run(run.kind, shown))
            if not last and current and (run.kind == "added" or not _goes_on(run.kind, current)):
                found.append(Paragraph(tuple(current)))
                current = []
    return [*found, Paragraph(tuple(current))] if current else found


def _ends_paragraph(following: list[Run]) -> bool:
    return not following or (following[0].kind == "equal" and following[0].text.startswith(PARAGRAPH))


def _goes_on(kind: Kind, current: list[Run]) -> bool:
    """Whether the paragraph goes on behind a removed break: what stood before the break is still there in part."""
    return kind == "removed" and any(run.kind != "removed" for run in current)
