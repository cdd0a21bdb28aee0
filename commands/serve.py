"""`dateline serve`: publish the archive with Datasette."""

from __future__ import annotations

import socket
import sqlite3
import sys
from contextlib import closing, suppress
from importlib.metadata import version
from pathlib import Path

import click

import settings
from archive import public, search
from archive.lock import ArchiveLocked, WriterLock
from archive.schema import ArchiveUnusable, NewerArchive, is_up_to_date, open_archive

PUBLISH = settings.PROJECT / "publish"
HOST = "127.0.0.1"

# What Datasette should do otherwise than by itself.
DATASETTE_SETTINGS = {
    "suggest_facets": "off",  # it would try every column of every table on each page
    "sql_time_limit_ms": "3000",
    "facet_time_limit_ms": "500",
    "truncate_cells_html": "240",  # bodies are read on a row's own page
    "default_page_size": "50",
}


@click.command()
@click.option("--port", default=8001, show_default=True, type=click.IntRange(1, 65535), help="Where to serve it.")
@click.option(
    "--archive",
    type=click.Path(path_type=Path, dir_okay=False),
    default=settings.ARCHIVE,
    help="The archive to serve.  [default: the one in settings.py]",
)
@click.option(
    "--base-url",
    default="/",
    show_default=True,
    help="The path below which a proxy shows it, e.g. /dateline/.",
)
@click.option(
    "--immutable", is_flag=True, help="Open a public archive without locks: for one that is never replaced meanwhile."
)
@click.option(
    "--inspect-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="With --immutable: what `datasette inspect` counted in it, which is then not counted anew.",
)
def serve(port: int, archive: Path, base_url: str, immutable: bool, inspect_file: Path | None) -> None:
    """Open the reading room with Datasette, for this machine only, until Ctrl-C. A crawl may write meanwhile.

    An archive made by `dateline publish --public` is served without SQL, downloads and captured pages.

    \b
    Example:
      dateline serve
      dateline serve --port 8080
      dateline serve --immutable --archive public.db
    """
    if inspect_file and not immutable:
        raise click.UsageError("--inspect-file needs --immutable: an archive that is written to is counted when asked.")
    if immutable and archive.exists():  # before it is brought up to date, which would write to it
        _check_immutable(archive)
    check_archive(archive)
    _check_port(port)
    click.echo(f"Serving {archive} on http://{HOST}:{port} (Ctrl-C ends it)")
    sys.stdout.flush()
    # Here, since it takes half a second to import.
    from datasette.cli import cli as datasette  # type: ignore[import-untyped]

    arguments = datasette_arguments(archive, port, base_url, immutable, inspect_file)
    datasette.main(arguments, prog_name="datasette")


def datasette_arguments(
    archive: Path, port: int, base_url: str = "/", immutable: bool = False, inspect_file: Path | None = None
) -> list[str]:
    """The arguments of the `datasette` command that serve an archive as /archive with our configuration.

    Not immutable by default: an immutable open of a file that a crawl writes to shows stale or corrupt pages.
    """
    configuration = str(PUBLISH / "datasette.yaml")
    arguments = ["serve", "--immutable"] if immutable else ["serve"]
    arguments += [str(archive), "--host", HOST, "--port", str(port), "--metadata", configuration]
    if inspect_file:
        arguments += ["--inspect-file", str(inspect_file)]
    if not version("datasette").startswith("0."):
        arguments += ["--config", configuration]
    arguments += ["--plugins-dir", str(PUBLISH / "plugins"), "--template-dir", str(PUBLISH / "templates")]
    arguments += ["--static", f"static:{PUBLISH / 'static'}"]
    for name, value in (DATASETTE_SETTINGS | {"base_url": f"/{base_url.strip('/')}/".replace("//", "/")}).items():
        arguments += ["--setting", name, value]
    return arguments


def check_archive(archive: Path) -> None:
    """Refuse a path that holds no archive, saying what to do; bring an older one up to date."""
    if not archive.exists():
        raise click.UsageError(
            f"There is no archive at {archive}. `dateline crawl` makes one, `make demo` a sample; "
            "DATELINE_ARCHIVE names another place."
        )
    connection = sqlite3.connect(f"{archive.resolve().as_uri()}?mode=ro", uri=True)
    try:
        outdated = search.needs_rebuild(connection)
        connection.execute("select 1 from reports, captures, checks limit 1")
        is_public, is_current = public.is_public(connection), is_up_to_date(connection)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname.startswith("SQLITE_CANTOPEN"):
            raise click.UsageError(
                f"{archive} cannot be opened for reading: SQLite keeps two files beside it, so this user must be able "
                "to write to its folder. Give access to the folder, or copy the archive to another."
            ) from error
        raise click.UsageError(
            f"{archive} is not an archive of Dateline ({error}). Name another with --archive or DATELINE_ARCHIVE, or "
            "move it away and make it anew from the WARC files with `dateline reread`."
        ) from error
    finally:
        connection.close()
    if is_public:
        _check_public(archive, is_current)
    elif outdated or not is_current:
        _upgrade(archive)


def _check_immutable(archive: Path) -> None:
    """Refuse a file that may be written to."""
    with suppress(sqlite3.DatabaseError), closing(public.open_to_read(archive)) as connection:
        (journal,) = connection.execute("pragma journal_mode").fetchone()
        if journal != "wal" and public.is_public(connection):
            return
    raise click.UsageError(
        f"--immutable is for a file that nothing writes to, as `dateline publish --public` makes it, and {archive} is "
        "not one. Serve it without --immutable."
    )


def _check_public(archive: Path, is_current: bool) -> None:
    try:
        public.check_index(archive)
    except public.IndexMissing as error:
        raise click.UsageError(str(error)) from error
    if not is_current:
        raise click.UsageError(
            f"{archive} was made by another Dateline. Make it anew with `dateline publish --public`."
        )


def _upgrade(archive: Path) -> None:
    """Bring an older archive's tables and index up to date, as a crawl would; it is copied first."""
    click.echo(f"{archive} was made by an older Dateline; upgrading it (a copy of it is kept beside it) …", err=True)
    try:
        lock = WriterLock(archive)
        try:
            open_archive(archive).close()
        finally:
            lock.release()
    except (ArchiveLocked, ArchiveUnusable, NewerArchive, OSError) as error:
        raise click.ClickException(str(error)) from error


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} on {HOST} is taken ({error.strerror}). Choose another, e.g. --port {port + 1}."
            ) from error
