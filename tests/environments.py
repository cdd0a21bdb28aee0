"""Virtual environments of their own, for programs that need other packages than Dateline does."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent


def python_with(name: str) -> Path:
    """The Python of build/<name>-venv, with the packages of tests/<name>.lock; made once per lock. Skips the test,
    saying why, where they cannot be installed."""
    lock, place = TESTS / f"{name}.lock", TESTS.parent / "build" / f"{name}-venv"
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    stamp = place / "installed"
    place.parent.mkdir(exist_ok=True)
    with place.with_suffix(".lock").open("w") as only_one:  # of the test processes makes it
        fcntl.flock(only_one, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            _make(place, lock, name)
            stamp.write_text(wanted)
    return place / "bin/python"


def _make(place: Path, lock: Path, name: str) -> None:
    """By the pip of the environment that runs the tests, and without the bytecode of what is never imported: to install
    a pip in each and to compile everything takes longer than the rest."""
    shutil.rmtree(place, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin/python")]
    install = [*pip, "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    done = subprocess.run([*install, "--require-hashes", "-r", str(lock)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{name} cannot be installed here: {done.stderr.strip().splitlines()[-1:]}")
