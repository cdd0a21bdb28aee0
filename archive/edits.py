"""What kind of change an edit was, and which words it put in place of which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archive.versions import Wording


@dataclass(frozen=True, slots=True)
class Edit:
    """`kinds` as the column `versions.kinds` names them; `replacements`: (was, became) in order of the text, either
    empty where nothing stood or stands in its place."""

    kinds: tuple[str, ...]
    replacements: tuple[tuple[str, str], ...]


def edit(before: Wording, after: Wording, earlier: Sequence[Wording]) -> Edit:
    """What a version did to the one before it. `earlier`: all versions before that one, oldest first."""
    return Edit((), ())
