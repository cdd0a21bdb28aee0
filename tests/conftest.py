"""A crawl of the sample newsroom, made once and looked at by many tests."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import browser
import pytest
from hypothesis import settings
from linked_archive import make_linked_archive
from serving import RELEASES, serving
from small_archive import make_archive

from archive.schema import connect
from archive.times import iso
from commands.demo import FAST
from samples.newsroom import Newsroom

# A loaded machine is no failure; and what CI has found once it finds again. At a desk every run looks elsewhere.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

PROJECT = Path(__file__).resolve().parents[1]

# Tests start some hundred processes, each of which would otherwise compile all of Dateline anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


# A crawl in these is given seconds, or is stopped in the middle: a busy machine would make them fail.
ALONE = {
    "test_bad_input", "test_crawl", "test_crawl_and_read", "test_due", "test_politeness",
    "test_schedule",
}  # fmt: skip


# The files that take longest, longest first: they are begun first, so that no core is idle while the last one ends.
LONG = (
    "test_workers", "test_browser_pages", "test_engines", "test_hostile_pages", "test_import", "test_year",
    "test_browser_paths", "test_foreign_warcs", "test_killed_runs", "test_exports", "test_backfill", "test_furniture", "test_rewritten",
    "test_public", "test_polite", "test_report_statements", "test_figures_page", "test_s3_captures", "test_week",
    "test_common_crawl_backfill", "test_captures_page", "test_report_page", "test_text",
)  # fmt: skip


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    for item in items:
        if item.path.stem in ALONE:
            item.add_marker(pytest.mark.alone)
    yield  # pytest takes those that -m asks for, and puts together what shares a parametrised fixture
    rank = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(LONG)))


def pytest_make_parametrize_id(val: object) -> str | None:
    """Gzip notes the time, and a test's name must be the same in each of the processes that share the tests."""
    return f"{len(val)} bytes of gzip" if isinstance(val, bytes) and val.startswith(b"\x1f\x8b") else None


@dataclass(frozen=True)
class Place:
    """A folder with an archive and its captures, and a newsroom to crawl."""

    folder: Path
    proxy: str

    @property
    def archive(self) -> Path:
        return self.folder / "archive.db"

    @property
    def captures(self) -> Path:
        return self.folder / "captures"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        return kept | {
            "http_proxy": self.proxy,
            "https_proxy": self.proxy,
            "DATELINE_ARCHIVE": str(self.archive),
            "DATELINE_CAPTURES": str(self.captures),
            "COLUMNS": "200",
        }

    def dateline(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a subcommand in a process of its own (Twisted's reactor runs once in a process)."""
        command = [sys.executable, str(PROJECT / "cli.py"), *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=300
        )

    def crawl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.dateline("crawl", *(part for override in FAST for part in ("--set", override)), *arguments)

    def due(self, *arguments: str, at: datetime | None = None) -> subprocess.CompletedProcess[str]:
        """A scheduled run, with the clock showing `at` as it begins."""
        options = [part for override in FAST for part in ("--set", override)]
        if at is None:
            return self.dateline("due", *options, *arguments)
        command = [sys.executable, str(PROJECT / "tests" / "at_time.py"), iso(at), "due", *options, *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=300
        )

    def connect(self, path: Path | None = None) -> sqlite3.Connection:
        return connect(path or self.archive)


@pytest.fixture
def newsroom() -> Iterator[Newsroom]:
    with Newsroom() as server:
        yield server


@pytest.fixture
def place(tmp_path: Path, newsroom: Newsroom) -> Place:
    return Place(tmp_path, newsroom.proxy_url)


@dataclass(frozen=True)
class Crawled:
    place: Place
    first: subprocess.CompletedProcess[str]
    second: subprocess.CompletedProcess[str]
    newsroom: Newsroom


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """Both visits of the sample newsroom in one archive."""
    with Newsroom() as server:
        place = Place(tmp_path_factory.mktemp("crawled"), server.proxy_url)
        first = place.crawl()
        server.visit = 2
        second = place.crawl("--full")
        yield Crawled(place, first, second, server)


class Servers:
    """`dateline serve` over archives that many test files read, each started when it is first asked for and open until
    the last test: pytest itself would end a server of one Datasette before it starts that of the other, file by file."""

    def __init__(self, open_until_the_end: ExitStack) -> None:
        self._stack = open_until_the_end
        self._archives: dict[str, Path] = {}
        self._addresses: dict[tuple[str, str], str] = {}

    def address(self, name: str, release: str, make: Callable[[], Path], captures: Path | None = None) -> str:
        """Where the archive that `make` makes is served with this Datasette; it is called once a name."""
        if (name, release) not in self._addresses:
            archive = self._archives.get(name) or self._archives.setdefault(name, make())
            self._addresses[name, release] = self._stack.enter_context(
                serving(archive, captures=captures, release=release)
            )
        return self._addresses[name, release]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture(scope="session", params=RELEASES)
def server(request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of `dateline serve` over the small archive (tests/small_archive.py), with each Datasette."""

    def make() -> Path:
        archive = tmp_path_factory.mktemp("served") / "a copy.db"  # which is not called archive.db
        make_archive(archive).close()
        return archive

    return servers.address("small", request.param, make)


@pytest.fixture(scope="session", params=RELEASES)
def linked(request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of `dateline serve` over reports that were read and linked (tests/linked_archive.py), with each
    Datasette."""

    def make() -> Path:
        archive = tmp_path_factory.mktemp("linked") / "archive.db"
        make_linked_archive(archive).close()
        return archive

    return servers.address("linked", request.param, make)


@pytest.fixture(scope="session", params=RELEASES)
def room(request: pytest.FixtureRequest, servers: Servers, crawled: Crawled) -> str:
    """The address of `dateline serve` over both visits of the sample newsroom and its captures, with each Datasette."""
    place = crawled.place
    return servers.address("room", request.param, lambda: place.archive, place.captures)


@pytest.fixture(scope="module")  # while it is open, nothing else in this process can run asyncio
def chromium() -> Iterator[browser.Chromium]:
    """A reader's browser (tests/browser.py); skipped where there is none."""
    with browser.chromium() as found:
        yield found


def rows_of(connection: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of ours, sorted: what two archives must agree on. Not by which process which WARC file
    was read (`segments`)."""
    names = [
        name
        for (name,) in connection.execute(
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' "
            "and name not like '\\_sqlite\\_%' escape '\\' and sql not like 'create virtual%' order by name"
        )
    ]
    shadows = tuple(
        name for (name,) in connection.execute("select name from sqlite_master where sql like 'create virtual%'")
    )
    return {
        name: sorted(connection.execute(f"select * from {name}").fetchall(), key=repr)
        for name in names
        if name != "segments" and not name.startswith(tuple(f"{shadow}_" for shadow in shadows))
    }
