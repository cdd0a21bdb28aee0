"""Leases: an outlet is in one worker's hands at a time, and in another's once its worker is dead; its archive goes along."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from s3_server import BUCKET, Server, s3_server

from archive import clock
from archive.leases import Lease, Leases, LeaseUnreadable, Lost
from archive.outlet_archives import OutletArchives
from archive.storage import Changed, Store, store_at

PROJECT = Path(__file__).resolve().parents[1]
LENGTH, CLOCKS = timedelta(minutes=10), timedelta(seconds=60)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_at(tmp_path / "leases")


def at(moment: datetime) -> Any:
    """The wall clock shows this time."""
    return clock.replaced(lambda: moment)


def test_a_lease_is_held_by_one_until_it_is_released(store: Store) -> None:
    one, two = (Leases(store, f"worker {number}/2", LENGTH, CLOCKS) for number in (1, 2))
    held = one.take("xinhua")
    assert held and held.is_valid and held.before is None and not held.goes_on
    assert two.take("xinhua") is None and one.take("xinhua") is None
    held.release()
    assert not held.is_valid
    again = two.take("xinhua")
    assert again and again.before and again.before.holder == "worker 1/2" and not again.goes_on


def test_a_lease_that_ran_out_is_taken_over_after_the_time_by_which_clocks_may_differ(store: Store) -> None:
    one, two = (Leases(store, f"worker {number}/2", LENGTH, CLOCKS) for number in (1, 2))
    with at(NOON):
        held = one.take("xinhua")
    with at(NOON + timedelta(minutes=10, seconds=1)):
        assert held and not held.is_valid  # its holder asks nothing more,
        assert two.take("xinhua") is None  # and nobody else yet
    with at(NOON + timedelta(minutes=11, seconds=1)):
        taken = two.take("xinhua")
        assert taken and taken.goes_on and taken.lease.began == NOON
        with pytest.raises(Lost, match="could not be renewed within 10 minutes"):
            held.renew()
        held.release()  # of what is lost is nothing
        assert taken.is_valid
        taken.renew()


def test_an_outlet_that_was_left_for_long_is_crawled_from_the_start(store: Store) -> None:
    with at(NOON):
        assert Leases(store, "worker 1/2", LENGTH, CLOCKS).take("xinhua")
    with at(NOON + timedelta(days=5)):
        taken = Leases(store, "worker 1/2", LENGTH, CLOCKS).take("xinhua")
        assert taken and not taken.goes_on and taken.lease.began == NOON + timedelta(days=5)


def test_a_renewed_lease_holds_on(store: Store) -> None:
    one, two = (Leases(store, f"worker {number}/2", LENGTH, CLOCKS) for number in (1, 2))
    with at(NOON):
        held = one.take("xinhua")
        assert held
    for minutes in (3, 6, 9, 12, 15):
        with at(NOON + timedelta(minutes=minutes)):
            held.renew()
    with at(NOON + timedelta(minutes=24)):
        assert held.is_valid and two.take("xinhua") is None


def test_a_worker_whose_clock_was_set_back_gives_its_outlet_up(store: Store) -> None:
    with at(NOON):
        held = Leases(store, "worker 1/2", LENGTH, CLOCKS).take("xinhua")
    with at(NOON - timedelta(minutes=30)), pytest.raises(Lost, match="clock was set back"):
        assert held
        held.renew()
    assert held and not held.is_valid


def test_a_worker_whose_lease_was_taken_or_removed_gives_its_outlet_up(store: Store) -> None:
    one, two = (Leases(store, f"worker {number}/2", LENGTH, CLOCKS) for number in (1, 2))
    held = one.take("xinhua")
    store.remove("xinhua.json")
    taken = two.take("xinhua")
    assert held and taken
    with pytest.raises(Lost, match=r"worker 2/2 \(process \d+ on .*\) has taken it"):
        held.renew()
    store.remove("xinhua.json")
    with pytest.raises(Lost, match="its lease was removed"):
        taken.renew()


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", b'{"outlet": "xinhua", "until": "soon"}'])
def test_a_lease_that_cannot_be_read_is_nobodys_to_take(store: Store, data: bytes) -> None:
    store.create("xinhua.json", data)
    with pytest.raises(LeaseUnreadable, match=r"leases/xinhua\.json is no lease .*remove the file"):
        Leases(store, "worker 1/2", LENGTH, CLOCKS).take("xinhua")


# A process that takes a lease when the file `go` appears, and says whether it has it.
RACER = """
import sys
from datetime import timedelta
from pathlib import Path
from archive.leases import Leases
from archive.storage import store_at
location, go = sys.argv[1:]
leases = Leases(store_at(location), "worker", timedelta(minutes=10), timedelta(seconds=60))
leases.store.names()
print("ready", flush=True)
while not Path(go).exists():
    pass
held = leases.take("xinhua")
print(held.lease.token if held else "")
"""


def race(location: str, scratch: Path, how_many: int) -> list[str]:
    """So many processes take one lease at the same moment; the tokens of those that have it."""
    go = scratch / f"go-{time.monotonic_ns()}"
    racers = [
        subprocess.Popen([sys.executable, "-c", RACER, location, go], stdout=subprocess.PIPE, text=True, cwd=PROJECT)
        for _ in range(how_many)
    ]
    for racer in racers:
        assert racer.stdout is not None and racer.stdout.readline() == "ready\n"
    go.touch()
    tokens = [racer.communicate(timeout=60)[0].strip() for racer in racers]
    return [token for token in tokens if token]


def test_of_workers_who_race_for_a_lease_one_gets_it(tmp_path: Path) -> None:
    location = str(tmp_path / "leases")
    store = store_at(location)
    [winner] = race(location, tmp_path, 4)  # for one that nobody ever held
    assert Lease.decoded(store.read("xinhua.json"), "").token == winner
    with at(NOON):
        store.remove("xinhua.json")
        assert Leases(store, "worker 1/2", LENGTH, CLOCKS).take("xinhua")
    [winner] = race(location, tmp_path, 4)  # for one that ran out
    assert Lease.decoded(store.read("xinhua.json"), "").token == winner


# In S3


@pytest.fixture
def server() -> Iterator[Server]:
    with s3_server() as server:
        yield server


def test_leases_in_s3_are_held_by_one(server: Server, tmp_path: Path) -> None:
    location = f"s3://{BUCKET}/archive/leases"
    [winner] = race(location, tmp_path, 3)
    store = store_at(location)
    lease = Lease.decoded(store.read("xinhua.json"), "")
    assert lease.token == winner
    with at(lease.until + CLOCKS + timedelta(seconds=1)):
        held = Leases(store, "worker 2/2", LENGTH, CLOCKS).take("xinhua")
        assert held and held.goes_on
        held.renew()
        held.release()
    assert Lease.decoded(store.read("xinhua.json"), "").released is not None


def test_an_outlets_archive_goes_to_s3_and_comes_from_there(server: Server, tmp_path: Path) -> None:
    where = f"s3://{BUCKET}/archive"
    one, two = OutletArchives(where, tmp_path / "one"), OutletArchives(where, tmp_path / "two")
    path = one.fetch("xinhua")
    assert not path.exists()
    path.write_bytes(b"first")
    one.put("xinhua", b"first")
    assert two.fetch("xinhua").read_bytes() == b"first"
    two.put("xinhua", b"second")
    with pytest.raises(Changed):
        one.put("xinhua", b"of one that did not know")
    path.with_name("xinhua.db-journal").write_bytes(b"of a crawl that was killed")
    assert one.fetch("xinhua").read_bytes() == b"second"
    assert not path.with_name("xinhua.db-journal").exists()
    server.seen()
    path.write_bytes(b"second, and rows of a crawl that was killed before it could put them back")
    assert one.fetch("xinhua").read_bytes().startswith(b"second, and rows")
    assert [request.method for request in server.seen()] == ["HEAD"]  # what this machine has is the last one


def test_an_archive_whose_write_was_answered_by_nothing_is_put_back_all_the_same(
    server: Server, tmp_path: Path
) -> None:
    where = f"s3://{BUCKET}/archive"
    one, two = OutletArchives(where, tmp_path / "one"), OutletArchives(where, tmp_path / "two")
    for data in (b"first", b"second"):  # a new one, and one in place of another
        server.seen()
        server.lost = 1
        one.put("xinhua", data)
        assert server.lost == 0
        assert [request.method for request in server.seen()].count("PUT") == 2  # the second one is refused
        assert two.fetch("xinhua").read_bytes() == data
    one.put("xinhua", b"third")  # it knows what is there
    with pytest.raises(Changed):
        two.put("xinhua", b"of one that does not")
    store_at(f"{where}/outlets").remove("xinhua.db")
    with pytest.raises(Changed):
        one.put("xinhua", b"fourth")


def test_a_lease_whose_write_was_answered_by_nothing_is_held(server: Server) -> None:
    store = store_at(f"s3://{BUCKET}/archive/leases")
    one, two = (Leases(store, f"worker {number}/2", LENGTH, CLOCKS) for number in (1, 2))

    def losing_an_answer(write: Callable[[], Any]) -> Any:
        server.lost = 1
        done = write()
        assert server.lost == 0
        return done

    held = losing_an_answer(lambda: one.take("xinhua"))  # one that nobody ever held
    assert held and held.is_valid and two.take("xinhua") is None
    losing_an_answer(held.renew)
    assert held.is_valid and one.look("xinhua") == held.lease
    losing_an_answer(held.release)
    held = losing_an_answer(lambda: two.take("xinhua"))  # one that was released
    assert held and held.is_valid and one.take("xinhua") is None
