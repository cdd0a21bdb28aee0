"""A web archive on this machine: WARC files that warcio writes, for pywb to list and replay."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from backfilling import value
from click.testing import CliRunner
from conftest import PROJECT
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

import settings as project_settings
from commands.backfill import backfill

HTML = [("Content-Type", "text/html"), ("Server", "nginx/1.2")]


@dataclass(frozen=True)
class Captured:
    """One capture as an archive made it. `as_on` makes it a revisit record of that time's capture."""

    url: str
    timestamp: str
    body: bytes = b""
    status: str = "200 OK"
    headers: list[tuple[str, str]] = field(default_factory=lambda: list(HTML))
    as_on: str = ""

    @property
    def date(self) -> str:
        return warc_date(self.timestamp)


def warc_date(timestamp: str) -> str:
    day, time = timestamp[:8], timestamp[8:]
    return f"{day[:4]}-{day[4:6]}-{day[6:]}T{time[:2]}:{time[2:4]}:{time[4:]}Z"


def write_warc(path: Path, captures: Sequence[Captured]) -> Path:
    """A WARC file as a crawler of that time would have written it, in the order given."""
    digests: dict[tuple[str, str], str] = {}
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="1.0")
        for each in captures:
            head = StatusAndHeaders(each.status, each.headers, protocol="HTTP/1.1")
            date = {"WARC-Date": each.date}
            if each.as_on:
                record = writer.create_revisit_record(
                    each.url, digest=digests[each.url, each.as_on], refers_to_uri=each.url,
                    refers_to_date=warc_date(each.as_on), http_headers=head, warc_headers_dict=date,
                )  # fmt: skip
            else:
                record = writer.create_warc_record(
                    each.url, "response", payload=io.BytesIO(each.body), http_headers=head, warc_headers_dict=date
                )
            writer.write_record(record)
            digests[each.url, each.timestamp] = record.rec_headers.get_header("WARC-Payload-Digest")
    return path


FAST = (
    "BACKFILL_DELAY=0",
    "BACKFILL_LIST_DELAY=0",
    "BACKFILL_BACKOFF=0.02",
    "BACKFILL_BACKOFF_MAX=1",
    "BACKFILL_TIMEOUT=10",
)


@dataclass(frozen=True)
class Backfilled:
    """A folder with an archive that is filled from a web archive (`cdx` and `replay` as in settings.py)."""

    folder: Path
    cdx: str
    replay: str

    @property
    def archive(self) -> Path:
        return self.folder / "archive.db"

    @property
    def captures(self) -> Path:
        return self.folder / "captures"

    def _given(self, settings: Sequence[str]) -> list[str]:
        return [*FAST, f"WAYBACK_CDX={self.cdx}", f"WAYBACK_REPLAY={self.replay}", *settings]

    def command(self, *arguments: str, settings: Sequence[str] = ()) -> list[str]:
        """`dateline backfill`, to be run in a process of its own and in `environment`."""
        return [sys.executable, str(PROJECT / "tests" / "backfilling.py"), *self._given(settings), "--", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        return kept | {"DATELINE_ARCHIVE": str(self.archive), "DATELINE_CAPTURES": str(self.captures)}

    def backfill(self, *arguments: str, settings: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        """The same in this process, which need not import it all anew."""
        values = {name: value(given) for name, _, given in (each.partition("=") for each in self._given(settings))}
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
                patch.delenv(name)
            for name, given in (values | {"ARCHIVE": self.archive, "CAPTURES": str(self.captures)}).items():
                patch.setattr(project_settings, name, given, raising=False)
            result = CliRunner().invoke(backfill, arguments)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)


def from_pywb(folder: Path, collection: str) -> Backfilled:
    folder.mkdir(exist_ok=True)
    return Backfilled(folder, f"{collection}/cdx", f"{collection}/{{timestamp}}id_/{{url}}")
