"""Several workers crawl one set of outlets: each outlet at its own rate and budget, no address twice, nothing lost when
one of them is killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import distributed
import pytest
from click.testing import CliRunner
from s3_server import BUCKET, Server, s3_server
from worker_outlets import GONE, REPORTS, TOWNS, Towns, report_urls

from archive import clock
from archive.leases import Lease, Leases
from archive.storage import Changed, store_at
from archive.warc_reader import read_captures
from commands.crawl import crawl
from commands.due import due
from commands.merge import merge
from commands.working import Share
from items import Capture

PROJECT = Path(__file__).resolve().parents[1]
DELAY = 0.3  # seconds between two requests to one outlet (DOWNLOAD_DELAY)
OWN = {1: ("aberford", "caldwick", "eastmere"), 2: ("brinmore", "dunhaven", "farleigh")}  # in the order of their ids
LENGTH, CLOCKS = timedelta(minutes=10), timedelta(seconds=60)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


# Several machines: folders of their own, one folder (or bucket) that they share


@dataclass
class Machines:
    folder: Path
    towns: Towns
    captures: str
    more: dict[str, str] = field(default_factory=dict)  # environment
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def archive(self, machine: str) -> Path:
        return self.folder / machine / "archive.db"

    def environment(self, machine: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        return {
            **kept,
            "http_proxy": self.towns.proxy_url,
            "no_proxy": "127.0.0.1",
            "DATELINE_ARCHIVE": str(self.archive(machine)),
            "DATELINE_CAPTURES": self.captures,
            "SCRAPY_SETTINGS_MODULE": "worker_settings",
            "PYTHONPATH": str(PROJECT / "tests"),
            "TEST_DELAY": str(DELAY),
            "COLUMNS": "200",
            **self.more,
        }

    def begin(self, machine: str, *arguments: str) -> subprocess.Popen[str]:
        self.archive(machine).parent.mkdir(exist_ok=True)
        process = subprocess.Popen(
            [sys.executable, str(PROJECT / "cli.py"), *arguments],
            env=self.environment(machine), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.running.append(process)
        return process

    def run(self, machine: str, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        return ended(self.begin(machine, *arguments))

    def connect(self, machine: str) -> sqlite3.Connection:
        return sqlite3.connect(self.archive(machine))

    def wait_for(self, enough: Callable[[], bool], seconds: float = 120) -> None:
        ends = time.monotonic() + seconds
        while not enough():
            assert time.monotonic() < ends, [process.poll() for process in self.running]
            time.sleep(0.05)

    def kill(self, process: subprocess.Popen[str], asked: int, *towns: str) -> None:
        """In the moment at which the server has answered so many requests, however late this process would see it."""
        self.towns.answered = lambda: process.kill() if self.asked(*towns) >= asked else None
        process.wait(120)
        self.towns.answered = lambda: None
        assert process.returncode == -signal.SIGKILL

    def asked(self, *towns: str) -> int:
        return sum(entry.town in towns for entry in self.towns.log)

    def lease(self, outlet: str) -> Lease:
        name = f"{outlet}.json"
        return Lease.decoded(store_at(f"{self.captures}/leases").read(name), name)

    def end_lease(self, outlet: str, seconds: float = -1) -> Lease:
        """Have a killed worker's lease run out in so many seconds, as if it had renewed it last a while before."""
        lease = self.lease(outlet)
        now = datetime.now(UTC)
        assert lease.released is None and lease.until > now
        lease = replace(lease, until=now + timedelta(seconds=seconds))
        store, name = store_at(f"{self.captures}/leases"), f"{outlet}.json"
        store.replace(name, lease.encoded(), store.tag(name))
        return lease

    def stop(self) -> None:
        for process in self.running:
            if process.poll() is None:
                process.kill()
            process.communicate()


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def machines_at(folder: Path, towns: Towns) -> Machines:
    folder.mkdir(exist_ok=True)
    return Machines(folder, towns, str(folder / "captures"))


@pytest.fixture
def towns() -> Iterator[Towns]:
    with Towns() as found:
        yield found


@pytest.fixture
def machines(tmp_path: Path, towns: Towns) -> Iterator[Machines]:
    found = machines_at(tmp_path / "machines", towns)
    yield found
    found.stop()


def assert_unhurried(machines: Machines, towns: Iterable[str]) -> None:
    """Each outlet's delay lies between any two requests to it, whoever made them. It is counted from the moment at
    which a worker lets a request go, which must be true: after the one before was here, and before this one was."""
    for town in towns:
        asked = [entry for entry in machines.towns.log if entry.town == town and "robots" not in entry.path]
        for before, after in pairwise(sorted(asked, key=lambda entry: entry.turn)):
            assert before.turn < before.time < after.turn < after.time
            assert after.turn - before.turn > DELAY - 0.001


def addresses(town: str) -> list[str]:
    """Under which an outlet's reports are known."""
    return [url.replace("http:", "https:") for url in report_urls(town)]


# One is killed in the middle


@dataclass
class Round:
    """Two workers, the first killed in mid-crawl; the second goes on until nothing is left; all merged on a third
    machine. Then a second visit of both, merged too. `alone` is an archive that one crawl made of the same pages."""

    machines: Machines
    alone: Machines
    killed_at: float  # on the clock of `first`
    held_until: dict[str, float]  # by the leases of the killed worker, on that clock
    first: list[Any]  # what was asked in the first visit
    rows: Counter[str]  # captures of the first visit in the merged archive, by address
    of_second: tuple[int, str, str]
    segments: dict[str, int]  # beside the captures, before the first merge
    merged: list[tuple[int, str, str]]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Round]:
    folder = tmp_path_factory.mktemp("killed")
    with Towns() as towns, Towns() as again:
        machines, alone = machines_at(folder / "workers", towns), machines_at(folder / "alone", again)
        # A report that is missing counts once another was there after it. The reports of the list that is found later,
        # by the second, are looked at first: so all of the other list come after the one that is taken down.
        towns.sport_late = again.sport_late = 1.1
        # Of each worker's three outlets two are crawled side by side: the third waits for its turn.
        options = ("--set", "OUTLETS_AT_ONCE=2")
        one = machines.begin("one", "crawl", "--worker", "1/2", *options)
        two = machines.begin("two", "crawl", "--worker", "2/2", *options)
        machines.kill(one, 9, *OWN[1])
        killed_at = time.monotonic()
        ticks, wall = time.monotonic(), datetime.now(UTC)
        held_until = {town: ticks + (machines.end_lease(town, 3).until - wall).total_seconds() for town in OWN[1]}
        slowly = ("--set", "DOWNLOAD_DELAY=0.05")  # without a delay Scrapy asks for several at once, whatever the limit
        by_itself = alone.begin("archive", "crawl", *slowly)
        of_second = ended(two)
        assert ended(by_itself)[0] == 0
        again.visit = 2
        by_itself = alone.begin("archive", "crawl", "--full", *slowly)
        first = list(towns.log)
        segments = store_at(f"{machines.captures}/segments").names()
        merged = [machines.run("archive", "merge", "--workers", "2")]
        with closing(machines.connect("archive")) as connection:
            rows = Counter(url for (url,) in connection.execute("select url from captures"))
        towns.visit = 2
        machines.more["TEST_LEASE"] = "60"  # nobody is killed now
        both = [
            machines.begin(name, "crawl", "--full", "--worker", share)
            for name, share in (("one", "1/2"), ("two", "2/2"))
        ]
        assert [ended(process)[0] for process in both] == [0, 0]
        merged.append(machines.run("archive", "merge"))
        merged.append(machines.run("archive", "merge"))
        assert ended(by_itself)[0] == 0
        yield Round(machines, alone, killed_at, held_until, first, rows, of_second, segments, merged)
        machines.stop()
        alone.stop()


def test_outlets_of_a_killed_worker_are_taken_over_once_its_lease_has_run_out(killed: Round) -> None:
    code, _, said = killed.of_second
    assert code == 0, said
    for outlet in OWN[1]:
        assert f"{outlet} is taken over from worker 1/2 (process " in said
    for town in OWN[1]:
        later = [entry.turn for entry in killed.first if entry.town == town and entry.turn > killed.killed_at]
        assert min(later) >= killed.held_until[town] + 0.5  # LEASE_CLOCKS


def test_no_outlet_is_asked_faster_than_its_delay_allows(killed: Round) -> None:
    assert min(killed.machines.asked(town) for town in TOWNS) >= 2 * (REPORTS + 2)
    assert_unhurried(killed.machines, TOWNS)


def test_no_address_is_asked_twice_but_one_whose_answer_the_kill_has_swallowed(killed: Round) -> None:
    asked = Counter((entry.town, entry.path) for entry in killed.first)
    assert len(asked) == 6 * (REPORTS + 3)  # two lists and robots.txt
    twice = [address for address, times in asked.items() if times > 1]
    # One request of each of two outlets can have been on its way.
    assert len({town for town, _ in twice}) == len(twice) <= 2 and {town for town, _ in twice} <= set(OWN[1])
    assert killed.rows == {f"http://{town}.example{path}": 1 for town, path in asked}


def test_every_whole_record_of_a_killed_worker_has_its_row(killed: Round) -> None:
    folder = Path(killed.machines.captures)
    assert not list(folder.glob("*.open"))
    written = set()
    for path in folder.glob("*.warc.gz"):
        with closing(store_at(folder).open(path.name)) as file:
            written |= {(path.name, event.offset) for event in read_captures(file) if isinstance(event, Capture)}
    with closing(killed.machines.connect("archive")) as connection:
        assert set(connection.execute("select warc, offset from captures")) == written
        unfinished = connection.execute("select outlet from crawls where finished_at is null").fetchall()
    assert {outlet for (outlet,) in unfinished} <= set(OWN[1]) and unfinished


def told(connection: sqlite3.Connection) -> dict[str, list[Any]]:
    """What an archive says that depends neither on the moment of a capture nor on the order of arrival."""
    return {
        what: sorted(connection.execute(query).fetchall(), key=repr)
        for what, query in {
            "reports": "select url, outlet, title, excerpt, language, published_at, published_printed, state, versions "
            "from reports",
            "versions": "select url, number, versions.title, body, text_digest, layout, kinds, added, removed, "
            "removed_text from versions join reports on reports.id = report",
            "readings": "select url, part, parts, text_digest, page, fields, captures.status from readings "
            "join captures on captures.id = capture",
            "takedowns": "select url, takedowns.state, cause from takedowns join reports on reports.id = report",
            "figures": "select url, latest, number, text, value, noun, act from figures "
            "join reports on reports.id = report",
            # Not which of them refers to another for its payload: outlets of one archive share theirs.
            "captures": "select url, status, outcome, payload_sha256, payload_length from captures",
            "lists": "select url, outlet, kind, last_outcome, title, found_in from checks",
        }.items()
    }


def test_the_merged_archive_says_what_that_of_one_crawl_says(killed: Round) -> None:
    assert [code for code, _, _ in killed.merged] == [0, 0, 0]
    with closing(killed.machines.connect("archive")) as merged, closing(killed.alone.connect("archive")) as alone:
        one, other = told(merged), told(alone)
    assert len(one["reports"]) == 6 * REPORTS and len(one["versions"]) == 6 * (REPORTS + 1)
    assert [state for _, state, _ in one["takedowns"]] == ["suspected"] * 6
    assert {url for url, _, _ in one["takedowns"]} == {addresses(town)[GONE - 1] for town in TOWNS}
    for what in one:
        assert one[what] == other[what], what


def test_a_merge_says_what_came_in_and_a_second_one_that_nothing_did(killed: Round) -> None:
    first, second, third = (out for _, out, _ in killed.merged)
    assert "48 new reports, 0 changed." in first
    assert "0 new reports, 6 changed." in second
    assert third == "Nothing new was captured.\n"


def test_a_worker_reads_what_it_has_captured_and_the_merge_takes_that(killed: Round) -> None:
    made = {name.split(".")[0] for name in killed.segments}
    for town in OWN[2]:
        assert any(name.startswith(f"dateline-{town}-") for name in made)
    with closing(killed.machines.connect("archive")) as connection:
        merged = {name for (name,) in connection.execute("select name from segments")}
    assert killed.segments.keys() <= merged


def test_leases_are_released_at_the_end_of_a_round(killed: Round) -> None:
    for town in TOWNS:
        lease = killed.machines.lease(town)
        assert lease.released is not None and lease.holder == f"worker {1 if town in OWN[1] else 2}/2"


# Budget, signals, a lease that is lost


def test_a_budget_holds_across_a_takeover(machines: Machines) -> None:
    options = ("--set", "REQUEST_BUDGET=7")
    one = machines.begin("one", "crawl", "aberford", "--worker", "1/2", *options)
    machines.kill(one, 5, "aberford")
    machines.end_lease("aberford")
    code, _, said = machines.run("two", "crawl", "aberford", "--worker", "2/2", *options)
    assert "aberford is taken over from worker 1/2" in said
    assert code in (0, 3)
    assert machines.run("archive", "merge")[0] == 0
    with closing(machines.connect("archive")) as connection:
        assert connection.execute("select count(*) from captures").fetchone() == (7,)
    assert machines.asked("aberford") <= 8  # the answer of one may have been lost with the worker


def test_a_worker_that_was_killed_when_all_had_been_asked_leaves_nothing_to_ask(machines: Machines) -> None:
    one = machines.begin("one", "crawl", "aberford", "--worker", "1/2")
    machines.kill(one, REPORTS + 3, "aberford")
    machines.end_lease("aberford")
    code, _, said = machines.run("two", "crawl", "aberford", "--worker", "2/2")
    assert code == 0, said
    assert machines.asked("aberford") <= REPORTS + 4  # the last answer may have been lost with the worker


def test_a_signal_ends_a_worker_in_order(machines: Machines) -> None:
    machines.more["TEST_LEASE"] = "60"
    worker = machines.begin("one", "crawl", "--worker", "1/1", "--set", "OUTLETS_AT_ONCE=2")
    machines.wait_for(lambda: machines.asked(*TOWNS) >= 10)
    worker.terminate()
    code, _, said = ended(worker)
    assert code == 3 and "stopped by a signal; the next crawl goes on from here" in said
    assert not list(Path(machines.captures).glob("*.open"))
    assert {machines.lease(town).released is not None for town in TOWNS} == {True}  # those that waited too
    assert machines.run("one", "crawl", "--worker", "1/1", "--set", "DOWNLOAD_DELAY=0")[0] == 0
    reports = Counter(entry.path for entry in machines.towns.log if "story" in entry.path and entry.town == "aberford")
    assert len(reports) == REPORTS and set(reports.values()) == {1}


def test_a_worker_whose_outlet_was_taken_by_another_stops_it_at_once(machines: Machines) -> None:
    machines.more["TEST_LEASE"] = "9"
    worker = machines.begin("one", "crawl", "aberford", "--worker", "1/1", "--set", "DOWNLOAD_DELAY=1")
    machines.wait_for(lambda: machines.asked("aberford") >= 2)
    store = store_at(f"{machines.captures}/leases")
    until = datetime.now(UTC) + timedelta(hours=1)
    taken = replace(machines.lease("aberford"), holder="worker 2/2", token="another", until=until)
    while machines.lease("aberford") != taken:
        with suppress(Changed):  # it was renewed in between
            store.replace("aberford.json", taken.encoded(), store.tag("aberford.json"))
    # It learns of it at its next renewal, within 3 seconds, where nine requests would take nine.
    machines.wait_for(lambda: not list(Path(machines.captures).glob("*.open")))
    worker.terminate()  # it waits for that other one to end, or to die
    code, _, said = ended(worker)
    assert code == 1 and "the outlet was given up, since worker 2/2 (process " in said and "has taken it" in said
    assert machines.asked("aberford") < REPORTS + 3
    assert machines.lease("aberford").token == "another"  # which it leaves alone


def test_a_worker_that_cannot_renew_its_lease_asks_nothing_more_once_it_is_over(machines: Machines) -> None:
    machines.more["TEST_LEASE"] = "6"
    worker = machines.begin("one", "crawl", "aberford", "--worker", "1/1", "--set", "DOWNLOAD_DELAY=1.2")
    machines.wait_for(lambda: machines.asked("aberford") >= 2)
    leases = Path(machines.captures) / "leases"
    leases.rename(leases.with_name("cut off"))
    leases.write_text("the shared disk is gone")
    cut_off = time.monotonic()
    assert ended(worker)[0] == 1
    assert machines.asked("aberford") < REPORTS + 3
    assert max(entry.turn for entry in machines.towns.log) < cut_off + 6  # seconds that its lease holds


def test_due_with_workers_does_what_is_due_and_no_more(machines: Machines) -> None:
    machines.more["TEST_LEASE"] = "60"
    options = ("--worker", "1/1", "--set", "DOWNLOAD_DELAY=0")
    assert machines.run("one", "due", "aberford", "brinmore", *options)[0] == 0
    assert machines.asked("aberford") == machines.asked("brinmore") == REPORTS + 3
    code, out, _ = machines.run("one", "due", "aberford", "brinmore", *options)
    assert code == 0 and out.startswith("Nothing is due. Next: ")
    assert machines.asked(*TOWNS) == 2 * (REPORTS + 3)


def test_a_crawl_without_worker_leaves_out_what_workers_have_in_hand(machines: Machines) -> None:
    store = store_at(f"{machines.captures}/leases")
    assert Leases(store, "worker 1/2", LENGTH, CLOCKS).take("aberford")
    gone = Leases(store, "worker 2/2", LENGTH, CLOCKS)
    with clock.replaced(lambda: datetime.now(UTC) - timedelta(minutes=12)):
        assert gone.take("brinmore")  # and never released: it died
    code, _, said = machines.run("archive", "crawl", "aberford", "brinmore", "--set", "DOWNLOAD_DELAY=0")
    assert code == 0 and "aberford is left out: worker 1/2 (process " in said
    assert machines.asked("aberford") == 0 and machines.asked("brinmore") == REPORTS + 3
    code, _, said = machines.run("archive", "crawl", "aberford")
    assert code == 1 and "Workers have every outlet in hand" in said
    assert machines.run("archive", "due", "aberford")[0] == 75


@pytest.mark.parametrize("part", ["3/2", "0/2", "a", "1", "1/0", "-1/2", "1/2/3"])
@pytest.mark.parametrize("command", [crawl, due])
def test_a_part_that_is_none_is_refused_with_an_example(command: Any, part: str) -> None:
    result = CliRunner().invoke(command, [f"--worker={part}"])
    assert result.exit_code == 2 and "such as --worker 1/2" in result.output


@pytest.mark.parametrize("place", ["a file", "s3://"])
@pytest.mark.parametrize(
    "command", [(crawl, "--worker", "1/2"), (due, "--worker", "1/2"), (crawl,), (merge,)],
    ids=["crawl as worker", "due as worker", "crawl", "merge"],
)  # fmt: skip
def test_a_place_that_cannot_be_shared_is_named(tmp_path: Path, command: tuple[Any, ...], place: str) -> None:
    if place == "a file":
        (tmp_path / place).write_text("no folder")
        place = str(tmp_path / place)
    options = ("--set", f"CAPTURES={place}", "--set", f"ARCHIVE={tmp_path / 'archive.db'}")
    result = CliRunner().invoke(command[0], [*command[1:], *options])
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit), result.exception
    assert place in result.output and "DATELINE_CAPTURES" in result.output


def test_each_outlet_has_one_worker() -> None:
    assert Share(1, 2).among(TOWNS) == list(OWN[1]) and Share(2, 2).among(TOWNS) == list(OWN[2])
    for of in range(1, 9):
        shares = [name for number in range(1, of + 1) for name in Share(number, of).among(TOWNS)]
        assert sorted(shares) == list(TOWNS)


@pytest.mark.parametrize("options", [[], ["--worker", "1/1"]], ids=["alone", "worker"])
def test_a_signal_that_comes_while_a_spider_is_opened_ends_its_crawl(
    tmp_path: Path, towns: Towns, options: list[str]
) -> None:
    machines = machines_at(tmp_path / "machines", towns)
    machines.more = {"TEST_SIGNAL": "1"}
    code, _, said = machines.run("one", "crawl", "aberford", *options)
    assert code == 3 and "aberford: stopped by a signal; the next crawl goes on from here" in said
    assert machines.asked("aberford") <= 3  # robots.txt and the lists, which it has in hand from its beginning
    machines.more = {}
    code, _, said = machines.run("one", "crawl", "aberford", *options)
    assert code == 0 and machines.asked("aberford") >= REPORTS + 2, said


# A job an outlet on a Dask cluster


@contextmanager
def cluster_of_two(machines: Machines) -> Iterator[tuple[str, Any]]:
    """Its scheduler's address, and a client. Each job is a process, which has the environment of its worker."""
    with (
        mock.patch.dict(os.environ, machines.environment("jobs")),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=2, dashboard_address=None, local_directory=str(machines.folder / "dask")
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield cluster.scheduler_address, client


def parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_dask_job_crawls_an_outlet_and_one_whose_worker_is_killed_is_taken_over(machines: Machines) -> None:
    names = ("aberford", "brinmore", "caldwick")
    with cluster_of_two(machines) as (scheduler, client):
        workers = client.run(os.getpid).values()
        options = ("--engine", "dask", "--scheduler", scheduler, "--set", "DOWNLOAD_DELAY=0.6")
        crawl = machines.begin("coordinator", "crawl", *names, *options)
        machines.wait_for(lambda: machines.asked("aberford") >= 4 and all(map(machines.asked, names)))
        jobs = {name: machines.lease(name).pid for name in names}
        parent = parent_of(jobs["aberford"])
        assert parent in workers
        killed = [name for name, job in jobs.items() if parent_of(job) == parent]
        os.kill(parent, signal.SIGKILL)
        machines.wait_for(lambda: not any(Path(f"/proc/{jobs[name]}").exists() for name in killed))  # nor do its jobs
        for name in killed:
            machines.end_lease(name)
        code, out, said = ended(crawl)
    assert code == 0, said
    assert_unhurried(machines, names)
    assert "aberford is taken over from Dask job aberford (process " in said
    for name in names:
        assert name in out and machines.lease(name).released is not None
        asked = Counter(entry.path for entry in machines.towns.log if entry.town == name)
        # Of the two jobs that the killed worker had, each can have had a request on its way.
        assert len(asked) == REPORTS + 3 and asked.total() <= REPORTS + 4
    code, out, _ = machines.run("archive", "merge")
    assert code == 0 and f"{3 * REPORTS} new reports" in out


def test_a_signal_ends_dask_jobs_in_order(machines: Machines) -> None:
    with cluster_of_two(machines) as (scheduler, _):
        # Of six jobs four are begun at once; with this delay none has ended when it learns that it is to end.
        options = ("--engine", "dask", "--scheduler", scheduler, "--set", "DOWNLOAD_DELAY=2")
        crawl = machines.begin("coordinator", "crawl", *options)
        machines.wait_for(lambda: machines.asked(*TOWNS) >= 4)
        crawl.terminate()
        code, _, said = ended(crawl)
    assert code == 3 and "stopped by a signal; the next crawl goes on from here" in said
    assert not list(Path(machines.captures).glob("*.open"))
    begun = {entry.town for entry in machines.towns.log}
    assert 0 < len(begun) < len(TOWNS)
    assert {machines.lease(town).released is not None for town in begun} == {True}


@pytest.mark.parametrize(
    "options", [["--engine", "dask"], ["--scheduler", "tcp://127.0.0.1:9"]], ids=["no scheduler", "no engine"]
)
def test_an_engine_and_its_scheduler_belong_together(options: list[str]) -> None:
    result = CliRunner().invoke(crawl, options)
    assert result.exit_code == 2 and "belong together" in result.output


# In S3


@pytest.fixture
def server() -> Iterator[Server]:
    with s3_server() as server:
        yield server


def test_workers_who_share_a_bucket_lose_nothing_when_one_is_killed(
    server: Server, tmp_path: Path, towns: Towns
) -> None:
    machines = Machines(tmp_path, towns, f"s3://{BUCKET}/archive", server.environment | {"TEST_LEASE": "9"})
    names = ("aberford", "brinmore")
    try:
        store = store_at(machines.captures)
        options = ("--set", "DOWNLOAD_DELAY=0.6")
        one = machines.begin("one", "crawl", *names, "--worker", "1/2", *options)
        two = machines.begin("two", "crawl", *names, "--worker", "2/2", *options)
        # What it has captured is put back as often as its lease is renewed, every 3 seconds.
        machines.wait_for(lambda: "aberford.db" in store_at(f"{machines.captures}/outlets").names())
        put_back = machines.asked("aberford")
        machines.kill(one, put_back + 1, "aberford")
        machines.end_lease("aberford")
        code, _, said = ended(two)
        assert code == 0 and "aberford is taken over from worker 1/2" in said, said
        assert {name.split("-")[1] for name in store.names(suffix=".warc.gz")} == set(names)
        # The first machine is back: what its killed worker had not handed in is handed in.
        assert machines.run("one", "crawl", *names, "--worker", "1/2")[0] == 0
        assert not list((tmp_path / "one" / "outlets" / "aberford.db.spool").iterdir())
        code, _, said = machines.run("archive", "merge")
        assert code == 0, said
        with closing(machines.connect("archive")) as connection:
            reports = {url for (url,) in connection.execute("select url from reports")}
            rows = Counter(url for (url,) in connection.execute("select url from captures"))
        assert reports == {url for town in names for url in addresses(town)}
        answered = Counter(f"http://{entry.town}.example{entry.path}" for entry in towns.log)
        # Every answer but the one that was on its way to the killed worker is there.
        assert sum((answered - rows).values()) <= 1 and not rows - answered
    finally:
        machines.stop()
