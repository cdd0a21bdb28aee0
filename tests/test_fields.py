"""Which fields a reading filled, as it is kept with the reading."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from test_rows import NEXT, capture, report
from watched_archive import Watched

from archive import fields, rows
from archive.fields import BACK_FILL, FIELDS
from items import Dateline


def test_each_field_is_the_bit_of_its_place() -> None:
    assert FIELDS == (
        "published_at", "source_label", "editor", "section", "dateline_place", "keywords", "byline",
    )  # fmt: skip
    assert fields.filled(report()) == 1 + 2 + 4
    everything = report(
        section="World", dateline=Dateline("Xinhua", "PARIS", "12-09", "PARIS, Dec. 9"), keywords=["a"], authors=["b"]
    )
    assert fields.filled(everything) == 127
    nothing = report(published_utc=None, published_local=None, source_label=None, editors=[])
    assert fields.filled(nothing) == 0


def test_a_dateline_without_a_place_fills_no_place() -> None:
    assert fields.filled(report(dateline=Dateline("Xinhua", "", "12-09", "Xinhua, Dec. 9"))) == 1 + 2 + 4


def test_a_reading_keeps_what_it_filled_whatever_later_ones_do(tmp_path: Path) -> None:
    archive = Watched(tmp_path)
    archive.outlet()
    rows.write(archive.connection, [capture(0, said=report()), capture(5, said=report(editors=[]))], NEXT)
    assert archive.connection.execute("select fields from readings order by capture").fetchall() == [(7,), (3,)]
    archive.connection.close()


def test_an_older_archive_knows_it_of_the_readings_that_its_reports_were_made_from(tmp_path: Path) -> None:
    archive = Watched(tmp_path)
    archive.outlet()
    rows.write(archive.connection, [capture(0, said=report()), capture(5, said=report(editors=[]))], NEXT)
    db: sqlite3.Connection = archive.connection
    db.execute("update readings set fields = null")
    db.execute(BACK_FILL)
    assert db.execute("select fields from readings order by capture").fetchall() == [(None,), (3,)]
    db.close()
