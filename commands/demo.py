"""`dateline demo`: the main job, end to end, on the sample newsroom that comes with Dateline."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
from rich.console import Console

import settings
from commands.demo_check import check
from samples.newsroom import Newsroom

FOLDER = settings.PROJECT / "build" / "demo"
# Politeness towards a server on this machine, which is ours, would only make the demo slow; the wait before a retry is
# short, not none, so that it is in the path.
FAST = (
    "DOWNLOAD_DELAY=0",
    "AUTOTHROTTLE_ENABLED=False",
    "RETRY_BACKOFF=0.05",
    "CRAWL_DELAY_MAX=0",
    "CONCURRENT_REQUESTS_PER_DOMAIN=8",
)

_OTHERS = {
    "/figures": "what they count, and who says so",
    "/citations": "who rests on whom, and what was not found",
    "/edits": "what was edited after publication",
    "/takedowns": "what is no longer where it stood",
    "/archive": "every table, in Datasette",
}
PAGES = {"/search?q=公安部": "search in Chinese", "/search?q=%22police+arrested%22": "a phrase in English"} | _OTHERS
YEAR_PAGES = _OTHERS | {"/coverage": "on which days somebody looked, and what came", "/health": "how the outlets are"}


@click.command()
@click.option("--check", "only_check", is_flag=True, help="Do not serve; fail unless every sample arrived as expected.")
@click.option("--year", is_flag=True, help="Live through a year of scheduled runs instead: about a minute.")
@click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535), help="Where to serve it.")
def demo(only_check: bool, year: bool, port: int) -> None:
    """Crawl the built-in sample newsroom into an archive of its own and open it.

    The newsroom answers on this machine at the outlets' original addresses; nothing leaves it, and your own archive is
    not touched. Its reports are invented.

    \b
    Example:
      dateline demo
      dateline demo --check
      dateline demo --year
    """
    console = Console(highlight=False, soft_wrap=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    if year:
        _year(only_check, port, console)
        return
    with Newsroom() as newsroom:
        environment = _environment(newsroom.proxy_url)
        console.print("[bold]First visit[/]: the sample newsroom as it was published")
        codes = [_crawl(environment)]
        newsroom.visit = 2
        console.print("[bold]Second visit[/]: one report was edited, one taken down")
        codes.append(_crawl(environment, "--full"))
    if any(code not in (0, 3) for code in codes):
        raise click.ClickException(f"the crawl failed (exit codes {codes}); its log is {FOLDER / 'archive.log'}")
    failures = check(FOLDER / "archive.db", FOLDER / "captures", console)
    for failure in failures:
        console.print(f"✗ {failure}", style="red", markup=False)
    if failures:
        raise click.ClickException(f"{len(failures)} samples did not arrive as expected")
    if not only_check:
        _serve(port, environment, console, PAGES)


def _year(only_check: bool, port: int, console: Console) -> None:
    """In a process of its own, as below, since it sets this machine's clock and zone for itself."""
    environment = _environment("") | {"SCRAPY_SETTINGS_MODULE": "samples.year.settings"}
    command = [sys.executable, "-m", "commands.demo_year"]
    if subprocess.run(command, env=environment, cwd=settings.PROJECT, check=False).returncode:
        raise click.ClickException(f"the year did not go as its script says; its log is {FOLDER / 'archive.log'}")
    if not only_check:
        _serve(port, environment, console, YEAR_PAGES)


def _environment(proxy: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.lower() not in ("no_proxy", "all_proxy")}
    return kept | {
        "http_proxy": proxy,
        "https_proxy": proxy,
        "DATELINE_ARCHIVE": str(FOLDER / "archive.db"),
        "DATELINE_CAPTURES": str(FOLDER / "captures"),
    }


def _crawl(environment: dict[str, str], *options: str) -> int:
    """A process of its own: Twisted's reactor runs once in a process."""
    overrides = [part for override in FAST for part in ("--set", override)]
    command = [sys.executable, str(settings.PROJECT / "cli.py"), "crawl", *options, *overrides]
    return subprocess.run(command, env=environment, cwd=settings.PROJECT, check=False).returncode


def _serve(port: int, environment: dict[str, str], console: Console, pages: dict[str, str]) -> None:
    here = f"http://127.0.0.1:{port}"
    shown = "\n".join(f"  {here + page:42} {what}" for page, what in pages.items())
    console.print(
        f"""
[bold]The reading room is at {here}[/]  (Ctrl-C ends it)
{shown}
In another terminal:
  DATELINE_ARCHIVE={_short(FOLDER / "archive.db")} ./dateline search 北京
  DATELINE_ARCHIVE={_short(FOLDER / "archive.db")} ./dateline status
""",
        markup=True,
    )
    sys.stdout.flush()
    # In this process's place: whoever ends the demo ends the server with it.
    os.execve(
        sys.executable,
        [sys.executable, str(settings.PROJECT / "cli.py"), "serve", "--port", str(port)],
        environment,
    )


def _short(path: Path) -> str:
    return os.path.relpath(path)
