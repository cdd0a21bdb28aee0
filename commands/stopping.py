"""Signals that end a command in order: noted, and asked for between two steps."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_LOOK_UP = 0.5  # seconds after which a wait sees a signal, at the latest


@contextmanager
def until_a_signal() -> Iterator[Callable[[], bool]]:
    """Whether SIGINT or SIGTERM has come. Scrapy leaves handlers behind that only its reactor minds."""
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    previous = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


def wait(seconds: float, stopped: Callable[[], bool]) -> None:
    """For so many seconds, or until a signal comes. No threading.Event: a handler that sets one may interrupt the very
    wait for it while that holds the event's lock."""
    ends = time.monotonic() + seconds
    while not stopped() and (left := ends - time.monotonic()) > 0:
        time.sleep(min(left, _LOOK_UP))
