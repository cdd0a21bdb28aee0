"""`dateline schedule`: have `dateline due` run every few minutes, and show what is due when."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from scrapy.utils.project import get_project_settings

from archive import clock, plan, public
from archive.times import iso, parse
from commands import timer
from commands.serve import check_archive


@click.group()
def schedule() -> None:
    """Have what is due done every few minutes, and show what is due when.

    \b
    Example:
      dateline schedule install     a timer of systemd, or a line for cron
      dateline schedule run         in the foreground, for a container
      dateline schedule show
    """


@schedule.command()
@click.option("--print", "only_print", is_flag=True, help="Only show what would be written.")
@click.option("--cron", is_flag=True, help="The line for cron, although systemd is there.")
def install(only_print: bool, cron: bool) -> None:
    """Have `dateline due` run every SCHEDULE_EVERY minutes, for this user.

    Writes and enables a timer of systemd's user manager, or shows the line to put into a crontab where there is no such
    manager. DATELINE_ARCHIVE, DATELINE_CAPTURES and the proxy are taken from the present environment. Again after a
    change of these, or of SCHEDULE_EVERY.

    \b
    Example:
      dateline schedule install
      dateline schedule install --print
    """
    try:
        job = _job()
        if cron or not timer.has_user_manager():
            _show_crontab_line(job, only_print)
        elif only_print:
            for name, text in ((timer.SERVICE, timer.service(job)), (timer.TIMER, timer.timer(job))):
                click.echo(f"# {timer.folder() / name}\n{text}")
        else:
            _install(job)
    except (timer.TimerFailed, OSError) as error:
        raise click.ClickException(str(error)) from error


def _job() -> timer.Job:
    settings = get_project_settings()
    every = settings.getint("SCHEDULE_EVERY")
    if not 1 <= every <= 24 * 60:
        raise timer.TimerFailed(f"SCHEDULE_EVERY is {every} in settings.py: give minutes, from 1 to 1440.")
    return timer.job(Path(settings["PROJECT"]), Path(settings["ARCHIVE"]), every, int(settings.getfloat("RUN_MINUTES")))


def _install(job: timer.Job) -> None:
    before = timer.install(job)
    click.echo(f"{timer.TIMER} runs `dateline due` every {job.every} minutes ({timer.folder()}).")
    if before:
        click.echo(f"It took the place of the timer of {before}: a user has one.")
    if timer.has_crontab_line():
        click.echo("Your crontab has it too: take that line out with `crontab -e`.", err=True)
    if not timer.lingers():
        click.echo(
            "It stops when you log out, until you log in again. To have it run always: loginctl enable-linger",
            err=True,
        )
    click.echo("What is due when: dateline schedule show. Its log: journalctl --user -u dateline-due")


def _show_crontab_line(job: timer.Job, only_print: bool) -> None:
    click.echo(timer.crontab_line(job))
    if only_print:
        return
    job.log.parent.mkdir(parents=True, exist_ok=True)  # without it cron would not run the line at all
    if timer.has_cron():
        how = "Add this line to your crontab: crontab -e"
    else:
        how = "Add this line to your crontab, once cron is installed; or keep `dateline schedule run` running"
    click.echo(f"{how}. What is due when: dateline schedule show", err=True)


@schedule.command()
def remove() -> None:
    """Undo `install`: no further run begins, and the one in hand finishes its item. The archive is not touched.

    \b
    Example:
      dateline schedule remove
    """
    try:
        removed = timer.remove()
    except (timer.TimerFailed, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{timer.TIMER} is removed." if removed else f"There is no {timer.TIMER} in {timer.folder()}.")
    if timer.has_crontab_line():
        click.echo("Your crontab runs `dateline due`: take that line out with `crontab -e`.", err=True)


@schedule.command()
@click.option("-q", "--quiet", is_flag=True, help="Say nothing unless something went wrong.")
@click.option("-s", "--set", "overrides", multiple=True, metavar="NAME=VALUE", help="Override one of settings.py.")
@click.option("-v", "--verbose", is_flag=True, help="Show the crawls' log here instead of in the log file.")
def run(quiet: bool, overrides: tuple[str, ...], verbose: bool) -> None:
    """Do what is due now and every SCHEDULE_EVERY minutes, in the foreground: for a container.

    Ends with 0 on SIGTERM or Ctrl-C, after the run in hand has finished its item; a second one ends that at once (1).

    \b
    Example:
      dateline schedule run
    """
    from commands import crawling, foreground

    settings = crawling.settings(overrides, verbose)
    options = [f"--set={override}" for override in overrides] + ["--quiet"] * quiet + ["--verbose"] * verbose
    command = foreground.due_command(settings["PROJECT"], options)
    sys.exit(foreground.keep_running(command, settings.getfloat("SCHEDULE_EVERY")))


@schedule.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for machines.")
def show(as_json: bool) -> None:
    """Say what is due at each outlet, what its budget allows, and how the last run and crawls ended (UTC).

    Only reads: it can be asked while a run is at work.

    \b
    Example:
      dateline schedule show
    """
    archive = Path(get_project_settings()["ARCHIVE"])
    if not archive.exists():
        raise click.ClickException(
            f"There is no archive at {archive} yet. `dateline due` makes it: at first every outlet is due. "
            "`dateline schedule install` has that done every few minutes."
        )
    check_archive(archive)
    found = _schedule(archive)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _print(found, Console())


def _schedule(archive: Path) -> dict[str, Any]:
    now = clock.now()
    with closing(sqlite3.connect(f"{archive.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        if public.is_public(connection):
            raise click.ClickException(
                f"{archive} is a public archive, which is not crawled. Set DATELINE_ARCHIVE to the whole one."
            )
        planned = plan.plan(connection, now)
        connection.row_factory = sqlite3.Row
        every = dict(connection.execute("select id, every from outlets").fetchall())
        crawls = {row["outlet"]: dict(row) for row in connection.execute(_CRAWLS)}
        last = connection.execute("select * from runs order by id desc limit 1").fetchone()
    return {
        "archive": str(archive),
        "now": iso(now),
        "installed": timer.installed() or None,
        "schedule_every": get_project_settings().getint("SCHEDULE_EVERY"),
        "last_run": dict(last) if last else None,
        "outlets": [
            asdict(each) | {"due": each.due, "every": every[each.outlet], "last_crawl": crawls.get(each.outlet)}
            for each in planned
        ],
    }


_CRAWLS = """
select crawls.id, outlet, started_at, finished_at, requests, coalesce(finish_reason, 'not ended') as ended
from outlets join crawls on crawls.id =
    (select id from crawls where outlet = outlets.id order by started_at desc limit 1)"""
_COLUMNS = ("outlet", "lists", "unread", "looks", "allowed", "left", "next due", "last crawl", "ended")
_ENDED = {"shutdown": "stopped", "closespider_timeout": "out of time"}


def _print(found: dict[str, Any], console: Console) -> None:
    now = parse(found["now"])
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in _COLUMNS:
        is_text = column in ("outlet", "next due", "last crawl", "ended")
        table.add_column(column, justify="left" if is_text else "right", no_wrap=True)
    for outlet in found["outlets"]:
        table.add_row(*_row(outlet, now))
    console.print(table)
    for line in (_due_now(found), _last_run(found["last_run"], now), _timer(found)):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _row(outlet: dict[str, Any], now: datetime) -> list[str]:
    next_due = outlet["rests_until"] or outlet["next_due"]
    last = outlet["last_crawl"] or {"started_at": None, "ended": "never"}
    return [
        outlet["outlet"],
        *(_counted(outlet[kind]) for kind in ("lists", "unread", "revisits")),
        f"{outlet['allowed']:,}",
        f"{outlet['left']:,}",
        "now" if next_due == iso(now) else _moment(next_due, now),
        _moment(last["started_at"], now),
        _ENDED.get(last["ended"], last["ended"].partition(":")[0]),
    ]


def _counted(number: int) -> str:
    return f"{number:,}+" if number >= plan.COUNTED else f"{number:,}"


def _moment(text: str | None, now: datetime) -> str:
    """A time to the minute, or a day that is months away."""
    if text is None:
        return "–"
    moment = parse(text)
    return f"{moment:%m-%d %H:%M}" if abs(moment - now) < timedelta(days=180) else f"{moment:%Y-%m-%d}"


def _due_now(found: dict[str, Any]) -> str:
    due = [outlet for outlet in found["outlets"] if outlet["due"]]
    if not due:
        times = [outlet["next_due"] for outlet in found["outlets"] if outlet["next_due"]]
        return f"Nothing is due at {found['now']}. Next: {min(times)}" if times else "Nothing is due."
    sums = ", ".join(
        f"{sum(outlet[kind] for outlet in due):,} {name}"
        for kind, name in (("lists", "lists"), ("unread", "reports never read"), ("revisits", "re-visits"))
    )
    return f"Due at {found['now']}: {sums} at {len(due):,} outlets."


def _last_run(run: dict[str, Any] | None, now: datetime) -> str:
    if run is None:
        return "No scheduled run was made yet."
    if run["ended"] is None:
        return f"Last run: begun {run['started_at']} by process {run['pid']}, not ended."
    took = parse(run["finished_at"]) - parse(run["started_at"]) if run["finished_at"] else None
    length = f" in {took.total_seconds():,.0f} s" if took is not None else ""
    return (
        f"Last run: {run['started_at']}, {run['outlets']:,} outlets, {run['requests']:,} requests, {run['new']:,} new"
        f"{length}; {run['ended']}."
    )


def _timer(found: dict[str, Any]) -> str:
    every = f"every {found['schedule_every']} minutes"
    match found["installed"]:
        case "systemd":
            return f"{timer.TIMER} of systemd runs `dateline due` {every}."
        case "cron":
            return "Your crontab runs `dateline due`."
    return f"No timer is installed here: `dateline schedule install` has this done {every}."
