"""`dateline publish`: a copy of the archive that may be shown to everybody."""

from __future__ import annotations

import sqlite3
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import click

import settings
from archive.lock import ArchiveLocked
from archive.public import Publication, index_of
from archive.publishing import PublicationRefused, make_public
from archive.times import iso

_TWO_WAYS = """\
There are two ways to publish an archive (docs/publishing.md):

Inside the newsroom, with everything: all texts, the pages as captured, SQL.
  dateline serve

For the public: texts of state outlets whole, of other outlets title and excerpt; the search covers all texts; no pages
as captured, no SQL, no downloads of the database.
  dateline publish --public public.db
  dateline serve --archive public.db"""


@click.command()
@click.option(
    "--public",
    "into",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Make a public archive here, and its index beside it.",
)
@click.option(
    "--archive",
    type=click.Path(path_type=Path, dir_okay=False),
    default=settings.ARCHIVE,
    help="The archive to publish.  [default: the one in settings.py]",
)
@click.option("--force", is_flag=True, help="Replace FILE even if it is no public archive.")
def publish(into: Path | None, archive: Path, force: bool) -> None:
    """Make a public archive: texts of state outlets whole, of other outlets title and excerpt.

    FILE is replaced when the new one is whole; its search index lies beside it (public.db: public.index.db). A crawl
    may write to the archive meanwhile. Without --public, says which ways to publish there are.

    \b
    Example:
      dateline publish --public public.db
      dateline serve --archive public.db
    """
    if into is None:
        click.echo(_TWO_WAYS)
        return
    try:
        made = make_public(archive, into, _version(), iso(datetime.now(UTC)), force)
    except (PublicationRefused, ArchiveLocked) as error:
        raise click.ClickException(str(error)) from error
    except (OSError, sqlite3.Error) as error:
        raise click.ClickException(
            f"{into} could not be made: {error}. What was there before is as it was; run this again when the cause is "
            "gone."
        ) from error
    click.echo(_summary(into, made))


def _version() -> str:
    project = tomllib.loads((settings.PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def _summary(into: Path, made: Publication) -> str:
    whole = made.reports - made.excerpts
    size = (into.stat().st_size + index_of(into).stat().st_size) / 1_000_000
    return (
        f"{into} and {index_of(into).name}: {made.reports:,} reports of {made.outlets:,} outlets, {whole:,} whole and "
        f"{made.excerpts:,} as title and excerpt; {size:,.1f} MB together.\n"
        f"Look at it with `dateline serve --archive {into}`. Copy both files together; {index_of(into).name} is for "
        "the server alone, since whole texts can be put together from it."
    )
