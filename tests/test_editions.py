"""New editions of a public archive, served by several processes one of which is restarted after the other: the scripts
of docs/publishing.md, run as they stand there. systemd and nginx are stood in for: the first by a script, the second by
a client that asks the other process when one refuses, as `proxy_next_upstream` does. nginx's own configuration is not
tried here."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import pytest
from serving import PROJECT, free_port
from small_archive import SAMPLES, make_archive

from archive import publishing
from archive.public import edition_of
from archive.publishing import make_public

# Stops what serves a port, waiting for it as systemd does, and starts it anew.
SYSTEMCTL = """#!/bin/sh
set -eu
port=${2#dateline-public@}
if [ -f "$UNITS/$port.pid" ]; then
    pid=$(cat "$UNITS/$port.pid")
    kill -TERM "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
fi
"$UNITS/serve-edition" "$port" >>"$UNITS/$port.log" 2>&1 </dev/null &
echo $! >"$UNITS/$port.pid"
"""


@dataclass
class Site:
    """A public archive's folder, its two ports and the scripts that serve and renew it."""

    folder: Path
    ports: tuple[int, int]
    archive: Path

    @property
    def public(self) -> Path:
        return self.folder / "public"

    def publish(self, **environment: str) -> subprocess.CompletedProcess[str]:
        known = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "UNITS": str(self.folder),
            "PUBLIC": str(self.public),
            "DATELINE": str(PROJECT),
            "PORTS": " ".join(map(str, self.ports)),
            "NGINX_EDITION": str(self.folder / "edition.conf"),
            "DATELINE_ARCHIVE": str(self.archive),
        }
        return subprocess.run(
            [self.folder / "publish-edition"], env=os.environ | known | environment, capture_output=True, text=True
        )

    def current(self) -> str:
        return (self.public / "current").resolve().name


@dataclass
class Answers:
    """What a reader got: titles of the report by the port that answered, and what failed on every port."""

    titles: list[tuple[int, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    scripts = re.findall(r"`([\w-]+)`[^`]*\n\n```sh\n(#!/bin/sh.*?)```", documentation(), re.DOTALL)
    assert [name for name, _ in scripts] == ["serve-edition", "publish-edition"]
    folder = tmp_path / "site"
    (folder / "bin").mkdir(parents=True)
    (folder / "public").mkdir()
    for path, text in (
        *((folder / name, text) for name, text in scripts),
        (folder / "bin" / "systemctl", SYSTEMCTL),
        (folder / "bin" / "nginx", "#!/bin/sh\n"),
    ):
        path.write_text(text)
        path.chmod(0o755)
    make_archive(tmp_path / "archive.db").close()
    made = Site(folder, (free_port(), free_port()), tmp_path / "archive.db")
    yield made
    for path in folder.glob("*.pid"):
        with suppress(ProcessLookupError):
            os.kill(int(path.read_text()), signal.SIGTERM)


def documentation() -> str:
    return (PROJECT / "docs" / "publishing.md").read_text(encoding="utf-8")


def ask(site: Site, path: str, first: int) -> tuple[int, str]:
    """The port that answered and its answer. As nginx does, the other port is asked when one refuses, or ends before its
    answer begins, as a process that is told to end does with who waits to be accepted. Raises OSError for none."""
    for port in (site.ports[first], site.ports[1 - first]):
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
        except ConnectionError:
            continue
        assert answer.status == 200
        return port, answer.read().decode()
    raise ConnectionRefusedError(f"{path}: no process answers")


def reading(site: Site, report: int, answers: Answers, ended: Callable[[], bool]) -> None:
    """Ask one process and the other by turns, without a pause, until it is over."""
    turn = 0
    while not ended():
        turn = 1 - turn
        try:
            port, text = ask(site, f"/reports/{report}", turn)
            found = re.search(r"<h1[^>]*>([^<]*)", text)
            assert found, text[:200]
            answers.titles.append((port, found[1]))
        except (OSError, AssertionError) as error:
            answers.failures.append(repr(error))


def test_a_new_edition_takes_over_without_a_request_that_fails(site: Site) -> None:
    report = SAMPLES[2].id
    first = site.publish()
    assert first.returncode == 0, first.stderr
    old = site.current()
    with closing(sqlite3.connect(site.archive)) as archive, archive:
        archive.execute("update versions set title = 'Police crush more gangs' where report = ?", [report])
    answers, over = Answers(), threading.Event()
    readers = [threading.Thread(target=reading, args=(site, report, answers, over.is_set)) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        while len(answers.titles) < 4 and not answers.failures:
            time.sleep(0.02)
        time.sleep(1)  # editions are named by the second
        second = site.publish()
        asked = len(answers.titles)
        while len(answers.titles) < asked + 8 and not answers.failures:
            time.sleep(0.02)
    finally:
        over.set()
        for reader in readers:
            reader.join(30)
    assert second.returncode == 0, second.stderr
    assert answers.failures == []
    assert {title for _, title in answers.titles[:4]} == {"Police crush gangs"}
    assert set(answers.titles[-4:]) == {(port, "Police crush more gangs") for port in site.ports}
    assert site.current() != old
    assert (site.folder / "edition.conf").read_text() == f"set $edition {site.current()};\n"
    # Both are there, to go back to, each with its own index.
    assert sorted(path.name for path in site.public.glob("2*Z")) == [old, site.current()]
    assert edition_of(site.public / old / "archive.db") != edition_of(site.public / "current" / "archive.db")


def test_indexes_are_sorted_beside_the_file_that_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The room for it is where the file is to be, and perhaps nowhere else."""
    make_archive(tmp_path / "archive.db").close()
    (tmp_path / "it's here").mkdir()
    describe, places = publishing._describe, []

    def looked_at(made: sqlite3.Connection, *about: str) -> object:
        places.append(made.execute("pragma temp_store_directory").fetchone())
        return describe(made, *about)

    monkeypatch.setattr(publishing, "_describe", looked_at)
    make_public(tmp_path / "archive.db", tmp_path / "it's here" / "public.db", "0", "2026-11-24T10:00:00Z")
    assert places == [(str(tmp_path / "it's here"),)]
    with closing(sqlite3.connect(tmp_path / "archive.db")) as archive:
        assert archive.execute("pragma temp_store_directory").fetchone() in (None, ("",))
