"""/coverage: looked, nothing new, could not, and nobody looked, at a glance and as the same figures."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

import pytest
from bs4 import BeautifulSoup, Tag
from serving import RELEASES, answer, page, serving
from small_archive import make_archive

from archive import clock, coverage
from archive.publishing import make_public
from archive.times import parse
from publish import bands
from publish.coverage import Day, last_day
from publish.pages.coverage import Asked, overview, year_of

TODAY = "2026-03-10T12:00:00Z"
# day → asked, answered, read, new, changed, missing, refused, failed, quarantined, bytes
DAYS = {
    "xinhua": {
        "2025-12-30": (5, 5, 2, 2, 0, 0, 0, 0, 0, 500, 0),
        "2026-01-01": (10, 10, 3, 3, 1, 0, 0, 0, 0, 900, 0),
        "2026-01-02": (4, 4, 0, 0, 0, 1, 0, 0, 0, 100, 0),
        "2026-01-03": (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3),
        "2026-01-04": (6, 0, 0, 0, 0, 0, 2, 4, 0, 10, 0),
        "2026-01-05": (8, 6, 1, 1, 0, 0, 0, 2, 1, 400, 0),
        "2026-02-01": (2, 2, 1, 1, 0, 0, 0, 0, 0, 100, 0),
    },
    "tnw": {"2026-01-03": (1, 1, 1, 1, 0, 0, 0, 0, 0, 50, 0)},
}


def write(connection: sqlite3.Connection, days: dict[str, dict[str, tuple[int, ...]]]) -> None:
    """Days as the ledger has them, and their months."""
    connection.execute("delete from coverage_days")
    connection.execute("delete from coverage_months")
    for outlet, of_it in days.items():
        for day, counts in of_it.items():
            connection.execute(
                f"insert into coverage_days values (?, ?, {', '.join('?' * 11)})", [outlet, day, *counts]
            )
    connection.execute(coverage._MONTHS.format(which=""))


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = make_archive(tmp_path / "archive.db")
    write(connection, DAYS)
    with clock.replaced(lambda: parse(TODAY)):
        yield connection
    connection.close()


@pytest.fixture(scope="module", params=RELEASES)
def looked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same, served; the days after them are not over, for nobody can replace the clock of another process."""
    path = tmp_path_factory.mktemp("looked") / "archive.db"
    with closing(make_archive(path)) as connection:
        write(connection, DAYS)
    with serving(path, release=request.param) as address:
        yield address


def soup(server: str, path: str, **query: str) -> BeautifulSoup:
    return BeautifulSoup(page(server, path, **query), "lxml")


def words(found: Tag, selector: str) -> list[str]:
    return [" ".join(each.get_text(" ").split()) for each in found.select(selector)]


def cells(row: Tag) -> list[str]:
    return [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")]


# All outlets


def test_a_week_says_on_how_many_of_its_days_there_was_what(archive: sqlite3.Connection) -> None:
    found = overview(archive, Asked(per="week", year=2026))
    xinhua, tnw = found.bands
    assert xinhua.stands[:2] == [(2, 1, 1, 1), (0, 0, 0, 0)]  # of seven days; on two nobody looked
    assert tnw.stands[0] == (1, 0, 0, 0)
    assert (xinhua.new, xinhua.quiet, xinhua.barred, xinhua.elsewhere, xinhua.absent, xinhua.days) == (
        3,
        1,
        1,
        1,
        63,
        69,
    )
    assert xinhua.total == Day(30, 22, 5, 5, 1, 1, 2, 6, 1, 1510, 3)
    assert xinhua.words == "Xinhua: looked at on 5 of 69 days, unanswered on 1, by others alone on 1"


def test_the_weeks_end_today_and_the_last_one_of_a_year_is_longer(archive: sqlite3.Connection) -> None:
    spans = overview(archive, Asked(per="week", year=2026)).spans
    assert [(span.first, span.last) for span in (spans[0], spans[-1])] == [
        ("2026-01-01", "2026-01-07"), ("2026-03-05", "2026-03-10"),
    ]  # fmt: skip
    assert [span.tick for span in spans if span.tick] == ["Jan", "Feb", "Mar"]
    whole = bands.spans("week", 2024, 2024, date(2026, 3, 10))
    assert (len(whole), whole[-1].days, sum(span.days for span in whole)) == (52, 9, 366)


def test_months_go_back_over_the_years(archive: sqlite3.Connection) -> None:
    found = overview(archive, Asked())
    assert (found.per, found.first, found.last) == ("month", 2025, 2026)
    xinhua = found.bands[0]
    assert xinhua.stands[11:] == [(1, 0, 0, 0), (2, 1, 1, 1), (1, 0, 0, 0), (0, 0, 0, 0)]  # from December 2025 on
    assert [span.tick for span in found.spans if span.tick] == ["2025", "2026"]
    assert (xinhua.gap, xinhua.gap_days) == (("2025-01-01", "2025-12-29"), 363)


def test_an_archive_of_one_year_is_shown_by_weeks(archive: sqlite3.Connection) -> None:
    write(archive, {"tnw": DAYS["tnw"]})
    found = overview(archive, Asked())
    assert (found.per, found.last, len(found.spans)) == ("week", 2026, 10)
    assert found.bands[0].stands == [(0, 0, 0, 0)] * 10  # Xinhua, never looked at
    assert found.bands[0].gap == ("2026-01-01", "2026-03-10")


def test_as_many_years_are_shown_as_a_page_can_draw(archive: sqlite3.Connection) -> None:
    assert (bands.years_by_months(2), bands.years_by_months(100), bands.years_by_months(400)) == (666, 13, 3)
    assert overview(archive, Asked(per="month", year=1066)).last == 2025
    assert overview(archive, Asked(per="month", year=9999)).last == 2026


def test_those_least_looked_at_come_first_if_asked_for(archive: sqlite3.Connection) -> None:
    assert [band.outlet["id"] for band in overview(archive, Asked(order="absent")).bands] == ["tnw", "xinhua"]


def test_a_band_is_drawn_from_the_bottom_up_and_a_single_bad_day_is_seen() -> None:
    def paths(stand: bands.Stand, days: int) -> dict[str, str]:
        band = bands.Band({"title": "<b>"}, [stand, stand], Day(), 2 * days)
        drawn = BeautifulSoup(bands.drawing(band, [days, days], 4), "lxml")
        assert drawn.select("b") == []
        return {str(path["class"][0]): str(path["d"]) for path in drawn.select("path")}

    assert paths((3, 2, 1, 0), 10) == {
        "band-absent": "M0 0h2v100h-2z", "band-line": "M0 50h2",  # two of the four spans have not come
        "band-new": "M0 70h2v30h-2z", "band-quiet": "M0 50h2v20h-2z", "band-barred": "M0 38h2v12h-2z",
    }  # fmt: skip
    # One of thirty days is 3 of 100; it is drawn as 12, and taken from the highest.
    assert paths((29, 0, 1, 0), 30)["band-barred"] == "M0 0h2v12h-2z"
    assert paths((0, 0, 0, 1), 30)["band-elsewhere"] == "M0 88h2v12h-2z"
    assert paths((29, 0, 0, 0), 30)["band-new"] == "M0 12h2v88h-2z"
    assert paths((0, 0, 0, 0), 30) == {"band-absent": "M0 0h2v100h-2z", "band-line": "M0 50h2"}


def test_the_page_and_its_table_say_the_same(looked: str) -> None:
    found = soup(looked, "/coverage", per="week", year="2026")
    assert words(found, ".bands .outlet") == ["Xinhua", "TNW"]
    xinhua = cells(found.select("tbody tr")[0])
    assert xinhua[:5] == ["Xinhua state media", "3", "1", "1", "1"]
    assert xinhua[7:] == ["30", "22", "5", "1", "1", "2", "6", "1", "3"]
    label = str(found.select(".band")[0]["aria-label"])
    absent = int(xinhua[5])
    assert label == f"Xinhua: looked at on 5 of {absent + 6} days, unanswered on 1, by others alone on 1"
    assert [str(link["href"]) for link in found.select(".bands a")] == [
        "/coverage?outlet=xinhua&year=2026", "/coverage?outlet=tnw&year=2026",
    ]  # fmt: skip
    assert words(found, ".legend li") == [
        "new reports", "looked, nothing new", "asked, nothing answered", "only others looked", "nobody looked",
    ]  # fmt: skip


def test_the_overview_leads_to_csv_tables_and_other_years(looked: str) -> None:
    found = soup(looked, "/coverage", per="month", year="2026", sort="absent")
    links = {link.get_text(): str(link["href"]) for link in found.select("main a")}
    for name in ("Each month as CSV", "by month", "by day", "When was nobody looking?", "by name"):
        assert answer(looked, links[name]).status == 200, name
    assert words(found, "select[name=year] option") == ["2026", "2025"]
    weeks = soup(looked, "/coverage", per="week", year="2026")
    assert [str(link["href"]) for link in weeks.select(".pager a")] == ["/coverage?per=week&year=2025"]
    assert words(soup(looked, "/coverage", per="week", year="2025"), ".pager a") == ["Later"]


def test_the_csv_of_all_outlets_has_a_row_a_week(looked: str) -> None:
    table = list(csv.DictReader(io.StringIO(answer(looked, "/coverage.csv", per="week", year="2026").text)))
    first = {name: value for name, value in table[0].items() if name != "days"}
    assert first == {
        "outlet": "xinhua", "first_day": "2026-01-01", "last_day": "2026-01-07", "new": "2", "nothing_new": "1",
        "nothing_answered": "1", "only_others": "1", "nobody_looked": "2",
    }  # fmt: skip
    assert {row["outlet"] for row in table} == {"xinhua", "tnw"}


def test_what_is_not_known_in_an_address_is_left_out(looked: str) -> None:
    assert answer(looked, "/coverage", per="century", year="twelve", sort="up", by="magic").status == 200
    found = answer(looked, "/coverage", outlet="pravda")
    assert (found.status, "No outlet is called “pravda” here" in found.text) == (404, True)


def test_an_archive_that_was_never_looked_at_says_so(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path / "archive.db", ())):
        pass
    with serving(tmp_path / "archive.db") as address:
        assert "Nobody has looked yet." in page(address, "/coverage")
        assert "Nobody has looked at it yet." in page(address, "/coverage", outlet="tnw")
        assert answer(address, "/coverage.csv").text.count("\n") == 1


# One outlet


def test_a_year_by_days_tells_the_five_apart(looked: str) -> None:
    found = soup(looked, "/coverage", outlet="xinhua", year="2026")
    days = {}
    for cell in found.select(".calendar > g"):
        title, square = cell.select_one("title"), cell.select_one("rect")
        assert title is not None
        assert square is not None
        days[title.get_text().partition(":")[0]] = (str(square["class"][1]), title.get_text().partition(": ")[2])
    assert days["1 January 2026"] == ("level-4", "10 requests, 10 answered, 3 new reports, 1 changed")
    assert days["2 January 2026"] == ("level-0", "4 requests, 4 answered, 0 new reports, 1 missing")
    assert days["3 January 2026"] == ("elsewhere", "we did not look, 3 captures by others")
    assert days["6 January 2026"] == ("unlooked", "nobody looked")
    assert len(found.select(".calendar .dot")) == 1  # of 3 January
    assert "only others looked" in words(found, ".legend li")
    assert days["4 January 2026"] == ("barred", "6 requests, 0 answered, 0 new reports, 2 refused, 4 failed")
    assert days["5 January 2026"][1] == "8 requests, 6 answered, 1 new report, 1 in quarantine, 2 failed"
    assert len(found.select(".calendar .corner")) == 1  # of 5 January


def test_shades_can_show_another_count(looked: str) -> None:
    found = soup(looked, "/coverage", outlet="xinhua", year="2026", by="failed")
    assert words(found, ".orders [aria-current]") == ["refused and failed"]
    assert "looked, none failed" in words(found, ".legend li")
    shades = {
        str(cell.select_one("title")).partition(":")[0].removeprefix("<title>"): cell.select_one("rect")["class"][1]  # type: ignore[index]
        for cell in found.select(".calendar > g")
    }
    assert (shades["1 January 2026"], shades["5 January 2026"]) == ("level-0", "level-2")  # 2 of the 6 of the 4th


def test_months_and_days_are_tables_too(looked: str) -> None:
    found = soup(looked, "/coverage", outlet="xinhua", year="2026")
    months = {row[0]: row[1:] for row in map(cells, found.select("section > .scroll tbody tr"))}
    assert months["January 2026"] == ["2", "1", "1", "1", "26", "28", "20", "4", "1", "1", "2", "6", "1", "3"]
    assert months["February 2026"] == ["1", "0", "0", "0", "27", "2", "2", "1", "0", "0", "0", "0", "0", "0"]
    days = list(map(cells, found.select("details tbody tr")))
    assert days[-1] == ["1 January 2026", "10", "10", "3", "1", "0", "0", "0", "0", "0"]
    assert days[-3] == ["3 January 2026", "only others looked", "3"]
    assert days[-6] == ["6 January 2026 to 31 January 2026", "nobody looked"]


def test_the_csv_of_an_outlet_has_a_row_a_day_looked_at_or_not(looked: str) -> None:
    table = list(csv.DictReader(io.StringIO(answer(looked, "/coverage.csv", outlet="xinhua", year="2026").text)))
    assert [row["state"] for row in table[:5]] == [
        "new reports", "looked, nothing new", "only others looked", "asked, nothing answered", "new reports",
    ]  # fmt: skip
    assert (table[0]["day"], table[0]["asked"], table[2]["asked"], table[4]["bytes"]) == (
        "2026-01-01",
        "10",
        "0",
        "400",
    )


def test_days_that_have_not_come_are_not_days_on_which_nobody_looked(archive: sqlite3.Connection) -> None:
    found = year_of(archive, Asked(outlet="xinhua"))
    assert (found.year, found.until, found.length) == (2026, date(2026, 3, 10), 69)
    assert year_of(archive, Asked(outlet="xinhua", year=2025)).length == 365
    assert year_of(archive, Asked(outlet="xinhua", year=2031)).year == 2026


def test_a_public_edition_ends_on_the_day_on_which_it_was_made(archive: sqlite3.Connection, tmp_path: Path) -> None:
    archive.commit()
    make_public(tmp_path / "archive.db", tmp_path / "public.db", "0", "2026-01-20T10:00:00Z")
    with closing(sqlite3.connect(tmp_path / "public.db")) as public:
        assert year_of(public, Asked(outlet="tnw")).until == date(2026, 1, 20)
        assert overview(public, Asked(per="week")).spans[-1].last == "2026-01-20"


# As large as an archive may become


def test_four_hundred_outlets_and_twenty_years_are_drawn_at_once(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path / "archive.db", ())) as connection:
        connection.execute("begin")
        for number in range(400):
            connection.execute(
                "insert into outlets select 'o' || ?, 'O', 'O', country, languages, kind, control, owner, timezone, aliases, "
                "domains, every, budget from outlets where id = 'tnw'",
                [number],
            )
            months = [f"{year}-{month:02}" for year in range(2006, 2026) for month in range(1, 13)]
            connection.executemany(
                "insert into coverage_months values (?, ?, ?, 28, 27, 9, 900, 890, 90, 80, 7, 6, 5, 4, 3, 2, 0)",
                [
                    (f"o{number}", month, "".join("nnaax-nana"[(number + day + place) % 10] for day in range(31)))
                    for place, month in enumerate(months)
                ],
            )
        connection.execute("commit")
        quickest = []
        with clock.replaced(lambda: parse("2025-12-31T12:00:00Z")):
            for asked in (Asked(per="month"), Asked(per="week", year=2024)):
                times = []
                for _ in range(3):
                    start = perf_counter()
                    found = overview(connection, asked)
                    lengths = [span.days for span in found.spans]
                    drawn = sum(len(bands.drawing(band, lengths, len(lengths))) for band in found.bands)
                    times.append(perf_counter() - start)
                assert len(found.bands) == 402
                assert drawn < 1_500_000  # characters
                quickest.append(min(times))
        asked_for: list[str] = []
        connection.set_trace_callback(asked_for.append)
        overview(connection, Asked(per="month"))
        connection.set_trace_callback(None)
        for sql in asked_for:
            plan = " / ".join(row[3] for row in connection.execute(f"explain query plan {sql}"))
            assert "SCAN coverage" not in plan, plan
    assert max(quickest) < 1, "a page that is asked for in 150 ms on an idle machine"


def test_the_longest_stretch_is_of_whole_days() -> None:
    first = date(2026, 1, 1)
    assert bands.of_marks({}, "n--a-e-x", first, Day()).gap == ("2026-01-05", "2026-01-07")
    assert bands.of_marks({}, "nax", first, Day()).gap is None
    everything = bands.of_marks({}, "-" * 10, first, Day())
    assert (everything.gap, everything.absent) == (("2026-01-01", (first + timedelta(9)).isoformat()), 10)


def test_an_archive_of_a_year_to_come_is_shown_to_the_last_day_of_its_ledger(tmp_path: Path) -> None:
    with closing(make_archive(tmp_path / "archive.db")) as connection:
        write(connection, DAYS)  # their last one is 1 February 2026
        assert last_day(connection, parse("2025-01-01T00:00:00Z")) == date(2026, 2, 1)
        assert last_day(connection, parse(TODAY)) == date(2026, 3, 10)
