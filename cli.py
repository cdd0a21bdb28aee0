"""The `dateline` command. Each subcommand is one module in commands/, loaded only when it is asked for."""

from __future__ import annotations

import os
from importlib import import_module
from keyword import iskeyword

import click

# Scrapy looks for its settings from the current folder upward; a timer or a user may stand in any.
os.environ.setdefault("SCRAPY_SETTINGS_MODULE", "settings")

# In the order of a user's day.
COMMANDS = {
    "demo": "Crawl the built-in sample newsroom and open its archive.",
    "crawl": "Crawl outlets and archive what is new.",
    "due": "Do what is due now: for a timer.",
    "backfill": "Fetch the past of an outlet from web archives.",
    "import": "Bring in what others captured: WARC, WACZ and ARC files.",
    "merge": "Bring together what several workers have crawled.",
    "link": "Read what new reports state, and link them to each other.",
    "schedule": "Have that done every few minutes, and show what is due when.",
    "search": "Search the archive, in English and Chinese.",
    "serve": "Open the reading room: the archive in the browser.",
    "publish": "Make a copy of the archive for the public.",
    "status": "Say what the archive holds and what needs attention.",
    "alarms": "List what is wrong, and acknowledge it.",
    "outlets": "List the outlets that Dateline knows.",
    "read": "Read one saved page, without storing it.",
    "reread": "Rebuild archive.db from the WARC files, without a request.",
}


class Dateline(click.Group):
    """Loads a subcommand's module when it is used, so that `--help` need not import Scrapy and Datasette."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = f"{name}_" if iskeyword(name) else name
        command: click.Command = getattr(import_module(f"commands.{module}"), module)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Dateline, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=None, version="0.1.0", prog_name="dateline")
def main() -> None:
    """Dateline: an archive of record for state-media reports.

    \b
    Example:
      dateline demo                 crawl the sample newsroom and look around
      dateline crawl xinhua         archive what is new at Xinhua
      dateline search 公安部        search it
    """


if __name__ == "__main__":
    main(prog_name="dateline")
