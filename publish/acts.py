"""Acts as a reader says them of what they were done to: arrest → arrested, miss → missing."""

from __future__ import annotations

from functools import cache

from grammar import vocabulary

# Where the participle says something else, or nothing, of what is counted.
_READS = {"crack": "broken up", "miss": "missing", "total": "in all", "travel": "travelling"}


def done(key: str) -> str:
    """The act with this key in the past, a key that no table holds as it is."""
    return _done().get(key) or key.replace("-", " ")


def choices() -> list[tuple[str, str]]:
    """Every act: (key, as it is shown), by what is shown."""
    return sorted(_done().items(), key=lambda each: each[1])


@cache
def _done() -> dict[str, str]:
    first = {row["key"]: vocabulary.forms(row["english"])[0] for row in vocabulary.acts()}
    return {key: _READS.get(key) or vocabulary.inflected(verb)[3] for key, verb in first.items()}
