"""/citations: both ends of each link with its evidence, what was not found and why, and the queue of a backfill."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from linked_archive import HYPERLINK, NOT_HELD, REPEAT, STATEMENT, STORY, TWIN, WAITING, make_linked_archive
from openpyxl import load_workbook
from serving import answer, page, serving

from publish import citation_search
from publish.citation_search import UNNAMED, Wanted, find, page_of, queue
from publish.figure_search import LAST
from publish.lags import between


def soup(server: str, path: str = "/citations", **query: str) -> BeautifulSoup:
    return BeautifulSoup(page(server, path, **query), "lxml")


def words(found: Tag, selector: str) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in found.select(selector)]


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = make_linked_archive(tmp_path / "archive.db")
    connection.execute("begin")
    yield connection
    connection.close()


def mentions(connection: sqlite3.Connection, **wanted: object) -> list[tuple[int, int]]:
    return [(report, mention) for report, _, mention in find(connection, Wanted(**wanted)).places]  # type: ignore[arg-type]


# What is found


def test_citations_are_narrowed_by_both_outlets_tier_state_and_report(archive: sqlite3.Connection) -> None:
    assert mentions(archive) == [(WAITING, 1), (WAITING, 2), (WAITING, 3), (REPEAT, 1), (STORY, 1), (STORY, 2)]
    assert mentions(archive, outlet="xinhua") == [(WAITING, 1), (REPEAT, 1), (STORY, 1)]
    assert mentions(archive, outlet=UNNAMED) == [(STORY, 2)]
    assert mentions(archive, by="xinhua") == []
    assert mentions(archive, by="tnw", outlet="daily") == [(WAITING, 3)]
    assert mentions(archive, tier="hyperlink") == [(REPEAT, 1)]
    assert mentions(archive, state="linked") == [(REPEAT, 1), (STORY, 1)]
    assert mentions(archive, state="unresolved") == [(WAITING, 1), (WAITING, 2), (WAITING, 3), (STORY, 2)]
    assert mentions(archive, state="not collected") == [(WAITING, 2)]
    assert mentions(archive, report=TWIN) == [(REPEAT, 1), (STORY, 1)]
    assert mentions(archive, report=STORY) == [(STORY, 1), (STORY, 2)]
    assert mentions(archive, report=STATEMENT) == []


def test_pages_and_looks_further_back_follow_each_other(
    archive: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = find(archive, Wanted())
    after, seen = "", list[tuple[int, int, int]]()
    while True:
        places, after = page_of(everything, after, 2)
        seen += places
        if not after:
            break
    assert seen == everything.places
    monkeypatch.setattr(citation_search, "CAP", 3)
    before, seen = LAST, []
    for _ in range(9):
        found = find(archive, Wanted(), before)
        seen += found.places
        before = found.looked_back_to + 1
        if not found.looked_back_to:
            break
    assert seen == everything.places


def test_the_queue_is_by_outlet_and_month_with_the_days_that_a_backfill_needs(archive: sqlite3.Connection) -> None:
    found = {(gap.outlet, gap.month): gap for gap in queue(archive)}
    assert set(found) == {
        ("xinhua", "2012-08"), ("china-securities-journal", "2012-08"), ("daily", "2012-08"), ("", "2012-07"),
    }  # fmt: skip
    gap = found["xinhua", "2012-08"]
    assert (gap.citations, gap.reasons, gap.first, gap.last, gap.held) == (
        1, {"nothing held": 1}, "2012-07-31", "2012-08-02", 0,
    )  # fmt: skip
    assert found["china-securities-journal", "2012-08"].held is None
    assert [gap.outlet for gap in queue(archive, UNNAMED)] == [""]
    # Of all outlets the last two years; of one outlet all.
    archive.execute("update citations set from_day = '2009-01-01', to_day = '2009-01-03' where outlet = 'daily'")
    assert "daily" not in {gap.outlet for gap in queue(archive)}
    assert [gap.month for gap in queue(archive, "daily")] == ["2009-01"]


def test_how_long_after_is_as_exact_as_the_pages_are() -> None:
    assert between(TWIN, "minute", STORY, "minute").words == "4.5 hours later"
    assert between(TWIN, "day", STORY, "minute").words == "the same day"
    assert between(STORY, "minute", TWIN, "second").words == "4.5 hours earlier"
    assert between(TWIN, "minute", REPEAT, "day").words == "4 days later"
    assert between(TWIN, "minute", TWIN + 1, "minute").words == "the same minute"


# The page


def test_a_link_shows_both_ends_and_why(linked: str) -> None:
    found = soup(linked, report=str(REPEAT))
    (row,) = found.select(".citations-row")
    assert words(row, ".citations-found") == [
        "hyperlink rests on Over 10,000 suspects held in China's online crime campaign"
    ]
    assert words(row, "mark") == ["Xinhua"]
    assert "this one came 4.4 days later" in words(row, ".citations-end .line-meta")[0]
    assert words(row, ".citations-end .small")[0].startswith("it links to it; both state 10,000. Score 1.00.")
    hrefs = {str(link["href"]) for link in row.select("a")}
    assert hrefs >= {f"/reports/{REPEAT}#in-mention-1", f"/reports/{TWIN}", f"/graph/{TWIN}"}
    assert words(found, "h2")[0] == "What China's campaign against online crime means for start-ups"
    story = soup(linked, tier="named outlet")
    assert (
        "both state 10,000, 3,200,000; both name Ministry of Public Security."
        in words(story, ".citations-end .small")[0]
    )


def test_what_was_not_found_says_why_and_when_it_should_have_come_out(linked: str) -> None:
    found = soup(linked, state="unresolved")
    assert words(found, ".citations-found") == [
        "not found Xinhua is cited; nothing of that outlet is held from these days.",
        "not found China Securities Journal is cited; no outlet of this archive.",
        "not found Daily is cited; it links to a report that is not held.",
        "not found State media are cited without a name; reports are held, and none of them fits.",
    ]
    assert words(found, ".citations-end .small")[0] == "It should have come out from 31 July 2012 to 2 August 2012."
    assert [str(link["href"]) for link in found.select(".address a")] == [NOT_HELD]
    assert words(found, ".orders [aria-current]") == ["Not found"]


def test_what_was_found_among_few_reports_is_no_gap(archive: sqlite3.Connection) -> None:
    before = queue(archive)
    changed = archive.execute("update citations set reason = 'among few' where cited is not null").rowcount
    assert changed > 0
    assert queue(archive) == before


def test_the_queue_page_names_the_command_that_fills_a_gap(linked: str) -> None:
    found = soup(linked, "/citations/queue")
    rows = words(found, ".citations-gaps tbody tr")
    assert (
        "Xinhua August 2012 1 nothing held 31 July 2012 2 August 2012 0 dateline crawl xinhua --since 2012-07-31"
        in rows
    )
    assert any(
        row.startswith("China Securities Journal August 2012 1 not collected") and row.endswith("not collected")
        for row in rows
    )
    assert len(soup(linked, "/citations/queue", outlet="daily").select("tbody tr")) == 1
    told = json.loads(page(linked, "/citations/queue.json"))["queue"]
    assert {(gap["outlet"], gap["month"], gap["nothing held"]) for gap in told} >= {("xinhua", "2012-08", 1)}
    lines = csv.DictReader(io.StringIO(answer(linked, "/citations/queue.csv").body.decode("utf-8-sig")))
    assert {line["outlet"] for line in lines} == {"xinhua", "china-securities-journal", "daily", ""}


def test_addresses_that_cannot_be_meant(linked: str) -> None:
    for query in ({"tier": "hearsay"}, {"state": "lost"}, {"report": "1e5"}, {"after": "x"}, {"back": "x"}):
        assert answer(linked, "/citations", **query).status == 400, query
    assert "No citation is found under these filters." in page(linked, "/citations", by="xinhua")
    assert words(soup(linked, since="soon"), ".note.warning li") == [
        "“soon” is no day: write 2012-07-26, 2012-07 or 2012. It was left out."
    ]


def test_the_same_as_json_csv_and_excel(linked: str) -> None:
    told = json.loads(page(linked, "/citations.json", state="linked"))
    assert (told["total"], told["complete"]) == (2, True)
    first = told["citations"][0]
    assert (first["report"], first["cited"], first["tier"], first["lag_minutes"]) == (REPEAT, TWIN, "hyperlink", 6300)
    assert first["evidence"]["hyperlink"] == HYPERLINK
    lines = list(csv.DictReader(io.StringIO(answer(linked, "/citations.csv").body.decode("utf-8-sig"))))
    assert [line["report"] for line in lines] == [
        str(each) for each in (WAITING, WAITING, WAITING, REPEAT, STORY, STORY)
    ]
    assert lines[3]["evidence"] == "it links to it; both state 10,000"
    book = load_workbook(io.BytesIO(answer(linked, "/citations.xlsx", state="linked").body))
    assert [row[0] for row in book["Answer"].iter_rows(values_only=True)] == ["report", str(REPEAT), str(STORY)]


def test_an_archive_that_was_not_linked_says_so(server: str) -> None:
    assert "dateline link" in words(soup(server), ".note")[0]
    assert "dateline link" in words(soup(server, "/citations/queue"), ".note")[0]
    assert json.loads(page(server, "/citations.json"))["citations"] == []


def test_a_hostile_text_stays_text(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    connection = make_linked_archive(archive)
    evil = "<script>alert(1)</script>"
    connection.execute("begin")
    connection.execute("update reports set title = ?", [evil])
    connection.execute("update versions set title = ?, body = ? || body", [evil, evil])
    connection.execute("update citations set outlet = ?, target = 'javascript:alert(1)', reason = ? where cited is null",
                       [evil, evil])  # fmt: skip
    connection.execute(
        "update citations set evidence = ? where cited is not null",
        [json.dumps({"names": [["x", evil, evil]], "hyperlink": "javascript:alert(1)"})],
    )
    connection.execute("commit")
    connection.close()
    with serving(archive) as address:
        for path in ("/citations", "/citations/queue", f"/graph/{TWIN}"):
            text = page(address, path)
            assert "<script>alert" not in text
            assert BeautifulSoup(text, "lxml").select("script:not([src]), [href^=javascript]") == [], path
