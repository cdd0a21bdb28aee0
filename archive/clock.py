"""The clock: everything in Dateline that asks what time it is asks here, so that a year can be simulated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime


def _system() -> datetime:
    return datetime.now(UTC)


_ask: Callable[[], datetime] = _system


def now() -> datetime:
    """The time in UTC."""
    return _ask()


@contextmanager
def replaced(ask: Callable[[], datetime]) -> Iterator[None]:
    """Have `now` answered by another clock meanwhile."""
    global _ask
    before, _ask = _ask, ask
    try:
        yield
    finally:
        _ask = before
