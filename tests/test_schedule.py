"""`dateline schedule`: timers as systemd and cron read them, runs in the foreground, and what is due when."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import PROJECT, Place
from test_due import SLOWLY

from archive.times import parse
from commands import timer
from commands.demo import FAST
from samples.newsroom import Newsroom

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ODD = '100% of "my" $HOME\'s\\t files'  # what a folder may be called
# Stands for Python: notes what it was run with.
SPY = """#!/bin/sh
{ pwd; for word in "$@"; do printf '%s\\n' "$word"; done; printf '%s\\n' "$DATELINE_ARCHIVE" "$http_proxy"; } >> "$0.said"
echo printed
"""


@pytest.fixture
def odd_job(tmp_path: Path) -> timer.Job:
    project = tmp_path / ODD
    project.mkdir()
    spy = project / "python"
    spy.write_text(SPY)
    spy.chmod(0o755)
    environment = {"DATELINE_ARCHIVE": f"{project}/an archive.db", "http_proxy": "http://me:p%40ss@proxy.example:3128"}
    return timer.Job(project, spy, environment, every=10, run_minutes=30, log=project / "archive.log")


def said(job: timer.Job) -> list[str]:
    return [
        str(job.project), f"{job.project}/cli.py", "due", "--quiet", job.environment["DATELINE_ARCHIVE"],
        job.environment["http_proxy"],
    ]  # fmt: skip


# cron


def as_cron_runs_it(line: str) -> tuple[str, str]:
    """The times, and the command as cron gives it to sh: an escaped % is one, a bare one would end the command."""
    times, command = re.match(r"((?:\S+ ){5})(.*)", line).groups()  # type: ignore[union-attr]
    command = re.split(r"(?<!\\)%", command)[0]
    return times.strip(), command.replace("\\%", "%")


def test_the_crontab_line_runs_what_it_should_whatever_the_folders_are_called(odd_job: timer.Job) -> None:
    times, command = as_cron_runs_it(timer.crontab_line(odd_job))
    assert times == "*/10 * * * *"
    for _ in range(2):
        done = subprocess.run(
            ["/bin/sh", "-c", command], env={"PATH": "/nowhere"}, cwd="/", capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (odd_job.project / "python.said").read_text().splitlines() == said(odd_job) * 2
    assert odd_job.log.read_text() == "printed\nprinted\n"


@pytest.mark.parametrize(
    ("every", "cron", "systemd"),
    [
        (1, "*/1 * * * *", ["*:0/1"]),
        (10, "*/10 * * * *", ["*:0/10"]),
        (60, "0 */1 * * *", [f"*-*-* {hour:02}:00:00" for hour in range(24)]),
        (480, "0 */8 * * *", ["*-*-* 00:00:00", "*-*-* 08:00:00", "*-*-* 16:00:00"]),
        (1440, "0 0 * * *", ["*-*-* 00:00:00"]),
    ],
)
def test_any_number_of_minutes_can_be_told_to_cron_and_to_systemd(
    odd_job: timer.Job, every: int, cron: str, systemd: list[str]
) -> None:
    job = replace(odd_job, every=every)
    assert as_cron_runs_it(timer.crontab_line(job))[0] == cron
    assert re.findall(r"^OnCalendar=(.*)$", timer.timer(job), re.MULTILINE) == systemd


def test_a_path_with_a_line_break_is_refused() -> None:
    with pytest.raises(timer.TimerFailed, match="has a line break"):
        timer.Job(Path("/a\nb"), Path("/python"), {}, 10, 30, Path("/log"))


# systemd


def test_the_units_say_what_a_run_needs(odd_job: timer.Job) -> None:
    service, clock = timer.service(odd_job), timer.timer(odd_job)
    for line in ("Type=oneshot", "SuccessExitStatus=3 75", "KillMode=mixed", "TimeoutStopSec=15min", "Nice=10",
                 "TimeoutStartSec=120min"):  # fmt: skip
        assert f"\n{line}\n" in service, line
    for line in ("Persistent=true", "OnCalendar=*:0/10", "RandomizedDelaySec=20", "WantedBy=timers.target"):
        assert f"\n{line}\n" in clock, line
    # These words were seen to arrive as they are with a user manager of systemd 252.
    odd = str(odd_job.project).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    assert f'\nExecStart=:/usr/bin/env "{odd}/python" "{odd}/cli.py" due --quiet\n' in service
    assert f'\nEnvironment="DATELINE_ARCHIVE={odd}/an archive.db"\n' in service
    assert '\nEnvironment="http_proxy=http://me:p%%40ss@proxy.example:3128"\n' in service


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not here to read the units")
@pytest.mark.parametrize("every", [10, 90])
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path, odd_job: timer.Job, every: int) -> None:
    job = replace(odd_job, every=every)
    paths = [tmp_path / timer.TIMER, tmp_path / timer.SERVICE]
    paths[0].write_text(timer.timer(job))
    paths[1].write_text(timer.service(job))
    (tmp_path / "run").mkdir(mode=0o700)
    checked = subprocess.run(
        ["systemd-analyze", "--user", "verify", *map(str, paths)],
        env=os.environ | {"XDG_RUNTIME_DIR": str(tmp_path / "run")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (checked.returncode, checked.stderr) == (0, "")


# Stands for systemctl, loginctl and crontab: notes how it was called.
FAKE = """#!/bin/sh
echo "$(basename "$0") $*" >> "$FAKES/calls"
case "$(basename "$0") $*" in
  *$(cat "$FAKES/fails" 2>/dev/null || echo nothing)*) echo "no such thing" >&2; exit 1;;
  "crontab -l") cat "$FAKES/lines" 2>/dev/null;;
  loginctl*) cat "$FAKES/linger" 2>/dev/null || echo no;;
esac
"""


class Fakes:
    """systemctl, loginctl and crontab on a PATH of their own."""

    def __init__(self, place: Place) -> None:
        self.folder = place.folder / "fakes"
        self.folder.mkdir(parents=True)
        for name in ("systemctl", "loginctl", "crontab"):
            (self.folder / name).write_text(FAKE)
            (self.folder / name).chmod(0o755)
        self.place = place
        self.units = place.folder / "config" / "systemd" / "user"

    def schedule(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run `dateline schedule`; returns what it said in one line each of stdout and stderr."""
        here = self.place.environment | {
            "PATH": f"{self.folder}:/usr/bin:/bin", "FAKES": str(self.folder),
            "XDG_CONFIG_HOME": str(self.place.folder / "config"),
        }  # fmt: skip
        command = [sys.executable, str(PROJECT / "cli.py"), "schedule", *arguments]
        return subprocess.run(
            command, env=here | environment, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=60
        )

    def calls(self) -> list[str]:
        """How they were called since the last look."""
        log = self.folder / "calls"
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines

    def fail(self, call: str) -> None:
        (self.folder / "fails").write_text(call)


@pytest.fixture
def fakes(tmp_path: Path) -> Fakes:
    return Fakes(Place(tmp_path, "http://proxy.example:3128"))


def test_install_writes_and_enables_a_timer_and_again_changes_nothing(fakes: Fakes) -> None:
    first = fakes.schedule("install")
    assert first.returncode == 0, first.stderr
    assert f"runs `dateline due` every 10 minutes ({fakes.units})" in first.stdout
    assert "loginctl enable-linger" in first.stderr
    assert [call for call in fakes.calls() if call.startswith("systemctl")] == [
        "systemctl --user show-environment",
        "systemctl --user daemon-reload",
        "systemctl --user enable --now dateline-due.timer",
        "systemctl --user restart dateline-due.timer",
    ]
    service = fakes.units / "dateline-due.service"
    text = service.read_text()
    assert f'ExecStart=:/usr/bin/env "{sys.executable}" "{PROJECT}/cli.py" due --quiet\n' in text
    assert f'Environment="DATELINE_ARCHIVE={fakes.place.archive}"\n' in text
    assert 'Environment="http_proxy=http://proxy.example:3128"\n' in text
    assert service.stat().st_mode & 0o077 == 0  # a proxy's address may have a password

    before = service.stat().st_mtime_ns
    (fakes.folder / "linger").write_text("yes\n")
    second = fakes.schedule("install")
    assert second.returncode == 0 and second.stderr == ""
    assert service.stat().st_mtime_ns == before
    assert "systemctl --user restart dateline-due.timer" not in fakes.calls()


def test_install_makes_the_timer_anew_for_another_archive(fakes: Fakes) -> None:
    fakes.schedule("install")
    fakes.calls()
    moved = fakes.schedule("install", DATELINE_ARCHIVE="relative/archive.db")
    assert moved.returncode == 0
    text = (fakes.units / "dateline-due.service").read_text()
    assert f'Environment="DATELINE_ARCHIVE={PROJECT}/relative/archive.db"\n' in text
    assert "systemctl --user restart dateline-due.timer" in fakes.calls()
    elsewhere = (fakes.units / "dateline-due.service").read_text().replace(f"={PROJECT}\n", "=/another/dateline\n")
    (fakes.units / "dateline-due.service").write_text(elsewhere)
    assert "It took the place of the timer of /another/dateline" in fakes.schedule("install").stdout


def test_print_only_shows_what_would_be_written(fakes: Fakes) -> None:
    shown = fakes.schedule("install", "--print")
    assert shown.returncode == 0
    assert f"# {fakes.units}/dateline-due.service\n" in shown.stdout and "OnCalendar=*:0/10" in shown.stdout
    assert not fakes.units.exists()
    assert fakes.calls() == ["systemctl --user show-environment"]


def test_remove_undoes_install(fakes: Fakes) -> None:
    fakes.schedule("install")
    fakes.calls()
    removed = fakes.schedule("remove")
    assert (removed.returncode, removed.stdout) == (0, "dateline-due.timer is removed.\n")
    assert list(fakes.units.iterdir()) == []
    assert [call for call in fakes.calls() if call.startswith("systemctl")] == [
        "systemctl --user disable --now dateline-due.timer",
        "systemctl --user daemon-reload",
    ]
    again = fakes.schedule("remove")
    assert again.returncode == 0 and "There is no dateline-due.timer" in again.stdout


def test_what_systemd_refuses_is_told_in_its_own_words(fakes: Fakes) -> None:
    fakes.fail("enable --now")
    refused = fakes.schedule("install")
    assert refused.returncode == 1
    assert "`systemctl --user enable --now dateline-due.timer` failed: no such thing" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_where_the_user_manager_cannot_be_reached_there_is_a_line_for_cron(fakes: Fakes) -> None:
    fakes.fail("show-environment")
    shown = fakes.schedule("install", DATELINE_ARCHIVE=str(fakes.place.folder / "new" / "archive.db"))
    assert shown.returncode == 0
    line, rest = shown.stdout.split("\n", 1)
    assert line.startswith(f"*/10 * * * * cd {PROJECT} && DATELINE_ARCHIVE=") and rest == ""
    assert line.endswith(f"due --quiet >> {fakes.place.folder}/new/archive.log 2>&1")
    assert "Add this line to your crontab: crontab -e" in shown.stderr
    assert (fakes.place.folder / "new").is_dir()  # else cron could not open the log, and would run nothing
    assert not fakes.units.exists()


def test_a_crontab_that_has_the_line_too_is_pointed_out(fakes: Fakes) -> None:
    (fakes.folder / "lines").write_text("*/10 * * * * cd /d && /d/.venv/bin/python /d/cli.py due --quiet\n")
    assert "Your crontab has it too" in fakes.schedule("install").stderr
    assert "take that line out with `crontab -e`" in fakes.schedule("remove").stderr


# In the foreground


@contextmanager
def in_the_foreground(place: Place, every: float, *overrides: str) -> Iterator[subprocess.Popen[str]]:
    """`dateline schedule run` every so many minutes, in a session of its own as in a terminal."""
    options = [part for override in (*overrides, f"SCHEDULE_EVERY={every}") for part in ("--set", override)]
    process = subprocess.Popen(
        [sys.executable, str(PROJECT / "cli.py"), "schedule", "run", *options], env=place.environment, cwd=PROJECT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(happened: Callable[[], bool], process: subprocess.Popen[str], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)


def runs_of(place: Place) -> list[tuple[str, str | None, str | None]]:
    """When each run began and ended, and how."""
    if not place.archive.exists():
        return []
    try:
        return place.connect().execute("select started_at, finished_at, ended from runs order by id").fetchall()
    except Exception:  # its tables are being made
        return []


def test_runs_follow_one_another_until_a_signal_comes(place: Place) -> None:
    """Each takes longer than the second after which the next would begin: none overlaps, none is made up for."""
    with in_the_foreground(place, 1 / 60, *FAST) as process:
        until(lambda: len([end for _, end, _ in runs_of(place) if end]) >= 3, process)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "Traceback" not in out + err and "holds the archive" not in err and "is being written" not in err
    assert "Nothing is due. Next: " in out
    runs = runs_of(place)
    assert all(ended in ("finished", "stopped by a signal") for _, _, ended in runs)
    for (_, end, _), (begin, _, _) in pairwise(runs):
        assert end is not None and end <= begin


def in_its_middle(place: Place) -> bool:
    return sum(path.stat().st_size for path in place.captures.glob("*.open")) > 10_000


@pytest.mark.parametrize("stop", ["SIGTERM", "Ctrl-C"])
def test_a_signal_lets_the_run_in_hand_finish_its_item(place: Place, newsroom: Newsroom, stop: str) -> None:
    with in_the_foreground(place, 10, *SLOWLY) as process:
        until(lambda: in_its_middle(place), process)
        if stop == "Ctrl-C":  # the terminal sends it to the whole group
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert not list(place.captures.glob("*.open"))
    assert [ended for _, _, ended in runs_of(place)] == ["stopped by a signal"]
    answered = "select count(*) from captures where status is not null"
    assert place.connect().execute(answered).fetchone() == (len(newsroom.log),)


def test_a_second_signal_ends_the_run_in_hand_at_once(place: Place) -> None:
    with in_the_foreground(place, 10, *SLOWLY, "DOWNLOAD_DELAY=3") as process:
        until(lambda: in_its_middle(place), process)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert time.monotonic() - began < 3
    assert process.returncode == 1
    assert [(finished, ended) for _, finished, ended in runs_of(place)] == [(None, None)]
    assert place.due("tnw").returncode in (0, 3)  # the lock is free, and what was captured is read
    assert [ended for _, _, ended in runs_of(place)] == ["killed", "finished"]


AS_PROCESS_1 = """
import os, sys
from commands.foreground import keep_running
assert os.getpid() == 1
sys.exit(keep_running(["sh", "-c", "(sleep 0.2 &) ; echo run"], 0.5 / 60))
"""


def test_as_process_1_of_a_container_it_leaves_no_dead_processes_behind() -> None:
    command = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", sys.executable, "-c", AS_PROCESS_1]
    if (
        not shutil.which("unshare")
        or subprocess.run([*command[:5], "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("no process namespace can be made here")
    container = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert container.stdout
    try:
        for _ in range(4):
            assert container.stdout.readline() == "run\n"
        (first,) = Path(f"/proc/{container.pid}/task/{container.pid}/children").read_text().split()
        time.sleep(0.1)
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        dead = [child for child in children if "State:\tZ" in Path(f"/proc/{child}/status").read_text()]
        assert len(dead) <= 1  # one that ends just now
        os.kill(int(first), signal.SIGTERM)
        container.communicate(timeout=20)
        assert container.returncode == 0
    finally:
        container.kill()
        container.communicate()


# What is due when


def test_show_says_what_is_due_and_how_the_last_crawls_ended(place: Place, newsroom: Newsroom) -> None:
    assert place.due("tnw").returncode == 0
    shown = subprocess.run(
        [sys.executable, str(PROJECT / "cli.py"), "schedule", "show"],
        env=place.environment | {"COLUMNS": "80", "PATH": "/nowhere"}, cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    header, tnw, xinhua, *lines = shown.stdout.splitlines()
    assert all(len(line) <= 80 for line in (header, tnw, xinhua))
    assert header.split()[:4] == ["outlet", "lists", "unread", "looks"] and "…" not in header
    used = len(newsroom.log)
    assert re.match(rf"tnw +0 +0 +0 +\d+ +{800 - used} +\d\d-\d\d \d\d:\d\d +\d\d-\d\d \d\d:\d\d +finished", tnw)
    assert re.match(r"xinhua +\d+ +0 +0 +333 +4,000 +now +– +never", xinhua)
    assert re.match(r"Due at \S+: \d+ lists, 0 reports never read, 0 re-visits at 1 outlets\.", lines[0])
    assert re.match(rf"Last run: \S+, 1 outlets, {used} requests, 6 new in \d+ s; finished\.", lines[1])
    assert lines[2].startswith("No timer is installed here: `dateline schedule install`")


def test_show_tells_machines_the_same_and_needs_no_lock(place: Place) -> None:
    from archive.lock import WriterLock

    assert place.due("tnw").returncode == 0
    lock = WriterLock(place.archive)
    found = json.loads(place.dateline("schedule", "show", "--json").stdout)
    lock.release()
    assert (found["archive"], found["schedule_every"]) == (str(place.archive), 10)
    assert found["last_run"]["ended"] == "finished"
    tnw, xinhua = found["outlets"]
    assert (tnw["outlet"], tnw["due"], tnw["every"], tnw["budget"]) == ("tnw", 0, 120, 800)
    assert tnw["last_crawl"]["ended"] == "finished" and xinhua["last_crawl"] is None
    assert parse(tnw["next_due"]) > parse(found["now"])
    assert xinhua["lists"] == xinhua["due"] > 0 and xinhua["next_due"] == found["now"]


def test_show_says_what_to_do_when_there_is_no_archive_or_only_a_public_one(place: Place) -> None:
    nothing = place.dateline("schedule", "show")
    assert nothing.returncode == 1
    assert f"There is no archive at {place.archive} yet. `dateline due` makes it" in nothing.stderr
    assert not place.archive.exists()
    assert place.due("tnw").returncode == 0
    copy = place.folder / "public.db"
    assert place.dateline("publish", "--public", str(copy)).returncode == 0
    refused = subprocess.run(
        [sys.executable, str(PROJECT / "cli.py"), "schedule", "show"],
        env=place.environment | {"DATELINE_ARCHIVE": str(copy)}, cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 1 and "is a public archive, which is not crawled" in refused.stderr


def test_show_tells_an_outlet_that_rests_and_a_run_that_has_not_ended(place: Place) -> None:
    assert place.due("tnw", at=NOON).returncode == 0
    database = place.connect()
    now = datetime.now(UTC).replace(microsecond=0)
    ended = (now - timedelta(minutes=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    database.execute("update crawls set started_at = ?1, finished_at = ?1, finish_reason = 'outage: 8 failed'", [ended])
    database.execute("update runs set ended = null, finished_at = null")
    shown = place.dateline("schedule", "show").stdout
    assert re.search(rf"tnw .* 0 +\d+ +{now + timedelta(minutes=8):%m-%d %H:%M} +.* outage", shown), shown
    assert re.search(r"Last run: begun 2026-11-24T12:00:\d\dZ by process \d+, not ended\.", shown)
