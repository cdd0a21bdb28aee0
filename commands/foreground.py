"""`dateline schedule run`: scheduled runs in the foreground, for a container."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path

import click
from apscheduler.schedulers.background import BackgroundScheduler

from archive import clock
from archive.times import iso

_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
KILLED = 1
_SAID = (0, 3, 75)  # ends of a run that it has told itself


def keep_running(command: Sequence[str], minutes: float) -> int:
    """Run `command` now and every so many minutes, in a process of its own each time (Twisted's reactor cannot be
    started again), until a signal comes; returns the exit code.

    The run in hand is given the signal and waited for; a second signal kills it. A run that takes longer than
    `minutes` delays the next one, and runs that were missed (a machine asleep) are caught up once.
    """
    runs = _Runs(command)
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.add_job(
        runs.run, "interval", minutes=minutes, next_run_time=clock.now(), coalesce=True, max_instances=1,
        misfire_grace_time=None,
    )  # fmt: skip
    with _signals() as received:
        scheduler.start()
        for number in received:
            if number[0] in _STOP:
                break
            runs.reap()
        scheduler.pause()
        runs.stop()
        threading.Thread(target=runs.kill_at, args=[received], daemon=True).start()
        scheduler.shutdown(wait=True)
    return KILLED if runs.was_killed else 0


@contextlib.contextmanager
def _signals() -> Iterator[Iterator[bytes]]:
    """The signals that come meanwhile, as they come. Written to a pipe by the interpreter, for a handler may interrupt
    a thread that holds a lock."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    before = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, lambda *_: None) for number in (*_STOP, signal.SIGCHLD)}
    try:
        yield iter(lambda: os.read(read, 1), b"")
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before)
        os.close(write)  # `read` ends with the process: the thread of `kill_at` may be reading


class _Runs:
    """The runs, one at a time, and what happens to the one in hand."""

    def __init__(self, command: Sequence[str]) -> None:
        self.command = command
        self.was_killed = False
        self._at_work: subprocess.Popen[bytes] | None = None
        self._stopping = False
        self._lock = threading.Lock()

    def run(self) -> None:
        with self._lock:
            if self._stopping:
                return
            # A group of its own, so that Ctrl-C reaches it once, by us: the second one would break it off.
            self._at_work = subprocess.Popen(self.command, process_group=0)
        code = self._at_work.wait()
        with self._lock:
            self._at_work = None
        if code not in _SAID:
            click.echo(f"{iso(clock.now())} the run ended with {code}", err=True)
        self.reap()

    def stop(self) -> None:
        """Begin no further run, and have the one in hand finish its item."""
        with self._lock:
            self._stopping = True
            if self._at_work:
                self._at_work.terminate()

    def kill_at(self, received: Iterator[bytes]) -> None:
        """At a second signal, end the run in hand where it stands."""
        for number in received:
            if number[0] in _STOP:
                break
        with self._lock:
            if self._at_work:
                self.was_killed = True
                self._at_work.kill()

    def reap(self) -> None:
        """As process 1, of a container: take leave of processes whose parents died before them."""
        if os.getpid() != 1:
            return
        with self._lock, contextlib.suppress(ChildProcessError):
            while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                if self._at_work and found.si_pid == self._at_work.pid:
                    return  # `run` waits for it, and comes here after
                os.waitpid(found.si_pid, 0)


def due_command(project: Path, options: Sequence[str]) -> list[str]:
    """`dateline due` with options, as a process of this Python."""
    return [sys.executable, str(project / "cli.py"), "due", *options]
