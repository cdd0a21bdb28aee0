"""/alarms.atom: an entry when something goes wrong, and one when it is over."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree
from serving import RELEASES, answer, serving
from test_feeds import check
from watched_archive import NOW, Watched

from archive import publishing

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize("release", RELEASES)
def test_alarms_as_a_feed(tmp_path: Path, release: str) -> None:
    archive = Watched(tmp_path)
    archive.outlet()
    archive.look(NOW)
    archive.connection.execute(
        "insert into alarms (kind, outlet, subject, message, state, raised_at, seen_at, cleared_at, note) values "
        "('silent', 'xinhua', 'reports', 'No new <report>.', 'silent', '2026-11-24T10:00:00Z', 'b', "
        "'2026-11-24T12:00:00Z', 'Ours alone.'), "
        "('disk', null, 'archive', 'Little room.', 'low', '2026-11-24T11:00:00Z', 'b', null, null)"
    )
    archive.connection.close()
    with serving(archive.archive, release=release) as server:
        got = answer(server, "/alarms.atom")
        again = answer(server, "/alarms.atom", {"If-None-Match": got.headers["ETag"]})
        page = answer(server, "/health")
    assert got.status == 200 and again.status == 304
    check(got.body)
    entries = etree.fromstring(got.body).findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [
        "Over: Xinhua, silent (reports)",
        "Alarm: This archive, disk (archive)",
        "Alarm: Xinhua, silent (reports)",
    ]
    assert [entry.findtext(f"{ATOM}updated") for entry in entries] == [
        "2026-11-24T12:00:00Z", "2026-11-24T11:00:00Z", "2026-11-24T10:00:00Z",
    ]  # fmt: skip
    assert entries[0].findtext(f"{ATOM}summary") == "No new <report>."
    assert entries[0].find(f"{ATOM}link").get("href") == f"{server}/health?outlet=xinhua"
    assert "Ours alone." not in got.text  # a note is for those who keep the archive
    assert page.status == 200 and "/alarms.atom" in page.text


def test_a_public_edition_has_none(tmp_path: Path) -> None:
    archive = Watched(tmp_path)
    archive.outlet()
    archive.connection.close()
    public = tmp_path / "public.db"
    publishing.make_public(archive.archive, public, "0.1.0", "2026-11-24T12:00:00Z")
    with serving(public) as server:
        assert answer(server, "/alarms.atom").status == 404
        assert "/alarms.atom" not in answer(server, "/health").text
