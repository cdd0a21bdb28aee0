"""What has `dateline due` run every few minutes: a timer of systemd's user manager, or a line for cron."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SERVICE, TIMER = "dateline-due.service", "dateline-due.timer"
_DAY = 24 * 60  # minutes
# Read by a run and told to it by its environment, which neither systemd nor cron hands on.
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_PATHS = ("DATELINE_ARCHIVE", "DATELINE_CAPTURES")
_ANSWERS = 30  # seconds in which a command of systemd does


class TimerFailed(Exception):
    """What systemd did not do; the message has its own words and the next step."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is run: `every` so many minutes, for `run_minutes` at the most, with what it prints added to `log` under
    cron. Paths are absolute. `environment`: the variables that a run must have."""

    project: Path
    python: Path
    environment: Mapping[str, str]
    every: int
    run_minutes: int
    log: Path

    def __post_init__(self) -> None:
        for text in (str(self.project), str(self.python), str(self.log), *self.environment.values()):
            if "\n" in text:
                raise TimerFailed(f"{text!r} has a line break, which neither systemd nor cron can be given.")


def job(project: Path, archive: Path, every: int, run_minutes: int) -> Job:
    """The run of this Dateline, with the archive, captures and proxy of the present environment."""
    return Job(
        project.absolute(),
        Path(sys.executable).absolute(),  # not resolved: the link in .venv is what finds its packages
        _environment(os.environ),
        every,
        run_minutes,
        archive.absolute().with_suffix(".log"),
    )


def _environment(environment: Mapping[str, str]) -> dict[str, str]:
    kept = {}
    for name, value in sorted(environment.items()):
        if name.startswith("DATELINE_") or name.lower() in _PROXIES or name in _CERTIFICATES:
            kept[name] = str(Path(value).absolute()) if name in _PATHS else value
    return kept


# systemd


def service(job: Job) -> str:
    """The text of the service: one run."""
    environment = "".join(f"Environment={_quoted(f'{name}={value}')}\n" for name, value in job.environment.items())
    return f"""# Made by `dateline schedule install`, and made anew by it.
[Unit]
Description=Dateline: what is due at its outlets

[Service]
Type=oneshot
WorkingDirectory={_percent(job.project)}
# By env, for systemd itself starts nothing whose path has quotes; the colon leaves dollar signs alone.
ExecStart=:/usr/bin/env {_quoted(job.python)} {_quoted(job.project / "cli.py")} due --quiet
{environment}# 3: some requests failed. 75: another process holds the archive.
SuccessExitStatus=3 75
# A run that is stopped finishes the item in hand, and a server may have asked for a wait of minutes.
KillMode=mixed
TimeoutStopSec=15min
# A run ends by itself after RUN_MINUTES; one that does not hangs, and would keep all others from beginning.
TimeoutStartSec={2 * job.run_minutes + 60}min
Nice=10
"""


def timer(job: Job) -> str:
    """The text of the timer. Persistent: what was missed while the machine was off is caught up, once."""
    times = "".join(f"OnCalendar={time}\n" for time in _calendar(job.every))
    return f"""# Made by `dateline schedule install`, and made anew by it.
[Unit]
Description=Dateline: every {job.every} minutes what is due at its outlets

[Timer]
{times}Persistent=true
RandomizedDelaySec=20
AccuracySec=10

[Install]
WantedBy=timers.target
"""


def _calendar(every: int) -> list[str]:
    """Times of systemd.time(7): each so many minutes of an hour, or of a day."""
    if every < 60:
        return [f"*:0/{every}"]
    return [f"*-*-* {minute // 60:02}:{minute % 60:02}:00" for minute in range(0, _DAY, every)]


def _quoted(text: object) -> str:
    """A word of a unit file, whatever it holds."""
    return '"' + _percent(str(text).replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _percent(text: object) -> str:
    return str(text).replace("%", "%%")


def folder() -> Path:
    """Where units of the user manager are."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def has_user_manager() -> bool:
    """Whether systemd's user manager can be reached from here."""
    return shutil.which("systemctl") is not None and _systemctl("show-environment").returncode == 0


def install(job: Job) -> str:
    """Write and enable service and timer; returns the folder that an earlier timer worked in, where that was another,
    else "". Raises TimerFailed, OSError."""
    units = folder()
    units.mkdir(parents=True, exist_ok=True)
    before = _working_directory(units / SERVICE)
    changed = [_write(units / SERVICE, service(job)), _write(units / TIMER, timer(job))]
    _do("daemon-reload")
    _do("enable", "--now", TIMER)
    if any(changed):
        _do("restart", TIMER)  # an active timer keeps the times that it has reckoned
    return before if before not in ("", _percent(job.project)) else ""


def remove() -> bool:
    """Disable and remove both; False when there were none. Raises TimerFailed, OSError."""
    paths = [folder() / TIMER, folder() / SERVICE]
    if not any(path.exists() for path in paths):
        return False
    _do("disable", "--now", TIMER)
    for path in paths:
        path.unlink(missing_ok=True)
    _do("daemon-reload")
    return True


def _write(path: Path, text: str) -> bool:
    """Have a file hold this, for its owner's eyes: a proxy's address may have a password. False when it did."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    aside = path.with_suffix(".new")
    aside.touch(mode=0o600)
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)
    return True


def _working_directory(path: Path) -> str:
    if not path.exists():
        return ""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((line.partition("=")[2] for line in lines if line.startswith("WorkingDirectory=")), "")


def _do(*arguments: str) -> None:
    done = _systemctl(*arguments)
    if done.returncode:
        said = (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"
        raise TimerFailed(f"`systemctl --user {' '.join(arguments)}` failed: {said}")


def _systemctl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return _run("systemctl", "--user", *arguments)


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    """A command that may be missing (127, as a shell says) or hang (124, as `timeout` says)."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=_ANSWERS)
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", f"no answer in {_ANSWERS} seconds")


def lingers() -> bool:
    """Whether the user manager runs while the user is not logged in."""
    return _run("loginctl", "show-user", str(os.getuid()), "--property=Linger", "--value").stdout.strip() == "yes"


def installed() -> str:
    """What runs `dateline due`: "systemd", "cron", or "" for nothing that is known here."""
    if (folder() / TIMER).exists() and _systemctl("is-enabled", TIMER).returncode == 0:
        return "systemd"
    return "cron" if has_crontab_line() else ""


# cron


def crontab_line(job: Job) -> str:
    """A line of a crontab. It depends on no PATH, and what it prints is added to the log."""
    project, python, script, log = (
        shlex.quote(str(path)) for path in (job.project, job.python, job.project / "cli.py", job.log)
    )
    environment = "".join(f"{name}={shlex.quote(value)} " for name, value in job.environment.items())
    line = f"cd {project} && {environment}{python} {script} due --quiet >> {log} 2>&1"
    # cron takes a bare % for the end of the command.
    return f"{_cron_times(job.every)} " + line.replace("%", "\\%")


def _cron_times(every: int) -> str:
    """Minute, hour, day, month and weekday. cron knows minutes of an hour and hours of a day: longer times are rounded
    to hours."""
    if every < 60:
        return f"*/{every} * * * *"
    hours = round(every / 60)
    return f"0 */{hours} * * *" if hours < 24 else "0 0 * * *"


def has_crontab_line() -> bool:
    """Whether this user's crontab runs `dateline due`."""
    lines = _run("crontab", "-l").stdout.splitlines()
    return any("cli.py" in line and " due" in line and not line.startswith("#") for line in lines)


def has_cron() -> bool:
    return shutil.which("crontab") is not None
