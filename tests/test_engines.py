"""WARC files read by several processes or a Dask cluster: the same segments, byte for byte, and the same archive as by
one process after another, whoever is killed meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import distributed
import pytest
from conftest import PROJECT, Place, rows_of
from s3_server import BUCKET, s3_server
from scrapy.utils.project import get_project_settings

from archive import segments
from archive.fingerprint import fingerprint
from archive.segments import SegmentUnreadable
from archive.storage import Captures, store_at
from archive.writer import Writer
from commands.reading import read_new
from pipelines import engines
from pipelines.engines import EngineFailed
from pipelines.shards import OtherCode, Shard, extractor_version, make_segment
from samples.newsroom import Newsroom

MODULES = tuple(get_project_settings().getlist("SPIDER_MODULES"))


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Both visits of the sample newsroom, in many small WARC files, revisits of payloads in other files among them."""
    with Newsroom() as newsroom:
        place = Place(tmp_path_factory.mktemp("evidence"), newsroom.proxy_url)
        place.crawl("--set", "WARC_MAX_BYTES=6000")
        newsroom.visit = 2
        place.crawl("--full", "--set", "WARC_MAX_BYTES=6000")
        assert len(list(place.captures.glob("*.warc.gz"))) >= 12
        assert place.connect().execute(
            """select count(*) from captures join captures as held on held.id = captures.revisit_of
            where held.warc <> captures.warc and captures.status = 200"""
        ).fetchone() > (0,)
        yield place


def shards(place: Place, folder: Path) -> list[Shard]:
    return [
        Shard(name, str(place.captures), str(folder), extractor_version(MODULES), MODULES)
        for name in Captures.at(place.captures).names()
    ]


def read_by(engine: engines.Engine, work: list[Shard]) -> dict[str, bytes]:
    """Segment → its bytes."""
    made = list(engine.segments(work))
    assert [segment.warc for segment in made] == [shard.name for shard in work]  # in their order
    return {segment.name: (Path(work[0].segments) / segment.name).read_bytes() for segment in made}


@pytest.fixture(scope="module")
def alone(evidence: Place, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return read_by(engines.Here(), shards(evidence, tmp_path_factory.mktemp("alone")))


@pytest.fixture(scope="module")
def serial(evidence: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that one process makes, without segments."""
    archive = tmp_path_factory.mktemp("serial") / "archive.db"
    done = evidence.dateline("reread", "--into", str(archive), "--workers", "1")
    assert done.returncode == 0, done.stderr
    return archive


def test_a_segment_holds_what_the_file_does(evidence: Place, alone: dict[str, bytes]) -> None:
    told = [segments.describe(name, data) for name, data in alone.items()]
    assert (
        sum(segment.captures for segment in told)
        == evidence.connect().execute("select count(*) from captures").fetchone()[0]
    )
    assert all((evidence.captures / segment.warc).stat().st_size == segment.warc_bytes for segment in told)
    assert {segment.passed_over for segment in told} == {0}


def test_a_pool_of_processes_makes_the_same_segments(evidence: Place, alone: dict[str, bytes], tmp_path: Path) -> None:
    assert read_by(engines.Processes(2), shards(evidence, tmp_path)) == alone


def test_a_process_of_the_pool_that_is_killed_is_replaced(
    evidence: Place, alone: dict[str, bytes], tmp_path: Path
) -> None:
    work = shards(evidence, tmp_path)
    made = engines.Processes(2).segments(work)
    names = [next(made).name]
    os.kill(children()[0], signal.SIGKILL)
    names += [segment.name for segment in made]
    assert {name: (tmp_path / name).read_bytes() for name in names} == alone


def children() -> list[int]:
    """Processes of this one, those of the pool: not the one that counts what they share."""
    found = []
    for line in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
        found += [int(pid) for pid in line.read_text().split()]
    return [pid for pid in found if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]


def test_a_shard_over_which_every_process_dies_is_named(
    evidence: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = shards(evidence, tmp_path)
    monkeypatch.setattr(engines, "make_segment", die)
    with pytest.raises(EngineFailed, match=f"{work[0].name} dies each time .*fewer --workers"):
        list(engines.Processes(2).segments(work[:3]))


def die(_: Shard) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_workers_do_not_outlive_a_parent_that_is_killed(evidence: Place, tmp_path: Path) -> None:
    script = (
        "import sys, time; from pipelines import engines\n"
        "if __name__ == '__main__':\n"
        "    pool = engines.Processes(2)._pool(); future = pool.submit(time.sleep, 600)\n"
        "    time.sleep(1); print(*pool._processes, flush=True); time.sleep(600)\n"
    )
    (tmp_path / "parent.py").write_text(script)
    with subprocess.Popen(
        [sys.executable, str(tmp_path / "parent.py")],
        env=os.environ | {"PYTHONPATH": str(PROJECT)}, stdout=subprocess.PIPE, text=True,
    ) as parent:  # fmt: skip
        assert parent.stdout
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert pids
        parent.kill()
    for _ in range(200):
        if not any(Path(f"/proc/{pid}").exists() and not is_zombie(pid) for pid in pids):
            return
        time.sleep(0.1)
    raise AssertionError(f"{pids} are still at work")


def is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@contextmanager
def cluster_of_two(folder: Path) -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        local_directory=str(folder / "dask"),
    ) as cluster:
        yield cluster


def read_while_a_worker_is_killed(cluster: Any, work: list[Shard]) -> list[str]:
    """The names of the segments that were made."""
    with distributed.Client(cluster, set_as_default=False) as client:
        pids = [*client.run(os.getpid).values()]
        made = engines.Dask(cluster.scheduler_address).segments(work)
        names = [next(made).name]
        os.kill(pids[0], signal.SIGKILL)
        assert len(store_at(work[0].segments).names()) < len(work)  # it was at work
        return [*names, *(segment.name for segment in made)]


def test_a_dask_cluster_of_which_a_worker_is_killed_makes_the_same_segments_and_archive(
    evidence: Place, alone: dict[str, bytes], serial: Path, tmp_path: Path
) -> None:
    with cluster_of_two(tmp_path) as cluster:
        names = read_while_a_worker_is_killed(cluster, shards(evidence, tmp_path / "segments"))
        assert {name: (tmp_path / "segments" / name).read_bytes() for name in names} == alone
        again = tmp_path / "again.db"
        done = evidence.dateline(
            "reread", "--into", str(again), "--engine", "dask", "--scheduler", cluster.scheduler_address
        )
        assert done.returncode == 0, done.stderr
    assert_same(evidence, serial, again)


@contextmanager
def cluster_as_documented(folder: Path, environment: dict[str, str], *workers: Path) -> Iterator[tuple[str, Any]]:
    """A scheduler that is started in a folder without Dateline, and a worker in each of the folders: the scheduler's
    address and its process."""
    about, log = folder / "scheduler.json", (folder / "cluster.log").open("w")
    options = {"env": environment, "stdout": log, "stderr": log}
    python = [sys.executable, "-m"]
    scheduler = subprocess.Popen(
        [
            Path(sys.executable).with_name("dask"), "scheduler", "--host", "127.0.0.1", "--port", "0",
            "--no-dashboard", "--scheduler-file", str(about),
        ],
        cwd=folder, **options,
    )  # fmt: skip
    while not about.exists():
        assert scheduler.poll() is None, (folder / "cluster.log").read_text()
        time.sleep(0.05)
    time.sleep(0.2)
    address = json.loads(about.read_text())["address"]
    running = [
        subprocess.Popen(
            [
                *python, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard",
                "--local-directory", str(folder),
            ],
            cwd=place, **options,
        )
        for place in workers
    ]  # fmt: skip
    try:
        yield address, scheduler
    finally:
        for process in (*running, scheduler):
            process.terminate()
        for process in (*running, scheduler):
            process.wait(30)
        log.close()
        about.unlink(missing_ok=True)


def test_a_cluster_whose_scheduler_has_not_this_code_reads(evidence: Place, serial: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.db"
    with cluster_as_documented(tmp_path, evidence.environment, PROJECT) as (address, _):
        done = evidence.dateline("reread", "--into", str(again), "--engine", "dask", "--scheduler", address)
    assert done.returncode == 0, done.stderr
    assert_same(evidence, serial, again)


def test_a_worker_without_this_code_or_without_the_shards_is_told_and_so_is_none(
    evidence: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = [replace(shards(evidence, tmp_path)[0], captures=str(tmp_path / "no disk"))]
    work[0] = replace(work[0], segments=f"{work[0].captures}/segments")
    with (
        cluster_as_documented(tmp_path, evidence.environment, PROJECT) as (address, _),
        pytest.raises(EngineFailed, match=r"no disk.*each needs .* at the same path"),
    ):
        list(engines.Dask(address).segments(work))
    assert not (tmp_path / "no disk").exists()  # where a disk will be mounted, say
    with (
        cluster_as_documented(tmp_path, evidence.environment, tmp_path) as (address, _),
        pytest.raises(EngineFailed, match=r"cannot load Dateline.*start each in its checkout"),
    ):
        list(engines.Dask(address).segments(work))
    monkeypatch.setattr(engines, "_SECONDS", 2)
    with (
        cluster_as_documented(tmp_path, evidence.environment) as (address, _),
        pytest.raises(EngineFailed, match=rf"{address} has no workers: start each"),
    ):
        list(engines.Dask(address).segments(work))


def test_a_scheduler_that_is_lost_is_told_and_what_was_read_is_kept(evidence: Place, tmp_path: Path) -> None:
    work = shards(evidence, tmp_path / "segments")
    with cluster_as_documented(tmp_path, evidence.environment, PROJECT) as (address, scheduler):
        made = engines.Dask(address).segments(work)
        next(made)
        scheduler.kill()
        with pytest.raises(EngineFailed, match=f"scheduler at {address} was lost. Start it again"):
            list(made)
    assert 0 < len(store_at(tmp_path / "segments").names()) < len(work)


def test_shards_and_segments_in_s3_give_the_same_whoever_is_killed(
    evidence: Place, alone: dict[str, bytes], serial: Path, tmp_path: Path
) -> None:
    with s3_server():
        place = InS3(tmp_path, evidence.proxy)
        store = store_at(place.location)
        for path in evidence.captures.glob("*.warc.gz"):
            store.create(path.name, path)
        with cluster_of_two(tmp_path) as cluster:
            aside = f"{place.location}/segments"
            work = [replace(shard, captures=place.location, segments=aside) for shard in shards(evidence, tmp_path)]
            names = read_while_a_worker_is_killed(cluster, work)
            assert {name: store_at(aside).read(name) for name in names} == alone
            total = evidence.connect().execute("select count(*) from captures").fetchone()[0]
            assert merging(place, total // 2, cluster.scheduler_address).returncode == -signal.SIGKILL
            done = merging(place, 0, cluster.scheduler_address)
            assert done.returncode == 0 and 0 < int(done.stdout) < total, done.stderr
        assert_merged(place, serial)
        assert place.connect().execute("select count(*) from segments").fetchone() == (len(work),)
        assert store_at(aside).names() == {}


@dataclass(frozen=True)
class InS3(Place):
    location: str = f"s3://{BUCKET}/captures"

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"DATELINE_CAPTURES": self.location, "NO_PROXY": "127.0.0.1"}


def assert_same(place: Place, one: Path, other: Path) -> None:
    before, after = rows_of(place.connect(one)), rows_of(place.connect(other))
    for name in before.keys() - {"_sqlite_migrations"}:
        assert after[name] == before[name], name
    assert fingerprint(place.connect(one)) == fingerprint(place.connect(other))


def test_a_reread_by_several_processes_gives_the_same_archive(evidence: Place, serial: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.db"
    done = evidence.dateline("reread", "--into", str(again), "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert_same(evidence, serial, again)
    merged = evidence.connect(again).execute("select count(distinct warc) from segments").fetchone()[0]
    assert merged == len(list(evidence.captures.glob("*.warc.gz")))
    assert list((evidence.captures / "segments").glob("*")) == []  # they are made again when they are needed


@pytest.fixture
def fresh(evidence: Place, tmp_path: Path) -> Place:
    """The same captures, and no archive yet."""
    place = Place(tmp_path / "fresh", evidence.proxy)
    place.folder.mkdir()
    place.captures.mkdir()
    for path in evidence.captures.glob("*.warc.gz"):
        os.link(path, place.captures / path.name)
    return place


def merging(place: Place, die_after: int, *scheduler: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROJECT / "tests" / "merging.py"), str(die_after), *scheduler],
        env=place.environment | {"PYTHONPATH": str(PROJECT)},
        cwd=PROJECT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_a_merge_that_is_killed_in_mid_transaction_goes_on_and_gives_the_same_archive(
    evidence: Place, serial: Path, fresh: Place
) -> None:
    total = evidence.connect().execute("select count(*) from captures").fetchone()[0]
    for die_after in (3, total // 3, total // 4):
        assert merging(fresh, die_after).returncode == -signal.SIGKILL
        connection = fresh.connect()
        # Of the file that was being merged nothing is there; of those before it everything is.
        merged = dict(connection.execute("select warc, captures from segments"))
        assert dict(connection.execute("select warc, count(*) from captures group by warc")) == {
            warc: captures for warc, captures in merged.items() if captures
        }
        assert {name for (name,) in connection.execute("select name from warcs")} == merged.keys()
        connection.close()
    done = merging(fresh, 0)
    assert done.returncode == 0, done.stderr
    assert 0 < int(done.stdout) < total  # what was merged before is not merged again
    assert_merged(fresh, serial)
    before = fingerprint(fresh.connect())
    assert merging(fresh, 0).stdout.strip() == "0"
    assert fingerprint(fresh.connect()) == before


def assert_merged(place: Place, serial: Path) -> None:
    """As by one process; but not linked."""
    expected, found = rows_of(place.connect(serial)), rows_of(place.connect())
    for name in ("reports", "versions", "readings", "captures", "checks", "crawls", "takedowns", "coverage_days"):
        assert found[name] == expected[name], name


def test_one_process_alone_takes_the_segments_that_are_there_and_clears_them_away(
    evidence: Place, fresh: Place, alone: dict[str, bytes]
) -> None:
    place = store_at(fresh.captures / "segments")
    for name, data in list(alone.items())[::2]:
        place.create(name, data)
    done = fresh.dateline("merge", "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert {name for (name,) in fresh.connect().execute("select name from segments")} == set(list(alone)[::2])
    assert place.names() == {}


def test_a_segment_that_was_written_elsewhere_is_told(
    evidence: Place, fresh: Place, alone: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a worker for which the same path is another disk."""
    told = [segments.describe(name, data) for name, data in alone.items()]
    monkeypatch.setattr(engines.Processes, "segments", lambda _, work: iter(told))
    settings = get_project_settings()
    settings.setdict({"ARCHIVE": fresh.archive, "CAPTURES": str(fresh.captures)}, priority="cmdline")
    writer = Writer.from_settings(settings)
    with pytest.raises(click.ClickException, match=f"{told[0].name} was made, but is not in .*same shared disk"):
        read_new(writer, settings, workers=2)
    writer.close()


def test_other_code_than_the_coordinators_makes_no_segment(evidence: Place, tmp_path: Path) -> None:
    shard = replace(shards(evidence, tmp_path)[0], extractor="000000000000")
    with pytest.raises(OtherCode, match="the same checkout"):
        make_segment(shard)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("spoil", [lambda data: data[:-30], lambda data: data[:50] + b"\0\0\0" + data[53:]])
def test_a_segment_that_is_damaged_is_not_merged_and_named_with_the_next_step(
    spoil: object, alone: dict[str, bytes]
) -> None:
    name, data = max(alone.items(), key=lambda each: len(each[1]))
    with pytest.raises(SegmentUnreadable, match=f"{name}.*Remove it: it is made anew"):
        list(segments.events(name, spoil(data)))  # type: ignore[operator]


def test_a_scheduler_that_does_not_answer_and_engines_that_do_not_fit_are_told(evidence: Place, tmp_path: Path) -> None:
    into = ["reread", "--into", str(tmp_path / "again.db")]
    silent = evidence.dateline(*into, "--engine", "dask", "--scheduler", "tcp://127.0.0.1:9")
    assert silent.returncode == 1 and "Traceback" not in silent.stderr
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in silent.stderr
    lonely = evidence.dateline(*into, "--engine", "dask")
    assert lonely.returncode == 1 and "needs --scheduler" in lonely.stderr
    wrong = evidence.dateline(*into, "--scheduler", "tcp://127.0.0.1:1")
    assert wrong.returncode == 1 and "is for --engine dask" in wrong.stderr
